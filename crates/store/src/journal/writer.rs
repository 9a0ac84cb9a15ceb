//! The writer: one thread that joins repeats, writes what waits and makes it durable with one `fdatasync`.
//!
//! While one batch is made durable the next gathers in the queue by itself, so nobody waits for a timer. A fault of the disk fails
//! the whole batch: nobody of it is answered, the segment is closed at its last durable byte and a new one is begun, because after a
//! failed `fdatasync` nobody knows what of the old one's pages is on the disk.

use super::recent::Recent;
use super::segment::{self, HEAD, Segment};
use super::{JournalError, Kept, Position, RECORD_BYTES, Shared, io};
use base::UtcMs;
use base::time::DAY_MS;
use domain::alarm::Signal;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A batch is closed at so many bytes; what waits beyond it goes into the next.
const BATCH_BYTES: usize = 1024 * 1024;

/// One signal, ready to be written.
#[derive(Debug)]
pub(super) struct Item {
    key: [u8; 16],
    received: UtcMs,
    content: Vec<u8>,
}

impl Item {
    /// Encodes a signal; on the caller's core, not on the writer's.
    pub(super) fn of(signal: &Signal) -> Result<Self, JournalError> {
        let content = serde_json::to_vec(signal).map_err(|_| JournalError::TooLarge)?;
        if content.len() > RECORD_BYTES {
            return Err(JournalError::TooLarge);
        }
        Ok(Self { key: signal.repeat_key, received: signal.received, content })
    }
}

/// Where a caller waits for its answer.
type Told = oneshot::Sender<Result<Vec<Kept>, JournalError>>;

/// What one caller wants kept.
#[derive(Debug)]
pub(super) struct Ask {
    pub items: Vec<Item>,
    pub told: Told,
}

/// What the thread is asked.
#[derive(Debug)]
pub(super) enum Order {
    Append(Ask),
    Close(oneshot::Sender<()>),
}

/// What is gathered for one `fdatasync`.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    waiting: Vec<(Told, Vec<Kept>)>,
    /// Position and offset in `bytes` of each record, and the newest time.
    places: Vec<(Position, usize)>,
    newest: UtcMs,
}

/// The open segment.
struct Open {
    file: File,
    first: Position,
    created: UtcMs,
    bytes: u64,
}

pub(super) struct Writer {
    shared: Arc<Shared>,
    recent: Recent,
    next: Position,
    open: Option<Open>,
    /// Held as long as the thread lives.
    _lock: File,
}

impl Writer {
    /// Takes over after `segment::recover`: remembers the transmissions that may be repeated and opens the newest segment.
    pub(super) fn new(shared: Arc<Shared>, lock: File) -> Result<Self, JournalError> {
        let next = *shared.end.borrow();
        let recent = remembered(&shared, next)?;
        let newest = shared.segments().last().cloned();
        let open = newest.map(|s| -> Result<Open, JournalError> {
            let path = segment::path(&shared.folder, s.first);
            let file = File::options().write(true).open(&path).map_err(io(&path))?;
            // What a crash left in the page cache is answered for by joining repeats with it: it has to be on the disk first.
            file.sync_data().map_err(io(&path))?;
            Ok(Open { file, first: s.first, created: s.created, bytes: s.bytes })
        });
        Ok(Self { recent, next, open: open.transpose()?, shared, _lock: lock })
    }

    pub(super) fn run(mut self, mut inbox: mpsc::Receiver<Order>) {
        while let Some(order) = inbox.blocking_recv() {
            let mut batch = Batch::default();
            let mut closing = self.take(order, &mut batch);
            while closing.is_none() && batch.bytes.len() < BATCH_BYTES {
                let Ok(order) = inbox.try_recv() else { break };
                closing = self.take(order, &mut batch);
            }
            self.finish(batch);
            if let Some(told) = closing {
                drop(self);
                let _ = told.send(());
                return;
            }
        }
    }

    /// Adds an order to the batch; an order to close comes back.
    fn take(&mut self, order: Order, batch: &mut Batch) -> Option<oneshot::Sender<()>> {
        let ask = match order {
            Order::Append(ask) => ask,
            Order::Close(told) => return Some(told),
        };
        let mut kept = Vec::with_capacity(ask.items.len());
        for item in ask.items {
            if let Some(first) = self.recent.repeat_of(item.key, item.received.0) {
                kept.push(Kept { at: Position(first), repeated: true });
                continue;
            }
            let at = Position(self.next.0 + batch.places.len() as u64);
            self.recent.note(item.key, item.received.0, at.0);
            batch.places.push((at, batch.bytes.len()));
            batch.newest = batch.newest.max(item.received);
            segment::put_record(&mut batch.bytes, at, &item.content);
            kept.push(Kept { at, repeated: false });
        }
        batch.waiting.push((ask.told, kept));
        None
    }

