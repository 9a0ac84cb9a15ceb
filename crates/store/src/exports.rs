//! What an export asks of the store: its row together with the entry that decides it, its removal, proofs of many entries under
//! one checkpoint, and the containers that a range touches.
//!
//! ```text
//! making ─▶ done ─▶ removed (entry `export.removed`; the row stays, the file goes)
//!    └────▶ failed (no file)
//! ```
//!
//! Always true: of one scope of a request at most one export is being made or there (a unique key of the database); a file goes
//! only after the entry that says so is committed.

use crate::db::{DbError, Row};
use crate::footage::delete::Candidate;
use crate::footage::read::spans_between;
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::register::NewRegister;
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, ExportId, RequestId, Sha256, Text, UtcMs};
use domain::evidence::KIND_EXPORT;
use domain::viewing::{HOUR_MS, Hours, Scope, State, Weight};
use ledger::{Checkpoint, EntryBytes, Log, ProofFile, TileSource, TreeError};
use std::cell::RefCell;
use std::collections::HashMap;

/// Bytes of log files kept while proving; more are read again.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// Most containers one question touches: a week of one camera.
const MAX_CONTAINERS: u32 = 5_000;

/// An export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// Under which request.
    pub request: RequestId,
    /// File below the data folder.
    pub path: String,
    /// Bytes when done.
    pub bytes: u64,
    /// SHA-256 of the file when done.
    pub sha256: String,
    /// SM3 of the file when done; empty for exports from before it was kept.
    pub sm3: String,
    /// What the verification at the making said, as JSON; empty before.
    pub report: String,
    /// `making`, `done`, `failed` or `removed`.
    pub state: String,
    /// Per mille done.
    pub done: u32,
    /// What it covers; `None` for exports from before it was kept.
    pub scope: Option<Scope>,
    /// When it was begun.
    pub created: UtcMs,
    /// When its file was removed.
    pub removed: Option<UtcMs>,
    /// Why, in the words of whoever removed it; empty where it went by itself.
    pub removed_why: String,
}

/// What became of the wish for an export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Begun {
    /// It is new, and this is the place of its entry in the log.
    New(ExportRow, u64),
    /// There is one of this scope already, in the making or done.
    There(ExportRow),
}

/// Why the file of an export goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removal {
    /// Who removes it; `None` when it goes by itself.
    pub by: Option<AccountId>,
    /// Why, in the words of whoever removes it; empty when it goes by itself.
    pub reason: String,
    /// Clauses that bear on it.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log.
    pub text: Text,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.request, e.path, e.bytes, e.sha256, e.sm3, e.report, e.state, e.done, e.scope, e.created_ms, \
             e.removed_ms, e.removed_why FROM export e ",
            $rest
        )
    };
}

