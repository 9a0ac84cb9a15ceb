//! Public registers: the list, one register with search and filters, one row with its history and what the log proves of it.
//!
//! What flows through: rows whose columns the packs call public. Invariants: a column of personal data never comes here; each row names
//! its entry in the log and the checkpoint under which anybody can check it.

use super::public::PublicNav;
use super::{AppBar, Choice, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// A register.
#[derive(Debug, Clone, Default)]
pub struct RegisterLine {
    /// Word of it, as in `/public/registers/{id}`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What stands in it, one sentence.
    pub about: Text,
    /// Rows.
    pub rows: u64,
    /// Last change; `None`: it is empty.
    pub updated: Option<UtcMs>,
    /// The clause that makes it.
    pub clause: Option<Citation>,
}

/// `GET /public/registers`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "register_list.html")]
pub struct RegistersPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Registers.
    pub registers: Vec<RegisterLine>,
    /// Names of those that other provinces have, and this one has not.
    pub elsewhere: Vec<Text>,
}

/// A filter of a register: a list to choose from.
#[derive(Debug, Clone, Default)]
pub struct RegisterFilter {
    /// Form name.
    pub id: String,
    /// Label.
    pub label: Text,
    /// Choices.
    pub choices: Vec<Choice>,
}

/// A row of a register.
#[derive(Debug, Clone, Default)]
pub struct RegisterRow {
    /// Number of the row, as in `/public/registers/{register}/{number}`.
    pub number: String,
    /// What people call it: the number of its case, else its own.
    pub label: String,
    /// The version, where it is not the newest.
    pub version: Option<u32>,
    /// Cells, one for each column.
    pub cells: Vec<String>,
    /// Whether it stands.
    pub state: State,
}

impl RegisterRow {
    /// Cells with the names of their columns.
    #[must_use]
    pub fn named<'a>(&'a self, columns: &'a [Text]) -> Vec<(&'a Text, &'a String)> {
        columns.iter().zip(&self.cells).collect()
    }
}

/// `GET /public/registers/{register}?q=&holds=&office=&on=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "register_public.html")]
pub struct RegisterPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// The register.
    pub register: RegisterLine,
    /// Words to find.
    pub query: String,
    /// Filters.
    pub filters: Vec<RegisterFilter>,
    /// The day on which it stood so, `YYYY-MM-DD`; empty: now.
    pub on: String,
    /// Something is narrowed.
    pub narrowed: bool,
    /// Names of the columns.
    pub columns: Vec<Text>,
    /// Rows.
    pub rows: Vec<RegisterRow>,
    /// How many rows fit the filter.
    pub found: u64,
    /// Neighbours.
    pub pager: Pager,
    /// Address of all rows as CSV.
    pub csv: String,
    /// Address of all rows as JSON.
    pub json: String,
    /// How to have a row corrected: telephone or place.
    pub correction: Text,
}

/// What the log says of a row, document or draw.
#[derive(Debug, Clone, Default)]
pub struct ProofBox {
    /// Entry of the log.
    pub entry: u64,
    /// When it was written.
    pub at: UtcMs,
    /// Digest of the entry, hexadecimal.
    pub leaf: String,
    /// Entries under the checkpoint that covers it.
    pub size: u64,
    /// Root of that checkpoint, hexadecimal.
    pub root: String,
    /// Who witnessed it; empty: nobody but this server.
    pub witnesses: Vec<String>,
    /// Where the proof can be downloaded.
    pub href: String,
    /// Where the entry that it is about can be downloaded; empty: nowhere.
    pub entry_href: String,
}

/// A version of a row.
#[derive(Debug, Clone, Default)]
pub struct RowVersion {
    /// When.
    pub at: UtcMs,
    /// What became of it.
    pub what: Text,
    /// Why, in words; empty: the first entry.
    pub why: String,
    /// Columns that changed: name, before, after.
    pub changed: Vec<(Text, String, String)>,
    /// Number of the version.
    pub version: u32,
    /// Entry of the log.
    pub entry: u64,
}

/// That a row was withdrawn.
#[derive(Debug, Clone, Default)]
pub struct RowWithdrawn {
    /// When.
    pub at: UtcMs,
    /// Why, for the public.
    pub why: String,
    /// Number of the notice that showed it.
    pub notice: u64,
}

/// `GET /public/registers/{register}/{number}?version=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "register_row.html")]
pub struct RegisterRowPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// The register.
    pub register: RegisterLine,
    /// The row, as in the address.
    pub row: String,
    /// Number of the row.
    pub number: String,
    /// Heading: what the row is about.
    pub title: String,
    /// Whether it stands.
    pub state: State,
    /// The version that is shown, where there is a newer one.
    pub older: Option<u32>,
    /// The proof does not cover the name: it is an older version.
    pub name_outside: bool,
    /// It was withdrawn: then nothing else of it is here.
    pub withdrawn: Option<RowWithdrawn>,
    /// Columns and values.
    pub values: Vec<(Text, String)>,
    /// Versions, the newest first.
    pub history: Vec<RowVersion>,
    /// What the log proves; `None` while no checkpoint covers it.
    pub proof: Option<ProofBox>,
    /// How to have it corrected.
    pub correction: Text,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_another_length_shows_what_has_a_name() {
        let row = RegisterRow { cells: vec!["甲".into(), "乙".into()], ..RegisterRow::default() };
        let one = [Text::new("名称", "Name")];
        assert_eq!(row.named(&one), [(&one[0], &"甲".to_owned())]);
        assert!(row.named(&[]).is_empty());
    }
}
