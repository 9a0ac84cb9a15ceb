//! Numbers for those who work here: what waits and for how long, whose days come, which places have no system yet.
//!
//! ```text
//! office (none: all) ─▶ backlog · months · outcomes          places ─▶ those without a row of systems that stands ─▶ gaps
//! ```
//! What is counted of all cases reads many rows: whoever shows it keeps it for a while and says when it was counted. Gaps are a list in pages.
//! Always true: nothing here names a person; a row of places counts as covered by a row of systems of the same party, of the same case or of
//! the same name, if that row holds on the day and its outcome is none of those that were named as adverse.

use super::registers::{RowVersion, row_of};
use super::{Territory, number, office_text, place, under, within};
use crate::db::{DbError, Row, Value};
use crate::{Store, args};
use base::{CaseId, CivilDate, PartyId, UtcMs};

/// Most lines of one count.
pub const LINES: u32 = 20_000;
/// Most gaps of one page.
pub const PAGE: u32 = 500;
/// Borders between ages.
pub const AGES: usize = 3;
/// Most outcomes that can be named as adverse.
pub const ADVERSE: usize = 8;

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

/// Which places are asked for, and what covers them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GapFilter {
    /// Word of the register of places.
    pub places: String,
    /// Word of the register of systems.
    pub systems: String,
    /// Of these offices.
    pub territory: Territory,
    /// Outcomes by which a place is none and a system covers nothing; beyond [`ADVERSE`] they are not looked at.
    pub adverse: Vec<String>,
    /// Only rows that stand before this place in the log (paging, newest first).
    pub before: Option<u64>,
}

/// That a row says none of the outcomes; $6 to $13, empty where there is none.
macro_rules! stands {
    ($row:literal) => {
        concat!(
            " AND ($6 = '' OR ",
            $row,
            ".public NOT LIKE $6) AND ($7 = '' OR ",
            $row,
            ".public NOT LIKE $7) AND ($8 = '' OR ",
            $row,
            ".public NOT LIKE $8) AND ($9 = '' OR ",
            $row,
            ".public NOT LIKE $9) AND ($10 = '' OR ",
            $row,
            ".public NOT LIKE $10) AND ($11 = '' OR ",
            $row,
            ".public NOT LIKE $11) AND ($12 = '' OR ",
            $row,
            ".public NOT LIKE $12) AND ($13 = '' OR ",
            $row,
            ".public NOT LIKE $13)"
        )
    };
}

/// No row of systems stands; $3 the day, $5 their register.
macro_rules! uncovered {
    ($by:literal) => {
        concat!(
            " AND NOT EXISTS (SELECT 1 FROM register_row s WHERE s.newest = 1 AND ",
            $by,
            " AND s.from_day <= $3 AND (s.until_day IS NULL OR s.until_day >= $3)",
            stands!("s"),
            ")"
        )
    };
}

/// Places that hold; $1 their register, $2 the place in the log, $3 the day, $4 and $14 the offices.
macro_rules! places {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM register_row u WHERE u.newest = 1 AND u.register = $1 AND u.entry < $2 \
             AND u.from_day <= $3 AND (u.until_day IS NULL OR u.until_day >= $3) AND ",
            within!("u.office", "$4", "$14"),
            stands!("u")
        )
    };
}

/// Places without a system: three questions, each along an index of its own.
macro_rules! gaps {
    ($columns:literal, $rest:literal) => {
        concat!(
            places!($columns),
            uncovered!("s.register = $5 AND s.row_id = u.row_id"),
            // Not a plain comparison: SQLite would go along all rows of the register instead of those of the party.
            uncovered!("s.register || '' = $5 AND s.party = u.party"),
            uncovered!("s.register = $5 AND s.name = u.name"),
            $rest
        )
    };
}

const GAPS: &str = gaps!(
    "u.register, u.row_id, u.version, u.name, u.office, u.party, u.public, u.case_id, u.event, u.from_day, u.until_day, u.newest, \
     u.at_ms, u.entry, u.personal_sealed, u.shown_ms",
    " ORDER BY u.entry DESC LIMIT $15"
);
const GAPS_COUNT: &str = gaps!("COUNT(*)", "");
// The register of systems has no part in it, and PostgreSQL wants to know the type of each value.
const PLACES_COUNT: &str = concat!(places!("COUNT(*)"), " AND $5 <> ''");

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

impl GapFilter {
    /// Values of both questions, without the limit.
    fn values(&self, on: CivilDate) -> Vec<Value> {
        let (office, top) = self.territory.texts();
        let mut values =
            args![self.places.as_str(), self.before.unwrap_or(u64::MAX), on, office, self.systems.as_str()];
        for n in 0..ADVERSE {
            // As `serde_json` writes it; inside a text the quotation marks would be escaped.
            let pattern = self.adverse.get(n).map(|outcome| format!("%\"outcome\":\"{outcome}\"%"));
            values.push(Value::from(pattern.unwrap_or_default()));
        }
        values.push(Value::from(top));
        values
    }
}

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

    /// Rows of places that hold on this day and that no system covers, the newest first, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn places_without_system(
        &self,
        f: &GapFilter,
        on: CivilDate,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        let mut values = f.values(on);
        values.push(Value::from(limit.min(PAGE)));
        self.db.rows(GAPS, values).await?.iter().map(row_of).collect()
    }

    /// How many there are; where the list goes on from is not looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn gaps_count(&self, f: &GapFilter, on: CivilDate) -> Result<u64, DbError> {
        let all = GapFilter { before: None, ..f.clone() };
        self.db.row(GAPS_COUNT, all.values(on)).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// How many places hold on this day, covered or not.
    ///
    /// # Errors
    /// The database.
    pub async fn places_count(&self, f: &GapFilter, on: CivilDate) -> Result<u64, DbError> {
        let all = GapFilter { before: None, ..f.clone() };
        self.db.row(PLACES_COUNT, all.values(on)).await?.map_or(Ok(0), |r| place(&r, 0))
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
