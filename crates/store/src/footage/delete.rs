//! Deleting footage whose term is over, with a proof that it was there and went by law.
//!
//! Order: the entry `footage.deleted` and the row's `deleted_ms` are committed first, then the file goes. A crash between leaves
//! a file whose row says deleted: the next sweep removes it. Digests stay in the log, so older proofs keep their value.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, args};
use base::{CameraId, ClauseId, ContainerId, Text, UtcMs};
use domain::recording::entry::{DELETED_KIND, DeletedBody};
use domain::retention::{Fate, Kept, fate};

/// A container as deletion weighs it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Which.
    pub id: ContainerId,
    /// Whose.
    pub camera: CameraId,
    /// File below the data folder.
    pub path: String,
    /// First instant.
    pub from: UtcMs,
    /// Last instant.
    pub to: UtcMs,
    /// Bytes.
    pub bytes: u64,
    /// It gets no more fragments.
    pub sealed: bool,
}

impl Candidate {
    /// Reads a row of `id, camera, path, start_ms, end_ms, bytes, sealed_ms`.
    pub(crate) fn read(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.read(0, ContainerId::parse)?,
            camera: row.read(1, CameraId::parse)?,
            path: row.text(2)?,
            from: UtcMs(row.int(3)?),
            to: UtcMs(row.int(4)?),
            bytes: u64::try_from(row.int(5)?).unwrap_or(0),
            sealed: row.int_opt(6)?.is_some(),
        })
    }
}

/// The law's answer for one camera's footage.
#[derive(Clone, Debug)]
pub struct Term {
    /// Days it has to be kept.
    pub min_days: u32,
    /// Clauses that set the term and the deletion.
    pub clauses: Vec<ClauseId>,
}

impl Store {
    /// Sealed containers of a camera that ended before `before`, oldest first, at most `limit`, without those on a disk that is away.
    ///
    /// # Errors
    /// The database.
    pub async fn deletion_candidates(
        &self,
        camera: CameraId,
        before: UtcMs,
        limit: u32,
    ) -> Result<Vec<Candidate>, DbError> {
        let rows = self
            .db
            .rows(
                "SELECT id, camera, path, start_ms, end_ms, bytes, sealed_ms FROM container \
                 WHERE camera = $1 AND deleted_ms IS NULL AND sealed_ms IS NOT NULL AND end_ms < $2 \
                 ORDER BY end_ms LIMIT $3",
                args![camera, before, limit],
            )
            .await?;
        let all = rows.iter().map(Candidate::read).collect::<Result<Vec<_>, _>>()?;
        Ok(all.into_iter().filter(|c| self.disks.is_here(&c.path)).collect())
    }

    /// Deletes one container if, and only if, its term is over and no hold covers it; says what it found.
    ///
    /// # Errors
    /// The database or the log; then nothing was deleted.
    pub async fn delete_if_due(&self, c: &Candidate, until: UtcMs, term: &Term, now: UtcMs) -> Result<Fate, LogError> {
        let mut tx = self.log.begin(&self.db).await?;
        // Holds are placed in logged transactions: one of this moment is either seen here or comes after the deletion.
        tx.lock().await?;
        let row = tx
            .rows("SELECT end_ms, sealed_ms FROM container WHERE id = $1 AND deleted_ms IS NULL", args![c.id])
            .await?;
        let Some(row) = row.first() else {
            // Somebody else was first; its entry and proof are theirs.
            return Ok(Fate::Due);
        };
        let (end, sealed) = (UtcMs(row.int(0)?), row.int_opt(1)?.is_some());
        let held = !tx
            .rows(
                "SELECT 1 FROM hold WHERE camera = $1 AND from_ms < $3 AND to_ms > $2 AND released_ms IS NULL LIMIT 1",
                args![c.camera, c.from, end],
            )
            .await?
            .is_empty();
        let fate = fate(Kept { end, held, sealed }, until, now);
        if fate != Fate::Due {
            return Ok(fate);
        }
        let body = DeletedBody {
            camera: c.camera,
            container: c.id,
            from_utc_ms: c.from,
            to_utc_ms: c.to,
            bytes: c.bytes,
            min_days: term.min_days,
            clauses: term.clauses.clone(),
        };
        let text = Text::of(
            format!("录像 {} 至 {} 保存期满 {} 日，已依法删除。", c.from.desk(), c.to.desk(), term.min_days),
            format!("Footage {} to {} deleted after its term of {} days.", c.from.desk(), c.to.desk(), term.min_days),
        );
        let act = ActLine {
            outcome: Outcome::Done,
            account: None,
            camera: Some(c.camera),
            request: None,
            clauses: term.clauses.clone(),
            text,
        };
        let body = serde_json::to_value(body).unwrap_or_default();
        tx.log(LogEntry { kind: DELETED_KIND, at: now, body, act: Some(act) }).await?;
        tx.exec("UPDATE container SET deleted_ms = $2 WHERE id = $1", args![c.id, now]).await?;
        tx.exec(
            "INSERT INTO camera_seq (camera, next_seq) SELECT camera, MAX(last_seq) + 1 FROM span WHERE camera = $1 \
             GROUP BY camera ON CONFLICT (camera) DO UPDATE SET next_seq = \
             CASE WHEN excluded.next_seq > camera_seq.next_seq THEN excluded.next_seq ELSE camera_seq.next_seq END",
            args![c.camera],
        )
        .await?;
        tx.exec("DELETE FROM span WHERE container = $1", args![c.id]).await?;
        tx.commit().await?;
        self.remove_file(&c.path);
        Ok(fate)
    }

    /// Removes files whose rows say deleted (left by a crash just after the commit).
    ///
    /// # Errors
    /// The database.
    pub async fn sweep_deleted(&self) -> Result<u64, DbError> {
        let rows = self
            .db
            .rows("SELECT path FROM container WHERE deleted_ms IS NOT NULL ORDER BY deleted_ms DESC LIMIT 1000", vec![])
            .await?;
        let mut removed = 0;
        for row in rows {
            removed += u64::from(self.remove_file(&row.text(0)?));
        }
        Ok(removed)
    }

    fn remove_file(&self, path: &str) -> bool {
        // On a disk that is away the file stays; it is not due before the disk is back (`deletion_candidates`).
        let Ok(path) = self.disks.file(path) else { return false };
        match std::fs::remove_file(&path) {
            Ok(()) => {
                // An empty day folder goes too; one that is not empty stays.
                let _ = path.parent().map(std::fs::remove_dir);
                true
            }
            Err(_) => false,
        }
    }
}
