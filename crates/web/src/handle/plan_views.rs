//! Views, windows and doors of homes and public areas on a plan: drawn, entered by numbers, refused with a picture of what meets what.

use super::plans::{names, names_on, picture};
use crate::answer::{Reply, in_form, no_page, page, page_with, status};
use crate::call::Call;
use crate::pages::plan_views::{LookLine, MetLine, PlanViewsPage, ShapeFields, ShapeLine, ViewFields, ViewRefused};
use crate::pages::plans::{PlanPicture, PlanStroke};
use crate::pages::{Choice, FormErrors, Nav};
use base::{CameraId, CivilDate, ErrorKind, PlanId, Refusal, Text};
use domain::access::Permission;
use domain::plan::{Marked, Plan, WHOLE};
use domain::view::{
    Aim, Ground, MASKS, Mask, Point, Shape, ShapeKind, Sight, View, masks_text, parse_masks, parse_points,
    parse_tenths, points_text, tenths,
};
use site::devices::WhyForm;
use site::views::{Drawing, Look, ViewForm};
use std::collections::HashMap;

/// Codes of refusals that a reason, or the police's agreement, would answer.
const MOVES: [&str; 2] = ["removal_not_authorised", "relocation_not_agreed"];

/// Angle and reach of a form that nobody filled in, degrees and metres.
const USUAL: (&str, &str) = ("90", "10");

fn path_of(ground: &Ground, corners: &[Point], closed: bool) -> String {
    let mut d = String::new();
    for (n, p) in corners.iter().enumerate() {
        let (x, y) = ground.pixels(*p);
        d.push_str(&format!("{}{x} {y}", if n == 0 { "M" } else { "L" }));
    }
    if closed {
        d.push('Z');
    }
    d
}

fn met_words(l: &Look, names: &HashMap<Marked, String>) -> String {
    names.get(&Marked::Camera(l.camera)).cloned().unwrap_or_else(|| "—".to_owned())
}

/// A view, and red over it where it meets a home.
fn view_strokes(ground: &Ground, look: &Look, name: &str, refused: bool) -> Vec<PlanStroke> {
    let of = |class, corners: &[Point], title: &str| PlanStroke {
        class,
        d: path_of(ground, corners, true),
        title: title.to_owned(),
        ..PlanStroke::default()
    };
    let class = if refused { "view-piece view-refused" } else { "view-piece" };
    let mut out: Vec<_> = look.view.pieces().iter().map(|piece| of(class, piece, name)).collect();
    for sight in look.homes() {
        for (from, to) in sight.seen.iter().flat_map(|s| &s.ranges_deg) {
            let corners = [look.view.at, look.view.end(*from), look.view.end((from + to) / 2.0), look.view.end(*to)];
            out.push(of("view-met", &corners, &format!("{name} → {}", sight.name)));
        }
    }
    out
}

/// What is drawn, the shapes first, then the views; a refused view last.
fn strokes(drawing: &Drawing, names: &HashMap<Marked, String>, refused: Option<&Look>) -> Vec<PlanStroke> {
    let Some(ground) = &drawing.ground else { return Vec::new() };
    let mut looks: Vec<&Look> = drawing.looks.iter().filter(|l| refused.is_none_or(|r| r.camera != l.camera)).collect();
    looks.extend(refused);
    let met = |number: u32| looks.iter().any(|l| l.homes().any(|s| s.number == number));
    let mut out = Vec::new();
    for d in &drawing.drawn {
        let corners = d.outline.corners();
        let class = match (d.kind.is_home(), met(d.number)) {
            (true, true) => "shape-home shape-met",
            (true, false) => "shape-home",
            (false, _) => "shape-area",
        };
        let at = corners.first().map(|p| ground.pixels(*p)).unwrap_or_default();
        let (d, label) = (path_of(ground, &corners, corners.len() > 2), d.name.clone());
        out.push(PlanStroke { class, d, title: label.clone(), label, at });
    }
    for look in looks {
        let is_refused = refused.is_some_and(|r| r.camera == look.camera);
        out.extend(view_strokes(ground, look, &met_words(look, names), is_refused));
    }
    out
}

/// A plan with its marks and what is drawn on it.
pub(super) async fn with_views(call: &Call, plan: &Plan) -> Result<PlanPicture, Refusal> {
    let names = names_on(call, plan).await?;
    let drawing = call.site().drawing(call.actor()?, plan.id).await?;
    Ok(PlanPicture { strokes: strokes(&drawing, &names, None), ..picture(plan, &names, &[], &[]) })
}

#[allow(clippy::cast_possible_truncation, reason = "directions are within a turn")]
fn degrees(deg: f64) -> String {
    tenths((deg * 10.0).round() as i64)
}

