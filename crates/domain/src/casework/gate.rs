//! What stands in the way of a step or outcome that is open by the order of the procedure, whoever wants to take it.
//!
//! Always true: pages show a step as blocked for the same reason for which `decide` would refuse it, since both ask here.

use super::docket::{Docket, Node, imposes_money, is_adverse};
use super::keeping;
use super::panel;
use super::publishing::{self, is_written_first};
use super::refuse;
use super::seat::Seat;
use super::service;
use super::words::{
    ACCEPT, ANNOUNCE_DISMANTLING, ANNUL, APPROVE_OPENING, ASK_FOR_HEARING, ASK_FOR_REST, ENFORCED, NO_POWER,
    NOT_ACCEPTED, NOT_OPENED, OWED_YUAN, PAY, POWER, PUBLIC_NOTICE, PUBLISH, REMEDIES_OVER, REVIEW_SERVED, SERVED,
    SURCHARGE_ONLY, WITHDRAW,
};
use crate::form::Values;
use base::{CivilDate, Refusal};
use law::{Answered, Clock, ClockError, ClockRun, Direction, Exclusion, Guard, Party, ProcedureKind, Sense};

/// Why an open step or outcome cannot be taken on a day; `None`: it can, by whoever may.
pub(super) fn blocked(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    beside_paper(docket, node, on).or_else(|| by_paper_of_body(docket, node))
}

/// The same of a step of an outside body that needs no paper of it, because its own signed answer is there.
pub(super) fn beside_paper(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    guards(docket, node, on).or_else(|| service::blocked(docket, node))
}

/// The same of a step that the delivery of its document does.
pub(super) fn beside_service(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    guards(docket, node, on).or_else(|| by_paper_of_body(docket, node))
}

/// Everything but service and the paper of an outside body: these two come last, since for some acts something else stands in their place.
fn guards(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    completeness(docket, node)
        .or_else(|| by_time(docket, node, on))
        .or_else(|| by_hearing_time(docket, node, on))
        .or_else(|| excluded(docket, node, on))
        .or_else(|| panel::blocked(docket, node))
        .or_else(|| keeping::blocked(docket, node))
        .or_else(|| by_what_is_owed(docket, node))
        .or_else(|| by_result(docket, node))
        .or_else(|| by_remedies(docket, node, on))
        .or_else(|| by_power(docket, node))
        .or_else(|| by_guards(docket, node))
}

/// What was answered in the forms does not let the case end so on this day, by a clause.
pub(super) fn excluded(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    let given = |answer: &Answered| {
        let step = docket.procedure.field(&answer.field).map(|f| f.step.as_str());
        let value = step.and_then(|step| docket.case.values_of(step)?.get(&answer.field));
        value.is_some_and(|value| answer.is.contains(&value.typed()))
    };
    let holds =
        |e: &&Exclusion| e.outcome == node.id() && e.from.is_none_or(|from| from <= on) && e.when.iter().all(given);
    let exclusion = docket.procedure.exclusions.iter().find(holds).filter(|_| node.is_outcome())?;
    Some(refuse::excluded(docket, exclusion))
}

/// It takes the application in: nothing may be missing any more.
fn takes_in(docket: &Docket<'_>, node: Node<'_>) -> bool {
    let has_acceptance = || docket.procedure.steps.iter().any(|s| ACCEPT.contains(&s.id.as_str()));
    match node {
        Node::Step(step) => ACCEPT.contains(&step.id.as_str()),
        Node::Outcome(outcome) => !has_acceptance() && !is_adverse(docket.procedure, outcome),
    }
}

fn completeness(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    let lapse = docket.accepted_by_lapse();
    if node.id() == ASK_FOR_REST || node.id() == NOT_ACCEPTED {
        return lapse.map(|since| refuse::accepted_by_lapse(docket, node, since));
    }
    if lapse.is_some() || !takes_in(docket, node) {
        return None;
    }
    if docket.awaits_rest() {
        return Some(refuse::rest_awaited(docket, node));
    }
    let missing = docket.missing();
    (!missing.is_empty()).then(|| refuse::materials_missing(docket, &missing))
}

