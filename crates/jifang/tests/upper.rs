//! Networking with the police against the real binary: an upper platform of another process registers us, lists, watches, and is
//! refused what the law does not allow; and devices that report alarms.
//!
//! Pictures that arrive above are decoded by ffmpeg; the log, the register and the desk are read afterwards and must tell the story.

use crate::support;

use base::UtcMs;
use domain::alarm::{Class, Event, SourceName};
use std::process::Command;
use std::time::{Duration, Instant};
use store::Store;
use store::journal::Position;
use support::rig::{Eye, Kind, Plan, Rig, block_on, gb_id, now};
use support::upper::{UpperSim, put, row, settle};
use support::{PATIENCE, people, wait_until};

/// Code by which the platform knows the RTSP camera.
const RTSP_CODE: &str = "23010000001320000001";

fn plan(eyes: Vec<Eye>) -> Plan {
    Plan { eyes, people: true, ..Plan::default() }
}

/// The page of the only platform, as the manager sees it.
fn platform_page(rig: &Rig, id: base::UpperId) -> String {
    rig.manager_client().get(&format!("/platforms/{id}")).expect(200).text()
}

fn notices(rig: &Rig) -> Vec<String> {
    let json = rig.manager_client().get("/api/v1/notices").expect(200).json();
    let list = json["notices"].as_array().cloned().unwrap_or_default();
    list.iter().filter(|n| n["code"] == "upper_view").map(|n| n["zh"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Codec and decodable pictures of a file.
fn decoded(file: &std::path::Path) -> (String, u64) {
    let out = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-count_frames",
            "-show_entries",
            "stream=codec_name,nb_read_frames",
        ])
        .args(["-of", "csv=p=0"])
        .arg(file)
        .output()
        .expect("ffprobe runs");
    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    let (codec, frames) = text.split_once(',').unwrap_or_else(|| panic!("ffprobe: {text} {out:?}"));
    (codec.to_owned(), frames.trim_end_matches(',').parse().expect("a number"))
}

async fn kinds(store: &Store, from: UtcMs) -> Vec<String> {
    let filter = store::logbook::ActFilter { from: Some(from), ..Default::default() };
    let acts = store.acts(&filter, 1_000).await.expect("acts");
    acts.iter().map(|a| a.kind.clone()).collect()
}

#[test]
fn a_platform_above_registers_us_lists_watches_in_every_transport_and_all_of_it_is_on_record() {
    let began = now();
    let mut upper = UpperSim::start(&[]);
    let mut rig = Rig::build(plan(vec![Eye::new(Kind::GbUdp), Eye::new(Kind::Rtsp), Eye::new(Kind::GbTcp)]));
    let channels = [(rig.cameras[0], gb_id(0)), (rig.cameras[1], RTSP_CODE.to_owned())];
    let row = row(&upper.address, &channels);
    block_on(async {
        let store = rig.open().await;
        put(&store, &row, &rig).await;
        store.close().await;
    });
    rig.server.start_again();
    assert!(upper.wait("registered ").ends_with("MD5") || upper.wait("registered ").ends_with("SHA-256"));
    upper.wait("keepalive true");
    rig.wait_recording(&[0, 1, 2]);
    let on = |upper: &mut UpperSim| {
        upper.order("catalog");
        upper.lines().iter().filter(|l| l.starts_with("channel ") && l.contains(" on ")).count() >= 2
    };
    wait_until("both channels to be listed as online", PATIENCE, || {
        std::thread::sleep(Duration::from_millis(500));
        on(&mut upper).then_some(())
    });
    upper.wait("catalog 2 true");
    assert!(!upper.lines().iter().any(|l| l.contains(&gb_id(2))), "what was not chosen is not known above");
    upper.order("info");
    upper.wait("info 试验单位 jifang");

    // Several viewers, each in another transport.
    let file = rig.server.folder().join("above.ps");
    upper.order(&format!("play {} udp {}", gb_id(0), file.display()));
    upper.wait_pictures(1, 40);
    upper.order(&format!("play {} tcp", gb_id(0)));
    upper.wait_pictures(2, 15);
    upper.order(&format!("play {RTSP_CODE} tcp-active"));
    upper.wait_pictures(3, 15);
    let sounds = upper.wait_for("sound above", |l| l.starts_with("media 3 ") && !l.contains(" sounds 0 "));
    assert!(sounds.contains(" strays 0 lost 0"), "{sounds}");
    let shown = notices(&rig);
    assert_eq!(shown.len(), 2, "one notice a camera: {shown:?}");
    assert!(shown[0].contains("市公安局视频专网") && shown[0].contains("正在实时查看"), "{shown:?}");
    assert!(platform_page(&rig, row.id).contains("正在查看"));
    let mut duty = people::sign_in(&rig.server, "duty", support::rig::PASSWORD);
    assert!(duty.get("/desk").expect(200).text().contains("正在实时查看"), "the desk says it");

    // What is not theirs.
    upper.order(&format!("play {} udp", gb_id(2)));
    upper.wait("no-stream 4 404");
    upper.order(&format!("control {} guard", gb_id(0)));
    upper.wait("no-answer Control Some(403)");
    let boot = upper.lines().iter().filter(|l| l.starts_with("no-answer Control Some(403)")).count();
    upper.order(&format!("control {} reboot", gb_id(0)));
    wait_until("the refusal of a restart", PATIENCE, || {
        (upper.lines().iter().filter(|l| l.starts_with("no-answer Control Some(403)")).count() > boot).then_some(())
    });

    for session in 1..=3 {
        upper.order(&format!("bye {session}"));
        upper.wait(&format!("ended {session} Platform"));
    }
    wait_until("the notices to go", PATIENCE, || notices(&rig).is_empty().then_some(()));
    let (codec, frames) = decoded(&file);
    assert_eq!(codec, "h264");
    assert!(frames >= 35, "{frames} decoded pictures");

    rig.server.stop();
    upper.wait("offline ");
    block_on(async {
        let store = rig.open().await;
        let views = store.upper_views(row.id, 10).await.expect("views");
        assert_eq!(views.len(), 3);
        assert!(views.iter().all(|v| v.ended.is_some_and(|end| end >= v.began)));
        let kinds = kinds(&store, began).await;
        let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
        assert_eq!((count("upper.view"), count("upper.view_ended")), (3, 3));
        let lines = store.register_lines(None, 10).await.expect("register");
        assert_eq!(lines.iter().filter(|l| l.what == "network" && l.request.is_none() && l.to.is_some()).count(), 3);
        assert!(lines.iter().all(|l| l.reason.contains("联网通知")));
        let report = store.check(&|_, _| {}).await.expect("the check runs");
        assert!(report.holds(), "{:#?}", report.faults);
        store.close().await;
    });
}

#[test]
fn without_ground_in_law_nobody_watches_and_an_emergency_opens_the_way_for_its_time() {
    let began = now();
    let mut upper = UpperSim::start(&["--sha256"]);
    let mut rig = Rig::build(plan(vec![Eye::new(Kind::GbUdp)]));
    let row = row(&upper.address, &[(rig.cameras[0], gb_id(0))]);
    block_on(async {
        let store = rig.open().await;
        let law = law::SiteProfile::new(law::Jurisdiction::Liaoning);
        site::profile::save(
            &store,
            &site::Profile { name: "试验单位".into(), address: String::new(), law },
            None,
            now(),
        )
        .await
        .expect("a profile");
        put(&store, &row, &rig).await;
        store.close().await;
    });
    rig.server.start_again();
    assert!(upper.wait("registered ").ends_with("SHA-256"));
    rig.wait_recording(&[0]);
    upper.order(&format!("play {} udp", gb_id(0)));
    upper.wait("no-stream 1 403");
    // A platform that asks in a loop is logged once.
    upper.order(&format!("play {} udp", gb_id(0)));
    upper.wait("no-stream 2 403");
    assert!(platform_page(&rig, row.id).contains("紧急情况"), "the page says what is missing");

    let mut custodian = people::sign_in(&rig.server, "custodian", support::rig::PASSWORD);
    let path = format!("/platforms/{}", row.id);
    let form = [("reason", "市公安局指挥中心：现场有人持刀"), ("hours", "1")];
    people::sent_to(people::send(&mut custodian, &path, &format!("{path}/emergency"), &form));
    let registered = upper.lines().iter().filter(|l| l.starts_with("registered ")).count();
    wait_until("the link to start anew", PATIENCE, || {
        (upper.lines().iter().filter(|l| l.starts_with("registered ")).count() > registered
            || upper.lines().iter().any(|l| l.starts_with("offline ")))
        .then_some(())
    });
    wait_until("a stream under the emergency", PATIENCE, || {
        upper.order(&format!("play {} udp", gb_id(0)));
        std::thread::sleep(Duration::from_secs(2));
        upper.lines().iter().any(|l| l.starts_with("answered ")).then_some(())
    });
    assert_eq!(notices(&rig).len(), 1);
    // Ended by the custodian, it ends for those who watch.
    people::sent_to(people::send(&mut custodian, &path, &format!("{path}/emergency"), &[("end", "1")]));
    upper.wait_for("the view's end", |l| l.starts_with("ended ") || l.starts_with("offline "));
    wait_until("the notice to go", PATIENCE, || notices(&rig).is_empty().then_some(()));
    rig.server.stop();
    block_on(async {
        let store = rig.open().await;
        let kinds = kinds(&store, began).await;
        assert_eq!(kinds.iter().filter(|k| *k == "act.refused").count(), 1, "{kinds:?}");
        for kind in ["upper.emergency", "upper.view", "upper.view_ended", "upper.emergency_over"] {
            assert!(kinds.iter().any(|k| k == kind), "{kind} in {kinds:?}");
        }
        store.close().await;
    });
}

#[test]
fn a_wrong_password_is_named_and_a_platform_that_goes_and_comes_is_found_again() {
    let mut upper = UpperSim::start(&[]);
    let mut rig = Rig::build(plan(vec![]));
    let mut row = row(&upper.address, &[]);
    row.secret = Some(base::Pii::new("not the password".into()));
    block_on(async {
        let store = rig.open().await;
        put(&store, &row, &rig).await;
        store.close().await;
    });
    rig.server.start_again();
    upper.wait("refused 23010000002000000001 WrongPassword");
    wait_until("the page to name it", PATIENCE, || {
        let page = platform_page(&rig, row.id);
        (page.contains("403") && page.contains("密码不对")).then_some(())
    });
    rig.server.stop();
    block_on(async {
        let store = rig.open().await;
        let right =
            store::uppers::UpperRow { secret: Some(base::Pii::new(support::rig::SECRET.into())), ..row.clone() };
        put(&store, &right, &rig).await;
        store.close().await;
    });
    rig.server.start_again();
    upper.wait("registered ");
    wait_until("the page to say registered", PATIENCE, || platform_page(&rig, row.id).contains("已注册").then_some(()));
    let address = upper.address.clone();
    upper.kill();
    settle();
    let upper = UpperSim::start_at(&address, &[]);
    upper.wait("registered ");
    upper.wait("keepalive true");
}

#[test]
fn nonsense_from_above_is_counted_and_hurts_nobody() {
    let mut upper = UpperSim::start(&[]);
    let mut rig = Rig::build(plan(vec![Eye::new(Kind::GbUdp)]));
    let row = row(&upper.address, &[(rig.cameras[0], gb_id(0))]);
    block_on(async {
        let store = rig.open().await;
        put(&store, &row, &rig).await;
        store.close().await;
    });
    rig.server.start_again();
    upper.wait("registered ");
    rig.wait_recording(&[0]);
    upper.order(&format!("play {} udp", gb_id(0)));
    upper.wait_pictures(1, 5);
    for n in 0..200 {
        upper.order(&format!("nonsense MESSAGE sip:x SIP/2.0\\r\\nVia: {n}"));
        upper.order("nonsense \\r\\n\\r\\n<<<<>>>>");
        upper.order(&format!(
            "nonsense INVITE sip:{} SIP/2.0\\r\\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK{n}\\r\\nCall-ID: c{n}\\r\\nCSeq: 1 INVITE\\r\\nContent-Length: 0\\r\\n\\r\\n",
            gb_id(0)
        ));
    }
    wait_until("it to be counted", PATIENCE, || {
        let page = platform_page(&rig, row.id);
        let (_, rest) = page.split_once("无法理解的报文</dt><dd>")?;
        rest.split('<').next()?.parse::<u64>().ok().filter(|n| *n >= 200)
    });
    let before = upper.lines().iter().filter(|l| l.starts_with("keepalive")).count();
    upper.wait_pictures(1, 60);
    wait_until("keepalives to go on", PATIENCE, || {
        (upper.lines().iter().filter(|l| l.starts_with("keepalive")).count() > before + 2).then_some(())
    });
    upper.order("catalog");
    upper.wait("catalog 1 true");
    rig.wait_recording(&[0]);
}

#[test]
fn a_camera_is_guarded_as_planned_and_told_again_when_it_comes_back() {
    let mut rig = Rig::build(plan(vec![Eye::with(Kind::GbUdp, &["--alarm-every", "1"])]));
    block_on(async {
        let store = rig.open().await;
        let key = site::gb28181::setting_key(rig.cameras[0]);
        store.set_setting(&key, "always", None, now()).await.expect("a setting");
        store.close().await;
    });
    rig.server.start_again();
    let guarded = |rig: &Rig| {
        let page = rig.manager_client().get(&format!("/devices/{}", rig.cameras[0])).expect(200).text();
        page.contains("已布防")
    };
    wait_until("the camera to be guarded", PATIENCE, || guarded(&rig).then_some(()));
    let alarms = |rig: &Rig| {
        let text = rig.server.client().get("/metrics").expect(200).text();
        let line = text.lines().find(|l| l.starts_with("jifang_gb_alarms_total")).map(str::to_owned);
        line.and_then(|l| l.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0)
    };
    wait_until("alarms to come", PATIENCE, || (alarms(&rig) >= 2.0).then_some(()));
    rig.kill_device(0);
    let before = alarms(&rig);
    rig.start_device(0);
    wait_until("alarms of the restarted camera", PATIENCE, || (alarms(&rig) >= before + 2.0).then_some(()));
    wait_until("the camera to be guarded again", PATIENCE, || guarded(&rig).then_some(()));
    rig.server.stop();
    block_on(async {
        let store = rig.open().await;
        let read = store.journal().read_from(Position(0), 100).await.expect("the journal");
        let mine = read.entries.iter().filter(|(_, s)| s.source == SourceName::gb28181(&gb_id(0)));
        let mine: Vec<_> = mine.map(|(_, s)| (s.event, s.code.clone())).collect();
        assert!(mine.len() >= 4, "{mine:?}");
        assert!(mine.iter().all(|s| *s == (Event::Alarm(Class::Video), "method 5 type 6".to_owned())), "{mine:?}");
        store.close().await;
    });
}

#[test]
fn a_contact_input_is_one_alarm_until_it_is_reset_by_hand() {
    let input = "23010000001340000001";
    let sip = support::free_port();
    block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = support::rig::open(&folder.path().join("data")).await;
        let law = law::SiteProfile::new(law::Jurisdiction::Heilongjiang);
        site::profile::save(
            &store,
            &site::Profile { name: "试验单位".into(), address: String::new(), law },
            None,
            now(),
        )
        .await
        .expect("a profile");
        let account = store::accounts::NewAccount {
            login: "manager".into(),
            role: domain::access::Role::SecurityManager,
            name: base::Pii::new("周安".into()),
            badge: None,
            unit: "试验单位".into(),
            password_hash: "no password opens this".into(),
        };
        let manager = store.add_account(&account, None, true, now()).await.expect("an account");
        let any = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        let config = site::SiteConfig {
            sip: (std::net::Ipv4Addr::LOCALHOST, sip).into(),
            gb_media: any,
            dc09: any,
            live: any,
            reserve_bytes: 1_000_000,
            ..site::SiteConfig::default()
        };
        let site = site::Site::start(store, config, site::SiteClock::start()).await.expect("a site");
        let by: site::Actor = site.store().account_by_login("manager").await.expect("rows").expect("an account").into();
        assert_eq!(by.id, manager);
        let form = site::devices::CameraForm {
            name: "东门".into(),
            place: "东门".into(),
            place_kind: law::PlaceKind::Corridor,
            faces_homes: false,
            audio: false,
            installer: law::Installer::ManagingUnit,
            approval: String::new(),
            sign: Some(now()),
            priority: 5,
            source: store::cameras::Source::Gb28181 {
                device: gb_id(0),
                channel: gb_id(0),
                transport: store::cameras::GbTransport::Udp,
            },
            secret: Some(base::Pii::new(support::rig::SECRET.into())),
        };
        let camera = site.add_camera(&by, form).await.expect("a camera");
        site.set_guard(&by, camera.id(), site::gb28181::GuardPlan::Always, "").await.expect("a plan");
        let child = Command::new(support::server::BINARY)
            .args(["sim", "camera", "--gb", &format!("127.0.0.1:{sip}"), "--device", &gb_id(0), "--until-input-ends"])
            .args(["--alarm-every", "1", "--alarm", "2", "--alarm-input", input])
            .env("JIFANG_SIM_PASSWORD", support::rig::SECRET)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("a simulated camera starts");
        let source = SourceName::gb28181(input);
        let count = async |at_least: usize| {
            let until = Instant::now() + PATIENCE;
            while Instant::now() < until {
                let read = site.store().journal().read_from(Position(0), 100).await.expect("the journal");
                let mine = read.entries.iter().filter(|(_, s)| s.source == source).count();
                if mine >= at_least {
                    return mine;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("no {at_least} alarms of the contact");
        };
        assert_eq!(count(1).await, 1);
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(count(1).await, 1, "silent until it is reset");
        let read = site.store().journal().read_from(Position(0), 100).await.expect("the journal");
        let first = &read.entries.iter().find(|(_, s)| s.source == source).expect("one").1;
        assert_eq!((first.event, first.zone), (Event::Alarm(Class::Burglary), 1));
        assert_eq!(site.gb28181().cameras_near(&source), [camera.id()]);
        assert!(site.gb28181().reset_alarm(&source).await);
        assert!(count(2).await >= 2, "after the reset it speaks again");
        assert!(!site.gb28181().reset_alarm(&SourceName::gb28181("23010000001340000099")).await);
        drop(Kill(child));
        site.stop().await;
    });
}

struct Kill(std::process::Child);

impl Drop for Kill {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_alarm_told_above_is_confirmed_and_one_that_does_not_arrive_is_said_so() {
    let mut upper = UpperSim::start(&[]);
    block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = support::rig::open(&folder.path().join("data")).await;
        let account = store::accounts::NewAccount {
            login: "manager".into(),
            role: domain::access::Role::SecurityManager,
            name: base::Pii::new("周安".into()),
            badge: None,
            unit: "试验单位".into(),
            password_hash: "no password opens this".into(),
        };
        let manager = store.add_account(&account, None, true, now()).await.expect("an account");
        let row = row(&upper.address, &[]);
        store.put_upper(&row, "upper.added", base::Text::new("试验。", "Test."), manager, now()).await.expect("a row");
        let any = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        let config = site::SiteConfig { sip: any, gb_media: any, dc09: any, live: any, ..site::SiteConfig::default() };
        let site = site::Site::start(store, config, site::SiteClock::start()).await.expect("a site");
        let alarm = || site::upper::UpperAlarm {
            camera: None,
            priority: 1,
            method: 2,
            kind: None,
            at: now(),
            text: "东门防区入侵".into(),
        };
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if matches!(site.uppers().status(row.id).map(|s| s.registration), Some(site::upper::Registration::Since(_)))
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(site.uppers().report(row.id, alarm()).await, Ok(site::upper::Receipt::Confirmed));
        upper.wait("alarm 23010000002000000001 2 0 东门防区入侵");
        // Subscribed to, it goes as NOTIFY.
        upper.order("subscribe alarm");
        upper.wait("subscribed Alarm 600");
        assert_eq!(site.uppers().report(row.id, alarm()).await, Ok(site::upper::Receipt::Confirmed));
        assert_eq!(site.uppers().status(row.id).map(|s| (s.alarms, s.subscribed)), Some((2, (false, true))));
        let nobody = base::UpperId::new(1, [1; 10]);
        assert_eq!(site.uppers().report(nobody, alarm()).await, Err(site::upper::ReportError::NotRegistered));
        upper.kill();
        let told = site.uppers().report(row.id, alarm()).await;
        assert!(
            matches!(told, Err(site::upper::ReportError::NoAnswer | site::upper::ReportError::NotRegistered)),
            "{told:?}"
        );
        site.stop().await;
    });
}

