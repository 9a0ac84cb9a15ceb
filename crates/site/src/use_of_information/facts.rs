//! The facts of use by officers, and by citizens under an order of the authority or on their own request, as accounts and rows say at this moment.
//!
//! Always true: a fact comes from accounts, rows, the signed order and what the custodian ticked, never from the form alone; what is to be
//! seen of a citizen's papers when the session opens is taken as given before, and asked again then.

use crate::{Actor, Site};
use base::Refusal;
use domain::access::{Permission, Role};
use domain::viewing::{Application, Basis, Own, Seen, Use};
use law::{
    Act, BasisKind, CitizenBasis, CitizenViewing, EvidenceRetrieval, HandOut, OfficialAccess, OrganKind, PlaceKind,
    Relation,
};
use store::accounts::Account;

/// What a request is to the law.
#[derive(Clone, Debug)]
pub(crate) enum Facts {
    /// Officers of the police.
    Officers(OfficialAccess),
    /// A citizen, on papers of the police or with the unit's consent: one act for each kind of place that the cameras cover.
    Citizen(Vec<Act>),
}

impl Facts {
    /// The acts of looking at it.
    pub(crate) fn to_view(&self) -> Vec<Act> {
        match self {
            Self::Officers(facts) => vec![Act::OfficialView(*facts)],
            Self::Citizen(acts) => acts.clone(),
        }
    }

    /// The acts of copying it.
    pub(crate) fn to_copy(&self) -> Vec<Act> {
        match self {
            Self::Officers(facts) => vec![Act::OfficialCopy(*facts)],
            Self::Citizen(acts) => acts.clone(),
        }
    }

    /// The acts that a request asks for.
    pub(crate) fn wanted(&self, wanted: Use) -> Vec<Act> {
        match wanted {
            Use::View => self.to_view(),
            Use::Copy => self.to_copy(),
        }
    }

    /// The acts of handing a copy out; `sealed`: it was made, verified and hashed.
    pub(crate) fn to_hand_out(&self, sealed: bool) -> Vec<Act> {
        let handed = |act: &Act| match act {
            Act::RetrieveEvidence(facts) => Act::RetrieveEvidence(EvidenceRetrieval { sealed, ..*facts }),
            other => *other,
        };
        match self {
            Self::Officers(facts) => vec![Act::Export(HandOut::of(facts, sealed))],
            Self::Citizen(acts) => acts.iter().map(handed).collect(),
        }
    }
}

/// What a citizen's viewing is at one kind of place. What the police examined before they issued their paper (right, secrets, burden of proof)
/// stands behind the signed order; the rest is what the custodian saw.
const fn citizen_act(basis: Basis, place: PlaceKind, seen: Seen, covered: bool) -> Act {
    if matches!(basis, Basis::BurdenOfProof) {
        return Act::RetrieveEvidence(EvidenceRetrieval {
            place,
            burden_of_proof: true,
            application_proved: true,
            police_papers: seen.paper,
            registered: true,
            sealed: true,
        });
    }
    Act::CitizenView(CitizenViewing {
        place,
        basis: CitizenBasis::OwnRight,
        own_right_concerned: true,
        id_card_shown: seen.identity,
        police_document: seen.paper,
        no_state_secret: true,
        no_state_security: true,
        others_privacy_kept: !covered || seen.others_kept,
        relation: Relation::Other,
        need_shown: false,
        unit_consents: false,
        registered: true,
    })
}

/// What a citizen's viewing is at one kind of place, where the unit itself was asked (Order 799 art. 21). The gate is asked when the unit consents
/// and after it has: nothing is shown to anybody without the grant.
const fn own_act(own: Own, place: PlaceKind, seen: Seen) -> Act {
    Act::CitizenView(CitizenViewing {
        place,
        basis: CitizenBasis::LifeHealthProperty,
        own_right_concerned: false,
        id_card_shown: seen.identity,
        police_document: false,
        no_state_secret: own.plain,
        no_state_security: own.plain,
        others_privacy_kept: seen.others_kept,
        relation: own.proved(),
        need_shown: own.need,
        unit_consents: true,
        registered: true,
    })
}

/// The law's word for a ground.
pub(super) const fn basis_kind(basis: Basis) -> BasisKind {
    match basis {
        Basis::CriminalInvestigation => BasisKind::CriminalInvestigation,
        Basis::EmergencyInvestigation => BasisKind::EmergencyInvestigation,
        // An administrative case is one of the other duties of B-27-1; A-24-1 does not know it.
        Basis::AdministrativeCase | Basis::StatutoryDuty => BasisKind::StatutoryDuty,
        // What is allowed to a citizen is no ground of an organ.
        Basis::OwnRight | Basis::BurdenOfProof | Basis::LifeHealthProperty => BasisKind::NoBasis,
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

    /// Accounts of a request that may act now: officers, or for a citizen the unit's own people. Each account once.
    pub(crate) async fn people_of(&self, app: &Application, ids: &[base::AccountId]) -> Result<Vec<Account>, Refusal> {
        if !app.is_for_citizen() {
            return self.officers(ids).await;
        }
        let mut out: Vec<Account> = Vec::new();
        for id in ids {
            if out.iter().any(|a| a.id == *id) {
                continue;
            }
            let account = self.store().account(*id).await?;
            out.extend(account.filter(is_staff));
        }
        Ok(out)
    }

    /// The facts of a stored request now. `seen`: what was seen of a citizen's papers; `None` before they are looked at.
    pub(crate) async fn facts_of_request(&self, app: &Application, seen: Option<Seen>) -> Result<Facts, Refusal> {
        if !app.is_for_citizen() {
            let officers = self.officers(&app.officers).await?;
            return Ok(Facts::Officers(official_facts(app, &officers, app.letter.is_some())));
        }
        let covered = app.under.as_ref().is_some_and(|under| under.covered.is_some());
        // No session opens without them: it asks again with what was seen.
        let seen = seen.unwrap_or(Seen { identity: true, paper: true, others_kept: true });
        let mut acts: Vec<Act> = Vec::new();
        for camera in &app.cameras {
            let row = self.store().camera(*camera).await?;
            let kind = row.and_then(|row| PlaceKind::parse(&row.place_kind));
            let place = kind.unwrap_or(PlaceKind::OtherPrivate);
            let act = match app.own {
                Some(own) => own_act(own, place, seen),
                None => citizen_act(app.basis, place, seen, covered),
            };
            if !acts.contains(&act) {
                acts.push(act);
            }
        }
        Ok(Facts::Citizen(acts))
    }
}

/// Somebody of the unit who works with its footage.
pub(super) fn is_staff(account: &Account) -> bool {
    account.disabled.is_none() && account.role.may(Permission::PlayBack)
}

/// `姓名（警号）` of each officer, one a line: what the register keeps sealed. Who has no badge has the name of the unit there.
pub(crate) fn persons(officers: &[Account]) -> base::Pii<String> {
    let line = |o: &Account| {
        let badge = o.badge.as_ref().map_or(o.unit.as_str(), |b| b.expose().as_str());
        format!("{}（{badge}）", o.name.expose())
    };
    base::Pii::new(officers.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The account's own actor, for entries about it.
pub(super) fn actor(account: &Account) -> Actor {
    account.clone().into()
}
