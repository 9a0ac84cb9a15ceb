//! What sites report of themselves: at the site the report that waits for its receipt, at the authority all that came and the newest body.
//!
//! ```text
//! site: keep_self_report ─▶ row ─▶ due_self_report ─▶ message ─▶ self_report_received
//! authority: receive_self_report: row + entry + receipt, one transaction ─▶ newest_self_report
//! ```
//! Always true: whoever holds a receipt has a report that is here; a report that comes again gets the receipt it got first; bodies that are not
//! the newest and that no visit used are removed, note, digest and receipt stay. A crash before a commit: sent again; after it: the same receipt.

use crate::casework::{entry, place};
use crate::db::{DbError, Row};
use crate::inbox::{Incoming, Taken};
use crate::{Store, StoreError, args};
use base::{CivilDate, Sha256, SiteId, Text, UtcMs};

/// Largest body, bytes: what a thousand cameras need.
pub const SELF_REPORT_BYTES: usize = 1024 * 1024;
/// Name bound into the seal, on both sides.
const BODY: &str = "self_report.body";
/// Reports that the site keeps.
const KEPT: i64 = 400;

/// A report that the site made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnReport {
    /// Id of its message.
    pub id: String,
    /// The day it is of.
    pub day: CivilDate,
    /// When it was made.
    pub made: UtcMs,
    /// JSON.
    pub body: String,
}

/// A report as the authority keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SelfReportRow {
    /// From whom.
    pub site: SiteId,
    /// Place of its entry.
    pub leaf: u64,
    /// When the site made it, by its clock.
    pub made: UtcMs,
    /// When it came.
    pub received: UtcMs,
    /// Digest of the body, which the site signed.
    pub sha256: Sha256,
    /// JSON as the site sent it; none: removed since.
    pub body: Option<String>,
}

