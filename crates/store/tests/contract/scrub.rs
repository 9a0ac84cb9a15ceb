//! The integrity scrub and the rebuilding of rows: what was changed is found, named and told once; what was lost comes back by the
//! log's leave and not otherwise.

use crate::world::{Feed, Recording, T0, World, account, assert_chain, assert_clean, camera, committed, everything};
use base::{CameraId, ClauseId, UtcMs};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use store::Store;
use store::check::scrub::{Begun, Examined, Scope};
use store::footage::delete::Term;
use store::footage::rebuild::Why;

/// A camera with three sealed containers of three fragments each, with a gap before the last.
async fn scene(world: &World) -> (Store, CameraId) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.size = 4_000;
    feed.container(&r.writer, 3);
    feed.container(&r.writer, 3);
    feed.silence(5_000);
    feed.container(&r.writer, 3);
    committed(&store, cam, 9).await;
    r.stop().await;
    store.flush_ledger().await.unwrap();
    (store, cam)
}

async fn files(store: &Store, cam: CameraId) -> Vec<PathBuf> {
    let mut out: Vec<_> =
        everything(store, cam).await.iter().map(|l| store.disks().file(&l.head.path).unwrap()).collect();
    out.dedup();
    out
}

/// Flips a bit and puts it back when dropped.
struct Flip(PathBuf, u64, u8);

impl Flip {
    fn new(path: &std::path::Path, at: u64) -> Self {
        let file = std::fs::File::options().read(true).write(true).open(path).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 4], at).unwrap();
        Self(path.to_path_buf(), at, byte[0])
    }
}

impl Drop for Flip {
    fn drop(&mut self) {
        let file = std::fs::File::options().write(true).open(&self.0).unwrap();
        file.write_all_at(&[self.2], self.1).unwrap();
    }
}

/// A whole round: containers, what was found, away.
async fn round(store: &Store, now: UtcMs, stop_after: Option<usize>) -> (usize, Vec<Examined>) {
    let open = store.open_rounds().await.unwrap().into_iter().next();
    let round = match open {
        Some(round) => round,
        None => store.begin_round(now).await.unwrap().expect("there is footage"),
    };
    let (mut after, mut found) = (String::new(), Vec::new());
    while let (Some(id), _) = store.next_of_round(&round, &after).await.unwrap() {
        if stop_after == Some(found.len()) {
            return (found.len(), found);
        }
        after = id.to_string();
        found.push(match store.begin_reading(&round, id, now).await.unwrap() {
            Begun::Reading(mut reading) => loop {
                let (next, read) = reading.step();
                if read.is_none() {
                    break store.finish_reading(&round, next, now).await.unwrap();
                }
                *reading = next;
            },
            Begun::Stored(examined) => examined,
            Begun::Left => panic!("it is there"),
        });
    }
    store.end_round(round.number, 0, now).await.unwrap();
    (found.len(), found)
}

fn days(n: i64) -> UtcMs {
    T0.plus_ms(n * base::time::DAY_MS)
}

pub async fn a_changed_byte_is_found_named_and_told_once(world: &World) {
    let (store, cam) = scene(world).await;
    let all = everything(&store, cam).await;
    let bad = &all[4];
    let path = store.disks().file(&bad.head.path).unwrap();
    let (n, found) = round(&store, days(1), None).await;
    assert_eq!((n, found.iter().map(|e| e.new.len()).sum::<usize>()), (3, 0), "all is well");
    let flip = Flip::new(&path, bad.frag.offset + bad.frag.bytes - 7);
    let (_, found) = round(&store, days(2), None).await;
    let new: Vec<_> = found.into_iter().flat_map(|e| e.new).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    let f = &new[0];
    assert_eq!((f.code.as_str(), f.camera, f.seqs), ("fragment_differs", cam, (bad.frag.seq, bad.frag.seq)));
    assert_eq!((f.from, f.to), (bad.frag.start, bad.frag.end()), "the seconds, not the file");
    let entry = store.ledger().entry(f.leaf);
    store.flush_ledger().await.unwrap();
    let entry = entry.or_else(|_| store.ledger().entry(f.leaf)).unwrap().parse().unwrap();
    assert_eq!((entry.kind.as_str(), entry.body["fault"].as_str()), ("integrity.fault", Some("fragment_differs")));
    let (_, found) = round(&store, days(3), None).await;
    assert!(found.iter().all(|e| e.new.is_empty() && e.mended == 0), "told once");
    assert_eq!(store.open_faults(Some(cam)).await.unwrap(), 1);
    assert_eq!(store.scrub_faults(9).await.unwrap()[0].seen, days(3));
    drop(flip);
    let (_, found) = round(&store, days(4), None).await;
    assert_eq!(found.iter().map(|e| e.mended).sum::<u64>(), 1, "the right bytes are back");
    assert_eq!(store.open_faults(None).await.unwrap(), 0);
    let _flip = Flip::new(&path, bad.frag.offset + 200);
    let (_, found) = round(&store, days(5), None).await;
    assert_eq!(found.iter().map(|e| e.new.len()).sum::<usize>(), 1, "it was gone: this is news again");
    let rounds = store.rounds(9).await.unwrap();
    assert_eq!(rounds.iter().map(|r| (r.containers, r.fragments, r.faults)).next_back(), Some((3, 9, 0)));
    assert_eq!((rounds.len(), rounds[0].fragments, rounds[0].faults), (5, 8, 1));
}

