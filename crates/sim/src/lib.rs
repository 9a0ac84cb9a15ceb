//! Simulated devices that speak the true protocols over real sockets from another process, for commissioning, training and tests.
//!
//! Flow: `source` (a drawn `scene` through `encode`, or a `clip` from a file, with `sound`) -> units of media on a broadcast ->
//! `rtsp` (an RTSP 1.0 server) or `gb` (a GB/T 28181 device). `panel` is an alarm panel (SIA DC-09). `platform` is the other end: an
//! upper GB/T 28181 platform. `load` sends prepared packets for benchmarks.
//! Invariants: one process is one camera (or one RTSP server of a few); what a camera shows follows from its seed and the time;
//! the server never uses this crate; a malformed message from a peer is counted and answered, never a crash.

pub mod clip;
pub mod encode;
mod error;
pub mod gb;
pub mod load;
mod options;
pub mod panel;
pub mod platform;
mod port;
pub mod rtp_out;
pub mod rtsp;
pub mod scene;
pub mod seed;
pub mod sound;
pub mod source;

pub use error::SimError;
pub use gb::{AlarmPress, GbOptions, run_gb_camera, run_gb_camera_with};
pub use options::{CameraOptions, Login};
pub use platform::{PlatformOptions, run_platform};
pub use rtsp::{RtspOptions, RtspServer, run_rtsp_camera};
