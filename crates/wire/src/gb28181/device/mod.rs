//! The lower side of GB/T 28181, sans-IO: a camera (what the simulator runs, and what the platform is tested against), or a whole
//! platform towards the one above it.
//!
//! Inputs and ticks in; messages and [`DeviceEvent`]s out, as on the platform's side. It registers, keeps alive, answers
//! queries, subscriptions and invitations, and can be told to show the habits of real devices ([`DeviceConfig`]). Invariants: one
//! registration, one connection (TCP), at most [`MAX_CALLS`] calls and [`MAX_PAGES`] waiting catalogue pages; what asks without
//! right is refused (403) and told ([`DeviceEvent::Refused`]).

mod answers;
mod calls;
mod subscriptions;

pub use calls::{CallId, MAX_CALLS, SsrcAnswer};
pub use subscriptions::Topic;

use super::digest::{Algorithm, Challenge, ClientAuth};
use super::manscdp::{Alarm, Body, CONTENT_TYPE, CatalogItem, Control, DeviceInfo, Manscdp};
use super::sdp::Session;
use super::sip::{Message, Method, NameAddr, StreamFramer, Uri};
use super::txn::{ServerId, Transactions, TxnEvent};
use super::xml::Charset;
use super::{ConnId, GbId, Input, Peer, Rng};
use base::{MonoMs, Now, UtcMs};
use calls::Call;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use subscriptions::Subscription;

/// Most catalogue pages waiting to be sent. A further query is refused with 486.
pub const MAX_PAGES: usize = 4_096;

/// Settings of a device; [`DeviceConfig::new`] gives an ordinary camera.
#[derive(Clone, Debug)]
pub struct DeviceConfig {
    /// The device's code.
    pub id: GbId,
    /// Digest user name; usually the code.
    pub username: String,
    /// Password.
    pub password: base::Pii<String>,
    /// The platform's code.
    pub platform: GbId,
    /// The platform's address.
    pub platform_addr: SocketAddr,
    /// Own address in Via and Contact.
    pub local: SocketAddr,
    /// Signalling over TCP: waits for `Input::TcpOpened` before it registers.
    pub tcp: bool,
    /// Registration time asked for, s.
    pub expires_s: u32,
    /// Keepalive interval, ms.
    pub keepalive_ms: u64,
    /// Unanswered keepalives after which it registers again.
    pub keepalive_misses: u32,
    /// Wait after a refused registration, ms (standard: at least 60 s).
    pub retry_ms: u64,
    /// Charset of its bodies.
    pub charset: Charset,
    /// `X-GB-Ver`; `None`: not sent (2016 and older).
    pub gb_version: Option<String>,
    /// Algorithms it knows; of those offered it takes the first of this list.
    pub algorithms: Vec<Algorithm>,
    /// Answer to DeviceInfo.
    pub info: DeviceInfo,
    /// Its catalogue.
    pub channels: Vec<CatalogItem>,
    /// Catalogue items a page.
    pub page_items: usize,
    /// Pages never sent (0-based): real recorders stop part-way.
    pub lost_pages: Vec<usize>,
    /// Most calls it accepts; beyond, 486.
    pub max_calls: usize,
    /// Carries out orders (guard, alarm reset, restart). Off, as for a platform towards the one above it: refused with 403; asking
    /// for a key picture is always free.
    pub obeys: bool,
    /// Answers only the platform's own host, and only while registered; anyone else gets 403.
    pub only_platform: bool,
}

impl DeviceConfig {
    /// An ordinary camera with one channel, itself.
    #[must_use]
    pub fn new(id: GbId, password: &str, platform: GbId, platform_addr: SocketAddr, local: SocketAddr) -> Self {
        let channel = CatalogItem {
            device_id: id.to_string(),
            name: format!("camera {}", id.as_str().get(16..).unwrap_or_default()),
            manufacturer: "jifang".into(),
            model: "simulator".into(),
            civil_code: id.as_str().get(..6).unwrap_or_default().into(),
            parent_id: platform.to_string(),
            online: Some(true),
            ..CatalogItem::default()
        };
        let info = DeviceInfo {
            name: channel.name.clone(),
            manufacturer: "jifang".into(),
            model: "simulator".into(),
            firmware: env!("CARGO_PKG_VERSION").into(),
            channels: Some(1),
        };
        Self {
            id,
            username: id.to_string(),
            password: base::Pii::new(password.to_owned()),
            platform,
            platform_addr,
            local,
            tcp: false,
            expires_s: 3_600,
            keepalive_ms: 60_000,
            keepalive_misses: 3,
            retry_ms: 60_000,
            charset: Charset::Gb2312,
            gb_version: Some("3.0".into()),
            algorithms: vec![Algorithm::Sha256, Algorithm::Md5],
            info,
            channels: vec![channel],
            page_items: 4,
            lost_pages: Vec::new(),
            max_calls: MAX_CALLS,
            obeys: true,
            only_platform: false,
        }
    }
}

