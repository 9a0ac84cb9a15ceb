//! Forms of the packs on pages: fields with what was typed and what is wrong, values for reading, and refusals beside the form they are about.
//!
//! ```text
//! law::Field + typed ─▶ form::check ─▶ faults ─▶ AskedField (page)          Values ─▶ ValueLine (masked for who may not see them)
//! Refusal ─▶ Wrong: 400, 403 by law and 409 show the page anew with what was typed; everything else is its own page
//! ```
//! Always true: a form is asked with the fields of the packs and no others; every fault is told at once, beside its field; personal data is
//! shown whole only to its party.

use super::divisions::{self, named};
use super::inbox::{by, of};
use crate::answer::status;
use crate::call::{Call, Fields};
use crate::pages::ask::{Ask, AskedField, Shown};
use crate::pages::case::ValueLine;
use crate::pages::{AppBar, Choice, Flash, FormErrors, Mark};
use authority::cases::{CaseView, PLACE_FIELD, opens_as_words};
use axum::http::StatusCode;
use base::{CivilDate, ErrorKind, Lang, PartyId, Pii, Refusal, Text};
use domain::access::Permission;
use domain::casework::Typed;
use domain::form::{self, FieldFault, Value, Values};
use domain::identifier::{IdentityKind, ResidentId};
use law::{Field, FieldKind, Packs, Procedure};

/// Characters of a number that stay when it is masked.
const TAIL: usize = 4;
/// How the name of the list ends in which the kind of an identity document is chosen; before it the id of the field of its number.
const KIND: &str = "_kind";
/// Most sites that a field offers; the name of any other is typed.
const UNITS: usize = 500;

const fn ask_of(kind: FieldKind) -> Ask {
    match kind {
        FieldKind::Line => Ask::Line,
        FieldKind::IdentityDocument => Ask::IdentityDocument,
        FieldKind::Words => Ask::Words,
        FieldKind::Count => Ask::Count,
        FieldKind::Yuan => Ask::Yuan,
        FieldKind::Day => Ask::Day,
        FieldKind::Choice => Ask::Choice,
        FieldKind::Flag => Ask::Flag,
        FieldKind::CreditCode => Ask::CreditCode,
        FieldKind::OrganisationCode => Ask::OrganisationCode,
        FieldKind::ResidentId => Ask::ResidentId,
        FieldKind::Division => Ask::Division,
        FieldKind::Phone => Ask::Phone,
        FieldKind::Name => Ask::Name,
    }
}

/// Two sentences, one after the other.
pub(crate) fn both(what: &Text, next: &Text) -> Text {
    Text::of(format!("{}{}", what.zh, next.zh), format!("{} {}", what.en, next.en))
}

fn both_chosen() -> Text {
    Text::new(
        "选了不设数字的一项，又填写了数字。请只留一项。",
        "The choice without a number was made, and a number typed. Keep one of them.",
    )
}

/// How the choice is named in which a count is none at all; before it the id of the field.
const ZERO: &str = "_zero";
/// Before a number that was typed beside that choice: no form takes it.
const BOTH: &str = "0/";

/// A count whose zero is an answer of its own: what was chosen, and what was typed beside it.
fn counted(typed: &str, chosen: &str) -> String {
    match (chosen, typed.trim()) {
        ("yes", "" | "0") => "0".to_owned(),
        ("yes", number) => format!("{BOTH}{number}"),
        // Who says that there is a number types one.
        ("no", "0") => String::new(),
        (_, number) => number.to_owned(),
    }
}

/// The texts of these fields as they were sent; a field that was not sent is empty. The kind of an identity document that was chosen beside its
/// number goes before the number.
pub(crate) fn typed_of(sent: &Fields, fields: &[&Field]) -> Typed {
    let one = |field: &&Field| {
        let typed = sent.raw(&field.id);
        let kind = IdentityKind::of_code(sent.get(&format!("{}{KIND}", field.id)));
        let value = match kind.filter(|_| field.kind == FieldKind::IdentityDocument && !typed.trim().is_empty()) {
            Some(kind) if IdentityKind::split(typed).0.is_none() => kind.with(typed),
            _ if field.zero().is_some() => counted(typed, sent.get(&format!("{}{ZERO}", field.id))),
            _ => typed.to_owned(),
        };
        (field.id.clone(), value)
    };
    fields.iter().map(one).collect()
}

