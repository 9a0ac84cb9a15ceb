//! Plans of areas: the picture sealed, cameras and zones as marks on it.
//!
//! Always true: an area has at most one plan; a change and its entry are one transaction; a picture is stored only after
//! `domain::plan::read_picture` looked at it, so that its media type is one of two. A crash leaves the plan of before, whole.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, PlanId, Sha256, Text, UtcMs};
use domain::plan::{MARKS, Mark, Marked, PLANS, Picture, PictureKind, Plan};

/// Name bound into the seal.
const COLUMN: &str = "plan.picture";

fn plan_of(r: &Row) -> Result<Plan, DbError> {
    let side = |i| r.int(i).and_then(|n| u32::try_from(n).map_err(|_| DbError::unreadable(i)));
    let picture = Picture { kind: r.read(2, PictureKind::parse)?, width_px: side(3)?, height_px: side(4)? };
    Ok(Plan { id: r.read(0, PlanId::parse)?, area: r.text(1)?, picture, sha256: r.text(5)?, marks: Vec::new() })
}

fn mark_of(r: &Row) -> Result<Mark, DbError> {
    let at = |i| r.int(i).and_then(|n| u16::try_from(n).map_err(|_| DbError::unreadable(i)));
    Ok(Mark { what: r.read(1, Marked::parse)?, x: at(2)?, y: at(3)? })
}

impl Store {
    /// All plans with their marks, by area, without the pictures.
    ///
    /// # Errors
    /// The database.
    pub async fn area_plans(&self) -> Result<Vec<Plan>, StoreError> {
        let sql = "SELECT id, area, media_type, width_px, height_px, sha256 FROM plan";
        let mut plans = self.db.rows(sql, vec![]).await?.iter().map(plan_of).collect::<Result<Vec<_>, _>>()?;
        // By code point, as SQLite and PostgreSQL would not both do.
        plans.sort_by(|a, b| a.area.cmp(&b.area));
        let sql = "SELECT plan, what, x, y FROM plan_mark ORDER BY plan, what";
        for r in self.db.rows(sql, vec![]).await? {
            let id: PlanId = r.read(0, PlanId::parse)?;
            if let Some(plan) = plans.iter_mut().find(|p| p.id == id) {
                plan.marks.push(mark_of(&r)?);
            }
        }
        Ok(plans)
    }

    /// One plan with its marks.
    ///
    /// # Errors
    /// The database.
    pub async fn area_plan(&self, id: PlanId) -> Result<Option<Plan>, StoreError> {
        let sql = "SELECT id, area, media_type, width_px, height_px, sha256 FROM plan WHERE id = $1";
        let Some(row) = self.db.row(sql, args![id]).await? else { return Ok(None) };
        let marks = "SELECT plan, what, x, y FROM plan_mark WHERE plan = $1 ORDER BY what";
        let marks = self.db.rows(marks, args![id]).await?.iter().map(mark_of).collect::<Result<_, _>>()?;
        Ok(Some(Plan { marks, ..plan_of(&row)? }))
    }

