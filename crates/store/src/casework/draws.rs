//! Random draws of plans: the pool before the seed exists, the one draw, and what was put in place of a drawn unit.
//!
//! ```text
//! commit_pool (entry `draw.pool`) ─▶ a later signed head of the log is the seed ─▶ keep_draw (entry `draw.made`) ─▶ substitutions
//! ```
//! Always true: a plan has one pool and one draw, by keys of the database: nobody draws again until it pleases; pool and record are kept byte
//! for byte as their digests in the entries were made of. Neither names an inspector: the caller hands in pseudonyms and commitments.

use super::{entry, number, place};
use crate::db::DbError;
use crate::{Store, StoreError, args};
use base::{AccountId, ClauseId, Sha256, Text, UtcMs};

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
    /// Digest of the text, which the entry has.
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

impl Store {
    /// Keeps the pool of a plan, before any seed.
    ///
    /// # Errors
    /// The database or the log; then nothing is kept.
    pub async fn commit_pool(&self, plan: &str, pool: &str, by: DrawBy<'_>) -> Result<DrawKept, StoreError> {
        if pool.len() > DRAW_BYTES || plan.is_empty() || plan.len() > PLAN_BYTES {
            return Ok(DrawKept::Full);
        }
        let sha256 = Sha256::of(pool.as_bytes());
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if !tx.rows("SELECT entry FROM draw_pool WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::There);
        }
        let body = serde_json::json!({ "plan": plan, "sha256": sha256, "bytes": pool.len(), "clauses": by.clauses, "by": by.by });
        let text = Text::of(format!("封存抽查名单：{plan}。"), format!("Pool of the draw {plan} committed."));
        let place = tx.log(entry("draw.pool", by.now, by.by, by.clauses, body, text)).await?;
        let sql = "INSERT INTO draw_pool (plan, sha256, pool, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![plan, sha256.hex(), pool, by.by, by.now, place]).await?;
        tx.commit().await?;
        Ok(DrawKept::Done(place))
    }

    /// Keeps the draw of a plan whose pool is committed; a second one is refused.
    ///
    /// # Errors
    /// The database or the log; then nothing is kept.
    pub async fn keep_draw(&self, plan: &str, record: &str, by: DrawBy<'_>) -> Result<DrawKept, StoreError> {
        if record.len() > DRAW_BYTES {
            return Ok(DrawKept::Full);
        }
        let sha256 = Sha256::of(record.as_bytes());
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let rows = tx.rows("SELECT entry FROM draw_pool WHERE plan = $1", args![plan]).await?;
        let Some(pool) = rows.first().map(|r| place(r, 0)).transpose()? else { return Ok(DrawKept::TooEarly) };
        if !tx.rows("SELECT entry FROM draw WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::There);
        }
        let body = serde_json::json!({
            "plan": plan, "pool": pool, "sha256": sha256, "bytes": record.len(), "clauses": by.clauses, "by": by.by,
        });
        let text = Text::of(format!("随机抽取：{plan}。"), format!("Draw {plan} made."));
        let place = tx.log(entry("draw.made", by.now, by.by, by.clauses, body, text)).await?;
        let sql = "INSERT INTO draw (plan, sha256, record, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![plan, sha256.hex(), record, by.by, by.now, place]).await?;
        tx.commit().await?;
        Ok(DrawKept::Done(place))
    }

    /// Keeps what was put in place of a drawn unit; `seen` is how many there were.
    ///
    /// # Errors
    /// The database or the log; then nothing is kept.
    pub async fn substitute(
        &self,
        plan: &str,
        seen: u32,
        body: &serde_json::Value,
        by: DrawBy<'_>,
    ) -> Result<DrawKept, StoreError> {
        let kept = body.to_string();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if tx.rows("SELECT entry FROM draw WHERE plan = $1", args![plan]).await?.is_empty() {
            return Ok(DrawKept::TooEarly);
        }
        let rows = tx.rows("SELECT COUNT(*) FROM draw_substitution WHERE plan = $1", args![plan]).await?;
        let there = rows.first().map_or(Ok(0), |r| number(r, 0))?;
        if there >= SUBSTITUTIONS || kept.len() > DRAW_BYTES {
            return Ok(DrawKept::Full);
        }
        if there != seen {
            return Ok(DrawKept::There);
        }
        let n = there + 1;
        let said = serde_json::json!({
            "plan": plan, "n": n, "sha256": Sha256::of(kept.as_bytes()), "clauses": by.clauses, "by": by.by,
        });
        let text = Text::of(format!("替换抽取结果：{plan}，第 {n} 次。"), format!("Draw {plan}: substitution {n}."));
        let place = tx.log(entry("draw.substituted", by.now, by.by, by.clauses, said, text)).await?;
        let sql =
            "INSERT INTO draw_substitution (plan, n, body, account, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![plan, n, kept, by.by, by.now, place]).await?;
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
