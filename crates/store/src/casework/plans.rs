//! Plans of inspections, who keeps out of which unit, and what becomes of each unit that was drawn.
//!
//! ```text
//! put_inspection_plan (entry `plan.entered`) ─▶ publish_inspection_plan (`plan.published`) ─▶ draws: commit_pool, keep_draw
//!                                        └▶ declare_conflict (`plan.conflict_declared`)
//! drawn unit ─▶ link_visit (`plan.visit_opened`): its case ─▶ its visits are those of the case (`store::visits`)
//! plans_of_year: what visits of an office's cases ask, of the office itself and of those above it
//! ```
//! Always true: a plan is changed only while it is a draft, and goes draft, published, committed, drawn, never back; each act and its entry are
//! one transaction; an entry about a conflict has a commitment, not the unit; a unit has at most one case in a plan, and its
//! visits are the case's.

use super::draws::people_column;
use super::{Territory, day_opt, entry, number, place, read_opt, under, within};
use crate::db::{DbError, Row};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, ClauseId, OfficeId, PartyId, Pii, Sha256, Text, UtcMs};

/// Most plans of one page.
pub const PAGE: u32 = 100;
/// Most plans of one server.
pub const PLANS: u32 = 10_000;
/// Longest body of a plan, bytes.
pub const BODY_BYTES: usize = 64 * 1024;
/// Most conflicts declared for one plan.
pub const CONFLICTS: u32 = 50_000;
/// Most units or parties whose last inspection is read.
const LAST: u32 = 100_000;
/// Most persons behind one pool.
const PEOPLE: u32 = 2_000;

/// How far a plan is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanStage {
    /// It is being written.
    Draft,
    /// Everybody may read it.
    Published,
    /// Rules and pool are in the log.
    Committed,
    /// It is drawn.
    Drawn,
}

impl PlanStage {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Published, Self::Committed, Self::Drawn];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Committed => "committed",
            Self::Drawn => "drawn",
        }
    }

    /// The stage of a word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }
}

/// A plan as it is entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPlan {
    /// Its word, which names its draw too.
    pub word: String,
    /// Its year.
    pub year: i16,
    /// Whose it is.
    pub office: OfficeId,
    /// What it is called.
    pub title: String,
    /// The rest, JSON.
    pub body: String,
}

/// A plan as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlanRow {
    /// What was entered.
    pub plan: NewPlan,
    /// How far it is.
    pub stage: PlanStage,
    /// Day on which it was published.
    pub published: Option<CivilDate>,
    /// Who entered it last.
    pub by: AccountId,
    /// Who published it.
    pub published_by: Option<AccountId>,
    /// When it was changed last.
    pub changed: UtcMs,
    /// Place of its first entry.
    pub entered: u64,
}

/// What became of a plan that was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanPut {
    /// Kept.
    Done,
    /// It is published: nothing of it is changed any more.
    NotDraft,
    /// It is another office's.
    Taken,
    /// There are as many as are kept, or it is longer than is kept.
    Full,
}

/// The newest visit of a drawn unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawnVisit {
    /// Word of its state.
    pub state: String,
    /// Its day.
    pub day: CivilDate,
}

/// A drawn unit with what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawnRow {
    /// Word of the plan.
    pub plan: String,
    /// Its id in the pool.
    pub unit: String,
    /// Register that it came from.
    pub register: String,
    /// Row of that register.
    pub row: String,
    /// What it is called.
    pub name: String,
    /// Its party.
    pub party: Option<PartyId>,
    /// Place, from 1; replacements come after the last.
    pub place: u32,
    /// Its inspectors, as the pool calls them.
    pub team: Vec<String>,
    /// Word of why it has none; empty otherwise.
    pub lack: String,
    /// It was replaced.
    pub gone: bool,
    /// Its inspection.
    pub case: Option<CaseId>,
    /// Number of that case.
    pub number: Option<String>,
    /// That case has ended.
    pub closed: bool,
    /// The newest visit of that case.
    pub visit: Option<DrawnVisit>,
}

/// Who stands behind a commitment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRow {
    /// What stands for the person in the pool.
    pub inspector: String,
    /// The account.
    pub account: AccountId,
    /// Salt (hex), badge and name, a line each.
    pub words: Pii<String>,
}

