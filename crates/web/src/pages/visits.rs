//! Visits of inspections on a phone: mine today, and one with its checklist, photos, signatures and what follows; and what a site reported.
//!
//! What flows through: visits, items with their clauses and the record as the server has it (`state`, JSON) -> a page that a script goes on
//! with while there is no network. Invariants: everything that an item says stands in the page, so nothing is fetched at the door; the page has
//! no field that is sent without its script but the acts that need the server (ask, approve, begin, close).

use super::ask::Shown;
use super::case_documents::PaperOffer;
use super::{AppBar, Choice, FormErrors, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// The draw that a visit comes from.
#[derive(Debug, Clone, Default)]
pub struct DrawLink {
    /// Word of the plan.
    pub plan: String,
    /// What the plan is called.
    pub title: String,
    /// Place of the unit in the draw.
    pub place: u32,
}

/// How the last visit of the unit ended.
#[derive(Debug, Clone, Default)]
pub struct LastLine {
    /// Its case.
    pub case: String,
    /// Number of that case.
    pub number: String,
    /// Its day.
    pub day: String,
    /// What broke a clause.
    pub defects: Vec<Text>,
    /// What followed.
    pub follows: Text,
}

/// A visit in a list, and above its own page.
#[derive(Debug, Clone, Default)]
pub struct VisitCard {
    /// Case id.
    pub case: String,
    /// Its number in the case.
    pub n: u32,
    /// Number of the case.
    pub number: String,
    /// Name of the unit.
    pub unit: Shown,
    /// Its address.
    pub address: Shown,
    /// Number of the approval; empty: none yet.
    pub approval: String,
    /// Why it is visited.
    pub kind: Text,
    /// The day.
    pub day: String,
    /// Where it stands.
    pub state: State,
    /// The draw that it comes from; none for a single visit.
    pub draw: Option<DrawLink>,
    /// Visits of the year and the cap; empty: no plan is published.
    pub leave: Text,
}

/// A visit in the list of those of its case.
#[derive(Debug, Clone, Default)]
pub struct PartLine {
    /// Its number in the case.
    pub n: u32,
    /// Where it is read.
    pub href: String,
    /// Why it was.
    pub kind: Text,
    /// Its day.
    pub day: String,
    /// Where it stands.
    pub state: State,
    /// It is the one on the page.
    pub here: bool,
}

/// A visit that can be asked for in a case.
#[derive(Debug, Clone, Default)]
pub struct AskVisit {
    /// Case id.
    pub case: String,
    /// Its number.
    pub number: String,
    /// The draw that the case was opened for.
    pub draw: Option<DrawLink>,
    /// Who was drawn to inspect and can.
    pub team: Vec<Shown>,
    /// It rests on something that is named here: it is no visit of a drawn unit.
    pub asks_basis: bool,
    /// Kinds.
    pub kinds: Vec<Choice>,
    /// Items of the plan of the year.
    pub items: Vec<Choice>,
    /// Fields in which somebody is named who inspects with the account, or in place of somebody who was drawn; empty: nobody is to be.
    pub seats: Vec<SpareSeat>,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    /// Basis as typed.
    pub basis: String,
    /// What kind of unit the site says it is.
    pub said: Option<SaidUnit>,
}

/// A field in which an inspector is named.
#[derive(Debug, Clone, Default)]
pub struct SpareSeat {
    /// Id of the field.
    pub id: String,
    /// Who may be named; chosen is who was named in this field.
    pub people: Vec<Choice>,
}

/// What kind of unit a site says it is, for whoever takes that over or not.
#[derive(Debug, Clone, Default)]
pub struct SaidUnit {
    /// Digest of its report, hexadecimal.
    pub sha256: String,
    /// When the site made it.
    pub made: UtcMs,
    /// Its qualities.
    pub kinds: Vec<Text>,
    /// Places that its cameras cover.
    pub places: Vec<Text>,
    /// It was chosen.
    pub chosen: bool,
}

/// `GET /visits`: mine today; for a head those that wait for approval.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "visits.html")]
pub struct VisitsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The reader approves visits.
    pub approves: bool,
    /// Visits.
    pub cards: Vec<VisitCard>,
    /// The form for a new one.
    pub ask: Option<AskVisit>,
    /// Errors of the form.
    pub errors: FormErrors,
}

