//! Numbers for who supervises: how often one unit was visited, what the law refused and how often, how much each officer has open.
//!
//! Always true: every list is counted by the database, has a limit and names nobody but by id; what is counted of refusals is the sentence and
//! the clauses that the log page shows, never a word that a person typed.

use super::cases::{CaseRow, case_of, select};
use super::{Territory, number, place, read_opt, within};
use crate::db::{DbError, Row};
use crate::logbook::{ActRow, act_of};
use crate::{Store, args};
use base::{AccountId, CaseId, CivilDate, OfficeId, Text, UtcMs};

/// Most lines of one list.
pub const LINES: u32 = 1_000;

/// How often one unit was visited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitCount {
    /// Its unified social credit code, as its visits have it: also of a unit that is no party here.
    pub unit: String,
    /// How many, second looks at an order left out.
    pub count: u32,
    /// How many second looks at an order beside them.
    pub again: u32,
    /// The day of the last of all.
    pub last: CivilDate,
}

/// A visit that took place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitMade {
    /// Its case.
    pub case: CaseId,
    /// Its number in the case.
    pub n: u32,
    /// Word of its kind.
    pub kind: String,
    /// Its day.
    pub day: CivilDate,
}

/// A decided case that came from another one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DecidedFrom {
    /// The earlier case.
    pub from: CaseId,
    /// Its own.
    pub case: CaseId,
    /// It has one of the results asked for; else only its events say.
    pub result_known: bool,
    /// What came of it is not entered in the earlier case; else only the events of that say.
    pub entered_known: bool,
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
    /// Of them those whose nearest day is over, and that day is ours to keep.
    pub overdue: u32,
    /// Of them those whose nearest day is over, and others owe what is due.
    pub owed: u32,
}

