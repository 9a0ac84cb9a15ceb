//! What a receiving centre makes of a frame: events to keep, a sign of life, or a refusal with its reason; and the answer to send.
//!
//! The answer is a value: the driver sends it once the events are durable. Rules (SIA DC-09, and what panels in the field rely on):
//! an answer echoes sequence, receiver, line and account as they came and nothing else; an ACK is encrypted if its question was, NAK and DUH never are; a time
//! stamp outside the window gets NAK with our time; what cannot be dealt with gets DUH; a wrong check sum or length gets silence
//! (`split`); answers of other receivers get silence too. A frame that fails its account's key or clock proves nothing: it is no sign
//! of life.

use super::cipher::{Key, Random};
use super::frame::{Frame, FrameFault, Token};
use super::meaning::Report;
use super::message::Message;
use super::{contact_id, sia};
use base::{Sha256, UtcMs};
use std::sync::Arc;

/// Longest text of an event, characters.
const TEXT_CHARS: usize = 1_000;

/// Character set of a panel's texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charset {
    /// Windows-1252: what the field uses beside ASCII.
    #[default]
    Windows1252,
    /// GB 18030.
    Gb18030,
    /// UTF-8.
    Utf8,
}

/// What is allowed for in one account's panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quirks {
    /// Its clock may be behind ours by so many seconds.
    pub behind_s: u32,
    /// Its clock may be ahead of ours by so many seconds.
    pub ahead_s: u32,
    /// Its stamps are not judged at all: it has no clock that can be set.
    pub any_time: bool,
    /// Its stamps are local time, this many minutes ahead of UTC.
    pub zone_min: i32,
    /// Encrypted frames without a stamp pass.
    pub unstamped: bool,
    /// Frames that are not encrypted pass although it has a key.
    pub plain: bool,
    /// It does not count its frames: equal frames are never taken for repeats.
    pub uncounted: bool,
    /// Tokens we do not know are acknowledged and kept as unknown events; it would repeat them for ever otherwise.
    pub any_token: bool,
    /// Character set of its texts.
    pub charset: Charset,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            behind_s: 40,
            ahead_s: 20,
            any_time: false,
            zone_min: 0,
            unstamped: false,
            plain: false,
            uncounted: false,
            any_token: false,
            charset: Charset::default(),
        }
    }
}

/// One account of a receiver.
#[derive(Debug, Default)]
pub struct Account {
    /// Its key; none = not encrypted.
    pub key: Option<Key>,
    /// What is allowed for.
    pub quirks: Quirks,
}

/// Why a frame was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    /// It is none.
    Malformed(FrameFault),
    /// An answer, which a receiver does not take.
    Answer,
    /// Nobody here has this account.
    UnknownAccount,
    /// Encrypted, and its account has no key here.
    NoKey,
    /// Not encrypted, and its account has a key here.
    NotEncrypted,
    /// It does not decrypt to anything.
    WrongKey,
    /// Encrypted without a time stamp.
    NoStamp,
    /// Its clock: how far it is ahead of ours, ms (negative: behind).
    ClockOff(i64),
    /// A token we do not know.
    UnknownToken(String),
    /// What is between the brackets has another form.
    Content,
}

/// What a frame is.
#[derive(Debug)]
pub enum Heard {
    /// Events, to be kept before `reply` is sent.
    Events {
        /// Whose, as tables hold it.
        account: String,
        /// Contact ID rather than SIA codes.
        contact_id: bool,
        /// At least one.
        reports: Vec<Report>,
        /// Its clock.
        said: Option<UtcMs>,
        /// Equal for a repetition of the transmission; zeros where that cannot be known.
        transmission: [u8; 16],
        /// To be sent once they are kept.
        reply: Reply,
    },
    /// A sign of life.
    Alive {
        /// Whose.
        account: String,
        /// To be sent.
        reply: Reply,
    },
    /// Not taken.
    Refused {
        /// Whose, if that could be read.
        account: Option<String>,
        /// Why.
        why: Why,
        /// It is from its panel all the same (right key, right time): a sign of life.
        genuine: bool,
        /// To be sent; none = silence.
        reply: Option<Reply>,
    },
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    token: Token,
    sequence: u16,
    receiver: Option<String>,
    line: String,
    account: String,
    seal: Option<Arc<Account>>,
}

impl Reply {
    fn to(frame: &Frame, token: Token, seal: Option<&Arc<Account>>) -> Self {
        Self {
            token,
            sequence: frame.sequence,
            receiver: frame.receiver.clone(),
            line: frame.line.clone(),
            account: frame.account.clone(),
            seal: seal.filter(|_| frame.encrypted).cloned(),
        }
    }

    /// NAK names nobody: `"NAK"0000R0L0A0[]_stamp`.
    fn nak() -> Self {
        let zero = || "0".to_owned();
        Self { token: Token::Nak, sequence: 0, receiver: Some(zero()), line: zero(), account: zero(), seal: None }
    }

    /// What it is.
    #[must_use]
    pub const fn token(&self) -> &Token {
        &self.token
    }

    /// The frame to send. `now` goes into the stamp where there is one, `random` into the pad.
    #[must_use]
    pub fn encode(&self, now: UtcMs, random: Random) -> Vec<u8> {
        let key = self.seal.as_ref().and_then(|account| account.key.as_ref());
        let stamped = key.is_some() || self.token == Token::Nak;
        let region = Message { stamp: stamped.then_some(now), ..Message::default() }.region();
        let frame = Frame {
            encrypted: key.is_some(),
            token: self.token.clone(),
            sequence: self.sequence,
            receiver: self.receiver.clone(),
            line: self.line.clone(),
            account: self.account.clone(),
            content: key.map_or_else(|| region.clone(), |key| key.encrypt(&region, random)),
        };
        frame.encode()
    }
}

