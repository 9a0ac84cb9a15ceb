//! What an authority tells a site to do: signed texts that the site asks for, takes in their order and keeps.
//!
//! ```text
//! site: ask_orders(last number it has) ──▶ authority: join_orders(the next, as many as an answer holds)
//!       split_orders ─▶ Order::open (the authority's key, this site's name, this body) ─▶ kept ─▶ done ─▶ message `order-result`
//! ```
//! An order is a signed note (C2SP signed-note, the authority's log key) that names its body by digest, as a message of a site does. Only the
//! site calls, so an order waits until it is asked for; asking again gives the same bytes. Pure. One text, one spelling: what parses writes
//! back the same bytes; a note of one kind is never read as another.

use crate::frame::ANSWER_BYTES;
use crate::message::{MessageError, NOTE_BYTES, digest, fields, is_id, number, text_of};
use base::{Sha256, UtcMs};
use ledger::{SiteKey, Vkey, sign_note};

/// Largest body of an order, bytes: a place, a time, a case number.
pub const ORDER_BODY_BYTES: usize = 8 * 1024;
const ORDER: &str = "jifang-order/v1";
const ASKED: &str = "jifang-orders/v1";

/// An order of an authority to one site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Its id, for ever; 1 to 64 letters, digits, `-`.
    pub id: String,
    /// Origin of the log of the site that it is for.
    pub site: String,
    /// Number among the orders to this site, from 1 without holes.
    pub seq: u64,
    /// Word of what is to be done; a site that does not know it says so.
    pub kind: String,
    /// When the authority made it.
    pub at: UtcMs,
    /// Digest of the body.
    pub sha256: Sha256,
}

