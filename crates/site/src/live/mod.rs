//! Live viewing in a browser: WHEP (WebRTC-HTTP egress) without the HTTP.
//!
//! ```text
//! offer (SDP) ─▶ offer.rs: what the browser plays ─▶ session.rs ─▶ answer (SDP)
//! camera hub ─▶ session.rs (one a viewer): times.rs, packets.rs, RTP stack (str0m) ─▶ net.rs ─▶ one UDP socket
//! ```
//!
//! We are ICE-lite: the browser finds us by our host candidates, we never look for it. Pictures and sound go out as the camera
//! made them; nothing is coded anew and nothing more is asked of the camera. Invariants: all viewers share one UDP port; a viewer
//! never slows a camera or another viewer; every session ends (closed, silent, never connected, or its grant is over).

mod address;
mod net;
mod offer;
mod packets;
mod session;
#[cfg(test)]
mod tests;
mod times;

use crate::camera::{Live, LiveHub};
use crate::{SiteClock, SiteError};
use base::{MonoMs, Refusal, Text};
use media::{AudioConfig, Codec, VideoConfig};
use net::Net;
use session::{Limits, Parts, Session, Track};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::config::{CryptoProvider, DtlsCert};
use str0m::format::{Codec as RtpCodec, CodecConfig, CodecSpec, FormatParams, PayloadParams};
use str0m::media::{Frequency, Pt};
use str0m::rtp::{Extension, ExtensionMap};
use str0m::{Candidate, Rtc, RtcConfig};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};

/// Most viewers at the same time. One more is refused (`live_viewers`).
pub const VIEWERS: usize = 64;
const LIMITS: Limits = Limits {
    viewers: VIEWERS,
    connect: Duration::from_secs(15),
    silence: Duration::from_secs(30),
    starved: Duration::from_secs(60),
};
/// Datagrams that may wait for one session; more are dropped and counted.
const MAILBOX: usize = 128;
/// How long `stop` waits for goodbyes.
const GOODBYE: Duration = Duration::from_secs(1);
/// Packets kept for sending again, and for how long: what a browser may still want.
const RESEND_PACKETS: usize = 1_024;
const RESEND_FOR: Duration = Duration::from_secs(1);
/// Most of what is sent that may be sending again.
const RESEND_SHARE: f32 = 0.5;

/// Names one live session; whoever has it may close it. 128 random bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionToken([u8; 16]);

impl SessionToken {
    /// Reads 32 hexadecimal characters; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        base::unhex(text)?.try_into().ok().map(Self)
    }
}

impl std::fmt::Display for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base::hex(&self.0))
    }
}

impl std::fmt::Debug for SessionToken {
    /// Short: whoever reads a log must not be able to close a session.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SessionToken({}…)", base::hex(&self.0[..2]))
    }
}

/// What goes back to the browser.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Names the session, for `close`.
    pub id: SessionToken,
    /// The answer, `application/sdp`.
    pub sdp: String,
    /// What the viewer should know, e.g. why there is no sound.
    pub notes: Vec<Text>,
}

/// What the live server counted since it was bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LiveCounts {
    /// Sessions now.
    pub sessions: usize,
    /// Datagrams that belonged to nobody.
    pub datagrams_ignored: u64,
    /// Datagrams dropped because their session did not keep up.
    pub datagrams_dropped: u64,
    /// Packets sent.
    pub packets_sent: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Packets that the network refused.
    pub send_errors: u64,
    /// Frames that slow viewers missed.
    pub frames_missed: u64,
    /// Sessions that never connected.
    pub ice_failures: u64,
}

/// The live server; copies share one state.
#[derive(Clone)]
pub struct LiveServer(Arc<Inner>);

struct Inner {
    net: Arc<Net>,
    advertised: Option<IpAddr>,
    clock: SiteClock,
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
    receiver: JoinHandle<()>,
    sessions: Mutex<JoinSet<()>>,
    limits: Limits,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.receiver.abort();
    }
}

impl LiveServer {
    /// Takes the port. `advertised` is the address browsers reach this machine by, when it is not one of its own.
    ///
    /// # Errors
    /// The port is taken, or no certificate could be made.
    #[expect(clippy::unused_async, reason = "must run inside the runtime that will own the socket")]
    pub async fn bind(addr: SocketAddr, advertised: Option<IpAddr>, clock: SiteClock) -> Result<Self, SiteError> {
        Self::bind_with(addr, advertised, clock, LIMITS)
    }

