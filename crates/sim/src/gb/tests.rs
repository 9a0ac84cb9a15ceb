//! The camera on loopback against a small platform driver around `wire`'s platform machine, media checked by `media`'s demuxer.

use super::*;
use crate::scene::Size;
use crate::source::system_utc_ms;
use base::{MonoMs, Now, UtcMs};
use media::ps::Demuxer;
use media::rtp::{Packet, Rfc4571};
use media::{Codec, MediaEvent};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::oneshot;
use wire::gb28181::platform::{
    DeviceEntry, EndedBy, Event, Invite, OfflineReason, Platform, PlatformConfig, SessionId,
};
use wire::gb28181::sdp::{MediaTransport, Ssrc};
use wire::gb28181::{ConnId, Input, Output, Peer, Rng};

const SSRC: Ssrc = Ssrc(200_001_234);
/// For what must come, on a slow machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

fn id(text: &str) -> GbId {
    GbId::parse(text).unwrap()
}

/// A platform with one UDP and one TCP socket, enough for one device.
struct Desk {
    machine: Platform,
    udp: UdpSocket,
    tcp: TcpListener,
    conn: Option<TcpStream>,
    began: Instant,
    address: SocketAddr,
}

impl Desk {
    async fn new() -> Self {
        let (udp, tcp) = crate::port::both("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = udp.local_addr().unwrap();
        let mut state = 1_u64;
        let rng = Rng::new(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state
        });
        let mut machine = Platform::new(PlatformConfig::new(id("34020000002000000001"), address), rng);
        machine.allow(id("34020000001320000001"), DeviceEntry::password("12345678")).unwrap();
        Self { machine, udp, tcp, conn: None, began: Instant::now(), address }
    }

    fn now(&self) -> Now {
        Now { utc: UtcMs(system_utc_ms()), mono: MonoMs(self.began.elapsed().as_millis() as u64) }
    }

    /// Runs until an event that `wanted` takes.
    async fn until<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> T {
        let give_up = Instant::now() + PATIENCE;
        let (mut datagram, mut bytes) = (vec![0; 65_536], vec![0; 65_536]);
        let mut found = None;
        loop {
            while let Some(output) = self.machine.poll_output() {
                match output {
                    Output::Send { to: Peer::Udp(to), bytes } => drop(self.udp.send_to(&bytes, to).await),
                    Output::Send { bytes, .. } => self.conn.as_mut().unwrap().write_all(&bytes).await.unwrap(),
                    Output::Close { .. } => self.conn = None,
                    Output::Event(event) => found = found.or_else(|| wanted(&event)),
                }
            }
            // Only now: what follows an event (an ACK) must be sent too.
            if let Some(found) = found {
                return found;
            }
            assert!(Instant::now() < give_up, "the event does not come");
            tokio::select! {
                got = self.udp.recv_from(&mut datagram) => {
                    let (length, from) = got.unwrap();
                    self.machine.handle(Input::Datagram { from, bytes: &datagram[..length] }, self.now());
                }
                got = self.tcp.accept(), if self.conn.is_none() => {
                    let (stream, from) = got.unwrap();
                    self.conn = Some(stream);
                    self.machine.handle(Input::TcpOpened { conn: ConnId(1), from }, self.now());
                }
                got = async { self.conn.as_mut().unwrap().read(&mut bytes).await }, if self.conn.is_some() => {
                    let length = got.unwrap_or(0);
                    self.machine.handle(Input::TcpBytes { conn: ConnId(1), bytes: &bytes[..length] }, self.now());
                }
                () = tokio::time::sleep(Duration::from_millis(50)) => self.machine.handle(Input::Tick, self.now()),
            }
        }
    }

    async fn registered(&mut self) {
        self.until(|e| matches!(e, Event::Registered { .. }).then_some(())).await;
    }

