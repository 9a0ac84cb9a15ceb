//! A downloaded proof, checked for whoever has no program of their own: is it of this authority's log, and is the entry the one that stands there?
//!
//! ```text
//! files or pasted texts ─▶ proof, entry (else the public entry at the proof's place) ─▶ ledger::LogVerifier with our key ─▶ words
//! ```
//! Always true: nothing that is sent is kept; the proof is judged by our public key alone, as anybody can do without this server; an entry that the
//! public does not see is not told by asking with its place.

use super::inbox::of;
use super::proofs;
use super::public::{bar, slowly};
use crate::answer::{Reply, page, page_with};
use crate::call::Call;
use crate::limiter::PUBLIC_SEARCH;
use crate::pages::public::{PublicNav, VerifyAnswer, VerifyProofPage};
use crate::pages::{FormErrors, Mark, State};
use axum::http::StatusCode;
use base::Text;
use ledger::{Checkpoint, CheckpointError, EntryBytes, LogVerifier, ProofError, ProofFile, leaf_hash};

/// Longest name of a log that is shown, characters: an unchecked file says it.
const NAME_CHARS: usize = 100;
/// By this the text of a proof is known.
const PROOF: &str = "c2sp.org/tlog-proof";

/// What was sent: the two texts, whichever way they came.
#[derive(Default)]
struct Sent {
    proof: String,
    entry: String,
}

impl Sent {
    /// Sorts a text by how it begins; the first of a kind counts.
    fn take(&mut self, text: &str) {
        // A form gives lines their ends anew, and people paste a blank line more or less.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let text = text.trim();
        if text.starts_with(PROOF) && self.proof.is_empty() {
            self.proof = format!("{text}\n");
        } else if text.starts_with('{') && self.entry.is_empty() {
            text.clone_into(&mut self.entry);
        }
    }

    fn of(call: &Call) -> Self {
        let mut sent = Self::default();
        if let Some(file) = &call.upload {
            sent.take(&String::from_utf8_lossy(&file.bytes));
        }
        for text in call.form.all("files") {
            sent.take(&text);
        }
        sent.take(call.form.raw("proof"));
        sent.take(call.form.raw("entry"));
        sent
    }
}

/// What came out of the check. `given`: the entry came with the proof; else it is the one of the log.
fn told(checked: &Result<Checkpoint, ProofError>, file: &ProofFile, entry: &[u8], given: bool) -> VerifyAnswer {
    let index = file.index;
    let (state, what) = match checked {
        Ok(_) if given => (
            State::new(Mark::Ok, "证明成立", "The proof holds"),
            Text::of(
                format!("您的条目就是本机关日志的第{index}条，写入以后没有改动。"),
                format!("Your entry is entry {index} of this authority's log, unchanged since it was written."),
            ),
        ),
        Ok(_) => (
            State::new(Mark::Ok, "证明成立", "The proof holds"),
            Text::of(
                format!("这份证明是本机关日志第{index}条的，与日志里现在的内容一致。"),
                format!(
                    "This is the proof of entry {index} of this authority's log, and fits the entry as it stands there now."
                ),
            ),
        ),
        Err(ProofError::Checkpoint(CheckpointError::NotSigned(_) | CheckpointError::Origin(_))) => {
            let name = Checkpoint::read_unverified(&file.checkpoint).map(|head| head.origin).unwrap_or_default();
            let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
            (
                State::new(Mark::Warning, "不是本机关的日志", "Of another log"),
                Text::of(
                    format!("这份证明写明的日志是“{name}”，不是本机关的。请到出具它的机关的网站核对。"),
                    format!(
                        "This proof says that it is of the log “{name}”, which is not this authority's. Check it at the site of the office that gave it out."
                    ),
                ),
            )
        }
        Err(ProofError::Checkpoint(_)) => (
            State::new(Mark::Critical, "证明不成立", "The proof does not hold"),
            Text::new(
                "证明里的签名不是本机关的签名：证明被改过，或者没有复制完整。请重新下载证明再核对。",
                "The signature in the proof is not this authority's: the proof was changed or not copied whole. Download it again.",
            ),
        ),
        Err(_) => (
            State::new(Mark::Critical, "证明不成立", "The proof does not hold"),
            Text::of(
                format!(
                    "签名是本机关的，但是这个条目不是日志的第{index}条：条目或者证明被改过，或者两个文件不是一对。"
                ),
                format!(
                    "The signature is this authority's, but this entry is not entry {index} of the log: entry or proof was changed, or the two files do not belong together."
                ),
            ),
        ),
    };
    let mut facts = Vec::new();
    if state.mark == Mark::Ok {
        let written = EntryBytes::new(entry.to_vec()).and_then(|bytes| bytes.parse());
        facts.push((Text::new("日志序号", "Log entry"), index.to_string()));
        facts.extend(written.ok().map(|entry| (Text::new("写入时间", "Written"), entry.at_utc_ms.desk())));
        facts.push((Text::new("这一条的摘要", "Digest of the entry"), leaf_hash(entry).hex()));
    }
    VerifyAnswer { state, what, facts, ..VerifyAnswer::default() }
}

