//! An incident: everything one source said of one kind in one area, who handles it, what was found, and its clock.
//!
//! The instants are the state: a step is done when its instant is there. `Stage` is read from them, never stored beside them.
//! Lists are bounded (`ZONES`, `EVIDENCE_ITEMS`); the signals themselves are rows of their own and all kept.

use super::{Change, Priority, Signal, SourceName, What};
use base::{AccountId, IncidentId, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// Most zones an incident names; signals of further ones still count.
pub const ZONES: usize = 64;
/// Most evidence items.
pub const EVIDENCE_ITEMS: usize = 64;
/// Footage of linked cameras from this long before the first signal, ms.
pub(crate) const CLIP_BEFORE_MS: i64 = 10_000;
/// Until this long after, ms.
pub(crate) const CLIP_AFTER_MS: i64 = 30_000;

/// A zone that spoke.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ZoneSeen {
    /// Number of the zone; 0 = the source named none.
    pub zone: u32,
    /// When first.
    pub first: UtcMs,
}

/// The device behind the source, when the incident was reset by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceReset {
    /// When it was tried.
    pub at: UtcMs,
    /// It was online and got the order (ResetAlarm, GB/T 28181 9.4).
    pub told: bool,
}

/// Who has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taken {
    /// Who.
    pub by: AccountId,
    /// Since when.
    pub at: UtcMs,
    /// When the first person took it: the clock's instant.
    pub first: UtcMs,
}

/// What verification found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 警情: it is what the source said.
    Real,
    /// 误报: nothing was there.
    False,
    /// A test, announced or found out.
    Test,
    /// A fault of detector, line or panel.
    Fault,
}

impl Verdict {
    /// All, in the order of the form.
    pub const ALL: [Self; 4] = [Self::Real, Self::False, Self::Test, Self::Fault];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::False => "false",
            Self::Test => "test",
            Self::Fault => "fault",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Real => Text::new("确认警情", "Real"),
            Self::False => Text::new("误报", "False"),
            Self::Test => Text::new("测试", "Test"),
            Self::Fault => Text::new("故障", "Fault"),
        }
    }
}

/// A verdict with its ground.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// What was found.
    pub verdict: Verdict,
    /// Reason in words; may be empty where the evidence says it all.
    pub reason: String,
    /// Who decided.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
}

/// Kind of evidence. The grounds of a report are those of the Shanghai notice on area alarm services (2010).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Two adjacent zones one after the other (found by rule).
    TwoZones,
    /// Two detectors of different principle one after the other (found by rule).
    TwoPrinciples,
    /// The operator saw suspicious persons in linked video.
    SeenInVideo,
    /// A guard or staff on the spot says it is true.
    GuardConfirms,
    /// The user says it is true.
    UserConfirms,
    /// The user was called and cannot be reached.
    UserNotReached,
    /// The operator watched linked video and saw nothing.
    NothingInVideo,
    /// A guard on the spot found nothing.
    GuardFindsNothing,
    /// The user says it is none, and gave the agreed word.
    UserDenies,
}

impl EvidenceKind {
    /// What a person can enter, in the order of the form.
    pub const BY_HAND: [Self; 7] = [
        Self::SeenInVideo,
        Self::NothingInVideo,
        Self::UserConfirms,
        Self::UserNotReached,
        Self::UserDenies,
        Self::GuardConfirms,
        Self::GuardFindsNothing,
    ];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TwoZones => "two_zones",
            Self::TwoPrinciples => "two_principles",
            Self::SeenInVideo => "seen_in_video",
            Self::GuardConfirms => "guard_confirms",
            Self::UserConfirms => "user_confirms",
            Self::UserNotReached => "user_not_reached",
            Self::NothingInVideo => "nothing_in_video",
            Self::GuardFindsNothing => "guard_finds_nothing",
            Self::UserDenies => "user_denies",
        }
    }

    /// Reads the code of an item that a person can enter.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::BY_HAND.into_iter().find(|k| k.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::TwoZones => Text::new("相邻两个防区先后报警", "Two adjacent zones one after the other"),
            Self::TwoPrinciples => {
                Text::new("不同原理的两种探测器先后报警", "Two detectors of different principle one after the other")
            }
            Self::SeenInVideo => Text::new("视频中看到可疑人员", "Suspicious persons seen in video"),
            Self::GuardConfirms => Text::new("现场人员确认", "Confirmed by a guard or staff on the spot"),
            Self::UserConfirms => Text::new("用户确认", "Confirmed by the user"),
            Self::UserNotReached => Text::new("联系不上用户", "User cannot be reached"),
            Self::NothingInVideo => Text::new("视频中未见异常", "Nothing seen in video"),
            Self::GuardFindsNothing => Text::new("现场检查无异常", "Nothing found on the spot"),
            Self::UserDenies => Text::new("用户说明无警情", "User says there is nothing"),
        }
    }
}

