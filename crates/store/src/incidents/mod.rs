//! Incidents: from the signal journal into rows, what people do with them, and the reports that wait to be sent.
//!
//! ```text
//! journal ─▶ take_in: signal rows, incidents, holds, entries, reports, cursor: one transaction a batch
//! person  ─▶ change_incident: row (if it still is what was decided on), entries, report: one transaction
//! report_outbox ─▶ due_reports ─▶ sender ─▶ report_tried | report_receipted: row and incident together
//! ```
//!
//! An incident is one row: the columns that are searched, and the whole as JSON, sealed, for notes and reasons are words of people.
//! `rev` counts its changes, so two who decide on the same state do not both win.

mod exhibits;
mod intake;
mod outbox;
mod windows;

pub use exhibits::{ExhibitRow, Waiting};
pub use intake::{CONSUMER, Intake, TakenIn, cameras_of, report_of};
pub use outbox::{CONFIRMED, OutboxRow, POLICE, TAKEN, UPPER};
pub use windows::{NEIGHBOURS, TestWindow};

use crate::db::{DbError, Row};
use crate::keys::Sealer;
use crate::ledger_log::{ActLine, LogEntry, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{CameraId, ClauseId, IncidentId, Sha256, UtcMs};
use domain::alarm::{Change, Incident, Report, Signal, SourceName, Stage, Verdict, What, ZoneFacts};

/// Names bound into the seals.
pub(crate) const BODY: &str = "incident.body";
pub(crate) const REPORT: &str = "report_outbox.body";
pub(crate) const REASON: &str = "test_window.reason";
/// Most open incidents that the desk lists; further ones wait in the database and are told by their number.
pub const OPEN: u32 = 500;

/// An incident as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentRow {
    /// It.
    pub incident: Incident,
    /// How often it changed.
    pub rev: i64,
}

/// A signal as kept beside its incident.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalRow {
    /// Its number among all signals.
    pub n: u64,
    /// What became of it: `opens`, `joins`, `logged`, `on_test`, `held_back`.
    pub fate: String,
    /// It.
    pub signal: Signal,
}

/// What the history page asks for; everything is optional.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IncidentFilter {
    /// Source.
    pub source: Option<SourceName>,
    /// Where it stands.
    pub stage: Option<Stage>,
    /// What was found.
    pub verdict: Option<Verdict>,
    /// What it is about.
    pub what: Option<What>,
    /// Opened at or after.
    pub from: Option<UtcMs>,
    /// Opened before.
    pub to: Option<UtcMs>,
    /// Only those after this one in the list (paging, newest first).
    pub after: Option<(UtcMs, IncidentId)>,
}

/// How many incidents of a zone ended how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneCount {
    /// Source.
    pub source: SourceName,
    /// Zone; 0 = none named.
    pub zone: u32,
    /// Incidents.
    pub incidents: u64,
    /// Found real.
    pub real: u64,
    /// Found false.
    pub false_: u64,
    /// Found to be a test or a fault.
    pub other: u64,
}

/// Kind of the entry that a batch of signals leaves.
pub(crate) const RECEIVED_KIND: &str = "alarm.received";

/// Its body.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct ReceivedBody {
    /// Number of the first signal.
    pub first: i64,
    /// How many, one after the other.
    pub signals: i64,
    /// Digest of their lines (`signal_line`).
    pub sha256: Sha256,
}

/// What the digest is made of: place in the journal and the signal as its row has it.
pub(crate) fn signal_line(position: u64, signal: &str) -> String {
    format!("{position} {signal}\n")
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT body_sealed, rev FROM incident ", $rest)
    };
}

