//! Papers and documents of a case, rows and publications of its decision: each once, a void one stays, evidence comes from the officer.

use super::bench::{Bench, REASONS, who};
use super::rules::code;
use crate::casework::*;
use base::Sha256;

#[test]
fn rows_and_publications_are_those_of_the_decision() {
    let mut bench = Bench::open("provider_filing");
    bench.go("check");
    let register = |word: &str| CaseAct::Register { register: word.into(), row: "L-1".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), register("providers"))), "register", "nothing is decided");
    bench.take("filed").unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), register("penalties"))), "register");
    bench.act(Seat::Officer, register("providers")).unwrap();
    let publish = CaseAct::Publish { publication: "provider_directory".into(), row: "L-1".into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), publish.clone())), "not_your_step");
    bench.act(Seat::Publisher, publish.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), publish)), "published_already");
    let withdraw = |reasons: &str| CaseAct::WithdrawPublication {
        publication: "provider_directory".into(),
        row: "L-1".into(),
        reasons: reasons.into(),
    };
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), withdraw("错"))), "reasons");
    bench.act(Seat::Publisher, withdraw(REASONS)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Publisher), withdraw(REASONS))), "not_found");
}

#[test]
fn a_document_is_made_and_delivered_once() {
    let mut bench = Bench::open("penalty_case");
    let sha256 = Sha256::of(b"document");
    let make = |pages| CaseAct::MakeDocument {
        kind: "notice".into(),
        number: "黑公（技）〔2026〕1号".into(),
        sha256,
        pages,
        lang: base::Lang::Zh,
    };
    let deliver = CaseAct::Deliver { document: sha256, way: Way::InPerson, on: bench.today, notice: None };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), deliver.clone())), "not_found");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), make(0))), "pages");
    bench.act(Seat::Officer, make(2)).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), make(2))), "document_there");
    bench.act(Seat::Officer, deliver.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Officer), deliver)), "delivered_already");
}

#[test]
fn a_document_of_before_languages_were_kept_is_chinese() {
    let made = |lang| {
        let (kind, number) = ("notice".to_owned(), "黑公（技）〔2026〕1号".to_owned());
        Event::DocumentMade { kind, number, sha256: Sha256::of(b"document"), pages: 1, lang }
    };
    let english = serde_json::to_value(made(base::Lang::En)).unwrap();
    assert_eq!(english["lang"], "en");
    assert!(serde_json::from_value::<Event>(english.clone()).unwrap() == made(base::Lang::En));
    let mut before = english;
    before.as_object_mut().unwrap().remove("lang");
    assert!(serde_json::from_value::<Event>(before).unwrap() == made(base::Lang::Zh));
}

#[test]
fn a_document_that_is_void_stays_in_the_case_and_is_neither_delivered_nor_void_twice() {
    let mut bench = Bench::open("penalty_case");
    let sha256 = Sha256::of(b"document");
    let number = "黑公（技）〔2026〕1号".into();
    let make = CaseAct::MakeDocument { kind: "notice".into(), number, sha256, pages: 1, lang: base::Lang::Zh };
    let void = |reason: &str| CaseAct::VoidDocument { document: sha256, reason: reason.into() };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), void("日期写错"))), "not_found");
    bench.act(Seat::Officer, make.clone()).unwrap();
    assert_eq!(code(bench.try_as(&who(Seat::Applicant), void("日期写错"))), "not_your_step");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), void("。"))), "reason");
    bench.act(Seat::Officer, void("日期写错")).unwrap();
    assert!(bench.case.documents.iter().all(|d| d.void) && bench.case.documents.len() == 1);
    assert_eq!(code(bench.try_as(&who(Seat::Officer), void("日期写错"))), "document_void");
    let deliver = CaseAct::Deliver { document: sha256, way: Way::InPerson, on: bench.today, notice: None };
    assert_eq!(code(bench.try_as(&who(Seat::Officer), deliver)), "document_void");
    assert_eq!(code(bench.try_as(&who(Seat::Officer), make)), "document_there", "the same bytes are not made again");
}

#[test]
fn into_a_closed_case_comes_the_proof_of_a_delivery_and_nothing_else() {
    let mut bench = Bench::open("area_approval");
    bench.go("examine");
    bench.decide("refused").unwrap();
    for _ in 0..12 {
        let open = bench.docket().open().into_iter().map(|(n, _)| n.id().to_owned()).next();
        let Some(id) = open else { break };
        bench.take(&id).unwrap();
    }
    let place = proof_place(bench.procedure, &bench.case).unwrap().id();
    bench.give(place).unwrap();
    assert_eq!(stage(&bench.docket()), Stage::Closed, "what was served on paper is shown");
    assert_eq!(code(bench.give(place)), "case_closed", "there is no document that it could prove");
    let sha256 = Sha256::of(b"document");
    let number = "黑公（技）〔2026〕1号".into();
    let make = CaseAct::MakeDocument { kind: "notice".into(), number, sha256, pages: 1, lang: base::Lang::Zh };
    bench.act(Seat::Officer, make).unwrap();
    bench.give(place).unwrap();
    let deliver = CaseAct::Deliver { document: sha256, way: Way::Post, on: bench.today, notice: None };
    bench.act(Seat::Officer, deliver).unwrap();
    bench.give(place).unwrap();
    let others: Vec<String> = bench.procedure.materials.iter().map(|m| m.id.clone()).collect();
    let steps = nodes(bench.procedure).map(|n| n.id().to_owned()).filter(|id| id != place);
    for other in others.into_iter().chain(steps) {
        let refused = code(bench.give(&other));
        assert!(["case_closed", "not_your_step"].contains(&refused.as_str()), "{other}: {refused}");
    }
    assert_eq!(stage(&bench.docket()), Stage::Closed, "it opens nothing");
}

#[test]
fn evidence_of_no_step_is_handed_in_by_the_officer_alone() {
    let mut bench = Bench::open("penalty_case");
    bench.done("open").unwrap();
    let photo = |bytes: &[u8]| CaseAct::GivePaper {
        material: OTHER_EVIDENCE.to_owned(),
        sha256: Sha256::of(bytes),
        bytes: 100,
        kind: PaperKind::Jpeg,
        name: Some("前门照片.jpg".to_owned()),
    };
    for seat in Seat::ALL.iter().copied().filter(|seat| *seat != Seat::Officer) {
        assert_eq!(code(bench.act(seat, photo(b"1"))), "not_your_step", "{}", seat.code());
    }
    bench.act(Seat::Officer, photo(b"1")).unwrap();
    bench.act(Seat::Officer, photo(b"2")).unwrap();
    assert_eq!(code(bench.act(Seat::Officer, photo(b"1"))), "paper_there");
    assert_eq!(bench.case.papers.iter().filter(|p| p.material == OTHER_EVIDENCE).count(), 2);
}