/// One thing that was found, by whom, when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// What.
    pub kind: EvidenceKind,
    /// When it was entered.
    pub at: UtcMs,
    /// Who entered it; `None` = found by rule.
    pub by: Option<AccountId>,
    /// In words.
    pub note: String,
}

/// The police (or upper platform) have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// Their number.
    pub number: String,
    /// When it came.
    pub at: UtcMs,
    /// Who wrote it down when it was told by telephone; `None` = it came by the line.
    pub by: Option<AccountId>,
}

/// A step of the clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The signal arrived.
    Received,
    /// A person who may handle it had it on the screen.
    Shown,
    /// Somebody took it.
    Taken,
    /// Somebody decided what it is.
    Verified,
    /// The report was handed to the outbox.
    Reported,
    /// The other side has it.
    Receipted,
    /// An upper platform (GB/T 28181) has it. Only where the site is networked with one.
    UpperTold,
    /// A guard is on the spot.
    GuardArrived,
    /// Reset by hand.
    Closed,
}

impl Step {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Received,
        Self::Shown,
        Self::Taken,
        Self::Verified,
        Self::Reported,
        Self::Receipted,
        Self::UpperTold,
        Self::GuardArrived,
        Self::Closed,
    ];

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Received => Text::new("接收", "Received"),
            Self::Shown => Text::new("显示", "Shown"),
            Self::Taken => Text::new("接警", "Taken"),
            Self::Verified => Text::new("复核", "Verified"),
            Self::Reported => Text::new("上报", "Reported"),
            Self::Receipted => Text::new("回执", "Receipt"),
            Self::UpperTold => Text::new("上级平台", "Upper platform"),
            Self::GuardArrived => Text::new("到场", "Guard there"),
            Self::Closed => Text::new("结束", "Closed"),
        }
    }
}

/// By when each step is to be done, seconds. Arrays are by priority: P1, P2, P3.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Received to shown.
    pub shown_s: u32,
    /// Received to taken.
    pub taken_s: [u32; 3],
    /// Received to verified. A hold-up waits for no verification, so it has no such limit until it is reported.
    pub verified_s: [u32; 3],
    /// Verified as real (or a hold-up received) to reported.
    pub reported_s: u32,
    /// Reported to receipt.
    pub receipted_s: u32,
    /// Guard sent to guard there.
    pub guard_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            shown_s: 10,
            taken_s: [30, 90, 600],
            verified_s: [180, 300, 3_600],
            reported_s: 60,
            receipted_s: 180,
            guard_s: 900,
        }
    }
}

/// One row of the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockRow {
    /// Which step.
    pub step: Step,
    /// When it was done.
    pub at: Option<UtcMs>,
    /// By when it is to be done; `None` = no limit (yet).
    pub due: Option<UtcMs>,
}

impl ClockRow {
    /// Done after its limit, or not done and the limit is past.
    #[must_use]
    pub fn is_late(&self, now: UtcMs) -> bool {
        self.due.is_some_and(|due| self.at.unwrap_or(now) > due)
    }
}

/// Where an incident stands, read from its instants.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nobody has it.
    New,
    /// Somebody has it and looks.
    Taken,
    /// Decided; not real, or not yet reported.
    Verified,
    /// Reported, no receipt yet.
    Reported,
    /// The other side has it.
    Receipted,
    /// Over.
    Closed,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::New, Self::Taken, Self::Verified, Self::Reported, Self::Receipted, Self::Closed];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Taken => "taken",
            Self::Verified => "verified",
            Self::Reported => "reported",
            Self::Receipted => "receipted",
            Self::Closed => "closed",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::New => Text::new("待接警", "New"),
            Self::Taken => Text::new("复核中", "Being verified"),
            Self::Verified => Text::new("已复核", "Verified"),
            Self::Reported => Text::new("已上报", "Reported"),
            Self::Receipted => Text::new("已回执", "Receipt in"),
            Self::Closed => Text::new("已结束", "Closed"),
        }
    }
}

