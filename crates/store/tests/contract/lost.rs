//! Footage that a disk does not keep: what can be proved stays, the rest is told with its numbers, its time and its cause.

use crate::world::{Feed, Recording, T0, World, assert_chain, assert_clean, camera, committed, everything, until};
use base::{CameraId, UtcMs};
use domain::recording::GapCause;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Store;
use store::footage::{Job, WriterEvent};

async fn gaps(store: &Store, cam: CameraId) -> Vec<(i64, Option<i64>, GapCause)> {
    let gaps = store.gaps(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    gaps.iter().map(|g| (g.from.since(T0), g.to.map(|to| to.since(T0)), g.cause)).collect()
}

fn numbers(all: &[store::footage::read::Located]) -> Vec<u64> {
    all.iter().map(|l| l.frag.seq).collect()
}

pub async fn a_file_that_is_short_or_gone_is_sealed_and_the_rest_declared_lost(world: &World) {
    let store = world.open().await;
    let (short, gone, whole) = (camera(&store).await, camera(&store).await, camera(&store).await);
    let r = Recording::start(&store).await;
    for cam in [short, gone, whole] {
        let mut feed = Feed::new(cam, T0);
        feed.open(&r.writer);
        for n in 1..=6 {
            assert!(feed.fragment(&r.writer));
            if n % 3 == 0 {
                feed.span(&r.writer);
            }
        }
        committed(&store, cam, 6).await;
    }
    let file = |all: &[store::footage::read::Located]| store.data().join(&all[0].head.path);
    let all = everything(&store, short).await;
    File::options().write(true).open(file(&all)).unwrap().set_len(all[4].frag.offset + 7).unwrap();
    std::fs::remove_file(file(&everything(&store, gone).await)).unwrap();
    std::mem::forget(r);
    drop(store);

    let store = world.open().await;
    let mut lost: Vec<_> =
        store.recovered().lost.iter().map(|l| (l.camera, l.from.since(T0), l.to.since(T0))).collect();
    lost.sort_by_key(|l| l.1);
    assert_eq!(lost, [(gone, 0, 6_000), (short, 4_000, 6_000)]);
    let left = everything(&store, short).await;
    assert_eq!(numbers(&left), [0, 1, 2, 3]);
    assert_chain(&store, &left);
    assert_eq!(gaps(&store, short).await, [(4_000, Some(6_000), GapCause::FootageLost)]);
    assert_eq!(numbers(&everything(&store, gone).await), [0; 0]);
    assert_eq!(gaps(&store, gone).await, [(0, Some(6_000), GapCause::FootageLost)]);
    assert_eq!(everything(&store, whole).await.len(), 6);
    assert_eq!(assert_clean(&store).await.lost, 2);
    drop(store);

    // The next start finds nothing more to say; numbers go on, and the time until then is the stop's.
    let store = world.open().await;
    assert!(store.recovered().lost.is_empty() && store.recovered().damaged.is_empty());
    let r = Recording::start(&store).await;
    for (cam, before) in [(short, 4), (gone, 0)] {
        let mut feed = Feed::new(cam, T0.plus_ms(20_000));
        feed.container(&r.writer, 2);
        let all = committed(&store, cam, before + 2).await;
        assert_eq!(numbers(&all)[before..], [6, 7]);
        until("the stop has its gap", || async {
            gaps(&store, cam).await.contains(&(6_000, Some(20_000), GapCause::ServerDown)).then_some(())
        })
        .await;
    }
    r.stop().await;
    assert_eq!(assert_clean(&store).await.lost, 2);
}

pub async fn a_loss_that_nobody_logged_is_a_fault(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    feed.container(&r.writer, 2);
    let all = committed(&store, cam, 4).await;
    r.stop().await;
    assert_clean(&store).await;
    // Somebody removes footage and writes a row that explains it.
    world
        .tamper(&format!(
            "INSERT INTO loss (camera, container, first_seq, last_seq, from_ms, to_ms, cause, leaf) \
             VALUES ('{cam}', '{}', 0, 1, 0, 1, 'footage_lost', 0)",
            all[0].head.id
        ))
        .await;
    world.tamper(&format!("DELETE FROM span WHERE container = '{}'", all[0].head.id)).await;
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.faults.iter().any(|f| f.code == "loss_without_entry"), "{report}");
}

