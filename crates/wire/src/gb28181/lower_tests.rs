//! The device machine as a platform towards the one above it: subscriptions, refusals, redirection, keepalive misses, alarms.

use super::*;
use crate::gb28181::device::Topic;
use crate::gb28181::manscdp::{Alarm, CatalogEvent, Control};
use crate::gb28181::sip::{self, Message, Method};

/// A lower platform with four channels, registered.
fn lower(world: &mut World) -> usize {
    let index = world.camera(1, "198.51.100.1:5060", |c| {
        c.channels = channels(4);
        (c.obeys, c.only_platform) = (false, true);
    });
    world.run(2_000);
    world.take();
    index
}

#[test]
fn what_changes_is_told_to_the_platform_that_subscribed() {
    let mut world = World::new(|_| {});
    let index = lower(&mut world);
    let now = world.now();
    let mut changed = channels(4);
    changed[2].online = Some(false);
    world.cameras[index].device.set_channels(changed.clone(), now);
    world.platform.subscribe(gb(1), Topic::Catalog, 600, now).expect("online");
    world.drain();
    world.run(2_000);
    let events = world.take();
    assert!(events.contains(&Event::Subscribed { device: gb(1), topic: Topic::Catalog, expires_s: 600 }), "{events:?}");
    assert_eq!(
        events.iter().filter(|e| matches!(e, Event::CatalogChanged { .. })).count(),
        0,
        "what was before is not told"
    );
    let now = world.now();
    changed[2].online = Some(true);
    changed.remove(0);
    world.cameras[index].device.set_channels(changed.clone(), now);
    world.drain();
    world.run(2_000);
    let told: Vec<_> = world
        .take()
        .into_iter()
        .filter_map(|e| if let Event::CatalogChanged { changes, .. } = e { Some(changes) } else { None })
        .flatten()
        .map(|c| c.event)
        .collect();
    assert_eq!(told, [CatalogEvent::Deleted, CatalogEvent::On]);
    // It runs out.
    world.run(600_000);
    let now = world.now();
    assert!(!world.cameras[index].device.is_subscribed(Topic::Catalog, now.mono));
    world.cameras[index].device.set_channels(channels(4), now);
    world.drain();
    world.run(2_000);
    assert!(!world.take().iter().any(|e| matches!(e, Event::CatalogChanged { .. })));
}

#[test]
fn alarms_go_as_notify_to_who_subscribed_and_as_message_otherwise_and_are_taken() {
    let mut world = World::new(|_| {});
    let index = lower(&mut world);
    let alarm = Alarm { priority: Some(1), method: Some(5), alarm_type: Some(6), ..Alarm::default() };
    let now = world.now();
    let first = world.cameras[index].device.alarm(gb(1), alarm.clone(), now).expect("registered");
    world.platform.subscribe(gb(1), Topic::Alarm, 600, now).expect("online");
    world.drain();
    world.run(2_000);
    let now = world.now();
    let second = world.cameras[index].device.alarm(gb(1), alarm.clone(), now).expect("registered");
    world.drain();
    world.run(2_000);
    for sn in [first, second] {
        let wanted = Event::Alarm { device: gb(1), source: gb(1), sn, alarm: alarm.clone() };
        assert_eq!(world.events.iter().filter(|e| **e == wanted).count(), 1);
        assert_eq!(world.device_count(|e| *e == DeviceEvent::AlarmTaken { sn }), 1);
    }
    let answered = |what: &str| world.sent.iter().filter(|m| m.starts_with("SIP/2.0 200") && m.contains(what)).count();
    assert_eq!(answered(" NOTIFY\r\n"), 1, "the second went as NOTIFY");
    world.platform.remove(gb(1), now);
    world.drain();
    let now = world.now();
    let third = world.cameras[index].device.alarm(gb(1), alarm, now).expect("registered");
    world.drain();
    world.run(2_000);
    assert_eq!(world.device_count(|e| *e == DeviceEvent::AlarmFailed { sn: third, code: Some(403) }), 1);
}

