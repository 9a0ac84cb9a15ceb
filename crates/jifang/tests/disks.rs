//! Disks that fail and clocks that step, against the real binary: what happened is told once, and nothing is lost or reordered
//! that was recorded.

use crate::support;

use base::UtcMs;
use domain::recording::{GapCause, SLEW_MS};
use std::path::PathBuf;
use std::time::Duration;
use store::disks::DiskConfig;
use store::logbook::ActFilter;
use store::{Store, StoreConfig};
use support::disk::SmallDisk;
use support::rig::{Eye, Kind, Plan, Rig, block_on, now};
use support::{PATIENCE, wait_until};

fn seconds(n: u64) {
    std::thread::sleep(Duration::from_secs(n));
}

/// Open notices of this code, as the API has them.
fn notices(rig: &Rig, code: &str) -> usize {
    let answer = rig.manager_client().get("/api/v1/notices").expect(200).json();
    let list = answer["notices"].as_array().cloned().unwrap_or_default();
    list.iter().filter(|n| n["code"] == code).count()
}

async fn sound(store: &Store) {
    let report = store.check(&|_, _| {}).await.expect("the check runs");
    assert!(report.holds(), "{:#?}", report.faults);
}

/// Lines of the server's own log with these words.
fn lines(rig: &Rig, words: &str) -> usize {
    rig.server.log().iter().filter(|line| line.contains(words)).count()
}

#[test]
fn a_disk_that_turns_read_only_is_one_incident_and_recording_returns_by_itself() {
    let mut disk = None;
    let plan = Plan { eyes: vec![Eye::new(Kind::GbUdp), Eye::new(Kind::GbTcp)], ..Plan::default() };
    let mut rig = Rig::build_on(plan, |data| disk = SmallDisk::mount(&data.join("footage"), 400));
    let Some(disk) = disk else {
        eprintln!("left out: only root may mount a small disk");
        return;
    };
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    seconds(2);
    let began = now();
    // The system turns a disk read-only only while nobody writes: the cameras pause for that.
    (0..2).for_each(|n| rig.kill_device(n));
    wait_until("the files to be closed", PATIENCE * 2, || disk.read_only(true).then_some(()));
    (0..2).for_each(|n| rig.start_device(n));
    wait_until("the notice", PATIENCE * 2, || (notices(&rig, "disk_refuses") == 1).then_some(()));
    seconds(25);
    assert!(rig.server.ended().is_none(), "the server lives");
    rig.server.client().get("/login").expect(200);
    assert_eq!((notices(&rig, "disk_refuses"), notices(&rig, "recording_stopped")), (1, 0), "told once");
    let errors = lines(&rig, "footage could not be written");
    assert!(errors <= 4, "{errors} refused openings: it is tried with a file of its own, ever more rarely");
    assert!((0..2).all(|n| rig.camera_now(n).is_some_and(|c| c["recording"] == false)));

    assert!(disk.read_only(false));
    rig.wait_recording(&[0, 1]);
    assert_eq!(notices(&rig, "disk_refuses"), 1, "it must work for a while before it is over");
    // A minute, and the next look.
    wait_until("the notice to go", PATIENCE * 4, || (notices(&rig, "disk_refuses") == 0).then_some(()));
    assert!(rig.server.stop().success());
    block_on(async {
        let store = rig.open().await;
        for camera in &rig.cameras {
            let gaps = store.gaps(*camera, began, now()).await.expect("gaps");
            assert!(gaps.iter().any(|g| g.cause == GapCause::DiskError && g.to.is_some()), "{gaps:?}");
        }
        assert_eq!((acts(&store, "disk.refuses").await, acts(&store, "disk.writes").await), (1, 1));
        sound(&store).await;
        store.close().await;
    });
    drop(disk);
}

/// Lines of this kind in the log.
async fn acts(store: &Store, kind: &str) -> usize {
    let filter = ActFilter { kind: Some(kind.to_owned()), ..ActFilter::default() };
    store.acts(&filter, 1_000).await.expect("the log").len()
}

