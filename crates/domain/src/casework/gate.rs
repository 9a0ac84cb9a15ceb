//! What stands in the way of a step or outcome that is open by the order of the procedure, whoever wants to take it.
//!
//! Always true: pages show a step as blocked for the same reason for which `decide` would refuse it, since both ask here.

use super::docket::{Docket, Node, is_adverse};
use super::refuse;
use super::seat::Seat;
use super::words::{ACCEPT, ASK_FOR_REST};
use base::{CivilDate, Refusal};
use law::{Direction, Guard, Sense};

/// Why an open step or outcome cannot be taken on a day; `None`: it can, by whoever may.
pub(super) fn blocked(docket: &Docket<'_>, node: Node<'_>, on: CivilDate) -> Option<Refusal> {
    completeness(docket, node)
        .or_else(|| by_time(docket, node, on))
        .or_else(|| by_papers(docket, node))
        .or_else(|| by_guards(docket, node))
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
    for clock in &docket.procedure.clocks {
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
            let run = law::ClockRun::from(on);
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

fn by_papers(docket: &Docket<'_>, node: Node<'_>) -> Option<Refusal> {
    if node.is_outcome() && docket.owes_hearing() {
        return Some(refuse::hearing_owed(docket, node));
    }
    if node.seat(docket.procedure) == Seat::Outside {
        let last = docket.case.done(node.id()).map(|d| d.index);
        let fresh = docket.case.paper(node.id()).is_some_and(|p| last.is_none_or(|l| p.index > l));
        return (!fresh).then(|| refuse::paper_of_body(docket, node));
    }
    None
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
    use crate::casework::clocks;
    use crate::casework::tests::bench::Bench;

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
        for step in ["unpaid", "remedies_over", "court_demand"] {
            bench.done(step).unwrap();
        }
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
        assert_eq!(bench.decide("not_fined").unwrap_err().code, "hearing_owed");
        bench.today = bench.today.plus_days(40);
        bench.done("hold_hearing").unwrap();
        bench.go("decide");
        bench.decide("not_fined").unwrap();
    }

    #[test]
    fn what_a_body_does_is_entered_with_its_paper_each_time() {
        let mut bench = Bench::open("acceptance");
        assert_eq!(bench.done_bare("test").unwrap_err().code, "paper_needed");
        bench.give("test").unwrap();
        bench.done_bare("test").unwrap();
    }
}
