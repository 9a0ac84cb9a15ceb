//! Clocks that change without anybody acting: a day goes by, a notice of holidays comes with other packs.
//!
//! ```text
//! rows of registers and documents that an older program wrote ─▶ index_rows, key_all_rows, index_documents: found by the words of now
//! cases that an older program wrote ─▶ mark_cases: what they wait for, and what they are found by
//! rows that were written since ─▶ key_new_rows, each minute: lists that are narrowed find them (`row_keys`)
//! rows of places and systems that were not compared yet ─▶ compare_places
//! periods of bulletins that are over ─▶ begin_bulletins: a case each, once
//! running clocks whose last day is over ─┐
//! clocks whose day may still move ───────┴▶ load ─▶ clocks ─▶ put_clocks (no entry: they follow from the events and the law)
//! cases with no count of what waits in them ─▶ recount_waiting, each minute: promises and cases that lie (`waiting`)
//! public registers ─▶ put_register_states: what each was at the end of the day before, entered where it changed
//! requests that were handed on to units and are past their term ─▶ erase_relays: they name nobody any more
//! footage of cases that are over, and that nobody can fight any more ─▶ release_over: an order to let it go
//! ```
//! Always true: what is counted anew is what the case has now, and nothing when somebody acted meanwhile, for that act counted itself; one
//! case that cannot be read stops no other.

use super::follow::{clock_rows, next_due, procedure_of};
use crate::Authority;
use base::{CaseId, CivilDate, Refusal};
use domain::casework::{Docket, clocks};
use std::collections::BTreeSet;
use std::time::Duration;
use store::casework::worklist::PAGE;

/// Rows that are indexed anew in one transaction: acts of people wait no longer.
const ROWS_AT_ONCE: u32 = 50;
/// Between two looks whether the day has changed.
const LOOK: Duration = Duration::from_secs(60);

impl Authority {
    /// Counts the clocks anew that `today` may have changed; how many cases were counted.
    ///
    /// # Errors
    /// The store.
    pub async fn recount(&self, today: CivilDate) -> Result<usize, Refusal> {
        let mut counted = 0;
        for case in self.stale(today).await? {
            match self.recount_one(case, today).await {
                Ok(()) => counted += 1,
                Err(refusal) => tracing::error!(%case, %refusal, "the clocks of a case could not be counted"),
            }
        }
        Ok(counted)
    }

    /// Cases with a clock that ran out, or whose day may have moved.
    async fn stale(&self, today: CivilDate) -> Result<BTreeSet<CaseId>, Refusal> {
        let mut cases = BTreeSet::new();
        let mut after = None;
        loop {
            let page = self.store().due_clocks(today, after.as_ref(), PAGE).await?;
            cases.extend(page.iter().map(|clock| clock.case));
            match page.last() {
                Some(last) => after = Some(last.clone()),
                None => break,
            }
        }
        let mut after = None;
        loop {
            let page = self.store().cases_to_count_anew(after, PAGE).await?;
            cases.extend(page.iter().copied());
            match page.last() {
                Some(last) => after = Some(*last),
                None => break,
            }
        }
        Ok(cases)
    }

    async fn recount_one(&self, id: CaseId, today: CivilDate) -> Result<(), Refusal> {
        let Some(row) = self.store().case(id).await? else { return Ok(()) };
        let loaded = self.load(row).await?;
        let procedure = procedure_of(self.gate(), &loaded.case.procedure)?;
        let docket = Docket { packs: self.gate().packs(), procedure, case: &loaded.case, today };
        let clocks = clocks(&docket);
        let next = next_due(&clocks);
        // Somebody acted meanwhile: their act has counted.
        self.store().put_clocks(id, loaded.row.events, &clock_rows(&clocks), next.as_ref()).await?;
        Ok(())
    }

    /// Makes rows that an older program wrote be found by the words of now; how many there were.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn index_rows(&self) -> Result<usize, Refusal> {
        let mut all = 0;
        loop {
            match self.store().index_rows(ROWS_AT_ONCE).await? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }

    /// What each day brings. What fails stops nothing else: footage is let go though no bulletin can be begun.
    async fn day(&self, today: CivilDate) -> Result<(), Refusal> {
        let found = self.index_rows().await.map(drop);
        let keyed = self.key_all_rows().await;
        let papers = self.index_documents().await.map(drop);
        let marked = self.mark_cases().await.map(drop);
        let counted = self.recount(today).await.map(drop);
        let compared = self.compare_places(usize::MAX).await.map(drop);
        let begun = self.begin_bulletins(today).await.map(drop);
        let released = self.release_over(today).await.map(drop);
        let states = self.put_register_states(today).await.map(drop);
        let erased = self.erase_relays().await.map(drop);
        let clocks = found.and(keyed).and(papers).and(marked).and(counted).and(compared);
        clocks.and(begun).and(released).and(states).and(erased)
    }

    /// The loop: at the start, then each day. What fails is tried again a minute later.
    pub(crate) async fn count_days(self) {
        let mut counted: Option<CivilDate> = None;
        loop {
            let today = self.now().shanghai_date();
            if counted != Some(today) {
                match self.day(today).await {
                    Ok(()) => counted = Some(today),
                    Err(refusal) => tracing::error!(%refusal, "the day's work on cases is not done; trying again"),
                }
            }
            if let Err(refusal) = self.key_new_rows().await {
                tracing::error!(%refusal, "new rows of registers are not keyed; trying again");
            }
            if let Err(refusal) = self.recount_waiting(today).await {
                tracing::error!(%refusal, "what waits in cases is not counted; trying again");
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
