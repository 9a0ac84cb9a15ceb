//! GB/T 28181 devices: the thin shell around `wire::gb28181::platform` and `media::intake`.
//!
//! ```text
//! SIP UDP ──┐                                ┌─ Invite / Bye / queries
//! SIP TCP ──┴─▶ signalling (one task) ─▶ calls: what each camera needs now ─▶ streams (table)
//! media UDP (one socket, recvmmsg) ─▶ matching: whose packet ─▶ stream ─▶ Camera::media
//! media TCP (passive, active)     ──┘                                     no queue between socket and camera
//! ```
//! Always true: only devices of a camera are let in; a camera whose device is online is asked for its stream until it comes, with
//! growing pauses; whatever one sender sends, only its own stream is affected; every table, queue and connection count is bounded.
//! Decisions are elsewhere and take time as an argument (`wire`, `media`, `matching`, `diagnose`); here are sockets and tasks.

mod admission;
mod alarms;
mod calls;
mod diagnose;
mod guard;
mod guarding;
mod links;
mod matching;
mod media_tcp;
mod media_udp;
mod noise;
mod plans;
mod progress;
mod signalling;
mod status;
mod streams;
#[cfg(test)]
mod tests;

pub use alarms::{Heard, HeardAlarms};
pub use guard::{GuardPlan, setting_key};
pub(crate) use noise::Noise;
pub(crate) use plans::keep;
pub use status::{Channel, DeviceStatus, GuardSeen, MAX_UNKNOWN, Status, UNKNOWN_MS, UnknownDevice};

use crate::{Camera, SiteClock, SiteConfig, SiteError};
use admission::Admission;
use base::CameraId;
use calls::{Calls, Place};
use media_tcp::MediaTcp;
use media_udp::MediaUdp;
use signalling::{Command, Signalling};
use status::Board;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use streams::Streams;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wire::gb28181::{GbId, Rng};

/// Waiting commands and connection events.
const QUEUE: usize = 1_024;
/// Receive buffer of the SIP socket asked for, bytes: some thousand REGISTERs.
const SIP_RECEIVE_BYTES: usize = 4 * 1024 * 1024;

/// Times and sizes; the defaults are those of the standard and of this product.
#[derive(Clone, Copy, Debug)]
struct Settings {
    /// Keepalive interval, ms, and how many may be missed (GB/T 28181: 60 s, 3).
    keepalive_ms: u64,
    keepalive_misses: u64,
    keepalive_grace_ms: u64,
    /// Longest wait for the answer to an INVITE, ms.
    invite_timeout_ms: u64,
    /// No packet for this long: the stream is lost, ms.
    silence_ms: u64,
    /// Packets but no picture for this long: a diagnosis, ms.
    decode_ms: u64,
    /// ... and for this long: the stream is asked for anew, ms.
    give_up_ms: u64,
    /// First and longest pause before a stream is asked for again, ms.
    backoff_ms: (u64, u64),
    /// A stream that lived this long makes the pauses short again, ms.
    stable_ms: u64,
    /// How often streams are looked at, ms.
    check_ms: u64,
    /// How often a device's clock is measured, ms.
    clock_every_ms: u64,
    /// Pause between tries to connect to a device's media port, ms (2022: at least 1 s).
    connect_retry_ms: u64,
    /// See `MediaUdp::pause_ms`.
    udp_pause_ms: u64,
    /// See `MediaTcp::pause_ms`.
    tcp_pause_ms: u64,
    /// A signalling connection on which no device registers is closed after this, ms.
    unregistered_ms: u64,
    /// Connections of a port, and of one host.
    connections: (usize, usize),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keepalive_ms: 60_000,
            keepalive_misses: 3,
            keepalive_grace_ms: 5_000,
            invite_timeout_ms: 15_000,
            silence_ms: 10_000,
            decode_ms: 10_000,
            give_up_ms: 60_000,
            backoff_ms: (2_000, 60_000),
            stable_ms: 30_000,
            check_ms: 250,
            clock_every_ms: 600_000,
            connect_retry_ms: 1_000,
            udp_pause_ms: 2,
            tcp_pause_ms: 8,
            unregistered_ms: 30_000,
            connections: (10_000, 512),
        }
    }
}

