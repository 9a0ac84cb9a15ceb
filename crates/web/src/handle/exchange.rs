//! Exchange with other systems: filings handed on, forms of services, how a case stands, its documents. What comes in: `exchange_in`. Tokens and
//! permissions are those of the API; `openapi_exchange` describes it all.
//!
//! Always true: field names are those that the packs have for the system that asks (`exchange.toml`), told with the answer; no person and no value
//! of a form is in what goes out, but in a document that was delivered, whose opening is entered first.

use super::apply::asked_for;
use super::ask::{faults_of, typed_again};
use super::case_words::document_name;
use super::exchange_in::facts_of;
use super::inbox::{by, of};
use super::register_narrow::digits_of;
use crate::answer::{Reply, attach, body, no_page, ok_json};
use crate::call::Call;
use crate::limiter::DOCUMENTS_HANDED;
use authority::cases::{CaseView, Classes, FILING_CLAUSE, Filing, optional_steps, party_fields, steps_of_application};
use axum::http::StatusCode;
use base::{ErrorKind, Refusal, Sha256, Text};
use domain::casework::{COMPLETE, OpenStep, Seat, fields_of};
use law::{ExchangeSystem, Field};
use serde_json::{Value, json as value};
use store::casework::registers::RowVersion;
use store::casework::spots::Class;

/// `name`: `after` or `before`.
fn bad_cursor(name: &str) -> Refusal {
    Refusal::bad_input(
        name,
        Text::of(format!("{name} 应当是上一次回答中的 next。"), format!("{name} is the next of the answer before.")),
        Text::of(format!("从头取的，不要写 {name}。"), "Leave it out to begin from the first."),
    )
}

fn bad_division() -> Refusal {
    Refusal::bad_input(
        "division",
        Text::new("division 应当是行政区划代码。", "division is the code of a division."),
        Text::new("写六位代码，或者其前两位、前四位。", "Write six digits, or the first two or four of them."),
    )
}

fn bad_class() -> Refusal {
    Refusal::bad_input(
        "class",
        Text::new("class 应当是 covered、doubtful 或者 open。", "class is covered, doubtful or open."),
        Text::new("不写 class 的，取没有系统的场所。", "Leave it out for places without a system."),
    )
}

/// What a field is called in the system that asks.
fn name_there<'a>(system: Option<&'a ExchangeSystem>, field: &'a str) -> &'a str {
    system.map_or(field, |system| system.name_of(field))
}

/// The system that asks: the one named, else the first of the packs; none where the packs list none.
fn system_of(call: &Call) -> Result<Option<&ExchangeSystem>, Refusal> {
    let packs = call.site().gate().packs();
    match call.query.get("system") {
        "" => Ok(packs.exchange_systems().first()),
        id => packs.exchange_system(id).map(Some).ok_or_else(|| {
            Refusal::bad_input(
                "system",
                Text::new("规则包没有列出这个系统。", "The packs list no such system."),
                Text::new("请使用 exchange.toml 中的编号，或者不写。", "Use an id of exchange.toml, or leave it out."),
            )
        }),
    }
}

fn filing(filing: &Filing, system: Option<&ExchangeSystem>) -> Value {
    let fields = filing.fields.iter().map(|(id, value)| (name_there(system, id).to_owned(), value.clone()));
    value!({
        "entry": filing.entry, "row": filing.row, "version": filing.version, "procedure": filing.procedure, "number": filing.number,
        "filed": filing.filed, "until": filing.until, "office": filing.office, "at": filing.at,
        "fields": fields.collect::<serde_json::Map<String, Value>>(),
    })
}

/// `GET /api/v1/exchange/system-filings?after=&division=&system=`: a division means itself and what lies in it.
pub(crate) async fn filings(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let after = match call.query.get("after") {
        "" => None,
        text => Some(text.parse::<u64>().map_err(|_| bad_cursor("after"))?),
    };
    let division = match call.query.get("division") {
        "" => String::new(),
        code => digits_of(code).ok_or_else(bad_division)?,
    };
    let system = system_of(&call)?;
    let (all, next) = authority.filings_in(who, after, &division).await?;
    let fields = authority.filing_fields();
    let fields = fields.iter().map(|f| {
        value!({
            "id": f.field.id, "name": name_there(system, &f.field.id), "procedure": f.procedure.id, "zh": f.field.zh, "en": f.field.en,
            "kind": f.field.kind,
        })
    });
    ok_json(&value!({
        "clause": FILING_CLAUSE, "system": system.map(|s| s.id.as_str()), "next": next, "fields": fields.collect::<Vec<_>>(),
        "filings": all.iter().map(|one| filing(one, system)).collect::<Vec<_>>(),
    }))
}

