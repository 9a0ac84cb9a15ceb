//! The log between the database and its files.
//!
//! An entry gets its index and is committed in the same database transaction as the change it tells of (`Tx::log`), so neither
//! exists without the other. A loop then grows the tree from the committed entries: tiles first, checkpoint last
//! (`integrate`), and now and then makes the files safe and forgets the pending rows (`settle`).
//!
//! Crash table. Before the commit: nothing happened. After the commit, before the files: `open` grows the tree from the last
//! settled size again; the files come out byte for byte the same. Between tiles and checkpoint: the old checkpoint still
//! matches its tiles. After the checkpoint, before settling: pending rows are replayed over equal files. Recovery is the normal path.
//! Index order is commit order per database: `ledger_head` is one row, locked from the first `log` of a transaction to its end.

use crate::args;
use crate::db::{Db, DbError, RawTx, Row, Value};
use base::{AccountId, CameraId, ClauseId, RequestId, Sha256, SiteId, Text, UtcMs};
use ledger::{
    Appended, CHECKPOINT_PATH, Checkpoint, Entry, EntryBytes, FileSource, Log, LogFile, ProofFile, SiteKey, Tree,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Most entries integrated in one go; more wait for the next.
const BATCH: i64 = 8_192;

/// Why the log could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// An entry cannot be encoded (too long, malformed kind): a fault of the program.
    #[error("ledger entry: {0}")]
    Entry(#[from] ledger::EntryError),
    /// Files that do not fit together, or an index that is not there.
    #[error("ledger files: {0}")]
    Tree(#[from] ledger::TreeError),
    /// Signing.
    #[error("ledger checkpoint: {0}")]
    Checkpoint(#[from] ledger::CheckpointError),
    /// A file cannot be written or read.
    #[error("ledger file {path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Pending entries have a hole: the database was changed from outside.
    #[error("ledger entry {0} is missing from the database")]
    Hole(u64),
}

/// How an act ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// `done` or `refused`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// What pages show of an entry; no personal data.
#[derive(Clone, Debug)]
pub struct ActLine {
    /// Done or refused.
    pub outcome: Outcome,
    /// Who.
    pub account: Option<AccountId>,
    /// Which camera.
    pub camera: Option<CameraId>,
    /// Under which request.
    pub request: Option<RequestId>,
    /// The clauses that decided.
    pub clauses: Vec<ClauseId>,
    /// One sentence.
    pub text: Text,
}

/// An entry to be logged.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Dotted lower-case word, e.g. `grant.made`.
    pub kind: &'static str,
    /// When.
    pub at: UtcMs,
    /// Ids and digests.
    pub body: serde_json::Value,
    /// What the log page lists; `None` for the steady stream of footage spans.
    pub act: Option<ActLine>,
}

/// A transaction whose changes and log entries become durable together.
pub struct Tx {
    raw: RawTx,
    site: SiteId,
}

impl Tx {
    /// One statement; returns how many rows it touched.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn exec(&mut self, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
        self.raw.exec(sql, args).await
    }

    /// Rows of a question.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn rows(&mut self, sql: &'static str, args: Vec<Value>) -> Result<Vec<Row>, DbError> {
        self.raw.rows(sql, args).await
    }

    /// Gives the entry its place in the log; it is there when, and only when, this transaction commits.
    ///
    /// # Errors
    /// The database, or an entry that cannot be encoded.
    pub async fn log(&mut self, entry: LogEntry) -> Result<u64, LogError> {
        Ok(self.log_all(vec![entry]).await?.start)
    }

    /// As `log`, for several at once; they get consecutive places.
    ///
    /// # Errors
    /// As `log`.
    pub async fn log_all(&mut self, entries: Vec<LogEntry>) -> Result<std::ops::Range<u64>, LogError> {
        let n = entries.len() as u64;
        let rows =
            self.raw.rows("UPDATE ledger_head SET next = next + $1 WHERE id = 1 RETURNING next", args![n]).await?;
        let next = rows.first().map_or(Ok(0), |r| r.int(0))?;
        let first = u64::try_from(next).unwrap_or(0).saturating_sub(n);
        for (idx, entry) in (first..).zip(entries) {
            let bytes = Entry::new(entry.kind, entry.at, self.site, entry.body).encode()?;
            self.raw
                .exec("INSERT INTO ledger_pending (idx, bytes) VALUES ($1, $2)", args![idx, bytes.as_bytes().to_vec()])
                .await?;
            if let Some(act) = entry.act {
                let clauses: Vec<_> = act.clauses.iter().map(|c| c.0.as_str()).collect();
                self.raw
                    .exec(
                        "INSERT INTO act (idx, at_ms, kind, outcome, account, camera, request, clauses, zh, en) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                        args![
                            idx,
                            entry.at,
                            entry.kind,
                            act.outcome.code(),
                            act.account,
                            act.camera,
                            act.request,
                            clauses.join(" "),
                            act.text.zh.into_owned(),
                            act.text.en.into_owned()
                        ],
                    )
                    .await?;
            }
        }
        Ok(first..first + n)
    }

    /// Makes changes and entries durable together.
    ///
    /// # Errors
    /// The database; whether it was committed is then unknown, and the caller asks again.
    pub async fn commit(self) -> Result<(), DbError> {
        self.raw.commit().await
    }
}

