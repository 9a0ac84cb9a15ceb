//! Inspections of units: who may visit, what was found, which order follows, when it is looked at again, how two records become one.
//!
//! ```text
//! Plans of the year ─▶ joined ─▶ visits of the year ─▶ within_plan ─▶ approval, notice ─▶ may_visit ─▶ Leave (which visit of how many)
//! Inspector × 2 ─▶ check_inspectors
//! law::AskedItem + Answers (the site's own report fills in what it can) ─▶ judge ─▶ Findings ─▶ Order ─▶ may_look_again ─▶ Outcome
//! Signatures, each by the own account (of the unit: or a refusal with a witness) ─▶ check_signatures; what is signed ─▶ may_change
//! base, mine, theirs ─▶ merge ─▶ Merged | Conflicts, field by field
//! draft of an order on a phone, the form of the case ─▶ join_draft ─▶ the desk's text stands, both are told
//! site: SelfReport ─▶ signed message ─▶ SiteReport ─▶ prefill
//! ```
//!
//! Always true: no visit without an approval by somebody else; a cap is data of the plan and is told with the count; an order rests on a
//! clause; an order is extended once and before it ends; nothing that somebody wrote is overwritten by a merge. Facts and days are
//! arguments; numbers that a law sets too.

mod draft;
mod findings;
mod inspectors;
mod merge;
mod order;
mod record;
mod self_report;
#[cfg(test)]
mod tests;
mod visit;

pub use draft::{Drafted, join_draft};
pub use findings::{
    Advice, Answer, AnswerFault, Answered, Answers, Breach, Findings, Follows, SiteReport, judge, prefill,
};
pub use inspectors::{Certificate, Inspector, check_inspectors};
pub use merge::{Conflict, FIELDS, Merge, Side, merge, resolve};
pub use order::{Extension, Limit, Order, OrderedDefect, Outcome, may_order};
pub use record::{Drawn, REFUSAL_CHARS, Signature, Signatures, Signer, check_signatures, may_change};
pub use self_report::{CameraReport, DutyReportLine, GAP_DAYS, REPORT_CAMERAS, SELF_REPORT_VERSION, SelfReport};
pub use visit::{Approval, Asked, Leave, Notice, Plan, PlanItem, Visit, VisitKind, may_visit, within_plan};
