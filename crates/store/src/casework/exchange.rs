//! What other systems ask and send: rows of a register in the order in which they were written, and requests that count once.
//!
//! ```text
//! register, place in the log ─▶ rows in their newest version after it ─▶ the caller keeps the last place and goes on from there
//! account, key of a request  ─▶ its digest and the case that it began, or nothing yet; kept in the transaction that begins the case
//! ```
//! Always true: whoever asks from place to place misses no row and gets a row again after it changed; a key of an account leads to one request
//! for ever, and of the request only its digest is kept.

use super::registers::{RowVersion, select};
use super::row_keys::keyed;
use super::{Territory, within};
use crate::db::DbError;
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, Sha256, UtcMs};

/// Most rows of one answer.
pub const PAGE: u32 = 200;

/// A request that was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Digest of what was sent.
    pub request: Sha256,
    /// The case that it began.
    pub case: CaseId,
}

impl Store {
    /// Rows of a register in their newest version that stand after a place in the log, the oldest first, with sealed columns; of a territory.
    /// At most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn rows_after(
        &self,
        register: &str,
        after: Option<u64>,
        of: Territory,
        limit: u32,
    ) -> Result<Vec<RowVersion>, StoreError> {
        self.rows_after_in((register, ""), after, of, limit).await
    }

    /// The same, only rows that name this division or one in it (its first two or four digits, or all six; empty: all). Rows are keyed first
    /// (`key_rows`).
    ///
    /// # Errors
    /// As `rows_after`.
    pub async fn rows_after_in(
        &self,
        (register, division): (&str, &str),
        after: Option<u64>,
        of: Territory,
        limit: u32,
    ) -> Result<Vec<RowVersion>, StoreError> {
        let sql = concat!(
            select!("WHERE newest = 1 AND register = $1 AND entry > $2 AND "),
            within!("office", "$3", "$5"),
            keyed!("$1", "$6", "$7", "$7", "$8"),
            " ORDER BY entry LIMIT $4"
        );
        // The first entry of a log has the place 0.
        let after = after.map_or(-1, |n| i64::try_from(n).unwrap_or(i64::MAX));
        let (office, top) = of.texts();
        let values = args![register, after, office, limit.min(PAGE), top, division, "", 0_i64];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(|r| self.whole_row_of(r)).collect()
    }

    /// What became of an account's request with this key; `None`: it is new.
    ///
    /// # Errors
    /// The database.
    pub async fn exchanged(&self, account: AccountId, key: &str) -> Result<Option<Kept>, DbError> {
        let sql = "SELECT request_sha256, case_id FROM exchange_request WHERE account = $1 AND request_key = $2";
        let row = self.db.row(sql, args![account, key]).await?;
        row.map(|r| Ok(Kept { request: r.read(0, Sha256::from_hex)?, case: r.read(1, CaseId::parse)? })).transpose()
    }
}

/// Keeps which case an account's request began, in the transaction that begins it. A key that is there already is an error: nothing is done.
pub(super) async fn keep_in(
    tx: &mut Tx,
    (account, key): (AccountId, &str),
    kept: &Kept,
    now: UtcMs,
) -> Result<(), DbError> {
    let sql = "INSERT INTO exchange_request (account, request_key, request_sha256, case_id, at_ms) VALUES ($1, $2, $3, $4, $5)";
    tx.exec(sql, args![account, key, kept.request.hex(), kept.case, now]).await?;
    Ok(())
}