/// `GET /api/v1/exchange/places?register=&class=&before=`: places that must have a system, of one class, and how all stand.
pub(crate) async fn places(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let before = match call.query.get("before") {
        "" => None,
        text => Some(text.parse::<u64>().map_err(|_| bad_cursor("before"))?),
    };
    let class = match call.query.get("class") {
        "" => Class::Open,
        word => Class::parse(word).ok_or_else(bad_class)?,
    };
    let register = call.query.get("register");
    let handed = authority.places_handed(who, (register, class), before).await?;
    let place = |row: &RowVersion| {
        value!({
            "entry": row.entry, "row": row.row, "version": row.version, "name": row.name, "office": row.office, "from": row.from,
            "until": row.until,
        })
    };
    let Classes { covered, doubtful, open } = handed.classes;
    ok_json(&value!({
        "register": register, "class": class.code(), "counts": { "covered": covered, "doubtful": doubtful, "open": open },
        "uncompared": handed.uncompared, "places": handed.rows.iter().map(place).collect::<Vec<_>>(), "next": handed.next,
    }))
}

/// A field of a form, as its documentation says it.
///
/// `required` is what the packs say; a field with a `when` is asked, and so needed, only with these answers of the other one.
fn form_field(field: &Field) -> Value {
    let when = field.when.as_ref().map(|when| value!({ "field": when.field, "is": when.is }));
    let choices = field.choices.iter().map(|c| value!({ "id": c.id, "zh": c.zh, "en": c.en }));
    value!({
        "id": field.id, "zh": field.zh, "en": field.en, "kind": field.kind, "required": field.required, "when": when, "most": field.limit(),
        "choices": choices.collect::<Vec<_>>(), "sample": field.sample, "personal": field.personal || field.kind.is_personal(),
    })
}

/// `GET /api/v1/exchange/form?procedure=&facts_on=`: what an application of a service has in it; of what has ended by the day of its facts.
pub(crate) async fn form(call: Call) -> Reply {
    let today = call.now().shanghai_date();
    let day = facts_of(call.query.get("facts_on"))?.map_or(today, |day| day.min(today));
    let service = of(&call)?.service(call.query.get("procedure"), day).await?;
    let procedure = service.procedure;
    let step = |step: &law::Step, optional: bool| {
        let fields = fields_of(procedure, &step.id).into_iter().map(form_field).collect::<Vec<_>>();
        value!({ "step": step.id, "zh": step.zh, "en": step.en, "optional": optional, "fields": fields })
    };
    let optional = optional_steps(procedure).into_iter().map(|s| step(s, true));
    let steps = steps_of_application(procedure).into_iter().map(|s| step(s, false)).chain(optional);
    let materials = procedure.materials.iter().map(|m| {
        let asked = m.required && !m.gap;
        value!({ "id": m.id, "zh": m.zh, "en": m.en, "required": asked, "one_of": m.one_of, "clause": m.clause })
    });
    let party = |is_unit| party_fields(is_unit).iter().map(form_field).collect::<Vec<_>>();
    ok_json(&value!({
        "procedure": procedure.id, "zh": procedure.name_zh, "en": procedure.name_en, "steps": steps.collect::<Vec<_>>(),
        "materials": materials.collect::<Vec<_>>(), "party": { "unit": party(true), "person": party(false) },
    }))
}

/// The step that waits for the applicant: one of the application, or the completion of what was asked for.
fn open_step(view: &CaseView) -> Option<OpenStep<'_>> {
    let way = steps_of_application(view.procedure());
    let is_ours = |id: &str| id == COMPLETE || way.iter().any(|s| s.id == id);
    view.open_steps().into_iter().find(|s| s.who == Seat::Applicant && is_ours(s.id))
}

