//! What one address may take of the receiver: connections and frames a second. All tables are bounded.
//!
//! A connection's place is given back when its `Admitted` is dropped. Frames are counted in a bucket that refills with time; it may go
//! into debt by one read, and then says how long to wait. IPv6 hosts are counted by their /64, which is what one subscriber has.

use super::Limits;
use base::MonoMs;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often full buckets are forgotten, ms.
const SWEEP_MS: u64 = 10_000;
/// An address counts as sending too much until it kept to its limits for this long, ms.
const CALM_MS: u64 = 60_000;

#[derive(Debug)]
struct Peer {
    connections: usize,
    /// Frames it may still send, in thousandths.
    tokens: i64,
    at: MonoMs,
}

#[derive(Debug, Default)]
struct Table {
    open: usize,
    peers: HashMap<IpAddr, Peer>,
    swept: MonoMs,
    held: HeldBack,
    held_at: Option<MonoMs>,
}

/// What was held back since the start, because an address asked for more than its share.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HeldBack {
    /// Connections that were not taken.
    pub connections: u64,
    /// Datagrams that were dropped.
    pub datagrams: u64,
    /// Times a connection was read on later.
    pub waits: u64,
    /// The last address it happened to (of IPv6 its /64).
    pub from: Option<IpAddr>,
}

impl Table {
    fn hold(&mut self, host: IpAddr, now: MonoMs, what: impl FnOnce(&mut HeldBack) -> &mut u64) {
        *what(&mut self.held) += 1;
        (self.held.from, self.held_at) = (Some(host), Some(now));
    }
}

/// Counts; copies share one.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    limits: Limits,
    table: Arc<Mutex<Table>>,
}

/// A connection's place.
pub(super) struct Admitted {
    of: Admission,
    host: IpAddr,
}

