//! `own-rules.toml`: times and lengths that no clause sets and the program needs, as our own rule and never as law.
//!
//! What flows through: the file -> [`OwnSpan`] (a length in seconds with its bounds and its reason) and [`OwnRule`] (checked: its procedure has the
//! step, the default lies in its bounds, both languages) -> [`Packs::step_due`]: by when the step is due. A rule that names no procedure is about
//! every case: whoever asks for it counts. Always true: a clock of the procedure that ends with the step comes first, and only it names clauses; a
//! day of our own rule names none, so nobody can take it for law.

use crate::clock::ClockRun;
use crate::{PackError, Packs};
use base::{CivilDate, ClauseId, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The file; packs without it have no own rules.
const FILE: &str = "own-rules.toml";
/// Most rules of the file.
const MOST_RULES: usize = 64;
/// Longest time that a rule or a unit may set, days.
const MOST_DAYS: u32 = 366;
/// Longest span, seconds.
const MOST_SECONDS: u32 = 3_600;

/// A time of ours.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRule {
    /// Stable word.
    pub id: String,
    /// Procedure that has the step; with the step left out in a rule about every case.
    #[serde(default)]
    pub procedure: Option<String>,
    /// The step that is due.
    #[serde(default)]
    pub step: Option<String>,
    /// Calendar days, where the unit sets none.
    pub days: u32,
    /// Fewest that a unit may set.
    pub least: u32,
    /// Most that a unit may set.
    pub most: u32,
    /// What is due.
    pub name_zh: String,
    /// What is due, English.
    pub name_en: String,
    /// Why this number.
    pub why_zh: String,
    /// Why this number, English.
    pub why_en: String,
}

impl OwnRule {
    /// What is due.
    #[must_use]
    pub fn name(&self) -> Text {
        Text::of(self.name_zh.clone(), self.name_en.clone())
    }

    /// Why this number.
    #[must_use]
    pub fn why(&self) -> Text {
        Text::of(self.why_zh.clone(), self.why_en.clone())
    }

    /// May a unit set this many days?
    #[must_use]
    pub const fn admits(&self, days: u32) -> bool {
        self.least <= days && days <= self.most
    }

    /// The last day on which what was begun on `start` is in time, by the days of the rule itself.
    #[must_use]
    pub fn last_day(&self, start: CivilDate) -> CivilDate {
        start.plus_days(self.days.cast_signed())
    }

    /// The first day that is still in time on `today`: what was begun before it is late.
    #[must_use]
    pub fn first_in_time(&self, today: CivilDate) -> CivilDate {
        today.plus_days(-self.days.cast_signed())
    }

    fn defect(&self) -> Result<(), String> {
        if self.least < 1 || self.most > MOST_DAYS || !self.admits(self.days) {
            return Err(format!("1 <= `least` <= `days` <= `most` <= {MOST_DAYS}"));
        }
        let words = [&self.name_zh, &self.name_en, &self.why_zh, &self.why_en];
        if words.iter().any(|w| w.trim().is_empty()) {
            return Err("an own rule says what is due and why this number, in both languages".to_owned());
        }
        Ok(())
    }
}

/// A length of ours.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSpan {
    /// Stable word.
    pub id: String,
    /// Seconds.
    pub seconds: u32,
    /// Fewest that may stand here.
    pub least: u32,
    /// Most that may stand here.
    pub most: u32,
    /// Of what.
    pub name_zh: String,
    /// Of what, English.
    pub name_en: String,
    /// Why this number.
    pub why_zh: String,
    /// Why this number, English.
    pub why_en: String,
}

impl OwnSpan {
    fn defect(&self) -> Result<(), String> {
        let held = self.least >= 1 && self.least <= self.seconds && self.seconds <= self.most;
        if !held || self.most > MOST_SECONDS {
            return Err(format!("1 <= `least` <= `seconds` <= `most` <= {MOST_SECONDS}"));
        }
        let words = [&self.name_zh, &self.name_en, &self.why_zh, &self.why_en];
        if words.iter().any(|w| w.trim().is_empty()) {
            return Err("an own span says of what it is and why this number, in both languages".to_owned());
        }
        Ok(())
    }
}

/// By when a step is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StepDue {
    /// The last day on which it is in time.
    pub day: CivilDate,
    /// Clauses that set it; none where it is an own rule.
    pub clauses: Vec<ClauseId>,
    /// Days of the own rule; `None` where the law sets it.
    pub own_days: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default, rename = "rule")]
    rules: Vec<OwnRule>,
    #[serde(default, rename = "span")]
    spans: Vec<OwnSpan>,
}

