//! RTSP intake: one loop a camera. Connect, play, hand frames to the camera; after a fault wait and begin again.
//!
//! The protocol is retina's; this file chooses streams, converts frames and puts faults into words. A camera that refuses the
//! password is tried rarely, so that it does not lock us out; everything else doubles its wait from one second to a minute. A person
//! who asks for a check ends the wait.

use crate::camera::{Camera, Diagnosis, Phase};
use crate::clock::SiteClock;
use base::Text;
use bytes::Bytes;
use domain::recording::GapCause;
use futures_util::StreamExt;
use media::{AudioConfig, Codec, Frame, MediaEvent, VideoConfig, aac, annexb, config, h265};
use retina::client::{
    Credentials, Demuxed, Described, PlayOptions, Session, SessionGroup, SessionOptions, SetupOptions,
    TcpTransportOptions, Transport, UdpTransportOptions,
};
use retina::codec::{CodecItem, FrameFormat, ParametersRef};
use std::sync::Arc;
use std::time::Duration;
use store::cameras::Source;
use tokio::time::timeout;
use url::Url;

/// Longest wait for an answer of the camera, seconds.
const ANSWER_S: u64 = 10;
/// Between two measurements of a camera's clock, ms.
const MEASURE_MS: u64 = 60_000;
/// A time before this (2015-01-01) is no time of day, but a count from a camera's start.
const KNOWN_SINCE: base::UtcMs = base::UtcMs(1_420_070_400_000);
/// Without any packet for this long the connection is given up, seconds.
const SILENT_S: u64 = 10;
/// First and longest wait after a fault, seconds.
const WAIT_S: (u64, u64) = (1, 60);
/// Wait after a refused password, seconds: cameras lock accounts.
const WAIT_PASSWORD_S: u64 = 120;

/// Why a connection ended.
struct Fault {
    diagnosis: Diagnosis,
    cause: GapCause,
    wait_s: Option<u64>,
}

impl Fault {
    fn new(code: &'static str, cause: GapCause, what: Text, next: Text) -> Self {
        Self { diagnosis: Diagnosis { code, what, next }, cause, wait_s: None }
    }
}

/// Runs until it is aborted.
pub(crate) async fn run(camera: Camera, clock: SiteClock) {
    let mut wait_s = WAIT_S.0;
    let group = Arc::new(SessionGroup::default());
    loop {
        camera.set_phase(Phase::Connecting, clock.now());
        let began = clock.now().mono;
        let fault = tokio::select! {
            done = play(&camera, &clock, group.clone()) => match done {
                Ok(never) => match never {},
                Err(fault) => fault,
            },
            () = camera.wanted_anew() => {
                camera.ended(GapCause::StreamEnded, clock.now());
                continue;
            }
        };
        tracing::info!(camera = %camera.id(), code = fault.diagnosis.code, what = %fault.diagnosis.what.en, "RTSP stream ended");
        camera.ended(fault.cause, clock.now());
        camera.set_phase(Phase::Offline, clock.now());
        camera.diagnose(fault.diagnosis);
        camera.end_probe(clock.now());
        if clock.now().mono.since(began) > 60_000 {
            wait_s = WAIT_S.0;
        }
        let wait = tokio::time::sleep(Duration::from_secs(fault.wait_s.unwrap_or(wait_s)));
        tokio::select! {
            () = wait => wait_s = (wait_s * 2).min(WAIT_S.1),
            () = camera.wanted_anew() => wait_s = WAIT_S.0,
        }
    }
}

