//! The provisional paper that a phone gives out without a network: what it was made of is compared with the record when the visit is closed.
//!
//! ```text
//! phone: kept answers, digests of the drawn signatures ─▶ one text ─▶ SHA-256 on the paper and in the field `offline/LOGIN` of the record
//! close_visit: the same text of the record as it is then ─▶ same, or changed since ─▶ findings (and so the numbered paper), page, entry
//! ```
//! Always true: a provisional paper has no number and decides nothing; a signature that was only drawn on it (`drawn/…`) counts for none: a visit is
//! closed with everybody's own, given by their own account; nothing is refused because a paper differs, the record says that it does.

use super::act::SCAN;
use super::drop::REASON;
use super::record::{Change, ITEM, Record};
use base::{CaseId, Sha256, Text, UtcMs};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use store::visits::PhotoRow;

/// Before the login name of who gave papers out, in the record.
pub(super) const OFFLINE: &str = "offline/";
/// Before the account of an inspector whose signature was drawn on the paper and not yet confirmed by their own account.
pub(super) const DRAWN: &str = "drawn/";
/// Most papers of one inspector; the phone keeps the newest.
const PAPERS: usize = 5;
/// Most signatures of one paper.
const SIGNATURES: usize = 32;
/// Longest login name, bytes.
const LOGIN_BYTES: usize = 100;
/// Longest name of whom a signature is, bytes.
const WHOSE_BYTES: usize = 60;
/// Most papers that the findings name, the newest.
const NAMED: usize = 2;

/// A provisional paper that was given out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OfflinePaper {
    /// When, by the phone.
    pub at: UtcMs,
    /// The digest that stands on it.
    pub sha256: Sha256,
    /// The record was the same when the visit was closed.
    pub same: bool,
    /// Signatures on it whose pictures are not at the server.
    pub missing: u32,
    /// Signatures of inspectors on it that were drawn without their account.
    pub drawn: u32,
}

/// Whether a change says which papers were given out, and can be; `None`: it is of another part of the record.
pub(super) fn is_offline(change: &Change) -> Option<bool> {
    let login = change.field.strip_prefix(OFFLINE)?;
    let is_login = !login.is_empty() && login.len() <= LOGIN_BYTES && !login.chars().any(char::is_control);
    Some(match &change.value {
        Value::Null => is_login,
        Value::Array(papers) => is_login && papers.len() <= PAPERS && papers.iter().all(is_paper),
        _ => false,
    })
}

fn is_digest(value: &Value) -> bool {
    value.as_str().and_then(Sha256::from_hex).is_some()
}

fn is_paper(value: &Value) -> bool {
    let Some(paper) = value.as_object().filter(|paper| paper.len() == 3) else { return false };
    let signatures = paper.get("signatures").and_then(Value::as_object);
    let of = |(whose, digest): (&String, &Value)| whose.len() <= WHOSE_BYTES && is_digest(digest);
    paper.get("sha256").is_some_and(is_digest)
        && paper.get("at").is_some_and(Value::is_i64)
        && signatures.is_some_and(|all| all.len() <= SIGNATURES && all.iter().all(of))
}

/// JSON with the names of each object in their order and no blanks: phone and server write the same text.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            out.push('{');
            for (n, (name, value)) in sorted.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                out.push_str(&json!(name).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (n, value) in list.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(value, out);
            }
            out.push(']');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

/// What a paper is made of: everything that was typed and answered, and whose signatures are on it. Which report answered an item, where a code was
/// scanned, and papers themselves are no part of it.
fn content((case, n): (CaseId, u32), record: &Record, signatures: &Map<String, Value>) -> String {
    let is_part = |name: &str| !name.starts_with(OFFLINE) && name != REASON;
    let mut fields = Map::new();
    for (name, field) in record.0.iter().filter(|(name, field)| is_part(name) && !field.value.is_null()) {
        let part = |of: &str| field.value.get(of).cloned().unwrap_or_default();
        let value = match name.as_str() {
            SCAN => part("code"),
            item if item.starts_with(ITEM) => {
                json!({ "answered": part("answered"), "defects": part("defects"), "remark": part("remark") })
            }
            _ => field.value.clone(),
        };
        fields.insert(name.clone(), value);
    }
    let mut out = String::new();
    write(&json!({ "visit": format!("{case}/{n}"), "fields": fields, "signatures": signatures }), &mut out);
    out
}

