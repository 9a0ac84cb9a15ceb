//! The codec at every split point, with given vectors, wrong sums, wrong keys, old stamps and hostile bytes; the answers; supervision.

use super::cipher::Random;
use super::frame::{Frame, Token};
use super::message::Message;
use super::panel::{Answer, Panel};
use super::receiver::hear;
use super::split::{BODY_BYTES, enframe};
use super::*;
use base::{MonoMs, UtcMs};
use proptest::prelude::*;
use std::sync::Arc;

/// Frames of live runs of three implementations, and one of a central station's own tool.
const VECTORS: [&str; 5] = [
    "\n5BCA0013\"NULL\"0000L0#1000[]\r",
    "\n1F740023\"SIA-DCS\"0001L0#1000[#1000|Nri1BA1]\r",
    "\n434D0027\"ADM-CID\"0002L0#1000[#1000|1130 01 002]\r",
    "\n5B8E0014\"ACK\"0001R1L0#1000[]\r",
    "\n59890012\"ACK\"0000L0#1409[]\r",
];

/// 2026-11-21 10:00:00 UTC.
const NOW: UtcMs = UtcMs(1_795_255_200_000);
const PAD: Random = *b"0123456789abcdef";
const KEY: &str = "00112233445566778899AABBCCDDEEFF";

fn all(input: &[u8]) -> Vec<Item> {
    let mut deframer = Deframer::default();
    let mut rest = input;
    let mut out = Vec::new();
    while let Some(item) = deframer.next(&mut rest) {
        out.push(item);
    }
    assert!(rest.is_empty());
    out
}

fn bodies(items: &[Item]) -> Vec<&[u8]> {
    items.iter().filter_map(|i| if let Item::Body(b) = i { Some(b.as_slice()) } else { None }).collect()
}

fn body_of(frame: &[u8]) -> Vec<u8> {
    bodies(&all(frame)).first().expect("a whole frame").to_vec()
}

fn account(key: Option<&str>, quirks: Quirks) -> Arc<Account> {
    Arc::new(Account { key: key.map(|k| Key::parse(k).expect("a key")), quirks })
}

fn ask(frame: &[u8], account: &Arc<Account>) -> Heard {
    hear(&body_of(frame), |_| Some(account.clone()), NOW)
}

fn reply_of(heard: &Heard) -> Option<String> {
    let reply = match heard {
        Heard::Events { reply, .. } | Heard::Alive { reply, .. } => Some(reply),
        Heard::Refused { reply, .. } => reply.as_ref(),
    };
    reply.map(|r| String::from_utf8(r.encode(NOW, PAD)).expect("ASCII"))
}

#[track_caller]
fn why(heard: &Heard) -> &Why {
    match heard {
        Heard::Refused { why, .. } => why,
        other => panic!("taken: {other:?}"),
    }
}

#[test]
fn given_vectors_are_read_and_written_byte_for_byte() {
    for vector in VECTORS {
        let frame = Frame::parse(&body_of(vector.as_bytes())).unwrap();
        assert_eq!(frame.encode(), vector.as_bytes(), "{vector}");
        assert!(Message::parse(&frame.content).is_some());
    }
    let turned = Frame::parse(b"\"NAK\"0000L0R0A0[]_10:00:00,11-21-2026").unwrap();
    assert_eq!((turned.line.as_str(), turned.receiver.as_deref()), ("0", Some("0")), "NAK of another maker");
    let naming = Frame::parse(b"\"NAK\"0007L0#1000[]").unwrap();
    assert_eq!(Frame::parse(&naming.body()).as_ref(), Ok(&naming), "a NAK that names its account");
    let frame = Frame::parse(&body_of(VECTORS[3].as_bytes())).unwrap();
    assert_eq!((frame.token, frame.sequence, frame.receiver.as_deref()), (Token::Ack, 1, Some("1")));
}

#[test]
fn answers_echo_only_what_came() {
    let plain = account(None, Quirks::default());
    for (question, answer) in [
        ("\"NULL\"0000L0#1000[]", "\"ACK\"0000L0#1000[]"),
        ("\"NULL\"0000R1L0#1000[]", "\"ACK\"0000R1L0#1000[]"),
        ("\"ADM-CID\"9999RabL00aF#00ab[#00ab|1130 01 002]", "\"ACK\"9999RabL00aF#00ab[]"),
        ("\"SIA-DCS\"0007L#1234567890ABCDEF[#1|Nri1BA1]", "\"ACK\"0007L#1234567890ABCDEF[]"),
        ("\"WHAT\"0003R5L0#1000[x]", "\"DUH\"0003R5L0#1000[]"),
    ] {
        let heard = ask(&enframe(question.as_bytes()), &plain);
        assert_eq!(reply_of(&heard).unwrap().as_bytes(), enframe(answer.as_bytes()), "{question}");
    }
    // The answer of the vectors to the event of the vectors.
    let heard = ask(VECTORS[1].as_bytes(), &plain);
    assert_eq!(reply_of(&heard).unwrap().as_bytes(), enframe(b"\"ACK\"0001L0#1000[]"));
}

