//! Reads and checks what counts time: calendar, ways of counting, procedures, cases.

use crate::carrier::Carrier;
use crate::clock_cases::ClockCases;
use crate::deadline::{Counting, Direction, Sense, TermUnit};
use crate::form::FieldKind;
use crate::procedure::{Clock, Expectation, Length, Procedure, TimeRules};
use crate::workday::{FOLDER, WorkCalendar};
use crate::{PackError, Packs};
use base::ClauseId;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

type Files = BTreeMap<String, String>;

const COUNTING: &str = "workdays/counting.toml";
const CASES: &str = "workdays/cases.toml";
/// Where registers and publications have their words.
const CARRIERS: &str = "carriers.toml";
/// Most steps, outcomes, clocks, materials of one procedure.
const MOST_ENTRIES: usize = 64;
/// Longest sample of a paper, characters.
const MOST_SAMPLE: usize = 400;
/// Longest term that a file may set, whatever its unit.
const MOST_AMOUNT: u32 = 3_660;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountingFile {
    weekend: Vec<i8>,
    next_year_reaches_back_days: u8,
    remind_working_days_before: Vec<u32>,
    #[serde(rename = "counting")]
    countings: Vec<Counting>,
}

impl TimeRules {
    /// Reads everything below `workdays/` and every `procedures/<id>.toml`.
    ///
    /// # Errors
    /// Names file, line and entry of the first defect.
    pub(crate) fn read(files: &Files) -> Result<Self, PackError> {
        let Some(text) = files.get(COUNTING) else { return Self::without_counting(files) };
        let file: CountingFile = toml::from_str(text).map_err(|e| PackError::toml(COUNTING, text, &e))?;
        if file.weekend.iter().any(|day| !(1..=7).contains(day)) || file.weekend.len() > 6 {
            return Err(PackError::file(COUNTING, "`weekend` lists days of rest, 1 = Monday to 7, not all seven"));
        }
        for (n, counting) in file.countings.iter().enumerate() {
            if file.countings.iter().take(n).any(|c| c.id == counting.id) {
                return Err(PackError::again(COUNTING, text, &counting.id, "this way of counting stands twice"));
            }
            if counting.clauses.is_empty() || counting.text_zh.is_empty() || counting.text_en.is_empty() {
                let what = "a way of counting names its clauses and says it in both languages";
                return Err(PackError::clause(COUNTING, text, &counting.id, what));
            }
        }
        let calendar = WorkCalendar::read(files, &file.weekend, file.next_year_reaches_back_days)?;
        let cases = match files.get(CASES) {
            Some(text) => ClockCases::read(CASES, text)?,
            None => ClockCases::default(),
        };
        Ok(Self {
            calendar,
            counting: file.countings,
            remind_before: file.remind_working_days_before,
            procedures: procedures(files)?,
            cases,
        })
    }

    /// Packs without any rules of time are whole; years or procedures without a way of counting are not.
    fn without_counting(files: &Files) -> Result<Self, PackError> {
        match files.keys().find(|path| path.starts_with(FOLDER) || path.contains("/procedures/")) {
            Some(path) => Err(PackError::file(COUNTING, format!("file is missing, and {path} needs it"))),
            None => Ok(Self::default()),
        }
    }
}

fn procedures(files: &Files) -> Result<Vec<Procedure>, PackError> {
    let mut found: Vec<Procedure> = Vec::new();
    for (path, text) in files {
        let Some((folder, name)) = path.split_once("/procedures/") else { continue };
        let mut procedure: Procedure = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        let id = procedure.id.clone();
        let fail = |what: String| PackError::clause(path, text, &id, what);
        if name != format!("{id}.toml") {
            return Err(fail(format!("the file of procedure `{id}` is `{id}.toml`")));
        }
        if let Some(other) = found.iter().find(|p| p.id == id) {
            return Err(fail(format!("{} has a procedure of this word", other.folder)));
        }
        folder.clone_into(&mut procedure.folder);
        procedure.check_shape().map_err(fail)?;
        procedure.check_fields(path, text)?;
        found.push(procedure);
    }
    Ok(found)
}