/// The papers that were given out, each compared with the record and the pictures as they are now; the oldest first.
pub(super) fn papers_of(visit: (CaseId, u32), record: &Record, photos: &[PhotoRow]) -> Vec<OfflinePaper> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let paper = |value: &Value| {
        let signatures = value.get("signatures")?.as_object()?;
        let sha256 = Sha256::from_hex(value.get("sha256")?.as_str()?)?;
        let there = |whose: &str, digest: &Value| {
            let digest = digest.as_str().and_then(Sha256::from_hex);
            photos.iter().any(|photo| photo.belongs == whose && Some(photo.sha256) == digest)
        };
        Some(OfflinePaper {
            at: UtcMs(value.get("at")?.as_i64()?),
            sha256,
            same: Sha256::of(content(visit, record, signatures).as_bytes()) == sha256,
            missing: count(signatures.iter().filter(|(whose, digest)| !there(whose, digest)).count()),
            drawn: count(signatures.keys().filter(|whose| whose.starts_with(DRAWN)).count()),
        })
    };
    let kept = record.0.iter().filter(|(name, _)| name.starts_with(OFFLINE));
    let mut out: Vec<OfflinePaper> =
        kept.filter_map(|(_, field)| field.value.as_array()).flatten().filter_map(paper).collect();
    out.sort_by_key(|paper| paper.at);
    out
}

impl OfflinePaper {
    /// What the record says of it.
    #[must_use]
    pub fn text(&self) -> Text {
        let (when, digest) = (self.at.desk(), self.sha256.hex());
        let (zh, en) = if self.same && self.missing == 0 {
            ("内容与本记录一致", "it is the same as this record")
        } else {
            (
                "其后内容有改动或者签名没有送达，以本记录为准",
                "something was changed or did not arrive since, and this record stands",
            )
        };
        let (more_zh, more_en) = if self.drawn > 0 {
            let n = self.drawn;
            (
                format!("离线稿上{n}名检查人员的签名当时没有经本人账号确认，结束检查前已由本人用自己的账号签名。"),
                format!(
                    " {n} {} on it drawn without the own account; before the end each signed with it.",
                    base::plural(n, "inspector's signature was", "inspectors' signatures were")
                ),
            )
        } else {
            (String::new(), String::new())
        };
        Text::of(
            format!("现场出具过离线稿（手机时间{when}，SHA-256 {digest}），{zh}。{more_zh}"),
            format!("A provisional paper was given out ({when} by the phone, SHA-256 {digest}): {en}.{more_en}"),
        )
    }
}

