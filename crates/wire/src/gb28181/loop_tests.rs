//! The platform and devices wired to each other in memory, with simulated time, loss and duplication.
//!
//! [`World`] carries messages between one platform and some devices: UDP with loss, repeats and latency, TCP cut at
//! random places. Nothing reads a clock, so minutes pass in milliseconds and every run is the same.

use super::device::{Device, DeviceConfig, DeviceEvent, SsrcAnswer};
use super::digest::Algorithm;
use super::manscdp::CatalogItem;
use super::platform::{
    CommandError, DeviceEntry, EndedBy, Event, Invite, OfflineReason, Platform, PlatformConfig, RegisterRefusal,
    SessionId,
};
use super::sdp::{MediaTransport, Ssrc};
use super::*;
use base::{MonoMs, Now, UtcMs};
use std::collections::BTreeMap;

#[path = "asked_tests.rs"]
mod asked;
#[path = "lower_tests.rs"]
mod lower;

fn seeded(seed: u64) -> Rng {
    let mut state = seed;
    Rng::new(move || splitmix(&mut state))
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn gb(serial: u32) -> GbId {
    GbId::parse(&format!("3402000000132{serial:07}")).expect("twenty digits")
}

fn platform_id() -> GbId {
    GbId::parse("34020000002000000001").expect("twenty digits")
}

fn addr(text: &str) -> SocketAddr {
    text.parse().expect("address")
}

const PLATFORM: &str = "192.0.2.1:5060";

enum Packet {
    ToPlatform(Option<ConnId>, SocketAddr, Vec<u8>),
    ToDevice(usize, Option<ConnId>, Vec<u8>),
}

struct Camera {
    device: Device,
    source: SocketAddr,
    conn: Option<ConnId>,
    /// Powered off: hears and says nothing.
    dead: bool,
}

struct World {
    ms: u64,
    platform: Platform,
    cameras: Vec<Camera>,
    wire: BTreeMap<(u64, u64), Packet>,
    sequence: u64,
    random: u64,
    /// Lost and repeated datagrams, per cent.
    loss: u64,
    repeat: u64,
    events: Vec<Event>,
    device_events: Vec<(usize, DeviceEvent)>,
    /// How cameras answer; `None`: they let it ring.
    answer: Option<SsrcAnswer>,
    next_conn: u64,
    sent: Vec<String>,
}

impl World {
    fn new(tune: impl FnOnce(&mut PlatformConfig)) -> Self {
        let mut config = PlatformConfig::new(platform_id(), addr(PLATFORM));
        tune(&mut config);
        Self {
            ms: 1_000,
            platform: Platform::new(config, seeded(1)),
            cameras: Vec::new(),
            wire: BTreeMap::new(),
            sequence: 0,
            random: 7,
            loss: 0,
            repeat: 0,
            events: Vec::new(),
            device_events: Vec::new(),
            answer: Some(SsrcAnswer::Echo),
            next_conn: 0,
            sent: Vec::new(),
        }
    }

    fn now(&self) -> Now {
        Now { mono: MonoMs(self.ms), utc: UtcMs(1_763_740_800_000 + i64::try_from(self.ms).expect("small")) }
    }

    /// A camera at `source`, let in with its password, started.
    fn camera(&mut self, serial: u32, source: &str, tune: impl FnOnce(&mut DeviceConfig)) -> usize {
        self.platform.allow(gb(serial), DeviceEntry::password("12345678")).expect("room");
        let mut config = DeviceConfig::new(gb(serial), "12345678", platform_id(), addr(PLATFORM), addr(source));
        tune(&mut config);
        let seed = 1_000 + self.cameras.len() as u64;
        let device = Device::new(config, seeded(seed));
        self.cameras.push(Camera { device, source: addr(source), conn: None, dead: false });
        let index = self.cameras.len() - 1;
        let now = self.now();
        self.cameras[index].device.start(now);
        self.drain();
        index
    }

    fn chance(&mut self, percent: u64) -> bool {
        splitmix(&mut self.random) % 100 < percent
    }

    fn put(&mut self, packet: Packet, delay: u64) {
        self.sequence += 1;
        self.wire.insert((self.ms + delay, self.sequence), packet);
    }

    fn datagram(&mut self, make: impl Fn() -> Packet) {
        if self.chance(self.loss) {
            return;
        }
        let delay = 5 + splitmix(&mut self.random) % 20;
        self.put(make(), delay);
        if self.chance(self.repeat) {
            self.put(make(), delay + 30);
        }
    }

    /// TCP: whole, in order, but cut anywhere.
    fn stream(&mut self, bytes: &[u8], make: impl Fn(Vec<u8>) -> Packet) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let cut = 1 + usize::try_from(splitmix(&mut self.random)).expect("64 bit") % rest.len();
            self.put(make(rest[..cut].to_vec()), 10);
            rest = &rest[cut..];
        }
    }

    fn drain(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.platform.poll_output() {
                quiet = false;
                match output {
                    Output::Send { to, bytes } => {
                        self.sent.push(String::from_utf8_lossy(&bytes).into_owned());
                        self.carry_down(to, bytes);
                    }
                    Output::Close { conn } => self.close(conn),
                    Output::Event(event) => self.events.push(event),
                }
            }
            for index in 0..self.cameras.len() {
                while let Some(output) = self.cameras[index].device.poll_output() {
                    quiet = false;
                    self.carry_up(index, output);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn carry_down(&mut self, to: Peer, bytes: Vec<u8>) {
        match to {
            Peer::Udp(to) => {
                if let Some(index) = self.cameras.iter().rposition(|c| c.source == to) {
                    self.datagram(|| Packet::ToDevice(index, None, bytes.clone()));
                }
            }
            Peer::Tcp(conn) => {
                if let Some(index) = self.cameras.iter().position(|c| c.conn == Some(conn)) {
                    self.stream(&bytes, |part| Packet::ToDevice(index, Some(conn), part));
                }
            }
        }
    }

    fn carry_up(&mut self, index: usize, output: super::device::DeviceOutput) {
        let (source, dead, now) = (self.cameras[index].source, self.cameras[index].dead, self.now());
        match output {
            Output::Send { .. } if dead => {}
            Output::Send { to: Peer::Udp(_), bytes } => {
                self.datagram(|| Packet::ToPlatform(None, source, bytes.clone()))
            }
            Output::Send { to: Peer::Tcp(conn), bytes } => {
                self.stream(&bytes, |part| Packet::ToPlatform(Some(conn), source, part));
            }
            Output::Close { conn } => self.close(conn),
            Output::Event(event) => {
                if matches!(event, DeviceEvent::ConnectWanted { .. }) {
                    self.next_conn += 1;
                    let conn = ConnId(self.next_conn);
                    self.cameras[index].conn = Some(conn);
                    self.platform.handle(Input::TcpOpened { conn, from: source }, now);
                    self.cameras[index].device.handle(Input::TcpOpened { conn, from: addr(PLATFORM) }, now);
                }
                if let (DeviceEvent::PlayRequested { call, .. }, Some(ssrc)) = (&event, self.answer) {
                    self.cameras[index].device.answer(*call, addr("198.51.100.9:7000"), ssrc, now).expect("rings");
                }
                self.device_events.push((index, event));
            }
        }
    }

    fn close(&mut self, conn: ConnId) {
        let now = self.now();
        self.platform.handle(Input::TcpClosed { conn }, now);
        if let Some(camera) = self.cameras.iter_mut().find(|c| c.conn == Some(conn)) {
            camera.conn = None;
            camera.device.handle(Input::TcpClosed { conn }, now);
        }
        self.drain();
    }

    fn run(&mut self, ms: u64) {
        let end = self.ms + ms;
        for _ in 0..2_000_000 {
            let wire = self.wire.keys().next().map(|(at, _)| *at);
            let cameras = self.cameras.iter().filter(|c| !c.dead).filter_map(|c| c.device.next_deadline());
            let timers = cameras.chain(self.platform.next_deadline()).map(|at| at.0);
            let Some(at) = timers.chain(wire).min().filter(|at| *at <= end) else {
                self.ms = end;
                return;
            };
            self.ms = self.ms.max(at);
            let now = self.now();
            while let Some(entry) = self.wire.first_entry().filter(|e| e.key().0 <= now.mono.0) {
                match entry.remove() {
                    Packet::ToPlatform(None, from, bytes) => {
                        self.platform.handle(Input::Datagram { from, bytes: &bytes }, now)
                    }
                    Packet::ToPlatform(Some(conn), _, bytes) => {
                        self.platform.handle(Input::TcpBytes { conn, bytes: &bytes }, now)
                    }
                    Packet::ToDevice(index, ..) if self.cameras[index].dead => {}
                    Packet::ToDevice(index, None, bytes) => {
                        self.cameras[index].device.handle(Input::Datagram { from: addr(PLATFORM), bytes: &bytes }, now);
                    }
                    Packet::ToDevice(index, Some(conn), bytes) => {
                        self.cameras[index].device.handle(Input::TcpBytes { conn, bytes: &bytes }, now);
                    }
                }
                self.drain();
            }
            self.platform.handle(Input::Tick, now);
            self.cameras.iter_mut().filter(|c| !c.dead).for_each(|c| c.device.handle(Input::Tick, now));
            self.drain();
        }
        panic!("the world does not come to rest");
    }

    fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|e| is(e)).count()
    }

    fn device_count(&self, is: impl Fn(&DeviceEvent) -> bool) -> usize {
        self.device_events.iter().filter(|(_, e)| is(e)).count()
    }

    fn invite(&mut self, session: u64, serial: u32, transport: MediaTransport) {
        let invite = Invite {
            session: SessionId(session),
            device: gb(serial),
            channel: gb(serial),
            ssrc: Ssrc(200_000_001),
            media: addr("192.0.2.1:10000"),
            transport,
        };
        let now = self.now();
        self.platform.invite(&invite, now).expect("online");
        self.drain();
    }

    /// Removes and returns what was told so far.
    fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

fn is_registered(event: &Event) -> bool {
    matches!(event, Event::Registered { .. })
}

#[test]
fn registers_by_udp_and_tcp_with_the_best_hash_both_know() {
    let mut world = World::new(|_| {});
    world.camera(1, "198.51.100.1:5060", |_| {});
    world.camera(2, "198.51.100.2:5060", |c| c.algorithms = vec![Algorithm::Md5]);
    world.camera(3, "198.51.100.3:40000", |c| {
        c.tcp = true;
        c.gb_version = None;
    });
    world.run(2_000);
    let mut seen: Vec<_> = world
        .take()
        .into_iter()
        .filter_map(|e| match e {
            Event::Registered { device, peer, algorithm, version, expires_s, .. } => {
                Some((device, peer.is_reliable(), algorithm, version, expires_s))
            }
            _ => None,
        })
        .collect();
    seen.sort_by_key(|row| row.0);
    let v3 = Some("3.0".to_owned());
    assert_eq!(
        seen,
        vec![
            (gb(1), false, Algorithm::Sha256, v3.clone(), 3_600),
            (gb(2), false, Algorithm::Md5, v3, 3_600),
            (gb(3), true, Algorithm::Sha256, None, 3_600),
        ]
    );
    let date = world.device_events.iter().find_map(|(_, e)| match e {
        DeviceEvent::Registered { date, .. } => *date,
        _ => None,
    });
    assert!(date.is_some_and(|d| d.0 >= 1_763_740_801_000), "Date is the platform's clock: {date:?}");
    assert!(
        world
            .sent
            .iter()
            .any(|m| m.contains("401 Unauthorized") && m.contains("algorithm=MD5") && m.contains("algorithm=SHA-256"))
    );
    assert_eq!(world.platform.online_devices(), 3);
}

#[test]
fn a_day_of_keepalives_and_renewals_under_loss_never_goes_offline() {
    let mut world = World::new(|_| {});
    world.loss = 20;
    world.repeat = 20;
    for n in 1..=5 {
        world.camera(n, &format!("198.51.100.{n}:5060"), |_| {});
    }
    world.run(6 * 3_600_000);
    assert_eq!(world.count(|e| matches!(e, Event::Offline { .. })), 0);
    assert!(world.count(is_registered) >= 5);
    assert!(world.count(|e| matches!(e, Event::Refreshed { .. })) >= 5 * 7, "renewed about every 40 minutes");
    let alive = world.count(|e| matches!(e, Event::Keepalive { ok: true, .. }));
    assert!((5 * 355..=5 * 361).contains(&alive), "each keepalive is told once: {alive}");
    assert_eq!(
        world
            .count(|e| matches!(e, Event::Malformed { .. } | Event::IdConflict { .. } | Event::RegisterRefused { .. })),
        0
    );
}

#[test]
fn unknown_devices_and_wrong_passwords_are_refused_and_told_once_a_minute() {
    let mut world = World::new(|_| {});
    world.camera(1, "198.51.100.1:5060", |c| {
        c.password = base::Pii::new("wrong".into());
        c.retry_ms = 5_000;
    });
    world.camera(2, "198.51.100.2:5060", |c| c.id = gb(99));
    world.run(50_000);
    let refused: Vec<_> = world
        .take()
        .into_iter()
        .map(|e| match e {
            Event::RegisterRefused { device, why, .. } => (device, why),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(refused, vec![(gb(99), RegisterRefusal::UnknownDevice), (gb(1), RegisterRefusal::WrongPassword)]);
    assert!(world.device_count(|e| matches!(e, DeviceEvent::RegisterFailed { code: Some(403) })) >= 5);
    assert_eq!(world.platform.online_devices(), 0);
}

#[test]
fn three_missed_keepalives_and_the_device_is_offline_then_resumes() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(130_000);
    world.take();
    world.cameras[camera].dead = true;
    // The last keepalive came at about 121 s; three intervals and the grace later the device is offline.
    let last = world.platform.device(gb(1)).expect("registered").last_seen.0;
    world.run(last + 184_000 - world.ms);
    assert_eq!(world.take(), vec![]);
    world.run(2_000);
    assert_eq!(world.take(), vec![Event::Offline { device: gb(1), reason: OfflineReason::KeepaliveMissed }]);
    let now = world.now();
    assert_eq!(world.platform.query_catalog(gb(1), now), Err(CommandError::NotOnline));
    world.cameras[camera].dead = false;
    world.run(70_000);
    assert!(world.take().contains(&Event::Resumed { device: gb(1) }));
    assert!(world.platform.device(gb(1)).is_some_and(|d| d.online));
}

#[test]
fn deregistering_and_expiry_end_a_registration() {
    let mut world = World::new(|c| c.expires_s = (60, 100));
    let camera = world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(1_000);
    let now = world.now();
    world.cameras[camera].device.stop(now);
    world.drain();
    world.run(1_000);
    assert_eq!(world.count(|e| *e == Event::Offline { device: gb(1), reason: OfflineReason::Deregistered }), 1);
    assert_eq!(world.device_count(|e| *e == DeviceEvent::Deregistered), 1);
    let second = world.camera(2, "198.51.100.2:5060", |_| {});
    world.run(1_000);
    world.cameras[second].dead = true;
    world.run(101_000);
    assert_eq!(world.count(|e| *e == Event::Offline { device: gb(2), reason: OfflineReason::Expired }), 1);
}

#[test]
fn two_devices_of_one_code_behind_one_address_are_told() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(1_000);
    // One change and back is a router's doing.
    world.cameras[camera].source = addr("198.51.100.1:61000");
    world.run(61_000);
    world.cameras[camera].source = addr("198.51.100.1:5060");
    world.run(61_000);
    assert_eq!(world.count(|e| matches!(e, Event::IdConflict { .. })), 0);
    world.camera(1, "198.51.100.1:5062", |_| {});
    world.run(301_000);
    let told = world.count(|e| matches!(e, Event::IdConflict { authenticated: true, .. }));
    assert!((1..=5).contains(&told), "told, and at most once a minute: {told}");
}

#[test]
fn signalling_follows_a_new_port_but_not_a_new_host() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(1_000);
    world.cameras[camera].source = addr("198.51.100.1:61000");
    world.run(60_000);
    assert_eq!(world.count(|e| *e == Event::Moved { device: gb(1), addr: addr("198.51.100.1:61000") }), 1);
    let now = world.now();
    world.platform.query_device_info(gb(1), now).expect("online");
    world.drain();
    world.run(1_000);
    assert_eq!(world.count(|e| matches!(e, Event::DeviceInfo { .. })), 1, "the question reached the new port");
    world.take();
    // Another host, unauthenticated: refused and told; after three refusals the device registers from there.
    world.cameras[camera].source = addr("203.0.113.7:5060");
    world.run(61_000);
    let conflict = Event::IdConflict {
        device: gb(1),
        old: addr("198.51.100.1:61000"),
        new: addr("203.0.113.7:5060"),
        authenticated: false,
    };
    assert_eq!(world.take(), vec![conflict]);
    world.run(130_000);
    assert!(
        world.events.iter().any(|e| matches!(e, Event::Registered { addr: a, .. } if *a == addr("203.0.113.7:5060")))
    );
}

