//! The signal journal: what alarm sources said, on disk before it is acknowledged, whether or not the database is there.
//!
//! ```text
//! driver ─▶ Journal::append ─▶ queue ─▶ writer thread: join repeats, write, one fdatasync for all that wait ─▶ acknowledged
//!                                                   └─▶ end moves (`watch`) ─▶ consumer: read_from(cursor) ─▶ database, cursor
//! ```
//!
//! Invariants: a signal has one position, positions have no holes unless a disk lost a segment; what `append` answered for is read
//! back after any crash; a repeat (same `repeat_key`, inside the window) is answered for again and not kept again; queue, segments
//! and memory are bounded. The consumer keeps its cursor beside what it made of the signals, in one transaction of the database.
//!
//! Crash table. Before the write: nothing was answered. Torn write: the next start cuts the segment at its last whole record and
//! keeps the rest in a `.torn` file beside it. After `fdatasync`, before the answer: the signal is there, the source repeats it, the
//! repeat is joined. Segment made and still empty: it is used. Segment consumed and half deleted: deleted at the next `release`.

mod recent;
mod segment;
mod writer;

#[cfg(test)]
mod tests;

use base::UtcMs;
use base::time::DAY_MS;
use domain::alarm::Signal;
use segment::Segment;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};
use writer::{Ask, Item, Order, Writer};

/// Longest record, bytes; a signal is some hundreds.
const RECORD_BYTES: usize = 64 * 1024;
/// Most signals of one `append`; callers send what one read of a socket brought.
pub const APPEND_SIGNALS: usize = 4_096;

/// How often the folder's lock is tried, and the pause between.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

/// Place of a signal in the journal: how many were kept before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

/// What became of one signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Where it is; for a repeat, where the first is.
    pub at: Position,
    /// It was there already.
    pub repeated: bool,
}

/// What a read brought.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Read {
    /// Signals in order.
    pub entries: Vec<(Position, Signal)>,
    /// Where to read on; the consumer's cursor once it has stored what it made of `entries`.
    pub next: Position,
}

/// How large and how patient a journal is.
#[derive(Clone, Copy, Debug)]
pub struct JournalOptions {
    /// Most callers that wait for the disk; more wait for a place among them.
    pub queue: usize,
    /// A segment is closed at this size, bytes, or when it is a day old.
    pub segment_bytes: u64,
    /// Most bytes of all segments; then nothing is taken (and so nothing acknowledged) until a consumer has caught up.
    pub most_bytes: u64,
    /// Days that consumed segments stay.
    pub keep_days: u32,
    /// The same transmission again within this time of the last is a repeat, ms. Panels repeat after seconds, and after a restart of ours.
    pub repeat_ms: i64,
    /// Most transmissions remembered for that.
    pub repeat_count: usize,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self {
            queue: 4_096,
            segment_bytes: 16 * 1024 * 1024,
            most_bytes: 4 * 1024 * 1024 * 1024,
            keep_days: 30,
            repeat_ms: 120_000,
            repeat_count: 262_144,
        }
    }
}

/// Why the journal did not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk.
    #[error("signal journal {path}: {source}")]
    Io {
        /// Which path.
        path: String,
        /// Why.
        source: Arc<std::io::Error>,
    },
    /// It holds as much as it may and nobody reads it.
    #[error("the signal journal is full: nothing has read it for too long")]
    Full,
    /// One append of too many signals, or one signal too large: a fault of the caller.
    #[error("too much for one append to the signal journal")]
    TooLarge,
    /// It was closed.
    #[error("the signal journal is closed")]
    Closed,
    /// Another process has it open.
    #[error("the signal journal in {0} is in use by another process")]
    InUse(String),
}

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> JournalError {
    let path = path.display().to_string();
    move |source| JournalError::Io { path, source: Arc::new(source) }
}

/// What writer and readers share.
#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    options: JournalOptions,
    /// In order; the last one is written to.
    segments: Mutex<Vec<Segment>>,
    /// First position that is not durable yet.
    end: watch::Sender<Position>,
}

impl Shared {
    fn segments(&self) -> MutexGuard<'_, Vec<Segment>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes(&self) -> u64 {
        self.segments().iter().map(|s| s.bytes).sum()
    }
}

/// The journal; copies share one.
#[derive(Clone, Debug)]
pub struct Journal {
    shared: Arc<Shared>,
    orders: mpsc::Sender<Order>,
}

impl Journal {
    /// Opens (or makes) the journal in `folder` and repairs what a crash left. Blocks for as long as reading the newest segments takes.
    ///
    /// # Errors
    /// The disk, or another process has it open.
    pub fn open(folder: &Path, options: JournalOptions) -> Result<Self, JournalError> {
        std::fs::create_dir_all(folder).map_err(io(folder))?;
        let lock = lock(folder)?;
        let (segments, end) = segment::recover(folder)?;
        let shared = Arc::new(Shared {
            folder: folder.to_path_buf(),
            options,
            segments: Mutex::new(segments),
            end: watch::Sender::new(end),
        });
        let (orders, inbox) = mpsc::channel(options.queue);
        let writer = Writer::new(shared.clone(), lock)?;
        let thread = std::thread::Builder::new().name("journal".into());
        thread.spawn(move || writer.run(inbox)).map_err(io(folder))?;
        Ok(Self { shared, orders })
    }

