//! Public registers: the list, one register with search and filters, one row with its history and what the log proves of it.
//!
//! What flows through: rows whose columns the packs call public. Invariants: a column of personal data never comes here; each row names
//! its entry in the log and the checkpoint under which anybody can check it.

use super::public::PublicNav;
use super::{AppBar, Choice, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// Most signs of a cell that is not broken: a credit code has 18.
const ONE_LINE: usize = 20;

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
    /// Cells, one for each column, the name first.
    pub cells: Vec<String>,
    /// What stands below the name: what was decided; empty: nothing.
    pub note: String,
    /// Whether it stands, and as what.
    pub state: State,
}

impl RegisterRow {
    /// Cells with the names of their columns, and whether one stays on one line: a day or number without blanks, not a name.
    #[must_use]
    pub fn named<'a>(&'a self, columns: &'a [Text]) -> Vec<(&'a Text, &'a String, bool)> {
        let short = |cell: &str| cell.len() <= ONE_LINE && cell.bytes().all(|b| b.is_ascii_graphic());
        columns.iter().zip(&self.cells).map(|(name, cell)| (name, cell, short(cell))).collect()
    }
}

/// `GET /public/registers/{register}?q=&holds=&says=&office=&on=&before=`.
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
    /// How the states of its rows are read; empty: they are only in force or ended.
    pub reading: Text,
    /// Words to find.
    pub query: String,
    /// Filters.
    pub filters: Vec<RegisterFilter>,
    /// The day on which it stood so, `YYYY-MM-DD`; empty: now.
    pub on: String,
    /// Something is narrowed.
    pub narrowed: bool,
    /// Rows that were just written may be missing, for they are not sorted by division and kind yet.
    pub unsorted: bool,
    /// Names of the columns.
    pub columns: Vec<Text>,
    /// Rows.
    pub rows: Vec<RegisterRow>,
    /// How many rows there are, as far as it is known.
    pub found: Text,
    /// Neighbours.
    pub pager: Pager,
    /// Address of all rows as CSV.
    pub csv: String,
    /// Address of all rows as JSON.
    pub json: String,
    /// How to have a row corrected: telephone or place.
    pub correction: Text,
    /// Place, hours and telephone of the counter, for whoever found nothing; empty: not known.
    pub counter: Text,
    /// Names of the registers that this province has not, for whoever found nothing; empty: something was found.
    pub absent: Vec<Text>,
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

/// Another row of the same unit.
#[derive(Debug, Clone, Default)]
pub struct OtherRow {
    /// Address.
    pub href: String,
    /// What people call it.
    pub label: String,
    /// Name that stands in it.
    pub name: String,
    /// Day of its decision.
    pub day: String,
    /// Whether it stands, and as what.
    pub state: State,
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
    /// Other rows of the same unit here.
    pub others: Vec<OtherRow>,
    /// There are more of them than are named.
    pub more_others: bool,
    /// What the register does not have of this unit, each a sentence.
    pub lacking: Vec<Text>,
    /// Columns and values.
    pub values: Vec<(Text, String)>,
    /// Digest of what of it is public, hexadecimal; empty: it was withdrawn.
    pub digest: String,
    /// Versions, the newest first.
    pub history: Vec<RowVersion>,
    /// What the log proves; `None` while no checkpoint covers it.
    pub proof: Option<ProofBox>,
    /// The last day on which it can be shown that the row stood there, `YYYY-MM-DD`; empty: none yet.
    pub state_day: String,
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
        assert_eq!(row.named(&one), [(&one[0], &"甲".to_owned(), false)]);
        assert!(row.named(&[]).is_empty());
    }

    #[test]
    fn a_day_and_a_code_stay_on_one_line_and_a_long_text_does_not() {
        let cells = ["2026-03-01", "91350100M000100Y43", "Harbin branch", "示例分局", "123456789012345678901"];
        let row = RegisterRow { cells: cells.map(str::to_owned).to_vec(), ..RegisterRow::default() };
        let columns: Vec<Text> = cells.iter().map(|_| Text::default()).collect();
        let short: Vec<bool> = row.named(&columns).into_iter().map(|(_, _, short)| short).collect();
        assert_eq!(short, [true, true, false, false, false]);
    }
}
