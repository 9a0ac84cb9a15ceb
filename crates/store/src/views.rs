//! What is drawn on plans: their width on the ground, windows and doors of homes, public areas, and how cameras look.
//!
//! Always true: a change and its entry are one transaction; versions of a shape are only added, each with its first day and its ground
//! (B-14-2); a view stands on a plan that has its camera's mark, and both change together. A crash leaves what was there before, whole.

use crate::cameras::{Why, add_digest};
use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Outcome, digest};
use crate::plans::mark_in;
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, CivilDate, ClauseId, PlanId, Text, UtcMs};
use domain::plan::{Mark, Marked, WHOLE};
use domain::view::{Aim, SHAPES, Shape, ShapeKind, masks_text, parse_masks, parse_points, points_text};

/// Name bound into the seal: a home's name may be that of its people.
const COLUMN: &str = "plan_shape.words";

/// What goes with a plan.
pub(crate) const OF_PLAN: [&str; 3] = [
    "DELETE FROM camera_view WHERE plan = $1",
    "DELETE FROM plan_shape WHERE plan = $1",
    "DELETE FROM plan_ground WHERE plan = $1",
];

/// How a camera looks from its mark on a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ViewRow {
    /// It.
    pub camera: CameraId,
    /// The plan that has its mark.
    pub plan: PlanId,
    /// How it looks.
    pub aim: Aim,
    /// Number of the police's approval to install in a public area (B-14-3); empty: none.
    pub approval: String,
}

fn view_of(r: &Row) -> Result<ViewRow, DbError> {
    let small = |i| r.int(i).and_then(|n| u16::try_from(n).map_err(|_| DbError::unreadable(i)));
    let (direction_ddeg, angle_ddeg, reach_mm) = (small(2)?, small(3)?, r.int(4)?);
    let masks = r.read(5, |t| parse_masks(t, angle_ddeg).ok())?;
    let aim = Aim { direction_ddeg, angle_ddeg, reach_mm, masks };
    Ok(ViewRow { camera: r.read(0, CameraId::parse)?, plan: r.read(1, PlanId::parse)?, aim, approval: r.text(6)? })
}

impl Store {
    fn shape_of(&self, r: &Row) -> Result<Shape, StoreError> {
        let number = |i| r.int(i).and_then(|n| u32::try_from(n).map_err(|_| DbError::unreadable(i)));
        let points = r.read(3, |t| if t.is_empty() { Some(Vec::new()) } else { parse_points(t, WHOLE) })?;
        let words = self.sealer.open_text(COLUMN, &r.blob(4)?)?;
        let (name, decision) = words.expose().split_once('\n').ok_or_else(|| DbError::unreadable(4))?;
        Ok(Shape {
            number: number(0)?,
            version: number(1)?,
            kind: r.read(2, ShapeKind::parse)?,
            name: name.to_owned(),
            points,
            decision: decision.to_owned(),
            from: r.read(5, CivilDate::parse)?,
        })
    }

    /// Width of a plan on the ground, mm; `None`: nobody measured it.
    ///
    /// # Errors
    /// The database.
    pub async fn plan_width_mm(&self, plan: PlanId) -> Result<Option<i64>, StoreError> {
        let row = self.db.row("SELECT width_mm FROM plan_ground WHERE plan = $1", args![plan]).await?;
        Ok(row.map(|r| r.int(0)).transpose()?)
    }

