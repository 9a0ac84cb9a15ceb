//! Information use: request, decision, grant, two-officer session, hold, deletion by hand. One corridor a step.
//!
//! ```text
//! form ─▶ role ─▶ domain::viewing::check_form ─▶ law gate on the facts as they are ─▶ domain decides ─▶ rows + entry together
//! ```
//!
//! Always true: what the law gate refuses is logged with its clauses and shown, and nothing else of it is stored; facts are
//! read from accounts and rows at the moment of the act, never from the form alone; the same officer twice is one officer. What a person asks of
//! the unit itself is entered first and judged when it is decided, so that whoever asks gets an answer (`own_request`).
//! Sources: A-24, B-27, B-28, Order 799 arts. 16, 20 and 21.

mod cover;
mod deletion;
mod facts;
mod holds;
mod own_request;
#[cfg(test)]
mod own_request_tests;
mod person_orders;
#[cfg(test)]
mod person_orders_tests;
mod session;
mod showing;
#[cfg(test)]
mod showing_tests;
mod submit;
#[cfg(test)]
mod tests;

pub use deletion::{Deleted, DeletionForm};
pub(crate) use facts::persons;
pub use holds::HoldForm;
pub use own_request::{OwnForm, RELATIONS, relation_name};
pub use person_orders::{PersonForm, PersonTask};
pub(crate) use session::{OpenSession, wants_copy};
pub use session::{SecondOfficer, check_badge};
pub use showing::{Finish, OrderTask, Papers, ShowForm};
pub use submit::{Letter, UseForm};

use crate::devices::add_new;
use crate::{Actor, Site};
use base::{CameraId, ClauseId, ErrorKind, Refusal, RequestId, Text};
use domain::access::Permission;
use domain::viewing::{self, Application, Command, State, Use};
use law::{Act, Answer, HoldRelease, OfficialAccess};
use store::StoreError;
use store::ledger_log::{ActLine, Outcome};
use store::register::{RegisterFilter, RegisterRow};
use store::requests::{Decided, RequestFilter, RequestRow};

/// Word of the register's lines that say that something was seen: by officers, or by whom it was shown to.
pub(crate) const SEEN: &str = "view";
/// Word of those that say that the custodian fetched footage to look at it before it is shown, where others are to be covered.
pub(crate) const LOOKED: &str = "look";

/// What the custodian decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// Grant, usable for this many hours (1 to 168).
    Grant {
        /// Hours.
        hours: u32,
    },
    /// As `Grant`, with reasons: where the unit has no other custodian than the one who entered a person's own request, they are needed and kept.
    GrantWith {
        /// Hours.
        hours: u32,
        /// Why.
        reason: String,
    },
    /// Refuse; the officers read the reason.
    Refuse {
        /// Why.
        reason: String,
    },
}

/// A decision by the one who entered the request says so.
fn by_one(text: &Text) -> Text {
    Text::of(
        format!("{}登记和决定是同一人：本单位只有一名信息管理员。", text.zh),
        format!("{} One person entered and decided it: the unit has one custodian.", text.en),
    )
}

/// The act of the law that a use is.
const fn act_of(wanted: Use, facts: OfficialAccess) -> Act {
    match wanted {
        Use::View => Act::OfficialView(facts),
        Use::Copy => Act::OfficialCopy(facts),
    }
}

fn already_decided() -> Refusal {
    Refusal::new(
        ErrorKind::Conflict,
        "already_decided",
        Text::new("该申请已经处理过。", "This request has been decided already."),
        Text::new("请刷新页面查看结果。", "Reload the page to see the outcome."),
    )
}