/// Runs sipp to its end; the last lines of what it says if it fails.
fn sipp(arguments: &[&str], folder: &std::path::Path) {
    let out = Command::new("sipp").args(arguments).current_dir(folder).output().expect("sipp runs");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    let tail: Vec<_> = said.lines().rev().take(60).collect();
    let errors = std::fs::read_dir(folder).expect("a folder").flatten().filter_map(|e| {
        let name = e.file_name().to_string_lossy().into_owned();
        name.contains("errors").then(|| std::fs::read_to_string(e.path()).unwrap_or_default())
    });
    assert!(out.status.success(), "{:?}\n{}\n{}", out.status, errors.collect::<String>(), tail.join("\n"));
}

fn scenario(name: &str) -> String {
    format!("{}/tests/sipp/{name}.xml", env!("CARGO_MANIFEST_DIR"))
}

/// A SIP peer that is not of our own making: challenge, catalogue, unknown channel, live call.
#[test]
fn a_foreign_sip_peer_as_upper_platform_registers_asks_and_calls() {
    let port = support::free_port();
    let mut rig = Rig::build(plan(vec![Eye::new(Kind::GbUdp)]));
    let row = row(&format!("127.0.0.1:{port}"), &[(rig.cameras[0], gb_id(0))]);
    block_on(async {
        let store = rig.open().await;
        put(&store, &row, &rig).await;
        store.close().await;
    });
    let folder = tempfile::tempdir().expect("a folder");
    let messages = folder.path().join("received.log");
    let receiver = Command::new("sipp")
        .args(["-sf", &scenario("register_uas"), "-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin"])
        .args(["-trace_msg", "-message_file", &messages.display().to_string(), "-message_overwrite", "true"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("sipp starts");
    let receiver = Kill(receiver);
    rig.server.start_again();
    let received = || String::from_utf8_lossy(&std::fs::read(&messages).unwrap_or_default()).into_owned();
    wait_until("the registration to be accepted", PATIENCE, || {
        platform_page(&rig, row.id).contains("已注册").then_some(())
    });
    wait_until("keepalives", PATIENCE, || received().contains("<CmdType>Keepalive").then_some(()));
    rig.wait_recording(&[0]);
    let text = received();
    let (_, contact) = text.split_once("Contact: <sip:23010000002000000001@").expect("a Contact");
    let own = contact.split('>').next().unwrap_or_default().to_owned();
    let calls =
        ["-sf", &scenario("ask_uac"), "-m", "1", "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin", "-trace_err"];
    let keys = ["-key", "own", "23010000002000000001", "-key", "channel", &gb_id(0), "-timeout", "40s", &own];
    sipp(&[&calls[..], &keys[..]].concat(), folder.path());
    wait_until("the catalogue at the platform", PATIENCE, || {
        let text = received();
        (text.contains("<SN>17430</SN>") && text.contains("<SumNum>1</SumNum>") && text.contains(&gb_id(0)))
            .then_some(())
    });
    drop(receiver);
    rig.server.stop();
    block_on(async {
        let store = rig.open().await;
        let views = store.upper_views(row.id, 10).await.expect("views");
        assert!(views.len() == 1 && views[0].ended.is_some(), "{views:?}");
        store.close().await;
    });
}

/// The same peer as many devices at once: all are let in, and whoever has a wrong password is not.
#[test]
fn a_flood_of_foreign_devices_registers_and_keeps_alive() {
    const DEVICES: usize = 40;
    let mut rig = Rig::build(plan(vec![]));
    let code = |n: usize| format!("2301000000131001{n:04}");
    block_on(async {
        let store = rig.open().await;
        for n in 0..DEVICES {
            let id = base::CameraId::new(now().0, store::keys::random().expect("random bytes"));
            let source = store::cameras::Source::Gb28181 {
                device: code(n),
                channel: code(n),
                transport: store::cameras::GbTransport::Udp,
            };
            let camera = store::cameras::CameraRow {
                id,
                name: format!("flood {n}"),
                place: "走廊".into(),
                place_kind: law::PlaceKind::Corridor.key().into(),
                faces_homes: false,
                audio: false,
                installer: "managing_unit".into(),
                approval: String::new(),
                sign: Some(now()),
                priority: 5,
                source,
                secret: Some(base::Pii::new(support::rig::SECRET.into())),
                created: now(),
                removed: None,
            };
            store.put_camera(&camera, &[], rig.manager, now()).await.expect("a camera");
        }
        store.close().await;
    });
    rig.server.start_again();
    let folder = tempfile::tempdir().expect("a folder");
    let list = |password: &str| {
        let mut text = "SEQUENTIAL\n".to_owned();
        for n in 0..DEVICES {
            text.push_str(&format!("{};[authentication username={} password={password}]\n", code(n), code(n)));
        }
        text
    };
    let file = folder.path().join("devices.csv");
    std::fs::write(&file, list(support::rig::SECRET)).expect("a file");
    let (count, server) = (DEVICES.to_string(), format!("127.0.0.1:{}", rig.server.ports.sip));
    let file = file.display().to_string();
    let flood = scenario("device_flood");
    let arguments =
        ["-sf", &flood, "-inf", &file, "-m", &count, "-r", "40", "-i", "127.0.0.1", "-nostdin", "-timeout", "40s"];
    sipp(&[&arguments[..], &["-trace_err", &server]].concat(), folder.path());
    let online = || {
        let text = rig.server.client().get("/metrics").expect(200).text();
        let line = text.lines().find(|l| l.starts_with("jifang_gb_devices_online")).map(str::to_owned);
        line.and_then(|l| l.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0)
    };
    wait_until("all to be online", PATIENCE, || (online() >= DEVICES as f64).then_some(()));
    // With a wrong password sipp does not get through.
    std::fs::write(folder.path().join("devices.csv"), list("wrong")).expect("a file");
    let out = Command::new("sipp")
        .args(["-sf", &flood, "-inf", &file, "-m", "1", "-i", "127.0.0.1", "-nostdin", "-timeout", "20s", &server])
        .current_dir(folder.path())
        .output()
        .expect("sipp runs");
    assert!(!out.status.success());
}

/// A hold-up while the platform is away: the incident loop keeps it, tells it once when the platform is back, and the incident says so.
#[test]
fn an_incident_is_told_above_once_also_after_the_platform_was_away() {
    let mut upper = UpperSim::start(&[]);
    let address = upper.address.clone();
    upper.kill();
    block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let store = support::rig::open(&folder.path().join("data")).await;
        let account = store::accounts::NewAccount {
            login: "manager".into(),
            role: domain::access::Role::SecurityManager,
            name: base::Pii::new("周安".into()),
            badge: None,
            unit: "试验单位".into(),
            password_hash: "no password opens this".into(),
        };
        let manager = store.add_account(&account, None, true, now()).await.expect("an account");
        let row = row(&address, &[]);
        store.put_upper(&row, "upper.added", base::Text::new("试验。", "Test."), manager, now()).await.expect("a row");
        let any = std::net::SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        let config = site::SiteConfig { sip: any, gb_media: any, dc09: any, live: any, ..site::SiteConfig::default() };
        let site = site::Site::start(store, config, site::SiteClock::start()).await.expect("a site");
        let signal = domain::alarm::Signal {
            received: now(),
            said: None,
            source: SourceName::dc09("1234"),
            protocol: domain::alarm::Protocol::Dc09Cid,
            code: "1120".into(),
            event: Event::Alarm(Class::HoldUp),
            area: 1,
            zone: 0,
            text: String::new(),
            repeat_key: [1; 16],
        };
        site.store().journal().append(vec![signal]).await.expect("durable");
        let incident = async || {
            let open = site.store().open_incidents().await.expect("rows").0;
            open.into_iter().next().map(|row| row.incident)
        };
        let target = format!("{}{}", store::incidents::UPPER, row.id);
        let mut tried = 0;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(100)).await;
            if let Some(i) = incident().await {
                let reports = site.store().reports_of(i.id).await.expect("rows");
                tried = reports.iter().find(|r| r.target == target).map_or(0, |r| r.attempts);
            }
            if tried > 0 {
                break;
            }
        }
        assert!(tried > 0, "it is tried while nobody is there");
        let upper = UpperSim::start_at(&address, &[]);
        let number = incident().await.expect("it is open").number;
        let told = format!("alarm {} 7 0 {number}", row.config.own);
        let until = Instant::now() + PATIENCE * 2;
        while Instant::now() < until {
            if incident().await.is_some_and(|i| i.upper_told.is_some()) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let i = incident().await.expect("it is open");
        assert!(i.upper_told.is_some() && i.receipt.is_none(), "{:#?}", upper.lines());
        settle();
        let heard = upper.lines().iter().filter(|line| line.starts_with(&told)).count();
        assert_eq!(heard, 1, "{:#?}", upper.lines());
        site.stop().await;
    });
}
