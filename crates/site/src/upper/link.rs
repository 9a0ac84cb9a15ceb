//! One platform's link: drives wire's device machine over UDP or TCP, and everything that hangs on it.
//!
//! One loop over what can wake it: a datagram, bytes of the TCP connection, a deadline, an order, a view's media that ended, the
//! five-second look at the law, channels and views. Invariants: one connection at a time; every view ends exactly once, with BYE, entry
//! and register; without a route, a socket, a connection or a ground in law it waits and tries again.

use super::refusals::Refusals;
use super::sender::{self, Opened};
use super::status::{Board, Registration, Viewer};
use super::{Receipt, ReportError, UpperAlarm, watch, words};
use crate::Site;
use crate::camera::Phase;
use crate::gb28181::Noise;
use base::{MonoMs, UpperId};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use store::uppers::{UpperCharset, UpperRow};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wire::gb28181::device::{CallId, Device, DeviceConfig, DeviceEvent, SsrcAnswer, Topic};
use wire::gb28181::manscdp::{Alarm, CatalogItem, DeviceInfo};
use wire::gb28181::sdp::{Session, Ssrc};
use wire::gb28181::xml::Charset;
use wire::gb28181::{ConnId, GbId, Input, Output, Peer, Rng};

/// Most views through one platform at once; one more is refused with 486.
const VIEWS: usize = 16;
/// Catalogue items a page: four keep a datagram below the usual MTU.
const PAGE_ITEMS: usize = 4;
/// Pause before a socket, a route or a connection is tried again.
const PAUSE: Duration = Duration::from_secs(5);
/// Longest wait for a TCP connection and for the far end to take a message.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often channels and views are looked at, ms.
const LOOK_MS: u64 = 5_000;
/// A platform that took an alarm and does not confirm it within this time never does, ms.
const CONFIRM_MS: u64 = 8_000;
/// Longest wait for the answer to our leave where the law allows the link no more, ms.
const LEAVE_MS: u64 = 4_000;
/// Most alarms on their way.
const ALARMS: usize = 64;

/// What the site asks of a link.
pub(super) enum Command {
    /// Tell an alarm.
    Alarm(UpperAlarm, oneshot::Sender<Result<Receipt, ReportError>>),
    /// End views and registration, then the task.
    Stop(oneshot::Sender<()>),
}

/// What tasks of the link tell its loop.
enum Told {
    Connected(ConnId, TcpStream),
    ConnectFailed,
    Bytes(ConnId, Vec<u8>),
    Closed(ConnId),
    MediaEnded(CallId, io::Error),
}

struct Conn {
    id: ConnId,
    writer: OwnedWriteHalf,
    reader: JoinHandle<()>,
}

impl Drop for Conn {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// A view that was given leave.
struct View {
    viewer: Viewer,
    code: String,
    /// The law allows the camera to be heard.
    sound: bool,
    ssrc: u32,
    /// Until the answer is acknowledged.
    opened: Option<Opened>,
    task: Option<JoinHandle<()>>,
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// An alarm on its way.
struct Sent {
    done: oneshot::Sender<Result<Receipt, ReportError>>,
    /// It was taken; this long we wait for more.
    taken_until: Option<MonoMs>,
}

/// See the file's head.
pub(super) struct Link {
    site: Site,
    row: UpperRow,
    board: Board,
}

impl Link {
    pub(super) const fn new(site: Site, row: UpperRow, board: Board) -> Self {
        Self { site, row, board }
    }

