//! What an office promises: by when it decides a service, where it wants to be faster than the law asks or the law sets no time.
//!
//! ```text
//! form of the office ─▶ put_promises ─▶ setting `office_promises:ID` (word of the procedure ─▶ number) ─▶ service page, receipt, my cases
//! ```
//! Always true: a promise is never longer than the term of the clause, and only the term of the clause decides what is late; each change is an
//! entry (`setting.changed`); a promise is counted as the term is, with the same stops, and where there is no term from the day on which all
//! was handed in. A promise that went by is told as such (`waiting`), never as late.

use super::waiting::LYING;
use super::{CaseView, bad};
use crate::{Authority, By};
use base::{CivilDate, OfficeId, Refusal, Text};
use domain::access::Permission;
use domain::casework::{COMPLETE, Case, CaseClock, Docket, is_ours};
use law::{Clock, Packs, Procedure, Sense, TermUnit, WorkCalendar};
use std::collections::BTreeMap;
use store::StoreError;
use store::casework::offices::OFFICES;

/// Longest promise where the law sets no term, working days: our own limit, against mistyped numbers.
pub const PROMISE_MOST: u32 = 366;
/// What the key of the setting begins with.
const KEY: &str = "office_promises:";

/// Numbers that an office promises, by the word of the procedure.
pub type Promises = BTreeMap<String, u32>;

/// The clock that a promise is about: of ours, the one that most outcomes end; `None`: the law sets no time to decide.
#[must_use]
pub fn promised_clock(procedure: &Procedure) -> Option<&Clock> {
    let decisions = |c: &Clock| c.ends.iter().filter(|e| procedure.outcomes.iter().any(|o| o.id == **e)).count();
    let of_the_organ = |c: &&Clock| is_ours(c.binds) && c.sense == Sense::Within && decisions(c) > 0;
    // An application that is not taken in ends a term before it: the one in which most decisions are made, of equals the first.
    procedure.clocks.iter().filter(of_the_organ).rev().max_by_key(|c| decisions(c))
}

/// Of what a promise is counted: as the term; working days where there is none.
#[must_use]
pub fn promise_unit(procedure: &Procedure) -> TermUnit {
    promised_clock(procedure).map_or(TermUnit::WorkingDays, |clock| clock.unit)
}

/// The most that may be promised for a procedure on a day.
#[must_use]
pub fn promise_most(packs: &Packs, procedure: &Procedure, on: CivilDate) -> u32 {
    let length = promised_clock(procedure).map(|clock| &clock.length);
    let legal = length.and_then(|l| l.amount.or_else(|| packs.value(&l.clause, &l.value, on)));
    legal.unwrap_or(PROMISE_MOST)
}

fn after(calendar: &WorkCalendar, start: CivilDate, working_days: u32) -> CivilDate {
    (0..working_days.min(PROMISE_MOST)).fold(start, |day, _| calendar.working_from(day.plus_days(1)))
}

/// The day by which a promise is kept in a case; `None`: it does not run yet, stands still, or the case is decided and the reader is told.
#[must_use]
pub fn promised_day(packs: &Packs, view: &CaseView, amount: u32) -> Option<CivilDate> {
    if view.row.head.closed.is_some() && !view.hides_decision() {
        return None;
    }
    promised_in((packs, view.procedure()), &view.case, &view.clocks_as_told(), amount)
}

/// The day on which all was handed in; none while something is awaited from who applied.
fn handed_in(procedure: &Procedure, case: &Case) -> Option<CivilDate> {
    let first = case.done(&procedure.steps.first()?.id)?.on;
    let Some(asked) = case.askings.last() else { return Some(first) };
    let completed = case.done(COMPLETE).filter(|done| done.index > asked.index)?;
    Some(completed.on)
}

/// As [`promised_day`], for a case and its clocks.
pub(super) fn promised_of(docket: &Docket<'_>, clocks: &[CaseClock], amount: u32) -> Option<CivilDate> {
    promised_in((docket.packs, docket.procedure), docket.case, clocks, amount)
}

fn promised_in(
    (packs, procedure): (&Packs, &Procedure),
    case: &Case,
    clocks: &[CaseClock],
    amount: u32,
) -> Option<CivilDate> {
    if case.outcome().is_some() {
        return None;
    }
    let Some(clock) = promised_clock(procedure) else {
        return Some(after(packs.calendar(), handed_in(procedure, case)?, amount));
    };
    let mut what = clocks.iter().find(|c| c.id == clock.id)?.deadline.as_ref()?.count.clone();
    what.legs.truncate(1);
    what.legs.first_mut()?.amount = amount.min(promise_most(packs, procedure, what.start));
    law::count(packs.calendar(), &what).ok()?.day()
}

