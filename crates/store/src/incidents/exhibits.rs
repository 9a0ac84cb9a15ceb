//! Pictures and clips that go with a report to the police, until the authority's receipt is stored.
//!
//! Rows are made in the transaction that reports, one a camera and kind. What goes out is entered in log and register first
//! (`exhibit_made`), then sent in parts, then named by a signed message. A report never waits behind one: whoever sends asks for reports
//! first, and pictures come before clips.
//!
//! Crash table. Row made, nothing sent: it is due. Entry committed, not or half sent: the same footage is read again; the authority says
//! how much it has. Footage that reads otherwise now (a disk was lost) is a new exhibit with its own entry. Sent, receipt not stored: sent
//! again, the authority answers with the receipt it gave.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{CameraId, IncidentId, Refusal, ReportId, Text, UtcMs};
use domain::alarm::{EXHIBIT_CAMERAS, Exhibit, ExhibitKind, Report, retry_after_ms};

/// Longest word of why a try failed, characters.
const ERROR_CHARS: usize = 200;
/// Kind of the entry that stands before the first byte.
const KIND: &str = "alarm.exhibit";

/// A picture or clip that waits, or was received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExhibitRow {
    /// The report it goes with.
    pub report: ReportId,
    /// Of which incident.
    pub incident: IncidentId,
    /// Which camera.
    pub camera: CameraId,
    /// What.
    pub kind: ExhibitKind,
    /// Id of its message; `None` until it is made.
    pub id: Option<String>,
    /// What the message says (`Exhibit` as JSON); empty until it is made.
    pub body: String,
    /// Tries that failed.
    pub attempts: u32,
    /// Not before this.
    pub next_try: UtcMs,
    /// Why the last try failed, or why it is not sent; empty = neither.
    pub error: String,
    /// Nothing more is to be done: received, or refused by law.
    pub ended: Option<UtcMs>,
    /// The signed receipt is here.
    pub received: bool,
}

/// What waits for the police: how many reports and since when the oldest, how many pictures and clips.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    /// Reports without receipt of incidents without one: what was told by telephone does not count.
    pub reports: u64,
    /// When the oldest of them was made.
    pub since: Option<UtcMs>,
    /// Pictures and clips without receipt.
    pub exhibits: u64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.report, e.incident, e.camera, e.kind, e.id, e.body, e.attempts, e.next_try_ms, e.error, e.ended_ms, \
             CAST(CASE WHEN e.receipt IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM exhibit_out e ",
            $rest
        )
    };
}

fn exhibit_of(r: &Row) -> Result<ExhibitRow, DbError> {
    Ok(ExhibitRow {
        report: r.read(0, ReportId::parse)?,
        incident: r.read(1, IncidentId::parse)?,
        camera: r.read(2, CameraId::parse)?,
        kind: r.read(3, ExhibitKind::parse)?,
        id: r.text_opt(4)?,
        body: r.text(5)?,
        attempts: u32::try_from(r.int(6)?).unwrap_or(u32::MAX),
        next_try: UtcMs(r.int(7)?),
        error: r.text(8)?,
        ended: r.int_opt(9)?.map(UtcMs),
        received: r.int(10)? != 0,
    })
}

/// Plans the pictures and clips of a report, in the transaction that reports.
pub(super) async fn plan(tx: &mut Tx, report: &Report) -> Result<(), DbError> {
    for camera in report.cameras.iter().take(EXHIBIT_CAMERAS) {
        for kind in ExhibitKind::ALL {
            let due = kind.looked_for_at(report.received).max(report.made);
            tx.exec(
                "INSERT INTO exhibit_out (report, incident, camera, kind, id, body, attempts, next_try_ms, error, receipt, ended_ms, made_ms) \
                 VALUES ($1, $2, $3, $4, NULL, '', 0, $5, '', NULL, NULL, $6)",
                args![report.report.to_string(), report.incident.to_string(), *camera, kind.code(), due, report.made],
            )
            .await?;
        }
    }
    Ok(())
}

