//! Visits of inspections: asked for by an officer, approved by a head, begun at the door by two inspectors, filled in on phones, closed.
//!
//! ```text
//! case of a drawn unit, or one of a complaint, a campaign, an order ─▶ ask_visit ─▶ approve_visit (plan of the year, cap, another person)
//!    ─▶ begin_visit (day, notice, certificates, the site's own report)
//!    ─▶ save_visit (record::join: merged or conflicts) · add_photo (digest checked) ─▶ close_visit
//!         answers ─▶ inspection::judge ─▶ step of the case through Authority::act_of_visit ─▶ visit closed with signatures and findings
//!    void_signatures: what was signed is changed only after that, with the reason; a supplement is added without
//!    draft_order: what a phone wrote of the order before it heard of the end joins the form of the case; the desk's text stands
//!    drop_visit: what has not begun does not take place (taken back, refused, called off), what has and can be closed no more is broken off;
//!                another may be asked for
//! ```
//!
//! Always true: who approves is neither asker nor inspector; only the inspectors write, those who need not keep out, and only while it is open;
//! what one phone wrote is never overwritten by another; what the site's signed report answers is answered otherwise only with a remark; a visit
//! is closed only with every item answered, the unit's code scanned in or typed, every inspector's signature, and the unit's or a refusal with a
//! witness; a paper that a phone gave out before that has no number, and the record says whether it is still the same. A crash between the step of
//! the case and the end of the visit leaves the visit open; closing it again does not do the step twice.

mod act;
mod approve;
mod close;
mod door;
mod draft;
mod drop;
mod facts;
mod offline;
pub(crate) mod order;
mod paper;
mod plan;
mod read;
pub mod record;
mod signed;
#[cfg(test)]
mod tests;

pub use act::{CLOSE, NewPhoto, Saved, door_code, is_code};
pub use close::{BreachLine, CloseForm, Ended, UnitSide};
pub use door::Door;
pub use draft::{DRAFT, DRAFTED, DraftKept, ITEMS, TAKER, drafted, order_form};
pub use facts::{Approved, DrawnFrom, Dropped, Facts, UnitKept, VisitForm, VisitState, Voided};
pub use offline::OfflinePaper;
pub use plan::{Reported, VisitOffer};
pub use read::{ItemView, LastVisit, ReportView, VisitLine, VisitView};
pub use signed::is_sealed;

use base::{ErrorKind, Refusal, Text};

/// Steps that a visit does.
pub(crate) const INSPECT: &str = "inspect";
/// The second look.
pub(crate) const INSPECT_AGAIN: &str = "inspect_again";
/// The order that may follow.
pub(crate) const ORDER: &str = "order";
/// A head gives more time to correct.
pub(crate) const EXTEND: &str = "extend_order";
/// The unit says that it is corrected.
pub(crate) const REPLY: &str = "reply";
/// The notice before it.
pub(crate) const NOTICE: &str = "notice";

/// A note of the inspectors in the record.
const NOTE: &str = "note";
/// The field of the record that is still written when it is signed.
const SUPPLEMENT: &str = "supplement";
/// Before the number of the time that signatures were made void, in the record: why. No phone writes it.
const VOID: &str = "void/";

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

fn bad(code: &str, what: Text) -> Refusal {
    Refusal::bad_input(code, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn no_visit() -> Refusal {
    Refusal::not_found("这次检查", "visit")
}

/// What was stored does not read.
fn unreadable(what: &str) -> Refusal {
    tracing::error!(what, "a visit cannot be read or written");
    Refusal::new(
        ErrorKind::Internal,
        "visit_unreadable",
        Text::new("检查记录不能读出，操作没有执行。", "The record of the visit cannot be read; nothing was done."),
        Text::new("请系统管理员查看服务器日志。", "The administrator should read the server's log."),
    )
}

/// Somebody was first.
pub(crate) fn moved_on() -> Refusal {
    conflict(
        "visit_moved_on",
        Text::new(
            "检查记录在此期间有了变化，操作没有执行。",
            "The visit has changed in the meantime; nothing was done.",
        ),
        Text::new("请刷新页面后再试。", "Reload the page and try again."),
    )
}
