//! Finds program stream start codes (`00 00 01`, then 0xB9 or more) across any cuts of the input.
//!
//! Bytes flow through in pieces. Invariant: what might be the begin of a start code is held back as a count only, because the
//! bytes held back are known: `00`, `00 00` or `00 00 01`.

use memchr::memmem;

use super::code;

const PREFIX: [u8; 3] = [0, 0, 1];

/// Keeps what is known about the last bytes seen.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    finder: memmem::Finder<'static>,
    matched: usize,
}

impl Scan {
    pub(super) fn new() -> Self {
        Self { finder: memmem::Finder::new(&PREFIX), matched: 0 }
    }

    /// Forgets what was held back.
    pub(super) const fn reset(&mut self) {
        self.matched = 0;
    }

    /// Ends the run: hands the held-back bytes to `body`.
    pub(super) fn finish(&mut self, body: &mut impl FnMut(&[u8])) {
        body(&PREFIX[..self.matched]);
        self.matched = 0;
    }

    /// Hands `body` what is certainly before a start code. At a start code gives its last byte and the input after it.
    pub(super) fn run<'a>(&mut self, mut input: &'a [u8], body: &mut impl FnMut(&[u8])) -> Option<(u8, &'a [u8])> {
        loop {
            if self.matched > 0 {
                let (&byte, rest) = input.split_first()?;
                if let Some(found) = self.step(byte, body) {
                    return Some((found, rest));
                }
                input = rest;
                continue;
            }
            match self.finder.find(input) {
                Some(at) => {
                    let (before, rest) = input.split_at(at);
                    body(before);
                    self.matched = 3;
                    input = &rest[3..];
                }
                None => {
                    self.matched = trailing_prefix(input);
                    body(&input[..input.len() - self.matched]);
                    return None;
                }
            }
        }
    }

    /// One byte after `matched` bytes of the prefix.
    fn step(&mut self, byte: u8, body: &mut impl FnMut(&[u8])) -> Option<u8> {
        match (self.matched, byte) {
            (3, code::END..) => {
                self.matched = 0;
                return Some(byte);
            }
            (1, 0) | (2, 1) => self.matched += 1,
            (2, 0) => body(&[0]),
            (matched, 0) => {
                body(&PREFIX[..matched]);
                self.matched = 1;
            }
            (matched, _) => {
                body(&PREFIX[..matched]);
                body(&[byte]);
                self.matched = 0;
            }
        }
        None
    }
}

/// How many bytes at the end of `input`, which holds no whole prefix, may begin one.
fn trailing_prefix(input: &[u8]) -> usize {
    input.iter().rev().take(2).take_while(|byte| **byte == 0).count()
}
