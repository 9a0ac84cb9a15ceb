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
//!        documents ─▶ facts, number, press ─▶ act with the PDF; delivered; void
//!        payments, chain ─▶ what is owed of a fine, and the cases that may follow · footage ─▶ orders to a site, in the act's transaction
//!        plans ─▶ plan, pool, draw, a case for each drawn unit (the fieldwork: `crate::visits`)
//!        registers, imports ─▶ rows by hand, rows from a file · exchange ─▶ filings out, applications in · find, numbers, supervise ─▶ reads
//!        daily ─▶ recount: clocks that went by or may have moved · bulletins of periods that are over · footage that may be let go
//! ```
//!
//! Always true: nobody without an office acts for an organ, nobody without a party for themselves; a case is known only to its party, its
//! office and those who supervise; a decision of ours is asked of the law gate with facts that the events of the case bear out, and what the
//! gate refuses is entered; an act, its papers and all that follows from it are one transaction; no procedure is known here by name.

mod absences;
mod act;
mod applicant;
mod bans;
mod bulletin;
mod chain;
mod complaints;
mod daily;
mod documents;
mod exchange;
mod expected;
mod find;
mod follow;
mod footage;
#[cfg(test)]
mod footage_tests;
mod hearing;
pub mod imports;
mod joining;
mod law;
pub mod numbers;
mod office_facts;
mod offices;
mod open;
mod parties;
mod payments;
mod persons;
pub mod plans;
mod promises;
mod read;
mod registers;
mod reveal;
mod rows;
mod showing;
#[cfg(test)]
mod showing_tests;
mod supervise;
#[cfg(test)]
mod tests;
mod tried;
mod upload;
mod who;

pub use absences::AbsenceForm;
pub use act::{Acted, Attached};
pub use bulletin::{Every, Period, last_period};
pub use chain::{Carried, Linked};
pub use complaints::{Complaint, complaint_fields};
pub(crate) use documents::APPROVAL;
pub use documents::{Delivery, Made};
pub use exchange::{FILING_CLAUSE, FILINGS, Filing, FilingField, HandedIn, KEY_CHARS};
pub use find::{FOUND, Finding, Hit};
pub use footage::{AppointmentForm, FootageForm, FootageOrder};
pub use joining::{JoinForm, Joinable, join_papers};
pub use office_facts::OfficeFacts;
pub use offices::{OfficeForm, OfficerForm};
pub use open::{Beginning, Begun, Service};
pub use parties::{PartyForm, party_fields};
pub use payments::{Bill, Deferral, MoneyLine, Receipt, Resuming, StillCause, Stopping};
pub use promises::{PROMISE_MOST, Promises, promise_most, promise_unit, promised_clock, promised_day};
pub use read::{CasePage, CaseView, LISTED, Line, Status, WorkPage};
pub use registers::{REASON_KEY, RowEnd, RowForm, row_columns, row_typed};
pub use reveal::{Revealed, RevealedLine, opens_as_words, reveal_reasons, role_sees_persons};
pub use supervise::{Supervision, Visit};
pub use upload::{MOST_UPLOADS, Upload};
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
