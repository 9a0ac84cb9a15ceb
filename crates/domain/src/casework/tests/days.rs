//! Days of acts: none is to come or before what it follows, the law of the day of the facts decides, late entries name a day that is known.

use super::bench::{Bench, PACKS, REASONS, day, office, party, who};
use super::rules::code;
use crate::casework::*;
use base::CivilDate;

#[test]
fn an_applicant_does_not_set_the_clock_of_the_office_back() {
    let mut bench = Bench::open("area_approval");
    bench.today = bench.today.plus_days(9);
    let CaseAct::Done { step, typed, note, officers, on } = bench.done_act("apply") else { unreachable!() };
    let back = CaseAct::Done { step, typed, note, officers, on: on.plus_days(-9) };
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), back.clone())), "day_today");
    assert_eq!(code(bench.try_as(&who(Seat::Counter), back)), "done", "what came on paper is entered with its day");
}

#[test]
fn no_day_is_to_come_or_before_what_it_follows() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.today = bench.today.plus_days(2);
    bench.done("apply").unwrap();
    let accept = |on| {
        let CaseAct::Done { step, typed, note, officers, .. } = bench.done_act("accept") else { unreachable!() };
        CaseAct::Done { step, typed, note, officers, on }
    };
    let today = bench.today;
    for (on, is) in [(today.plus_days(1), "day_to_come"), (today.plus_days(-1), "day_too_early"), (today, "done")] {
        assert_eq!(code(bench.try_as(&who(Seat::Officer), accept(on))), is, "{on}");
    }
}

#[test]
fn the_day_of_the_facts_is_put_right_before_anything_is_decided() {
    let mut bench = Bench::open("area_approval");
    let change = |on, reasons: &str| CaseAct::ChangeFacts { on, reasons: reasons.into() };
    let (today, before) = (bench.today, bench.today.plus_days(-3));
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(today, REASONS))), "facts_same");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(today.plus_days(1), REASONS))), "day_to_come");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(before, "改"))), "reasons");
    assert_eq!(code(bench.try_as(&who(Seat::Head), change(before, REASONS))), "not_your_step");
    let long_ago = day("1990-01-01");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(long_ago, REASONS))), "procedure_not_in_force");
    bench.act(Seat::Officer, change(before, REASONS)).unwrap();
    assert_eq!(bench.case.facts_on, before);
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    bench.done("accept").unwrap();
    bench.today = today.plus_days(2);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(today.plus_days(1), REASONS))), "day_too_late");
    bench.act(Seat::Officer, change(today, REASONS)).unwrap();
    bench.done("examine").unwrap();
    bench.decide("approved").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), change(before, REASONS))), "decided_already");
}

#[test]
fn what_is_entered_after_the_end_is_late_only_by_a_day_that_is_known() {
    let mut bench = Bench::open("product_registration");
    let on = bench.today;
    assert_eq!(bench.docket().last_known_day(), None, "it was begun while its procedure was in force");
    let apply = bench.done_act("apply");
    bench.act(Seat::Officer, apply).unwrap();
    bench.today = day("2026-03-02");
    assert_eq!(bench.docket().accepted_by_lapse(), Some(on), "nobody named what is missing for years");
    assert_eq!(bench.docket().last_known_day(), None, "it goes on with the days on which things are done");
    // The same, entered from the papers of then.
    bench.case.opened_at = bench.today.start();
    assert_eq!((bench.docket().last_known_day(), bench.docket().accepted_by_lapse()), (Some(on), None));
    bench.case.facts_on = on.plus_days(60);
    assert_eq!(bench.docket().last_known_day(), Some(on.plus_days(60)));
    assert_eq!(bench.docket().accepted_by_lapse(), Some(on), "by then it was");
}

#[test]
fn a_procedure_that_was_ended_takes_only_what_happened_before() {
    let procedure = PACKS.procedure("product_registration").unwrap();
    let today = day("2026-03-02");
    let opened = |facts_on, channel, seat| {
        let (party, title) = (Some(party()), "旧案".into());
        let opening = Opening { office: office(), facts_on, channel, party, title, from_case: None };
        open(&PACKS, procedure, &opening, &who(seat), today)
    };
    let ended = opened(today, Channel::Online, Seat::Applicant).unwrap_err();
    assert_eq!(
        (ended.code.as_str(), ended.why.first().map(|c| c.clause.0.as_str())),
        ("procedure_ended", Some("SC-58"))
    );
    let until = procedure.until.unwrap();
    assert_eq!(code(opened(until, Channel::Counter, Seat::Counter)), "procedure_ended");
    assert_eq!(code(opened(until.plus_days(-1), Channel::Counter, Seat::Counter)), "done");
    assert_eq!(code(opened(procedure.from.plus_days(-1), Channel::Counter, Seat::Counter)), "procedure_not_in_force");
    assert_eq!(code(opened(until.plus_days(-1), Channel::OwnMotion, Seat::Officer)), "done");
    assert_eq!(code(opened(until.plus_days(-1), Channel::Online, Seat::Applicant)), "facts_today");
    assert_eq!(code(opened(today.plus_days(1), Channel::Counter, Seat::Counter)), "facts_to_come");
    assert_eq!(code(opened(until.plus_days(-1), Channel::OwnMotion, Seat::Counter)), "not_your_step");
}

#[test]
fn nothing_is_of_a_day_before_anything_that_it_follows() {
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "investigate", "tell", "ask_for_hearing"] {
        bench.done(step).unwrap();
    }
    let told = bench.today;
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("give_notice") else { unreachable!() };
    typed.insert("hold_hearing_day".into(), told.plus_days(-1).to_string());
    let notice = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(bench.act(Seat::Officer, notice).unwrap_err().code, "day_order", "a hearing before its notice");
    bench.done("give_notice").unwrap();
    bench.today = told.plus_days(40);
    bench.done("hold_hearing").unwrap();
    let at = |bench: &Bench, id: &str, day: CivilDate| {
        let CaseAct::Done { step, typed, note, officers, .. } = bench.done_act(id) else { unreachable!() };
        CaseAct::Done { step, typed, note, officers, on: day }
    };
    // What the party said earlier is entered later; what rests on both is of no day before the hearing.
    let said = at(&bench, "defend", told.plus_days(2));
    bench.act(Seat::Officer, said).unwrap();
    let early = at(&bench, "decide", told.plus_days(3));
    let refusal = bench.act(Seat::Officer, early).unwrap_err();
    assert_eq!(refusal.code, "day_too_early", "{refusal}");
    assert!(refusal.what.zh.contains("听证"), "it names what was done later: {refusal}");
    bench.done("decide").unwrap();
}

#[test]
fn days_of_one_matter_are_in_their_order() {
    let asked = PACKS.procedures().iter().flat_map(|p| &p.fields).filter(|f| !f.not_before.is_empty()).count();
    assert!(asked > 10, "{asked}");
    let mut bench = Bench::open("three_together_b");
    bench.done("design").unwrap();
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("build") else { unreachable!() };
    typed.insert("build_end".into(), bench.today.plus_days(-1).to_string());
    let seat = bench.enters("build");
    let act = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(bench.act(seat, act).unwrap_err().code, "day_order");
    bench.done("build").unwrap();
}
