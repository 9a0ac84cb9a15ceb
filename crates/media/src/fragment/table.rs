//! The frame table: sizes, durations and key marks of one fragment, small enough to live in a database row.
//!
//! Flow: the builder or the parser makes it, the store keeps `encode()`, playback plans whole hours from `decode()` and never
//! reads `moof` from disk. Bytes: version 1; varint picture start; varint picture count; then a picture each: varint
//! `size << 1 | key`, zigzag varint duration minus the duration before (first: minus 3600); a flag byte 0 or 1 and, if 1,
//! a zigzag varint composition offset a picture; then sound: 0 none; 1 G.711: start, run count, a run each: samples, pause
//! after; 2 AAC: start, samples a unit, unit count, a unit each: `size << 1 | has pause`, pause if any.
//! Varints are LEB128, shortest form only.
//! Invariants: one table has one encoding; `decode` bounds every count before it reserves memory and never panics; offsets
//! are not stored, they follow from the sizes because the format is fixed.

use thiserror::Error;

use super::{HEADER_BYTES, MAX_PAYLOAD_BYTES, MAX_PICTURES, MAX_SOUND_FRAMES, MAX_START};
use crate::flac;

const TABLE_VERSION: u8 = 1;
/// Duration that the first difference counts from: 25 pictures a second.
const FIRST_DURATION_90K: i64 = 3600;

/// Bytes that are no frame table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum TableError {
    /// The bytes end too early.
    #[error("frame table is cut")]
    Cut,
    /// Another version than 1.
    #[error("frame table of unknown version {0}")]
    Version(u8),
    /// A count, size or time beyond the limits of a fragment, or a form that is never written.
    #[error("frame table holds an impossible {0}")]
    Field(&'static str),
}

/// One coded picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VideoSample {
    /// Bytes with their 4-byte NAL unit lengths.
    pub size_bytes: u32,
    /// Until the next picture in decoding order, 90 kHz ticks.
    pub duration_90k: u32,
    /// Presentation minus decoding time, 90 kHz ticks; 0 unless pictures are reordered.
    pub offset_90k: i32,
    /// Decodable with nothing before it.
    pub key: bool,
}

/// One unbroken run of G.711.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PcmRun {
    /// Samples, which are bytes.
    pub samples: u32,
    /// Pause after the run, samples; 0 at the end of the fragment and only there.
    pub gap_samples: u32,
}

/// One AAC access unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AacUnit {
    /// Bytes.
    pub size_bytes: u32,
    /// Pause after the unit, samples; 0 at the end of the fragment.
    pub gap_samples: u32,
}

/// Sound of a fragment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Sound {
    /// None.
    #[default]
    None,
    /// G.711, laid out in `flac::blocks` of each run.
    Pcm {
        /// Start in the container, samples.
        start: u64,
        /// At least one.
        runs: Vec<PcmRun>,
    },
    /// AAC.
    Aac {
        /// Start in the container, samples.
        start: u64,
        /// Samples of one access unit.
        unit_samples: u32,
        /// At least one.
        units: Vec<AacUnit>,
    },
}