fn made_entry(e: &Exhibit, now: UtcMs) -> LogEntry {
    let body = serde_json::json!({
        "incident": e.incident, "number": e.number, "report": e.report, "camera": e.camera, "exhibit": e.kind,
        "from_utc_ms": e.from, "to_utc_ms": e.to, "bytes": e.bytes, "sha256": e.sha256, "absent": e.absent,
        "clauses": e.clauses,
    });
    let (name, camera) = (e.kind.name(), &e.camera_name);
    let text = match e.absence() {
        None => Text::of(
            format!("报警 {} 的{}（{camera}）提供给公安机关。", e.number, name.zh),
            format!("Alarm {}: {} ({camera}) goes to the police.", e.number, name.en.to_lowercase()),
        ),
        Some(why) => Text::of(
            format!("报警 {} 无{}（{camera}）：{}。", e.number, name.zh, why.zh),
            format!("Alarm {}: no {} ({camera}): {}.", e.number, name.en.to_lowercase(), why.en),
        ),
    };
    let act = ActLine {
        outcome: Outcome::Done,
        account: None,
        camera: Some(e.camera),
        request: None,
        clauses: e.clauses.clone(),
        text,
    };
    LogEntry { kind: KIND, at: now, body, act: Some(act) }
}

impl Store {
    /// The exhibit to be sent next: of reports that the police have, pictures before clips, then the oldest report first.
    ///
    /// # Errors
    /// The database.
    pub async fn due_exhibit(&self, now: UtcMs) -> Result<Option<ExhibitRow>, DbError> {
        let sql = select!(
            "JOIN report_outbox r ON r.id = e.report WHERE e.ended_ms IS NULL AND e.next_try_ms <= $1 \
             AND r.receipted_ms IS NOT NULL ORDER BY CASE e.kind WHEN 'picture' THEN 0 ELSE 1 END, e.made_ms, e.report, e.camera LIMIT 1"
        );
        self.db.row(sql, args![now]).await?.map(|r| exhibit_of(&r)).transpose()
    }

    /// Exhibits of an incident, by camera.
    ///
    /// # Errors
    /// The database.
    pub async fn exhibits_of(&self, incident: IncidentId) -> Result<Vec<ExhibitRow>, DbError> {
        let sql = select!("WHERE e.incident = $1 ORDER BY e.made_ms, e.camera, e.kind DESC LIMIT 100");
        self.db.rows(sql, args![incident.to_string()]).await?.iter().map(exhibit_of).collect()
    }

    /// It is known what goes out: entry, line of the register and the row's message in one transaction. Before the first byte leaves.
    ///
    /// # Errors
    /// The database or the log; then nothing may be sent.
    pub async fn exhibit_made(&self, id: &str, exhibit: &Exhibit, now: UtcMs) -> Result<(), StoreError> {
        let e = exhibit;
        let mut tx = self.begin().await?;
        let leaf = tx.log(made_entry(e, now)).await?;
        if e.sha256.is_some() {
            let salt: [u8; 32] = crate::keys::random()?;
            // No person is named: the police's server stands for those who sit at it.
            let sealed = self.sealer.seal("register.persons", format!("{}\n", base::hex(&salt)).as_bytes())?;
            tx.exec(
                "INSERT INTO register (leaf, at_ms, request, what, camera, from_ms, to_ms, unit, reason, persons_sealed) \
                 VALUES ($1, $2, '', 'reported', $3, $4, $5, $6, $7, $8)",
                args![leaf, now, e.camera, e.from, e.to, "公安机关", format!("报警 {}", e.number), sealed],
            )
            .await?;
        }
        tx.exec(
            "UPDATE exhibit_out SET id = $4, body = $5 WHERE report = $1 AND camera = $2 AND kind = $3 AND ended_ms IS NULL",
            args![e.report.to_string(), e.camera, e.kind.code(), id, super::json(e)],
        )
        .await?;
        // A crash after this leaves an entry and nothing sent: it is due, and the entry is true when it is sent.
        tx.commit().await?;
        Ok(())
    }

