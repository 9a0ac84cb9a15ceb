//! Numbers for those who work here: what waits and for how long, whose days come, what cases came to.
//!
//! ```text
//! office (none: all) ─▶ backlog · months · outcomes
//! ```
//! What is counted of all cases reads many rows: whoever shows it keeps it for a while and says when it was counted. Which places have a system
//! is `spots`. Always true: nothing here names a person.

use super::{Territory, number, office_text, place, under, within};
use crate::db::{DbError, Row};
use crate::{Store, args};
use base::{CaseId, CivilDate, PartyId, UtcMs};

/// Most lines of one count.
pub const LINES: u32 = 20_000;
/// Borders between ages.
pub const AGES: usize = 3;

/// Open cases of one procedure and age.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// Id of the procedure.
    pub procedure: String,
    /// 0: opened at the newest border or later; [`AGES`]: before the oldest.
    pub age: u32,
    /// How many.
    pub count: u64,
}

/// Clocks of one month, party and state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MonthCount {
    /// Month of the last day, `YYYY-MM`.
    pub month: String,
    /// Word of the party that it binds.
    pub binds: String,
    /// Word of the state; of a running clock `near` where its last day is near, `over` where that day went by.
    pub state: String,
    /// How many.
    pub count: u64,
}

/// Cases of one procedure with one outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutcomeCount {
    /// Id of the procedure.
    pub procedure: String,
    /// Id of the outcome; empty: none.
    pub outcome: String,
    /// They ended.
    pub closed: bool,
    /// How many.
    pub count: u64,
}

/// Clocks of a month; $1 and $2 the days, $3 today, $4 where near ends, $5 the limit. With a column and a value: those at or under that office.
macro_rules! months {
    ($from:literal) => {
        concat!(
            "SELECT SUBSTR(c.due, 1, 7), c.binds, CASE WHEN c.state = 'running' AND c.due < $3 THEN 'over' \
             WHEN c.state = 'running' AND c.due < $4 THEN 'near' ELSE c.state END, COUNT(*) FROM ",
            $from,
            " c.due >= $1 AND c.due < $2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $5"
        )
    };
    ($from:literal, $office:literal, $top:literal) => {
        concat!(
            "SELECT SUBSTR(c.due, 1, 7), c.binds, CASE WHEN c.state = 'running' AND c.due < $3 THEN 'over' \
             WHEN c.state = 'running' AND c.due < $4 THEN 'near' ELSE c.state END, COUNT(*) FROM ",
            $from,
            " ",
            under!($office, $top),
            " AND c.due >= $1 AND c.due < $2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $5"
        )
    };
}

/// What cases came to; $1 and $2 the instants, $3 the limit, $4 the office.
macro_rules! outcomes {
    ($which:literal) => {
        concat!(
            "SELECT procedure, COALESCE(outcome, ''), CAST(CASE WHEN closed_ms IS NULL THEN 0 ELSE 1 END AS BIGINT), COUNT(*) \
             FROM case_file WHERE opened_ms >= $1 AND opened_ms < $2 AND ",
            $which,
            " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $3"
        )
    };
}

const UNDER_OUTCOMES: &str = concat!(
    "SELECT procedure, COALESCE(outcome, ''), CAST(CASE WHEN closed_ms IS NULL THEN 0 ELSE 1 END AS BIGINT), COUNT(*) \
     FROM case_file WHERE opened_ms >= $1 AND opened_ms < $2 AND ",
    under!("office", "$4"),
    " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $3"
);

fn backlog_of(r: &Row) -> Result<Backlog, DbError> {
    Ok(Backlog { procedure: r.text(0)?, age: number(r, 1)?, count: place(r, 2)? })
}

fn month_of(r: &Row) -> Result<MonthCount, DbError> {
    Ok(MonthCount { month: r.text(0)?, binds: r.text(1)?, state: r.text(2)?, count: place(r, 3)? })
}

