//! Who is let in, and where it is: REGISTER, address following, two devices with one code, going offline.
//!
//! REGISTER in, challenge or 200 out; registrations and their ends as events. Invariants: an address changes by an
//! authenticated REGISTER, or by any message from the same host (new port); never by an unauthenticated message from
//! another host unless configured; the device timer is armed exactly while a registration is held.

use super::super::digest::{self, Algorithm, Challenge, Expect, Verdict};
use super::super::sip::{Message, NameAddr};
use super::super::txn::ServerId;
use super::super::xml::Charset;
use super::super::{GbId, Peer};
use super::{DeviceEntry, EndedBy, Event, OfflineReason, Platform, RegisterRefusal, SessionId, Timer};
use base::{MonoMs, Now};
use std::net::{IpAddr, SocketAddr};

/// A conflict or a refusal of one device is told at most this often, ms.
const TELL_EVERY_MS: u64 = 60_000;
/// A contact that comes back within this time after another took its place is a second device, ms.
const RIVAL_MS: u64 = 3_600_000;
/// A device that goes to and fro between two ports of its host this often is two devices behind one address. Once may be a router
/// that found its old mapping again.
const RIVAL_RETURNS: u8 = 2;
/// Most codes whose refusals are remembered; beyond, the memory is emptied (events may repeat).
const MAX_TOLD: usize = 4_096;

/// Token bucket of REGISTER requests.
#[derive(Debug)]
struct Bucket {
    tokens: u32,
    filled_at: MonoMs,
}

impl Bucket {
    fn take(&mut self, burst: u32, refill_ms: u64, now: MonoMs) -> bool {
        let new = now.since(self.filled_at) / refill_ms.max(1);
        if new > 0 {
            self.tokens = self.tokens.saturating_add(u32::try_from(new).unwrap_or(u32::MAX)).min(burst);
            self.filled_at = self.filled_at.plus_ms(new.saturating_mul(refill_ms));
        }
        let had = self.tokens > 0;
        self.tokens = self.tokens.saturating_sub(1);
        had
    }
}

/// One directory entry and what is known of its device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) entry: DeviceEntry,
    pub(super) registration: Option<Registration>,
    /// For the host that authenticated last, and for all others: strangers cannot use up the device's own allowance.
    own_bucket: Bucket,
    other_bucket: Bucket,
    own_host: Option<IpAddr>,
    conflict_told: Option<MonoMs>,
    /// Our address as it reaches us; `None`: the platform's.
    pub(super) local: Option<SocketAddr>,
    /// When its timer is set for.
    timer_at: Option<MonoMs>,
    /// Its streams.
    pub(super) sessions: Vec<SessionId>,
}

impl Device {
    pub(super) const fn new(entry: DeviceEntry, burst: u32) -> Self {
        let own_bucket = Bucket { tokens: burst, filled_at: MonoMs(0) };
        let other_bucket = Bucket { tokens: burst, filled_at: MonoMs(0) };
        Self {
            entry,
            registration: None,
            own_bucket,
            other_bucket,
            own_host: None,
            conflict_told: None,
            local: None,
            timer_at: None,
            sessions: Vec::new(),
        }
    }
}

/// A registration in force (perhaps silent).
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) peer: Peer,
    pub(super) addr: SocketAddr,
    pub(super) online: bool,
    pub(super) last_seen: MonoMs,
    pub(super) expires_at: MonoMs,
    pub(super) version: Option<String>,
    pub(super) charset: Charset,
    contact: String,
    /// The contact before this one, and when it was replaced.
    rival: Option<(String, MonoMs)>,
    /// Where it sent from before, since when not, and how often it has gone back there.
    left: Option<(Peer, MonoMs, u8)>,
}

impl Registration {
    /// What to remember of the place it sends from now, when it goes elsewhere.
    const fn gone_from(&self, now: MonoMs) -> Option<(Peer, MonoMs, u8)> {
        Some((self.peer, now, 0))
    }
}

