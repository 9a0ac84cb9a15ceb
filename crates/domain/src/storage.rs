//! What to do about disks: how long to leave one alone that refuses, where a new container goes, what the law will need.
//!
//! Decisions only. Free space, write rates and errors are measured in `site` and `store` and handed in; nothing here knows a path.
//! Always true: a disk that refuses is one incident until it has taken footage again for `QUIET_MS`, however often it is tried.

use base::{MonoMs, Now, UtcMs};
use serde::{Deserialize, Serialize};

/// Wait before a disk that refused is tried for the first time, ms.
pub const FIRST_TRY_MS: u64 = 10_000;
/// Longest wait between two tries, ms: a disk that was put right records again within this time by itself.
pub const LONGEST_TRY_MS: u64 = 600_000;
/// For so long a disk must have taken footage after a try before the incident is over, ms: several spans of every camera.
pub const QUIET_MS: u64 = 60_000;
/// Failures closer together than this are one: all cameras of a disk hear of the same fault, ms.
const ONE_FAULT_MS: u64 = 5_000;

/// A disk that refuses footage although it has room: from the first refusal until it has worked again for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Incident {
    /// When it began.
    pub since: UtcMs,
    /// How often the disk refused; refusals of one moment count once.
    pub failures: u32,
    last_failure: MonoMs,
    next_try: MonoMs,
    /// When it was found to work again, unless it refused since.
    works_since: Option<MonoMs>,
}

impl Incident {
    /// The first refusal.
    #[must_use]
    pub const fn begin(now: Now) -> Self {
        Self {
            since: now.utc,
            failures: 1,
            last_failure: now.mono,
            next_try: now.mono.plus_ms(FIRST_TRY_MS),
            works_since: None,
        }
    }

    /// It refused again: the wait doubles.
    pub fn failed(&mut self, now: Now) {
        if self.works_since.is_none() && now.mono.since(self.last_failure) < ONE_FAULT_MS {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.last_failure = now.mono;
        self.works_since = None;
        let doubled = FIRST_TRY_MS.checked_shl(self.failures - 1).unwrap_or(LONGEST_TRY_MS);
        // Shifted beyond its width a number comes out small again.
        let wait = if self.failures > 16 { LONGEST_TRY_MS } else { doubled.min(LONGEST_TRY_MS) };
        self.next_try = now.mono.plus_ms(wait);
    }

    /// True when it is time to try the disk.
    #[must_use]
    pub fn may_try(&self, now: Now) -> bool {
        self.works_since.is_none() && now.mono >= self.next_try
    }

    /// A try went well: cameras may use the disk again, and the incident ends after `QUIET_MS` without a refusal.
    pub fn works(&mut self, now: Now) {
        self.works_since.get_or_insert(now.mono);
    }

    /// True while nothing may be recorded there.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.works_since.is_none()
    }

    /// True when it has worked for long enough.
    #[must_use]
    pub fn is_over(&self, now: Now) -> bool {
        self.works_since.is_some_and(|since| now.mono.since(since) >= QUIET_MS)
    }
}

/// What a person wants of a disk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DiskState {
    /// New footage goes there.
    #[default]
    Active,
    /// No new footage; what is there moves to the other disks.
    Drain,
    /// No new footage; what is there stays its term.
    Readonly,
}

impl DiskState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Active, Self::Drain, Self::Readonly];

    /// Stable word for configuration, rows and API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Drain => "drain",
            Self::Readonly => "readonly",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// A disk as a new container sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Bytes that may still be written.
    pub free_bytes: u64,
    /// Bytes to be kept free.
    pub reserve_bytes: u64,
    /// Bytes a second that are written there now.
    pub write_bytes_s: u64,
    /// What a person wants of it.
    pub state: DiskState,
    /// It is there and took what was last written.
    pub works: bool,
    /// This camera was assigned to it.
    pub pinned: bool,
    /// Cameras below this priority do not go there.
    pub min_priority: u8,
}

