//! The packs on the disk, and what loading says of a defect put into them.

use jifang_law::{PackError, Packs};
use std::collections::BTreeMap;
use std::path::Path;

fn read_dir(dir: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            read_dir(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// Every file below `law/`.
pub fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law"), "", &mut files);
    files
}

/// Replaces `from` by `to` in one file and gives the error of loading.
pub fn seeded(path: &str, from: &str, to: &str) -> PackError {
    let mut files = files();
    let text = files.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} holds no {from}");
    *text = text.replacen(from, to, 1);
    Packs::from_files(&files).expect_err(&format!("{path}: {from} -> {to}"))
}
