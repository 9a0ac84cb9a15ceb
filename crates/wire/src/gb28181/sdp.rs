//! SDP as GB/T 28181 uses it (2022 annex G, 2016 appendix F): play offers, lenient reading of answers, `y=` SSRCs.
//!
//! Bytes of a body become a [`Session`]; a [`PlayOffer`] or [`PlayAnswer`] becomes text. Invariants: at most
//! [`MAX_LINES`] lines are read; every field of an answer is optional except one usable media line.

use super::GbId;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// Most lines of a session description. More: refused.
pub const MAX_LINES: usize = 256;

/// A stream's SSRC as `y=` writes it: ten decimal digits, the first 0 for live and 1 for history.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Ssrc(pub u32);

impl Ssrc {
    /// Reads up to ten decimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse().ok().map(Self))?
    }
}

impl std::fmt::Display for Ssrc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

/// Gives out SSRCs of one domain: `0` or `1`, digits 4-8 of the platform's code, four digits unique among those in use.
#[derive(Debug)]
pub struct SsrcPool {
    part: u32,
    used: [BTreeSet<u16>; 2],
    next: [u16; 2],
}

impl SsrcPool {
    /// A pool for the domain of `platform`. `start` (any number) decides where counting begins.
    #[must_use]
    pub fn new(platform: &GbId, start: u16) -> Self {
        let part = platform.ssrc_part().parse().unwrap_or(0);
        Self { part, used: [BTreeSet::new(), BTreeSet::new()], next: [start % 10_000; 2] }
    }

    /// A free SSRC; `None` when all ten thousand of the kind are in use.
    pub fn allocate(&mut self, history: bool) -> Option<Ssrc> {
        let kind = usize::from(history);
        let used = self.used.get_mut(kind)?;
        let next = self.next.get_mut(kind)?;
        let serial = (0..10_000_u16).map(|n| (*next + n) % 10_000).find(|serial| !used.contains(serial))?;
        used.insert(serial);
        *next = (serial + 1) % 10_000;
        Some(Ssrc(u32::from(history) * 1_000_000_000 + self.part * 10_000 + u32::from(serial)))
    }

    /// Gives one back. Unknown ones are ignored.
    pub fn release(&mut self, ssrc: Ssrc) {
        let serial = u16::try_from(ssrc.0 % 10_000).unwrap_or(0);
        if ssrc.0 % 1_000_000_000 / 10_000 == self.part
            && let Some(used) = self.used.get_mut(usize::from(ssrc.0 >= 1_000_000_000))
        {
            used.remove(&serial);
        }
    }
}

/// How media travels, seen from the platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MediaTransport {
    /// RTP over UDP to the platform's port.
    Udp,
    /// RTP over TCP (RFC 4571); the platform listens, the device connects (`setup:passive` in the platform's SDP).
    TcpPassive,
    /// RTP over TCP; the device listens, the platform connects (`setup:active` in the platform's SDP).
    TcpActive,
}

impl MediaTransport {
    const fn proto(self) -> &'static str {
        match self {
            Self::Udp => "RTP/AVP",
            Self::TcpPassive | Self::TcpActive => "TCP/RTP/AVP",
        }
    }
}

/// `a=setup:` of RFC 4145.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Setup {
    /// The writer connects.
    Active,
    /// The writer listens.
    Passive,
    /// Either.
    ActPass,
}

/// A live view asked of a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlayOffer {
    /// The platform's code.
    pub platform: GbId,
    /// Where the device is to send (or connect) to; for `TcpActive` only the address counts.
    pub media: SocketAddr,
    /// How.
    pub transport: MediaTransport,
    /// The SSRC the platform asks for.
    pub ssrc: Ssrc,
}

fn head(out: &mut String, owner: &GbId, ip: IpAddr) {
    let version = if ip.is_ipv6() { "IP6" } else { "IP4" };
    let _ = write!(out, "v=0\r\no={owner} 0 0 IN {version} {ip}\r\ns=Play\r\nc=IN {version} {ip}\r\nt=0 0\r\n");
}