/// Metres with one decimal.
fn metres(mm: i64) -> String {
    tenths((mm + 50) / 100)
}

fn met_line(s: &Sight) -> MetLine {
    let ranges = s.seen.iter().flat_map(|seen| &seen.ranges_deg);
    MetLine {
        kind: s.kind.name(),
        name: s.name.clone(),
        home: s.kind.is_home(),
        stands_in: s.stands_in,
        directions: ranges.map(|(a, b)| format!("{}..{}", degrees(*a), degrees(*b))).collect::<Vec<_>>().join(" "),
        distance_m: s.seen.as_ref().map(|seen| metres(seen.nearest_mm)).unwrap_or_default(),
    }
}

/// The masks that are there and those that would hide every home, joined; empty where they would be too many.
fn enough_masks(look: &Look) -> String {
    let mut all = look.view.aim.masks.clone();
    all.extend(look.homes().filter_map(|s| s.seen.as_ref()).flat_map(|seen| seen.masks()));
    all.sort_unstable();
    let mut out: Vec<Mask> = Vec::new();
    for mask in all {
        match out.last_mut() {
            Some(last) if mask.from_ddeg <= last.to_ddeg => last.to_ddeg = last.to_ddeg.max(mask.to_ddeg),
            _ => out.push(mask),
        }
    }
    let hides = View { aim: Aim { masks: out.clone(), ..look.view.aim.clone() }, ..look.view.clone() };
    if out.len() > MASKS || hides.open_deg().is_empty() { String::new() } else { masks_text(&out) }
}

fn look_line(look: &Look, names: &HashMap<Marked, String>) -> LookLine {
    let aim = &look.view.aim;
    LookLine {
        camera: look.camera.to_string(),
        name: met_words(look, names),
        direction: tenths(i64::from(aim.direction_ddeg)),
        angle: tenths(i64::from(aim.angle_ddeg)),
        reach: metres(aim.reach_mm),
        masks: masks_text(&aim.masks),
        met: look.sights.iter().map(met_line).collect(),
    }
}

fn shape_lines(shapes: &[Shape], today: CivilDate) -> Vec<ShapeLine> {
    let mut newest: Vec<&Shape> = Vec::new();
    for s in shapes {
        match newest.iter_mut().find(|n| n.number == s.number) {
            Some(n) => *n = s,
            None => newest.push(s),
        }
    }
    let line = |s: &&Shape| {
        let (ended, begun) = (s.points.is_empty(), s.from <= today);
        let state = match (ended, begun) {
            (false, true) => Text::new("现行", "stands"),
            (false, false) => Text::new("尚未开始", "begins later"),
            (true, true) => Text::new("已移除", "taken off"),
            (true, false) => Text::new("将移除", "to be taken off"),
        };
        ShapeLine {
            number: s.number,
            version: s.version,
            code: s.kind.code(),
            kind: s.kind.name(),
            name: s.name.clone(),
            decision: s.decision.clone(),
            from: s.from.to_string(),
            state,
            ended,
        }
    };
    newest.iter().map(line).collect()
}

/// Fields of the form of a view: as typed, else as drawn, else as usual.
async fn view_fields(call: &Call, drawing: &Drawing) -> Result<ViewFields, Refusal> {
    let (f, typed) = (&call.form, call.form.has("camera"));
    let asked = if typed { f.get("camera") } else { call.query.get("camera") };
    let camera = CameraId::parse(asked);
    let look = drawing.looks.iter().find(|l| Some(l.camera) == camera);
    let mark = drawing.plan.marks.iter().find(|m| camera.is_some_and(|c| m.what == Marked::Camera(c)));
    let cameras = names(call).await?.into_iter().filter_map(|(what, name)| match what {
        Marked::Camera(id) => Some(Choice::new(&id.to_string(), Text::of(name.clone(), name), Some(id) == camera)),
        Marked::Zone(..) => None,
    });
    let cameras = cameras.collect();
    let of = |name: &str, kept: Option<String>, usual: &str| {
        if typed { f.get(name).to_owned() } else { kept.unwrap_or_else(|| usual.to_owned()) }
    };
    let line = look.map(|l| look_line(l, &HashMap::new()));
    let kept = |pick: fn(&LookLine) -> &String| line.as_ref().map(|l| pick(l).clone());
    Ok(ViewFields {
        cameras,
        x: of("x", mark.map(|m| m.x.to_string()), ""),
        y: of("y", mark.map(|m| m.y.to_string()), ""),
        direction: of("direction", kept(|l| &l.direction), ""),
        angle: of("angle", kept(|l| &l.angle), USUAL.0),
        reach: of("reach", kept(|l| &l.reach), USUAL.1),
        masks: of("masks", kept(|l| &l.masks), ""),
        approval: of("approval", look.map(|l| l.approval.clone()), ""),
        why: f.get("why").to_owned(),
        agreement: f.get("agreement").to_owned(),
        asks_why: f.has("why") || f.has("agreement"),
    })
}