async fn play(camera: &Camera, clock: &SiteClock, group: Arc<SessionGroup>) -> Result<std::convert::Infallible, Fault> {
    let row = camera.row();
    let Source::Rtsp { url, user, udp } = &row.source else {
        return Err(address_fault("not an RTSP camera"));
    };
    let parsed = Url::parse(url).map_err(|e| address_fault(&e.to_string()))?;
    let password = row.secret.as_ref().map(|s| s.expose().clone()).unwrap_or_default();
    let creds = (!user.is_empty()).then(|| Credentials { username: user.clone(), password });
    let options = SessionOptions::default().creds(creds).session_group(group).user_agent("jifang".into());
    let described = within(ANSWER_S, Session::describe(parsed, options)).await?;
    let (video, audio, mut demuxed) = set_up(described, *udp, row.audio).await?;
    camera.set_phase(Phase::Waiting, clock.now());
    // What sound there is must be known before the first picture: a container's tracks are fixed when it is opened.
    let audio_config = audio.and_then(|stream| audio_config(&demuxed, stream));
    camera.media(audio_config.clone().map(MediaEvent::Audio), clock.now());
    let mut intake = Intake { video, video_config: None, audio_config };
    let mut measured: Option<base::MonoMs> = None;
    loop {
        let item = timeout(Duration::from_secs(SILENT_S), demuxed.next()).await.map_err(|_| silent_fault())?;
        let item = item.ok_or_else(ended_fault)?.map_err(|e| media_fault(&e))?;
        if let CodecItem::Rtcp(packet) = &item {
            let now = clock.now();
            let reported = packet.pkts().filter_map(|p| p.as_sender_report().ok().flatten()).next();
            if let Some(report) = reported
                && measured.is_none_or(|at| now.mono.since(at) >= MEASURE_MS)
            {
                measured = Some(now.mono);
                camera.clock_error(report_error_ms(report.ntp_timestamp().0, now.utc));
            }
            continue;
        }
        let events = intake.events(item, &demuxed);
        if !events.is_empty() {
            camera.media(events, clock.now());
            camera.set_phase(Phase::Streaming, clock.now());
        }
    }
}

/// The camera's clock minus ours by one of its sender reports (RFC 3550, 6.4.1), ms. A camera that does not know the time may count
/// from its start instead: that says nothing of its clock.
fn report_error_ms(ntp: u64, now: base::UtcMs) -> Option<i32> {
    let at = crate::clocks::utc_of_ntp(ntp);
    let told = ntp != 0 && at >= KNOWN_SINCE && at.since(now) < 20 * 366 * base::time::DAY_MS;
    told.then(|| i32::try_from(at.since(now)).unwrap_or(if at < now { -i32::MAX } else { i32::MAX }))
}

async fn within<T>(s: u64, work: impl Future<Output = Result<T, retina::Error>>) -> Result<T, Fault> {
    match timeout(Duration::from_secs(s), work).await {
        Ok(done) => done.map_err(|e| connect_fault(&e)),
        Err(_) => Err(Fault::new(
            "no_answer",
            GapCause::DeviceOffline,
            Text::of(format!("摄像机 {s} 秒内没有应答。"), format!("The camera did not answer within {s} s.")),
            Text::new("请检查地址、端口、网线和防火墙。", "Check address, port, cable and firewall."),
        )),
    }
}

/// Chooses one picture stream and, where sound is wanted, one sound stream; returns their indices.
async fn set_up(
    mut session: Session<Described>,
    udp: bool,
    sound: bool,
) -> Result<(usize, Option<usize>, Demuxed), Fault> {
    let transport = || match udp {
        true => Transport::Udp(UdpTransportOptions::default()),
        false => Transport::Tcp(TcpTransportOptions::default()),
    };
    let find = |session: &Session<Described>, media: &str, names: &[&str]| {
        session.streams().iter().position(|s| s.media() == media && names.contains(&s.encoding_name()))
    };
    let Some(video) = find(&session, "video", &["h264", "h265"]) else {
        let offered: Vec<_> = session.streams().iter().map(|s| s.encoding_name().to_owned()).collect();
        return Err(Fault::new(
            "no_usable_video",
            GapCause::Undecodable,
            Text::of(
                format!("摄像机没有 H.264 或 H.265 码流（提供：{}）。", offered.join("、")),
                format!("The camera offers no H.264 or H.265 stream (it offers: {}).", offered.join(", ")),
            ),
            Text::new("请在摄像机上选择 H.264 或 H.265 编码。", "Choose H.264 or H.265 on the camera."),
        ));
    };
    let format = || SetupOptions::default().frame_format(FrameFormat::MP4);
    within(ANSWER_S, session.setup(video, format().transport(transport()))).await?;
    let audio = find(&session, "audio", &["pcma", "pcmu", "mpeg4-generic"]).filter(|_| sound);
    if let Some(audio) = audio {
        within(ANSWER_S, session.setup(audio, format().transport(transport()))).await?;
    }
    let playing = within(ANSWER_S, session.play(PlayOptions::default())).await?;
    Ok((video, audio, playing.demuxed().map_err(|e| connect_fault(&e))?))
}

