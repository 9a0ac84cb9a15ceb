//! The two-officer session: opened by two passwords, bounded in time, its opening a line of the register.

use super::cover::put_covered;
use super::facts::{Facts, actor, official_facts, persons};
use crate::{Actor, Site};
use base::{AccountId, ClauseId, ErrorKind, Pii, Refusal, RequestId, Sha256, Text};
use domain::access::Permission;
use domain::viewing::{self, Session, State, Use};
use law::Act;
use store::accounts::Account;
use store::requests::{NewRegister, RequestRow};

/// A session that runs now, under a grant in force.
#[derive(Clone, Debug)]
pub(crate) struct OpenSession {
    pub(crate) row: RequestRow,
    pub(crate) session: Session,
    /// The two, first and second; for a citizen who of the unit is there.
    pub(crate) officers: Vec<Account>,
    /// Facts for the law gate: the two officers who are here, or the citizen and what was seen of the papers.
    pub(crate) facts: Facts,
}

/// What the second officer types beside the first.
#[derive(Clone, Debug)]
pub struct SecondOfficer {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: Pii<String>,
    /// Code of the phone, where the account has a second step.
    pub code: String,
    /// Badge from the work ID; `None` where nobody typed one (a program on the machine).
    pub badge: Option<String>,
    /// Digest of the pass of the browser before which both sit: there the session runs, and in no other of the first one's.
    pub browser: Option<Sha256>,
}

/// Refuses unless `typed` is the badge of the account.
///
/// # Errors
/// `badge`.
pub fn check_badge(account: &Account, typed: &str) -> Result<(), Refusal> {
    if account.badge.as_ref().is_some_and(|b| b.expose().trim() == typed) {
        return Ok(());
    }
    Err(Refusal::bad_input(
        "badge",
        Text::new("警号与该账号登记的不一致。", "The badge is not the one of this account."),
        Text::new("请按工作证件填写。", "Type what the work ID says."),
    ))
}

impl SecondOfficer {
    /// Login and password alone: an account without a second step, no badge asked.
    #[must_use]
    pub fn new(login: &str, password: &str) -> Self {
        Self {
            login: login.into(),
            password: Pii::new(password.into()),
            code: String::new(),
            badge: None,
            browser: None,
        }
    }
}

impl OpenSession {
    /// A line of the register about what these officers do; camera and time are added where there are any.
    pub(crate) fn register_line(&self, what: &'static str, text: Text, clauses: Vec<ClauseId>) -> NewRegister {
        register_line(&self.row, &self.officers, self.session.first, what, text, clauses)
    }
}

pub(super) fn register_line(
    row: &RequestRow,
    officers: &[Account],
    by: AccountId,
    what: &'static str,
    text: Text,
    clauses: Vec<ClauseId>,
) -> NewRegister {
    let app = &row.application;
    NewRegister {
        request: row.id,
        what,
        camera: None,
        from: None,
        to: None,
        unit: app.unit.clone(),
        reason: format!("{} {}：{}", app.basis.name().zh, app.case_number, app.purpose),
        persons: persons(officers),
        clauses,
        by,
        text,
        body: serde_json::json!({ "officers": officers.iter().map(|o| o.id).collect::<Vec<_>>() }),
    }
}

pub(super) fn no_session() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "no_session",
        Text::new("没有进行中的双人查看时段。", "No two-officer session is open."),
        Text::new(
            "请申请书所列的两名民警在本机共同登录。",
            "Two officers named in the request must sign in here together.",
        ),
    )
}

impl Site {
    /// Opens a session: the first officer is signed in, the second signs in beside them.
    ///
    /// # Errors
    /// No permission, `not_found`, those of `Site::sign_in` (and the lock-out of the second account), `badge`, the law (B-28-1-1 where both are
    /// one person), `officer_not_named`, `not_granted`, `session_changed`, or the store.
    pub async fn open_session(&self, by: &Actor, id: RequestId, officer: &SecondOfficer) -> Result<Session, Refusal> {
        by.needs(Permission::UseGrant)?;
        let row = self.request(by, id).await?;
        let second = self.sign_in(&officer.login, &officer.password, &officer.code).await?;
        if let Some(badge) = &officer.badge {
            check_badge(&second, badge)?;
        }
        actor(&second).needs(Permission::UseGrant)?;
        let officers = self.officers(&[by.id, second.id]).await?;
        let app = &row.application;
        let facts = official_facts(app, &officers, app.letter.is_some());
        let mut clauses = Vec::new();
        let asked = self.lawful_use(by, None, Some(id), Act::OfficialView(facts)).await;
        let law = asked.map(|found| clauses = found);
        let now = self.now().utc;
        let session = viewing::open_session(row.state, app, by.id, second.id, law, now)?;
        let session = Session { browser: officer.browser, ..session };
        let text = Text::of(
            format!("两名民警共同登录，查看时段至 {}。", session.until.desk()),
            format!("Two officers signed in together, until {}.", session.until.desk()),
        );
        let line = register_line(&row, &officers, by.id, "session", text, clauses);
        self.put_session(by.id, &row, &session, line).await?;
        Ok(session)
    }