/// An incident.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Number people use, e.g. `2026-000012`.
    pub number: String,
    /// Who said it.
    pub source: SourceName,
    /// Area (partition) of the source; 0 = none.
    pub area: u32,
    /// What it is about.
    pub what: What,
    /// Zones that spoke, in order, at most `ZONES`.
    pub zones: Vec<ZoneSeen>,
    /// Signals that count: without repeats of one transmission.
    pub signals: u32,
    /// When the first arrived here.
    pub opened: UtcMs,
    /// When the newest arrived here.
    pub newest: UtcMs,
    /// What the source's own clock said of the first.
    pub said: Option<UtcMs>,
    /// The source says it is over. The incident stays open.
    pub restored: Option<UtcMs>,
    /// The user cancelled at the panel. The incident stays open.
    pub cancelled: Option<UtcMs>,
    /// First shown to a person who may handle it.
    pub shown: Option<UtcMs>,
    /// Who has it.
    pub taken: Option<Taken>,
    /// What was found.
    pub decision: Option<Decision>,
    /// Handed to the outbox.
    pub reported: Option<UtcMs>,
    /// The other side has it.
    pub receipt: Option<Receipt>,
    /// The first upper platform took it.
    #[serde(default)]
    pub upper_told: Option<UtcMs>,
    /// What the device was told of the reset; `None` = not closed, or no such device.
    #[serde(default)]
    pub device_reset: Option<DeviceReset>,
    /// A guard was sent.
    pub guard_sent: Option<UtcMs>,
    /// A guard is there.
    pub guard_arrived: Option<UtcMs>,
    /// Reset by hand.
    pub closed: Option<UtcMs>,
    /// What was found, in order, at most `EVIDENCE_ITEMS`.
    pub evidence: Vec<Evidence>,
    /// Limits that passed and were told.
    pub passed: Vec<Step>,
}

impl Incident {
    /// Opens an incident with its first signal.
    #[must_use]
    pub fn open(id: IncidentId, number: String, what: What, signal: &Signal) -> Self {
        let mut incident = Self {
            id,
            number,
            source: signal.source.clone(),
            area: signal.area,
            what,
            zones: Vec::new(),
            signals: 0,
            opened: signal.received,
            newest: signal.received,
            said: signal.said,
            restored: None,
            cancelled: None,
            shown: None,
            taken: None,
            decision: None,
            reported: None,
            receipt: None,
            upper_told: None,
            device_reset: None,
            guard_sent: None,
            guard_arrived: None,
            closed: None,
            evidence: Vec::new(),
            passed: Vec::new(),
        };
        incident.add(signal);
        incident
    }

    /// Adds a signal that belongs to it.
    pub fn add(&mut self, signal: &Signal) {
        self.newest = self.newest.max(signal.received);
        match (What::of(signal.event), signal.event) {
            (_, super::Event::Cancelled) => self.cancelled = self.cancelled.or(Some(signal.received)),
            (Some((_, true)), _) => self.restored = Some(signal.received),
            _ => {
                self.signals = self.signals.saturating_add(1);
                // It speaks again: what it said before of being over is no longer so.
                self.restored = None;
                if self.zones.len() < ZONES && !self.zones.iter().any(|z| z.zone == signal.zone) {
                    self.zones.push(ZoneSeen { zone: signal.zone, first: signal.received });
                }
            }
        }
    }