impl Store {
    /// Units where more than one visit of a territory began on these days (the first counted, the last not), the most first, at most `limit` and
    /// never more than [`LINES`]. A visit that was only asked for or approved is none; the second look at an order belongs to the visit before it
    /// and is counted apart.
    ///
    /// # Errors
    /// The database.
    pub async fn visit_counts(
        &self,
        of: Territory,
        (from, to): (CivilDate, CivilDate),
        limit: u32,
    ) -> Result<Vec<VisitCount>, DbError> {
        let sql = concat!(
            "SELECT v.unit, CAST(SUM(CASE WHEN v.kind = 'again' THEN 0 ELSE 1 END) AS BIGINT), \
             CAST(SUM(CASE WHEN v.kind = 'again' THEN 1 ELSE 0 END) AS BIGINT), MAX(v.day) \
             FROM visit v JOIN case_file c ON c.id = v.case_id \
             WHERE v.day >= $1 AND v.day < $2 AND v.state IN ('open', 'closed') AND v.unit <> '' AND ",
            within!("c.office", "$4", "$5"),
            " GROUP BY v.unit HAVING SUM(CASE WHEN v.kind = 'again' THEN 0 ELSE 1 END) > 1 \
             ORDER BY SUM(CASE WHEN v.kind = 'again' THEN 0 ELSE 1 END) DESC, v.unit LIMIT $3"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![from, to, limit.min(LINES), office, top]).await?;
        let line = |r: &Row| -> Result<VisitCount, DbError> {
            Ok(VisitCount {
                unit: r.text(0)?,
                count: number(r, 1)?,
                again: number(r, 2)?,
                last: r.read(3, CivilDate::parse)?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Visits of one unit that [`Store::visit_counts`] counts, second looks among them, the newest first, at most `limit` and never more than
    /// [`LINES`].
    ///
    /// # Errors
    /// The database.
    pub async fn visits_made(
        &self,
        of: Territory,
        unit: &str,
        (from, to): (CivilDate, CivilDate),
        limit: u32,
    ) -> Result<Vec<VisitMade>, DbError> {
        let sql = concat!(
            "SELECT v.case_id, v.n, v.kind, v.day FROM visit v JOIN case_file c ON c.id = v.case_id \
             WHERE v.unit = $6 AND v.day >= $1 AND v.day < $2 AND v.state IN ('open', 'closed') AND ",
            within!("c.office", "$4", "$5"),
            " ORDER BY v.day DESC, v.case_id DESC, v.n DESC LIMIT $3"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![from, to, limit.min(LINES), office, top, unit]).await?;
        let line = |r: &Row| -> Result<VisitMade, DbError> {
            Ok(VisitMade {
                case: r.read(0, CaseId::parse)?,
                n: number(r, 1)?,
                kind: r.text(2)?,
                day: r.read(3, CivilDate::parse)?,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Decided cases of a procedure that came from others, opened from `since` on, with one of these results, or one that only their events say,
    /// where it is not known that this is entered in the earlier case; the youngest first; of a territory those whose earlier case is handled
    /// there. At most `limit` and never more than [`LINES`].
    ///
    /// # Errors
    /// The database.
    pub async fn decided_from(
        &self,
        of: Territory,
        (procedure, results): (&str, &[String]),
        since: UtcMs,
        limit: u32,
    ) -> Result<Vec<DecidedFrom>, DbError> {
        // Choices have no bar; one value holds them all, so that the question has a fixed form.
        let all = format!("|{}|", results.join("|"));
        let sql = concat!(
            "SELECT l.from_case, l.case_id, CAST(CASE WHEN n.result IS NULL THEN 0 ELSE 1 END AS BIGINT), \
             CAST(CASE WHEN c.annulled IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM case_file n \
             JOIN case_link l ON l.case_id = n.id JOIN case_file c ON c.id = l.from_case \
             WHERE n.procedure = $1 AND n.opened_ms >= $2 AND n.outcome IS NOT NULL \
             AND (n.result IS NULL OR (n.result <> '' AND $6 LIKE '%|' || n.result || '|%')) \
             AND (c.annulled IS NULL OR c.annulled = 0) AND ",
            within!("c.office", "$4", "$5"),
            " ORDER BY n.opened_ms DESC, n.id DESC LIMIT $3"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![procedure, since, limit.min(LINES), office, top, all]).await?;
        let line = |r: &Row| -> Result<DecidedFrom, DbError> {
            Ok(DecidedFrom {
                from: r.read(0, CaseId::parse)?,
                case: r.read(1, CaseId::parse)?,
                result_known: r.int(2)? != 0,
                entered_known: r.int(3)? != 0,
            })
        };
        rows.iter().map(line).collect()
    }

    /// Cases of a territory in which something was decided in that time and one of these clocks (procedure, clock) ended late, the newest first,
    /// at most `limit` and never more than [`LINES`].
    ///
    /// # Errors
    /// The database.
    pub async fn decided_late(
        &self,
        of: Territory,
        (from, to): (UtcMs, UtcMs),
        clocks: &[(String, String)],
        limit: u32,
    ) -> Result<Vec<CaseRow>, DbError> {
        // Words of procedures and clocks have no bar; one value holds them all, so that the question has a fixed form.
        let all: String = clocks.iter().map(|(procedure, clock)| format!("|{procedure}/{clock}|")).collect();
        let sql = select!(
            "WHERE id IN (SELECT e.case_id FROM case_event e WHERE e.kind = 'case.decided' AND e.at_ms >= $1 AND e.at_ms < $2) \
             AND EXISTS (SELECT 1 FROM case_clock k WHERE k.case_id = case_file.id AND k.state IN ('met_late', 'lapsed') \
             AND REPLACE($3, '|' || case_file.procedure || '/' || k.clock || '|', '') <> $3) AND ",
            within!("office", "$5", "$6"),
            " ORDER BY last_ms DESC, id DESC LIMIT $4"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![from, to, all, limit.min(LINES), office, top]).await?;
        rows.iter().map(case_of).collect()
    }

    /// Cases of a territory in which something was decided in that time and whose decision is one of these (procedure, outcome), the newest first,
    /// at most `limit` and never more than [`LINES`].
    ///
    /// # Errors
    /// The database.
    pub async fn decided_as(
        &self,
        of: Territory,
        (from, to): (UtcMs, UtcMs),
        decisions: &[(String, String)],
        limit: u32,
    ) -> Result<Vec<CaseRow>, DbError> {
        // Words of procedures and outcomes have no bar; one value holds them all, so that the question has a fixed form.
        let all: String = decisions.iter().map(|(procedure, outcome)| format!("|{procedure}/{outcome}|")).collect();
        let sql = select!(
            "WHERE id IN (SELECT e.case_id FROM case_event e WHERE e.kind = 'case.decided' AND e.at_ms >= $1 AND e.at_ms < $2) \
             AND outcome IS NOT NULL AND REPLACE($3, '|' || procedure || '/' || outcome || '|', '') <> $3 AND ",
            within!("office", "$5", "$6"),
            " ORDER BY last_ms DESC, id DESC LIMIT $4"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![from, to, all, limit.min(LINES), office, top]).await?;
        rows.iter().map(case_of).collect()
    }

    /// What the law refused in that time, by sentence and clauses, the most first, at most `limit` and never more than [`LINES`]; of a
    /// territory what was refused to those who work in it.
    ///
    /// # Errors
    /// The database.
    pub async fn refusal_counts(
        &self,
        of: Territory,
        (from, to): (UtcMs, UtcMs),
        limit: u32,
    ) -> Result<Vec<RefusalCount>, DbError> {
        let sql = concat!(
            "SELECT zh, en, clauses, COUNT(*), MAX(idx) FROM act WHERE kind = 'act.refused' AND at_ms >= $1 AND at_ms < $2 \
             AND ($4 = '' OR account IN (SELECT w.account FROM officer w WHERE ",
            within!("w.office", "$4", "$5"),
            ")) GROUP BY zh, en, clauses ORDER BY COUNT(*) DESC, MAX(idx) DESC LIMIT $3"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![from, to, limit.min(LINES), office, top]).await?;
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

    /// Entries of one or two kinds in that time, the newest first, at most `limit` and never more than [`LINES`]; of a territory those of who works
    /// in it.
    ///
    /// # Errors
    /// The database.
    pub async fn acts_in(
        &self,
        of: Territory,
        kinds: [&str; 2],
        (from, to): (UtcMs, UtcMs),
        limit: u32,
    ) -> Result<Vec<ActRow>, DbError> {
        let sql = concat!(
            "SELECT idx, at_ms, kind, outcome, account, camera, request, clauses, zh, en FROM act \
             WHERE kind IN ($6, $7) AND at_ms >= $1 AND at_ms < $2 \
             AND ($4 = '' OR account IN (SELECT w.account FROM officer w WHERE ",
            within!("w.office", "$4", "$5"),
            ")) ORDER BY idx DESC LIMIT $3"
        );
        let ((office, top), [one, other]) = (of.texts(), kinds);
        let rows = self.db.rows(sql, args![from, to, limit.min(LINES), office, top, one, other]).await?;
        rows.iter().map(act_of).collect()
    }

    /// Open cases of a territory by office and officer, the most first, at most `limit` and never more than [`LINES`]; overdue: the nearest day is
    /// before `today` and binds one of `ours` (words of parties): what a party owes is no lateness of an officer, and is counted beside it.
    ///
    /// # Errors
    /// The database.
    pub async fn load_counts(
        &self,
        of: Territory,
        today: CivilDate,
        ours: &[String],
        limit: u32,
    ) -> Result<Vec<LoadCount>, DbError> {
        // Words of parties have no bar; one value holds them all, so that the question has a fixed form.
        let all = format!("|{}|", ours.join("|"));
        let sql = concat!(
            "SELECT office, assigned, COUNT(*), CAST(SUM(CASE WHEN next_due < $1 AND $2 LIKE '%|' || next_binds || '|%' \
             THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN next_due < $1 THEN 1 ELSE 0 END) AS BIGINT) \
             FROM case_file WHERE closed_ms IS NULL AND ",
            within!("office", "$4", "$5"),
            " GROUP BY office, assigned ORDER BY COUNT(*) DESC, office, assigned LIMIT $3"
        );
        let (office, top) = of.texts();
        let rows = self.db.rows(sql, args![today, all, limit.min(LINES), office, top]).await?;
        let line = |r: &Row| -> Result<LoadCount, DbError> {
            let nobody = r.text(1)?.is_empty();
            let overdue = number(r, 3)?;
            Ok(LoadCount {
                office: r.read(0, OfficeId::parse)?,
                officer: if nobody { None } else { read_opt(r, 1, AccountId::parse)? },
                open: number(r, 2)?,
                overdue,
                owed: number(r, 4)?.saturating_sub(overdue),
            })
        };
        rows.iter().map(line).collect()
    }
}
