//! Panels of experts: who may be on one, what each must have said before the step that records it, and what follows from most of them.

use super::bench::{Bench, who};
use crate::casework::*;
use base::{Refusal, Sha256};
use proptest::prelude::*;

const DESIGNER: &str = "沈阳示例安防工程有限公司";
const DESIGNER_CODE: &str = "91210100M000200A3U";

/// A review by experts, convened, with its plan.
fn convened() -> Bench {
    let mut bench = Bench::open("plan_review");
    bench.give("plan").unwrap();
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("convene") else { unreachable!() };
    typed.insert("review_way".into(), "experts".into());
    typed.insert("designer".into(), DESIGNER.into());
    bench.act(Seat::Applicant, CaseAct::Done { step, typed, note, officers, on }).unwrap();
    bench
}

fn expert(n: usize) -> Expert {
    Expert {
        row: format!("row-{n}"),
        version: 1,
        number: format!("专家2026-{n:03}"),
        name: format!("王五{n}"),
        employer: "示例大学".into(),
        employer_code: String::new(),
        recusal: String::new(),
    }
}

fn chosen(members: Vec<Expert>, draw: Option<PanelDraw>) -> CaseAct {
    CaseAct::Panel { change: PanelChange::Chosen { members, grounds: "专业对口".into(), draw } }
}

fn declared(n: usize, interest: Interest, words: &str) -> CaseAct {
    CaseAct::Panel { change: PanelChange::Declared { expert: expert(n).row, interest, words: words.into() } }
}

fn opined(bench: &Bench, n: usize, verdict: Verdict) -> CaseAct {
    reopined(bench, n, verdict, "")
}

fn reopined(bench: &Bench, n: usize, verdict: Verdict, why: &str) -> CaseAct {
    let (expert, words, on) = (expert(n).row, "存储期限应当增加。".into(), bench.today);
    CaseAct::Panel { change: PanelChange::Opined { expert, verdict, words, on, why: why.into() } }
}

fn removed(n: usize) -> CaseAct {
    CaseAct::Panel { change: PanelChange::Removed { expert: expert(n).row, why: "本人申请退出".into() } }
}

fn absent(n: usize) -> CaseAct {
    CaseAct::Panel { change: PanelChange::Absent { expert: expert(n).row, why: "因公出差".into() } }
}

/// A review whose panel has these opinions; each member declared no interest.
fn heard(verdicts: &[Verdict]) -> Bench {
    let mut bench = convened();
    bench.act(Seat::Officer, chosen((0..verdicts.len()).map(expert).collect(), None)).unwrap();
    for (n, verdict) in verdicts.iter().enumerate() {
        bench.act(Seat::Officer, declared(n, Interest::None, "")).unwrap();
        let act = opined(&bench, n, *verdict);
        bench.act(Seat::Officer, act).unwrap();
    }
    bench
}

fn code<T>(done: Result<T, Refusal>) -> String {
    done.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
}

#[test]
fn nobody_is_chosen_who_belongs_to_the_designer_the_builder_or_the_unit() {
    let bench = convened();
    let with = |change: fn(&mut Expert)| {
        let mut one = expert(1);
        change(&mut one);
        code(bench.try_as(&who(Seat::Officer), chosen(vec![one], None)))
    };
    assert_eq!(with(|_| {}), "done");
    assert_eq!(with(|e| e.employer = DESIGNER.into()), "expert_tied");
    assert_eq!(with(|e| e.employer = " 沈阳示例 安防工程有限公司".into()), "expert_tied", "blanks are no other name");
    assert_eq!(with(|e| e.employer = format!("{DESIGNER}设计部")), "expert_tied");
    assert_eq!(with(|e| e.name = DESIGNER.into()), "expert_tied", "a body on the list");
    assert_eq!(with(|e| e.employer = "沈阳示例商业有限公司".into()), "expert_tied", "the unit itself");
    assert_eq!(with(|e| e.employer_code = DESIGNER_CODE.to_lowercase()), "expert_tied", "by code under another name");
    assert_eq!(with(|e| e.employer_code = "91350100M000100Y43".into()), "expert_tied", "the code of the unit");
    assert_eq!(with(|e| e.recusal = format!("{DESIGNER}。\n另一公司")), "expert_tied", "as the register says");
    assert_eq!(with(|e| e.employer = "沈阳".into()), "done", "a part of a name is not the name");
    assert_eq!(with(|e| e.number = String::new()), "experts");
    assert_eq!(code(bench.try_as(&who(Seat::Head), chosen(vec![expert(1)], None))), "not_your_step");
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), chosen(vec![expert(1)], None))), "not_your_step");
}

