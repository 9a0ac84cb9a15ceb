//! `exchange.toml`: what fields of a filing are called in other systems, one table a system, so that a form that is published later is data.
//!
//! What flows through: the file -> [`ExchangeSystem`]s, checked -> the name of a field there. Always true: a field that is listed is one of the
//! packs and about no natural person; within a system no two fields have one name, those that are not listed among them; without the file, and for a
//! field that is not listed, the field's own id is the name.

use crate::{PackError, Packs};
use base::Text;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const FILE: &str = "exchange.toml";
/// Most systems.
const MOST_SYSTEMS: usize = 16;
/// Most fields of a system.
const MOST_FIELDS: usize = 200;
/// Longest name of a field or system, characters.
const LONGEST: usize = 100;

/// A field of the packs, and its name elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeName {
    /// Id of the field.
    pub id: String,
    /// What it is called there.
    pub name: String,
}

/// A system that filings are handed to.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeSystem {
    /// Stable word, as it is asked for.
    pub id: String,
    /// Name for people.
    pub name_zh: String,
    /// Name for people, English.
    pub name_en: String,
    /// Fields with their names there.
    #[serde(default, rename = "field")]
    pub fields: Vec<ExchangeName>,
}

impl ExchangeSystem {
    /// Name for people.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }

    /// What a field is called there; its own id where it is not listed.
    #[must_use]
    pub fn name_of<'a>(&'a self, field: &'a str) -> &'a str {
        self.fields.iter().find(|f| f.id == field).map_or(field, |f| f.name.as_str())
    }

    /// What is wrong with it; `known`: a field of the packs that may go out.
    fn defect(&self, known: impl Fn(&str) -> bool) -> Option<(String, String)> {
        let whole = |what: &str| Some((self.id.clone(), what.to_owned()));
        if self.fields.len() > MOST_FIELDS {
            return whole("it has more fields than are read");
        }
        if !is_line(&self.id) || !is_line(&self.name_zh) || !is_line(&self.name_en) {
            return whole("its id or name is missing in one language, or too long");
        }
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for field in &self.fields {
            let at = |what: String| Some((field.id.clone(), what));
            if !is_line(&field.name) {
                return at(format!("field `{}` has no name there, or one too long", field.id));
            }
            if !known(&field.id) {
                return at(format!("field `{}` is none of the packs, or about a natural person", field.id));
            }
            // A field that is not listed keeps its own id, which no other may take.
            let taken = field.name != field.id && known(&field.name) && self.fields.iter().all(|f| f.id != field.name);
            let again = self.fields.iter().filter(|f| f.id == field.id).count() > 1;
            if taken || again || !names.insert(&field.name) {
                return at(format!("field `{}` or its name stands twice", field.id));
            }
        }
        None
    }
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExchangeFile {
    #[serde(default, rename = "system")]
    systems: Vec<ExchangeSystem>,
}

/// Reads the file; packs of an earlier program have none.
pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Vec<ExchangeSystem>, PackError> {
    let Some(text) = files.get(FILE) else { return Ok(Vec::new()) };
    let file: ExchangeFile = toml::from_str(text).map_err(|e| PackError::toml(FILE, text, &e))?;
    if file.systems.len() > MOST_SYSTEMS {
        return Err(PackError::file(FILE, format!("more than {MOST_SYSTEMS} systems")));
    }
    Ok(file.systems)
}

/// What needs the packs: every field is there, no name stands twice.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    let text = files.get(FILE).map_or("", String::as_str);
    let goes_out = |id: &str| {
        let of = packs.procedures().iter().filter_map(|p| p.field(id));
        of.into_iter().any(|f| !f.personal && !f.kind.is_personal())
    };
    for (n, system) in packs.exchange.iter().enumerate() {
        if packs.exchange.iter().take(n).any(|other| other.id == system.id) {
            return Err(PackError::again(FILE, text, &system.id, "stands twice"));
        }
        if let Some((at, what)) = system.defect(goes_out) {
            return Err(PackError::clause(FILE, text, &at, what));
        }
    }
    Ok(())
}

impl Packs {
    /// Systems that filings are handed to, in the order of the file; the first is meant where none is named.
    #[must_use]
    pub fn exchange_systems(&self) -> &[ExchangeSystem] {
        &self.exchange
    }

    /// The system of this word.
    #[must_use]
    pub fn exchange_system(&self, id: &str) -> Option<&ExchangeSystem> {
        self.exchange.iter().find(|system| system.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<Packs, PackError> {
        let mut files = crate::embedded::files();
        files.insert(FILE.to_owned(), text.to_owned());
        Packs::from_files(&files)
    }

    fn system(fields: &[(&str, &str)]) -> String {
        let rows = fields.iter().map(|(id, name)| format!("[[system.field]]\nid = \"{id}\"\nname = \"{name}\"\n"));
        format!("[[system]]\nid = \"s\"\nname_zh = \"甲\"\nname_en = \"a\"\n{}", rows.collect::<String>())
    }

    #[test]
    fn what_is_not_published_keeps_our_own_names() {
        let packs = Packs::embedded().unwrap();
        let national = packs.exchange_system("national_filing").expect("listed");
        assert_eq!(packs.exchange_systems().first(), Some(national));
        assert!(national.fields.iter().all(|f| f.id == f.name), "no name was invented");
        assert_eq!(national.name_of("credit_code"), "credit_code");
        assert_eq!(national.name_of("unheard_of"), "unheard_of");
        assert!(packs.exchange_system("other").is_none());
    }

    #[test]
    fn a_name_is_changed_without_the_program() {
        let packs = with(&system(&[("unit_name", "DWMC"), ("place", "unit_name")])).unwrap();
        let found = packs.exchange_system("s").unwrap();
        assert_eq!((found.name_of("unit_name"), found.name_of("place")), ("DWMC", "unit_name"), "its own was freed");
        let mut files = crate::embedded::files();
        files.remove(FILE);
        assert!(Packs::from_files(&files).unwrap().exchange_systems().is_empty(), "packs of an earlier program");
    }

    #[test]
    fn what_would_be_read_wrongly_does_not_load() {
        for (fields, says) in [
            (&[("unit_name", "X"), ("place", "X")][..], "stands twice"),
            (&[("unit_name", "X"), ("unit_name", "Y")][..], "stands twice"),
            (&[("unit_name", "place")][..], "stands twice"),
            (&[("unheard_of", "X")][..], "none of the packs"),
            (&[("contact_phone", "X")][..], "about a natural person"),
            (&[("unit_name", " ")][..], "no name there"),
        ] {
            let error = with(&system(fields)).unwrap_err();
            assert!(error.what.contains(says) && error.file == FILE, "{fields:?}: {error}");
        }
        let twice = format!("{0}{0}", system(&[]));
        assert!(with(&twice).unwrap_err().what.contains("stands twice"));
        let many: String = (0..=MOST_SYSTEMS).map(|n| system(&[]).replacen("\"s\"", &format!("\"s{n}\""), 1)).collect();
        assert!(with(&many).unwrap_err().what.contains("more than"));
        let full = system(&vec![("unit_name", "X"); MOST_FIELDS + 1]);
        assert!(with(&full).unwrap_err().what.contains("more fields"));
    }
}
