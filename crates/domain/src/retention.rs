//! How long footage is kept: what may go, what must go, what must stay, and when the disk will force the question.
//!
//! The days and the clauses come from the law gate; here they meet one container, its holds and the disk.
//! Always true: nothing inside its term or under a hold is ever deleted, whatever the disk says.

use base::UtcMs;

/// What is known of one container when its time is weighed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// End of its newest picture: the whole container is kept until this is old enough.
    pub end: UtcMs,
    /// True while a hold covers any part of it.
    pub held: bool,
    /// False while it is still being written.
    pub sealed: bool,
}

/// What to do with a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Keep: inside its term until the given instant.
    InTerm {
        /// First instant at which it may go.
        until: UtcMs,
    },
    /// Keep: its term is over, but a hold covers it.
    Held,
    /// Its term is over: delete it, with a proof.
    Due,
}

/// Weighs one container. `until` is the first instant at which the law lets its newest picture go
/// (`law::Retention::earliest_deletion`; B-25-1, A-23-2, Order 799 art. 17: not fewer than thirty days).
#[must_use]
pub fn fate(kept: Kept, until: UtcMs, now: UtcMs) -> Fate {
    if now < until || !kept.sealed {
        Fate::InTerm { until }
    } else if kept.held {
        Fate::Held
    } else {
        Fate::Due
    }
}

/// Disk and traffic, for a forecast.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Capacity {
    /// Bytes still free for footage (free space less the reserve).
    pub free_bytes: u64,
    /// Bytes of footage now on the disk.
    pub used_bytes: u64,
    /// Bytes written a day, measured.
    pub bytes_per_day: u64,
    /// Days of footage now on the disk (oldest to newest).
    pub have_days: f64,
}

/// What the disk will hold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Forecast {
    /// Days of footage the disk holds when full, at the measured traffic.
    pub days: f64,
    /// Days until it is full; `None` when it never is before the term ends and old footage starts to go.
    pub full_in_days: Option<f64>,
    /// Bytes missing to keep the term; 0 when it fits.
    pub missing_bytes: u64,
}

/// Forecasts against a term of `min_days`. `None` until some traffic was measured.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "days and terabytes, shown rounded"
)]
pub fn forecast(c: Capacity, min_days: u32) -> Option<Forecast> {
    if c.bytes_per_day == 0 {
        return None;
    }
    let per_day = c.bytes_per_day as f64;
    let days = (c.free_bytes + c.used_bytes) as f64 / per_day;
    let term = f64::from(min_days);
    let missing = ((term - days) * per_day).max(0.0);
    let full = c.free_bytes as f64 / per_day;
    let full_in_days = (days < term).then_some(full);
    Some(Forecast { days, full_in_days, missing_bytes: missing as u64 })
}

/// Footage below this length says too little of the traffic to warn anybody, days: an hour.
pub const MEASURED_DAYS: f64 = 1.0 / 24.0;

/// True when a person must be warned: the disk is full within `warn_days` before the term is kept, and at least an hour was measured.
#[must_use]
pub fn warns(forecast: &Forecast, have_days: f64, warn_days: u32) -> bool {
    have_days >= MEASURED_DAYS && forecast.full_in_days.is_some_and(|days| days <= f64::from(warn_days))
}

/// Which camera stops recording when the disk is full and nothing may be deleted: the lowest priority, the newest id among equals.
/// `cameras` are (priority, order): a higher number is more important.
#[must_use]
pub fn first_to_stop<T: Copy + Ord>(cameras: &[(u8, T)]) -> Option<T> {
    cameras.iter().min_by_key(|(priority, order)| (*priority, std::cmp::Reverse(*order))).map(|(_, id)| *id)
}

/// Free bytes below which one more camera stops, with `running` of them recording and `stopped` already stopped.
///
/// The first stops at the reserve, each next one an equal part of it lower: the more important ones go on into the reserve,
/// and all have stopped before the disk is full.
#[must_use]
pub fn stops_below(reserve_bytes: u64, running: usize, stopped: usize) -> u64 {
    let (running, all) = (running as u128, (running + stopped).max(1) as u128);
    u64::try_from(u128::from(reserve_bytes) * running / all).unwrap_or(reserve_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::time::DAY_MS;

    #[test]
    fn due_at_the_millisecond_and_never_while_held_or_open() {
        let kept = Kept { end: UtcMs(1_000), held: false, sealed: true };
        let due = UtcMs(1_000 + 30 * DAY_MS);
        for (days, want_due) in [(29, false), (30, true), (31, true)] {
            assert_eq!(fate(kept, due, UtcMs(1_000 + days * DAY_MS)) == Fate::Due, want_due, "{days}");
        }
        assert_eq!(fate(kept, due, due.plus_ms(-1)), Fate::InTerm { until: due });
        assert_eq!(fate(kept, due, due), Fate::Due);
        assert_eq!(fate(Kept { held: true, ..kept }, due, due), Fate::Held);
        assert_eq!(fate(Kept { sealed: false, ..kept }, due, due), Fate::InTerm { until: due });
    }

    #[test]
    fn a_disk_for_forty_days_fits_and_one_for_twenty_does_not() {
        let gb = 1_000_000_000;
        let c = Capacity { free_bytes: 300 * gb, used_bytes: 100 * gb, bytes_per_day: 10 * gb, have_days: 10.0 };
        let f = forecast(c, 30).unwrap();
        assert!((f.days - 40.0).abs() < 1e-9 && f.full_in_days.is_none() && f.missing_bytes == 0);
        let f = forecast(Capacity { free_bytes: 100 * gb, ..c }, 30).unwrap();
        assert_eq!((f.full_in_days, f.missing_bytes), (Some(10.0), 100 * gb));
        assert!(forecast(Capacity { bytes_per_day: 0, ..c }, 30).is_none());
    }

    #[test]
    fn a_warning_needs_an_hour_of_footage_and_a_near_end() {
        let short = Forecast { days: 9.0, full_in_days: Some(7.0), missing_bytes: 1 };
        assert!(warns(&short, MEASURED_DAYS, 7) && !warns(&short, MEASURED_DAYS * 0.99, 7) && !warns(&short, 9.0, 6));
        assert!(!warns(&Forecast { full_in_days: None, ..short }, 9.0, 7));
    }

    #[test]
    fn the_lowest_priority_stops_first() {
        assert_eq!(first_to_stop(&[(5, 1), (2, 2), (2, 3), (9, 4)]), Some(3));
        assert_eq!(first_to_stop::<u8>(&[]), None);
    }

    #[test]
    fn cameras_stop_one_after_the_other_as_the_reserve_is_eaten() {
        let floors: Vec<_> = (0..4).map(|stopped| stops_below(4_000, 4 - stopped, stopped)).collect();
        assert_eq!(floors, [4_000, 3_000, 2_000, 1_000]);
        assert_eq!(stops_below(4_000, 0, 4), 0, "nobody left to stop");
        assert_eq!(stops_below(4_000, 0, 0), 0);
        assert_eq!(stops_below(u64::MAX, 1, 0), u64::MAX);
    }
}
