//! `cases.toml` of a pack: facts and a day, and the answer expected. Whoever amends a pack adds its cases; tests and
//! [`Gate::run_cases`] run them.

use crate::{
    Act, AfterTerm, Answer, Clause, Due, Duty, Gate, Pack, PackError, Packs, PlaceKind, Question, Retention,
    SiteProfile,
};
use base::{CivilDate, ClauseId, UtcMs};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// A case whose answer is not the expected one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseFailure {
    /// File below `law/`.
    pub file: String,
    /// Name of the case.
    pub case: String,
    /// What differs.
    pub what: String,
}

/// The cases of one pack, their questions already read.
#[derive(Clone, Debug)]
pub(crate) struct CaseFile {
    path: String,
    cases: Vec<Case>,
}

#[derive(Clone, Debug)]
struct Case {
    name: String,
    on: CivilDate,
    ask: Ask,
    expect: Expect,
}

#[derive(Clone, Debug)]
enum Ask {
    Act(Question),
    Keep(SiteProfile, PlaceKind),
    /// A number of a clause: its clause and name.
    Value(ClauseId, String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    /// Facts an act has unless the case says otherwise, by act.
    #[serde(default)]
    given: BTreeMap<String, Table>,
    #[serde(default, rename = "case")]
    cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    on: CivilDate,
    /// Not asked for a number, which is the same at every site.
    site: Option<SiteProfile>,
    ask: Option<Table>,
    keep: Option<PlaceKind>,
    /// A number: `clause name`, e.g. `B-10-2 decision_workdays`.
    value: Option<String>,
    expect: Expect,
}

#[derive(Clone, Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
struct Expect {
    allow: Option<bool>,
    cites: Option<Vec<String>>,
    codes: Option<Vec<String>>,
    duties: Option<Vec<String>>,
    /// Days kept.
    days: Option<u32>,
    /// Clauses of the terms, longest first.
    terms: Option<Vec<String>>,
    /// The clause by which footage must be deleted, or `may`: it may be. `may A-23-4` names the clause that says so, `may none` that
    /// none does.
    then: Option<String>,
    /// The number.
    amount: Option<u32>,
    /// No such number holds on that day.
    none: Option<bool>,
}

impl CaseFile {
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, PackError> {
        let raw: RawFile = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        let mut cases: Vec<Case> = Vec::new();
        for case in raw.cases {
            let name = case.name.clone();
            if cases.iter().any(|c| c.name == name) {
                return Err(PackError::clause(path, text, &name, "two cases have this name"));
            }
            cases.push(read_case(case, &raw.given).map_err(|what| PackError::clause(path, text, &name, what))?);
        }
        Ok(Self { path: path.to_owned(), cases })
    }

    /// Names of the cases whose answer turns on a clause: it decides, its term is counted, its number is asked for, or, in its own
    /// pack, a duty of it follows.
    pub(crate) fn holding(&self, clause: &Clause, own_pack: bool) -> Vec<&str> {
        let lists = |ids: &Option<Vec<String>>| ids.iter().flatten().any(|id| *id == clause.id);
        let duty = |word: &String| clause.duties.iter().any(|d| word.split(' ').next() == Some(&d.code));
        let holds = |case: &&Case| {
            let e = &case.expect;
            let asked = matches!(&case.ask, Ask::Value(id, _) if id.0 == clause.id);
            let follows = own_pack && e.duties.iter().flatten().any(duty);
            let then = e.then.as_deref().is_some_and(|then| then.strip_prefix("may ").unwrap_or(then) == clause.id);
            asked || follows || lists(&e.cites) || lists(&e.terms) || then
        };
        self.cases.iter().filter(holds).map(|case| case.name.as_str()).collect()
    }
}

fn read_case(raw: RawCase, given: &BTreeMap<String, Table>) -> Result<Case, String> {
    let ask = match (raw.ask, raw.keep, raw.value, raw.site) {
        (Some(table), None, None, Some(site)) => Ask::Act(Question { site, act: read_act(table, given)? }),
        (None, Some(place), None, Some(site)) => Ask::Keep(site, place),
        (None, None, Some(value), None) => {
            let (clause, name) = value.split_once(' ').ok_or_else(|| format!("`{value}` is not `clause name`"))?;
            Ask::Value(ClauseId::new(clause), name.to_owned())
        }
        _ => return Err("a case has one of `ask` and `keep`, with `site`, or `value` without".to_owned()),
    };
    let e = &raw.expect;
    let of_act = e.allow.is_some() || e.cites.is_some() || e.codes.is_some() || e.duties.is_some();
    let of_term = e.days.is_some() || e.terms.is_some() || e.then.is_some();
    let of_value = e.amount.is_some() || e.none.is_some();
    let fits = match ask {
        Ask::Act(_) => e.allow.is_some() && !of_term && !of_value,
        Ask::Keep(..) => e.days.is_some() && !of_act && !of_value,
        Ask::Value(..) => (e.amount.is_some() != (e.none == Some(true))) && !of_act && !of_term,
    };
    if !fits {
        return Err(
            "`ask` expects allow (cites, codes, duties); `keep` expects days (terms, then); `value` expects amount or \
                    none = true"
                .to_owned(),
        );
    }
    Ok(Case { name: raw.name, on: raw.on, ask, expect: raw.expect })
}

/// The act, with the facts given for its kind below those of the case; `last_frame` may be written as a Shanghai time.
fn read_act(mut table: Table, given: &BTreeMap<String, Table>) -> Result<Act, String> {
    let kind = table.get("kind").and_then(Value::as_str).ok_or("`ask` needs `kind`")?.to_owned();
    for (fact, value) in given.get(&kind).into_iter().flatten() {
        table.entry(fact.clone()).or_insert_with(|| value.clone());
    }
    if let Some(Value::String(text)) = table.get("last_frame") {
        let at = UtcMs::parse_shanghai(text).ok_or_else(|| format!("`{text}` is no time like 2025-04-01 12:00:00"))?;
        table.insert("last_frame".to_owned(), Value::Integer(at.0));
    }
    Value::Table(table).try_into().map_err(|e: toml::de::Error| e.message().to_owned())
}

impl Pack {
    /// How many cases of acts, terms, numbers, duties and places stand in its files; those of sanctions and clocks are counted apart.
    #[must_use]
    pub fn case_count(&self) -> usize {
        self.cases.cases.len() + self.obligations.case_count() + self.places.cases.len()
    }
}

impl Gate {
    /// Runs every case of every pack; empty when all hold.
    #[must_use]
    pub fn run_cases(&self) -> Vec<CaseFailure> {
        let packs = self.packs();
        let beside = packs.run_obligation_cases().into_iter().chain(packs.run_place_cases());
        let costs_and_clocks = packs.run_sanction_cases().into_iter().chain(packs.run_clock_cases());
        self.case_failures(0).chain(beside).chain(costs_and_clocks).collect()
    }