#[test]
fn two_devices_with_one_code_the_latest_to_authenticate_wins_and_it_is_told() {
    let mut world = World::new(|_| {});
    world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(10_000);
    world.camera(1, "203.0.113.7:5060", |_| {});
    world.run(10_000);
    let conflicts: Vec<_> = world.events.iter().filter(|e| matches!(e, Event::IdConflict { .. })).cloned().collect();
    let (old, new) = (addr("198.51.100.1:5060"), addr("203.0.113.7:5060"));
    assert_eq!(conflicts, vec![Event::IdConflict { device: gb(1), old, new, authenticated: true }]);
    assert_eq!(world.platform.device(gb(1)).map(|d| d.addr), Some(new));
    // Two on one host show themselves when the first contact comes back.
    let mut world = World::new(|_| {});
    world.camera(1, "198.51.100.1:5060", |_| {});
    world.camera(1, "198.51.100.1:5062", |_| {});
    world.run(3_000_000);
    assert!(world.count(|e| matches!(e, Event::IdConflict { authenticated: true, .. })) >= 1);
}

#[test]
fn a_register_flood_is_stopped_and_does_not_touch_others() {
    let mut world = World::new(|_| {});
    world.camera(1, "198.51.100.1:5060", |c| {
        c.password = base::Pii::new("wrong".into());
        c.retry_ms = 10;
    });
    world.camera(2, "198.51.100.2:5060", |_| {});
    world.run(30_000);
    let count = |code: &str| world.sent.iter().filter(|m| m.starts_with(&format!("SIP/2.0 {code}"))).count();
    assert!(count("503") > 100, "{}", count("503"));
    assert!(count("401") + count("403") <= 20 + 10 + 4, "{} {}", count("401"), count("403"));
    assert_eq!(world.count(|e| matches!(e, Event::RegisterRefused { why: RegisterRefusal::Flood, .. })), 1);
    assert_eq!(world.platform.online_devices(), 1);
}

