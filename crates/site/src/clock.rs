//! The only clock of the site: wall time that never goes back while the process runs, beside monotonic time for timers.
//!
//! Wall time is the system's at start plus monotonic time since; it follows the system clock slowly (at most 1 ms in 100 ms).
//! A system clock that jumps forward by more than `STEP_MS` is followed at once (the recorder names the gap `ClockStep`);
//! one that jumps back is not followed in this process: footage would overlap. It is reported as `Step` and shown to a person,
//! and the difference stays visible as `ahead_ms` until the process is restarted.

use base::{MonoMs, Now, UtcMs};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A difference to the system clock above this is a step, below it is drift, ms.
pub const STEP_MS: i64 = 2_000;

static START: OnceLock<Instant> = OnceLock::new();

/// Monotonic time of this process.
#[must_use]
pub fn mono() -> MonoMs {
    let since = START.get_or_init(Instant::now).elapsed();
    MonoMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// The system's wall clock, as it is.
#[must_use]
pub fn system_utc() -> UtcMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_millis());
    UtcMs(since.ok().and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0))
}

/// A jump of the system clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// By how much, ms; negative is back.
    pub by_ms: i64,
    /// True when the site follows it (forward), false when it keeps its own time (back).
    pub followed: bool,
}

/// The site's clock; copies share one state.
#[derive(Clone, Debug)]
pub struct SiteClock {
    /// Wall time at monotonic zero, ms.
    base_ms: Arc<AtomicI64>,
}

impl SiteClock {
    /// Starts from the system clock.
    #[must_use]
    pub fn start() -> Self {
        let mono = mono();
        Self { base_ms: Arc::new(AtomicI64::new(system_utc().0 - as_i64(mono))) }
    }

    /// Both clocks now.
    #[must_use]
    pub fn now(&self) -> Now {
        let mono = mono();
        Now { utc: UtcMs(self.base_ms.load(Ordering::Relaxed) + as_i64(mono)), mono }
    }

    /// Puts the site's time forward, for tests of terms and deadlines.
    #[cfg(test)]
    pub(crate) fn advance(&self, ms: i64) {
        self.base_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// How far the site's time is ahead of the system clock, ms.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.now().utc.0 - system_utc().0
    }

    /// Compares with the system clock (called ten times a second); says when it jumped.
    pub fn follow(&self) -> Option<Step> {
        let (base, step) = follow(self.base_ms.load(Ordering::Relaxed), as_i64(mono()), system_utc().0);
        self.base_ms.store(base, Ordering::Relaxed);
        step
    }
}

fn as_i64(mono: MonoMs) -> i64 {
    i64::try_from(mono.0).unwrap_or(i64::MAX)
}

/// The decision behind `SiteClock::follow`: new base and, for a jump, what happened. A jump back is reported by the caller once.
fn follow(base_ms: i64, mono_ms: i64, system_ms: i64) -> (i64, Option<Step>) {
    let behind_ms = system_ms - (base_ms + mono_ms);
    if behind_ms > STEP_MS {
        (base_ms + behind_ms, Some(Step { by_ms: behind_ms, followed: true }))
    } else if behind_ms < -STEP_MS {
        (base_ms, Some(Step { by_ms: behind_ms, followed: false }))
    } else {
        (base_ms + behind_ms.signum(), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_followed_by_a_millisecond_and_jumps_by_kind() {
        assert_eq!(follow(1_000, 50, 1_060), (1_001, None));
        assert_eq!(follow(1_000, 50, 1_040), (999, None));
        assert_eq!(follow(1_000, 50, 1_050), (1_000, None));
        assert_eq!(follow(0, 0, STEP_MS), (1, None));
        assert_eq!(follow(0, 0, 3_600_000), (3_600_000, Some(Step { by_ms: 3_600_000, followed: true })));
        assert_eq!(follow(0, 7_200_000, 3_600_000), (0, Some(Step { by_ms: -3_600_000, followed: false })));
    }

    #[test]
    fn wall_time_does_not_go_back() {
        let clock = SiteClock::start();
        let mut last = clock.now().utc;
        for _ in 0..1_000 {
            let now = clock.now().utc;
            assert!(now >= last);
            last = now;
        }
    }
}
