//! Putting right what was filled in wrongly at a step of the office: one of its fields, the right value, why.
//!
//! ```text
//! fields of the steps that were done ─▶ those that may be corrected (`domain::casework::is_correctable`) ─▶ short form ─▶ `CaseAct::CorrectValue`
//! ```
//! Always true: what stands there now is printed only of what is nobody's personal data; the engine reads and judges what was typed.

use super::case_desk::asked;
use crate::call::Call;
use crate::pages::Choice;
use crate::pages::ask::{Ask, AskedField};
use authority::cases::{CaseView, is_on_record};
use base::{Refusal, Text};
use domain::casework::{CaseAct, is_correctable};
use domain::form::shown;
use law::{Field, FieldKind};

/// The fields that can be corrected now, in the order of the procedure.
fn correctable(view: &CaseView) -> impl Iterator<Item = &Field> {
    let filled = move |f: &&Field| view.case.done(&f.step).is_some() && view.case.values_of(&f.step).is_some();
    let procedure = view.procedure();
    let may_be = move |f: &&Field| is_correctable(procedure, f) && !is_on_record(procedure, &f.step);
    procedure.fields.iter().filter(filled).filter(may_be)
}

/// Something can be corrected: nothing is decided, and no proposal rests on it.
pub(super) fn may_correct(view: &CaseView) -> bool {
    let case = &view.case;
    case.outcome().is_none()
        && case.abandoned.is_none()
        && case.proposal.is_none()
        && correctable(view).next().is_some()
}

/// The short form: which field, what is right, why.
pub(super) fn fields(call: &Call, view: &CaseView) -> Vec<AskedField> {
    let typed = |name: &str| call.form.raw(name).to_owned();
    let chosen = call.form.get("field");
    let choice = |field: &Field| {
        let is_bare = !field.personal && !field.kind.is_personal() && field.kind != FieldKind::Words;
        let now = view.case.values_of(&field.step).and_then(|v| v.get(&field.id)).filter(|_| is_bare);
        let name = match now.map(|value| shown(field, value)) {
            Some(now) => {
                Text::of(format!("{}（现在：{}）", field.zh, now.zh), format!("{} (now: {})", field.en, now.en))
            }
            None => field.name(),
        };
        Choice::new(&field.id, name, field.id == chosen)
    };
    let which = asked("field", Text::new("哪一栏", "Which field"), Text::default(), Ask::Choice, typed("field"));
    let hint = Text::new(
        "日期写成 2026-10-01 的样子；选择项照选项的名称写；是否一栏写「是」或者「否」。",
        "A day as 2026-10-01; a choice by its name; yes or no for a question.",
    );
    let value = asked("value", Text::new("正确的内容", "What is right"), hint, Ask::Words, typed("value"));
    let hint = Text::new("怎样发现填错，以什么为准。", "How it was found, and what shows what is right.");
    let reasons = asked("reasons", Text::new("理由", "Reasons"), hint, Ask::Words, typed("reasons"));
    vec![AskedField { choices: correctable(view).map(choice).collect(), ..which }, value, reasons]
}

/// What was typed, as the form of the step would hold it: a choice and an answer by their names too.
fn as_form(field: &Field, typed: &str) -> String {
    let typed = typed.trim();
    match field.kind {
        FieldKind::Choice => {
            let named = field.choices.iter().find(|c| c.zh == typed || c.en.eq_ignore_ascii_case(typed));
            named.map_or_else(|| typed.to_owned(), |c| c.id.clone())
        }
        FieldKind::Count
            if field.zero().is_some_and(|zero| zero.zh == typed || zero.en.eq_ignore_ascii_case(typed)) =>
        {
            "0".to_owned()
        }
        FieldKind::Flag if typed == "是" || typed.eq_ignore_ascii_case("yes") => "yes".to_owned(),
        FieldKind::Flag if typed == "否" || typed.eq_ignore_ascii_case("no") => "no".to_owned(),
        _ => typed.to_owned(),
    }
}

/// The act of the short form.
pub(super) fn act(call: &Call, view: &CaseView) -> Result<CaseAct, Refusal> {
    let id = call.form.get("field");
    let Some(field) = correctable(view).find(|f| f.id == id) else {
        let what = Text::new("请选择要更正的一栏。", "Choose the field to correct.");
        return Err(Refusal::bad_input("field", what, Text::default()));
    };
    let (typed, reasons) = (as_form(field, call.form.get("value")), call.form.get("reasons").to_owned());
    Ok(CaseAct::CorrectValue { field: field.id.clone(), typed, reasons })
}

/// The field of the short form that a refusal is about; nothing: the form.
pub(super) fn at(code: &str) -> &'static str {
    match code {
        "field" | "unknown" => "field",
        "value" | "form" | "act_day_to_come" | "day_order" => "value",
        "reasons" => "reasons",
        _ => "form",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_and_an_answer_are_typed_by_their_names() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("penalty_case").unwrap();
        let field = |id: &str| procedure.field(id).unwrap();
        let grade = field("grade");
        let first = grade.choices.first().unwrap();
        assert_eq!(as_form(grade, &format!(" {} ", first.zh)), first.id);
        assert_eq!(as_form(grade, "没有这一项"), "没有这一项", "the form refuses it");
        let days = packs.procedure("inspection_b").and_then(|p| p.field("correct_days")).unwrap();
        let zero = days.zero().expect("no days has words");
        assert_eq!([as_form(days, &zero.zh), as_form(days, &zero.en), as_form(days, " 30 ")], ["0", "0", "30"]);
        assert_eq!((as_form(field("complex"), "是"), as_form(field("complex"), "否")), ("yes".into(), "no".into()));
        for (typed, kept) in [("Yes", "yes"), (" YES ", "yes"), ("No", "no"), ("no", "no"), ("maybe", "maybe")] {
            assert_eq!(as_form(field("complex"), typed), kept, "{typed}");
        }
        assert_eq!(as_form(grade, &first.en.to_uppercase()), first.id);
        assert_eq!(as_form(field("act_day"), " 2026-10-01 "), "2026-10-01");
        assert_eq!((at("act_day_to_come"), at("day_order"), at("proposal_stands")), ("value", "value", "form"));
    }
}