/// What a device tells its driver.
#[derive(Clone, PartialEq, Debug)]
pub enum DeviceEvent {
    /// Registered or renewed.
    Registered {
        /// The platform's clock (`Date`), where readable.
        date: Option<UtcMs>,
        /// Time granted, s.
        expires_s: u32,
    },
    /// The registration was refused or not answered; it will be tried again.
    RegisterFailed {
        /// SIP code; `None`: no answer.
        code: Option<u16>,
    },
    /// Deregistered as asked.
    Deregistered,
    /// The platform sent us to another server (302); registration goes on there.
    Redirected {
        /// Where.
        to: SocketAddr,
    },
    /// A keepalive was answered.
    KeepaliveAnswered,
    /// A keepalive was refused or not answered.
    KeepaliveMissed {
        /// How many in a row.
        missed: u32,
        /// SIP code; `None`: no answer.
        code: Option<u16>,
    },
    /// The platform no longer answers keepalives; the device registers again.
    PlatformLost,
    /// TCP only: a connection to the platform is wanted; answer with `Input::TcpOpened`.
    ConnectWanted {
        /// Where to.
        to: SocketAddr,
    },
    /// The platform wants a stream: answer with `answer` or `refuse`.
    PlayRequested {
        /// The call.
        call: CallId,
        /// Channel asked for.
        channel: GbId,
        /// The offer; where to send, which SSRC, how.
        offer: Session,
    },
    /// The platform acknowledged the answer.
    PlayConfirmed {
        /// The call.
        call: CallId,
    },
    /// The call is over: stop sending.
    PlayEnded {
        /// The call.
        call: CallId,
    },
    /// An order came (already answered where an answer is due).
    Controlled {
        /// The channel.
        channel: GbId,
        /// The order.
        order: Control,
    },
    /// The platform confirmed an alarm.
    AlarmConfirmed {
        /// SN of the alarm.
        sn: u64,
    },
    /// The platform's SIP answer to an alarm: it arrived. [`Self::AlarmConfirmed`] follows from platforms that confirm.
    AlarmTaken {
        /// SN of the alarm.
        sn: u64,
    },
    /// An alarm was refused or not answered.
    AlarmFailed {
        /// SN of the alarm.
        sn: u64,
        /// SIP code; `None`: no answer.
        code: Option<u16>,
    },
    /// The platform subscribed, or renewed.
    Subscribed {
        /// To what.
        topic: Topic,
        /// For how long, s.
        expires_s: u32,
    },
    /// A subscription was ended or went with the registration.
    Unsubscribed {
        /// To what.
        topic: Topic,
    },
    /// A request was refused: unknown channel (404), no right (403).
    Refused {
        /// SIP method and, for MESSAGE, CmdType.
        what: String,
        /// The code given.
        code: u16,
    },
    /// Bytes that are no SIP or XML.
    Malformed {
        /// What is wrong.
        why: String,
    },
}

/// What a device hands to its driver.
pub type DeviceOutput = super::Output<DeviceEvent>;

/// Why a command was not carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DeviceError {
    /// No such call, or it is in another state.
    #[error("no such call")]
    NoCall,
    /// Not registered.
    #[error("not registered")]
    NotRegistered,
    /// The platform is not subscribed to it.
    #[error("not subscribed")]
    NotSubscribed,
    /// Too many open transactions.
    #[error("too many transactions")]
    TooMany,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    Register { expires_s: u32, tries: u8 },
    Keepalive,
    Page,
    Alarm(u64),
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Link {
    /// Not started, or no connection yet.
    Idle,
    Registering,
    Registered,
    Waiting,
    Leaving,
}

