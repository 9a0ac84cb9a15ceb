//! The recorder's invariants, checked after every input.

use super::*;
use base::MonoMs;
use proptest::prelude::*;

const T0: i64 = 1_763_740_800_000;

fn at(ms: i64) -> Now {
    Now { utc: UtcMs(T0 + ms), mono: MonoMs(u64::try_from(ms).unwrap()) }
}

fn picture(key: bool, ms: i64) -> Input {
    Input::Frame(FrameMeta { video: true, key, pts_90k: ms * 90, bytes: 1000 })
}

/// 25 pictures a second, a key every 2 s, from `from_ms` to `to_ms`; returns all steps.
fn run(r: &mut Recorder, from_ms: i64, to_ms: i64) -> Vec<Step> {
    (from_ms..to_ms).step_by(40).flat_map(|ms| r.handle(picture(ms % 2000 == 0, ms), at(ms))).collect()
}

fn cuts(steps: &[Step]) -> Vec<Cut> {
    steps.iter().filter_map(|s| if let Step::CutFragment(c) = s { Some(*c) } else { None }).collect()
}

fn fresh() -> Recorder {
    let mut r = Recorder::new(None, GapCause::ServerDown, false);
    r.handle(Input::Config, at(0));
    r
}

#[test]
fn a_minute_gives_thirty_gops_and_spans_of_ten_seconds() {
    let mut r = fresh();
    let mut steps = run(&mut r, 0, 60_000);
    steps.extend(r.handle(Input::Stop(GapCause::ServerDown), at(60_000)));
    let cuts = cuts(&steps);
    assert_eq!(cuts.len(), 30);
    assert!(cuts.iter().all(|c| c.duration_90k == 180_000 && c.starts_with_key));
    assert_eq!(steps.iter().filter(|s| **s == Step::CutSpan).count(), 6);
    assert_eq!(steps.iter().filter(|s| matches!(s, Step::CloseGap { .. })).count(), 0);
    assert_eq!(cuts[29].start, UtcMs(T0 + 58_000));
    assert_eq!(r.last_end(), Some(UtcMs(T0 + 60_000)));
}

#[test]
fn nothing_is_recorded_before_the_first_key_picture() {
    let mut r = fresh();
    assert_eq!(r.handle(picture(false, 0), at(0)), vec![]);
    assert_eq!(r.handle(picture(true, 40), at(40)), vec![Step::OpenContainer { start: UtcMs(T0 + 40) }, Step::Push]);
}

#[test]
fn a_lost_packet_ends_the_fragment_and_names_the_gap() {
    let mut r = fresh();
    run(&mut r, 0, 2_600);
    let steps = r.handle(Input::Lost, at(2_600));
    assert_eq!(cuts(&steps)[0].duration_90k, 600 * 90);
    assert_eq!(r.handle(picture(false, 2_640), at(2_640)), vec![]);
    let steps = r.handle(picture(true, 4_000), at(4_000));
    assert_eq!(
        steps[1],
        Step::CloseGap { from: UtcMs(T0 + 2_600), to: UtcMs(T0 + 4_000), cause: GapCause::PacketLoss }
    );
}

#[test]
fn silence_opens_a_gap_and_the_next_picture_closes_it() {
    let mut r = fresh();
    run(&mut r, 0, 4_000);
    assert_eq!(r.handle(Input::Tick, at(8_900)), vec![]);
    let steps = r.handle(Input::Tick, at(8_960));
    assert_eq!(steps.last(), Some(&Step::OpenGap { from: UtcMs(T0 + 4_000), cause: GapCause::NoPackets }));
    assert!(steps.contains(&Step::Seal));
    assert_eq!(r.handle(Input::Tick, at(20_000)), vec![]);
    let steps = r.handle(picture(true, 30_000), at(30_000));
    assert_eq!(
        steps[0],
        Step::CloseGap { from: UtcMs(T0 + 4_000), to: UtcMs(T0 + 30_000), cause: GapCause::NoPackets }
    );
}

