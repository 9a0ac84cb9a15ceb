//! `divisions.toml`: names of divisions (GB/T 2260), so that people choose a place by its name.
//!
//! What flows through: the file -> [`Division`]s, checked -> a name for a code, the divisions of a province. Always true: codes rise and have six
//! digits; the city of a county and the province of a city stand there too; every division has its name in both languages; none ends before it
//! begins. A code that is not listed, or does not stand on a day, is a fault where the list has divisions of its province, and none elsewhere: of
//! other provinces only the names stand there, and packs of an earlier program have no list.

use crate::{PackError, Packs};
use base::{CivilDate, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file; packs without it name no division.
const FILE: &str = "divisions.toml";
/// Most divisions: the whole country has about 3,200.
const MOST: usize = 5_000;
/// Longest name, characters.
const MOST_CHARS: usize = 60;
/// Divisions that are named where a code is none.
const NEAR: usize = 3;
/// Letters of a name that stay when a county becomes a city or a district.
const STEM_CHARS: usize = 2;

/// A division.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Division {
    /// Six digits.
    pub code: String,
    /// Its own name, without those it lies in.
    pub name: Text,
    /// First day of the code; `None`: not known, or long ago.
    pub from: Option<CivilDate>,
    /// Last day of the code; `None`: it stands.
    pub until: Option<CivilDate>,
}

/// Why a code cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DivisionWhy {
    /// The list of its province has none such.
    Unlisted,
    /// It stands from this day on only.
    From(CivilDate),
    /// It stood until this day.
    Until(CivilDate),
}

/// What is wrong with a code on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DivisionFault<'a> {
    /// Why.
    pub why: DivisionWhy,
    /// What was meant perhaps, the likeliest first: at most three that stand on the day.
    pub near: Vec<&'a Division>,
}

impl Division {
    /// The code of what it lies in: `210100` of `210102`, `210000` of `210100`; `None` for a province.
    #[must_use]
    pub fn above(&self) -> Option<String> {
        above(&self.code)
    }

    /// Whether the code stands on a day.
    #[must_use]
    pub fn stands_on(&self, day: CivilDate) -> bool {
        self.why_not(day).is_none()
    }

    fn why_not(&self, day: CivilDate) -> Option<DivisionWhy> {
        match (self.from, self.until) {
            (Some(from), _) if day < from => Some(DivisionWhy::From(from)),
            (_, Some(until)) if until < day => Some(DivisionWhy::Until(until)),
            _ => None,
        }
    }

    /// How far it is from a code, the nearest first: whether it bears the name that the code had, lies in the same city, how many digits differ,
    /// and by how much.
    fn distance(&self, code: &str, name: Option<&Text>) -> (bool, bool, usize, u32) {
        let stem = |name: &Text| name.zh.chars().take(STEM_CHARS).collect::<String>();
        let renamed = name.is_some_and(|name| stem(name) == stem(&self.name));
        let other_digits = self.code.bytes().zip(code.bytes()).filter(|(a, b)| a != b).count();
        let number = |code: &str| code.parse::<u32>().unwrap_or_default();
        (!renamed, self.code.get(..4) != code.get(..4), other_digits, number(&self.code).abs_diff(number(code)))
    }
}

