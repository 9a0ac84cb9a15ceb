//! Bad input and faults against the real binary: what is broken is named, and nobody else loses a picture.
//!
//! Each test has a site of its own and breaks one kind of thing; afterwards the stopped site's data is opened and must tell the
//! same story: which camera has which gap, and that the check is clean.

use crate::support;

use base::UtcMs;
use domain::recording::GapCause;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};
use store::Store;
use support::database::{Cable, Database};
use support::device::RudeDevice;
use support::disk::SmallDisk;
use support::http::Response;
use support::rig::{Eye, Kind, Plan, Rig, SECRET, block_on, gb_id, now};
use support::server::jifang;
use support::{PATIENCE, poll, wait_until};

/// Between a picture in the camera and the writer, and the pictures of an unfinished group.
const EDGE_MS: i64 = 3_000;

fn seconds(n: u64) {
    std::thread::sleep(Duration::from_secs(n));
}

/// Bytes that mean nothing; the same in each run.
fn noise(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[1]
    };
    (0..length).map(|_| next()).collect()
}

/// Gaps of a camera that touch a range, as the store has them.
async fn gaps(
    store: &Store,
    rig: &Rig,
    camera: usize,
    from: UtcMs,
    to: UtcMs,
) -> Vec<(GapCause, UtcMs, Option<UtcMs>)> {
    let gaps = store.gaps(rig.cameras[camera], from, to).await.expect("gaps");
    gaps.iter().map(|g| (g.cause, g.from, g.to)).collect()
}

/// Footage of the whole range, and no gap in it.
async fn unbroken(store: &Store, rig: &Rig, camera: usize, from: UtcMs, to: UtcMs) {
    assert_eq!(gaps(store, rig, camera, from, to).await, [], "camera {camera}");
    let line = store.timeline(rig.cameras[camera], from, to).await.expect("a timeline");
    let covered_ms: i64 = line.footage.iter().map(|(a, b)| (*b).min(to).since((*a).max(from)).max(0)).sum();
    assert!(covered_ms >= to.since(from) - 500, "camera {camera}: {covered_ms} of {} ms", to.since(from));
}

async fn sound(store: &Store) {
    let report = store.check(&|_, _| {}).await.expect("the check runs");
    assert!(report.holds(), "{:#?}", report.faults);
}

