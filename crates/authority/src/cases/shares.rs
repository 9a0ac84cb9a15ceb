//! Rates for those who supervise: orders to correct that were kept, and registered places that were inspected this year.
//!
//! ```text
//! clocks of the packs that an outcome with the register of corrections ends ─▶ counts of the store ─▶ Kept: in time · late · overdue · open
//! registers of places ─▶ holding today, inspected since the first of January ─▶ Inspected, by kind of place and by office
//! ```
//! Always true: an order that ended in a penalty was not kept, however early; what still runs is in no rate; of nothing there is no rate.

use super::numbers::{CORRECTIONS, PLACES};
use crate::Authority;
use base::{CivilDate, ClauseId, OfficeId, Refusal, Text};
use domain::casework::{ClockState, is_adverse, is_ours};
use law::{Field, FieldKind, Packs, Procedure, ProcedureKind};
use store::casework::Territory;
use store::casework::shares::{KINDS, OrderCount, PlacesAsked};

/// The register of inspections.
const INSPECTIONS: &str = "inspections";

/// Orders to correct whose last day is in a year.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    /// Corrected in time.
    pub in_time: u64,
    /// Corrected late, or not at all.
    pub late: u64,
    /// Owed after their last day.
    pub overdue: u64,
    /// Their time still runs.
    pub open: u64,
}

impl Kept {
    /// Those that a rate is made of: their day came, or they were kept before it.
    #[must_use]
    pub const fn over(&self) -> u64 {
        self.in_time.saturating_add(self.late).saturating_add(self.overdue)
    }

    const fn add(&mut self, other: &Self) {
        self.in_time = self.in_time.saturating_add(other.in_time);
        self.late = self.late.saturating_add(other.late);
        self.overdue = self.overdue.saturating_add(other.overdue);
        self.open = self.open.saturating_add(other.open);
    }
}

/// So many of so many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share {
    /// Of these.
    pub done: u64,
    /// All.
    pub of: u64,
}

impl Share {
    const fn add(&mut self, inspected: bool, count: u64) {
        self.of = self.of.saturating_add(count);
        if inspected {
            self.done = self.done.saturating_add(count);
        }
    }
}

/// Orders to correct of this year.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Corrections {
    /// All.
    pub all: Kept,
    /// By office.
    pub offices: Vec<(Option<OfficeId>, Kept)>,
    /// The clauses that ask to correct.
    pub clauses: Vec<ClauseId>,
}

/// Places of a register that were inspected this year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// Word of the register.
    pub register: String,
    /// Its name.
    pub name: Text,
    /// All.
    pub all: Share,
    /// By kind of place.
    pub kinds: Vec<(Text, Share)>,
    /// By office.
    pub offices: Vec<(Option<OfficeId>, Share)>,
    /// The clauses by which they are inspected.
    pub clauses: Vec<ClauseId>,
}

/// Inspections of ours.
fn inspecting(packs: &Packs) -> impl Iterator<Item = &Procedure> {
    packs.procedures().iter().filter(|p| p.kind == ProcedureKind::Inspection && is_ours(p.applicant))
}

/// Clocks of orders to correct: a party is bound, and what ends them enters the register of corrections.
fn correcting(procedure: &Procedure) -> impl Iterator<Item = &law::Clock> {
    let enters = move |id: &String| {
        procedure.outcomes.iter().any(|o| o.id == *id && o.registers.iter().any(|register| register == CORRECTIONS))
    };
    procedure.clocks.iter().filter(move |clock| !is_ours(clock.binds) && clock.ends.iter().any(enters))
}

fn kept_of(packs: &Packs, count: &OrderCount) -> Kept {
    let procedure = packs.procedure(&count.procedure);
    let outcome = procedure.and_then(|p| Some((p, p.outcomes.iter().find(|o| o.id == count.outcome)?)));
    let failed = outcome.is_some_and(|(procedure, outcome)| is_adverse(procedure, outcome));
    let mut out = Kept::default();
    let to = match count.state.as_str() {
        ClockState::IN_TIME if !failed => &mut out.in_time,
        ClockState::IN_TIME => &mut out.late,
        "over" => &mut out.overdue,
        // Nobody decided yet: it is still owed.
        "missed" if count.outcome.is_empty() => &mut out.overdue,
        "running" | "suspended" => &mut out.open,
        late if ClockState::LATE.contains(&late) => &mut out.late,
        _ => return out,
    };
    *to = count.count;
    out
}

/// The public column that says the kind of a place: the first choice of the form of its register.
fn kind_of<'a>(packs: &'a Packs, register: &str) -> Option<&'a Field> {
    let form = packs.register_form(register)?;
    form.fields.iter().find(|f| f.kind == FieldKind::Choice && f.public && !f.personal)
}

fn told_once(clauses: impl Iterator<Item = ClauseId>) -> Vec<ClauseId> {
    let mut out: Vec<ClauseId> = Vec::new();
    for clause in clauses {
        if !out.contains(&clause) {
            out.push(clause);
        }
    }
    out
}

fn first_of_year(today: CivilDate, years: i16) -> Option<CivilDate> {
    CivilDate::ymd(today.0.year() + years, 1, 1)
}

