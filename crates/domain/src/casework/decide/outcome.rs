//! Decisions: propose, send back, review, decide.
//!
//! Always true: what the head decides is what was proposed, letter by letter, so that a review of it cannot be passed by; who decides or
//! reviews has neither proposed nor handled anything of the case.

use super::super::case::Decision;
use super::super::command::CaseAct;
use super::super::docket::{Docket, Node, is_adverse};
use super::super::event::Event;
use super::super::gate::{blocked, excluded};
use super::super::life::still_to_come;
use super::super::refuse;
use super::super::seat::Seat;
use super::super::words::{
    APPROVED_DEVICES, DEVICES_TOTAL, LEGAL_REVIEW, NOT_ACCEPTED, NOT_ACCEPTED_GROUND, NOT_COMPLETED,
};
use super::{Desk, REASON_CHARS, REASONS_CHARS, Typed, not_your_step, words};
use crate::form::Values;
use base::{AccountId, CivilDate, ClauseId, Refusal, Text, limits};
use law::{Outcome, ProcedureKind};
use std::collections::{BTreeMap, BTreeSet};

/// Reasons that may be left out.
const SPARE_CHARS: (usize, usize) = (0, limits::FREE_TEXT_CHARS);

/// What is decided or proposed, as it was typed.
struct Draft<'b> {
    outcome: &'b str,
    typed: &'b Typed,
    reasons: &'b str,
    clauses: &'b [ClauseId],
}

pub(super) fn decide(desk: &Desk<'_, '_>, act: &CaseAct) -> Result<Vec<Event>, Refusal> {
    match act {
        CaseAct::Propose { outcome, typed, reasons, clauses } => {
            propose(desk, &Draft { outcome, typed, reasons, clauses })
        }
        CaseAct::SendBack { reasons } => send_back(desk, reasons),
        CaseAct::Review { passed, opinion, typed } => review(desk, *passed, opinion, typed),
        CaseAct::Decide { outcome, typed, reasons, clauses, officers, on } => {
            take(desk, &Draft { outcome, typed, reasons, clauses }, officers, *on)
        }
        _ => Err(no_outcome()),
    }
}

fn no_outcome() -> Refusal {
    refuse::unknown(Text::new("这种决定", "such decision"))
}

fn nothing_proposed() -> Refusal {
    refuse::conflict(
        "nothing_proposed",
        Text::new("没有等待审批的处理意见。", "Nothing is proposed."),
        Text::new("请等待承办人提出处理意见。", "Wait until the officer proposes a decision."),
    )
}

/// The reasons and clauses of a decision: both are there where it burdens somebody.
fn grounds(desk: &Desk<'_, '_>, outcome: &Outcome, draft: &Draft<'_>) -> Result<(String, Vec<ClauseId>), Refusal> {
    let adverse = is_adverse(desk.procedure(), outcome);
    let reasons = words(draft.reasons, if adverse { REASONS_CHARS } else { SPARE_CHARS }, "reasons")?;
    let clauses = desk.clauses(draft.clauses)?;
    if adverse && clauses.is_empty() {
        return Err(refuse::unlawful(
            desk.docket,
            &[&outcome.clause],
            "clause_needed",
            Text::new("这一决定须写明依据的条款。", "This decision names the clause it rests on."),
            Text::new("请从条款中选择。", "Choose it from the clauses."),
        ));
    }
    Ok((reasons, clauses))
}

fn propose(desk: &Desk<'_, '_>, draft: &Draft<'_>) -> Result<Vec<Event>, Refusal> {
    let node = desk.node(draft.outcome)?;
    let Node::Outcome(outcome) = node else { return Err(no_outcome()) };
    desk.may(Seat::Officer)?;
    if desk.case().doings.is_empty() || !may_come(desk.docket, node) {
        return Err(refuse::not_open(desk.docket, node));
    }
    // What the law does not let be decided is not proposed either.
    if let Some(refusal) = excluded(desk.docket, node, desk.docket.today) {
        return Err(refusal);
    }
    let (reasons, clauses) = grounds(desk, outcome, draft)?;
    let values = desk.form(draft.outcome, draft.typed)?;
    within_applied(desk, &values)?;
    desk.days_in_order(node, &values)?;
    Ok(vec![Event::Proposed { outcome: outcome.id.clone(), values, reasons, clauses }])
}

