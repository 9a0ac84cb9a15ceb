//! The evidence container: how footage lies on disk, for ever.
//!
//! One **container** is one file of one camera, some 10 to 30 minutes: an *init segment*, then *fragments* end to end.
//! It is a valid fragmented MP4 (ISO/IEC 14496-12, 8.8), and so is the init segment followed by any run of its fragments.
//! One **fragment** is one group of pictures, or several short ones, or a part of a long one; it is the unit of hash,
//! seek and loss. Flow: `Frame`s -> [`Builder`] -> [`BuiltFragment`] -> disk; bytes -> [`parse_init`], [`parse_next`] ->
//! [`Parsed`] for recovery, index rebuild and the verifier; [`FrameTable`] -> database -> playback without touching disk.
//!
//! Format 1. All numbers big-endian; boxes are `size u32, name 4 B, body`; nothing may stand between the parts.
//!
//! ```text
//! init segment
//!   ftyp  major iso6, version 1, brands iso6 mp41
//!   moov  mvhd v1 (90000)
//!         trak 1 pictures: tkhd v1, mdia(mdhd v1 rate 90000, hdlr vide, minf(vmhd, dinf, stbl: avc1+avcC | hvc1+hvcC))
//!         trak 2 sound, if any: same, rate = samples a second, alaw | ulaw | mp4a+esds
//!         mvex: trex of each track (description 1, the rest 0)
//! fragment
//!   uuid  116 bytes
//!     0   4  size = 116                     4  4  "uuid"
//!     8  16  7c0d5a3e 9b1f 4c62 a0e4 6a69 66616e67
//!    24   1  format version = 1            25  1  flags: bit 0 starts with a key picture,
//!                                                 bit 1 continues the group of pictures before; others 0
//!    26   2  zero
//!    28  16  camera id                     44 16  container id
//!    60   8  number of this fragment of this camera; goes on over containers
//!    68   8  start, i64 ms UTC by the server's clock: first picture shown (without pictures: first sound)
//!    76   4  duration, 90 kHz ticks: the sum of the picture durations (without pictures: of the sound)
//!    80   4  device clock minus server clock as measured, i32 ms; -2^31 = unknown
//!    84  32  hash of the fragment before in this container; of the init segment for the first
//!   moof
//!     mfhd  low 32 bits of the fragment number
//!     traf  pictures, if any: tfhd (default-base-is-moof), tfdt v1, trun flags 0x701 v0 (duration, size, flags),
//!           or 0xf01 v1 (and composition offset) where pictures are not coded in the order shown
//!     traf  sound, if any: tfhd, tfdt v1, trun 0x301 (duration, size)
//!   mdat  all pictures, then all sound; at most 2^32 bytes by the limits below, so the 8-byte header
//! ```
//!
//! The **hash** of a fragment is SHA-256 over all its bytes, `uuid` to the end of `mdat`. The header is inside and names
//! the hash before, so the chain is in the file itself.
//!
//! Times. `tfdt` counts from the container's origin (the caller keeps it: the first picture's time). A pause inside a container
//! is the longer duration of the sample before it, never invented pictures or silence; after a longer break the recorder
//! begins a new container. Surveillance streams show pictures in coding order; where they do not, decoding times are the
//! presentation times sorted and `trun` carries the signed difference. Sound before the origin is put at the origin.
//! A broken device clock is kept out: a step beyond [`MAX_SPAN_90K`] does not fit a fragment.
//!
//! Sound. G.711 of any packet size is laid out in blocks of [`crate::flac::BLOCK_SAMPLES`] from the start of each unbroken
//! run; the last block of a run followed by a pause lasts as much longer. AAC: one sample an access unit.
//!
//! Invariant: one fragment has exactly one encoding. The parser reads the boxes, encodes what it understood again and
//! compares: whatever the builder would not have written is refused.

mod build;
mod init;
mod scan;
mod table;

#[cfg(test)]
pub(crate) mod tests;

use base::{CameraId, ContainerId, Sha256, UtcMs, limits};

use crate::boxes::{self, AUDIO_TRACK, BoxWriter, FLAGS_DELTA, FLAGS_KEY, VIDEO_TRACK};
use crate::frame::{AudioConfig, Codec, VideoConfig};

pub use build::{Builder, BuiltFragment, PushError, Stamp};
pub use init::{Init, init_segment, init_segment_with, parse_init};
pub use scan::{Chain, ChainFault, Parsed, ScanError, parse_next};
pub use table::{AacUnit, FrameTable, PcmRun, Sound, TableError, VideoSample};

/// The format this program writes, and the only one so far.
pub const FORMAT: u8 = 1;
/// `usertype` of the header box, which makes a `uuid` box ours.
pub const USERTYPE: [u8; 16] =
    [0x7c, 0x0d, 0x5a, 0x3e, 0x9b, 0x1f, 0x4c, 0x62, 0xa0, 0xe4, 0x6a, 0x69, 0x66, 0x61, 0x6e, 0x67];
/// Bytes of the header box.
pub const HEADER_BYTES: usize = 116;
/// Most pictures of a fragment.
pub const MAX_PICTURES: usize = 8192;
/// Most sound frames taken into a fragment, and so most runs or access units.
pub const MAX_SOUND_FRAMES: usize = 8192;
/// Most coded bytes of a fragment: the recorder cuts at `FRAGMENT_BYTES`, one more picture must still fit.
pub const MAX_PAYLOAD_BYTES: u64 = (limits::FRAGMENT_BYTES + limits::ACCESS_UNIT_BYTES) as u64;
/// Longest media time between the first and any other frame of a fragment, 90 kHz ticks (two minutes).
pub const MAX_SPAN_90K: i64 = 120 * 90_000;
/// Latest start of a fragment in its container, in ticks of either track (99 years at 90 kHz).
pub const MAX_START: u64 = 1 << 48;
/// Most bytes of `moof` that the limits above allow, rounded up; longer ones are refused before they are read.
pub const MAX_MOOF_BYTES: usize = 1 << 20;