fn shape_fields(call: &Call, drawing: &Drawing) -> ShapeFields {
    let (f, typed) = (&call.form, call.form.has("kind"));
    let asked = if typed { f.get("number") } else { call.query.get("shape") };
    let number = asked.parse().unwrap_or(0);
    let there = drawing.shapes.iter().rev().find(|s| s.number == number);
    let code = if typed { f.get("kind").to_owned() } else { there.map(|s| s.kind.code()).unwrap_or_default() };
    let kinds = ShapeKind::all();
    let of = |name: &str, kept: Option<String>| if typed { f.get(name).to_owned() } else { kept.unwrap_or_default() };
    let today = call.now().shanghai_date().to_string();
    ShapeFields {
        number: there.map_or(0, |s| s.number),
        kinds: kinds.into_iter().map(|k| Choice::new(&k.code(), k.name(), k.code() == code)).collect(),
        name: of("shape_name", there.map(|s| s.name.clone())),
        points: of("points", there.map(|s| points_text(&s.points))),
        decision: of("decision", there.map(|s| s.decision.clone())),
        from: of("from", Some(today)),
    }
}

async fn views_page(
    call: &Call,
    id: PlanId,
    errors: FormErrors,
    refused: Option<(&Look, &Refusal)>,
) -> Result<PlanViewsPage, Refusal> {
    let drawing = call.site().drawing(call.actor()?, id).await?;
    let mut on_it = names_on(call, &drawing.plan).await?;
    if let Some((look, _)) = refused
        && let Some(camera) = call.site().camera(look.camera)
    {
        on_it.insert(Marked::Camera(look.camera), camera.row().name);
    }
    let may = call.may(Permission::ManageDevices);
    let look = refused.map(|(look, _)| look);
    let picture = picture(&drawing.plan, &on_it, &[], &[]);
    let width_mm = drawing.ground.map_or(0, |g| g.width_mm);
    let kept = if width_mm == 0 { String::new() } else { metres(width_mm) };
    Ok(PlanViewsPage {
        l: call.lang,
        bar: call.bar(Nav::Plans).await?,
        errors,
        picture: PlanPicture { strokes: strokes(&drawing, &on_it, look), ..picture },
        width: if call.form.has("width") { call.form.get("width").to_owned() } else { kept },
        width_mm,
        looks: drawing.looks.iter().map(|l| look_line(l, &on_it)).collect(),
        shapes: shape_lines(&drawing.shapes, call.now().shanghai_date()),
        refused: refused.map(|(look, refusal)| ViewRefused {
            what: refusal.what.clone(),
            next: refusal.next.clone(),
            why: refusal.why.clone(),
            met: look.sights.iter().map(met_line).collect(),
            masks: if look.homes().next().is_some() { enough_masks(look) } else { String::new() },
        }),
        view: if may {
            let fields = view_fields(call, &drawing).await?;
            let moves = refused.is_some_and(|(_, r)| MOVES.contains(&r.code.as_str()));
            ViewFields { asks_why: fields.asks_why || moves, ..fields }
        } else {
            ViewFields::default()
        },
        shape: shape_fields(call, &drawing),
    })
}

fn id_of(call: &Call) -> Result<PlanId, Refusal> {
    PlanId::parse(call.param(0)).ok_or_else(no_page)
}

/// `GET /plans/{id}/views?camera=&shape=`.
pub(crate) async fn show(call: Call) -> Reply {
    let id = id_of(&call)?;
    page(&views_page(&call, id, FormErrors::default(), None).await?)
}

/// What was sent is wrong: the page again, with the field.
async fn again(call: &Call, id: PlanId, refusal: Refusal, known: &[&str], other: &str) -> Reply {
    let (code, errors) = in_form(refusal, known, other)?;
    page_with(code, &views_page(call, id, errors, None).await?)
}

