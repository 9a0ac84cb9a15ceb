//! What waits beside the terms of law: the day that an office promised, and since when nothing was done in a case in which no clock runs.
//!
//! ```text
//! case without a count for its newest event, or whose day has come ─▶ uncounted ─▶ the authority counts ─▶ put_waiting
//!                                                                                                          └▶ waiting_over, waiting_counts, waiting
//! ```
//! Always true: the rows follow from the events, the law and the settings, so the log has nothing of them; a count that was made for another
//! number of events is none; no list has a closed case.

use super::cases::NO_DAY;
use super::worklist::PAGE;
use super::{Territory, number, office_text, within};
use crate::db::{DbError, IDS, Row, ids_in};
use crate::{Store, args};
use base::{CaseId, CivilDate, OfficeId};
use std::collections::BTreeMap;

/// What was counted of open cases that are named.
const WAITING_OF: &str = "SELECT w.case_id, w.promised, w.since, w.lies FROM case_waiting w JOIN case_file c ON c.id = w.case_id \
     WHERE w.events = c.events AND c.closed_ms IS NULL AND w.case_id IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
     $45, $46, $47, $48, $49, $50)";

/// What of a case is counted beside the terms of law.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// The last day that the office promised.
    pub promised: Option<CivilDate>,
    /// No clock runs in it: the day on which something was last done.
    pub since: Option<CivilDate>,
    /// The last day on which nobody need look at it, by the rule of the office or the packs.
    pub lies: Option<CivilDate>,
}

impl Waiting {
    /// The promise went by.
    #[must_use]
    pub fn is_past(&self, today: CivilDate) -> bool {
        self.promised.is_some_and(|day| day < today)
    }

    /// Nothing was done in it for longer than the rule says.
    #[must_use]
    pub fn is_lying(&self, today: CivilDate) -> bool {
        self.lies.is_some_and(|day| day < today)
    }
}

/// How many open cases there are whose promise went by, and in which nothing is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WaitingCounts {
    /// The promise went by.
    pub past: u32,
    /// They lie.
    pub lying: u32,
}

fn text_of(day: Option<CivilDate>) -> String {
    day.map_or_else(|| NO_DAY.to_owned(), |day| day.to_string())
}

fn day_at(r: &Row, i: usize) -> Result<Option<CivilDate>, DbError> {
    if r.text(i)? == NO_DAY {
        return Ok(None);
    }
    r.read(i, CivilDate::parse).map(Some)
}

/// The three days, from this column on.
fn waiting_at(r: &Row, i: usize) -> Result<Waiting, DbError> {
    Ok(Waiting { promised: day_at(r, i)?, since: day_at(r, i + 1)?, lies: day_at(r, i + 2)? })
}

impl Store {
    /// Keeps what was counted on a day for a case with so many events.
    ///
    /// # Errors
    /// The database.
    pub async fn put_waiting(
        &self,
        case: CaseId,
        seen: u32,
        counted: CivilDate,
        waiting: &Waiting,
    ) -> Result<(), DbError> {
        let nearest = [waiting.promised, waiting.lies].into_iter().flatten().min();
        let sql = "INSERT INTO case_waiting (case_id, events, counted, promised, since, lies, nearest) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (case_id) DO UPDATE SET events = excluded.events, \
                   counted = excluded.counted, promised = excluded.promised, since = excluded.since, lies = excluded.lies, \
                   nearest = excluded.nearest";
        let days = [waiting.promised, waiting.since, waiting.lies, nearest].map(text_of);
        let [promised, since, lies, nearest] = days;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.exec(sql, args![case, seen, counted, promised, since, lies, nearest]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Open cases, by id after the one given, that have no count for their newest event, or whose day went by since they were counted: a
    /// notice of holidays may have moved it. At most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn uncounted(&self, today: CivilDate, after: Option<CaseId>, limit: u32) -> Result<Vec<CaseId>, DbError> {
        let sql = "SELECT c.id FROM case_file c LEFT JOIN case_waiting w ON w.case_id = c.id WHERE c.closed_ms IS NULL AND c.id > $1 \
                   AND (w.events IS NULL OR w.events <> c.events OR (w.nearest < $2 AND w.counted <= w.nearest)) \
                   ORDER BY c.id LIMIT $3";
        let after = after.map_or_else(String::new, |id| id.to_string());
        let rows = self.db.rows(sql, args![after, today, limit.min(PAGE)]).await?;
        rows.iter().map(|r| r.read(0, CaseId::parse)).collect()
    }

    /// Forgets what was counted of the cases of an office: it promises something else now.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_waiting(&self, office: OfficeId) -> Result<(), DbError> {
        let sql = "DELETE FROM case_waiting WHERE case_id IN (SELECT id FROM case_file WHERE office = $1)";
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.exec(sql, args![office_text(Some(office))]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What was counted of an open case; none where it is closed or not counted yet.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting(&self, case: CaseId) -> Result<Option<Waiting>, DbError> {
        let sql = "SELECT w.promised, w.since, w.lies FROM case_waiting w JOIN case_file c ON c.id = w.case_id \
                   WHERE w.case_id = $1 AND w.events = c.events AND c.closed_ms IS NULL";
        self.db.row(sql, args![case]).await?.map(|r| waiting_at(&r, 0)).transpose()
    }

    /// The same of the cases of a list, in one statement for each fifty of them.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_of(&self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, Waiting>, DbError> {
        let mut found = BTreeMap::new();
        for some in cases.chunks(IDS) {
            for r in self.db.rows(WAITING_OF, ids_in(some)).await? {
                found.insert(r.read(0, CaseId::parse)?, waiting_at(&r, 1)?);
            }
        }
        Ok(found)
    }

    /// Open cases of a territory whose promise went by or that lie, the longest first, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_over(
        &self,
        of: Territory,
        today: CivilDate,
        limit: u32,
    ) -> Result<Vec<(CaseId, Waiting)>, DbError> {
        let sql = concat!(
            "SELECT w.case_id, w.promised, w.since, w.lies FROM case_waiting w JOIN case_file c ON c.id = w.case_id \
             WHERE w.nearest < $1 AND w.events = c.events AND c.closed_ms IS NULL AND ",
            within!("c.office", "$3", "$4"),
            " ORDER BY w.nearest, w.case_id LIMIT $2"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![today, limit.min(PAGE), office, top]).await?;
        rows.iter().map(|r| Ok((r.read(0, CaseId::parse)?, waiting_at(r, 1)?))).collect()
    }

    /// How many open cases of a territory there are whose promise went by, and that lie.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_counts(&self, of: Territory, today: CivilDate) -> Result<WaitingCounts, DbError> {
        let sql = concat!(
            "SELECT COUNT(CASE WHEN w.promised < $1 THEN 1 END), COUNT(CASE WHEN w.lies < $1 THEN 1 END) \
             FROM case_waiting w JOIN case_file c ON c.id = w.case_id \
             WHERE w.nearest < $1 AND w.events = c.events AND c.closed_ms IS NULL AND ",
            within!("c.office", "$2", "$3")
        );
        let (office, top) = of.texts();
        let Some(r) = self.db.row(sql, args![today, office, top]).await? else { return Ok(WaitingCounts::default()) };
        Ok(WaitingCounts { past: number(&r, 0)?, lying: number(&r, 1)? })
    }
}
