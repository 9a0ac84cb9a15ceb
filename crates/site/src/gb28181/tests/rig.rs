//! A driver with a real store on loopback sockets, and simulated devices that speak to it over theirs.

use crate::camera::{Camera, Live, Phase};
use crate::gb28181::{Driver, Settings};
use crate::{SiteClock, SiteConfig};
use base::{CameraId, Pii};
use bytes::Bytes;
use media::ps::{MuxShape, Muxer};
use media::rtp::{PAYLOAD_PS, Packetiser, push_rfc4571};
use media::{Codec, Frame, VideoConfig, annexb};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::cameras::{CameraRow, GbTransport, Source};
use store::footage::FootageWriter;
use store::{FootageGuard, Store, StoreConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use wire::gb28181::device::{CallId, Device, DeviceConfig, DeviceEvent, SsrcAnswer};
use wire::gb28181::sdp::MediaTransport;
use wire::gb28181::{ConnId, GbId, Input, Output, Peer, Rng};

pub(super) const PLATFORM: &str = "34020000002000000001";
pub(super) const PASSWORD: &str = "12345678";

pub(super) fn gb(serial: u32) -> GbId {
    GbId::parse(&format!("3402000000132{serial:07}")).unwrap()
}

/// Short times; silence long enough for a busy machine, on which driver and devices of a test (one thread) stand still together.
pub(super) fn fast() -> Settings {
    Settings {
        keepalive_ms: 200,
        keepalive_misses: 10,
        keepalive_grace_ms: 500,
        invite_timeout_ms: 5_000,
        silence_ms: 3_000,
        decode_ms: 1_000,
        give_up_ms: 2_500,
        backoff_ms: (50, 200),
        stable_ms: 60_000,
        check_ms: 20,
        clock_every_ms: 100,
        connect_retry_ms: 30,
        udp_pause_ms: 1,
        tcp_pause_ms: 1,
        unregistered_ms: 300,
        ..Settings::default()
    }
}

/// Driver, store and clock of one test.
pub(super) struct Rig {
    pub(super) driver: Driver,
    pub(super) store: Store,
    pub(super) clock: SiteClock,
    writer: FootageWriter,
    _guard: FootageGuard,
    _folder: tempfile::TempDir,
    next: u8,
}

impl Rig {
    pub(super) async fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = SiteClock::start();
        let config = StoreConfig { data: folder.path().into(), ..StoreConfig::default() };
        let store = Store::open(&config, clock.now().utc).await.unwrap();
        let for_rows = clock.clone();
        let (writer, guard, _events) = store.start_footage(move || for_rows.now().utc).await.unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let config = SiteConfig { sip: any, gb_media: any, platform_id: PLATFORM.into(), ..SiteConfig::default() };
        let driver = Driver::start(&config, clock.clone(), settings).await.unwrap();
        Self { driver, store, clock, writer, _guard: guard, _folder: folder, next: 0 }
    }

    /// A camera that is the only channel of its device.
    pub(super) async fn camera(&mut self, serial: u32, transport: GbTransport) -> Camera {
        self.channel(serial, gb(serial), transport).await
    }

    pub(super) async fn channel(&mut self, serial: u32, channel: GbId, transport: GbTransport) -> Camera {
        self.next += 1;
        let now = self.clock.now();
        let row = CameraRow {
            id: CameraId::new(now.utc.0, [self.next; 10]),
            name: format!("camera {serial}"),
            place: "door".into(),
            place_kind: "entrance".into(),
            faces_homes: false,
            audio: false,
            installer: "managing_unit".into(),
            approval: String::new(),
            sign: None,
            priority: 5,
            source: Source::Gb28181 { device: gb(serial).to_string(), channel: channel.to_string(), transport },
            secret: Some(Pii::new(PASSWORD.into())),
            created: now.utc,
            removed: None,
        };
        let camera = Camera::new(row, None, false, self.writer.clone(), now);
        self.driver.add(camera.clone()).await;
        camera
    }

    /// Starts a device.
    pub(super) async fn device(&self, serial: u32, habits: Habits) -> Sim {
        Sim::start(self, serial, habits).await
    }
}

