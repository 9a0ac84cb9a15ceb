//! A GB/T 28181 camera: the device machine of `wire` on real sockets, and PS over RTP to whoever invites it.
//!
//! Flow: options -> `signalling` (REGISTER, keepalive, queries, INVITE over UDP or TCP) -> per call a `sender` task (PS over RTP by
//! UDP, TCP with the camera connecting, TCP with the camera listening, as the platform's SDP asks).
//! Invariants: the camera is drawn and coded once for all its calls and not at all without a call; every habit of `Quirks` is off
//! by default; a call whose media cannot flow is ended with BYE.

mod sender;
mod signalling;
#[cfg(test)]
mod tests;

use crate::{CameraOptions, SimError};
use media::ps::MuxShape;
use std::net::SocketAddr;
pub use wire::gb28181::GbId;
pub use wire::gb28181::xml::Charset;

/// Which SSRC a camera puts into its packets and which into its answer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum SsrcHabit {
    /// The one it was asked for, in both (GB/T 28181-2022 annex G).
    #[default]
    AsAsked,
    /// One of its own, told in `y=`.
    Own,
    /// One of its own in the packets, while `y=` repeats what was asked (seen on Hikvision).
    OwnUntold,
    /// 0 in the packets, while `y=` repeats what was asked (seen on Dahua).
    Zero,
    /// The one it was asked for, but no `y=` in the answer.
    Missing,
}

/// How a camera departs from the book, as real ones do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Quirks {
    /// Which SSRC it uses.
    pub ssrc: SsrcHabit,
    /// Shape of its program stream: bad marker bits, no map, PES length 0, private PES and more.
    pub shape: MuxShape,
    /// RTP packets left out, percent.
    pub loss_percent: f64,
    /// RTP packets sent after the one that follows them, percent; UDP only.
    pub reorder_percent: f64,
    /// Accepts every call and never sends media.
    pub silent: bool,
    /// Refuses every call with this SIP code.
    pub refuse_code: Option<u16>,
    /// Sends or connects before its answer is acknowledged.
    pub early_media: bool,
    /// Pages of its catalogue that are never sent, counted from 0.
    pub lost_pages: Vec<usize>,
    /// After so many seconds signalling (UDP) comes from another port, as behind an address translator.
    pub new_port_after_s: Option<u64>,
}

/// An alarm that a camera is told to raise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlarmPress {
    /// Code of the channel or contact input (type 134) it is about; `None`: the camera's channel.
    pub source: Option<GbId>,
    /// AlarmMethod: 2 device, 5 video, 6 fault.
    pub method: u8,
    /// AlarmType, read with the method; `None`: not sent.
    pub kind: Option<u16>,
    /// AlarmPriority, 1 to 4.
    pub priority: u8,
    /// AlarmDescription.
    pub text: String,
}

/// Settings of a simulated GB/T 28181 camera.
#[derive(Clone, PartialEq)]
pub struct GbOptions {
    /// Pictures, sound, clock.
    pub camera: CameraOptions,
    /// Its code, 20 digits; also its digest user name.
    pub device: GbId,
    /// Code of its channel; the same as `device` for a simple camera.
    pub channel: GbId,
    /// Name in the catalogue; may be Chinese, sent in `charset`.
    pub catalog_name: String,
    /// The platform's code.
    pub platform: GbId,
    /// The platform's SIP address.
    pub server: SocketAddr,
    /// Password; never printed.
    pub password: String,
    /// Signalling over TCP instead of UDP.
    pub tcp: bool,
    /// Registration time asked for, s.
    pub expires_s: u32,
    /// Keepalive interval, ms.
    pub keepalive_ms: u64,
    /// Wait after a refused or unanswered registration, ms. The standard asks for 60 s; a demonstration wants less.
    pub retry_ms: u64,
    /// Charset of its messages.
    pub charset: Charset,
    /// Code of its contact input (type 134), if it has one; listed in its catalogue.
    pub alarm_input: Option<GbId>,
    /// Sends alarms without SetGuard, as some cameras do.
    pub always_guarded: bool,
    /// Habits.
    pub quirks: Quirks,
}

impl GbOptions {
    /// An ordinary camera of the 2022 edition that registers over UDP.
    #[must_use]
    pub fn new(device: GbId, platform: GbId, server: SocketAddr, password: &str, camera: CameraOptions) -> Self {
        Self {
            catalog_name: camera.name.clone(),
            camera,
            device,
            channel: device,
            platform,
            server,
            password: password.to_owned(),
            tcp: false,
            expires_s: 3_600,
            keepalive_ms: 60_000,
            retry_ms: 60_000,
            charset: Charset::Gb18030,
            alarm_input: None,
            always_guarded: false,
            quirks: Quirks::default(),
        }
    }
}

impl std::fmt::Debug for GbOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GbOptions({} at {}, password ***, {:?}, {:?})", self.device, self.server, self.camera, self.quirks)
    }
}

/// Runs a simulated GB/T 28181 camera until `stop` resolves; then it ends its calls and deregisters.
///
/// # Errors
/// The camera does not start, or no local socket can be had. A platform that is away or refuses is no error: the camera tries on.
pub async fn run_gb_camera(options: GbOptions, stop: impl Future<Output = ()>) -> Result<(), SimError> {
    run_gb_camera_with(options, tokio::sync::mpsc::channel(1).1, stop).await
}

/// As [`run_gb_camera`], with alarms: each one received is raised as a real camera would: not before SetGuard, and after one of
/// method 2 no further of that method until ResetAlarm.
///
/// # Errors
/// As [`run_gb_camera`].
pub async fn run_gb_camera_with(
    options: GbOptions,
    alarms: tokio::sync::mpsc::Receiver<AlarmPress>,
    stop: impl Future<Output = ()>,
) -> Result<(), SimError> {
    let source = crate::source::Source::start(&options.camera).await?;
    signalling::Camera::open(options, source, alarms).await?.run(stop).await
}
