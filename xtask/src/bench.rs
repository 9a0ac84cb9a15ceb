//! `cargo xtask bench [NAME...]`: builds the release binary and lets it measure itself.
//!
//! The measurements and their table belong to `jifang bench`, so that an operator can run the same
//! numbers on the machine that counts. Without a name everything is measured.

use std::path::Path;

/// Runs `jifang bench NAME...` (or `all`) in a release build; true when it exits with 0.
pub fn run(root: &Path, names: &[&str]) -> bool {
    let names = if names.is_empty() { &["all"][..] } else { names };
    let status = crate::cargo(root)
        .args(["run", "--release", "--package", "jifang-jifang", "--bin", "jifang", "--", "bench"])
        .args(names)
        .status();
    match status {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("bench: cargo does not start: {error}");
            false
        }
    }
}
