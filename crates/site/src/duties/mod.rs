//! What the unit owes today: looked at each day, at the start and on demand; papers and own periods as people's acts.
//!
//! ```text
//! profile, cameras, panels ─▶ law::Gate::obligations ─┐
//! rows, states, notices, papers ─▶ evidence ──────────┴▶ domain::duty::evaluate ─▶ page, report, API
//!                                                          ├▶ document: the report as PDF
//!                                                          ├▶ self_report: each day to the authority
//!                                                          └▶ check: duty_state rows + entries of changes, notices, gauge
//! ```
//!
//! Always true: the page shows the standing of this moment; a change of state is an entry, and so is a last day that a later notice of
//! holidays moved; a reminder is a notice that is told anew at each step and goes with its cause. Nothing here decides
//! what the law asks, and nothing is told to anybody outside.

mod document;
mod evidence;
mod self_report;
#[cfg(test)]
mod tests;

use crate::{Actor, Site};
use base::{CivilDate, PaperId, Refusal, Text, UtcMs, plural};
use domain::access::Permission;
use domain::duty::{self, PERIOD_DAYS, Paper, PaperForm, Standing, State, Tally, evaluate, reminder};
use law::{Packs, UnitFacts};
use std::collections::BTreeMap;
use std::time::Duration;
use store::StoreError;
use store::duties::{DutyNow, DutyRow};
use store::notices::Notice;

/// First look after the start: cameras have had time to connect.
const START: Duration = Duration::from_secs(60);
/// Between two looks whether the day has changed.
const LOOK: Duration = Duration::from_secs(60);
/// Before the code of a duty in that of its notice.
const NOTICE: &str = "duty_";
/// From so few working days before a last day on, its notice asks to act today.
const GRAVE_DAYS: u32 = 1;

/// What the page and the report show.
#[derive(Clone, Debug)]
pub struct DutyReport {
    /// Moment of the evaluation.
    pub at: UtcMs,
    /// Its day, by which the law was asked.
    pub day: CivilDate,
    /// Duties: overdue first.
    pub list: Vec<Standing>,
    /// How many stand where.
    pub tally: Tally,
    /// Since when each stands as it was last kept.
    pub kept: Vec<DutyRow>,
    /// Papers, the newest first.
    pub papers: Vec<Paper>,
    /// The unit's own periods, days, by code.
    pub periods: BTreeMap<String, u32>,
}

impl DutyReport {
    /// Since when the duty stands as it does now, where that was kept.
    #[must_use]
    pub fn since(&self, standing: &Standing) -> Option<UtcMs> {
        let row = self.kept.iter().find(|r| r.code == standing.owed.code)?;
        (row.state == standing.state.code()).then_some(row.since)
    }
}

/// Sentences, each once.
pub fn each_once<'a>(texts: impl Iterator<Item = &'a Text>) -> Vec<Text> {
    let mut out: Vec<Text> = Vec::new();
    for text in texts {
        if !out.contains(text) {
            out.push(text.clone());
        }
    }
    out
}

fn gone() -> Refusal {
    Refusal::not_found("该文件", "paper")
}