    /// Runs until `Stop`. While the law refuses the link nothing is sent, and the law is asked again at each look: a need that is written
    /// down, an emergency or another profile lets it begin, and it begins once.
    pub(super) async fn run(self, mut orders: mpsc::Receiver<Command>) {
        let id = self.row.id;
        loop {
            if self.site.links().judge(&self.site, &self.row, &self.board).await {
                match Open::new(&self).await {
                    Ok(open) => {
                        if open.run(&mut orders).await {
                            return;
                        }
                        // The law allows it no more: asked again at once, which says so.
                        continue;
                    }
                    Err(error) => {
                        tracing::warn!(upper = %id, %error, "no way to the upper platform");
                        let diagnosis = words::no_route(&self.row.config.address, &error.to_string());
                        self.board.change(id, |s| s.diagnosis = Some(diagnosis));
                    }
                }
            }
            let until = tokio::time::Instant::now() + PAUSE;
            loop {
                match tokio::time::timeout_at(until, orders.recv()).await {
                    Ok(Some(Command::Alarm(_, done))) => drop(done.send(Err(ReportError::NotRegistered))),
                    Ok(Some(Command::Stop(done))) => {
                        let _ = done.send(());
                        return;
                    }
                    Ok(None) => return,
                    Err(_) => break,
                }
            }
        }
    }
}

/// A link with its sockets.
struct Open {
    site: Site,
    row: UpperRow,
    board: Board,
    device: Device,
    udp: UdpSocket,
    /// Our address towards the platform.
    own: IpAddr,
    server: SocketAddr,
    conn: Option<Conn>,
    next_conn: u64,
    views: HashMap<CallId, View>,
    alarms: HashMap<u64, Sent>,
    refusals: Refusals,
    noise: Noise,
    random: Rng,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    next_look: MonoMs,
    /// The law allows the link no more: by then it is left, answered or not.
    leave_by: Option<MonoMs>,
    left: bool,
}

/// The addresses and codes of a row; a row that does not fit is a fault of an older program and told as one.
fn parse(row: &UpperRow) -> io::Result<(SocketAddr, GbId, GbId)> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let c = &row.config;
    Ok((
        c.address.parse().map_err(|_| bad("not an address"))?,
        GbId::parse(&c.platform).ok_or_else(|| bad("platform code"))?,
        GbId::parse(&c.own).ok_or_else(|| bad("own code"))?,
    ))
}

fn random() -> io::Result<Rng> {
    let mut seed = [0_u8; 8];
    getrandom::fill(&mut seed).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(Rng::new(move || {
        let mut bytes = [0_u8; 8];
        match getrandom::fill(&mut bytes) {
            Ok(()) => u64::from_le_bytes(bytes),
            // The system's source worked a moment ago; ids then only stay different from each other.
            Err(_) => {
                seed = u64::from_le_bytes(seed).wrapping_add(0x9e37_79b9_7f4a_7c15).to_le_bytes();
                u64::from_le_bytes(seed)
            }
        }
    }))
}

impl Open {
    async fn new(link: &Link) -> io::Result<Self> {
        let (site, row) = (link.site.clone(), link.row.clone());
        let (server, platform, own_id) = parse(&row)?;
        let any: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        // Connecting a datagram socket sends nothing; it tells which own address leads there.
        let probe = UdpSocket::bind(any).await?;
        probe.connect(server).await?;
        let own = probe.local_addr()?.ip();
        let udp = UdpSocket::bind(SocketAddr::new(own, 0)).await?;
        let port = udp.local_addr()?.port();
        let told_as =
            SocketAddr::new(site.config().advertised.filter(|ip| ip.is_ipv4() == own.is_ipv4()).unwrap_or(own), port);
        let password = row.secret.as_ref().map_or("", |s| s.expose().as_str());
        let mut config = DeviceConfig::new(own_id, password, platform, server, told_as);
        let c = &row.config;
        config.username.clone_from(&c.username);
        config.tcp = c.tcp;
        config.expires_s = c.expires_s;
        config.keepalive_ms = u64::from(c.keepalive_s.max(1)) * 1_000;
        config.retry_ms = u64::from(c.retry_s) * 1_000;
        config.charset = match c.charset {
            UpperCharset::Gb2312 => Charset::Gb2312,
            UpperCharset::Gb18030 => Charset::Gb18030,
            UpperCharset::Utf8 => Charset::Utf8,
        };
        config.page_items = PAGE_ITEMS;
        config.max_calls = VIEWS;
        (config.obeys, config.only_platform) = (false, true);
        config.channels = catalogue(&site, &row);
        config.info = DeviceInfo {
            name: site.profile().name,
            manufacturer: "jifang".into(),
            model: "jifang".into(),
            firmware: env!("CARGO_PKG_VERSION").into(),
            channels: u32::try_from(config.channels.len()).ok(),
        };
        let (tell, told) = mpsc::channel(64);
        Ok(Self {
            site,
            row,
            board: link.board.clone(),
            device: Device::new(config, random()?),
            udp,
            own,
            server,
            conn: None,
            next_conn: 0,
            views: HashMap::new(),
            alarms: HashMap::new(),
            refusals: Refusals::default(),
            noise: Noise::new("upper"),
            random: random()?,
            tell,
            told,
            next_look: MonoMs(0),
            leave_by: None,
            left: false,
        })
    }

