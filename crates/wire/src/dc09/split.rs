//! Frames out of a byte stream, wherever it was cut: `LF crc(4 hex) length(0 and 3 hex) body CR`.
//!
//! What is not a frame is counted and passed over; the next LF begins again. Inside a body neither LF nor CR can be, so a length that
//! lies is found at the next of them and never swallows a frame that follows. Memory is one frame, 4,104 bytes, whatever comes.

use super::crc::crc16;

/// Longest body: its length has three hex digits.
pub const BODY_BYTES: usize = 0xFFF;
/// Check sum and length.
const HEAD: usize = 8;

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// A whole frame with the right check sum: its body, from the first quote to before the CR.
    Body(Vec<u8>),
    /// A frame whose check sum is wrong. Nothing is answered; the sender tries again.
    WrongCrc,
    /// A frame whose length is wrong or unreadable. Nothing is answered either.
    WrongLength,
    /// Bytes that are no frame, this many.
    Noise(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// Before an LF.
    Between,
    /// In check sum, length or body.
    Inside,
}

/// One stream's splitter.
#[derive(Debug)]
pub struct Deframer {
    state: State,
    /// Since the LF, without it.
    kept: Vec<u8>,
    /// Length of the body, once its head is read.
    length: usize,
    noise: usize,
}

impl Default for Deframer {
    fn default() -> Self {
        Self { state: State::Between, kept: Vec::new(), length: 0, noise: 0 }
    }
}

impl Deframer {
    /// Takes bytes off the front of `input` up to the next thing found; `None` when all are taken and more are needed.
    pub fn next(&mut self, input: &mut &[u8]) -> Option<Item> {
        while let Some((&byte, rest)) = input.split_first() {
            if self.state == State::Inside {
                if self.kept.len() >= HEAD {
                    self.take_body(input);
                    if input.is_empty() {
                        return None;
                    }
                    if let Some(item) = self.end_body(input) {
                        return Some(item);
                    }
                    continue;
                }
                if let Some(item) = self.take_head(byte, input) {
                    return Some(item);
                }
                continue;
            }
            if byte == b'\n' && self.noise > 0 {
                return Some(Item::Noise(std::mem::take(&mut self.noise)));
            }
            *input = rest;
            if byte == b'\n' {
                self.begin();
            } else if byte != b'\r' {
                self.noise += 1;
                // So that garbage without an LF is told too.
                if self.noise >= BODY_BYTES {
                    return Some(Item::Noise(std::mem::take(&mut self.noise)));
                }
            }
        }
        None
    }

    /// True in the middle of a frame: a peer that stays there is cut off after a while.
    #[must_use]
    pub const fn is_inside(&self) -> bool {
        matches!(self.state, State::Inside)
    }

    /// What is left when no more bytes will come (a datagram has ended).
    pub fn end(&mut self) -> Option<Item> {
        let inside = std::mem::replace(&mut self.state, State::Between) == State::Inside;
        let kept = std::mem::take(&mut self.kept).len();
        let noise = std::mem::take(&mut self.noise);
        match (inside, noise) {
            // A lone LF after a frame is a habit of some senders.
            (true, _) if kept > 0 => Some(Item::WrongLength),
            (_, 1..) => Some(Item::Noise(noise)),
            _ => None,
        }
    }

    fn begin(&mut self) {
        self.state = State::Inside;
        self.kept.clear();
    }

    /// One byte of check sum or length.
    fn take_head(&mut self, byte: u8, input: &mut &[u8]) -> Option<Item> {
        if !byte.is_ascii_hexdigit() {
            // Not a frame after all. The byte is looked at again: it may be an LF.
            self.state = State::Between;
            self.noise = self.kept.len();
            return None;
        }
        *input = &input[1..];
        self.kept.push(byte);
        if self.kept.len() < HEAD {
            return None;
        }
        let length = number(&self.kept[4..]);
        match length.filter(|n| (1..=BODY_BYTES).contains(n)) {
            Some(length) => {
                self.length = length;
                None
            }
            None => {
                self.state = State::Between;
                Some(Item::WrongLength)
            }
        }
    }

    fn take_body(&mut self, input: &mut &[u8]) {
        let missing = HEAD + self.length - self.kept.len();
        let here = &input[..missing.min(input.len())];
        let whole = here.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(here.len());
        self.kept.extend_from_slice(&here[..whole]);
        *input = &input[whole..];
    }

    /// At the byte after what there is of a body, which should be all of it and then a CR.
    fn end_body(&mut self, input: &mut &[u8]) -> Option<Item> {
        let whole = self.kept.len() == HEAD + self.length;
        let byte = *input.first()?;
        if byte != b'\n' {
            *input = &input[1..];
        }
        if byte != b'\r' || !whole {
            self.state = State::Between;
            return Some(Item::WrongLength);
        }
        self.state = State::Between;
        let right = number(&self.kept[..4]) == Some(usize::from(crc16(&self.kept[HEAD..])));
        let mut kept = std::mem::take(&mut self.kept);
        if !right {
            return Some(Item::WrongCrc);
        }
        kept.drain(..HEAD);
        Some(Item::Body(kept))
    }
}

/// Four hex digits of either case.
fn number(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0, |n, b| Some(n << 4 | usize::from(super::cipher::digit(*b)?)))
}

/// A body as it goes over the wire. A body that is too long (a fault of the caller) is cut, and so refused by the other end.
#[must_use]
pub fn enframe(body: &[u8]) -> Vec<u8> {
    let body = &body[..body.len().min(BODY_BYTES)];
    let mut out = format!("\n{:04X}{:04X}", crc16(body), body.len()).into_bytes();
    out.extend_from_slice(body);
    out.push(b'\r');
    out
}