    fn invite(&mut self, media: SocketAddr, transport: MediaTransport) {
        let (device, channel) = (id("34020000001320000001"), id("34020000001310000001"));
        let invite = Invite { session: SessionId(1), device, channel, ssrc: SSRC, media, transport };
        self.machine.invite(&invite, self.now()).unwrap();
    }

    async fn answered(&mut self) -> (Option<Ssrc>, Option<SocketAddr>) {
        self.until(|e| match e {
            Event::StreamAnswered { ssrc, media, .. } => Some((*ssrc, *media)),
            Event::StreamRefused { code, .. } => panic!("refused with {code}"),
            _ => None,
        })
        .await
    }
}

struct Running {
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<Result<(), SimError>>,
}

fn start(address: SocketAddr, change: impl FnOnce(&mut GbOptions)) -> Running {
    let camera = CameraOptions { fps: 25, size: Size::Tiny, ..CameraOptions::default() };
    let mut options =
        GbOptions::new(id("34020000001320000001"), id("34020000002000000001"), address, "12345678", camera);
    options.channel = id("34020000001310000001");
    change(&mut options);
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(run_gb_camera(options, async { drop(stopped.await) }));
    Running { stop, task }
}

/// Collects what a demuxer makes of packets.
#[derive(Default)]
struct Seen {
    demuxer: Demuxer,
    events: Vec<MediaEvent>,
    ssrc: Option<u32>,
}

impl Seen {
    fn packet(&mut self, bytes: &[u8]) {
        let packet = Packet::parse(bytes).unwrap();
        assert_eq!(*self.ssrc.get_or_insert(packet.ssrc), packet.ssrc);
        self.demuxer.feed(packet.payload, i64::from(packet.timestamp), packet.marker, &mut self.events);
    }

    fn pictures(&self) -> usize {
        self.events.iter().filter(|e| matches!(e, MediaEvent::Frame(f) if f.codec == Codec::H264)).count()
    }

    fn check(&self) {
        let video = self.events.iter().find_map(|e| if let MediaEvent::Video(v) = e { Some(v) } else { None }).unwrap();
        assert_eq!((video.width_px, video.height_px), (320, 180));
        let mut frames = self.events.iter().filter_map(|e| if let MediaEvent::Frame(f) = e { Some(f) } else { None });
        assert!(frames.clone().find(|f| f.codec == Codec::H264).unwrap().key);
        assert!(frames.any(|f| f.codec == Codec::G711A && f.data.len() == 320));
    }
}

async fn watch_udp(socket: &UdpSocket, pictures: usize) -> Seen {
    let (mut seen, mut buffer) = (Seen::default(), vec![0; 2048]);
    while seen.pictures() < pictures {
        let got = tokio::time::timeout(PATIENCE, socket.recv_from(&mut buffer)).await;
        let (length, _) = got.expect("media").unwrap();
        seen.packet(&buffer[..length]);
    }
    seen
}

async fn watch_tcp(stream: &mut TcpStream, pictures: usize) -> Seen {
    let (mut seen, mut framing, mut buffer) = (Seen::default(), Rfc4571::new(), vec![0; 4096]);
    while seen.pictures() < pictures {
        let length = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await.expect("media").unwrap();
        assert!(length > 0, "closed");
        framing.push(&buffer[..length], &mut |p| seen.packet(p)).unwrap();
    }
    seen
}

