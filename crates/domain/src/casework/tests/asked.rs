//! What an applicant is asked for, once and all of it, and what an applicant asks for: an end before the decision, payment later.

use super::bench::{Bench, PACKS, REASONS, who};
use super::rules::code;
use crate::casework::*;

#[test]
fn what_is_missing_is_named_once_and_all_of_it() {
    let mut bench = Bench::open("product_registration");
    bench.done("apply").unwrap();
    for paper in ["form", "licence", "organisation_code", "representative"] {
        bench.give(paper).unwrap();
    }
    assert_eq!(code(bench.ask(&["technicians"])), "name_everything");
    assert_eq!(code(bench.ask(&["technicians", "technicians"])), "missing");
    assert_eq!(code(bench.ask(&["technicians", "nothing"])), "missing");
    bench.ask(&["technicians", "standard", "appraisal"]).unwrap();
    assert!(bench.docket().awaits_rest());
    bench.give("technicians").unwrap();
    assert_eq!(code(bench.done("receive")), "rest_awaited");
    assert_eq!(code(bench.ask(&["standard"])), "asked_before");
    bench.done("complete").unwrap();
    assert_eq!(code(bench.ask(&["standard"])), "asked_before", "it was asked for, and nothing new came");
    assert_eq!(code(bench.ask(&["technicians"])), "asked_before", "nor of what was handed in since: it is told once");
    bench.complete_papers();
    bench.done("receive").unwrap();
    assert_eq!(code(bench.ask(&["technicians"])), "asked_before", "nothing is asked for after the acceptance");
}

#[test]
fn what_is_missing_is_named_once_in_every_procedure() {
    let mut found = 0;
    for procedure in PACKS.procedures() {
        let Some(step) = asking_step(procedure) else { continue };
        let mut bench = Bench::open(&procedure.id);
        let before = step.after.first().map(String::as_str).unwrap_or_default();
        bench.go(before);
        let missing: Vec<String> = bench.docket().missing().iter().map(|m| m.id.clone()).collect();
        let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
        bench.ask(&missing).unwrap();
        assert!(bench.case.was_asked());
        bench.complete_papers();
        bench.done("complete").unwrap();
        assert_eq!(code(bench.ask(&missing)), "asked_before", "{}", procedure.id);
        assert_eq!(code(bench.ask(&[])), "asked_before", "{}", procedure.id);
        assert_eq!(bench.case.askings.len(), 1, "{}", procedure.id);
        found += 1;
    }
    assert!(found >= 8, "{found}");
}

#[test]
fn an_organisation_from_abroad_names_its_own_registration() {
    for procedure in ["citizen_viewing", "evidence_retrieval"] {
        let with = |kind: &str, without: &[&str]| {
            let mut bench = Bench::open(procedure);
            let seat = bench.enters("apply");
            let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("apply") else { unreachable!() };
            typed.insert("applicant_kind".into(), kind.into());
            for field in without {
                typed.remove(*field);
            }
            code(bench.act(seat, CaseAct::Done { step, typed, note, officers, on }))
        };
        let (own, abroad) = (&["credit_code"][..], &["registration_kind", "registration_number"][..]);
        assert_eq!(with("unit", abroad), "done", "{procedure}");
        assert_eq!(with("unit", own), "form", "{procedure}: a unit from here has a code");
        assert_eq!(with("foreign_unit", own), "done", "{procedure}");
        for one in abroad.iter().copied() {
            assert_eq!(with("foreign_unit", &["credit_code", one]), "form", "{procedure}: {one}");
        }
        assert_eq!(with("foreign_unit", &["credit_code", "unit_name"]), "form", "{procedure}: its name");
        assert_eq!(with("person", &["credit_code", "registration_kind", "registration_number"]), "done", "{procedure}");
    }
}

