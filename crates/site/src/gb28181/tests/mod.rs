//! The driver on loopback sockets against simulated devices: what a site sees of good, odd, dead and hostile ones.

mod rig;

use super::*;
use crate::camera::{Phase, ProbeEnd};
use domain::recording::GapCause;
use rig::{Habits, Order, Rig, code, fast, gb, streaming, tags, until};
use std::time::Duration;
use store::cameras::GbTransport;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::gb28181::device::{DeviceEvent, SsrcAnswer};
use wire::gb28181::sdp::Ssrc;

#[tokio::test]
async fn pictures_come_by_udp_tcp_passive_and_tcp_active_and_the_clock_is_measured() {
    let mut rig = Rig::new(fast()).await;
    let mut cameras = Vec::new();
    for (serial, transport) in [(1, GbTransport::Udp), (2, GbTransport::TcpPassive), (3, GbTransport::TcpActive)] {
        let camera = rig.camera(serial, transport).await;
        assert_eq!((camera.state().phase, code(&camera)), (Phase::Offline, Some("not_registered")));
        let tcp = transport != GbTransport::Udp;
        let sim = rig.device(serial, Habits { tag: serial as u8, tcp, ..Habits::default() }).await;
        cameras.push((camera, sim));
    }
    for (n, (camera, _)) in cameras.iter().enumerate() {
        streaming(camera).await;
        assert_eq!(code(camera), None);
        assert_eq!(tags(camera, 5).await, [n as u8 + 1; 5]);
    }
    until("clocks", || cameras.iter().all(|(c, _)| c.state().clock_error_ms.is_some_and(|ms| ms.abs() < 1_000))).await;
    until("device info", || rig.driver.status().devices.iter().all(|d| d.maker == "jifang")).await;
    until("catalogues", || rig.driver.status().devices.iter().all(|d| d.channels.len() == 1)).await;
    let status = rig.driver.status();
    assert!(status.devices.iter().all(|d| d.online && d.cameras.len() == 1 && d.addr.is_some()));
    assert_eq!(status.devices.iter().map(|d| d.tcp).collect::<Vec<_>>(), [false, true, true]);
    // Removing one ends its stream only, and at once.
    rig.driver.remove(cameras[0].0.id()).await;
    let (_, mut live) = cameras[0].0.hub().join();
    until("BYE", || cameras[0].1.ends() == 1).await;
    assert!(live.try_recv().is_err(), "nothing reaches a camera that was removed");
    assert_eq!(tags(&cameras[1].0, 2).await, [2, 2]);
    rig.driver.stop().await;
    until("BYE to all", || cameras.iter().all(|(_, sim)| sim.ends() == 1)).await;
}

#[tokio::test]
async fn own_zero_and_missing_ssrcs_work_and_are_told_only_where_odd() {
    let mut rig = Rig::new(fast()).await;
    let habits = [
        (SsrcAnswer::Own(Ssrc(0x1111_1111)), Some(0x1111_1111), None),
        (SsrcAnswer::Echo, Some(0x2222_2222), Some("ssrc_mismatch")),
        (SsrcAnswer::Zero, Some(0), Some("ssrc_mismatch")),
        (SsrcAnswer::Missing, None, None),
        (SsrcAnswer::Missing, Some(0), Some("ssrc_mismatch")),
    ];
    let mut all = Vec::new();
    for (n, (answer, ssrc, told)) in (1..).zip(habits) {
        let camera = rig.camera(n, GbTransport::Udp).await;
        let sim = rig.device(n, Habits { tag: n as u8, answer, ssrc, ..Habits::default() }).await;
        all.push((camera, sim, told));
    }
    for (n, (camera, sim, told)) in (1..).zip(&all) {
        streaming(camera).await;
        assert_eq!(tags(camera, 4).await, [n; 4]);
        until("the note", || code(camera) == *told).await;
        assert_eq!(sim.plays(), 1, "asked once");
    }
}

#[tokio::test]
async fn tcp_finds_its_stream_without_the_ssrc_and_again_after_a_new_connection() {
    let mut rig = Rig::new(fast()).await;
    let passive = rig.camera(1, GbTransport::TcpPassive).await;
    let active = rig.camera(2, GbTransport::TcpActive).await;
    let odd = |tag| Habits { tag, answer: SsrcAnswer::Zero, ssrc: Some(0), ..Habits::default() };
    let sims = [rig.device(1, odd(1)).await, rig.device(2, odd(2)).await];
    for (camera, sim, tag) in [(&passive, &sims[0], 1), (&active, &sims[1], 2)] {
        streaming(camera).await;
        assert_eq!(tags(camera, 4).await, [tag; 4]);
        sim.tell(Order::Reconnect);
        // Half of what may have been under way, then all from the new connection.
        assert_eq!(tags(camera, 12).await, [tag; 12]);
        assert_eq!(sim.plays(), 1, "the same call");
    }
}

