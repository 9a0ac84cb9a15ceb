//! Notices: things of the system itself that need a person (disk nearly full, camera stopped, clock stepped).
//!
//! One notice a code and camera stays open until its cause is gone; repeating it changes nothing, so nobody drowns. One whose words
//! change with the days (a duty that falls due) is told anew: the old one closes as the new one opens.

use crate::db::DbError;
use crate::{Store, args};
use base::{CameraId, Text, UtcMs};

/// A notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Number.
    pub id: i64,
    /// Since when.
    pub at: UtcMs,
    /// 1 act now, 2 act today, 3 know.
    pub severity: u8,
    /// Stable word.
    pub code: String,
    /// Which camera, if one.
    pub camera: Option<CameraId>,
    /// What and what to do.
    pub text: Text,
}

impl Store {
    /// Opens a notice unless the same is open; true when it is new.
    ///
    /// # Errors
    /// The database.
    pub async fn raise(
        &self,
        severity: u8,
        code: &str,
        camera: Option<CameraId>,
        text: &Text,
        now: UtcMs,
    ) -> Result<bool, DbError> {
        self.raise_as(severity, code, camera, text, now, false).await
    }

    /// Opens a notice, and closes what is open under its code where that says something else or weighs otherwise; true when it is new. One
    /// transaction: whoever reads sees the old words or the new ones.
    ///
    /// # Errors
    /// The database.
    pub async fn retell(&self, severity: u8, code: &str, text: &Text, now: UtcMs) -> Result<bool, DbError> {
        self.raise_as(severity, code, None, text, now, true).await
    }

    async fn raise_as(
        &self,
        severity: u8,
        code: &str,
        camera: Option<CameraId>,
        text: &Text,
        now: UtcMs,
        retell: bool,
    ) -> Result<bool, DbError> {
        let mut tx = self.db.begin().await?;
        let key = camera.map(|c| c.to_string()).unwrap_or_default();
        // The counter's row lock makes two who raise at once take turns, so the second sees the notice of the first.
        let drawn = tx.rows("UPDATE counter SET next = next + 1 WHERE name = 'notice' RETURNING next", vec![]).await?;
        let id = drawn.first().map_or(Ok(0), |r| r.int(0))? - 1;
        if retell {
            tx.exec(
                "UPDATE notice SET cleared_ms = $3 WHERE code = $1 AND COALESCE(camera, '') = $2 AND cleared_ms IS NULL \
                 AND NOT (severity = $4 AND zh = $5 AND en = $6)",
                args![code, key.clone(), now, severity, text.zh.to_string(), text.en.to_string()],
            )
            .await?;
        }
        let open = tx
            .rows(
                "SELECT 1 FROM notice WHERE code = $1 AND COALESCE(camera, '') = $2 AND cleared_ms IS NULL LIMIT 1",
                args![code, key],
            )
            .await?;
        if !open.is_empty() {
            return Ok(false);
        }
        tx.exec(
            "INSERT INTO notice (id, at_ms, severity, code, camera, zh, en, cleared_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
            args![id, now, severity, code, camera, text.zh.to_string(), text.en.to_string()],
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Closes a notice whose cause is gone; true when one was open.
    ///
    /// # Errors
    /// The database.
    pub async fn clear(&self, code: &str, camera: Option<CameraId>, now: UtcMs) -> Result<bool, DbError> {
        let key = camera.map(|c| c.to_string()).unwrap_or_default();
        let n = self
            .db
            .exec(
                "UPDATE notice SET cleared_ms = $3 WHERE code = $1 AND COALESCE(camera, '') = $2 AND cleared_ms IS NULL",
                args![code, key, now],
            )
            .await?;
        Ok(n > 0)
    }

    /// Open notices, the gravest and oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn notices(&self) -> Result<Vec<Notice>, DbError> {
        let sql = "SELECT id, at_ms, severity, code, camera, zh, en FROM notice WHERE cleared_ms IS NULL \
                   ORDER BY severity, at_ms LIMIT 200";
        let rows = self.db.rows(sql, vec![]).await?;
        rows.iter()
            .map(|r| {
                Ok(Notice {
                    id: r.int(0)?,
                    at: UtcMs(r.int(1)?),
                    severity: u8::try_from(r.int(2)?).unwrap_or(3),
                    code: r.text(3)?,
                    camera: r.text_opt(4)?.and_then(|c| CameraId::parse(&c)),
                    text: Text::of(r.text(5)?, r.text(6)?),
                })
            })
            .collect()
    }
}
