//! Head of a playback file: `ftyp`, `moov`, and the 64-bit header of the `mdat` that follows.
//!
//! Flow: the tables of the tracks in, bytes out. Invariant: the length does not depend on the chunk offsets, which are filled in last.

use super::tables::TrackTable;
use crate::boxes::{self, AUDIO_TRACK, BoxWriter, SoundEntry, VIDEO_RATE, VIDEO_TRACK};
use crate::frame::{AudioConfig, VideoConfig};

/// The sound track of the file.
pub struct SoundTrack<'a> {
    /// As recorded.
    pub config: &'a AudioConfig,
    /// Its samples.
    pub table: &'a TrackTable,
    /// Empty time before the first, samples.
    pub lead: u64,
    /// FLAC samples in all.
    pub flac_samples: u64,
}

/// Everything of the file before the first coded byte, of which `payload_bytes` follow.
pub fn head(
    video: &VideoConfig,
    record: &[u8],
    table: &TrackTable,
    sound: Option<&SoundTrack<'_>>,
    payload_bytes: u64,
) -> Vec<u8> {
    // 32-bit offsets only where no head within the limits of a plan can push them over
    let wide = payload_bytes > 1 << 31;
    let sound_ticks = sound.map_or(0, |s| in_movie_time(s.lead + s.table.duration, s.config.rate_hz));
    let mut w = BoxWriter::with_capacity(4096 + 8 * (table.len() + sound.map_or(0, |s| s.table.len())));
    let (mut video_chunks, mut sound_chunks) = (0, 0);
    boxes::ftyp(&mut w, b"isom", &[b"iso4", b"mp41"]);
    w.boxed(b"moov", |w| {
        boxes::mvhd(w, table.duration.max(sound_ticks));
        w.boxed(b"trak", |w| {
            boxes::tkhd(w, VIDEO_TRACK, table.duration, video.width_px, video.height_px);
            boxes::mdia(w, VIDEO_RATE, table.duration, true, |w| {
                boxes::stsd_pictures(w, video, record);
                video_chunks = table.boxes(w, wide);
            });
        });
        if let Some(sound) = sound {
            w.boxed(b"trak", |w| {
                boxes::tkhd(w, AUDIO_TRACK, sound_ticks, 0, 0);
                lead(w, sound);
                boxes::mdia(w, sound.config.rate_hz, sound.table.duration, false, |w| {
                    let total_samples = sound.flac_samples;
                    boxes::stsd_sound(w, sound.config, SoundEntry::Playback { total_samples });
                    sound_chunks = sound.table.boxes(w, wide);
                });
            });
        }
    });
    w.u32(1);
    w.bytes(b"mdat");
    w.u64(payload_bytes + 16);
    let base = w.out.len() as u64;
    table.fill_chunks(&mut w.out, video_chunks, wide, base);
    if let Some(sound) = sound {
        sound.table.fill_chunks(&mut w.out, sound_chunks, wide, base);
    }
    w.out
}

/// Edit list for sound that begins after the pictures: an empty edit, then everything (14496-12, 8.6.6).
fn lead(w: &mut BoxWriter, sound: &SoundTrack<'_>) {
    let empty = in_movie_time(sound.lead, sound.config.rate_hz);
    if empty == 0 {
        return;
    }
    w.boxed(b"edts", |w| {
        w.full(b"elst", 1, 0, |w| {
            w.u32(2);
            for (duration, media_time) in
                [(empty, u64::MAX), (in_movie_time(sound.table.duration, sound.config.rate_hz), 0)]
            {
                w.u64(duration);
                w.u64(media_time);
                w.u32(0x0001_0000);
            }
        });
    });
}

fn in_movie_time(samples: u64, rate_hz: u32) -> u64 {
    u64::try_from(u128::from(samples) * u128::from(VIDEO_RATE) / u128::from(rate_hz.max(1))).unwrap_or(u64::MAX)
}
