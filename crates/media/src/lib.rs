//! RTP, MPEG-PS, H.264, H.265, G.711, AAC, fragmented MP4: bytes in, frames out, and back.
//!
//! Pure: no sockets, files or clock. Imports only `base`. Input from the network never panics and never grows without bound.

pub mod aac;
pub mod annexb;
mod bits;
pub mod boxes;
pub mod config;
pub mod flac;
pub mod fragment;
pub mod frame;
pub mod g711;
pub mod h264;
pub mod h265;
pub mod intake;
pub mod mp4;
pub mod ps;
pub mod rtp;

pub use frame::{AudioConfig, Codec, Frame, MediaEvent, VideoConfig};
