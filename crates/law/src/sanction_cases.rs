//! `sanction-cases.toml` of a pack: breaches with their days and what they must cost, clauses with their first and last days. Whoever
//! amends a sanction adds its cases; tests and [`Packs::run_sanction_cases`] run them.

use crate::penalty::PenaltyQuestion;
use crate::penalty_answer::{AmountGrounds, Fine, Penalty};
use crate::{CaseFailure, Fined, Grade, Jurisdiction, Order, PackError, Packs, PenaltyLink};
use base::{CivilDate, ClauseId};
use serde::Deserialize;

/// The cases of one pack.
#[derive(Clone, Debug, Default)]
pub(crate) struct SanctionCaseFile {
    path: String,
    raw: RawFile,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default, rename = "case")]
    cases: Vec<Case>,
    #[serde(default, rename = "force")]
    forces: Vec<ForceCase>,
    #[serde(default, rename = "reach")]
    reaches: Vec<ReachCase>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    breach: String,
    at: Jurisdiction,
    who: Fined,
    grade: Grade,
    act: CivilDate,
    /// The day of the act, if left out.
    decided: Option<CivilDate>,
    /// The day of decision, if left out.
    found: Option<CivilDate>,
    #[serde(default)]
    life_or_finance: bool,
    gains_yuan: Option<u64>,
    expect: Expect,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// Penalty clauses that apply.
    applies: Option<Vec<String>>,
    /// The clause a fine would rest on now; `none`.
    from: Option<String>,
    /// Its range: `3000-10000`, `-5000` (no lower end), `30000` (fixed), `none`.
    fine: Option<String>,
    /// `must`, `optional` or `instead_of_detention`.
    manner: Option<String>,
    /// The range that follows if the order is not obeyed.
    later: Option<String>,
    /// Amounts that may be imposed, with reasons and, where one is asked, a legal review.
    allowed: Option<Vec<u64>>,
    /// Amounts that may not, whatever stands behind them.
    refused: Option<Vec<u64>>,
    /// A legal review is asked.
    blocked: Option<bool>,
    /// Why an allowed amount (or 1) without a legal review is refused; `none`.
    code: Option<String>,
    /// `clause order`, where an order is named.
    orders: Option<Vec<String>>,
    /// `clause kind`, with its numbers.
    measures: Option<Vec<String>>,
    displaced: Option<Vec<String>>,
    ended: Option<Vec<String>>,
    unaddressed: Option<Vec<String>>,
    /// The clause that caps the range.
    cap: Option<String>,
    last_day: Option<CivilDate>,
    /// `always`, `local`, `unknown`, or from how many yuan.
    hearing: Option<String>,
    free_from: Option<CivilDate>,
    gains_fine: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForceCase {
    clause: String,
    on: CivilDate,
    in_force: bool,
}

/// Breaches that a penalty clause reaches on a day, and how sure that is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReachCase {
    clause: String,
    link: PenaltyLink,
    at: Jurisdiction,
    who: Fined,
    act: CivilDate,
    breaches: Vec<String>,
}

impl SanctionCaseFile {
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, PackError> {
        let raw: RawFile = toml::from_str(text).map_err(|e| PackError::toml(path, text, &e))?;
        for (n, case) in raw.cases.iter().enumerate() {
            if raw.cases.iter().take(n).any(|other| other.name == case.name) {
                return Err(PackError::again(path, text, &case.name, "case stands twice"));
            }
        }
        Ok(Self { path: path.to_owned(), raw })
    }

    /// Names of the cases that a clause decides: its breach is asked about, it is among the penalties of the answer, or its days are.
    pub(crate) fn holding(&self, clause: &str) -> Vec<String> {
        let cases = self.raw.cases.iter().filter(|c| c.breach == clause || c.expect.names(clause));
        let forces = self.raw.forces.iter().filter(|c| c.clause == clause);
        let reaches = self.raw.reaches.iter().filter(|c| c.clause == clause || c.breaches.iter().any(|b| b == clause));
        let unnamed = forces.map(ForceCase::name).chain(reaches.map(ReachCase::name));
        cases.map(|c| c.name.clone()).chain(unnamed).collect()
    }
}