    /// Stores a session that was just opened, in the place of the one that stands in `row`: a session that still runs, or in which others were to be
    /// covered and which nobody ended, has its line first.
    ///
    /// # Errors
    /// `session_changed` where another tab began or ended one meanwhile; or the store.
    pub(super) async fn put_session(
        &self,
        by: AccountId,
        row: &RequestRow,
        session: &Session,
        opened: NewRegister,
    ) -> Result<(), Refusal> {
        let now = session.opened;
        let mut ended = self.unended_line(by, row).await?;
        if let Some(before) = row.session.filter(|before| now < before.until) {
            let app = &row.application;
            let officers = self.people_of(app, &[before.first, before.second]).await?;
            let told = ended.as_ref().map(|line| line.text.clone()).unwrap_or_default();
            let text = Text::of(
                format!("前一次查看还没有结束，由新的查看代替。{}", told.zh),
                format!("The viewing before was not ended; a new one takes its place. {}", told.en)
                    .trim_end()
                    .to_owned(),
            );
            let line = ended.unwrap_or_else(|| register_line(row, &officers, by, "session", Text::default(), vec![]));
            ended = Some(NewRegister { text, ..line });
        }
        if self.store().open_request_session(row.id, (row.session.as_ref(), session), (ended, opened), now).await? {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorKind::Conflict,
            "session_changed",
            Text::new(
                "另一个页面刚刚开始或者结束了这项申请的查看。",
                "Another page has just begun or ended a viewing of this request.",
            ),
            Text::new("请刷新页面，看现在的情况后再开始。", "Reload the page and look how it stands, then begin."),
        ))
    }

    /// Ends the session: one of its officers, or the custodian. Where others were to be covered, every camera that was played must have been
    /// looked at, and nothing shown that was not; numbers and digests of it go into the register.
    ///
    /// # Errors
    /// No permission, `not_found`, `no_session`, `others_not_covered`, or the store.
    pub async fn end_session(&self, by: &Actor, id: RequestId) -> Result<(), Refusal> {
        let row = self.request(by, id).await?;
        let session = row.session.ok_or_else(no_session)?;
        if by.id != session.first && by.id != session.second {
            by.needs(Permission::DecideUse)?;
        }
        let app = &row.application;
        let officers = self.people_of(app, &[session.first, session.second]).await?;
        let text = if app.is_for_citizen() {
            Text::new("结束向申请人的查看。", "Showing footage to the applicant was ended.")
        } else {
            Text::new("结束双人查看时段。", "The two-officer session was ended.")
        };
        let clause = app.covered();
        let mut line = register_line(&row, &officers, by.id, "session", text, clause.into_iter().cloned().collect());
        if let Some(clause) = clause {
            let done = self.coverings_of(&row, &session, clause).await?;
            put_covered(&mut line, &done, app, session.first);
        }
        // Of two tabs one ends it, and neither ends the session that was opened after it.
        let is_done = self.store().end_request_session(id, &session, line, self.now().utc).await?;
        if is_done { Ok(()) } else { Err(no_session()) }
    }

    /// The session of a request, if it runs now in this officer's browser under a grant in force.
    pub(crate) async fn open_session_of(&self, by: &Actor, id: RequestId) -> Result<OpenSession, Refusal> {
        if !by.role.may(Permission::UseGrant) {
            by.needs(Permission::DecideUse)?;
        }
        let row = self.request(by, id).await?;
        let citizen = row.application.is_for_citizen();
        by.needs(if citizen { Permission::DecideUse } else { Permission::UseGrant })?;
        if let Some(under) = &row.application.under {
            self.order_to_show(under.order).await?;
        }
        if row.application.own.is_some() {
            // Also in the middle of a session: what the person took back is shown no further.
            self.not_taken_back(id).await?;
        }
        let now = self.now().utc;
        if !matches!(row.state, State::Granted { .. }) {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "not_granted",
                Text::new("该申请没有有效的授权。", "This request has no grant in force."),
                Text::new("请联系信息管理员，或重新申请。", "Ask the custodian, or make a new request."),
            ));
        }
        let session = row.session.filter(|s| s.first == by.id && now < s.until).ok_or_else(no_session)?;
        let app = &row.application;
        let officers = self.people_of(app, &[session.first, session.second]).await?;
        let facts = if citizen {
            // Nothing is taken as seen that no session says was.
            self.facts_of_request(app, Some(session.seen.unwrap_or_default())).await?
        } else {
            Facts::Officers(official_facts(app, &officers, app.letter.is_some()))
        };
        Ok(OpenSession { row, session, officers, facts })
    }

    /// The session of a request as pages show it: until when, and who; `None` when none runs.
    ///
    /// # Errors
    /// As `request`.
    pub async fn session_of(&self, by: &Actor, id: RequestId) -> Result<Option<Session>, Refusal> {
        let row = self.request(by, id).await?;
        let now = self.now().utc;
        let granted = matches!(row.state, State::Granted { .. });
        Ok(row.session.filter(|s| granted && now < s.until))
    }
}

/// Refuses unless the request asked for a copy, and where others are to be covered: the footage in a package is the recorded one, without boxes.
pub(crate) fn wants_copy(row: &RequestRow) -> Result<(), Refusal> {
    if row.application.covered().is_some() {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "others_not_covered",
            Text::new(
                "须遮住他人，本系统不能制作遮挡后的副本。",
                "Others are to be covered, and this system cannot make a covered copy.",
            ),
            Text::new(
                "请在查看页面上逐段检查后播放；必须提供副本的，写明原因答复公安机关。",
                "Show it on the page of the viewing, span by span; where only a copy will do, answer the authority with the reason.",
            ),
        ));
    }
    if row.application.wanted == Use::Copy {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "copy_not_granted",
        Text::new("该申请只获准查看，不包括复制。", "This request was granted for viewing only, not for a copy."),
        Text::new("如需复制，请另行申请。", "Make a new request for a copy if it is needed."),
    ))
}
