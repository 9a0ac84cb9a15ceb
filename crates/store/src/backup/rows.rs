//! The rows of a database at one moment, in a form that both engines write and read.
//!
//! A member `rows/<table>`: number of columns (2 bytes), each as kind (`i`, `t`, `b`), length of its name (1 byte), name; then every row as
//! `1` and its values, each `0` (null) or `1` and 8 bytes for `i`, length (4 bytes) and bytes for `t` and `b`; then `0`. A table without
//! rows has no columns. Numbers are big endian.
//!
//! Statements are made of the names of tables in `schema` and of columns that were checked to be plain words: nothing else gets into them.

use super::pack::{PackReader, PackWriter};
use super::{BackupError, damaged};
use crate::args;
use crate::db::{DbError, RawTx, Row, Value};
use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, PgConnection, Row as _, SqliteConnection,
    TypeInfo as _,
};
use std::str::FromStr as _;
use std::time::Duration;

/// Longest value: an uploaded paper is 10 MiB.
const VALUE_BYTES: usize = 256 * 1024 * 1024;
/// Most columns of a table.
const COLUMNS: usize = 100;
/// Rows of one statement when they are read back. PostgreSQL takes 65,535 values in one.
const INSERT_ROWS: usize = 64;
/// Bytes of values that wait for one statement; a row of a paper is ten megabytes.
const INSERT_BYTES: usize = 4 * 1024 * 1024;
/// Longest wait for the writer of a database that is in use.
const BUSY: Duration = Duration::from_secs(30);

/// Tables whose rows are not taken along: everybody signs in anew after a restore, and entries have their own member.
const LEFT_OUT: [&str; 2] = ["session", "ledger_pending"];

/// Which tables are members.
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    crate::schema::tables().into_iter().filter(|t| !LEFT_OUT.contains(t))
}

/// Kind of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Int,
    Text,
    Blob,
}

impl Kind {
    fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "INTEGER" | "INT8" | "BIGINT" | "INT4" => Self::Int,
            "TEXT" => Self::Text,
            "BLOB" | "BYTEA" => Self::Blob,
            _ => return None,
        })
    }

    const fn code(self) -> u8 {
        match self {
            Self::Int => b'i',
            Self::Text => b't',
            Self::Blob => b'b',
        }
    }

    fn parse(code: u8) -> Option<Self> {
        [Self::Int, Self::Text, Self::Blob].into_iter().find(|k| k.code() == code)
    }
}

