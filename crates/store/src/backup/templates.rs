//! The office's own templates of documents, which lie below the data folder: without them a restored server sets other papers.
//!
//! What flows through: files of the folder ─▶ members `templates/…` ─▶ files of the folder. Always true: a name that is no plain name of a member
//! stands in it as hexadecimal digits, so that no file is left out for its name; what comes back lies in the folder itself, never beside it.

use super::make::put_file;
use super::pack::{PackWriter, is_plain};
use super::{BackupError, io};
use base::{hex, unhex};
use std::path::Path;

/// Folder below the data folder, and begin of the members' names.
pub(super) const TEMPLATES: &str = "templates";
/// Begin of a name that stands in hexadecimal digits.
const IN_DIGITS: &str = "hex-";

/// Name of the member for a file of the folder.
fn member_of(file: &str) -> String {
    if is_plain(file) && !file.starts_with(IN_DIGITS) {
        return format!("{TEMPLATES}/{file}");
    }
    format!("{TEMPLATES}/{IN_DIGITS}{}", hex(file.as_bytes()))
}

/// Name of the file that a member stands for, without the folder; `None` for one that no server writes.
pub(super) fn file_of(member: &str) -> Option<String> {
    let (_, part) = member.split_once('/').filter(|(folder, _)| *folder == TEMPLATES)?;
    let Some(digits) = part.strip_prefix(IN_DIGITS) else { return is_plain(part).then(|| part.to_owned()) };
    let file = unhex(digits).and_then(|bytes| String::from_utf8(bytes).ok())?;
    let is_one = !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\0']);
    // One spelling: another one would be a second member for the same file.
    (is_one && member_of(&file) == member).then_some(file)
}

/// Plain files of the folder that the press could read, in the order of their names. Links and folders in it are left out, as are hidden files.
pub(super) fn write(data: &Path, pack: &mut PackWriter) -> Result<(), BackupError> {
    let folder = data.join(TEMPLATES);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if [std::io::ErrorKind::NotFound, std::io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Ok(());
        }
        Err(error) => return Err(io(&folder)(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io(&folder))?;
        let is_file = entry.file_type().map_err(io(&folder))?.is_file();
        if let Some(file) = entry.file_name().to_str().filter(|file| is_file && !file.starts_with('.')) {
            files.push((member_of(file), entry.path()));
        }
    }
    files.sort();
    files.iter().try_for_each(|(name, path)| put_file(name, path, u64::MAX, pack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_file_has_one_member_and_comes_back() {
        for (file, member) in [
            ("official.typ", "templates/official.typ"),
            ("标志.svg", "templates/hex-e6a087e5bf972e737667"),
            ("a b.png", "templates/hex-6120622e706e67"),
            ("hex-61", "templates/hex-6865782d3631"),
        ] {
            assert_eq!(member_of(file), member);
            assert_eq!(file_of(member).as_deref(), Some(file));
        }
        let longest = member_of(&"字".repeat(85));
        assert!(longest.len() <= super::super::pack::NAME_BYTES && file_of(&longest).is_some(), "255 bytes");
    }

    #[test]
    fn no_member_leads_out_of_the_folder() {
        let digits = |file: &str| format!("templates/hex-{}", hex(file.as_bytes()));
        for bad in ["../up", "/etc/x", "a/b", ".hidden", "", "a\0b", "plain.typ"] {
            assert_eq!(file_of(&digits(bad)), None, "{bad:?}");
        }
        for bad in ["templates", "templates/", "templates/hex-6", "templates/hex-FF", "templates/a/b", "keys/a"] {
            assert_eq!(file_of(bad), None, "{bad}");
        }
    }
}