#[test]
fn after_the_one_asking_the_advice_names_only_what_can_be_done() {
    let asked = |procedure: &str| {
        let mut bench = Bench::open(procedure);
        let step = asking_step(bench.procedure).unwrap();
        bench.go(step.after.first().unwrap());
        assert_eq!(not_asked_again(&bench.docket()).map(|refusal| refusal.code), None, "{procedure}");
        let missing: Vec<String> = bench.docket().missing().iter().map(|m| m.id.clone()).collect();
        bench.ask(&missing.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        bench
    };
    let advice = |bench: &Bench| not_asked_again(&bench.docket()).unwrap().next.zh.into_owned();
    // A filing is answered with reasons as it lies there.
    let mut bench = asked("system_filing");
    let not_filed = bench.procedure.outcomes.iter().find(|o| o.id == "not_filed").unwrap();
    let name = not_filed.zh.trim_end_matches('。');
    assert!(advice(&bench).contains(name), "{}", advice(&bench));
    bench.done("complete").unwrap();
    let refusal = bench.decide("filed").unwrap_err();
    assert_eq!(refusal.code, "materials_missing");
    assert!(refusal.next.zh.contains(name), "{refusal}");
    bench.complete_papers();
    assert!(advice(&bench).contains("已经交齐"), "{}", advice(&bench));
    // A licence that is not completed is not accepted, in writing (AL-32).
    let bench = asked("area_approval");
    let not_accepted = bench.procedure.outcomes.iter().find(|o| o.id == "not_accepted").unwrap();
    assert!(advice(&bench).contains(not_accepted.zh.trim_end_matches('。')), "{}", advice(&bench));
    // A registration is taken in whole or not at all, and its refusal comes after that.
    let bench = asked("product_registration");
    assert!(
        advice(&bench).contains("撤回申请") && !advice(&bench).contains("受理，或者依法决定"),
        "{}",
        advice(&bench)
    );
}

#[test]
fn what_was_not_completed_is_not_accepted_only_after_it_was_named_and_its_day_is_over() {
    let not_accepted = |bench: &Bench, ground: &str| {
        let mut bench = bench.clone();
        let clauses = vec![bench.node("not_accepted").clause().clone()];
        let mut typed = bench.sample("not_accepted");
        typed.insert("not_accepted_ground".into(), ground.into());
        if ground != "not_ours" {
            typed.remove("not_accepted_organ");
        }
        let propose = CaseAct::Propose { outcome: "not_accepted".into(), typed, reasons: REASONS.into(), clauses };
        bench.act(Seat::Officer, propose).unwrap();
        let act = bench.decide_act("not_accepted");
        code(bench.act(Seat::Head, act))
    };
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    assert_eq!(not_accepted(&bench, "incomplete"), "rest_never_named");
    assert_eq!(not_accepted(&bench, "not_ours"), "done", "that needs no asking");
    let until = bench.today.plus_days(9);
    let missing = vec![Missing { id: "application".into(), reason: "没有提交".into() }];
    let ask = CaseAct::AskForRest { materials: missing, fields: vec![], on: bench.today, until: Some(until) };
    bench.act(Seat::Officer, ask).unwrap();
    bench.today = until;
    assert_eq!(not_accepted(&bench, "incomplete"), "rest_time_left", "the last day is theirs");
    assert_eq!(not_accepted(&bench, "not_ours"), "done");
    bench.today = until.plus_days(1);
    assert_eq!(not_accepted(&bench, "incomplete"), "done");
}

#[test]
fn the_party_has_a_day_that_is_still_to_come() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let today = bench.today;
    let ask = |until| CaseAct::AskForRest {
        materials: vec![Missing { id: "application".into(), reason: "没有提交".into() }],
        fields: vec![],
        on: today,
        until,
    };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), ask(Some(today.plus_days(-1))))), "until");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), ask(Some(today)))), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), ask(None))), "done", "no clause sets a number of days");
    bench.act(Seat::Officer, ask(Some(today.plus_days(9)))).unwrap();
    assert_eq!(bench.case.askings.last().and_then(|a| a.until), Some(today.plus_days(9)));
}

