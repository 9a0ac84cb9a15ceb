//! The calendar against a second source, and the defects it must find.

use crate::PackError;
use crate::workday::{DayKind, WorkCalendar};
use base::CivilDate;
use std::collections::{BTreeMap, BTreeSet};

type Files = BTreeMap<String, String>;

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap_or_else(|| panic!("{text}"))
}

fn files() -> Files {
    crate::embedded::files().into_iter().filter(|(path, _)| path.starts_with("workdays/")).collect()
}

fn read(files: &Files) -> Result<WorkCalendar, PackError> {
    WorkCalendar::read(files, &[6, 7], 3)
}

fn calendar() -> WorkCalendar {
    read(&files()).unwrap_or_else(|e| panic!("{e}"))
}

/// Days off and weekend days worked, as the second source has them.
struct Second {
    off: BTreeSet<CivilDate>,
    worked: BTreeSet<CivilDate>,
}

fn second() -> Second {
    let mut second = Second { off: BTreeSet::new(), worked: BTreeSet::new() };
    for line in include_str!("../tests/workdays-second-source.txt").lines().filter(|l| !l.starts_with('#')) {
        let (year, rest) = line.split_once(" off ").unwrap();
        let (off, worked) = rest.split_once(" on ").unwrap();
        let at = |md: &str| day(&format!("{year}-{}-{}", &md[..2], &md[2..]));
        for range in off.split(' ') {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            let (mut d, to) = (at(from), at(to));
            while d <= to {
                second.off.insert(d);
                d = d.plus_days(1);
            }
        }
        second.worked.extend(worked.split(' ').map(at));
    }
    second
}

fn every_day() -> impl Iterator<Item = CivilDate> {
    let (first, last) = (day("2012-01-01"), day("2026-12-31"));
    (0..6_000).map(move |n| first.plus_days(n)).take_while(move |d| *d <= last)
}

/// Weekend days that one source counts into a holiday and the other leaves as a weekend: no difference for anybody who works. Settled
/// by the notices: 2012 "22 to 24 June", 2015 "3 to 5 September" name them; the others say "joined with the weekend" and do not.
const WEEKENDS_NAMED_BY_ONE: [&str; 11] = [
    "2012-06-23",
    "2014-04-06",
    "2015-09-05",
    "2019-04-06",
    "2019-04-07",
    "2019-06-08",
    "2019-06-09",
    "2019-09-14",
    "2019-09-15",
    "2023-12-30",
    "2023-12-31",
];

/// What differs between the calendar and the second source: days worked, and days that only one of them calls a holiday.
fn differences(
    calendar: &WorkCalendar,
    second: &Second,
    days: impl Iterator<Item = CivilDate>,
) -> (Vec<String>, Vec<String>) {
    let (mut worked, mut named) = (Vec::new(), Vec::new());
    for d in days {
        let weekend = d.0.weekday().to_monday_one_offset() > 5;
        let works = second.worked.contains(&d) || (!weekend && !second.off.contains(&d));
        if works != calendar.is_working(d) {
            worked.push(d.to_string());
        }
        let kind = calendar.day(d);
        let differs = matches!(kind, DayKind::Holiday(_)) != second.off.contains(&d)
            || matches!(kind, DayKind::WorkedInExchange(_)) != second.worked.contains(&d);
        if differs {
            named.push(d.to_string());
        }
    }
    (worked, named)
}

#[test]
fn every_day_of_fifteen_years_is_worked_or_not_as_the_second_source_says() {
    let calendar = calendar();
    assert_eq!(every_day().count(), 5_479);
    assert_eq!(calendar.years(), Some((2012, 2026)));
    let (worked, named) = differences(&calendar, &second(), every_day());
    assert!(worked.is_empty(), "{worked:?}");
    assert_eq!(named, WEEKENDS_NAMED_BY_ONE);
}