fn read(text: Option<String>) -> Promises {
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

impl Authority {
    /// What an office promises. All of it is public, so anybody may read it.
    ///
    /// # Errors
    /// The store.
    pub async fn promises(&self, office: OfficeId) -> Result<Promises, Refusal> {
        Ok(read(self.store().setting(&format!("{KEY}{office}")).await?))
    }

    /// Which offices promise something for a procedure, and what.
    ///
    /// # Errors
    /// The store.
    pub async fn promises_of(&self, procedure: &str) -> Result<Vec<(OfficeId, u32)>, Refusal> {
        let rows = self.store().settings_under(KEY, OFFICES).await?.into_iter();
        let one = |(key, value): (String, String)| {
            let office = OfficeId::parse(key.strip_prefix(KEY)?)?;
            Some((office, *read(Some(value)).get(procedure)?))
        };
        Ok(rows.filter_map(one).collect())
    }

    /// Enters what an office promises: numbers as typed, by the word of the procedure; an empty text takes a promise back, a procedure that is not
    /// named keeps its own.
    ///
    /// # Errors
    /// No permission; `not_found`; `promise_<procedure>` for what is no number from 1 to the term of the clause, `promise_lying_still` for what the
    /// rule does not admit; or the store.
    pub async fn put_promises(
        &self,
        by: By,
        office: OfficeId,
        typed: &BTreeMap<String, String>,
    ) -> Result<(), Refusal> {
        let account = by.needs(Permission::ManageOffices)?;
        if self.store().office(office).await?.is_none() {
            return Err(Refusal::not_found("该机构", "office"));
        }
        let now = self.now();
        let packs = self.gate().packs();
        let before = self.promises(office).await?;
        let mut promises = before.clone();
        for (id, text) in typed {
            if text.trim().is_empty() {
                promises.remove(id);
                continue;
            }
            if id == LYING {
                promises.insert(id.clone(), self.lying_typed(text)?);
                continue;
            }
            let Some(procedure) = packs.procedure(id) else { continue };
            let most = promise_most(packs, procedure, now.shanghai_date());
            let amount = text.trim().parse::<u32>().ok().filter(|n| (1..=most).contains(n));
            let what = || {
                Text::of(
                    format!("承诺期限应为1至{most}的整数，不得长于法定期限。"),
                    format!("A promise is a whole number from 1 to {most}: never longer than the term set by law."),
                )
            };
            promises.insert(id.clone(), amount.ok_or_else(|| bad(&format!("promise_{id}"), what()))?);
        }
        if promises != before {
            let text = serde_json::to_string(&promises).map_err(|e| super::fault(&e))?;
            // Before it is set too: a crash in between leaves no count by the promises of before.
            self.store().forget_waiting(office).await?;
            let set = self.store().set_setting(&format!("{KEY}{office}"), &text, Some(account), now).await;
            set.map_err(StoreError::from)?;
            // What was counted by the promises of before is counted anew within a minute.
            self.store().forget_waiting(office).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn a_promise_is_about_the_decision_and_never_longer_than_the_law() {
        let packs = Packs::embedded().unwrap();
        let approval = packs.procedure("area_approval").unwrap();
        assert_eq!(promised_clock(approval).map(|c| c.id.as_str()), Some("decide"));
        let clock = approval.clock("decide").unwrap();
        let on = day("2026-11-20");
        assert_eq!(
            Some(promise_most(&packs, approval, on)),
            packs.value(&clock.length.clause, &clock.length.value, on)
        );
        let filing = packs.procedure("sales_filing").unwrap();
        assert!(promised_clock(filing).is_none() && promise_unit(filing) == TermUnit::WorkingDays);
        assert_eq!(promise_most(&packs, filing, on), PROMISE_MOST);
    }

    #[test]
    fn working_days_pass_over_days_off() {
        let packs = Packs::embedded().unwrap();
        // 2026-11-20 is a Friday.
        assert_eq!(after(packs.calendar(), day("2026-11-20"), 1), day("2026-11-23"));
        assert_eq!(after(packs.calendar(), day("2026-11-20"), 5), day("2026-11-27"));
        assert_eq!(
            after(packs.calendar(), day("2026-11-20"), u32::MAX),
            after(packs.calendar(), day("2026-11-20"), PROMISE_MOST)
        );
    }
}
