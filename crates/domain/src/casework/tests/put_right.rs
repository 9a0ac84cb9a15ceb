//! What was entered wrongly is put right by another entry, until the decision and in the order of days, and counts in its place.

use super::bench::{Bench, REASONS, who};
use super::rules::code;
use crate::casework::*;
use base::{CivilDate, Sha256};

#[test]
fn a_slip_is_corrected_by_another_entry_and_the_first_stays() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let before = bench.events.clone();
    let correct = |index| CaseAct::Correct { index, what: "应为东门".into(), reasons: "录入笔误".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), correct(bench.case.events))), "not_found");
    bench.act(Seat::Officer, correct(1)).unwrap();
    assert_eq!(bench.events.get(..before.len()), Some(before.as_slice()));
    assert!(bench.case.corrected.contains(&1));
}

#[test]
fn a_value_that_was_filled_in_wrongly_is_put_right_and_counts_until_the_decision() {
    let mut bench = Bench::open("penalty_case");
    let act_day = |typed: &str| CaseAct::CorrectValue {
        field: "act_day".into(),
        typed: typed.into(),
        reasons: "录入时看错。".into(),
    };
    let (today, before) = (bench.today, bench.today.plus_days(-20));
    assert_eq!(
        code(bench.try_as(&who(Seat::Officer), act_day(&before.to_string()))),
        "unknown",
        "nothing is filled in"
    );
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("open") else { unreachable!() };
    typed.insert("act_day".into(), today.plus_days(1).to_string());
    let late = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), late)), "form", "what happened is not of a day to come");
    bench.done("open").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.to_string()))), "value");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.plus_days(1).to_string()))), "form", "to come");
    bench.today = today.plus_days(9);
    let after = act_day(&today.plus_days(1).to_string());
    assert_eq!(code(bench.try_as(&who(Seat::Officer), after)), "act_day_to_come", "later than the step that names it");
    bench.today = today;
    assert_eq!(code(bench.try_as(&who(Seat::Head), act_day(&before.to_string()))), "not_your_step");
    let events = bench.events.len();
    bench.act(Seat::Officer, act_day(&before.to_string())).unwrap();
    assert_eq!(bench.case.values_of("open").unwrap().day("act_day"), Some(before));
    assert_eq!(bench.case.done("open").unwrap().on, today, "the step was done when it was done");
    let told = bench.events.get(events..).unwrap();
    let words = |r: &Recorded| matches!(&r.event, Event::Corrected { what, .. } if what.contains(&today.to_string()));
    assert!(told.iter().any(words), "the old value is shown");
    for step in ["investigate", "tell"] {
        bench.done(step).unwrap();
    }
    let told_sum =
        CaseAct::CorrectValue {
            field: "intended_fine".into(), typed: "9".into(), reasons: "录入时看错。".into()
        };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), told_sum)), "unknown", "the party has that paper");
    bench.propose("not_fined").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.to_string()))), "proposal_stands");
    bench.decide("not_fined").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act_day(&today.to_string()))), "decided_already");
}

#[test]
fn days_that_are_put_right_stay_in_their_order_with_those_before_and_behind() {
    let mut bench = Bench::open("penalty_case");
    let mut procedure = bench.procedure.clone();
    let act_day = procedure.field("act_day").unwrap().clone();
    let seen_day =
        law::Field { id: "seen_day".into(), step: "investigate".into(), not_before: vec!["act_day".into()], ..act_day };
    procedure.fields.push(seen_day);
    bench.procedure = Box::leak(Box::new(procedure));
    bench.done("open").unwrap();
    bench.done("investigate").unwrap();
    let put_right = |field: &str, on: CivilDate| CaseAct::CorrectValue {
        field: field.into(),
        typed: on.to_string(),
        reasons: "录入时看错。".into(),
    };
    let today = bench.today;
    let (first, middle, last) = (today.plus_days(-20), today.plus_days(-10), today.plus_days(-5));
    assert_eq!(code(bench.act(Seat::Officer, put_right("seen_day", first))), "day_order", "before what it follows");
    bench.act(Seat::Officer, put_right("act_day", first)).unwrap();
    bench.act(Seat::Officer, put_right("seen_day", middle)).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, put_right("act_day", last))), "day_order", "behind what follows it");
    bench.act(Seat::Officer, put_right("act_day", middle)).unwrap();
}

#[test]
fn what_a_delivered_paper_says_is_not_written_over_while_it_counts() {
    let mut bench = Bench::open("penalty_case");
    bench.go("register_evidence");
    let done = bench.case.done("register_evidence").unwrap().index;
    let place = || CaseAct::CorrectValue {
        field: "evidence_place".into(),
        typed: "分局物证室".into(),
        reasons: "录入时看错。".into(),
    };
    let made = super::super::case::Document {
        kind: "evidence_registration".into(),
        number: "示例".into(),
        sha256: Sha256::of(b"paper"),
        pages: 1,
        index: done + 1,
        at: base::UtcMs(0),
        delivered: Some((Way::InPerson, bench.today)),
        void: false,
    };
    bench.case.documents.push(made);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), place())), "paper_served");
    bench.case.documents.last_mut().unwrap().void = true;
    assert_eq!(code(bench.try_as(&who(Seat::Officer), place())), "done", "void it is no paper");
}

#[test]
fn no_correction_leaves_a_complex_case_without_its_discussion() {
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "investigate", "tell", "decide"] {
        bench.done(step).unwrap();
    }
    let flag = |field: &str, typed: &str| CaseAct::CorrectValue {
        field: field.into(),
        typed: typed.into(),
        reasons: "录入时看错。".into(),
    };
    assert_eq!(code(bench.act(Seat::Officer, flag("complex", "yes"))), "discussion_owed", "nobody discussed it");
    assert_eq!(code(bench.act(Seat::Officer, flag("discussed", "yes"))), "minutes_owed", "nothing shows it");
    bench.give("decide").unwrap();
    bench.act(Seat::Officer, flag("discussed", "yes")).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, flag("discussed_by", ""))), "discussion_owed", "who took part stays");
    bench.act(Seat::Officer, flag("complex", "yes")).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, flag("discussed", "no"))), "discussion_owed");
}

#[test]
fn no_more_devices_are_approved_than_were_applied_for() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    for step in ["apply", "accept", "examine"] {
        bench.done(step).unwrap();
    }
    let applied: i64 = bench.case.values_of("apply").unwrap().number("devices_total").unwrap();
    let propose = |devices: i64| {
        let mut typed = bench.sample("approved");
        typed.insert("approved_devices".into(), devices.to_string());
        CaseAct::Propose { outcome: "approved".into(), typed, reasons: REASONS.into(), clauses: Vec::new() }
    };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), propose(applied))), "done");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), propose(applied + 1))), "more_than_applied");
}
