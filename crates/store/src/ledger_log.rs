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
//! `open` refuses, and touches nothing, when the files, the key or the database are of another log or an older state.

use crate::args;
use crate::db::{Bulk, Db, DbError, RawTx, Row, Value};
use base::{AccountId, CameraId, ClauseId, RequestId, Sha256, SiteId, Text, UtcMs};
use ledger::{
    Appended, CHECKPOINT_PATH, Checkpoint, Entry, EntryBytes, FileSource, Log, LogFile, ProofFile, SiteKey, TilePath,
    TileSource, Tree, TreeError,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    /// The files of the settled size were changed, or are those of another log.
    #[error("the ledger files of the first {0} entries are not those that were written; restore them from a backup")]
    Changed(u64),
    /// The database is older than the files: going on would write a second history.
    #[error(
        "the ledger files hold {files} entries, the database knows {database}; restore the newer backup of the database"
    )]
    Behind {
        /// Entries of the signed checkpoint.
        files: u64,
        /// Entries the database knows.
        database: u64,
    },
    /// `keys/ledger.seed` is not the key that signed this log.
    #[error("keys/ledger.seed is not the key that signed this log ({0}); restore it from a backup")]
    OtherKey(String),
    /// A seal of a container whose fragments were never committed: its camera is unknown.
    #[error("container {0} has no row")]
    NoContainer(base::ContainerId),
    /// The transaction that this entry shared with others failed.
    #[error(transparent)]
    Shared(Arc<LogError>),
    /// More entries wait than the queue holds, for longer than anyone should wait.
    #[error("the log is busy")]
    Busy,
}

impl LogError {
    /// True when trying again later may help: the database or disk is away, locked or full.
    #[must_use]
    pub fn is_away(&self) -> bool {
        match self {
            Self::Db(e) => e.is_away(),
            Self::Io { .. } | Self::Busy => true,
            Self::Shared(e) => e.is_away(),
            _ => false,
        }
    }

    /// True when the same change will be refused again, whenever it is tried.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Db(e) => e.is_final(),
            Self::Entry(_) | Self::NoContainer(_) => true,
            Self::Shared(e) => e.is_final(),
            _ => false,
        }
    }
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

impl ActLine {
    /// What someone, or the program by itself, did; of no camera, under no request and no clause.
    #[must_use]
    pub const fn done(account: Option<AccountId>, text: Text) -> Self {
        Self { outcome: Outcome::Done, account, camera: None, request: None, clauses: Vec::new(), text }
    }
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

    /// Whether SQLite overwrites what the statements that follow remove; turned off again before `commit`.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub(crate) async fn overwrite_what_goes(&mut self, on: bool) -> Result<(), DbError> {
        self.raw.overwrite_what_goes(on).await
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
        let encode = |entry: LogEntry| Ok((encode(self.site, &entry)?, entry));
        let entries = entries.into_iter().map(encode).collect::<Result<Vec<_>, LogError>>()?;
        self.log_encoded(entries).await
    }

    /// As `log_all`, for entries whose bytes are made.
    pub(crate) async fn log_encoded(
        &mut self,
        entries: Vec<(EntryBytes, LogEntry)>,
    ) -> Result<std::ops::Range<u64>, LogError> {
        let n = entries.len() as u64;
        if n == 0 {
            return Ok(0..0);
        }
        let rows =
            self.raw.rows("UPDATE ledger_head SET next = next + $1 WHERE id = 1 RETURNING next", args![n]).await?;
        let next = rows.first().map_or(Ok(0), |r| r.int(0))?;
        let first = u64::try_from(next).unwrap_or(0).saturating_sub(n);
        let mut pending = Vec::with_capacity(entries.len());
        let (mut acts, mut footage) = (Vec::new(), Vec::new());
        for (idx, (bytes, entry)) in (first..).zip(entries) {
            pending.push(args![idx, bytes.as_bytes().to_vec()]);
            footage.extend(footage_rows(idx, &entry));
            acts.extend(entry.act.map(|act| act_row(idx, entry.at, entry.kind, act)));
        }
        self.raw.insert_all(&PENDING, pending).await?;
        self.raw.insert_all(&ACTS, acts).await?;
        self.raw.insert_all(&ACT_FOOTAGE, footage).await?;
        Ok(first..first + n)
    }

    /// Waits for every transaction that logged before this one. What is asked after it is true until this one ends, as far as
    /// others change it in a logged transaction: on PostgreSQL a question before it may be out of date at once.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn lock(&mut self) -> Result<(), DbError> {
        self.raw.exec("UPDATE ledger_head SET next = next WHERE id = 1", vec![]).await?;
        Ok(())
    }

    /// Inserts many rows with few statements.
    ///
    /// # Errors
    /// The database refuses or is away.
    pub async fn insert_all(&mut self, bulk: &'static Bulk, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        self.raw.insert_all(bulk, rows).await
    }

    /// Makes changes and entries durable together.
    ///
    /// # Errors
    /// The database; whether it was committed is then unknown, and the caller asks again.
    pub async fn commit(self) -> Result<(), DbError> {
        self.raw.commit().await
    }
}