/// Every text that differs from `text` by one date moved by `by` days: dates on lines that begin with one of `keys`.
fn shifted(text: &str, keys: &[&str], by: i32) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, line)| keys.iter().any(|key| line.starts_with(key))) {
        for (at, _) in line.match_indices("\"20") {
            let date = &line[at + 1..at + 11];
            let moved = line.replace(date, &day(date).plus_days(by).to_string());
            let lines = text.lines().enumerate().map(|(m, old)| if m == n { moved.as_str() } else { old });
            all.push((lines.collect::<Vec<_>>().join("\n"), format!("{line} by {by}")));
        }
    }
    all
}

/// Both ends of each holiday moved together.
fn spans_shifted(text: &str, by: i32) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| line.starts_with("from = "));
    starts
        .map(|(n, line)| {
            let mut moved: Vec<String> = lines.iter().map(ToString::to_string).collect();
            for at in [n, n + 1] {
                let date = moved[at].split('"').nth(1).unwrap().to_owned();
                moved[at] = moved[at].replace(&date, &day(&date).plus_days(by).to_string());
            }
            (moved.join("\n"), format!("span {line} by {by}"))
        })
        .collect()
}

#[test]
fn a_holiday_or_worked_day_moved_by_a_day_is_noticed() {
    let (files, second) = (files(), second());
    let mut moved = 0;
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("workdays/20")) {
        let year: i16 = path[9..13].parse().unwrap();
        let mut mutants = Vec::new();
        for by in [-1, 1] {
            mutants.extend(spans_shifted(text, by));
            mutants.extend(shifted(text, &["from = ", "to = "], by));
            for by in [by, 7 * by] {
                mutants.extend(shifted(text, &["work = "], by));
            }
        }
        for (mutant, what) in mutants {
            moved += 1;
            let mut files = files.clone();
            files.insert(path.clone(), mutant);
            // The second source begins in 2012; and what a later notice of the same name replaced no longer shows in the days.
            let replaced = what.contains("2011-12-31")
                || what.contains("2019-05-01")
                || what.contains("2020-01-")
                || what.contains("2020-02-01");
            let near = |d: &CivilDate| d.0.year() == year || d.0.year() == year - 1;
            let settled: Vec<String> =
                WEEKENDS_NAMED_BY_ONE.iter().filter(|d| near(&day(d))).map(ToString::to_string).collect();
            let noticed = match read(&files) {
                Err(_) => true,
                Ok(calendar) => differences(&calendar, &second, every_day().filter(near)) != (Vec::new(), settled),
            };
            assert!(noticed || replaced, "{path}: {what} goes unnoticed");
        }
    }
    assert!(moved > 800, "{moved}");
}

/// The error of the calendar after a change of one file.
fn seeded(path: &str, from: &str, to: &str) -> PackError {
    let mut files = files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    read(&files).expect_err(&format!("{path}: {from} -> {to}"))
}

#[test]
fn seeded_defects_of_the_calendar_are_found_by_place() {
    let y13 = "workdays/2013.toml";
    for (path, from, to, says) in [
        (y13, "work = [\"2013-02-16\"", "work = [\"2013-02-18\"", "weekend day"),
        (y13, "work = [\"2013-02-16\"", "work = [\"2013-02-10\"", "already set"),
        (y13, "work = [\"2013-02-16\"", "work = [\"2013-04-13\"", "more than 31 days"),
        (y13, "to = \"2013-02-15\"", "to = \"2013-02-08\"", "no span"),
        (y13, "to = \"2013-02-15\"", "to = \"2013-02-28\"", "no span"),
        (
            y13,
            "from = \"2013-04-29\"",
            "from = \"2013-04-06\"\nto = \"2013-04-08\"\n[[notice.holiday]]\nname_zh = \"x\"\nname_en = \"x\"\nfrom = \"2013-04-29\"",
            "already set",
        ),
        (y13, "from = \"2013-01-01\"", "from = \"2012-11-30\"", "no span"),
        (y13, "number = \"国办发明电〔2012〕33号\"", "number = \"国办发明电〔2011〕45号\"", "stands twice"),
        (y13, "date = \"2012-12-08\"", "date = \"2014-12-08\"", "order of their days"),
        (y13, "year = 2013", "year = 2012", "two files"),
        (y13, "year = 2013", "year = 2031", "its name must be"),
        (y13, "name_zh = \"元旦\"", "name_zh = \"元旦\"\nreplaces = true", "nothing to replace"),
        (y13, "name_zh", "name", "unknown field"),
        ("workdays/2019.toml", "replaces = true", "replaces = false", "replaces = true"),
        ("workdays/2020.toml", "date = \"2020-01-26\"", "date = \"2019-01-26\"", "order of their days"),
        ("workdays/2012.toml", "work = [\"2011-12-31\"]", "work = [\"2011-11-26\"]", "December before"),
    ] {
        let error = seeded(path, from, to);
        assert!(error.what.contains(says), "{from} -> {to}: {error}");
        assert_eq!(error.file, path, "{error}");
    }
    let mut files = files();
    files.remove("workdays/2017.toml");
    let error = read(&files).unwrap_err();
    assert!(error.file.ends_with("2017.toml") && error.what.contains("missing between"), "{error}");
    let two = "name_zh = \"端午节\"\nname_en = \"Dragon Boat Festival\"\nfrom = \"2013-06-10\"";
    let error = seeded(y13, two, &two.replace("06-10", "06-31"));
    assert!(error.line.is_some(), "{error}");
}

