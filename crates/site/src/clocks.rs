//! How true the clocks are: this machine's against its time source, every device's against the site's, and how they drift.
//!
//! ```text
//! own       ntp_server (SNTP) | chrony (`chronyc tracking`) | timesyncd (when it last set the clock) ─▶ Own
//! devices   GB/T 28181 DeviceStatus (calls) | RTSP sender reports (rtsp) ─▶ camera and device states
//!           ─▶ a measurement every half hour ─▶ rows of a week ─▶ drift ─▶ page
//! ```
//!
//! Always true: nothing here sets a clock or moves footage. GB/T 28181 devices set theirs by the `Date` header of the answer to their
//! registration (GB/T 28181-2016, 9.10), which the platform always sends; what is left is shown, and told above its limit.

use crate::Site;
use base::{CameraId, Text, UtcMs, time::DAY_MS};
use domain::clock::{drift_ms_per_day, is_off};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::PoisonError;
use std::time::{Duration, UNIX_EPOCH};
use store::StoreError;
use store::cameras::Source;
use store::clocks::{OWN, Sample};
use store::logbook::{ActFilter, ActRow};

/// Seconds between two looks.
const LOOK_S: u64 = 60;
/// Looks between two measurements kept of the own clock, and of the devices'.
const LOOKS: (u32, u32) = (10, 30);
/// Longest wait for a time server.
const NTP_WAIT: Duration = Duration::from_secs(3);
/// Seconds from 1900 to 1970.
const NTP_EPOCH_S: i64 = 2_208_988_800;
/// Steps of the system clock that the page shows.
const STEPS: u32 = 20;

/// What keeps this machine's clock.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum TimeSource {
    /// Nothing that is known here.
    #[default]
    None,
    /// A time server was asked.
    Server(String),
    /// The server of the configuration gave no usable answer, and why.
    Silent(String, String),
    /// chrony says so, with its source and stratum.
    Chrony(String, u8),
    /// systemd-timesyncd; when it last set the clock.
    Timesyncd(UtcMs),
}

/// The own clock as last looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Own {
    /// What keeps it.
    pub source: TimeSource,
    /// The site's clock minus true time, ms; `None` = not measured. Of timesyncd only what the site is from the system is known.
    pub error_ms: Option<i64>,
    /// When it was looked at.
    pub at: Option<UtcMs>,
}

/// A device's clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceClock {
    /// Its cameras' names.
    pub name: String,
    /// One of its cameras.
    pub camera: Option<CameraId>,
    /// Its code, or how it is reached.
    pub code: String,
    /// It takes the time from this platform by itself.
    pub sets_itself: bool,
    /// Its clock minus ours, ms; `None` = not measured.
    pub error_ms: Option<i64>,
    /// What it gains a day, ms.
    pub drift_ms_per_day: Option<i64>,
    /// Beyond the limit.
    pub is_off: bool,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ClockReport {
    /// The own clock.
    pub own: Own,
    /// How far the site's time is ahead of the system clock, ms.
    pub ahead_ms: i64,
    /// Its errors of a week, the oldest first.
    pub history: Vec<(UtcMs, i64)>,
    /// What it gains a day, ms.
    pub drift_ms_per_day: Option<i64>,
    /// Devices, the worst first, then those not measured.
    pub devices: Vec<DeviceClock>,
    /// Steps of the system clock, the newest first.
    pub steps: Vec<ActRow>,
    /// Limits, ms: own, device.
    pub limits_ms: (u32, u32),
}

