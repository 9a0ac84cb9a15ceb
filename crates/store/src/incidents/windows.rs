//! Test windows (a source or one zone is on test: its alarms are kept and open nothing) and what is known of detectors.

use super::REASON;
use crate::ledger_log::{ActLine, LogEntry, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, ClauseId, Sha256, Text, UtcMs};
use domain::alarm::{Principle, SourceName};

/// Most windows listed.
const LIST: u32 = 200;
/// Most neighbours of one zone.
pub const NEIGHBOURS: usize = 32;

/// A source, or one zone of it, is on test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestWindow {
    /// Its number.
    pub id: i64,
    /// Which source.
    pub source: SourceName,
    /// Which zone; none = all.
    pub zone: Option<u32>,
    /// From.
    pub from: UtcMs,
    /// To; ending it early moves this.
    pub to: UtcMs,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: AccountId,
}

fn entry(kind: &'static str, w: &TestWindow, clauses: &[ClauseId], by: AccountId, now: UtcMs, text: Text) -> LogEntry {
    let body = serde_json::json!({
        "source": w.source, "zone": w.zone, "from_utc_ms": w.from, "to_utc_ms": w.to, "by": by,
        "reason_sha256": Sha256::of(w.reason.as_bytes()), "clauses": clauses,
    });
    let clauses = clauses.to_vec();
    let act = ActLine { outcome: Outcome::Done, account: Some(by), camera: None, request: None, clauses, text };
    LogEntry { kind, at: now, body, act: Some(act) }
}

impl Store {
    /// Puts a source or zone on test, lawful by `clauses`; `id` of `w` is given by the store.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn add_test_window(&self, w: &TestWindow, clauses: &[ClauseId], now: UtcMs) -> Result<(), StoreError> {
        let sealed = self.sealer.seal(REASON, w.reason.as_bytes())?;
        let mut tx = self.begin().await?;
        let (source, until) = (w.source.as_str(), w.to.desk());
        let text = Text::of(
            format!("{source} 进入测试状态至 {until}：其报警只记录。"),
            format!("{source} is on test until {until}: its alarms are only recorded."),
        );
        tx.log(entry("alarm.test_begun", w, clauses, w.by, now, text)).await?;
        // The log's row lock makes the numbers of two simultaneous windows differ.
        tx.exec(
            "INSERT INTO test_window (id, source, zone, from_ms, to_ms, reason, account, reason_sealed) \
             SELECT COALESCE(MAX(id), 0) + 1, $1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), '', $5, $6 FROM test_window",
            args![source, w.zone.map(i64::from), w.from, w.to, w.by, sealed],
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends a window now; false when it is over already.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn end_test_window(
        &self,
        id: i64,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let Some(w) = self.test_windows(now).await?.into_iter().find(|w| w.id == id) else { return Ok(false) };
        let mut tx = self.begin().await?;
        let text = Text::of(
            format!("{} 结束测试状态。", w.source.as_str()),
            format!("{} is no longer on test.", w.source.as_str()),
        );
        tx.log(entry("alarm.test_ended", &w, clauses, by, now, text)).await?;
        let n = tx.exec("UPDATE test_window SET to_ms = $2 WHERE id = $1 AND to_ms > $2", args![id, now]).await?;
        if n == 0 {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Windows that are not over.
    ///
    /// # Errors
    /// The database, or a reason that does not open.
    pub async fn test_windows(&self, now: UtcMs) -> Result<Vec<TestWindow>, StoreError> {
        let sql = "SELECT id, source, zone, from_ms, to_ms, reason_sealed, account FROM test_window WHERE to_ms > $1 \
                   ORDER BY to_ms, id LIMIT $2";
        let rows = self.db.rows(sql, args![now, LIST]).await?;
        rows.iter()
            .map(|r| {
                let reason = self.sealer.open(REASON, &r.blob(5)?)?;
                Ok(TestWindow {
                    id: r.int(0)?,
                    source: SourceName::stored(&r.text(1)?),
                    zone: r.int_opt(2)?.and_then(|z| u32::try_from(z).ok()),
                    from: UtcMs(r.int(3)?),
                    to: UtcMs(r.int(4)?),
                    reason: String::from_utf8_lossy(&reason).into_owned(),
                    by: r.read(6, AccountId::parse)?,
                })
            })
            .collect()
    }

    /// Says how the detector of a zone senses and which zones are adjacent (at most 32 are kept); both grounds of verification by
    /// rule need it.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_detector(
        &self,
        source: &SourceName,
        zone: u32,
        principle: Option<Principle>,
        neighbours: &[u32],
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let neighbours: Vec<u32> = neighbours.iter().copied().take(NEIGHBOURS).collect();
        let mut tx = self.begin().await?;
        tx.exec(
            "INSERT INTO zone_detector (source, number, principle, neighbours) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (source, number) DO UPDATE SET principle = excluded.principle, neighbours = excluded.neighbours",
            args![
                source.as_str(),
                zone,
                principle.map(|p| p.code().to_owned()),
                serde_json::to_string(&neighbours).unwrap_or_default()
            ],
        )
        .await?;
        let body = serde_json::json!({
            "source": source, "zone": zone, "principle": principle, "neighbours": neighbours, "by": by,
        });
        let text = Text::of(
            format!("设置 {} 防区 {zone} 的探测原理和相邻防区。", source.as_str()),
            format!("Detector and neighbours of zone {zone} of {} set.", source.as_str()),
        );
        let act = ActLine::done(Some(by), text);
        tx.log(LogEntry { kind: "zone.detector", at: now, body, act: Some(act) }).await?;
        tx.commit().await?;
        Ok(())
    }
}
