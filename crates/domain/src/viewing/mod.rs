//! Information use: an official request, its decision, the grant, the two-officer session. One life on one screen.
//!
//! ```text
//!             submit            grant               open_session (two officers)
//!   (nothing) ──────▶ Submitted ──────▶ Granted ───────────────▶ Granted + session ─▶ view, copy
//!                        │  refuse          │ end / time runs out
//!                        ▼                  ▼
//!                     Refused             Ended
//! ```
//!
//! Decisions only: the caller brings the law gate's answer, the accounts and the time, and stores what comes back together
//! with its ledger entry. Sources: A-24, B-27, B-28, Order 799 arts. 16, 20 and 21.
//!
//! A request that rests on an order of the authority (`Under`) is made by the unit's custodian for a citizen and goes the same way: another
//! one decides, the session is that of the custodian with the citizen beside, and what was seen of the papers stands in it. So does what a
//! person asks of the unit itself (`Own`): the custodian enters it, and to grant it is the unit's consent.
//!
//! Always true: a grant covers no camera and no minute that the request did not name; nobody decides a request they are named
//! in; a session of officers has two different ones of the request, each identified by their own password; a copy is handed out by two
//! different persons, whoever they are; nothing is shown to a citizen whose papers were not seen, or after the order is over.

mod cover;
mod parts;
#[cfg(test)]
mod tests;

pub use cover::{
    BoxKey, CoverBox, Covered, Covering, LEAST_SIDE, LookedRun, MOST_BOXES, MOST_KEYS, MOST_RUNS, spans_of,
};
pub use parts::{HOUR_MS, Hours, Part, Scope, Weight, parts};

use base::{AccountId, CameraId, ClauseId, ErrorKind, OrderId, Refusal, Sha256, Text, UtcMs, limits};
use law::Relation;
use serde::{Deserialize, Serialize};

/// Longest time a grant may be used, ms (7 days); the custodian may set less.
pub const GRANT_MAX_MS: i64 = 7 * 86_400_000;
/// A two-officer session lasts at most this long, ms; then both sign in again.
pub const SESSION_MAX_MS: i64 = 2 * 3_600_000;

/// What the officers want to do with the footage.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// 查看: view on the site's screen.
    View,
    /// 复制: view, and take a copy as an export bundle.
    Copy,
}

/// Legal ground of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// 刑事侦查: criminal investigation (A-24-1).
    CriminalInvestigation,
    /// 行政案件: public-order or other administrative case (B-27-1).
    AdministrativeCase,
    /// 突发事件、事故调查: emergency or accident investigation (A-24-1).
    EmergencyInvestigation,
    /// 其他法定职责: another statutory duty (B-27-1).
    StatutoryDuty,
    /// 公民查看: a citizen whose right is concerned, on a document of the police station (A-25-1). Of an order only.
    OwnRight,
    /// 举证一方调取: a party with the burden of proof, on papers of the police (A-25-2). Of an order only.
    BurdenOfProof,
    /// 保护生命健康、财产安全: the person, near relatives, guardians or carers, with the unit's consent (799-21). Of a person's own request only.
    LifeHealthProperty,
}

impl Basis {
    /// The grounds of officers in the order the form lists them; those of citizens are not on it.
    pub const ALL: [Self; 4] =
        [Self::CriminalInvestigation, Self::AdministrativeCase, Self::EmergencyInvestigation, Self::StatutoryDuty];

    /// Stable word for forms, database and API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CriminalInvestigation => "criminal_investigation",
            Self::AdministrativeCase => "administrative_case",
            Self::EmergencyInvestigation => "emergency_investigation",
            Self::StatutoryDuty => "statutory_duty",
            Self::OwnRight => "own_right",
            Self::BurdenOfProof => "burden_of_proof",
            Self::LifeHealthProperty => "life_health_property",
        }
    }

    /// Reads a code of a form; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.code() == code)
    }

    /// What pages and registers say.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::CriminalInvestigation => Text::new("刑事侦查", "Criminal investigation"),
            Self::AdministrativeCase => Text::new("行政案件办理", "Administrative case"),
            Self::EmergencyInvestigation => Text::new("突发事件、事故调查", "Emergency or accident investigation"),
            Self::StatutoryDuty => Text::new("其他法定职责", "Another statutory duty"),
            Self::OwnRight => Text::new("公民凭公安机关文书查看", "Viewing by a citizen, on a document of the police"),
            Self::BurdenOfProof => {
                Text::new("当事人凭公安机关手续调取", "Retrieval by a party, on papers of the police")
            }
            Self::LifeHealthProperty => Text::new(
                "为保护生命健康、财产安全，本人、近亲属等查阅",
                "Viewing by the person, near relatives and carers, to protect life, health or property",
            ),
        }
    }
}