impl Platform {
    pub(super) fn on_register(&mut self, id: ServerId, peer: Peer, message: &Message, now: Now) {
        let user = |name: &str| GbId::parse(&NameAddr::parse(message.headers.get(name)?)?.uri.user);
        let Some(device) = user("From").or_else(|| user("To")) else {
            self.malformed(peer, &"REGISTER without a twenty-digit code");
            return self.reply(id, message, 400, now);
        };
        let Some(addr) = self.addr_of(peer) else { return };
        let (burst, refill_ms) = (self.config.register_burst, self.config.register_refill_ms);
        let Some(state) = self.devices.get_mut(&device) else {
            self.tell_refusal(device, addr, RegisterRefusal::UnknownDevice, now.mono);
            return self.reply(id, message, 403, now);
        };
        let own = state.own_host == Some(addr.ip());
        let bucket = if own { &mut state.own_bucket } else { &mut state.other_bucket };
        if !bucket.take(burst, refill_ms, now.mono) {
            self.tell_refusal(device, addr, RegisterRefusal::Flood, now.mono);
            let response = self.response(message, 503).with("Retry-After", "60");
            return self.txns.respond(id, &response, now.mono);
        }
        let Some(authorization) = message.headers.get("Authorization") else {
            return self.challenge(id, message, device, false, now);
        };
        let expect = Expect {
            method: "REGISTER",
            realm: &self.config.realm,
            owner: device.as_str(),
            secret: &state.entry.secret,
            allowed: &self.config.algorithms,
        };
        match self.nonces.verify(authorization, &expect, now.mono) {
            Verdict::Accepted(algorithm) => self.accept(id, peer, addr, message, (device, algorithm), now),
            Verdict::Stale => self.challenge(id, message, device, true, now),
            // An answer to some other server's challenge (or an empty one) deserves a challenge of ours.
            Verdict::Wrong if !self.answers_our_nonce(authorization, device) => {
                self.challenge(id, message, device, false, now)
            }
            Verdict::Wrong => {
                self.tell_refusal(device, addr, RegisterRefusal::WrongPassword, now.mono);
                self.reply(id, message, 403, now);
            }
        }
    }

    fn answers_our_nonce(&self, authorization: &str, device: GbId) -> bool {
        let fields = digest::fields(authorization).unwrap_or_default();
        fields.get("nonce").is_some_and(|nonce| self.nonces.knows(nonce, device.as_str()))
    }

    fn tell_refusal(&mut self, device: GbId, addr: SocketAddr, why: RegisterRefusal, now: MonoMs) {
        if self.told.len() >= MAX_TOLD {
            self.told.clear();
        }
        let last = self.told.get(&(device, why)).copied();
        if last.is_none_or(|at| now.since(at) >= TELL_EVERY_MS) {
            self.told.insert((device, why), now);
            self.emit(Event::RegisterRefused { device, addr, why });
        }
    }

    fn challenge(&mut self, id: ServerId, message: &Message, device: GbId, stale: bool, now: Now) {
        // One nonce for all algorithms: a device that reads only the first line and answers in MD5 still works.
        let nonce = self.rng.token();
        self.nonces.issue(nonce.clone(), device.as_str(), now.mono);
        let mut response = self.response(message, 401);
        for algorithm in self.config.algorithms.clone() {
            let realm = self.config.realm.clone();
            let challenge = Challenge { realm, nonce: nonce.clone(), algorithm, qop_auth: true, stale, opaque: None };
            response.headers.push("WWW-Authenticate", &challenge.to_string());
        }
        self.txns.respond(id, &response, now.mono);
    }

    fn accept(
        &mut self,
        id: ServerId,
        peer: Peer,
        addr: SocketAddr,
        message: &Message,
        who: (GbId, Algorithm),
        now: Now,
    ) {
        let (device, algorithm) = who;
        let contact = message.headers.get("Contact").unwrap_or_default();
        let asked = message.headers.get("Expires").and_then(|e| e.trim().parse::<u32>().ok());
        let parsed = NameAddr::parse(contact);
        let asked = asked.or_else(|| parsed.as_ref()?.params.get("expires")?.parse().ok());
        let (least, most) = self.config.expires_s;
        let expires_s = match asked {
            Some(0) => 0,
            Some(s) => s.clamp(least, most.max(least)),
            None => most.min(3_600),
        };
        let mut response = self.response(message, 200).with("Date", &now.utc.gb28181());
        response.headers.push("Expires", &expires_s.to_string());
        if expires_s > 0 && !contact.is_empty() {
            let bare = parsed.as_ref().map_or_else(|| contact.to_owned(), |c| format!("<{}>", c.uri));
            response.headers.push("Contact", &format!("{bare};expires={expires_s}"));
        }
        self.txns.respond(id, &response, now.mono);
        if let Some(state) = self.devices.get_mut(&device) {
            state.own_host = Some(addr.ip());
        }
        if expires_s == 0 {
            return self.offline(device, OfflineReason::Deregistered, now.mono);
        }
        let version = message.headers.get("X-GB-Ver").map(|v| v.trim().chars().take(16).collect());
        let contact = parsed.map_or_else(String::new, |c| c.uri.to_string());
        self.settle(device, Arrival { peer, addr, contact, version, algorithm, expires_s }, now.mono);
    }

