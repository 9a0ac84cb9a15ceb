//! What waits for one account: proposals and leave for its word, and decisions that are still to be made public; and what many cases are found
//! by.
//!
//! ```text
//! CaseMarks, with each change ─▶ awaits, case_hand ─▶ deliberated: what this account may give, and nothing that it may not
//!                             ├▶ unpublished       ─▶ unpublished: pages of an office, the earliest received first
//!                             └▶ facts             ─▶ search
//! a case of an older program  ─▶ shown as one that may wait, until `mark_case` writes its marks (daily)
//! ```
//! Always true: what an account is not to be shown is left out by the question itself, so that a limit cuts nothing that waits for it; the
//! indexes `case_deliberated*` and `case_unpublished` of the schema are those of these questions, `case_unmarked` that of what is to be marked.

use super::cases::{CaseMarks, CaseRow, case_of, columns, number_parts, select};
use super::worklist::{PAGE, WorkFilter};
use super::{office_text, search, under};
use crate::db::{DbError, Row};
use crate::ledger_log::Tx;
use crate::{Store, args};
use base::{AccountId, CaseId, OfficeId, UtcMs};

/// Stands for the lists of a case that an older program decided: nobody knows them before it is read.
const NOT_KNOWN: &str = "?";

/// What an account may give a case that waits for a word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Giver {
    /// The account.
    pub account: AccountId,
    /// It decides, and gives leave for acts of the inquiry.
    pub decides: bool,
    /// It reviews.
    pub reviews: bool,
    /// It proposes.
    pub proposes: bool,
    /// Decisions that it takes in a head's place: of these offices and procedures, where it is not to handle the case.
    pub given: Vec<(OfficeId, String)>,
}

impl Giver {
    /// It decides in this office and procedure in a head's place.
    #[must_use]
    pub fn gives_by_paper(&self, office: OfficeId, procedure: &str) -> bool {
        self.given.iter().any(|(of, id)| *of == office && id == procedure)
    }

    /// The same in one text to look in.
    fn given_text(&self) -> String {
        let each = self.given.iter().map(|(office, procedure)| format!("{office}:{procedure}|"));
        std::iter::once("|".to_owned()).chain(each).collect()
    }
}

/// A decided case with what of it is still to come out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnpublishedRow {
    /// The case.
    pub row: CaseRow,
    /// Words of the lists; `None`: an older program decided it, and only its events say whether there are any.
    pub lists: Option<Vec<String>>,
}

/// What is asked of the decisions that are to be made public.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnpublishedFilter {
    /// Of this procedure; empty: of every one.
    pub procedure: String,
    /// Only those after this one in the list (paging): when it was opened, and its id.
    pub after: Option<(UtcMs, CaseId)>,
}

/// What waits for the account $1, which decides and gives leave ($2), reviews ($3) or proposes ($4), each 0 or 1, and decides in a head's place
/// ($5, as [`Giver::given_text`] writes it). Of a case that an older program wrote it is not known: it is among them. The state is not a plain
/// column: SQLite would go from state to state, and sort.
macro_rules! theirs {
    () => {
        "closed_ms IS NULL AND deliberated = 1 AND state || '' IN ('running', 'decided') AND (awaits = '' \
         OR ((($2 = 1 AND awaits IN ('decision', 'leave')) OR (awaits = 'decision' AND assigned <> $1 \
         AND $5 LIKE '%|' || office || ':' || procedure || '|%')) AND NOT EXISTS \
         (SELECT 1 FROM case_hand h WHERE h.case_id = case_file.id AND h.account = $1 AND h.word = 'not_decision')) \
         OR ($3 = 1 AND awaits = 'review' AND NOT EXISTS \
         (SELECT 1 FROM case_hand h WHERE h.case_id = case_file.id AND h.account = $1 AND h.word = 'not_review')) \
         OR ($4 = 1 AND awaits = 'proposal' AND (assigned = $1 OR EXISTS \
         (SELECT 1 FROM case_hand h WHERE h.case_id = case_file.id AND h.account = $1 AND h.word = 'proposed')) AND NOT EXISTS \
         (SELECT 1 FROM case_hand h WHERE h.case_id = case_file.id AND h.account = $1 AND h.word = 'recused')))"
    };
}

/// Columns of a case, and what it waits for.
macro_rules! awaited {
    ($($rest:tt)+) => {
        concat!("SELECT ", columns!(), ", awaits FROM case_file WHERE ", theirs!(), $($rest)+)
    };
}

