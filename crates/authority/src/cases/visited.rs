//! What visits ask of an act in the case of an inspection, before the engine and the law are asked.
//!
//! ```text
//! inspect, inspect_again ─▶ refused: only `close_visit` does them (`act_of_visit`)
//! order                  ─▶ inspection::may_order: a legal review before what rests on lost text alone
//! extend_order           ─▶ a day not before what was last done of the order, and not to come ─▶ inspection::Order::extend: once, in time, to a
//!                           later day, with reasons
//! to_penalty             ─▶ not corrected when the time was over, or a clause that fines without an order first
//! any other outcome      ─▶ nothing was found at the last visit
//! a corrected value      ─▶ none that a visit or an order entered: the record is signed, and the unit was told its time
//! giving the case up     ─▶ not while its inspectors are at the unit; after a visit that found something a head only, with reasons
//! ```
//! Always true: nobody was inspected without leave, cap, scan, checklist and signatures: the steps `inspect` and `inspect_again` come from the
//! end of a visit and from nothing else, and their forms are not filled in beforehand either; what the law lets the unit correct first is handed
//! on to a penalty only when the time for it has passed; an inspection ends well only where its last visit found nothing; what is refused by law is
//! an entry. Of a case that somebody may not know of nothing is said here; what is no step or outcome of an inspection is not looked at.

use super::{CaseView, bad};
use crate::visits::order::standing;
use crate::visits::{EXTEND, Ended, INSPECT, INSPECT_AGAIN, ORDER, VisitState};
use crate::{Authority, By};
use base::{CaseId, Citation, CivilDate, ClauseId, ErrorKind, Refusal, Text};
use domain::access::Permission;
use domain::casework::{CaseAct, Typed};
use domain::inspection::{Limit, may_order};
use law::{ClockRun, Fined, Grade, PenaltyLink, PenaltyQuestion, Procedure, ProcedureKind};

/// The step is done by the end of a visit and in no other way.
#[must_use]
pub fn is_by_visit(procedure: &Procedure, step: &str) -> bool {
    procedure.kind == ProcedureKind::Inspection && [INSPECT, INSPECT_AGAIN].contains(&step)
}

/// What somebody is told who would do the step of a visit by its form.
#[must_use]
pub fn by_visit() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "by_visit",
        Text::new(
            "检查和复查不在案卷中直接登记。",
            "An inspection, first or second, is not entered in the case by hand.",
        ),
        Text::new(
            "请在“现场检查”中报请批准，到现场逐项检查；结束检查时自动记入案卷。",
            "Ask for a visit, have it approved and go through it; its end is entered in the case.",
        ),
    )
}

/// The values of the step stand on a signed record, or in what the unit was told: nobody writes over them in the case.
#[must_use]
pub fn is_on_record(procedure: &Procedure, step: &str) -> bool {
    is_by_visit(procedure, step) || procedure.kind == ProcedureKind::Inspection && [ORDER, EXTEND].contains(&step)
}

fn on_record() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "on_record",
        Text::new(
            "检查、复查的记录由到场的人签名，改正期限已经告知单位，都不能在案卷中改写。",
            "The record of an inspection was signed by those who were there, and the unit was told its time: neither is written over.",
        ),
        Text::new(
            "记录有笔误的，用「更正笔误」写明；情况有变的，再到现场检查。",
            "For a slip add words by \"Correct a slip\"; where things changed, visit the unit again.",
        ),
    )
}

/// The field of the order with the document of its legal review; the same word in every procedure of the packs.
const REVIEW: &str = "order_review";
/// The outcome that hands an inspection on; the same word in every procedure of the packs.
const TO_PENALTY: &str = "to_penalty";

/// The step or outcome of an act that visits have something to say to; empty for giving the case up and for a corrected value.
fn node_of(act: &CaseAct) -> Option<&str> {
    match act {
        CaseAct::Done { step, .. } | CaseAct::Fill { step, .. } => {
            [INSPECT, INSPECT_AGAIN, ORDER, EXTEND].into_iter().find(|known| known == step)
        }
        CaseAct::Propose { outcome, .. } | CaseAct::Decide { outcome, .. } => Some(outcome),
        CaseAct::Abandon { .. } | CaseAct::CorrectValue { .. } => Some(""),
        _ => None,
    }
}

