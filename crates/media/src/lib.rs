//! RTP, MPEG-PS, H.264, H.265, G.711, AAC, fragmented MP4: bytes in, frames out, and back.
//!
//! Pure: no sockets, files or clock. Imports only `base`. Input from the network never panics and never grows without bound.

pub mod frame;

pub use frame::{AudioConfig, Codec, Frame, MediaEvent, VideoConfig};
