//! What a browser's offer (SDP, RFC 8866) says it can play, and which of it suits a camera.
//!
//! An offer's text flows in, a choice of payload types or a refusal in words flows out. The text comes from outside: it is
//! walked once, with limits, and nothing in it is trusted; the RTP stack parses it again by its own rules.

use base::{ErrorKind, Refusal, Text};
use media::{AudioConfig, Codec, VideoConfig};

/// Largest offer, bytes. Browsers send about 6,000.
pub(super) const OFFER_BYTES: usize = 64 * 1024;
/// Most payload types of one medium that are looked at; RTP has 128.
const FORMATS: usize = 128;

/// One payload type that a browser offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offered {
    /// Payload type.
    pub(super) pt: u8,
    /// Encoding name, upper case.
    pub(super) name: String,
    /// Format parameters as written.
    pub(super) fmtp: String,
}

impl Offered {
    fn parameter(&self, key: &str) -> Option<&str> {
        let mut pairs = self.fmtp.split(';').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(k, v)| k.trim().eq_ignore_ascii_case(key).then(|| v.trim()))
    }
}

/// One `m=` section.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    /// `a=mid`.
    pub(super) mid: String,
    /// Payload types.
    pub(super) formats: Vec<Offered>,
    /// True when the browser wants to receive.
    pub(super) receives: bool,
}

/// The first picture and sound sections of an offer.
#[derive(Clone, Debug, Default)]
pub(super) struct Offer {
    /// `m=video`.
    pub(super) video: Option<Section>,
    /// `m=audio`.
    pub(super) audio: Option<Section>,
}

/// Reads an offer's sections; what is not understood is passed over.
pub(super) fn read(sdp: &str) -> Offer {
    let mut offer = Offer::default();
    let mut current: Option<(bool, Section)> = None;
    for line in sdp.lines().map(str::trim_end) {
        if let Some(media) = line.strip_prefix("m=") {
            offer.keep(current.take());
            let video = media.starts_with("video ");
            if video || media.starts_with("audio ") {
                current = Some((video, Section { receives: true, ..Section::default() }));
            }
        } else if let Some((_, section)) = &mut current {
            section.line(line);
        }
    }
    offer.keep(current);
    offer
}

impl Offer {
    fn keep(&mut self, section: Option<(bool, Section)>) {
        match section {
            Some((true, section)) => _ = self.video.get_or_insert(section),
            Some((false, section)) => _ = self.audio.get_or_insert(section),
            None => {}
        }
    }
}

impl Section {
    fn line(&mut self, line: &str) {
        if let Some(mid) = line.strip_prefix("a=mid:") {
            mid.clone_into(&mut self.mid);
        } else if let Some((pt, map)) = line.strip_prefix("a=rtpmap:").and_then(|rest| rest.split_once(' ')) {
            if let (Some(format), Some(name)) = (self.format(pt), map.split('/').next()) {
                format.name = name.to_ascii_uppercase();
            }
        } else if let Some((pt, fmtp)) = line.strip_prefix("a=fmtp:").and_then(|rest| rest.split_once(' ')) {
            if let Some(format) = self.format(pt) {
                fmtp.clone_into(&mut format.fmtp);
            }
        } else if matches!(line, "a=sendonly" | "a=inactive") {
            self.receives = false;
        }
    }

    fn format(&mut self, pt: &str) -> Option<&mut Offered> {
        let pt = pt.parse::<u8>().ok().filter(|pt| *pt < 128)?;
        if let Some(at) = self.formats.iter().position(|f| f.pt == pt) {
            return self.formats.get_mut(at);
        }
        if self.formats.len() >= FORMATS {
            return None;
        }
        self.formats.push(Offered { pt, ..Offered::default() });
        self.formats.last_mut()
    }

