//! Emergency accesses: the list with where each stands and by when it is to be explained; one access with what was watched and said.

use super::{AppBar, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One access of the list.
#[derive(Debug, Clone, Default)]
pub struct AccessLine {
    /// Place of its entry in the log, as in `/emergencies/{index}`.
    pub index: u64,
    /// Stable word of the state: `due`, `overdue`, `waits`, `confirmed`.
    pub code: &'static str,
    /// Where it stands.
    pub state: State,
    /// By when, or since when; empty where neither.
    pub when: Text,
    /// The platform.
    pub platform: String,
    /// Which organ stated it, and why.
    pub reason: String,
    /// From when.
    pub from: UtcMs,
    /// Until when.
    pub until: UtcMs,
    /// It is in force now.
    pub running: bool,
    /// Who entered it.
    pub by: String,
    /// Last day on which the explanation is in time.
    pub due: String,
    /// Days of the own rule that set that day; 0: a clause did.
    pub own_days: u32,
}

/// By when an access is to be explained, and what says so.
#[derive(Debug, Clone, Default)]
pub struct TermView {
    /// Days of the rule that applies; 0 where a clause sets the day.
    pub days: u32,
    /// The default of the program, days.
    pub default: u32,
    /// Fewest and most days that the unit may set.
    pub bounds: (u32, u32),
    /// The unit set its own.
    pub is_units: bool,
    /// Why the default is what it is.
    pub why: Text,
    /// Clauses that set the day, where some do.
    pub clauses: Vec<Citation>,
}

/// `GET /emergencies`. Posts to `/emergencies/days` (`days`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "emergencies.html")]
pub struct EmergenciesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Accesses, those that are not confirmed first.
    pub lines: Vec<AccessLine>,
    /// By when an access of today would have to be explained.
    pub term: TermView,
    /// This person may set the unit's own time.
    pub may_set: bool,
    /// Days as typed or set.
    pub days: String,
}

/// One step of an access.
#[derive(Debug, Clone, Default)]
pub struct StepLine {
    /// What was done.
    pub what: State,
    /// Who.
    pub by: String,
    /// When.
    pub at: UtcMs,
    /// Place of its entry in the log.
    pub log_index: u64,
    /// Paragraphs of the explanation, or of the reason for sending it back.
    pub words: Vec<String>,
}

/// What was watched under an access.
#[derive(Debug, Clone, Default)]
pub struct WatchedLine {
    /// Camera's name.
    pub camera: String,
    /// From when.
    pub began: UtcMs,
    /// Until when; `None` while it runs.
    pub ended: Option<UtcMs>,
    /// Entry of the log.
    pub log_index: u64,
}

/// `GET /emergencies/{index}`. Posts to `/emergencies/{index}/explain` (`explanation`) and `/emergencies/{index}/review` (`seen`,
/// `decision` = `confirm` or `return`, `reason`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "emergency.html")]
pub struct EmergencyPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// The access.
    pub line: AccessLine,
    /// Clauses that allowed it.
    pub clauses: Vec<Citation>,
    /// What was watched, the oldest first.
    pub watched: Vec<WatchedLine>,
    /// What was said, the oldest first.
    pub steps: Vec<StepLine>,
    /// This person may explain it.
    pub may_explain: bool,
    /// Entry of the explanation that this person may confirm or send back.
    pub may_review: Option<u64>,
    /// Why they may not, where their role could.
    pub why_not: Option<Text>,
    /// Fewest letters and most characters of an explanation.
    pub bounds: (usize, usize),
    /// Explanation as typed.
    pub explanation: String,
    /// Reason as typed.
    pub reason: String,
}