    /// Enters a registration that was just granted.
    fn settle(&mut self, device: GbId, new: Arrival, now: MonoMs) {
        let silent_ms = self.silence_ms(device);
        let Some(state) = self.devices.get_mut(&device) else { return };
        let old = state.registration.take();
        let mut rival = None;
        let mut conflict_with = None;
        let mut same_place = false;
        let mut charset = Charset::default();
        let mut left = None;
        if let Some(old) = old {
            left = if old.peer == new.peer { old.left } else { old.gone_from(now) };
            charset = old.charset;
            same_place = old.online && old.peer == new.peer;
            rival = old.rival.filter(|(_, at)| now.since(*at) < RIVAL_MS);
            let alive = old.online && now.since(old.last_seen) < silent_ms;
            let other_host = old.addr.ip() != new.addr.ip();
            let came_back =
                !new.contact.is_empty() && rival.as_ref().is_some_and(|(contact, _)| *contact == new.contact);
            if alive && (other_host || came_back) && !same_place {
                conflict_with = Some(old.addr);
            }
            if old.contact != new.contact {
                rival = Some((old.contact, now));
            }
            if old.peer != new.peer {
                self.by_peer.remove(&old.peer);
            }
        }
        let expires_at = now.plus_ms(u64::from(new.expires_s) * 1_000);
        let Some(state) = self.devices.get_mut(&device) else { return };
        state.registration = Some(Registration {
            peer: new.peer,
            addr: new.addr,
            online: true,
            last_seen: now,
            expires_at,
            version: new.version.clone(),
            charset,
            contact: new.contact,
            rival,
            left,
        });
        self.by_peer.insert(new.peer, device);
        self.arm(device, expires_at.min(now.plus_ms(silent_ms)));
        if let Some(old) = conflict_with {
            self.tell_conflict(device, old, new.addr, true, now);
        }
        let Arrival { peer, addr, version, algorithm, expires_s, .. } = new;
        self.emit(if same_place {
            Event::Refreshed { device }
        } else {
            Event::Registered { device, addr, peer, version, algorithm, expires_s }
        });
    }

    fn tell_conflict(&mut self, device: GbId, old: SocketAddr, new: SocketAddr, authenticated: bool, now: MonoMs) {
        let Some(state) = self.devices.get_mut(&device) else { return };
        if state.conflict_told.is_none_or(|at| now.since(at) >= TELL_EVERY_MS) {
            state.conflict_told = Some(now);
            self.emit(Event::IdConflict { device, old, new, authenticated });
        }
    }

    /// Silence after which a device is offline, ms.
    fn silence_ms(&self, device: GbId) -> u64 {
        let own = self.devices.get(&device).and_then(|d| d.entry.keepalive_ms);
        let interval = own.unwrap_or(self.config.keepalive_ms);
        interval.saturating_mul(self.config.keepalive_misses).saturating_add(self.config.keepalive_grace_ms)
    }

