//! SIP: messages, the framing of a connection, and the whole platform fed by strangers.

use crate::input::{Input, with_cuts};
use base::limits::SIP_MESSAGE_BYTES;
use base::{MonoMs, Now, UtcMs};
use std::net::SocketAddr;
use wire::gb28181::digest::{Challenge, ClientAuth};
use wire::gb28181::platform::{DeviceEntry, Output, Platform, PlatformConfig};
use wire::gb28181::sip::{FrameError, MAX_HEADERS, Message, Method, NameAddr, SipError, StreamFramer, Uri, Via, parse};
use wire::gb28181::{ConnId, GbId, Input as Wire, Rng};

const PLATFORM: &str = "34020000002000000001";
const DEVICE: &str = "34020000001320000001";

/// See the file's head.
pub fn check(data: &[u8]) {
    let (whole, pieces) = Input(data).cut();
    if let Ok(message) = parse(whole) {
        message_holds(message);
    }
    framing_holds(whole, &pieces);
    platform_holds(whole, &pieces);
}

/// True for a refusal that writing out may bring: names in full and UTF-8 for GB 18030 make a message longer.
const fn is_length(error: &SipError) -> bool {
    matches!(error, SipError::TooLarge(_) | SipError::LineTooLong | SipError::TooManyHeaders)
}

/// Without Content-Length, which is always written from the body.
fn without_length(mut message: Message) -> Message {
    message.headers.remove("Content-Length");
    message
}

fn message_holds(message: Message) {
    assert!(message.headers.len() <= MAX_HEADERS && message.body.len() <= SIP_MESSAGE_BYTES);
    match parse(&message.to_bytes()) {
        Ok(again) => assert_eq!(without_length(again), without_length(message.clone()), "what is written reads back"),
        Err(error) => assert!(is_length(&error), "{error} of own message"),
    }
    for (_, value) in message.headers.iter() {
        if let Some(uri) = Uri::parse(value) {
            let _ = (uri.socket(), uri.to_string());
        }
        let _ = NameAddr::parse(value);
    }
    // A response finds its way back by the topmost Via, and carries the others as they came.
    let Some(via) = message.via() else { return };
    let mut stamped = message.clone();
    stamped.stamp_source(SocketAddr::from(([203, 0, 113, 9], 40_123)));
    let after = stamped.via().expect("still there");
    assert_eq!(
        (&after.transport, &after.host, after.port, after.branch()),
        (&via.transport, &via.host, via.port, via.branch())
    );
    let others = |message: &Message| message.headers.all("Via").skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(others(&stamped), others(&message));
    match parse(&Message::response(&stamped, 200, "tag").to_bytes()) {
        Ok(answer) => assert_eq!((answer.cseq(), answer.call_id()), (message.cseq(), message.call_id())),
        Err(error) => assert!(is_length(&error), "{error} of own answer"),
    }
    assert_eq!(Via::parse(&after.to_string()), Some(after));
}

fn framed(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Option<FrameError>) {
    let (mut framer, mut out) = (StreamFramer::new(), Vec::new());
    for piece in pieces {
        framer.push(piece);
        assert!(framer.buffered_bytes() <= 2 * SIP_MESSAGE_BYTES.max(piece.len()));
        loop {
            match framer.next_message() {
                Ok(Some(message)) => out.push(message),
                Ok(None) => break,
                Err(error) => return (out, Some(error)),
            }
        }
    }
    (out, None)
}

fn framing_holds(whole: &[u8], pieces: &[&[u8]]) {
    let expected = framed(&[whole]);
    assert!(expected.0.iter().all(|message| message.len() <= SIP_MESSAGE_BYTES));
    assert_eq!(framed(pieces), expected, "the same messages wherever the stream is cut");
}

