//! Single rules: who may act from which seat, who takes turns, and what a decision needs.

use super::bench::{Bench, PACKS, REASONS, account, office, officers, party, who};
use crate::casework::*;
use base::{ErrorKind, Refusal, Text};

pub(super) fn code<T>(result: Result<T, Refusal>) -> String {
    result.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
}

#[test]
fn a_second_tab_is_told_that_the_case_moved_on() {
    let mut bench = Bench::open("area_approval");
    let seen = bench.case.events;
    bench.give("application").unwrap();
    let officers = officers();
    let checks =
        Checks { officers: &officers, law: None, stands_for: &[], unit_answered: false, heads: Heads::default() };
    for seen in [seen, seen + 2] {
        let late = Command { seen, act: bench.done_act("apply") };
        let refusal = decide(&bench.docket(), &late, &who(Seat::Officer), &checks).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.kind), ("case_moved_on", ErrorKind::Conflict));
    }
}

#[test]
fn what_the_law_gate_refuses_is_not_done() {
    let bench = Bench::open("area_approval");
    let officers = officers();
    let refused = Refusal::new(ErrorKind::Unlawful, "forbidden_place", Text::new("否", "no"), Text::new("下", "next"));
    let checks = Checks {
        officers: &officers,
        law: Some(&refused),
        stands_for: &[],
        unit_answered: false,
        heads: Heads::default(),
    };
    let command = Command { seen: bench.case.events, act: bench.done_act("apply") };
    assert_eq!(code(decide(&bench.docket(), &command, &who(Seat::Officer), &checks)), "forbidden_place");
}

#[test]
fn each_acts_from_their_own_seat_office_and_case() {
    let bench = Bench::open("area_approval");
    let apply = || bench.done_act("apply");
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), apply())), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Counter), apply())), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), apply())), "not_your_step");
    let stranger = Who { party: Some(base::PartyId::new(1, [2; 10])), ..who(Seat::Applicant) };
    assert_eq!(code(bench.try_as(&stranger, apply())), "not_your_case");
    let nobody = Who { party: None, ..who(Seat::Applicant) };
    assert_eq!(code(bench.try_as(&nobody, apply())), "not_your_case");
    let elsewhere = Who { office: Some(base::OfficeId::new(1, [2; 10])), ..who(Seat::Officer) };
    assert_eq!(code(bench.try_as(&elsewhere, apply())), "other_office");
    assert_eq!(code(bench.try_as(&who(Seat::Outside), apply())), "not_your_step");
}

#[test]
fn only_who_handles_the_case_acts_on_it() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    let other = Who { account: account(9), ..who(Seat::Officer) };
    assert_eq!(code(bench.try_as(&other, CaseAct::Assign { to: who(Seat::Officer).account })), "not_your_step");
    bench.act_as(&other, CaseAct::Assign { to: account(9) }).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("accept"))), "not_assigned");
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::Assign { to: account(77) })), "assigned");
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::Assign { to: account(9) })), "assigned_already");
    bench.act(Seat::Head, CaseAct::Assign { to: who(Seat::Officer).account }).unwrap();
    bench.done("accept").unwrap();
}

#[test]
fn who_opens_a_penalty_handles_it_and_the_second_officer_works_along() {
    let procedure = PACKS.procedure("penalty_case").unwrap();
    let mut bench = Bench::open("penalty_case");
    let (channel, title) = (Channel::OwnMotion, "示例商场".to_owned());
    let opening =
        Opening { office: office(), facts_on: bench.today, channel, party: Some(party()), title, from_case: None };
    let events = open(&PACKS, procedure, &opening, &who(Seat::Officer), bench.today).unwrap();
    let to = who(Seat::Officer).account;
    assert_eq!(events.get(1..), Some(&[Event::Assigned { to }][..]), "the case has a handler from the beginning");
    let licence = PACKS.procedure("area_approval").unwrap();
    let at_counter = Opening { channel: Channel::Counter, ..opening };
    assert_eq!(open(&PACKS, licence, &at_counter, &who(Seat::Counter), bench.today).unwrap().len(), 1);
    bench.act(Seat::Head, CaseAct::Assign { to }).unwrap();
    bench.done("open").unwrap();
    let second = Who { account: account(9), ..who(Seat::Officer) };
    let third = Who { account: account(10), ..who(Seat::Officer) };
    let question = |bench: &Bench, by: &Who| code(bench.try_as(by, bench.done_act("question")));
    assert_eq!(question(&bench, &second), "not_assigned", "nobody named them yet");
    bench.done("investigate").unwrap();
    assert_eq!(question(&bench, &second), "done", "named as the second of two (AP-42)");
    assert_eq!(question(&bench, &third), "not_assigned");
    bench.act(Seat::Head, CaseAct::Assign { to: third.account }).unwrap();
    assert_eq!(question(&bench, &second), "not_assigned", "the head gave it to others");
}

