//! Moving a sealed container from one disk to another, and giving up a disk that will not come back.
//!
//! Order of a move: copy to a `.part` beside its place, `fsync`, read the copy back fragment by fragment along its hash chain against
//! the rows, rename, `fsync` of the folder, switch the row, remove the old file. Crash table: before the switch the copy has no row
//! that names it, and `adopt` at the next start removes it because the row's own file is there; after it the old file is the one
//! that no row names, and goes the same way. At no step is the only good copy one that was not read back.

use super::{container_path, lost, sync_folder};
use crate::check::container_faults;
use crate::db::DbError;
use crate::disks::{DiskError, Disks, MAIN};
use crate::ledger_log::LogError;
use crate::{Store, args};
use base::{CameraId, ContainerId, UtcMs};
use domain::recording::GapCause;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A container that may move.
#[derive(Clone, Debug)]
pub struct Movable {
    /// Which.
    pub id: ContainerId,
    /// Whose.
    pub camera: CameraId,
    /// Where it lies.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
}

/// How a move ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Moved {
    /// It lies on the other disk now.
    Done,
    /// It was deleted, moved or changed meanwhile: nothing was done.
    Gone,
    /// Its file is not what its rows say: it stays where it is, for a person to look at.
    Damaged(&'static str),
}

/// Why a container could not be moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The disks.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A file.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}

/// The pattern that a path on this disk has; names of disks hold no sign that means something in a pattern.
pub(crate) fn pattern(name: &str) -> String {
    if name == MAIN { "footage/%".to_owned() } else { format!("{name}:%") }
}

