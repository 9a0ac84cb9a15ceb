//! Who acts: from account and role to the engine's seat, office or party, and how far somebody sees.
//!
//! Always true: one role has one seat (an officer also the counter's); a seat of the organ has an office that an administrator entered; an
//! applicant has a party; nobody sees cases of another party; an officer, reviewer or publisher sees those of the own office, who heads or
//! supervises also those of the offices under it, as does who stands in for a head of the own office by a delegation that holds that day, and
//! who supervises without an office all. To see is not to act: every act asks for the office.

use super::follow::Loaded;
use crate::{Authority, By};
use base::{AccountId, CivilDate, ErrorKind, OfficeId, PartyId, Refusal, Text};
use domain::access::{Permission, Role};
use domain::casework::{Case, CaseAct, Seat, Who, is_ours, node};
use law::Procedure;
use std::collections::BTreeMap;
use store::casework::Territory;
use store::casework::offices::OfficerRow;

/// How far somebody sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// Every case.
    All,
    /// Cases of this office and of those under it.
    Under(OfficeId),
    /// Cases of this office.
    Office(OfficeId),
    /// Cases of this party.
    Party(PartyId),
}

impl Reach {
    /// The offices whose cases are within it; none for an applicant, whose cases have any office.
    pub(super) const fn territory(self) -> Option<Territory> {
        match self {
            Self::All => Some(Territory::All),
            Self::Under(top) => Some(Territory::Under(top)),
            Self::Office(own) => Some(Territory::Office(own)),
            Self::Party(_) => None,
        }
    }
}

/// The seat of a role; `None` for roles that act in no case.
pub(super) const fn seat_of(role: Role) -> Option<Seat> {
    match role {
        Role::Applicant => Some(Seat::Applicant),
        Role::CaseOfficer => Some(Seat::Officer),
        Role::CaseApprover => Some(Seat::Head),
        Role::LegalReviewer => Some(Seat::LegalReviewer),
        Role::Publisher => Some(Seat::Publisher),
        _ => None,
    }
}

/// What an account must hold to act from a seat.
const fn permission_of(seat: Seat) -> Permission {
    match seat {
        Seat::Applicant => Permission::Apply,
        Seat::Counter | Seat::Officer | Seat::Outside => Permission::HandleCases,
        Seat::Head => Permission::ApproveCases,
        Seat::LegalReviewer => Permission::ReviewCases,
        Seat::Publisher => Permission::PublishRecords,
    }
}

/// An officer who enters what a person does sits at the counter for it: whoever handles the case, papers and words of the party are taken.
pub(super) fn seated(who: Who, procedure: &Procedure, act: &CaseAct) -> Who {
    let counter = match act {
        CaseAct::Abandon { .. } => !is_ours(procedure.applicant),
        CaseAct::GivePaper { material, .. } => procedure.materials.iter().any(|m| m.id == *material),
        CaseAct::Done { step, .. } | CaseAct::Fill { step, .. } => {
            node(procedure, step).is_some_and(|n| n.seat(procedure) == Seat::Applicant)
        }
        _ => false,
    };
    if counter && who.seat == Seat::Officer { Who { seat: Seat::Counter, ..who } } else { who }
}

fn no_office() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "no_office",
        Text::new("该账号还没有登记所属机构。", "No office is entered for this account."),
        Text::new(
            "请系统管理员先登记该账号所在的机构和执法证件。",
            "The administrator has to name its office and certificate first.",
        ),
    )
}

fn no_party() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "no_party",
        Text::new("该账号还没有登记本单位或者本人的信息。", "No unit or person is entered for this account."),
        Text::new(
            "请打开“我的办件”，按页面所写到窗口关联账号。",
            "Open \"My cases\": it says how the account is joined at the counter.",
        ),
    )
}

fn no_seat() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "no_permission",
        Text::new("当前账号没有此项权限。", "This account has no right to do that."),
        Text::new("请由有权限的人员操作。", "Ask somebody whose role holds it."),
    )
}

/// Whoever was decided to keep out of a case does nothing in it, beside its events too: orders, documents, visits.
pub(crate) fn not_kept_out(case: &Case, account: AccountId) -> Result<(), Refusal> {
    if !case.is_recused(account) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "recused",
        Text::new("您已被决定回避本案。", "You are recused from this case."),
        Text::new("请由其他人员办理。", "Somebody else has to act in it."),
    ))
}

