//! Which days are worked: the State Council's holiday notices as dated data, `workdays/<year>.toml`.
//!
//! What flows through: files -> [`WorkCalendar`] -> the kind of a day, and with [`WorkCalendar::as_known_on`] what was known of it on
//! an earlier day. Invariants: a day off is never a day worked in exchange; no two holidays share a day; the years have no hole; a day
//! of a year without a notice is [`DayKind::Unpublished`], never guessed.

use crate::PackError;
use base::{CivilDate, Text};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Folder below `law/`.
pub(crate) const FOLDER: &str = "workdays/";
/// Longest span of one holiday, days; a longer one is a slip of the pen.
const LONGEST_HOLIDAY_DAYS: i32 = 15;
/// Furthest a day worked in exchange lies from its holiday, days.
const FURTHEST_EXCHANGE_DAYS: i32 = 31;

/// One notice of holidays, as published.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Document number, e.g. `国办发明电〔2012〕33号`.
    pub number: String,
    /// Day of the document; from then on it was known.
    pub date: CivilDate,
    /// What is unverified about it.
    #[serde(default)]
    pub remark: String,
    /// What it sets.
    #[serde(rename = "holiday")]
    pub holidays: Vec<Holiday>,
}

/// One span of days off and the days worked in exchange.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Name.
    pub name_zh: String,
    /// Name, English.
    pub name_en: String,
    /// First day off.
    pub from: CivilDate,
    /// Last day off.
    pub to: CivilDate,
    /// Weekend days worked in exchange.
    #[serde(default)]
    pub work: Vec<CivilDate>,
    /// Takes the place of what an earlier notice of the year said under this name.
    #[serde(default)]
    pub replaces: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i16,
    #[serde(rename = "notice")]
    notices: Vec<Notice>,
}

