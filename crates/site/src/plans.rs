//! Plans of areas: given, marked, shown. Role, then area, then `domain::plan`, then row and entry together.
//!
//! Whoever may see a camera's place may see the plan of that area: a plan is shown to accounts with a right to its whole area, since it shows
//! all of it. The plan of an alarm is chosen by `domain::plan::plan_of` among those.

use crate::alarm::Open;
use crate::{Actor, Site};
use base::{CameraId, ErrorKind, PlanId, Refusal, Text};
use domain::access::Permission;
use domain::area;
use domain::plan::{self, MARKS, Mark, Marked, PLANS, PictureKind, Plan};

/// Cameras named as near to the alarm.
const NEAR: usize = 4;

/// The plan of an alarm.
#[derive(Clone, Debug)]
pub struct AlarmPlan {
    /// It.
    pub plan: Plan,
    /// Marks of it that belong to the alarm: zones that spoke, cameras that see them.
    pub alarmed: Vec<Marked>,
    /// Cameras near the first zone that spoke, the nearest first; empty where no zone of it stands on the plan.
    pub near: Vec<CameraId>,
}

fn gone() -> Refusal {
    Refusal::not_found("该平面图", "plan")
}

fn full(what: Text) -> Refusal {
    let next = Text::new("请先删除不再使用的。", "Remove what is no longer used.");
    Refusal::new(ErrorKind::Conflict, "too_many", what, next)
}

impl Site {
    /// Plans that this account may see, by area.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn area_plans(&self, by: &Actor) -> Result<Vec<Plan>, Refusal> {
        by.needs(Permission::SeeDevices)?;
        let sight = self.sight_of(by.id).await?;
        let mut plans = self.store().area_plans().await?;
        plans.retain(|p| sight.reaches(&p.area));
        Ok(plans)
    }

    /// One plan.
    ///
    /// # Errors
    /// No permission, `not_found`, `outside_area`, `outside_hours`, or the store.
    pub async fn area_plan(&self, by: &Actor, id: PlanId) -> Result<Plan, Refusal> {
        by.needs(Permission::SeeDevices)?;
        let plan = self.store().area_plan(id).await?.ok_or_else(gone)?;
        self.place_in_area(by, &plan.area).await?;
        Ok(plan)
    }

    /// The picture of a plan.
    ///
    /// # Errors
    /// As `plan`.
    pub async fn plan_picture(&self, by: &Actor, id: PlanId) -> Result<(PictureKind, Vec<u8>), Refusal> {
        self.area_plan(by, id).await?;
        self.store().plan_picture(id).await?.ok_or_else(gone)
    }

    /// Gives an area its plan, or its plan another picture.
    ///
    /// # Errors
    /// No permission, `outside_area`, `outside_hours`, `area`, `picture`, `too_many`, or the store.
    pub async fn put_plan(&self, by: &Actor, area: &str, bytes: &[u8]) -> Result<PlanId, Refusal> {
        by.needs(Permission::ManageDevices)?;
        let path = area::tidy(area);
        if path.chars().count() > area::PLACE_CHARS || path.chars().any(char::is_control) {
            let what = Text::new("区域名称过长或含有控制字符。", "The area's name is too long.");
            return Err(Refusal::bad_input("area", what, Text::new("请从列表中选择。", "Choose one of the list.")));
        }
        self.place_in_area(by, &path).await?;
        let picture = plan::read_picture(bytes)?;
        let id = self.store().put_plan(&path, picture, bytes, by.id, self.now().utc).await?;
        let words = || Text::of(format!("平面图已满 {PLANS} 张。"), format!("There are {PLANS} plans already."));
        id.ok_or_else(|| full(words()))
    }

    /// Removes a plan.
    ///
    /// # Errors
    /// As `plan`, with the permission to change devices; `plan_in_use` while windows, public areas or views are drawn on it.
    pub async fn remove_plan(&self, by: &Actor, id: PlanId) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let plan = self.area_plan(by, id).await?;
        self.nothing_drawn(by, id).await?;
        if self.store().remove_plan(&plan, by.id, self.now().utc).await? { Ok(()) } else { Err(gone()) }
    }

    /// Puts a camera or zone on a plan, or moves it; a camera's view that is drawn there moves too, and is asked about anew.
    ///
    /// # Errors
    /// As `area_plan`; `x`, `y`, `what` (no such camera in service, no such zone), `too_many`, the law.
    pub async fn put_mark(&self, by: &Actor, id: PlanId, mark: &Mark) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        self.area_plan(by, id).await?;
        plan::check_mark(mark)?;
        let there = match &mark.what {
            Marked::Camera(camera) => {
                let there = self.camera(*camera).is_some();
                if there {
                    self.in_area(by, *camera).await?;
                }
                there
            }
            Marked::Zone(source, zone) => self.store().zone(source, *zone).await?.is_some(),
        };
        if !there {
            let what = Text::new("没有这台摄像机或这个防区。", "There is no such camera or zone.");
            return Err(Refusal::bad_input("what", what, Text::new("请从列表中选择。", "Choose one of the list.")));
        }
        if self.move_view(by, id, mark).await? {
            return Ok(());
        }
        if self.store().put_mark(id, mark, by.id, self.now().utc).await? {
            return Ok(());
        }
        Err(full(Text::of(format!("这张平面图的标注已满 {MARKS} 个。"), format!("This plan has its {MARKS} marks."))))
    }

    /// Takes a camera or zone off a plan. A camera that stands in a drawn public area stays on it: taken off and put elsewhere, nobody would
    /// be asked whether it may leave (A-9-2).
    ///
    /// # Errors
    /// As `remove_plan`; `not_found`, `mark_in_area`.
    pub async fn remove_mark(&self, by: &Actor, id: PlanId, what: &Marked) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        self.area_plan(by, id).await?;
        if let Marked::Camera(camera) = what {
            self.not_in_area(id, *camera).await?;
        }
        let there = self.store().remove_mark(id, what, by.id, self.now().utc).await?;
        if there { Ok(()) } else { Err(Refusal::not_found("该标注", "mark")) }
    }

    /// The plan that an alarm is shown on; `None` where there is none that this account may see.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn plan_of_alarm(&self, by: &Actor, open: &Open) -> Result<Option<AlarmPlan>, Refusal> {
        by.needs(Permission::SeeAlarms)?;
        let incident = &open.row.incident;
        let zone = |z: u32| Marked::Zone(incident.source.clone(), z);
        let zones: Vec<_> = incident.zones.iter().filter(|z| z.zone != 0).map(|z| zone(z.zone)).collect();
        let cameras: Vec<_> = open.cameras.iter().map(|id| Marked::Camera(*id)).collect();
        let places = self.places_of(open).await?;
        let Some(plan) = plan::plan_of(self.area_plans(by).await?, &zones, &cameras, &places) else { return Ok(None) };
        let first = zones.iter().find_map(|z| plan.marks.iter().find(|m| m.what == *z));
        let sight = self.sight_of(by.id).await?;
        let seen = |id: &CameraId| self.camera(*id).is_some_and(|c| sight.reaches(&c.row().place));
        let near = first.map(|m| plan.nearest(m, MARKS)).unwrap_or_default();
        let near = near.into_iter().filter(seen).take(NEAR).collect();
        let alarmed = zones.into_iter().chain(cameras).filter(|w| plan.marks.iter().any(|m| m.what == *w)).collect();
        Ok(Some(AlarmPlan { plan, alarmed, near }))
    }
}