fn outcome_of(r: &Row) -> Result<OutcomeCount, DbError> {
    Ok(OutcomeCount { procedure: r.text(0)?, outcome: r.text(1)?, closed: r.int(2)? != 0, count: place(r, 3)? })
}

impl Store {
    /// Open cases by procedure and age; `borders` are instants, the newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn backlog(&self, of: Territory, borders: [UtcMs; AGES]) -> Result<Vec<Backlog>, DbError> {
        let sql = concat!(
            "SELECT procedure, CAST(CASE WHEN opened_ms >= $1 THEN 0 WHEN opened_ms >= $2 THEN 1 WHEN opened_ms >= $3 THEN 2 \
             ELSE 3 END AS BIGINT), COUNT(*) FROM case_file WHERE closed_ms IS NULL AND ",
            within!("office", "$4", "$6"),
            " GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $5"
        );
        let ([new, middle, old], (office, top)) = (borders, of.texts());
        let rows = self.db.rows(sql, args![new, middle, old, office, LINES, top]).await?;
        rows.iter().map(backlog_of).collect()
    }

    /// Clocks whose last day is from `from` on and before `to`, by month, party and state; a running one whose day is before `today` is over,
    /// before `near` near.
    ///
    /// # Errors
    /// The database.
    pub async fn month_counts(
        &self,
        of: Territory,
        (from, to): (CivilDate, CivilDate),
        (today, near): (CivilDate, CivilDate),
    ) -> Result<Vec<MonthCount>, DbError> {
        let rows = match of {
            Territory::All => self.db.rows(months!("case_clock c WHERE"), args![from, to, today, near, LINES]).await?,
            Territory::Office(office) => {
                let sql = months!("case_clock c JOIN case_file f ON f.id = c.case_id WHERE f.office = $6 AND");
                self.db.rows(sql, args![from, to, today, near, LINES, office]).await?
            }
            Territory::Under(top) => {
                let sql = months!("case_clock c JOIN case_file f ON f.id = c.case_id WHERE", "f.office", "$6");
                self.db.rows(sql, args![from, to, today, near, LINES, top]).await?
            }
        };
        rows.iter().map(month_of).collect()
    }

    /// Cases that were opened from `from` on and before `to`, by procedure, outcome and whether they ended.
    ///
    /// # Errors
    /// The database.
    pub async fn outcome_counts(
        &self,
        of: Territory,
        (from, to): (UtcMs, UtcMs),
    ) -> Result<Vec<OutcomeCount>, DbError> {
        let sql = match of {
            Territory::All => outcomes!("$4 = ''"),
            Territory::Office(_) => outcomes!("office = $4"),
            Territory::Under(_) => UNDER_OUTCOMES,
        };
        let rows = self.db.rows(sql, args![from, to, LINES, office_text(of.office())]).await?;
        rows.iter().map(outcome_of).collect()
    }

    /// Versions of rows of a register that were written between two instants, and of these the first of their row.
    ///
    /// # Errors
    /// The database.
    pub async fn rows_written(&self, register: &str, (from, to): (UtcMs, UtcMs)) -> Result<(u64, u64), DbError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN version = 1 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM register_row \
                   WHERE register = $1 AND at_ms >= $2 AND at_ms < $3";
        let Some(row) = self.db.row(sql, args![register, from, to]).await? else { return Ok((0, 0)) };
        Ok((place(&row, 0)?, place(&row, 1)?))
    }

    /// Whether an office of a territory has a case of this party.
    ///
    /// # Errors
    /// The database.
    pub async fn has_case_of(&self, of: Territory, party: PartyId) -> Result<bool, DbError> {
        let sql = concat!("SELECT id FROM case_file WHERE party = $1 AND ", within!("office", "$2", "$3"), " LIMIT 1");
        let (office, top) = of.texts();
        let row = self.db.row(sql, args![party, office, top]).await?;
        Ok(row.map(|r| r.read(0, CaseId::parse)).transpose()?.is_some())
    }
}
