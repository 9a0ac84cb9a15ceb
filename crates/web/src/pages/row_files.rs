//! Files of a row of a register that is kept by hand: what is there, and for what it is opened or taken out.
//!
//! What flows through: lines of at most so many files, each with its forms. Invariants: a file's own name and its persons are [`Shown`]; what this
//! account may not do has no form; a file is only ever a download.

use super::ask::Shown;
use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// A file of a row.
#[derive(Debug, Clone, Default)]
pub struct RowFileLine {
    /// Digest, form value and address.
    pub sha256: String,
    /// Its own name.
    pub name: Shown,
    /// Size, in words.
    pub size: String,
    /// When it was put in.
    pub at: UtcMs,
    /// By whom.
    pub who: Shown,
    /// When it was taken out; then nothing can be opened.
    pub removed: Option<UtcMs>,
}

/// `GET /registers/{register}/{number}/files`; posted there (`file`, `seen`), to `…/files/{sha256}` (`reason`) and `…/files/{sha256}/remove`
/// (`reason`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "row_files.html")]
pub struct RowFilesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Word of the register.
    pub register: String,
    /// Its name.
    pub register_name: Text,
    /// Word of the row in its address.
    pub row: String,
    /// What the row is about.
    pub title: String,
    /// Level of the row.
    pub level: Text,
    /// Files are kept at this level.
    pub takes: bool,
    /// This account may put files in and take them out.
    pub may_keep: bool,
    /// This account may open them.
    pub may_open: bool,
    /// The files, in the order they came.
    pub files: Vec<RowFileLine>,
    /// For what a file may be opened.
    pub reasons: Vec<Choice>,
    /// For what a file may be taken out.
    pub grounds: Vec<Choice>,
    /// Version of the row that the page shows.
    pub seen: u32,
    /// Endings of names that are taken, as the browser's choice of a file asks for them.
    pub accept: &'static str,
    /// What is wrong.
    pub errors: FormErrors,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_printed() {
        let line = RowFileLine { name: "张三家.pdf".into(), who: "李四".into(), ..RowFileLine::default() };
        let printed = format!("{:?}", RowFilesPage { files: vec![line], ..RowFilesPage::default() });
        assert!(!printed.contains("张三") && !printed.contains("李四"), "{printed}");
    }
}
