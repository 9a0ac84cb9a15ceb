//! Devices: list, adding one (with the questions the law asks), and one device with its diagnosis.

use super::{AppBar, Choice, FormErrors, Mark, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One device of the list.
#[derive(Debug, Clone)]
pub struct DeviceLine {
    /// Camera id, as in `/devices/{id}`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// `GB/T 28181` or `RTSP`.
    pub protocol: &'static str,
    /// Address or national code.
    pub address: String,
    /// State.
    pub state: State,
    /// Picture in words, e.g. H.264 1920×1080 25/s.
    pub format: String,
    /// Bit rate, bit/s.
    pub bit_rate_bps: u64,
    /// Measured clock error of the device, ms.
    pub clock_error_ms: Option<i64>,
    /// Sign recorded.
    pub sign: bool,
}

/// A device that registered but was not taken in yet.
#[derive(Debug, Clone)]
pub struct FoundDevice {
    /// 20-digit national code.
    pub code: String,
    /// Where it speaks from.
    pub address: String,
    /// Maker and model, if it said.
    pub model: String,
    /// Channels it announced.
    pub channels: u32,
    /// First heard.
    pub since: UtcMs,
}

/// `GET /devices`: all devices, those that need a person first.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "devices.html")]
pub struct DevicesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Devices.
    pub devices: Vec<DeviceLine>,
    /// Registered, waiting to be taken in.
    pub found: Vec<FoundDevice>,
}

/// `GET /devices/new?code=`, posted to `/devices/new`. Fields: `protocol` (`gb`/`rtsp`), `name`, `place`, `place_kind`,
/// `faces_homes`, `audio`, `installer`, `approval`, `sign_date`, and by protocol `code`, `sip_password`, `transport` or `url`, `rtsp_user`,
/// `rtsp_password`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "device_new.html")]
pub struct DeviceNewPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// What the law says to the place chosen; `None` while none is.
    pub law: Option<LawSays>,
    /// RTSP is chosen (otherwise GB/T 28181).
    pub rtsp: bool,
    /// Name as typed.
    pub name: String,
    /// Place as typed.
    pub place: String,
    /// Kinds of places, forbidden ones included: choosing one is refused with its clause.
    pub place_kinds: Vec<Choice>,
    /// Answer to "does it face windows or doors of homes": `yes`, `no`, or empty.
    pub faces_homes: String,
    /// Sound is recorded too.
    pub audio: bool,
    /// Who may put it up: the law asks for it in public places.
    pub installers: Vec<Choice>,
    /// Number of the police's approval as typed (B-14-3).
    pub approval: String,
    /// Day the sign was put up, `YYYY-MM-DD`; empty = not yet.
    pub sign_date: String,
    /// National code as typed.
    pub code: String,
    /// Media transports of GB/T 28181.
    pub transports: Vec<Choice>,
    /// RTSP address as typed, without credentials.
    pub url: String,
    /// RTSP user as typed.
    pub rtsp_user: String,
    /// What the device must be told: server code, domain, address, port.
    pub server_facts: Vec<(Text, String)>,
}

/// What the law says to a camera at a place, before it is added.
#[derive(Debug, Clone, Default)]
pub struct LawSays {
    /// What and what next, where it is refused.
    pub refused: Option<(Text, Text)>,
    /// Clauses that decide.
    pub why: Vec<Citation>,
    /// Duties that come with it.
    pub duties: Vec<(Text, Citation)>,
    /// Days its footage is kept.
    pub keep_days: u32,
}

/// A check that a person asked for.
#[derive(Debug, Clone)]
pub struct ProbeLine {
    /// It still runs.
    pub running: bool,
    /// When it began, or ended.
    pub at: UtcMs,
    /// How it went.
    pub mark: Mark,
    /// Result in one sentence.
    pub what: Text,
    /// What to do; empty where there is nothing.
    pub next: Text,
}

/// How one diagnosis step went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum StepState {
    /// Fine.
    Ok,
    /// Here it breaks.
    Broken,
    /// Under way.
    Busy,
    /// Not reached.
    #[default]
    Waiting,
}

impl StepState {
    /// CSS class.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Busy => "busy",
            Self::Waiting => "waiting",
        }
    }

    /// Icon of the shape.
    #[must_use]
    pub const fn icon(&self) -> &'static str {
        match self {
            Self::Ok => "dot-check",
            Self::Broken => "p1",
            Self::Busy => "dot-busy",
            Self::Waiting => "dot-off",
        }
    }

    /// State in words.
    #[must_use]
    pub const fn word(&self) -> Text {
        match self {
            Self::Ok => Text::new("正常", "Fine"),
            Self::Broken => Text::new("断在这里", "Breaks here"),
            Self::Busy => Text::new("进行中", "Under way"),
            Self::Waiting => Text::new("未到此步", "Not reached"),
        }
    }
}

/// One step from device to picture.
#[derive(Debug, Clone)]
pub struct DiagnosisStep {
    /// Question, e.g. 是否已注册?
    pub question: Text,
    /// How it went.
    pub state: StepState,
    /// What was seen: code, counts, addresses.
    pub seen: Text,
    /// What to do, if broken; empty otherwise.
    pub next: Text,
}

impl DiagnosisStep {
    /// There is advice.
    #[must_use]
    pub fn has_next(&self) -> bool {
        !self.next.zh.is_empty()
    }
}

/// `GET /devices/{id}`: what it is, whether its picture arrives, where it hangs. Posts to `/devices/{id}` (change) and
/// `/devices/{id}/diagnose`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "device.html")]
pub struct DevicePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Camera id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// State.
    pub state: State,
    /// `GB/T 28181` or `RTSP`.
    pub protocol: &'static str,
    /// Facts in order: code, address, maker, format, bit rate, clock error, recording since.
    pub facts: Vec<(Text, String)>,
    /// From registration to picture.
    pub steps: Vec<DiagnosisStep>,
    /// Diagnosis made when.
    pub diagnosed: Option<UtcMs>,
    /// The newest check.
    pub probe: Option<ProbeLine>,
    /// Kinds of places.
    pub place_kinds: Vec<Choice>,
    /// Who put it up.
    pub installers: Vec<Choice>,
    /// Number of the police's approval to put it up in a social public area.
    pub approval: String,
    /// Why it moves, as typed.
    pub why: String,
    /// The police's agreement to that, as typed.
    pub agreement: String,
    /// Sound is recorded.
    pub audio: bool,
    /// Day the sign was put up, `YYYY-MM-DD`; empty = none.
    pub sign_date: String,
    /// What the law asks of this camera: retention, sign, with clauses.
    pub duties: Vec<DutyLine>,
    /// When its device reports alarms; `None` for cameras that have no such way.
    pub guard: Option<GuardCard>,
}

/// Guard of a GB/T 28181 camera, posted to `/devices/{id}/guard` as `guard` (`off`, `always`, `daily`), `from`, `to`, `guard_reason`.
#[derive(Debug, Clone, Default)]
pub struct GuardCard {
    /// What the device said of it.
    pub state: State,
    /// Plans to choose from.
    pub choices: Vec<Choice>,
    /// Begin of the daily time, `HH:MM`.
    pub from: String,
    /// Its end.
    pub to: String,
}

/// A duty of the law on one camera and whether it is met.
#[derive(Debug, Clone)]
pub struct DutyLine {
    /// State.
    pub state: State,
    /// Duty in one sentence.
    pub what: Text,
    /// Clause.
    pub clause: Citation,
}
