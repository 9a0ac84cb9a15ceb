//! SIP text: what cameras send is read, what is over a limit is refused, and framing does not depend on cuts.

use super::*;
use base::limits::SIP_MESSAGE_BYTES;
use proptest::prelude::*;

const REGISTER: &str = "REGISTER sip:34020000002000000001@3402000000 SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK1371463273\r\n\
    From: <sip:34020000001320000001@3402000000>;tag=2043466181\r\n\
    To: <sip:34020000001320000001@3402000000>\r\n\
    Call-ID: 1011047669\r\nCSeq: 1 REGISTER\r\n\
    Contact: <sip:34020000001320000001@192.168.1.64:5060>\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n";

#[test]
fn reads_and_answers_a_register() {
    let mut message = parse(REGISTER.as_bytes()).expect("parses");
    assert_eq!(message.method(), Some(Method::Register));
    assert_eq!(message.cseq(), Some((1, Method::Register)));
    message.stamp_source("10.0.0.9:40123".parse().expect("address"));
    let reply = Message::response(&message, 401, "abc");
    let text = String::from_utf8(reply.to_bytes()).expect("utf-8");
    assert!(text.starts_with("SIP/2.0 401 Unauthorized\r\n"), "{text}");
    assert!(text.contains("rport=40123") && text.contains("received=10.0.0.9"), "{text}");
    assert!(text.contains("To: <sip:34020000001320000001@3402000000>;tag=abc\r\n"), "{text}");
    assert_eq!(reply.via().and_then(|v| v.reflexive()), "10.0.0.9:40123".parse().ok());
    assert_eq!(parse(text.as_bytes()).expect("own output parses"), Message { ..reply_with_length(reply) });
}

/// `to_bytes` writes Content-Length, so the parsed form has it as a header.
fn reply_with_length(mut message: Message) -> Message {
    message.headers.push("Content-Length", &message.body.len().to_string());
    message
}

#[test]
fn compact_names_folded_lines_bare_lf_and_no_length() {
    let text = "\r\nMESSAGE sip:p@d SIP/2.0\nv: SIP/2.0/UDP h:5060;branch=z9hG4bKx\nf : <sip:a@b>;tag=1\nt: sip:c@d\n\
        i: id-1\nCSeq: 7\tMESSAGE\nSubject: one\n  two\n\tthree\nc: Application/MANSCDP+xml\n\n<Notify/>";
    let message = parse(text.as_bytes()).expect("parses");
    assert_eq!(message.headers.get("subject"), Some("one two three"));
    assert_eq!((message.call_id(), message.tag("From").as_deref()), (Some("id-1"), Some("1")));
    assert_eq!(message.headers.get("Content-Type"), Some("Application/MANSCDP+xml"));
    assert_eq!(message.body, b"<Notify/>");
    assert_eq!(message.tag("To"), None);
}

#[test]
fn display_name_in_gbk_is_read() {
    let mut bytes = b"OPTIONS sip:p@d SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=b\r\nFrom: \"".to_vec();
    bytes.extend_from_slice(&encoding_rs::GBK.encode("大门").0);
    bytes.extend_from_slice(b"\" <sip:a@b>;tag=9\r\nTo: <sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n");
    let message = parse(&bytes).expect("parses");
    assert_eq!(message.headers.get("From"), Some("\"大门\" <sip:a@b>;tag=9"));
}

