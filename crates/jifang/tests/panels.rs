//! Alarm panels and upper platforms at their pages, and a panel that sends ten thousand frames a second: the others are heard in time,
//! the desk stays usable, and a person is told in words who it is.
//!
//! The server is the real binary; panels are sockets of this test.

use crate::support;

use base::{Pii, UtcMs};
use domain::access::Role;
use domain::alarm::SourceName;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::alarm_sources::{AlarmSource, Zone};
use store::journal::Position;
use support::browser::Browser;
use support::http::Client;
use support::people::{make_people, sign_in};
use support::rig::{PASSWORD, block_on, now, open};
use support::screen::{check_access, check_keyboard, check_page};
use support::server::Server;
use support::{PATIENCE, upper, wait_until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

const SIZES: [(u32, u32); 3] = [(1440, 900), (390, 844), (1920, 1080)];
const KEY: &str = "00112233445566778899AABBCCDDEEFF";
/// Frames a second of the panel that went mad.
const FLOOD_PER_S: u64 = 10_000;
/// How long it does so at least: a slow machine longer, until it has sent as much.
const FLOOD: Duration = Duration::from_secs(6);
const FLOOD_FRAMES: u64 = FLOOD_PER_S * 4;
/// In the midst of the flood.
const ANSWERED: Duration = Duration::from_secs(5);
/// A panel repeats after 20 s at the earliest: nobody may wait longer, however slow the machine is.
const REPEATED: Duration = Duration::from_secs(20);

fn panel(account: &str, name: &str, key: Option<&str>, supervision_s: Option<u32>) -> AlarmSource {
    AlarmSource {
        source: SourceName::dc09(account),
        name: name.into(),
        place: "一层营业厅".into(),
        key: key.map(|k| Pii::new(k.to_owned())),
        supervision_s,
        quirks: "{}".into(),
        lost: None,
        created: UtcMs(0),
        removed: None,
    }
}

/// A site with an administrator, a manager and a guard, and what `fill` puts into it; running.
fn site(fill: impl AsyncFnOnce(&store::Store, base::AccountId)) -> Server {
    let mut server = Server::prepared(|data, ports| {
        format!(
            "data = {data:?}\nhttp = \"127.0.0.1:{}\"\n[site]\nsip = \"127.0.0.1:{}\"\ngb_media = \"127.0.0.1:{}\"\n\
             dc09 = \"127.0.0.1:{}\"\nlive = \"127.0.0.1:{}\"\nreserve_bytes = 1000000\n",
            ports.http, ports.sip, ports.media, ports.dc09, ports.live
        )
    });
    let roles = [("admin", Role::Administrator), ("manager", Role::SecurityManager), ("duty", Role::DutyOfficer)];
    make_people(&server.data(), "示范银行", &roles);
    block_on(async {
        let store = open(&server.data()).await;
        let by = store.account_by_login("admin").await.expect("the database").expect("an account").id;
        fill(&store, by).await;
        store.close().await;
    });
    server.start_again();
    server
}

fn frame(account: &str, n: u64, code: &str) -> Vec<u8> {
    let body =
        format!("\"ADM-CID\"{:04}L0#{account}[#{account}|{code} {:02} {:03}]", n % 9_999 + 1, n / 999 % 99, n % 999);
    wire::dc09::split::enframe(body.as_bytes())
}

/// Sends frames as fast as asked for, half as datagrams and half over a connection, until `stop`; counts them.
fn flood(to: SocketAddr, frames: &[Vec<u8>], stop: &AtomicBool, sent: &AtomicU64) {
    let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let mut tcp = TcpStream::connect(to).expect("a connection");
    tcp.set_nonblocking(true).expect("a socket");
    let began = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        let due = u64::try_from(began.elapsed().as_millis()).unwrap_or(0) * FLOOD_PER_S / 1_000;
        let first = sent.load(Ordering::Relaxed);
        // A tenth of a second at most, then it looks whether to stop.
        for n in first..due.min(first + FLOOD_PER_S / 10) {
            let frame = &frames[usize::try_from(n).expect("small") % frames.len()];
            let _ = if n % 2 == 0 { udp.send_to(frame, to).map(|_| ()) } else { tcp.write_all(frame) };
            sent.store(n + 1, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// One alarm from another address; how long until it was acknowledged.
async fn alarm(from: &str, to: SocketAddr, n: u64) -> Duration {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(from.parse().expect("an address")).expect("bound");
    let began = Instant::now();
    let mut tcp = socket.connect(to).await.expect("connected");
    tcp.write_all(&frame("A001", n, "1130")).await.expect("sent");
    let mut answer = [0; 256];
    let length = tokio::time::timeout(Duration::from_secs(60), tcp.read(&mut answer)).await.expect("an answer");
    let text = String::from_utf8_lossy(&answer[..length.expect("read")]).into_owned();
    assert!(text.contains("\"ACK\""), "{text}");
    began.elapsed()
}

fn notices(client: &mut Client, code: &str) -> Vec<serde_json::Value> {
    let json = client.get("/api/v1/notices").expect(200).json();
    let list = json["notices"].as_array().cloned().unwrap_or_default();
    list.into_iter().filter(|n| n["code"] == code).collect()
}

#[test]
fn ten_thousand_frames_a_second_from_one_address_leave_the_desk_usable_and_are_told() {
    let mut server = site(async |store, by| {
        for row in [panel("A001", "柜台主机", None, None), panel("B001", "地下室主机", None, None)] {
            store.put_alarm_source(&row, by, now()).await.expect("stored");
        }
    });
    let to = SocketAddr::from(([127, 0, 0, 1], server.ports.dc09));
    let mut duty = sign_in(&server, "duty", PASSWORD);
    // Made beforehand: the sender must not be what is slow.
    let frames: Vec<_> = (0..FLOOD_PER_S * 6).map(|n| frame("B001", n, "1602")).collect();
    let (stop, sent) = (AtomicBool::new(false), AtomicU64::new(0));
    let (mut alarms, mut pages, mut rounds) = (Vec::new(), Vec::new(), 0);
    std::thread::scope(|scope| {
        scope.spawn(|| flood(to, &frames, &stop, &sent));
        let began = Instant::now();
        let flooded = || sent.load(Ordering::Relaxed) >= FLOOD_FRAMES || began.elapsed() > PATIENCE;
        while began.elapsed() < FLOOD || !flooded() {
            rounds += 1;
            alarms.push(block_on(alarm("127.0.0.2:0", to, rounds)));
            let asked = Instant::now();
            duty.get("/alarms").expect(200);
            pages.push(asked.elapsed());
        }
        stop.store(true, Ordering::Relaxed);
    });
    let sent = sent.into_inner();
    [&mut alarms, &mut pages].iter_mut().for_each(|times| times.sort_unstable());
    let [of_alarms, of_pages] = [&alarms, &pages].map(|times| (times[times.len() / 2], times[times.len() - 1]));
    println!(
        "flood of {sent} frames; {rounds} alarms beside it, median and slowest {of_alarms:?}; the desk's page {of_pages:?}"
    );
    assert!(sent >= FLOOD_FRAMES, "it was a flood: {sent}");
    for (median, slowest) in [of_alarms, of_pages] {
        assert!(median < ANSWERED && slowest < REPEATED, "{of_alarms:?} {of_pages:?}");
    }
    // The alarm that mattered is on the desk, and somebody is told whose fault the noise is and what to do.
    wait_until("the alarm on the desk", PATIENCE, || {
        duty.get("/alarms").expect(200).text().contains("柜台主机").then_some(())
    });
    let mut manager = sign_in(&server, "manager", PASSWORD);
    let told = wait_until("the notice", PATIENCE, || notices(&mut manager, "alarm_flood").first().cloned());
    for lang in ["zh", "en"] {
        let words = told[lang].as_str().unwrap_or_default();
        assert!(words.contains("127.0.0.1") && words.contains("dc09_rate"), "{told}");
    }
    let page = manager.get("/panels").expect(200).text();
    assert!(page.contains("限速：丢弃数据报") && page.contains("127.0.0.1"), "{page}");
    // Nothing that was acknowledged is lost, and nothing is there twice.
    server.stop();
    let kept = block_on(async {
        let store = open(&server.data()).await;
        let read = store.journal().read_from(Position(0), 100_000).await.expect("the journal is read");
        store.close().await;
        read.entries.iter().filter(|(_, signal)| signal.code == "1130").count()
    });
    assert_eq!(kept as u64, rounds);
}

/// Panels in every state, a stranger, and two platforms; running, with one panel heard and one with another key.
fn everything() -> Server {
    let server = site(async |store, by| {
        for row in [
            panel("A001", "柜台报警主机", None, Some(600)),
            panel("A002", "金库报警主机，地下一层东侧尽头的值班室内（备用电源在门后）", Some(KEY), None),
            panel("A003", "停车场", Some(KEY), Some(2)),
            panel("A004", "后门", None, None),
        ] {
            store.put_alarm_source(&row, by, now()).await.expect("stored");
        }
        for number in 1..=12 {
            let name = format!("防区{number}");
            let zone = Zone {
                source: SourceName::dc09("A001"),
                number,
                name,
                place: "一层营业厅".into(),
                cameras: Vec::new(),
            };
            store.put_zone(&zone, by, now()).await.expect("stored");
        }
        let row = upper::row("127.0.0.1:9", &[]);
        let text = base::Text::new("新增上级平台", "Upper platform added");
        store.put_upper(&row, "upper.added", text, by, now()).await.expect("stored");
    });
    let to = SocketAddr::from(([127, 0, 0, 1], server.ports.dc09));
    block_on(async {
        alarm("127.0.0.2:0", to, 1).await;
        let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        // Not encrypted though it has a key; an account nobody has; a wrong sum.
        for bytes in [frame("A002", 1, "1130"), frame("9F9F", 1, "1130"), b"\n00000013\"NULL\"0000L0#A001[]\r".to_vec()]
        {
            udp.send_to(&bytes, to).await.expect("sent");
        }
    });
    server
}

fn everywhere(page: &Browser, server: &Server, who: &Client, name: &str, path: &str) {
    for (lang, tag) in [("zh", "zh-CN"), ("en", "en")] {
        let mut cookies = who.cookies.clone();
        cookies.insert("lang".into(), lang.into());
        cookies.remove("flash");
        page.go(&server.url("/login"));
        page.take_cookies(&cookies);
        page.go(&server.url(path));
        assert_eq!(page.page_language(), tag, "{path}");
        for dark in [false, true] {
            page.prefer_dark(dark);
            check_access(page);
            for (width, height) in SIZES {
                page.window_size(width, height);
                check_page(page);
                page.screenshot(&format!("{name}-{lang}-{width}{}", if dark { "-dark" } else { "" }));
            }
        }
        page.prefer_dark(false);
        page.window_size(SIZES[0].0, SIZES[0].1);
        check_keyboard(page);
    }
}

#[test]
fn pages_of_panels_and_platforms_in_both_languages_light_and_dark_wide_and_narrow() {
    let server = everything();
    let manager = sign_in(&server, "manager", PASSWORD);
    let mut asks = sign_in(&server, "manager", PASSWORD);
    let html = wait_until("the silent panel and the stranger", PATIENCE, || {
        let html = asks.get("/panels").expect(200).text();
        (html.contains("失联") && html.contains("9F9F")).then_some(html)
    });
    // What needs a person stands first, and says why in words.
    let place = |name: &str| html.find(name).unwrap_or_else(|| panic!("{name} is not there"));
    assert!(place("停车场") < place("金库报警主机") && place("金库报警主机") < place("柜台报警主机"), "by need");
    assert!(html.contains("未加密，而本账号要求加密"), "{html}");
    let page = Browser::start();
    for (name, path) in [
        ("panels", "/panels"),
        ("panel", "/panels/A001"),
        ("panel-faulty", "/panels/A002"),
        ("panel-new", "/panels/new?account=9F9F"),
        ("platforms", "/platforms"),
        ("platform-new", "/platforms/new"),
    ] {
        everywhere(&page, &server, &manager, name, path);
    }
    page.assert_quiet_console(&[]);
}

#[test]
fn empty_lists_say_how_to_begin() {
    let server = site(async |_, _| ());
    let manager = sign_in(&server, "manager", PASSWORD);
    let page = Browser::start();
    for (name, path) in [("panels-none", "/panels"), ("platforms-none", "/platforms")] {
        everywhere(&page, &server, &manager, name, path);
        assert!(page.has(".empty"), "{path}");
    }
}
