//! How a clock goes: its drift from measurements of its error, and when an error is a person's business.
//!
//! Decisions only; errors are measured in `site` and handed in. An error is *that clock minus the reference*, ms.

use base::UtcMs;

/// A drift needs measurements over at least this time, ms.
const SPAN_MS: i64 = 3_600_000;
/// An error that changes by this much between two measurements was a step, not drift, ms.
const STEP_MS: i64 = 2_000;

/// Milliseconds a day that a clock gains, by the straight line that fits its newest measurements best (least squares); what lies
/// before a step is left out. `None` below an hour of measurements or fewer than three.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "milliseconds a day, rounded for people"
)]
pub fn drift_ms_per_day(samples: &[(UtcMs, i64)]) -> Option<i64> {
    let stepped = |pair: &[(UtcMs, i64)]| pair[1].1.saturating_sub(pair[0].1).saturating_abs() >= STEP_MS;
    let first = samples.windows(2).rposition(stepped).map_or(0, |at| at + 1);
    let line = &samples[first..];
    let (begin, end) = (line.first()?, line.last()?);
    if line.len() < 3 || end.0.since(begin.0) < SPAN_MS {
        return None;
    }
    let n = line.len() as f64;
    let x = |s: &(UtcMs, i64)| s.0.since(begin.0) as f64;
    let y = |s: &(UtcMs, i64)| s.1.saturating_sub(begin.1) as f64;
    let (mean_x, mean_y) = (line.iter().map(x).sum::<f64>() / n, line.iter().map(y).sum::<f64>() / n);
    let xy: f64 = line.iter().map(|s| (x(s) - mean_x) * (y(s) - mean_y)).sum();
    let xx: f64 = line.iter().map(|s| (x(s) - mean_x).powi(2)).sum();
    (xx > 0.0).then(|| (xy / xx * base::time::DAY_MS as f64).round() as i64)
}

/// True when an error is beyond its limit; one that was told is over only below four fifths of it, so that it does not flap.
#[must_use]
pub fn is_off(error_ms: i64, limit_ms: u32, told: bool) -> bool {
    let limit = u64::from(limit_ms);
    error_ms.unsigned_abs() > if told { limit - limit / 5 } else { limit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEN_MIN: i64 = 600_000;

    fn line(n: i64, per_day: i64, from_ms: i64) -> Vec<(UtcMs, i64)> {
        (0..n).map(|i| (UtcMs(i * TEN_MIN), from_ms + per_day * i * TEN_MIN / base::time::DAY_MS)).collect()
    }

    #[test]
    fn a_drift_needs_an_hour_and_three_measurements() {
        assert_eq!(drift_ms_per_day(&line(6, 1_000, 0)), None, "fifty minutes");
        assert_eq!(drift_ms_per_day(&line(7, 0, -40)), Some(0));
        assert_eq!(drift_ms_per_day(&[(UtcMs(0), 0), (UtcMs(7_200_000), 9)]), None);
        assert_eq!(drift_ms_per_day(&[]), None);
        assert_eq!(drift_ms_per_day(&[(UtcMs(5), 1), (UtcMs(5), 1), (UtcMs(5), 1)]), None);
    }

    #[test]
    fn what_lies_before_a_step_does_not_count() {
        let mut samples = line(20, 86_400, 0);
        samples.extend(line(20, 0, 70_000).into_iter().map(|(at, e)| (at.plus_ms(20 * TEN_MIN), e)));
        assert_eq!(drift_ms_per_day(&samples), Some(0));
        samples.truncate(23);
        assert_eq!(drift_ms_per_day(&samples), None, "too little since the step");
    }

    #[test]
    fn a_limit_does_not_flap() {
        assert!(!is_off(1_000, 1_000, false) && is_off(1_001, 1_000, false) && is_off(-1_001, 1_000, false));
        assert!(is_off(801, 1_000, true) && !is_off(800, 1_000, true) && is_off(i64::MIN, u32::MAX, true));
    }

    proptest! {
        #[test]
        fn the_drift_of_a_straight_line_is_its_slope(per_day in -100_000_i64..100_000, from in -50_000_i64..50_000, n in 8_i64..400) {
            let drift = drift_ms_per_day(&line(n, per_day, from)).unwrap();
            prop_assert!((drift - per_day).abs() <= 40, "{drift} for {per_day}");
        }

        #[test]
        fn no_measurements_make_it_panic(samples in prop::collection::vec((any::<i64>(), any::<i64>()), 0..30)) {
            let samples: Vec<_> = samples.into_iter().map(|(at, e)| (UtcMs(at / 4), e)).collect();
            let _ = drift_ms_per_day(&samples);
        }
    }
}
