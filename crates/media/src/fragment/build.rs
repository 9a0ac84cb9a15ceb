//! Collects frames and makes a fragment of them. The write path: frames stay where the network put them, only the head
//! (a few hundred bytes) is new memory, and every coded byte is read once, by SHA-256.
//!
//! Flow: `push` frames until `is_full` or the next key picture, then `finish` with what the recorder knows.
//! Invariants: a refused frame comes back to the caller, nothing is dropped here; bytes and order of the frames of a track
//! are those of the stream; what `finish` makes passes `FrameTable::check`.

use base::{CameraId, ContainerId, Sha256, UtcMs, limits};
use bytes::Bytes;
use sha2::Digest;
use thiserror::Error;

use super::{
    AacUnit, FrameTable, Header, MAX_PAYLOAD_BYTES, MAX_PICTURES, MAX_SOUND_FRAMES, MAX_SPAN_90K, MAX_START, PcmRun,
    Sound, SoundTrack, Tracks, VideoSample, encode_head,
};
use crate::frame::{Codec, Frame};

/// Sound frames within this of where the last one ended are one run: clocks of cameras jitter, 60 ms.
const JOIN_90K: i64 = 5_400;
/// Duration of the only picture of a fragment when nothing follows: 25 a second.
const LONE_DURATION_90K: i64 = 3_600;

/// Why a frame was not taken; it comes back.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PushError {
    /// The fragment must be finished first: a limit on bytes, count or time is reached.
    #[error("fragment is full")]
    Full(Frame),
    /// The frame is empty, longer than an access unit may be, or of a codec that this container does not carry.
    #[error("frame does not belong in this container")]
    Foreign(Frame),
}

/// What the recorder adds to the frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Which camera.
    pub camera: CameraId,
    /// Which container.
    pub container: ContainerId,
    /// Number of this fragment of this camera.
    pub seq: u64,
    /// Server clock at the first picture shown.
    pub start_utc_ms: UtcMs,
    /// Device clock minus server clock, ms; `None` = not measured.
    pub clock_error_ms: Option<i32>,
    /// The group of pictures began in the fragment before.
    pub continues_gop: bool,
    /// Media time of the container's origin: the first picture of its first fragment.
    pub origin_90k: i64,
    /// Media time of the picture that follows, if it is there already: how long the last picture lasts.
    pub next_pts_90k: Option<i64>,
    /// Hash of the fragment before in this container, or of the init segment.
    pub prev_hash: Sha256,
}

/// A fragment ready to be written: `head`, then every part in order.
#[derive(Clone, Debug)]
pub struct BuiltFragment {
    /// `uuid` + `moof` + header of `mdat`.
    pub head: Vec<u8>,
    /// Content of `mdat` in order, by reference.
    pub parts: Vec<Bytes>,
    /// SHA-256 over `head` and `parts`: the next fragment's `prev_hash`.
    pub hash: Sha256,
    /// Bytes in all.
    pub len_bytes: u64,
    /// For the database.
    pub table: FrameTable,
    /// What the head says.
    pub header: Header,
}

/// Collects the frames of one fragment.
#[derive(Clone, Debug)]
pub struct Builder {
    tracks: Tracks,
    video: Vec<Frame>,
    sound: Vec<Frame>,
    payload_bytes: u64,
    first_pts_90k: i64,
}

impl Builder {
    /// An empty builder for a container with these tracks.
    #[must_use]
    pub const fn new(tracks: Tracks) -> Self {
        Self { tracks, video: Vec::new(), sound: Vec::new(), payload_bytes: 0, first_pts_90k: 0 }
    }

    /// Takes a frame by reference count.
    ///
    /// # Errors
    /// `PushError` with the frame inside.
    pub fn push(&mut self, frame: Frame) -> Result<(), PushError> {
        let sound = self.tracks.sound.is_some_and(|s| s.codec == frame.codec);
        let len = frame.data.len();
        if len == 0 || len > limits::ACCESS_UNIT_BYTES || !(sound || frame.codec == self.tracks.video) {
            return Err(PushError::Foreign(frame));
        }
        let (count, most) = if sound { (self.sound.len(), MAX_SOUND_FRAMES) } else { (self.video.len(), MAX_PICTURES) };
        let far = !self.is_empty() && frame.pts_90k.abs_diff(self.first_pts_90k) > MAX_SPAN_90K.unsigned_abs();
        if count >= most || far || self.payload_bytes + len as u64 > MAX_PAYLOAD_BYTES {
            return Err(PushError::Full(frame));
        }
        if self.is_empty() {
            self.first_pts_90k = frame.pts_90k;
        }
        self.payload_bytes += len as u64;
        if sound {
            self.sound.push(frame)
        } else {
            self.video.push(frame)
        }
        Ok(())
    }

    /// True when the recorder should finish even without a key picture (`limits::FRAGMENT_BYTES`, `FRAGMENT_MS`).
    #[must_use]
    pub fn is_full(&self) -> bool {
        let span = |frames: &[Frame]| frames.last().map_or(0, |f| f.pts_90k.saturating_sub(self.first_pts_90k));
        self.payload_bytes >= limits::FRAGMENT_BYTES as u64
            || span(&self.video).max(span(&self.sound)) >= limits::FRAGMENT_MS * 90
            || self.video.len() >= MAX_PICTURES
            || self.sound.len() >= MAX_SOUND_FRAMES
    }

