//! The platform's (server's) side of GB/T 28181, sans-IO.
//!
//! Datagrams, stream bytes, ticks and commands go in; messages to send and [`Event`]s come out. Parts: `register`
//! (who is let in, and from where), `message` (MANSCDP: keepalive, queries, alarms), `dialog` (live streams).
//! Invariants: a device without a directory entry is refused; every table is bounded (see [`PlatformConfig`]);
//! whatever one sender sends, only its own device is affected; drain `poll_output` after every call.

mod dialog;
mod message;
mod register;
mod subscribe;
mod types;

#[cfg(test)]
mod tests;

pub use types::*;

use super::device::Topic;
use super::digest::NonceStore;
use super::manscdp::Control;
use super::sip::{Message, Method, StreamFramer, Uri};
use super::txn::{ClientId, ServerId, Transactions, TxnEvent};
use super::xml::Charset;
use super::{ConnId, GbId, Input, Peer, Rng};
use base::{MonoMs, Now};
use dialog::Dialog;
use message::Query;
use register::Device;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use subscribe::Subscription;

/// What the platform hands to its driver.
pub type Output = super::Output<Event>;

/// Why a request of ours was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    Invite(SessionId),
    Query(GbId, u64),
    Subscribe(GbId, Topic, u32),
    /// BYE, CANCEL, orders without answer: nothing waits for it.
    Forget,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Device(GbId),
    Query(GbId, u64),
    Invite(SessionId),
}

#[derive(Debug)]
struct Conn {
    from: SocketAddr,
    framer: StreamFramer,
}

/// The server side of one SIP domain.
#[derive(Debug)]
pub struct Platform {
    config: PlatformConfig,
    rng: Rng,
    txns: Transactions<Purpose>,
    nonces: NonceStore,
    devices: HashMap<GbId, Device>,
    by_peer: HashMap<Peer, GbId>,
    conns: HashMap<ConnId, Conn>,
    dialogs: HashMap<SessionId, Dialog>,
    by_call: HashMap<String, SessionId>,
    queries: HashMap<(GbId, u64), Query>,
    subscriptions: HashMap<(GbId, Topic), Subscription>,
    /// Last time a refusal was told, per claimed code; bounded, see `register`.
    told: HashMap<(GbId, RegisterRefusal), MonoMs>,
    timers: BTreeSet<(MonoMs, Timer)>,
    next_sn: u64,
    out: VecDeque<Output>,
}

impl Platform {
    /// A platform with an empty directory. `rng` must be cryptographically strong in production.
    #[must_use]
    pub fn new(config: PlatformConfig, rng: Rng) -> Self {
        let txns = Transactions::new(config.max_transactions);
        let nonces = NonceStore::new(config.nonce_life_ms, config.max_devices.saturating_mul(2));
        Self {
            config,
            rng,
            txns,
            nonces,
            devices: HashMap::new(),
            by_peer: HashMap::new(),
            conns: HashMap::new(),
            dialogs: HashMap::new(),
            by_call: HashMap::new(),
            queries: HashMap::new(),
            subscriptions: HashMap::new(),
            told: HashMap::new(),
            timers: BTreeSet::new(),
            next_sn: 0,
            out: VecDeque::new(),
        }
    }

    // ---- the driver's calls ----

    /// Lets a device in, or changes its password (a registration in force stays).
    ///
    /// # Errors
    /// [`CommandError::DirectoryFull`].
    pub fn allow(&mut self, device: GbId, entry: DeviceEntry) -> Result<(), CommandError> {
        if let Some(known) = self.devices.get_mut(&device) {
            known.entry = entry;
        } else if self.devices.len() >= self.config.max_devices {
            return Err(CommandError::DirectoryFull);
        } else {
            self.devices.insert(device, Device::new(entry, self.config.register_burst));
        }
        Ok(())
    }

    /// Removes a device from the directory; if it was online it goes offline and its streams end.
    pub fn remove(&mut self, device: GbId, now: Now) {
        self.offline(device, OfflineReason::Removed, now.mono);
        self.devices.remove(&device);
        self.pump(now);
    }

    /// Takes in one input. Time must not go backwards between calls.
    pub fn handle(&mut self, input: Input<'_>, now: Now) {
        match input {
            Input::Datagram { from, bytes } => self.receive(Peer::Udp(from), from, bytes, now),
            Input::TcpOpened { conn, from } => {
                if self.conns.len() >= self.config.max_connections {
                    self.out.push_back(Output::Close { conn });
                } else {
                    self.conns.insert(conn, Conn { from, framer: StreamFramer::new() });
                }
            }
            Input::TcpBytes { conn, bytes } => self.stream_bytes(conn, bytes, now),
            Input::TcpClosed { conn } => self.closed(conn, now),
            Input::Tick => {}
        }
        self.txns.tick(now.mono);
        self.run_timers(now);
        self.pump(now);
    }