impl Site {
    /// Requests this account may know of, newest first, at most `limit`: officers their own, custodian, manager and auditor all.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn requests(&self, by: &Actor, wanted: &RequestFilter, limit: u32) -> Result<Vec<RequestRow>, Refusal> {
        by.needs(Permission::SeeRegister)?;
        let of = by.role.may(Permission::RequestUse).then_some(by.id);
        let now = self.now().utc;
        let rows = self.store().requests(&RequestFilter { of, ..wanted.clone() }, limit, now).await?;
        Ok(rows.into_iter().map(|r| RequestRow { state: viewing::current(r.state, now), ..r }).collect())
    }

    /// One request, if this account may know of it. Its state is the one of this moment.
    ///
    /// # Errors
    /// No permission, `not_found` (also for requests of others), or the store.
    pub async fn request(&self, by: &Actor, id: RequestId) -> Result<RequestRow, Refusal> {
        let row = self.stored_request(by, id).await?;
        Ok(RequestRow { state: viewing::current(row.state, self.now().utc), ..row })
    }

    async fn stored_request(&self, by: &Actor, id: RequestId) -> Result<RequestRow, Refusal> {
        by.needs(Permission::SeeRegister)?;
        let row = self.store().request(id).await?;
        let mine = |r: &RequestRow| !by.role.may(Permission::RequestUse) || r.application.officers.contains(&by.id);
        row.filter(mine).ok_or_else(|| Refusal::not_found("该申请", "request"))
    }

    /// Lines of the register, newest first, at most `limit`: of one's own requests for officers, of all for those who keep or
    /// audit it.
    ///
    /// # Errors
    /// No permission, `not_found`, or the store.
    pub async fn register(&self, by: &Actor, wanted: &RegisterFilter, limit: u32) -> Result<Vec<RegisterRow>, Refusal> {
        by.needs(Permission::SeeRegister)?;
        if let Some(id) = wanted.request {
            self.stored_request(by, id).await?;
        }
        let of = by.role.may(Permission::RequestUse).then_some(by.id);
        Ok(self.store().register_list(&RegisterFilter { of, ..wanted.clone() }, limit).await?)
    }

    /// Opens the unit letter of a request, or what was entered of a person who asks: file name, media type, bytes. Each opening is an
    /// entry in the log (`paper.opened`), committed before the first byte: both name persons.
    ///
    /// # Errors
    /// No permission, or as `request`; `not_found` where there is none; the log.
    pub async fn letter(&self, by: &Actor, id: RequestId) -> Result<(String, String, Vec<u8>), Refusal> {
        by.needs(Permission::OpenPapers)?;
        let row = self.stored_request(by, id).await?;
        let missing = || Refusal::not_found("单位证明文件", "unit letter");
        let sha = row.application.letter.ok_or_else(missing)?;
        let paper = self.store().paper(sha).await?.ok_or_else(missing)?;
        let text = match row.application.own {
            Some(_) => Text::of(
                format!("打开申请 {} 登记的申请人信息。", row.number),
                format!("What was entered of the applicant of request {} opened.", row.number),
            ),
            None => Text::of(
                format!("打开申请 {} 的单位证明文件。", row.number),
                format!("Unit letter of request {} opened.", row.number),
            ),
        };
        let body = serde_json::json!({ "request": id, "paper_sha256": sha, "by": by.id });
        let act = ActLine {
            outcome: Outcome::Done,
            account: Some(by.id),
            camera: None,
            request: Some(id),
            clauses: vec![],
            text,
        };
        self.store().log("paper.opened", self.now().utc, body, act).await.map_err(StoreError::from)?;
        Ok(paper)
    }

    /// What the law says to a request as it stands now, for its page; does nothing.
    ///
    /// # Errors
    /// As `request`.
    pub async fn law_view(&self, by: &Actor, id: RequestId) -> Result<Answer, Refusal> {
        let row = self.stored_request(by, id).await?;
        let facts = self.facts_of_request(&row.application, None).await?;
        let mut answer: Option<Answer> = None;
        // The first that refuses is the one to show.
        for act in facts.wanted(row.application.wanted) {
            if answer.as_ref().is_none_or(|a| a.allow) {
                answer = Some(self.ask(act));
            }
        }
        answer.ok_or_else(|| Refusal::not_found("该申请", "request"))
    }

    /// The custodian grants or refuses.
    ///
    /// # Errors
    /// No permission, `conflict_of_interest`, `already_decided` (also when another tab was first), `taken_back`, a missing reason, hours
    /// out of range, the law, or the store.
    pub async fn decide(&self, by: &Actor, id: RequestId, decision: Decision) -> Result<RequestRow, Refusal> {
        by.needs(Permission::DecideUse)?;
        let row = self.stored_request(by, id).await?;
        let app = &row.application;
        for camera in &app.cameras {
            self.in_area(by, *camera).await?;
        }
        let alone = self.decides_alone(by, app).await?;
        let (command, kind, reason) = match &decision {
            Decision::Grant { hours } => (Command::Grant { by: by.id, hours: *hours }, "grant.made", String::new()),
            Decision::GrantWith { hours, reason } => {
                let reason = if alone { reason.trim().to_owned() } else { String::new() };
                (Command::Grant { by: by.id, hours: *hours }, "grant.made", reason)
            }
            Decision::Refuse { reason } => {
                let reason = reason.trim().to_owned();
                (Command::Refuse { by: by.id, reason: reason.clone() }, "request.refused", reason)
            }
        };
        if app.own.is_some() && matches!(command, Command::Grant { .. }) {
            self.not_taken_back(id).await?;
        }
        let mut clauses = Vec::new();
        let law = if matches!(command, Command::Grant { .. }) && matches!(row.state, State::Submitted { .. }) {
            let facts = self.facts_of_request(app, None).await?;
            let asked = self.lawful_uses(by, None, Some(id), &facts.wanted(app.wanted)).await;
            asked.map(|found| clauses = found)
        } else {
            if app.own.is_some() {
                clauses = self.refused_by(app).await?;
            }
            Ok(())
        };
        let now = self.now().utc;
        let after = if alone {
            viewing::decide_alone(row.state, app, (&command, &reason), law, now)?
        } else {
            viewing::decide(row.state, app, &command, law, now)?
        };
        let text = match after {
            State::Granted { until, .. } => Text::of(
                format!("同意申请 {}，有效期至 {}。", row.number, until.desk()),
                format!("Request {} granted until {}.", row.number, until.desk()),
            ),
            _ => Text::of(format!("不予同意申请 {}。", row.number), format!("Request {} refused.", row.number)),
        };
        let text = if alone { by_one(&text) } else { text };
        self.change(
            row,
            Decided { kind, before: State::Submitted { at: now }, after, reason, by: by.id, clauses, text },
        )
        .await
    }

    /// Whether this custodian entered a person's own request and nobody else of the unit could decide it: then the one does, with reasons.
    /// Accounts are looked at now; one that is locked away counts for nobody.
    ///
    /// # Errors
    /// The store.
    pub async fn decides_alone(&self, by: &Actor, app: &Application) -> Result<bool, Refusal> {
        if app.own.is_none() || !app.officers.contains(&by.id) {
            return Ok(false);
        }
        let accounts = self.store().accounts().await?;
        Ok(!accounts.iter().any(|a| a.id != by.id && a.disabled.is_none() && a.role.may(Permission::DecideUse)))
    }

    /// Ends a grant before its time: the custodian, or an officer named in the request.
    ///
    /// # Errors
    /// No permission, `not_found`, `not_granted`, or the store.
    pub async fn end_grant(&self, by: &Actor, id: RequestId) -> Result<RequestRow, Refusal> {
        if !by.role.may(Permission::UseGrant) {
            by.needs(Permission::DecideUse)?;
        }
        let row = self.stored_request(by, id).await?;
        let now = self.now().utc;
        let after = viewing::decide(row.state, &row.application, &Command::End { by: by.id }, Ok(()), now)?;
        let text = Text::of(
            format!("提前结束申请 {} 的授权。", row.number),
            format!("Grant of request {} ended early.", row.number),
        );
        let (kind, reason) = ("grant.ended", row.reason.clone());
        let decided = Decided { kind, before: row.state, after, reason, by: by.id, clauses: vec![], text };
        self.change(row, decided).await
    }

    /// Stores a decision on the state it was made on; somebody else may have been first.
    async fn change(&self, row: RequestRow, decided: Decided) -> Result<RequestRow, Refusal> {
        let decided = Decided { before: row.state, ..decided };
        let done = self.store().decide_request(row.id, &decided, self.now().utc).await.map_err(StoreError::from)?;
        if !done {
            return Err(already_decided());
        }
        Ok(RequestRow { state: decided.after, reason: decided.reason, decided_by: Some(decided.by), ..row })
    }

    /// Releases the holds of a closed request, with a reason. Returns how many.
    ///
    /// # Errors
    /// No permission, `not_found`, the law (`hold_still_needed` while the request is open or without a reason), or the store.
    pub async fn release_hold(&self, by: &Actor, id: RequestId, reason: &str) -> Result<u64, Refusal> {
        by.needs(Permission::DecideUse)?;
        let row = self.request(by, id).await?;
        let reason: String = reason.trim().chars().take(base::limits::FREE_TEXT_CHARS).collect();
        let request_closed = matches!(row.state, State::Refused { .. } | State::Ended { .. });
        let act = Act::ReleaseHold(HoldRelease { request_closed, reason_recorded: !reason.is_empty() });
        let clauses = self.lawful_use(by, None, Some(id), act).await?;
        let now = self.now().utc;
        Ok(self.store().release_holds(id, &reason, by.id, &clauses, now).await.map_err(StoreError::from)?)
    }

    /// As `lawful_use`, of several acts: all are allowed, or the first refusal is entered and told. Each clause once.
    pub(crate) async fn lawful_uses(
        &self,
        by: &Actor,
        camera: Option<CameraId>,
        request: Option<RequestId>,
        acts: &[Act],
    ) -> Result<Vec<ClauseId>, Refusal> {
        let mut clauses = Vec::new();
        for act in acts {
            add_new(&mut clauses, self.lawful_use(by, camera, request, *act).await?);
        }
        Ok(clauses)
    }

    /// As `lawful`, naming the request in the entry of a refusal.
    pub(crate) async fn lawful_use(
        &self,
        by: &Actor,
        camera: Option<CameraId>,
        request: Option<RequestId>,
        act: Act,
    ) -> Result<Vec<ClauseId>, Refusal> {
        match self.ask(act).into_result() {
            Ok(answer) => Ok(answer.deciding.into_iter().map(|c| c.clause).collect()),
            Err(refusal) => {
                self.log_refusal(by, camera, request, &refusal).await?;
                Err(refusal)
            }
        }
    }
}
