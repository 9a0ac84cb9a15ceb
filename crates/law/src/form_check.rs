//! Checks of the fields of a procedure: what can be seen without the other packs.
//!
//! What flows through: a [`Procedure`] as read and the text of its file -> nothing, or a [`PackError`] with the line of the field. Always
//! true after it: ids are unique words; each field stands at a step or outcome; choices stand with choices only; limits lie in those of
//! the kind; personal data is marked and never public; a column stands in a register that an outcome enters; every sample could be typed.
//! Check digits of identifiers are not looked at here: the crate that reads them lies above.

use crate::PackError;
use crate::error::line_of;
use crate::form::{AskedWhen, Field, FieldKind};
use crate::procedure::{Answered, ApartFrom, Party, Procedure, When};
use base::CivilDate;

/// Most fields of one procedure.
const MOST_FIELDS: usize = 160;
/// Most members of a panel that a file may ask for.
const MOST_PANEL: u32 = 100;
/// Most parties from which a member of a panel stands apart.
const MOST_APART: usize = 16;
/// Most exclusions of one procedure.
const MOST_EXCLUSIONS: usize = 16;
/// Fewest answers of a choice.
const FEWEST_CHOICES: usize = 2;
/// Most answers of a choice.
const MOST_CHOICES: usize = 40;
/// Longest time for which an order to show footage is of use, days.
const MOST_VIEWING_DAYS: u32 = 366;
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
/// Shortest number of an identity document, characters.
const SHORTEST_DOCUMENT: usize = 5;

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
            .and_then(|()| self.check_hold())
            .and_then(|()| self.check_viewing())
            .and_then(|()| self.check_panel())
            .and_then(|()| self.check_exclusions())
            .map_err(whole)
    }

    fn check_field(&self, field: &Field) -> Result<(), String> {
        let id = &field.id;
        check_word(id).map_err(|what| format!("the id of field `{id}` {what}"))?;
        if !self.has_node(&field.step) {
            return Err(format!("there is no step or outcome `{}` where field `{id}` is filled in", field.step));
        }
        check_words(field)?;
        self.check_asked_when(field)?;
        self.check_sum(field)?;
        self.check_order(field)?;
        self.check_columns(field)?;
        if id.strip_suffix("_day").is_some_and(|step| self.has_node(step)) && field.kind != FieldKind::Day {
            return Err(format!("field `{id}` is named for the day of a step: its kind is `day`"));
        }
        check_sample(field).map_err(|what| format!("the sample of field `{id}` {what}"))
    }

    /// What a field hangs on is a required choice of its own step that has these answers; only a day is past; what is not always kept may be empty.
    fn check_asked_when(&self, field: &Field) -> Result<(), String> {
        let id = &field.id;
        if field.past && field.kind != FieldKind::Day {
            return Err(format!("field `{id}` is `past`: its kind is `day`"));
        }
        if let Some(when) = field.when.as_ref().filter(|when| !self.is_answer(field, when)) {
            return Err(format!(
                "field `{id}` is asked when `{}` has an answer that no required choice of its step has",
                when.field
            ));
        }
        let Some(unkept) = &field.unkept else { return Ok(()) };
        if field.required {
            return Err(format!("field `{id}` is not always kept: it is not required either"));
        }
        if self.is_answer(field, unkept) {
            return Ok(());
        }
        Err(format!(
            "field `{id}` is not kept when `{}` has an answer that no required choice of its step has",
            unkept.field
        ))
    }

    /// Another choice of the field's step, always answered, has each of these answers.
    fn is_answer(&self, field: &Field, when: &AskedWhen) -> bool {
        let fits = |f: &&Field| f.kind == FieldKind::Choice && f.step == field.step && f.required && f.when.is_none();
        let other = self.field(&when.field).filter(fits);
        other.is_some_and(|f| !when.is.is_empty() && when.is.iter().all(|is| f.choice(is).is_some()))
    }

    /// Parts of a count are counts of its own step, and the samples add up as the parts must.
    fn check_sum(&self, field: &Field) -> Result<(), String> {
        if field.sum_of.is_empty() {
            return Ok(());
        }
        let count = |f: &&Field| f.kind == FieldKind::Count && f.step == field.step && f.id != field.id;
        let sample = |f: &Field| f.sample.parse::<u64>().ok();
        let part = |id: &String| self.field(id).filter(count).and_then(sample);
        let parts: Option<Vec<u64>> = field.sum_of.iter().map(part).collect();
        let whole = sample(field).filter(|_| field.kind == FieldKind::Count);
        if whole.is_some() && parts.map(|parts| parts.iter().sum::<u64>()) == whole {
            return Ok(());
        }
        Err(format!("field `{}` is a sum of counts of its step, and its sample is that of theirs", field.id))
    }

    /// What a day is not before is another day of the procedure, and the samples are in that order.
    fn check_order(&self, field: &Field) -> Result<(), String> {
        let id = &field.id;
        for other in &field.not_before {
            let first = self.field(other).filter(|f| f.kind == FieldKind::Day && f.id != *id);
            // Days are written with the year first: as texts they stand in their order.
            let in_order = first.is_some_and(|first| first.sample <= field.sample);
            if field.kind != FieldKind::Day || !in_order {
                return Err(format!(
                    "field `{id}` is not before `{other}`: both are days, and their samples are in that order"
                ));
            }
        }
        Ok(())
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

    /// What footage is kept follows from fields of the first step, none of them about a natural person: they go to the site.
    fn check_hold(&self) -> Result<(), String> {
        let Some(hold) = &self.hold else { return Ok(()) };
        let first = self.steps.first().map(|s| s.id.as_str());
        let kinds = [
            (&hold.unit, FieldKind::Line),
            (&hold.place, FieldKind::Line),
            (&hold.day, FieldKind::Day),
            (&hold.time, FieldKind::Line),
        ];
        let fits = |(id, kind): &(&String, FieldKind)| {
            self.field(id).is_some_and(|f| f.kind == *kind && !f.personal && first == Some(f.step.as_str()))
        };
        match kinds.iter().find(|field| !fits(field)) {
            Some((id, _)) => Err(format!("`hold` names `{id}`, which is no such field of the first step")),
            None => Ok(()),
        }
    }

    /// What a decision opens names its own outcome and the using unit's step behind it, and the site's answer fills in all that the step asks.
    fn check_viewing(&self) -> Result<(), String> {
        let Some(rule) = &self.viewing else { return Ok(()) };
        if self.hold.is_none() {
            return Err("`viewing` stands with `hold`: what is shown is what is kept".to_owned());
        }
        if !(1..=MOST_VIEWING_DAYS).contains(&rule.days) {
            return Err(format!("`viewing` lasts 1 to {MOST_VIEWING_DAYS} days"));
        }
        let step = self.steps.iter().find(|s| s.id == rule.step && s.who == Party::UsingUnit);
        let is_outcome = self.outcomes.iter().any(|o| o.id == rule.outcome);
        if !is_outcome || !step.is_some_and(|s| s.after.contains(&rule.outcome)) {
            return Err("`viewing` names an outcome and a step of the using unit that comes after it".to_owned());
        }
        if rule.privacy.is_empty() != rule.privacy_clause.is_none() {
            return Err("`viewing`: `privacy` and `privacy_clause` stand together".to_owned());
        }
        let fits = |id: &str, at: Option<&str>, kinds: &[FieldKind], open: bool| {
            let field = self.field(id);
            field.is_some_and(|f| kinds.contains(&f.kind) && at.is_none_or(|at| f.step == at) && !(open && f.personal))
        };
        let (words, step) = ([FieldKind::Words, FieldKind::Line], Some(rule.step.as_str()));
        let (flag, name, line, count) = ([FieldKind::Flag], [FieldKind::Name], [FieldKind::Line], [FieldKind::Count]);
        // What goes to the unit is about no person; what comes back may be.
        let sent = fits(rule.scope.as_str(), Some(rule.outcome.as_str()), words.as_slice(), true)
            && (rule.privacy.is_empty() || fits(rule.privacy.as_str(), None, flag.as_slice(), true));
        let filled = [
            (rule.what.as_str(), words.as_slice()),
            (rule.by.as_str(), name.as_slice()),
            (rule.digest.as_str(), line.as_slice()),
            (rule.copies.as_str(), count.as_slice()),
        ];
        if !sent || filled.iter().any(|(id, kinds)| !id.is_empty() && !fits(id, step, kinds, false)) {
            return Err("`viewing` names a field that is not there, at another step, or of another kind".to_owned());
        }
        let day = self.day_field(&rule.step).map(|f| f.id.as_str());
        let is_filled = |id: &str| day == Some(id) || filled.iter().any(|(field, _)| *field == id);
        match self.fields_at(&rule.step).find(|f| f.required && !is_filled(&f.id)) {
            Some(field) => Err(format!("`viewing`: the required field `{}` is not filled in by the answer", field.id)),
            None => Ok(()),
        }
    }

    /// A panel is recorded by a step that comes after its forms, in fields that the program fills in, and leads to one of two outcomes.
    fn check_panel(&self) -> Result<(), String> {
        let Some(panel) = &self.panel else { return Ok(()) };
        let about = |what: &str| Err(format!("`panel`: {what}"));
        if !self.steps.iter().any(|s| s.id == panel.step && !s.after.is_empty()) {
            return about("its step does not exist, or is the first");
        }
        if !(1..=MOST_PANEL).contains(&panel.least) {
            return Err(format!("`panel` has 1 to {MOST_PANEL} members"));
        }
        let words = [&panel.why_zh, &panel.why_en].into_iter();
        let mut words = words.chain(panel.apart.iter().flat_map(|a| [&a.zh, &a.en]));
        if words.any(|w| w.trim().is_empty() || w.chars().count() > LONGEST_HINT) {
            return about("a sentence is missing in one language, or too long");
        }
        let is = |id: &str, kind: FieldKind, at_step: bool| {
            self.field(id).is_some_and(|f| f.kind == kind && !f.personal && (f.step == panel.step) == at_step)
        };
        // The program fills them in: an officer who leaves them empty is asked for nothing.
        let filled = [(&panel.count, FieldKind::Count), (&panel.opinions, FieldKind::Words)];
        let free = |id: &String| self.field(id).is_some_and(|f| !f.required);
        if !filled.iter().all(|(id, kind)| is(id, *kind, true) && free(id)) {
            return about("`count` and `opinions` are a number and a text of its step that may be empty");
        }
        let answer = |when: &When| {
            self.field(&when.field).is_some_and(|f| f.required && f.step != panel.step && f.choice(&when.is).is_some())
        };
        if !panel.when.as_ref().is_none_or(answer) {
            return about("`when` names no answer of a required choice of another step");
        }
        let apart = |a: &ApartFrom| {
            is(&a.name, FieldKind::Line, false) && (a.code.is_empty() || is(&a.code, FieldKind::CreditCode, false))
        };
        if panel.apart.is_empty() || panel.apart.len() > MOST_APART || !panel.apart.iter().all(apart) {
            return about("`apart` names fields with names and credit codes, of other steps");
        }
        let follows = |id: &String| self.outcomes.iter().any(|o| o.id == *id && o.after.contains(&panel.step));
        if panel.passed == panel.failed || !follows(&panel.passed) || !follows(&panel.failed) {
            return about("`passed` and `failed` are two outcomes that come after its step");
        }
        Ok(())
    }

    /// An exclusion is about an outcome and about answers that can be given before it.
    fn check_exclusions(&self) -> Result<(), String> {
        if self.exclusions.len() > MOST_EXCLUSIONS {
            return Err(format!("more than {MOST_EXCLUSIONS} of `exclude`"));
        }
        for exclusion in &self.exclusions {
            let about = &exclusion.outcome;
            if !self.outcomes.iter().any(|o| o.id == *about) {
                return Err(format!("`exclude` names `{about}`, which is no outcome"));
            }
            let words = [&exclusion.zh, &exclusion.en, &exclusion.next_zh, &exclusion.next_en];
            if words.iter().any(|w| w.trim().is_empty() || w.chars().count() > LONGEST_HINT) {
                return Err(format!("`exclude` of `{about}`: a sentence is missing in one language, or too long"));
            }
            let asked = |a: &Answered| match self.field(&a.field) {
                Some(f) if f.step == *about || a.is.is_empty() => false,
                Some(f) if f.kind == FieldKind::Flag => a.is.iter().all(|is| is == "yes" || is == "no"),
                Some(f) if f.kind == FieldKind::Choice => a.is.iter().all(|is| f.choice(is).is_some()),
                _ => false,
            };
            if exclusion.when.is_empty() || !exclusion.when.iter().all(asked) {
                return Err(format!("`exclude` of `{about}`: an answer that no choice or question of a step has"));
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

/// What a field of a form without steps itself shows to be wrong.
pub(crate) fn check_alone(field: &Field) -> Result<(), String> {
    let id = &field.id;
    check_word(id).map_err(|what| format!("the id of field `{id}` {what}"))?;
    check_words(field)?;
    check_sample(field).map_err(|what| format!("the sample of field `{id}` {what}"))
}

/// Names, choices, limit, and what is about natural persons.
fn check_words(field: &Field) -> Result<(), String> {
    let id = &field.id;
    check_names(field)?;
    check_choices(field)?;
    check_most(field)?;
    if field.kind.is_personal() && !field.personal {
        return Err(format!("field `{id}` is about a natural person and therefore `personal = true`"));
    }
    if field.personal && field.public {
        return Err(format!("field `{id}` is personal and never public"));
    }
    Ok(())
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
    if field.zero_zh.is_empty() != field.zero_en.is_empty()
        || !field.zero_zh.is_empty() && field.kind != FieldKind::Count
    {
        return Err(format!("what zero means in field `{id}` is missing in one language, or it is no count"));
    }
    if too_long(&field.zero_zh, &field.zero_en) {
        return Err(format!("what zero means in field `{id}` is too long to be read"));
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
        FieldKind::OrganisationCode => {
            let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
            sample.split_once('-').is_some_and(|(body, check)| {
                body.len() == 8 && check.len() == 1 && body.bytes().chain(check.bytes()).all(plain)
            })
        }
        FieldKind::ResidentId => {
            let head = sample.strip_suffix('X').unwrap_or(sample);
            long == 18 && head.bytes().all(|b| b.is_ascii_digit())
        }
        FieldKind::IdentityDocument => {
            short_enough && long >= SHORTEST_DOCUMENT && sample.bytes().all(|b| b.is_ascii_alphanumeric())
        }
        FieldKind::Division => digits && long == 6,
        FieldKind::Phone => {
            let dialled = sample.bytes().all(|b| b.is_ascii_digit() || b"+- ".contains(&b));
            dialled && short_enough && long >= SHORTEST_PHONE
        }
    };
    if fits { Ok(()) } else { Err(format!("does not fit: it is no {} within its limit", field.kind.name().en)) }
}
