//! The order to correct of an inspection as its case has it: what was found by the visit before, until when, extended, and what came back.
//!
//! Steps and clocks of the case, findings of the visit ─▶ `inspection::Order` ─▶ may it be extended, may the unit be looked at again. Always true:
//! no day is added here, the clocks of the procedure count; what was set to no day at all is to be corrected at once.

use super::{BreachLine, EXTEND, Ended, ORDER, REPLY};
use crate::Authority;
use crate::cases::CaseView;
use base::{CaseId, CivilDate, Refusal};
use domain::inspection::{Extension, Limit, Order, OrderedDefect};
use store::visits::VisitRow;

/// The last visit of a case that ended, and how.
pub(crate) struct Found {
    /// The visit.
    pub row: VisitRow,
    /// How it ended.
    pub ended: Ended,
}

/// The last day of what a step of the case started, and the number of days that it set.
fn limit_of(view: &CaseView, step: &str) -> (Option<CivilDate>, Option<u32>) {
    let Some(clock) = view.procedure().clocks.iter().find(|c| c.starts == step) else { return (None, None) };
    let day = view.clocks().into_iter().find(|c| c.id == clock.id).and_then(|c| c.day());
    (day, view.case.done(step).and_then(|done| done.set.get(&clock.id).copied()))
}

/// The order that stands in a case; none where none was served, or nothing was found that it could rest on.
pub(crate) fn standing(view: &CaseView, breaches: &[BreachLine]) -> Option<Order> {
    let served = view.case.done(ORDER).filter(|_| !breaches.is_empty())?;
    let limit = match limit_of(view, ORDER) {
        (_, Some(0)) | (None, _) => Limit::AtOnce,
        (Some(day), _) => Limit::By(day),
    };
    let later = view.case.done(EXTEND).filter(|done| done.index > served.index);
    let extension = later.and_then(|done| {
        let until = limit_of(view, EXTEND).0?;
        Some(Extension { on: done.on, until, reasons: done.note.clone() })
    });
    let defects = breaches.iter().map(|b| OrderedDefect {
        item: b.item.clone(),
        defects: b.defects.clone(),
        clauses: b.clauses.clone(),
    });
    Some(Order { served_on: served.on, limit, defects: defects.collect(), extension })
}

/// The day on which the unit said that it is corrected, since the order was served.
pub(crate) fn replied(view: &CaseView) -> Option<CivilDate> {
    let served = view.case.done(ORDER)?;
    view.case.done(REPLY).filter(|done| done.index > served.index).map(|done| done.on)
}

impl Authority {
    /// The last visit of a case that ended.
    pub(crate) async fn last_found(&self, case: CaseId) -> Result<Option<Found>, Refusal> {
        for row in self.store().visits_of_case(case).await? {
            if let Some(text) = &row.ended {
                let ended = Ended::read(text.expose())?;
                return Ok(Some(Found { row, ended }));
            }
        }
        Ok(None)
    }
}