    /// Makes the batch durable and tells everybody; or nobody is told that it is.
    fn finish(&mut self, batch: Batch) {
        let done = if batch.places.is_empty() { Ok(()) } else { self.write(&batch) };
        if let Err(error) = &done {
            tracing::error!(%error, signals = batch.places.len(), "signals could not be kept and are not acknowledged");
            metrics::counter!("jifang_journal_errors_total").increment(1);
            self.recent.forget_from(self.next.0);
            if matches!(error, JournalError::Io { .. }) {
                self.abandon();
            }
        } else {
            self.next = Position(self.next.0 + batch.places.len() as u64);
            metrics::counter!("jifang_journal_signals_total").increment(batch.places.len() as u64);
            self.shared.end.send_if_modified(|end| std::mem::replace(end, self.next) != self.next);
        }
        for (told, kept) in batch.waiting {
            let _ = told.send(done.clone().map(|()| kept));
        }
    }

    fn write(&mut self, batch: &Batch) -> Result<(), JournalError> {
        let options = self.shared.options;
        if self.shared.bytes() + batch.bytes.len() as u64 > options.most_bytes {
            return Err(JournalError::Full);
        }
        let full = |o: &Open| o.bytes >= options.segment_bytes || batch.newest.since(o.created) >= DAY_MS;
        if self.open.as_ref().is_some_and(full) {
            self.open = None;
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(begin(&self.shared, self.next, batch.newest)?),
        };
        let path = segment::path(&self.shared.folder, open.first);
        // A crash inside these two lines leaves part of the batch: nobody was told, and the next start cuts at the last whole record.
        open.file.write_all_at(&batch.bytes, open.bytes).map_err(io(&path))?;
        open.file.sync_data().map_err(io(&path))?;
        let at = open.bytes;
        open.bytes += batch.bytes.len() as u64;
        let mut segments = self.shared.segments();
        if let Some(segment) = segments.last_mut() {
            segment.bytes = open.bytes;
            batch.places.iter().for_each(|(position, offset)| segment.mark(*position, at + *offset as u64));
        }
        Ok(())
    }

    /// Leaves a segment whose last write failed, at its last durable byte.
    fn abandon(&mut self) {
        if let Some(open) = self.open.take_if(|o| o.bytes > HEAD) {
            // If this fails too, the records beyond are passed over: the next segment begins before them.
            let _ = open.file.set_len(open.bytes);
        } else if let Some(open) = self.open.take() {
            // Nothing of it is durable but its head: it is used again, and its name with it.
            let _ = open.file.set_len(open.bytes);
            self.shared.segments().retain(|s| s.first != open.first);
        }
    }
}

/// Begins a segment: the file with its head is durable, and so is its name, before a record goes into it.
fn begin(shared: &Shared, first: Position, created: UtcMs) -> Result<Open, JournalError> {
    let path = segment::path(&shared.folder, first);
    // A crash in here leaves a file without a whole head, or an empty segment; the start sets the one aside and uses the other.
    let file = File::options().write(true).create(true).truncate(true).open(&path).map_err(io(&path))?;
    file.write_all_at(&segment::head(first, created), 0).map_err(io(&path))?;
    file.sync_all().map_err(io(&path))?;
    File::open(&shared.folder).and_then(|folder| folder.sync_all()).map_err(io(&shared.folder))?;
    shared.segments().push(Segment::new(first, created));
    Ok(Open { file, first, created, bytes: HEAD })
}

/// The transmissions of the last while before the stop, newest segments first, as many as the memory holds.
fn remembered(shared: &Shared, end: Position) -> Result<Recent, JournalError> {
    let options = shared.options;
    let segments = shared.segments().clone();
    let mut parts = Vec::new();
    let (mut until, mut count, mut newest) = (end, 0, None);
    for segment in segments.iter().rev() {
        let keys = segment::keys(&shared.folder, segment, until)?;
        until = segment.first;
        newest = newest.or(keys.last().map(|(_, at_ms, _)| *at_ms));
        count += keys.len();
        let oldest = keys.first().map(|(_, at_ms, _)| *at_ms);
        parts.push(keys);
        let old = newest.zip(oldest).is_some_and(|(newest, oldest)| newest.saturating_sub(oldest) > options.repeat_ms);
        if old || count >= options.repeat_count {
            break;
        }
    }
    let mut recent = Recent::new(options.repeat_ms, options.repeat_count);
    for (key, at_ms, position) in parts.into_iter().rev().flatten() {
        recent.note(key, at_ms, position);
    }
    Ok(recent)
}
