//! Exchange with other systems: filings handed on, forms of services, how a case stands, its documents. What comes in: `exchange_in`. Tokens and
//! permissions are those of the API; `openapi_exchange` describes it all.
//!
//! Always true: field names are those of the pack and told with the answer; no person and no value of a form is in what goes out, but in a
//! document that was delivered, whose opening is entered first.

use super::apply::asked_for;
use super::ask::{faults_of, typed_again};
use super::case_words::document_name;
use super::exchange_in::facts_of;
use super::inbox::{by, of};
use crate::answer::{Reply, attach, body, no_page, ok_json};
use crate::call::Call;
use authority::cases::{CaseView, FILING_CLAUSE, Filing, optional_steps, party_fields, steps_of_application};
use axum::http::StatusCode;
use base::{Refusal, Sha256, Text};
use domain::casework::{COMPLETE, OpenStep, Seat, fields_of};
use law::Field;
use serde_json::{Value, json as value};

fn bad_cursor() -> Refusal {
    Refusal::bad_input(
        "after",
        Text::new("after 应当是上一次回答中的 next。", "after is the next of the answer before."),
        Text::new("从头取的，不要写 after。", "Leave it out to begin from the first."),
    )
}

fn filing(filing: &Filing) -> Value {
    value!({
        "entry": filing.entry, "row": filing.row, "version": filing.version, "procedure": filing.procedure, "number": filing.number,
        "filed": filing.filed, "until": filing.until, "office": filing.office, "at": filing.at, "fields": filing.fields,
    })
}

/// `GET /api/v1/exchange/system-filings?after=`.
pub(crate) async fn filings(call: Call) -> Reply {
    let (authority, who) = (of(&call)?, by(&call)?);
    let after = match call.query.get("after") {
        "" => None,
        text => Some(text.parse::<u64>().map_err(|_| bad_cursor())?),
    };
    let (all, next) = authority.filings(who, after).await?;
    let fields = authority.filing_fields();
    let fields = fields.iter().map(|f| {
        value!({ "id": f.field.id, "procedure": f.procedure.id, "zh": f.field.zh, "en": f.field.en, "kind": f.field.kind })
    });
    ok_json(&value!({
        "clause": FILING_CLAUSE, "filings": all.iter().map(filing).collect::<Vec<_>>(), "next": next,
        "fields": fields.collect::<Vec<_>>(),
    }))
}

/// A field of a form, as its documentation says it.
fn form_field(field: &Field) -> Value {
    let choices = field.choices.iter().map(|c| value!({ "id": c.id, "zh": c.zh, "en": c.en }));
    value!({
        "id": field.id, "zh": field.zh, "en": field.en, "kind": field.kind, "required": field.required && field.when.is_none(), "most": field.limit(),
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
