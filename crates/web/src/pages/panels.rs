//! Alarm panels: list with who else knocked, and one panel with its diagnosis, settings and zones.

use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// One panel of the list.
#[derive(Debug, Clone)]
pub struct PanelLine {
    /// Account, as in `/panels/{account}`.
    pub account: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// State.
    pub state: State,
    /// What is wrong, one sentence; empty if nothing is.
    pub fault: Text,
    /// Its frames are encrypted.
    pub encrypted: bool,
    /// Last frame.
    pub heard: Option<UtcMs>,
    /// Zones that were given a name.
    pub zones: usize,
}

/// An account that nobody here has.
#[derive(Debug, Clone)]
pub struct StrangerLine {
    /// Its number.
    pub account: String,
    /// Where it speaks from.
    pub address: String,
    /// Frames.
    pub count: u64,
    /// First heard.
    pub since: UtcMs,
}

/// `GET /panels`: all panels, those that need a person first.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "panels.html")]
pub struct PanelsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Panels.
    pub panels: Vec<PanelLine>,
    /// Heard, waiting to be taken in.
    pub strangers: Vec<StrangerLine>,
    /// What panels are told, and what the receiver counts.
    pub facts: Vec<(Text, String)>,
}

/// One fault of a panel.
#[derive(Debug, Clone)]
pub struct FaultLine {
    /// What was seen.
    pub what: Text,
    /// What to do.
    pub next: Text,
}

/// One zone.
#[derive(Debug, Clone)]
pub struct ZoneLine {
    /// Number at the panel.
    pub number: u32,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// Names of the cameras that show it.
    pub cameras: String,
    /// How its detector senses; empty = not known.
    pub principle: Text,
    /// Zones beside it.
    pub neighbours: String,
}

/// `GET /panels/new?account=` and `GET /panels/{account}`. Fields: `account`, `name`, `place`, `key`, `no_key`, `supervision_s`,
/// `behind_s`, `ahead_s`, `zone_min`, `charset` and the check boxes of `habits`. The form of a zone posts `number`, `zone_name`,
/// `zone_place`, `principle`, `neighbours` and `camera` (several) to `/panels/{account}/zones`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "panel.html")]
pub struct PanelPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// It is being added.
    pub is_new: bool,
    /// Account.
    pub account: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// It has a key.
    pub has_key: bool,
    /// Supervision time, seconds; empty = none.
    pub supervision_s: String,
    /// Seconds its clock may be behind.
    pub behind_s: String,
    /// Seconds its clock may be ahead.
    pub ahead_s: String,
    /// Minutes its stamps are ahead of UTC.
    pub zone_min: String,
    /// Character sets of its texts.
    pub charsets: Vec<Choice>,
    /// Habits that are allowed for.
    pub habits: Vec<Choice>,
    /// State.
    pub state: State,
    /// What is wrong, worst first.
    pub faults: Vec<FaultLine>,
    /// What is known of it.
    pub facts: Vec<(Text, String)>,
    /// Zones by number.
    pub zones: Vec<ZoneLine>,
    /// Cameras a zone can be shown by.
    pub cameras: Vec<Choice>,
    /// Zone form as typed.
    pub zone_number: String,
    /// Zone form as typed.
    pub zone_name: String,
    /// Zone form as typed.
    pub zone_place: String,
    /// How a detector can sense.
    pub principles: Vec<Choice>,
    /// Zone form as typed.
    pub zone_neighbours: String,
    /// Reason of its removal, as typed.
    pub reason: String,
    /// The police's agreement to that, as typed.
    pub agreement: String,
    /// What panels are told: address, port, account.
    pub server_facts: Vec<(Text, String)>,
}

impl PanelPage {
    /// May be changed by this account.
    #[must_use]
    pub const fn editable(&self) -> bool {
        self.bar.can.devices_manage
    }
}