    /// The cases that fail, found one by one, those of the pack at `first` before the others: who only asks whether one fails need
    /// not wait for all.
    pub(crate) fn case_failures(&self, first: usize) -> impl Iterator<Item = CaseFailure> {
        let packs = self.packs().all();
        let order = packs.iter().skip(first).chain(packs.iter().take(first));
        let cases = order.flat_map(|p| p.cases.cases.iter().map(|case| (&p.cases.path, case)));
        cases.filter_map(|(file, case)| {
            let what = self.run_case(case).err()?;
            Some(CaseFailure { file: file.clone(), case: case.name.clone(), what })
        })
    }

    /// How many cases the packs hold.
    #[must_use]
    pub fn case_count(&self) -> usize {
        let packs = self.packs();
        let own: usize = packs.all().iter().map(Pack::case_count).sum();
        own + packs.sanction_case_count() + packs.clock_case_count()
    }

    fn run_case(&self, case: &Case) -> Result<(), String> {
        match &case.ask {
            Ask::Act(question) => check_answer(&self.decide(question, case.on), &case.expect),
            Ask::Keep(site, place) => check_retention(&self.retention(site, *place, case.on), &case.expect),
            Ask::Value(clause, name) => self.packs().run_value_case(case, clause, name),
        }
    }
}

impl Packs {
    fn run_value_case(&self, case: &Case, clause: &ClauseId, name: &str) -> Result<(), String> {
        match (case.expect.amount, self.value(clause, name, case.on)) {
            (expected, found) if expected == found => Ok(()),
            (expected, found) => Err(format!("{clause} {name}: expected {expected:?}, found {found:?}")),
        }
    }

    /// Whether every case that asks for a number holds: these need no gate.
    #[cfg(test)]
    pub(crate) fn value_cases_hold(&self) -> bool {
        self.packs.iter().flat_map(|p| &p.cases.cases).all(|case| match &case.ask {
            Ask::Value(clause, name) => self.run_value_case(case, clause, name).is_ok(),
            _ => true,
        })
    }
}

fn check_answer(answer: &Answer, expect: &Expect) -> Result<(), String> {
    same("allow", expect.allow.as_ref(), &answer.allow)?;
    let cites: Vec<String> = answer.deciding.iter().map(|c| c.clause.0.clone()).collect();
    same("cites", expect.cites.as_ref(), &cites)?;
    same("codes", expect.codes.as_ref(), &answer.missing.iter().map(|m| m.code.clone()).collect())?;
    same("duties", expect.duties.as_ref(), &answer.duties.iter().map(duty_word).collect())
}

/// `set_up_sign`, or `file_system within 30 days`.
fn duty_word(duty: &Duty) -> String {
    match duty.due {
        Due::WithinDays(days) => format!("{} within {days} days", duty.code),
        Due::AtOnce | Due::BeforeUse => duty.code.clone(),
    }
}

fn check_retention(retention: &Retention, expect: &Expect) -> Result<(), String> {
    same("days", expect.days.as_ref(), &retention.min_days)?;
    let terms: Vec<String> = retention.terms.iter().map(|t| t.citation.clause.0.clone()).collect();
    same("terms", expect.terms.as_ref(), &terms)?;
    let then = match &retention.then {
        AfterTerm::MayDelete(_) if expect.then.as_deref() == Some("may") => "may".to_owned(),
        AfterTerm::MayDelete(Some(citation)) => format!("may {}", citation.clause),
        AfterTerm::MayDelete(None) => "may none".to_owned(),
        AfterTerm::MustDelete(citation) => citation.clause.0.clone(),
    };
    same("then", expect.then.as_ref(), &then)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: Option<&T>, found: &T) -> Result<(), String> {
    match expected {
        Some(expected) if expected != found => Err(format!("{what}: expected {expected:?}, found {found:?}")),
        _ => Ok(()),
    }
}
