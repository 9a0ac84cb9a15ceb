//! What an authority signed of the logs of its sites, and the heads that contradict each other.
//!
//! Invariant: a head is durable here before its cosignature leaves the server (`advance_witness`), and it only moves from the exact size
//! the decision was made on: of two that race one is told to ask again. A crash before the commit: nothing was signed out. After it,
//! before the answer: the site asks again with the old size, is told the new one, and proves from there.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, Sha256, SiteId, Text, UtcMs};

/// Kind of the entry of a signed head. It has no line on the log page: one comes every minute from every site.
pub(crate) const WITNESS_KIND: &str = "witness.signed";
/// Most contradicting heads kept of one site that no person has settled; more change nothing: it is caught.
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
    /// When a person accepted the line it shows, and the place of that entry; `None` = it stands.
    pub settled: Option<(UtcMs, u64)>,
}

/// A person's decision that a site's log goes on from a head that contradicts the one before.
#[derive(Clone, Debug)]
pub struct NewLine<'a> {
    /// Place of the contradiction's entry.
    pub conflict: u64,
    /// The head that was shown, with our cosignature.
    pub head: WitnessHead,
    /// Who decided.
    pub by: AccountId,
    /// Why, as typed.
    pub why: &'a str,
}

/// Column name bound into what was typed at an acceptance.
const WHY: &str = "witness_conflict.why";

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
        // A head whose line was accepted once and that is shown again, after a later one was signed, is caught again.
        tx.exec(
            "DELETE FROM witness_conflict WHERE site = $1 AND offered_sha256 = $2 AND settled_ms IS NOT NULL",
            args![site, digest.as_str()],
        )
        .await?;
        let known = tx
            .rows(
                "SELECT COUNT(*), COALESCE(SUM(CASE WHEN offered_sha256 = $2 THEN 1 ELSE 0 END), 0) FROM witness_conflict \
                 WHERE site = $1 AND settled_ms IS NULL",
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

    /// A person accepts the line of a contradiction: the site's head moves there, all its contradictions so far are settled, and the entry
    /// names both heads. False when it was settled already, or the head moved in the meantime. One transaction: a crash before the commit
    /// leaves the contradiction standing, after it the line is accepted and the site's next head is compared with it.
    ///
    /// # Errors
    /// The database, the log or the sealing; then nothing may be signed out.
    pub async fn accept_line(&self, held: &WitnessHead, line: &NewLine<'_>, now: UtcMs) -> Result<bool, StoreError> {
        let sealed = self.sealer.seal(WHY, line.why.as_bytes())?;
        let head = &line.head;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let moved = tx
            .exec(
                "UPDATE witness_head SET size = $2, root = $3, note = $4, at_ms = $5 WHERE site = $1 AND size = $6 AND root = $7",
                args![head.site, head.size, head.root.hex(), head.note.clone(), now, held.size, held.root.hex()],
            )
            .await?;
        let standing = tx
            .exec(
                "UPDATE witness_conflict SET why_sealed = $3 WHERE site = $1 AND leaf = $2 AND settled_ms IS NULL",
                args![head.site, line.conflict, sealed],
            )
            .await?;
        if (moved, standing) != (1, 1) {
            return Ok(false);
        }
        let text = Text::of(
            format!(
                "认可使用单位 {} 的日志由备份恢复后自第 {} 条续写；此前见证至第 {} 条。",
                head.site, head.size, held.size
            ),
            format!(
                "The log of site {} is accepted to go on from entry {} after a restore; {} entries had been witnessed.",
                head.site, head.size, held.size
            ),
        );
        let act = ActLine::done(Some(line.by), text);
        let body = serde_json::json!({
            "site": head.site, "conflict": line.conflict, "held_size": held.size, "held_root": held.root,
            "size": head.size, "root": head.root, "by": line.by,
        });
        let leaf = tx.log(LogEntry { kind: "witness.line_accepted", at: now, body, act: Some(act) }).await?;
        tx.exec(
            "UPDATE witness_conflict SET settled_ms = $2, settled_by = $3, settled_leaf = $4 WHERE site = $1 AND settled_ms IS NULL",
            args![head.site, now, line.by, leaf],
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What was typed when the line of a contradiction was accepted.
    ///
    /// # Errors
    /// The database, or it does not open.
    pub async fn accepted_why(&self, site: SiteId, conflict: u64) -> Result<Option<String>, StoreError> {
        let sql = "SELECT why_sealed FROM witness_conflict WHERE site = $1 AND leaf = $2 AND settled_ms IS NOT NULL";
        let row = self.db.row(sql, args![site, conflict]).await?;
        let sealed = row.map_or(Ok(None), |r| r.blob_opt(0))?;
        Ok(sealed.map(|s| self.sealer.open_text(WHY, &s)).transpose()?.map(|t| t.expose().clone()))
    }

    /// Contradicting heads of a site, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn conflicts(&self, site: SiteId) -> Result<Vec<Conflict>, DbError> {
        let sql = "SELECT site, what, held, offered, at_ms, leaf, settled_ms, settled_leaf FROM witness_conflict WHERE site = $1 \
                   ORDER BY leaf DESC LIMIT 100";
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
                    settled: r.int_opt(6)?.map(UtcMs).zip(r.int_opt(7)?.and_then(|n| u64::try_from(n).ok())),
                })
            })
            .collect()
    }

    /// Sites with a contradiction that no person has settled, each once.
    ///
    /// # Errors
    /// The database.
    pub async fn contradicting_sites(&self) -> Result<Vec<SiteId>, DbError> {
        let sql = "SELECT DISTINCT site FROM witness_conflict WHERE settled_ms IS NULL ORDER BY site LIMIT 10000";
        let rows = self.db.rows(sql, vec![]).await?;
        rows.iter().map(|r| r.read(0, SiteId::parse)).collect()
    }
}