fn not_a_number(field: &str) -> Refusal {
    let what = Text::new("请填写数字，最多一位小数。", "Enter a number with at most one decimal.");
    Refusal::bad_input(field, what, Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn form_of(call: &Call) -> Result<ViewForm, Refusal> {
    let f = &call.form;
    let number = |field: &str| parse_tenths(f.get(field)).ok_or_else(|| not_a_number(field));
    let small = |field: &str| number(field).map(|n| u16::try_from(n).unwrap_or(u16::MAX));
    // What is no number lies beyond the picture, which the corridor refuses with its field.
    let at = |field: &str| f.get(field).parse().unwrap_or(u16::MAX);
    let camera = CameraId::parse(f.get("camera")).ok_or_else(|| {
        let what = Text::new("请选择摄像机。", "Choose a camera.");
        Refusal::bad_input("camera", what, Text::new("请从列表中选择。", "Choose one of the list."))
    })?;
    let angle_ddeg = small("angle")?;
    let aim = Aim {
        direction_ddeg: small("direction")?,
        angle_ddeg,
        reach_mm: number("reach")?.saturating_mul(100),
        masks: parse_masks(f.get("masks"), angle_ddeg)?,
    };
    let why = WhyForm { reason: f.get("why").to_owned(), agreement: f.get("agreement").to_owned() };
    Ok(ViewForm { camera, at: (at("x"), at("y")), aim, approval: f.get("approval").to_owned(), why })
}

/// `POST /plans/{id}/views`: `camera`, `x`, `y`, `direction`, `angle`, `reach`, `masks`, `approval`; `why` and `agreement` where it comes
/// into a public area or leaves one.
pub(crate) async fn put(call: Call) -> Reply {
    const FIELDS: [&str; 9] = ["camera", "x", "y", "direction", "angle", "reach", "masks", "approval", "width"];
    let (id, by) = (id_of(&call)?, call.actor()?);
    let form = match form_of(&call) {
        Ok(form) => form,
        Err(refusal) => return again(&call, id, refusal, &FIELDS, "camera").await,
    };
    match call.site().put_view(by, id, &form).await {
        Ok(()) => call.done(&format!("/plans/{id}/views"), "device_changed"),
        Err(refusal) if refusal.kind == ErrorKind::Unlawful => {
            let look = call.site().look(by, id, &form).await?;
            let mut errors = FormErrors::default();
            let field = match refusal.code.as_str() {
                "faces_homes" => "masks",
                "removal_not_authorised" => "why",
                "relocation_not_agreed" => "agreement",
                _ => "camera",
            };
            errors.push(field, refusal.what.clone());
            page_with(status(&refusal), &views_page(&call, id, errors, Some((&look, &refusal))).await?)
        }
        Err(refusal) => {
            let other = if refusal.code == "reason" { "why" } else { "camera" };
            again(&call, id, refusal, &FIELDS, other).await
        }
    }
}

/// `POST /plans/{id}/width`: `width` in metres.
pub(crate) async fn width(call: Call) -> Reply {
    let id = id_of(&call)?;
    let Some(n) = parse_tenths(call.form.get("width")) else {
        return again(&call, id, not_a_number("width"), &["width"], "width").await;
    };
    match call.site().put_plan_width(call.actor()?, id, n.saturating_mul(100)).await {
        Ok(()) => call.done(&format!("/plans/{id}/views"), "device_changed"),
        Err(refusal) => again(&call, id, refusal, &["width"], "width").await,
    }
}

fn shape_of(call: &Call) -> Result<Shape, Refusal> {
    let f = &call.form;
    let bad = |field: &str, zh: &'static str, en: &'static str| {
        let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
        Refusal::bad_input(field, Text::new(zh, en), next)
    };
    let kind = ShapeKind::parse(f.get("kind")).ok_or_else(|| bad("kind", "请选择种类。", "Choose what it is."))?;
    let number = if f.has("number") { f.get("number") } else { "0" };
    let number = number.parse().map_err(|_| bad("kind", "没有这个图形。", "There is no such shape."))?;
    let points = if f.has("end") { Some(Vec::new()) } else { parse_points(f.get("points"), WHOLE) };
    let points = points.ok_or_else(|| {
        bad("points", "请按 x,y x,y 填写各角，0 至 1000。", "Enter the corners as x,y x,y, each from 0 to 1000.")
    })?;
    let from = CivilDate::parse(f.get("from")).ok_or_else(|| bad("from", "日期不对。", "That is no date."))?;
    let (name, decision) = (f.get("shape_name").to_owned(), f.get("decision").to_owned());
    Ok(Shape { number, version: 0, kind, name, points, decision, from })
}

/// `POST /plans/{id}/shapes`: `number` (none or 0: new), `kind`, `shape_name`, `points`, `decision`, `from`; `end` takes it off.
pub(crate) async fn shape(call: Call) -> Reply {
    const FIELDS: [&str; 5] = ["kind", "shape_name", "points", "decision", "from"];
    let id = id_of(&call)?;
    let done = match shape_of(&call) {
        Ok(shape) => call.site().put_shape(call.actor()?, id, &shape).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => call.done(&format!("/plans/{id}/views"), "device_changed"),
        Err(refusal) => again(&call, id, refusal, &FIELDS, "kind").await,
    }
}