/// One item of the checklist.
#[derive(Debug, Clone, Default)]
pub struct ItemCard {
    /// Its word.
    pub id: String,
    /// The question.
    pub question: Text,
    /// When it is met.
    pub criterion: Text,
    /// How it is answered: `yes_no`, `number`, `choice`.
    pub kind: String,
    /// Answers to tick, with their words in the record; none for a number.
    pub answers: Vec<Choice>,
    /// Unit of a number and its bounds.
    pub unit: Text,
    /// Defects to tick.
    pub defects: Vec<Choice>,
    /// What the site's own report answers, in words; empty: it does not.
    pub auto: Text,
    /// The same as JSON of the record.
    pub auto_json: String,
    /// Clauses that ask it.
    pub citations: Vec<Citation>,
    /// All of them are lost text.
    pub gap: bool,
    /// Days that the checklist suggests for its order, 0: at once; empty: advice only.
    pub within: String,
}

/// How the end of a visit was typed.
#[derive(Debug, Clone, Default)]
pub struct Closing {
    /// Who signed for the unit.
    pub unit_name: Shown,
    /// Why the unit does not sign.
    pub reason: Shown,
    /// Who saw that.
    pub witness: Shown,
}

impl Closing {
    /// The unit does not sign.
    #[must_use]
    pub fn refuses(&self) -> bool {
        !self.reason.0.is_empty() || !self.witness.0.is_empty()
    }
}

/// Items under one heading.
#[derive(Debug, Clone, Default)]
pub struct ItemGroup {
    /// Heading.
    pub name: Text,
    /// Items.
    pub items: Vec<ItemCard>,
}

