//! Sends one call's media: frames -> PS packs -> RTP packets -> UDP, or TCP with two-byte lengths (RFC 4571).
//!
//! Flow: the platform's offer -> `Opened` (a port is bound, so that the answer can name it) -> connection -> packets until the
//! call's task is ended. Invariants: sequence numbers rise by one for each packet made, also for those left out on purpose; the
//! first frame sent is a key picture.

use super::Quirks;
use crate::SimError;
use crate::rtp_out::send_datagrams;
use crate::seed::Seeded;
use crate::source::{Listener, StreamInfo};
use media::ps::Muxer;
use media::rtp::{PAYLOAD_PS, Packetiser, push_rfc4571};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use wire::gb28181::sdp::{MediaTransport, Session};

/// Attempts to connect (GB/T 28181-2022 asks for at least three, at least a second apart).
const CONNECT_TRIES: u32 = 3;
const CONNECT_PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for the platform to connect, for a connection to be made, and for it to take bytes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A port that is ready for a call.
pub(super) enum Opened {
    Udp {
        socket: UdpSocket,
        to: SocketAddr,
        own: SocketAddr,
    },
    /// This device connects.
    Connect {
        socket: TcpSocket,
        to: SocketAddr,
        own: SocketAddr,
    },
    /// The platform connects.
    Listen {
        listener: TcpListener,
        own: SocketAddr,
    },
    /// Given to a task.
    Taken(SocketAddr),
}

impl Opened {
    /// Binds what an offer needs.
    pub(super) async fn open(offer: &Session, ip: IpAddr) -> Result<Self, SimError> {
        let io = |e| SimError::io("a media port", e);
        let any = SocketAddr::new(ip, 0);
        let target = || offer.media_address().ok_or_else(|| SimError::Setting("the offer names no address".into()));
        match offer.transport() {
            MediaTransport::Udp => {
                let socket = UdpSocket::bind(any).await.map_err(io)?;
                let own = socket.local_addr().map_err(io)?;
                Ok(Self::Udp { socket, to: target()?, own })
            }
            MediaTransport::TcpPassive => {
                let socket = if ip.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.map_err(io)?;
                socket.bind(any).map_err(io)?;
                let own = socket.local_addr().map_err(io)?;
                Ok(Self::Connect { socket, to: target()?, own })
            }
            MediaTransport::TcpActive => {
                let listener = TcpListener::bind(any).await.map_err(io)?;
                let own = listener.local_addr().map_err(io)?;
                Ok(Self::Listen { listener, own })
            }
        }
    }

    /// What the answer names.
    pub(super) const fn address(&self) -> SocketAddr {
        match self {
            Self::Udp { own, .. } | Self::Connect { own, .. } | Self::Listen { own, .. } | Self::Taken(own) => *own,
        }
    }

    /// Gives the port away.
    pub(super) fn take(&mut self) -> Self {
        let own = self.address();
        std::mem::replace(self, Self::Taken(own))
    }
}

/// What a call's task needs.
pub(super) struct Sender {
    pub(super) info: StreamInfo,
    pub(super) quirks: Quirks,
    pub(super) ssrc: u32,
    pub(super) seeded: Seeded,
}

enum Way {
    Udp(UdpSocket, SocketAddr),
    Tcp(TcpStream),
}

impl Sender {
    /// Sends until the camera ends or the connection breaks.
    pub(super) async fn run(mut self, opened: Opened, listening: Listener) -> Result<(), SimError> {
        let mut way = connect(opened).await?;
        if self.quirks.silent {
            return std::future::pending().await;
        }
        let mut frames = listening.subscribe();
        let mut muxer = Muxer::with_shape(Some(self.info.video.clone()), self.info.audio.clone(), self.quirks.shape);
        let mut packetiser = Packetiser::new(PAYLOAD_PS, self.ssrc, self.seeded.next_u32() as u16);
        let (mut ps, mut held) = (Vec::new(), None);
        loop {
            let unit = tokio::select! {
                unit = frames.next() => unit.ok_or(SimError::Ended)?,
                e = broken(&mut way) => return Err(e),
            };
            ps.clear();
            muxer.frame(&unit.frame, &mut ps);
            let mut packets = Vec::new();
            // The RTP clock is 90 kHz; the low 32 bits are what travels.
            packetiser.packetise(&ps, unit.frame.pts_90k as u32, &mut |p| packets.push(p.to_vec()));
            self.damage(&mut packets, &mut held, matches!(way, Way::Udp(..)));
            send(&mut way, &packets).await?;
        }
    }