impl Site {
    /// The own clock as last looked at.
    #[must_use]
    pub fn own_clock(&self) -> Own {
        self.0.own_clock.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All clocks.
    ///
    /// # Errors
    /// The store.
    pub async fn clocks(&self) -> Result<ClockReport, StoreError> {
        let since = self.now().utc.plus_ms(-7 * DAY_MS);
        let history = self.store().clock_samples(OWN, since).await?;
        let limit = self.config().device_clock_limit_ms;
        let mut devices = Vec::new();
        for (subject, mut device) in self.device_clocks() {
            device.drift_ms_per_day = drift_ms_per_day(&self.store().clock_samples(&subject, since).await?);
            device.is_off = device.error_ms.is_some_and(|ms| is_off(ms, limit, false));
            devices.push(device);
        }
        devices.sort_by_key(|d| (std::cmp::Reverse(d.error_ms.map(i64::unsigned_abs)), d.name.clone()));
        let steps = ActFilter { kind: Some("clock.step".into()), ..ActFilter::default() };
        Ok(ClockReport {
            own: self.own_clock(),
            ahead_ms: self.clock().ahead_ms(),
            drift_ms_per_day: drift_ms_per_day(&history),
            history,
            devices,
            steps: self.store().acts(&steps, STEPS).await?,
            limits_ms: (self.config().clock_limit_ms, limit),
        })
    }

    /// Devices as they stand now, each with the subject of its measurements.
    fn device_clocks(&self) -> Vec<(String, DeviceClock)> {
        let status = self.gb28181().status();
        let mut out: Vec<(String, DeviceClock)> = Vec::new();
        for camera in self.cameras() {
            let (row, state) = (camera.row(), camera.state());
            let error_ms = state.clock_error_ms.map(i64::from);
            let (subject, code, sets_itself) = match &row.source {
                Source::Gb28181 { device, .. } => (format!("device:{device}"), device.clone(), true),
                Source::Rtsp { url, .. } => (format!("camera:{}", row.id), host_of(url), false),
            };
            if let Some((_, known)) = out.iter_mut().find(|(s, _)| *s == subject) {
                known.name = format!("{}、{}", known.name, row.name);
                continue;
            }
            let of_device = status.devices.iter().find(|d| sets_itself && d.id == code);
            let error_ms = of_device.and_then(|d| d.clock_error_ms).map(i64::from).or(error_ms);
            let device = DeviceClock {
                name: row.name,
                camera: Some(row.id),
                code,
                sets_itself,
                error_ms,
                drift_ms_per_day: None,
                is_off: false,
            };
            out.push((subject, device));
        }
        out
    }
}

fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default().to_owned()
}

/// The loop.
pub(crate) async fn run(site: Site) {
    let mut every = tokio::time::interval(Duration::from_secs(LOOK_S));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut looks = 0_u32;
    loop {
        every.tick().await;
        let own = look(&site).await;
        *site.0.own_clock.lock().unwrap_or_else(PoisonError::into_inner) = own.clone();
        if let Err(error) = keep(&site, &own, looks).await {
            tracing::error!(%error, "measurements of clocks not stored; trying again");
        }
        looks = looks.wrapping_add(1);
    }
}

/// Stores measurements when it is time, and tells of what is beyond its limit.
async fn keep(site: &Site, own: &Own, looks: u32) -> Result<(), StoreError> {
    let now = site.now().utc;
    let mut samples: Vec<Sample> = Vec::new();
    if looks.is_multiple_of(LOOKS.0)
        && let Some(error) = own.error_ms
    {
        samples.push((OWN.to_owned(), now, error));
    }
    let devices = site.device_clocks();
    // The first look is too early: devices have not been asked yet.
    if looks % LOOKS.1 == 1 {
        samples.extend(devices.iter().filter_map(|(subject, d)| Some((subject.clone(), now, d.error_ms?))));
    }
    if !samples.is_empty() {
        site.store().add_clock_samples(samples, now).await?;
    }
    let open = site.store().notices().await?;
    let told = |code: &str, camera: Option<CameraId>| open.iter().any(|n| n.code == code && n.camera == camera);
    if let Some(error) = own.error_ms {
        let limit = site.config().clock_limit_ms;
        let text = Text::of(
            format!("本机时钟误差 {error} ms，超过 {limit} ms。请检查对时服务；录像时间以本机为准。"),
            format!(
                "This machine's clock is off by {error} ms, more than {limit} ms. Check its time service: recordings go by it."
            ),
        );
        let off = is_off(error, limit, told("clock_off", None));
        notify(site, "clock_off", None, off, told("clock_off", None), &text).await?;
    }
    for (_, d) in devices {
        let (Some(error), Some(camera)) = (d.error_ms, d.camera) else { continue };
        let limit = site.config().device_clock_limit_ms;
        let was = told("device_clock", Some(camera));
        let (zh, en) = match d.sets_itself {
            true => (
                "请在设备上启用 SIP 校时（本平台每次注册都会下发时间）。",
                "Switch on SIP time on the device: it is sent with each registration.",
            ),
            false => ("请在摄像机上设置 NTP 服务器。", "Set an NTP server on the camera."),
        };
        let text = Text::of(
            format!(
                "{} 的时钟误差 {} 秒，超过 {} 秒。{zh}录像时间不受影响，画面上的时间不准。",
                d.name,
                error / 1_000,
                limit / 1_000
            ),
            format!(
                "The clock of {} is off by {} s, more than {} s. {en} Recorded times are the server's; the time in the picture is wrong.",
                d.name,
                error / 1_000,
                limit / 1_000
            ),
        );
        notify(site, "device_clock", Some(camera), is_off(error, limit, was), was, &text).await?;
    }
    Ok(())
}

