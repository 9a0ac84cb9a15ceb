//! Registers for staff: every register there is, one with its filters, one row with all versions, the form of a row that no case makes.
//!
//! What flows through: rows as the reader may see them. Invariants: personal columns arrive masked but on the answer to a reveal and in the form that
//! changes the row, each after an entry; a form of a row is there only for who may enter one; each version names its entry in the log.

use super::ask::{AskedField, Shown, wrong};
use super::case::ValueLine;
use super::case_desk::WholeLine;
use super::registers::{ProofBox, RegisterFilter, RegisterRow};
use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// A register.
#[derive(Debug, Clone, Default)]
pub struct StaffRegister {
    /// Word of it.
    pub id: String,
    /// Its page; empty: its rows are not on this server.
    pub href: String,
    /// Name.
    pub name: Text,
    /// What stands in it, or where it is kept.
    pub about: Text,
    /// Rows of all offices, in force or not.
    pub rows: u64,
    /// Of them those whose last day is over.
    pub ended: u64,
    /// Last change; `None`: it is empty.
    pub updated: Option<UtcMs>,
    /// Of them those that the public sees; `None`: the public sees no column of it.
    pub published: Option<u64>,
    /// Rows are entered by hand.
    pub by_hand: bool,
    /// The clauses that ask for it.
    pub clauses: Vec<Citation>,
}

/// Registers that are kept in one way.
#[derive(Debug, Clone, Default)]
pub struct StaffRegisterGroup {
    /// Heading.
    pub title: Text,
    /// Registers.
    pub registers: Vec<StaffRegister>,
}

/// `GET /registers`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_registers.html")]
pub struct StaffRegistersPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Groups that have registers.
    pub groups: Vec<StaffRegisterGroup>,
}

/// `GET /registers/{register}?q=&on=&state=&office=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_register.html")]
pub struct StaffRegisterPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The register.
    pub register: StaffRegister,
    /// Words to find.
    pub query: String,
    /// Day on which rows hold, `YYYY-MM-DD`; empty: any.
    pub on: String,
    /// Filters.
    pub filters: Vec<RegisterFilter>,
    /// Something is narrowed.
    pub narrowed: bool,
    /// Rows that were just written may be missing, for they are not sorted by division and kind yet.
    pub unsorted: bool,
    /// Names of the columns.
    pub columns: Vec<Text>,
    /// Rows.
    pub rows: Vec<RegisterRow>,
    /// How many fit the filter.
    pub found: u64,
    /// Neighbours.
    pub pager: Pager,
    /// Address of these rows as CSV.
    pub csv: String,
    /// Address of these rows as JSON.
    pub json: String,
    /// This person may enter a row.
    pub may_enter: bool,
}

/// A version of a row.
#[derive(Debug, Clone, Default)]
pub struct StaffVersion {
    /// When.
    pub at: UtcMs,
    /// What became of it.
    pub what: Text,
    /// Who.
    pub who: String,
    /// Why, for its own office.
    pub why: Shown,
    /// Columns that changed: name, before, after.
    pub changed: Vec<(Text, Shown, Shown)>,
    /// Number of the case that wrote it, and its page.
    pub case: Option<(String, String)>,
    /// Entry of the log, for who may read it.
    pub log: Option<u64>,
}

/// `GET /registers/{register}/{number}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_row.html")]
pub struct StaffRowPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The register.
    pub register: StaffRegister,
    /// Word of the row in its address.
    pub row: String,
    /// What people call it.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// Number of the case that its newest version is of, and its page.
    pub case: Option<(String, String)>,
    /// Whether it stands.
    pub state: State,
    /// Columns and values.
    pub values: Vec<ValueLine>,
    /// Versions, the newest first.
    pub history: Vec<StaffVersion>,
    /// What the log proves; `None` while no checkpoint covers it.
    pub proof: Option<ProofBox>,
    /// Reasons for which this person may see its persons whole; none: nothing of it is hidden, or they may not.
    pub reveals: Vec<Choice>,
    /// It is confidential: this reader sees no more than its name.
    pub shut: bool,
    /// Files are kept of rows of this register.
    pub has_files: bool,
    /// This person may change it.
    pub may_change: bool,
    /// This person may end it.
    pub may_end: bool,
    /// Version that is shown.
    pub seen: u32,
    /// Last day, as typed.
    pub day: String,
    /// Reason, as typed.
    pub reason: Shown,
    /// What is wrong with the form that ends it.
    pub errors: FormErrors,
    /// The page with what happened to the place or system; empty: the row is neither.
    pub life: String,
}

/// Answer to `POST /registers/{register}/{number}/reveal`: what the row says of persons, once, never kept.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_row_reveal.html")]
pub struct StaffRowRevealPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The register.
    pub register: StaffRegister,
    /// Word of the row in its address.
    pub row: String,
    /// What people call it.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// For what it was asked.
    pub reason: Text,
    /// The lines.
    pub lines: Vec<WholeLine>,
    /// Place of the entry.
    pub entry: u64,
}

/// `GET /registers/{register}/new`, `…/{number}/edit`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "staff_row_form.html")]
pub struct StaffRowFormPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The register.
    pub register: StaffRegister,
    /// Word of the row; empty: a new one.
    pub row: String,
    /// Heading.
    pub title: Text,
    /// Fields.
    pub fields: Vec<AskedField>,
    /// Reason, as typed.
    pub reason: Shown,
    /// Version it is made on; 0: a new row.
    pub seen: u32,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl StaffRowFormPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}
