//! Papers of inspections and penalties: orders, records, evidence, hearing, decision, payment.

use super::*;
use crate::casework::{Way, clocks};

#[test]
fn an_order_names_its_defects_its_last_day_and_keeps_a_counterfoil() {
    let mut bench = Bench::open("inspection_a");
    bench.go("order");
    let e = made(&bench, "order_with_limit");
    let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "correct").unwrap();
    let day = clock.day().unwrap();
    let day = format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day());
    assert!(e.decision.iter().any(|d| d.contains(&day)), "{:?}", e.decision);
    assert!(e.stub.iter().any(|p| p.value == day));
    let defects = bench.case.values_of("order").unwrap().text("order_defects").unwrap();
    assert!(e.facts.iter().any(|f| f.contains(defects.lines().next().unwrap())));
    assert!(!e.remedies.is_empty() && e.signatures.iter().any(|s| s.number == "执法1号"));
    assert_eq!(refusal(&bench, "order_at_once").code, "other_paper");
    assert_eq!(refusal(&bench, "recheck_opinion").code, "paper_too_early");
}

#[test]
fn more_time_names_why_it_was_asked_for_and_its_new_last_day() {
    for procedure in ["inspection_a", "inspection_b"] {
        let mut bench = Bench::open(procedure);
        bench.go("order");
        assert_eq!(refusal(&bench, "order_extension").code, "paper_too_early");
        bench.go("extend_order");
        let e = made(&bench, "order_extension");
        let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "correct_extended").unwrap();
        let day = clock.day().unwrap();
        let day = format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day());
        assert!(e.decision.iter().any(|d| d.contains(&day)), "{:?}", e.decision);
        let why = bench.case.values_of("ask_extension").unwrap().text("extension_why").unwrap();
        assert!(e.facts.iter().any(|f| f.contains(why)), "{:?}", e.facts);
        let old = clocks(&bench.docket()).into_iter().find(|c| c.id == "correct").unwrap();
        assert!(!old.state.is_owed(), "one time runs");
    }
}

#[test]
fn a_penalty_tells_before_it_how_one_is_heard_and_after_it_how_one_pays() {
    let mut bench = Bench::open("penalty_case");
    bench.go("tell");
    let notice = made(&bench, "prior_notice");
    assert!(notice.remedies.iter().any(|r| r.contains("陈述")), "{:?}", notice.remedies);
    assert_eq!(refusal(&bench, "investigation_report").code, "nothing_proposed");
    bench.go("decide");
    bench.propose("fined").unwrap();
    let report = made(&bench, "investigation_report");
    assert_eq!(report.opinions.len(), 2);
    assert!(report.decision.first().is_some_and(|d| d.ends_with("给予行政处罚。")), "{:?}", report.decision);
    bench.decide("fined").unwrap();
    let e = made(&bench, "penalty_decision");
    assert!(e.decision.first().is_some_and(|d| d.contains("给予行政处罚")));
    let facts = bench.case.values_of("investigate").unwrap().text("facts").unwrap();
    assert!(e.facts.iter().any(|f| f.contains(facts.lines().next().unwrap())));
    assert!(e.paragraphs.iter().any(|p| p.contains("缴纳罚款")), "{:?}", e.paragraphs);
    assert_eq!(refusal(&bench, "case_closing_report").code, "still_owed");
    assert_eq!(refusal(&bench, "group_discussion").code, "other_paper");
}

/// A case whose breach was told with its range, under the law of the day.
fn told_of(breach: &str) -> Bench {
    let mut bench = Bench::open("penalty_case");
    for (step, field, text) in [("open", "", ""), ("investigate", "grade", "ordinary"), ("tell", "told_breach", breach)]
    {
        if step == "investigate" {
            bench.done("approve_opening").unwrap();
        }
        let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act(step) else { unreachable!() };
        if !field.is_empty() {
            typed.insert(field.into(), text.into());
        }
        bench.act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).unwrap();
    }
    bench
}

