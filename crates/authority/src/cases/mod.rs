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
//!        daily ─▶ recount: clocks that went by or may have moved
//! ```
//!
//! Always true: nobody without an office acts for an organ, nobody without a party for themselves; a case is known only to its party, its
//! office and those who supervise; a decision of ours is asked of the law gate with facts that the events of the case bear out, and what the
//! gate refuses is entered; an act, its papers and all that follows from it are one transaction; no procedure is known here by name.

mod act;
mod complaints;
mod daily;
mod follow;
mod law;
mod offices;
mod open;
mod parties;
mod read;
mod rows;
#[cfg(test)]
mod tests;
mod upload;
mod who;

pub use act::{Acted, Attached};
pub use complaints::{Complaint, complaint_fields};
pub use offices::{OfficeForm, OfficerForm};
pub use open::{Beginning, Begun, Service};
pub use parties::{PartyForm, party_fields};
pub use read::{CaseView, LISTED, Line, Status, WorkPage};
pub use upload::{MOST_UPLOADS, Upload};

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
