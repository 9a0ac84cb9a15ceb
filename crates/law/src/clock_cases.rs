//! `workdays/cases.toml`: a start, and the day expected. Whoever adds a clock, a holiday or a way of counting adds its cases.

use crate::clock::{ClockError, ClockRun};
use crate::deadline::{Count, Direction, Falls, Leg, Sense, Stop, TermUnit, count};
use crate::{CaseFailure, Clock, PackError, Packs, StopRule};
use base::{CivilDate, ClauseId};
use serde::Deserialize;

/// The cases, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClockCases {
    path: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// A clock of a procedure...
    procedure: Option<String>,
    clock: Option<String>,
    /// ... or a bare term.
    term: Option<BareTerm>,
    start: CivilDate,
    /// Day of asking; the start if not said.
    on: Option<CivilDate>,
    #[serde(default)]
    stops: Vec<Stop>,
    extended_on: Option<CivilDate>,
    set: Option<u32>,
    expect: Expect,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BareTerm {
    amount: u32,
    unit: TermUnit,
    counting: String,
    #[serde(default)]
    sense: Sense,
    #[serde(default)]
    direction: Direction,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    due: Option<CivilDate>,
    /// The year it waits for; none: the day stands.
    provisional: Option<i16>,
    /// It stands still since this day, with so many left.
    stopped: Option<CivilDate>,
    left: Option<u32>,
    /// It cannot be counted; a part of the reason.
    error: Option<String>,
    /// The national rule was applied by default.
    default: Option<bool>,
    /// Days of the reminders.
    reminders: Option<Vec<CivilDate>>,
}

impl ClockCases {
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, PackError> {
        let file: File = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        for (n, case) in file.cases.iter().enumerate() {
            let fail = |what: &str| Err(PackError::clause(path, text, &case.name, what));
            if file.cases.iter().take(n).any(|c| c.name == case.name) {
                return fail("two cases have this name");
            }
            if case.term.is_some() == (case.procedure.is_some() && case.clock.is_some()) {
                return fail("a case asks for `procedure` and `clock`, or for a `term`");
            }
            let e = &case.expect;
            if [e.due.is_some(), e.stopped.is_some(), e.error.is_some()].iter().filter(|x| **x).count() != 1 {
                return fail("a case expects `due`, `stopped` or `error`");
            }
        }
        Ok(Self { path: path.to_owned(), cases: file.cases })
    }
}

/// What came of a case.
enum Came {
    Holds,
    Fails(String),
    /// The number is in a pack that is not loaded.
    Waits(ClauseId),
}

impl Packs {
    /// Runs every case of `workdays/cases.toml`; empty when all hold.
    #[must_use]
    pub fn run_clock_cases(&self) -> Vec<CaseFailure> {
        self.failing_clock_cases().collect()
    }

    /// The cases that do not hold, one by one: who asks whether there is any need not run them all.
    pub(crate) fn failing_clock_cases(&self) -> impl Iterator<Item = CaseFailure> {
        let cases = &self.time.cases;
        cases.cases.iter().filter_map(|case| match self.run_clock_case(case) {
            Came::Fails(what) => Some(CaseFailure { file: cases.path.clone(), case: case.name.clone(), what }),
            Came::Holds | Came::Waits(_) => None,
        })
    }

    /// Names of the cases of a clock that takes its length from a clause, or stands still or is extended by it in that case.
    pub(crate) fn clock_cases_holding(&self, clause: &str) -> Vec<String> {
        let clocks = self.time.procedures.iter().flat_map(|p| p.clocks.iter().map(move |c| (p.id.as_str(), c)));
        let mine: Vec<(&str, &Clock)> = clocks.filter(|(_, c)| c.named().any(|id| id.0 == clause)).collect();
        let holds = |case: &&Case| {
            let asked = (case.procedure.as_deref(), case.clock.as_deref());
            let found = mine.iter().find(|(procedure, clock)| asked == (Some(*procedure), Some(clock.id.as_str())));
            found.is_some_and(|(_, clock)| {
                let stopped = |rule: &StopRule| case.stops.iter().any(|stop| stop.cause == rule.cause);
                let stops = clock.stops.iter().any(|rule| rule.clause.0 == clause && stopped(rule));
                let extends = case.extended_on.is_some() && clock.extend.iter().any(|e| e.length.clause.0 == clause);
                clock.length.clause.0 == clause || stops || extends
            })
        };
        self.time.cases.cases.iter().filter(holds).map(|case| case.name.clone()).collect()
    }

