//! What of cases is asked of many at once: the title under which one was opened, what a review came to and whether that is entered.

use crate::casework::{done, event, head, numbering, office};
use crate::world::{T0, World, assert_clean, random};
use base::{CaseId, PartyId};
use store::Store;
use store::casework::Territory;
use store::casework::cases::{CaseHead, CaseMarks};
use store::casework::events::CaseChange;

fn begun_as(title: &str) -> CaseMarks {
    CaseMarks { begun_as: title.into(), ..CaseMarks::default() }
}

/// A new case of this head, with these marks or, as older programs opened it, without.
async fn begun(store: &Store, head: &CaseHead, marks: Option<&CaseMarks>) -> CaseId {
    let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(head.office), [event("case.opened")]);
    let change = CaseChange { opening: Some(&numbering), marks, ..CaseChange::new(id, 0, None, head, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    id
}

pub async fn a_case_is_found_by_the_title_it_was_opened_under(world: &World) {
    let store = world.open().await;
    let (office, party) = (office(&store, "210100000001").await, PartyId::new(T0.0, random()));
    let of = |title: &str| CaseHead { party: Some(party), ..head(office, title) };
    let procedure = of("").procedure;
    let same = async |title: &str| store.same_case(party, &procedure, title).await.unwrap().map(|row| row.id);
    let unknown = async |limit: u32| {
        let rows = store.cases_of_unknown_title(party, &procedure, limit).await.unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let new = begun(&store, &of("中山广场"), Some(&begun_as("中山广场"))).await;
    let old = begun(&store, &of("劳动公园"), None).await;
    assert_eq!((same("中山广场").await, same("劳动公园").await, same("南湖").await), (Some(new), Some(old), None));
    assert_eq!((unknown(9).await, unknown(0).await), (vec![old], vec![]));
    let events = [event("case.filled")];
    let change = async |id: CaseId, seen: u32, head: &CaseHead, marks: Option<&CaseMarks>| {
        let change = CaseChange { marks, ..CaseChange::new(id, seen, None, head, &events) };
        done(store.add_events(&change, T0).await.unwrap());
    };
    change(new, 1, &of("广场北侧"), None).await;
    assert_eq!((same("中山广场").await, same("广场北侧").await), (Some(new), Some(new)), "by both");
    change(new, 2, &of("广场北侧"), Some(&begun_as("南湖"))).await;
    assert_eq!((same("中山广场").await, same("南湖").await), (Some(new), None), "it was opened under one title");
    change(old, 1, &of("公园东门"), Some(&begun_as("劳动公园"))).await;
    assert_eq!((same("劳动公园").await, unknown(9).await), (Some(old), vec![]), "a change says what was not known");
    let over = CaseHead { closed: Some(T0), ..of("公园东门") };
    change(old, 2, &over, None).await;
    assert_eq!((same("劳动公园").await, same("公园东门").await), (None, None), "what is over stands in nobody's way");
    let other = PartyId::new(T0.0, random());
    assert_eq!(store.same_case(other, &procedure, "中山广场").await.unwrap(), None);
    assert_eq!(store.same_case(party, "another_procedure", "中山广场").await.unwrap(), None);
    assert_clean(&store).await;
}

/// A decided case that came from another one and ended so; `None`: as older programs kept it.
async fn reviewed(store: &Store, head: &CaseHead, from: CaseId, result: Option<&str>) -> CaseId {
    let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(head.office), [event("case.opened")]);
    let decided = CaseHead { procedure: "review".into(), outcome: Some("decided".into()), ..head.clone() };
    let marks = result.map(|result| CaseMarks { result: result.into(), ..CaseMarks::default() });
    let new = CaseChange::new(id, 0, None, &decided, &events);
    let change = CaseChange { opening: Some(&numbering), from: Some(from), marks: marks.as_ref(), ..new };
    done(store.add_events(&change, T0).await.unwrap());
    id
}

pub async fn what_annuls_is_found_behind_what_does_not(world: &World) {
    let store = world.open().await;
    let head = head(office(&store, "210100000001").await, "中山广场");
    let fine = begun(&store, &head, Some(&begun_as("中山广场"))).await;
    let old = begun(&store, &head, None).await;
    let annulled = reviewed(&store, &head, fine, Some("annulled")).await;
    for result in ["upheld", "", "annul", "changed|annulled"] {
        reviewed(&store, &head, fine, Some(result)).await;
    }
    let results = ["annulled".to_owned(), "changed".to_owned()];
    let found = async |limit: u32| {
        let rows = store.decided_from(Territory::All, ("review", &results), T0, limit).await.unwrap();
        rows.into_iter().map(|f| (f.from, f.case, f.result_known, f.entered_known)).collect::<Vec<_>>()
    };
    assert_eq!(found(1).await, [(fine, annulled, true, true)], "however many stand before it");
    assert_eq!(found(9).await.len(), 1);
    let unknown = reviewed(&store, &head, old, None).await;
    let mut both = found(9).await;
    both.sort_by_key(|(from, ..)| *from != fine);
    assert_eq!(both, [(fine, annulled, true, true), (old, unknown, false, false)]);
    let events = [event("case.step_done")];
    let entered = CaseMarks { annulled: true, ..begun_as("中山广场") };
    for case in [fine, old] {
        let change = CaseChange { marks: Some(&entered), ..CaseChange::new(case, 1, None, &head, &events) };
        done(store.add_events(&change, T0).await.unwrap());
    }
    assert!(found(9).await.is_empty(), "it is entered in both");
    assert_clean(&store).await;
}
