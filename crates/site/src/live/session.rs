//! One viewer: its RTP stack (str0m), the camera's frames it is owed, and its end.
//!
//! Frames and datagrams flow in, packets flow out through `Net`. Invariants: nothing is sent before ICE and DTLS are done; a viewer
//! that missed frames gets none before the next key picture; what waits to be sent is at most one GOP, and it leaves no faster
//! than `PACE_BYTES_PER_MS`; a session that is silent, never connects, or outlives its grant ends by itself.

use super::SessionToken;
use super::net::{Batch, Datagram, Net, count};
use super::packets::{Cutter, Payload};
use super::times::{self, Times};
use crate::camera::{Live, LiveHub};
use media::{Codec, Frame, VideoConfig};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpWrite, SeqNo};
use str0m::{Event, Input, Output, Rtc, RtcError};
use tokio::sync::{broadcast, mpsc, oneshot};

/// What a session is allowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Sessions at the same time.
    pub(super) viewers: usize,
    /// A session that has no connection by then ends.
    pub(super) connect: Duration,
    /// A session whose browser says nothing for so long ends (browsers speak at least every 5 s, RFC 7675).
    pub(super) silence: Duration,
    /// A session whose camera sends nothing for so long ends.
    pub(super) starved: Duration,
}

/// Longest sleep of a session with nothing to wait for.
const IDLE: Duration = Duration::from_secs(30);
/// The current GOP is shown again at most so often when a browser asks for a key picture.
const AGAIN: Duration = Duration::from_secs(2);
/// Packets given to the RTP stack at once.
const PACKETS_AT_ONCE: usize = 32;
/// Bytes a millisecond: 80 Mbit/s, which a 100 Mbit/s network and a browser's buffers bear.
const PACE_BYTES_PER_MS: i64 = 10_000;
/// Bytes that may leave at once.
const PACE_BURST_BYTES: i64 = 64 * 1024;

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// The page or the server closed it.
    Closed,
    /// The browser closed it.
    Left,
    /// No connection in time.
    NeverConnected,
    /// The browser fell silent.
    Silent,
    /// The grant or login behind it ended.
    Until,
    /// The camera changed to a codec that was not agreed: the page connects anew.
    CodecChanged,
    /// Nothing came from the camera for long: it was taken out of service, or the page connects anew until it is back.
    CameraSilent,
    /// The RTP stack refused to go on.
    Fault,
}

impl End {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Left => "left",
            Self::NeverConnected => "never_connected",
            Self::Silent => "silent",
            Self::Until => "until",
            Self::CodecChanged => "codec_changed",
            Self::CameraSilent => "camera_silent",
            Self::Fault => "fault",
        }
    }
}

/// A stream to the browser.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) mid: Mid,
    /// Payload type of each codec that may be sent.
    pub(super) formats: Vec<(Codec, Pt)>,
    pub(super) seq: SeqNo,
}

impl Track {
    fn format(&self, codec: Codec) -> Option<Pt> {
        self.formats.iter().find(|(c, _)| *c == codec).map(|(_, pt)| *pt)
    }
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) token: SessionToken,
    pub(super) net: Arc<Net>,
    pub(super) rtc: Rtc,
    pub(super) hub: LiveHub,
    pub(super) video: Track,
    pub(super) sound: Option<Track>,
    /// Our addresses as the browser was told them.
    pub(super) candidates: Vec<SocketAddr>,
    pub(super) mail: mpsc::Receiver<Datagram>,
    pub(super) limits: Limits,
    /// When the grant or login ends.
    pub(super) until: Option<Instant>,
    /// Start of the RTP times.
    pub(super) rtp_start: u32,
}