/// Waits until `holds`, or fails.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("did not come to be: {what}");
}

pub(super) async fn streaming(camera: &Camera) {
    until("pictures", || camera.state().phase == Phase::Streaming).await;
}

pub(super) fn code(camera: &Camera) -> Option<&'static str> {
    camera.state().diagnosis.map(|d| d.code)
}

/// Takes `count` pictures from a camera and says whose they are: the tag that each sender fills its pictures with.
pub(super) async fn tags(camera: &Camera, count: usize) -> Vec<u8> {
    let (_, mut live) = camera.hub().join();
    let mut tags = Vec::new();
    while tags.len() < count {
        let next = tokio::time::timeout(Duration::from_secs(60), live.recv()).await.expect("pictures").unwrap();
        if let Live::Frame(frame) = next {
            assert!(frame.data[6..].windows(2).all(|pair| pair[0] == pair[1]), "a mixed picture");
            tags.push(frame.data[6]);
        }
    }
    tags
}

/// How a device behaves.
#[derive(Clone)]
pub(super) struct Habits {
    pub(super) password: String,
    /// What pictures are filled with.
    pub(super) tag: u8,
    pub(super) answer: SsrcAnswer,
    /// SSRC of its packets; none: the one asked for.
    pub(super) ssrc: Option<u32>,
    /// Refuses the first calls with these codes.
    pub(super) refuse: Vec<u16>,
    /// Rings and never answers.
    pub(super) ring: bool,
    /// Agrees but sends nothing.
    pub(super) mute: bool,
    /// Names another port in the answer than it sends from.
    pub(super) wrong_port: bool,
    /// Sends RTP that holds no program stream.
    pub(super) junk: bool,
    /// Signalling over TCP.
    pub(super) tcp: bool,
    pub(super) keepalive_ms: u64,
    pub(super) channels: Vec<GbId>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            password: PASSWORD.into(),
            tag: 1,
            answer: SsrcAnswer::Echo,
            ssrc: None,
            refuse: Vec::new(),
            ring: false,
            mute: false,
            wrong_port: false,
            junk: false,
            tcp: false,
            keepalive_ms: 150,
            channels: Vec::new(),
        }
    }
}

/// What a test tells a device.
pub(super) enum Order {
    /// End all calls with BYE.
    Bye,
    /// Stop sending media, keep signalling.
    Mute,
    /// End the media connections and make new ones within the same calls.
    Reconnect,
    /// Signalling from a new port from now on.
    NewPort,
}

/// A running device. Dropped: it is gone without a word.
pub(super) struct Sim {
    orders: mpsc::UnboundedSender<Order>,
    events: Arc<Mutex<Vec<DeviceEvent>>>,
    task: JoinHandle<()>,
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sim {
    async fn start(rig: &Rig, serial: u32, habits: Habits) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let local = socket.local_addr().unwrap();
        let platform = rig.driver.sip_addr();
        let mut config =
            DeviceConfig::new(gb(serial), &habits.password, GbId::parse(PLATFORM).unwrap(), platform, local);
        config.tcp = habits.tcp;
        config.keepalive_ms = habits.keepalive_ms;
        config.retry_ms = 200;
        for channel in &habits.channels {
            let mut item = config.channels[0].clone();
            item.device_id = channel.to_string();
            config.channels.push(item);
        }
        let device = Device::new(config, Rng::new(|| getrandom::u64().unwrap()));
        let (orders, orders_rx) = mpsc::unbounded_channel();
        let events = Arc::new(Mutex::new(Vec::new()));
        let run = Run {
            device,
            socket,
            platform,
            tcp: None,
            clock: rig.clock.clone(),
            habits,
            events: events.clone(),
            calls: Vec::new(),
            reconnect: Vec::new(),
        };
        Self { orders, events, task: tokio::spawn(run.run(orders_rx)) }
    }

