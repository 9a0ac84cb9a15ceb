//! The numbers of an office, or of all: what waits and for how long, whether days are kept, what inspections came to, which places lack a system.
//!
//! ```text
//! office within reach ─▶ counts of the store ─▶ Dashboard: figures by the words of the packs        places by class: `covered`
//! ```
//! Always true: an office counts its own; who heads or supervises counts that and the offices under it together, or one of them; who supervises
//! without an office counts any office or all; a term counts as ours where the packs bind the police;
//! a number names nobody.

use super::covered::Classes;
use super::no_case;
use super::shares::{Corrections, Inspected};
use super::who::Reach;
use crate::{Authority, By};
use base::{CivilDate, ClauseId, OfficeId, Refusal, Text, UtcMs};
use domain::access::Permission;
use domain::casework::{ClockState, is_adverse, is_ours};
use law::{Outcome, Packs, Party, Procedure, ProcedureKind};
use std::collections::{BTreeMap, BTreeSet};
use store::casework::Territory;
use store::casework::offices::OfficeRow;
use store::casework::spots::PlaceFilter;
use store::casework::staff_counts::{AGES, OutcomeCount};
use store::casework::waiting::WaitingCounts;

/// Borders between ages, weeks: our own choice.
pub const AGE_WEEKS: [i64; AGES] = [2, 8, 26];
/// Months that are shown: so many before this one, this one, and the next.
const MONTHS_BEFORE: i32 = 10;
const MONTHS_AFTER: i32 = 2;
/// How far ahead a last day is near, as a number of days: our own choice, as in the worklist.
const NEAR: i32 = 8;
const WEEK_MS: i64 = 604_800_000;
/// The registers of what must have a system, and that of systems.
pub(super) const PLACES: [&str; 2] = ["units", "public_areas"];
pub(super) const SYSTEMS: &str = "systems";
/// Most lines of a count by office: three classes of each.
const OFFICE_LINES: u32 = 3_000;
/// The register of orders to correct.
pub(super) const CORRECTIONS: &str = "corrections";

/// Open cases of a procedure by age.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Id of the procedure.
    pub procedure: String,
    /// How many of each age, the newest first.
    pub ages: [u64; AGES + 1],
}

/// Our own terms of a month.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Month {
    /// `YYYY-MM`.
    pub month: String,
    /// Kept.
    pub met: u64,
    /// Still running, their last day is near.
    pub near: u64,
    /// Still running, further away.
    pub running: u64,
    /// Missed, kept too late, or still owed after the last day.
    pub over: u64,
}

/// What inspections of a year came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Inspections {
    /// Units that the plans of these offices drew; replaced ones are left out.
    pub drawn: u64,
    /// Cases with a finding.
    pub visited: u64,
    /// Cases without one yet.
    pub open: u64,
    /// Defects were found and put right.
    pub corrected: u64,
    /// They were not put right in time.
    pub not_corrected: u64,
}

/// How many places of a register have a system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coverage {
    /// Word of the register.
    pub register: String,
    /// Its name.
    pub name: Text,
    /// The clauses that ask for a system there.
    pub clauses: Vec<ClauseId>,
    /// Places that hold today.
    pub classes: Classes,
    /// The same by office; none: rows of no office.
    pub offices: Vec<(Option<OfficeId>, Classes)>,
}

/// Everything of one page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dashboard {
    /// When it was counted.
    pub counted: UtcMs,
    /// Whose numbers they are.
    pub territory: Territory,
    /// What waits, the most first.
    pub waiting: Vec<Waiting>,
    /// Open cases whose promise went by, and without a clock in which nothing is done: no terms of law, counted apart from them.
    pub beside: WaitingCounts,
    /// Our terms by month, the earliest first.
    pub months: Vec<Month>,
    /// Inspections of this year.
    pub inspections: Inspections,
    /// Orders to correct of this year.
    pub corrections: Corrections,
    /// Registered places that were inspected this year.
    pub inspected: Vec<Inspected>,
    /// Places and their systems.
    pub coverage: Vec<Coverage>,
    /// Rows of places and systems that were not compared yet and are in no class.
    pub uncompared: u64,
}

/// The first day of the month so many months from this one.
fn month_start(today: CivilDate, shift: i32) -> Option<CivilDate> {
    let months = i32::from(today.0.year()) * 12 + i32::from(today.0.month()) - 1 + shift;
    let (year, month) = (i16::try_from(months.div_euclid(12)).ok()?, i8::try_from(months.rem_euclid(12)).ok()?);
    CivilDate::ymd(year, month + 1, 1)
}

