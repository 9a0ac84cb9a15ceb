//! Deleting footage: never inside its term, never under a hold, with a proof, and its numbers stay used.

use crate::world::{Feed, Recording, T0, World, account, assert_clean, camera, committed, everything, until};
use base::{CameraId, ClauseId, UtcMs};
use domain::retention::Fate;
use domain::viewing::{Application, Basis, State, Use};
use store::Store;
use store::footage::delete::{Candidate, Term};
use store::logbook::ActFilter;

fn term() -> Term {
    Term { min_days: 30, clauses: vec![ClauseId::new("B-25-1")] }
}

/// Containers of `n` fragments each, all committed and sealed.
async fn record(store: &Store, cam: CameraId, at: UtcMs, containers: &[usize]) {
    let before = everything(store, cam).await.len();
    let r = Recording::start(store).await;
    let mut feed = Feed::new(cam, at);
    containers.iter().for_each(|n| feed.container(&r.writer, *n));
    committed(store, cam, before + containers.iter().sum::<usize>()).await;
    r.stop().await;
}

async fn candidates(store: &Store, cam: CameraId) -> Vec<Candidate> {
    store.deletion_candidates(cam, UtcMs(i64::MAX), 100).await.unwrap()
}

async fn hold(store: &Store, cam: CameraId, from: UtcMs, to: UtcMs) -> base::RequestId {
    let officer = account(store, &format!("officer{}", from.0)).await;
    let app = Application {
        basis: Basis::StatutoryDuty,
        wanted: Use::View,
        case_number: "1".into(),
        unit: "u".into(),
        purpose: "p".into(),
        cameras: vec![cam],
        from,
        to,
        letter: None,
        officers: vec![officer],
        under: None,
        own: None,
    };
    store.add_request(&app, State::Submitted { at: T0 }, &[], T0).await.unwrap().id
}

pub async fn footage_goes_when_its_term_is_over_and_no_hold_covers_it(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    record(&store, cam, T0, &[3, 4]).await;
    let [first, second]: [Candidate; 2] = candidates(&store, cam).await.try_into().expect("two");
    assert_eq!(store.deletion_candidates(cam, second.to, 100).await.unwrap().len(), 1, "only what ended before");
    let until = T0.plus_ms(30 * base::time::DAY_MS);
    let now = until.plus_ms(-1);
    assert_eq!(store.delete_if_due(&first, until, &term(), now).await.unwrap(), Fate::InTerm { until });
    let request = hold(&store, cam, T0.plus_ms(2_999), T0.plus_ms(3_000)).await;
    assert_eq!(store.delete_if_due(&first, until, &term(), until).await.unwrap(), Fate::Held);
    assert!(store.data().join(&first.path).exists());
    assert_eq!(everything(&store, cam).await.len(), 7);
    store.release_holds(request, "结案", account(&store, "c").await, &[], T0).await.unwrap();
    assert_eq!(store.delete_if_due(&first, until, &term(), until).await.unwrap(), Fate::Due);
    assert!(!store.data().join(&first.path).exists());
    assert_eq!(everything(&store, cam).await.len(), 4);
    assert_eq!(store.deleted_between(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap(), [(first.from, first.to)]);
    // A second tab with the same list deletes nothing twice.
    assert_eq!(store.delete_if_due(&first, until, &term(), until).await.unwrap(), Fate::Due);
    let gone = store.acts(&ActFilter { kind: Some("footage.deleted".into()), ..Default::default() }, 9).await.unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!(gone[0].clauses, ["B-25-1"]);
    let report = assert_clean(&store).await;
    assert_eq!((report.containers, report.deleted), (1, 1));
    // A file that a crash left behind its deletion goes with the next sweep.
    std::fs::create_dir_all(store.data().join(&first.path).parent().unwrap()).unwrap();
    std::fs::write(store.data().join(&first.path), b"left").unwrap();
    assert!(!store.check(&|_, _| {}).await.unwrap().holds());
    assert_eq!(store.sweep_deleted().await.unwrap(), 1);
    assert_clean(&store).await;
    let stock = store.stock().await.unwrap()[&cam];
    assert_eq!((stock.oldest, stock.newest, stock.containers), (Some(second.from), Some(second.to), 1));
}

pub async fn a_hold_and_a_deletion_take_turns(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    record(&store, cam, T0, &[1; 12]).await;
    let due = T0.plus_ms(40 * base::time::DAY_MS);
    let tries: Vec<_> = candidates(&store, cam)
        .await
        .into_iter()
        .map(|c| {
            let (a, b, d) = (store.clone(), store.clone(), c.clone());
            let hold = tokio::spawn(async move { hold(&a, cam, d.from, d.to).await });
            let delete =
                tokio::spawn(async move { (c.clone(), b.delete_if_due(&c, due, &term(), due).await.unwrap()) });
            (hold, delete)
        })
        .collect();
    for (hold, delete) in tries {
        hold.await.expect("placed");
        let (c, fate) = delete.await.expect("no panic");
        let acts = store.acts(&ActFilter { camera: Some(cam), ..Default::default() }, 1_000).await.unwrap();
        assert!(acts.len() < 1_000);
        assert_eq!(store.data().join(&c.path).exists(), fate == Fate::Held, "{fate:?}");
    }
    // Whoever was first in the log decided: no deletion stands behind the hold of its footage.
    store.flush_ledger().await.unwrap();
    let mut held: Vec<(i64, i64)> = Vec::new();
    for i in 0..store.ledger().head().0.size {
        let entry = store.ledger().entry(i).unwrap().parse().unwrap();
        let range = |a: &str, b: &str| (entry.body[a].as_i64().unwrap(), entry.body[b].as_i64().unwrap());
        match entry.kind.as_str() {
            "request.made" => held.push(range("from_utc_ms", "to_utc_ms")),
            "footage.deleted" => {
                let (from, to) = range("from_utc_ms", "to_utc_ms");
                assert!(held.iter().all(|(a, b)| *b <= from || *a >= to), "deleted under a hold");
            }
            _ => {}
        }
    }
    assert_eq!(held.len(), 12);
    assert_clean(&store).await;
}

pub async fn numbers_go_on_after_everything_was_deleted(world: &World) {
    let due = T0.plus_ms(40 * base::time::DAY_MS);
    let store = world.open().await;
    let cam = camera(&store).await;
    record(&store, cam, T0, &[3, 2]).await;
    let mut all = candidates(&store, cam).await;
    all.reverse();
    for c in &all {
        // The newest first: the number must not fall back with the older one.
        assert_eq!(store.delete_if_due(c, due, &term(), due).await.unwrap(), Fate::Due);
    }
    assert!(store.stock().await.unwrap().is_empty());
    store.close().await;
    let store = world.open().await;
    record(&store, cam, due, &[2]).await;
    let seqs: Vec<_> = everything(&store, cam).await.iter().map(|l| l.frag.seq).collect();
    assert_eq!(seqs, [5, 6]);
    let report = assert_clean(&store).await;
    assert_eq!((report.deleted, report.fragments), (2, 2));
    until("the footage ends where it was fed to", || async {
        (store.footage_end(cam).await.unwrap() == Some(due.plus_ms(2_000))).then_some(())
    })
    .await;
}
