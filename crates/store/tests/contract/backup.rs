//! Backup and restore between any two databases, and a schema of an earlier release that is brought up.

use crate::world::{Feed, Recording, T0, World, account, camera, committed};
use domain::alarm::{Class, Event, Protocol, Signal, SourceName};
use std::path::Path;
use store::backup::{BackupError, Cost, Made, Place, Source, make, restore};
use store::{Store, StoreConfig, StoreError};

const WORD: &str = "a sentence nobody guesses";
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };

async fn backup_of(config: &StoreConfig, to: &Path) -> Result<Made, BackupError> {
    let source = Source { store: config.clone(), config: "data = \"elsewhere\"\n".into(), program: "0.1.0".into() };
    make(&source, to, WORD, CHEAP, T0.plus_ms(1_000)).await
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn signal(n: u8) -> Signal {
    Signal {
        received: T0,
        said: None,
        source: SourceName::dc09("7"),
        protocol: Protocol::Dc09Cid,
        code: "1130".into(),
        event: Event::Alarm(Class::Burglary),
        area: 1,
        zone: 1,
        text: String::new(),
        repeat_key: [n; 16],
    }
}

/// A server with people, footage, signals and holds that goes on living while its backup is made.
async fn living(world: &World) -> (Store, store::check::CheckReport, Made) {
    let store = world.open().await;
    let by = account(&store, "officer").await;
    store.add_session("token", by, "csrf", "browser", T0).await.unwrap();
    crate::free_text::reported(&store, by).await;
    let cam = camera(&store).await;
    let recording = Recording::start(&store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&recording.writer, 3);
    feed.silence(4_000);
    feed.container(&recording.writer, 2);
    committed(&store, cam, 5).await;
    recording.stop().await;
    store.journal().append(vec![signal(1), signal(2)]).await.unwrap();
    store.set_setting("note", "vor der Sicherung", None, T0).await.unwrap();
    store.flush_ledger().await.unwrap();
    // Part of the log is settled, part of it still waits in the database.
    store.set_setting("note", "noch im Wartestand", None, T0).await.unwrap();
    let before = store.check(&|_, _| {}).await.unwrap();
    let made = backup_of(&world.config, &world.config.data.with_file_name("backup")).await.unwrap();
    store.set_setting("note", "danach", None, T0).await.unwrap();
    (store, before, made)
}

/// The same head, the same findings, the same people, and the sealed names open.
async fn is_restored(config: &StoreConfig, made: &Made, before: &store::check::CheckReport) {
    let store = Store::open(config, T0.plus_ms(9_000)).await.expect("opens");
    let head = store.ledger().head().0;
    assert_eq!((head.size, head.root), (made.manifest.head.size, made.manifest.head.root));
    assert_eq!(&store.check(&|_, _| {}).await.unwrap(), before);
    assert!(before.holds(), "{before}");
    let officer = store.account_by_login("officer").await.unwrap().expect("is there");
    assert_eq!(officer.name.expose(), "姓名officer");
    assert_eq!(store.setting("note").await.unwrap().as_deref(), Some("noch im Wartestand"));
    let alarms = store.open_incidents().await.unwrap().0;
    let reports = store.reports_of(alarms[0].incident.id).await.unwrap();
    assert!(alarms[0].incident.decision.is_some() && reports[0].body.contains(&alarms[0].incident.number));
    assert_eq!(store.journal().end().0, 2);
    assert!(store.session_counts(T0).await.unwrap().is_empty(), "everybody signs in anew");
    let from = store.restored_from().await.unwrap().expect("it says so");
    assert_eq!((from.size, from.root, from.told_ms), (head.size, head.root, None));
    assert!(store.tell_restored(T0).await.unwrap());
    assert!(!store.tell_restored(T0).await.unwrap(), "once");
    store.flush_ledger().await.unwrap();
    let entry = store.ledger().entry(head.size).unwrap();
    let text = String::from_utf8(entry.as_bytes().to_vec()).unwrap();
    assert!(text.contains("ledger.restored") && text.contains(&head.root.to_string()), "{text}");
    store.set_setting("after", "goes on", None, T0).await.unwrap();
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.holds(), "{report}");
    store.close().await;
    Store::open(config, T0.plus_ms(9_000)).await.expect("opens again").close().await;
}

pub async fn a_living_server_comes_back_as_it_was(world: &World) {
    let (store, before, made) = living(world).await;
    // Into the same kind of database, and into the other one.
    for postgres in [false, true] {
        let target = if postgres { World::postgres().await } else { World::sqlite() };
        copy(&world.config.data.join("footage"), &target.config.data.join("footage"));
        let place = Place { store: target.config.clone(), replace: false };
        let done = restore(&place, &made.path, WORD, T0.plus_ms(5_000)).await.expect("restored");
        assert_eq!((done.aside, done.aside_schema), (None, None));
        is_restored(&target.config, &made, &before).await;
        target.drop_database().await;
    }
    // The server it was taken of has not noticed.
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.holds() && report.entries > before.entries, "{report}");
    store.close().await;
}

