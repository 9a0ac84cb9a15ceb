//! Alarms: the loop between the signal journal and the incidents, the queue that pages see, and what people do with it.
//!
//! ```text
//! panels ─▶ receiver ─▶ journal (store), durable before it is acknowledged
//! journal.watch ─▶ take in (store) ─▶ Board: open incidents in memory, version moves ─▶ pages (events, within a second)
//! every second ─▶ limits that passed ─▶ entry, notice, second role
//! person ─▶ role ─▶ what the law says, where it has a say ─▶ domain::alarm::decide ─▶ row, entries, report together
//! ```
//!
//! Always true: the board is only a copy, every act decides on the row; a database that is away delays, it loses nothing (the
//! journal holds the signals, the loop tries again); a report is in the outbox in the same transaction as the act that reports.

mod board;
mod history;
pub mod receiver;
#[cfg(test)]
mod tests;
pub(crate) mod upward;

pub use board::{Board, Open};
pub use history::{History, TestForm};

use crate::devices::add_new;
use crate::{Actor, Site};
use base::{ClauseId, ErrorKind, IncidentId, Refusal, Text};
use domain::access::Permission;
use domain::alarm::{
    Change, Command, Facts, Incident, IntakeRules, Report, Stage, Verdict, decide, report_facts, step_act,
};
use law::{Act, AlarmReport, HoldRelease};
use std::time::Duration;
use store::incidents::{CONSUMER, ExhibitRow, IncidentRow, Intake, OutboxRow, POLICE, SignalRow, report_of};
use store::journal::Position;
use store::{Store, StoreError};
use tokio::time::MissedTickBehavior;

/// Most signals of one transaction.
const BATCH: usize = 512;
/// Pause after a database that did not answer, ms.
const AGAIN_MS: u64 = 500;
/// Seconds between two looks whether the journal may forget.
const RELEASE_S: u32 = 3_600;
/// How often an act is decided anew because somebody changed the incident in the meantime.
const TRIES: usize = 4;
/// Signals shown with an incident.
const SIGNALS: u32 = 200;
/// Code of the notice that an alarm waits too long.
const OVERDUE: &str = "alarm_overdue";

/// An incident with what belongs to it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// It, with its place.
    pub open: Open,
    /// What the source said, oldest first; the newest ones when there are many.
    pub signals: Vec<SignalRow>,
    /// Reports of it.
    pub reports: Vec<OutboxRow>,
    /// Pictures and clips that go with them.
    pub exhibits: Vec<ExhibitRow>,
}