    fn bind_with(
        addr: SocketAddr,
        advertised: Option<IpAddr>,
        clock: SiteClock,
        limits: Limits,
    ) -> Result<Self, SiteError> {
        let net = Net::bind(addr).map_err(|source| SiteError::Port { what: "live", address: addr, source })?;
        let net = Arc::new(net);
        let crypto = Arc::new(str0m::crypto::from_feature_flags());
        let certificate = crypto.dtls_provider.generate_certificate();
        let certificate = certificate.ok_or_else(|| SiteError::Config("no DTLS certificate could be made".into()))?;
        let receiver = tokio::spawn({
            let net = net.clone();
            async move { net.receive().await }
        });
        let sessions = Mutex::default();
        Ok(Self(Arc::new(Inner { net, advertised, clock, crypto, certificate, receiver, sessions, limits })))
    }

    /// Where it is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.net.bound
    }

    /// Answers a browser's offer to watch what `hub` gives; the session begins. `audio` says whether sound may be heard, `local`
    /// is our address that the browser's HTTP request came to, `until` is when the right to watch ends.
    ///
    /// # Errors
    /// The offer cannot be used (`bad_offer`), nothing has come from the camera (`no_picture`), the browser cannot play its
    /// pictures (`h265_live`, `h264_live`), or too many watch (`live_viewers`).
    pub fn offer(
        &self,
        hub: &LiveHub,
        audio: bool,
        sdp_offer: &str,
        local: Option<IpAddr>,
        until: Option<MonoMs>,
    ) -> Result<Answer, Refusal> {
        if sdp_offer.len() > offer::OFFER_BYTES {
            return Err(offer::bad_offer("too long"));
        }
        let limits = self.0.limits;
        if self.0.net.is_full(limits.viewers) {
            return Err(offer::too_many(limits.viewers));
        }
        let (video, sound) = configs(hub);
        let video = video.ok_or_else(offer::no_picture)?;
        let plan = Plan::of(&offer::read(sdp_offer), &video, audio.then_some(sound.as_ref()))?;
        let now = Instant::now();
        let candidates = address::candidates(self.0.net.bound, self.0.advertised, local, &address::own());
        let mut rtc = self.rtc(&plan, &candidates, now)?;
        let answer = accept(&mut rtc, sdp_offer)?;
        let (token, rtp_start, seq) = random()?;
        let tracks = plan.tracks(&mut rtc, seq)?;
        let (mail_in, mail) = mpsc::channel(MAILBOX);
        let (stop, stopped) = oneshot::channel();
        let ufrag = rtc.direct_api().local_ice_credentials().ufrag;
        if !self.0.net.enter(token, ufrag, mail_in, stop, limits.viewers) {
            return Err(offer::too_many(limits.viewers));
        }
        let until = until.map(|until| {
            let left_ms = until.since(self.0.clock.now().mono);
            Instant::now() + Duration::from_millis(left_ms)
        });
        let (net, hub, (video, sound)) = (self.0.net.clone(), hub.clone(), tracks);
        let parts = Parts { token, net, rtc, hub, video, sound, candidates, mail, limits, until, rtp_start };
        self.spawn(Session::new(parts, now), token, stopped);
        Ok(Answer { id: token, sdp: one_stream(&answer.to_sdp_string()), notes: plan.notes })
    }

    /// An RTP stack that can do exactly what was chosen.
    fn rtc(&self, plan: &Plan, candidates: &[SocketAddr], now: Instant) -> Result<Rtc, Refusal> {
        // Only what says which stream a packet belongs to; nothing that asks browsers for bandwidth reports.
        let mut extensions = ExtensionMap::empty();
        extensions.set(1, Extension::RtpMid);
        let mut config = RtcConfig::new()
            .set_crypto_provider(self.0.crypto.clone())
            .set_dtls_cert(self.0.certificate.clone())
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_extension_map(extensions);
        *config.codec_config() = plan.codecs();
        let mut rtc = config.build(now);
        for candidate in candidates {
            match Candidate::host(*candidate, "udp") {
                Ok(candidate) => _ = rtc.add_local_candidate(candidate),
                Err(error) => tracing::warn!(%error, %candidate, "live candidate"),
            }
        }
        if candidates.is_empty() {
            return Err(offer::unavailable("no network address"));
        }
        Ok(rtc)
    }

    fn spawn(&self, session: Session, token: SessionToken, stopped: oneshot::Receiver<()>) {
        let net = self.0.net.clone();
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        while sessions.try_join_next().is_some() {}
        sessions.spawn(async move {
            let left = LeaveOnDrop(net, token);
            let end = session.run(stopped).await;
            metrics::counter!("jifang_live_sessions_total", "end" => end.code()).increment(1);
            tracing::debug!(session = ?token, end = end.code(), "live session ended");
            drop(left);
        });
    }

    /// Ends a session; `false` if there is none of this name (any more).
    pub fn close(&self, id: SessionToken) -> bool {
        self.0.net.close(id)
    }

    /// Does this session run?
    #[must_use]
    pub fn is_open(&self, id: SessionToken) -> bool {
        self.0.net.knows(id)
    }

    /// Sessions now.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.0.net.viewers.load(Ordering::Relaxed)
    }

    /// What was counted.
    #[must_use]
    pub fn counts(&self) -> LiveCounts {
        let counts = &self.0.net.counts;
        LiveCounts {
            sessions: self.sessions(),
            datagrams_ignored: counts.ignored.load(Ordering::Relaxed),
            datagrams_dropped: counts.mailbox_full.load(Ordering::Relaxed),
            packets_sent: counts.packets.load(Ordering::Relaxed),
            bytes_sent: counts.bytes.load(Ordering::Relaxed),
            send_errors: counts.send_errors.load(Ordering::Relaxed),
            frames_missed: counts.lagged.load(Ordering::Relaxed),
            ice_failures: counts.ice_failures.load(Ordering::Relaxed),
        }
    }

    /// Ends all sessions and the socket's task; browsers are told.
    pub async fn stop(&self) {
        self.0.net.close_all();
        let mut sessions = {
            let mut held = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *held)
        };
        let all = async { while sessions.join_next().await.is_some() {} };
        // What has not said goodbye by then is aborted with the set.
        let _ = tokio::time::timeout(GOODBYE, all).await;
        self.0.receiver.abort();
    }
}