/// The value of a counter in `/metrics`, all labels with this prefix together.
fn metric(rig: &Rig, prefix: &str) -> f64 {
    let text = rig.server.client().get("/metrics").expect(200).text();
    let lines = text.lines().filter(|line| line.starts_with(prefix));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// Asks for an unlawful deletion: an act that needs database, law and log.
fn act(rig: &Rig) -> std::io::Result<Response> {
    let to = now();
    let body = serde_json::json!({ "camera": rig.cameras[0], "from": to.0 - 60_000, "to": to.0, "reason": "test" });
    let headers = [("content-type", "application/json")];
    rig.manager_client().try_request("POST", "/api/v1/deletions", &headers, body.to_string().as_bytes())
}

fn at(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Opens a connection, writes, reads what comes for a moment; a peer that hangs up meanwhile is fine.
fn tcp(port: u16, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(at(port)).expect("the port listens");
    stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket option");
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.take(100_000).read_to_end(&mut answer);
    answer
}

fn udp(port: u16, datagrams: impl Iterator<Item = Vec<u8>>) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    for datagram in datagrams {
        let _ = socket.send_to(&datagram, at(port));
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn pester_sip(port: u16) {
    udp(port, (0..200).map(|n| noise(n, 20 + usize::try_from(n).expect("small") * 40)));
    let head =
        "REGISTER sip:23010000002000000001@3010000000 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n";
    let cut = (1..head.len()).step_by(7).map(|n| head.as_bytes()[..n].to_vec());
    let odd =
        ["Content-Length: -1", "Content-Length: 99999999999999999999", "CSeq: 4294967296 REGISTER", "Via: \u{1}", "\0"];
    let odd = odd.iter().map(|line| format!("{head}{line}\r\n\r\n").into_bytes());
    udp(port, cut.chain(odd).chain([b"\r\n\r\n".to_vec(), vec![]]));
    tcp(port, &noise(7, 50_000));
    tcp(port, format!("{head}Content-Length: 999999999\r\n\r\n").as_bytes());
    tcp(port, format!("{head}{}", "X: y\r\n".repeat(60_000)).as_bytes());
}

fn pester_media(port: u16) {
    udp(port, (0..300).map(|n| noise(n, 1 + usize::try_from(n).expect("small") * 4)));
    // True RTP of nobody's stream, with noise for a program stream.
    let packet = |n: u8| [&[0x80, 96, 0, n, 0, 0, 0, n, 0xde, 0xad, 0xbe, 0xef][..], &noise(n.into(), 900)].concat();
    udp(port, (0..100).map(packet));
    tcp(port, &noise(9, 50_000));
    let framed: Vec<u8> = (0..50).flat_map(|n| [&912_u16.to_be_bytes()[..], &packet(n)].concat()).collect();
    tcp(port, &framed);
}

fn pester_http(rig: &Rig) {
    let port = rig.server.ports.http;
    tcp(port, &noise(3, 20_000));
    let huge = tcp(port, format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(1_000_000)).as_bytes());
    assert!(huge.is_empty() || huge.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&huge));
    tcp(port, b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    let slow: Vec<_> = (0..50).map(|_| TcpStream::connect(at(port)).expect("the port listens")).collect();
    for mut stream in &slow {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHo");
    }
    // Beside fifty half requests a whole one is answered.
    rig.server.client().get("/healthz").expect(200);
    let mut manager = rig.manager_client();
    let body = vec![b'x'; base::limits::HTTP_BODY_BYTES + 1];
    let large = manager.request("POST", "/api/v1/deletions", &[("content-type", "application/json")], &body);
    assert_eq!(large.expect(413).json()["code"], "too_large");
    let broken = manager.request("POST", "/api/v1/deletions", &[("content-type", "application/json")], b"{\"camera\":");
    assert!(matches!(broken.status, 400 | 422), "{}", broken.text());
}

fn pester_xml(rig: &Rig, id: &str) {
    let mut device = RudeDevice::register(at(rig.server.ports.sip), id, SECRET);
    let keepalive = |id: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>{id}</DeviceID><Status>OK</Status></Notify>"
        )
    };
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]><Notify>&c;</Notify>";
    let deep = format!("{}{}", "<a>".repeat(2_000), "</a>".repeat(2_000));
    let bodies: [Vec<u8>; 9] = [
        b"<Notify><CmdType>Keepalive</Cmd".to_vec(),
        b"not xml at all".to_vec(),
        vec![],
        noise(5, 4_000),
        bomb.into(),
        deep.into(),
        b"<Response><CmdType>Catalog</CmdType><SN>99999999999999999999</SN><SumNum>-5</SumNum></Response>".to_vec(),
        format!("<Notify><CmdType>{}</CmdType></Notify>", "k".repeat(30_000)).into(),
        keepalive("00000000000000000000").into(),
    ];
    for (n, body) in bodies.iter().enumerate() {
        // A refusal, or silence; never a crash, and never a keepalive that was understood from this.
        let answer = device.message(body);
        println!("body {n}: {answer:?}");
    }
    let answer = device.message(keepalive(id).as_bytes());
    assert!(
        answer.as_ref().is_some_and(|a| a.starts_with("SIP/2.0 200")),
        "a true keepalive after all that: {answer:?}"
    );
}

#[test]
fn garbage_on_every_port_costs_nobody_a_picture() {
    let mut rig = Rig::new(&[Kind::GbUdp, Kind::GbTcp, Kind::Rtsp, Kind::GbUdp]);
    rig.kill_device(3);
    rig.server.start_again();
    rig.wait_recording(&[0, 1, 2]);
    seconds(2);
    let from = now();
    pester_sip(rig.server.ports.sip);
    pester_media(rig.server.ports.media);
    pester_http(&rig);
    pester_xml(&rig, &gb_id(3));
    pester_media(rig.server.ports.media);
    let to = now();
    for what in ["sip", "media_udp", "media_tcp"] {
        let name = format!("jifang_gb_malformed_total{{what=\"{what}\"}}");
        assert!(metric(&rig, &name) > 0.0, "{name} counts");
    }
    rig.server.wait_line("who sent what makes no sense", |l| {
        (l.contains("malformed input dropped") && l.contains("127.0.0.1:")).then_some(())
    });
    assert!(metric(&rig, "jifang_http_panics_total") == 0.0);
    assert!(!rig.server.log().iter().any(|l| l.contains("panicked")), "no task panicked");
    rig.wait_footage(&[0, 1, 2], to);
    assert!(rig.server.stop().success());
    block_on(async {
        let store = rig.open().await;
        for camera in 0..3 {
            unbroken(&store, &rig, camera, from, to).await;
        }
        sound(&store).await;
        store.close().await;
    });
}

