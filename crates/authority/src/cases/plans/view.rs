//! Plans as staff read them: lists, one plan with its draw, who stands behind the commitments, what became of each unit.
//!
//! Always true: a plan is shown to its office and to who supervises; names of inspectors leave here for staff only.

use super::{PlanBody, body_of};
use crate::{Authority, By};
use base::{AccountId, CivilDate, Pii, Refusal, UtcMs};
use domain::draw::{DrawRecord, DrawRules, PlanState, first_size};
use std::collections::BTreeMap;
use store::casework::draws::DrawRow;
use store::casework::plans::{DrawnRow, PlanCounts, PlanRow};

/// Drawn units of one page.
const LINES: u32 = 100;
/// Plans of one page.
const PLANS: u32 = 50;

/// Who stands behind a commitment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stands {
    /// The account.
    pub account: AccountId,
    /// The name as committed to.
    pub name: Pii<String>,
    /// The badge as committed to.
    pub badge: Pii<String>,
    /// The salt, hexadecimal: with name and badge it proves the commitment to a unit that asks.
    pub salt: Pii<String>,
}

/// A page of plans.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanPage {
    /// Plans, the newest first, each with what it came to.
    pub plans: Vec<(PlanRow, PlanCounts)>,
    /// Where the next page begins.
    pub next: Option<u64>,
}

/// A plan with its draw.
#[derive(Clone, Debug)]
pub struct PlanView {
    /// As kept.
    pub row: PlanRow,
    /// What it says.
    pub body: PlanBody,
    /// How far its draw is.
    pub state: PlanState,
    /// The rules, once committed to.
    pub rules: Option<DrawRules>,
    /// The commitment, once made.
    pub pool: Option<DrawRow>,
    /// Units and inspectors of the pool.
    pub in_pool: (usize, usize),
    /// Entries that the log still needs before the draw.
    pub waits: u64,
    /// The record, once drawn, with the replacements since.
    pub record: Option<DrawRecord>,
    /// Drawn units of this page.
    pub units: Vec<DrawnRow>,
    /// Place after which the next page begins.
    pub next: Option<u32>,
    /// Who stands behind the commitments.
    pub people: BTreeMap<String, Stands>,
    /// What it came to.
    pub counts: PlanCounts,
    /// Today.
    pub today: CivilDate,
    /// When it was read.
    pub now: UtcMs,
    /// It is a plan of the reader's office; of another one they look at it and do nothing.
    pub acts_here: bool,
}

impl Authority {
    /// Plans of one's reach (`who`).
    ///
    /// # Errors
    /// No permission, `no_office`, or the store.
    pub async fn plans(&self, by: By, before: Option<u64>) -> Result<PlanPage, Refusal> {
        let of = self.reach(by).await?.territory().ok_or_else(super::no_plan)?;
        self.plan_page(self.store().inspection_plans(of, before, PLANS + 1).await?).await
    }

    /// A page of plans of which one more was read than it shows, each with what it came to.
    async fn plan_page(&self, mut rows: Vec<PlanRow>) -> Result<PlanPage, Refusal> {
        let more = rows.len() > usize::try_from(PLANS).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(PLANS).unwrap_or(usize::MAX));
        let next = rows.last().filter(|_| more).map(|row| row.entered);
        let mut plans = Vec::with_capacity(rows.len());
        for row in rows {
            let counts = self.store().plan_counts(&row.plan.word).await?;
            plans.push((row, counts));
        }
        Ok(PlanPage { plans, next })
    }

    /// A plan with the drawn units after a place.
    ///
    /// # Errors
    /// No permission, `not_found`, a row that cannot be read, or the store.
    pub async fn plan(&self, by: By, word: &str, after: u32) -> Result<PlanView, Refusal> {
        let (row, body) = self.known_plan(by, word).await?;
        let (state, committed) = self.plan_state(word).await?;
        let size = self.store().ledger().head().0.size;
        let waits = match state {
            PlanState::Committed { entry_index, after_entries, .. } => {
                first_size(entry_index, after_entries).saturating_sub(size)
            }
            PlanState::Open | PlanState::Drawn => 0,
        };
        let record = match committed.as_ref().and_then(|c| c.draw.as_ref()) {
            Some(draw) => Some(self.record_of(draw).await?),
            None => None,
        };
        let mut units = self.store().drawn_units(word, after, LINES + 1).await?;
        let more = units.len() > usize::try_from(LINES).unwrap_or(usize::MAX);
        units.truncate(usize::try_from(LINES).unwrap_or(usize::MAX));
        let next = units.last().filter(|_| more).map(|unit| unit.place);
        let in_pool = committed.as_ref().map_or((0, 0), |c| (c.pool.units().len(), c.pool.inspectors().len()));
        let (rules, pool) = committed.map(|c| (c.rules, c.row)).unzip();
        Ok(PlanView {
            people: self.stands(word).await?,
            counts: self.store().plan_counts(word).await?,
            today: self.now().shanghai_date(),
            now: self.now(),
            acts_here: self.works_at(by.account, row.plan.office).await?,
            row,
            body,
            state,
            rules,
            pool,
            in_pool,
            waits,
            record,
            units,
            next,
        })
    }

    /// Who stands behind the commitments of a pool.
    pub(super) async fn stands(&self, word: &str) -> Result<BTreeMap<String, Stands>, Refusal> {
        let mut out = BTreeMap::new();
        for row in self.store().plan_people(word).await? {
            let words = row.words.expose();
            let mut lines = words.splitn(3, '\n').map(|line| Pii::new(line.to_owned()));
            if let (Some(salt), Some(badge), Some(name)) = (lines.next(), lines.next(), lines.next()) {
                out.insert(row.inspector.clone(), Stands { account: row.account, name, badge, salt });
            }
        }
        Ok(out)
    }

    /// Plans that everybody may read, the newest first, with what each came to; needs no account.
    ///
    /// # Errors
    /// The store.
    pub async fn public_plans(&self, before: Option<u64>) -> Result<PlanPage, Refusal> {
        self.plan_page(self.store().public_plans(before, PLANS + 1).await?).await
    }

    /// A plan as everybody may read it; needs no account.
    ///
    /// # Errors
    /// `not_found` for a draft, or the store.
    pub async fn public_plan(&self, word: &str) -> Result<(PlanRow, PlanBody), Refusal> {
        let row = self.store().inspection_plan(word).await?.filter(|row| row.published.is_some());
        let row = row.ok_or_else(super::no_plan)?;
        let body = body_of(&row)?;
        Ok((row, body))
    }
}
