//! Plans of inspections, from the draft to the visits: entered, published, committed, drawn by a later head of the log, carried out.
//!
//! ```text
//! officer: put_plan ─▶ head: publish_plan_as_seen ─▶ officers: keep_out ─▶ head: commit_pool (entry `draw.pool`)
//!    registers ─▶ units, certificates ─▶ commitments of inspectors, declared conflicts ─▶ domain::draw::{DrawRules, Pool}
//! the log grows by `after_entries` ─▶ head: draw_plan (entry `draw.made`) ─▶ replace_unit (`draw.replaced`)
//! draw_paper ─▶ cases::issued: the result as a document
//! officer: open_visits ─▶ a case of the inspection procedure for each unit ─▶ crate::visits: ask_visit, approve_visit (`may_visit`)
//! ```
//! Always true: who published a plan is not who wrote it; a plan is drawn once, and a second try is refused and entered; the seed comes from
//! the head of exactly the size that follows from the pool's entry; inspectors stand in what is published as commitments, and their salts lie
//! sealed; every number is data of the plan.

mod paper;
mod pool;
mod prepare;
mod run;
#[cfg(test)]
mod tests;
mod view;
mod visits;

pub use run::{GROUND_BYTES, Ground};
pub use view::{PlanPage, PlanView, Stands};
pub(crate) use visits::DrawnCase;
pub use visits::{OPENED_AT_ONCE, Opened};

use super::bad;
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, Refusal, Sha256, Text};
use domain::casework::is_ours;
use domain::draw::{DrawRules, Edition, PublicDay, PublicForm, Quota};
use domain::inspection::PlanItem;
use law::{Procedure, ProcedureKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::StoreError;
use store::casework::plans::PlanRow;
use store::ledger_log::{ActLine, Outcome};

/// Registers whose rows are units that may be inspected; a unit that stands in several counts in the first that the plan names.
pub const REGISTERS: [&str; 4] = ["units", "public_areas", "systems", "providers"];

/// What a plan says beside its name; kept as JSON.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// What is inspected, each by a checklist of the packs.
    pub items: Vec<PlanItem>,
    /// Most planned and special visits of one unit in the year; of several plans of a year the strictest binds.
    pub cap: u32,
    /// How many of each register are drawn.
    pub quotas: BTreeMap<String, Quota>,
    /// Inspectors of each unit.
    pub inspectors_per_unit: u32,
    /// Most units of one inspector.
    pub max_per_inspector: u32,
    /// A unit inspected less than so many days before is not drawn; 0: it is all the same.
    pub rest_days: u32,
    /// Entries of the log between the pool and the head that gives the seed.
    pub after_entries: u64,
    /// Days after the commitment until which the draw is made.
    pub draw_within_days: u32,
    /// An event outside whose outcome is part of the seed.
    pub public_source: Option<String>,
    /// When that outcome comes out; a plan of before this was asked names no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_day: Option<PublicDay>,
    /// How that outcome is written, so that it has one spelling; a plan of before this was asked names none, and is not published any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_form: Option<PublicForm>,
    /// Where that outcome is published, an `https` address for people: nothing is ever fetched from it, and it is no part of the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_source_url: Option<String>,
    /// Word of the plan whose commitment lapsed and in whose place this one stands.
    pub again_of: Option<String>,
}

/// A plan as it is typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanForm {
    /// Its word: letters, digits, `.`, `_`, `-`.
    pub word: String,
    /// Its year.
    pub year: i16,
    /// What it is called.
    pub title: String,
    /// The rest.
    pub body: PlanBody,
}

fn no_plan() -> Refusal {
    Refusal::not_found("这个检查计划", "plan of inspections")
}

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

fn unreadable(row: &PlanRow) -> Refusal {
    super::fault(&format!("plan {}", row.plan.word))
}

/// The body of a plan as it was kept.
fn body_of(row: &PlanRow) -> Result<PlanBody, Refusal> {
    serde_json::from_str(&row.plan.body).map_err(|_| unreadable(row))
}

