//! Rows, media containers, ledger files and papers: one consistency problem, one crate.
//!
//! Only this crate writes SQL and only it touches the data folder:
//! `jifang.db` (or PostgreSQL) · `keys/` · `ledger/` (C2SP tiles) · `footage/<camera>/<day>/<container>.mp4` · `exports/` ·
//! `journal/` (signals of alarm sources, durable before they are acknowledged, also while the database is away).
//! A state change and its ledger entry are one transaction (`ledger_log::Tx`); footage is durable in its container before its
//! row and leaf exist. What a crash leaves at each step is written where the step is.

pub mod accounts;
pub mod alarm_sources;
mod append;
pub mod areas;
pub mod authority_orders;
pub mod backup;
pub mod bookmarks;
pub mod cameras;
pub mod casework;
pub mod check;
pub mod clocks;
pub mod contacts;
pub mod db;
pub mod disks;
pub mod duties;
pub mod emergencies;
pub mod exports;
pub mod footage;
pub mod holds;
pub mod inbox;
pub mod inbox_exhibits;
pub mod incidents;
pub mod journal;
mod keyed_hash;
pub mod keys;
pub mod law_packs;
pub mod ledger_log;
pub mod link;
pub mod logbook;
pub mod notices;
pub mod offers;
pub mod peers;
pub mod plans;
pub mod proposals;
pub mod readings;
mod refusal;
pub mod register;
pub mod relays;
pub mod requests;
pub mod schema;
pub mod self_reports;
pub mod sessions;
pub mod settings;
pub mod shifts;
pub mod showings;
pub mod site_orders;
pub mod two_step;
mod unsealed;
pub mod uppers;
pub mod views;
pub mod visits;
pub mod witness;

use append::Appender;
use base::{CameraId, SiteId, UtcMs};
use db::{Db, DbError};
use disks::{DiskConfig, DiskError, Disks};
use domain::recording::GapCause;
use footage::{Committer, FootageWriter, Tail, WriterEvent, recover::Recovered};
use journal::{Journal, JournalError, JournalOptions};
use keys::{KeyFileError, Sealer};
use ledger::SiteKey;
use ledger_log::{LedgerLog, LogError, Tx};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Longest wait of committed entries for their place in the tile files, ms.
const INTEGRATE_MS: u64 = 1_000;
/// Integrations between two settlings (fsync of tile files, pending rows forgotten).
const SETTLE_EVERY: u32 = 15;

/// Why the store cannot be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The ledger.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Keys and sealed values.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The signal journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The disks of the footage.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The data folder.
    #[error("data folder {path}: {source}")]
    Io {
        /// Which path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Another process uses the data folder.
    #[error("data folder {0} is in use by another jifang process")]
    InUse(String),
    /// The first account was to be made, and there is one already.
    #[error("there is an account already")]
    NotFirst,
    /// A restore was begun and not ended; the text says of which backup.
    #[error("the restore of the {0} was cut short, so this is no whole server yet: repeat `jifang restore`")]
    RestoreUnfinished(String),
    /// A new database beside an old log: it was lost, or the configuration names another one.
    #[error("data folder {0} holds a log, but the database is new; restore the database or name the right one")]
    LostDatabase(String),
}

/// Where a store keeps its things.
#[derive(Clone, Debug, Default)]
pub struct StoreConfig {
    /// Data folder.
    pub data: PathBuf,
    /// `postgres://…`, or none for SQLite in the data folder.
    pub database_url: Option<String>,
    /// Disks for footage beside the data folder; empty = the data folder alone.
    pub disks: Vec<DiskConfig>,
    /// Bytes kept free on a disk that says nothing else.
    pub reserve_bytes: u64,
}

impl From<&config::Config> for StoreConfig {
    fn from(c: &config::Config) -> Self {
        Self {
            data: c.data.clone(),
            database_url: c.database_url.clone(),
            disks: c.storage.disk.clone(),
            reserve_bytes: c.site.reserve_bytes,
        }
    }
}

