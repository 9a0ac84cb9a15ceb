//! What the form of a counter asks of a person that its part about the party has already: it is filled in from there, and asked only of another one.
//!
//! ```text
//! part about the party, as far as it is right ─▶ what is known of a party (authority) ─▶ fields of the step that nobody typed
//! fields that it answers of a unit and of a person alike ─▶ behind the tick "another person"; without the tick the party's words count
//! ```
//! Always true: what stands behind the tick counts with the tick alone; what the part about the party cannot answer is asked as ever; of a party
//! on record, or of none, nothing is filled in here.

use super::ask;
use super::cases::PARTY;
use crate::call::Call;
use crate::pages::ask::AskedField;
use authority::cases::{PartyForm, answers, known_of_form, number_fault, party_fields};
use base::Text;
use domain::casework::Typed;
use domain::form::FieldFault;
use law::{Field, Procedure};

/// Form name of the tick.
pub(super) const ANOTHER: &str = "another";

/// The part about such a party answers the field, and does not ask it itself.
fn is_answered(field: &Field, is_unit: bool) -> bool {
    answers(field, is_unit) && party_fields(is_unit).iter().all(|own| own.id != field.id)
}

/// It is answered whoever the party is: nobody is asked, but for another person.
fn is_behind(field: &Field) -> bool {
    is_answered(field, true) && is_answered(field, false)
}

/// The part about the party as it was sent; `None` where the party is on record by another case, or there is none.
fn part(call: &Call) -> Option<PartyForm> {
    let is_unit = match call.form.get(PARTY) {
        "unit" => true,
        "person" => false,
        _ => return None,
    };
    let fields = party_fields(is_unit);
    let fields: Vec<&Field> = fields.iter().collect();
    Some(PartyForm { is_unit, typed: ask::typed_of(&call.form, &fields) })
}

fn fill((part, another): (&PartyForm, bool), procedure: &Procedure, fields: &[&Field], mut typed: Typed) -> Typed {
    let known = known_of_form(procedure, part);
    for field in fields.iter().filter(|f| is_answered(f, part.is_unit)) {
        let Some(text) = known.get(&field.id) else { continue };
        let is_typed = typed.get(&field.id).is_some_and(|typed| !typed.trim().is_empty());
        let takes = if is_behind(field) { !another } else { !is_typed };
        if takes {
            typed.insert(field.id.clone(), text.clone());
        }
    }
    typed
}

/// What was typed of the step, with what the part about the party says in place of what need not be typed.
pub(super) fn filled(call: &Call, procedure: &Procedure, fields: &[&Field], typed: Typed) -> Typed {
    match part(call) {
        Some(part) => fill((&part, call.form.has(ANOTHER)), procedure, fields, typed),
        None => typed,
    }
}

/// Takes out the faults of fields that are empty because the part about the party is not right yet: what is wrong is told there.
pub(super) fn excuse(call: &Call, fields: &[&Field], typed: &Typed, faults: &mut Vec<FieldFault>) {
    let Some(part) = part(call).filter(|_| !call.form.has(ANOTHER)) else { return };
    let is_empty = |id: &str| typed.get(id).is_none_or(|text| text.trim().is_empty());
    faults.retain(|fault| {
        let field = fields.iter().find(|f| f.id == fault.field);
        !field.is_some_and(|f| is_answered(f, part.is_unit) && is_empty(&f.id))
    });
}

/// Says on the page of which fields only some need an answer; the ids of those that stand behind the tick.
pub(super) fn behind(fields: &[&Field], asked: &mut [AskedField]) -> Vec<String> {
    let mut out = Vec::new();
    for field in fields {
        let Some(one) = asked.iter_mut().find(|one| one.id == field.id) else { continue };
        let needed = if is_behind(field) {
            out.push(field.id.clone());
            Text::new("（勾选后必填）", "(needed with the tick)")
        } else if is_answered(field, false) {
            Text::new(
                "（当事人是单位的必填；是个人的不填，即为本人）",
                "(needed of a unit; of a person it is their own where it is empty)",
            )
        } else {
            continue;
        };
        if one.required {
            (one.required, one.needed) = (false, needed);
        }
    }
    out
}

