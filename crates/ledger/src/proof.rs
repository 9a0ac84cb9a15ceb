//! Proofs, how they are written to a file, and the verifier that needs no server.
//!
//! A proof file is C2SP tlog-proof: a header, the index, one base64 hash a line, an empty line, the signed checkpoint.
//! The entry's own bytes travel beside it. Invariant: a proof file has one spelling; whatever parses writes back the same.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::Vkey;
use crate::tree::{Log, MAX_SIZE, TreeError, leaf_hash};
use base::Sha256;
use base64::prelude::{BASE64_STANDARD, Engine};

/// Most hashes a proof may carry: more than any log of `1 << 48` entries needs.
pub const PROOF_HASHES: usize = 64;
/// First line of a proof file.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Largest proof file accepted, bytes.
const PROOF_BYTES: usize = 128 * 1024;

/// Why a proof was refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// Not a proof file.
    #[error("not a proof file: {0}")]
    Format(&'static str),
    /// The checkpoint inside (or given) was refused.
    #[error("checkpoint refused: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The entry's index is not below the size of the checkpoint.
    #[error("entry {index} is not in a log of {size} entries")]
    OutOfRange {
        /// Index claimed.
        index: u64,
        /// Size of the checkpoint.
        size: u64,
    },
    /// The hashes do not lead from the entry to the root: entry, index or proof was changed.
    #[error("entry {index} is not under the signed root")]
    NotIncluded {
        /// Index claimed.
        index: u64,
    },
    /// The older log is not the beginning of the newer one.
    #[error("the log of {old} entries is not the beginning of the log of {new}")]
    Inconsistent {
        /// Older size.
        old: u64,
        /// Newer size.
        new: u64,
    },
}

/// Checks that `leaf` is entry `index` of the log of `size` entries with `root`.
///
/// # Errors
/// `OutOfRange`, `NotIncluded`.
pub fn verify_inclusion(leaf: Sha256, index: u64, size: u64, root: Sha256, proof: &[Sha256]) -> Result<(), ProofError> {
    if index >= size || size > MAX_SIZE {
        return Err(ProofError::OutOfRange { index, size });
    }
    let refused = ProofError::NotIncluded { index };
    if proof.len() > PROOF_HASHES {
        return Err(refused);
    }
    let hash = |h: Sha256| tlog_tiles::Hash(h.0);
    let path = proof.iter().copied().map(hash).collect();
    tlog_tiles::check_record(&path, size, hash(root), index, hash(leaf)).map_err(|_| refused)
}

/// Checks that the log of `old` entries with `old_root` is the beginning of the log of `new` entries with `new_root`.
/// The empty log is the beginning of every log; its proof is empty.
///
/// # Errors
/// `Inconsistent`.
pub fn verify_consistency(
    old: u64,
    old_root: Sha256,
    new: u64,
    new_root: Sha256,
    proof: &[Sha256],
) -> Result<(), ProofError> {
    let refused = ProofError::Inconsistent { old, new };
    if old > new || new > MAX_SIZE || proof.len() > PROOF_HASHES {
        return Err(refused);
    }
    if old == 0 {
        let whole = proof.is_empty() && old_root == crate::tree::empty_root() && (new > 0 || new_root == old_root);
        return if whole { Ok(()) } else { Err(refused) };
    }
    let hash = |h: Sha256| tlog_tiles::Hash(h.0);
    let path = proof.iter().copied().map(hash).collect();
    tlog_tiles::check_tree(&path, new, hash(new_root), old, hash(old_root)).map_err(|_| refused)
}

/// What `jifang ledger prove ENTRY` writes, beside the entry's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofFile {
    /// Index of the entry.
    pub index: u64,
    /// Hashes from the entry to the root.
    pub hashes: Vec<Sha256>,
    /// The signed checkpoint the proof leads to.
    pub checkpoint: Vec<u8>,
}

impl ProofFile {
    /// The file.
    #[must_use]
    pub fn to_text(&self) -> Vec<u8> {
        let mut out = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.hashes {
            out.push_str(&BASE64_STANDARD.encode(hash.0));
            out.push('\n');
        }
        out.push('\n');
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.checkpoint);
        out
    }

    /// Reads a proof file. An `extra` line, which no signature covers, is refused: this program writes none.
    ///
    /// # Errors
    /// `Format` with the part that is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, ProofError> {
        if text.len() > PROOF_BYTES {
            return Err(ProofError::Format("too long"));
        }
        let text = std::str::from_utf8(text).map_err(|_| ProofError::Format("not UTF-8"))?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(ProofError::Format("no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Format("first line"));
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index: u64 = index.and_then(|n| n.parse().ok()).ok_or(ProofError::Format("index"))?;
        let mut hashes = Vec::new();
        for line in lines {
            let hash = BASE64_STANDARD.decode(line).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
            hashes.push(Sha256(hash.ok_or(ProofError::Format("hash"))?));
            if hashes.len() > PROOF_HASHES {
                return Err(ProofError::Format("too many hashes"));
            }
        }
        let file = Self { index, hashes, checkpoint: checkpoint.as_bytes().to_vec() };
        if file.to_text() == text.as_bytes() { Ok(file) } else { Err(ProofError::Format("spelling")) }
    }
}

/// Verifies what a site says about its log with nothing but the site's public key.
#[derive(Clone, Debug)]
pub struct LogVerifier {
    vkey: Vkey,
}

impl LogVerifier {
    /// A verifier that trusts `vkey` and nothing else.
    #[must_use]
    pub fn new(vkey: &Vkey) -> Self {
        Self { vkey: vkey.clone() }
    }

    /// Checks a signed checkpoint, an entry, its index and the proof between them. Answers with the head.
    ///
    /// # Errors
    /// `Checkpoint`, `OutOfRange`, `NotIncluded`.
    pub fn check(
        &self,
        checkpoint: &[u8],
        entry: &[u8],
        index: u64,
        proof: &[Sha256],
    ) -> Result<Checkpoint, ProofError> {
        let head = Checkpoint::open(checkpoint, &self.vkey)?;
        verify_inclusion(leaf_hash(entry), index, head.size, head.root, proof)?;
        Ok(head)
    }

    /// Checks a proof file against the entry's bytes. Answers with the head.
    ///
    /// # Errors
    /// As `check`, and `Format`.
    pub fn check_file(&self, proof_file: &[u8], entry: &[u8]) -> Result<Checkpoint, ProofError> {
        let file = ProofFile::parse(proof_file)?;
        self.check(&file.checkpoint, entry, file.index, &file.hashes)
    }
}

impl Log<'_> {
    /// The proof file of entry `index` under a signed checkpoint, checked before it is given out.
    ///
    /// # Errors
    /// As `inclusion`; `Malformed` for an unreadable checkpoint, `Contradiction` if tiles and checkpoint disagree.
    pub fn prove(&self, index: u64, checkpoint: &[u8]) -> Result<ProofFile, TreeError> {
        let unreadable = |_| TreeError::Malformed(crate::CHECKPOINT_PATH.to_owned());
        let head = Checkpoint::read_unverified(checkpoint).map_err(unreadable)?;
        let hashes = self.inclusion(index, head.size)?;
        let leaf = self.entry(index)?.leaf_hash();
        verify_inclusion(leaf, index, head.size, head.root, &hashes).map_err(|_| TreeError::Contradiction)?;
        Ok(ProofFile { index, hashes, checkpoint: checkpoint.to_vec() })
    }
}