/// Reads the file.
pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<(Vec<OwnRule>, Vec<OwnSpan>), PackError> {
    let Some(text) = files.get(FILE) else { return Ok((Vec::new(), Vec::new())) };
    let file: RuleFile = toml::from_str(text).map_err(|e| PackError::toml(FILE, text, &e))?;
    if file.rules.len() > MOST_RULES || file.spans.len() > MOST_RULES {
        return Err(PackError::file(FILE, format!("more than {MOST_RULES} rules")));
    }
    for (n, rule) in file.rules.iter().enumerate() {
        if file.rules.iter().take(n).any(|other| other.id == rule.id) {
            return Err(PackError::again(FILE, text, &rule.id, "two rules have this id"));
        }
        rule.defect().map_err(|what| PackError::clause(FILE, text, &rule.id, what))?;
    }
    for (n, span) in file.spans.iter().enumerate() {
        if file.spans.iter().take(n).any(|other| other.id == span.id) {
            return Err(PackError::again(FILE, text, &span.id, "two spans have this id"));
        }
        span.defect().map_err(|what| PackError::clause(FILE, text, &span.id, what))?;
    }
    Ok((file.rules, file.spans))
}

/// What is wrong with a rule among the loaded packs.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    for rule in &packs.own_rules {
        let fail = |what: String| PackError::clause(FILE, files.get(FILE).map_or("", |t| t), &rule.id, what);
        let (id, step) = match (&rule.procedure, &rule.step) {
            (None, None) => continue,
            (Some(id), Some(step)) => (id, step),
            _ => return Err(fail("a rule names a procedure and its step, or neither".to_owned())),
        };
        let Some(procedure) = packs.procedure(id) else {
            return Err(fail(format!("procedure `{id}` does not exist")));
        };
        if !procedure.steps.iter().any(|s| s.id == *step) {
            return Err(fail(format!("procedure `{id}` has no step `{step}`")));
        }
    }
    Ok(())
}

impl Packs {
    /// The own rule of this word.
    #[must_use]
    pub fn own_rule(&self, id: &str) -> Option<&OwnRule> {
        self.own_rules.iter().find(|r| r.id == id)
    }

    /// The own span of this word.
    #[must_use]
    pub fn own_span(&self, id: &str) -> Option<&OwnSpan> {
        self.own_spans.iter().find(|s| s.id == id)
    }

