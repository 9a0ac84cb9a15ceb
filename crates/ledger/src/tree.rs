//! The growing tree (`Tree`) and the reading of one that lies in files (`Log`).
//!
//! `Tree` keeps only the right edge: at each tile level the hashes of the unfinished tile, and the unfinished entry bundle.
//! Appending a batch hashes each entry once, each inner node once, and answers with the files that changed.
//! Invariant: after `append`, the files written so far together with the answered ones are a whole log of `size` entries.

use crate::entry::EntryBytes;
use crate::tile::{
    BundleError, LogFile, MAX_LEVEL, TILE_WIDTH, TilePath, TileSource, decode_bundle, decode_hashes, encode_hashes,
    push_entry,
};
use base::Sha256;
use sha2::Digest;

/// Most entries a log may hold; beyond it no index arithmetic of the tiles is trusted.
pub(crate) const MAX_SIZE: u64 = 1 << 48;

/// RFC 6962 section 2.1: SHA-256 of 0x00 and the entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// RFC 6962 section 2.1: SHA-256 of 0x01 and both children.
#[must_use]
pub fn node_hash(left: Sha256, right: Sha256) -> Sha256 {
    let mut block = [1; 65];
    block[1..33].copy_from_slice(&left.0);
    block[33..].copy_from_slice(&right.0);
    Sha256::of(&block)
}

/// Root of a log without entries: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Sha256 {
    Sha256::of(&[])
}

/// Why a tree could not be loaded or grown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TreeError {
    /// A file of the right edge is not there.
    #[error("log file {0} is missing")]
    Missing(String),
    /// A file has not the length or form it should have.
    #[error("log file {0} is malformed")]
    Malformed(String),
    /// The log would hold more entries than this program counts.
    #[error("the log is full")]
    Full,
    /// Asked about an entry or a size that the log has not reached.
    #[error("the log has {size} entries, {asked} was asked for")]
    Range {
        /// Entries in the log.
        size: u64,
        /// What was asked for.
        asked: u64,
    },
    /// Files that contradict each other: a proof made from them does not verify.
    #[error("the tiles contradict the checkpoint")]
    Contradiction,
}

/// The right edge of a log, in memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    size: u64,
    /// Unfinished tile of each level, fewer than 256 hashes each.
    edge: Vec<Vec<Sha256>>,
    /// Bytes of the unfinished entry bundle.
    bundle: Vec<u8>,
}

/// What an `append` changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Index of the first new entry.
    pub first_index: u64,
    /// Entries in the log now.
    pub size: u64,
    /// Root over all of them.
    pub root: Sha256,
    /// Files to make durable before a checkpoint of `size` is signed: bundles first, then tiles, lowest level first.
    pub files: Vec<LogFile>,
}

impl Tree {
    /// The tree without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the right edge of a log of `size` entries.
    ///
    /// # Errors
    /// `Missing` or `Malformed` with the path; `Full`.
    pub fn load(source: &dyn TileSource, size: u64) -> Result<Self, TreeError> {
        if size > MAX_SIZE {
            return Err(TreeError::Full);
        }
        let mut tree = Self { size, edge: Vec::new(), bundle: Vec::new() };
        for level in 0..=MAX_LEVEL {
            let of_level = size >> (u32::from(level) * 8);
            if of_level == 0 {
                break;
            }
            let at = TilePath::hashes_at(level, of_level / TILE_WIDTH, size);
            tree.edge.push(at.map_or(Ok(Vec::new()), |at| read_hashes(source, at))?);
        }
        if let Some(at) = TilePath::entries_at(size / TILE_WIDTH, size) {
            tree.bundle = source.tile(at).ok_or_else(|| TreeError::Missing(at.path()))?;
            let whole = decode_bundle(&tree.bundle).is_ok_and(|e| e.len() as u64 == at.width());
            if !whole {
                return Err(TreeError::Malformed(at.path()));
            }
        }
        Ok(tree)
    }

    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 root.
    #[must_use]
    pub fn root(&self) -> Sha256 {
        // The peaks of the tree from the smallest (right) to the largest (left), folded.
        let mut root: Option<Sha256> = None;
        for tile in &self.edge {
            let mut end = tile.len();
            while end > 0 {
                let width = 1 << end.trailing_zeros();
                let peak = subtree(&tile[end - width..end]);
                root = Some(root.map_or(peak, |right| node_hash(peak, right)));
                end -= width;
            }
        }
        root.unwrap_or_else(empty_root)
    }