impl Sound {
    /// Start in the container, samples; 0 without sound.
    #[must_use]
    pub const fn start(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Pcm { start, .. } | Self::Aac { start, .. } => *start,
        }
    }

    /// Coded bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Pcm { runs, .. } => runs.iter().map(|r| u64::from(r.samples)).sum(),
            Self::Aac { units, .. } => units.iter().map(|u| u64::from(u.size_bytes)).sum(),
        }
    }

    /// Length with pauses, samples.
    #[must_use]
    pub fn duration(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::Pcm { runs, .. } => runs.iter().map(|r| u64::from(r.samples) + u64::from(r.gap_samples)).sum(),
            Self::Aac { units, unit_samples, .. } => {
                units.iter().map(|u| u64::from(*unit_samples) + u64::from(u.gap_samples)).sum()
            }
        }
    }

    /// Samples of the sound track as MP4 counts them: blocks or access units.
    #[must_use]
    pub fn sample_count(&self) -> u32 {
        match self {
            Self::None => 0,
            Self::Pcm { runs, .. } => runs.iter().map(|r| flac::blocks(r.samples).count() as u32).sum(),
            Self::Aac { units, .. } => units.len() as u32,
        }
    }

    /// Calls with size in bytes and duration in track ticks of every MP4 sample, in order.
    pub fn for_each_sample(&self, mut each: impl FnMut(u32, u32)) {
        match self {
            Self::None => (),
            Self::Pcm { runs, .. } => {
                for run in runs {
                    let mut left = run.samples;
                    for block in flac::blocks(run.samples) {
                        left -= block;
                        each(block, if left == 0 { block + run.gap_samples } else { block });
                    }
                }
            }
            Self::Aac { units, unit_samples, .. } => {
                units.iter().for_each(|u| each(u.size_bytes, unit_samples + u.gap_samples));
            }
        }
    }
}

/// Everything playback must know about a fragment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameTable {
    /// Decoding time of the first picture in the container, 90 kHz ticks; 0 without pictures.
    pub video_start_90k: u64,
    /// The pictures in decoding order.
    pub video: Vec<VideoSample>,
    /// The sound.
    pub sound: Sound,
}

impl FrameTable {
    /// Coded bytes of the pictures.
    #[must_use]
    pub fn video_bytes(&self) -> u64 {
        self.video.iter().map(|s| u64::from(s.size_bytes)).sum()
    }

    /// Coded bytes of pictures and sound: the content of `mdat`.
    #[must_use]
    pub fn payload_bytes(&self) -> u64 {
        self.video_bytes() + self.sound.bytes()
    }

    /// Offset of the first picture from the start of the fragment, bytes.
    #[must_use]
    pub fn video_offset(&self) -> u64 {
        self.head_bytes() as u64
    }

    /// Offset of the sound from the start of the fragment, bytes.
    #[must_use]
    pub fn sound_offset(&self) -> u64 {
        self.video_offset() + self.video_bytes()
    }

    /// Length of the whole fragment, bytes.
    #[must_use]
    pub fn fragment_bytes(&self) -> u64 {
        self.video_offset() + self.payload_bytes()
    }

    /// Sum of the picture durations, 90 kHz ticks.
    #[must_use]
    pub fn video_duration_90k(&self) -> u64 {
        self.video.iter().map(|s| u64::from(s.duration_90k)).sum()
    }

    /// First key picture: offset from the start of the fragment and length, bytes.
    #[must_use]
    pub fn first_key_sample(&self) -> Option<(u64, u32)> {
        let at = self.video.iter().position(|s| s.key)?;
        let before: u64 = self.video[..at].iter().map(|s| u64::from(s.size_bytes)).sum();
        Some((self.video_offset() + before, self.video[at].size_bytes))
    }

    /// True where pictures are not coded in the order shown.
    #[must_use]
    pub fn has_offsets(&self) -> bool {
        self.video.iter().any(|s| s.offset_90k != 0)
    }

    /// Bytes of `moof`.
    pub(super) fn moof_bytes(&self) -> usize {
        // traf 8, tfhd 16, tfdt 20, trun 20
        let video = if self.has_offsets() { 16 } else { 12 } * self.video.len();
        let video = if self.video.is_empty() { 0 } else { 64 + video };
        let sound = if self.sound == Sound::None { 0 } else { 64 + 8 * self.sound.sample_count() as usize };
        8 + 16 + video + sound
    }

    /// Bytes before the first coded byte.
    pub(super) fn head_bytes(&self) -> usize {
        HEADER_BYTES + self.moof_bytes() + 8
    }

    /// Ticks of 90 kHz that the fragment lasts: its pictures, or its sound where it has none.
    #[must_use]
    pub(super) fn duration_90k(&self, sound_rate_hz: u32) -> u32 {
        let ticks = if self.video.is_empty() {
            self.sound.duration().saturating_mul(90_000) / u64::from(sound_rate_hz.max(1))
        } else {
            self.video_duration_90k()
        };
        u32::try_from(ticks).unwrap_or(u32::MAX)
    }