    /// How many cases of clocks there are.
    #[must_use]
    pub fn clock_case_count(&self) -> usize {
        self.time.cases.cases.len()
    }

    /// Cases that cannot be run because the clause with their number is in no loaded pack.
    #[must_use]
    pub fn waiting_clock_cases(&self) -> Vec<(String, ClauseId)> {
        let waiting = self.time.cases.cases.iter().filter_map(|case| match self.run_clock_case(case) {
            Came::Waits(clause) => Some((case.name.clone(), clause)),
            Came::Holds | Came::Fails(_) => None,
        });
        waiting.collect()
    }

    fn run_clock_case(&self, case: &Case) -> Came {
        let on = case.on.unwrap_or(case.start);
        let due = match (&case.procedure, &case.clock, &case.term) {
            (Some(procedure), Some(clock), None) => {
                let run = ClockRun {
                    start: case.start,
                    stops: case.stops.clone(),
                    extended_on: case.extended_on,
                    set: case.set,
                };
                self.clock_due(procedure, clock, &run, on).map(|due| (due.deadline, due.default.is_some()))
            }
            (_, _, Some(term)) => self.bare(term, case, on).map(|deadline| (deadline, false)),
            _ => return Came::Fails("neither a clock nor a term".to_owned()),
        };
        match due {
            Err(ClockError::NoNumber { clause, .. }) if self.clause(&clause).is_none() => Came::Waits(clause),
            due => self.compare(&due, &case.expect).map_or_else(Came::Fails, |()| Came::Holds),
        }
    }

    fn bare(&self, term: &BareTerm, case: &Case, on: CivilDate) -> Result<crate::Deadline, ClockError> {
        let clock = || ClockError::Clock("term".to_owned(), term.counting.clone());
        let what = Count {
            start: case.start,
            legs: vec![Leg { amount: term.amount, unit: term.unit, clause: ClauseId::new("case") }],
            counting: self.counting(&term.counting).cloned().ok_or_else(clock)?,
            sense: term.sense,
            direction: term.direction,
            stops: case.stops.clone(),
        };
        Ok(count(&self.calendar_on(on), &what)?)
    }

    fn compare(&self, due: &Result<(crate::Deadline, bool), ClockError>, expect: &Expect) -> Result<(), String> {
        let (deadline, default) = match (due, &expect.error) {
            (Err(error), Some(part)) if error.to_string().contains(part) => return Ok(()),
            (Err(error), _) => return Err(error.to_string()),
            (Ok((deadline, _)), Some(part)) => return Err(format!("expected `{part}`, got {:?}", deadline.falls)),
            (Ok((deadline, default)), None) => (deadline, *default),
        };
        let falls = match (expect.due, expect.stopped) {
            (Some(day), _) => Falls::On(day),
            (None, Some(since)) => Falls::Stopped { since, left: expect.left.unwrap_or(0) },
            (None, None) => return Err("expects nothing".to_owned()),
        };
        let reminders = || {
            deadline.reminders(self.calendar(), &self.time.remind_before).into_iter().map(|r| r.day).collect::<Vec<_>>()
        };
        if deadline.falls != falls {
            Err(format!("expected {falls:?}, found {:?}", deadline.falls))
        } else if deadline.provisional != expect.provisional {
            Err(format!("provisional: expected {:?}, found {:?}", expect.provisional, deadline.provisional))
        } else if expect.default.is_some_and(|wanted| wanted != default) {
            Err(format!("default: found {default}"))
        } else if expect.reminders.as_ref().is_some_and(|wanted| *wanted != reminders()) {
            Err(format!("reminders: found {:?}", reminders()))
        } else {
            Ok(())
        }
    }
}
