//! Codes of divisions against the list of the packs: a code that nobody gave, or that did not stand on the day of the facts.
//!
//! What flows through: fields, what was typed or read, a day ─▶ a [`FieldFault`] for each wrong code, with the likeliest ones by name. Always true:
//! of a province without a list only the form of a code is asked, and that by [`super::check`]; a fault names divisions of the list, never what
//! was typed.

use super::FieldFault;
use crate::identifier::DivisionCode;
use base::{CivilDate, Text};
use law::{Division, DivisionFault, DivisionWhy, Field, FieldKind, Packs};

/// What to do: the likeliest divisions with their codes.
fn next_of(packs: &Packs, near: &[&Division]) -> Text {
    let named = |d: &&Division| {
        let name = packs.division_name(&d.code).unwrap_or_default();
        (format!("{}（{}）", name.zh, d.code), format!("{} ({})", name.en, d.code))
    };
    let (zh, en): (Vec<String>, Vec<String>) = near.iter().map(named).unzip();
    if zh.is_empty() {
        return Text::new("请核对行政区划代码。", "Check the code of the division.");
    }
    Text::of(
        format!("请核对行政区划代码；相近的有：{}。", zh.join("、")),
        format!("Check the code of the division; near it are: {}.", en.join("; ")),
    )
}

/// What is wrong with a code on a day, and what to do; `None`: nothing.
#[must_use]
pub fn place_fault(packs: &Packs, code: &str, on: CivilDate) -> Option<(Text, Text)> {
    let DivisionFault { why, near } = packs.division_fault(code, on)?;
    let what = match why {
        DivisionWhy::Unlisted => Text::new("没有这个行政区划代码。", "There is no division of this code."),
        DivisionWhy::From(day) => Text::of(
            format!("该行政区划代码自 {day} 起才有。"),
            format!("The code of this division stands from {day} on."),
        ),
        DivisionWhy::Until(day) => Text::of(
            format!("该行政区划代码到 {day} 为止，已经不用。"),
            format!("The code of this division stood until {day}."),
        ),
    };
    Some((what, next_of(packs, &near)))
}

/// The wrong codes of a form, in the order of its fields; `value`: what stands in a field. What is no code at all is told by [`super::check`].
pub fn place_faults(
    packs: &Packs,
    fields: &[&Field],
    value: impl Fn(&str) -> Option<String>,
    on: CivilDate,
) -> Vec<FieldFault> {
    let fault = |field: &&Field| {
        let typed = value(&field.id).filter(|_| field.kind == FieldKind::Division)?;
        let code = DivisionCode::parse(&typed).ok()?;
        let (what, next) = place_fault(packs, code.as_str(), on)?;
        let what = Text::of(format!("“{}”：{}", field.zh, what.zh), format!("\"{}\": {}", field.en, what.en));
        Some(FieldFault { field: field.id.clone(), what, next })
    };
    fields.iter().filter_map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(code: &str, on: &str) -> Vec<FieldFault> {
        let packs = Packs::embedded().unwrap();
        let form = packs.register_form("units").unwrap();
        let fields: Vec<&Field> = form.fields.iter().collect();
        // The same text in every field: only the one that takes a division is looked at.
        place_faults(&packs, &fields, |_| Some(code.to_owned()), CivilDate::parse(on).unwrap())
    }

    #[test]
    fn a_code_that_nobody_gave_is_told_with_what_is_near() {
        let told = faults("210199", "2026-03-02");
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].field, "unit_division");
        assert!(told[0].what.zh.contains("所在行政区划") && told[0].what.zh.contains("没有这个"), "{:?}", told[0].what);
        assert!(told[0].next.zh.contains("沈阳市") && told[0].next.zh.contains("（2101"), "{:?}", told[0].next);
        assert!(!told[0].next.zh.contains("210199"), "what was typed is not repeated");
        for right in ["210102", "２１０１０２", "210100", "110199", "", "210100x"] {
            assert!(faults(right, "2026-03-02").is_empty(), "{right}: known, of another province, or no code at all");
        }
    }

    #[test]
    fn a_code_is_asked_on_the_day_of_the_facts() {
        assert!(faults("210122", "2015-06-01").is_empty(), "a county of that day");
        let told = faults("210122", "2026-03-02");
        assert!(told[0].what.en.contains("until 2016-04-30"), "{:?}", told[0].what);
        assert!(told[0].next.zh.contains("辽中区（210115）"), "{:?}", told[0].next);
    }
}