    /// Refuses what a fragment cannot hold.
    ///
    /// # Errors
    /// `TableError::Field` naming the first thing wrong.
    pub fn check(&self) -> Result<(), TableError> {
        let wrong = |what| Err(TableError::Field(what));
        if self.video.is_empty() && (self.sound == Sound::None || self.video_start_90k != 0) {
            return wrong("lack of pictures");
        }
        if self.video.len() > MAX_PICTURES || self.video_start_90k > MAX_START || self.sound.start() > MAX_START {
            return wrong("count or start");
        }
        if self.video.iter().any(|s| s.size_bytes == 0) || self.video_duration_90k() > u64::from(u32::MAX) {
            return wrong("picture");
        }
        if self.payload_bytes() > MAX_PAYLOAD_BYTES {
            return wrong("size");
        }
        let sound = match &self.sound {
            Sound::None => true,
            Sound::Pcm { runs, .. } => {
                let pauses = runs
                    .split_last()
                    .is_some_and(|(last, inner)| last.gap_samples == 0 && inner.iter().all(|r| r.gap_samples > 0));
                pauses && runs.len() <= MAX_SOUND_FRAMES && runs.iter().all(|r| r.samples > 0)
            }
            Sound::Aac { units, unit_samples, .. } => {
                let fits = units.last().is_some_and(|last| last.gap_samples == 0) && units.len() <= MAX_SOUND_FRAMES;
                fits && (1..=4096).contains(unit_samples) && units.iter().all(|u| u.size_bytes > 0)
            }
        };
        if !sound || self.sound.duration() > u64::from(u32::MAX) {
            return wrong("sound");
        }
        Ok(())
    }

    /// The bytes for the database.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.video.len() * 5);
        out.push(TABLE_VERSION);
        put(&mut out, self.video_start_90k);
        put(&mut out, self.video.len() as u64);
        let mut before = FIRST_DURATION_90K;
        for sample in &self.video {
            put(&mut out, u64::from(sample.size_bytes) << 1 | u64::from(sample.key));
            put_signed(&mut out, i64::from(sample.duration_90k) - before);
            before = i64::from(sample.duration_90k);
        }
        let offsets = self.has_offsets();
        out.push(u8::from(offsets));
        if offsets {
            self.video.iter().for_each(|s| put_signed(&mut out, i64::from(s.offset_90k)));
        }
        match &self.sound {
            Sound::None => out.push(0),
            Sound::Pcm { start, runs } => {
                out.push(1);
                put(&mut out, *start);
                put(&mut out, runs.len() as u64);
                for run in runs {
                    put(&mut out, u64::from(run.samples));
                    put(&mut out, u64::from(run.gap_samples));
                }
            }
            Sound::Aac { start, unit_samples, units } => {
                out.push(2);
                put(&mut out, *start);
                put(&mut out, u64::from(*unit_samples));
                put(&mut out, units.len() as u64);
                for unit in units {
                    put(&mut out, u64::from(unit.size_bytes) << 1 | u64::from(unit.gap_samples > 0));
                    if unit.gap_samples > 0 {
                        put(&mut out, u64::from(unit.gap_samples));
                    }
                }
            }
        }
        out
    }

    /// Reads what `encode` wrote.
    ///
    /// # Errors
    /// `TableError` for anything else, also for bytes left over.
    pub fn decode(bytes: &[u8]) -> Result<Self, TableError> {
        let mut r = Reader { rest: bytes };
        match r.byte()? {
            TABLE_VERSION => (),
            other => return Err(TableError::Version(other)),
        }
        let video_start_90k = r.get()?;
        let video = decode_video(&mut r)?;
        let sound = decode_sound(&mut r)?;
        if !r.rest.is_empty() {
            return Err(TableError::Field("tail"));
        }
        let table = Self { video_start_90k, video, sound };
        table.check()?;
        Ok(table)
    }
}