    /// Appends entries and answers with the changed files.
    ///
    /// # Errors
    /// `Full`; then nothing has changed.
    pub fn append(&mut self, entries: &[EntryBytes]) -> Result<Appended, TreeError> {
        let first_index = self.size;
        self.room_for(entries.len())?;
        let mut bundles = Vec::new();
        let mut tiles = Vec::new();
        for entry in entries {
            push_entry(&mut self.bundle, entry);
            self.push_leaf(entry.leaf_hash(), &mut tiles);
            if self.size.is_multiple_of(TILE_WIDTH) {
                let at = TilePath::Entries { index: self.size / TILE_WIDTH - 1, width: 256 };
                bundles.push(LogFile { path: at.path(), bytes: std::mem::take(&mut self.bundle) });
            }
        }
        if let Some(at) = TilePath::entries_at(self.size / TILE_WIDTH, self.size).filter(|_| !entries.is_empty()) {
            bundles.push(LogFile { path: at.path(), bytes: self.bundle.clone() });
        }
        tiles.extend(self.partial_tiles(first_index));
        bundles.extend(tiles);
        Ok(Appended { first_index, size: self.size, root: self.root(), files: bundles })
    }

    /// Appends leaves known by hash only, for an audit that goes on behind an unreadable bundle. Answers with hash tiles only.
    pub(crate) fn append_hashes(&mut self, leaves: &[Sha256]) -> Result<Vec<LogFile>, TreeError> {
        let first_index = self.size;
        self.room_for(leaves.len())?;
        let mut tiles = Vec::new();
        for leaf in leaves {
            self.push_leaf(*leaf, &mut tiles);
        }
        tiles.extend(self.partial_tiles(first_index));
        Ok(tiles)
    }

    fn room_for(&self, entries: usize) -> Result<(), TreeError> {
        let fits = u64::try_from(entries).ok().and_then(|n| self.size.checked_add(n)).is_some_and(|n| n <= MAX_SIZE);
        if fits { Ok(()) } else { Err(TreeError::Full) }
    }

    fn push_leaf(&mut self, leaf: Sha256, full: &mut Vec<LogFile>) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0..=MAX_LEVEL {
            let at = usize::from(level);
            if self.edge.len() == at {
                self.edge.push(Vec::with_capacity(8));
            }
            let tile = &mut self.edge[at];
            tile.push(hash);
            if tile.len() as u64 != TILE_WIDTH {
                return;
            }
            hash = subtree(tile);
            let index = (self.size >> ((u32::from(level) + 1) * 8)) - 1;
            let path = TilePath::Hashes { level, index, width: 256 }.path();
            full.push(LogFile { path, bytes: encode_hashes(tile) });
            tile.clear();
        }
    }

    /// The unfinished tiles of the levels that changed since the log had `before` entries.
    pub(crate) fn partial_tiles(&self, before: u64) -> Vec<LogFile> {
        let levels = (0..=MAX_LEVEL).zip(&self.edge);
        let changed = levels.filter(|(level, tile)| {
            let shift = u32::from(*level) * 8;
            !tile.is_empty() && before >> shift != self.size >> shift
        });
        changed
            .filter_map(|(level, tile)| {
                let index = (self.size >> (u32::from(level) * 8)) / TILE_WIDTH;
                let width = u16::try_from(tile.len()).ok()?;
                let path = TilePath::Hashes { level, index, width }.path();
                Some(LogFile { path, bytes: encode_hashes(tile) })
            })
            .collect()
    }
}

/// Root of a complete subtree; the length is a power of two, at least one.
pub(crate) fn subtree(hashes: &[Sha256]) -> Sha256 {
    match hashes {
        [] => empty_root(),
        [one] => *one,
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            node_hash(subtree(left), subtree(right))
        }
    }
}

fn read_hashes(source: &dyn TileSource, at: TilePath) -> Result<Vec<Sha256>, TreeError> {
    let bytes = source.tile(at).ok_or_else(|| TreeError::Missing(at.path()))?;
    let hashes = decode_hashes(&bytes).filter(|h| h.len() as u64 == at.width());
    hashes.ok_or_else(|| TreeError::Malformed(at.path()))
}

/// A log that lies in files, seen at one size.
pub struct Log<'a> {
    source: &'a dyn TileSource,
    size: u64,
}

impl<'a> Log<'a> {
    /// The first `size` entries of the log behind `source`.
    #[must_use]
    pub const fn new(source: &'a dyn TileSource, size: u64) -> Self {
        Self { source, size }
    }

    /// Number of entries in view.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Entry number `index`.
    ///
    /// # Errors
    /// `Range`, `Missing`, `Malformed`.
    pub fn entry(&self, index: u64) -> Result<EntryBytes, TreeError> {
        let (first, mut entries) = self.bundle_of(index)?;
        let place = usize::try_from(index - first).unwrap_or(usize::MAX);
        if place < entries.len() {
            Ok(entries.swap_remove(place))
        } else {
            Err(TreeError::Range { size: self.size, asked: index })
        }
    }