fn row_of(sealer: &Sealer, r: &Row) -> Result<IncidentRow, StoreError> {
    let body = sealer.open(BODY, &r.blob(0)?)?;
    let incident = serde_json::from_slice(&body).map_err(|_| DbError::unreadable(0))?;
    Ok(IncidentRow { incident, rev: r.int(1)? })
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl Store {
    /// One incident.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<IncidentRow>, StoreError> {
        let row = self.db.row(select!("WHERE id = $1"), args![id.to_string()]).await?;
        row.map(|r| row_of(&self.sealer, &r)).transpose()
    }

    /// The queue: open incidents by priority then age, at most `OPEN`, and how many there are in all.
    ///
    /// # Errors
    /// As `incident`.
    pub async fn open_incidents(&self) -> Result<(Vec<IncidentRow>, u64), StoreError> {
        let sql = select!("WHERE closed_ms IS NULL ORDER BY priority, opened_ms, id LIMIT $1");
        let rows = self.db.rows(sql, args![OPEN]).await?;
        let list = rows.iter().map(|r| row_of(&self.sealer, r)).collect::<Result<Vec<_>, _>>()?;
        let all = self.db.row("SELECT COUNT(*) FROM incident WHERE closed_ms IS NULL", vec![]).await?;
        let all = all.map_or(Ok(0), |r| r.int(0))?;
        Ok((list, u64::try_from(all).unwrap_or(0)))
    }

    /// Incidents, newest first, at most `limit`.
    ///
    /// # Errors
    /// As `incident`.
    pub async fn incidents(&self, f: &IncidentFilter, limit: u32) -> Result<Vec<IncidentRow>, StoreError> {
        let (before, id) = f.after.map_or((i64::MAX, String::new()), |(at, id)| (at.0, id.to_string()));
        let sql = select!(
            "WHERE (CAST($1 AS TEXT) IS NULL OR source = $1) AND (CAST($2 AS TEXT) IS NULL OR stage = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR verdict = $3) AND (CAST($4 AS TEXT) IS NULL OR what = $4) \
             AND opened_ms >= $5 AND opened_ms < $6 AND (opened_ms < $7 OR (opened_ms = $7 AND id < $8)) \
             ORDER BY opened_ms DESC, id DESC LIMIT $9"
        );
        let rows = self
            .db
            .rows(
                sql,
                args![
                    f.source.as_ref().map(|s| s.as_str().to_owned()),
                    f.stage.map(|s| s.code().to_owned()),
                    f.verdict.map(|v| v.code().to_owned()),
                    f.what.map(|w| w.code().to_owned()),
                    f.from.unwrap_or(UtcMs(i64::MIN)),
                    f.to.unwrap_or(UtcMs(i64::MAX)),
                    before,
                    id,
                    limit
                ],
            )
            .await?;
        rows.iter().map(|r| row_of(&self.sealer, r)).collect()
    }

    /// Signals of an incident, the newest `limit`, oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn signals_of(&self, id: IncidentId, limit: u32) -> Result<Vec<SignalRow>, DbError> {
        let sql = "SELECT n, fate, signal FROM alarm_signal WHERE incident = $1 ORDER BY n DESC LIMIT $2";
        let rows = self.db.rows(sql, args![id.to_string(), limit]).await?;
        let mut out = rows.iter().map(signal_of).collect::<Result<Vec<_>, _>>()?;
        out.reverse();
        Ok(out)
    }

    /// Signals of every fate, the newest first, at most `limit`; those before number `before`.
    ///
    /// # Errors
    /// The database.
    pub async fn signals(&self, before: Option<u64>, limit: u32) -> Result<Vec<SignalRow>, DbError> {
        let sql = "SELECT n, fate, signal FROM alarm_signal WHERE n < $1 ORDER BY n DESC LIMIT $2";
        let rows = self.db.rows(sql, args![before.unwrap_or(u64::MAX), limit]).await?;
        rows.iter().map(signal_of).collect()
    }

    /// How the incidents opened in [from, to) ended, by zone; those with the most false ones first.
    ///
    /// # Errors
    /// The database.
    pub async fn zone_counts(&self, from: UtcMs, to: UtcMs, limit: u32) -> Result<Vec<ZoneCount>, DbError> {
        let sql = "SELECT source, zone, COUNT(*), SUM(CASE WHEN verdict = 'real' THEN 1 ELSE 0 END), \
                   SUM(CASE WHEN verdict = 'false' THEN 1 ELSE 0 END), \
                   SUM(CASE WHEN verdict IN ('test', 'fault') THEN 1 ELSE 0 END) \
                   FROM (SELECT DISTINCT s.source AS source, s.zone AS zone, i.id AS id, i.verdict AS verdict \
                   FROM incident i JOIN alarm_signal s ON s.incident = i.id \
                   WHERE i.opened_ms >= $1 AND i.opened_ms < $2 AND s.fate IN ('opens', 'joins', 'held_back')) AS seen \
                   GROUP BY source, zone ORDER BY 5 DESC, 3 DESC, source, zone LIMIT $3";
        let number = |r: &Row, i| r.int(i).map(|n| u64::try_from(n).unwrap_or(0));
        let rows = self.db.rows(sql, args![from, to, limit]).await?;
        rows.iter()
            .map(|r| {
                Ok(ZoneCount {
                    source: SourceName::stored(&r.text(0)?),
                    zone: u32::try_from(r.int(1)?).unwrap_or(0),
                    incidents: number(r, 2)?,
                    real: number(r, 3)?,
                    false_: number(r, 4)?,
                    other: number(r, 5)?,
                })
            })
            .collect()
    }

    /// What is known of the zones of a source.
    ///
    /// # Errors
    /// The database.
    pub async fn zone_facts(&self, source: &SourceName) -> Result<Vec<ZoneFacts>, DbError> {
        let mut out = self
            .db
            .rows(ZONE_FACTS, args![source.as_str()])
            .await?
            .iter()
            .map(zone_of)
            .collect::<Result<Vec<_>, _>>()?;
        if let Some(id) = gb_id(source) {
            let rows = self.db.rows(GB_CAMERA, args![gb_pattern(id)]).await?;
            out.extend(rows.first().map(gb_zone).transpose()?);
        }
        Ok(out)
    }

    /// Name and place of a source; none when it is not registered.
    ///
    /// # Errors
    /// The database.
    pub async fn source_place(&self, source: &SourceName) -> Result<Option<(String, String)>, DbError> {
        let sql = "SELECT name, place FROM alarm_source WHERE source = $1";
        self.db.row(sql, args![source.as_str()]).await?.map(|r| Ok((r.text(0)?, r.text(1)?))).transpose()
    }

    /// Makes changes to an incident if it still is at `row.rev`; false when somebody was first. With the report that a
    /// `Change::Reported` among them hands to the outbox, one row a target.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn change_incident(
        &self,
        row: &IncidentRow,
        changes: &[Change],
        reports: &[(&str, Report)],
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        self.change_incident_under(row, changes, (reports, &[]), now).await
    }

    /// As `change_incident`; the entry of each change that names no clauses of its own names `clauses`, those by which the gate decided.
    ///
    /// # Errors
    /// As `change_incident`.
    pub async fn change_incident_under(
        &self,
        row: &IncidentRow,
        changes: &[Change],
        (reports, clauses): (&[(&str, Report)], &[ClauseId]),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut after = row.incident.clone();
        changes.iter().for_each(|c| after.apply(c, now));
        let mut tx = self.begin().await?;
        if !put_changed(&mut tx, &self.sealer, &after, row.rev).await? {
            return Ok(false);
        }
        for (target, report) in reports {
            outbox::add(&mut tx, &self.sealer, target, report).await?;
        }
        if after.closed.is_some() && after.verdict() != Some(Verdict::Real) {
            release_clip(&mut tx, &after, now).await?;
        }
        tx.log_all(changes.iter().map(|c| change_entry(&after, c, clauses, now)).collect()).await?;
        // A crash before this leaves the incident as it was; after it the change, its entries and its report together.
        tx.commit().await?;
        Ok(true)
    }
}

