//! Pages beside the cases of an office: search, numbers, places without a system, and files that are imported.
//!
//! Invariants: each chart has its table behind it, which says the same; a number names nobody; a page of an import shows nothing that was not
//! masked before; colours are those of the style sheets, so that both themes and a printer show them.

use super::ask::Shown;
use super::cases::Chip;
use super::public::{Chart, Figure};
use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One thing that was found.
#[derive(Debug, Clone, Default)]
pub struct FoundLine {
    /// Where it is; empty: it has no page of its own.
    pub href: String,
    /// Its name.
    pub title: Shown,
    /// Number or code.
    pub number: String,
    /// What it is, or where it stands.
    pub note: Text,
    /// When it was opened or made.
    pub at: Option<UtcMs>,
}

/// `GET /cases/search?q=&of=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "cases_search.html")]
pub struct FindPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What was asked.
    pub query: String,
    /// Word of the kind that is shown.
    pub of: String,
    /// Kinds: cases, units, documents.
    pub kinds: Vec<Choice>,
    /// What was found.
    pub lines: Vec<FoundLine>,
    /// Why nothing could be looked for; empty: it could.
    pub wrong: Text,
    /// Pages.
    pub pager: Pager,
}

/// What waits of one procedure.
#[derive(Debug, Clone, Default)]
pub struct WaitLine {
    /// The procedure.
    pub name: Text,
    /// Its worklist.
    pub href: String,
    /// How many of each age, the newest first.
    pub ages: Vec<u64>,
    /// Together.
    pub sum: u64,
}

/// A column of the drawing of months: parts from the bottom, in units of the drawing.
#[derive(Debug, Clone, Default)]
pub struct MonthBar {
    /// `YYYY-MM`.
    pub month: String,
    /// As it stands under the column.
    pub name: Text,
    /// Its year, under the first column and each January; else empty.
    pub year: String,
    /// Kept, near, running, missed.
    pub counts: [u64; 4],
    /// Left edge.
    pub x: u64,
    /// Top and height of each part.
    pub parts: [(u64, u64); 4],
}

/// How many places of a register have a system, or of one office in it.
#[derive(Debug, Clone, Default)]
pub struct CoverLine {
    /// Name of the register, or of the office.
    pub name: Text,
    /// The list of its places; empty: none of its own.
    pub href: String,
    /// Places.
    pub places: u64,
    /// With a system.
    pub covered: u64,
    /// An officer has to look.
    pub doubtful: u64,
    /// Without.
    pub gaps: u64,
    /// Length of the covered part, of a thousand.
    pub length: u64,
    /// Length of the doubtful part behind it.
    pub doubt: u64,
    /// Percent covered; empty where there is no place.
    pub percent: String,
    /// The clauses that ask for a system.
    pub clauses: Vec<Citation>,
    /// It is a line of an office under that of its register.
    pub below: bool,
}

/// A line of a chart of rates: so many of so many.
#[derive(Debug, Clone, Default)]
pub struct RateLine {
    /// What is counted: all, a kind of place or an office.
    pub name: Text,
    /// These.
    pub done: u64,
    /// Of these.
    pub of: u64,
    /// Other numbers, one for each further head.
    pub more: Vec<u64>,
    /// Length of the bar, of a thousand.
    pub length: u64,
    /// The rate; a dash where there is nothing to make one of.
    pub percent: String,
    /// It is a line under the one for all.
    pub below: bool,
}

/// A chart of rates with its table.
#[derive(Debug, Clone, Default)]
pub struct RateChart {
    /// Title.
    pub title: Text,
    /// Heads of the numbers: these, all, and the others.
    pub heads: Vec<Text>,
    /// Lines.
    pub lines: Vec<RateLine>,
    /// How it is counted.
    pub note: Text,
    /// The clauses that it rests on.
    pub clauses: Vec<Citation>,
}

/// `GET /statistics?office=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_numbers.html")]
pub struct NumbersPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Offices to choose from; empty: one's own only.
    pub offices: Vec<Choice>,
    /// Name of the office that is counted; empty: all.
    pub office: String,
    /// Numbers that stand alone.
    pub figures: Vec<Figure>,
    /// Names of the ages.
    pub ages: Vec<Text>,
    /// What waits.
    pub waiting: Vec<WaitLine>,
    /// The same as a chart.
    pub chart: Chart,
    /// Months.
    pub months: Vec<MonthBar>,
    /// What inspections came to.
    pub inspections: Chart,
    /// Rates: orders that were kept, places that were inspected.
    pub rates: Vec<RateChart>,
    /// Places and their systems.
    pub coverage: Vec<CoverLine>,
    /// Rows that were not compared yet.
    pub uncompared: u64,
    /// The file of all numbers.
    pub csv: String,
    /// When it was counted.
    pub counted: UtcMs,
    /// How often a bulletin comes; empty: this account does not set it.
    pub every: Vec<Choice>,
}

impl NumbersPage {
    /// Name of an age, by its place among them; nothing behind the last.
    fn age_name(&self, n: &usize) -> &str {
        self.ages.get(*n).map_or("", |age| age.get(self.l))
    }
}

