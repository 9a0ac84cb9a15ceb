//! The draw of a plan by a head of the log that did not exist when the pool was committed to, and what replaces a unit that is gone.
//!
//! ```text
//! draw.pool at place i ─▶ log of i + after_entries + 1 entries ─▶ the signed head of exactly these ─▶ seed ─▶ DrawRecord ─▶ draw.made
//! ```
//! Always true: one head counts, whenever it is asked for, and an outcome is spelled as the rules say; a second draw is refused and entered; the
//! published file is the record as it was kept, with the replacements since, and holds by itself (`domain::draw::verify`).

use super::conflict;
use crate::{Authority, By};
use base::{Refusal, Sha256, Text};
use domain::access::Permission;
use domain::draw::{
    DrawRecord, DrawRules, DrawStep, Lack, Logged, PlanState, Pool, ReplaceReason, Substitution, first_size, may_draw,
};
use store::casework::draws::{DrawBy, DrawKept, DrawRow, NewDraw, NewReplacement, Teamed};

/// Largest paper that shows why a unit is replaced, bytes.
pub const GROUND_BYTES: usize = 10 * 1024 * 1024;

/// Why a unit is replaced, and the paper that shows it.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Why.
    pub reason: ReplaceReason,
    /// Bytes of the paper; its digest is published, the paper stays with the office.
    pub paper: &'a [u8],
}

/// A plan whose pool is committed to.
pub(super) struct Committed {
    /// Its rules.
    pub rules: DrawRules,
    /// Its pool.
    pub pool: Pool,
    /// As kept.
    pub row: DrawRow,
    /// Its draw, once made.
    pub draw: Option<DrawRow>,
}

pub(super) fn too_large() -> Refusal {
    conflict(
        "draw_too_large",
        Text::new("名单或者替换次数超过上限。", "The pool is too large, or there are too many replacements."),
        Text::new("请分成几个计划。", "Make several plans of it."),
    )
}

/// Rules and pool as they were committed to.
fn read_pool(text: &str) -> Result<(DrawRules, Pool), Refusal> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.iter().position(|line| line.starts_with("unit ")).unwrap_or(lines.len());
    let (rules, pool) = lines.split_at(at);
    let rules = DrawRules::parse(rules).map_err(|fault| fault.refusal())?;
    Ok((rules, Pool::parse(pool).map_err(|fault| fault.refusal())?))
}

fn teamed(unit: &str, team: &[String], lack: Option<Lack>) -> Teamed {
    let lack = lack.map_or("", Lack::code).to_owned();
    Teamed { unit: unit.to_owned(), team: team.to_vec(), lack }
}

impl Authority {
    /// How far the draw of a plan is, with what was committed to.
    pub(super) async fn plan_state(&self, word: &str) -> Result<(PlanState, Option<Committed>), Refusal> {
        let Some(row) = self.store().draw_pool(word).await? else { return Ok((PlanState::Open, None)) };
        let draw = self.store().draw(word).await?;
        let (rules, pool) = read_pool(&row.text)?;
        let state = if draw.is_some() {
            PlanState::Drawn
        } else {
            PlanState::Committed {
                entry_index: row.entry,
                after_entries: rules.after_entries,
                takes_later_heads: rules.takes_later_heads(),
                until: rules.until,
            }
        };
        Ok((state, Some(Committed { rules, pool, row, draw })))
    }

