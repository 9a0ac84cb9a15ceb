//! SIP transactions (RFC 3261 section 17, RFC 6026) without sockets: retransmission, absorption of repeats, matching.
//!
//! Messages and the time go in; messages to send and [`TxnEvent`]s come out. Requests over UDP are repeated at T1, 2*T1
//! ... (at most T2 apart) until answered or 64*T1 passed; a repeated request gets the stored answer and is not shown
//! again; a final answer to INVITE is repeated until its ACK. Invariants: both tables are bounded; a transaction has
//! one deadline; responses are matched by Call-ID and CSeq (ours and unguessable), so a device that answers without
//! Via or with a damaged branch still works.

use super::Peer;
use super::sip::{self, Message, Method, SipError};
use base::MonoMs;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;

/// Round-trip estimate, ms (RFC 3261 T1).
pub const T1_MS: u64 = 500;
/// Longest retransmission interval, ms (RFC 3261 T2).
pub const T2_MS: u64 = 4_000;
/// Life of a transaction without an answer, ms (64*T1; timers B, F, H, J).
pub const GIVE_UP_MS: u64 = 64 * T1_MS;

/// Names a client transaction (a request we sent).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ClientId(u64);

/// Names a server transaction (a request we got).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ServerId(u64);

/// What transactions tell their user. `C` is the context given with the request.
#[derive(Clone, PartialEq, Debug)]
pub enum TxnEvent<C> {
    /// A new request; answer it with [`Transactions::respond`].
    Request(ServerId, Peer, Message),
    /// An ACK for a 2xx of ours.
    Ack(Peer, Message),
    /// An INVITE of this id was cancelled (the CANCEL is already answered); answer the INVITE with 487.
    Cancelled(ServerId),
    /// A final answer of ours to INVITE was never acknowledged.
    NoAck(ServerId),
    /// A response to a request of ours. For INVITE 2xx: answer with [`Transactions::acknowledge`].
    Response(ClientId, C, Message),
    /// No final response within 64*T1, or the connection is gone.
    Timeout(ClientId, C),
}

/// The table is full; the request was not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many SIP transactions at once")]
pub struct Full;

#[derive(Debug)]
struct Client<C> {
    key: (String, u32, Method),
    to: Peer,
    context: C,
    request: Message,
    bytes: Vec<u8>,
    interval_ms: u64,
    resend_at: Option<MonoMs>,
    end_at: MonoMs,
    /// A final response came; the context was told.
    done: bool,
    provisional: bool,
    /// What repeats of the final response are answered with (ACK), and where that goes.
    ack: Option<(Peer, Vec<u8>)>,
}

#[derive(Debug)]
struct Server {
    key: String,
    invite_key: Option<(String, u32)>,
    peer: Peer,
    request: Option<Message>,
    response: Option<Vec<u8>>,
    is_final: bool,
    interval_ms: u64,
    resend_at: Option<MonoMs>,
    end_at: MonoMs,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Client(u64),
    Server(u64),
}

/// All transactions of one SIP endpoint.
#[derive(Debug)]
pub struct Transactions<C> {
    capacity: usize,
    next: u64,
    clients: HashMap<u64, Client<C>>,
    by_call: HashMap<(String, u32, Method), u64>,
    servers: HashMap<u64, Server>,
    by_request: HashMap<String, u64>,
    by_invite: HashMap<(String, u32), u64>,
    /// Server ids in order of arrival, for eviction.
    order: VecDeque<u64>,
    /// Transactions of each TCP connection: they end with it.
    by_conn: HashMap<Peer, BTreeSet<Timer>>,
    timers: BTreeSet<(MonoMs, Timer)>,
    sends: VecDeque<(Peer, Vec<u8>)>,
    events: VecDeque<TxnEvent<C>>,
}