    /// The picture of a plan: its kind and bytes.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn plan_picture(&self, id: PlanId) -> Result<Option<(PictureKind, Vec<u8>)>, StoreError> {
        let row = self.db.row("SELECT media_type, picture_sealed FROM plan WHERE id = $1", args![id]).await?;
        let Some(r) = row else { return Ok(None) };
        Ok(Some((r.read(0, PictureKind::parse)?, self.sealer.open(COLUMN, &r.blob(1)?)?)))
    }

    /// Gives an area its plan, or its plan another picture; the marks stay where they are. `None` where the site has as many plans as are
    /// allowed.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn put_plan(
        &self,
        area: &str,
        picture: Picture,
        bytes: &[u8],
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<PlanId>, StoreError> {
        let fresh = PlanId::new(now.0, crate::keys::random()?);
        let sealed = self.sealer.seal(COLUMN, bytes)?;
        let sha256 = Sha256::of(bytes).hex();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let there = tx.rows("SELECT id FROM plan WHERE area = $1", args![area]).await?;
        let known = there.first().map(|r| r.read(0, PlanId::parse)).transpose()?;
        if known.is_none() {
            let rows = tx.rows("SELECT COUNT(*) FROM plan", vec![]).await?;
            if usize::try_from(rows.first().map_or(Ok(0), |r| r.int(0))?).unwrap_or(usize::MAX) >= PLANS {
                return Ok(None);
            }
        }
        let id = known.unwrap_or(fresh);
        tx.exec(
            "INSERT INTO plan (id, area, media_type, width_px, height_px, sha256, picture_sealed, changed_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET media_type = excluded.media_type, \
             width_px = excluded.width_px, height_px = excluded.height_px, sha256 = excluded.sha256, \
             picture_sealed = excluded.picture_sealed, changed_ms = excluded.changed_ms",
            args![
                id,
                area,
                picture.kind.media_type(),
                picture.width_px,
                picture.height_px,
                sha256.clone(),
                sealed,
                now
            ],
        )
        .await?;
        let body = serde_json::json!({
            "plan": id, "place": area, "sha256": sha256, "width_px": picture.width_px, "height_px": picture.height_px, "by": by,
        });
        let text = Text::of(format!("设置平面图：{}。", name(area)), format!("Plan set: {}.", name_en(area)));
        tx.log(entry("plan.set", now, by, body, text)).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Removes a plan with its picture and marks; false when there is none.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn remove_plan(&self, plan: &Plan, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.exec("DELETE FROM plan_mark WHERE plan = $1", args![plan.id]).await?;
        for sql in crate::views::OF_PLAN {
            tx.exec(sql, args![plan.id]).await?;
        }
        if tx.exec("DELETE FROM plan WHERE id = $1", args![plan.id]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "plan": plan.id, "place": plan.area, "by": by });
        let (zh, en) = (name(&plan.area), name_en(&plan.area));
        let text = Text::of(format!("删除平面图：{zh}。"), format!("Plan removed: {en}."));
        tx.log(entry("plan.removed", now, by, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a camera or zone on a plan, or moves it there; false where the plan is gone or has as many marks as are allowed.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_mark(&self, plan: PlanId, mark: &Mark, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if !mark_in(&mut tx, plan, mark).await? {
            return Ok(false);
        }
        let text = Text::new("在平面图上标注位置。", "Marked a place on a plan.");
        let body = mark_body(plan, &mark.what, Some((mark.x, mark.y)), by);
        tx.log(marked("plan.marked", now, by, &mark.what, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a camera or zone off a plan; false when it is not on it.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn remove_mark(
        &self,
        plan: PlanId,
        what: &Marked,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "DELETE FROM plan_mark WHERE plan = $1 AND what = $2";
        if tx.exec(sql, args![plan, what.code()]).await? == 0 {
            return Ok(false);
        }
        if let Marked::Camera(camera) = what {
            // Without its mark a view stands nowhere.
            tx.exec("DELETE FROM camera_view WHERE camera = $1 AND plan = $2", args![*camera, plan]).await?;
        }
        let text = Text::new("从平面图上移除标注。", "Took a mark off a plan.");
        tx.log(marked("plan.unmarked", now, by, what, mark_body(plan, what, None, by), text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Places that panels and zones say they are at.
    ///
    /// # Errors
    /// The database.
    pub async fn alarm_places(&self) -> Result<Vec<String>, DbError> {
        let sql = "SELECT place FROM alarm_source WHERE removed_ms IS NULL UNION SELECT z.place FROM zone z \
                   JOIN alarm_source s ON s.source = z.source WHERE s.removed_ms IS NULL";
        self.db.rows(sql, vec![]).await?.iter().map(|r| r.text(0)).collect()
    }
}

/// Puts a mark on a plan or moves it, without an entry; false where the plan is gone or full.
pub(crate) async fn mark_in(tx: &mut Tx, plan: PlanId, mark: &Mark) -> Result<bool, StoreError> {
    if tx.rows("SELECT 1 FROM plan WHERE id = $1", args![plan]).await?.is_empty() {
        return Ok(false);
    }
    let others = "SELECT COUNT(*) FROM plan_mark WHERE plan = $1 AND what <> $2";
    let rows = tx.rows(others, args![plan, mark.what.code()]).await?;
    if usize::try_from(rows.first().map_or(Ok(0), |r| r.int(0))?).unwrap_or(usize::MAX) >= MARKS {
        return Ok(false);
    }
    tx.exec(
        "INSERT INTO plan_mark (plan, what, x, y) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (plan, what) DO UPDATE SET x = excluded.x, y = excluded.y",
        args![plan, mark.what.code(), u32::from(mark.x), u32::from(mark.y)],
    )
    .await?;
    Ok(true)
}

fn name(area: &str) -> &str {
    if area.is_empty() { "全部区域" } else { area }
}

fn name_en(area: &str) -> &str {
    if area.is_empty() { "the whole site" } else { area }
}

fn mark_body(plan: PlanId, what: &Marked, at: Option<(u16, u16)>, by: AccountId) -> serde_json::Value {
    let mut body = match what {
        Marked::Camera(camera) => serde_json::json!({ "plan": plan, "camera": camera, "by": by }),
        Marked::Zone(source, zone) => serde_json::json!({ "plan": plan, "source": source, "zone": zone, "by": by }),
    };
    if let (Some((x, y)), Some(map)) = (at, body.as_object_mut()) {
        map.insert("x_per_mille".into(), x.into());
        map.insert("y_per_mille".into(), y.into());
    }
    body
}

fn entry(kind: &'static str, at: UtcMs, by: AccountId, body: serde_json::Value, text: Text) -> LogEntry {
    let act = ActLine::done(Some(by), text);
    LogEntry { kind, at, body, act: Some(act) }
}

fn marked(
    kind: &'static str,
    at: UtcMs,
    by: AccountId,
    what: &Marked,
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let mut entry = entry(kind, at, by, body, text);
    if let (Marked::Camera(camera), Some(act)) = (what, entry.act.as_mut()) {
        act.camera = Some(*camera);
    }
    entry
}
