//! The police's side of a report: read it, take it, send somebody, close it with a result.

use crate::{Authority, By};
use base::{ErrorKind, Refusal, Text, UtcMs, limits};
use domain::access::Permission;
use std::collections::HashMap;
use store::inbox::{InboxLine, InboxPulse, Step, StepRow};
use store::inbox_exhibits::InboxExhibit;

/// Most reports of [`Authority::queue`].
pub const QUEUE_LINES: u32 = 500;

/// A report with everything that is known of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Row.
    pub line: InboxLine,
    /// Name of the site.
    pub site: String,
    /// The body, JSON as the site sent it; null if it is none.
    pub body: serde_json::Value,
    /// What the police did.
    pub steps: Vec<StepRow>,
    /// Pictures and clips that came with it.
    pub exhibits: Vec<InboxExhibit>,
}

/// A line of the queue: the row, the site's name, and what the body says.
#[derive(Clone, Debug)]
pub struct Todo {
    /// Row.
    pub line: InboxLine,
    /// Name of the site.
    pub site: String,
    /// The body.
    pub body: serde_json::Value,
}

fn parsed(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

impl Authority {
    async fn names(&self) -> Result<HashMap<base::SiteId, String>, Refusal> {
        Ok(self.store().peers().await?.into_iter().map(|p| (p.site, p.name)).collect())
    }

    /// The queue: what nobody has taken, then what is not closed, each newest first; with `all` also what is.
    ///
    /// # Errors
    /// No right, or the store.
    pub async fn queue(&self, all: bool, by: By) -> Result<Vec<Todo>, Refusal> {
        by.needs(Permission::SeeReports)?;
        let names = self.names().await?;
        let mut out = Vec::new();
        for line in self.store().inbox(!all, QUEUE_LINES).await? {
            let Some((line, body)) = self.store().report(line.leaf).await? else { continue };
            out.push(Todo { site: names.get(&line.site).cloned().unwrap_or_default(), body: parsed(&body), line });
        }
        Ok(out)
    }

    /// How many wait and are open, over all reports, and when that changed.
    ///
    /// # Errors
    /// No right, or the store.
    pub async fn pulse(&self, by: By) -> Result<InboxPulse, Refusal> {
        by.needs(Permission::SeeReports)?;
        Ok(self.store().inbox_pulse().await?)
    }

    /// One report.
    ///
    /// # Errors
    /// No right, no such report, or the store.
    pub async fn report(&self, leaf: u64, by: By) -> Result<Report, Refusal> {
        by.needs(Permission::SeeReports)?;
        let found = self.store().report(leaf).await?;
        let (line, body) = found.ok_or_else(|| Refusal::not_found("该报警", "report"))?;
        let site = self.names().await?.remove(&line.site).unwrap_or_default();
        let exhibits = self.store().exhibits_in(line.site, &line.id).await?;
        Ok(Report { steps: self.store().report_steps(&line).await?, exhibits, site, body: parsed(&body), line })
    }

    /// The signed text of a report and the receipt given for it.
    ///
    /// # Errors
    /// As `report`.
    pub async fn papers(&self, leaf: u64, by: By) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
        by.needs(Permission::SeeReports)?;
        self.store().report_papers(leaf).await?.ok_or_else(|| Refusal::not_found("该报警", "report"))
    }

    /// Notes the next step. Steps only go forward; closing needs a result in words.
    ///
    /// # Errors
    /// No right, a step that is not next, a result that is missing or too long, or the store.
    pub async fn step(&self, leaf: u64, step: Step, remark: &str, by: By) -> Result<UtcMs, Refusal> {
        let account = by.needs(Permission::AnswerReports)?;
        let found = self.store().report(leaf).await?;
        let (line, body) = found.ok_or_else(|| Refusal::not_found("该报警", "report"))?;
        let remark = remark.trim();
        if remark.chars().count() > limits::FREE_TEXT_CHARS || (step == Step::Closed && remark.is_empty()) {
            return Err(Refusal::bad_input(
                "remark",
                Text::new("处置结果未填写或过长。", "The result is empty or too long."),
                Text::new("请用一两句话写明结果后再提交。", "Say the result in a sentence or two and send it again."),
            ));
        }
        let moved = Refusal::new(
            ErrorKind::Conflict,
            "report_moved_on",
            Text::new("该报警已由他人推进，未作改动。", "Somebody else has moved this report on; nothing was changed."),
            Text::new("请刷新页面查看最新状态。", "Reload the page to see where it stands."),
        );
        if step <= line.state {
            return Err(moved);
        }
        let now = self.now();
        let row = self.row_of_step(&line, &body, (step, now)).await?;
        if !self.store().step_report_entered(&line, (step, remark), &[row], account, now).await? {
            return Err(moved);
        }
        Ok(now)
    }
}
