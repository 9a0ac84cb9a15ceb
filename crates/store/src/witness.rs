//! What an authority signed of the logs of its sites, and the heads that contradict each other.
//!
//! Invariant: a head is durable here before its cosignature leaves the server (`advance_witness`), and it only moves from the exact size
//! the decision was made on: of two that race one is told to ask again. A crash before the commit: nothing was signed out. After it,
//! before the answer: the site asks again with the old size, is told the new one, and proves from there.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, args};
use base::{Sha256, SiteId, Text, UtcMs};

/// Kind of the entry of a signed head. It has no line on the log page: one comes every minute from every site.
pub(crate) const WITNESS_KIND: &str = "witness.signed";
/// Most contradicting heads kept of one site; more change nothing: it is caught.
const CONFLICTS: u64 = 100;

/// A head that was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WitnessHead {
    /// Whose log.
    pub site: SiteId,
    /// Entries.
    pub size: u64,
    /// Root.
    pub root: Sha256,
    /// The site's signed note with our cosignature.
    pub note: Vec<u8>,
    /// When.
    pub at: UtcMs,
}

/// Two heads that one honest log cannot have, both signed by its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// Whose log.
    pub site: SiteId,
    /// Stable word: `rolled_back`, `split_view`, `not_consistent`.
    pub what: String,
    /// The head that was signed before, with our cosignature.
    pub held: Vec<u8>,
    /// The head that was shown afterwards.
    pub offered: Vec<u8>,
    /// When.
    pub at: UtcMs,
    /// Place of its entry.
    pub leaf: u64,
}

fn head_of(r: &Row) -> Result<WitnessHead, DbError> {
    Ok(WitnessHead {
        site: r.read(0, SiteId::parse)?,
        size: u64::try_from(r.int(1)?).unwrap_or(0),
        root: r.read(2, Sha256::from_hex)?,
        note: r.blob(3)?,
        at: UtcMs(r.int(4)?),
    })
}

impl Store {
    /// The head of a site's log that was signed last.
    ///
    /// # Errors
    /// The database.
    pub async fn witness_head(&self, site: SiteId) -> Result<Option<WitnessHead>, DbError> {
        let sql = "SELECT site, size, root, note, at_ms FROM witness_head WHERE site = $1";
        self.db.row(sql, args![site]).await?.map(|r| head_of(&r)).transpose()
    }

    /// The newest heads of all sites, at most 10,000.
    ///
    /// # Errors
    /// The database.
    pub async fn witness_heads(&self) -> Result<Vec<WitnessHead>, DbError> {
        let sql = "SELECT site, size, root, note, at_ms FROM witness_head ORDER BY site LIMIT 10000";
        self.db.rows(sql, vec![]).await?.iter().map(head_of).collect()
    }

    /// Moves a site's head from `old_size` (0 = none) to `head`, with its entry. False when it was not at `old_size`.
    ///
    /// # Errors
    /// The database or the log; then nothing may be signed out.
    pub async fn advance_witness(&self, old_size: u64, head: &WitnessHead) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let moved = tx
            .exec(
                "UPDATE witness_head SET size = $2, root = $3, note = $4, at_ms = $5 WHERE site = $1 AND size = $6",
                args![head.site, head.size, head.root.hex(), head.note.clone(), head.at, old_size],
            )
            .await?;
        let made = if moved == 0 && old_size == 0 {
            tx.exec(
                "INSERT INTO witness_head (site, size, root, note, at_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                args![head.site, head.size, head.root.hex(), head.note.clone(), head.at],
            )
            .await?
        } else {
            moved
        };
        if made == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "site": head.site, "size": head.size, "root": head.root, "old_size": old_size });
        tx.log(LogEntry { kind: WITNESS_KIND, at: head.at, body, act: None }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps two heads that contradict each other, with the entry of it. False when this head is kept already.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn add_conflict(
        &self,
        site: SiteId,
        what: &str,
        held: &[u8],
        offered: &[u8],
        now: UtcMs,
    ) -> Result<bool, LogError> {
        let digest = Sha256::of(offered).hex();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let known = tx
            .rows(
                "SELECT COUNT(*), COALESCE(SUM(CASE WHEN offered_sha256 = $2 THEN 1 ELSE 0 END), 0) FROM witness_conflict WHERE site = $1",
                args![site, digest.as_str()],
            )
            .await?;
        let number = |i| known.first().map_or(Ok(0), |r| r.int(i));
        if u64::try_from(number(0)?).unwrap_or(0) >= CONFLICTS || number(1)? > 0 {
            return Ok(false);
        }
        let text = Text::of(
            format!("使用单位 {site} 的日志与此前见证的不一致，两份签名均已保存。"),
            format!("The log of site {site} contradicts what was witnessed before; both signed heads are kept."),
        );
        let act =
            ActLine { outcome: Outcome::Refused, account: None, camera: None, request: None, clauses: vec![], text };
        let body = serde_json::json!({
            "site": site, "what": what, "held_sha256": Sha256::of(held), "offered_sha256": digest,
        });
        let leaf = tx.log(LogEntry { kind: "witness.conflict", at: now, body, act: Some(act) }).await?;
        tx.exec(
            "INSERT INTO witness_conflict (site, offered_sha256, what, held, offered, at_ms, leaf) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![site, digest, what, held.to_vec(), offered.to_vec(), now, leaf],
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Contradicting heads of a site, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn conflicts(&self, site: SiteId) -> Result<Vec<Conflict>, DbError> {
        let sql = "SELECT site, what, held, offered, at_ms, leaf FROM witness_conflict WHERE site = $1 ORDER BY leaf DESC LIMIT 100";
        let rows = self.db.rows(sql, args![site]).await?;
        rows.iter()
            .map(|r| {
                Ok(Conflict {
                    site: r.read(0, SiteId::parse)?,
                    what: r.text(1)?,
                    held: r.blob(2)?,
                    offered: r.blob(3)?,
                    at: UtcMs(r.int(4)?),
                    leaf: u64::try_from(r.int(5)?).unwrap_or(0),
                })
            })
            .collect()
    }

    /// Sites whose logs were caught, each once.
    ///
    /// # Errors
    /// The database.
    pub async fn caught_sites(&self) -> Result<Vec<SiteId>, DbError> {
        let rows = self.db.rows("SELECT DISTINCT site FROM witness_conflict ORDER BY site LIMIT 10000", vec![]).await?;
        rows.iter().map(|r| r.read(0, SiteId::parse)).collect()
    }
}