impl Site {
    /// What the unit owes now, and how each duty stands.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn duties(&self, by: &Actor) -> Result<DutyReport, Refusal> {
        by.needs(Permission::SeeDuties)?;
        Ok(self.weigh_duties().await?)
    }

    async fn weigh_duties(&self) -> Result<DutyReport, StoreError> {
        let at = self.now().utc;
        let day = at.shanghai_date();
        let evidence = self.duty_evidence(at).await?;
        let unit = UnitFacts {
            first_use: evidence.first_use.map(|u| u.day),
            places: evidence.cameras.iter().map(|c| c.place).collect(),
            receives_alarms: evidence.panels > 0,
        };
        let packs = self.gate().packs();
        let mut owed = self.gate().obligations(&self.profile().law, &unit, day);
        let kept = self.store().duty_states().await?;
        for duty in &mut owed {
            let before = kept.iter().find(|row| row.code == duty.code);
            if let Some(before) = before.and_then(|row| row.deadline.as_ref()) {
                packs.recall(duty, before, day);
            }
        }
        let list = evaluate(packs, &owed, &evidence, day);
        let tally = Tally::of(&list);
        Ok(DutyReport { at, day, list, tally, kept, papers: evidence.papers, periods: evidence.periods })
    }

    /// Looks now, keeps what is found and tells of it.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn check_duties(&self, by: &Actor) -> Result<(), Refusal> {
        by.needs(Permission::ManageDuties)?;
        Ok(self.keep_duties().await?)
    }

    /// Weighs, keeps rows and entries, then puts the notices right. A crash between leaves notices of before; the next look mends them.
    async fn keep_duties(&self) -> Result<(), StoreError> {
        let report = self.weigh_duties().await?;
        let now: Vec<_> = report.list.iter().map(kept_of).collect();
        self.store().put_duty_states(&now, report.at).await?;
        for (state, n) in report.tally.pairs() {
            metrics::gauge!("jifang_duties", "state" => state).set(f64::from(n));
        }
        let open = self.store().notices().await?;
        let told: Vec<&Notice> = open.iter().filter(|n| n.code.starts_with(NOTICE)).collect();
        let packs = self.gate().packs();
        let wanted: Vec<_> = report.list.iter().filter_map(|s| notice_of(packs, s, report.day)).collect();
        for notice in told.iter().filter(|n| !wanted.iter().any(|(code, ..)| *code == n.code)) {
            self.store().clear(&notice.code, None, report.at).await?;
        }
        for (code, severity, text) in &wanted {
            self.store().retell(*severity, code, text, report.at).await?;
        }
        Ok(())
    }

    /// Enters a paper; how the duties stand is kept anew.
    ///
    /// # Errors
    /// No permission, the form's defects (`domain::duty::check`), `too_many_papers`, or the store.
    pub async fn add_paper(&self, by: &Actor, form: PaperForm) -> Result<PaperId, Refusal> {
        by.needs(Permission::ManageDuties)?;
        let now = self.now().utc;
        let form = duty::check(form, now.shanghai_date())?;
        let id = self.store().new_paper_id(now)?;
        let PaperForm { kind, title, number, day, until, document } = form;
        let paper = Paper { id, kind, title, number, day, until, document, by: by.id, entered: now };
        if !self.store().add_duty_paper(&paper).await? {
            return Err(duty::no_room());
        }
        self.keep_duties().await?;
        Ok(id)
    }

    /// Withdraws a paper, and what was stored of its text.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn withdraw_paper(&self, by: &Actor, id: PaperId) -> Result<(), Refusal> {
        by.needs(Permission::ManageDuties)?;
        let paper = self.store().duty_papers().await?.into_iter().find(|p| p.id == id).ok_or_else(gone)?;
        if !self.store().withdraw_duty_paper(&paper, by.id, self.now().utc).await? {
            return Err(gone());
        }
        Ok(self.keep_duties().await?)
    }

    /// Sets the unit's own period of a regular duty, days; `None` ends it.
    ///
    /// # Errors
    /// No permission, `duty` where the unit does not owe it or it has no period, `days`, or the store.
    pub async fn set_duty_period(&self, by: &Actor, code: &str, days: Option<u32>) -> Result<(), Refusal> {
        by.needs(Permission::ManageDuties)?;
        let next = || Text::new("请更正后重新提交。", "Correct it and submit again.");
        let report = self.weigh_duties().await?;
        if !report.list.iter().any(|s| s.owed.code == code && duty::period_of(s.owed.probe).is_some()) {
            let what = Text::new("这项义务不设间隔。", "This duty has no period.");
            return Err(Refusal::bad_input("duty", what, next()));
        }
        if days.is_some_and(|days| !PERIOD_DAYS.contains(&days)) {
            let what = Text::new("间隔为1至3660天。", "A period is 1 to 3,660 days.");
            return Err(Refusal::bad_input("days", what, next()));
        }
        self.store().set_duty_period(code, days, by.id, self.now().utc).await?;
        Ok(self.keep_duties().await?)
    }
}

fn kept_of(s: &Standing) -> DutyNow {
    let day = match s.state {
        State::Overdue { since } => Some(since),
        State::Due { by: Some(by) } => Some(by),
        _ => s.next,
    };
    let state = (s.state.code(), s.state.name());
    let (code, title) = (s.owed.code.clone(), s.owed.title.clone());
    DutyNow { code, title, state, day, deadline: s.owed.counted().cloned(), clauses: s.owed.clauses() }
}

/// Code, severity and words of the notice a standing asks for; none while nobody has to think of it. The words change with the step of
/// the reminders and not from day to day, so that each step is told once.
fn notice_of(packs: &Packs, s: &Standing, today: CivilDate) -> Option<(String, u8, Text)> {
    let clauses: Vec<_> = s.owed.clauses().into_iter().map(|c| c.0).collect();
    let (title, clauses, clauses_en) = (&s.owed.title, clauses.join("、"), clauses.join(", "));
    let (severity, zh, en) = match s.state {
        State::Overdue { since } => (2, format!("自{since}起逾期"), format!("is overdue since {since}")),
        State::Due { by: Some(by) } => {
            let left = reminder(packs, by, today)?;
            let severity = if left <= GRAVE_DAYS { 2 } else { 3 };
            let (mut zh, mut en) = match left {
                0 => ("今天是最后一日".to_owned(), "today is the last day".to_owned()),
                n => (
                    format!("还有至多{n}个工作日"),
                    format!("at most {n} working {} left", plural(n, "day is", "days are")),
                ),
            };
            if let Some(year) = s.provisional() {
                zh.push_str(&format!("；{year}年放假安排尚未公布，此日暂定"));
                en.push_str(&format!("; the day is provisional, the holidays of {year} are not published yet"));
            }
            (severity, format!("应在{by}前（含当日）履行，{zh}"), format!("is due by {by}: {en}"))
        }
        _ => return None,
    };
    let text = Text::of(
        format!("义务「{}」{zh}（{clauses}）。请打开「义务」查看怎么办。", title.zh),
        format!("The duty \"{}\" {en} ({clauses_en}). See under Duties what to do.", title.en),
    );
    Some((format!("{NOTICE}{}", s.owed.code), severity, text))
}

/// The loop: a while after the start, then each day. What fails is tried again a minute later.
pub(crate) async fn run(site: Site) {
    tokio::time::sleep(START).await;
    let mut kept: Option<CivilDate> = None;
    loop {
        if let Err(error) = site.report_self_daily().await {
            tracing::error!(%error, "the site's report of itself could not be made; trying again");
        }
        let today = site.now().utc.shanghai_date();
        if kept != Some(today) {
            match site.keep_duties().await {
                Ok(()) => kept = Some(today),
                Err(error) => tracing::error!(%error, "duties could not be looked at; trying again"),
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