#[test]
fn other_receivers_answers_get_none() {
    let plain = account(None, Quirks { any_token: true, ..Quirks::default() });
    for token in ["ACK", "NAK", "DUH", "RSP"] {
        let heard = ask(&enframe(format!("\"{token}\"0001L0#1000[]").as_bytes()), &plain);
        assert_eq!((why(&heard), reply_of(&heard)), (&Why::Answer, None), "{token}");
    }
}

#[test]
fn a_frame_is_found_wherever_the_stream_is_cut() {
    let stream = VECTORS.concat().into_bytes();
    let whole = all(&stream);
    assert_eq!(bodies(&whole).len(), VECTORS.len());
    for first in 0..=stream.len() {
        for second in [first, first + 1, first + 7, stream.len()] {
            let second = second.clamp(first, stream.len());
            let mut deframer = Deframer::default();
            let mut out = Vec::new();
            for part in [&stream[..first], &stream[first..second], &stream[second..]] {
                let mut rest = part;
                while let Some(item) = deframer.next(&mut rest) {
                    out.push(item);
                }
                assert!(rest.is_empty());
            }
            assert_eq!(out, whole, "cut at {first} and {second}");
        }
    }
    let mut deframer = Deframer::default();
    let one_by_one: Vec<_> = stream.iter().filter_map(|b| deframer.next(&mut std::slice::from_ref(b))).collect();
    assert_eq!(one_by_one, whole);
    assert!(!deframer.is_inside());
}

#[test]
fn wrong_sums_and_lengths_are_told_apart_and_swallow_nothing() {
    let good = VECTORS[1];
    for (bad, expected) in [
        (good.replace("1F74", "1F75"), Item::WrongCrc),
        (good.replace("BA1", "BA2"), Item::WrongCrc),
        (good.replace("0023", "0022"), Item::WrongLength),
        (good.replace("0023", "0024"), Item::WrongLength),
        (good.replace("0023", "0FFF"), Item::WrongLength),
        (good.replace("0023", "0000"), Item::WrongLength),
        (good.replace("0023", "1023"), Item::WrongLength),
        (good.replace("0023", "FFFF"), Item::WrongLength),
        (good[..20].to_owned(), Item::WrongLength),
        ("hello".to_owned(), Item::Noise(5)),
        ("\nGET / HTTP/1.1\r".to_owned(), Item::Noise(14)),
        ("\n1F74zz".to_owned(), Item::Noise(6)),
    ] {
        let items = all(format!("{bad}{good}").as_bytes());
        assert_eq!(items.first(), Some(&expected), "{bad:?}");
        assert_eq!(bodies(&items).len(), 1, "{bad:?}: the frame behind it is found: {items:?}");
    }
    // Lower-case digits and line feeds after frames are habits of the field.
    let habit = good.replace("1F74", "1f74");
    assert_eq!(bodies(&all(format!("{habit}\n{good}\r\n\n{good}").as_bytes())).len(), 3);
}

#[test]
fn what_a_stream_can_make_us_keep_is_bounded() {
    let mut deframer = Deframer::default();
    let mut noise = 0;
    for byte in [b'x', b'0', b'\n'] {
        for _ in 0..100_000 {
            if let Some(Item::Noise(n)) = deframer.next(&mut [byte].as_slice()) {
                noise += n;
            }
        }
    }
    assert!(noise >= 200_000 - BODY_BYTES, "{noise}");
    let mut deframer = Deframer::default();
    let mut rest: &[u8] = b"\n00000FFF";
    assert_eq!(deframer.next(&mut rest), None);
    assert!(deframer.is_inside());
    for _ in 0..BODY_BYTES {
        assert_eq!(deframer.next(&mut b"a".as_slice()), None);
    }
    assert_eq!(deframer.next(&mut b"a".as_slice()), Some(Item::WrongLength));
    let longest = vec![b'a'; BODY_BYTES];
    assert_eq!(bodies(&all(&enframe(&longest))), [longest.as_slice()]);
    assert_eq!(bodies(&all(&enframe(&[b'a'; BODY_BYTES + 1]))).len(), 1, "cut, not miscounted");
}