    fn id(&self) -> UpperId {
        self.row.id
    }

    /// Runs until `Stop` (true), or until the law allows the link no more (false).
    async fn run(mut self, orders: &mut mpsc::Receiver<Command>) -> bool {
        let mut over = false;
        let mut buffer = vec![0_u8; 65_536];
        let mut stopping: Option<oneshot::Sender<()>> = None;
        self.device.start(self.site.now());
        self.drain().await;
        while !self.left {
            let deadline = self.device.next_deadline().map_or(self.next_look, |d| d.min(self.next_look));
            let wait = deadline.since(self.site.now().mono).clamp(1, LOOK_MS);
            tokio::select! {
                received = self.udp.recv_from(&mut buffer) => match received {
                    Ok((length, from)) => {
                        let bytes = buffer.get(..length).unwrap_or_default();
                        self.device.handle(Input::Datagram { from, bytes }, self.site.now());
                    }
                    // "Port unreachable" of a platform that is away comes back here.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(told) = self.told.recv() => self.hear(told),
                order = orders.recv(), if stopping.is_none() => match order {
                    Some(Command::Alarm(alarm, done)) => self.alarm(&alarm, done),
                    Some(Command::Stop(done)) => {
                        (stopping, over) = (Some(done), true);
                        if self.leave_by.is_none() {
                            self.left = !self.device.is_registered();
                            self.device.stop(self.site.now());
                        }
                    }
                    None => (self.left, over) = (true, true),
                },
                () = tokio::time::sleep(Duration::from_millis(wait)) => {
                    self.device.handle(Input::Tick, self.site.now());
                }
            }
            self.look();
            self.drain().await;
        }
        self.end_all().await;
        self.board.change(self.id(), |s| s.registration = Registration::Off);
        if let Some(done) = stopping {
            let _ = done.send(());
        }
        over
    }

    fn hear(&mut self, told: Told) {
        let now = self.site.now();
        match told {
            Told::Connected(id, stream) => {
                let (mut reading, writer) = stream.into_split();
                let tell = self.tell.clone();
                let reader = tokio::spawn(async move {
                    let mut buffer = vec![0_u8; 16_384];
                    while let Ok(length @ 1..) = reading.read(&mut buffer).await {
                        let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                        if tell.send(Told::Bytes(id, bytes)).await.is_err() {
                            return;
                        }
                    }
                    let _ = tell.send(Told::Closed(id)).await;
                });
                self.conn = Some(Conn { id, writer, reader });
                self.device.handle(Input::TcpOpened { conn: id, from: self.server }, now);
            }
            Told::ConnectFailed => {
                let diagnosis = words::not_registered(None, &self.row.config.address);
                self.board.change(self.row.id, |s| {
                    s.refusal = Some((now.utc, None));
                    s.diagnosis = Some(diagnosis);
                });
                self.connect(self.server, PAUSE);
            }
            Told::Bytes(conn, bytes) => self.device.handle(Input::TcpBytes { conn, bytes: &bytes }, now),
            Told::Closed(conn) => {
                self.conn.take_if(|c| c.id == conn);
                self.device.handle(Input::TcpClosed { conn }, now);
            }
            Told::MediaEnded(call, why) => {
                tracing::info!(upper = %self.id(), %why, "media to the upper platform ended");
                // The call may just have been ended by the platform.
                let _ = self.device.bye(call, now);
            }
        }
    }

    fn connect(&mut self, to: SocketAddr, after: Duration) {
        self.server = to;
        self.next_conn += 1;
        let (conn, tell) = (ConnId(self.next_conn), self.tell.clone());
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let told = match tokio::time::timeout(PATIENCE, TcpStream::connect(to)).await {
                Ok(Ok(stream)) => Told::Connected(conn, stream),
                Ok(Err(_)) | Err(_) => Told::ConnectFailed,
            };
            let _ = tell.send(told).await;
        });
    }