    /// The registered device that sent `message`; notes that it is alive and follows it to a new port. `None`: refuse.
    pub(super) fn sender(&mut self, peer: Peer, message: &Message, now: Now) -> Option<GbId> {
        let addr = self.addr_of(peer)?;
        let named = message.headers.get("From").and_then(NameAddr::parse).and_then(|f| GbId::parse(&f.uri.user));
        let registered = |id: &GbId| self.devices.get(id).is_some_and(|d| d.registration.is_some());
        // Some devices put another code into From (MediaStatus): then the address says who it is.
        let device = named.filter(registered).or_else(|| self.by_peer.get(&peer).copied())?;
        let follow_new_host = self.config.follow_new_host;
        let registration = self.devices.get_mut(&device)?.registration.as_mut()?;
        let old = registration.addr;
        let moved = registration.peer != peer;
        if moved {
            if old.ip() != addr.ip() && !follow_new_host {
                self.tell_conflict(device, old, addr, false, now.mono);
                return None;
            }
            let before = registration.left;
            registration.left = registration.gone_from(now.mono);
            let back = before.filter(|(left, at, _)| *left == peer && now.mono.since(*at) < RIVAL_MS);
            let returns = back.map_or(0, |(_, _, n)| n.saturating_add(1));
            registration.left = registration.left.map(|(left, at, _)| (left, at, returns));
            let old_peer = std::mem::replace(&mut registration.peer, peer);
            registration.addr = addr;
            self.by_peer.remove(&old_peer);
            self.by_peer.insert(peer, device);
            if returns >= RIVAL_RETURNS {
                self.tell_conflict(device, old, addr, true, now.mono);
            }
        }
        let registration = self.devices.get_mut(&device)?.registration.as_mut()?;
        registration.last_seen = now.mono;
        let resumed = !std::mem::replace(&mut registration.online, true);
        if moved && old != addr {
            self.emit(Event::Moved { device, addr });
        }
        if resumed {
            self.emit(Event::Resumed { device });
        }
        Some(device)
    }

    /// The device timer came: the registration ran out, the device is silent, or it was heard since (then later again).
    pub(super) fn device_timer(&mut self, device: GbId, now: MonoMs) {
        if let Some(state) = self.devices.get_mut(&device) {
            state.timer_at = None;
        }
        let silent_ms = self.silence_ms(device);
        let Some(r) = self.devices.get(&device).and_then(|d| d.registration.as_ref()) else { return };
        let silent_at = r.last_seen.plus_ms(silent_ms);
        let (online, expires_at) = (r.online, r.expires_at);
        if expires_at <= now {
            return self.offline(device, OfflineReason::Expired, now);
        }
        if online && silent_at <= now {
            self.go_silent(device, now);
        }
        // A silent device keeps its registration: it may be heard again, and goes silent again.
        let next = if online && silent_at > now { silent_at } else { now.plus_ms(silent_ms.max(1_000)) };
        self.arm(device, next.min(expires_at));
    }

    /// Sets the device's timer unless it is set for an earlier time (it then looks again).
    fn arm(&mut self, device: GbId, at: MonoMs) {
        let Some(state) = self.devices.get_mut(&device) else { return };
        match state.timer_at {
            Some(set) if set <= at => return,
            Some(set) => self.timers.remove(&(set, Timer::Device(device))),
            None => false,
        };
        state.timer_at = Some(at);
        self.timers.insert((at, Timer::Device(device)));
    }

    fn go_silent(&mut self, device: GbId, now: MonoMs) {
        if let Some(r) = self.devices.get_mut(&device).and_then(|d| d.registration.as_mut()) {
            r.online = false;
        }
        self.end_streams_of(device, now);
        self.emit(Event::Offline { device, reason: OfflineReason::KeepaliveMissed });
    }

    /// Ends a registration; nothing happens where there is none.
    pub(super) fn offline(&mut self, device: GbId, reason: OfflineReason, now: MonoMs) {
        let Some(state) = self.devices.get_mut(&device) else { return };
        let Some(registration) = state.registration.take() else { return };
        if let Some(at) = state.timer_at.take() {
            self.timers.remove(&(at, Timer::Device(device)));
        }
        if self.by_peer.get(&registration.peer) == Some(&device) {
            self.by_peer.remove(&registration.peer);
        }
        self.end_streams_of(device, now);
        if registration.online {
            self.emit(Event::Offline { device, reason });
        }
    }

    fn end_streams_of(&mut self, device: GbId, now: MonoMs) {
        self.end_subscriptions_of(device);
        let sessions = self.devices.get(&device).map(|d| d.sessions.clone()).unwrap_or_default();
        for session in sessions {
            let _ = self.end_stream(session, EndedBy::DeviceOffline, now);
        }
    }
}

/// A registration about to be entered.
struct Arrival {
    peer: Peer,
    addr: SocketAddr,
    contact: String,
    version: Option<String>,
    algorithm: Algorithm,
    expires_s: u32,
}