/// What a plan came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PlanCounts {
    /// Units in the plan now.
    pub drawn: u32,
    /// Of them with a case.
    pub opened: u32,
    /// Of these ended.
    pub visited: u32,
}

macro_rules! plans {
    ($rest:literal) => {
        concat!(
            "SELECT word, year, office, title, body, state, published_day, account, published_by, changed_ms, entered FROM inspection_plan ",
            $rest
        )
    };
}

/// Offices whose work touches the territory of office $3: itself, all below it, all above it.
macro_rules! near {
    ($lead:literal, $rest:literal) => {
        concat!(
            $lead,
            " IN (WITH RECURSIVE under(id) AS (SELECT id FROM office WHERE id = $3 UNION SELECT o.id FROM office o JOIN under x \
             ON o.parent = x.id), above(id, parent) AS (SELECT id, parent FROM office WHERE id = $3 UNION SELECT o.id, o.parent \
             FROM office o JOIN above a ON o.id = a.parent) SELECT id FROM under UNION SELECT id FROM above) ",
            $rest
        )
    };
}

macro_rules! drawn {
    ($rest:literal) => {
        concat!(
            "SELECT u.unit, u.register, u.row_id, u.name, u.party, u.place, u.team, u.lack, u.gone, u.case_id, c.number, c.closed_ms, \
             v.state, v.day, u.plan FROM plan_unit u LEFT JOIN case_file c ON c.id = u.case_id LEFT JOIN visit v ON v.case_id = u.case_id \
             AND v.n = (SELECT MAX(w.n) FROM visit w WHERE w.case_id = u.case_id AND w.state <> 'dropped') WHERE u.place > 0 AND ",
            $rest
        )
    };
}

fn plan_of(r: &Row) -> Result<PlanRow, DbError> {
    Ok(PlanRow {
        plan: NewPlan {
            word: r.text(0)?,
            year: i16::try_from(r.int(1)?).map_err(|_| DbError::unreadable(1))?,
            office: r.read(2, OfficeId::parse)?,
            title: r.text(3)?,
            body: r.text(4)?,
        },
        stage: r.read(5, PlanStage::parse)?,
        published: day_opt(r, 6)?,
        by: r.read(7, AccountId::parse)?,
        published_by: read_opt(r, 8, AccountId::parse)?,
        changed: UtcMs(r.int(9)?),
        entered: place(r, 10)?,
    })
}

fn drawn_of(r: &Row) -> Result<DrawnRow, DbError> {
    Ok(DrawnRow {
        unit: r.text(0)?,
        register: r.text(1)?,
        row: r.text(2)?,
        name: r.text(3)?,
        party: read_opt(r, 4, PartyId::parse)?,
        place: number(r, 5)?,
        team: r.text(6)?.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        lack: r.text(7)?,
        gone: r.int(8)? != 0,
        case: read_opt(r, 9, CaseId::parse)?,
        number: r.text_opt(10)?,
        closed: r.int_opt(11)?.is_some(),
        visit: r.text_opt(12)?.zip(day_opt(r, 13)?).map(|(state, day)| DrawnVisit { state, day }),
        plan: r.text(14)?,
    })
}