impl Procedure {
    /// What can be seen without the packs: words, order, reach.
    fn check_shape(&self) -> Result<(), String> {
        let sizes = [self.steps.len(), self.outcomes.len(), self.clocks.len(), self.materials.len()];
        if sizes.iter().any(|n| *n > MOST_ENTRIES) {
            return Err(format!("more than {MOST_ENTRIES} steps, outcomes, clocks or materials"));
        }
        if self.clauses.is_empty() || self.outcomes.is_empty() {
            return Err("a procedure names the clauses it carries out and has an outcome".to_owned());
        }
        match (self.until, &self.ended_by) {
            (Some(until), Some(_)) if until > self.from => {}
            (None, None) => {}
            _ => return Err("`until` comes after `from`, together with `ended_by`".to_owned()),
        }
        self.check_words()?;
        self.check_reach()?;
        for (n, clock) in self.clocks.iter().enumerate() {
            if self.clocks.iter().take(n).any(|c| c.id == clock.id) {
                return Err(format!("two clocks `{}`", clock.id));
            }
            self.check_clock(clock).map_err(|what| format!("clock `{}`: {what}", clock.id))?;
        }
        for (n, material) in self.materials.iter().enumerate() {
            if self.materials.iter().take(n).any(|m| m.id == material.id) {
                return Err(format!("two materials `{}`", material.id));
            }
            if [&material.sample_zh, &material.sample_en].iter().any(|s| s.chars().count() > MOST_SAMPLE) {
                return Err(format!("material `{}`: a sample of more than {MOST_SAMPLE} characters", material.id));
            }
            let group = || self.materials.iter().filter(|m| m.one_of == material.one_of);
            if !material.one_of.is_empty() && group().count() < 2 {
                return Err(format!("material `{}`: it is the only one of `{}`", material.id, material.one_of));
            }
        }
        Ok(())
    }

    /// Everything that people read is there in both languages.
    fn check_words(&self) -> Result<(), String> {
        let pairs = [(&self.name_zh, &self.name_en), (&self.territory_zh, &self.territory_en)].into_iter();
        let pairs = pairs.chain(self.conditions.iter().map(|c| (&c.zh, &c.en)));
        let pairs = pairs.chain(self.materials.iter().map(|m| (&m.zh, &m.en)));
        let pairs = pairs.chain(self.steps.iter().map(|s| (&s.zh, &s.en)));
        let pairs = pairs.chain(self.outcomes.iter().map(|o| (&o.zh, &o.en)));
        let mut pairs =
            pairs.chain(self.clocks.iter().flat_map(|c| [(&c.name_zh, &c.name_en), (&c.over_zh, &c.over_en)]));
        if pairs.any(|(zh, en)| zh.is_empty() || en.is_empty()) {
            return Err("a sentence is missing in one language".to_owned());
        }
        let both = [(&self.note_zh, &self.note_en)].into_iter();
        let both = both.chain(self.outcomes.iter().map(|o| (&o.document_zh, &o.document_en)));
        let both = both.chain(self.materials.iter().map(|m| (&m.sample_zh, &m.sample_en)));
        let mut both = both.chain(self.clocks.iter().map(|c| (&c.default_zh, &c.default_en)));
        if both.any(|(zh, en)| zh.is_empty() != en.is_empty()) {
            return Err("a note, document, sample or ground stands in one language only".to_owned());
        }
        Ok(())
    }

    /// Steps and outcomes with what they come after.
    fn nodes(&self) -> impl Iterator<Item = (&str, &[String])> {
        let steps = self.steps.iter().map(|s| (s.id.as_str(), s.after.as_slice()));
        steps.chain(self.outcomes.iter().map(|o| (o.id.as_str(), o.after.as_slice())))
    }

    /// Whether it is a step or an outcome.
    pub(crate) fn has_node(&self, id: &str) -> bool {
        self.nodes().any(|(node, _)| node == id)
    }

