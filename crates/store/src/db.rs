//! One small door to both databases: SQLite (WAL, one writer) and PostgreSQL.
//!
//! Every statement in this crate is one text that both engines accept (`$1` placeholders, `BIGINT`, `TEXT`, upsert, `RETURNING`),
//! so there is one data layer and one contract suite. Only the types of large objects differ; `schema` swaps that word.
//! Invariants: SQL text is `&'static str` (never made from input); a `Tx` that is dropped is rolled back; SQLite commits with
//! `synchronous=FULL`, so what was committed survives a power cut.

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, PgPool, Postgres, Row as _, Sqlite, SqlitePool};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// Longest wait for a free connection or a lock, seconds. Then the caller gets `DbError` and tells the person that the database is busy.
const WAIT_S: u64 = 10;

/// A fault of the database; the caller decides whether a person hears "unavailable" or "internal".
#[derive(Debug, thiserror::Error)]
#[error("database: {0}")]
pub struct DbError(#[from] pub sqlx::Error);

impl DbError {
    /// True when the statement broke a uniqueness rule (somebody else was first).
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(&self.0, sqlx::Error::Database(e) if e.is_unique_violation())
    }
}

/// One value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `BIGINT`.
    Int(Option<i64>),
    /// `TEXT`.
    Text(Option<String>),
    /// Large object.
    Blob(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($from:ty => |$v:ident| $to:expr),+ $(,)?) => {$(
        impl From<$from> for Value { fn from($v: $from) -> Self { $to } }
    )+};
}

value_from! {
    i64 => |v| Self::Int(Some(v)),
    i32 => |v| Self::Int(Some(v.into())),
    u32 => |v| Self::Int(Some(v.into())),
    u8 => |v| Self::Int(Some(v.into())),
    bool => |v| Self::Int(Some(v.into())),
    u64 => |v| Self::Int(Some(i64::try_from(v).unwrap_or(i64::MAX))),
    Option<i64> => |v| Self::Int(v),
    base::UtcMs => |v| Self::Int(Some(v.0)),
    Option<base::UtcMs> => |v| Self::Int(v.map(|t| t.0)),
    &str => |v| Self::Text(Some(v.to_owned())),
    String => |v| Self::Text(Some(v)),
    Option<String> => |v| Self::Text(v),
    Vec<u8> => |v| Self::Blob(Some(v)),
    Option<Vec<u8>> => |v| Self::Blob(v),
    base::CameraId => |v| Self::Text(Some(v.to_string())),
    base::ContainerId => |v| Self::Text(Some(v.to_string())),
    base::AccountId => |v| Self::Text(Some(v.to_string())),
    Option<base::AccountId> => |v| Self::Text(v.map(|id| id.to_string())),
    Option<base::CameraId> => |v| Self::Text(v.map(|id| id.to_string())),
    base::RequestId => |v| Self::Text(Some(v.to_string())),
    Option<base::RequestId> => |v| Self::Text(v.map(|id| id.to_string())),
    base::HoldId => |v| Self::Text(Some(v.to_string())),
    base::ExportId => |v| Self::Text(Some(v.to_string())),
    base::SiteId => |v| Self::Text(Some(v.to_string())),
}

/// Values of a statement, in order: `args![camera, from, to]`.
#[macro_export]
macro_rules! args {
    ($($v:expr),* $(,)?) => { vec![$($crate::db::Value::from($v)),*] };
}

/// One row of an answer; columns by position, as the statement lists them.
pub enum Row {
    /// From SQLite.
    Sqlite(sqlx::sqlite::SqliteRow),
    /// From PostgreSQL.
    Postgres(sqlx::postgres::PgRow),
}

macro_rules! get {
    ($row:expr, $i:expr) => {
        match $row {
            Row::Sqlite(r) => Ok(r.try_get($i)?),
            Row::Postgres(r) => Ok(r.try_get($i)?),
        }
    };
}

impl Row {
    /// Whole number.
    ///
    /// # Errors
    /// Column missing, null or of another type: a fault of this crate's SQL.
    pub fn int(&self, i: usize) -> Result<i64, DbError> {
        get!(self, i)
    }

    /// Whole number or null.
    ///
    /// # Errors
    /// As `int`.
    pub fn int_opt(&self, i: usize) -> Result<Option<i64>, DbError> {
        get!(self, i)
    }

    /// Text.
    ///
    /// # Errors
    /// As `int`.
    pub fn text(&self, i: usize) -> Result<String, DbError> {
        get!(self, i)
    }

    /// Text or null.
    ///
    /// # Errors
    /// As `int`.
    pub fn text_opt(&self, i: usize) -> Result<Option<String>, DbError> {
        get!(self, i)
    }

    /// Large object.
    ///
    /// # Errors
    /// As `int`.
    pub fn blob(&self, i: usize) -> Result<Vec<u8>, DbError> {
        get!(self, i)
    }

