//! Whether a document is this authority's and unchanged: by its number, by the digest of its file, or by both. No file is sent. The code on a
//! document names it by its id, which nobody guesses and which documents without a number have too.
//!
//! A number that is none of a document is looked for among what is public (`known_numbers`).
//!
//! Always true: what is told is what the log has of the document: kind, office, day, digest, and whether it counts; no name, no content; what is
//! found nowhere is not called false. A paper that stays in its file is told to its holder only: by its code or its digest, never by a number that
//! anybody can guess.

use super::case_documents::is_inner;
use super::inbox::of;
use super::known_numbers::{Known, known};
use super::proofs;
use super::public::{bar, slowly};
use crate::answer::{Reply, page};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::public::{PublicNav, VerifyAnswer, VerifyPage};
use crate::pages::{FormErrors, Mark, State};
use base::{DocumentId, Refusal, Sha256, Text};
use domain::document::Document;
use domain::number::tidy_number;
use store::casework::documents::DocumentRow;

/// Longest number that is looked at, characters.
const NUMBER_CHARS: usize = 120;

/// Careful words: a number that is found nowhere may be mistyped, of another kind, or of something that is not public.
fn nothing() -> VerifyAnswer {
    VerifyAnswer {
        state: State::new(Mark::Warning, "没有查到", "Not found"),
        what: Text::new(
            "本机关的文书、公开登记和公告里都没有查到。可能打错了字；可能是受理号，请到“查询进度”查；也可能是还没有公开的内容。没有查到不能说明它是真的还是假的，请打电话或者带着原件到窗口核实。",
            "Neither a document nor a public register row nor a notice of this authority was found. It may be mistyped; it may be the number of a receipt, which is looked up under “Where is my case”; or it may not be public yet. That it was not found does not say whether it is genuine or false: call, or bring the original to the counter.",
        ),
        ..VerifyAnswer::default()
    }
}

/// What is told of a number that is no paper's, but a row's or a notice's.
fn told_known(found: &[Known], digest: Option<Sha256>) -> VerifyAnswer {
    let fits = digest.map(|d| found.iter().any(|known| known.digests.contains(&d)));
    let (state, what) = match fits {
        Some(true) => (
            State::new(Mark::Ok, "真实，没有改动", "Authentic and unchanged"),
            Text::new(
                "这是本机关公开登记或者公告的编号，摘要与公开的内容一致。",
                "This number names a register row or notice of this authority, and the digest is that of what was made public.",
            ),
        ),
        Some(false) => (
            State::new(Mark::Attention, "编号是本机关的，摘要不同", "The number is ours, the digest differs"),
            Text::new(
                "这是本机关公开登记或者公告的编号，但是您填的摘要不是它公开内容的摘要。如果您核验的是一份文书的文件，请填文书上的文号。",
                "This number names a register row or notice of this authority, but your digest is not that of what was made public. To check the file of a document, enter the number printed on the document.",
            ),
        ),
        None => (
            State::new(Mark::Info, "是公开登记或者公告的编号", "The number of a register row or notice"),
            Text::new(
                "本机关的公开登记或者公告里有这个编号，内容见下面的链接。它不是文书的文号：文号印在文书标题的下方。",
                "This authority's registers or notices have this number; follow the link to see it. It is not a document's number, which is printed below the title of the document.",
            ),
        ),
    };
    let links = found.iter().map(|known| (known.href.clone(), known.words.clone())).collect();
    VerifyAnswer { state, what, links, ..VerifyAnswer::default() }
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
            "本机关出具过这份文书，没有作废。是否已经送达、从哪天起生效，以送达的情况和文书写明的为准。纸质的请与下面逐项核对；电子文件请在下面选文件，看它有没有被改过。",
            "This authority issued this document and has not declared it void. Whether and since when it takes effect depends on its service and on what it says. Compare a paper with what stands below; for a file choose it below to see whether it was changed.",
        ),
    )
}