/// The order of the authority that a request rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Under {
    /// Which order.
    pub order: OrderId,
    /// Number of the paper that the citizen shows.
    pub paper: String,
    /// Others are to be covered, by this clause.
    pub covered: Option<ClauseId>,
    /// Nothing is shown from then on.
    pub until: UtcMs,
}

/// What a person who asks the unit itself said and showed (Order 799 art. 21), as the custodian entered it. Name, contact and person concerned
/// are sealed in the paper of the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Own {
    /// Who the applicant is to the person concerned.
    pub relation: Relation,
    /// A paper that proves the relation was seen; where the applicant is the person concerned the identity card is that.
    pub proof: bool,
    /// Life, health or property is to be protected.
    pub need: bool,
    /// No state secret and no state security is touched by what is asked for.
    pub plain: bool,
}

impl Own {
    /// The relation as far as a paper shows it: one that nothing proves is none.
    #[must_use]
    pub const fn proved(self) -> Relation {
        match self.relation {
            Relation::Person => Relation::Person,
            other if self.proof => other,
            _ => Relation::Other,
        }
    }
}

/// What the custodian saw before footage is shown to a citizen: ticked, kept, and no copy of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Seen {
    /// The identity card, and that it is this person's.
    pub identity: bool,
    /// The paper, and that its number is that of the order; of a person's own request the receipt or the answer, with the request's number.
    pub paper: bool,
    /// Nobody else can be recognised in what is shown, or others are covered on the screen.
    pub others_kept: bool,
}

/// What an officer fills in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Application {
    /// Legal ground.
    pub basis: Basis,
    /// View, or view and copy.
    pub wanted: Use,
    /// Case number of the requesting unit.
    pub case_number: String,
    /// Requesting unit.
    pub unit: String,
    /// Why this footage.
    pub purpose: String,
    /// Cameras.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage.
    pub from: UtcMs,
    /// End of the footage.
    pub to: UtcMs,
    /// SHA-256 of the uploaded unit letter (单位证明文件), or of a person's own request as it was entered; `None` if there is none.
    pub letter: Option<Sha256>,
    /// Accounts of the officers, the applicant first; for a citizen the unit's own people who show the footage.
    pub officers: Vec<AccountId>,
    /// The order that it rests on; `None`: a request of officers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<Under>,
    /// What a person who asks the unit itself said and showed; `None`: a request of officers, or one under an order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

impl Application {
    /// The unit's own people show footage to a citizen, under an order or on the citizen's own request; no officers have a part in it.
    #[must_use]
    pub const fn is_for_citizen(&self) -> bool {
        self.under.is_some() || self.own.is_some()
    }

    /// By which clause others are to be covered while it is shown; `None`: nobody is.
    #[must_use]
    pub fn covered(&self) -> Option<&ClauseId> {
        self.under.as_ref().and_then(|under| under.covered.as_ref())
    }
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// Waiting for the custodian; the footage is held since `at`.
    Submitted {
        /// When.
        at: UtcMs,
    },
    /// Refused with a reason.
    Refused {
        /// When.
        at: UtcMs,
    },
    /// May be used until `until`.
    Granted {
        /// When.
        at: UtcMs,
        /// End of the grant.
        until: UtcMs,
    },
    /// Over.
    Ended {
        /// When.
        at: UtcMs,
    },
}

/// Where a request stands, without its times: what lists are filtered by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Waits for the custodian.
    Waiting,
    /// May be used.
    Granted,
    /// Refused.
    Refused,
    /// Over.
    Ended,
}

impl Status {
    /// All, in the order lists offer them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Granted, Self::Refused, Self::Ended];

