//! The export bundle and its offline verifier: what leaves the site and stands before a court.
//!
//! Making: spans of the log become `Slice`s of containers (`slices`), these and the facts of the request become a
//! `Manifest`, `plan` signs it and answers with the exact bytes of the package in order; the caller copies footage in between.
//! Checking: `verify` (or `Verifier` job by job, so that two threads may share the work) reads the package with bounded
//! memory and answers with `Fault`s, each with a code, a place and a sentence for a court clerk.
//!
//! The package is one ZIP of stored files:
//! `manifest.json`, `manifest.sig` (signed note over SHA-256 and SM3 of it), `README.txt`, `说明.txt`, the register extract,
//! `footage/<camera>/<nn>.mp4` (init segment and original fragments), `derived/...`, `ledger/checkpoint`,
//! `ledger/<index>.json` (entry bytes) and `ledger/<index>.tlog-proof`.
//!
//! Invariants: every byte of the package is either inside a file whose digest is signed, or follows from the signed list
//! (ZIP headers), or is the signature: no byte can change unseen. Time without footage is either a logged gap with a cause
//! or a fault. Without a trusted key the report says that the key's owner has yet to be checked.

mod digest;
mod entry;
mod fault;
mod guide;
mod manifest;
mod plan;
mod segments;
mod story;
mod verify;
mod zip;

pub use digest::{Digester, FileDigest, Sm3};
pub use entry::{AbsentBody, ExportBody, KIND_ABSENT, KIND_EXPORT, KIND_GRANT, KIND_REQUEST, RequestBody};
pub use fault::{Fault, FaultCode};
pub use guide::guide_files;
pub use manifest::{
    CHECKPOINT_FILE, CameraFacts, DerivedFile, EXPORT_FILES, EntryRef, FORMAT, FileFacts, FootageFile, Fragment,
    GapFacts, LEDGER_BYTES, LedgerFacts, MANIFEST_BYTES, Manifest, Officer, Range, RequestFacts, SiteFacts, entry_path,
    proof_path,
};
pub use plan::{Content, Part, Plan, PlanError, Slice, ledger_files, plan, slices};
pub use verify::{Facts, Job, Report, Verifier, verify};

/// Random access to a file, as the caller has it: a file, a mapped file, bytes in memory.
pub trait ReadAt {
    /// Size, bytes.
    fn size_bytes(&self) -> u64;

    /// Fills `buf` from `offset`.
    ///
    /// # Errors
    /// `ReadFailed` if not all of it could be read.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadFailed>;
}

/// A read that failed, with the system's words.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot read: {0}")]
pub struct ReadFailed(pub String);

impl ReadAt for [u8] {
    fn size_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadFailed> {
        let start = usize::try_from(offset).map_err(|_| ReadFailed("offset".into()))?;
        let end = start.checked_add(buf.len()).ok_or_else(|| ReadFailed("offset".into()))?;
        buf.copy_from_slice(self.get(start..end).ok_or_else(|| ReadFailed("beyond the end".into()))?);
        Ok(())
    }
}

impl ReadAt for Vec<u8> {
    fn size_bytes(&self) -> u64 {
        self.as_slice().size_bytes()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadFailed> {
        self.as_slice().read_at(offset, buf)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bundle;
