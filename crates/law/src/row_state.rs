//! `[row_state]` of a procedure: what a row that it enters in a register says of whom it is about, e.g. that a unit is filed, or only warned; and
//! `[[not_in_force]]`: which of its outcomes enter rows that grant nothing.
//!
//! ```text
//! [row_state], [[not_in_force]] of <pack>/procedures/<id>.toml ─▶ RowState, NotInForce, checked ─┐
//! state, in_force of registers/<id>.toml ────────────────────────────────────────────────────────┴▶ Packs::row_standing, Packs::in_force_by
//! ```
//! Lists, pages, copies and searches of the register tell it as the state of the row, narrow by it, and say at their head how it is read.
//!
//! Always true: a state is of a register that an outcome of the procedure enters; every text stands in both languages; one word has one meaning in
//! a register, whichever procedure says it, and two words never read alike; a row is in force only where the packs say so: what they do not know
//! is on record and nothing more.

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

/// An outcome whose rows are never in force: they record that something was not granted, or was taken away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotInForce {
    /// The outcome.
    pub outcome: String,
    /// Registers that it enters and in which its rows are not in force.
    pub registers: Vec<String>,
    /// What they read: refused.
    pub zh: String,
    /// What they read, English.
    pub en: String,
}

impl NotInForce {
    /// What the rows read.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }

    fn is_of(&self, register: &str, outcome: &str) -> bool {
        self.outcome == outcome && self.registers.iter().any(|r| r == register)
    }

    fn defect(&self, own: &Procedure) -> Option<&'static str> {
        let Some(outcome) = own.outcomes.iter().find(|o| o.id == self.outcome) else {
            return Some("`not_in_force` names an outcome that the procedure does not have");
        };
        let entered = self.registers.iter().all(|register| outcome.registers.contains(register));
        if self.registers.is_empty() || !entered {
            return Some("`not_in_force` names registers that its outcome enters, at least one");
        }
        let again =
            |register: &String| own.not_in_force.iter().filter(|n| n.is_of(register, &self.outcome)).count() > 1;
        if self.registers.iter().any(again) {
            return Some("`not_in_force` says of one outcome and register more than once what its rows read");
        }
        let bad = |text: &String| text.trim().is_empty() || text.chars().count() > MOST_NAME;
        [&self.zh, &self.en]
            .into_iter()
            .any(bad)
            .then_some("`not_in_force`: a text is missing in one language, or too long to be read")
    }
}

/// How a row stands on the days on which it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowStanding {
    /// In force; what it reads, where the form of the register has words for it.
    InForce(Option<Text>),
    /// Entered, and nothing says that it is in force; what it reads, where the form of the register has words for it.
    OnRecord(Option<Text>),
    /// In force on no day, because of the outcome that entered it; what it reads.
    Never(Text),
}

/// By what a row was made, as one word: its procedure and outcome; `:` where no case made it.
#[must_use]
pub fn made_by(procedure: &str, outcome: &str) -> String {
    format!("{procedure}:{outcome}")
}

/// Procedures that enter a register.
fn entering<'a>(packs: &'a Packs, register: &'a str) -> impl Iterator<Item = &'a Procedure> {
    let enters = move |p: &&Procedure| p.outcomes.iter().any(|o| o.registers.iter().any(|r| r == register));
    packs.procedures().iter().filter(enters)
}

impl Packs {
    /// How a row of a register stands that this outcome of this procedure entered; without a procedure somebody entered it by hand.
    #[must_use]
    pub fn row_standing(&self, register: &str, procedure: &str, outcome: &str) -> RowStanding {
        if procedure.is_empty() {
            return match self.register_form(register) {
                Some(form) if form.in_force => RowStanding::InForce(Some(form.state())),
                form => RowStanding::OnRecord(form.map(crate::RegisterForm::state)),
            };
        }
        if outcome.is_empty() && self.own_rows_in_force(register) && self.procedure(procedure).is_some() {
            return RowStanding::InForce(None);
        }
        let found = entering(self, register).find(|p| p.id == procedure);
        match found.filter(|p| p.outcomes.iter().any(|o| o.id == outcome)) {
            None => RowStanding::OnRecord(None),
            Some(known) => match known.not_in_force.iter().find(|n| n.is_of(register, outcome)) {
                Some(never) => RowStanding::Never(never.name()),
                None => RowStanding::InForce(None),
            },
        }
    }

    /// Rows that the program writes for cases beside their decisions are in force in this register.
    fn own_rows_in_force(&self, register: &str) -> bool {
        self.carriers().registers().iter().any(|listed| listed.id == register && listed.own_rows_in_force)
    }

    /// By what the rows of a register were made that can be in force, each as [`made_by`] writes it; empty: none can.
    #[must_use]
    pub fn in_force_by(&self, register: &str) -> Vec<String> {
        let by_hand = self.register_form(register).filter(|form| form.in_force).map(|_| made_by("", ""));
        let by_cases = entering(self, register).flat_map(|p| {
            let can_be = move |o: &&crate::Outcome| !p.not_in_force.iter().any(|n| n.is_of(register, &o.id));
            p.outcomes.iter().filter(can_be).map(move |o| made_by(&p.id, &o.id))
        });
        let own = self.procedures().iter().filter(|_| self.own_rows_in_force(register)).map(|p| made_by(&p.id, ""));
        by_hand.into_iter().chain(by_cases).chain(own).collect()
    }
}

