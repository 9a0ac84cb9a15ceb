//! What is drawn on plans, and how cameras look from there: role, area, `domain::view`, the law gate, then row and entry together.
//!
//! A camera's view that meets a window or door of a home is asked about as one that faces homes, whatever was answered in the form;
//! one that stands in a drawn public area is asked about as a camera of that kind of place too (A-9-1-1, B-14-3). The same is asked when a
//! camera moves on its plan or its data change. What is drawn later into the view of a camera that stands is shown on the page
//! ([`Drawing::looks`]); nothing is switched off by it.

use crate::devices::{WhyForm, add_new, placement_of, relocation};
use crate::{Actor, Site};
use base::{CameraId, CivilDate, ClauseId, ErrorKind, PlanId, Refusal, Text, limits};
use domain::access::Permission;
use domain::plan::{self, MARKS, Mark, Marked, Plan};
use domain::view::{
    Aim, Drawn, Ground, Mask, SHAPES, Seen, Shape, ShapeKind, Sight, View, check_shape, on_day, sights,
};
use law::{Act, Change, PlaceKind, Placement};
use store::cameras::Why;
use store::views::ViewRow;

/// What a person fills in for a camera's view.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewForm {
    /// The camera.
    pub camera: CameraId,
    /// Where it stands, thousandths of width and height.
    pub at: (u16, u16),
    /// How it looks.
    pub aim: Aim,
    /// Number of the police's approval to install in a public area (B-14-3); empty: none.
    pub approval: String,
    /// Why it moves, where it comes into a drawn public area or leaves one.
    pub why: WhyForm,
}

/// How a camera looks and what it meets.
#[derive(Clone, PartialEq, Debug)]
pub struct Look {
    /// The camera.
    pub camera: CameraId,
    /// Its view on the ground.
    pub view: View,
    /// Number of the police's approval; empty: none.
    pub approval: String,
    /// What it meets or stands in today.
    pub sights: Vec<Sight>,
}

impl Look {
    /// Windows and doors of homes that it meets, unmasked.
    pub fn homes(&self) -> impl Iterator<Item = &Sight> {
        self.sights.iter().filter(|s| s.kind.is_home() && s.seen.is_some())
    }

    /// Kinds of public area that the camera stands in.
    #[must_use]
    pub fn areas(&self) -> Vec<PlaceKind> {
        let area = |s: &Sight| match s.kind {
            ShapeKind::PublicArea(kind) if s.stands_in => Some(kind),
            _ => None,
        };
        self.sights.iter().filter_map(area).collect()
    }
}

/// A plan with all that is drawn on it.
#[derive(Clone, PartialEq, Debug)]
pub struct Drawing {
    /// The plan with its marks.
    pub plan: Plan,
    /// Its ground; `None` until its width is known, and then nothing can be met.
    pub ground: Option<Ground>,
    /// Every version of every shape.
    pub shapes: Vec<Shape>,
    /// What stands today.
    pub drawn: Vec<Drawn>,
    /// How its cameras look.
    pub looks: Vec<Look>,
}

/// What the gate is asked about a camera: its placement as the drawing completes it, and as a camera of each public area it stands in.
pub(crate) fn placements(placement: Placement, look: Option<&Look>) -> Vec<Placement> {
    let Some(look) = look else { return vec![placement] };
    let own = Placement {
        faces_homes: placement.faces_homes || look.homes().next().is_some(),
        public_area_approved: placement.public_area_approved || !look.approval.is_empty(),
        ..placement
    };
    let mut out = vec![own];
    for place in look.areas() {
        if !out.iter().any(|p| p.place == place) {
            out.push(Placement { place, ..own });
        }
    }
    out
}

/// It stands in other public areas than before.
fn moves(before: &Look, now: &Look) -> bool {
    let (was, is) = (before.areas(), now.areas());
    was.iter().any(|area| !is.contains(area)) || is.iter().any(|area| !was.contains(area))
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    let next = Text::new("请更正后重新提交。", "Correct it and submit again.");
    Refusal::bad_input(code, Text::new(zh, en), next)
}

fn gone() -> Refusal {
    Refusal::not_found("该平面图", "plan")
}

impl Site {
    /// A plan with all that is drawn on it.
    ///
    /// # Errors
    /// As `area_plan`.
    pub async fn drawing(&self, by: &Actor, id: PlanId) -> Result<Drawing, Refusal> {
        let plan = self.area_plan(by, id).await?;
        self.drawing_of(plan).await
    }

    async fn drawing_of(&self, plan: Plan) -> Result<Drawing, Refusal> {
        let width_mm = self.store().plan_width_mm(plan.id).await?;
        let ground = width_mm.map(|width_mm| Ground { width_mm, picture: plan.picture });
        let shapes = self.store().plan_shapes(plan.id).await?;
        let today = self.now().utc.shanghai_date();
        let drawn = ground.map(|g| on_day(&g, &shapes, today)).unwrap_or_default();
        let mut looks = Vec::new();
        for row in self.store().views_on(plan.id).await? {
            let mark = plan.marks.iter().find(|m| m.what == Marked::Camera(row.camera));
            // A camera out of service looks at nothing.
            let (Some(ground), Some(mark), Some(_)) = (ground, mark, self.camera(row.camera)) else { continue };
            let view = View { at: ground.point(mark.x, mark.y), aim: row.aim };
            let sights = sights(&view, &drawn);
            looks.push(Look { camera: row.camera, view, approval: row.approval, sights });
        }
        Ok(Drawing { plan, ground, shapes, drawn, looks })
    }