async fn notify(
    site: &Site,
    code: &'static str,
    camera: Option<CameraId>,
    off: bool,
    told: bool,
    text: &Text,
) -> Result<(), StoreError> {
    let now = site.now().utc;
    if off && !told {
        site.store().raise(2, code, camera, text, now).await?;
    } else if !off && told {
        site.store().clear(code, camera, now).await?;
    }
    Ok(())
}

/// Asks whoever keeps the time.
async fn look(site: &Site) -> Own {
    let at = Some(site.now().utc);
    if let Some(server) = &site.config().ntp_server {
        return match ask(server).await {
            Ok(error) => {
                let error_ms = Some(error.saturating_add(site.clock().ahead_ms()));
                Own { source: TimeSource::Server(server.clone()), error_ms, at }
            }
            Err(error) => Own { source: TimeSource::Silent(server.clone(), error.to_string()), error_ms: None, at },
        };
    }
    let ahead_ms = site.clock().ahead_ms();
    let found = tokio::task::spawn_blocking(move || chrony().or_else(timesyncd)).await.ok().flatten();
    match found {
        Some((source, system_ms)) => Own { source, error_ms: Some(system_ms.saturating_add(ahead_ms)), at },
        None => Own { source: TimeSource::None, error_ms: None, at },
    }
}

/// What chrony says; the system's error, ms. Blocks.
fn chrony() -> Option<(TimeSource, i64)> {
    let runs = ["/run/chrony/chronyd.pid", "/var/run/chrony/chronyd.pid"].iter().any(|p| Path::new(p).exists());
    if !runs {
        return None;
    }
    let command = &mut Command::new("/usr/bin/chronyc");
    command.args(["-n", "tracking"]).env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null());
    let done = command.output().ok()?;
    tracking(&String::from_utf8_lossy(&done.stdout))
}

/// Reads the report of `chronyc -n tracking`, lines of `name : value` (chronyc(1), chrony 4, "tracking"). `System time` says in words
/// that the system clock is slow or fast of NTP time. The form with commas (`-c`) has a bare sign there that the manual does not explain
/// (its program writes "slow" for a positive number), so the words are read. `None` when chrony is not in step, and when it has no source
/// but itself: reference 7F7F0101 is its local mode, which is as wrong as this machine's clock.
fn tracking(report: &str) -> Option<(TimeSource, i64)> {
    let value = |wanted: &str| {
        let mut lines = report.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim())
    };
    let (reference, address) = value("Reference ID")?.split_once(" (")?;
    let stratum = value("Stratum")?.parse::<u8>().ok()?;
    let mut words = value("System time")?.split_whitespace();
    let size_s: f64 = words.next()?.parse().ok()?;
    let error_s = match (words.next()?, words.next()?) {
        ("seconds", "slow") => -size_s,
        ("seconds", "fast") => size_s,
        _ => return None,
    };
    let in_step = matches!(value("Leap status")?, "Normal" | "Insert second" | "Delete second");
    if stratum == 0 || reference == "7F7F0101" || !in_step || !error_s.is_finite() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a clock to milliseconds; saturates")]
    let error_ms = (error_s * 1_000.0).round() as i64;
    Some((TimeSource::Chrony(address.trim_end_matches(')').to_owned(), stratum), error_ms))
}

