//! Versions of rows by the places of their entries.
//!
//! What flows through: places that a list or a search knows ─▶ one question for fifty of them ─▶ the versions, opened where the caller may read them.
//! Always true: a list costs a question for each fifty of its rows, never one for each row; the order is the caller's.

use super::place;
use super::registers::{RowVersion, select};
use crate::db::{DbError, IDS, Row, Value};
use crate::{Store, StoreError};
use std::collections::BTreeMap;

impl Store {
    /// Versions by the places of their entries; a place that is no version's is left out.
    pub(super) async fn rows_at(&self, entries: &[u64]) -> Result<BTreeMap<u64, Row>, DbError> {
        const SQL: &str = select!(
            "WHERE entry IN \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
             $45, $46, $47, $48, $49, $50)"
        );
        let mut found = BTreeMap::new();
        for some in entries.chunks(IDS) {
            let mut places: Vec<Value> = some.iter().map(|entry| Value::from(*entry)).collect();
            // No entry has this place.
            places.resize(IDS, Value::from(-1_i64));
            for row in self.db.rows(SQL, places).await? {
                found.insert(place(&row, 13)?, row);
            }
        }
        Ok(found)
    }

    /// The same versions with their sealed columns, for whoever may read them.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn rows_opened(&self, rows: Vec<RowVersion>) -> Result<Vec<RowVersion>, StoreError> {
        let entries: Vec<u64> = rows.iter().map(|row| row.entry).collect();
        let mut found = self.rows_at(&entries).await?;
        rows.into_iter()
            .map(|row| found.remove(&row.entry).map_or(Ok(row), |whole| self.whole_row_of(&whole)))
            .collect()
    }
}