/// A session that ends in any way leaves the registry.
struct LeaveOnDrop(Arc<Net>, SessionToken);

impl Drop for LeaveOnDrop {
    fn drop(&mut self) {
        self.0.leave(self.1);
    }
}

/// What a camera's hub knows of its pictures and sound.
fn configs(hub: &LiveHub) -> (Option<Arc<VideoConfig>>, Option<Arc<AudioConfig>>) {
    let (mut video, mut sound) = (None, None);
    for live in hub.join().0 {
        match live {
            Live::Video(config) => video = Some(config),
            Live::Audio(config) => sound = Some(config),
            Live::Frame(_) => break,
        }
    }
    (video, sound)
}

/// What is sent in which payload type, and what the viewer is told.
#[derive(Debug, Default)]
struct Plan {
    video_mid: String,
    video: offer::Offered,
    video_resend: Option<u8>,
    codec: Option<Codec>,
    sound_mid: String,
    sound: Vec<(Codec, u8)>,
    notes: Vec<Text>,
}

impl Plan {
    /// `sound` is `None` where sound may not be heard, `Some(None)` while none has come.
    fn of(
        offer: &offer::Offer,
        config: &VideoConfig,
        sound: Option<Option<&Arc<AudioConfig>>>,
    ) -> Result<Self, Refusal> {
        let section = offer.video.as_ref().filter(|section| section.receives);
        let section = section.ok_or_else(|| offer::bad_offer("no pictures wanted"))?;
        let chosen = match config.codec {
            Codec::H265 => offer::choose_h265(section),
            _ => offer::choose_h264(section, config),
        };
        let video = chosen.ok_or_else(|| offer::not_playable(config.codec))?.clone();
        let mut plan = Self {
            video_mid: section.mid.clone(),
            video_resend: section.resend_of(video.pt),
            video,
            codec: Some(config.codec),
            ..Self::default()
        };
        if let (Some(section), Some(sound)) = (offer.audio.as_ref().filter(|s| s.receives), sound) {
            plan.add_sound(section, sound);
        }
        Ok(plan)
    }

    fn add_sound(&mut self, section: &offer::Section, sound: Option<&Arc<AudioConfig>>) {
        // Sound that has not come yet may come in either law.
        let wanted: &[Codec] = match sound {
            Some(config) if !offer::is_playable(config) => &[],
            Some(config) if config.codec == Codec::G711U => &[Codec::G711U],
            Some(_) => &[Codec::G711A],
            None => &[Codec::G711A, Codec::G711U],
        };
        section.mid.clone_into(&mut self.sound_mid);
        self.sound = wanted.iter().filter_map(|codec| Some((*codec, offer::choose_g711(section, *codec)?))).collect();
        if let Some(config) = sound.filter(|_| self.sound.is_empty()) {
            self.notes.push(offer::no_sound(config, !wanted.is_empty() || !offer::is_playable(config)));
        }
    }