/// Footage on each disk by the API: name, standing, containers.
fn disks(rig: &Rig) -> Vec<(String, String, u64)> {
    let answer = rig.manager_client().get("/api/v1/storage").expect(200).json();
    let list = answer["disks"].as_array().cloned().unwrap_or_default();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    list.iter().map(|d| (text(&d["name"]), text(&d["standing"]), d["containers"].as_u64().unwrap_or(0))).collect()
}

#[test]
fn a_second_disk_that_fills_is_pulled_and_comes_back_costs_no_picture() {
    let (mut disk, mut spare) = (None, None);
    // Footage goes to the disk with more room; the data folder takes none.
    let plan = Plan {
        eyes: vec![Eye::new(Kind::GbUdp), Eye::new(Kind::GbTcp)],
        reserve_bytes: Some(0),
        more: "[[storage.disk]]\nname = \"main\"\nstate = \"readonly\"\n[[storage.disk]]\nname = \"b\"\npath = \"{data}-b\"\n\
               [[storage.disk]]\nname = \"c\"\npath = \"{data}-c\"\n",
        ..Plan::default()
    };
    let mut rig = Rig::build_on(plan, |data| {
        disk = SmallDisk::mount(&data.with_file_name("data-b"), 400);
        spare = SmallDisk::mount(&data.with_file_name("data-c"), 200);
    });
    let (Some(disk), Some(spare)) = (disk, spare) else {
        eprintln!("left out: only root may mount a small disk");
        return;
    };
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    wait_until("footage on the second disk", PATIENCE * 2, || (disks(&rig)[1].2 >= 2).then_some(()));
    let began = now();
    // It fills in the middle of a fragment: the fragment goes to the other disk.
    disk.leave(0);
    wait_until("footage on the third disk", PATIENCE * 2, || (disks(&rig)[2].2 >= 2).then_some(()));
    assert_eq!(notices(&rig, "recording_stopped"), 0);
    disk.leave(200 << 20);
    seconds(5);
    // Pulled: its folder is an empty mount point now.
    let aside = disk.pull();
    wait_until("the notice", PATIENCE * 2, || (notices(&rig, "disk_away.b") == 1).then_some(()));
    assert_eq!(disks(&rig)[1].1, "away");
    let line = format!("/api/v1/cameras/{}/timeline?from={}&to={}", rig.cameras[0], began.0 - 30_000, now().0);
    let line = rig.manager_client().get(&line).expect(200).json();
    assert_eq!(line["away"][0]["disk"], "b", "neither a gap nor deleted: {line}");
    let held = disks(&rig)[1].2;
    assert!(held >= 2, "its footage keeps its rows");
    rig.wait_recording(&[0, 1]);
    seconds(3);
    let ended = now();
    disk.plug(&aside);
    wait_until("it to be taken up", PATIENCE * 2, || (disks(&rig)[1].1 == "here").then_some(()));
    wait_until("the notice to go", PATIENCE, || (notices(&rig, "disk_away.b") == 0).then_some(()));
    assert!(rig.server.stop().success());
    let config = rig.server.folder().join("jifang.toml").display().to_string();
    let listed = support::server::jifang(&["disk", "--config", &config, "list"]);
    let said = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.status.success() && said.contains("b  active  here"), "{said}");
    let refused = support::server::jifang(&["disk", "--config", &config, "replace", "b"]);
    assert_eq!(refused.status.code(), Some(1), "a disk that is there is emptied, not given up");
    let check = support::server::jifang(&["check", "--config", &config, "--json"]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    block_on(async {
        let disks = vec![disk_config("b", &disk), disk_config("c", &spare)];
        let config = StoreConfig { data: rig.server.data(), disks, ..StoreConfig::default() };
        let store = Store::open(&config, now()).await.expect("the store opens");
        for camera in &rig.cameras {
            let gaps = store.gaps(*camera, began, ended.plus_ms(-3_000)).await.expect("gaps");
            assert!(gaps.is_empty(), "full, pulled and back without a gap: {gaps:?}");
            assert_eq!(store.timeline(*camera, began, ended).await.expect("a timeline").away, []);
        }
        sound(&store).await;
        store.close().await;
    });
    drop(rig);
    drop((disk, spare));
}