/// One simulated device.
#[derive(Debug)]
pub struct Device {
    config: DeviceConfig,
    rng: Rng,
    txns: Transactions<Purpose>,
    conn: Option<(ConnId, StreamFramer)>,
    link: Link,
    auth: Option<ClientAuth>,
    register_call: String,
    register_tag: String,
    cseq: u32,
    /// Next REGISTER (first, renewal or retry).
    register_at: Option<MonoMs>,
    keepalive_at: Option<MonoMs>,
    missed: u32,
    sn: u64,
    calls: HashMap<CallId, Call>,
    next_call: u64,
    pages: VecDeque<Vec<u8>>,
    page_open: bool,
    subscriptions: BTreeMap<Topic, Subscription>,
    /// The platform as configured; `config.platform_addr` is where a redirection led.
    home: SocketAddr,
    out: VecDeque<DeviceOutput>,
}

impl Device {
    /// A device that does nothing until [`Self::start`].
    #[must_use]
    pub fn new(config: DeviceConfig, mut rng: Rng) -> Self {
        let (register_call, register_tag) = (rng.token(), rng.short_token());
        let home = config.platform_addr;
        Self {
            config,
            rng,
            txns: Transactions::new(1_024),
            conn: None,
            link: Link::Idle,
            auth: None,
            register_call,
            register_tag,
            cseq: 0,
            register_at: None,
            keepalive_at: None,
            missed: 0,
            sn: 0,
            calls: HashMap::new(),
            next_call: 0,
            pages: VecDeque::new(),
            page_open: false,
            subscriptions: BTreeMap::new(),
            home,
            out: VecDeque::new(),
        }
    }

    // ---- the driver's calls ----

    /// Begins: registers (UDP), or asks for a connection (TCP).
    pub fn start(&mut self, now: Now) {
        self.register_at = Some(now.mono);
        self.handle(Input::Tick, now);
    }

    /// Takes in one input.
    pub fn handle(&mut self, input: Input<'_>, now: Now) {
        match input {
            Input::Datagram { from, bytes } => self.receive(Peer::Udp(from), from, bytes, now),
            Input::TcpOpened { conn, .. } => {
                self.conn = Some((conn, StreamFramer::new()));
                self.register_at = Some(now.mono);
            }
            Input::TcpBytes { conn, bytes } => self.stream_bytes(conn, bytes, now),
            Input::TcpClosed { conn } => self.closed(conn, now),
            Input::Tick => {}
        }
        self.txns.tick(now.mono);
        self.run_timers(now);
        self.pump(now);
    }

    /// The next thing to do, oldest first.
    pub fn poll_output(&mut self) -> Option<DeviceOutput> {
        self.out.pop_front()
    }

