//! Bits of an H.264 or H.265 parameter set: emulation prevention taken out, fixed fields and Exp-Golomb codes read.
//!
//! A NAL unit flows in, numbers flow out. Invariants: reading past the end is `None`, never a panic; at most `MOST_BYTES` are looked at.

/// How much of a parameter set is looked at; what is wanted lies in the first few hundred bytes.
const MOST_BYTES: usize = 4_096;

/// Payload of a NAL unit after its header of `header_bytes`, without emulation prevention bytes
/// (ITU-T H.264 7.4.1.1, H.265 7.4.2: in `00 00 03` the `03` is not payload).
#[must_use]
pub(crate) fn payload(nal: &[u8], header_bytes: usize) -> Vec<u8> {
    let coded = nal.get(header_bytes..).unwrap_or_default();
    let coded = &coded[..coded.len().min(MOST_BYTES)];
    let mut plain = Vec::with_capacity(coded.len());
    let mut zeros = 0_u8;
    for &byte in coded {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros.saturating_add(1) } else { 0 };
        plain.push(byte);
    }
    plain
}

/// Reads bits from the most significant one on.
pub(crate) struct Bits<'a> {
    bytes: &'a [u8],
    at_bit: usize,
}

impl<'a> Bits<'a> {
    /// From the first bit of `bytes`.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at_bit: 0 }
    }

    /// One bit.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.at_bit / 8)?;
        let bit = byte >> (7 - self.at_bit % 8) & 1;
        self.at_bit += 1;
        Some(bit == 1)
    }

    /// `count` bits (at most 32) as an unsigned number.
    pub(crate) fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0_u32;
        for _ in 0..count.min(32) {
            value = value << 1 | u32::from(self.flag()?);
        }
        Some(value)
    }

    /// Goes past `count` bits.
    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        let to = self.at_bit.checked_add(count)?;
        (to <= self.bytes.len() * 8).then(|| self.at_bit = to)
    }

    /// ue(v): unsigned Exp-Golomb, up to 2^32 - 2 (ITU-T H.264 9.1).
    pub(crate) fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some(((1_u32 << zeros) - 1).wrapping_add(self.take(zeros)?))
    }

    /// se(v): signed Exp-Golomb.
    pub(crate) fn signed(&mut self) -> Option<i64> {
        let code = i64::from(self.unsigned()?);
        Some(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }

    /// ue(v) that must not exceed `most`.
    pub(crate) fn unsigned_to(&mut self, most: u32) -> Option<u32> {
        self.unsigned().filter(|value| *value <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_follows_the_table_of_the_standard() {
        // 1 010 011 00100 00101 then signed 1 010 011 00100: values 0 1 2 3 4, then 0 1 -1 2.
        let bytes = [0b1010_0110, 0b0100_0010, 0b1101_0011, 0b0010_0000];
        let mut bits = Bits::new(&bytes);
        assert_eq!([(); 5].map(|()| bits.unsigned()), [Some(0), Some(1), Some(2), Some(3), Some(4)]);
        assert_eq!([(); 4].map(|()| bits.signed()), [Some(0), Some(1), Some(-1), Some(2)]);
        assert_eq!(bits.unsigned(), None);
    }

    #[test]
    fn emulation_prevention_is_removed_once_each() {
        assert_eq!(payload(&[0x67, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3], 1), [0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(payload(&[0x67], 2), []);
    }

    #[test]
    fn a_code_of_32_zeros_and_the_end_are_refused() {
        assert_eq!(Bits::new(&[0; 16]).unsigned(), None);
        assert_eq!(Bits::new(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]).unsigned(), Some(u32::MAX - 1));
        assert_eq!(Bits::new(&[1]).skip(9), None);
    }
}