    pub(super) fn tell(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    pub(super) fn count(&self, wanted: impl Fn(&DeviceEvent) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|e| wanted(e)).count()
    }

    pub(super) fn plays(&self) -> usize {
        self.count(|e| matches!(e, DeviceEvent::PlayRequested { .. }))
    }

    pub(super) fn ends(&self) -> usize {
        self.count(|e| matches!(e, DeviceEvent::PlayEnded { .. }))
    }
}

struct Run {
    device: Device,
    socket: UdpSocket,
    platform: SocketAddr,
    tcp: Option<TcpStream>,
    clock: SiteClock,
    habits: Habits,
    events: Arc<Mutex<Vec<DeviceEvent>>>,
    calls: Vec<(CallId, JoinHandle<()>)>,
    reconnect: Vec<Arc<Notify>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.calls.iter().for_each(|(_, task)| task.abort());
    }
}

impl Run {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        self.device.start(self.clock.now());
        let (mut datagram, mut bytes) = (vec![0; 65_535], vec![0; 65_535]);
        loop {
            self.drain().await;
            let wait = self.device.next_deadline().map_or(1_000, |at| at.since(self.clock.now().mono));
            let from_tcp = async {
                match &mut self.tcp {
                    Some(tcp) => tcp.read(&mut bytes).await.unwrap_or(0),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Ok((count, from)) = self.socket.recv_from(&mut datagram) => {
                    self.device.handle(Input::Datagram { from, bytes: &datagram[..count] }, self.clock.now());
                }
                count = from_tcp => {
                    let conn = ConnId(1);
                    let now = self.clock.now();
                    if count == 0 {
                        self.tcp = None;
                        self.device.handle(Input::TcpClosed { conn }, now);
                    } else {
                        self.device.handle(Input::TcpBytes { conn, bytes: &bytes[..count] }, now);
                    }
                }
                Some(order) = orders.recv() => self.order(order).await,
                () = tokio::time::sleep(Duration::from_millis(wait)) => self.device.handle(Input::Tick, self.clock.now()),
            }
        }
    }

