//! Deciding in the head's place: by somebody apart from the case, what the head decides and nothing else, named in the decision.

use super::bench::{Bench, REASONS, account, officers, who};
use crate::casework::*;
use base::{AccountId, Refusal};

const PAPER: &str = "示公技防委〔2026〕1号";

/// Somebody of the office who handled nothing, in the head's place.
fn deputy() -> Who {
    Who { account: account(10), ..who(Seat::Head) }
}

fn tried(bench: &Bench, who: &Who, act: CaseAct) -> Result<Vec<Event>, Refusal> {
    let officers = officers();
    let heads = Heads { deputy: Some(Deputy { number: PAPER }), ..Heads::default() };
    let checks = Checks { officers: &officers, law: None, stands_for: &[], unit_answered: false, heads };
    decide(&bench.docket(), &Command { seen: bench.case.events, act }, who, &checks)
}

fn code(done: Result<Vec<Event>, Refusal>) -> String {
    done.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
}

fn take(bench: &Bench, outcome: &str) -> CaseAct {
    CaseAct::Decide {
        outcome: outcome.to_owned(),
        typed: Typed::new(),
        reasons: String::new(),
        clauses: Vec::new(),
        officers: Vec::new(),
        on: bench.today,
    }
}

/// A licence that is examined and proposed by the officer.
fn proposed() -> Bench {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    for step in ["apply", "accept", "examine"] {
        bench.done(step).unwrap();
    }
    bench.propose("approved").unwrap();
    bench
}

#[test]
fn a_decision_by_delegation_names_its_paper_and_older_decisions_read_as_before() {
    let bench = proposed();
    let event = tried(&bench, &deputy(), take(&bench, "approved")).unwrap().remove(0);
    let Event::Decided { delegation, .. } = &event else { panic!("{event:?}") };
    assert_eq!(delegation.as_deref(), Some(PAPER));
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    let own = bench.try_as(&who(Seat::Head), take(&bench, "approved")).unwrap().remove(0);
    assert!(!serde_json::to_string(&own).unwrap().contains("delegation"), "a head's own is spelled as ever");
}

#[test]
fn nobody_decides_by_delegation_what_they_proposed_reviewed_or_handle() {
    let mut bench = proposed();
    let as_head = |account: AccountId| Who { account, ..who(Seat::Head) };
    let proposer = as_head(who(Seat::Officer).account);
    assert_eq!(code(tried(&bench, &proposer, take(&bench, "approved"))), "own_case");
    let send_back = || CaseAct::SendBack { reasons: REASONS.to_owned() };
    assert_eq!(code(tried(&bench, &proposer, send_back())), "own_case");
    assert_eq!(code(tried(&bench, &deputy(), send_back())), "done");
    let review = CaseAct::Review { passed: true, opinion: String::new(), typed: Typed::new() };
    bench.act(Seat::LegalReviewer, review).unwrap();
    let reviewer = as_head(who(Seat::LegalReviewer).account);
    assert_eq!(code(tried(&bench, &reviewer, take(&bench, "approved"))), "own_case");
    assert_eq!(code(tried(&bench, &deputy(), take(&bench, "approved"))), "done");
    bench.act(Seat::Head, CaseAct::Assign { to: deputy().account }).unwrap();
    assert_eq!(code(tried(&bench, &deputy(), take(&bench, "approved"))), "own_case", "it is theirs to handle");
}

#[test]
fn a_delegation_opens_the_decision_alone() {
    let bench = proposed();
    let assign = CaseAct::Assign { to: account(9) };
    assert_eq!(code(tried(&bench, &deputy(), assign)), "not_your_step");
    let note = CaseAct::Note { words: "备注一句".to_owned() };
    assert_eq!(code(tried(&bench, &deputy(), note)), "not_your_step");
}

#[test]
fn a_penalty_is_decided_by_the_head_alone() {
    let bench = Bench::open("penalty_case");
    assert_eq!(code(tried(&bench, &deputy(), take(&bench, "fined"))), "delegation_unlawful");
}
