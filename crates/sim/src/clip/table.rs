//! Sample tables of an MP4 track (ISO/IEC 14496-12 clause 8): where each picture lies and when it is due.
//!
//! Flow: `moov` body -> first video track with `avc1`/`avc3`/`hvc1`/`hev1` -> flat list of samples.
//! Invariants: counts are checked against limits and against the box they come from before anything is allocated.

use base::limits::ACCESS_UNIT_BYTES;
use media::boxes::{Cursor, descend};
use media::{Codec, VideoConfig, config};

/// Most pictures of one clip.
const SAMPLES: usize = 2_000_000;
/// Longest clip, 90 kHz ticks (ten days): keeps all sums far from overflow.
const DURATION_90K: i64 = 90_000 * 864_000;

/// One picture in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// First byte in the file.
    pub offset: u64,
    /// Length.
    pub bytes: usize,
    /// Decoding time, 90 kHz from the track's start.
    pub dts_90k: i64,
    /// Presentation minus decoding time, 90 kHz.
    pub shift_90k: i64,
    /// Can be decoded alone.
    pub key: bool,
}

/// The video track.
#[derive(Clone, Debug)]
pub struct Track {
    /// How to decode.
    pub config: VideoConfig,
    /// Bytes of each NAL length inside samples, 1 to 4.
    pub length_bytes: usize,
    /// Pictures in decoding order, at least one.
    pub samples: Vec<Sample>,
    /// Sum of the sample durations, 90 kHz, above 0.
    pub duration_90k: i64,
}

impl Track {
    /// Reads the first H.264 or H.265 track of a `moov` body.
    pub fn parse(moov: &[u8]) -> Result<Self, &'static str> {
        let mut boxes = Cursor::new(moov);
        let mut fragmented = false;
        while let Some((name, body)) = boxes.next_box() {
            fragmented |= &name == b"mvex";
            if &name == b"trak"
                && let Some((config, length_bytes)) = entry(body)
            {
                let scale = timescale(body).ok_or("the track has no time scale")?;
                let table = descend(body, &[b"mdia", b"minf", b"stbl"]).ok_or("the track has no sample table")?;
                let samples = samples(table, scale)?;
                let duration_90k = samples.1;
                if samples.0.is_empty() {
                    return Err(if fragmented {
                        "fragmented MP4 is not read, only plain MP4"
                    } else {
                        "the video track is empty"
                    });
                }
                return Ok(Self { config, length_bytes, samples: samples.0, duration_90k });
            }
        }
        Err("no H.264 or H.265 track in it")
    }
}

fn timescale(trak: &[u8]) -> Option<i64> {
    let mut mdhd = Cursor::new(descend(trak, &[b"mdia", b"mdhd"])?);
    let version = mdhd.u32()? >> 24;
    mdhd.take(if version == 1 { 16 } else { 8 })?;
    mdhd.u32().map(i64::from).filter(|s| *s > 0)
}

/// Decoder configuration of the first sample entry and the size of NAL lengths.
fn entry(trak: &[u8]) -> Option<(VideoConfig, usize)> {
    let mut stsd = Cursor::new(descend(trak, &[b"mdia", b"minf", b"stbl", b"stsd"])?);
    stsd.take(8)?;
    let (name, body) = stsd.next_box()?;
    // Fixed fields of a visual sample entry (clause 12.1.3) before its boxes.
    let boxes = body.get(78..)?;
    match &name {
        b"avc1" | b"avc3" => {
            let record = descend(boxes, &[b"avcC"])?;
            Some((config::parse_decoder_config(Codec::H264, record)?, usize::from(record.get(4)? & 3) + 1))
        }
        b"hvc1" | b"hev1" => {
            let record = descend(boxes, &[b"hvcC"])?;
            Some((config::parse_decoder_config(Codec::H265, record)?, usize::from(record.get(21)? & 3) + 1))
        }
        _ => None,
    }
}

/// Rows of a full box: skips version and flags, reads the count, checks that `row_bytes` a row fit.
fn rows<'a>(table: &'a [u8], name: &[u8; 4], row_bytes: usize) -> Option<(usize, Cursor<'a>)> {
    let mut body = Cursor::new(descend(table, &[name])?);
    body.u32()?;
    let count = usize::try_from(body.u32()?).ok()?;
    (count <= SAMPLES && count.checked_mul(row_bytes)? <= body.rest().len()).then_some((count, body))
}