/// The disks for a new container of a camera, the best first.
///
/// A disk that works goes before one that refused, the camera's own before the others, one with room above its reserve before one
/// without, and then the one that would be the last to reach its reserve at the rate at which it is written. A disk that refused is
/// last and not left out: when all refuse, one may have recovered.
#[must_use]
pub fn placement(rooms: &[Room], priority: u8) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rooms.len())
        .filter(|i| rooms[*i].state == DiskState::Active && rooms[*i].min_priority <= priority)
        .collect();
    order.sort_by_key(|i| {
        let r = &rooms[*i];
        let above = r.free_bytes.saturating_sub(r.reserve_bytes);
        // Seconds until the reserve is reached; below it, whatever is nearest to it.
        let lasts = above / r.write_bytes_s.max(1);
        (!r.works, !r.pinned, above == 0, std::cmp::Reverse((lasts, above, r.free_bytes)), *i)
    });
    order
}

/// What keeping footage for some days takes, against what the disks hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Days to be kept; `None` = every camera its own legal term.
    pub days: Option<u32>,
    /// Bytes that takes.
    pub needed_bytes: u64,
    /// Bytes that are missing; 0 when the disks suffice.
    pub missing_bytes: u64,
}

/// Bytes that `days` of a camera take. The day of capture is not counted by the law, so one more day is always on the disk.
#[must_use]
pub fn needed_bytes(bytes_per_day: u64, days: u32) -> u64 {
    bytes_per_day.saturating_mul(u64::from(days) + 1)
}

/// Plans for every camera's own term and for each of `steps` days, for cameras of (bytes a day, own term in days).
#[must_use]
pub fn plans(cameras: &[(u64, u32)], capacity_bytes: u64, steps: &[u32]) -> Vec<Plan> {
    let own = std::iter::once(None).chain(steps.iter().copied().map(Some));
    own.map(|days| {
        let of = |(per_day, term): &(u64, u32)| needed_bytes(*per_day, days.unwrap_or(*term));
        let needed_bytes = cameras.iter().map(of).fold(0_u64, u64::saturating_add);
        Plan { days, needed_bytes, missing_bytes: needed_bytes.saturating_sub(capacity_bytes) }
    })
    .collect()
}

/// What a camera takes of the disks, and how long its footage will really stay.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Share {
    /// Bytes that its term takes.
    pub needed_bytes: u64,
    /// Bytes that are left for it.
    pub has_bytes: u64,
    /// Days that these hold, at most its term; `None` while nothing was measured.
    pub days: Option<f64>,
}

/// Shares of cameras of (bytes a day, own term in days, priority): when room is short the least important stops first, so the most
/// important have their term first, and those of one priority share what is left by what they need.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "days for people")]
pub fn shares(cameras: &[(u64, u32, u8)], capacity_bytes: u64) -> Vec<Share> {
    let need = |(per_day, term, _): &(u64, u32, u8)| needed_bytes(*per_day, *term);
    let mut priorities: Vec<u8> = cameras.iter().map(|c| c.2).collect();
    priorities.sort_unstable_by(|a, b| b.cmp(a));
    priorities.dedup();
    let mut out: Vec<_> = cameras.iter().map(|c| Share { needed_bytes: need(c), has_bytes: 0, days: None }).collect();
    let mut left = capacity_bytes;
    for priority in priorities {
        let of: Vec<usize> = (0..cameras.len()).filter(|i| cameras[*i].2 == priority).collect();
        let asked: u128 = of.iter().map(|i| u128::from(out[*i].needed_bytes)).sum();
        let had = left;
        for i in of {
            let needed = out[i].needed_bytes;
            let part = u128::from(needed) * u128::from(had) / asked.max(1);
            let has = u64::try_from(part).unwrap_or(u64::MAX).min(needed);
            left = left.saturating_sub(has);
            let (per_day, term, _) = cameras[i];
            // The day of capture is on the disk too, and does not count.
            let days = (has as f64 / per_day.max(1) as f64 - 1.0).clamp(0.0, f64::from(term));
            out[i] = Share { needed_bytes: needed, has_bytes: has, days: (per_day > 0).then_some(days) };
        }
    }
    out
}

