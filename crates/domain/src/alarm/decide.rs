//! What may happen to an incident next: `decide(incident, command, facts, now)` gives the changes or a refusal in words.
//!
//! Only who has an incident acts on it; taking it over from another needs a reason. The law's answer comes in with the facts
//! (`report_facts` and `step_act` say what to ask): what it refuses is not done, and what is verified as real is reported in the same step.
//! An act done twice (two tabs) changes nothing the second time, or is refused as a conflict; it never happens twice.

use super::{
    Class, Decision, EVIDENCE_ITEMS, Evidence, EvidenceKind, Incident, Limits, Receipt, Step, Verdict, What, ground,
};
use base::{AccountId, ClauseId, ErrorKind, Refusal, Text, UtcMs};
use law::{Act, AlarmReport, Closing, Verification};
use serde::Serialize;

/// Longest reason or note, characters.
pub const REASON_CHARS: usize = 500;
/// Shortest reason that says something, characters.
const REASON_LEAST: usize = 2;
/// Longest receipt number, characters.
const RECEIPT_CHARS: usize = 64;

/// What somebody, or the clock, wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// It is on the screen of a person who may handle it.
    Show,
    /// I take it; from another only with a reason.
    Take {
        /// Why it is taken over; may be empty when nobody has it.
        reason: String,
    },
    /// I found this.
    Find {
        /// What.
        kind: EvidenceKind,
        /// In words.
        note: String,
    },
    /// This is what it is.
    Verify {
        /// What.
        verdict: Verdict,
        /// Why; needed unless it is real.
        reason: String,
    },
    /// Report it.
    Report,
    /// The other side has it.
    Receipt {
        /// Their number.
        number: String,
    },
    /// A guard is on the way.
    SendGuard,
    /// A guard is there.
    GuardArrived,
    /// It is over; reset by hand.
    Close,
    /// Time has passed.
    Tick,
}

/// What the caller has established.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who; `None` = the system.
    pub by: Option<AccountId>,
    /// What the law says to `report_facts`, where that gives something to ask.
    pub law: Option<&'a Result<Vec<ClauseId>, Refusal>>,
    /// What the law says to `step_act`, where that gives something to ask.
    pub step: Option<&'a Result<Vec<ClauseId>, Refusal>>,
    /// By when steps are to be done.
    pub limits: &'a Limits,
}

/// What changed. Each is one entry of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// First shown to a person who may handle it.
    Shown {
        /// To whom.
        by: AccountId,
    },
    /// Taken, or taken over.
    Taken {
        /// By whom.
        by: AccountId,
        /// From whom.
        from: Option<AccountId>,
        /// Why it was taken over.
        reason: String,
    },
    /// Evidence.
    Found(Evidence),
    /// Verdict.
    Verified(Decision),
    /// Handed to the outbox.
    Reported {
        /// The clauses that ask for it.
        clauses: Vec<ClauseId>,
    },
    /// The other side has it.
    Receipted(Receipt),
    /// An upper platform took it.
    UpperTold {
        /// Which one, by id.
        upper: String,
        /// It confirmed it by a message of its own, not only by taking it.
        confirmed: bool,
    },
    /// The device behind the source was told of the reset, or is away.
    DeviceReset {
        /// It got the order.
        told: bool,
    },
    /// A guard is on the way.
    GuardSent {
        /// Who sent.
        by: AccountId,
    },
    /// A guard is there.
    GuardArrived {
        /// Who was told.
        by: AccountId,
    },
    /// Reset by hand.
    Closed {
        /// By whom.
        by: AccountId,
    },
    /// A limit passed.
    Passed(Step),
}

