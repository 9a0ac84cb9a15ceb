//! One thing an alarm source said, in the field's words: drivers make it from a frame, the journal keeps it before the frame is
//! acknowledged, `alarm` judges it.
//!
//! Invariants: nothing a source says is dropped for being unknown (`Event::Unknown` keeps the code as it came); texts are bounded;
//! what the source's clock said is kept beside the time of arrival and never used for order.

use base::UtcMs;
use serde::{Deserialize, Serialize};

/// Longest name of a source, characters.
pub const SOURCE_CHARS: usize = 64;
/// Longest text a source may add, characters; a longer one is cut.
pub const SIGNAL_TEXT_CHARS: usize = 200;

/// Name of an alarm source as its protocol gives it: a DC-09 account (`dc09:1234`), a GB/T 28181 channel (`gb:3402…0001`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceName(String);

impl SourceName {
    /// A DC-09 account number (3 to 16 hex digits, upper case).
    #[must_use]
    pub fn dc09(account: &str) -> Self {
        Self::cut(format!("dc09:{}", account.to_ascii_uppercase()))
    }

    /// A GB/T 28181 device or channel id (20 digits).
    #[must_use]
    pub fn gb28181(id: &str) -> Self {
        Self::cut(format!("gb:{id}"))
    }

    /// As stored, when read back.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self::cut(text.to_owned())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn cut(text: String) -> Self {
        Self(text.chars().take(SOURCE_CHARS).collect())
    }
}

/// One signal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signal {
    /// When it arrived here.
    pub received: UtcMs,
    /// What the source's own clock said, if it said anything. Shown, never used for order.
    pub said: Option<UtcMs>,
    /// Who said it.
    pub source: SourceName,
    /// How it came.
    pub protocol: Protocol,
    /// The code as it came: `1130`, `NBA`, `method 2 type 6`.
    pub code: String,
    /// What the code means.
    pub event: Event,
    /// Partition of the panel (Contact ID `gg`, SIA `ri`); 0 = none given.
    pub area: u32,
    /// Zone (防区), or the user for openings and closings; 0 = none given.
    pub zone: u32,
    /// Text that came with it, at most [`SIGNAL_TEXT_CHARS`].
    pub text: String,
    /// Equal for a repetition of the same transmission (same source, sequence and content), so that repeats are joined.
    pub repeat_key: [u8; 16],
}

/// How a signal came.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// SIA DC-09 with ADM-CID content (Contact ID).
    Dc09Cid,
    /// SIA DC-09 with SIA-DCS content.
    Dc09Sia,
    /// GB/T 28181 alarm notify (`CmdType` Alarm).
    Gb28181,
    /// The receiver itself: supervision.
    Receiver,
}

/// What a signal means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Something that may need the police, fire brigade or a doctor.
    Alarm(Class),
    /// The same is over, as the source says. An incident stays open: reset is manual (GB 50394-2007 5.2.3).
    Restored(Class),
    /// The system itself is not whole.
    Trouble(Trouble),
    /// That is over.
    TroubleOver(Trouble),
    /// Disarmed (撤防); `zone` is the user.
    Opened,
    /// Armed (布防); `zone` is the user.
    Closed,
    /// A zone taken out of service (旁路).
    Bypassed,
    /// A zone back in service.
    Unbypassed,
    /// The user cancelled the alarm at the panel.
    Cancelled,
    /// A test, by hand or by timer.
    Test,
    /// Known, and nothing to act on: access granted, programming begun, event log half full. Kept and listed.
    Report,
    /// The code is not in our tables; kept as it came, shown to the operator.
    Unknown,
}

/// Kind of alarm.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Hold-up button, panic (Contact ID 120, 122, 123; SIA HA, PA): goes to the police without waiting for verification.
    HoldUp,
    /// Duress code (Contact ID 121, 124, 125): the same, and silent on the spot.
    Duress,
    /// Burglary (Contact ID 130 to 139, 146; SIA B-).
    Burglary,
    /// Tamper of detector, line or case (Contact ID 137, 144, 145, 383; SIA TA): alarms when disarmed too (GB 50394-2007 5.2.4).
    Tamper,
    /// Door forced or held open, from an access system.
    Door,
    /// Seen by analysis in the picture (GB/T 28181 method 5).
    Video,
    /// Fire (Contact ID 110 to 118; SIA FA).
    Fire,
    /// Medical (Contact ID 100 to 102; SIA MA).
    Medical,
    /// Gas, water, heat and other non-burglary alarms (Contact ID 150 to 169).
    Environment,
}

/// Kind of trouble.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Mains power (Contact ID 301; SIA AT).
    Mains,
    /// Battery (302; YT).
    Battery,
    /// A path to the receiver is lost: said by the panel (350 to 354; YC, NT) or found by supervision here.
    Path,
    /// A detector or its line (380 to 382; BT).
    Detector,
    /// Picture lost (GB/T 28181 method 5 or 2 type 1).
    Picture,
    /// Anything else that the system says of itself.
    System,
}
