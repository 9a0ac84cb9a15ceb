//! Scopes of copies: what one export covers, its digest, and how a request too long for one file is cut into parts.
//!
//! ```text
//! cameras × time asked for, weight of every hour ─▶ parts ─▶ one export each
//! ```
//!
//! Always true: the parts cover every camera and every millisecond asked for exactly once; each fits what one file may hold,
//! unless a single hour of a single camera does not; the same question gives the same parts.

use base::{CameraId, Sha256, UtcMs};
use serde::{Deserialize, Serialize};

/// Length of the steps in which a camera is cut, ms.
pub const HOUR_MS: i64 = 3_600_000;

/// What one export covers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Scope {
    /// Cameras, in order of their ids, each once.
    pub cameras: Vec<CameraId>,
    /// Begin.
    pub from: UtcMs,
    /// End.
    pub to: UtcMs,
}

impl Scope {
    /// A scope; cameras are put in order and named once.
    #[must_use]
    pub fn new(mut cameras: Vec<CameraId>, from: UtcMs, to: UtcMs) -> Self {
        cameras.sort_unstable();
        cameras.dedup();
        Self { cameras, from, to }
    }

    /// Names the scope: equal for the same cameras and minutes, however they were given.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        let mut text = format!("jifang export scope v1\n{}\n{}\n", self.from.0, self.to.0);
        for camera in &self.cameras {
            text.push_str(&camera.to_string());
            text.push('\n');
        }
        Sha256::of(text.as_bytes())
    }
}

/// How heavy a stretch of footage is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weight {
    /// Ledger entries of footage.
    pub entries: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Weight {
    const fn plus(self, other: Self) -> Self {
        Self { entries: self.entries.saturating_add(other.entries), bytes: self.bytes.saturating_add(other.bytes) }
    }

    const fn within(self, most: Self) -> bool {
        self.entries <= most.entries && self.bytes <= most.bytes
    }
}

/// One camera's footage, hour by hour from the begin of the range; hours that are not named hold nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hours {
    /// Whose.
    pub camera: CameraId,
    /// Weight of the hour that begins so many hours after the begin of the range.
    pub hours: Vec<Weight>,
}

impl Hours {
    fn of(&self, hour: usize) -> Weight {
        self.hours.get(hour).copied().unwrap_or_default()
    }

    /// Of hours `from..to`. A cut in time may run through one entry: it then belongs to both sides.
    fn sum(&self, from: usize, to: usize) -> Weight {
        let edge = Weight { entries: 1, bytes: 0 };
        (from..to).fold(edge, |sum, hour| sum.plus(self.of(hour)))
    }
}

/// A part and what it weighs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// What it covers.
    pub scope: Scope,
    /// About how heavy it is.
    pub weight: Weight,
}

/// Cuts [from, to) of `cameras` into parts of at most `most`: whole cameras together as long as they fit, a camera that is too
/// heavy alone by hours. An empty list for an empty question.
#[must_use]
pub fn parts(cameras: &[Hours], from: UtcMs, to: UtcMs, most: Weight) -> Vec<Part> {
    let length_ms = to.since(from);
    if length_ms <= 0 {
        return Vec::new();
    }
    let count = usize::try_from((length_ms + HOUR_MS - 1) / HOUR_MS).unwrap_or(usize::MAX);
    let mut cameras: Vec<&Hours> = cameras.iter().collect();
    cameras.sort_unstable_by_key(|c| c.camera);
    cameras.dedup_by_key(|c| c.camera);
    let (mut out, mut open): (Vec<Part>, Option<Part>) = (Vec::new(), None);
    for hours in cameras {
        let whole = hours.sum(0, count);
        if !whole.within(most) {
            out.extend(open.take());
            out.extend(by_hours(hours, from, to, count, most));
            continue;
        }
        match &mut open {
            Some(part) if part.weight.plus(whole).within(most) => {
                part.scope.cameras.push(hours.camera);
                part.weight = part.weight.plus(whole);
            }
            _ => {
                out.extend(open.take());
                open = Some(Part { scope: Scope::new(vec![hours.camera], from, to), weight: whole });
            }
        }
    }
    out.extend(open);
    out
}

