//! SIA DC-09: frames out of a stream, what a receiver makes of them, and the panel that reads the answers.

use crate::input::{Input, with_cuts};
use base::UtcMs;
use std::sync::Arc;
use wire::dc09::frame::{Frame, Token};
use wire::dc09::message::{EXTENDED, Message};
use wire::dc09::panel::{Answer, Panel};
use wire::dc09::receiver::hear;
use wire::dc09::split::{BODY_BYTES, enframe};
use wire::dc09::{Account, Charset, Deframer, Heard, Item, Key, Quirks, Reply, stamp};

/// 2026-11-21 10:00:00 UTC.
const NOW: UtcMs = UtcMs(1_795_255_200_000);
const KEY: &str = "00112233445566778899AABBCCDDEEFF";
const PAD: [u8; 16] = *b"0123456789abcdef";

/// See the file's head.
pub fn check(data: &[u8]) {
    let (whole, pieces) = Input(data).cut();
    let items = found(&[whole]);
    assert_eq!(found(&pieces), items, "the same frames wherever the stream is cut");
    let noise: usize = items.iter().map(|item| if let Item::Noise(bytes) = item { *bytes } else { 0 }).sum();
    assert!(noise <= whole.len() && items.len() <= whole.len());
    for item in items {
        if let Item::Body(body) = item {
            assert!(body.len() <= BODY_BYTES);
            body_holds(&body);
        }
    }
    // A fuzzer rarely finds a check sum: the same bytes with a right one.
    body_holds(&whole[..whole.len().min(BODY_BYTES)]);
    // Nor does it find what decrypts: the same bytes sealed with the account's key.
    let content = key().encrypt(&whole[..whole.len().min(1_000)], PAD);
    body_holds(&[b"\"*SIA-DCS\"0001L0#1000[", &content[..]].concat());
}

fn key() -> Key {
    Key::parse(KEY).expect("32 digits")
}

fn found(pieces: &[&[u8]]) -> Vec<Item> {
    let (mut deframer, mut items) = (Deframer::default(), Vec::new());
    for piece in pieces {
        let mut rest = *piece;
        while let Some(item) = deframer.next(&mut rest) {
            items.push(item);
        }
        assert!(rest.is_empty());
    }
    items.extend(deframer.end());
    assert!(!deframer.is_inside());
    items
}

fn body_holds(body: &[u8]) {
    let frame = Frame::parse(body).ok();
    if let Some(frame) = &frame {
        let again = Frame::parse(&frame.body());
        assert_eq!(again.as_ref(), Ok(frame), "what is written reads back");
    }
    let content = frame.as_ref().map_or(body, |frame| &frame.content);
    if let Some(message) = Message::parse(content) {
        assert!(message.extended.len() <= EXTENDED);
        assert_eq!(Message::parse(&message.region()).as_ref(), Some(&message), "what is written reads back");
        if let Some(at) = message.stamp {
            assert_eq!(stamp::parse(stamp::format(at).as_bytes()), Some(at));
        }
    }
    let plain = Account::default();
    let lenient = Quirks {
        any_time: true,
        unstamped: true,
        plain: true,
        any_token: true,
        charset: Charset::Gb18030,
        ..Quirks::default()
    };
    let keyed = || Some(key());
    for account in
        [plain, Account { key: keyed(), quirks: Quirks::default() }, Account { key: keyed(), quirks: lenient }]
    {
        heard_holds(body, frame.as_ref(), &Arc::new(account));
    }
    assert!(matches!(hear(body, |_| None, NOW), Heard::Refused { genuine: false, .. }), "nobody has this account");
}

