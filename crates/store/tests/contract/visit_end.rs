//! The end of a visit and the step of its case: both or neither.

use crate::casework::{day, event, head, office, open, pii};
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, Text};
use store::casework::events::{CaseChange, Saved};
use store::visits::{VisitEnd, VisitEntry, VisitRow};

fn entry(kind: &'static str, by: AccountId) -> VisitEntry {
    VisitEntry { kind, body: serde_json::json!({}), text: Text::new("检查。", "A visit."), by, now: T0 }
}

pub async fn a_step_and_the_end_of_its_visit_are_one(world: &World) {
    let store = world.open().await;
    let head = head(office(&store, "230102000000").await, "示例商业");
    let ((case, _), by) = (open(&store, &head).await, account(&store, "one").await);
    let asked = VisitRow {
        case,
        n: 0,
        state: "open".into(),
        kind: "planned".into(),
        day: day("2026-11-20"),
        unit: "91350100M000100Y43".into(),
        inspectors: vec![by],
        facts: "{}".into(),
        version: 0,
        record: pii("{}"),
        ended: None,
        report: None,
    };
    assert_eq!(store.new_visit(&asked, &entry("visit.asked", by)).await.unwrap(), Some(1));
    let row = VisitRow { n: 1, state: "closed".into(), ended: Some(pii("{}")), ..asked };
    let of =
        |version: u32| VisitEnd { row: row.clone(), was: ("open".into(), version), made: entry("visit.closed", by) };
    let events = [event("case.step_done")];
    let change = |seen: u32| CaseChange::new(case, seen, Some(by), &head, &events);
    let stands = async || {
        let events = store.case(case).await.unwrap().expect("a case").events;
        let visit = store.visit(case, 1).await.unwrap().expect("a visit");
        (events, visit.state, store.case_events(case).await.unwrap().len())
    };
    let before = stands().await;
    assert_eq!(before, (1, "open".to_owned(), 1));
    assert_eq!(store.add_events_of_visit(&change(1), &of(7), T0).await.unwrap(), None, "the record was changed since");
    assert_eq!(stands().await, before, "no step without the end");
    let moved_on = store.add_events_of_visit(&change(0), &of(0), T0).await.unwrap();
    assert_eq!(moved_on, Some(Saved::MovedOn { events: 1 }));
    assert_eq!(stands().await, before, "no end without the step");
    let done = store.add_events_of_visit(&change(1), &of(0), T0).await.unwrap();
    assert!(matches!(done, Some(Saved::Done(_))), "{done:?}");
    assert_eq!(stands().await, (2, "closed".to_owned(), 2));
    assert_clean(&store).await;
}