impl Change {
    /// Kind of its log entry.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Shown { .. } => "alarm.shown",
            Self::Taken { .. } => "alarm.taken",
            Self::Found(_) => "alarm.evidence",
            Self::Verified(_) => "alarm.verified",
            Self::Reported { .. } => "alarm.reported",
            Self::Receipted(_) => "alarm.receipted",
            Self::UpperTold { .. } => "alarm.upper_told",
            Self::DeviceReset { .. } => "alarm.device_reset",
            Self::GuardSent { .. } => "alarm.guard_sent",
            Self::GuardArrived { .. } => "alarm.guard_arrived",
            Self::Closed { .. } => "alarm.closed",
            Self::Passed(_) => "alarm.overdue",
        }
    }

    /// Who did it; `None` = the system.
    #[must_use]
    pub const fn by(&self) -> Option<AccountId> {
        match self {
            Self::Shown { by }
            | Self::Taken { by, .. }
            | Self::GuardSent { by }
            | Self::GuardArrived { by }
            | Self::Closed { by } => Some(*by),
            Self::Found(evidence) => evidence.by,
            Self::Verified(decision) => Some(decision.by),
            Self::Receipted(receipt) => receipt.by,
            Self::Reported { .. } | Self::UpperTold { .. } | Self::DeviceReset { .. } | Self::Passed(_) => None,
        }
    }

    /// The clauses that asked for it.
    #[must_use]
    pub fn clauses(&self) -> &[ClauseId] {
        match self {
            Self::Reported { clauses } => clauses,
            _ => &[],
        }
    }

    /// One sentence for the log; no personal data.
    #[must_use]
    pub fn text(&self, number: &str) -> Text {
        let (zh, en) = match self {
            Self::Shown { .. } => ("已显示给值班人员".to_owned(), "shown to the person on duty".to_owned()),
            Self::Taken { from: None, .. } => ("已接警".to_owned(), "taken".to_owned()),
            Self::Taken { .. } => ("接替他人接警".to_owned(), "taken over from another".to_owned()),
            Self::Found(e) => {
                let name = e.kind.name();
                (format!("依据：{}", name.zh), format!("evidence: {}", name.en))
            }
            Self::Verified(d) => {
                let name = d.verdict.name();
                (format!("复核结论：{}", name.zh), format!("verdict: {}", name.en))
            }
            Self::Reported { .. } => ("报告公安机关".to_owned(), "reported to the police".to_owned()),
            Self::Receipted(r) if r.by.is_some() => {
                ("记下电话回执".to_owned(), "receipt given by telephone written down".to_owned())
            }
            Self::Receipted(_) => ("收到公安机关回执".to_owned(), "receipt of the police came".to_owned()),
            Self::UpperTold { confirmed: true, .. } => {
                ("上级平台已确认".to_owned(), "confirmed by an upper platform".to_owned())
            }
            Self::UpperTold { .. } => ("上级平台已接收".to_owned(), "taken by an upper platform".to_owned()),
            Self::DeviceReset { told: true } => {
                ("已向报警设备发出复位".to_owned(), "the device was told of the reset".to_owned())
            }
            Self::DeviceReset { .. } => {
                ("报警设备不在线，未能复位".to_owned(), "the device is away and was not told of the reset".to_owned())
            }
            Self::GuardSent { .. } => ("已派保安".to_owned(), "guard sent".to_owned()),
            Self::GuardArrived { .. } => ("保安到场".to_owned(), "guard on the spot".to_owned()),
            Self::Closed { .. } => ("人工复位，结束".to_owned(), "reset by hand, closed".to_owned()),
            Self::Passed(step) => {
                let name = step.name();
                (format!("「{}」超时", name.zh), format!("\"{}\" is late", name.en))
            }
        };
        Text::of(format!("报警 {number}：{zh}。"), format!("Alarm {number}: {en}."))
    }
}

/// What to ask the law before this command; `None` = nothing.
#[must_use]
pub fn report_facts(incident: &Incident, command: &Command) -> Option<AlarmReport> {
    let by_hand = incident.what.raised_by_hand();
    match command {
        Command::Verify { verdict: Verdict::Real, .. } => {
            Some(AlarmReport { verified_real: ground(incident).is_some(), raised_by_hand: by_hand })
        }
        Command::Report => {
            let verified = incident.verdict() == Some(Verdict::Real);
            Some(AlarmReport { verified_real: verified, raised_by_hand: by_hand })
        }
        _ => None,
    }
}