impl Authority {
    /// Office, seats and certificate of an account of the organ.
    pub(super) async fn officer_row(&self, account: AccountId) -> Result<OfficerRow, Refusal> {
        self.store().officer(account).await?.ok_or_else(no_office)
    }

    /// The party of an applicant's account.
    pub(super) async fn own_party(&self, account: AccountId) -> Result<PartyId, Refusal> {
        self.store().party_of(account).await?.ok_or_else(no_party)
    }

    /// Who acts, from the seat of the role.
    pub(super) async fn who(&self, by: By) -> Result<Who, Refusal> {
        let seat = seat_of(by.role).ok_or_else(no_seat)?;
        let account = by.needs(permission_of(seat))?;
        if seat == Seat::Applicant {
            let party = Some(self.own_party(account).await?);
            return Ok(Who { account, seat, office: None, party, certificate_until: None });
        }
        let row = self.officer_row(account).await?;
        Ok(Who { account, seat, office: Some(row.office), party: None, certificate_until: row.valid_until })
    }

    /// How far an account sees.
    pub(super) async fn reach(&self, by: By) -> Result<Reach, Refusal> {
        if by.role.may(Permission::SuperviseCases) {
            let row = self.store().officer(by.account).await?;
            return Ok(row.map_or(Reach::All, |row| Reach::Under(row.office)));
        }
        if by.role.may(Permission::Apply) {
            return Ok(Reach::Party(self.own_party(by.account).await?));
        }
        let account = by.needs(Permission::SeeCases)?;
        let own = self.officer_row(account).await?.office;
        let is_head = by.role.may(Permission::ApproveCases) || self.stands_in(account, own).await?;
        Ok(if is_head { Reach::Under(own) } else { Reach::Office(own) })
    }

    /// A head of this office gave the account a power that holds today: then it finds what that head finds.
    async fn stands_in(&self, account: AccountId, office: OfficeId) -> Result<bool, Refusal> {
        Ok(self.delegated_to(account).await?.iter().any(|row| row.given.office == office))
    }

    /// Whether a thing of this office and party is within a reach.
    pub(super) async fn within(&self, reach: Reach, office: OfficeId, party: Option<PartyId>) -> Result<bool, Refusal> {
        Ok(match reach {
            Reach::All => true,
            Reach::Under(top) => self.store().is_under(top, office).await?,
            Reach::Office(own) => own == office,
            Reach::Party(own) => party == Some(own),
        })
    }

    /// Whether this office is the account's own.
    pub(crate) async fn works_at(&self, account: AccountId, office: OfficeId) -> Result<bool, Refusal> {
        Ok(self.store().officer(account).await?.is_some_and(|row| row.office == office))
    }

    /// Who acts for this office: it is the account's own. Who stands above it sees what it does, and does nothing in its place.
    pub(crate) async fn acts_for(&self, account: AccountId, office: OfficeId) -> Result<(), Refusal> {
        if self.officer_row(account).await?.office == office {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorKind::Forbidden,
            "other_office",
            Text::new("这由另一机关办理，您只能查看。", "Another office handles this; you may only look at it."),
            Text::new("请由办理的机关操作。", "The office that handles it acts."),
        ))
    }

    /// A case that this account may know of; of any other it is not told whether there is one.
    pub(super) async fn known_case(&self, by: By, id: base::CaseId) -> Result<(Reach, Loaded), Refusal> {
        let reach = self.reach(by).await?;
        let row = self.store().case(id).await?.ok_or_else(super::no_case)?;
        if !self.within(reach, row.head.office, row.head.party).await? {
            return Err(super::no_case());
        }
        Ok((reach, self.load(row).await?))
    }

    /// The officers of an office, each with the last day of the certificate.
    pub(super) async fn officers_at(
        &self,
        office: OfficeId,
    ) -> Result<BTreeMap<AccountId, Option<CivilDate>>, Refusal> {
        let rows = self.store().officers_of(office).await?.into_iter();
        let sits = |row: &OfficerRow| row.seats.iter().any(|seat| seat == Seat::Officer.code());
        Ok(rows.filter(sits).map(|row| (row.account, row.valid_until)).collect())
    }
}