#[test]
fn a_camera_without_picture_says_why() {
    let stranger = |kind| Eye { password: "not-the-password-on-file", ..Eye::new(kind) };
    let eyes = vec![
        stranger(Kind::GbUdp),
        Eye::with(Kind::GbUdp, &["--silent"]),
        Eye::with(Kind::GbTcp, &["--refuse", "486"]),
        stranger(Kind::Rtsp),
    ];
    let mut rig = Rig::build(Plan { eyes, ..Plan::default() });
    rig.server.start_again();
    let wanted = [
        ("wrong_password", "127.0.0.1:", "密码"),
        ("no_packets", "127.0.0.1:", "没有收到数据包"),
        ("invite_refused", "486", "路数已满"),
        ("wrong_password", "password", "密码"),
    ];
    for (n, (code, en, zh)) in wanted.into_iter().enumerate() {
        let mut last = serde_json::Value::Null;
        let found = poll(PATIENCE * 2, || {
            last = rig.camera_now(n)?;
            (last["diagnosis"]["code"] == code).then_some(())
        });
        assert!(found.is_some(), "camera {n}: no {code} in {last}");
        let said = |lang: &str| last["diagnosis"]["what"][lang].as_str().unwrap_or_default().to_owned();
        assert!(said("en").contains(en) && said("zh").contains(zh), "camera {n}: {last}");
        assert!(!last["diagnosis"]["next"]["zh"].as_str().unwrap_or_default().is_empty(), "what to do: {last}");
        assert_eq!(last["recording"], false);
    }
    assert!(rig.server.stop().success());
}

#[test]
fn two_devices_with_one_code_are_told_and_a_device_that_flaps_has_named_gaps() {
    let mut rig = Rig::new(&[Kind::GbUdp, Kind::GbTcp]);
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    let began = now();

    // One that does not know the password is refused; the first one goes on.
    let stranger = rig.start_double(0, "not-the-password-on-file");
    let refusal = |line: &str| (line.contains("registration refused") && line.contains("WrongPassword")).then_some(());
    rig.server.wait_line("the refusal", refusal);
    seconds(3);
    rig.kill_device(stranger);
    let refused = now();
    // One that knows it takes over or is refused, as the wire sees it; in the end there are pictures again.
    let twin = rig.start_double(0, SECRET);
    let told = |rig: &Rig| {
        rig.server
            .log()
            .iter()
            .filter(|l| l.contains("two devices use one code") && l.contains("authenticated=true"))
            .count()
    };
    wait_until("the conflict of two that know the password", PATIENCE, || (told(&rig) > 0).then_some(()));
    seconds(2);
    rig.kill_device(twin);
    let alone = Instant::now();
    wait_until("the first device's pictures", PATIENCE * 2, || {
        let camera = rig.camera_now(0)?;
        (camera["recording"] == true && alone.elapsed() > Duration::from_secs(2)).then_some(())
    });

    // Fast, so that it is away again before its stream was taken up; then slowly, so that each absence is noticed.
    for _ in 0..3 {
        rig.kill_device(1);
        seconds(1);
        rig.start_device(1);
        seconds(2);
    }
    for _ in 0..2 {
        rig.wait_recording(&[1]);
        seconds(2);
        rig.kill_device(1);
        let silent = |rig: &Rig| rig.camera_now(1).is_some_and(|c| c["recording"] == false);
        wait_until("its silence to be noticed", PATIENCE, || silent(&rig).then_some(()));
        rig.start_device(1);
    }
    rig.wait_recording(&[0, 1]);
    let ended = now();
    assert!(rig.server.stop().success());
    block_on(async {
        let store = rig.open().await;
        unbroken(&store, &rig, 0, began, refused).await;
        let flaps = gaps(&store, &rig, 1, began, ended).await;
        assert!(flaps.len() >= 3, "one or more while it flaps, one for each absence after that: {flaps:?}");
        let named = [GapCause::DeviceOffline, GapCause::NoPackets, GapCause::StreamEnded];
        for (cause, from, to) in gaps(&store, &rig, 0, began, ended).await.into_iter().chain(flaps) {
            assert!(named.contains(&cause), "{cause:?} {from:?} {to:?}");
        }
        sound(&store).await;
        store.close().await;
    });
}

/// Open notices of this code, as the API has them.
fn notices(rig: &Rig, code: &str) -> usize {
    let answer = rig.manager_client().get("/api/v1/notices").expect(200).json();
    let list = answer["notices"].as_array().cloned().unwrap_or_default();
    list.iter().filter(|n| n["code"] == code).count()
}

