//! Writes the table of the packs: every file below `law/`, by its path, with its text. So a lawyer adds a file, not a line of program.
//!
//! The table is sorted, so that the same folder gives the same binary.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let from = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other("not run by cargo"));
    let law = from("CARGO_MANIFEST_DIR")?.join("../../law").canonicalize()?;
    println!("cargo::rerun-if-changed={}", law.display());
    let mut files = Vec::new();
    collect(&law, &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&law).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        table.push_str(&format!("({name:?}, include_str!({:?})),\n", file.display().to_string()));
    }
    table.push(']');
    fs::write(from("OUT_DIR")?.join("law_files.rs"), table)
}

/// What packs are made of.
const KINDS: [&str; 4] = ["toml", "md", "cedar", "cedarschema"];

/// Every file that packs are made of: data and texts, not the notes about them, and nothing that an editor leaves.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
            && !path.ends_with("README.md")
        {
            files.push(path);
        }
    }
    Ok(())
}
