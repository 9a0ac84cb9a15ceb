//! Numbers for who supervises: how often one party was visited, what the law refused and how often, how much each officer has open.
//!
//! Always true: every list is counted by the database, has a limit and names nobody but by id; what is counted of refusals is the sentence and
//! the clauses that the log page shows, never a word that a person typed.

use super::{number, place, read_opt};
use crate::db::{DbError, Row};
use crate::{Store, args};
use base::{AccountId, CivilDate, OfficeId, PartyId, Text, UtcMs};

/// Most lines of one list.
pub const LINES: u32 = 1_000;

/// How often cases of some procedures were opened about one party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitCount {
    /// The party.
    pub party: PartyId,
    /// How many.
    pub count: u32,
    /// When the last was opened.
    pub last: UtcMs,
}

/// A reason for which the law refused acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusalCount {
    /// The sentence of the log page.
    pub text: Text,
    /// The clauses that decided.
    pub clauses: Vec<String>,
    /// How many.
    pub count: u32,
    /// Place of the newest entry.
    pub newest: u64,
}

/// What one officer has open in one office.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoadCount {
    /// The office.
    pub office: OfficeId,
    /// Who; `None`: nobody has them yet.
    pub officer: Option<AccountId>,
    /// Open cases.
    pub open: u32,
    /// Of them those whose nearest day is over.
    pub overdue: u32,
}

impl Store {
    /// Parties about whom more than one case of these procedures was opened in that time, the most first, at most `limit` and never more
    /// than [`LINES`].
    ///
    /// # Errors
    /// The database.
    pub async fn visit_counts(
        &self,
        procedures: &[&str],
        (from, to): (UtcMs, UtcMs),
        limit: u32,
    ) -> Result<Vec<VisitCount>, DbError> {
        // Words of procedures have no bar; one value holds them all, so that the question has a fixed form.
        let all = format!("|{}|", procedures.join("|"));
        let sql = "SELECT party, COUNT(*), MAX(opened_ms) FROM case_file WHERE opened_ms >= $1 AND opened_ms < $2 AND party IS NOT NULL \
                   AND $3 LIKE '%|' || procedure || '|%' GROUP BY party HAVING COUNT(*) > 1 ORDER BY COUNT(*) DESC, party LIMIT $4";
        let rows = self.db.rows(sql, args![from, to, all, limit.min(LINES)]).await?;
        let line = |r: &Row| -> Result<VisitCount, DbError> {
            Ok(VisitCount { party: r.read(0, PartyId::parse)?, count: number(r, 1)?, last: UtcMs(r.int(2)?) })
        };
        rows.iter().map(line).collect()
    }

    /// What the law refused in that time, by sentence and clauses, the most first, at most `limit` and never more than [`LINES`].
    ///
    /// # Errors
    /// The database.
    pub async fn refusal_counts(&self, (from, to): (UtcMs, UtcMs), limit: u32) -> Result<Vec<RefusalCount>, DbError> {
        let sql = "SELECT zh, en, clauses, COUNT(*), MAX(idx) FROM act WHERE kind = 'act.refused' AND at_ms >= $1 AND at_ms < $2 \
                   GROUP BY zh, en, clauses ORDER BY COUNT(*) DESC, MAX(idx) DESC LIMIT $3";
        let rows = self.db.rows(sql, args![from, to, limit.min(LINES)]).await?;
        let line = |r: &Row| -> Result<RefusalCount, DbError> {
            Ok(RefusalCount {
                text: Text::of(r.text(0)?, r.text(1)?),
                clauses: r.text(2)?.split_whitespace().map(str::to_owned).collect(),
                count: number(r, 3)?,
                newest: place(r, 4)?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Open cases by office and officer, the most first, at most `limit` and never more than [`LINES`]; overdue: the nearest day is before
    /// `today`.
    ///
    /// # Errors
    /// The database.
    pub async fn load_counts(&self, today: CivilDate, limit: u32) -> Result<Vec<LoadCount>, DbError> {
        let sql = "SELECT office, assigned, COUNT(*), CAST(SUM(CASE WHEN next_due < $1 THEN 1 ELSE 0 END) AS BIGINT) FROM case_file \
                   WHERE closed_ms IS NULL GROUP BY office, assigned ORDER BY COUNT(*) DESC, office, assigned LIMIT $2";
        let rows = self.db.rows(sql, args![today, limit.min(LINES)]).await?;
        let line = |r: &Row| -> Result<LoadCount, DbError> {
            let nobody = r.text(1)?.is_empty();
            Ok(LoadCount {
                office: r.read(0, OfficeId::parse)?,
                officer: if nobody { None } else { read_opt(r, 1, AccountId::parse)? },
                open: number(r, 2)?,
                overdue: number(r, 3)?,
            })
        };
        rows.iter().map(line).collect()
    }
}