impl Store {
    /// Keeps a report to be sent; those that were received long ago go.
    ///
    /// # Errors
    /// The database, or a body that cannot be sealed.
    pub async fn keep_self_report(&self, new: &OwnReport) -> Result<(), StoreError> {
        let sealed = self.sealer.seal(BODY, new.body.as_bytes())?;
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO self_report (id, day, made_ms, body_sealed, received_ms) VALUES ($1, $2, $3, $4, NULL)";
        tx.exec(sql, args![new.id.as_str(), new.day, new.made, sealed]).await?;
        // What waits for its receipt stays, however many there are; they are one a day and what persons asked for.
        let old = "DELETE FROM self_report WHERE received_ms IS NOT NULL AND id NOT IN \
                   (SELECT id FROM self_report ORDER BY made_ms DESC, id DESC LIMIT $1)";
        tx.exec(old, args![KEPT]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The oldest report without a receipt.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn due_self_report(&self) -> Result<Option<OwnReport>, StoreError> {
        let sql = "SELECT id, day, made_ms, body_sealed FROM self_report WHERE received_ms IS NULL ORDER BY made_ms, id LIMIT 1";
        let Some(r) = self.db.row(sql, args![]).await? else { return Ok(None) };
        let body = self.sealer.open(BODY, &r.blob(3)?)?;
        Ok(Some(OwnReport {
            id: r.text(0)?,
            day: r.read(1, CivilDate::parse)?,
            made: UtcMs(r.int(2)?),
            body: String::from_utf8_lossy(&body).into_owned(),
        }))
    }

    /// The day of the newest report, and when it was received.
    ///
    /// # Errors
    /// The database.
    pub async fn newest_own_report(&self) -> Result<Option<(CivilDate, UtcMs, Option<UtcMs>)>, DbError> {
        let sql = "SELECT day, made_ms, received_ms FROM self_report ORDER BY made_ms DESC, id DESC LIMIT 1";
        let row = self.db.row(sql, args![]).await?;
        let read = |r: Row| Ok((r.read(0, CivilDate::parse)?, UtcMs(r.int(1)?), r.int_opt(2)?.map(UtcMs)));
        row.map(read).transpose()
    }

    /// The authority has it.
    ///
    /// # Errors
    /// The database.
    pub async fn self_report_received(&self, id: &str, now: UtcMs) -> Result<(), DbError> {
        let sql = "UPDATE self_report SET received_ms = $2 WHERE id = $1 AND received_ms IS NULL";
        self.db.exec(sql, args![id, now]).await.map(|_| ())
    }

    /// Takes a report in. `receipt` makes the signed receipt from the place of the entry.
    ///
    /// # Errors
    /// The database, the log, or a body that cannot be sealed; then nothing was received.
    pub async fn receive_self_report(
        &self,
        new: &Incoming<'_>,
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Result<Taken, StoreError> {
        let (sealed, sha256) = (self.sealer.seal(BODY, new.body)?, Sha256::of(new.body));
        let mut tx = self.begin().await?;
        // Two connections that bring the same message take turns, so the second finds it.
        tx.lock().await?;
        let sql = "SELECT sha256, receipt FROM site_report WHERE site = $1 AND id = $2";
        if let Some(known) = tx.rows(sql, args![new.site, new.id]).await?.first() {
            let same = known.text(0)? == sha256.hex();
            return Ok(if same { Taken::Again(known.blob(1)?) } else { Taken::OtherBody });
        }
        let body = serde_json::json!({
            "site": new.site, "message": new.id, "seq": new.seq, "made_utc_ms": new.made, "body_sha256": sha256,
            "note_sha256": Sha256::of(new.note),
        });
        let text = Text::new("收到使用单位的自查报告。", "A site's report of itself received.");
        let leaf = tx.log(entry("site.reported", now, None, &[], body, text)).await?;
        let receipt = receipt(leaf).unwrap_or_default();
        tx.exec(
            "INSERT INTO site_report (site, id, seq, leaf, made_ms, received_ms, sha256, note, body_sealed, receipt) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![
                new.site,
                new.id,
                new.seq,
                leaf,
                new.made,
                now,
                sha256.hex(),
                new.note.to_vec(),
                sealed,
                receipt.clone()
            ],
        )
        .await?;
        tx.exec(
            "UPDATE site_report SET body_sealed = NULL WHERE site = $1 AND body_sealed IS NOT NULL AND made_ms < \
             (SELECT MAX(made_ms) FROM site_report WHERE site = $1) AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.report = site_report.leaf)",
            args![new.site],
        )
        .await?;
        tx.commit().await?;
        Ok(Taken::New(receipt))
    }

    fn self_report_of(&self, r: &Row) -> Result<SelfReportRow, StoreError> {
        let body = r.blob_opt(5)?.map(|sealed| self.sealer.open(BODY, &sealed)).transpose()?;
        Ok(SelfReportRow {
            site: r.read(0, SiteId::parse)?,
            leaf: place(r, 1)?,
            made: UtcMs(r.int(2)?),
            received: UtcMs(r.int(3)?),
            sha256: r.read(4, Sha256::from_hex)?,
            body: body.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        })
    }

    /// The newest report of a site, by the time it was made.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn newest_self_report(&self, site: SiteId) -> Result<Option<SelfReportRow>, StoreError> {
        let sql = "SELECT site, leaf, made_ms, received_ms, sha256, body_sealed FROM site_report WHERE site = $1 \
                   ORDER BY made_ms DESC, leaf DESC LIMIT 1";
        self.db.row(sql, args![site]).await?.map(|r| self.self_report_of(&r)).transpose()
    }

    /// The report of an entry.
    ///
    /// # Errors
    /// As `newest_self_report`.
    pub async fn self_report(&self, leaf: u64) -> Result<Option<SelfReportRow>, StoreError> {
        let sql = "SELECT site, leaf, made_ms, received_ms, sha256, body_sealed FROM site_report WHERE leaf = $1";
        self.db.row(sql, args![leaf]).await?.map(|r| self.self_report_of(&r)).transpose()
    }
}