fn disk_config(name: &str, disk: &SmallDisk) -> DiskConfig {
    DiskConfig {
        name: name.into(),
        path: disk.path().to_path_buf(),
        reserve_bytes: None,
        min_priority: 0,
        cameras: vec![],
        state: domain::storage::DiskState::Active,
    }
}

/// The library that shows a process another system clock.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").expect("/usr/lib").filter_map(Result::ok);
    let found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.is_file());
    found.expect("the Debian package faketime; `cargo xtask test` installs it")
}

#[test]
fn a_clock_that_steps_reorders_nothing_is_told_and_is_not_believed_by_deletion() {
    const HOUR_S: i64 = 3_600;
    let mut disk = None;
    // So little room above the reserve that each look asks what may be deleted.
    let plan = Plan {
        eyes: vec![Eye::new(Kind::GbUdp), Eye::new(Kind::Rtsp)],
        reserve_bytes: Some(600 << 20),
        ..Plan::default()
    };
    let mut rig = Rig::build_on(plan, |data| disk = SmallDisk::mount(data, 840));
    if disk.is_none() {
        eprintln!("left out: only root may mount a small disk");
        return;
    }
    let clock = rig.server.folder().join("clock");
    let step = |seconds: i64| {
        // Whole or not at all: the library reads the file at each look at the clock.
        let new = clock.with_extension("new");
        std::fs::write(&new, format!("{seconds:+}")).and_then(|()| std::fs::rename(&new, &clock)).expect("a file");
    };
    step(0);
    for (name, value) in [
        ("LD_PRELOAD", faketime().display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ("NO_FAKE_STAT", "1".to_owned()),
    ] {
        rig.server.set_env(name, &value);
    }
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    seconds(4);
    let began = now();

    step(HOUR_S);
    wait_until("the jump forward to be told", PATIENCE, || (notices(&rig, "clock_jump") == 1).then_some(()));
    seconds(6);
    step(0);
    wait_until("the jump back to be told", PATIENCE, || (notices(&rig, "clock_back") == 1).then_some(()));
    rig.wait_recording(&[0, 1]);
    seconds(6);
    assert_eq!(lines(&rig, "system clock jumped"), 2, "each step once");
    let jumps = lines(&rig, "system clock jumped");
    // By that clock everything is past its term.
    step(400 * 24 * HOUR_S);
    wait_until("the great jump", PATIENCE, || (lines(&rig, "system clock jumped") > jumps).then_some(()));
    seconds(25);
    assert!(rig.server.stop().success());
    assert_eq!(lines(&rig, "containers deleted"), 0, "deletion waits until a person has looked at the clock");
    block_on(async {
        let store = rig.open().await;
        let far = UtcMs(i64::MAX / 4);
        for camera in &rig.cameras {
            let all = store.fragments(*camera, UtcMs(0), far).await.expect("footage");
            assert!(all.len() > 8, "it went on recording: {}", all.len());
            for pair in all.windows(2) {
                assert_eq!(pair[1].frag.seq, pair[0].frag.seq + 1);
                assert!(pair[1].frag.start >= pair[0].frag.end().plus_ms(-SLEW_MS), "never reordered");
            }
            let gaps = store.gaps(*camera, began, far).await.expect("gaps");
            let hours = |g: &store::footage::read::GapRow| g.to.map(|to| (to.since(g.from) + 1_800_000) / 3_600_000);
            let steps: Vec<_> = gaps.iter().filter(|g| g.cause == GapCause::ClockStep).filter_map(hours).collect();
            assert_eq!(steps, [1, 9_599], "an hour, then what was left of four hundred days: {gaps:?}");
        }
        assert_eq!(acts(&store, "clock.step").await, 3);
        assert_eq!(acts(&store, "footage.deleted").await, 0);
        sound(&store).await;
        store.close().await;
    });
    drop(rig);
    drop(disk);
}
