//! The committer: makes footage safe on the disk, then commits rows and ledger leaves in one transaction for all cameras.
//!
//! Crash table. Before fdatasync: the bytes may be torn after a power cut, no row speaks of them. Between fdatasync and commit:
//! whole fragments without a row, which `recover` commits at the next start. After the commit: done.
//! When the database is away the batch is kept and tried again; the writer waits at the bounded channel, its own queue fills,
//! and only then footage is lost, with a gap that says so.

use super::{ContainerHead, Frag, Pending, Tail, index};
use crate::args;
use crate::db::Db;
use crate::ledger_log::{LedgerLog, LogEntry, LogError, Tx};
use base::{CameraId, Sha256, UtcMs};
use domain::recording::entry::{FragmentBody, GAP_KIND, GapBody, SEAL_KIND, SPAN_KIND, SealBody, SpanBody};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Most items of one transaction.
const BATCH: usize = 256;
/// First and longest wait before a failed commit is tried again, seconds.
const RETRY_S: (u64, u64) = (1, 10);

/// Commits what the writer wrote.
pub struct Committer {
    db: Db,
    log: LedgerLog,
    tail: Tail,
}

impl Committer {
    /// A committer over one database and log.
    #[must_use]
    pub const fn new(db: Db, log: LedgerLog, tail: Tail) -> Self {
        Self { db, log, tail }
    }

    /// Runs until the writer is gone and everything it handed over is committed.
    pub async fn run(self, mut inbox: mpsc::Receiver<Pending>, now: impl Fn() -> UtcMs + Send + 'static) {
        let mut batch = Vec::new();
        while inbox.recv_many(&mut batch, BATCH).await > 0 {
            let mut wait_s = RETRY_S.0;
            while let Err(error) = self.commit(&batch, now()).await {
                tracing::error!(%error, items = batch.len(), "footage rows could not be committed; trying again");
                metrics::counter!("jifang_footage_commit_retries_total").increment(1);
                tokio::time::sleep(Duration::from_secs(wait_s)).await;
                wait_s = (wait_s * 2).min(RETRY_S.1);
            }
            for item in batch.drain(..) {
                if let Pending::Span { head, frags, .. } = item
                    && let Some(last) = frags.last()
                {
                    self.tail.committed(head.camera, last.seq);
                }
            }
        }
    }

    /// Makes the files of a batch safe, then commits its rows and leaves.
    ///
    /// # Errors
    /// The disk or the database; then nothing of the batch was committed.
    pub async fn commit(&self, batch: &[Pending], now: UtcMs) -> Result<(), LogError> {
        sync_files(batch).await?;
        let mut tx = self.log.begin(&self.db).await?;
        let leaves = tx.log_all(batch.iter().filter_map(|p| leaf(p, now)).collect()).await?;
        let mut next = leaves.start;
        for item in batch {
            let index = next;
            if leaf(item, now).is_some() {
                next += 1;
            }
            row(&mut tx, item, index).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

async fn sync_files(batch: &[Pending]) -> Result<(), LogError> {
    let mut files = HashMap::new();
    for item in batch {
        if let Pending::Span { head, file, .. } = item {
            files.insert(head.id, (head.path.clone(), file.clone()));
        }
    }
    let sync = move || {
        files
            .into_values()
            .try_for_each(|(path, file)| file.sync_data().map_err(|source| LogError::Io { path, source }))
    };
    tokio::task::spawn_blocking(sync)
        .await
        .map_err(|e| LogError::Io { path: "footage".into(), source: std::io::Error::other(e) })?
}

/// The ledger entry of an item; an open gap has none until it closes.
fn leaf(item: &Pending, now: UtcMs) -> Option<LogEntry> {
    let entry = |kind, body: Result<serde_json::Value, serde_json::Error>| {
        Some(LogEntry { kind, at: now, body: body.unwrap_or_default(), act: None })
    };
    match item {
        Pending::Span { head, prev, frags, .. } => {
            entry(SPAN_KIND, serde_json::to_value(span_body(head, *prev, frags)))
        }
        Pending::Seal { head, bytes, last, .. } => {
            let body = SealBody { camera: head.camera, container: head.id, bytes: *bytes, last_sha256: *last };
            entry(SEAL_KIND, serde_json::to_value(body))
        }
        Pending::Gap { camera, from, to, cause } => {
            let body = GapBody { camera: *camera, from_utc_ms: *from, to_utc_ms: *to, cause: *cause };
            entry(GAP_KIND, serde_json::to_value(body))
        }
        Pending::GapOpen { .. } => None,
    }
}

fn span_body(head: &ContainerHead, prev: Sha256, frags: &[Frag]) -> SpanBody {
    let fragments = frags
        .iter()
        .map(|f| FragmentBody {
            seq: f.seq,
            start_utc_ms: f.start,
            duration_90k: f.duration_90k,
            bytes: f.bytes,
            sha256: f.sha256,
        })
        .collect();
    SpanBody {
        camera: head.camera,
        container: head.id,
        init_sha256: head.init_sha256,
        prev,
        clock_error_ms: frags.last().and_then(|f| f.clock_error_ms),
        fragments,
    }
}

async fn row(tx: &mut Tx, item: &Pending, leaf: u64) -> Result<(), LogError> {
    match item {
        Pending::Span { head, frags, .. } => span_row(tx, head, frags, leaf).await,
        Pending::Seal { head, at, .. } => {
            tx.exec("UPDATE container SET sealed_ms = $2 WHERE id = $1", args![head.id, *at]).await?;
            Ok(())
        }
        Pending::GapOpen { camera, from, cause } => {
            // A gap already open from this instant keeps its first cause.
            tx.exec(
                "INSERT INTO gap (camera, from_ms, to_ms, cause, leaf) VALUES ($1, $2, NULL, $3, NULL) \
                 ON CONFLICT (camera, from_ms) DO NOTHING",
                args![*camera, *from, cause.code()],
            )
            .await?;
            Ok(())
        }
        Pending::Gap { camera, from, to, cause } => gap_row(tx, *camera, *from, *to, cause.code(), leaf).await,
    }
}

async fn span_row(tx: &mut Tx, head: &Arc<ContainerHead>, frags: &[Frag], leaf: u64) -> Result<(), LogError> {
    let (Some(first), Some(last)) = (frags.first(), frags.last()) else { return Ok(()) };
    tx.exec(
        "INSERT INTO container (id, camera, path, start_ms, end_ms, bytes, codec, init, sealed_ms, deleted_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL) \
         ON CONFLICT (id) DO UPDATE SET end_ms = excluded.end_ms, bytes = excluded.bytes",
        args![
            head.id,
            head.camera,
            head.path.clone(),
            head.start,
            last.end(),
            last.offset + last.bytes,
            head.codec.clone(),
            head.init.clone()
        ],
    )
    .await?;
    tx.exec(
        "INSERT INTO span (camera, start_ms, end_ms, container, first_seq, last_seq, leaf, frags) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![head.camera, first.start, last.end(), head.id, first.seq, last.seq, leaf, index::encode(frags)],
    )
    .await?;
    Ok(())
}

async fn gap_row(
    tx: &mut Tx,
    camera: CameraId,
    from: UtcMs,
    to: UtcMs,
    cause: &str,
    leaf: u64,
) -> Result<(), LogError> {
    tx.exec(
        "INSERT INTO gap (camera, from_ms, to_ms, cause, leaf) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (camera, from_ms) DO UPDATE SET to_ms = excluded.to_ms, leaf = excluded.leaf",
        args![camera, from, to, cause, leaf],
    )
    .await?;
    Ok(())
}
