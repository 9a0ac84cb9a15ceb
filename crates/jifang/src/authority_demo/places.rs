//! The police of the demo as data: a file for each province, with offices, people, applicants and cases that are made up.
//!
//! ```text
//! demo/<word>.toml ─▶ Place ─┬─▶ people: accounts, offices, applicants
//!                            └─▶ cases:  what was done in each case, by whom, how many days ago
//! ```
//! Always true: a key that the reader does not know is a fault; whoever and whatever a file names by its key stands in the same file.

use anyhow::Context;
use authority::cases::plans::PlanBody;
use base::{CivilDate, UtcMs};
use domain::access::Role;
use domain::casework::Channel;
use law::{Jurisdiction, WorkCalendar};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const FILES: [&str; COUNT] = [include_str!("../../demo/police-1.toml"), include_str!("../../demo/police-2.toml")];

/// How many provinces, and so servers of the police, the demo has.
pub const COUNT: usize = 2;

/// Office hours begin at nine, Beijing time.
const MORNING_MS: i64 = 9 * 3_600_000;
/// Acts of a case that are so many days apart in the data are never nearer to each other: a law may ask for the time between them.
const SPACED_DAYS: i32 = 3;
/// Between two acts of one morning.
const PAUSE_MS: i64 = 4 * 60_000;

/// The police of one province.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Stands in the name of the data folder.
    pub word: String,
    /// The province.
    pub jurisdiction: Jurisdiction,
    /// Who runs the server.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The unit which sites report to.
    pub unit: String,
    /// A site that is connected to it where the demo's own lies in another province.
    #[serde(default)]
    pub site: Option<Stands>,
    /// Offices, each after the one above it.
    #[serde(rename = "office")]
    pub offices: Vec<Office>,
    /// Who can sign in; the administrator first.
    #[serde(rename = "person")]
    pub people: Vec<Person>,
    /// The plan of inspections that is published before the first visit of a year.
    #[serde(default)]
    pub plan: Option<PlanBody>,
    /// Units and persons whom cases are about.
    #[serde(rename = "party")]
    pub parties: Vec<Party>,
    /// Rows of registers that are entered by hand before the first case.
    #[serde(default, rename = "row")]
    pub rows: Vec<Entered>,
    /// What happened.
    #[serde(rename = "case")]
    pub cases: Vec<Tale>,
}

/// A site of the province.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stands {
    /// Its name.
    pub name: String,
    /// Who manages it.
    pub unit: String,
    /// Its address.
    pub address: String,
    /// Division code of the place.
    pub division: String,
    /// Name of its one camera.
    pub camera: String,
    /// Where that hangs.
    pub place: String,
}

/// An office of the police.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// By which others name it here.
    pub key: String,
    /// Name as on its seal.
    pub name: String,
    /// What it is called in English; empty: it has no such name.
    #[serde(default)]
    pub name_en: String,
    /// What its numbers begin with.
    pub short: String,
    /// Word of its level.
    pub level: String,
    /// Division code of its territory.
    pub division: String,
    /// Code of the police unit.
    pub unit_code: String,
    /// Key of the office above.
    pub parent: Option<String>,
    /// Telephone of its counter, an example that rings nowhere; empty: none.
    #[serde(default)]
    pub phone: String,
    /// When its counter is open, Chinese; empty: not said.
    #[serde(default)]
    pub hours_zh: String,
    /// The same in English.
    #[serde(default)]
    pub hours_en: String,
    /// The organ that reviews its decisions, as its papers name it.
    pub review: String,
    /// The court where they are contested.
    pub court: String,
}

/// Somebody with an account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Name.
    pub name: String,
    /// Badge number; empty: none.
    #[serde(default)]
    pub badge: String,
    /// Key of the office in which they handle cases.
    pub office: Option<String>,
    /// Number of the enforcement certificate; empty: none.
    #[serde(default)]
    pub certificate: String,
}

/// A unit or person whom a case is about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// By which cases name it here.
    pub key: String,
    /// Login of who enters it: an applicant themselves, or an officer at the counter.
    pub by: String,
    /// A natural person; else a unit.
    #[serde(default)]
    pub person: bool,
    /// The form, by field.
    pub form: BTreeMap<String, String>,
}