/// What is wrong with these fields of the part about the party, and that a unit has neither code nor registration, unless that field is told.
pub(super) fn faults_of_party(call: &Call, fields: &[&Field], is_unit: bool, told: &[FieldFault]) -> Vec<FieldFault> {
    let typed = ask::typed_of(&call.form, fields);
    let lacking = number_fault(is_unit, &typed).filter(|fault| told.iter().all(|t| t.field != fault.field));
    ask::faults_of(fields, &typed, call.now().shanghai_date()).into_iter().chain(lacking).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use law::Packs;
    use std::collections::BTreeSet;

    fn party(is_unit: bool) -> PartyForm {
        let unit = [
            ("unit_name", "哈尔滨示例商业有限公司"),
            ("credit_code", "91350100M000100Y43"),
            ("unit_address", "哈尔滨市道里区示例路1号"),
            ("contact", "王五"),
            ("contact_phone", "0451-55550100"),
        ];
        let person =
            [("person_name", "赵六"), ("resident_id", "11010519491231002X"), ("contact_phone", "0451-55550101")];
        let pairs = if is_unit { &unit[..] } else { &person[..] };
        PartyForm { is_unit, typed: pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect() }
    }

    fn first<'a>(packs: &'a Packs, id: &str) -> (&'a Procedure, Vec<&'a Field>) {
        let procedure = packs.procedure(id).unwrap();
        let step = &procedure.steps.iter().find(|s| s.after.is_empty()).unwrap().id;
        (procedure, procedure.fields_at(step).collect())
    }

    #[test]
    fn name_and_telephone_of_whoever_applies_stand_behind_the_tick() {
        let packs = Packs::embedded().unwrap();
        let mut behind = BTreeSet::new();
        for procedure in packs.procedures() {
            let (_, fields) = first(&packs, &procedure.id);
            behind.extend(fields.into_iter().filter(|f| is_behind(f)).map(|f| f.id.clone()));
        }
        assert_eq!(behind.into_iter().collect::<Vec<_>>(), ["applicant_name", "party_phone"]);
    }

    #[test]
    fn what_the_party_says_is_filled_in_and_another_person_only_with_the_tick() {
        let packs = Packs::embedded().unwrap();
        let (procedure, fields) = first(&packs, "area_approval");
        let typed = |text: &str| Typed::from([("applicant_name".to_owned(), text.to_owned())]);
        let name = |is_unit: bool, another: bool, text: &str| {
            fill((&party(is_unit), another), procedure, &fields, typed(text)).remove("applicant_name").unwrap()
        };
        assert_eq!([name(true, false, ""), name(false, false, "")], ["王五", "赵六"]);
        assert_eq!([name(true, true, "周七"), name(false, true, "周七")], ["周七", "周七"]);
        assert_eq!(name(true, false, "周七"), "王五", "without the tick it is the party's");
        assert_eq!(name(true, true, ""), "", "with it the form lacks a name");
    }

    #[test]
    fn a_number_is_filled_in_of_a_person_and_asked_of_a_unit() {
        let packs = Packs::embedded().unwrap();
        let (procedure, fields) = first(&packs, "citizen_viewing");
        let number = |is_unit: bool, text: &str| {
            let typed = Typed::from([("identity_number".to_owned(), text.to_owned())]);
            fill((&party(is_unit), false), procedure, &fields, typed).remove("identity_number").unwrap()
        };
        assert_eq!([number(false, ""), number(true, "")], ["11010519491231002X", ""]);
        assert_eq!(number(false, "230102199001010019"), "230102199001010019", "what is typed counts");
    }

    #[test]
    fn what_is_wrong_in_the_part_about_the_party_fills_nothing() {
        let packs = Packs::embedded().unwrap();
        let (procedure, fields) = first(&packs, "citizen_viewing");
        let mut wrong = party(false);
        wrong.typed.insert("resident_id".to_owned(), "1".to_owned());
        let filled = fill((&wrong, false), procedure, &fields, Typed::new());
        assert_eq!(
            (filled.get("identity_number"), filled.get("applicant_name").map(String::as_str)),
            (None, Some("赵六"))
        );
    }

    #[test]
    fn the_page_says_who_answers() {
        let packs = Packs::embedded().unwrap();
        let (_, fields) = first(&packs, "citizen_viewing");
        let one = |f: &&Field| AskedField { id: f.id.clone(), required: f.required, ..AskedField::default() };
        let mut asked: Vec<AskedField> = fields.iter().map(one).collect();
        assert_eq!(behind(&fields, &mut asked), ["applicant_name"]);
        let of = |id: &str| asked.iter().find(|a| a.id == id).map(|a| (a.required, a.needed.zh.to_string())).unwrap();
        assert_eq!(of("applicant_name"), (false, "（勾选后必填）".to_owned()));
        assert!(!of("identity_number").0 && of("identity_number").1.contains("单位的必填"));
        assert!(of("contact_phone").0, "asked once, by the step itself");
    }
}
