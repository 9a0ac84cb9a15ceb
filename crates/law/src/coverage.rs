//! What becomes of every clause: status, what carries it out and whether that runs, why nothing does, what holds it.
//!
//! [`Packs::coverage`] gives one line a clause, in the order of the packs and of their texts; the same packs give the same lines.

use crate::pack::{Clause, Pack, Packs, Status};
use crate::{ActKind, Carrier};
use base::{CivilDate, ClauseId, Text};
use serde::Serialize;

/// What becomes of one clause.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Coverage {
    /// The clause.
    pub id: ClauseId,
    /// Id of its pack.
    pub pack: String,
    /// What becomes of it.
    pub status: Status,
    /// Where it is carried out: as its entry says, then what policies and other files of the packs say of it beside.
    pub carriers: Vec<CarrierState>,
    /// Why nothing carries it out, or what has to be decided; empty where its carriers say enough.
    pub reason: Text,
    /// Clauses that took its place.
    pub superseded_by: Vec<ClauseId>,
    /// First day on which it no longer holds for that reason.
    pub superseded_from: Option<CivilDate>,
    /// Cases that hold it: `pack: name`, of a clock `workdays: name`.
    pub cases: Vec<String>,
    /// Tests beside the cases that hold it: `crates/x/tests/y.rs::name`.
    pub held_by: Vec<String>,
    /// It has a carrier, a reason or a successor; that these exist is checked when the packs load.
    pub complete: bool,
}

/// A carrier, and whether it runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CarrierState {
    /// What carries it out.
    pub carrier: Carrier,
    /// It runs today.
    pub built: bool,
}

impl Packs {
    /// Name of a carrier for people: as the list of carriers says, else as the pack calls its procedure or duty.
    #[must_use]
    pub fn carrier_name(&self, carrier: &Carrier) -> Text {
        let listed = self.carriers().name(carrier);
        match carrier {
            Carrier::Procedure(id) if self.carriers().listed(carrier).is_none() => {
                self.procedure(id).map_or(listed, |p| {
                    let name = p.name();
                    Text::of(format!("程序：{}", name.zh), format!("procedure: {}", name.en))
                })
            }
            Carrier::Obligation(code) => {
                let rule = self.all().iter().flat_map(|p| p.obligations()).find(|o| o.code == *code);
                rule.map_or(listed, |o| Text::of(format!("义务：{}", o.title_zh), format!("duty: {}", o.title_en)))
            }
            _ => listed,
        }
    }

    /// What becomes of every clause of every pack.
    #[must_use]
    pub fn coverage(&self) -> Vec<Coverage> {
        self.all().iter().flat_map(|pack| pack.clauses.iter().map(|clause| self.covered(pack, clause))).collect()
    }

    /// What becomes of one clause.
    #[must_use]
    pub fn coverage_of(&self, id: &ClauseId) -> Option<Coverage> {
        self.clause(id).map(|(pack, clause)| self.covered(pack, clause))
    }

    fn covered(&self, pack: &Pack, clause: &Clause) -> Coverage {
        let mut carriers = clause.carried_out_by.clone();
        let others = self.carriers.about(clause, &pack.folder);
        for carrier in self.judged_by(clause).into_iter().map(Carrier::Gate).chain(others) {
            if !carriers.contains(&carrier) {
                carriers.push(carrier);
            }
        }
        let built = |carrier: &Carrier| self.carriers.is_built(carrier, clause, &pack.folder);
        let carriers: Vec<CarrierState> =
            carriers.into_iter().map(|carrier| CarrierState { built: built(&carrier), carrier }).collect();
        Coverage {
            id: ClauseId::new(&clause.id),
            pack: pack.head.id.clone(),
            status: clause.status,
            complete: !carriers.is_empty() || !clause.reason_zh.is_empty() || !clause.superseded_by.is_empty(),
            carriers,
            reason: clause.reason(),
            superseded_by: clause.superseded_by.iter().map(|id| ClauseId::new(id)).collect(),
            superseded_from: clause.superseded_from,
            cases: self.cases_of(pack, clause),
            held_by: clause.held_by.clone(),
        }
    }

    /// Acts that a policy of the clause judges, in the order of acts.
    fn judged_by(&self, clause: &Clause) -> Vec<ActKind> {
        let rules = || self.packs.iter().flat_map(|p| &p.policies).filter(|r| r.clause == clause.id);
        ActKind::ALL.iter().copied().filter(|act| rules().any(|r| r.acts.contains(act))).collect()
    }

    /// Cases of every kind that the clause decides: acts, terms and numbers, what a breach costs, days in force, standing duties,
    /// places, clocks.
    fn cases_of(&self, own: &Pack, clause: &Clause) -> Vec<String> {
        let of = |pack: &Pack| {
            let names = pack.cases.holding(clause, pack.folder == own.folder).into_iter().map(str::to_owned);
            let all = (names.chain(pack.sanction_cases.holding(&clause.id)))
                .chain(pack.obligations.holding(&clause.id))
                .chain(pack.places.holding(&clause.id));
            all.map(|name| format!("{}: {name}", pack.head.id)).collect::<Vec<_>>()
        };
        let clocks = self.clock_cases_holding(&clause.id).into_iter().map(|name| format!("workdays: {name}"));
        self.packs.iter().flat_map(of).chain(clocks).collect()
    }
}
