//! Delegations: a head gives somebody the power to decide named procedures, in writing and for a time; who decides by which one.
//!
//! ```text
//! head ─▶ put_delegation ─▶ to whom? of what? does the law allow it (domain::casework::may_delegate)? days ─▶ Store::add_delegation (number, entry)
//! act `Decide`, `SendBack` of somebody who is no head here ─▶ in_heads_place: holds today? the giver still heads the office? the deputy still
//!   sits there, or heads an office above? ─▶ the head's seat, with the number of the paper ─▶ engine ─▶ event `decided` names the paper
//! ```
//! Always true: only a head gives, of their own office, and never to themselves; no power goes on to a third; what the law leaves to the person
//! responsible for the organ is given to nobody; a power is asked for anew at every act, and ends with its day, its withdrawal or its
//! giver's seat; who keeps out of a case gives none in it; it opens the decision, and shows
//! somebody of the office the cases that its head is shown (`who::reach`), and nothing else.

use super::{CaseView, bad};
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, Refusal, Text};
use domain::access::Permission;
use domain::casework::{Case, CaseAct, MOST_DELEGATED, Seat, Who, may_delegate, node};
use law::Procedure;
use store::casework::Territory;
use store::casework::delegations::{DelegationPut, DelegationRow, LISTED, NewDelegation};
use store::casework::numbers::{Numbering, Series};
use store::casework::offices::OfficerRow;

/// Longest time of one delegation: a year, our own choice, so that a slip of the pen in the year is found.
const LONGEST: i32 = 366;
/// Word of the series of their numbers.
const SERIES: &str = "delegation";

/// A delegation as it is typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DelegationForm {
    /// Who decides in the head's place.
    pub deputy: AccountId,
    /// Words of the procedures.
    pub procedures: Vec<String>,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
}

/// In whose place somebody decides: by which paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct HeadsPlace {
    /// Number of the delegation.
    pub number: String,
}

impl HeadsPlace {
    /// The same person in the head's seat of the office.
    pub(super) fn seated(&self, who: &Who, office: OfficeId) -> Who {
        Who { seat: Seat::Head, office: Some(office), ..who.clone() }
    }
}

/// The act is one that the head takes in this procedure.
fn is_heads_act(procedure: &Procedure, act: &CaseAct) -> bool {
    match act {
        CaseAct::Decide { outcome, .. } => node(procedure, outcome).is_some_and(|n| n.seat(procedure) == Seat::Head),
        CaseAct::SendBack { .. } => true,
        _ => false,
    }
}

/// The delegation is of the decision of this case, and whoever gave it need not keep out of it: who keeps out has no power there to give.
fn gives_in(row: &DelegationRow, case: &Case) -> bool {
    row.covers(case.office, &case.procedure) && !case.is_recused(row.given.giver)
}

fn sits(row: &OfficerRow, seat: Seat) -> bool {
    row.seats.iter().any(|s| s == seat.code())
}

impl Authority {
    /// Whether somebody can be given the power of an office: `Some(true)` a head of an office above, `Some(false)` somebody of the office itself who
    /// heads it not, `None` nobody else.
    async fn deputy_place(&self, deputy: AccountId, office: OfficeId) -> Result<Option<bool>, Refusal> {
        let Some(row) = self.store().officer(deputy).await? else { return Ok(None) };
        if self.store().account(deputy).await?.is_none_or(|a| a.disabled.is_some()) {
            return Ok(None);
        }
        let heads = sits(&row, Seat::Head);
        if row.office == office {
            return Ok((!heads).then_some(false));
        }
        let above = heads && self.store().is_under(row.office, office).await?;
        Ok(above.then_some(true))
    }

