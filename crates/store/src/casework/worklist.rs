//! The worklist: open cases, the nearest last day first, in pages that begin where the one before ended.
//!
//! ```text
//! WorkFilter ─▶ the lead: what narrows most and has an index with the order in it ─▶ rows from the cursor on ─▶ page
//!            └▶ the same lead, by stretches of days, each counted up to COUNTED      ─▶ Buckets
//! ```
//! A page reads as many index rows as it shows, and those that the rest of the filter leaves out; nothing is counted beyond `COUNTED` and no
//! row is skipped by number, so the time of an answer does not grow with the number of cases. The indexes `case_open*` of the schema are
//! exactly the leads below; `case_clock_due` and `case_clock_provisional` are those of the two questions about clocks.
//! Always true: pages miss and repeat nothing that did not change between them, however many cases have the same last day.

use super::cases::{CaseRow, NO_DAY, case_of, select};
use super::{number, office_text, under};
use crate::db::{DbError, IDS, Value, ids_in};
use crate::{Store, args};
use base::{AccountId, CaseId, CivilDate, OfficeId};
use std::collections::BTreeMap;

/// Cases of one bucket are counted up to here.
pub const COUNTED: u32 = 1_000;
/// Most rows of one page.
pub const PAGE: u32 = 500;

/// Whose work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Assigned {
    /// Anybody's and nobody's.
    #[default]
    Any,
    /// Nobody's yet.
    Nobody,
    /// This officer's.
    To(AccountId),
}

/// What the worklist asks for; everything is optional.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WorkFilter {
    /// Of this office.
    pub office: Option<OfficeId>,
    /// Of this office or one under it.
    pub under: Option<OfficeId>,
    /// Whose.
    pub assigned: Assigned,
    /// In this state.
    pub state: String,
    /// Of this procedure.
    pub procedure: String,
    /// Last day on this day or later.
    pub from: Option<CivilDate>,
    /// Last day before this day: overdue with today.
    pub before: Option<CivilDate>,
    /// Only those after this one in the list (paging).
    pub after: Option<Cursor>,
}

/// Where a page ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// Its nearest day; none for a case without.
    pub day: Option<CivilDate>,
    /// The case.
    pub case: CaseId,
}

impl CaseRow {
    /// Where a page that ends with this case ends.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor { day: self.head.next.as_ref().map(|n| n.day), case: self.id }
    }
}

/// How many cases there are in each stretch of days; no count is over [`COUNTED`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Buckets {
    /// Cases whose last day is before the first of the days asked for, then between each two of them, then from the last on.
    pub counts: Vec<u32>,
    /// Cases without a day that runs.
    pub no_day: u32,
}

/// A clock whose day comes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueClock {
    /// Of which case.
    pub case: CaseId,
    /// Its place among the clocks of the case.
    pub n: u32,
    /// Id in its procedure.
    pub clock: String,
    /// Word of the party that it binds.
    pub binds: String,
    /// Last day.
    pub due: CivilDate,
    /// A holiday notice that could move it is still to come.
    pub provisional: bool,
}

/// The two questions of a lead.
struct Questions {
    page: &'static str,
    count: &'static str,
}

/// What both questions ask; $1 to $8 and $10 as `values` makes them. The parts of a lead are asked again in the rest, where no index is looked for.
macro_rules! open_cases {
    ($lead:literal) => {
        concat!(
            "WHERE closed_ms IS NULL AND ",
            $lead,
            " (next_due, id) > ($1, $2) AND next_due < $3 AND ($4 = '' OR office = $4) \
             AND ($5 = 0 OR assigned = $6) AND ($7 = '' OR state = $7) AND ($8 = '' OR procedure = $8) AND ($10 = '' OR ",
            under!("office", "$10"),
            ") "
        )
    };
}

/// The questions of a lead; $9 is the limit.
macro_rules! questions {
    ($lead:literal) => {
        Questions {
            page: select!(open_cases!($lead), "ORDER BY next_due, id LIMIT $9"),
            count: concat!(
                "SELECT COUNT(*) FROM (SELECT 1 FROM case_file ",
                open_cases!($lead),
                "LIMIT $9) AS counted"
            ),
        }
    };
}

