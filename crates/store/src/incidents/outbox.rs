//! Reports that wait to be sent, until a receipt is stored. A row is made in the transaction that reports; its id is the report's
//! and stays the same however often it is sent, so that who receives it twice knows it. Its body is sealed as the bytes it was made of:
//! what is opened and sent has the digest that was signed.
//!
//! Crash table. Sent, and not noted as sent: it is sent again, and the other side answers with the receipt it gave. Receipt came, and
//! not stored: the same.

use super::{REPORT, change_entry, json, put_changed, row_of};
use crate::db::{DbError, Row};
use crate::keys::Sealer;
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{IncidentId, ReportId, UtcMs};
use domain::alarm::{Change, Command, Facts, Limits, Report, decide, retry_after_ms};

/// Target of reports to the police; its receipt is the incident's.
pub const POLICE: &str = "police";
/// What the target of a report to an upper platform begins with; its id follows.
pub const UPPER: &str = "upper:";
/// Receipt of an upper platform that confirmed the alarm by a message of its own.
pub const CONFIRMED: &str = "confirmed";
/// Receipt of an upper platform that took the alarm and says no more.
pub const TAKEN: &str = "taken";
/// Longest word of why a try failed, characters.
const ERROR_CHARS: usize = 200;

/// A report that waits, or was received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxRow {
    /// Its id, the same as in the body.
    pub id: ReportId,
    /// Of which incident.
    pub incident: IncidentId,
    /// Where to: `police`, or `upper:` and the id of an upper platform.
    pub target: String,
    /// The report (`domain::alarm::Report` as JSON).
    pub body: String,
    /// Tries so far.
    pub attempts: u32,
    /// Not before this.
    pub next_try: UtcMs,
    /// Why the last try failed; empty = it did not.
    pub error: String,
    /// Number the other side gave.
    pub receipt: Option<String>,
    /// When the receipt was stored.
    pub receipted: Option<UtcMs>,
    /// When it was made.
    pub made: UtcMs,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, incident, target, body_sealed, attempts, next_try_ms, error, receipt, receipted_ms, made_ms FROM report_outbox ",
            $rest
        )
    };
}

fn outbox_of(sealer: &Sealer, r: &Row) -> Result<OutboxRow, StoreError> {
    let body = sealer.open(REPORT, &r.blob(3)?)?;
    Ok(OutboxRow {
        id: r.read(0, ReportId::parse)?,
        incident: r.read(1, IncidentId::parse)?,
        target: r.text(2)?,
        body: String::from_utf8(body).map_err(|_| DbError::unreadable(3))?,
        attempts: u32::try_from(r.int(4)?).unwrap_or(u32::MAX),
        next_try: UtcMs(r.int(5)?),
        error: r.text(6)?,
        receipt: r.text_opt(7)?,
        receipted: r.int_opt(8)?.map(UtcMs),
        made: UtcMs(r.int(9)?),
    })
}

/// Hands a report to the outbox, in the transaction that reports.
pub(super) async fn add(tx: &mut Tx, sealer: &Sealer, target: &str, report: &Report) -> Result<(), StoreError> {
    let sealed = sealer.seal(REPORT, json(report).as_bytes())?;
    tx.exec(
        "INSERT INTO report_outbox (id, incident, target, body, attempts, next_try_ms, error, receipt, receipted_ms, made_ms, \
         body_sealed) VALUES ($1, $2, $3, '', 0, $4, '', NULL, NULL, $4, $5)",
        args![report.report.to_string(), report.incident.to_string(), target, report.made, sealed],
    )
    .await?;
    if target == POLICE {
        super::exhibits::plan(tx, report).await?;
    }
    Ok(())
}

impl Store {
    /// Reports to `target` that are due, the oldest first.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn due_reports(&self, target: &str, now: UtcMs, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let sql =
            select!("WHERE target = $1 AND receipted_ms IS NULL AND next_try_ms <= $2 ORDER BY made_ms, id LIMIT $3");
        let rows = self.db.rows(sql, args![target, now, limit]).await?;
        rows.iter().map(|r| outbox_of(&self.sealer, r)).collect()
    }

    /// Reports of an incident, oldest first.
    ///
    /// # Errors
    /// As `due_reports`.
    pub async fn reports_of(&self, incident: IncidentId) -> Result<Vec<OutboxRow>, StoreError> {
        let sql = select!("WHERE incident = $1 ORDER BY made_ms, id LIMIT 100");
        let rows = self.db.rows(sql, args![incident.to_string()]).await?;
        rows.iter().map(|r| outbox_of(&self.sealer, r)).collect()
    }

    /// A try failed: the report waits for its next one. There is no last one.
    ///
    /// # Errors
    /// The database; then it is tried again at once.
    pub async fn report_tried(&self, row: &OutboxRow, error: &str, now: UtcMs) -> Result<(), DbError> {
        let attempts = row.attempts.saturating_add(1);
        let error: String = error.chars().take(ERROR_CHARS).collect();
        self.db
            .exec(
                "UPDATE report_outbox SET attempts = $2, next_try_ms = $3, error = $4 WHERE id = $1 AND receipted_ms IS NULL",
                args![row.id.to_string(), attempts, now.plus_ms(retry_after_ms(attempts)), error],
            )
            .await
            .map(|_| ())
    }

    /// The other side has the report: its receipt is stored, and with the first one of the police the incident's; of an upper platform
    /// the incident notes that it was told. False when a receipt was there, or no such report.
    ///
    /// # Errors
    /// The database or the log; then nothing is stored and the report is sent again.
    pub async fn report_receipted(&self, id: ReportId, receipt: &str, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let rows = tx.rows(select!("WHERE id = $1 AND receipted_ms IS NULL"), args![id.to_string()]).await?;
        let Some(row) = rows.first().map(|r| outbox_of(&self.sealer, r)).transpose()? else { return Ok(false) };
        tx.exec(
            "UPDATE report_outbox SET receipt = $2, receipted_ms = $3, error = '' WHERE id = $1",
            args![id.to_string(), receipt, now],
        )
        .await?;
        let sql = "SELECT body_sealed, rev FROM incident WHERE id = $1";
        let incident = tx.rows(sql, args![row.incident.to_string()]).await?;
        if let Some(at) = incident.first().map(|r| row_of(&self.sealer, r)).transpose()? {
            let changes = if let Some(upper) = row.target.strip_prefix(UPPER) {
                vec![Change::UpperTold { upper: upper.to_owned(), confirmed: receipt == CONFIRMED }]
            } else {
                let facts = Facts { by: None, law: None, step: None, limits: &Limits::default() };
                // What cannot be a receipt of this incident (an empty number) leaves the incident as it is.
                decide(&at.incident, &Command::Receipt { number: receipt.to_owned() }, &facts, now).unwrap_or_default()
            };
            let mut after = at.incident;
            for change in &changes {
                after.apply(change, now);
                tx.log(change_entry(&after, change, &[], now)).await?;
            }
            if !changes.is_empty() {
                put_changed(&mut tx, &self.sealer, &after, at.rev).await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }
}
