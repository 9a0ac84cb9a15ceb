//! Checks of the fields of a procedure: what can be seen without the other packs.
//!
//! What flows through: a [`Procedure`] as read and the text of its file -> nothing, or a [`PackError`] with the line of the field. Always
//! true after it: ids are unique words; each field stands at a step or outcome; choices stand with choices only; limits lie in those of
//! the kind; personal data is marked and never public; a column stands in a register that an outcome enters; every sample could be typed.
//! Check digits of identifiers are not looked at here: the crate that reads them lies above.

use crate::PackError;
use crate::error::line_of;
use crate::form::{Field, FieldKind};
use crate::procedure::Procedure;
use base::CivilDate;

/// Most fields of one procedure.
const MOST_FIELDS: usize = 128;
/// Fewest answers of a choice.
const FEWEST_CHOICES: usize = 2;
/// Most answers of a choice.
const MOST_CHOICES: usize = 40;
/// Longest id of a field or choice, bytes.
const LONGEST_ID: usize = 40;
/// Longest name of a field or choice, characters, Chinese and English.
const LONGEST_NAME: (usize, usize) = (60, 100);
/// Longest hint, characters.
const LONGEST_HINT: usize = 400;
/// Letters of a unified social credit code (GB 32100-2015): without I, O, S, V, Z.
const CODE_LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Fewest characters of a telephone number.
const SHORTEST_PHONE: usize = 3;

impl Procedure {
    /// Looks at fields, subject and guards; `text` is that of the file at `path`.
    ///
    /// # Errors
    /// The first defect, at the line of its field.
    pub(crate) fn check_fields(&self, path: &str, text: &str) -> Result<(), PackError> {
        let whole = |what: String| PackError::clause(path, text, &self.id, what);
        if self.fields.len() > MOST_FIELDS {
            return Err(whole(format!("{} fields, more than {MOST_FIELDS}", self.fields.len())));
        }
        for (n, field) in self.fields.iter().enumerate() {
            let checked = if self.fields.iter().take(n).any(|f| f.id == field.id) {
                Err(format!("field `{}` stands twice", field.id))
            } else {
                self.check_field(field)
            };
            checked.map_err(|what| at_field(path, text, &field.id, what))?;
        }
        self.check_subject()
            .and_then(|()| self.check_place())
            .and_then(|()| self.check_lengths())
            .and_then(|()| self.check_needs())
            .map_err(whole)
    }

    fn check_field(&self, field: &Field) -> Result<(), String> {
        let id = &field.id;
        check_word(id).map_err(|what| format!("the id of field `{id}` {what}"))?;
        if !self.has_node(&field.step) {
            return Err(format!("there is no step or outcome `{}` where field `{id}` is filled in", field.step));
        }
        check_names(field)?;
        check_choices(field)?;
        check_most(field)?;
        if field.kind.is_personal() && !field.personal {
            return Err(format!("field `{id}` is about a natural person and therefore `personal = true`"));
        }
        if field.personal && field.public {
            return Err(format!("field `{id}` is personal and never public"));
        }
        self.check_columns(field)?;
        if id.strip_suffix("_day").is_some_and(|step| self.has_node(step)) && field.kind != FieldKind::Day {
            return Err(format!("field `{id}` is named for the day of a step: its kind is `day`"));
        }
        check_sample(field).map_err(|what| format!("the sample of field `{id}` {what}"))
    }

    /// A column stands in a register that some outcome enters; a public one in one at least.
    fn check_columns(&self, field: &Field) -> Result<(), String> {
        let id = &field.id;
        if field.public && field.registers.is_empty() {
            return Err(format!("field `{id}` is public and names no register"));
        }
        for (n, register) in field.registers.iter().enumerate() {
            if field.registers.iter().take(n).any(|other| other == register) {
                return Err(format!("register `{register}` stands twice in field `{id}`"));
            }
            if !self.outcomes.iter().any(|o| o.registers.contains(register)) {
                return Err(format!("register `{register}` of field `{id}` is in no outcome of the procedure"));
            }
        }
        Ok(())
    }

    /// The subject is a field that every case has from its first step, and that may stand in a list.
    fn check_subject(&self) -> Result<(), String> {
        if self.subject.is_empty() {
            return match self.fields.first() {
                Some(_) => Err("a procedure with fields says with `subject` which of them names the case".to_owned()),
                None => Ok(()),
            };
        }
        let first = self.steps.first().map(|s| s.id.as_str());
        let fits = self.field(&self.subject).is_some_and(|f| {
            let short = matches!(f.kind, FieldKind::Line | FieldKind::Choice);
            short && f.required && !f.personal && first == Some(f.step.as_str())
        });
        if fits {
            return Ok(());
        }
        Err(format!(
            "`subject` names `{}`: it is a required line or choice of the first step, not personal",
            self.subject
        ))
    }

    /// The place is a division that every case has from its first step.
    fn check_place(&self) -> Result<(), String> {
        let first = self.steps.first().map(|s| s.id.as_str());
        let fits = |f: &Field| f.kind == FieldKind::Division && f.required && first == Some(f.step.as_str());
        if self.place.is_empty() || self.place_field().is_some_and(fits) {
            return Ok(());
        }
        Err(format!("`place` names `{}`: it is a required division of the first step", self.place))
    }

    /// A clock whose length the document sets has its number on the form.
    fn check_lengths(&self) -> Result<(), String> {
        if self.fields.is_empty() {
            return Ok(());
        }
        for clock in self.clocks.iter().filter(|c| c.length.is_set_by_document()) {
            if self.length_field(clock).is_none_or(|f| !f.required) {
                let (id, starts) = (&clock.id, &clock.starts);
                return Err(format!(
                    "clock `{id}` is set by the document: `{starts}` needs a required count `{id}_days`"
                ));
            }
        }
        Ok(())
    }