#[test]
fn a_datagram_that_ends_in_a_frame_is_told() {
    let mut deframer = Deframer::default();
    assert_eq!(deframer.next(&mut &VECTORS[0].as_bytes()[..15]), None);
    assert_eq!(deframer.end(), Some(Item::WrongLength));
    assert_eq!(deframer.end(), None);
    assert_eq!(deframer.next(&mut b"abc".as_slice()), None);
    assert_eq!(deframer.end(), Some(Item::Noise(3)));
}

#[test]
fn frames_with_a_wrong_part_are_refused_by_its_name() {
    use super::frame::FrameFault as F;
    for (body, fault) in [
        ("", F::Token),
        ("NULL\"0000L0#1000[]", F::Token),
        ("\"\"0000L0#1000[]", F::Token),
        ("\"AAAAAAAAAAAAAAAAA\"0000L0#1000[]", F::Token),
        ("\"NULL\"000L0#1000[]", F::Sequence),
        ("\"NULL\"00a0L0#1000[]", F::Sequence),
        ("\"NULL\"0000R0#1000[]", F::Number),
        ("\"NULL\"0000RL0#1000[]", F::Number),
        ("\"NULL\"0000R1234567L0#1000[]", F::Number),
        ("\"NULL\"0000L1234567#1000[]", F::Number),
        ("\"NULL\"0000L0A0[]", F::Account),
        ("\"NULL\"0000L0#12[]", F::Account),
        ("\"NULL\"0000L0#12345678901234567[]", F::Account),
        ("\"NULL\"0000L0#1000", F::Content),
    ] {
        assert_eq!(Frame::parse(body.as_bytes()), Err(fault), "{body}");
    }
}

#[test]
fn the_answer_to_a_wrong_clock_is_exactly_this() {
    let account = account(Some(KEY), Quirks::default());
    let mut panel = Panel::new("1234", Key::parse(KEY)).unwrap();
    for (error_ms, taken) in [(-40_000, true), (-41_000, false), (20_000, true), (21_000, false), (0, true)] {
        panel.set_clock_error(error_ms);
        let t = panel.contact_id("1130 01 002");
        let heard = ask(&panel.encode(&t, NOW, PAD), &account);
        assert_eq!(matches!(heard, Heard::Events { .. }), taken, "{error_ms}");
        if !taken {
            assert_eq!(why(&heard), &Why::ClockOff(error_ms));
            let nak = reply_of(&heard).unwrap();
            assert_eq!(nak.as_bytes(), enframe(b"\"NAK\"0000R0L0A0[]_10:00:00,11-21-2026"));
            assert_eq!(panel.answer(&t, &body_of(nak.as_bytes()), NOW), Answer::ClockSet);
            assert_eq!(panel.clock_error_ms(), 0);
            let again = ask(&panel.encode(&t, NOW, PAD), &account);
            assert!(matches!(again, Heard::Events { .. }), "corrected and sent again");
        }
    }
}

#[test]
fn keys_of_all_lengths_work_both_ways_and_only_the_right_one_opens() {
    for hex in [KEY.to_owned(), format!("{KEY}0123456789ABCDEF"), format!("{KEY}{KEY}")] {
        let account = account(Some(&hex), Quirks::default());
        let mut panel = Panel::new("AB12", Key::parse(&hex)).unwrap();
        panel.set_numbers(Some("7".into()), "0".into());
        for t in [panel.null(), panel.contact_id("1120 01 003"), panel.sia(b"Nri1/HA3", vec![b"Mx".to_vec()])] {
            let frame = panel.encode(&t, NOW, PAD);
            let heard = ask(&frame, &account);
            let ack = reply_of(&heard).expect("taken and answered");
            assert!(ack.contains("\"*ACK\"") && ack.contains("R7L0#AB12["), "{ack}");
            let content = ack.split_once('[').map_or("", |(_, content)| content.trim_end());
            assert!(content.len().is_multiple_of(32) && content.bytes().all(|b| b.is_ascii_hexdigit()), "{ack}");
            assert_eq!(panel.answer(&t, &body_of(ack.as_bytes()), NOW), Answer::Acknowledged);
            let mut stranger = Panel::new("AB12", Key::parse(&"5".repeat(hex.len()))).unwrap();
            stranger.set_numbers(Some("7".into()), "0".into());
            assert_ne!(stranger.answer(&t, &body_of(ack.as_bytes()), NOW), Answer::Acknowledged);
            let heard = ask(&stranger.encode(&t, NOW, PAD), &account);
            assert_eq!(why(&heard), &Why::WrongKey);
            assert!(reply_of(&heard).unwrap().contains("\"DUH\""));
        }
    }
    assert!(Key::parse("00").is_none() && Key::parse(&"0".repeat(66)).is_none() && Key::parse("zz").is_none());
    assert_eq!(format!("{:?}", Key::parse(KEY)), "Some(Key(***))");
    let (literal, hex) = (Key::parse("text:AAAAAAAAAAAAAAAA").unwrap(), Key::parse(&"41".repeat(16)).unwrap());
    assert_eq!(literal.encrypt(b"]", PAD), hex.encrypt(b"]", PAD));
    assert!(Key::parse("text:short").is_none() && Key::parse("text:ÄÄÄÄÄÄÄÄ").is_none());
}

