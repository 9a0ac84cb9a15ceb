//! Numbers for the public: how many cases, in time or not, how many rows a register has, which draws there were.
//!
//! Always true: nothing here names a case, party or person, only how many there are; a stretch of time is counted by the instant at which
//! cases were opened, so that each case is in one year and stays there.

use super::registers::RowFilter;
use super::row_keys::keyed;
use super::{Territory, place, within};
use crate::db::DbError;
use crate::{Store, args};
use base::UtcMs;

/// Most lines of one count.
pub const LINES: u32 = 10_000;
/// Most draws of one page.
pub const PAGE: u32 = 200;

/// Cases of one procedure with one outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseCount {
    /// Id of the procedure.
    pub procedure: String,
    /// Id of the outcome; `None` where there is none yet, or never was.
    pub outcome: Option<String>,
    /// They ended.
    pub closed: bool,
    /// How many.
    pub count: u64,
}

/// Clocks in one state that bind one party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockCount {
    /// Word of the party.
    pub binds: String,
    /// Word of the state.
    pub state: String,
    /// How many.
    pub count: u64,
}

/// A draw of inspections, or a pool that waits for one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanRow {
    /// Word of the plan.
    pub plan: String,
    /// When its pool was committed.
    pub committed: UtcMs,
    /// Place of the pool's entry.
    pub entry: u64,
    /// When it was drawn; `None`: not yet.
    pub drawn: Option<UtcMs>,
}

impl Store {
    /// Cases that were opened from `from` on and before `to`, by procedure, outcome and whether they ended.
    ///
    /// # Errors
    /// The database.
    pub async fn case_counts(&self, from: UtcMs, to: UtcMs) -> Result<Vec<CaseCount>, DbError> {
        let sql = "SELECT procedure, COALESCE(outcome, ''), CAST(CASE WHEN closed_ms IS NULL THEN 0 ELSE 1 END AS BIGINT), COUNT(*) \
                   FROM case_file WHERE opened_ms >= $1 AND opened_ms < $2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LIMIT $3";
        let rows = self.db.rows(sql, args![from, to, LINES]).await?;
        rows.iter()
            .map(|r| {
                let outcome = Some(r.text(1)?).filter(|o| !o.is_empty());
                Ok(CaseCount { procedure: r.text(0)?, outcome, closed: r.int(2)? != 0, count: place(r, 3)? })
            })
            .collect()
    }

    /// Clocks, as last counted, of cases that were opened in that time.
    ///
    /// # Errors
    /// The database.
    pub async fn clock_counts(&self, from: UtcMs, to: UtcMs) -> Result<Vec<ClockCount>, DbError> {
        let sql = "SELECT c.binds, c.state, COUNT(*) FROM case_clock c JOIN case_file f ON f.id = c.case_id \
                   WHERE f.opened_ms >= $1 AND f.opened_ms < $2 GROUP BY c.binds, c.state ORDER BY c.binds, c.state LIMIT $3";
        let rows = self.db.rows(sql, args![from, to, LINES]).await?;
        rows.iter().map(|r| Ok(ClockCount { binds: r.text(0)?, state: r.text(1)?, count: place(r, 2)? })).collect()
    }

    /// How many rows fit a filter, in their newest version; where the list goes on from (`before`) and the party are not looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn register_rows_count(&self, f: &RowFilter) -> Result<u64, DbError> {
        if let Some(stood) = f.stood {
            return self.stood_count(f, stood).await;
        }
        let shown = concat!(
            "SELECT COUNT(*) FROM register_row WHERE newest = 1 AND shown_ms IS NOT NULL AND register = $1 \
                     AND ($2 = '' OR (from_day <= $2 AND (until_day IS NULL OR until_day >= $2))) AND ($3 = '' OR office = $3) \
                     AND ($4 = '' OR until_day < $4) \
                     AND ($5 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($5, ',' || c.procedure || ',', '') <> $5)) \
                     AND ($6 = '' OR made_by = '' OR REPLACE($6, ',' || made_by || ',', '') <> $6)",
            keyed!("$1", "$7", "$8", "$9", "$10")
        );
        let all = concat!(
            "SELECT COUNT(*) FROM register_row WHERE newest = 1 AND register = $1 \
                   AND ($2 = '' OR (from_day <= $2 AND (until_day IS NULL OR until_day >= $2))) AND ($3 = '' OR office = $3) \
                   AND ($4 = '' OR until_day < $4) \
                   AND ($5 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($5, ',' || c.procedure || ',', '') <> $5)) \
                   AND ($6 = '' OR made_by = '' OR REPLACE($6, ',' || made_by || ',', '') <> $6)",
            keyed!("$1", "$7", "$8", "$9", "$10")
        );
        let values = args![
            f.register.as_str(),
            f.holds_on.map_or_else(String::new, |d| d.to_string()),
            f.office.map_or_else(String::new, |id| id.to_string()),
            f.ended_before.map_or_else(String::new, |d| d.to_string()),
            f.procedures_text(),
            f.made_by_text(),
            f.division.as_str(),
            f.kind.0.as_str(),
            f.kind.1.as_str(),
            f.least_open(),
        ];
        self.db.row(if f.shown { shown } else { all }, values).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// How many rows the public register had just before a time.
    async fn stood_count(&self, f: &RowFilter, stood: UtcMs) -> Result<u64, DbError> {
        let sql = concat!(
            "SELECT COUNT(*) FROM (SELECT row_id FROM register_row WHERE register = $1 AND shown_ms IS NOT NULL AND shown_ms < $2 \
                   AND NOT EXISTS (SELECT 1 FROM register_row n WHERE n.register = register_row.register \
                   AND n.row_id = register_row.row_id AND n.version > register_row.version AND n.shown_ms IS NOT NULL AND n.shown_ms < $2) \
                   AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
                   AND ($5 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($5, ',' || c.procedure || ',', '') <> $5)) \
                   AND ($6 = '' OR made_by = '' OR REPLACE($6, ',' || made_by || ',', '') <> $6)",
            keyed!("$1", "$7", "$8", "$9", "$10"),
            ") s"
        );
        let values = args![
            f.register.as_str(),
            stood,
            f.holds_on.map_or_else(String::new, |d| d.to_string()),
            f.office.map_or_else(String::new, |id| id.to_string()),
            f.procedures_text(),
            f.made_by_text(),
            f.division.as_str(),
            f.kind.0.as_str(),
            f.kind.1.as_str(),
            f.least_open(),
        ];
        self.db.row(sql, values).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// Plans of a territory whose pool was committed before a place in the log (`None`: from the newest on), the newest first, at most `limit` and
    /// never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn draw_plans(&self, of: Territory, before: Option<u64>, limit: u32) -> Result<Vec<PlanRow>, DbError> {
        let sql = concat!(
            "SELECT p.plan, p.at_ms, p.entry, d.at_ms FROM draw_pool p LEFT JOIN draw d ON d.plan = p.plan \
             LEFT JOIN inspection_plan i ON i.word = p.plan WHERE p.entry < $1 AND ",
            within!("i.office", "$3", "$4"),
            " ORDER BY p.entry DESC LIMIT $2"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![before.unwrap_or(u64::MAX), limit.min(PAGE), office, top]).await?;
        rows.iter()
            .map(|r| {
                Ok(PlanRow {
                    plan: r.text(0)?,
                    committed: UtcMs(r.int(1)?),
                    entry: place(r, 2)?,
                    drawn: r.int_opt(3)?.map(UtcMs),
                })
            })
            .collect()
    }
}