const ASSIGNED: Questions = questions!("assigned = $6 AND");
const OFFICE_ASSIGNED: Questions = questions!("office = $4 AND assigned = $6 AND");
const OFFICE_PROCEDURE: Questions = questions!("office = $4 AND procedure = $8 AND");
const OFFICE_STATE: Questions = questions!("office = $4 AND state = $7 AND");
const OFFICE: Questions = questions!("office = $4 AND");
const PROCEDURE_STATE: Questions = questions!("procedure = $8 AND state = $7 AND");
const PROCEDURE: Questions = questions!("procedure = $8 AND");
const STATE: Questions = questions!("state = $7 AND");
const ALL: Questions = questions!("");

impl WorkFilter {
    /// What narrows most: an officer has few cases, an office fewer of one procedure than of one state.
    fn lead(&self) -> &'static Questions {
        let (state, procedure) = (!self.state.is_empty(), !self.procedure.is_empty());
        match (self.assigned, self.office.is_some()) {
            (Assigned::To(_), _) => &ASSIGNED,
            (_, true) if procedure => &OFFICE_PROCEDURE,
            (Assigned::Nobody, true) => &OFFICE_ASSIGNED,
            (Assigned::Any, true) if state => &OFFICE_STATE,
            (Assigned::Any, true) => &OFFICE,
            (_, false) if procedure && state => &PROCEDURE_STATE,
            (_, false) if procedure => &PROCEDURE,
            (_, false) if state => &STATE,
            (Assigned::Nobody, false) => &ASSIGNED,
            (Assigned::Any, false) => &ALL,
        }
    }

    /// Values of both questions for the days of `from..before`, after the cursor.
    fn values(&self, from: &str, before: &str, limit: u32) -> Vec<Value> {
        let (flag, assigned) = match self.assigned {
            Assigned::Any => (false, String::new()),
            Assigned::Nobody => (true, String::new()),
            Assigned::To(account) => (true, account.to_string()),
        };
        let cursor = self.after.as_ref().map(|c| (due_text(c.day), c.case.to_string()));
        // Every id is greater than an empty one, so a page without a cursor begins with the first case of its first day.
        let (day, id) = match cursor {
            Some((day, id)) if day.as_str() >= from => (day, id),
            _ => (from.to_owned(), String::new()),
        };
        args![
            day,
            id,
            before,
            office_text(self.office),
            flag,
            assigned,
            self.state.as_str(),
            self.procedure.as_str(),
            limit,
            office_text(self.under),
        ]
    }
}

/// Clocks of cases that were kept too late or not at all.
const LATE: &str = "SELECT DISTINCT case_id, binds FROM case_clock WHERE state IN ('met_late', 'lapsed', 'missed') AND case_id IN \
     ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
     $45, $46, $47, $48, $49, $50)";

/// A day as the column has it.
fn due_text(day: Option<CivilDate>) -> String {
    day.map_or_else(|| NO_DAY.to_owned(), |d| d.to_string())
}

/// After every day that a column can have.
const AFTER_ALL: &str = "9999-12-32";

