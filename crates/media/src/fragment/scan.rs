//! Reads fragments back from bytes: crash recovery, index rebuild, the evidence verifier.
//!
//! Flow: the caller holds a stretch of a container that begins at a fragment; `parse_next` answers what it is, or how many
//! bytes it must hold first, or that no fragment of ours begins here. `Chain` then says whether it follows the one before.
//! Invariants: only what the builder writes is accepted, byte for byte; sizes are checked against the limits before they are
//! believed; hostile bytes never panic and never make it ask for more than one largest fragment.

use base::{CameraId, ContainerId, Sha256, UtcMs};
use thiserror::Error;

use super::{
    AacUnit, FORMAT, FrameTable, HEADER_BYTES, Header, MAX_MOOF_BYTES, MAX_PICTURES, MAX_SOUND_FRAMES, PcmRun, Sound,
    SoundTrack, Tracks, USERTYPE, VideoSample, encode_head,
};
use crate::boxes::{AUDIO_TRACK, Cursor, FLAGS_KEY, VIDEO_TRACK};
use crate::frame::Codec;

/// Why no fragment came out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ScanError {
    /// All is well so far; the caller must hold at least `bytes`. At the end of a file this is a torn tail.
    #[error("fragment goes on to at least {bytes} bytes")]
    NeedMore {
        /// From the start of the fragment.
        bytes: u64,
    },
    /// These bytes were not written by the recorder in this form.
    #[error("no intact fragment: {0}")]
    Torn(&'static str),
}

/// One intact fragment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// What its `uuid` box says.
    pub header: Header,
    /// Its frames.
    pub table: FrameTable,
    /// SHA-256 over all its bytes.
    pub hash: Sha256,
    /// Its bytes; the next fragment begins there.
    pub len_bytes: u64,
}

/// Reads the fragment at the start of `bytes`; more may follow it.
///
/// # Errors
/// `ScanError`, see there.
pub fn parse_next(bytes: &[u8], tracks: &Tracks) -> Result<Parsed, ScanError> {
    let need = |n: usize| ScanError::NeedMore { bytes: n as u64 };
    check_front(bytes)?;
    let fixed = bytes.get(..HEADER_BYTES).ok_or(need(HEADER_BYTES + 8))?;
    let header = read_header(fixed).ok_or(ScanError::Torn("header cannot be read"))?;
    let mut c = Cursor::new(&bytes[HEADER_BYTES..]);
    let Some((moof_bytes, name)) = c.u32().zip(c.array::<4>()) else { return Err(need(HEADER_BYTES + 8)) };
    let moof_bytes = moof_bytes as usize;
    if &name != b"moof" || !(32..=MAX_MOOF_BYTES).contains(&moof_bytes) {
        return Err(ScanError::Torn("no moof after the header"));
    }
    let moof = c.take(moof_bytes - 8).ok_or(need(HEADER_BYTES + moof_bytes + 8))?;
    let table = read_moof(moof, tracks).ok_or(ScanError::Torn("moof is not as this format writes it"))?;
    table.check().map_err(|_| ScanError::Torn("fragment is beyond its limits"))?;
    let head = bytes.get(..HEADER_BYTES + moof_bytes + 8).ok_or(need(HEADER_BYTES + moof_bytes + 8))?;
    // Everything the head says once more, and compared: this is what makes the encoding unique.
    let said = Header {
        starts_with_key: table.video.first().is_some_and(|s| s.key),
        duration_90k: table.duration_90k(tracks.sound.map_or(0, |s| s.rate_hz)),
        ..header
    };
    if encode_head(&said, &table) != head {
        return Err(ScanError::Torn("head is not as this format writes it"));
    }
    let len_bytes = table.fragment_bytes();
    let whole = usize::try_from(len_bytes).ok().and_then(|len| bytes.get(..len));
    let whole = whole.ok_or(ScanError::NeedMore { bytes: len_bytes })?;
    Ok(Parsed { header, table, hash: Sha256::of(whole), len_bytes })
}

/// The fixed first bytes, as far as they are there.
fn check_front(bytes: &[u8]) -> Result<(), ScanError> {
    let mut front = [0; 25];
    front[..4].copy_from_slice(&(HEADER_BYTES as u32).to_be_bytes());
    front[4..8].copy_from_slice(b"uuid");
    front[8..24].copy_from_slice(&USERTYPE);
    front[24] = FORMAT;
    if bytes.iter().zip(front).all(|(have, want)| *have == want) {
        Ok(())
    } else if bytes.len() >= 25 && bytes[..24] == front[..24] {
        Err(ScanError::Torn("fragment of an unknown format version"))
    } else {
        Err(ScanError::Torn("no fragment begins here"))
    }
}

fn read_header(fixed: &[u8]) -> Option<Header> {
    let mut c = Cursor::new(fixed);
    c.take(25)?;
    let flags = c.u8()?;
    c.take(2)?;
    Some(Header {
        starts_with_key: flags & 1 != 0,
        continues_gop: flags & 2 != 0,
        camera: CameraId::from_bytes(c.array()?),
        container: ContainerId::from_bytes(c.array()?),
        seq: c.u64()?,
        start_utc_ms: UtcMs(c.u64()?.cast_signed()),
        duration_90k: c.u32()?,
        clock_error_ms: Some(c.u32()?.cast_signed()).filter(|ms| *ms != i32::MIN),
        prev_hash: Sha256(c.array()?),
    })
}

