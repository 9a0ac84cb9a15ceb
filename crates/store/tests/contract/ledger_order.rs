//! Places in the log: in order, without holes, each provable; group commit.

use crate::world::{T0, World};
use base::Text;
use ledger::LogVerifier;
use std::collections::BTreeSet;
use store::ledger_log::{ActLine, LogEntry};

fn line(i: usize) -> LogEntry {
    let text = Text::of(format!("第 {i} 条。"), format!("Line {i}."));
    let act = ActLine::done(None, text);
    LogEntry { kind: "test.line", at: T0, body: serde_json::json!({ "i": i }), act: Some(act) }
}

pub async fn places_are_given_in_order_and_every_entry_proves(world: &World) {
    let store = world.open().await;
    let done: Vec<_> = (0..200)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                // One to three entries a transaction: they stand together.
                let places = tx.log_all((0..=i % 3).map(|_| line(i)).collect()).await.unwrap();
                tx.commit().await.unwrap();
                (i, places)
            })
        })
        .collect();
    let mut places = Vec::new();
    for one in done {
        let (i, range) = one.await.expect("no panic");
        places.extend(range.map(|p| (p, i)));
        if i % 50 == 0 {
            store.flush_ledger().await.unwrap();
        }
    }
    places.sort_unstable();
    assert_eq!(places.iter().map(|(p, _)| *p).collect::<Vec<_>>(), (0..places.len() as u64).collect::<Vec<_>>());
    store.flush_ledger().await.unwrap();
    let verifier = LogVerifier::new(store.ledger().key().vkey());
    for (place, i) in &places {
        let (entry, proof) = store.ledger().prove(*place).unwrap();
        verifier.check_file(&proof.to_text(), entry.as_bytes()).expect("the proof verifies");
        assert_eq!(entry.parse().unwrap().body["i"], *i);
        let other = store.ledger().entry((place + 5) % places.len() as u64).unwrap();
        if other != entry {
            assert!(verifier.check_file(&proof.to_text(), other.as_bytes()).is_err());
        }
    }
    crate::world::assert_clean(&store).await;
}

pub async fn appends_share_transactions(world: &World) {
    let store = world.open().await;
    let done: Vec<_> = (0..300)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut entry = line(i);
                if i % 10 == 9 {
                    entry.body = serde_json::json!("x".repeat(70_000));
                }
                (i, store.append(entry).await)
            })
        })
        .collect();
    let mut places = BTreeSet::new();
    for one in done {
        let (i, place) = one.await.expect("no panic");
        assert_eq!(place.is_ok(), i % 10 != 9, "an entry that is too long fails alone: {place:?}");
        places.extend(place);
    }
    assert_eq!(places, (0..270).collect());
    let report = crate::world::assert_clean(&store).await;
    assert_eq!((report.entries, report.acts), (270, 270));
    store.close().await;
    let store = world.open().await;
    assert_eq!(store.ledger().head().0.size, 270);
}

pub async fn a_dropped_transaction_leaves_no_entry(world: &World) {
    let store = world.open().await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.log(line(1)).await.unwrap(), 0);
    drop(tx);
    assert_eq!(store.append(line(2)).await.unwrap(), 0, "its place is free again");
    assert_eq!(store.ledger().entry(0).map_err(|_| ()), Err(()), "not in the files yet");
    store.flush_ledger().await.unwrap();
    assert_eq!(store.ledger().entry(0).unwrap().parse().unwrap().body["i"], 2);
    assert!(store.ledger().prove(1).is_err());
}
