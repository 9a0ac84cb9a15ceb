//! Where things lie in a log directory (C2SP tlog-tiles) and what an entry bundle looks like.
//!
//! `tile/<L>/<N>` holds 256 hashes of level `8*L`, `tile/entries/<N>` the 256 entries below a level-0 tile, each with a
//! 16-bit length before it; `.p/<W>` marks a partial one. `N` is written in groups of three digits, all but the last with `x`.

use crate::entry::EntryBytes;
use base::Sha256;
use std::collections::BTreeMap;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// Path of the signed head.
pub const CHECKPOINT_PATH: &str = "checkpoint";
/// Deepest tile level: 256^7 entries and more are beyond any site.
pub(crate) const MAX_LEVEL: u8 = 6;

/// A file of the log to be written, or that was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogFile {
    /// Path below the log directory, with `/`.
    pub path: String,
    /// Whole content.
    pub bytes: Vec<u8>,
}

/// Place of a tile or an entry bundle.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum TilePath {
    /// Hashes of level `8 * level`.
    Hashes {
        /// Tile level.
        level: u8,
        /// Number within the level.
        index: u64,
        /// Hashes in it, 1 to 256.
        width: u16,
    },
    /// Entries.
    Entries {
        /// Number of the bundle.
        index: u64,
        /// Entries in it, 1 to 256.
        width: u16,
    },
}

/// Reads files of a log directory, whatever keeps them. `None` where there is no such file (or it cannot be read).
pub trait TileSource {
    /// The content of `path` (relative, with `/`).
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// A tile or bundle cut to its width: the partial file, else the full one (C2SP: partial ones may be pruned once the
    /// full one exists). `None` if neither is there or the content is too short.
    fn tile(&self, at: TilePath) -> Option<Vec<u8>> {
        if let Some(bytes) = self.read(&at.path()) {
            return Some(bytes);
        }
        if at.width() == TILE_WIDTH {
            return None;
        }
        let full = self.read(&at.full().path())?;
        match at {
            TilePath::Hashes { width, .. } => full.get(..usize::from(width) * 32).map(<[u8]>::to_vec),
            TilePath::Entries { width, .. } => {
                let entries = decode_bundle(&full).ok()?;
                entries.get(..usize::from(width)).map(encode_bundle)
            }
        }
    }
}

impl<T: TileSource + ?Sized> TileSource for &T {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        (**self).read(path)
    }
}

/// A log directory in memory: tests, demos, small logs inside an archive.
#[derive(Clone, Default, Debug)]
pub struct MemoryLog {
    /// Files by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl MemoryLog {
    /// Takes files in, replacing those of the same path.
    pub fn write(&mut self, files: Vec<LogFile>) {
        self.files.extend(files.into_iter().map(|f| (f.path, f.bytes)));
    }
}

impl TileSource for MemoryLog {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.files.get(path).cloned()
    }
}

impl TilePath {
    /// The tile of `level` with number `index` in a log of `size` entries; `None` if it would be empty.
    #[must_use]
    pub fn hashes_at(level: u8, index: u64, size: u64) -> Option<Self> {
        let of_level = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
        width_at(index, of_level).map(|width| Self::Hashes { level, index, width })
    }

    /// The bundle number `index` of a log of `size` entries; `None` if it would be empty.
    #[must_use]
    pub fn entries_at(index: u64, size: u64) -> Option<Self> {
        width_at(index, size).map(|width| Self::Entries { index, width })
    }

    /// Number of hashes or entries.
    #[must_use]
    pub const fn width(self) -> u64 {
        match self {
            Self::Hashes { width, .. } | Self::Entries { width, .. } => width as u64,
        }
    }

    /// The same place with full width.
    #[must_use]
    pub const fn full(self) -> Self {
        match self {
            Self::Hashes { level, index, .. } => Self::Hashes { level, index, width: 256 },
            Self::Entries { index, .. } => Self::Entries { index, width: 256 },
        }
    }

    /// Path below the log directory.
    #[must_use]
    pub fn path(self) -> String {
        let (folder, index) = match self {
            Self::Hashes { level, index, .. } => (level.to_string(), index),
            Self::Entries { index, .. } => ("entries".to_owned(), index),
        };
        let partial = if self.width() == TILE_WIDTH { String::new() } else { format!(".p/{}", self.width()) };
        let mut number = format!("{:03}", index % 1000);
        let mut rest = index / 1000;
        while rest > 0 {
            number = format!("x{:03}/{number}", rest % 1000);
            rest /= 1000;
        }
        format!("tile/{folder}/{number}{partial}")
    }

    /// Reads a path back; `None` for anything that `path` would not write.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        if path.len() > 64 {
            return None;
        }
        let (folder, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse::<u16>().ok().filter(|w| (1..256).contains(w))?),
            None => (rest, 256),
        };
        let index = number.split('/').try_fold(0_u64, |sum, group| {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            sum.checked_mul(1000)?.checked_add(digits)
        })?;
        let at = match folder {
            "entries" => Self::Entries { index, width },
            level => Self::Hashes { level: level.parse().ok().filter(|l| *l <= MAX_LEVEL)?, index, width },
        };
        (at.path() == path).then_some(at)
    }
}

fn width_at(index: u64, count: u64) -> Option<u16> {
    let width = count.saturating_sub(index.checked_mul(TILE_WIDTH)?).min(TILE_WIDTH);
    u16::try_from(width).ok().filter(|w| *w > 0)
}

/// The fault of an entry bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("entry bundle is cut short or holds an empty entry after {entries} entries")]
pub struct BundleError {
    /// Entries read before the fault.
    pub entries: usize,
}

/// Entries one after the other, each behind its 16-bit big-endian length.
#[must_use]
pub(crate) fn encode_bundle(entries: &[EntryBytes]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.iter().map(|e| e.as_bytes().len() + 2).sum());
    for entry in entries {
        push_entry(&mut out, entry);
    }
    out
}

/// One more entry at the end of a bundle.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &EntryBytes) {
    // `EntryBytes` is never longer than 16 bits can say.
    let len = u16::try_from(entry.as_bytes().len()).unwrap_or(u16::MAX);
    bundle.extend_from_slice(&len.to_be_bytes());
    bundle.extend_from_slice(entry.as_bytes());
}

/// The entries of a bundle.
pub(crate) fn decode_bundle(mut bytes: &[u8]) -> Result<Vec<EntryBytes>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let fault = BundleError { entries: entries.len() };
        let (len, rest) = bytes.split_first_chunk::<2>().ok_or(fault)?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or(fault)?;
        entries.push(EntryBytes::new(entry.to_vec()).map_err(|_| fault)?);
        bytes = rest;
    }
    Ok(entries)
}

/// The hashes of a tile; `None` if its length is not a whole number of them.
pub(crate) fn decode_hashes(bytes: &[u8]) -> Option<Vec<Sha256>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    rest.is_empty().then(|| hashes.iter().map(|h| Sha256(*h)).collect())
}

/// The bytes of a tile.
pub(crate) fn encode_hashes(hashes: &[Sha256]) -> Vec<u8> {
    hashes.iter().flat_map(|h| h.0).collect()
}
