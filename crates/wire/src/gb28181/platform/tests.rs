//! The platform alone, fed with hand-made messages: limits, refusals, replays, and what hostile senders try.

use super::super::digest::{Challenge, ClientAuth};
use super::super::sdp::{MediaTransport, Ssrc};
use super::super::sip::parse;
use super::*;
use crate::gb28181::Rng;
use base::UtcMs;
use proptest::prelude::*;

const DEVICE: &str = "34020000001320000001";

fn id(text: &str) -> GbId {
    GbId::parse(text).expect("twenty digits")
}

fn now(ms: u64) -> Now {
    Now { mono: MonoMs(ms), utc: UtcMs(1_763_740_800_000) }
}

fn platform(tune: impl FnOnce(&mut PlatformConfig)) -> Platform {
    let mut config = PlatformConfig::new(id("34020000002000000001"), "192.0.2.1:5060".parse().expect("address"));
    tune(&mut config);
    let mut n = 0_u64;
    let mut platform = Platform::new(
        config,
        Rng::new(move || {
            n += 0x1234_5678_9abc;
            n
        }),
    );
    platform.allow(id(DEVICE), DeviceEntry::password("12345678")).expect("room");
    platform
}

fn from() -> SocketAddr {
    "198.51.100.1:5060".parse().expect("address")
}

