//! Holds on footage that the custodian places and releases by hand (封存). Holds of requests are placed and released with them
//! (`requests`).
//!
//! Always true: a hold and its entry exist together; it is placed on footage that is there at that moment, in a transaction that
//! takes turns with every deletion (`footage::delete`).

use crate::db::DbError;
use crate::footage::read::{HoldRow, hold_of};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, HoldId, Sha256, Text, UtcMs};

/// A hold to be placed by hand.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// Whose footage.
    pub camera: CameraId,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Why; stays in the row.
    pub reason: String,
    /// Who.
    pub by: AccountId,
    /// The clauses that decide.
    pub clauses: Vec<ClauseId>,
}

impl Store {
    /// Places a hold with the entry `hold.placed`; `None` when no footage of the range is left to hold.
    ///
    /// # Errors
    /// The database or the log; then nothing is held.
    pub async fn place_hold(&self, new: &NewHold, now: UtcMs) -> Result<Option<HoldId>, StoreError> {
        let id = HoldId::new(now.0, crate::keys::random()?);
        let mut tx = self.begin().await?;
        // A deletion of this moment is either over, and seen here, or comes after and sees the hold.
        tx.lock().await?;
        let there = "SELECT 1 FROM container WHERE camera = $1 AND deleted_ms IS NULL AND start_ms < $3 \
                     AND (end_ms > $2 OR sealed_ms IS NULL) LIMIT 1";
        if tx.rows(there, args![new.camera, new.from, new.to]).await?.is_empty() {
            return Ok(None);
        }
        let text = Text::of(
            format!("人工封存录像 {} 至 {}。", new.from.desk(), new.to.desk()),
            format!("Footage {} to {} put on hold by hand.", new.from.desk(), new.to.desk()),
        );
        let body = serde_json::json!({
            "hold": id, "camera": new.camera, "from_utc_ms": new.from, "to_utc_ms": new.to, "by": new.by,
            "reason_sha256": Sha256::of(new.reason.as_bytes()), "clauses": new.clauses,
        });
        tx.log(entry("hold.placed", now, new.by, new.camera, &new.clauses, body, text)).await?;
        tx.exec(
            "INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) \
             VALUES ($1, $2, $3, $4, NULL, $5, $6, NULL)",
            args![id, new.camera, new.from, new.to, new.reason.clone(), now],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// A hold in force.
    ///
    /// # Errors
    /// The database.
    pub async fn hold(&self, id: HoldId) -> Result<Option<HoldRow>, DbError> {
        let sql = "SELECT id, camera, from_ms, to_ms, reason, request FROM hold WHERE id = $1 AND released_ms IS NULL";
        self.db.row(sql, args![id]).await?.map(|r| hold_of(&r)).transpose()
    }

    /// True while the incident that placed this hold is open: then the hold is part of its evidence and ends with it.
    ///
    /// # Errors
    /// The database.
    pub async fn alarm_of_hold_open(&self, hold: &HoldRow) -> Result<bool, DbError> {
        let Some(number) = hold.reason.strip_prefix("alarm ").filter(|_| hold.request.is_none()) else {
            return Ok(false);
        };
        let sql = "SELECT 1 FROM incident WHERE number = $1 AND closed_ms IS NULL";
        Ok(self.db.row(sql, args![number]).await?.is_some())
    }

    /// Releases a hold that was placed by hand, with the entry `hold.released`; the reason stays in its row. False when it was
    /// released already or belongs to a request.
    ///
    /// # Errors
    /// The database or the log; then it is still held.
    pub async fn release_hold(
        &self,
        hold: &HoldRow,
        reason: &str,
        by: AccountId,
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let changed = tx
            .exec(
                "UPDATE hold SET released_ms = $2, reason = reason || $3 \
                 WHERE id = $1 AND released_ms IS NULL AND request IS NULL",
                args![hold.id, now, format!("; released: {reason}")],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        let (from, to) = (hold.from.desk(), hold.to.desk());
        let text = match hold.reason.strip_prefix("alarm ") {
            Some(number) => Text::of(
                format!("解除报警 {number} 的封存 {from} 至 {to}。"),
                format!("Hold of alarm {number} on {from} to {to} released."),
            ),
            None => {
                Text::of(format!("解除人工封存 {from} 至 {to}。"), format!("Hold by hand on {from} to {to} released."))
            }
        };
        let body = serde_json::json!({
            "hold": hold.id, "camera": hold.camera, "from_utc_ms": hold.from, "to_utc_ms": hold.to, "by": by,
            "reason_sha256": Sha256::of(reason.as_bytes()), "clauses": clauses,
        });
        tx.log(entry("hold.released", now, by, hold.camera, clauses, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn entry(
    kind: &'static str,
    at: UtcMs,
    by: AccountId,
    camera: CameraId,
    clauses: &[ClauseId],
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let act = ActLine {
        outcome: Outcome::Done,
        account: Some(by),
        camera: Some(camera),
        request: None,
        clauses: clauses.to_vec(),
        text,
    };
    LogEntry { kind, at, body, act: Some(act) }
}
