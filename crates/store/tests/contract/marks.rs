//! Holds by hand, bookmarks, and the ticks that acts leave on a timeline.

use crate::requests::{application, clauses, line};
use crate::world::{Feed, Recording, T0, World, account, camera, committed};
use base::{HoldId, Pii};
use domain::viewing::State;
use store::holds::NewHold;
use store::logbook::ActFilter;

pub async fn a_hold_by_hand_is_placed_on_footage_and_released_once(world: &World) {
    let store = world.open().await;
    let (cam, by) = (camera(&store).await, account(&store, "c").await);
    let new = |from: i64, to: i64| NewHold {
        camera: cam,
        from: T0.plus_ms(from),
        to: T0.plus_ms(to),
        reason: "纠纷".into(),
        by,
        clauses: clauses(),
    };
    assert_eq!(store.place_hold(&new(0, 10_000), T0).await.unwrap(), None, "nothing is there to be held");
    let recording = Recording::start(&store).await;
    Feed::new(cam, T0).container(&recording.writer, 10);
    committed(&store, cam, 10).await;
    recording.stop().await;
    assert_eq!(store.place_hold(&new(10_000, 20_000), T0).await.unwrap(), None, "the end is not part of it");
    let id = store.place_hold(&new(5_000, 20_000), T0).await.unwrap().unwrap();
    let hold = store.hold(id).await.unwrap().unwrap();
    assert_eq!((hold.camera, hold.from, hold.request, hold.reason.as_str()), (cam, T0.plus_ms(5_000), None, "纠纷"));
    let held = async || store.holds_of(cam, T0, T0.plus_ms(9_000)).await.unwrap().len();
    assert_eq!(held().await, 1);
    // A hold of a request is not released by hand.
    let app = application(cam, vec![by]);
    store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap();
    let theirs = store.holds_of(cam, T0, T0.plus_ms(1)).await.unwrap().remove(0);
    assert!(theirs.request.is_some() && !store.release_hold(&theirs, "x", by, &[], T0).await.unwrap());
    let why = clauses();
    let tabs =
        tokio::join!(store.release_hold(&hold, "了结", by, &why, T0), store.release_hold(&hold, "了结", by, &why, T0));
    assert_eq!(u8::from(tabs.0.unwrap()) + u8::from(tabs.1.unwrap()), 1);
    assert_eq!((held().await, store.hold(id).await.unwrap()), (1, None));
    assert_eq!(store.hold(HoldId::from_bytes([1; 16])).await.unwrap(), None);
    let filter = ActFilter { kind: Some("hold.".into()), ..ActFilter::default() };
    let kinds: Vec<_> = store.acts(&filter, 9).await.unwrap().into_iter().map(|a| (a.kind, a.camera)).collect();
    assert_eq!(kinds, [("hold.released".to_owned(), Some(cam)), ("hold.placed".to_owned(), Some(cam))]);
}

pub async fn a_bookmark_keeps_its_note_sealed(world: &World) {
    let store = world.open().await;
    let (cam, by) = (camera(&store).await, account(&store, "d").await);
    let note = Pii::new("红衣男子".to_owned());
    let add = |from: i64, to: i64| store.add_bookmark(cam, (T0.plus_ms(from), T0.plus_ms(to)), &note, by, T0);
    let (a, b) = (add(0, 100).await.unwrap().unwrap(), add(200, 300).await.unwrap().unwrap());
    let found = async |from: i64, to: i64| {
        let rows = store.bookmarks(cam, T0.plus_ms(from), T0.plus_ms(to), 9).await.unwrap();
        rows.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    assert_eq!(found(0, 300).await, [b, a]);
    assert_eq!((found(100, 200).await, found(99, 201).await), (vec![], vec![b, a]));
    let row = store.bookmark(a).await.unwrap().unwrap();
    assert_eq!((row.note.expose().as_str(), row.by, row.to), ("红衣男子", by, T0.plus_ms(100)));
    store.flush_ledger().await.unwrap();
    let head = store.ledger().head().0.size;
    for index in 0..head {
        let entry = store.ledger().entry(index).unwrap().parse().unwrap();
        assert!(!entry.body.to_string().contains("红衣"), "the log holds a commitment");
    }
    assert!(store.remove_bookmark(&row, by, T0).await.unwrap());
    assert!(!store.remove_bookmark(&row, by, T0).await.unwrap());
    assert!(store.bookmark(a).await.unwrap().is_none());
    assert_eq!(found(0, 300).await, [b]);
    crate::world::assert_clean(&store).await;
}

pub async fn acts_on_footage_are_found_on_its_timeline(world: &World) {
    let store = world.open().await;
    let (cam, other, by) = (camera(&store).await, camera(&store).await, account(&store, "z").await);
    let mut app = application(cam, vec![by]);
    app.cameras.push(other);
    let request = store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap().id;
    let viewed = store.register("footage.viewed.official", line(request, cam, by), T0.plus_ms(9)).await.unwrap();
    store.register("session.opened", line(request, cam, by), T0).await.unwrap();
    let acts = async |cam, from: i64, to: i64| {
        let rows = store.footage_acts(cam, T0.plus_ms(from), T0.plus_ms(to), 9).await.unwrap();
        rows.into_iter().map(|a| a.kind).collect::<Vec<_>>()
    };
    assert_eq!(acts(cam, 0, 600_000).await, ["footage.viewed.official", "request.made"]);
    assert_eq!(acts(other, 0, 600_000).await, ["request.made"]);
    assert_eq!(acts(cam, 1_000, 2_000).await, ["request.made"], "the viewing was of the first second");
    assert!(acts(cam, 600_000, 700_000).await.is_empty() && acts(cam, -9_000, 0).await.is_empty());
    let act = store.footage_acts(cam, T0, T0.plus_ms(1), 1).await.unwrap().remove(0);
    assert_eq!((act.idx, act.at, act.from, act.to), (viewed, T0.plus_ms(9), T0, T0.plus_ms(1_000)));
}
