//! The binary as an operator meets it: configuration, first run, stop, accounts, law, log, check, and what a wrong start says.

use crate::support;

use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::database::Database;
use support::http::Response;
use support::people::{hidden, send, sent_to, sign_in};
use support::rig::{Eye, Kind, PASSWORD, Plan, Rig, block_on, now};
use support::server::{BINARY, Ports, Server, jifang};
use support::{PATIENCE, wait_until};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The printed defaults with another data folder and other ports, nothing else.
fn defaults(data: &str, ports: Ports) -> String {
    let printed = jifang(&["config", "default"]);
    assert!(printed.status.success());
    let mut config = text(&printed.stdout);
    for (from, to) in [
        ("\"/var/lib/jifang\"", format!("{data:?}")),
        ("\"0.0.0.0:8080\"", format!("\"127.0.0.1:{}\"", ports.http)),
        ("\"0.0.0.0:5060\"", format!("\"127.0.0.1:{}\"", ports.sip)),
        ("\"0.0.0.0:10000\"", format!("\"127.0.0.1:{}\"", ports.media)),
        ("\"0.0.0.0:8443\"", format!("\"127.0.0.1:{}\"", ports.live)),
        ("\"0.0.0.0:12000\"", format!("\"127.0.0.1:{}\"", ports.dc09)),
    ] {
        assert!(config.contains(from), "the defaults name {from}");
        config = config.replace(from, &to);
    }
    config
}

fn config_of(server: &Server) -> String {
    server.folder().join("jifang.toml").display().to_string()
}

/// The binary with something on its standard input, in a folder.
fn jifang_in(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary under test starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("the input is taken");
    child.wait_with_output().expect("the binary ends")
}

/// A start that must fail by itself; answers its exit code and what it wrote.
#[track_caller]
fn fails_to_start(server: &mut Server) -> (Option<i32>, String) {
    server.spawn();
    let status = wait_until("the server to give up", PATIENCE * 2, || server.ended());
    server.hear_out();
    (status.code(), server.log().join("\n"))
}

