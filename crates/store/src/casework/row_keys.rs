//! By what rows of registers are narrowed: the division where something lies, and the kind of a row.
//!
//! ```text
//! columns that the packs mark ─▶ versions not looked at yet ─▶ register_key: word of a choice · first two, four and six digits of a division
//! RowFilter (division, kind) ─▶ keyed!: the places of the versions that have the key ─▶ lists, counts, copies
//! ```
//! Always true: rows are keyed by the work of each minute and day ([`Store::key_rows`]), and before the exchange narrows, which goes on after its last
//! row; no page and no copy writes: whoever narrows there asks first whether all are ([`Store::is_keyed`]) and says so where some are not; no column
//! about a person is marked, so no personal value is ever a key; what is not in the public part is no key for the public.
//! Crash table: before the commit of a page none of its versions is keyed, and they still say so (`keyed` 0): the next round keys them. Where keys of
//! other columns were forgotten and nothing was keyed since, lists say that they are not whole until it is done.

use super::registers::{PAGE, RowFilter, RowVersion, row_of, select};
use crate::db::DbError;
use crate::{Store, StoreError, args};

/// Longest word of a choice, bytes.
const WORD_BYTES: usize = 100;
/// How many digits of a division are keys.
const DIGITS: [usize; 3] = [2, 4, 6];

/// A column of a register by which its rows are narrowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyColumn {
    /// Id of the field.
    pub field: String,
    /// It names a division (GB/T 2260), six digits; else it is the word of a choice.
    pub is_division: bool,
}

/// Only versions with these keys: `$division` and `$field` are empty where all are asked for, `$open` is 1 for the public.
macro_rules! keyed {
    ($register:literal, $division:literal, $field:literal, $word:literal, $open:literal) => {
        concat!(
            " AND (",
            $division,
            " = '' OR entry IN (SELECT k.row_entry FROM register_key k WHERE k.register = ",
            $register,
            " AND k.value = ",
            $division,
            " AND k.is_open >= ",
            $open,
            ")) AND (",
            $field,
            " = '' OR entry IN (SELECT k.row_entry FROM register_key k WHERE k.register = ",
            $register,
            " AND k.value = ",
            $word,
            " AND k.field = ",
            $field,
            " AND k.is_open >= ",
            $open,
            "))"
        )
    };
}
pub(super) use keyed;

impl RowFilter {
    /// It asks for a division or a kind.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        !self.division.is_empty() || !self.kind.0.is_empty()
    }

    /// The procedures for the database: each between commas; empty: all.
    pub(super) fn procedures_text(&self) -> String {
        Self::listed(&self.procedures)
    }

    /// The same of what made the rows.
    pub(super) fn made_by_text(&self) -> String {
        Self::listed(&self.made_by)
    }

    fn listed(words: &[String]) -> String {
        if words.is_empty() { String::new() } else { format!(",{},", words.join(",")) }
    }

    /// How open a key has to be: 1 for the public.
    pub(super) fn least_open(&self) -> i64 {
        i64::from(self.shown || self.stood.is_some())
    }
}

/// The keys of a version: field, value, and whether it stands in the public part.
fn keys_of(row: &RowVersion, columns: &[KeyColumn]) -> Vec<(String, String, bool)> {
    let public: serde_json::Value = serde_json::from_str(&row.public).unwrap_or_default();
    let sealed = row.personal.as_ref().and_then(|p| serde_json::from_str::<serde_json::Value>(p.expose()).ok());
    let sealed = sealed.unwrap_or_default();
    let mut out = Vec::new();
    for column in columns {
        let field = column.field.as_str();
        let open = public["fields"][field].as_str();
        let Some(text) = open.or_else(|| sealed[field].as_str()) else { continue };
        if column.is_division {
            let is_code = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
            let parts = DIGITS.iter().filter(|_| is_code).filter_map(|digits| text.get(..*digits));
            out.extend(parts.map(|part| (field.to_owned(), part.to_owned(), open.is_some())));
        } else if !text.is_empty() && text.len() <= WORD_BYTES {
            out.push((field.to_owned(), text.to_owned(), open.is_some()));
        }
    }
    out
}

