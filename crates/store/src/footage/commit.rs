//! The committer: makes footage safe on the disk, then commits rows and ledger leaves in one transaction for all cameras.
//!
//! Crash table. Before fdatasync: the bytes may be torn after a power cut, no row speaks of them. Between fdatasync and commit:
//! whole fragments without a row, which `recover` commits at the next start. After the commit: done.
//! When `fdatasync` fails nothing is believed: `safe` writes the fragments again from what can be read back and proved, or
//! declares them lost. When the database is away the batch is kept and tried again; the writer waits at the bounded channel, its own queue fills,
//! and only then footage is lost, with a gap that says so.

use super::safe::{Cuts, Sync, make_safe};
use super::{ContainerHead, Frag, Pending, Tail, index, lost};
use crate::args;
use crate::db::{Bulk, Db, DbError, Value};
use crate::ledger_log::{LedgerLog, LogEntry, LogError, Tx};
use base::{Sha256, UtcMs};
use domain::recording::entry::{FragmentBody, GAP_KIND, GapBody, LostBody, SEAL_KIND, SPAN_KIND, SealBody, SpanBody};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc;

/// Most items of one transaction.
const BATCH: usize = 256;
/// Tries after the writer has ended; what is not committed then lies in the containers, and the next start commits it.
const LAST_TRIES: u32 = 3;

/// Commits what the writer wrote.
pub struct Committer {
    db: Db,
    log: LedgerLog,
    tail: Tail,
    /// First and longest pause before a failed commit is tried again.
    retry: (Duration, Duration),
    sync: Sync,
}

impl Committer {
    /// A committer over one database and log.
    #[must_use]
    pub const fn new(db: Db, log: LedgerLog, tail: Tail, retry: (Duration, Duration), sync: Sync) -> Self {
        Self { db, log, tail, retry, sync }
    }

    /// Runs until the writer is gone and everything it handed over is committed.
    pub async fn run(self, mut inbox: mpsc::Receiver<Pending>, mut now: impl Fn() -> UtcMs + Send + 'static) {
        let mut batch = Vec::new();
        let mut cuts = Cuts::new();
        while inbox.recv_many(&mut batch, BATCH).await > 0 {
            (batch, cuts) = match self.safe(std::mem::take(&mut batch), cuts).await {
                Ok(safe) => safe,
                Err(error) => {
                    tracing::error!(%error, "the committer ends; the next start commits the footage from its containers");
                    return;
                }
            };
            if !self.commit_or_wait(&batch, &inbox, &mut now).await {
                tracing::error!("the database stayed away; the next start commits the footage from its containers");
                return;
            }
            for item in batch.drain(..) {
                match item {
                    Pending::Span { head, frags, .. } => {
                        if let Some(last) = frags.last() {
                            self.tail.committed(head.camera, last.seq);
                        }
                    }
                    Pending::Lost { head, seqs, .. } => self.tail.committed(head.camera, seqs.1),
                    _ => {}
                }
            }
        }
    }