/// Zones of a source with what is known of their detectors.
const ZONE_FACTS: &str = "SELECT z.number, z.name, z.place, z.cameras, d.principle, d.neighbours FROM zone z \
                          LEFT JOIN zone_detector d ON d.source = z.source AND d.number = z.number \
                          WHERE z.source = $1 ORDER BY z.number LIMIT 1000";

fn zone_of(r: &Row) -> Result<ZoneFacts, DbError> {
    Ok(ZoneFacts {
        zone: u32::try_from(r.int(0)?).unwrap_or(0),
        name: r.text(1)?,
        place: r.text(2)?,
        cameras: r.read(3, |t| serde_json::from_str(t).ok())?,
        principle: r.text_opt(4)?.and_then(|p| domain::alarm::Principle::parse(&p)),
        neighbours: r.text_opt(5)?.and_then(|n| serde_json::from_str(&n).ok()).unwrap_or_default(),
    })
}

/// The camera of a GB/T 28181 channel that alarms by itself. Ids are 20 digits, so the pattern holds no sign of its own.
const GB_CAMERA: &str =
    "SELECT id, name, place FROM camera WHERE removed_ms IS NULL AND source LIKE $1 ORDER BY created_ms LIMIT 1";

/// The device or channel id of a GB/T 28181 source.
fn gb_id(source: &SourceName) -> Option<&str> {
    source.as_str().strip_prefix("gb:").filter(|id| id.len() == 20 && id.bytes().all(|b| b.is_ascii_digit()))
}