impl PlayOffer {
    /// The offer's body.
    #[must_use]
    pub fn to_sdp(&self) -> String {
        let mut out = String::with_capacity(400);
        head(&mut out, &self.platform, self.media.ip());
        // Port 9 (discard) stands for "you tell me" in an active offer (RFC 4145 section 4.1).
        let port = if self.transport == MediaTransport::TcpActive { 9 } else { self.media.port() };
        let _ = write!(out, "m=video {port} {} 96 97 98 100\r\na=recvonly\r\n", self.transport.proto());
        out.push_str(
            "a=rtpmap:96 PS/90000\r\na=rtpmap:97 MPEG4/90000\r\na=rtpmap:98 H264/90000\r\na=rtpmap:100 H265/90000\r\n",
        );
        match self.transport {
            MediaTransport::Udp => {}
            MediaTransport::TcpPassive => out.push_str("a=setup:passive\r\na=connection:new\r\n"),
            MediaTransport::TcpActive => out.push_str("a=setup:active\r\na=connection:new\r\n"),
        }
        let _ = write!(out, "y={}\r\n", self.ssrc);
        out
    }
}

/// A device's answer to a live offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlayAnswer {
    /// The channel's code.
    pub channel: GbId,
    /// Where media comes from; for a passive device, where it listens.
    pub media: SocketAddr,
    /// TCP or UDP, as in the offer (still named from the platform's side).
    pub transport: MediaTransport,
    /// `y=`; `None` leaves the line out.
    pub ssrc: Option<Ssrc>,
}

impl PlayAnswer {
    /// The answer's body.
    #[must_use]
    pub fn to_sdp(&self) -> String {
        let mut out = String::with_capacity(300);
        head(&mut out, &self.channel, self.media.ip());
        let _ = write!(out, "m=video {} {} 96\r\na=sendonly\r\n", self.media.port(), self.transport.proto());
        out.push_str("a=rtpmap:96 PS/90000\r\n");
        match self.transport {
            MediaTransport::Udp => {}
            MediaTransport::TcpPassive => out.push_str("a=setup:active\r\na=connection:new\r\n"),
            MediaTransport::TcpActive => out.push_str("a=setup:passive\r\na=connection:new\r\n"),
        }
        if let Some(ssrc) = self.ssrc {
            let _ = write!(out, "y={ssrc}\r\n");
        }
        out.push_str("f=v/////a///\r\n");
        out
    }
}

/// One `a=rtpmap:`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RtpMap {
    /// Payload type.
    pub payload_type: u8,
    /// Encoding name, upper case: `PS`, `H264`; a vendor's name (`HIKVISION`, `DAHUA`) marks a private stream.
    pub encoding: String,
    /// Clock, Hz; 90,000 where none is written.
    pub clock_hz: u32,
}

/// One media line with what belongs to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Media {
    /// `video`, `audio`.
    pub kind: String,
    /// Port.
    pub port: u16,
    /// True for TCP/RTP/AVP.
    pub tcp: bool,
    /// Payload types in order.
    pub payload_types: Vec<u8>,
    /// `c=` of this media line.
    pub connection: Option<IpAddr>,
    /// `a=setup:`.
    pub setup: Option<Setup>,
    /// `a=rtpmap:` lines.
    pub rtpmaps: Vec<RtpMap>,
    /// `sendonly`, `recvonly`, `sendrecv`, `inactive` where written.
    pub direction: Option<String>,
}

/// A session description, as far as it could be read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Session {
    /// User part of `o=`: a device or channel code.
    pub owner: String,
    /// `s=`: Play, Playback, Download, Talk.
    pub name: String,
    /// Session-level `c=`.
    pub connection: Option<IpAddr>,
    /// `t=` start and stop, seconds; 0 0 for live.
    pub time_s: (u64, u64),
    /// Media lines.
    pub media: Vec<Media>,
    /// `y=`; `None` where missing or unreadable. May be 0 (some devices).
    pub ssrc: Option<Ssrc>,
    /// `f=`, as written.
    pub format: Option<String>,
}

/// Why a body is no usable session description.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SdpError {
    /// Over [`MAX_LINES`].
    #[error("more than {MAX_LINES} SDP lines")]
    TooManyLines,
    /// No readable `m=` line.
    #[error("no readable media line in the SDP")]
    NoMedia,
}

impl Session {
    /// Reads a body; unknown and broken lines are skipped.
    ///
    /// # Errors
    /// [`SdpError`].
    pub fn parse(body: &[u8]) -> Result<Self, SdpError> {
        let text = String::from_utf8_lossy(body);
        let mut session = Self::default();
        for (number, line) in text.lines().enumerate() {
            if number >= MAX_LINES {
                return Err(SdpError::TooManyLines);
            }
            if let Some((kind, value)) = line.trim().split_once('=') {
                session.line(kind.trim(), value.trim());
            }
        }
        if session.media.is_empty() { Err(SdpError::NoMedia) } else { Ok(session) }
    }

