//! The receiver over real sockets: durable before acknowledged, hostile senders, half-open connections, supervision.

use super::*;
use base::UtcMs;
use domain::alarm::{Class, Event, Protocol, Trouble};
use sim::panel::{Link, Outcome, PanelOptions, Step, parse_script, run_panel};
use store::StoreConfig;
use store::journal::Position;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};

const KEY: &str = "00112233445566778899AABBCCDDEEFF";
/// For what must come, on a slow machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

struct World {
    _dir: tempfile::TempDir,
    store: Store,
    receiver: Receiver,
}

fn row(account: &str, key: Option<&str>, supervision_s: Option<u32>) -> AlarmSource {
    AlarmSource {
        source: SourceName::dc09(account),
        name: "主机".into(),
        place: "一层".into(),
        key: key.map(|k| base::Pii::new(k.to_owned())),
        supervision_s,
        quirks: "{}".into(),
        lost: None,
        created: UtcMs(0),
        removed: None,
    }
}

impl World {
    async fn new(limits: Limits) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let config = StoreConfig { data: dir.path().join("data"), ..StoreConfig::default() };
        let clock = SiteClock::start();
        let store = Store::open(&config, clock.now().utc).await.expect("a store");
        let at = "127.0.0.1:0".parse().unwrap();
        let receiver = Receiver::start(at, &store, clock, limits).await.expect("a port");
        Self { _dir: dir, store, receiver }
    }

    fn options(&self, account: &str) -> PanelOptions {
        PanelOptions { retry_ms: 20_000, ..PanelOptions::new(self.receiver.address(), account) }
    }

    /// The open notice of this code, once there is one that names `what` in both languages.
    async fn told(&self, code: &str, what: &str) -> base::Text {
        for _ in 0..600 {
            let notices = self.store.notices().await.unwrap();
            let named = |n: &&store::notices::Notice| n.text.zh.contains(what) && n.text.en.contains(what);
            if let Some(notice) = notices.iter().filter(|n| n.code == code).find(named) {
                return notice.text.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("nobody was told of {code}");
    }

    /// Waits until `holds`.
    async fn until(&self, what: &str, holds: impl Fn(&Receiver) -> bool) {
        let begun = std::time::Instant::now();
        while !holds(&self.receiver) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn kept(&self) -> Vec<Signal> {
        let read = self.store.journal().read_from(Position(0), 100_000).await.unwrap();
        read.entries.into_iter().map(|(_, s)| s).collect()
    }

    /// Sends steps from a panel; how many were not acknowledged.
    async fn send(&self, options: PanelOptions, script: &str) -> usize {
        run_panel(options, &parse_script(script).unwrap(), |_, _| {}).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_all_kinds_are_in_the_journal_once_they_are_acknowledged() {
    let world = World::new(Limits::default()).await;
    world.receiver.put(&row("1234", None, None));
    world.receiver.put(&row("AB12", Some(KEY), None));
    for udp in [false, true] {
        let sequence = if udp { 100 } else { 0 };
        let plain = PanelOptions { udp, sequence, ..world.options("1234") };
        assert_eq!(world.send(plain.clone(), "null\ncid 1130 01 002\nsia Nri1/HA7^counter^").await, 0);
        let sealed = PanelOptions {
            key: Some(KEY.into()),
            clock_error_ms: 3_600_000,
            ..PanelOptions { account: "ab12".into(), ..plain }
        };
        assert_eq!(world.send(sealed, "null\ncid 1120 01 003\nsia NQQ9").await, 0);
    }
    let kept = world.kept().await;
    let told: Vec<_> = kept.iter().map(|s| (s.source.as_str(), s.code.as_str(), s.event, s.zone)).collect();
    let once = [
        ("dc09:1234", "1130", Event::Alarm(Class::Burglary), 2),
        ("dc09:1234", "NHA", Event::Alarm(Class::HoldUp), 7),
        ("dc09:AB12", "1120", Event::Alarm(Class::HoldUp), 3),
        ("dc09:AB12", "NQQ", Event::Unknown, 9),
    ];
    assert_eq!(told, [once, once].concat());
    assert_eq!((kept[1].text.as_str(), kept[1].protocol, kept[1].area), ("counter", Protocol::Dc09Sia, 1));
    assert!(kept[2].said.is_some() && kept[0].said.is_none());
    let status = world.receiver.account(&SourceName::dc09("AB12")).unwrap();
    assert_eq!((status.events, status.alive, status.faults["clock_off"].count), (4, 2, 2));
    assert!(status.diagnoses(world.receiver.0.clock.now().utc).is_empty(), "the clock was set");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_transmission_is_acknowledged_again_and_kept_once() {
    let world = World::new(Limits::default()).await;
    world.receiver.put(&row("1234", None, None));
    let options = world.options("1234");
    let mut panel = options.panel().unwrap();
    let t = panel.contact_id("1130 01 002");
    for _ in 0..3 {
        // A connection of its own each time, as after a lost answer.
        let sent = Link::new(options.clone()).send(&mut panel, &t).await;
        assert_eq!(sent.outcome, Outcome::Acknowledged);
    }
    assert_eq!(world.kept().await.len(), 1);
    assert_eq!(world.receiver.account(&SourceName::dc09("1234")).unwrap().repeats, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_that_could_not_be_kept() {
    let world = World::new(Limits::default()).await;
    world.receiver.put(&row("1234", None, None));
    world.store.journal().close().await;
    let options = PanelOptions { tries: 2, retry_ms: 2_000, ..world.options("1234") };
    let mut ways = Vec::new();
    let script = [Step::Null, Step::ContactId("1130 01 002".into())];
    run_panel(options, &script, |_, sent| ways.push(sent.outcome)).await.unwrap();
    assert_eq!(ways, [Outcome::Acknowledged, Outcome::Unanswered], "a sign of life needs no journal");
    assert!(world.receiver.status().journal_fault);
    for _ in 0..600 {
        if world.store.notices().await.unwrap().iter().any(|n| n.code == "journal_fault") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a person is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_and_wrong_keys_are_counted_and_told_in_words() {
    let world = World::new(Limits::default()).await;
    world.receiver.put(&row("1234", Some(KEY), None));
    let once = |o: PanelOptions| PanelOptions { tries: 1, retry_ms: 1_000, ..o };
    assert_eq!(world.send(once(world.options("9999")), "cid 1130 01 002").await, 1);
    assert_eq!(world.send(once(world.options("1234")), "cid 1130 01 002").await, 1);
    let other = PanelOptions { key: Some("5".repeat(32)), ..once(world.options("1234")) };
    assert_eq!(world.send(other, "cid 1130 01 002").await, 1);
    let mut tcp = TcpStream::connect(world.receiver.address()).await.unwrap();
    tcp.write_all(b"\n1F750023\"SIA-DCS\"0001L0#1234[#1234|Nri1BA1]\r\n1F740022\"SIA-DCS\"0001L0#1234[#1234|Nri1BA1]\rGET / HTTP/1.1\r\n").await.unwrap();
    let mut buffer = [0; 64];
    let silent = tokio::time::timeout(Duration::from_millis(500), tcp.read(&mut buffer)).await;
    assert!(silent.is_err(), "wrong sums and lengths get no answer");
    world.until("all of it to be read", |receiver| receiver.status().noise[2] > 0).await;
    let status = world.receiver.status();
    assert_eq!((status.unknown[0].account.as_str(), status.unknown[0].count), ("9999", 1));
    assert_eq!(&status.noise[..2], &[1, 1]);
    assert!(status.noise[2] > 0 && status.noise_from.is_some());
    let account = world.receiver.account(&SourceName::dc09("1234")).unwrap();
    let codes: Vec<_> = account.diagnoses(world.receiver.0.clock.now().utc).iter().map(|d| d.code).collect();
    assert_eq!(codes, ["wrong_key", "not_encrypted", "never_heard"][..2]);
    assert!(world.kept().await.is_empty());
}

/// A panel that speaks from another loopback address than the rest of the test.
async fn elsewhere(to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

/// One event over an open connection; the time until it is acknowledged.
async fn exchange(tcp: &mut TcpStream, n: u32) -> Duration {
    let body = format!("\"ADM-CID\"{:04}L0#1234[#1234|1130 01 {:03}]", n % 9_999 + 1, n % 999);
    let start = std::time::Instant::now();
    tcp.write_all(&wire::dc09::split::enframe(body.as_bytes())).await.unwrap();
    let mut buffer = [0; 256];
    // A panel repeats after 20 s at the earliest: who is not heard in that time is hurt.
    let n = tokio::time::timeout(Duration::from_secs(20), tcp.read(&mut buffer)).await.expect("an answer").unwrap();
    assert!(String::from_utf8_lossy(&buffer[..n]).contains("\"ACK\""));
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_connections_end_and_do_not_keep_others_out() {
    let limits = Limits { connections: (2_000, 300), half_open_ms: 1_500, ..Limits::default() };
    let world = World::new(limits).await;
    world.receiver.put(&row("1234", None, None));
    let to = world.receiver.address();
    let mut held = Vec::new();
    for n in 0..1_000_u32 {
        let Ok(Ok(mut tcp)) = tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(to)).await else {
            continue;
        };
        // Some say nothing, some begin a frame and trickle.
        if n % 2 == 0 {
            let _ = tcp.write_all(b"\n5BCA0013\"NU").await;
        }
        held.push(tcp);
    }
    assert!(world.receiver.status().connections <= 301, "{}", world.receiver.status().connections);
    let mut good = elsewhere(to).await;
    exchange(&mut good, 1).await;
    let begin = std::time::Instant::now();
    while world.receiver.status().connections > 1 {
        assert!(begin.elapsed() < PATIENCE, "{} still open", world.receiver.status().connections);
        for tcp in held.iter_mut().step_by(20) {
            let _ = tcp.try_write(b"L");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    exchange(&mut good, 2).await;
    assert_eq!(world.kept().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_from_one_address_does_not_hurt_another() {
    let world = World::new(Limits { rate: (200, 200), ..Limits::default() }).await;
    world.receiver.put(&row("1234", None, None));
    let to = world.receiver.address();
    let began = std::time::Instant::now();
    let flood = tokio::spawn(async move {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut tcp = TcpStream::connect(to).await.unwrap();
        for n in 0..20_000_u32 {
            let body = format!("\"ADM-CID\"{:04}L0#1234[#1234|1602 {:02} {:03}]", n % 9_999 + 1, n / 999 % 99, n % 999);
            let frame = wire::dc09::split::enframe(body.as_bytes());
            let _ = udp.send_to(&frame, to).await;
            let _ = tcp.try_write(&frame);
            if n % 100 == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        let _ = tcp.shutdown().await;
    });
    let mut good = elsewhere(to).await;
    let mut times = Vec::new();
    for n in 0..40 {
        times.push(exchange(&mut good, n).await);
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    times.sort_unstable();
    assert!(times[20] < Duration::from_secs(5), "{times:?}");
    world
        .until("the flood to be held", |receiver| {
            let held = receiver.status().held;
            held.datagrams > 0 && held.waits > 0
        })
        .await;
    let mine = world.kept().await.iter().filter(|s| s.code == "1130").count();
    assert_eq!(mine, 40, "every event of the other address is kept");
    flood.abort();
    let kept = world.kept().await.len() - 40;
    // Burst and rate for as long as it took, and what is read at once.
    let most = 200 + 200 * (began.elapsed().as_secs() as usize + 1) + 2_000;
    assert!(kept < most, "the flood was held to its rate: {kept} of at most {most}");
    let held = world.receiver.status().held;
    assert!(held.datagrams > 0 && held.waits > 0, "{held:?}");
    assert_eq!(held.from, Some("127.0.0.1".parse().unwrap()), "the address is named");
    assert!(world.told("alarm_flood", "127.0.0.1").await.zh.contains("dc09_rate"), "and what to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_panel_is_lost_once_and_comes_back_also_over_a_restart() {
    let world = World::new(Limits::default()).await;
    let mut panel = row("1234", None, Some(1));
    let by = base::AccountId::new(1, [1; 10]);
    world.store.put_alarm_source(&panel, by, UtcMs(1)).await.unwrap();
    world.receiver.put(&panel);
    let told = |kept: &[Signal]| kept.iter().map(|s| s.code.clone()).collect::<Vec<_>>();
    let wait = async |count: usize| {
        for _ in 0..600 {
            if world.kept().await.len() >= count {
                return told(&world.kept().await);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("only {:?}", told(&world.kept().await));
    };
    assert_eq!(wait(1).await, ["path_lost"]);
    assert_eq!(world.kept().await[0].event, Event::Trouble(Trouble::Path));
    for _ in 0..600 {
        if world.store.alarm_sources().await.unwrap()[0].lost.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(world.store.alarm_sources().await.unwrap()[0].lost.is_some(), "remembered for the next start");
    world.until("the page to say so", |r| r.account(&panel.source).unwrap().lost && r.status().lost == 1).await;
    // Another receiver on the same rows, as after a restart.
    world.receiver.stop();
    let again = Receiver::start("127.0.0.1:0".parse().unwrap(), &world.store, SiteClock::start(), Limits::default())
        .await
        .unwrap();
    assert!(again.account(&panel.source).unwrap().lost);
    // From here on it may be silent for longer than this test takes to look.
    panel.supervision_s = Some(5);
    again.put(&panel);
    assert!(again.account(&panel.source).unwrap().lost, "still");
    assert_eq!(world.send(PanelOptions::new(again.address(), "1234"), "null").await, 0);
    assert_eq!(wait(2).await, ["path_lost", "path_back"], "the loss is not told a second time");
    panel.removed = Some(UtcMs(9));
    again.remove(&panel.source);
    tokio::time::sleep(Duration::from_millis(5_600)).await;
    assert_eq!(world.kept().await.len(), 2, "a removed panel is not missed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_frames_of_one_read_are_answered_in_order() {
    let world = World::new(Limits::default()).await;
    world.receiver.put(&row("1234", None, None));
    let mut tcp = TcpStream::connect(world.receiver.address()).await.unwrap();
    let mut sent = Vec::new();
    for n in 1..=60 {
        sent.extend(wire::dc09::split::enframe(format!("\"ADM-CID\"{n:04}L0#1234[#1234|1130 01 {n:03}]").as_bytes()));
        sent.extend(wire::dc09::split::enframe(b"\"NULL\"0000L0#1234[]"));
    }
    for part in sent.chunks(97) {
        tcp.write_all(part).await.unwrap();
    }
    let (mut got, mut buffer) = (String::new(), [0; 4_096]);
    while got.matches("\"ACK\"").count() < 120 {
        let n = tokio::time::timeout(PATIENCE, tcp.read(&mut buffer)).await.expect("answers").unwrap();
        got.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
    }
    let order: Vec<_> = got.split("\"ACK\"").skip(1).map(|part| part[..4].to_owned()).filter(|n| n != "0000").collect();
    assert_eq!(order, (1..=60).map(|n| format!("{n:04}")).collect::<Vec<_>>());
    assert_eq!(world.kept().await.len(), 60);
}