fn request(method: &str, cseq: u32, more: &str, body: &str) -> String {
    format!(
        "{method} sip:34020000002000000001@3402000000 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;rport;branch=z9hG4bK{method}{cseq}\r\n\
         From: <sip:{DEVICE}@3402000000>;tag=1\r\nTo: <sip:34020000002000000001@3402000000>\r\nCall-ID: c1\r\n\
         CSeq: {cseq} {method}\r\nContact: <sip:{DEVICE}@198.51.100.1:5060>\r\n{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Hands in a datagram; gives back the replies' messages and the events.
fn say(platform: &mut Platform, source: SocketAddr, text: &str, at: u64) -> (Vec<Message>, Vec<Event>) {
    platform.handle(Input::Datagram { from: source, bytes: text.as_bytes() }, now(at));
    drain(platform)
}

fn drain(platform: &mut Platform) -> (Vec<Message>, Vec<Event>) {
    let (mut sent, mut events) = (Vec::new(), Vec::new());
    while let Some(output) = platform.poll_output() {
        match output {
            Output::Send { bytes, .. } => sent.push(parse(&bytes).expect("own message")),
            Output::Event(event) => events.push(event),
            Output::Close { .. } => {}
        }
    }
    (sent, events)
}

fn code(sent: &[Message]) -> Option<u16> {
    sent.first().and_then(Message::code)
}

/// Registers; gives back the client's digest state for further use.
fn register(platform: &mut Platform, cseq: u32, at: u64) -> ClientAuth {
    let (sent, _) = say(platform, from(), &request("REGISTER", cseq, "Expires: 3600\r\n", ""), at);
    assert_eq!(code(&sent), Some(401));
    let challenge = Challenge::all(&sent[0]).first().cloned().expect("challenge");
    let mut auth = ClientAuth::new(challenge, DEVICE, "12345678");
    let more = format!("Authorization: {}\r\nExpires: 3600\r\n", auth.authorize("REGISTER", "sip:x", "c"));
    let (sent, events) = say(platform, from(), &request("REGISTER", cseq + 1, &more, ""), at);
    assert_eq!(code(&sent), Some(200));
    assert!(
        matches!(events.as_slice(), [Event::Registered { .. }])
            || matches!(events.as_slice(), [Event::Refreshed { .. }])
    );
    assert_eq!(sent[0].headers.get("Date").map(str::len), Some("2025-11-22T00:00:00.000".len()));
    assert_eq!((sent[0].headers.get("Expires"), sent[0].headers.get("X-GB-Ver")), (Some("3600"), Some("3.0")));
    auth
}

#[test]
fn a_replayed_authorization_is_stale_and_gives_no_registration() {
    let mut platform = platform(|_| {});
    let (sent, _) = say(&mut platform, from(), &request("REGISTER", 1, "", ""), 0);
    let mut auth = ClientAuth::new(Challenge::all(&sent[0])[0].clone(), DEVICE, "12345678");
    let more = format!("Authorization: {}\r\n", auth.authorize("REGISTER", "sip:x", "c"));
    assert_eq!(code(&say(&mut platform, from(), &request("REGISTER", 2, &more, ""), 0).0), Some(200));
    // The same header again, from the attacker's own address.
    let thief = "203.0.113.66:5060".parse().expect("address");
    let (sent, events) = say(&mut platform, thief, &request("REGISTER", 3, &more, ""), 1);
    assert_eq!((code(&sent), events), (Some(401), vec![]));
    assert!(Challenge::all(&sent[0]).iter().all(|c| c.stale));
    assert_eq!(platform.device(id(DEVICE)).map(|d| d.addr), Some(from()));
    // A growing count on the same nonce is fine; after the nonce's life it is stale.
    for (cseq, at, want) in [(4, 59_999, 200), (5, 60_000, 401)] {
        let more = format!("Authorization: {}\r\n", auth.authorize("REGISTER", "sip:x", "c"));
        assert_eq!(code(&say(&mut platform, from(), &request("REGISTER", cseq, &more, ""), at).0), Some(want));
    }
}

#[test]
fn a_repeated_request_gets_the_same_answer_and_is_not_seen_twice() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    let body = format!(
        "<Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>{DEVICE}</DeviceID><Status>OK</Status></Notify>"
    );
    let text = request("MESSAGE", 20, "", &body);
    let (first, events) = say(&mut platform, from(), &text, 10);
    assert_eq!((code(&first), events.len()), (Some(200), 1));
    let (second, events) = say(&mut platform, from(), &text, 20);
    assert_eq!((second, events), (first, vec![]));
}

#[test]
fn what_is_not_registered_is_sent_away_and_other_methods_have_their_answers() {
    let mut platform = platform(|_| {});
    assert_eq!(code(&say(&mut platform, from(), &request("MESSAGE", 1, "", "<a/>"), 0).0), Some(403));
    assert_eq!(code(&say(&mut platform, from(), &request("NOTIFY", 2, "", ""), 0).0), Some(403));
    register(&mut platform, 3, 0);
    for (method, want) in [
        ("OPTIONS", 200),
        ("INFO", 200),
        ("NOTIFY", 200),
        ("SUBSCRIBE", 489),
        ("INVITE", 488),
        ("BYE", 481),
        ("PUBLISH", 405),
        ("CANCEL", 481),
    ] {
        assert_eq!(code(&say(&mut platform, from(), &request(method, 40, "", ""), 5).0), Some(want), "{method}");
    }
    let (sent, events) =
        say(&mut platform, from(), &request("MESSAGE", 50, "", "<Notify><CmdType>X</CmdType></Notify"), 6);
    assert_eq!(code(&sent), Some(400));
    assert!(matches!(events.as_slice(), [Event::Malformed { peer, .. }] if *peer == Peer::Udp(from())));
    let (sent, events) =
        say(&mut platform, from(), &request("MESSAGE", 51, "", "<Notify><CmdType>X</CmdType></Notify>"), 6);
    assert_eq!((code(&sent), events), (Some(200), vec![Event::Unhandled { device: id(DEVICE), what: "X".into() }]));
}

#[test]
fn a_message_whose_from_is_another_code_is_known_by_its_address() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    let body = "<Notify><CmdType>MediaStatus</CmdType><SN>1</SN><DeviceID>34020000001320000009</DeviceID><NotifyType>121</NotifyType></Notify>";
    let text =
        request("MESSAGE", 9, "", body).replace(&format!("From: <sip:{DEVICE}"), "From: <sip:99999999999999999999");
    let (_, events) = say(&mut platform, from(), &text, 1);
    let channel = Some(id("34020000001320000009"));
    assert_eq!(events, vec![Event::MediaStatus { device: id(DEVICE), channel, notify_type: 121 }]);
}