#[test]
fn a_platform_above_gets_what_it_may_and_a_code_for_the_rest() {
    let mut world = World::new(|_| {});
    let index = lower(&mut world);
    let now = world.now();
    let order = world.platform.control(gb(1), gb(1), Control::SetGuard, now).expect("online");
    let boot = world.platform.control(gb(1), gb(1), Control::Reboot, now).expect("online");
    world.platform.control(gb(1), gb(1), Control::KeyFrame, now).expect("online");
    let invite = Invite {
        session: SessionId(1),
        device: gb(1),
        channel: gb(999),
        ssrc: Ssrc(200_000_001),
        media: addr("192.0.2.1:10000"),
        transport: MediaTransport::Udp,
    };
    world.platform.invite(&invite, now).expect("online");
    world.drain();
    world.run(3_000);
    let events = world.take();
    let refused =
        |sn| events.iter().any(|e| matches!(e, Event::QueryFailed { sn: s, code: Some(403), .. } if *s == sn));
    assert!(refused(order) && refused(boot), "{events:?}");
    assert!(events.iter().any(|e| matches!(e, Event::StreamRefused { code: 404, .. })), "{events:?}");
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::Controlled { order: Control::KeyFrame, .. })), 1);
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::Controlled { .. })), 1);
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::Refused { code: 403, .. })), 2);
    // A stranger with the same words gets nothing, and the machine tells of it.
    let device = &mut world.cameras[index].device;
    let query = "MESSAGE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKs\r\nFrom: <sip:a@b>;tag=1\r\n\
                 To: <sip:x@y>\r\nCall-ID: s1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n";
    device.handle(Input::Datagram { from: addr("203.0.113.9:5060"), bytes: query.as_bytes() }, now);
    let mut seen = Vec::new();
    while let Some(output) = device.poll_output() {
        seen.push(output);
    }
    let refusal = seen.iter().any(|o| matches!(o, Output::Send { bytes, .. } if bytes.starts_with(b"SIP/2.0 403")));
    assert!(
        refusal && seen.contains(&Output::Event(DeviceEvent::Refused { what: "MESSAGE".into(), code: 403 })),
        "{seen:?}"
    );
}

/// One device without a world around it: what it sends, and answers built to it.
struct Alone {
    device: Device,
    ms: u64,
}

impl Alone {
    fn new() -> Self {
        let mut config = DeviceConfig::new(gb(1), "12345678", platform_id(), addr(PLATFORM), addr("198.51.100.1:5060"));
        config.retry_ms = 60_000;
        config.keepalive_ms = 10_000;
        let mut alone = Self { device: Device::new(config, seeded(5)), ms: 1_000 };
        let now = alone.now();
        alone.device.start(now);
        alone
    }

    fn now(&self) -> Now {
        Now { mono: MonoMs(self.ms), utc: UtcMs(1_763_740_800_000) }
    }

    /// Requests sent since the last call, with where they go.
    fn sent(&mut self) -> Vec<(SocketAddr, Message)> {
        let mut out = Vec::new();
        while let Some(output) = self.device.poll_output() {
            if let Output::Send { to: Peer::Udp(to), bytes } = output {
                out.push((to, sip::parse(&bytes).expect("our own words")));
            }
        }
        out
    }

    fn answer(&mut self, from: SocketAddr, request: &Message, code: u16, header: Option<(&str, &str)>) {
        let mut response = Message::response(request, code, "t");
        if let Some((name, value)) = header {
            response = response.with(name, value);
        }
        let now = self.now();
        self.device.handle(Input::Datagram { from, bytes: &response.to_bytes() }, now);
    }

    fn tick(&mut self, ms: u64) {
        self.ms += ms;
        let now = self.now();
        self.device.handle(Input::Tick, now);
    }
}

