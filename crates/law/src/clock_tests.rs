//! Counting: every case holds, every length is held by a case, and what is true of any count.

use crate::{
    ClockRun, Count, CountError, Counting, Deadline, Direction, Falls, Leg, Packs, Sense, Stop, StopCause, TermUnit,
    count,
};
use base::{CivilDate, ClauseId};
use proptest::prelude::*;
use std::sync::OnceLock;

fn packs() -> &'static Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    PACKS.get_or_init(|| Packs::embedded().unwrap_or_else(|e| panic!("{e}")))
}

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap_or_else(|| panic!("{text}"))
}

fn counting(id: &str) -> Counting {
    packs().counting(id).unwrap_or_else(|| panic!("{id}")).clone()
}

fn term(start: CivilDate, amount: u32, unit: TermUnit) -> Count {
    Count {
        start,
        legs: vec![Leg { amount, unit, clause: ClauseId::new("B-10-2") }],
        counting: counting("licensing"),
        sense: Sense::Within,
        direction: Direction::After,
        stops: Vec::new(),
    }
}

fn counted(what: &Count) -> Deadline {
    count(packs().calendar(), what).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn every_case_of_a_clock_holds() {
    let failures: Vec<_> = packs().run_clock_cases().iter().map(|f| format!("{}: {}", f.case, f.what)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(packs().clock_case_count() >= 130, "{}", packs().clock_case_count());
    for (case, clause) in packs().waiting_clock_cases() {
        assert!(packs().clause(&clause).is_none(), "{case} waits for {clause}, which is there");
    }
}

/// Makes one length longer or shorter by `by`; `false` where no pack holds the number.
fn lengthen(packs: &mut Packs, (procedure, clock, extension): (usize, usize, bool), by: i64) -> bool {
    let other = |n: u32| u32::try_from(i64::from(n) + by).unwrap();
    let clock = &mut packs.time.procedures[procedure].clocks[clock];
    let length = if extension { &mut clock.extend.as_mut().unwrap().length } else { &mut clock.length };
    if let Some(amount) = &mut length.amount {
        *amount = other(*amount);
        return true;
    }
    let Some((p, c)) = packs.index.get(&length.clause.0).copied() else { return false };
    let name = length.value.clone();
    let values = packs.packs[p].clauses[c].values.iter_mut().filter(|v| v.name == name);
    values.map(|value| value.amount = other(value.amount)).count() > 0
}

#[test]
fn a_case_holds_every_length() {
    let (mut free, mut held) = (Vec::new(), 0);
    let mut mutant = packs().clone();
    for (p, procedure) in packs().procedures().iter().enumerate() {
        for (c, clock) in procedure.clocks.iter().enumerate() {
            let lengths = clock.lengths().enumerate().filter(|(_, l)| !l.is_set_by_document());
            for (n, length) in lengths {
                let place = (p, c, n > 0);
                for by in [-1, 1] {
                    if !lengthen(&mut mutant, place, by) {
                        assert!(packs().clause(&length.clause).is_none(), "{} gives no number", length.clause);
                        continue;
                    }
                    held += 1;
                    if mutant.failing_clock_cases().next().is_none() {
                        free.push(format!("{} {} {by}", procedure.id, clock.id));
                    }
                    lengthen(&mut mutant, place, -by);
                }
            }
        }
    }
    assert!(mutant.run_clock_cases().is_empty(), "everything is back in its place");
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
    assert!(held >= 2, "{held}");
}

#[test]
fn a_case_holds_every_way_of_counting() {
    let mut free = Vec::new();
    let mut mutant = packs().clone();
    for (n, was) in packs().time.counting.iter().enumerate() {
        let mut changed = vec![
            Counting { last_day_moves: !was.last_day_moves, ..was.clone() },
            Counting { all_working: !was.all_working, ..was.clone() },
            Counting { working_up_to: if was.working_up_to == 0 { 11 } else { was.working_up_to - 1 }, ..was.clone() },
        ];
        changed.extend((0..was.working.len()).map(|k| {
            let mut less = was.clone();
            less.working.remove(k);
            less
        }));
        // Where all days are working days, the last one never moves and no number matters.
        changed.retain(|c| !c.all_working || !was.all_working);
        for change in changed {
            mutant.time.counting[n] = change.clone();
            if mutant.failing_clock_cases().next().is_none() {
                free.push(format!("{change:?}"));
            }
        }
        mutant.time.counting[n] = was.clone();
    }
    assert!(free.is_empty(), "no case holds:\n{}", free.join("\n"));
}

#[test]
fn the_steps_of_a_count_are_told_in_both_languages() {
    let deadline = counted(&term(day("2013-02-08"), 5, TermUnit::WorkingDays));
    assert_eq!(deadline.falls, Falls::On(day("2013-02-20")));
    let zh: Vec<_> = deadline.steps.iter().map(|s| s.zh.to_string()).collect();
    assert_eq!(
        zh,
        [
            "2013-02-08（星期五）起算，当日不计（AL-82）。",
            "期限5个工作日（B-10-2）。",
            "2013-02-09 至 2013-02-15：春节放假，不计。",
            "2013-02-16 至 2013-02-20：第1至第5个工作日（2013-02-16、2013-02-17 为调休上班日）。",
            "最后一日：2013-02-20（星期三）（含当日）。",
        ]
    );
    let en: Vec<_> = deadline.steps.iter().map(|s| s.en.to_string()).collect();
    assert_eq!(
        en,
        [
            "The clock starts on 2013-02-08 (Friday); that day is not counted (AL-82).",
            "The term is 5 working days (B-10-2).",
            "2013-02-09 to 2013-02-15: Spring Festival, not counted.",
            "2013-02-16 to 2013-02-20: working days 1 to 5 (2013-02-16, 2013-02-17 worked in exchange).",
            "The last day is 2013-02-20 (Wednesday), included.",
        ]
    );
    assert_eq!(deadline.length, [ClauseId::new("B-10-2")]);
    assert_eq!(deadline.counted_by, [ClauseId::new("AL-82")]);
}

#[test]
fn a_moved_last_day_and_a_missing_month_day_are_told() {
    let mut what = term(day("2024-08-31"), 6, TermUnit::Months);
    what.counting = counting("police_case");
    let told = counted(&what).steps.iter().map(|s| s.en.to_string()).collect::<Vec<_>>().join("\n");
    assert!(told.contains("2025-02-28 is the last day of its month, which has no day 31."), "{told}");
    what.legs[0].amount = 7;
    what.start = day("2024-03-04");
    let told = counted(&what).steps.iter().map(|s| s.zh.to_string()).collect::<Vec<_>>().join("\n");
    assert!(told.contains("第末日 2024-10-04 为国庆节休息，改为工作日 2024-10-08（PP-35）。"), "{told}");
}

#[test]
fn what_is_counted_again_keeps_what_was_said() {
    let what = term(day("2019-12-25"), 30, TermUnit::WorkingDays);
    let known = |on: &str| packs().calendar().as_known_on(day(on));
    let first = count(&known("2019-11-20"), &what).unwrap();
    assert_eq!(first.provisional, Some(2020));
    assert!(first.steps.last().unwrap().en.starts_with("Provisional: the holidays of 2020"));
    let second = first.recompute(&known("2019-12-25")).unwrap();
    let third = second.recompute(&known("2020-02-01")).unwrap();
    assert_eq!((second.provisional, third.provisional), (None, None));
    let days: Vec<_> = third.earlier.iter().map(|e| e.falls).collect();
    assert_eq!(days, [first.falls, second.falls]);
    assert!(first.day() < second.day() && second.day() < third.day(), "{days:?} {:?}", third.falls);
    assert_eq!(third.earlier[0].provisional, Some(2020));
    assert_eq!(third.earlier[1].edition, "国办发明电〔2019〕16号");
    // Nothing new was published: nothing is added.
    assert_eq!(third.recompute(&known("2020-02-02")).unwrap(), third);
    let mut many = first;
    for n in 0..100 {
        many = many.recompute(&known(if n % 2 == 0 { "2019-12-25" } else { "2020-02-01" })).unwrap();
    }
    assert_eq!(many.earlier.len(), 32);
}

#[test]
fn counting_has_limits() {
    let start = day("2025-03-03");
    let calendar = packs().calendar();
    for (amount, unit) in [(36_601, TermUnit::Days), (1_201, TermUnit::Months), (101, TermUnit::Years)] {
        assert_eq!(count(calendar, &term(start, amount, unit)).unwrap_err(), CountError::Length, "{unit:?}");
        assert!(count(calendar, &term(start, amount - 1, unit)).is_ok(), "{unit:?}");
    }
    let mut what = term(start, 10, TermUnit::Days);
    let stop = Stop { cause: StopCause::Testing, from: start, to: Some(start) };
    what.stops = vec![stop.clone(); 64];
    assert!(count(calendar, &what).is_ok());
    what.stops.push(stop);
    assert_eq!(count(calendar, &what).unwrap_err(), CountError::Stops);
    what.stops = vec![Stop { cause: StopCause::Testing, from: start, to: Some(start.plus_days(-1)) }];
    assert_eq!(count(calendar, &what).unwrap_err(), CountError::Stops);
    what.stops.clear();
    what.legs = vec![what.legs[0].clone(); 9];
    assert_eq!(count(calendar, &what).unwrap_err(), CountError::Length);
    what.legs.clear();
    assert_eq!(count(calendar, &what).unwrap_err(), CountError::Length);
    let mut back = term(start, 7, TermUnit::WorkingDays);
    back.direction = Direction::Before;
    back.stops = vec![Stop { cause: StopCause::Hearing, from: start, to: None }];
    assert_eq!(count(calendar, &back).unwrap_err(), CountError::StopBefore);
    // A long count is summed up, not told day by day.
    assert!(counted(&term(start, 2_000, TermUnit::WorkingDays)).steps.len() < 10);
}

#[test]
fn a_clock_gives_its_ground_and_what_follows() {
    let on = day("2025-09-01");
    let mut run = ClockRun::from(on);
    run.set = Some(30);
    let due = packs().clock_due("inspection_a", "correct", &run, on).unwrap();
    assert_eq!(due.deadline.day(), Some(day("2025-10-09")), "1 October is off, the ninth is the first day worked");
    assert!(due.deadline.counting_default && due.default.is_none());
    assert!(due.over.en.contains("penalty"));
    let none = packs().clock_due("inspection_a", "none", &run, on).unwrap_err().text();
    let both = (none.zh.as_ref(), none.en.as_ref());
    assert_eq!(both, ("这一程序没有这一期限。", "The procedure has no such time limit."));
    let early = packs().clock_due("product_registration", "decide", &run, on).unwrap_err().text();
    assert!(early.zh.contains("2012-11-01 至 2016-02-03") && early.en.contains("until 2016-02-03"), "{early:?}");
    run.stops = vec![Stop { cause: StopCause::Hearing, from: on, to: None }];
    let stop = packs().clock_due("inspection_a", "correct", &run, on).unwrap_err().text();
    assert!(stop.zh.contains("听证") && stop.en.ends_with("stand still for: hearing."), "{stop:?}");
    assert!(packs().clock_due("none", "correct", &run, on).is_err());
}

fn any_day() -> impl Strategy<Value = CivilDate> {
    (0..5_000).prop_map(|n| day("2012-01-01").plus_days(n))
}

fn any_stops() -> impl Strategy<Value = Vec<Stop>> {
    let stop = (any_day(), 0..40).prop_map(|(from, days)| Stop {
        cause: StopCause::Testing,
        from,
        to: Some(from.plus_days(days)),
    });
    prop::collection::vec(stop, 0..6)
}

proptest! {
    #[test]
    fn counting_forward_and_back_agree(start in any_day(), n in 1_u32..120) {
        let due = counted(&term(start, n, TermUnit::WorkingDays)).day().unwrap();
        prop_assert!(packs().calendar().is_working(due));
        let back = packs().calendar().working_days_before(due, n);
        prop_assert_eq!(back, packs().calendar().working_until(start));
        let mut before = term(due, n, TermUnit::WorkingDays);
        before.direction = Direction::Before;
        prop_assert_eq!(counted(&before).day().unwrap(), back);
    }

    #[test]
    fn just_the_days_that_count_are_counted(start in any_day(), n in 1_u32..60, stops in any_stops()) {
        let mut what = term(start, n, TermUnit::WorkingDays);
        what.stops = stops.clone();
        let due = counted(&what).day().unwrap();
        let still = |d: CivilDate| stops.iter().any(|s| s.from <= d && s.to.is_some_and(|to| d <= to));
        let between = (1..4_000).map(|k| start.plus_days(k)).take_while(|d| *d <= due);
        let counted_days = between.filter(|d| packs().calendar().is_working(*d) && !still(*d)).count();
        prop_assert_eq!(counted_days, usize::try_from(n).unwrap());
        prop_assert!(!still(due));
        prop_assert!(due >= counted(&term(start, n, TermUnit::WorkingDays)).day().unwrap());
    }

    #[test]
    fn a_later_start_or_a_longer_term_never_ends_earlier(
        start in any_day(), later in 0..40, n in 0_u32..100, more in 0_u32..40, unit in 0..4_usize,
    ) {
        let unit = [TermUnit::Days, TermUnit::WorkingDays, TermUnit::Months, TermUnit::Years][unit];
        let mut counts = Vec::new();
        for (s, k) in [(start, n), (start.plus_days(later), n), (start, n + more)] {
            let mut what = term(s, k.min(90), unit);
            what.counting = counting("police_case");
            counts.push(counted(&what).day().unwrap());
        }
        prop_assert!(counts[0] <= counts[1] && counts[0] <= counts[2], "{:?}", counts);
    }

    #[test]
    fn any_count_ends_in_a_day_or_an_error(
        start in any_day(), amount in any::<u32>(), small in 0_u32..500, big in any::<bool>(), unit in 0..6_usize,
        back in any::<bool>(), wait in any::<bool>(), open in any::<bool>(), mut stops in any_stops(),
    ) {
        let units = [TermUnit::AtOnce, TermUnit::Hours, TermUnit::Days, TermUnit::WorkingDays, TermUnit::Months, TermUnit::Years];
        let mut what = term(start, if big { amount } else { small }, units[unit]);
        if open {
            stops.push(Stop { cause: StopCause::Hearing, from: start.plus_days(3), to: None });
        }
        what.stops = stops;
        what.direction = if back { Direction::Before } else { Direction::After };
        what.sense = if wait { Sense::AtLeast } else { Sense::Within };
        if let Ok(deadline) = count(packs().calendar(), &what) {
            prop_assert!(deadline.steps.len() < 60);
            let again = deadline.recompute(packs().calendar()).unwrap();
            prop_assert_eq!(&again.falls, &deadline.falls);
            match deadline.falls {
                Falls::On(due) => {
                    let right_way = if back { due <= start } else { due >= start };
                    prop_assert!(right_way);
                }
                Falls::Stopped { left, .. } => prop_assert!(left > 0 && open),
            }
        }
    }
}