/// A photo that the server has.
#[derive(Debug, Clone, Default)]
pub struct PhotoLine {
    /// Its number.
    pub number: u32,
    /// What it belongs to, in words.
    pub what: Text,
    /// When it was taken.
    pub taken: UtcMs,
    /// Where, as the phone said, or that it did not say; empty: a signature, of which nobody asks.
    pub place: Text,
    /// Size, bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Who signs.
#[derive(Debug, Clone, Default)]
pub struct Signer {
    /// What the signature belongs to: `signature/…`.
    pub belongs: String,
    /// Name; of the unit's person it is typed.
    pub name: Shown,
    /// The signature is at the server.
    pub signed: bool,
    /// Another inspector than the reader: signs here with their own account.
    pub beside: bool,
}

/// A finding of a closed visit.
#[derive(Debug, Clone, Default)]
pub struct FindingLine {
    /// What is wrong.
    pub what: Text,
    /// The order that follows.
    pub order: Text,
    /// Clauses.
    pub clauses: Vec<Citation>,
}

/// How a visit ended.
#[derive(Debug, Clone, Default)]
pub struct EndedView {
    /// When.
    pub at: UtcMs,
    /// What follows, one sentence.
    pub follows: Text,
    /// What breaks a clause.
    pub findings: Vec<FindingLine>,
    /// What was advised.
    pub advice: Vec<Text>,
    /// A legal review comes before the order.
    pub review: bool,
    /// The unit did not sign.
    pub refused: bool,
    /// How the unit's code came in; empty: that was not kept.
    pub door: Text,
    /// It was typed far from every photo.
    pub far: bool,
    /// Provisional papers that were given out, and whether they are the same.
    pub offline: Vec<Text>,
}

/// A paper of a visit that was made.
#[derive(Debug, Clone, Default)]
pub struct AfterPaper {
    /// What it is.
    pub name: Text,
    /// Its number; empty: it has none.
    pub number: String,
    /// The file.
    pub href: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Whether it was delivered.
    pub state: State,
    /// That it was handed over can be entered.
    pub can_deliver: bool,
}

/// A text of the order that a phone drafted and the case has otherwise.
#[derive(Debug, Clone, Default)]
pub struct DraftLine {
    /// Word of the field.
    pub field: String,
    /// What it is called.
    pub name: Text,
    /// As the phone has it.
    pub phone: Shown,
    /// As it stands in the case; empty: nothing.
    pub case: Shown,
    /// The same as the form has it, to be sent back.
    pub was: Shown,
}

/// What is left to do at the door when the visit is over.
#[derive(Debug, Clone, Default)]
pub struct AfterView {
    /// Events of the case when the page was made.
    pub seen: u32,
    /// The form of the order; empty: it is not at that.
    pub order: String,
    /// Papers that can be made and are not.
    pub offers: Vec<PaperOffer>,
    /// Those that were made.
    pub made: Vec<AfterPaper>,
    /// Who takes the order, as the draft says; empty: it does not.
    pub taker: Shown,
    /// Where the draft of the phone and the form in the case differ: both are kept, a person chooses.
    pub differ: Vec<DraftLine>,
}

/// `GET /visits/{id}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "visit.html")]
pub struct VisitPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The visit.
    pub card: VisitCard,
    /// All visits of its case, the first one first; empty: it is the only one.
    pub parts: Vec<PartLine>,
    /// Name of the checklist.
    pub checklist: Text,
    /// Number on which it rests; empty: on its draw.
    pub basis: String,
    /// Who approved it, and the day; none: nobody yet.
    pub approved: Option<(Shown, String)>,
    /// How the visit of the unit before this one ended; none that the reader may know of.
    pub last: Option<LastLine>,
    /// Day of the notice; empty: not given yet.
    pub notice: String,
    /// Names of the inspectors.
    pub inspectors: Vec<Shown>,
    /// What is scanned or typed at the door: credit code of the unit, or its name.
    pub code: String,
    /// It is its credit code.
    pub coded: bool,
    /// Waits for this reader's approval.
    pub may_approve: bool,
    /// This reader may drop it, with the reason.
    pub may_drop: bool,
    /// Why it is to be dropped, as typed.
    pub drop_reason: Shown,
    /// Why it was dropped or not approved; none: it was not.
    pub dropped: Option<Shown>,
    /// It was not approved.
    pub refused: bool,
    /// Why it is not approved, as typed.
    pub refuse_reason: Shown,
    /// Somebody has signed the record.
    pub sealed: bool,
    /// Why the signatures are to be made void, as typed.
    pub unsign_reason: Shown,
    /// This reader may begin it now.
    pub may_begin: bool,
    /// The record is written by this reader.
    pub writes: bool,
    /// JSON: version and fields as the server has them.
    pub state: String,
    /// Version of the record.
    pub version: u32,
    /// The checklist.
    pub groups: Vec<ItemGroup>,
    /// How many items.
    pub items: u32,
    /// Photos at the server.
    pub photos: Vec<PhotoLine>,
    /// Who signs.
    pub signers: Vec<Signer>,
    /// The order to correct can be drafted: times to correct that orders usually give, days; empty: nothing is ordered by this visit.
    pub terms: Vec<u32>,
    /// Why these times: they are practice.
    pub terms_why: Text,
    /// The end as typed: what was just sent, else what the record has.
    pub closing: Closing,
    /// Who takes the order has signed the draft, and the picture is at the server.
    pub draft_signed: bool,
    /// The site's report: when it was made, how old in words, its digest, place of its entry.
    pub report: Option<(UtcMs, String, String, u64)>,
    /// How it ended.
    pub ended: Option<EndedView>,
    /// What is left to do at the door; none for who only looks on.
    pub after: Option<AfterView>,
    /// Errors.
    pub errors: FormErrors,
}

/// A camera of a site's report.
#[derive(Debug, Clone, Default)]
pub struct CameraLine {
    /// Name.
    pub name: String,
    /// What it covers.
    pub place: Text,
    /// Day of the oldest footage; empty: none.
    pub oldest: String,
    /// Days of the term; 0: none.
    pub term_days: u32,
    /// Gaps of the time looked at, ms.
    pub gaps_ms: i64,
    /// The longest that nothing explains, ms.
    pub longest_ms: i64,
    /// Clock error, ms.
    pub clock_error_ms: Option<i64>,
}

/// `GET /sites/{id}`: what a site last reported of itself.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "site_report.html")]
pub struct SiteReportPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Name of the site.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// When the site made it; none: it reported nothing yet.
    pub made: Option<UtcMs>,
    /// How old it is, ms.
    pub age_ms: i64,
    /// Digest that the site signed.
    pub sha256: String,
    /// Place of its entry.
    pub entry: u64,
    /// Clock error of the site, ms.
    pub clock_error_ms: Option<i64>,
    /// Days over which gaps are told.
    pub gap_days: i32,
    /// How many cameras are in service.
    pub cameras_in_service: u32,
    /// Cameras.
    pub cameras: Vec<CameraLine>,
    /// Duties: name, state, day.
    pub duties: Vec<(Text, State, String)>,
}
