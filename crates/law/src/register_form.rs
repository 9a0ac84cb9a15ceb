//! Forms of registers whose rows no case makes: what an officer enters by hand, by which clause, what the public may read of it,
//! and how its rows stand.
//!
//! What flows through: `registers/<id>.toml` -> [`RegisterForm`]s, checked -> the form of a row, the columns of the register. Always true: the
//! register is listed in `carriers.toml`; its clauses exist; a row is named by a required field that is about no natural person; personal data
//! is marked and never public; the day on which a row ends is a day of the form; every sample could be typed.

use crate::form::{Field, FieldKind};
use crate::{PackError, Packs};
use base::{ClauseId, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

type Files = BTreeMap<String, String>;

/// Where forms stand, below `law/`.
const FOLDER: &str = "registers/";
/// Most forms.
const MOST_FORMS: usize = 64;
/// Most fields of a form.
const MOST_FIELDS: usize = 40;
/// Longest sentence, characters.
const MOST_CHARS: usize = 300;
/// Longest state of a row, characters: it stands in a column of lists.
const MOST_STATE: usize = 40;

/// The form of a register's row.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterForm {
    /// Word of the register; the file's name.
    pub id: String,
    /// What a row is, one sentence.
    pub about_zh: String,
    /// What a row is, English.
    pub about_en: String,
    /// What a row that was entered by hand reads on the days on which it holds, e.g. listed.
    pub state_zh: String,
    /// The same, English.
    pub state_en: String,
    /// Such a row is in force on these days; else it only records what was.
    #[serde(default)]
    pub in_force: bool,
    /// The clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// Id of the field whose value names the row.
    pub subject: String,
    /// Id of the field with the first day on which the row holds; empty: the day of entry.
    #[serde(default)]
    pub from: String,
    /// Id of the field with the last day on which the row holds, e.g. of a certificate; empty: it holds until somebody ends it.
    #[serde(default)]
    pub until: String,
    /// Id of the choice that says how confidential a row is: every officer sees rows of its first choice, its own office those of the others.
    #[serde(default)]
    pub level: String,
    /// Levels (choices of `level`) of whose rows files are kept; empty: none are. A level that is not here is that of what may not be put in at all.
    #[serde(default)]
    pub files_of: Vec<String>,
    /// What is filled in, in the order of the form.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

impl RegisterForm {
    /// What a row is, in both languages.
    #[must_use]
    pub fn about(&self) -> Text {
        Text::of(self.about_zh.clone(), self.about_en.clone())
    }

    /// What a row reads on the days on which it holds, in both languages.
    #[must_use]
    pub fn state(&self) -> Text {
        Text::of(self.state_zh.clone(), self.state_en.clone())
    }

    /// The field of this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.id == id)
    }

    /// Whether a row of this level (a choice of the field `level`) is for its own office only. A form without levels has none; a level that
    /// nobody knows counts as confidential.
    #[must_use]
    pub fn is_confidential(&self, level: &str) -> bool {
        let Some(field) = self.field(&self.level) else { return false };
        field.choices.first().is_none_or(|open| open.id != level)
    }

    /// Whether files are kept of rows of this level.
    #[must_use]
    pub fn keeps_file(&self, level: &str) -> bool {
        self.files_of.iter().any(|of| of == level)
    }

    /// What the form itself shows to be wrong, with the entry it is about.
    fn defect(&self) -> Result<(), (String, String)> {
        let whole = |what: String| (self.id.clone(), what);
        let words = [&self.about_zh, &self.about_en];
        if words.iter().any(|w| w.trim().is_empty() || w.chars().count() > MOST_CHARS) {
            return Err(whole("`about` is missing in one language, or too long to be read".to_owned()));
        }
        let states = [&self.state_zh, &self.state_en];
        if states.iter().any(|w| w.trim().is_empty() || w.chars().count() > MOST_STATE) {
            return Err(whole("`state` is missing in one language, or too long to be read".to_owned()));
        }
        if self.clauses.is_empty() {
            return Err(whole("a register names the clauses that ask for it".to_owned()));
        }
        if self.fields.len() > MOST_FIELDS {
            return Err(whole(format!("{} fields, more than {MOST_FIELDS}", self.fields.len())));
        }
        for (n, field) in self.fields.iter().enumerate() {
            let at = |what: String| (field.id.clone(), what);
            if self.fields.iter().take(n).any(|f| f.id == field.id) {
                return Err(at(format!("field `{}` stands twice", field.id)));
            }
            if !field.step.is_empty() || !field.registers.is_empty() {
                return Err(at(format!("field `{}` of a register names no step and no register", field.id)));
            }
            crate::form_check::check_alone(field).map_err(at)?;
        }
        self.check_named().map_err(whole)
    }

    /// The fields that have a meaning for the row are of the kind for it.
    fn check_named(&self) -> Result<(), String> {
        let names = |f: &Field| matches!(f.kind, FieldKind::Line | FieldKind::Choice) && f.required && !f.personal;
        if !self.field(&self.subject).is_some_and(names) {
            return Err(format!("`subject` names `{}`: it is a required line or choice, not personal", self.subject));
        }
        // Every list shows the name of a row, the public one too.
        let is_public = |f: &Field| f.public;
        if self.fields.iter().any(is_public) && !self.field(&self.subject).is_some_and(is_public) {
            return Err(format!("`subject` names `{}`: it is public where another field is", self.subject));
        }
        for (key, id) in [("from", &self.from), ("until", &self.until)] {
            if !id.is_empty() && self.field(id).is_none_or(|f| f.kind != FieldKind::Day) {
                return Err(format!("`{key}` names `{id}`: it is no day of the form"));
            }
        }
        let grades = |f: &Field| f.kind == FieldKind::Choice && f.required;
        if !self.level.is_empty() && !self.field(&self.level).is_some_and(grades) {
            return Err(format!("`level` names `{}`: it is no required choice of the form", self.level));
        }
        let is_level = |id: &String| self.field(&self.level).is_some_and(|field| field.choice(id).is_some());
        if let Some(id) = self.files_of.iter().find(|id| !is_level(id)) {
            return Err(format!("`files_of` names `{id}`: it is no level of the form"));
        }
        Ok(())
    }
}

