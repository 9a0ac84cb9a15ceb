//! Documents of a case: what can be made now, what was made, how it was delivered and whether it counts; and the address that their codes open.
//!
//! What flows through: offers of the engine and rows of the store, in words, from a handler. Always true: what cannot be made now is there with
//! its reason; a void document is shown as one and offers nothing more; only who may act gets a form.

use super::ask::Shown;
use super::case::{BarredLine, CaseHead};
use super::{AppBar, Choice, FormErrors, Say, State, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// A paper that can be made now.
#[derive(Debug, Clone, Default)]
pub struct PaperOffer {
    /// Its kind, form value.
    pub kind: String,
    /// What it is.
    pub name: Text,
    /// What of the case it belongs to, one sentence.
    pub why: Text,
    /// How many of its kind there are that count; 0: none yet.
    pub made: usize,
}

/// What was typed about a document, after a refusal.
#[derive(Debug, Clone, Default)]
pub struct MadeTyped {
    /// Its delivery was sent.
    pub delivers: bool,
    /// That it counts no more was sent.
    pub voids: bool,
    /// Day of the delivery.
    pub on: String,
    /// Day of the notice.
    pub notice: String,
    /// Why it counts no more.
    pub reason: Shown,
}

/// A document that was made.
#[derive(Debug, Clone, Default)]
pub struct MadeLine {
    /// What it is.
    pub kind: Text,
    /// Its number; empty for records of what was done.
    pub number: String,
    /// The language that it is written in.
    pub language: Text,
    /// Where to download it; empty where this reader may not.
    pub href: String,
    /// Size, bytes.
    pub size_bytes: u64,
    /// SHA-256 of the file, hexadecimal; form value.
    pub sha256: String,
    /// When it was made.
    pub at: UtcMs,
    /// Who made it.
    pub by: Shown,
    /// Delivered, not yet, void.
    pub state: State,
    /// How and when it was delivered, in words; empty: not yet.
    pub delivered: Text,
    /// Why it counts no more; empty: it counts.
    pub void: Shown,
    /// Where the public checks it; empty for a paper that stays in the file.
    pub check: String,
    /// It can be entered as delivered.
    pub can_deliver: bool,
    /// It can be made void.
    pub can_void: bool,
    /// Entry of the log.
    pub log: Option<u64>,
    /// What was typed about it.
    pub typed: MadeTyped,
}

/// `GET /cases/{id}/documents`, posted there (`kind`, `lang`), to `…/documents/void` (`document`, `reason`) and `…/documents/delivered`
/// (`document`, `way`, `on`, `notice`, `file`); each with `seen`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_documents.html")]
pub struct CaseDocumentsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// This account may make, deliver and void.
    pub may_act: bool,
    /// What can be made now.
    pub offers: Vec<PaperOffer>,
    /// What cannot, and why.
    pub barred: Vec<BarredLine>,
    /// What was made, the newest first.
    pub made: Vec<MadeLine>,
    /// Ways of delivery.
    pub ways: Vec<Choice>,
    /// Of a decision that is served by public notice, the day of the notice is asked for.
    pub asks_notice: bool,
    /// Today, `YYYY-MM-DD`.
    pub today: String,
    /// Documents carry a code: this server has a public address.
    pub has_address: bool,
    /// What is wrong.
    pub errors: FormErrors,
}

/// `GET /public-address`, posted there (`public_url`): where the public reaches this server.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_address.html")]
pub struct PublicAddressPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The address as kept or as typed; empty: none.
    pub address: String,
    /// What is wrong.
    pub errors: FormErrors,
}