/// How long the store waits and how much it keeps; smaller in tests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest wait for a database connection or lock; then `DbError`.
    pub db_wait: Duration,
    /// First and longest pause before footage rows that could not be committed are tried again.
    pub retry: (Duration, Duration),
    /// Most fragments waiting for the disk; more are refused and their gap is named.
    pub queue_fragments: usize,
    /// Most coded bytes waiting for the disk: about 20 s of 32 cameras of 4 Mbit/s.
    pub queue_bytes: u64,
    /// Most items between writer and committer: an hour of forty cameras while the database is away.
    pub pending_items: usize,
    /// Most single entries waiting for their transaction; more callers wait `db_wait` for a place.
    pub append_queue: usize,
    /// Of the signal journal.
    pub journal: JournalOptions,
    /// How footage is made safe on the disk; a test puts a disk that fails here.
    pub sync: footage::Sync,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            db_wait: Duration::from_secs(5),
            retry: (Duration::from_secs(1), Duration::from_secs(10)),
            queue_fragments: 1_024,
            queue_bytes: 320 * 1024 * 1024,
            pending_items: 20_000,
            append_queue: 4_096,
            journal: JournalOptions::default(),
            sync: std::fs::File::sync_data,
        }
    }
}

/// Everything durable of one site.
#[derive(Clone)]
pub struct Store {
    pub(crate) data: Arc<PathBuf>,
    config: Arc<StoreConfig>,
    pub(crate) db: Db,
    pub(crate) log: LedgerLog,
    pub(crate) sealer: Sealer,
    pub(crate) tail: Tail,
    pub(crate) disks: Disks,
    pub(crate) appender: Appender,
    journal: Journal,
    limits: Limits,
    site: SiteId,
    recovered: Arc<Recovered>,
    _lock: Arc<std::fs::File>,
}

impl Store {
    /// Opens (or makes) the store, migrates the schema, brings the ledger files up and recovers footage.
    ///
    /// # Errors
    /// `InUse`, a lost key, a database or disk that fails, or ledger files that contradict the database.
    pub async fn open(config: &StoreConfig, now: UtcMs) -> Result<Self, StoreError> {
        Self::open_with(config, Limits::default(), now).await
    }

    /// As `open`, with limits of the caller's.
    ///
    /// # Errors
    /// As `open`.
    pub async fn open_with(config: &StoreConfig, limits: Limits, now: UtcMs) -> Result<Self, StoreError> {
        let data = config.data.clone();
        let io = |path: &Path| {
            let path = path.display().to_string();
            move |source| StoreError::Io { path, source }
        };
        for folder in ["keys", "ledger", "footage", "exports"] {
            let path = data.join(folder);
            std::fs::create_dir_all(&path).map_err(io(&path))?;
        }
        let lock = lock_folder(&data)?;
        backup::refuse_unfinished(&data)?;
        let folder = data.join("journal");
        let journal = tokio::task::spawn_blocking(move || Journal::open(&folder, limits.journal));
        let journal = journal.await.unwrap_or(Err(JournalError::Closed))?;
        let url = config.database_url.clone().unwrap_or_else(|| db::sqlite_url(&data.join("jifang.db")));
        let db = Db::open(&url, limits.db_wait).await?;
        schema::migrate(&db).await?;
        requests::fill_lists(&db).await?;
        let site = settings::site_id(&db).await?;
        let fresh = site.is_none();
        // The site's id is stored before the first file of the log, so a log without it lost its database.
        if fresh && data.join("ledger").join(ledger::CHECKPOINT_PATH).exists() {
            return Err(StoreError::LostDatabase(data.display().to_string()));
        }
        let seed = keys::load_or_make(&data.join("keys/ledger.seed"), fresh)?;
        let sealer = Sealer::new(keys::load_or_make(&data.join("keys/secret.key"), fresh)?);
        let site = match site {
            Some(site) => site,
            None => settings::make_site_id(&db, SiteId::new(now.0, keys::random()?)).await?,
        };
        let key = SiteKey::from_seed(&format!("jifang/{site}"), seed)
            .map_err(|_| KeyFileError::Length("ledger.seed".into()))?;
        let log = LedgerLog::open(&db, data.join("ledger"), site, key).await?;
        // Files, keys and database are of one state: rows of an earlier release may be changed.
        unsealed::seal_open_text(&db, &sealer).await?;
        let tail = Tail::default();
        let disks = Disks::open(&db, &data, site, config.reserve_bytes, &config.disks, now).await?;
        let committer = Committer::new(db.clone(), log.clone(), tail.clone(), limits.retry, limits.sync);
        let recovered = footage::recover::recover(&db, &committer, &disks, None, now).await?;
        if recovered != Recovered::default() {
            tracing::info!(?recovered, "footage recovered after a stop");
        }
        while log.integrate(&db).await? > 0 {}
        let appender = Appender::start(db.clone(), log.clone(), limits.append_queue, limits.db_wait);
        let store = Self {
            data: Arc::new(data),
            config: Arc::new(config.clone()),
            db,
            log,
            sealer,
            tail,
            disks,
            appender,
            journal,
            limits,
            site,
            recovered: Arc::new(recovered),
            _lock: Arc::new(lock),
        };
        store.sweep_deleted().await?;
        store.sweep_exports().await?;
        Ok(store)
    }