#[test]
fn each_table_has_its_limit() {
    let mut small = platform(|c| {
        c.max_devices = 1;
        c.max_connections = 1;
        c.max_dialogs = 1;
        c.max_queries = 1;
    });
    assert_eq!(small.allow(id("34020000001320000002"), DeviceEntry::password("x")), Err(CommandError::DirectoryFull));
    assert_eq!(small.allow(id(DEVICE), DeviceEntry::password("12345678")), Ok(()), "a known one may change");
    small.handle(Input::TcpOpened { conn: ConnId(1), from: from() }, now(0));
    small.handle(Input::TcpOpened { conn: ConnId(2), from: from() }, now(0));
    assert_eq!(small.poll_output(), Some(Output::Close { conn: ConnId(2) }));
    register(&mut small, 1, 0);
    let invite = |session| Invite {
        session: SessionId(session),
        device: id(DEVICE),
        channel: id(DEVICE),
        ssrc: Ssrc(1),
        media: from(),
        transport: MediaTransport::Udp,
    };
    assert_eq!(small.invite(&invite(1), now(1)), Ok(()));
    assert_eq!(small.invite(&invite(1), now(1)), Err(CommandError::SessionInUse));
    assert_eq!(small.invite(&invite(2), now(1)), Err(CommandError::TooMany));
    assert!(small.query_catalog(id(DEVICE), now(1)).is_ok());
    assert_eq!(small.query_catalog(id(DEVICE), now(1)), Err(CommandError::TooMany));
    assert_eq!(small.bye(SessionId(9), now(1)), Err(CommandError::NoSession));
    let mut tight = platform(|c| c.max_transactions = 1);
    register(&mut tight, 1, 0);
    assert!(tight.query_catalog(id(DEVICE), now(1)).is_ok());
    assert_eq!(tight.invite(&invite(1), now(1)), Err(CommandError::TooMany));
}

#[test]
fn a_stream_that_is_not_sip_is_closed_and_the_rest_goes_on() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    platform.handle(Input::TcpOpened { conn: ConnId(1), from: from() }, now(0));
    platform.handle(Input::TcpBytes { conn: ConnId(1), bytes: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" }, now(0));
    assert!(matches!(platform.poll_output(), Some(Output::Event(Event::Malformed { .. }))));
    assert_eq!(platform.poll_output(), Some(Output::Close { conn: ConnId(1) }));
    platform.handle(Input::TcpClosed { conn: ConnId(1) }, now(0));
    assert_eq!((platform.poll_output(), platform.online_devices()), (None, 1));
}

#[test]
fn removing_a_device_takes_it_offline() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    platform.remove(id(DEVICE), now(5));
    assert_eq!(drain(&mut platform).1, vec![Event::Offline { device: id(DEVICE), reason: OfflineReason::Removed }]);
    assert_eq!(code(&say(&mut platform, from(), &request("REGISTER", 9, "", ""), 6).0), Some(403));
}

#[test]
fn a_query_the_device_refuses_says_so() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    let sn = platform.query_device_info(id(DEVICE), now(1)).expect("online");
    let (sent, _) = drain(&mut platform);
    // An answer without Via, as some devices give.
    let mut refusal = Message::response(&sent[0], 404, "t");
    refusal.headers.remove("Via");
    platform.handle(Input::Datagram { from: from(), bytes: &refusal.to_bytes() }, now(2));
    let failed = Event::QueryFailed { device: id(DEVICE), sn, kind: QueryKind::DeviceInfo, code: Some(404) };
    assert_eq!(drain(&mut platform).1, vec![failed]);
}

#[test]
fn an_answer_without_usable_sdp_is_acknowledged_ended_and_told_as_488() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    let session = SessionId(1);
    let invite = Invite {
        session,
        device: id(DEVICE),
        channel: id(DEVICE),
        ssrc: Ssrc(1),
        media: from(),
        transport: MediaTransport::Udp,
    };
    platform.invite(&invite, now(1)).expect("online");
    let (sent, _) = drain(&mut platform);
    assert_eq!(sent[0].headers.get("Subject"), Some(format!("{DEVICE}:0000000001,34020000002000000001:0").as_str()));
    let answer = Message::response(&sent[0], 200, "t").with_body("application/sdp", b"v=0\r\n".to_vec());
    platform.handle(Input::Datagram { from: from(), bytes: &answer.to_bytes() }, now(2));
    let (sent, events) = drain(&mut platform);
    let methods: Vec<_> = sent.iter().filter_map(Message::method).collect();
    assert_eq!(methods, vec![Method::Ack, Method::Bye]);
    assert!(events.iter().any(|e| matches!(e, Event::StreamRefused { code: 488, .. })), "{events:?}");
    assert_eq!(platform.open_streams(), 0);
}

#[test]
fn strangers_cannot_use_up_a_devices_own_registrations() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    let stranger = "203.0.113.66:5060".parse().expect("address");
    let last = (100..200).map(|n| code(&say(&mut platform, stranger, &request("REGISTER", n, "", ""), 10).0)).last();
    assert_eq!(last, Some(Some(503)));
    register(&mut platform, 3, 20);
}

