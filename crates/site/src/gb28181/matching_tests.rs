//! Which stream a source is given to: marks, addresses, restarts, leftovers, limits.

use super::*;

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn expected(ssrc: u32, host: &str) -> Expected {
    Expected { ssrc, own_ssrc: None, tcp: false, host: ip(host), media: None, progress: Arc::default(), bound: None }
}

struct World(Matcher);

impl World {
    fn new() -> Self {
        Self(Matcher::default())
    }

    fn ask(&mut self, session: u64, ssrc: u32, host: &str) -> Arc<Progress> {
        let expected = expected(ssrc, host);
        let progress = expected.progress.clone();
        self.0.expect(SessionId(session), expected);
        progress
    }

    fn udp(&mut self, from: &str, ssrc: u32, now: u64) -> Option<u64> {
        self.0.place(false, at(from), Some(ssrc), MonoMs(now)).map(|s| s.0)
    }
}

#[test]
fn the_ssrc_asked_for_or_answered_decides() {
    let mut world = World::new();
    world.ask(1, 100, "10.0.0.1");
    world.ask(2, 200, "10.0.0.1");
    assert_eq!(world.udp("10.0.0.1:5000", 200, 1), Some(2));
    world.0.answered(SessionId(1), None, Some(777));
    assert_eq!(world.udp("10.0.0.1:5002", 777, 2), Some(1));
    // Nobody else's, from elsewhere.
    assert_eq!(world.udp("10.0.0.9:5000", 300, 2), None);
}

#[test]
fn an_answered_ssrc_of_zero_or_of_another_stream_marks_nothing() {
    let mut world = World::new();
    world.ask(1, 100, "10.0.0.1");
    world.ask(2, 200, "10.0.0.2");
    world.0.answered(SessionId(2), None, Some(0));
    world.0.answered(SessionId(2), None, Some(100));
    assert_eq!(world.udp("10.0.0.1:5000", 100, 1), Some(1));
    world.0.forget(SessionId(2));
    assert_eq!(world.udp("10.0.0.1:5000", 100, 1), Some(1), "the mark of the first is not lost with the second");
}

#[test]
fn without_its_ssrc_the_address_of_the_answer_decides_then_the_only_one_of_the_host() {
    let mut world = World::new();
    world.ask(1, 100, "10.0.0.1");
    world.ask(2, 200, "10.0.0.1");
    assert_eq!(world.udp("10.0.0.1:7000", 0, 1), None, "two could be meant");
    world.0.answered(SessionId(1), Some(at("10.0.0.1:6000")), Some(0));
    world.0.answered(SessionId(2), Some(at("10.0.0.1:7000")), Some(0));
    assert_eq!(world.udp("10.0.0.1:7000", 0, 2), Some(2));
    assert_eq!(world.udp("10.0.0.1:6000", 0, 2), Some(1));
    let mut behind_nat = World::new();
    behind_nat.ask(3, 300, "203.0.113.1");
    behind_nat.0.answered(SessionId(3), Some(at("192.168.1.64:9000")), None);
    assert_eq!(behind_nat.udp("203.0.113.1:40000", 0, 1), Some(3), "the host of its signalling");
    assert_eq!(behind_nat.0.len(), (1, 1, 2, 0));
    behind_nat.0.forget(SessionId(3));
    assert_eq!(behind_nat.0.len(), (0, 0, 0, 0));
}

#[test]
fn what_was_sending_before_the_stream_was_asked_for_is_not_given_to_it() {
    let mut world = World::new();
    world.ask(1, 100, "10.0.0.1");
    world.ask(2, 200, "10.0.0.1");
    // Two streams, no marks, no addresses: not told apart, both given up; the second device goes on sending.
    assert_eq!(world.udp("10.0.0.1:6000", 0, 10), None);
    assert_eq!(world.udp("10.0.0.1:7000", 0, 10), None);
    world.0.leave_behind(SessionId(1), MonoMs(500));
    for ms in (500..3_500).step_by(100) {
        assert_eq!(world.udp("10.0.0.1:7000", 0, ms), None, "it may be the first one's or the second's");
        if ms == 1_500 {
            world.0.leave_behind(SessionId(2), MonoMs(ms));
            world.ask(3, 300, "10.0.0.1");
        }
    }
    // The stream itself begins now, from its own port.
    assert_eq!(world.udp("10.0.0.1:6000", 0, 3_600), Some(3));
}

#[test]
fn a_stream_that_is_heard_keeps_its_source_and_a_silent_one_gives_it_up() {
    let mut world = World::new();
    let progress = world.ask(1, 100, "10.0.0.1");
    assert_eq!(world.udp("10.0.0.1:6000", 100, 0), Some(1));
    progress.packet(MonoMs(1_000));
    assert_eq!(world.udp("10.0.0.1:6001", 100, 1_100), None, "somebody uses the same number");
    assert_eq!(world.udp("10.0.0.1:6001", 100, 1_000 + HOLD_MS), Some(1), "the sender began anew");
}

#[test]
fn a_strangers_guess_of_the_number_gives_way_to_the_device() {
    let mut world = World::new();
    let progress = world.ask(1, 100, "10.0.0.1");
    assert_eq!(world.udp("198.51.100.66:6000", 100, 0), Some(1), "perhaps its media goes another way");
    progress.packet(MonoMs(10));
    assert_eq!(world.udp("10.0.0.1:6000", 100, 11), Some(1));
    progress.packet(MonoMs(11));
    assert_eq!(world.udp("198.51.100.66:6000", 100, 12), None);
}