/// The kinds of identity documents, that of the value chosen; a number of which nobody said the kind chooses none of them, nothing at all a
/// resident's.
fn identity_kinds(value: &str) -> Vec<Choice> {
    let (named, number) = IdentityKind::split(value);
    let is_residents = number.is_empty() || ResidentId::parse(number).is_ok();
    let chosen = named.or(is_residents.then_some(IdentityKind::Resident));
    let unsaid = chosen.is_none().then(|| Choice::new("", Text::new("请选择证件种类", "Choose the kind"), true));
    let known = IdentityKind::ALL.into_iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen == Some(kind)));
    unsaid.into_iter().chain(known).collect()
}

/// Values as they would be typed again.
pub(crate) fn typed_again(values: Option<&Values>) -> Typed {
    values.map(|v| v.iter().map(|(id, value)| (id.to_owned(), value.typed())).collect()).unwrap_or_default()
}

/// Everything that is wrong with a form today.
pub(crate) fn faults_of(fields: &[&Field], typed: &Typed, today: CivilDate) -> Vec<FieldFault> {
    form::check_on(fields, typed, today).err().unwrap_or_default()
}

/// Codes of divisions in a form that are none, or none on the day of its facts.
pub(crate) fn places_of(call: &Call, fields: &[&Field], typed: &Typed, on: CivilDate) -> Vec<FieldFault> {
    form::place_faults(call.site().gate().packs(), fields, |id| typed.get(id).cloned(), on)
}

/// Everything that is wrong with a form of a case, also with the divisions that it names.
pub(crate) fn faults_at(call: &Call, view: &CaseView, fields: &[&Field], typed: &Typed) -> Vec<FieldFault> {
    let mut faults = faults_of(fields, typed, view.today);
    faults.extend(places_of(call, fields, typed, view.case.facts_on));
    faults
}

/// When a field is needed that is asked only with some answers of another one; empty: always, or never.
fn needed(field: &Field, fields: &[&Field]) -> Text {
    let Some(when) = field.when.as_ref().filter(|_| field.required) else { return Text::default() };
    let Some(other) = fields.iter().find(|f| f.id == when.field) else {
        return Text::new("（视前面的回答，需要时必填）", "(needed with some of the answers before)");
    };
    let names: Vec<Text> = when.is.iter().filter_map(|id| other.choice(id)).map(law::FieldChoice::name).collect();
    let zh: Vec<&str> = names.iter().map(|name| &*name.zh).collect();
    let en: Vec<&str> = names.iter().map(|name| &*name.en).collect();
    Text::of(
        format!("（“{}”选“{}”的必填）", other.zh, zh.join("、")),
        format!("(needed where \"{}\" is: {})", other.en, en.join(", ")),
    )
}