#[test]
fn a_disk_that_fills_stops_the_least_important_camera_first() {
    const RESERVE_BYTES: u64 = 100 << 20;
    let mut disk = None;
    let eyes = vec![Eye { priority: 9, ..Eye::new(Kind::GbUdp) }, Eye { priority: 2, ..Eye::new(Kind::GbTcp) }];
    let plan = Plan { eyes, reserve_bytes: Some(RESERVE_BYTES), ..Plan::default() };
    let mut rig = Rig::build_on(plan, |data| disk = SmallDisk::mount(data, 900));
    let Some(disk) = disk else {
        eprintln!("left out: no right to mount a small disk");
        return;
    };
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    wait_until("the law's answer", PATIENCE, || act(&rig).is_ok_and(|a| a.status == 403).then_some(()));
    let began = now();

    // Into the reserve: the less important one stops and says why, the other goes on.
    disk.leave(RESERVE_BYTES * 3 / 4);
    let stopped = |rig: &Rig, n: usize| rig.camera_now(n).is_some_and(|c| c["recording"] == false);
    wait_until("the less important camera to stop", PATIENCE, || stopped(&rig, 1).then_some(()));
    wait_until("its notice", PATIENCE, || (notices(&rig, "recording_stopped") == 1).then_some(()));
    seconds(11);
    assert!(!stopped(&rig, 0), "the other one goes on while there is room");
    let full = now();

    // Nothing left at all: the server stays up and says what it cannot do.
    disk.leave(0);
    wait_until("the other camera to stop", PATIENCE, || {
        (metric(&rig, "jifang_cameras_recording") == 0.0).then_some(())
    });
    assert!(rig.server.ended().is_none(), "the server lives");
    rig.server.client().get("/login").expect(200);
    let refused = act(&rig).expect("an answer");
    let refused = refused.expect(503).json();
    assert!(refused["code"] == "store_away" || refused["code"] == "unavailable", "{refused}");

    // Room again: both record again by themselves.
    disk.leave(700 << 20);
    rig.wait_recording(&[0, 1]);
    wait_until("acts to work again", PATIENCE, || act(&rig).is_ok_and(|a| a.status == 403).then_some(()));
    wait_until("the notices to go", PATIENCE, || (notices(&rig, "recording_stopped") == 0).then_some(()));
    seconds(3);
    // The stop keeps whole groups of pictures; what follows the last of them is no footage.
    let ended = now().plus_ms(-EDGE_MS);
    assert!(rig.server.stop().success());
    block_on(async {
        let store = rig.open().await;
        unbroken(&store, &rig, 0, began, full.plus_ms(-EDGE_MS)).await;
        for camera in 0..2 {
            let gaps = gaps(&store, &rig, camera, began, ended).await;
            assert!(!gaps.is_empty() && gaps.iter().all(|g| g.0 == GapCause::DiskFull), "camera {camera}: {gaps:?}");
        }
        sound(&store).await;
        store.close().await;
    });
    drop(rig);
    drop(disk);
}

#[test]
fn a_database_that_is_away_costs_no_footage() {
    let database = Database::new();
    let cable = Cable::to(&database.server());
    let eyes = vec![Eye::new(Kind::GbUdp), Eye::new(Kind::Rtsp)];
    let told = database.url_by(&cable);
    let mut rig = Rig::build(Plan { eyes, database: Some((told, database.url())), ..Plan::default() });
    rig.server.start_again();
    rig.wait_recording(&[0, 1]);
    // The first footage is committed about ten seconds after it began; then there is something to be refused.
    wait_until("the law's answer", PATIENCE, || act(&rig).is_ok_and(|a| a.status == 403).then_some(()));
    let began = now();

    cable.pull();
    let pulled = Instant::now();
    wait_until("the server to notice", PATIENCE, || {
        rig.server.client().try_request("GET", "/healthz", &[], b"").is_ok_and(|a| a.status == 503).then_some(())
    });
    let refused = act(&rig).expect("an answer").expect(503).json();
    assert!(refused["code"] == "store_away" || refused["code"] == "unavailable", "{refused}");
    for lang in ["zh", "en"] {
        assert!(refused["what"][lang].as_str().is_some_and(|words| !words.is_empty()), "{refused}");
    }
    let page = rig.manager_client().request("GET", "/devices", &[("accept-language", "zh")], b"").expect(503);
    assert!(page.text().contains("<html") && page.text().contains("数据库"), "a page with words: {}", page.text());
    assert!(metric(&rig, "jifang_cameras_recording") == 2.0, "recording goes on");
    std::thread::sleep(Duration::from_secs(20).saturating_sub(pulled.elapsed()));
    cable.plug();

    wait_until("acts to work again", PATIENCE, || act(&rig).is_ok_and(|a| a.status == 403).then_some(()));
    let back = now();
    rig.wait_footage(&[0, 1], back);
    assert!(rig.server.stop().success());
    let config = rig.server.folder().join("jifang.toml").display().to_string();
    let check = jifang(&["check", "--config", &config, "--json"]);
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
    block_on(async {
        let store = rig.open().await;
        for camera in 0..2 {
            unbroken(&store, &rig, camera, began, back).await;
        }
        store.close().await;
    });
}