/// Bytes a day of a camera that records without a break, from what it wrote and for how long; `None` below an hour of footage.
#[must_use]
pub fn bytes_per_day(bytes: u64, recorded_ms: i64) -> Option<u64> {
    let ms = u128::try_from(recorded_ms).ok().filter(|ms| *ms >= 3_600_000)?;
    u64::try_from(u128::from(bytes) * 86_400_000 / ms).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Now {
        Now { utc: UtcMs(i64::try_from(ms).unwrap()), mono: MonoMs(ms) }
    }

    #[test]
    fn a_disk_that_keeps_refusing_is_left_alone_longer_each_time() {
        let mut incident = Incident::begin(at(0));
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..9 {
            let begun = now;
            while !incident.may_try(at(now)) {
                now += 1_000;
            }
            waits.push((now - begun) / 1_000);
            incident.works(at(now));
            incident.failed(at(now));
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 600, 600, 600]);
        assert!(!incident.is_over(at(now + 10 * QUIET_MS)), "it was never seen to work");
    }

    #[test]
    fn forty_cameras_that_hear_of_one_fault_are_one_failure() {
        let mut incident = Incident::begin(at(1_000));
        for n in 0..40 {
            incident.failed(at(1_000 + n * 100));
        }
        assert_eq!(incident.failures, 1);
        assert!(incident.may_try(at(11_000)) && !incident.may_try(at(10_999)));
    }

    #[test]
    fn it_is_over_after_a_quiet_minute_and_a_relapse_is_the_same_incident() {
        let mut incident = Incident::begin(at(0));
        incident.works(at(10_000));
        assert!(!incident.is_closed() && !incident.is_over(at(10_000 + QUIET_MS - 1)));
        incident.failed(at(30_000));
        assert!(incident.is_closed() && incident.failures == 2);
        assert!(!incident.may_try(at(49_999)) && incident.may_try(at(50_000)));
        incident.works(at(50_000));
        incident.works(at(60_000));
        assert!(incident.is_over(at(50_000 + QUIET_MS)), "from the first of several good tries");
        assert_eq!(incident.since, UtcMs(0));
    }

    const ROOM: Room = Room {
        free_bytes: 1_000,
        reserve_bytes: 100,
        write_bytes_s: 1,
        state: DiskState::Active,
        works: true,
        pinned: false,
        min_priority: 0,
    };

    #[test]
    fn a_container_goes_where_room_lasts_longest() {
        let busy = Room { write_bytes_s: 10, ..ROOM };
        let small = Room { free_bytes: 200, ..ROOM };
        assert_eq!(placement(&[busy, ROOM, small], 5), [1, 2, 0], "100 s beat 90 s");
        let (full, empty) = (Room { free_bytes: 100, ..ROOM }, Room { free_bytes: 0, ..ROOM });
        assert_eq!(placement(&[empty, full, small], 5), [2, 1, 0], "below the reserve only when nothing else is left");
        assert_eq!(placement(&[ROOM, ROOM], 5), [0, 1], "the first of equals");
        assert_eq!(placement(&[], 5), [0_usize; 0]);
    }

    #[test]
    fn purpose_and_state_decide_before_room() {
        let pinned = Room { pinned: true, free_bytes: 150, ..ROOM };
        assert_eq!(placement(&[ROOM, pinned], 5), [1, 0]);
        let refuses = Room { works: false, pinned: true, ..ROOM };
        assert_eq!(placement(&[refuses, Room { free_bytes: 10, ..ROOM }], 5), [1, 0], "on one that works, at once");
        let important = Room { min_priority: 7, ..ROOM };
        assert_eq!(placement(&[important, ROOM], 6), [1]);
        assert_eq!(placement(&[important, Room { free_bytes: 500, ..ROOM }], 7), [0, 1]);
        for state in [DiskState::Drain, DiskState::Readonly] {
            assert_eq!(placement(&[Room { state, ..pinned }, ROOM], 9), [1]);
            assert_eq!(DiskState::parse(state.code()), Some(state));
        }
        assert_eq!(DiskState::parse("gone"), None);
    }

    #[test]
    fn what_is_missing_is_told_for_each_term() {
        // 40 cameras of 4 Mbit/s: 43.2 GB a day each.
        let cameras = [(43_200_000_000, 30); 40];
        let capacity = 60_000_000_000_000;
        let plans = plans(&cameras, capacity, &[30, 60, 90]);
        let needed: Vec<_> = plans.iter().map(|p| p.needed_bytes / 1_000_000_000).collect();
        assert_eq!(needed, [53_568, 53_568, 105_408, 157_248]);
        let missing: Vec<_> = plans.iter().map(|p| p.missing_bytes / 1_000_000_000).collect();
        assert_eq!(missing, [0, 0, 45_408, 97_248]);
        assert_eq!(plans[0].days, None);
        assert_eq!(super::plans(&[(u64::MAX, 90)], 0, &[])[0].needed_bytes, u64::MAX);
        assert_eq!(super::plans(&[], 5, &[30])[1].missing_bytes, 0);
    }

    #[test]
    fn the_important_have_their_term_first_and_equals_share() {
        let day = 1_000_000_000;
        // 31 days of one camera are 31 GB.
        let cameras = [(day, 30, 9), (2 * day, 30, 5), (day, 30, 5), (0, 30, 5), (day, 30, 1)];
        let days = |capacity| -> Vec<_> {
            shares(&cameras, capacity).iter().map(|s| s.days.map(|d| (d * 10.0).round() / 10.0)).collect()
        };
        assert_eq!(days(1_000 * day), [Some(30.0), Some(30.0), Some(30.0), None, Some(30.0)]);
        assert_eq!(
            days(124 * day),
            [Some(30.0), Some(30.0), Some(30.0), None, Some(0.0)],
            "nothing is left for the last"
        );
        assert_eq!(days(31 * day + 33 * day), [Some(30.0), Some(10.0), Some(10.0), None, Some(0.0)]);
        assert_eq!(days(0), [Some(0.0), Some(0.0), Some(0.0), None, Some(0.0)]);
        assert_eq!(shares(&[], 5), []);
        assert_eq!(shares(&[(u64::MAX, 90, 9)], u64::MAX)[0].has_bytes, u64::MAX);
    }

    #[test]
    fn a_rate_needs_an_hour_and_counts_recorded_time_only() {
        assert_eq!(bytes_per_day(1_800_000_000, 3_600_000), Some(43_200_000_000));
        assert_eq!(bytes_per_day(1, 3_599_999), None);
        assert_eq!((bytes_per_day(1, -5), bytes_per_day(0, 7_200_000)), (None, Some(0)));
    }

    proptest! {
        #[test]
        fn shares_never_exceed_the_disks_nor_the_need(
            cameras in prop::collection::vec((0_u64..1 << 50, 0_u32..400, 0_u8..10), 0..20),
            capacity in any::<u64>(),
        ) {
            let shares = shares(&cameras, capacity);
            prop_assert!(shares.iter().map(|s| u128::from(s.has_bytes)).sum::<u128>() <= u128::from(capacity));
            for (share, (_, term, priority)) in shares.iter().zip(&cameras) {
                prop_assert!(share.has_bytes <= share.needed_bytes);
                prop_assert!(share.days.is_none_or(|d| d <= f64::from(*term)));
                let short = share.has_bytes < share.needed_bytes;
                let lower = cameras.iter().zip(&shares).filter(|(c, _)| c.2 < *priority);
                prop_assert!(!short || lower.map(|(_, s)| s.has_bytes).sum::<u64>() <= 20, "rounding only");
            }
        }

        #[test]
        fn every_disk_that_may_be_used_is_tried_once(
            rooms in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>(), 0_u8..10), 0..8),
            priority in 0_u8..10,
        ) {
            let rooms: Vec<_> = rooms
                .iter()
                .map(|(free_bytes, reserve_bytes, write_bytes_s, works, min_priority)| Room {
                    free_bytes: *free_bytes,
                    reserve_bytes: *reserve_bytes,
                    write_bytes_s: *write_bytes_s,
                    works: *works,
                    min_priority: *min_priority,
                    ..ROOM
                })
                .collect();
            let mut order = placement(&rooms, priority);
            let works: Vec<_> = order.iter().map(|i| rooms[*i].works).collect();
            prop_assert!(works.is_sorted_by(|a, b| a >= b), "those that work first");
            order.sort_unstable();
            let want: Vec<_> = (0..rooms.len()).filter(|i| rooms[*i].min_priority <= priority).collect();
            prop_assert_eq!(order, want);
        }

        #[test]
        fn a_try_always_comes_and_never_later_than_the_longest_wait(failures in 0_u32..200) {
            let mut incident = Incident::begin(at(0));
            let mut now = 0;
            for _ in 0..failures {
                now += 10_000;
                incident.failed(at(now));
            }
            prop_assert!(incident.may_try(at(now + LONGEST_TRY_MS)));
            prop_assert!(!incident.may_try(at(now + FIRST_TRY_MS - 1)));
        }
    }
}
