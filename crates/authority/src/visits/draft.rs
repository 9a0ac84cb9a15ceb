//! The order to correct as the inspectors draft it at the door: fields of the record, and the form of the case that comes of them.
//!
//! ```text
//! phone: record `order/…` ─▶ visit closed ─▶ what was found, with the draft over it ─▶ form of the step `order`
//! later, from a phone that was away ─▶ draft_order ─▶ inspection::join_draft with the form as it is ─▶ Fill, conflicts
//! ```
//! Always true: the order itself is entered, numbered and set by the case alone; a draft never takes the place of what was entered at a desk, both
//! stand until a person chooses; only inspectors of the visit draft; who takes it is in the record and in no form.

use super::act::{in_state, is_inspector};
use super::record::{Change, Record};
use super::{BreachLine, ORDER, VisitState, bad, conflict};
use crate::cases::CaseView;
use crate::{Authority, By};
use base::{CaseId, Refusal, Text, limits};
use domain::access::Permission;
use domain::casework::{CaseAct, Command, Typed, fields_of};
use domain::form;
use domain::inspection::{Conflict, join_draft};
use serde_json::Value;
use std::collections::BTreeSet;

/// Before the word of a field of the order in the record of a visit.
pub const DRAFT: &str = "order/";
/// Fields of the order's form that a phone drafts; the words mean the same in every procedure of the packs.
pub const DRAFTED: [&str; 3] = [DEFECTS, "correct_days", "interim"];
/// The field that says what is wrong.
const DEFECTS: &str = "order_defects";
/// The items that the order is about, by their words, with commas.
pub const ITEMS: &str = "order/items";
/// Who takes it for the unit.
pub const TAKER: &str = "order/taker";
/// Longest name of who takes it, characters.
const TAKER_CHARS: usize = 50;
/// Longest list of items, characters.
const ITEMS_CHARS: usize = 4_000;
/// Digits of a number of days.
const DIGITS: usize = 4;

/// What a draft left.
#[derive(Clone)]
pub struct DraftKept {
    /// The form of the order now.
    pub form: Typed,
    /// Where phone and desk differ; the form has the desk's.
    pub conflicts: Vec<Conflict<String>>,
}

/// Whether a change is one of the draft and its value can be; `None`: it is of another part of the record.
pub(super) fn is_draft(change: &Change) -> Option<bool> {
    let id = change.field.strip_prefix(DRAFT)?;
    let most = match change.field.as_str() {
        ITEMS => ITEMS_CHARS,
        TAKER => TAKER_CHARS,
        _ if id == "correct_days" => DIGITS,
        _ if DRAFTED.contains(&id) => limits::FREE_TEXT_CHARS,
        _ => return Some(false),
    };
    let plain = |text: &str| text.chars().count() <= most && !text.chars().any(|c| c.is_control() && c != '\n');
    let digits = |text: &str| id != "correct_days" || text.chars().all(|c| c.is_ascii_digit());
    Some(match &change.value {
        Value::Null => true,
        Value::String(text) => plain(text) && digits(text),
        _ => false,
    })
}

/// A text of the draft as it goes into the form: what is wrong is the words of the items that were chosen, and what was written beside them.
#[must_use]
pub fn drafted(record: &Record, breaches: &[BreachLine], id: &str) -> String {
    let written = record.text(&format!("{DRAFT}{id}"));
    if id != DEFECTS {
        return written.to_owned();
    }
    let chosen: BTreeSet<&str> = record.text(ITEMS).split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    let about = breaches.iter().filter(|b| chosen.contains(b.item.as_str()));
    let texts = about.flat_map(|b| b.texts.iter().map(|t| t.zh.trim_end_matches('。')));
    let words: Vec<&str> = texts.filter(|text| !written.contains(*text)).collect();
    // What was written stays whole.
    let room = limits::FREE_TEXT_CHARS.saturating_sub(written.chars().count() + 2);
    let words: String = words.join("；").chars().take(room).collect();
    match (words.is_empty(), written.is_empty()) {
        (true, _) => written.to_owned(),
        (false, true) => words,
        (false, false) => format!("{words}。\n{written}"),
    }
}