    /// The bundle that entry `index` lies in: the number of its first entry and all its entries in view.
    /// Who reads a log in order reads each file once this way.
    ///
    /// # Errors
    /// `Range`, `Missing`, `Malformed`.
    pub fn bundle_of(&self, index: u64) -> Result<(u64, Vec<EntryBytes>), TreeError> {
        let at = self.in_range(index).and_then(|()| {
            TilePath::entries_at(index / TILE_WIDTH, self.size)
                .ok_or(TreeError::Range { size: self.size, asked: index })
        })?;
        let malformed = |_: BundleError| TreeError::Malformed(at.path());
        let bundle = self.source.tile(at).ok_or_else(|| TreeError::Missing(at.path()))?;
        let entries = decode_bundle(&bundle).map_err(malformed)?;
        if entries.len() as u64 == at.width() {
            Ok((index - index % TILE_WIDTH, entries))
        } else {
            Err(TreeError::Malformed(at.path()))
        }
    }

    /// Root over the first `size` entries.
    ///
    /// # Errors
    /// `Range`, `Missing`, `Malformed`.
    pub fn root(&self, size: u64) -> Result<Sha256, TreeError> {
        self.reach(size)?;
        self.run(|reader| tlog_tiles::tree_hash(size, reader)).map(|h| Sha256(h.0))
    }

    /// Hashes that lead from entry `index` to the root over the first `size` entries.
    ///
    /// # Errors
    /// `Range`, `Missing`, `Malformed`.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Sha256>, TreeError> {
        self.reach(size)?;
        if index >= size {
            return Err(TreeError::Range { size, asked: index });
        }
        let proof = self.run(|reader| tlog_tiles::prove_record(size, index, reader))?;
        Ok(proof.into_iter().map(|h| Sha256(h.0)).collect())
    }

    /// Hashes that show the log of `old` entries to be the beginning of the log of `new` entries; none for `old` = 0.
    ///
    /// # Errors
    /// `Range`, `Missing`, `Malformed`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Sha256>, TreeError> {
        self.reach(new)?;
        if old > new {
            return Err(TreeError::Range { size: new, asked: old });
        }
        if old == 0 {
            return Ok(Vec::new());
        }
        let proof = self.run(|reader| tlog_tiles::prove_tree(new, old, reader))?;
        Ok(proof.into_iter().map(|h| Sha256(h.0)).collect())
    }

    fn in_range(&self, index: u64) -> Result<(), TreeError> {
        if index < self.size { self.reach(self.size) } else { Err(TreeError::Range { size: self.size, asked: index }) }
    }

    fn reach(&self, size: u64) -> Result<(), TreeError> {
        if size > self.size || size > MAX_SIZE {
            return Err(TreeError::Range { size: self.size, asked: size });
        }
        Ok(())
    }

    fn run<T>(&self, job: impl FnOnce(&Reader<'_>) -> Result<T, tlog_tiles::Error>) -> Result<T, TreeError> {
        let reader = Reader { log: self, fault: std::cell::RefCell::new(None) };
        let done = job(&reader);
        done.map_err(|_| reader.fault.take().unwrap_or(TreeError::Contradiction))
    }
}

/// Answers the proof functions of `tlog_tiles` from the tiles; keeps the first fault in our own words.
struct Reader<'a> {
    log: &'a Log<'a>,
    fault: std::cell::RefCell<Option<TreeError>>,
}

impl Reader<'_> {
    fn hash(&self, stored_index: u64) -> Result<Sha256, TreeError> {
        let (level, number) = tlog_tiles::split_stored_hash_index(stored_index);
        let inner = u32::from(level % 8);
        // The node covers `1 << inner` neighbours of its tile row.
        let first = number << inner;
        let range = TreeError::Range { size: self.log.size, asked: first };
        let at = TilePath::hashes_at(level / 8, first / TILE_WIDTH, self.log.size).ok_or(range)?;
        let hashes = read_hashes(self.log.source, at)?;
        let start = usize::try_from(first % TILE_WIDTH).unwrap_or(usize::MAX);
        let row = hashes.get(start..start.saturating_add(1 << inner));
        row.map(subtree).ok_or_else(|| TreeError::Malformed(at.path()))
    }
}

impl tlog_tiles::HashReader for Reader<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let read = |index: &u64| {
            self.hash(*index).map(|h| tlog_tiles::Hash(h.0)).map_err(|fault| {
                self.fault.replace(Some(fault));
                tlog_tiles::Error::InvalidTile
            })
        };
        indexes.iter().map(read).collect()
    }
}