/// A reply is one frame and echoes what came; only what is proven counts as a sign of life.
fn heard_holds(body: &[u8], frame: Option<&Frame>, account: &Arc<Account>) {
    let reply = match hear(body, |_| Some(account.clone()), NOW) {
        Heard::Events { account: number, reports, reply, .. } => {
            assert!(!reports.is_empty() && wire::dc09::account(&number).as_ref() == Some(&number));
            // 16 fields of extended data at most, each at most the body, beside the event's own text.
            assert!(
                reports.iter().all(|report| report.text.chars().count() <= 2 * BODY_BYTES && report.code.len() <= 64)
            );
            assert_eq!(reply.token(), &Token::Ack);
            Some(reply)
        }
        Heard::Alive { reply, .. } => Some(reply),
        Heard::Refused { genuine, reply, .. } => {
            assert!(reply.as_ref().is_none_or(|reply| reply.token() != &Token::Ack));
            assert!(!genuine || frame.is_some());
            reply
        }
    };
    let Some(reply) = reply else { return };
    let frame = frame.expect("only a frame is answered");
    assert!(!frame.token.is_answer(), "answers are not answered");
    reply_holds(&reply, frame, account);
}

fn reply_holds(reply: &Reply, question: &Frame, account: &Account) {
    let bytes = reply.encode(NOW, PAD);
    let items = found(&[&bytes]);
    let [Item::Body(body)] = &items[..] else { panic!("a reply is one frame: {items:?}") };
    let answer = Frame::parse(body).expect("own frame");
    assert_eq!(&answer.token, reply.token());
    if answer.token == Token::Nak {
        assert!(!answer.encrypted);
        return;
    }
    assert_eq!(
        (answer.sequence, &answer.receiver, &answer.line, &answer.account),
        (question.sequence, &question.receiver, &question.line, &question.account)
    );
    let sealed = answer.token == Token::Ack && question.encrypted;
    assert_eq!(answer.encrypted, sealed && account.key.is_some());
}

fn panel(keyed: bool) -> Panel {
    Panel::new("1000", keyed.then(key)).expect("an account")
}

/// What panels send, plain and sealed, alone, in a row and broken; a receiver's answers.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for keyed in [false, true] {
        let mut panel = panel(keyed);
        panel.set_numbers(Some("1".into()), "0".into());
        let said = [
            panel.null(),
            panel.contact_id("1130 01 002"),
            panel.sia(b"Nri1/BA1", vec![]),
            panel.sia("Nri2id7/HA3/^门厅^".as_bytes(), vec![b"VHTTP://x/1".to_vec(), b"X117E".to_vec()]),
        ];
        let frames: Vec<_> = said.iter().map(|t| panel.encode(t, NOW, PAD)).collect();
        seeds.extend(frames.iter().map(|frame| with_cuts(&[9, 40], frame)));
        // Bodies alone: a check sum is put before them.
        seeds.extend(frames.iter().map(|frame| with_cuts(&[5], &frame[9..frame.len() - 1])));
        seeds.push(with_cuts(&[], &frames.concat()));
        let broken = [&frames[1][..20], &frames[2][..], b"hello\r\n\n", &frames[0][1..]].concat();
        seeds.push(with_cuts(&[3, 1, 60], &broken));
        // The region alone: it is sealed with the key.
        seeds.push(with_cuts(&[1], b"#1000|Nri1/BA1][V1]_10:00:00,11-21-2026"));
        let account = Arc::new(Account { key: keyed.then(key), quirks: Quirks::default() });
        if let Heard::Alive { reply, .. } = hear(&frames[0][9..frames[0].len() - 1], |_| Some(account), NOW) {
            let answer = reply.encode(NOW, PAD);
            assert_eq!(panel.answer(&said[0], &answer[9..answer.len() - 1], NOW), Answer::Acknowledged);
            seeds.push(with_cuts(&[2], &answer));
        }
    }
    seeds.push(with_cuts(&[8], &enframe(b"\"NAK\"0000R0L0A0[]_10:00:00,11-21-2026")));
    seeds.push(with_cuts(&[8], &enframe(b"\"WHAT\"0003R5L0#1000[x]")));
    seeds
}
