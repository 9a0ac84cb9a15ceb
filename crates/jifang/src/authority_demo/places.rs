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
use law::Jurisdiction;
use serde::Deserialize;
use std::collections::BTreeMap;

const FILES: [&str; COUNT] = [include_str!("../../demo/police-1.toml"), include_str!("../../demo/police-2.toml")];

/// How many provinces, and so servers of the police, the demo has.
pub const COUNT: usize = 2;

/// Office hours begin at nine, Beijing time.
const MORNING_MS: i64 = 9 * 3_600_000;
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
    /// The unit of who is in no office, and which sites report to.
    pub unit: String,
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

/// An office of the police.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// By which others name it here.
    pub key: String,
    /// Name as on its seal.
    pub name: String,
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
    /// When its story begins: the morning on which offices and accounts are entered, before every case.
    pub fn dawn(&self, today: CivilDate) -> UtcMs {
        let oldest = self.cases.iter().flat_map(|case| &case.acts).map(|turn| turn.ago).max();
        moment(today, oldest.unwrap_or(1).saturating_add(1), 0)
    }
}

/// When the `nth` act of so many days ago takes place; of a weekend it is the Friday before.
pub fn moment(today: CivilDate, ago: i32, nth: i64) -> UtcMs {
    let day = today.plus_days(-ago);
    let past_friday = i32::from(day.0.weekday().to_monday_zero_offset()) - 4;
    day.plus_days(-past_friday.max(0)).start().plus_ms(MORNING_MS + nth * PAUSE_MS)
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
    fn a_key_that_nobody_knows_is_a_fault() {
        let text = FILES[0].replacen("word = ", "world = ", 1);
        assert!(toml::from_str::<Place>(&text).is_err());
    }

    #[test]
    fn nothing_happens_on_a_weekend_and_time_only_goes_on() {
        let today = CivilDate::parse("2026-11-23").unwrap();
        assert_eq!(moment(today, 3, 0).desk(), "2026-11-20 09:00:00", "a Friday");
        assert_eq!(moment(today, 1, 0), moment(today, 3, 0), "a Sunday");
        assert_eq!(moment(today, 2, 1).desk(), "2026-11-20 09:04:00", "a Saturday");
        assert_eq!(moment(today, 4, 0).desk(), "2026-11-19 09:00:00");
        for place in all() {
            let first = place.cases.iter().map(|case| moment(today, case.acts[0].ago, 0)).min().unwrap();
            assert!(place.dawn(today) <= first);
        }
    }
}
