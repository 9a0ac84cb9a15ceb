//! A simulated upper platform: the platform machine of `wire` on real sockets, for testing whoever registers with one.
//!
//! Flow: lower platforms register; lines of text on a channel are orders (`catalog`, `play CHANNEL udp FILE`, `bye N` ...); what
//! happens goes out as lines of text, one an event, for people and tests alike. Media of a call is written as a program stream file
//! and counted by `media`'s demuxer. Invariants: one task owns the machine; every call's media task ends with its call; an order
//! that makes no sense is answered with a line, never a crash.

mod media_in;

use crate::SimError;
use crate::source::system_utc_ms;
use base::{MonoMs, Now, UtcMs};
use media_in::MediaIn;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use wire::gb28181::device::Topic;
use wire::gb28181::digest::Algorithm;
use wire::gb28181::manscdp::Control;
use wire::gb28181::platform::{DeviceEntry, Event, Invite, Platform, PlatformConfig, SessionId};
use wire::gb28181::sdp::{MediaTransport, SsrcPool};
use wire::gb28181::{ConnId, GbId, Input, Output, Peer, Rng};

/// Most TCP connections at once.
const CONNECTIONS: usize = 64;
/// Waiting news of tasks.
const QUEUE: usize = 256;

/// Settings of a simulated upper platform.
#[derive(Clone, PartialEq, Eq)]
pub struct PlatformOptions {
    /// Its code.
    pub id: GbId,
    /// Digest realm; `None`: the first ten digits of the code.
    pub realm: Option<String>,
    /// Where it listens, UDP and TCP.
    pub listen: SocketAddr,
    /// Code of the lower platform that may register.
    pub lower: GbId,
    /// Its password; never printed.
    pub password: String,
    /// Offers SHA-256 only.
    pub sha256_only: bool,
    /// Confirms alarms (Response Alarm).
    pub confirms: bool,
}

impl std::fmt::Debug for PlatformOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PlatformOptions({} at {}, lower {}, password ***)", self.id, self.listen, self.lower)
    }
}

impl PlatformOptions {
    /// A platform that lets one lower platform in.
    #[must_use]
    pub fn new(id: GbId, listen: SocketAddr, lower: GbId, password: &str) -> Self {
        Self { id, realm: None, listen, lower, password: password.to_owned(), sha256_only: false, confirms: true }
    }
}

enum Told {
    Accepted(TcpStream, SocketAddr),
    Bytes(ConnId, Vec<u8>),
    Closed(ConnId),
}