    fn line(&mut self, kind: &str, value: &str) {
        match kind {
            "o" => self.owner = value.split_ascii_whitespace().next().unwrap_or_default().to_owned(),
            "s" => self.name = value.to_owned(),
            "t" => {
                let mut times = value.split_ascii_whitespace().map(|t| t.parse().unwrap_or(0));
                self.time_s = (times.next().unwrap_or(0), times.next().unwrap_or(0));
            }
            "c" => {
                let ip = value.split_ascii_whitespace().last().and_then(|a| a.split('/').next()?.parse().ok());
                match self.media.last_mut() {
                    Some(media) => media.connection = ip,
                    None => self.connection = ip,
                }
            }
            "m" => self.media.extend(media_line(value)),
            // Some devices write more after the ten digits.
            "y" => self.ssrc = value.split([' ', ';', ',']).next().and_then(Ssrc::parse),
            "f" => self.format = Some(value.to_owned()),
            "a" => {
                if let Some(media) = self.media.last_mut() {
                    attribute(media, value);
                }
            }
            _ => {}
        }
    }

    /// The video line, or the only one.
    #[must_use]
    pub fn video(&self) -> Option<&Media> {
        self.media.iter().find(|m| m.kind.eq_ignore_ascii_case("video")).or_else(|| self.media.first())
    }

    /// Where the writer of this description sends from or listens: `c=` of the line or the session, and the port.
    #[must_use]
    pub fn media_address(&self) -> Option<SocketAddr> {
        let media = self.video()?;
        let ip = media.connection.or(self.connection)?;
        (media.port != 0).then(|| SocketAddr::new(ip, media.port))
    }

    /// How an offer wants media, named from the platform's (offerer's) side.
    #[must_use]
    pub fn transport(&self) -> MediaTransport {
        match self.video() {
            Some(m) if m.tcp && m.setup == Some(Setup::Active) => MediaTransport::TcpActive,
            Some(m) if m.tcp => MediaTransport::TcpPassive,
            _ => MediaTransport::Udp,
        }
    }

    /// A vendor's private stream: the encoding name that is not one of the standard's.
    #[must_use]
    pub fn private_encoding(&self) -> Option<&str> {
        const KNOWN: [&str; 9] = ["PS", "MPEG4", "H264", "H265", "SVAC", "PCMA", "PCMU", "AAC", "MP4V-ES"];
        let maps = &self.video()?.rtpmaps;
        let all_private = !maps.is_empty() && maps.iter().all(|m| !KNOWN.contains(&m.encoding.as_str()));
        all_private.then(|| maps.first().map(|m| m.encoding.as_str()))?
    }
}

fn media_line(value: &str) -> Option<Media> {
    let mut parts = value.split_ascii_whitespace();
    let kind = parts.next()?.to_owned();
    let port = parts.next()?.split('/').next()?.parse().ok()?;
    let proto = parts.next().unwrap_or("RTP/AVP");
    let tcp = proto.to_ascii_uppercase().contains("TCP");
    let payload_types = parts.filter_map(|p| p.parse().ok()).take(32).collect();
    Some(Media { kind, port, tcp, payload_types, connection: None, setup: None, rtpmaps: Vec::new(), direction: None })
}

fn attribute(media: &mut Media, value: &str) {
    let (name, rest) = value.split_once(':').map_or((value, ""), |(n, r)| (n.trim(), r.trim()));
    match name.to_ascii_lowercase().as_str() {
        "setup" => {
            media.setup = match rest.to_ascii_lowercase().as_str() {
                "active" => Some(Setup::Active),
                "passive" => Some(Setup::Passive),
                "actpass" => Some(Setup::ActPass),
                _ => None,
            }
        }
        "rtpmap" => {
            let Some((payload_type, encoding)) = rest.split_once([' ', '\t']) else { return };
            let Ok(payload_type) = payload_type.trim().parse() else { return };
            let mut parts = encoding.trim().split('/');
            let encoding = parts.next().unwrap_or_default().to_ascii_uppercase();
            let clock_hz = parts.next().and_then(|c| c.trim().parse().ok()).unwrap_or(90_000);
            media.rtpmaps.push(RtpMap { payload_type, encoding, clock_hz });
        }
        direction @ ("sendonly" | "recvonly" | "sendrecv" | "inactive") => media.direction = Some(direction.to_owned()),
        _ => {}
    }
}