    /// Draws a plan by the head that its rules name; `public_value` is the outcome of the public source, empty where none was named. The place
    /// of the entry.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, those of `domain::draw::may_draw` (a second draw is entered as refused), `draw_before_event`,
    /// `seed_public_value`, `seed_public_form`, or the store.
    pub async fn draw_plan(&self, by: By, word: &str, public_value: &str) -> Result<u64, Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        self.own_plan(by, word).await?;
        self.store().flush_ledger().await?;
        let now = self.now();
        let today = now.shanghai_date();
        let (state, committed) = self.plan_state(word).await?;
        let size = self.store().ledger().head().0.size;
        let least = match state {
            PlanState::Committed { entry_index, after_entries, .. } => first_size(entry_index, after_entries),
            PlanState::Open | PlanState::Drawn => size,
        };
        if let Err(refusal) = may_draw(&state, DrawStep::Draw { head_size: size.min(least) }, today) {
            self.log_second(account, word, &refusal).await?;
            return Err(refusal);
        }
        let Some(Committed { rules, pool, row, .. }) = committed else { return Err(super::no_plan()) };
        if let Some(event) = rules.public_day {
            event.may_be_typed(now)?;
        }
        let (entry, proof, head) = self.store().ledger().prove_at(row.entry, least)?;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|e| super::super::fault(&e));
        let logged = Logged { entry: text(entry.as_bytes().to_vec())?, index: row.entry, proof };
        let value = rules.public_source.is_some().then(|| public_value.trim().to_owned());
        let record = DrawRecord::make(&rules, &pool, logged, text(head)?, value).map_err(|fault| fault.refusal())?;
        let body = serde_json::to_value(record.made_body()).map_err(|e| super::super::fault(&e))?;
        let drawn = record.result.units.iter().map(|u| teamed(&u.unit, &u.inspectors, u.lack)).collect::<Vec<_>>();
        let text = text(record.to_json())?;
        let clauses = &self.inspection_procedure(today).await?.clauses;
        let new = NewDraw { plan: word, record: &text, body, drawn: &drawn };
        match self.store().keep_draw(&new, DrawBy { by: Some(account), clauses, now }).await? {
            DrawKept::Done(place) => Ok(place),
            DrawKept::There | DrawKept::TooEarly | DrawKept::MovedOn | DrawKept::Begun => {
                let again = may_draw(&PlanState::Drawn, DrawStep::Draw { head_size: least }, today);
                let refused = again.err().unwrap_or_else(super::no_plan);
                self.log_second(account, word, &refused).await?;
                Err(refused)
            }
            DrawKept::Full => Err(too_large()),
        }
    }

    /// The record of a draw with the replacements since.
    pub(super) async fn record_of(&self, draw: &DrawRow) -> Result<DrawRecord, Refusal> {
        let mut record = DrawRecord::read(draw.text.as_bytes()).map_err(|fault| fault.refusal())?;
        for row in self.store().substitutions(&draw.plan).await? {
            let one: Substitution = serde_json::from_str(&row.body).map_err(|e| super::super::fault(&e))?;
            record.substitutions.push(one);
        }
        Ok(record)
    }

    /// The published file of a draw, for whoever asks; needs no account.
    ///
    /// # Errors
    /// `not_found` for a plan that is not drawn, or the store.
    pub async fn published_draw(&self, word: &str) -> Result<Vec<u8>, Refusal> {
        let draw = self.store().draw(word).await?.ok_or_else(super::no_plan)?;
        Ok(self.record_of(&draw).await?.to_json())
    }

    /// Puts the next unit of the same register in place of one that cannot be inspected. The place of the entry.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `ground`, `draw_not_made`, `draw_unit_not_in_plan`, `draw_none_left`, `visit_begun`,
    /// `draw_moved_on`, or the store.
    pub async fn replace_unit(&self, by: By, word: &str, unit: &str, ground: Ground<'_>) -> Result<u64, Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        self.own_plan(by, word).await?;
        if ground.paper.is_empty() || ground.paper.len() > GROUND_BYTES {
            let what = Text::new(
                "请上传说明替换理由的材料，不超过10兆字节。",
                "Upload the paper that shows why, at most 10 MiB.",
            );
            return Err(super::bad("ground", what));
        }
        let now = self.now();
        let today = now.shanghai_date();
        let (state, committed) = self.plan_state(word).await?;
        may_draw(&state, DrawStep::Replace, today)?;
        let Some(draw) = committed.and_then(|c| c.draw) else { return Err(super::no_plan()) };
        let mut record = self.record_of(&draw).await?;
        let seen = u32::try_from(record.substitutions.len()).unwrap_or(u32::MAX);
        let made = record.replace(unit, ground.reason, Sha256::of(ground.paper))?;
        let into = teamed(&made.into, &made.inspectors, made.lack);
        let kept = serde_json::to_string(&made).map_err(|e| super::super::fault(&e))?;
        let body = serde_json::to_value(record.replaced_body()).map_err(|e| super::super::fault(&e))?;
        let clauses = &self.inspection_procedure(today).await?.clauses;
        let new = NewReplacement { plan: word, seen, kept: &kept, body, out: &made.out, into: &into };
        match self.store().replace_drawn(&new, DrawBy { by: Some(account), clauses, now }).await? {
            DrawKept::Done(place) => Ok(place),
            DrawKept::Full => Err(too_large()),
            DrawKept::Begun => Err(self.begun(word, unit).await?),
            DrawKept::There | DrawKept::TooEarly | DrawKept::MovedOn => Err(conflict(
                "draw_moved_on",
                Text::new("名单刚被另一人替换过。", "Somebody else replaced a unit just now."),
                Text::new("请刷新名单后重新选择。", "Reload the list and choose again."),
            )),
        }
    }

    /// That the inspection of a drawn unit has begun, and which visit it is.
    async fn begun(&self, word: &str, unit: &str) -> Result<Refusal, Refusal> {
        let row = self.store().drawn_unit(word, unit).await?.ok_or_else(super::no_plan)?;
        let number = row.number.unwrap_or_default();
        let day = row.visit.map(|visit| visit.day.to_string()).unwrap_or_default();
        Ok(conflict(
            "visit_begun",
            Text::of(
                format!("「{}」的检查已经开始（案件 {number}，{day}），不能替换。", row.name),
                format!("The inspection of \"{}\" has begun (case {number}, {day}); it is not replaced.", row.name),
            ),
            Text::new(
                "请在该案件中结束检查并写明情况。",
                "End the visit in that case and write down there what was found.",
            ),
        ))
    }
}
