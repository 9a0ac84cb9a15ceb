//! From a stream's media time to RTP times and to the moments that sender reports name.
//!
//! Frames' 90 kHz times flow in, RTP times flow out, both tracks of a camera on one line, so that a browser keeps sound and
//! picture together. Invariants: RTP times of pictures always grow; those of sound are continuous while the camera's are, within
//! `SOUND_SLACK`; a moment is never in the future (the RTP stack would report none).

use std::time::{Duration, Instant};

/// A jump of a camera's media time beyond this is a new stream, 90 kHz ticks (10 s).
const JUMP_90K: i64 = 900_000;
/// Sound whose time is off by no more than this is taken as continuous, samples (50 ms).
const SOUND_SLACK: i64 = 400;
/// Pictures of the past are shown this far apart, 90 kHz ticks (1 ms): a new viewer is at the present at once.
const PAST_STEP_90K: i64 = 90;

/// The time line of one viewer.
#[derive(Debug)]
pub(super) struct Times {
    /// RTP time minus media time, 90 kHz ticks.
    offset_90k: i64,
    /// Newest media time and when it came.
    newest: Option<(i64, Instant)>,
    /// RTP time of the newest picture.
    picture_90k: Option<i64>,
    /// RTP time after the newest sound, samples.
    sound_end: Option<i64>,
    /// An RTP time (90 kHz) and the moment it stands for.
    origin: Option<(i64, Instant)>,
}

impl Times {
    /// A line that begins at `start_90k`, a random number (RFC 3550 section 5.1).
    pub(super) fn new(start_90k: u32) -> Self {
        // Far from zero, so that pictures of the past and streams that begin below zero stay above it.
        let offset_90k = i64::from(start_90k) + (1 << 40);
        Self { offset_90k, newest: None, picture_90k: None, sound_end: None, origin: None }
    }

    /// RTP time of media time `pts_90k` that is the present, 90 kHz. A jump becomes a step of the time that went by.
    fn present(&mut self, pts_90k: i64, now: Instant) -> i64 {
        if let Some((newest, at)) = self.newest {
            let went_by = ticks(now.saturating_duration_since(at));
            let expected = newest.saturating_add(went_by);
            if pts_90k.saturating_sub(expected).saturating_abs() > JUMP_90K {
                self.offset_90k = expected.saturating_add(self.offset_90k).saturating_sub(pts_90k);
                self.origin = None;
            }
        } else {
            self.offset_90k = self.offset_90k.saturating_sub(pts_90k);
        }
        self.newest = Some((pts_90k, now));
        let rtp = pts_90k.saturating_add(self.offset_90k);
        self.remember(rtp, now);
        rtp
    }

    /// RTP time (90 kHz) of a picture of the present.
    pub(super) fn picture(&mut self, pts_90k: i64, now: Instant) -> i64 {
        let rtp = self.present(pts_90k, now);
        let rtp = self.picture_90k.map_or(rtp, |last| rtp.max(last + 1));
        self.picture_90k = Some(rtp);
        rtp
    }

    /// RTP time (90 kHz) of the first of `count` pictures of the past, and ticks between them; the last one has `pts_90k` and is
    /// the newest there is.
    pub(super) fn past(&mut self, pts_90k: i64, count: usize, now: Instant) -> (i64, i64) {
        let end = self.present(pts_90k, now);
        let count = i64::try_from(count).unwrap_or(0);
        let start = end - (count - 1).max(0) * PAST_STEP_90K;
        match self.picture_90k {
            // Shown again after a loss: what is left between the newest picture sent and now.
            Some(last) if last >= start => {
                let step = ((end - last) / count.max(1)).clamp(1, PAST_STEP_90K);
                (last + step, step)
            }
            _ => (start, PAST_STEP_90K),
        }
    }

    /// Says that a picture of the past was sent with `rtp_90k`.
    pub(super) fn sent(&mut self, rtp_90k: i64) {
        self.picture_90k = Some(self.picture_90k.map_or(rtp_90k, |last| last.max(rtp_90k)));
    }

    /// RTP time (8 kHz) of a run of `samples`.
    pub(super) fn sound(&mut self, pts_90k: i64, samples: usize, now: Instant) -> i64 {
        let rtp = self.present(pts_90k, now).saturating_mul(4).div_euclid(45);
        let rtp = match self.sound_end {
            Some(end) if (rtp - end).abs() <= SOUND_SLACK => end,
            // Behind what was sent: a receiver would throw it away.
            Some(end) if rtp < end => end,
            _ => rtp,
        };
        self.sound_end = Some(rtp + i64::try_from(samples).unwrap_or(0));
        rtp
    }

    /// The moment that RTP time `rtp_90k` stands for, not after `now`.
    pub(super) fn moment(&self, rtp_90k: i64, now: Instant) -> Instant {
        let Some((origin, at)) = self.origin else { return now };
        shifted(at, rtp_90k.saturating_sub(origin)).map_or(now, |moment| moment.min(now))
    }