    /// How urgent.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        self.what.priority()
    }

    /// Where it stands.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        if self.closed.is_some() {
            Stage::Closed
        } else if self.receipt.is_some() {
            Stage::Receipted
        } else if self.reported.is_some() {
            Stage::Reported
        } else if self.decision.is_some() {
            Stage::Verified
        } else if self.taken.is_some() {
            Stage::Taken
        } else {
            Stage::New
        }
    }

    /// The verdict, if there is one.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.decision.as_ref().map(|d| d.verdict)
    }

    /// Still sounds: open and nobody has it.
    #[must_use]
    pub const fn calls(&self) -> bool {
        self.closed.is_none() && self.taken.is_none()
    }

    /// Footage that belongs to it, [from, to).
    #[must_use]
    pub const fn clip(&self) -> (UtcMs, UtcMs) {
        (self.opened.plus_ms(-CLIP_BEFORE_MS), self.opened.plus_ms(CLIP_AFTER_MS))
    }

    /// Place in the queue: by priority, then age.
    #[must_use]
    pub const fn rank(&self) -> (Priority, UtcMs, IncidentId) {
        (self.priority(), self.opened, self.id)
    }

    /// The row of one step.
    #[must_use]
    pub fn clock_row(&self, step: Step, limits: &Limits) -> ClockRow {
        let by_priority = |table: [u32; 3]| table.get(self.priority().index()).copied().unwrap_or(u32::MAX);
        let after = |at: UtcMs, s: u32| Some(at.plus_ms(i64::from(s) * 1_000));
        let real = self.decision.as_ref().filter(|d| d.verdict == Verdict::Real).map(|d| d.at);
        let (at, due) = match step {
            Step::Received => (Some(self.opened), None),
            Step::Shown => (self.shown, after(self.opened, limits.shown_s)),
            Step::Taken => (self.taken.map(|t| t.first), after(self.opened, by_priority(limits.taken_s))),
            Step::Verified => {
                let waits = !self.what.raised_by_hand();
                let due = if waits { after(self.opened, by_priority(limits.verified_s)) } else { None };
                (self.decision.as_ref().map(|d| d.at), due)
            }
            Step::Reported => {
                let from = if self.what.raised_by_hand() { Some(self.opened) } else { real };
                (self.reported, from.and_then(|at| after(at, limits.reported_s)))
            }
            Step::Receipted => {
                (self.receipt.as_ref().map(|r| r.at), self.reported.and_then(|at| after(at, limits.receipted_s)))
            }
            Step::UpperTold => (self.upper_told, None),
            Step::GuardArrived => (self.guard_arrived, self.guard_sent.and_then(|at| after(at, limits.guard_s))),
            Step::Closed => (self.closed, None),
        };
        ClockRow { step, at, due }
    }

    /// The clock, all steps in order.
    #[must_use]
    pub fn clock(&self, limits: &Limits) -> Vec<ClockRow> {
        Step::ALL.into_iter().map(|step| self.clock_row(step, limits)).collect()
    }

    /// Steps whose limit is past, not done and not told yet. A closed incident has none.
    #[must_use]
    pub fn overdue(&self, limits: &Limits, now: UtcMs) -> Vec<Step> {
        if self.closed.is_some() {
            return Vec::new();
        }
        let late = |row: &ClockRow| row.at.is_none() && row.is_late(now) && !self.passed.contains(&row.step);
        self.clock(limits).into_iter().filter(late).map(|row| row.step).collect()
    }

    /// Makes a change so. Changes come from `decide` only.
    pub fn apply(&mut self, change: &Change, now: UtcMs) {
        match change {
            Change::Shown { .. } => self.shown = self.shown.or(Some(now)),
            Change::Taken { by, .. } => {
                let first = self.taken.map_or(now, |t| t.first);
                self.taken = Some(Taken { by: *by, at: now, first });
            }
            Change::Found(evidence) => {
                if self.evidence.len() < EVIDENCE_ITEMS {
                    self.evidence.push(evidence.clone());
                }
            }
            Change::Verified(decision) => self.decision = Some(decision.clone()),
            Change::Reported { .. } => self.reported = self.reported.or(Some(now)),
            Change::Receipted(receipt) => self.receipt = self.receipt.take().or_else(|| Some(receipt.clone())),
            Change::UpperTold { .. } => self.upper_told = self.upper_told.or(Some(now)),
            Change::DeviceReset { told } => self.device_reset = Some(DeviceReset { at: now, told: *told }),
            Change::GuardSent { .. } => self.guard_sent = self.guard_sent.or(Some(now)),
            Change::GuardArrived { .. } => self.guard_arrived = self.guard_arrived.or(Some(now)),
            Change::Closed { .. } => self.closed = Some(now),
            Change::Passed(step) => {
                if !self.passed.contains(step) {
                    self.passed.push(*step);
                }
            }
        }
    }
}