fn channels(count: usize) -> Vec<CatalogItem> {
    let item = |n: usize| CatalogItem {
        device_id: gb(u32::try_from(1_000 + n).expect("small")).to_string(),
        name: format!("通道 {n}"),
        online: Some(n.is_multiple_of(2)),
        ..CatalogItem::default()
    };
    (0..count).map(item).collect()
}

#[test]
fn a_lost_tcp_connection_is_offline_and_the_device_comes_back() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:40000", |c| c.tcp = true);
    world.run(2_000);
    world.invite(1, 1, MediaTransport::TcpPassive);
    world.run(1_000);
    let conn = world.cameras[camera].conn.expect("connected");
    world.close(conn);
    assert_eq!(world.count(|e| *e == Event::Offline { device: gb(1), reason: OfflineReason::ConnectionLost }), 1);
    assert_eq!(world.count(|e| *e == Event::StreamEnded { session: SessionId(1), by: EndedBy::DeviceOffline }), 1);
    world.run(5_000);
    assert_eq!(world.count(is_registered), 2);
    assert!(world.cameras[camera].device.is_registered());
}

#[test]
fn after_a_platform_restart_devices_are_sent_back_to_register() {
    let mut world = World::new(|_| {});
    world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(2_000);
    let mut config = PlatformConfig::new(platform_id(), addr(PLATFORM));
    config.realm = "other".into();
    world.platform = Platform::new(config, seeded(99));
    world.platform.allow(gb(1), DeviceEntry::password("12345678")).expect("room");
    world.run(200_000);
    assert_eq!(world.device_count(|e| *e == DeviceEvent::PlatformLost), 1);
    assert_eq!(world.platform.online_devices(), 1);
}