    fn check_reach(&self) -> Result<(), String> {
        let first = self.steps.first().ok_or("a procedure has a step")?;
        if !first.after.is_empty() {
            return Err(format!("step `{}` is the first and comes after nothing", first.id));
        }
        let mut seen = BTreeSet::new();
        for (id, after) in self.nodes() {
            if !seen.insert(id) {
                return Err(format!("step or outcome `{id}` stands twice"));
            }
            if let Some(unknown) = after.iter().find(|a| !self.has_node(a)) {
                return Err(format!("`{id}` comes after `{unknown}`, which does not exist"));
            }
        }
        let reached = self.reached_past(None);
        match seen.difference(&reached).next() {
            Some(id) => Err(format!("`{id}` cannot be reached from `{}`", first.id)),
            None => Ok(()),
        }
    }

    /// What can be reached from the first step without ever taking `never`.
    fn reached_past(&self, never: Option<&str>) -> BTreeSet<&str> {
        let first = self.steps.first().map(|s| s.id.as_str()).filter(|first| never != Some(*first));
        let mut reached: BTreeSet<&str> = first.into_iter().collect();
        // Each round reaches one more or ends.
        for _ in 0..self.steps.len() + self.outcomes.len() {
            let follows = |after: &[String]| after.iter().any(|a| reached.contains(a.as_str()));
            let next = self.nodes().filter(|(id, after)| never != Some(*id) && follows(after));
            let more: Vec<&str> = next.map(|n| n.0).collect();
            reached.extend(more);
        }
        reached
    }

    /// The field that decides whether a clock runs has an answer whenever it starts, and the answer asked for is one of its own.
    fn check_when(&self, clock: &Clock) -> Result<(), String> {
        let Some(when) = &clock.when else { return Ok(()) };
        let (id, is) = (&when.field, &when.is);
        let field = self.field(id).ok_or_else(|| format!("`when` names field `{id}`, which does not exist"))?;
        let answers = match field.kind {
            FieldKind::Flag => ["yes", "no"].contains(&is.as_str()),
            FieldKind::Choice => field.choice(is).is_some(),
            _ => return Err(format!("`when` names field `{id}`, which is no choice and no yes or no")),
        };
        if !answers {
            return Err(format!("`when` asks for `{is}`, which is no answer of field `{id}`"));
        }
        let before =
            field.step == clock.starts || !self.reached_past(Some(&field.step)).contains(clock.starts.as_str());
        if !field.required || !before {
            return Err(format!("`when` names field `{id}`, which may be unanswered when the clock starts"));
        }
        Ok(())
    }

    fn check_clock(&self, clock: &Clock) -> Result<(), String> {
        if let Some(unknown) = std::iter::once(&clock.starts).chain(&clock.ends).find(|id| !self.has_node(id)) {
            return Err(format!("starts or ends at `{unknown}`, which is no step or outcome"));
        }
        if clock.ends.is_empty() && clock.sense == Sense::Within {
            return Err("it has no end: to be done by a day, and no step or outcome ends it".to_owned());
        }
        if clock.direction == Direction::Before && (!clock.stops.is_empty() || clock.extend.is_some()) {
            return Err("a term before an event is neither stopped nor extended".to_owned());
        }
        self.check_when(clock)?;
        clock.lengths().try_for_each(|length| check_length(clock.unit, length))
    }
}

fn check_length(unit: TermUnit, length: &Length) -> Result<(), String> {
    match length.amount {
        Some(_) if !length.value.is_empty() => return Err("`value` or `amount`, not both".to_owned()),
        Some(n) if n == 0 || n > MOST_AMOUNT => return Err(format!("{n} is no length")),
        _ => {}
    }
    let says = |word: &str| length.value.split('_').any(|part| part == word);
    let working = says("workdays") || (says("working") && says("days"));
    let fits = match unit {
        TermUnit::AtOnce => false,
        TermUnit::Hours => says("hours"),
        TermUnit::Days => says("days") && !working,
        TermUnit::WorkingDays => working,
        TermUnit::Months => says("months"),
        TermUnit::Years => says("years"),
    };
    if length.value.is_empty() || fits { Ok(()) } else { Err(format!("`{}` is no number of {unit:?}", length.value)) }
}