/// It is to be corrected first, and the time for that is not over.
fn not_over(last: CivilDate) -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "too_early",
        Text::of(
            format!("改正期限到{last}，期限未满，不能转行政处罚。"),
            format!("The time to correct lasts until {last}; nothing is handed on to a penalty before it is over."),
        ),
        Text::new(
            "请在期满之后复查，仍未改正的再转。",
            "Look again when it is over, and hand on what is not corrected.",
        ),
    )
}

/// Each clause once.
fn each_once(why: Vec<Citation>) -> Vec<Citation> {
    let mut cited: Vec<Citation> = Vec::new();
    for citation in why {
        if !cited.iter().any(|c| c.clause == citation.clause) {
            cited.push(citation);
        }
    }
    cited
}

/// The last visit found something, and the case is to end as if it had not; `why` are the clauses that it breaks.
fn not_as_found(why: Vec<Citation>) -> Refusal {
    Refusal::new(
        ErrorKind::Unlawful,
        "not_as_found",
        Text::new(
            "最近一次检查查明的问题还没有改正，不能按合格办结。",
            "What the last visit found is not corrected: the case does not end as if nothing were wrong.",
        ),
        Text::new(
            "请责令改正并复查，复查合格后再办结；依法应当处罚的，转行政处罚。",
            "Order it to be corrected and look again before you end it; what is to be punished goes to a penalty.",
        ),
    )
    .citing(each_once(why))
}

/// The inspectors are at the unit.
fn visit_begun() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "visit_begun",
        Text::new(
            "本案的检查已经开始，尚未结束，不能撤案。",
            "A visit of this case has begun and is not over: the case is not given up now.",
        ),
        Text::new("请先结束这次检查。", "Close the visit first."),
    )
}

/// What a closed visit found is not given up by who found it, nor without a word; `why` are the clauses that it breaks.
fn head_gives_up(why: Vec<Citation>) -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "head_gives_up",
        Text::new(
            "已经结束的检查查明了问题，本案只能由负责人撤案。",
            "A visit that is closed found something: only a head gives this case up.",
        ),
        Text::new(
            "请责令改正、复查或者转行政处罚；确需撤案的，报负责人登记并写明理由。",
            "Order it to be corrected, look again or hand it on; where it is to be dropped, a head enters that with reasons.",
        ),
    )
    .citing(each_once(why))
}

/// The day of an extension: not before the day on which something was last done of the order, and not to come.
fn may_be_day(on: CivilDate, last_done: Option<CivilDate>, today: CivilDate) -> Result<(), Refusal> {
    if on > today {
        return Err(bad("day_to_come", Text::new("日期不得晚于今天。", "The day must not be in the future.")));
    }
    match last_done.filter(|before| on < *before) {
        None => Ok(()),
        Some(before) => Err(bad(
            "day_too_early",
            Text::of(
                format!("本次责令改正最近一步在 {before} 办理，日期不得早于那一天。"),
                format!("The last step of this order was done on {before}; the day is not before that."),
            ),
        )),
    }
}

/// Nothing that was found is fined without an order first; `why` are the clauses that say so.
fn correction_first(why: Vec<Citation>) -> Refusal {
    Refusal::new(
        ErrorKind::Unlawful,
        "correction_first",
        Text::new(
            "查明的问题依法先责令改正，逾期不改正的才可以处罚。",
            "What was found is to be corrected first; a penalty follows only what is not corrected in time.",
        ),
        Text::new(
            "请送达责令改正通知书，期满复查；依据可以直接处罚的条款的，请选择该条款。",
            "Serve the order and look again when its time is over; where a clause fines at once, name that clause.",
        ),
    )
    .citing(each_once(why))
}