/// What the findings say of the papers that were given out, in the language of the law.
pub(super) fn words_of(papers: &[OfflinePaper]) -> String {
    papers.iter().skip(papers.len().saturating_sub(NAMED)).map(|paper| paper.text().zh.into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::record::Field;
    use super::*;
    use base::AccountId;

    const CASE: CaseId = CaseId::from_bytes([7; 16]);

    fn record() -> Record {
        let answer = json!({ "answered": "no", "defects": ["b", "a"], "remark": "写\"明\"\n", "report": "ff" });
        let scan = json!({ "code": "X1", "at": 5, "how": "typed", "place": "" });
        let fields = [("scan", scan), ("item/x", answer), ("note", json!("门口")), ("gone", Value::Null)];
        Record(fields.map(|(name, value)| (name.to_owned(), Field { v: 1, value })).into())
    }

    fn photo(belongs: &str, bytes: &[u8]) -> PhotoRow {
        PhotoRow {
            photo: 1,
            sha256: Sha256::of(bytes),
            bytes: 1,
            media_type: "image/png".into(),
            belongs: belongs.into(),
            taken: UtcMs(1),
            place: String::new(),
            at: UtcMs(1),
            by: AccountId::from_bytes([1; 16]),
        }
    }

    fn with_paper(mut record: Record, signatures: &Value) -> Record {
        let text = content((CASE, 2), &record, signatures.as_object().unwrap());
        let paper = json!({ "sha256": Sha256::of(text.as_bytes()).hex(), "at": 9, "signatures": signatures });
        record.0.insert(format!("{OFFLINE}one"), Field { v: 2, value: json!([paper]) });
        record
    }

    #[test]
    fn the_text_is_what_a_phone_writes() {
        let signatures = json!({ "signature/unit": "00" });
        let text = content((CASE, 2), &record(), signatures.as_object().unwrap());
        let wanted = format!(
            "{{\"fields\":{{\"item/x\":{{\"answered\":\"no\",\"defects\":[\"b\",\"a\"],\"remark\":\"写\\\"明\\\"\\n\"}},\
             \"note\":\"门口\",\"scan\":\"X1\"}},\"signatures\":{{\"signature/unit\":\"00\"}},\"visit\":\"{CASE}/2\"}}"
        );
        assert_eq!(text, wanted);
    }

    #[test]
    fn a_paper_is_the_same_until_something_is_changed() {
        let signatures = json!({ "signature/unit": Sha256::of(b"u").hex(), "drawn/two": Sha256::of(b"d").hex() });
        let kept = with_paper(record(), &signatures);
        let photos = [photo("signature/unit", b"u"), photo("drawn/two", b"d")];
        let found = papers_of((CASE, 2), &kept, &photos);
        let told: Vec<_> = found.iter().map(|p| (p.same, p.missing, p.drawn)).collect();
        assert_eq!(told, [(true, 0, 1)]);
        assert!(words_of(&found).contains("内容与本记录一致") && words_of(&found).contains(&found[0].sha256.hex()));
        assert!(words_of(&found).contains("1名检查人员"), "a drawn signature is told");
        let late = papers_of((CASE, 2), &kept, &photos[..1]);
        assert_eq!((late[0].same, late[0].missing), (true, 1), "a picture that is not there is told");
        assert!(words_of(&late).contains("以本记录为准"));
        assert!(!papers_of((CASE, 3), &kept, &photos)[0].same, "of another visit");
        let mut changed = kept.clone();
        changed.0.insert("note".into(), Field { v: 3, value: json!("后门") });
        assert!(!papers_of((CASE, 2), &changed, &photos)[0].same);
        let mut moved = kept;
        moved.0.insert("scan".into(), Field { v: 3, value: json!({ "code": "X1", "at": 6, "place": "1,2" }) });
        assert!(papers_of((CASE, 2), &moved, &photos)[0].same, "where a code was read is no part of the paper");
        assert!(papers_of((CASE, 2), &record(), &photos).is_empty());
    }

    #[test]
    fn only_digests_and_times_are_taken_and_not_too_many() {
        let digest = Sha256::of(b"x").hex();
        let one = json!({ "sha256": digest, "at": 1, "signatures": { "signature/unit": digest } });
        let of = |field: &str, value: Value| is_offline(&Change { field: field.into(), base: Value::Null, value });
        assert_eq!(of("note", json!("x")), None);
        assert_eq!(of("offline/one", json!([one])), Some(true));
        assert_eq!(of("offline/one", Value::Null), Some(true));
        assert_eq!(of("offline/one", json!(vec![one.clone(); PAPERS])), Some(true));
        let many: Map<String, Value> = (0..=SIGNATURES).map(|n| (n.to_string(), json!(digest))).collect();
        for wrong in [
            json!(vec![one.clone(); PAPERS + 1]),
            json!("x"),
            json!([{ "sha256": digest, "at": 1 }]),
            json!([{ "sha256": "x", "at": 1, "signatures": {} }]),
            json!([{ "sha256": digest, "at": "now", "signatures": {} }]),
            json!([{ "sha256": digest, "at": 1, "signatures": { "a": "words" } }]),
            json!([{ "sha256": digest, "at": 1, "signatures": many }]),
            json!([{ "sha256": digest, "at": 1, "signatures": {}, "more": 1 }]),
        ] {
            assert_eq!(of("offline/one", wrong.clone()), Some(false), "{wrong}");
        }
        assert_eq!(of("offline/", json!([])), Some(false));
        assert_eq!(of(&format!("offline/{}", "x".repeat(LOGIN_BYTES + 1)), json!([])), Some(false));
    }
}
