//! SIA DC-09: what alarm panels say over IP, and the answers they wait for. Both ends: the receiving centre and the panel.
//!
//! Layers, each importing only those above it: [`crc`], [`stamp`], [`cipher`] (AES in CBC), [`split`] (frames out of a byte stream),
//! [`frame`] (one frame's parts), [`message`] (what is between its brackets), [`contact_id`] and [`sia`] (events in it), and on top
//! [`receiver`] (what a centre answers), [`supervise`] (who is silent for too long) and [`panel`] (what a panel sends).
//! Invariants: nothing here panics on input, blocks, or keeps an unbounded table; check sums are taken over raw bytes, never over
//! decoded text; an answer echoes only what came; an event whose code no table knows is an event all the same.

pub mod cipher;
pub mod contact_id;
pub mod crc;
pub mod frame;
pub mod meaning;
pub mod message;
pub mod panel;
pub mod receiver;
pub mod sia;
pub mod split;
pub mod stamp;
pub mod supervise;

#[cfg(test)]
mod tests;

pub use cipher::Key;
pub use meaning::{Alarm, Meaning, Trouble};
pub use receiver::{Account, Charset, Heard, Quirks, Reply, Why};
pub use split::{Deframer, Item};
pub use supervise::Supervision;

/// Longest account number, hex digits.
pub const ACCOUNT_DIGITS: std::ops::RangeInclusive<usize> = 3..=16;

/// An account number as tables hold it: upper case, 3 to 16 hex digits; `None` for anything else.
#[must_use]
pub fn account(text: &str) -> Option<String> {
    let fits = ACCOUNT_DIGITS.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| text.to_ascii_uppercase())
}
