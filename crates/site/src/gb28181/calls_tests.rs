//! Small decisions of `calls`: how a stream is doing, where to connect to, how a clock is off.

use super::*;

#[test]
fn a_stream_is_fine_until_packets_or_pictures_stay_away() {
    let settings = Settings { silence_ms: 100, decode_ms: 200, ..Settings::default() };
    let progress = Progress::default();
    let look = |progress: &Progress, now| health(progress, MonoMs(1_000), &settings, MonoMs(now));
    assert_eq!(look(&progress, 1_099), Health::Fine);
    assert_eq!(look(&progress, 1_100), Health::Silent { ever: false, for_ms: 100 });
    // Packets that came before the answer do not count against it.
    progress.packet(MonoMs(900));
    assert_eq!(look(&progress, 1_050), Health::Fine);
    progress.packet(MonoMs(1_099));
    assert_eq!(look(&progress, 1_150), Health::Fine);
    progress.packet(MonoMs(1_100));
    assert_eq!(look(&progress, 1_160), Health::NoPicture { for_ms: 200 });
    progress.picture(MonoMs(1_150));
    assert_eq!(look(&progress, 1_160), Health::Fine);
    progress.packet(MonoMs(1_349));
    assert_eq!(look(&progress, 1_400), Health::Fine, "the packets stopped, not the pictures");
    progress.packet(MonoMs(1_350));
    assert_eq!(look(&progress, 1_351), Health::NoPicture { for_ms: 200 });
    assert_eq!(look(&progress, 1_450), Health::Silent { ever: true, for_ms: 100 });
}

#[test]
fn a_device_is_connected_to_where_it_says_then_where_it_signals_and_nowhere_strange() {
    let at = |text: &str| text.parse::<SocketAddr>().unwrap();
    let signals: IpAddr = "203.0.113.5".parse().unwrap();
    assert_eq!(targets(Some(at("192.168.1.9:7000")), signals), [at("192.168.1.9:7000"), at("203.0.113.5:7000")]);
    assert_eq!(targets(Some(at("203.0.113.5:7000")), signals), [at("203.0.113.5:7000")]);
    for strange in ["127.0.0.1:22", "0.0.0.0:7000", "224.0.0.1:7000", "[::1]:22"] {
        assert_eq!(targets(Some(at(strange)), signals), [SocketAddr::new(signals, at(strange).port())], "{strange}");
    }
    assert_eq!(targets(Some(at("127.0.0.1:7000")), "127.0.0.1".parse().unwrap()), [at("127.0.0.1:7000")]);
    assert_eq!(targets(None, signals), []);
}

#[test]
fn a_clock_is_measured_with_half_the_round_trip_and_half_a_cut_second() {
    let now = UtcMs(1_763_740_800_000);
    assert_eq!(clock_error_ms(UtcMs(now.0 + 2_345), 100, now), 2_395);
    assert_eq!(clock_error_ms(UtcMs(now.0 - 3_000), 0, now), -2_500);
    assert_eq!(clock_error_ms(UtcMs(i64::MAX), u64::MAX, now), i32::MAX);
    assert_eq!(clock_error_ms(UtcMs(i64::MIN + 1), 0, now), i32::MIN);
}

#[test]
fn the_way_to_a_host_gives_the_local_address() {
    assert_eq!(local_towards("127.0.0.1".parse().unwrap()), "127.0.0.1".parse().ok());
    let place = Place {
        id: GbId::parse("34020000002000000001").unwrap(),
        sip: "0.0.0.0:5060".parse().unwrap(),
        media: "0.0.0.0:10000".parse().unwrap(),
        advertised: None,
    };
    assert_eq!(place.as_seen_by("127.0.0.9".parse().unwrap()), "127.0.0.1".parse::<IpAddr>().unwrap());
    let told = Place { advertised: "198.51.100.1".parse().ok(), ..place };
    assert_eq!(told.as_seen_by("127.0.0.9".parse().unwrap()), "198.51.100.1".parse::<IpAddr>().unwrap());
}