impl Store {
    /// Whether every version of a register was looked at: one look into an index.
    ///
    /// # Errors
    /// The database.
    pub async fn is_keyed(&self, register: &str) -> Result<bool, DbError> {
        let sql = "SELECT entry FROM register_row WHERE register = $1 AND keyed = 0 LIMIT 1";
        Ok(self.db.row(sql, args![register]).await?.is_none())
    }

    /// Gives versions of a register that were not looked at yet their keys, at most `limit`; how many there were. The caller asks until there is
    /// none. `mark`, not 0, says by which columns.
    ///
    /// # Errors
    /// The database; a page is keyed whole or not at all. A sealed part that does not open gives no keys.
    pub async fn key_rows(
        &self,
        register: &str,
        (columns, mark): (&[KeyColumn], u32),
        limit: u32,
    ) -> Result<usize, StoreError> {
        if self.is_keyed(register).await? {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        // Nobody else keys the same versions meanwhile.
        tx.lock().await?;
        let rows =
            tx.rows(select!("WHERE register = $1 AND keyed = 0 LIMIT $2"), args![register, limit.min(PAGE)]).await?;
        for r in &rows {
            let row = self.whole_row_of(r).or_else(|_| row_of(r).map_err(StoreError::from))?;
            tx.exec("DELETE FROM register_key WHERE row_entry = $1", args![row.entry]).await?;
            for (field, value, is_open) in keys_of(&row, columns) {
                let sql =
                    "INSERT INTO register_key (register, field, value, row_entry, is_open) VALUES ($1, $2, $3, $4, $5)";
                tx.exec(sql, args![register, field, value, row.entry, i64::from(is_open)]).await?;
            }
            tx.exec("UPDATE register_row SET keyed = $2 WHERE entry = $1", args![row.entry, mark.max(1)]).await?;
        }
        tx.commit().await?;
        Ok(rows.len())
    }

    /// Forgets keys that were made by other columns than those of `mark`: their versions are looked at anew.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_keys(&self, register: &str, mark: u32) -> Result<(), StoreError> {
        let sql = "SELECT entry FROM register_row WHERE register = $1 AND keyed <> 0 AND keyed <> $2 LIMIT 1";
        if self.db.row(sql, args![register, mark.max(1)]).await?.is_none() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE register_row SET keyed = 0 WHERE register = $1 AND keyed <> 0 AND keyed <> $2";
        tx.exec(sql, args![register, mark.max(1)]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a version has the keys that a filter asks for; for what words found.
    ///
    /// # Errors
    /// The database.
    pub async fn has_keys(&self, f: &RowFilter, entry: u64) -> Result<bool, DbError> {
        if !f.has_keys() {
            return Ok(true);
        }
        let sql = concat!(
            "SELECT entry FROM register_row WHERE register = $1 AND entry = $2",
            keyed!("$1", "$3", "$4", "$5", "$6")
        );
        let (field, word) = (f.kind.0.as_str(), f.kind.1.as_str());
        let values = args![f.register.as_str(), entry, f.division.as_str(), field, word, f.least_open()];
        Ok(self.db.row(sql, values).await?.is_some())
    }

    /// Rows that the public sees and that have the division and the kind of a filter, by their id after the one given, for a whole copy: the caller
    /// asks until nothing comes.
    ///
    /// # Errors
    /// The database.
    pub async fn register_copy_shown(
        &self,
        f: &RowFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        let sql = concat!(
            select!("WHERE newest = 1 AND shown_ms IS NOT NULL AND register = $1 AND row_id > $2"),
            keyed!("$1", "$4", "$5", "$6", "$7"),
            " ORDER BY row_id LIMIT $3"
        );
        let (field, word) = (f.kind.0.as_str(), f.kind.1.as_str());
        let after = after.unwrap_or_default();
        // Whoever reads this copy is the public, whatever else the filter says.
        let values = args![f.register.as_str(), after, limit.min(PAGE), f.division.as_str(), field, word, 1_i64];
        self.db.rows(sql, values).await?.iter().map(row_of).collect()
    }
}
