//! Media over TCP, both ways of connecting; each connection's bytes go straight into its stream.
//!
//! Passive: the device connects to our one port; the SSRC of its first packet, else its host, says which stream it is.
//! Active: we connect to the address in the device's answer, three tries a second apart (GB/T 28181-2022, media over TCP).
//! Invariants: connections are bounded in all and by host; one that shows no RTP in time is closed; one buffer a connection.

use super::admission::{Admission, Admitted};
use super::noise::Noise;
use super::streams::{Fed, Stream, Streams, canonical};
use crate::SiteClock;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use wire::gb28181::platform::SessionId;

/// Read buffer of a connection, bytes.
const BUFFER_BYTES: usize = 64 * 1024;
/// A connection without RTP is closed after this, ms.
const FIRST_PACKET_MS: u64 = 10_000;
/// The answer that names a connection's stream may come after the connection: asked again this often, ms...
const AGAIN_MS: u64 = 100;
/// ... and this many times.
const AGAIN_TIMES: usize = 20;
/// Tries to connect to a device (2022: at least three).
const TRIES: u32 = 3;
/// Longest wait for a connection, ms.
const CONNECT_MS: u64 = 3_000;
/// Length of the private header that some vendors' streams begin with, bytes.
const PRIVATE_BYTES: usize = 256;
/// RTP header, bytes.
const RTP_BYTES: usize = 12;

/// What the connections of one port share.
#[derive(Clone)]
pub(super) struct MediaTcp {
    streams: Streams,
    clock: SiteClock,
    admission: Admission,
    noise: Arc<Mutex<Noise>>,
    /// Pause after a small read, ms: bytes gather meanwhile.
    pause_ms: u64,
}

/// We could not connect to a device.
#[derive(Debug)]
pub(super) struct ConnectFailed {
    pub(super) session: SessionId,
    pub(super) to: SocketAddr,
    pub(super) why: String,
}

impl MediaTcp {
    pub(super) fn new(streams: Streams, clock: SiteClock, admission: Admission, pause_ms: u64) -> Self {
        let noise = Arc::new(Mutex::new(Noise::new("media_tcp")));
        Self { streams, clock, admission, noise, pause_ms }
    }

    fn noise(&self, from: SocketAddr, why: &str) {
        let now = self.clock.now().mono;
        self.noise.lock().unwrap_or_else(PoisonError::into_inner).heard(Some(from), why, now);
    }

    /// Accepts for ever.
    pub(super) async fn accept(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((tcp, from)) => {
                    if let Some(place) = self.admission.admit(from) {
                        tokio::spawn(self.clone().passive(tcp, canonical(from), place));
                    }
                }
                // Out of descriptors, or a connection that ended meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn passive(self, mut tcp: TcpStream, from: SocketAddr, place: Admitted) {
        let mut buffer = vec![0; BUFFER_BYTES];
        let first = first_bytes(&mut tcp, &mut buffer);
        let Ok(Some((bytes, ssrc))) = tokio::time::timeout(Duration::from_millis(FIRST_PACKET_MS), first).await else {
            return self.noise(from, "a media connection without RTP");
        };
        for _ in 0..AGAIN_TIMES {
            if let Some(stream) = self.streams.place(true, from, Some(ssrc), self.clock.now()) {
                let read = self.clone().read(tcp, from, stream.clone(), buffer, bytes);
                let task = tokio::spawn(async move {
                    read.await;
                    drop(place);
                });
                return stream.set_task(task.abort_handle());
            }
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
        metrics::counter!("jifang_gb_stray_connections_total").increment(1);
        tracing::info!(%from, ssrc, "a media connection that belongs to no stream was closed");
    }

    /// Reads until the connection or the stream ends; the first `bytes` of the buffer are already read.
    async fn read(self, mut tcp: TcpStream, from: SocketAddr, stream: Arc<Stream>, mut buffer: Vec<u8>, bytes: usize) {
        let mut bytes = bytes;
        loop {
            match stream.chunk(from, buffer.get(..bytes).unwrap_or_default(), self.clock.now()) {
                Fed::Taken => {}
                Fed::Gone => return,
                Fed::Unframed => {
                    self.noise(from, "a media connection without RTP framing");
                    break;
                }
            }
            if bytes < BUFFER_BYTES / 2 && self.pause_ms > 0 {
                tokio::time::sleep(Duration::from_millis(self.pause_ms)).await;
            }
            match tcp.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => bytes = count,
            }
        }
        self.streams.unbind(stream.session, from);
    }