#[test]
fn notice_and_decision_name_the_breach_what_punishes_it_and_the_range() {
    let mut bench = told_of("799-8");
    let names = |e: &Envelope| {
        let basis: Vec<&str> = e.basis.iter().map(|b| b.article.as_str()).collect();
        let has = |article: &str| basis.iter().any(|named| named.ends_with(article));
        assert!(has("第八条第一款") && has("第二十七条第一款"), "{basis:?}");
        let said = |d: &&String| d.contains("第八条第一款") && d.contains("第二十七条第一款");
        let line = e.decision.iter().find(said).expect("a line of the charge");
        assert!(line.contains("10000元以上20000元以下"), "{line}");
    };
    let notice = made(&bench, "prior_notice");
    names(&notice);
    assert!(notice.decision.iter().any(|d| d.contains("5000元")), "what is intended stands there too");
    bench.go("decide");
    let act = CaseAct::Propose {
        outcome: "fined".into(),
        typed: bench.sample("fined"),
        reasons: REASONS.into(),
        clauses: vec![ClauseId::new("799-8")],
    };
    bench.act(Seat::Officer, act).unwrap();
    names(&made(&bench, "decision_approval"));
    bench.review().unwrap();
    bench.act(Seat::Head, bench.decide_act("fined")).unwrap();
    names(&made(&bench, "penalty_decision"));
    let english = envelope(kind("penalty_decision"), &bench.docket(), &facts(&bench), Lang::En).unwrap();
    assert!(english.decision.iter().any(|d| d.contains("10000 to 20000 yuan")), "{:?}", english.decision);
}

#[test]
fn no_fine_is_meant_above_what_the_breach_can_cost() {
    let mut bench = told_of("799-8");
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
    typed.insert("told_breach".into(), "799-8".into());
    let mut told = |sum: &str| {
        typed.insert("intended_fine".into(), sum.into());
        let (step, typed, note, officers) = (step.clone(), typed.clone(), note.clone(), officers.clone());
        bench.clone().act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).err()
    };
    assert!(told("20000").is_none(), "the upper end is within");
    let above = told("20001").expect("refused");
    assert_eq!(above.code, "told_above_range");
    assert!(above.why.iter().any(|c| c.clause.0 == "799-27"), "{above}");
    bench.go("decide");
    bench.decide("fined").unwrap();
    bench.done("deliver").unwrap();
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("ask_deferral") else { unreachable!() };
    typed.insert("deferral_until".into(), bench.today.plus_days(-1).to_string());
    let past = CaseAct::Done { step, typed, note, officers, on };
    assert_eq!(bench.act(Seat::Applicant, past).unwrap_err().code, "deferral_day_over");
    let mut late = bench.clone();
    let CaseAct::Done { step, mut typed, note, officers, on } = late.done_act("ask_deferral") else { unreachable!() };
    typed.insert("deferral_until".into(), on.plus_days(5).to_string());
    late.today = on.plus_days(10);
    let handed_in = CaseAct::Done { step, typed, note, officers, on };
    assert!(late.act(Seat::Officer, handed_in).is_ok(), "what was handed in in time is entered with its own day");
    bench.done("ask_deferral").unwrap();
}

#[test]
fn a_notice_that_names_no_breach_is_not_made() {
    let mut bench = Bench::open("penalty_case");
    bench.go("investigate");
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("tell") else { unreachable!() };
    let mut told = |text: &str| {
        typed.insert("told_breach".into(), text.into());
        let (step, typed, note, officers) = (step.clone(), typed.clone(), note.clone(), officers.clone());
        bench.clone().act(Seat::Officer, CaseAct::Done { step, typed, note, officers, on }).err().map(|r| r.code)
    };
    assert_eq!(told("第八条").as_deref(), Some("breach_unknown"), "of which instrument");
    assert_eq!(told("").as_deref(), Some("form"), "it is asked for");
    assert_eq!(told("799-8；B-14-1-2"), None);
    // As a case has it that was told before the form asked for it.
    bench.done("tell").unwrap();
    bench.case.values.insert("tell".into(), (0, crate::form::Values::default()));
    assert_eq!(refusal(&bench, "prior_notice").code, "breach_not_told");
}

