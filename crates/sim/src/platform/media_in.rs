//! Media of one call of the simulated platform: received, counted, written to a file as a program stream.
//!
//! Flow: UDP or TCP in any of its three forms -> RTP -> payloads in order of arrival (loopback and test networks keep it) -> file and
//! demuxer -> a line a second: `media SESSION pictures P keys K sounds S bytes B size WxH`. Invariants: a packet of another SSRC is
//! counted as stray and goes nowhere; the file holds whole payloads only.

use crate::SimError;
use media::ps::Demuxer;
use media::rtp::{Packet, Rfc4571};
use media::{Frame, MediaEvent};
use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;
use tokio::time::Instant;
use wire::gb28181::sdp::MediaTransport;

/// Longest wait for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two lines.
const TELL: Duration = Duration::from_secs(1);

/// Where a call's media is to come in.
pub(super) enum MediaIn {
    Udp(UdpSocket),
    Listen(TcpListener),
    /// We connect to where the answer says.
    Connect,
}

#[derive(Default)]
struct Sink {
    ssrc: u32,
    demuxer: Demuxer,
    events: Vec<MediaEvent>,
    payloads: Vec<u8>,
    pictures: u64,
    keys: u64,
    sounds: u64,
    lost: u64,
    strays: u64,
    bytes: u64,
    size_px: (u16, u16),
}

impl Sink {
    fn packet(&mut self, bytes: &[u8]) {
        let Ok(packet) = Packet::parse(bytes) else { return self.strays += 1 };
        if packet.ssrc != self.ssrc {
            return self.strays += 1;
        }
        self.payloads.extend_from_slice(packet.payload);
        self.bytes += packet.payload.len() as u64;
        self.demuxer.feed(packet.payload, i64::from(packet.timestamp), packet.marker, &mut self.events);
        for event in self.events.drain(..) {
            match event {
                MediaEvent::Video(v) => self.size_px = (v.width_px, v.height_px),
                MediaEvent::Audio(_) => {}
                MediaEvent::Lost { packets } => self.lost += u64::from(packets),
                MediaEvent::Frame(Frame { codec, key, .. }) if codec.is_video() => {
                    self.pictures += 1;
                    self.keys += u64::from(key);
                }
                MediaEvent::Frame(_) => self.sounds += 1,
            }
        }
    }

    fn line(&self, session: u64) -> String {
        format!(
            "media {session} pictures {} keys {} sounds {} bytes {} size {}x{} strays {} lost {}",
            self.pictures, self.keys, self.sounds, self.bytes, self.size_px.0, self.size_px.1, self.strays, self.lost
        )
    }
}

enum Way {
    Udp(UdpSocket),
    Tcp(TcpStream, Rfc4571),
}

impl MediaIn {
    /// Opens a port on `ip`; gives what the offer is to name.
    pub(super) async fn open(transport: MediaTransport, ip: IpAddr) -> Result<(Self, SocketAddr), SimError> {
        let io = |e| SimError::io("a media port", e);
        let any = SocketAddr::new(ip, 0);
        match transport {
            MediaTransport::Udp => {
                let socket = UdpSocket::bind(any).await.map_err(io)?;
                let own = socket.local_addr().map_err(io)?;
                Ok((Self::Udp(socket), own))
            }
            MediaTransport::TcpPassive => {
                let listener = TcpListener::bind(any).await.map_err(io)?;
                let own = listener.local_addr().map_err(io)?;
                Ok((Self::Listen(listener), own))
            }
            MediaTransport::TcpActive => Ok((Self::Connect, any)),
        }
    }

    /// Receives until the far end closes (TCP) or the task is ended.
    pub(super) async fn run(
        self,
        session: u64,
        ssrc: u32,
        transport: MediaTransport,
        from: Option<SocketAddr>,
        file: Option<PathBuf>,
        lines: &mpsc::Sender<String>,
    ) -> Result<(), SimError> {
        let mut file = match file {
            Some(path) => Some(File::create(&path).map_err(|e| SimError::io(path.display().to_string(), e))?),
            None => None,
        };
        let io = |e| SimError::io("media", e);
        let late = || SimError::io("media connection", std::io::ErrorKind::TimedOut.into());
        let mut way = match (self, transport, from) {
            (Self::Udp(socket), ..) => Way::Udp(socket),
            (Self::Listen(listener), ..) => {
                let (stream, _) =
                    tokio::time::timeout(PATIENCE, listener.accept()).await.map_err(|_| late())?.map_err(io)?;
                Way::Tcp(stream, Rfc4571::new())
            }
            (Self::Connect, _, Some(to)) => {
                let stream =
                    tokio::time::timeout(PATIENCE, TcpStream::connect(to)).await.map_err(|_| late())?.map_err(io)?;
                Way::Tcp(stream, Rfc4571::new())
            }
            (Self::Connect, _, None) => return Err(SimError::Setting("the answer names no address".to_owned())),
        };
        let mut sink = Sink { ssrc, ..Sink::default() };
        let (mut buffer, mut next) = (vec![0_u8; 65_536], Instant::now() + TELL);
        loop {
            let more = tokio::time::timeout_at(next, receive(&mut way, &mut buffer, &mut sink)).await;
            if let Some(file) = &mut file {
                file.write_all(&sink.payloads).map_err(io)?;
            }
            sink.payloads.clear();
            match more {
                Ok(true) => {}
                Ok(false) => {
                    let _ = lines.send(format!("{} closed", sink.line(session))).await;
                    return Ok(());
                }
                Err(_) => {
                    next = Instant::now() + TELL;
                    if let Some(file) = &mut file {
                        file.flush().map_err(io)?;
                    }
                    if lines.send(sink.line(session)).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }
}

/// One datagram or piece of the stream; false when the stream ended.
async fn receive(way: &mut Way, buffer: &mut [u8], sink: &mut Sink) -> bool {
    match way {
        Way::Udp(socket) => {
            if let Ok((length, _)) = socket.recv_from(buffer).await {
                sink.packet(buffer.get(..length).unwrap_or_default());
            }
            true
        }
        Way::Tcp(stream, framing) => match stream.read(buffer).await {
            Ok(length @ 1..) => framing.push(buffer.get(..length).unwrap_or_default(), &mut |p| sink.packet(p)).is_ok(),
            _ => false,
        },
    }
}