#[tokio::test]
async fn an_invitation_that_is_never_answered_is_told_and_made_again() {
    let mut rig = Rig::new(Settings { invite_timeout_ms: 200, ..fast() }).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let sim = rig.device(1, Habits { ring: true, ..Habits::default() }).await;
    until("timeout told", || code(&camera) == Some("invite_timeout")).await;
    assert!(camera.state().diagnosis.unwrap().what.en.contains("gave no result"), "it said that it was trying");
    until("asked again, the old one cancelled", || sim.plays() >= 2 && sim.ends() >= 1).await;
}

#[tokio::test]
async fn a_check_asks_at_once_and_ends_with_what_came_of_it() {
    // Pauses far longer than the test: only the check asks again.
    let mut rig = Rig::new(Settings { invite_timeout_ms: 200, backoff_ms: (600_000, 600_000), ..fast() }).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let ended = |camera: &Camera| camera.state().probe.and_then(|p| p.end).map(|end| end.2);
    // A device that is away cannot be asked: what is known is the result.
    camera.begin_probe(rig.clock.now());
    rig.driver.probe(camera.id()).await;
    let Some(ProbeEnd::Fault(found)) = ended(&camera) else { panic!("{:?}", camera.state().probe) };
    assert_eq!(found.code, "not_registered");
    let sim = rig.device(1, Habits { ring: true, ..Habits::default() }).await;
    until("timeout told", || code(&camera) == Some("invite_timeout")).await;
    assert_eq!(sim.plays(), 1);
    camera.begin_probe(rig.clock.now());
    assert_eq!(ended(&camera), None, "what was known before is no result");
    rig.driver.probe(camera.id()).await;
    until("a new INVITE", || sim.plays() == 2).await;
    until("its result", || matches!(ended(&camera), Some(ProbeEnd::Fault(d)) if d.code == "invite_timeout")).await;
}

#[tokio::test]
async fn two_devices_behind_one_address_with_ssrc_zero_are_never_mixed() {
    let mut rig = Rig::new(fast()).await;
    let odd = |tag| Habits { tag, answer: SsrcAnswer::Zero, ssrc: Some(0), ..Habits::default() };
    let one = rig.camera(1, GbTransport::Udp).await;
    let two = rig.camera(2, GbTransport::Udp).await;
    let _sims = (rig.device(1, odd(1)).await, rig.device(2, odd(2)).await);
    streaming(&one).await;
    streaming(&two).await;
    assert_eq!((tags(&one, 10).await, tags(&two, 10).await), (vec![1; 10], vec![2; 10]));
}