    /// By when the step of a rule is due that was begun on `start`: by a clock of its procedure that ends with the step, else by the
    /// unit's `own` days where the rule admits them, else by the rule's. `None`: no such rule, or one about no step.
    #[must_use]
    pub fn step_due(&self, rule: &str, start: CivilDate, own: Option<u32>) -> Option<StepDue> {
        let rule = self.own_rule(rule)?;
        let (id, step) = rule.procedure.as_ref().zip(rule.step.as_ref())?;
        let lawful = || {
            let procedure = self.procedure(id)?;
            let clock = procedure.clocks.iter().find(|c| c.ends.contains(step))?;
            let due = self.clock_due(&procedure.id, &clock.id, &ClockRun::from(start), start).ok()?;
            let mut clauses = due.deadline.length.clone();
            clauses.extend(due.deadline.counted_by.iter().cloned());
            Some(StepDue { day: due.deadline.day()?, clauses, own_days: None })
        };
        let ours = || {
            let days = own.filter(|days| rule.admits(*days)).unwrap_or(rule.days);
            // At most a year: the bounds were checked.
            let day = start.plus_days(i32::try_from(days).unwrap_or(0));
            StepDue { day, clauses: Vec::new(), own_days: Some(days) }
        };
        Some(lawful().unwrap_or_else(ours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "explain_emergency";
    const PROCEDURE: &str = "liaoning/ordinance-2015/procedures/emergency_connection.toml";

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn changed(path: &str, from: &str, to: &str) -> BTreeMap<String, String> {
        let mut files = crate::embedded::files();
        let text = files.get_mut(path).unwrap();
        assert!(text.contains(from), "{path}: {from}");
        *text = text.replacen(from, to, 1);
        files
    }

    #[test]
    fn our_own_time_counts_calendar_days_and_cites_nothing() {
        let packs = Packs::embedded().unwrap();
        let rule = packs.own_rule(RULE).unwrap();
        let due = |own| packs.step_due(RULE, day("2026-02-27"), own).unwrap();
        let plain = due(None);
        assert_eq!((plain.day, plain.own_days), (day("2026-02-27").plus_days(3), Some(rule.days)));
        assert!(plain.clauses.is_empty(), "it is no law");
        for (own, days) in [(1, 1_u32), (30, 30), (0, 3), (31, 3)] {
            let got = due(Some(own));
            assert_eq!((got.own_days, got.day), (Some(days), day("2026-02-27").plus_days(days.cast_signed())), "{own}");
        }
        assert_eq!(packs.step_due("nonsense", day("2026-02-27"), None), None);
        let every = packs.own_rule("lying_still").unwrap();
        assert!(every.procedure.is_none() && every.step.is_none() && every.admits(every.days));
        assert_eq!(packs.step_due("lying_still", day("2026-02-27"), None), None, "it is about no step");
    }

    #[test]
    fn what_was_begun_is_in_time_to_the_end_of_its_last_day() {
        let packs = Packs::embedded().unwrap();
        let rule = packs.own_rule("own_request_entered").unwrap();
        let (begun, last) = (day("2026-02-27"), day("2026-03-06"));
        assert_eq!((rule.days, rule.last_day(begun)), (7, last));
        assert_eq!(rule.first_in_time(last), begun, "in time on its last day");
        assert_eq!(rule.first_in_time(last.plus_days(1)), begun.plus_days(1), "late the day after");
    }

    #[test]
    fn a_clause_that_sets_a_time_comes_before_our_rule() {
        let clock = "\n[[clock]]\nid = \"explain_in_time\"\nname_zh = \"说明\"\nname_en = \"explain\"\nstarts = \"use\"\nends = [\"explain\"]\n\
                     binds = \"police_or_state_security\"\nlength = { clause = \"A-24-3\", amount = 5 }\nunit = \"days\"\n\
                     counting = \"COUNTING\"\nover_zh = \"逾期\"\nover_en = \"overdue\"\n";
        let mut files = crate::embedded::files();
        let counting = Packs::embedded().unwrap().time.counting[0].id.clone();
        files.get_mut(PROCEDURE).unwrap().push_str(&clock.replace("COUNTING", &counting));
        let packs = Packs::from_files(&files).unwrap_or_else(|e| panic!("{e}"));
        let due = packs.step_due(RULE, day("2026-03-02"), Some(1)).unwrap();
        assert_eq!(due.own_days, None);
        assert!(due.clauses.contains(&ClauseId::new("A-24-3")) && due.day > day("2026-03-03"), "{due:?}");
        // Before the procedure was in force its clock says nothing.
        assert_eq!(packs.step_due(RULE, day("2014-03-02"), Some(1)).unwrap().own_days, Some(1));
    }

    #[test]
    fn a_span_of_ours_has_its_bounds_and_its_reason() {
        let packs = Packs::embedded().unwrap();
        let span = packs.own_span("cover").unwrap();
        assert!(span.least <= span.seconds && span.seconds <= span.most && span.most <= 30, "some seconds");
        assert!(packs.own_span("none").is_none());
        for (from, to, says) in [
            ("seconds = 10", "seconds = 1", "`least` <= `seconds`"),
            ("seconds = 10", "seconds = 31", "`seconds` <= `most`"),
            ("least = 2", "least = 0", "1 <= `least`"),
            ("why_zh = \"条例要求", "why_zh = \"\" # \"", "both languages"),
        ] {
            let error = Packs::from_files(&changed(FILE, from, to)).unwrap_err();
            assert!(error.file == FILE && error.what.contains(says), "{from} -> {to}: {error}");
            assert_eq!(error.clause.as_deref(), Some("cover"));
        }
        let mut twice = crate::embedded::files();
        let text = twice[FILE].clone();
        let again = text.split_once("[[span]]").map(|(_, span)| format!("{text}\n[[span]]{span}")).unwrap();
        twice.insert(FILE.to_owned(), again);
        assert!(Packs::from_files(&twice).unwrap_err().what.contains("two spans"));
    }

    #[test]
    fn each_defect_is_named_with_its_place() {
        for (from, to, says) in [
            ("days = 3", "days = 31", "`least` <= `days`"),
            ("least = 1", "least = 0", "1 <= `least`"),
            ("most = 30", "most = 367", "<= 366"),
            ("step = \"explain\"", "step = \"sing\"", "no step `sing`"),
            ("procedure = \"emergency_connection\"", "procedure = \"none\"", "does not exist"),
            ("step = \"explain\"", "# no step", "or neither"),
            ("why_en = \"", "why_en = \"\" #", "both languages"),
            ("days = 3", "hours = 3", "unknown field"),
        ] {
            let error = Packs::from_files(&changed(FILE, from, to)).unwrap_err();
            assert!(error.file == FILE && error.what.contains(says), "{from} -> {to}: {error}");
            assert!(error.line.is_some() && error.clause.as_deref() == Some(RULE), "{error}");
        }
        let mut twice = crate::embedded::files();
        let text = twice[FILE].clone();
        let again = text.split_once("[[rule]]").map(|(_, rule)| format!("{text}\n[[rule]]{rule}")).unwrap();
        twice.insert(FILE.to_owned(), again);
        assert!(Packs::from_files(&twice).unwrap_err().what.contains("two rules"));
        let one = text.split_once("[[rule]]").map(|(_, rule)| rule.to_owned()).unwrap();
        let many: String =
            (0..=MOST_RULES).map(|n| format!("[[rule]]{}", one.replace(RULE, &format!("rule_{n}")))).collect();
        twice.insert(FILE.to_owned(), many);
        assert!(Packs::from_files(&twice).unwrap_err().what.contains("more than 64"));
        twice.remove(FILE);
        assert!(Packs::from_files(&twice).unwrap().own_rule(RULE).is_none());
    }
}
