//! Columns by which rows of a register are narrowed: `filter` of its entry in `carriers.toml`.
//!
//! What flows through: ids of columns -> the fields of forms and procedures that fill them in. Always true: a marked column is filled in somewhere;
//! it is a division or a choice in every place, never about a natural person, and never that by which a row is confidential.

use crate::form::{Field, FieldKind};
use crate::{PackError, Packs};
use std::collections::BTreeMap;

/// The file with the marks.
const FILE: &str = "carriers.toml";
/// Most columns of one register by which it is narrowed.
const MOST: usize = 8;

impl Packs {
    /// The fields that fill in the marked columns of a register: of its form, then of procedures, in the order of the packs. An id may come
    /// several times.
    #[must_use]
    pub fn row_filters(&self, register: &str) -> Vec<&Field> {
        let Some(listed) = self.carriers().registers().iter().find(|r| r.id == register) else { return Vec::new() };
        let by_hand = self.register_form(register).into_iter().flat_map(|form| &form.fields);
        let of_cases = self.procedures().iter().flat_map(|p| &p.fields);
        let of = |f: &&Field| f.registers.iter().any(|r| r == register) && listed.filter.contains(&f.id);
        by_hand.chain(of_cases).filter(of).collect()
    }
}

/// What is wrong with a mark.
fn defect(packs: &Packs, register: &str, id: &str) -> Option<String> {
    let fields = packs.row_filters(register);
    let mut named = fields.iter().filter(|f| f.id == id).peekable();
    if named.peek().is_none() {
        return Some(format!("`filter` names `{id}`: no form or procedure fills in such a column"));
    }
    let narrows = |f: &&&Field| matches!(f.kind, FieldKind::Division | FieldKind::Choice) && !f.personal;
    if !named.all(|f| narrows(&f)) {
        return Some(format!("`filter` names `{id}`: it is a division or a choice, not personal"));
    }
    let is_level = packs.register_form(register).is_some_and(|form| !form.level.is_empty());
    is_level.then(|| "`filter`: rows of this register may be confidential, so none is found by what it says".to_owned())
}

/// Every mark names a column that can be one.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    let text = files.get(FILE).map_or("", String::as_str);
    let carriers = packs.carriers();
    for listed in carriers.registers() {
        if listed.filter.len() > MOST {
            let what = format!("more than {MOST} columns in `filter`");
            return Err(PackError::clause(FILE, text, &listed.id, what));
        }
        if let Some(what) = listed.filter.iter().find_map(|id| defect(packs, &listed.id, id)) {
            return Err(PackError::clause(FILE, text, &listed.id, what));
        }
    }
    let mut others = [carriers.publications(), carriers.pages(), carriers.procedures()].into_iter().flatten();
    match others.find(|other| !other.filter.is_empty()) {
        Some(other) => Err(PackError::clause(FILE, text, &other.id, "only a register has `filter`")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(from: &str, to: &str) -> String {
        let mut files = crate::embedded::files();
        let text = files.get_mut(FILE).unwrap();
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
        Packs::from_files(&files).unwrap_err().what
    }

    #[test]
    fn what_is_public_by_place_can_be_narrowed_by_place() {
        let packs = Packs::embedded().unwrap();
        for register in packs.carriers().registers() {
            let form = packs.register_form(&register.id);
            let fields =
                packs.procedures().iter().flat_map(|p| &p.fields).chain(form.into_iter().flat_map(|f| &f.fields));
            for field in fields.filter(|f| f.registers.contains(&register.id) && f.public) {
                let is_place = field.kind == FieldKind::Division;
                assert!(!is_place || register.filter.contains(&field.id), "{} {}", register.id, field.id);
            }
        }
        assert!(packs.row_filters("providers").iter().all(|f| f.public), "a citizen lists the providers of a city");
        assert!(packs.row_filters("archive").is_empty() && packs.row_filters("nothing").is_empty());
    }

    #[test]
    fn a_mark_that_cannot_be_one_is_told() {
        let units = "filter = [\"unit_division\", \"place_division\", \"ground\"]";
        for (to, says) in [
            ("filter = [\"nothing\"]", "no form or procedure"),
            ("filter = [\"unit_name\"]", "a division or a choice"),
            ("filter = [\"responsible\"]", "a division or a choice"),
        ] {
            let what = fault(units, to);
            assert!(what.contains(says), "{to}: {what}");
        }
        let many = format!("filter = [{}]", ["\"ground\""; MOST + 1].join(", "));
        assert!(fault(units, &many).contains("more than"));
        let archive = "name_en = \"archive of drawings and data\"";
        let marked = format!("{archive}\nfilter = [\"document_kind\"]");
        assert!(fault(archive, &marked).contains("confidential"));
        let notice = "id = \"provider_directory\"";
        assert!(fault(notice, &format!("{notice}\nfilter = [\"x\"]")).contains("only a register"));
    }
}
