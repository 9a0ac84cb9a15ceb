//! The one error of loading packs: it names file, line and clause, so that a lawyer finds the place.

use thiserror::Error;

/// Why a pack does not load.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{file}{}{}: {what}", line.map(|n| format!(":{n}")).unwrap_or_default(), clause.as_ref().map(|c| format!(" [{c}]")).unwrap_or_default())]
pub struct PackError {
    /// Path below `law/`.
    pub file: String,
    /// Line, from 1.
    pub line: Option<usize>,
    /// Clause concerned.
    pub clause: Option<String>,
    /// What is wrong and what would be right.
    pub what: String,
}

impl PackError {
    /// An error about a whole file.
    pub(crate) fn file(file: &str, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, clause: None, what: what.into() }
    }

    /// An error at a line.
    pub(crate) fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(line), clause: None, what: what.into() }
    }

    /// An error of a TOML file, with the line of its span and the entry it stands in.
    pub(crate) fn toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = error.span().map(|span| line_of(text, span.start));
        let clause = line.and_then(|line| entry_at(text, line));
        Self { file: file.to_owned(), line, clause, what: error.message().to_owned() }
    }

    /// An error about one clause (or another named entry); the line is that of its entry, or where its id is first quoted.
    pub(crate) fn clause(file: &str, text: &str, clause: &str, what: impl Into<String>) -> Self {
        let quoted = format!("\"{clause}\"");
        let entry = ["id = ", "name = ", "code = "].iter().find_map(|key| text.find(&format!("{key}{quoted}")));
        let line = entry.or_else(|| text.find(&quoted)).map(|at| line_of(text, at));
        Self { file: file.to_owned(), line, clause: Some(clause.to_owned()), what: what.into() }
    }

    /// An error about an id that stands once too often; the line is the last of them.
    pub(crate) fn again(file: &str, text: &str, id: &str, what: impl Into<String>) -> Self {
        let line = text.rfind(&format!("= \"{id}\"")).map(|at| line_of(text, at));
        Self { file: file.to_owned(), line, clause: Some(id.to_owned()), what: what.into() }
    }
}

/// The id of the `[[…]]` entry that a line stands in, where the entry begins with its id.
fn entry_at(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let entry = lines.iter().rposition(|l| l.starts_with("[[") && !l.contains('.'))?;
    let id = lines.get(entry + 1)?.strip_prefix("id = \"")?;
    Some(id.trim_end().trim_end_matches('"').to_owned())
}

/// Line (from 1) of a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}
