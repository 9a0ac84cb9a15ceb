//! The pool of a plan: units from registers, inspectors as commitments, conflicts as declared; committed to before there is a seed.
//!
//! ```text
//! registers of the plan ─▶ rows of the office that hold today and were not refused ─▶ units, each with its last inspection
//! officers with a certificate that holds ─▶ salt of their own ─▶ commitments        rules + pool ─▶ Commitment ─▶ entry `draw.pool`
//! ```
//! Always true: a unit is in the pool once; a row whose decision needed reasons (a refusal) is no unit; the salt of an inspector is made for
//! this plan alone and leaves this server for nobody but staff.

use super::run::Committed;
use super::{PlanBody, REGISTERS, conflict};
use crate::{Authority, By};
use base::{CivilDate, OfficeId, Pii, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::casework::Seat;
use domain::draw::{Commitment, Conflict, DrawStep, Inspector, PlanState, Pool, Unit, WORD_BYTES, may_draw};
use law::{Guard, Packs};
use std::collections::{BTreeMap, BTreeSet};
use store::StoreError;
use store::casework::draws::{DrawBy, DrawKept, NewPool, PoolPerson, PoolUnit};
use store::casework::plans::PlanStage;
use store::casework::registers::{PAGE, RowVersion};

/// Digits of the digest that stands for a row whose id is no word.
const DIGEST_DIGITS: usize = 24;

/// What a unit is called in a pool: the id of its row, or a digest where that is no word of a draw.
pub(super) fn unit_id(register: &str, row: &str) -> String {
    let is_word = row.len() <= WORD_BYTES
        && row.starts_with(|c: char| c.is_ascii_alphanumeric())
        && row.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if is_word {
        return row.to_owned();
    }
    let digest = Sha256::of(format!("{register}\n{row}").as_bytes()).hex();
    format!("r-{}", digest.chars().take(DIGEST_DIGITS).collect::<String>())
}

/// A row that was granted, filed or entered; a refusal stands in its register too.
fn is_unit(packs: &Packs, row: &RowVersion) -> bool {
    let said: serde_json::Value = serde_json::from_str(&row.public).unwrap_or_default();
    let procedure = said["procedure"].as_str().and_then(|id| packs.procedure(id));
    let outcome = procedure.zip(said["outcome"].as_str());
    let outcome = outcome.and_then(|(p, id)| p.outcomes.iter().find(|o| o.id == id));
    outcome.is_none_or(|o| !o.needs.contains(&Guard::Reasons))
}

/// Units of a pool and where they come from.
type Units = (Vec<Unit>, Vec<PoolUnit>);

impl Authority {
    /// Rows of the plan's registers as units.
    async fn pool_units(&self, office: OfficeId, body: &PlanBody, on: CivilDate) -> Result<Units, Refusal> {
        let offices = self.offices_under(office).await?;
        let is_top = self.store().office(office).await?.is_some_and(|o| o.parent.is_none());
        let register = self.inspections_register(on).await?;
        let drawn: BTreeMap<String, CivilDate> =
            self.store().last_visits(&register, office).await?.into_iter().collect();
        let parties: BTreeMap<_, _> = self.store().last_by_party(&register, office).await?.into_iter().collect();
        let (mut units, mut rows, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for register in REGISTERS.iter().filter(|id| body.quotas.contains_key(**id)) {
            let mut after: Option<String> = None;
            loop {
                let page = self.store().register_copy(register, after.as_deref(), PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.row.clone());
                for row in page {
                    // A row of no office is the top office's.
                    let ours = row.office.map_or(is_top, |id| offices.contains(&id));
                    let holds = row.from <= on && row.until.is_none_or(|until| on <= until);
                    let id = unit_id(register, &row.row);
                    if !ours || !holds || !is_unit(self.gate().packs(), &row) || !seen.insert(id.clone()) {
                        continue;
                    }
                    let by_party = row.party.and_then(|party| parties.get(&party).copied());
                    let last = drawn.get(&id).copied().max(by_party);
                    units.push(Unit { id: id.clone(), stratum: (*register).to_owned(), last });
                    rows.push(PoolUnit {
                        unit: id,
                        register: row.register,
                        row: row.row,
                        name: row.name,
                        party: row.party,
                    });
                }
            }
        }
        Ok((units, rows))
    }

    /// Officers of the office whose certificate holds on the day, as commitments.
    async fn pool_people(&self, office: OfficeId, on: CivilDate) -> Result<(Vec<Inspector>, Vec<PoolPerson>), Refusal> {
        let (mut inspectors, mut people) = (Vec::new(), Vec::new());
        for row in self.store().officers_of(office).await? {
            let sits = row.seats.iter().any(|seat| seat == Seat::Officer.code());
            let (Some(certificate), Some(until)) = (row.certificate, row.valid_until) else { continue };
            if !sits || until < on {
                continue;
            }
            let account = self.store().account(row.account).await?.filter(|a| a.disabled.is_none());
            let Some(account) = account else { continue };
            let badge = account.badge.unwrap_or(certificate);
            let salt: [u8; 32] = store::keys::random().map_err(StoreError::from)?;
            // The first day of a certificate is not entered: it counts from the day of the commitment.
            let inspector = Inspector::new(&salt, &badge, &account.name, on, until);
            let words = format!("{}\n{}\n{}", base::hex(&salt), badge.expose(), account.name.expose());
            people.push(PoolPerson { inspector: inspector.id(), account: account.id, words: Pii::new(words) });
            inspectors.push(inspector);
        }
        Ok((inspectors, people))
    }

    /// The commitment in whose place the plan stands, if it names a plan.
    async fn lapsed(&self, by: By, body: &PlanBody, on: CivilDate) -> Result<Option<Sha256>, Refusal> {
        let Some(word) = &body.again_of else { return Ok(None) };
        self.known_plan(by, word).await?;
        let (state, committed) = self.plan_state(word).await?;
        may_draw(&state, DrawStep::CommitAgain, on)?;
        let Some(Committed { rules, pool, .. }) = committed else { return Ok(None) };
        let commitment = Commitment::new(&rules, &pool).map_err(|fault| fault.refusal())?;
        Ok(Some(commitment.commitment))
    }

    /// Logs rules and pool of a published plan; afterwards neither changes. The place of the entry.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `plan_not_published`, those of `domain::draw` (`draw_committed`, `draw_made`, `draw_pool_empty`
    /// …; a second pool is entered as refused), `draw_moved_on` (somebody keeps out since the pool was made), or the store.
    pub async fn commit_pool(&self, by: By, word: &str) -> Result<u64, Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        let (row, body) = self.own_plan(by, word).await?;
        let now = self.now();
        let today = now.shanghai_date();
        let (state, _) = self.plan_state(word).await?;
        if let Err(refusal) = may_draw(&state, DrawStep::Commit, today) {
            self.log_second(account, word, &refusal).await?;
            return Err(refusal);
        }
        if row.stage != PlanStage::Published {
            return Err(conflict(
                "plan_not_published",
                Text::new("计划还没有公布。", "The plan is not published yet."),
                Text::new("请先公布计划，再封存名单。", "Publish the plan before its pool is committed to."),
            ));
        }
        let again_of = self.lapsed(by, &body, today).await?;
        let (units, rows) = self.pool_units(row.plan.office, &body, today).await?;
        let (inspectors, people) = self.pool_people(row.plan.office, today).await?;
        let known: BTreeSet<&str> = rows.iter().map(|row| row.unit.as_str()).collect();
        let by_account: BTreeMap<_, _> = people.iter().map(|p| (p.account, &p.inspector)).collect();
        let declared = self.store().plan_conflicts(word).await?;
        let seen = declared.len();
        let conflicts = declared.into_iter().filter_map(|(who, unit)| {
            let inspector = (*by_account.get(&who)?).clone();
            known.contains(unit.as_str()).then_some(Conflict { inspector, unit })
        });
        let conflicts = conflicts.collect();
        let pool = Pool::new(units, inspectors, conflicts).map_err(|fault| fault.refusal())?;
        let rules = self.rules_of(word, &body, today, again_of);
        let commitment = Commitment::new(&rules, &pool).map_err(|fault| fault.refusal())?;
        let mut text = [rules.lines(), pool.lines()].concat().join("\n");
        text.push('\n');
        let body = serde_json::to_value(&commitment).map_err(|e| super::super::fault(&e))?;
        let clauses = &self.inspection_procedure(today).await?.clauses;
        let new = NewPool { plan: word, text: &text, body, people: &people, units: &rows, conflicts: seen };
        match self.store().commit_pool(&new, DrawBy { by: Some(account), clauses, now }).await? {
            DrawKept::Done(place) => Ok(place),
            DrawKept::MovedOn => Err(conflict(
                "draw_moved_on",
                Text::new("名单封存之前刚有人申报回避。", "Somebody just said that they keep out of a unit."),
                Text::new("请再封存一次，名单会重新生成。", "Commit again; the pool is made anew."),
            )),
            DrawKept::There | DrawKept::TooEarly | DrawKept::Begun => {
                let there =
                    PlanState::Committed { entry_index: 0, after_entries: 0, is_witnessed: false, until: today };
                let refused = may_draw(&there, DrawStep::Commit, today).err().unwrap_or_else(super::no_plan);
                self.log_second(account, word, &refused).await?;
                Err(refused)
            }
            DrawKept::Full => Err(super::run::too_large()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_called_by_its_row_or_by_a_digest_of_it() {
        assert_eq!(unit_id("units", "S-1.2_x"), "S-1.2_x");
        let long = "x".repeat(WORD_BYTES + 1);
        for odd in ["", "-S", "沈阳1号", "a b", long.as_str()] {
            let id = unit_id("units", odd);
            assert!(id.starts_with("r-") && id.len() == DIGEST_DIGITS + 2, "{id}");
            assert_ne!(id, unit_id("systems", odd), "of another register");
        }
        assert_eq!(unit_id("units", &"x".repeat(WORD_BYTES)).len(), WORD_BYTES);
    }
}
