//! Absences: who is away from when until when, and who of the same office and seat stands in.
//!
//! ```text
//! the person or the administrator ─▶ same office? a seat both have? days in order? ─▶ Store::add_absence
//! act in a case ─▶ stands_for (today) ─▶ engine: the handler's place is open to them, every rule about persons asks who really acts
//! ```
//! Always true: standing in gives no permission and no seat; nobody stands in for themselves; what an absent head would decide any head of the
//! office decides, and never what they handled.

use super::bad;
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, Refusal, Text};
use domain::access::Permission;
use store::casework::absences::{AbsencePut, AbsenceRow, NewAbsence};

/// Longest absence that is entered at once: a year, so that a slip of the pen in the year is found.
const LONGEST: i32 = 366;

/// An absence as it is typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AbsenceForm {
    /// Who is absent.
    pub account: AccountId,
    /// Who stands in.
    pub stand_in: AccountId,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
}

fn not_yours() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "no_permission",
        Text::new("离岗由本人或者系统管理员登记。", "An absence is entered by the person or the administrator."),
        Text::new("请由本人或者系统管理员办理。", "Let one of them do it."),
    )
}

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

impl Authority {
    /// The person themselves, or the administrator.
    fn may_enter(by: By, account: AccountId) -> Result<AccountId, Refusal> {
        let own = by.account == account && by.role.may(Permission::SeeCases);
        if own || by.role.may(Permission::ManageOffices) { Ok(by.account) } else { Err(not_yours()) }
    }

    /// Absences of an office that run or are to come, the nearest first.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn absences(&self, by: By, office: OfficeId) -> Result<Vec<AbsenceRow>, Refusal> {
        if !by.role.may(Permission::SeeCases) {
            by.needs(Permission::ManageOffices)?;
        }
        Ok(self.store().absences_of(office, self.now().shanghai_date()).await?)
    }

    /// Enters an absence and who stands in.
    ///
    /// # Errors
    /// No permission; `no_office`; `absence_days`, `stand_in` (another office, no common seat, the same person), `absence_overlaps`,
    /// `absence_chain`, `absence_full`; or the store.
    pub async fn put_absence(&self, by: By, form: &AbsenceForm) -> Result<u64, Refusal> {
        let acting = Self::may_enter(by, form.account)?;
        let now = self.now();
        let (today, last) = (now.shanghai_date(), form.from.plus_days(LONGEST));
        if form.until < form.from || form.until < today || form.until > last {
            let what = Text::new(
                "离岗的最后一天不得早于第一天和今天，一次至多一年。",
                "The last day is not before the first or today, and at most a year after the first.",
            );
            return Err(bad("absence_days", what));
        }
        let away = self.officer_row(form.account).await?;
        let stands = self.store().officer(form.stand_in).await?.filter(|o| o.office == away.office);
        let fits = stands.is_some_and(|o| o.seats.iter().any(|seat| away.seats.contains(seat)));
        if !fits || form.stand_in == form.account {
            let what = Text::new(
                "代为办理的人须是同一机构、同一岗位的其他人员。",
                "Whoever stands in is another person of the same office and seat.",
            );
            return Err(bad("stand_in", what));
        }
        let row = NewAbsence {
            account: form.account,
            stand_in: form.stand_in,
            office: away.office,
            from: form.from,
            until: form.until,
        };
        let next = Text::new("请先结束或者改期。", "End the other first, or choose other days.");
        match self.store().add_absence(&row, acting, now).await? {
            AbsencePut::Done(entry) => Ok(entry),
            AbsencePut::Overlaps => {
                let what = Text::new("这些天已经登记了离岗。", "An absence is entered for some of these days.");
                Err(conflict("absence_overlaps", what, next))
            }
            AbsencePut::Chain => {
                let what = Text::new(
                    "代为办理的人在这些天也离岗，或者本人在这些天正代他人办理。",
                    "Whoever stands in is absent then too, or the person stands in for somebody on these days.",
                );
                Err(conflict("absence_chain", what, next))
            }
            AbsencePut::Full => {
                let what = Text::new("此人登记的离岗已达上限。", "No more absences are kept of this person.");
                Err(conflict("absence_full", what, next))
            }
        }
    }

    /// Ends an absence before its last day.
    ///
    /// # Errors
    /// No permission; `not_found` for one that is over or ended; or the store.
    pub async fn end_absence(&self, by: By, absence: u64) -> Result<OfficeId, Refusal> {
        let gone = || Refusal::not_found("这条离岗登记", "absence");
        let row = self.store().absence(absence).await?.ok_or_else(gone)?;
        let acting = Self::may_enter(by, row.absence.account)?;
        if self.store().end_absence(absence, acting, self.now()).await? { Ok(row.absence.office) } else { Err(gone()) }
    }

    /// Those of the same office for whom an account stands in today.
    ///
    /// # Errors
    /// The store.
    pub async fn stands_for(&self, account: AccountId) -> Result<Vec<AccountId>, Refusal> {
        Ok(self.store().stands_for(account, self.now().shanghai_date()).await?)
    }
}
