//! Facts of acts on a running system: sound, doors, arming, alarms, moving and masking, copies and publication, viewing by
//! citizens, taking a system into use. False is always the stricter value.

use crate::{BasisKind, Installer, OfficialAccess, OrganKind, PlaceKind, Placement};
use serde::{Deserialize, Serialize};

/// Hearing a place live, or speaking to it (A-14, B-15: sound is captured like pictures).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundUse {
    /// Kind of place heard or spoken to.
    pub place: PlaceKind,
    /// The person is designated for this work by the unit (B-22-1-2) and let in by access control (Order 799 art. 16).
    pub designated: bool,
    /// The purpose is the security of the place.
    pub security_purpose: bool,
}

/// Handing a made copy to the organ that asked for it. The request's own facts stand as for making it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOut {
    /// Kind of organ.
    pub organ: OrganKind,
    /// Legal basis, with its case or duty reference on file.
    pub basis: BasisKind,
    /// Different officers, each identified by a login of their own.
    pub distinct_officers: u32,
    /// Every one of them showed a work ID (badge number on file).
    pub badges_shown: bool,
    /// The unit's certifying document is on file.
    pub unit_letter: bool,
    /// The handing out is entered in the register.
    pub registered: bool,
    /// Cameras and minutes stay within what the duty needs.
    pub within_scope: bool,
    /// The copy is sealed: its content is hashed, chained and signed, so that a change shows (A-23-1, B-29-1-1).
    pub sealed: bool,
}

impl HandOut {
    /// A copy made under these facts.
    #[must_use]
    pub const fn of(access: &OfficialAccess, sealed: bool) -> Self {
        Self {
            organ: access.organ,
            basis: access.basis,
            distinct_officers: access.distinct_officers,
            badges_shown: access.badges_shown,
            unit_letter: access.unit_letter,
            registered: access.registered,
            within_scope: access.within_scope,
            sealed,
        }
    }

    /// The facts it shares with the making of the copy.
    pub(crate) const fn access(&self) -> OfficialAccess {
        OfficialAccess {
            organ: self.organ,
            basis: self.basis,
            distinct_officers: self.distinct_officers,
            badges_shown: self.badges_shown,
            unit_letter: self.unit_letter,
            registered: self.registered,
            within_scope: self.within_scope,
        }
    }
}

/// Publishing footage (B-26, B-29-1-1, Order 799 arts. 16, 22, 23).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Faces, plates and names of units are masked (Order 799 art. 22).
    pub masked: bool,
    /// A person with the power to do so decided it and gave a reason.
    pub authorised: bool,
    /// The purpose is public security.
    pub security_purpose: bool,
    /// It holds no state or business secret, no one's privacy and nothing that a user asked to keep secret (B-26).
    pub free_of_secrets: bool,
}

/// Arming, disarming, bypassing a zone or putting a source on test (B-22-1-4, B-24-1-4).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarding {
    /// The person is designated for this work by the unit (B-22-1-2).
    pub designated: bool,
    /// A person of the unit with the power to do so decided it and gave a reason. Asked for what weakens: disarm, bypass.
    pub authorised: bool,
    /// It ends by itself at a set time. Asked for a bypass.
    pub limited: bool,
}

/// Silencing the sound of an alarm (B-21-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silencing {
    /// The person is designated for this work by the unit (B-22-1-2).
    pub designated: bool,
    /// Only the sound ends; the alarm stays open until it is verified.
    pub alarm_stays_open: bool,
}

/// Opening a door through the system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DoorOpening {
    /// The person is designated for this work by the unit (B-22-1-2).
    pub designated: bool,
    /// The purpose is the security or the running of the place, not another use (B-24-1-2).
    pub security_purpose: bool,
}

/// Verifying an alarm (复核; B-21-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// The person is designated for this work by the unit (B-22-1-2).
    pub designated: bool,
    /// What was found, and by which means, is on file.
    pub grounds_recorded: bool,
}

/// Closing an incident (B-21-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The person is designated for this work by the unit (B-22-1-2).
    pub designated: bool,
    /// The alarm was verified, with its outcome on file.
    pub verified: bool,
    /// It was found not to be a real incident, or it was reported to the police.
    pub reported_if_real: bool,
}

