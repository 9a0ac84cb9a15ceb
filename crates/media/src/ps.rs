//! MPEG program streams as GB/T 28181 devices send them (ISO/IEC 13818-1 2.5, GB/T 28181-2022 annex C), read and written.
//!
//! RTP payloads flow in, `MediaEvent`s out (`Demuxer`); frames flow in, packs out (`Muxer`).
//! Invariants: a picture is passed on whole or not at all; hostile bytes cost at most their own frame; memory is bounded by
//! `base::limits::ACCESS_UNIT_BYTES` a stream.

mod clock;
mod demux;
mod mux;
mod picture;
mod scan;
#[cfg(test)]
pub(crate) mod tests;

pub use demux::{DemuxCounts, Demuxer};
pub use mux::{MuxShape, Muxer};

/// Start code values after `00 00 01`. Below 0xB9 they belong to the elementary streams.
mod code {
    pub(super) const END: u8 = 0xb9;
    pub(super) const PACK: u8 = 0xba;
    pub(super) const SYSTEM: u8 = 0xbb;
    pub(super) const MAP: u8 = 0xbc;
    pub(super) const AUDIO_FIRST: u8 = 0xc0;
    pub(super) const VIDEO_FIRST: u8 = 0xe0;
    pub(super) const VIDEO_LAST: u8 = 0xef;
}

/// `stream_type` values of the program stream map (GB/T 28181-2022 annex C).
mod stream_type {
    pub(super) const AAC: u8 = 0x0f;
    pub(super) const H264: u8 = 0x1b;
    pub(super) const H265: u8 = 0x24;
    pub(super) const G711A: u8 = 0x90;
    pub(super) const G711U: u8 = 0x91;
}