fn is_word(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

fn is_origin(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

impl Order {
    fn is_whole(&self) -> bool {
        is_id(&self.id) && is_origin(&self.site) && is_word(&self.kind) && self.seq > 0
    }

    /// The signed text; `key` is that of the authority's log.
    ///
    /// # Errors
    /// A field that cannot stand in a line.
    pub fn sign(&self, key: &SiteKey) -> Result<Vec<u8>, MessageError> {
        if !self.is_whole() {
            return Err(MessageError::Format("id, site, number or kind"));
        }
        let Self { id, site, seq, kind, at, sha256 } = self;
        let text = format!("{ORDER}\nid {id}\nsite {site}\nseq {seq}\nkind {kind}\nmade {}\nsha256 {sha256}\n", at.0);
        Ok(sign_note(text.as_bytes(), key)?)
    }

    /// Reads an order of the authority with key `vkey` to the site whose log is called `site`, and compares it with its body.
    ///
    /// # Errors
    /// Not signed by it, malformed, for another site, or another body.
    pub fn open(note: &[u8], body: &[u8], vkey: &Vkey, site: &str) -> Result<Self, MessageError> {
        if body.len() > ORDER_BODY_BYTES {
            return Err(MessageError::Format("too long"));
        }
        let text = text_of(note, vkey)?;
        let [id, to, seq, kind, at, sha256] = fields(&text, ORDER, ["id", "site", "seq", "kind", "made", "sha256"])?;
        let order = Self {
            id,
            site: to,
            seq: number(&seq, "seq")?,
            kind,
            at: UtcMs(number(&at, "made")?),
            sha256: digest(&sha256)?,
        };
        if !order.is_whole() || order.site != site {
            return Err(MessageError::Format("id, site, number or kind"));
        }
        if Sha256::of(body) == order.sha256 { Ok(order) } else { Err(MessageError::OtherBody) }
    }
}

/// The question for the orders after the number `after`; 0: all.
#[must_use]
pub fn ask_orders(after: u64) -> Vec<u8> {
    format!("{ASKED}\nafter {after}\n").into_bytes()
}

/// What `ask_orders` asks.
///
/// # Errors
/// Malformed.
pub fn asked_orders(question: &[u8]) -> Result<u64, MessageError> {
    if question.len() > NOTE_BYTES {
        return Err(MessageError::Format("too long"));
    }
    let text = std::str::from_utf8(question).map_err(|_| MessageError::Format("not UTF-8"))?;
    let [after] = fields(text, ASKED, ["after"])?;
    number(&after, "after")
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// Orders as one answer: each note and body behind its length, in their order, as many as an answer holds. Whoever asks again gets the rest.
#[must_use]
pub fn join_orders<'a>(orders: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Vec<u8> {
    let mut out = Vec::new();
    for (note, body) in orders {
        let room = ANSWER_BYTES.saturating_sub(out.len());
        // A later one never goes before one that did not fit: numbers come without holes.
        if note.len() > NOTE_BYTES || body.len() > ORDER_BODY_BYTES || 8 + note.len() + body.len() > room {
            break;
        }
        for part in [note, body] {
            out.extend_from_slice(&length(part));
            out.extend_from_slice(part);
        }
    }
    out
}

fn take(bytes: &[u8], most: usize) -> Result<(&[u8], &[u8]), MessageError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(MessageError::Format("length"))?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > most {
        return Err(MessageError::Format("length"));
    }
    rest.split_at_checked(length).ok_or(MessageError::Format("length"))
}

/// A signed note and its body.
pub type SignedBody<'a> = (&'a [u8], &'a [u8]);

/// What `join_orders` joined.
///
/// # Errors
/// Malformed, cut off or too long.
pub fn split_orders(answer: &[u8]) -> Result<Vec<SignedBody<'_>>, MessageError> {
    if answer.len() > ANSWER_BYTES {
        return Err(MessageError::Format("too long"));
    }
    let (mut rest, mut out) = (answer, Vec::new());
    while !rest.is_empty() {
        let (note, after) = take(rest, NOTE_BYTES)?;
        let (body, after) = take(after, ORDER_BODY_BYTES)?;
        out.push((note, body));
        rest = after;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Message, Receipt};
    use proptest::prelude::*;

    const SITE: &str = "jifang/1";

    fn key(seed: u8) -> SiteKey {
        SiteKey::from_seed(&format!("jifang/{seed}"), [seed; 32]).unwrap()
    }

    fn order(body: &[u8]) -> Order {
        Order {
            id: "0195-a".into(),
            site: SITE.into(),
            seq: 7,
            kind: "hold".into(),
            at: UtcMs(1_700_000_000_123),
            sha256: Sha256::of(body),
        }
    }

    #[test]
    fn an_order_reads_back_and_belongs_to_its_key_site_and_body() {
        let made = order(b"body");
        let note = made.sign(&key(9)).unwrap();
        assert_eq!(note, made.sign(&key(9)).unwrap(), "one order has one signature");
        assert_eq!(Order::open(&note, b"body", key(9).vkey(), SITE), Ok(made.clone()));
        assert_eq!(Order::open(&note, b"other", key(9).vkey(), SITE), Err(MessageError::OtherBody));
        assert!(matches!(Order::open(&note, b"body", key(2).vkey(), SITE), Err(MessageError::Signature(_))));
        assert!(Order::open(&note, b"body", key(9).vkey(), "jifang/2").is_err(), "for another site");
        for at in 0..note.len() {
            let mut bad = note.clone();
            bad[at] ^= 1;
            assert!(Order::open(&bad, b"body", key(9).vkey(), SITE).is_err(), "byte {at}");
        }
        for cut in 0..note.len() {
            assert!(Order::open(&note[..cut], b"body", key(9).vkey(), SITE).is_err(), "cut {cut}");
        }
        let long = vec![0; ORDER_BODY_BYTES + 1];
        let note = Order { sha256: Sha256::of(&long), ..made }.sign(&key(9)).unwrap();
        assert!(Order::open(&note, &long, key(9).vkey(), SITE).is_err());
    }

    #[test]
    fn what_cannot_stand_in_a_line_is_not_signed() {
        let whole = order(b"");
        for bad in [
            Order { id: "a b".into(), ..whole.clone() },
            Order { id: String::new(), ..whole.clone() },
            Order { site: "x\nseq 1".into(), ..whole.clone() },
            Order { site: String::new(), ..whole.clone() },
            Order { kind: "Hold".into(), ..whole.clone() },
            Order { kind: "x".repeat(33), ..whole.clone() },
            Order { seq: 0, ..whole },
        ] {
            assert!(bad.sign(&key(9)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_order_is_neither_message_nor_receipt() {
        let note = order(b"body").sign(&key(1)).unwrap();
        assert_eq!(Message::open(&note, b"body", key(1).vkey()), Err(MessageError::Format("first line")));
        assert!(Receipt::open(&note, key(1).vkey()).is_err());
    }

    #[test]
    fn questions_have_one_spelling() {
        for after in [0, 1, 9_007_199_254_740_993, u64::MAX] {
            assert_eq!(asked_orders(&ask_orders(after)), Ok(after));
        }
        for bad in ["", "jifang-orders/v1\n", "jifang-orders/v1\nafter 01\n", "jifang-orders/v1\nafter 1", "after 1\n"]
        {
            assert!(asked_orders(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(asked_orders(&[b'x'; NOTE_BYTES + 1]).is_err());
    }

    #[test]
    fn an_answer_holds_the_first_and_no_hole() {
        let body = vec![b'x'; ORDER_BODY_BYTES];
        let many: Vec<(&[u8], &[u8])> = vec![(&b"note"[..], body.as_slice()); 20];
        let joined = join_orders(many.iter().copied());
        assert!(joined.len() <= ANSWER_BYTES && joined.len() + body.len() + 12 > ANSWER_BYTES);
        let read = split_orders(&joined).unwrap();
        assert_eq!(read.len(), ANSWER_BYTES / (body.len() + 12));
        assert!(read.iter().all(|(note, said)| *note == b"note" && *said == body));
        let long = vec![0; ORDER_BODY_BYTES + 1];
        let joined = join_orders([(&b"a"[..], &b"b"[..]), (&b"a"[..], &long[..]), (&b"a"[..], &b"b"[..])]);
        assert_eq!(split_orders(&joined).unwrap().len(), 1, "nothing goes before one that does not fit");
        assert!(split_orders(&vec![0; ANSWER_BYTES + 1]).is_err());
    }

    #[test]
    fn an_answer_cut_anywhere_inside_an_order_is_refused() {
        let joined = join_orders([(&b"note"[..], &b"body"[..]), (&b"two"[..], &b""[..])]);
        let ends = [0, 16, joined.len()];
        for cut in 0..=joined.len() {
            assert_eq!(split_orders(&joined[..cut]).is_ok(), ends.contains(&cut), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn orders_come_apart_as_they_were_joined(list in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..40), proptest::collection::vec(any::<u8>(), 0..40)), 0..20)) {
            let borrowed: Vec<(&[u8], &[u8])> = list.iter().map(|(a, b)| (a.as_slice(), b.as_slice())).collect();
            let joined = join_orders(borrowed.iter().copied());
            prop_assert_eq!(split_orders(&joined).unwrap(), borrowed);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = split_orders(&bytes);
            let _ = asked_orders(&bytes);
            let _ = Order::open(&bytes, &bytes, key(1).vkey(), SITE);
        }
    }
}
