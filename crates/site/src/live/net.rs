//! The one UDP socket of all viewers: datagrams come in and are told apart, packets go out in batches.
//!
//! A STUN request names its viewer (the first half of its user name, RFC 8445 section 7.2.2); everything else is told apart by the
//! sender's address, which a viewer's session claims only after its browser proved by STUN that it knows the session's password.
//! Invariants: a datagram that belongs to nobody costs one look-up and is counted; a full mailbox drops, it never waits.

use super::SessionToken;
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use std::collections::HashMap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use str0m::ice::StunMessage;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};

/// Longest datagram that a browser sends us, bytes; longer ones are nobody's.
const DATAGRAM_BYTES: usize = 2_000;
/// Most bytes of one batched send (the kernel's limit for segmented UDP is 65,535 with headers).
const BATCH_BYTES: usize = 60_000;
/// Datagrams received at once, each with room for what the kernel may join.
const RECEIVE_AT_ONCE: usize = 8;
/// How long a send may wait for the socket before its packets are given up.
const SEND_WAIT: Duration = Duration::from_millis(200);
/// Addresses one viewer may claim.
pub(super) const ADDRESSES: usize = 8;

/// One datagram for a session.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) from: SocketAddr,
    /// Our address that it was sent to, if known.
    pub(super) to: Option<IpAddr>,
    pub(super) data: Box<[u8]>,
}

/// What the server counted since it was bound.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) ignored: AtomicU64,
    pub(super) mailbox_full: AtomicU64,
    pub(super) packets: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) send_errors: AtomicU64,
    pub(super) lagged: AtomicU64,
    pub(super) ice_failures: AtomicU64,
}

/// Adds to a counter of ours and to the metric of the same meaning.
pub(super) fn count(own: &AtomicU64, metric: &'static str, by: u64) {
    own.fetch_add(by, Ordering::Relaxed);
    metrics::counter!(metric).increment(by);
}

struct Entry {
    ufrag: String,
    mail: mpsc::Sender<Datagram>,
    /// Dropped to end the session.
    stop: oneshot::Sender<()>,
    addresses: Vec<SocketAddr>,
}

#[derive(Default)]
struct Registry {
    sessions: HashMap<SessionToken, Entry>,
    by_ufrag: HashMap<String, SessionToken>,
    by_address: HashMap<SocketAddr, SessionToken>,
    closed: bool,
}

/// Socket, sessions by name and address, counters.
pub(super) struct Net {
    socket: UdpSocket,
    state: UdpSocketState,
    /// Where the socket is bound.
    pub(super) bound: SocketAddr,
    registry: Mutex<Registry>,
    pub(super) counts: Counts,
    pub(super) viewers: AtomicUsize,
}