#[test]
fn after_a_restart_the_time_without_the_server_is_a_gap() {
    let mut r = Recorder::new(Some(UtcMs(T0 - 5_000)), GapCause::ServerDown, false);
    r.handle(Input::Config, at(0));
    let steps = r.handle(picture(true, 0), at(0));
    assert_eq!(steps[0], Step::CloseGap { from: UtcMs(T0 - 5_000), to: UtcMs(T0), cause: GapCause::ServerDown });
}

#[test]
fn a_server_clock_that_jumps_an_hour_forward_leaves_a_gap_with_that_cause() {
    let mut r = fresh();
    run(&mut r, 0, 4_000);
    let later = Now { utc: UtcMs(T0 + 4_000 + 3_600_000), mono: MonoMs(4_000) };
    let steps = r.handle(picture(true, 4_000), later);
    let gap = Step::CloseGap { from: UtcMs(T0 + 4_000), to: later.utc, cause: GapCause::ClockStep };
    assert!(steps.contains(&gap), "{steps:?}");
}

#[test]
fn a_server_clock_an_hour_back_after_a_restart_never_reorders_footage() {
    let mut r = Recorder::new(Some(UtcMs(T0 + 3_600_000)), GapCause::ServerDown, false);
    r.handle(Input::Config, at(0));
    let steps = run(&mut r, 0, 20_000);
    let cuts = cuts(&steps);
    assert!(cuts.iter().all(|c| c.start >= UtcMs(T0 + 3_600_000 - SLEW_MS)));
    assert!(cuts.windows(2).all(|w| w[1].start > w[0].start));
}

#[test]
fn a_stream_of_key_pictures_only_gives_half_second_fragments() {
    let mut r = fresh();
    let steps: Vec<_> = (0..10_000).step_by(40).flat_map(|ms| r.handle(picture(true, ms), at(ms))).collect();
    let cuts = cuts(&steps);
    assert_eq!(cuts.len(), 19);
    assert!(cuts.iter().all(|c| c.duration_90k == 520 * 90 && c.starts_with_key));
}

#[test]
fn a_gop_of_a_minute_is_cut_into_parts_that_continue() {
    let mut r = fresh();
    let steps: Vec<_> = (0..60_000).step_by(40).flat_map(|ms| r.handle(picture(ms == 0, ms), at(ms))).collect();
    let cuts = cuts(&steps);
    assert_eq!(cuts.len(), 5);
    assert!(cuts[0].starts_with_key && cuts[1..].iter().all(|c| !c.starts_with_key));
}

#[test]
fn containers_rotate_at_a_key_picture_after_twenty_minutes() {
    let mut r = fresh();
    let steps = run(&mut r, 0, 21 * 60_000);
    let opened: Vec<_> = steps
        .iter()
        .filter_map(|s| if let Step::OpenContainer { start } = s { Some(start.0 - T0) } else { None })
        .collect();
    assert_eq!(opened, vec![0, CONTAINER_MS]);
    assert_eq!(steps.iter().filter(|s| matches!(s, Step::CloseGap { .. })).count(), 0);
}

#[test]
fn a_device_clock_that_runs_fast_is_followed_without_gaps() {
    let mut r = fresh();
    let mut steps = Vec::new();
    for ms in (0..600_000).step_by(40) {
        // The device's media clock runs 200 ppm fast against the server's.
        let pts_ms = ms + ms / 5_000;
        let input = Input::Frame(FrameMeta { video: true, key: ms % 2000 == 0, pts_90k: pts_ms * 90, bytes: 1000 });
        steps.extend(r.handle(input, at(ms)));
    }
    assert!(!steps.iter().any(|s| matches!(s, Step::CloseGap { .. } | Step::OpenGap { .. })));
    let last = *cuts(&steps).last().unwrap();
    assert!((last.start.0 - T0 - 596_000).abs() < 100, "{last:?}");
}