/// The party of a word, as the packs write it.
fn binds_us(word: &str) -> bool {
    serde_json::from_value::<Party>(serde_json::Value::from(word)).is_ok_and(is_ours)
}

/// Outcomes by which a row says that there is no such place, or no system that may be used.
pub(super) fn adverse_of(packs: &Packs) -> Vec<String> {
    let mut out: BTreeSet<String> = BTreeSet::new();
    for procedure in packs.procedures() {
        let of = |register: &str| register == SYSTEMS || PLACES.contains(&register);
        let enters = |o: &&Outcome| o.registers.iter().any(|r| of(r)) && is_adverse(procedure, o);
        out.extend(procedure.outcomes.iter().filter(enters).map(|o| o.id.clone()));
    }
    out.into_iter().collect()
}

fn inspections_of(packs: &Packs, counts: &[OutcomeCount]) -> Inspections {
    let mut out = Inspections::default();
    for count in counts {
        let procedure = packs.procedure(&count.procedure);
        // What people report is no visit of ours.
        let procedure = procedure.filter(|p| p.kind == ProcedureKind::Inspection && is_ours(p.applicant));
        let Some(procedure) = procedure else { continue };
        let outcome = procedure.outcomes.iter().find(|o| o.id == count.outcome);
        match outcome {
            None if count.closed => {}
            None => out.open = out.open.saturating_add(count.count),
            Some(outcome) => {
                out.visited = out.visited.saturating_add(count.count);
                let ordered = outcome.registers.iter().any(|r| r == CORRECTIONS);
                match (ordered, is_adverse(procedure, outcome)) {
                    (true, true) => out.not_corrected = out.not_corrected.saturating_add(count.count),
                    (true, false) => out.corrected = out.corrected.saturating_add(count.count),
                    (false, _) => {}
                }
            }
        }
    }
    out
}

impl Authority {
    /// Whose numbers this account sees, where it asks for those of the office `asked`.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn territory_of_numbers(&self, by: By, asked: Option<OfficeId>) -> Result<Territory, Refusal> {
        by.needs(Permission::SeeCases)?;
        let reach = self.reach(by).await?;
        if let (Reach::Under(top), Some(one)) = (reach, asked)
            && self.store().is_under(top, one).await?
        {
            return Ok(Territory::Office(one));
        }
        match reach {
            Reach::All => Ok(asked.into()),
            other => other.territory().ok_or_else(no_case),
        }
    }

    /// The offices of which somebody may choose one, by level and division: those that they head or supervise; none for who sees the own alone.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn offices_to_choose(&self, by: By) -> Result<Vec<OfficeRow>, Refusal> {
        by.needs(Permission::SeeCases)?;
        let all = match self.reach(by).await? {
            Reach::All => self.store().offices().await?,
            Reach::Under(top) => self.store().offices_under(top).await?,
            Reach::Office(_) | Reach::Party(_) => Vec::new(),
        };
        // Of one there is nothing to choose.
        Ok(if all.len() > 1 { all } else { Vec::new() })
    }

    /// Counts everything anew; reads many rows, so whoever shows it keeps it for a while.
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn count(&self, by: By, asked: Option<OfficeId>) -> Result<Dashboard, Refusal> {
        let of = self.territory_of_numbers(by, asked).await?;
        let now = self.now();
        let today = now.shanghai_date();
        let uncompared = self.compare_for_page().await?;
        Ok(Dashboard {
            counted: now,
            territory: of,
            waiting: self.waiting(of, now).await?,
            beside: self.waiting_counts(of, today).await?,
            months: self.months(of, today).await?,
            inspections: self.inspections(of, today).await?,
            corrections: self.corrections(of, today).await?,
            inspected: self.inspected_in(of, today).await?,
            coverage: self.coverage(of, today).await?,
            uncompared,
        })
    }

    async fn waiting(&self, of: Territory, now: UtcMs) -> Result<Vec<Waiting>, Refusal> {
        let borders = AGE_WEEKS.map(|weeks| now.plus_ms(-weeks * WEEK_MS));
        let mut all: BTreeMap<String, [u64; AGES + 1]> = BTreeMap::new();
        for line in self.store().backlog(of, borders).await? {
            let ages = all.entry(line.procedure).or_default();
            if let Some(age) = usize::try_from(line.age).ok().and_then(|n| ages.get_mut(n)) {
                *age = age.saturating_add(line.count);
            }
        }
        let mut out: Vec<Waiting> = all.into_iter().map(|(procedure, ages)| Waiting { procedure, ages }).collect();
        out.sort_by_key(|w| std::cmp::Reverse(w.ages.iter().fold(0_u64, |sum, n| sum.saturating_add(*n))));
        Ok(out)
    }

    async fn months(&self, of: Territory, today: CivilDate) -> Result<Vec<Month>, Refusal> {
        let (from, to) = (month_start(today, -MONTHS_BEFORE), month_start(today, MONTHS_AFTER));
        let Some(span) = from.zip(to) else { return Ok(Vec::new()) };
        let mut out: Vec<Month> = Vec::new();
        for shift in -MONTHS_BEFORE..MONTHS_AFTER {
            let first = month_start(today, shift).map(|day| day.to_string()).unwrap_or_default();
            out.push(Month { month: first.chars().take(7).collect(), ..Month::default() });
        }
        for line in self.store().month_counts(of, span, (today, today.plus_days(NEAR))).await? {
            if !binds_us(&line.binds) {
                continue;
            }
            let Some(month) = out.iter_mut().find(|m| m.month == line.month) else { continue };
            let to = match line.state.as_str() {
                ClockState::IN_TIME => &mut month.met,
                "near" => &mut month.near,
                "running" => &mut month.running,
                "over" => &mut month.over,
                late if ClockState::LATE.contains(&late) => &mut month.over,
                _ => continue,
            };
            *to = to.saturating_add(line.count);
        }
        Ok(out)
    }

    async fn inspections(&self, of: Territory, today: CivilDate) -> Result<Inspections, Refusal> {
        let year = today.0.year();
        let (from, to) = (CivilDate::ymd(year, 1, 1), CivilDate::ymd(year + 1, 1, 1));
        let Some((from, to)) = from.zip(to) else { return Ok(Inspections::default()) };
        let span = (from.start(), to.start());
        let counts = self.store().outcome_counts(of, span).await?;
        let mut out = inspections_of(self.gate().packs(), &counts);
        out.drawn = self.store().drawn_count(of, span).await?;
        Ok(out)
    }

    async fn coverage(&self, territory: Territory, today: CivilDate) -> Result<Vec<Coverage>, Refusal> {
        let mut out = Vec::new();
        let registers = self.gate().packs().carriers().registers();
        for listed in registers.iter().filter(|r| PLACES.contains(&r.id.as_str())) {
            let filter = PlaceFilter { register: listed.id.clone(), territory, before: None };
            let offices = self.store().place_counts_by_office(&filter, today, OFFICE_LINES).await?;
            out.push(Coverage {
                register: listed.id.clone(),
                name: listed.name(),
                clauses: self.clauses_of_places(&listed.id).await?,
                classes: Classes::of(self.store().place_counts(&filter, today).await?),
                offices: offices.into_iter().map(|(office, counts)| (office, Classes::of(counts))).collect(),
            });
        }
        Ok(out)
    }
}