    /// The law; channels as they are now; views that may not go on; alarms nobody confirms.
    fn look(&mut self) {
        let now = self.site.now();
        let late: Vec<u64> = self
            .alarms
            .iter()
            .filter(|(_, s)| s.taken_until.is_some_and(|at| at <= now.mono))
            .map(|(sn, _)| *sn)
            .collect();
        late.into_iter().for_each(|sn| self.settle(sn, Ok(Receipt::Taken)));
        self.left |= self.leave_by.is_some_and(|at| at <= now.mono);
        if self.next_look > now.mono || self.left {
            return;
        }
        self.next_look = now.mono.plus_ms(LOOK_MS);
        if self.leave_by.is_none() && !watch::may_connect(&self.site, &self.row) {
            tracing::warn!(upper = %self.id(), "the link is no longer lawful and ends");
            self.leave_by = Some(now.mono.plus_ms(LEAVE_MS));
            self.left = !self.device.is_registered();
            // Ends the views, too.
            return self.device.stop(now);
        }
        self.device.set_channels(catalogue(&self.site, &self.row), now);
        let lawful = watch::lawful(&self.site, &self.row).allow;
        let over = |v: &View| !lawful || watch::camera_of(&self.site, &self.row, &v.code).is_none();
        let over: Vec<CallId> = self.views.iter().filter(|(_, v)| over(v)).map(|(call, _)| *call).collect();
        for call in over {
            tracing::warn!(upper = %self.id(), "a view from above is no longer allowed and ends");
            let _ = self.device.bye(call, now);
        }
    }

    /// Carries out everything the machine asks for.
    async fn drain(&mut self) {
        while let Some(output) = self.device.poll_output() {
            match output {
                // A datagram that cannot be sent is lost; the machine repeats it.
                Output::Send { to: Peer::Udp(to), bytes } => drop(self.udp.send_to(&bytes, to).await),
                Output::Send { to: Peer::Tcp(conn), bytes } => {
                    let Some(open) = self.conn.as_mut().filter(|c| c.id == conn) else { continue };
                    let written = tokio::time::timeout(PATIENCE, open.writer.write_all(&bytes)).await;
                    if !matches!(written, Ok(Ok(()))) {
                        self.conn = None;
                        self.device.handle(Input::TcpClosed { conn }, self.site.now());
                    }
                }
                Output::Close { conn } => drop(self.conn.take_if(|c| c.id == conn)),
                Output::Event(event) => self.event(event).await,
            }
        }
    }

    async fn event(&mut self, event: DeviceEvent) {
        let (id, now) = (self.id(), self.site.now());
        match event {
            DeviceEvent::Registered { expires_s, .. } => self.registered(expires_s),
            DeviceEvent::RegisterFailed { code } => {
                tracing::warn!(upper = %id, ?code, "not registered with the upper platform");
                let diagnosis = words::not_registered(code, &self.row.config.address);
                self.unregistered(Some(diagnosis), code);
            }
            DeviceEvent::Deregistered => self.left = true,
            DeviceEvent::PlatformLost => {
                tracing::warn!(upper = %id, "the upper platform does not answer any more");
                let diagnosis = words::lost(&self.row.config.address);
                self.unregistered(Some(diagnosis), None);
                // Nobody may be watching any more, and nobody could end it.
                let calls: Vec<CallId> = self.views.keys().copied().collect();
                for call in calls {
                    let _ = self.device.bye(call, now);
                }
            }
            DeviceEvent::Redirected { to } => tracing::info!(upper = %id, %to, "sent to another server"),
            DeviceEvent::KeepaliveAnswered => self.board.change(id, |s| (s.keepalive, s.missed) = (Some(now.utc), 0)),
            DeviceEvent::KeepaliveMissed { missed, .. } => self.board.change(id, |s| s.missed = missed),
            DeviceEvent::ConnectWanted { to } => self.connect(to, Duration::ZERO),
            DeviceEvent::PlayRequested { call, channel, offer } => self.ring(call, channel, &offer).await,
            DeviceEvent::PlayConfirmed { call } => self.play(call),
            DeviceEvent::PlayEnded { call } => self.ended(call).await,
            DeviceEvent::AlarmConfirmed { sn } => self.settle(sn, Ok(Receipt::Confirmed)),
            DeviceEvent::AlarmTaken { sn } => {
                if let Some(sent) = self.alarms.get_mut(&sn) {
                    sent.taken_until = Some(now.mono.plus_ms(CONFIRM_MS));
                }
            }
            DeviceEvent::AlarmFailed { sn, code } => {
                self.settle(sn, Err(code.map_or(ReportError::NoAnswer, ReportError::Refused)));
            }
            DeviceEvent::Subscribed { topic, .. } => self.subscribed(topic, true),
            DeviceEvent::Unsubscribed { topic } => self.subscribed(topic, false),
            DeviceEvent::Refused { what, code } => self.turned_away(what, code),
            DeviceEvent::Malformed { why } => {
                self.noise.heard(Some(self.server), &why, now.mono);
                self.board.change(id, |s| s.nonsense += 1);
            }
            // Only asked for; the next key picture comes by itself.
            DeviceEvent::Controlled { .. } => {}
        }
    }

