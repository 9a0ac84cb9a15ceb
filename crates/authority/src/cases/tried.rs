//! What was refused and leaves a trace: by law as `act.refused`, and attempts that somebody should be able to find as `act.tried`.
//!
//! Always true: an entry names code, case and account, and no value that was typed or sent; of one account at most so many attempts are
//! entered in an hour, so that nobody fills the log by trying; a file of many rows is one attempt.

use crate::{Authority, By};
use base::{AccountId, CaseId, ClauseId, ErrorKind, Refusal, Text};
use domain::casework::Typed;
use domain::form::{self, FieldFault};
use law::{Field, FieldKind};
use store::StoreError;
use store::ledger_log::{ActLine, Outcome};
use store::logbook::ActFilter;

/// Kind of the entry of an attempt.
const KIND: &str = "act.tried";
/// Refusals that are such an attempt: files that are not what they say, too large or there already; the same matter once more; a case of others
/// or one's own; a form that was made before something else was entered; papers that are not for the seat; days
/// that cannot be; numbers whose check digit is wrong; a visit of others, a signature for somebody else, what the head alone takes back. What is
/// only not there yet or not filled in (a step that is not open, a field) is a slip of the hand and leaves none.
const TRIED: [&str; 30] = [
    PAPER_SIZE,
    "paper_kind",
    PAPER_DISGUISED,
    "paper_there",
    IMPORT_TWICE,
    "same_case",
    "uploads",
    "document_there",
    "own_case",
    "own_recusal",
    "recused",
    "not_assigned",
    "not_your_step",
    "not_your_case",
    "other_office",
    "not_for_seat",
    "not_inspector",
    "not_your_visit",
    "own_signature",
    "void_by_head",
    "case_moved_on",
    "day_today",
    "day_to_come",
    "day_too_early",
    "day_too_late",
    "day_order",
    "clock_day",
    CREDIT_CODE,
    ORGANISATION_CODE,
    RESIDENT_ID,
];
pub(super) const PAPER_SIZE: &str = "paper_size";
pub(super) const PAPER_DISGUISED: &str = "paper_disguised";
pub(super) const IMPORT_TWICE: &str = "import_twice";
const ORGANISATION_CODE: &str = "organisation_code";
const CREDIT_CODE: &str = "credit_code";
const RESIDENT_ID: &str = "resident_id";
/// Most attempts of one account that are entered in [`SPAN_MS`].
pub(super) const MOST: u32 = 30;
/// An hour.
const SPAN_MS: i64 = 3_600_000;

/// The code of the first number among the faults of a form that is filled in and is none.
pub(super) fn wrong_number(fields: &[&Field], typed: &Typed, faults: &[FieldFault]) -> Option<&'static str> {
    faults.iter().find_map(|fault| {
        let field = fields.iter().find(|f| f.id == fault.field)?;
        let is_filled_in = typed.get(&field.id).is_some_and(|text| !text.trim().is_empty());
        match field.kind {
            FieldKind::CreditCode if is_filled_in => Some(CREDIT_CODE),
            FieldKind::OrganisationCode if is_filled_in => Some(ORGANISATION_CODE),
            FieldKind::ResidentId | FieldKind::IdentityDocument if is_filled_in => Some(RESIDENT_ID),
            _ => None,
        }
    })
}

/// A code of [`TRIED`] in words, for the line of the log.
fn said(code: &str) -> Text {
    match code {
        PAPER_SIZE => Text::new("文件过大", "the file is too large"),
        "paper_kind" => Text::new("文件形式不在允许的范围内", "this form of file is not taken"),
        PAPER_DISGUISED => Text::new("文件内容与文件名不符", "the file is not what its name says"),
        "paper_there" | "document_there" => Text::new("同一文件已经收到", "the same file is there already"),
        IMPORT_TWICE => Text::new("同一表格已经导入", "the same table was imported already"),
        "same_case" => Text::new("同一事项已有在办件", "a case of the same matter is open already"),
        "uploads" => Text::new("上传次数过多", "too many files were sent"),
        "own_case" => Text::new("本人是案件当事人", "it is the person's own case"),
        "own_recusal" => Text::new("不能决定自己的回避", "nobody rules on keeping out themselves"),
        "recused" => Text::new("已经回避", "the person keeps out of this case"),
        "not_assigned" => Text::new("案件未分给本人", "the case is not assigned to this person"),
        "not_your_step" => Text::new("不是本人岗位办理的步骤", "the step belongs to another seat"),
        "not_your_case" => Text::new("不是本人的案件", "it is a case of others"),
        "other_office" => Text::new("案件属于其他机构", "the case belongs to another office"),
        "not_for_seat" => Text::new("该岗位不能查看此材料", "the papers are not for this seat"),
        "not_inspector" => Text::new("不是这次检查的检查人员", "the person does not inspect here"),
        "not_your_visit" => {
            Text::new("这次检查不由本人办理或者审批", "the person neither handles nor approves this visit")
        }
        "own_signature" => Text::new("不能代他人签名", "nobody signs for another person"),
        "void_by_head" => Text::new("须由负责人作废", "the head alone makes it void"),
        "case_moved_on" => Text::new("填写期间案件有了新的记录", "the case had moved on while the form was filled in"),
        "day_today" | "day_to_come" | "day_too_early" | "day_too_late" | "day_order" | "clock_day" => {
            Text::new("填写的日期不能成立", "the day that was typed cannot be")
        }
        CREDIT_CODE => Text::new("统一社会信用代码校验位不符", "the check digit of the credit code is wrong"),
        ORGANISATION_CODE => Text::new("组织机构代码校验位不符", "the check digit of the organisation code is wrong"),
        RESIDENT_ID => Text::new("身份证件号码不符", "the number of the identity document is wrong"),
        other => Text::of(other.to_owned(), other.to_owned()),
    }
}