    /// When `handle(Input::Tick, ..)` is next needed.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonoMs> {
        [self.txns.next_deadline(), self.register_at, self.keepalive_at].into_iter().flatten().min()
    }

    /// True between a successful REGISTER and its loss.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.link == Link::Registered
    }

    /// Deregisters (Expires 0) and ends all calls.
    pub fn stop(&mut self, now: Now) {
        self.end_all_calls(true, now.mono);
        self.end_subscriptions();
        self.keepalive_at = None;
        self.register_at = None;
        self.link = Link::Leaving;
        self.send_register(0, 0, now.mono);
        self.pump(now);
    }

    /// Sends an alarm, as NOTIFY to a platform that subscribed to alarms and as MESSAGE otherwise; returns its SN.
    /// [`DeviceEvent::AlarmTaken`] or `AlarmFailed` follows.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub fn alarm(&mut self, source: GbId, alarm: Alarm, now: Now) -> Result<u64, DeviceError> {
        if self.link != Link::Registered {
            return Err(DeviceError::NotRegistered);
        }
        self.sn += 1;
        let sn = self.sn;
        let body = Manscdp::new(sn, source, Body::Alarm(alarm)).encode(self.config.charset);
        if self.is_subscribed(Topic::Alarm, now.mono) {
            self.notify(Topic::Alarm, body, Purpose::Alarm(sn), now.mono)?;
        } else {
            self.send_message(body, Purpose::Alarm(sn), now.mono)?;
        }
        self.pump(now);
        Ok(sn)
    }

    // ---- receiving ----

    fn emit(&mut self, event: DeviceEvent) {
        self.out.push_back(super::Output::Event(event));
    }

    fn stream_bytes(&mut self, conn: ConnId, bytes: &[u8], now: Now) {
        match self.conn.as_mut() {
            Some((own, framer)) if *own == conn => framer.push(bytes),
            _ => return,
        }
        while let Some((_, framer)) = self.conn.as_mut() {
            match framer.next_message() {
                Ok(Some(message)) => self.receive(Peer::Tcp(conn), self.config.platform_addr, &message, now),
                Ok(None) => return,
                Err(error) => {
                    self.emit(DeviceEvent::Malformed { why: error.to_string() });
                    self.out.push_back(super::Output::Close { conn });
                    return self.closed(conn, now);
                }
            }
        }
    }

    fn closed(&mut self, conn: ConnId, now: Now) {
        if self.conn.as_ref().is_none_or(|(own, _)| *own != conn) {
            return;
        }
        self.conn = None;
        self.end_all_calls(false, now.mono);
        self.end_subscriptions();
        self.txns.connection_lost(Peer::Tcp(conn));
        self.keepalive_at = None;
        self.register_at = (self.link != Link::Leaving).then(|| now.mono.plus_ms(1_000));
        self.link = Link::Idle;
    }

    fn receive(&mut self, peer: Peer, source: SocketAddr, bytes: &[u8], now: Now) {
        match self.txns.receive_bytes(peer, source, bytes, now.mono) {
            Ok(()) => self.pump(now),
            Err(error) => self.emit(DeviceEvent::Malformed { why: error.to_string() }),
        }
    }

    fn pump(&mut self, now: Now) {
        while let Some(event) = self.txns.poll_event() {
            match event {
                TxnEvent::Request(id, peer, message) => self.on_request(id, peer, &message, now),
                TxnEvent::Ack(_, message) => self.on_ack(&message),
                TxnEvent::Cancelled(id) => self.on_cancelled(id, now),
                TxnEvent::NoAck(id) => self.on_no_ack(id, now),
                TxnEvent::Response(_, purpose, message) => self.on_response(purpose, &message, now),
                TxnEvent::Timeout(_, purpose) => self.on_timeout(purpose, now),
            }
        }
        while let Some((to, bytes)) = self.txns.poll_send() {
            if !matches!(to, Peer::Tcp(conn) if self.conn.as_ref().is_none_or(|(own, _)| *own != conn)) {
                self.out.push_back(super::Output::Send { to, bytes });
            }
        }
    }

    /// The sender is the platform, as far as its address tells, and we are registered with it.
    fn is_platform(&self, peer: Peer) -> bool {
        let from_there = match peer {
            Peer::Udp(from) => from.ip() == self.config.platform_addr.ip(),
            // We made the connection.
            Peer::Tcp(_) => true,
        };
        from_there && self.link == Link::Registered
    }

    /// Refuses a request and tells of it.
    fn turn_away(&mut self, id: ServerId, request: &Message, what: &str, code: u16, now: Now) {
        self.reply(id, request, code, now);
        let what = what.chars().take(64).collect();
        self.emit(DeviceEvent::Refused { what, code });
    }

    fn on_request(&mut self, id: ServerId, peer: Peer, message: &Message, now: Now) {
        if self.config.only_platform && !self.is_platform(peer) && message.method() != Some(Method::Options) {
            let method = message.method().map_or_else(String::new, |m| m.as_str().to_owned());
            return self.turn_away(id, message, &method, 403, now);
        }
        match message.method() {
            Some(Method::Subscribe) => self.on_subscribe(id, message, now),
            Some(Method::Invite) => self.on_invite(id, message, now),
            Some(Method::Bye) => self.on_bye(id, message, now),
            Some(Method::Message) => self.on_message(id, message, now),
            Some(Method::Options | Method::Info | Method::Notify) => self.reply(id, message, 200, now),
            _ => self.reply(id, message, 405, now),
        }
    }

    fn reply(&mut self, id: ServerId, request: &Message, code: u16, now: Now) {
        let tag = self.rng.short_token();
        self.txns.respond(id, &Message::response(request, code, &tag), now.mono);
    }

    fn on_response(&mut self, purpose: Purpose, message: &Message, now: Now) {
        let code = message.code().unwrap_or(500);
        if code < 200 {
            return;
        }
        match purpose {
            Purpose::Register { expires_s, tries } => self.on_register_response(expires_s, tries, message, now),
            Purpose::Keepalive if code < 300 => {
                self.missed = 0;
                self.emit(DeviceEvent::KeepaliveAnswered);
            }
            Purpose::Keepalive => self.keepalive_lost(Some(code), now),
            Purpose::Page => self.next_page(now.mono),
            Purpose::Alarm(sn) if code < 300 => self.emit(DeviceEvent::AlarmTaken { sn }),
            Purpose::Alarm(sn) => self.emit(DeviceEvent::AlarmFailed { sn, code: Some(code) }),
            Purpose::Other => {}
        }
    }

    fn on_timeout(&mut self, purpose: Purpose, now: Now) {
        match purpose {
            Purpose::Register { .. } if self.link != Link::Idle => self.register_failed(None, now),
            Purpose::Keepalive => self.keepalive_lost(None, now),
            Purpose::Page => self.next_page(now.mono),
            Purpose::Alarm(sn) => self.emit(DeviceEvent::AlarmFailed { sn, code: None }),
            Purpose::Register { .. } | Purpose::Other => {}
        }
    }

    // ---- registration ----

    fn peer(&self) -> Option<Peer> {
        if self.config.tcp {
            self.conn.as_ref().map(|(conn, _)| Peer::Tcp(*conn))
        } else {
            Some(Peer::Udp(self.config.platform_addr))
        }
    }

    fn contact(&self) -> String {
        let local = self.config.local;
        let uri = Uri { user: self.config.id.to_string(), host: local.ip().to_string(), port: Some(local.port()) };
        format!("<{uri}>")
    }

    fn platform_uri(&self) -> String {
        format!("sip:{}@{}", self.config.platform, self.config.platform.domain())
    }

    /// A request outside any call.
    fn request(&mut self, method: Method, peer: Peer, call_id: &str, tag: &str, cseq: u32) -> Message {
        let uri = self.platform_uri();
        let own = format!("sip:{}@{}", self.config.id, self.config.id.domain());
        let to = if method == Method::Register { own.clone() } else { uri.clone() };
        let mut message = Message::request(method.clone(), &uri);
        let branch = self.rng.token();
        let via = format!("SIP/2.0/{} {};rport;branch=z9hG4bK{branch}", peer.via_name(), self.config.local);
        message.headers.push("Via", &via);
        message.headers.push("From", &format!("<{own}>;tag={tag}"));
        message.headers.push("To", &format!("<{to}>"));
        message.headers.push("Call-ID", call_id);
        message.headers.push("CSeq", &format!("{cseq} {}", method.as_str()));
        message
    }

    fn send_register(&mut self, expires_s: u32, tries: u8, now: MonoMs) {
        let Some(peer) = self.peer() else { return };
        self.cseq += 1;
        let (call, tag) = (self.register_call.clone(), self.register_tag.clone());
        let mut message = self.request(Method::Register, peer, &call, &tag, self.cseq);
        message.headers.push("Contact", &self.contact());
        message.headers.push("Expires", &expires_s.to_string());
        if let Some(version) = &self.config.gb_version {
            message.headers.push("X-GB-Ver", version);
        }
        let (uri, cnonce) = (self.platform_uri(), self.rng.short_token());
        if let Some(auth) = &mut self.auth {
            let value = auth.authorize("REGISTER", &uri, &cnonce);
            message.headers.push("Authorization", &value);
        }
        if self.link != Link::Leaving {
            // Registered stays registered while it renews.
            self.link = if self.link == Link::Registered { Link::Registered } else { Link::Registering };
        }
        let _ = self.txns.request(peer, message, Purpose::Register { expires_s, tries }, now);
    }

    fn on_register_response(&mut self, expires_s: u32, tries: u8, message: &Message, now: Now) {
        match message.code() {
            Some(401) if tries < 2 => {
                let offered = Challenge::all(message);
                let known = self.config.algorithms.iter();
                let chosen = known.filter_map(|a| offered.iter().find(|c| c.algorithm == *a)).next().cloned();
                let Some(challenge) = chosen else { return self.register_failed(Some(401), now) };
                self.auth = Some(ClientAuth::new(challenge, &self.config.username, self.config.password.expose()));
                self.send_register(expires_s, tries + 1, now.mono);
            }
            Some(code) if (200..300).contains(&code) => {
                if expires_s == 0 {
                    self.link = Link::Idle;
                    return self.emit(DeviceEvent::Deregistered);
                }
                let granted = message.headers.get("Expires").and_then(|e| e.trim().parse().ok()).unwrap_or(expires_s);
                let date = message.headers.get("Date").and_then(UtcMs::parse_shanghai);
                if self.link != Link::Registered {
                    self.keepalive_at = Some(now.mono.plus_ms(self.config.keepalive_ms));
                }
                self.link = Link::Registered;
                self.missed = 0;
                // Renew at two thirds of the time granted.
                self.register_at = Some(now.mono.plus_ms(u64::from(granted).max(3) * 1_000 / 3 * 2));
                self.emit(DeviceEvent::Registered { date, expires_s: granted });
            }
            Some(302) if expires_s > 0 && self.config.platform_addr == self.home => self.redirected(message, now),
            code => self.register_failed(code, now),
        }
    }

    /// 302 (2022): registration goes on at the server named. One step only; from there the way leads back home.
    fn redirected(&mut self, message: &Message, now: Now) {
        let contact = message.headers.get("Contact").and_then(NameAddr::parse);
        // A name would have to be looked up, which is not for this machine.
        let Some(to) = contact.and_then(|c| c.uri.socket()).filter(|to| *to != self.home) else {
            return self.register_failed(Some(302), now);
        };
        self.go_to(to);
        self.emit(DeviceEvent::Redirected { to });
        self.register_at = Some(now.mono);
    }

    /// From now on the platform is reached there.
    fn go_to(&mut self, to: SocketAddr) {
        if self.config.platform_addr == to {
            return;
        }
        self.config.platform_addr = to;
        self.auth = None;
        self.link = if self.link == Link::Leaving { Link::Leaving } else { Link::Waiting };
        (self.register_call, self.register_tag) = (self.rng.token(), self.rng.short_token());
        if let Some((conn, _)) = self.conn.take() {
            self.txns.connection_lost(Peer::Tcp(conn));
            self.out.push_back(super::Output::Close { conn });
        }
    }

    fn register_failed(&mut self, code: Option<u16>, now: Now) {
        self.auth = None;
        self.keepalive_at = None;
        self.end_subscriptions();
        self.emit(DeviceEvent::RegisterFailed { code });
        self.go_to(self.home);
        if self.link == Link::Leaving {
            self.link = Link::Idle;
        } else {
            self.link = Link::Waiting;
            self.register_at = Some(now.mono.plus_ms(self.config.retry_ms));
        }
    }

    fn keepalive_lost(&mut self, code: Option<u16>, now: Now) {
        self.missed += 1;
        self.emit(DeviceEvent::KeepaliveMissed { missed: self.missed, code });
        if self.missed >= self.config.keepalive_misses && self.link == Link::Registered {
            self.missed = 0;
            self.keepalive_at = None;
            self.link = Link::Waiting;
            self.register_at = Some(now.mono);
            self.end_subscriptions();
            self.emit(DeviceEvent::PlatformLost);
            self.go_to(self.home);
        }
    }

    fn send_message(&mut self, body: Vec<u8>, purpose: Purpose, now: MonoMs) -> Result<(), DeviceError> {
        let peer = self.peer().ok_or(DeviceError::NotRegistered)?;
        let (call, tag) = (self.rng.token(), self.rng.short_token());
        let message = self.request(Method::Message, peer, &call, &tag, 1).with_body(CONTENT_TYPE, body);
        self.txns.request(peer, message, purpose, now).map(|_| ()).map_err(|_| DeviceError::TooMany)
    }

    fn run_timers(&mut self, now: Now) {
        if self.register_at.is_some_and(|at| at <= now.mono) {
            self.register_at = None;
            if self.peer().is_some() {
                let expires_s = self.config.expires_s;
                self.send_register(expires_s, 0, now.mono);
            } else {
                self.emit(DeviceEvent::ConnectWanted { to: self.config.platform_addr });
            }
        }
        if self.keepalive_at.is_some_and(|at| at <= now.mono) {
            self.keepalive_at = Some(now.mono.plus_ms(self.config.keepalive_ms));
            self.sn += 1;
            let body = Manscdp::new(self.sn, self.config.id, Body::Keepalive { ok: true, faulty: Vec::new() });
            let _ = self.send_message(body.encode(self.config.charset), Purpose::Keepalive, now.mono);
        }
    }
}
