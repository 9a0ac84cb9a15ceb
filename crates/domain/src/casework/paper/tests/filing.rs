//! Papers of applications and filings: accepted or not, decided or lapsed, changed and given up, with the panel of experts.

use super::*;
use crate::casework::clocks;
use law::StopCause;

#[test]
fn an_acceptance_names_the_day_by_which_it_is_decided_and_how_it_is_counted() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    bench.done("accept").unwrap();
    let e = made(&bench, "acceptance_notice");
    let clock = clocks(&bench.docket()).into_iter().find(|c| c.id == "decide").unwrap();
    let day = clock.day().unwrap();
    let day = format!("{}年{}月{}日", day.0.year(), day.0.month(), day.0.day());
    let limit = e.paragraphs.iter().find(|p| p.contains(&*clock.name.zh)).unwrap();
    let counting = &clock.deadline.as_ref().unwrap().count.counting.text_zh;
    assert!(limit.contains(&day) && limit.contains(counting.as_str()) && limit.contains("20个工作日"), "{limit}");
    let receipt = made(&bench, "material_receipt");
    assert_eq!(receipt.tables.first().map(|t| t.rows.len()), Some(1));
}

#[test]
fn an_acceptance_by_lapse_of_time_says_so() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let receipt = bench.today;
    let completion = clocks(&bench.docket()).into_iter().find(|c| c.id == "completion").unwrap();
    bench.today = completion.day().unwrap();
    assert_eq!(refusal(&bench, "acceptance_notice").code, "paper_too_early");
    bench.today = bench.today.plus_days(1);
    let e = made(&bench, "acceptance_notice");
    let day = format!("自{}年{}月{}日起即为受理", receipt.0.year(), receipt.0.month(), receipt.0.day());
    assert!(e.paragraphs.first().is_some_and(|p| p.contains(&day)), "{:?}", e.paragraphs);
}

#[test]
fn false_material_is_not_accepted_before_the_acceptance_and_refused_after_it() {
    let mut early = Bench::open("permit");
    early.done("apply").unwrap();
    assert_eq!(refusal(&early, "non_acceptance").code, "paper_too_early");
    early.take("false_material").unwrap();
    let e = made(&early, "non_acceptance");
    assert!(e.decision.first().is_some_and(|d| d.ends_with("不予受理。")), "{:?}", e.decision);
    assert!(e.facts.iter().any(|f| f == REASONS) && !e.remedies.is_empty());
    assert_eq!(refusal(&early, "refusal_decision").code, "other_paper");
    let mut late = Bench::open("permit");
    late.go("examine");
    late.take("false_material").unwrap();
    assert_eq!(refusal(&late, "non_acceptance").code, "other_paper");
    let e = made(&late, "refusal_decision");
    assert!(e.decision.first().is_some_and(|d| d.ends_with("不予行政许可。")), "{:?}", e.decision);
}

#[test]
fn what_is_not_taken_in_is_answered_in_writing_with_the_ways_against_it() {
    for procedure in ["permit", "area_approval", "plan_examination"] {
        let mut bench = Bench::open(procedure);
        let first = bench.procedure.steps[0].id.clone();
        bench.take(&first).unwrap();
        let mut taken_in = bench.clone();
        let mut lapsed = bench.clone();
        bench.decide("not_accepted").unwrap();
        let e = made(&bench, "non_acceptance");
        assert!(e.decision.iter().any(|d| d.contains("不予受理")), "{procedure}: {:?}", e.decision);
        assert!(e.decision.iter().any(|d| d.contains("示例市自然资源局")), "{procedure}: where it goes");
        assert!(e.facts.iter().any(|f| f == REASONS) && !e.remedies.is_empty(), "{procedure}");
        taken_in.take("accept").unwrap();
        assert_eq!(taken_in.decide("not_accepted").unwrap_err().code, "step_not_open", "{procedure}: it was taken in");
        // Nobody said in time what is missing: it counts as taken in.
        lapsed.today = lapsed.today.plus_days(60);
        assert_eq!(lapsed.decide("not_accepted").unwrap_err().code, "accepted_by_lapse", "{procedure}");
        let known = lapsed.clone();
        assert!(known.docket().accepted_by_lapse().is_some(), "{procedure}");
    }
}

