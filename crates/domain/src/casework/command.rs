//! What somebody wants to do in a case: one [`CaseAct`] for every event, with the number of events on which it was made.
//!
//! Forms come as they were typed; `decide` checks them against the fields of the procedure. What persons wrote is printed by no `Debug`.

use super::delegation::Deputy;
use super::event::{Channel, Missing, PaperKind, Way};
use super::panel::PanelChange;
use crate::payment::Part;
use base::{AccountId, CaseId, CivilDate, ClauseId, Lang, OfficeId, PartyId, Refusal, Sha256};
use law::StopCause;
use std::collections::BTreeMap;

/// A form as it was typed: field id to text.
pub type Typed = BTreeMap<String, String>;

/// A case to be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The office that handles it.
    pub office: OfficeId,
    /// The day whose law decides; online it is today.
    pub facts_on: CivilDate,
    /// How it comes in.
    pub channel: Channel,
    /// Who applies, or whom it is about.
    pub party: Option<PartyId>,
    /// Short name for lists.
    pub title: String,
    /// The case that it comes from; none: it stands by itself.
    pub from_case: Option<CaseId>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opening({} on {})", self.channel.code(), self.facts_on)
    }
}

/// An act on a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// Events of the case when the person saw it: with more, it is refused.
    pub seen: u32,
    /// What is to be done.
    pub act: CaseAct,
}

