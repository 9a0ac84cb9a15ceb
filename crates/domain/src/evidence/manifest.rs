//! The signed list of an export: who asked for what and why, which footage, which gaps, which files, which proofs.
//!
//! `manifest.json` is made once, signed over SHA-256 and SM3, and never written again from a parsed value. It names persons:
//! a manifest is shown to the parties of the case and is never logged.

use super::digest::Sm3;
use crate::recording::GAP_MIN_MS;
use base::{CameraId, ClauseId, ContainerId, ExportId, RequestId, Sha256, SiteId, Text, UtcMs, limits};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Word in `Manifest::format`.
pub const FORMAT: &str = "jifang-evidence/1";
/// Largest manifest, bytes: about 200,000 fragments.
pub const MANIFEST_BYTES: u64 = 64 * 1024 * 1024;
/// Most files of an export.
pub const EXPORT_FILES: usize = 60_000;
/// Largest file of an export, bytes (64 TiB): far beyond use, and no sum of such sizes overflows.
const FILE_BYTES: u64 = 1 << 46;
/// Largest content of all files below `ledger/` together, bytes: they are read into memory (about 60,000 spans).
pub const LEDGER_BYTES: u64 = 256 * 1024 * 1024;
/// Longest path of a file, bytes.
const PATH_BYTES: usize = 200;

/// The manifest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `FORMAT`.
    pub format: String,
    /// The export.
    pub export: ExportId,
    /// When it was made.
    pub made_utc_ms: UtcMs,
    /// Where the footage comes from.
    pub site: SiteFacts,
    /// Cameras asked for.
    pub cameras: Vec<CameraFacts>,
    /// Time asked for.
    pub asked: Range,
    /// Time of the footage that is inside; `None` if there is none.
    pub actual: Option<Range>,
    /// Who asked, on what ground.
    pub request: RequestFacts,
    /// Time without footage within the time asked for.
    pub gaps: Vec<GapFacts>,
    /// Original footage, per camera in order of time.
    pub footage: Vec<FootageFile>,
    /// Files made from the footage (masked, cut, converted): never the original.
    pub derived: Vec<DerivedFile>,
    /// The log the proofs lead to.
    pub ledger: LedgerFacts,
    /// Every file of the package but `manifest.json` and `manifest.sig`, in the order in which they lie there.
    pub files: Vec<FileFacts>,
}

/// The site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFacts {
    /// Id.
    pub id: SiteId,
    /// Name.
    pub name: String,
    /// Address.
    pub place: String,
    /// Public key, C2SP signed-note form.
    pub vkey: String,
}

/// One camera.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CameraFacts {
    /// Id.
    pub id: CameraId,
    /// Name.
    pub name: String,
    /// Where it hangs.
    pub place: String,
    /// Codec of the pictures, e.g. `H.264`.
    pub codec: String,
    /// What the times are counted in, e.g. server clock set by NTP.
    pub time_base: Text,
    /// Device clock minus server clock, ms; `None` if it could not be measured.
    pub clock_error_ms: Option<i64>,
    /// When it was measured.
    pub clock_measured_utc_ms: Option<UtcMs>,
}

/// From (inclusive) to (exclusive).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Begin.
    pub from_utc_ms: UtcMs,
    /// End.
    pub to_utc_ms: UtcMs,
}

impl Range {
    /// Stretches of this range longer than `GAP_MIN_MS` that none of `known` (footage and gaps) covers. Before an export
    /// every one of them needs an entry (`AbsentBody`) with its cause; after it, every one is an undisclosed gap.
    #[must_use]
    pub fn uncovered(self, mut known: Vec<Self>) -> Vec<Self> {
        known.sort_by_key(|r| (r.from_utc_ms, r.to_utc_ms));
        known.push(Self { from_utc_ms: self.to_utc_ms, to_utc_ms: self.to_utc_ms });
        let mut covered = self.from_utc_ms;
        let mut holes = Vec::new();
        for next in known {
            let hole = Self { from_utc_ms: covered, to_utc_ms: next.from_utc_ms.min(self.to_utc_ms) };
            if hole.to_utc_ms.since(hole.from_utc_ms) > GAP_MIN_MS {
                holes.push(hole);
            }
            covered = covered.max(next.to_utc_ms);
        }
        holes
    }
}

