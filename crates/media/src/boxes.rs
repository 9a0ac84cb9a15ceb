//! ISO base media file format (ISO/IEC 14496-12) in the small: a box writer, a box reader, and the boxes that
//! both the evidence container (`fragment`) and the playback file (`mp4`) hold.
//!
//! Flow: configs in, bytes out; and for the reader bytes in, box bodies out.
//! Invariants: the same input always gives the same bytes, for ever. Containers are verified years later by encoding
//! again and comparing, so no library and no clock takes part here; other MP4 readers are oracles in the tests.
//! The reader never panics and never reads outside its slice.

use thiserror::Error;

use crate::frame::{AudioConfig, Codec, VideoConfig};

/// Track number of the pictures.
pub const VIDEO_TRACK: u32 = 1;
/// Track number of the sound.
pub const AUDIO_TRACK: u32 = 2;
/// Ticks a second of the picture track.
pub const VIDEO_RATE: u32 = 90_000;
/// Sample flags of a picture that can be decoded alone (14496-12, 8.8.3.1: `sample_depends_on` = 2).
pub const FLAGS_KEY: u32 = 0x0200_0000;
/// Sample flags of a picture that needs others (`sample_depends_on` = 1, `sample_is_non_sync_sample`).
pub const FLAGS_DELTA: u32 = 0x0101_0000;
/// Longest decoder configuration (avcC, hvcC) or AudioSpecificConfig taken, bytes.
pub const RECORD_BYTES: usize = 16 * 1024;
/// Longest AudioSpecificConfig taken, bytes: keeps every descriptor length of `esds` in one byte.
pub const SPECIFIC_BYTES: usize = 64;

/// A stream that this format cannot hold.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ConfigError {
    /// The picture or sound codec stands in the wrong place.
    #[error("codec {0} does not belong in this track")]
    Codec(&'static str),
    /// Parameter sets are empty, too long, or do not parse.
    #[error("parameter sets of the picture stream cannot be used: {0}")]
    Record(&'static str),
    /// Sound of a form that is not recorded (G.711 with several channels, rate outside 1..=65535 Hz, broken ASC).
    #[error("sound cannot be recorded: {0}")]
    Sound(&'static str),
}

/// Appends boxes to a byte vector; lengths are filled in when a box closes.
#[derive(Default)]
pub struct BoxWriter {
    /// What was written so far.
    pub out: Vec<u8>,
}

impl BoxWriter {
    /// An empty writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    /// One byte.
    pub fn u8(&mut self, v: u8) {
        self.out.push(v);
    }

    /// Two bytes, big-endian.
    pub fn u16(&mut self, v: u16) {
        self.out.extend_from_slice(&v.to_be_bytes());
    }

    /// Four bytes, big-endian.
    pub fn u32(&mut self, v: u32) {
        self.out.extend_from_slice(&v.to_be_bytes());
    }

    /// Eight bytes, big-endian.
    pub fn u64(&mut self, v: u64) {
        self.out.extend_from_slice(&v.to_be_bytes());
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, v: &[u8]) {
        self.out.extend_from_slice(v);
    }

    /// `n` zero bytes.
    pub fn zeros(&mut self, n: usize) {
        self.out.resize(self.out.len() + n, 0);
    }

    /// A box around what `body` writes. Bodies here are bounded far below 4 GiB by the limits of their callers.
    pub fn boxed(&mut self, name: &[u8; 4], body: impl FnOnce(&mut Self)) {
        let at = self.out.len();
        self.u32(0);
        self.bytes(name);
        body(self);
        let len = u32::try_from(self.out.len() - at).unwrap_or(u32::MAX);
        self.out[at..at + 4].copy_from_slice(&len.to_be_bytes());
    }

    /// A box that opens with a version and 24 bits of flags.
    pub fn full(&mut self, name: &[u8; 4], version: u8, flags: u32, body: impl FnOnce(&mut Self)) {
        self.boxed(name, |w| {
            w.u32(u32::from(version) << 24 | flags & 0x00ff_ffff);
            body(w);
        });
    }
}

/// Reads big-endian fields from a slice; every step that would leave the slice is `None`.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What is not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(n)?;
        self.rest = tail;
        Some(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// One byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    /// The next box: its name and body. `None` at the end, on a size below 8 and on a box that leaves the slice.
    pub fn next_box(&mut self) -> Option<([u8; 4], &'a [u8])> {
        let mut probe = *self;
        let size = usize::try_from(probe.u32()?).ok()?;
        let name = probe.array()?;
        let body = probe.take(size.checked_sub(8)?)?;
        *self = probe;
        Some((name, body))
    }

    /// Body of the first box called `name` from here on; the cursor stands behind it then.
    pub fn find(&mut self, name: &[u8; 4]) -> Option<&'a [u8]> {
        loop {
            let (found, body) = self.next_box()?;
            if &found == name {
                return Some(body);
            }
        }
    }
}

/// Body of the box reached by following `path` from `bytes`, one name a level.
#[must_use]
pub fn descend<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    path.iter().try_fold(bytes, |body, name| Cursor::new(body).find(name))
}

