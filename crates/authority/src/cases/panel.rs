//! The panel of experts of a case: who of the register can be on it, chosen by hand or drawn.
//!
//! ```text
//! rows of the register that hold today ─▶ Expert (number, name, employer, what they step back for) ─▶ tied to a party of the matter?
//!   by hand: rows ─┐
//!   by draw: pool of all who are free ─▶ random seed ─▶ domain: drawn ─┴─▶ PanelChange::Chosen ─▶ act: engine, one transaction
//! ```
//! Always true: what stands in a case of an expert is the row as it was that day, with its version; nobody chooses the seed of a draw; pages show
//! experts masked.

use super::act::Acted;
use super::bad;
use super::follow::procedure_of;
use super::registers::row_columns;
use crate::{Authority, By};
use base::{CaseId, Refusal, Sha256, Text};
use domain::access::Permission;
use domain::casework::{
    CaseAct, Command, Docket, Expert, MOST_EXPERTS, MOST_POOL, PanelChange, PanelDraw, drawn, panel_of, tied,
};
use law::{PanelRule, RegisterForm};
use serde_json::Value as Json;
use store::StoreError;
use store::casework::registers::{PAGE, RowFilter, RowVersion};

/// An expert of the register as a page offers them.
#[derive(Clone, Debug)]
pub struct ExpertLine {
    /// As the case would have them.
    pub expert: Expert,
    /// What the register says of their work: a choice of its form, in words.
    pub field: Text,
    /// To which party of the matter they belong; none: they may be chosen.
    pub tied: Option<Text>,
    /// They are on the panel.
    pub on_panel: bool,
}

/// The row as a case has it.
fn expert_of(rule: &PanelRule, form: &RegisterForm, row: &RowVersion) -> Expert {
    let (open, sealed) = row_columns(row);
    let text = |id: &str| {
        let value = if open[id].is_null() { &sealed[id] } else { &open[id] };
        value.as_str().unwrap_or_default().to_owned()
    };
    Expert {
        row: row.row.clone(),
        version: row.version,
        number: text(&form.subject),
        name: text(&rule.name),
        employer: text(&rule.employer),
        employer_code: text(&rule.employer_code),
        recusal: text(&rule.recusal),
    }
}

/// What the row says by the first choice of its form: of an expert the field of work.
fn work_of(form: &RegisterForm, row: &RowVersion) -> Text {
    let (open, sealed) = row_columns(row);
    let chosen = form.fields.iter().filter(|f| !f.choices.is_empty()).find_map(|field| {
        let id = field.id.as_str();
        let word = [&open[id], &sealed[id]].into_iter().find_map(Json::as_str)?;
        field.choice(word)
    });
    chosen.map_or_else(Text::default, law::FieldChoice::name)
}

impl Authority {
    /// Rows of the register of a panel that hold today, the newest first, at most [`MOST_POOL`].
    async fn experts_of(&self, rule: &PanelRule) -> Result<Vec<RowVersion>, Refusal> {
        let today = self.now().shanghai_date();
        let mut filter = RowFilter { register: rule.register.clone(), holds_on: Some(today), ..RowFilter::default() };
        let mut rows: Vec<RowVersion> = Vec::new();
        while rows.len() < MOST_POOL {
            let page = self.store().register_rows(&filter, PAGE).await?;
            let Some(last) = page.last() else { break };
            filter.before = Some(last.entry);
            rows.extend(self.store().rows_opened(page).await?);
        }
        rows.truncate(MOST_POOL);
        Ok(rows)
    }

    /// The experts of the register who could be on the panel of a case, those who belong to a party of it marked; empty where the case has
    /// no panel.
    ///
    /// # Errors
    /// No permission, `not_found` (also for cases of others), or the store.
    pub async fn experts(&self, by: By, id: CaseId) -> Result<Vec<ExpertLine>, Refusal> {
        by.needs(Permission::SeeCases)?;
        let (_, loaded) = self.known_case(by, id).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let docket = Docket { packs, procedure, case: &loaded.case, today };
        let Some(rule) = panel_of(&docket) else { return Ok(Vec::new()) };
        let Some(form) = packs.register_form(&rule.register) else { return Ok(Vec::new()) };
        let rows = self.experts_of(rule).await?;
        let line = |row: &RowVersion| {
            let expert = expert_of(rule, form, row);
            let on_panel = loaded.case.panel.iter().any(|m| m.stands() && m.expert.row == expert.row);
            let tied = tied(&docket, &expert).map(|apart| Text::of(apart.zh.clone(), apart.en.clone()));
            ExpertLine { field: work_of(form, row), tied, on_panel, expert }
        };
        Ok(rows.iter().map(line).collect())
    }

    /// Puts experts of the register on the panel of a case, by hand.
    ///
    /// # Errors
    /// As `act`; `experts` (a row that is not there or holds no more), `expert_there`, `expert_tied`, `grounds`.
    pub async fn choose_experts(
        &self,
        by: By,
        id: CaseId,
        seen: u32,
        (rows, grounds): (&[String], &str),
    ) -> Result<Acted, Refusal> {
        let all = self.experts(by, id).await?;
        let mut members = Vec::new();
        for row in rows.iter().take(MOST_EXPERTS.saturating_add(1)) {
            let found = all.iter().find(|line| line.expert.row == *row).ok_or_else(|| {
                let what =
                    Text::new("名册中没有所选的专家，或者聘期已满。", "An expert chosen is not on the list any more.");
                bad("experts", what)
            })?;
            members.push(found.expert.clone());
        }
        let change = PanelChange::Chosen { members, grounds: grounds.to_owned(), draw: None };
        self.act(by, id, &Command { seen, act: CaseAct::Panel { change } }, Vec::new()).await
    }

    /// Draws so many experts of the register who are free, and puts them on the panel of a case.
    ///
    /// # Errors
    /// As `act`; `experts` (none asked for, or fewer are free), `grounds`; no random bytes.
    pub async fn draw_experts(
        &self,
        by: By,
        id: CaseId,
        seen: u32,
        (count, grounds): (usize, &str),
    ) -> Result<Acted, Refusal> {
        let all = self.experts(by, id).await?;
        let free: Vec<&Expert> = all.iter().filter(|l| l.tied.is_none() && !l.on_panel).map(|l| &l.expert).collect();
        if count == 0 || count > free.len() {
            let n = free.len();
            let what = Text::of(
                format!("名册中可以抽取的专家有{n}名，请填写1至{n}的人数。"),
                format!("{n} experts of the list can be drawn: ask for 1 to {n}."),
            );
            return Err(bad("experts", what));
        }
        let bytes = store::keys::random::<32>().map_err(StoreError::from)?;
        let draw = PanelDraw { pool: free.iter().map(|e| e.row.clone()).collect(), seed: Sha256(bytes) };
        let find = |row: &String| free.iter().find(|e| e.row == *row).map(|e| (*e).clone());
        let members = drawn(&draw, count).iter().filter_map(find).collect();
        let change = PanelChange::Chosen { members, grounds: grounds.to_owned(), draw: Some(draw) };
        self.act(by, id, &Command { seen, act: CaseAct::Panel { change } }, Vec::new()).await
    }
}
