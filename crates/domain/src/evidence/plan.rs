//! Makes the package: which fragments, which file order, which bytes. Nothing is read or written here.
//!
//! The caller digests each footage file once (`Digester`), calls `plan`, then writes the parts in order, copying the
//! footage a second time. Same input, same bytes. After writing, verify: it finds what changed between the two readings.

use super::digest::{FileDigest, Sm3};
use super::entry::end_of;
use super::manifest::{
    CHECKPOINT_FILE, EXPORT_FILES, FORMAT, FileFacts, FootageFile, Fragment, MANIFEST_BYTES, Manifest, Range,
    entry_path, proof_path,
};
use super::zip::{Layout, Member};
use crate::recording::entry::{FragmentBody, SpanBody};
use base::{CameraId, ContainerId, Sha256};
use ledger::{EntryBytes, ProofFile, SiteKey, sign_note};

/// A file to go into the package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// A small file, here in full.
    Bytes {
        /// Path in the package.
        path: String,
        /// Content.
        bytes: Vec<u8>,
    },
    /// A large file that the caller will copy.
    Stream {
        /// Path in the package.
        path: String,
        /// What the caller found when reading it.
        digest: FileDigest,
    },
}

/// A piece of the package, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Bytes to write.
    Bytes(Vec<u8>),
    /// The content of a `Content::Stream` to copy.
    Stream {
        /// Its path.
        path: String,
        /// Its size, bytes.
        bytes: u64,
    },
}

/// A package, ready to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The pieces.
    pub parts: Vec<Part>,
    /// Size of the package, bytes.
    pub bytes: u64,
    /// Digest of `manifest.json`: the name of this export in the log.
    pub manifest_sha256: Sha256,
}

/// Why no package was planned.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlanError {
    /// Parts of the manifest do not fit each other, or the contents.
    #[error("the manifest does not hold together: {0}")]
    Manifest(String),
    /// Too many files or too long a manifest: split the export.
    #[error("the export is too large: {0}")]
    TooLarge(String),
    /// The key cannot sign.
    #[error("the manifest cannot be signed: {0}")]
    Sign(String),
}

/// Plans the package. `format`, `site.vkey`, `actual` and `files` of the manifest are filled in here.
///
/// # Errors
/// `Manifest`, `TooLarge`, `Sign`.
pub fn plan(mut manifest: Manifest, contents: Vec<Content>, key: &SiteKey) -> Result<Plan, PlanError> {
    if contents.len() > EXPORT_FILES {
        return Err(PlanError::TooLarge(format!("{} files, at most {EXPORT_FILES}", contents.len())));
    }
    manifest.format = FORMAT.to_owned();
    manifest.site.vkey = key.vkey().to_string();
    manifest.actual = manifest.footage_range();
    manifest.files = contents.iter().map(facts).collect();
    manifest.check().map_err(PlanError::Manifest)?;
    let mut json = serde_json::to_vec(&manifest).map_err(|e| PlanError::Manifest(e.to_string()))?;
    json.push(b'\n');
    if json.len() as u64 > MANIFEST_BYTES {
        return Err(PlanError::TooLarge(format!("manifest of {} bytes", json.len())));
    }
    let signature = sign_note(signed_text(&json).as_bytes(), key).map_err(|e| PlanError::Sign(e.to_string()))?;
    let layout = package_layout(&json, &signature, &manifest);
    let (bytes, manifest_sha256) = (layout.total_bytes(), Sha256::of(&json));
    let own = [json, signature].map(Part::Bytes);
    let given = contents.into_iter().map(|content| match content {
        Content::Bytes { bytes, .. } => Part::Bytes(bytes),
        Content::Stream { path, digest } => Part::Stream { path, bytes: digest.bytes },
    });
    let mut parts = Vec::new();
    for ((_, header, _), content) in layout.members.into_iter().zip(own.into_iter().chain(given)) {
        parts.extend([Part::Bytes(header), content]);
    }
    parts.push(Part::Bytes(layout.tail));
    Ok(Plan { parts, bytes, manifest_sha256 })
}

