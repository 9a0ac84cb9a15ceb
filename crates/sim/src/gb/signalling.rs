//! Drives the device machine: sockets and clock in, sockets and media tasks out. All judgement is in `wire::gb28181::device`.
//!
//! Flow: one loop over everything that can wake a camera: a datagram, bytes of the TCP connection, a deadline, a media task that
//! ended, the stop. Invariants: one TCP connection at a time; a connection attempt that fails is repeated every two seconds; all
//! media tasks end with the loop.

use super::sender::{Opened, Sender};
use super::{AlarmPress, GbOptions, SsrcHabit};
use crate::SimError;
use crate::seed::Seeded;
use crate::source::{Source, system_utc_ms};
use base::{MonoMs, Now, UtcMs};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire::gb28181::device::{CallId, Device, DeviceConfig, DeviceEvent, SsrcAnswer};
use wire::gb28181::manscdp::{Alarm, CatalogItem, Control};
use wire::gb28181::sdp::{Session, Ssrc};
use wire::gb28181::{ConnId, GbId, Input, Output, Peer, Rng};

/// Pause between two attempts to connect.
const RECONNECT: Duration = Duration::from_secs(2);
/// Longest wait for a TCP connection, and for the answer to the last REGISTER.
const PATIENCE: Duration = Duration::from_secs(5);

/// What tasks of the camera tell its loop.
enum Told {
    Connected(ConnId, TcpStream),
    ConnectFailed,
    Bytes(ConnId, Vec<u8>),
    Closed(ConnId),
    /// A media task ended by itself.
    MediaEnded(CallId),
}

struct Link {
    conn: ConnId,
    writer: OwnedWriteHalf,
    reader: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

enum CallState {
    /// Answered; media begin with the ACK.
    Prepared(Opened, u32),
    Running(JoinHandle<()>),
}

impl Drop for CallState {
    fn drop(&mut self) {
        if let Self::Running(task) = self {
            task.abort();
        }
    }
}

/// A camera with its sockets.
pub(super) struct Camera {
    options: GbOptions,
    source: Source,
    device: Device,
    udp: UdpSocket,
    local: SocketAddr,
    link: Option<Link>,
    next_conn: u64,
    calls: HashMap<CallId, CallState>,
    seeded: Seeded,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    alarms: mpsc::Receiver<AlarmPress>,
    /// SetGuard came.
    guarded: bool,
    /// A method-2 alarm was sent and not reset.
    silent: bool,
    began: Instant,
    left: bool,
}

impl Camera {
    pub(super) async fn open(
        options: GbOptions,
        source: Source,
        alarms: mpsc::Receiver<AlarmPress>,
    ) -> Result<Self, SimError> {
        let io = |e| SimError::io(format!("a socket towards {}", options.server), e);
        let any: SocketAddr = if options.server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        // Connecting a datagram socket sends nothing; it tells which own address leads to the platform.
        let probe = UdpSocket::bind(any).await.map_err(io)?;
        probe.connect(options.server).await.map_err(io)?;
        let own = SocketAddr::new(probe.local_addr().map_err(io)?.ip(), 0);
        let udp = UdpSocket::bind(own).await.map_err(io)?;
        let local = udp.local_addr().map_err(io)?;
        let mut seeded = Seeded::new(options.camera.seed, "gb28181");
        let mut numbers = seeded.clone();
        // Call ids and tags must differ between runs of one seed, or a platform takes a new run for the old.
        let salt = system_utc_ms().unsigned_abs();
        let device = Device::new(config(&options, local), Rng::new(move || numbers.next_u64() ^ salt));
        seeded.next_u64();
        let (tell, told) = mpsc::channel(64);
        let began = Instant::now();
        let (link, calls) = (None, HashMap::new());
        Ok(Self {
            options,
            source,
            device,
            udp,
            local,
            link,
            next_conn: 0,
            calls,
            seeded,
            tell,
            told,
            alarms,
            guarded: false,
            silent: false,
            began,
            left: false,
        })
    }