impl Store {
    /// Enters a plan, or changes one that is still a draft.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn put_inspection_plan(&self, new: &NewPlan, by: AccountId, now: UtcMs) -> Result<PlanPut, StoreError> {
        if new.body.len() > BODY_BYTES || new.word.len() > super::draws::PLAN_BYTES {
            return Ok(PlanPut::Full);
        }
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let there = tx.rows(plans!("WHERE word = $1"), args![new.word.as_str()]).await?;
        let there = there.first().map(plan_of).transpose()?;
        match &there {
            Some(row) if row.plan.office != new.office => return Ok(PlanPut::Taken),
            Some(row) if row.stage != PlanStage::Draft => return Ok(PlanPut::NotDraft),
            Some(_) => {}
            None => {
                let rows = tx.rows("SELECT COUNT(*) FROM inspection_plan", args![]).await?;
                if rows.first().map_or(Ok(0), |r| number(r, 0))? >= PLANS {
                    return Ok(PlanPut::Full);
                }
            }
        }
        let body = serde_json::json!({
            "plan": new.word, "year": new.year, "office": new.office, "title": new.title,
            "sha256": Sha256::of(new.body.as_bytes()), "by": by,
        });
        let text =
            Text::of(format!("登记检查计划：{}。", new.word), format!("Plan of inspections {} entered.", new.word));
        let place = tx.log(entry("plan.entered", now, Some(by), &[], body, text)).await?;
        let year = i32::from(new.year);
        tx.exec(
            "INSERT INTO inspection_plan (word, year, office, title, body, state, published_day, account, published_by, changed_ms, entered) \
             VALUES ($1, $2, $3, $4, $5, 'draft', NULL, $6, NULL, $7, $8) ON CONFLICT (word) DO UPDATE SET year = excluded.year, \
             title = excluded.title, body = excluded.body, account = excluded.account, changed_ms = excluded.changed_ms",
            args![new.word.as_str(), year, new.office, new.title.as_str(), new.body.as_str(), by, now, place],
        )
        .await?;
        tx.commit().await?;
        Ok(PlanPut::Done)
    }

    /// Publishes a draft; false when it is none, or was changed since `seen`, the time of its last change.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn publish_inspection_plan(
        &self,
        word: &str,
        seen: UtcMs,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let on = now.shanghai_date();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let there = tx.rows(plans!("WHERE word = $1"), args![word]).await?;
        let Some(row) = there.first().map(plan_of).transpose()? else { return Ok(false) };
        if row.stage != PlanStage::Draft || row.changed != seen {
            return Ok(false);
        }
        let body = serde_json::json!({
            "plan": word, "on_day": on, "sha256": Sha256::of(row.plan.body.as_bytes()), "clauses": clauses, "by": by,
        });
        let text = Text::of(format!("公布检查计划：{word}。"), format!("Plan of inspections {word} published."));
        tx.log(entry("plan.published", now, Some(by), clauses, body, text)).await?;
        let sql = "UPDATE inspection_plan SET state = 'published', published_day = $2, published_by = $3, changed_ms = $4 WHERE word = $1";
        tx.exec(sql, args![word, on, by, now]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A plan.
    ///
    /// # Errors
    /// The database.
    pub async fn inspection_plan(&self, word: &str) -> Result<Option<PlanRow>, DbError> {
        self.db.row(plans!("WHERE word = $1"), args![word]).await?.map(|r| plan_of(&r)).transpose()
    }

    /// Plans, the newest first, of a territory, that were entered before this place of the log; at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn inspection_plans(
        &self,
        of: Territory,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PlanRow>, DbError> {
        let (before, limit) = (before.unwrap_or(u64::MAX), limit.min(PAGE));
        let rows = match of {
            Territory::Under(top) => {
                let sql = concat!(
                    plans!("WHERE "),
                    under!("office", "$1"),
                    " AND entered < $2 ORDER BY entered DESC LIMIT $3"
                );
                self.db.rows(sql, args![top, before, limit]).await?
            }
            Territory::Office(office) => {
                let sql = plans!("WHERE office = $1 AND entered < $2 ORDER BY entered DESC LIMIT $3");
                self.db.rows(sql, args![office, before, limit]).await?
            }
            Territory::All => {
                let sql = plans!("WHERE entered < $1 ORDER BY entered DESC LIMIT $2");
                self.db.rows(sql, args![before, limit]).await?
            }
        };
        rows.iter().map(plan_of).collect()
    }

    /// Published plans of a year of an office and of those above it, the oldest first; at most [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn plans_of_year(&self, office: OfficeId, year: i16) -> Result<Vec<PlanRow>, DbError> {
        let sql = plans!(
            "WHERE state <> 'draft' AND year = $2 AND office IN (WITH RECURSIVE above(id, parent) AS (SELECT id, parent FROM office \
             WHERE id = $1 UNION SELECT o.id, o.parent FROM office o JOIN above a ON o.id = a.parent) SELECT id FROM above) \
             ORDER BY entered LIMIT $3"
        );
        self.db.rows(sql, args![office, i32::from(year), PAGE]).await?.iter().map(plan_of).collect()
    }

    /// Plans that everybody may read, the newest first, as `inspection_plans`.
    ///
    /// # Errors
    /// The database.
    pub async fn public_plans(&self, before: Option<u64>, limit: u32) -> Result<Vec<PlanRow>, DbError> {
        let sql = plans!("WHERE state <> 'draft' AND entered < $1 ORDER BY entered DESC LIMIT $2");
        let rows = self.db.rows(sql, args![before.unwrap_or(u64::MAX), limit.min(PAGE)]).await?;
        rows.iter().map(plan_of).collect()
    }

    /// Keeps that somebody stays out of the inspection of a unit, while rules and pool are not committed to. False when they are, when it is
    /// declared already, or when there are as many as are kept.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn declare_conflict(
        &self,
        plan: &str,
        unit: &str,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        // The entry binds the declaration without telling the unit: only its commitment goes there, with a salt that is thrown away.
        let words = Pii::new(format!("{plan}\n{unit}"));
        let (_, commitment) = self.sealer.seal_words("plan_conflict.unit", &words)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let there = tx.rows(plans!("WHERE word = $1"), args![plan]).await?;
        let Some(row) = there.first().map(plan_of).transpose()? else { return Ok(false) };
        let rows = tx.rows("SELECT COUNT(*) FROM plan_conflict WHERE plan = $1", args![plan]).await?;
        let full = rows.first().map_or(Ok(0), |r| number(r, 0))? >= CONFLICTS;
        if full || matches!(row.stage, PlanStage::Committed | PlanStage::Drawn) {
            return Ok(false);
        }
        let sql =
            "INSERT INTO plan_conflict (plan, account, unit, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        if tx.exec(sql, args![plan, by, unit, now]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "plan": plan, "commitment": commitment, "by": by });
        let text = Text::of(format!("申报回避：{plan}。"), format!("Plan {plan}: somebody keeps out of a unit."));
        tx.log(entry("plan.conflict_declared", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Who keeps out of which unit.
    ///
    /// # Errors
    /// The database.
    pub async fn plan_conflicts(&self, plan: &str) -> Result<Vec<(AccountId, String)>, DbError> {
        let sql = "SELECT account, unit FROM plan_conflict WHERE plan = $1 ORDER BY account, unit LIMIT $2";
        let rows = self.db.rows(sql, args![plan, CONFLICTS]).await?;
        rows.iter().map(|r| Ok((r.read(0, AccountId::parse)?, r.text(1)?))).collect()
    }

    /// Who stands behind the commitments of a pool.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn plan_people(&self, plan: &str) -> Result<Vec<PersonRow>, StoreError> {
        let sql =
            "SELECT inspector, account, words_sealed FROM plan_inspector WHERE plan = $1 ORDER BY inspector LIMIT $2";
        let mut out = Vec::new();
        for r in self.db.rows(sql, args![plan, PEOPLE]).await? {
            let inspector = r.text(0)?;
            let words = self.sealer.open_text(&people_column(plan, &inspector), &r.blob(2)?)?;
            out.push(PersonRow { account: r.read(1, AccountId::parse)?, inspector, words });
        }
        Ok(out)
    }

    /// Drawn units after this place, in their order, at most `limit`; those that were replaced too.
    ///
    /// # Errors
    /// The database.
    pub async fn drawn_units(&self, plan: &str, after: u32, limit: u32) -> Result<Vec<DrawnRow>, DbError> {
        let sql = drawn!("u.plan = $1 AND u.place > $2 ORDER BY u.place LIMIT $3");
        self.db.rows(sql, args![plan, after, limit]).await?.iter().map(drawn_of).collect()
    }

    /// Drawn units that have no case yet and were not replaced, in their order, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn units_to_open(&self, plan: &str, limit: u32) -> Result<Vec<DrawnRow>, DbError> {
        let sql = drawn!("u.plan = $1 AND u.case_id IS NULL AND u.gone = 0 ORDER BY u.place LIMIT $2");
        self.db.rows(sql, args![plan, limit]).await?.iter().map(drawn_of).collect()
    }

    /// One drawn unit.
    ///
    /// # Errors
    /// The database.
    pub async fn drawn_unit(&self, plan: &str, unit: &str) -> Result<Option<DrawnRow>, DbError> {
        self.db.row(drawn!("u.plan = $1 AND u.unit = $2"), args![plan, unit]).await?.map(|r| drawn_of(&r)).transpose()
    }

    /// The drawn unit whose inspection a case is, if it was not replaced.
    ///
    /// # Errors
    /// The database.
    pub async fn drawn_unit_of_case(&self, case: CaseId) -> Result<Option<DrawnRow>, DbError> {
        self.db.row(drawn!("u.case_id = $1 AND u.gone = 0"), args![case]).await?.map(|r| drawn_of(&r)).transpose()
    }

    /// How many units plans of an office drew in that time, those that were replaced left out.
    ///
    /// # Errors
    /// The database.
    pub async fn drawn_count(&self, of: Territory, (from, to): (UtcMs, UtcMs)) -> Result<u64, DbError> {
        let sql = concat!(
            "SELECT COUNT(*) FROM plan_unit u JOIN draw d ON d.plan = u.plan JOIN inspection_plan p ON p.word = u.plan \
             WHERE u.place > 0 AND u.gone = 0 AND d.at_ms >= $1 AND d.at_ms < $2 AND ",
            within!("p.office", "$3", "$4")
        );
        let (office, top) = of.texts();
        self.db.row(sql, args![from, to, office, top]).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// What a plan came to.
    ///
    /// # Errors
    /// The database.
    pub async fn plan_counts(&self, plan: &str) -> Result<PlanCounts, DbError> {
        let sql = "SELECT COUNT(*), COUNT(u.case_id), COUNT(c.closed_ms) FROM plan_unit u LEFT JOIN case_file c ON c.id = u.case_id \
                   WHERE u.plan = $1 AND u.place > 0 AND u.gone = 0";
        let row = self.db.row(sql, args![plan]).await?;
        row.map_or(Ok(PlanCounts::default()), |r| {
            Ok(PlanCounts { drawn: number(&r, 0)?, opened: number(&r, 1)?, visited: number(&r, 2)? })
        })
    }

    /// Says which case is the inspection of a drawn unit; false when it has one, or is not in the plan any more.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn link_visit(
        &self,
        (plan, unit): (&str, &str),
        case: CaseId,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE plan_unit SET case_id = $3 WHERE plan = $1 AND unit = $2 AND case_id IS NULL AND gone = 0 AND place > 0";
        if tx.exec(sql, args![plan, unit, case]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "plan": plan, "unit": unit, "case": case, "by": by });
        let text = Text::of(format!("按计划 {plan} 立检查案卷。"), format!("Inspection opened by plan {plan}."));
        tx.log(entry("plan.visit_opened", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// When units that were drawn before were last inspected, by plans of this office and of those below and above it: the newest row of this
    /// register that their cases wrote.
    ///
    /// # Errors
    /// The database.
    pub async fn last_visits(&self, register: &str, office: OfficeId) -> Result<Vec<(String, CivilDate)>, DbError> {
        let sql = near!(
            "SELECT u.unit, MAX(r.from_day) FROM plan_unit u JOIN inspection_plan p ON p.word = u.plan JOIN register_row r \
             ON r.case_id = u.case_id AND r.register = $1 AND r.newest = 1 WHERE u.case_id IS NOT NULL AND p.office",
            "GROUP BY u.unit ORDER BY u.unit LIMIT $2"
        );
        let rows = self.db.rows(sql, args![register, LAST, office]).await?;
        rows.iter().map(|r| Ok((r.text(0)?, r.read(1, CivilDate::parse)?))).collect()
    }

    /// The newest day of a register by party, of rows of this office and of those below and above it.
    ///
    /// # Errors
    /// The database.
    pub async fn last_by_party(&self, register: &str, office: OfficeId) -> Result<Vec<(PartyId, CivilDate)>, DbError> {
        let sql = near!(
            "SELECT party, MAX(from_day) FROM register_row WHERE register = $1 AND newest = 1 AND party IS NOT NULL AND office",
            "GROUP BY party ORDER BY party LIMIT $2"
        );
        let rows = self.db.rows(sql, args![register, LAST, office]).await?;
        rows.iter().map(|r| Ok((r.read(0, PartyId::parse)?, r.read(1, CivilDate::parse)?))).collect()
    }
}