/// What `openssl enc -aes-N-cbc -nopad` with an IV of zeros makes of `0123456789|]_10:00:00,11-21-2026`: so that AES means AES also
/// where both ends are ours.
#[test]
fn sealed_regions_are_those_of_another_implementation() {
    let region = b"]_10:00:00,11-21-2026";
    let bytes: Vec<u8> = (0..32).collect();
    for (length, sealed) in [
        (16, "B79DA8914341C44DD615EAD6D29F217A06BE0ACD0E6DCE6AFFE8AA191D7BB6FD"),
        (24, "91C8636ED79CEA6EBC38A37AA317B0E2725C359B7B0B77C70831E1D9A8C2D255"),
        (32, "8D5786294B22939B72CFA6A9D7433E78D718A3C9739C32B808C227267D3D0236"),
    ] {
        let key = Key::new(&bytes[..length]).unwrap();
        assert_eq!(key.encrypt(region, PAD), sealed.as_bytes(), "{length}");
        assert_eq!(key.decrypt(sealed.to_lowercase().as_bytes()).as_deref(), Some(region.as_slice()));
        assert_eq!(key.decrypt(&sealed.as_bytes()[..62]), None, "no whole blocks");
        assert_eq!(key.decrypt(b""), None);
    }
}

#[test]
fn the_pad_is_one_to_sixteen_bytes_and_never_a_bracket_or_bar() {
    let key = Key::parse(KEY).unwrap();
    for length in 0..64 {
        let region = vec![b'x'; length];
        let sealed = key.encrypt(&region, [b'|'; 16]);
        assert_eq!(sealed.len() / 2, (length + 2).next_multiple_of(16), "{length}");
        assert_eq!(key.decrypt(&sealed), Some(region), "{length}");
    }
    for byte in 0..=255 {
        assert_eq!(key.decrypt(&key.encrypt(b"]", [byte; 16])).as_deref(), Some(b"]".as_slice()), "{byte}");
    }
}

#[test]
fn what_an_account_does_not_allow_is_refused_and_what_it_allows_passes() {
    let keyed = |quirks| account(Some(KEY), quirks);
    let cid = VECTORS[2].as_bytes();
    let plain_refused = ask(cid, &keyed(Quirks::default()));
    assert_eq!(why(&plain_refused), &Why::NotEncrypted);
    assert!(matches!(ask(cid, &keyed(Quirks { plain: true, ..Quirks::default() })), Heard::Events { .. }));
    let mut panel = Panel::new("1000", Key::parse(KEY)).unwrap();
    let t = panel.contact_id("1130 01 002");
    assert_eq!(why(&ask(&panel.encode(&t, NOW, PAD), &account(None, Quirks::default()))), &Why::NoKey);
    let nobody = hear(&body_of(cid), |_| None, NOW);
    assert_eq!(why(&nobody), &Why::UnknownAccount);
    assert_eq!(reply_of(&nobody).unwrap().as_bytes(), enframe(b"\"DUH\"0002L0#1000[]"));

    let bare = Message { data: b"#1000|1130 01 002".to_vec(), ..Message::default() };
    let mut frame = Frame::parse(&body_of(cid)).unwrap();
    frame.encrypted = true;
    frame.content = Key::parse(KEY).unwrap().encrypt(&bare.region(), PAD);
    assert_eq!(why(&ask(&frame.encode(), &keyed(Quirks::default()))), &Why::NoStamp);
    let allowed = Quirks { unstamped: true, ..Quirks::default() };
    assert!(matches!(ask(&frame.encode(), &keyed(allowed)), Heard::Events { said: None, .. }));

    panel.set_clock_error(8 * 3_600_000);
    let beijing = panel.encode(&t, NOW, PAD);
    assert_eq!(why(&ask(&beijing, &keyed(Quirks::default()))), &Why::ClockOff(8 * 3_600_000));
    for quirks in [Quirks { zone_min: 480, ..Quirks::default() }, Quirks { any_time: true, ..Quirks::default() }] {
        assert!(matches!(ask(&beijing, &keyed(quirks)), Heard::Events { .. }), "{quirks:?}");
    }
    let said = match ask(&beijing, &keyed(Quirks { zone_min: 480, ..Quirks::default() })) {
        Heard::Events { said, .. } => said,
        other => panic!("{other:?}"),
    };
    assert_eq!(said, Some(NOW));

    let odd = enframe(b"\"SIA-ABC\"0003L0#1000[#1000|hello]");
    let plain = account(None, Quirks::default());
    assert!(matches!(ask(&odd, &plain), Heard::Refused { genuine: true, .. }));
    let Heard::Events { reports, .. } = ask(&odd, &account(None, Quirks { any_token: true, ..Quirks::default() }))
    else {
        panic!("allowed")
    };
    assert_eq!(
        (reports[0].code.as_str(), reports[0].meaning, reports[0].text.as_str()),
        ("SIA-ABC", Meaning::Unknown, "hello")
    );
}