/// What a day is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DayKind<'a> {
    /// Monday to Friday, no holiday.
    Working,
    /// A weekend day worked in exchange for this holiday.
    WorkedInExchange(&'a Holiday),
    /// A weekly day of rest.
    Weekend,
    /// A day off under a notice.
    Holiday(&'a Holiday),
    /// No notice of its year is known; a weekend or not is all that can be said.
    Unpublished {
        /// A weekly day of rest.
        weekend: bool,
    },
}

impl DayKind<'_> {
    /// Whether the day is worked; an unpublished year as if it had weekends only.
    #[must_use]
    pub const fn works(&self) -> bool {
        matches!(self, Self::Working | Self::WorkedInExchange(_) | Self::Unpublished { weekend: false })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Special {
    Off,
    Worked,
}

/// Where a day's holiday stands: year, notice, holiday.
type Place = (i16, usize, usize);

/// The calendar of working days.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WorkCalendar {
    years: BTreeMap<i16, Vec<Arc<Notice>>>,
    days: BTreeMap<CivilDate, (Special, Place)>,
    /// ISO numbers of the weekly days of rest, 1 = Monday.
    weekend: Vec<i8>,
    reach_back_days: i32,
}

impl WorkCalendar {
    /// Reads every `workdays/<year>.toml`.
    ///
    /// # Errors
    /// Names the file and the holiday of the first defect.
    pub(crate) fn read(
        files: &BTreeMap<String, String>,
        weekend: &[i8],
        reach_back_days: u8,
    ) -> Result<Self, PackError> {
        let mut calendar =
            Self { weekend: weekend.to_vec(), reach_back_days: i32::from(reach_back_days), ..Self::default() };
        for (path, text) in files {
            let Some(stem) = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".toml")) else { continue };
            if !stem.starts_with(|c: char| c.is_ascii_digit()) {
                continue;
            }
            let file: YearFile = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
            if calendar.years.contains_key(&file.year) {
                return Err(PackError::file(path, format!("year {} stands in two files", file.year)));
            }
            if stem != file.year.to_string() {
                return Err(PackError::file(path, format!("holds year {}: its name must be that year", file.year)));
            }
            for notice in file.notices {
                let notice = Arc::new(notice);
                let fail = |what: String| PackError::clause(path, text, &notice.number, what);
                calendar.check_notice(file.year, &notice).map_err(fail)?;
                let year = calendar.years.entry(file.year).or_default();
                year.push(Arc::clone(&notice));
                let at = year.len() - 1;
                calendar.enter(file.year, at).map_err(fail)?;
            }
        }
        let numbers: Vec<i16> = calendar.years.keys().copied().collect();
        if let Some(pair) = numbers.windows(2).find(|pair| matches!(pair, [a, b] if a + 1 != *b)) {
            let missing = pair.first().map_or(0, |first| first + 1);
            return Err(PackError::file(&format!("{FOLDER}{missing}.toml"), "the year is missing between two others"));
        }
        Ok(calendar)
    }

    fn check_notice(&self, year: i16, notice: &Notice) -> Result<(), String> {
        let earlier = || self.years.values().flatten();
        if earlier().any(|n| n.number == notice.number) {
            return Err("this notice stands twice".to_owned());
        }
        let before = self.years.get(&year).and_then(|notices| notices.last());
        if before.is_some_and(|b| b.date >= notice.date) || notice.date.0.year() > year {
            return Err(format!("notices of {year} stand in the order of their days, none after the year"));
        }
        notice.holidays.iter().try_for_each(|h| self.check_holiday(year, notice, h))
    }

    fn check_holiday(&self, year: i16, notice: &Notice, holiday: &Holiday) -> Result<(), String> {
        let (from, to, name) = (holiday.from, holiday.to, &holiday.name_zh);
        if to < from || from.plus_days(LONGEST_HOLIDAY_DAYS) <= to {
            return Err(format!("{name}: {from} to {to} is no span of 1 to {LONGEST_HOLIDAY_DAYS} days"));
        }
        let near = |day: CivilDate| day.0.year() == year || (day.0.year() == year - 1 && day.0.month() == 12);
        for day in [from, to].iter().chain(&holiday.work) {
            if !near(*day) {
                return Err(format!("{name}: {day} is neither in {year} nor in the December before"));
            }
        }
        for day in &holiday.work {
            if !self.is_weekend(*day) {
                return Err(format!("{name}: {day} is worked anyway; a day worked in exchange is a weekend day"));
            }
            if day.plus_days(FURTHEST_EXCHANGE_DAYS) < from || to.plus_days(FURTHEST_EXCHANGE_DAYS) < *day {
                return Err(format!("{name}: {day} lies more than {FURTHEST_EXCHANGE_DAYS} days from the holiday"));
            }
        }
        let before = self.years.get(&year).into_iter().flatten().flat_map(|n| &n.holidays);
        match (before.filter(|h| h.name_zh == *name).count(), holiday.replaces) {
            (0, true) => {
                Err(format!("{name}: no notice before {} sets it, so there is nothing to replace", notice.date))
            }
            (1.., false) => Err(format!("{name}: an earlier notice sets it; say `replaces = true`")),
            _ => Ok(()),
        }
    }

    /// Marks the days of one notice.
    fn enter(&mut self, year: i16, at: usize) -> Result<(), String> {
        let Some(notice) = self.years.get(&year).and_then(|notices| notices.get(at)) else { return Ok(()) };
        let notice = Arc::clone(notice);
        for holiday in notice.holidays.iter().filter(|h| h.replaces) {
            let years = &self.years;
            let named = |place: &Place| find(years, *place).is_some_and(|h| h.name_zh == holiday.name_zh);
            self.days.retain(|_, (_, place)| place.0 != year || place.1 == at || !named(place));
        }
        for (n, holiday) in notice.holidays.iter().enumerate() {
            let off = days_of(holiday.from, holiday.to).map(|day| (day, Special::Off));
            for (day, kind) in off.chain(holiday.work.iter().map(|day| (*day, Special::Worked))) {
                if let Some((_, place)) = self.days.insert(day, (kind, (year, at, n))) {
                    let other = find(&self.years, place).map_or("", |h| h.name_zh.as_str());
                    return Err(format!("{}: {day} is already set by {other}", holiday.name_zh));
                }
            }
        }
        Ok(())
    }

    /// The calendar as it stood on a day: without the notices of later days.
    #[must_use]
    pub fn as_known_on(&self, day: CivilDate) -> Self {
        let mut known =
            Self { weekend: self.weekend.clone(), reach_back_days: self.reach_back_days, ..Self::default() };
        for (year, notices) in &self.years {
            for notice in notices.iter().filter(|n| n.date <= day) {
                let entered = known.years.entry(*year).or_default();
                entered.push(Arc::clone(notice));
                let at = entered.len() - 1;
                // Cannot clash: the whole calendar was checked in the same order.
                let _ = known.enter(*year, at);
            }
        }
        known
    }

    /// What a day is.
    #[must_use]
    pub fn day(&self, day: CivilDate) -> DayKind<'_> {
        let weekend = self.is_weekend(day);
        match self.days.get(&day) {
            Some((kind, place)) => match (kind, find(&self.years, *place)) {
                (Special::Off, Some(holiday)) => DayKind::Holiday(holiday),
                (Special::Worked, Some(holiday)) => DayKind::WorkedInExchange(holiday),
                (_, None) => DayKind::Unpublished { weekend },
            },
            None if !self.years.contains_key(&day.0.year()) => DayKind::Unpublished { weekend },
            None if weekend => DayKind::Weekend,
            None => DayKind::Working,
        }
    }

    /// Whether a day is worked.
    #[must_use]
    pub fn is_working(&self, day: CivilDate) -> bool {
        self.day(day).works()
    }

    /// The first working day after `day`, or `day` itself.
    #[must_use]
    pub fn working_from(&self, day: CivilDate) -> CivilDate {
        self.seek(day, 1)
    }

    /// The last working day before `day`, or `day` itself.
    #[must_use]
    pub fn working_until(&self, day: CivilDate) -> CivilDate {
        self.seek(day, -1)
    }

    /// The `n`th working day before `day`, which is not counted; 0: the day itself.
    #[must_use]
    pub fn working_days_before(&self, day: CivilDate, n: u32) -> CivilDate {
        (0..n).fold(day, |at, _| self.seek(at.plus_days(-1), -1))
    }

    /// No stretch without a working day is longer than two holidays and the weekends beside them.
    fn seek(&self, day: CivilDate, step: i32) -> CivilDate {
        let far = 3 * LONGEST_HOLIDAY_DAYS;
        (0..far).map(|n| day.plus_days(n * step)).find(|d| self.is_working(*d)).unwrap_or(day)
    }

    /// The year whose notice is still to come and could change this day; `None` when the day stands.
    #[must_use]
    pub fn open_year(&self, day: CivilDate) -> Option<i16> {
        let year = day.0.year();
        if !self.years.contains_key(&year) {
            return Some(year);
        }
        let reached = day.plus_days(self.reach_back_days).0.year() > year;
        (reached && !self.years.contains_key(&(year + 1))).then_some(year + 1)
    }

    /// Years with a notice, first and last.
    #[must_use]
    pub fn years(&self) -> Option<(i16, i16)> {
        Some((*self.years.keys().next()?, *self.years.keys().next_back()?))
    }

    /// Every notice known, in the order of years and days.
    pub fn notices(&self) -> impl Iterator<Item = (i16, &Notice)> {
        self.years.iter().flat_map(|(year, notices)| notices.iter().map(|n| (*year, n.as_ref())))
    }

    /// Number of the latest notice known; it names the state of the calendar in a result.
    #[must_use]
    pub fn edition(&self) -> &str {
        self.notices().max_by_key(|(_, n)| n.date).map_or("", |(_, n)| n.number.as_str())
    }

    fn is_weekend(&self, day: CivilDate) -> bool {
        self.weekend.contains(&day.0.weekday().to_monday_one_offset())
    }
}

impl Holiday {
    /// Name in both languages.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }
}

fn find(years: &BTreeMap<i16, Vec<Arc<Notice>>>, (year, notice, holiday): Place) -> Option<&Holiday> {
    years.get(&year)?.get(notice)?.holidays.get(holiday)
}

/// Both ends included; at most as many as the longest holiday.
fn days_of(from: CivilDate, to: CivilDate) -> impl Iterator<Item = CivilDate> {
    (0..LONGEST_HOLIDAY_DAYS).map(move |n| from.plus_days(n)).take_while(move |day| *day <= to)
}