#[test]
fn a_day_has_its_kind_and_its_holiday() {
    let calendar = calendar();
    let name = |text: &str| match calendar.day(day(text)) {
        DayKind::Holiday(h) => format!("off {}", h.name_zh),
        DayKind::WorkedInExchange(h) => format!("worked {}", h.name_zh),
        other => format!("{other:?}"),
    };
    for (text, want) in [
        ("2013-02-08", "Working"),
        ("2013-02-09", "off 春节"),
        ("2013-02-16", "worked 春节"),
        ("2013-02-23", "Weekend"),
        ("2015-09-03", "off 抗战胜利70周年纪念日"),
        ("2015-09-06", "worked 抗战胜利70周年纪念日"),
        ("2018-12-31", "off 元旦"),
        ("2019-05-02", "off 劳动节"),
        ("2020-02-01", "off 春节"),
        ("2020-02-02", "off 春节"),
        ("2020-02-03", "Working"),
        ("2027-01-01", "Unpublished { weekend: false }"),
        ("2027-01-02", "Unpublished { weekend: true }"),
        ("2011-12-30", "Unpublished { weekend: false }"),
        ("2011-12-31", "worked 元旦"),
    ] {
        assert_eq!(name(text), want, "{text}");
    }
}

#[test]
fn what_was_known_earlier_leaves_later_notices_out() {
    let calendar = calendar();
    let before = calendar.as_known_on(day("2020-01-25"));
    assert!(before.is_working(day("2020-02-01")) && before.is_working(day("2020-01-31")));
    let after = calendar.as_known_on(day("2020-01-26"));
    assert!(!after.is_working(day("2020-02-01")) && !after.is_working(day("2020-01-31")));
    assert_eq!(before.edition(), "国办发明电〔2019〕16号");
    assert_eq!(after.edition(), "国办发明电〔2020〕1号");
    assert_eq!(before.years(), Some((2012, 2020)));
    assert_eq!(before.open_year(day("2021-03-01")), Some(2021));
    assert_eq!(calendar.as_known_on(day("2030-01-01")), calendar);
    assert_eq!(calendar.as_known_on(day("2000-01-01")).years(), None);
    // The last days of a year wait for the next notice.
    assert_eq!(before.open_year(day("2020-12-28")), None);
    assert_eq!(before.open_year(day("2020-12-29")), Some(2021));
    assert_eq!(calendar.open_year(day("2020-12-29")), None);
}

#[test]
fn the_next_and_the_last_working_day() {
    let calendar = calendar();
    assert_eq!(calendar.working_from(day("2013-02-09")), day("2013-02-16"));
    assert_eq!(calendar.working_from(day("2013-02-16")), day("2013-02-16"));
    assert_eq!(calendar.working_until(day("2013-02-15")), day("2013-02-08"));
    assert_eq!(calendar.working_days_before(day("2013-02-20"), 5), day("2013-02-08"));
    assert_eq!(calendar.working_days_before(day("2013-02-10"), 0), day("2013-02-10"));
}