/// Judges one body (`split::Item::Body`). `find` gives the account of a number as tables hold it.
#[must_use]
pub fn hear(body: &[u8], find: impl FnOnce(&str) -> Option<Arc<Account>>, now: UtcMs) -> Heard {
    let frame = match Frame::parse(body) {
        Ok(frame) => frame,
        Err(fault) => return refused(None, Why::Malformed(fault), None),
    };
    if frame.token.is_answer() {
        return refused(None, Why::Answer, None);
    }
    let Some(number) = frame.account_key() else {
        return refused(None, Why::Malformed(FrameFault::Account), None);
    };
    let duh = |why| refused(Some(number.clone()), why, Some(Reply::to(&frame, Token::Duh, None)));
    let Some(account) = find(&number) else { return duh(Why::UnknownAccount) };
    let message = match open(&frame, &account) {
        Ok(message) => message,
        Err(why) => return duh(why),
    };
    if let Err(why) = judge_time(&message, frame.encrypted, &account.quirks, now) {
        return refused(Some(number), why, Some(Reply::nak()));
    }
    let ack = Reply::to(&frame, Token::Ack, Some(&account));
    let text = |bytes: &[u8]| decoded(bytes, account.quirks.charset);
    let mut reports = match &frame.token {
        Token::Null => return Heard::Alive { account: number, reply: ack },
        Token::AdmCid => vec![contact_id::parse(&text(message.event()))],
        Token::SiaDcs => sia::parse(&text(message.event())),
        other if account.quirks.any_token => vec![Report {
            code: other.text().to_owned(),
            meaning: super::Meaning::Unknown,
            area: 0,
            zone: 0,
            text: text(message.event()),
        }],
        other => {
            let reply = Some(Reply::to(&frame, Token::Duh, None));
            let why = Why::UnknownToken(other.text().to_owned());
            return Heard::Refused { account: Some(number), why, genuine: true, reply };
        }
    };
    carry(&mut reports, &message, account.quirks.charset);
    Heard::Events {
        transmission: if account.quirks.uncounted { [0; 16] } else { transmission(&number, &frame, &message) },
        contact_id: frame.token == Token::AdmCid,
        said: message.stamp.map(|at| local(at, &account.quirks)),
        account: number,
        reports,
        reply: ack,
    }
}

const fn refused(account: Option<String>, why: Why, reply: Option<Reply>) -> Heard {
    Heard::Refused { account, why, genuine: false, reply }
}

/// The content, decrypted with the account's key if it is encrypted.
fn open(frame: &Frame, account: &Account) -> Result<Message, Why> {
    match (&account.key, frame.encrypted) {
        (None, true) => Err(Why::NoKey),
        (Some(_), false) if !account.quirks.plain => Err(Why::NotEncrypted),
        (Some(key), true) => {
            let region = key.decrypt(&frame.content).ok_or(Why::WrongKey)?;
            Message::parse(&region).ok_or(Why::WrongKey)
        }
        (_, false) => Message::parse(&frame.content).ok_or(Why::Content),
    }
}

fn local(stamp: UtcMs, quirks: &Quirks) -> UtcMs {
    stamp.plus_ms(-i64::from(quirks.zone_min) * 60_000)
}

fn judge_time(message: &Message, encrypted: bool, quirks: &Quirks, now: UtcMs) -> Result<(), Why> {
    match message.stamp {
        None if encrypted && !quirks.unstamped => Err(Why::NoStamp),
        None => Ok(()),
        Some(_) if quirks.any_time => Ok(()),
        Some(stamp) => {
            let ahead_ms = local(stamp, quirks).since(now);
            let allowed = -i64::from(quirks.behind_s) * 1_000..=i64::from(quirks.ahead_s) * 1_000;
            if allowed.contains(&ahead_ms) { Ok(()) } else { Err(Why::ClockOff(ahead_ms)) }
        }
    }
}

/// Text of a panel: control characters become spaces, and it is bounded.
fn decoded(bytes: &[u8], charset: Charset) -> String {
    let encoding = match charset {
        Charset::Windows1252 => encoding_rs::WINDOWS_1252,
        Charset::Gb18030 => encoding_rs::GB18030,
        Charset::Utf8 => encoding_rs::UTF_8,
    };
    let text = encoding.decode_without_bom_handling(bytes).0;
    text.chars().take(TEXT_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Hands extended data through, in the first event's text.
fn carry(reports: &mut [Report], message: &Message, charset: Charset) {
    let Some(first) = reports.first_mut() else { return };
    for field in &message.extended {
        let field = decoded(field, charset);
        if !first.text.is_empty() {
            first.text.push(' ');
        }
        first.text.push_str(&format!("[{field}]"));
    }
}

/// Equal for the same account, sequence, token and content. Stamp and pad are left out: a repetition may be stamped and sealed anew.
fn transmission(number: &str, frame: &Frame, message: &Message) -> [u8; 16] {
    let mut bytes = format!("{number} {} {} ", frame.sequence, frame.token.text()).into_bytes();
    bytes.extend_from_slice(&message.data);
    for field in &message.extended {
        bytes.push(b']');
        bytes.extend_from_slice(field);
    }
    let digest = Sha256::of(&bytes).0;
    digest.first_chunk().copied().unwrap_or_default()
}
