//! Days of cases: the day of the facts, which is asked at the counter, and the day of each act where the procedure had ended before the case was
//! entered.
//!
//! ```text
//! counter form ─▶ facts_on ─▶ Beginning ─▶ the law of that day decides     step, asking, proposal, decision of such a case ─▶ done_on ─▶ act
//! ```
//! Always true: a day that cannot be read is told beside its field, nothing is done; where nothing is asked, it is done today; whether a day fits
//! is said by the engine alone.

use super::ask::{Wrong, both};
use crate::call::Call;
use crate::pages::ask::{Ask, AskedField};
use authority::cases::CaseView;
use base::{CivilDate, Text};
use domain::form::FieldFault;
use law::Procedure;

/// Form name of the day of the facts.
pub(super) const FACTS: &str = "facts_on";
/// Its element.
const FACTS_AT: &str = "f-facts_on";
/// Form name of the day on which an act was done.
const DONE: &str = "done_on";
/// Its element.
const DONE_AT: &str = "f-done_on";

/// The element that a refusal to begin is told at, where it is about the day of the facts.
pub(super) fn is_about_facts(code: &str) -> Option<&'static str> {
    matches!(code, "procedure_ended" | "procedure_not_in_force" | "facts_to_come").then_some(FACTS_AT)
}

/// The day of a form: none where nothing was typed.
fn day(call: &Call, name: &str) -> Result<Option<CivilDate>, FieldFault> {
    let typed = call.form.get(name);
    if typed.is_empty() {
        return Ok(None);
    }
    CivilDate::parse(typed).map(Some).ok_or_else(|| FieldFault {
        field: name.to_owned(),
        what: Text::new("日期不对。", "That is no day."),
        next: Text::new("请按年-月-日填写，例如 2013-05-06。", "Write year-month-day, as in 2013-05-06."),
    })
}

/// What is wrong with a day of the form, as its field says it.
fn error(call: &Call, name: &str) -> Option<Text> {
    day(call, name).err().map(|fault| both(&fault.what, &fault.next))
}

/// The question for the day of the facts; it must be answered where the procedure has ended.
pub(super) fn facts_asked(call: &Call, procedure: &Procedure) -> AskedField {
    let today = call.now().shanghai_date();
    let ended = procedure.until.filter(|_| procedure.has_ended(today));
    let hint = match ended {
        Some(until) => Text::of(
            format!("本事项自 {until} 起取消：填写当时的日期，以后各步骤也按当时的日期登记。"),
            format!("This ended on {until}: enter the day of then; each step is entered with its own day, too."),
        ),
        None => Text::new(
            "适用这一天的法律；今天的事项不用填写。",
            "The law of this day decides; leave it empty for a matter of today.",
        ),
    };
    AskedField {
        id: FACTS.to_owned(),
        label: Text::new("事项发生之日", "day of the facts"),
        hint,
        ask: Ask::Day,
        value: call.form.raw(FACTS).to_owned(),
        error: error(call, FACTS),
        required: ended.is_some(),
        ..AskedField::default()
    }
}

/// The day of the facts, where one was typed.
pub(super) fn facts_of(call: &Call) -> Result<Option<CivilDate>, FieldFault> {
    day(call, FACTS)
}

/// The question for the day of a step or outcome, of a case that was entered after its procedure had ended and where its own form does not ask it;
/// filled in with the last day that is known.
pub(super) fn day_asked(call: &Call, view: &CaseView, node: &str) -> Option<AskedField> {
    let last = view.last_known_day()?;
    let own = view.procedure().day_field(node).is_some_and(|f| f.step == node);
    let typed = call.form.raw(DONE);
    (!own).then(|| AskedField {
        id: DONE.to_owned(),
        label: Text::new("办理日期", "day on which it was done"),
        hint: Text::new(
            "本案按当时的法律补录：填写当时办理的日期。",
            "This case is entered by the law of then: enter the day on which it was done.",
        ),
        ask: Ask::Day,
        value: if typed.is_empty() { last.to_string() } else { typed.to_owned() },
        error: error(call, DONE),
        required: true,
        ..AskedField::default()
    })
}

/// The day of an act: as typed where it is asked for, else today; `None` where it cannot be read.
pub(super) fn day_of(call: &Call, view: &CaseView) -> Option<CivilDate> {
    match view.last_known_day() {
        Some(last) => day(call, DONE).ok().map(|typed| typed.unwrap_or(last)),
        None => Some(call.now().shanghai_date()),
    }
}

/// Tells a day that cannot be read on a page whose summary does not go through its fields.
pub(super) fn tell(call: &Call, wrong: &mut Wrong) {
    if let Some(text) = error(call, DONE) {
        wrong.errors.push(DONE_AT, text);
    }
}