/// Moving a device: its new place and view are judged like a new one's, its old place by A-9-2 and B-24-1-1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relocation {
    /// Kind of place covered from the new position.
    pub place: PlaceKind,
    /// It looks at windows or doors of homes and no mask hides them.
    pub faces_homes: bool,
    /// It records sound too.
    pub has_audio: bool,
    /// The sign for the covered area is recorded.
    pub sign_recorded: bool,
    /// Who moves it.
    pub installer: Installer,
    /// The local police approved this installation in a social public area (B-14-3).
    pub public_area_approved: bool,
    /// It stands in a social public area today, or will.
    pub public_area_system: bool,
    /// A person of the unit with the power to do so decided it and gave a reason (B-24-1-1).
    pub authorised: bool,
    /// The police agreed to the plan to restore or rebuild, or it is no system of a social public area (A-9-2).
    pub relocation_agreed: bool,
}

impl Relocation {
    /// The new position, as the facts of a new camera.
    #[must_use]
    pub const fn placement(&self) -> Placement {
        Placement {
            place: self.place,
            faces_homes: self.faces_homes,
            has_audio: self.has_audio,
            sign_recorded: self.sign_recorded,
            installer: self.installer,
            public_area_approved: self.public_area_approved,
        }
    }
}

/// Taking a device away (B-24-1-1, A-9-1-2, A-9-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Kind of place it covers.
    pub place: PlaceKind,
    /// A person of the unit with the power to do so decided it and gave a reason.
    pub authorised: bool,
    /// The police agreed to the plan to restore or rebuild, or it is no system of a social public area (A-9-2).
    pub relocation_agreed: bool,
}

/// On what a citizen's wish to view rests. The two are different routes; the form asks which.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitizenBasis {
    /// One's own lawful right is concerned (A-25-1): public-area and key-unit systems where pack A holds, with papers of the police station.
    OwnRight,
    /// To protect life, health or property (Order 799 art. 21): the person, near relatives, guardians, with the unit's consent.
    LifeHealthProperty,
    /// None stated.
    NoBasis,
}

/// Who the citizen is to the person concerned (Order 799 art. 21).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The person concerned.
    Person,
    /// A near relative.
    NearRelative,
    /// A guardian, or who has the care of the person.
    Guardian,
    /// Anyone else.
    Other,
}

/// A citizen, legal person or organisation outside views footage (A-25-1, Order 799 art. 21).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizenViewing {
    /// Kind of place covered.
    pub place: PlaceKind,
    /// Which route is taken.
    pub basis: CitizenBasis,
    /// A lawful right of the applicant is concerned, and which is on file (A-25-1).
    pub own_right_concerned: bool,
    /// The identity card was shown (A-25-1-f1).
    pub id_card_shown: bool,
    /// The police station's document for this viewing is on file (A-25-1-f2).
    pub police_document: bool,
    /// No state secret is touched (A-25-1, B-26).
    pub no_state_secret: bool,
    /// State security is not touched (A-25-1).
    pub no_state_security: bool,
    /// The privacy of others is not touched: masked, or nobody else is to be seen (A-25-1).
    pub others_privacy_kept: bool,
    /// Who the applicant is to the person concerned (Order 799 art. 21).
    pub relation: Relation,
    /// Life, health or property is to be protected, and how is on file (Order 799 art. 21).
    pub need_shown: bool,
    /// The managing unit consents (Order 799 art. 21).
    pub unit_consents: bool,
    /// Reason, content and person are entered in the register (Order 799 art. 16, A-11-1-f3).
    pub registered: bool,
}

/// A party with the burden of proof retrieves footage as evidence, on papers of the police (A-25-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRetrieval {
    /// Kind of place covered.
    pub place: PlaceKind,
    /// The applicant bears the burden of proof in an administrative, civil or criminal case.
    pub burden_of_proof: bool,
    /// The written application and the valid proof are on file.
    pub application_proved: bool,
    /// The police filed it and issued their papers.
    pub police_papers: bool,
    /// Reason, content and person are entered in the register.
    pub registered: bool,
    /// The copy is sealed.
    pub sealed: bool,
}

/// Taking a built system into use (B-19-2-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartOfUse {
    /// Acceptance was held and passed, and its record is on file.
    pub acceptance_passed: bool,
}

/// Beginning works on a system (A-12-2, B-19-1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Works {
    /// Kind of place the system is for.
    pub place: PlaceKind,
    /// The design plan was reviewed (论证) and passed.
    pub plan_reviewed: bool,
    /// The works follow the reviewed plan.
    pub follows_plan: bool,
    /// The police examined (审核) the design plan and it passed.
    pub plan_examined: bool,
}

/// Engaging a unit to design, install, maintain or operate (A-16, A-19, B-43).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engagement {
    /// The provider is filed with the police.
    pub filed: bool,
    /// The provider meets the state rules for secret-related systems and the procedure is done (A-19, B-43).
    pub secret_qualified: bool,
}
