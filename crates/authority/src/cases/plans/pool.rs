//! The pool of a plan: units from registers, inspectors as commitments, conflicts as declared; committed to before there is a seed.
//!
//! ```text
//! registers of the plan ─▶ rows of the office that hold today and were not refused ─▶ units, each with its last inspection
//! officers with a certificate that holds ─▶ salt of their own ─▶ commitments        rules + pool ─▶ Commitment ─▶ entry `draw.pool`
//! ```
//! Always true: a unit is in the pool once; of one owner there are at most as many as the plan lets anybody be visited in the year, those that
//! were drawn longest ago; a row whose decision needed reasons (a refusal), or that says only that a unit is warned or may install something, is
//! no unit; the salt of an inspector is made for this plan alone and leaves this server for nobody but staff.

use super::run::Committed;
use super::visits::CODE;
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

/// A row that was granted, filed or entered; a refusal stands in its register too, and so does what only says something else of a unit: that it
/// is warned, or that something may be installed.
fn is_unit(packs: &Packs, row: &RowVersion, said: &serde_json::Value) -> bool {
    let procedure = said["procedure"].as_str().and_then(|id| packs.procedure(id));
    let state = procedure.and_then(|p| p.row_state.as_ref()).filter(|state| state.register == row.register);
    if state.is_some_and(|state| !state.is_sought()) {
        return false;
    }
    let outcome = procedure.zip(said["outcome"].as_str());
    let outcome = outcome.and_then(|(p, id)| p.outcomes.iter().find(|o| o.id == id));
    outcome.is_none_or(|o| !o.needs.contains(&Guard::Reasons))
}

/// A row that is a unit, before it is known which rows of its owner are in the pool.
struct Candidate {
    unit: Unit,
    row: PoolUnit,
    /// When this row itself was last inspected by a draw.
    drawn: Option<CivilDate>,
    /// By what its owner is known: credit code, party; nothing where no owner is.
    owner: Vec<String>,
}

fn owner_of(row: &RowVersion, said: &serde_json::Value) -> Vec<String> {
    let code = said["fields"][CODE].as_str().map(str::trim).filter(|code| !code.is_empty());
    [code.map(str::to_uppercase), row.party.map(|party| party.to_string())].into_iter().flatten().collect()
}

/// How many units each owner has in a pool: by credit code and by party, for a row may know only one of them.
#[derive(Default)]
struct Owners(BTreeMap<String, u32>);

impl Owners {
    /// Takes a row in while its owner has fewer than `cap`; a row of which no owner is known counts alone.
    fn admit(&mut self, keys: &[String], cap: u32) -> bool {
        if keys.iter().any(|key| self.0.get(key).is_some_and(|count| *count >= cap)) {
            return false;
        }
        for key in keys {
            *self.0.entry(key.clone()).or_default() += 1;
        }
        true
    }
}

/// Units of a pool and where they come from.
type Units = (Vec<Unit>, Vec<PoolUnit>);

/// Of every owner at most `cap`: those first that were never drawn, then those of longest ago, so that each has its turn.
fn within_cap(all: Vec<Candidate>, cap: u32) -> Units {
    let mut turn: Vec<(usize, &Candidate)> = all.iter().enumerate().collect();
    turn.sort_by_key(|(_, candidate)| candidate.drawn);
    let mut owners = Owners::default();
    let taken: BTreeSet<usize> =
        turn.into_iter().filter(|(_, one)| owners.admit(&one.owner, cap)).map(|(at, _)| at).collect();
    let kept = all.into_iter().enumerate().filter(|(at, _)| taken.contains(at));
    kept.map(|(_, one)| (one.unit, one.row)).unzip()
}

impl Authority {
    /// Rows of the plan's registers as units.
    async fn pool_units(&self, office: OfficeId, body: &PlanBody, on: CivilDate) -> Result<Units, Refusal> {
        let offices = self.offices_under(office).await?;
        let is_top = self.store().office(office).await?.is_some_and(|o| o.parent.is_none());
        let register = self.inspections_register(on).await?;
        let drawn: BTreeMap<String, CivilDate> =
            self.store().last_visits(&register, office).await?.into_iter().collect();
        let parties: BTreeMap<_, _> = self.store().last_by_party(&register, office).await?.into_iter().collect();
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
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
                    let said: serde_json::Value = serde_json::from_str(&row.public).unwrap_or_default();
                    let fits = ours && holds && is_unit(self.gate().packs(), &row, &said) && !seen.contains(&id);
                    if !fits {
                        continue;
                    }
                    seen.insert(id.clone());
                    let by_party = row.party.and_then(|party| parties.get(&party).copied());
                    let (owner, last_drawn) = (owner_of(&row, &said), drawn.get(&id).copied());
                    let last = last_drawn.max(by_party);
                    let unit = Unit { id: id.clone(), stratum: (*register).to_owned(), last };
                    let RowVersion { register, row, name, party, .. } = row;
                    let row = PoolUnit { unit: id, register, row, name, party };
                    found.push(Candidate { unit, row, drawn: last_drawn, owner });
                }
            }
        }
        Ok(within_cap(found, body.cap))
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
    /// No permission, `not_found`, `other_office`, `plan_not_published`, `draw_event_over`, those of `domain::draw` (`draw_committed`, `draw_made`, `draw_pool_empty`
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
        if body.public_day.is_some_and(|event| event.out() <= now) {
            return Err(conflict(
                "draw_event_over",
                Text::new(
                    "计划写明的公开事件已经有结果，现在封存就能事先知道抽中谁。",
                    "The public event of the plan has happened: a pool that is committed to now could be chosen by its outcome.",
                ),
                Text::new(
                    "请另立计划，写明以后才公布结果的事件，并在它以前封存。",
                    "Write another plan that names an event still to come, and commit to its pool before that.",
                ),
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
                    PlanState::Committed { entry_index: 0, after_entries: 0, takes_later_heads: false, until: today };
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

    fn of(owner: &str, id: &str, drawn: Option<&str>) -> Candidate {
        let drawn = drawn.and_then(CivilDate::parse);
        let row = PoolUnit { unit: id.into(), register: "units".into(), row: id.into(), name: id.into(), party: None };
        let owner = Some(owner.to_owned()).filter(|owner| !owner.is_empty()).into_iter().collect();
        Candidate { unit: Unit { id: id.into(), stratum: "units".into(), last: drawn }, row, drawn, owner }
    }

    #[test]
    fn each_unit_of_an_owner_has_its_turn() {
        let (early, late) = (Some("2025-03-02"), Some("2026-03-02"));
        for ([one, two, three], cap, wanted) in [
            ([None, None, None], 1, &["1", "4"][..]),
            ([late, None, None], 1, &["2", "4"][..]),
            ([late, early, late], 1, &["2", "4"][..]),
            ([early, late, None], 2, &["1", "3", "4"][..]),
            ([late, late, late], 9, &["1", "2", "3", "4"][..]),
        ] {
            let all = vec![of("X", "1", one), of("X", "2", two), of("X", "3", three), of("", "4", late)];
            let (units, rows) = within_cap(all, cap);
            let ids: Vec<&str> = units.iter().map(|unit| unit.id.as_str()).collect();
            assert_eq!(ids, wanted, "cap {cap}");
            assert!(rows.iter().map(|row| row.unit.as_str()).eq(ids));
        }
    }

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