fn host(of: SocketAddr) -> IpAddr {
    match of.ip().to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

impl Admission {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, table: Arc::default() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn full(&self) -> i64 {
        i64::from(self.limits.rate.1) * 1_000
    }

    /// The peer's row, with its bucket refilled; `None` when there are too many addresses.
    fn peer<'a>(&self, table: &'a mut Table, host: IpAddr, now: MonoMs) -> Option<&'a mut Peer> {
        if !table.peers.contains_key(&host) && table.peers.len() >= self.limits.addresses {
            return None;
        }
        let peer = table.peers.entry(host).or_insert(Peer { connections: 0, tokens: self.full(), at: now });
        // A frame is 1,000 thousandths and a second 1,000 ms: so many thousandths a millisecond as frames a second.
        let refill =
            i64::try_from(now.since(peer.at)).unwrap_or(i64::MAX).saturating_mul(i64::from(self.limits.rate.0));
        peer.tokens = peer.tokens.saturating_add(refill).min(self.full());
        peer.at = now;
        Some(peer)
    }

    /// Takes a connection in; `None` when there are too many, in all or from its address.
    pub(super) fn admit(&self, from: SocketAddr, now: MonoMs) -> Option<Admitted> {
        let host = host(from);
        let mut table = self.table();
        let (most, most_of_host) = self.limits.connections;
        let free = table.open < most;
        let admitted = match self.peer(&mut table, host, now) {
            Some(peer) if free && peer.connections < most_of_host => {
                peer.connections += 1;
                true
            }
            _ => false,
        };
        if !admitted {
            table.hold(host, now, |held| &mut held.connections);
            metrics::counter!("jifang_dc09_connections_refused_total").increment(1);
            return None;
        }
        table.open += 1;
        Some(Admitted { of: self.clone(), host })
    }

    /// Takes `frames` off the address's bucket; how long to wait before reading more, ms. Zero when it keeps to its rate.
    pub(super) fn spend(&self, from: SocketAddr, frames: usize, now: MonoMs) -> u64 {
        let mut table = self.table();
        let wait_ms = match self.peer(&mut table, host(from), now) {
            None => 1_000,
            Some(peer) => {
                let taken = i64::try_from(frames).unwrap_or(i64::MAX).saturating_mul(1_000);
                peer.tokens = peer.tokens.saturating_sub(taken);
                u64::try_from(-peer.tokens).unwrap_or(0) / u64::from(self.limits.rate.0.max(1))
            }
        };
        if wait_ms > 0 {
            table.hold(host(from), now, |held| &mut held.waits);
        }
        wait_ms
    }

    /// May the address send a datagram now? Takes a frame off its bucket if so.
    pub(super) fn allows(&self, from: SocketAddr, now: MonoMs) -> bool {
        let mut table = self.table();
        let allowed = match self.peer(&mut table, host(from), now) {
            Some(peer) if peer.tokens >= 1_000 => {
                peer.tokens -= 1_000;
                true
            }
            _ => false,
        };
        if !allowed {
            table.hold(host(from), now, |held| &mut held.datagrams);
            metrics::counter!("jifang_dc09_datagrams_dropped_total").increment(1);
        }
        allowed
    }

    /// Forgets addresses that have no connection and a full bucket.
    pub(super) fn sweep(&self, now: MonoMs) {
        let mut table = self.table();
        if now.since(table.swept) < SWEEP_MS {
            return;
        }
        table.swept = now;
        let (rate, full) = (i64::from(self.limits.rate.0), self.full());
        table.peers.retain(|_, p| {
            let refill = i64::try_from(now.since(p.at)).unwrap_or(i64::MAX).saturating_mul(rate);
            p.connections > 0 || p.tokens.saturating_add(refill) < full
        });
    }

    /// What was held back since the start.
    pub(super) fn held(&self) -> HeldBack {
        self.table().held
    }

    /// The address that asked for more than its share within the last minute, if one did.
    pub(super) fn too_much(&self, now: MonoMs) -> Option<IpAddr> {
        let table = self.table();
        let at = table.held_at.filter(|at| now.since(*at) < CALM_MS)?;
        table.held.from.filter(|_| at <= now)
    }

    /// Open connections.
    pub(super) fn open(&self) -> usize {
        self.table().open
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut table = self.of.table();
        table.open = table.open.saturating_sub(1);
        if let Some(peer) = table.peers.get_mut(&self.host) {
            peer.connections = peer.connections.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn connections_are_limited_in_all_and_by_address_and_given_back() {
        let admission = Admission::new(Limits { connections: (3, 2), ..Limits::default() });
        let now = MonoMs(0);
        let first = admission.admit(at("192.0.2.1:1"), now);
        let second = admission.admit(at("[::ffff:192.0.2.1]:2"), now);
        assert!(first.is_some() && second.is_some());
        assert!(admission.admit(at("192.0.2.1:3"), now).is_none(), "the address has its two");
        let other = admission.admit(at("[2001:db8::1]:1"), now);
        assert!(other.is_some());
        assert!(admission.admit(at("192.0.2.3:1"), now).is_none(), "three in all");
        drop(second);
        let again = admission.admit(at("192.0.2.1:3"), now);
        assert!(again.is_some());
        drop((first, other, again));
        admission.sweep(MonoMs(SWEEP_MS));
        assert_eq!((admission.open(), admission.table().peers.len()), (0, 0));
        let held = admission.held();
        assert_eq!((held.connections, held.datagrams, held.waits), (2, 0, 0));
        assert_eq!(held.from, Some([192, 0, 2, 3].into()));
    }

    #[test]
    fn who_asks_for_too_much_is_named_until_it_is_calm() {
        let admission = Admission::new(Limits { rate: (10, 10), ..Limits::default() });
        let from = at("192.0.2.1:1");
        assert_eq!(admission.spend(from, 10, MonoMs(0)), 0);
        assert_eq!(admission.too_much(MonoMs(0)), None);
        assert!(!admission.allows(from, MonoMs(5)) && admission.spend(from, 1, MonoMs(5)) > 0);
        assert_eq!(admission.too_much(MonoMs(5)), Some(from.ip()));
        assert_eq!(admission.too_much(MonoMs(5 + CALM_MS - 1)), Some(from.ip()));
        assert_eq!(admission.too_much(MonoMs(5 + CALM_MS)), None);
        let held = admission.held();
        assert_eq!((held.connections, held.datagrams, held.waits), (0, 1, 1), "what was is still told");
    }

    #[test]
    fn frames_are_limited_by_address_and_the_wait_is_told() {
        let admission = Admission::new(Limits { rate: (100, 10), addresses: 2, ..Limits::default() });
        let (one, other) = (at("192.0.2.1:1"), at("192.0.2.2:1"));
        assert_eq!(admission.spend(one, 10, MonoMs(0)), 0);
        assert_eq!(admission.spend(one, 5, MonoMs(0)), 50, "five in debt at a hundred a second");
        assert_eq!(admission.spend(other, 1, MonoMs(0)), 0, "another address is not touched");
        assert!(!admission.allows(one, MonoMs(10)) && admission.allows(one, MonoMs(60)));
        assert!(!admission.allows(at("192.0.2.3:1"), MonoMs(60)), "no room for another address");
        admission.sweep(MonoMs(SWEEP_MS));
        assert!(admission.allows(at("192.0.2.3:1"), MonoMs(SWEEP_MS)), "until the quiet ones are forgotten");
    }

    #[test]
    fn the_hosts_of_one_ipv6_subscriber_are_one() {
        let admission = Admission::new(Limits { connections: (9, 1), ..Limits::default() });
        let held = admission.admit(at("[2001:db8:1:2:3::1]:1"), MonoMs(0));
        assert!(held.is_some() && admission.admit(at("[2001:db8:1:2:4::1]:1"), MonoMs(0)).is_none());
        assert!(admission.admit(at("[2001:db8:1:3::1]:1"), MonoMs(0)).is_some());
    }
}