#[test]
fn thousands_of_devices_register_fall_silent_and_are_each_told_once() {
    const DEVICES: u32 = 2_000;
    let config = PlatformConfig::new(platform_id(), addr(PLATFORM));
    let mut platform = Platform::new(config, seeded(1));
    let mut registered = 0;
    for n in 0..DEVICES {
        platform.allow(gb(n), DeviceEntry::password("12345678")).expect("room");
        let source = SocketAddr::from(([10, 0, (n / 200) as u8, (n % 200) as u8], 5060));
        let config = DeviceConfig::new(gb(n), "12345678", platform_id(), addr(PLATFORM), source);
        let mut device = Device::new(config, seeded(u64::from(n)));
        let now = Now { mono: MonoMs(u64::from(n)), utc: UtcMs(0) };
        device.start(now);
        while let Some(output) = device.poll_output() {
            if let Output::Send { bytes, .. } = output {
                platform.handle(Input::Datagram { from: source, bytes: &bytes }, now);
            }
            while let Some(output) = platform.poll_output() {
                match output {
                    Output::Send { bytes, .. } => {
                        device.handle(Input::Datagram { from: addr(PLATFORM), bytes: &bytes }, now)
                    }
                    Output::Event(Event::Registered { .. }) => registered += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert_eq!((registered, platform.online_devices()), (DEVICES, DEVICES as usize));
    // All fall silent: every one is told, once, and nothing is left to do but expiry.
    let mut offline = 0;
    while let Some(at) = platform.next_deadline().filter(|at| at.0 < 300_000) {
        platform.handle(Input::Tick, Now { mono: at, utc: UtcMs(0) });
        while let Some(output) = platform.poll_output() {
            offline += u32::from(matches!(output, Output::Event(Event::Offline { .. })));
        }
    }
    assert_eq!((offline, platform.online_devices()), (DEVICES, 0));
}