pub async fn the_wait_since_the_start_has_a_cause_of_its_own(world: &World) {
    let store = world.open().await;
    let (late, same) = (camera(&store).await, camera(&store).await);
    let r = Recording::start(&store).await;
    for cam in [late, same] {
        Feed::new(cam, T0).container(&r.writer, 2);
        committed(&store, cam, 2).await;
    }
    assert!(r.writer.send(Job::GapOpen(same, GapCause::DeviceOffline)));
    r.stop().await;
    let r = Recording::start(&store).await;
    for cam in [late, same] {
        assert!(r.writer.send(Job::GapSplit(cam, T0.plus_ms(10_000), GapCause::DeviceOffline)));
    }
    r.writer.barrier().await;
    until("the split is stored", || async { (gaps(&store, late).await.len() == 2).then_some(()) }).await;
    let open = [(2_000, Some(10_000), GapCause::ServerDown), (10_000, None, GapCause::DeviceOffline)];
    assert_eq!(gaps(&store, late).await, open);
    for cam in [late, same] {
        Feed::new(cam, T0.plus_ms(20_000)).container(&r.writer, 2);
        committed(&store, cam, 4).await;
    }
    r.stop().await;
    let closed = [(2_000, Some(10_000), GapCause::ServerDown), (10_000, Some(20_000), GapCause::DeviceOffline)];
    assert_eq!(gaps(&store, late).await, closed);
    assert_eq!(gaps(&store, same).await, [(2_000, Some(20_000), GapCause::DeviceOffline)], "the same thing went on");
    assert_clean(&store).await;
}

/// The disk fails once; everything is still in the cache.
fn fails_once(file: &File) -> std::io::Result<()> {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    if CALLS.fetch_add(1, Ordering::SeqCst) == 0 { Err(std::io::ErrorKind::Other.into()) } else { file.sync_data() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_be_read_back_is_written_again_after_a_failed_sync() {
    let mut world = World::sqlite();
    world.limits.sync = fails_once;
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    Feed::new(cam, T0).container(&r.writer, 5);
    assert_chain(&store, &committed(&store, cam, 5).await);
    r.stop().await;
    assert_eq!(gaps(&store, cam).await, []);
    assert_eq!(assert_clean(&store).await.lost, 0);
}

/// The disk fails once, and the last page is not what was written: the kernel dropped it.
fn drops_the_last_page(file: &File) -> std::io::Result<()> {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    if CALLS.fetch_add(1, Ordering::SeqCst) == 0 {
        let (mut last, at) = ([0], file.metadata()?.len() - 1);
        file.read_exact_at(&mut last, at)?;
        file.write_all_at(&[!last[0]], at)?;
        return Err(std::io::ErrorKind::Other.into());
    }
    file.sync_data()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fragment_that_the_disk_dropped_is_never_committed() {
    let mut world = World::sqlite();
    world.limits.sync = drops_the_last_page;
    let store = world.open().await;
    let cam = camera(&store).await;
    let mut r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.open(&r.writer);
    for _ in 0..4 {
        assert!(feed.fragment(&r.writer));
    }
    feed.span(&r.writer);
    until("the loss is told", || async { (!gaps(&store, cam).await.is_empty()).then_some(()) }).await;
    // What would chain to the lost one is refused, and the recorder hears of it.
    assert!(feed.fragment(&r.writer));
    assert_eq!(r.events.recv().await, Some(WriterEvent::DiskError(cam)));
    feed.silence(5_000);
    feed.container(&r.writer, 2);
    let all = committed(&store, cam, 5).await;
    assert_eq!(numbers(&all), [0, 1, 2, 4, 5], "the lost number is not used again");
    assert_chain(&store, &all[..3]);
    r.stop().await;
    let want = [(3_000, Some(4_000), GapCause::DiskError), (4_000, Some(10_000), GapCause::DiskError)];
    assert_eq!(gaps(&store, cam).await, want);
    assert_eq!(assert_clean(&store).await.lost, 1);
    drop(store);
    let store = world.open().await;
    assert_eq!(store.recovered().containers, 0, "everything was sealed");
    assert_clean(&store).await;
}

/// The disk never makes anything safe.
fn always_fails(_: &File) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Other.into())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_committed_on_a_disk_that_never_syncs() {
    let mut world = World::sqlite();
    world.limits.sync = always_fails;
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    Feed::new(cam, T0).container(&r.writer, 3);
    until("the loss is told", || async { (!gaps(&store, cam).await.is_empty()).then_some(()) }).await;
    r.stop().await;
    assert_eq!(numbers(&everything(&store, cam).await), [0; 0]);
    assert_eq!(gaps(&store, cam).await, [(0, Some(3_000), GapCause::DiskError)]);
    assert_eq!(assert_clean(&store).await.lost, 1);
    drop(store);
    world.limits.sync = File::sync_data;
    let store = world.open().await;
    assert_eq!((store.recovered().removed, store.recovered().damaged.len()), (1, 0), "an empty container is nothing");
    assert_clean(&store).await;
}