static PENDING: Bulk = Bulk::new("INSERT INTO ledger_pending (idx, bytes) VALUES", 2);
static ACTS: Bulk =
    Bulk::new("INSERT INTO act (idx, at_ms, kind, outcome, account, camera, request, clauses, zh, en) VALUES", 10);

static ACT_FOOTAGE: Bulk = Bulk::new("INSERT INTO act_footage (camera, from_ms, to_ms, idx) VALUES", 4);

fn act_row(idx: u64, at: UtcMs, kind: &'static str, act: ActLine) -> Vec<Value> {
    let clauses: Vec<_> = act.clauses.iter().map(|c| c.0.as_str()).collect();
    args![
        idx,
        at,
        kind,
        act.outcome.code(),
        act.account,
        act.camera,
        act.request,
        clauses.join(" "),
        act.text.zh.into_owned(),
        act.text.en.into_owned()
    ]
}

/// Acts that the timeline of a camera shows as ticks.
const ON_TIMELINE: [&str; 5] =
    ["footage.viewed", "footage.viewed.official", "export.decided", "request.made", "hold.placed"];

/// The stretches of footage that an entry speaks of: `camera` or `cameras`, `from_utc_ms` and `to_utc_ms` of its body.
fn footage_rows(idx: u64, entry: &LogEntry) -> Vec<Vec<Value>> {
    let done = entry.act.as_ref().is_some_and(|a| a.outcome == Outcome::Done);
    if !done || !ON_TIMELINE.contains(&entry.kind) {
        return Vec::new();
    }
    let time = |name: &str| entry.body[name].as_i64();
    let Some((from, to)) = time("from_utc_ms").zip(time("to_utc_ms")) else { return Vec::new() };
    let many = entry.body["cameras"].as_array().into_iter().flatten();
    let mut cameras: Vec<_> =
        many.chain([&entry.body["camera"]]).filter_map(|c| CameraId::parse(c.as_str()?)).collect();
    cameras.sort_unstable();
    cameras.dedup();
    cameras.into_iter().map(|camera| args![camera, from, to, idx]).collect()
}