fn facts(content: &Content) -> FileFacts {
    let (path, digest) = match content {
        Content::Bytes { path, bytes } => (path, FileDigest::of(bytes)),
        Content::Stream { path, digest } => (path, *digest),
    };
    let FileDigest { bytes, crc32, sha256, sm3 } = digest;
    FileFacts { path: path.clone(), bytes, crc32, sha256, sm3 }
}

/// The layout that manifest, signature and list of files ask for.
pub(super) fn package_layout(json: &[u8], signature: &[u8], manifest: &Manifest) -> Layout {
    let mut members = vec![Member::of("manifest.json", json), Member::of("manifest.sig", signature)];
    members.extend(manifest.files.iter().map(Member::from));
    Layout::new(&members)
}

/// What the site's key signs.
pub(super) fn signed_text(manifest_json: &[u8]) -> String {
    let (sha256, sm3) = (Sha256::of(manifest_json), Sm3::of(manifest_json));
    format!("{FORMAT}\nmanifest.json\nsha256 {sha256}\nsm3 {sm3}\n")
}

/// The files `ledger/...` of an export: the checkpoint, and bytes and proof of each entry, in the order given.
#[must_use]
pub fn ledger_files(checkpoint: &[u8], entries: &[(EntryBytes, ProofFile)]) -> Vec<Content> {
    let mut out = vec![Content::Bytes { path: CHECKPOINT_FILE.to_owned(), bytes: checkpoint.to_vec() }];
    for (entry, proof) in entries {
        out.push(Content::Bytes { path: entry_path(proof.index), bytes: entry.as_bytes().to_vec() });
        out.push(Content::Bytes { path: proof_path(proof.index), bytes: proof.to_text() });
    }
    out
}

/// Fragments of one container that belong into one footage file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Slice {
    /// Whose.
    pub camera: CameraId,
    /// From which container.
    pub container: ContainerId,
    /// Digest of its init segment.
    pub init_sha256: Sha256,
    /// Index of the span's entry, and the fragment.
    pub fragments: Vec<(u64, FragmentBody)>,
}

/// The fragments of one camera's spans (with their entry indexes, in order of time) that overlap `range`, by container.
#[must_use]
pub fn slices(spans: &[(u64, SpanBody)], range: Range) -> Vec<Slice> {
    let mut out: Vec<Slice> = Vec::new();
    for (entry, span) in spans {
        for fragment in span.fragments.iter().filter(|f| overlaps(f, range)) {
            let same = out.last_mut().filter(|s| s.container == span.container && s.camera == span.camera);
            match same {
                Some(slice) => slice.fragments.push((*entry, fragment.clone())),
                None => out.push(Slice {
                    camera: span.camera,
                    container: span.container,
                    init_sha256: span.init_sha256,
                    fragments: vec![(*entry, fragment.clone())],
                }),
            }
        }
    }
    out
}

pub(super) fn overlaps(fragment: &FragmentBody, range: Range) -> bool {
    fragment.start_utc_ms < range.to_utc_ms && end_of(fragment) > range.from_utc_ms
}

impl Slice {
    /// The manifest's words for this slice, number `number` (from 1) of its camera. `pictures` counts those of a fragment
    /// (the site's own index knows; the log does not).
    #[must_use]
    pub fn footage_file(&self, number: usize, init_bytes: u64, pictures: impl Fn(&FragmentBody) -> u32) -> FootageFile {
        let mut offset = init_bytes;
        let mut fragments = Vec::with_capacity(self.fragments.len());
        for (entry, f) in &self.fragments {
            fragments.push(Fragment {
                offset,
                bytes: f.bytes,
                seq: f.seq,
                start_utc_ms: f.start_utc_ms,
                duration_90k: f.duration_90k,
                pictures: pictures(f),
                sha256: f.sha256,
                entry: *entry,
            });
            offset = offset.saturating_add(f.bytes);
        }
        FootageFile {
            path: format!("footage/{}/{number:02}.mp4", self.camera),
            camera: self.camera,
            container: self.container,
            init_bytes,
            init_sha256: self.init_sha256,
            fragments,
        }
    }
}