/// Reads `registers/`, by word.
pub(crate) fn read(files: &Files) -> Result<Vec<RegisterForm>, PackError> {
    let mut out: Vec<RegisterForm> = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with(FOLDER)) {
        if out.len() == MOST_FORMS {
            return Err(PackError::file(path, format!("more than {MOST_FORMS} forms of registers")));
        }
        let mut form: RegisterForm = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        if *path != format!("{FOLDER}{}.toml", form.id) {
            let what = format!("the file of this form is `{FOLDER}{}.toml`", form.id);
            return Err(PackError::clause(path, text, &form.id, what));
        }
        form.defect().map_err(|(entry, what)| PackError::clause(path, text, &entry, what))?;
        // A column of this register, as a procedure's field would say it.
        let register = form.id.clone();
        for field in &mut form.fields {
            field.registers.push(register.clone());
        }
        out.push(form);
    }
    Ok(out)
}

/// What needs the packs: the register is listed, no clause dangles.
pub(crate) fn check(packs: &Packs, files: &Files) -> Result<(), PackError> {
    for form in packs.register_forms() {
        let path = format!("{FOLDER}{}.toml", form.id);
        let text = files.get(&path).map_or("", String::as_str);
        if !packs.carriers().registers().iter().any(|r| r.id == form.id) {
            let what = format!("register `{}` is not listed in carriers.toml", form.id);
            return Err(PackError::clause(&path, text, &form.id, what));
        }
        let named = form.fields.iter().filter_map(|f| f.clause.as_ref());
        if let Some(clause) = form.clauses.iter().chain(named).find(|clause| packs.clause(clause).is_none()) {
            return Err(PackError::clause(&path, text, &clause.0, format!("clause `{clause}` does not exist")));
        }
    }
    Ok(())
}

/// What needs both: the columns of the register of a panel are there, each of its kind.
pub(crate) fn check_panels(packs: &Packs, files: &Files) -> Result<(), PackError> {
    for procedure in packs.procedures() {
        let Some(panel) = &procedure.panel else { continue };
        let columns = [
            (&panel.name, FieldKind::Name),
            (&panel.employer, FieldKind::Line),
            (&panel.employer_code, FieldKind::CreditCode),
            (&panel.recusal, FieldKind::Words),
        ];
        let form = packs.register_form(&panel.register);
        let is_there = |(id, kind): &(&String, FieldKind)| {
            form.and_then(|f| f.field(id)).is_some_and(|field| field.kind == *kind && field.personal)
        };
        if !columns.iter().all(is_there) {
            let path = format!("{}/procedures/{}.toml", procedure.folder, procedure.id);
            let text = files.get(&path).map_or("", String::as_str);
            let what = format!("`panel`: register `{}` has no such sealed columns", panel.register);
            return Err(PackError::clause(&path, text, &procedure.id, what));
        }
    }
    Ok(())
}

impl Packs {
    /// Forms of registers whose rows are entered by hand, by word.
    #[must_use]
    pub fn register_forms(&self) -> &[RegisterForm] {
        &self.register_forms
    }

