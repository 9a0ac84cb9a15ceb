//! What an export asks of the store: its row together with the entry that decides it, proofs of many entries under one
//! checkpoint, and the containers that a range touches.

use crate::db::DbError;
use crate::footage::delete::Candidate;
use crate::footage::read::spans_between;
use crate::ledger_log::LogError;
use crate::requests::{ExportRow, NewRegister, export_of};
use crate::{Store, StoreError, args};
use base::{CameraId, ExportId, UtcMs};
use domain::evidence::KIND_EXPORT;
use ledger::{Checkpoint, EntryBytes, Log, ProofFile, TileSource, TreeError};
use std::cell::RefCell;
use std::collections::HashMap;

/// Bytes of log files kept while proving; more are read again.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// Most containers one question touches: a week of one camera.
const MAX_CONTAINERS: u32 = 5_000;

/// How much footage a range holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Volume {
    /// Ledger entries of footage.
    pub spans: u64,
    /// Bytes, in proportion to the time of containers that reach beyond the range.
    pub bytes: u64,
}

/// Entries with their proofs, all under one signed checkpoint.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The head.
    pub head: Checkpoint,
    /// Its signed note.
    pub note: Vec<u8>,
    /// Entry bytes and proofs, in the order asked for.
    pub entries: Vec<(EntryBytes, ProofFile)>,
}

/// Log files on disk, the last ones kept in memory: entries of one export lie near each other.
struct Cached<S> {
    files: S,
    kept: RefCell<(HashMap<String, Vec<u8>>, usize)>,
}

impl<S: TileSource> TileSource for Cached<S> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(bytes) = self.kept.borrow().0.get(path) {
            return Some(bytes.clone());
        }
        let bytes = self.files.read(path)?;
        let mut kept = self.kept.borrow_mut();
        if kept.1 + bytes.len() > CACHE_BYTES {
            *kept = (HashMap::new(), 0);
        }
        kept.1 += bytes.len();
        kept.0.insert(path.to_owned(), bytes.clone());
        Some(bytes)
    }
}

impl Store {
    /// Stores a new export (state `making`), its register line and the entry `export.decided` in one transaction.
    /// `line.body` holds `export` and `officers` as `domain::evidence::ExportBody` reads them.
    ///
    /// # Errors
    /// The database or the log: then there is no export.
    pub async fn decide_export(
        &self,
        id: ExportId,
        line: NewRegister,
        now: UtcMs,
    ) -> Result<(ExportRow, u64), StoreError> {
        let request = line.request;
        let path = format!("exports/{id}.zip");
        let mut tx = self.begin().await?;
        let leaf = self.register_in(&mut tx, KIND_EXPORT, line, now).await?;
        tx.exec(
            "INSERT INTO export (id, request, path, bytes, sha256, state, done, created_ms) \
             VALUES ($1, $2, $3, 0, '', 'making', 0, $4)",
            args![id, request, path.clone(), now],
        )
        .await?;
        tx.commit().await?;
        let state = "making".into();
        Ok((ExportRow { id, request, path, bytes: 0, sha256: String::new(), state, done: 0, created: now }, leaf))
    }

    /// One export.
    ///
    /// # Errors
    /// The database.
    pub async fn export(&self, id: ExportId) -> Result<Option<ExportRow>, DbError> {
        let sql = "SELECT id, request, path, bytes, sha256, state, done, created_ms FROM export WHERE id = $1";
        self.db.row(sql, args![id]).await?.map(|r| export_of(&r)).transpose()
    }

    /// Entries with their proofs, all under one checkpoint that holds them. Brings the log files up first.
    ///
    /// # Errors
    /// The database, or files that are missing or damaged.
    pub async fn prove_all(&self, indexes: Vec<u64>, cosigned: Option<Vec<u8>>) -> Result<Proven, LogError> {
        self.flush_ledger().await?;
        // Frozen: the log goes on growing, and replaces its unfinished tiles, while the proofs are made.
        let frozen = self.log.frozen().await?;
        let work = move || {
            let (head, note) = (frozen.head().clone(), frozen.note().to_vec());
            let files = Cached { files: frozen, kept: RefCell::default() };
            let log = Log::new(&files, head.size);
            let prove = |note: &[u8]| {
                let prove = |i: &u64| Ok((log.entry(*i)?, log.prove(*i, note)?));
                indexes.iter().map(prove).collect::<Result<Vec<_>, TreeError>>()
            };
            // A cosigned head that these files do not lead to (another history was witnessed) proves nothing: the own head does.
            let witnessed = cosigned.and_then(|note| {
                let head = Checkpoint::read_unverified(&note).ok()?;
                Some(Proven { entries: prove(&note).ok()?, head, note })
            });
            match witnessed {
                Some(proven) => Ok(proven),
                None => Ok(Proven { entries: prove(&note)?, head, note }),
            }
        };
        let io = |e| LogError::Io { path: "ledger".into(), source: std::io::Error::other(e) };
        tokio::task::spawn_blocking(work).await.map_err(io)?
    }

    /// About how much footage a camera has in [from, to).
    ///
    /// # Errors
    /// The database.
    pub async fn footage_volume(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Volume, DbError> {
        let sql = spans_between!("COUNT(*)", "");
        let row = self.db.row(sql, args![camera, from, to]).await?;
        let spans = row.map_or(Ok(0), |r| r.int(0))?;
        let containers = self.containers_between(camera, from, to, MAX_CONTAINERS).await?;
        let bytes = containers.iter().map(|c| c.bytes_within(from, to)).sum();
        Ok(Volume { spans: u64::try_from(spans).unwrap_or(0), bytes })
    }

    /// Containers of a camera that touch [from, to) and still exist, oldest first, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn containers_between(
        &self,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
        limit: u32,
    ) -> Result<Vec<Candidate>, DbError> {
        let sql = "SELECT id, camera, path, start_ms, end_ms, bytes, sealed_ms FROM container \
                   WHERE camera = $1 AND deleted_ms IS NULL AND end_ms > $2 AND start_ms < $3 ORDER BY start_ms LIMIT $4";
        let rows = self.db.rows(sql, args![camera, from, to, limit]).await?;
        rows.iter().map(Candidate::read).collect()
    }

    /// Stretches of a camera whose footage was deleted after its term, that touch [from, to).
    ///
    /// # Errors
    /// The database.
    pub async fn deleted_between(
        &self,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<Vec<(UtcMs, UtcMs)>, DbError> {
        let sql = "SELECT start_ms, end_ms FROM container WHERE camera = $1 AND deleted_ms IS NOT NULL \
                   AND end_ms > $2 AND start_ms < $3 ORDER BY start_ms LIMIT 5000";
        let rows = self.db.rows(sql, args![camera, from, to]).await?;
        rows.iter().map(|r| Ok((UtcMs(r.int(0)?), UtcMs(r.int(1)?)))).collect()
    }
}

impl Candidate {
    /// Its bytes in proportion to the time that lies in [from, to).
    fn bytes_within(&self, from: UtcMs, to: UtcMs) -> u64 {
        let whole = u128::try_from(self.to.since(self.from)).unwrap_or(0).max(1);
        let part = u128::try_from(self.to.min(to).since(self.from.max(from))).unwrap_or(0).min(whole);
        u64::try_from(u128::from(self.bytes) * part / whole).unwrap_or(u64::MAX)
    }
}
