//! What other systems hand in: an application with form and papers, what was asked for, one paper.
//!
//! ```text
//! JSON ─▶ texts of fields, bytes of papers (base64); multipart ─▶ one paper ─▶ Authority::take_in, supply ─▶ 201 new, 200 as before
//!                                                                                └▶ everything that is wrong, at once, with its field
//! ```
//! Always true: a body that has fields of no use is refused; the same key is the same request; a paper is judged by its bytes, and stored as it
//! came; what is wrong is told without what was sent.

use super::case::uploaded;
use super::inbox::{by, of};
use crate::answer::{Reply, json, status};
use crate::call::Call;
use authority::cases::{Defect, Filled, HandedIn, PartyForm, Supplied, Upload};
use axum::http::StatusCode;
use base::{CivilDate, Pii, Refusal, Sha256, Text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::casework::Typed;
use domain::form::FIELDS;
use serde::Deserialize;
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use store::casework::papers::sniff;

/// Most fields of a party in one body.
const PARTY_FIELDS: usize = 32;
/// Most papers that are read of one body; the corridor takes fewer at once and says so.
const PAPERS: usize = 100;
/// Longest name of a file, characters.
const NAME_CHARS: usize = 120;
/// Longest name of a field that an answer repeats, characters.
const NAMED_CHARS: usize = 60;
/// The header with the sender's key.
const KEY: &str = "idempotency-key";
/// What bytes are known to be for certain: of these a sender's own word must be the same.
const CERTAIN: [&str; 4] = ["application/pdf", "image/jpeg", "image/png", "image/tiff"];

fn bad_body() -> Refusal {
    Refusal::bad_input(
        "body",
        Text::new(
            "请求体不是接口文档所列的 JSON，或者含有没有用处的栏目。",
            "The body is not the JSON of the documentation, or has fields of no use.",
        ),
        Text::new("请对照接口文档（/api/openapi.json）更正。", "Correct it by the documentation (/api/openapi.json)."),
    )
}

/// Who applies, in a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyBody {
    kind: String,
    fields: BTreeMap<String, String>,
}

/// A paper, in a body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaperBody {
    material: String,
    name: String,
    #[serde(default)]
    media_type: String,
    content: String,
}

/// Body of `POST /api/v1/exchange/applications`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    procedure: String,
    place: String,
    #[serde(default)]
    facts_on: String,
    #[serde(default)]
    title: String,
    party: PartyBody,
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    #[serde(default)]
    papers: Vec<PaperBody>,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    note: String,
}

/// Body of `POST /api/v1/exchange/cases/{number}/rest`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    #[serde(default)]
    papers: Vec<PaperBody>,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    note: String,
}

/// The day of the facts; none where it is left out.
pub(super) fn facts_of(sent: &str) -> Result<Option<CivilDate>, Refusal> {
    let sent = sent.trim();
    if sent.is_empty() {
        return Ok(None);
    }
    CivilDate::parse(sent).map(Some).ok_or_else(|| {
        Refusal::bad_input(
            "facts_on",
            Text::new("facts_on 不是 YYYY-MM-DD 的日期。", "facts_on is no day YYYY-MM-DD."),
            Text::new("今天的事项，不要写 facts_on。", "Leave it out for a matter of today."),
        )
    })
}