    /// It is looked for again at `next`: its footage is not written yet (`error` empty), or a try failed.
    ///
    /// # Errors
    /// The database; then it is tried again at once.
    pub async fn exhibit_waits(&self, row: &ExhibitRow, error: &str, now: UtcMs) -> Result<(), DbError> {
        let attempts = row.attempts.saturating_add(u32::from(!error.is_empty()));
        let pause_ms = if error.is_empty() { 1_000 } else { retry_after_ms(attempts) };
        let error: String = error.chars().take(ERROR_CHARS).collect();
        let sql = "UPDATE exhibit_out SET attempts = $4, next_try_ms = $5, error = $6 \
                   WHERE report = $1 AND camera = $2 AND kind = $3 AND ended_ms IS NULL";
        let at = now.plus_ms(pause_ms);
        let key = row.report.to_string();
        self.db.exec(sql, args![key, row.camera, row.kind.code(), attempts, at, error]).await.map(|_| ())
    }

    /// The authority has it.
    ///
    /// # Errors
    /// The database; then it is sent again and gets the same receipt.
    pub async fn exhibit_received(&self, row: &ExhibitRow, receipt: &[u8], now: UtcMs) -> Result<(), DbError> {
        let sql = "UPDATE exhibit_out SET receipt = $4, ended_ms = $5, error = '' \
                   WHERE report = $1 AND camera = $2 AND kind = $3 AND ended_ms IS NULL";
        let key = row.report.to_string();
        self.db.exec(sql, args![key, row.camera, row.kind.code(), receipt.to_vec(), now]).await.map(|_| ())
    }

    /// The law does not allow it: it stays here, with the refusal in the log.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn exhibit_refused(&self, row: &ExhibitRow, refusal: &Refusal, now: UtcMs) -> Result<(), StoreError> {
        let clauses: Vec<_> = refusal.why.iter().map(|c| c.clause.clone()).collect();
        let body = serde_json::json!({
            "incident": row.incident, "report": row.report, "camera": row.camera, "exhibit": row.kind, "code": refusal.code,
            "clauses": clauses,
        });
        let text = Text::of(
            format!("依法不随报影像：{}", refusal.what.zh),
            format!("No exhibit goes with a report, by law: {}", refusal.what.en),
        );
        let camera = Some(row.camera);
        let act = ActLine { outcome: Outcome::Refused, account: None, camera, request: None, clauses, text };
        let mut tx = self.begin().await?;
        tx.log(LogEntry { kind: "act.refused", at: now, body, act: Some(act) }).await?;
        let sql = "UPDATE exhibit_out SET error = $4, ended_ms = $5 WHERE report = $1 AND camera = $2 AND kind = $3";
        let key = row.report.to_string();
        tx.exec(sql, args![key, row.camera, row.kind.code(), refusal.code.clone(), now]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What waits for `target`.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_reports(&self, target: &str) -> Result<Waiting, DbError> {
        let sql = "SELECT COUNT(*), MIN(r.made_ms), \
                   (SELECT COUNT(*) FROM exhibit_out e JOIN report_outbox o ON o.id = e.report \
                    WHERE e.ended_ms IS NULL AND o.target = $1) \
                   FROM report_outbox r JOIN incident i ON i.id = r.incident WHERE r.target = $1 AND r.receipted_ms IS NULL \
                   AND i.stage NOT IN ('receipted', 'closed')";
        let Some(r) = self.db.row(sql, args![target]).await? else { return Ok(Waiting::default()) };
        let count = |i| Ok::<_, DbError>(u64::try_from(r.int(i)?).unwrap_or(0));
        Ok(Waiting { reports: count(0)?, since: r.int_opt(1)?.map(UtcMs), exhibits: count(2)? })
    }
}