/// Nobody gets more devices approved than were applied for.
fn within_applied(desk: &Desk<'_, '_>, values: &Values) -> Result<(), Refusal> {
    let applied = desk.docket.answer(DEVICES_TOTAL).and_then(|text| text.parse::<i64>().ok());
    let (Some(approved), Some(applied)) = (values.number(APPROVED_DEVICES), applied) else { return Ok(()) };
    if approved <= applied {
        return Ok(());
    }
    let what = Text::of(
        format!("批准的设备数量 {approved} 台，多于申请的 {applied} 台。"),
        format!("{approved} devices are approved, and {applied} were applied for."),
    );
    Err(refuse::bad("more_than_applied", what))
}

/// That an application was not completed is a ground only where what is missing was named, and after the day that was given for it.
fn completion_is_over(desk: &Desk<'_, '_>, node: Node<'_>, values: &Values, on: CivilDate) -> Result<(), Refusal> {
    if node.id() != NOT_ACCEPTED || values.text(NOT_ACCEPTED_GROUND) != Some(NOT_COMPLETED) {
        return Ok(());
    }
    let Some(asked) = desk.case().askings.last() else { return Err(refuse::rest_never_named(desk.docket, node)) };
    match asked.until.filter(|until| on <= *until && desk.docket.awaits_rest()) {
        Some(until) => Err(refuse::rest_time_left(desk.docket, node, until)),
        None => Ok(()),
    }
}

/// It is open, or what is open can lead to it.
fn may_come(docket: &Docket<'_>, node: Node<'_>) -> bool {
    let open: BTreeSet<&str> = docket.open().into_iter().map(|(n, _)| n.id()).collect();
    still_to_come(docket, &open).contains(node.id())
}

fn send_back(desk: &Desk<'_, '_>, reasons: &str) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::Head)?;
    if desk.case().proposal.is_none() {
        return Err(nothing_proposed());
    }
    Ok(vec![Event::SentBack { reasons: words(reasons, REASON_CHARS, "reasons")? }])
}

/// The review of what is proposed; where it passed and the procedure has the step, that is done with it.
fn review(desk: &Desk<'_, '_>, passed: bool, opinion: &str, typed: &Typed) -> Result<Vec<Event>, Refusal> {
    desk.may(Seat::LegalReviewer)?;
    desk.is_independent(Seat::LegalReviewer)?;
    if desk.case().proposal.is_none() {
        return Err(nothing_proposed());
    }
    let opinion = words(opinion, if passed { SPARE_CHARS } else { REASONS_CHARS }, "opinion")?;
    let mut events = vec![Event::Reviewed { passed, opinion }];
    let step = desk.procedure().steps.iter().find(|s| s.id == LEGAL_REVIEW).map(Node::Step);
    let open = step.filter(|node| passed && desk.docket.opened_by(*node).is_some());
    if let Some(node) = open {
        let on = desk.docket.today;
        if let Some(refusal) = blocked(desk.docket, node, on) {
            return Err(refusal);
        }
        events.push(Event::StepDone {
            step: node.id().to_owned(),
            on,
            values: desk.form(node.id(), typed)?,
            note: String::new(),
            officers: Vec::new(),
            set: BTreeMap::new(),
        });
    }
    Ok(events)
}