/// A place of one class.
#[derive(Debug, Clone, Default)]
pub struct GapLine {
    /// The page of what is known of it.
    pub href: String,
    /// Name of the place.
    pub name: String,
    /// Number of the row.
    pub row: String,
    /// In force since.
    pub from: String,
    /// Office.
    pub office: String,
    /// Place of the row's entry.
    pub entry: u64,
}

/// `GET /statistics/gaps?register=&class=&office=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_gaps.html")]
pub struct GapsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Name of the register.
    pub name: Text,
    /// Registers to choose from.
    pub tabs: Vec<Chip>,
    /// Classes to choose from.
    pub classes: Vec<Chip>,
    /// Name of the class that is shown.
    pub class: Text,
    /// The clauses that ask for a system.
    pub clauses: Vec<Citation>,
    /// Rows that were not compared yet.
    pub uncompared: u64,
    /// Places.
    pub lines: Vec<GapLine>,
    /// Pages.
    pub pager: Pager,
    /// The file of all places with their class.
    pub csv: String,
}

/// One thing that happened to a place or a system.
#[derive(Debug, Clone, Default)]
pub struct LifeLine {
    /// The day.
    pub on: String,
    /// What.
    pub what: Text,
    /// What it came to.
    pub outcome: Text,
    /// Its number.
    pub number: String,
    /// Its page; empty: this reader opens none.
    pub href: String,
    /// Why it stands here; empty: it is the row's own.
    pub link: Text,
}

/// A system that may be ticked.
#[derive(Debug, Clone, Default)]
pub struct SystemChoice {
    /// Id of its row.
    pub row: String,
    /// What it is called.
    pub name: String,
    /// Its number.
    pub number: String,
    /// Its page.
    pub href: String,
    /// It was settled before.
    pub chosen: bool,
}

/// `GET /registers/{register}/{number}/life`, posted there (`system`, `ground`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_life.html")]
pub struct LifePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Name of the register, and its page.
    pub register: (Text, String),
    /// Number of the row, and its page.
    pub number: (String, String),
    /// What it is about.
    pub title: String,
    /// Its class; of a system empty.
    pub state: State,
    /// What stands today.
    pub today: Text,
    /// How it is marked: good, bad or neither.
    pub mark: State,
    /// The clause of it.
    pub clauses: Vec<Citation>,
    /// Places that the system protects.
    pub places: Vec<LifeLine>,
    /// What happened, the newest first.
    pub own: Vec<LifeLine>,
    /// Cases of the same unit that are tied to no place.
    pub others: Vec<LifeLine>,
    /// Where the form that settles it is posted to; empty: nothing to settle, or not by this reader.
    pub settle: String,
    /// Systems to choose from.
    pub systems: Vec<SystemChoice>,
    /// On what it may rest.
    pub grounds: Vec<Choice>,
    /// What is wrong with the form.
    pub errors: FormErrors,
}

/// What is wrong with a row of a file.
#[derive(Debug, Clone, Default)]
pub struct RowFault {
    /// Line of the file.
    pub line: u32,
    /// Column.
    pub column: Text,
    /// What is wrong.
    pub what: Text,
    /// What to do.
    pub next: Text,
}

/// A row of a file that has no fault.
#[derive(Debug, Clone, Default)]
pub struct RowLine {
    /// Line of the file.
    pub line: u32,
    /// Cells, persons masked.
    pub cells: Vec<Text>,
}

/// A column of a target.
#[derive(Debug, Clone, Default)]
pub struct ColumnLine {
    /// Name.
    pub name: Text,
    /// What is written.
    pub hint: Text,
    /// It must be there.
    pub required: bool,
    /// Anybody may read it afterwards.
    pub public: bool,
}

/// How an import that runs stands.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// Rows written.
    pub done: usize,
    /// Rows of the file.
    pub total: usize,
}

/// `GET /imports?into=`, posted there (`into`, `file`); the preview posts to `/imports/confirm` (`sha256`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "imports.html")]
pub struct ImportsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// What can be imported into.
    pub targets: Vec<Choice>,
    /// Word of the chosen one; empty: none yet.
    pub into: String,
    /// Its columns.
    pub columns: Vec<ColumnLine>,
    /// Address of the template; empty: none chosen.
    pub template: String,
    /// Most rows of a file.
    pub most_rows: usize,
    /// Largest file, bytes.
    pub most_bytes: u64,
    /// A file was read: the preview is shown.
    pub checked: bool,
    /// Digest of the file.
    pub sha256: String,
    /// Names of the columns that the file has.
    pub head: Vec<Text>,
    /// First rows.
    pub rows: Vec<RowLine>,
    /// How many rows there are without fault.
    pub row_count: usize,
    /// What is wrong, the first ones.
    pub faults: Vec<RowFault>,
    /// How many faults there are.
    pub fault_count: usize,
    /// An import runs.
    pub running: Option<Running>,
    /// How it ended; empty mark and word: not yet.
    pub ended: Option<State>,
}