    /// Says how wide a plan is on the ground; false where the plan is gone.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_plan_width(
        &self,
        plan: PlanId,
        width_mm: i64,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.rows("SELECT 1 FROM plan WHERE id = $1", args![plan]).await?.is_empty() {
            return Ok(false);
        }
        tx.exec(
            "INSERT INTO plan_ground (plan, width_mm, changed_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (plan) DO UPDATE SET width_mm = excluded.width_mm, changed_ms = excluded.changed_ms",
            args![plan, width_mm, now],
        )
        .await?;
        let body = serde_json::json!({ "plan": plan, "width_mm": width_mm, "by": by });
        let text = Text::new("填写平面图的实际宽度。", "Said how wide a plan is on the ground.");
        tx.log(entry("plan.scaled", now, by, None, &[], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// All versions of all shapes of a plan, by number and version.
    ///
    /// # Errors
    /// The database.
    pub async fn plan_shapes(&self, plan: PlanId) -> Result<Vec<Shape>, StoreError> {
        let sql = "SELECT number, version, kind, points, words_sealed, from_day FROM plan_shape WHERE plan = $1 \
                   ORDER BY number, version";
        self.db.rows(sql, args![plan]).await?.iter().map(|r| self.shape_of(r)).collect()
    }

    /// Adds a shape (`number` 0), or a version of one that is there; answers number and version. `None` where the plan or the number is
    /// not there, or the plan has as many versions as are allowed.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_shape(
        &self,
        plan: PlanId,
        shape: &Shape,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<(u32, u32)>, StoreError> {
        let sealed = self.sealer.seal(COLUMN, format!("{}\n{}", shape.name, shape.decision).as_bytes())?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.rows("SELECT 1 FROM plan WHERE id = $1", args![plan]).await?.is_empty() {
            return Ok(None);
        }
        let rows = tx.rows("SELECT number, version FROM plan_shape WHERE plan = $1", args![plan]).await?;
        let pair = |r: &Row| Ok::<_, DbError>((r.int(0)?, r.int(1)?));
        let there = rows.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        let newest = there.iter().filter(|(n, _)| *n == i64::from(shape.number)).map(|(_, v)| *v).max();
        if there.len() >= SHAPES || (shape.number != 0 && newest.is_none()) {
            return Ok(None);
        }
        let next = there.iter().map(|(n, _)| *n).max().unwrap_or(0) + 1;
        let number = if shape.number == 0 { next } else { i64::from(shape.number) };
        let version = newest.unwrap_or(0) + 1;
        let points = points_text(&shape.points);
        tx.exec(
            "INSERT INTO plan_shape (plan, number, version, kind, points, words_sealed, from_day, entered_ms, account) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![plan, number, version, shape.kind.code(), points.clone(), sealed, shape.from.to_string(), now, by],
        )
        .await?;
        // The log has digests of words and place.
        let body = serde_json::json!({
            "plan": plan, "shape": number, "version": version, "shape_kind": shape.kind.code(),
            "points_sha256": digest(points.as_bytes()), "decision_sha256": digest(shape.decision.as_bytes()),
            "from_day": shape.from.to_string(), "by": by,
        });
        let (kind, zh, en) = if shape.points.is_empty() {
            ("plan.shape_ended", "从平面图上移除图形", "Took a shape off a plan")
        } else {
            ("plan.shape_set", "在平面图上画出图形", "Drew a shape on a plan")
        };
        let name = shape.kind.name();
        let text = Text::of(format!("{zh}：{}。", name.zh), format!("{en}: {}.", name.en));
        tx.log(entry(kind, now, by, None, &[], body, text)).await?;
        tx.commit().await?;
        Ok(Some((u32::try_from(number).unwrap_or(0), u32::try_from(version).unwrap_or(0))))
    }

    /// How the cameras on a plan look.
    ///
    /// # Errors
    /// The database.
    pub async fn views_on(&self, plan: PlanId) -> Result<Vec<ViewRow>, StoreError> {
        let sql = "SELECT camera, plan, direction_ddeg, angle_ddeg, reach_mm, masks, approval FROM camera_view WHERE plan = $1 \
                   ORDER BY camera";
        Ok(self.db.rows(sql, args![plan]).await?.iter().map(view_of).collect::<Result<_, _>>()?)
    }

    /// How a camera looks; `None`: nobody drew it.
    ///
    /// # Errors
    /// The database.
    pub async fn view_of_camera(&self, camera: CameraId) -> Result<Option<ViewRow>, StoreError> {
        let sql = "SELECT camera, plan, direction_ddeg, angle_ddeg, reach_mm, masks, approval FROM camera_view WHERE camera = $1";
        Ok(self.db.row(sql, args![camera]).await?.map(|r| view_of(&r)).transpose()?)
    }

    /// Puts a camera's mark and its view on a plan, in place of a view elsewhere; false where the plan is gone or has as many marks as are
    /// allowed. `clauses` are those the law gate decided by.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_view(
        &self,
        view: &ViewRow,
        at: (u16, u16),
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        self.put_view_because(view, at, Why::default(), clauses, by, now).await
    }

    /// As `put_view`, for a camera that moves by it: why stands in the line of the log, its digests in the entry.
    ///
    /// # Errors
    /// As `put_view`.
    pub async fn put_view_because(
        &self,
        view: &ViewRow,
        at: (u16, u16),
        why: Why<'_>,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let mark = Mark { what: Marked::Camera(view.camera), x: at.0, y: at.1 };
        if !mark_in(&mut tx, view.plan, &mark).await? {
            return Ok(false);
        }
        let (aim, masks) = (&view.aim, masks_text(&view.aim.masks));
        tx.exec(
            "INSERT INTO camera_view (camera, plan, direction_ddeg, angle_ddeg, reach_mm, masks, approval, changed_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (camera) DO UPDATE SET plan = excluded.plan, \
             direction_ddeg = excluded.direction_ddeg, angle_ddeg = excluded.angle_ddeg, reach_mm = excluded.reach_mm, \
             masks = excluded.masks, approval = excluded.approval, changed_ms = excluded.changed_ms",
            args![
                view.camera,
                view.plan,
                u32::from(aim.direction_ddeg),
                u32::from(aim.angle_ddeg),
                aim.reach_mm,
                masks.clone(),
                view.approval.clone(),
                now
            ],
        )
        .await?;
        let mut body = serde_json::json!({
            "plan": view.plan, "camera": view.camera, "x_per_mille": at.0, "y_per_mille": at.1,
            "direction_ddeg": aim.direction_ddeg, "angle_ddeg": aim.angle_ddeg, "reach_mm": aim.reach_mm, "masks": masks,
            "clauses": clauses, "by": by,
        });
        why.into_body(&mut body);
        add_digest(&mut body, "approval_sha256", &view.approval);
        let (zh, en) = why.words();
        let text =
            Text::of(format!("在平面图上画出摄像机的视野。{zh}"), format!("Drew a camera's view on a plan.{en}"));
        tx.log(entry("camera.view_set", now, by, Some(view.camera), clauses, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn entry(
    kind: &'static str,
    at: UtcMs,
    by: AccountId,
    camera: Option<CameraId>,
    clauses: &[ClauseId],
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let outcome = Outcome::Done;
    let act = ActLine { outcome, account: Some(by), camera, request: None, clauses: clauses.to_vec(), text };
    LogEntry { kind, at, body, act: Some(act) }
}