/// A row of a register that no case makes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entered {
    /// Word of the register.
    pub register: String,
    /// Login of who enters it.
    pub by: String,
    /// Why.
    pub why: String,
    /// The form, by field; what is not named is the sample of the form, what is empty stays empty.
    pub form: BTreeMap<String, String>,
}

/// A case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tale {
    /// Word of the procedure.
    pub procedure: String,
    /// Login of who begins it.
    pub by: String,
    /// Key of the party; of an applicant it is their own.
    pub party: Option<String>,
    /// How it comes in; none: online by an applicant, else at the counter.
    pub channel: Option<Channel>,
    /// Division of the place; needed online.
    #[serde(default)]
    pub place: String,
    /// Short name.
    pub title: String,
    /// What was done, the oldest first; the case begins right before the first.
    pub acts: Vec<Turn>,
}

/// Something that was done in a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Days before the first start of the demo, at least 1.
    pub ago: i32,
    /// Login of who did it.
    pub by: String,
    /// What kind of act.
    pub act: Doing,
    /// Step, outcome, publication, or login of who is to handle it.
    #[serde(default)]
    pub what: String,
    /// Reasons or opinion.
    #[serde(default)]
    pub words: String,
    /// What the form says otherwise than the party's data and the samples of the packs; a day may be written `+3` or `-1`.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Papers that are handed in with it, or that are asked for.
    #[serde(default)]
    pub papers: Vec<String>,
    /// On what ground; empty: the clause of the outcome.
    #[serde(default)]
    pub clauses: Vec<String>,
}

/// Kinds of acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// A step is done.
    Done,
    /// A visit: asked for, approved, gone through and closed into its case on one day; `words` is what it rests on, the field `fails` the
    /// item that is not met.
    Visit,
    /// What is missing is named.
    Ask,
    /// The handler is named.
    Assign,
    /// A decision is proposed.
    Propose,
    /// The legal review passes.
    Review,
    /// It is decided.
    Decide,
    /// It is made public.
    Publish,
}

/// The police of every province, that of `own` first.
///
/// # Errors
/// A file that cannot be read: a fault of the build.
pub fn places(own: Jurisdiction) -> anyhow::Result<Vec<Place>> {
    let read = |text: &&str| toml::from_str::<Place>(text).context("a data file of the demo's police");
    let mut places = FILES.iter().map(read).collect::<anyhow::Result<Vec<_>>>()?;
    places.sort_by_key(|place| place.jurisdiction != own);
    Ok(places)
}

impl Place {
    /// The days of the story, told on `today`.
    pub fn days(&self, calendar: &WorkCalendar, today: CivilDate) -> Days {
        // To each number of days ago those that come later in a case and far enough from it.
        let mut later: BTreeMap<i32, BTreeSet<i32>> = BTreeMap::new();
        for case in &self.cases {
            for (n, turn) in case.acts.iter().enumerate() {
                let far = case.acts.iter().skip(n + 1).map(|t| t.ago).filter(|ago| turn.ago - ago >= SPACED_DAYS);
                later.entry(turn.ago).or_default().extend(far);
            }
        }
        let mut days: BTreeMap<i32, CivilDate> = BTreeMap::new();
        let mut next = today;
        // From the newest on, so that what comes later in a case has its day already.
        for (ago, far) in later {
            let apart = far.iter().filter_map(|newer| days.get(newer).map(|day| day.plus_days(newer - ago)));
            let wanted = apart.chain([today.plus_days(-ago)]).fold(next, Ord::min);
            next = calendar.working_until(wanted);
            days.insert(ago, next);
        }
        // Offices and accounts are entered on the morning before every case.
        Days { dawn: calendar.working_until(next.plus_days(-1)), days }
    }
}

/// The day of each act: worked, as the notices of holidays say; in the order of the data; never nearer to another act of its case than there,
/// where a law may ask for the time between them.
pub struct Days {
    dawn: CivilDate,
    days: BTreeMap<i32, CivilDate>,
}

impl Days {
    /// When the story begins.
    pub fn dawn(&self) -> UtcMs {
        self.dawn.start().plus_ms(MORNING_MS)
    }