/// A viewer.
pub(super) struct Session {
    parts: Parts,
    feed: Option<broadcast::Receiver<Live>>,
    config: Option<Arc<VideoConfig>>,
    times: Times,
    cutter: Cutter,
    /// Pictures of the past with their RTP times (90 kHz), still to be cut.
    past: VecDeque<(Arc<Frame>, i64)>,
    /// Payloads of the frame that is being sent: of pictures or sound, and its RTP time in that clock.
    payloads: VecDeque<Payload>,
    sending: Option<(Codec, i64)>,
    waits_for_key: bool,
    joined: Option<Instant>,
    budget_bytes: i64,
    budget_at: Instant,
    born: Instant,
    heard: Option<Instant>,
    /// When the camera last sent something, or the session joined.
    fed: Instant,
    /// Our true address behind each candidate, as datagrams came in.
    arrived_at: Vec<(SocketAddr, IpAddr)>,
    batch: Batch,
    ended: Option<End>,
}

impl Session {
    pub(super) fn new(parts: Parts, now: Instant) -> Self {
        let times = Times::new(parts.rtp_start);
        Self {
            parts,
            feed: None,
            config: None,
            times,
            cutter: Cutter::default(),
            past: VecDeque::new(),
            payloads: VecDeque::new(),
            sending: None,
            waits_for_key: true,
            joined: None,
            budget_bytes: PACE_BURST_BYTES,
            budget_at: now,
            born: now,
            heard: None,
            fed: now,
            arrived_at: Vec::new(),
            batch: Batch::default(),
            ended: None,
        }
    }

