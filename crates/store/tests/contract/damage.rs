//! What a person or a disk does to rows and files: `check` names it, `open` refuses or heals it.

use crate::world::{Feed, Recording, T0, World, assert_chain, assert_clean, camera, committed, everything, random};
use base::{CameraId, ClauseId, ContainerId};
use domain::recording::GapCause;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use store::footage::Job;
use store::footage::delete::Term;
use store::ledger_log::{ActLine, LogEntry, LogError};
use store::{Store, StoreError};

async fn append(store: &Store, n: usize) {
    for i in 0..n {
        let text = base::Text::new("测试。", "Test.");
        let act = ActLine::done(None, text);
        let entry = LogEntry { kind: "test.line", at: T0, body: serde_json::json!({ "i": i }), act: Some(act) };
        store.append(entry).await.unwrap();
    }
}

pub async fn check_is_clean_while_recording(world: &World) {
    let store = world.open().await;
    let (a, b) = (camera(&store).await, camera(&store).await);
    let r = Recording::start(&store).await;
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let work = {
        let (writer, stop, store) = (r.writer.clone(), stop.clone(), store.clone());
        tokio::spawn(async move {
            let mut feeds = [Feed::new(a, T0), Feed::new(b, T0)];
            feeds.iter_mut().for_each(|f| f.open(&writer));
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                n += 1;
                for feed in &mut feeds {
                    if n % 9 == 0 {
                        feed.seal(&writer);
                        feed.silence(2_000);
                        feed.open(&writer);
                    }
                    assert!(feed.fragment(&writer));
                    if n % 3 == 0 {
                        feed.span(&writer);
                    }
                }
                append(&store, 1).await;
                if n % 7 == 0 {
                    store.flush_ledger().await.unwrap();
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        })
    };
    let due = T0.plus_ms(90 * base::time::DAY_MS);
    let term = Term { min_days: 30, clauses: vec![ClauseId::new("B-25-1")] };
    let mut rounds = 0;
    loop {
        let report = assert_clean(&store).await;
        rounds += 1;
        if rounds >= 8 && report.deleted > 3 && report.gaps > 20 {
            break;
        }
        if let Some(c) = store.deletion_candidates(a, due, 1).await.unwrap().first() {
            store.delete_if_due(c, due, &term, due).await.unwrap();
        }
    }
    stop.store(true, Ordering::Relaxed);
    work.await.unwrap();
    r.stop().await;
    assert_clean(&store).await;
}

/// Two cameras; the first has two containers with a gap between them and one deleted before.
async fn scene(world: &World) -> (Store, CameraId, Vec<PathBuf>) {
    let store = world.open().await;
    let (cam, other) = (camera(&store).await, camera(&store).await);
    let r = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 2);
    feed.container(&r.writer, 3);
    assert!(r.writer.send(Job::GapCause(cam, GapCause::PacketLoss)));
    feed.silence(5_000);
    feed.container(&r.writer, 3);
    Feed::new(other, T0).container(&r.writer, 2);
    committed(&store, cam, 8).await;
    committed(&store, other, 2).await;
    r.stop().await;
    let due = T0.plus_ms(90 * base::time::DAY_MS);
    let term = Term { min_days: 30, clauses: vec![ClauseId::new("B-25-1")] };
    let first = store.deletion_candidates(cam, due, 1).await.unwrap().remove(0);
    store.delete_if_due(&first, due, &term, due).await.unwrap();
    append(&store, 3).await;
    let files =
        store.deletion_candidates(cam, due, 9).await.unwrap().iter().map(|c| store.data().join(&c.path)).collect();
    assert_clean(&store).await;
    (store, cam, files)
}

