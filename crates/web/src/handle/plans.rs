//! Plans of areas: the list, the upload, one plan and its marks, its picture; and the plan of an incident.

use super::view::bracketed;
use crate::answer::{Reply, body, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::plans::{AlarmPlanView, PlanLine, PlanMark, PlanPage, PlanPicture, PlansPage};
use crate::pages::{Choice, FormErrors, Nav};
use axum::http::StatusCode;
use base::{CameraId, ErrorKind, PlanId, Refusal, Text};
use domain::access::Permission;
use domain::area::{self, WHOLE_SITE};
use domain::plan::{Mark, Marked, Plan};
use site::alarm::Open;
use std::collections::HashMap;

/// Form value of the whole site.
const WHOLE: &str = "/";
/// Most cameras and zones in the list of what can be put on a plan.
const CHOICES: usize = 2_000;

fn area_words(path: &str) -> Text {
    if path == WHOLE_SITE {
        Text::new("整个场所", "the whole site")
    } else {
        Text::of(path.to_owned(), path.to_owned())
    }
}

/// Names of cameras and zones that can be put on a plan, in the order of a list.
pub(super) async fn names(call: &Call) -> Result<Vec<(Marked, String)>, Refusal> {
    let sight = call.site().sight_of(call.actor()?.id).await?;
    let cameras = call.site().cameras().into_iter().filter(|c| sight.reaches(&c.row().place));
    let mut out: Vec<_> = cameras.map(|c| (Marked::Camera(c.id()), c.row().name)).take(CHOICES).collect();
    for source in call.site().store().alarm_sources().await? {
        for zone in call.site().store().zones(&source.source).await? {
            if out.len() < CHOICES {
                let name = bracketed(call.lang, &format!("{} {}", zone.number, zone.name), &source.name);
                out.push((Marked::Zone(zone.source, zone.number), name));
            }
        }
    }
    Ok(out)
}

/// Names of what stands on a plan, as far as this account may see it.
pub(super) async fn names_on(call: &Call, plan: &Plan) -> Result<HashMap<Marked, String>, Refusal> {
    let sight = call.site().sight_of(call.actor()?.id).await?;
    let mut out = HashMap::new();
    let mut sources = Vec::new();
    for mark in &plan.marks {
        match &mark.what {
            Marked::Camera(id) => {
                let camera = call.site().camera(*id).filter(|c| sight.reaches(&c.row().place));
                out.extend(camera.map(|c| (mark.what.clone(), c.row().name)));
            }
            Marked::Zone(source, _) if !sources.contains(source) => sources.push(source.clone()),
            Marked::Zone(..) => {}
        }
    }
    for source in sources {
        for zone in call.site().store().zones(&source).await? {
            out.insert(Marked::Zone(zone.source, zone.number), format!("{} {}", zone.number, zone.name));
        }
    }
    Ok(out)
}

pub(super) fn picture(
    plan: &Plan,
    names: &HashMap<Marked, String>,
    alarmed: &[Marked],
    near: &[CameraId],
) -> PlanPicture {
    let all_named = alarmed.is_empty() && near.is_empty();
    let mark = |m: &Mark| {
        let (x, y) = plan.pixels(m);
        let on = alarmed.contains(&m.what);
        let is_near = matches!(&m.what, Marked::Camera(id) if near.contains(id));
        PlanMark {
            code: m.what.code(),
            zone: matches!(m.what, Marked::Zone(..)),
            on,
            named: on || is_near || all_named,
            x,
            y,
            x_per_mille: m.x,
            y_per_mille: m.y,
            name: names.get(&m.what).cloned().unwrap_or_else(|| "—".to_owned()),
        }
    };
    let mut marks: Vec<_> = plan.marks.iter().map(mark).collect();
    marks.sort_by_key(|m| (m.on, m.on && m.zone));
    PlanPicture {
        id: plan.id.to_string(),
        version: plan.sha256.chars().take(16).collect(),
        area: area_words(&plan.area),
        width: plan.picture.width_px,
        height: plan.picture.height_px,
        strokes: Vec::new(),
        marks,
    }
}

/// The plan of an incident, where there is one that this account may see.
pub(super) async fn of_incident(call: &Call, open: &Open) -> Result<Option<AlarmPlanView>, Refusal> {
    let Some(found) = call.site().plan_of_alarm(call.actor()?, open).await? else { return Ok(None) };
    let names = names_on(call, &found.plan).await?;
    // A camera of another area stays on the picture, without its name.
    let near = found.near.iter().filter_map(|id| {
        let name = names.get(&Marked::Camera(*id))?;
        Some((id.to_string(), name.clone()))
    });
    Ok(Some(AlarmPlanView { near: near.collect(), picture: picture(&found.plan, &names, &found.alarmed, &found.near) }))
}

async fn plans_page(call: &Call, errors: FormErrors) -> Result<PlansPage, Refusal> {
    let by = call.actor()?;
    let plans = call.site().area_plans(by).await?;
    let sight = call.site().sight_of(by.id).await?;
    let asked = if call.form.has("area") { call.form.get("area") } else { call.query.get("area") };
    let mut areas = vec![WHOLE_SITE.to_owned()];
    areas.extend(call.site().areas_of_alarms().await?);
    areas.extend(plans.iter().map(|p| p.area.clone()).filter(|a| !areas.contains(a)).collect::<Vec<_>>());
    areas.retain(|a| sight.reaches(a));
    let choice = |path: &String| {
        let value = if path.is_empty() { WHOLE } else { path };
        Choice::new(value, area_words(path), value == asked)
    };
    let line = |p: &Plan| {
        let zones = p.marks.iter().filter(|m| matches!(m.what, Marked::Zone(..))).count();
        PlanLine {
            id: p.id.to_string(),
            area: area_words(&p.area),
            size: (p.picture.width_px, p.picture.height_px),
            cameras: p.marks.len() - zones,
            zones,
        }
    };
    Ok(PlansPage {
        l: call.lang,
        bar: call.bar(Nav::Plans).await?,
        errors,
        plans: plans.iter().map(line).collect(),
        areas: areas.iter().map(choice).collect(),
    })
}

/// `GET /plans?area=`.
pub(crate) async fn list(call: Call) -> Reply {
    page(&plans_page(&call, FormErrors::default()).await?)
}

fn bad_field(refusal: &Refusal, field: &str) -> FormErrors {
    let mut errors = FormErrors::default();
    errors.push(field, refusal.what.clone());
    errors
}

/// `POST /plans`: `area` and a file.
pub(crate) async fn put(call: Call) -> Reply {
    let Some(upload) = &call.upload else {
        let mut errors = FormErrors::default();
        errors.push("picture", Text::new("请选择图片。", "Choose a picture."));
        return page_with(StatusCode::BAD_REQUEST, &plans_page(&call, errors).await?);
    };
    if !call.form.has("area") {
        let mut errors = FormErrors::default();
        errors.push("area", Text::new("请选择区域。", "Choose an area."));
        return page_with(StatusCode::BAD_REQUEST, &plans_page(&call, errors).await?);
    }
    match call.site().put_plan(call.actor()?, call.form.get("area"), &upload.bytes).await {
        Ok(id) => call.done(&format!("/plans/{id}"), "device_changed"),
        Err(refusal) if matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Conflict) => {
            let field = if refusal.code == "picture" { "picture" } else { "area" };
            page_with(status(&refusal), &plans_page(&call, bad_field(&refusal, field)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn plan(call: &Call) -> Result<Plan, Refusal> {
    let id = PlanId::parse(call.param(0)).ok_or_else(no_page)?;
    call.site().area_plan(call.actor()?, id).await
}

async fn plan_page(call: &Call, plan: &Plan, errors: FormErrors) -> Result<PlanPage, Refusal> {
    let may = call.may(Permission::ManageDevices);
    let names = if may { names(call).await? } else { vec![] };
    let asked = if call.form.has("what") { call.form.get("what") } else { call.query.get("what") };
    let choice = |(what, name): &(Marked, String)| {
        let (code, zone) = (what.code(), matches!(what, Marked::Zone(..)));
        let words = if zone {
            Text::of(format!("防区 {name}"), format!("Zone {name}"))
        } else {
            Text::of(format!("摄像机 {name}"), format!("Camera {name}"))
        };
        Choice::new(&code, words, code == asked)
    };
    let there = plan.marks.iter().find(|m| m.what.code() == asked);
    let typed = |name: &str, kept: Option<u16>| {
        if call.form.has(name) {
            call.form.get(name).to_owned()
        } else {
            kept.map_or_else(String::new, |n| n.to_string())
        }
    };
    Ok(PlanPage {
        l: call.lang,
        bar: call.bar(Nav::Plans).await?,
        errors,
        x: typed("x", there.map(|m| m.x)),
        y: typed("y", there.map(|m| m.y)),
        choices: names.iter().map(choice).collect(),
        picture: super::plan_views::with_views(call, plan).await?,
        area: if plan.area.is_empty() { WHOLE.to_owned() } else { area::tidy(&plan.area) },
    })
}

/// `GET /plans/{id}?what=`.
pub(crate) async fn show(call: Call) -> Reply {
    let plan = plan(&call).await?;
    page(&plan_page(&call, &plan, FormErrors::default()).await?)
}

/// `GET /plans/{id}/picture`: the bytes as they were uploaded, under one of two fixed types.
pub(crate) async fn image(call: Call) -> Reply {
    let id = PlanId::parse(call.param(0)).ok_or_else(no_page)?;
    let (kind, bytes) = call.site().plan_picture(call.actor()?, id).await?;
    Ok(body(StatusCode::OK, kind.media_type(), bytes))
}

fn what(call: &Call) -> Result<Marked, Refusal> {
    Marked::parse(call.form.get("what")).ok_or_else(|| {
        let what = Text::new("请选择摄像机或防区。", "Choose a camera or zone.");
        Refusal::bad_input("what", what, Text::new("请从列表中选择。", "Choose one of the list."))
    })
}

fn mark_of(call: &Call) -> Result<Mark, Refusal> {
    // What is no number lies beyond the picture, which the corridor refuses with its field.
    let number = |name: &str| call.form.get(name).parse().unwrap_or(u16::MAX);
    Ok(Mark { what: what(call)?, x: number("x"), y: number("y") })
}

/// `POST /plans/{id}/marks`.
pub(crate) async fn mark(call: Call) -> Reply {
    let by = call.actor()?;
    let plan = plan(&call).await?;
    let done = match mark_of(&call) {
        Ok(mark) => call.site().put_mark(by, plan.id, &mark).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => call.done(&format!("/plans/{}", plan.id), "device_changed"),
        Err(refusal) if matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Conflict) => {
            let field = match refusal.code.as_str() {
                known @ ("x" | "y") => known,
                _ => "what",
            };
            page_with(status(&refusal), &plan_page(&call, &plan, bad_field(&refusal, field)).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /plans/{id}/marks/remove`.
pub(crate) async fn unmark(call: Call) -> Reply {
    let id = PlanId::parse(call.param(0)).ok_or_else(no_page)?;
    call.site().remove_mark(call.actor()?, id, &what(&call)?).await?;
    call.done(&format!("/plans/{id}"), "device_changed")
}

/// `POST /plans/{id}/remove`.
pub(crate) async fn remove(call: Call) -> Reply {
    let id = PlanId::parse(call.param(0)).ok_or_else(no_page)?;
    call.site().remove_plan(call.actor()?, id).await?;
    call.done("/plans", "device_changed")
}