    /// True before the first frame.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.video.is_empty() && self.sound.is_empty()
    }

    /// Coded bytes so far.
    #[must_use]
    pub const fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// Pictures so far.
    #[must_use]
    pub const fn pictures(&self) -> usize {
        self.video.len()
    }

    /// Media time of the first picture in coding order.
    #[must_use]
    pub fn first_picture_90k(&self) -> Option<i64> {
        self.video.first().map(|f| f.pts_90k)
    }

    /// Makes the fragment and empties the builder; `None` when there is no frame.
    pub fn finish(&mut self, stamp: &Stamp) -> Option<BuiltFragment> {
        if self.is_empty() {
            return None;
        }
        let (video_start_90k, video) = video_samples(&self.video, stamp.origin_90k, stamp.next_pts_90k);
        let sound = self.tracks.sound.map_or(Sound::None, |track| sound_samples(&self.sound, track, stamp.origin_90k));
        let table = FrameTable { video_start_90k, video, sound };
        let header = Header {
            starts_with_key: table.video.first().is_some_and(|s| s.key),
            continues_gop: stamp.continues_gop,
            camera: stamp.camera,
            container: stamp.container,
            seq: stamp.seq,
            start_utc_ms: stamp.start_utc_ms,
            duration_90k: table.duration_90k(self.tracks.sound.map_or(0, |s| s.rate_hz)),
            clock_error_ms: stamp.clock_error_ms.filter(|ms| *ms != i32::MIN),
            prev_hash: stamp.prev_hash,
        };
        let head = encode_head(&header, &table);
        let mut hash = sha2::Sha256::new_with_prefix(&head);
        let parts: Vec<Bytes> = self.video.drain(..).chain(self.sound.drain(..)).map(|f| f.data).collect();
        parts.iter().for_each(|part| hash.update(part));
        let len_bytes = head.len() as u64 + self.payload_bytes;
        self.payload_bytes = 0;
        Some(BuiltFragment { head, parts, hash: Sha256(hash.finalize().into()), len_bytes, table, header })
    }
}

/// Start in the container and samples of the pictures; decoding times are the presentation times sorted.
fn video_samples(frames: &[Frame], origin_90k: i64, next_pts_90k: Option<i64>) -> (u64, Vec<VideoSample>) {
    let mut times: Vec<i64> = frames.iter().map(|f| f.pts_90k).collect();
    let reordered = !times.is_sorted();
    times.sort_unstable();
    let Some((first, last)) = times.first().copied().zip(times.last().copied()) else { return (0, Vec::new()) };
    let usual = times.windows(2).rev().map(|w| w[1] - w[0]).find(|d| *d > 0).unwrap_or(LONE_DURATION_90K);
    // with reordered pictures the next in coding order is not the next shown
    let until_next = next_pts_90k.filter(|_| !reordered).and_then(|next| next.checked_sub(last));
    let last_duration = until_next.filter(|d| (1..=MAX_SPAN_90K).contains(d)).unwrap_or(usual);
    let next_times = times.iter().skip(1).copied().chain([last.saturating_add(last_duration)]);
    let samples = frames.iter().zip(times.iter().zip(next_times)).map(|(frame, (time, next))| VideoSample {
        size_bytes: frame.data.len() as u32,
        // `push` keeps all times within MAX_SPAN_90K of the first, so neither can leave 32 bits
        duration_90k: u32::try_from(next.saturating_sub(*time)).unwrap_or(0),
        offset_90k: i32::try_from(frame.pts_90k.saturating_sub(*time)).unwrap_or(0),
        key: frame.key,
    });
    (since_origin(first, origin_90k), samples.collect())
}

fn since_origin(pts_90k: i64, origin_90k: i64) -> u64 {
    u64::try_from(pts_90k.saturating_sub(origin_90k)).unwrap_or(0).min(MAX_START)
}

/// Ticks of 90 kHz in samples, rounded down; both bounded by `MAX_START`.
fn to_samples(ticks_90k: u64, rate_hz: u32) -> u64 {
    u64::try_from(u128::from(ticks_90k) * u128::from(rate_hz) / 90_000).unwrap_or(MAX_START).min(MAX_START)
}

fn sound_samples(frames: &[Frame], track: SoundTrack, origin_90k: i64) -> Sound {
    let Some(first) = frames.first() else { return Sound::None };
    let start = to_samples(since_origin(first.pts_90k, origin_90k), track.rate_hz);
    let mut runs: Vec<PcmRun> = Vec::new();
    let mut units: Vec<AacUnit> = Vec::new();
    let mut run_start = first.pts_90k;
    let mut run_samples = 0_u64;
    for frame in frames {
        let expected = run_start.saturating_add((run_samples * 90_000 / u64::from(track.rate_hz)).cast_signed());
        let late = frame.pts_90k.saturating_sub(expected);
        let gap = if late > JOIN_90K {
            to_samples(late.unsigned_abs(), track.rate_hz).clamp(1, u64::from(u32::MAX / 2)) as u32
        } else {
            0
        };
        if gap > 0 {
            run_start = frame.pts_90k;
            run_samples = 0;
        }
        let len = frame.data.len() as u32;
        if track.codec == Codec::Aac {
            if let Some(unit) = units.last_mut() {
                unit.gap_samples = gap;
            }
            units.push(AacUnit { size_bytes: len, gap_samples: 0 });
            run_samples += u64::from(track.unit_samples);
        } else {
            match runs.last_mut() {
                Some(run) if gap == 0 => run.samples += len,
                before => {
                    before.into_iter().for_each(|run| run.gap_samples = gap);
                    runs.push(PcmRun { samples: len, gap_samples: 0 });
                }
            }
            run_samples += u64::from(len);
        }
    }
    if track.codec == Codec::Aac {
        Sound::Aac { start, unit_samples: track.unit_samples, units }
    } else {
        Sound::Pcm { start, runs }
    }
}