fn set_up(server: &Server) -> Response {
    let mut client = server.client();
    let code = server.setup_code();
    let fields = [
        ("code", code.as_str()),
        ("site_name", "北方宾馆"),
        ("jurisdiction", "heilongjiang"),
        ("trait", "hotel"),
        ("name", "周安"),
        ("login", "root"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    send(&mut client, "/setup", "/setup", &fields)
}

#[test]
fn the_printed_configuration_starts_a_server_that_asks_for_its_first_run() {
    let mut server = Server::serve(defaults);
    let checked = jifang(&["config", "check", &config_of(&server)]);
    assert!(checked.status.success());
    let mut visitor = server.client();
    for page in ["/", "/login", "/desk"] {
        assert_eq!(sent_to(visitor.get(page)), "/setup", "{page} leads to the first run");
    }
    let answer = visitor.get("/api/v1/cameras").expect(503).json();
    assert_eq!(answer["code"], "not_set_up");
    assert_eq!(visitor.get("/healthz").expect(200).json()["ok"], true);

    let weak = hidden(&visitor.get("/setup").expect(200), "csrf");
    let code = server.setup_code();
    let weak = [
        ("csrf", weak.as_str()),
        ("code", code.as_str()),
        ("site_name", "x"),
        ("jurisdiction", "heilongjiang"),
        ("name", "n"),
        ("login", "root"),
        ("password", "short"),
        ("password_again", "short"),
    ];
    visitor.post_form("/setup", &weak).expect(400);
    let made = set_up(&server);
    assert_eq!(made.status, 303, "{}", made.text());
    assert!(made.header("set-cookie").is_some_and(|c| c.contains("HttpOnly") && c.contains("SameSite=Strict")));

    let mut late = server.client();
    assert_eq!(sent_to(late.get("/setup")), "/", "the first run is over");
    let again = late.post_form("/setup", &[("login", "second"), ("password", PASSWORD)]).expect(403);
    assert!(again.text().contains("首次设置已经完成"));
    let mut admin = sign_in(&server, "root", PASSWORD);
    assert_eq!(sent_to(admin.get("/")), "/accounts");
    admin.get("/accounts").expect(200);

    assert!(server.stop().success(), "SIGTERM ends it with 0");
    assert!(server.log().iter().any(|line| line.contains("stopped")), "{}", server.log_tail());
    assert!(!server.log().iter().any(|line| line.contains('\u{1b}')), "no colours in a log that is no terminal");
    server.start_again();
    sign_in(&server, "root", PASSWORD);
    assert!(server.stop().success());
}

#[test]
fn accounts_are_kept_on_the_machine_itself_too() {
    let mut server = Server::serve(defaults);
    assert_eq!(set_up(&server).status, 303);
    let config = config_of(&server);
    let user = |arguments: &[&str], input: &str| {
        jifang_in(server.folder(), &[&["user", "--config", config.as_str()], arguments].concat(), input)
    };
    let busy = user(&["list"], "");
    assert_eq!(busy.status.code(), Some(2));
    assert!(text(&busy.stderr).contains("in use by another jifang process"), "{}", text(&busy.stderr));
    assert!(server.stop().success());

    let user = |arguments: &[&str], input: &str| {
        jifang_in(server.folder(), &[&["user", "--config", config.as_str()], arguments].concat(), input)
    };
    let added = user(&["add", "night", "--role", "duty_officer", "--name", "夜班"], PASSWORD);
    assert!(added.status.success(), "{}", text(&added.stderr));
    let listed = text(&user(&["list"], "").stdout);
    assert!(
        listed.lines().any(|l| l.starts_with("night ") && l.contains("duty_officer") && l.contains("active")),
        "{listed}"
    );
    assert!(!listed.contains(PASSWORD));
    for (arguments, input) in [
        (&["add", "x1", "--role", "king", "--name", "n"][..], PASSWORD),
        (&["add", "x2", "--role", "duty_officer", "--name", "n"], "short"),
        (&["add", "night", "--role", "duty_officer", "--name", "n"], PASSWORD),
        (&["password", "nobody"], PASSWORD),
        (&["reset", "night"], "Password123!"),
        (&["lock", "nobody"], ""),
        (&["totp-reset", "night"], ""),
    ] {
        let refused = user(arguments, input);
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
        assert!(!text(&refused.stderr).trim().is_empty(), "{arguments:?} says why");
    }
    let other = "another-long-sentence";
    assert!(user(&["reset", "night"], other).status.success());
    assert!(user(&["lock", "night"], "").status.success());
    let listed = text(&user(&["list"], "").stdout);
    assert!(listed.lines().any(|l| l.starts_with("night ") && l.contains("locked")), "{listed}");
    assert!(user(&["unlock", "night"], "").status.success());
    let help = text(&user(&["--help"], "").stdout);
    assert!(help.contains("standard input") && help.contains("totp-reset"), "{help}");
    server.start_again();
    sent_to(sign_in(&server, "night", other).get("/"));
    let mut client = server.client();
    let old = send(&mut client, "/login", "/login", &[("login", "night"), ("password", PASSWORD)]);
    assert_eq!(old.status, 401, "the old password is no more");
    assert!(server.stop().success());
}

#[test]
fn the_log_is_verified_and_proved_from_its_folder() {
    let mut server = Server::serve(defaults);
    assert_eq!(set_up(&server).status, 303);
    assert!(server.stop().success());
    let (folder, data) = (server.folder().to_path_buf(), server.data().display().to_string());
    let ledger = |arguments: &[&str]| jifang_in(&folder, &[&["ledger"], arguments].concat(), "");
    let verified = ledger(&["verify", "--data", &data]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    assert!(text(&verified.stdout).contains("the log holds"));
    let key = std::fs::read_to_string(server.data().join("ledger/key.pub")).expect("the public key");
    assert!(ledger(&["verify", "--data", &data, "--key", key.trim()]).status.success());

    assert!(ledger(&["prove", "0", "--data", &data]).status.success());
    let check = ["prove", "0", "--data", &data, "--check", "0.proof", "--entry-file", "0.json"];
    let holds = ledger(&check);
    assert!(holds.status.success() && text(&holds.stdout).contains("the proof holds"));
    let entry = std::fs::read(folder.join("0.json")).expect("the entry");
    let mut other = entry.clone();
    other[entry.len() / 2] ^= 1;
    std::fs::write(folder.join("0.json"), other).expect("a temporary folder can be written");
    assert_eq!(ledger(&check).status.code(), Some(1), "a changed entry");
    assert_eq!(ledger(&["prove", "999999", "--data", &data]).status.code(), Some(2), "an entry that is not there");

    let checked = jifang(&["check", "--data", &data]);
    assert!(checked.status.success() && text(&checked.stdout).contains("everything fits"), "{}", text(&checked.stdout));
    let tile = find(&server.data().join("ledger/tile"), "entries");
    let mut bytes = std::fs::read(&tile).expect("a tile");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&tile, bytes).expect("a temporary folder can be written");
    let broken = ledger(&["verify", "--data", &data]);
    assert_eq!(broken.status.code(), Some(1), "{}", text(&broken.stdout));
    assert!(text(&broken.stdout).contains("fault:") && text(&broken.stdout).contains("does NOT hold"));
}

/// Some file below a folder whose path names `part`.
fn find(folder: &Path, part: &str) -> std::path::PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|e| e.path());
    let mut rest: Vec<_> = entries.collect();
    while let Some(path) = rest.pop() {
        if path.is_dir() {
            rest.extend(std::fs::read_dir(&path).expect("a folder").flatten().map(|e| e.path()));
        } else if path.display().to_string().contains(part) {
            return path;
        }
    }
    panic!("nothing with {part} in {}", folder.display());
}