    /// Keeps signals, in order. When this returns they are durable, each at the place told, and may be acknowledged.
    ///
    /// # Errors
    /// The disk, `Full`, `TooLarge` or `Closed`; then none of them may be acknowledged. Some may be there all the same (as after a
    /// crash); the source's repetition is joined with them.
    pub async fn append(&self, signals: Vec<Signal>) -> Result<Vec<Kept>, JournalError> {
        if signals.len() > APPEND_SIGNALS {
            return Err(JournalError::TooLarge);
        }
        let items = signals.iter().map(Item::of).collect::<Result<Vec<_>, _>>()?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (told, answer) = oneshot::channel();
        self.orders.send(Order::Append(Ask { items, told })).await.map_err(|_| JournalError::Closed)?;
        answer.await.unwrap_or(Err(JournalError::Closed))
    }

    /// First position that is not durable yet: as many signals as were ever kept. A consumer whose cursor is beyond it reads from
    /// `Position(0)`: the journal's folder was lost.
    #[must_use]
    pub fn end(&self) -> Position {
        *self.shared.end.borrow()
    }

    /// Changes when signals become durable; its value is `end`.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.shared.end.subscribe()
    }

    /// Up to `max` signals from `from` on, durable ones only. A position that was deleted, or that a disk lost, is passed over:
    /// then the first entry's position is higher than `from`.
    ///
    /// # Errors
    /// The disk.
    pub async fn read_from(&self, from: Position, max: usize) -> Result<Read, JournalError> {
        let shared = self.shared.clone();
        let reading = tokio::task::spawn_blocking(move || shared.read(from, max));
        reading.await.unwrap_or(Err(JournalError::Closed))
    }

    /// Deletes segments whose signals are all before `consumed` and older than `keep_days` (younger ones too once the journal is half
    /// full). With several consumers, pass the least of their cursors. Returns how many segments went.
    ///
    /// # Errors
    /// The disk; what could not be deleted is tried again next time.
    pub async fn release(&self, consumed: Position, now: UtcMs) -> Result<usize, JournalError> {
        let shared = self.shared.clone();
        let work = tokio::task::spawn_blocking(move || shared.release(consumed, now));
        work.await.unwrap_or(Err(JournalError::Closed))
    }

    /// Bytes on the disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.shared.bytes()
    }

    /// Finishes what waits and closes the files; what comes later gets `Closed`.
    pub async fn close(&self) {
        let (told, closed) = oneshot::channel();
        if self.orders.send(Order::Close(told)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

impl Shared {
    fn read(&self, from: Position, max: usize) -> Result<Read, JournalError> {
        let end = *self.end.borrow();
        let mut read = Read { entries: Vec::new(), next: from };
        while read.entries.len() < max && read.next < end {
            let Some(stretch) = self.stretch(read.next, end) else { break };
            read.next = read.next.max(stretch.first);
            match segment::read(&stretch, max, &mut read) {
                Ok(marks) => self.remember(&stretch, marks),
                // Deleted since we looked: its signals were consumed.
                Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                    read.next = stretch.until;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    /// The part of a segment to read for `from`: the last segment that begins at or before it, or else the oldest.
    fn stretch(&self, from: Position, end: Position) -> Option<segment::Stretch> {
        let segments = self.segments();
        let i = segments.partition_point(|s| s.first <= from).saturating_sub(1);
        let segment = segments.get(i)?;
        let until = segments.get(i + 1).map_or(end, |next| next.first);
        Some(segment.stretch(&self.folder, from, until))
    }

    fn remember(&self, stretch: &segment::Stretch, marks: Vec<(Position, u64)>) {
        let mut segments = self.segments();
        if let Some(segment) = segments.iter_mut().find(|s| s.first == stretch.first) {
            segment.add_marks(marks);
        }
    }

    fn release(&self, consumed: Position, now: UtcMs) -> Result<usize, JournalError> {
        let keep_ms = i64::from(self.options.keep_days).saturating_mul(DAY_MS);
        let mut removed = 0;
        loop {
            let crowded = self.bytes() > self.options.most_bytes / 2;
            let path = {
                let mut segments = self.segments();
                let [oldest, next, ..] = segments.as_slice() else { return Ok(removed) };
                // The next segment began when this one was complete.
                let old = now.since(next.created) >= keep_ms;
                if next.first > consumed || !(old || crowded) {
                    return Ok(removed);
                }
                let path = segment::path(&self.folder, oldest.first);
                segments.remove(0);
                path
            };
            // A crash here leaves a file that the next start lists again and the next release deletes.
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(&path)(e)),
                _ => removed += 1,
            }
        }
    }
}

/// A journal of this process that was just dropped is still finishing its last batch: it is waited for.
fn lock(folder: &Path) -> Result<std::fs::File, JournalError> {
    let path = folder.join("lock");
    let file = std::fs::File::options().create(true).write(true).truncate(false).open(&path).map_err(io(&path))?;
    for _ in 0..LOCK_TRIES {
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) => std::thread::sleep(LOCK_PAUSE),
            Err(e) => return Err(io(&path)(e.into())),
        }
    }
    Err(JournalError::InUse(folder.display().to_string()))
}
