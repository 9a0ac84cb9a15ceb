//! The append-only Merkle log: entries, tiles, checkpoints, proofs, offline verification.
//!
//! The layout is C2SP tlog-tiles, the head is a C2SP checkpoint in a signed note, the hashes are RFC 6962 with SHA-256,
//! a proof file is C2SP tlog-proof, a witness speaks C2SP tlog-witness: any other implementation of those texts can check a log of this program.
//!
//! Pure: entries go in, `LogFile` values (path and bytes) come out, and whoever owns the disk writes them; reading goes
//! through the `TileSource` trait. Invariants: the bytes that were hashed are kept and never made again from a parsed value;
//! an entry holds ids and digests, never personal data (see `commit`), so that deleting a record leaves every proof valid.
//!
//! ```
//! use jifang_ledger::*;
//! let key = SiteKey::from_seed("jifang/demo", [7; 32]).unwrap();
//! let mut tree = Tree::new();
//! let entry = EntryBytes::new(br#"{"v":1}"#.to_vec()).unwrap();
//! let mut disk = MemoryLog::default();
//! disk.write(tree.append(&[entry.clone()]).unwrap().files);
//! let head = Checkpoint { origin: key.vkey().name().to_owned(), size: tree.size(), root: tree.root() };
//! let note = head.sign(&key).unwrap();
//! let proof = Log::new(&disk, tree.size()).prove(0, &note).unwrap();
//! assert!(LogVerifier::new(key.vkey()).check_file(&proof.to_text(), entry.as_bytes()).is_ok());
//! ```

mod audit;
mod checkpoint;
mod entry;
mod key;
mod proof;
mod tile;
mod tree;
mod witness;

pub use audit::{AUDIT_FAULTS, AuditFault, AuditReport, FileSource, ViewFault, audit, compare_views};
pub use checkpoint::{Checkpoint, CheckpointError, open_note, sign_note};
pub use entry::{Entry, EntryBytes, EntryError, commit};
pub use key::{KeyError, SiteKey, Vkey};
pub use proof::{LogVerifier, PROOF_HASHES, ProofError, ProofFile, verify_consistency, verify_inclusion};
pub use tile::{BundleError, CHECKPOINT_PATH, LogFile, MemoryLog, TILE_WIDTH, TilePath, TileSource};
pub use tree::{Appended, Log, Tree, TreeError, empty_root, leaf_hash, node_hash};
pub use witness::{
    ADD_CHECKPOINT_BYTES, AddCheckpoint, CosignatureError, Known, WitnessKey, WitnessRefusal, WitnessVkey, examine,
    with_cosignature,
};

#[cfg(test)]
mod tests;
