//! What is said on the bus: signed texts that both sides keep.
//!
//! A message is a signed note (C2SP signed-note, the site's ledger key) that names its body by digest; the body travels behind it. A receipt
//! is a signed note of the authority's ledger key that names the message, its digest and where it stands in the authority's log.
//! Pure. One text, one spelling: what parses writes back the same bytes.

use crate::tls::Pin;
use base::{Sha256, UtcMs, hex};
use ledger::{CheckpointError, SiteKey, Vkey, open_note, sign_note};

/// Largest body of a message, bytes.
pub const BODY_BYTES: usize = 3 * 1024 * 1024;
/// Largest signed text, bytes.
pub(crate) const NOTE_BYTES: usize = 4 * 1024;
const MESSAGE: &str = "jifang-message/v1";
const RECEIPT: &str = "jifang-receipt/v1";
const HELLO: &str = "jifang-hello/v1";

/// Why a message or receipt does not count.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// Not the form.
    #[error("malformed: {0}")]
    Format(&'static str),
    /// The signature.
    #[error(transparent)]
    Signature(#[from] CheckpointError),
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    OtherBody,
}

/// What a message is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An alarm reported to the police.
    AlarmReport,
    /// A picture or clip that goes with a report: what it is, by digest. Its bytes come as parts.
    AlarmExhibit,
    /// What became of an order of the authority.
    OrderResult,
    /// What the site reports of itself: footage, gaps, clocks, duties.
    SelfReport,
}

impl Kind {
    const ALL: [Self; 4] = [Self::AlarmReport, Self::AlarmExhibit, Self::OrderResult, Self::SelfReport];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlarmReport => "alarm-report",
            Self::AlarmExhibit => "alarm-exhibit",
            Self::OrderResult => "order-result",
            Self::SelfReport => "self-report",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// A message of a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its id, for ever; 1 to 64 letters, digits, `-`.
    pub id: String,
    /// Origin of the site's log.
    pub site: String,
    /// Number among the site's messages, from 1 without holes.
    pub seq: u64,
    /// What.
    pub kind: Kind,
    /// When the site made it.
    pub at: UtcMs,
    /// Digest of the body.
    pub sha256: Sha256,
}

/// Fields of a text: a first line that names the form, then `name value` lines in a fixed order.
pub(crate) fn fields<const N: usize>(
    text: &str,
    form: &str,
    names: [&'static str; N],
) -> Result<[String; N], MessageError> {
    let mut lines = text.strip_suffix('\n').ok_or(MessageError::Format("end"))?.split('\n');
    if lines.next() != Some(form) {
        return Err(MessageError::Format("first line"));
    }
    let mut out = [const { String::new() }; N];
    for (name, value) in names.into_iter().zip(&mut out) {
        let line = lines.next().and_then(|l| l.strip_prefix(name)).and_then(|l| l.strip_prefix(' '));
        *value = line.ok_or(MessageError::Format(name))?.to_owned();
    }
    if lines.next().is_some() { Err(MessageError::Format("more lines")) } else { Ok(out) }
}

pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A number in its one spelling.
pub(crate) fn number<T: std::str::FromStr + ToString>(text: &str, name: &'static str) -> Result<T, MessageError> {
    text.parse::<T>().ok().filter(|n| n.to_string() == text).ok_or(MessageError::Format(name))
}

pub(crate) fn digest(text: &str) -> Result<Sha256, MessageError> {
    Sha256::from_hex(text).filter(|d| d.hex() == text).ok_or(MessageError::Format("sha256"))
}

pub(crate) fn text_of(note: &[u8], vkey: &Vkey) -> Result<String, MessageError> {
    if note.len() > NOTE_BYTES {
        return Err(MessageError::Format("too long"));
    }
    String::from_utf8(open_note(note, vkey)?).map_err(|_| MessageError::Format("not UTF-8"))
}

impl Message {
    fn text(&self) -> String {
        format!(
            "{MESSAGE}\nid {}\nsite {}\nseq {}\nkind {}\nmade {}\nsha256 {}\n",
            self.id,
            self.site,
            self.seq,
            self.kind.code(),
            self.at.0,
            self.sha256
        )
    }

    /// The signed text.
    ///
    /// # Errors
    /// The id cannot be one, or the key is of another site.
    pub fn sign(&self, key: &SiteKey) -> Result<Vec<u8>, MessageError> {
        if !is_id(&self.id) || self.site != key.vkey().name() {
            return Err(MessageError::Format("id or site"));
        }
        Ok(sign_note(self.text().as_bytes(), key)?)
    }

    /// Reads a signed text of `vkey` and compares it with its body.
    ///
    /// # Errors
    /// Not signed by it, malformed, or another body.
    pub fn open(note: &[u8], body: &[u8], vkey: &Vkey) -> Result<Self, MessageError> {
        let text = text_of(note, vkey)?;
        let [id, site, seq, kind, at, sha256] =
            fields(&text, MESSAGE, ["id", "site", "seq", "kind", "made", "sha256"])?;
        let kind = Kind::parse(&kind).ok_or(MessageError::Format("kind"))?;
        let message = Self {
            id,
            site,
            seq: number(&seq, "seq")?,
            kind,
            at: UtcMs(number(&at, "made")?),
            sha256: digest(&sha256)?,
        };
        if !is_id(&message.id) || message.site != vkey.name() {
            return Err(MessageError::Format("id or site"));
        }
        if Sha256::of(body) == message.sha256 { Ok(message) } else { Err(MessageError::OtherBody) }
    }
}

/// What the authority answers: it has the message, for ever.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// Id of the message.
    pub message: String,
    /// Origin of the site's log.
    pub site: String,
    /// Digest of the body.
    pub sha256: Sha256,
    /// When it was received, by the authority's clock.
    pub received: UtcMs,
    /// Place of its entry in the authority's log.
    pub entry: u64,
}