/// The running GB/T 28181 platform of a site.
pub struct Driver {
    commands: mpsc::Sender<Command>,
    board: Board,
    clock: SiteClock,
    sip: SocketAddr,
    media: SocketAddr,
    receive_bytes: usize,
    heard: Mutex<Option<HeardAlarms>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Driver {
    /// Binds SIP and media ports (UDP and TCP each) and starts the tasks. Call within a tokio runtime.
    ///
    /// # Errors
    /// A port that is taken, or a platform id that is not twenty digits.
    pub async fn bind(config: &SiteConfig, clock: SiteClock) -> Result<Self, SiteError> {
        Self::start(config, clock, Settings::default()).await
    }

    async fn start(config: &SiteConfig, clock: SiteClock, settings: Settings) -> Result<Self, SiteError> {
        let id = GbId::parse(&config.platform_id).ok_or_else(|| {
            SiteError::Config(format!("platform_id {:?} is not a 20-digit GB/T 28181 code", config.platform_id))
        })?;
        let (sip_udp, sip_tcp) = both("SIP", config.sip).await?;
        let (media_udp, media_tcp) = both("GB/T 28181 media", config.gb_media).await?;
        // All devices may register at once after a power cut; a smaller buffer only means that they try again.
        let _ = socket2::SockRef::from(&sip_udp).set_recv_buffer_size(SIP_RECEIVE_BYTES);
        let port = |what, address| move |source| SiteError::Port { what, address, source };
        let sip = sip_udp.local_addr().map_err(port("SIP", config.sip))?;
        let media = media_udp.local_addr().map_err(port("GB/T 28181 media", config.gb_media))?;
        let streams = Streams::default();
        let (most, most_of_host) = settings.connections;
        let udp = MediaUdp::new(media_udp, streams.clone(), clock.clone(), settings.udp_pause_ms)
            .map_err(port("GB/T 28181 media", config.gb_media))?;
        let receive_bytes = udp.receive_bytes();
        let tcp =
            MediaTcp::new(streams.clone(), clock.clone(), Admission::new(most, most_of_host), settings.tcp_pause_ms);
        let board = Board::default();
        let (commands, command) = mpsc::channel(QUEUE);
        let (inbox_tx, inbox) = mpsc::channel(QUEUE);
        let (failed_tx, failed) = mpsc::channel(QUEUE);
        let place = Place { id, sip, media, advertised: config.advertised };
        let (heard_tx, heard) = mpsc::channel(alarms::QUEUE);
        let rngs = (random()?, random()?);
        let calls = Calls::new(place, settings, streams, tcp.clone(), board.clone(), (failed_tx, heard_tx), rngs);
        let signalling = Signalling::new(calls, sip_udp, inbox, command, failed, clock.clone(), settings);
        let tasks = vec![
            tokio::spawn(signalling.run()),
            tokio::spawn(links::accept(sip_tcp, inbox_tx, Admission::new(most, most_of_host))),
            tokio::spawn(udp.run()),
            tokio::spawn(tcp.accept(media_tcp)),
        ];
        tracing::info!(%sip, %media, receive_bytes, platform = %id, "GB/T 28181 listens");
        let (heard, tasks) = (Mutex::new(Some(heard)), Mutex::new(tasks));
        Ok(Self { commands, board, clock, sip, media, receive_bytes, heard, tasks })
    }

    /// Takes a camera in: its device may register, and is asked for the stream whenever it is online. A camera with the same id is
    /// replaced; cameras of one device share its password, the latest given counts.
    pub async fn add(&self, camera: Camera) {
        self.ask(|done| Command::Add(camera, done)).await;
    }

    /// Ends a camera's stream; when this returns nothing more reaches it. Nothing happens for other cameras.
    pub async fn remove(&self, id: CameraId) {
        self.ask(|done| Command::Remove(id, done)).await;
    }

    /// Asks for a camera's stream anew, at once: a person wants to know how it stands.
    pub(crate) async fn probe(&self, id: CameraId) {
        self.ask(|done| Command::Probe(id, done)).await;
    }

    /// Alarms as devices report them; to be taken once. Each must be given back to [`Self::confirm`] when it is durable.
    #[must_use]
    pub fn take_alarms(&self) -> Option<HeardAlarms> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// These alarms are durable: their devices are told, and stop repeating them.
    pub async fn confirm(&self, kept: Vec<Heard>) {
        self.ask(|done| Command::Confirm(kept, done)).await;
    }

    /// When a camera's device is to report alarms, from now on.
    pub async fn guard(&self, camera: CameraId, plan: GuardPlan) {
        self.ask(|done| Command::Guard(camera, plan, done)).await;
    }

    /// How a camera's guard stands; `None` where there is no plan.
    #[must_use]
    pub fn guard_of(&self, camera: CameraId) -> Option<GuardSeen> {
        self.board.guard_of(camera)
    }

    /// Tells the device behind an alarm source (`gb:<20 digits>`) that a person reset the alarm: after an alarm of method 2 a device
    /// is silent until then. False when no device with this source is online.
    pub async fn reset_alarm(&self, source: &domain::alarm::SourceName) -> bool {
        let Some(id) = source.as_str().strip_prefix("gb:").and_then(GbId::parse) else { return false };
        let (done, wait) = oneshot::channel();
        self.commands.send(Command::ResetAlarm(id, done)).await.is_ok() && wait.await.unwrap_or(false)
    }

    /// Cameras that show what an alarm source (`gb:<20 digits>`) is about: its own channel, else all cameras of its device.
    #[must_use]
    pub fn cameras_near(&self, source: &domain::alarm::SourceName) -> Vec<CameraId> {
        source.as_str().strip_prefix("gb:").map(|id| self.board.cameras_near(id)).unwrap_or_default()
    }

    /// Ends all streams (BYE) and closes the ports.
    pub async fn stop(&self) {
        self.ask(Command::Stop).await;
        self.abort();
    }

    async fn ask(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) {
        let (done, wait) = oneshot::channel();
        // A driver that was stopped has nothing left to do.
        if self.commands.send(command(done)).await.is_ok() {
            let _ = wait.await;
        }
    }

    fn abort(&self) {
        for task in self.tasks.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }

    /// Devices, and who knocked.
    #[must_use]
    pub fn status(&self) -> Status {
        self.board.status(self.clock.now().utc)
    }

    /// Where SIP listens.
    #[must_use]
    pub const fn sip_addr(&self) -> SocketAddr {
        self.sip
    }

    /// Where media is received.
    #[must_use]
    pub const fn media_addr(&self) -> SocketAddr {
        self.media
    }

    /// Size of the UDP media socket's receive buffer, bytes; below 8 MiB packets may be lost under load.
    #[must_use]
    pub const fn receive_buffer_bytes(&self) -> usize {
        self.receive_bytes
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.abort();
    }
}

/// UDP and TCP on one port. For port 0 the two are matched by trying.
pub(crate) async fn both(what: &'static str, address: SocketAddr) -> Result<(UdpSocket, TcpListener), SiteError> {
    let mut tries = if address.port() == 0 { 20 } else { 1 };
    loop {
        tries -= 1;
        match bind_both(address).await {
            Ok(pair) => return Ok(pair),
            Err(source) if tries == 0 => return Err(SiteError::Port { what, address, source }),
            Err(_) => {}
        }
    }
}

async fn bind_both(address: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let udp = UdpSocket::bind(address).await?;
    let tcp = TcpListener::bind(udp.local_addr()?).await?;
    Ok((udp, tcp))
}

/// Strong random numbers for nonces, tags and pauses. The system's source is asked once here, so that later calls may rely on it.
fn random() -> Result<Rng, SiteError> {
    getrandom::u64().map_err(|e| SiteError::Config(format!("no random numbers: {e}")))?;
    Ok(Rng::new(|| getrandom::u64().unwrap_or_else(|_| std::process::abort())))
}
