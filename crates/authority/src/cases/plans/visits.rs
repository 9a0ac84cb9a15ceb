//! Inspections by a plan that was drawn: a case for each unit, and what its visit takes from the draw.
//!
//! ```text
//! drawn unit without a case ─▶ begin (inspection procedure) ─▶ link_visit ─▶ the form of its first step, as far as the plan knows it
//! case ─▶ drawn_case: plan, unit, accounts of the drawn team ─▶ crate::visits (ask, approve, begin)
//! ```
//! Always true: a unit has one case in a plan; a unit that was replaced has no planned visit any more. A crash between a case and its link
//! leaves a case that no plan names, and the next opening makes another one with the reason that it is drawn.

use super::{body_of, conflict};
use crate::cases::Begun;
use crate::{Authority, By};
use base::{AccountId, CaseId, OfficeId, Refusal, Text};
use domain::access::Permission;
use domain::casework::{CaseAct, Channel, Command, Typed};
use domain::inspection::Plan;
use law::{FieldKind, Procedure};
use std::collections::BTreeMap;
use store::casework::parties::PartyData;
use store::casework::plans::{DrawnRow, PlanRow, PlanStage};

/// Most cases that one request opens; the rest is opened by the next.
pub const OPENED_AT_ONCE: u32 = 50;
/// Word of the choice that a unit was drawn, in forms that ask why it is inspected.
const DRAWN: &str = "drawn";

/// Columns of registers and forms that say where a unit is.
const WHERE: [&str; 2] = [ADDRESS, "unit_division"];
/// Column of the name of a unit; a row may be called by its place.
const NAME: &str = "unit_name";
/// Column of its address.
const ADDRESS: &str = "unit_address";
/// Column of the credit code in registers of units.
pub(super) const CODE: &str = "credit_code";

/// What an opening left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened {
    /// Cases opened.
    pub opened: u32,
    /// Some are still to be opened.
    pub more: bool,
}

/// A case that was opened for a drawn unit.
#[derive(Clone, Debug)]
pub(crate) struct DrawnCase {
    /// Its plan as visits ask it.
    pub plan: Plan,
    /// What the plan is called.
    pub title: String,
    /// The unit; `plan` in it is the word of the plan.
    pub unit: DrawnRow,
    /// Accounts of the drawn team, in its order; empty where the draw found none.
    pub team: Vec<AccountId>,
}

/// A plan as visits ask it.
fn asked_of(row: &PlanRow) -> Result<Plan, Refusal> {
    let body = body_of(row)?;
    Ok(Plan { year: row.plan.year, published_on: row.published, items: body.items, cap: body.cap })
}

/// What the plan knows of the form of the first step; `known`: what is known of the owner of the row, by the ids of fields.
fn known_fields(procedure: &Procedure, unit: &DrawnRow, known: &BTreeMap<String, String>) -> Option<(String, Typed)> {
    let first = procedure.steps.iter().find(|step| step.after.is_empty())?;
    let mut typed = Typed::new();
    for field in procedure.fields_at(&first.id) {
        let text = if field.id == procedure.subject {
            Some(known.get(NAME).unwrap_or(&unit.name))
        } else if field.kind == FieldKind::CreditCode {
            known.get(CODE)
        } else if WHERE.contains(&field.id.as_str()) {
            known.get(&field.id)
        } else {
            None
        };
        if field.choice(DRAWN).is_some() {
            typed.insert(field.id.clone(), DRAWN.to_owned());
        } else if let Some(text) = text {
            typed.insert(field.id.clone(), text.clone());
        }
    }
    (!typed.is_empty()).then(|| (first.id.clone(), typed))
}

impl Authority {
    /// Begins an inspection for each drawn unit that has none, at most [`OPENED_AT_ONCE`].
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `draw_not_made`, those of `begin`, or the store.
    pub async fn open_visits(&self, by: By, word: &str) -> Result<Opened, Refusal> {
        by.needs(Permission::HandleCases)?;
        let (row, _) = self.own_plan(by, word).await?;
        if row.stage != PlanStage::Drawn {
            return Err(conflict(
                "draw_not_made",
                Text::new("还没有抽取，不能立检查案卷。", "Nothing is drawn yet; no inspection is opened."),
                Text::new("请先抽取。", "Draw first."),
            ));
        }
        let procedure = self.inspection_procedure(self.now().shanghai_date()).await?;
        // One at a time: two who press at once must not open two inspections of one unit, each with its clocks.
        let _turn = self.0.openings.lock().await;
        let units = self.store().units_to_open(word, OPENED_AT_ONCE + 1).await?;
        let most = usize::try_from(OPENED_AT_ONCE).unwrap_or(usize::MAX);
        let more = units.len() > most;
        let mut opened = 0;
        for unit in units.iter().take(most) {
            self.open_visit(by, (word, procedure), unit).await?;
            opened += 1;
        }
        Ok(Opened { opened, more })
    }

