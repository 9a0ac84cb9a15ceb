//! What was refused and leaves a trace: by law as `act.refused`, and attempts that somebody should be able to find as `act.tried`.
//!
//! Always true: an entry names code, case and account, and no value that was typed or sent; of one account at most so many attempts are
//! entered one by one in an hour, and of the rest how many they are, each time that has doubled, so that nobody fills the log by trying and
//! nobody's trying goes unseen; a file of many rows is one attempt. The count is of this run of the server.

use crate::{Authority, By};
use base::{AccountId, CaseId, ClauseId, ErrorKind, Refusal, Text};
use domain::casework::Typed;
use domain::form::{self, FieldFault};
use law::{Field, FieldKind};
use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use store::StoreError;
use store::ledger_log::{ActLine, Outcome};
use store::logbook::ActFilter;

/// Kind of the entry of an attempt.
const KIND: &str = "act.tried";
/// Refusals that are such an attempt: files that are not what they say, too large or there already; the same matter once more; a case of others
/// or one's own; a form that was made before something else was entered; papers that are not for the seat; days
/// that cannot be; numbers whose check digit is wrong; a paper that could not be printed, an application sent without its papers, a change that
/// could not be saved; a visit of others, a signature for somebody else, what the head alone takes back. What is
/// only not there yet or not filled in (a step that is not open, a field) is a slip of the hand and leaves none.
const TRIED: [&str; 41] = [
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
    "no_font",
    "no_glyph",
    "font_lost",
    "paper_too_much",
    "paper_too_long",
    "paper_too_wide",
    "paper_template",
    "paper_broken",
    PAPERS_MISSING,
    CASE_FULL,
    SAVE_FAILED,
];
/// Of them: a paper that could not be printed.
const UNPRINTED: [&str; 8] = [
    "no_font",
    "no_glyph",
    "font_lost",
    "paper_too_much",
    "paper_too_long",
    "paper_too_wide",
    "paper_template",
    "paper_broken",
];
const PAPERS_MISSING: &str = "papers_missing";
const CASE_FULL: &str = "case_full";
pub(super) const SAVE_FAILED: &str = "save_failed";
/// Of an account with more attempts than are entered: how many more, told each time they have doubled.
const MANY: &str = "many";
/// Most accounts whose attempts beyond [`MOST`] are counted at once.
const MOST_COUNTED: usize = 1_000;
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
        "no_font" | "no_glyph" | "font_lost" => {
            Text::new("文书没有印成：缺少字体或者字形", "the paper was not printed: a font or a sign is missing")
        }
        "paper_too_much" | "paper_too_long" | "paper_too_wide" => {
            Text::new("文书没有印成：内容太多", "the paper was not printed: there is too much on it")
        }
        "paper_template" | "paper_broken" => Text::new(
            "文书没有印成：模板或者程序有误",
            "the paper was not printed: its template or the program is at fault",
        ),
        PAPERS_MISSING => Text::new("缺少材料就提交", "it was sent without papers that are needed"),
        CASE_FULL => Text::new("案卷的记录或者材料已达上限", "the case has no room for more"),
        SAVE_FAILED => Text::new("没有保存成功", "it could not be saved"),
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
            return self.count_tried(by).await;
        }
        self.counted().remove(&by);
        let body = serde_json::json!({ "code": code, "case": case, "by": by });
        let why = said(code);
        let text = Text::of(format!("没有办成：{}。", why.zh), format!("Tried and not done: {}.", why.en));
        let act = ActLine { outcome: Outcome::Refused, ..ActLine::done(Some(by), text) };
        self.store().log(KIND, now, body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Attempts of accounts beyond those that are entered, each since it had room last.
    fn counted(&self) -> MutexGuard<'_, BTreeMap<AccountId, u64>> {
        self.0.uncounted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One attempt more than is entered by itself: how many there are is entered whenever that has doubled.
    async fn count_tried(&self, by: AccountId) -> Result<(), Refusal> {
        let more = {
            let mut counted = self.counted();
            if counted.len() >= MOST_COUNTED && !counted.contains_key(&by) {
                counted.pop_first();
            }
            let more = counted.entry(by).or_default();
            *more = more.saturating_add(1);
            *more
        };
        if !more.is_power_of_two() {
            return Ok(());
        }
        let body = serde_json::json!({ "code": MANY, "case": null, "by": by, "count": more });
        let text = Text::of(
            format!("没有办成：同一账号一小时内超过{MOST}次，此外已有{more}次没有逐条登记。"),
            format!(
                "Tried and not done: more than {MOST} times in an hour by one account; {more} beyond that are not entered one by one."
            ),
        );
        let act = ActLine { outcome: Outcome::Refused, ..ActLine::done(Some(by), text) };
        self.store().log(KIND, self.now(), body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Enters that a paper of a case could not be printed.
    pub(super) async fn entered_if_unprinted<T>(
        &self,
        by: By,
        case: CaseId,
        made: Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if let Err(refusal) = &made
            && UNPRINTED.contains(&refusal.code.as_str())
        {
            self.log_tried(by.account, Some(case), &refusal.code).await?;
        }
        made
    }

    /// Enters that an applicant sent a form whose papers are not there, without a word on them.
    ///
    /// # Errors
    /// The store.
    pub async fn tried_without_papers(&self, by: By, case: CaseId) -> Result<(), Refusal> {
        self.log_tried(by.account, Some(case), PAPERS_MISSING).await
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