    /// Connects to a device and reads; `tell` hears of it when no try works.
    pub(super) fn connect(
        &self,
        stream: &Arc<Stream>,
        to: Vec<SocketAddr>,
        retry_ms: u64,
        tell: impl Fn(ConnectFailed) + Send + 'static,
    ) {
        let task = tokio::spawn(self.clone().active(stream.clone(), to, retry_ms, tell));
        stream.set_task(task.abort_handle());
    }

    async fn active(
        self,
        stream: Arc<Stream>,
        to: Vec<SocketAddr>,
        retry_ms: u64,
        tell: impl Fn(ConnectFailed) + Send + 'static,
    ) {
        let mut tries = 0;
        for to in to.iter().copied().cycle() {
            tries += 1;
            let connecting = tokio::time::timeout(Duration::from_millis(CONNECT_MS), TcpStream::connect(to)).await;
            let why = match connecting {
                Ok(Ok(tcp)) => {
                    let before = stream.progress.last_packet();
                    Streams::connected(&stream, to, self.clock.now());
                    self.clone().read(tcp, to, stream.clone(), vec![0; BUFFER_BYTES], 0).await;
                    if stream.progress.last_packet() != before {
                        tries = 0;
                    }
                    "connection closed by the device".to_owned()
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".to_owned(),
            };
            if tries >= TRIES {
                return tell(ConnectFailed { session: stream.session, to, why });
            }
            tokio::time::sleep(Duration::from_millis(retry_ms)).await;
        }
    }
}

/// Reads until the first packet's SSRC shows; the number of bytes read, and the SSRC. `None`: the connection ended, or is no RTP.
async fn first_bytes(tcp: &mut TcpStream, buffer: &mut [u8]) -> Option<(usize, u32)> {
    let mut filled = 0;
    while filled < PRIVATE_BYTES + 4 + RTP_BYTES {
        let count = tcp.read(buffer.get_mut(filled..)?).await.ok()?;
        if count == 0 {
            return None;
        }
        filled += count;
        if let Some(ssrc) = first_ssrc(buffer.get(..filled)?) {
            return Some((filled, ssrc));
        }
    }
    None
}

/// SSRC of the first packet: after 2 bytes of length (RFC 4571), or 4 (`$` framing), either after a vendor's 256 bytes.
fn first_ssrc(bytes: &[u8]) -> Option<u32> {
    [0, PRIVATE_BYTES].into_iter().find_map(|skip| {
        let bytes = bytes.get(skip..)?;
        let head = if bytes.first() == Some(&b'$') { 4 } else { 2 };
        media::rtp::peek_ssrc(bytes.get(head..)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rtp(ssrc: u8) -> Vec<u8> {
        vec![0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, ssrc]
    }

    #[test]
    fn the_first_ssrc_is_found_in_each_framing_and_nowhere_else() {
        let framed = [vec![0, 12], rtp(7)].concat();
        let dollar = [vec![b'$', 0, 0, 12], rtp(8)].concat();
        let private = [vec![1; PRIVATE_BYTES], framed.clone()].concat();
        assert_eq!(first_ssrc(&framed), Some(7));
        assert_eq!(first_ssrc(&dollar), Some(8));
        assert_eq!(first_ssrc(&private), Some(7));
        for short in 0..framed.len() {
            assert_eq!(first_ssrc(&framed[..short]), None);
        }
        for junk in [&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], &[0; 300], &[0xff; 300]] {
            assert_eq!(first_ssrc(junk), None);
        }
    }
}