impl Receipt {
    /// The signed text.
    ///
    /// # Errors
    /// A field that cannot stand in a line.
    pub fn sign(&self, key: &SiteKey) -> Result<Vec<u8>, MessageError> {
        let Self { message, site, sha256, received, entry } = self;
        let text = format!(
            "{RECEIPT}\nmessage {message}\nsite {site}\nsha256 {sha256}\nreceived {}\nentry {entry}\n",
            received.0
        );
        Ok(sign_note(text.as_bytes(), key)?)
    }

    /// Reads a receipt of the authority with key `vkey`.
    ///
    /// # Errors
    /// Not signed by it, or malformed.
    pub fn open(note: &[u8], vkey: &Vkey) -> Result<Self, MessageError> {
        let text = text_of(note, vkey)?;
        let [message, site, sha256, received, entry] =
            fields(&text, RECEIPT, ["message", "site", "sha256", "received", "entry"])?;
        let (sha256, received) = (digest(&sha256)?, UtcMs(number(&received, "received")?));
        Ok(Self { message, site, sha256, received, entry: number(&entry, "entry")? })
    }

    /// True if it is for this message.
    #[must_use]
    pub fn is_for(&self, message: &Message) -> bool {
        self.message == message.id && self.site == message.site && self.sha256 == message.sha256
    }
}

/// A site that asks to be entered: which key its log has, and that the key of this connection is its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hello {
    /// Key of the site's log.
    pub vkey: Vkey,
    /// Name of the site, as it says.
    pub name: String,
}

impl Hello {
    /// The body of the question: the key in a line, then the signed text. The pin of the connection is signed, so nobody can pass a
    /// hello on as his own.
    ///
    /// # Errors
    /// The name cannot stand in a line.
    pub fn sign(name: &str, pin: Pin, key: &SiteKey) -> Result<Vec<u8>, MessageError> {
        let name: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
        let note = sign_note(format!("{HELLO}\npin {pin}\nname {name}\n").as_bytes(), key)?;
        Ok([format!("{}\n", key.vkey()).as_bytes(), &note].concat())
    }

    /// Reads a hello that came over a connection with key `pin`.
    ///
    /// # Errors
    /// Malformed, not signed by the key it names, or another connection's.
    pub fn open(body: &[u8], pin: Pin) -> Result<Self, MessageError> {
        let at = body.iter().take(512).position(|b| *b == b'\n').ok_or(MessageError::Format("key"))?;
        let vkey = std::str::from_utf8(&body[..at]).ok().and_then(|t| Vkey::parse(t).ok());
        let vkey = vkey.ok_or(MessageError::Format("key"))?;
        let text = text_of(&body[at + 1..], &vkey)?;
        let [said, name] = fields(&text, HELLO, ["pin", "name"])?;
        if said != pin.to_string() {
            return Err(MessageError::Format("pin of another connection"));
        }
        if name.chars().count() > 120 {
            return Err(MessageError::Format("name"));
        }
        Ok(Self { vkey, name })
    }
}

/// The code that both servers show while a site asks to be entered: two persons compare it by telephone or in person. It covers all four
/// keys, so nobody between the two can show the same code to both.
#[must_use]
pub fn enrolment_code(site: &Vkey, site_pin: Pin, authority: &Vkey, authority_pin: Pin) -> String {
    let all = format!("jifang-enrolment/v1\n{site}\n{site_pin}\n{authority}\n{authority_pin}\n");
    Sha256::of(all.as_bytes()).0.chunks(2).take(5).map(hex).collect::<Vec<_>>().join("-")
}

/// Note and body as one question: the note's length in four bytes, the note, the body.
///
/// # Errors
/// Too long.
pub fn join_message(note: &[u8], body: &[u8]) -> Result<Vec<u8>, MessageError> {
    if note.len() > NOTE_BYTES || body.len() > BODY_BYTES {
        return Err(MessageError::Format("too long"));
    }
    let length = u32::try_from(note.len()).unwrap_or(u32::MAX).to_be_bytes();
    Ok([&length[..], note, body].concat())
}