fn above(code: &str) -> Option<String> {
    match code.as_bytes() {
        [_, _, b'0', b'0', b'0', b'0'] => None,
        [_, _, _, _, b'0', b'0'] => Some(format!("{}0000", code.get(..2)?)),
        _ => Some(format!("{}00", code.get(..4)?)),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DivisionFile {
    #[serde(default, rename = "division")]
    rows: Vec<Vec<String>>,
}

/// The two days of a row, as far as they are known; an empty text is none.
fn days_of(texts: &[String]) -> Option<[Option<CivilDate>; 2]> {
    let day = |at: usize| match texts.get(at).map_or("", String::as_str) {
        "" => Some(None),
        text => CivilDate::parse(text).map(Some),
    };
    let (from, until) = (day(0)?, day(1)?);
    let in_order = from.zip(until).is_none_or(|(from, until)| from <= until);
    (in_order && texts.len() <= 2).then_some([from, until])
}

/// What is wrong with a row after those before it, which are in order.
fn defect(before: &[Division], code: &str, names: [&str; 2]) -> Option<String> {
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("`{code}` is no code: six digits (GB/T 2260)"));
    }
    if before.last().is_some_and(|last| last.code.as_str() >= code) {
        return Some(format!("`{code}` stands after a higher code, or twice"));
    }
    if names.iter().any(|n| n.trim().is_empty() || n.chars().count() > MOST_CHARS) {
        return Some(format!("`{code}` has no name in one language, or one too long to be read"));
    }
    let above = above(code)?;
    // Codes rise, so what a division lies in stands before it.
    let found = before.binary_search_by(|d| d.code.cmp(&above));
    found.is_err().then(|| format!("`{code}` lies in `{above}`, which is not listed"))
}

/// Reads the file.
pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Vec<Division>, PackError> {
    let Some(text) = files.get(FILE) else { return Ok(Vec::new()) };
    let file: DivisionFile = toml::from_str(text).map_err(|e| PackError::toml(FILE, text, &e))?;
    if file.rows.len() > MOST {
        return Err(PackError::file(FILE, format!("more than {MOST} divisions")));
    }
    let mut out: Vec<Division> = Vec::with_capacity(file.rows.len());
    for row in file.rows {
        let [code, zh, en, days @ ..] = row.as_slice() else {
            return Err(PackError::file(FILE, "a division is a code, a name and an English name, then its days"));
        };
        if let Some(what) = defect(&out, code, [zh, en]) {
            return Err(PackError::clause(FILE, text, code, what));
        }
        let Some([from, until]) = days_of(days) else {
            let what = format!("`{code}`: first and last day are `YYYY-MM-DD` or empty, in this order");
            return Err(PackError::clause(FILE, text, code, what));
        };
        out.push(Division { code: code.clone(), name: Text::of(zh.clone(), en.clone()), from, until });
    }
    Ok(out)
}

impl Packs {
    /// Every division that is listed, by code.
    #[must_use]
    pub fn divisions(&self) -> &[Division] {
        &self.divisions
    }

    /// The division of this code.
    #[must_use]
    pub fn division(&self, code: &str) -> Option<&Division> {
        let at = self.divisions.binary_search_by(|d| d.code.as_str().cmp(code)).ok()?;
        self.divisions.get(at)
    }