    /// The one payload type for pictures and those for sound, with what we heed: lost packets and wishes for a key picture.
    fn codecs(&self) -> CodecConfig {
        let pt = Pt::new_with_value;
        let codec = if self.codec == Some(Codec::H265) { RtpCodec::H265 } else { RtpCodec::H264 };
        // The browser's own words go back to it: we only send, and send what the camera makes.
        let format = FormatParams::parse_line(&self.video.fmtp);
        let spec = CodecSpec { codec, clock_rate: Frequency::NINETY_KHZ, channels: None, format };
        let mut video = PayloadParams::new(pt(self.video.pt), self.video_resend.map(pt), spec);
        video.set_fb_nack(true);
        video.set_fb_pli(true);
        video.set_fb_fir(true);
        let sound = self.sound.iter().map(|(codec, number)| {
            let codec = if *codec == Codec::G711A { RtpCodec::PCMA } else { RtpCodec::PCMU };
            let format = FormatParams::default();
            let spec = CodecSpec { codec, clock_rate: Frequency::EIGHT_KHZ, channels: None, format };
            PayloadParams::new(pt(*number), None, spec)
        });
        let mut all: Vec<_> = std::iter::once(video).chain(sound).collect();
        for params in &mut all {
            params.set_fb_transport_cc(false);
            params.set_fb_remb(false);
        }
        CodecConfig::new_from_payload_params(all)
    }

    /// The streams that were agreed, ready to be written to.
    fn tracks(&self, rtc: &mut Rtc, seq: [u16; 2]) -> Result<(Track, Option<Track>), Refusal> {
        let mut api = rtc.direct_api();
        let mid = self.video_mid.as_str().into();
        let stream = api.stream_tx_by_mid(mid, None).ok_or_else(|| offer::bad_offer("no pictures agreed"))?;
        stream.set_rtx_cache(RESEND_PACKETS, RESEND_FOR, Some(RESEND_SHARE));
        let first = |at: usize| (u64::from(seq[at] & 0x7fff)).into();
        let formats = self.codec.map(|codec| (codec, Pt::new_with_value(self.video.pt)));
        let video = Track { mid, formats: formats.into_iter().collect(), seq: first(0) };
        let mid = self.sound_mid.as_str().into();
        let sound = (!self.sound.is_empty() && api.stream_tx_by_mid(mid, None).is_some()).then(|| Track {
            mid,
            formats: self.sound.iter().map(|(codec, pt)| (*codec, Pt::new_with_value(*pt))).collect(),
            seq: first(1),
        });
        Ok((video, sound))
    }
}

fn accept(rtc: &mut Rtc, sdp_offer: &str) -> Result<SdpAnswer, Refusal> {
    let parsed = SdpOffer::from_sdp_string(sdp_offer).map_err(|error| offer::bad_offer(&error.to_string()))?;
    rtc.sdp_api().accept_offer(parsed).map_err(|error| offer::bad_offer(&error.to_string()))
}

/// Puts all tracks of an answer into one media stream (RFC 8830): browsers keep sound and picture together only within one. The
/// RTP stack names one stream for each track.
fn one_stream(answer: &str) -> String {
    let stream = |line: &str| line.strip_prefix("a=msid:").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    let Some(first) = answer.lines().find_map(stream) else { return answer.to_owned() };
    let mut out = String::with_capacity(answer.len());
    for line in answer.lines() {
        let marker = ["a=msid:", " msid:"].into_iter().find_map(|mark| line.find(mark).map(|at| at + mark.len()));
        match marker.and_then(|at| Some((line.get(..at)?, line.get(at..)?.split_once(' ')?.1))) {
            _ if line.starts_with("a=msid-semantic:") => out.extend(["a=msid-semantic: WMS ", &first]),
            Some((before, track)) => out.extend([before, &first, " ", track]),
            None => out.push_str(line),
        }
        out.push_str("\r\n");
    }
    out
}

/// A session's name, the start of its RTP times, and first sequence numbers.
fn random() -> Result<(SessionToken, u32, [u16; 2]), Refusal> {
    let (mut token, mut rest) = ([0; 16], [0; 8]);
    getrandom::fill(&mut token).map_err(|_| offer::unavailable("no random numbers"))?;
    getrandom::fill(&mut rest).map_err(|_| offer::unavailable("no random numbers"))?;
    let [a, b, c, d, e, f, g, h] = rest;
    Ok((
        SessionToken(token),
        u32::from_be_bytes([a, b, c, d]),
        [u16::from_be_bytes([e, f]), u16::from_be_bytes([g, h])],
    ))
}
