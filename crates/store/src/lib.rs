//! Rows, media containers, ledger files and documents: one consistency problem.
