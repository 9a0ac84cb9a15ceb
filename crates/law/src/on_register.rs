//! `[[on_register]]` of a procedure: a number in its form by which a row of a register should be found, e.g. the certificate of a testing body.
//!
//! What flows through: `[[on_register]]` of `<pack>/procedures/<id>.toml` -> [`OnRegister`]s, checked -> whoever handles a case is told where no such
//! row is there, or none that held on the day. Always true: it is a warning and no condition; number and day are required, not personal fields of
//! the procedure; the register is filled in by hand and its column is public, so that the row can be found.

use crate::form::{Field, FieldKind};
use crate::procedure::Answered;
use crate::register_form::RegisterForm;
use crate::{PackError, Packs, Procedure};
use base::{ClauseId, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most of them in one procedure.
const MOST: usize = 8;
/// Longest sentence, characters.
const MOST_CHARS: usize = 400;

/// A row of a register that a number in the form of a case should lead to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnRegister {
    /// Id of the field with the number.
    pub number: String,
    /// Id of the field with the day on which the row had to hold.
    pub day: String,
    /// The register; it has a form for rows by hand.
    pub register: String,
    /// Id of its column with the number; the public reads it.
    pub column: String,
    /// Only rows with one of these answers in a choice of its form.
    #[serde(default)]
    pub only: Option<Answered>,
    /// The clause that asks for it.
    pub clause: ClauseId,
    /// What is told where no row has the number.
    pub zh: String,
    /// The same, English.
    pub en: String,
    /// What is told where a row has it and none held on the day.
    pub over_zh: String,
    /// The same, English.
    pub over_en: String,
}

impl OnRegister {
    /// What is told where no row has the number.
    #[must_use]
    pub fn unknown(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }

    /// What is told where a row has it and none held on the day.
    #[must_use]
    pub fn over(&self) -> Text {
        Text::of(self.over_zh.clone(), self.over_en.clone())
    }

    fn defect(&self, own: &Procedure, form: Option<&RegisterForm>) -> Option<&'static str> {
        let asked = |id: &str, kind: FieldKind| {
            own.field(id).is_some_and(|f| f.kind == kind && f.required && !f.personal && !f.kind.is_personal())
        };
        if !asked(&self.number, FieldKind::Line) || !asked(&self.day, FieldKind::Day) {
            return Some("`on_register` names a line and a day of the procedure, both required and not personal");
        }
        let Some(form) = form else { return Some("`on_register` names a register without a form") };
        let found = |f: &Field| f.kind == FieldKind::Line && f.public;
        if !form.field(&self.column).is_some_and(found) {
            return Some("`on_register` names a column that is no public line of the register");
        }
        if self.only.as_ref().is_some_and(|only| !is_answered(form, only)) {
            return Some("`on_register` asks with `only` for an answer that the register does not have");
        }
        let words = [&self.zh, &self.en, &self.over_zh, &self.over_en];
        let bad = words.iter().any(|w| w.trim().is_empty() || w.chars().count() > MOST_CHARS);
        bad.then_some("`on_register`: a sentence is missing in one language, or too long to be read")
    }
}

/// Every answer is one of a required choice of the form.
fn is_answered(form: &RegisterForm, only: &Answered) -> bool {
    let choice = form.field(&only.field).filter(|f| f.kind == FieldKind::Choice && f.required);
    choice.is_some_and(|f| !only.is.is_empty() && only.is.iter().all(|id| f.choice(id).is_some()))
}

/// What needs procedures and forms of registers.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    for procedure in packs.procedures() {
        let path = format!("{}/procedures/{}.toml", procedure.folder, procedure.id);
        let text = files.get(&path).map_or("", String::as_str);
        let fail = |what: String| PackError::clause(&path, text, &procedure.id, what);
        if procedure.on_register.len() > MOST {
            return Err(fail(format!("`on_register` stands more than {MOST} times")));
        }
        for rule in &procedure.on_register {
            if let Some(what) = rule.defect(procedure, packs.register_form(&rule.register)) {
                return Err(fail(what.to_owned()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTANCE: &str = "heilongjiang/ordinance-2012/procedures/acceptance.toml";

    #[test]
    fn the_testing_body_of_an_acceptance_should_be_on_its_register() {
        let packs = Packs::embedded().unwrap();
        let rules = &packs.procedure("acceptance").unwrap().on_register;
        let [rule] = rules.as_slice() else { panic!("{rules:?}") };
        assert_eq!((rule.register.as_str(), rule.column.as_str()), ("bodies", "certificate_number"));
        assert_eq!((rule.number.as_str(), rule.day.as_str()), ("body_certificate", "report_day"));
        assert_eq!(rule.clause, ClauseId::new("B-19-2-1"));
        assert_ne!(rule.unknown(), rule.over());
        assert!(packs.procedure("acceptance").unwrap().named_clauses().any(|c| *c == rule.clause));
    }

    #[test]
    fn there_is_a_most_of_them() {
        let with = |more: usize| {
            let mut files = crate::embedded::files();
            let text = files.get_mut(ACCEPTANCE).unwrap();
            let from = text.find("[[on_register]]").unwrap();
            let to = from + 1 + text[from + 1..].find("[[").unwrap();
            let rule = text[from..to].to_owned();
            text.insert_str(to, &rule.repeat(more));
            Packs::from_files(&files)
        };
        assert!(with(MOST - 1).is_ok());
        let error = with(MOST).unwrap_err();
        assert!(error.what.contains("more than 8 times") && error.is_known(), "{error}");
    }
}
