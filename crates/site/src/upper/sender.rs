//! One view's media: the camera's frames as they are -> PS packs -> RTP -> UDP, or TCP with two-byte lengths (RFC 4571).
//!
//! Flow: the platform's offer -> `Opened` (a port is bound, so that the answer can name it) -> connection -> the current GOP, then
//! every frame. Invariants: nothing is coded anew; the first frame sent is a key picture, also after frames were missed; a platform
//! that is too slow loses frames and never slows the camera; a connection that takes nothing for ten seconds ends; a view without leave
//! to hear carries pictures only.

use crate::camera::{Live, LiveHub};
use media::ps::Muxer;
use media::rtp::{PAYLOAD_PS, Packetiser, push_rfc4571};
use media::{AudioConfig, VideoConfig};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::sync::broadcast::error::RecvError;
use wire::gb28181::sdp::{MediaTransport, Session};

/// Attempts to connect, and the pause between (GB/T 28181-2022: at least three, at least a second apart).
const CONNECT_TRIES: u32 = 3;
const CONNECT_PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for a connection, and for the far end to take bytes.
const PATIENCE: Duration = Duration::from_secs(10);
/// Datagrams sent at once before a pause of a millisecond: a key picture in one burst would overflow buffers on the way.
const BURST_PACKETS: usize = 32;
/// Datagrams refused by the far end's host (port closed) in a row after which a view is given up.
const REFUSED_MOST: u32 = 500;

/// A port that is ready for a view.
pub(super) enum Opened {
    /// Datagrams; the socket knows where to.
    Udp { socket: UdpSocket },
    /// We connect.
    Connect { socket: TcpSocket, to: SocketAddr },
    /// The platform connects.
    Listen { listener: TcpListener, hosts: Vec<IpAddr> },
}

fn usable(to: SocketAddr, signalling: IpAddr) -> bool {
    let ip = to.ip();
    to.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && (!ip.is_loopback() || signalling.is_loopback())
}

impl Opened {
    /// Binds what an offer needs on our address `own`; also gives what the answer names.
    pub(super) async fn open(offer: &Session, own: IpAddr, signalling: IpAddr) -> io::Result<(Self, SocketAddr)> {
        let any = SocketAddr::new(own, 0);
        let bad = || io::Error::new(io::ErrorKind::InvalidInput, "the offer names no usable address");
        let target = || offer.media_address().filter(|to| usable(*to, signalling)).ok_or_else(bad);
        match offer.transport() {
            MediaTransport::Udp => {
                let to = target()?;
                let socket = UdpSocket::bind(any).await?;
                // So that a closed port is told to us.
                socket.connect(to).await?;
                let local = socket.local_addr()?;
                Ok((Self::Udp { socket }, local))
            }
            MediaTransport::TcpPassive => {
                let to = target()?;
                let socket = if own.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
                socket.bind(any)?;
                let local = socket.local_addr()?;
                Ok((Self::Connect { socket, to }, local))
            }
            MediaTransport::TcpActive => {
                let listener = TcpListener::bind(any).await?;
                let local = listener.local_addr()?;
                let media = offer.video().and_then(|v| v.connection).or(offer.connection);
                Ok((Self::Listen { listener, hosts: media.into_iter().chain([signalling]).collect() }, local))
            }
        }
    }
}

enum Way {
    Udp { socket: UdpSocket, refused: u32 },
    Tcp(TcpStream),
}