impl Authority {
    /// Enters what the law refused, and what is an attempt; everything else that is refused leaves no trace.
    pub(crate) async fn log_refusal(
        &self,
        by: AccountId,
        case: Option<CaseId>,
        refusal: &Refusal,
    ) -> Result<(), Refusal> {
        if refusal.kind != ErrorKind::Unlawful {
            return self.log_tried(by, case, &refusal.code).await;
        }
        let clauses: Vec<ClauseId> = refusal.why.iter().map(|c| c.clause.clone()).collect();
        let body = serde_json::json!({
            "code": refusal.code, "by": by, "camera": null, "request": null, "case": case, "clauses": clauses,
        });
        let text = Text::of(format!("依法拒绝：{}", refusal.what.zh), format!("Refused by law: {}", refusal.what.en));
        let act = ActLine { outcome: Outcome::Refused, clauses, ..ActLine::done(Some(by), text) };
        self.store().log("act.refused", self.now(), body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// What was decided; a refusal is entered before it is handed on.
    pub(crate) async fn entered<T>(
        &self,
        by: AccountId,
        case: CaseId,
        decided: Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if let Err(refusal) = &decided {
            self.log_refusal(by, Some(case), refusal).await?;
        }
        decided
    }

    pub(super) async fn log_tried(&self, by: AccountId, case: Option<CaseId>, code: &str) -> Result<(), Refusal> {
        if !TRIED.contains(&code) {
            return Ok(());
        }
        let now = self.now();
        let from = Some(now.plus_ms(-SPAN_MS));
        let filter = ActFilter { kind: Some(KIND.to_owned()), account: Some(by), from, ..ActFilter::default() };
        let entered = self.store().acts(&filter, MOST).await?.len();
        if u32::try_from(entered).unwrap_or(u32::MAX) >= MOST {
            return Ok(());
        }
        let body = serde_json::json!({ "code": code, "case": case, "by": by });
        let why = said(code);
        let text = Text::of(format!("没有办成：{}。", why.zh), format!("Tried and not done: {}.", why.en));
        let act = ActLine { outcome: Outcome::Refused, ..ActLine::done(Some(by), text) };
        self.store().log(KIND, now, body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Enters that a form came with a credit code, organisation code or identity number that is none; never the number.
    ///
    /// # Errors
    /// The store.
    pub async fn tried_numbers(
        &self,
        by: By,
        case: Option<CaseId>,
        fields: &[&Field],
        typed: &Typed,
    ) -> Result<(), Refusal> {
        let faults = form::check(fields, typed).err().unwrap_or_default();
        match wrong_number(fields, typed, &faults) {
            Some(code) => self.log_tried(by.account, case, code).await,
            None => Ok(()),
        }
    }

    /// Enters that more was sent than a page takes, which nobody has read: with the case that the page is of, where this account may know of it.
    ///
    /// # Errors
    /// The store.
    pub async fn tried_size(&self, by: By, case: Option<CaseId>) -> Result<(), Refusal> {
        let known = match case {
            Some(id) => self.known_case(by, id).await.ok().map(|_| id),
            None => None,
        };
        self.log_tried(by.account, known, PAPER_SIZE).await
    }
}

#[cfg(test)]
mod tests {
    use super::{TRIED, said};

    #[test]
    fn every_attempt_has_words() {
        for code in TRIED {
            let words = said(code);
            assert!(*words.zh != *code && !words.en.contains('_'), "{code}");
        }
    }
}