/// The name of a procedure, for who shows a number of it.
#[must_use]
pub fn name_of(packs: &Packs, id: &str) -> Text {
    packs.procedure(id).map_or_else(|| Text::of(id.to_owned(), id.to_owned()), Procedure::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn months_go_over_the_end_of_a_year() {
        let of = |shift| month_start(day("2026-01-31"), shift).unwrap().to_string();
        assert_eq!([of(-1), of(0), of(12), of(-13)], ["2025-12-01", "2026-01-01", "2027-01-01", "2024-12-01"]);
    }

    #[test]
    fn what_an_inspection_came_to_is_read_from_the_packs() {
        let packs = Packs::embedded().unwrap();
        let count = |procedure: &str, outcome: &str, closed| OutcomeCount {
            procedure: procedure.into(),
            outcome: outcome.into(),
            closed,
            count: 2,
        };
        let all = [
            count("inspection_b", "passed", true),
            count("inspection_b", "corrected", true),
            count("inspection_b", "to_penalty", false),
            count("inspection_b", "", false),
            count("inspection_b", "", true),
            count("area_approval", "approved", true),
        ];
        let got = inspections_of(&packs, &all);
        let want = Inspections { drawn: 0, visited: 6, open: 2, corrected: 2, not_corrected: 2 };
        assert_eq!(got, want);
    }

    #[test]
    fn outcomes_that_say_no_are_read_from_the_packs() {
        let packs = Packs::embedded().unwrap();
        let adverse = adverse_of(&packs);
        assert!(adverse.iter().any(|o| o == "failed"), "{adverse:?}");
        assert!(!adverse.iter().any(|o| o == "filed" || o == "passed" || o == "approved"), "{adverse:?}");
        let registers = packs.carriers().registers();
        for word in PLACES.into_iter().chain([SYSTEMS, CORRECTIONS]) {
            assert!(registers.iter().any(|r| r.id == word), "{word}");
        }
        assert!(binds_us("police_local") && !binds_us("anyone") && !binds_us("nobody at all"));
    }
}