impl Authority {
    /// Whether visits let an act pass that a person does in a case.
    ///
    /// # Errors
    /// `by_visit`; of a corrected value `on_record`; of an order `legal_review_required`; of a penalty `correction_first` and `too_early`, of any other end `not_as_found`; of more
    /// time `day_to_come`, `day_too_early`, `at_once`, `extended_before`, `over`, `not_later`, `reasons`; of giving the case up `visit_begun`,
    /// `head_gives_up`, `reasons`; or the store.
    pub(super) async fn visits_allow(&self, by: By, case: CaseId, act: &CaseAct) -> Result<(), Refusal> {
        let Some(node) = node_of(act) else { return Ok(()) };
        // Outcomes and the giving up of other cases are no business of visits.
        let Some(row) = self.store().case(case).await? else { return Ok(()) };
        let procedure = self.gate().packs().procedure(&row.head.procedure);
        if procedure.is_none_or(|p| p.kind != ProcedureKind::Inspection) {
            return Ok(());
        }
        // Who may not act, or not know of the case, is told so by the act itself.
        if self.who(by).await.is_err() {
            return Ok(());
        }
        let Ok(view) = self.case(by, case).await else { return Ok(()) };
        let answer = match act {
            _ if is_by_visit(view.procedure(), node) => Err(by_visit()),
            CaseAct::Propose { clauses, .. } | CaseAct::Decide { clauses, .. } if node == TO_PENALTY => {
                self.may_hand_on(&view, clauses).await
            }
            CaseAct::Propose { .. } | CaseAct::Decide { .. } => self.is_as_found(&view).await,
            CaseAct::Abandon { reasons } => self.may_give_up(by, case, reasons).await,
            CaseAct::CorrectValue { field, .. } => {
                let found = view.procedure().field(field);
                if found.is_some_and(|f| is_on_record(view.procedure(), &f.step)) { Err(on_record()) } else { Ok(()) }
            }
            CaseAct::Done { typed, .. } if node == ORDER => self.is_reviewed(&view, typed).await,
            CaseAct::Done { typed, note, on, .. } if node == EXTEND => {
                self.may_extend(&view, typed, (note.as_str(), *on)).await
            }
            _ => Ok(()),
        };
        if let Err(refusal) = &answer {
            self.log_refusal(by.account, Some(case), refusal).await?;
        }
        answer
    }

    /// What was found goes to a penalty when it was found again after the time to correct, or when a clause fines without an order first: one of
    /// the visit, of the decision or of what is proposed. Where nothing is known of a visit the engine alone says what is open.
    async fn may_hand_on(&self, view: &CaseView, named: &[ClauseId]) -> Result<(), Refusal> {
        let Some(found) = self.last_found(view.row.id).await? else { return Ok(()) };
        let breaches = found.ended.breaches;
        let at = |step: &str| view.case.done(step).map(|done| done.index);
        let is_again = at(INSPECT_AGAIN) > at(INSPECT) && !breaches.is_empty();
        let order = standing(view, &breaches).filter(|_| is_again);
        let runs_until = order.filter(|o| o.limit != Limit::AtOnce).map(|o| o.last_day()).filter(|d| view.today <= *d);
        if is_again && runs_until.is_none() {
            return Ok(());
        }
        let proposed = view.case.proposal.iter().flat_map(|p| &p.clauses);
        let of_visit = breaches.iter().flat_map(|b| &b.clauses);
        let (jurisdiction, mut first) = (self.site_profile().await?.jurisdiction, Vec::new());
        for clause in named.iter().chain(proposed).chain(of_visit) {
            for who in [Fined::Unit, Fined::Person, Fined::Responsible, Fined::Official] {
                let (act_on, on) = (view.row.head.facts_on, view.today);
                let asked = PenaltyQuestion::new(&clause.0, jurisdiction, who, Grade::Ordinary, act_on, on);
                let Ok(penalty) = self.gate().penalty(&asked) else { continue };
                if penalty.applied.iter().any(|a| a.fine.is_some() && a.link == PenaltyLink::Literal) {
                    return Ok(());
                }
                first.extend(penalty.applied.into_iter().filter(law::Applied::correct_first).map(|a| a.citation));
            }
        }
        Err(runs_until.map_or_else(|| correction_first(first), not_over))
    }

