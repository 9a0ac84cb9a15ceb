//! The result of a draw as a paper (随机抽查抽取结果), from the published record and the names of the registers.
//!
//! ```text
//! plan that is drawn ─▶ record with its replacements + names of the drawn units ─▶ domain::draw::result_paper ─▶ cases::issued
//! ```
//! Always true: it says what the published record says, inspectors as committed to; whoever only looks on makes none, nor does who heads the
//! office above: the paper is of the office of the plan.

use super::super::issued::IssuedPaper;
use super::conflict;
use crate::{Authority, By};
use base::{Lang, Refusal, Text};
use domain::document::Document;
use domain::draw::{ResultFacts, result_paper};
use std::collections::BTreeMap;

/// The kind in the catalogue.
const KIND: &str = "draw_result";
/// Drawn units that are read at once.
const PAGE: u32 = 500;

impl Authority {
    /// Makes the paper of a draw, with the replacements since, and enters it.
    ///
    /// # Errors
    /// No permission, `no_office`, `not_for_seat`, `not_found`, `other_office`, `draw_not_made`, `paper_incomplete`, the press, or the store.
    pub async fn draw_paper(&self, by: By, word: &str, lang: Lang) -> Result<IssuedPaper, Refusal> {
        let account = self.of_office(by).await?;
        let (row, _) = self.own_plan(by, word).await?;
        let (_, committed) = self.plan_state(word).await?;
        let drawn = committed.and_then(|pool| pool.draw.map(|draw| (pool.rules, draw)));
        let Some((rules, draw)) = drawn else {
            return Err(conflict(
                "draw_not_made",
                Text::new("这个计划还没有抽取。", "Nothing was drawn for this plan yet."),
                Text::new("请先抽取。", "Draw first."),
            ));
        };
        let record = self.record_of(&draw).await?;
        let office = self.store().office(row.plan.office).await?;
        let office = office.ok_or_else(|| super::super::fault(&"a plan of no office"))?;
        let address = self.public_address().await?;
        let registers = self.gate().packs().carriers().registers();
        let facts = ResultFacts {
            organ: office.called(lang).to_owned(),
            plan: row.plan.title.clone(),
            names: self.names_drawn(word).await?,
            registers: registers.iter().map(|register| (register.id.clone(), register.name())).collect(),
            record_url: address.map(|address| format!("{address}/public/draws/{word}")),
            caution: rules.caution(),
            on: self.now().shanghai_date(),
        };
        let document = Document::parse(KIND).ok_or_else(|| super::super::fault(&"no such kind of paper"))?;
        let sheet = result_paper(document, &record, &facts, lang);
        self.issue((account, row.plan.office), document, (sheet, lang), &row.plan.title).await
    }

    /// What the registers called the drawn units.
    async fn names_drawn(&self, word: &str) -> Result<BTreeMap<String, String>, Refusal> {
        let (mut names, mut after) = (BTreeMap::new(), 0);
        loop {
            let rows = self.store().drawn_units(word, after, PAGE).await?;
            let Some(last) = rows.last().map(|row| row.place) else { return Ok(names) };
            names.extend(rows.into_iter().map(|row| (row.unit, row.name)));
            after = last;
        }
    }
}