/// The bytes of an entry.
pub(crate) fn encode(site: SiteId, entry: &LogEntry) -> Result<EntryBytes, LogError> {
    Ok(Entry::new(entry.kind, entry.at, site, entry.body.clone()).encode()?)
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
        let known = known(db).await?;
        let vkey = key.vkey().to_string();
        if let Some(other) = known.vkey.as_ref().filter(|v| **v != vkey) {
            return Err(LogError::OtherKey(other.clone()));
        }
        let seen = std::fs::read(dir.join(CHECKPOINT_PATH)).ok().and_then(|n| Checkpoint::open(&n, key.vkey()).ok());
        if let Some(files) = seen.as_ref().map(|s| s.size).filter(|size| *size > known.next) {
            return Err(LogError::Behind { files, database: known.next });
        }
        let tree = settled_tree(&dir, &known)?;
        // The public half lies beside the log, so that `jifang ledger verify` needs nothing else.
        write_whole(&dir.join("key.pub"), format!("{vkey}\n").as_bytes())?;
        let head = sign(&tree, &key)?;
        let settled = edge_files(&dir, known.synced);
        let partials = settled.iter().filter_map(|p| Some((p.parent()?.with_extension(""), p.clone()))).collect();
        let grown = Grown { tree, synced: known.synced, unsynced: BTreeSet::new(), partials, settled };
        let log = Self {
            site,
            dir: Arc::new(dir),
            key: Arc::new(key),
            grown: Arc::new(tokio::sync::Mutex::new(grown)),
            head: Arc::new(Mutex::new(head)),
        };
        db.exec("UPDATE ledger_head SET vkey = $1 WHERE id = 1 AND vkey IS NULL", args![vkey]).await?;
        log.replay(db, &known, seen).await?;
        log.settle(db).await?;
        Ok(log)
    }

    /// Grows the tree to what the database knows, and compares it with the checkpoint that was there.
    async fn replay(&self, db: &Db, known: &Known, seen: Option<Checkpoint>) -> Result<(), LogError> {
        while self.integrate(db).await? > 0 {}
        let size = self.head().0.size;
        if size != known.next {
            return Err(LogError::Hole(size));
        }
        // A checkpoint that was signed promises its beginning for ever.
        let Some(seen) = seen.filter(|s| s.size > 0) else { return Ok(()) };
        match Log::new(&source(&self.dir), size).root(seen.size) {
            Ok(root) if root == seen.root => Ok(()),
            _ => Err(LogError::Changed(seen.size)),
        }
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
        // First the head, then the old files: a reader that misses a file finds a newer head and asks again.
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        grown.replace_partials(&written);
        grown.unsynced.extend(written);
        grown.tree = tree;
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
        let dir = self.dir.clone();
        let synced = tokio::task::spawn_blocking(move || sync_files(&dir, &files))
            .await
            .map_err(|e| LogError::Io { path: "ledger".into(), source: std::io::Error::other(e) })?;
        if let Err(e) = synced {
            grown.unsynced.extend(keep);
            return Err(e);
        }
        let mut tx = db.begin().await?;
        // A crash before the commit leaves files beyond what is known as settled: the next start writes them again, the same.
        let root = grown.tree.root().hex();
        tx.exec("UPDATE ledger_head SET synced = $1, root = $2 WHERE id = 1", args![size, root]).await?;
        tx.exec("DELETE FROM ledger_pending WHERE idx < $1", args![size]).await?;
        tx.commit().await?;
        grown.synced = size;
        let settled: BTreeSet<_> = grown.partials.values().cloned().collect();
        let old = std::mem::replace(&mut grown.settled, settled);
        old.difference(&grown.settled).for_each(|path| remove_partial(path));
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
        self.read(|log, _| log.entry(index))
    }

    /// Entry `index` with its proof against the newest checkpoint.
    ///
    /// # Errors
    /// As `entry`.
    pub fn prove(&self, index: u64) -> Result<(EntryBytes, ProofFile), LogError> {
        self.read(|log, note| Ok((log.entry(index)?, log.prove(index, note)?)))
    }

    /// Entry `index` with the signed head of exactly the first `size` entries and the hashes that lead from the one to the other. The root of
    /// these entries is the same for ever, whenever it is signed.
    ///
    /// # Errors
    /// The log is not that long yet, or files are damaged.
    pub fn prove_at(&self, index: u64, size: u64) -> Result<(EntryBytes, Vec<Sha256>, Vec<u8>), LogError> {
        let (entry, proof, root) =
            self.read(|log, _| Ok((log.entry(index)?, log.inclusion(index, size)?, log.root(size)?)))?;
        let head = Checkpoint { origin: self.key.vkey().name().to_owned(), size, root };
        Ok((entry, proof, head.sign(&self.key)?))
    }

    /// Reads at the newest head; again when that head was replaced, and its unfinished tiles with it, in the meantime.
    fn read<T>(&self, ask: impl Fn(&Log<'_>, &[u8]) -> Result<T, TreeError>) -> Result<T, LogError> {
        let from = source(&self.dir);
        loop {
            let (head, note) = self.head();
            match ask(&Log::new(&from, head.size), &note) {
                Err(TreeError::Missing(_)) if self.head().0.size != head.size => {}
                answer => return Ok(answer?),
            }
        }
    }

    /// The log as it stands now, for a long look while it goes on growing.
    ///
    /// # Errors
    /// A file of the right edge cannot be read.
    pub async fn frozen(&self) -> Result<Frozen, LogError> {
        // Integration waits for this lock, so the edge is that of the head.
        let grown = self.grown.lock().await;
        let (head, note) = self.head();
        let mut edge = HashMap::from([(CHECKPOINT_PATH.to_owned(), note.clone())]);
        for path in grown.partials.values() {
            let Ok(name) = path.strip_prefix(self.dir.as_path()) else { continue };
            edge.insert(name.display().to_string(), std::fs::read(path).map_err(io(path))?);
        }
        Ok(Frozen { dir: self.dir.clone(), head, note, edge })
    }

    /// Entries written by this site carry this id.
    #[must_use]
    pub const fn site(&self) -> SiteId {
        self.site
    }

    /// Where the files lie.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

/// A log seen at one size: finished tiles never change, the unfinished ones were kept.
pub struct Frozen {
    dir: Arc<PathBuf>,
    head: Checkpoint,
    note: Vec<u8>,
    edge: HashMap<String, Vec<u8>>,
}

impl Frozen {
    /// Entries in view.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.head.size
    }

    /// The head.
    #[must_use]
    pub const fn head(&self) -> &Checkpoint {
        &self.head
    }

    /// Its signed note.
    #[must_use]
    pub fn note(&self) -> &[u8] {
        &self.note
    }
}