struct Grown {
    tree: Tree,
    synced: u64,
    unsynced: BTreeSet<PathBuf>,
    /// Newest partial file of each unfinished tile, by the path of the full one.
    partials: BTreeMap<PathBuf, PathBuf>,
    /// Partial files of the settled size: the next start reads them, so they stay until the next settling.
    settled: BTreeSet<PathBuf>,
}

/// The log of one site.
#[derive(Clone)]
pub struct LedgerLog {
    site: SiteId,
    dir: Arc<PathBuf>,
    key: Arc<SiteKey>,
    grown: Arc<tokio::sync::Mutex<Grown>>,
    head: Arc<Mutex<(Checkpoint, Vec<u8>)>>,
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> LogError {
    let path = path.display().to_string();
    |source| LogError::Io { path, source }
}

impl LedgerLog {
    /// Opens the log in `dir` and brings the files up to what the database holds.
    ///
    /// # Errors
    /// Files missing or contradicting below the settled size (restore them from a backup), the database, or the disk.
    pub async fn open(db: &Db, dir: PathBuf, site: SiteId, key: SiteKey) -> Result<Self, LogError> {
        std::fs::create_dir_all(&dir).map_err(io(&dir))?;
        let row = db.row("SELECT synced FROM ledger_head WHERE id = 1", vec![]).await?;
        let synced = row.map_or(Ok(0), |r| r.int(0))?;
        let synced = u64::try_from(synced).unwrap_or(0);
        let tree = Tree::load(&source(&dir), synced)?;
        let head = sign(&tree, &key)?;
        let settled = edge_files(&dir, synced);
        let partials = settled.iter().filter_map(|p| Some((p.parent()?.with_extension(""), p.clone()))).collect();
        let grown = Grown { tree, synced, unsynced: BTreeSet::new(), partials, settled };
        let log = Self {
            site,
            dir: Arc::new(dir),
            key: Arc::new(key),
            grown: Arc::new(tokio::sync::Mutex::new(grown)),
            head: Arc::new(Mutex::new(head)),
        };
        while log.integrate(db).await? > 0 {}
        log.settle(db).await?;
        Ok(log)
    }

    /// Begins a transaction that can log.
    ///
    /// # Errors
    /// The database.
    pub async fn begin(&self, db: &Db) -> Result<Tx, DbError> {
        Ok(Tx { raw: db.begin().await?, site: self.site })
    }

    /// Grows the tree by the entries committed since; returns how many.
    ///
    /// # Errors
    /// The database, the disk, or a hole in the entries.
    pub async fn integrate(&self, db: &Db) -> Result<u64, LogError> {
        let mut grown = self.grown.lock().await;
        let from = grown.tree.size();
        let rows = db
            .rows("SELECT idx, bytes FROM ledger_pending WHERE idx >= $1 ORDER BY idx LIMIT $2", args![from, BATCH])
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let mut entries = Vec::with_capacity(rows.len());
        for (want, row) in (from..).zip(&rows) {
            if row.int(0)? != i64::try_from(want).unwrap_or(i64::MAX) {
                return Err(LogError::Hole(want));
            }
            entries.push(EntryBytes::new(row.blob(1)?)?);
        }
        let mut tree = grown.tree.clone();
        let Appended { files, .. } = tree.append(&entries)?;
        let head = sign(&tree, &self.key)?;
        let note = LogFile { path: CHECKPOINT_PATH.to_owned(), bytes: head.1.clone() };
        let dir = self.dir.clone();
        let written = tokio::task::spawn_blocking(move || write_files(&dir, files, note))
            .await
            .map_err(|e| LogError::Io { path: "ledger".into(), source: std::io::Error::other(e) })??;
        grown.replace_partials(&written);
        grown.unsynced.extend(written);
        grown.tree = tree;
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        Ok(entries.len() as u64)
    }

