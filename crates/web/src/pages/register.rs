//! The register of information use as a table that prints.

use super::use_request::UseFilter;
use super::{AppBar, Choice, Pager, Say};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// The unit letter behind a line.
#[derive(Debug, Clone, Default)]
pub struct LetterLink {
    /// File name as uploaded, with the letter's number before it.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Where to open it; empty where this account may not.
    pub href: String,
}

impl LetterLink {
    /// Begin of the digest, for the table.
    #[must_use]
    pub fn short(&self) -> &str {
        self.sha256.get(..12).unwrap_or(&self.sha256)
    }
}

/// One line of the register of use (B-28-1-3): reason, content, persons, unit, times.
#[derive(Debug, Clone)]
pub struct RegisterLine {
    /// Number of the request.
    pub number: String,
    /// Where more of it stands: the request, or the platforms on the network.
    pub href: String,
    /// When.
    pub at: UtcMs,
    /// Viewed, copied or retrieved.
    pub act: Text,
    /// Reason: basis and case number.
    pub reason: String,
    /// Content: cameras and minutes.
    pub content: String,
    /// Officers with badges.
    pub persons: String,
    /// Unit.
    pub unit: String,
    /// The unit letter.
    pub letter: Option<LetterLink>,
    /// Who at the site handled it.
    pub handler: String,
    /// When the viewing session of this line ended.
    pub ended: Option<UtcMs>,
    /// The session of this line still runs.
    pub runs: bool,
    /// Entry of the log.
    pub log_index: u64,
}

/// `GET /register?from=&to=&act=&officer=&unit=&case=&camera=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "register.html")]
pub struct RegisterPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Kinds of use to choose from.
    pub acts: Vec<Choice>,
    /// The filters.
    pub filter: UseFilter,
    /// Entries.
    pub lines: Vec<RegisterLine>,
    /// Neighbours.
    pub pager: Pager,
    /// The clause that asks for the register.
    pub clause: Option<Citation>,
}
