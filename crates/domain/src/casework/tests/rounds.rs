//! A panel that is heard again: after a step that opens its review once more, what was said before decides nothing.

use super::bench::{Bench, who};
use crate::casework::*;
use base::Refusal;

/// A review by experts whose plan may be amended and reviewed again, before an outcome and after one: as no pack of today has it.
fn convened() -> Bench {
    let mut bench = Bench::open("plan_review");
    let mut procedure = bench.procedure.clone();
    for step in &mut procedure.steps {
        match step.id.as_str() {
            "review" => step.after.push("amend".to_owned()),
            "amend" => step.after.push("review".to_owned()),
            _ => {}
        }
    }
    bench.procedure = Box::leak(Box::new(procedure));
    bench.give("plan").unwrap();
    let CaseAct::Done { step, mut typed, note, officers, on } = bench.done_act("convene") else { unreachable!() };
    typed.insert("review_way".into(), "experts".into());
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

fn change(bench: &mut Bench, change: PanelChange) -> Result<(), Refusal> {
    bench.act(Seat::Officer, CaseAct::Panel { change })
}

fn opines(bench: &mut Bench, n: usize, verdict: Verdict) {
    let (expert, words, on) = (expert(n).row, "存储期限应当增加。".into(), bench.today);
    change(bench, PanelChange::Opined { expert, verdict, words, on, why: String::new() }).unwrap();
}

fn absent(bench: &mut Bench, n: usize) -> Result<(), Refusal> {
    change(bench, PanelChange::Absent { expert: expert(n).row, why: "因公出差".into() })
}

/// A review that was recorded after these opinions.
fn reviewed(verdicts: &[Verdict]) -> Bench {
    let mut bench = convened();
    let members = (0..verdicts.len()).map(expert).collect();
    change(&mut bench, PanelChange::Chosen { members, grounds: "专业对口".into(), draw: None }).unwrap();
    for (n, verdict) in verdicts.iter().enumerate() {
        let (expert, words) = (expert(n).row, String::new());
        change(&mut bench, PanelChange::Declared { expert, interest: Interest::None, words }).unwrap();
        opines(&mut bench, n, *verdict);
    }
    bench.done_bare("review").unwrap();
    bench
}

fn code<T>(done: Result<T, Refusal>) -> String {
    done.map_or_else(|refusal| refusal.code, |_| "done".to_owned())
}

#[test]
fn after_an_amendment_only_the_opinions_of_the_new_round_count() {
    use Verdict::{NotPass, Pass};
    let mut bench = reviewed(&[NotPass; 6]);
    assert_eq!(verdict(&bench.docket()), Some(NotPass), "the round that was recorded says it");
    bench.decide("failed").unwrap();
    assert_eq!(verdict(&bench.docket()), Some(NotPass));
    bench.done("amend").unwrap();
    assert_eq!(verdict(&bench.docket()), None, "nobody is heard on the amended plan");
    for n in 0..3 {
        opines(&mut bench, n, Pass);
        absent(&mut bench, n + 3).unwrap();
    }
    assert_eq!(code(absent(&mut bench, 0)), "opinion_given");
    bench.done_bare("review").unwrap();
    assert_eq!(verdict(&bench.docket()), Some(Pass), "three said no of the plan before, and were absent now");
    let docket = bench.docket();
    let (heard, away) = (&bench.case.panel[0], &bench.case.panel[3]);
    assert_eq!(opinion_of(&docket, heard).map(|o| o.verdict), Some(Pass));
    assert!(opinion_of(&docket, away).is_none() && absence_of(&docket, away).is_some());
    assert!(absence_of(&docket, heard).is_none());
    bench.decide("passed").unwrap();
}

#[test]
fn an_outcome_waits_for_the_round_that_was_begun() {
    use Verdict::{NotPass, Pass};
    let mut bench = reviewed(&[Pass; 3]);
    bench.done("amend").unwrap();
    assert_eq!(code(bench.clone().decide("passed")), "panel_incomplete", "what was said before is of the plan before");
    for n in 0..3 {
        opines(&mut bench, n, if n == 0 { Pass } else { NotPass });
    }
    bench.done_bare("review").unwrap();
    assert_eq!(code(bench.clone().decide("passed")), "panel_says_otherwise");
    bench.decide("failed").unwrap();
    assert!(code(bench.try_as(&who(Seat::Officer), bench.done_act("review"))) != "done", "it is decided");
}