/// Fields as a page asks them.
pub(crate) fn asked(call: &Call, fields: &[&Field], typed: &Typed, faults: &[FieldFault]) -> Vec<AskedField> {
    let packs = call.site().gate().packs();
    let one = |field: &&Field| {
        let whole = typed.get(&field.id).cloned().unwrap_or_default();
        let is_identity = field.kind == FieldKind::IdentityDocument;
        let zero = field.zero();
        let (at_zero, number) = match whole.strip_prefix(BOTH) {
            Some(number) => (true, number),
            None if whole == "0" => (true, ""),
            None => (false, whole.as_str()),
        };
        let value = match (is_identity, &zero) {
            (true, _) => IdentityKind::split(&whole).1.to_owned(),
            (_, Some(_)) => number.to_owned(),
            _ => whole.clone(),
        };
        let choice = |c: &law::FieldChoice| Choice::new(&c.id, c.name(), c.id == value);
        let is_text = matches!(field.kind, FieldKind::Line | FieldKind::Words | FieldKind::Name | FieldKind::Phone);
        AskedField {
            id: field.id.clone(),
            label: field.name(),
            hint: field.hint().unwrap_or_default(),
            ask: ask_of(field.kind),
            error: faults.iter().find(|f| f.field == field.id).map(|f| {
                let two = zero.is_some() && at_zero && !number.is_empty();
                if two { both_chosen() } else { both(&f.what, &f.next) }
            }),
            choices: if is_identity { identity_kinds(&whole) } else { field.choices.iter().map(choice).collect() },
            groups: Vec::new(),
            sample: sample_of(field, call.lang),
            at_zero: at_zero && zero.is_some(),
            zero: zero.unwrap_or_default(),
            required: field.required && field.when.is_none(),
            needed: needed(field, fields),
            personal: field.personal || field.kind.is_personal(),
            most_chars: if is_text { field.limit() } else { 0 },
            clause: field.clause.as_ref().and_then(|c| packs.cite(c)),
            kept: Shown::default(),
            fixed: false,
            value,
        }
    };
    fields.iter().map(one).collect()
}

/// Offers what a list offers in the fields of a case: places by name, and the admitted sites.
pub(crate) async fn offer(call: &Call, view: &CaseView, fields: &mut [AskedField]) -> Result<(), Refusal> {
    let procedure = view.procedure();
    divisions::offer(call, &procedure.place, view.case.facts_on, fields).await?;
    offer_places(call, view.row.head.party, fields).await?;
    offer_units(call, procedure, fields).await
}

/// Offers the registered places of the party in the field that says which of them a system protects.
async fn offer_places(call: &Call, party: Option<PartyId>, fields: &mut [AskedField]) -> Result<(), Refusal> {
    let Some(field) = fields.iter_mut().find(|f| f.id == PLACE_FIELD) else { return Ok(()) };
    let places = of(call)?.places_to_name(by(call)?, party).await?;
    field.choices = places.iter().map(|one| Choice::new(one, Text::of(one.clone(), one.clone()), false)).collect();
    Ok(())
}

/// Offers whoever works in an office the admitted sites in the field that says whose cameras they are; another name may be typed all the same. An
/// applicant is shown no such list: what is like the typed name is offered before it is sent (`held_unit`).
async fn offer_units(call: &Call, procedure: &Procedure, fields: &mut [AskedField]) -> Result<(), Refusal> {
    let Some(hold) = procedure.hold.as_ref().filter(|_| call.may(Permission::SeeCases)) else { return Ok(()) };
    let Some(field) = fields.iter_mut().find(|f| f.id == hold.unit) else { return Ok(()) };
    let units = of(call)?.footage_units(by(call)?).await?.into_iter().take(UNITS);
    field.choices = units.map(|(_, name)| Choice::new(&name, Text::of(name.clone(), name.clone()), false)).collect();
    Ok(())
}

/// A sample as people read it: nothing beside a list or a question, which show their answers themselves.
fn sample_of(field: &Field, lang: Lang) -> String {
    match (field.kind, lang) {
        (FieldKind::Choice | FieldKind::Flag, _) => String::new(),
        (_, Lang::En) if !field.sample_en.is_empty() => field.sample_en.clone(),
        // Of the day of what happened an example would only be wrong: too old to be found, or of another time.
        (FieldKind::Day, _) if field.past => String::new(),
        // Chinese words help nobody who reads the English page.
        (_, Lang::En) if field.sample.chars().any(|c| ('\u{3400}'..='\u{9fff}').contains(&c)) => String::new(),
        _ => field.sample.clone(),
    }
}