#[test]
fn each_limit_and_each_malformation_has_its_error() {
    let long = format!("OPTIONS sip:p@d SIP/2.0\r\nX: {}\r\n\r\n", "a".repeat(MAX_LINE_BYTES));
    let many = format!("OPTIONS sip:p@d SIP/2.0\r\n{}\r\n", "X: 1\r\n".repeat(MAX_HEADERS + 1));
    let folded = format!("OPTIONS sip:p@d SIP/2.0\r\nX: 1\r\n{}\r\n", format!(" {}\r\n", "b".repeat(1000)).repeat(9));
    let cases: Vec<(Vec<u8>, SipError)> = vec![
        (vec![b'a'; SIP_MESSAGE_BYTES + 1], SipError::TooLarge(SIP_MESSAGE_BYTES + 1)),
        (b"\r\n\r\n".to_vec(), SipError::Empty),
        (Vec::new(), SipError::Empty),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), SipError::StartLine),
        (b"SIP/2.0 99 Low\r\n\r\n".to_vec(), SipError::StartLine),
        (b"SIP/2.0 700 High\r\n\r\n".to_vec(), SipError::StartLine),
        (b"OPTIONS sip:p@d SIP/2.0".to_vec(), SipError::NoEnd),
        (b"OPTIONS sip:p@d SIP/2.0\r\nnocolon\r\n\r\n".to_vec(), SipError::HeaderLine(1)),
        (long.into_bytes(), SipError::LineTooLong),
        (folded.into_bytes(), SipError::LineTooLong),
        (many.into_bytes(), SipError::TooManyHeaders),
        (REGISTER.replace("Call-ID: 1011047669\r\n", "").into_bytes(), SipError::Missing("Call-ID")),
        (REGISTER.replace("CSeq: 1 REGISTER", "CSeq: x REGISTER").into_bytes(), SipError::Missing("CSeq")),
        (REGISTER.replace("From:", "X-From:").into_bytes(), SipError::Missing("From")),
        (REGISTER.replace("Via:", "X-Via:").into_bytes(), SipError::Missing("Via")),
        (REGISTER.replace("Length: 0", "Length: 1").into_bytes(), SipError::ContentLength),
        (REGISTER.replace("Length: 0", "Length: -1").into_bytes(), SipError::ContentLength),
    ];
    for (bytes, want) in cases {
        assert_eq!(parse(&bytes), Err(want), "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
    }
    // A response without Via is accepted: it is matched by Call-ID and CSeq.
    assert!(parse(b"SIP/2.0 200 OK\r\nFrom: a@b\r\nTo: c@d\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n\r\n").is_ok());
}

#[test]
fn a_value_cannot_smuggle_a_line() {
    let message = Message::request(Method::Message, "sip:a@b\r\nEvil: 1").with("Subject", "x\r\nEvil: 2");
    let text = String::from_utf8(message.to_bytes()).expect("utf-8");
    assert!(!text.contains("\nEvil"), "{text}");
}

#[test]
fn a_quoted_value_of_a_via_is_answered_as_it_came() {
    let via = "SIP/2.0/UDP h:5060;rport;x=\"a;b,c\";branch=z9hG4bKq, SIP/2.0/UDP second;branch=z9hG4bKr";
    let mut message =
        parse(REGISTER.replace("SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK1371463273", via).as_bytes())
            .expect("parses");
    message.stamp_source("10.0.0.9:40123".parse().expect("address"));
    let answer = Message::response(&message, 200, "t");
    let line = answer.headers.get("Via").expect("a Via");
    assert_eq!(
        line,
        "SIP/2.0/UDP h:5060;rport=40123;x=\"a;b,c\";branch=z9hG4bKq;received=10.0.0.9, SIP/2.0/UDP second;branch=z9hG4bKr"
    );
    assert_eq!(answer.via().and_then(|v| v.param("x").map(str::to_owned)).as_deref(), Some("a;b,c"));
}

#[test]
fn uris() {
    let uri = Uri::parse("sip:34020000001320000001@192.168.1.2:5060;transport=tcp").expect("uri");
    assert_eq!((uri.user.as_str(), uri.host.as_str(), uri.port), ("34020000001320000001", "192.168.1.2", Some(5060)));
    assert_eq!(uri.to_string(), "sip:34020000001320000001@192.168.1.2:5060");
    assert_eq!(Uri::parse("<sip:1@[2001:db8::1]:5061>").and_then(|u| u.socket()), "[2001:db8::1]:5061".parse().ok());
    assert_eq!(Uri::parse("sip:3402000000").map(|u| u.to_string()), Some("sip:3402000000".into()));
    assert_eq!(Uri::parse("sip:1@1.2.3.4:99999"), None);
    assert_eq!(Uri::parse("sip:1@"), None);
    let contact = NameAddr::parse("\"a;b>\" <sip:1@1.2.3.4:5060>;expires=3600").expect("name-addr");
    assert_eq!((contact.uri.user.as_str(), contact.params.get("expires").map(String::as_str)), ("1", Some("3600")));
}