fn samples(table: &[u8], scale: i64) -> Result<(Vec<Sample>, i64), &'static str> {
    let sizes = sizes(table).ok_or("the table of sizes (stsz) is malformed")?;
    let offsets = offsets(table, &sizes).ok_or("the tables of places (stsc, stco) are malformed")?;
    let times = times(table, sizes.len()).ok_or("the table of times (stts) is malformed")?;
    let shifts = shifts(table, sizes.len()).ok_or("the table of shifts (ctts) is malformed")?;
    let keys = keys(table, sizes.len()).ok_or("the table of key pictures (stss) is malformed")?;
    if sizes.iter().any(|s| *s > ACCESS_UNIT_BYTES) {
        return Err("a picture is larger than the limit");
    }
    let to_90k = |ticks: i64| i64::try_from(i128::from(ticks) * 90_000 / i128::from(scale)).unwrap_or(i64::MAX);
    // Media time starts at the first presentation, whatever the encoder delayed.
    let first_shift = shifts.first().copied().unwrap_or(0);
    let mut out = Vec::with_capacity(sizes.len());
    let mut dts = 0_i64;
    for (i, bytes) in sizes.iter().enumerate() {
        let (Some(offset), Some(lasts), Some(shift)) = (offsets.get(i), times.get(i), shifts.get(i)) else {
            return Err("the tables disagree about the number of pictures");
        };
        let (dts_90k, shift_90k) = (to_90k(dts), to_90k(shift - first_shift));
        out.push(Sample {
            offset: *offset,
            bytes: *bytes,
            dts_90k,
            shift_90k,
            key: keys.get(i).copied().unwrap_or(false),
        });
        dts = dts.saturating_add(*lasts);
    }
    match to_90k(dts) {
        d if d <= 0 && !out.is_empty() => Err("the clip lasts no time"),
        d if d > DURATION_90K => Err("the clip is longer than ten days"),
        d => Ok((out, d)),
    }
}

fn sizes(table: &[u8]) -> Option<Vec<usize>> {
    let mut body = Cursor::new(descend(table, &[b"stsz"])?);
    body.u32()?;
    let same = body.u32()?;
    let count = usize::try_from(body.u32()?).ok().filter(|c| *c <= SAMPLES)?;
    if same != 0 {
        return Some(vec![usize::try_from(same).ok()?; count]);
    }
    (0..count).map(|_| usize::try_from(body.u32()?).ok()).collect()
}

fn offsets(table: &[u8], sizes: &[usize]) -> Option<Vec<u64>> {
    let chunks: Vec<u64> = match rows(table, b"stco", 4) {
        Some((count, mut body)) => (0..count).map(|_| body.u32().map(u64::from)).collect::<Option<_>>()?,
        None => {
            let (count, mut body) = rows(table, b"co64", 8)?;
            (0..count).map(|_| body.u64()).collect::<Option<_>>()?
        }
    };
    let (count, mut body) = rows(table, b"stsc", 12)?;
    let runs: Vec<(usize, usize)> = (0..count)
        .map(|_| {
            let (first, per_chunk) = (body.u32()?, body.u32()?);
            body.u32()?;
            Some((usize::try_from(first).ok()?, usize::try_from(per_chunk).ok()?))
        })
        .collect::<Option<_>>()?;
    let mut out = Vec::with_capacity(sizes.len());
    let mut run = 0;
    for (chunk, start) in chunks.iter().enumerate() {
        while runs.get(run + 1).is_some_and(|(first, _)| *first <= chunk + 1) {
            run += 1;
        }
        let (_, per_chunk) = runs.get(run)?;
        let mut at = *start;
        for _ in 0..*per_chunk {
            let Some(size) = sizes.get(out.len()) else { return Some(out) };
            out.push(at);
            at = at.checked_add(u64::try_from(*size).ok()?)?;
        }
    }
    (out.len() == sizes.len()).then_some(out)
}

/// Values of a run-length table: `count` of each value, cut at `samples`.
fn runs(count: usize, mut body: Cursor<'_>, samples: usize, read: impl Fn(u32) -> i64) -> Option<Vec<i64>> {
    let mut out = Vec::with_capacity(samples);
    for _ in 0..count {
        let (times, value) = (usize::try_from(body.u32()?).ok()?, read(body.u32()?));
        let times = times.min(samples - out.len());
        out.resize(out.len() + times, value);
    }
    (out.len() == samples).then_some(out)
}

fn times(table: &[u8], samples: usize) -> Option<Vec<i64>> {
    let (count, body) = rows(table, b"stts", 8)?;
    runs(count, body, samples, i64::from)
}

fn shifts(table: &[u8], samples: usize) -> Option<Vec<i64>> {
    if descend(table, &[b"ctts"]).is_none() {
        return Some(vec![0; samples]);
    }
    let (count, body) = rows(table, b"ctts", 8)?;
    // Version 0 says unsigned; writers store negative shifts there too, and no real shift needs the top bit.
    runs(count, body, samples, |v| i64::from(v.cast_signed()))
}

fn keys(table: &[u8], samples: usize) -> Option<Vec<bool>> {
    if descend(table, &[b"stss"]).is_none() {
        return Some(vec![true; samples]);
    }
    let (count, mut body) = rows(table, b"stss", 4)?;
    let mut out = vec![false; samples];
    for _ in 0..count {
        let number = usize::try_from(body.u32()?).ok()?;
        if let Some(key) = number.checked_sub(1).and_then(|i| out.get_mut(i)) {
            *key = true;
        }
    }
    Some(out)
}