fn export_of(r: &Row) -> Result<ExportRow, DbError> {
    Ok(ExportRow {
        id: r.read(0, ExportId::parse)?,
        request: r.read(1, RequestId::parse)?,
        path: r.text(2)?,
        bytes: u64::try_from(r.int(3)?).unwrap_or(0),
        sha256: r.text(4)?,
        sm3: r.text(5)?,
        report: r.text(6)?,
        state: r.text(7)?,
        done: u32::try_from(r.int(8)?).unwrap_or(0),
        scope: r.text_opt(9)?.and_then(|t| serde_json::from_str(&t).ok()),
        created: UtcMs(r.int(10)?),
        removed: r.int_opt(11)?.map(UtcMs),
        removed_why: r.text(12)?,
    })
}

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
    /// Stores a new export (state `making`), its register line and the entry `export.decided` in one transaction, unless one of
    /// this scope is in the making or done: then that one, and nothing is stored. `line.body` holds `export` and `officers` as
    /// `domain::evidence::ExportBody` reads them.
    ///
    /// # Errors
    /// The database or the log: then there is no export.
    pub async fn decide_export(
        &self,
        id: ExportId,
        scope: &Scope,
        line: NewRegister,
        now: UtcMs,
    ) -> Result<Begun, StoreError> {
        let request = line.request;
        let path = format!("exports/{id}.zip");
        let digest = scope.digest().hex();
        let mut tx = self.begin().await?;
        // Two tabs take turns at the log's row: the second sees what the first has begun.
        tx.lock().await?;
        let there = select!("WHERE e.request = $1 AND e.scope_sha256 = $2 AND e.state IN ('making', 'done')");
        if let Some(row) = tx.rows(there, args![request, digest.clone()]).await?.first() {
            return Ok(Begun::There(export_of(row)?));
        }
        let leaf = self.register_in(&mut tx, KIND_EXPORT, line, now).await?;
        let json = serde_json::to_string(scope).unwrap_or_default();
        tx.exec(
            "INSERT INTO export (id, request, path, bytes, sha256, state, done, created_ms, scope, scope_sha256) \
             VALUES ($1, $2, $3, 0, '', 'making', 0, $4, $5, $6)",
            args![id, request, path.clone(), now, json, digest],
        )
        .await?;
        tx.commit().await?;
        let row = ExportRow {
            id,
            request,
            path,
            bytes: 0,
            sha256: String::new(),
            sm3: String::new(),
            report: String::new(),
            state: "making".into(),
            done: 0,
            scope: Some(scope.clone()),
            created: now,
            removed: None,
            removed_why: String::new(),
        };
        Ok(Begun::New(row, leaf))
    }

    /// One export.
    ///
    /// # Errors
    /// The database.
    pub async fn export(&self, id: ExportId) -> Result<Option<ExportRow>, DbError> {
        self.db.row(select!("WHERE e.id = $1"), args![id]).await?.map(|r| export_of(&r)).transpose()
    }

    /// Exports of a request, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn exports_of(&self, request: RequestId) -> Result<Vec<ExportRow>, DbError> {
        let sql = select!("WHERE e.request = $1 ORDER BY e.created_ms DESC, e.id DESC LIMIT 2000");
        self.db.rows(sql, args![request]).await?.iter().map(export_of).collect()
    }

    /// Says how far an export is, or how it ended.
    ///
    /// # Errors
    /// The database.
    pub async fn set_export(&self, e: &ExportRow) -> Result<(), DbError> {
        self.db
            .exec(
                "UPDATE export SET bytes = $2, sha256 = $3, state = $4, done = $5, sm3 = $6, report = $7 WHERE id = $1",
                args![e.id, e.bytes, e.sha256.clone(), e.state.clone(), e.done, e.sm3.clone(), e.report.clone()],
            )
            .await?;
        Ok(())
    }

    /// Files of finished exports: how many, and their bytes.
    ///
    /// # Errors
    /// The database.
    pub async fn exports_stock(&self) -> Result<(u64, u64), DbError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM export WHERE state = 'done'";
        let row = self.db.row(sql, vec![]).await?;
        let number = |i| row.as_ref().map_or(Ok(0), |r| r.int(i)).map(|n| u64::try_from(n).unwrap_or(0));
        Ok((number(0)?, number(1)?))
    }

    /// Finished exports whose grant had ended by `ended`, with the state of their request, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn exports_ended(&self, ended: UtcMs, limit: u32) -> Result<Vec<(ExportRow, State)>, DbError> {
        let sql = "SELECT e.id, e.request, e.path, e.bytes, e.sha256, e.sm3, e.report, e.state, e.done, e.scope, e.created_ms, \
                   e.removed_ms, e.removed_why, r.state FROM request r JOIN export e ON e.request = r.id \
                   WHERE r.status IN ('granted', 'ended') AND r.ends_ms <= $1 AND e.state = 'done' \
                   ORDER BY r.ends_ms, e.id LIMIT $2";
        let rows = self.db.rows(sql, args![ended, limit]).await?;
        rows.iter().map(|r| Ok((export_of(r)?, r.read(13, |t| serde_json::from_str(t).ok())?))).collect()
    }

    /// Removes the file of a finished export: row and entry `export.removed` in one transaction, then the file. False when it was
    /// not there to be removed (somebody was first, or it is being made).
    ///
    /// # Errors
    /// The database or the log; then nothing was removed.
    pub async fn remove_export(&self, e: &ExportRow, why: &Removal, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let changed = tx
            .exec(
                "UPDATE export SET state = 'removed', removed_ms = $2, removed_why = $3 WHERE id = $1 AND state = 'done'",
                args![e.id, now, why.reason.clone()],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({
            "export": e.id, "request": e.request, "by": why.by, "bytes": e.bytes, "file_sha256": e.sha256,
            "reason_sha256": Sha256::of(why.reason.as_bytes()), "clauses": why.clauses,
        });
        let act = ActLine {
            outcome: Outcome::Done,
            account: why.by,
            camera: None,
            request: Some(e.request),
            clauses: why.clauses.clone(),
            text: why.text.clone(),
        };
        tx.log(LogEntry { kind: "export.removed", at: now, body, act: Some(act) }).await?;
        tx.commit().await?;
        // A crash here leaves the file of a row that says removed: `sweep_exports` removes it at the start and every ten minutes.
        let _ = std::fs::remove_file(self.data.join(&e.path));
        Ok(true)
    }

    /// Removes files whose rows say removed (left by a crash just after the commit, or by a disk that refused).
    ///
    /// # Errors
    /// The database.
    pub async fn sweep_exports(&self) -> Result<u64, DbError> {
        let sql = "SELECT path FROM export WHERE removed_ms IS NOT NULL ORDER BY removed_ms DESC LIMIT 1000";
        let mut removed = 0;
        for row in self.db.rows(sql, vec![]).await? {
            removed += u64::from(std::fs::remove_file(self.data.join(row.text(0)?)).is_ok());
        }
        Ok(removed)
    }

    /// Exports left unfinished by a stop are marked failed at the start; their half files go.
    ///
    /// # Errors
    /// The database.
    pub async fn fail_unfinished_exports(&self) -> Result<u64, DbError> {
        let rows = self.db.rows("SELECT path FROM export WHERE state = 'making'", vec![]).await?;
        for r in &rows {
            let path = r.text(0)?;
            for path in [format!("{path}.part"), path] {
                let _ = std::fs::remove_file(self.data.join(path));
            }
        }
        self.db.exec("UPDATE export SET state = 'failed' WHERE state = 'making'", vec![]).await
    }

    /// How heavy the footage of a camera is, hour by hour from `from`: entries counted, bytes spread over them.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_hours(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Hours, DbError> {
        let length_ms = to.since(from).max(0);
        let count = usize::try_from((length_ms + HOUR_MS - 1) / HOUR_MS).unwrap_or(0);
        let mut hours = vec![Weight::default(); count];
        let sql = "SELECT (end_ms - 1 - $2) / 3600000, COUNT(*) FROM span WHERE camera = $1 AND end_ms > $2 AND end_ms <= $3 \
                   GROUP BY 1";
        let mut total = 0_u64;
        for r in self.db.rows(sql, args![camera, from, to]).await? {
            let entries = u64::try_from(r.int(1)?).unwrap_or(0);
            if let Some(hour) = usize::try_from(r.int(0)?).ok().and_then(|n| hours.get_mut(n)) {
                hour.entries = entries;
                total += entries;
            }
        }
        let bytes = self.footage_volume(camera, from, to).await?.bytes;
        for hour in &mut hours {
            let part = u128::from(bytes) * u128::from(hour.entries) / u128::from(total.max(1));
            hour.bytes = u64::try_from(part).unwrap_or(u64::MAX);
        }
        Ok(Hours { camera, hours })
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
