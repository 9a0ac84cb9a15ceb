//! Plays an MP4 file (H.264 or H.265) as if a camera saw it: an index of its pictures, read one by one, again and again.
//!
//! Flow: file -> `moov` box -> table of samples (place, size, times, key) -> `Frame`s with media time that goes on across loops.
//! Invariants: a malformed file is an error that says what is wrong, never a crash; tables and samples have limits; sound in the
//! file is not played (the camera's own sound can be).

mod table;
#[cfg(test)]
mod tests;

use crate::SimError;
use bytes::Bytes;
use media::{Codec, Frame, VideoConfig, annexb, h264, h265};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use table::{Sample, Track};

/// Largest `moov` box read, bytes.
const MOOV_BYTES: u64 = 64 * 1024 * 1024;
/// Most top-level boxes looked at before `moov` must have come.
const TOP_BOXES: usize = 4_096;

/// An open clip.
pub struct Clip {
    file: File,
    track: Track,
    next: usize,
    /// Media time of the first sample of this round, 90 kHz.
    round_90k: i64,
}

/// One picture of a clip.
#[derive(Clone, Debug)]
pub struct ClipFrame {
    /// The picture; its time goes on across loops and begins at 0.
    pub frame: Frame,
    /// When it is due after the start, 90 kHz (decoding time).
    pub due_90k: i64,
}

impl Clip {
    /// Opens a file and reads its index.
    ///
    /// # Errors
    /// It cannot be read, is no MP4, is fragmented, or has no H.264 or H.265 track.
    pub fn open(path: &Path) -> Result<Self, SimError> {
        let named = |e: std::io::Error| SimError::Clip(format!("cannot read `{}`: {e}", path.display()));
        let mut file = File::open(path).map_err(named)?;
        let moov = read_moov(&mut file).map_err(named)?;
        let moov = moov
            .ok_or_else(|| SimError::Clip(format!("`{}` has no index (moov box): not an MP4 file", path.display())))?;
        let track = Track::parse(&moov).map_err(|e| SimError::Clip(format!("`{}`: {e}", path.display())))?;
        Ok(Self { file, track, next: 0, round_90k: 0 })
    }

    /// How its pictures are decoded.
    #[must_use]
    pub const fn config(&self) -> &VideoConfig {
        &self.track.config
    }

    /// Pictures in one round.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.track.samples.len()
    }

    /// True if there is no picture; such a file does not open.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.track.samples.is_empty()
    }

    /// Pictures a second, rounded, at least 1.
    #[must_use]
    pub fn fps(&self) -> u32 {
        let count = self.track.samples.len() as i64;
        u32::try_from((count * 90_000 + self.track.duration_90k / 2) / self.track.duration_90k.max(1))
            .unwrap_or(1)
            .max(1)
    }

    /// The next picture; after the last comes the first, later by the clip's duration.
    ///
    /// # Errors
    /// The file cannot be read any more, or a picture in it is malformed.
    pub fn next_frame(&mut self) -> Result<ClipFrame, SimError> {
        let sample = self
            .track
            .samples
            .get(self.next)
            .copied()
            .ok_or_else(|| SimError::Clip("no picture in the clip".into()))?;
        let frame = self.read(&sample)?;
        let due_90k = self.round_90k + sample.dts_90k;
        let frame = Frame { pts_90k: due_90k + sample.shift_90k, ..frame };
        self.next += 1;
        if self.next == self.track.samples.len() {
            self.next = 0;
            self.round_90k += self.track.duration_90k;
        }
        Ok(ClipFrame { frame, due_90k })
    }

    /// Makes everything that comes later by `ticks` (the camera was held up).
    pub const fn skip_90k(&mut self, ticks: i64) {
        self.round_90k = self.round_90k.saturating_add(ticks);
    }

    fn read(&mut self, sample: &Sample) -> Result<Frame, SimError> {
        let mut raw = vec![0; sample.bytes];
        let read = self.file.seek(SeekFrom::Start(sample.offset)).and_then(|_| self.file.read_exact(&mut raw));
        read.map_err(|e| SimError::Clip(format!("cannot read the clip at byte {}: {e}", sample.offset)))?;
        let codec = self.track.config.codec;
        let data = clean(codec, self.track.length_bytes, &raw)
            .ok_or_else(|| SimError::Clip(format!("the picture at byte {} is malformed", sample.offset)))?;
        Ok(Frame { codec, pts_90k: 0, key: sample.key, data })
    }
}

/// NAL units of a sample with 4-byte lengths, without parameter sets and delimiters. `None` if a length leaves the sample.
fn clean(codec: Codec, length_bytes: usize, mut raw: &[u8]) -> Option<Bytes> {
    let mut out = Vec::with_capacity(raw.len() + 16);
    while !raw.is_empty() {
        let (length, rest) = raw.split_at_checked(length_bytes)?;
        let length = length.iter().fold(0_usize, |sum, b| sum << 8 | usize::from(*b));
        let (nal, rest) = rest.split_at_checked(length)?;
        raw = rest;
        let dropped = match codec {
            Codec::H265 => matches!(h265::nal_type(nal), h265::VPS | h265::SPS | h265::PPS | h265::AUD | h265::FILLER),
            _ => matches!(h264::nal_type(nal), h264::SPS | h264::PPS | h264::AUD | h264::FILLER),
        };
        if !nal.is_empty() && !dropped {
            annexb::push_length_prefixed(nal, &mut out);
        }
    }
    Some(out.into())
}

fn read_moov(file: &mut File) -> std::io::Result<Option<Vec<u8>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0_u64;
    for _ in 0..TOP_BOXES {
        let mut head = [0_u8; 16];
        if at + 8 > end {
            return Ok(None);
        }
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut head[..8])?;
        let [s0, s1, s2, s3, name @ ..] = head.first_chunk::<8>().copied().unwrap_or_default();
        let (size, body) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => (end - at, 8),
            1 => {
                file.read_exact(&mut head[8..])?;
                (u64::from_be_bytes(head.last_chunk::<8>().copied().unwrap_or_default()), 16)
            }
            size => (u64::from(size), 8),
        };
        if size < body || size > end - at {
            return Ok(None);
        }
        if &name == b"moov" {
            if size > MOOV_BYTES {
                return Err(std::io::Error::other("its index is larger than 64 MiB"));
            }
            let mut moov = Vec::new();
            file.seek(SeekFrom::Start(at + body))?;
            file.take(size - body).read_to_end(&mut moov)?;
            return Ok(Some(moov));
        }
        at += size;
    }
    Ok(None)
}