    /// Runs until its end; `stop` ends it when the other half is dropped.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<()>) -> End {
        let end = loop {
            let due = match self.drain().await {
                Ok(due) => due,
                Err(error) => {
                    tracing::debug!(%error, session = ?self.parts.token, "live session");
                    break End::Fault;
                }
            };
            let now = Instant::now();
            if let Some(end) = self.end(now) {
                break end;
            }
            if self.write(now) {
                continue;
            }
            let wake = due.min(self.deadline()).min(self.pace(now)).max(now);
            let idle = self.is_idle();
            tokio::select! {
                biased;
                _ = &mut stop => break End::Closed,
                mail = self.parts.mail.recv() => match mail {
                    Some(datagram) => self.datagram(&datagram),
                    None => break End::Closed,
                },
                live = next(&mut self.feed), if idle => self.live(live, Instant::now()),
                () = tokio::time::sleep_until(wake.into()) => self.tick(Instant::now()),
            }
        };
        self.goodbye().await;
        if end == End::NeverConnected {
            count(&self.parts.net.counts.ice_failures, "jifang_live_ice_failures_total", 1);
        }
        end
    }

    /// True when nothing waits to be sent.
    fn is_idle(&self) -> bool {
        self.payloads.is_empty() && self.past.is_empty()
    }

    fn end(&self, now: Instant) -> Option<End> {
        if let Some(end) = self.ended {
            return Some(end);
        }
        if !self.parts.rtc.is_alive() {
            return Some(End::Left);
        }
        if self.parts.until.is_some_and(|until| now >= until) {
            return Some(End::Until);
        }
        if self.joined.is_some() && now >= self.fed + self.parts.limits.starved {
            return Some(End::CameraSilent);
        }
        (now >= self.deadline()).then_some(if self.joined.is_some() { End::Silent } else { End::NeverConnected })
    }

    /// When it ends by itself if nothing happens.
    fn deadline(&self) -> Instant {
        let limits = self.parts.limits;
        let own = match self.joined {
            Some(_) => (self.heard.unwrap_or(self.born) + limits.silence).min(self.fed + limits.starved),
            None => self.born + limits.connect,
        };
        self.parts.until.map_or(own, |until| until.min(own))
    }

    /// When the next packets may leave, if some wait.
    fn pace(&mut self, now: Instant) -> Instant {
        if self.is_idle() {
            return now + IDLE;
        }
        let missing = (1 - self.budget_bytes).max(0) / PACE_BYTES_PER_MS + 1;
        now + Duration::from_millis(u64::try_from(missing).unwrap_or(1))
    }

    fn tick(&mut self, now: Instant) {
        self.input(Input::Timeout(now));
    }

    fn input(&mut self, input: Input<'_>) {
        if let Err(error) = self.parts.rtc.handle_input(input) {
            tracing::debug!(%error, session = ?self.parts.token, "live input");
            self.ended = Some(End::Fault);
        }
    }

    fn datagram(&mut self, datagram: &Datagram) {
        let now = Instant::now();
        let port = self.parts.net.bound.port();
        let told = datagram.to.map(|ip| SocketAddr::new(ip, port)).filter(|at| self.parts.candidates.contains(at));
        // Behind address translation the true address was never told: the first candidate stands for it.
        let Some(to) = told.or_else(|| self.parts.candidates.first().copied()) else { return };
        let input = Receive::new(Protocol::Udp, datagram.from, to, &datagram.data).map(|r| Input::Receive(now, r));
        // Whoever does not prove the session's password neither keeps it alive nor reaches the stack.
        match input {
            Ok(input) if self.parts.rtc.accepts(&input) => {
                self.heard = Some(now);
                if let Some(ip) = datagram.to {
                    match self.arrived_at.iter_mut().find(|(candidate, _)| *candidate == to) {
                        Some(known) => known.1 = ip,
                        None => self.arrived_at.push((to, ip)),
                    }
                }
                self.input(input);
            }
            _ => count(&self.parts.net.counts.ignored, "jifang_live_datagrams_ignored_total", 1),
        }
    }

    /// Sends what the RTP stack has; says when it wants to be woken.
    async fn drain(&mut self) -> Result<Instant, RtcError> {
        loop {
            match self.parts.rtc.poll_output()? {
                Output::Timeout(due) => {
                    self.parts.net.send(&mut self.batch).await;
                    return Ok(due);
                }
                Output::Transmit(packet) => {
                    let source =
                        self.arrived_at.iter().find(|(candidate, _)| *candidate == packet.source).map(|(_, ip)| *ip);
                    let to = packet.destination;
                    if self.batch.is_full_for(&packet.contents, to, source, self.parts.net.batch_packets()) {
                        self.parts.net.send(&mut self.batch).await;
                    }
                    if self.batch.is_new(to) {
                        // The stack answers only who proved the session's password.
                        self.parts.net.claim(self.parts.token, to);
                    }
                    self.batch.push(&packet.contents, to, source);
                }
                Output::Event(event) => self.event(&event, Instant::now()),
            }
        }
    }

    fn event(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Connected => self.join(now),
            Event::KeyframeRequest(_) => {
                let due = self.joined.is_some_and(|at| now.saturating_duration_since(at) >= AGAIN);
                if due && self.past.is_empty() {
                    self.join(now);
                }
            }
            Event::Closed => self.ended = Some(End::Left),
            _ => {}
        }
    }

    /// Takes the camera's current GOP and everything after it. A second time it replaces what was being received.
    fn join(&mut self, now: Instant) {
        let (first, feed) = self.parts.hub.join();
        self.feed = Some(feed);
        self.joined = Some(now);
        self.fed = now;
        let mut pictures = Vec::new();
        for live in first {
            match live {
                Live::Video(config) => self.config = Some(config),
                Live::Audio(_) => {}
                Live::Frame(frame) => pictures.push(frame),
            }
        }
        self.waits_for_key = !pictures.first().is_some_and(|frame| frame.key);
        let Some(newest) = pictures.last().filter(|_| !self.waits_for_key) else { return };
        let (start, step) = self.times.past(newest.pts_90k, pictures.len(), now);
        self.past = pictures.into_iter().zip(0_i64..).map(|(frame, i)| (frame, start + i * step)).collect();
    }

    fn live(&mut self, live: Result<Live, broadcast::error::RecvError>, now: Instant) {
        self.fed = now;
        match live {
            Ok(Live::Video(config)) => {
                if self.parts.video.format(config.codec).is_none() {
                    self.ended = Some(End::CodecChanged);
                }
                self.config = Some(config);
                self.waits_for_key = true;
            }
            Ok(Live::Audio(_)) => {}
            Ok(Live::Frame(frame)) if frame.codec.is_video() => {
                if frame.key {
                    self.waits_for_key = false;
                }
                if !self.waits_for_key {
                    let rtp = self.times.picture(frame.pts_90k, now);
                    self.begin_picture(&frame, rtp);
                }
            }
            Ok(Live::Frame(frame)) => self.begin_sound(&frame, now),
            Err(broadcast::error::RecvError::Lagged(frames)) => {
                count(&self.parts.net.counts.lagged, "jifang_live_frames_missed_total", frames);
                self.waits_for_key = true;
            }
            Err(broadcast::error::RecvError::Closed) => self.ended = Some(End::CameraSilent),
        }
    }

    fn begin_picture(&mut self, frame: &Frame, rtp_90k: i64) {
        let Some(config) = self.config.clone() else { return };
        if self.parts.video.format(frame.codec).is_none() {
            self.ended = Some(End::CodecChanged);
            return;
        }
        self.cutter.picture(&config, frame, &mut self.payloads);
        self.sending = Some((frame.codec, rtp_90k));
    }

    fn begin_sound(&mut self, frame: &Frame, now: Instant) {
        if self.parts.sound.as_ref().and_then(|track| track.format(frame.codec)).is_none() {
            return;
        }
        let rtp_8k = self.times.sound(frame.pts_90k, frame.data.len(), now);
        self.cutter.sound(frame, &mut self.payloads);
        self.sending = Some((frame.codec, rtp_8k));
    }

    /// Gives packets to the RTP stack as far as the pace allows; `true` if some were.
    fn write(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.budget_at).as_millis();
        if since > 0 {
            let more = i64::try_from(since).unwrap_or(0).saturating_mul(PACE_BYTES_PER_MS);
            self.budget_bytes = self.budget_bytes.saturating_add(more).min(PACE_BURST_BYTES);
            self.budget_at = now;
        }
        let mut written = 0;
        while written < PACKETS_AT_ONCE && self.budget_bytes > 0 {
            if self.payloads.is_empty() {
                let Some((frame, rtp_90k)) = self.past.pop_front() else { break };
                self.times.sent(rtp_90k);
                self.begin_picture(&frame, rtp_90k);
                continue;
            }
            let Some(payload) = self.payloads.pop_front() else { break };
            self.budget_bytes -= i64::try_from(payload.data.len()).unwrap_or(0);
            self.write_one(payload, now);
            written += 1;
        }
        if written > 0 {
            self.tick(now);
        }
        written > 0
    }

    fn write_one(&mut self, payload: Payload, now: Instant) {
        let Some((codec, rtp)) = self.sending else { return };
        let (track, rtp, moment_90k) = if codec.is_video() {
            (Some(&mut self.parts.video), rtp, rtp)
        } else {
            let rtp = rtp + i64::from(payload.sample);
            (self.parts.sound.as_mut(), rtp, times::of_sound(rtp))
        };
        let Some(track) = track else { return };
        let Some(pt) = track.format(codec) else { return };
        let moment = self.times.moment(moment_90k, now);
        let packet = RtpWrite::new(pt, track.seq, times::wire(rtp), moment, payload.data)
            .marker(payload.marker)
            .nackable(codec.is_video());
        track.seq.inc();
        if let Some(stream) = self.parts.rtc.direct_api().stream_tx_by_mid(track.mid, None) {
            stream.write_rtp(packet);
        }
    }

    /// Tells the browser, as far as it is there.
    async fn goodbye(&mut self) {
        self.feed = None;
        if self.parts.rtc.is_alive() && self.parts.rtc.close().is_ok() {
            let _ = self.drain().await;
        }
    }
}

/// The next of a feed; waits for ever without one.
async fn next(feed: &mut Option<broadcast::Receiver<Live>>) -> Result<Live, broadcast::error::RecvError> {
    match feed {
        Some(feed) => feed.recv().await,
        None => std::future::pending().await,
    }
}
