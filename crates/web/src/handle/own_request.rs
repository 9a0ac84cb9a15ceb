//! A person asks the unit itself to see footage (Order 799 art. 21): entered by the custodian, receipt and answer on paper.
//!
//! ```text
//! GET, POST /use/person          ─▶ Site::take_request ─▶ /use/{id}: held; another custodian decides it as every request
//! GET /use/{id}/receipt.pdf      ─▶ Site::own_receipt
//! GET /use/{id}/answer.pdf       ─▶ Site::own_answer, once it is decided
//! GET, POST /use/{id}/show       ─▶ `showing`
//! ```
//! Always true: what is sent is judged by the corridor; names that were typed are not written into the page again; a paper that leaves is entered.

use super::ask::{Wrong, both};
use super::use_request::id_of;
use crate::answer::{Reply, attach, body, page, page_with};
use crate::call::Call;
use crate::pages::own_request::OwnRequestPage;
use crate::pages::use_request::CameraChoice;
use crate::pages::{Choice, Nav};
use axum::http::{Method, StatusCode};
use base::time::DAY_MS;
use base::{CameraId, ClauseId, ErrorKind, Refusal, Text, UtcMs, limits};
use site::documents::Document;
use site::use_of_information::{OwnForm, RELATIONS, relation_name};

/// The clause of this way.
pub(crate) const CLAUSE: &str = "799-21";
/// Ticks of the form, in the order of the page.
const TICKS: [&str; 4] = ["identity", "proof", "need", "plain"];

async fn own_page(call: &Call, mut wrong: Wrong) -> Result<OwnRequestPage, Refusal> {
    let chosen = call.form.all("camera");
    let stock = call.site().store().stock().await?;
    let cameras = call.site().store().cameras_ever().await?.into_iter();
    let cameras = cameras.filter(|c| c.removed.is_none() || stock.contains_key(&c.id)).map(|c| CameraChoice {
        chosen: chosen.contains(&c.id.to_string()),
        oldest: stock.get(&c.id).and_then(|s| s.oldest),
        id: c.id.to_string(),
        name: c.name,
        place: c.place,
    });
    let cameras = cameras.collect();
    let relation = call.form.get("relation");
    let relations = RELATIONS.iter().map(|(word, is)| Choice::new(word, relation_name(*is), *word == relation));
    let text = |name: &str, most: usize| call.form.get(name).chars().take(most).collect::<String>();
    let mut bar = call.bar(Nav::Use).await?;
    wrong.on(&mut bar);
    Ok(OwnRequestPage {
        l: call.lang,
        bar,
        errors: wrong.errors,
        clauses: call.site().gate().packs().cite(&ClauseId::new(CLAUSE)).into_iter().collect(),
        relations: relations.collect(),
        ticked: TICKS.map(|name| call.form.has(name)),
        purpose: text("purpose", limits::FREE_TEXT_CHARS),
        cameras,
        from: text("from", 30),
        to: text("to", 30),
        range_days_max: u32::try_from(limits::REQUEST_RANGE_MS / DAY_MS).unwrap_or(u32::MAX),
    })
}

/// `GET /use/person`.
pub(crate) async fn new(call: Call) -> Reply {
    page(&own_page(&call, Wrong::none()).await?)
}

/// Field of the page that a defect belongs to.
fn field_of(code: &str) -> &str {
    match code {
        "cameras" => "camera",
        "range" | "future" => "to",
        other => other,
    }
}

/// The form as the corridor takes it; what cannot be read becomes an error of its field.
fn form_of(call: &Call, wrong: &mut Wrong) -> OwnForm {
    let f = &call.form;
    let relation = RELATIONS.iter().find(|(word, _)| *word == f.get("relation")).map(|(_, is)| *is);
    if relation.is_none() {
        wrong.errors.push("relation", Text::new("请选择申请人与当事人的关系。", "Choose who the applicant is."));
    }
    let instant = |name: &str| UtcMs::parse_shanghai(f.get(name)).filter(|t| (0..=253_402_300_799_999).contains(&t.0));
    let (from, to) = (instant("from"), instant("to"));
    if from.is_none() {
        wrong.errors.push("from", Text::new("请填写开始时间。", "Enter the start time."));
    }
    if to.is_none() {
        wrong.errors.push("to", Text::new("请填写结束时间。", "Enter the end time."));
    }
    let cameras = f.all("camera");
    OwnForm {
        name: f.secret("visitor"),
        contact: f.secret("contact"),
        relation: relation.unwrap_or(law::Relation::Other),
        concerned: f.secret("concerned"),
        identity: f.has("identity"),
        proof: f.has("proof"),
        need: f.has("need"),
        plain: f.has("plain"),
        purpose: f.get("purpose").to_owned(),
        cameras: cameras.iter().take(limits::REQUEST_CAMERAS + 1).filter_map(|c| CameraId::parse(c)).collect(),
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
    }
}

/// `POST /use/person`: `relation`, `identity`, `proof`, `need`, `plain`, `visitor`, `concerned`, `contact`, `purpose`, `camera`, `from`, `to`.
pub(crate) async fn take(call: Call) -> Reply {
    let mut wrong = Wrong::form();
    let form = form_of(&call, &mut wrong);
    if !wrong.errors.is_empty() {
        return page_with(StatusCode::BAD_REQUEST, &own_page(&call, wrong).await?);
    }
    let refusals = match call.site().take_request(call.actor()?, &form).await {
        Ok(row) => return call.done(&format!("/use/{}", row.id), "person_request_taken"),
        Err(refusals) => refusals,
    };
    // What no field can help with is told by itself.
    if let Some(refusal) = refusals.iter().find(|r| r.kind != ErrorKind::BadInput) {
        return Err(refusal.clone());
    }
    for refusal in &refusals {
        wrong.errors.push(field_of(&refusal.code), both(&refusal.what, &refusal.next));
    }
    page_with(wrong.status, &own_page(&call, wrong).await?)
}

fn file(document: Document) -> Reply {
    let mut answer = body(StatusCode::OK, "application/pdf", document.pdf);
    attach(&mut answer, &document.file);
    Ok(answer)
}

/// `GET /use/{id}/receipt.pdf`: made now and entered; a head alone makes nothing.
pub(crate) async fn receipt(call: Call) -> Reply {
    if call.method == Method::HEAD {
        return Ok(body(StatusCode::OK, "application/pdf", ""));
    }
    file(call.site().own_receipt(call.actor()?, id_of(&call)?, call.lang).await?)
}

/// `GET /use/{id}/answer.pdf`: made now and entered; a head alone makes nothing.
pub(crate) async fn answer(call: Call) -> Reply {
    if call.method == Method::HEAD {
        return Ok(body(StatusCode::OK, "application/pdf", ""));
    }
    file(call.site().own_answer(call.actor()?, id_of(&call)?, call.lang).await?)
}
