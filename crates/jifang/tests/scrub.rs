//! Footage proved and made findable again, on the real binary: a changed byte is found by the server itself, named on a page and in the
//! refusal of an export; rows that are lost come back from containers and log.

use crate::support;

use base::UtcMs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::browser::Browser;
use support::bundle::verify;
use support::people::{obtain_export, send, sent_to, sign_in};
use support::rig::{Eye, Kind, Plan, Rig, now};
use support::screen::{Demo, check_access, check_page};
use support::server::jifang;
use support::{PATIENCE, wait_until};

/// Containers below a data folder.
fn containers(data: &Path) -> Vec<PathBuf> {
    let list = |dir: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(dir).map(|d| d.filter_map(Result::ok).map(|e| e.path()).collect()).unwrap_or_default()
    };
    let days = list(&data.join("footage")).into_iter().flat_map(|camera| list(&camera));
    days.flat_map(|day| list(&day)).filter(|f| f.extension().is_some_and(|e| e == "mp4")).collect()
}

/// Runs SQL past the server, as somebody who damages the database would.
fn tamper(data: &Path, sql: &str) {
    let script =
        "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.executescript(sys.argv[2]); d.commit(); d.close()";
    let done =
        Command::new("python3").args(["-c", script, &data.join("jifang.db").display().to_string(), sql]).output();
    let done = done.expect("python3, which `cargo xtask test` installs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn json(arguments: &[&str], exit: i32) -> serde_json::Value {
    let done = jifang(arguments);
    assert_eq!(done.status.code(), Some(exit), "{}", String::from_utf8_lossy(&done.stdout));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

#[test]
fn rows_that_are_lost_come_back_play_and_verify() {
    let eyes = vec![Eye::new(Kind::GbUdp), Eye::new(Kind::Rtsp)];
    let mut rig = Rig::build(Plan { eyes, people: true, ..Plan::default() });
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    let from = UtcMs(now().0 / 1_000 * 1_000 + 1_000);
    rig.wait_footage(&[0, 1], from.plus_ms(12_000));
    assert!(rig.server.stop().success());
    let data = rig.server.data();
    let folder = data.display().to_string();
    assert!(jifang(&["check", "--data", &folder]).status.success());
    tamper(&data, "DELETE FROM span; DELETE FROM container; DELETE FROM gap; DELETE FROM camera_seq;");
    let told = json(&["check", "--data", &folder, "--json"], 1);
    assert!(told["fault_count"].as_u64() > Some(1), "{told}");
    let dry = json(&["check", "--rebuild", "--data", &folder, "--json"], 1);
    assert_eq!((dry["written"].as_bool(), dry["cameras"].as_array().map(Vec::len)), (Some(false), Some(2)), "{dry}");
    assert_eq!(json(&["check", "--rebuild", "--data", &folder, "--json"], 1), dry, "a dry run changes nothing");
    // Killed anywhere, it is run again.
    for ms in [60, 150, 300] {
        let mut child = Command::new(support::server::BINARY)
            .args(["check", "--rebuild", "--write", "--data", &folder])
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(ms));
        let _ = child.kill();
        let _ = child.wait();
    }
    json(&["check", "--rebuild", "--write", "--data", &folder, "--json"], 0);
    let again = json(&["check", "--rebuild", "--data", &folder, "--json"], 0);
    assert_eq!(again["nothing"], true, "{again}");
    let check = jifang(&["check", "--data", &folder]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    let to = from.plus_ms(10_000);
    let play = format!("/api/v1/cameras/{}/play.mp4?from={}&to={}", rig.cameras[0], from.0, to.0);
    assert!(rig.manager_client().get(&play).expect(200).body.len() > 10_000, "it plays");
    let package = obtain_export(&rig.server, &rig.cameras, from, to);
    let path = rig.server.folder().join("export.zip");
    std::fs::write(&path, package).expect("the package is kept");
    let key = std::fs::read_to_string(data.join("ledger/key.pub")).expect("the key");
    let verdict = verify(&path, Some(key.trim()));
    assert_eq!(verdict.codes, Vec::<String>::new(), "{}", verdict.json);
    assert!(rig.server.stop().success());
    disks_are_prepared(&rig);
}

/// `jifang disk add` and `drain` say what to write, and change nothing.
fn disks_are_prepared(rig: &Rig) {
    let config = rig.server.folder().join("jifang.toml").display().to_string();
    let run = |arguments: &[&str]| {
        let done = jifang(&[&["disk", "--config", &config], arguments].concat());
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let here = rig.server.folder().display().to_string();
    for (arguments, word) in [
        (vec!["add", "b", "/no/such/folder"], "not there"),
        (vec!["add", "B", &here], "small letters"),
        (vec!["add", "b", "relative"], "absolute"),
        (vec!["add", "b", &here], "same file system as main"),
        (vec!["drain", "main"], "add a disk first"),
    ] {
        let (exit, said) = run(&arguments);
        assert_eq!(exit, Some(1), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
    let Ok(other) = tempfile::tempdir_in("/dev/shm") else { return };
    let path = other.path().display().to_string();
    let (exit, said) = run(&["add", "b", &path]);
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("[[storage.disk]]") && said.contains("name = \"b\"") && said.contains(&path), "{said}");
    assert_eq!(std::fs::read_dir(other.path()).expect("readable").count(), 0, "nothing is left there");
}

#[test]
fn a_changed_byte_is_found_and_named_on_the_page() {
    let demo = Demo::start();
    let data = demo.server.data();
    let page = Browser::start();
    let mut manager = sign_in(&demo.server, "manager", demo.password("manager"));
    let file = wait_until("footage", PATIENCE * 4, || {
        containers(&data).into_iter().find(|f| f.metadata().is_ok_and(|m| m.len() > 1_500_000))
    });
    let camera = file.components().rev().nth(2).expect("a camera").as_os_str().to_string_lossy().into_owned();
    std::thread::sleep(Duration::from_secs(12));
    page.go(&demo.server.url("/login"));
    page.take_cookies(&manager.cookies);
    page.go(&demo.server.url("/storage/integrity"));
    page.screenshot("integrity-empty");
    let opened = std::fs::File::options().read(true).write(true).open(&file).expect("the container");
    let mut byte = [0];
    opened.read_exact_at(&mut byte, 300_000).expect("within it");
    opened.write_all_at(&[byte[0] ^ 1], 300_000).expect("written");
    let what = format!("camera:{camera}");
    sent_to(send(&mut manager, "/storage/integrity", "/storage/integrity", &[("what", &what)]));
    let report = wait_until("the finding", PATIENCE * 2, || {
        let text = manager.get("/storage/integrity").expect(200).text();
        text.contains("data-faults").then_some(text)
    });
    assert!(report.contains("录像内容与记录时不同") && report.contains(&camera), "named: {report}");
    // The report is stored first; then it is counted and told.
    wait_until("the count", PATIENCE, || {
        manager.get("/metrics").expect(200).text().contains("jifang_scrub_faults_open 1").then_some(())
    });
    wait_until("the notice", PATIENCE, || {
        let notices = manager.get("/api/v1/notices").expect(200).json();
        let list = notices["notices"].as_array()?;
        (list.iter().filter(|n| n["code"] == "footage_damaged").count() == 1).then_some(())
    });
    sent_to(send(&mut manager, "/storage/integrity", "/storage/integrity", &[("what", &what)]));
    wait_until("the second round", PATIENCE * 2, || {
        let text = manager.get("/storage/integrity").expect(200).text();
        (text.matches("有问题").count() == 1
            && !text.contains("进行中")
            && text.matches("<td class=\"lead\">").count() >= 3)
            .then_some(())
    });
    for (name, path) in [("integrity", "/storage/integrity"), ("clocks", "/clocks"), ("storage-shares", "/storage")] {
        for (lang, width, height, dark) in
            [("zh", 1440, 900, false), ("en", 1440, 900, true), ("zh", 390, 844, true), ("en", 390, 844, false)]
        {
            let mut cookies = manager.cookies.clone();
            cookies.insert("lang".into(), lang.into());
            cookies.insert("theme".into(), if dark { "dark" } else { "light" }.into());
            cookies.remove("flash");
            page.take_cookies(&cookies);
            page.window_size(width, height);
            page.go(&demo.server.url(path));
            check_page(&page);
            page.screenshot(&format!("{name}-{lang}-{width}"));
        }
        check_access(&page);
    }
}