    /// Large object or null.
    ///
    /// # Errors
    /// As `int`.
    pub fn blob_opt(&self, i: usize) -> Result<Option<Vec<u8>>, DbError> {
        get!(self, i)
    }

    /// Something written as text, read back (ids, codes).
    ///
    /// # Errors
    /// As `int`, or the text is not one: the database was changed from outside.
    pub fn read<T>(&self, i: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
        let text = self.text(i)?;
        parse(&text).ok_or_else(|| {
            DbError(sqlx::Error::ColumnDecode {
                index: i.to_string(),
                source: format!("unreadable value `{text}`").into(),
            })
        })
    }
}

/// The database of one server.
#[derive(Clone)]
pub enum Db {
    /// Embedded. All writes go through one connection; reads have their own.
    Sqlite {
        /// One connection.
        write: SqlitePool,
        /// Several connections, read only.
        read: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

macro_rules! bind {
    ($sql:expr, $args:expr) => {{
        let mut q = sqlx::query(AssertSqlSafe($sql));
        for arg in $args {
            q = match arg {
                Value::Int(v) => q.bind(v),
                Value::Text(v) => q.bind(v),
                Value::Blob(v) => q.bind(v),
            };
        }
        q
    }};
}

impl Db {
    /// Opens `sqlite:<path>` (made if absent) or `postgres://…`.
    ///
    /// # Errors
    /// The path cannot be made or opened, or the server does not answer.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        let wait = Duration::from_secs(WAIT_S);
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool =
                sqlx::postgres::PgPoolOptions::new().max_connections(8).acquire_timeout(wait).connect(url).await?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(wait);
        let pool =
            |n| SqlitePoolOptions::new().max_connections(n).acquire_timeout(wait).idle_timeout(None).max_lifetime(None);
        let write = pool(1).connect_with(options.clone()).await?;
        let read = pool(4).connect_with(options.read_only(true)).await?;
        Ok(Self::Sqlite { write, read })
    }

    /// `SQLite` or `PostgreSQL`, for pages and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Rows of a question.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn rows(&self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, DbError> {
        Ok(match self {
            Self::Sqlite { read, .. } => bind!(sql, args).fetch_all(read).await?.into_iter().map(Row::Sqlite).collect(),
            Self::Postgres(pool) => bind!(sql, args).fetch_all(pool).await?.into_iter().map(Row::Postgres).collect(),
        })
    }

    /// First row of a question, if any.
    ///
    /// # Errors
    /// As `rows`.
    pub async fn row(&self, sql: &'static str, args: Vec<Value>) -> Result<Option<Row>, DbError> {
        Ok(match self {
            Self::Sqlite { read, .. } => bind!(sql, args).fetch_optional(read).await?.map(Row::Sqlite),
            Self::Postgres(pool) => bind!(sql, args).fetch_optional(pool).await?.map(Row::Postgres),
        })
    }

    /// One statement of its own; returns how many rows it touched.
    ///
    /// # Errors
    /// As `rows`.
    pub async fn exec(&self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        Ok(match self {
            Self::Sqlite { write, .. } => bind!(sql, args).execute(write).await?.rows_affected(),
            Self::Postgres(pool) => bind!(sql, args).execute(pool).await?.rows_affected(),
        })
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// As `rows`.
    pub async fn begin(&self) -> Result<RawTx, DbError> {
        Ok(match self {
            Self::Sqlite { write, .. } => RawTx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => RawTx::Postgres(pool.begin().await?),
        })
    }

    /// Closes all connections (SQLite folds its log into the file).
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction without the ledger; `Tx` (in `ledger_log`) is what the rest of the crate uses.
pub enum RawTx {
    /// SQLite.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl RawTx {
    /// One statement; returns how many rows it touched.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn exec(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        Ok(match self {
            Self::Sqlite(tx) => bind!(sql, args).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => bind!(sql, args).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Rows of a question inside the transaction.
    ///
    /// # Errors
    /// As `exec`.
    pub async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, DbError> {
        Ok(match self {
            Self::Sqlite(tx) => bind!(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Sqlite).collect(),
            Self::Postgres(tx) => bind!(sql, args).fetch_all(&mut **tx).await?.into_iter().map(Row::Postgres).collect(),
        })
    }

    /// A schema statement made by this crate from its own constants.
    ///
    /// # Errors
    /// As `exec`.
    pub(crate) async fn schema(&mut self, sql: String) -> Result<(), DbError> {
        match self {
            Self::Sqlite(tx) => sqlx::query(AssertSqlSafe(sql)).execute(&mut **tx).await.map(|_| ())?,
            Self::Postgres(tx) => sqlx::query(AssertSqlSafe(sql)).execute(&mut **tx).await.map(|_| ())?,
        }
        Ok(())
    }

    /// Makes it so. A crash before this leaves nothing of the transaction, after it all of it.
    ///
    /// # Errors
    /// As `exec`; whether it was committed is then unknown to the caller, who asks again.
    pub async fn commit(self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// `sqlite:` URL of a file.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}