proptest! {
    #[test]
    fn times_never_go_back_and_missing_time_is_always_a_gap(ops in proptest::collection::vec((0_u8..12, 1_i64..4_000), 1..300)) {
        let mut r = fresh();
        let mut ms = 0_i64;
        let mut pts = 0_i64;
        let mut end: Option<UtcMs> = None;
        let mut gap_to: Option<UtcMs> = None;
        let mut open = false;
        for (op, n) in ops {
            let step_ms = if op < 8 { 40 } else { n };
            ms += step_ms;
            pts += step_ms;
            let input = match op {
                0 | 9 => picture(true, pts),
                1..=7 => picture(false, pts),
                8 => Input::Lost,
                10 => { pts -= n * 3; picture(true, pts) }
                _ => if n % 3 == 0 { Input::Ended(GapCause::StreamEnded) } else { Input::Tick },
            };
            for step in r.handle(input, at(ms)) {
                match step {
                    Step::OpenContainer { .. } => { prop_assert!(!open); open = true; }
                    Step::Seal => { prop_assert!(open); open = false; }
                    Step::CloseGap { from, to, .. } => {
                        prop_assert!((from.0 - end.unwrap().0).abs() <= SLEW_MS + 1);
                        prop_assert!(to >= from);
                        gap_to = Some(to);
                    }
                    Step::CutFragment(c) => {
                        prop_assert!(open && c.duration_90k > 0);
                        if let Some(e) = end {
                            prop_assert!(c.start.0 >= e.0 - SLEW_MS - 1);
                            prop_assert!(c.start.since(e) <= GAP_MIN_MS + SLEW_MS || gap_to == Some(c.start));
                        }
                        end = Some(c.start.plus_ms(c.duration_90k / 90));
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn what_is_missing_since_the_start_is_not_the_servers_stop() {
    let back = |end: i64| Recorder::new(Some(UtcMs(T0 + end)), GapCause::ServerDown, false).started(at(0));
    // A camera that is there within the first half minute: one gap, of the stop.
    let mut r = back(-5_000);
    assert_eq!(r.handle(Input::Absent(GapCause::DeviceOffline), at(29_999)), vec![]);
    r.handle(Input::Config, at(29_999));
    let steps = r.handle(picture(true, 30_000), at(30_000));
    let closed = Step::CloseGap { from: UtcMs(T0 - 5_000), to: UtcMs(T0 + 30_000), cause: GapCause::ServerDown };
    assert_eq!(steps[0], closed);
    assert_eq!(r.handle(Input::Absent(GapCause::DeviceOffline), at(90_000)), vec![], "it has come");
    // One that is not: the stop ends at the start, and the rest has its own cause, told once.
    for first in [Input::Absent(GapCause::DeviceOffline), Input::Ended(GapCause::DeviceOffline)] {
        let mut r = back(-5_000);
        let split = Step::SplitGap { at: UtcMs(T0), cause: GapCause::DeviceOffline };
        assert_eq!(r.handle(first, at(30_000)), vec![split]);
        assert_eq!(r.handle(Input::Absent(GapCause::DeviceOffline), at(31_000)), vec![]);
        r.handle(Input::Config, at(60_000));
        let steps = r.handle(picture(true, 60_000), at(60_000));
        assert!(matches!(steps[0], Step::CloseGap { cause: GapCause::DeviceOffline, .. }), "{steps:?}");
    }
    // Footage that is ahead of the clock, and a camera that never recorded.
    let mut ahead = back(7_000);
    let split = Step::SplitGap { at: UtcMs(T0 + 7_000), cause: GapCause::NoPackets };
    assert_eq!(ahead.handle(Input::Absent(GapCause::NoPackets), at(30_000)), vec![split]);
    let mut new = Recorder::new(None, GapCause::ServerDown, false).started(at(0));
    assert_eq!(new.handle(Input::Absent(GapCause::DeviceOffline), at(90_000)), vec![]);
}

#[test]
fn a_stop_right_after_a_start_stays_one_gap() {
    let mut r = Recorder::new(Some(UtcMs(T0 - 5_000)), GapCause::ServerDown, false).started(at(0));
    let steps = r.handle(Input::Stop(GapCause::ServerDown), at(1_000));
    assert_eq!(steps, vec![Step::OpenGap { from: UtcMs(T0 - 5_000), cause: GapCause::ServerDown }]);
}