/// What waits for an account in an office, in one and those under it ($6), or in all; the last value is the limit.
const DELIBERATED_OFFICE: &str = awaited!(" AND office = $6 ORDER BY next_due, id LIMIT $7");
// Not a plain column: SQLite would go from office to office and sort.
const DELIBERATED_UNDER: &str = awaited!(" AND ", under!("office || ''", "$6"), " ORDER BY next_due, id LIMIT $7");
const DELIBERATED_ALL: &str = awaited!(" ORDER BY next_due, id LIMIT $6");

/// Decided cases of an office ($1), closed or not, whose decision is still to come out, of a procedure ($2, '' every one), behind a place ($3, $4),
/// in which the account ($5) does not keep out; $6 is the limit.
const UNPUBLISHED: &str = concat!(
    "SELECT ",
    columns!(),
    ", unpublished FROM case_file WHERE office = $1 AND unpublished <> '' AND ($2 = '' OR procedure = $2) \
     AND (opened_ms, id) > ($3, $4) AND NOT EXISTS \
     (SELECT 1 FROM case_recusal r WHERE r.case_id = case_file.id AND r.account = $5 AND r.state = 'granted') \
     ORDER BY opened_ms, id LIMIT $6"
);

/// Cases that an older program wrote, by id; $2 is the limit.
const UNMARKED: &str = select!("WHERE marked = 0 AND id > $1 ORDER BY id LIMIT $2");

/// Keeps what a case waits for and whose hand is in it, anew. A case that waits for leave is asked for, also one whose step an older program kept.
pub(crate) async fn put_in(tx: &mut Tx, case: CaseId, marks: &CaseMarks) -> Result<(), DbError> {
    let sql = "UPDATE case_file SET unpublished = $2, awaits = $3, marked = 1, \
               deliberated = CASE WHEN $3 = 'leave' THEN 1 ELSE deliberated END WHERE id = $1";
    tx.exec(sql, args![case, marks.unpublished.join(" "), marks.awaits.as_str()]).await?;
    tx.exec("DELETE FROM case_hand WHERE case_id = $1", args![case]).await?;
    for (account, word) in &marks.hands {
        let sql = "INSERT INTO case_hand (case_id, account, word) VALUES ($1, $2, $3)";
        tx.exec(sql, args![case, *account, *word]).await?;
    }
    Ok(())
}

/// What a case is found by.
pub(crate) fn found_by(number: &str, title: &str, marks: Option<&CaseMarks>) -> String {
    format!("{number} {title} {}", marks.map_or("", |m| m.facts.as_str()))
}

fn unpublished_of(r: &Row) -> Result<UnpublishedRow, DbError> {
    let lists = r.text(18)?;
    let lists = (lists != NOT_KNOWN).then(|| lists.split(' ').map(str::to_owned).collect());
    Ok(UnpublishedRow { row: case_of(r)?, lists })
}