#[test]
fn who_stands_in_acts_in_the_place_of_the_handler_and_approves_nothing_of_it() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    let handler = who(Seat::Officer).account;
    bench.act(Seat::Head, CaseAct::Assign { to: handler }).unwrap();
    let other = Who { account: account(9), ..who(Seat::Officer) };
    let officers = officers();
    let act = |bench: &Bench, stands_for: &[base::AccountId]| {
        let checks =
            Checks { officers: &officers, law: None, stands_for, unit_answered: false, heads: Heads::default() };
        let command = Command { seen: bench.case.events, act: bench.done_act("accept") };
        decide(&bench.docket(), &command, &other, &checks)
    };
    assert_eq!(code(act(&bench, &[])), "not_assigned");
    assert_eq!(code(act(&bench, &[account(77)])), "not_assigned");
    assert_eq!(code(act(&bench, &[handler])), "done");
    let reason = "是申请人的近亲属".to_owned();
    bench.act(Seat::Applicant, CaseAct::AskRecusal { account: account(9), reason: reason.clone() }).unwrap();
    bench.act(Seat::Head, CaseAct::SettleRecusal { account: account(9), granted: true, reason }).unwrap();
    assert_eq!(code(act(&bench, &[handler])), "recused", "it is the person who acts that must be free to");
}

#[test]
fn who_keeps_out_does_nothing_more_in_the_case() {
    let mut bench = Bench::open("area_approval");
    let officer = who(Seat::Officer).account;
    bench.act(Seat::Head, CaseAct::Assign { to: officer }).unwrap();
    let ask = CaseAct::AskRecusal { account: officer, reason: "是申请人的近亲属".into() };
    let settle = |granted| CaseAct::SettleRecusal { account: officer, granted, reason: "情况属实".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Head), settle(true))), "recusal_not_asked");
    bench.act(Seat::Applicant, ask.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), ask)), "recusal_asked");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), settle(true))), "not_your_step");
    let own = Who { account: officer, ..who(Seat::Head) };
    assert_eq!(code(bench.try_as(&own, settle(false))), "own_recusal");
    bench.act(Seat::Head, settle(true)).unwrap();
    assert_eq!((bench.case.assigned, bench.case.is_recused(officer)), (None, true));
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("apply"))), "recused");
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::Assign { to: officer })), "assigned");
}

#[test]
fn nobody_approves_their_own_case_and_the_head_decides_what_was_proposed() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    let decide = |bench: &Bench| bench.decide_act("not_fined");
    assert_eq!(code(bench.try_as(&who(Seat::Head), decide(&bench))), "not_proposed");
    bench.propose("not_fined").unwrap();
    let officer = Who { account: who(Seat::Officer).account, ..who(Seat::Head) };
    assert_eq!(code(bench.try_as(&officer, decide(&bench))), "own_case", "under the seat of the head too");
    let second = Who { account: account(9), ..who(Seat::Head) };
    assert_eq!(code(bench.try_as(&second, decide(&bench))), "own_case", "named as officer of a step");
    let CaseAct::Decide { outcome, typed, clauses, officers, on, .. } = decide(&bench) else { unreachable!() };
    let reasons = "另有理由，与所提意见不同。".to_owned();
    let other = CaseAct::Decide { outcome, typed, reasons, clauses, officers, on };
    assert_eq!(code(bench.try_as(&who(Seat::Head), other)), "not_as_proposed");
    bench.act(Seat::Head, CaseAct::SendBack { reasons: "请补充证据".into() }).unwrap();
    assert!(bench.case.proposal.is_none());
    assert_eq!(code(bench.try_as(&who(Seat::Head), CaseAct::SendBack { reasons: "再退".into() })), "nothing_proposed");
    bench.decide("not_fined").unwrap();
    let stands = bench.case.outcome().unwrap();
    assert_eq!((stands.outcome.as_str(), stands.reasons.expose().as_str()), ("not_fined", REASONS));
}