#[test]
fn the_review_waits_for_everybody_on_the_panel_and_for_as_many_as_the_pack_says() {
    let mut bench = convened();
    let review = |bench: &Bench| code(bench.try_as(&who(Seat::Officer), bench.done_act("review")));
    assert_eq!(review(&bench), "panel_too_few");
    bench.act(Seat::Officer, chosen((0..4).map(expert).collect(), None)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), chosen(vec![expert(2)], None))), "expert_there");
    let refusal = bench.try_as(&who(Seat::Officer), bench.done_act("review")).unwrap_err();
    assert_eq!(refusal.code, "panel_incomplete");
    assert!(refusal.what.zh.contains("专家2026-003") && !refusal.what.zh.contains("王五"), "numbers, no names");
    let blocked = open_steps(&bench.docket()).into_iter().find(|s| s.id == "review").unwrap().blocked;
    assert_eq!(blocked.map(|r| r.code).as_deref(), Some("panel_incomplete"), "the page says the same");
    for n in 0..3 {
        let act = opined(&bench, n, Verdict::Pass);
        assert_eq!(code(bench.try_as(&who(Seat::Officer), act.clone())), "declaration_missing");
        bench.act(Seat::Officer, declared(n, Interest::None, "")).unwrap();
        bench.act(Seat::Officer, act).unwrap();
        assert_eq!(review(&bench), "panel_incomplete");
    }
    bench.act(Seat::Officer, absent(3)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), removed(0))), "opinion_given", "no opinion is taken off");
    let mut fewer = heard(&[Verdict::Pass, Verdict::Pass]);
    fewer.act(Seat::Officer, chosen(vec![expert(2)], None)).unwrap();
    assert_eq!(review(&fewer), "panel_incomplete");
    fewer.act(Seat::Officer, removed(2)).unwrap();
    assert_eq!(review(&fewer), "panel_too_few", "who was taken off counts no more");
    bench.done_bare("review").unwrap();
    let values = bench.case.values_of("review").unwrap();
    assert_eq!(values.number("experts"), Some(3));
    assert_eq!(values.text("expert_opinions").map(|t| t.lines().count()), Some(3));
    assert!(values.text("expert_opinions").unwrap().starts_with("专家2026-000：通过。"));
    let late = code(bench.try_as(&who(Seat::Officer), chosen(vec![expert(9)], None)));
    assert_eq!(late, "step_not_open", "after it was recorded the panel stays as it was");
}

#[test]
fn an_opinion_once_given_is_changed_only_with_a_reason_that_stays_in_the_case() {
    let mut bench = heard(&[Verdict::Pass, Verdict::Pass, Verdict::NotPass]);
    for why in ["", "  ", "无"] {
        let act = reopined(&bench, 2, Verdict::Pass, why);
        assert_eq!(code(bench.try_as(&who(Seat::Officer), act)), "why", "{why:?}");
    }
    let changed = |bench: &Bench| {
        let opinion = bench.case.panel.iter().find(|m| m.expert.row == expert(2).row).unwrap().opinion.clone();
        opinion.unwrap().changed.iter().map(|(was, why)| (*was, why.expose().clone())).collect::<Vec<_>>()
    };
    assert!(changed(&bench).is_empty());
    for (verdict, why) in [(Verdict::PassWithChanges, "设计单位补充了图纸"), (Verdict::Pass, "补充的图纸已经核对")]
    {
        let act = reopined(&bench, 2, verdict, why);
        bench.act(Seat::Officer, act).unwrap();
    }
    let told = vec![
        (Verdict::NotPass, "设计单位补充了图纸".to_owned()),
        (Verdict::PassWithChanges, "补充的图纸已经核对".to_owned()),
    ];
    assert_eq!(changed(&bench), told, "what it was, each with its reason, the oldest first");
    assert_eq!(verdict(&bench.docket()), Some(Verdict::Pass));
    assert_eq!(code(bench.try_as(&who(Seat::Officer), removed(2))), "opinion_given");
    assert!(!format!("{:?} {:?}", bench.events, bench.case.panel).contains("图纸"), "reasons are not printed");
}

