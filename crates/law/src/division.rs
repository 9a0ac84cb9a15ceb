//! `divisions.toml`: names of divisions (GB/T 2260), so that people choose a place by its name.
//!
//! What flows through: the file -> [`Division`]s, checked -> a name for a code, the divisions of a province. Always true: codes rise and have six
//! digits; the city of a county and the province of a city stand there too; every division has its name in both languages. A code that is not
//! listed is no fault: divisions change each year, and packs of an earlier program have no list.

use crate::{PackError, Packs};
use base::Text;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file; packs without it name no division.
const FILE: &str = "divisions.toml";
/// Most divisions: the whole country has about 3,200.
const MOST: usize = 5_000;
/// Longest name, characters.
const MOST_CHARS: usize = 60;

/// A division.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Division {
    /// Six digits.
    pub code: String,
    /// Its own name, without those it lies in.
    pub name: Text,
}

impl Division {
    /// The code of what it lies in: `210100` of `210102`, `210000` of `210100`; `None` for a province.
    #[must_use]
    pub fn above(&self) -> Option<String> {
        above(&self.code)
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
    rows: Vec<(String, String, String)>,
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
    for (code, zh, en) in file.rows {
        if let Some(what) = defect(&out, &code, [&zh, &en]) {
            return Err(PackError::clause(FILE, text, &code, what));
        }
        out.push(Division { code, name: Text::of(zh, en) });
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
        let many: Vec<String> = (0..=MOST).map(|n| format!("[\"{n:06}\", \"甲\", \"a\"]")).collect();
        assert_eq!(with(&many.join(",")), Some(format!("more than {MOST} divisions")));
        let mut files = crate::embedded_files();
        files.remove(FILE);
        assert!(Packs::from_files(&files).unwrap().divisions().is_empty(), "packs of an earlier program");
    }
}
