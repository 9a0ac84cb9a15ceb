//! `<pack>/not-offered.toml`: what people ask for and the law grants nobody, so that they learn it before they write an application.
//!
//! What flows through: the file -> [`NotOffered`]s, checked -> the list of services. Always true: each names the clause that refuses it, and what
//! may be done instead, in both languages.

use crate::{PackError, Packs};
use base::{ClauseId, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file of a pack; most have none.
const FILE: &str = "/not-offered.toml";
/// Most entries of a pack.
const MOST: usize = 20;
/// Longest sentence, characters.
const MOST_CHARS: usize = 300;

/// Something that nobody can apply for.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotOffered {
    /// Stable word.
    pub id: String,
    /// What is asked for.
    pub zh: String,
    /// What is asked for, English.
    pub en: String,
    /// Why not, and what may be done instead.
    pub why_zh: String,
    /// The same, English.
    pub why_en: String,
    /// The clause that refuses it.
    pub clause: ClauseId,
    /// Folder of its pack below `law/`.
    #[serde(skip)]
    pub folder: String,
}

impl NotOffered {
    /// What is asked for.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }

    /// Why not, and what may be done instead.
    #[must_use]
    pub fn why(&self) -> Text {
        Text::of(self.why_zh.clone(), self.why_en.clone())
    }

    fn defect(&self) -> Option<&'static str> {
        let words = [&self.zh, &self.en, &self.why_zh, &self.why_en];
        let bad = words.iter().any(|w| w.trim().is_empty() || w.chars().count() > MOST_CHARS);
        bad.then_some("a sentence is missing in one language, or too long to be read")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "entry")]
    entries: Vec<NotOffered>,
}

/// Reads the files of all packs.
pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Vec<NotOffered>, PackError> {
    let mut out: Vec<NotOffered> = Vec::new();
    for (path, text) in files {
        let Some(folder) = path.strip_suffix(FILE) else { continue };
        let file: File = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        if file.entries.len() > MOST {
            return Err(PackError::file(path, format!("more than {MOST} entries")));
        }
        for mut entry in file.entries {
            if let Some(what) = entry.defect() {
                return Err(PackError::clause(path, text, &entry.id, what));
            }
            if out.iter().any(|other| other.id == entry.id) {
                return Err(PackError::again(path, text, &entry.id, "two entries have this id"));
            }
            folder.clone_into(&mut entry.folder);
            out.push(entry);
        }
    }
    Ok(out)
}

/// What is wrong with an entry among the loaded packs.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    for entry in &packs.not_offered {
        let path = format!("{}{FILE}", entry.folder);
        if packs.clause(&entry.clause).is_none() {
            let text = files.get(&path).map_or("", |t| t);
            let what = format!("clause `{}` does not exist", entry.clause);
            return Err(PackError::clause(&path, text, &entry.id, what));
        }
    }
    Ok(())
}

impl Packs {
    /// What nobody can apply for, by folder.
    #[must_use]
    pub fn not_offered(&self) -> &[NotOffered] {
        &self.not_offered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "liaoning/ordinance-2015/not-offered.toml";

    #[test]
    fn what_only_the_government_may_do_is_told_with_its_clause() {
        let packs = Packs::embedded().unwrap();
        let entry = packs.not_offered().iter().find(|e| e.id == "public_area_installation").unwrap();
        assert_eq!((entry.clause.0.as_str(), entry.folder.as_str()), ("A-9-1-1", "liaoning/ordinance-2015"));
        assert!(!entry.name().zh.is_empty() && !entry.why().en.is_empty());
    }

    #[test]
    fn an_entry_without_its_clause_or_its_words_is_told_by_line() {
        for (from, to, says) in [
            ("clause = \"A-9-1-1\"", "clause = \"A-99\"", "`A-99` does not exist"),
            ("en = \"Install", "en = \"\"\nwas = \"Install", "unknown field"),
            ("clause = \"A-9-1-1\"", "", "missing field"),
        ] {
            let mut files = crate::embedded_files();
            let text = files.get_mut(PATH).unwrap();
            assert!(text.contains(from), "{from}");
            *text = text.replacen(from, to, 1);
            let error = Packs::from_files(&files).unwrap_err();
            assert!(error.file == PATH && error.line.is_some() && error.what.contains(says), "{error}");
        }
        let mut files = crate::embedded_files();
        let twice = format!("{0}\n{0}", files[PATH]);
        files.insert(PATH.to_owned(), twice);
        assert!(Packs::from_files(&files).unwrap_err().what.contains("two entries"));
        files.insert(
            PATH.to_owned(),
            "[[entry]]\n".to_owned()
                + "id = \"a\"\nzh = \"\"\nen = \"a\"\nwhy_zh = \"a\"\nwhy_en = \"a\"\nclause = \"A-9-1-1\"\n",
        );
        assert!(Packs::from_files(&files).unwrap_err().what.contains("missing in one language"));
    }
}