impl<C: Clone> Transactions<C> {
    /// At most `capacity` transactions on each side.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            next: 1,
            clients: HashMap::new(),
            by_call: HashMap::new(),
            servers: HashMap::new(),
            by_request: HashMap::new(),
            by_invite: HashMap::new(),
            order: VecDeque::new(),
            by_conn: HashMap::new(),
            timers: BTreeSet::new(),
            sends: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// Messages to send, oldest first.
    pub fn poll_send(&mut self) -> Option<(Peer, Vec<u8>)> {
        self.sends.pop_front()
    }

    /// What happened, oldest first.
    pub fn poll_event(&mut self) -> Option<TxnEvent<C>> {
        self.events.pop_front()
    }

    /// When [`Self::tick`] is next needed.
    #[must_use]
    pub fn next_deadline(&self) -> Option<MonoMs> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Transactions held: (client, server).
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.clients.len(), self.servers.len())
    }

    /// True when nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.servers.is_empty()
    }

    fn bind(&mut self, peer: Peer, transaction: Timer) {
        if peer.is_reliable() {
            self.by_conn.entry(peer).or_default().insert(transaction);
        }
    }

    fn unbind(&mut self, peer: Peer, transaction: Timer) {
        if let Some(bound) = self.by_conn.get_mut(&peer) {
            bound.remove(&transaction);
            if bound.is_empty() {
                self.by_conn.remove(&peer);
            }
        }
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Takes in one message as it came from `source`; an empty one (keep-alive of some devices) is nothing.
    ///
    /// # Errors
    /// It is no SIP message.
    pub fn receive_bytes(&mut self, peer: Peer, source: SocketAddr, bytes: &[u8], now: MonoMs) -> Result<(), SipError> {
        let mut message = match sip::parse(bytes) {
            Ok(message) => message,
            Err(SipError::Empty) => return Ok(()),
            Err(error) => return Err(error),
        };
        if message.code().is_none() {
            message.stamp_source(source);
        }
        self.receive(peer, message, now);
        Ok(())
    }

    /// Takes in one parsed message; its source is already stamped into Via.
    pub fn receive(&mut self, peer: Peer, message: Message, now: MonoMs) {
        match message.method() {
            None => {}
            Some(_) if message.code().is_some() => self.response(message, now),
            Some(Method::Ack) => self.ack(peer, message, now),
            Some(Method::Cancel) => self.cancel(peer, &message, now),
            Some(_) => self.request_in(peer, message, now),
        }
    }

    // ---- server side ----

    fn request_key(peer: Peer, message: &Message, method: &Method) -> String {
        let branch = message.via().and_then(|v| v.branch().map(str::to_owned)).unwrap_or_default();
        let (number, _) = message.cseq().unwrap_or((0, Method::Ack));
        let source = match peer {
            Peer::Udp(address) => address.ip().to_string(),
            Peer::Tcp(conn) => conn.0.to_string(),
        };
        // Call-ID and CSeq too: some devices use one branch for everything.
        format!("{source} {branch} {} {} {number}", method.as_str(), message.call_id().unwrap_or_default())
    }

    fn request_in(&mut self, peer: Peer, message: Message, now: MonoMs) {
        let Some(method) = message.method() else { return };
        let key = Self::request_key(peer, &message, &method);
        if let Some(server) = self.by_request.get(&key).and_then(|id| self.servers.get(id)) {
            if let Some(bytes) = &server.response {
                self.sends.push_back((peer, bytes.clone()));
            }
            return;
        }
        if self.servers.len() >= self.capacity {
            self.evict(now);
        }
        let id = self.fresh();
        let invite_key = (method == Method::Invite)
            .then(|| (message.call_id().unwrap_or_default().to_owned(), message.cseq().map_or(0, |(n, _)| n)));
        if let Some(invite_key) = &invite_key {
            self.by_invite.insert(invite_key.clone(), id);
        }
        self.by_request.insert(key.clone(), id);
        self.order.push_back(id);
        // A user that never answers must not hold the entry for ever; INVITE may ring for minutes.
        let end_at = now.plus_ms(if invite_key.is_some() { 6 * GIVE_UP_MS } else { GIVE_UP_MS });
        let server = Server {
            key,
            invite_key,
            peer,
            request: Some(message.clone()),
            response: None,
            is_final: false,
            interval_ms: T1_MS,
            resend_at: None,
            end_at,
        };
        self.timers.insert((end_at, Timer::Server(id)));
        self.servers.insert(id, server);
        self.bind(peer, Timer::Server(id));
        self.events.push_back(TxnEvent::Request(ServerId(id), peer, message));
    }

    /// Makes room: forgets the oldest request, answered or not.
    fn evict(&mut self, _now: MonoMs) {
        while let Some(id) = self.order.pop_front() {
            if self.servers.contains_key(&id) {
                self.drop_server(id);
                return;
            }
        }
    }

    fn server_deadline(server: &Server) -> MonoMs {
        server.resend_at.map_or(server.end_at, |at| at.min(server.end_at))
    }

    fn drop_server(&mut self, id: u64) {
        let Some(server) = self.servers.remove(&id) else { return };
        self.timers.remove(&(Self::server_deadline(&server), Timer::Server(id)));
        self.unbind(server.peer, Timer::Server(id));
        self.by_request.remove(&server.key);
        if let Some(key) = server.invite_key
            && self.by_invite.get(&key) == Some(&id)
        {
            self.by_invite.remove(&key);
        }
        // `order` is swept lazily; keep it from outgrowing the table.
        if self.order.len() > 2 * self.servers.len() + 64 {
            self.order.retain(|id| self.servers.contains_key(id));
        }
    }

    /// The request of an open server transaction (to build a response from).
    #[must_use]
    pub fn request_of(&self, id: ServerId) -> Option<&Message> {
        self.servers.get(&id.0)?.request.as_ref()
    }

    /// Sends a response; final ones are kept for repeats of the request. Nothing happens when `id` is gone or answered.
    pub fn respond(&mut self, id: ServerId, response: &Message, now: MonoMs) {
        let Some(server) = self.servers.get_mut(&id.0) else { return };
        if server.is_final {
            return;
        }
        let bytes = response.to_bytes();
        self.sends.push_back((server.peer, bytes.clone()));
        self.timers.remove(&(Self::server_deadline(server), Timer::Server(id.0)));
        server.response = Some(bytes);
        let code = response.code().unwrap_or(500);
        if code >= 200 {
            server.is_final = true;
            server.request = None;
            server.end_at = now.plus_ms(GIVE_UP_MS);
            if server.invite_key.is_some() {
                // 2xx is repeated over every transport (RFC 3261 section 13.3.1.4), others over UDP only.
                let repeat = !server.peer.is_reliable() || code < 300;
                server.resend_at = repeat.then(|| now.plus_ms(T1_MS));
            } else if server.peer.is_reliable() {
                return self.drop_server(id.0);
            }
        }
        self.timers.insert((Self::server_deadline(server), Timer::Server(id.0)));
    }

    fn ack(&mut self, peer: Peer, message: Message, _now: MonoMs) {
        let key = (message.call_id().unwrap_or_default().to_owned(), message.cseq().map_or(0, |(n, _)| n));
        let Some(id) = self.by_invite.get(&key).copied() else { return };
        let Some(server) = self.servers.get_mut(&id) else { return };
        if !server.is_final || server.resend_at.is_none() && !server.peer.is_reliable() {
            return;
        }
        self.timers.remove(&(Self::server_deadline(server), Timer::Server(id)));
        server.resend_at = None;
        self.timers.insert((server.end_at, Timer::Server(id)));
        // Stays until 64*T1 to absorb repeats of the INVITE, but no longer waits for the ACK.
        if server.invite_key.take().is_some() {
            self.by_invite.remove(&key);
        }
        self.events.push_back(TxnEvent::Ack(peer, message));
    }

    fn cancel(&mut self, peer: Peer, message: &Message, _now: MonoMs) {
        let invite = self.by_request.get(&Self::request_key(peer, message, &Method::Invite)).copied();
        let code = if invite.is_some() { 200 } else { 481 };
        self.sends.push_back((peer, Message::response(message, code, "cancel").to_bytes()));
        if let Some(id) = invite
            && self.servers.get(&id).is_some_and(|s| !s.is_final)
        {
            self.events.push_back(TxnEvent::Cancelled(ServerId(id)));
        }
    }

    // ---- client side ----

    /// Sends a request (with Via, Call-ID and CSeq already in it) and watches for its answer.
    ///
    /// # Errors
    /// [`Full`] when `capacity` requests are open.
    pub fn request(&mut self, to: Peer, message: Message, context: C, now: MonoMs) -> Result<ClientId, Full> {
        let (Some(call), Some((number, method))) = (message.call_id(), message.cseq()) else { return Err(Full) };
        if self.clients.len() >= self.capacity {
            return Err(Full);
        }
        let key = (call.to_owned(), number, method);
        let id = self.fresh();
        let bytes = message.to_bytes();
        self.sends.push_back((to, bytes.clone()));
        let resend_at = (!to.is_reliable()).then(|| now.plus_ms(T1_MS));
        let end_at = now.plus_ms(GIVE_UP_MS);
        let client = Client {
            key: key.clone(),
            to,
            context,
            request: message,
            bytes,
            interval_ms: T1_MS,
            resend_at,
            end_at,
            done: false,
            provisional: false,
            ack: None,
        };
        self.timers.insert((Self::client_deadline(&client), Timer::Client(id)));
        self.clients.insert(id, client);
        self.bind(to, Timer::Client(id));
        if let Some(old) = self.by_call.insert(key, id) {
            self.drop_client(old);
        }
        Ok(ClientId(id))
    }

    fn client_deadline(client: &Client<C>) -> MonoMs {
        client.resend_at.map_or(client.end_at, |at| at.min(client.end_at))
    }

    fn drop_client(&mut self, id: u64) {
        let Some(client) = self.clients.remove(&id) else { return };
        self.timers.remove(&(Self::client_deadline(&client), Timer::Client(id)));
        self.unbind(client.to, Timer::Client(id));
        if self.by_call.get(&client.key) == Some(&id) {
            self.by_call.remove(&client.key);
        }
    }

    fn response(&mut self, message: Message, now: MonoMs) {
        let (Some(call), Some((number, method)), Some(code)) = (message.call_id(), message.cseq(), message.code())
        else {
            return;
        };
        let Some(id) = self.by_call.get(&(call.to_owned(), number, method.clone())).copied() else { return };
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.done {
            self.sends.extend(client.ack.clone());
            return;
        }
        let (context, to) = (client.context.clone(), client.to);
        self.timers.remove(&(Self::client_deadline(client), Timer::Client(id)));
        if code < 200 {
            client.provisional = true;
            if method == Method::Invite {
                // The far end is at work: stop repeating, wait for the answer as long as the user cares to.
                client.resend_at = None;
                client.end_at = now.plus_ms(6 * GIVE_UP_MS);
            } else if client.resend_at.is_some() {
                client.interval_ms = T2_MS;
            }
        } else {
            client.done = true;
            client.resend_at = None;
            client.end_at = now.plus_ms(if method == Method::Invite { GIVE_UP_MS } else { 0 });
            if method == Method::Invite && code >= 300 {
                let ack = ack_for_failure(&client.request, &message).to_bytes();
                self.sends.push_back((to, ack.clone()));
                client.ack = Some((to, ack));
            }
        }
        self.timers.insert((Self::client_deadline(client), Timer::Client(id)));
        if code >= 200 && method != Method::Invite {
            self.drop_client(id);
        }
        self.events.push_back(TxnEvent::Response(ClientId(id), context, message));
    }

    /// Sends the ACK of a 2xx to INVITE and keeps it for repeats of that 2xx.
    pub fn acknowledge(&mut self, id: ClientId, to: Peer, ack: &Message) {
        let bytes = ack.to_bytes();
        if let Some(client) = self.clients.get_mut(&id.0) {
            client.ack = Some((to, bytes.clone()));
        }
        self.sends.push_back((to, bytes));
    }

    /// Sends CANCEL for an INVITE that has a provisional response but no final one. False when that is not so (RFC 3261
    /// section 9.1: wait for the first provisional response).
    pub fn cancel_invite(&mut self, id: ClientId, context: C, now: MonoMs) -> bool {
        let Some(client) = self.clients.get(&id.0).filter(|c| c.provisional && !c.done) else { return false };
        let (to, request) = (client.to, &client.request);
        let mut cancel = Message::request(Method::Cancel, request.uri().unwrap_or_default());
        for name in ["From", "To", "Call-ID"] {
            cancel.headers.push(name, request.headers.get(name).unwrap_or_default());
        }
        cancel.headers.push("Via", request.headers.get("Via").unwrap_or_default());
        cancel.headers.push("CSeq", &format!("{} CANCEL", request.cseq().map_or(0, |(n, _)| n)));
        self.request(to, cancel, context, now).is_ok()
    }

    /// Ends every transaction of a connection that is gone; open requests time out at once.
    pub fn connection_lost(&mut self, peer: Peer) {
        for transaction in self.by_conn.remove(&peer).unwrap_or_default() {
            match transaction {
                Timer::Client(id) => {
                    if let Some(client) = self.clients.get(&id).filter(|c| !c.done) {
                        self.events.push_back(TxnEvent::Timeout(ClientId(id), client.context.clone()));
                    }
                    self.drop_client(id);
                }
                Timer::Server(id) => self.drop_server(id),
            }
        }
    }

    /// Runs every timer due at `now`.
    pub fn tick(&mut self, now: MonoMs) {
        while let Some((at, timer)) = self.timers.first().copied().filter(|(at, _)| *at <= now) {
            self.timers.remove(&(at, timer));
            match timer {
                Timer::Client(id) => self.client_timer(id, now),
                Timer::Server(id) => self.server_timer(id, now),
            }
        }
    }

    fn client_timer(&mut self, id: u64, now: MonoMs) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.end_at <= now {
            if !client.done {
                self.events.push_back(TxnEvent::Timeout(ClientId(id), client.context.clone()));
            }
            return self.drop_client(id);
        }
        self.sends.push_back((client.to, client.bytes.clone()));
        let doubled = client.interval_ms * 2;
        // INVITE doubles without bound (timer A), others stop at T2 (timer E).
        client.interval_ms = if client.key.2 == Method::Invite { doubled } else { doubled.min(T2_MS) };
        client.resend_at = Some(now.plus_ms(client.interval_ms));
        self.timers.insert((Self::client_deadline(client), Timer::Client(id)));
    }

    fn server_timer(&mut self, id: u64, now: MonoMs) {
        let Some(server) = self.servers.get_mut(&id) else { return };
        if server.end_at <= now {
            if server.is_final && server.invite_key.is_some() {
                self.events.push_back(TxnEvent::NoAck(ServerId(id)));
            }
            return self.drop_server(id);
        }
        if let Some(bytes) = &server.response {
            self.sends.push_back((server.peer, bytes.clone()));
        }
        server.interval_ms = (server.interval_ms * 2).min(T2_MS);
        server.resend_at = Some(now.plus_ms(server.interval_ms));
        self.timers.insert((Self::server_deadline(server), Timer::Server(id)));
    }
}

/// ACK of a final response other than 2xx: same branch as the INVITE, To from the response (RFC 3261 section 17.1.1.3).
fn ack_for_failure(invite: &Message, response: &Message) -> Message {
    let mut ack = Message::request(Method::Ack, invite.uri().unwrap_or_default());
    ack.headers.push("Via", invite.headers.get("Via").unwrap_or_default());
    ack.headers.push("From", invite.headers.get("From").unwrap_or_default());
    let to = response.headers.get("To").or_else(|| invite.headers.get("To"));
    ack.headers.push("To", to.unwrap_or_default());
    ack.headers.push("Call-ID", invite.headers.get("Call-ID").unwrap_or_default());
    ack.headers.push("CSeq", &format!("{} ACK", invite.cseq().map_or(0, |(n, _)| n)));
    ack
}

#[cfg(test)]
#[path = "txn_tests.rs"]
mod tests;