/// How sound is carried in the sound track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SoundEntry {
    /// As recorded: `alaw`, `ulaw` or `mp4a`.
    Recorded,
    /// G.711 opened to 16-bit FLAC for browsers; total samples of the file. AAC stays `mp4a`.
    Playback {
        /// For STREAMINFO.
        total_samples: u64,
    },
}

/// Refuses sound configs that the tracks cannot hold.
///
/// # Errors
/// `ConfigError::Codec` or `ConfigError::Sound`.
pub fn check_sound(audio: &AudioConfig) -> Result<(), ConfigError> {
    if audio.rate_hz == 0 || audio.rate_hz > 0xffff {
        return Err(ConfigError::Sound("rate outside 1 to 65535 Hz"));
    }
    match audio.codec {
        Codec::G711A | Codec::G711U if audio.channels != 1 => Err(ConfigError::Sound("G.711 with several channels")),
        Codec::G711A | Codec::G711U if !audio.specific.is_empty() => {
            Err(ConfigError::Sound("G.711 with a specific config"))
        }
        Codec::G711A | Codec::G711U => Ok(()),
        Codec::Aac if audio.channels == 0 => Err(ConfigError::Sound("AAC without channels")),
        Codec::Aac => aac_unit_samples(&audio.specific).map(|_| ()),
        Codec::H264 | Codec::H265 => Err(ConfigError::Codec(audio.codec.name())),
    }
}

/// Samples of one AAC access unit from the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1 and 4.4.1 `frameLengthFlag`):
/// 1024, or 960 where the flag is set.
///
/// # Errors
/// `ConfigError::Sound` when it is empty, too long or cut.
pub fn aac_unit_samples(specific: &[u8]) -> Result<u32, ConfigError> {
    if specific.len() < 2 || specific.len() > SPECIFIC_BYTES {
        return Err(ConfigError::Sound("AudioSpecificConfig of an impossible length"));
    }
    let bit = |at: usize| specific.get(at / 8).map(|b| b >> (7 - at % 8) & 1);
    let bits = |from: usize, n: usize| (from..from + n).try_fold(0_u32, |v, at| Some(v << 1 | u32::from(bit(at)?)));
    let cut = ConfigError::Sound("AudioSpecificConfig is cut");
    let object_bits = if bits(0, 5) == Some(31) { 11 } else { 5 };
    let explicit_rate = if bits(object_bits, 4) == Some(15) { 24 } else { 0 };
    let flag = bit(object_bits + 4 + explicit_rate + 4).ok_or(cut)?;
    Ok(if flag == 1 { 960 } else { 1024 })
}

/// Refuses picture configs that the track cannot hold.
///
/// # Errors
/// `ConfigError::Codec` or `ConfigError::Record`.
pub fn check_pictures(video: &VideoConfig, record: &[u8]) -> Result<(), ConfigError> {
    if !video.codec.is_video() {
        return Err(ConfigError::Codec(video.codec.name()));
    }
    if record.is_empty() || record.len() > RECORD_BYTES {
        return Err(ConfigError::Record("decoder configuration of an impossible length"));
    }
    Ok(())
}

/// File type box with `major` first among its brands (14496-12, 4.3).
pub fn ftyp(w: &mut BoxWriter, major: &[u8; 4], others: &[&[u8; 4]]) {
    w.boxed(b"ftyp", |w| {
        w.bytes(major);
        w.u32(1);
        w.bytes(major);
        others.iter().for_each(|b| w.bytes(*b));
    });
}

/// Movie header; `duration` in ticks of 90 kHz, 0 for a fragmented file. No creation time: the bytes depend on the input alone.
pub fn mvhd(w: &mut BoxWriter, duration_90k: u64) {
    w.full(b"mvhd", 1, 0, |w| {
        w.zeros(16);
        w.u32(VIDEO_RATE);
        w.u64(duration_90k);
        w.u32(0x0001_0000);
        w.u16(0x0100);
        w.zeros(10);
        matrix(w);
        w.zeros(24);
        w.u32(AUDIO_TRACK + 1);
    });
}

fn matrix(w: &mut BoxWriter) {
    [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000].into_iter().for_each(|v| w.u32(v));
}