/// The act of the law that this command is, with its facts; `None` = it is none. Who may handle alarms at all is designated for it by
/// their role (B-22-1-2).
#[must_use]
pub fn step_act(incident: &Incident, command: &Command) -> Option<Act> {
    match command {
        Command::Verify { verdict, .. } => {
            Some(Act::VerifyAlarm(Verification { designated: true, grounds_recorded: has_grounds(incident, *verdict) }))
        }
        Command::Close => Some(Act::CloseIncident(Closing {
            designated: true,
            verified: incident.verdict().is_some(),
            reported_if_real: incident.verdict() != Some(Verdict::Real) || incident.reported.is_some(),
        })),
        _ => None,
    }
}

/// Whether what was found bears this verdict: a ground for a real one; for calling off a hold-up something that was found.
fn has_grounds(incident: &Incident, verdict: Verdict) -> bool {
    if verdict == Verdict::Real {
        return ground(incident).is_some();
    }
    !incident.what.raised_by_hand() || !incident.evidence.is_empty()
}

/// Decides.
///
/// # Errors
/// A refusal that says why and what to do next.
pub fn decide(incident: &Incident, command: &Command, facts: &Facts<'_>, now: UtcMs) -> Result<Vec<Change>, Refusal> {
    match command {
        Command::Tick => {
            return Ok(incident.overdue(facts.limits, now).into_iter().map(Change::Passed).collect());
        }
        // Receipts come when they come; the first counts.
        Command::Receipt { number } if facts.by.is_none() => return receipt(incident, number, None, now),
        _ => {}
    }
    let Some(by) = facts.by else { return Err(nobody()) };
    if let Command::Show = command {
        let done = incident.shown.is_some() || incident.closed.is_some();
        return Ok(if done { vec![] } else { vec![Change::Shown { by }] });
    }
    if incident.closed.is_some() {
        return Err(conflict(
            "incident_closed",
            ("该报警已经结束。", "This alarm is closed."),
            ("新的信号会开立新的报警。", "A new signal opens a new one."),
        ));
    }
    if let Command::Take { reason } = command {
        return take(incident, by, reason);
    }
    has_it(incident, by)?;
    match command {
        Command::Find { kind, note } => find(incident, *kind, note, by, now),
        Command::Verify { verdict, reason } => verify(incident, *verdict, reason, by, facts, now),
        Command::Report => report(incident, facts),
        Command::Receipt { number } => receipt(incident, number, Some(by), now),
        Command::SendGuard if incident.guard_sent.is_some() => Ok(vec![]),
        Command::SendGuard => Ok(vec![Change::GuardSent { by }]),
        Command::GuardArrived if incident.guard_arrived.is_some() => Ok(vec![]),
        Command::GuardArrived if incident.guard_sent.is_none() => {
            Ok(vec![Change::GuardSent { by }, Change::GuardArrived { by }])
        }
        Command::GuardArrived => Ok(vec![Change::GuardArrived { by }]),
        Command::Close => close(incident, by, facts),
        Command::Show | Command::Take { .. } | Command::Tick => Ok(vec![]),
    }
}

fn take(incident: &Incident, by: AccountId, reason: &str) -> Result<Vec<Change>, Refusal> {
    let from = match incident.taken {
        Some(taken) if taken.by == by => return Ok(vec![]),
        Some(taken) => Some(taken.by),
        None => None,
    };
    let reason = words(reason)?;
    if from.is_some() && reason.chars().count() < REASON_LEAST {
        return Err(Refusal::bad_input(
            "take_over_reason",
            Text::new("该报警已由他人接警。", "Somebody else has this alarm."),
            Text::new("确需接替的，请写明理由。", "To take it over, say why."),
        ));
    }
    Ok(vec![Change::Taken { by, from, reason }])
}