/// What the tracks of a container are, as far as fragments need to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tracks {
    /// `H264` or `H265`.
    pub video: Codec,
    /// Sound track, if there is one.
    pub sound: Option<SoundTrack>,
}

/// What the sound track is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SoundTrack {
    /// `G711A`, `G711U` or `Aac`.
    pub codec: Codec,
    /// Samples a second; also the ticks of the track.
    pub rate_hz: u32,
    /// Samples of one AAC access unit; 1 for G.711 (a byte is a sample).
    pub unit_samples: u32,
}

impl Tracks {
    /// The tracks of a stream.
    ///
    /// # Errors
    /// `ConfigError` when the container cannot hold the sound.
    pub fn of(video: &VideoConfig, audio: Option<&AudioConfig>) -> Result<Self, boxes::ConfigError> {
        if !video.codec.is_video() {
            return Err(boxes::ConfigError::Codec(video.codec.name()));
        }
        let sound = match audio {
            None => None,
            Some(audio) => {
                boxes::check_sound(audio)?;
                let unit_samples =
                    if audio.codec == Codec::Aac { boxes::aac_unit_samples(&audio.specific)? } else { 1 };
                Some(SoundTrack { codec: audio.codec, rate_hz: audio.rate_hz, unit_samples })
            }
        };
        Ok(Self { video: video.codec, sound })
    }
}

/// What the `uuid` box says about its fragment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// The first picture can be decoded with nothing before it.
    pub starts_with_key: bool,
    /// The group of pictures began in the fragment before.
    pub continues_gop: bool,
    /// Which camera.
    pub camera: CameraId,
    /// Which container.
    pub container: ContainerId,
    /// Number of this fragment of this camera.
    pub seq: u64,
    /// Server clock at the first picture shown (without pictures: at the first sound).
    pub start_utc_ms: UtcMs,
    /// Length in 90 kHz ticks.
    pub duration_90k: u32,
    /// Device clock minus server clock, ms; `None` = not measured.
    pub clock_error_ms: Option<i32>,
    /// Hash of the fragment before, or of the init segment.
    pub prev_hash: Sha256,
}

/// `uuid` + `moof` + header of `mdat`: everything of a fragment before its first coded byte.
fn encode_head(header: &Header, table: &FrameTable) -> Vec<u8> {
    let mut w = BoxWriter::with_capacity(table.head_bytes());
    w.boxed(b"uuid", |w| {
        w.bytes(&USERTYPE);
        w.u8(FORMAT);
        w.u8(u8::from(header.starts_with_key) | u8::from(header.continues_gop) << 1);
        w.u16(0);
        w.bytes(&header.camera.bytes());
        w.bytes(&header.container.bytes());
        w.u64(header.seq);
        w.u64(header.start_utc_ms.0.cast_unsigned());
        w.u32(header.duration_90k);
        w.u32(header.clock_error_ms.unwrap_or(i32::MIN).cast_unsigned());
        w.bytes(&header.prev_hash.0);
    });
    let moof_bytes = table.moof_bytes();
    w.boxed(b"moof", |w| {
        w.full(b"mfhd", 0, 0, |w| w.u32((header.seq & 0xffff_ffff) as u32));
        if !table.video.is_empty() {
            video_traf(w, table, moof_bytes + 8);
        }
        if table.sound != Sound::None {
            sound_traf(w, table, moof_bytes + 8 + table.video_bytes() as usize);
        }
    });
    // the limits keep this far below 2^32
    w.u32((table.payload_bytes() + 8) as u32);
    w.bytes(b"mdat");
    w.out
}

fn traf_front(w: &mut BoxWriter, track: u32, start: u64) {
    w.full(b"tfhd", 0, 0x02_0000, |w| w.u32(track));
    w.full(b"tfdt", 1, 0, |w| w.u64(start));
}

fn video_traf(w: &mut BoxWriter, table: &FrameTable, data_offset: usize) {
    let offsets = table.has_offsets();
    w.boxed(b"traf", |w| {
        traf_front(w, VIDEO_TRACK, table.video_start_90k);
        w.full(b"trun", u8::from(offsets), if offsets { 0xf01 } else { 0x701 }, |w| {
            w.u32(table.video.len() as u32);
            w.u32(data_offset as u32);
            for sample in &table.video {
                w.u32(sample.duration_90k);
                w.u32(sample.size_bytes);
                w.u32(if sample.key { FLAGS_KEY } else { FLAGS_DELTA });
                if offsets {
                    w.u32(sample.offset_90k.cast_unsigned());
                }
            }
        });
    });
}

fn sound_traf(w: &mut BoxWriter, table: &FrameTable, data_offset: usize) {
    w.boxed(b"traf", |w| {
        traf_front(w, AUDIO_TRACK, table.sound.start());
        w.full(b"trun", 0, 0x301, |w| {
            w.u32(table.sound.sample_count());
            w.u32(data_offset as u32);
            table.sound.for_each_sample(|size_bytes, duration| {
                w.u32(duration);
                w.u32(size_bytes);
            });
        });
    });
}
