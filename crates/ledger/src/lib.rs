//! The append-only Merkle log: entries, tiles, checkpoints, proofs, offline verification.