    /// Stable word for the database and addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Ended => "ended",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

impl State {
    /// Where it stands, without the times.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::Submitted { .. } => Status::Waiting,
            Self::Refused { .. } => Status::Refused,
            Self::Granted { .. } => Status::Granted,
            Self::Ended { .. } => Status::Ended,
        }
    }

    /// When it ends by itself or ended; `None` while it waits.
    #[must_use]
    pub const fn ends(self) -> Option<UtcMs> {
        match self {
            Self::Submitted { .. } => None,
            Self::Refused { at } | Self::Ended { at } | Self::Granted { until: at, .. } => Some(at),
        }
    }
}

/// First instant at which the file of an export goes by itself: so many days after its grant has ended. `None` while the request
/// waits, or for a request that was never granted: then there is no export.
#[must_use]
pub const fn export_kept_until(state: State, keep_days: u32) -> Option<UtcMs> {
    match state {
        State::Granted { until: end, .. } | State::Ended { at: end } => {
            Some(UtcMs(end.0.saturating_add(keep_days as i64 * base::time::DAY_MS)))
        }
        State::Submitted { .. } | State::Refused { .. } => None,
    }
}

/// What a person asks of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// The custodian grants, for `hours`.
    Grant {
        /// Who decides.
        by: AccountId,
        /// How long the grant may be used, hours.
        hours: u32,
    },
    /// The custodian refuses.
    Refuse {
        /// Who decides.
        by: AccountId,
        /// Why; the officers read it.
        reason: String,
    },
    /// Custodian or officer ends the grant early.
    End {
        /// Who.
        by: AccountId,
    },
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(code, Text::new(zh, en), Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn text_ok(value: &str, max_chars: usize) -> bool {
    let chars = value.trim().chars().count();
    chars > 0 && chars <= max_chars && !value.chars().any(|c| c.is_control() && c != '\n' && c != '\r')
}

/// Checks an application's form: all defects at once, so that nobody is sent back twice.
///
/// # Errors
/// One `Refusal` a defect, each with a code that names the field.
pub fn check_form(app: &Application, now: UtcMs) -> Result<(), Vec<Refusal>> {
    let mut faults = Vec::new();
    if !text_ok(&app.case_number, limits::NAME_CHARS) {
        faults.push(bad(
            "case_number",
            "案件编号未填写或超过120字。",
            "The case number is empty or longer than 120 characters.",
        ));
    }
    if !text_ok(&app.unit, limits::NAME_CHARS) {
        faults.push(bad("unit", "申请单位未填写或超过120字。", "The unit is empty or longer than 120 characters."));
    }
    if !text_ok(&app.purpose, limits::FREE_TEXT_CHARS) {
        faults.push(bad(
            "purpose",
            "事由未填写或超过2000字。",
            "The purpose is empty or longer than 2,000 characters.",
        ));
    }
    if app.cameras.is_empty() || app.cameras.len() > limits::REQUEST_CAMERAS {
        faults.push(bad("cameras", "请选择1至64路摄像机。", "Choose 1 to 64 cameras."));
    }
    let length_ms = app.to.since(app.from);
    if length_ms <= 0 || length_ms > limits::REQUEST_RANGE_MS {
        faults.push(bad(
            "range",
            "结束时间须晚于开始时间，且不超过7天。",
            "The end must be after the begin, at most 7 days.",
        ));
    }
    if app.to > now {
        faults.push(bad("future", "不能申请尚未发生的时间段。", "The range lies in the future."));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Different officers named in an application.
#[must_use]
pub fn distinct_officers(app: &Application) -> usize {
    let mut ids = app.officers.clone();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

/// Submits an application whose form is right and which the law gate allows. The footage is to be held from this moment.
///
/// # Errors
/// The law gate's refusal, unchanged.
pub fn submit(law: Result<(), Refusal>, now: UtcMs) -> Result<State, Refusal> {
    law.map(|()| State::Submitted { at: now })
}

/// Nobody decides a request they are named in; what is to be done instead depends on whose request it is.
fn named(app: &Application) -> Refusal {
    let next = if app.under.is_some() {
        Text::new(
            "请由另一名信息管理员审批；没有的，请管理员给另一人开设信息管理员账号。到期办不了的，在该指令页面写明原因，答复公安机关。",
            "Another custodian decides it; where there is none, an administrator gives that role to another person. What cannot be done in time is \
             answered to the authority on the page of its order, with the reason.",
        )
    } else if app.own.is_some() {
        Text::new(
            "请由另一名信息管理员决定。公安机关查看、调取录像另走办案民警的申请或者公安机关的指令，不经这里。",
            "The other custodian decides it. What the police want to see goes another way: a request of officers, or an order of the authority.",
        )
    } else {
        Text::new("请由信息管理员审批。", "An information custodian must decide it.")
    };
    let what = Text::new("申请人不能审批本人的申请。", "Nobody decides a request they are named in.");
    Refusal::new(ErrorKind::Forbidden, "conflict_of_interest", what, next)
}

/// As `decide`, where whoever entered a person's own request is the unit's only custodian. Order 799 art. 21 asks for the unit's consent and not
/// for two persons; so that one person decides, and a grant then needs its `reason` as a refusal always does. Every other request is decided as
/// ever.
///
/// # Errors
/// As `decide`.
pub fn decide_alone(
    state: State,
    app: &Application,
    (command, reason): (&Command, &str),
    law: Result<(), Refusal>,
    now: UtcMs,
) -> Result<State, Refusal> {
    if app.own.is_none() {
        return decide(state, app, command, law, now);
    }
    if matches!(command, Command::Grant { .. }) && !text_ok(reason, limits::FREE_TEXT_CHARS) {
        return Err(bad(
            "reason_missing",
            "登记人本人决定的，同意也须写明理由。",
            "Where one person enters and decides, a grant must give its reason too.",
        ));
    }
    let free = Application { officers: Vec::new(), ..app.clone() };
    decide(state, &free, command, law, now)
}

/// Decides a command on a request. `law` is the gate's answer for this act on these facts.
///
/// # Errors
/// `conflict_of_interest`, `already_decided`, `not_granted`, `reason_missing`, `hours_out_of_range`, or the gate's refusal.
pub fn decide(
    state: State,
    app: &Application,
    command: &Command,
    law: Result<(), Refusal>,
    now: UtcMs,
) -> Result<State, Refusal> {
    match (command, current(state, now)) {
        (Command::Grant { by, .. } | Command::Refuse { by, .. }, _) if app.officers.contains(by) => Err(named(app)),
        (Command::Grant { hours, .. }, State::Submitted { .. }) => {
            let use_ms = i64::from(*hours) * 3_600_000;
            if use_ms == 0 || use_ms > GRANT_MAX_MS {
                return Err(bad("hours_out_of_range", "授权时长须为1至168小时。", "A grant lasts 1 to 168 hours."));
            }
            law?;
            let until = now.plus_ms(use_ms);
            match app.under.as_ref().map(|u| u.until) {
                Some(last) if last <= now => Err(order_over()),
                last => Ok(State::Granted { at: now, until: last.map_or(until, |last| until.min(last)) }),
            }
        }
        (Command::Refuse { reason, .. }, State::Submitted { .. }) => {
            if !text_ok(reason, limits::FREE_TEXT_CHARS) {
                return Err(bad("reason_missing", "不予同意须写明理由。", "A refusal must give its reason."));
            }
            Ok(State::Refused { at: now })
        }
        (Command::End { .. }, State::Granted { .. }) => Ok(State::Ended { at: now }),
        (Command::End { .. }, _) => Err(not_granted()),
        (_, _) => Err(Refusal::new(
            ErrorKind::Conflict,
            "already_decided",
            Text::new("该申请已经处理过。", "This request has been decided already."),
            Text::new("请刷新页面查看结果。", "Reload the page to see the outcome."),
        )),
    }
}

/// The state as it is at `now`: a grant whose time ran out has ended.
#[must_use]
pub fn current(state: State, now: UtcMs) -> State {
    match state {
        State::Granted { until, .. } if now >= until => State::Ended { at: until },
        other => other,
    }
}

fn not_granted() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "not_granted",
        Text::new("该申请没有有效的授权。", "This request has no grant in force."),
        Text::new("请联系信息管理员，或重新申请。", "Ask the custodian, or make a new request."),
    )
}

/// A two-officer session under a grant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Whose browser it runs in.
    pub first: AccountId,
    /// The second officer, who signed in beside the first.
    pub second: AccountId,
    /// When it opened.
    pub opened: UtcMs,
    /// When it ends.
    pub until: UtcMs,
    /// What was seen of a citizen's papers; `None`: a session of officers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// Digest of the pass of the browser in which it runs; `None`: a program opened it, or one of before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Sha256>,
}

fn order_over() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "order_over",
        Text::new("公安机关指令的有效期已过。", "The order of the authority is over."),
        Text::new("请申请人向公安机关申请重新通知。", "The applicant asks the authority to order it again."),
    )
}