impl Net {
    pub(super) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(
            socket2::Domain::for_address(address),
            socket2::Type::DGRAM,
            Some(socket2::Protocol::UDP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        socket.set_nonblocking(true)?;
        let socket = UdpSocket::from_std(socket.into())?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        // Best effort: the kernel caps both, and a smaller buffer only means more waiting.
        let _ = state.set_send_buffer_size(UdpSockRef::from(&socket), 4 << 20);
        let _ = state.set_recv_buffer_size(UdpSockRef::from(&socket), 1 << 20);
        let bound = socket.local_addr()?;
        let (registry, counts, viewers) = (Mutex::default(), Counts::default(), AtomicUsize::new(0));
        Ok(Self { socket, state, bound, registry, counts, viewers })
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a session; `false` when there are `limit` already or the server has stopped.
    pub(super) fn enter(
        &self,
        token: SessionToken,
        ufrag: String,
        mail: mpsc::Sender<Datagram>,
        stop: oneshot::Sender<()>,
        limit: usize,
    ) -> bool {
        let mut registry = self.registry();
        if registry.closed || registry.sessions.len() >= limit {
            return false;
        }
        registry.by_ufrag.insert(ufrag.clone(), token);
        registry.sessions.insert(token, Entry { ufrag, mail, stop, addresses: Vec::new() });
        self.watch(registry.sessions.len());
        true
    }

    /// The session at `token` proved to be reachable at `address`.
    pub(super) fn claim(&self, token: SessionToken, address: SocketAddr) {
        let mut registry = self.registry();
        let Some(entry) = registry.sessions.get_mut(&token) else { return };
        if entry.addresses.contains(&address) {
            return;
        }
        let oldest = (entry.addresses.len() >= ADDRESSES).then(|| entry.addresses.remove(0));
        entry.addresses.push(address);
        if let Some(oldest) = oldest
            && registry.by_address.get(&oldest) == Some(&token)
        {
            registry.by_address.remove(&oldest);
        }
        registry.by_address.insert(address, token);
    }

    /// Tells a session to end; `false` if there is none.
    pub(super) fn close(&self, token: SessionToken) -> bool {
        let stop = {
            let mut registry = self.registry();
            registry.sessions.get_mut(&token).map(|entry| std::mem::replace(&mut entry.stop, oneshot::channel().0))
        };
        stop.is_some()
    }

    /// A session of this name runs.
    pub(super) fn knows(&self, token: SessionToken) -> bool {
        self.registry().sessions.contains_key(&token)
    }

    /// Tells all sessions to end and lets no new one in.
    pub(super) fn close_all(&self) {
        let mut registry = self.registry();
        registry.closed = true;
        for entry in registry.sessions.values_mut() {
            drop(std::mem::replace(&mut entry.stop, oneshot::channel().0));
        }
    }

    /// Forgets a session that has ended.
    pub(super) fn leave(&self, token: SessionToken) {
        let mut registry = self.registry();
        if let Some(entry) = registry.sessions.remove(&token) {
            registry.by_ufrag.remove(&entry.ufrag);
            registry.by_address.retain(|_, owner| *owner != token);
        }
        self.watch(registry.sessions.len());
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge of at most some hundreds")]
    fn watch(&self, sessions: usize) {
        self.viewers.store(sessions, Ordering::Relaxed);
        metrics::gauge!("jifang_live_viewers").set(sessions as f64);
    }

    pub(super) fn is_full(&self, limit: usize) -> bool {
        self.registry().sessions.len() >= limit
    }

    /// Receives until aborted.
    pub(super) async fn receive(&self) {
        let room = DATAGRAM_BYTES.max(1_500) * self.state.gro_segments();
        let mut memory = vec![0; room * RECEIVE_AT_ONCE];
        let mut metas = [RecvMeta::default(); RECEIVE_AT_ONCE];
        loop {
            let got = {
                let mut slices: Vec<_> = memory.chunks_mut(room).map(IoSliceMut::new).collect();
                let receive = || self.state.recv(UdpSockRef::from(&self.socket), &mut slices, &mut metas);
                match self.socket.async_io(Interest::READABLE, receive).await {
                    Ok(got) => got,
                    Err(error) => {
                        // ICMP errors of gone browsers surface here on some systems; others must not spin.
                        tracing::debug!(%error, "live socket");
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    }
                }
            };
            for (chunk, meta) in memory.chunks(room).zip(&metas).take(got) {
                let Some(joined) = chunk.get(..meta.len) else { continue };
                for data in joined.chunks(meta.stride.max(1)) {
                    self.route(meta.addr, meta.dst_ip, data);
                }
            }
        }
    }

    fn route(&self, from: SocketAddr, to: Option<IpAddr>, data: &[u8]) {
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let mail = self.owner(from, data);
        let Some(mail) = mail else {
            count(&self.counts.ignored, "jifang_live_datagrams_ignored_total", 1);
            return;
        };
        let datagram = Datagram { from, to: to.map(|ip| ip.to_canonical()), data: data.into() };
        if mail.try_send(datagram).is_err() {
            count(&self.counts.mailbox_full, "jifang_live_datagrams_dropped_total", 1);
        }
    }

    fn owner(&self, from: SocketAddr, data: &[u8]) -> Option<mpsc::Sender<Datagram>> {
        if data.len() > DATAGRAM_BYTES {
            return None;
        }
        // RFC 7983: 0 to 3 is STUN.
        let stun = matches!(data.first()?, 0..=3).then(|| StunMessage::parse(data));
        let registry = self.registry();
        let token = match &stun {
            Some(Err(_)) => None,
            Some(Ok(message)) if message.is_binding_request() => {
                registry.by_ufrag.get(message.split_username()?.0).copied()
            }
            _ => registry.by_address.get(&from).copied(),
        }?;
        registry.sessions.get(&token).map(|entry| entry.mail.clone())
    }

    /// Sends a batch; waits for room in the socket, but not for long.
    pub(super) async fn send(&self, batch: &mut Batch) {
        let Some((destination, source)) = batch.route.take().filter(|_| !batch.data.is_empty()) else { return };
        let v6 = self.bound.is_ipv6();
        let destination = match destination {
            SocketAddr::V4(v4) if v6 => SocketAddr::new(v4.ip().to_ipv6_mapped().into(), v4.port()),
            other => other,
        };
        let transmit = Transmit {
            destination,
            ecn: None,
            contents: &batch.data,
            segment_size: (batch.packets > 1).then_some(batch.segment),
            src_ip: source.filter(|ip| ip.is_ipv6() == v6),
        };
        let send = || self.state.try_send(UdpSockRef::from(&self.socket), &transmit);
        let sent = tokio::time::timeout(SEND_WAIT, self.socket.async_io(Interest::WRITABLE, send)).await;
        if matches!(sent, Ok(Ok(()))) {
            count(&self.counts.packets, "jifang_live_packets_sent_total", batch.packets);
            count(&self.counts.bytes, "jifang_live_bytes_sent_total", batch.data.len() as u64);
        } else {
            // Lost like any other datagram: the browser asks again or drops the session.
            count(&self.counts.send_errors, "jifang_live_send_errors_total", batch.packets);
        }
        batch.data.clear();
        batch.packets = 0;
    }

    /// Packets one batch may hold.
    pub(super) fn batch_packets(&self) -> u64 {
        self.state.max_gso_segments() as u64
    }
}

/// Packets of one size to one address, sent with one call. The last may be shorter.
#[derive(Debug, Default)]
pub(super) struct Batch {
    data: Vec<u8>,
    segment: usize,
    packets: u64,
    ended: bool,
    route: Option<(SocketAddr, Option<IpAddr>)>,
    /// Where the newest packet went.
    last: Option<SocketAddr>,
}

impl Batch {
    /// True when `packet` can only go into the next batch.
    pub(super) fn is_full_for(&self, packet: &[u8], to: SocketAddr, source: Option<IpAddr>, most: u64) -> bool {
        self.packets > 0
            && (self.ended
                || self.packets >= most
                || packet.len() > self.segment
                || self.data.len() + packet.len() > BATCH_BYTES
                || self.route != Some((to, source)))
    }

    /// True when the last packet went elsewhere.
    pub(super) fn is_new(&mut self, to: SocketAddr) -> bool {
        self.last.replace(to) != Some(to)
    }

    pub(super) fn push(&mut self, packet: &[u8], to: SocketAddr, source: Option<IpAddr>) {
        if self.packets == 0 {
            self.segment = packet.len();
            self.ended = false;
            self.route = Some((to, source));
        }
        self.ended = packet.len() < self.segment;
        self.data.extend_from_slice(packet);
        self.packets += 1;
    }
}