#[test]
fn a_first_opinion_has_no_reason_of_a_change() {
    let mut bench = convened();
    bench.act(Seat::Officer, chosen(vec![expert(0)], None)).unwrap();
    bench.act(Seat::Officer, declared(0, Interest::None, "")).unwrap();
    let act = reopined(&bench, 0, Verdict::Pass, "没有原来的意见");
    bench.act(Seat::Officer, act).unwrap();
    let json = serde_json::to_string(&bench.events).unwrap();
    assert!(!json.contains("没有原来的意见"), "the event is as those of older programs");
    assert!(bench.case.panel.iter().all(|m| m.opinion.as_ref().is_some_and(|o| o.changed.is_empty())));
}

#[test]
fn who_declares_an_interest_gives_no_opinion_and_another_may_take_the_place() {
    let mut bench = heard(&[Verdict::Pass, Verdict::Pass]);
    bench.act(Seat::Officer, chosen(vec![expert(2)], None)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), declared(2, Interest::Employee, " "))), "declaration");
    bench.act(Seat::Officer, declared(2, Interest::Employee, "受雇于施工单位")).unwrap();
    let act = opined(&bench, 2, Verdict::Pass);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), act)), "expert_interest");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("review"))), "panel_too_few");
    bench.act(Seat::Officer, declared(1, Interest::Designer, "参加过初步设计")).unwrap();
    assert_eq!(verdict(&bench.docket()), Some(Verdict::Pass), "of those without an interest");
    for n in [3, 4] {
        bench.act(Seat::Officer, chosen(vec![expert(n)], None)).unwrap();
        bench.act(Seat::Officer, declared(n, Interest::None, "")).unwrap();
        let act = opined(&bench, n, Verdict::PassWithChanges);
        bench.act(Seat::Officer, act).unwrap();
    }
    assert_eq!(code(bench.try_as(&who(Seat::Officer), absent(3))), "opinion_given");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), absent(7))), "expert_not_there");
    bench.done_bare("review").unwrap();
    assert_eq!(verdict(&bench.docket()), Some(Verdict::PassWithChanges));
}

#[test]
fn the_outcome_is_what_most_of_the_panel_says() {
    use Verdict::{NotPass, Pass, PassWithChanges};
    for (verdicts, passes) in [
        (vec![Pass, Pass, NotPass], true),
        (vec![PassWithChanges, Pass, Pass], true),
        (vec![Pass, NotPass, NotPass], false),
        (vec![Pass, Pass, NotPass, NotPass], false),
    ] {
        let mut bench = heard(&verdicts);
        bench.done_bare("review").unwrap();
        let (is, other) = if passes { ("passed", "failed") } else { ("failed", "passed") };
        let refusal = bench.decide(other).unwrap_err();
        assert_eq!(refusal.code, "panel_says_otherwise", "{verdicts:?}");
        assert!(refusal.why.iter().any(|c| c.clause.0 == "A-12-2"));
        bench.decide(is).unwrap();
        assert_eq!(bench.case.outcome().map(|d| d.outcome.as_str()), Some(is));
    }
}

#[test]
fn a_commissioned_body_needs_no_panel_and_has_none() {
    let mut bench = Bench::open("plan_review");
    bench.give("plan").unwrap();
    bench.done("convene").unwrap();
    assert!(panel_of(&bench.docket()).is_none());
    assert_eq!(code(bench.try_as(&who(Seat::Officer), chosen(vec![expert(1)], None))), "unknown");
    assert_eq!(code(bench.done_bare("review")), "paper_needed", "its own paper is the record");
    bench.done("review").unwrap();
    bench.decide("failed").unwrap();
}