    /// Makes the files of a batch safe; what cannot be is in the batch as lost.
    async fn safe(&self, batch: Vec<Pending>, mut cuts: Cuts) -> Result<(Vec<Pending>, Cuts), LogError> {
        let sync = self.sync;
        let work = move || (make_safe(batch, sync, &mut cuts), cuts);
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|e| LogError::Io { path: "footage".into(), source: std::io::Error::other(e) })
    }

    /// Tries until the batch is committed; false when the writer has ended and the database stays away.
    async fn commit_or_wait(
        &self,
        batch: &[Pending],
        inbox: &mpsc::Receiver<Pending>,
        now: &mut (impl Fn() -> UtcMs + Send),
    ) -> bool {
        let (mut wait, longest) = self.retry;
        let mut last_tries = 0;
        loop {
            let Err(error) = self.commit_rows(batch, now()).await else { return true };
            metrics::counter!("jifang_footage_commit_retries_total").increment(1);
            if error.is_final() {
                return self.commit_singly(batch, inbox, now()).await;
            }
            tracing::error!(%error, items = batch.len(), "footage rows could not be committed; trying again");
            if inbox.is_closed() {
                last_tries += 1;
                if last_tries >= LAST_TRIES {
                    return false;
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(longest);
        }
    }

    /// One item breaks a rule of the schema (its camera is unknown, its number is taken): the others must not wait for it.
    /// Its bytes stay on the disk, where `check` finds them without a row. False when the database is away.
    async fn commit_singly(&self, batch: &[Pending], inbox: &mpsc::Receiver<Pending>, now: UtcMs) -> bool {
        let mut left = LAST_TRIES;
        for item in batch {
            while let Err(error) = self.commit_rows(std::slice::from_ref(item), now).await {
                if error.is_final() {
                    tracing::error!(%error, item = item.name(), "footage row refused for good");
                    metrics::counter!("jifang_footage_rows_refused_total").increment(1);
                    break;
                }
                tokio::time::sleep(self.retry.1).await;
                left = if inbox.is_closed() { left.saturating_sub(1) } else { left };
                if left == 0 {
                    return false;
                }
            }
        }
        true
    }

    /// The log that it commits to.
    pub(crate) const fn log(&self) -> &LedgerLog {
        &self.log
    }

    /// Begins a change of footage rows with their entries.
    pub(crate) async fn begin(&self) -> Result<Tx, DbError> {
        self.log.begin(&self.db).await
    }

    /// Makes the files of a batch safe, then commits its rows and leaves.
    ///
    /// # Errors
    /// The disk or the database; then nothing of the batch was committed.
    pub async fn commit(&self, batch: &[Pending], now: UtcMs) -> Result<(), LogError> {
        sync_files(batch).await?;
        self.commit_rows(batch, now).await
    }

    /// Commits the rows and leaves of a batch whose files are safe.
    async fn commit_rows(&self, batch: &[Pending], now: UtcMs) -> Result<(), LogError> {
        let entries: Vec<_> = batch.iter().map(|item| leaf(item, now)).collect();
        let logged: Vec<_> = entries.iter().map(Option::is_some).collect();
        let mut tx = self.log.begin(&self.db).await?;
        let mut leaves = tx.log_all(entries.into_iter().flatten().collect()).await?;
        let mut rows = Rows::default();
        for (item, logged) in batch.iter().zip(logged) {
            let leaf = if logged { leaves.next().unwrap_or(0) } else { 0 };
            rows.take(item, leaf);
        }
        rows.write(&mut tx).await?;
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
            .try_for_each(|(path, file)| file.get().sync_data().map_err(|source| LogError::Io { path, source }))
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
        Pending::Lost { .. } => lost_body(item).map(|body| lost::entry(&body, now)),
        Pending::GapOpen { .. } => None,
    }
}

/// What entry and row of a loss say; `None` for anything else.
fn lost_body(item: &Pending) -> Option<LostBody> {
    let Pending::Lost { head, seqs, from, to, left, cause } = item else { return None };
    Some(LostBody {
        camera: head.camera,
        container: head.id,
        first_seq: seqs.0,
        last_seq: seqs.1,
        from_utc_ms: *from,
        to_utc_ms: *to,
        bytes_left: *left,
        cause: *cause,
    })
}

/// What the ledger says of fragments that follow each other.
pub(crate) fn span_body(head: &ContainerHead, prev: Sha256, frags: &[Frag]) -> SpanBody {
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

static SPANS: Bulk =
    Bulk::new("INSERT INTO span (camera, start_ms, end_ms, container, first_seq, last_seq, leaf, frags) VALUES", 8);

/// The rows of a batch, gathered so that few statements write them.
#[derive(Default)]
struct Rows<'a> {
    /// Containers in order of their first span here, with the newest span of each.
    containers: Vec<(&'a ContainerHead, &'a Frag)>,
    spans: Vec<Vec<Value>>,
    /// Seals and gaps in their order.
    rest: Vec<(&'a Pending, u64)>,
}

impl<'a> Rows<'a> {
    fn take(&mut self, item: &'a Pending, leaf: u64) {
        let Pending::Span { head, frags, .. } = item else {
            self.rest.push((item, leaf));
            return;
        };
        let (Some(first), Some(last)) = (frags.first(), frags.last()) else { return };
        match self.containers.iter_mut().find(|(h, _)| h.id == head.id) {
            Some((_, newest)) => *newest = last,
            None => self.containers.push((head, last)),
        }
        self.spans.push(args![
            head.camera,
            first.start,
            last.end(),
            head.id,
            first.seq,
            last.seq,
            leaf,
            index::encode(frags)
        ]);
    }

    async fn write(self, tx: &mut Tx) -> Result<(), LogError> {
        for (head, last) in self.containers {
            container_row(tx, head, last).await?;
        }
        tx.insert_all(&SPANS, self.spans).await?;
        for (item, leaf) in self.rest {
            row(tx, item, leaf).await?;
        }
        Ok(())
    }
}

async fn container_row(tx: &mut Tx, head: &ContainerHead, last: &Frag) -> Result<(), LogError> {
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
    Ok(())
}

/// Seals and gaps.
async fn row(tx: &mut Tx, item: &Pending, leaf: u64) -> Result<(), LogError> {
    match item {
        Pending::Span { .. } => {}
        Pending::Lost { .. } => {
            if let Some(body) = lost_body(item) {
                lost::row(tx, &body, leaf).await?;
                // The newest row of fragments may now bear a lower number than what was lost.
                lost::keep_numbers(tx, body.camera, body.last_seq).await?;
            }
        }
        Pending::Seal { head, at, .. } => {
            let sql = "UPDATE container SET sealed_ms = $2 WHERE id = $1";
            if tx.exec(sql, args![head.id, *at]).await? == 0 {
                return Err(LogError::NoContainer(head.id));
            }
        }
        Pending::GapOpen { camera, from, cause } => {
            // A gap already open from this instant keeps its first cause until it closes.
            tx.exec(
                "INSERT INTO gap (camera, from_ms, to_ms, cause, leaf) VALUES ($1, $2, NULL, $3, NULL) \
                 ON CONFLICT (camera, from_ms) DO NOTHING",
                args![*camera, *from, cause.code()],
            )
            .await?;
        }
        Pending::Gap { camera, from, to, cause } => {
            // The row says what the entry says.
            tx.exec(
                "INSERT INTO gap (camera, from_ms, to_ms, cause, leaf) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (camera, from_ms) DO UPDATE SET to_ms = excluded.to_ms, cause = excluded.cause, \
                 leaf = excluded.leaf",
                args![*camera, *from, *to, cause.code(), leaf],
            )
            .await?;
            // Recovered footage behind the begin of an open gap: that gap ended there, this one is what is left of it.
            tx.exec("DELETE FROM gap WHERE camera = $1 AND from_ms < $2 AND to_ms IS NULL", args![*camera, *from])
                .await?;
        }
    }
    Ok(())
}