/// When timesyncd last set the clock; it does not say how far it was off.
fn timesyncd() -> Option<(TimeSource, i64)> {
    let set = std::fs::metadata("/run/systemd/timesync/synchronized").ok()?.modified().ok()?;
    let ms = i64::try_from(set.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()?;
    Some((TimeSource::Timesyncd(UtcMs(ms)), 0))
}

/// Asks a time server (SNTP, RFC 4330): this machine's clock minus the server's, ms.
async fn ask(server: &str) -> std::io::Result<i64> {
    let slow = || std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer");
    let work = async {
        let to = tokio::net::lookup_host(server).await?.next();
        let to = to.ok_or_else(|| std::io::Error::new(std::io::ErrorKind::NotFound, "no address"))?;
        let any: std::net::SocketAddr =
            if to.is_ipv6() { "[::]:0".parse() } else { "0.0.0.0:0".parse() }.map_err(std::io::Error::other)?;
        let socket = tokio::net::UdpSocket::bind(any).await?;
        socket.connect(to).await?;
        let mut packet = [0_u8; 48];
        // No leap, version 4, client.
        packet[0] = 0b00_100_011;
        let sent = crate::clock::system_utc();
        let stamp = ntp_of(sent).to_be_bytes();
        packet[40..].copy_from_slice(&stamp);
        socket.send(&packet).await?;
        let mut answer = [0_u8; 128];
        loop {
            let n = socket.recv(&mut answer).await?;
            let got = crate::clock::system_utc();
            // An answer to another question, or of anybody, does not bear this stamp.
            if let Some(error) = error_of(&answer[..n], stamp, sent, got) {
                return Ok(error);
            }
        }
    };
    tokio::time::timeout(NTP_WAIT, work).await.map_err(|_| slow())?
}

/// A time as NTP writes it: seconds since 1900 and their 32-bit fraction.
fn ntp_of(at: UtcMs) -> u64 {
    let s = u64::try_from(at.0.div_euclid(1_000) + NTP_EPOCH_S).unwrap_or(0) & 0xffff_ffff;
    let fraction = (u64::try_from(at.0.rem_euclid(1_000)).unwrap_or(0) << 32) / 1_000;
    (s << 32) | fraction
}

/// The other way; times of the era that began in 2036 too.
#[must_use]
pub(crate) fn utc_of_ntp(ntp: u64) -> UtcMs {
    let s = i64::try_from(ntp >> 32).unwrap_or(0);
    let s = if s < 0x8000_0000 { s + (1 << 32) } else { s } - NTP_EPOCH_S;
    let ms = i64::try_from(((ntp & 0xffff_ffff) * 1_000) >> 32).unwrap_or(0);
    UtcMs(s * 1_000 + ms)
}

/// The clock's error from an answer: half the sum of how it seems on the way there and on the way back.
fn error_of(answer: &[u8], stamp: [u8; 8], sent: UtcMs, got: UtcMs) -> Option<i64> {
    let answer = answer.get(..48)?;
    let stamp_at = |at: usize| Some(u64::from_be_bytes(answer.get(at..at + 8)?.try_into().ok()?));
    let (leap, mode, stratum) = (answer[0] >> 6, answer[0] & 7, answer[1]);
    let (received, transmitted) = (stamp_at(32)?, stamp_at(40)?);
    if answer.get(24..32)? != stamp || mode != 4 || leap == 3 || !(1..=15).contains(&stratum) || transmitted == 0 {
        return None;
    }
    let (received, transmitted) = (utc_of_ntp(received), utc_of_ntp(transmitted));
    Some((sent.since(received) + got.since(transmitted)) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntp_times_come_back_also_after_2036() {
        for ms in [0, 1_795_255_200_123, 2_085_978_495_999, 2_085_978_496_000, 2_500_000_000_500] {
            assert!((utc_of_ntp(ntp_of(UtcMs(ms))).0 - ms).abs() <= 1 || ms == 0, "{ms}");
        }
    }

    fn answer(stamp: [u8; 8], at: UtcMs) -> Vec<u8> {
        let mut out = vec![0_u8; 48];
        (out[0], out[1]) = (0b00_100_100, 2);
        out[24..32].copy_from_slice(&stamp);
        out[32..40].copy_from_slice(&ntp_of(at).to_be_bytes());
        out[40..48].copy_from_slice(&ntp_of(at).to_be_bytes());
        out
    }

    #[test]
    fn an_error_is_read_from_an_answer_and_from_nothing_else() {
        let (stamp, t) = ([7; 8], UtcMs(1_795_255_200_000));
        let good = answer(stamp, t.plus_ms(-250));
        let error = error_of(&good, stamp, t.plus_ms(-20), t.plus_ms(20)).unwrap();
        assert!((error - 250).abs() <= 1, "{error}");
        let spoil = |at: usize, byte: u8| {
            let mut bad = good.clone();
            bad[at] = byte;
            error_of(&bad, stamp, t, t)
        };
        assert_eq!(spoil(24, 8), None, "another question");
        assert_eq!(spoil(0, 0b11_100_100), None, "its clock is not in step");
        assert_eq!((spoil(0, 0b00_100_011), spoil(1, 0), spoil(1, 16)), (None, None, None));
        assert_eq!(error_of(&good[..47], stamp, t, t), None);
    }

    #[tokio::test]
    async fn a_server_is_asked_over_the_network() {
        let server = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let serve = async {
            let mut packet = [0; 48];
            let (_, from) = server.recv_from(&mut packet).await.unwrap();
            let stamp = packet[40..].try_into().unwrap();
            server.send_to(b"noise", from).await.unwrap();
            server.send_to(&answer(stamp, crate::clock::system_utc().plus_ms(4_000)), from).await.unwrap();
        };
        let (error, ()) = tokio::join!(ask(&address), serve);
        assert!((error.unwrap() + 4_000).abs() < 500, "ours is four seconds behind");
    }

    /// The example of chronyc(1), section "tracking", as it stands there.
    const DOCUMENTED: &str = "\
Reference ID    : CB00710F (foo.example.net)
Stratum         : 3
Ref time (UTC)  : Fri Jan 27 09:49:17 2017
System time     : 0.000006523 seconds slow of NTP time
Last offset     : -0.000006747 seconds
RMS offset      : 0.000035822 seconds
Frequency       : 3.225 ppm slow
Residual freq   : -0.000 ppm
Skew            : 0.129 ppm
Root delay      : 0.013639022 seconds
Root dispersion : 0.001100737 seconds
Update interval : 64.2 seconds
Leap status     : Normal
";

    #[test]
    fn chronys_report_is_read_and_a_slow_clock_is_behind() {
        let name = TimeSource::Chrony("foo.example.net".into(), 3);
        assert_eq!(tracking(DOCUMENTED), Some((name.clone(), 0)), "six microseconds are none");
        let with = |system_time: &str| {
            let report = DOCUMENTED.replace("0.000006523 seconds slow", system_time);
            tracking(&report).map(|(_, error_ms)| error_ms)
        };
        assert_eq!(with("1557.763061523 seconds slow"), Some(-1_557_763), "slow: our time is less than true time");
        assert_eq!(with("1.499600000 seconds fast"), Some(1_500));
        assert_eq!(
            (with("inf seconds slow"), with("1.5 hours slow"), with("1.5 seconds"), with("")),
            (None, None, None, None)
        );
        // Other lines that say slow or fast are of the rate.
        assert_eq!(tracking(&DOCUMENTED.replace("3.225 ppm slow", "3.225 ppm fast")), Some((name, 0)));
        let six = DOCUMENTED.replace("(foo.example.net)", "(2001:db8::7)");
        assert_eq!(tracking(&six).unwrap().0, TimeSource::Chrony("2001:db8::7".into(), 3), "an address with colons");
    }

    #[test]
    fn chrony_without_a_source_measures_nothing() {
        let with = |old: &str, new: &str| tracking(&DOCUMENTED.replace(old, new));
        assert_eq!(with("Normal", "Not synchronised"), None);
        assert_eq!(with("CB00710F (foo.example.net)", "7F7F0101 ()"), None, "its own clock, in local mode");
        assert_eq!(with("Stratum         : 3", "Stratum         : 0"), None);
        assert_eq!((tracking(""), tracking("506 Cannot talk to daemon\n")), (None, None));
        for cut in 0..DOCUMENTED.len() - 1 {
            assert_eq!(tracking(&DOCUMENTED[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        assert_eq!(host_of("rtsp://u:p@10.0.0.7:554/live?x"), "10.0.0.7:554");
        assert_eq!(host_of("rtsp://cam/stream"), "cam");
    }
}
