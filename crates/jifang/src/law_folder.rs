//! Reads and writes a folder of law packs: path below it to text. Names that begin with a dot and notes (`README.md`) are left
//! out; what lies too deep, is too much or no text is told.

use anyhow::Context;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// Most files and depth of a folder of packs; beyond, it is no folder of packs.
const MOST_FILES: usize = 1_000;
const MOST_DEPTH: usize = 4;
/// Largest file; the loader of packs takes no larger one.
const FILE_BYTES: u64 = 4 * 1024 * 1024;

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
            files.insert(path, read_file(&entry.path())?);
        }
    }
    Ok(())
}

/// One file, never more of it than a pack may hold. What is no file (a pipe, a device) is not read.
fn read_file(path: &Path) -> anyhow::Result<String> {
    let what = || format!("cannot read `{}` as text", path.display());
    if !std::fs::metadata(path).with_context(what)?.is_file() {
        anyhow::bail!("`{}` is no file", path.display());
    }
    let mut text = String::new();
    // One byte more, so that a file that grows meanwhile is found too.
    File::open(path).with_context(what)?.take(FILE_BYTES + 1).read_to_string(&mut text).with_context(what)?;
    if text.len() as u64 > FILE_BYTES {
        anyhow::bail!("`{}` has more than {FILE_BYTES} bytes: no file of a pack", path.display());
    }
    Ok(text)
}

/// Writes packs into a folder that is new or empty, each file safe on the disk when this returns.
///
/// # Errors
/// The folder holds something, or cannot be written.
pub fn write(folder: &Path, files: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let shown = || format!("cannot write `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(shown)?;
    if std::fs::read_dir(folder).with_context(shown)?.next().is_some() {
        anyhow::bail!("`{}` is not empty: nothing was written; name a new folder", folder.display());
    }
    for (path, text) in files {
        let target = folder.join(path);
        let shown = || format!("cannot write `{}`", target.display());
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).with_context(shown)?;
        }
        let mut file = File::create_new(&target).with_context(shown)?;
        file.write_all(text.as_bytes()).with_context(shown)?;
        file.sync_all().with_context(shown)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("law");
        let files = law::embedded_files();
        write(&folder, &files).unwrap();
        assert_eq!(read(&folder).unwrap(), files);
        let told = write(&folder, &files).unwrap_err().to_string();
        assert!(told.contains("is not empty"), "{told}");
    }

    #[test]
    fn no_file_is_read_beyond_what_a_pack_holds() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("overlays.toml"), "").unwrap();
        let large = File::create(dir.path().join("large.toml")).unwrap();
        large.set_len(FILE_BYTES).unwrap();
        assert!(read(dir.path()).is_ok());
        large.set_len(1 << 40).unwrap();
        let told = read(dir.path()).unwrap_err().to_string();
        assert!(told.contains("large.toml") && told.contains("more than"), "{told}");
        std::fs::remove_file(dir.path().join("large.toml")).unwrap();
        let _listens = std::os::unix::net::UnixListener::bind(dir.path().join("socket.toml")).unwrap();
        assert!(read(dir.path()).unwrap_err().to_string().contains("is no file"));
    }
}
