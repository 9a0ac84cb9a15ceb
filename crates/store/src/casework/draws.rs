//! Random draws of plans: the pool before the seed exists, the one draw, and what was put in place of a drawn unit.
//!
//! ```text
//! commit_pool (entry `draw.pool`) ─▶ a later signed head of the log is the seed ─▶ keep_draw (entry `draw.made`) ─▶ replace_drawn, each
//! (entry `draw.replaced`)
//! ```
//! Always true: a plan has one pool and one draw, by keys of the database: nobody draws again until it pleases; pool and record are kept byte
//! for byte; the bodies of the entries are handed in, for the rules of the draw say what they hold (`domain::draw`). Neither names an
//! inspector: who stands behind a commitment lies sealed beside the pool.

use super::{entry, number, place};
use crate::db::{Bulk, DbError};
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, ClauseId, PartyId, Pii, Sha256, Text, UtcMs};
use serde_json::Value as Json;

/// Longest pool or record, bytes: a hundred thousand units.
pub const DRAW_BYTES: usize = 32 * 1024 * 1024;
/// Longest word of a plan, bytes.
pub const PLAN_BYTES: usize = 100;
/// Most substitutions of one draw.
pub const SUBSTITUTIONS: u32 = 1_000;

/// A pool or a draw as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawRow {
    /// Word of the plan.
    pub plan: String,
    /// The pool, or the record of the draw.
    pub text: String,
    /// Digest of the text.
    pub sha256: Sha256,
    /// Who.
    pub by: Option<AccountId>,
    /// When.
    pub at: UtcMs,
    /// Place of its entry.
    pub entry: u64,
}

/// What was put in place of a drawn unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubstitutionRow {
    /// From 1.
    pub n: u32,
    /// JSON, as it was handed in.
    pub body: String,
    /// When.
    pub at: UtcMs,
    /// Place of its entry.
    pub entry: u64,
}

/// What became of a pool, draw or substitution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DrawKept {
    /// Done; the place of its entry.
    Done(u64),
    /// The plan has one already; nothing was done.
    There,
    /// The plan has no pool, or no draw, that it could follow.
    TooEarly,
    /// Somebody said meanwhile that they keep out of a unit: the pool is made anew.
    MovedOn,
    /// A visit of the unit has begun: it is not replaced any more.
    Begun,
    /// It is longer than is kept, or there are as many as are kept.
    Full,
}

/// Who keeps it, when, and by which clauses.
#[derive(Clone, Copy, Debug)]
pub struct DrawBy<'a> {
    /// Who.
    pub by: Option<AccountId>,
    /// The clauses that ask for it.
    pub clauses: &'a [ClauseId],
    /// When.
    pub now: UtcMs,
}

/// Who stands behind a commitment of a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoolPerson {
    /// What stands for the person in the pool.
    pub inspector: String,
    /// The person's account.
    pub account: AccountId,
    /// Salt (hex), badge and name, a line each; sealed in the row.
    pub words: Pii<String>,
}

/// A unit of a pool, as its register had it then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoolUnit {
    /// Its id in the pool.
    pub unit: String,
    /// Register that it came from.
    pub register: String,
    /// Row of that register.
    pub row: String,
    /// What the row is about; never a natural person.
    pub name: String,
    /// Party of the row.
    pub party: Option<PartyId>,
}

/// A pool to be committed to.
#[derive(Clone, Debug)]
pub struct NewPool<'a> {
    /// Word of the plan.
    pub plan: &'a str,
    /// Rules and pool, a line each.
    pub text: &'a str,
    /// Body of the entry.
    pub body: Json,
    /// Who stands behind its commitments.
    pub people: &'a [PoolPerson],
    /// Its units.
    pub units: &'a [PoolUnit],
    /// How many had said that they keep out of a unit when it was made.
    pub conflicts: usize,
}

/// A unit with its team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Teamed {
    /// Which unit.
    pub unit: String,
    /// Its inspectors as the pool calls them.
    pub team: Vec<String>,
    /// Word of why it has none; empty otherwise.
    pub lack: String,
}

/// A draw to be kept.
#[derive(Clone, Debug)]
pub struct NewDraw<'a> {
    /// Word of the plan.
    pub plan: &'a str,
    /// The record as it is published.
    pub record: &'a str,
    /// Body of the entry.
    pub body: Json,
    /// What was drawn, in its order.
    pub drawn: &'a [Teamed],
}