/// What the paper calls itself: the name that the case's outcome gives it, else that of its kind.
async fn title_of(call: &Call, row: &DocumentRow) -> Result<String, Refusal> {
    let l = call.lang;
    let Some(kind) = Document::parse(&row.kind) else { return Ok(row.kind.clone()) };
    let case = match row.case {
        Some(id) => call.site().store().case(id).await?,
        None => None,
    };
    let packs = call.site().gate().packs();
    let outcome = case.as_ref().and_then(|case| {
        let procedure = packs.procedure(&case.head.procedure)?;
        procedure.outcomes.iter().find(|o| case.head.outcome.as_deref() == Some(o.id.as_str()))
    });
    let named = outcome.filter(|o| Document::named(&o.document_zh).is_some_and(|d| d.code == kind.code));
    Ok(named.map_or_else(|| l.t(kind.zh, kind.en), |o| l.t(&o.document_zh, &o.document_en)).to_owned())
}

async fn answer(call: &Call, row: &DocumentRow, digest: Option<Sha256>) -> Result<VerifyAnswer, Refusal> {
    let (state, what) = told(row, digest);
    let kind = title_of(call, row).await?;
    let office =
        call.site().store().office(row.office).await?.map(|o| o.called(call.lang).to_owned()).unwrap_or_default();
    let mut facts = vec![
        (Text::new("文书", "Document"), kind),
        (Text::new("文号", "Number"), row.number.clone().unwrap_or_default()),
        (Text::new("机关", "Office"), office),
        (Text::new("出具日期", "Issued"), row.made.shanghai_date().to_string()),
        (
            Text::new(
                "二维码旁的短码（与纸上的逐字核对）",
                "Short code beside the QR code (compare it with the paper)",
            ),
            row.check_code.clone(),
        ),
        (Text::new("原件的 SHA-256", "SHA-256 of the original"), row.sha256.hex()),
    ];
    facts.extend(row.void.as_ref().map(|v| (Text::new("作废日期", "Void since"), v.at.shanghai_date().to_string())));
    facts.retain(|(_, value)| !value.is_empty());
    // The entry of a paper that stays in the file is handed out to nobody.
    let proved = if is_inner(row) { None } else { proofs::prove(call, row.entry, true).await? };
    Ok(VerifyAnswer { state, what, facts, links: Vec::new(), proof: proved.as_ref().map(|p| p.shown(call)) })
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
        (None, _) if !number.is_empty() => {
            let found = match store.document_by_number(number).await? {
                // Brackets, blanks and width are read as they are meant.
                None => store.document_by_number(&tidy_number(number)).await?,
                found => found,
            };
            found.filter(|row| !is_inner(row) || digest == Some(row.sha256))
        }
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
    if call.query.has("asked") && code.is_empty() && number.is_empty() && typed.is_empty() {
        let what = Text::new("请填编号，或者选要核验的文件。", "Enter a number, or choose the file to be checked.");
        errors.push("number", what);
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
            None if code.is_empty() && !number.is_empty() => {
                let known = known(&call, &number).await?;
                if known.is_empty() { nothing() } else { told_known(&known, digest) }
            }
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
            lang: base::Lang::Zh,
            check_code: String::new(),
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
        assert_eq!(nothing().state.mark, Mark::Warning, "what is not found is not called false");
    }

    #[test]
    fn the_number_of_a_row_is_told_with_its_place() {
        let known = || Known {
            href: "/public/registers/public_areas/1".into(),
            words: Text::default(),
            digests: vec![Sha256::of(b"old"), Sha256::of(b"row")],
        };
        let mark = |digest: Option<&[u8]>| told_known(&[known()], digest.map(Sha256::of)).state.mark;
        assert_eq!(mark(None), Mark::Info);
        assert_eq!(mark(Some(b"row")), Mark::Ok);
        assert_eq!(mark(Some(b"other")), Mark::Attention);
        assert_eq!(told_known(&[known()], None).links.len(), 1);
    }
}