    /// How a camera looks, by its drawing; `None` where there is none.
    pub(crate) async fn look_of(&self, camera: CameraId) -> Result<Option<Look>, Refusal> {
        let Some(row) = self.store().view_of_camera(camera).await? else { return Ok(None) };
        let Some(plan) = self.store().area_plan(row.plan).await? else { return Ok(None) };
        let drawing = self.drawing_of(plan).await?;
        Ok(drawing.looks.into_iter().find(|l| l.camera == camera))
    }

    /// Says how wide a plan's picture is on the ground.
    ///
    /// # Errors
    /// As `remove_plan`; `width`.
    pub async fn put_plan_width(&self, by: &Actor, id: PlanId, width_mm: i64) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let plan = self.area_plan(by, id).await?;
        Ground::new(width_mm, plan.picture)?;
        let there = self.store().put_plan_width(id, width_mm, by.id, self.now().utc).await?;
        if there { Ok(()) } else { Err(gone()) }
    }

    /// Draws a shape (`number` 0), changes one by a new version, or takes one away by a version without corners.
    ///
    /// # Errors
    /// As `remove_plan`; `shape_name`, `decision`, `points`, `from`, `too_many`.
    pub async fn put_shape(&self, by: &Actor, id: PlanId, shape: &Shape) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        self.area_plan(by, id).await?;
        check_shape(shape)?;
        if !(CivilDate::ymd(1990, 1, 1)..=CivilDate::ymd(2100, 12, 31)).contains(&Some(shape.from)) {
            return Err(bad("from", "起始日期不对。", "That is no first day."));
        }
        let new = shape.number == 0;
        if new && shape.points.is_empty() {
            return Err(bad("points", "请画出图形。", "Draw the shape."));
        }
        if self.store().put_shape(id, shape, by.id, self.now().utc).await?.is_some() {
            return Ok(());
        }
        let what = Text::of(
            format!("没有这个图形，或者这张图的图形和版本已满 {SHAPES} 个。"),
            format!("There is no such shape, or this plan has its {SHAPES} shapes and versions."),
        );
        let next = Text::new("请从列表中选择，或者另用一张平面图。", "Choose one of the list, or use another plan.");
        Err(Refusal::new(ErrorKind::Conflict, "too_many", what, next))
    }

    /// What a view would meet, without asking and storing anything: the picture beside a refusal.
    ///
    /// # Errors
    /// As `area_plan`; `width` (nobody said how wide the plan is), `x`, `y`, `direction`, `angle`, `reach`, `masks`, `approval`.
    pub async fn look(&self, by: &Actor, id: PlanId, form: &ViewForm) -> Result<Look, Refusal> {
        let drawing = self.drawing(by, id).await?;
        let Some(ground) = drawing.ground else {
            return Err(bad("width", "请先填写图宽。", "Say first how wide the plan is on the ground."));
        };
        plan::check_mark(&Mark { what: Marked::Camera(form.camera), x: form.at.0, y: form.at.1 })?;
        form.aim.check()?;
        let approval = form.approval.trim();
        if approval.chars().count() > limits::NAME_CHARS || approval.chars().any(char::is_control) {
            return Err(bad("approval", "批准文号过长。", "The approval's number is too long."));
        }
        let view = View { at: ground.point(form.at.0, form.at.1), aim: form.aim.clone() };
        let sights = sights(&view, &drawing.drawn);
        Ok(Look { camera: form.camera, view, approval: approval.to_owned(), sights })
    }

    /// Draws a camera's view and puts its mark there. Asked about like a new camera: what meets homes is refused under A-14 until masked;
    /// and as a device that moves (A-9-2, B-24-1-1) where it stood on a plan before and comes into a drawn public area or leaves one. A mark
    /// that is put right within the same ground moves nothing.
    ///
    /// # Errors
    /// As `remove_plan` and `look`; `camera`, `reason`, the law, `too_many`.
    pub async fn put_view(&self, by: &Actor, id: PlanId, form: &ViewForm) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        form.why.check()?;
        let look = self.look(by, id, form).await?;
        let Some(camera) = self.camera(form.camera) else {
            return Err(bad("camera", "没有这台摄像机。", "There is no such camera."));
        };
        self.in_area(by, form.camera).await?;
        let placement = placement_of(&camera.row());
        let mut clauses = self.lawful_looks(by, form.camera, placement, Some(&look)).await?;
        add_new(&mut clauses, self.lawful_masks(by, id, form, placement.place).await?);
        let mut said = Why::default();
        if let Some(before) = self.look_of(form.camera).await?.filter(|before| moves(before, &look)) {
            said = form.why.tidy();
            // The stricter of the places it stood in.
            let was = before.areas().first().copied().unwrap_or(placement.place);
            for new in placements(placement, Some(&look)) {
                let moved = Act::MoveDevice(relocation(new, was, said));
                add_new(&mut clauses, self.lawful(by, Some(form.camera), moved).await?);
            }
        }
        let row = ViewRow { camera: form.camera, plan: id, aim: form.aim.clone(), approval: look.approval };
        if self.store().put_view_because(&row, form.at, said, &clauses, by.id, self.now().utc).await? {
            return Ok(());
        }
        let what = Text::of(format!("这张平面图的标注已满 {MARKS} 个。"), format!("This plan has its {MARKS} marks."));
        let next = Text::new("请先删除不再使用的。", "Remove what is no longer used.");
        Err(Refusal::new(ErrorKind::Conflict, "too_many", what, next))
    }

    /// Asks the gate about masks that were not there before. What each hides is its reason: a home that would be met without it; a mask
    /// over what nobody drew hinders the system for none (B-24-1-4, A-9-1-2, Order 799 art. 23).
    async fn lawful_masks(
        &self,
        by: &Actor,
        id: PlanId,
        form: &ViewForm,
        place: PlaceKind,
    ) -> Result<Vec<ClauseId>, Refusal> {
        let before = self.store().view_of_camera(form.camera).await?.map(|row| row.aim.masks).unwrap_or_default();
        let new: Vec<Mask> = form.aim.masks.iter().filter(|m| !before.contains(m)).copied().collect();
        if new.is_empty() {
            return Ok(vec![]);
        }
        let open = ViewForm { aim: Aim { masks: vec![], ..form.aim.clone() }, ..form.clone() };
        let open = self.look(by, id, &open).await?;
        let homes: Vec<Mask> = open.homes().filter_map(|s| s.seen.as_ref()).flat_map(Seen::masks).collect();
        let hides = |m: &Mask| homes.iter().any(|h| m.from_ddeg < h.to_ddeg && h.from_ddeg < m.to_ddeg);
        let authorised = new.iter().all(hides);
        self.lawful(by, Some(form.camera), Act::Mask(Change { place, authorised })).await
    }

    /// Asks the gate about a placement as the drawing completes it; each refusal is logged.
    pub(crate) async fn lawful_looks(
        &self,
        by: &Actor,
        camera: CameraId,
        placement: Placement,
        look: Option<&Look>,
    ) -> Result<Vec<ClauseId>, Refusal> {
        let mut clauses = Vec::new();
        for placement in placements(placement, look) {
            add_new(&mut clauses, self.lawful(by, Some(camera), Act::AddCamera(placement)).await?);
        }
        Ok(clauses)
    }

    /// A camera's mark moves on the plan that has its view: the view moves with it, and is asked about.
    pub(crate) async fn move_view(&self, by: &Actor, id: PlanId, mark: &Mark) -> Result<bool, Refusal> {
        let Marked::Camera(camera) = &mark.what else { return Ok(false) };
        let Some(row) = self.store().view_of_camera(*camera).await?.filter(|row| row.plan == id) else {
            return Ok(false);
        };
        let why = WhyForm::default();
        let form = ViewForm { camera: *camera, at: (mark.x, mark.y), aim: row.aim, approval: row.approval, why };
        self.put_view(by, id, &form).await?;
        Ok(true)
    }

    /// Refuses to take a camera in service off the plan that shows it in a public area.
    pub(crate) async fn not_in_area(&self, id: PlanId, camera: CameraId) -> Result<(), Refusal> {
        let here = self.store().view_of_camera(camera).await?.is_some_and(|row| row.plan == id);
        let areas = if here { self.look_of(camera).await?.map(|l| l.areas()) } else { None };
        if areas.unwrap_or_default().is_empty() {
            return Ok(());
        }
        let what = Text::new("这台摄像机在图上的公共区域里。", "On this plan the camera stands in a public area.");
        let next = Text::new(
            "请在「视野与门窗」页移动它（写明理由和公安机关意见），或者停用它。",
            "Move it on the plan's page of views (with the reason and the police's agreement), or take it out of service.",
        );
        Err(Refusal::new(ErrorKind::Conflict, "mark_in_area", what, next))
    }

    /// Refuses while something drawn stands on a plan: it would no longer be asked about.
    pub(crate) async fn nothing_drawn(&self, by: &Actor, id: PlanId) -> Result<(), Refusal> {
        let drawing = self.drawing(by, id).await?;
        let views = self.store().views_on(id).await?;
        if drawing.drawn.is_empty() && views.is_empty() {
            return Ok(());
        }
        let what = Text::of(
            format!("图上还画着 {} 个门窗或公共区域、{} 台摄像机的视野。", drawing.drawn.len(), views.len()),
            format!(
                "{} windows, doors or public areas and {} views are drawn on it.",
                drawing.drawn.len(),
                views.len()
            ),
        );
        let next = Text::new(
            "请先在「视野与门窗」页移除，或者只换图片。",
            "Take them off first on its page of views, or only change the picture.",
        );
        Err(Refusal::new(ErrorKind::Conflict, "plan_in_use", what, next))
    }
}
