//! Media over UDP: one socket, one task, many datagrams a system call; each goes straight into its stream.
//!
//! Datagrams flow in (recvmmsg with GRO), frames flow out of `Stream::datagram` to the camera. The arrival time is taken once a
//! batch. Invariants: nothing is allocated a packet; what belongs to no stream is counted and dropped; a stream's source is looked
//! up once and remembered until the stream says that it is gone.

use super::noise::Noise;
use super::streams::{Fed, Stream, Streams, canonical};
use crate::SiteClock;
use base::Now;
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};
use std::collections::HashMap;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Receive buffer asked for, bytes: half a second of 128 Mbit/s.
const RECEIVE_BYTES: usize = 8 * 1024 * 1024;
/// One buffer holds one datagram or one run of datagrams joined by GRO, bytes.
const BUFFER_BYTES: usize = 65_536;
/// Packets missing are given up with this precision, ms.
const POLL_MS: u64 = 50;
/// Batches in a row before other tasks get a turn.
const BATCHES_IN_A_ROW: usize = 16;

/// The one UDP media socket and what is known of its senders.
pub(super) struct MediaUdp {
    socket: UdpSocket,
    state: UdpSocketState,
    buffers: Vec<u8>,
    meta: [RecvMeta; BATCH_SIZE],
    routes: Routes,
    clock: SiteClock,
    /// Pause after the socket is empty, ms: packets gather meanwhile, so that one call takes many.
    pause_ms: u64,
    receive_bytes: usize,
}

struct Routes {
    streams: Streams,
    known: HashMap<(SocketAddr, u32), Arc<Stream>>,
    /// The last one: packets come in runs.
    last: Option<((SocketAddr, u32), Arc<Stream>)>,
    not_rtp: Noise,
}

impl MediaUdp {
    /// Takes the bound socket over.
    ///
    /// # Errors
    /// The socket's options cannot be set.
    pub(super) fn new(socket: UdpSocket, streams: Streams, clock: SiteClock, pause_ms: u64) -> io::Result<Self> {
        let state = UdpSocketState::new((&socket).into())?;
        // Beyond the system's limit with the right to do so, else up to it.
        if rustix::net::sockopt::set_socket_recv_buffer_size_force(&socket, RECEIVE_BYTES).is_err() {
            state.set_recv_buffer_size((&socket).into(), RECEIVE_BYTES)?;
        }
        // Linux doubles what was asked for and reports that.
        let receive_bytes = state.recv_buffer_size((&socket).into())? / 2;
        if receive_bytes < RECEIVE_BYTES {
            tracing::warn!(
                got = receive_bytes,
                wanted = RECEIVE_BYTES,
                "the UDP receive buffer is small: raise net.core.rmem_max, or packets may be lost under load"
            );
        }
        let routes = Routes { streams, known: HashMap::new(), last: None, not_rtp: Noise::new("media_udp") };
        Ok(Self {
            socket,
            state,
            buffers: vec![0; BUFFER_BYTES * BATCH_SIZE],
            meta: [RecvMeta::default(); BATCH_SIZE],
            routes,
            clock,
            pause_ms,
            receive_bytes,
        })
    }

    /// Receive buffer of the socket, bytes.
    pub(super) const fn receive_bytes(&self) -> usize {
        self.receive_bytes
    }

    /// Receives for ever.
    pub(super) async fn run(mut self) {
        let mut waiting = false;
        let mut polled = self.clock.now().mono;
        loop {
            let readable = self.socket.readable();
            if waiting {
                let _ = tokio::time::timeout(Duration::from_millis(POLL_MS), readable).await;
            } else {
                let _ = readable.await;
            }
            let received = self.drain();
            waiting |= received > 0;
            let now = self.clock.now();
            if waiting && now.mono.since(polled) >= POLL_MS {
                polled = now.mono;
                waiting = self.routes.poll(now) || received > 0;
            }
            if self.pause_ms > 0 {
                tokio::time::sleep(Duration::from_millis(self.pause_ms)).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Takes what the socket holds, up to a turn's worth; returns how many buffers came.
    fn drain(&mut self) -> usize {
        let mut received = 0;
        for _ in 0..BATCHES_IN_A_ROW {
            match self.batch() {
                Ok(count) => received += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    let now = self.clock.now().mono;
                    self.routes.not_rtp.heard(None, &error.to_string(), now);
                    break;
                }
            }
        }
        received
    }

    fn batch(&mut self) -> io::Result<usize> {
        let Self { socket, state, buffers, meta, routes, clock, .. } = self;
        let count = {
            let mut parts = buffers.chunks_exact_mut(BUFFER_BYTES);
            let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
                std::array::from_fn(|_| IoSliceMut::new(parts.next().unwrap_or_default()));
            socket.try_io(Interest::READABLE, || state.recv((&*socket).into(), &mut slices, meta))?
        };
        let now = clock.now();
        for (buffer, meta) in buffers.chunks_exact(BUFFER_BYTES).zip(meta.iter()).take(count) {
            let bytes = buffer.get(..meta.len).unwrap_or_default();
            let from = canonical(meta.addr);
            for packet in bytes.chunks(meta.stride.max(1)) {
                routes.packet(from, packet, now);
            }
        }
        Ok(count)
    }
}

impl Routes {
    fn packet(&mut self, from: SocketAddr, packet: &[u8], now: Now) {
        let Some(ssrc) = media::rtp::peek_ssrc(packet) else { return self.no_media(from, packet, now) };
        let key = (from, ssrc);
        if let Some((at, stream)) = &self.last
            && *at == key
            && stream.datagram(from, packet, now) == Fed::Taken
        {
            return;
        }
        if let Some(stream) = self.known.get(&key) {
            if stream.datagram(from, packet, now) == Fed::Taken {
                self.last = Some((key, stream.clone()));
                return;
            }
            self.known.remove(&key);
        }
        self.last = None;
        match self.streams.place(false, from, Some(ssrc), now) {
            Some(stream) => {
                let _ = stream.datagram(from, packet, now);
                self.known.insert(key, stream);
            }
            None => metrics::counter!("jifang_gb_stray_packets_total").increment(1),
        }
    }

    fn no_media(&mut self, from: SocketAddr, packet: &[u8], now: Now) {
        // RTCP on the media port is well formed; it says nothing that is needed here.
        if matches!(packet, [first, 192..=223, ..] if first >> 6 == 2) {
            return;
        }
        self.not_rtp.heard(Some(from), "no RTP on the media port", now.mono);
    }

    /// Gives up what is missing too long and forgets streams that are over; true while packets are waited for.
    fn poll(&mut self, now: Now) -> bool {
        let mut waiting = false;
        self.last = None;
        self.known.retain(|_, stream| match stream.poll(now) {
            Some(waits) => {
                waiting |= waits;
                true
            }
            None => false,
        });
        waiting
    }
}