/// One camera cut at whole hours after the begin.
fn by_hours(hours: &Hours, from: UtcMs, to: UtcMs, count: usize, most: Weight) -> Vec<Part> {
    let edge = |hour: usize| {
        let ms = i64::try_from(hour).unwrap_or(i64::MAX).saturating_mul(HOUR_MS);
        from.plus_ms(ms).min(to)
    };
    let mut out = Vec::new();
    let mut first = 0;
    while first < count {
        let mut end = first + 1;
        while end < count && hours.sum(first, end + 1).within(most) {
            end += 1;
        }
        let scope = Scope::new(vec![hours.camera], edge(first), edge(end));
        out.push(Part { scope, weight: hours.sum(first, end) });
        first = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOST: Weight = Weight { entries: 1_000, bytes: 1_000_000 };

    fn camera(n: u8) -> CameraId {
        CameraId::from_bytes([n; 16])
    }

    fn hours(n: u8, entries: &[u64]) -> Hours {
        Hours { camera: camera(n), hours: entries.iter().map(|e| Weight { entries: *e, bytes: e * 10 }).collect() }
    }

    fn cut(cameras: &[Hours], count: i64) -> Vec<(Vec<u8>, i64, i64)> {
        let list = parts(cameras, UtcMs(0), UtcMs(count * HOUR_MS), MOST);
        let byte = |c: &CameraId| c.bytes()[0];
        list.into_iter()
            .map(|p| (p.scope.cameras.iter().map(byte).collect(), p.scope.from.0 / HOUR_MS, p.scope.to.0 / HOUR_MS))
            .collect()
    }

    #[test]
    fn what_fits_is_one_part_and_one_entry_more_is_two() {
        // Each camera counts one entry for the edge of the range.
        assert_eq!(cut(&[hours(1, &[499]), hours(2, &[499])], 1), [(vec![1, 2], 0, 1)]);
        assert_eq!(cut(&[hours(1, &[499]), hours(2, &[500])], 1), [(vec![1], 0, 1), (vec![2], 0, 1)]);
        assert_eq!(cut(&[hours(1, &[500, 499])], 2), [(vec![1], 0, 2)]);
        assert_eq!(cut(&[hours(1, &[500, 500])], 2), [(vec![1], 0, 1), (vec![1], 1, 2)]);
    }

    #[test]
    fn bytes_cut_as_entries_do() {
        let heavy = |n| Hours { camera: camera(n), hours: vec![Weight { entries: 1, bytes: 500_000 }] };
        assert_eq!(cut(&[heavy(1), heavy(2), heavy(3)], 1), [(vec![1, 2], 0, 1), (vec![3], 0, 1)]);
        let over = Hours { camera: camera(1), hours: vec![Weight { entries: 1, bytes: 500_001 }; 2] };
        assert_eq!(cut(&[over], 2), [(vec![1], 0, 1), (vec![1], 1, 2)]);
    }

    #[test]
    fn a_heavy_camera_is_cut_by_hours_and_the_light_ones_stay_together() {
        let list = [hours(1, &[10; 4]), hours(2, &[600; 4]), hours(3, &[10; 4])];
        let want =
            [(vec![1], 0, 4), (vec![2], 0, 1), (vec![2], 1, 2), (vec![2], 2, 3), (vec![2], 3, 4), (vec![3], 0, 4)];
        assert_eq!(cut(&list, 4), want);
    }

    #[test]
    fn an_hour_too_heavy_for_any_file_is_a_part_of_its_own() {
        assert_eq!(cut(&[hours(1, &[5, 5_000, 5])], 3), [(vec![1], 0, 1), (vec![1], 1, 2), (vec![1], 2, 3)]);
    }

    #[test]
    fn nothing_asked_is_no_part_and_no_footage_is_one() {
        assert!(parts(&[hours(1, &[1])], UtcMs(5), UtcMs(5), MOST).is_empty());
        assert!(parts(&[hours(1, &[1])], UtcMs(5), UtcMs(4), MOST).is_empty());
        assert!(parts(&[], UtcMs(0), UtcMs(9), MOST).is_empty());
        // Silence is exported too: as the list of what is missing.
        assert_eq!(parts(&[hours(1, &[])], UtcMs(0), UtcMs(9), MOST).len(), 1);
    }

    #[test]
    fn a_broken_last_hour_ends_where_the_request_ends() {
        let to = UtcMs(HOUR_MS + 1);
        let list = parts(&[hours(1, &[900, 900])], UtcMs(0), to, MOST);
        assert_eq!(
            list.iter().map(|p| (p.scope.from.0, p.scope.to.0)).collect::<Vec<_>>(),
            [(0, HOUR_MS), (HOUR_MS, to.0)]
        );
    }

    #[test]
    fn a_scope_is_named_by_what_it_covers() {
        let of = |cameras: &[u8], from, to| {
            Scope::new(cameras.iter().map(|n| camera(*n)).collect(), UtcMs(from), UtcMs(to)).digest()
        };
        assert_eq!(of(&[2, 1, 2], 0, 9), of(&[1, 2], 0, 9));
        for other in [of(&[1], 0, 9), of(&[1, 2], 1, 9), of(&[1, 2], 0, 8), of(&[1, 3], 0, 9), of(&[], 0, 9)] {
            assert_ne!(of(&[1, 2], 0, 9), other);
        }
    }

    proptest! {
        #[test]
        fn parts_cover_everything_once_and_fit(
            weights in prop::collection::vec(prop::collection::vec((0_u64..700, 0_u64..700_000), 0..30), 1..9),
            length_ms in 1..30 * HOUR_MS,
            start in 0..1_000_000_000_i64,
        ) {
            let cameras: Vec<_> = weights.iter().zip(1..).map(|(hours, n)| Hours {
                camera: camera(n),
                hours: hours.iter().map(|(entries, bytes)| Weight { entries: *entries, bytes: *bytes }).collect(),
            }).collect();
            let (from, to) = (UtcMs(start), UtcMs(start + length_ms));
            let list = parts(&cameras, from, to, MOST);
            for one in &cameras {
                let mut at = from;
                for part in list.iter().filter(|p| p.scope.cameras.contains(&one.camera)) {
                    prop_assert_eq!(part.scope.from, at);
                    prop_assert!(part.scope.to > at);
                    at = part.scope.to;
                }
                prop_assert_eq!(at, to);
            }
            for part in &list {
                let alone = part.scope.cameras.len() == 1 && part.scope.to.since(part.scope.from) <= HOUR_MS;
                prop_assert!(part.weight.within(MOST) || alone);
            }
            prop_assert_eq!(list, parts(&cameras, from, to, MOST));
        }
    }
}
