//! One RTSP connection: requests and answers, and the media of its session.
//!
//! Flow: bytes -> `message::take` -> `answer` -> response bytes; in PLAY also units of the camera -> RTP packets -> this
//! connection or datagrams, with a sender report at the start and every five seconds.
//! Invariants: one session a connection, of one mount; media flow only between PLAY and PAUSE, TEARDOWN or the end; a client that
//! does not take its bytes for ten seconds is dropped.

use super::message::{Incoming, Request, Response, Transport, take, transport};
use super::{Server, auth, sdp};
use crate::SimError;
use crate::rtp_out::{RtpStream, send_datagrams};
use crate::seed::Seeded;
use crate::source::{Source, Subscription, Unit};
use media::Frame;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const METHODS: &str = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER";
const REPORT_EVERY: Duration = Duration::from_secs(5);
const WRITE_WAIT: Duration = Duration::from_secs(10);
/// Pairs of ports tried before a SETUP over UDP is refused.
const PORT_TRIES: u32 = 50;

/// How one track leaves.
enum Route {
    Interleaved(u8, u8),
    Udp {
        media: UdpSocket,
        media_to: SocketAddr,
        control: Arc<UdpSocket>,
        control_to: SocketAddr,
        listener: JoinHandle<()>,
    },
}

impl Drop for Route {
    fn drop(&mut self) {
        if let Self::Udp { listener, .. } = self {
            listener.abort();
        }
    }
}

struct Track {
    stream: RtpStream,
    route: Route,
    uri: String,
}

struct Connection {
    server: Arc<Server>,
    peer: SocketAddr,
    local: SocketAddr,
    writer: OwnedWriteHalf,
    nonce: String,
    /// Index of the mount the session is of.
    mount: Option<usize>,
    session: String,
    pictures: Option<Track>,
    sound: Option<Track>,
    playing: Option<Subscription>,
    seeded: Seeded,
    /// When the client was last heard, ms since `began`.
    heard_ms: Arc<AtomicU64>,
    began: Instant,
    ended: bool,
}

/// Serves one client until it leaves, is silent too long, or `stop` changes.
pub async fn serve(server: Arc<Server>, stream: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
    if let Err(e) = serve_inner(server, stream, peer, stop).await {
        tracing::info!(%peer, error = %e, "RTSP connection ended");
    }
}

