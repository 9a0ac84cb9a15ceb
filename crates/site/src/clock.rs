//! The only clock of the site: wall time that never goes back while the process runs, beside monotonic time for timers.
//!
//! Wall time is the system's at start plus monotonic time since; it follows the system clock slowly (at most 1 ms in 100 ms).
//! A system clock that jumps forward by more than `STEP_MS` is followed at once (the recorder names the gap `ClockStep`);
//! one that jumps back is not followed in this process: footage would overlap. It is reported as `Step` and shown to a person,
//! and the difference stays visible as `ahead_ms` until the process is restarted.
//!
//! A clock may jump forward because it is wrong. Nothing is ever deleted on the word of such a jump alone: `sure` goes on from
//! before it for `DOUBT_MS`, so that a person can put the clock right. Waiting costs no room: in a jump nothing was recorded.

use base::{MonoMs, Now, UtcMs};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A difference to the system clock above this is a step, below it is drift, ms.
pub const STEP_MS: i64 = 2_000;

/// A jump forward of this much is doubted, ms.
pub const JUMP_MS: i64 = 600_000;
/// For how long it is doubted, ms (3 days: a weekend).
pub const DOUBT_MS: i64 = 3 * 86_400_000;

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
    doubt: Arc<Mutex<Option<Doubt>>>,
}

/// A jump that is not believed yet.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    /// What the time was without it, at `since`.
    before: UtcMs,
    since: MonoMs,
    until: MonoMs,
}

impl SiteClock {
    /// Starts from the system clock.
    #[must_use]
    pub fn start() -> Self {
        let mono = mono();
        Self { base_ms: Arc::new(AtomicI64::new(system_utc().0 - as_i64(mono))), doubt: Arc::default() }
    }

    /// Starts from another time than the system's: for a server that is prepared, while it is stopped, with a past of its own (the demo).
    /// A server that runs takes [`Self::start`].
    #[must_use]
    pub fn starting_at(utc: UtcMs) -> Self {
        Self { base_ms: Arc::new(AtomicI64::new(utc.0 - as_i64(mono()))), doubt: Arc::default() }
    }

    /// Puts it forward to this time, never back: the other half of [`Self::starting_at`].
    pub fn forward_to(&self, utc: UtcMs) {
        self.base_ms.fetch_max(utc.0 - as_i64(mono()), Ordering::Relaxed);
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

    /// The time that it is at the least: what deletion goes by. Behind `now` while a jump forward is doubted, and while the system
    /// clock says less.
    #[must_use]
    pub fn sure(&self) -> UtcMs {
        let now = self.now();
        let doubt = *self.doubt.lock().unwrap_or_else(PoisonError::into_inner);
        sure(now, doubt, system_utc())
    }

    /// From now on the time is doubted for `left_ms`; without the jump it would be `before`.
    pub fn doubt(&self, before: UtcMs, left_ms: i64) {
        let since = self.now().mono;
        let until = since.plus_ms(u64::try_from(left_ms).unwrap_or(0));
        *self.doubt.lock().unwrap_or_else(PoisonError::into_inner) = Some(Doubt { before, since, until });
    }

    /// How far the site's time is ahead of the system clock, ms.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        self.now().utc.0 - system_utc().0
    }

    /// Compares with the system clock (called ten times a second); says when it jumped.
    pub fn follow(&self) -> Option<Step> {
        let before = self.sure();
        let (base, step) = follow(self.base_ms.load(Ordering::Relaxed), as_i64(mono()), system_utc().0);
        self.base_ms.store(base, Ordering::Relaxed);
        if step.is_some_and(|s| s.followed && s.by_ms >= JUMP_MS) {
            self.doubt(before, DOUBT_MS);
        }
        step
    }
}

fn as_i64(mono: MonoMs) -> i64 {
    i64::try_from(mono.0).unwrap_or(i64::MAX)
}

/// The decision behind `SiteClock::sure`. Differences below `JUMP_MS` are drift.
fn sure(now: Now, doubt: Option<Doubt>, system: UtcMs) -> UtcMs {
    let without =
        doubt.filter(|d| now.mono < d.until).map(|d| d.before.plus_ms(as_i64(MonoMs(now.mono.since(d.since)))));
    let least = without.unwrap_or(now.utc).min(system).min(now.utc);
    if now.utc.since(least) < JUMP_MS { now.utc } else { least }
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
    fn a_jump_is_believed_after_three_days_and_never_beside_a_clock_that_says_less() {
        let at = |utc: i64, mono: u64| Now { utc: UtcMs(utc), mono: MonoMs(mono) };
        let (day, jump) = (86_400_000, 90 * 86_400_000);
        let doubt = Some(Doubt { before: UtcMs(day), since: MonoMs(50), until: MonoMs(50 + DOUBT_MS.unsigned_abs()) });
        let now = at(day + jump, 50);
        assert_eq!(sure(now, None, now.utc), now.utc);
        assert_eq!(sure(now, doubt, now.utc), UtcMs(day));
        let later = |ms: i64| at(day + jump + ms, 50 + ms.unsigned_abs());
        assert_eq!(sure(later(1_000), doubt, later(1_000).utc), UtcMs(day + 1_000), "it goes on by the steady clock");
        assert_eq!(sure(later(DOUBT_MS - 1), doubt, later(DOUBT_MS - 1).utc), UtcMs(day + DOUBT_MS - 1));
        assert_eq!(sure(later(DOUBT_MS), doubt, later(DOUBT_MS).utc), later(DOUBT_MS).utc);
        assert_eq!(sure(later(DOUBT_MS), doubt, UtcMs(day + DOUBT_MS)), UtcMs(day + DOUBT_MS), "it was put right");
        assert_eq!(sure(now, None, now.utc.plus_ms(-JUMP_MS + 1)), now.utc, "drift");
    }

    #[test]
    fn a_clock_that_starts_elsewhere_is_put_forward_and_never_back() {
        let clock = SiteClock::starting_at(UtcMs(1_000_000));
        let first = clock.now().utc;
        assert!(first >= UtcMs(1_000_000) && first < UtcMs(61_000_000), "{first:?}");
        clock.clone().forward_to(UtcMs(90_000_000));
        let later = clock.now().utc;
        assert!(later >= UtcMs(90_000_000), "copies share one state");
        clock.forward_to(UtcMs(1_000_000));
        assert!(clock.now().utc >= later);
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