/// What the case still lacks of the applicant's part: papers, and fields of the form that is open.
fn defects(view: &CaseView) -> Vec<Value> {
    let papers = view.missing().into_iter().map(|m| {
        let what = Text::of(format!("没有提交“{}”。", m.zh), format!("\"{}\" was not handed in.", m.en));
        let next = Text::new("请提交这项材料。", "Hand it in.");
        value!({ "field": format!("papers.{}", m.id), "what": what, "next": next })
    });
    let step = open_step(view);
    let faults =
        step.map(|s| faults_of(&s.fields, &typed_again(view.case.values_of(s.id)), view.today)).unwrap_or_default();
    let fields =
        faults.into_iter().map(|f| value!({ "field": format!("fields.{}", f.field), "what": f.what, "next": f.next }));
    papers.chain(fields).collect()
}

/// The documents that were delivered; what was made and not delivered is a draft of the office.
fn delivered(view: &CaseView) -> Vec<Value> {
    let documents = view.case.documents.iter();
    let line = |d: &domain::casework::Document| {
        let (way, on) = d.delivered?;
        let name = document_name(&d.kind);
        Some(value!({
            "kind": d.kind, "zh": name.zh, "en": name.en, "number": d.number, "sha256": d.sha256.hex(), "delivered": on,
            "way": way.code(), "void": d.void,
        }))
    };
    documents.filter_map(line).collect()
}

/// `GET /api/v1/exchange/cases/{number}`.
pub(crate) async fn status(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let found = authority.exchange_status(who, call.param(0)).await?;
    let row = authority.case_of_number(who, &found.number).await?;
    let view = authority.case(who, row.id).await?;
    let asked = asked_for(&call, &view);
    let reasons: Vec<&str> = asked.iter().map(|m| m.reason.0.as_str()).collect();
    let reasons = authority.exchange_words(&view, &reasons).await?;
    let asked = asked.iter().zip(reasons);
    let asked = asked.map(|(m, why)| value!({ "id": m.id, "zh": m.name.zh, "en": m.name.en, "reason": why }));
    let asked: Vec<Value> = asked.collect();
    let open = open_step(&view).map(|s| value!({ "step": s.id, "zh": s.name.zh, "en": s.name.en }));
    ok_json(&value!({
        "case": row.id, "number": found.number, "procedure": found.procedure, "stage": found.stage, "outcome": found.outcome,
        "opened": found.opened, "last": found.last, "due": found.due, "awaits_rest": found.awaits_rest, "asked": asked,
        "open": open, "defects": if open_step(&view).is_some() { defects(&view) } else { Vec::new() },
        "documents": delivered(&view),
    }))
}

/// `GET /api/v1/exchange/cases/{number}/documents/{sha256}`: a document that was delivered; who opened it is an entry first.
pub(crate) async fn document(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    if !call.app.limiter.allow("handed", &who.account.to_string(), DOCUMENTS_HANDED, call.site().now().mono) {
        return Err(Refusal::new(
            ErrorKind::TooMany,
            "too_many_documents",
            Text::new("短时间内取的文书过多。", "Too many documents were fetched in a short time."),
            Text::new(
                "请过几分钟再取；已经取过的不必再取。",
                "Go on in some minutes; what was fetched need not be fetched again.",
            ),
        ));
    }
    let wanted = Sha256::from_hex(call.param(1)).ok_or_else(no_page)?;
    let row = authority.case_of_number(who, call.param(0)).await?;
    let view = authority.case(who, row.id).await?;
    let is_it = |d: &domain::casework::Document| d.sha256 == wanted && d.delivered.is_some();
    if !view.case.documents.iter().any(is_it) {
        return Err(Refusal::not_found("这份已送达的文书", "document that was delivered"));
    }
    let (row, bytes) = authority.case_document(who, row.id, wanted).await?;
    let mut answer = body(StatusCode::OK, "application/pdf", bytes);
    attach(&mut answer, &format!("{}-{}.pdf", row.kind, row.id));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_needed_with_some_answers_says_with_which() {
        let packs = law::Packs::embedded().unwrap();
        let procedure = packs.procedure("citizen_viewing").unwrap();
        let told = |id: &str| form_field(procedure.field(id).unwrap());
        let name = told("unit_name");
        let when = value!({ "field": "applicant_kind", "is": ["unit", "foreign_unit"] });
        assert_eq!((&name["required"], &name["when"]), (&value!(true), &when));
        let kind = told("applicant_kind");
        assert_eq!((&kind["required"], &kind["when"]), (&value!(true), &Value::Null), "always");
    }
}