async fn serve_inner(
    server: Arc<Server>,
    stream: TcpStream,
    peer: SocketAddr,
    mut stop: watch::Receiver<bool>,
) -> Result<(), SimError> {
    let io = |e| SimError::io(format!("RTSP connection of {peer}"), e);
    stream.set_nodelay(true).map_err(io)?;
    let local = stream.local_addr().map_err(io)?;
    let (mut reader, writer) = stream.into_split();
    let mut c = Connection::new(server, peer, local, writer)?;
    let mut buffer = Vec::with_capacity(4096);
    let mut reports = tokio::time::interval(REPORT_EVERY);
    let timeout_ms = u64::from(c.server.options.session_timeout_s) * 1000;
    while !c.ended {
        let silent_ms = c.now_ms().saturating_sub(c.heard_ms.load(Ordering::Relaxed));
        if silent_ms >= timeout_ms {
            return Err(SimError::Setting(format!("silent for {} s", timeout_ms / 1000)));
        }
        tokio::select! {
            read = reader.read_buf(&mut buffer) => {
                if read.map_err(io)? == 0 {
                    return Ok(());
                }
                c.heard();
                while let Some(incoming) = take(&mut buffer).map_err(|e| SimError::Setting(e.to_string()))? {
                    if let Incoming::Request(request) = incoming {
                        c.request(&request).await?;
                    }
                }
            }
            unit = next_unit(&mut c.playing) => match unit {
                Some(unit) => c.send(&unit).await?,
                None => return Err(SimError::Ended),
            },
            _ = reports.tick(), if c.playing.is_some() => c.reports().await?,
            () = tokio::time::sleep(Duration::from_millis(timeout_ms - silent_ms)) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
    Ok(())
}

async fn next_unit(playing: &mut Option<Subscription>) -> Option<Arc<Unit>> {
    match playing {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

impl Connection {
    fn new(server: Arc<Server>, peer: SocketAddr, local: SocketAddr, writer: OwnedWriteHalf) -> Result<Self, SimError> {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|e| SimError::Setting(format!("no random numbers: {e}")))?;
        let seed = u64::from_be_bytes(*random.first_chunk::<8>().unwrap_or(&[0; 8]));
        let (nonce, session) = (base::hex(&random), format!("{seed:016x}"));
        let (heard_ms, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
        let seeded = Seeded::new(seed, "rtsp");
        let (mount, pictures, sound, playing) = (None, None, None, None);
        Ok(Self {
            server,
            peer,
            local,
            writer,
            nonce,
            mount,
            session,
            pictures,
            sound,
            playing,
            seeded,
            heard_ms,
            began,
            ended: false,
        })
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn heard(&self) {
        self.heard_ms.store(self.now_ms(), Ordering::Relaxed);
    }

    fn source(&self) -> Option<&Source> {
        self.server.sources.get(self.mount?).map(|(_, s)| s)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), SimError> {
        let io = |e| SimError::io(format!("RTSP connection of {}", self.peer), e);
        match tokio::time::timeout(WRITE_WAIT, self.writer.write_all(bytes)).await {
            Ok(written) => written.map_err(io),
            Err(_) => Err(io(std::io::ErrorKind::TimedOut.into())),
        }
    }

    async fn request(&mut self, request: &Request) -> Result<(), SimError> {
        let cseq = request.header("CSeq").unwrap_or("0").to_owned();
        let was_playing = self.playing.is_some();
        let response = self.answer(request).await;
        self.write(&response.with("Server", "jifang-sim").write(&cseq)).await?;
        if !was_playing && self.playing.is_some() {
            self.reports().await?;
        }
        Ok(())
    }

    async fn answer(&mut self, request: &Request) -> Response {
        if request.header("Require").is_some() {
            let option = request.header("Require").unwrap_or_default().to_owned();
            return Response::new(551).with("Unsupported", option);
        }
        if request.method == "OPTIONS" {
            return Response::new(200).with("Public", METHODS);
        }
        if let Some(login) = &self.server.options.login {
            let proved =
                request.header("Authorization").is_some_and(|a| auth::proves(a, &request.method, &self.nonce, login));
            if !proved {
                return Response::new(401).with("WWW-Authenticate", auth::challenge(&self.nonce));
            }
        }
        let wrong_session =
            request.header("Session").is_some_and(|s| s.split(';').next() != Some(self.session.as_str()));
        if wrong_session {
            return Response::new(454);
        }
        match request.method.as_str() {
            "DESCRIBE" => self.describe(request),
            "SETUP" => self.setup(request).await,
            "PLAY" => self.play(),
            "PAUSE" => {
                self.playing = None;
                self.with_session(Response::new(200))
            }
            "TEARDOWN" => {
                let response = self.with_session(Response::new(200));
                self.playing = None;
                (self.pictures, self.sound, self.mount) = (None, None, None);
                self.ended = true;
                response
            }
            "GET_PARAMETER" | "SET_PARAMETER" => self.with_session(Response::new(200)),
            _ => Response::new(405).with("Allow", METHODS),
        }
    }

    fn with_session(&self, response: Response) -> Response {
        if self.mount.is_none() {
            return response;
        }
        response.with("Session", format!("{};timeout={}", self.session, self.server.options.session_timeout_s))
    }

    fn describe(&self, request: &Request) -> Response {
        match self.server.find(&request.uri) {
            Some((mount, source, rest)) if rest.is_empty() => {
                let text = sdp::describe(source.info(), &mount.camera.name, std::process::id());
                let base = request.uri.trim_end_matches('/');
                Response::new(200).with("Content-Base", format!("{base}/")).body("application/sdp", text)
            }
            _ => Response::new(404),
        }
    }

    async fn setup(&mut self, request: &Request) -> Response {
        let server = self.server.clone();
        let Some((mount, source, track)) = server.find(&request.uri) else { return Response::new(404) };
        let index = server.sources.iter().position(|(m, _)| m.path == mount.path);
        if self.playing.is_some() || (self.mount.is_some() && self.mount != index) {
            return Response::new(455);
        }
        let pictures = match track.as_str() {
            "track1" => true,
            "track2" if source.info().audio.is_some() => false,
            "" => return Response::new(459),
            _ => return Response::new(404),
        };
        let asked = request.header("Transport").and_then(|h| transport(h, if pictures { 0 } else { 2 }));
        let Some(asked) = asked else { return Response::new(461) };
        let (payload_type, rate_hz) = if pictures { (sdp::PICTURES, 90_000) } else { (sdp::SOUND, 8_000) };
        let ssrc = self.seeded.next_u32();
        let stream = RtpStream::new(payload_type, ssrc, self.seeded.next_u32() as u16, self.seeded.next_u32(), rate_hz);
        let (route, told) = match asked {
            Transport::Interleaved(a, b) => {
                (Route::Interleaved(a, b), format!("RTP/AVP/TCP;unicast;interleaved={a}-{b};ssrc={ssrc:08X}"))
            }
            Transport::Udp(a, b) => match self.open_ports(a, b).await {
                Ok((route, port)) => (
                    route,
                    format!("RTP/AVP;unicast;client_port={a}-{b};server_port={port}-{};ssrc={ssrc:08X}", port + 1),
                ),
                Err(e) => {
                    tracing::warn!(error = %e, "no pair of ports");
                    return Response::new(503);
                }
            },
        };
        let track = Some(Track { stream, route, uri: request.uri.clone() });
        if pictures {
            self.pictures = track
        } else {
            self.sound = track
        }
        self.mount = index;
        self.with_session(Response::new(200).with("Transport", told))
    }

    /// A pair of neighbouring ports, the even one for media, and a task that hears the client's receiver reports.
    async fn open_ports(&self, media_port: u16, control_port: u16) -> Result<(Route, u16), SimError> {
        let (here, there): (IpAddr, IpAddr) = (self.local.ip(), self.peer.ip());
        for _ in 0..PORT_TRIES {
            let io = |e| SimError::io("a media port", e);
            let media = UdpSocket::bind((here, 0)).await.map_err(io)?;
            let port = media.local_addr().map_err(io)?.port();
            if port % 2 == 1 {
                continue;
            }
            let Ok(control) = UdpSocket::bind((here, port + 1)).await else { continue };
            let control = Arc::new(control);
            let (ear, heard_ms, began) = (control.clone(), self.heard_ms.clone(), self.began);
            let listener = tokio::spawn(async move {
                let mut buffer = [0_u8; 2048];
                loop {
                    match ear.recv_from(&mut buffer).await {
                        Ok(_) => {
                            heard_ms.store(u64::try_from(began.elapsed().as_millis()).unwrap_or(0), Ordering::Relaxed)
                        }
                        // A client that is gone answers with "port unreachable".
                        Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
                    }
                }
            });
            let media_to = SocketAddr::new(there, media_port);
            let control_to = SocketAddr::new(there, control_port);
            return Ok((Route::Udp { media, media_to, control, control_to, listener }, port));
        }
        Err(SimError::Setting("no pair of neighbouring ports is free".into()))
    }

    fn play(&mut self) -> Response {
        if self.pictures.is_none() && self.sound.is_none() {
            return Response::new(455);
        }
        let Some(source) = self.source() else { return Response::new(455) };
        let now_90k = source.media_now_90k();
        let subscription = self.playing.is_none().then(|| source.subscribe());
        let about =
            |t: &Track| format!("url={};seq={};rtptime={}", t.uri, t.stream.sequence, t.stream.rtp_time(now_90k));
        let told: Vec<_> = [&self.pictures, &self.sound].into_iter().flatten().map(about).collect();
        if subscription.is_some() {
            self.playing = subscription;
        }
        self.with_session(Response::new(200).with("Range", "npt=now-").with("RTP-Info", told.join(",")))
    }

    async fn send(&mut self, unit: &Unit) -> Result<(), SimError> {
        let config = self.source().map(|s| s.info().video.clone());
        let loss_percent = self.server.options.loss_percent;
        let frame: &Frame = &unit.frame;
        let video = frame.codec.is_video();
        let Some(track) = (if video { &mut self.pictures } else { &mut self.sound }) else { return Ok(()) };
        let mut packets: Vec<Vec<u8>> = Vec::new();
        let mut sink = |p: &[u8]| packets.push(p.to_vec());
        match config {
            Some(config) if video => track.stream.picture(&config, frame, &mut sink),
            _ => track.stream.sound(frame, &mut sink),
        }
        match &track.route {
            Route::Interleaved(channel, _) => {
                let mut out = Vec::with_capacity(packets.iter().map(|p| p.len() + 4).sum());
                packets.iter().for_each(|p| push_interleaved(*channel, p, &mut out));
                self.write(&out).await
            }
            Route::Udp { media, media_to, .. } => {
                packets.retain(|_| !self.seeded.percent(loss_percent));
                send_datagrams(media, *media_to, &packets).await;
                Ok(())
            }
        }
    }

    async fn reports(&mut self) -> Result<(), SimError> {
        let Some((utc_ms, media_90k)) = self.source().map(|s| (s.camera_utc_ms(), s.media_now_90k())) else {
            return Ok(());
        };
        let mut out = Vec::new();
        for track in [&self.pictures, &self.sound].into_iter().flatten() {
            let report = track.stream.sender_report(utc_ms, media_90k);
            match &track.route {
                Route::Interleaved(_, channel) => push_interleaved(*channel, &report, &mut out),
                Route::Udp { control, control_to, .. } => drop(control.send_to(&report, *control_to).await),
            }
        }
        if out.is_empty() { Ok(()) } else { self.write(&out).await }
    }
}

/// RFC 2326 section 10.12. Packets are under 64 KiB by construction.
fn push_interleaved(channel: u8, packet: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'$', channel]);
    out.extend_from_slice(&(packet.len() as u16).to_be_bytes());
    out.extend_from_slice(packet);
}
