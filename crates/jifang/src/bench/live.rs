//! Live viewing: how long from a frame's arrival in the hub to its first packet at a viewer on this machine.
//!
//! Eight cameras of 1080p 4 Mbit/s, a WebRTC viewer each over loopback. The viewer's own stack does the handshake; from then on only
//! the headers of what arrives are read. Floor: a datagram from one task to another in the same process at the same pace.

use super::stage;
use super::table::{Table, percentile, short};
use anyhow::{Context, bail, ensure};
use media::{Codec, Frame};
use sim::load::{Prepared, Shape};
use site::SiteClock;
use site::camera::LiveHub;
use site::live::LiveServer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::UdpSocket;
use tokio::time::MissedTickBehavior;

const CAMERAS: usize = 8;
const FRAMES: i64 = 375;
const STEP_90K: i64 = 3_600;
const CONNECT: Duration = Duration::from_secs(10);
/// Pictures sent before counting begins: the past that a new viewer is shown is over by then.
const WARM_UP: i64 = 75;

/// When each frame was given to its hub, by number.
type Sent = Arc<Mutex<HashMap<i64, Instant>>>;

pub fn run(table: &mut Table) -> anyhow::Result<()> {
    let prepared = Prepared::new(Shape::FULL_HD, 1)?;
    let (times, floor) =
        crate::runtime()?.block_on(async { anyhow::Ok((measure(&prepared).await?, floor().await?)) })?;
    let p = |list: &[Duration], n| short(percentile(list, n));
    let text = format!(
        "p50 {}, **p99 {}** of {} frames (floor: datagram between tasks p50 {}, p99 {})",
        p(&times, 50),
        p(&times, 99),
        times.len(),
        p(&floor, 50),
        p(&floor, 99)
    );
    table.add(format!("live, server-added, {CAMERAS} viewers"), text, "p99 <= 50 ms", "p99 <= 20 ms");
    Ok(())
}

