//! Facts of acts of the authority: deciding a case, fining, revoking, publishing and withdrawing a record. What keeps the decider
//! apart from the case stands in each of them: nobody approves their own case. False is always the stricter value.

use crate::OrganKind;
use serde::{Deserialize, Serialize};

/// Deciding a case: application, filing, inspection, penalty without a fine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseDecision {
    /// Kind of organ that decides.
    pub organ: OrganKind,
    /// Who decides did not open, handle or approve an earlier step of this case.
    pub apart_from_case: bool,
    /// Who decides is no party to the case, and no near one of a party.
    pub not_party: bool,
    /// The decision states facts, clause and reasons.
    pub reasons_given: bool,
    /// It punishes nobody: an application, a filing, an inspection. What follows is asked of penalties only.
    pub no_penalty: bool,
    /// It is decided on the spot, where that is open: certain facts, a basis, and within the sums for it (AP-51, PP-39).
    pub on_the_spot: bool,
    /// Different officers qualified to enforce (执法证) who handled the case (AP-42).
    pub qualified_officers: u32,
    /// A wish of the party that an officer step back was decided by the head, or there was none (AP-43).
    pub recusal_settled: bool,
    /// The party was told the intended penalty, its facts, reasons and basis, and the rights to be heard (AP-44).
    pub party_told: bool,
    /// Statement and defence were heard and checked, or the time for them passed without any (AP-45).
    pub party_heard: bool,
    /// It is not heavier than what the party was told before the defence (AP-45).
    pub not_heavier: bool,
    /// Legal review (法制审核) passed, or this case needs none (AP-58).
    pub reviewed: bool,
}

/// Imposing a fine. Sums and ranges are data of the packs (`sanctions`); here only whether they were kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fining {
    /// Kind of organ that fines.
    pub organ: OrganKind,
    /// Who decides did not open, handle or approve an earlier step of this case.
    pub apart_from_case: bool,
    /// Who decides is no party to the case, and no near one of a party.
    pub not_party: bool,
    /// The decision states facts, clause and reasons, and why this sum.
    pub reasons_given: bool,
    /// An order to correct ran out, or the clause asks for none first.
    pub correction_first_done: bool,
    /// The sum is within the clause's range and below every cap of higher law.
    pub within_range: bool,
    /// Legal review (法制审核) passed, or this case needs none. A reading of a slip always needs it.
    pub reviewed: bool,
    /// It is decided on the spot, where that is open: certain facts, a basis, and within the sums for it (AP-51, PP-39).
    pub on_the_spot: bool,
    /// Different officers qualified to enforce (执法证) who handled the case (AP-42).
    pub qualified_officers: u32,
    /// A wish of the party that an officer step back was decided by the head, or there was none (AP-43).
    pub recusal_settled: bool,
    /// The party was told the intended penalty, its facts, reasons and basis, and the rights to be heard (AP-44).
    pub party_told: bool,
    /// Statement and defence were heard and checked, or the time for them passed without any (AP-45).
    pub party_heard: bool,
    /// It is not heavier than what the party was told before the defence (AP-45).
    pub not_heavier: bool,
}

/// Revoking a product registration (B-36), history since product registration was cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Kind of organ that revokes.
    pub organ: OrganKind,
    /// Who decides did not open, handle or approve an earlier step of this case.
    pub apart_from_case: bool,
    /// Who decides is no party to the case, and no near one of a party.
    pub not_party: bool,
    /// The decision states facts, clause and reasons.
    pub reasons_given: bool,
    /// It is proved that the conditions were not met and the registration was obtained by improper means.
    pub improper_means_proved: bool,
}

/// Publishing a record: a warning notice, a penalty, a directory entry (A-18, A-28, B-32).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordPublication {
    /// Kind of organ that publishes.
    pub organ: OrganKind,
    /// Who decides did not open, handle or approve an earlier step of this case.
    pub apart_from_case: bool,
    /// Who decides is no party to the case, and no near one of a party.
    pub not_party: bool,
    /// What is published was verified and is in force.
    pub verified: bool,
    /// It holds no more personal data than its purpose needs.
    pub personal_data_limited: bool,
    /// It tells of no penalty: a directory entry, a warning notice.
    pub no_penalty: bool,
    /// The decision it tells of stands: nobody changed or annulled it, or found it unlawful or void (AP-48).
    pub decision_stands: bool,
}

/// Withdrawing a published record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordWithdrawal {
    /// Kind of organ that withdraws.
    pub organ: OrganKind,
    /// Why it is withdrawn is on file and published with the withdrawal.
    pub reasons_given: bool,
    /// It told of no penalty.
    pub no_penalty: bool,
}