fn transmission_of(heard: &Heard) -> [u8; 16] {
    match heard {
        Heard::Events { transmission, .. } => *transmission,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_repetition_is_known_by_sequence_and_content_not_by_stamp_or_pad() {
    let keyed = account(Some(KEY), Quirks::default());
    let mut panel = Panel::new("1234", Key::parse(KEY)).unwrap();
    let (first, second) = (panel.contact_id("1130 01 002"), panel.contact_id("1130 01 002"));
    let of = |panel: &Panel, t, at, pad, account| transmission_of(&ask(&panel.encode(t, at, pad), account));
    let a = of(&panel, &first, NOW, PAD, &keyed);
    assert_eq!(a, of(&panel, &first, NOW.plus_ms(3_000), [9; 16], &keyed), "sent again");
    assert_ne!(a, of(&panel, &second, NOW, PAD, &keyed), "the next event, equal to the first");
    assert_ne!(a, of(&Panel::new("1235", Key::parse(KEY)).unwrap(), &first, NOW, PAD, &keyed), "another account");
    let uncounted = account(Some(KEY), Quirks { uncounted: true, ..Quirks::default() });
    assert_eq!(of(&panel, &first, NOW, PAD, &uncounted), [0; 16]);
    panel.resume(9_998);
    let (last, next) = (panel.null(), panel.contact_id("1602 00 000"));
    let after = panel.contact_id("1602 00 000");
    let sequence = |t| Frame::parse(&body_of(&panel.encode(t, NOW, PAD))).unwrap().sequence;
    assert_eq!([sequence(&last), sequence(&next), sequence(&after)], [0, 9_999, 1]);
}

#[test]
fn texts_and_extended_data_are_carried_through() {
    let event = |quirks, bytes: &[u8]| match ask(&enframe(bytes), &account(None, quirks)) {
        Heard::Events { mut reports, said, .. } => (reports.remove(0), said),
        other => panic!("{other:?}"),
    };
    let (report, said) = event(
        Quirks::default(),
        b"\"SIA-DCS\"0001L0#1000[#1000|Nri2/BA007^T\xfcr links^][Vrtsp://10.0.0.9/clip][X126E32.1]_10:00:05,11-21-2026",
    );
    assert_eq!((report.area, report.zone, report.code.as_str()), (2, 7, "NBA"));
    assert_eq!(report.text, "T\u{fc}r links [Vrtsp://10.0.0.9/clip] [X126E32.1]");
    assert_eq!(said, Some(NOW.plus_ms(5_000)));
    let mut bytes = b"\"SIA-DCS\"0001L0#1000[#1000|Nri2/BA007^".to_vec();
    bytes.extend_from_slice(&encoding_rs::GB18030.encode("东门").0);
    bytes.extend_from_slice(b"^]");
    let gb = Quirks { charset: Charset::Gb18030, ..Quirks::default() };
    assert_eq!(event(gb, &bytes).0.text, "东门");
    let utf8 = Quirks { charset: Charset::Utf8, ..Quirks::default() };
    assert_eq!(
        event(utf8, "\"SIA-DCS\"0001L0#1000[BA1^东门^]".as_bytes()).0.text,
        "东门",
        "an account in the content may be missing"
    );
    let many = format!("\"SIA-DCS\"0001L0#1000[x]{}", "[a]".repeat(17));
    assert_eq!(why(&ask(&enframe(many.as_bytes()), &account(None, Quirks::default()))), &Why::Content);
}

#[test]
fn contact_id_events_mean_what_the_table_says() {
    let of = |text: &str| {
        let r = contact_id::parse(text);
        (r.meaning, r.area, r.zone)
    };
    use {Alarm as A, Meaning as M, Trouble as T};
    assert_eq!(of("1130 01 002"), (M::Alarm(A::Burglary), 1, 2));
    assert_eq!(of("3130 01 002"), (M::Restored(A::Burglary), 1, 2));
    assert_eq!(of("6120 99 999"), (M::Alarm(A::HoldUp), 99, 999));
    assert_eq!(of("1401 01 007"), (M::Opened, 1, 7));
    assert_eq!(of("3401 01 007"), (M::Closed, 1, 7));
    assert_eq!(of("1301 00 000"), (M::Trouble(T::Mains), 0, 0));
    assert_eq!(of("3301 00 000"), (M::TroubleOver(T::Mains), 0, 0));
    assert_eq!(of("1570 01 003"), (M::Bypassed, 1, 3));
    assert_eq!(of("3570 01 003"), (M::Unbypassed, 1, 3));
    assert_eq!(of("1406 01 000"), (M::Cancelled, 1, 0));
    assert_eq!(of("1602"), (M::Test, 0, 0));
    assert_eq!(of("1422 01 004"), (M::Report, 1, 4));
    for code in ["121", "124", "125"] {
        assert_eq!(of(&format!("1{code} 01 001")).0, M::Alarm(A::Duress));
    }
    for code in ["137", "144", "145", "383"] {
        assert_eq!(of(&format!("1{code} 01 001")).0, M::Alarm(A::Tamper));
    }
    for odd in ["1999 01 002", "2130 01 002", "", "1130 xx 002", "hello", "1130 01 0000022", "东门东"] {
        let report = contact_id::parse(odd);
        assert_eq!(
            (report.meaning, report.text.is_empty()),
            (M::Unknown, odd == "1999 01 002" || odd == "2130 01 002" || odd.is_empty()),
            "{odd}"
        );
    }
    // What stands where the code should be may be as long as the frame: the code is cut, the text is whole.
    let long = contact_id::parse(&format!("{} 01 002", "!".repeat(200)));
    assert_eq!((long.code.len(), long.text.len()), (16, 207));
    // Codes that a widely used receiver does not know.
    for code in [
        "123", "129", "145", "383", "384", "411", "422", "424", "426", "451", "455", "606", "607", "609", "611", "616",
        "621",
    ] {
        assert_ne!(of(&format!("1{code} 01 001")).0, M::Unknown, "{code}");
        assert!(contact_id::name(code).is_some() && contact_id::name(&format!("1{code}")).is_some());
    }
}

#[test]
fn sia_events_mean_what_the_table_says() {
    use {Alarm as A, Meaning as M, Trouble as T};
    let one = |text: &str| {
        let mut list = sia::parse(text);
        assert_eq!(list.len(), 1, "{text}: {list:?}");
        let r = list.remove(0);
        (r.meaning, r.area, r.zone)
    };
    assert_eq!(one("Nri1BA1"), (M::Alarm(A::Burglary), 1, 1));
    assert_eq!(one("Nti10:23/id7/ri3/pi9/HA12"), (M::Alarm(A::HoldUp), 3, 12));
    assert_eq!(one("OPA5"), (M::Alarm(A::HoldUp), 0, 5));
    assert_eq!(one("Nri1/BR1"), (M::Restored(A::Burglary), 1, 1));
    assert_eq!(one("NTT4"), (M::Alarm(A::Tamper), 0, 4));
    assert_eq!(one("NAT"), (M::Trouble(T::Mains), 0, 0));
    assert_eq!(one("NAR"), (M::TroubleOver(T::Mains), 0, 0));
    assert_eq!(one("NYK"), (M::TroubleOver(T::Path), 0, 0));
    assert_eq!(one("Nri2/id44/OP1"), (M::Opened, 2, 44));
    assert_eq!(one("Nri2/CL3"), (M::Closed, 2, 3));
    assert_eq!(one("NBB7"), (M::Bypassed, 0, 7));
    assert_eq!(one("NBU7"), (M::Unbypassed, 0, 7));
    assert_eq!(one("NRP"), (M::Test, 0, 0));
    assert_eq!(one("NDD9"), (M::Report, 0, 9));
    assert_eq!(one("NQQ9"), (M::Unknown, 0, 9));
    for odd in ["", "N", "hello", "NB", "^^", "N/", "东", "Nri", "1"] {
        assert_eq!(one(odd).0, M::Unknown, "{odd}");
    }
    let several = sia::parse("Nri1/BA1/ri2/BA2^door^/FA3");
    let parts: Vec<_> = several.iter().map(|r| (r.code.as_str(), r.area, r.zone, r.text.as_str())).collect();
    assert_eq!(parts, [("NBA", 1, 1, ""), ("NBA", 2, 2, "door"), ("NFA", 2, 3, "")]);
    let flood = sia::parse(&format!("N{}", "BA1/".repeat(100)));
    assert_eq!(flood.len(), sia::EVENTS);
    assert!(flood[sia::EVENTS - 1].text.contains("BA1"), "the rest is not dropped");
    assert_eq!(sia::parse("NBAC3")[0].text, "C3", "an address that is no number stays as text");
}

#[test]
fn tables_are_sorted_large_and_named_in_both_languages() {
    for (table, least) in [(contact_id::TABLE, 190), (sia::TABLE, 190)] {
        assert!(table.len() >= least, "{}", table.len());
        assert!(table.windows(2).all(|w| w[0].code < w[1].code));
        assert!(table.iter().all(|r| !r.name.zh.is_empty() && !r.name.en.is_empty() && r.name.en.is_ascii()));
    }
    assert_eq!(sia::name("NBA").unwrap().zh, "入侵报警");
    assert_eq!(sia::name("ZU").unwrap().en, "Freeze unbypass");
    assert!(sia::name("QQ").is_none() && sia::name("").is_none() && contact_id::name("").is_none());
    let known = |first: char, second: char| sia::name(&format!("{first}{second}")).is_some();
    let count = ('A'..='Z').flat_map(|a| ('A'..='Z').map(move |b| (a, b))).filter(|(a, b)| known(*a, *b)).count();
    assert!(count >= 295, "{count} SIA codes known");
}

#[test]
fn silence_is_told_once_and_ends_with_the_next_frame() {
    let mut s = Supervision::default();
    let at = MonoMs;
    s.set("A", Some(1_000), false, at(0));
    s.set("B", Some(5_000), false, at(0));
    assert_eq!(s.next(), Some(at(1_000)));
    assert!(!s.heard("A", at(900)) && !s.heard("nobody", at(900)));
    assert!(s.overdue(at(1_000), 9).is_empty(), "heard meanwhile");
    assert_eq!(s.next(), Some(at(1_900)));
    let names = |list: Vec<Arc<str>>| list.iter().map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(names(s.overdue(at(1_900), 9)), ["A"]);
    assert!(s.overdue(at(4_000), 9).is_empty() && s.is_lost("A"), "told once");
    assert!(s.heard("A", at(4_500)) && !s.heard("A", at(4_501)), "found once");
    assert_eq!(names(s.overdue(at(6_000), 1)), ["B"]);
    assert_eq!(names(s.overdue(at(6_000), 1)), ["A"]);
    s.set("A", Some(100), false, at(7_000));
    s.set("B", None, false, at(7_000));
    s.set("C", Some(100), true, at(7_000));
    assert_eq!(names(s.overdue(at(9_000), 9)), ["A"], "a lost one is not told again after a restart");
    assert!(s.heard("C", at(9_000)));
    assert_eq!(s.counts(), (2, 1));
}

#[test]
fn ten_thousand_accounts_are_watched_with_a_small_heap() {
    let mut s = Supervision::default();
    let name = |n: u64| format!("{n:05}");
    for n in 0..10_000 {
        s.set(&name(n), Some(60_000), false, MonoMs(n));
    }
    // Every account is heard and set again many times; the table of deadlines does not grow with it.
    for round in 1..50 {
        for n in (0..10_000).step_by(7) {
            s.heard(&name(n), MonoMs(round * 1_000 + n));
            s.set(&name(n), Some(60_000 + round), false, MonoMs(round * 1_000 + n));
        }
        assert!(s.overdue(MonoMs(round * 1_000), 10_000).is_empty());
    }
    let lost = s.overdue(MonoMs(200_000), 4_000).len() + s.overdue(MonoMs(200_000), 10_000).len();
    assert_eq!((lost, s.counts()), (10_000, (10_000, 10_000)));
    assert_eq!(s.next(), None);
}

fn printable() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(
        (0x20_u8..=0xFF).prop_filter("a bracket ends the data", |b| !matches!(b, b'[' | b']')),
        0..300,
    )
}

proptest! {
    #[test]
    fn frames_come_back_as_they_were_written(
        token in prop_oneof![Just(Token::SiaDcs), Just(Token::AdmCid), Just(Token::Null), Just(Token::Ack), Just(Token::Duh),
            "[A-Z]{1,3}-[A-Z]{3}".prop_filter("ours", |t| t != "SIA-DCS" && t != "ADM-CID").prop_map(Token::Other)],
        encrypted: bool,
        sequence in 0_u16..10_000,
        receiver in proptest::option::of("[0-9A-F]{1,6}"),
        line in "[0-9a-f]{0,6}",
        account in "[0-9A-F]{3,16}",
        content in printable(),
        cut in proptest::collection::vec(0_usize..400, 0..5),
    ) {
        let frame = Frame { encrypted, token, sequence, receiver, line, account, content };
        let bytes = frame.encode();
        let mut deframer = Deframer::default();
        let mut found = Vec::new();
        let mut at = 0;
        let mut cuts: Vec<_> = cut.into_iter().map(|c| c.min(bytes.len())).chain([bytes.len()]).collect();
        cuts.sort_unstable();
        for cut in cuts {
            let mut rest = &bytes[at..cut];
            at = cut;
            while let Some(item) = deframer.next(&mut rest) {
                found.push(item);
            }
        }
        prop_assert_eq!(found.len(), 1);
        let Item::Body(body) = &found[0] else { panic!("{found:?}") };
        prop_assert_eq!(Frame::parse(body).unwrap(), frame);
    }

    #[test]
    fn messages_come_back_sealed_or_not(
        data in printable(),
        extended in proptest::collection::vec(printable(), 0..4),
        stamp in proptest::option::of(0_i64..4_000_000_000),
        key in proptest::sample::select(vec![16_usize, 24, 32]),
        pad: [u8; 16],
        other: [u8; 16],
    ) {
        let message = Message { data, extended, stamp: stamp.map(|s| UtcMs(s * 1_000)) };
        let region = message.region();
        prop_assert_eq!(&Message::parse(&region).unwrap(), &message);
        let sealed = Key::new(&vec![7; key]).unwrap().encrypt(&region, pad);
        prop_assert!(sealed.iter().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(b)));
        prop_assert_eq!(Key::new(&vec![7; key]).unwrap().decrypt(&sealed), Some(region.clone()));
        prop_assert_ne!(Key::new(&other).unwrap().decrypt(&sealed), Some(region));
    }

    /// As a fuzzer would: any bytes, at any account; nothing panics, and a good frame behind them is found.
    #[test]
    fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600), keyed: bool) {
        let account = account(keyed.then_some(KEY), Quirks { any_token: true, plain: true, unstamped: true, ..Quirks::default() });
        let mut stream = bytes.clone();
        stream.extend_from_slice(VECTORS[0].as_bytes());
        let items = all(&stream);
        prop_assert!(bodies(&items).last().is_some_and(|b| VECTORS[0].as_bytes()[9..].starts_with(b)));
        for body in bodies(&items).into_iter().chain([bytes.as_slice()]) {
            let _ = hear(body, |_| Some(account.clone()), NOW);
        }
        let framed = all(&enframe(&bytes));
        prop_assert!(framed.len() <= bytes.len() + 2);
        let text = String::from_utf8_lossy(&bytes);
        let _ = contact_id::parse(&text);
        prop_assert!((1..=sia::EVENTS).contains(&sia::parse(&text).len()));
        let _ = Message::parse(&bytes);
    }

    #[test]
    fn no_content_does_harm(content in proptest::collection::vec(any::<u8>(), 0..200), token in proptest::sample::select(vec!["SIA-DCS", "ADM-CID", "*SIA-DCS", "X"])) {
        let mut body = format!("\"{token}\"0001L0#1000[").into_bytes();
        body.extend_from_slice(&content);
        let account = account(token.starts_with('*').then_some(KEY), Quirks::default());
        let heard = hear(&body, |_| Some(account.clone()), NOW);
        if let Heard::Events { reports, .. } = &heard {
            prop_assert!(!reports.is_empty());
        }
        let _ = reply_of(&heard);
    }
}
