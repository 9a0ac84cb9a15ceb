//! A part of something larger than a message (a clip): where it belongs, and its bytes.
//!
//! A part is not signed: what it belongs to is named by its digest, and a signed message names that digest afterwards. The answer to a
//! part is a number: how many bytes are kept from the start without a hole. So a sender that was cut off asks with an empty part and goes
//! on from there. Pure.

use crate::message::{MessageError, digest, fields, is_id, number};
use base::Sha256;

/// Bytes of every part but the last. Small, so that a report never waits long behind one.
pub const PART_BYTES: usize = 256 * 1024;
/// Longest head, bytes.
const HEAD_BYTES: usize = 512;
const FORM: &str = "jifang-part/v1";

/// Where a part belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Message that what it belongs to goes with.
    pub report: String,
    /// Digest of the whole.
    pub sha256: Sha256,
    /// Length of the whole, bytes.
    pub size: u64,
    /// Where this part begins.
    pub at: u64,
}

impl Part {
    /// Head and bytes as one question: the head's length in four bytes, the head, the bytes.
    ///
    /// # Errors
    /// Too long, or a field that cannot stand in a line.
    pub fn join(&self, bytes: &[u8]) -> Result<Vec<u8>, MessageError> {
        if bytes.len() > PART_BYTES || !is_id(&self.report) {
            return Err(MessageError::Format("part"));
        }
        let Self { report, sha256, size, at } = self;
        let head = format!("{FORM}\nreport {report}\nsha256 {sha256}\nsize {size}\nat {at}\n");
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX).to_be_bytes();
        Ok([&length[..], head.as_bytes(), bytes].concat())
    }

    /// What `join` joined. The bytes lie within the whole, and a part that is not the last is full.
    ///
    /// # Errors
    /// Malformed or too long.
    pub fn split(question: &[u8]) -> Result<(Self, &[u8]), MessageError> {
        let (length, rest) = question.split_first_chunk::<4>().ok_or(MessageError::Format("length"))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > HEAD_BYTES || length > rest.len() || rest.len() - length > PART_BYTES {
            return Err(MessageError::Format("length"));
        }
        let (head, bytes) = rest.split_at(length);
        let head = std::str::from_utf8(head).map_err(|_| MessageError::Format("not UTF-8"))?;
        let [report, sha256, size, at] = fields(head, FORM, ["report", "sha256", "size", "at"])?;
        let part = Self { report, sha256: digest(&sha256)?, size: number(&size, "size")?, at: number(&at, "at")? };
        let end = part.at.checked_add(bytes.len() as u64).ok_or(MessageError::Format("at"))?;
        let placed = part.at.is_multiple_of(PART_BYTES as u64) && (bytes.len() == PART_BYTES || end == part.size);
        if !is_id(&part.report) || end > part.size || !(bytes.is_empty() || placed) {
            return Err(MessageError::Format("at"));
        }
        Ok((part, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(size: u64, at: u64) -> Part {
        Part { report: "0195-a".into(), sha256: Sha256::of(b"x"), size, at }
    }

    #[test]
    fn a_part_reads_back_where_it_belongs() {
        let full = vec![7; PART_BYTES];
        let most = PART_BYTES as u64;
        for (part, bytes) in [(part(9, 0), &full[..9]), (part(most + 1, 0), &full), (part(most + 1, most), &full[..1])]
        {
            let joined = part.join(bytes).unwrap();
            assert_eq!(Part::split(&joined).unwrap(), (part.clone(), bytes));
        }
        let asks = part(most, 0).join(b"").unwrap();
        assert_eq!(Part::split(&asks).unwrap().1, b"", "an empty part asks how much is there");
    }

    #[test]
    fn a_part_that_lies_nowhere_is_refused() {
        let most = PART_BYTES as u64;
        let wrong = [(part(9, 0), 10), (part(most + 9, 0), 5), (part(most + 9, 3), 9), (part(9, most), 1)];
        for (part, bytes) in wrong {
            let joined = part.join(&vec![0; bytes]).unwrap();
            assert!(Part::split(&joined).is_err(), "{part:?} {bytes}");
        }
        assert!(part(u64::MAX, u64::MAX - most + 1).join(&[0; 9]).is_ok_and(|j| Part::split(&j).is_err()));
        assert!(part(most * 2, 0).join(&vec![0; PART_BYTES + 1]).is_err(), "too long to send");
        let long = [&4_u32.to_be_bytes()[..], &vec![0; PART_BYTES + 5]].concat();
        assert!(Part::split(&long).is_err(), "too long to read");
        let mut odd = part(9, 0);
        odd.report = "a\nsize 3".into();
        assert!(odd.join(b"").is_err());
    }

    proptest! {
        #[test]
        fn anything_may_come(question: Vec<u8>) {
            let _ = Part::split(&question);
        }
    }
}