    fn registered(&self, expires_s: u32) {
        let now = self.site.now().utc;
        tracing::info!(upper = %self.id(), expires_s, "registered with the upper platform");
        self.board.change(self.id(), |s| {
            if !matches!(s.registration, Registration::Since(_)) {
                s.registration = Registration::Since(now);
            }
            s.diagnosis = None;
            s.missed = 0;
        });
    }

    fn unregistered(&self, diagnosis: Option<crate::camera::Diagnosis>, code: Option<u16>) {
        let now = self.site.now().utc;
        self.board.change(self.id(), |s| {
            s.registration = Registration::Trying;
            s.refusal = Some((now, code));
            s.diagnosis = diagnosis;
        });
    }

    fn subscribed(&self, topic: Topic, on: bool) {
        self.board.change(self.id(), |s| match topic {
            Topic::Catalog => s.subscribed.0 = on,
            Topic::Alarm => s.subscribed.1 = on,
        });
    }

    fn turned_away(&self, what: String, code: u16) {
        let now = self.site.now().utc;
        tracing::debug!(upper = %self.id(), what, code, "request from above refused");
        metrics::counter!("jifang_upper_refused_total").increment(1);
        self.board.change(self.id(), |s| {
            s.refused += 1;
            s.refused_last = Some((now, what, code));
        });
    }

    // ---- views ----

    async fn ring(&mut self, call: CallId, channel: GbId, offer: &Session) {
        let code = channel.to_string();
        let plays = offer.name.eq_ignore_ascii_case("Play");
        let ps = offer
            .video()
            .is_some_and(|v| v.payload_types.contains(&96) || v.rtpmaps.iter().any(|m| m.encoding == "PS"));
        let leave = if plays && ps {
            let mono = self.site.now().mono;
            watch::begin(&self.site, &self.row, &code, &mut self.refusals, mono).await.map_err(watch::No::code)
        } else {
            // Recorded footage is not given to the network, nor a form that is not MPEG-PS.
            Err(488)
        };
        let watch::Leave { camera, leaf, sound } = match leave {
            Ok(leave) => leave,
            Err(refusal) => {
                self.turned_away(format!("INVITE {code}"), refusal);
                let _ = self.device.refuse(call, refusal, self.site.now());
                return;
            }
        };
        let viewer = Viewer { camera: camera.id(), since: self.site.now().utc, leaf };
        self.board.change(self.id(), |s| s.viewers.push(viewer.clone()));
        let (opened, answer) = match Opened::open(offer, self.own, self.server.ip()).await {
            Ok((opened, local)) => {
                let ip = self.site.config().advertised.filter(|ip| ip.is_ipv4() == local.is_ipv4());
                (Some(opened), Ok(SocketAddr::new(ip.unwrap_or(local.ip()), local.port())))
            }
            Err(error) => (None, Err(error)),
        };
        // Across domains the answering side chooses; what the platform asks for is as good as any.
        let own = Ssrc(u32::try_from(self.random.next_u64() % 100_000_000).unwrap_or(1));
        let ssrc = offer.ssrc.filter(|s| s.0 != 0);
        let told = if ssrc.is_some() { SsrcAnswer::Echo } else { SsrcAnswer::Own(own) };
        let ssrc = ssrc.unwrap_or(own).0;
        self.views.insert(call, View { viewer, code, sound, ssrc, opened, task: None });
        let answered = match answer {
            Ok(local) => self.device.answer(call, local, told, self.site.now()).is_ok(),
            Err(error) => {
                tracing::info!(upper = %self.id(), %error, "the offer cannot be met");
                let _ = self.device.refuse(call, 488, self.site.now());
                false
            }
        };
        if !answered {
            self.ended(call).await;
        }
    }

