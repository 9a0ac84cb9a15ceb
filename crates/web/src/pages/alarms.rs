//! Alarms: the queue (a part of the desk, and what pops up on every page), one incident, the history.

use super::contacts::CallLine;
use super::plans::AlarmPlanView;
use super::{AppBar, Choice, Pager, Say, State, words};
use askama::Template;
use base::{ClauseId, Lang, Refusal, Text, UtcMs};

/// One line of the queue.
#[derive(Debug, Clone, Default)]
pub struct AlarmLine {
    /// Id, as in addresses.
    pub id: String,
    /// Number people use.
    pub number: String,
    /// What it is about, with the shape and colour of its priority.
    pub what: State,
    /// Where.
    pub place: Text,
    /// When the first signal arrived.
    pub opened: UtcMs,
    /// Where it stands.
    pub stage: Text,
    /// Who has it; empty = nobody.
    pub holder: String,
    /// Nobody has it.
    pub calls: bool,
    /// A limit passed and the step is still not done.
    pub late: bool,
    /// 1 to 3.
    pub priority: u8,
    /// Nobody who may handle it has had it on a screen: the page tells the server once it is there.
    pub unseen: bool,
    /// What was found, where somebody decided.
    pub verdict: Option<State>,
}

/// The queue as a part of pages. `GET /alarms/queue` gives it anew whenever the event `alarms` says so.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "queue.html")]
pub struct QueuePart {
    /// Language.
    pub l: Lang,
    /// Bar: rights only.
    pub bar: AppBar,
    /// Open incidents by priority then age.
    pub lines: Vec<AlarmLine>,
    /// How many are open in all; more than `lines` in a flood.
    pub count: u64,
    /// The one that calls this person, if any: it pops up.
    pub call: Option<AlarmLine>,
    /// How many call.
    pub calling: usize,
    /// Sound: 0 none, 1 to 3 by priority.
    pub sound: u8,
    /// What is on test now, in words.
    pub on_test: Vec<Text>,
}

impl QueuePart {
    /// More are open than are listed.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        usize::try_from(self.count).is_ok_and(|n| n > self.lines.len())
    }
}

/// One row of the clock.
#[derive(Debug, Clone, Default)]
pub struct ClockLine {
    /// Step.
    pub step: Text,
    /// When it was done.
    pub at: Option<UtcMs>,
    /// By when it is to be done.
    pub due: Option<UtcMs>,
    /// Too late, done or not.
    pub late: bool,
    /// Since the first signal, ms.
    pub after_ms: Option<i64>,
}

impl ClockLine {
    /// `18:30:05` of an instant; empty where there is none.
    #[must_use]
    pub fn time(&self, at: &Option<UtcMs>) -> String {
        at.map(|at| at.desk().chars().skip(11).collect()).unwrap_or_default()
    }
}

/// One thing that was found.
#[derive(Debug, Clone, Default)]
pub struct EvidenceLine {
    /// What.
    pub what: Text,
    /// When it was entered.
    pub at: UtcMs,
    /// Who; empty = found by rule.
    pub who: String,
    /// In words.
    pub note: String,
}

/// One signal.
#[derive(Debug, Clone, Default)]
pub struct SignalLine {
    /// When it arrived.
    pub at: UtcMs,
    /// What the source's own clock said.
    pub said: Option<UtcMs>,
    /// Code as it came.
    pub code: String,
    /// What it means.
    pub what: Text,
    /// Zone or user; 0 = none.
    pub zone: u32,
    /// Text that came with it.
    pub text: String,
}

/// One report.
#[derive(Debug, Clone, Default)]
pub struct ReportLine {
    /// Where to.
    pub target: Text,
    /// When it was made.
    pub made: UtcMs,
    /// Tries that failed.
    pub attempts: u32,
    /// Why the last one failed.
    pub error: String,
    /// What the other side answered.
    pub receipt: Option<Text>,
    /// When that came.
    pub receipted: Option<UtcMs>,
}

/// A picture or clip that goes with a report.
#[derive(Debug, Clone, Default)]
pub struct ExhibitLine {
    /// What it is, and of which camera.
    pub what: Text,
    /// Where it stands.
    pub state: State,
    /// Why the last try failed.
    pub error: String,
}

/// A camera beside an incident.
#[derive(Debug, Clone, Default)]
pub struct ClipCamera {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// The browser can play it live.
    pub live: bool,
}