    async fn order(&mut self, order: Order) {
        match order {
            Order::Bye => {
                for (call, task) in self.calls.drain(..) {
                    task.abort();
                    let _ = self.device.bye(call, self.clock.now());
                }
            }
            Order::Mute => {
                self.habits.mute = true;
                self.calls.iter().for_each(|(_, task)| task.abort());
            }
            Order::Reconnect => self.reconnect.iter().for_each(|again| again.notify_one()),
            Order::NewPort => self.socket = UdpSocket::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    async fn drain(&mut self) {
        while let Some(output) = self.device.poll_output() {
            match output {
                Output::Send { to: Peer::Udp(to), bytes } => {
                    self.socket.send_to(&bytes, to).await.unwrap();
                }
                Output::Send { bytes, .. } => {
                    if let Some(tcp) = &mut self.tcp {
                        let _ = tcp.write_all(&bytes).await;
                    }
                }
                Output::Close { .. } => self.tcp = None,
                Output::Event(event) => {
                    self.events.lock().unwrap().push(event.clone());
                    self.event(event).await;
                }
            }
        }
    }

    async fn event(&mut self, event: DeviceEvent) {
        let now = self.clock.now();
        match event {
            DeviceEvent::ConnectWanted { .. } => {
                self.tcp = TcpStream::connect(self.platform).await.ok();
                self.device.handle(Input::TcpOpened { conn: ConnId(1), from: self.platform }, now);
            }
            DeviceEvent::PlayRequested { call, .. } if !self.habits.refuse.is_empty() => {
                let code = self.habits.refuse.remove(0);
                self.device.refuse(call, code, now).unwrap();
            }
            DeviceEvent::PlayRequested { .. } if self.habits.ring => {}
            DeviceEvent::PlayRequested { call, offer, .. } => {
                let ssrc = self.habits.ssrc.or(offer.ssrc.map(|s| s.0)).unwrap_or(0);
                let sender = Sender::new(&self.habits, ssrc);
                self.reconnect.push(sender.again.clone());
                let to = offer.media_address();
                let (mut local, task): (SocketAddr, JoinHandle<()>) = match offer.transport() {
                    MediaTransport::Udp => {
                        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
                        (socket.local_addr().unwrap(), tokio::spawn(sender.udp(socket, to.unwrap())))
                    }
                    MediaTransport::TcpPassive => {
                        (self.socket.local_addr().unwrap(), tokio::spawn(sender.connect(to.unwrap())))
                    }
                    MediaTransport::TcpActive => {
                        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                        (listener.local_addr().unwrap(), tokio::spawn(sender.listen(listener)))
                    }
                };
                if self.habits.wrong_port {
                    local.set_port(9);
                }
                self.device.answer(call, local, self.habits.answer, now).unwrap();
                self.calls.push((call, task));
            }
            DeviceEvent::PlayEnded { call } => {
                self.calls.iter().filter(|(c, _)| *c == call).for_each(|(_, task)| task.abort());
                self.calls.retain(|(c, _)| *c != call);
            }
            _ => {}
        }
    }
}

/// H.264 baseline, 352x288.
fn config() -> VideoConfig {
    let hex = |text: &str| Bytes::from(base::unhex(text).unwrap());
    media::h264::video_config(hex("6742c00dd9016096c044000003000400000300c83c50a920"), hex("68cb83cb20")).unwrap()
}

struct Sender {
    mux: Muxer,
    packetiser: Packetiser,
    tag: u8,
    at: i64,
    mute: bool,
    junk: bool,
    again: Arc<Notify>,
}

impl Sender {
    fn new(habits: &Habits, ssrc: u32) -> Self {
        Self {
            mux: Muxer::with_shape(Some(config()), None, MuxShape::default()),
            packetiser: Packetiser::new(PAYLOAD_PS, ssrc, 65_500),
            tag: habits.tag,
            at: 0,
            mute: habits.mute,
            junk: habits.junk,
            again: Arc::default(),
        }
    }

    /// The next picture's packets; a key picture each four.
    fn picture(&mut self) -> Vec<Vec<u8>> {
        let (key, pts_90k) = (self.at % 4 == 0, self.at * 3_600);
        self.at += 1;
        let mut nal = vec![if key { 0x65 } else { 0x41 }, 0x88];
        nal.extend(std::iter::repeat_n(self.tag, if key { 4_000 } else { 600 }));
        let mut data = Vec::new();
        annexb::push_length_prefixed(&nal, &mut data);
        let mut pack = Vec::new();
        self.mux.frame(&Frame { codec: Codec::H264, pts_90k, key, data: data.into() }, &mut pack);
        if self.junk {
            pack.fill(0x5a);
        }
        let mut packets = Vec::new();
        self.packetiser.packetise(&pack, pts_90k as u32, &mut |packet| packets.push(packet.to_vec()));
        if self.mute { Vec::new() } else { packets }
    }

    async fn udp(mut self, socket: UdpSocket, to: SocketAddr) {
        loop {
            for packet in self.picture() {
                let _ = socket.send_to(&packet, to).await;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn connect(mut self, to: SocketAddr) {
        loop {
            self.stream(TcpStream::connect(to).await.unwrap()).await;
        }
    }

    async fn listen(mut self, listener: TcpListener) {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            self.stream(tcp).await;
        }
    }

    /// Streams until the connection ends, or a new one is wanted.
    async fn stream(&mut self, mut tcp: TcpStream) {
        let again = self.again.clone();
        loop {
            let mut bytes = Vec::new();
            for packet in self.picture() {
                assert!(push_rfc4571(&packet, &mut bytes));
            }
            if tcp.write_all(&bytes).await.is_err() {
                return;
            }
            tokio::select! {
                () = again.notified() => return,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    }
}
