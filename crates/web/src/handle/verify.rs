//! Whether a document is this authority's and unchanged: by its number, by the digest of its file, or by both. No file is sent. The code on a
//! document names it by its id, which nobody guesses and which documents without a number have too.
//!
//! Always true: what is told is what the log has of the document: kind, office, day, digest, and whether it counts; no name, no content.

use super::inbox::of;
use super::proofs;
use super::public::{bar, slowly};
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::public::{PublicNav, VerifyAnswer, VerifyPage};
use crate::pages::{FormErrors, Mark, State};
use base::{DocumentId, Refusal, Sha256, Text};
use domain::document::Document;
use store::casework::documents::DocumentRow;

/// Longest number that is looked at, characters.
const NUMBER_CHARS: usize = 120;

fn nothing() -> VerifyAnswer {
    VerifyAnswer {
        state: State::new(Mark::Critical, "没有查到", "Not found"),
        what: Text::new(
            "日志里没有这样的文书。请核对文号或者摘要；仍然查不到的，请到窗口核实，不要当作本机关的文书使用。",
            "The log has no such document. Check number and digest; if it is still not found, ask at the counter and do not take it for ours.",
        ),
        facts: Vec::new(),
        proof: None,
    }
}

/// What is told of a document; `digest` as it was given.
fn told(row: &DocumentRow, digest: Option<Sha256>) -> (State, Text) {
    if digest.is_some_and(|d| d != row.sha256) {
        return (
            State::new(Mark::Critical, "与原件不同", "Not the original"),
            Text::new(
                "有这个文号的文书，但是您的文件与它不同：可能被改过，或者是扫描件、另存的文件。",
                "There is a document of this number, but your file is another one: changed, scanned or saved anew.",
            ),
        );
    }
    if row.void.is_some() {
        return (
            State::new(Mark::Warning, "已作废", "Void"),
            Text::new("这份文书是本机关出的，已经作废。", "This document is this authority's and counts no more."),
        );
    }
    if digest.is_some() {
        return (
            State::new(Mark::Ok, "真实，没有改动", "Authentic and unchanged"),
            Text::new("文件与本机关出具的原件完全一致。", "The file is exactly the one that this authority issued."),
        );
    }
    (
        State::new(Mark::Info, "有这份文书", "There is such a document"),
        Text::new(
            "本机关出具过这份文书，现在有效。手里的这一份有没有被改过，要填文件的摘要才能知道；纸上的内容请与下面核对。",
            "This authority issued this document, and it counts. Whether the one you hold was changed is seen only with the digest of its file; compare what the paper says with what stands below.",
        ),
    )
}

async fn answer(call: &Call, row: &DocumentRow, digest: Option<Sha256>) -> Result<VerifyAnswer, Refusal> {
    let (state, what) = told(row, digest);
    let l = call.lang;
    let kind = Document::parse(&row.kind).map_or_else(|| row.kind.clone(), |d| l.t(d.zh, d.en).to_owned());
    let office = call.site().store().office(row.office).await?.map(|o| o.name).unwrap_or_default();
    let mut facts = vec![
        (Text::new("文书", "Document"), kind),
        (Text::new("文号", "Number"), row.number.clone().unwrap_or_default()),
        (Text::new("机关", "Office"), office),
        (Text::new("出具日期", "Issued"), row.made.shanghai_date().to_string()),
        (Text::new("原件的 SHA-256", "SHA-256 of the original"), row.sha256.hex()),
    ];
    facts.extend(row.void.as_ref().map(|v| (Text::new("作废日期", "Void since"), v.at.shanghai_date().to_string())));
    facts.retain(|(_, value)| !value.is_empty());
    let proved = proofs::prove(call, row.entry, true).await?;
    Ok(VerifyAnswer { state, what, facts, proof: proved.as_ref().map(|p| p.shown(call)) })
}

/// The document that is asked for: by the id of its code, else by number, else by digest.
async fn found_by(
    call: &Call,
    id: Option<DocumentId>,
    number: &str,
    digest: Option<Sha256>,
) -> Result<Option<DocumentRow>, Refusal> {
    let store = call.site().store();
    Ok(match (id, digest) {
        (Some(id), _) => store.document(id).await?,
        (None, _) if !number.is_empty() => store.document_by_number(number).await?,
        (None, Some(digest)) => store.document_by_sha256(digest).await?,
        (None, None) => None,
    })
}

/// `GET /public/verify?document=&number=&digest=`. Never kept: a document may be void a minute later.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    let code = call.query.get("document");
    let mut number: String = call.query.get("number").chars().filter(|c| !c.is_control()).take(NUMBER_CHARS).collect();
    let typed: String = call.query.get("digest").chars().filter(|c| !c.is_whitespace()).take(64).collect();
    let mut errors = FormErrors::default();
    let digest = Sha256::from_hex(&typed.to_ascii_lowercase());
    if !typed.is_empty() && digest.is_none() {
        let what = Text::new("摘要是 64 位十六进制数字。", "The digest has 64 hexadecimal characters.");
        errors.push("digest", what);
    }
    let mut found = None;
    if errors.is_empty() && (!code.is_empty() || !number.is_empty() || digest.is_some()) {
        slowly(&call, "public_search", PUBLIC_SEARCH)?;
        let row = match DocumentId::parse(code) {
            // A code that is none of ours finds nothing, whatever else is asked.
            None if !code.is_empty() => None,
            id => found_by(&call, id, &number, digest).await?,
        };
        if let Some(known) = row.as_ref().and_then(|row| row.number.as_ref()).filter(|_| !code.is_empty()) {
            number.clone_from(known);
        }
        found = Some(match &row {
            Some(row) => answer(&call, row, digest).await?,
            None => nothing(),
        });
    }
    page(&VerifyPage {
        l: call.lang,
        bar: bar(&call),
        at: PublicNav::Verify,
        number,
        digest: typed,
        answer: found,
        log_key: call.site().store().ledger().key().vkey().to_string(),
        errors,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{DocumentId, OfficeId, Pii, UtcMs};
    use store::casework::documents::Void;

    fn row(void: bool) -> DocumentRow {
        DocumentRow {
            id: DocumentId::from_bytes([1; 16]),
            number: Some("沈公许〔2026〕1号".into()),
            kind: "filing_receipt".into(),
            office: OfficeId::from_bytes([2; 16]),
            case: None,
            sha256: Sha256::of(b"file"),
            bytes: 4,
            by: None,
            made: UtcMs(0),
            entry: 1,
            void: void.then(|| Void { at: UtcMs(1), why: Pii::new("错".into()), entry: 2 }),
        }
    }

    #[test]
    fn only_the_whole_file_is_called_authentic() {
        let mark = |row: &DocumentRow, digest: Option<&[u8]>| told(row, digest.map(Sha256::of)).0.mark;
        assert_eq!(mark(&row(false), Some(b"file")), Mark::Ok);
        assert_eq!(mark(&row(false), Some(b"other")), Mark::Critical);
        assert_eq!(mark(&row(false), None), Mark::Info);
        assert_eq!(mark(&row(true), Some(b"file")), Mark::Warning);
        assert_eq!(mark(&row(true), Some(b"other")), Mark::Critical, "another file is no void original");
        assert_eq!(nothing().state.mark, Mark::Critical);
    }
}