#[test]
fn a_redirection_is_followed_once_and_a_refusal_there_leads_back_after_a_minute() {
    let (home, other) = (addr(PLATFORM), addr("203.0.113.50:5061"));
    let mut alone = Alone::new();
    let (to, register) = alone.sent().pop().expect("REGISTER");
    assert_eq!(to, home);
    alone.answer(home, &register, 302, Some(("Contact", "<sip:34020000002000000002@203.0.113.50:5061>")));
    alone.tick(1);
    let (to, again) = alone.sent().pop().expect("REGISTER at the other server");
    assert_eq!((to, again.method()), (other, Some(Method::Register)));
    assert_ne!(again.call_id(), register.call_id());
    // A second redirection is refused, so that two servers cannot send us to and fro.
    alone.answer(other, &again, 302, Some(("Contact", "<sip:x@203.0.113.51:5060>")));
    alone.tick(1);
    assert_eq!(alone.sent().len(), 0);
    alone.tick(59_000);
    assert_eq!(alone.sent().len(), 0, "at least a minute after a failure");
    alone.tick(1_000);
    let (to, home_again) = alone.sent().pop().expect("REGISTER at home");
    assert_eq!(to, home);
    // A name instead of an address is no way.
    alone.answer(home, &home_again, 302, Some(("Contact", "<sip:x@sip.example.com>")));
    alone.tick(60_001);
    assert_eq!(alone.sent().pop().map(|(to, _)| to), Some(home));
}

#[test]
fn keepalives_without_answer_are_counted_and_the_third_registers_again() {
    let mut alone = Alone::new();
    let (_, register) = alone.sent().pop().expect("REGISTER");
    alone.answer(addr(PLATFORM), &register, 200, Some(("Expires", "86400")));
    assert!(alone.device.is_registered());
    let mut events = Vec::new();
    for _ in 0..80 {
        alone.tick(1_000);
        while let Some(output) = alone.device.poll_output() {
            if let Output::Event(event) = output {
                events.push(event);
            }
        }
    }
    let missed: Vec<u32> = events
        .iter()
        .filter_map(|e| if let DeviceEvent::KeepaliveMissed { missed, .. } = e { Some(*missed) } else { None })
        .collect();
    assert_eq!(missed.first_chunk::<3>(), Some(&[1, 2, 3]));
    assert!(events.contains(&DeviceEvent::PlatformLost));
    assert!(!alone.device.is_registered());
}

#[test]
fn odd_subscriptions_are_refused_and_one_takes_the_place_of_the_other() {
    let mut world = World::new(|_| {});
    let index = lower(&mut world);
    let now = world.now();
    let head = |call: &str, body: &str, expires: &str| {
        format!(
            "SUBSCRIBE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP {PLATFORM};branch=z9hG4bK{call}\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:x@y>\r\nCall-ID: {call}\r\nCSeq: 1 SUBSCRIBE\r\nExpires: {expires}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let query = |cmd: &str| format!("<Query><CmdType>{cmd}</CmdType><SN>1</SN><DeviceID>{}</DeviceID></Query>", gb(1));
    let device = &mut world.cameras[index].device;
    let mut ask = |text: String| {
        device.handle(Input::Datagram { from: addr(PLATFORM), bytes: text.as_bytes() }, now);
        let mut code = None;
        while let Some(output) = device.poll_output() {
            if let Output::Send { bytes, .. } = output {
                code = sip::parse(&bytes).ok().and_then(|m| m.code()).or(code);
            }
        }
        code
    };
    assert_eq!(ask(head("s1", "", "60")), Some(400));
    assert_eq!(ask(head("s2", "<Query/>", "60")), Some(400));
    assert_eq!(ask(head("s3", &query("MobilePosition"), "60")), Some(489));
    assert_eq!(ask(head("s4", &query("Catalog"), "60")), Some(200));
    assert_eq!(ask(head("s5", &query("Catalog"), "soon")), Some(200));
    assert_eq!(ask(head("s6", &query("Alarm"), "4000000000")), Some(200));
    assert!(
        device.is_subscribed(Topic::Catalog, now.mono.plus_ms(599_000)),
        "the standard's time where none is readable"
    );
    assert!(!device.is_subscribed(Topic::Alarm, now.mono.plus_ms(86_400_000)), "at most a day");
    let mut bye = |text: String| device.handle(Input::Datagram { from: addr(PLATFORM), bytes: text.as_bytes() }, now);
    bye(head("s7", &query("Catalog"), "0"));
    assert!(!device.is_subscribed(Topic::Catalog, now.mono));
}