    /// What ends in any other way was found right at the last visit. Where nothing is known of a visit the engine alone says what is open.
    async fn is_as_found(&self, view: &CaseView) -> Result<(), Refusal> {
        let Some(found) = self.last_found(view.row.id).await? else { return Ok(()) };
        let breaches = found.ended.breaches;
        if breaches.is_empty() {
            return Ok(());
        }
        let clauses = breaches.iter().flat_map(|b| &b.clauses);
        Err(not_as_found(clauses.filter_map(|clause| self.gate().packs().cite(clause)).collect()))
    }

    /// No visit of the case has begun that is not closed: nobody could close it any more. Where one that is closed found something, whichever
    /// it was, a head gives the case up and says why.
    async fn may_give_up(&self, by: By, case: CaseId, reasons: &str) -> Result<(), Refusal> {
        let visits = self.store().visits_of_case(case).await?;
        if visits.iter().any(|row| row.state == VisitState::Open.code()) {
            return Err(visit_begun());
        }
        let mut found = Vec::new();
        for text in visits.iter().filter_map(|row| row.ended.as_ref()) {
            found.extend(Ended::read(text.expose())?.breaches);
        }
        if found.is_empty() {
            return Ok(());
        }
        if !by.role.may(Permission::ApproveCases) {
            let clauses = found.iter().flat_map(|b| &b.clauses);
            return Err(head_gives_up(clauses.filter_map(|clause| self.gate().packs().cite(clause)).collect()));
        }
        if reasons.trim().is_empty() {
            let what = Text::new("请写明撤案的理由。", "Say why the case is given up.");
            return Err(bad("reasons", what));
        }
        Ok(())
    }

    /// An order on what lost text alone asks names the document of its legal review.
    async fn is_reviewed(&self, view: &CaseView, typed: &Typed) -> Result<(), Refusal> {
        let Some(found) = self.last_found(view.row.id).await? else { return Ok(()) };
        let lost: Vec<_> = found.ended.breaches.into_iter().filter(|b| b.gap).collect();
        let clauses = lost.iter().flat_map(|b| &b.clauses);
        let why = clauses.filter_map(|clause| self.gate().packs().cite(clause)).collect();
        may_order(!lost.is_empty(), typed.get(REVIEW).map(String::as_str), why)
    }

    /// More time to correct: once, before the time ends, to a later day, with reasons; on a day that has come and is not before what was done of
    /// the order since it was served. What the form lacks the engine says.
    async fn may_extend(&self, view: &CaseView, typed: &Typed, (note, on): (&str, CivilDate)) -> Result<(), Refusal> {
        let procedure = view.procedure();
        let Some(clock) = procedure.clocks.iter().find(|c| c.starts == EXTEND) else { return Ok(()) };
        let typed = procedure.length_field(clock).and_then(|field| typed.get(&field.id));
        let Some(days) = typed.and_then(|text| text.trim().parse::<u32>().ok()) else { return Ok(()) };
        let Some(found) = self.last_found(view.row.id).await? else { return Ok(()) };
        let Some(order) = standing(view, &found.ended.breaches) else { return Ok(()) };
        let since = view.case.done(ORDER).map(|done| done.index);
        let of_order = view.case.doings.iter().filter(|done| Some(done.index) >= since);
        may_be_day(on, of_order.map(|done| done.on).max(), view.today)?;
        let run = ClockRun { set: Some(days), ..ClockRun::from(on) };
        let due = self.gate().packs().clock_due(&procedure.id, &clock.id, &run, view.today);
        let Some(until) = due.ok().and_then(|due| due.deadline.day()) else { return Ok(()) };
        order.extend(on, until, note).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_an_extension_lies_between_the_last_step_of_the_order_and_today() {
        let day = |text: &str| CivilDate::parse(text).unwrap();
        let (last, today) = (Some(day("2026-03-05")), day("2026-03-09"));
        for (on, code) in
            [("2026-03-04", "day_too_early"), ("2026-03-05", ""), ("2026-03-09", ""), ("2026-03-10", "day_to_come")]
        {
            let done = may_be_day(day(on), last, today);
            assert_eq!(done.err().map(|refusal| refusal.code).unwrap_or_default(), code, "{on}");
        }
        assert!(may_be_day(today, None, today).is_ok());
    }
}