/// A connection that sees the database as it was at one moment, while others go on writing.
pub(super) enum Snapshot {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Snapshot {
    /// Opens it. The moment is that of the first question.
    pub(super) async fn open(url: &str) -> Result<Self, DbError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let mut db = PgConnectOptions::from_str(url)?.connect().await?;
            sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut db).await?;
            return Ok(Self::Postgres(db));
        }
        // Not opened read only: the last reader of a WAL file must be able to fold it in. It is told not to write anything.
        let options = SqliteConnectOptions::from_str(url)?.create_if_missing(false).busy_timeout(BUSY);
        let mut db = options.connect().await?;
        sqlx::query("PRAGMA query_only = 1").execute(&mut db).await?;
        sqlx::query("BEGIN").execute(&mut db).await?;
        Ok(Self::Sqlite(db))
    }

    /// Hands the rows of a question to `take`, one after the other. The text is of this crate's own words.
    pub(super) async fn each(
        &mut self,
        sql: String,
        mut take: impl FnMut(Row) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        match self {
            Self::Sqlite(db) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(db);
                while let Some(row) = rows.try_next().await.map_err(DbError)? {
                    take(Row::Sqlite(row))?;
                }
            }
            Self::Postgres(db) => {
                let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(db);
                while let Some(row) = rows.try_next().await.map_err(DbError)? {
                    take(Row::Postgres(row))?;
                }
            }
        }
        Ok(())
    }

    /// The only row of a question.
    pub(super) async fn one(&mut self, sql: String) -> Result<Option<Row>, BackupError> {
        let mut found = None;
        self.each(sql, |row| {
            found = Some(row);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Ends it.
    pub(super) async fn close(self) {
        // Nothing was written; an error here leaves nothing undone.
        let _ = match self {
            Self::Sqlite(db) => db.close().await,
            Self::Postgres(db) => db.close().await,
        };
    }

    /// Writes every table as a member.
    pub(super) async fn write_tables(&mut self, pack: &mut PackWriter) -> Result<(), BackupError> {
        for table in tables() {
            pack.begin(&format!("rows/{table}"))?;
            let mut columns: Option<Vec<Kind>> = None;
            let mut count = 0_u64;
            self.each(format!("SELECT * FROM {table}"), |row| {
                if columns.is_none() {
                    let (head, kinds) = head_of(table, &row)?;
                    pack.write(&head)?;
                    columns = Some(kinds);
                }
                count += 1;
                pack.write(&encode(&row, columns.as_deref().unwrap_or_default())?)
            })
            .await?;
            if columns.is_none() {
                pack.write(&0_u16.to_be_bytes())?;
            }
            pack.write(&[0])?;
            pack.end()?;
            pack.rows.insert(table.to_owned(), count);
        }
        Ok(())
    }
}

/// Names and types of the columns of a row.
fn columns_of(row: &Row) -> Vec<(String, String)> {
    match row {
        Row::Sqlite(r) => r.columns().iter().map(|c| (c.name().to_owned(), c.type_info().name().to_owned())).collect(),
        Row::Postgres(r) => {
            r.columns().iter().map(|c| (c.name().to_owned(), c.type_info().name().to_owned())).collect()
        }
    }
}

fn head_of(table: &str, row: &Row) -> Result<(Vec<u8>, Vec<Kind>), BackupError> {
    let columns = columns_of(row);
    let mut head = u16::try_from(columns.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
    let mut kinds = Vec::new();
    for (name, type_name) in columns {
        let kind = Kind::of(&type_name).ok_or_else(|| {
            BackupError::SourceDamaged(format!("column {table}.{name} has the unknown type {type_name}"))
        })?;
        head.push(kind.code());
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name.as_bytes());
        kinds.push(kind);
    }
    Ok((head, kinds))
}

fn encode(row: &Row, kinds: &[Kind]) -> Result<Vec<u8>, BackupError> {
    let mut out = vec![1];
    let long = |out: &mut Vec<u8>, value: Option<&[u8]>| match value {
        None => out.push(0),
        Some(bytes) => {
            out.push(1);
            out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(bytes);
        }
    };
    for (i, kind) in kinds.iter().enumerate() {
        match kind {
            Kind::Int => match row.int_opt(i)? {
                None => out.push(0),
                Some(n) => {
                    out.push(1);
                    out.extend_from_slice(&n.to_be_bytes());
                }
            },
            Kind::Text => long(&mut out, row.text_opt(i)?.as_deref().map(str::as_bytes)),
            Kind::Blob => long(&mut out, row.blob_opt(i)?.as_deref()),
        }
    }
    Ok(out)
}

/// Columns of a member, as its head says.
struct Columns {
    names: Vec<String>,
    kinds: Vec<Kind>,
}

fn read_head(pack: &mut PackReader) -> Result<Columns, BackupError> {
    let bad = |pack: &PackReader| damaged(pack.name(), "its columns cannot be read");
    let count = pack.exactly(2)?;
    let count = usize::from(u16::from_be_bytes([count[0], count[1]]));
    if count > COLUMNS {
        return Err(bad(pack));
    }
    let mut columns = Columns { names: Vec::new(), kinds: Vec::new() };
    for _ in 0..count {
        let head = pack.exactly(2)?;
        let name = pack.exactly(usize::from(head[1]))?;
        let name = String::from_utf8(name).ok().filter(|n| is_word(n));
        let (Some(kind), Some(name)) = (Kind::parse(head[0]), name) else { return Err(bad(pack)) };
        columns.kinds.push(kind);
        columns.names.push(name);
    }
    Ok(columns)
}

/// A name that means nothing in SQL but itself.
fn is_word(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn read_row(pack: &mut PackReader, kinds: &[Kind]) -> Result<Option<Vec<Value>>, BackupError> {
    match pack.exactly(1)?[0] {
        0 => return Ok(None),
        1 => {}
        _ => return Err(damaged(pack.name(), "a row cannot be read")),
    }
    let mut values = Vec::with_capacity(kinds.len());
    for kind in kinds {
        let there = match pack.exactly(1)?[0] {
            0 => false,
            1 => true,
            _ => return Err(damaged(pack.name(), "a value cannot be read")),
        };
        values.push(match kind {
            Kind::Int => Value::Int(if there { Some(int(pack)?) } else { None }),
            Kind::Text => {
                let bytes = if there { Some(long(pack)?) } else { None };
                let text = bytes.map(String::from_utf8).transpose();
                Value::Text(text.map_err(|_| damaged(pack.name(), "a text is no text"))?)
            }
            Kind::Blob => Value::Blob(if there { Some(long(pack)?) } else { None }),
        });
    }
    Ok(Some(values))
}

fn int(pack: &mut PackReader) -> Result<i64, BackupError> {
    let bytes = pack.exactly(8)?;
    Ok(i64::from_be_bytes(bytes.try_into().unwrap_or_default()))
}

fn long(pack: &mut PackReader) -> Result<Vec<u8>, BackupError> {
    let length = pack.exactly(4)?;
    let length = u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize;
    if length > VALUE_BYTES {
        return Err(damaged(pack.name(), "a value is too long"));
    }
    pack.exactly(length)
}

/// Reads a member of rows, hands each to `take`, and holds that nothing follows; returns how many there were.
pub(super) fn read_table(
    pack: &mut PackReader,
    mut take: impl FnMut(&[String], Vec<Value>) -> Result<(), BackupError>,
) -> Result<u64, BackupError> {
    let columns = read_head(pack)?;
    let mut count = 0;
    while let Some(values) = read_row(pack, &columns.kinds)? {
        count += 1;
        take(&columns.names, values)?;
    }
    if pack.more()? {
        return Err(damaged(pack.name(), "something follows its rows"));
    }
    Ok(count)
}

/// Reads a member of rows into a table.
pub(super) async fn load_table(pack: &mut PackReader, table: &'static str, tx: &mut RawTx) -> Result<u64, BackupError> {
    let columns = read_head(pack)?;
    let mut count = 0;
    let many = insert(table, &columns.names, INSERT_ROWS);
    let one = insert(table, &columns.names, 1);
    let mut waiting: Vec<Vec<Value>> = Vec::with_capacity(INSERT_ROWS);
    let mut bytes = 0;
    while let Some(values) = read_row(pack, &columns.kinds)? {
        count += 1;
        bytes += values.iter().map(weight).sum::<usize>();
        waiting.push(values);
        if waiting.len() == INSERT_ROWS {
            tx.load(many.clone(), waiting.drain(..).flatten().collect()).await?;
            bytes = 0;
        } else if bytes > INSERT_BYTES {
            for row in waiting.drain(..) {
                tx.load(one.clone(), row).await?;
            }
            bytes = 0;
        }
    }
    for row in waiting {
        tx.load(one.clone(), row).await?;
    }
    if pack.more()? {
        return Err(damaged(pack.name(), "something follows its rows"));
    }
    Ok(count)
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Int(_) => 8,
        Value::Text(text) => text.as_ref().map_or(0, String::len),
        Value::Blob(bytes) => bytes.as_ref().map_or(0, Vec::len),
    }
}

fn insert(table: &str, columns: &[String], rows: usize) -> String {
    let width = columns.len();
    let group = |row: usize| {
        let marks: Vec<_> = (1..=width).map(|c| format!("${}", row * width + c)).collect();
        format!("({})", marks.join(", "))
    };
    let groups: Vec<_> = (0..rows).map(group).collect();
    format!("INSERT INTO {table} ({}) VALUES {}", columns.join(", "), groups.join(", "))
}

/// The log's head as the settled state of a log whose files are all there.
pub(super) async fn settle_head(tx: &mut RawTx, size: u64, root: &str) -> Result<(), BackupError> {
    let sql = "UPDATE ledger_head SET synced = $1, root = $2 WHERE id = 1 AND next = $1";
    match tx.exec(sql, args![size, root]).await? {
        1 => Ok(()),
        _ => Err(damaged("rows/ledger_head", "it speaks of another head than the manifest")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_get_into_a_statement() {
        for good in ["a", "name_sealed", "x9"] {
            assert!(is_word(good), "{good}");
        }
        for bad in ["", "9x", "a b", "a;b", "a)", "A", "名", "a\"", &"a".repeat(64)] {
            assert!(!is_word(bad), "{bad}");
        }
        let columns = ["a".to_owned(), "b".to_owned()];
        assert_eq!(insert("t", &columns, 2), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)");
    }

    #[test]
    fn every_table_of_the_schema_is_taken_along_or_named_as_left_out() {
        let all = crate::schema::tables();
        assert!(all.len() > 40 && all.contains(&"setting") && all.contains(&"witness_head"), "{all:?}");
        assert_eq!(tables().count() + LEFT_OUT.len(), all.len());
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
        assert!(all.iter().all(|t| is_word(t)));
    }
}
