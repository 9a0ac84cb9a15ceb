//! Bulk import: parties, cases and rows of registers of an older system, in one transaction, all or none.
//!
//! What can be refused is found before anything is written for good: the first thing that does not go in is named by its place in the list,
//! and the transaction ends without a trace. The preview, and whatever words mean, is the caller's. A file that was imported is known by its
//! digest and is not imported again.

use super::events::{self, CaseChange, Saved};
use super::parties::{self, PartyData, PartyPut};
use super::registers::{self, Of, RegisterChange};
use super::{entry, misuse};
use crate::{Store, StoreError, args};
use base::{AccountId, OfficeId, PartyId, Sha256, Text, UtcMs};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Most things of one import.
pub const IMPORTED: usize = 5_000;
/// Rows of registers that are written between two words on how far it is.
const STEP: usize = 50;

/// What is imported.
#[derive(Clone, Debug, Default)]
pub struct Import<'a> {
    /// New parties with their ids.
    pub parties: &'a [(PartyId, PartyData)],
    /// New cases.
    pub cases: &'a [CaseChange<'a>],
    /// Rows of registers that no case of this server wrote.
    pub registers: &'a [RegisterChange],
    /// The public sees these rows without a publication.
    pub shown: bool,
}

/// What became of an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Imported {
    /// Everything is there.
    Done,
    /// Nothing was imported: this party cannot be, by its place in the list from 0.
    Party(usize, PartyPut),
    /// Nothing was imported: this case cannot be.
    Case(usize, Saved),
    /// Nothing was imported: this row of the file is there already, entered meanwhile perhaps.
    Row(usize),
    /// Nothing was imported: more than [`IMPORTED`].
    TooMany,
}

/// The file that an import comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportedFile {
    /// Its digest.
    pub sha256: Sha256,
    /// Word of what it was imported into: a register, or a kind of party.
    pub target: String,
    /// How many rows it has.
    pub rows: u32,
    /// The office that answers for it.
    pub office: OfficeId,
}

/// The entry of a file.
fn file_entry(file: &ImportedFile, by: AccountId, now: UtcMs) -> crate::ledger_log::LogEntry {
    let body = serde_json::json!({
        "target": file.target, "file_sha256": file.sha256, "row_count": file.rows, "office": file.office, "by": by,
    });
    let text = Text::of(
        format!("导入文件，{}行。", file.rows),
        format!("A file imported, {} {}.", file.rows, base::plural(file.rows, "row", "rows")),
    );
    entry("file.imported", now, Some(by), &[], body, text)
}

impl Store {
    /// Imports everything or nothing.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is imported.
    pub async fn import(&self, all: &Import<'_>, by: AccountId, now: UtcMs) -> Result<Imported, StoreError> {
        let done = self.import_of(all, None, (by, now), &AtomicUsize::new(0)).await?;
        // Only a file can be there already.
        Ok(done.unwrap_or(Imported::Done))
    }

    /// The same from a file, whose digest is entered with it; `done` counts what is written. `None`: this file was imported before, and
    /// nothing was done.
    ///
    /// # Errors
    /// As `import`.
    pub async fn import_file(
        &self,
        all: &Import<'_>,
        file: &ImportedFile,
        by: (AccountId, UtcMs),
        done: &AtomicUsize,
    ) -> Result<Option<Imported>, StoreError> {
        self.import_of(all, Some(file), by, done).await
    }

    /// When a file with this digest was imported, and by whom.
    ///
    /// # Errors
    /// The database.
    pub async fn imported_file(&self, sha256: Sha256) -> Result<Option<UtcMs>, crate::db::DbError> {
        let row = self.db.row("SELECT at_ms FROM imported_file WHERE sha256 = $1", args![sha256.hex()]).await?;
        row.map(|r| Ok(UtcMs(r.int(0)?))).transpose()
    }

    /// Whether a register has a row of this id.
    ///
    /// # Errors
    /// The database.
    pub async fn has_row(&self, register: &str, row: &str) -> Result<bool, crate::db::DbError> {
        let sql = "SELECT version FROM register_row WHERE register = $1 AND row_id = $2 LIMIT 1";
        Ok(self.db.row(sql, args![register, row]).await?.is_some())
    }

    async fn import_of(
        &self,
        all: &Import<'_>,
        file: Option<&ImportedFile>,
        (by, now): (AccountId, UtcMs),
        done: &AtomicUsize,
    ) -> Result<Option<Imported>, StoreError> {
        if all.parties.len() + all.cases.len() + all.registers.len() > IMPORTED {
            return Ok(Some(Imported::TooMany));
        }
        if all.cases.iter().any(|c| c.seen != 0) {
            return Err(misuse("an import of events of a case that is there").into());
        }
        let mut cases = Vec::with_capacity(all.cases.len());
        for case in all.cases {
            cases.push(events::seal(&self.sealer, case)?);
        }
        let mut rows = registers::seal(&self.sealer, all.registers)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if let Some(file) = file {
            let sql = "SELECT at_ms FROM imported_file WHERE sha256 = $1";
            if !tx.rows(sql, args![file.sha256.hex()]).await?.is_empty() {
                return Ok(None);
            }
        }
        for (i, (id, data)) in all.parties.iter().enumerate() {
            match parties::put_in(&mut tx, &self.sealer, (*id, 0), data, (Some(by), now)).await? {
                PartyPut::Done(_) => {}
                other => return Ok(Some(Imported::Party(i, other))),
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
        for (i, (case, sealed)) in all.cases.iter().zip(cases).enumerate() {
            match events::change_in(&mut tx, case, sealed, now).await? {
                Saved::Done(_) => {}
                other => return Ok(Some(Imported::Case(i, other))),
            }
            done.fetch_add(1, Ordering::Relaxed);
        }
        let versions = registers::versions_in(&mut tx, all.registers).await?;
        // What a file takes over is new: it writes over no row, whoever entered it a moment ago.
        if let Some(at) = versions.iter().position(|version| *version > 1).filter(|_| file.is_some()) {
            return Ok(Some(Imported::Row(at)));
        }
        let mut entries = registers::entries(all.registers, &versions, &rows, (None, Some(by)), now);
        entries.extend(file.map(|file| file_entry(file, by, now)));
        let (mut place, of) = (tx.log_all(entries).await?.start, Of { case: None, now, shown: all.shown });
        for (part, versions) in all.registers.chunks(STEP).zip(versions.chunks(STEP)) {
            let sealed: Vec<_> = rows.drain(..part.len()).collect();
            registers::put_in(&mut tx, (part, versions.to_vec()), sealed, place, of).await?;
            place += u64::try_from(part.len()).unwrap_or(0);
            done.fetch_add(part.len(), Ordering::Relaxed);
        }
        if let Some(file) = file {
            let sql = "INSERT INTO imported_file (sha256, target, row_count, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
            let values = args![file.sha256.hex(), file.target.as_str(), file.rows, by, now, place];
            tx.exec(sql, values).await?;
        }
        // A crash before this leaves nothing of the import.
        tx.commit().await?;
        Ok(Some(Imported::Done))
    }
}
