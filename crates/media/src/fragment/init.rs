//! The init segment: what the streams are and how to decode them, at the head of every container and of every export.
//!
//! Flow: configs -> `init_segment`; bytes -> `parse_init` -> configs.
//! Invariants: the bytes follow from the configs and the decoder configuration record alone; the parser keeps that record as it
//! lies in the file, so a better record builder in a later version still reads what an older one wrote.

use base::Sha256;
use bytes::Bytes;

use super::{ScanError, Tracks};
use crate::boxes::{self, AUDIO_TRACK, BoxWriter, ConfigError, Cursor, RECORD_BYTES, SoundEntry, VIDEO_TRACK};
use crate::config;
use crate::frame::{AudioConfig, Codec, VideoConfig};

/// Longest init segment, bytes: the longest record and the fixed boxes.
const MAX_INIT_BYTES: usize = RECORD_BYTES + 4096;

/// A parsed init segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Init {
    /// How to decode the pictures.
    pub video: VideoConfig,
    /// `avcC` or `hvcC` as it lies in the file.
    pub record: Bytes,
    /// How to decode the sound, if there is any.
    pub audio: Option<AudioConfig>,
    /// What `Builder` and `parse_next` need.
    pub tracks: Tracks,
    /// SHA-256 of the segment: `prev_hash` of the first fragment.
    pub hash: Sha256,
    /// Bytes; the first fragment begins here.
    pub len_bytes: usize,
}

/// The init segment of a stream.
///
/// # Errors
/// `ConfigError` for streams the container cannot hold.
pub fn init_segment(video: &VideoConfig, audio: Option<&AudioConfig>) -> Result<Vec<u8>, ConfigError> {
    let record =
        config::decoder_config(video).ok_or(ConfigError::Record("the sequence parameter set cannot be read"))?;
    init_segment_with(video, &record, audio)
}

/// The init segment with a decoder configuration record (`avcC`, `hvcC`) that the caller has.
///
/// # Errors
/// `ConfigError` for streams the container cannot hold.
pub fn init_segment_with(
    video: &VideoConfig,
    record: &[u8],
    audio: Option<&AudioConfig>,
) -> Result<Vec<u8>, ConfigError> {
    boxes::check_pictures(video, record)?;
    audio.map_or(Ok(()), boxes::check_sound)?;
    let mut w = BoxWriter::with_capacity(2048 + record.len());
    boxes::ftyp(&mut w, b"iso6", &[b"mp41"]);
    w.boxed(b"moov", |w| {
        boxes::mvhd(w, 0);
        w.boxed(b"trak", |w| {
            boxes::tkhd(w, VIDEO_TRACK, 0, video.width_px, video.height_px);
            boxes::mdia(w, boxes::VIDEO_RATE, 0, true, |w| {
                boxes::stsd_pictures(w, video, record);
                no_samples(w);
            });
        });
        if let Some(audio) = audio {
            w.boxed(b"trak", |w| {
                boxes::tkhd(w, AUDIO_TRACK, 0, 0, 0);
                boxes::mdia(w, audio.rate_hz, 0, false, |w| {
                    boxes::stsd_sound(w, audio, SoundEntry::Recorded);
                    no_samples(w);
                });
            });
        }
        w.boxed(b"mvex", |w| {
            for track in [VIDEO_TRACK, AUDIO_TRACK].into_iter().take(1 + usize::from(audio.is_some())) {
                w.full(b"trex", 0, 0, |w| {
                    w.u32(track);
                    w.u32(1);
                    w.zeros(12);
                });
            }
        });
    });
    Ok(w.out)
}

/// Sample tables that say: see the fragments.
fn no_samples(w: &mut BoxWriter) {
    w.full(b"stts", 0, 0, |w| w.u32(0));
    w.full(b"stsc", 0, 0, |w| w.u32(0));
    w.full(b"stsz", 0, 0, |w| w.u64(0));
    w.full(b"stco", 0, 0, |w| w.u32(0));
}