fn form(call: &Call, answer: Option<VerifyAnswer>, errors: FormErrors) -> VerifyProofPage {
    let log_key = call.site().store().ledger().key().vkey().to_string();
    let pasted = |name: &str| call.form.get(name).to_owned();
    let (proof, entry) = (pasted("proof"), pasted("entry"));
    VerifyProofPage { l: call.lang, bar: bar(call), at: PublicNav::Verify, proof, entry, answer, log_key, errors }
}

/// The form again, with what is wrong at `field`.
fn wrong(call: &Call, field: &str, what: Text) -> Reply {
    let mut errors = FormErrors::default();
    errors.push(field, what);
    page_with(StatusCode::BAD_REQUEST, &form(call, None, errors))
}

/// `GET /public/verify/proof`.
pub(crate) async fn show(call: Call) -> Reply {
    of(&call)?;
    page(&form(&call, None, FormErrors::default()))
}

/// `POST /public/verify/proof`: `files` (proof and entry), or pasted `proof`, `entry`.
pub(crate) async fn check(call: Call) -> Reply {
    of(&call)?;
    slowly(&call, "public_search", PUBLIC_SEARCH)?;
    let sent = Sent::of(&call);
    if sent.proof.is_empty() {
        let what = Text::new(
            "请选证明文件，或者粘贴它的全部内容。证明的第一行是 c2sp.org/tlog-proof@v1。",
            "Choose the file of the proof, or paste all of it. Its first line is c2sp.org/tlog-proof@v1.",
        );
        return wrong(&call, "files", what);
    }
    let Ok(file) = ProofFile::parse(sent.proof.as_bytes()) else {
        let what = Text::new(
            "这不是一份完整的证明。请重新下载，再选文件，不要在别的程序里打开另存。",
            "This is not a whole proof. Download it again and choose the file as it is, not saved by another program.",
        );
        return wrong(&call, "files", what);
    };
    let given = !sent.entry.is_empty();
    let entry = if given { Some(sent.entry.into_bytes()) } else { proofs::open_bytes(&call, file.index).await? };
    let Some(entry) = entry else {
        let what = Text::new(
            "本机关公开的日志里没有这个序号的条目。请把条目文件（entry-….json）也选上。",
            "The public part of this authority's log has no entry at that place. Choose the file of the entry (entry-….json) too.",
        );
        return wrong(&call, "files", what);
    };
    let verifier = LogVerifier::new(call.site().store().ledger().key().vkey());
    let checked = verifier.check(&file.checkpoint, &entry, file.index, &file.hashes);
    page(&form(&call, Some(told(&checked, &file, &entry, given)), FormErrors::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_known_by_how_they_begin_whichever_way_they_come() {
        let mut sent = Sent::default();
        for text in ["{\"v\":1}", "\u{feff}c2sp.org/tlog-proof@v1\r\nindex 3\r\n\r\n", "%PDF", "{\"v\":2}", ""] {
            sent.take(text);
        }
        assert_eq!(sent.entry, "{\"v\":1}");
        assert_eq!(sent.proof, "c2sp.org/tlog-proof@v1\nindex 3\n");
    }

    #[test]
    fn a_proof_of_another_log_is_not_called_false() {
        let file = ProofFile { index: 4, hashes: Vec::new(), checkpoint: b"x".to_vec() };
        let mark = |why: ProofError| told(&Err(why), &file, b"{}", true).state.mark;
        assert_eq!(mark(CheckpointError::NotSigned("us".into()).into()), Mark::Warning);
        assert_eq!(mark(CheckpointError::BadSignature("us".into()).into()), Mark::Critical);
        assert_eq!(mark(ProofError::NotIncluded { index: 4 }), Mark::Critical);
    }
}
