//! The panel's end: frames with a sequence of their own, retries that stay the same transmission, and the clock set by a NAK.

use super::cipher::{Key, Random};
use super::frame::{Frame, Token};
use super::message::Message;
use base::UtcMs;

/// Highest sequence number; 0001 follows it.
const LAST: u16 = 9_999;

/// What a panel is.
#[derive(Debug)]
pub struct Panel {
    account: String,
    key: Option<Key>,
    receiver: Option<String>,
    line: String,
    sequence: u16,
    /// Its clock minus true time, ms.
    clock_ms: i64,
    /// Stamps frames that are not encrypted too.
    pub stamped: bool,
}

/// One transmission: the same through all its retries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transmission {
    token: Token,
    sequence: u16,
    message: Message,
}

/// What an answer means for the transmission it was for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Kept by the receiver.
    Acknowledged,
    /// The clock was off and is set now; send again.
    ClockSet,
    /// The receiver cannot deal with it.
    Refused,
    /// Of another transmission, or nothing that a panel understands.
    NotMine,
}

impl Panel {
    /// A panel of an account (3 to 16 hex digits); its line is 0 and it names no receiver.
    #[must_use]
    pub fn new(account: &str, key: Option<Key>) -> Option<Self> {
        let account = super::account(account)?;
        Some(Self { account, key, receiver: None, line: "0".into(), sequence: 0, clock_ms: 0, stamped: false })
    }

    /// Names a receiver and a line, hex digits.
    pub fn set_numbers(&mut self, receiver: Option<String>, line: String) {
        self.receiver = receiver;
        self.line = line;
    }

    /// Sets its clock wrong by so much.
    pub const fn set_clock_error(&mut self, ms: i64) {
        self.clock_ms = ms;
    }

    /// How far its clock is off, ms.
    #[must_use]
    pub const fn clock_error_ms(&self) -> i64 {
        self.clock_ms
    }

    /// Begins the numbering after `sequence`, as a panel that remembers it over a power cut.
    pub const fn resume(&mut self, sequence: u16) {
        self.sequence = sequence;
    }

    /// A Contact ID event, e.g. `1130 01 002`.
    pub fn contact_id(&mut self, event: &str) -> Transmission {
        self.begin(Token::AdmCid, event.as_bytes(), Vec::new())
    }

    /// SIA codes, e.g. `Nri1/BA1`, with extended data.
    pub fn sia(&mut self, event: &[u8], extended: Vec<Vec<u8>>) -> Transmission {
        self.begin(Token::SiaDcs, event, extended)
    }

    /// A sign of life.
    pub fn null(&mut self) -> Transmission {
        Transmission { token: Token::Null, sequence: 0, message: Message::default() }
    }

    fn begin(&mut self, token: Token, event: &[u8], extended: Vec<Vec<u8>>) -> Transmission {
        self.sequence = if self.sequence >= LAST { 1 } else { self.sequence + 1 };
        let mut data = format!("#{}|", self.account).into_bytes();
        data.extend_from_slice(event);
        Transmission { token, sequence: self.sequence, message: Message { data, extended, stamp: None } }
    }

    /// The frame to send, first or again: stamped and padded anew, the same transmission.
    #[must_use]
    pub fn encode(&self, t: &Transmission, now: UtcMs, random: Random) -> Vec<u8> {
        let stamp = (self.key.is_some() || self.stamped).then(|| now.plus_ms(self.clock_ms));
        let region = Message { stamp, ..t.message.clone() }.region();
        let frame = Frame {
            encrypted: self.key.is_some(),
            token: t.token.clone(),
            sequence: t.sequence,
            receiver: self.receiver.clone(),
            line: self.line.clone(),
            account: self.account.clone(),
            content: self.key.as_ref().map_or_else(|| region.clone(), |key| key.encrypt(&region, random)),
        };
        frame.encode()
    }

    /// Reads an answer to `t`. A NAK sets the clock.
    pub fn answer(&mut self, t: &Transmission, body: &[u8], now: UtcMs) -> Answer {
        let Ok(frame) = Frame::parse(body) else { return Answer::NotMine };
        if frame.token == Token::Nak {
            let stamp = Message::parse(&frame.content).and_then(|m| m.stamp);
            return stamp.map_or(Answer::NotMine, |true_time| {
                self.clock_ms = true_time.since(now);
                Answer::ClockSet
            });
        }
        let mine = frame.sequence == t.sequence
            && frame.account_key().as_deref() == Some(self.account.as_str())
            && frame.line == self.line
            && frame.receiver == self.receiver;
        match frame.token {
            Token::Ack if mine && self.is_genuine(&frame) => Answer::Acknowledged,
            Token::Duh if mine => Answer::Refused,
            _ => Answer::NotMine,
        }
    }

    /// An acknowledgement counts when it is encrypted as the question was, with the same key. Its data is empty, so that what counts
    /// begins at the bracket: some receivers leave the bar after the pad out.
    fn is_genuine(&self, frame: &Frame) -> bool {
        match (&self.key, frame.encrypted) {
            (Some(key), true) => {
                let plain = key.decrypt_padded(&frame.content).unwrap_or_default();
                let data_end = plain.iter().position(|b| *b == b']').unwrap_or(plain.len());
                Message::parse(&plain[data_end..]).is_some_and(|m| m.stamp.is_some())
            }
            (None, false) => Message::parse(&frame.content).is_some(),
            _ => false,
        }
    }
}