/// Opens a session in which the unit shows footage to a citizen. `second`: who of the unit signed in beside; needed for a copy.
///
/// # Errors
/// `not_under_order` for a request of officers, `papers_not_seen`, `officer_not_named`, `second_needed`, `not_granted`, `order_over`, or the gate's
/// refusal.
pub fn open_showing(
    state: State,
    app: &Application,
    (first, second): (AccountId, Option<AccountId>),
    seen: Seen,
    law: Result<(), Refusal>,
    now: UtcMs,
) -> Result<Session, Refusal> {
    if !app.is_for_citizen() {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "not_under_order",
            Text::new("这是民警的申请，由两名民警登录查看。", "This is a request of officers, who sign in both."),
            Text::new("请民警到双人登录页面登录。", "The officers sign in at their own page."),
        ));
    }
    law?;
    if !seen.identity || !seen.paper {
        return Err(bad(
            "papers_not_seen",
            "没有核对身份证件和文书的编号，不能开始。",
            "The identity card and the number of the paper are to be seen first.",
        ));
    }
    let State::Granted { until, .. } = current(state, now) else { return Err(not_granted()) };
    let last = app.under.as_ref().map_or(until, |under| under.until);
    if now >= last {
        return Err(order_over());
    }
    let second = second.unwrap_or(first);
    if app.wanted == Use::Copy && first == second {
        return Err(bad(
            "second_needed",
            "提供副本须由本单位两名人员共同登录。",
            "A copy is handed out by two persons of the unit, both signed in.",
        ));
    }
    if !app.officers.contains(&first) || !app.officers.contains(&second) {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "officer_not_named",
            Text::new("该人员不在申请所列人员之中。", "This person is not named in the request."),
            Text::new("请由申请所列人员登录，或者重新办理。", "The persons named in the request sign in."),
        ));
    }
    let until = until.min(last).min(now.plus_ms(SESSION_MAX_MS));
    Ok(Session { first, second, opened: now, until, seen: Some(seen), browser: None })
}

