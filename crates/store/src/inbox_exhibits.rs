//! The authority's pictures and clips: parts as they come, each exhibit with the receipt that was given, who looked at it, and the end of
//! its time.
//!
//! ```text
//! part ─▶ put_part: sealed row, contiguous ─▶ number of bytes kept
//! message ─▶ part_digest: all parts read and hashed ─▶ receive_exhibit: row + entry + receipt, one transaction
//! ```
//! Invariants: parts lie one after the other without a hole; whoever holds a receipt has an exhibit that is here whole, with the digest that
//! the site signed, and nothing that the site sends afterwards changes or removes its bytes; nothing of a site without a report of it;
//! what one report may bring is bounded (`PER_REPORT`). A crash between two
//! parts: the sender asks how much is there. Between the last part and the message: the parts wait, unfinished ones go after a week.

use crate::db::{DbError, Row};
use crate::inbox::Incoming;
use crate::ledger_log::{ActLine, LogEntry};
use crate::{Store, StoreError, args};
use base::{AccountId, Sha256, SiteId, Text, UtcMs};
use domain::alarm::{EXHIBIT_CAMERAS, Exhibit};

/// Column names that sealed values are bound to.
const BYTES: &str = "inbox_part.bytes";
const BODY: &str = "inbox_exhibit.body";
/// Most exhibits of one report: a picture and a clip a camera, and as many again that were made anew.
const PER_REPORT: i64 = EXHIBIT_CAMERAS as i64 * 4;
/// Views of one account within this time are one entry, ms.
const VIEW_MS: i64 = 600_000;
/// Reports whose exhibits one sweep removes.
const SWEPT: u32 = 200;

/// Where a part belongs.
#[derive(Clone, Debug)]
pub struct PartKey {
    /// From whom.
    pub site: SiteId,
    /// With which report.
    pub report: String,
    /// Digest of the whole.
    pub sha256: Sha256,
}

/// What became of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartTaken {
    /// So many bytes are kept from the start.
    Have(u64),
    /// There is no such report of this site.
    NoReport,
    /// The report has brought as much as it may.
    TooMany,
}

/// What became of an exhibit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExhibitTaken {
    /// New; its receipt.
    New(Vec<u8>),
    /// It was here; the receipt of then.
    Again(Vec<u8>),
    /// Another body under an id that was used.
    OtherBody,
    /// There is no such report of this site.
    NoReport,
    /// The report has brought as much as it may.
    TooMany,
}

/// An exhibit as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InboxExhibit {
    /// Place of its entry in this server's log; its number on pages.
    pub leaf: u64,
    /// Site.
    pub site: SiteId,
    /// Message of the report.
    pub report: String,
    /// What the site signed.
    pub exhibit: Exhibit,
    /// When it was here whole.
    pub received: UtcMs,
    /// Its bytes were deleted, at the end of their time.
    pub deleted: Option<UtcMs>,
}

/// What a sweep removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Exhibits whose bytes are gone.
    pub exhibits: u64,
    /// Of how many reports.
    pub reports: u64,
}

impl Store {
    fn inbox_exhibit_of(&self, r: &Row) -> Result<InboxExhibit, StoreError> {
        let body = self.sealer.open(BODY, &r.blob(3)?)?;
        let exhibit = Exhibit::parse(&body).ok_or_else(|| DbError::unreadable(3))?;
        Ok(InboxExhibit {
            leaf: u64::try_from(r.int(0)?).unwrap_or(0),
            site: r.read(1, SiteId::parse)?,
            report: r.text(2)?,
            exhibit,
            received: UtcMs(r.int(4)?),
            deleted: r.int_opt(5)?.map(UtcMs),
        })
    }

