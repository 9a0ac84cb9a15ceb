//! The corridor of casework: who acts, what the engine and the law say, what follows, one transaction.
//!
//! ```text
//! By (account, role) ─▶ who: permission, seat, office or party
//!        begin ─▶ services ─▶ competent office ─▶ engine `open` ─────────────┐
//!        act   ─▶ load: rows ─▶ events ─▶ Case                               │
//!                  uploads (size, kind, disguise) ─▶ papers                  │
//!                  law: facts of the case ─▶ gate ─ refuses ─▶ act.refused   │
//!                  engine `decide` ─ refuses ─▶ told, nothing is changed     ▼
//!                  follow: rows of registers, publication, head, clocks ─▶ Store::add_events (one transaction)
//!        read  ─▶ worklist, case, my_cases, status; an applicant sees their own party's only, and nothing internal
//!        documents ─▶ facts, number, press ─▶ act with the PDF; delivered; void · wording ─▶ the words by which they are found
//!        payments, bill, chain ─▶ what is owed, and the cases that may follow · contested ─▶ what was annulled
//!        footage ─▶ orders to a site, in the act's transaction
//!        plans ─▶ plan, pool, draw, a case for each drawn unit (the fieldwork: `crate::visits`)
//!        covered ─▶ which place has a system, which has none, what an officer settles
//!        registers, imports ─▶ rows by hand, rows from a file · own_rows ─▶ rows of holds, alarms and money
//!        exchange ─▶ filings out · handed ─▶ applications in · find, numbers, supervise ─▶ reads
//!        delegations ─▶ a head's decision in writing to somebody else · absences ─▶ who stands in
//!        daily ─▶ recount: clocks that went by or may have moved · bulletins of periods that are over · footage that may be let go
//! ```
//!
//! Always true: nobody without an office acts for an organ, nobody without a party for themselves; a case is known only to its party, its
//! office and those who supervise; a decision of ours is asked of the law gate with facts that the events of the case bear out, and what the
//! gate refuses is entered; an act, its papers and all that follows from it are one transaction; no procedure is known here by name.

mod absences;
mod act;
mod applicant;
mod awaiting;
mod bans;
mod bill;
mod bulletin;
mod cancelled;
mod chain;
mod complaints;
mod contested;
mod covered;
mod daily;
mod delegations;
mod documents;
mod doubts;
mod exchange;
mod expected;
mod find;
mod follow;
mod footage;
#[cfg(test)]
mod footage_tests;
mod grounds;
mod handed;
mod hearing;
pub mod imports;
mod issued;
mod joining;
mod law;
mod life;
mod meant;
pub mod numbers;
mod office_facts;
mod offices;
mod open;
mod own_rows;
mod panel;
mod parties;
mod payments;
mod persons;
pub mod plans;
mod promises;
mod read;
mod recusal;
mod register_states;
mod registers;
mod reveal;
mod row_files;
mod row_keys;
mod rows;
mod shares;
mod showing;
#[cfg(test)]
mod showing_tests;
mod supervise;
#[cfg(test)]
mod tests;
mod tried;
mod upload;
mod visited;
mod waiting;
mod who;
mod wording;

pub use absences::AbsenceForm;
pub use act::{Acted, Attached};
pub use awaiting::{AWAITED, Awaits, Unpublished, UnpublishedPage};
pub use bill::{Bill, Deferral, Halted, MoneyLine, Receipt, Resuming, Reversal, StillCause, Stopping};
pub use bulletin::{Every, Period, last_period};
pub use chain::{Carried, Linked};
pub use complaints::{Complaint, complaint_fields};
pub use contested::Annulment;
pub use covered::{
    Classes, HANDED, OFFERED, PLACE_FIELD, PlaceForm, PlaceView, PlacesHanded, is_of_places, is_of_systems,
    place_as_named, settling_grounds,
};
pub use delegations::DelegationForm;
pub(crate) use documents::APPROVAL;
pub use documents::{Delivery, Made};
pub use doubts::Doubt;
pub use exchange::{FILING_CLAUSE, FILINGS, Filing, FilingField};
pub use find::{FOUND, Finding, Hit};
pub use footage::{AppointmentForm, FootageForm, FootageOrder};
pub use grounds::{GroundCount, LOOKED_AT as GROUNDS_LOOKED_AT};
pub use handed::{Defect, Filled, HandedIn, KEY_CHARS, Supplied, Supply, Taken, optional_steps, steps_of_application};
pub use issued::IssuedPaper;
pub use joining::{JoinForm, Joinable, join_papers};
pub use life::{Happened, Life, OWN_CASES, Today};
pub use meant::{Meant, Unheld};
pub use office_facts::OfficeFacts;
pub use offices::{OfficeForm, OfficerForm};
pub use open::{Beginning, Begun, Service};
pub(crate) use own_rows::ReportOf;
pub use own_rows::{has_own_rows, own_columns};
pub use panel::ExpertLine;
pub use parties::{PartyForm, answers, known_of_form, number_fault, party_fields};
pub use promises::{PROMISE_MOST, Promises, promise_most, promise_unit, promised_clock, promised_day};
pub use read::{CasePage, CaseView, LISTED, Line, Status, WorkPage};
pub use recusal::{BelowLine, RecusalWay, Settling, WAITING};
pub use registers::{REASON_KEY, RowEnd, RowForm, row_columns, row_typed};
pub use reveal::{Revealed, RevealedLine, opens_as_words, reveal_reasons, role_sees_persons};
pub use row_files::{RowFiles, file_reasons};
pub use shares::{Corrections, Inspected, Kept, Share};
pub use supervise::{Deed, ENDED_LOOKED_AT, FarDoor, LATE_BACK_DAYS, LateDecision, Supervision, Visit};
pub use upload::{MOST_UPLOADS, Upload};
pub use visited::{by_visit, is_by_visit, is_on_record};
pub use waiting::{LYING, WaitingCase};
pub(crate) use who::not_kept_out;

use base::{ErrorKind, Refusal, Text};

/// What was stored does not make a case, or a case does not make what is to be stored: a fault of the program or of the rows.
fn fault(what: &impl std::fmt::Display) -> Refusal {
    tracing::error!(%what, "a case cannot be read or written");
    Refusal::new(
        ErrorKind::Internal,
        "case_unreadable",
        Text::new("案卷的记录不能读出，操作没有执行。", "The case's entries cannot be read; nothing was done."),
        Text::new("请系统管理员查看服务器日志。", "The administrator should read the server's log."),
    )
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn no_case() -> Refusal {
    Refusal::not_found("该案件", "case")
}