/// A replacement to be kept.
#[derive(Clone, Debug)]
pub struct NewReplacement<'a> {
    /// Word of the plan.
    pub plan: &'a str,
    /// How many there were when it was made.
    pub seen: u32,
    /// The replacement, as the record has it.
    pub kept: &'a str,
    /// Body of the entry.
    pub body: Json,
    /// The unit that leaves.
    pub out: &'a str,
    /// The unit that comes in.
    pub into: &'a Teamed,
}

static PEOPLE: Bulk = Bulk::new("INSERT INTO plan_inspector (plan, inspector, account, words_sealed) VALUES", 4);
static UNITS: Bulk =
    Bulk::new("INSERT INTO plan_unit (plan, unit, register, row_id, name, party, place, team, lack, gone) VALUES", 10);

/// Name bound into the seal of who stands behind a commitment.
pub(crate) fn people_column(plan: &str, inspector: &str) -> String {
    format!("plan_inspector.words:{plan}:{inspector}")
}

/// Gives a drawn unit its place and team.
async fn place_in(tx: &mut Tx, plan: &str, at: u32, one: &Teamed) -> Result<(), DbError> {
    let sql = "UPDATE plan_unit SET place = $3, team = $4, lack = $5 WHERE plan = $1 AND unit = $2";
    tx.exec(sql, args![plan, one.unit.as_str(), at, one.team.join(","), one.lack.as_str()]).await?;
    Ok(())
}

impl Store {
    /// Keeps rules and pool of a plan, before any seed, and closes the plan to changes; only while nobody more keeps out of a unit than the pool
    /// has seen.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is kept.
    pub async fn commit_pool(&self, new: &NewPool<'_>, by: DrawBy<'_>) -> Result<DrawKept, StoreError> {
        let (plan, pool) = (new.plan, new.text);
        if pool.len() > DRAW_BYTES || plan.is_empty() || plan.len() > PLAN_BYTES {
            return Ok(DrawKept::Full);
        }
        let sha256 = Sha256::of(pool.as_bytes());
        let mut people = Vec::with_capacity(new.people.len());
        for one in new.people {
            let column = people_column(plan, &one.inspector);
            let sealed = self.sealer.seal(&column, one.words.expose().as_bytes())?;
            people.push(args![plan, one.inspector.as_str(), one.account, sealed]);
        }
        let unit = |u: &PoolUnit| {
            args![
                plan,
                u.unit.as_str(),
                u.register.as_str(),
                u.row.as_str(),
                u.name.as_str(),
                u.party,
                0_i64,
                "",
                "",
                0_i64
            ]
        };
        let units = new.units.iter().map(unit).collect();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if !tx.rows("SELECT entry FROM draw_pool WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::There);
        }
        // Who keeps out is said under the same lock, so that nothing comes between this look and the pool.
        let rows = tx.rows("SELECT COUNT(*) FROM plan_conflict WHERE plan = $1", args![plan]).await?;
        if rows.first().map_or(Ok(0), |r| number(r, 0))? != u32::try_from(new.conflicts).unwrap_or(u32::MAX) {
            return Ok(DrawKept::MovedOn);
        }
        let text = Text::of(format!("封存抽查名单：{plan}。"), format!("Pool of the draw {plan} committed."));
        let place = tx.log(entry("draw.pool", by.now, by.by, by.clauses, new.body.clone(), text)).await?;
        let sql = "INSERT INTO draw_pool (plan, sha256, pool, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![plan, sha256.hex(), pool, by.by, by.now, place]).await?;
        tx.insert_all(&PEOPLE, people).await?;
        tx.insert_all(&UNITS, units).await?;
        tx.exec("UPDATE inspection_plan SET state = 'committed', changed_ms = $2 WHERE word = $1", args![plan, by.now])
            .await?;
        tx.commit().await?;
        Ok(DrawKept::Done(place))
    }

    /// Keeps the draw of a plan whose pool is committed; a second one is refused.
    ///
    /// # Errors
    /// The database or the log; then nothing is kept.
    pub async fn keep_draw(&self, new: &NewDraw<'_>, by: DrawBy<'_>) -> Result<DrawKept, StoreError> {
        let (plan, record) = (new.plan, new.record);
        if record.len() > DRAW_BYTES {
            return Ok(DrawKept::Full);
        }
        let sha256 = Sha256::of(record.as_bytes());
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.rows("SELECT entry FROM draw_pool WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::TooEarly);
        }
        if !tx.rows("SELECT entry FROM draw WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::There);
        }
        let text = Text::of(format!("随机抽取：{plan}。"), format!("Draw {plan} made."));
        let place = tx.log(entry("draw.made", by.now, by.by, by.clauses, new.body.clone(), text)).await?;
        let sql = "INSERT INTO draw (plan, sha256, record, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![plan, sha256.hex(), record, by.by, by.now, place]).await?;
        for (at, one) in (1..).zip(new.drawn) {
            place_in(&mut tx, plan, at, one).await?;
        }
        tx.exec("UPDATE inspection_plan SET state = 'drawn', changed_ms = $2 WHERE word = $1", args![plan, by.now])
            .await?;
        tx.commit().await?;
        Ok(DrawKept::Done(place))
    }

