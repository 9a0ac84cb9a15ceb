//! One media time for the tracks of a stream, out of 33-bit PES stamps that wrap, jump or are missing, and RTP timestamps.
//!
//! Stamps flow in, 64-bit 90 kHz times out. Invariants: times of one track never decrease; a jump of the stamps that the RTP
//! timestamps do not confirm becomes the step that they tell (or one frame), so that footage never has a false hole.

/// Farthest step that is taken as it stands, 90 kHz (10 s).
const STEP_90K: i64 = 900_000;
/// How well an RTP step must agree with a far PES step to confirm it, 90 kHz (2 s).
const AGREE_90K: i64 = 180_000;
/// Farthest RTP step that is believed, 90 kHz (1 h).
const RTP_STEP_90K: i64 = 90_000 * 3_600;
/// Step assumed when nothing tells: one frame at 25 pictures a second, 90 kHz.
const FRAME_90K: i64 = 3_600;
const WRAP: i64 = 1 << 33;

/// The tracks of a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Track {
    Video = 0,
    Audio = 1,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    stamp: i64,
    /// `None` after a restart: RTP times before and after have nothing to do with each other.
    rtp: Option<i64>,
    out: i64,
}

/// See the file's invariants.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    marks: [Option<Mark>; 2],
    floors: [Option<i64>; 2],
    jumps: u64,
}

impl Clock {
    /// Stamps that jumped and were put right.
    pub(super) const fn jumps(&self) -> u64 {
        self.jumps
    }

    /// The sender began anew: its RTP times start elsewhere.
    pub(super) fn restart(&mut self) {
        self.marks.iter_mut().flatten().for_each(|mark| mark.rtp = None);
    }

    /// Media time of a frame of `track` with PES stamp `stamp` (33 bits) in an RTP packet of unwrapped time `rtp`.
    pub(super) fn at(&mut self, track: Track, stamp: Option<u64>, rtp: i64) -> i64 {
        let stamp = stamp.map(|stamp| i64::try_from(stamp).unwrap_or(0) & (WRAP - 1));
        let index = track as usize;
        let mark = match self.marks[index].or(self.marks[1 - index]) {
            None => {
                let out = stamp.unwrap_or(rtp);
                Mark { stamp: out & (WRAP - 1), rtp: Some(rtp), out }
            }
            Some(from) => self.step(from, stamp, rtp),
        };
        self.marks[index] = Some(mark);
        let out = self.floors[index].map_or(mark.out, |floor| floor.max(mark.out));
        self.floors[index] = Some(out);
        out
    }

    fn step(&mut self, from: Mark, stamp: Option<i64>, rtp: i64) -> Mark {
        let rtp_step =
            from.rtp.map(|before| rtp.saturating_sub(before)).filter(|step| (0..=RTP_STEP_90K).contains(step));
        let told = rtp_step.unwrap_or(FRAME_90K);
        let rtp = Some(rtp);
        let Some(stamp) = stamp else {
            let out = from.out.saturating_add(told);
            return Mark { stamp: (from.stamp + told) & (WRAP - 1), rtp, out };
        };
        let ahead = (stamp - from.stamp) & (WRAP - 1);
        let step = if ahead >= WRAP / 2 { ahead - WRAP } else { ahead };
        let confirmed = rtp_step.is_some_and(|rtp_step| (step - rtp_step).abs() <= AGREE_90K);
        if step.abs() <= STEP_90K || confirmed {
            return Mark { stamp, rtp, out: from.out.saturating_add(step) };
        }
        self.jumps += 1;
        Mark { stamp, rtp, out: from.out.saturating_add(told) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wraps_jumps_and_gaps() {
        let mut clock = Clock::default();
        let near_wrap = (1_u64 << 33) - 1_800;
        assert_eq!(clock.at(Track::Video, Some(near_wrap), 0), (1 << 33) - 1_800);
        assert_eq!(clock.at(Track::Video, Some(1_800), 3_600), (1 << 33) + 1_800, "33-bit wrap");
        assert_eq!(clock.at(Track::Audio, Some(1_900), 3_600), (1 << 33) + 1_900, "tracks share the base");
        assert_eq!(clock.at(Track::Video, None, 7_200), (1 << 33) + 5_400, "missing: the RTP step");
        assert_eq!(clock.at(Track::Video, Some(5_000_000_000), 10_800), (1 << 33) + 9_000, "unconfirmed jump");
        assert_eq!(clock.jumps(), 1);
        let far = 5_000_000_000 + 60 * 90_000;
        assert_eq!(clock.at(Track::Video, Some(far), 10_800 + 60 * 90_000), (1 << 33) + 9_000 + 60 * 90_000, "a pause");
        assert_eq!(clock.jumps(), 1);
    }

    proptest! {
        #[test]
        fn times_of_a_track_never_decrease(stamps in prop::collection::vec((any::<bool>(), prop::option::of(any::<u64>()), any::<i64>()), 0..50)) {
            let mut clock = Clock::default();
            let mut last = [i64::MIN; 2];
            for (audio, stamp, rtp) in stamps {
                let track = if audio { Track::Audio } else { Track::Video };
                let out = clock.at(track, stamp, rtp / 4);
                prop_assert!(out >= last[track as usize]);
                last[track as usize] = out;
            }
        }
    }
}