async fn measure(prepared: &Prepared) -> anyhow::Result<Vec<Duration>> {
    let any = stage::site_config().live;
    let server = LiveServer::bind(any, None, SiteClock::start()).await?;
    let mut tasks = Vec::new();
    for camera in 0..CAMERAS {
        let hub = LiveHub::default();
        hub.video(&prepared.config);
        let sent = Sent::default();
        let viewer = Viewer::connect(&server, &hub).await?;
        // Cameras are not in step.
        let begin = Duration::from_millis(5 * camera as u64);
        tasks.push(tokio::spawn(viewer.receive(sent.clone())));
        tokio::spawn(feed(hub, prepared.clone(), sent, begin));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    server.stop().await;
    times.sort_unstable();
    Ok(times)
}

/// Gives the hub pictures in real time.
async fn feed(hub: LiveHub, prepared: Prepared, sent: Sent, begin: Duration) {
    tokio::time::sleep(begin).await;
    let mut every = tokio::time::interval(Duration::from_millis(40));
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let key = i64::try_from(prepared.frames.len()).unwrap_or(1);
    for (n, data) in (0..FRAMES + WARM_UP).zip(prepared.frames.iter().cycle()) {
        every.tick().await;
        let frame = Frame { codec: Codec::H264, pts_90k: n * STEP_90K, key: n % key == 0, data: data.clone() };
        sent.lock().unwrap_or_else(PoisonError::into_inner).insert(n, Instant::now());
        hub.frame(&frame);
    }
}

/// A viewer: str0m until it is connected, then a bare socket.
struct Viewer {
    rtc: Rtc,
    socket: UdpSocket,
}

impl Viewer {
    async fn connect(server: &LiveServer, hub: &LiveHub) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let mut rtc = RtcConfig::new().set_crypto_provider(crypto).build(Instant::now());
        rtc.add_local_candidate(Candidate::host(socket.local_addr()?, "udp")?);
        let mut api = rtc.sdp_api();
        api.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
        let (offer, pending) = api.apply().context("no offer")?;
        let answer = server.offer(hub, false, &offer.to_sdp_string(), None, None)?;
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer.sdp)?)?;
        let mut viewer = Self { rtc, socket };
        let begin = Instant::now();
        while hub.viewers() == 0 {
            ensure!(begin.elapsed() < CONNECT, "the viewer does not connect");
            viewer.step(None).await?;
        }
        Ok(viewer)
    }

    /// Sends what is due, then takes one datagram, or none for a while; says when it came. Media goes to `media` and no further.
    async fn step(&mut self, media: Option<&mut Arrivals>) -> anyhow::Result<()> {
        let due = loop {
            match self.rtc.poll_output()? {
                Output::Timeout(due) => break due,
                Output::Transmit(t) => _ = self.socket.send_to(&t.contents, t.destination).await?,
                Output::Event(Event::Closed) => bail!("the session was closed"),
                Output::Event(_) => {}
            }
        };
        let mut buffer = [0; 2_000];
        let due = due.min(Instant::now() + Duration::from_millis(20));
        let Ok(received) = tokio::time::timeout_at(due.into(), self.socket.recv_from(&mut buffer)).await else {
            self.rtc.handle_input(Input::Timeout(Instant::now()))?;
            return Ok(());
        };
        let (count, source) = received?;
        let (now, bytes) = (Instant::now(), &buffer[..count]);
        match (rtp_time(bytes), media) {
            (Some(time), Some(arrivals)) => arrivals.packet(time, now),
            _ => {
                let receive = Receive::new(Protocol::Udp, source, self.socket.local_addr()?, bytes)?;
                self.rtc.handle_input(Input::Receive(now, receive))?;
            }
        }
        Ok(())
    }

    async fn receive(mut self, sent: Sent) -> anyhow::Result<Vec<Duration>> {
        let mut arrivals = Arrivals::default();
        let end =
            Instant::now() + Duration::from_millis(40) * u32::try_from(FRAMES + WARM_UP)? + Duration::from_secs(2);
        while Instant::now() < end {
            self.step(Some(&mut arrivals)).await?;
        }
        let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut times = Vec::new();
        // The newest frame is the last one that was given to the hub; RTP time counts the others back from it.
        let newest = *arrivals.0.last().map(|(time, _)| time).context("nothing came")?;
        for (time, at) in &arrivals.0 {
            let back = i64::from(newest.wrapping_sub(*time)) / STEP_90K;
            let n = FRAMES + WARM_UP - 1 - back;
            if n >= WARM_UP {
                times.push(at.duration_since(*sent.get(&n).context("a frame that was never sent")?));
            }
        }
        ensure!(times.len() as i64 >= FRAMES * 99 / 100, "only {} of {FRAMES} frames came", times.len());
        Ok(times)
    }
}

/// When the first packet of each RTP time came, in order.
#[derive(Default)]
struct Arrivals(Vec<(u32, Instant)>);

impl Arrivals {
    fn packet(&mut self, time: u32, at: Instant) {
        if self.0.last().is_none_or(|(last, _)| *last != time) {
            self.0.push((time, at));
        }
    }
}

/// RTP time of a media packet (RFC 3550 5.1; RFC 5761 tells RTCP apart).
fn rtp_time(packet: &[u8]) -> Option<u32> {
    match packet {
        [first, second, _, _, a, b, c, d, ..] if first >> 6 == 2 && !(192..=223).contains(second) => {
            Some(u32::from_be_bytes([*a, *b, *c, *d]))
        }
        _ => None,
    }
}

async fn floor() -> anyhow::Result<Vec<Duration>> {
    let (from, to) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
    let address = to.local_addr()?;
    let begin = Instant::now();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_millis(5));
        loop {
            every.tick().await;
            let mut packet = [0; 1_200];
            let at = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(0);
            packet[..8].copy_from_slice(&at.to_be_bytes());
            if from.send_to(&packet, address).await.is_err() {
                return;
            }
        }
    });
    let mut times = Vec::new();
    let mut packet = [0; 1_200];
    for _ in 0..1_000 {
        to.recv_from(&mut packet).await?;
        let at = packet.first_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b));
        times.push(begin.elapsed().saturating_sub(Duration::from_nanos(at)));
    }
    times.sort_unstable();
    Ok(times)
}