pub async fn a_place_that_holds_a_server_is_only_set_aside_when_told(world: &World) {
    let (store, before, made) = living(world).await;
    let mut place = Place { store: world.config.clone(), replace: false };
    let running = restore(&place, &made.path, WORD, T0).await.unwrap_err();
    assert!(running.to_string().contains("in use"), "{running}");
    let was = store.ledger().head().0.size;
    store.close().await;
    let refused = restore(&place, &made.path, WORD, T0).await.unwrap_err();
    assert!(matches!(refused, BackupError::NotEmpty(_)), "{refused}");
    let wrong = restore(&place, &made.path, "another sentence", T0).await.unwrap_err();
    assert!(matches!(wrong, BackupError::Passphrase), "{wrong}");
    // Nothing was touched by any of them.
    let store = world.open().await;
    assert!(store.ledger().head().0.size >= was);
    store.close().await;
    place.replace = true;
    let done = restore(&place, &made.path, WORD, T0.plus_ms(7)).await.expect("restored");
    let aside = done.aside.expect("set aside");
    assert!(aside.join("keys/secret.key").exists() && aside.join("ledger/checkpoint").exists());
    assert_eq!(
        (aside.join("jifang.db").exists(), done.aside_schema.is_some()),
        (!world.is_postgres(), world.is_postgres())
    );
    is_restored(&world.config, &made, &before).await;
    // On PostgreSQL footage rows and all stand where they were put.
    if let Some(schema) = done.aside_schema {
        world.tamper(&format!("DO $$ BEGIN ASSERT (SELECT COUNT(*) FROM {schema}.account) = 1; END $$")).await;
    }
}

pub async fn a_restore_that_was_cut_short_is_said_and_repeated(world: &World) {
    let (store, before, made) = living(world).await;
    store.close().await;
    let target = if world.is_postgres() { World::postgres().await } else { World::sqlite() };
    let data = target.config.data.clone();
    copy(&world.config.data.join("footage"), &data.join("footage"));
    let place = Place { store: target.config.clone(), replace: false };
    restore(&place, &made.path, WORD, T0).await.expect("restored");
    // As a crash leaves it after the rows, before the names: some parts in place, some in the staging folder, the mark there.
    std::fs::create_dir_all(data.join("restoring")).unwrap();
    std::fs::rename(data.join("ledger"), data.join("restoring/ledger")).unwrap();
    std::fs::write(data.join("restore-unfinished"), "backup of x").unwrap();
    let said = Store::open(&target.config, T0).await.err().expect("no start");
    assert!(matches!(said, StoreError::RestoreUnfinished(_)) && said.to_string().contains("repeat"), "{said}");
    let no = backup_of(&target.config, &data.with_file_name("again")).await.unwrap_err();
    assert!(no.to_string().contains("cut short"), "{no}");
    restore(&place, &made.path, WORD, T0.plus_ms(3)).await.expect("repeated without being told to replace");
    assert!(!data.join("restoring").exists() && !data.join("restore-unfinished").exists());
    is_restored(&target.config, &made, &before).await;
    target.drop_database().await;
}

/// Folders beside the data that a restore set aside.
fn set_aside(data: &Path) -> Vec<String> {
    let names = std::fs::read_dir(data).unwrap().flatten().map(|e| e.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("before-restore-")).collect()
}

pub async fn a_repeated_restore_goes_on_in_the_folder_of_the_broken_one(world: &World) {
    let (store, before, made) = living(world).await;
    store.close().await;
    let data = world.config.data.clone();
    let aside = data.join("before-restore-17");
    // Killed while it set aside: some of what stood there is in the folder, the rest in its place, and of the database only the one half.
    std::fs::create_dir_all(&aside).unwrap();
    let moved = if world.is_postgres() { "keys" } else { "jifang.db" };
    std::fs::rename(data.join(moved), aside.join(moved)).unwrap();
    std::fs::write(data.join("jifang.db-wal"), "what was not yet in the database").unwrap();
    std::fs::write(data.join("restore-unfinished"), "backup of x\nbefore-restore-17\n\n").unwrap();
    let said = Store::open(&world.config, T0).await.err().expect("no start").to_string();
    assert!(said.contains("backup of x") && !said.contains("before-restore"), "{said}");
    let place = Place { store: world.config.clone(), replace: false };
    let done = restore(&place, &made.path, WORD, T0.plus_ms(99)).await.expect("repeated");
    assert_eq!(done.aside.as_ref(), Some(&aside));
    assert_eq!(set_aside(&data), ["before-restore-17"]);
    let whole = ["jifang.db-wal", "keys/secret.key", "ledger/checkpoint", moved];
    assert!(whole.iter().all(|part| aside.join(part).exists()), "they stand together");
    assert_eq!(std::fs::read(aside.join("jifang.db-wal")).unwrap(), b"what was not yet in the database");
    is_restored(&world.config, &made, &before).await;

    // Killed after that, between the names: what stands in the place is of the broken restore, whatever it is called.
    let keys = std::fs::read(aside.join("keys/secret.key")).unwrap();
    std::fs::rename(aside.join("jifang.db-wal"), aside.join("jifang.db-shm")).unwrap();
    std::fs::write(data.join("jifang.db-wal"), "of the broken restore").unwrap();
    std::fs::write(data.join("restore-unfinished"), "backup of x\nbefore-restore-17\ncleared\n").unwrap();
    let done = restore(&place, &made.path, WORD, T0.plus_ms(120)).await.expect("repeated again");
    assert_eq!((done.aside.as_ref(), set_aside(&data)), (Some(&aside), vec!["before-restore-17".to_owned()]));
    assert!(!aside.join("jifang.db-wal").exists(), "no foreign WAL beside the database of before");
    assert_eq!(std::fs::read(aside.join("keys/secret.key")).unwrap(), keys, "what was there before is as it was");
    let broken = aside.join(format!("of-broken-restore-{}", T0.plus_ms(120).0));
    assert_eq!(std::fs::read(broken.join("jifang.db-wal")).unwrap(), b"of the broken restore");
    assert!(broken.join("ledger/checkpoint").exists() && !data.join("restore-unfinished").exists());
    is_restored(&world.config, &made, &before).await;
}

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/schema-12");