/// Faults of no field of the form: names that no field has, or the form itself.
pub(crate) fn of_no_field(faults: &[FieldFault], fields: &[&Field], errors: &mut FormErrors) {
    for fault in faults.iter().filter(|fault| !fields.iter().any(|f| f.id == fault.field)) {
        errors.push("form", both(&fault.what, &fault.next));
    }
}

/// Only the party itself sees its personal data whole on pages; whoever handles, decides or reviews the case asks for it with a reason
/// (`handle::reveal`), everybody else sees it masked.
pub(crate) fn sees_whole(call: &Call) -> bool {
    call.may(Permission::Apply)
}

/// A form as it may be filled in beforehand for this reader: what is about persons only for the party itself.
pub(crate) fn for_reader(call: &Call, fields: &[&Field], mut typed: Typed) -> Typed {
    if !sees_whole(call) {
        typed.retain(|id, _| !fields.iter().any(|f| f.id == *id && (f.personal || f.kind.is_personal())));
    }
    typed
}

/// What is known of persons and this reader does not see, by field: names, numbers and lines that stay as they are where nothing is typed. Prose
/// is of its own day and is written anew.
pub(crate) fn unseen(call: &Call, fields: &[&Field], mut known: Typed) -> Typed {
    let keeps = |f: &&&Field| (f.personal || f.kind.is_personal()) && f.kind != FieldKind::Words;
    let whole = sees_whole(call);
    known.retain(|id, text| !whole && !text.is_empty() && fields.iter().filter(keeps).any(|f| f.id == *id));
    known
}

/// Says beside each field what is on record, masked; nothing is asked twice.
pub(crate) fn say_kept(asked: &mut [AskedField], fields: &[&Field], unseen: &Typed) {
    for field in fields {
        let (Some(text), Some(one)) = (unseen.get(&field.id), asked.iter_mut().find(|f| f.id == field.id)) else {
            continue;
        };
        let text = Pii::new(text.clone());
        let masked = if field.kind == FieldKind::Name { text.masked() } else { text.masked_tail(TAIL) };
        (one.kept, one.required, one.needed) = (Shown(masked), false, Text::default());
    }
}

/// What was typed, and where nothing was, what is on record.
pub(crate) fn with_kept(mut typed: Typed, unseen: &Typed) -> Typed {
    for (id, text) in unseen {
        if typed.get(id).is_none_or(|typed| typed.trim().is_empty()) {
            typed.insert(id.clone(), text.clone());
        }
    }
    typed
}

/// A value as people read it.
fn shown(packs: &Packs, field: &Field, value: &Value, lang: Lang) -> String {
    match value {
        Value::Text(code) if field.kind == FieldKind::Division => named(packs, code).get(lang).to_owned(),
        Value::Text(text) => field.choice(text).map_or_else(|| text.clone(), |c| c.name().get(lang).to_owned()),
        Value::Number(0) if field.zero().is_some() => field.zero().unwrap_or_default().get(lang).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Day(day) => day.to_string(),
        Value::Flag(true) => lang.t("是", "yes").to_owned(),
        Value::Flag(false) => lang.t("否", "no").to_owned(),
    }
}

/// Whether this reader sees a field masked; `words`: prose about persons was opened for them (`Authority::open_words`).
fn is_masked(call: &Call, field: &Field, words: bool) -> bool {
    let is_open = words && opens_as_words(field);
    !sees_whole(call) && !is_open && (field.personal || field.kind.is_personal())
}

/// A value as this reader sees it.
pub(crate) fn read(call: &Call, field: &Field, value: &Value, words: bool) -> Shown {
    let text = shown(call.site().gate().packs(), field, value, call.lang);
    if !is_masked(call, field, words) {
        return Shown(text);
    }
    let text = Pii::new(text);
    Shown(if matches!(field.kind, FieldKind::Name) { text.masked() } else { text.masked_tail(TAIL) })
}

