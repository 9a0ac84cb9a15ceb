//! What each camera needs now: registered? asked? answered? packets? pictures? And what to do when not.
//!
//! Platform events and the clock go in; INVITE, BYE, queries, phases, diagnoses and gap causes come out. A camera is `idle` (with or
//! without a time for the next try), or has one `Active` stream. Invariants: a stream that ends is closed before its camera hears
//! of a new one; tries have growing, jittered pauses; a device is in the platform's directory exactly while a camera has it.

use super::Settings;
use super::alarms::{ALARM_INPUT, Heard};
use super::diagnose;
use super::guarding::Guard;
use super::media_tcp::{ConnectFailed, MediaTcp};
use super::noise::Noise;
use super::progress::Progress;
use super::status::{Board, Channel};
use super::streams::{Asked, Stream, Streams, canonical_ip};
use crate::camera::{Camera, Diagnosis, Phase};
use base::{CameraId, MonoMs, Now, UtcMs};
use domain::recording::GapCause;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use store::cameras::{GbTransport, Source};
use tokio::sync::mpsc;
use wire::gb28181::device::Topic;
use wire::gb28181::manscdp::{CatalogItem, Control};
use wire::gb28181::platform::{
    CommandError, DeviceEntry, EndedBy, Event, Invite, OfflineReason, Output, Platform, PlatformConfig, QueryKind,
    RegisterRefusal, SessionId,
};
use wire::gb28181::sdp::{MediaTransport, Ssrc, SsrcPool};
use wire::gb28181::{GbId, Input, Peer, Rng};

/// A registered device whose stream was silent this long has begun anew: its stream is asked for again at once, ms.
const RESTARTED_MS: u64 = 2_000;

/// Most contact inputs of a device that are remembered.
const MAX_INPUTS: usize = 256;

/// Who and where this platform is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Platform code.
    pub(super) id: GbId,
    /// Where SIP listens.
    pub(super) sip: SocketAddr,
    /// Where media is received.
    pub(super) media: SocketAddr,
    /// Address to give to devices; none: the one by which they reach us.
    pub(super) advertised: Option<IpAddr>,
}