    /// Makes the files safe against a power cut, then forgets the pending rows they hold.
    ///
    /// # Errors
    /// The database or the disk; pending rows then stay, nothing is lost.
    pub async fn settle(&self, db: &Db) -> Result<(), LogError> {
        let mut grown = self.grown.lock().await;
        let size = grown.tree.size();
        if size == grown.synced {
            return Ok(());
        }
        let files = std::mem::take(&mut grown.unsynced);
        let keep = files.clone();
        let synced = tokio::task::spawn_blocking(move || sync_files(&files))
            .await
            .map_err(|e| LogError::Io { path: "ledger".into(), source: std::io::Error::other(e) })?;
        if let Err(e) = synced {
            grown.unsynced.extend(keep);
            return Err(e);
        }
        let mut tx = db.begin().await?;
        tx.exec("UPDATE ledger_head SET synced = $1 WHERE id = 1", args![size]).await?;
        tx.exec("DELETE FROM ledger_pending WHERE idx < $1", args![size]).await?;
        tx.commit().await?;
        grown.synced = size;
        let settled: BTreeSet<_> = grown.partials.values().cloned().collect();
        for path in std::mem::replace(&mut grown.settled, settled).difference(&grown.settled.clone()) {
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }

    /// The newest checkpoint and its signed note.
    #[must_use]
    pub fn head(&self) -> (Checkpoint, Vec<u8>) {
        self.head.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The key's public half in text form, and its short fingerprint.
    #[must_use]
    pub fn key(&self) -> &SiteKey {
        &self.key
    }

    /// The bytes of entry `index`.
    ///
    /// # Errors
    /// The index is not in the log yet, or files are damaged.
    pub fn entry(&self, index: u64) -> Result<EntryBytes, LogError> {
        let (head, _) = self.head();
        Ok(Log::new(&source(&self.dir), head.size).entry(index)?)
    }

    /// Entry `index` with its proof against the newest checkpoint.
    ///
    /// # Errors
    /// As `entry`.
    pub fn prove(&self, index: u64) -> Result<(EntryBytes, ProofFile), LogError> {
        let (head, note) = self.head();
        let from = source(&self.dir);
        let log = Log::new(&from, head.size);
        Ok((log.entry(index)?, log.prove(index, &note)?))
    }

    /// Where the files lie.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// Reads log files below `dir`.
pub fn source(dir: &Path) -> FileSource<impl Fn(&str) -> Option<Vec<u8>> + use<>> {
    let dir = dir.to_path_buf();
    FileSource(move |path: &str| std::fs::read(dir.join(path)).ok())
}

fn sign(tree: &Tree, key: &SiteKey) -> Result<(Checkpoint, Vec<u8>), LogError> {
    let head = Checkpoint { origin: key.vkey().name().to_owned(), size: tree.size(), root: tree.root() };
    let note = head.sign(key)?;
    Ok((head, note))
}

impl Grown {
    /// Forgets partial files that fuller ones replace, but never those of the settled size.
    fn replace_partials(&mut self, written: &[PathBuf]) {
        for path in written {
            let folder = path.parent().filter(|f| f.extension().is_some_and(|e| e == "p"));
            let full = folder.map_or_else(|| path.clone(), |f| f.with_extension(""));
            let old = match folder {
                Some(_) => self.partials.insert(full, path.clone()),
                None => self.partials.remove(&full),
            };
            if let Some(old) = old.filter(|o| o != path && !self.settled.contains(o)) {
                let _ = std::fs::remove_file(old);
            }
        }
    }
}

/// The partial files of the right edge of a log of `size` entries.
fn edge_files(dir: &Path, size: u64) -> BTreeSet<PathBuf> {
    let mut tiles: Vec<_> = (0..=6_u8)
        .map_while(|level| {
            let of_level = size >> (u32::from(level) * 8);
            (of_level > 0).then(|| ledger::TilePath::hashes_at(level, of_level / ledger::TILE_WIDTH, size))
        })
        .collect();
    tiles.push(ledger::TilePath::entries_at(size / ledger::TILE_WIDTH, size));
    tiles.into_iter().flatten().map(|at| dir.join(at.path())).collect()
}

/// Writes tiles, then the checkpoint.
fn write_files(dir: &Path, files: Vec<LogFile>, note: LogFile) -> Result<Vec<PathBuf>, LogError> {
    let mut written = Vec::new();
    for file in files.into_iter().chain([note]) {
        let path = dir.join(&file.path);
        write_whole(&path, &file.bytes)?;
        written.push(path);
    }
    Ok(written)
}

/// Replaces a file as a whole: a reader, or a crash, sees the old or the new one.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), LogError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(io(folder))?;
    let temp = path.with_extension("tmp");
    let mut file = std::fs::File::create(&temp).map_err(io(&temp))?;
    file.write_all(bytes).map_err(io(&temp))?;
    std::fs::rename(&temp, path).map_err(io(path))
}

fn sync_files(files: &BTreeSet<PathBuf>) -> Result<(), LogError> {
    let mut folders = BTreeSet::new();
    for path in files {
        match std::fs::File::open(path) {
            Ok(file) => file.sync_all().map_err(io(path))?,
            // A partial tile that a fuller one has replaced.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(io(path)(e)),
        }
        folders.extend(path.parent().map(Path::to_path_buf));
    }
    for folder in folders {
        std::fs::File::open(&folder).and_then(|f| f.sync_all()).map_err(io(&folder))?;
    }
    Ok(())
}

/// A digest for `body` fields: lower-case hex.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::of(bytes).hex()
}
