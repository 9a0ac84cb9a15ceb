//! Packs that are amended while a case runs: what is told, with both versions, and until when. Nothing of it decides.

use super::bench::{Bench, PACKS, account, day, officers, who};
use crate::casework::*;
use base::{ClauseId, Sha256};
use law::Packs;
use std::sync::LazyLock;

const OF_CASE: &str = "heilongjiang/ordinance-2012/clauses.toml";
const OF_OTHERS: &str = "liaoning/special-trades-2020/clauses.toml";

/// The packs with one sentence of one of them written otherwise.
fn amended(file: &str) -> Packs {
    let mut files = law::embedded_files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains("gist_zh = \""));
    *text = text.replacen("gist_zh = \"", "gist_zh = \"（修订）", 1);
    Packs::from_files(&files).unwrap()
}

static OTHER_B: LazyLock<Packs> = LazyLock::new(|| amended(OF_CASE));
static OTHER_LT: LazyLock<Packs> = LazyLock::new(|| amended(OF_OTHERS));

fn docket<'a>(case: &'a Case, packs: &'a Packs) -> Docket<'a> {
    Docket { packs, procedure: packs.procedure(&case.procedure).unwrap(), case, today: day("2026-03-09") }
}

fn ids(changes: &[LawChange]) -> Vec<&str> {
    changes.iter().map(|change| change.was.id.as_str()).collect()
}

#[test]
fn an_amended_pack_of_the_case_is_told_with_both_versions() {
    let bench = Bench::open("area_approval");
    assert_eq!(law_changes(&docket(&bench.case, &PACKS)), [], "nothing was amended");
    let changes = law_changes(&docket(&bench.case, &OTHER_B));
    assert_eq!(ids(&changes), ["B"]);
    let change = changes.first().unwrap();
    let now = change.now.clone().unwrap();
    assert_eq!((now.id.as_str(), now.from, now.until), ("B", change.was.from, change.was.until));
    assert_ne!(now.sha256, change.was.sha256);
    assert!(change.name.zh.contains("条例") && bench.case.law.contains(&change.was));
}

#[test]
fn a_pack_that_the_case_does_not_rest_on_is_told_once_a_decision_cites_it() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    bench.take("approved").unwrap();
    assert_eq!(law_changes(&docket(&bench.case, &OTHER_LT)), []);
    bench.case.decisions.last_mut().unwrap().clauses.push(ClauseId::new("LT-17"));
    assert_eq!(ids(&law_changes(&docket(&bench.case, &OTHER_LT))), ["LT"]);
}

#[test]
fn a_pack_that_is_no_longer_there_is_told_too() {
    let mut bench = Bench::open("area_approval");
    let gone = PackVersion { id: "ZZ".into(), from: day("2012-11-01"), until: None, sha256: Sha256::of(b"z") };
    bench.case.law.push(gone.clone());
    assert_eq!(law_changes(&docket(&bench.case, &PACKS)), [], "nothing of the case names it");
    let mut procedure = PACKS.procedure("area_approval").unwrap().clone();
    procedure.clauses.push(ClauseId::new("ZZ-1"));
    let changes = law_changes(&Docket { procedure: &procedure, ..docket(&bench.case, &PACKS) });
    assert_eq!(ids(&changes), ["ZZ"]);
    assert_eq!(changes.first().map(|c| (c.was.clone(), c.now.clone())), Some((gone, None)));
}

#[test]
fn once_it_is_entered_that_other_packs_decide_nothing_is_told() {
    let mut bench = Bench::open("area_approval");
    let officers = officers();
    let checks =
        Checks { officers: &officers, law: None, stands_for: &[], unit_answered: false, heads: Heads::default() };
    let command = Command { seen: bench.case.events, act: CaseAct::ChangeLaw };
    let entered = decide(&docket(&bench.case, &OTHER_B), &command, &who(Seat::Officer), &checks).unwrap();
    for event in entered {
        let (index, at) = (bench.case.events, bench.case.last_at);
        bench.case.apply(&Recorded { index, at, by: account(1), event }).unwrap();
    }
    assert_eq!(law_changes(&docket(&bench.case, &OTHER_B)), []);
    assert_eq!(ids(&law_changes(&docket(&bench.case, &PACKS))), ["B"], "back to the packs of before is a change too");
}

#[test]
fn the_packs_of_the_procedure_come_first_and_all_are_kept_up_to_the_limit() {
    let bench = Bench::open("area_approval");
    assert_eq!(bench.case.law.first().map(|p| p.id.as_str()), Some("B"));
    assert_eq!(bench.case.law.len(), PACKS.all().len().min(MOST_PACKS));
    for (many, holds) in [(MOST_PACKS, true), (MOST_PACKS + 1, false)] {
        let mut opened = bench.events.first().unwrap().clone();
        let one = bench.case.law.first().unwrap().clone();
        let Event::Opened { law, digest, .. } = &mut opened.event else { panic!("it is opened first") };
        *law = vec![one.clone(); many];
        let from = *digest;
        assert_eq!(Case::begin(&opened).is_ok(), holds, "{many}");
        let event = Event::LawChanged { from, to: Sha256::of(b"x"), law: vec![one; many] };
        let changed = Recorded { index: bench.case.events, at: bench.case.last_at, by: account(1), event };
        assert_eq!(bench.case.clone().apply(&changed).is_ok(), holds, "{many}");
    }
}

#[test]
fn a_case_of_before_these_were_kept_is_read_and_tells_nothing() {
    let bench = Bench::open("area_approval");
    let mut json = serde_json::to_value(bench.events.first().unwrap()).unwrap();
    assert!(json["event"].as_object_mut().unwrap().remove("law").is_some());
    let first: Recorded = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&first).unwrap(), json, "and is written again as it was");
    let old = Case::begin(&first).unwrap();
    assert_eq!((old.law.len(), old.digest), (0, bench.case.digest));
    assert_eq!(law_changes(&docket(&old, &OTHER_B)), []);
}