    fn play(&mut self, call: CallId) {
        let first = u16::try_from(self.random.next_u64() & 0xffff).unwrap_or(0);
        let (site, tell) = (self.site.clone(), self.tell.clone());
        let Some(view) = self.views.get_mut(&call) else { return };
        let (Some(opened), Some(camera)) = (view.opened.take(), site.camera(view.viewer.camera)) else { return };
        let (ssrc, sound, hub) = (view.ssrc, view.sound, camera.hub().clone());
        view.task = Some(tokio::spawn(async move {
            let why = match sender::run(opened, ssrc, first, hub, sound).await {
                Ok(()) => io::Error::other("the camera is gone"),
                Err(error) => error,
            };
            let _ = tell.send(Told::MediaEnded(call, why)).await;
        }));
    }

    async fn ended(&mut self, call: CallId) {
        let Some(view) = self.views.remove(&call) else { return };
        self.board.change(self.id(), |s| s.viewers.retain(|v| v.leaf != view.viewer.leaf));
        watch::end(&self.site, &self.row, &view.viewer, &self.board).await;
    }

    async fn end_all(&mut self) {
        for call in self.views.keys().copied().collect::<Vec<_>>() {
            self.ended(call).await;
        }
        for sn in self.alarms.keys().copied().collect::<Vec<_>>() {
            self.settle(sn, Err(ReportError::NotRegistered));
        }
    }

    // ---- alarms ----

    fn alarm(&mut self, alarm: &UpperAlarm, done: oneshot::Sender<Result<Receipt, ReportError>>) {
        if self.alarms.len() >= ALARMS {
            let _ = done.send(Err(ReportError::NoAnswer));
            return;
        }
        let channel = self.row.config.channels.iter().find(|c| Some(c.camera) == alarm.camera);
        let source = channel.map_or(self.row.config.own.as_str(), |c| c.code.as_str());
        let Some(source) = GbId::parse(source) else {
            let _ = done.send(Err(ReportError::NotRegistered));
            return;
        };
        let told = Alarm {
            priority: Some(alarm.priority.clamp(1, 4)),
            method: Some(alarm.method),
            alarm_type: alarm.kind,
            event_type: None,
            time: Some(alarm.at),
            description: alarm.text.chars().take(domain::alarm::SIGNAL_TEXT_CHARS).collect(),
        };
        match self.device.alarm(source, told, self.site.now()) {
            Ok(sn) => drop(self.alarms.insert(sn, Sent { done, taken_until: None })),
            Err(_) => drop(done.send(Err(ReportError::NotRegistered))),
        }
    }

    fn settle(&mut self, sn: u64, how: Result<Receipt, ReportError>) {
        if let Some(sent) = self.alarms.remove(&sn) {
            if how.is_ok() {
                self.board.change(self.row.id, |s| s.alarms += 1);
            }
            let _ = sent.done.send(how);
        }
    }
}

/// The channels of a platform as they are now.
fn catalogue(site: &Site, row: &UpperRow) -> Vec<CatalogItem> {
    let own = &row.config.own;
    let item = |c: &store::uppers::UpperChannel| {
        let camera = site.camera(c.camera)?;
        let known = camera.row();
        Some(CatalogItem {
            device_id: c.code.clone(),
            name: known.name,
            manufacturer: "jifang".into(),
            model: known.source.name().to_owned(),
            civil_code: own.get(..6).unwrap_or_default().to_owned(),
            address: known.place,
            parent_id: own.clone(),
            online: Some(camera.state().phase == Phase::Streaming),
            ..CatalogItem::default()
        })
    };
    row.config.channels.iter().filter_map(item).collect()
}
