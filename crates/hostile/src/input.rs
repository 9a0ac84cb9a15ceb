//! How a target reads its bytes: numbers from the front, a payload cut into pieces, and edits of something honest.

/// Most cuts that are spelled out; after them the same lengths come again.
const CUTS: usize = 7;

/// The front of the bytes, taken piece by piece; zeros once they are used up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from(self.u16()) << 16 | u32::from(self.u16())
    }

    /// Up to `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> &'a [u8] {
        let (now, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        now
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rest, and the same cut into pieces: a count, so many lengths, then the payload. No length at all: byte by byte.
    pub(crate) fn cut(mut self) -> (&'a [u8], Vec<&'a [u8]>) {
        let count = usize::from(self.byte()) % (CUTS + 1);
        let lengths: Vec<usize> = self.take(count).iter().map(|n| piece(*n)).collect();
        let whole = self.0;
        let (mut rest, mut pieces, mut at) = (whole, Vec::new(), 0);
        while !rest.is_empty() {
            let length = lengths.get(at % lengths.len().max(1)).copied().unwrap_or(1);
            let (now, later) = rest.split_at(length.min(rest.len()));
            pieces.push(now);
            (rest, at) = (later, at + 1);
        }
        (whole, pieces)
    }
}

/// Small lengths as they are, large ones up to 8 KiB in steps.
fn piece(byte: u8) -> usize {
    match byte {
        0 => 1,
        1..=127 => usize::from(byte),
        _ => (usize::from(byte) - 127) * 64,
    }
}

/// A payload with its cuts before it, as [`Input::cut`] reads it.
pub(crate) fn with_cuts(lengths: &[u8], payload: &[u8]) -> Vec<u8> {
    [&[u8::try_from(lengths.len()).unwrap_or(0)], lengths, payload].concat()
}

/// `honest` with the edits that `script` says: set, flip, insert, delete, copy, cut off. An empty script changes nothing.
pub(crate) fn edited(honest: &[u8], script: &mut Input<'_>) -> Vec<u8> {
    let mut out = honest.to_vec();
    while !script.is_empty() {
        let (act, value) = (script.byte(), script.byte());
        let at = script.u16() as usize | usize::from(act >> 4) << 16;
        let at = at % out.len().max(1);
        let length = usize::from(value);
        match act & 7 {
            0 => out.get_mut(at).into_iter().for_each(|byte| *byte = value),
            1 => out.get_mut(at).into_iter().for_each(|byte| *byte ^= value),
            2 => {
                let new = script.take(length);
                out.splice(at..at, new.iter().copied());
            }
            3 => drop(out.drain(at..(at + length).min(out.len()))),
            4 => {
                let from = usize::from(script.u16()) % out.len().max(1);
                let copy = out.get(from..(from + length).min(out.len())).unwrap_or_default().to_vec();
                out.splice(at..at, copy);
            }
            5 => out.truncate(at),
            _ => {
                let new = script.take(length);
                let end = (at + new.len()).min(out.len());
                out.splice(at..end, new.iter().copied());
            }
        }
    }
    out
}