pub async fn a_check_of_the_future_does_not_count(world: &World) {
    let (store, _) = scene(world).await;
    // The clock was years ahead during one round, and was put right.
    assert_eq!(round(&store, days(9_000), None).await.0, 3);
    assert_eq!(round(&store, days(2), None).await.0, 3, "read again, not in years");
    assert_eq!(store.coverage().await.unwrap().oldest, Some(days(2)));
    assert_eq!(round(&store, days(2), None).await.0, 0, "what was read at this moment is read");
}

pub async fn a_round_goes_on_where_it_stopped(world: &World) {
    let (store, cam) = scene(world).await;
    let (n, _) = round(&store, days(1), Some(1)).await;
    assert_eq!(n, 1);
    store.close().await;
    let store = world.try_open(days(1)).await.unwrap();
    let open = store.open_rounds().await.unwrap();
    assert_eq!((open.len(), open[0].containers), (1, 1));
    let before = store.coverage().await.unwrap();
    assert_eq!((before.containers, before.unchecked), (3, 2));
    let (n, _) = round(&store, days(2), None).await;
    assert_eq!(n, 2, "the first is not read again");
    let after = store.coverage().await.unwrap();
    assert_eq!((after.unchecked, after.oldest), (0, Some(days(1))));
    assert_eq!(store.rounds(9).await.unwrap()[0].containers, 3);
    // A person asks for the camera: that is a round of its own, once.
    let by = account(&store, "asker").await;
    let scope = Scope::Camera(cam);
    let text = || base::Text::new("测", "t");
    assert!(store.ask_round(&scope, by, text(), days(3)).await.unwrap());
    assert!(!store.ask_round(&scope, by, text(), days(3)).await.unwrap(), "the same waits already");
    let (n, _) = round(&store, days(3), None).await;
    assert_eq!(n, 3);
    assert_eq!(store.rounds(9).await.unwrap()[0].scope, scope);
    for n in 0..16 {
        assert!(store.ask_round(&Scope::Disk(format!("d{n}")), by, text(), days(3)).await.unwrap());
    }
    assert!(!store.ask_round(&Scope::Disk("one-more".into()), by, text(), days(3)).await.unwrap(), "bounded");
}

pub async fn files_rows_and_log_are_compared(world: &World) {
    let (store, cam) = scene(world).await;
    let files = files(&store, cam).await;
    let id = |n: usize| files[n].file_stem().unwrap().to_str().unwrap().to_owned();
    let aside = files[0].with_extension("aside");
    std::fs::rename(&files[0], &aside).unwrap();
    let len = std::fs::metadata(&files[1]).unwrap().len();
    std::fs::File::options().write(true).open(&files[1]).unwrap().set_len(len - 10).unwrap();
    world.tamper(&format!("UPDATE span SET leaf = 1 WHERE container = '{}'", id(2))).await;
    let (_, found) = round(&store, days(1), None).await;
    let mut codes: Vec<_> = found.iter().flat_map(|e| &e.new).map(|f| f.code.clone()).collect();
    codes.sort();
    assert_eq!(codes, ["container_missing", "container_short", "span_differs"]);
    std::fs::rename(&aside, &files[0]).unwrap();
    // Footage that went by law is no fault any more.
    let due = days(90);
    let term = Term { min_days: 30, clauses: vec![ClauseId::new("B-25-1")] };
    for c in store.deletion_candidates(cam, due, 9).await.unwrap() {
        store.delete_if_due(&c, due, &term, due).await.unwrap();
    }
    assert_eq!(store.open_faults(None).await.unwrap(), 0);
    assert_eq!(store.close_faults_of_deleted(due).await.unwrap().len(), 3);
    assert_eq!(store.close_faults_of_deleted(due).await.unwrap().len(), 0);
    assert_eq!(store.begin_round(due).await.unwrap(), None, "there is nothing to look at");
}