#[test]
fn an_application_is_given_up_before_the_decision_and_nothing_follows() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let give_up = CaseAct::Abandon { reasons: String::new() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), give_up.clone())), "not_your_step");
    let mut decided = bench.clone();
    decided.go("examine");
    decided.decide("refused").unwrap();
    assert_eq!(code(decided.try_as(&who(Seat::Applicant), give_up.clone())), "decided_already");
    bench.act(Seat::Applicant, give_up).unwrap();
    assert_eq!(stage(&bench.docket()), Stage::Abandoned);
    assert!(open_steps(&bench.docket()).is_empty());
    assert_eq!(code(bench.done("accept")), "case_ended");
    assert_eq!(code(bench.give("application")), "case_ended");
    bench.act(Seat::Officer, CaseAct::Note { words: "已电话告知".into() }).unwrap();
    let penalty = Bench::open("penalty_case");
    let drop = CaseAct::Abandon { reasons: REASONS.into() };
    for seat in [Seat::Officer, Seat::Head] {
        assert_eq!(code(penalty.try_as(&who(seat), drop.clone())), "not_your_step", "a penalty case is decided");
    }
    let inspection = Bench::open("inspection_b");
    for (seat, done) in [
        (Seat::Officer, "done"),
        (Seat::Head, "done"),
        (Seat::LegalReviewer, "not_your_step"),
        (Seat::Publisher, "not_your_step"),
    ] {
        assert_eq!(code(inspection.try_as(&who(seat), drop.clone())), done, "{seat:?}: its own motion");
    }
}

#[test]
fn payment_later_is_asked_for_while_it_is_owed_and_refused_with_reasons_by_the_head() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    let mut gains = bench.clone();
    bench.decide("fined").unwrap();
    bench.take("deliver").unwrap();
    let open = |bench: &Bench, id: &str| bench.docket().open().iter().any(|(n, _)| n.id() == id);
    assert!(open(&bench, "ask_deferral") && !open(&bench, "refuse_deferral"));
    bench.done("ask_deferral").unwrap();
    assert!(bench.docket().asks_deferral() && !open(&bench, "ask_deferral"));
    let refuse = bench.done_act("refuse_deferral");
    assert_eq!(code(bench.act(Seat::Officer, refuse)), "not_your_step");
    let mut allowed = bench.clone();
    let parts = vec![crate::payment::Part { by: bench.today.plus_days(90), fen: 500_000 }];
    let (clock, reasons) = ("pay".to_owned(), "确有经济困难".to_owned());
    let leave = CaseAct::Defer { clock, on: bench.today, asked_on: bench.today, parts, reasons };
    allowed.act(Seat::Head, leave).unwrap();
    assert!(!allowed.docket().asks_deferral() && !open(&allowed, "refuse_deferral"), "it is answered");
    let mut paid = bench.clone();
    paid.done("pay").unwrap();
    assert!(!paid.docket().asks_deferral() && !open(&paid, "refuse_deferral"), "it was paid without an answer");
    bench.done("refuse_deferral").unwrap();
    assert!(!bench.docket().asks_deferral() && open(&bench, "ask_deferral"), "it may be asked for again");
    bench.done("pay").unwrap();
    assert!(!open(&bench, "ask_deferral"), "nothing is owed");
    // Gains that were confiscated are no fine: no leave moves their day.
    let mut typed = gains.sample("fined");
    typed.extend([("fine".to_owned(), "0".to_owned()), ("confiscated".to_owned(), "800".to_owned())]);
    let clauses = vec![gains.node("fined").clause().clone()];
    let propose = CaseAct::Propose { outcome: "fined".into(), typed, reasons: REASONS.into(), clauses };
    gains.act(Seat::Officer, propose).unwrap();
    gains.decide("fined").unwrap();
    gains.take("deliver").unwrap();
    assert!(open(&gains, "pay") && !open(&gains, "ask_deferral"));
}
