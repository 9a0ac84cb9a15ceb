//! Backup and restore: what of a server can be had back after its machine is gone, in one sealed file.
//!
//! ```text
//! make:    snapshot of the rows ─▶ entries of the log ─▶ signal journal ─▶ keys, templates, configuration ─▶ manifest
//!          each member sealed on the way (seal), temporary name ─▶ read back whole ─▶ fsync ─▶ its name
//! restore: read whole ─▶ mark ─▶ staging folder, rows in one transaction ─▶ names ─▶ mark removed
//! ```
//!
//! Always true: a file under its own name was read back whole and its log gives the signed head that its rows speak of; without the
//! passphrase it says only whose it is and when it was made; a restore deletes nothing that was there. The order matters: the journal is
//! copied after the rows, so the rows never speak of signals that are not in it, and signals that came in between are taken in again.
//! Not in it: footage and the files of exports (terabytes, and each container proves itself), sessions (everybody signs in anew).
//! The form is `docs/design/backup.md`; it is the same from both databases and can be read back into either.

mod make;
mod pack;
mod restore;
mod rows;
mod seal;
mod templates;
#[cfg(test)]
mod tests;

pub use make::{Made, Source, make, row_counts};
pub use restore::{Place, Restored, Verified, restore, verify};
pub use seal::{Cost, PASSPHRASE_CHARS};

use crate::StoreError;
use crate::db::DbError;
use crate::ledger_log::{ActLine, LogEntry, LogError};
use base::{Sha256, SiteId, Text, UtcMs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Last part of the name of a backup.
pub const EXTENSION: &str = "jifang-backup";
/// File in the data folder while a restore is under way; a start refuses while it is there.
pub(crate) const UNFINISHED: &str = "restore-unfinished";
/// Setting that tells of the newest restore.
const RESTORED: &str = "restored";

/// Members of a backup that are not rows, keys or segments of the journal.
const MANIFEST: &str = "manifest.json";
const CONFIG: &str = "config.toml";
const ENTRIES: &str = "ledger/entries";
const CHECKPOINT: &str = "ledger/checkpoint";
const PUBLIC_KEY: &str = "ledger/key.pub";

/// Why a backup cannot be made, read or restored. Sentences are for a person at a terminal.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store.
    #[error(transparent)]
    Store(Box<StoreError>),
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A file.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A name that is taken.
    #[error("`{0}` is there already and is not overwritten; give another name")]
    Exists(String),
    /// A passphrase that is too short.
    #[error("the passphrase is shorter than {PASSPHRASE_CHARS} characters")]
    ShortPassphrase,
    /// Not a backup at all.
    #[error("`{0}` is no backup of jifang")]
    NotABackup(String),
    /// Written by a newer program.
    #[error("`{file}` has form {form}, this program reads up to {known}: use the newer program")]
    NewerForm {
        /// Which file.
        file: String,
        /// Its form.
        form: u32,
        /// The newest form known.
        known: u32,
    },
    /// Its database is newer than the program.
    #[error(
        "the backup holds schema version {backup}, this program knows {program}: restore it with the newer program"
    )]
    NewerSchema {
        /// Version of the backup.
        backup: usize,
        /// Version of the program.
        program: usize,
    },
    /// The passphrase does not open it.
    #[error("the passphrase is not the one of this backup (or the first line of the file was changed)")]
    Passphrase,
    /// It ends too early.
    #[error("the backup was cut short: it ends in `{0}`; take another one")]
    CutShort(String),
    /// It was changed or is damaged.
    #[error("the backup is damaged in `{member}`: {why}; take another one")]
    Damaged {
        /// Which member.
        member: String,
        /// What is wrong.
        why: String,
    },
    /// Something the manifest names is not there.
    #[error("`{0}` is missing from the backup; take another one")]
    Missing(String),
    /// Something is there that the manifest does not name.
    #[error("`{0}` is in the backup and not in its manifest; take another one")]
    Extra(String),
    /// Files of the running server do not fit together, so there is nothing whole to be saved.
    #[error("the log of this server does not fit together ({0}); nothing was written. Run `jifang check`")]
    SourceDamaged(String),
    /// The place is not empty.
    #[error("{0} holds a server already; `--replace` sets that aside (nothing is deleted) and restores in its place")]
    NotEmpty(String),
}

