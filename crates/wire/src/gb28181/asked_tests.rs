//! What a platform asks of its devices: catalogues, queries, orders, alarms, and streams in every transport, also where nobody answers.

use super::*;
use crate::gb28181::device::{CallId, DeviceError};
use crate::gb28181::manscdp::{Alarm, Control};
use crate::gb28181::platform::QueryKind;
use crate::gb28181::sdp::Setup;
use crate::gb28181::xml::Charset;

fn catalog_of(world: &mut World) -> (usize, u32, bool) {
    let now = world.now();
    let sn = world.platform.query_catalog(gb(1), now).expect("online");
    world.drain();
    world.run(60_000);
    let found = world.take().into_iter().find_map(|e| match e {
        Event::Catalog { sn: got, items, announced, complete, .. } if got == sn => {
            Some((items.len(), announced, complete))
        }
        _ => None,
    });
    found.expect("a catalogue is always told")
}

#[test]
fn catalogues_come_whole_over_a_bad_network_or_partial_when_pages_are_never_sent() {
    for (loss, repeat) in [(0, 0), (25, 25)] {
        let mut world = World::new(|c| c.query_timeout_ms = 40_000);
        world.camera(1, "198.51.100.1:5060", |c| c.channels = channels(30));
        world.run(2_000);
        (world.loss, world.repeat) = (loss, repeat);
        assert_eq!(catalog_of(&mut world), (30, 30, true));
    }
    for (lost_pages, want) in
        [(vec![2], (26, 30, false)), (vec![7], (28, 30, false)), ((0..8).collect(), (0, 0, false))]
    {
        let mut world = World::new(|_| {});
        world.camera(1, "198.51.100.1:5060", |c| {
            c.channels = channels(30);
            c.lost_pages = lost_pages.clone();
        });
        world.run(2_000);
        if want.0 == 0 {
            let now = world.now();
            let sn = world.platform.query_catalog(gb(1), now).expect("online");
            world.drain();
            world.run(12_000);
            let failed = Event::QueryFailed { device: gb(1), sn, kind: QueryKind::Catalog, code: None };
            assert!(world.take().contains(&failed), "no page at all is a failure, not an empty catalogue");
        } else {
            assert_eq!(catalog_of(&mut world), want, "{lost_pages:?}");
        }
    }
}

#[test]
fn an_empty_catalogue_is_complete_and_a_huge_one_is_cut() {
    let mut world = World::new(|c| c.max_catalog_items = 10);
    let camera = world.camera(1, "198.51.100.1:5060", |c| c.channels = Vec::new());
    world.run(2_000);
    assert_eq!(catalog_of(&mut world), (0, 0, true));
    let now = world.now();
    world.cameras[camera].device.set_channels(channels(11), now);
    assert_eq!(catalog_of(&mut world), (10, 11, false));
}

#[test]
fn bodies_travel_in_the_devices_charset() {
    for charset in [Charset::Gb2312, Charset::Gb18030, Charset::Utf8] {
        let mut world = World::new(|_| {});
        world.camera(1, "198.51.100.1:5060", |c| {
            c.charset = charset;
            c.channels = channels(2);
            c.keepalive_ms = 1_000;
        });
        world.run(2_000);
        let now = world.now();
        world.platform.query_catalog(gb(1), now).expect("online");
        world.drain();
        assert!(world.sent.last().is_some_and(|m| m.contains(&format!("encoding=\"{}\"", charset.name()))));
        world.run(1_000);
        let name = world.events.iter().find_map(|e| match e {
            Event::Catalog { items, .. } => items.first().map(|i| i.name.clone()),
            _ => None,
        });
        assert_eq!(name.as_deref(), Some("通道 0"));
    }
}

#[test]
fn queries_orders_and_alarms() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:5060", |_| {});
    world.run(2_000);
    let now = world.now();
    let status = world.platform.query_device_status(gb(1), now).expect("online");
    let guard = world.platform.control(gb(1), gb(1), Control::SetGuard, now).expect("online");
    world.platform.control(gb(1), gb(1), Control::KeyFrame, now).expect("online");
    let alarm = Alarm {
        priority: Some(1),
        method: Some(5),
        alarm_type: Some(6),
        description: "翻墙".into(),
        ..Alarm::default()
    };
    let alarm_sn = world.cameras[camera].device.alarm(gb(1), alarm.clone(), now).expect("registered");
    world.drain();
    world.run(2_000);
    let now = world.now();
    world.platform.confirm_alarm(gb(1), gb(1), alarm_sn, now).expect("online");
    world.drain();
    world.run(20_000);
    let events = world.take();
    let clock = events.iter().find_map(|e| match e {
        Event::DeviceStatus { sn, status: s, round_trip_ms, .. } if *sn == status => {
            Some((s.device_time, *round_trip_ms))
        }
        _ => None,
    });
    assert!(clock.is_some_and(|(time, ms)| time.is_some() && (10..100).contains(&ms)), "{clock:?}");
    assert!(events.contains(&Event::ControlResult { device: gb(1), sn: guard, ok: true }));
    assert!(events.contains(&Event::Alarm { device: gb(1), source: gb(1), sn: alarm_sn, alarm }));
    assert_eq!(events.iter().filter(|e| matches!(e, Event::QueryFailed { .. })).count(), 0);
    assert_eq!(world.device_count(|e| *e == DeviceEvent::AlarmConfirmed { sn: alarm_sn }), 1);
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::Controlled { order: Control::KeyFrame, .. })), 1);
}

