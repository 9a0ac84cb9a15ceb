//! Time as values. Nothing here reads a clock: the edge does, and hands `Now` in.
//!
//! Three kinds that never mix: `UtcMs` (wall clock, milliseconds UTC, may step), `MonoMs` (since the process began, never steps;
//! every timer counts in it) and `CivilDate` (a calendar day in Asia/Shanghai, what the law counts in).

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

/// Milliseconds since the process began; never steps.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct MonoMs(pub u64);

/// Both clocks, read together at the edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Now {
    /// Wall clock.
    pub utc: UtcMs,
    /// Monotonic clock.
    pub mono: MonoMs,
}

/// Offset of Asia/Shanghai, ms. China has kept UTC+8 without daylight saving since 1991-09-15; the ordinances begin in 2012.
pub const SHANGHAI_OFFSET_MS: i64 = 8 * 3_600_000;
/// One civil day, ms.
pub const DAY_MS: i64 = 86_400_000;

impl UtcMs {
    /// Later by `ms` (earlier if negative), saturating.
    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar day in Shanghai.
    #[must_use]
    pub fn shanghai_date(self) -> CivilDate {
        CivilDate(self.shanghai().date())
    }

    /// `2026-11-21 18:30:05`, Shanghai, as the desk shows it.
    #[must_use]
    pub fn desk(self) -> String {
        self.shanghai().strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// `2026年11月21日 18时30分05秒`, Shanghai, as documents print it.
    #[must_use]
    pub fn document(self) -> String {
        self.shanghai().strftime("%Y年%m月%d日 %H时%M分%S秒").to_string()
    }

    /// `2026-11-21T10:30:05.123Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map_or_else(|_| self.0.to_string(), |t| format!("{t:.3}"))
    }

    /// `2026-11-21T18:30:05.123`, Beijing time without zone: the form of GB/T 28181's `Date` and MANSCDP times.
    #[must_use]
    pub fn gb28181(self) -> String {
        self.shanghai().strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string()
    }

    /// Reads Beijing time without a zone, `T` or a space between, seconds and fraction optional; also RFC 3339 with a zone.
    #[must_use]
    pub fn parse_shanghai(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
            return Some(Self(stamp.as_millisecond()));
        }
        let civil: jiff::civil::DateTime = text.replacen(' ', "T", 1).parse().ok()?;
        let zoned = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
        Some(Self(zoned.as_millisecond() - SHANGHAI_OFFSET_MS))
    }

    fn shanghai(self) -> jiff::civil::DateTime {
        let shifted = jiff::Timestamp::from_millisecond(self.0.saturating_add(SHANGHAI_OFFSET_MS));
        shifted.map_or(jiff::civil::DateTime::MIN, |t| jiff::tz::Offset::UTC.to_datetime(t))
    }
}

impl MonoMs {
    /// Later by `ms`.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to here; 0 if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A calendar day in Asia/Shanghai.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CivilDate(pub jiff::civil::Date);

impl CivilDate {
    /// `CivilDate::ymd(2025, 4, 1)`; `None` for a day that does not exist.
    #[must_use]
    pub fn ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        jiff::civil::Date::new(year, month, day).ok().map(Self)
    }

    /// Reads `2025-04-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Midnight at the start of the day, Shanghai.
    #[must_use]
    pub fn start(self) -> UtcMs {
        let at = jiff::tz::Offset::UTC.to_timestamp(self.0.at(0, 0, 0, 0));
        UtcMs(at.map_or(0, |t| t.as_millisecond()) - SHANGHAI_OFFSET_MS)
    }

    /// `days` later (earlier if negative), saturating at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days.clamp(-3_000_000, 3_000_000))))
    }
}

impl std::fmt::Display for CivilDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shanghai_day_begins_at_sixteen_hours_utc() {
        let at = UtcMs(1_763_740_800_000); // 2025-11-21T16:00:00Z
        assert_eq!(at.shanghai_date().to_string(), "2025-11-22");
        assert_eq!(at.plus_ms(-1).shanghai_date().to_string(), "2025-11-21");
        assert_eq!(at.shanghai_date().start(), at);
        assert_eq!(at.desk(), "2025-11-22 00:00:00");
        assert_eq!(at.gb28181(), "2025-11-22T00:00:00.000");
    }

    #[test]
    fn parses_device_times_with_and_without_zone() {
        let want = UtcMs(1_763_740_800_123);
        for text in ["2025-11-22T00:00:00.123", "2025-11-22 00:00:00.123", "2025-11-21T16:00:00.123Z"] {
            assert_eq!(UtcMs::parse_shanghai(text), Some(want), "{text}");
        }
        for bad in ["", "yesterday", "2025-13-01T00:00:00", "2025-11-22T25:00:00"] {
            assert_eq!(UtcMs::parse_shanghai(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn formatting_then_parsing_gives_the_same_instant(ms in 0_i64..4_102_444_800_000) {
            let at = UtcMs(ms);
            proptest::prop_assert_eq!(UtcMs::parse_shanghai(&at.gb28181()), Some(at));
        }
    }
}