    /// Keeps a part that begins where the kept ones end; any other is passed over, and so is one of an exhibit that was received. Empty
    /// `bytes` only ask.
    ///
    /// # Errors
    /// The database, or bytes that cannot be sealed; then nothing is kept.
    pub async fn put_part(&self, key: &PartKey, at: u64, bytes: &[u8], now: UtcMs) -> Result<PartTaken, StoreError> {
        let sealed = if bytes.is_empty() { Vec::new() } else { self.sealer.seal(BYTES, bytes)? };
        let sha256 = key.sha256.hex();
        let mut tx = self.db.begin().await?;
        let known = "SELECT 1 FROM inbox WHERE site = $1 AND id = $2";
        if tx.rows(known, args![key.site, key.report.as_str()]).await?.is_empty() {
            return Ok(PartTaken::NoReport);
        }
        let kept = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM inbox_part WHERE site = $1 AND report = $2 AND sha256 = $3";
        let kept = tx.rows(kept, args![key.site, key.report.as_str(), sha256.clone()]).await?;
        let kept = u64::try_from(kept.first().map_or(Ok(0), |r| r.int(0))?).unwrap_or(0);
        if bytes.is_empty() || at != kept {
            return Ok(PartTaken::Have(kept));
        }
        // Behind the end of what was received nothing is put: together it would not be what its digest says.
        let received =
            "SELECT 1 FROM inbox_exhibit WHERE site = $1 AND report = $2 AND sha256 = $3 AND deleted_ms IS NULL";
        if !tx.rows(received, args![key.site, key.report.as_str(), sha256.clone()]).await?.is_empty() {
            return Ok(PartTaken::Have(kept));
        }
        if at == 0 {
            let begun = "SELECT COUNT(*) FROM inbox_part WHERE site = $1 AND report = $2 AND pos = 0";
            let begun = tx.rows(begun, args![key.site, key.report.as_str()]).await?;
            if begun.first().map_or(Ok(0), |r| r.int(0))? >= PER_REPORT {
                return Ok(PartTaken::TooMany);
            }
        }
        tx.exec(
            "INSERT INTO inbox_part (site, report, sha256, pos, bytes, sealed, stored_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            args![key.site, key.report.as_str(), sha256, at, bytes.len() as u64, sealed, now],
        )
        .await?;
        tx.commit().await?;
        Ok(PartTaken::Have(kept + bytes.len() as u64))
    }

    /// One kept part; `None` where none begins at `at`.
    ///
    /// # Errors
    /// The database, or bytes that do not open.
    pub async fn part(&self, key: &PartKey, at: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM inbox_part WHERE site = $1 AND report = $2 AND sha256 = $3 AND pos = $4";
        let row = self.db.row(sql, args![key.site, key.report.as_str(), key.sha256.hex(), at]).await?;
        row.map(|r| Ok(self.sealer.open(BYTES, &r.blob(0)?)?)).transpose()
    }

    /// Length and digest of what is kept under this key, read from the first byte to the last.
    ///
    /// # Errors
    /// The database, or bytes that do not open.
    pub async fn part_digest(&self, key: &PartKey) -> Result<(u64, Sha256), StoreError> {
        let (mut length, mut hash) = (0_u64, base::Sha256Stream::default());
        while let Some(bytes) = self.part(key, length).await?.filter(|b| !b.is_empty()) {
            length += bytes.len() as u64;
            hash.update(&bytes);
        }
        Ok((length, hash.finish()))
    }

    /// Forgets what is kept under this key: it is not what its digest says. What was received stays whatever comes.
    ///
    /// # Errors
    /// The database.
    pub async fn forget_parts(&self, key: &PartKey) -> Result<(), DbError> {
        let unused = "DELETE FROM inbox_part WHERE site = $1 AND report = $2 AND sha256 = $3 AND NOT EXISTS \
                      (SELECT 1 FROM inbox_exhibit e WHERE e.site = $1 AND e.report = $2 AND e.sha256 = $3 AND e.deleted_ms IS NULL)";
        self.db.exec(unused, args![key.site, key.report.as_str(), key.sha256.hex()]).await.map(|_| ())
    }