    /// The day of what the data says was so many days ago; of what it does not say, the first.
    pub fn day(&self, ago: i32) -> CivilDate {
        self.days.get(&ago).copied().unwrap_or(self.dawn)
    }
}

/// When the `nth` act of a day takes place.
pub fn moment(day: CivilDate, nth: i64) -> UtcMs {
    day.start().plus_ms(MORNING_MS + nth * PAUSE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Place> {
        places(Jurisdiction::ALL[0]).unwrap()
    }

    #[test]
    fn every_province_has_a_file_and_the_own_one_comes_first() {
        for own in all().iter().map(|place| place.jurisdiction) {
            let places = places(own).unwrap();
            assert_eq!((places.len(), places[0].jurisdiction), (COUNT, own));
        }
        let words: std::collections::BTreeSet<String> = all().into_iter().map(|place| place.word).collect();
        assert_eq!(words.len(), COUNT, "two servers never share a folder");
    }

    #[test]
    fn what_a_file_names_is_in_it() {
        for place in all() {
            assert_eq!(place.people[0].role, Role::Administrator, "the first account is the administrator's");
            let login = |name: &str| place.people.iter().any(|p| p.login == name);
            let office = |key: &Option<String>| key.iter().all(|key| place.offices.iter().any(|o| o.key == *key));
            assert!(place.offices.iter().all(|o| office(&o.parent)) && place.people.iter().all(|p| office(&p.office)));
            assert!(place.parties.iter().all(|p| login(&p.by)) && place.rows.iter().all(|row| login(&row.by)));
            for case in &place.cases {
                let known = |key: &String| place.parties.iter().any(|p| p.key == *key);
                let own = place.parties.iter().any(|p| p.by == case.by);
                assert!(login(&case.by) && case.party.as_ref().map_or(own, known), "{}", case.title);
                assert!(!case.acts.is_empty(), "{}: a case has a day by its first act", case.title);
                assert!(case.acts.iter().all(|turn| login(&turn.by) && turn.ago >= 1), "{}", case.title);
                assert!(case.acts.is_sorted_by(|a, b| a.ago >= b.ago), "{}: the oldest first", case.title);
            }
        }
    }

    #[test]
    fn every_office_says_where_its_decisions_are_contested() {
        for office in all().iter().flat_map(|place| &place.offices) {
            assert!(!office.review.trim().is_empty() && !office.court.trim().is_empty(), "{}", office.key);
        }
    }

    #[test]
    fn a_key_that_nobody_knows_is_a_fault() {
        let text = FILES[0].replacen("word = ", "world = ", 1);
        assert!(toml::from_str::<Place>(&text).is_err());
    }

    #[test]
    fn everything_happens_on_a_worked_day_in_its_order_and_never_nearer_than_a_law_asks() {
        let packs = law::Packs::embedded().unwrap();
        let calendar = packs.calendar();
        let first = CivilDate::parse("2025-12-01").unwrap();
        for place in all() {
            for today in (0..365).map(|n| first.plus_days(n)) {
                let days = place.days(calendar, today);
                for case in &place.cases {
                    for (n, turn) in case.acts.iter().enumerate() {
                        let day = days.day(turn.ago);
                        assert!(calendar.is_working(day) && days.dawn() < moment(day, 0) && day < today, "{today}");
                        for later in &case.acts[n + 1..] {
                            let (gap, other) = (turn.ago - later.ago, days.day(later.ago));
                            let least = if gap >= SPACED_DAYS { gap } else { 0 };
                            assert!(day.plus_days(least) <= other, "{today} {}: {gap} days", case.title);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_holiday_moves_an_act_before_it() {
        let packs = law::Packs::embedded().unwrap();
        let place = all().remove(0);
        let today = CivilDate::parse("2026-10-05").unwrap();
        let newest = place.cases.iter().flat_map(|case| &case.acts).map(|turn| turn.ago).min().unwrap();
        let day = place.days(packs.calendar(), today).day(newest);
        assert!(day < CivilDate::parse("2026-10-01").unwrap(), "no act in the days of the national holiday: {day}");
        assert_eq!(moment(day, 1).since(moment(day, 0)), PAUSE_MS);
    }
}
