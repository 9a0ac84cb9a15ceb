//! Alarm sources (panels), their zones, and how far the consumers of the signal journal have come. Keys are sealed.

use crate::cameras::Why;
use crate::db::{DbError, Row};
use crate::journal::Position;
use crate::ledger_log::{ActLine, LogEntry, LogError, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, Pii, Text, UtcMs};
use domain::alarm::SourceName;

/// Most zones of one source.
pub const ZONES: usize = 1_000;
/// Most cameras that show one zone.
pub const ZONE_CAMERAS: usize = 8;

/// What reports alarms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlarmSource {
    /// Name its signals carry.
    pub source: SourceName,
    /// What people call it.
    pub name: String,
    /// Where it is, in words.
    pub place: String,
    /// Key its frames are encrypted with, hex; none = not encrypted.
    pub key: Option<Pii<String>>,
    /// Longest silence, seconds; none = not supervised.
    pub supervision_s: Option<u32>,
    /// Habits of this device that its driver allows for, JSON.
    pub quirks: String,
    /// Since when it is silent for longer than that.
    pub lost: Option<UtcMs>,
    /// When it was added.
    pub created: UtcMs,
    /// When it was removed.
    pub removed: Option<UtcMs>,
}

/// A zone (防区) of a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone {
    /// Whose.
    pub source: SourceName,
    /// Its number at the panel.
    pub number: u32,
    /// What people call it.
    pub name: String,
    /// Where it is, in words.
    pub place: String,
    /// Cameras that show it, the best first.
    pub cameras: Vec<CameraId>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT source, name, place, key_sealed, supervision_s, quirks, lost_ms, created_ms, removed_ms FROM alarm_source ",
            $rest
        )
    };
}

fn zone_of(r: &Row) -> Result<Zone, DbError> {
    Ok(Zone {
        source: SourceName::stored(&r.text(0)?),
        number: u32::try_from(r.int(1)?).unwrap_or(0),
        name: r.text(2)?,
        place: r.text(3)?,
        cameras: r.read(4, |t| serde_json::from_str(t).ok())?,
    })
}

impl Store {
    fn alarm_source_of(&self, r: &Row) -> Result<AlarmSource, StoreError> {
        Ok(AlarmSource {
            source: SourceName::stored(&r.text(0)?),
            name: r.text(1)?,
            place: r.text(2)?,
            key: r.blob_opt(3)?.map(|b| self.sealer.open_text("alarm_source.key", &b)).transpose()?,
            supervision_s: r.int_opt(4)?.and_then(|s| u32::try_from(s).ok()),
            quirks: r.text(5)?,
            lost: r.int_opt(6)?.map(UtcMs),
            created: UtcMs(r.int(7)?),
            removed: r.int_opt(8)?.map(UtcMs),
        })
    }

