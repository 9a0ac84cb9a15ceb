//! Footage from the writer's queue to the reader: bytes, chain, tail, gaps and their causes, recovery.

use crate::world::{
    FRAGMENT_MS, Feed, Recording, T0, World, assert_chain, assert_clean, camera, committed, everything, until,
};
use base::{CameraId, UtcMs};
use domain::recording::GapCause;
use media::fragment::{Chain, parse_init, parse_next};
use store::footage::Job;
use store::footage::read::GapRow;
use store::{Limits, Store};

async fn gaps(store: &Store, cam: CameraId) -> Vec<(i64, Option<i64>, GapCause)> {
    let rows: Vec<GapRow> = store.gaps(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    rows.iter().map(|g| (g.from.since(T0), g.to.map(|t| t.since(T0)), g.cause)).collect()
}

pub async fn what_was_written_is_read_byte_for_byte(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let mut r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 7);
    feed.container(&r.writer, 5);
    let all = committed(&store, cam, 12).await;
    assert_chain(&store, &all);
    assert!(r.events.try_recv().is_err(), "no fault was told");
    for container in all.chunk_by(|a, b| a.head.id == b.head.id) {
        let head = &container[0].head;
        let bytes = std::fs::read(store.data().join(&head.path)).unwrap();
        let init = parse_init(&bytes).expect("the file begins with an init segment");
        assert_eq!((init.hash, &bytes[..init.len_bytes]), (head.init_sha256, &head.init[..]));
        let (mut at, mut chain) = (init.len_bytes, Chain::after_init(init.hash));
        for l in container {
            let parsed = parse_next(&bytes[at..], &init.tracks).expect("a whole fragment");
            chain.follow(&parsed).expect("the chain holds");
            assert_eq!(
                (parsed.hash, parsed.header.seq, parsed.table),
                (l.frag.sha256, l.frag.seq, l.frag.table.clone())
            );
            assert_eq!((parsed.header.camera, parsed.header.start_utc_ms), (cam, l.frag.start));
            at += parsed.len_bytes as usize;
        }
        assert_eq!(at, bytes.len(), "nothing stands behind the last fragment");
    }
    r.stop().await;
    let report = assert_clean(&store).await;
    assert_eq!((report.containers, report.fragments, report.spans), (2, 12, 2));
    let from_to = |from: i64, to: i64| (T0.plus_ms(from), T0.plus_ms(to));
    let cut = store.fragments(cam, T0.plus_ms(2_000), T0.plus_ms(2_001)).await.unwrap();
    assert_eq!(cut.iter().map(|l| l.frag.seq).collect::<Vec<_>>(), [2], "one instant needs one fragment");
    let line = store.timeline(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    assert_eq!((line.footage, line.gaps.len()), (vec![from_to(0, 12_000)], 0));
    store.close().await;
    let store = world.open().await;
    assert_eq!(store.recovered(), &store::footage::recover::Recovered::default(), "nothing to recover");
    assert_eq!(everything(&store, cam).await.len(), 12);
}

pub async fn every_window_gets_the_fragments_that_touch_it(world: &World) {
    let store = world.open().await;
    let (cam, other) = (camera(&store).await, camera(&store).await);
    let r = Recording::start(&store).await;
    Feed::new(other, T0).container(&r.writer, 9);
    let mut feed = Feed::new(cam, T0.plus_ms(1_000));
    for fragments in [1, 3, 2] {
        feed.container(&r.writer, fragments);
        feed.silence(1_500);
    }
    let all = committed(&store, cam, 6).await;
    for from in (0..12_000).step_by(500) {
        for length in [1, 500, 1_000, 2_500, 20_000] {
            let (from, to) = (T0.plus_ms(from), T0.plus_ms(from + length));
            let touching = all.iter().filter(|l| l.frag.end() > from && l.frag.start < to);
            let want: Vec<_> = touching.map(|l| (l.frag.seq, l.leaf)).collect();
            let got = store.fragments(cam, from, to).await.unwrap();
            assert_eq!(got.iter().map(|l| (l.frag.seq, l.leaf)).collect::<Vec<_>>(), want, "{from:?} to {to:?}");
            let spans = want.chunk_by(|a, b| a.1 == b.1).count() as u64;
            assert_eq!(store.footage_volume(cam, from, to).await.unwrap().spans, spans);
        }
    }
    r.stop().await;
}

pub async fn the_tail_is_seen_before_it_is_committed(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.open(&r.writer);
    (0..3).for_each(|_| assert!(feed.fragment(&r.writer)));
    r.writer.barrier().await;
    let tail = everything(&store, cam).await;
    assert_eq!((tail.len(), tail.iter().all(|l| l.leaf.is_none())), (3, true));
    assert_chain(&store, &tail);
    assert_eq!(store.footage_end(cam).await.unwrap(), Some(T0.plus_ms(3_000)));
    let line = store.timeline(cam, T0, T0.plus_ms(9_000)).await.unwrap();
    assert_eq!(line.footage, [(T0, T0.plus_ms(3_000))]);
    feed.span(&r.writer);
    assert!(feed.fragment(&r.writer));
    r.writer.barrier().await;
    let mixed = until("the span is committed", || async {
        let all = everything(&store, cam).await;
        (all.first()?.leaf.is_some()).then_some(all)
    })
    .await;
    assert_eq!(
        mixed.iter().map(|l| (l.frag.seq, l.leaf)).collect::<Vec<_>>(),
        [(0, Some(1)), (1, Some(1)), (2, Some(1)), (3, None)]
    );
    assert_clean(&store).await;
    r.stop().await;
    committed(&store, cam, 4).await;
}

pub async fn gaps_have_the_writers_causes(world: &World) {
    let limits = Limits { queue_bytes: 2_000, ..world.limits };
    let store = Store::open_with(&world.config, limits, T0).await.unwrap();
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    let small = async |feed: &mut Feed| {
        r.writer.barrier().await;
        assert!(feed.fragment(&r.writer));
    };
    feed.open(&r.writer);
    small(&mut feed).await;
    // 400 ms are the distance of pictures, more is a gap, by default of packets.
    feed.silence(400);
    small(&mut feed).await;
    feed.silence(401);
    small(&mut feed).await;
    // The queue is full: a fragment is refused at once, the jobs that keep order are not.
    feed.size = 1_000;
    assert!(!feed.fragment(&r.writer));
    feed.size = 20;
    assert!(r.writer.send(Job::GapCause(cam, GapCause::DiskSlow)));
    small(&mut feed).await;
    // A stream that ended, with its gap open meanwhile.
    assert!(r.writer.send(Job::GapOpen(cam, GapCause::NoPackets)));
    until("the gap is open", || async { store.open_gap(cam).await.unwrap() }).await;
    assert!(r.writer.send(Job::GapOpen(cam, GapCause::DeviceOffline)));
    feed.silence(60_000);
    feed.open(&r.writer);
    small(&mut feed).await;
    r.stop().await;
    let want = [
        (2_400, Some(2_801), GapCause::NoPackets),
        (3_801, Some(4_801), GapCause::DiskSlow),
        (5_801, Some(65_801), GapCause::DeviceOffline),
    ];
    assert_eq!(gaps(&store, cam).await, want);
    let report = assert_clean(&store).await;
    assert_eq!((report.gaps, report.fragments), (3, 5));
    let line = store.timeline(cam, UtcMs(0), UtcMs(i64::MAX)).await.unwrap();
    assert_eq!(line.footage.len(), 4, "silence is never shown as footage");
}

pub async fn a_restart_is_a_gap_of_the_server(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    r.stop().await;
    store.close().await;
    let store = world.open().await;
    let r = Recording::start(&store).await;
    feed.silence(30_000);
    feed.container(&r.writer, 1);
    r.stop().await;
    assert_eq!(gaps(&store, cam).await, [(2_000, Some(32_000), GapCause::ServerDown)]);
    assert_eq!(assert_clean(&store).await.fragments, 3);
}

pub async fn an_open_gap_keeps_its_cause_over_a_restart(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    assert!(r.writer.send(Job::GapOpen(cam, GapCause::StreamEnded)));
    r.stop().await;
    assert_eq!(gaps(&store, cam).await, [(2_000, None, GapCause::StreamEnded)]);
    assert_clean(&store).await;
    store.close().await;
    let store = world.open().await;
    let r = Recording::start(&store).await;
    assert!(r.writer.send(Job::GapCause(cam, GapCause::ServerDown)));
    feed.silence(30_000);
    feed.container(&r.writer, 1);
    r.stop().await;
    assert_eq!(gaps(&store, cam).await, [(2_000, Some(32_000), GapCause::StreamEnded)]);
    assert_clean(&store).await;
}

pub async fn a_long_group_of_pictures_plays_from_its_key(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer));
    for i in 0..10 {
        assert!(feed.fragment_of(&r.writer, i == 1));
        if i < 7 {
            feed.span(&r.writer);
        }
    }
    r.writer.barrier().await;
    until("eight fragments have rows", || async {
        let all = everything(&store, cam).await;
        (all.iter().filter(|l| l.leaf.is_some()).count() == 8).then_some(())
    })
    .await;
    for at in [3, 7, 10] {
        let from = T0.plus_ms(at * FRAGMENT_MS + 1);
        let got = store.fragments(cam, from, from.plus_ms(10)).await.unwrap();
        let seqs: Vec<_> = got.iter().map(|l| l.frag.seq).collect();
        assert_eq!(seqs, (2..=at as u64).collect::<Vec<_>>(), "back to the key picture of fragment 2");
    }
    let from = T0.plus_ms(FRAGMENT_MS + 1);
    let seqs: Vec<_> = store.fragments(cam, from, from.plus_ms(1)).await.unwrap().iter().map(|l| l.frag.seq).collect();
    assert_eq!(seqs, [0, 1]);
    r.stop().await;
    assert_clean(&store).await;
}