#[test]
fn a_decision_waits_for_the_review_of_what_is_proposed_last() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    bench.propose("fined").unwrap();
    let head = who(Seat::Head);
    assert_eq!(code(bench.try_as(&head, bench.decide_act("fined"))), "legal_review_needed");
    bench.review().unwrap();
    assert_eq!(code(bench.try_as(&head, bench.decide_act("fined"))), "done");
    bench.propose("fined").unwrap();
    assert_eq!(code(bench.try_as(&head, bench.decide_act("fined"))), "legal_review_needed", "another proposal");
    let own = Who { account: who(Seat::Officer).account, ..who(Seat::LegalReviewer) };
    let review = |passed| CaseAct::Review { passed, opinion: REASONS.into(), typed: Typed::new() };
    assert_eq!(code(bench.try_as(&own, review(true))), "own_case");
    bench.act(Seat::LegalReviewer, review(false)).unwrap();
    assert!(bench.case.proposal.is_none(), "what did not pass no longer stands");
    let reviewer = Who { account: who(Seat::LegalReviewer).account, ..who(Seat::Head) };
    bench.propose("not_fined").unwrap();
    assert_eq!(
        code(bench.try_as(&reviewer, bench.decide_act("not_fined"))),
        "own_case",
        "the reviewer decides nothing"
    );
}

#[test]
fn two_different_officers_with_certificates_are_named_where_the_law_asks() {
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "approve_opening"] {
        bench.done(step).unwrap();
    }
    let officer = who(Seat::Officer).account;
    let named = |officers: Vec<base::AccountId>| {
        let CaseAct::Done { step, typed, note, on, .. } = bench.done_act("investigate") else { unreachable!() };
        code(bench.try_as(&who(Seat::Officer), CaseAct::Done { step, typed, note, officers, on }))
    };
    assert_eq!(named(vec![]), "two_officers_required");
    assert_eq!(named(vec![officer, officer]), "two_officers_required");
    assert_eq!(named(vec![officer, account(77)]), "officers");
    assert_eq!(named(vec![officer, account(10)]), "not_qualified");
    assert_eq!(named(vec![officer, account(9)]), "done");
}

#[test]
fn a_burden_has_reasons_and_a_clause() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    let propose = |reasons: &str, clauses: &[&str]| CaseAct::Propose {
        outcome: "refused".into(),
        typed: bench.sample("refused"),
        reasons: reasons.into(),
        clauses: clauses.iter().map(|c| base::ClauseId::new(c)).collect(),
    };
    let tried = |act| code(bench.try_as(&who(Seat::Officer), act));
    assert_eq!(tried(propose("九个字的理由不足", &["AL-38"])), "reasons");
    assert_eq!(tried(propose(REASONS, &[])), "clause_needed");
    assert_eq!(tried(propose(REASONS, &["Z-1"])), "clause");
    assert_eq!(tried(propose(REASONS, &["AL-38"])), "done");
    let approve = CaseAct::Propose {
        outcome: "approved".into(),
        typed: bench.sample("approved"),
        reasons: String::new(),
        clauses: vec![],
    };
    assert_eq!(tried(approve), "done", "what burdens nobody needs none");
}

#[test]
fn who_decides_a_filing_that_nobody_has_handles_it_and_nobody_else_does_by_deciding() {
    let mut bench = Bench::open("provider_filing");
    bench.go("check");
    assert_eq!(bench.case.assigned, None);
    let mut others = bench.clone();
    bench.take("filed").unwrap();
    assert_eq!(bench.case.assigned, Some(who(Seat::Officer).account));
    others.act(Seat::Head, CaseAct::Assign { to: account(9) }).unwrap();
    assert_eq!(code(others.try_as(&who(Seat::Officer), others.decide_act("filed"))), "not_assigned");
    let mut refused = Bench::open("provider_filing");
    refused.go("check");
    refused.decide("not_filed").unwrap();
    assert_eq!(refused.case.assigned, None, "the head decided");
}
