//! A code or number that is on record under another name than the one typed at the counter: asked before a case is opened.
//!
//! ```text
//! party found by its code ─▶ name on record ≠ name typed ─▶ the form again with a question ─ yes ─▶ the case, of the party on record
//!                                                                                          └ no  ─▶ the code is to be corrected
//! ```
//! Always true: what is on record is not changed by it; the name of a person on record is shown masked.

use super::ask::both;
use crate::call::Call;
use crate::pages::ask::{Ask, AskedField};
use base::{PartyId, Refusal, Text};
use domain::form::FieldFault;
use store::casework::parties::PartyData;

/// Form name of the question.
pub(super) const OTHER_NAME: &str = "other_name";

/// One name in two spellings: blanks, and brackets of either width, tell nobody apart.
fn is_same(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        let bracket = |c: char| match c {
            '（' => '(',
            '）' => ')',
            other => other,
        };
        text.chars().filter(|c| !c.is_whitespace()).map(bracket).collect()
    };
    plain(a) == plain(b)
}

/// What is asked of a party that was found under another name; `on_record` as the reader may see it.
fn question(on_record: &str, typed: &str, denied: bool) -> FieldFault {
    let next = if denied {
        Text::new(
            "不是同一当事人的，代码或者号码填错了：请更正。",
            "If they are not the same, the code or number is wrong: correct it.",
        )
    } else {
        Text::new(
            "请核对代码或者号码。是同一当事人（例如已改名）的，选“是”，案件记在已登记的名下。",
            "Check the code or number. If it is the same party, which changed its name perhaps, choose yes: the case goes to the name on record.",
        )
    };
    let what = Text::of(
        format!("这一代码或者号码登记的是“{on_record}”，您填的是“{typed}”。"),
        format!("This code or number is on record as \"{on_record}\"; you typed \"{typed}\"."),
    );
    FieldFault { field: OTHER_NAME.to_owned(), what, next }
}

/// Asks where the party that was found has another name than the one typed, and nobody said yet that it is the same.
///
/// # Errors
/// The store.
pub(super) async fn fault(call: &Call, kind: &str, party: Option<PartyId>) -> Result<Option<FieldFault>, Refusal> {
    let typed = match kind {
        "unit" => call.form.get("unit_name"),
        "person" => call.form.get("person_name"),
        _ => return Ok(None),
    };
    let Some(party) = party.filter(|_| call.form.get(OTHER_NAME) != "yes") else { return Ok(None) };
    let Some(row) = call.site().store().party(party).await? else { return Ok(None) };
    let (same, shown) = match row.data {
        PartyData::Unit(unit) => (is_same(&unit.name, typed), unit.name),
        PartyData::Person(person) => (is_same(person.name.expose(), typed), person.name.masked()),
    };
    Ok((!same).then(|| question(&shown, typed, call.form.get(OTHER_NAME) == "no")))
}

/// The question on the form: where it is asked now, or was answered.
pub(super) fn asked(call: &Call, faults: &[FieldFault]) -> Option<AskedField> {
    let fault = faults.iter().find(|fault| fault.field == OTHER_NAME);
    (fault.is_some() || call.form.has(OTHER_NAME)).then(|| AskedField {
        id: OTHER_NAME.to_owned(),
        label: Text::new("登记的名称不同，是同一当事人吗", "is it the same party under another name"),
        ask: Ask::Flag,
        value: call.form.get(OTHER_NAME).to_owned(),
        error: fault.map(|fault| both(&fault.what, &fault.next)),
        required: true,
        ..AskedField::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_brackets_make_no_other_name() {
        assert!(is_same("示例（沈阳）安防有限公司", " 示例(沈阳)安防 有限公司"));
        assert!(!is_same("示例安防有限公司", "示例安防工程有限公司") && !is_same("示例安防有限公司", ""));
    }

    #[test]
    fn both_names_are_told_and_who_says_no_corrects_the_code() {
        let (asked, denied) = (question("甲公司", "乙公司", false), question("甲公司", "乙公司", true));
        for told in [&asked, &denied] {
            assert!(told.what.zh.contains("甲公司") && told.what.zh.contains("乙公司"), "{}", told.what.zh);
            assert!(told.what.en.contains("甲公司") && told.what.en.contains("乙公司"), "{}", told.what.en);
        }
        assert!(asked.next.zh.contains("选“是”") && !denied.next.zh.contains("选“是”"), "{}", denied.next.zh);
    }
}
