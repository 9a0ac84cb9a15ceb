//! What stands in the way: papers, clauses, times, hearings, reviews, remedies and powers, and when it no longer does.

use crate::casework::tests::bench::{Bench, REASONS, account, who};
use crate::casework::{CaseAct, Seat, Typed, Who, clocks};
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
    for (applicant, listed) in [("managing_unit", "yes"), ("government", "yes"), ("person", "no"), ("other_unit", "no")]
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
    let CaseAct::Done { step, mut typed, note, officers, on } = anew("yes", fine, &other) else { unreachable!() };
    typed.insert("told_breach".into(), "799-7".into());
    let another = CaseAct::Done { step, typed, note, officers, on };
    let refusal = bench.try_as(&who(Seat::Officer), another).unwrap_err();
    assert_eq!(refusal.code, "step_not_open", "another breach is another accusation: {refusal}");
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
    let last =
        |bench: &Bench| clocks(&bench.docket()).into_iter().find(|c| c.id == "ask_for_hearing").unwrap().day().unwrap();
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
        assert_eq!(bench.clone().decide(outcome).unwrap_err().code, "step_not_open", "{outcome}: nothing was inquired");
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
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("remedies_over") else { unreachable!() };
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
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("decide") else { unreachable!() };
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
        let CaseAct::Decide { outcome, mut typed, reasons, clauses, officers, on } = bench.decide_act("fined") else {
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
    bench.done("approve_opening").unwrap();
    let investigate = typed(&bench, "investigate", &[("complex", "yes")]);
    bench.act(Seat::Officer, investigate).unwrap();
    bench.done("tell").unwrap();
    let yes = ("discussed", "yes");
    for lacking in
        [[("discussed", "no"), ("discussion", "一致同意。")], [yes, ("discussion", "")], [yes, ("discussed_by", "")]]
    {
        let decide = typed(&bench, "decide", &lacking);
        let refusal = bench.act(Seat::Officer, decide).unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("discussion_owed", false));
    }
    let decide = |bench: &Bench, outside: &str| {
        typed(bench, "decide", &[yes, ("discussion", "一致同意。"), ("discussed_outside", outside)])
    };
    // What the officer types is no discussion: heads speak from their accounts, or signed minutes are there.
    let alone = decide(&bench, "no");
    assert_eq!(bench.act(Seat::Officer, alone).unwrap_err().code, "minutes_owed");
    let mut on_paper = bench.clone();
    bench.done("discuss").unwrap();
    let one = decide(&bench, "no");
    assert_eq!(bench.act(Seat::Officer, one).unwrap_err().code, "minutes_owed", "one head is no discussion");
    bench.done("discuss").unwrap();
    let again = decide(&bench, "no");
    assert_eq!(bench.act(Seat::Officer, again).unwrap_err().code, "minutes_owed", "the same head twice is one");
    let other = Who { account: account(11), ..who(Seat::Head) };
    let voice = bench.done_act("discuss");
    bench.act_as(&other, voice).unwrap();
    let outside = decide(&bench, "yes");
    assert_eq!(bench.act(Seat::Officer, outside).unwrap_err().code, "minutes_owed", "somebody had no account");
    let both = decide(&bench, "no");
    bench.act(Seat::Officer, both).unwrap();
    on_paper.give("decide").unwrap();
    let minutes = decide(&on_paper, "yes");
    on_paper.act(Seat::Officer, minutes).unwrap();
}

#[test]
fn what_heads_said_before_the_party_was_told_anew_is_no_discussion_of_the_new_penalty() {
    let discussed = |bench: &Bench| {
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("decide") else { unreachable!() };
        for (id, text) in [("discussed", "yes"), ("discussion", "一致同意。"), ("discussed_outside", "no")] {
            typed.insert(id.to_owned(), text.to_owned());
        }
        CaseAct::Done { step, typed, note, officers, on }
    };
    let other = Who { account: account(11), ..who(Seat::Head) };
    let speak = |bench: &mut Bench| {
        bench.done("discuss").unwrap();
        let voice = bench.done_act("discuss");
        bench.act_as(&other, voice).unwrap();
    };
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "investigate"] {
        bench.done(step).unwrap();
    }
    speak(&mut bench);
    bench.done("tell").unwrap();
    assert_eq!(bench.case.told_anew(), None);
    let mut once = bench.clone();
    let act = discussed(&once);
    once.act(Seat::Officer, act).unwrap();
    bench.give("decide").unwrap();
    bench.done("tell").unwrap();
    assert!(bench.case.told_anew().is_some());
    let act = discussed(&bench);
    let refusal = bench.act(Seat::Officer, act).unwrap_err();
    assert_eq!(refusal.code, "minutes_owed", "neither voices nor minutes of before are of what is told now");
    speak(&mut bench);
    let act = discussed(&bench);
    bench.act(Seat::Officer, act).unwrap();
}

#[test]
fn nothing_is_inquired_before_the_head_approved_the_opening_and_what_is_not_opened_ends_there() {
    let mut bench = Bench::open("penalty_case");
    bench.done_bare("open").unwrap();
    assert_eq!(bench.done_bare("investigate").unwrap_err().code, "step_not_open");
    let act = bench.done_act("approve_opening");
    assert_eq!(bench.act(Seat::Officer, act).unwrap_err().code, "not_your_step");
    let mut dropped = bench.clone();
    dropped.decide("not_opened").unwrap();
    // The head refuses it without a proposal too, but with reasons and a clause, and nobody else does.
    let refuse = |reasons: &str| CaseAct::Decide {
        outcome: "not_opened".into(),
        typed: Typed::new(),
        reasons: reasons.into(),
        clauses: vec![bench.node("not_opened").clause().clone()],
        officers: Vec::new(),
        on: bench.today,
    };
    let mut refused = bench.clone();
    assert_eq!(refused.act(Seat::Officer, refuse(REASONS)).unwrap_err().code, "not_your_step");
    assert_eq!(refused.act(Seat::Head, refuse("。")).unwrap_err().code, "reasons");
    refused.act(Seat::Head, refuse(REASONS)).unwrap();
    let open: Vec<&str> = refused.docket().open().into_iter().map(|(n, _)| n.id()).collect();
    assert_eq!(open, ["tell_reporter"], "whoever reported it is told");
    bench.done("approve_opening").unwrap();
    assert_eq!(bench.clone().decide("not_opened").unwrap_err().code, "step_not_open", "it was opened");
    bench.done_bare("investigate").unwrap();
}

#[test]
fn what_a_body_does_is_entered_with_its_paper_each_time() {
    let mut bench = Bench::open("acceptance");
    assert_eq!(bench.done_bare("test").unwrap_err().code, "paper_needed");
    bench.give("test").unwrap();
    bench.done_bare("test").unwrap();
}