fn take(desk: &Desk<'_, '_>, draft: &Draft<'_>, officers: &[AccountId], on: CivilDate) -> Result<Vec<Event>, Refusal> {
    let node = desk.node(draft.outcome)?;
    let Node::Outcome(outcome) = node else { return Err(no_outcome()) };
    let seat = node.seat(desk.procedure());
    // A delegation gives what the head decides, not what any officer may.
    if desk.checks.heads.deputy.is_some() && seat != Seat::Head {
        return Err(not_your_step());
    }
    match (seat, desk.who.seat) {
        // The head may take what an officer may.
        (Seat::Officer, Seat::Head) => desk.is_of_case()?,
        _ => desk.may(seat)?,
    }
    if seat == Seat::Head {
        desk.is_independent(seat)?;
    }
    let Some(from) = desk.docket.opened_by(node) else { return Err(refuse::not_open(desk.docket, node)) };
    let proposal = desk.case().proposal.as_ref().filter(|p| p.outcome == outcome.id);
    let filled = if draft.typed.is_empty() {
        proposal.map(|p| p.values.clone())
    } else {
        desk.form(draft.outcome, draft.typed).ok()
    };
    let on = desk.day_of(node, filled.as_ref(), on)?;
    desk.day_after(on, from, node)?;
    if let Some(refusal) = blocked(desk.docket, node, on) {
        return Err(refusal);
    }
    let (values, reasons, clauses) = match proposal {
        Some(proposal) => as_proposed(desk, seat, proposal, draft)?,
        None => {
            let (reasons, clauses) = grounds(desk, outcome, draft)?;
            (desk.form(draft.outcome, draft.typed)?, reasons, clauses)
        }
    };
    within_applied(desk, &values)?;
    completion_is_over(desk, node, &values, on)?;
    desk.days_in_order(node, &values)?;
    let officers = desk.officers(node, officers, on)?;
    let delegation = desk.checks.heads.deputy.map(|deputy| deputy.number.to_owned());
    let outcome = outcome.id.clone();
    let decided = Event::Decided { outcome, on, values, reasons, clauses, officers, delegation };
    Ok(std::iter::once(decided).chain(takes_the_case(desk)).collect())
}

/// The officer who decides a filing that nobody has handles it from then on: its changes come to them.
fn takes_the_case(desk: &Desk<'_, '_>) -> Option<Event> {
    let is_filing = desk.procedure().kind == ProcedureKind::Filing && desk.who.seat == Seat::Officer;
    let to = desk.who.account;
    let may_have = desk.checks.officers.contains_key(&to) && !desk.case().is_recused(to);
    (is_filing && may_have && desk.case().assigned.is_none()).then_some(Event::Assigned { to })
}

/// What was proposed, where nothing else is said; an officer may say something else, the head may not.
fn as_proposed(
    desk: &Desk<'_, '_>,
    seat: Seat,
    proposal: &Decision,
    draft: &Draft<'_>,
) -> Result<(Values, String, Vec<ClauseId>), Refusal> {
    let values = if draft.typed.is_empty() { proposal.values.clone() } else { desk.form(draft.outcome, draft.typed)? };
    let reasons = match draft.reasons.trim() {
        "" => proposal.reasons.expose().clone(),
        _ => words(draft.reasons, SPARE_CHARS, "reasons")?,
    };
    let clauses = match draft.clauses {
        [] => proposal.clauses.clone(),
        named => desk.clauses(named)?,
    };
    let same = values == proposal.values && reasons == *proposal.reasons.expose() && clauses == proposal.clauses;
    if seat == Seat::Head && !same {
        return Err(refuse::conflict(
            "not_as_proposed",
            Text::new("所填的与提出的处理意见不同。", "This is not what was proposed."),
            Text::new(
                "请按所提意见决定；不同意的，退回并说明理由。",
                "Decide as it was proposed, or send it back with reasons.",
            ),
        ));
    }
    if !same {
        let found = desk.procedure().outcomes.iter().find(|o| o.id == draft.outcome).ok_or_else(no_outcome)?;
        let draft = Draft { outcome: draft.outcome, typed: draft.typed, reasons: &reasons, clauses: &clauses };
        grounds(desk, found, &draft)?;
    }
    Ok((values, reasons, clauses))
}
