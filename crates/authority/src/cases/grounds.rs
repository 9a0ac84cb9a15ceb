//! Why applications were refused, counted: by procedure, outcome, the ground that was chosen and the clause it rests on.
//!
//! ```text
//! packs ─▶ outcomes of ours that burden who applies ─▶ Store::decided_as ─▶ last_decisions: that event of each, no case is folded ─▶ GroundCount
//! ```
//! Always true: only decisions that stand are counted, each once; a ground is a choice of the packs (a field of the outcome whose word ends in
//! `_ground`) and no word that somebody wrote; nobody is named. The newest [`LOOKED_AT`] cases are looked at.

use super::follow::{procedure_of, recorded};
use crate::Authority;
use base::{CaseId, ClauseId, Refusal, Text, UtcMs};
use domain::casework::{Event, Seat, is_adverse, is_ours, seat_of_outcome};
use domain::form::Values;
use law::{FieldKind, Packs, Procedure};
use std::collections::BTreeMap;
use store::casework::Territory;

/// Most cases that are looked at: our own choice, so that the page stays quick.
pub const LOOKED_AT: u32 = 200;
/// How the word of a field ends that says on what ground something is refused.
const GROUND: &str = "_ground";

/// How often something was refused on one ground.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroundCount {
    /// Name of the procedure.
    pub procedure: Text,
    /// What was decided.
    pub outcome: Text,
    /// The ground that was chosen; empty where its form asks for none.
    pub ground: Text,
    /// The clause that the decision rests on first, else that of the outcome.
    pub clause: ClauseId,
    /// How many.
    pub count: u32,
}

/// Procedure and outcome of each decision of ours that burdens who applied for something else.
fn refusing(packs: &Packs) -> Vec<(String, String)> {
    let of = |p: &Procedure| -> Vec<(String, String)> {
        let ours = |o: &&law::Outcome| !matches!(seat_of_outcome(p, o), Seat::Applicant | Seat::Outside);
        let burdens = p.outcomes.iter().filter(ours).filter(|o| !is_ours(p.applicant) && is_adverse(p, o));
        burdens.map(|o| (p.id.clone(), o.id.clone())).collect()
    };
    packs.procedures().iter().flat_map(of).collect()
}

/// What one decision is counted as: the ground chosen, and the clause.
fn ground_of(
    procedure: &Procedure,
    (outcome, values, clauses): (&str, &Values, &[ClauseId]),
) -> Option<(String, ClauseId)> {
    let outcome = procedure.outcomes.iter().find(|o| o.id == outcome)?;
    let is_ground = |f: &&law::Field| f.kind == FieldKind::Choice && f.id.ends_with(GROUND);
    let field = procedure.fields_at(&outcome.id).find(is_ground);
    let chosen = field.and_then(|f| values.text(&f.id)).unwrap_or_default().to_owned();
    Some((chosen, clauses.first().unwrap_or(&outcome.clause).clone()))
}

/// The words of what was counted.
fn counted(
    procedure: &Procedure,
    outcome: &str,
    (ground, clause): (&str, ClauseId),
    count: u32,
) -> Option<GroundCount> {
    let found = procedure.outcomes.iter().find(|o| o.id == outcome)?;
    let mut choices = procedure.fields_at(outcome).filter(|f| f.id.ends_with(GROUND)).filter_map(|f| f.choice(ground));
    Some(GroundCount {
        procedure: procedure.name(),
        outcome: Text::of(found.zh.clone(), found.en.clone()),
        ground: choices.next().map(law::FieldChoice::name).unwrap_or_default(),
        clause,
        count,
    })
}

impl Authority {
    /// Why applications of a territory were refused in that time, the most first, at most `limit`.
    pub(super) async fn grounds(
        &self,
        of: Territory,
        span: (UtcMs, UtcMs),
        limit: u32,
    ) -> Result<Vec<GroundCount>, Refusal> {
        let packs = self.gate().packs();
        let mut counts: BTreeMap<(String, String, String, ClauseId), u32> = BTreeMap::new();
        let rows = self.store().decided_as(of, span, &refusing(packs), LOOKED_AT).await?;
        let cases: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
        let decisions = self.store().last_decisions(&cases).await?;
        for row in rows {
            let Some(found) = decisions.get(&row.id) else { continue };
            let Event::Decided { outcome, values, clauses, .. } = recorded(found)?.event else { continue };
            let procedure = procedure_of(self.gate(), &row.head.procedure)?;
            let Some((ground, clause)) = ground_of(procedure, (&outcome, &values, &clauses)) else { continue };
            let key = (procedure.id.clone(), outcome, ground, clause);
            let count = counts.entry(key).or_default();
            *count = count.saturating_add(1);
        }
        let mut out = Vec::new();
        for ((id, outcome, ground, clause), count) in counts {
            let Some(procedure) = packs.procedure(&id) else { continue };
            out.extend(counted(procedure, &outcome, (&ground, clause), count));
        }
        out.sort_by_key(|one| std::cmp::Reverse(one.count));
        out.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_burdens_who_applied_is_counted_and_nothing_of_our_own_motion() {
        let packs = Packs::embedded().unwrap();
        let all = refusing(&packs);
        let has = |procedure: &str, outcome: &str| all.contains(&(procedure.to_owned(), outcome.to_owned()));
        assert!(has("system_filing", "not_filed") && has("area_approval", "refused"));
        assert!(has("area_approval", "not_accepted") && has("permit", "not_accepted"));
        assert!(!has("penalty_case", "not_fined") && !has("system_filing", "filed"));
        assert!(!has("review", "not_accepted"), "another organ decides it");
    }

    #[test]
    fn a_ground_is_told_by_the_words_of_its_choice() {
        let packs = Packs::embedded().unwrap();
        let filing = packs.procedure("system_filing").unwrap();
        let field = filing.field("not_filed_ground").unwrap();
        let choice = field.choices.first().unwrap();
        let told = counted(filing, "not_filed", (&choice.id, ClauseId::new("799-14")), 3).unwrap();
        assert_eq!((told.ground, told.count), (choice.name(), 3));
        let none = counted(filing, "not_filed", ("", ClauseId::new("799-14")), 1).unwrap();
        assert!(none.ground.zh.is_empty());
    }
}