pub async fn a_long_tail_is_recovered_in_spans(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer));
    feed.span(&r.writer);
    committed(&store, cam, 1).await;
    // A span job that never comes: more fragments than one ledger entry could name.
    (0..700).for_each(|_| assert!(feed.fragment(&r.writer)));
    r.writer.barrier().await;
    // As after kill -9: nobody closes, commits or seals.
    std::mem::forget(r);
    drop(store);
    let store = world.open().await;
    let found = store.recovered();
    assert_eq!((found.containers, found.fragments, found.torn_bytes, found.damaged.len()), (1, 700, 0, 0));
    assert_chain(&store, &committed(&store, cam, 701).await);
    assert_eq!(assert_clean(&store).await.fragments, 701);
    assert!(gaps(&store, cam).await.is_empty());
}

pub async fn gaps_whose_rows_were_lost_are_named_by_recovery(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer));
    feed.span(&r.writer);
    committed(&store, cam, 1).await;
    assert!(r.writer.send(Job::GapOpen(cam, GapCause::DeviceOffline)));
    feed.silence(5_000);
    feed.container(&r.writer, 1);
    feed.open(&r.writer);
    assert!(feed.fragment(&r.writer));
    feed.silence(7_000);
    assert!(feed.fragment(&r.writer));
    r.writer.barrier().await;
    until("both gaps have rows", || async { (gaps(&store, cam).await.len() == 2).then_some(()) }).await;
    until("two fragments have rows", || async {
        (everything(&store, cam).await.iter().filter(|l| l.leaf.is_some()).count() == 2).then_some(())
    })
    .await;
    std::mem::forget(r);
    drop(store);
    // As if the stop had come before the row of the second gap was committed.
    world.tamper(&format!("DELETE FROM gap WHERE from_ms = {}", T0.plus_ms(8_000).0)).await;
    let store = world.open().await;
    assert_eq!(store.recovered().fragments, 2);
    let want = [(1_000, Some(6_000), GapCause::DeviceOffline), (8_000, Some(15_000), GapCause::NoPackets)];
    assert_eq!(gaps(&store, cam).await, want);
    assert_chain(&store, &committed(&store, cam, 4).await);
    assert_clean(&store).await;
}

pub async fn an_unknown_camera_does_not_stop_the_others(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let (mut good, mut bad) = (Feed::new(cam, T0), Feed::new(CameraId::new(T0.0, [7; 10]), T0));
    for _ in 0..3 {
        bad.container(&r.writer, 1);
        good.container(&r.writer, 2);
    }
    assert_chain(&store, &committed(&store, cam, 6).await);
    r.stop().await;
    let report = store.check(&|_, _| {}).await.unwrap();
    let codes: Vec<_> = report.faults.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["file_without_row"; 3], "its files are found, not hidden");
}