    async fn open_visit(&self, by: By, (word, procedure): (&str, &Procedure), unit: &DrawnRow) -> Result<(), Refusal> {
        let form = super::super::Beginning {
            procedure: procedure.id.clone(),
            channel: Channel::OwnMotion,
            party: unit.party,
            place: String::new(),
            office: None,
            facts_on: None,
            title: unit.name.clone(),
            again: format!("按检查计划{word}随机抽取，第{}位。", unit.place),
        };
        let Begun { case, .. } = self.begin(by, &form).await?;
        if !self.store().link_visit((word, &unit.unit), case, by.account, self.now()).await? {
            return Err(conflict(
                "visit_there",
                Text::new("该单位刚由另一人立卷。", "Somebody else opened the inspection of this unit just now."),
                Text::new("请刷新页面核对。", "Reload the page and check."),
            ));
        }
        let known = self.owner_of(unit).await?;
        let Some((step, typed)) = known_fields(procedure, unit, &known) else { return Ok(()) };
        let seen = self.store().case(case).await?.map_or(0, |row| row.events);
        let command = Command { seen, act: CaseAct::Fill { step, typed } };
        // What the plan knows only saves typing: a name that the form does not take is typed by the officer.
        if let Err(refusal) = self.act(by, case, &command, Vec::new()).await {
            tracing::warn!(%case, code = %refusal.code, "what the plan knows of a unit was not taken by the form");
        }
        Ok(())
    }

    /// What is known of the owner of a drawn row, by the ids of fields: what the row says of it, else its party.
    async fn owner_of(&self, unit: &DrawnRow) -> Result<BTreeMap<String, String>, Refusal> {
        let rows = self.store().register_history(&unit.register, &unit.row).await?;
        let public = rows.first().and_then(|row| serde_json::from_str::<serde_json::Value>(&row.public).ok());
        let said = public.unwrap_or_default();
        let party = match unit.party {
            Some(party) => self.store().party(party).await?.map(|row| row.data),
            None => None,
        };
        let mut known = BTreeMap::new();
        if let Some(PartyData::Unit(owner)) = party {
            known.insert(NAME.to_owned(), owner.name);
            known.insert(ADDRESS.to_owned(), owner.address);
            known.extend(owner.credit_code.map(|code| (CODE.to_owned(), code)));
        }
        for id in [NAME, CODE].into_iter().chain(WHERE) {
            let text = said["fields"][id].as_str().map(str::trim).unwrap_or_default();
            // The code that the party gave is checked against its licence: it stands before what a row says.
            let is_given = id == CODE && known.contains_key(CODE);
            if !text.is_empty() && !is_given {
                known.insert(id.to_owned(), text.to_owned());
            }
        }
        known.retain(|_, text| !text.trim().is_empty());
        Ok(known)
    }

    /// The draw that a case was opened for; `None` for other cases, and where the unit was replaced since.
    pub(crate) async fn drawn_case(&self, case: CaseId) -> Result<Option<DrawnCase>, Refusal> {
        let Some(unit) = self.store().drawn_unit_of_case(case).await? else { return Ok(None) };
        let row = self.store().inspection_plan(&unit.plan).await?.ok_or_else(super::no_plan)?;
        let people = self.stands(&unit.plan).await?;
        let team = unit.team.iter().filter_map(|id| people.get(id)).map(|who| who.account).collect();
        Ok(Some(DrawnCase { plan: asked_of(&row)?, title: row.plan.title, unit, team }))
    }

    /// The published plans of a year that reach the cases of an office: its own, and those of the offices above it.
    pub(crate) async fn plans_of_year(&self, office: OfficeId, year: i16) -> Result<Vec<Plan>, Refusal> {
        self.store().plans_of_year(office, year).await?.iter().map(asked_of).collect()
    }
}