impl TileSource for Frozen {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.edge.get(path).cloned().or_else(|| std::fs::read(self.dir.join(path)).ok())
    }
}

/// What the database knows of the log.
struct Known {
    next: u64,
    synced: u64,
    root: Option<String>,
    vkey: Option<String>,
}

async fn known(db: &Db) -> Result<Known, DbError> {
    let row = db.row("SELECT next, synced, root, vkey FROM ledger_head WHERE id = 1", vec![]).await?;
    let Some(r) = row else { return Ok(Known { next: 0, synced: 0, root: None, vkey: None }) };
    let number = |i| Ok::<_, DbError>(u64::try_from(r.int(i)?).unwrap_or(0));
    Ok(Known { next: number(0)?, synced: number(1)?, root: r.text_opt(2)?, vkey: r.text_opt(3)? })
}

/// The tree of the settled size from its files. They must be whole: the database no longer holds their entries.
fn settled_tree(dir: &Path, known: &Known) -> Result<Tree, LogError> {
    let from = source(dir);
    let tree = Tree::load(&from, known.synced)?;
    if known.root.as_ref().is_some_and(|root| *root != tree.root().hex()) {
        return Err(LogError::Changed(known.synced));
    }
    // The unfinished bundle is carried on from here, so its entries must be those of the hashes.
    if let Some(at) = TilePath::hashes_at(0, known.synced / ledger::TILE_WIDTH, known.synced) {
        let (_, entries) = Log::new(&from, known.synced).bundle_of(known.synced - 1)?;
        let hashes: Vec<u8> = entries.iter().flat_map(|e| e.leaf_hash().0).collect();
        if from.read(&at.path()).is_none_or(|tile| tile != hashes) {
            return Err(LogError::Changed(known.synced));
        }
    }
    Ok(tree)
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
                remove_partial(&old);
            }
        }
    }
}

/// Removes a partial tile, and its folder with the last one.
fn remove_partial(path: &Path) {
    let _ = std::fs::remove_file(path);
    let _ = path.parent().map(std::fs::remove_dir);
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

fn sync_files(dir: &Path, files: &BTreeSet<PathBuf>) -> Result<(), LogError> {
    let mut folders = BTreeSet::new();
    for path in files {
        match std::fs::File::open(path) {
            Ok(file) => file.sync_all().map_err(io(path))?,
            // A partial tile that a fuller one has replaced.
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(io(path)(e)),
        }
        // Folders are made on the way: each has its name in the one above it.
        folders.extend(path.ancestors().skip(1).take_while(|f| f.starts_with(dir)).map(Path::to_path_buf));
    }
    for folder in folders {
        match std::fs::File::open(&folder) {
            Ok(f) => f.sync_all().map_err(io(&folder))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(io(&folder)(e)),
        }
    }
    Ok(())
}

/// A digest for `body` fields: lower-case hex.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::of(bytes).hex()
}