#[test]
fn a_filing_is_changed_by_who_filed_it_and_what_is_not_taken_says_why() {
    let mut bench = Bench::open("system_filing");
    bench.go("file");
    let mut asked = bench.clone();
    asked.done(ASK_FOR_REST).unwrap();
    assert_eq!(made(&asked, "completion_notice").title, "备案材料补正一次性告知书");
    let mut refused = bench.clone();
    assert_eq!(refusal(&refused, "filing_refusal").code, "paper_too_early");
    refused.take("not_filed").unwrap();
    let e = made(&refused, "filing_refusal");
    assert!(e.facts.iter().any(|f| f == REASONS) && !e.remedies.is_empty());
    assert!(e.decision.first().is_some_and(|d| d.ends_with("不予备案。")), "{:?}", e.decision);
    assert_eq!(refusal(&refused, "filing_receipt").code, "paper_too_early");
    bench.take("filed").unwrap();
    assert_eq!(refusal(&bench, "filing_change").code, "paper_too_early");
    bench.done("change").unwrap();
    let e = made(&bench, "filing_change");
    let words = bench.case.values_of("change").unwrap().text("change_words").unwrap();
    assert!(e.to == "示范市公安局" && e.particulars.iter().any(|p| p.value == words));
    assert_eq!(e.signatures.iter().map(|s| s.role.as_str()).collect::<Vec<_>>(), ["申请人"]);
}

#[test]
fn a_filing_of_sales_or_of_a_provider_is_changed_and_given_up_on_paper_too() {
    for procedure in ["sales_filing", "provider_filing", "outside_provider_filing"] {
        let mut bench = Bench::open(procedure);
        bench.go("check");
        bench.take("filed").unwrap();
        bench.done("change").unwrap();
        let e = made(&bench, "filing_change");
        let words = bench.case.values_of("change").unwrap().text("change_words").unwrap();
        assert!(e.to == "示范市公安局" && e.particulars.iter().any(|p| p.value == words), "{procedure}");
        bench.take("changed").unwrap();
        let e = made(&bench, "filing_receipt");
        assert!(e.particulars.iter().any(|p| p.name.contains("登记的变更事项")), "{}", e.particulars.len());
        assert_eq!(refusal(&bench, "filing_cancellation").code, "paper_too_early");
        bench.done("cancel").unwrap();
        bench.take("cancelled").unwrap();
        let e = made(&bench, "filing_cancellation");
        assert!(e.decision.first().is_some_and(|d| d.ends_with("注销备案。")), "{:?}", e.decision);
        assert!(e.title == "备案注销通知书" && !e.number.is_empty());
        let e = made(&bench, "filing_receipt");
        assert!(!e.particulars.iter().any(|p| p.name.contains("注销")), "what was filed, not that it ended");
    }
}

#[test]
fn extension_and_stop_tell_why() {
    let mut bench = Bench::open("area_approval");
    bench.give("application").unwrap();
    bench.done("apply").unwrap();
    bench.done("accept").unwrap();
    assert_eq!(refusal(&bench, "extension_notice").code, "paper_too_early");
    let (clock, on) = ("decide".to_owned(), bench.today);
    let extend = CaseAct::ExtendClock { clock: clock.clone(), reason: "情况复杂，需要延长审查".into(), on };
    bench.act(Seat::Head, extend).unwrap();
    let e = made(&bench, "extension_notice");
    assert_eq!(e.facts, ["情况复杂，需要延长审查"]);
    assert!(e.decision.iter().any(|d| d.contains("最后一日为")), "{:?}", e.decision);
    let stop =
        CaseAct::StopClock { clock, cause: StopCause::Appraisal, reason: "委托鉴定机构鉴定".into(), from: on };
    bench.act(Seat::Officer, stop).unwrap();
    let e = made(&bench, "special_procedure_notice");
    assert_eq!(e.facts, ["鉴定", "委托鉴定机构鉴定"]);
    assert!(e.decision.iter().any(|d| d.contains("停止计算")), "{:?}", e.decision);
}