    /// All sources that were not removed, by place and name.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn alarm_sources(&self) -> Result<Vec<AlarmSource>, StoreError> {
        let rows = self.db.rows(select!("WHERE removed_ms IS NULL ORDER BY place, name, source"), vec![]).await?;
        rows.iter().map(|r| self.alarm_source_of(r)).collect()
    }

    /// One source, removed or not.
    ///
    /// # Errors
    /// As `alarm_sources`.
    pub async fn alarm_source(&self, source: &SourceName) -> Result<Option<AlarmSource>, StoreError> {
        let row = self.db.row(select!("WHERE source = $1"), args![source.as_str()]).await?;
        row.map(|r| self.alarm_source_of(&r)).transpose()
    }

    /// Adds or changes a source; one that was removed comes back with its zones.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_alarm_source(&self, s: &AlarmSource, by: AccountId, now: UtcMs) -> Result<u64, StoreError> {
        self.put_alarm_source_because(s, Why::default(), &[], by, now).await
    }

    /// As `put_alarm_source`, under the clauses by which the gate decided; reason and agreement stand in the line of the log, their
    /// digests in the entry.
    ///
    /// # Errors
    /// As `put_alarm_source`.
    pub async fn put_alarm_source_because(
        &self,
        s: &AlarmSource,
        why: Why<'_>,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        let key = s.key.as_ref().map(|k| self.sealer.seal("alarm_source.key", k.expose().as_bytes())).transpose()?;
        let mut tx = self.begin().await?;
        let known = "SELECT 1 FROM alarm_source WHERE source = $1 AND removed_ms IS NULL";
        let known = !tx.rows(known, args![s.source.as_str()]).await?.is_empty();
        tx.exec(
            "INSERT INTO alarm_source (source, name, place, key_sealed, supervision_s, quirks, lost_ms, created_ms, removed_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (source) DO UPDATE SET name = excluded.name, \
             place = excluded.place, key_sealed = excluded.key_sealed, supervision_s = excluded.supervision_s, \
             quirks = excluded.quirks, lost_ms = excluded.lost_ms, removed_ms = excluded.removed_ms",
            args![
                s.source.as_str(),
                s.name.clone(),
                s.place.clone(),
                key,
                s.supervision_s.map(i64::from),
                s.quirks.clone(),
                s.lost,
                s.created,
                s.removed
            ],
        )
        .await?;
        let (kind, zh, en) = match (known, s.removed) {
            (false, _) => ("alarm_source.added", "新增报警主机", "Alarm panel added"),
            (true, None) => ("alarm_source.changed", "修改报警主机", "Alarm panel changed"),
            (true, Some(_)) => ("alarm_source.removed", "停用报警主机", "Alarm panel removed"),
        };
        let mut body = serde_json::json!({
            "source": s.source, "name": s.name, "place": s.place, "encrypted": s.key.is_some(),
            "supervision_s": s.supervision_s, "quirks": s.quirks, "by": by,
        });
        let because = why.words();
        why.into_body(&mut body);
        if !clauses.is_empty() {
            body["clauses"] = serde_json::json!(clauses);
        }
        let text = Text::of(
            format!("{zh}：{}（{}）。{}", s.name, s.source.as_str(), because.0),
            format!("{en}: {} ({}).{}", s.name, s.source.as_str(), because.1),
        );
        let mut entry = entry(kind, now, body, by, text);
        if let Some(act) = entry.act.as_mut() {
            act.clauses = clauses.to_vec();
        }
        let idx = tx.log(entry).await?;
        tx.commit().await.map_err(LogError::from)?;
        Ok(idx)
    }

    /// Remembers since when a source is silent, or that it is heard again. What the supervision does is in the journal; this is for
    /// the next start.
    ///
    /// # Errors
    /// The database.
    pub async fn set_alarm_source_lost(&self, source: &SourceName, lost: Option<UtcMs>) -> Result<(), DbError> {
        let sql = "UPDATE alarm_source SET lost_ms = $2 WHERE source = $1";
        self.db.exec(sql, args![source.as_str(), lost]).await.map(|_| ())
    }

    /// Zones of a source by number.
    ///
    /// # Errors
    /// The database.
    pub async fn zones(&self, source: &SourceName) -> Result<Vec<Zone>, DbError> {
        let sql = "SELECT source, number, name, place, cameras FROM zone WHERE source = $1 ORDER BY number";
        self.db.rows(sql, args![source.as_str()]).await?.iter().map(zone_of).collect()
    }

    /// One zone.
    ///
    /// # Errors
    /// The database.
    pub async fn zone(&self, source: &SourceName, number: u32) -> Result<Option<Zone>, DbError> {
        let sql = "SELECT source, number, name, place, cameras FROM zone WHERE source = $1 AND number = $2";
        self.db.row(sql, args![source.as_str(), number]).await?.map(|r| zone_of(&r)).transpose()
    }

    /// Adds or changes a zone.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn put_zone(&self, z: &Zone, by: AccountId, now: UtcMs) -> Result<u64, StoreError> {
        let cameras = serde_json::to_string(&z.cameras).unwrap_or_default();
        let mut tx = self.begin().await?;
        tx.exec(
            "INSERT INTO zone (source, number, name, place, cameras) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (source, number) DO UPDATE SET name = excluded.name, place = excluded.place, cameras = excluded.cameras",
            args![z.source.as_str(), z.number, z.name.clone(), z.place.clone(), cameras],
        )
        .await?;
        let body = serde_json::json!({
            "source": z.source, "number": z.number, "name": z.name, "place": z.place, "cameras": z.cameras, "by": by,
        });
        let text = Text::of(
            format!("设置防区 {}：{}（{}）。", z.number, z.name, z.source.as_str()),
            format!("Zone {} set: {} ({}).", z.number, z.name, z.source.as_str()),
        );
        let idx = tx.log(entry("zone.set", now, body, by, text)).await?;
        tx.commit().await.map_err(LogError::from)?;
        Ok(idx)
    }

    /// Removes a zone; false when there is none.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn remove_zone(
        &self,
        source: &SourceName,
        number: u32,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let sql = "DELETE FROM zone WHERE source = $1 AND number = $2";
        if tx.exec(sql, args![source.as_str(), number]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "source": source, "number": number, "by": by });
        let text = Text::of(
            format!("删除防区 {number}（{}）。", source.as_str()),
            format!("Zone {number} removed ({}).", source.as_str()),
        );
        tx.log(entry("zone.removed", now, body, by, text)).await?;
        tx.commit().await.map_err(LogError::from)?;
        Ok(true)
    }

    /// How far `consumer` has come in the signal journal.
    ///
    /// # Errors
    /// The database.
    pub async fn journal_cursor(&self, consumer: &str) -> Result<Position, DbError> {
        let row = self.db.row("SELECT next FROM journal_cursor WHERE consumer = $1", args![consumer]).await?;
        row.map_or(Ok(Position(0)), |r| Ok(Position(u64::try_from(r.int(0)?).unwrap_or(0))))
    }

    /// How far the slowest consumer has come; the beginning when there is none.
    ///
    /// # Errors
    /// The database.
    pub async fn least_journal_cursor(&self) -> Result<Position, DbError> {
        let row = self.db.row("SELECT COALESCE(MIN(next), 0) FROM journal_cursor", vec![]).await?;
        row.map_or(Ok(Position(0)), |r| Ok(Position(u64::try_from(r.int(0)?).unwrap_or(0))))
    }
}

impl Tx {
    /// Moves a consumer's cursor, in the transaction that stores what it made of the signals before `next`: after a crash each signal
    /// was either dealt with or will be read again.
    ///
    /// # Errors
    /// The database.
    pub async fn move_journal_cursor(&mut self, consumer: &str, next: Position) -> Result<(), DbError> {
        self.exec(
            "INSERT INTO journal_cursor (consumer, next) VALUES ($1, $2) ON CONFLICT (consumer) DO UPDATE SET next = excluded.next",
            args![consumer, next.0],
        )
        .await
        .map(|_| ())
    }
}

fn entry(kind: &'static str, at: UtcMs, body: serde_json::Value, by: AccountId, text: Text) -> LogEntry {
    let act = ActLine::done(Some(by), text);
    LogEntry { kind, at, body, act: Some(act) }
}
