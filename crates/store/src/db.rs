//! One small door to both databases: SQLite (WAL, one writer) and PostgreSQL.
//!
//! Every statement in this crate is one text that both engines accept (`$1` placeholders, `BIGINT`, `TEXT`, upsert, `RETURNING`),
//! so there is one data layer and one contract suite. Only the types of large objects differ; `schema` swaps that word.
//! Invariants: SQL text is `&'static str` (never made from input); a `Tx` that is dropped is rolled back; SQLite commits with
//! `synchronous=FULL`, so what was committed survives a power cut.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection as _, PgPool, Postgres, Row as _, Sqlite, SqliteConnection, SqlitePool};
use std::path::Path;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

/// A fault of the database; the caller decides whether a person hears "unavailable" or "internal".
#[derive(Debug, thiserror::Error)]
#[error("database: {0}")]
pub struct DbError(#[from] pub sqlx::Error);

impl DbError {
    /// A value of column `i` that this program did not write so.
    pub(crate) fn unreadable(i: usize) -> Self {
        Self(sqlx::Error::ColumnDecode { index: i.to_string(), source: "unreadable value".into() })
    }

    /// True when the statement broke a uniqueness rule (somebody else was first).
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(&self.0, sqlx::Error::Database(e) if e.is_unique_violation())
    }

    /// True when the database will refuse the same statement again: a rule of the schema is broken. Trying again is no use.
    #[must_use]
    pub fn is_final(&self) -> bool {
        use sqlx::error::ErrorKind as Kind;
        let broken = |k| {
            matches!(
                k,
                Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation
            )
        };
        matches!(&self.0, sqlx::Error::Database(e) if broken(e.kind()))
    }

    /// True when the database is away, locked or full: the same question may be answered later.
    #[must_use]
    pub fn is_away(&self) -> bool {
        use sqlx::Error as E;
        match &self.0 {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Protocol(_) => true,
            // SQLITE_BUSY 5, LOCKED 6, IOERR 10, FULL 13, CANTOPEN 14 (extended codes in the upper bits);
            // SQLSTATE 08 connection, 53 resources, 55P03 lock, 57 shutdown and cancelled statements.
            E::Database(e) => e.code().is_some_and(|c| match c.parse::<u32>() {
                Ok(code) if c.len() < 5 => matches!(code & 0xff, 5 | 6 | 10 | 13 | 14),
                _ => ["08", "53", "55P03", "57"].iter().any(|class| c.starts_with(class)),
            }),
            _ => false,
        }
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
    base::BookmarkId => |v| Self::Text(Some(v.to_string())),
    base::SiteId => |v| Self::Text(Some(v.to_string())),
    base::UpperId => |v| Self::Text(Some(v.to_string())),
    base::ProposalId => |v| Self::Text(Some(v.to_string())),
    base::ContactId => |v| Self::Text(Some(v.to_string())),
    base::PlanId => |v| Self::Text(Some(v.to_string())),
    base::CaseId => |v| Self::Text(Some(v.to_string())),
    Option<base::CaseId> => |v| Self::Text(v.map(|id| id.to_string())),
    base::OfficeId => |v| Self::Text(Some(v.to_string())),
    Option<base::OfficeId> => |v| Self::Text(v.map(|id| id.to_string())),
    base::PartyId => |v| Self::Text(Some(v.to_string())),
    Option<base::PartyId> => |v| Self::Text(v.map(|id| id.to_string())),
    base::DocumentId => |v| Self::Text(Some(v.to_string())),
    base::OrderId => |v| Self::Text(Some(v.to_string())),
    base::CivilDate => |v| Self::Text(Some(v.to_string())),
    Option<base::CivilDate> => |v| Self::Text(v.map(|d| d.to_string())),
}

/// Values of a statement, in order: `args![camera, from, to]`.
#[macro_export]
macro_rules! args {
    ($($v:expr),* $(,)?) => { vec![$($crate::db::Value::from($v)),*] };
}

/// How many ids one question asks for at once: the places of its `IN`.
pub(crate) const IDS: usize = 50;

/// Ids in the [`IDS`] places of a question; those that are left are empty, and no id is.
pub(crate) fn ids_in<T: Copy>(ids: &[T]) -> Vec<Value>
where
    Value: From<T>,
{
    let mut out: Vec<Value> = ids.iter().take(IDS).map(|id| Value::from(*id)).collect();
    out.resize(IDS, Value::Text(Some(String::new())));
    out
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
    Postgres {
        /// Its connections.
        pool: PgPool,
        /// Longest wait for a connection or a lock.
        wait: Duration,
    },
}

/// A server that says nothing for this many waits is gone (a cable is cut): the statement is given up.
const ANSWER_WAITS: u32 = 3;

/// The answer of a server, or `PoolTimedOut` when it keeps silent.
async fn within<T>(wait: Duration, answer: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(wait * ANSWER_WAITS, answer).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
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
    /// Opens `sqlite:<path>` (made if absent) or `postgres://…`. `wait` is the longest wait for a free connection or a lock;
    /// then the caller gets `DbError` and tells the person that the database is busy.
    ///
    /// # Errors
    /// The path cannot be made or opened, or the server does not answer.
    pub async fn open(url: &str, wait: Duration) -> Result<Self, DbError> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let ms = |n: u32| format!("{}ms", (wait * n).as_millis());
            // A client that vanished inside a transaction must not keep the log's row locked.
            let options = PgConnectOptions::from_str(url)?.options([
                ("lock_timeout", ms(1)),
                ("statement_timeout", ms(ANSWER_WAITS)),
                ("idle_in_transaction_session_timeout", ms(ANSWER_WAITS)),
                // A plan that is made for any values takes "no filter" for a filter that leaves few rows, and sorts a whole list to show
                // its first page. Planned for the values at hand, a list goes along its index. Since PostgreSQL 12.
                ("plan_cache_mode", "force_custom_plan".to_owned()),
            ]);
            let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(wait).connect_with(options).await?;
            return Ok(Self::Postgres { pool, wait });
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(wait);
        let pool = |n| {
            // SQLite ends a transaction by itself when the disk is full or fails. The driver then goes on counting one that is
            // no more and lets that connection begin no other: such a connection is closed and a new one opened.
            let options = SqlitePoolOptions::new().max_connections(n).acquire_timeout(wait);
            let options = options.idle_timeout(None).max_lifetime(None);
            options.before_acquire(|connection: &mut SqliteConnection, _| {
                let usable = !connection.is_in_transaction();
                Box::pin(async move { Ok(usable) })
            })
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let read = pool(4).connect_with(options.read_only(true)).await?;
        Ok(Self::Sqlite { write, read })
    }

    /// `SQLite` or `PostgreSQL`, for pages and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    /// Rows of a question.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn rows(&self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, DbError> {
        Ok(match self {
            Self::Sqlite { read, .. } => bind!(sql, args).fetch_all(read).await?.into_iter().map(Row::Sqlite).collect(),
            Self::Postgres { pool, wait } => {
                let rows = within(*wait, bind!(sql, args).fetch_all(pool)).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// First row of a question, if any.
    ///
    /// # Errors
    /// As `rows`.
    pub async fn row(&self, sql: &'static str, args: Vec<Value>) -> Result<Option<Row>, DbError> {
        Ok(match self {
            Self::Sqlite { read, .. } => bind!(sql, args).fetch_optional(read).await?.map(Row::Sqlite),
            Self::Postgres { pool, wait } => {
                within(*wait, bind!(sql, args).fetch_optional(pool)).await?.map(Row::Postgres)
            }
        })
    }

    /// One statement of its own; returns how many rows it touched.
    ///
    /// # Errors
    /// As `rows`.
    pub async fn exec(&self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        Ok(match self {
            Self::Sqlite { write, .. } => bind!(sql, args).execute(write).await?.rows_affected(),
            Self::Postgres { pool, wait } => within(*wait, bind!(sql, args).execute(pool)).await?.rows_affected(),
        })
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    /// As `rows`.
    pub async fn begin(&self) -> Result<RawTx, DbError> {
        let engine = match self {
            Self::Sqlite { write, .. } => Engine::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres { pool, wait } => Engine::Postgres(within(*wait, pool.begin()).await?, *wait),
        };
        Ok(RawTx { engine, failed: false })
    }

    /// SQLite: what a statement removes or replaces is overwritten in the file, instead of lying in its free room until that is used
    /// again. PostgreSQL has no such thing: its free room is the server's.
    ///
    /// # Errors
    /// As `rows`.
    pub(crate) async fn overwrite_what_goes(&self, on: bool) -> Result<(), DbError> {
        let Self::Sqlite { .. } = self else { return Ok(()) };
        self.exec(overwriting(on), vec![]).await.map(|_| ())
    }

    /// SQLite: the file is written anew without its free room, and its log is cut to nothing, so that nothing is left of what was
    /// replaced. False when the file has more than `most_bytes` (it would take too long) and for PostgreSQL, whose files are the server's.
    ///
    /// # Errors
    /// As `rows`; the disk needs room for the file once more.
    pub(crate) async fn write_anew(&self, most_bytes: i64) -> Result<bool, DbError> {
        let Self::Sqlite { .. } = self else { return Ok(false) };
        let sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        let bytes = self.row(sql, vec![]).await?.map_or(Ok(0), |r| r.int(0))?;
        let small = bytes <= most_bytes;
        if small {
            self.exec("VACUUM", vec![]).await?;
        }
        self.exec("PRAGMA wal_checkpoint(TRUNCATE)", vec![]).await?;
        Ok(small)
    }

    /// Closes all connections (SQLite folds its log into the file).
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// A transaction without the ledger; `Tx` (in `ledger_log`) is what the rest of the crate uses.
///
/// A statement that failed ends it: whatever is asked after that is refused without reaching the database. SQLite rolls a
/// transaction back by itself when the disk is full or fails, and would carry out the next statement alone, for good.
pub struct RawTx {
    engine: Engine,
    failed: bool,
}

/// The transaction of one engine.
enum Engine {
    /// SQLite.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>, Duration),
}

/// The statement by which SQLite overwrites what is removed, or stops to.
fn overwriting(on: bool) -> &'static str {
    if on { "PRAGMA secure_delete = ON" } else { "PRAGMA secure_delete = OFF" }
}

impl RawTx {
    /// Marks the transaction as ended when its newest statement failed.
    fn seen<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, DbError> {
        self.failed |= done.is_err();
        Ok(done?)
    }

    /// The engine, while no statement has failed.
    fn engine(&mut self) -> Result<&mut Engine, DbError> {
        if self.failed {
            return Err(DbError(sqlx::Error::Protocol("the transaction was ended by a statement that failed".into())));
        }
        Ok(&mut self.engine)
    }

    /// One statement; returns how many rows it touched.
    ///
    /// # Errors
    /// The database refuses or is away, or a statement before this one failed.
    pub async fn exec(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        let done = match self.engine()? {
            Engine::Sqlite(tx) => bind!(sql, args).execute(&mut **tx).await.map(|done| done.rows_affected()),
            Engine::Postgres(tx, wait) => {
                within(*wait, bind!(sql, args).execute(&mut **tx)).await.map(|done| done.rows_affected())
            }
        };
        self.seen(done)
    }

    /// As [`Db::overwrite_what_goes`], of the statements of this transaction that follow: nobody else writes between, so nobody turns it off
    /// there. Left on by a transaction that was given up, the next ones write somewhat slower, until one turns it off.
    ///
    /// # Errors
    /// As `exec`.
    pub(crate) async fn overwrite_what_goes(&mut self, on: bool) -> Result<(), DbError> {
        let Engine::Sqlite(_) = self.engine()? else { return Ok(()) };
        self.exec(overwriting(on), vec![]).await.map(|_| ())
    }

    /// Rows of a question inside the transaction.
    ///
    /// # Errors
    /// As `exec`.
    pub async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let done = match self.engine()? {
            Engine::Sqlite(tx) => {
                bind!(sql, args).fetch_all(&mut **tx).await.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
            }
            Engine::Postgres(tx, wait) => {
                let rows = within(*wait, bind!(sql, args).fetch_all(&mut **tx)).await;
                rows.map(|rows| rows.into_iter().map(Row::Postgres).collect())
            }
        };
        self.seen(done)
    }

    /// Inserts many rows with few statements.
    ///
    /// # Errors
    /// As `exec`.
    pub async fn insert_all(&mut self, bulk: &'static Bulk, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        let mut rows = rows.into_iter();
        for (text, size) in bulk.texts().iter().zip(BULK_ROWS) {
            while rows.len() >= size {
                self.exec(text, rows.by_ref().take(size).flatten().collect()).await?;
            }
        }
        Ok(())
    }

    /// A schema statement made by this crate from its own constants.
    ///
    /// # Errors
    /// As `exec`.
    pub(crate) async fn schema(&mut self, sql: String) -> Result<(), DbError> {
        let done = match self.engine()? {
            Engine::Sqlite(tx) => sqlx::query(AssertSqlSafe(sql)).execute(&mut **tx).await.map(|_| ()),
            Engine::Postgres(tx, _) => sqlx::query(AssertSqlSafe(sql)).execute(&mut **tx).await.map(|_| ()),
        };
        self.seen(done)
    }

    /// A statement over a backup's rows, made by `backup::rows` of the names of this crate's tables and checked column names.
    ///
    /// # Errors
    /// As `exec`.
    pub(crate) async fn load(&mut self, sql: String, args: Vec<Value>) -> Result<(), DbError> {
        let done = match self.engine()? {
            Engine::Sqlite(tx) => bind!(sql, args).execute(&mut **tx).await.map(|_| ()),
            Engine::Postgres(tx, wait) => within(*wait, bind!(sql, args).execute(&mut **tx)).await.map(|_| ()),
        };
        self.seen(done)
    }

    /// Makes it so. A crash before this leaves nothing of the transaction, after it all of it.
    ///
    /// # Errors
    /// As `exec`; whether it was committed is then unknown to the caller, who asks again.
    pub async fn commit(mut self) -> Result<(), DbError> {
        self.engine()?;
        match self.engine {
            Engine::Sqlite(tx) => tx.commit().await?,
            Engine::Postgres(tx, wait) => within(wait, tx.commit()).await?,
        }
        Ok(())
    }
}

/// Rows of one statement of a `Bulk`, the largest first; the last is 1, so every count can be made of them.
const BULK_ROWS: [usize; 3] = [64, 8, 1];

/// An `INSERT` of any number of rows. Its texts are made once from constants.
pub struct Bulk {
    /// `INSERT INTO … VALUES`.
    head: &'static str,
    columns: usize,
    texts: OnceLock<[String; 3]>,
}

impl Bulk {
    /// `head` ends before the first group of placeholders; each row has `columns` values.
    #[must_use]
    pub const fn new(head: &'static str, columns: usize) -> Self {
        Self { head, columns, texts: OnceLock::new() }
    }

    fn texts(&'static self) -> &'static [String; 3] {
        self.texts.get_or_init(|| {
            BULK_ROWS.map(|rows| {
                let group = |row: usize| {
                    let marks: Vec<_> = (1..=self.columns).map(|c| format!("${}", row * self.columns + c)).collect();
                    format!("({})", marks.join(", "))
                };
                format!("{} {}", self.head, (0..rows).map(group).collect::<Vec<_>>().join(", "))
            })
        })
    }
}

/// `sqlite:` URL of a file; signs that mean something in a URL are written as their codes.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    let path = path.display().to_string().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite:{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bulk_statement_numbers_its_placeholders_through() {
        static TWO: Bulk = Bulk::new("INSERT INTO t (a, b) VALUES", 2);
        let texts = TWO.texts();
        assert_eq!(texts[2], "INSERT INTO t (a, b) VALUES ($1, $2)");
        assert!(texts[1].ends_with("($13, $14), ($15, $16)"));
        assert!(texts[0].ends_with("($127, $128)"));
    }

    #[tokio::test]
    async fn a_data_folder_may_have_any_name() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["50% off?.db", "a#b.db", "数据 1.db"] {
            let path = dir.path().join(name);
            let db = Db::open(&sqlite_url(&path), Duration::from_secs(1)).await.expect("opens");
            db.close().await;
            assert!(path.is_file(), "{name}");
        }
    }

    #[tokio::test]
    async fn a_transaction_that_a_full_disk_ended_does_not_block_the_next() {
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::open(&sqlite_url(&dir.path().join("f.db")), Duration::from_secs(1)).await.expect("opens");
        db.exec("CREATE TABLE f (a BLOB)", vec![]).await.expect("made");
        db.exec("INSERT INTO f (a) VALUES ($1)", crate::args![vec![7_u8; 10]]).await.expect("inserted");
        db.exec("PRAGMA max_page_count = 20", vec![]).await.expect("a small disk");
        let mut tx = db.begin().await.expect("begins");
        let mut full = None;
        while full.is_none() {
            full = tx.exec("INSERT INTO f (a) VALUES ($1)", crate::args![vec![7_u8; 4_000]]).await.err();
        }
        assert!(full.as_ref().is_some_and(DbError::is_away), "{full:?}");
        // What comes after it does not happen alone: the engine is in no transaction any more.
        let after = tx.exec("DELETE FROM f", vec![]).await.expect_err("the transaction is over");
        assert!(after.is_away() && tx.rows("SELECT 1", vec![]).await.is_err());
        assert!(tx.commit().await.is_err(), "nor can it be committed");
        // Connections forget the limit when they are opened anew, as a disk does that got room again.
        let mut tx = db.begin().await.expect("begins again");
        tx.exec("INSERT INTO f (a) VALUES ($1)", crate::args![vec![7_u8; 100_000]]).await.expect("there is room");
        tx.commit().await.expect("committed");
        let rows = db.rows("SELECT length(a) FROM f", vec![]).await.expect("rows");
        assert_eq!(
            rows.iter().map(|r| r.int(0).expect("a number")).collect::<Vec<_>>(),
            [10, 100_000],
            "nothing half done, nothing deleted"
        );
    }

    #[tokio::test]
    async fn insert_all_takes_every_count() {
        static NUMBERS: Bulk = Bulk::new("INSERT INTO n (a, b) VALUES", 2);
        let dir = tempfile::tempdir().expect("a folder");
        let db = Db::open(&sqlite_url(&dir.path().join("n.db")), Duration::from_secs(1)).await.expect("opens");
        db.exec("CREATE TABLE n (a BIGINT PRIMARY KEY, b TEXT)", vec![]).await.expect("made");
        for count in [0_i64, 1, 7, 8, 9, 63, 64, 65, 137] {
            let mut tx = db.begin().await.expect("begins");
            tx.exec("DELETE FROM n", vec![]).await.expect("empty");
            tx.insert_all(&NUMBERS, (0..count).map(|i| crate::args![i, format!("n{i}")]).collect())
                .await
                .expect("inserted");
            let rows = tx.rows("SELECT a, b FROM n ORDER BY a", vec![]).await.expect("rows");
            assert_eq!(rows.len() as i64, count);
            for (i, row) in (0..).zip(&rows) {
                assert_eq!((row.int(0).unwrap(), row.text(1).unwrap()), (i, format!("n{i}")));
            }
        }
    }
}
