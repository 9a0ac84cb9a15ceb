//! The index of one span's fragments, as the `frags` column holds it: enough to play, verify and prove without opening the container.
//!
//! Layout, big-endian: count u16, then per fragment: seq u64, offset u64, bytes u64, start_ms i64, duration_90k u32,
//! clock_error_ms i32 (`i32::MIN` unknown), flags u8 (1 key, 2 continues), prev 32 B, sha256 32 B, table length u32, table.
//! Reading never trusts a length: a damaged column gives `None`, and `recover` makes it again from the container.

use base::{Sha256, UtcMs};
use media::fragment::{FrameTable, Parsed};

/// Most fragments of one span that the column holds.
const MAX_FRAGS: usize = 4_096;

/// One fragment of footage and where it lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frag {
    /// Number of this fragment of its camera.
    pub seq: u64,
    /// Where it begins in the container, bytes.
    pub offset: u64,
    /// How long it is, bytes.
    pub bytes: u64,
    /// Server clock at its first picture.
    pub start: UtcMs,
    /// Length, 90 kHz ticks.
    pub duration_90k: u32,
    /// Device clock minus server clock, ms.
    pub clock_error_ms: Option<i32>,
    /// Begins with a picture that needs none before it.
    pub key: bool,
    /// Continues the GOP of the fragment before.
    pub continues: bool,
    /// Hash before it in the chain.
    pub prev: Sha256,
    /// SHA-256 of all its bytes.
    pub sha256: Sha256,
    /// Its frames.
    pub table: FrameTable,
}

impl Frag {
    /// Server clock at its end.
    #[must_use]
    pub fn end(&self) -> UtcMs {
        self.start.plus_ms(i64::from(self.duration_90k) / 90)
    }

    /// From a fragment read back from a container at `offset`.
    #[must_use]
    pub fn of(parsed: Parsed, offset: u64) -> Self {
        let h = parsed.header;
        Self {
            seq: h.seq,
            offset,
            bytes: parsed.len_bytes,
            start: h.start_utc_ms,
            duration_90k: h.duration_90k,
            clock_error_ms: h.clock_error_ms,
            key: h.starts_with_key,
            continues: h.continues_gop,
            prev: h.prev_hash,
            sha256: parsed.hash,
            table: parsed.table,
        }
    }
}

/// The column's bytes.
#[must_use]
pub fn encode(frags: &[Frag]) -> Vec<u8> {
    let mut out = Vec::with_capacity(2 + frags.len() * 512);
    out.extend(u16::try_from(frags.len()).unwrap_or(u16::MAX).to_be_bytes());
    for f in frags {
        out.extend(f.seq.to_be_bytes());
        out.extend(f.offset.to_be_bytes());
        out.extend(f.bytes.to_be_bytes());
        out.extend(f.start.0.to_be_bytes());
        out.extend(f.duration_90k.to_be_bytes());
        out.extend(f.clock_error_ms.unwrap_or(i32::MIN).to_be_bytes());
        out.push(u8::from(f.key) | (u8::from(f.continues) << 1));
        out.extend(f.prev.0);
        out.extend(f.sha256.0);
        let table = f.table.encode();
        out.extend(u32::try_from(table.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend(table);
    }
    out
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }
}

/// Reads the column; `None` if it is damaged.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Vec<Frag>> {
    let mut r = Reader(bytes);
    let count = usize::from(u16::from_be_bytes(r.take()?));
    if count > MAX_FRAGS {
        return None;
    }
    let mut frags = Vec::with_capacity(count);
    for _ in 0..count {
        let (seq, offset, len) =
            (u64::from_be_bytes(r.take()?), u64::from_be_bytes(r.take()?), u64::from_be_bytes(r.take()?));
        let start = UtcMs(i64::from_be_bytes(r.take()?));
        let duration_90k = u32::from_be_bytes(r.take()?);
        let error = i32::from_be_bytes(r.take()?);
        let [flags] = r.take()?;
        let (prev, sha256) = (Sha256(r.take()?), Sha256(r.take()?));
        let table_len = usize::try_from(u32::from_be_bytes(r.take()?)).ok()?;
        let table = FrameTable::decode(r.0.get(..table_len)?).ok()?;
        r.0 = r.0.get(table_len..)?;
        frags.push(Frag {
            seq,
            offset,
            bytes: len,
            start,
            duration_90k,
            clock_error_ms: (error != i32::MIN).then_some(error),
            key: flags & 1 != 0,
            continues: flags & 2 != 0,
            prev,
            sha256,
            table,
        });
    }
    r.0.is_empty().then_some(frags)
}
