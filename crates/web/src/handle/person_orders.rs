//! A person's own request that the authority's server handed on, at the unit's custodian: read, entered, and when the person comes.
//!
//! ```text
//! GET  /use/orders/{order}/person         ─▶ Site::person_order: who asks, what is held, what was made of it; the opening is entered
//! POST /use/orders/{order}/person         ─▶ Site::enter_person ─▶ /use/{id}: another custodian decides it as every request
//! POST /use/orders/{order}/person/coming  ─▶ Site::set_coming ─▶ told with the next answer
//! ```
//! Always true: what is sent is judged by the corridor; names stand on the page for who decides use, and are never typed here.

use super::ask::{Wrong, both};
use super::footage::person_state;
use super::own_request::CLAUSE;
use super::use_request::shown as request_state;
use crate::answer::{Reply, no_page, page, page_with};
use crate::call::Call;
use crate::pages::ask::Shown;
use crate::pages::person_orders::PersonOrderPage;
use crate::pages::relays::RelayComing;
use crate::pages::showing::OrderRequest;
use crate::pages::{Choice, Mark, Nav, State};
use axum::http::StatusCode;
use base::{CameraId, ClauseId, ErrorKind, OrderId, Refusal, Text, UtcMs, limits};
use domain::order::{Coming, PersonStage, Protects};
use site::use_of_information::{PersonForm, PersonTask, relation_name};

/// The order that the path names.
fn order_of(call: &Call) -> Result<OrderId, Refusal> {
    OrderId::parse(call.param(0)).ok_or_else(no_page)
}

/// A time as the field takes it: Beijing time, to the second.
fn typed(at: UtcMs) -> String {
    at.desk().replace(' ', "T")
}

/// The moment that was typed; what was left as it was offered is exactly that moment.
fn moment(sent: &str, offered: Option<UtcMs>) -> Option<UtcMs> {
    let sane = |at: &UtcMs| (0..=253_402_300_799_999).contains(&at.0);
    offered.filter(|at| typed(*at) == sent).or_else(|| UtcMs::parse_shanghai(sent).filter(sane))
}

fn span((from, to): (UtcMs, UtcMs)) -> String {
    format!("{} — {}", from.desk(), to.desk())
}

const fn protects(protects: Protects) -> Text {
    match protects {
        Protects::LifeHealth => Text::new("生命健康", "life or health"),
        Protects::Property => Text::new("财产安全", "property"),
    }
}

/// Cameras to choose from: those that are held are chosen at first.
fn cameras(call: &Call, task: &PersonTask) -> Vec<Choice> {
    let chosen = call.form.all("camera");
    let choice = |(row, is_held): &(store::cameras::CameraRow, bool)| {
        let id = row.id.to_string();
        let is_chosen = if chosen.is_empty() { *is_held } else { chosen.contains(&id) };
        let held = if *is_held { Text::new("已封存", "held") } else { Text::default() };
        let name = |held: &str| format!("{} · {} {held}", row.name, row.place).trim_end().to_owned();
        Choice::new(&id, Text::of(name(&held.zh), name(&held.en)), is_chosen)
    };
    task.cameras.iter().map(choice).collect()
}

async fn order_page(call: &Call, mut wrong: Wrong) -> Result<PersonOrderPage, Refusal> {
    let task = call.site().person_order(call.actor()?, order_of(call)?).await?;
    let (what, f) = (&task.what, &call.form);
    let told = task.answer.as_ref().and_then(|answer| answer.person.as_ref());
    let stage = told.map(|told| told.stage);
    let text = |name: &str, offered: String| if f.has(name) { f.get(name).to_owned() } else { offered };
    let (from, to) = task.time.map(|(from, to)| (typed(from), typed(to))).unwrap_or_default();
    let request = |row: &store::requests::RequestRow| OrderRequest {
        id: row.id.to_string(),
        number: row.number.clone(),
        state: request_state(row.state),
    };
    let mut bar = call.bar(Nav::Use).await?;
    wrong.on(&mut bar);
    Ok(PersonOrderPage {
        l: call.lang,
        bar,
        errors: wrong.errors,
        id: task.order.id.to_string(),
        receipt: what.number.clone(),
        state: stage.map_or_else(|| State::new(Mark::Busy, "正在办理", "under way"), person_state),
        asked: what.asked,
        name: Shown(what.name.expose().clone()),
        contact: Shown(what.contact.expose().clone()),
        relation: relation_name(what.relation),
        concerned: Shown(what.concerned.expose().clone()),
        protects: protects(what.protects),
        why: Shown(what.why.expose().clone()),
        place: what.place.clone(),
        span: span((what.from, what.to)),
        said: task.answer.as_ref().map(|answer| answer.said.clone()).unwrap_or_default(),
        may_enter: stage == Some(PersonStage::Held) && task.request.is_none(),
        cameras: cameras(call, &task),
        from: text("from", from),
        to: text("to", to),
        ticked: ["proof", "need", "plain"].map(|name| f.has(name)),
        clauses: call.site().gate().packs().cite(&ClauseId::new(CLAUSE)).into_iter().collect(),
        may_say: stage == Some(PersonStage::Agreed),
        coming: task.coming.as_ref().map(|c| RelayComing { span: span((c.from, c.to)), place: c.place.clone() }),
        typed: ["coming", "coming_to", "coming_place"].map(|name| f.get(name).to_owned()),
        request: task.request.as_ref().map(request),
    })
}