/// Turns retina's items into media events.
struct Intake {
    video: usize,
    video_config: Option<VideoConfig>,
    audio_config: Option<AudioConfig>,
}

impl Intake {
    fn events(&mut self, item: CodecItem, demuxed: &Demuxed) -> Vec<MediaEvent> {
        match item {
            CodecItem::VideoFrame(frame) => {
                let mut events = Vec::with_capacity(2);
                if frame.loss() > 0 {
                    events.push(MediaEvent::Lost { packets: frame.loss().into() });
                }
                if frame.has_new_parameters() || self.video_config.is_none() {
                    let config = video_config(demuxed, self.video);
                    if config.is_some() && config != self.video_config {
                        self.video_config.clone_from(&config);
                        events.extend(config.map(MediaEvent::Video));
                    }
                }
                let Some(config) = &self.video_config else { return events };
                let (codec, at) = (config.codec, frame.timestamp());
                // retina calls only an IDR a random access point; an H.265 stream may have one IDR and then CRA pictures.
                let key = frame.is_random_access_point() || (codec == Codec::H265 && begins_anew(frame.data()));
                let pts_90k = at.elapsed().saturating_mul(90_000) / i64::from(at.clock_rate().get());
                events.push(MediaEvent::Frame(Frame { codec, pts_90k, key, data: Bytes::from(frame.into_data()) }));
                events
            }
            CodecItem::AudioFrame(frame) => {
                let mut events = Vec::with_capacity(2);
                if self.audio_config.is_none() {
                    self.audio_config = audio_config(demuxed, frame.stream_id());
                    events.extend(self.audio_config.clone().map(MediaEvent::Audio));
                }
                let Some(config) = &self.audio_config else { return events };
                let at = frame.timestamp();
                let pts_90k = at.elapsed().saturating_mul(90_000) / i64::from(at.clock_rate().get());
                let data = Bytes::copy_from_slice(frame.data());
                events.push(MediaEvent::Frame(Frame { codec: config.codec, pts_90k, key: true, data }));
                events
            }
            _ => Vec::new(),
        }
    }
}

/// True for an H.265 access unit whose first picture can be decoded with nothing before it (IDR, BLA, CRA).
fn begins_anew(unit: &[u8]) -> bool {
    annexb::Lengths::new(unit)
        .find(|nal| h265::is_picture(h265::nal_type(nal)))
        .is_some_and(|nal| h265::is_key(h265::nal_type(nal)))
}

fn video_config(demuxed: &Demuxed, stream: usize) -> Option<VideoConfig> {
    let stream = demuxed.streams().get(stream)?;
    let codec = if stream.encoding_name() == "h265" { Codec::H265 } else { Codec::H264 };
    let Some(ParametersRef::Video(parameters)) = stream.parameters() else { return None };
    config::parse_decoder_config(codec, parameters.extra_data())
}

