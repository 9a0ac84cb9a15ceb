//! A disk that refuses: an error, and no space left. On SQLite only: the database has no part in it.

use crate::world::{Feed, Recording, T0, World, assert_chain, assert_clean, camera, committed, until};
use base::UtcMs;
use domain::recording::GapCause;
use std::process::Command;
use store::footage::{Job, WriterEvent};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_cannot_be_written_is_told_and_recording_resumes() {
    let world = World::sqlite();
    let store = world.open().await;
    let (cam, other) = (camera(&store).await, camera(&store).await);
    let mut r = Recording::start(&store).await;
    let (mut feed, mut healthy) = (Feed::new(cam, T0), Feed::new(other, T0));
    feed.container(&r.writer, 2);
    committed(&store, cam, 2).await;
    // A file where the camera's folder should be: no right of root helps.
    let folder = store.data().join(format!("footage/{cam}"));
    let aside = store.data().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::write(&folder, b"").unwrap();
    feed.container(&r.writer, 2);
    healthy.container(&r.writer, 2);
    assert_eq!(r.events.recv().await, Some(WriterEvent::DiskError(cam)));
    committed(&store, other, 2).await;
    let cause = store.gaps(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap()[0].cause;
    assert_eq!(cause, GapCause::DiskError);
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&aside, &folder).unwrap();
    feed.container(&r.writer, 2);
    assert_chain(&store, &committed(&store, cam, 4).await);
    r.stop().await;
    let gaps = store.gaps(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].to, gaps[0].cause), (Some(T0.plus_ms(4_000)), GapCause::DiskError));
    assert_clean(&store).await;
}

/// Set in the process that has a small disk of its own.
const SMALL_DISK: &str = "JIFANG_TEST_SMALL_DISK";

/// Runs `the_disk_is_full` in a mount namespace of its own, where it may mount a small disk without touching the machine.
#[test]
fn a_full_disk_ends_a_container_with_a_whole_fragment() {
    let own_root = std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    let flags: &[&str] = if own_root { &["--mount"] } else { &["--mount", "--map-root-user"] };
    let may = Command::new("unshare").args(flags).args(["mount", "-t", "tmpfs", "none", "/mnt"]).output();
    if !may.is_ok_and(|out| out.status.success()) {
        eprintln!("not run: this machine does not let a process mount a small disk for itself");
        return;
    }
    let out = Command::new("unshare")
        .args(flags)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "disk::the_disk_is_full", "--nocapture"])
        .env(SMALL_DISK, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}\n{said}", String::from_utf8_lossy(&out.stdout));
    assert!(said.contains("the disk was full"), "the test did run: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_disk_is_full() {
    if std::env::var_os(SMALL_DISK).is_none() {
        return;
    }
    let world = World::sqlite();
    let footage = world.config.data.join("footage");
    std::fs::create_dir_all(&footage).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "none"]).arg(&footage).status().unwrap();
    assert!(mounted.success());
    let ballast = footage.join("ballast");
    std::fs::write(&ballast, vec![0; 2 << 20]).unwrap();
    let store = world.open().await;
    let cam = camera(&store).await;
    let mut r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.size = 40_000;
    feed.open(&r.writer);
    let mut sent = 0;
    while r.events.try_recv().is_err() {
        assert!(sent < 40, "four megabytes do not hold all this");
        assert!(feed.fragment(&r.writer));
        sent += 1;
        r.writer.barrier().await;
    }
    let all = until("what fitted is committed", || async {
        let all = crate::world::everything(&store, cam).await;
        all.last().is_some_and(|l| l.leaf.is_some()).then_some(all)
    })
    .await;
    assert_eq!(all.len(), sent - 1, "all but the one that did not fit");
    assert_chain(&store, &all);
    let last = all.last().unwrap();
    let len = std::fs::metadata(store.data().join(&last.head.path)).unwrap().len();
    assert_eq!(len, last.frag.offset + last.frag.bytes, "the file ends with a whole fragment");
    until("the gap is open", || async { store.open_gap(cam).await.unwrap() }).await;
    let report = assert_clean(&store).await;
    assert_eq!(report.fragments, all.len() as u64);
    // No space for a new container either; what comes is dropped until there is.
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer));
    assert_eq!(r.events.recv().await, Some(WriterEvent::DiskFull(cam)));
    std::fs::remove_file(&ballast).unwrap();
    assert!(r.writer.send(Job::GapCause(cam, GapCause::DiskFull)));
    let back = feed.at;
    feed.container(&r.writer, 2);
    assert_chain(&store, &committed(&store, cam, all.len() + 2).await);
    r.stop().await;
    let gaps = store.gaps(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].from, gaps[0].to, gaps[0].cause), (last.frag.end(), Some(back), GapCause::DiskFull));
    assert_clean(&store).await;
    store.close().await;
    assert!(Command::new("umount").arg(&footage).status().unwrap().success());
    eprintln!("the disk was full after {sent} fragments");
}
