//! What intake makes and everything else takes: one coded picture or one run of sound, with its media time.
//!
//! Invariants: a video frame is one access unit; its NAL units carry 4-byte big-endian lengths (no start codes);
//! parameter sets (VPS/SPS/PPS) and access unit delimiters are not inside, they are in `VideoConfig`; SEI stays.
//! A sound frame is one run of G.711 samples or one raw AAC access unit. Times of one stream never decrease per track.

use bytes::Bytes;

/// What is coded and how.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Codec {
    /// ITU-T H.264.
    H264,
    /// ITU-T H.265.
    H265,
    /// ITU-T G.711 A-law, 8 kHz mono unless `AudioConfig` says otherwise.
    G711A,
    /// ITU-T G.711 mu-law.
    G711U,
    /// MPEG-4 AAC, raw access units.
    Aac,
}

impl Codec {
    /// True for the picture codecs.
    #[must_use]
    pub const fn is_video(self) -> bool {
        matches!(self, Self::H264 | Self::H265)
    }

    /// Short name for pages, logs and manifests: `H.264`, `H.265`, `G.711 A`, `G.711 u`, `AAC`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "H.264",
            Self::H265 => "H.265",
            Self::G711A => "G.711 A",
            Self::G711U => "G.711 u",
            Self::Aac => "AAC",
        }
    }
}

/// How to decode the pictures of a stream. A change of any byte means a new container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VideoConfig {
    /// `H264` or `H265`.
    pub codec: Codec,
    /// Video parameter set (H.265 only, else empty), without start code or length.
    pub vps: Bytes,
    /// Sequence parameter set, without start code or length.
    pub sps: Bytes,
    /// Picture parameter set, without start code or length.
    pub pps: Bytes,
    /// Picture width after cropping, pixels.
    pub width_px: u16,
    /// Picture height after cropping, pixels.
    pub height_px: u16,
}

/// How to decode the sound of a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AudioConfig {
    /// `G711A`, `G711U` or `Aac`.
    pub codec: Codec,
    /// Samples a second.
    pub rate_hz: u32,
    /// Channels.
    pub channels: u8,
    /// AudioSpecificConfig (AAC only, else empty).
    pub specific: Bytes,
}

/// One coded picture or one run of sound.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Which codec, and so which track.
    pub codec: Codec,
    /// Media time, 90 kHz ticks, unwrapped to 64 bits; the origin is the stream's own.
    pub pts_90k: i64,
    /// True for a picture that can be decoded with nothing before it (IDR/IRAP); always true for sound.
    pub key: bool,
    /// The coded bytes, see the file's invariants.
    pub data: Bytes,
}

/// What an intake tells the recorder, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MediaEvent {
    /// From now on pictures decode with this. Comes before the first picture and after each change.
    Video(VideoConfig),
    /// From now on sound decodes with this.
    Audio(AudioConfig),
    /// One frame.
    Frame(Frame),
    /// Packets or pictures were lost here; pictures until the next key frame are withheld by the intake.
    Lost {
        /// How many packets, as far as sequence numbers tell.
        packets: u32,
    },
}