/// The loop. Ends with the site.
pub(crate) async fn run(site: Site) {
    let mut journal = site.store().journal().watch();
    let mut every = tokio::time::interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut seconds = 0_u32;
    loop {
        tokio::select! {
            changed = journal.changed() => if changed.is_err() { return },
            _ = every.tick() => {
                seconds = seconds.wrapping_add(1);
                if let Err(error) = look(&site, seconds).await {
                    tracing::warn!(%error, "the limits of alarms could not be looked at; trying again");
                }
            }
        }
        while let Err(error) = consume(&site).await {
            tracing::error!(%error, "signals wait in the journal; trying again");
            metrics::counter!("jifang_alarm_intake_errors_total").increment(1);
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
    }
}

/// Takes in what the journal holds beyond the cursor.
async fn consume(site: &Site) -> Result<(), StoreError> {
    let store = site.store();
    let mut cursor = store.journal_cursor(CONSUMER).await?;
    if cursor > store.journal().end() {
        tracing::error!(cursor = cursor.0, "the folder of the signal journal was lost");
        store.intake_begins_again(site.now().utc).await?;
        cursor = Position(0);
    }
    loop {
        let read = store.journal().read_from(cursor, BATCH).await?;
        if read.next <= cursor {
            return Ok(());
        }
        let by_hand = site.may_report(AlarmReport { verified_real: false, raised_by_hand: true });
        let hold = site.says(Act::Hold);
        let name = site.profile().name;
        let uppers = upward::targets(site).await?;
        let targets: Vec<&str> = std::iter::once(POLICE).chain(uppers.iter().map(String::as_str)).collect();
        let now = site.now().utc;
        let intake = Intake {
            rules: IntakeRules::default(),
            by_hand: &by_hand,
            hold: &hold,
            site_name: &name,
            targets: &targets,
            now,
        };
        let taken = store.take_in(&read.entries, read.next, &intake).await?;
        metrics::counter!("jifang_alarm_signals_total").increment(taken.signals as u64);
        metrics::counter!("jifang_alarm_incidents_total").increment(taken.opened.len() as u64);
        if taken.reports > 0 {
            site.wake_link();
        }
        cursor = read.next;
        site.alarms().refresh(store, site.now()).await?;
    }
}

/// Once a second: limits that passed; now and then the journal forgets what was taken in long ago.
async fn look(site: &Site, seconds: u32) -> Result<(), StoreError> {
    let store = site.store();
    let now = site.now().utc;
    let limits = site.config().alarm_limits;
    let mut changed = seconds == 1;
    let mut late = false;
    for open in site.alarms().open().iter() {
        let facts = Facts { by: None, law: None, step: None, limits: &limits };
        let changes = decide(&open.row.incident, &Command::Tick, &facts, now).unwrap_or_default();
        late |= open.is_late() || !changes.is_empty();
        // Its receipt is stored by who sends reports; the queue finds it here.
        changed |= open.row.incident.stage() == Stage::Reported;
        if changes.is_empty() {
            continue;
        }
        changed = true;
        if store.change_incident(&open.row, &changes, &[], now).await? {
            tell_late(site, open, &changes).await?;
        }
    }
    if !late {
        store.clear(OVERDUE, None, now).await?;
    }
    if changed {
        site.alarms().refresh(store, site.now()).await?;
    }
    if seconds.is_multiple_of(RELEASE_S) {
        store.journal().release(store.least_journal_cursor().await?, now).await?;
    }
    Ok(())
}

/// A limit passed: a notice, which the second role sees too; pages sound for it.
async fn tell_late(site: &Site, open: &Open, changes: &[Change]) -> Result<(), StoreError> {
    let number = &open.row.incident.number;
    let steps = |pick: fn(&Text) -> &str| {
        let names = changes.iter().filter_map(|c| match c {
            Change::Passed(step) => Some(pick(&step.name()).to_owned()),
            _ => None,
        });
        names.collect::<Vec<_>>()
    };
    let text = Text::of(
        format!("报警 {number} 超时：{}。请值班人员立即处理，安全管理负责人同时跟进。", steps(|t| &t.zh).join("、")),
        format!(
            "Alarm {number} is late: {}. The duty officer should act now; the security manager follows up.",
            steps(|t| &t.en).join(", ")
        ),
    );
    site.store().raise(1, OVERDUE, None, &text, site.now().utc).await?;
    Ok(())
}

impl Site {
    /// The queue.
    #[must_use]
    pub fn alarms(&self) -> &Board {
        &self.0.alarms
    }

    /// What the law says to this report, not logged.
    pub(crate) fn may_report(&self, facts: AlarmReport) -> Result<Vec<ClauseId>, Refusal> {
        self.says(Act::ReportAlarm(facts))
    }

    /// What the law says to this act, not logged.
    fn says(&self, act: Act) -> Result<Vec<ClauseId>, Refusal> {
        let answer = self.ask(act).into_result()?;
        Ok(answer.deciding.into_iter().map(|c| c.clause).collect())
    }

    /// What the law says to a step of the handling, not logged; `None` where it is no act of the law.
    fn says_to_step(&self, incident: &Incident, command: &Command) -> Option<Result<Vec<ClauseId>, Refusal>> {
        let act = step_act(incident, command)?;
        let with_release = || {
            let mut clauses = self.says(act)?;
            if let Some(release) = release_act(incident, command) {
                add_new(&mut clauses, self.says(release)?);
            }
            Ok(clauses)
        };
        Some(with_release())
    }

    /// One incident with its signals and reports.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn alarm(&self, by: &Actor, id: IncidentId) -> Result<Whole, Refusal> {
        by.needs(Permission::SeeAlarms)?;
        let row = self.store().incident(id).await?.ok_or_else(no_alarm)?;
        let open = self.alarms().placed(self.store(), row, self.now()).await?;
        let signals = self.store().signals_of(id, SIGNALS).await?;
        let reports = self.store().reports_of(id).await?;
        let exhibits = self.store().exhibits_of(id).await?;
        Ok(Whole { open, signals, reports, exhibits })
    }

    /// Does something with an incident; gives it as it is then. Done twice, it is once.
    ///
    /// # Errors
    /// No permission, `not_found`, what `domain::alarm::decide` refuses (the law's refusals with their clauses, logged), somebody
    /// being faster several times over, or the store.
    pub async fn handle_alarm(&self, by: &Actor, id: IncidentId, command: &Command) -> Result<IncidentRow, Refusal> {
        by.needs(Permission::HandleAlarms)?;
        for _ in 0..TRIES {
            let row = self.store().incident(id).await?.ok_or_else(no_alarm)?;
            let now = self.now().utc;
            let law = report_facts(&row.incident, command).map(|facts| self.may_report(facts));
            let step = self.says_to_step(&row.incident, command);
            let limits = &self.config().alarm_limits;
            let facts = Facts { by: Some(by.id), law: law.as_ref(), step: step.as_ref(), limits };
            let changes = match decide(&row.incident, command, &facts, now) {
                Ok(changes) => changes,
                Err(refusal) => {
                    self.log_refusal(by, None, None, &refusal).await?;
                    return Err(refusal);
                }
            };
            if changes.is_empty() {
                return Ok(row);
            }
            let mut after = row.clone();
            changes.iter().for_each(|c| after.incident.apply(c, now));
            let reports = self.reports(&after, &changes).await?;
            let reports: Vec<_> = reports.iter().map(|(target, r)| (target.as_str(), r.clone())).collect();
            let clauses = step.and_then(Result::ok).unwrap_or_default();
            if self.store().change_incident_under(&row, &changes, (&reports, &clauses), now).await? {
                if !reports.is_empty() {
                    self.wake_link();
                }
                let mut done = IncidentRow { rev: row.rev + 1, ..after };
                if matches!(command, Command::Close) {
                    self.reset_device(&mut done).await?;
                }
                self.alarms().refresh(self.store(), self.now()).await?;
                return Ok(done);
            }
        }
        Err(Refusal::new(
            ErrorKind::Conflict,
            "changed_meanwhile",
            Text::new("该报警刚刚被他人更新。", "Somebody has just changed this alarm."),
            Text::new("请看更新后的内容再处理。", "Look at it as it is now, then act."),
        ))
    }

    /// A person reset the alarm: the device behind a GB/T 28181 source is told, which may be silent until then; what came of it is noted.
    /// A crash before this leaves a closed incident and a device that nobody told: it is reset at the device.
    async fn reset_device(&self, row: &mut IncidentRow) -> Result<(), StoreError> {
        let source = &row.incident.source;
        if !source.as_str().starts_with("gb:") {
            return Ok(());
        }
        let reset = Change::DeviceReset { told: self.gb28181().reset_alarm(source).await };
        let now = self.now().utc;
        if self.store().change_incident(row, std::slice::from_ref(&reset), &[], now).await? {
            row.incident.apply(&reset, now);
            row.rev += 1;
        }
        Ok(())
    }

    /// The reports that these changes hand to the outbox.
    async fn reports(&self, after: &IncidentRow, changes: &[Change]) -> Result<Vec<(String, Report)>, StoreError> {
        let Some(clauses) = changes.iter().find_map(|c| match c {
            Change::Reported { clauses } => Some(clauses),
            _ => None,
        }) else {
            return Ok(Vec::new());
        };
        let store: &Store = self.store();
        let zones = store.zone_facts(&after.incident.source).await?;
        let name = self.profile().name;
        let mut out = Vec::new();
        for target in std::iter::once(POLICE.to_owned()).chain(upward::targets(self).await?) {
            let report = report_of(&after.incident, &zones, clauses, (store.site(), &name), self.now().utc)?;
            out.push((target, report));
        }
        Ok(out)
    }
}

/// The hold on the footage of what was not real ends with its incident (`Store::change_incident`), so it is asked about with it.
fn release_act(incident: &Incident, command: &Command) -> Option<Act> {
    let ends = matches!(command, Command::Close) && incident.verdict() != Some(Verdict::Real);
    let reason_recorded = incident.verdict().is_some();
    ends.then_some(Act::ReleaseHold(HoldRelease { request_closed: true, reason_recorded }))
}

fn no_alarm() -> Refusal {
    Refusal::not_found("该报警", "alarm")
}