fn decode_video(r: &mut Reader<'_>) -> Result<Vec<VideoSample>, TableError> {
    let count = r.count(MAX_PICTURES)?;
    let mut video = Vec::with_capacity(count);
    let mut before = FIRST_DURATION_90K;
    for _ in 0..count {
        let size_key = r.get()?;
        let duration = before.checked_add(r.signed()?).ok_or(TableError::Field("duration"))?;
        before = duration;
        video.push(VideoSample {
            size_bytes: u32::try_from(size_key >> 1).map_err(|_| TableError::Field("size"))?,
            duration_90k: u32::try_from(duration).map_err(|_| TableError::Field("duration"))?,
            offset_90k: 0,
            key: size_key & 1 == 1,
        });
    }
    match r.byte()? {
        0 => (),
        1 => {
            for sample in &mut video {
                sample.offset_90k = i32::try_from(r.signed()?).map_err(|_| TableError::Field("offset"))?;
            }
            if video.iter().all(|s| s.offset_90k == 0) {
                return Err(TableError::Field("offset flag"));
            }
        }
        _ => return Err(TableError::Field("offset flag")),
    }
    Ok(video)
}

fn decode_sound(r: &mut Reader<'_>) -> Result<Sound, TableError> {
    match r.byte()? {
        0 => Ok(Sound::None),
        1 => {
            let start = r.get()?;
            let count = r.count(MAX_SOUND_FRAMES)?;
            let runs = (0..count).map(|_| Ok(PcmRun { samples: r.get_u32()?, gap_samples: r.get_u32()? }));
            Ok(Sound::Pcm { start, runs: runs.collect::<Result<_, TableError>>()? })
        }
        2 => {
            let start = r.get()?;
            let unit_samples = r.get_u32()?;
            let count = r.count(MAX_SOUND_FRAMES)?;
            let units = (0..count).map(|_| {
                let size_gap = r.get()?;
                let size_bytes = u32::try_from(size_gap >> 1).map_err(|_| TableError::Field("size"))?;
                let gap_samples = if size_gap & 1 == 1 { r.get_u32()? } else { 0 };
                if size_gap & 1 == 1 && gap_samples == 0 {
                    return Err(TableError::Field("pause"));
                }
                Ok(AacUnit { size_bytes, gap_samples })
            });
            let units = units.collect::<Result<_, TableError>>()?;
            Ok(Sound::Aac { start, unit_samples, units })
        }
        _ => Err(TableError::Field("kind of sound")),
    }
}

fn put(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn put_signed(out: &mut Vec<u8>, v: i64) {
    put(out, (v << 1 ^ v >> 63).cast_unsigned());
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, TableError> {
        let (first, rest) = self.rest.split_first().ok_or(TableError::Cut)?;
        self.rest = rest;
        Ok(*first)
    }

    fn get(&mut self) -> Result<u64, TableError> {
        let mut v = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            v |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 { Err(TableError::Field("number")) } else { Ok(v) };
            }
        }
        Err(TableError::Field("number"))
    }

    fn get_u32(&mut self) -> Result<u32, TableError> {
        u32::try_from(self.get()?).map_err(|_| TableError::Field("number"))
    }

    fn signed(&mut self) -> Result<i64, TableError> {
        let v = self.get()?;
        Ok((v >> 1).cast_signed() ^ -(v & 1).cast_signed())
    }

    /// A count within `most` and within the bytes that are left (every item takes at least one).
    fn count(&mut self, most: usize) -> Result<usize, TableError> {
        let count = usize::try_from(self.get()?).map_err(|_| TableError::Field("count"))?;
        if count > most { Err(TableError::Field("count")) } else { Ok(count.min(self.rest.len())) }
            .and_then(|n| if n == count { Ok(n) } else { Err(TableError::Cut) })
    }
}