/// Value of the `Subject` header: `sender:senderSerial,receiver:receiverSerial` (2022 section 9.2, 2016 annex K).
#[must_use]
pub fn subject(channel: &GbId, ssrc: Ssrc, platform: &GbId) -> String {
    format!("{channel}:{ssrc},{platform}:0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> GbId {
        GbId::parse(text).expect("twenty digits")
    }

    fn offer(transport: MediaTransport) -> PlayOffer {
        PlayOffer {
            platform: id("34020000002000000001"),
            media: "192.0.2.1:10000".parse().expect("address"),
            transport,
            ssrc: Ssrc(200_000_007),
        }
    }

    #[test]
    fn offers_say_what_they_mean_from_the_platforms_side() {
        for (transport, setup, port) in [
            (MediaTransport::Udp, None, 10_000),
            (MediaTransport::TcpPassive, Some(Setup::Passive), 10_000),
            (MediaTransport::TcpActive, Some(Setup::Active), 9),
        ] {
            let text = offer(transport).to_sdp();
            let session = Session::parse(text.as_bytes()).expect("own offer");
            let video = session.video().expect("video");
            assert_eq!((session.transport(), video.setup, video.port), (transport, setup, port), "{text}");
            assert_eq!(
                (session.name.as_str(), session.ssrc, session.time_s),
                ("Play", Some(Ssrc(200_000_007)), (0, 0))
            );
            assert!(text.contains("y=0200000007\r\n"), "{text}");
            assert_eq!(
                video.rtpmaps.first().map(|m| (m.payload_type, m.encoding.as_str(), m.clock_hz)),
                Some((96, "PS", 90_000))
            );
            let answer = PlayAnswer {
                channel: id("34020000001320000001"),
                media: "198.51.100.2:7000".parse().expect("address"),
                transport,
                ssrc: None,
            };
            let session = Session::parse(answer.to_sdp().as_bytes()).expect("own answer");
            assert_eq!((session.ssrc, session.media_address()), (None, "198.51.100.2:7000".parse().ok()));
        }
    }

    #[test]
    fn sloppy_answers_are_read() {
        let text = "v=0\no=3402 0 0 IN IP4 10.0.0.5\ns = Play\nt=0 0\nm=video 15060 TCP/RTP/AVP 96\nc=IN IP4 10.0.0.6/127\n\
            a=SETUP:Active\na=rtpmap:96 HIKVISION\na=rtpmap:bad\ny=0000000000 extra\nf=v/2/5/25/1/4000a///\njunk";
        let session = Session::parse(text.as_bytes()).expect("lenient");
        let video = session.video().expect("video");
        assert_eq!(
            (session.media_address(), session.ssrc, video.setup),
            ("10.0.0.6:15060".parse().ok(), Some(Ssrc(0)), Some(Setup::Active))
        );
        assert_eq!((session.private_encoding(), video.rtpmaps.len()), (Some("HIKVISION"), 1));
        for (y, want) in [
            ("y=", None),
            ("y=abc", None),
            ("y=99999999999", None),
            ("y=4294967295", Some(Ssrc(u32::MAX))),
            ("y=12", Some(Ssrc(12))),
        ] {
            let text = format!("m=video 1 RTP/AVP 96\n{y}\n");
            assert_eq!(Session::parse(text.as_bytes()).expect("media").ssrc, want, "{y}");
        }
        assert_eq!(Session::parse(b"v=0\r\n"), Err(SdpError::NoMedia));
        assert_eq!(Session::parse(b"m=video x RTP/AVP 96"), Err(SdpError::NoMedia));
        assert_eq!(Session::parse("a=b\n".repeat(MAX_LINES + 1).as_bytes()), Err(SdpError::TooManyLines));
    }

    #[test]
    fn ssrcs_follow_the_y_rule_and_run_out() {
        let mut pool = SsrcPool::new(&id("34020000002000000001"), 9_999);
        assert_eq!(pool.allocate(false).map(|s| s.to_string()).as_deref(), Some("0200009999"));
        assert_eq!(pool.allocate(false).map(|s| s.to_string()).as_deref(), Some("0200000000"));
        assert_eq!(pool.allocate(true).map(|s| s.to_string()).as_deref(), Some("1200009999"));
        let mut seen: BTreeSet<Ssrc> = (0..9_998).filter_map(|_| pool.allocate(false)).collect();
        assert_eq!((seen.len(), pool.allocate(false)), (9_998, None));
        let one = seen.pop_first().expect("some");
        pool.release(one);
        pool.release(Ssrc(1));
        assert_eq!(pool.allocate(false), Some(one));
    }

    #[test]
    fn subject_form() {
        let text = subject(&id("34020000001320000001"), Ssrc(200_000_007), &id("34020000002000000001"));
        assert_eq!(text, "34020000001320000001:0200000007,34020000002000000001:0");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let _ = Session::parse(&bytes);
        }
    }
}
