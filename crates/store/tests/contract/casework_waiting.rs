//! What waits beside the terms of law: promises that went by, and cases in which nothing is done.

use crate::casework::{day, done, event, head, office, open};
use crate::world::{T0, World, assert_clean};
use std::collections::BTreeMap;
use store::casework::Territory;
use store::casework::cases::CaseHead;
use store::casework::events::CaseChange;
use store::casework::waiting::{Waiting, WaitingCounts};

pub async fn what_waits_is_counted_for_one_state_of_a_case_and_listed_by_its_day(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    let (one, two) = (open(&store, &head(a, "一")).await.0, open(&store, &head(b, "二")).await.0);
    let closed = open(&store, &CaseHead { closed: Some(T0), ..head(a, "三") }).await.0;
    let today = day("2026-12-02");
    let mut all = store.uncounted(today, None, 9).await.unwrap();
    let mut both = vec![one, two];
    both.sort_unstable();
    assert_eq!(all, both, "what is closed waits no more");
    assert_eq!(store.uncounted(today, None, 1).await.unwrap(), both[..1]);
    assert_eq!(store.uncounted(today, Some(both[0]), 9).await.unwrap(), both[1..]);
    assert_eq!(store.waiting(one).await.unwrap(), None);
    let promised = Waiting { promised: Some(day("2026-12-01")), ..Waiting::default() };
    let lies = Waiting { promised: None, since: Some(day("2026-11-01")), lies: Some(day("2026-12-02")) };
    store.put_waiting(one, 1, today, &promised).await.unwrap();
    store.put_waiting(two, 1, today, &lies).await.unwrap();
    store.put_waiting(closed, 1, today, &promised).await.unwrap();
    assert_eq!(store.waiting(one).await.unwrap(), Some(promised));
    assert_eq!((store.waiting(two).await.unwrap(), store.waiting(closed).await.unwrap()), (Some(lies), None));
    let listed = BTreeMap::from([(one, promised), (two, lies)]);
    assert_eq!(store.waiting_of(&[one, two, closed]).await.unwrap(), listed, "each as it is read alone");
    assert!(store.waiting_of(&[]).await.unwrap().is_empty());
    assert!(store.waiting_of(&[closed]).await.unwrap().is_empty(), "what is closed waits no more");
    let mut many = vec![closed; 50];
    many.push(two);
    assert_eq!(store.waiting_of(&many).await.unwrap(), BTreeMap::from([(two, lies)]), "more than one statement takes");
    assert!(store.uncounted(today, None, 9).await.unwrap().is_empty());
    // On its last day a promise is kept; the day after it went by.
    let over = async |of: Territory, on: &str| store.waiting_over(of, day(on), 9).await.unwrap();
    assert!(over(Territory::All, "2026-12-01").await.is_empty());
    assert_eq!(over(Territory::All, "2026-12-02").await, [(one, promised)]);
    assert_eq!(over(Territory::All, "2026-12-03").await, [(one, promised), (two, lies)]);
    assert_eq!(store.waiting_over(Territory::All, day("2026-12-03"), 1).await.unwrap().len(), 1);
    assert_eq!(over(Territory::Office(b), "2026-12-03").await, [(two, lies)]);
    assert_eq!(over(Territory::Under(a), "2026-12-03").await, [(one, promised)]);
    let counts = async |of: Territory, on: &str| store.waiting_counts(of, day(on)).await.unwrap();
    assert_eq!(counts(Territory::All, "2026-12-01").await, WaitingCounts::default());
    assert_eq!(counts(Territory::All, "2026-12-03").await, WaitingCounts { past: 1, lying: 1 });
    assert_eq!(counts(Territory::Office(a), "2026-12-03").await, WaitingCounts { past: 1, lying: 0 });
    // A day that went by since the count is counted once more, for a notice of holidays may have moved it.
    all = store.uncounted(day("2026-12-03"), None, 9).await.unwrap();
    assert_eq!(all, [two]);
    store.put_waiting(two, 1, day("2026-12-03"), &lies).await.unwrap();
    assert!(store.uncounted(day("2026-12-04"), None, 9).await.unwrap().is_empty());
    // Somebody acted: what was counted before is none.
    let (after, events) = (head(a, "一"), [event("case.noted")]);
    done(store.add_events(&CaseChange::new(one, 1, None, &after, &events), T0).await.unwrap());
    assert_eq!(store.waiting(one).await.unwrap(), None);
    assert!(over(Territory::Office(a), "2026-12-03").await.is_empty());
    assert_eq!(store.uncounted(today, None, 9).await.unwrap(), [one]);
    store.put_waiting(one, 2, today, &Waiting::default()).await.unwrap();
    assert_eq!(store.waiting(one).await.unwrap(), Some(Waiting::default()));
    assert!(over(Territory::Office(a), "2030-01-01").await.is_empty());
    // The office promises something else.
    store.forget_waiting(b).await.unwrap();
    assert_eq!(store.uncounted(today, None, 9).await.unwrap(), [two]);
    assert_clean(&store).await;
}
