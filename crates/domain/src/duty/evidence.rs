//! What is known on a day: values with the day they are of and where they come from. Gathered by the site, judged in `evaluate`.

use super::Paper;
use base::{AccountId, CivilDate, Text};
use law::PlaceKind;
use std::collections::BTreeMap;

/// Days that are looked back on for alarms, interruptions and uses of information.
pub const LOOK_BACK_DAYS: i32 = 30;
/// Days of the watch that are looked back on, today not counted: it is not over.
pub const WATCH_DAYS: i32 = 7;

/// The day from which days of use are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FirstUse {
    /// It.
    pub day: CivilDate,
    /// A person entered it; else it is the day of the oldest footage or camera here.
    pub from_paper: bool,
}

/// A camera in service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CameraEvidence {
    /// Name.
    pub name: String,
    /// What it covers.
    pub place: PlaceKind,
    /// Day it was added.
    pub added: CivilDate,
    /// Day its sign was recorded.
    pub sign: Option<CivilDate>,
    /// Days its footage is kept under the law of today; 0: no term.
    pub term_days: u32,
    /// After the term its footage has to go.
    pub must_delete: bool,
    /// Day of the oldest footage that is still there.
    pub oldest: Option<CivilDate>,
    /// Day of the oldest loss inside the term of today.
    pub lost: Option<CivilDate>,
    /// Footage of days inside the term of today was removed.
    pub removed_in_term: bool,
    /// Since when footage lies there whose term is over, not held, and should be gone.
    pub stays_since: Option<CivilDate>,
}

/// Something that does not work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What.
    pub what: Text,
    /// Since when.
    pub since: CivilDate,
}

/// A person who operates the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operator {
    /// Account.
    pub id: AccountId,
    /// Day it was made.
    pub since: CivilDate,
}

/// How the watch was kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WatchEvidence {
    /// Somebody is on duty now.
    pub on_duty: bool,
    /// How many days before today were looked at: those on which the system was in use, at most [`WATCH_DAYS`].
    pub looked: u32,
    /// Those of them without anybody on duty, the oldest first.
    pub missed: Vec<CivilDate>,
}

/// How alarms were dealt with in the last [`LOOK_BACK_DAYS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AlarmEvidence {
    /// Verified.
    pub verified: u32,
    /// Found real.
    pub real: u32,
    /// Half of the verifications took no longer than this, ms.
    pub median_ms: Option<i64>,
    /// Wait for their verification.
    pub waiting: u32,
    /// Day the oldest of these came.
    pub waiting_since: Option<CivilDate>,
    /// Real and not reported.
    pub unreported: u32,
    /// Day the oldest of these was found real.
    pub unreported_since: Option<CivilDate>,
}

/// The connection with the police.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NetworkEvidence {
    /// Ways that are set up: the authority's server, upper platforms.
    pub set_up: u32,
    /// Of them connected now.
    pub up: u32,
    /// Last day one is known to have been connected.
    pub last: Option<CivilDate>,
}

/// The register of information use in the last [`LOOK_BACK_DAYS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RegisterEvidence {
    /// Lines.
    pub uses: u32,
    /// Day of the newest line of all.
    pub last: Option<CivilDate>,
}

/// Whether what is stored is what was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IntegrityEvidence {
    /// Faults that are open.
    pub open: u32,
    /// Day the oldest of these was found.
    pub since: Option<CivilDate>,
    /// Day the last round over all footage ended.
    pub checked: Option<CivilDate>,
    /// Day a second server last signed the head of the log.
    pub witnessed: Option<CivilDate>,
}

/// All of it, at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Evidence {
    /// Since when the system is in use; none: not yet.
    pub first_use: Option<FirstUse>,
    /// Cameras in service.
    pub cameras: Vec<CameraEvidence>,
    /// Alarm panels in service.
    pub panels: u32,
    /// What does not work now.
    pub faults: Vec<Fault>,
    /// Interruptions of recording that ended in the last [`LOOK_BACK_DAYS`].
    pub repaired: u32,
    /// Persons who stand watch.
    pub operators: Vec<Operator>,
    /// The watch.
    pub watch: WatchEvidence,
    /// Alarms.
    pub alarms: AlarmEvidence,
    /// Connection.
    pub network: NetworkEvidence,
    /// Register.
    pub register: RegisterEvidence,
    /// Integrity.
    pub integrity: IntegrityEvidence,
    /// Newest day on which a camera of a public place came or went.
    pub changed: Option<CivilDate>,
    /// Papers that are not withdrawn.
    pub papers: Vec<Paper>,
    /// The unit's own periods, days, by the code of the duty.
    pub periods: BTreeMap<String, u32>,
}

impl Evidence {
    /// The newest paper of a kind: of the latest day, of one day the one entered last.
    #[must_use]
    pub fn paper(&self, kind: super::PaperKind) -> Option<&Paper> {
        self.papers.iter().filter(|p| p.kind == kind).max_by_key(|p| (p.day, p.entered, p.id))
    }
}
