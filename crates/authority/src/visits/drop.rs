//! A visit that does not take place: taken back by its officers, refused or called off by a head, always with the reason.
//!
//! ```text
//! asked or approved ─▶ who may? ─▶ reason (sealed with the record) ─▶ state `dropped`, entry `visit.dropped` ─▶ another may be asked for
//! asked ─▶ a head who does not inspect ─▶ reason ─▶ the same state, entry `visit.refused` ─▶ its inspectors read why
//! begun, and nobody can close it any more ─▶ a head breaks it off in the same way
//! ```
//! Always true: a visit that began took place and counts, so it is not dropped; only where it can be closed no more (an inspector keeps out of
//! the case since, or inspects here no more; the case is over) a head breaks it off, and it is made anew; what was dropped counts towards no cap
//! and its number of approval is not given again; the reason may name persons, so it stands in the sealed record and in no entry.

use super::act::{in_state, written};
use super::approve::not_inspecting;
use super::facts::{Dropped, Facts, VisitState};
use super::read::record_of;
use super::record::Field;
use super::{bad, conflict};
use crate::cases::{CaseView, not_kept_out};
use crate::{Authority, By};
use base::{AccountId, CaseId, ErrorKind, Pii, Refusal, Text};
use domain::access::Permission;
use domain::casework::Seat;
use serde_json::Value;
use store::visits::{VisitEntry, VisitRow};

/// Fewest letters of the reason, and most characters.
const REASON_CHARS: (usize, usize) = (4, 500);
/// The field of the record that has the reason; no phone writes it.
pub(super) const REASON: &str = "dropped";

/// The words of the reason, as they are kept.
pub(super) fn reason_of(text: &str) -> Result<String, Refusal> {
    let (least, most) = REASON_CHARS;
    let text = text.trim().replace("\r\n", "\n");
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let plain = text.chars().all(|c| c == '\n' || !c.is_control());
    if letters >= least && text.chars().count() <= most && plain {
        return Ok(text);
    }
    Err(bad(
        "reason",
        Text::of(
            format!("请写明理由：至少{least}个字，至多{most}个字符。"),
            format!("Say why: at least {least} letters, at most {most} characters."),
        ),
    ))
}

/// It has not begun.
fn has_not_begun(row: &VisitRow) -> Result<(), Refusal> {
    if matches!(VisitState::parse(&row.state), Some(VisitState::Asked | VisitState::Approved)) {
        return Ok(());
    }
    Err(conflict(
        "visit_state",
        Text::new(
            "这次检查已经开始或者已经结束，不能取消。",
            "The visit has begun or is over; it is not dropped any more.",
        ),
        Text::new("已经开始的，请逐项填写后结束检查。", "What has begun is gone through and closed."),
    ))
}

/// A head drops what they do not inspect themselves, and alone what is `stuck`; of the officers whoever asked for it, inspects or handles the
/// case.
pub(super) fn may_drop(by: By, row: &VisitRow, facts: &Facts, (assigned, stuck): (Option<AccountId>, bool)) -> bool {
    let inspects = row.inspectors.contains(&by.account);
    let is_theirs = inspects || facts.asked_by == by.account || assigned == Some(by.account);
    let head = by.role.may(Permission::ApproveCases) && !inspects;
    let officer = by.role.may(Permission::HandleCases) && is_theirs;
    if stuck { head } else { has_not_begun(row).is_ok() && (head || officer) }
}

fn not_your_visit(stuck: bool) -> Refusal {
    let next = if stuck {
        Text::new(
            "这次检查已经开始又不能结束，请没有参加检查的负责人中止。",
            "It has begun and cannot be closed: a head who does not inspect breaks it off.",
        )
    } else {
        Text::new("请由承办人、检查人员或者负责人取消。", "Whoever handles, inspects or approves it may drop it.")
    };
    Refusal::new(
        ErrorKind::Forbidden,
        "not_your_visit",
        Text::new("您不经办这次检查，也不审批。", "You neither handle this visit nor approve it."),
        next,
    )
}