fn has_it(incident: &Incident, by: AccountId) -> Result<(), Refusal> {
    match incident.taken {
        Some(taken) if taken.by == by => Ok(()),
        Some(_) => Err(conflict(
            "taken_by_other",
            ("该报警由他人处理。", "Somebody else handles this alarm."),
            ("需要时请先写明理由接替。", "Take it over with a reason first, if need be."),
        )),
        None => Err(conflict(
            "not_taken",
            ("还没有人接警。", "Nobody has taken this alarm yet."),
            ("请先接警（按 a）。", "Take it first (press a)."),
        )),
    }
}

fn find(
    incident: &Incident,
    kind: EvidenceKind,
    note: &str,
    by: AccountId,
    now: UtcMs,
) -> Result<Vec<Change>, Refusal> {
    if incident.evidence.len() >= EVIDENCE_ITEMS {
        return Err(Refusal::new(
            ErrorKind::TooMany,
            "too_much_evidence",
            Text::new("依据条目已满。", "The list of evidence is full."),
            Text::new("请按已有依据作出结论。", "Decide on what is there."),
        ));
    }
    if !EvidenceKind::BY_HAND.contains(&kind) {
        return Err(Refusal::bad_input(
            "evidence_by_rule",
            Text::new("此项依据由系统按规则得出，不能手工填写。", "This evidence is found by rule, not entered."),
            Text::new("请选择其他依据。", "Choose another kind."),
        ));
    }
    Ok(vec![Change::Found(Evidence { kind, at: now, by: Some(by), note: words(note)? })])
}

fn verify(
    incident: &Incident,
    verdict: Verdict,
    reason: &str,
    by: AccountId,
    facts: &Facts<'_>,
    now: UtcMs,
) -> Result<Vec<Change>, Refusal> {
    let reason = words(reason)?;
    if incident.verdict() == Some(Verdict::Real) {
        return Err(conflict(
            "already_real",
            ("已确认为警情并上报，不能改为其他结论。", "It is confirmed as real and reported; that stands."),
            (
                "情况有变请电话告知公安机关，并记入依据。",
                "Tell the police by telephone if things changed, and note it.",
            ),
        ));
    }
    let verified = Change::Verified(Decision { verdict, reason: reason.clone(), by, at: now });
    if verdict == Verdict::Real {
        if !incident.what.concerns_police() {
            return Err(not_an_alarm());
        }
        step_lawful(facts)?;
        // Where no clause asks for it, the program does.
        if ground(incident).is_none() {
            return Err(no_ground());
        }
        let mut out = vec![verified];
        if incident.reported.is_none() {
            out.push(Change::Reported { clauses: lawful(facts)? });
        }
        return Ok(out);
    }
    if reason.chars().count() < REASON_LEAST {
        return Err(Refusal::bad_input(
            "verdict_reason",
            Text::new("没有写明理由。", "No reason is given."),
            Text::new("请写明为什么不是警情。", "Say why it is not real."),
        ));
    }
    step_lawful(facts)?;
    if !has_grounds(incident, verdict) {
        return Err(Refusal::bad_input(
            "hold_up_needs_evidence",
            Text::new("紧急求助不能没有依据就判为非警情。", "A hold-up is not called off without evidence."),
            Text::new(
                "请先联系用户或派人到场，并记下结果。",
                "Reach the user or send a guard first, and note what they say.",
            ),
        ));
    }
    Ok(vec![verified])
}

fn report(incident: &Incident, facts: &Facts<'_>) -> Result<Vec<Change>, Refusal> {
    if incident.reported.is_some() {
        return Err(conflict(
            "already_reported",
            ("已经上报，系统会一直发送直到收到回执。", "It is reported, and sent again until the receipt is there."),
            (
                "回执迟迟不到时，请电话报警并记下回执编号。",
                "If the receipt does not come, call the police and write down their number.",
            ),
        ));
    }
    if !incident.what.concerns_police() {
        return Err(not_an_alarm());
    }
    Ok(vec![Change::Reported { clauses: lawful(facts)? }])
}

