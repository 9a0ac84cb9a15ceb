//! Free text that earlier releases kept open in rows: sealed at the start, before anything reads it.
//!
//! ```text
//! schema: a column for the sealed form beside the open one ─▶ here: read, seal, write, empty the open one ─▶ everything else
//! ```
//! A migration is SQL and has no key, so this is code. It is repeated at every start and finds nothing to do after the first: the indexes
//! `…_unsealed` hold only rows that wait. What is sealed is the text byte for byte, so digests of it (in entries, in what was sent) stay
//! true, and no entry is made: nothing has changed but how it lies there.
//!
//! Crash: each batch is a transaction; one that was cut short left its rows open, and they are found at the next start. Nobody has read
//! the table in between, for the store opens only when nothing is left.

use crate::args;
use crate::db::{Db, Row};
use crate::keys::Sealer;
use crate::{StoreError, incidents};

/// Rows of one transaction. An incident with every note at its longest is about 50 KB.
const BATCH: u32 = 200;

/// Largest SQLite file that is written anew at the start, bytes: some seconds.
const WRITE_ANEW_BYTES: i64 = 512 * 1024 * 1024;

/// A column that held open text.
struct Column {
    /// Table, for the log.
    table: &'static str,
    /// Name bound into the seal.
    bound: &'static str,
    /// Key as text, and the open text, of some rows that wait.
    find: &'static str,
    /// Puts the sealed form in place of the open one.
    put: &'static str,
}

const COLUMNS: [Column; 3] = [
    Column {
        table: "incident",
        bound: incidents::BODY,
        find: "SELECT id, body FROM incident WHERE body_sealed IS NULL ORDER BY id LIMIT $1",
        put: "UPDATE incident SET body_sealed = $2, body = '' WHERE id = $1 AND body_sealed IS NULL",
    },
    Column {
        table: "report_outbox",
        bound: incidents::REPORT,
        find: "SELECT id, body FROM report_outbox WHERE body_sealed IS NULL ORDER BY id LIMIT $1",
        put: "UPDATE report_outbox SET body_sealed = $2, body = '' WHERE id = $1 AND body_sealed IS NULL",
    },
    Column {
        table: "test_window",
        bound: incidents::REASON,
        find: "SELECT CAST(id AS TEXT), reason FROM test_window WHERE reason_sealed IS NULL ORDER BY id LIMIT $1",
        put: "UPDATE test_window SET reason_sealed = $2, reason = '' WHERE id = CAST($1 AS BIGINT) AND reason_sealed IS NULL",
    },
];

/// Seals what lies open; how many values.
///
/// # Errors
/// The database or the system's random source. What is sealed stays so; the next start goes on.
pub(crate) async fn seal_open_text(db: &Db, sealer: &Sealer) -> Result<u64, StoreError> {
    let mut sealed = 0;
    for column in &COLUMNS {
        loop {
            let waiting = db.rows(column.find, args![BATCH]).await?;
            if waiting.is_empty() {
                break;
            }
            if sealed == 0 {
                tracing::info!(table = column.table, "free text of an earlier release is being sealed");
                db.overwrite_what_goes(true).await?;
            }
            sealed += seal_batch(db, sealer, column, &waiting).await?;
        }
    }
    if sealed > 0 {
        db.overwrite_what_goes(false).await?;
        tracing::info!(values = sealed, "free text of an earlier release is sealed");
        // Pages that were rearranged keep copies of what stood in them. A crash before this, or a disk without room, leaves those; the
        // rows are sealed all the same.
        match db.write_anew(WRITE_ANEW_BYTES).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(database = db.name(), "its free room may hold old copies of that text: VACUUM it once")
            }
            Err(error) => {
                tracing::warn!(%error, "the database was not written anew; its free room may hold old copies of that text")
            }
        }
    }
    Ok(sealed)
}

/// One transaction.
async fn seal_batch(db: &Db, sealer: &Sealer, column: &Column, waiting: &[Row]) -> Result<u64, StoreError> {
    let mut tx = db.begin().await?;
    let mut done = 0;
    for row in waiting {
        let sealed = sealer.seal(column.bound, row.text(1)?.as_bytes())?;
        done += tx.exec(column.put, args![row.text(0)?, sealed]).await?;
    }
    // A crash before this leaves the batch as it lay; after it, sealed.
    tx.commit().await?;
    Ok(done)
}
