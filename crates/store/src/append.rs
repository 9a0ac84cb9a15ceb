//! Group commit: independent entries of many callers become durable in one transaction.
//!
//! One task takes what waits, commits it and tells each caller its place in the log. While one batch is being made durable the next
//! gathers by itself, so nobody waits for a timer. The queue is bounded: when it stays full, callers get `Busy`.
//! A crash before the commit: nobody was told anything. After it: the entries are there, told or not.

use crate::db::Db;
use crate::ledger_log::{LedgerLog, LogEntry, LogError, encode};
use ledger::EntryBytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Most entries of one transaction.
const BATCH: usize = 512;

struct Waiting {
    bytes: EntryBytes,
    entry: LogEntry,
    told: oneshot::Sender<Result<u64, LogError>>,
}

/// The callers' end of the queue; the task ends with the last of them.
#[derive(Clone)]
pub(crate) struct Appender {
    queue: mpsc::Sender<Waiting>,
    site: base::SiteId,
    wait: Duration,
}

impl Appender {
    /// Starts the task; `queue` is the most entries that wait, `wait` the longest a caller waits for a place among them.
    pub(crate) fn start(db: Db, log: LedgerLog, queue: usize, wait: Duration) -> Self {
        let (tx, inbox) = mpsc::channel(queue);
        let site = log.site();
        tokio::spawn(run(db, log, inbox));
        Self { queue: tx, site, wait }
    }

    /// Appends one entry; it is durable when this returns its place.
    pub(crate) async fn append(&self, entry: LogEntry) -> Result<u64, LogError> {
        let bytes = encode(self.site, &entry)?;
        let (told, answer) = oneshot::channel();
        match tokio::time::timeout(self.wait, self.queue.send(Waiting { bytes, entry, told })).await {
            Ok(Ok(())) => answer.await.unwrap_or(Err(LogError::Busy)),
            _ => Err(LogError::Busy),
        }
    }
}

async fn run(db: Db, log: LedgerLog, mut inbox: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.recv_many(&mut batch, BATCH).await > 0 {
        let mut told = Vec::with_capacity(batch.len());
        let mut entries = Vec::with_capacity(batch.len());
        for waiting in batch.drain(..) {
            entries.push((waiting.bytes, waiting.entry));
            told.push(waiting.told);
        }
        match commit(&db, &log, entries).await {
            Ok(places) => places.zip(told).for_each(|(place, told)| {
                let _ = told.send(Ok(place));
            }),
            Err(error) => {
                let error = Arc::new(error);
                told.into_iter().for_each(|told| {
                    let _ = told.send(Err(LogError::Shared(error.clone())));
                });
            }
        }
    }
}

async fn commit(
    db: &Db,
    log: &LedgerLog,
    entries: Vec<(EntryBytes, LogEntry)>,
) -> Result<std::ops::Range<u64>, LogError> {
    let mut tx = log.begin(db).await?;
    let places = tx.log_encoded(entries).await?;
    tx.commit().await?;
    Ok(places)
}
