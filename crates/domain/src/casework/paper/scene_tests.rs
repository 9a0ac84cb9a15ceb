//! Papers of what is taken and looked at in the inquiry of a penalty, and at an inspection: samples, what becomes of them, the examination of a
//! scene. Each is of the last time, names who was there and leaves a line for whoever is not named, and holds nothing up.

use super::*;
use crate::casework::tests::bench::{Bench, who};
use crate::casework::{CaseAct, Seat};
use crate::document::Signature;

/// What the organ knows beside the case.
fn facts(bench: &Bench) -> PaperFacts {
    let named = |seat: &Seat| (who(*seat).account, (seat.name().zh.to_string(), "执法1号".to_owned()));
    PaperFacts {
        organ: "示范市公安局".into(),
        case_number: "罚〔2026〕7号".into(),
        review_organ: None,
        court: None,
        number: Some("示公技〔2026〕1号".into()),
        to: "示例单位".into(),
        party: Vec::new(),
        people: Seat::ALL.iter().map(named).collect(),
        on: bench.today,
        url: None,
        void: Vec::new(),
        inspected: Inspected::default(),
    }
}

fn made(bench: &Bench, code: &str, lang: Lang) -> Envelope {
    let kind = Document::parse(code).unwrap();
    envelope(kind, &bench.docket(), &facts(bench), lang).unwrap_or_else(|faults| panic!("{code}: {faults:?}"))
}

/// Why a paper cannot be made now.
fn refused(bench: &Bench, code: &str) -> String {
    paper_ready(Document::parse(code).unwrap(), &bench.docket()).unwrap_err().code
}

/// An opened case of a penalty.
fn opened() -> Bench {
    let mut bench = Bench::open("penalty_case");
    bench.done("open").unwrap();
    bench
}

/// Does a step, without what was left out of its form.
fn done_without(bench: &mut Bench, step: &str, left_out: &[&str]) -> Result<(), Refusal> {
    let mut act = bench.done_act(step);
    if let CaseAct::Done { typed, .. } = &mut act {
        typed.retain(|id, _| !left_out.contains(&id.as_str()));
    }
    bench.act(Seat::Officer, act)
}

/// The name on the line of this role; `None`: there is no such line.
fn signs<'a>(signatures: &'a [Signature], role: &str) -> Option<&'a str> {
    signatures.iter().find(|s| s.role == role).map(|s| s.name.as_str())
}

/// The value beside a name.
fn value<'a>(e: &'a Envelope, name: &str) -> Option<&'a str> {
    e.particulars.iter().find(|p| p.name == name).map(|p| p.value.as_str())
}

/// The first cell of a list that says something.
fn listed(e: &Envelope) -> &str {
    let row = e.tables.first().and_then(|table| table.rows.first());
    row.and_then(|row| row.get(1)).map_or("", String::as_str)
}

#[test]
fn each_sampling_has_its_notice_with_the_list_the_place_and_who_was_there() {
    let mut bench = opened();
    assert_eq!(refused(&bench, "sampling_notice"), "paper_too_early");
    for _ in 0..2 {
        bench.done("sample").unwrap();
        let e = made(&bench, "sampling_notice", Lang::Zh);
        let typed = bench.sample("sample");
        assert_eq!(Some(listed(&e)), typed.get("sample_things").map(String::as_str));
        assert_eq!(value(&e, "抽样地点"), typed.get("sample_place").map(String::as_str));
        assert!(value(&e, "抽样日期").is_some_and(|day| day.contains('年')));
        assert!(value(&e, "不在场、不能签名或者拒绝签名的情况").is_some());
        assert_eq!(value(&e, "案件来源"), None, "whoever held the samples is not told how the case came");
        assert!(e.basis.iter().any(|b| b.article.contains("五十六")));
        assert!(e.decision.iter().any(|d| d.contains("抽样取证")), "{:?}", e.decision);
        assert_eq!(signs(&e.signatures, "当事人或者其在场人员"), typed.get("sample_who").map(String::as_str));
        assert_eq!(signs(&e.signatures, "见证人"), typed.get("sample_witness").map(String::as_str));
        assert_eq!(e.signatures.iter().filter(|s| s.role == "执法人员、承办人").count(), 2, "two officers");
    }
    assert_eq!(bench.case.doings.iter().filter(|d| d.node == "sample").count(), 2);
    let typed = bench.sample("sample");
    bench.act(Seat::Officer, CaseAct::Fill { step: "sample".into(), typed }).unwrap();
    assert_eq!(refused(&bench, "sampling_notice"), "record_begun", "a draft is no notice");
}

#[test]
fn what_becomes_of_samples_is_told_with_what_they_showed() {
    let mut bench = opened();
    assert_eq!(bench.done("settle_sample").unwrap_err().code, "step_not_open", "nothing was taken");
    bench.done("sample").unwrap();
    assert_eq!(refused(&bench, "sampling_outcome"), "paper_too_early");
    bench.done("settle_sample").unwrap();
    let e = made(&bench, "sampling_outcome", Lang::Zh);
    let result = bench.sample("settle_sample").remove("sample_result").unwrap();
    assert_eq!(listed(&e), result);
    assert!(e.decision.iter().any(|d| d.contains("返还")), "{:?}", e.decision);
    assert!(!e.decision.iter().any(|d| d.contains(&result)), "it stands in the list: {:?}", e.decision);
    assert_eq!(signs(&e.signatures, "收到样品的人"), Some(""), "a line to sign on");
    // The packs set no time for samples: none of them holds a decision up.
    bench.done("sample").unwrap();
    bench.done("investigate").unwrap();
    bench.take("not_fined").unwrap();
    for step in ["sample", "settle_sample", "examine_scene"] {
        assert_eq!(bench.done(step).unwrap_err().code, "step_not_open", "{step}: it is decided");
    }
}