/// What needs the outcomes and the other procedures.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    let mut known: Vec<&RowState> = Vec::new();
    for procedure in packs.procedures() {
        let path = format!("{}/procedures/{}.toml", procedure.folder, procedure.id);
        let text = files.get(&path).map_or("", String::as_str);
        let fail = |what: &str| PackError::clause(&path, text, &procedure.id, what.to_owned());
        if let Some(what) = procedure.not_in_force.iter().find_map(|never| never.defect(procedure)) {
            return Err(fail(what));
        }
        let Some(state) = &procedure.row_state else { continue };
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
    fn only_what_the_packs_call_so_is_in_force() {
        let packs = Packs::embedded().unwrap();
        let stands = |register: &str, procedure: &str, outcome: &str| packs.row_standing(register, procedure, outcome);
        assert_eq!(stands("public_areas", "area_approval", "approved"), RowStanding::InForce(None));
        let refused = RowStanding::Never(Text::new("不予批准", "refused"));
        assert_eq!(stands("public_areas", "area_approval", "refused"), refused);
        // A revocation bars, and the registration itself is gone.
        assert_eq!(stands("bans", "registration_revocation", "revoked"), RowStanding::InForce(None));
        assert!(matches!(stands("products", "registration_revocation", "revoked"), RowStanding::Never(_)));
        // The program's own rows for a case: a hold of footage holds.
        assert_eq!(stands("holds", "citizen_viewing", ""), RowStanding::InForce(None));
        // By hand: what the form of the register says.
        assert_eq!(stands("bodies", "", ""), RowStanding::InForce(Some(Text::new("在册", "listed"))));
        assert_eq!(stands("archive", "", ""), RowStanding::OnRecord(Some(Text::new("在档", "on file"))));
        for (register, procedure, outcome) in [
            ("holds", "", ""),
            ("providers", "gone", "filed"),
            ("providers", "provider_filing", ""),
            ("providers", "area_approval", "approved"),
        ] {
            assert_eq!(stands(register, procedure, outcome), RowStanding::OnRecord(None), "{register} {procedure}");
        }
    }

    #[test]
    fn what_was_not_granted_not_verified_or_not_opened_is_in_force_nowhere() {
        let packs = Packs::embedded().unwrap();
        let denies = |id: &str| id.starts_with("not_") || ["refused", "failed", "no_case", "crime"].contains(&id);
        let mut seen = 0;
        for procedure in packs.procedures() {
            for outcome in procedure.outcomes.iter().filter(|o| denies(&o.id)) {
                for register in &outcome.registers {
                    let stands = packs.row_standing(register, &procedure.id, &outcome.id);
                    assert!(matches!(stands, RowStanding::Never(_)), "{} {} {register}", procedure.id, outcome.id);
                    seen += 1;
                }
            }
        }
        assert!(seen > 10, "{seen}");
        // Handed on to a penalty case: nothing is imposed yet.
        let imposed = packs.in_force_by("penalties");
        assert!(imposed.iter().all(|by| !by.ends_with(":to_penalty")), "{imposed:?}");
        assert!(imposed.contains(&made_by("penalty_case", "fined")));
    }

    #[test]
    fn the_filter_and_the_state_of_a_row_say_the_same() {
        let packs = Packs::embedded().unwrap();
        let mut seen = [0, 0];
        for register in packs.carriers().registers() {
            let listed = packs.in_force_by(&register.id);
            let of_cases =
                packs.procedures().iter().flat_map(|p| p.outcomes.iter().map(move |o| (p.id.as_str(), o.id.as_str())));
            for (procedure, outcome) in of_cases.chain([("", ""), ("citizen_viewing", "")]) {
                let stands = packs.row_standing(&register.id, procedure, outcome);
                let is = matches!(stands, RowStanding::InForce(_));
                assert_eq!(listed.contains(&made_by(procedure, outcome)), is, "{} {procedure} {outcome}", register.id);
                seen[usize::from(is)] += 1;
            }
        }
        assert!(seen.iter().all(|n| *n > 10), "{seen:?}");
        assert!(
            packs.in_force_by("archive").is_empty()
                && packs.in_force_by("holds").contains(&made_by("evidence_retrieval", "issued"))
        );
    }

    #[test]
    fn a_wrong_outcome_that_grants_nothing_is_found() {
        const AREA: &str = "heilongjiang/ordinance-2012/procedures/area_approval.toml";
        let own = "[[not_in_force]]\noutcome = \"refused\"\nregisters = [\"public_areas\"]\nzh = \"不予批准\"\nen = \"refused\"\n";
        let with = |from: &str, to: &str| own.replacen(from, to, 1);
        for (to, says) in [
            (with("\"refused\"", "\"denied\""), "an outcome that the procedure does not have"),
            (with("\"public_areas\"", "\"systems\""), "registers that its outcome enters"),
            (with("\"public_areas\"", ""), "registers that its outcome enters"),
            (format!("{own}\n{own}"), "more than once"),
            (with("\"不予批准\"", "\"\""), "missing in one language"),
            (with("\"不予批准\"", &format!("\"{}\"", "不".repeat(MOST_NAME + 1))), "too long to be read"),
        ] {
            let mut files = crate::embedded::files();
            let text = files.get_mut(AREA).unwrap();
            assert!(text.contains(own), "{text}");
            *text = text.replacen(own, &to, 1);
            let error = Packs::from_files(&files).unwrap_err();
            assert!(error.what.contains(says) && error.is_known(), "{to}: {error}");
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