    /// Payload type of the resending (RFC 4588) of `pt`.
    pub(super) fn resend_of(&self, pt: u8) -> Option<u8> {
        let is = |f: &&Offered| f.name == "RTX" && f.parameter("apt").and_then(|apt| apt.parse().ok()) == Some(pt);
        self.formats.iter().find(is).map(|f| f.pt)
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Offered> {
        self.formats.iter().filter(move |f| f.name == name)
    }
}

/// H.264 profiles from small to large: what plays one, plays those before it (ITU-T H.264 A.2; interlace and arbitrary slice
/// order, in which they differ otherwise, do not occur in camera streams). `None`: one that cameras do not send.
fn profile_rank(idc: u8, constraints: u8) -> Option<i32> {
    match (idc, constraints & 0x40 != 0) {
        (66, true) => Some(0),
        (66, false) => Some(1),
        (77, _) => Some(2),
        // Constrained High sets flags 4 and 5.
        (100, _) if constraints & 0x0c == 0x0c => Some(3),
        (100, _) => Some(4),
        _ => None,
    }
}

/// The offered H.264 payload type that suits pictures of `config` best: the same profile, else the next larger one, else the next
/// smaller one (browsers' decoders read the profile from the stream). Packetization mode 1 goes before 0.
pub(super) fn choose_h264<'a>(section: &'a Section, config: &VideoConfig) -> Option<&'a Offered> {
    let ours = match config.sps.get(1..3) {
        Some(&[idc, constraints]) => profile_rank(idc, constraints).unwrap_or(4),
        _ => 4,
    };
    let cost = |offered: &Offered| -> i32 {
        let level = offered.parameter("profile-level-id").and_then(base::unhex);
        // RFC 6184 section 8.1: without the parameter it is Baseline.
        let (idc, constraints) = match level.as_deref() {
            Some(&[idc, constraints, _]) => (idc, constraints),
            _ => (66, 0),
        };
        let profile = match profile_rank(idc, constraints) {
            Some(theirs) if theirs >= ours => theirs - ours,
            Some(theirs) => 10 + ours - theirs,
            None => 50,
        };
        let mode = if offered.parameter("packetization-mode") == Some("1") { 0 } else { 100 };
        profile + mode
    };
    section.named("H264").min_by_key(|offered| cost(offered))
}

/// The offered H.265 payload type: profile Main, or the first.
pub(super) fn choose_h265(section: &Section) -> Option<&Offered> {
    let main = |f: &&Offered| f.parameter("profile-id").is_none_or(|id| id == "1");
    section.named("H265").find(main).or_else(|| section.named("H265").next())
}

/// Payload type of G.711 of this law, if offered.
pub(super) fn choose_g711(section: &Section, codec: Codec) -> Option<u8> {
    let (name, fixed) = if codec == Codec::G711A { ("PCMA", 8) } else { ("PCMU", 0) };
    section.named(name).find(|f| f.pt == fixed).map(|f| f.pt)
}

/// True when browsers can play this sound as it is.
pub(super) fn is_playable(config: &AudioConfig) -> bool {
    matches!(config.codec, Codec::G711A | Codec::G711U) && config.rate_hz == 8_000 && config.channels == 1
}

/// Why there is no sound, for a person.
pub(super) fn no_sound(config: &AudioConfig, offered: bool) -> Text {
    if !offered {
        return Text::new(
            "本浏览器不接收 G.711 声音，只显示图像。",
            "This browser takes no G.711 sound: pictures only.",
        );
    }
    Text::of(
        format!(
            "摄像机的声音编码是 {}，浏览器实时播放只支持 8 kHz 单声道 G.711；录像回放有声音。",
            config.codec.name()
        ),
        format!(
            "The camera's sound is {}; live viewing plays 8 kHz mono G.711 only. Playback has the sound.",
            config.codec.name()
        ),
    )
}

/// The offer is not one.
pub(super) fn bad_offer(why: &str) -> Refusal {
    Refusal::bad_input(
        "bad_offer",
        Text::of(format!("实时观看请求无法解析：{why}。"), format!("The live viewing offer cannot be used: {why}.")),
        Text::new(
            "请刷新页面重试；仍然不行时请换用较新的浏览器。",
            "Reload the page; if that does not help, use a newer browser.",
        ),
    )
}

/// Nothing has come from the camera yet.
pub(super) fn no_picture() -> Refusal {
    Refusal::new(
        ErrorKind::Unavailable,
        "no_picture",
        Text::new("摄像机还没有送来图像。", "No picture has come from the camera yet."),
        Text::new(
            "请在设备页查看诊断；有图像后会自动接通。",
            "See its diagnosis on the devices page; it connects once pictures come.",
        ),
    )
}