    /// Who can be given the power of an office, each with whether they head an office above.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn possible_deputies(&self, by: By, office: OfficeId) -> Result<Vec<(AccountId, bool)>, Refusal> {
        by.needs(Permission::ApproveCases)?;
        let mut rows = self.store().officers_of(office).await?;
        for above in self.store().offices().await? {
            if above.id != office && self.store().is_under(above.id, office).await? {
                rows.extend(self.store().officers_of(above.id).await?.into_iter().filter(|row| sits(row, Seat::Head)));
            }
        }
        let mut out = Vec::new();
        for row in rows.iter().filter(|row| row.account != by.account) {
            out.extend(self.deputy_place(row.account, office).await?.map(|leads| (row.account, leads)));
        }
        Ok(out)
    }

    /// The procedures whose decision can be delegated here.
    ///
    /// # Errors
    /// The store.
    pub async fn delegable(&self) -> Result<Vec<&Procedure>, Refusal> {
        let (packs, today) = (self.gate().packs(), self.now().shanghai_date());
        let site = self.site_profile().await?;
        let reaches = |p: &Procedure| {
            p.clauses.iter().any(|id| packs.clause(id).is_some_and(|(pack, _)| pack.reaches(site.jurisdiction)))
        };
        let here = packs.procedures().iter().filter(|p| p.in_force(today) && reaches(p));
        Ok(here.filter(|p| may_delegate(packs, p).is_ok()).collect())
    }

    /// What is wrong with what is given.
    async fn given(&self, by: By, form: &DelegationForm, office: OfficeId) -> Result<(), Refusal> {
        if form.deputy == by.account {
            let what = Text::new("不能委托自己。", "Nobody gives a power to themselves.");
            return Err(bad("deputy", what));
        }
        if self.deputy_place(form.deputy, office).await?.is_none() {
            let what = Text::new(
                "受委托的人须是本机构负责人以外的在册人员，或者上级机构的负责人。",
                "The power goes to somebody of this office who does not head it, or to a head of an office above.",
            );
            return Err(bad("deputy", what));
        }
        if form.procedures.is_empty() || form.procedures.len() > MOST_DELEGATED {
            let what = Text::new("请选择委托哪些事项。", "Choose what is delegated.");
            return Err(bad("procedures", what));
        }
        let (packs, offered) = (self.gate().packs(), self.delegable().await?);
        for word in &form.procedures {
            let unknown = || bad("procedures", Text::new("没有这个事项。", "There is no such procedure."));
            let procedure = packs.procedure(word).ok_or_else(unknown)?;
            may_delegate(packs, procedure)?;
            offered.iter().find(|p| p.id == *word).ok_or_else(unknown)?;
        }
        Ok(())
    }

    /// Gives somebody the power to decide, under the next number of the office; the place of its entry, and its number.
    ///
    /// # Errors
    /// No permission, `no_office`; `deputy`, `procedures`, `not_delegable`, `delegation_unlawful`, `delegation_days`, `delegation_full`; or the
    /// store.
    pub async fn put_delegation(&self, by: By, form: &DelegationForm) -> Result<(u64, String), Refusal> {
        let giver = by.needs(Permission::ApproveCases)?;
        let office = self.officer_row(giver).await?.office;
        let now = self.now();
        let today = now.shanghai_date();
        if form.until < form.from || form.from < today || form.until > form.from.plus_days(LONGEST) {
            let what = Text::new(
                "委托自今天或者以后的日期起，最后一天不得早于第一天，一次至多一年。",
                "A delegation begins today or later; its last day is not before the first, and at most a year after it.",
            );
            return Err(bad("delegation_days", what));
        }
        self.given(by, form, office).await?;
        let row = self.store().office(office).await?.ok_or_else(|| Refusal::not_found("该机构", "office"))?;
        let (short, year) = (self.short_name(&row).await?, today.0.year());
        let numbering = Numbering {
            series: Series { office, series: SERIES.to_owned(), year },
            before: format!("{short}委〔{year}〕"),
            after: "号".to_owned(),
            width: 0,
        };
        let mut procedures = form.procedures.clone();
        procedures.sort();
        procedures.dedup();
        let new = NewDelegation { giver, deputy: form.deputy, office, procedures, from: form.from, until: form.until };
        match self.store().add_delegation(&new, (&numbering, &[]), now).await? {
            DelegationPut::Done(entry, number) => Ok((entry, number)),
            DelegationPut::Full => Err(Refusal::new(
                ErrorKind::Conflict,
                "delegation_full",
                Text::new("您作出的委托已达上限。", "No more delegations are kept of you."),
                Text::new("请先收回不再需要的。", "Withdraw those that are not needed any more."),
            )),
        }
    }

    /// Withdraws a delegation: whoever gave it, or another head of the office.
    ///
    /// # Errors
    /// No permission, `no_office`; `not_found` for one that is over, withdrawn or of another office; or the store.
    pub async fn end_delegation(&self, by: By, delegation: u64) -> Result<OfficeId, Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        let own = self.officer_row(account).await?.office;
        let gone = || Refusal::not_found("这项委托", "delegation");
        let row = self.store().delegation(delegation).await?.filter(|row| row.given.office == own).ok_or_else(gone)?;
        if self.store().end_delegation(row.entry, account, self.now()).await? { Ok(own) } else { Err(gone()) }
    }

    /// Delegations of an office, those that are over too, the newest first.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn delegations(&self, by: By, office: OfficeId) -> Result<Vec<DelegationRow>, Refusal> {
        if !by.role.may(Permission::SeeCases) {
            by.needs(Permission::ManageOffices)?;
        }
        Ok(self.store().delegations_of(Territory::Office(office), LISTED).await?)
    }

    /// Delegations by which an account decides today: whoever gave them still heads the office, and the account has its place still.
    pub(super) async fn delegated_to(&self, account: AccountId) -> Result<Vec<DelegationRow>, Refusal> {
        let mut out = Vec::new();
        for row in self.store().delegations_to(account, self.now().shanghai_date()).await? {
            let has_place = self.deputy_place(account, row.given.office).await?.is_some();
            if has_place && self.heads_at(row.given.office).await?.contains(&row.given.giver) {
                out.push(row);
            }
        }
        Ok(out)
    }

    /// The decisions that an account takes by them: offices and words of procedures.
    pub(super) async fn decisions_given(&self, account: AccountId) -> Result<Vec<(OfficeId, String)>, Refusal> {
        let rows = self.delegated_to(account).await?.into_iter();
        let packs = self.gate().packs();
        let may = |id: &String| packs.procedure(id).is_some_and(|p| may_delegate(packs, p).is_ok());
        let of = |row: DelegationRow| {
            let office = row.given.office;
            row.given.procedures.into_iter().filter(may).map(move |id| (office, id))
        };
        Ok(rows.flat_map(of).collect())
    }

    /// It gives the decision of a case.
    fn is_given(&self, row: &DelegationRow, procedure: &Procedure, case: &Case) -> bool {
        gives_in(row, case) && may_delegate(self.gate().packs(), procedure).is_ok()
    }

    /// In whose place somebody acts who is no head of the office: by the newest delegation that holds; `None`: by none.
    pub(super) async fn in_heads_place(
        &self,
        who: &Who,
        procedure: &Procedure,
        case: &Case,
        act: &CaseAct,
    ) -> Result<Option<HeadsPlace>, Refusal> {
        let is_head = who.seat == Seat::Head && who.office == Some(case.office);
        if is_head || who.office.is_none() || !is_heads_act(procedure, act) {
            return Ok(None);
        }
        let rows = self.delegated_to(who.account).await?;
        let found = rows.into_iter().find(|row| self.is_given(row, procedure, case));
        Ok(found.map(|row| HeadsPlace { number: row.number }))
    }

    /// Number of the delegation by which this account can decide what is proposed in a case; `None`: it cannot, or is a head of the office.
    ///
    /// # Errors
    /// The store.
    pub async fn decides_by(&self, by: By, view: &CaseView) -> Result<Option<String>, Refusal> {
        let Some(row) = self.store().officer(by.account).await? else { return Ok(None) };
        let case = &view.case;
        let is_head = sits(&row, Seat::Head) && row.office == case.office;
        if is_head || case.assigned == Some(by.account) || case.is_recused(by.account) {
            return Ok(None);
        }
        let rows = self.delegated_to(by.account).await?;
        Ok(rows.into_iter().find(|row| self.is_given(row, view.procedure(), case)).map(|row| row.number))
    }
}