/// `GET /use/orders/{order}/person`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&order_page(&call, Wrong::none()).await?)
}

/// Field of the page that a defect belongs to.
fn field_of(code: &str) -> &'static str {
    match code {
        "cameras" => "camera",
        "range" | "future" => "to",
        _ => "from",
    }
}

/// `POST /use/orders/{order}/person`: `camera`, `from`, `to`, `proof`, `need`, `plain`.
pub(crate) async fn enter(call: Call) -> Reply {
    let (id, by) = (order_of(&call)?, call.actor()?);
    let time = call.site().person_order(by, id).await?.time;
    let from = moment(call.form.get("from"), time.map(|t| t.0));
    let to = moment(call.form.get("to"), time.map(|t| t.1));
    let (Some(from), Some(to)) = (from, to) else {
        let mut wrong = Wrong::form();
        wrong.errors.push("from", Text::new("请填写起止时间。", "Enter from when until when."));
        return page_with(StatusCode::BAD_REQUEST, &order_page(&call, wrong).await?);
    };
    let cameras = call.form.all("camera");
    let cameras = cameras.iter().take(limits::REQUEST_CAMERAS + 1).filter_map(|c| CameraId::parse(c)).collect();
    let [proof, need, plain] = ["proof", "need", "plain"].map(|name| call.form.has(name));
    let form = PersonForm { cameras, from, to, proof, need, plain };
    let refusals = match call.site().enter_person(by, id, &form).await {
        Ok(row) => return call.done(&format!("/use/{}", row.id), "order_opened"),
        Err(refusals) => refusals,
    };
    // What no field can help with is told by itself.
    if let Some(refusal) = refusals.iter().find(|r| r.kind != ErrorKind::BadInput) {
        let wrong = Wrong::of(refusal.clone(), "camera")?;
        return page_with(wrong.status, &order_page(&call, wrong).await?);
    }
    let mut wrong = Wrong::form();
    for refusal in &refusals {
        wrong.errors.push(field_of(&refusal.code), both(&refusal.what, &refusal.next));
    }
    page_with(wrong.status, &order_page(&call, wrong).await?)
}

/// `POST /use/orders/{order}/person/coming`: `coming`, `coming_to`, `coming_place`.
pub(crate) async fn coming(call: Call) -> Reply {
    let id = order_of(&call)?;
    let instant = |name: &str| moment(call.form.get(name), None).unwrap_or_default();
    let coming = Coming {
        from: instant("coming"),
        to: instant("coming_to"),
        place: call.form.get("coming_place").trim().to_owned(),
    };
    match call.site().set_coming(call.actor()?, id, &coming).await {
        Ok(()) => call.done(&format!("/use/orders/{id}/person"), "coming_set"),
        Err(refusal) => {
            let wrong = Wrong::of(refusal, "coming")?;
            page_with(wrong.status, &order_page(&call, wrong).await?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_stands_at_a_field_that_the_page_has() {
        for code in ["cameras", "range", "future", "purpose"] {
            assert!(["camera", "to", "from"].contains(&field_of(code)), "{code}");
        }
        let at = UtcMs(1_763_740_800_123);
        assert_eq!(moment(&typed(at), Some(at)), Some(at), "what was left as it was offered is that moment");
        assert_eq!(moment("soon", Some(at)), None);
    }
}