#[test]
fn the_record_of_a_panel_has_every_member_with_opinion_and_a_line_to_sign() {
    use crate::casework::{Expert, Interest, PanelChange, Verdict};
    let mut bench = Bench::open("plan_review");
    bench.give("plan").unwrap();
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("convene") else { unreachable!() };
    typed.insert("review_way".into(), "experts".into());
    bench.act(Seat::Applicant, CaseAct::Done { step, typed, note, officers, on }).unwrap();
    assert_eq!(refusal(&bench, "plan_review_record").code, "paper_too_early");
    let expert = |n: usize| Expert {
        row: format!("row-{n}"),
        version: 1,
        number: format!("专家2026-{n:03}"),
        name: format!("钱测试{n}"),
        employer: "示例大学".into(),
        employer_code: String::new(),
        recusal: String::new(),
    };
    let panel = |change: PanelChange| CaseAct::Panel { change };
    let members = (0..5).map(expert).collect();
    bench.act(Seat::Officer, panel(PanelChange::Chosen { members, grounds: "专业对口".into(), draw: None })).unwrap();
    for n in 0..4 {
        let (interest, words) =
            if n == 3 { (Interest::Employee, "受雇于施工单位") } else { (Interest::None, "") };
        let declared = PanelChange::Declared { expert: expert(n).row, interest, words: words.into() };
        bench.act(Seat::Officer, panel(declared)).unwrap();
        if n < 3 {
            let (verdict, words, on) = (Verdict::PassWithChanges, "东入口一台调整朝向。", bench.today);
            let opined = |verdict, words: &str, why: &str| {
                let (expert, words, why) = (expert(n).row, words.to_owned(), why.to_owned());
                panel(PanelChange::Opined { expert, verdict, words, on, why })
            };
            bench.act(Seat::Officer, opined(verdict, words, "")).unwrap();
            if n == 1 {
                bench.act(Seat::Officer, opined(Verdict::NotPass, "立杆位置不明。", "另见现场照片")).unwrap();
                bench.act(Seat::Officer, opined(verdict, words, "立杆位置已经补正")).unwrap();
            }
        }
    }
    bench.act(Seat::Officer, panel(PanelChange::Absent { expert: expert(4).row, why: "因公出差".into() })).unwrap();
    bench.done_bare("review").unwrap();
    let e = made(&bench, "plan_review_record");
    assert!(e.decision.first().is_some_and(|d| d.contains("3名专家") && d.contains("修改后通过")), "{:?}", e.decision);
    let rows = &e.tables.first().unwrap().rows;
    assert_eq!(rows.len(), 7, "five members, and two lines of what one said before");
    let text = whole(&e);
    let was = ["原意见：修改后通过；变更理由：另见现场照片", "原意见：不通过；变更理由：立杆位置已经补正"];
    for words in ["钱测试0", "东入口一台调整朝向。", "受雇于施工单位", "缺席", "因公出差"].into_iter().chain(was)
    {
        assert!(text.contains(words), "{words}");
    }
    assert_eq!(e.signatures.len(), 4, "three who gave an opinion, and the unit");
    let english = envelope(kind("plan_review_record"), &bench.docket(), &facts(&bench), Lang::En).unwrap();
    assert!(english.decision.first().is_some_and(|d| d.contains("pass with changes")), "{:?}", english.decision);
    let mut other = Bench::open("plan_review");
    other.give("plan").unwrap();
    other.done("convene").unwrap();
    other.done("review").unwrap();
    assert_eq!(refusal(&other, "plan_review_record").code, "other_paper", "a commissioned body writes its own");
}

/// The record of the party and the form name the same unit: a receipt says it once.
#[test]
fn a_receipt_names_the_unit_once() {
    let mut bench = Bench::open("provider_filing");
    bench.go("check");
    bench.take("filed").unwrap();
    let step = bench.docket().procedure.field("unit_name").unwrap().step.clone();
    let name = bench.case.values_of(&step).unwrap().text("unit_name").unwrap().to_owned();
    let count = |e: &Envelope| e.particulars.iter().filter(|p| p.value == name).count();
    assert_eq!(count(&made(&bench, "filing_receipt")), 1, "its own field, where nothing above says it");
    let unit = Particular { name: "单位".into(), value: name.clone(), hint: String::new() };
    let known = PaperFacts { party: vec![unit], ..facts(&bench) };
    assert_eq!(count(&envelope(kind("filing_receipt"), &bench.docket(), &known, Lang::Zh).unwrap()), 1);
}
