//! `[row_state]` of a procedure: what a row that it enters in a register says of whom it is about, e.g. that a unit is filed, or only warned.
//!
//! What flows through: `[row_state]` of `<pack>/procedures/<id>.toml` -> [`RowState`], checked -> lists, pages, copies and searches of the register
//! tell it as the state of the row, narrow by it, and say at their head how it is read. Always true: a state is of a register that an outcome of
//! the procedure enters; every text stands in both languages; one word has one meaning in a register, whichever procedure says it, and two words
//! never read alike.

use crate::{PackError, Packs, Procedure};
use base::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest name of a state, characters: it stands in a column of lists.
const MOST_NAME: usize = 40;
/// Longest sentence and longest word, characters.
const MOST_CHARS: usize = 200;

/// What the rows of a procedure say in a register.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowState {
    /// The register.
    pub register: String,
    /// Word by which lists are narrowed: small letters and `_`.
    pub word: String,
    /// The state: filed.
    pub zh: String,
    /// The state, English.
    pub en: String,
    /// What it means, for the head of the register: a part of a sentence, without its end.
    pub about_zh: String,
    /// The same, English.
    pub about_en: String,
    /// What is told of a unit that has no row with this state; empty: nobody looks the register up for it.
    #[serde(default)]
    pub none_zh: String,
    /// The same, English.
    #[serde(default)]
    pub none_en: String,
}

impl RowState {
    /// The state.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }

    /// What it means.
    #[must_use]
    pub fn about(&self) -> Text {
        Text::of(self.about_zh.clone(), self.about_en.clone())
    }

    /// What is told of a unit without it; `None`: the register is not looked up for it.
    #[must_use]
    pub fn none(&self) -> Option<Text> {
        self.is_sought().then(|| Text::of(self.none_zh.clone(), self.none_en.clone()))
    }

    /// The register is looked up for it: to have it is what one hopes for.
    #[must_use]
    pub fn is_sought(&self) -> bool {
        !self.none_zh.is_empty()
    }

    fn defect(&self, own: &Procedure) -> Option<&'static str> {
        if !own.outcomes.iter().any(|o| o.registers.contains(&self.register)) {
            return Some("`row_state` names a register that no outcome of the procedure enters");
        }
        let is_word = |c: char| c.is_ascii_lowercase() || c == '_';
        if self.word.is_empty() || self.word.len() > MOST_NAME || !self.word.chars().all(is_word) {
            return Some("`row_state`: its word is of small letters");
        }
        let bad = |text: &String, most: usize| text.trim().is_empty() || text.chars().count() > most;
        if [&self.zh, &self.en].iter().any(|text| bad(text, MOST_NAME))
            || [&self.about_zh, &self.about_en].iter().any(|text| bad(text, MOST_CHARS))
        {
            return Some("`row_state`: a text is missing in one language, or too long to be read");
        }
        let told = [&self.none_zh, &self.none_en];
        let absent = told.iter().all(|text| text.is_empty());
        let whole = told.iter().all(|text| !bad(text, MOST_CHARS));
        (!absent && !whole)
            .then_some("`row_state`: what is told of a unit without it stands in both languages, or not at all")
    }

    /// One word with two meanings, or two words that read alike.
    fn contradicts(&self, other: &Self) -> bool {
        let alike = self.zh == other.zh || self.en == other.en;
        self.register == other.register && if self.word == other.word { self != other } else { alike }
    }
}