/// Values of a form, for reading; `words`: as in [`read`].
pub(crate) fn values(call: &Call, fields: &[&Field], values: &Values, words: bool) -> Vec<ValueLine> {
    let line = |field: &&Field| {
        let value = values.get(&field.id)?;
        Some(ValueLine {
            label: field.name(),
            value: read(call, field, value, words),
            masked: is_masked(call, field, words),
            before: Shown::default(),
        })
    };
    fields.iter().filter_map(line).collect()
}

/// A refusal that is told on the page of the form, with what was typed.
pub(crate) struct Wrong {
    /// Status of the page.
    pub(crate) status: StatusCode,
    /// What is wrong besides the fields.
    pub(crate) errors: FormErrors,
    flash: Option<Flash>,
}

impl Wrong {
    /// A form that is in order so far.
    pub(crate) fn none() -> Self {
        Self { status: StatusCode::OK, errors: FormErrors::default(), flash: None }
    }

    /// A form that the page itself has found wrong.
    pub(crate) fn form() -> Self {
        Self { status: StatusCode::BAD_REQUEST, errors: FormErrors::default(), flash: None }
    }

    /// What a refusal says beside the field `at`.
    ///
    /// # Errors
    /// The refusal itself, where the form is not the place for it: no right, no such case, a server that is down.
    pub(crate) fn of(refusal: Refusal, at: &str) -> Result<Self, Refusal> {
        let told = matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Conflict | ErrorKind::Unlawful);
        if !told {
            return Err(refusal);
        }
        let mut errors = FormErrors::default();
        errors.push(at, both(&refusal.what, &refusal.next));
        let status = status(&refusal);
        let by_law = !refusal.why.is_empty();
        // The reason stands at its field; above the page stands only on what it rests.
        let text = Text::new("没有办理，原因见下面。依据：", "Nothing was done; the reason stands below. It rests on:");
        let flash = by_law.then_some(Flash { mark: Mark::Critical, text, clauses: refusal.why });
        Ok(Self { status, errors, flash })
    }

    /// Puts the clauses of the refusal above the page.
    pub(crate) fn on(&mut self, bar: &mut AppBar) {
        if let Some(flash) = self.flash.take() {
            bar.flash = Some(flash);
        }
    }
}