impl Expect {
    fn names(&self, clause: &str) -> bool {
        let lists = [&self.applies, &self.displaced, &self.ended, &self.unaddressed];
        let mut words = [&self.orders, &self.measures].into_iter().flatten().flatten();
        lists.into_iter().flatten().flatten().any(|id| id == clause)
            || [&self.from, &self.cap].into_iter().flatten().any(|id| id == clause)
            || words.any(|word| word.split(' ').next() == Some(clause))
    }
}

impl ForceCase {
    /// It has no name of its own.
    fn name(&self) -> String {
        format!("{} {}", self.clause, self.on)
    }
}

impl ReachCase {
    /// It has no name of its own.
    fn name(&self) -> String {
        format!("{} reaches ({}) {}", self.clause, self.link.key(), self.act)
    }
}

impl Packs {
    /// Runs every case of sanctions of every pack; empty when all hold.
    #[must_use]
    pub fn run_sanction_cases(&self) -> Vec<CaseFailure> {
        self.failing_sanction_cases(0).collect()
    }

    /// The cases that do not hold, one after the other, those of the pack at this place first.
    pub(crate) fn failing_sanction_cases(&self, first: usize) -> impl Iterator<Item = CaseFailure> {
        let files = self.packs.iter().cycle().skip(first).take(self.packs.len()).map(|p| &p.sanction_cases);
        files.flat_map(move |file| {
            let fail =
                move |case: &str, what: String| CaseFailure { file: file.path.clone(), case: case.to_owned(), what };
            let cases = file.raw.cases.iter();
            let cases = cases.filter_map(move |case| Some(fail(&case.name, self.run_sanction_case(case).err()?)));
            let forces = file.raw.forces.iter().filter_map(move |case| {
                let found = self.clause(&ClauseId::new(&case.clause)).is_some_and(|(p, c)| p.in_force(c, case.on));
                (found != case.in_force).then(|| fail(&case.name(), format!("in force: {found}")))
            });
            let reaches = file.raw.reaches.iter();
            let reaches = reaches.filter_map(move |case| Some(fail(&case.name(), self.run_reach_case(case).err()?)));
            cases.chain(forces).chain(reaches)
        })
    }

    /// How many cases of sanctions, of days and of breaches reached the packs hold.
    #[must_use]
    pub fn sanction_case_count(&self) -> usize {
        let files = self.packs.iter().map(|p| &p.sanction_cases.raw);
        files.map(|r| r.cases.len() + r.forces.len() + r.reaches.len()).sum()
    }

    fn run_reach_case(&self, case: &ReachCase) -> Result<(), String> {
        for breach in &case.breaches {
            let question = PenaltyQuestion::new(breach, case.at, case.who, Grade::Ordinary, case.act, case.act);
            let answer = self.penalty(&question).map_err(|refusal| format!("{breach}: {refusal}"))?;
            let link = answer.applied.iter().find(|a| a.citation.clause.0 == case.clause).map(|a| a.link);
            if link != Some(case.link) {
                return Err(format!("{breach}: expected {:?}, found {link:?}", case.link));
            }
        }
        Ok(())
    }

    fn run_sanction_case(&self, case: &Case) -> Result<(), String> {
        let decided = case.decided.unwrap_or(case.act);
        let question = PenaltyQuestion {
            found_on: case.found.unwrap_or(decided),
            life_or_finance: case.life_or_finance,
            gains_yuan: case.gains_yuan,
            ..PenaltyQuestion::new(&case.breach, case.at, case.who, case.grade, case.act, decided)
        };
        let answer = self.penalty(&question).map_err(|refusal| refusal.to_string())?;
        check_clauses(&answer, &case.expect)?;
        check_fine(&answer, &case.expect)
    }
}