struct Link {
    writer: tokio::net::tcp::OwnedWriteHalf,
    reader: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// A call that was asked for.
struct Call {
    media: Option<MediaIn>,
    transport: MediaTransport,
    file: Option<PathBuf>,
    ssrc: u32,
    task: Option<JoinHandle<()>>,
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

struct Desk {
    options: PlatformOptions,
    machine: Platform,
    udp: UdpSocket,
    address: SocketAddr,
    links: HashMap<ConnId, Link>,
    next_conn: u64,
    calls: HashMap<SessionId, Call>,
    next_session: u64,
    ssrcs: SsrcPool,
    tell: mpsc::Sender<Told>,
    lines: mpsc::Sender<String>,
    began: Instant,
}

/// Runs a simulated upper platform until `orders` ends or `stop` resolves. The first line out is `listening ADDRESS`.
///
/// # Errors
/// The port cannot be had.
pub async fn run_platform(
    options: PlatformOptions,
    mut orders: mpsc::Receiver<String>,
    lines: mpsc::Sender<String>,
    stop: impl Future<Output = ()>,
) -> Result<(), SimError> {
    let io = |e| SimError::io(format!("{}", options.listen), e);
    let (udp, tcp) = crate::port::both(options.listen).await.map_err(io)?;
    let address = udp.local_addr().map_err(io)?;
    let (tell, mut told) = mpsc::channel(QUEUE);
    let mut desk = Desk::new(options, udp, address, tell, lines)?;
    desk.say(format!("listening {address}")).await;
    let mut stop = std::pin::pin!(stop);
    let mut buffer = vec![0_u8; 65_536];
    loop {
        let wait = desk.machine.next_deadline().map_or(500, |d| d.since(desk.now().mono).clamp(1, 500));
        tokio::select! {
            got = desk.udp.recv_from(&mut buffer) => if let Ok((length, from)) = got {
                let now = desk.now();
                desk.machine.handle(Input::Datagram { from, bytes: buffer.get(..length).unwrap_or_default() }, now);
            },
            Ok((stream, from)) = tcp.accept() => desk.hear(Told::Accepted(stream, from)),
            Some(news) = told.recv() => desk.hear(news),
            order = orders.recv() => match order {
                Some(order) => desk.order(&order).await,
                None => return Ok(()),
            },
            () = &mut stop => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(wait)) => {
                let now = desk.now();
                desk.machine.handle(Input::Tick, now);
            }
        }
        desk.drain().await;
    }
}

impl Desk {
    fn new(
        options: PlatformOptions,
        udp: UdpSocket,
        address: SocketAddr,
        tell: mpsc::Sender<Told>,
        lines: mpsc::Sender<String>,
    ) -> Result<Self, SimError> {
        let mut config = PlatformConfig::new(options.id, address);
        if let Some(realm) = &options.realm {
            config.realm.clone_from(realm);
        }
        if options.sha256_only {
            config.algorithms = vec![Algorithm::Sha256];
        }
        config.query_timeout_ms = 3_000;
        let random = || {
            let mut bytes = [0_u8; 8];
            // Without system randomness the ids repeat, which a simulation survives.
            let _ = getrandom::fill(&mut bytes);
            u64::from_le_bytes(bytes)
        };
        let mut machine = Platform::new(config, Rng::new(random));
        let entry = DeviceEntry::password(&options.password);
        machine.allow(options.lower, entry).map_err(|e| SimError::Setting(e.to_string()))?;
        let ssrcs = SsrcPool::new(&options.id, 0);
        Ok(Self {
            options,
            machine,
            udp,
            address,
            links: HashMap::new(),
            next_conn: 0,
            calls: HashMap::new(),
            next_session: 0,
            ssrcs,
            tell,
            lines,
            began: Instant::now(),
        })
    }

    fn now(&self) -> Now {
        let mono = MonoMs(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX));
        Now { utc: UtcMs(system_utc_ms()), mono }
    }

    async fn say(&self, line: String) {
        // Nobody listens any more: the run ends soon.
        let _ = self.lines.send(line).await;
    }

    fn hear(&mut self, told: Told) {
        let now = self.now();
        match told {
            Told::Accepted(stream, from) if self.links.len() < CONNECTIONS => {
                self.next_conn += 1;
                let conn = ConnId(self.next_conn);
                let (mut reading, writer) = stream.into_split();
                let tell = self.tell.clone();
                let reader = tokio::spawn(async move {
                    let mut buffer = vec![0_u8; 16_384];
                    while let Ok(length @ 1..) = reading.read(&mut buffer).await {
                        let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                        if tell.send(Told::Bytes(conn, bytes)).await.is_err() {
                            return;
                        }
                    }
                    let _ = tell.send(Told::Closed(conn)).await;
                });
                self.links.insert(conn, Link { writer, reader });
                self.machine.handle(Input::TcpOpened { conn, from }, now);
            }
            Told::Accepted(..) => {}
            Told::Bytes(conn, bytes) => self.machine.handle(Input::TcpBytes { conn, bytes: &bytes }, now),
            Told::Closed(conn) => {
                self.links.remove(&conn);
                self.machine.handle(Input::TcpClosed { conn }, now);
            }
        }
    }

    // ---- orders ----

