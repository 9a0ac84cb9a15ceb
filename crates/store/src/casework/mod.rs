//! Rows of the authority's casework: a case is its list of events, everything else is made of them and lies beside them.
//!
//! ```text
//! CaseChange (events, head, clocks, register rows, papers, documents, publications)
//!    └─▶ Store::add_events: one transaction ─▶ event rows (sealed) + case head + clocks + rows + pairs of signs + ledger entries
//! lists ─▶ worklist (open, nearest day first) · cases (all, newest first) · search (pairs of signs) · registers, publications (public)
//! ```
//! The store knows no procedure: steps, states, clocks and fields are words that the engine hands in.
//!
//! Always true:
//! - an event, its entry and whatever it changed are one transaction; a change that was made on an older state of the case is not made;
//! - events, versions of parties and of register rows, and issued documents are never changed or removed, only followed by newer ones;
//! - an entry holds ids, public digests and salted commitments: words of persons are sealed in rows, and the log does not have them;
//! - numbers of a series have no hole: a number is drawn, or claimed, in the transaction that uses it;
//! - nothing about a natural person is in a search index, a title, a public row or a publication: callers hand none in there.
//!
//! A crash before the commit leaves nothing of a change: no event, no number, no entry. After it, all of it; lists need no repair.

pub mod absences;
pub mod applicants;
pub mod awaited;
pub mod cases;
pub mod counts;
pub mod delegations;
pub mod documents;
pub mod draws;
pub mod events;
pub mod exchange;
pub mod import;
pub mod numbers;
pub mod offices;
pub mod papers;
pub mod parties;
pub mod payments;
pub mod plans;
pub mod publications;
pub mod register_states;
pub mod registers;
mod row_entries;
pub mod row_files;
pub mod row_keys;
mod row_numbers;
pub mod search;
pub mod shares;
pub mod spots;
pub mod staff_counts;
pub mod supervision;
pub mod waiting;
pub mod worklist;

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry};
use base::{AccountId, CivilDate, ClauseId, OfficeId, Sha256, Text, UtcMs};

/// After every id and every word of lower-case letters and digits, whatever the order of letters of the database is: where a list
/// that goes backwards begins.
pub(crate) const TOP: &str = "zzzz";

/// Whose rows are asked for, by office.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Territory {
    /// Every office's.
    #[default]
    All,
    /// This office's.
    Office(OfficeId),
    /// This office's, and those of the offices under it.
    Under(OfficeId),
}

impl Territory {
    /// The office that it is called by; none for every office.
    #[must_use]
    pub const fn office(self) -> Option<OfficeId> {
        match self {
            Self::All => None,
            Self::Office(id) | Self::Under(id) => Some(id),
        }
    }

    /// What `within!` asks for: the office, and the one whose offices below count too; empty where there is none.
    pub(crate) fn texts(self) -> (String, String) {
        let below = if matches!(self, Self::Under(_)) { self.office() } else { None };
        (office_text(self.office()), office_text(below))
    }
}

impl From<Option<OfficeId>> for Territory {
    /// That office's alone, or every office's.
    fn from(office: Option<OfficeId>) -> Self {
        office.map_or(Self::All, Self::Office)
    }
}

/// An office as a value of a question; empty for none.
pub(crate) fn office_text(office: Option<OfficeId>) -> String {
    office.map_or_else(String::new, |id| id.to_string())
}

/// That a column is an office at or under another one: the column, and the value that names that one.
macro_rules! under {
    ($office:literal, $top:literal) => {
        concat!(
            $office,
            " IN (WITH RECURSIVE below(id) AS (SELECT id FROM office WHERE id = ",
            $top,
            " UNION SELECT x.id FROM office x JOIN below b ON x.parent = b.id) SELECT id FROM below)"
        )
    };
}

/// That a column is an office of a territory: the column, and the two values of `Territory::texts`.
macro_rules! within {
    ($office:literal, $of:literal, $top:literal) => {
        concat!(
            "(",
            $of,
            " = '' OR ",
            $office,
            " = ",
            $of,
            " OR (",
            $top,
            " <> '' AND ",
            crate::casework::under!($office, $top),
            "))"
        )
    };
}
pub(crate) use {under, within};

/// Words as they are kept: sealed, and the commitment that the log has of them.
pub(crate) type SealedWords = (Vec<u8>, Sha256);

/// An entry of a thing that was done, with its line on the log page.
pub(crate) fn entry(
    kind: &'static str,
    at: UtcMs,
    by: Option<AccountId>,
    clauses: &[ClauseId],
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let act = ActLine { clauses: clauses.to_vec(), ..ActLine::done(by, text) };
    LogEntry { kind, at, body, act: Some(act) }
}

/// A fault of the caller that no database rule would show.
pub(crate) fn misuse(what: &'static str) -> DbError {
    DbError(sqlx::Error::Protocol(what.into()))
}

/// A count or place that is never negative.
pub(crate) fn place(r: &Row, i: usize) -> Result<u64, DbError> {
    u64::try_from(r.int(i)?).map_err(|_| DbError::unreadable(i))
}

/// A small count that is never negative.
pub(crate) fn number(r: &Row, i: usize) -> Result<u32, DbError> {
    u32::try_from(r.int(i)?).map_err(|_| DbError::unreadable(i))
}

/// An id or day that may be null.
pub(crate) fn read_opt<T>(r: &Row, i: usize, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, DbError> {
    let Some(text) = r.text_opt(i)? else { return Ok(None) };
    parse(&text).map(Some).ok_or_else(|| DbError::unreadable(i))
}

/// A day that may be null.
pub(crate) fn day_opt(r: &Row, i: usize) -> Result<Option<CivilDate>, DbError> {
    read_opt(r, i, CivilDate::parse)
}