    /// Id of the site, made at the first start.
    #[must_use]
    pub const fn site(&self) -> SiteId {
        self.site
    }

    /// `SQLite` or `PostgreSQL`.
    #[must_use]
    pub const fn database_name(&self) -> &'static str {
        self.db.name()
    }

    /// The log: proofs, head, key.
    #[must_use]
    pub const fn ledger(&self) -> &LedgerLog {
        &self.log
    }

    /// What alarm sources said; works also while the database is away.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What the start found after the stop before it.
    #[must_use]
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// The disks that hold footage.
    #[must_use]
    pub const fn disks(&self) -> &Disks {
        &self.disks
    }

    /// A disk is there again: what was being written on it when it went is read, sealed and committed. Nothing may be open on it
    /// (`Job::LeaveDisk` and a barrier go before).
    ///
    /// # Errors
    /// The database; damaged files are findings.
    pub async fn recover_disk(&self, index: usize, now: UtcMs) -> Result<Recovered, StoreError> {
        let committer =
            Committer::new(self.db.clone(), self.log.clone(), self.tail.clone(), self.limits.retry, self.limits.sync);
        Ok(footage::recover::recover(&self.db, &committer, &self.disks, Some(index), now).await?)
    }

    /// What it was opened with. Names a database and may hold its password: for opening it again, never for a page.
    #[must_use]
    pub fn config(&self) -> &StoreConfig {
        &self.config
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Begins a change that is logged.
    ///
    /// # Errors
    /// The database.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        self.log.begin(&self.db).await
    }

    /// True when the database answers.
    pub async fn is_alive(&self) -> bool {
        let question = self.db.row("SELECT next FROM ledger_head WHERE id = 1", vec![]);
        matches!(tokio::time::timeout(Duration::from_secs(3), question).await, Ok(Ok(Some(_))))
    }

    /// Brings committed entries into the tile files now, so that a proof can be had at once.
    ///
    /// # Errors
    /// The database or the disk.
    pub async fn flush_ledger(&self) -> Result<(), LogError> {
        while self.log.integrate(&self.db).await? > 0 {}
        Ok(())
    }

    /// Grows the ledger files from committed entries, for ever. Faults are logged and tried again: entries wait in the database.
    pub async fn run_ledger(self) {
        let mut rounds = 0;
        loop {
            tokio::time::sleep(Duration::from_millis(INTEGRATE_MS)).await;
            let mut done = self.flush_ledger().await;
            rounds += 1;
            if rounds >= SETTLE_EVERY && done.is_ok() {
                rounds = 0;
                done = self.log.settle(&self.db).await;
            }
            if let Err(error) = done {
                tracing::error!(%error, "ledger files are behind the database; trying again");
                metrics::counter!("jifang_ledger_errors_total").increment(1);
            }
        }
    }

    /// Starts the footage writer and its committer. The returned guard's `stop` waits until all is committed.
    ///
    /// # Errors
    /// The database, or no thread can be started.
    pub async fn start_footage(
        &self,
        now: impl Fn() -> UtcMs + Send + 'static,
    ) -> Result<(FootageWriter, FootageGuard, mpsc::UnboundedReceiver<WriterEvent>), StoreError> {
        let resume = self.resume_points().await?;
        let (events_tx, events) = mpsc::unbounded_channel();
        let (pending_tx, pending) = mpsc::channel(self.limits.pending_items);
        let start = footage::WriterStart {
            disks: self.disks.clone(),
            resume,
            tail: self.tail.clone(),
            pending: pending_tx,
            events: events_tx,
        };
        let (writer, thread) = FootageWriter::start(start, &self.limits)
            .map_err(|source| StoreError::Io { path: "writer thread".into(), source })?;
        let committer =
            Committer::new(self.db.clone(), self.log.clone(), self.tail.clone(), self.limits.retry, self.limits.sync);
        let task = tokio::spawn(committer.run(pending, now));
        Ok((writer, FootageGuard { thread, task }, events))
    }

    async fn resume_points(&self) -> Result<HashMap<CameraId, footage::Resume>, DbError> {
        let mut out: HashMap<CameraId, footage::Resume> = HashMap::new();
        let newest = "SELECT last_seq, end_ms FROM span WHERE camera = $1 ORDER BY first_seq DESC LIMIT 1";
        for r in self.db.rows("SELECT id FROM camera", vec![]).await? {
            let camera = r.read(0, CameraId::parse)?;
            let Some(r) = self.db.row(newest, args![camera]).await? else { continue };
            let next_seq = u64::try_from(r.int(0)?).unwrap_or(0) + 1;
            out.insert(camera, footage::Resume { next_seq, end: Some(UtcMs(r.int(1)?)), ..Default::default() });
        }
        // Footage that was deleted leaves no span; numbers must go on all the same, or a proof could name two fragments.
        for r in self.db.rows("SELECT camera, next_seq FROM camera_seq", vec![]).await? {
            let entry = out.entry(r.read(0, CameraId::parse)?).or_default();
            entry.next_seq = entry.next_seq.max(u64::try_from(r.int(1)?).unwrap_or(0));
        }
        // What was lost after the newest footage that is left has its own gap; what is missing since begins behind it.
        for r in self.db.rows("SELECT camera, MAX(to_ms) FROM loss GROUP BY camera", vec![]).await? {
            let entry = out.entry(r.read(0, CameraId::parse)?).or_default();
            entry.end = entry.end.max(r.int_opt(1)?.map(UtcMs));
        }
        let open = "SELECT camera, from_ms, cause FROM gap WHERE to_ms IS NULL ORDER BY from_ms";
        for r in self.db.rows(open, vec![]).await? {
            let gap = Some((UtcMs(r.int(1)?), r.read(2, GapCause::parse)?));
            out.entry(r.read(0, CameraId::parse)?).or_default().gap = gap;
        }
        Ok(out)
    }

    /// Closes the database after the last settling.
    pub async fn close(self) {
        self.journal.close().await;
        let _ = self.flush_ledger().await;
        let _ = self.log.settle(&self.db).await;
        self.db.close().await;
    }
}

/// Waits for writer and committer.
pub struct FootageGuard {
    thread: std::thread::JoinHandle<()>,
    task: tokio::task::JoinHandle<()>,
}

impl FootageGuard {
    /// Waits until the writer has ended (drop all its handles first) and everything is committed.
    pub async fn stop(self) {
        let thread = self.thread;
        let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        let _ = self.task.await;
    }
}

/// One process a data folder: two would write two logs with one key.
fn lock_folder(data: &Path) -> Result<std::fs::File, StoreError> {
    let path = data.join("lock");
    let io = |source| StoreError::Io { path: path.display().to_string(), source };
    let file = std::fs::File::options().create(true).write(true).truncate(false).open(&path).map_err(io)?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::InUse(data.display().to_string())),
        Err(e) => Err(io(e.into())),
    }
}