#[tokio::test]
async fn registers_over_udp_sends_ps_over_udp_and_deregisters() {
    let mut desk = Desk::new().await;
    let camera = start(desk.address, |o| o.catalog_name = "大堂一号".into());
    desk.registered().await;
    let now = desk.now();
    desk.machine.query_catalog(id("34020000001320000001"), now).unwrap();
    let items = desk.until(|e| if let Event::Catalog { items, .. } = e { Some(items.clone()) } else { None }).await;
    assert_eq!(
        (items.len(), items[0].name.as_str(), items[0].device_id.as_str()),
        (1, "大堂一号", "34020000001310000001")
    );
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    desk.invite(socket.local_addr().unwrap(), MediaTransport::Udp);
    let (ssrc, media) = desk.answered().await;
    assert_eq!(ssrc, Some(SSRC));
    let seen = watch_udp(&socket, 12).await;
    seen.check();
    assert_eq!((seen.ssrc, media.map(|m| m.ip())), (Some(SSRC.0), Some(desk.address.ip())));
    let now = desk.now();
    desk.machine.bye(SessionId(1), now).unwrap();
    desk.until(|e| matches!(e, Event::StreamEnded { by: EndedBy::Platform, .. }).then_some(())).await;
    camera.stop.send(()).unwrap();
    let reason = desk.until(|e| if let Event::Offline { reason, .. } = e { Some(*reason) } else { None }).await;
    assert_eq!(reason, OfflineReason::Deregistered);
    tokio::time::timeout(PATIENCE, camera.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn registers_over_tcp_and_connects_for_media() {
    let mut desk = Desk::new().await;
    let _camera = start(desk.address, |o| {
        o.tcp = true;
        o.quirks.shape.bad_markers = true;
        o.quirks.ssrc = SsrcHabit::Zero;
    });
    desk.registered().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    desk.invite(listener.local_addr().unwrap(), MediaTransport::TcpPassive);
    assert_eq!(desk.answered().await.0, Some(SSRC));
    let (mut stream, _) = listener.accept().await.unwrap();
    let seen = watch_tcp(&mut stream, 6).await;
    seen.check();
    assert_eq!(seen.ssrc, Some(0));
    drop(stream);
    desk.until(|e| matches!(e, Event::StreamEnded { by: EndedBy::Device, .. }).then_some(())).await;
}

#[tokio::test]
async fn listens_for_media_when_the_platform_wants_to_connect() {
    let mut desk = Desk::new().await;
    let _camera = start(desk.address, |o| {
        o.quirks.shape.omit_map = true;
        o.quirks.ssrc = SsrcHabit::Missing;
    });
    desk.registered().await;
    desk.invite(desk.address, MediaTransport::TcpActive);
    let (ssrc, media) = desk.answered().await;
    assert_eq!(ssrc, None);
    let mut stream = TcpStream::connect(media.unwrap()).await.unwrap();
    let seen = watch_tcp(&mut stream, 6).await;
    seen.check();
    assert_eq!(seen.ssrc, Some(SSRC.0));
}

#[tokio::test]
async fn refuses_stays_silent_or_uses_its_own_ssrc_when_told() {
    let mut desk = Desk::new().await;
    let refusing = start(desk.address, |o| o.quirks.refuse_code = Some(486));
    desk.registered().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    desk.invite(socket.local_addr().unwrap(), MediaTransport::Udp);
    let code = desk.until(|e| if let Event::StreamRefused { code, .. } = e { Some(*code) } else { None }).await;
    assert_eq!(code, 486);
    refusing.task.abort();
    let silent = start(desk.address, |o| o.quirks.silent = true);
    desk.registered().await;
    desk.invite(socket.local_addr().unwrap(), MediaTransport::Udp);
    desk.answered().await;
    let mut buffer = [0; 2048];
    assert!(tokio::time::timeout(Duration::from_millis(600), socket.recv_from(&mut buffer)).await.is_err());
    let now = desk.now();
    desk.machine.bye(SessionId(1), now).unwrap();
    desk.until(|e| matches!(e, Event::StreamEnded { .. }).then_some(())).await;
    silent.task.abort();
    let _own = start(desk.address, |o| o.quirks.ssrc = SsrcHabit::OwnUntold);
    desk.registered().await;
    desk.invite(socket.local_addr().unwrap(), MediaTransport::Udp);
    assert_eq!(desk.answered().await.0, Some(SSRC));
    assert_ne!(watch_udp(&socket, 3).await.ssrc, Some(SSRC.0));
}