fn gb_pattern(id: &str) -> String {
    format!("%\"{id}\"%")
}

/// Such a camera as its own zone 0: it sees what it reports.
fn gb_zone(r: &Row) -> Result<ZoneFacts, DbError> {
    Ok(ZoneFacts {
        name: r.text(1)?,
        place: r.text(2)?,
        cameras: vec![r.read(0, CameraId::parse)?],
        ..ZoneFacts::default()
    })
}

fn signal_of(r: &Row) -> Result<SignalRow, DbError> {
    Ok(SignalRow {
        n: u64::try_from(r.int(0)?).unwrap_or(0),
        fate: r.text(1)?,
        signal: r.read(2, |t| serde_json::from_str(t).ok())?,
    })
}

/// Writes a changed incident over the one at `rev`; false when it is no longer there.
async fn put_changed(tx: &mut Tx, sealer: &Sealer, i: &Incident, rev: i64) -> Result<bool, StoreError> {
    let sealed = sealer.seal(BODY, json(i).as_bytes())?;
    let n = tx
        .exec(
            "UPDATE incident SET stage = $3, verdict = $4, newest_ms = $5, closed_ms = $6, body_sealed = $7, rev = rev + 1 \
             WHERE id = $1 AND rev = $2",
            args![
                i.id.to_string(),
                rev,
                i.stage().code(),
                i.verdict().map(|v| v.code().to_owned()),
                i.newest,
                i.closed,
                sealed
            ],
        )
        .await?;
    Ok(n > 0)
}

/// Footage of what was not real is kept its term, no longer.
async fn release_clip(tx: &mut Tx, i: &Incident, now: UtcMs) -> Result<(), DbError> {
    tx.exec(
        "UPDATE hold SET released_ms = $2 WHERE request IS NULL AND reason = $1 AND released_ms IS NULL",
        args![clip_reason(i), now],
    )
    .await
    .map(|_| ())
}

/// Reason of the hold on an incident's footage, as its rows have it.
fn clip_reason(i: &Incident) -> String {
    format!("alarm {}", i.number)
}

/// The entry of a change: ids and a digest, no words of people.
fn change_entry(i: &Incident, change: &Change, asked: &[ClauseId], now: UtcMs) -> LogEntry {
    let clauses = if change.clauses().is_empty() { asked } else { change.clauses() };
    let body = serde_json::json!({
        "incident": i.id, "number": i.number, "by": change.by(), "clauses": clauses,
        "verdict": matches!(change, Change::Verified(_)).then(|| i.verdict()).flatten(),
        "change_sha256": Sha256::of(json(change).as_bytes()),
    });
    let act = ActLine {
        outcome: Outcome::Done,
        account: change.by(),
        camera: None,
        request: None,
        clauses: clauses.to_vec(),
        text: change.text(&i.number),
    };
    LogEntry { kind: change.kind(), at: now, body, act: Some(act) }
}
