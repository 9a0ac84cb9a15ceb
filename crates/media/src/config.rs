//! Decoder configuration of either picture codec: the record that MP4 keeps, the string that browsers ask for, and the way back.
//!
//! Only dispatches on the codec; what the records are is in `h264` and `h265`.

#[cfg(test)]
pub(crate) mod tests;

use bytes::Bytes;

use crate::frame::{Codec, VideoConfig};
use crate::{h264, h265};

/// Body of the `avcC` or `hvcC` box (ISO/IEC 14496-15). `None` if the SPS is not readable or the codec is no picture codec.
#[must_use]
pub fn decoder_config(config: &VideoConfig) -> Option<Bytes> {
    match config.codec {
        Codec::H264 => h264::decoder_config(config),
        Codec::H265 => h265::decoder_config(config),
        Codec::G711A | Codec::G711U | Codec::Aac => None,
    }
}

/// Reads the body of an `avcC` (`Codec::H264`) or `hvcC` (`Codec::H265`) box; the first parameter set of each kind is taken.
#[must_use]
pub fn parse_decoder_config(codec: Codec, record: &[u8]) -> Option<VideoConfig> {
    match codec {
        Codec::H264 => h264::parse_decoder_config(record),
        Codec::H265 => h265::parse_decoder_config(record),
        Codec::G711A | Codec::G711U | Codec::Aac => None,
    }
}

/// What `MediaSource.isTypeSupported` and HLS want: `avc1.64001f`, `hvc1.1.6.L93.B0`.
#[must_use]
pub fn codec_string(config: &VideoConfig) -> Option<String> {
    match config.codec {
        Codec::H264 => h264::codec_string(config),
        Codec::H265 => h265::codec_string(config),
        Codec::G711A | Codec::G711U | Codec::Aac => None,
    }
}