async fn codes(store: &Store) -> Vec<&'static str> {
    let report = store.check(&|_, _| {}).await.unwrap();
    let mut codes: Vec<_> = report.faults.iter().map(|f| f.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

pub async fn check_names_each_damage(world: &World) {
    let (store, cam, files) = scene(world).await;
    files_damaged(&store, &files[0]).await;
    for table in ["span", "gap", "act", "container", "camera", "hold", "ledger_pending"] {
        world.tamper(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    let id = files[0].file_stem().unwrap().to_str().unwrap().to_owned();
    let from = T0.plus_ms(5_000).0;
    let cases: Vec<(&str, String, &[&str])> = vec![
        ("span", format!("DELETE FROM span WHERE container = '{id}'"), &["fragments_missing", "span_row_missing", "span_rows"]),
        ("span", format!("UPDATE span SET leaf = leaf + 1 WHERE container = '{id}'"), &["row_names_other_entry", "span_row_missing"]),
        ("span", format!("UPDATE span SET end_ms = end_ms + 1 WHERE container = '{id}'"), &["span_index"]),
        ("gap", format!("DELETE FROM gap WHERE camera = '{cam}'"), &["gap_row_missing", "undisclosed_gap"]),
        ("gap", format!("UPDATE gap SET cause = 'no_packets' WHERE from_ms = {from}"), &["gap_differs"]),
        ("gap", format!("UPDATE gap SET to_ms = to_ms - 3000 WHERE from_ms = {from}"), &["gap_differs", "undisclosed_gap"]),
        ("gap", format!("UPDATE gap SET leaf = NULL WHERE from_ms = {from}"), &["gap_row_missing", "gap_without_entry"]),
        ("act", "DELETE FROM act WHERE kind = 'test.line'".into(), &["act_missing"]),
        ("act", "UPDATE act SET kind = 'test.other' WHERE kind = 'test.line'".into(), &["act_differs"]),
        ("act", "UPDATE act SET at_ms = at_ms + 1 WHERE kind = 'test.line'".into(), &["act_differs"]),
        ("act", "UPDATE act SET idx = idx + 100000 WHERE kind = 'test.line'".into(), &["act_missing", "act_without_entry"]),
        ("container", format!("UPDATE container SET deleted_ms = NULL WHERE camera = '{cam}'"), &["container_missing", "deletion_not_done", "fragments_missing", "span_row_missing", "span_rows"]),
        ("container", format!("UPDATE container SET deleted_ms = 1 WHERE id = '{id}'"), &["deleted_file_present", "deletion_without_entry", "span_without_container"]),
        ("container", format!("DELETE FROM container WHERE id = '{id}'"), &["container_row_missing", "file_without_row", "fragments_missing", "span_without_container"]),
        ("container", format!("UPDATE container SET bytes = bytes - 1 WHERE id = '{id}'"), &["seal_differs", "span_rows"]),
        ("hold", format!("INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) VALUES ('x', '{cam}', 0, 1, 'nobody', '', 0, NULL)"), &["hold_without_request"]),
        ("hold", "INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) VALUES ('x', 'none', 0, 1, NULL, '', 0, NULL)".into(), &["hold_without_camera"]),
        ("ledger_pending", "DELETE FROM ledger_pending WHERE idx = (SELECT MAX(idx) FROM ledger_pending) - 1".into(), &["pending_hole"]),
    ];
    for (table, sql, want) in cases {
        world.tamper(&sql).await;
        let got = codes(&store).await;
        for code in want {
            assert!(got.contains(code), "{sql}: {code} is not in {got:?}");
        }
        world.tamper(&format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        assert_eq!(codes(&store).await, [""; 0], "undone: {sql}");
    }
    // The perfect cover: file, rows and lines gone together. The ledger remembers.
    std::fs::remove_file(&files[0]).unwrap();
    world.tamper(&format!("DELETE FROM span WHERE container = '{id}'; DELETE FROM container WHERE id = '{id}'")).await;
    assert_eq!(codes(&store).await, ["container_row_missing", "fragments_missing"]);
}

async fn files_damaged(store: &Store, file: &Path) {
    let good = std::fs::read(file).unwrap();
    let last = everything(
        store,
        CameraId::parse(file.ancestors().nth(2).unwrap().file_name().unwrap().to_str().unwrap()).unwrap(),
    )
    .await;
    let first = &last[0];
    let (init, at) = (first.head.init.len(), first.frag.offset as usize);
    let len = first.frag.bytes as usize;
    // Each part of a fragment: header, numbers, hash before, tables, pictures.
    for offset in [0, 5, 30, 65, 75, 90, 120, 180, len - 1] {
        let mut bad = good.clone();
        bad[at + offset] ^= 1;
        std::fs::write(file, bad).unwrap();
        let got = codes(store).await;
        assert!(
            got.iter().any(|c| ["fragment_damaged", "fragment_differs", "chain_broken"].contains(c)),
            "byte {offset}: {got:?}"
        );
    }
    let mut flipped = good.clone();
    flipped[init / 2] ^= 1;
    let cases = [
        (flipped, "init_changed"),
        (good[..good.len() - 1].to_vec(), "container_short"),
        ([&good[..], b"x"].concat(), "container_long"),
    ];
    for (bytes, want) in cases {
        std::fs::write(file, bytes).unwrap();
        assert!(codes(store).await.contains(&want), "{want}");
    }
    std::fs::remove_file(file).unwrap();
    assert_eq!(codes(store).await, ["container_missing"]);
    std::fs::write(file, &good).unwrap();
    let copy = file.with_file_name(format!("{}.mp4", ContainerId::new(T0.0, random())));
    std::fs::write(&copy, &good).unwrap();
    assert_eq!(codes(store).await, ["file_without_row"]);
    std::fs::write(&copy, &good[..init]).unwrap();
    assert_eq!(codes(store).await, [""; 0], "a container just opened is not a fault");
    std::fs::remove_file(&copy).unwrap();
    assert_clean(store).await;
}

/// Every file below `dir` with its content.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                out.insert(path.clone(), std::fs::read(path).unwrap());
            }
        }
    }
    out
}