fn receipt(incident: &Incident, number: &str, by: Option<AccountId>, now: UtcMs) -> Result<Vec<Change>, Refusal> {
    let number: String = number.trim().chars().filter(|c| !c.is_control()).take(RECEIPT_CHARS).collect();
    if incident.receipt.is_some() {
        return Ok(vec![]);
    }
    if incident.reported.is_none() {
        return Err(conflict(
            "not_reported",
            ("尚未上报，不会有回执。", "It is not reported, so there is no receipt."),
            ("请先复核；确认为警情的会立即上报。", "Verify it first; once real it is reported at once."),
        ));
    }
    if number.is_empty() {
        return Err(Refusal::bad_input(
            "receipt_number",
            Text::new("没有填写回执编号。", "No receipt number is given."),
            Text::new("请填写公安机关告知的编号。", "Enter the number the police gave."),
        ));
    }
    Ok(vec![Change::Receipted(Receipt { number, at: now, by })])
}

fn close(incident: &Incident, by: AccountId, facts: &Facts<'_>) -> Result<Vec<Change>, Refusal> {
    step_lawful(facts)?;
    if incident.verdict().is_none() {
        return Err(conflict(
            "not_verified",
            ("还没有复核结论。", "There is no verdict yet."),
            ("请先复核并作出结论（按 v）。", "Verify it and decide first (press v)."),
        ));
    }
    // What went to the police is not over before they have it, whatever was found since.
    if incident.reported.is_some() && incident.receipt.is_none() {
        return Err(conflict(
            "no_receipt",
            ("公安机关的回执还没有到。", "The receipt of the police is not there yet."),
            (
                "请等待回执，或者电话报警后记下回执编号。",
                "Wait for it, or call the police and write down their number.",
            ),
        ));
    }
    Ok(vec![Change::Closed { by }])
}

fn lawful(facts: &Facts<'_>) -> Result<Vec<ClauseId>, Refusal> {
    // Not asked is not allowed.
    facts.law.cloned().unwrap_or_else(|| Err(nobody()))
}

fn step_lawful(facts: &Facts<'_>) -> Result<(), Refusal> {
    // Not asked is not allowed.
    facts.step.map_or_else(|| Err(nobody()), |law| law.as_ref().map(|_| ()).map_err(Clone::clone))
}

/// A text of a person, trimmed; too long is refused rather than cut.
fn words(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > REASON_CHARS {
        return Err(Refusal::bad_input(
            "text_too_long",
            Text::of(
                format!("文字超过 {REASON_CHARS} 字。"),
                format!("The text is longer than {REASON_CHARS} characters."),
            ),
            Text::new("请缩短后重试。", "Shorten it and try again."),
        ));
    }
    Ok(text.to_owned())
}

fn conflict(code: &str, what: (&'static str, &'static str), next: (&'static str, &'static str)) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, Text::new(what.0, what.1), Text::new(next.0, next.1))
}

fn nobody() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "nobody",
        Text::new("这一步必须由人作出。", "A person has to do this."),
        Text::new("请登录后处理。", "Sign in and do it."),
    )
}

fn not_an_alarm() -> Refusal {
    Refusal::bad_input(
        "not_an_alarm",
        Text::new(
            "这是系统自身的故障，不是警情。",
            "This is a fault of the system itself, not an incident for the police.",
        ),
        Text::new("请选择「故障」并通知维护单位。", "Choose \"fault\" and tell the maintenance firm."),
    )
}

fn no_ground() -> Refusal {
    Refusal::bad_input(
        "no_ground",
        Text::new("还没有足以确认警情的依据。", "There is no ground yet for calling it real."),
        Text::new(
            "请记下其一：视频中看到可疑人员；现场人员确认；用户确认；相邻两个防区或者不同原理的两种探测器先后报警（系统自动判断）。",
            "Note one of: suspicious persons seen in video; confirmed on the spot; confirmed by the user; two adjacent zones or two \
             detectors of different principle one after the other (found by rule).",
        ),
    )
}

// Kept beside the rules that use them: the two classes that skip verification.
const _: () = assert!(What::Alarm(Class::HoldUp).raised_by_hand() && What::Alarm(Class::Duress).raised_by_hand());
