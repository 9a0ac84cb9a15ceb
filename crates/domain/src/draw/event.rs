//! When the outcome of the public source of a draw comes out: the day, and the hour where it is known.
//!
//! ```text
//! plan (day, hour) ─▶ line `public_day` of the rules ─▶ [`PublicDay::out`] ─▶ commitment: before it, draw: not before it
//! ```
//! Always true: one day has one spelling; without an hour the whole day has to be over, so that nobody types an outcome that is not there yet.

use base::{CivilDate, ErrorKind, Refusal, Text, UtcMs};
use serde::{Deserialize, Serialize};

/// Hours of a day.
const HOURS: u8 = 24;
/// An hour, ms.
const HOUR_MS: i64 = 3_600_000;

/// The day of the public event, in Shanghai.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicDay {
    /// The day.
    pub day: CivilDate,
    /// The full hour from which the outcome is known, 0 to 23; `None`: it is not known, and the day has to be over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<u8>,
}

impl PublicDay {
    /// True for an hour that a day has.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self.hour.is_none_or(|hour| hour < HOURS)
    }

    /// From when the outcome can be known.
    #[must_use]
    pub fn out(self) -> UtcMs {
        match self.hour {
            Some(hour) => self.day.start().plus_ms(i64::from(hour) * HOUR_MS),
            None => self.day.plus_days(1).start(),
        }
    }

    /// Reads what [`Self`] prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (day, hour) = match text.split_once(' ') {
            Some((day, hour)) => (day, Some(hour.parse().ok()?)),
            None => (text, None),
        };
        Some(Self { day: CivilDate::parse(day)?, hour })
    }

    /// For a person.
    #[must_use]
    pub fn text(self) -> Text {
        match self.hour {
            Some(hour) => Text::of(format!("{}，{hour}时起", self.day), format!("{}, from {hour:02}:00", self.day)),
            None => Text::of(self.day.to_string(), self.day.to_string()),
        }
    }

    /// The outcome may be typed at `now`.
    ///
    /// # Errors
    /// `draw_before_event`: it cannot be known yet.
    pub fn may_be_typed(self, now: UtcMs) -> Result<(), Refusal> {
        if now >= self.out() {
            return Ok(());
        }
        let from = self.out().desk();
        Err(Refusal::new(
            ErrorKind::Conflict,
            "draw_before_event",
            Text::of(
                format!("计划写明的公开事件（{}）还没有结果，现在不能抽取。", self.text().zh),
                format!("The public event of the plan ({}) has no outcome yet, so nothing is drawn.", self.text().en),
            ),
            Text::of(
                format!("请在{from}以后，照公布的结果填写再抽取。"),
                format!("Draw after {from}, with the outcome as it was published."),
            ),
        ))
    }
}

/// As the rules spell it: the day, and the hour with two digits.
impl std::fmt::Display for PublicDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.hour {
            Some(hour) => write!(f, "{} {hour:02}", self.day),
            None => write!(f, "{}", self.day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> PublicDay {
        PublicDay::parse(text).unwrap()
    }

    #[test]
    fn an_outcome_is_typed_from_its_hour_on_and_without_one_when_the_day_is_over() {
        let midnight = CivilDate::parse("2026-11-24").unwrap().start();
        for (text, hours) in [("2026-11-24 00", 0), ("2026-11-24 21", 21), ("2026-11-24", 24)] {
            let out = midnight.plus_ms(hours * HOUR_MS);
            assert_eq!(at(text).out(), out, "{text}");
            assert_eq!(at(text).may_be_typed(out), Ok(()));
            let early = at(text).may_be_typed(out.plus_ms(-1)).unwrap_err();
            assert_eq!((early.kind, early.code.as_str()), (ErrorKind::Conflict, "draw_before_event"));
            assert!(early.next.zh.contains(&out.desk()) && early.next.en.contains(&out.desk()), "{early}");
        }
    }

    #[test]
    fn a_day_reads_back_and_an_hour_ends_at_23() {
        for text in ["2026-11-24", "2026-11-24 00", "2026-11-24 23"] {
            assert_eq!(at(text).to_string(), text);
            assert!(at(text).is_sound());
        }
        assert!(!at("2026-11-24 24").is_sound());
        for bad in ["", "2026-11-31", "2026-11-24 ", "2026-11-24 x", "2026-11-24 256", "24 2026-11-24"] {
            assert_eq!(PublicDay::parse(bad), None, "{bad}");
        }
        assert_ne!(at("2026-11-24 9").to_string(), "2026-11-24 9", "one spelling");
    }
}
