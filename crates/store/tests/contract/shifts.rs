//! The watch: one holds it, a handover is sealed and logged, of many at once one wins.

use crate::world::{T0, World, account};
use base::{Pii, Text};
use store::logbook::ActFilter;
use store::shifts::Begun;

pub async fn one_holds_the_watch_and_hands_it_over(world: &World) {
    let store = world.open().await;
    let (wu, zhou) = (account(&store, "wu").await, account(&store, "zhou").await);
    assert!(store.open_shift().await.unwrap().is_none());
    assert!(store.begin_shift(wu, Begun::Free, None, None, T0).await.unwrap());
    assert!(!store.begin_shift(zhou, Begun::Free, None, None, T0).await.unwrap(), "it is held");
    let open = store.open_shift().await.unwrap().unwrap();
    assert_eq!((open.number, open.account, open.begun, open.until), (1, wu, Begun::Free, None));
    assert!(!store.begin_shift(zhou, Begun::Handover, Some(1), None, T0).await.unwrap(), "nothing was offered");
    let note = Pii::new("李某某来过，电话一三八".to_owned());
    let items = vec![Text::new("大堂没有录像", "The lobby does not record")];
    assert!(store.offer_shift(&open, zhou, &note, &items, T0.plus_ms(10)).await.unwrap());
    assert!(!store.offer_shift(&open, zhou, &note, &items, T0.plus_ms(11)).await.unwrap(), "offered already");
    let offered = store.open_shift().await.unwrap().unwrap();
    assert_eq!((offered.offered_to, offered.note.as_ref(), &offered.items), (Some(zhou), Some(&note), &items));
    assert!(store.end_offer(&offered, wu, T0.plus_ms(12)).await.unwrap());
    assert!(!store.end_offer(&offered, zhou, T0.plus_ms(12)).await.unwrap(), "that offer has ended");
    assert!(!store.begin_shift(zhou, Begun::Handover, Some(1), None, T0).await.unwrap(), "withdrawn");
    let open = store.open_shift().await.unwrap().unwrap();
    assert_eq!((open.offered_to, open.note.clone(), open.items.len()), (None, None, 0));
    assert!(store.offer_shift(&open, zhou, &note, &items, T0.plus_ms(20)).await.unwrap());
    assert!(!store.begin_shift(wu, Begun::Handover, Some(1), None, T0).await.unwrap(), "offered to the other");
    assert!(store.begin_shift(zhou, Begun::Handover, Some(1), None, T0.plus_ms(30)).await.unwrap());
    let why = Pii::new("周安已离岗".to_owned());
    assert!(store.begin_shift(wu, Begun::Alone, Some(2), Some(&why), T0.plus_ms(40)).await.unwrap());
    assert_eq!(store.open_shift().await.unwrap().unwrap().why, Some(why));
    let before = store.shift_before(2).await.unwrap().unwrap();
    assert_eq!((before.number, before.until, before.note), (1, Some(T0.plus_ms(30)), Some(note.clone())));
    let numbers = |from, to| {
        let store = store.clone();
        async move {
            let rows = store.shifts(T0.plus_ms(from), T0.plus_ms(to)).await.unwrap();
            rows.iter().map(|s| s.number).collect::<Vec<_>>()
        }
    };
    assert_eq!(numbers(0, 30).await, [1]);
    assert_eq!(numbers(29, 31).await, [1, 2]);
    assert_eq!(numbers(30, 100).await, [2, 3]);
    let filter = ActFilter { kind: Some("shift.".into()), ..Default::default() };
    let kinds: Vec<_> = store.acts(&filter, 20).await.unwrap().into_iter().rev().map(|a| a.kind).collect();
    assert_eq!(
        kinds,
        ["shift.begun", "shift.offered", "shift.withdrawn", "shift.offered", "shift.accepted", "shift.taken"]
    );
    store.close().await;
    if !world.is_postgres() {
        for file in ["jifang.db", "jifang.db-wal"] {
            let bytes = std::fs::read(world.config.data.join(file)).unwrap_or_default();
            let text = note.expose().as_bytes();
            assert!(!bytes.windows(text.len()).any(|w| w == text), "a note lies open in {file}");
        }
    }
}

pub async fn of_many_at_once_one_begins(world: &World) {
    let store = world.open().await;
    let people = [account(&store, "a").await, account(&store, "b").await, account(&store, "c").await];
    let tries: Vec<_> = people
        .into_iter()
        .map(|id| {
            let store = store.clone();
            tokio::spawn(async move { store.begin_shift(id, Begun::Free, None, None, T0).await.unwrap() })
        })
        .collect();
    let mut begun = 0;
    for one in tries {
        begun += usize::from(one.await.unwrap());
    }
    assert_eq!(begun, 1);
}
