//! The facts of official use, as accounts and rows say at this moment.

use crate::{Actor, Site};
use base::Refusal;
use domain::access::Role;
use domain::viewing::{Application, Basis};
use law::{BasisKind, OfficialAccess, OrganKind};
use store::accounts::Account;

/// The law's word for a ground.
pub(super) const fn basis_kind(basis: Basis) -> BasisKind {
    match basis {
        Basis::CriminalInvestigation => BasisKind::CriminalInvestigation,
        Basis::EmergencyInvestigation => BasisKind::EmergencyInvestigation,
        // An administrative case is one of the other duties of B-27-1; A-24-1 does not know it.
        Basis::AdministrativeCase | Basis::StatutoryDuty => BasisKind::StatutoryDuty,
    }
}

/// Facts of a request in the hands of these officers. `registered`: the register line is written in the transaction of the act
/// itself, so an act without it cannot happen. `within_scope` is true here and judged to the millisecond by
/// `domain::viewing::in_scope` when footage is asked for; the form was held to 64 cameras and seven days.
pub(super) fn official_facts(app: &Application, officers: &[Account], letter_on_file: bool) -> OfficialAccess {
    let mut ids: Vec<_> = officers.iter().map(|o| o.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let badge = |o: &Account| o.badge.as_ref().is_some_and(|b| !b.expose().trim().is_empty());
    OfficialAccess {
        organ: if officers.is_empty() { OrganKind::NotAnOrgan } else { OrganKind::Police },
        basis: if app.case_number.trim().is_empty() { BasisKind::NoBasis } else { basis_kind(app.basis) },
        distinct_officers: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        badges_shown: !officers.is_empty() && officers.iter().all(badge),
        unit_letter: letter_on_file,
        registered: true,
        within_scope: true,
    }
}

impl Site {
    /// Accounts of officers that may act now: of the police role and not disabled. Each account once.
    pub(crate) async fn officers(&self, ids: &[base::AccountId]) -> Result<Vec<Account>, Refusal> {
        let mut out: Vec<Account> = Vec::new();
        for id in ids {
            if out.iter().any(|o| o.id == *id) {
                continue;
            }
            let account = self.store().account(*id).await?;
            out.extend(account.filter(|a| a.role == Role::PoliceOfficer && a.disabled.is_none()));
        }
        Ok(out)
    }

    /// The facts of a stored request now.
    pub(crate) async fn facts_of_request(&self, app: &Application) -> Result<OfficialAccess, Refusal> {
        let officers = self.officers(&app.officers).await?;
        Ok(official_facts(app, &officers, app.letter.is_some()))
    }
}

/// `姓名（警号）` of each officer, one a line: what the register keeps sealed.
pub(crate) fn persons(officers: &[Account]) -> base::Pii<String> {
    let line = |o: &Account| {
        let badge = o.badge.as_ref().map_or("", |b| b.expose().as_str());
        format!("{}（{badge}）", o.name.expose())
    };
    base::Pii::new(officers.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The account's own actor, for entries about it.
pub(super) fn actor(account: &Account) -> Actor {
    account.clone().into()
}
