//! The drill: a server with people, footage and alarms is backed up while it runs, lost, and had back from the backup in another place.
//!
//! What must hold: the head of the log at the backup, the same findings of `jifang check`, people who sign in, exports that verify. And
//! what nobody wants to learn on the day: a backup that was changed or cut is refused by name, an upgrade that is killed is repeated, and
//! what is sent to whoever helps names nobody.

use crate::support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use support::bundle::verify;
use support::database::Database;
use support::http::Client;
use support::people::{obtain_export, sign_in};
use support::rig::{Eye, Kind, MANAGER_TOKEN, PASSWORD, Plan, Rig, SECRET, now};
use support::server::{BINARY, Server, jifang};

const WORD: &str = "unter dem Birnbaum liegt der Schlüssel";

/// The binary with the passphrase in its environment.
#[track_caller]
fn with_word(word: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(BINARY).args(arguments).env("JIFANG_BACKUP_PASSPHRASE", word).output().expect("it starts");
    said(&done)
}

fn said(done: &Output) -> (Option<i32>, String) {
    let text = [&done.stdout[..], &done.stderr].concat();
    (done.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn config_of(server: &Server) -> String {
    text(&server.folder().join("jifang.toml"))
}

/// The value behind a word of what a command printed.
#[track_caller]
fn word_of(said: &str, name: &str) -> String {
    let line = said.lines().find(|l| l.split_whitespace().next() == Some(name));
    line.and_then(|l| l.split_whitespace().nth(1)).unwrap_or_else(|| panic!("no {name} in {said}")).to_owned()
}

#[track_caller]
fn backup(server: &Server, name: &str) -> (PathBuf, String) {
    let to = server.folder().join(name);
    let (code, said) = with_word(WORD, &["backup", "--config", &config_of(server), "--to", &text(&to)]);
    assert_eq!(code, Some(0), "{said}");
    (to, said)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("readable").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// A server to be, on a machine of its own.
fn another_machine(database: Option<&Database>) -> Server {
    let url = database.map(|d| format!("database_url = {:?}\n", d.url())).unwrap_or_default();
    Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n{url}[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\nreserve_bytes = 1000000\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    })
}

fn restored(from: &Path, footage: &Path, database: Option<&Database>) -> (Server, String) {
    let server = another_machine(database);
    copy(footage, &server.data().join("footage"));
    let (code, said) = with_word(WORD, &["restore", "--config", &config_of(&server), "--from", &text(from)]);
    assert_eq!(code, Some(0), "{said}");
    (server, said)
}

#[track_caller]
fn check(server: &Server) -> (Option<i32>, String) {
    let done = jifang(&["check", "--config", &config_of(server), "--json"]);
    (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
}

/// What `jifang ledger verify` says of the files, before any server opens them.
#[track_caller]
fn head(server: &Server) -> (String, String) {
    let done = jifang(&["ledger", "verify", "--data", &text(&server.data())]);
    let (code, said) = said(&done);
    assert_eq!(code, Some(0), "{said}");
    (word_of(&said, "entries"), word_of(&said, "root"))
}

fn drill(first: Option<&Database>, second: Option<&Database>, third: Option<&Database>) {
    let database = first.map(|d| (d.url(), d.url()));
    let eyes = vec![Eye::new(Kind::GbUdp)];
    let mut rig = Rig::build(Plan { eyes, people: true, database, ..Plan::default() });
    rig.server.start_again();
    rig.wait_recording(&[0]);
    let from = base::UtcMs(now().0 / 1_000 * 1_000 + 1_000);
    rig.wait_footage(&[0], from.plus_ms(7_000));
    let package = obtain_export(&rig.server, &rig.cameras, from, from.plus_ms(6_000));
    let export = rig.server.folder().join("export.zip");
    std::fs::write(&export, package).expect("written");
    // While it runs and records: whole, and of a head that the log goes on from.
    let (living, printed) = backup(&rig.server, "living");
    let mut officer = sign_in(&rig.server, "officer1", PASSWORD);
    assert_eq!(officer.get("/use").status, 200, "more happens");
    rig.server.kill();
    // The machine is lost; its disk with the footage is not, and holds more than the backup knows.
    let footage = rig.server.data().join("footage");
    let (mut server, _) = restored(&living, &footage, second);
    assert_eq!(head(&server), (word_of(&printed, "entries"), word_of(&printed, "root")));
    let (code, found) = check(&server);
    assert_eq!(code, Some(0), "footage that is newer is taken over: {found}");
    // The same server stopped and whole: the same head and the same findings, word for word.
    rig.kill_device(0);
    let (code, before) = check(&rig.server);
    assert_eq!(code, Some(0), "{before}");
    let (still, printed) = backup(&rig.server, "still");
    let (second_place, _) = restored(&still, &footage, third);
    assert_eq!(head(&second_place), (word_of(&printed, "entries"), word_of(&printed, "root")));
    assert_eq!(check(&second_place), (Some(0), before));
    assert_eq!(head(&second_place), (word_of(&printed, "entries"), word_of(&printed, "root")), "a check adds nothing");
    // People, pages, tokens, exports.
    server.start_again();
    let mut stale = Client { address: server.address(), ..officer.clone() };
    assert_ne!(stale.get("/use").status, 200, "everybody signs in anew");
    let mut officer = sign_in(&server, "officer1", PASSWORD);
    assert!(officer.get("/use").expect(200).text().contains("A2301-0042"));
    let mut manager = server.client();
    manager.headers.push(("authorization".into(), format!("Bearer {MANAGER_TOKEN}")));
    let cameras = manager.get("/api/v1/cameras").expect(200).json();
    assert_eq!(cameras["cameras"][0]["id"], rig.cameras[0].to_string().as_str());
    let key = std::fs::read_to_string(server.data().join("ledger/key.pub")).expect("the public key");
    assert_eq!(verify(&export, Some(key.trim())).exit, Some(0));
    names_nobody(&mut server, first.map(Database::url));
    let entries = jifang(&["check", "--config", &config_of(&server)]);
    assert_eq!(entries.status.code(), Some(0), "{}", said(&entries).1);
}

/// What is sent to whoever helps, from a running and from a stopped server.
fn names_nobody(server: &mut Server, database: Option<String>) {
    let log = server.folder().join("log");
    std::fs::write(&log, server.log().join("\n")).expect("written");
    let make = |server: &Server, name: &str, more: &[&str]| {
        let to = server.folder().join(name);
        let config = config_of(server);
        let (to_text, log) = (text(&to), text(&log));
        let fixed = ["support", "--config", &config, "--to", &to_text, "--log", &log];
        let (code, said) = with_word(WORD, &[&fixed[..], more].concat());
        assert_eq!(code, Some(0), "{said}");
        std::fs::read_to_string(to).expect("readable")
    };
    let running = make(server, "support-running", &[]);
    server.stop();
    let stopped = make(server, "support-stopped", &["--check"]);
    for part in ["== health ==\nHTTP/1.1 200", "jifang_ledger_entries", "== disks ==\nmain: ", "(schema ", "root "] {
        assert!(running.contains(part), "{part} in {running}");
    }
    assert!(stopped.contains("holds true") && stopped.contains("no answer"), "{stopped}");
    let data = text(&server.data());
    let mut secrets = vec![
        "officer1",
        "officer2",
        "210001",
        "姓名",
        "第一派出所",
        "A2301-0042",
        "查明当日经过",
        "L-7",
        PASSWORD,
        SECRET,
        MANAGER_TOKEN,
        WORD,
        "argon2id",
        &data,
    ];
    secrets.extend(database.as_deref());
    for secret in secrets {
        assert!(!running.contains(secret) && !stopped.contains(secret), "`{secret}` is in the bundle");
    }
}

#[test]
fn a_server_is_had_back_from_its_backup_on_sqlite() {
    drill(None, None, None);
}

#[test]
fn a_server_is_had_back_from_its_backup_on_postgres() {
    let [first, second, third] = [Database::new(), Database::new(), Database::new()];
    drill(Some(&first), Some(&second), Some(&third));
}

#[test]
fn what_is_not_whole_or_not_wanted_is_refused_in_words() {
    let mut rig = Rig::build(Plan { people: true, ..Plan::default() });
    rig.server.start_again();
    let (good, _) = backup(&rig.server, "good");
    let config = config_of(&rig.server);
    let run = |word: &str, arguments: &[&str], part: &str| {
        let (code, said) = with_word(word, arguments);
        assert!(code != Some(0) && said.contains(part), "{arguments:?}: {code:?} {said}");
    };
    let good_text = text(&good);
    run(WORD, &["backup", "--config", &config, "--to", &good_text], "is there already");
    run("kurz", &["backup", "--config", &config, "--to", &text(&rig.server.folder().join("x"))], "10 characters");
    run("not the right one", &["backup", "verify", &good_text], "passphrase");
    run(WORD, &["restore", "--config", &config, "--from", &good_text], "in use");
    let bytes = std::fs::read(&good).expect("readable");
    let bad = rig.server.folder().join("bad");
    let bad_text = text(&bad);
    std::fs::write(&bad, &bytes[..bytes.len() * 2 / 3]).expect("written");
    run(WORD, &["backup", "verify", &bad_text], "cut short");
    let fresh = another_machine(None);
    run(WORD, &["restore", "--config", &config_of(&fresh), "--from", &bad_text], "cut short");
    assert!(!fresh.data().exists(), "nothing was touched");
    let mut changed = bytes.clone();
    let at = bytes.len() - 100;
    changed[at] ^= 1;
    std::fs::write(&bad, &changed).expect("written");
    run(WORD, &["backup", "verify", &bad_text], "damaged in `");
    // A place that holds a server; told so, it is set aside.
    rig.server.stop();
    run(WORD, &["restore", "--config", &config, "--from", &good_text], "--replace");
    let (code, said) = with_word(WORD, &["restore", "--config", &config, "--from", &good_text, "--replace"]);
    assert!(code == Some(0) && said.contains("before-restore-"), "{said}");
    // A restore that was cut short is said at the start, and repeated by the same command.
    std::fs::write(rig.server.data().join("restore-unfinished"), "backup of x").expect("written");
    rig.server.spawn();
    rig.server.wait_line("what to do", |line| line.contains("repeat `jifang restore`").then_some(()));
    rig.server.kill();
    let file = rig.server.folder().join("word");
    std::fs::write(&file, format!("{WORD}\n")).expect("written");
    let by_file = ["restore", "--config", &config, "--from", &good_text, "--passphrase-file", &text(&file)];
    let done = jifang(&by_file);
    assert_eq!(done.status.code(), Some(0), "{}", self::said(&done).1);
    rig.server.start_again();
    sign_in(&rig.server, "custodian", PASSWORD);
    // On a machine without a configuration the backup brings its own.
    rig.server.stop();
    std::fs::remove_dir_all(rig.server.data()).expect("removed");
    std::fs::remove_file(&config).expect("removed");
    let (code, said) = with_word(WORD, &["restore", "--config", &config, "--from", &good_text]);
    assert!(code == Some(0) && said.contains("look it through"), "{said}");
    rig.server.start_again();
}

/// Kills in the middle of making the tables, ever a little later.
#[test]
fn a_start_that_is_killed_while_it_makes_its_tables_is_repeated() {
    let mut server = another_machine(None);
    for round in 0..8 {
        server.spawn();
        std::thread::sleep(Duration::from_millis(20 + 35 * round));
        server.kill();
    }
    server.start_again();
    assert!(server.stop().success());
    let (code, found) = check(&server);
    assert_eq!(code, Some(0), "{found}");
}