#[tokio::test]
async fn packets_that_cannot_be_told_apart_are_a_mismatch_and_never_a_guess() {
    let mut rig = Rig::new(fast()).await;
    let odd = |tag| Habits { tag, answer: SsrcAnswer::Zero, ssrc: Some(0), wrong_port: true, ..Habits::default() };
    let one = rig.camera(1, GbTransport::Udp).await;
    let two = rig.camera(2, GbTransport::Udp).await;
    let mut seen = (one.hub().join().1, two.hub().join().1);
    // Both are asked for before either sends.
    let _sims = (rig.device(1, odd(1)).await, rig.device(2, odd(2)).await);
    until("told", || code(&one) == Some("ssrc_mismatch") || code(&two) == Some("ssrc_mismatch")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    for (own, live) in [(1, &mut seen.0), (2, &mut seen.1)] {
        while let Ok(next) = live.try_recv() {
            if let crate::camera::Live::Frame(frame) = next {
                assert_eq!(frame.data[6], own, "a picture of the other camera");
            }
        }
    }
}

#[tokio::test]
async fn channels_of_one_recorder_stream_side_by_side() {
    let mut rig = Rig::new(fast()).await;
    let (a, b) = (gb(101), gb(102));
    let first = rig.channel(1, a, GbTransport::Udp).await;
    let second = rig.channel(1, b, GbTransport::TcpPassive).await;
    let missing = rig.channel(1, gb(103), GbTransport::Udp).await;
    let _sim = rig.device(1, Habits { channels: vec![a, b], ..Habits::default() }).await;
    streaming(&first).await;
    streaming(&second).await;
    until("404", || code(&missing) == Some("invite_refused")).await;
    until("the catalogue", || rig.driver.status().devices[0].channels.len() == 3).await;
    until("404 explained", || missing.state().diagnosis.is_some_and(|d| d.what.en.contains("not in the device's cat")))
        .await;
    rig.driver.remove(first.id()).await;
    assert_eq!(rig.driver.status().devices[0].cameras.len(), 2);
    assert_eq!(tags(&second, 2).await, [1, 1]);
}

#[tokio::test]
async fn a_keepalive_from_a_new_port_is_followed_and_a_dead_device_leaves_a_named_gap() {
    let mut rig = Rig::new(fast()).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let sim = rig.device(1, Habits::default()).await;
    streaming(&camera).await;
    let before = rig.driver.status().devices[0].addr;
    sim.tell(Order::NewPort);
    until("the new port", || rig.driver.status().devices[0].addr != before).await;
    // Longer than all keepalives that may be missed: it is still there, and answers from its new port.
    tokio::time::sleep(Duration::from_millis(3_000)).await;
    assert_eq!((camera.state().phase, sim.plays()), (Phase::Streaming, 1));
    drop(sim);
    until("offline", || camera.state().phase == Phase::Offline).await;
    assert_eq!(code(&camera), Some("device_offline"));
    assert!(!rig.driver.status().devices[0].online);
    let mut gap = None;
    for _ in 0..6_000 {
        let gaps = rig.store.gaps(camera.id(), base::UtcMs(0), base::UtcMs(i64::MAX)).await.unwrap();
        gap = gaps.last().map(|g| (g.cause, g.to));
        if gap.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(gap, Some((GapCause::DeviceOffline, None)));
    // It comes back.
    let _sim = rig.device(1, Habits { tag: 9, ..Habits::default() }).await;
    streaming(&camera).await;
    assert_eq!(tags(&camera, 2).await, [9, 9]);
}

#[tokio::test]
async fn a_stream_that_the_device_ends_or_lets_die_is_asked_for_again() {
    let mut rig = Rig::new(fast()).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let sim = rig.device(1, Habits::default()).await;
    streaming(&camera).await;
    sim.tell(Order::Bye);
    until("asked again after BYE", || sim.plays() == 2).await;
    streaming(&camera).await;
    sim.tell(Order::Mute);
    until("silence told", || code(&camera) == Some("packets_stopped")).await;
    until("BYE and asked again", || sim.plays() >= 3 && sim.ends() >= 2).await;
    until("never a packet told", || code(&camera) == Some("no_packets")).await;
    let what = camera.state().diagnosis.unwrap().what;
    let port = rig.driver.media_addr().port().to_string();
    assert!(what.en.contains(&port) && what.zh.contains(&port) && what.en.contains("UDP from 127.0.0.1:"), "{what:?}");
}

#[tokio::test]
async fn refusals_are_explained_and_tried_again() {
    // Each refusal stands long enough to be seen.
    let mut rig = Rig::new(Settings { backoff_ms: (2_000, 2_000), ..fast() }).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let sim = rig.device(1, Habits { refuse: vec![486, 488], ..Habits::default() }).await;
    for (code_in_words, plays) in [("486", 1), ("488", 2)] {
        until("refused", || {
            let told = camera.state().diagnosis;
            told.is_some_and(|d| d.code == "invite_refused" && d.what.zh.contains(code_in_words))
        })
        .await;
        assert!(sim.plays() >= plays);
        assert_eq!(camera.state().phase, Phase::Connecting);
    }
    streaming(&camera).await;
    assert_eq!((sim.plays(), code(&camera)), (3, None));
}

#[tokio::test]
async fn what_cannot_be_decoded_and_a_port_that_does_not_answer_are_told() {
    let mut rig = Rig::new(fast()).await;
    let junk = rig.camera(1, GbTransport::Udp).await;
    let closed = rig.camera(2, GbTransport::TcpActive).await;
    let sim = rig.device(1, Habits { junk: true, ..Habits::default() }).await;
    let _other = rig.device(2, Habits { wrong_port: true, ..Habits::default() }).await;
    until("undecodable", || code(&junk) == Some("undecodable")).await;
    until("a key picture asked for", || sim.count(|e| matches!(e, DeviceEvent::Controlled { .. })) > 0).await;
    until("connect failed", || code(&closed) == Some("connect_failed")).await;
    assert!(closed.state().diagnosis.unwrap().what.en.contains("127.0.0.1:9"));
    until("given up and asked again", || sim.plays() >= 2).await;
}

#[tokio::test]
async fn wrong_passwords_unknown_devices_and_two_devices_with_one_code_are_told() {
    let mut rig = Rig::new(fast()).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let thief = rig.device(1, Habits { password: "guess".into(), ..Habits::default() }).await;
    until("wrong password", || code(&camera) == Some("wrong_password")).await;
    drop(thief);
    let _unknown = rig.device(7, Habits::default()).await;
    until("unknown", || rig.driver.status().unknown.iter().any(|u| u.id == gb(7).to_string())).await;
    let real = rig.device(1, Habits::default()).await;
    streaming(&camera).await;
    // A second one with code and password, which keeps pushing the first aside.
    let second = rig.device(1, Habits { tag: 2, ..Habits::default() }).await;
    until("both registered", || second.count(|e| matches!(e, DeviceEvent::Registered { .. })) > 0).await;
    drop(real);
    until("the other took over", || second.plays() > 0).await;
    // Taken in, it is no longer unknown, and streams.
    let taken_in = rig.camera(7, GbTransport::Udp).await;
    assert!(rig.driver.status().unknown.is_empty());
    streaming(&taken_in).await;
}

#[tokio::test]
async fn garbage_on_every_port_hurts_nobody() {
    let mut rig = Rig::new(fast()).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let _sim = rig.device(1, Habits::default()).await;
    streaming(&camera).await;
    let (sip, media) = (rig.driver.sip_addr(), rig.driver.media_addr());
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut connections = Vec::new();
    for n in 0..200_u8 {
        let junk: Vec<u8> = (0..n).map(|byte| byte.wrapping_mul(n) ^ 0x5c).collect();
        let rtp = [&[0x80, 96, 0, n, 0, 0, 0, 0, 9, 9, 9, n][..], &junk].concat();
        for bytes in [&junk, &rtp, &b"REGISTER sip:x SIP/2.0\r\nVia: \r\nContent-Length: 99999999\r\n\r\n".to_vec()] {
            socket.send_to(bytes, sip).await.unwrap();
            socket.send_to(bytes, media).await.unwrap();
        }
        if n % 20 == 0 {
            for port in [sip, media] {
                let mut tcp = TcpStream::connect(port).await.unwrap();
                let _ = tcp.write_all(&[&junk[..], b"\r\nGET / HTTP/1.1\r\n\r\n", &[0xff; 400]].concat()).await;
                connections.push(tcp);
            }
        }
    }
    assert_eq!(tags(&camera, 20).await, [1; 20]);
    // Those that said nothing sensible are closed, also one that says nothing at all.
    let mut silent = TcpStream::connect(sip).await.unwrap();
    connections.truncate(8);
    for tcp in connections.iter_mut().chain([&mut silent]) {
        let closed = tokio::time::timeout(Duration::from_secs(60), tcp.read(&mut [0; 16])).await;
        assert!(matches!(closed, Ok(Ok(0) | Err(_))), "{closed:?}");
    }
    assert_eq!(camera.state().phase, Phase::Streaming);
}

#[tokio::test]
async fn codes_that_are_none_ports_that_are_taken_and_a_stopped_driver_are_answered() {
    let mut rig = Rig::new(fast()).await;
    let camera = rig.camera(1, GbTransport::Udp).await;
    let mut row = camera.row();
    row.source = store::cameras::Source::Gb28181 {
        device: "12".into(),
        channel: gb(1).to_string(),
        transport: GbTransport::Udp,
    };
    camera.set_row(row);
    rig.driver.add(camera.clone()).await;
    assert_eq!(code(&camera), Some("bad_code"));
    assert!(rig.driver.status().devices.is_empty(), "it was taken out under its old code");
    let taken = SiteConfig { sip: rig.driver.sip_addr(), platform_id: rig::PLATFORM.into(), ..SiteConfig::default() };
    assert!(matches!(Driver::bind(&taken, SiteClock::start()).await, Err(SiteError::Port { what: "SIP", .. })));
    let bad = SiteConfig { platform_id: "1".into(), ..SiteConfig::default() };
    assert!(matches!(Driver::bind(&bad, SiteClock::start()).await, Err(SiteError::Config(_))));
    rig.driver.stop().await;
    rig.driver.stop().await;
    rig.driver.add(camera).await;
    let freed = SiteConfig { gb_media: "127.0.0.1:0".parse().unwrap(), ..taken };
    let mut again = Driver::bind(&freed, SiteClock::start()).await;
    for _ in 0..6_000 {
        if again.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        again = Driver::bind(&freed, SiteClock::start()).await;
    }
    assert!(again.is_ok(), "the ports are free again");
}