impl Authority {
    /// A plan that this account may know of; of any other it is not told whether there is one.
    async fn known_plan(&self, by: By, word: &str) -> Result<(PlanRow, PlanBody), Refusal> {
        let row = self.store().inspection_plan(word).await?.ok_or_else(no_plan)?;
        let reach = self.reach(by).await?;
        if !self.within(reach, row.plan.office, None).await? {
            return Err(no_plan());
        }
        let body = body_of(&row)?;
        Ok((row, body))
    }

    /// A plan that this account acts on: one of its own office. Who heads the office above sees it, and leaves it to those it is of.
    async fn own_plan(&self, by: By, word: &str) -> Result<(PlanRow, PlanBody), Refusal> {
        let known = self.known_plan(by, word).await?;
        self.acts_for(by.account, known.0.plan.office).await?;
        Ok(known)
    }

    /// The procedure by which units are inspected here on a day.
    ///
    /// # Errors
    /// `no_inspections` where the packs of this province have none, or the store.
    async fn inspection_procedure(&self, on: CivilDate) -> Result<&Procedure, Refusal> {
        let site = self.site_profile().await?;
        let fits = |p: &&Procedure| {
            p.kind == ProcedureKind::Inspection && is_ours(p.applicant) && p.in_force(on) && self.reaches(p, site)
        };
        self.gate().packs().procedures().iter().find(fits).ok_or_else(|| {
            Refusal::new(
                ErrorKind::NotFound,
                "no_inspections",
                Text::new(
                    "正在使用的规则包没有本地区的监督检查程序。",
                    "The packs in use have no procedure of inspections for this province.",
                ),
                Text::new("请系统管理员核对规则包。", "The administrator should check the packs."),
            )
        })
    }

    /// The register in which inspections are entered, as the procedure says.
    async fn inspections_register(&self, on: CivilDate) -> Result<String, Refusal> {
        let procedure = self.inspection_procedure(on).await?;
        let first = procedure.outcomes.iter().find_map(|o| o.registers.first().cloned());
        Ok(first.unwrap_or_default())
    }

    /// The rules of a plan if its pool were committed to on this day.
    fn rules_of(&self, word: &str, body: &PlanBody, on: CivilDate, again_of: Option<Sha256>) -> DrawRules {
        let public_form = body.public_source.as_ref().and(body.public_form.clone());
        // A plan that was published before a form was asked for is drawn as it was announced, and its result says what that leaves open.
        let is_old = body.public_source.is_some() && public_form.is_none();
        DrawRules {
            edition: if is_old { Edition::First } else { Edition::Second },
            plan: word.to_owned(),
            day: on,
            log: self.vkey().clone(),
            // The log of an authority is witnessed by nobody yet: the rules say so, and a public source is asked for instead.
            witness: None,
            after_entries: body.after_entries,
            until: on.plus_days(i32::try_from(body.draw_within_days).unwrap_or(i32::MAX)),
            public_source: body.public_source.clone(),
            public_day: body.public_day,
            public_form,
            again_of,
            rest_days: body.rest_days,
            inspectors_per_unit: body.inspectors_per_unit,
            max_per_inspector: body.max_per_inspector,
            quotas: body.quotas.clone(),
        }
    }

    /// The office itself and all offices under it.
    async fn offices_under(&self, office: OfficeId) -> Result<Vec<OfficeId>, Refusal> {
        Ok(self.store().offices_under(office).await?.into_iter().map(|row| row.id).collect())
    }

    /// Enters that a draw was refused: a second one, or a second pool.
    async fn log_second(&self, by: AccountId, plan: &str, refusal: &Refusal) -> Result<(), Refusal> {
        if !["draw_made", "draw_committed"].contains(&refusal.code.as_str()) {
            return Ok(());
        }
        let body = serde_json::json!({
            "code": refusal.code, "by": by, "camera": null, "request": null, "plan": plan, "clauses": [],
        });
        let text = Text::of(
            format!("抽查计划 {plan}，拒绝：{}", refusal.what.zh),
            format!("Draw {plan}, refused: {}", refusal.what.en),
        );
        let act = ActLine { outcome: Outcome::Refused, ..ActLine::done(Some(by), text) };
        self.store().log("act.refused", self.now(), body, act).await.map_err(StoreError::from)?;
        Ok(())
    }
}