#[test]
fn each_examination_of_a_scene_has_its_record() {
    let mut bench = opened();
    assert_eq!(refused(&bench, "scene_record"), "paper_too_early");
    for _ in 0..2 {
        bench.done("examine_scene").unwrap();
        let e = made(&bench, "scene_record", Lang::Zh);
        let typed = bench.sample("examine_scene");
        for id in ["scene_findings", "scene_taken"] {
            let words = typed.get(id).unwrap();
            assert!(e.facts.iter().any(|fact| fact.ends_with(words.as_str())), "{id}: {:?}", e.facts);
        }
        assert_eq!(value(&e, "勘验、检查对象"), typed.get("scene_object").map(String::as_str));
        assert_eq!(value(&e, "勘验、检查地点"), typed.get("scene_place").map(String::as_str));
        assert_eq!(signs(&e.signatures, "当事人或者其在场人员"), typed.get("scene_who").map(String::as_str));
        assert_eq!(signs(&e.signatures, "见证人"), typed.get("scene_witness").map(String::as_str));
    }
    let typed = bench.sample("examine_scene");
    bench.act(Seat::Officer, CaseAct::Fill { step: "examine_scene".into(), typed }).unwrap();
    assert_eq!(refused(&bench, "scene_record"), "record_begun", "a draft is no record");
}

#[test]
fn who_is_not_named_has_a_line_to_sign_on_and_what_is_asked_is_not_left_out() {
    for (step, code, ids, asked) in [
        ("sample", "sampling_notice", ["sample_who", "sample_witness"], "sample_things"),
        ("examine_scene", "scene_record", ["scene_who", "scene_witness"], "scene_findings"),
    ] {
        let mut bench = opened();
        let before = bench.case.events;
        done_without(&mut bench, step, &[asked]).unwrap_err();
        assert_eq!(bench.case.events, before, "{step} without {asked}");
        done_without(&mut bench, step, &ids).unwrap();
        let e = made(&bench, code, Lang::Zh);
        for role in ["当事人或者其在场人员", "见证人"] {
            assert_eq!(signs(&e.signatures, role), Some(""), "{code} {role}");
        }
    }
}

#[test]
fn one_officer_alone_takes_no_sample_and_examines_no_scene() {
    for step in ["sample", "examine_scene"] {
        let mut bench = opened();
        let mut act = bench.done_act(step);
        if let CaseAct::Done { officers, .. } = &mut act {
            officers.truncate(1);
        }
        let refusal = bench.act(Seat::Officer, act).unwrap_err();
        assert_eq!(refusal.code, "two_officers_required", "{step}");
        assert!(!refusal.why.is_empty(), "{step}: {refusal}");
    }
}

#[test]
fn in_english_every_name_role_and_head_of_them_is_english() {
    let mut bench = opened();
    for step in ["sample", "settle_sample", "examine_scene"] {
        bench.done(step).unwrap();
    }
    let chinese = |text: &str| text.chars().any(|c| ('\u{3000}'..='\u{9fff}').contains(&c));
    for code in ["sampling_notice", "sampling_outcome", "scene_record"] {
        let e = made(&bench, code, Lang::En);
        let names = e.particulars.iter().map(|p| &p.name);
        let roles = e.signatures.iter().flat_map(|s| [&s.role, &s.note]);
        let heads = e.tables.iter().flat_map(|table| &table.heads);
        let said = names.chain(roles).chain(heads).chain([&e.title]);
        let lost: Vec<&String> = said.filter(|text| chinese(text)).collect();
        assert_eq!(lost, Vec::<&String>::new(), "{code}");
    }
}

#[test]
fn an_inspection_takes_samples_and_examines_a_scene_once_its_inspectors_were_there() {
    for procedure in ["inspection_a", "inspection_b"] {
        let mut bench = Bench::open(procedure);
        bench.go("notice");
        for step in ["sample", "settle_sample", "examine_scene"] {
            assert_eq!(bench.done(step).unwrap_err().code, "step_not_open", "{procedure}: nobody has come yet");
        }
        bench.go("inspect");
        assert_eq!(refused(&bench, "sampling_outcome"), "paper_too_early");
        for (step, code) in
            [("sample", "sampling_notice"), ("settle_sample", "sampling_outcome"), ("examine_scene", "scene_record")]
        {
            for _ in 0..2 {
                bench.done(step).unwrap();
                let (zh, en) = (made(&bench, code, Lang::Zh), made(&bench, code, Lang::En));
                assert!(!zh.signatures.is_empty() && zh.signatures.len() == en.signatures.len(), "{procedure} {code}");
                assert_ne!(zh.title, en.title, "{procedure} {code}");
            }
        }
        let notice = made(&bench, "sampling_notice", Lang::Zh);
        assert_eq!(Some(listed(&notice)), bench.sample("sample").get("sample_things").map(String::as_str));
        assert!(notice.basis.iter().any(|b| b.article.contains("五十六")), "{procedure}");
        bench.take("passed").unwrap();
    }
}