    /// What is wrong with a code on a day; `None`: it stands, or the list has no cities of its province and its form alone is asked.
    #[must_use]
    pub fn division_fault(&self, code: &str, day: CivilDate) -> Option<DivisionFault<'_>> {
        let province = code.get(..2)?;
        let whole = format!("{province}0000");
        let inside = |d: &&Division| d.code.starts_with(province) && d.code != whole;
        if code == whole || !self.divisions.iter().any(|d| inside(&d)) {
            return None;
        }
        let listed = self.division(code);
        let why = listed.map_or(Some(DivisionWhy::Unlisted), |d| d.why_not(day))?;
        let name = listed.map(|d| &d.name);
        let mut near: Vec<&Division> = self.divisions.iter().filter(inside).filter(|d| d.stands_on(day)).collect();
        near.sort_by_key(|d| d.distance(code, name));
        near.truncate(NEAR);
        Some(DivisionFault { why, near })
    }

    /// A division with the city that it lies in, as people say it: city first in Chinese. `None`: the code is not listed.
    #[must_use]
    pub fn division_name(&self, code: &str) -> Option<Text> {
        let own = self.division(code)?;
        let city = own.above().filter(|above| !above.ends_with("0000"));
        Some(match city.and_then(|city| self.division(&city)) {
            Some(city) => {
                Text::of(format!("{}{}", city.name.zh, own.name.zh), format!("{}, {}", own.name.en, city.name.en))
            }
            None => own.name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Jurisdiction;

    fn packs() -> Packs {
        Packs::embedded().unwrap()
    }

    #[test]
    fn a_division_is_named_with_its_city() {
        let packs = packs();
        let name = |code: &str| packs.division_name(code).map(|n| n.zh.into_owned());
        assert_eq!(name("210102").as_deref(), Some("沈阳市和平区"));
        assert_eq!(name("230102").as_deref(), Some("哈尔滨市道里区"));
        assert_eq!((name("230100").as_deref(), name("220000").as_deref()), (Some("哈尔滨市"), Some("吉林省")));
        assert_eq!((name("239999"), name(""), name("2101021")), (None, None, None));
        assert_eq!(packs.division_name("210102").unwrap().en, "Heping district, Shenyang city");
    }

    #[test]
    fn every_province_with_an_ordinance_has_its_cities_and_counties() {
        let packs = packs();
        for province in Jurisdiction::provinces() {
            let code = province.code().unwrap();
            assert_eq!(packs.division(&format!("{code}0000")).unwrap().name.zh, province.name().zh);
            let here = |level: fn(&Division) -> bool| {
                packs.divisions().iter().filter(|d| d.code.starts_with(code) && level(d)).count()
            };
            let (cities, counties) = (here(|d| d.code.ends_with("00")), here(|d| !d.code.ends_with("00")));
            assert!(cities > 10 && counties > 90, "{code}: {cities} {counties}");
        }
        let provinces = packs.divisions().iter().filter(|d| d.above().is_none()).count();
        assert_eq!(provinces, 34, "people come from every province");
    }

    #[test]
    fn what_is_wrong_with_the_list_is_told_by_its_row() {
        let with = |rows: &str| {
            let mut files = crate::embedded_files();
            files.insert(FILE.to_owned(), format!("division = [{rows}]"));
            Packs::from_files(&files).err().map(|e| e.what)
        };
        let province = "[\"210000\", \"辽宁省\", \"Liaoning\"]";
        assert_eq!(with(province), None);
        assert_eq!(with(""), None);
        for (rows, says) in [
            ("[\"21\", \"辽宁省\", \"Liaoning\"]".to_owned(), "no code"),
            ("[\"21000x\", \"辽宁省\", \"Liaoning\"]".to_owned(), "no code"),
            (format!("{province}, {province}"), "twice"),
            (format!("{province}, [\"110000\", \"北京市\", \"Beijing\"]"), "higher code"),
            (format!("{province}, [\"210102\", \"和平区\", \"Heping\"]"), "`210100`, which is not listed"),
            ("[\"210100\", \"沈阳市\", \"Shenyang\"]".to_owned(), "`210000`, which is not listed"),
            ("[\"210000\", \"辽宁省\", \" \"]".to_owned(), "no name"),
            (format!("[\"210000\", \"{}\", \"Liaoning\"]", "省".repeat(MOST_CHARS + 1)), "too long"),
        ] {
            let what = with(&rows).unwrap_or_else(|| panic!("{rows} is taken"));
            assert!(what.contains(says), "{rows}: {what}");
        }
        for days in ["\"2016\"", "\"\", \"2016-02-30\"", "\"2016-02-01\", \"2016-01-31\"", "\"\", \"\", \"\""] {
            let what = with(&format!("[\"210000\", \"辽宁省\", \"Liaoning\", {days}]")).expect(days);
            assert!(what.contains("first and last day"), "{days}: {what}");
        }
        assert_eq!(with("[\"210000\", \"辽宁省\", \"Liaoning\", \"\", \"2016-02-29\"]"), None);
        assert!(with("[\"210000\", \"辽宁省\"]").is_some_and(|what| what.contains("an English name")));
        let many: Vec<String> = (0..=MOST).map(|n| format!("[\"{n:06}\", \"甲\", \"a\"]")).collect();
        assert_eq!(with(&many.join(",")), Some(format!("more than {MOST} divisions")));
        let mut files = crate::embedded_files();
        files.remove(FILE);
        assert!(Packs::from_files(&files).unwrap().divisions().is_empty(), "packs of an earlier program");
    }

    #[test]
    fn a_code_is_known_where_its_province_has_a_list() {
        let packs = packs();
        let day = CivilDate::ymd(2026, 3, 2).unwrap();
        for code in ["210102", "210100", "210000", "230102", "110108", "440305", "990000", "", "2"] {
            assert_eq!(packs.division_fault(code, day), None, "{code}: listed, or of a province without a list");
        }
        for code in ["210199", "219900", "230199", "210101"] {
            let fault = packs.division_fault(code, day).unwrap_or_else(|| panic!("{code} is taken"));
            assert_eq!(fault.why, DivisionWhy::Unlisted);
            assert_eq!(fault.near.len(), NEAR, "{code}");
            assert!(fault.near.iter().all(|d| d.code.starts_with(&code[..2]) && d.stands_on(day)), "{code}");
        }
        let near = packs.division_fault("210104x", day).expect("no code at all").near;
        assert!(near.iter().any(|d| d.code == "210104"));
        let of_city = packs.division_fault("210199", day).unwrap().near;
        assert!(of_city.iter().all(|d| d.code.starts_with("2101")), "the same city comes first");
        let mut files = crate::embedded_files();
        files.remove(FILE);
        assert_eq!(Packs::from_files(&files).unwrap().division_fault("210199", day), None, "no list, no fault");
    }

    #[test]
    fn a_code_stands_on_the_days_that_its_row_says() {
        let mut files = crate::embedded_files();
        let rows = "[\"210000\", \"辽宁省\", \"Liaoning\"], [\"210100\", \"沈阳市\", \"Shenyang\"], \
                    [\"210102\", \"和平区\", \"Heping\"], [\"210115\", \"辽中区\", \"Liaozhong\", \"2016-04-01\"], \
                    [\"210122\", \"辽中县\", \"Liaozhong\", \"\", \"2016-04-30\"]";
        files.insert(FILE.to_owned(), format!("division = [{rows}]"));
        let packs = Packs::from_files(&files).unwrap();
        let why = |code: &str, on: &str| packs.division_fault(code, CivilDate::parse(on).unwrap()).map(|f| f.why);
        let day = |text: &str| CivilDate::parse(text).unwrap();
        assert_eq!(why("210122", "2016-04-30"), None);
        assert_eq!(why("210122", "2016-05-01"), Some(DivisionWhy::Until(day("2016-04-30"))));
        assert_eq!(why("210115", "2016-03-31"), Some(DivisionWhy::From(day("2016-04-01"))));
        assert_eq!(why("210115", "2016-04-01"), None);
        let near = packs.division_fault("210122", day("2020-01-01")).unwrap().near;
        assert_eq!(near[0].code, "210115", "what has its name now comes first");
    }

    #[test]
    fn what_has_ended_says_by_what_it_is_followed() {
        let (packs, day) = (packs(), CivilDate::ymd(2026, 3, 2).unwrap());
        let ended = |d: &&Division| d.until.is_some();
        assert!(packs.divisions().iter().any(|d| ended(&d)));
        for old in packs.divisions().iter().filter(ended) {
            let fault = packs.division_fault(&old.code, day).expect("it has ended");
            assert!(!fault.near.is_empty() && fault.near.iter().all(|d| d.until.is_none()), "{}", old.code);
        }
        let follows = |code: &str| packs.division_fault(code, day).unwrap().near[0].code.clone();
        assert_eq!([follows("210122"), follows("230182"), follows("232723")], ["210115", "230113", "232701"]);
    }
}