#[test]
fn each_questioning_has_its_record_until_the_case_is_decided() {
    let mut bench = Bench::open("penalty_case");
    bench.done("open").unwrap();
    assert_eq!(refusal(&bench, "questioning_record").code, "paper_too_early");
    for _ in 0..2 {
        bench.done("question").unwrap();
        let e = made(&bench, "questioning_record");
        assert!(e.talk.iter().any(|said| said.who == "问" && said.words.contains("有权要求回避")));
        let who = bench.case.values_of("question").unwrap().text("question_who").unwrap();
        let signs: Vec<&str> = e.signatures.iter().filter(|s| s.name == who).map(|s| s.role.as_str()).collect();
        assert_eq!(signs, ["被询问人"]);
        assert!(e.signatures.iter().any(|s| s.number == "执法1号"));
    }
    assert_eq!(bench.case.doings.iter().filter(|d| d.node == "question").count(), 2);
    let typed = bench.sample("question");
    bench.act(Seat::Officer, CaseAct::Fill { step: "question".into(), typed }).unwrap();
    assert_eq!(refusal(&bench, "questioning_record").code, "record_begun", "a draft is no record");
    bench.done("investigate").unwrap();
    bench.take("not_fined").unwrap();
    assert_eq!(bench.done("question").unwrap_err().code, "step_not_open");
}

#[test]
fn what_is_asked_in_an_inspection_has_its_record_and_holds_nothing_up() {
    for procedure in ["inspection_a", "inspection_b"] {
        let mut bench = Bench::open(procedure);
        bench.go("notice");
        assert_eq!(bench.done("question").unwrap_err().code, "step_not_open", "nobody has come yet");
        bench.go("inspect");
        assert_eq!(refusal(&bench, "questioning_record").code, "paper_too_early");
        let mut unasked = bench.clone();
        unasked.take("passed").unwrap();
        for _ in 0..2 {
            bench.done("question").unwrap();
            let e = made(&bench, "questioning_record");
            let who = bench.case.values_of("question").unwrap().text("question_who").unwrap();
            let signs: Vec<&str> = e.signatures.iter().filter(|s| s.name == who).map(|s| s.role.as_str()).collect();
            assert_eq!(signs, ["被询问人"], "{procedure}");
            assert!(e.talk.iter().any(|said| said.who == "问" && said.words.contains("有权要求回避")));
        }
        bench.take("passed").unwrap();
        assert_eq!(bench.done("question").unwrap_err().code, "step_not_open", "{procedure}");
    }
}

#[test]
fn what_becomes_of_registered_evidence_is_a_decision_with_the_same_list() {
    let mut bench = Bench::open("penalty_case");
    bench.go("register_evidence");
    assert_eq!(refusal(&bench, "evidence_outcome").code, "paper_too_early");
    let kept = made(&bench, "evidence_registration").tables;
    bench.done("settle_evidence").unwrap();
    let e = made(&bench, "evidence_outcome");
    assert!(e.tables == kept && kept.iter().any(|t| !t.rows.is_empty()));
    assert!(e.decision.iter().any(|d| d.contains("返还")), "{:?}", e.decision);
    assert!(e.basis.iter().any(|b| b.article.contains("五十六")));
}

#[test]
fn what_was_stated_is_signed_by_who_stated_it_and_by_no_officer_who_was_not_there() {
    let mut bench = Bench::open("penalty_case");
    bench.go("tell");
    let typed = bench.sample("defend");
    let act =
        CaseAct::Done { step: "defend".into(), typed, note: String::new(), officers: Vec::new(), on: bench.today };
    bench.act(Seat::Applicant, act).unwrap();
    let e = made(&bench, "statement_record");
    assert_eq!(e.signatures.iter().map(|s| s.role.as_str()).collect::<Vec<_>>(), ["记录人", "陈述、申辩人"]);
    assert!(e.signatures.iter().all(|s| s.name.is_empty() && s.number.is_empty()));
    let words = bench.case.values_of("defend").unwrap().text("defence").unwrap();
    assert!(e.talk.iter().any(|said| said.words == words));
}