fn audio_config(demuxed: &Demuxed, stream: usize) -> Option<AudioConfig> {
    let stream = demuxed.streams().get(stream)?;
    let g711 = |codec| AudioConfig {
        codec,
        rate_hz: stream.clock_rate_hz(),
        channels: stream.channels().map_or(1, |c| u8::try_from(c.get()).unwrap_or(1)),
        specific: Bytes::new(),
    };
    match stream.encoding_name() {
        "pcma" => Some(g711(Codec::G711A)),
        "pcmu" => Some(g711(Codec::G711U)),
        _ => match stream.parameters() {
            Some(ParametersRef::Audio(parameters)) => aac::parse_specific_config(parameters.extra_data()),
            _ => None,
        },
    }
}

fn address_fault(why: &str) -> Fault {
    Fault::new(
        "bad_address",
        GapCause::DeviceOffline,
        Text::of(format!("RTSP 地址无法使用：{why}"), format!("The RTSP address cannot be used: {why}")),
        Text::new("请更正摄像机地址。", "Correct the camera's address."),
    )
}

fn connect_fault(error: &retina::Error) -> Fault {
    let mut fault = match error.status_code() {
        Some(401 | 403) => Fault::new(
            "wrong_password",
            GapCause::DeviceOffline,
            Text::new("摄像机拒绝了用户名或密码。", "The camera refused user name or password."),
            Text::new(
                "请更正密码；多次输错可能被摄像机锁定。",
                "Correct the password; cameras lock after repeated failures.",
            ),
        ),
        Some(404) => Fault::new(
            "no_such_stream",
            GapCause::DeviceOffline,
            Text::new("摄像机上没有这个码流地址（404）。", "The camera has no stream at this path (404)."),
            Text::new("请查阅摄像机说明书中的 RTSP 路径。", "Look up the RTSP path in the camera's manual."),
        ),
        _ => Fault::new(
            "cannot_connect",
            GapCause::DeviceOffline,
            Text::of(format!("无法连接摄像机：{error}"), format!("Cannot connect to the camera: {error}")),
            Text::new("请检查地址、端口、网线和防火墙。", "Check address, port, cable and firewall."),
        ),
    };
    if fault.diagnosis.code == "wrong_password" {
        fault.wait_s = Some(WAIT_PASSWORD_S);
    }
    fault
}

fn silent_fault() -> Fault {
    Fault::new(
        "no_packets",
        GapCause::NoPackets,
        Text::of(format!("连接正常，但 {SILENT_S} 秒没有数据。"), format!("Connected, but no data for {SILENT_S} s.")),
        Text::new("若使用 UDP，请改用 TCP 再试。", "If it uses UDP, try TCP."),
    )
}

fn ended_fault() -> Fault {
    Fault::new(
        "stream_ended",
        GapCause::StreamEnded,
        Text::new("摄像机结束了码流。", "The camera ended the stream."),
        Text::new("正在重新连接。", "Connecting again."),
    )
}

fn media_fault(error: &retina::Error) -> Fault {
    Fault::new(
        "stream_broken",
        GapCause::StreamEnded,
        Text::of(format!("码流中断：{error}"), format!("The stream broke off: {error}")),
        Text::new("正在重新连接。", "Connecting again."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_report_tells_the_cameras_clock_unless_it_counts_from_its_start() {
        let now = base::UtcMs(1_795_255_200_000);
        let ntp = |ms: i64| {
            let s = u64::try_from(ms.div_euclid(1_000) + 2_208_988_800).unwrap();
            (s << 32) | ((u64::try_from(ms.rem_euclid(1_000)).unwrap() << 32) / 1_000)
        };
        let error = |ms| report_error_ms(ntp(ms), now);
        assert!(error(now.0 + 2_500).is_some_and(|e| (e - 2_500).abs() <= 1));
        assert!(error(now.0 - 3_600_000).is_some_and(|e| (e + 3_600_000).abs() <= 1));
        assert_eq!(error(now.0 - 5 * 366 * base::time::DAY_MS), Some(-i32::MAX), "as far as the format says");
        assert_eq!((report_error_ms(0, now), error(86_400_000)), (None, None), "seconds since its start");
    }
}