/// What is to be done. `on` is the day on which it happened: not to come, and not before what it follows.
#[derive(Clone, PartialEq, Eq)]
pub enum CaseAct {
    /// Keep what is filled in so far.
    Fill {
        /// Step or outcome.
        step: String,
        /// The form; what is empty is not looked at.
        typed: Typed,
    },
    /// Hand a paper in.
    GivePaper {
        /// Material, or the step or outcome that it is the paper of.
        material: String,
        /// Digest of its bytes.
        sha256: Sha256,
        /// Size.
        bytes: u64,
        /// What it is.
        kind: PaperKind,
        /// Its file's name.
        name: Option<String>,
    },
    /// Give a paper back.
    ReturnPaper {
        /// Which.
        sha256: Sha256,
        /// Why.
        reason: String,
    },
    /// Name everything that is missing.
    AskForRest {
        /// Materials.
        materials: Vec<Missing>,
        /// Fields.
        fields: Vec<Missing>,
        /// The day.
        on: CivilDate,
        /// Last day that the party has to complete it, where the office sets one; not before today.
        until: Option<CivilDate>,
    },
    /// Do a step.
    Done {
        /// Which.
        step: String,
        /// Its form.
        typed: Typed,
        /// In words; may be empty.
        note: String,
        /// The officers who did it.
        officers: Vec<AccountId>,
        /// The day.
        on: CivilDate,
    },
    /// Propose a decision.
    Propose {
        /// Which.
        outcome: String,
        /// Its form.
        typed: Typed,
        /// Why.
        reasons: String,
        /// On what ground.
        clauses: Vec<ClauseId>,
    },
    /// Send the proposal back.
    SendBack {
        /// Why.
        reasons: String,
    },
    /// Make the legal review of the proposal.
    Review {
        /// It holds.
        passed: bool,
        /// The opinion; needed where it does not hold.
        opinion: String,
        /// The form of the step `legal_review`, where the procedure has one.
        typed: Typed,
    },
    /// Decide. Form, reasons and clauses that are left empty are those of the proposal; the head decides what was proposed or sends it back.
    Decide {
        /// How.
        outcome: String,
        /// Its form.
        typed: Typed,
        /// Why.
        reasons: String,
        /// On what ground.
        clauses: Vec<ClauseId>,
        /// The officers, where several must.
        officers: Vec<AccountId>,
        /// The day.
        on: CivilDate,
    },
    /// Let a clock stand still.
    StopClock {
        /// Which.
        clock: String,
        /// What lets it.
        cause: StopCause,
        /// In words.
        reason: String,
        /// First day that does not count.
        from: CivilDate,
    },
    /// Let a clock go on.
    ResumeClock {
        /// Which.
        clock: String,
        /// In words.
        reason: String,
        /// Last day that does not count.
        to: CivilDate,
    },
    /// Give leave to extend a clock.
    ExtendClock {
        /// Which.
        clock: String,
        /// Why.
        reason: String,
        /// Day of the leave.
        on: CivilDate,
    },
    /// Give leave to do later, or in parts, what a clock sets a day for.
    Defer {
        /// Which clock.
        clock: String,
        /// Day of the leave.
        on: CivilDate,
        /// Day on which the party asked for it.
        asked_on: CivilDate,
        /// The parts, by their days.
        parts: Vec<Part>,
        /// Why.
        reasons: String,
    },
    /// Take back the step by which a fine is paid: what was entered is wrong.
    TakeBack {
        /// Which.
        step: String,
        /// Why.
        reasons: String,
    },
    /// Name who handles it.
    Assign {
        /// Who.
        to: AccountId,
    },
    /// Ask that somebody keep out of the case.
    AskRecusal {
        /// Who.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// Decide on that.
    SettleRecusal {
        /// Who.
        account: AccountId,
        /// They keep out.
        granted: bool,
        /// Why, or why not.
        reason: String,
    },
    /// Enter what an organ above decided on that in writing, where no head of an office here can.
    EnterRecusal {
        /// Who.
        account: AccountId,
        /// They keep out.
        granted: bool,
        /// Why, or why not, in the words of the decision.
        reason: String,
        /// The organ that decided.
        organ: String,
        /// Number of its decision.
        number: String,
        /// Day of its decision.
        on: CivilDate,
    },
    /// Change the panel of experts, or enter what a member of it declared or said.
    Panel {
        /// What; words as they were typed.
        change: PanelChange,
    },
    /// A document was made.
    MakeDocument {
        /// Its kind in the catalogue of documents.
        kind: String,
        /// Its number.
        number: String,
        /// Digest of its bytes.
        sha256: Sha256,
        /// Pages.
        pages: u32,
        /// The language that it is written in.
        lang: Lang,
    },
    /// A document was delivered.
    Deliver {
        /// Digest of the document.
        document: Sha256,
        /// How.
        way: Way,
        /// The day.
        on: CivilDate,
        /// Of a public notice: the day on which it was given.
        notice: Option<CivilDate>,
    },
    /// A document counts no more.
    VoidDocument {
        /// Digest of the document.
        document: Sha256,
        /// Why.
        reason: String,
    },
    /// It was entered in a register of its outcome.
    Register {
        /// Word of the register.
        register: String,
        /// The row.
        row: String,
    },
    /// It was published where its outcome is published.
    Publish {
        /// Word of the publication.
        publication: String,
        /// The row.
        row: String,
    },
    /// What was published is withdrawn.
    WithdrawPublication {
        /// Word of the publication.
        publication: String,
        /// The row.
        row: String,
        /// Why; published too.
        reasons: String,
    },
    /// The packs in use decide from now on.
    ChangeLaw,
    /// Put the day right whose law decides.
    ChangeFacts {
        /// The right day.
        on: CivilDate,
        /// Why.
        reasons: String,
    },
    /// Give the application up.
    Abandon {
        /// Why; may be empty.
        reasons: String,
    },
    /// Correct a slip of the pen.
    Correct {
        /// Number of the event that holds it.
        index: u32,
        /// What is right.
        what: String,
        /// How it came.
        reasons: String,
    },
    /// Put right what was filled in wrongly at a step of the office.
    CorrectValue {
        /// The field.
        field: String,
        /// What is right, as it would be typed into the form.
        typed: String,
        /// How it came.
        reasons: String,
    },
    /// Note something.
    Note {
        /// In words.
        words: String,
    },
}

impl CaseAct {
    /// Its stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Fill { .. } => "fill",
            Self::GivePaper { .. } => "give_paper",
            Self::ReturnPaper { .. } => "return_paper",
            Self::AskForRest { .. } => "ask_for_rest",
            Self::Done { .. } => "done",
            Self::Propose { .. } => "propose",
            Self::SendBack { .. } => "send_back",
            Self::Review { .. } => "review",
            Self::Decide { .. } => "decide",
            Self::StopClock { .. } => "stop_clock",
            Self::ResumeClock { .. } => "resume_clock",
            Self::ExtendClock { .. } => "extend_clock",
            Self::Defer { .. } => "defer",
            Self::TakeBack { .. } => "take_back",
            Self::Assign { .. } => "assign",
            Self::AskRecusal { .. } => "ask_recusal",
            Self::SettleRecusal { .. } => "settle_recusal",
            Self::EnterRecusal { .. } => "enter_recusal",
            Self::Panel { .. } => "panel",
            Self::MakeDocument { .. } => "make_document",
            Self::Deliver { .. } => "deliver",
            Self::VoidDocument { .. } => "void_document",
            Self::Register { .. } => "register",
            Self::Publish { .. } => "publish",
            Self::WithdrawPublication { .. } => "withdraw_publication",
            Self::ChangeLaw => "change_law",
            Self::ChangeFacts { .. } => "change_facts",
            Self::Abandon { .. } => "abandon",
            Self::Correct { .. } => "correct",
            Self::CorrectValue { .. } => "correct_value",
            Self::Note { .. } => "note",
        }
    }

    /// It may still be done after the application was given up; as `Event::winds_up`.
    #[must_use]
    pub const fn winds_up(&self) -> bool {
        matches!(
            self,
            Self::ReturnPaper { .. }
                | Self::MakeDocument { .. }
                | Self::Deliver { .. }
                | Self::VoidDocument { .. }
                | Self::Correct { .. }
                | Self::Note { .. }
        )
    }
}

impl std::fmt::Debug for CaseAct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseAct({})", self.code())
    }
}

/// What the caller has established for this act.
#[derive(Clone, Copy, Debug)]
pub struct Checks<'a> {
    /// The officers of the case's office, each with the last day of the enforcement certificate.
    pub officers: &'a BTreeMap<AccountId, Option<CivilDate>>,
    /// What the law gate refuses about this act; `None` where it allows it, or is not asked.
    pub law: Option<&'a Refusal>,
    /// Officers who are absent today and for whom the person stands in.
    pub stands_for: &'a [AccountId],
    /// The unit outside did it itself, and its signed answer stands in the log: of the using unit's step of a viewing that answer is the paper.
    pub unit_answered: bool,
    /// Who may decide whether a head keeps out; needed for that alone.
    pub heads: Heads<'a>,
}

/// The heads of the office of a case, and the office above that decides about them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heads<'a> {
    /// Heads of the office of the case.
    pub own: &'a [AccountId],
    /// The nearest office above it that has a head who need not keep out of the case; none: no head of this server is above them.
    pub above: Option<OfficeId>,
    /// The person acts in a head's place, by a delegation that holds today.
    pub deputy: Option<Deputy<'a>>,
}
