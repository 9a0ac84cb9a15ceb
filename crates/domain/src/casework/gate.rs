//! What stands in the way of a step or outcome that is open by the order of the procedure, whoever wants to take it.
//!
//! Always true: pages show a step as blocked for the same reason for which `decide` would refuse it, since both ask here.

use super::docket::{Docket, Node, imposes_money, is_adverse};
use super::panel;
use super::publishing::{self, is_written_first};
use super::refuse;
use super::seat::Seat;
use super::service;
use super::words::{
    ACCEPT, ANNOUNCE_DISMANTLING, ANNUL, ASK_FOR_HEARING, ASK_FOR_REST, ENFORCED, NO_POWER, OWED_YUAN, PAY, POWER,
    PUBLIC_NOTICE, PUBLISH, REMEDIES_OVER, REVIEW_SERVED, SERVED, SURCHARGE_ONLY, WITHDRAW,
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
    if node.id() == ASK_FOR_REST {
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
    if node.is_outcome() && node.is_heads(docket.procedure) && proposal.is_none_or(|p| p.outcome != node.id()) {
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
mod tests {
    use crate::casework::tests::bench::{Bench, who};
    use crate::casework::{CaseAct, Seat, clocks};
    use base::{CivilDate, ErrorKind, Refusal};
    use law::ClockRun;

    #[test]
    fn nothing_is_taken_in_while_papers_are_missing_and_the_refusal_names_all_of_them() {
        let mut bench = Bench::open("area_approval");
        bench.done("apply").unwrap();
        let refusal = bench.done("accept").unwrap_err();
        assert_eq!(refusal.code, "materials_missing");
        assert_eq!(refusal.why.first().map(|c| c.clause.0.as_str()), Some("B-14-3"));
        bench.give("application").unwrap();
        bench.done("accept").unwrap();
    }

    #[test]
    fn a_filing_is_put_right_or_refused_with_reasons_by_the_head() {
        let mut bench = Bench::open("system_filing");
        bench.done("use").unwrap();
        bench.done("file").unwrap();
        bench.done("ask_for_rest").unwrap();
        assert_eq!(bench.decide("filed").unwrap_err().code, "rest_awaited");
        let mut other = bench.clone();
        bench.complete_papers();
        bench.done("complete").unwrap();
        bench.decide("filed").unwrap();
        let alone = other.decide_act("not_filed");
        assert!(other.try_as(&who(Seat::Officer), alone).is_err(), "it burdens somebody: the head decides");
        other.decide("not_filed").unwrap();
        assert!(other.docket().open().is_empty(), "it does not stay under way for good");
        for id in ["sales_filing", "provider_filing", "outside_provider_filing"] {
            let mut bench = Bench::open(id);
            bench.done("submit").unwrap();
            bench.done("check").unwrap();
            bench.decide("not_filed").unwrap();
        }
    }

    #[test]
    fn secrets_and_what_was_not_checked_let_nobody_view() {
        for (id, step, field, answer, outcome, clause) in [
            ("citizen_viewing", "examine", "secret", "yes", "issued", "A-25-1"),
            ("person_viewing", "examine", "relation_checked", "no", "consented", "799-21"),
            ("product_registration", "apply", "other_regime", "yes", "registered", "B-9-2"),
        ] {
            let mut bench = Bench::open(id);
            if step != "apply" {
                bench.go("apply");
            }
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
            typed.insert(field.to_owned(), answer.to_owned());
            let seat = bench.enters(&step);
            bench.paper_of_body(&step).unwrap();
            bench.act(seat, CaseAct::Done { step, typed, note, officers, on }).unwrap();
            let found = bench.procedure.outcomes.iter().find(|o| o.id == outcome).unwrap();
            let told = crate::casework::kept_from(&bench.docket(), found).unwrap();
            assert_eq!(told.code, "outcome_excluded", "{id}: it is told before anything is proposed");
            assert_eq!(told.why.first().map(|c| c.clause.0.as_str()), Some(clause), "{id}");
            let refused = bench.procedure.outcomes.iter().find(|o| o.id == "refused").unwrap();
            let other = crate::casework::kept_from(&bench.docket(), refused).map(|r| r.code);
            assert_ne!(other.as_deref(), Some("outcome_excluded"), "{id}: refusing is left");
        }
    }

    #[test]
    fn what_whoever_handles_a_filing_may_decide_is_told_as_blocked_while_papers_are_missing() {
        let mut bench = Bench::open("sales_filing");
        bench.done("submit").unwrap();
        bench.done("check").unwrap();
        let filed = bench.procedure.outcomes.iter().find(|o| o.id == "filed").unwrap();
        let why = crate::casework::kept_from(&bench.docket(), filed).map(|r| r.code);
        assert_eq!(why.as_deref(), Some("materials_missing"));
        bench.complete_papers();
        assert_eq!(crate::casework::kept_from(&bench.docket(), filed).map(|r| r.code), None);
    }

    /// An application that was examined: who asks, and whether the place is one that the Order lists.
    fn examined(applicant: &str, listed: &str) -> Bench {
        let mut bench = Bench::open("area_approval");
        bench.give("application").unwrap();
        for (step, field, answer) in
            [("apply", "applicant_kind", applicant), ("accept", "", ""), ("examine", "listed_place", listed)]
        {
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
            if !field.is_empty() {
                typed.insert(field.to_owned(), answer.to_owned());
            }
            let seat = bench.enters(&step);
            bench.act(seat, CaseAct::Done { step, typed, note, officers, on }).unwrap();
        }
        bench
    }

    #[test]
    fn what_a_clause_does_not_let_be_approved_is_neither_proposed_nor_decided() {
        for applicant in ["other_unit", "person"] {
            let mut bench = examined(applicant, "yes");
            let refusal = bench.propose("approved").unwrap_err();
            assert_eq!((refusal.code.as_str(), refusal.kind), ("outcome_excluded", ErrorKind::Unlawful));
            assert_eq!(refusal.why.first().map(|c| c.clause.0.as_str()), Some("799-7"));
            let approved = bench.node("approved");
            let blocked = super::blocked(&bench.docket(), approved, bench.today).unwrap();
            assert_eq!(blocked.code, "outcome_excluded");
            // The Order is in force from 1 April 2025.
            let first = base::CivilDate::ymd(2025, 4, 1).unwrap();
            assert!(super::excluded(&bench.docket(), approved, first).is_some());
            assert!(super::excluded(&bench.docket(), approved, first.plus_days(-1)).is_none());
            bench.decide("refused").unwrap();
        }
        for (applicant, listed) in
            [("managing_unit", "yes"), ("government", "yes"), ("person", "no"), ("other_unit", "no")]
        {
            examined(applicant, listed).decide("approved").unwrap();
        }
    }

    #[test]
    fn one_paper_of_a_group_is_enough() {
        let mut bench = Bench::open("sales_filing");
        bench.done("submit").unwrap();
        bench.done("check").unwrap();
        for paper in ["licence", "products", "service", "quality"] {
            bench.give(paper).unwrap();
        }
        assert_eq!(bench.decide("filed").unwrap_err().code, "materials_missing");
        bench.give("certification").unwrap();
        bench.decide("filed").unwrap();
    }

    #[test]
    fn a_paper_whose_text_is_lost_is_never_asked_for() {
        let mut bench = Bench::open("provider_filing");
        bench.done("submit").unwrap();
        bench.done("check").unwrap();
        bench.decide("filed").unwrap();
    }

    #[test]
    fn a_court_is_asked_only_when_the_time_after_the_demand_has_passed() {
        let mut bench = Bench::open("enforcement");
        bench.go("remedies_over");
        bench.done("court_demand").unwrap();
        let early = bench.done("apply_to_court").unwrap_err();
        assert_eq!((early.code.as_str(), early.why.is_empty()), ("too_early", false));
        let clocks = clocks(&bench.docket());
        let wait = clocks.iter().find(|c| c.id == "wait_after_demand").unwrap();
        let last = wait.deadline.as_ref().unwrap().day().unwrap();
        bench.today = last;
        assert_eq!(bench.done("apply_to_court").unwrap_err().code, "too_early", "its last day is not over");
        bench.today = last.plus_days(1);
        bench.done("apply_to_court").unwrap();
    }

    #[test]
    fn a_hearing_waits_for_its_notice_and_a_decision_for_the_hearing() {
        let mut bench = Bench::open("penalty_case");
        for step in ["open", "investigate", "tell", "ask_for_hearing", "give_notice"] {
            bench.done(step).unwrap();
        }
        assert_eq!(bench.done("hold_hearing").unwrap_err().code, "notice_too_late");
        bench.go("decide");
        assert_eq!(bench.clone().decide("fined").unwrap_err().code, "hearing_owed");
        let mut dropped = bench.clone();
        dropped.decide("not_fined").unwrap();
        bench.today = bench.today.plus_days(40);
        bench.done("hold_hearing").unwrap();
        bench.go("decide");
        bench.decide("fined").unwrap();
    }

    #[test]
    fn a_penalty_is_told_anew_before_the_party_speaks_or_after_new_evidence_and_no_other_time() {
        let mut bench = Bench::open("penalty_case");
        for step in ["open", "investigate", "tell"] {
            bench.done(step).unwrap();
        }
        let draft = CaseAct::Fill { step: "tell".into(), typed: bench.sample("tell") };
        assert_eq!(bench.act(Seat::Officer, draft).unwrap_err().code, "form", "no draft stands for what was told");
        bench.done("tell").unwrap();
        bench.done("defend").unwrap();
        let refusal = bench.clone().done("tell").unwrap_err();
        assert_eq!(refusal.code, "step_not_open", "{refusal}");
        assert!(refusal.next.zh.contains("新的证据"), "it says what is left to do: {refusal}");
        bench.done("question").unwrap();
        bench.done("decide").unwrap();
        bench.today = bench.today.plus_days(3);
        let told_first = bench.clone();
        bench.done("tell").unwrap();
        assert_eq!(bench.case.doings.iter().filter(|d| d.node == "tell").count(), 3);
        let early = bench.clone().decide("fined").unwrap_err();
        assert_eq!((early.code.as_str(), early.why.is_empty()), ("told_anew", false));
        bench.clone().decide("not_fined").unwrap();
        for step in ["defend", "decide"] {
            bench.done(step).unwrap();
        }
        assert_eq!(bench.clone().done("tell").unwrap_err().code, "step_not_open", "what was found was told");
        bench.decide("fined").unwrap();
        let mut once = told_first;
        once.decide("fined").unwrap();
        assert_eq!(once.done("tell").unwrap_err().code, "step_not_open", "what is decided is not told any more");
    }

    #[test]
    fn a_right_to_a_hearing_that_was_left_out_is_told_after_the_defence_and_nothing_heavier_with_it() {
        let mut bench = Bench::open("penalty_case");
        for step in ["open", "investigate", "tell", "defend", "decide"] {
            bench.done(step).unwrap();
        }
        let told = bench.case.values_of("tell").unwrap().clone();
        let (fine, other) = (told.number("intended_fine").unwrap(), told.text("intended_other").unwrap().to_owned());
        let anew = |right: &str, fine: i64, other: &str| {
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
            typed.insert("hearing_right".into(), right.into());
            typed.insert("intended_fine".into(), fine.to_string());
            typed.insert("intended_other".into(), other.into());
            CaseAct::Done { step, typed, note, officers, on }
        };
        for heavier in [anew("no", fine, &other), anew("yes", fine + 1, &other), anew("yes", fine, "吊销许可证件。")]
        {
            let refusal = bench.try_as(&who(Seat::Officer), heavier).unwrap_err();
            assert_eq!(refusal.code, "step_not_open", "{refusal}");
            assert!(refusal.next.zh.contains("补充告知"), "it says what is left to do: {refusal}");
        }
        assert!(bench.try_as(&who(Seat::Officer), anew("yes", fine - 1, "")).is_ok(), "less may be told with it");
        let right = anew("yes", fine, &other);
        bench.act(Seat::Officer, right).unwrap();
        assert!(bench.docket().hearing_time().is_some(), "it can be asked for from now on");
        bench.done("defend").unwrap();
        assert_eq!(bench.done("tell").unwrap_err().code, "step_not_open", "the right was told");
    }

    #[test]
    fn what_is_told_anew_has_a_time_of_its_own() {
        let mut bench = told_with_a_right();
        let last = |bench: &Bench| {
            clocks(&bench.docket()).into_iter().find(|c| c.id == "ask_for_hearing").unwrap().day().unwrap()
        };
        let first = last(&bench);
        bench.today = first;
        bench.done("examine_scene").unwrap();
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
        typed.insert("hearing_right".into(), "yes".into());
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
        assert!(last(&bench) > first, "it is counted from the second notice");
        bench.today = first.plus_days(1);
        bench.done("decide").unwrap();
        assert_eq!(bench.clone().decide("fined").unwrap_err().code, "too_early", "the first time is over, not this");
        bench.done("ask_for_hearing").unwrap();
        assert!(bench.docket().owes_hearing());
    }

    #[test]
    fn a_case_is_dropped_or_handed_on_after_the_inquiry_without_announcing_a_penalty() {
        for outcome in ["not_fined", "no_case", "crime"] {
            let mut bench = Bench::open("penalty_case");
            bench.done("open").unwrap();
            assert_eq!(
                bench.clone().decide(outcome).unwrap_err().code,
                "step_not_open",
                "{outcome}: nothing was inquired"
            );
            bench.done("investigate").unwrap();
            bench.decide(outcome).unwrap();
            assert!(bench.case.done("tell").is_none());
        }
        let mut fined = Bench::open("penalty_case");
        fined.done("open").unwrap();
        fined.done("investigate").unwrap();
        assert_eq!(fined.decide("fined").unwrap_err().code, "step_not_open", "a penalty is told first");
    }

    #[test]
    fn nothing_is_decided_while_registered_evidence_is_not_settled() {
        let mut bench = Bench::open("penalty_case");
        for step in ["open", "investigate", "register_evidence", "tell", "defend", "decide"] {
            bench.done(step).unwrap();
        }
        for outcome in ["fined", "not_fined", "no_case", "crime"] {
            let refusal = bench.clone().decide(outcome).unwrap_err();
            assert_eq!(refusal.code, "evidence_owed", "{outcome}");
            assert!(refusal.why.iter().any(|c| c.clause.0 == "AP-56"), "{refusal}");
        }
        let clock = |bench: &Bench| clocks(&bench.docket()).into_iter().find(|c| c.id == "settle_evidence").unwrap();
        bench.today = clock(&bench).day().unwrap().plus_days(1);
        assert!(clock(&bench).state.is_owed(), "the time is over and it is still owed");
        bench.done("settle_evidence").unwrap();
        assert_eq!(clock(&bench).state.code(), "met_late");
        bench.decide("not_fined").unwrap();
    }

    /// A penalty that was told with the right to a hearing, up to the step before its decision.
    fn told_with_a_right() -> Bench {
        let mut bench = Bench::open("penalty_case");
        for step in ["open", "investigate"] {
            bench.done(step).unwrap();
        }
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
        typed.insert("hearing_right".into(), "yes".into());
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
        bench.done("defend").unwrap();
        bench.done("decide").unwrap();
        bench
    }

    #[test]
    fn a_penalty_waits_for_the_time_to_ask_for_a_hearing() {
        let mut bench = told_with_a_right();
        let last = clocks(&bench.docket()).into_iter().find(|c| c.id == "ask_for_hearing").unwrap().day().unwrap();
        let told = bench.clone();
        bench.today = last;
        let early = bench.decide("fined").unwrap_err();
        assert_eq!(early.code, "too_early");
        assert!(early.why.iter().any(|c| c.clause.0 == "AP-64"), "{early}");
        let mut free = told.clone();
        free.decide("not_fined").unwrap();
        let mut waived = told.clone();
        waived.done("waive_hearing").unwrap();
        waived.decide("fined").unwrap();
        let mut later = told;
        later.today = last.plus_days(1);
        later.decide("fined").unwrap();
    }

    /// A step served by public notice of a day.
    fn by_notice(bench: &mut Bench, step: &str, notice: Option<CivilDate>) -> Result<(), Refusal> {
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
        typed.insert(format!("{step}_way"), "public_notice".into());
        let field = format!("{step}_notice_day");
        match notice {
            Some(day) => typed.insert(field, day.to_string()),
            None => typed.remove(&field),
        };
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on })
    }

    /// An unpaid decision that was served today, with other answers than the samples.
    fn unpaid(answers: &[(&str, &str)]) -> Bench {
        let mut bench = Bench::open("enforcement");
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("unpaid") else { unreachable!() };
        typed.remove("review_served_on");
        typed.extend(answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
        bench
    }

    #[test]
    fn the_terms_for_review_and_suit_run_from_the_service() {
        let last = |bench: &Bench, procedure: &str, clock: &str| {
            let start = ClockRun::from(bench.today);
            bench.docket().packs.clock_due(procedure, clock, &start, bench.today).unwrap().deadline.day().unwrap()
        };
        let mut bench = unpaid(&[]);
        let (review, suit) = (last(&bench, "review", "apply"), last(&bench, "lawsuit", "sue"));
        assert!(review < suit);
        for (today, is) in [(review.plus_days(1), false), (suit, false), (suit.plus_days(1), true)] {
            bench.today = today;
            assert_eq!(open(&bench, "remedies_over").as_deref() == Some(""), is, "{today}");
            assert_eq!(bench.clone().done("remedies_over").is_ok(), is, "{today}");
        }
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("remedies_over") else {
            unreachable!()
        };
        typed.insert("remedies_over_day".into(), suit.plus_days(-1).to_string());
        let before = CaseAct::Done { step, typed, note, officers, on };
        assert_eq!(bench.act(Seat::Officer, before).unwrap_err().code, "too_early", "the day that is entered counts");
        let mut reviewed = unpaid(&[("review_served_on", &Bench::open("enforcement").today.to_string())]);
        let after = last(&reviewed, "lawsuit", "sue_after_review");
        assert!(after < suit, "after a review the term is short");
        reviewed.today = after;
        assert_eq!(open(&reviewed, "remedies_over").as_deref(), Some("too_early"));
        reviewed.today = after.plus_days(1);
        reviewed.done("remedies_over").unwrap();
    }

    #[test]
    fn nothing_is_enforced_without_a_power_or_taken_down_before_the_remedies_are_over() {
        let mut dismantled = unpaid(&[("owed_yuan", "0")]);
        for step in ["demand", "announce_dismantling"] {
            dismantled.done(step).unwrap();
        }
        let early = dismantled.clone().decide("enforced").unwrap_err();
        assert_eq!(early.code, "remedies_open");
        assert!(early.why.iter().any(|c| c.clause.0 == "AC-44"), "{early}");
        dismantled.take("remedies_over").unwrap();
        dismantled.decide("enforced").unwrap();
        for (owed, power, allowed) in [
            ("5000", "own_law", true),
            ("5000", "surcharge", false),
            ("0", "surcharge", true),
            ("5000", "none", false),
            ("0", "none", false),
        ] {
            let mut bench = unpaid(&[("owed_yuan", owed)]);
            bench.done("demand").unwrap();
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("decide") else {
                unreachable!()
            };
            typed.insert("power".into(), power.into());
            bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
            let decided = bench.decide("enforced").map_err(|refusal| refusal.code);
            assert_eq!(decided, if allowed { Ok(()) } else { Err("no_power".to_owned()) }, "{owed} {power}");
        }
    }

    fn open(bench: &Bench, id: &str) -> Option<String> {
        let steps = crate::casework::open_steps(&bench.docket());
        steps.into_iter().find(|s| s.id == id).map(|s| s.blocked.map_or_else(String::new, |refusal| refusal.code))
    }

    #[test]
    fn a_decision_is_annulled_whether_published_or_not_and_only_what_was_published_is_withdrawn() {
        for (procedure, last) in [("penalty_case", "deliver"), ("on_the_spot_penalty", "fined")] {
            let mut bench = Bench::open(procedure);
            bench.go(if last == "fined" { "tell" } else { "decide" });
            bench.decide("fined").unwrap();
            if last == "deliver" {
                assert_eq!(open(&bench, "annul"), None, "nothing was served");
                bench.done("deliver").unwrap();
            }
            let mut published = bench.clone();
            bench.done("annul").unwrap();
            assert_eq!(open(&bench, "withdraw").as_deref(), Some("nothing_published"), "{procedure}");
            assert_eq!(open(&bench, "publish").as_deref(), Some("decision_annulled"), "{procedure}");
            assert_eq!(bench.done("publish").unwrap_err().code, "decision_annulled");
            assert!(clocks(&bench.docket()).iter().all(|c| c.id != "withdraw"), "{procedure}: nothing to withdraw");
            let pay = clocks(&bench.docket()).into_iter().find(|c| c.id == "pay").unwrap();
            assert_eq!(pay.state.code(), "passed", "{procedure}: nothing is owed any more");
            assert_eq!(open(&bench, "pay").as_deref(), Some("decision_annulled"), "{procedure}");
            published.done("publish").unwrap();
            published.done("annul").unwrap();
            assert!(clocks(&published.docket()).iter().any(|c| c.id == "withdraw" && c.state.is_owed()));
            published.done("withdraw").unwrap();
        }
    }

    #[test]
    fn only_what_was_imposed_and_not_taken_on_the_spot_is_paid() {
        let spot = |answers: &[(&str, &str)]| {
            let mut bench = Bench::open("on_the_spot_penalty");
            bench.go("tell");
            let CaseAct::Decide { outcome, mut typed, reasons, clauses, officers, on } = bench.decide_act("fined")
            else {
                unreachable!()
            };
            typed.extend(answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
            bench.act(Seat::Officer, CaseAct::Decide { outcome, typed, reasons, clauses, officers, on }).unwrap();
            bench
        };
        let has_clock = |bench: &Bench| clocks(&bench.docket()).iter().any(|c| c.id == "pay");
        let owed = spot(&[("fine", "200"), ("paid_at_once", "no")]);
        assert!(has_clock(&owed));
        assert_eq!(open(&owed, "pay").as_deref(), Some(""));
        for answers in [[("fine", "200"), ("paid_at_once", "yes")], [("fine", "0"), ("paid_at_once", "no")]] {
            let bench = spot(&answers);
            assert!(!has_clock(&bench), "{answers:?}");
            assert_eq!(open(&bench, "pay").as_deref(), Some("nothing_to_pay"), "{answers:?}");
        }
    }

    #[test]
    fn what_is_served_by_public_notice_is_served_when_its_time_is_over() {
        for (before, step) in [("investigate", "tell"), ("ask_for_hearing", "give_notice"), ("decide", "deliver")] {
            let mut bench = Bench::open("penalty_case");
            bench.go(before);
            if step == "deliver" {
                bench.decide("fined").unwrap();
                // Served without a document that was made here: its scan is there.
                bench.give("deliver").unwrap();
            }
            let notice = bench.today;
            let due = bench.docket().packs.clock_due("penalty_case", "public_notice", &ClockRun::from(notice), notice);
            let last = due.unwrap().deadline.day().unwrap();
            bench.today = last;
            let unknown = by_notice(&mut bench, step, None).unwrap_err();
            assert_eq!((unknown.code.as_str(), unknown.why.is_empty()), ("notice_day_needed", false));
            let early = by_notice(&mut bench, step, Some(notice)).unwrap_err();
            assert_eq!(early.code, "too_early", "{step}: its last day is not over");
            assert!(early.why.iter().any(|c| c.clause.0 == "PP-36"), "{early}");
            bench.today = last.plus_days(1);
            by_notice(&mut bench, step, Some(notice)).unwrap();
            assert_eq!(bench.case.done(step).unwrap().on, bench.today, "what follows runs from the service");
            let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "public_notice");
            assert_eq!(clock.map(|c| (c.run.start, c.day())), (step == "deliver").then_some((notice, Some(last))));
        }
        let mut handed = Bench::open("penalty_case");
        handed.go("decide");
        handed.decide("fined").unwrap();
        handed.done("deliver").unwrap();
        assert!(clocks(&handed.docket()).iter().all(|c| c.id != "public_notice"), "handed over: nothing is waited for");
    }

    #[test]
    fn a_hearing_is_asked_for_within_its_time() {
        let mut bench = told_with_a_right();
        let last = clocks(&bench.docket()).into_iter().find(|c| c.id == "ask_for_hearing").unwrap().day().unwrap();
        bench.today = last;
        bench.clone().done("ask_for_hearing").unwrap();
        bench.today = last.plus_days(1);
        let late = bench.clone().done("ask_for_hearing").unwrap_err();
        assert_eq!((late.code.as_str(), late.why.is_empty()), ("hearing_too_late", false));
        // It came in time and is entered a day later: by the officer, not by who asks.
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("ask_for_hearing") else {
            unreachable!()
        };
        typed.insert("ask_for_hearing_day".into(), last.to_string());
        let earlier = CaseAct::Done { step, typed, note, officers, on };
        assert_eq!(bench.act(Seat::Applicant, earlier.clone()).unwrap_err().code, "day_today");
        bench.act(Seat::Officer, earlier).unwrap();
        assert!(bench.docket().owes_hearing());
        let mut untold = Bench::open("penalty_case");
        for step in ["open", "investigate", "tell"] {
            untold.done(step).unwrap();
        }
        untold.today = untold.today.plus_days(60);
        untold.done("ask_for_hearing").unwrap();
    }

    #[test]
    fn a_complex_case_is_discussed_by_the_heads_together() {
        let typed = |bench: &Bench, step: &str, answers: &[(&str, &str)]| {
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
            typed.extend(answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
            CaseAct::Done { step, typed, note, officers, on }
        };
        let mut bench = Bench::open("penalty_case");
        bench.done("open").unwrap();
        let investigate = typed(&bench, "investigate", &[("complex", "yes")]);
        bench.act(Seat::Officer, investigate).unwrap();
        bench.done("tell").unwrap();
        let yes = ("discussed", "yes");
        for lacking in [
            [("discussed", "no"), ("discussion", "一致同意。")],
            [yes, ("discussion", "")],
            [yes, ("discussed_by", "")],
        ] {
            let decide = typed(&bench, "decide", &lacking);
            let refusal = bench.act(Seat::Officer, decide).unwrap_err();
            assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("discussion_owed", false));
        }
        let decide = typed(&bench, "decide", &[("discussed", "yes"), ("discussion", "一致同意。")]);
        bench.act(Seat::Officer, decide).unwrap();
    }

    #[test]
    fn what_a_body_does_is_entered_with_its_paper_each_time() {
        let mut bench = Bench::open("acceptance");
        assert_eq!(bench.done_bare("test").unwrap_err().code, "paper_needed");
        bench.give("test").unwrap();
        bench.done_bare("test").unwrap();
    }
}
