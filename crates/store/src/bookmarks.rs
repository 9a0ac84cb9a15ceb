//! Bookmarks of the unit's staff on stretches of footage, and the ticks that the log puts on a timeline.
//!
//! Always true: a note is sealed, because people write names into it; the log holds a salted commitment to it; a bookmark that was
//! removed keeps its row and loses its note. A bookmark holds no footage: only a hold does.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, BookmarkId, CameraId, Pii, Text, UtcMs};

/// Most bookmarks of one camera; older ones must be removed before another is set.
pub const BOOKMARKS_PER_CAMERA: u32 = 5_000;
/// Longest range of an act on footage, ms: a request, and the rounding of viewings. Older beginnings are not looked for.
const LONGEST_MS: i64 = base::limits::REQUEST_RANGE_MS + base::time::DAY_MS;

/// A bookmark.
#[derive(Clone, Debug)]
pub struct BookmarkRow {
    /// Its id.
    pub id: BookmarkId,
    /// Whose footage.
    pub camera: CameraId,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// What its maker wrote.
    pub note: Pii<String>,
    /// Who set it.
    pub by: AccountId,
    /// When.
    pub made: UtcMs,
}

/// An act of the log on a stretch of footage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FootageAct {
    /// Place in the ledger.
    pub idx: u64,
    /// When it was done.
    pub at: UtcMs,
    /// What, dotted word.
    pub kind: String,
    /// Footage from.
    pub from: UtcMs,
    /// Footage to.
    pub to: UtcMs,
    /// One sentence.
    pub text: Text,
}

impl Store {
    /// Sets a bookmark with the entry `bookmark.made`; `None` when the camera has as many as are allowed.
    ///
    /// # Errors
    /// The database, the key or the log; then there is none.
    pub async fn add_bookmark(
        &self,
        camera: CameraId,
        (from, to): (UtcMs, UtcMs),
        note: &Pii<String>,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<BookmarkId>, StoreError> {
        let id = BookmarkId::new(now.0, crate::keys::random()?);
        let salt: [u8; 32] = crate::keys::random()?;
        let sealed =
            self.sealer.seal("bookmark.note", format!("{}\n{}", base::hex(&salt), note.expose()).as_bytes())?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let count = "SELECT COUNT(*) FROM bookmark WHERE camera = $1 AND removed_ms IS NULL";
        let rows = tx.rows(count, args![camera]).await?;
        if rows.first().map_or(Ok(0), |r| r.int(0))? >= i64::from(BOOKMARKS_PER_CAMERA) {
            return Ok(None);
        }
        let body = serde_json::json!({
            "bookmark": id, "camera": camera, "from_utc_ms": from, "to_utc_ms": to, "by": by,
            "note_commitment": ledger::commit(&salt, note.expose().as_bytes()),
        });
        let text = Text::of(
            format!("为录像 {} 至 {} 加书签。", from.desk(), to.desk()),
            format!("Bookmark on footage {} to {}.", from.desk(), to.desk()),
        );
        tx.log(entry("bookmark.made", now, by, camera, body, text)).await?;
        tx.exec(
            "INSERT INTO bookmark (id, camera, from_ms, to_ms, made_by, note_sealed, made_ms, removed_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
            args![id, camera, from, to, by, sealed, now],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// A bookmark that was not removed.
    ///
    /// # Errors
    /// The database or the key.
    pub async fn bookmark(&self, id: BookmarkId) -> Result<Option<BookmarkRow>, StoreError> {
        let sql = "SELECT id, camera, from_ms, to_ms, made_by, note_sealed, made_ms FROM bookmark \
                   WHERE id = $1 AND removed_ms IS NULL";
        self.db.row(sql, args![id]).await?.map(|r| self.bookmark_of(&r)).transpose()
    }

    /// Bookmarks of a camera that touch [from, to), the latest first, at most `limit`.
    ///
    /// # Errors
    /// The database or the key.
    pub async fn bookmarks(
        &self,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
        limit: u32,
    ) -> Result<Vec<BookmarkRow>, StoreError> {
        let sql = "SELECT id, camera, from_ms, to_ms, made_by, note_sealed, made_ms FROM bookmark WHERE camera = $1 \
                   AND from_ms < $3 AND from_ms > $4 AND to_ms > $2 AND removed_ms IS NULL ORDER BY from_ms DESC LIMIT $5";
        let rows = self.db.rows(sql, args![camera, from, to, from.plus_ms(-LONGEST_MS), limit]).await?;
        rows.iter().map(|r| self.bookmark_of(r)).collect()
    }

    fn bookmark_of(&self, r: &Row) -> Result<BookmarkRow, StoreError> {
        let plain = self.sealer.open_text("bookmark.note", &r.blob(5)?)?.into_inner();
        let note = plain.split_once('\n').map_or("", |(_, note)| note).to_owned();
        Ok(BookmarkRow {
            id: r.read(0, BookmarkId::parse)?,
            camera: r.read(1, CameraId::parse)?,
            from: UtcMs(r.int(2)?),
            to: UtcMs(r.int(3)?),
            note: Pii::new(note),
            by: r.read(4, AccountId::parse)?,
            made: UtcMs(r.int(6)?),
        })
    }

    /// Removes a bookmark and its note, with the entry `bookmark.removed`; false when it was removed already.
    ///
    /// # Errors
    /// The database or the log; then it is still there.
    pub async fn remove_bookmark(&self, row: &BookmarkRow, by: AccountId, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let changed = tx
            .exec(
                "UPDATE bookmark SET removed_ms = $2, note_sealed = NULL WHERE id = $1 AND removed_ms IS NULL",
                args![row.id, now],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "bookmark": row.id, "camera": row.camera, "by": by });
        let text = Text::new("删除书签。", "Bookmark removed.");
        tx.log(entry("bookmark.removed", now, by, row.camera, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Acts of the log on footage of a camera that touch [from, to), the newest acts first, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_acts(
        &self,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
        limit: u32,
    ) -> Result<Vec<FootageAct>, DbError> {
        let sql = "SELECT f.idx, a.at_ms, a.kind, f.from_ms, f.to_ms, a.zh, a.en FROM act_footage f \
                   JOIN act a ON a.idx = f.idx WHERE f.camera = $1 AND f.from_ms < $3 AND f.from_ms > $4 AND f.to_ms > $2 \
                   ORDER BY f.idx DESC LIMIT $5";
        let rows = self.db.rows(sql, args![camera, from, to, from.plus_ms(-LONGEST_MS), limit]).await?;
        rows.iter()
            .map(|r| {
                Ok(FootageAct {
                    idx: u64::try_from(r.int(0)?).unwrap_or(0),
                    at: UtcMs(r.int(1)?),
                    kind: r.text(2)?,
                    from: UtcMs(r.int(3)?),
                    to: UtcMs(r.int(4)?),
                    text: Text::of(r.text(5)?, r.text(6)?),
                })
            })
            .collect()
    }
}

fn entry(
    kind: &'static str,
    at: UtcMs,
    by: AccountId,
    camera: CameraId,
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let act = ActLine {
        outcome: Outcome::Done,
        account: Some(by),
        camera: Some(camera),
        request: None,
        clauses: vec![],
        text,
    };
    LogEntry { kind, at, body, act: Some(act) }
}