/// What a stranger can make of a platform that knows one device: answers that are SIP, and tables that stay small.
fn platform_holds(whole: &[u8], pieces: &[&[u8]]) {
    let now = |ms| Now { mono: MonoMs(ms), utc: UtcMs(1_795_255_200_000) };
    let from = SocketAddr::from(([198, 51, 100, 1], 5_060));
    let config = PlatformConfig::new(id(PLATFORM), SocketAddr::from(([192, 0, 2, 1], 5_060)));
    let mut platform = Platform::new(config, counting());
    platform.allow(id(DEVICE), DeviceEntry::password("12345678")).expect("room for one");
    platform.handle(Wire::Datagram { from, bytes: whole }, now(0));
    platform.handle(Wire::TcpOpened { conn: ConnId(1), from }, now(1));
    for piece in pieces {
        platform.handle(Wire::TcpBytes { conn: ConnId(1), bytes: piece }, now(2));
    }
    platform.handle(Wire::TcpClosed { conn: ConnId(1) }, now(3));
    // Every message takes at least this many bytes, and has at most a few answers.
    let most = 8 + whole.len() / 8;
    let mut outputs = 0;
    while let Some(output) = platform.poll_output() {
        outputs += 1;
        assert!(outputs <= most, "more than {most} outputs for {} bytes", whole.len());
        if let Output::Send { bytes, .. } = output {
            match parse(&bytes) {
                Ok(_) => {}
                Err(error) => assert!(is_length(&error), "{error} of own message"),
            }
        }
    }
    assert!(platform.online_devices() <= 1 && platform.open_streams() == 0);
}

fn id(text: &str) -> GbId {
    GbId::parse(text).expect("twenty digits")
}

fn counting() -> Rng {
    let mut n = 0_u64;
    Rng::new(move || {
        n = n.wrapping_add(0x1234_5678_9abc);
        n
    })
}

fn request(method: Method, cseq: u32) -> Message {
    let name = method.as_str().to_owned();
    Message::request(method, &format!("sip:{PLATFORM}@3402000000"))
        .with("Via", &format!("SIP/2.0/UDP 198.51.100.1:5060;rport;branch=z9hG4bK{name}{cseq}"))
        .with("From", &format!("<sip:{DEVICE}@3402000000>;tag=1"))
        .with("To", &format!("<sip:{PLATFORM}@3402000000>"))
        .with("Call-ID", "c1")
        .with("CSeq", &format!("{cseq} {name}"))
        .with("Contact", &format!("<sip:{DEVICE}@198.51.100.1:5060>"))
}

/// What a camera and a platform say to each other.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let register = request(Method::Register, 1).with("Expires", "3600");
    let challenged = Message::response(&register, 401, "t")
        .with("WWW-Authenticate", "Digest realm=\"3402000000\",nonce=\"0123456789abcdef\",algorithm=MD5,qop=\"auth\"");
    let challenge = Challenge::all(&challenged).into_iter().next().expect("own challenge");
    let answer = ClientAuth::new(challenge, DEVICE, "12345678").authorize("REGISTER", "sip:x", "0a4f113b");
    let keepalive = request(Method::Message, 3).with_body(
        "Application/MANSCDP+xml",
        format!("<?xml version=\"1.0\"?><Notify><CmdType>Keepalive</CmdType><SN>1</SN><DeviceID>{DEVICE}</DeviceID><Status>OK</Status></Notify>")
            .into_bytes(),
    );
    let authorised = request(Method::Register, 2).with("Authorization", &answer).with("Expires", "3600");
    let invite = request(Method::Invite, 4).with_body("APPLICATION/SDP", b"v=0\r\nm=video 9 RTP/AVP 96\r\n".to_vec());
    let mut stream = b"\r\n\r\n".to_vec();
    for message in [&register, &keepalive, &authorised] {
        stream.extend(message.to_bytes());
    }
    let compact = "MESSAGE sip:p@d SIP/2.0\nv: SIP/2.0/TCP h:5060;branch=z9hG4bKx\nf : <sip:a@b>;tag=1\nt: sip:c@d\n\
        i: id-1\nCSeq: 7\tMESSAGE\nSubject: one\n  two\nl: 2\n\nab";
    vec![
        with_cuts(&[40], &register.to_bytes()),
        with_cuts(&[], &challenged.to_bytes()),
        with_cuts(&[1, 90], &authorised.to_bytes()),
        with_cuts(&[127], &keepalive.to_bytes()),
        with_cuts(&[255], &invite.to_bytes()),
        with_cuts(&[3, 100, 7], &stream),
        with_cuts(&[11], compact.as_bytes()),
    ]
}
