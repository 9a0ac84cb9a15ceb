//! Events as they are kept: room for so many, words that stay, no words of persons in print, no case from a list that cannot have happened.

use super::bench::{Bench, REASONS, account, office, who};
use super::rules::code;
use crate::casework::*;
use base::Sha256;

#[test]
fn a_case_has_room_for_so_many_events() {
    let mut bench = Bench::open("area_approval");
    bench.case.events = MOST_EVENTS - 2;
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("apply"))), "done");
    bench.case.events = MOST_EVENTS - 1;
    assert_eq!(code(bench.try_as(&who(Seat::Officer), bench.done_act("apply"))), "case_full");
    bench.case.events = MOST_EVENTS;
    let at = base::UtcMs(0);
    let note = Recorded { index: MOST_EVENTS, at, by: account(1), event: Event::Noted { words: "满".into() } };
    assert!(bench.case.apply(&note).is_err());
}

#[test]
fn events_have_stable_words_and_unknown_ones_are_refused() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    bench.decide("fined").unwrap();
    for recorded in &bench.events {
        let json = serde_json::to_value(recorded).unwrap();
        assert_eq!(json["event"]["event"], recorded.event.kind());
        assert_eq!(serde_json::from_value::<Recorded>(json).unwrap(), *recorded);
    }
    let read = |text: &str| serde_json::from_str::<Event>(text).is_ok();
    assert!(read(r#"{"event":"noted","words":"好"}"#));
    assert!(!read(r#"{"event":"noted","words":"好","more":1}"#) && !read(r#"{"event":"noticed","words":"好"}"#));
    assert!(!read(r#"{"event":"noted"}"#) && !read(r#"{"words":"好"}"#));
}

#[test]
fn nothing_that_a_person_wrote_is_printed() {
    let mut bench = Bench::open("penalty_case");
    bench.go("decide");
    bench.propose("fined").unwrap();
    let act = CaseAct::Note { words: "王小明欠款".into() };
    let opening = Opening {
        office: office(),
        facts_on: bench.today,
        channel: Channel::Counter,
        party: None,
        title: "王小明".into(),
        from_case: None,
    };
    bench.act(Seat::Officer, act.clone()).unwrap();
    let printed = format!("{:?} {:?} {act:?} {opening:?}", bench.case, bench.events);
    for secret in ["王小明", "示例商场", REASONS, "材料.pdf"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

#[test]
fn a_list_that_cannot_have_happened_is_no_case() {
    let mut bench = Bench::open("area_approval");
    bench.done("apply").unwrap();
    let (by, at) = (account(3), bench.today.start());
    let next = bench.case.events;
    let with = |event: Event| {
        let mut events = bench.events.clone();
        events.push(Recorded { index: next, at, by, event });
        Case::fold(&events).map_err(|e| e.index)
    };
    assert!(with(Event::Noted { words: "好".into() }).is_ok());
    let sha256 = Sha256::of(b"x");
    let (clock, reason) = ("decide".to_owned(), String::new());
    let cause = law::StopCause::Hearing;
    for event in [
        bench.events.first().unwrap().event.clone(),
        Event::PaperReturned { sha256, reason: String::new() },
        Event::SentBack { reasons: String::new() },
        Event::Reviewed { passed: true, opinion: String::new() },
        Event::ClockResumed { clock, cause, reason, to: bench.today },
        Event::Delivered { document: sha256, way: Way::Post, on: bench.today },
        Event::DocumentVoided { document: sha256, reason: String::new() },
        Event::WithdrawnPublication { publication: "a".into(), row: "1".into(), reasons: String::new() },
        Event::LawChanged { from: sha256, to: sha256, law: vec![] },
        Event::FactsChanged { from: bench.today.plus_days(1), to: bench.today, reasons: String::new() },
        Event::Recused { account: by, reason: String::new(), settled: Settlement::Granted, ruling: None },
        Event::Corrected { index: next, what: String::new(), reasons: String::new() },
    ] {
        let kind = event.kind();
        assert_eq!(with(event).err(), Some(next), "{kind}");
    }
    assert!(Case::fold(&[]).is_err());
    assert_eq!(Case::fold(bench.events.get(1..).unwrap()).map_err(|e| e.index).err(), Some(1));
    let mut twice = bench.events.clone();
    twice.push(bench.events.last().unwrap().clone());
    assert!(Case::fold(&twice).is_err(), "a number stands once");
}
