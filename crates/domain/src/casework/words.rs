//! The few words of steps and outcomes that mean the same in every procedure of the packs. A pack that uses one of them says by it what
//! stands beside it here; everything else the engine reads from the procedure.

/// The step that names everything that is missing, once.
pub const ASK_FOR_REST: &str = "ask_for_rest";
/// The step by which the applicant hands in what was missing.
pub const COMPLETE: &str = "complete";
/// The steps that take an application in: from then on it counts as complete.
pub const ACCEPT: [&str; 2] = ["accept", "receive"];
/// The outcome that an application is not taken in.
pub const NOT_ACCEPTED: &str = "not_accepted";
/// A choice of that outcome: why.
pub const NOT_ACCEPTED_GROUND: &str = "not_accepted_ground";
/// Of it: what was named as missing was not completed.
pub const NOT_COMPLETED: &str = "incomplete";
/// The step by which a decision is served: the proof of a delivery lies at it.
pub const DELIVER: &str = "deliver";
/// The step by which a decision without a penalty is served.
pub const SERVE_RESULT: &str = "serve_result";
/// Whoever reported what the case is about is told what came of it.
pub const TELL_REPORTER: &str = "tell_reporter";
/// A choice of the first step: how the case came to the organ, and what it says where somebody reported it.
pub const SOURCE: &str = "source";
/// Of it: a report or complaint.
pub const BY_REPORT: &str = "report";
/// The legal review, made by `CaseAct::Review`.
pub const LEGAL_REVIEW: &str = "legal_review";
/// The party is told of the penalty that is intended.
pub const TELL: &str = "tell";
/// The party spoke to what it was told, or what it said was examined: no defence makes the penalty heavier.
pub const SPOKEN: [&str; 4] = ["defend", ASK_FOR_HEARING, "waive_hearing", EXAMINE_DEFENCE];
/// What was said in defence is examined, and what the heads discussed is written down.
pub const EXAMINE_DEFENCE: &str = "decide";
/// Steps by which new facts come into a case.
pub const NEW_EVIDENCE: [&str; 5] = ["question", SAMPLE, SETTLE_SAMPLE, EXAMINE_SCENE, SETTLE_EVIDENCE];
/// The person asks for a hearing.
pub const ASK_FOR_HEARING: &str = "ask_for_hearing";
/// It was held.
pub const HOLD_HEARING: &str = "hold_hearing";
/// Evidence that may be lost is registered and kept.
pub const REGISTER_EVIDENCE: &str = "register_evidence";
/// It was decided what becomes of the evidence that was kept.
pub const SETTLE_EVIDENCE: &str = "settle_evidence";
/// Samples are taken as evidence.
pub const SAMPLE: &str = "sample";
/// The head is asked to approve that evidence is registered and kept, or that samples are taken.
pub const ASK_APPROVAL: &str = "ask_approval";
/// The head approves it or does not.
pub const APPROVE_EVIDENCE: &str = "approve_evidence";
/// A choice of the request: what for.
pub const APPROVAL_FOR: &str = "approval_for";
/// A choice of the head's answer.
pub const APPROVAL_RESULT: &str = "approval_result";
/// Of it: approved.
pub const APPROVED: &str = "approved";
/// The paper of the approval, in the catalogue of documents.
pub const APPROVAL_PAPER: &str = "evidence_approval";
/// Of a registration: the number of its approval.
pub const EVIDENCE_APPROVAL: &str = "evidence_approval";
/// Of a sampling: the number of its approval, where it has one.
pub const SAMPLE_APPROVAL: &str = "sample_approval";
/// Of a settlement: the number of the approval of the registration that it is about.
pub const SETTLED_APPROVAL: &str = "settled_approval";
/// What the samples showed, and what becomes of them.
pub const SETTLE_SAMPLE: &str = "settle_sample";
/// The scene is examined.
pub const EXAMINE_SCENE: &str = "examine_scene";
/// Of a paper: evidence that is the paper of no step, as a photo or a report; its file's name says what it is. Officers hand it in, nobody else
/// sees it but the organ.
pub const OTHER_EVIDENCE: &str = "other_evidence";
/// A way of service, and the clock of the time after which what was served so counts as served.
pub const PUBLIC_NOTICE: &str = "public_notice";
/// The step by which what was imposed is paid, and the clock until when.
pub const PAY: &str = "pay";
/// A sum of the decision: the fine.
pub const FINE: &str = "fine";
/// A sum of the decision: gains that are confiscated, yuan. Leave is for the fine and moves nothing of them.
pub const CONFISCATED: &str = "confiscated";
/// A day of the payment: then the confiscated gains were there, all of them.
pub const GAINS_PAID_ON: &str = "gains_paid_on";
/// The party asks to pay a fine later or in parts.
pub const ASK_DEFERRAL: &str = "ask_deferral";
/// A day of it: by which it would be paid.
pub const DEFERRAL_UNTIL: &str = "deferral_until";
/// The head refuses that, with reasons; leave is given by `CaseAct::Defer`.
pub const REFUSE_DEFERRAL: &str = "refuse_deferral";
/// A decision is made public.
pub const PUBLISH: &str = "publish";
/// A decision was changed, annulled or found unlawful by who may.
pub const ANNUL: &str = "annul";
/// What was made public is taken back.
pub const WITHDRAW: &str = "withdraw";
/// The terms for review and suit are over.
pub const REMEDIES_OVER: &str = "remedies_over";
/// A day of the first step: the decision was served.
pub const SERVED: &str = "deliver_day";
/// A day of the first step: the decision of a review was served.
pub const REVIEW_SERVED: &str = "review_served_on";
/// Unlawful structures are to be taken down by a day.
pub const ANNOUNCE_DISMANTLING: &str = "announce_dismantling";
/// The outcome that something was enforced by the organ itself.
pub const ENFORCED: &str = "enforced";
/// A choice: what a law lets the organ enforce itself.
pub const POWER: &str = "power";
/// Of it: nothing.
pub const NO_POWER: &str = "none";
/// Of it: a surcharge, and not what it is added to.
pub const SURCHARGE_ONLY: &str = "surcharge";
/// The sum that is not paid.
pub const OWED_YUAN: &str = "owed_yuan";
/// A number of an application: devices in all.
pub const DEVICES_TOTAL: &str = "devices_total";
/// A number of the decision about it: devices approved.
pub const APPROVED_DEVICES: &str = "approved_devices";
/// A day of the first step: that of the act, or of its end.
pub const ACT_DAY: &str = "act_day";
/// A sum of the telling: the intended fine, yuan.
pub const INTENDED_FINE: &str = "intended_fine";
/// Words of the telling: what else is intended.
pub const INTENDED_OTHER: &str = "intended_other";
/// A line of the telling: the clauses that were breached (AP-44).
pub const TOLD_BREACH: &str = "told_breach";
/// A flag of the telling: the right to a hearing is told.
pub const HEARING_RIGHT: &str = "hearing_right";
/// A flag: the case is complex or grave, and is discussed by the heads together.
pub const COMPLEX: &str = "complex";
/// A flag: it was discussed.
pub const DISCUSSED: &str = "discussed";
/// The step by which each head who takes part in it says what they think.
pub const DISCUSS: &str = "discuss";
/// A flag: somebody took part in it who has no account here.
pub const DISCUSSED_OUTSIDE: &str = "discussed_outside";
/// The head approves that a penalty case was opened.
pub const APPROVE_OPENING: &str = "approve_opening";
/// The outcome that it is not opened.
pub const NOT_OPENED: &str = "not_opened";
/// Who took part in it.
pub const DISCUSSED_BY: &str = "discussed_by";
/// The result of the discussion.
pub const DISCUSSION: &str = "discussion";
/// Whoever filed says that something of it changed.
pub const CHANGE: &str = "change";
/// Whoever filed gives the filing up.
pub const CANCEL: &str = "cancel";
/// The outcome that a filing was given up: its rows end.
pub const CANCELLED: &str = "cancelled";
/// Steps that may come at any time after a decision, and that nobody waits for.
pub const WHENEVER: [&str; 2] = [CHANGE, CANCEL];
/// Outcomes that burden somebody, beside those that begin with [`NOT`].
pub const ADVERSE: [&str; 6] = ["refused", "failed", "declined", "revoked", "false_material", "to_penalty"];
/// `not_fined`, `not_agreed`.
pub const NOT: &str = "not_";
