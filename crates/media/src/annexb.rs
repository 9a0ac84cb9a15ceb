//! NAL units between their two shapes: after start codes (ITU-T H.264 / H.265 Annex B) and after 4-byte lengths (ISO/IEC 14496-15).
//!
//! A coded picture flows through in one piece. Invariants: trailing zero bytes are no part of a NAL unit; bad lengths end the walk,
//! they never reach beyond the buffer.

use std::ops::Range;

use memchr::memmem;

/// Walks the NAL units of an Annex B byte stream. Bytes before the first start code are passed over.
pub struct Nals<'a> {
    stream: &'a [u8],
    finder: memmem::Finder<'static>,
    /// Start of the next NAL unit, after its start code.
    next: Option<usize>,
}

impl<'a> Nals<'a> {
    /// Over `stream`.
    #[must_use]
    pub fn new(stream: &'a [u8]) -> Self {
        let finder = memmem::Finder::new(&[0, 0, 1]);
        let next = finder.find(stream).map(|at| at + 3);
        Self { stream, finder, next }
    }
}

impl Iterator for Nals<'_> {
    /// Where the unit lies, without start code and trailing zeros; never empty.
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let start = self.next?;
            let rest = self.stream.get(start..)?;
            let found = self.finder.find(rest);
            self.next = found.map(|at| start + at + 3);
            let unit = &rest[..found.unwrap_or(rest.len())];
            let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
            if zeros < unit.len() {
                return Some(start..start + unit.len() - zeros);
            }
        }
    }
}

/// Walks the NAL units of a frame with 4-byte lengths. Ends at the first length that does not fit.
pub struct Lengths<'a> {
    rest: &'a [u8],
}

impl<'a> Lengths<'a> {
    /// Over `frame`.
    #[must_use]
    pub const fn new(frame: &'a [u8]) -> Self {
        Self { rest: frame }
    }
}

impl<'a> Iterator for Lengths<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        if length > rest.len() {
            self.rest = &[];
            return None;
        }
        let (unit, rest) = rest.split_at(length);
        self.rest = rest;
        Some(unit)
    }
}

/// Appends `nal` with its 4-byte length.
pub fn push_length_prefixed(nal: &[u8], out: &mut Vec<u8>) {
    // A NAL unit over 4 GiB cannot come in: limits::ACCESS_UNIT_BYTES bounds its picture.
    out.extend_from_slice(&u32::try_from(nal.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(nal);
}

/// Appends `nal` after a 4-byte start code.
pub fn push_start_code(nal: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[0, 0, 0, 1]);
    out.extend_from_slice(nal);
}

/// Appends the frame's NAL units after start codes, as decoders and MPEG-PS want them.
pub fn to_annexb(frame: &[u8], out: &mut Vec<u8>) {
    out.reserve(frame.len());
    for nal in Lengths::new(frame) {
        push_start_code(nal, out);
    }
}

/// Appends the NAL units of an Annex B stream with 4-byte lengths.
pub fn from_annexb(stream: &[u8], out: &mut Vec<u8>) {
    out.reserve(stream.len() + 4);
    for nal in Nals::new(stream) {
        push_length_prefixed(&stream[nal], out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn nals(stream: &[u8]) -> Vec<Vec<u8>> {
        Nals::new(stream).map(|at| stream[at].to_vec()).collect()
    }

    #[test]
    fn both_start_codes_padding_and_empty_units() {
        let stream = [9, 9, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0x65, 3, 0];
        assert_eq!(nals(&stream), [vec![0x67, 1], vec![0x68, 2], vec![0x65, 3]]);
        assert_eq!(nals(&[0, 0, 1]), Vec::<Vec<u8>>::new());
        assert_eq!(nals(&[0, 0]), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_length_beyond_the_end_ends_the_walk() {
        let frame = [0, 0, 0, 1, 0xaa, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(Lengths::new(&frame).collect::<Vec<_>>(), [&[0xaa][..]]);
    }

    proptest! {
        #[test]
        fn annexb_to_lengths_and_back(units in prop::collection::vec(prop::collection::vec(1_u8..=255, 1..40), 0..8)) {
            let mut stream = Vec::new();
            units.iter().for_each(|unit| push_start_code(unit, &mut stream));
            let (mut frame, mut again) = (Vec::new(), Vec::new());
            from_annexb(&stream, &mut frame);
            prop_assert_eq!(Lengths::new(&frame).map(<[u8]>::to_vec).collect::<Vec<_>>(), units);
            to_annexb(&frame, &mut again);
            prop_assert_eq!(again, stream);
        }

        #[test]
        fn any_bytes_are_walked_inside_their_bounds(bytes in prop::collection::vec(0_u8..4, 0..200)) {
            for at in Nals::new(&bytes) {
                prop_assert!(at.start < at.end && at.end <= bytes.len());
            }
            let total: usize = Lengths::new(&bytes).map(|unit| unit.len() + 4).sum();
            prop_assert!(total <= bytes.len());
        }
    }
}