/// The request and its ground.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFacts {
    /// Request.
    pub request: RequestId,
    /// Requesting unit.
    pub unit: String,
    /// Legal ground in words.
    pub basis: Text,
    /// Clauses it rests on.
    pub clauses: Vec<ClauseId>,
    /// Case number.
    pub case_number: String,
    /// Why this footage.
    pub purpose: String,
    /// At least two.
    pub officers: Vec<Officer>,
    /// Custodian who granted.
    pub custodian: String,
}

/// A police officer who took the footage.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Name.
    pub name: String,
    /// Badge number.
    pub badge: String,
    /// Salt of the commitment in the log, 64 hexadecimal characters.
    pub salt: Sha256,
}

impl Officer {
    /// What the log holds of this officer (`ExportBody::officers`).
    #[must_use]
    pub fn commitment(&self) -> Sha256 {
        ledger::commit(&self.salt.0, format!("{}\n{}", self.badge, self.name).as_bytes())
    }
}

impl std::fmt::Debug for Officer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Officer(***)")
    }
}

/// Time without footage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapFacts {
    /// Whose.
    pub camera: CameraId,
    /// Begin.
    pub from_utc_ms: UtcMs,
    /// End.
    pub to_utc_ms: UtcMs,
    /// Code of the cause.
    pub cause: String,
    /// The cause in words.
    pub text: Text,
    /// Index of the entry that says so: `footage.gap`, `footage.deleted` (cause `deleted`) or `footage.absent`.
    pub entry: u64,
}

/// One playable file of original footage: an init segment and fragments of one container, untouched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FootageFile {
    /// `footage/<camera>/<nn>.mp4`.
    pub path: String,
    /// Whose.
    pub camera: CameraId,
    /// From which container.
    pub container: ContainerId,
    /// Size of the init segment, bytes.
    pub init_bytes: u64,
    /// Its digest.
    pub init_sha256: Sha256,
    /// In order.
    pub fragments: Vec<Fragment>,
}

/// One fragment in a footage file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fragment {
    /// Offset in the footage file, bytes.
    pub offset: u64,
    /// Size, bytes.
    pub bytes: u64,
    /// Number, counted per camera.
    pub seq: u64,
    /// Server time of the first picture.
    pub start_utc_ms: UtcMs,
    /// Length, 90 kHz ticks.
    pub duration_90k: u32,
    /// Pictures in it, as the site's index counts them (signed here, not in the log).
    pub pictures: u32,
    /// Digest.
    pub sha256: Sha256,
    /// Index of the `footage.span` entry that names it.
    pub entry: u64,
}

impl Fragment {
    /// Server time at its end.
    #[must_use]
    pub const fn end(&self) -> UtcMs {
        self.start_utc_ms.plus_ms(self.duration_90k as i64 / 90)
    }
}

/// A file made from footage.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedFile {
    /// `derived/...`.
    pub path: String,
    /// Footage file it was made from.
    pub of: String,
    /// How, e.g. faces masked.
    pub how: Text,
}

/// The log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerFacts {
    /// Entries at the checkpoint.
    pub size: u64,
    /// Root at the checkpoint.
    pub root: Sha256,
    /// Entries whose bytes and proofs are in `ledger/`.
    pub entries: Vec<EntryRef>,
}

/// One entry that is inside.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRef {
    /// Index in the log.
    pub index: u64,
    /// Kind.
    pub kind: String,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    /// Path in the package.
    pub path: String,
    /// Size, bytes.
    pub bytes: u64,
    /// CRC-32 that the ZIP headers carry.
    pub crc32: u32,
    /// SHA-256.
    pub sha256: Sha256,
    /// SM3.
    pub sm3: Sm3,
}

/// Path of an entry's bytes.
#[must_use]
pub fn entry_path(index: u64) -> String {
    format!("ledger/{index}.json")
}

/// Path of an entry's proof.
#[must_use]
pub fn proof_path(index: u64) -> String {
    format!("ledger/{index}.tlog-proof")
}

/// Path of the signed checkpoint.
pub const CHECKPOINT_FILE: &str = "ledger/checkpoint";