async fn patient<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn connect(opened: Opened) -> io::Result<Way> {
    match opened {
        Opened::Udp { socket } => Ok(Way::Udp { socket, refused: 0 }),
        Opened::Connect { socket, to } => {
            let mut last = match patient(socket.connect(to)).await {
                Ok(stream) => return ready(stream),
                Err(error) => error,
            };
            for _ in 1..CONNECT_TRIES {
                tokio::time::sleep(CONNECT_PAUSE).await;
                // From another port: the first may still be held by the failed attempt.
                match patient(TcpStream::connect(to)).await {
                    Ok(stream) => return ready(stream),
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
        Opened::Listen { listener, hosts } => {
            let expected = async {
                loop {
                    let (stream, from) = listener.accept().await?;
                    // Anyone else who finds the port gets nothing.
                    if hosts.contains(&from.ip()) {
                        return Ok(stream);
                    }
                }
            };
            ready(patient(expected).await?)
        }
    }
}

fn ready(stream: TcpStream) -> io::Result<Way> {
    stream.set_nodelay(true)?;
    Ok(Way::Tcp(stream))
}

/// Resolves when the platform closes a TCP connection; never for datagrams.
async fn broken(way: &mut Way) -> io::Error {
    let Way::Tcp(stream) = way else { return std::future::pending().await };
    let mut ignored = [0_u8; 512];
    loop {
        match stream.read(&mut ignored).await {
            Ok(0) => return io::ErrorKind::ConnectionReset.into(),
            // Receiver reports.
            Ok(_) => {}
            Err(error) => return error,
        }
    }
}

/// What is sent next.
#[derive(Default)]
struct Stream {
    video: Option<Arc<VideoConfig>>,
    audio: Option<Arc<AudioConfig>>,
    muxer: Option<Muxer>,
    /// Frames were missed (or none came yet): only a key picture may come next.
    await_key: bool,
    /// Sound goes with the pictures.
    sound: bool,
    ps: Vec<u8>,
}

impl Stream {
    fn new(sound: bool) -> Self {
        Self { await_key: true, sound, ..Self::default() }
    }

    /// The pack of a frame, and its time on the RTP clock; `None` for what is not sent.
    fn pack(&mut self, live: Live) -> Option<(&[u8], u32)> {
        let frame = match live {
            Live::Video(config) => {
                self.video = Some(config);
                self.await_key = true;
                self.muxer = None;
                return None;
            }
            Live::Audio(_) if !self.sound => return None,
            Live::Frame(frame) if !self.sound && !frame.codec.is_video() => return None,
            Live::Audio(config) => {
                self.audio = Some(config);
                self.muxer = None;
                return None;
            }
            Live::Frame(frame) => frame,
        };
        if self.await_key && !(frame.codec.is_video() && frame.key) {
            return None;
        }
        self.await_key = false;
        let (video, audio) = (&self.video, &self.audio);
        let muxer = self.muxer.get_or_insert_with(|| Muxer::new(video.as_deref().cloned(), audio.as_deref().cloned()));
        self.ps.clear();
        muxer.frame(&frame, &mut self.ps);
        let time = u32::try_from(frame.pts_90k.rem_euclid(1 << 32)).unwrap_or(0);
        (!self.ps.is_empty()).then_some((self.ps.as_slice(), time))
    }
}

/// Sends until the connection breaks, the camera is gone, or the task is ended; without `sound` pictures only.
pub(super) async fn run(opened: Opened, ssrc: u32, first_sequence: u16, hub: LiveHub, sound: bool) -> io::Result<()> {
    let mut way = connect(opened).await?;
    let (first, mut live) = hub.join();
    let mut packetiser = Packetiser::new(PAYLOAD_PS, ssrc, first_sequence);
    let mut stream = Stream::new(sound);
    for item in first {
        send(&mut way, &mut packetiser, &mut stream, item).await?;
    }
    loop {
        let item = tokio::select! {
            item = live.recv() => item,
            error = broken(&mut way) => return Err(error),
        };
        match item {
            Ok(item) => send(&mut way, &mut packetiser, &mut stream, item).await?,
            Err(RecvError::Lagged(_)) => stream.await_key = true,
            Err(RecvError::Closed) => return Ok(()),
        }
    }
}

async fn send(way: &mut Way, packetiser: &mut Packetiser, stream: &mut Stream, item: Live) -> io::Result<()> {
    let Some((ps, time)) = stream.pack(item) else { return Ok(()) };
    match way {
        Way::Udp { socket, refused } => {
            let mut packets = Vec::new();
            packetiser.packetise(ps, time, &mut |p| packets.push(p.to_vec()));
            for (n, burst) in packets.chunks(BURST_PACKETS).enumerate() {
                if n > 0 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                for packet in burst {
                    match socket.send(packet).await {
                        Ok(_) => *refused = 0,
                        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => *refused += 1,
                        // Lost, as on any network.
                        Err(_) => {}
                    }
                }
            }
            if *refused >= REFUSED_MOST { Err(io::ErrorKind::ConnectionRefused.into()) } else { Ok(()) }
        }
        Way::Tcp(tcp) => {
            let mut out = Vec::with_capacity(ps.len() + ps.len() / 64 + 64);
            packetiser.packetise(ps, time, &mut |p| {
                // Every packet is far below the 64 KiB that a length can say.
                let _ = push_rfc4571(p, &mut out);
            });
            patient(tcp.write_all(&out)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use media::{Codec, Frame};

    fn frame(codec: Codec, key: bool, pts_90k: i64) -> Live {
        let nal: &[u8] = if key { &[0, 0, 0, 2, 0x65, 0x88] } else { &[0, 0, 0, 2, 0x41, 0x9a] };
        Live::Frame(Arc::new(Frame {
            codec,
            pts_90k,
            key,
            data: Bytes::from_static(if codec.is_video() { nal } else { &[0xd5; 160] }),
        }))
    }

    fn video() -> Live {
        let sps = Bytes::from_static(&[0x67, 0x42, 0, 0x1e]);
        let config = VideoConfig {
            codec: Codec::H264,
            vps: Bytes::new(),
            sps,
            pps: Bytes::from_static(&[0x68, 0xce]),
            width_px: 64,
            height_px: 48,
        };
        Live::Video(Arc::new(config))
    }

    #[test]
    fn a_stream_begins_with_a_key_picture_also_after_a_loss() {
        let mut stream = Stream::new(true);
        assert!(stream.pack(video()).is_none());
        assert!(stream.pack(frame(Codec::H264, false, 0)).is_none());
        assert!(stream.pack(frame(Codec::G711A, true, 0)).is_none(), "no sound before the first picture");
        let (pack, time) = stream.pack(frame(Codec::H264, true, 3_600)).expect("a key picture goes out");
        assert!(pack.starts_with(&[0, 0, 1, 0xba]));
        assert_eq!(time, 3_600);
        assert!(stream.pack(frame(Codec::H264, false, 7_200)).is_some());
        stream.await_key = true;
        assert!(stream.pack(frame(Codec::H264, false, 10_800)).is_none());
        assert!(stream.pack(frame(Codec::H264, true, 14_400)).is_some());
        // Sound whose form was never told goes nowhere; times wrap as the RTP clock does.
        assert!(stream.pack(frame(Codec::G711A, true, 0)).is_none());
        assert_eq!(stream.pack(frame(Codec::H264, true, (1 << 32) + 5)).map(|(_, t)| t), Some(5));
    }

    #[test]
    fn a_view_without_leave_to_hear_carries_pictures_only() {
        let alaw = || {
            Live::Audio(Arc::new(AudioConfig {
                codec: Codec::G711A,
                rate_hz: 8_000,
                channels: 1,
                specific: Bytes::new(),
            }))
        };
        for sound in [true, false] {
            let mut stream = Stream::new(sound);
            assert!(stream.pack(video()).is_none() && stream.pack(alaw()).is_none());
            let picture = stream.pack(frame(Codec::H264, true, 0)).expect("a key picture goes out").0.to_vec();
            // The map of the stream names G.711 A as elementary stream 0xc0 only where there is leave.
            assert_eq!(picture.windows(4).any(|w| w == [0x90, 0xc0, 0, 0]), sound);
            assert_eq!(stream.pack(frame(Codec::G711A, true, 3_600)).is_some(), sound);
        }
    }

    #[test]
    fn media_goes_to_no_odd_address() {
        let (far, near): (IpAddr, IpAddr) = ("198.51.100.1".parse().unwrap(), "127.0.0.1".parse().unwrap());
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(usable(at("198.51.100.7:30000"), far));
        assert!(usable(at("127.0.0.1:30000"), near));
        for odd in
            ["127.0.0.1:30000", "0.0.0.0:30000", "224.0.0.1:30000", "198.51.100.1:0", "[::1]:9000", "[ff02::1]:9000"]
        {
            assert!(!usable(at(odd), far), "{odd}");
        }
    }
}