/// Times that must have passed before it, and notices that must have been given long enough before its day.
fn by_time(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    for clock in docket.procedure.clocks.iter().filter(|c| docket.has_clock(c)) {
        let ends_here = clock.ends.iter().any(|end| end == node.id());
        if clock.sense == Sense::AtLeast && ends_here {
            let Some(start) = docket.case.done(&clock.starts) else { continue };
            let run = docket.case.clock_run(&clock.id, &clock.starts, start.on);
            match docket.packs.clock_due(&docket.procedure.id, &clock.id, &run, docket.today) {
                Ok(due) if due.deadline.is_over(on) => {}
                Ok(due) => return Some(refuse::too_early(docket, node, &due.name, &due.deadline)),
                // What cannot be counted has not passed.
                Err(why) => return Some(refuse::bad("clock_not_counted", why.text())),
            }
        }
        if clock.sense == Sense::Within && clock.direction == Direction::Before && clock.starts == node.id() {
            let run = ClockRun::from(on);
            let Ok(due) = docket.packs.clock_due(&docket.procedure.id, &clock.id, &run, docket.today) else { continue };
            let given = clock.ends.iter().filter_map(|end| docket.case.done(end)).map(|d| d.on).max();
            if let (Some(latest), Some(given)) = (due.deadline.day(), given)
                && given > latest
            {
                return Some(refuse::notice_too_late(docket, node, &due.over, latest));
            }
        }
    }
    None
}

/// A penalty waits until a hearing can no longer be asked for, where the right to it was told.
fn by_hearing_time(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    let Node::Outcome(outcome) = node else { return None };
    let (clock, start) = docket.hearing_time().filter(|_| imposes_money(docket.procedure, outcome))?;
    let run = docket.case.clock_run(&clock.id, &clock.starts, start);
    match docket.packs.clock_due(&docket.procedure.id, &clock.id, &run, docket.today) {
        Ok(due) if due.deadline.is_over(on) => None,
        Ok(due) => Some(refuse::too_early(docket, node, &due.name, &due.deadline)),
        // What cannot be counted has not passed.
        Err(why) => Some(refuse::bad("clock_not_counted", why.text())),
    }
}

/// A hearing is asked for within its time, where the right to it was told; after that it is given up. Not asked by the pages: what came in
/// time and is entered later has the day on which it came.
pub(super) fn asked_too_late(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    let (clock, start) = docket.hearing_time().filter(|_| node.id() == ASK_FOR_HEARING)?;
    let run = docket.case.clock_run(&clock.id, &clock.starts, start);
    let due = docket.packs.clock_due(&docket.procedure.id, &clock.id, &run, docket.today).ok()?;
    let last = due.deadline.day().filter(|_| due.deadline.is_over(on))?;
    Some(refuse::hearing_too_late(docket, node, last))
}

/// What is served by public notice counts as served only when its time is over, and then its own times begin.
pub(super) fn served_too_early(docket: &Docket<'_>, node: Node<'_>, values: &Values, on: CivilDate) -> Option<Refusal> {
    let procedure = docket.procedure;
    let (clock, field) = (procedure.clock(PUBLIC_NOTICE)?, procedure.notice_field(node.id())?);
    let way = procedure.fields_at(node.id()).find(|f| f.choice(PUBLIC_NOTICE).is_some())?;
    values.text(&way.id).filter(|way| *way == PUBLIC_NOTICE)?;
    let Some(notice) = values.day(&field.id) else {
        return Some(refuse::notice_day_needed(docket, &clock.length.clause, field));
    };
    match docket.packs.clock_due(&procedure.id, &clock.id, &ClockRun::from(notice), docket.today) {
        Ok(due) if due.deadline.is_over(on) => None,
        Ok(due) => Some(refuse::too_early(docket, node, &due.name, &due.deadline)),
        // What cannot be counted has not passed.
        Err(why) => Some(refuse::bad("clock_not_counted", why.text())),
    }
}

/// Who is not punished needs no hearing about the punishment.
fn drops_penalty(docket: &Docket<'_>, node: Node<'_>) -> bool {
    match node {
        Node::Outcome(outcome) => {
            docket.procedure.kind == ProcedureKind::Penalty && !imposes_money(docket.procedure, outcome)
        }
        Node::Step(_) => false,
    }
}

fn by_what_is_owed(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    // What was examined before is no answer to what was told since.
    let imposes = matches!(node, Node::Outcome(outcome) if imposes_money(docket.procedure, outcome));
    if imposes && docket.is_of_earlier_telling(node) {
        return Some(refuse::told_anew(docket, node));
    }
    if node.is_outcome() && docket.owes_hearing() && !drops_penalty(docket, node) {
        return Some(refuse::hearing_owed(docket, node));
    }
    // However the case ends: after it nobody could decide about the evidence any more.
    if node.is_outcome() && docket.owes_evidence() {
        return Some(refuse::evidence_owed(docket, node));
    }
    None
}