    fn check_needs(&self) -> Result<(), String> {
        let steps = self.steps.iter().map(|s| (&s.id, &s.needs));
        for (id, needs) in steps.chain(self.outcomes.iter().map(|o| (&o.id, &o.needs))) {
            let twice = needs.iter().enumerate().any(|(n, guard)| needs.iter().take(n).any(|other| other == guard));
            if twice {
                return Err(format!("a guard stands twice in the needs of `{id}`"));
            }
        }
        Ok(())
    }
}

/// An error at the entry of a field; the last of them where it stands twice.
fn at_field(path: &str, text: &str, id: &str, what: String) -> PackError {
    let mut error = PackError::clause(path, text, id, what);
    if let Some(at) = text.rfind(&format!("[[field]]\nid = \"{id}\"\n")) {
        error.line = Some(line_of(text, at) + 1);
    }
    error
}

/// A word of the files: small letters, digits, underscores; a letter first.
fn check_word(word: &str) -> Result<(), String> {
    let begins = word.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let rest = word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if begins && rest && word.len() <= LONGEST_ID {
        return Ok(());
    }
    Err(format!("is no word of a-z, 0-9 and _ of at most {LONGEST_ID}"))
}

fn too_long(zh: &str, en: &str) -> bool {
    zh.chars().count() > LONGEST_NAME.0 || en.chars().count() > LONGEST_NAME.1
}

fn check_names(field: &Field) -> Result<(), String> {
    let id = &field.id;
    if field.zh.is_empty() || field.en.is_empty() {
        return Err(format!("field `{id}` is missing in one language"));
    }
    if field.hint_zh.is_empty() != field.hint_en.is_empty() {
        return Err(format!("the hint of field `{id}` is missing in one language"));
    }
    let hint = [&field.hint_zh, &field.hint_en].into_iter().any(|hint| hint.chars().count() > LONGEST_HINT);
    if hint || too_long(&field.zh, &field.en) {
        return Err(format!("the name or hint of field `{id}` is too long to be read"));
    }
    Ok(())
}

fn check_choices(field: &Field) -> Result<(), String> {
    let id = &field.id;
    if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
        return Err(format!("field `{id}`: `choices` stand with the kind `choice`, always and only there"));
    }
    if field.kind != FieldKind::Choice {
        return Ok(());
    }
    let many = field.choices.len();
    if !(FEWEST_CHOICES..=MOST_CHOICES).contains(&many) {
        return Err(format!("field `{id}` has {many} choices: there are from {FEWEST_CHOICES} to {MOST_CHOICES}"));
    }
    for (n, choice) in field.choices.iter().enumerate() {
        check_word(&choice.id).map_err(|what| format!("the id of choice `{}` in field `{id}` {what}", choice.id))?;
        if field.choices.iter().take(n).any(|other| other.id == choice.id) {
            return Err(format!("choice `{}` stands twice in field `{id}`", choice.id));
        }
        if choice.zh.is_empty() || choice.en.is_empty() {
            return Err(format!("choice `{}` of field `{id}` is missing in one language", choice.id));
        }
        if too_long(&choice.zh, &choice.en) {
            return Err(format!("choice `{}` of field `{id}` is too long to be read", choice.id));
        }
    }
    Ok(())
}

fn check_most(field: &Field) -> Result<(), String> {
    let (Some(most), id) = (field.most, &field.id) else { return Ok(()) };
    match field.kind.most_allowed() {
        None => Err(format!("field `{id}`: `most` says nothing of this kind, its length is fixed")),
        Some(allowed) if most == 0 || most > allowed => Err(format!("field `{id}`: `most` lies in 1 to {allowed}")),
        Some(_) => Ok(()),
    }
}

/// Whether the sample could be typed into the field.
fn check_sample(field: &Field) -> Result<(), String> {
    let (sample, limit) = (field.sample.as_str(), field.limit());
    if sample.is_empty() || sample.trim() != sample {
        return Err("is empty, or begins or ends with a blank".to_owned());
    }
    if sample.chars().any(|c| c.is_control() && !(c == '\n' && field.kind == FieldKind::Words)) {
        return Err("does not fit: it holds a control character".to_owned());
    }
    let long = sample.chars().count();
    let short_enough = u32::try_from(long).is_ok_and(|long| long <= limit);
    let digits = sample.bytes().all(|b| b.is_ascii_digit());
    let fits = match field.kind {
        FieldKind::Line | FieldKind::Words | FieldKind::Name => short_enough,
        FieldKind::Count | FieldKind::Yuan => digits && sample.parse::<u32>().is_ok_and(|number| number <= limit),
        FieldKind::Day => short_enough && CivilDate::parse(sample).is_some(),
        FieldKind::Choice => field.choice(sample).is_some(),
        FieldKind::Flag => ["yes", "no"].contains(&sample),
        FieldKind::CreditCode => long == 18 && sample.chars().all(|c| CODE_LETTERS.contains(c)),
        FieldKind::ResidentId => {
            let head = sample.strip_suffix('X').unwrap_or(sample);
            long == 18 && head.bytes().all(|b| b.is_ascii_digit())
        }
        FieldKind::Division => digits && long == 6,
        FieldKind::Phone => {
            let dialled = sample.bytes().all(|b| b.is_ascii_digit() || b"+- ".contains(&b));
            dialled && short_enough && long >= SHORTEST_PHONE
        }
    };
    if fits { Ok(()) } else { Err(format!("does not fit: it is no {} within its limit", field.kind.name().en)) }
}
