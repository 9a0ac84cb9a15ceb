//! What the journal promises: kept is kept, over restarts, torn ends, damaged bytes and full disks; repeats are joined; all is bounded.

use super::recent::Recent;
use super::*;
use domain::alarm::{Event, Protocol, SourceName};
use std::os::unix::fs::FileExt;
use std::time::Duration;

const T0: UtcMs = UtcMs(1_795_255_200_000);

fn signal(n: u64, at: UtcMs) -> Signal {
    let mut repeat_key = [0; 16];
    repeat_key[..8].copy_from_slice(&(n + 1).to_le_bytes());
    Signal {
        received: at,
        said: None,
        source: SourceName::dc09("1234"),
        protocol: Protocol::Dc09Cid,
        code: format!("1130 {n}"),
        event: Event::Unknown,
        area: 1,
        zone: u32::try_from(n % 999).unwrap(),
        text: "东门 front door".into(),
        repeat_key,
    }
}

fn signals(range: std::ops::Range<u64>) -> Vec<Signal> {
    range.map(|n| signal(n, T0.plus_ms(n as i64))).collect()
}

fn open(folder: &Path) -> Journal {
    Journal::open(folder, JournalOptions::default()).expect("opens")
}

async fn all(journal: &Journal) -> Vec<(Position, Signal)> {
    let mut out = Vec::new();
    let mut from = Position(0);
    loop {
        let read = journal.read_from(from, 7).await.expect("reads");
        if read.entries.is_empty() && read.next == from {
            return out;
        }
        assert!(read.next > from && read.entries.len() <= 7);
        from = read.next;
        out.extend(read.entries);
    }
}

