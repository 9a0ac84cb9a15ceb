//! One entry of the log: what was done, when, at which site, as compact JSON with a fixed order of fields.
//!
//! The bytes are made once, by `Entry::encode`, and kept; everything after that works on the bytes.
//! Entries hold ids and digests only. Where a fact about a person must be provable, the entry holds `commit(salt, bytes)`
//! and the salt lives beside the record: deleting both leaves the log whole and the person unknown.

use crate::tree::leaf_hash;
use base::{Sha256, SiteId, UtcMs, limits};
use serde::{Deserialize, Serialize};

/// Longest `kind` of an entry, bytes.
const KIND_BYTES: usize = 64;

/// A parsed entry. `body` is free, by `kind`; it carries ids and digests, never personal data.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this form; 1.
    pub v: u32,
    /// What happened, dotted lower case, e.g. `footage.span`, `act.refused`, `grant.made`.
    pub kind: String,
    /// When, wall clock of the site.
    pub at_utc_ms: UtcMs,
    /// Where.
    pub site: SiteId,
    /// The rest, by kind.
    pub body: serde_json::Value,
}

/// The bytes of an entry as they stand in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryBytes(Vec<u8>);

/// Why an entry was not made or not read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EntryError {
    /// Longer than `limits::LEDGER_ENTRY_BYTES` (entry bundles count with 16 bits).
    #[error("entry of {0} bytes is longer than {max}", max = limits::LEDGER_ENTRY_BYTES)]
    TooLong(usize),
    /// No byte at all.
    #[error("entry is empty")]
    Empty,
    /// `kind` is not dotted lower-case words.
    #[error("entry kind is not dotted lower-case words: {0:?}")]
    Kind(String),
    /// A version this program does not know.
    #[error("entry version {0} is not known")]
    Version(u32),
    /// Not the JSON of an entry.
    #[error("entry is not readable: {0}")]
    Json(String),
}

impl Entry {
    /// An entry of version 1.
    #[must_use]
    pub fn new(kind: &str, at_utc_ms: UtcMs, site: SiteId, body: serde_json::Value) -> Self {
        Self { v: 1, kind: kind.to_owned(), at_utc_ms, site, body }
    }

    /// The bytes to log: compact JSON, fields in the order `v kind at_utc_ms site body`.
    ///
    /// # Errors
    /// `Kind`, `Version`, `TooLong`.
    pub fn encode(&self) -> Result<EntryBytes, EntryError> {
        self.check()?;
        EntryBytes::new(serde_json::to_vec(self).map_err(|e| EntryError::Json(e.to_string()))?)
    }

    fn check(&self) -> Result<(), EntryError> {
        let word =
            |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if self.kind.len() > KIND_BYTES || !self.kind.split('.').all(word) {
            return Err(EntryError::Kind(self.kind.chars().take(KIND_BYTES).collect()));
        }
        if self.v == 1 { Ok(()) } else { Err(EntryError::Version(self.v)) }
    }
}

impl EntryBytes {
    /// Takes bytes that are, or will be, in the log.
    ///
    /// # Errors
    /// `Empty`, `TooLong`.
    pub fn new(bytes: Vec<u8>) -> Result<Self, EntryError> {
        match bytes.len() {
            0 => Err(EntryError::Empty),
            n if n > limits::LEDGER_ENTRY_BYTES => Err(EntryError::TooLong(n)),
            _ => Ok(Self(bytes)),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// RFC 6962 leaf hash.
    #[must_use]
    pub fn leaf_hash(&self) -> Sha256 {
        leaf_hash(&self.0)
    }

    /// Reads the entry. The bytes stay what is signed.
    ///
    /// # Errors
    /// `Json`, `Kind`, `Version`.
    pub fn parse(&self) -> Result<Entry, EntryError> {
        let entry: Entry = serde_json::from_slice(&self.0).map_err(|e| EntryError::Json(e.to_string()))?;
        entry.check()?;
        Ok(entry)
    }
}

/// A commitment to personal data: SHA-256 over a label, the salt and the bytes. Without the salt (32 random bytes, kept
/// beside the record and deleted with it) the data cannot be guessed from the entry; with it anyone can check the record.
#[must_use]
pub fn commit(salt: &[u8; 32], bytes: &[u8]) -> Sha256 {
    use sha2::Digest;
    let digest = sha2::Sha256::new().chain_update(b"jifang commitment v1\n").chain_update(salt).chain_update(bytes);
    Sha256(digest.finalize().into())
}