#[test]
fn a_draw_follows_from_pool_and_seed_and_nothing_else() {
    let pool: Vec<String> = (0..40).map(|n| expert(n).row).collect();
    let draw = PanelDraw { pool: pool.clone(), seed: Sha256::of(b"a seed for tests") };
    let rows = drawn(&draw, 5);
    assert_eq!((rows.len(), drawn(&draw, 5), drawn(&draw, 100).len()), (5, rows.clone(), 40));
    let turned = PanelDraw { pool: pool.iter().rev().cloned().collect(), ..draw.clone() };
    assert_eq!(drawn(&turned, 5), rows, "the order of the pool is no way to choose");
    let other = PanelDraw { seed: Sha256::of(b"another"), ..draw.clone() };
    assert_ne!(drawn(&other, 5), rows);
    let bench = convened();
    let of = |rows: &[String]| -> Vec<Expert> {
        let find = |row: &String| (0..40).map(expert).find(|e| e.row == *row).unwrap();
        rows.iter().map(find).collect()
    };
    let tried =
        |members: Vec<Expert>, draw: PanelDraw| code(bench.try_as(&who(Seat::Officer), chosen(members, Some(draw))));
    assert_eq!(tried(of(&rows), draw.clone()), "done");
    assert_eq!(tried(of(&rows), other), "panel_draw");
    let swapped: Vec<String> = rows.iter().rev().cloned().collect();
    assert_eq!(tried(of(&swapped), draw.clone()), "panel_draw", "in the order drawn");
    let most = PanelDraw { pool: (0..=MOST_POOL).map(|n| expert(n).row).collect(), ..draw };
    let first = drawn(&most, 1).pop().unwrap();
    let member = (0..=MOST_POOL).map(expert).find(|e| e.row == first).unwrap();
    assert_eq!(tried(vec![member], most), "panel_draw", "more than are looked at");
}

#[test]
fn a_panel_has_room_for_so_many() {
    let mut bench = convened();
    let some = |n: usize, count: usize| chosen((n..n + count).map(expert).collect(), None);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), some(0, MOST_EXPERTS + 1))), "experts");
    bench.act(Seat::Officer, some(0, MOST_EXPERTS)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), some(MOST_EXPERTS, 1))), "experts");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), some(MOST_EXPERTS, 0))), "experts", "nobody is no choice");
}

#[test]
fn what_cannot_have_happened_to_a_panel_is_no_case_and_nothing_of_it_is_printed() {
    let bench = heard(&[Verdict::Pass]);
    let json = serde_json::to_string(&bench.events).unwrap();
    let read: Vec<Recorded> = serde_json::from_str(&json).unwrap();
    assert_eq!(Case::fold(&read).unwrap(), bench.case);
    let printed = format!("{:?} {:?}", bench.events, bench.case.panel);
    assert!(!printed.contains("王五") && !printed.contains("示例大学") && !printed.contains("存储期限"), "{printed}");
    let next = bench.case.events;
    let with = |change: PanelChange| {
        let event = Event::Panel { change };
        let recorded = Recorded { index: next, at: bench.today.start(), by: who(Seat::Officer).account, event };
        bench.case.clone().apply(&recorded).map_err(|e| e.index).err()
    };
    let gone = || PanelChange::Absent { expert: "row-8".into(), why: "病假".into() };
    assert_eq!(with(gone()), Some(next));
    let again = PanelChange::Chosen { members: vec![expert(0)], grounds: "重复".into(), draw: None };
    assert_eq!(with(again), Some(next));
    let nobody = PanelChange::Chosen { members: vec![], grounds: "无".into(), draw: None };
    assert_eq!(with(nobody), Some(next));
}

proptest! {
    #[test]
    fn most_of_the_opinions_decide_in_any_order(votes in proptest::collection::vec(0_usize..3, 1..9), turn in any::<usize>()) {
        let mut verdicts: Vec<Verdict> = votes.iter().filter_map(|v| Verdict::ALL.get(*v).copied()).collect();
        let against = verdicts.iter().filter(|v| **v == Verdict::NotPass).count();
        let said = verdict(&heard(&verdicts).docket()).unwrap();
        prop_assert_eq!(said == Verdict::NotPass, against * 2 >= verdicts.len());
        let at = turn % verdicts.len();
        verdicts.rotate_left(at);
        prop_assert_eq!(verdict(&heard(&verdicts).docket()), Some(said));
    }
}