    /// Keeps the line of least delay: a frame that came sooner than the line says moves it.
    fn remember(&mut self, rtp_90k: i64, now: Instant) {
        let moment = self.origin.and_then(|(origin, at)| shifted(at, rtp_90k.saturating_sub(origin)));
        if moment.is_none_or(|moment| moment > now) {
            self.origin = Some((rtp_90k, now));
        }
    }
}

/// Sound's RTP time (8 kHz) as 90 kHz.
pub(super) fn of_sound(rtp_8k: i64) -> i64 {
    rtp_8k.saturating_mul(45) / 4
}

/// The 32 bits that go into the packet.
pub(super) fn wire(rtp: i64) -> u32 {
    u32::try_from(rtp & 0xffff_ffff).unwrap_or(0)
}

fn ticks(time: Duration) -> i64 {
    i64::try_from(time.as_micros() * 9 / 100).unwrap_or(i64::MAX / 4)
}

fn shifted(at: Instant, by_90k: i64) -> Option<Instant> {
    let by = Duration::from_micros(by_90k.unsigned_abs().saturating_mul(100) / 9);
    if by_90k < 0 { at.checked_sub(by) } else { at.checked_add(by) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn live_pictures_keep_the_cameras_spacing_and_always_grow() {
        let (mut times, t0) = (Times::new(7), Instant::now());
        let first = times.picture(1_000, t0);
        assert_eq!(wire(first), 7);
        assert_eq!(times.picture(4_600, t0 + 40 * MS) - first, 3_600);
        assert_eq!(times.picture(4_600, t0 + 41 * MS) - first, 3_601);
        assert_eq!(times.picture(4_000, t0 + 42 * MS) - first, 3_602);
    }

    #[test]
    fn a_stream_that_begins_anew_goes_on_after_the_time_that_went_by() {
        let (mut times, t0) = (Times::new(0), Instant::now());
        let first = times.picture(90_000_000, t0);
        assert_eq!(times.picture(0, t0 + 2_000 * MS) - first, 180_000);
        assert_eq!(times.picture(3_600, t0 + 2_040 * MS) - first, 183_600);
        assert_eq!(times.picture(i64::MAX, t0 + 3_000 * MS) - first, 270_000);
    }

    #[test]
    fn the_past_is_shown_quickly_and_ends_at_the_present() {
        let (mut times, t0) = (Times::new(0), Instant::now());
        let (start, step) = times.past(90_000, 50, t0);
        assert_eq!(step, 90);
        (0..50).for_each(|i| times.sent(start + i * step));
        let last = start + 49 * step;
        assert_eq!(times.picture(93_600, t0 + 40 * MS) - last, 3_600);
        // Once more, with no room between: still growing.
        let (again, step) = times.past(93_600, 51, t0 + 41 * MS);
        assert_eq!((again - last, step), (3_601, 1));
        (0..51).for_each(|i| times.sent(again + i * step));
        assert_eq!(times.picture(97_200, t0 + 80 * MS) - last, 7_200);
    }

    #[test]
    fn sound_is_continuous_through_rounding_and_jumps_over_a_hole() {
        let (mut times, t0) = (Times::new(0), Instant::now());
        let first = times.sound(0, 320, t0);
        assert_eq!(times.sound(3_605, 320, t0 + 40 * MS) - first, 320);
        assert_eq!(times.sound(7_190, 320, t0 + 80 * MS) - first, 640);
        assert_eq!(times.sound(90_000, 320, t0 + 1_000 * MS) - first, 8_000);
    }

    #[test]
    fn sound_and_picture_of_one_time_stand_for_one_moment() {
        let (mut times, t0) = (Times::new(99), Instant::now());
        let picture = times.picture(90_000, t0);
        // Sound of the same moment comes 60 ms later: the line stays where it was.
        let sound = times.sound(90_000, 320, t0 + 60 * MS);
        let (a, b) = (times.moment(picture, t0 + 60 * MS), times.moment(of_sound(sound), t0 + 60 * MS));
        assert!(a.max(b) - a.min(b) < MS, "{:?}", a.max(b) - a.min(b));
        assert!(times.moment(picture + 900_000, t0 + 60 * MS) <= t0 + 60 * MS);
    }

    proptest::proptest! {
        #[test]
        fn any_times_are_taken_and_pictures_grow(steps in proptest::collection::vec((proptest::prelude::any::<i64>(), 0_u64..20_000), 1..40)) {
            let (mut times, t0) = (Times::new(u32::MAX), Instant::now());
            let (mut at, mut last) = (t0, None);
            for (pts, ms) in steps {
                at += MS * u32::try_from(ms).unwrap();
                let rtp = times.picture(pts, at);
                proptest::prop_assert!(last.is_none_or(|last| rtp > last));
                proptest::prop_assert!(times.moment(rtp, at) <= at);
                last = Some(rtp);
            }
        }
    }
}
