//! What an incident is about, how urgent that is, and what people call it.

use super::{Class, Event, Trouble};
use base::Text;
use serde::{Deserialize, Serialize};

/// How urgent. The order is the order of the queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A person may be in danger: octagon, sounds and pulses until taken.
    P1,
    /// Property may be in danger: triangle, sounds until taken.
    P2,
    /// The system or the surroundings need a look this shift: diamond.
    P3,
}

impl Priority {
    /// All, the most urgent first.
    pub const ALL: [Self; 3] = [Self::P1, Self::P2, Self::P3];

    /// 1 to 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::P1 => 1,
            Self::P2 => 2,
            Self::P3 => 3,
        }
    }

    /// 0 to 2, for tables by priority.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::P1 => 0,
            Self::P2 => 1,
            Self::P3 => 2,
        }
    }
}

/// What an incident is about. Signals of one incident are all of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An alarm.
    Alarm(Class),
    /// The system itself is not whole: alarms when disarmed too (GB 50394-2007 5.2.4).
    Trouble(Trouble),
    /// A code that is not in our tables: a person looks at it.
    Unknown,
    /// A source that opens incident after incident: its further ones are gathered here, every signal kept.
    Runaway,
}

impl What {
    /// Everything an incident can be about.
    pub const ALL: [Self; 17] = [
        Self::Alarm(Class::HoldUp),
        Self::Alarm(Class::Duress),
        Self::Alarm(Class::Burglary),
        Self::Alarm(Class::Tamper),
        Self::Alarm(Class::Door),
        Self::Alarm(Class::Video),
        Self::Alarm(Class::Fire),
        Self::Alarm(Class::Medical),
        Self::Alarm(Class::Environment),
        Self::Trouble(Trouble::Mains),
        Self::Trouble(Trouble::Battery),
        Self::Trouble(Trouble::Path),
        Self::Trouble(Trouble::Detector),
        Self::Trouble(Trouble::Picture),
        Self::Trouble(Trouble::System),
        Self::Unknown,
        Self::Runaway,
    ];

    /// What a signal is about, and whether it says that this is over. `None`: nothing for an incident (armed, tested, bypassed).
    #[must_use]
    pub const fn of(event: Event) -> Option<(Self, bool)> {
        match event {
            Event::Alarm(class) => Some((Self::Alarm(class), false)),
            Event::Restored(class) => Some((Self::Alarm(class), true)),
            Event::Trouble(trouble) => Some((Self::Trouble(trouble), false)),
            Event::TroubleOver(trouble) => Some((Self::Trouble(trouble), true)),
            Event::Unknown => Some((Self::Unknown, false)),
            Event::Opened
            | Event::Closed
            | Event::Bypassed
            | Event::Unbypassed
            | Event::Cancelled
            | Event::Test
            | Event::Report => None,
        }
    }

    /// How urgent it is.
    #[must_use]
    pub const fn priority(self) -> Priority {
        match self {
            Self::Alarm(Class::HoldUp | Class::Duress | Class::Fire | Class::Medical) => Priority::P1,
            Self::Alarm(Class::Burglary | Class::Tamper | Class::Door)
            | Self::Trouble(Trouble::Path)
            | Self::Runaway => Priority::P2,
            Self::Alarm(Class::Video | Class::Environment) | Self::Trouble(_) | Self::Unknown => Priority::P3,
        }
    }

    /// A person at the place raised it by hand: it goes to the police without waiting for verification.
    #[must_use]
    pub const fn raised_by_hand(self) -> bool {
        matches!(self, Self::Alarm(Class::HoldUp | Class::Duress))
    }

    /// It may become a report to the police. Troubles of the system itself are for the service firm.
    #[must_use]
    pub const fn concerns_police(self) -> bool {
        matches!(self, Self::Alarm(_) | Self::Unknown | Self::Runaway)
    }

    /// Stable word for rows, addresses and style sheets.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Alarm(Class::HoldUp) => "hold_up",
            Self::Alarm(Class::Duress) => "duress",
            Self::Alarm(Class::Burglary) => "burglary",
            Self::Alarm(Class::Tamper) => "tamper",
            Self::Alarm(Class::Door) => "door",
            Self::Alarm(Class::Video) => "video",
            Self::Alarm(Class::Fire) => "fire",
            Self::Alarm(Class::Medical) => "medical",
            Self::Alarm(Class::Environment) => "environment",
            Self::Trouble(Trouble::Mains) => "trouble_mains",
            Self::Trouble(Trouble::Battery) => "trouble_battery",
            Self::Trouble(Trouble::Path) => "trouble_path",
            Self::Trouble(Trouble::Detector) => "trouble_detector",
            Self::Trouble(Trouble::Picture) => "trouble_picture",
            Self::Trouble(Trouble::System) => "trouble_system",
            Self::Unknown => "unknown",
            Self::Runaway => "runaway",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Alarm(Class::HoldUp) => Text::new("紧急求助", "Hold-up"),
            Self::Alarm(Class::Duress) => Text::new("胁迫报警", "Duress"),
            Self::Alarm(Class::Burglary) => Text::new("入侵报警", "Burglary"),
            Self::Alarm(Class::Tamper) => Text::new("防拆报警", "Tamper"),
            Self::Alarm(Class::Door) => Text::new("门异常", "Door"),
            Self::Alarm(Class::Video) => Text::new("画面报警", "Seen in picture"),
            Self::Alarm(Class::Fire) => Text::new("火警", "Fire"),
            Self::Alarm(Class::Medical) => Text::new("医疗求助", "Medical"),
            Self::Alarm(Class::Environment) => Text::new("环境报警", "Environment"),
            Self::Trouble(Trouble::Mains) => Text::new("市电故障", "Mains failure"),
            Self::Trouble(Trouble::Battery) => Text::new("电池故障", "Battery fault"),
            Self::Trouble(Trouble::Path) => Text::new("通信中断", "Path lost"),
            Self::Trouble(Trouble::Detector) => Text::new("探测器故障", "Detector fault"),
            Self::Trouble(Trouble::Picture) => Text::new("画面丢失", "Picture lost"),
            Self::Trouble(Trouble::System) => Text::new("系统故障", "System fault"),
            Self::Unknown => Text::new("未知代码", "Unknown code"),
            Self::Runaway => Text::new("频繁报警", "Runaway source"),
        }
    }
}