fn stream() -> (Vec<u8>, Vec<Vec<u8>>) {
    let with_body = "MESSAGE sip:p@d SIP/2.0\r\nv: SIP/2.0/TCP h;branch=b\r\nl: 11\r\n\r\nhello\r\n\r\nxx";
    let parts = vec![REGISTER.as_bytes().to_vec(), with_body.as_bytes().to_vec(), REGISTER.as_bytes().to_vec()];
    let mut bytes = b"\r\n\r\n".to_vec();
    for part in &parts {
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n\r\n");
    }
    (bytes, parts)
}

fn drain(framer: &mut StreamFramer) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| framer.next_message().expect("valid stream")).collect()
}

#[test]
fn framing_is_the_same_at_every_split_point() {
    let (bytes, want) = stream();
    for cut in 0..=bytes.len() {
        let mut framer = StreamFramer::new();
        framer.push(&bytes[..cut]);
        let mut got = drain(&mut framer);
        framer.push(&bytes[cut..]);
        got.extend(drain(&mut framer));
        assert_eq!(got, want, "cut at {cut}");
    }
    let mut framer = StreamFramer::new();
    let mut got = Vec::new();
    for byte in &bytes {
        framer.push(std::slice::from_ref(byte));
        got.extend(drain(&mut framer));
    }
    assert_eq!(got, want);
    assert_eq!(framer.buffered_bytes(), 0);
}

#[test]
fn framer_limits() {
    let mut framer = StreamFramer::new();
    framer.push(format!("MESSAGE a SIP/2.0\r\nContent-Length: {SIP_MESSAGE_BYTES}\r\n\r\n").as_bytes());
    assert_eq!(framer.next_message(), Err(FrameError::TooLarge));
    framer.push(REGISTER.as_bytes());
    assert_eq!(framer.next_message(), Err(FrameError::TooLarge), "an error is final");
    let mut framer = StreamFramer::new();
    framer.push(&vec![b'a'; 64 * 1024 + 1]);
    assert_eq!(framer.next_message(), Err(FrameError::HeadTooLarge));
    for length in ["", "Content-Length: x\r\n", "Content-Length: 99999999999999999999999\r\n"] {
        let mut framer = StreamFramer::new();
        framer.push(format!("MESSAGE a SIP/2.0\r\n{length}\r\n").as_bytes());
        assert_eq!(framer.next_message(), Err(FrameError::ContentLength));
    }
    // A peer that only pushes (driver never drains) does not grow the buffer without bound.
    let mut framer = StreamFramer::new();
    for _ in 0..100 {
        framer.push(&[b'a'; 16 * 1024]);
        assert!(framer.buffered_bytes() <= 2 * SIP_MESSAGE_BYTES);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_or_framer_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&bytes);
        let mut framer = StreamFramer::new();
        framer.push(&bytes);
        while let Ok(Some(_)) = framer.next_message() {}
    }

    #[test]
    fn a_mutated_register_never_panics(at in 0_usize..400, byte in any::<u8>(), cut in 0_usize..500) {
        let mut bytes = REGISTER.as_bytes().to_vec();
        if let Some(b) = bytes.get_mut(at) { *b = byte; }
        bytes.truncate(cut.max(1));
        if let Ok(mut message) = parse(&bytes) {
            message.stamp_source("1.2.3.4:5".parse().expect("address"));
            let again = parse(&Message::response(&message, 200, "t").to_bytes());
            prop_assert!(again.is_ok());
        }
    }
}
