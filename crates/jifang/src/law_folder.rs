//! Reads a folder of law packs: path below it to text. Names that begin with a dot and notes (`README.md`) are left out; what lies too
//! deep, is too much or no text is told.

use anyhow::Context;
use std::collections::BTreeMap;
use std::path::Path;

/// Most files and depth of a folder of packs; beyond, it is no folder of packs.
const MOST_FILES: usize = 1_000;
const MOST_DEPTH: usize = 4;

/// Every file of a folder of packs, but the notes about them.
///
/// # Errors
/// Which path cannot be read, or why it is no folder of packs.
pub fn read(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    read_below(folder, "", 0, &mut files)?;
    if !files.contains_key("overlays.toml") {
        anyhow::bail!("`{}` is no folder of packs: it has no overlays.toml", folder.display());
    }
    Ok(files)
}

fn read_below(folder: &Path, below: &str, depth: usize, files: &mut BTreeMap<String, String>) -> anyhow::Result<()> {
    let shown = || format!("cannot read `{}`", folder.display());
    for entry in std::fs::read_dir(folder).with_context(shown)? {
        let entry = entry.with_context(shown)?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|n| !n.starts_with('.') && *n != "README.md") else { continue };
        let path = format!("{below}{name}");
        if entry.file_type().with_context(shown)?.is_dir() {
            if depth >= MOST_DEPTH {
                anyhow::bail!("`{}` lies too deep for a folder of packs", entry.path().display());
            }
            read_below(&entry.path(), &format!("{path}/"), depth + 1, files)?;
        } else if files.len() >= MOST_FILES {
            anyhow::bail!("more than {MOST_FILES} files: no folder of packs");
        } else {
            let text = std::fs::read_to_string(entry.path());
            let what = || format!("cannot read `{}` as text", entry.path().display());
            files.insert(path, text.with_context(what)?);
        }
    }
    Ok(())
}