#[test]
fn a_proposal_goes_to_the_head_on_a_paper_and_a_hearing_has_its_report() {
    let mut bench = Bench::open("penalty_case");
    bench.go("hold_hearing");
    let report = made(&bench, "hearing_report");
    assert!(report.facts.iter().any(|f| f.contains("质证")), "{:?}", report.facts);
    assert!(report.particulars.iter().any(|p| p.name == "听证日期"));
    bench.take("decide").unwrap();
    assert_eq!(refusal(&bench, "decision_approval").code, "paper_too_early");
    bench.propose("fined").unwrap();
    let e = made(&bench, "decision_approval");
    assert!(e.decision.first().is_some_and(|d| d.ends_with("给予行政处罚。")), "{:?}", e.decision);
    assert!(e.decision.iter().any(|d| d.contains("5000元")), "{:?}", e.decision);
    assert_eq!(e.opinions.iter().map(|o| o.words.is_empty()).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_notice_of_inspection_tells_nothing_twice_and_names_a_place_by_its_name() {
    for (procedure, place) in [("inspection_a", "沈阳市和平区"), ("inspection_b", "哈尔滨市")] {
        let mut bench = Bench::open(procedure);
        bench.done("notice").unwrap();
        let e = made(&bench, "inspection_notice");
        for pair in e.particulars.iter().filter(|p| !p.value.is_empty()) {
            let again = format!("{}：", pair.name);
            assert!(e.paragraphs.iter().all(|text| !text.starts_with(&again)), "{procedure}: {}", pair.name);
        }
        assert!(e.paragraphs.len() > 2, "{:?}", e.paragraphs);
        let division = bench.case.values_of("notice").unwrap().text("unit_division").unwrap();
        assert!(e.particulars.iter().any(|p| p.value.contains(place)), "{procedure}");
        assert!(e.particulars.iter().all(|p| p.value != division), "{procedure}: a code is no name");
    }
}

#[test]
fn leave_to_pay_in_parts_has_its_paper_before_anything_is_paid() {
    let mut bench = Bench::open("penalty_case");
    for step in ["open", "investigate", "tell", "defend", "decide"] {
        bench.done(step).unwrap();
    }
    bench.decide("fined").unwrap();
    bench.done("deliver").unwrap();
    assert_eq!(refusal(&bench, "deferred_payment").code, "paper_too_early");
    let by = |days| bench.today.plus_days(days);
    let parts =
        vec![crate::payment::Part { by: by(40), fen: 200_000 }, crate::payment::Part { by: by(70), fen: 300_050 }];
    let reasons = "停业三个月，确有困难".to_owned();
    let act = CaseAct::Defer { clock: "pay".into(), on: bench.today, asked_on: bench.today, parts, reasons };
    bench.act(Seat::Head, act).unwrap();
    let e = made(&bench, "deferred_payment");
    assert!(e.facts.iter().any(|f| f.contains("停业三个月")), "{:?}", e.facts);
    assert_eq!(e.decision.len(), 2);
    assert!(e.decision[1].contains("3000.50元"), "{:?}", e.decision);
    assert!(e.basis.iter().any(|b| b.article.contains("六十六")), "{}", e.basis.len());
}

#[test]
fn what_was_served_and_what_is_attached_come_from_the_documents_of_the_case() {
    let mut bench = Bench::open("enforcement");
    bench.go("apply_to_court");
    assert_eq!(refusal(&bench, "enforcement_request").code, "nothing_to_attach");
    let sha256 = Sha256::of(b"demand");
    let make = CaseAct::MakeDocument {
        kind: "payment_reminder".into(),
        number: "示公催〔2026〕1号".into(),
        sha256,
        pages: 1,
        lang: base::Lang::Zh,
    };
    bench.act(Seat::Officer, make).unwrap();
    let deliver = CaseAct::Deliver { document: sha256, way: Way::Post, on: bench.today, notice: None };
    bench.act(Seat::Officer, deliver).unwrap();
    let e = made(&bench, "enforcement_request");
    assert!(e.attachments.iter().any(|a| a.contains("催告书") && a.contains(&sha256.hex())), "{:?}", e.attachments);
    let without = PaperFacts { void: vec![sha256], ..facts(&bench) };
    let faults = envelope(kind("enforcement_request"), &bench.docket(), &without, Lang::Zh);
    let named = faults.map(|e| e.attachments.iter().any(|a| a.contains(&sha256.hex())));
    assert_ne!(named.ok(), Some(true), "what is void is attached to nothing");
    let receipt = made(&bench, "service_receipt");
    assert!(receipt.particulars.iter().any(|p| p.value == "示公催〔2026〕1号"));
    assert!(receipt.particulars.iter().any(|p| p.value == "邮寄送达"));
}