    /// Asks a device for a live stream; [`Event::StreamAnswered`], `StreamRefused` or `StreamTimeout` follows.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn invite(&mut self, invite: &Invite, now: Now) -> Result<(), CommandError> {
        let result = self.start_invite(invite, now);
        self.pump(now);
        result
    }

    /// Ends a stream (BYE, or CANCEL when it is not yet answered); [`Event::StreamEnded`] follows at once.
    ///
    /// # Errors
    /// [`CommandError::NoSession`].
    pub fn bye(&mut self, session: SessionId, now: Now) -> Result<(), CommandError> {
        let result = self.end_stream(session, EndedBy::Platform, now.mono);
        self.pump(now);
        result
    }

    /// Asks for the catalogue; returns the SN that [`Event::Catalog`] will carry.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn query_catalog(&mut self, device: GbId, now: Now) -> Result<u64, CommandError> {
        self.query(device, device, QueryKind::Catalog, None, now)
    }

    /// Asks for maker, model and firmware; returns the SN.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn query_device_info(&mut self, device: GbId, now: Now) -> Result<u64, CommandError> {
        self.query(device, device, QueryKind::DeviceInfo, None, now)
    }

    /// Asks for state and clock; returns the SN.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn query_device_status(&mut self, device: GbId, now: Now) -> Result<u64, CommandError> {
        self.query(device, device, QueryKind::DeviceStatus, None, now)
    }

    /// Gives an order to a channel of a device; returns the SN. Orders without answer report only failures.
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn control(&mut self, device: GbId, channel: GbId, order: Control, now: Now) -> Result<u64, CommandError> {
        self.query(device, channel, QueryKind::Control, Some(order), now)
    }

    /// Tells a device that its alarm is kept (Response Alarm, Result OK).
    ///
    /// # Errors
    /// [`CommandError`].
    pub fn confirm_alarm(&mut self, device: GbId, source: GbId, sn: u64, now: Now) -> Result<(), CommandError> {
        let result = self.send_alarm_answer(device, source, sn, now.mono);
        self.pump(now);
        result
    }

    /// The next thing to do, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When `handle(Input::Tick, ..)` is next needed.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonoMs> {
        let own = self.timers.first().map(|(at, _)| *at);
        [own, self.txns.next_deadline()].into_iter().flatten().min()
    }

    /// A device's state; `None` when it is unknown or has never registered.
    #[must_use]
    pub fn device(&self, device: GbId) -> Option<DeviceView> {
        let r = self.devices.get(&device)?.registration.as_ref()?;
        Some(DeviceView {
            online: r.online,
            addr: r.addr,
            peer: r.peer,
            last_seen: r.last_seen,
            expires_at: r.expires_at,
            version: r.version.clone(),
        })
    }

    /// How many devices are online.
    #[must_use]
    pub fn online_devices(&self) -> usize {
        self.devices.values().filter(|d| d.registration.as_ref().is_some_and(|r| r.online)).count()
    }

    /// How many streams are open or being opened.
    #[must_use]
    pub fn open_streams(&self) -> usize {
        self.dialogs.len()
    }

    // ---- receiving ----

    fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    fn malformed(&mut self, peer: Peer, why: &impl ToString) {
        let addr = self.addr_of(peer);
        self.emit(Event::Malformed { peer, addr, why: why.to_string() });
    }

    fn addr_of(&self, peer: Peer) -> Option<SocketAddr> {
        match peer {
            Peer::Udp(addr) => Some(addr),
            Peer::Tcp(conn) => self.conns.get(&conn).map(|c| c.from),
        }
    }

    fn stream_bytes(&mut self, conn: ConnId, bytes: &[u8], now: Now) {
        let Some(state) = self.conns.get_mut(&conn) else { return };
        let from = state.from;
        state.framer.push(bytes);
        loop {
            // Looked up again each round: a message may have led to the connection's end.
            let Some(state) = self.conns.get_mut(&conn) else { return };
            match state.framer.next_message() {
                Ok(Some(message)) => self.receive(Peer::Tcp(conn), from, &message, now),
                Ok(None) => return,
                Err(error) => {
                    self.malformed(Peer::Tcp(conn), &error);
                    self.out.push_back(Output::Close { conn });
                    return self.closed(conn, now);
                }
            }
        }
    }

    fn closed(&mut self, conn: ConnId, now: Now) {
        if self.conns.remove(&conn).is_none() {
            return;
        }
        let peer = Peer::Tcp(conn);
        self.txns.connection_lost(peer);
        if let Some(device) = self.by_peer.remove(&peer) {
            self.offline(device, OfflineReason::ConnectionLost, now.mono);
        }
    }

    fn receive(&mut self, peer: Peer, source: SocketAddr, bytes: &[u8], now: Now) {
        match self.txns.receive_bytes(peer, source, bytes, now.mono) {
            Ok(()) => self.pump(now),
            Err(error) => self.malformed(peer, &error),
        }
    }

    /// Works off what transactions report, then moves their messages to the output.
    fn pump(&mut self, now: Now) {
        while let Some(event) = self.txns.poll_event() {
            match event {
                TxnEvent::Request(id, peer, message) => self.on_request(id, peer, &message, now),
                TxnEvent::Response(id, Purpose::Invite(session), message) => {
                    self.on_invite_response(id, session, &message, now)
                }
                TxnEvent::Response(_, Purpose::Query(device, sn), message) => {
                    self.on_query_response(device, sn, &message)
                }
                TxnEvent::Response(_, Purpose::Subscribe(device, topic, expires_s), message) => {
                    self.on_subscribe_response(device, topic, expires_s, Some(&message));
                }
                TxnEvent::Timeout(_, Purpose::Subscribe(device, topic, expires_s)) => {
                    self.on_subscribe_response(device, topic, expires_s, None);
                }
                TxnEvent::Timeout(_, Purpose::Invite(session)) => self.on_invite_timeout(session),
                TxnEvent::Timeout(_, Purpose::Query(device, sn)) => self.fail_query(device, sn, None),
                TxnEvent::Response(_, Purpose::Forget, _) | TxnEvent::Timeout(_, Purpose::Forget) => {}
                // Only the device invites here (and is refused at once), so nothing waits for these.
                TxnEvent::Ack(..) | TxnEvent::Cancelled(_) | TxnEvent::NoAck(_) => {}
            }
        }
        while let Some((to, bytes)) = self.txns.poll_send() {
            // What is meant for a connection that is gone goes nowhere.
            if !matches!(to, Peer::Tcp(conn) if !self.conns.contains_key(&conn)) {
                self.out.push_back(Output::Send { to, bytes });
            }
        }
    }

    fn on_request(&mut self, id: ServerId, peer: Peer, message: &Message, now: Now) {
        match message.method() {
            Some(Method::Register) => self.on_register(id, peer, message, now),
            // What a subscription tells is read like a MESSAGE; an empty NOTIFY only ends or begins one.
            Some(Method::Notify) if !message.body.is_empty() => self.on_message(id, peer, message, now),
            Some(Method::Message) => self.on_message(id, peer, message, now),
            Some(Method::Bye) => self.on_bye(id, message, now),
            Some(Method::Options) => self.reply(id, message, 200, now),
            Some(Method::Notify | Method::Info) => {
                let code = if self.sender(peer, message, now).is_some() { 200 } else { 403 };
                self.reply(id, message, code, now);
            }
            Some(Method::Subscribe) => self.reply(id, message, 489, now),
            Some(Method::Invite) => self.reply(id, message, 488, now),
            _ => self.reply(id, message, 405, now),
        }
    }

    /// Answers a request without more.
    fn reply(&mut self, id: ServerId, request: &Message, code: u16, now: Now) {
        let response = self.response(request, code);
        self.txns.respond(id, &response, now.mono);
    }

    fn response(&mut self, request: &Message, code: u16) -> Message {
        let tag = self.rng.short_token();
        Message::response(request, code, &tag).with("X-GB-Ver", &self.config.gb_version)
    }

    // ---- sending ----

    fn own_uri(&self) -> String {
        format!("sip:{}@{}", self.config.id, self.config.id.domain())
    }

    fn contact(&self, peer: Peer) -> String {
        let host = self.advertised_to(peer);
        let uri = Uri { user: self.config.id.to_string(), host: host.ip().to_string(), port: Some(host.port()) };
        format!("<{uri}>")
    }

    /// A request of ours with everything but Contact and body.
    fn request(&mut self, method: Method, peer: Peer, uri: &str, head: &Head<'_>) -> Message {
        let branch = self.rng.token();
        let advertised = self.advertised_to(peer);
        let cseq = format!("{} {}", head.cseq, method.as_str());
        let mut message = Message::request(method, uri);
        let via = format!("SIP/2.0/{} {advertised};rport;branch=z9hG4bK{branch}", peer.via_name());
        message.headers.push("Via", &via);
        message.headers.push("From", &format!("<{}>;tag={}", self.own_uri(), head.local_tag));
        let tag = head.remote_tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
        message.headers.push("To", &format!("<{}>{tag}", head.to));
        message.headers.push("Call-ID", head.call_id);
        message.headers.push("CSeq", &cseq);
        message.with("X-GB-Ver", &self.config.gb_version).with("User-Agent", "jifang")
    }

    fn run_timers(&mut self, now: Now) {
        while let Some((at, timer)) = self.timers.first().copied().filter(|(at, _)| *at <= now.mono) {
            self.timers.remove(&(at, timer));
            match timer {
                Timer::Device(device) => self.device_timer(device, now.mono),
                Timer::Query(device, sn) => self.query_timer(device, sn, now.mono),
                Timer::Invite(session) => self.invite_timer(session, now.mono),
            }
        }
    }

    /// Peer and charset of a device that is online.
    fn online_peer(&self, device: GbId) -> Option<(Peer, SocketAddr, Charset)> {
        let r = self.devices.get(&device)?.registration.as_ref().filter(|r| r.online)?;
        Some((r.peer, r.addr, r.charset))
    }

    fn cancel_transaction(&mut self, client: ClientId, now: MonoMs) -> bool {
        self.txns.cancel_invite(client, Purpose::Forget, now)
    }
}

/// What identifies a request within its dialog or call.
struct Head<'a> {
    to: &'a str,
    call_id: &'a str,
    local_tag: &'a str,
    remote_tag: Option<&'a str>,
    cseq: u32,
}
