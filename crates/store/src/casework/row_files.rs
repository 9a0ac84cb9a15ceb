//! Files of rows of registers: drawings and data of the archive, sealed, as they came.
//!
//! ```text
//! NewRowFile (of a version of the row) ─▶ entry `register.file_kept` + row, one transaction ─▶ row_files · row_file_bytes (who opens is entered
//!   by the caller)
//! taken out ─▶ entry `register.file_removed`, the bytes are gone, the row with its digest stays
//! ```
//! Always true: what a file is is said by its first bytes (`papers::sniff`); bytes and name are sealed for their row; a file is kept of the newest
//! version of a row that somebody saw; the same bytes stand in a row once.
//! Crash table: before the commit of a file there is neither its row nor its entry, and whoever saw no answer sends it again; sent again after the
//! commit it is there already (`There`). Taken out: before the commit the bytes are there still and it is taken out again; after it they are gone. That
//! SQLite overwrites what goes is told to the connection and goes with the process: what a crash cut off was not removed either.

use super::papers::sniff;
use super::{entry, misuse, number, place};
use crate::db::{DbError, Row};
use crate::{Store, StoreError, args};
use base::{AccountId, Pii, Sha256, Text, UtcMs, limits};

/// Most files of one row, those that were taken out among them.
pub const FILES: u32 = 20;

/// A file to be kept.
#[derive(Clone)]
pub struct NewRowFile {
    /// Register.
    pub register: String,
    /// Row.
    pub row: String,
    /// The version of the row that was seen.
    pub version: u32,
    /// Word of its level.
    pub level: String,
    /// Its name, as the person's own computer called it.
    pub name: Pii<String>,
    /// As it came; at most `limits::UPLOAD_BYTES`.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for NewRowFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewRowFile({}, {} bytes)", self.register, self.bytes.len())
    }
}

/// A file as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowFile {
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// Bytes.
    pub bytes: u64,
    /// What its first bytes say.
    pub media_type: String,
    /// Its name.
    pub name: Pii<String>,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub by: AccountId,
    /// Place of its entry.
    pub entry: u64,
    /// When it was taken out; then its bytes are gone.
    pub removed: Option<UtcMs>,
}

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowFilePut {
    /// Kept; the place of its entry.
    Done(u64),
    /// The row has another version now (0: there is none).
    MovedOn,
    /// The row has this file, or had it.
    There,
    /// The row has as many as are kept.
    Full,
}

/// Name bound into the seal of bytes or name.
fn column(what: &str, register: &str, row: &str) -> String {
    format!("register_file.{what}:{register}:{row}")
}

impl Store {
    /// Keeps a file of a row.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is kept.
    pub async fn put_row_file(&self, new: &NewRowFile, by: AccountId, now: UtcMs) -> Result<RowFilePut, StoreError> {
        if new.bytes.is_empty() || new.bytes.len() > limits::UPLOAD_BYTES {
            return Err(misuse("a file of a row that is empty or too large").into());
        }
        let (sha256, media_type) = (Sha256::of(&new.bytes), sniff(&new.bytes));
        let sealed = self.sealer.seal(&column("bytes", &new.register, &new.row), &new.bytes)?;
        let name = self.sealer.seal(&column("name", &new.register, &new.row), new.name.expose().as_bytes())?;
        let key = || args![new.register.as_str(), new.row.as_str()];
        let mut tx = self.begin().await?;
        // Two that come at once take turns, and nobody writes a newer version meanwhile.
        tx.lock().await?;
        let sql = "SELECT COALESCE(MAX(version), 0) FROM register_row WHERE register = $1 AND row_id = $2";
        let newest = tx.rows(sql, key()).await?.first().map_or(Ok(0), |r| number(r, 0))?;
        if newest == 0 || newest != new.version {
            return Ok(RowFilePut::MovedOn);
        }
        let there = tx.rows("SELECT sha256 FROM register_file WHERE register = $1 AND row_id = $2", key()).await?;
        for r in &there {
            if r.text(0)? == sha256.hex() {
                return Ok(RowFilePut::There);
            }
        }
        if u32::try_from(there.len()).unwrap_or(u32::MAX) >= FILES {
            return Ok(RowFilePut::Full);
        }
        let bytes = u64::try_from(new.bytes.len()).unwrap_or(u64::MAX);
        let body = serde_json::json!({
            "register": new.register, "row": new.row, "version": new.version, "sha256": sha256, "bytes": bytes,
            "media_type": media_type, "level": new.level, "by": by,
        });
        let text = Text::new("登记簿的一条记录附上了文件。", "A file was added to a row of a register.");
        let at = tx.log(entry("register.file_kept", now, Some(by), &[], body, text)).await?;
        tx.exec(
            "INSERT INTO register_file (entry, register, row_id, sha256, bytes, media_type, name_sealed, sealed, account, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![at, new.register.as_str(), new.row.as_str(), sha256.hex(), bytes, media_type, name, Some(sealed), by, now],
        )
        .await?;
        tx.commit().await?;
        Ok(RowFilePut::Done(at))
    }