#[test]
fn streams_in_every_transport_with_every_way_to_answer_the_ssrc() {
    let transports = [
        (MediaTransport::Udp, None),
        (MediaTransport::TcpPassive, Some(Setup::Active)),
        (MediaTransport::TcpActive, Some(Setup::Passive)),
    ];
    let answers = [
        (SsrcAnswer::Echo, Some(Ssrc(200_000_001))),
        (SsrcAnswer::Own(Ssrc(77)), Some(Ssrc(77))),
        (SsrcAnswer::Zero, Some(Ssrc(0))),
        (SsrcAnswer::Missing, None),
    ];
    for (transport, setup) in transports {
        for (answer, ssrc) in answers {
            for tcp in [false, true] {
                let mut world = World::new(|_| {});
                let camera = world.camera(1, "198.51.100.1:5060", |c| c.tcp = tcp);
                if !tcp {
                    (world.loss, world.repeat) = (20, 20);
                }
                world.answer = Some(answer);
                world.run(20_000);
                world.invite(5, 1, transport);
                world.run(14_000);
                let media = Some(addr("198.51.100.9:7000"));
                let answered =
                    Event::StreamAnswered { session: SessionId(5), ssrc, media, setup, private_encoding: None };
                assert_eq!(world.count(|e| *e == answered), 1, "{transport:?} {answer:?} {:?}", world.events);
                assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::PlayConfirmed { .. })), 1);
                let now = world.now();
                world.platform.bye(SessionId(5), now).expect("open");
                assert_eq!(world.platform.bye(SessionId(5), now), Err(CommandError::NoSession));
                world.drain();
                world.run(40_000);
                assert_eq!(
                    world.count(|e| *e == Event::StreamEnded { session: SessionId(5), by: EndedBy::Platform }),
                    1
                );
                assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::PlayEnded { .. })), 1);
                assert_eq!(world.platform.open_streams(), 0);
                let now = world.now();
                assert_eq!(world.cameras[camera].device.bye(CallId(1), now), Err(DeviceError::NoCall));
            }
        }
    }
}

#[test]
fn refusal_bye_from_the_device_and_going_offline() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:5060", |c| c.max_calls = 1);
    world.run(2_000);
    world.invite(1, 1, MediaTransport::Udp);
    world.run(1_000);
    world.invite(2, 1, MediaTransport::Udp);
    world.run(1_000);
    let busy = Event::StreamRefused { session: SessionId(2), code: 486, reason: "Busy Here".into() };
    assert_eq!(world.count(|e| *e == busy), 1);
    let now = world.now();
    world.cameras[camera].device.bye(CallId(1), now).expect("running");
    world.drain();
    world.run(1_000);
    assert_eq!(world.count(|e| *e == Event::StreamEnded { session: SessionId(1), by: EndedBy::Device }), 1);
    world.invite(3, 1, MediaTransport::Udp);
    world.run(1_000);
    world.cameras[camera].dead = true;
    world.run(200_000);
    assert_eq!(world.count(|e| *e == Event::StreamEnded { session: SessionId(3), by: EndedBy::DeviceOffline }), 1);
    assert_eq!(world.platform.open_streams(), 0);
}

#[test]
fn an_unanswered_invite_times_out_is_cancelled_and_a_late_answer_is_ended() {
    let mut world = World::new(|_| {});
    let camera = world.camera(1, "198.51.100.1:5060", |_| {});
    world.answer = None;
    world.run(2_000);
    world.invite(1, 1, MediaTransport::Udp);
    world.run(16_000);
    assert_eq!(world.count(|e| *e == Event::StreamTimeout { session: SessionId(1), was_trying: true }), 1);
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::PlayEnded { .. })), 1, "the CANCEL arrived");
    world.run(40_000);
    assert_eq!((world.platform.open_streams(), world.count(|e| matches!(e, Event::StreamRefused { .. }))), (0, 0));
    // The answer crosses the CANCEL: it is acknowledged and ended at once.
    world.invite(2, 1, MediaTransport::Udp);
    world.run(1_000);
    let now = world.now();
    world.platform.bye(SessionId(2), now).expect("inviting");
    world.cameras[camera].device.answer(CallId(2), addr("198.51.100.9:7000"), SsrcAnswer::Echo, now).expect("rings");
    world.drain();
    world.run(5_000);
    assert_eq!(world.count(|e| matches!(e, Event::StreamAnswered { .. })), 0);
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::PlayEnded { .. })), 2);
    assert_eq!(world.platform.open_streams(), 0);
    // Ended before the device said its first word: the CANCEL waits for that word (RFC 3261 section 9.1).
    world.invite(4, 1, MediaTransport::Udp);
    let now = world.now();
    world.platform.bye(SessionId(4), now).expect("inviting");
    world.drain();
    world.run(5_000);
    assert_eq!(world.device_count(|e| matches!(e, DeviceEvent::PlayEnded { .. })), 3);
    assert_eq!(world.platform.open_streams(), 0);
    // A device that says nothing at all.
    world.cameras[camera].dead = true;
    world.invite(3, 1, MediaTransport::Udp);
    world.run(40_000);
    assert_eq!(world.count(|e| *e == Event::StreamTimeout { session: SessionId(3), was_trying: false }), 1);
    assert_eq!(world.platform.open_streams(), 0);
}