/// The browser cannot play the camera's pictures.
pub(super) fn not_playable(codec: Codec) -> Refusal {
    if codec == Codec::H265 {
        return Refusal::new(
            ErrorKind::Conflict,
            "h265_live",
            Text::new(
                "摄像机送的是 H.265，本浏览器不能实时播放 H.265。",
                "The camera sends H.265, which this browser cannot play live.",
            ),
            Text::new(
                "请把摄像机的子码流设为 H.264，或换用支持 H.265 的浏览器；录像不受影响。",
                "Set the camera's sub-stream to H.264, or use a browser with H.265; recording is not affected.",
            ),
        );
    }
    Refusal::new(
        ErrorKind::Conflict,
        "h264_live",
        Text::new("本浏览器不能实时播放 H.264。", "This browser cannot play H.264 live."),
        Text::new("请换用带 H.264 的浏览器；录像不受影响。", "Use a browser with H.264; recording is not affected."),
    )
}

/// As many watch as may.
pub(super) fn too_many(limit: usize) -> Refusal {
    Refusal::new(
        ErrorKind::TooMany,
        "live_viewers",
        Text::of(
            format!("同时实时观看的画面已达上限（{limit} 个）。"),
            format!("The limit of pictures watched live at the same time is reached ({limit})."),
        ),
        Text::new("请关闭不用的画面后重试。", "Close pictures that are not needed and try again."),
    )
}

/// The server stops, or a fault of its own.
pub(super) fn unavailable(why: &str) -> Refusal {
    Refusal::new(
        ErrorKind::Unavailable,
        "live_unavailable",
        Text::of(format!("暂时不能实时观看：{why}。"), format!("Live viewing is not possible now: {why}.")),
        Text::new("请稍后重试。", "Try again later."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const OFFER: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\na=mid:0\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n\
        a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 103 107 109 117 39\r\na=mid:1\r\n\
        a=rtpmap:96 VP8/90000\r\n\
        a=rtpmap:103 H264/90000\r\na=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n\
        a=rtpmap:104 rtx/90000\r\na=fmtp:104 apt=103\r\n\
        a=rtpmap:107 H264/90000\r\na=fmtp:107 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f\r\n\
        a=rtpmap:109 H264/90000\r\na=fmtp:109 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n\
        a=rtpmap:117 H264/90000\r\na=fmtp:117 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f\r\n\
        a=rtpmap:39 H264/90000\r\na=fmtp:39 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=64001f\r\n";

    fn camera(sps: &'static [u8]) -> VideoConfig {
        let (vps, pps) = (Bytes::new(), Bytes::new());
        VideoConfig { codec: Codec::H264, vps, sps: Bytes::from_static(sps), pps, width_px: 0, height_px: 0 }
    }

    #[test]
    fn the_profile_of_the_camera_is_matched_or_the_nearest_taken() {
        let video = read(OFFER).video.unwrap();
        for (sps, pt) in [
            (&[0x67, 0x42, 0xe0, 0x28][..], 109),
            (&[0x67, 0x42, 0x00, 0x28], 103),
            (&[0x67, 0x4d, 0x00, 0x28], 117),
            // High is offered with packetization mode 0 only: the largest profile with mode 1.
            (&[0x67, 0x64, 0x00, 0x28], 117),
            (&[], 117),
        ] {
            assert_eq!(choose_h264(&video, &camera(sps)).map(|f| f.pt), Some(pt), "{sps:x?}");
        }
        assert_eq!((video.resend_of(103), video.resend_of(109)), (Some(104), None));
        assert_eq!(choose_h265(&video), None);
    }

    #[test]
    fn sound_needs_the_same_law() {
        let mut audio = read(OFFER).audio.unwrap();
        assert_eq!(audio.mid, "0");
        assert_eq!((choose_g711(&audio, Codec::G711A), choose_g711(&audio, Codec::G711U)), (Some(8), Some(0)));
        audio.formats.retain(|f| f.pt != 0);
        assert_eq!(choose_g711(&audio, Codec::G711U), None);
    }

    #[test]
    fn any_text_is_read_without_harm() {
        for text in [
            "",
            "m=",
            "m=video",
            "m=video 9\na=rtpmap:",
            "m=video 9\na=rtpmap:300 H264/1",
            "a=mid:é\r\r\nm=audio \na=fmtp:8",
        ] {
            let _ = read(text);
        }
        let many: String = (0..1_000).map(|i| format!("a=rtpmap:{} H264/90000\n", i % 256)).collect();
        assert_eq!(read(&format!("m=video 9\n{many}")).video.unwrap().formats.len(), FORMATS);
    }

    #[test]
    fn a_section_that_only_sends_does_not_receive() {
        assert!(!read("m=video 9\na=sendonly\n").video.unwrap().receives);
        assert!(read("m=video 9\na=recvonly\n").video.unwrap().receives);
    }
}