    /// Takes a file out: its bytes are gone; false where the row has no such file. SQLite overwrites their room in the database at once; a backup of
    /// before has them still, sealed, and so has the room of a PostgreSQL server until it is used again.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn remove_row_file(
        &self,
        (register, row, sha256): (&str, &str, Sha256),
        (by, reason): (AccountId, &str),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.overwrite_what_goes(true).await?;
        let sql = "UPDATE register_file SET sealed = NULL, removed_ms = $4 WHERE register = $1 AND row_id = $2 AND sha256 = $3 \
                   AND removed_ms IS NULL";
        if tx.exec(sql, args![register, row, sha256.hex(), now]).await? == 0 {
            return Ok(false);
        }
        let body =
            serde_json::json!({ "register": register, "row": row, "sha256": sha256, "reason": reason, "by": by });
        let text = Text::new("登记簿的一条记录所附的文件已清除。", "A file of a row of a register was taken out.");
        tx.log(entry("register.file_removed", now, Some(by), &[], body, text)).await?;
        tx.overwrite_what_goes(false).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Files of a row, in the order they came, at most [`FILES`].
    ///
    /// # Errors
    /// The database, or a name that does not open.
    pub async fn row_files(&self, register: &str, row: &str) -> Result<Vec<RowFile>, StoreError> {
        let sql = "SELECT sha256, bytes, media_type, name_sealed, at_ms, account, entry, removed_ms FROM register_file \
                   WHERE register = $1 AND row_id = $2 ORDER BY entry LIMIT $3";
        let file = |r: &Row| -> Result<RowFile, StoreError> {
            Ok(RowFile {
                sha256: r.read(0, Sha256::from_hex)?,
                bytes: place(r, 1)?,
                media_type: r.text(2)?,
                name: self.sealer.open_text(&column("name", register, row), &r.blob(3)?)?,
                at: UtcMs(r.int(4)?),
                by: r.read(5, AccountId::parse)?,
                entry: place(r, 6)?,
                removed: r.int_opt(7)?.map(UtcMs),
            })
        };
        self.db.rows(sql, args![register, row, FILES]).await?.iter().map(file).collect()
    }

    /// Whether a row has a file that was not taken out.
    ///
    /// # Errors
    /// The database.
    pub async fn has_row_file(&self, register: &str, row: &str) -> Result<bool, DbError> {
        let sql = "SELECT entry FROM register_file WHERE register = $1 AND row_id = $2 AND removed_ms IS NULL LIMIT 1";
        Ok(self.db.row(sql, args![register, row]).await?.is_some())
    }

    /// Bytes of a file of this row; `None` where it has no such file, or it was taken out.
    ///
    /// # Errors
    /// The database, or bytes that do not open.
    pub async fn row_file_bytes(
        &self,
        register: &str,
        row: &str,
        sha256: Sha256,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM register_file WHERE register = $1 AND row_id = $2 AND sha256 = $3 AND removed_ms IS NULL";
        let Some(found) = self.db.row(sql, args![register, row, sha256.hex()]).await? else { return Ok(None) };
        let sealed = found.blob_opt(0)?;
        Ok(sealed.map(|sealed| self.sealer.open(&column("bytes", register, row), &sealed)).transpose()?)
    }
}