impl Manifest {
    /// Checks that the parts of the manifest fit each other: paths, sizes, ranges. Says in English what does not.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!(
                "format is {:?}, expected {FORMAT:?}",
                self.format.chars().take(40).collect::<String>()
            ));
        }
        if self.files.len() > EXPORT_FILES {
            return Err(format!("{} files, at most {EXPORT_FILES}", self.files.len()));
        }
        let mut paths = BTreeMap::new();
        for file in &self.files {
            if !is_plain(&file.path)
                || file.bytes > FILE_BYTES
                || paths.insert(file.path.as_str(), file.bytes).is_some()
            {
                return Err(format!("path {:?} is not plain, stands twice or is too large", file.path));
            }
        }
        let in_ledger = self.files.iter().filter(|f| f.path.starts_with("ledger/"));
        if in_ledger.map(|f| f.bytes).fold(0, u64::saturating_add) > LEDGER_BYTES {
            return Err(format!("entries and proofs are longer than {LEDGER_BYTES} bytes"));
        }
        let cameras: BTreeSet<_> = self.cameras.iter().map(|c| c.id).collect();
        if cameras.len() != self.cameras.len() || cameras.is_empty() || cameras.len() > limits::REQUEST_CAMERAS {
            return Err("cameras are missing, too many or stand twice".into());
        }
        if self.asked.from_utc_ms >= self.asked.to_utc_ms {
            return Err("the time asked for is empty".into());
        }
        let mut footage_paths = BTreeSet::new();
        for footage in &self.footage {
            if !footage_paths.insert(&footage.path) || !cameras.contains(&footage.camera) {
                return Err(format!("{} stands twice or is of a camera that is not named", footage.path));
            }
            check_footage(footage, paths.get(footage.path.as_str()).copied())?;
        }
        if self.actual != self.footage_range() {
            return Err("the range stated is not the range of the footage".into());
        }
        let known = |path: &String| paths.contains_key(path.as_str());
        if self.derived.iter().any(|d| !known(&d.path) || !footage_paths.contains(&d.of)) {
            return Err("a derived file or its original is not in the list of files".into());
        }
        let entries: BTreeSet<_> = self.ledger.entries.iter().map(|e| e.index).collect();
        let named = |e: &u64| known(&entry_path(*e)) && known(&proof_path(*e));
        if entries.len() != self.ledger.entries.len()
            || !entries.iter().all(named)
            || !paths.contains_key(CHECKPOINT_FILE)
        {
            return Err("log entries stand twice or lack their files".into());
        }
        Ok(())
    }

    /// From the earliest start to the latest end of all footage; `None` without footage.
    #[must_use]
    pub fn footage_range(&self) -> Option<Range> {
        let fragments = || self.footage.iter().flat_map(|f| &f.fragments);
        let from = fragments().map(|f| f.start_utc_ms).min()?;
        let to = fragments().map(Fragment::end).max()?;
        Some(Range { from_utc_ms: from, to_utc_ms: to })
    }

    /// Name of a camera, for people; its id if it is not in the list.
    #[must_use]
    pub fn camera_name(&self, id: CameraId) -> String {
        self.cameras.iter().find(|c| c.id == id).map_or_else(|| id.to_string(), |c| c.name.clone())
    }
}

/// The fragments fill the file (of `bytes`) from the end of the init segment to its own end.
fn check_footage(footage: &FootageFile, bytes: Option<u64>) -> Result<(), String> {
    let path = &footage.path;
    let bytes = bytes.ok_or(format!("{path} is not in the list of files"))?;
    let mut at = footage.init_bytes;
    for fragment in &footage.fragments {
        if fragment.offset != at || fragment.bytes == 0 {
            return Err(format!("{path}: fragment {} does not follow the one before", fragment.seq));
        }
        at = at.checked_add(fragment.bytes).ok_or(format!("{path}: sizes overflow"))?;
    }
    if at == bytes { Ok(()) } else { Err(format!("{path}: fragments do not add up to the file")) }
}

/// A path that means the same on every system: no way up, no drive, no control character.
fn is_plain(path: &str) -> bool {
    let part = |p: &str| !p.is_empty() && !p.starts_with('.') && !p.ends_with('.');
    path.len() <= PATH_BYTES
        && path.split('/').all(part)
        && !path.chars().any(|c| c.is_control() || "\\:*?\"<>|".contains(c))
        && !["manifest.json", "manifest.sig"].contains(&path)
}