fn check_clauses(answer: &Penalty, expect: &Expect) -> Result<(), String> {
    let ids = |it: &mut dyn Iterator<Item = &base::Citation>| it.map(|c| c.clause.0.clone()).collect::<Vec<_>>();
    same("applies", expect.applies.as_ref(), &ids(&mut answer.applied.iter().map(|a| &a.citation)))?;
    same("displaced", expect.displaced.as_ref(), &ids(&mut answer.displaced.iter().map(|d| &d.citation)))?;
    same("ended", expect.ended.as_ref(), &ids(&mut answer.ended.iter().map(|e| &e.citation)))?;
    same("unaddressed", expect.unaddressed.as_ref(), &ids(&mut answer.unaddressed.iter().map(|u| &u.citation)))?;
    let ordered = answer.applied.iter().filter(|a| a.order != Order::None);
    let orders = ordered.map(|a| format!("{} {}", a.citation.clause.0, a.order.key())).collect();
    same("orders", expect.orders.as_ref(), &orders)?;
    let measures = answer.applied.iter().flat_map(|a| {
        a.measures.iter().map(move |m| {
            let number = match (m.min, m.max) {
                (Some(min), Some(max)) => format!(" {min}-{max}"),
                (None, Some(max)) => format!(" {max}"),
                _ => String::new(),
            };
            format!("{} {}{number}", a.citation.clause.0, m.kind.key())
        })
    });
    same("measures", expect.measures.as_ref(), &measures.collect())?;
    let free = answer.applied.iter().flat_map(|a| &a.measures).find_map(|m| m.free_from);
    match expect.free_from {
        Some(expected) if free != Some(expected) => Err(format!("free_from: expected {expected}, found {free:?}")),
        _ => Ok(()),
    }
}

fn check_fine(answer: &Penalty, expect: &Expect) -> Result<(), String> {
    let fining = answer.fining();
    same("from", expect.from.as_ref(), &fining.map_or_else(none, |(a, _)| a.citation.clause.0.clone()))?;
    same("fine", expect.fine.as_ref(), &range(fining.map(|(_, f)| f)))?;
    same("later", expect.later.as_ref(), &range(answer.applied.iter().find_map(|a| a.later.as_ref())))?;
    let manner = fining.map_or("none", |(_, f)| match (f.instead_of_detention, f.optional) {
        (true, _) => "instead_of_detention",
        (false, true) => "optional",
        (false, false) => "must",
    });
    same("manner", expect.manner.as_ref(), &manner.to_owned())?;
    let bound = fining.and_then(|(_, f)| f.bound.as_ref());
    same("cap", expect.cap.as_ref(), &bound.map_or_else(none, |b| b.citation.clause.0.clone()))?;
    same("blocked", expect.blocked.as_ref(), &!answer.reviews().is_empty())?;
    same("gains_fine", expect.gains_fine.as_ref(), &fining.and_then(|(_, f)| f.gains_fine_yuan).unwrap_or(0))?;
    let full = AmountGrounds { reasons: "case", legal_review: Some("case"), clause: None };
    for amount in expect.allowed.iter().flatten() {
        answer.check_amount(*amount, full).map_err(|refusal| format!("{amount} is refused: {refusal}"))?;
    }
    for amount in expect.refused.iter().flatten() {
        if answer.check_amount(*amount, full).is_ok() {
            return Err(format!("{amount} is allowed"));
        }
    }
    let amount = expect.allowed.iter().flatten().next().copied().unwrap_or(1);
    let plain = answer.check_amount(amount, AmountGrounds { legal_review: None, ..full });
    same("code", expect.code.as_ref(), &plain.err().map_or_else(none, |refusal| refusal.code))?;
    let applied = fining.map(|(a, _)| a).or_else(|| answer.applied.first());
    let hearing = applied.map(|a| &a.hearing).map_or_else(none, |h| match h.from_yuan {
        _ if h.always => "always".to_owned(),
        Some(yuan) => yuan.to_string(),
        None if h.local_figure_unknown => "local".to_owned(),
        None => "unknown".to_owned(),
    });
    same("hearing", expect.hearing.as_ref(), &hearing)?;
    match (expect.last_day, applied.and_then(|a| a.time_bar.as_ref()).map(|bar| bar.last_day)) {
        (Some(expected), found) if found != Some(expected) => {
            Err(format!("last_day: expected {expected}, found {found:?}"))
        }
        _ => Ok(()),
    }
}

fn none() -> String {
    "none".to_owned()
}

fn range(fine: Option<&Fine>) -> String {
    match fine {
        None => none(),
        Some(f) if f.is_fixed() => f.max_yuan.to_string(),
        Some(f) => format!("{}-{}", f.min_yuan.map(|min| min.to_string()).unwrap_or_default(), f.max_yuan),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: Option<&T>, found: &T) -> Result<(), String> {
    match expected {
        Some(expected) if expected != found => Err(format!("{what}: expected {expected:?}, found {found:?}")),
        _ => Ok(()),
    }
}