    fn now(&self) -> Now {
        let mono = MonoMs(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
        Now { utc: UtcMs(system_utc_ms() + self.options.camera.clock_error_ms), mono }
    }

    pub(super) async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), SimError> {
        let mut stop = std::pin::pin!(stop);
        let mut leaving: Option<Instant> = None;
        let mut buffer = vec![0_u8; 65_536];
        let mut move_at = self.options.quirks.new_port_after_s.map(|s| self.began + Duration::from_secs(s));
        self.device.start(self.now());
        self.drain().await;
        while !self.left {
            if leaving.is_some_and(|at| at.elapsed() > PATIENCE) {
                tracing::warn!("the platform did not answer the last REGISTER");
                break;
            }
            let deadline = self.device.next_deadline().map_or(500, |d| d.since(self.now().mono).min(500));
            tokio::select! {
                received = self.udp.recv_from(&mut buffer) => match received {
                    Ok((length, from)) => self.device.handle(Input::Datagram { from, bytes: buffer.get(..length).unwrap_or(&[]) }, self.now()),
                    // "Port unreachable" of a platform that is away comes back here.
                    Err(e) => {
                        tracing::debug!(error = %e, "signalling");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(told) = self.told.recv() => self.hear(told),
                Some(press) = self.alarms.recv() => self.alarm(press),
                () = &mut stop, if leaving.is_none() => {
                    leaving = Some(Instant::now());
                    if !self.device.is_registered() {
                        break;
                    }
                    self.device.stop(self.now());
                }
                () = tokio::time::sleep(Duration::from_millis(deadline.max(1))) => self.device.handle(Input::Tick, self.now()),
            }
            if move_at.is_some_and(|at| at <= Instant::now()) {
                move_at = None;
                self.change_port().await?;
            }
            self.drain().await;
        }
        Ok(())
    }

    async fn change_port(&mut self) -> Result<(), SimError> {
        let moved = UdpSocket::bind(SocketAddr::new(self.local.ip(), 0)).await;
        self.udp = moved.map_err(|e| SimError::io("a second signalling port", e))?;
        Ok(())
    }

    fn hear(&mut self, told: Told) {
        let now = self.now();
        match told {
            Told::Connected(conn, stream) => {
                let (mut reader, writer) = stream.into_split();
                let tell = self.tell.clone();
                let reader = tokio::spawn(async move {
                    let mut buffer = vec![0_u8; 16_384];
                    while let Ok(length) = reader.read(&mut buffer).await {
                        let bytes = buffer.get(..length).unwrap_or(&[]).to_vec();
                        if length == 0 || tell.send(Told::Bytes(conn, bytes)).await.is_err() {
                            break;
                        }
                    }
                    let _ = tell.send(Told::Closed(conn)).await;
                });
                self.link = Some(Link { conn, writer, reader });
                self.device.handle(Input::TcpOpened { conn, from: self.options.server }, now);
            }
            Told::ConnectFailed => self.connect(RECONNECT),
            Told::Bytes(conn, bytes) => self.device.handle(Input::TcpBytes { conn, bytes: &bytes }, now),
            Told::Closed(conn) => self.close(conn),
            Told::MediaEnded(call) => {
                // The call may just have been ended by the platform.
                let _ = self.device.bye(call, now);
            }
        }
    }

    /// Raises an alarm, or stays silent as a real camera would.
    fn alarm(&mut self, press: AlarmPress) {
        if !(self.guarded || self.options.always_guarded) || (self.silent && press.method == 2) {
            tracing::info!(guarded = self.guarded, silent = self.silent, "alarm not sent");
            return;
        }
        let now = self.now();
        let alarm = Alarm {
            priority: Some(press.priority),
            method: Some(press.method),
            alarm_type: press.kind,
            event_type: None,
            time: Some(now.utc),
            description: press.text,
        };
        match self.device.alarm(press.source.unwrap_or(self.options.channel), alarm, now) {
            Ok(sn) => {
                self.silent |= press.method == 2;
                tracing::info!(sn, "alarm sent");
            }
            Err(error) => tracing::warn!(%error, "alarm not sent"),
        }
    }

    fn close(&mut self, conn: ConnId) {
        if self.link.as_ref().is_some_and(|l| l.conn == conn) {
            self.link = None;
        }
        self.device.handle(Input::TcpClosed { conn }, self.now());
    }

    fn connect(&mut self, after: Duration) {
        self.next_conn += 1;
        let (conn, server, tell) = (ConnId(self.next_conn), self.options.server, self.tell.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let told = match tokio::time::timeout(PATIENCE, TcpStream::connect(server)).await {
                Ok(Ok(stream)) => Told::Connected(conn, stream),
                Ok(Err(_)) | Err(_) => Told::ConnectFailed,
            };
            let _ = tell.send(told).await;
        });
    }

    /// Carries out everything the machine asks for.
    async fn drain(&mut self) {
        while let Some(output) = self.device.poll_output() {
            match output {
                Output::Send { to: Peer::Udp(to), bytes } => {
                    // A datagram that cannot be sent is lost; the machine repeats it.
                    let _ = self.udp.send_to(&bytes, to).await;
                }
                Output::Send { to: Peer::Tcp(conn), bytes } => {
                    let Some(link) = self.link.as_mut().filter(|l| l.conn == conn) else { continue };
                    let written = tokio::time::timeout(PATIENCE, link.writer.write_all(&bytes)).await;
                    if !matches!(written, Ok(Ok(()))) {
                        self.close(conn);
                    }
                }
                Output::Close { conn } => {
                    if self.link.as_ref().is_some_and(|l| l.conn == conn) {
                        self.link = None;
                    }
                }
                Output::Event(event) => self.event(event).await,
            }
        }
    }

    async fn event(&mut self, event: DeviceEvent) {
        match event {
            DeviceEvent::Registered { expires_s, .. } => {
                tracing::info!(device = %self.options.device, expires_s, "registered")
            }
            DeviceEvent::RegisterFailed { code } => {
                tracing::warn!(device = %self.options.device, ?code, "not registered")
            }
            DeviceEvent::Deregistered => self.left = true,
            DeviceEvent::PlatformLost => tracing::warn!("the platform does not answer any more"),
            DeviceEvent::ConnectWanted { .. } => self.connect(Duration::ZERO),
            DeviceEvent::PlayRequested { call, channel, offer } => self.ring(call, channel, &offer).await,
            DeviceEvent::PlayConfirmed { call } => self.begin(call),
            DeviceEvent::PlayEnded { call } => drop(self.calls.remove(&call)),
            DeviceEvent::Controlled { order, .. } => match order {
                Control::SetGuard => self.guarded = true,
                Control::ResetGuard => self.guarded = false,
                Control::ResetAlarm => self.silent = false,
                Control::KeyFrame | Control::Reboot => {}
            },
            DeviceEvent::AlarmConfirmed { .. }
            | DeviceEvent::AlarmTaken { .. }
            | DeviceEvent::AlarmFailed { .. }
            | DeviceEvent::KeepaliveAnswered
            | DeviceEvent::KeepaliveMissed { .. }
            | DeviceEvent::Redirected { .. }
            | DeviceEvent::Subscribed { .. }
            | DeviceEvent::Unsubscribed { .. }
            | DeviceEvent::Refused { .. } => {}
            DeviceEvent::Malformed { why } => tracing::warn!(why, "malformed message from the platform"),
        }
    }

    async fn ring(&mut self, call: CallId, channel: GbId, offer: &Session) {
        let refusal = match self.options.quirks.refuse_code {
            Some(code) => Some(code),
            None if channel != self.options.channel && channel != self.options.device => Some(404),
            None => None,
        };
        let opened = match refusal {
            Some(code) => Err(code),
            None => Opened::open(offer, self.local.ip()).await.map_err(|e| {
                tracing::warn!(error = %e, "the offer cannot be met");
                488
            }),
        };
        let now = self.now();
        match opened {
            Err(code) => drop(self.device.refuse(call, code, now)),
            Ok(opened) => {
                let asked = offer.ssrc.unwrap_or(Ssrc(0));
                // Ten digits: live, the domain's part, four of its own.
                let own = Ssrc(self.seeded.next_u32() % 10_000 + 200_000_000);
                let (told, sent) = match self.options.quirks.ssrc {
                    SsrcHabit::AsAsked => (SsrcAnswer::Echo, asked),
                    SsrcHabit::Own => (SsrcAnswer::Own(own), own),
                    SsrcHabit::OwnUntold => (SsrcAnswer::Echo, own),
                    SsrcHabit::Zero => (SsrcAnswer::Echo, Ssrc(0)),
                    SsrcHabit::Missing => (SsrcAnswer::Missing, asked),
                };
                if self.device.answer(call, opened.address(), told, now).is_ok() {
                    self.calls.insert(call, CallState::Prepared(opened, sent.0));
                    if self.options.quirks.early_media {
                        self.begin(call);
                    }
                }
            }
        }
    }

    fn begin(&mut self, call: CallId) {
        // The state has a Drop of its own, so its parts are taken out by replacing it.
        let Some(state) = self.calls.get_mut(&call) else { return };
        if !matches!(state, CallState::Prepared(..)) {
            return;
        }
        let idle = CallState::Running(tokio::spawn(async {}));
        let mut prepared = std::mem::replace(state, idle);
        let CallState::Prepared(opened, ssrc) = &mut prepared else { return };
        let sender = Sender {
            info: self.source.info().clone(),
            quirks: self.options.quirks.clone(),
            ssrc: *ssrc,
            seeded: Seeded::new(self.options.camera.seed ^ call.0, "media"),
        };
        let (opened, tell) = (opened.take(), self.tell.clone());
        let listening = self.source.listener();
        let task = tokio::spawn(async move {
            if let Err(e) = sender.run(opened, listening).await {
                tracing::info!(error = %e, "media ended");
            }
            let _ = tell.send(Told::MediaEnded(call)).await;
        });
        self.calls.insert(call, CallState::Running(task));
    }
}

fn config(options: &GbOptions, local: SocketAddr) -> DeviceConfig {
    let mut config = DeviceConfig::new(options.device, &options.password, options.platform, options.server, local);
    config.tcp = options.tcp;
    config.expires_s = options.expires_s;
    config.keepalive_ms = options.keepalive_ms;
    config.retry_ms = options.retry_ms;
    config.charset = options.charset;
    config.lost_pages.clone_from(&options.quirks.lost_pages);
    config.info.name.clone_from(&options.catalog_name);
    config.channels = vec![CatalogItem {
        device_id: options.channel.to_string(),
        name: options.catalog_name.clone(),
        manufacturer: "jifang".into(),
        model: "simulator".into(),
        civil_code: options.device.as_str().get(..6).unwrap_or_default().into(),
        parent_id: options.device.to_string(),
        online: Some(true),
        ..CatalogItem::default()
    }];
    config.channels.extend(options.alarm_input.map(|input| CatalogItem {
        device_id: input.to_string(),
        name: format!("{} input", options.catalog_name),
        manufacturer: "jifang".into(),
        model: "simulator".into(),
        parent_id: options.device.to_string(),
        online: Some(true),
        ..CatalogItem::default()
    }));
    config
}