/// A value as it would be typed; `None` for a list, an object or a number with a fraction.
fn typed_value(sent: &Value) -> Option<String> {
    match sent {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => number.as_i64().map(|n| n.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// The texts of a form, and the fields whose value is none.
fn typed_of(fields: &BTreeMap<String, Value>) -> (Typed, Vec<Defect>) {
    let (mut typed, mut wrong) = (Typed::new(), Vec::new());
    for (id, sent) in fields {
        match typed_value(sent) {
            Some(text) => {
                typed.insert(id.clone(), text);
            }
            None => {
                let name: String = id.chars().take(NAMED_CHARS).collect();
                let what = Text::new(
                    "栏目的值应当是文字、整数或者 true、false。",
                    "The value of a field is a text, a whole number, true or false.",
                );
                let refusal =
                    Refusal::bad_input("value", what, Text::new("请更正后重新提交。", "Correct it and submit again."));
                wrong.push(Defect { field: format!("fields.{name}"), refusal });
            }
        }
    }
    (typed, wrong)
}

/// What the sender says of the bytes is not so.
fn says_otherwise(media_type: &str, bytes: &[u8]) -> bool {
    let is = sniff(bytes);
    let said = media_type.trim();
    !said.is_empty() && said != is && (CERTAIN.contains(&said) || CERTAIN.contains(&is))
}

/// A file with its bytes, or what is wrong with how it was sent.
fn paper_of(sent: &PaperBody) -> Result<Vec<u8>, Refusal> {
    let again = || Text::new("请更正后重新提交。", "Correct it and submit again.");
    let bytes = STANDARD.decode(sent.content.as_bytes()).map_err(|_| {
        let what = Text::new("content 不是 base64 编码。", "content is not base64.");
        Refusal::bad_input("paper_base64", what, again())
    })?;
    if says_otherwise(&sent.media_type, &bytes) {
        let what = Text::new(
            "文件内容与 media_type 所示的类型不符。",
            "The content of the file is not of the kind that media_type says.",
        );
        return Err(Refusal::bad_input("paper_disguised", what, again()));
    }
    Ok(bytes)
}

/// Form and papers of a body, with everything that can be seen to be wrong before anybody knows the procedure.
fn filled_of(
    fields: &BTreeMap<String, Value>,
    papers: Vec<PaperBody>,
    complete: bool,
    note: String,
) -> Result<Filled, Refusal> {
    if fields.len() > FIELDS || papers.len() > PAPERS {
        return Err(bad_body());
    }
    let (typed, mut wrong) = typed_of(fields);
    let mut files = Vec::with_capacity(papers.len());
    for (n, paper) in papers.into_iter().enumerate() {
        // What cannot be read keeps its place in the list, without bytes.
        let bytes = paper_of(&paper).unwrap_or_else(|refusal| {
            wrong.push(Defect { field: format!("papers[{n}]"), refusal });
            Vec::new()
        });
        let name = paper.name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
        files.push(Upload { material: paper.material, name: Pii::new(name), bytes });
    }
    Ok(Filled { typed, papers: files, complete, note, wrong })
}

/// Everything that is wrong, with the first as the refusal itself.
fn refused(defects: Vec<Defect>) -> Reply {
    let Some(first) = defects.first().map(|d| d.refusal.clone()) else { return Err(bad_body()) };
    let is_whole = defects.iter().all(|d| d.field.is_empty());
    if is_whole {
        return Err(first);
    }
    let all = defects.iter().map(|d| {
        let refusal = &d.refusal;
        value!({ "field": d.field, "code": refusal.code, "what": refusal.what, "why": refusal.why, "next": refusal.next })
    });
    let all: Vec<Value> = all.collect();
    let told = value!({ "code": first.code, "what": first.what, "why": first.why, "next": first.next, "defects": all });
    Ok(json(status(&first), &told))
}

fn key_of(call: &Call) -> String {
    call.headers.get(KEY).and_then(|v| v.to_str().ok()).unwrap_or_default().trim().to_owned()
}

/// `POST /api/v1/exchange/applications`.
pub(crate) async fn take_in(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let sent: Application = serde_json::from_slice(&call.body).map_err(|_| bad_body())?;
    let is_unit = match sent.party.kind.as_str() {
        "unit" => true,
        "person" => false,
        _ => return Err(bad_body()),
    };
    if sent.party.fields.len() > PARTY_FIELDS {
        return Err(bad_body());
    }
    let handed = HandedIn {
        key: key_of(&call),
        request: Sha256::of(&call.body),
        procedure: sent.procedure,
        place: sent.place,
        facts_on: facts_of(&sent.facts_on)?,
        title: sent.title,
        party: PartyForm { is_unit, typed: sent.party.fields },
        filled: filled_of(&sent.fields, sent.papers, sent.complete, sent.note)?,
    };
    let taken = match authority.take_in(who, handed).await {
        Ok(taken) => taken,
        Err(defects) => return refused(defects),
    };
    let code = if taken.new { StatusCode::CREATED } else { StatusCode::OK };
    let refused = taken.refused.map(|r| value!({ "code": r.code, "what": r.what, "why": r.why, "next": r.next }));
    let begun = taken.begun;
    Ok(json(
        code,
        &value!({
            "case": begun.case, "number": begun.number, "code": begun.code, "office": begun.office, "new": taken.new,
            "handed_in": taken.handed_in, "refused": refused,
        }),
    ))
}

/// Hands in later what belongs to a case; `digest` is of what was sent.
async fn supply(call: &Call, digest: Sha256, filled: Filled) -> Reply {
    let (authority, who, number) = (of(call)?, by(call)?, call.param(0).trim().to_owned());
    // Of another case it is another request.
    let request = Sha256::of(format!("{number}\n{}", digest.hex()).as_bytes());
    let supplied = Supplied { key: key_of(call), request, number, filled };
    match authority.supply(who, supplied).await {
        Ok(done) => {
            let code = if done.new { StatusCode::CREATED } else { StatusCode::OK };
            let told = value!({ "case": done.case, "number": done.number, "new": done.new, "events": done.events });
            Ok(json(code, &told))
        }
        Err(defects) => refused(defects),
    }
}

/// `POST /api/v1/exchange/cases/{number}/rest`.
pub(crate) async fn rest(call: Call) -> Reply {
    of(&call)?;
    let sent: Rest = serde_json::from_slice(&call.body).map_err(|_| bad_body())?;
    let filled = filled_of(&sent.fields, sent.papers, sent.complete, sent.note)?;
    supply(&call, Sha256::of(&call.body), filled).await
}

/// `POST /api/v1/exchange/cases/{number}/papers`: multipart `material`, `file`; one file a request.
pub(crate) async fn paper(mut call: Call) -> Reply {
    of(&call)?;
    let material = call.form.get("material").to_owned();
    let (_, upload) = uploaded(&mut call, &material)?;
    let of_file = Sha256::of(&upload.bytes).hex();
    let digest = Sha256::of(format!("{material}\n{}\n{of_file}", upload.name.expose()).as_bytes());
    supply(&call, digest, Filled { papers: vec![upload], ..Filled::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_would_be_typed() {
        let sent = value!({ "a": "文字", "b": 36, "c": true, "d": false, "e": null, "f": -1 });
        let sent: BTreeMap<String, Value> = serde_json::from_value(sent).unwrap();
        let (typed, wrong) = typed_of(&sent);
        let texts: Vec<&str> = typed.values().map(String::as_str).collect();
        assert_eq!(texts, ["文字", "36", "yes", "no", "", "-1"]);
        assert!(wrong.is_empty());
        let sent = value!({ "a": [1], "b": 1.5, "c": { "d": 1 }, "x": "文字" });
        let (typed, wrong) = typed_of(&serde_json::from_value(sent).unwrap());
        assert_eq!(typed.len(), 1);
        let fields: Vec<&str> = wrong.iter().map(|d| d.field.as_str()).collect();
        assert_eq!(fields, ["fields.a", "fields.b", "fields.c"]);
    }

    #[test]
    fn a_day_is_one_or_none() {
        assert_eq!(facts_of(" ").unwrap(), None);
        assert_eq!(facts_of("2013-05-06").unwrap(), CivilDate::ymd(2013, 5, 6));
        for wrong in ["2013", "2013-02-30", "6.5.2013"] {
            assert_eq!(facts_of(wrong).unwrap_err().code, "facts_on", "{wrong}");
        }
    }

    #[test]
    fn a_paper_is_what_its_bytes_are() {
        let paper = |media_type: &str, content: &str| PaperBody {
            material: "application".into(),
            name: "申请.pdf".into(),
            media_type: media_type.into(),
            content: content.into(),
        };
        let pdf = STANDARD.encode(b"%PDF-1.7");
        for media_type in ["", "application/pdf", " application/pdf "] {
            assert_eq!(paper_of(&paper(media_type, &pdf)).unwrap(), b"%PDF-1.7", "{media_type}");
        }
        for media_type in ["image/png", "application/zip"] {
            assert_eq!(paper_of(&paper(media_type, &pdf)).unwrap_err().code, "paper_disguised", "{media_type}");
        }
        let zip = STANDARD.encode(b"PK\x03\x04 and so on");
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert!(paper_of(&paper(docx, &zip)).is_ok());
        assert_eq!(paper_of(&paper("application/pdf", &zip)).unwrap_err().code, "paper_disguised");
        for content in ["%PDF-1.7", "JVBERi0xLjc", "JVBE\nRi0xLjc="] {
            assert_eq!(paper_of(&paper("", content)).unwrap_err().code, "paper_base64", "{content}");
        }
    }

    #[test]
    fn what_cannot_be_read_keeps_its_place() {
        let papers: Vec<PaperBody> = ["JVBERi0xLjc=", "!", "JVBERi0xLjc="]
            .into_iter()
            .map(|content| PaperBody {
                material: "application".into(),
                name: "a.pdf".into(),
                media_type: String::new(),
                content: content.into(),
            })
            .collect();
        let filled = filled_of(&BTreeMap::new(), papers, true, String::new()).unwrap();
        assert_eq!(filled.papers.iter().map(|p| p.bytes.len()).collect::<Vec<_>>(), [8, 0, 8]);
        assert_eq!((filled.wrong.len(), filled.wrong[0].field.as_str()), (1, "papers[1]"));
        let many: BTreeMap<String, Value> = (0..=FIELDS).map(|n| (n.to_string(), Value::Null)).collect();
        assert!(filled_of(&many, Vec::new(), false, String::new()).is_err());
    }
}