impl Place {
    /// Our address as `device` reaches it.
    fn as_seen_by(&self, device: IpAddr) -> IpAddr {
        let bound = Some(self.media.ip()).filter(|ip| !ip.is_unspecified());
        self.advertised.or(bound).or_else(|| local_towards(device)).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}

/// The local address from which packets to `host` leave. Nothing is sent.
fn local_towards(host: IpAddr) -> Option<IpAddr> {
    let any: IpAddr =
        if host.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    let socket = std::net::UdpSocket::bind((any, 0)).ok()?;
    // Any port does: connecting a datagram socket only chooses the route.
    socket.connect((host, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// One camera.
struct Call {
    camera: Camera,
    device: GbId,
    channel: GbId,
    transport: GbTransport,
    active: Option<Active>,
    /// When to ask next; `None` while the device is offline or a stream is active.
    retry_at: Option<MonoMs>,
    /// Next pause, ms.
    pause_ms: u64,
}

/// A stream that was asked for.
struct Active {
    session: SessionId,
    stream: Arc<Stream>,
    /// Where the device was told to send to.
    listen: SocketAddr,
    /// Signalling address it was asked at.
    asked_at: SocketAddr,
    /// When the device agreed.
    answered: Option<MonoMs>,
    /// Where its answer says that media comes from.
    media: Option<SocketAddr>,
    private: Option<String>,
    /// `undecodable` was said.
    stalled: bool,
}

#[derive(Default)]
struct Device {
    cameras: Vec<CameraId>,
    online: bool,
    addr: Option<SocketAddr>,
    /// When its clock is asked for next.
    clock_at: Option<MonoMs>,
    /// Codes of its catalogue; `None` before one came whole.
    catalog: Option<Vec<String>>,
}

/// How a stream that was agreed is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Health {
    Fine,
    /// No packet for this long, ms, or never one.
    Silent {
        ever: bool,
        for_ms: u64,
    },
    /// Packets, but no picture for this long, ms.
    NoPicture {
        for_ms: u64,
    },
}

fn health(progress: &Progress, answered: MonoMs, settings: &Settings, now: MonoMs) -> Health {
    let last = progress.last_packet();
    let for_ms = now.since(last.map_or(answered, |at| at.max(answered)));
    if for_ms >= settings.silence_ms {
        return Health::Silent { ever: last.is_some(), for_ms };
    }
    // Counted while packets came: their silence is another matter.
    let picture = progress.last_picture().or(progress.first_packet());
    match picture.zip(last).map_or(0, |(picture, last)| last.since(picture)) {
        for_ms if for_ms >= settings.decode_ms => Health::NoPicture { for_ms },
        _ => Health::Fine,
    }
}

/// See the file's invariants.
pub(super) struct Calls {
    pub(super) platform: Platform,
    place: Place,
    /// What devices are told to enter as the platform's address.
    own: SocketAddr,
    settings: Settings,
    streams: Streams,
    tcp: MediaTcp,
    failed: mpsc::Sender<ConnectFailed>,
    pub(super) board: Board,
    /// Guard plans and what their devices were told.
    pub(super) guards: BTreeMap<CameraId, Guard>,
    /// Devices asked for their alarms, and when that is renewed.
    pub(super) listening: HashMap<GbId, Option<MonoMs>>,
    pub(super) heard: mpsc::Sender<Heard>,
    ssrcs: SsrcPool,
    random: Rng,
    next_session: u64,
    cameras: BTreeMap<CameraId, Call>,
    devices: HashMap<GbId, Device>,
    sessions: HashMap<SessionId, CameraId>,
    not_sip: Noise,
}

impl Calls {
    pub(super) fn new(
        place: Place,
        settings: Settings,
        streams: Streams,
        tcp: MediaTcp,
        board: Board,
        (failed, heard): (mpsc::Sender<ConnectFailed>, mpsc::Sender<Heard>),
        (for_platform, mut random): (Rng, Rng),
    ) -> Self {
        let own_host = if place.sip.ip().is_unspecified() {
            // A documentation address: the route to anywhere (RFC 5737).
            place.as_seen_by(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)))
        } else {
            place.advertised.unwrap_or(place.sip.ip())
        };
        let own = SocketAddr::new(own_host, place.sip.port());
        let config = PlatformConfig {
            keepalive_ms: settings.keepalive_ms,
            keepalive_misses: settings.keepalive_misses,
            keepalive_grace_ms: settings.keepalive_grace_ms,
            invite_timeout_ms: settings.invite_timeout_ms,
            max_connections: settings.connections.0,
            ..PlatformConfig::new(place.id, own)
        };
        let start = u16::try_from(random.next_u64() % 10_000).unwrap_or(0);
        Self {
            platform: Platform::new(config, for_platform),
            place,
            own,
            settings,
            streams,
            tcp,
            failed,
            board,
            guards: BTreeMap::new(),
            listening: HashMap::new(),
            heard,
            ssrcs: SsrcPool::new(&place.id, start),
            random,
            next_session: 0,
            cameras: BTreeMap::new(),
            devices: HashMap::new(),
            sessions: HashMap::new(),
            not_sip: Noise::new("sip"),
        }
    }

    // ---- the signalling task's calls ----

    pub(super) fn handle(&mut self, input: Input<'_>, now: Now) {
        self.platform.handle(input, now);
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.platform.poll_output()
    }

    pub(super) fn next_deadline(&self) -> Option<MonoMs> {
        self.platform.next_deadline()
    }

    pub(super) fn peer_of(&self, device: GbId) -> Option<Peer> {
        self.platform.device(device).map(|d| d.peer)
    }

    /// Takes a camera in.
    pub(super) fn add(&mut self, camera: Camera, now: Now) {
        self.remove(camera.id(), now);
        let row = camera.row();
        let Source::Gb28181 { device, channel, transport } = &row.source else { return };
        let (Some(device), Some(channel)) = (GbId::parse(device), GbId::parse(channel)) else {
            camera.set_phase(Phase::Offline, now);
            return camera.diagnose(diagnose::bad_code());
        };
        let password = row.secret.as_ref().map_or("", |s| s.expose().as_str());
        if self.platform.allow(device, DeviceEntry::password(password)).is_err() {
            return camera.diagnose(diagnose::server_full());
        }
        let id = camera.id();
        let state = self.devices.entry(device).or_default();
        state.cameras.push(id);
        let online = state.online;
        self.board.known(device);
        self.board.device(device, |d| d.cameras.clone_from(&state.cameras));
        if online {
            camera.set_phase(Phase::Connecting, now);
        } else {
            camera.set_phase(Phase::Offline, now);
            camera.diagnose(diagnose::not_registered(device, self.place.id, self.own));
        }
        let retry_at = online.then_some(now.mono);
        let pause_ms = self.settings.backoff_ms.0;
        let transport = *transport;
        self.cameras.insert(id, Call { camera, device, channel, transport, active: None, retry_at, pause_ms });
        self.ask_if_due(id, now);
    }

    /// Ends a camera's stream and forgets the camera; its device goes with its last camera.
    pub(super) fn remove(&mut self, id: CameraId, now: Now) {
        self.hang_up(id, now);
        let Some(call) = self.cameras.remove(&id) else { return };
        let Some(device) = self.devices.get_mut(&call.device) else { return };
        device.cameras.retain(|camera| *camera != id);
        if device.cameras.is_empty() {
            self.devices.remove(&call.device);
            self.platform.remove(call.device, now);
            self.board.remove(call.device);
        } else {
            self.board.device(call.device, |d| d.cameras.clone_from(&device.cameras));
        }
    }

    /// A person asks for a check of a camera that is not recording: its stream is asked for anew at once, with the shortest pauses. A
    /// device that is away cannot be asked; what is known of it is the result.
    pub(super) fn probe(&mut self, id: CameraId, now: Now) {
        let Some(call) = self.cameras.get(&id) else { return };
        let camera = call.camera.clone();
        if !self.devices.get(&call.device).is_some_and(|d| d.online) {
            return camera.end_probe(now);
        }
        self.hang_up(id, now);
        if let Some(call) = self.cameras.get_mut(&id) {
            call.pause_ms = self.settings.backoff_ms.0;
            call.retry_at = Some(now.mono);
        }
        self.ask_if_due(id, now);
    }

    /// Ends all streams.
    pub(super) fn stop(&mut self, now: Now) {
        for id in self.cameras.keys().copied().collect::<Vec<_>>() {
            self.hang_up(id, now);
        }
    }

    /// We could not connect to a device that is to be connected to for media.
    pub(super) fn connect_failed(&mut self, failed: &ConnectFailed, now: Now) {
        let diagnosis = diagnose::connect_failed(Some(failed.to), &failed.why);
        self.fail_session(failed.session, diagnosis, GapCause::NoPackets, now);
    }

    /// Looks at every camera: asks again where it is time, gives up what is dead; measures clocks.
    pub(super) fn check(&mut self, now: Now) {
        for id in self.cameras.keys().copied().collect::<Vec<_>>() {
            self.ask_if_due(id, now);
            self.watch(id, now);
        }
        self.guard_all(now);
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let gauge = |name: &'static str, value: usize| metrics::gauge!(name).set(value as f64);
        gauge("jifang_gb_devices_online", self.platform.online_devices());
        gauge("jifang_gb_streams", self.sessions.len());
        let due = |d: &Device| d.online && d.clock_at.is_some_and(|at| at <= now.mono);
        let clocks: Vec<GbId> = self.devices.iter().filter(|(_, d)| due(d)).map(|(id, _)| *id).collect();
        for device in clocks {
            let next = now.mono.plus_ms(self.jitter(self.settings.clock_every_ms));
            if let Some(state) = self.devices.get_mut(&device) {
                state.clock_at = Some(next);
            }
            let _ = self.platform.query_device_status(device, now);
        }
    }

    /// `ms` give or take a quarter.
    fn jitter(&mut self, ms: u64) -> u64 {
        ms - ms / 4 + self.random.next_u64() % (ms / 2).max(1)
    }

    // ---- one camera's stream ----

    fn ask_if_due(&mut self, id: CameraId, now: Now) {
        let due = |c: &Call| c.active.is_none() && c.retry_at.is_some_and(|at| at <= now.mono);
        if self.cameras.get(&id).is_some_and(due) {
            self.ask(id, now);
        }
    }

    fn ask(&mut self, id: CameraId, now: Now) {
        let Some(call) = self.cameras.get_mut(&id) else { return };
        call.retry_at = None;
        let Some(view) = self.platform.device(call.device).filter(|d| d.online) else { return };
        let Some(ssrc) = self.ssrcs.allocate(false) else {
            return self.fail(id, diagnose::server_full(), GapCause::NoPackets, now);
        };
        self.next_session += 1;
        let session = SessionId(self.next_session);
        let host = canonical_ip(view.addr.ip());
        let listen = SocketAddr::new(self.place.as_seen_by(host), self.place.media.port());
        let asked = Asked {
            session,
            camera: call.camera.clone(),
            ssrc: ssrc.0,
            tcp: call.transport != GbTransport::Udp,
            comes_to_us: call.transport != GbTransport::TcpActive,
            host,
        };
        let stream = self.streams.open(asked);
        let transport = match call.transport {
            GbTransport::Udp => MediaTransport::Udp,
            GbTransport::TcpPassive => MediaTransport::TcpPassive,
            GbTransport::TcpActive => MediaTransport::TcpActive,
        };
        let (device, channel) = (call.device, call.channel);
        call.camera.set_phase(Phase::Connecting, now);
        call.active = Some(Active {
            session,
            stream,
            listen,
            asked_at: view.addr,
            answered: None,
            media: None,
            private: None,
            stalled: false,
        });
        self.sessions.insert(session, id);
        let invite = Invite { session, device, channel, ssrc, media: listen, transport };
        if let Err(error) = self.platform.invite(&invite, now) {
            self.hang_up(id, now);
            if error != CommandError::NotOnline {
                self.fail(id, diagnose::server_full(), GapCause::NoPackets, now);
            }
        }
    }

    /// Ends a stream from this side, if there is one. The camera is not told.
    fn hang_up(&mut self, id: CameraId, now: Now) {
        let Some(call) = self.cameras.get_mut(&id) else { return };
        let Some(active) = call.active.take() else { return };
        let progress = &active.stream.progress;
        let lived = progress.first_picture().zip(progress.last_picture()).map_or(0, |(first, last)| last.since(first));
        if lived >= self.settings.stable_ms {
            call.pause_ms = self.settings.backoff_ms.0;
        }
        // Forgotten first: what the platform tells of it from now on is no news.
        self.sessions.remove(&active.session);
        let _ = self.platform.bye(active.session, now);
        self.ssrcs.release(Ssrc(active.stream.ssrc));
        self.streams.close(active.session, now);
    }

    /// A stream is over, or did not come to be: says why and asks again after a pause.
    fn fail(&mut self, id: CameraId, diagnosis: Diagnosis, cause: GapCause, now: Now) {
        self.hang_up(id, now);
        let Some(pause_ms) = self.cameras.get(&id).map(|c| c.pause_ms) else { return };
        let retry_at = now.mono.plus_ms(self.jitter(pause_ms));
        let Some(call) = self.cameras.get_mut(&id) else { return };
        call.pause_ms = (pause_ms * 2).min(self.settings.backoff_ms.1);
        let online = self.devices.get(&call.device).is_some_and(|d| d.online);
        call.retry_at = online.then_some(retry_at);
        tracing::info!(camera = %id, device = %call.device, why = diagnosis.code, what = %diagnosis.what.en, "no stream");
        call.camera.set_phase(if online { Phase::Connecting } else { Phase::Offline }, now);
        call.camera.diagnose(diagnosis);
        call.camera.end_probe(now);
        call.camera.ended(cause, now);
    }

    fn watch(&mut self, id: CameraId, now: Now) {
        let Some(call) = self.cameras.get_mut(&id) else { return };
        let Some(active) = &mut call.active else { return };
        let Some(answered) = active.answered else { return };
        match health(&active.stream.progress, answered, &self.settings, now.mono) {
            Health::Fine => active.stalled = false,
            Health::Silent { ever: true, for_ms } => {
                let diagnosis = diagnose::packets_stopped(active.media, for_ms / 1_000);
                self.fail(id, diagnosis, GapCause::NoPackets, now);
            }
            Health::Silent { ever: false, .. } => {
                let strays = self.streams.strays_of(active.session, now.mono);
                let diagnosis = if strays.is_empty() {
                    diagnose::no_packets(call.transport, active.media, active.listen)
                } else {
                    diagnose::ssrc_mismatch(active.stream.ssrc, &strays)
                };
                self.fail(id, diagnosis, GapCause::NoPackets, now);
            }
            Health::NoPicture { for_ms } => {
                let diagnosis = diagnose::undecodable(&active.stream.counts(), active.private.as_deref());
                if for_ms >= self.settings.give_up_ms {
                    return self.fail(id, diagnosis, GapCause::Undecodable, now);
                }
                if !active.stalled {
                    active.stalled = true;
                    tracing::info!(camera = %id, what = %diagnosis.what.en, "packets, but no picture");
                    active.stream.stalled(now);
                    call.camera.diagnose(diagnosis);
                    call.camera.end_probe(now);
                    call.camera.ended(GapCause::Undecodable, now);
                    // Perhaps its key pictures are minutes apart.
                    let _ = self.platform.control(call.device, call.channel, Control::KeyFrame, now);
                }
            }
        }
    }

    // ---- what the platform tells ----

    pub(super) fn on_event(&mut self, event: Event, now: Now) {
        match event {
            Event::Registered { device, addr, peer, version, .. } => self.registered(device, addr, peer, version, now),
            Event::Resumed { device } => self.online(device, self.platform.device(device).map(|d| d.addr), now),
            Event::Refreshed { device } | Event::Keepalive { device, .. } => self.heard(device, now.utc),
            Event::Moved { device, addr } => {
                tracing::info!(%device, %addr, "device now sends from another address");
                self.moved(device, addr);
            }
            Event::Offline { device, reason } => self.offline(device, reason, now),
            Event::RegisterRefused { device, addr, why } => self.refused(device, addr, why, now),
            Event::IdConflict { device, old, new, authenticated } => {
                tracing::warn!(%device, %old, %new, authenticated, "two devices use one code");
                self.tell_all(device, &diagnose::id_conflict(device, old, new, authenticated));
            }
            Event::Catalog { device, items, complete, .. } => self.catalog(device, items, complete),
            Event::DeviceInfo { device, info, .. } if self.devices.contains_key(&device) => {
                self.board.device(device, |d| {
                    d.maker = info.manufacturer;
                    d.model = info.model;
                    d.firmware = info.firmware;
                });
            }
            Event::DeviceStatus { device, status, round_trip_ms, .. } => {
                self.heard(device, now.utc);
                if let Some(at) = status.device_time {
                    self.clock(device, clock_error_ms(at, round_trip_ms, now.utc));
                }
            }
            Event::StreamAnswered { session, ssrc, media, private_encoding, .. } => {
                self.answered(session, ssrc, media, private_encoding, now);
            }
            Event::StreamRefused { session, code, reason } => self.stream_refused(session, code, &reason, now),
            Event::StreamTimeout { session, was_trying } => {
                let active = self.sessions.get(&session).and_then(|id| self.cameras.get(id)?.active.as_ref());
                let diagnosis = diagnose::invite_timeout(was_trying, active.map(|a| a.asked_at));
                self.fail_session(session, diagnosis, GapCause::NoPackets, now);
            }
            Event::StreamEnded { session, by: EndedBy::Device } => {
                self.fail_session(session, diagnose::stream_ended(), GapCause::StreamEnded, now);
            }
            Event::Malformed { peer, addr, why } => {
                let from = addr.or(match peer {
                    Peer::Udp(addr) => Some(addr),
                    Peer::Tcp(_) => None,
                });
                self.not_sip.heard(from, &why, now.mono);
            }
            Event::Alarm { device, source, sn, alarm } => self.alarmed(device, source, sn, &alarm, now),
            Event::ControlResult { device, sn, ok } => {
                self.ordered(device, sn, if ok { Ok(()) } else { Err(Some(200)) }, now);
            }
            Event::QueryFailed { device, sn, kind: QueryKind::Control, code } => {
                self.ordered(device, sn, Err(code), now)
            }
            Event::Subscribed { device, topic: Topic::Alarm, expires_s } => self.subscribed(device, expires_s, now),
            Event::SubscribeRefused { device, topic: Topic::Alarm, .. } => self.not_subscribed(device),
            Event::Unhandled { device, what } => tracing::debug!(%device, what, "message not used"),
            // `Offline` follows and says why; what we ended ourselves is no news.
            Event::StreamEnded { .. } => {}
            Event::DeviceInfo { .. }
            | Event::QueryFailed { .. }
            | Event::CatalogChanged { .. }
            | Event::Subscribed { .. }
            | Event::SubscribeRefused { .. }
            | Event::MediaStatus { .. } => {}
        }
    }

    fn registered(&mut self, device: GbId, addr: SocketAddr, peer: Peer, version: Option<String>, now: Now) {
        tracing::info!(%device, %addr, ?version, "device registered");
        self.board.device(device, |d| {
            d.tcp = peer.is_reliable();
            d.version = version;
        });
        self.platform.set_local(device, self.own_towards(addr.ip()));
        self.online(device, Some(addr), now);
        self.forget_guard(device, now);
        let _ = self.platform.query_device_info(device, now);
        let _ = self.platform.query_catalog(device, now);
    }

    fn fail_session(&mut self, session: SessionId, diagnosis: Diagnosis, cause: GapCause, now: Now) {
        if let Some(id) = self.sessions.get(&session).copied() {
            self.fail(id, diagnosis, cause, now);
        }
    }

    /// Where a device at `host` finds our SIP port: a server with several addresses has another one for each network.
    fn own_towards(&self, host: IpAddr) -> SocketAddr {
        let bound = Some(self.place.sip.ip()).filter(|ip| !ip.is_unspecified());
        let host = canonical_ip(host);
        let ip = self.place.advertised.or(bound).or_else(|| local_towards(host)).unwrap_or(self.own.ip());
        SocketAddr::new(ip, self.place.sip.port())
    }

    /// The device and channel of a camera.
    pub(super) fn place_of(&self, camera: CameraId) -> Option<(GbId, GbId)> {
        self.cameras.get(&camera).map(|c| (c.device, c.channel))
    }

    pub(super) fn device_of(&self, camera: CameraId) -> Option<GbId> {
        self.place_of(camera).map(|(device, _)| device)
    }

    pub(super) fn is_online(&self, device: GbId) -> bool {
        self.devices.get(&device).is_some_and(|d| d.online)
    }

    /// Codes of a device's catalogue, once it came whole.
    pub(super) fn catalog_of(&self, device: GbId) -> Option<Vec<String>> {
        self.devices.get(&device)?.catalog.clone()
    }

    /// True when `source` is this device, a camera's channel on it, in its catalogue, or (before that is known) nobody else's.
    pub(super) fn belongs(&self, source: GbId, device: GbId) -> bool {
        if source == device {
            return true;
        }
        if let Some(owner) = self.cameras.values().find(|c| c.channel == source) {
            return owner.device == device;
        }
        let catalog = self.devices.get(&device).and_then(|d| d.catalog.as_ref());
        match catalog {
            Some(codes) => codes.iter().any(|c| *c == source.as_str()),
            None => !self.devices.contains_key(&source),
        }
    }

    /// The device a source belongs to.
    pub(super) fn owner_of(&self, source: GbId) -> Option<GbId> {
        if self.devices.contains_key(&source) {
            return Some(source);
        }
        self.devices.keys().copied().find(|device| self.belongs(source, *device))
    }

    pub(super) fn cameras_of(&self, device: GbId) -> Vec<CameraId> {
        self.devices.get(&device).map(|d| d.cameras.clone()).unwrap_or_default()
    }

    fn tell_all(&self, device: GbId, diagnosis: &Diagnosis) {
        for id in self.cameras_of(device) {
            if let Some(call) = self.cameras.get(&id) {
                call.camera.diagnose(diagnosis.clone());
            }
        }
    }

    fn heard(&self, device: GbId, at: UtcMs) {
        if self.devices.contains_key(&device) {
            self.board.device(device, |d| d.heard = Some(at));
        }
    }

    fn moved(&mut self, device: GbId, addr: SocketAddr) {
        if let Some(state) = self.devices.get_mut(&device) {
            state.addr = Some(addr);
            self.board.device(device, |d| d.addr = Some(addr));
        }
    }

    /// The device is there: its cameras are asked for now, also those whose stream it forgot when it began anew.
    fn online(&mut self, device: GbId, addr: Option<SocketAddr>, now: Now) {
        let Some(state) = self.devices.get_mut(&device) else { return };
        state.online = true;
        state.addr = addr;
        state.clock_at = Some(now.mono);
        self.board.device(device, |d| {
            d.online = true;
            d.addr = addr;
            d.heard = Some(now.utc);
        });
        for id in self.cameras_of(device) {
            let Some(call) = self.cameras.get_mut(&id) else { continue };
            let progress = call.active.as_ref().map(|a| a.stream.progress.clone());
            match progress {
                Some(progress) if progress.silent_ms(now.mono) < RESTARTED_MS => continue,
                Some(_) => {
                    self.hang_up(id, now);
                    if let Some(call) = self.cameras.get(&id) {
                        call.camera.ended(GapCause::DeviceOffline, now);
                    }
                }
                None => {}
            }
            if let Some(call) = self.cameras.get_mut(&id) {
                call.camera.set_phase(Phase::Connecting, now);
                call.retry_at = Some(now.mono);
                call.pause_ms = self.settings.backoff_ms.0;
            }
            self.ask_if_due(id, now);
        }
    }

    fn offline(&mut self, device: GbId, reason: OfflineReason, now: Now) {
        let Some(state) = self.devices.get_mut(&device) else { return };
        state.online = false;
        let addr = state.addr;
        tracing::warn!(%device, ?reason, "device offline");
        self.board.device(device, |d| d.online = false);
        for id in self.cameras_of(device) {
            self.hang_up(id, now);
            let Some(call) = self.cameras.get_mut(&id) else { continue };
            call.retry_at = None;
            call.camera.set_phase(Phase::Offline, now);
            call.camera.diagnose(diagnose::device_offline(reason, addr));
            call.camera.ended(GapCause::DeviceOffline, now);
        }
    }

    fn refused(&mut self, device: GbId, addr: SocketAddr, why: RegisterRefusal, now: Now) {
        tracing::warn!(%device, %addr, ?why, "registration refused");
        metrics::counter!("jifang_gb_registrations_refused_total").increment(1);
        match why {
            RegisterRefusal::UnknownDevice => self.board.unknown(device, addr, now.utc),
            // While the device itself is online a stranger's guesses are no reason to alarm its users.
            RegisterRefusal::WrongPassword if !self.devices.get(&device).is_some_and(|d| d.online) => {
                self.tell_all(device, &diagnose::wrong_password(addr));
            }
            RegisterRefusal::WrongPassword | RegisterRefusal::Flood => {}
        }
    }

    fn catalog(&mut self, device: GbId, items: Vec<CatalogItem>, complete: bool) {
        let Some(state) = self.devices.get_mut(&device) else { return };
        state.catalog = complete.then(|| items.iter().map(|i| i.device_id.clone()).collect());
        let input = |i: &&CatalogItem| i.gb_id().is_some_and(|id| id.type_code() == ALARM_INPUT);
        let inputs: Vec<String> = items.iter().filter(input).take(MAX_INPUTS).map(|i| i.device_id.clone()).collect();
        let channels = items.into_iter().filter(|item| item.gb_id().is_none_or(|id| id.is_camera()));
        let channels = channels.map(|i| Channel { id: i.device_id, name: i.name, online: i.online });
        self.board.device(device, |d| {
            d.inputs = inputs;
            d.set_channels(channels);
        });
    }

    fn clock(&self, device: GbId, error_ms: i32) {
        for id in self.cameras_of(device) {
            if let Some(call) = self.cameras.get(&id) {
                call.camera.clock_error(Some(error_ms));
            }
        }
        self.board.device(device, |d| d.clock_error_ms = Some(error_ms));
    }

    fn answered(
        &mut self,
        session: SessionId,
        ssrc: Option<Ssrc>,
        media: Option<SocketAddr>,
        private: Option<String>,
        now: Now,
    ) {
        let Some(id) = self.sessions.get(&session).copied() else { return };
        let Some(call) = self.cameras.get_mut(&id) else { return };
        let Some(active) = &mut call.active else { return };
        active.answered = Some(now.mono);
        active.media = media;
        active.private = private;
        let stream = active.stream.clone();
        let signalling = canonical_ip(active.asked_at.ip());
        self.streams.answered(session, media, ssrc.map(|s| s.0), now);
        if call.transport != GbTransport::TcpActive {
            return;
        }
        let to = targets(media, signalling);
        if to.is_empty() {
            return self.fail(id, diagnose::connect_failed(None, ""), GapCause::NoPackets, now);
        }
        let failed = self.failed.clone();
        // A full queue loses the news; the silence of the stream tells it then.
        let tell = move |news| drop(failed.try_send(news));
        self.tcp.connect(&stream, to, self.settings.connect_retry_ms, tell);
    }

    fn stream_refused(&mut self, session: SessionId, code: u16, reason: &str, now: Now) {
        let Some(id) = self.sessions.get(&session).copied() else { return };
        let Some(call) = self.cameras.get(&id) else { return };
        let catalog = self.devices.get(&call.device).and_then(|d| d.catalog.as_ref());
        let unknown =
            call.channel != call.device && catalog.is_some_and(|c| !c.iter().any(|i| *i == call.channel.as_str()));
        self.fail(id, diagnose::invite_refused(code, reason, unknown), GapCause::NoPackets, now);
    }
}

/// Where to connect to: what the answer names, and behind address translation the same port of the host that signals. Never a
/// multicast address, nor this machine for a device that is not on it.
fn targets(media: Option<SocketAddr>, signalling: IpAddr) -> Vec<SocketAddr> {
    let Some(media) = media else { return Vec::new() };
    let mut list = vec![media, SocketAddr::new(signalling, media.port())];
    list.retain(|to| {
        let ip = to.ip();
        !ip.is_unspecified() && !ip.is_multicast() && (!ip.is_loopback() || signalling.is_loopback())
    });
    list.dedup();
    list
}

/// The device's clock minus ours, ms: it was read about half a round trip ago. A time in whole seconds was cut off, on average by half
/// of one.
fn clock_error_ms(device: UtcMs, round_trip_ms: u64, now: UtcMs) -> i32 {
    let half_ms = i64::try_from(round_trip_ms / 2).unwrap_or(0);
    let cut_ms = if device.0 % 1_000 == 0 { 500 } else { 0 };
    let error_ms = device.since(now.plus_ms(-half_ms)).saturating_add(cut_ms);
    i32::try_from(error_ms).unwrap_or(if error_ms < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