pub async fn lost_rows_come_back_from_containers_and_log(world: &World) {
    let (store, cam) = scene(world).await;
    let before = everything(&store, cam).await;
    let gaps = store.gaps(cam, T0, days(1)).await.unwrap();
    let size = store.ledger().head().0.size;
    store.close().await;
    for table in ["span", "container", "gap", "camera_seq"] {
        world.tamper(&format!("DELETE FROM {table}")).await;
    }
    let store = world.try_open(days(1)).await.unwrap();
    assert_eq!(store.recovered().damaged.len(), 3, "nothing is entered a second time: {:?}", store.recovered());
    assert!(everything(&store, cam).await.is_empty());
    let dry = store.rebuild(false, days(1), &|_, _| {}).await.unwrap();
    assert_eq!((dry.cameras[&cam].containers, dry.cameras[&cam].logged, dry.cameras[&cam].new, dry.gaps), (3, 9, 0, 1));
    assert!(everything(&store, cam).await.is_empty(), "a dry run changes nothing");
    assert_eq!(store.ledger().head().0.size, size);
    let made = store.rebuild(true, days(1), &|_, _| {}).await.unwrap();
    assert_eq!(made, dry);
    let after = everything(&store, cam).await;
    assert_eq!(
        after.iter().map(|l| (l.leaf, &l.frag)).collect::<Vec<_>>(),
        before.iter().map(|l| (l.leaf, &l.frag)).collect::<Vec<_>>()
    );
    assert_eq!(store.gaps(cam, T0, days(1)).await.unwrap(), gaps);
    assert_chain(&store, &after);
    assert_clean(&store).await;
    let again = store.rebuild(true, days(1), &|_, _| {}).await.unwrap();
    assert!(again.is_nothing() && again.left_count == 0, "{again:?}");
    // What is recorded next has the next numbers.
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, days(1));
    feed.container(&r.writer, 2);
    let all = committed(&store, cam, 11).await;
    assert_eq!(all.last().unwrap().frag.seq, 10);
    r.stop().await;
    assert_clean(&store).await;
}

pub async fn what_went_by_law_or_was_lost_does_not_come_back(world: &World) {
    let (store, cam) = scene(world).await;
    let paths = files(&store, cam).await;
    let copy = paths[0].with_extension("copy");
    std::fs::copy(&paths[0], &copy).unwrap();
    let due = days(90);
    let term = Term { min_days: 30, clauses: vec![ClauseId::new("B-25-1")] };
    let first = store.deletion_candidates(cam, due, 1).await.unwrap().remove(0);
    store.delete_if_due(&first, due, &term, due).await.unwrap();
    store.close().await;
    // Somebody puts the file back, and the rows of everything are lost.
    std::fs::create_dir_all(paths[0].parent().unwrap()).unwrap();
    std::fs::rename(&copy, &paths[0]).unwrap();
    for table in ["span", "container", "camera_seq"] {
        world.tamper(&format!("DELETE FROM {table}")).await;
    }
    // And one byte of the last container is another.
    let flip = Flip::new(&paths[2], 4_000);
    let store = world.try_open(due).await.unwrap();
    let made = store.rebuild(true, due, &|_, _| {}).await.unwrap();
    let mut why: Vec<_> = made.left.iter().map(|(_, why)| *why).collect();
    why.sort_by_key(|w| w.code());
    assert_eq!(why, [Why::Deleted, Why::Differs]);
    assert_eq!((made.cameras[&cam].containers, made.deletions), (1, 1));
    assert_eq!(everything(&store, cam).await.len(), 3, "only what the log lets");
    drop(flip);
    let made = store.rebuild(true, due, &|_, _| {}).await.unwrap();
    assert_eq!(
        (made.cameras[&cam].containers, made.left_count, made.deletions),
        (1, 0, 0),
        "the rest, once it is whole again"
    );
    store.close().await;
    let store = world.try_open(due).await.unwrap();
    assert!(!paths[0].exists(), "the start removes what the log says is deleted");
    assert_clean(&store).await;
}

pub async fn what_the_log_never_knew_is_entered_as_new(world: &World) {
    let (store, cam) = scene(world).await;
    store.close().await;
    // A backup of rows and log from now; then more is recorded; then the backup comes back beside the newer footage.
    let data = world.config.data.clone();
    let kept = data.with_extension("kept");
    let copy = |from: &std::path::Path, to: &std::path::Path| {
        let done = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
        assert!(done.success());
    };
    if world.is_postgres() {
        // The rows are not in the folder; the other database shows the same.
        return;
    }
    copy(&data, &kept);
    let store = world.try_open(days(1)).await.unwrap();
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, days(1));
    feed.container(&r.writer, 2);
    feed.container(&r.writer, 2);
    let newer = committed(&store, cam, 13).await;
    r.stop().await;
    store.close().await;
    for part in ["jifang.db", "ledger"] {
        let path = data.join(part);
        let _ = std::fs::remove_dir_all(&path);
        let _ = std::fs::remove_file(&path);
        copy(&kept.join(part), &path);
    }
    let store = world.try_open(days(2)).await.unwrap();
    // The start takes new containers over as after a crash; nothing is left for the command.
    let made = store.rebuild(true, days(2), &|_, _| {}).await.unwrap();
    assert_eq!(made.left_count, 0, "{made:?}");
    let all = everything(&store, cam).await;
    assert_eq!(all.iter().map(|l| &l.frag).collect::<Vec<_>>(), newer.iter().map(|l| &l.frag).collect::<Vec<_>>());
    store.flush_ledger().await.unwrap();
    assert_clean(&store).await;
}