impl Authority {
    /// Whether a visit that began can be closed no more: one of its inspectors keeps out of the case since or inspects here no more, so that a
    /// signature or the second officer is missing; or the case is over.
    pub(super) async fn is_stuck(&self, view: &CaseView, row: &VisitRow) -> Result<bool, Refusal> {
        if row.state != VisitState::Open.code() {
            return Ok(false);
        }
        if view.case.abandoned.is_some() || view.row.head.closed.is_some() {
            return Ok(true);
        }
        let officers = self.store().officers_of(view.row.head.office).await?;
        let sits = |account: &AccountId| {
            let own = officers.iter().find(|o| o.account == *account);
            own.is_some_and(|o| o.seats.iter().any(|seat| seat == Seat::Officer.code()))
        };
        for account in &row.inspectors {
            let works = self.store().account(*account).await?.is_some_and(|a| a.disabled.is_none());
            if !works || !sits(account) || view.case.is_recused(*account) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Drops the newest visit of a case, which has not begun: taken back, sent back or called off. Another may be asked for at once. What has begun
    /// and can be closed no more is broken off by a head.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `recused`, `visit_state`, `not_your_visit`, `reason`, `visit_moved_on`, or the store.
    pub async fn drop_visit(&self, by: By, case: CaseId, reason: &str) -> Result<(), Refusal> {
        let account = by.needs(Permission::HandleCases).or_else(|_| by.needs(Permission::ApproveCases))?;
        let view = self.inspection_case(by, case).await?;
        self.acts_for(account, view.row.head.office).await?;
        not_kept_out(&view.case, account)?;
        let row = self.newest_visit(case).await?;
        let stuck = self.is_stuck(&view, &row).await?;
        if !stuck {
            has_not_begun(&row)?;
        }
        let facts = Facts::read(&row.facts)?;
        if !may_drop(by, &row, &facts, (view.case.assigned, stuck)) {
            return self.entered(account, case, Err(not_your_visit(stuck))).await;
        }
        let body = serde_json::json!({ "was": row.state, "number": facts.approved.as_ref().map(|a| a.number.clone()) });
        let text =
            Text::of(format!("取消检查：{}。", view.row.number), format!("Visit dropped in {}.", view.row.number));
        let made = VisitEntry { kind: "visit.dropped", body, text, by: account, now: self.now() };
        self.end_unbegun(&row, facts, (reason, false), made).await
    }

    /// Does not approve the newest visit of a case, with the reasons, which its inspectors read: it ends, and another may be asked for.
    ///
    /// # Errors
    /// No permission, `not_found`, `other_office`, `recused`, `visit_state`, `inspects_too`, `reason`, `visit_moved_on`, or the store.
    pub async fn refuse_visit(&self, by: By, case: CaseId, reason: &str) -> Result<(), Refusal> {
        let account = by.needs(Permission::ApproveCases)?;
        let view = self.inspection_case(by, case).await?;
        self.acts_for(account, view.row.head.office).await?;
        not_kept_out(&view.case, account)?;
        let row = self.newest_visit(case).await?;
        in_state(&row, VisitState::Asked)?;
        not_inspecting(&row, account)?;
        let facts = Facts::read(&row.facts)?;
        let text = Text::of(
            format!("不批准检查：{}。", view.row.number),
            format!("Visit not approved in {}.", view.row.number),
        );
        let body = serde_json::json!({ "visit_kind": row.kind, "on_day": row.day });
        let made = VisitEntry { kind: "visit.refused", body, text, by: account, now: self.now() };
        self.end_unbegun(&row, facts, (reason, true), made).await
    }

    /// The row of a visit that does not take place, with why in its sealed record, and the entry.
    async fn end_unbegun(
        &self,
        row: &VisitRow,
        mut facts: Facts,
        (reason, refused): (&str, bool),
        made: VisitEntry,
    ) -> Result<(), Refusal> {
        let reason = reason_of(reason)?;
        let version = row.version + 1;
        let mut record = record_of(row)?;
        record.0.insert(REASON.to_owned(), Field { v: version, value: Value::String(reason) });
        facts.dropped = Some(Dropped { by: made.by, at: made.now, refused });
        let changed = VisitRow {
            state: VisitState::Dropped.code().to_owned(),
            version,
            record: Pii::new(written(&record)?),
            facts: facts.write()?,
            ..row.clone()
        };
        self.keep_visit(&changed, row, made).await
    }
}