    /// Leaves packets out and changes neighbours, as told.
    fn damage(&mut self, packets: &mut Vec<Vec<u8>>, held: &mut Option<Vec<u8>>, datagrams: bool) {
        packets.retain(|_| !self.seeded.percent(self.quirks.loss_percent));
        if !datagrams || self.quirks.reorder_percent <= 0.0 {
            return;
        }
        for packet in std::mem::take(packets) {
            if let Some(late) = held.take() {
                packets.push(packet);
                packets.push(late);
            } else if self.seeded.percent(self.quirks.reorder_percent) {
                *held = Some(packet);
            } else {
                packets.push(packet);
            }
        }
    }
}

async fn connect(opened: Opened) -> Result<Way, SimError> {
    let late = || SimError::io("media connection", std::io::ErrorKind::TimedOut.into());
    match opened {
        Opened::Udp { socket, to, .. } => Ok(Way::Udp(socket, to)),
        Opened::Connect { socket, to, own } => {
            let mut last = match tokio::time::timeout(PATIENCE, socket.connect(to)).await {
                Ok(Ok(stream)) => return ready(stream),
                Ok(Err(e)) => SimError::io(format!("media connection to {to}"), e),
                Err(_) => late(),
            };
            for _ in 1..CONNECT_TRIES {
                tokio::time::sleep(CONNECT_PAUSE).await;
                // The first port may still be held by the failed attempt.
                let again = if own.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
                let again = again.map_err(|e| SimError::io("a media port", e))?;
                last = match tokio::time::timeout(PATIENCE, again.connect(to)).await {
                    Ok(Ok(stream)) => return ready(stream),
                    Ok(Err(e)) => SimError::io(format!("media connection to {to}"), e),
                    Err(_) => late(),
                };
            }
            Err(last)
        }
        Opened::Listen { listener, .. } => match tokio::time::timeout(PATIENCE, listener.accept()).await {
            Ok(Ok((stream, _))) => ready(stream),
            Ok(Err(e)) => Err(SimError::io("media connection", e)),
            Err(_) => Err(late()),
        },
        Opened::Taken(_) => Err(SimError::Ended),
    }
}

fn ready(stream: TcpStream) -> Result<Way, SimError> {
    stream.set_nodelay(true).map_err(|e| SimError::io("media connection", e))?;
    Ok(Way::Tcp(stream))
}

/// Resolves when the platform closes a TCP connection; never for datagrams.
async fn broken(way: &mut Way) -> SimError {
    let Way::Tcp(stream) = way else { return std::future::pending().await };
    let mut ignored = [0_u8; 512];
    loop {
        match stream.read(&mut ignored).await {
            Ok(0) => return SimError::io("media connection", std::io::ErrorKind::ConnectionReset.into()),
            Ok(_) => {}
            Err(e) => return SimError::io("media connection", e),
        }
    }
}

async fn send(way: &mut Way, packets: &[Vec<u8>]) -> Result<(), SimError> {
    match way {
        Way::Udp(socket, to) => {
            send_datagrams(socket, *to, packets).await;
            Ok(())
        }
        Way::Tcp(stream) => {
            let mut out = Vec::new();
            for packet in packets {
                // Every packet is far below the 64 KiB that a length can say.
                let _ = push_rfc4571(packet, &mut out);
            }
            match tokio::time::timeout(PATIENCE, stream.write_all(&out)).await {
                Ok(written) => written.map_err(|e| SimError::io("media connection", e)),
                Err(_) => Err(SimError::io("media connection", std::io::ErrorKind::TimedOut.into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(loss_percent: f64, reorder_percent: f64) -> Sender {
        let video = media::VideoConfig {
            codec: media::Codec::H264,
            vps: bytes::Bytes::new(),
            sps: bytes::Bytes::new(),
            pps: bytes::Bytes::new(),
            width_px: 64,
            height_px: 48,
        };
        let quirks = Quirks { loss_percent, reorder_percent, ..Quirks::default() };
        Sender { info: StreamInfo { video, audio: None, fps: 25 }, quirks, ssrc: 1, seeded: Seeded::new(3, "test") }
    }

    #[test]
    fn packets_are_lost_and_change_places_as_often_as_told() {
        let all: Vec<Vec<u8>> = (0..10_000_u16).map(|i| i.to_be_bytes().to_vec()).collect();
        let mut kept = all.clone();
        sender(5.0, 0.0).damage(&mut kept, &mut None, true);
        assert!((9_300..9_700).contains(&kept.len()), "{}", kept.len());
        let (mut mixed, mut held) = (all.clone(), None);
        sender(0.0, 10.0).damage(&mut mixed, &mut held, true);
        let swapped = mixed.windows(2).filter(|w| w[0] > w[1]).count();
        assert!((600..1_200).contains(&swapped), "{swapped}");
        mixed.extend(held);
        mixed.sort();
        assert_eq!(mixed, all, "nothing is lost by changing places");
        let mut tcp = all.clone();
        sender(0.0, 50.0).damage(&mut tcp, &mut None, false);
        assert_eq!(tcp, all);
    }
}