/// What a body outside the organ does is entered with its paper, each time with another one.
fn by_paper_of_body(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    if node.seat(docket.procedure) != Seat::Outside || panel::records(docket, node) {
        return None;
    }
    let last = docket.case.done(node.id()).map(|d| d.index);
    let fresh = docket.case.paper(node.id()).is_some_and(|p| last.is_none_or(|l| p.index > l));
    (!fresh).then(|| refuse::paper_of_body(docket, node))
}

/// What follows a decision has something to follow: a sum to pay, a decision that stands, something that was made public.
fn by_result(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    let annulled = || docket.case.done(ANNUL).is_some();
    match node.id() {
        PAY | PUBLISH if annulled() => Some(refuse::decision_annulled(docket, node)),
        // Words do not publish: the publication does this step, and only words for the public come before it.
        PUBLISH => {
            let is_out = is_written_first(docket.procedure) || publishing::stands(docket);
            (!is_out).then(|| refuse::not_published(docket, node))
        }
        PAY => {
            let mut clocks = docket.procedure.clocks.iter().filter(|c| c.ends.iter().any(|end| end == PAY));
            clocks.any(|c| !docket.has_clock(c)).then(|| refuse::nothing_to_pay(docket, node))
        }
        WITHDRAW => (!docket.was_published()).then(|| refuse::nothing_published(docket, node)),
        _ => None,
    }
}

/// The terms for review and suit are over no earlier than their clocks say, counted from the service of the decision; after a review from
/// that of its decision.
fn by_remedies(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    if node.id() != REMEDIES_OVER {
        return None;
    }
    let remedies = || docket.packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Remedy);
    let day = |field: &str| docket.answer(field).and_then(|text| CivilDate::parse(&text));
    let after_review = || remedies().find(|p| !p.remedies.is_empty()).map_or(&[][..], |p| p.remedies.as_slice());
    let (start, clauses) = match day(REVIEW_SERVED) {
        Some(reviewed) => (reviewed, after_review()),
        None => (day(SERVED)?, docket.procedure.remedies.as_slice()),
    };
    for clause in clauses {
        let of_clause = |c: &&Clock| c.length.clause == *clause && c.binds == Party::Person;
        let Some((remedy, clock)) = remedies().find_map(|p| Some((p, p.clocks.iter().find(of_clause)?))) else {
            continue;
        };
        match docket.packs.clock_due(&remedy.id, &clock.id, &ClockRun::from(start), docket.today) {
            Ok(due) => {
                let last = due.deadline.day().filter(|_| due.deadline.is_over(docket.today));
                if last.is_none_or(|last| on < last) {
                    return Some(refuse::too_early(docket, node, &due.name, &due.deadline));
                }
            }
            // A decision that was served before that procedure began has its terms from an earlier law, over long ago.
            Err(ClockError::NotInForce { .. }) => {}
            Err(why) => return Some(refuse::bad("clock_not_counted", why.text())),
        }
    }
    None
}

/// An organ enforces itself only what a law lets it, and takes nothing down while the decision can still be contested.
fn by_power(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    if node.id() != ENFORCED {
        return None;
    }
    let done = |step: &str| docket.case.done(step).is_some();
    if done(ANNOUNCE_DISMANTLING) && !done(REMEDIES_OVER) {
        return Some(refuse::remedies_open(docket, ANNOUNCE_DISMANTLING));
    }
    let money = docket.answer(OWED_YUAN).is_some_and(|sum| sum != "0");
    let power = docket.answer(POWER)?;
    (power == NO_POWER || (power == SURCHARGE_ONLY && money)).then(|| refuse::no_power(docket, POWER))
}

fn by_guards(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    let proposal = docket.case.proposal.as_ref();
    // Whom an opening waits for may refuse it, though nobody proposed that.
    let refuses = node.id() == NOT_OPENED && docket.procedure.steps.iter().any(|step| step.id == APPROVE_OPENING);
    let unproposed = !refuses && proposal.is_none_or(|p| p.outcome != node.id());
    if node.is_outcome() && node.is_heads(docket.procedure) && unproposed {
        return Some(refuse::not_proposed(docket, node));
    }
    if node.needs().contains(&Guard::LegalReview) {
        let passed = |p: u32| docket.case.reviews.iter().any(|r| r.passed && r.index > p);
        let is_reviewed = proposal.is_some_and(|p| passed(p.index));
        if !is_reviewed {
            return Some(refuse::review_needed(docket, node));
        }
    }
    None
}

#[cfg(test)]
mod tests;