#[test]
fn the_law_is_shown_with_its_words_and_its_packs_hold() {
    let shown = jifang(&["law", "show", "B-28-1-1"]);
    let words = text(&shown.stdout);
    assert!(shown.status.success() && words.contains("第二十八条") && words.contains("text SHA-256"), "{words}");
    let unknown = jifang(&["law", "show", "Z-1"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("Z-1"));
    let checked = jifang(&["law", "check", "--lang", "en"]);
    assert!(checked.status.success() && text(&checked.stdout).contains(" 0 failures"), "{}", text(&checked.stdout));
    assert!(text(&jifang(&["law", "list"]).stdout).lines().count() >= 2);
}

#[test]
fn wrong_usage_exits_with_two() {
    for arguments in [
        &["serve"][..],
        &["serve", "--config"],
        &["serve", "--config", "/nowhere/jifang.toml"],
        &["fly"],
        &["evidence", "verify"],
        &["evidence", "verify", "/nowhere/x.zip"],
        &["ledger", "prove", "minus-one"],
        &["check", "--data", "/nowhere"],
        &["user", "add", "x"],
        &["sim", "camera"],
        &["law", "show"],
        &["--no-such-flag"],
    ] {
        let done = jifang(arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}{}", text(&done.stdout), text(&done.stderr));
        assert!(!text(&done.stderr).trim().is_empty(), "{arguments:?} says why");
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("jifang.toml");
    std::fs::write(&file, "data = \"x\"\nhtpp = \"127.0.0.1:1\"\n").expect("a temporary folder can be written");
    let wrong = jifang(&["config", "check", &file.display().to_string()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).contains("htpp"), "the key is named: {}", text(&wrong.stdout));
}

#[test]
fn a_taken_port_and_a_folder_in_use_are_said_clearly() {
    let first = Server::serve(defaults);
    let Ports { http, sip, .. } = first.ports;
    let mut same_page = Server::prepared(|data, ports| defaults(data, Ports { http, ..ports }));
    let (code, said) = fails_to_start(&mut same_page);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("127.0.0.1:{http}")) && said.contains("cannot listen"), "{said}");
    let mut same_sip = Server::prepared(|data, ports| defaults(data, Ports { sip, ..ports }));
    let (code, said) = fails_to_start(&mut same_sip);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains(&format!("127.0.0.1:{sip}")), "{said}");
    let folder = first.data().display().to_string();
    let mut same_data = Server::prepared(|_, ports| defaults(&folder, ports));
    let (code, said) = fails_to_start(&mut same_data);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("in use by another jifang process") && said.contains(&folder), "{said}");
    first.client().get("/healthz").expect(200);

    let url = "postgres://jifang:sesame-in-the-file@127.0.0.1:1/jifang";
    let mut no_database = Server::prepared(|data, ports| format!("database_url = {url:?}\n{}", defaults(data, ports)));
    let (code, said) = fails_to_start(&mut no_database);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("database") && !said.contains("sesame"), "no password in a log: {said}");
}

#[test]
fn one_line_of_configuration_is_postgresql() {
    let database = Database::new();
    let plan =
        Plan { eyes: vec![Eye::new(Kind::Rtsp)], database: Some((database.url(), database.url())), ..Plan::default() };
    let mut rig = Rig::build(plan);
    rig.server.start_again();
    rig.server.wait_line("the database", |line| line.contains("PostgreSQL").then_some(()));
    rig.wait_recording(&[0]);
    let from = now();
    let to = from.plus_ms(5_000);
    rig.wait_footage(&[0], to);
    assert!(rig.server.stop().success());
    assert!(!rig.server.data().join("jifang.db").exists(), "no second database beside it");
    let check = jifang(&["check", "--config", &config_of(&rig.server), "--json"]);
    assert!(check.status.success(), "{}", text(&check.stdout));
    let report: serde_json::Value = serde_json::from_slice(&check.stdout).expect("JSON");
    assert_eq!(report["holds"], json!(true));
    block_on(async {
        let store = rig.open().await;
        let line = store.timeline(rig.cameras[0], from, to).await.expect("a timeline");
        let covered_ms: i64 = line.footage.iter().map(|(a, b)| (*b).min(to).since((*a).max(from)).max(0)).sum();
        assert!(covered_ms >= 4_000, "{covered_ms} ms of five seconds");
        store.close().await;
    });
}
