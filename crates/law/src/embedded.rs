//! The packs inside the binary: a table of path and text, so that a program without its source folder still knows the law. The build
//! script writes the table from the folder `law/`.

use std::collections::BTreeMap;

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/law_files.rs"));

/// The files of the packs in the binary: path below `law/` to text.
#[must_use]
pub fn files() -> BTreeMap<String, String> {
    FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}