impl Store {
    /// Open cases, the nearest last day first and those without one last, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn worklist(&self, f: &WorkFilter, limit: u32) -> Result<Vec<CaseRow>, DbError> {
        let from = f.from.map_or_else(String::new, |d| d.to_string());
        let before = f.before.map_or_else(|| AFTER_ALL.to_owned(), |d| d.to_string());
        let values = f.values(&from, &before, limit.min(PAGE));
        self.db.rows(f.lead().page, values).await?.iter().map(case_of).collect()
    }

    /// How many open cases have their last day before, between and after `days`, which ascend; the cursor and the days of the filter do
    /// not count. Each count stops at [`COUNTED`].
    ///
    /// # Errors
    /// The database.
    pub async fn worklist_counts(&self, f: &WorkFilter, days: &[CivilDate]) -> Result<Buckets, DbError> {
        let f = WorkFilter { after: None, ..f.clone() };
        let borders: Vec<_> = days.iter().map(ToString::to_string).collect();
        let mut buckets = Buckets::default();
        for i in 0..=borders.len() {
            let from = if i == 0 { "" } else { borders[i - 1].as_str() };
            let before = borders.get(i).map_or(NO_DAY, String::as_str);
            buckets.counts.push(self.counted(&f, from, before).await?);
        }
        buckets.no_day = self.counted(&f, NO_DAY, AFTER_ALL).await?;
        Ok(buckets)
    }

    async fn counted(&self, f: &WorkFilter, from: &str, before: &str) -> Result<u32, DbError> {
        let row = self.db.row(f.lead().count, f.values(from, before, COUNTED)).await?;
        row.map_or(Ok(0), |r| number(&r, 0))
    }

    /// Running clocks whose last day is before `before`, the nearest first, after the one given (paging), at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn due_clocks(
        &self,
        before: CivilDate,
        after: Option<&DueClock>,
        limit: u32,
    ) -> Result<Vec<DueClock>, DbError> {
        let (day, case, n) = after.map_or_else(
            || (String::new(), String::new(), 0),
            |c| (c.due.to_string(), c.case.to_string(), i64::from(c.n)),
        );
        let sql = "SELECT case_id, n, clock, binds, due, provisional FROM case_clock WHERE state = 'running' \
                   AND (due, case_id, n) > ($1, $2, $3) AND due < $4 ORDER BY due, case_id, n LIMIT $5";
        let rows = self.db.rows(sql, args![day, case, n, before, limit.min(PAGE)]).await?;
        rows.iter()
            .map(|r| {
                Ok(DueClock {
                    case: r.read(0, CaseId::parse)?,
                    n: number(r, 1)?,
                    clock: r.text(2)?,
                    binds: r.text(3)?,
                    due: r.read(4, CivilDate::parse)?,
                    provisional: r.int(5)? != 0,
                })
            })
            .collect()
    }

    /// Whom the clocks of cases bind that were kept too late or not at all, by the word of the party; a case of which all were kept is not there.
    ///
    /// # Errors
    /// The database.
    pub async fn late_parties(&self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, Vec<String>>, DbError> {
        let mut found: BTreeMap<CaseId, Vec<String>> = BTreeMap::new();
        for some in cases.chunks(IDS) {
            for r in self.db.rows(LATE, ids_in(some)).await? {
                found.entry(r.read(0, CaseId::parse)?).or_default().push(r.text(1)?);
            }
        }
        Ok(found)
    }

    /// Cases with a day that a holiday notice may still move, by id, after the one given: to be counted anew when a notice comes.
    ///
    /// # Errors
    /// The database.
    pub async fn cases_to_count_anew(&self, after: Option<CaseId>, limit: u32) -> Result<Vec<CaseId>, DbError> {
        let sql =
            "SELECT DISTINCT case_id FROM case_clock WHERE provisional = 1 AND case_id > $1 ORDER BY case_id LIMIT $2";
        let after = after.map_or_else(String::new, |id| id.to_string());
        let rows = self.db.rows(sql, args![after, limit.min(PAGE)]).await?;
        rows.iter().map(|r| r.read(0, CaseId::parse)).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::db::Db;
    use sqlx::Row as _;

    /// How SQLite would answer, a line each.
    pub(in super::super) async fn plan(db: &Db, sql: &str) -> String {
        let Db::Sqlite { read, .. } = db else { panic!("SQLite") };
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = sqlx::query(sql).fetch_all(read).await.expect("a plan");
        rows.iter().map(|r| r.get::<String, _>(3)).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn each_question_goes_along_its_own_index() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = crate::db::sqlite_url(&dir.path().join("w.db"));
        let db = Db::open(&url, std::time::Duration::from_secs(5)).await.expect("opens");
        crate::schema::migrate(&db).await.expect("migrates");
        for (lead, index) in [
            (&ASSIGNED, "case_open_assigned"),
            (&OFFICE_ASSIGNED, "case_open_office_assigned"),
            (&OFFICE_PROCEDURE, "case_open_office_procedure"),
            (&OFFICE_STATE, "case_open_office_state"),
            (&OFFICE, "case_open_office"),
            (&PROCEDURE_STATE, "case_open_procedure_state"),
            (&PROCEDURE, "case_open_procedure"),
            (&STATE, "case_open_state"),
            (&ALL, "case_open"),
        ] {
            for sql in [lead.page, lead.count] {
                let plan = plan(&db, sql).await;
                assert!(plan.contains(&format!("INDEX {index} (")), "{index}: {plan}");
                assert!(!plan.contains("TEMP B-TREE"), "no sorting: {plan}");
            }
        }
        db.close().await;
    }

    #[tokio::test]
    async fn cases_of_an_older_program_are_found_by_their_events() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = crate::db::sqlite_url(&dir.path().join("w.db"));
        let db = Db::open(&url, std::time::Duration::from_secs(5)).await.expect("opens");
        crate::schema::migrate(&db).await.expect("migrates");
        let mut tx = db.begin().await.expect("begins");
        for (case, kinds) in [
            ("a", &["case.opened", "case.proposed"][..]),
            ("b", &["case.proposed", "case.decided"][..]),
            ("c", &["case.proposed", "case.decided", "case.sent_back"][..]),
            ("d", &["case.opened"][..]),
        ] {
            let file = "INSERT INTO case_file (id, number, procedure, pack_digest, office, title, state, assigned, opened_ms, facts_on, \
                        events, next_due, last_ms) VALUES ($1, $1, 'p', '', 'o', '', 'running', '', 0, '', 1, '9999-12-31', 0)";
            tx.exec(file, args![case]).await.expect("a case");
            for (n, kind) in (1_u32..).zip(kinds) {
                let event = "INSERT INTO case_event (case_id, n, at_ms, kind, body_sealed, entry) \
                             VALUES ($1, $2, 0, $3, x'00', (SELECT COUNT(*) FROM case_event))";
                tx.exec(event, args![case, n, *kind]).await.expect("an event");
            }
        }
        tx.exec(crate::schema::WAS_DELIBERATED, vec![]).await.expect("the migration's statement");
        let rows = tx.rows("SELECT id FROM case_file WHERE deliberated = 1 ORDER BY id", vec![]).await.expect("rows");
        let found: Vec<String> = rows.iter().map(|r| r.text(0).expect("an id")).collect();
        assert_eq!(found, ["a", "c"]);
        tx.commit().await.expect("commits");
        db.close().await;
    }

    #[test]
    fn what_narrows_most_leads() {
        let office = Some(OfficeId::new(1, [1; 10]));
        let me = Assigned::To(AccountId::new(1, [2; 10]));
        let of = |office, assigned, state: &str, procedure: &str| WorkFilter {
            office,
            assigned,
            state: state.into(),
            procedure: procedure.into(),
            ..WorkFilter::default()
        };
        for (filter, lead) in [
            (of(office, me, "accepted", "permit"), &ASSIGNED),
            (of(office, Assigned::Nobody, "accepted", "permit"), &OFFICE_PROCEDURE),
            (of(office, Assigned::Nobody, "accepted", ""), &OFFICE_ASSIGNED),
            (of(office, Assigned::Any, "accepted", ""), &OFFICE_STATE),
            (of(office, Assigned::Any, "", ""), &OFFICE),
            (of(None, Assigned::Any, "accepted", "permit"), &PROCEDURE_STATE),
            (of(None, Assigned::Any, "", "permit"), &PROCEDURE),
            (of(None, Assigned::Nobody, "accepted", ""), &STATE),
            (of(None, Assigned::Nobody, "", ""), &ASSIGNED),
            (WorkFilter::default(), &ALL),
        ] {
            assert_eq!(filter.lead().page, lead.page, "{filter:?}");
        }
    }
}
