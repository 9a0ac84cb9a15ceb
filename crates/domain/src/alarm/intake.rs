//! What becomes of a signal: it opens an incident, joins one, or is only logged. The first that applies, in this order:
//!
//! - nothing for an incident (armed, tested, over with nothing open): logged;
//! - on test: logged;
//! - same source, area and kind, within the window, not judged harmless: joins;
//! - a source that runs away: joins its runaway incident, or opens that;
//! - opens.
//!
//! A hold-up or duress is never held back. What was judged false, a test or a fault is not joined: what comes after that judgement
//! deserves a new look. Repeats of one transmission do not come here: the journal keeps them once.

use super::{Event, Incident, Signal, Verdict, What};
use base::IncidentId;

/// Numbers of intake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntakeRules {
    /// Signals of one kind join when they come within this time of the newest one, ms.
    pub join_ms: i64,
    /// A source that opened this many incidents within `runaway_ms` runs away.
    pub runaway_incidents: u32,
    /// See there, ms.
    pub runaway_ms: i64,
}

impl Default for IntakeRules {
    fn default() -> Self {
        Self { join_ms: 600_000, runaway_incidents: 12, runaway_ms: 60_000 }
    }
}

/// What stands around a signal.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Open incidents of its source, in any order.
    pub open: &'a [Incident],
    /// The source or zone is on test.
    pub on_test: bool,
    /// Incidents the source opened within `runaway_ms`.
    pub opened_lately: u32,
}

/// What becomes of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Opens an incident.
    Opens(What),
    /// Joins this one.
    Joins(IncidentId),
    /// Kept, nothing more.
    Logged,
    /// Kept: on test.
    OnTest,
    /// Joins the runaway incident of its source.
    HeldBack(IncidentId),
}

impl Fate {
    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Opens(_) => "opens",
            Self::Joins(_) => "joins",
            Self::Logged => "logged",
            Self::OnTest => "on_test",
            Self::HeldBack(_) => "held_back",
        }
    }
}

/// Decides what becomes of a signal.
#[must_use]
pub fn judge(signal: &Signal, around: &Around<'_>, rules: &IntakeRules) -> Fate {
    let open = || around.open.iter().filter(|i| i.closed.is_none());
    let near = |i: &&Incident| signal.received.since(i.newest) <= rules.join_ms;
    if signal.event == Event::Cancelled {
        let here = |i: &&Incident| matches!(i.what, What::Alarm(_)) && (signal.area == 0 || i.area == signal.area);
        return open().filter(here).max_by_key(|i| i.newest).map_or(Fate::Logged, |i| Fate::Joins(i.id));
    }
    let Some((what, over)) = What::of(signal.event) else { return Fate::Logged };
    let same = |i: &&Incident| i.what == what && i.area == signal.area;
    if over {
        return open().filter(same).max_by_key(|i| i.newest).map_or(Fate::Logged, |i| Fate::Joins(i.id));
    }
    if around.on_test {
        return Fate::OnTest;
    }
    let undecided = |i: &&Incident| matches!(i.verdict(), None | Some(Verdict::Real));
    if let Some(incident) = open().filter(same).filter(near).filter(undecided).max_by_key(|i| i.newest) {
        return Fate::Joins(incident.id);
    }
    if around.opened_lately >= rules.runaway_incidents && !what.raised_by_hand() {
        return match open().filter(|i| i.what == What::Runaway).filter(near).filter(undecided).max_by_key(|i| i.newest)
        {
            Some(runaway) => Fate::HeldBack(runaway.id),
            None => Fate::Opens(What::Runaway),
        };
    }
    Fate::Opens(what)
}