impl From<StoreError> for BackupError {
    fn from(e: StoreError) -> Self {
        Self::Store(Box::new(e))
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.display().to_string();
    move |source| BackupError::Io { path, source }
}

fn damaged(member: &str, why: impl std::fmt::Display) -> BackupError {
    BackupError::Damaged { member: member.to_owned(), why: why.to_string() }
}

/// The first line of a backup, readable by anybody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct About {
    /// Whose.
    pub site: SiteId,
    /// When it was begun.
    pub made_ms: UtcMs,
    /// Version of the program.
    pub program: String,
    /// Version of the schema.
    pub schema: usize,
    /// `SQLite` or `PostgreSQL`: where the rows came from.
    pub database: String,
}

/// Head of the log that the rows of a backup agree with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: Sha256,
}

/// One member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Member {
    /// Its name, with `/`.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// Digest.
    pub sha256: Sha256,
}

/// What a backup says of itself; its last member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// As the first line.
    pub about: About,
    /// Head of the log.
    pub head: Head,
    /// Everything else in it, in order.
    pub members: Vec<Member>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
}

/// Where a server stands that was restored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoredFrom {
    /// When the backup was made.
    pub made_ms: UtcMs,
    /// When it was restored.
    pub restored_ms: UtcMs,
    /// Entries of the log in it.
    pub size: u64,
    /// Their root.
    pub root: Sha256,
    /// When the log was told; `None` until the first start.
    pub told_ms: Option<UtcMs>,
}

/// Refuses while a restore was begun and not ended.
pub(crate) fn refuse_unfinished(data: &Path) -> Result<(), StoreError> {
    match std::fs::read_to_string(data.join(UNFINISHED)) {
        Ok(mark) => {
            let from = mark.lines().next().unwrap_or_default();
            Err(StoreError::RestoreUnfinished(from.trim().to_owned()))
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        // It is there and belongs to another user: a restore by root that was cut short.
        Err(_) => Err(StoreError::RestoreUnfinished("backup".into())),
    }
}

impl crate::Store {
    /// What this server was restored from last, if it ever was.
    ///
    /// # Errors
    /// The database.
    pub async fn restored_from(&self) -> Result<Option<RestoredFrom>, DbError> {
        Ok(self.setting(RESTORED).await?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Tells the log that this server was restored, once: `ledger.restored` with the head it went on from. True when it was told now.
    /// A crash before the commit: the next start tells it. After it: it is told.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn tell_restored(&self, now: UtcMs) -> Result<bool, LogError> {
        let Some(was) = self.setting(RESTORED).await? else { return Ok(false) };
        let Some(from) = serde_json::from_str::<RestoredFrom>(&was).ok().filter(|f| f.told_ms.is_none()) else {
            return Ok(false);
        };
        let text = Text::of(
            format!("本机由 {} 的备份恢复，日志自第 {} 条之后续写。", from.made_ms.desk(), from.size),
            format!(
                "This server was restored from the backup of {}; the log goes on after entry {}.",
                from.made_ms.desk(),
                from.size
            ),
        );
        let act = ActLine::done(None, text);
        let body = serde_json::json!({
            "backup_made_ms": from.made_ms, "restored_ms": from.restored_ms, "size": from.size, "root": from.root,
        });
        let told = RestoredFrom { told_ms: Some(now), ..from };
        let told = serde_json::to_string(&told).unwrap_or_default();
        let entry = LogEntry { kind: "ledger.restored", at: now, body, act: Some(act) };
        self.set_settings(&[(RESTORED, told)], Some(&was), entry).await
    }
}
