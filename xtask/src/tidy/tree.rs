//! Reads the files that belong to the project: everything under the root but build output, data and git's own.
//!
//! Only UTF-8 text up to [`MAX_TEXT_BYTES`] is kept; pictures and clips have no lines to check.

use super::lexer::Source;
use std::path::Path;

/// Larger files are data, not text that a person wrote.
const MAX_TEXT_BYTES: u64 = 4 << 20;

/// What is not part of the project, by path from the root.
const OUTSIDE: [&str; 3] = [".git", "target", "data"];

/// One text file of the project.
pub struct File {
    /// Path from the root, with `/` between parts.
    pub path: String,
    /// Its whole text.
    pub text: String,
    /// Set for `.rs` files.
    pub rust: Option<Source>,
}

impl File {
    /// A file from its path and text.
    pub fn new(path: &str, text: &str) -> Self {
        let rust = path.ends_with(".rs").then(|| Source::new(text));
        Self { path: path.to_owned(), text: text.to_owned(), rust }
    }
}

/// All text files under `root`, sorted by path.
pub fn read(root: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(root.join(&folder)).map_err(|e| format!("cannot list `{folder}`: {e}"))?;
        for entry in entries {
            let entry = entry.map_err(|e| format!("cannot list `{folder}`: {e}"))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type().map_err(|e| format!("cannot look at `{path}`: {e}"))?;
            // In a linked work tree `.git` is a file.
            if OUTSIDE.contains(&path.as_str()) || path.ends_with("/target") {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && entry.metadata().is_ok_and(|m| m.len() <= MAX_TEXT_BYTES) {
                let bytes = std::fs::read(entry.path()).map_err(|e| format!("cannot read `{path}`: {e}"))?;
                if let Ok(text) = String::from_utf8(bytes) {
                    files.push(File::new(&path, &text));
                }
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
