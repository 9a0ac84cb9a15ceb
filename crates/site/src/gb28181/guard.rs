//! Guard plans (布防计划): when a camera is to report what it sees. Many cameras report nothing before SetGuard.
//!
//! A plan is text of the setting `guard.<camera>`: `off`, `always` or `22:00-06:00` (Shanghai time, over midnight). The driver tells
//! the device what the plan says now and again after each registration, because a restarted device has forgotten. Pure.

use base::{Text, UtcMs};

/// Minutes of a day.
const DAY_MIN: u32 = 24 * 60;

/// When a camera's alarms are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum GuardPlan {
    /// Never; nothing is asked of the device.
    #[default]
    Off,
    /// At all times.
    Always,
    /// Every day from the first minute of the day to before the second (Shanghai); over midnight when the second is smaller.
    Daily {
        /// First minute of the day, 0 to 1,439.
        from_min: u32,
        /// Minute at which it ends.
        to_min: u32,
    },
}

fn minute(text: &str) -> Option<u32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

impl GuardPlan {
    /// Reads a plan; `None` for anything else. A plan whose ends are equal is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "off" => Some(Self::Off),
            "always" => Some(Self::Always),
            other => {
                let (from, to) = other.split_once('-')?;
                let (from_min, to_min) = (minute(from)?, minute(to)?);
                (from_min != to_min).then_some(Self::Daily { from_min, to_min })
            }
        }
    }

    /// As it is stored.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Off => "off".to_owned(),
            Self::Always => "always".to_owned(),
            Self::Daily { from_min: a, to_min: b } => {
                format!("{:02}:{:02}-{:02}:{:02}", a / 60, a % 60, b / 60, b % 60)
            }
        }
    }

    /// Name for people.
    #[must_use]
    pub fn name(self) -> Text {
        match self {
            Self::Off => Text::new("不布防", "never guarded"),
            Self::Always => Text::new("全天布防", "guarded at all times"),
            Self::Daily { .. } => {
                let hours = self.text();
                Text::of(format!("每天 {hours} 布防"), format!("guarded every day {hours}"))
            }
        }
    }

    /// Whether alarms are wanted now.
    #[must_use]
    pub fn armed_at(self, now: UtcMs) -> bool {
        let day_ms = now.since(now.shanghai_date().start());
        self.armed_in(u32::try_from(day_ms / 60_000).unwrap_or(0) % DAY_MIN)
    }

    /// Whether some minute of the day that `before` guards is not guarded any more: disarming, for the law.
    #[must_use]
    pub fn guards_less_than(self, before: Self) -> bool {
        (0..DAY_MIN).any(|minute| before.armed_in(minute) && !self.armed_in(minute))
    }

    fn armed_in(self, minute: u32) -> bool {
        match self {
            Self::Off => false,
            Self::Always => true,
            Self::Daily { from_min, to_min } => {
                if from_min < to_min {
                    (from_min..to_min).contains(&minute)
                } else {
                    minute >= from_min || minute < to_min
                }
            }
        }
    }
}

/// Key of the setting that holds a camera's plan.
#[must_use]
pub fn setting_key(camera: base::CameraId) -> String {
    format!("guard.{camera}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcMs {
        UtcMs::parse_shanghai(text).expect("a time")
    }

    #[test]
    fn plans_are_read_and_written_and_nonsense_is_not() {
        for text in ["off", "always", "22:00-06:00", "08:30-17:05", "00:00-23:59"] {
            assert_eq!(GuardPlan::parse(text).map(GuardPlan::text).as_deref(), Some(text));
        }
        for text in ["", "on", "22-06", "24:00-01:00", "10:60-11:00", "10:00", "10:00-10:00", "-1:00-02:00", "a:b-c:d"]
        {
            assert_eq!(GuardPlan::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_plan_has_a_name_in_both_languages() {
        let name = |text: &str| GuardPlan::parse(text).expect("a plan").name();
        assert_eq!((name("always").zh, name("always").en), ("全天布防".into(), "guarded at all times".into()));
        assert_eq!(name("off").zh, "不布防");
        assert_eq!(name("22:00-06:00").zh, "每天 22:00-06:00 布防");
    }

    #[test]
    fn a_plan_that_leaves_out_a_minute_guards_less() {
        let plan = |text: &str| GuardPlan::parse(text).expect("a plan");
        for (new, old, less) in [
            ("off", "always", true),
            ("off", "off", false),
            ("always", "off", false),
            ("always", "22:00-06:00", false),
            ("22:00-06:00", "always", true),
            ("22:00-06:00", "22:00-06:00", false),
            ("22:00-06:00", "22:00-06:01", true),
            ("21:59-06:01", "22:00-06:00", false),
            ("08:00-18:00", "22:00-06:00", true),
        ] {
            assert_eq!(plan(new).guards_less_than(plan(old)), less, "{old} -> {new}");
        }
    }

    #[test]
    fn a_night_plan_is_armed_over_midnight_to_the_minute() {
        let plan = GuardPlan::parse("22:00-06:00").expect("a plan");
        for (time, armed) in [
            ("2026-11-21 21:59:59", false),
            ("2026-11-21 22:00:00", true),
            ("2026-11-22 00:00:00", true),
            ("2026-11-22 05:59:59", true),
            ("2026-11-22 06:00:00", false),
        ] {
            assert_eq!(plan.armed_at(at(time)), armed, "{time}");
        }
        let day = GuardPlan::parse("08:00-18:00").expect("a plan");
        assert!(day.armed_at(at("2026-11-21 08:00:00")) && !day.armed_at(at("2026-11-21 18:00:00")));
        assert!(GuardPlan::Always.armed_at(UtcMs(0)) && !GuardPlan::Off.armed_at(UtcMs(0)));
    }
}
