//! The few words of steps and outcomes that mean the same in every procedure of the packs. A pack that uses one of them says by it what
//! stands beside it here; everything else the engine reads from the procedure.

/// The step that names everything that is missing, once.
pub const ASK_FOR_REST: &str = "ask_for_rest";
/// The step by which the applicant hands in what was missing.
pub const COMPLETE: &str = "complete";
/// The steps that take an application in: from then on it counts as complete.
pub const ACCEPT: [&str; 2] = ["accept", "receive"];
/// The legal review, made by `CaseAct::Review`.
pub const LEGAL_REVIEW: &str = "legal_review";
/// The person asks for a hearing.
pub const ASK_FOR_HEARING: &str = "ask_for_hearing";
/// It was held.
pub const HOLD_HEARING: &str = "hold_hearing";
/// Outcomes that burden somebody, beside those that begin with [`NOT`].
pub const ADVERSE: [&str; 6] = ["refused", "failed", "declined", "revoked", "false_material", "to_penalty"];
/// `not_fined`, `not_agreed`.
pub const NOT: &str = "not_";