/// `GET /alarms/{id}`: one incident.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "alarm.html")]
pub struct AlarmPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What was not done just now, and why.
    pub refusal: Option<Refusal>,
    /// It, as in the queue.
    pub line: AlarmLine,
    /// Where it stands, with a shape.
    pub stage: State,
    /// The source in words, and how its protocol names it.
    pub source: String,
    /// How its protocol names it.
    pub source_id: String,
    /// Zones that spoke: number, name, place.
    pub zones: Vec<(u32, String, String)>,
    /// Signals that count.
    pub signals_total: u32,
    /// The source says that it is over.
    pub restored: Option<UtcMs>,
    /// The user cancelled at the panel.
    pub cancelled: Option<UtcMs>,
    /// The clock.
    pub clock: Vec<ClockLine>,
    /// What was found.
    pub evidence: Vec<EvidenceLine>,
    /// Evidence that can be entered (value = code).
    pub kinds: Vec<Choice>,
    /// There is a ground for calling it real.
    pub has_ground: bool,
    /// It went to the police without waiting.
    pub by_hand: bool,
    /// It can become a report to the police.
    pub for_police: bool,
    /// Reason of the verdict.
    pub reason: String,
    /// Clauses that asked for the report.
    pub clauses: Vec<ClauseId>,
    /// Clauses that refuse a verdict without its grounds here.
    pub verify_clauses: Vec<ClauseId>,
    /// Reports.
    pub reports: Vec<ReportLine>,
    /// Pictures and clips that go with them.
    pub exhibits: Vec<ExhibitLine>,
    /// The device behind the source: told of the reset (true), or away (false); `None` = no such device, or not closed.
    pub device_reset: Option<(bool, UtcMs)>,
    /// Signals, oldest first.
    pub signals: Vec<SignalLine>,
    /// Cameras that see it.
    pub cameras: Vec<ClipCamera>,
    /// Footage that belongs to it: from.
    pub clip_from: UtcMs,
    /// Footage that belongs to it: to.
    pub clip_to: UtcMs,
    /// Whom to call, in order.
    pub calls: Vec<CallLine>,
    /// The plan of its area.
    pub plan: Option<AlarmPlanView>,
    /// This person may enter contacts.
    pub may_contacts: bool,
    /// This person has it.
    pub mine: bool,
    /// This person may act.
    pub may: bool,
    /// It is closed.
    pub closed: bool,
    /// It is decided and real.
    pub real: bool,
    /// It is decided.
    pub decided: bool,
    /// It is reported.
    pub reported: bool,
    /// The receipt is there.
    pub receipted: bool,
    /// A guard was sent.
    pub guard_sent: bool,
    /// A guard is there.
    pub guard_there: bool,
    /// It may be closed now.
    pub closable: bool,
}

/// One zone of the ratio.
#[derive(Debug, Clone, Default)]
pub struct RatioLine {
    /// Source as its protocol names it.
    pub source: String,
    /// Zone; 0 = none named.
    pub zone: u32,
    /// Name of the zone.
    pub name: String,
    /// Incidents.
    pub incidents: u64,
    /// Real.
    pub real: u64,
    /// False.
    pub false_: u64,
    /// Test or fault.
    pub other: u64,
    /// Share of false ones among those decided, per cent; `None` = none decided.
    pub share: Option<u64>,
}

/// One test window.
#[derive(Debug, Clone, Default)]
pub struct TestLine {
    /// Number, as in addresses.
    pub id: i64,
    /// What is on test.
    pub what: Text,
    /// Until.
    pub to: UtcMs,
    /// Why.
    pub reason: String,
}

/// `GET /alarms`: history.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "alarms.html")]
pub struct AlarmsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Incidents, newest first.
    pub lines: Vec<AlarmLine>,
    /// Neighbours.
    pub pager: Pager,
    /// Something is filtered.
    pub filtered: bool,
    /// Day from.
    pub from: String,
    /// Day to.
    pub to: String,
    /// Sources to choose from.
    pub sources: Vec<Choice>,
    /// Panels that can be put on test.
    pub panels: Vec<Choice>,
    /// Stages to choose from.
    pub stages: Vec<Choice>,
    /// Verdicts to choose from.
    pub verdicts: Vec<Choice>,
    /// How incidents ended, by zone.
    pub ratio: Vec<RatioLine>,
    /// What is on test.
    pub tests: Vec<TestLine>,
    /// This person may put on test.
    pub may_test: bool,
}