#[test]
fn a_page_sent_twice_counts_once() {
    let mut platform = platform(|_| {});
    register(&mut platform, 1, 0);
    let sn = platform.query_catalog(id(DEVICE), now(1)).expect("online");
    let page = |n: u32| {
        format!(
            "<Response><CmdType>Catalog</CmdType><SN>{sn}</SN><DeviceID>{DEVICE}</DeviceID><SumNum>2</SumNum>\
             <DeviceList Num=\"1\"><Item><DeviceID>3402000000132000000{n}</DeviceID></Item></DeviceList></Response>"
        )
    };
    let _ = drain(&mut platform);
    assert_eq!(say(&mut platform, from(), &request("MESSAGE", 30, "", &page(1)), 2).1, vec![]);
    assert_eq!(say(&mut platform, from(), &request("MESSAGE", 31, "", &page(1)), 3).1, vec![], "the same item again");
    let (_, events) = say(&mut platform, from(), &request("MESSAGE", 32, "", &page(2)), 4);
    assert!(
        matches!(events.as_slice(), [Event::Catalog { items, complete: true, .. }] if items.len() == 2),
        "{events:?}"
    );
    let (_, events) = say(&mut platform, from(), &request("MESSAGE", 33, "", &page(1)), 5);
    assert_eq!(events, vec![Event::Unhandled { device: id(DEVICE), what: "Catalog".into() }], "nobody asks any more");
}

#[test]
fn nothing_is_sent_into_a_connection_that_is_gone() {
    let mut platform = platform(|_| {});
    let conn = ConnId(4);
    let hand_in = |platform: &mut Platform, bytes: &[u8]| {
        platform.handle(Input::TcpBytes { conn, bytes }, now(1));
        drain(platform).0
    };
    platform.handle(Input::TcpOpened { conn, from: from() }, now(0));
    let sent = hand_in(&mut platform, request("REGISTER", 1, "", "").as_bytes());
    let mut auth = ClientAuth::new(Challenge::all(&sent[0])[0].clone(), DEVICE, "12345678");
    let more = format!("Authorization: {}\r\n", auth.authorize("REGISTER", "sip:x", "c"));
    hand_in(&mut platform, request("REGISTER", 2, &more, "").as_bytes());
    let (session, device) = (SessionId(1), id(DEVICE));
    let transport = MediaTransport::TcpPassive;
    let invite = Invite { session, device, channel: device, ssrc: Ssrc(1), media: from(), transport };
    platform.invite(&invite, now(1)).expect("online");
    let sent = drain(&mut platform).0;
    let answer =
        Message::response(&sent[0], 200, "t").with_body("application/sdp", b"m=video 1 RTP/AVP 96\r\n".to_vec());
    assert_eq!(hand_in(&mut platform, &answer.to_bytes()).len(), 1, "the ACK");
    platform.handle(Input::TcpClosed { conn }, now(2));
    let (sent, events) = drain(&mut platform);
    assert_eq!((sent.len(), events.len()), (0, 2), "no BYE; StreamEnded and Offline: {events:?}");
}

proptest! {
    #[test]
    fn no_datagram_panics_or_disturbs_a_device(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut platform = platform(|_| {});
        register(&mut platform, 1, 0);
        let stranger = "203.0.113.66:5060".parse().expect("address");
        platform.handle(Input::Datagram { from: stranger, bytes: &bytes }, now(1));
        prop_assert_eq!(platform.device(id(DEVICE)).map(|d| (d.online, d.addr)), Some((true, from())));
    }

    #[test]
    fn a_damaged_message_never_panics(at in 0_usize..700, byte in any::<u8>(), cut in 1_usize..900, method in 0_usize..4) {
        let mut platform = platform(|_| {});
        register(&mut platform, 1, 0);
        let method = ["REGISTER", "MESSAGE", "BYE", "INVITE"][method];
        let body = "<Response><CmdType>Catalog</CmdType><SN>1</SN><SumNum>9</SumNum><DeviceList><Item/></DeviceList></Response>";
        let mut bytes = request(method, 30, "Authorization: Digest nonce=\"a\"\r\n", body).into_bytes();
        if let Some(b) = bytes.get_mut(at) { *b = byte; }
        bytes.truncate(cut);
        platform.handle(Input::Datagram { from: from(), bytes: &bytes }, now(1));
        platform.handle(Input::Tick, now(1_000_000));
        let _ = drain(&mut platform);
    }
}