/// The database of release 0.1.0 as a kill left it: seven entries that wait for their files.
pub async fn earlier_release(world: &World) {
    let data = &world.config.data;
    std::fs::create_dir_all(data.join("keys")).unwrap();
    let (file, keys) = if world.is_postgres() {
        let keys = [
            "c391cc89ba54d52148f5e59ac1de21185c73704222be63bea03f130702f01bcb",
            "d340799a244f2192025e8895241ec37ff5b45bc706aa522e34f36c8cf7dbd001",
        ];
        ("postgres.sql", keys)
    } else {
        let keys = [
            "a517897599770c3157f3a89212e250b06d4330b3420683d8977e1d55e265a8e2",
            "cf4917afa5e49ff0945c60674500f65e99d74543330fa8060d7f3174785474cf",
        ];
        ("sqlite.sql", keys)
    };
    for (name, key) in ["ledger.seed", "secret.key"].iter().zip(keys) {
        std::fs::write(data.join("keys").join(name), base::unhex(key).unwrap()).unwrap();
    }
    // The tables of today make room.
    if world.is_postgres() {
        world.tamper("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    } else {
        std::fs::File::create(data.join("jifang.db")).unwrap();
    }
    world.tamper(&std::fs::read_to_string(format!("{FIXTURES}/{file}")).unwrap()).await;
}

pub async fn the_schema_of_the_release_before_is_brought_up(world: &World) {
    earlier_release(world).await;
    let store = world.open().await;
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.holds() && report.entries == 7, "{report}");
    let guard = store.account_by_login("guard").await.unwrap().expect("is there");
    assert_eq!(guard.name.expose(), "Fixture Guard");
    assert!(!store.acts(&Default::default(), 10).await.unwrap().is_empty());
    // What is new works on what is old.
    let by = account(&store, "new").await;
    let cam = camera(&store).await;
    let recording = Recording::start(&store).await;
    Feed::new(cam, T0).container(&recording.writer, 2);
    committed(&store, cam, 2).await;
    recording.stop().await;
    assert!(store.conflicts(base::SiteId::new(T0.0, [1; 10])).await.unwrap().is_empty());
    assert!(store.account_by_login("new").await.unwrap().is_some_and(|a| a.id == by));
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.holds(), "{report}");
    store.close().await;
    let (before, after) = (12, store::schema::version());
    assert!(after > before, "a migration stands behind that release");
    world.open().await.close().await;
}

pub async fn an_upgrade_that_was_cut_short_is_repeated(world: &World) {
    earlier_release(world).await;
    // A program that dies inside a migration leaves nothing of it: the same statements in a transaction nobody commits.
    let half = "BEGIN; CREATE TABLE half_done (a BIGINT); ALTER TABLE witness_conflict ADD COLUMN settled_ms BIGINT; \
                INSERT INTO schema_version (version) VALUES (13)";
    world.tamper(half).await;
    let store = world.open().await;
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.holds(), "{report}");
    store.close().await;
    assert!(world.try_tamper("SELECT 1 FROM half_done").await.is_err(), "nothing is left of it");
}

pub async fn a_database_of_a_newer_program_is_refused_in_words(world: &World) {
    world.open().await.close().await;
    world.tamper("INSERT INTO schema_version (version) VALUES (999)").await;
    let error = world.try_open(T0).await.err().expect("refused").to_string();
    assert!(error.contains("999") && error.contains("newer program"), "{error}");
    let error = backup_of(&world.config, &world.config.data.with_file_name("b")).await.unwrap_err().to_string();
    assert!(error.contains("999") && error.contains("newer program"), "{error}");
    world.tamper("DELETE FROM schema_version WHERE version = 999").await;
    world.open().await.close().await;
}