impl Store {
    /// Sealed containers on a disk, oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn containers_on(&self, disk: &str, limit: u32) -> Result<Vec<Movable>, DbError> {
        let sql = "SELECT id, path, bytes, camera FROM container WHERE path LIKE $1 AND deleted_ms IS NULL AND sealed_ms IS NOT NULL \
                   ORDER BY start_ms LIMIT $2";
        let rows = self.db.rows(sql, args![pattern(disk), limit]).await?;
        rows.iter()
            .map(|r| {
                Ok(Movable {
                    id: r.read(0, ContainerId::parse)?,
                    camera: r.read(3, CameraId::parse)?,
                    path: r.text(1)?,
                    bytes: u64::try_from(r.int(2)?).unwrap_or(0),
                })
            })
            .collect()
    }

    /// Containers and bytes of footage on a disk, whether it is there or not.
    ///
    /// # Errors
    /// The database.
    pub async fn stock_on(&self, disk: &str) -> Result<(u64, u64), DbError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM container \
                   WHERE path LIKE $1 AND deleted_ms IS NULL";
        let row = self.db.row(sql, args![pattern(disk)]).await?;
        let number = |i| row.as_ref().map_or(Ok(0), |r| r.int(i));
        Ok((u64::try_from(number(0)?).unwrap_or(0), u64::try_from(number(1)?).unwrap_or(0)))
    }

    /// Moves a container to the disk at `to`.
    ///
    /// # Errors
    /// The database, or a disk that cannot be read or written; then the container lies where it lay.
    pub async fn move_container(&self, what: &Movable, to: usize) -> Result<Moved, MoveError> {
        let Some(rowed) = self.rowed(what.id).await? else { return Ok(Moved::Gone) };
        if rowed.head.path != what.path || !rowed.sealed {
            return Ok(Moved::Gone);
        }
        let (Some(path), Some(root)) = (self.disks.path_on(to, &what.path), self.disks.root(to)) else {
            return Ok(Moved::Gone);
        };
        if path == what.path {
            return Ok(Moved::Gone);
        }
        let io = |e| MoveError::Io(what.path.clone(), e);
        let source = self.disks.file(&what.path).map_err(io)?;
        let target = root.join(container_path(rowed.head.camera, what.id, rowed.head.start));
        let (from, part) = (source.clone(), target.with_extension("part"));
        let copied = tokio::task::spawn_blocking(move || -> std::io::Result<Option<&'static str>> {
            copy(&from, &part)?;
            if let Some(fault) = container_faults(&rowed, &part).first() {
                std::fs::remove_file(&part)?;
                return Ok(Some(fault));
            }
            std::fs::rename(&part, &target)?;
            target.parent().map_or(Ok(()), sync_folder)?;
            Ok(None)
        })
        .await;
        if let Some(fault) = copied.map_err(|e| io(std::io::Error::other(e)))?.map_err(io)? {
            return Ok(Moved::Damaged(fault));
        }
        // A crash before this leaves a copy that no row names, after it a source that no row names.
        let sql = "UPDATE container SET path = $2 WHERE id = $1 AND path = $3 AND deleted_ms IS NULL";
        if self.db.exec(sql, args![what.id, path, what.path.clone()]).await? == 0 {
            let _ = self.disks.root(to).map(|root| remove(&root.join(strip(&what.path))));
            return Ok(Moved::Gone);
        }
        remove(&source);
        Ok(Moved::Done)
    }

    /// Declares everything on a disk lost: the disk is broken and will not come back. Returns how many containers went.
    ///
    /// One transaction a container. A crash between two leaves the others to the next call.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn give_up(&self, disk: &str, now: UtcMs) -> Result<u64, LogError> {
        let mut gone = 0;
        loop {
            let sql = "SELECT id, camera, path, start_ms, codec, init FROM container \
                       WHERE path LIKE $1 AND deleted_ms IS NULL ORDER BY start_ms LIMIT 100";
            let rows = self.db.rows(sql, args![pattern(disk)]).await?;
            if rows.is_empty() {
                return Ok(gone);
            }
            for row in rows {
                let head = super::read::head_of(&row)?;
                let mut tx = self.log.begin(&self.db).await?;
                lost::declare(&mut tx, &head, 0, GapCause::FootageLost, now).await?;
                let sql = "UPDATE container SET deleted_ms = $2, sealed_ms = COALESCE(sealed_ms, $2) WHERE id = $1";
                tx.exec(sql, args![head.id, now]).await?;
                tx.commit().await?;
                gone += 1;
            }
        }
    }

    /// Gives up the old disk of this name and takes the new one in its place. Returns how many containers were lost.
    ///
    /// # Errors
    /// The new disk cannot be written, the database or the log.
    pub async fn replace_disk(&self, name: &str, now: UtcMs) -> Result<u64, MoveError> {
        let Some(index) = self.disks.index_of(name) else {
            return Err(DiskError::Config(format!("no disk is called `{name}`")).into());
        };
        let gone = self.give_up(name, now).await?;
        self.disks.replace(&self.db, self.site, index, now).await?;
        Ok(gone)
    }

    /// Stretches of a camera's footage that lie on disks that are away: from, to, the disk.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_away(
        &self,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<Vec<(UtcMs, UtcMs, String)>, DbError> {
        let sql = "SELECT start_ms, end_ms, path FROM container WHERE camera = $1 AND deleted_ms IS NULL \
                   AND end_ms > $2 AND start_ms < $3 ORDER BY start_ms";
        let mut out = Vec::new();
        for r in self.db.rows(sql, args![camera, from, to]).await? {
            let path = r.text(2)?;
            if !self.disks.is_here(&path) {
                let (start, end) = (UtcMs(r.int(0)?).max(from), UtcMs(r.int(1)?).min(to));
                out.push((start, end, Disks::name_of(&path).to_owned()));
            }
        }
        Ok(out)
    }
}

/// The part of a path that is the same on every disk.
fn strip(path: &str) -> &str {
    path.split_once(':').map_or(path, |(_, rest)| rest)
}

fn remove(path: &Path) {
    if std::fs::remove_file(path).is_ok() {
        // An empty day folder goes too; one that is not empty stays.
        let _ = path.parent().map(std::fs::remove_dir);
    }
}

/// Copies a file and makes the copy safe.
fn copy(from: &Path, to: &PathBuf) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, to)?;
    // What is read back must come from the disk, as far as the system lets us ask for that.
    let file = File::open(to)?;
    file.sync_all()?;
    let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    Ok(())
}
