//! Checks a whole log directory: entries give hashes, hashes give tiles, tiles give the root, the root is signed.
//!
//! One pass, one bundle in memory at a time. Every fault names its file; after a fault the audit goes on where it can.
//! `compare_views` finds what one directory cannot show: a log that was rolled back or shown differently to two people.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::entry::EntryError;
use crate::key::Vkey;
use crate::proof::verify_consistency;
use crate::tile::{CHECKPOINT_PATH, LogFile, TILE_WIDTH, TilePath, TileSource, decode_bundle, decode_hashes};
use crate::tree::{Log, MAX_SIZE, Tree};

/// Most faults listed; an audit of ruins need not list each stone.
pub const AUDIT_FAULTS: usize = 1_000;

/// A closure as a `TileSource`: `FileSource(|path| ...)`.
pub struct FileSource<F>(pub F);

impl<F: Fn(&str) -> Option<Vec<u8>>> TileSource for FileSource<F> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        (self.0)(path)
    }
}

/// One thing wrong with a log directory.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuditFault {
    /// The file `checkpoint` is not there.
    #[error("checkpoint is missing")]
    CheckpointMissing,
    /// The checkpoint is there and was refused.
    #[error("checkpoint refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A tile or entry bundle is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// A tile or entry bundle has not the form or length it should have.
    #[error("{0} is malformed")]
    Malformed(String),
    /// A tile holds other hashes than the entries give.
    #[error("{0} does not follow from the entries")]
    TileDiffers(String),
    /// An entry cannot be read.
    #[error("entry {index}: {error}")]
    Entry {
        /// Its index.
        index: u64,
        /// What is wrong.
        error: EntryError,
    },
    /// The entries give another root than the one signed.
    #[error("the entries do not give the signed root")]
    RootDiffers,
}

/// What an audit found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditReport {
    /// The head, if its signature holds.
    pub head: Option<Checkpoint>,
    /// Entries read.
    pub size: u64,
    /// What is wrong, at most `AUDIT_FAULTS`; empty if all holds.
    pub faults: Vec<AuditFault>,
}

impl AuditReport {
    /// True if nothing is wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.faults.is_empty() && self.head.is_some()
    }

    fn add(&mut self, fault: AuditFault) {
        if self.faults.len() < AUDIT_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// Audits the log behind `source` against the site's public key.
#[must_use]
pub fn audit(source: &dyn TileSource, vkey: &Vkey) -> AuditReport {
    let mut report = AuditReport::default();
    let Some(note) = source.read(CHECKPOINT_PATH) else {
        report.add(AuditFault::CheckpointMissing);
        return report;
    };
    let head = match Checkpoint::open(&note, vkey) {
        Ok(head) => head,
        Err(error) => {
            report.add(error.into());
            return report;
        }
    };
    if head.size > MAX_SIZE {
        report.add(CheckpointError::Head.into());
        return report;
    }
    let mut tree = Tree::new();
    while tree.size() < head.size {
        if !audit_bundle(source, head.size, &mut tree, &mut report) {
            break;
        }
    }
    report.size = tree.size();
    if tree.size() == head.size {
        for tile in tree.partial_tiles(0) {
            compare_tile(source, &tile, &mut report);
        }
    }
    if tree.size() == head.size && tree.root() != head.root {
        report.add(AuditFault::RootDiffers);
    }
    report.head = Some(head);
    report
}

/// One bundle and the tiles it finishes. False if the audit cannot go on behind it.
fn audit_bundle(source: &dyn TileSource, size: u64, tree: &mut Tree, report: &mut AuditReport) -> bool {
    let Some(at) = TilePath::entries_at(tree.size() / TILE_WIDTH, size) else {
        return false;
    };
    let first = tree.size();
    let tiles = match source.tile(at).map(|bytes| decode_bundle(&bytes)) {
        Some(Ok(entries)) if entries.len() as u64 == at.width() => {
            for (index, entry) in (first..).zip(&entries) {
                if let Err(error) = entry.parse() {
                    report.add(AuditFault::Entry { index, error });
                }
            }
            tree.append(&entries).map(|done| done.files)
        }
        other => {
            let path = at.path();
            report.add(if other.is_none() { AuditFault::Missing(path) } else { AuditFault::Malformed(path) });
            let level0 = TilePath::hashes_at(0, first / TILE_WIDTH, size);
            let leaves = level0.and_then(|t| source.tile(t)).and_then(|b| decode_hashes(&b));
            let Some(leaves) = leaves.filter(|l| l.len() as u64 == at.width()) else {
                return false;
            };
            tree.append_hashes(&leaves)
        }
    };
    let Ok(tiles) = tiles else { return false };
    // Partial tiles of sizes that were passed need not exist any more; those of the final size are checked at the end.
    for tile in tiles.iter().filter(|tile| !tile.path.contains(".p/")) {
        compare_tile(source, tile, report);
    }
    true
}

fn compare_tile(source: &dyn TileSource, want: &LogFile, report: &mut AuditReport) {
    let Some(at @ TilePath::Hashes { .. }) = TilePath::parse(&want.path) else { return };
    match source.tile(at) {
        None => report.add(AuditFault::Missing(want.path.clone())),
        Some(bytes) if bytes != want.bytes => report.add(AuditFault::TileDiffers(want.path.clone())),
        Some(_) => {}
    }
}

/// Two heads of one log that cannot both be honest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ViewFault {
    /// The heads are of two logs.
    #[error("the two heads belong to different logs")]
    OtherLog,
    /// The newer head has fewer entries than the one seen before.
    #[error("the log was rolled back from {seen} to {now} entries")]
    RolledBack {
        /// Entries of the head seen before.
        seen: u64,
        /// Entries now.
        now: u64,
    },
    /// What was seen before is not the beginning of what is shown now.
    #[error("the log shows another history than before")]
    SplitView,
    /// The files needed to compare are not readable.
    #[error("the log cannot be compared: its tiles are not readable")]
    Unreadable,
}

/// Compares a head seen before with the head of now, over the files of now. Both must have been opened with their key.
///
/// # Errors
/// What contradicts.
pub fn compare_views(seen: &Checkpoint, now: &Checkpoint, source: &dyn TileSource) -> Result<(), ViewFault> {
    if seen.origin != now.origin {
        return Err(ViewFault::OtherLog);
    }
    if now.size < seen.size {
        return Err(ViewFault::RolledBack { seen: seen.size, now: now.size });
    }
    let proof = Log::new(source, now.size).consistency(seen.size, now.size).map_err(|_| ViewFault::Unreadable)?;
    verify_consistency(seen.size, seen.root, now.size, now.root, &proof).map_err(|_| ViewFault::SplitView)
}
