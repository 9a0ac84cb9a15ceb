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
/// or one's own; a form that was made before something else was entered; papers that are not for the seat; numbers whose check digit is wrong.
const TRIED: [&str; 20] = [
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
    "case_moved_on",
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
            FieldKind::ResidentId if is_filled_in => Some(RESIDENT_ID),
            _ => None,
        }
    })
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
        let text = Text::of(format!("没有办成（{code}）。"), format!("Tried and not done ({code})."));
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