    /// Keeps what was put in place of a drawn unit whose visit has not begun.
    ///
    /// # Errors
    /// The database or the log; then nothing is kept.
    pub async fn replace_drawn(&self, new: &NewReplacement<'_>, by: DrawBy<'_>) -> Result<DrawKept, StoreError> {
        let plan = new.plan;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.rows("SELECT entry FROM draw WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::TooEarly);
        }
        let rows = tx.rows("SELECT COUNT(*) FROM draw_substitution WHERE plan = $1", args![plan]).await?;
        let there = rows.first().map_or(Ok(0), |r| number(r, 0))?;
        if there >= SUBSTITUTIONS || new.kept.len() > DRAW_BYTES {
            return Ok(DrawKept::Full);
        }
        if there != new.seen {
            return Ok(DrawKept::There);
        }
        let begun = "SELECT v.n FROM plan_unit u JOIN visit v ON v.case_id = u.case_id \
                     WHERE u.plan = $1 AND u.unit = $2 AND v.state IN ('open', 'closed') LIMIT 1";
        if !tx.rows(begun, args![plan, new.out]).await?.is_empty() {
            return Ok(DrawKept::Begun);
        }
        let n = there + 1;
        let text = Text::of(format!("替换抽取结果：{plan}，第 {n} 次。"), format!("Draw {plan}: replacement {n}."));
        let place = tx.log(entry("draw.replaced", by.now, by.by, by.clauses, new.body.clone(), text)).await?;
        let sql =
            "INSERT INTO draw_substitution (plan, n, body, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![plan, n, new.kept, by.by, by.now, place]).await?;
        tx.exec("UPDATE plan_unit SET gone = 1 WHERE plan = $1 AND unit = $2", args![plan, new.out]).await?;
        let rows = tx.rows("SELECT COALESCE(MAX(place), 0) FROM plan_unit WHERE plan = $1", args![plan]).await?;
        let last = rows.first().map_or(Ok(0), |r| number(r, 0))?;
        place_in(&mut tx, plan, last.saturating_add(1), new.into).await?;
        tx.commit().await?;
        Ok(DrawKept::Done(place))
    }

    /// The pool of a plan.
    ///
    /// # Errors
    /// The database.
    pub async fn draw_pool(&self, plan: &str) -> Result<Option<DrawRow>, DbError> {
        let sql = "SELECT plan, pool, sha256, account, at_ms, entry FROM draw_pool WHERE plan = $1";
        self.db.row(sql, args![plan]).await?.map(|r| draw_of(&r)).transpose()
    }

    /// The draw of a plan.
    ///
    /// # Errors
    /// The database.
    pub async fn draw(&self, plan: &str) -> Result<Option<DrawRow>, DbError> {
        let sql = "SELECT plan, record, sha256, account, at_ms, entry FROM draw WHERE plan = $1";
        self.db.row(sql, args![plan]).await?.map(|r| draw_of(&r)).transpose()
    }

    /// What was put in place of drawn units, in its order.
    ///
    /// # Errors
    /// The database.
    pub async fn substitutions(&self, plan: &str) -> Result<Vec<SubstitutionRow>, DbError> {
        let sql = "SELECT n, body, at_ms, entry FROM draw_substitution WHERE plan = $1 ORDER BY n LIMIT $2";
        let rows = self.db.rows(sql, args![plan, SUBSTITUTIONS]).await?;
        rows.iter()
            .map(|r| {
                Ok(SubstitutionRow { n: number(r, 0)?, body: r.text(1)?, at: UtcMs(r.int(2)?), entry: place(r, 3)? })
            })
            .collect()
    }
}

fn draw_of(r: &crate::db::Row) -> Result<DrawRow, DbError> {
    Ok(DrawRow {
        plan: r.text(0)?,
        text: r.text(1)?,
        sha256: r.read(2, Sha256::from_hex)?,
        by: super::read_opt(r, 3, AccountId::parse)?,
        at: UtcMs(r.int(4)?),
        entry: place(r, 5)?,
    })
}