    async fn order(&mut self, line: &str) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (lower, now) = (self.options.lower, self.now());
        let done = match words.as_slice() {
            [] => return,
            ["catalog"] => self.machine.query_catalog(lower, now).map(|_| ()).map_err(|e| e.to_string()),
            ["info"] => self.machine.query_device_info(lower, now).map(|_| ()).map_err(|e| e.to_string()),
            ["status"] => self.machine.query_device_status(lower, now).map(|_| ()).map_err(|e| e.to_string()),
            ["subscribe", topic] => {
                let topic = if *topic == "alarm" { Topic::Alarm } else { Topic::Catalog };
                self.machine.subscribe(lower, topic, 600, now).map_err(|e| e.to_string())
            }
            ["control", channel, order] => self.control(channel, order, now),
            ["play", channel, transport] => self.play(channel, transport, None, now).await,
            ["play", channel, transport, file] => self.play(channel, transport, Some(PathBuf::from(file)), now).await,
            ["bye", session] => self.bye(session, now),
            ["nonsense", rest @ ..] => self.nonsense(&rest.join(" ")).await,
            _ => Err("not understood".to_owned()),
        };
        if let Err(why) = done {
            self.say(format!("failed {line}: {why}")).await;
        }
    }

    fn control(&mut self, channel: &str, order: &str, now: Now) -> Result<(), String> {
        let order = match order {
            "guard" => Control::SetGuard,
            "unguard" => Control::ResetGuard,
            "reset" => Control::ResetAlarm,
            "keyframe" => Control::KeyFrame,
            "reboot" => Control::Reboot,
            other => return Err(format!("no order {other}")),
        };
        let channel = GbId::parse(channel).ok_or("no code")?;
        self.machine.control(self.options.lower, channel, order, now).map(|_| ()).map_err(|e| e.to_string())
    }

    async fn play(&mut self, channel: &str, transport: &str, file: Option<PathBuf>, now: Now) -> Result<(), String> {
        let transport = match transport {
            "udp" => MediaTransport::Udp,
            "tcp" => MediaTransport::TcpPassive,
            "tcp-active" => MediaTransport::TcpActive,
            other => return Err(format!("no transport {other}")),
        };
        let channel = GbId::parse(channel).ok_or("no code")?;
        let ssrc = self.ssrcs.allocate(false).ok_or("no free SSRC")?;
        let ip = self.address.ip();
        let (media, address) = MediaIn::open(transport, ip).await.map_err(|e| e.to_string())?;
        self.next_session += 1;
        let session = SessionId(self.next_session);
        let invite = Invite { session, device: self.options.lower, channel, ssrc, media: address, transport };
        self.machine.invite(&invite, now).map_err(|e| e.to_string())?;
        self.calls.insert(session, Call { media: Some(media), transport, file, ssrc: ssrc.0, task: None });
        self.say(format!("asked {} {channel} {ssrc}", session.0)).await;
        Ok(())
    }

    fn bye(&mut self, session: &str, now: Now) -> Result<(), String> {
        let session = SessionId(session.parse().map_err(|_| "no number")?);
        self.machine.bye(session, now).map_err(|e| e.to_string())
    }

    /// Sends text as it is, over whatever the lower platform registered with.
    async fn nonsense(&mut self, text: &str) -> Result<(), String> {
        let view = self.machine.device(self.options.lower).ok_or("not registered")?;
        let bytes = text.replace("\\r", "\r").replace("\\n", "\n").into_bytes();
        self.send(view.peer, &bytes).await;
        Ok(())
    }

    // ---- what the machine wants ----

    async fn send(&mut self, to: Peer, bytes: &[u8]) {
        match to {
            // Lost datagrams are sent again by the machine.
            Peer::Udp(to) => drop(self.udp.send_to(bytes, to).await),
            Peer::Tcp(conn) => {
                if let Some(link) = self.links.get_mut(&conn)
                    && link.writer.write_all(bytes).await.is_err()
                {
                    self.links.remove(&conn);
                }
            }
        }
    }

    async fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Send { to, bytes } => self.send(to, &bytes).await,
                Output::Close { conn } => {
                    self.links.remove(&conn);
                    let now = self.now();
                    self.machine.handle(Input::TcpClosed { conn }, now);
                }
                Output::Event(event) => self.event(event).await,
            }
        }
    }

    async fn event(&mut self, event: Event) {
        let line = match event {
            Event::Registered { device, addr, algorithm, .. } => {
                format!("registered {device} {addr} {}", algorithm.name())
            }
            Event::Keepalive { ok, .. } => format!("keepalive {ok}"),
            Event::Offline { device, reason } => format!("offline {device} {reason:?}"),
            Event::RegisterRefused { device, why, .. } => format!("refused {device} {why:?}"),
            Event::Catalog { items, complete, .. } => {
                for item in &items {
                    let state = if item.online == Some(true) { "on" } else { "off" };
                    self.say(format!("channel {} {state} {}", item.device_id, item.name)).await;
                }
                format!("catalog {} {complete}", items.len())
            }
            Event::CatalogChanged { changes, .. } => {
                for change in &changes {
                    self.say(format!("changed {} {:?}", change.item.device_id, change.event)).await;
                }
                return;
            }
            Event::Subscribed { topic, expires_s, .. } => format!("subscribed {topic:?} {expires_s}"),
            Event::SubscribeRefused { topic, code, .. } => format!("unsubscribed {topic:?} {code:?}"),
            Event::DeviceInfo { info, .. } => format!("info {} {} {}", info.name, info.manufacturer, info.model),
            Event::DeviceStatus { status, .. } => format!("status {:?}", status.online),
            Event::ControlResult { ok, .. } => format!("control {ok}"),
            Event::QueryFailed { kind, code, .. } => format!("no-answer {kind:?} {code:?}"),
            Event::StreamAnswered { session, ssrc, media, .. } => {
                return self.answered(session, ssrc.map(|s| s.0), media).await;
            }
            Event::StreamRefused { session, code, .. } => {
                self.calls.remove(&session);
                format!("no-stream {} {code}", session.0)
            }
            Event::StreamTimeout { session, .. } => {
                self.calls.remove(&session);
                format!("no-stream {} timeout", session.0)
            }
            Event::StreamEnded { session, by } => {
                self.calls.remove(&session);
                format!("ended {} {by:?}", session.0)
            }
            Event::Alarm { device, source, sn, alarm } => {
                if self.options.confirms {
                    let now = self.now();
                    let _ = self.machine.confirm_alarm(device, source, sn, now);
                }
                let (method, kind) = (alarm.method.unwrap_or(0), alarm.alarm_type.unwrap_or(0));
                format!("alarm {source} {method} {kind} {}", alarm.description)
            }
            Event::Malformed { why, .. } => format!("malformed {why}"),
            Event::Unhandled { what, .. } => format!("unhandled {what}"),
            Event::Refreshed { .. }
            | Event::Resumed { .. }
            | Event::Moved { .. }
            | Event::IdConflict { .. }
            | Event::MediaStatus { .. } => return,
        };
        self.say(line).await;
    }

    async fn answered(&mut self, session: SessionId, ssrc: Option<u32>, from: Option<SocketAddr>) {
        let lines = self.lines.clone();
        let told = ssrc.map_or_else(|| "none".to_owned(), |s| s.to_string());
        self.say(format!("answered {} {told}", session.0)).await;
        let Some(call) = self.calls.get_mut(&session) else { return };
        let (Some(media), file) = (call.media.take(), call.file.clone()) else { return };
        // Across domains the answering side chooses the SSRC.
        let (ssrc, transport) = (ssrc.unwrap_or(call.ssrc), call.transport);
        call.task = Some(tokio::spawn(async move {
            if let Err(error) = media.run(session.0, ssrc, transport, from, file, &lines).await {
                let _ = lines.send(format!("media-failed {} {error}", session.0)).await;
            }
        }));
    }
}