/// The table out of `moof`. It reads values only; whether every other byte is right the comparison in `parse_next` tells.
fn read_moof(moof: &[u8], tracks: &Tracks) -> Option<FrameTable> {
    let mut c = Cursor::new(moof);
    c.find(b"mfhd")?;
    let mut table = FrameTable::default();
    while let Some((b"traf", body)) = c.next_box().as_ref().map(|(name, body)| (name, *body)) {
        let mut traf = Cursor::new(body);
        let track = Cursor::new(traf.find(b"tfhd")?.get(4..)?).u32()?;
        let start = Cursor::new(traf.find(b"tfdt")?.get(4..)?).u64()?;
        let mut trun = Cursor::new(traf.find(b"trun")?);
        match (track, tracks.sound) {
            (VIDEO_TRACK, _) if table.video.is_empty() => {
                table.video_start_90k = start;
                table.video = read_video(&mut trun)?;
            }
            (AUDIO_TRACK, Some(sound)) if table.sound == Sound::None => {
                table.sound = read_sound(&mut trun, start, sound)?;
            }
            _ => return None,
        }
    }
    Some(table)
}

fn read_video(trun: &mut Cursor<'_>) -> Option<Vec<VideoSample>> {
    let offsets = trun.u32()? & 0x800 != 0;
    let count = trun.u32()? as usize;
    trun.u32()?;
    if count > MAX_PICTURES {
        return None;
    }
    let mut video = Vec::with_capacity(count);
    for _ in 0..count {
        video.push(VideoSample {
            duration_90k: trun.u32()?,
            size_bytes: trun.u32()?,
            key: trun.u32()? == FLAGS_KEY,
            offset_90k: if offsets { trun.u32()?.cast_signed() } else { 0 },
        });
    }
    Some(video)
}

fn read_sound(trun: &mut Cursor<'_>, start: u64, track: SoundTrack) -> Option<Sound> {
    trun.u32()?;
    let count = trun.u32()?;
    trun.u32()?;
    // as many blocks as MAX_MOOF_BYTES holds; each turn consumes bytes, so a false count ends the loop
    let mut runs: Vec<PcmRun> = Vec::new();
    let mut units: Vec<AacUnit> = Vec::new();
    let mut samples = 0_u32;
    for _ in 0..count {
        let (duration, size_bytes) = (trun.u32()?, trun.u32()?);
        if track.codec == Codec::Aac {
            units.push(AacUnit { size_bytes, gap_samples: duration.checked_sub(track.unit_samples)? });
            continue;
        }
        let gap_samples = duration.checked_sub(size_bytes)?;
        samples = samples.checked_add(size_bytes)?;
        if gap_samples > 0 {
            runs.push(PcmRun { samples, gap_samples });
            samples = 0;
        }
    }
    if samples > 0 {
        runs.push(PcmRun { samples, gap_samples: 0 });
    }
    if units.len().max(runs.len()) > MAX_SOUND_FRAMES {
        return None;
    }
    match (track.codec, count) {
        (_, 0) => None,
        (Codec::Aac, _) => Some(Sound::Aac { start, unit_samples: track.unit_samples, units }),
        _ => Some(Sound::Pcm { start, runs }),
    }
}

/// Why an intact fragment does not follow the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ChainFault {
    /// Of another camera or container.
    #[error("fragment of another camera or container")]
    Foreign,
    /// Number out of order: something is missing, twice there, or moved.
    #[error("fragment {found} stands where {expected} belongs")]
    Sequence {
        /// The number that should follow.
        expected: u64,
        /// The number in the header.
        found: u64,
    },
    /// The hash of the fragment before is not what the header names: one of the two was changed.
    #[error("the hash chain breaks")]
    Hash,
}

/// Follows the hash chain through one container.
#[derive(Clone, Copy, Debug)]
pub struct Chain {
    prev_hash: Option<Sha256>,
    last: Option<(CameraId, ContainerId, u64)>,
}

impl Chain {
    /// From the head of a container: the first fragment must name the hash of the init segment.
    #[must_use]
    pub const fn after_init(init_hash: Sha256) -> Self {
        Self { prev_hash: Some(init_hash), last: None }
    }

    /// From anywhere, as in a slice: the first fragment is taken as it is.
    #[must_use]
    pub const fn anywhere() -> Self {
        Self { prev_hash: None, last: None }
    }

    /// Takes the next fragment; on a fault the chain stays where it was.
    ///
    /// # Errors
    /// `ChainFault`, the first that applies.
    pub fn follow(&mut self, next: &Parsed) -> Result<(), ChainFault> {
        let h = &next.header;
        if let Some((camera, container, seq)) = self.last {
            if (camera, container) != (h.camera, h.container) {
                return Err(ChainFault::Foreign);
            }
            let expected = seq.wrapping_add(1);
            if h.seq != expected {
                return Err(ChainFault::Sequence { expected, found: h.seq });
            }
        }
        if self.prev_hash.is_some_and(|hash| hash != h.prev_hash) {
            return Err(ChainFault::Hash);
        }
        *self = Self { prev_hash: Some(next.hash), last: Some((h.camera, h.container, h.seq)) };
        Ok(())
    }
}