impl Packs {
    /// What needs the packs: no dangling clause, no value without a number, known registers, known ways of counting.
    pub(crate) fn check_time(&self, files: &Files) -> Result<(), PackError> {
        for procedure in self.procedures() {
            let file = format!("{}/procedures/{}.toml", procedure.folder, procedure.id);
            let text = files.get(&file).map_or("", String::as_str);
            if let Some(id) = procedure.named_clauses().find(|id| self.dangles(id)) {
                return Err(PackError::clause(&file, text, &id.0, format!("clause `{id}` does not exist")));
            }
            for clock in &procedure.clocks {
                let fail = |what: String| PackError::clause(&file, text, &clock.id, what);
                self.check_clock_law(clock).map_err(fail)?;
            }
            for expectation in &procedure.expected {
                let fail = |what: String| PackError::clause(&file, text, &procedure.id, what);
                self.check_expectation(procedure, expectation).map_err(fail)?;
            }
            let registers = procedure.outcomes.iter().flat_map(|o| &o.registers).cloned().map(Carrier::Register);
            let publications =
                procedure.outcomes.iter().flat_map(|o| &o.publications).cloned().map(Carrier::Publication);
            for carrier in registers.chain(publications) {
                let (Carrier::Register(id) | Carrier::Publication(id)) = &carrier else { continue };
                if self.carriers.listed(&carrier).is_none() {
                    let what = format!("register or publication `{id}` is not in {CARRIERS}");
                    return Err(PackError::clause(&file, text, id, what));
                }
            }
        }
        for counting in &self.time.counting {
            if let Some(id) = counting.clauses.iter().find(|id| self.dangles(id)) {
                let text = files.get(COUNTING).map_or("", String::as_str);
                return Err(PackError::clause(COUNTING, text, &counting.id, format!("clause `{id}` does not exist")));
            }
        }
        Ok(())
    }

    /// Both procedures have the outcomes, those looked for are in a register, and it is said in both languages.
    fn check_expectation(&self, own: &Procedure, expectation: &Expectation) -> Result<(), String> {
        let (other, outcome) = (&expectation.procedure, &expectation.outcome);
        let there = self.procedure(other).is_some_and(|p| p.outcomes.iter().any(|o| o.id == *outcome));
        if !there {
            return Err(format!("`expected` names `{outcome}` of `{other}`, which does not exist"));
        }
        let entered = |id: &String| own.outcomes.iter().any(|o| o.id == *id && !o.registers.is_empty());
        if expectation.ended.is_empty() || !expectation.ended.iter().all(entered) {
            return Err("`expected` looks for an outcome that is in no register".to_owned());
        }
        let words = [&expectation.zh, &expectation.en];
        if words.iter().any(|w| w.trim().is_empty() || w.chars().count() > MOST_SAMPLE) {
            return Err("`expected`: a sentence is missing in one language, or too long to be read".to_owned());
        }
        Ok(())
    }

    fn check_clock_law(&self, clock: &Clock) -> Result<(), String> {
        if self.counting(&clock.counting).is_none() {
            return Err(format!("clock `{}`: no way of counting `{}`", clock.id, clock.counting));
        }
        for length in clock.lengths().filter(|l| !l.value.is_empty()) {
            let Some((_, clause)) = self.clause(&length.clause) else { continue };
            if !clause.values.iter().any(|v| v.name == length.value) {
                return Err(format!(
                    "clock `{}`: clause `{}` has no value `{}`",
                    clock.id, length.clause, length.value
                ));
            }
        }
        Ok(())
    }

    /// An id that no pack holds.
    fn dangles(&self, id: &ClauseId) -> bool {
        self.clause(id).is_none()
    }
}