/// What needs the outcomes and the other procedures.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    let mut known: Vec<&RowState> = Vec::new();
    for procedure in packs.procedures() {
        let Some(state) = &procedure.row_state else { continue };
        let path = format!("{}/procedures/{}.toml", procedure.folder, procedure.id);
        let text = files.get(&path).map_or("", String::as_str);
        let fail = |what: &str| PackError::clause(&path, text, &procedure.id, what.to_owned());
        if let Some(what) = state.defect(procedure) {
            return Err(fail(what));
        }
        if known.iter().any(|other| state.contradicts(other)) {
            return Err(fail(
                "`row_state`: another procedure says something else with this word, or the same with another",
            ));
        }
        known.push(state);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARNING: &str = "liaoning/ordinance-2015/procedures/warning_notice.toml";
    const OUTSIDE: &str = "liaoning/ordinance-2015/procedures/outside_provider_filing.toml";

    fn state(packs: &Packs, procedure: &str) -> RowState {
        packs.procedure(procedure).unwrap().row_state.clone().unwrap()
    }

    #[test]
    fn a_warned_unit_is_not_called_filed() {
        let packs = Packs::embedded().unwrap();
        let (filed, warned) = (state(&packs, "provider_filing"), state(&packs, "warning_notice"));
        assert_eq!((filed.register.as_str(), warned.register.as_str()), ("providers", "providers"));
        assert_eq!((filed.zh.as_str(), filed.en.as_str()), ("已备案", "filed"));
        assert_eq!((warned.zh.as_str(), warned.en.as_str()), ("警示（不表示已备案）", "warned (not a filing)"));
        assert!(filed.is_sought() && filed.none().is_some());
        assert!(!warned.is_sought() && warned.none().is_none());
        assert_eq!(filed, state(&packs, "outside_provider_filing"));
        assert_ne!(filed.about(), warned.about());
    }

    #[test]
    fn every_row_of_a_register_with_states_has_one() {
        let packs = Packs::embedded().unwrap();
        let enters = |register: &str| {
            let all = packs
                .procedures()
                .iter()
                .filter(move |p| p.outcomes.iter().any(|o| o.registers.iter().any(|r| r == register)));
            all.map(|p| (p.id.clone(), p.row_state.clone())).collect::<Vec<_>>()
        };
        let all = enters("providers");
        assert!(all.len() >= 3 && all.iter().all(|(_, state)| state.is_some()), "{all:?}");
        // Who is filed there says so; what is registered and not filed stays plain.
        let sellers = enters("makers_and_sellers");
        assert!(sellers.iter().any(|(_, state)| state.as_ref().is_some_and(RowState::is_sought)), "{sellers:?}");
    }

    #[test]
    fn a_state_that_lacks_a_language_or_has_two_meanings_is_found() {
        for (path, from, to, says) in [
            (WARNING, "en = \"warned (not a filing)\"", "en = \"\"", "missing in one language"),
            (WARNING, "zh = \"警示（不表示已备案）\"", "zh = \"已备案\"", "something else with this word"),
            (WARNING, "word = \"warned\"", "word = \"filed\"", "something else with this word"),
            (WARNING, "word = \"warned\"", "word = \"Warned\"", "small letters"),
            (
                WARNING,
                "[row_state]\nregister = \"providers\"",
                "[row_state]\nregister = \"units\"",
                "no outcome of the procedure enters",
            ),
            (OUTSIDE, "none_en = \"This", "none_en = \"\" # \"This", "in both languages, or not at all"),
            (OUTSIDE, "about_en = \"the", "about_en = \"\" # \"the", "missing in one language"),
            (OUTSIDE, "zh = \"已备案\"", "zh = \"在册\"", "something else with this word"),
        ] {
            let mut files = crate::embedded::files();
            let text = files.get_mut(path).unwrap();
            assert!(text.contains(from), "{path}: {from}");
            *text = text.replacen(from, to, 1);
            let error = Packs::from_files(&files).unwrap_err();
            assert!(error.what.contains(says), "{from} -> {to}: {error}");
            assert!(error.is_known(), "no words of its own: {error}");
        }
    }

    #[test]
    fn a_name_has_a_most() {
        let with = |more: usize| {
            let mut files = crate::embedded::files();
            let text = files.get_mut(WARNING).unwrap();
            let to = format!("zh = \"{}\"", "警".repeat(more));
            *text = text.replacen("zh = \"警示（不表示已备案）\"", &to, 1);
            Packs::from_files(&files).is_ok()
        };
        assert!(with(MOST_NAME) && !with(MOST_NAME + 1));
    }
}
