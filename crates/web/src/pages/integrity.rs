//! Integrity report: what of the footage was read again and compared, when, what was found, and what to do. Printable.

use super::{AppBar, Choice, Mark, Say, State, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// A fault.
#[derive(Debug, Clone)]
pub struct FaultLine {
    /// Camera id.
    pub camera: String,
    /// Camera name.
    pub name: String,
    /// First second concerned.
    pub from: UtcMs,
    /// Last second concerned.
    pub to: UtcMs,
    /// What is wrong.
    pub what: Text,
    /// What to do.
    pub next: Text,
    /// File.
    pub path: String,
    /// When it was found.
    pub found: UtcMs,
    /// When it was seen last.
    pub seen: UtcMs,
    /// When it was gone.
    pub gone: Option<UtcMs>,
    /// Entry of the log.
    pub leaf: u64,
}

/// A round of checks.
#[derive(Debug, Clone)]
pub struct RoundLine {
    /// What it looked at.
    pub scope: Text,
    /// When it began.
    pub began: UtcMs,
    /// When it ended; `None` while it runs or waits.
    pub ended: Option<UtcMs>,
    /// Containers read.
    pub containers: u64,
    /// Fragments as they were recorded.
    pub fragments: u64,
    /// Bytes read.
    pub bytes: u64,
    /// New faults.
    pub faults: u64,
    /// Containers on disks that were away.
    pub away: u64,
}

/// `GET /storage/integrity`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "integrity.html")]
pub struct IntegrityPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// One sentence on the whole.
    pub verdict: Text,
    /// Its shape.
    pub verdict_mark: Mark,
    /// Facts: how much, how fast, when.
    pub facts: Vec<(Text, String)>,
    /// Faults, those that are there first.
    pub faults: Vec<FaultLine>,
    /// Rounds, the newest first.
    pub rounds: Vec<RoundLine>,
    /// What a person may ask to be checked now; empty without the right.
    pub choices: Vec<Choice>,
}

impl RoundLine {
    /// Its state in shape and word.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.ended, self.faults) {
            (None, _) => State::new(Mark::Busy, "进行中", "Running"),
            (Some(_), 0) => State::new(Mark::Ok, "相符", "As recorded"),
            (Some(_), _) => State::new(Mark::Critical, "有问题", "Faults"),
        }
    }
}
