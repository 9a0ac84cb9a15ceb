//! What waits beside the terms of law: promises that went by, and cases in which no clock runs and nothing is done.
//!
//! ```text
//! case without a count for its newest event, or whose day has come ─▶ load ─▶ clocks, promise of its office ─▶ Waiting ─▶ put_waiting
//! waiting_over ─▶ who supervises · waiting_counts ─▶ numbers · waiting ─▶ worklist, applicant
//! ```
//! Always true: none of it is a term of law, and nothing of it is called late; a promise is kept on its last day and went by the day after; a
//! note, a name of an officer or a paper that somebody hands in is no progress; what only the applicant can go on with lies for nobody.

use super::bad;
use super::follow::{Loaded, procedure_of};
use super::promises::{Promises, promised_of};
use crate::{Authority, By};
use base::{CaseId, CivilDate, OfficeId, Refusal, Text};
use domain::access::Permission;
use domain::casework::{ClockState, Docket, Event, clocks, is_ours};
use law::OwnRule;
use std::collections::BTreeMap;
use store::casework::Territory;
use store::casework::cases::CaseRow;
use store::casework::waiting::{Waiting, WaitingCounts};
use store::casework::worklist::PAGE;

/// Word of the own rule: after how many days without a step a case without a clock comes up; also the word of the office's own number among
/// its promises.
pub const LYING: &str = "lying_still";

/// An open case whose promise went by, or in which nothing is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingCase {
    /// The case.
    pub row: CaseRow,
    /// Since when, and until when.
    pub waiting: Waiting,
}

/// The case went on by this.
const fn goes_on(event: &Event) -> bool {
    matches!(
        event,
        Event::Opened { .. }
            | Event::AskedForRest { .. }
            | Event::StepDone { .. }
            | Event::Proposed { .. }
            | Event::Reviewed { .. }
            | Event::SentBack { .. }
            | Event::Decided { .. }
            | Event::TakenBack { .. }
            | Event::Panel { .. }
            | Event::Delivered { .. }
    )
}

/// The day on which something was last done in a case in which nothing runs; none where a clock runs or stands still, it is decided, or only
/// who applied can go on.
fn lies_since(docket: &Docket<'_>, loaded: &Loaded, is_timed: bool) -> Option<CivilDate> {
    let first = docket.procedure.steps.first()?;
    let is_begun = is_ours(first.who) || docket.case.done(&first.id).is_some();
    if is_timed || docket.case.outcome().is_some() || !is_begun || docket.awaits_rest() {
        return None;
    }
    let last = loaded.recorded.iter().rev().find(|recorded| goes_on(&recorded.event))?;
    Some(last.at.shanghai_date())
}

impl Authority {
    fn lying_rule(&self) -> Option<&OwnRule> {
        self.gate().packs().own_rule(LYING)
    }

    /// Days after which a case without a clock comes up, as typed.
    ///
    /// # Errors
    /// `promise_lying_still`: no number that the rule admits.
    pub(super) fn lying_typed(&self, text: &str) -> Result<u32, Refusal> {
        let (least, most) = self.lying_rule().map_or((1, 1), |rule| (rule.least, rule.most));
        let days = text.trim().parse::<u32>().ok().filter(|days| (least..=most).contains(days));
        days.ok_or_else(|| {
            let what =
                Text::of(format!("应为{least}至{most}的整数。"), format!("A whole number from {least} to {most}."));
            bad(&format!("promise_{LYING}"), what)
        })
    }

    /// After how many days without a step a case without a clock comes up here: as the office set it, else as the packs say; none: never.
    fn lying_days(&self, promises: &Promises) -> Option<i32> {
        let rule = self.lying_rule()?;
        let own = promises.get(LYING).copied().filter(|days| rule.admits(*days));
        i32::try_from(own.unwrap_or(rule.days)).ok()
    }

    fn count_waiting(&self, loaded: &Loaded, promises: &Promises, today: CivilDate) -> Result<Waiting, Refusal> {
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let docket = Docket { packs: self.gate().packs(), procedure, case: &loaded.case, today };
        let clocks = clocks(&docket);
        let is_timed = clocks.iter().any(|c| c.state.is_owed() || matches!(c.state, ClockState::Suspended { .. }));
        let since = lies_since(&docket, loaded, is_timed);
        let lies = since.zip(self.lying_days(promises)).map(|(since, days)| since.plus_days(days));
        let promised = promises.get(&procedure.id).and_then(|amount| promised_of(&docket, &clocks, *amount));
        Ok(Waiting { promised, since, lies })
    }

    /// Counts what waits in the cases that somebody acted in, that an office promises something else for, or whose day has come; how many cases
    /// were counted. A case that cannot be read stops no other.
    ///
    /// # Errors
    /// The store.
    pub async fn recount_waiting(&self, today: CivilDate) -> Result<usize, Refusal> {
        let mut promises: BTreeMap<OfficeId, Promises> = BTreeMap::new();
        let (mut counted, mut after) = (0, None);
        loop {
            let page = self.store().uncounted(today, after, PAGE).await?;
            for case in &page {
                match self.recount_waiting_of(*case, today, &mut promises).await {
                    Ok(()) => counted += 1,
                    Err(refusal) => tracing::error!(%case, %refusal, "what waits in a case could not be counted"),
                }
            }
            match page.last() {
                Some(last) => after = Some(*last),
                None => return Ok(counted),
            }
        }
    }

    async fn recount_waiting_of(
        &self,
        case: CaseId,
        today: CivilDate,
        promises: &mut BTreeMap<OfficeId, Promises>,
    ) -> Result<(), Refusal> {
        let Some(row) = self.store().case(case).await? else { return Ok(()) };
        let office = row.head.office;
        let own = match promises.get(&office) {
            Some(known) => known.clone(),
            None => self.promises(office).await?,
        };
        let loaded = self.load(row).await?;
        let waiting = self.count_waiting(&loaded, &own, today)?;
        promises.insert(office, own);
        self.store().put_waiting(case, loaded.row.events, today, &waiting).await?;
        Ok(())
    }

    /// Open cases of a territory whose promise went by or in which nothing is done, the longest first.
    pub(super) async fn waiting_over(
        &self,
        of: Territory,
        today: CivilDate,
        limit: u32,
    ) -> Result<Vec<WaitingCase>, Refusal> {
        let mut out = Vec::new();
        for (case, waiting) in self.store().waiting_over(of, today, limit).await? {
            let Some(row) = self.store().case(case).await? else { continue };
            out.push(WaitingCase { row, waiting });
        }
        Ok(out)
    }

    /// How many there are of both.
    pub(super) async fn waiting_counts(&self, of: Territory, today: CivilDate) -> Result<WaitingCounts, Refusal> {
        Ok(self.store().waiting_counts(of, today).await?)
    }

    /// What waits in the cases of a list that this account was shown.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn waiting_in(&self, by: By, cases: &[CaseId]) -> Result<BTreeMap<CaseId, Waiting>, Refusal> {
        by.needs(Permission::SeeCases)?;
        Ok(self.store().waiting_of(cases).await?)
    }
}