/// Opens a session for two officers who both gave their passwords just now.
///
/// # Errors
/// `same_officer`, `officer_not_named`, `not_granted`, or the gate's refusal (B-28-1-1 for one officer).
pub fn open_session(
    state: State,
    app: &Application,
    first: AccountId,
    second: AccountId,
    law: Result<(), Refusal>,
    now: UtcMs,
) -> Result<Session, Refusal> {
    law?;
    if app.is_for_citizen() {
        // No session of officers: the papers are those of the citizen.
        return Err(not_granted());
    }
    let State::Granted { until, .. } = current(state, now) else { return Err(not_granted()) };
    if first == second {
        return Err(bad("same_officer", "两名民警必须是不同的人。", "The two officers must be two persons."));
    }
    if !app.officers.contains(&first) || !app.officers.contains(&second) {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "officer_not_named",
            Text::new("该民警不在申请书所列人员之中。", "This officer is not named in the request."),
            Text::new(
                "请由申请书所列民警登录，或重新申请。",
                "Sign in the officers named in the request, or make a new one.",
            ),
        ));
    }
    let until = until.min(now.plus_ms(SESSION_MAX_MS));
    Ok(Session { first, second, opened: now, until, seen: None, browser: None })
}

/// May this session look at `camera` from `from` to `to` now?
///
/// # Errors
/// `session_over`, `outside_scope`.
pub fn in_scope(
    app: &Application,
    session: &Session,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
    now: UtcMs,
) -> Result<(), Refusal> {
    if now >= session.until {
        return Err(Refusal::new(
            ErrorKind::Unauthenticated,
            "session_over",
            Text::new("双人查看时段已结束。", "The two-officer session is over."),
            Text::new("请两名民警重新登录。", "Both officers must sign in again."),
        ));
    }
    if !app.cameras.contains(&camera) || from < app.from || to > app.to {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "outside_scope",
            Text::new("超出授权的摄像机或时间范围。", "Outside the cameras or minutes that were granted."),
            Text::new("如确有需要，请就该范围另行申请。", "If it is needed, make a request for it."),
        ));
    }
    Ok(())
}
