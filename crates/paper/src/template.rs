//! Templates: plain `.typ` files, one a document, over a few that all share. The built-in ones are in the program; an office's folder
//! may replace any of them by its name. A document is set from its own file, the shared ones and what else the folder has; the files of
//! other documents are no part of it, so that a change in one leaves the digests of all others as they were.

use crate::PaperError;
use crate::embedded::{SHARED, built_in, is_document};
use base::Sha256;
use std::collections::BTreeMap;
use std::path::Path;

/// Most files of one office's folder.
pub const TEMPLATE_FILES: usize = 96;
/// Most bytes of all files of one template.
pub const TEMPLATE_BYTES: usize = 2 * 1024 * 1024;
/// What a folder may bring: sources, and pictures such as an emblem.
const ENDINGS: [&str; 5] = ["typ", "svg", "png", "jpg", "jpeg"];

/// Files of a template, and which of them is the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    main: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Template {
    /// The built-in template of a document, e.g. `duty-report`, with what an office's folder puts in its place.
    ///
    /// # Errors
    /// No such document, a folder that cannot be read, or too many or too large files.
    pub fn read(document: &str, folder: Option<&Path>) -> Result<Self, PaperError> {
        let main = format!("{document}.typ");
        let mut files: BTreeMap<String, Vec<u8>> =
            SHARED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        if let Some(text) = built_in(document) {
            files.insert(main.clone(), text.as_bytes().to_vec());
        }
        if let Some(folder) = folder {
            read_folder(folder, &mut files)?;
        }
        files.retain(|name, _| *name == main || !is_document(name));
        Self::of(&main, files)
    }

    /// A template from its files by name.
    ///
    /// # Errors
    /// The document is not among the files, or they are too large.
    pub fn of(main: &str, files: BTreeMap<String, Vec<u8>>) -> Result<Self, PaperError> {
        if !files.contains_key(main) {
            return Err(fault(main, "there is no such file"));
        }
        if files.values().map(Vec::len).sum::<usize>() > TEMPLATE_BYTES {
            return Err(fault(main, &format!("the files have more than {TEMPLATE_BYTES} bytes")));
        }
        Ok(Self { main: main.to_owned(), files })
    }

    /// File that is the document.
    pub(crate) fn main(&self) -> &str {
        &self.main
    }

    /// Files by name.
    pub(crate) fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// SHA-256 over names and bytes of all files, each with its length, the document's name first.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        let mut bytes = Vec::new();
        let mut put = |part: &[u8]| {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        };
        put(self.main.as_bytes());
        for (name, file) in &self.files {
            put(name.as_bytes());
            put(file);
        }
        Sha256::of(&bytes)
    }
}

fn fault(file: &str, message: &str) -> PaperError {
    PaperError::Template { file: file.to_owned(), line: 0, message: message.to_owned() }
}

fn read_folder(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), PaperError> {
    let place = folder.display().to_string();
    let cannot = |error: std::io::Error| fault(&place, &error.to_string());
    let (mut count, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let Some(name) = path.file_name().and_then(|n| n.to_str()).filter(|n| !n.starts_with('.')) else { continue };
        if !ENDINGS.contains(&ending) || !path.is_file() {
            continue;
        }
        count += 1;
        bytes += std::fs::metadata(&path).map_err(cannot)?.len();
        if count > TEMPLATE_FILES || bytes > TEMPLATE_BYTES as u64 {
            return Err(fault(&place, &format!("more than {TEMPLATE_FILES} files or {TEMPLATE_BYTES} bytes")));
        }
        files.insert(name.to_owned(), std::fs::read(&path).map_err(cannot)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offices_file_takes_the_place_of_ours_and_the_digest_tells() {
        let ours = Template::read("duty-report", None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("official.typ"), "= ours").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "no").unwrap();
        std::fs::write(folder.path().join(".hidden.typ"), "no").unwrap();
        let theirs = Template::read("duty-report", Some(folder.path())).unwrap();
        assert_eq!(theirs.files.len(), ours.files.len());
        assert_eq!(theirs.files["official.typ"], b"= ours");
        assert_eq!(theirs.files["duty-report.typ"], ours.files["duty-report.typ"]);
        assert_ne!(theirs.digest(), ours.digest());
        assert_eq!(ours.digest(), Template::read("duty-report", None).unwrap().digest());
    }

    #[test]
    fn the_file_of_one_document_is_no_part_of_another() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("order-at-once.typ"), "= ours").unwrap();
        let ours = |document| Template::read(document, None).unwrap().digest();
        let theirs = |document| Template::read(document, Some(folder.path())).unwrap().digest();
        assert_ne!(theirs("order-at-once"), ours("order-at-once"));
        assert_eq!(theirs("order-with-limit"), ours("order-with-limit"));
        assert_eq!(theirs("duty-report"), ours("duty-report"));
        std::fs::write(folder.path().join("casework.typ"), "= ours").unwrap();
        assert_ne!(theirs("order-with-limit"), ours("order-with-limit"), "what all share is a part of each");
    }

    #[test]
    fn what_is_not_there_or_too_much_is_told() {
        assert!(
            matches!(Template::read("decree", None), Err(PaperError::Template { file, .. }) if file == "decree.typ")
        );
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(Template::read("duty-report", Some(&gone)), Err(PaperError::Template { .. })));
        for n in 0..TEMPLATE_FILES {
            std::fs::write(folder.path().join(format!("{n}.typ")), "x").unwrap();
        }
        assert!(Template::read("duty-report", Some(folder.path())).is_ok());
        std::fs::write(folder.path().join("more.typ"), "x").unwrap();
        assert!(Template::read("duty-report", Some(folder.path())).is_err());
        let large = |n: usize| Template::of("a.typ", BTreeMap::from([("a.typ".to_owned(), vec![b' '; n])])).is_ok();
        assert_eq!((large(TEMPLATE_BYTES), large(TEMPLATE_BYTES + 1)), (true, false));
    }
}
