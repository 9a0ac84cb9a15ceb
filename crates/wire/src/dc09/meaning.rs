//! What a code means, in the few words that decide what is done. The tables are in `contact_id` and `sia`.

use base::Text;

/// Meaning of one event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// An alarm.
    Alarm(Alarm),
    /// The sender says it is over.
    Restored(Alarm),
    /// The system is not whole.
    Trouble(Trouble),
    /// It is whole again.
    TroubleOver(Trouble),
    /// Disarmed.
    Opened,
    /// Armed.
    Closed,
    /// A zone is out of service.
    Bypassed,
    /// It is in service again.
    Unbypassed,
    /// The user cancelled.
    Cancelled,
    /// A test.
    Test,
    /// Known, and nothing to act on.
    Report,
    /// In no table.
    Unknown,
}

/// Kind of alarm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alarm {
    /// Hold-up, panic.
    HoldUp,
    /// Duress code.
    Duress,
    /// Burglary.
    Burglary,
    /// Tamper of detector, line or case.
    Tamper,
    /// Door forced or held.
    Door,
    /// Fire.
    Fire,
    /// Medical.
    Medical,
    /// Gas, water, heat, cold.
    Environment,
}

/// Kind of trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// Mains.
    Mains,
    /// Battery.
    Battery,
    /// A way to the receiver.
    Path,
    /// A detector or its line.
    Detector,
    /// Anything else.
    System,
}

/// One row of a table.
#[derive(Debug)]
pub struct Row {
    /// The code.
    pub code: &'static str,
    /// What happens with it.
    pub kind: Kind,
    /// What people call it.
    pub name: Text,
}

/// What a code is about; with the qualifier (or alone) it gives a [`Meaning`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Alarm, restoral.
    Alarm(Alarm),
    /// Only a restoral (codes that have one of their own).
    Restored(Alarm),
    /// Trouble, restoral.
    Trouble(Trouble),
    /// Only the end of a trouble.
    TroubleOver(Trouble),
    /// Opening (new), closing (restoral).
    OpenClose,
    /// Opening alone.
    Opened,
    /// Closing alone.
    Closed,
    /// Bypass, unbypass.
    Bypass,
    /// Unbypass alone.
    Unbypassed,
    /// Cancelled by the user.
    Cancelled,
    /// Test.
    Test,
    /// Nothing to act on.
    Report,
}

impl Kind {
    /// What a new event of this kind means, or its restoral.
    #[must_use]
    pub const fn meaning(self, restoral: bool) -> Meaning {
        match (self, restoral) {
            (Self::Alarm(a), false) => Meaning::Alarm(a),
            (Self::Alarm(a), true) | (Self::Restored(a), _) => Meaning::Restored(a),
            (Self::Trouble(t), false) => Meaning::Trouble(t),
            (Self::Trouble(t), true) | (Self::TroubleOver(t), _) => Meaning::TroubleOver(t),
            (Self::OpenClose, false) | (Self::Opened, _) => Meaning::Opened,
            (Self::OpenClose, true) | (Self::Closed, _) => Meaning::Closed,
            (Self::Bypass, false) => Meaning::Bypassed,
            (Self::Bypass, true) | (Self::Unbypassed, _) => Meaning::Unbypassed,
            (Self::Cancelled, _) => Meaning::Cancelled,
            (Self::Test, _) => Meaning::Test,
            (Self::Report, _) => Meaning::Report,
        }
    }
}

/// One event of a frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The code as it came: `1130`, `NBA`.
    pub code: String,
    /// What it means.
    pub meaning: Meaning,
    /// Partition; 0 = none given.
    pub area: u32,
    /// Zone or user; 0 = none given.
    pub zone: u32,
    /// What else it says, as text: the panel's words, what could not be read.
    pub text: String,
}