/// The order's form as the findings fill it in, with the draft over it: the items that were chosen, and what was written.
pub(super) fn over(view: &CaseView, record: &Record, breaches: &[BreachLine], mut form: Typed) -> Typed {
    let fields = fields_of(view.procedure(), ORDER);
    for id in DRAFTED {
        let text = drafted(record, breaches, id);
        let Some(field) = fields.iter().find(|f| f.id == id).filter(|_| !text.is_empty()) else { continue };
        let typed = Typed::from([(id.to_owned(), text)]);
        // What cannot be is left to who goes on; the draft stays in the record.
        if form::check(&[*field], &typed).is_ok() {
            form.extend(typed);
        }
    }
    form
}

/// The form of the order as the case has it now.
#[must_use]
pub fn order_form(view: &CaseView) -> Typed {
    let values = view.case.values_of(ORDER);
    values.map(|v| v.iter().map(|(id, value)| (id.to_owned(), value.typed())).collect()).unwrap_or_default()
}

impl Authority {
    /// Joins what a phone drafted with the form of the order, after the visit was closed. What was entered meanwhile stands.
    ///
    /// # Errors
    /// No permission, `not_found`, `not_inspector`, `visit_state`, `no_order_open`, `field` (none of the draft, or one twice), those of
    /// `Authority::act`, or the store.
    pub async fn draft_order(&self, by: By, case: CaseId, changes: &[Change]) -> Result<DraftKept, Refusal> {
        let account = by.needs(Permission::HandleCases)?;
        let view = self.inspection_case(by, case).await?;
        let row = self.newest_visit(case).await?;
        is_inspector(&row, account)?;
        in_state(&row, VisitState::Closed)?;
        if !view.open_steps().iter().any(|step| step.id == ORDER) {
            return Err(conflict(
                "no_order_open",
                Text::new("本案现在没有待填写的责令改正。", "No order to correct waits to be filled in here."),
                Text::new("请到案卷中查看办理情况。", "See in the case what was done."),
            ));
        }
        let (mut base, mut mine) = (Typed::new(), Typed::new());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for change in changes {
            let id = change.field.strip_prefix(DRAFT).filter(|id| DRAFTED.contains(id));
            let Some(id) = id.filter(|_| is_draft(change) == Some(true)) else { return Err(no_field()) };
            base.insert(id.to_owned(), text(&change.base));
            if mine.insert(id.to_owned(), text(&change.value)).is_some() {
                return Err(no_field());
            }
        }
        let joined = join_draft(&base, &mine, &order_form(&view))?;
        if joined.changed {
            let act = CaseAct::Fill { step: ORDER.to_owned(), typed: joined.form.clone() };
            self.act(by, case, &Command { seen: view.row.events, act }, Vec::new()).await?;
        }
        Ok(DraftKept { form: joined.form, conflicts: joined.conflicts })
    }
}

fn no_field() -> Refusal {
    bad("field", Text::new("责令改正的草稿没有这一栏。", "The draft of an order has no such field."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_fields_of_the_draft_are_taken_and_none_that_is_too_long() {
        let of = |field: &str, value: Value| is_draft(&Change { field: field.into(), base: Value::Null, value });
        assert_eq!(of("note", json!("x")), None);
        for (field, value) in [
            ("order/order_defects", json!("值班记录不全。\n没有登记制度。")),
            ("order/correct_days", json!("30")),
            ("order/interim", Value::Null),
            ("order/items", json!("log,rules")),
            ("order/taker", json!("赵六")),
        ] {
            assert_eq!(of(field, value), Some(true), "{field}");
        }
        for (field, value) in [
            ("order/order_day", json!("2026-03-02")),
            ("order/", json!("x")),
            ("order/correct_days", json!("soon")),
            ("order/correct_days", json!("10000")),
            ("order/correct_days", json!(30)),
            ("order/taker", json!("x".repeat(TAKER_CHARS + 1))),
            ("order/taker", json!("a\u{7}")),
            ("order/items", json!("x".repeat(ITEMS_CHARS + 1))),
            ("order/order_defects", json!("x".repeat(limits::FREE_TEXT_CHARS + 1))),
        ] {
            assert_eq!(of(field, value), Some(false), "{field}");
        }
    }
}