/// The question why the same matter is begun again.
pub(crate) fn again(call: &Call) -> AskedField {
    AskedField {
        id: "again".to_owned(),
        label: Text::new("为什么另行办理", "why another case is needed"),
        ask: Ask::Words,
        value: call.form.raw("again").to_owned(),
        required: true,
        ..AskedField::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_at_all_is_a_choice_and_a_number_is_typed() {
        for (typed, chosen, is) in [
            ("", "yes", "0"),
            ("30", "no", "30"),
            ("30", "", "30"),
            ("0", "no", ""),
            ("0", "", "0"),
            ("", "no", ""),
            ("30", "yes", "0/30"),
            ("0", "yes", "0"),
        ] {
            assert_eq!(counted(typed, chosen), is, "{typed} {chosen}");
        }
        let packs = law::Packs::embedded().unwrap();
        let field = packs.procedure("inspection_b").and_then(|p| p.field("correct_days")).unwrap();
        let sent = |body: &str| typed_of(&Fields::parse(body.as_bytes()), &[field])["correct_days"].clone();
        assert_eq!(sent("correct_days=&correct_days_zero=yes"), "0");
        assert_eq!(sent("correct_days=30&correct_days_zero=no"), "30");
        let both = Typed::from([("correct_days".to_owned(), sent("correct_days=30&correct_days_zero=yes"))]);
        let day = CivilDate::parse("2026-11-23").unwrap();
        assert_eq!(faults_of(&[field], &both, day).len(), 1, "at once and within 30 days cannot both be");
        assert_eq!(shown(&packs, field, &Value::Number(0), Lang::Zh), "当场改正，不设期限");
        assert_eq!(shown(&packs, field, &Value::Number(30), Lang::Zh), "30");
    }

    #[test]
    fn a_refusal_stays_with_its_form_only_where_the_form_can_help() {
        let of = |kind| Refusal::new(kind, "x", Text::new("不行。", "No."), Text::new("请改。", "Change it."));
        for kind in [ErrorKind::BadInput, ErrorKind::Conflict, ErrorKind::Unlawful] {
            let wrong = Wrong::of(of(kind), "note").unwrap_or_else(|_| panic!("{kind:?}"));
            assert_eq!(wrong.errors.of("note"), Some(&Text::new("不行。请改。", "No. Change it.")));
            assert!(wrong.status.is_client_error() && wrong.flash.is_none());
        }
        for kind in [ErrorKind::Forbidden, ErrorKind::NotFound, ErrorKind::Unavailable, ErrorKind::Internal] {
            assert!(Wrong::of(of(kind), "note").is_err(), "{kind:?}");
        }
    }

    #[test]
    fn every_field_is_sent_even_if_it_is_empty() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("area_approval").unwrap();
        let fields: Vec<&Field> = procedure.fields_at("apply").collect();
        let typed = typed_of(&Fields::parse(b"place=%E4%B8%9C%E9%97%A8&csrf=x&of_nobody=1"), &fields);
        assert_eq!(typed.len(), fields.len());
        assert_eq!(typed.get("place").map(String::as_str), Some("东门"));
        assert!(!typed.contains_key("of_nobody"));
        let faults = faults_of(&fields, &typed, CivilDate::parse("2026-11-23").unwrap());
        assert!(faults.iter().any(|f| f.field == "need") && !faults.iter().any(|f| f.field == "unit_name"));
    }

    #[test]
    fn what_is_on_record_stays_only_where_nothing_is_typed() {
        let of = |pairs: &[(&str, &str)]| -> Typed {
            pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect()
        };
        let unseen = of(&[("contact", "王五"), ("contact_phone", "0451-55550100")]);
        let typed = of(&[("contact", " "), ("contact_phone", "0451-55550199"), ("place", "")]);
        let whole = with_kept(typed, &unseen);
        assert_eq!(whole, of(&[("contact", "王五"), ("contact_phone", "0451-55550199"), ("place", "")]));
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("area_approval").unwrap();
        let fields: Vec<&Field> = procedure.fields_at("apply").collect();
        let mut asked: Vec<AskedField> =
            fields.iter().map(|f| AskedField { id: f.id.clone(), required: true, ..AskedField::default() }).collect();
        say_kept(&mut asked, &fields, &unseen);
        let phone = asked.iter().find(|f| f.id == "contact_phone").unwrap();
        assert_eq!((phone.kept.0.as_str(), phone.required, phone.value.as_str()), ("****0100", false, ""));
        assert!(asked.iter().filter(|f| f.id != "contact_phone").all(|f| f.kept.is_empty() && f.required));
    }

    #[test]
    fn an_english_page_has_no_chinese_sample() {
        let packs = law::Packs::embedded().unwrap();
        let field = packs.procedure("area_approval").unwrap().fields_at("apply").find(|f| f.kind == FieldKind::Line);
        let mut field = field.unwrap().clone();
        (field.sample, field.sample_en) = ("材料与原件一致。".into(), String::new());
        assert_eq!([Lang::Zh, Lang::En].map(|lang| sample_of(&field, lang)), ["材料与原件一致。", ""]);
        field.sample_en = "The papers agree with the originals.".into();
        assert_eq!(sample_of(&field, Lang::En), field.sample_en);
        field.sample_en.clear();
        field.sample = "2026-11-22".into();
        assert_eq!(sample_of(&field, Lang::En), "2026-11-22");
    }

    #[test]
    fn what_is_typed_again_is_what_was_kept() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("area_approval").unwrap();
        let fields: Vec<&Field> = procedure.fields_at("examine").collect();
        let typed: Typed = fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
        let kept = form::check(&fields, &typed).unwrap();
        assert_eq!(form::check(&fields, &typed_again(Some(&kept))).unwrap(), kept);
        assert!(typed_again(None).is_empty());
    }
}
