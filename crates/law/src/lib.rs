//! Law packs and the gate: what applies here, on this day, and why.
//!
//! What flows through: files of `law/` (path and text) -> [`Packs`] (checked: every reference holds) -> [`Gate`] (policies
//! sorted by jurisdiction, day and act) -> [`Answer`] to a [`Question`], or [`Retention`] of a place. Beside it: [`Procedure`] and
//! [`WorkCalendar`] -> [`Deadline`], what is due by when.
//!
//! Invariants: an answer is a function of question and day alone; a refusal by law names the clauses that refuse; a number that
//! a law could change stands in the packs, with its date, and never here; a fault inside a policy refuses, it never allows.
//! What this crate does not know: accounts, roles, cameras, files, clocks. Two different officers, a shown badge, a registered
//! reason are facts that the caller has established and hands in.

mod act;
mod answer;
mod beside;
mod carrier;
mod cases;
mod check;
mod checklist;
#[cfg(test)]
mod checklist_tests;
mod clock;
mod clock_cases;
#[cfg(test)]
mod clock_tests;
mod coverage;
mod crossref;
mod deadline;
mod digest;
mod division;
mod embedded;
mod error;
mod exchange_names;
mod explain;
mod facts;
mod form;
mod form_check;
mod gate;
mod jurisdictions;
mod load;
#[cfg(test)]
mod mutation_tests;
mod not_offered;
mod obligation;
mod on_register;
mod own_rule;
mod pack;
mod part;
mod penalty;
mod penalty_answer;
mod place;
mod place_rules;
mod policy;
mod procedure;
mod procedure_load;
mod readings;
mod register_form;
mod remedy;
mod retention;
mod row_filter;
mod row_state;
mod sanction;
mod sanction_cases;
#[cfg(test)]
mod sanction_mutation_tests;
mod site;
mod status;
mod text;
mod words;
mod workday;
#[cfg(test)]
mod workday_tests;

pub use act::{
    Act, ActKind, AlarmReport, BasisKind, CaseDecision, Change, CitizenBasis, CitizenViewing, Closing, Deletion,
    DoorOpening, EmergencyUse, Engagement, EvidenceRetrieval, Fining, Guarding, HandOut, HoldRelease, Installer,
    Networking, OfficialAccess, OrganKind, OwnUse, Placement, Publication, Question, RecordPublication,
    RecordWithdrawal, Relation, Relocation, Removal, Revocation, Silencing, SoundUse, StartOfUse, Tampering,
    Verification, Works,
};
pub use answer::{Answer, Due, Duty, Missing};
pub use beside::{Beside, Met};
pub use carrier::{Carrier, Carriers, ListedCarrier};
pub use cases::CaseFailure;
pub use check::{Finding, FindingKind, Judged, KNOWN_FILE, Severity};
pub use checklist::{
    AnswerKind, AskedItem, CheckCategory, Checklist, ChecklistItem, Correction, CorrectionLimits, Gravity, ItemChoice,
    ItemDefect, LeftKinds, MEASURES,
};
pub use clock::{ClockDue, ClockError, ClockRun};
pub use coverage::{CarrierState, Coverage};
pub use deadline::{
    Count, CountError, Counting, Deadline, Direction, Earlier, Falls, Leg, Reminder, Sense, Stop, StopCause, TermUnit,
    count,
};
pub use digest::LawDigest;
pub use division::{Division, DivisionFault, DivisionWhy};
pub use embedded::files as embedded_files;
pub use error::PackError;
pub use exchange_names::{ExchangeName, ExchangeSystem};
pub use explain::{Explained, Sentence, explain, questions};
pub use form::{AskedWhen, Field, FieldChoice, FieldKind};
pub use gate::Gate;
pub use not_offered::NotOffered;
pub use obligation::{CameraReach, Ground, ObligationDue, ObligationRule, Owed, Probe, UnitFacts};
pub use on_register::OnRegister;
pub use own_rule::{OwnRule, OwnSpan, StepDue};
pub use pack::{
    Actor, AfterTermRule, Clause, DatedValue, DutyRule, Level, Modality, Overlay, OverlayRule, Pack, PackHead, Packs,
    PenaltyLink, PenaltyRef, RefusalText, RetentionScope, Status, TextKind,
};
pub use part::ArticlePart;
pub use penalty::PenaltyQuestion;
pub use penalty_answer::{
    AmountGrounds, Applied, AppliedMeasure, BoundBy, Displaced, Ended, Fine, Hearing, Penalty, TimeBar, Unaddressed,
};
pub use place::PlaceKind;
pub use place_rules::{PlaceCategory, PlaceFile, PlaceReach, PlaceRow, PlaceRule, PlaceSays, PlaceSite, PlaceSubject};
pub use procedure::{
    Answered, ApartFrom, Clock, Condition, Exclusion, Expectation, Extension, Guard, HandsOut, HoldRule, Length,
    Material, Outcome, PanelRule, Party, Procedure, ProcedureKind, Step, StopRule, ViewingRule, When,
};
pub use readings::{Choice, Chosen, FlawKind, ReadingDecision, ReadingEntry, chosen_of};
pub use register_form::RegisterForm;
pub use retention::{AfterTerm, Retention, Term};
pub use row_state::{NotInForce, RowStanding, RowState, made_by};
pub use sanction::{
    Band, BreachRef, Fined, Grade, Measure, MeasureKind, Order, ReviewReason, Sanction, SanctionOverlay, SanctionRule,
};
pub use site::{Jurisdiction, SiteProfile, SpecialTrade};
pub use text::Article;
pub use workday::{DayKind, Holiday, Notice, WorkCalendar};