    /// The form of a register; `None` where only cases write its rows.
    #[must_use]
    pub fn register_form(&self, register: &str) -> Option<&RegisterForm> {
        self.register_forms().iter().find(|form| form.id == register)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODIES: &str = "registers/bodies.toml";
    const ARCHIVE: &str = "registers/archive.toml";

    fn fault(path: &str, from: &str, to: &str) -> PackError {
        let mut files = crate::embedded::files();
        let text = files.get_mut(path).unwrap();
        assert!(text.contains(from), "{path}: {from}");
        *text = text.replacen(from, to, 1);
        Packs::from_files(&files).unwrap_err()
    }

    #[test]
    fn what_no_procedure_writes_has_a_form() {
        let packs = Packs::embedded().unwrap();
        let ids: Vec<&str> = packs.register_forms().iter().map(|f| f.id.as_str()).collect();
        let wanted = [
            "archive",
            "bodies",
            "devices",
            "experts",
            "incidents_of_obstruction",
            "integrations",
            "maintenance",
            "products",
            "rewards",
            "rules",
            "signs",
            "training",
            "units",
        ];
        assert_eq!(ids, wanted);
        // A register is filled by cases, by hand, or elsewhere on the servers; what is nowhere is not called built.
        let by_cases =
            |id: &str| packs.procedures().iter().flat_map(|p| &p.outcomes).any(|o| o.registers.iter().any(|r| r == id));
        for register in packs.carriers().registers() {
            let own = register.route.as_deref().is_some_and(|route| route != "/registers/{register}");
            let filled = own || by_cases(&register.id) || packs.register_form(&register.id).is_some();
            assert_eq!(filled, register.built, "{}", register.id);
        }
        assert!(packs.register_form("bans").is_none());
    }

    #[test]
    fn every_register_by_hand_can_be_written_in_every_province_with_an_ordinance() {
        let packs = Packs::embedded().unwrap();
        for place in packs.all().iter().flat_map(|pack| &pack.head.jurisdictions).copied() {
            let here = |folder: &str| packs.all().iter().any(|pack| pack.folder == folder && pack.reaches(place));
            for form in packs.register_forms() {
                let reaches = |id: &ClauseId| packs.clause(id).is_some_and(|(pack, _)| pack.reaches(place));
                let by_hand = form.clauses.iter().any(reaches);
                let mut cases = packs.procedures().iter().filter(|p| here(&p.folder)).flat_map(|p| &p.outcomes);
                let by_cases = cases.any(|o| o.registers.contains(&form.id));
                assert!(by_hand || by_cases, "{} {place:?}", form.id);
            }
        }
    }

    #[test]
    fn a_reward_is_written_by_a_case_where_steps_are_named_and_by_hand_where_none_are() {
        let packs = Packs::embedded().unwrap();
        let form = packs.register_form("rewards").unwrap();
        for province in crate::Jurisdiction::provinces() {
            let reaches = |id: &ClauseId| packs.clause(id).is_some_and(|(pack, _)| pack.reaches(province));
            let here = |p: &&crate::Procedure| {
                packs.all().iter().any(|pack| pack.folder == p.folder && pack.reaches(province))
            };
            let writes = |p: &crate::Procedure| p.outcomes.iter().any(|o| o.registers.contains(&form.id));
            let by_cases = packs.procedures().iter().filter(here).any(writes);
            assert_ne!(form.clauses.iter().any(reaches), by_cases, "{province:?}: one way, and never none");
        }
        assert!(form.field("person_name").is_some_and(|f| f.personal && !f.public));
    }

    #[test]
    fn an_integration_is_a_row_and_reads_alike_in_both_ordinances() {
        let packs = Packs::embedded().unwrap();
        let form = packs.register_form("integrations").unwrap();
        for wanted in ["systems", "into", "decided_by", "decision_number", "decided_day"] {
            assert!(form.field(wanted).is_some_and(|f| f.required && !f.public && !f.personal), "{wanted}");
        }
        for clause in ["A-5", "B-23-1-1"] {
            assert!(form.clauses.iter().any(|c| c.0 == clause), "{clause}");
            // No clause of A says who asks for it or who decides: no procedure begins one.
            let asked = packs.procedures().iter().find(|p| p.clauses.iter().any(|c| c.0 == clause));
            assert_eq!(asked.map(|p| p.id.as_str()), (clause != "A-5").then_some("networking"), "{clause}");
        }
    }

    #[test]
    fn columns_are_of_their_own_register_and_natural_persons_never_public() {
        for form in Packs::embedded().unwrap().register_forms() {
            for field in &form.fields {
                assert_eq!(field.registers, std::slice::from_ref(&form.id), "{}", field.id);
                assert!(!(field.public && (field.personal || field.kind.is_personal())), "{} {}", form.id, field.id);
            }
            assert!(form.field(&form.subject).is_some_and(|f| !f.personal), "{}", form.id);
        }
    }

    #[test]
    fn a_state_has_a_most() {
        let with = |chars: usize| {
            let mut files = crate::embedded::files();
            let text = files.get_mut(BODIES).unwrap();
            *text = text.replacen("state_zh = \"在册\"", &format!("state_zh = \"{}\"", "册".repeat(chars)), 1);
            Packs::from_files(&files).is_ok()
        };
        assert!(with(MOST_STATE) && !with(MOST_STATE + 1));
    }

    #[test]
    fn only_the_first_level_is_open_to_other_offices() {
        let packs = Packs::embedded().unwrap();
        let archive = packs.register_form("archive").unwrap();
        let levels: Vec<&str> = archive.field(&archive.level).unwrap().choices.iter().map(|c| c.id.as_str()).collect();
        assert!(levels.len() >= 2 && !archive.is_confidential(levels[0]));
        assert!(levels[1..].iter().all(|level| archive.is_confidential(level)));
        assert!(archive.is_confidential("") && archive.is_confidential("unheard_of"));
        let kept: Vec<bool> = levels.iter().map(|level| archive.keeps_file(level)).collect();
        assert_eq!(kept, [true, true, false], "what is a state secret is put in at no level");
        assert!(!archive.keeps_file(""));
        assert!(!packs.register_form("bodies").unwrap().is_confidential("anything"), "it has no levels");
    }

    #[test]
    fn defects_are_named_with_file_and_line() {
        for (path, from, to, at, says) in [
            (BODIES, "id = \"bodies\"", "id = \"body\"", "body", "the file of this form"),
            (BODIES, "about_en = \"", "about_en = \"\" # \"", "bodies", "missing in one language"),
            (BODIES, "state_en = \"listed\"", "state_en = \" \"", "bodies", "`state` is missing in one language"),
            (
                BODIES,
                "clauses = [\"B-32-1-2\", \"B-19-2-1\", \"799-11\"]",
                "clauses = []",
                "bodies",
                "names the clauses",
            ),
            (BODIES, "clauses = [\"B-32-1-2\"", "clauses = [\"B-320\"", "B-320", "does not exist"),
            (BODIES, "subject = \"body_name\"", "subject = \"contact\"", "bodies", "`subject` names `contact`"),
            (BODIES, "subject = \"body_name\"", "subject = \"secret\"", "bodies", "`subject` names `secret`"),
            (BODIES, "clause = \"B-32-1-2\"\npublic = true", "clause = \"B-32-1-2\"", "bodies", "public where another"),
            (BODIES, "until = \"valid_until\"", "until = \"body_name\"", "bodies", "`until` names `body_name`"),
            (BODIES, "until = \"valid_until\"", "level = \"body_name\"", "bodies", "`level` names `body_name`"),
            (BODIES, "id = \"credit_code\"", "id = \"body_name\"", "body_name", "stands twice"),
            (BODIES, "id = \"credit_code\"", "id = \"credit_code\"\nstep = \"x\"", "credit_code", "names no step"),
            (BODIES, "sample = \"2028-06-30\"", "sample = \"2028-06-31\"", "valid_until", "the sample of field"),
            (ARCHIVE, "level = \"level\"", "level = \"nothing\"", "archive", "`level` names `nothing`"),
            (ARCHIVE, "files_of = [\"internal\"", "files_of = [\"open\"", "archive", "`files_of` names `open`"),
        ] {
            let error = fault(path, from, to);
            assert!(error.what.contains(says), "{from} -> {to}: {error}");
            assert_eq!((error.file.as_str(), error.clause.as_deref()), (path, Some(at)), "{error}");
            assert!(error.line.is_some() && error.is_known(), "{error}");
        }
        let error = fault(ARCHIVE, "personal = true", "personal = false");
        assert!(error.what.contains("and therefore `personal"), "{error}");
        let error = fault("carriers.toml", "id = \"bodies\"", "id = \"corpora\"");
        assert!(error.what.contains("is not listed in"), "{error}");
    }

    #[test]
    fn there_is_a_most_of_forms_and_fields() {
        let mut files = crate::embedded::files();
        let text = files.get_mut(BODIES).unwrap();
        let field = "\n[[field]]\nid = \"more_#\"\nzh = \"更多\"\nen = \"more\"\nkind = \"line\"\nsample = \"x\"\n";
        text.extend((0..=MOST_FIELDS).map(|n| field.replacen('#', &n.to_string(), 1)));
        assert!(Packs::from_files(&files).unwrap_err().what.contains("fields, more than"));
        let mut files = crate::embedded::files();
        for n in 0..MOST_FORMS {
            files.insert(format!("registers/x_{n}.toml"), files[BODIES].replacen("bodies", &format!("x_{n}"), 1));
        }
        assert!(Packs::from_files(&files).unwrap_err().what.contains("forms of registers"));
    }
}