impl Store {
    /// Open cases in which a proposal waits or was sent back, or leave was asked for, and whose turn it is for this account, of the office or
    /// else the offices of the filter (nothing else of it counts), each with what it waits for (empty: its events say it), the nearest last day
    /// first, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn deliberated(
        &self,
        f: &WorkFilter,
        giver: &Giver,
        limit: u32,
    ) -> Result<Vec<(CaseRow, String)>, DbError> {
        let limit = limit.min(PAGE);
        let mut values = args![giver.account, giver.decides, giver.reviews, giver.proposes, giver.given_text()];
        let sql = match (f.office, f.under) {
            (Some(own), _) => {
                values.extend(args![own, limit]);
                DELIBERATED_OFFICE
            }
            (None, Some(top)) => {
                values.extend(args![top, limit]);
                DELIBERATED_UNDER
            }
            (None, None) => {
                values.extend(args![limit]);
                DELIBERATED_ALL
            }
        };
        self.db.rows(sql, values).await?.iter().map(|r| Ok((case_of(r)?, r.text(18)?))).collect()
    }

    /// Cases of an office whose decision is to be made public and is not yet in every list, closed ones too, without those in which `account`
    /// keeps out, the earliest received first, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn unpublished(
        &self,
        office: OfficeId,
        account: AccountId,
        f: &UnpublishedFilter,
        limit: u32,
    ) -> Result<Vec<UnpublishedRow>, DbError> {
        // Every id is greater than an empty one.
        let (at, id) = f.after.map_or((i64::MIN, String::new()), |(at, id)| (at.0, id.to_string()));
        let values = args![office_text(Some(office)), f.procedure.as_str(), at, id, account, limit.min(PAGE)];
        self.db.rows(UNPUBLISHED, values).await?.iter().map(unpublished_of).collect()
    }

    /// Cases whose marks an older program did not write, by id, after the one given, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn cases_to_mark(&self, after: Option<CaseId>, limit: u32) -> Result<Vec<CaseRow>, DbError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        self.db.rows(UNMARKED, args![after, limit.min(PAGE)]).await?.iter().map(case_of).collect()
    }

    /// Keeps the marks of such a case, without an event: they follow from those that it has. False when it has another number of them.
    ///
    /// # Errors
    /// The database.
    pub async fn mark_case(&self, row: &CaseRow, marks: &CaseMarks) -> Result<bool, DbError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let found = tx.rows("SELECT events FROM case_file WHERE id = $1", args![row.id]).await?;
        if found.first().map(|r| r.int(0)).transpose()? != Some(i64::from(row.events)) {
            return Ok(false);
        }
        put_in(&mut tx, row.id, marks).await?;
        let mut values = args![row.id];
        values.extend(number_parts(&row.number));
        let sql = "UPDATE case_file SET number_before = $2, number_year = $3, serial = $4 WHERE id = $1";
        tx.exec(sql, values).await?;
        let words = found_by(&row.number, &row.head.title, Some(marks));
        search::index_in(&mut tx, search::Thing::Case.code(), &row.id.to_string(), &words).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::worklist::tests::plan;
    use super::*;
    use crate::db::Db;

    #[tokio::test]
    async fn each_question_goes_along_its_own_index() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = crate::db::sqlite_url(&dir.path().join("w.db"));
        let db = Db::open(&url, std::time::Duration::from_secs(5)).await.expect("opens");
        crate::schema::migrate(&db).await.expect("migrates");
        for (sql, index) in [
            (DELIBERATED_OFFICE, "INDEX case_deliberated_office ("),
            (DELIBERATED_UNDER, "INDEX case_deliberated"),
            (DELIBERATED_ALL, "INDEX case_deliberated"),
            (UNPUBLISHED, "INDEX case_unpublished ("),
            (UNMARKED, "INDEX case_unmarked ("),
            (super::super::cases::NUMBERED, "INDEX case_serial ("),
        ] {
            let plan = plan(&db, sql).await;
            assert!(plan.contains(index), "{index}: {plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("case_event"), "no sorting, no events: {plan}");
        }
        db.close().await;
    }

    #[tokio::test]
    async fn what_an_older_program_decided_may_wait_until_it_came_out_twice() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = crate::db::sqlite_url(&dir.path().join("w.db"));
        let db = Db::open(&url, std::time::Duration::from_secs(5)).await.expect("opens");
        crate::schema::migrate(&db).await.expect("migrates");
        let mut tx = db.begin().await.expect("begins");
        for (case, outcome, kinds) in [
            ("b", Some("approved"), &["one", "one"][..]),
            ("a", Some("approved"), &[][..]),
            ("c", Some("approved"), &["one", "two"][..]),
            ("d", None, &[][..]),
        ] {
            let file = "INSERT INTO case_file (id, number, procedure, pack_digest, office, title, state, outcome, assigned, opened_ms, \
                        facts_on, events, next_due, last_ms) VALUES ($1, $1, 'p', '', 'o', '', 'closed', $2, '', 0, '', 1, '9999-12-31', 0)";
            tx.exec(file, args![case, outcome.map(str::to_owned)]).await.expect("a case");
            for (n, kind) in (0_u32..).zip(kinds) {
                let publication = "INSERT INTO publication (entry, kind, title, body, row_list, case_id, sha256, published_ms, reasons) \
                                   VALUES ((SELECT COUNT(*) FROM publication), $2, '', '', '[]', $1, '', $3, '')";
                tx.exec(publication, args![case, *kind, n]).await.expect("a publication");
            }
        }
        tx.exec(crate::schema::MAY_BE_UNPUBLISHED, vec![]).await.expect("the migration's statement");
        let sql = "SELECT id FROM case_file WHERE unpublished = '?' AND marked = 0 ORDER BY id";
        let rows = tx.rows(sql, vec![]).await.expect("rows");
        let found: Vec<String> = rows.iter().map(|r| r.text(0).expect("an id")).collect();
        assert_eq!(found, ["a", "b"]);
        tx.commit().await.expect("commits");
        db.close().await;
    }
}