/// Reads the init segment at the start of `bytes`; more may follow.
///
/// # Errors
/// `ScanError::NeedMore` when the bytes end inside it, `ScanError::Torn` when it is none of ours.
pub fn parse_init(bytes: &[u8]) -> Result<Init, ScanError> {
    let ftyp_bytes = box_bytes(bytes, b"ftyp")?;
    let len_bytes = ftyp_bytes
        + box_bytes(bytes.get(ftyp_bytes..).unwrap_or_default(), b"moov").map_err(|e| match e {
            ScanError::NeedMore { bytes } => ScanError::NeedMore { bytes: bytes + ftyp_bytes as u64 },
            torn @ ScanError::Torn(_) => torn,
        })?;
    let segment = bytes.get(..len_bytes).ok_or(ScanError::NeedMore { bytes: len_bytes as u64 })?;
    let (video, record, audio) = read_tracks(segment).ok_or(ScanError::Torn("init segment lacks a part"))?;
    let again = init_segment_with(&video, &record, audio.as_ref())
        .map_err(|_| ScanError::Torn("init segment holds a stream that is never recorded"))?;
    if again != segment {
        return Err(ScanError::Torn("init segment is not as this format writes it"));
    }
    let tracks = Tracks::of(&video, audio.as_ref()).map_err(|_| ScanError::Torn("unknown tracks"))?;
    Ok(Init { video, record, audio, tracks, hash: Sha256::of(segment), len_bytes })
}

fn box_bytes(bytes: &[u8], name: &[u8; 4]) -> Result<usize, ScanError> {
    let mut c = Cursor::new(bytes);
    let Some((size, found)) = c.u32().zip(c.array::<4>()) else { return Err(ScanError::NeedMore { bytes: 8 }) };
    let size = size as usize;
    if &found != name || !(8..=MAX_INIT_BYTES).contains(&size) {
        return Err(ScanError::Torn("no init segment here"));
    }
    Ok(size)
}

fn read_tracks(segment: &[u8]) -> Option<(VideoConfig, Bytes, Option<AudioConfig>)> {
    let mut moov = Cursor::new(boxes::descend(segment, &[b"moov"])?);
    let (video, record) = read_video(moov.find(b"trak")?)?;
    let audio = match moov.find(b"trak") {
        Some(trak) => Some(read_audio(trak)?),
        None => None,
    };
    Some((video, record, audio))
}

fn sample_entry(trak: &[u8]) -> Option<([u8; 4], Cursor<'_>)> {
    let stsd = boxes::descend(trak, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
    let (name, body) = Cursor::new(stsd.get(8..)?).next_box()?;
    Some((name, Cursor::new(body)))
}

fn read_video(trak: &[u8]) -> Option<(VideoConfig, Bytes)> {
    let (name, mut entry) = sample_entry(trak)?;
    entry.take(24)?;
    let (width_px, height_px) = (entry.u16()?, entry.u16()?);
    entry.take(50)?;
    let (_, record) = entry.next_box()?;
    let codec = match &name {
        b"avc1" => Codec::H264,
        b"hvc1" => Codec::H265,
        _ => return None,
    };
    let video = config::parse_decoder_config(codec, record)?;
    Some((VideoConfig { width_px, height_px, ..video }, Bytes::copy_from_slice(record)))
}

fn read_audio(trak: &[u8]) -> Option<AudioConfig> {
    let (name, mut entry) = sample_entry(trak)?;
    entry.take(16)?;
    let channels = u8::try_from(entry.u16()?).ok()?;
    entry.take(6)?;
    let rate_hz = entry.u32()? >> 16;
    let (codec, specific) = match &name {
        b"alaw" => (Codec::G711A, Bytes::new()),
        b"ulaw" => (Codec::G711U, Bytes::new()),
        b"mp4a" => {
            let mut c = Cursor::new(entry.find(b"esds")?);
            c.take(4 + 5 + 15)?;
            let (_, len) = (c.u8()?, c.u8()?);
            (Codec::Aac, Bytes::copy_from_slice(c.take(usize::from(len))?))
        }
        _ => return None,
    };
    Some(AudioConfig { codec, rate_hz, channels, specific })
}