/// What `join_message` joined.
///
/// # Errors
/// Malformed or too long.
pub fn split_message(question: &[u8]) -> Result<(&[u8], &[u8]), MessageError> {
    let (length, rest) = question.split_first_chunk::<4>().ok_or(MessageError::Format("length"))?;
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length > NOTE_BYTES || length > rest.len() || rest.len() - length > BODY_BYTES {
        return Err(MessageError::Format("length"));
    }
    Ok(rest.split_at(length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(seed: u8) -> SiteKey {
        SiteKey::from_seed(&format!("jifang/{seed}"), [seed; 32]).unwrap()
    }

    fn message(body: &[u8]) -> Message {
        Message {
            id: "0195-a".into(),
            site: "jifang/1".into(),
            seq: 7,
            kind: Kind::AlarmReport,
            at: UtcMs(1_700_000_000_123),
            sha256: Sha256::of(body),
        }
    }

    #[test]
    fn a_message_reads_back_and_belongs_to_its_key_and_body() {
        let sent = message(b"body");
        let note = sent.sign(&key(1)).unwrap();
        assert_eq!(Message::open(&note, b"body", key(1).vkey()), Ok(sent.clone()));
        assert_eq!(Message::open(&note, b"other", key(1).vkey()), Err(MessageError::OtherBody));
        assert!(matches!(Message::open(&note, b"body", key(2).vkey()), Err(MessageError::Signature(_))));
        assert!(sent.sign(&key(2)).is_err(), "another site's key");
        for at in 0..note.len() {
            let mut bad = note.clone();
            bad[at] ^= 1;
            assert!(Message::open(&bad, b"body", key(1).vkey()).is_err(), "byte {at}");
        }
        for id in ["", "a b", "a\nb", "../x", &"x".repeat(65)] {
            assert!(Message { id: id.into(), ..sent.clone() }.sign(&key(1)).is_err(), "{id:?}");
        }
    }

    #[test]
    fn every_kind_reads_back() {
        for kind in [Kind::AlarmReport, Kind::AlarmExhibit, Kind::SelfReport] {
            assert_eq!(Kind::parse(kind.code()), Some(kind));
        }
        assert_eq!(Kind::parse("self_report"), None);
    }

    #[test]
    fn a_receipt_is_for_one_message() {
        let sent = message(b"body");
        let receipt = Receipt {
            message: sent.id.clone(),
            site: sent.site.clone(),
            sha256: sent.sha256,
            received: UtcMs(5),
            entry: 9,
        };
        let note = receipt.sign(&key(3)).unwrap();
        let read = Receipt::open(&note, key(3).vkey()).unwrap();
        assert!(read.is_for(&sent) && read == receipt);
        assert!(!read.is_for(&message(b"other")) && Receipt::open(&note, key(1).vkey()).is_err());
        let as_message = Message::open(&note, b"body", key(3).vkey());
        assert_eq!(as_message, Err(MessageError::Format("first line")), "a receipt is no message");
    }

    #[test]
    fn a_hello_cannot_be_passed_on() {
        let (mine, other) = (Pin(Sha256([1; 32])), Pin(Sha256([2; 32])));
        let body = Hello::sign("示范\n酒店", mine, &key(1)).unwrap();
        let read = Hello::open(&body, mine).unwrap();
        assert_eq!((read.name.as_str(), &read.vkey), ("示范酒店", key(1).vkey()));
        assert!(Hello::open(&body, other).is_err());
        for cut in 0..body.len() {
            assert!(Hello::open(&body[..cut], mine).is_err(), "{cut}");
        }
    }

    #[test]
    fn the_code_depends_on_all_four_keys() {
        let (a, b) = (Pin(Sha256([1; 32])), Pin(Sha256([2; 32])));
        let code = enrolment_code(key(1).vkey(), a, key(2).vkey(), b);
        assert_eq!(code.len(), 24);
        for other in [
            enrolment_code(key(3).vkey(), a, key(2).vkey(), b),
            enrolment_code(key(1).vkey(), b, key(2).vkey(), b),
            enrolment_code(key(1).vkey(), a, key(3).vkey(), b),
            enrolment_code(key(1).vkey(), a, key(2).vkey(), a),
        ] {
            assert_ne!(code, other);
        }
    }

    proptest! {
        #[test]
        fn note_and_body_come_apart_as_they_were_joined(note in proptest::collection::vec(any::<u8>(), 0..300), body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let joined = join_message(&note, &body).unwrap();
            prop_assert_eq!(split_message(&joined).unwrap(), (note.as_slice(), body.as_slice()));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = split_message(&bytes);
            let _ = Hello::open(&bytes, Pin(Sha256::default()));
            let _ = Message::open(&bytes, b"", key(1).vkey());
            let _ = Pin::parse(&String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(join_message(&[0; NOTE_BYTES + 1], b"").is_err());
        assert!(join_message(b"", &vec![0; BODY_BYTES + 1]).is_err());
        const { assert!(BODY_BYTES + NOTE_BYTES + 4 <= crate::REQUEST_BYTES) };
    }
}