    /// Takes an exhibit in whose bytes were found whole. `receipt` makes the signed receipt from the place of the entry.
    ///
    /// # Errors
    /// The database, the log, or a body that cannot be sealed; then nothing was received.
    pub async fn receive_exhibit(
        &self,
        new: &Incoming<'_>,
        exhibit: &Exhibit,
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Result<ExhibitTaken, StoreError> {
        let (sealed, report) = (self.sealer.seal(BODY, new.body)?, exhibit.report.to_string());
        let body_sha256 = Sha256::of(new.body).hex();
        let mut tx = self.begin().await?;
        // Two connections that bring the same message take turns, so the second finds it.
        tx.lock().await?;
        let sql = "SELECT body_sha256, receipt FROM inbox_exhibit WHERE site = $1 AND id = $2";
        if let Some(known) = tx.rows(sql, args![new.site, new.id]).await?.first() {
            let same = known.text(0)? == body_sha256;
            return Ok(if same { ExhibitTaken::Again(known.blob(1)?) } else { ExhibitTaken::OtherBody });
        }
        let known =
            tx.rows("SELECT leaf FROM inbox WHERE site = $1 AND id = $2", args![new.site, report.as_str()]).await?;
        let Some(report_leaf) = known.first().map(|r| r.int(0)).transpose()? else { return Ok(ExhibitTaken::NoReport) };
        let sql = "SELECT COUNT(*) FROM inbox_exhibit WHERE site = $1 AND report = $2";
        let count = tx.rows(sql, args![new.site, report.as_str()]).await?;
        if count.first().map_or(Ok(0), |r| r.int(0))? >= PER_REPORT {
            return Ok(ExhibitTaken::TooMany);
        }
        let entry = serde_json::json!({
            "site": new.site, "message": new.id, "seq": new.seq, "report": report_leaf, "exhibit": exhibit.kind,
            "camera_at_site": exhibit.camera, "bytes": exhibit.bytes, "sha256": exhibit.sha256, "absent": exhibit.absent,
            "body_sha256": body_sha256, "note_sha256": Sha256::of(new.note),
        });
        let name = exhibit.kind.name();
        let text = Text::of(
            format!("收到第 {report_leaf} 条报警的{}。", name.zh),
            format!("Report {report_leaf}: {} received.", name.en.to_lowercase()),
        );
        let act = act(None, text);
        let leaf = tx.log(LogEntry { kind: "report.exhibit", at: now, body: entry, act }).await?;
        let receipt = receipt(leaf).unwrap_or_default();
        let sha256 = exhibit.sha256.map(|d| d.hex());
        tx.exec(
            "INSERT INTO inbox_exhibit (site, id, seq, report, leaf, sha256, body_sha256, note, body_sealed, receipt, received_ms, deleted_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)",
            args![
                new.site,
                new.id,
                new.seq,
                report,
                leaf,
                sha256,
                body_sha256,
                new.note.to_vec(),
                sealed,
                receipt.clone(),
                now
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(ExhibitTaken::New(receipt))
    }

    /// Exhibits of a report, in the order they came.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn exhibits_in(&self, site: SiteId, report: &str) -> Result<Vec<InboxExhibit>, StoreError> {
        let sql = "SELECT leaf, site, report, body_sealed, received_ms, deleted_ms FROM inbox_exhibit \
                   WHERE site = $1 AND report = $2 ORDER BY leaf LIMIT 100";
        let rows = self.db.rows(sql, args![site, report]).await?;
        rows.iter().map(|r| self.inbox_exhibit_of(r)).collect()
    }

    /// How many exhibits came of reports that are not closed; moves when one comes.
    ///
    /// # Errors
    /// The database.
    pub async fn exhibit_count(&self) -> Result<u64, DbError> {
        let row = self.db.row("SELECT COALESCE(MAX(leaf), 0) FROM inbox_exhibit", vec![]).await?;
        row.map_or(Ok(0), |r| r.int(0)).map(|n| u64::try_from(n).unwrap_or(0))
    }

    /// One exhibit by the place of its entry.
    ///
    /// # Errors
    /// As `exhibits_in`.
    pub async fn exhibit_in(&self, leaf: u64) -> Result<Option<InboxExhibit>, StoreError> {
        let sql = "SELECT leaf, site, report, body_sealed, received_ms, deleted_ms FROM inbox_exhibit WHERE leaf = $1";
        self.db.row(sql, args![leaf]).await?.map(|r| self.inbox_exhibit_of(&r)).transpose()
    }

    /// Notes that `by` looks at an exhibit; looks within ten minutes are one entry. Before the first byte is shown.
    ///
    /// # Errors
    /// The database or the log; then nothing may be shown.
    pub async fn exhibit_viewed(&self, of: &InboxExhibit, by: AccountId, now: UtcMs) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        // A look of later than now was noted by a clock that was wrong: it covers nothing.
        let sql =
            "SELECT 1 FROM inbox_exhibit_view WHERE leaf = $1 AND account = $2 AND at_ms > $3 AND at_ms <= $4 LIMIT 1";
        if !tx.rows(sql, args![of.leaf, by, now.plus_ms(-VIEW_MS), now]).await?.is_empty() {
            return Ok(());
        }
        let name = of.exhibit.kind.name();
        let body = serde_json::json!({ "site": of.site, "message": of.report.as_str(), "shown": of.leaf, "by": by });
        let text = Text::of(
            format!("查看报警影像（{}，第 {} 条）。", name.zh, of.leaf),
            format!("Looked at an exhibit of an alarm ({}, entry {}).", name.en.to_lowercase(), of.leaf),
        );
        let leaf = tx.log(LogEntry { kind: "report.exhibit_viewed", at: now, body, act: act(Some(by), text) }).await?;
        let sql = "INSERT INTO inbox_exhibit_view (entry, leaf, account, at_ms) VALUES ($1, $2, $3, $4)";
        tx.exec(sql, args![leaf, of.leaf, by, now]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes the bytes of exhibits whose time is over: of reports that are closed and came before `closed_before`, of any that came
    /// before `any_before`; and parts that were never finished since `unfinished_before`. One entry says how many.
    ///
    /// # Errors
    /// The database or the log; then nothing is deleted.
    pub async fn sweep_inbox_exhibits(
        &self,
        closed_before: UtcMs,
        any_before: UtcMs,
        unfinished_before: UtcMs,
        now: UtcMs,
    ) -> Result<Swept, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT DISTINCT e.site, e.report FROM inbox_exhibit e JOIN inbox i ON i.site = e.site AND i.id = e.report \
                   WHERE e.deleted_ms IS NULL AND e.sha256 IS NOT NULL AND (i.received_ms < $1 AND i.state = 'closed' OR i.received_ms < $2) \
                   LIMIT $3";
        let due = tx.rows(sql, args![closed_before, any_before, SWEPT]).await?;
        let mut swept = Swept::default();
        for row in &due {
            let (site, report) = (row.read(0, SiteId::parse)?, row.text(1)?);
            tx.exec("DELETE FROM inbox_part WHERE site = $1 AND report = $2", args![site, report.clone()]).await?;
            let sql = "UPDATE inbox_exhibit SET deleted_ms = $3 WHERE site = $1 AND report = $2 AND deleted_ms IS NULL AND sha256 IS NOT NULL";
            swept.exhibits += tx.exec(sql, args![site, report, now]).await?;
            swept.reports += 1;
        }
        // All parts of one digest or none, by the newest of them: a hole at the beginning would never be filled. Parts of an exhibit
        // whose time is over count as unfinished, so what a site sends once more does not stay.
        tx.exec(
            "DELETE FROM inbox_part WHERE stored_ms < $1 AND NOT EXISTS (SELECT 1 FROM inbox_exhibit e \
             WHERE e.site = inbox_part.site AND e.report = inbox_part.report AND e.sha256 = inbox_part.sha256 AND e.deleted_ms IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM inbox_part p WHERE p.site = inbox_part.site AND p.report = inbox_part.report \
             AND p.sha256 = inbox_part.sha256 AND p.stored_ms >= $1)",
            args![unfinished_before],
        )
        .await?;
        if swept.exhibits > 0 {
            let body = serde_json::json!({ "exhibits": swept.exhibits, "reports": swept.reports });
            let text = Text::of(
                format!("保存期满，删除 {} 条报警的影像 {} 件。", swept.reports, swept.exhibits),
                format!(
                    "{} {} of {} {} deleted at the end of their time.",
                    swept.exhibits,
                    base::plural(swept.exhibits, "exhibit", "exhibits"),
                    swept.reports,
                    base::plural(swept.reports, "report", "reports")
                ),
            );
            tx.log(LogEntry { kind: "report.exhibits_deleted", at: now, body, act: act(None, text) }).await?;
        }
        tx.commit().await?;
        Ok(swept)
    }
}

fn act(account: Option<AccountId>, text: Text) -> Option<ActLine> {
    Some(ActLine::done(account, text))
}