/// Track header; pixel size 0 x 0 for sound.
pub fn tkhd(w: &mut BoxWriter, track: u32, duration_90k: u64, width_px: u16, height_px: u16) {
    w.full(b"tkhd", 1, 3, |w| {
        w.zeros(16);
        w.u32(track);
        w.u32(0);
        w.u64(duration_90k);
        w.zeros(12);
        w.u16(if width_px == 0 { 0x0100 } else { 0 });
        w.u16(0);
        matrix(w);
        w.u32(u32::from(width_px) << 16);
        w.u32(u32::from(height_px) << 16);
    });
}

/// Media box: header in the track's own ticks, handler, and `minf` around the sample table that `table` writes.
pub fn mdia(w: &mut BoxWriter, rate: u32, duration: u64, video: bool, table: impl FnOnce(&mut BoxWriter)) {
    w.boxed(b"mdia", |w| {
        w.full(b"mdhd", 1, 0, |w| {
            w.zeros(16);
            w.u32(rate);
            w.u64(duration);
            w.u16(0x55c4); // "und", 14496-12, 8.4.2.3
            w.u16(0);
        });
        w.full(b"hdlr", 0, 0, |w| {
            w.u32(0);
            w.bytes(if video { b"vide" } else { b"soun" });
            w.zeros(12);
            w.bytes(if video { b"pictures\0" } else { b"sound\0" });
        });
        w.boxed(b"minf", |w| {
            if video {
                w.full(b"vmhd", 0, 1, |w| w.zeros(8));
            } else {
                w.full(b"smhd", 0, 0, |w| w.zeros(4));
            }
            w.boxed(b"dinf", |w| {
                w.full(b"dref", 0, 0, |w| {
                    w.u32(1);
                    w.full(b"url ", 0, 1, |_| ());
                });
            });
            w.boxed(b"stbl", table);
        });
    });
}

/// Sample description with one picture entry: `avc1` + `avcC` or `hvc1` + `hvcC` (14496-15).
pub fn stsd_pictures(w: &mut BoxWriter, video: &VideoConfig, record: &[u8]) {
    let (entry, config) = if video.codec == Codec::H265 { (b"hvc1", b"hvcC") } else { (b"avc1", b"avcC") };
    w.full(b"stsd", 0, 0, |w| {
        w.u32(1);
        w.boxed(entry, |w| {
            w.zeros(6);
            w.u16(1);
            w.zeros(16);
            w.u16(video.width_px);
            w.u16(video.height_px);
            w.u32(0x0048_0000);
            w.u32(0x0048_0000);
            w.u32(0);
            w.u16(1);
            w.zeros(32);
            w.u16(0x0018);
            w.u16(0xffff);
            w.boxed(config, |w| w.bytes(record));
        });
    });
}

/// Sample description with one sound entry.
pub fn stsd_sound(w: &mut BoxWriter, audio: &AudioConfig, entry: SoundEntry) {
    let name = match (audio.codec, entry) {
        (Codec::G711A, SoundEntry::Recorded) => b"alaw",
        (Codec::G711U, SoundEntry::Recorded) => b"ulaw",
        (Codec::G711A | Codec::G711U, SoundEntry::Playback { .. }) => b"fLaC",
        _ => b"mp4a",
    };
    w.full(b"stsd", 0, 0, |w| {
        w.u32(1);
        w.boxed(name, |w| {
            w.zeros(6);
            w.u16(1);
            w.zeros(8);
            w.u16(u16::from(audio.channels));
            w.u16(16);
            w.u32(0);
            w.u32(audio.rate_hz << 16);
            match (name, entry) {
                (b"fLaC", SoundEntry::Playback { total_samples }) => {
                    w.full(b"dfLa", 0, 0, |w| w.bytes(&crate::flac::stream_info(audio.rate_hz, total_samples)));
                }
                (b"mp4a", _) => esds(w, &audio.specific),
                _ => (),
            }
        });
    });
}

/// Elementary stream descriptor of AAC (ISO/IEC 14496-1, 7.2.6.5); `check_sound` bounded the config, so lengths fit a byte.
fn esds(w: &mut BoxWriter, specific: &[u8]) {
    let len = u8::try_from(specific.len()).unwrap_or(0);
    w.full(b"esds", 0, 0, |w| {
        w.bytes(&[0x03, 3 + 2 + 13 + 2 + len + 3, 0, 0, 0]);
        w.bytes(&[0x04, 13 + 2 + len, 0x40, 0x15]);
        w.zeros(3 + 4 + 4);
        w.bytes(&[0x05, len]);
        w.bytes(specific);
        w.bytes(&[0x06, 1, 2]);
    });
}