impl Authority {
    /// Orders to correct whose last day is in this year.
    pub(super) async fn corrections(&self, of: Territory, today: CivilDate) -> Result<Corrections, Refusal> {
        let (packs, site) = (self.gate().packs(), self.site_profile().await?);
        let Some(year) = first_of_year(today, 0).zip(first_of_year(today, 1)) else {
            return Ok(Corrections::default());
        };
        let mut clocks: Vec<String> = inspecting(packs).flat_map(correcting).map(|clock| clock.id.clone()).collect();
        clocks.sort_unstable();
        clocks.dedup();
        let here = inspecting(packs).filter(|p| self.reaches(p, site));
        let orders = here.flat_map(|p| p.outcomes.iter()).filter(|o| o.registers.iter().any(|r| r == CORRECTIONS));
        let mut out = Corrections { clauses: told_once(orders.map(|o| o.clause.clone())), ..Corrections::default() };
        for count in self.store().order_counts(of, &clocks, (year.0, year.1, today)).await? {
            if !inspecting(packs).any(|p| p.id == count.procedure) {
                continue;
            }
            let kept = kept_of(packs, &count);
            out.all.add(&kept);
            match out.offices.iter_mut().find(|(office, _)| *office == count.office) {
                Some((_, sum)) => sum.add(&kept),
                None => out.offices.push((count.office, kept)),
            }
        }
        Ok(out)
    }

    /// Registered places that were inspected this year.
    pub(super) async fn inspected_in(&self, territory: Territory, today: CivilDate) -> Result<Vec<Inspected>, Refusal> {
        let (packs, site) = (self.gate().packs(), self.site_profile().await?);
        let Some(since) = first_of_year(today, 0) else { return Ok(Vec::new()) };
        let here = inspecting(packs).filter(|p| self.reaches(p, site));
        let clauses = told_once(here.flat_map(|p| p.clauses.iter().cloned()));
        let mut out = Vec::new();
        for listed in packs.carriers().registers().iter().filter(|r| PLACES.contains(&r.id.as_str())) {
            let kind = kind_of(packs, &listed.id);
            let choices = kind.map(|f| f.choices.as_slice()).unwrap_or_default();
            let asked = PlacesAsked {
                register: listed.id.clone(),
                inspections: INSPECTIONS.to_owned(),
                kinds: (
                    kind.map(|f| f.id.clone()).unwrap_or_default(),
                    choices.iter().take(KINDS).map(|c| c.id.clone()).collect(),
                ),
                territory,
            };
            let mut one = Inspected {
                register: listed.id.clone(),
                name: listed.name(),
                all: Share::default(),
                kinds: choices.iter().take(KINDS).map(|c| (c.name(), Share::default())).collect(),
                offices: Vec::new(),
                clauses: clauses.clone(),
            };
            if kind.is_some() {
                one.kinds.push((Text::new("没有写明种类", "no kind named"), Share::default()));
            }
            for count in self.store().inspected_counts(&asked, (since, today)).await? {
                one.all.add(count.inspected, count.count);
                let last = one.kinds.len().saturating_sub(1);
                if let Some((_, share)) = one.kinds.get_mut(count.kind.min(last)) {
                    share.add(count.inspected, count.count);
                }
                match one.offices.iter_mut().find(|(office, _)| *office == count.office) {
                    Some((_, share)) => share.add(count.inspected, count.count),
                    None => {
                        let mut share = Share::default();
                        share.add(count.inspected, count.count);
                        one.offices.push((count.office, share));
                    }
                }
            }
            one.kinds.retain(|(_, share)| share.of > 0);
            out.push(one);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packs() -> Packs {
        Packs::embedded().expect("packs")
    }

    #[test]
    fn orders_to_correct_are_found_in_the_packs() {
        let packs = packs();
        for id in ["inspection_a", "inspection_b"] {
            let procedure = packs.procedure(id).expect("listed");
            let clocks: Vec<&str> = correcting(procedure).map(|clock| clock.id.as_str()).collect();
            assert!(clocks.contains(&"correct"), "{id}: {clocks:?}");
        }
        assert!(packs.carriers().registers().iter().any(|r| r.id == INSPECTIONS));
        assert_eq!(kind_of(&packs, "units").map(|f| f.id.as_str()), Some("ground"));
        assert!(kind_of(&packs, "public_areas").is_none());
    }

    #[test]
    fn a_penalty_keeps_no_order_and_what_runs_is_in_no_rate() {
        let packs = packs();
        let kept = |outcome: &str, state: &str| {
            let count = OrderCount {
                office: None,
                procedure: "inspection_b".into(),
                outcome: outcome.into(),
                state: state.into(),
                count: 3,
            };
            kept_of(&packs, &count)
        };
        assert_eq!(kept("corrected", "met"), Kept { in_time: 3, ..Kept::default() });
        assert_eq!(
            kept("to_penalty", "met"),
            Kept { late: 3, ..Kept::default() },
            "not corrected, though the case went on"
        );
        assert_eq!(kept("corrected", "met_late"), Kept { late: 3, ..Kept::default() });
        assert_eq!(kept("", "over"), Kept { overdue: 3, ..Kept::default() });
        assert_eq!(kept("", "missed"), Kept { overdue: 3, ..Kept::default() }, "still owed");
        assert_eq!(kept("corrected", "missed"), Kept { late: 3, ..Kept::default() });
        assert_eq!(kept("", "running"), Kept { open: 3, ..Kept::default() });
        assert_eq!(kept("", "passed"), Kept::default());
        assert_eq!((kept("", "running").over(), kept("", "over").over()), (0, 3));
        let mut sum = kept("", "over");
        sum.add(&Kept { overdue: u64::MAX, ..Kept::default() });
        assert_eq!(sum.overdue, u64::MAX);
    }
}