fn numbered(range: std::ops::Range<u64>) -> Vec<(Position, Signal)> {
    range.clone().map(Position).zip(signals(range)).collect()
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let mut out: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    out.retain(|p| p.extension().is_some_and(|e| e == "seg"));
    out.sort();
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_kept_is_read_back_in_order_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert_eq!(journal.end(), Position(0));
    assert_eq!(journal.read_from(Position(0), 10).await.unwrap(), Read::default());
    let kept = journal.append(signals(0..5)).await.unwrap();
    assert_eq!(kept[4], Kept { at: Position(4), repeated: false });
    journal.append(signals(5..600)).await.unwrap();
    assert!(journal.append(Vec::new()).await.unwrap().is_empty());
    assert_eq!(all(&journal).await, numbered(0..600));
    journal.close().await;
    assert!(matches!(journal.append(signals(600..601)).await, Err(JournalError::Closed)));
    let journal = open(dir.path());
    assert_eq!((journal.end(), all(&journal).await), (Position(600), numbered(0..600)));
    let read = journal.read_from(Position(517), 3).await.unwrap();
    assert_eq!((read.entries, read.next), (numbered(517..520), Position(520)));
    assert_eq!(journal.read_from(Position(9_000), 3).await.unwrap(), Read { entries: vec![], next: Position(9_000) });
    journal.append(signals(600..601)).await.unwrap();
    assert_eq!(all(&journal).await.len(), 601);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_answered_again_and_kept_once_also_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(signals(0..3)).await.unwrap();
    let again = |at_ms| Signal { received: T0.plus_ms(at_ms), ..signal(1, T0) };
    let kept = journal.append(vec![again(500), signal(3, T0), again(600)]).await.unwrap();
    let told: Vec<_> = kept.iter().map(|k| (k.at.0, k.repeated)).collect();
    assert_eq!(told, [(1, true), (3, false), (1, true)]);
    journal.close().await;
    let journal = open(dir.path());
    assert!(journal.append(vec![again(100_000)]).await.unwrap()[0].repeated, "remembered from the files");
    let window = JournalOptions::default().repeat_ms;
    assert!(journal.append(vec![again(100_000 + window)]).await.unwrap()[0].repeated, "the window begins anew");
    assert!(!journal.append(vec![again(100_001 + 2 * window)]).await.unwrap()[0].repeated, "and ends");
    let nameless = || Signal { repeat_key: [0; 16], ..signal(9, T0) };
    let kept = journal.append(vec![nameless(), nameless()]).await.unwrap();
    assert!(kept.iter().all(|k| !k.repeated), "zeros are no key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn segments_roll_and_go_once_consumed_and_old() {
    let dir = tempfile::tempdir().unwrap();
    let options = JournalOptions { segment_bytes: 2_000, keep_days: 1, ..JournalOptions::default() };
    let journal = Journal::open(dir.path(), options).unwrap();
    for n in 0..40 {
        journal.append(signals(n..n + 1)).await.unwrap();
    }
    let count = segments(dir.path()).len();
    assert!(count > 4, "{count}");
    assert_eq!(all(&journal).await, numbered(0..40));
    let later = T0.plus_ms(DAY_MS + 1_000);
    assert_eq!(journal.release(Position(0), later).await.unwrap(), 0, "not consumed");
    assert_eq!(journal.release(Position(40), T0.plus_ms(1_000)).await.unwrap(), 0, "not old");
    let gone = journal.release(Position(20), later).await.unwrap();
    assert!(gone > 0 && gone < count - 1, "{gone} of {count}");
    let left = journal.read_from(Position(0), 100).await.unwrap();
    assert!(left.entries.iter().any(|(p, _)| *p == Position(20)), "what was not consumed stays");
    assert!(left.entries[0].0 > Position(0), "the rest is passed over");
    assert_eq!(journal.release(Position(40), later).await.unwrap(), count - 1 - gone, "the newest always stays");
    journal.append(vec![signal(40, later)]).await.unwrap();
    assert_eq!(segments(dir.path()).len(), 2, "a segment a day old is closed");
    journal.close().await;
    assert_eq!(Journal::open(dir.path(), options).unwrap().end(), Position(41), "positions go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_journal_takes_nothing_until_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let options = JournalOptions { segment_bytes: 1_000, most_bytes: 6_000, ..JournalOptions::default() };
    let journal = Journal::open(dir.path(), options).unwrap();
    let mut kept = 0;
    while journal.append(signals(kept..kept + 1)).await.is_ok() {
        kept += 1;
        assert!(kept < 100);
    }
    assert!(matches!(journal.append(signals(90..91)).await, Err(JournalError::Full)));
    assert_eq!((journal.end(), all(&journal).await), (Position(kept), numbered(0..kept)));
    assert!(journal.release(journal.end(), T0).await.unwrap() > 0, "under pressure young segments go too");
    assert_eq!(journal.append(signals(kept..kept + 1)).await.unwrap()[0].at, Position(kept));
    assert!(matches!(journal.append(signals(0..5_000)).await, Err(JournalError::TooLarge)));
}

/// Every length of a torn last record: what was whole before it stays, what is torn goes aside, and writing goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_end_is_cut_at_the_last_whole_record() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    journal.append(signals(0..3)).await.unwrap();
    journal.close().await;
    let path = segments(dir.path()).remove(0);
    let whole = std::fs::read(&path).unwrap();
    let journal = open(dir.path());
    journal.append(signals(3..4)).await.unwrap();
    journal.close().await;
    let longer = std::fs::read(&path).unwrap();
    for cut in (whole.len()..longer.len()).step_by(7) {
        std::fs::write(&path, &longer[..cut]).unwrap();
        let journal = open(dir.path());
        assert_eq!(journal.end(), Position(3), "{cut}");
        assert_eq!(std::fs::read(&path).unwrap(), whole, "{cut}");
        let aside = path.with_extension(format!("{}.torn", whole.len()));
        assert_eq!(std::fs::read(&aside).unwrap_or_default(), longer[whole.len()..cut], "{cut}");
        assert_eq!(journal.append(signals(7..8)).await.unwrap()[0], Kept { at: Position(3), repeated: false });
        assert_eq!(all(&journal).await.len(), 4);
        journal.close().await;
        let _ = std::fs::remove_file(aside);
    }
    // A head that was never finished.
    std::fs::write(segment::path(dir.path(), Position(4)), b"jfjrn").unwrap();
    std::fs::write(&path, &longer).unwrap();
    assert_eq!(open(dir.path()).end(), Position(4));
}

/// A damaged byte anywhere never changes a signal: it is read as it was, or not at all, and those of other segments are read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_passed_over_and_never_read_as_something_else() {
    let dir = tempfile::tempdir().unwrap();
    let options = JournalOptions { segment_bytes: 900, ..JournalOptions::default() };
    let journal = Journal::open(dir.path(), options).unwrap();
    for n in 0..9 {
        journal.append(signals(n..n + 1)).await.unwrap();
    }
    let files = segments(dir.path());
    assert!(files.len() >= 3);
    let second = files[1].clone();
    let good = std::fs::read(&second).unwrap();
    let (first_end, third) = {
        let segments = journal.shared.segments();
        (segments[1].first, segments[2].first)
    };
    let file = std::fs::File::options().write(true).open(&second).unwrap();
    for at in (segment::HEAD as usize..good.len()).step_by(11) {
        file.write_all_at(&[good[at] ^ 0x20], at as u64).unwrap();
        let read = all(&journal).await;
        for (position, signal) in &read {
            assert_eq!(*signal, signals(position.0..position.0 + 1)[0], "byte {at}");
        }
        let outside = read.iter().filter(|(p, _)| *p < first_end || *p >= third).count() as u64;
        assert_eq!(outside, 9 - (third.0 - first_end.0), "byte {at}");
        file.write_all_at(&good[at..=at], at as u64).unwrap();
    }
    assert_eq!(all(&journal).await, numbered(0..9));
    journal.close().await;
    std::fs::remove_file(&second).unwrap();
    let journal = Journal::open(dir.path(), options).unwrap();
    assert_eq!(all(&journal).await.len() as u64, 9 - (third.0 - first_end.0), "a lost file is passed over");
    assert_eq!(journal.end(), Position(9));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_share_one_write_and_each_gets_its_own_place() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let mut watch = journal.watch();
    let tasks: Vec<_> = (0..50_u64)
        .map(|caller| {
            let journal = journal.clone();
            tokio::spawn(async move {
                let mut out = Vec::new();
                for n in 0..20 {
                    let n = caller * 20 + n;
                    out.push((n, journal.append(signals(n..n + 1)).await.unwrap()[0].at));
                }
                out
            })
        })
        .collect();
    let mut places = std::collections::HashMap::new();
    for task in tasks {
        for (n, at) in task.await.unwrap() {
            assert!(places.insert(at, n).is_none(), "two signals at {at:?}");
        }
    }
    tokio::time::timeout(Duration::from_secs(60), watch.wait_for(|end| *end == Position(1_000)))
        .await
        .unwrap()
        .unwrap();
    for (position, signal) in all(&journal).await {
        assert_eq!(signal.code, format!("1130 {}", places[&position]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_at_a_time_and_a_disk_fault_acknowledges_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert!(matches!(Journal::open(dir.path(), JournalOptions::default()), Err(JournalError::InUse(_))));
    // The folder goes away under it: the first segment cannot be made.
    let gone = dir.path().join("gone");
    let broken = open(&gone);
    std::fs::remove_dir_all(&gone).unwrap();
    assert!(matches!(broken.append(signals(0..2)).await, Err(JournalError::Io { .. })));
    assert_eq!(broken.end(), Position(0));
    std::fs::create_dir_all(&gone).unwrap();
    let kept = broken.append(signals(0..2)).await.unwrap();
    assert_eq!(kept.iter().map(|k| (k.at.0, k.repeated)).collect::<Vec<_>>(), [(0, false), (1, false)]);
    journal.close().await;
}

#[test]
fn the_memory_of_repeats_is_bounded() {
    let mut recent = Recent::new(1_000, 100);
    for n in 0..10_000_u64 {
        let mut key = [1; 16];
        key[..8].copy_from_slice(&n.to_le_bytes());
        recent.note(key, 5, n);
        assert!(recent.repeat_of(key, 5).is_some());
    }
    let (order, known) = recent.len();
    assert!(order <= 100 && known <= 100, "{order} {known}");
    recent.forget_from(0);
    assert_eq!(recent.len().1, 0);
}