fn restore(dir: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) {
    std::fs::remove_dir_all(dir).unwrap();
    for (path, bytes) in files {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

pub async fn files_of_an_older_or_other_log_are_refused(world: &World) {
    let dir = world.config.data.join("ledger");
    let store = world.open().await;
    append(&store, 300).await;
    store.close().await;
    let log = async || match world.try_open(T0).await {
        Err(StoreError::Log(e)) => e,
        Err(e) => panic!("{e}"),
        Ok(_) => panic!("a damaged log opens"),
    };
    let good = tree(&dir);
    // The right edge is what the next entries build on.
    let edge: Vec<_> = good.keys().filter(|p| p.to_string_lossy().contains(".p/")).cloned().collect();
    assert_eq!(edge.len(), 3, "{edge:?}");
    for path in &edge {
        let bytes = &good[path];
        for at in [0, bytes.len() - 1] {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            std::fs::write(path, bad).unwrap();
            let e = log().await;
            assert!(matches!(e, LogError::Changed(300) | LogError::Tree(_)), "{} byte {at}: {e}", path.display());
        }
        std::fs::remove_file(path).unwrap();
        assert!(matches!(log().await, LogError::Tree(_)));
        std::fs::write(path, bytes).unwrap();
    }
    // Another key.
    let seed = world.config.data.join("keys/ledger.seed");
    let own = std::fs::read(&seed).unwrap();
    std::fs::write(&seed, [9; 32]).unwrap();
    assert!(matches!(log().await, LogError::OtherKey(_)));
    std::fs::write(&seed, own).unwrap();
    assert_eq!(tree(&dir), good, "a refusal touches nothing");
    // A database from an older backup.
    for table in ["ledger_head", "ledger_pending", "act"] {
        world.tamper(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    let store = world.open().await;
    append(&store, 5).await;
    store.close().await;
    let back = |table: &str| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}");
    for table in ["ledger_head", "ledger_pending", "act"] {
        world.tamper(&back(table)).await;
    }
    assert!(matches!(log().await, LogError::Behind { files: 305, database: 300 }));
    // ... and one that went on without the files: its entries are others than those that were signed.
    let signed = std::fs::read(dir.join("checkpoint")).unwrap();
    restore(&dir, &good);
    let store = world.open().await;
    store.set_setting("k", "v", None, T0).await.unwrap();
    append(&store, 7).await;
    store.flush_ledger().await.unwrap();
    drop(store);
    std::fs::write(dir.join("checkpoint"), signed).unwrap();
    assert!(matches!(log().await, LogError::Changed(305)));
    // No database at all.
    let mut fresh = if world.is_postgres() { World::postgres().await } else { World::sqlite() };
    fresh.config.data = world.config.data.clone();
    if !world.is_postgres() {
        for file in ["jifang.db", "jifang.db-wal", "jifang.db-shm"] {
            let _ = std::fs::remove_file(world.config.data.join(file));
        }
    }
    assert!(matches!(fresh.try_open(T0).await, Err(StoreError::LostDatabase(_))));
    fresh.drop_database().await;
}

pub async fn what_lies_beyond_the_settled_size_heals(world: &World) {
    let dir = world.config.data.join("ledger");
    let store = world.open().await;
    append(&store, 300).await;
    store.close().await;
    let settled = tree(&dir);
    let store = world.open().await;
    for n in [1, 20, 300] {
        append(&store, n).await;
        store.flush_ledger().await.unwrap();
    }
    let (head, _) = store.ledger().head();
    // As after kill -9 or a power cut: settled files are whole, the others are anything.
    drop(store);
    let whole = tree(&dir);
    let newer: Vec<_> = whole.keys().filter(|p| settled.get(*p) != whole.get(*p)).cloned().collect();
    assert!(newer.len() > 4, "{newer:?}");
    type Damage = fn(&Path, usize);
    let damages: [Damage; 4] = [
        |path, _| std::fs::remove_file(path).unwrap(),
        |path, _| std::fs::write(path, b"").unwrap(),
        |path, _| std::fs::write(path, [0x5a; 700]).unwrap(),
        |path, i| {
            if i % 2 == 0 {
                std::fs::write(path, [0; 32]).unwrap();
            }
        },
    ];
    for damage in damages {
        newer.iter().enumerate().for_each(|(i, path)| damage(path, i));
        let store = world.open().await;
        assert_eq!(store.ledger().head().0, head, "the same tree comes out");
        assert_clean(&store).await;
        // Back to before: entries wait in the database again.
        drop(store);
        world.tamper("UPDATE ledger_head SET synced = 300, root = NULL").await;
        return_pending(world, &whole, &dir).await;
    }
    let store = world.open().await;
    assert_eq!(store.ledger().head().0, head);
    assert_clean(&store).await;
}

/// Puts the entries of the log behind the settled size back where they wait.
async fn return_pending(world: &World, whole: &BTreeMap<PathBuf, Vec<u8>>, dir: &Path) {
    restore(dir, whole);
    let source = store::ledger_log::source(dir);
    let log = ledger::Log::new(&source, 621);
    let mut sql = "BEGIN;".to_owned();
    for i in 300..621 {
        let bytes = base::hex(log.entry(i).unwrap().as_bytes());
        let blob = if world.is_postgres() { format!("'\\x{bytes}'") } else { format!("x'{bytes}'") };
        sql.push_str(&format!("INSERT INTO ledger_pending (idx, bytes) VALUES ({i}, {blob});"));
    }
    world.tamper(&(sql + "COMMIT")).await;
}

pub async fn a_torn_tail_costs_only_the_torn_fragment(world: &World) {
    let store = world.open().await;
    let r = Recording::start(&store).await;
    // One camera a place in the last fragment: each file is cut at another, and one start recovers them all. (That every byte
    // of a fragment is needed is the parser's own test.)
    let probe = camera(&store).await;
    Feed::new(probe, T0).container(&r.writer, 1);
    let len = committed(&store, probe, 1).await[0].frag.bytes;
    let places: Vec<_> = (0..len).filter(|at| *at < 4 || *at > len - 4 || at % 11 == 0).collect();
    let mut cameras = Vec::new();
    for _ in &places {
        let cam = camera(&store).await;
        let mut feed = Feed::new(cam, T0);
        feed.open(&r.writer);
        assert!(feed.fragment(&r.writer));
        feed.span(&r.writer);
        assert!(feed.fragment(&r.writer) && feed.fragment(&r.writer));
        cameras.push(cam);
        r.writer.barrier().await;
    }
    let last = *cameras.last().unwrap();
    crate::world::until("the first spans have rows", || async { everything(&store, last).await.first()?.leaf }).await;
    for (keep, cam) in places.iter().zip(&cameras) {
        let all = everything(&store, *cam).await;
        let file = store.data().join(&all[2].head.path);
        std::fs::File::options().write(true).open(file).unwrap().set_len(all[2].frag.offset + keep).unwrap();
    }
    std::mem::forget(r);
    drop(store);
    let store = world.open().await;
    let found = store.recovered();
    let n = places.len() as u64;
    assert_eq!((found.containers, found.fragments, found.damaged.len()), (n, n, 0));
    assert_eq!(found.torn_bytes, places.iter().sum::<u64>());
    for cam in &cameras {
        let all = everything(&store, *cam).await;
        assert_eq!(all.len(), 2);
        assert_chain(&store, &all);
    }
    assert_clean(&store).await;
}