#[test]
fn the_same_port_with_a_new_number_and_the_same_odd_number_from_a_new_port_follow_a_restart() {
    let mut world = World::new();
    let progress = world.ask(1, 100, "10.0.0.1");
    assert_eq!(world.udp("10.0.0.1:6000", 0, 0), Some(1));
    progress.packet(MonoMs(0));
    assert_eq!(world.udp("10.0.0.1:6000", 5, 100), None, "still heard under its old number");
    assert_eq!(world.udp("10.0.0.1:6000", 6, HOLD_MS), Some(1));
    progress.packet(MonoMs(HOLD_MS));
    assert_eq!(world.udp("10.0.0.1:6002", 6, 2 * HOLD_MS), Some(1));
}

#[test]
fn connections_and_datagrams_are_not_mixed() {
    let mut world = World::new();
    let mut tcp = expected(100, "10.0.0.1");
    tcp.tcp = true;
    tcp.progress.packet(MonoMs(0));
    world.0.expect(SessionId(1), tcp);
    assert_eq!(world.udp("10.0.0.1:6000", 100, 0), None);
    assert_eq!(world.0.place(true, at("10.0.0.1:6001"), Some(9), MonoMs(0)), Some(SessionId(1)));
    world.0.unbind(SessionId(1), at("10.0.0.1:7777"));
    assert_eq!(world.0.place(true, at("10.0.0.1:6002"), Some(9), MonoMs(0)), None, "it is connected");
    world.0.unbind(SessionId(1), at("10.0.0.1:6001"));
    assert_eq!(world.0.place(true, at("10.0.0.1:6002"), Some(9), MonoMs(3_000)), Some(SessionId(1)));
}

#[test]
fn a_new_connection_waits_for_the_end_of_the_old_one_where_only_one_can_be_meant() {
    let mut world = World::new();
    let stream = |world: &mut World, session, ssrc| {
        let expected = Expected { tcp: true, ..expected(ssrc, "10.0.0.1") };
        expected.progress.packet(MonoMs(100));
        world.0.expect(SessionId(session), expected);
    };
    let place = |world: &mut World, from, now| world.0.place(true, at(from), Some(0), MonoMs(now)).map(|s| s.0);
    stream(&mut world, 1, 100);
    assert_eq!(place(&mut world, "10.0.0.1:1", 100), Some(1));
    assert_eq!(place(&mut world, "10.0.0.1:2", 101), None);
    world.0.unbind(SessionId(1), at("10.0.0.1:1"));
    assert_eq!(place(&mut world, "10.0.0.1:2", 102), Some(1));
    stream(&mut world, 2, 200);
    assert_eq!(place(&mut world, "10.0.0.1:3", 103), Some(2));
    // Two streams, two new connections, one old one ended: whose it is cannot be told.
    assert_eq!(place(&mut world, "10.0.0.1:4", 104), None);
    world.0.unbind(SessionId(1), at("10.0.0.1:2"));
    assert_eq!(place(&mut world, "10.0.0.1:4", 105), None);
}

#[test]
fn strays_are_bounded_with_room_kept_for_hosts_that_matter() {
    let mut world = World::new();
    world.ask(1, 100, "10.0.0.1");
    world.ask(2, 200, "10.0.0.1");
    for (host, room) in [("198.51.100.1:9", MAX_STRAYS / 2), ("10.0.0.1:9", MAX_STRAYS)] {
        for n in 0..2 * MAX_STRAYS as u32 {
            assert_eq!(world.udp(host, 1_000 + n, 1), None);
        }
        assert_eq!(world.0.len().3, room);
    }
    let seen = world.0.strays_of(SessionId(1), MonoMs(2));
    assert!(seen.len() == MAX_STRAYS / 2 && seen.iter().all(|(from, _)| from.ip() == ip("10.0.0.1")));
    // Old ones make room.
    assert_eq!(world.udp("10.0.0.1:10", 5, 60_000), None);
    assert_eq!(world.0.len().3, 1);
}

/// Whatever comes in whatever order, a source with a stream's own mark never feeds another stream.
#[test]
fn marked_packets_never_feed_another_stream() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let hosts = ["10.0.0.1", "10.0.0.2"];
    for _ in 0..200 {
        let mut world = World::new();
        let mut live: HashMap<u64, (u32, Arc<Progress>)> = HashMap::new();
        let mut next = 0;
        for step in 0..120 {
            let now = step * 150;
            match random(10) {
                0 | 1 => {
                    next += 1;
                    let ssrc = 1_000 + next as u32;
                    let host = hosts[random(2) as usize];
                    live.insert(next, (ssrc, world.ask(next, ssrc, host)));
                }
                2 if next > 0 => {
                    let session = 1 + random(next);
                    world.0.leave_behind(SessionId(session), MonoMs(now));
                    live.remove(&session);
                }
                3 if next > 0 => {
                    let from = at(&format!("{}:{}", hosts[random(2) as usize], 6_000 + random(3)));
                    world.0.answered(SessionId(1 + random(next)), Some(from), Some(random(3) as u32));
                }
                _ => {
                    let ssrc = if random(2) == 0 { random(3) as u32 } else { 1_000 + random(next + 2) as u32 };
                    let from = format!("{}:{}", hosts[random(2) as usize], 6_000 + random(3));
                    let owner = live.iter().find(|(_, (own, _))| *own == ssrc).map(|(session, _)| *session);
                    let given = world.udp(&from, ssrc, now);
                    if let (Some(owner), Some(given)) = (owner, given) {
                        assert_eq!(owner, given, "SSRC {ssrc} from {from}");
                    }
                    if let Some(given) = given {
                        live[&given].1.packet(MonoMs(now));
                    }
                }
            }
        }
        let (expected, _, _, strays) = world.0.len();
        assert!(expected == live.len() && strays <= MAX_STRAYS);
    }
}
