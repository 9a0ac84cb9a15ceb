//! Shifts: who held the watch from when to when, the handover note (sealed) and the items that were open.
//!
//! Always true: at most one row is open (each change waits its turn and looks again); a change and its entry are one transaction. A
//! crash leaves the row and its entry, or neither.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Tx, digest};
use crate::{Store, StoreError, args};
use base::{AccountId, Pii, Text, UtcMs};

/// Name bound into the seal.
const COLUMN: &str = "shift.note";
/// Most shifts of one question: a month of shifts of two hours.
const SHIFTS: u32 = 400;

/// How a shift began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begun {
    /// Nobody was on duty.
    Free,
    /// Handed over and accepted.
    Handover,
    /// Taken without a handover.
    Alone,
}

impl Begun {
    const fn code(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Handover => "handover",
            Self::Alone => "alone",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        [Self::Free, Self::Handover, Self::Alone].into_iter().find(|b| b.code() == code)
    }
}

/// A shift.
#[derive(Clone, Debug)]
pub struct ShiftRow {
    /// Number, counted up.
    pub number: i64,
    /// Who.
    pub account: AccountId,
    /// From.
    pub since: UtcMs,
    /// To; `None` while it lasts.
    pub until: Option<UtcMs>,
    /// How it began.
    pub begun: Begun,
    /// To whom it is offered, or was handed over.
    pub offered_to: Option<AccountId>,
    /// When it was offered.
    pub offered: Option<UtcMs>,
    /// Handover note.
    pub note: Option<Pii<String>>,
    /// Why it was taken without a handover.
    pub why: Option<Pii<String>>,
    /// What was open when it was offered.
    pub items: Vec<Text>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, account, since_ms, until_ms, begun, offered_to, offered_ms, note_sealed, items, why_sealed FROM shift ",
            $rest
        )
    };
}

impl Store {
    fn shift_of(&self, r: &Row) -> Result<ShiftRow, StoreError> {
        let to = r.text_opt(5)?;
        Ok(ShiftRow {
            number: r.int(0)?,
            account: r.read(1, AccountId::parse)?,
            since: UtcMs(r.int(2)?),
            until: r.int_opt(3)?.map(UtcMs),
            begun: r.read(4, Begun::parse)?,
            offered_to: to.as_deref().and_then(AccountId::parse),
            offered: r.int_opt(6)?.map(UtcMs),
            note: r.blob_opt(7)?.map(|b| self.sealer.open_text(COLUMN, &b)).transpose()?,
            items: r.read(8, |t| serde_json::from_str(t).ok())?,
            why: r.blob_opt(9)?.map(|b| self.sealer.open_text(COLUMN, &b)).transpose()?,
        })
    }

    /// The shift that lasts.
    ///
    /// # Errors
    /// The database, or a note that does not open.
    pub async fn open_shift(&self) -> Result<Option<ShiftRow>, StoreError> {
        self.db.row(select!("WHERE until_ms IS NULL"), vec![]).await?.map(|r| self.shift_of(&r)).transpose()
    }

    /// Shifts that touch [from, to), oldest first.
    ///
    /// # Errors
    /// As `open_shift`.
    pub async fn shifts(&self, from: UtcMs, to: UtcMs) -> Result<Vec<ShiftRow>, StoreError> {
        let sql = select!("WHERE since_ms < $2 AND COALESCE(until_ms, $2) > $1 ORDER BY number LIMIT $3");
        self.db.rows(sql, args![from, to, SHIFTS]).await?.iter().map(|r| self.shift_of(r)).collect()
    }

    /// The shift before a number.
    ///
    /// # Errors
    /// As `open_shift`.
    pub async fn shift_before(&self, number: i64) -> Result<Option<ShiftRow>, StoreError> {
        let sql = select!("WHERE number < $1 ORDER BY number DESC LIMIT 1");
        self.db.row(sql, args![number]).await?.map(|r| self.shift_of(&r)).transpose()
    }

    /// Begins a shift and ends the one before; `open` is the number the decision was made on, `why` the reason where it is taken
    /// without a handover. False when things have moved on: another shift, or an offer that stands no longer.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn begin_shift(
        &self,
        account: AccountId,
        begun: Begun,
        open: Option<i64>,
        why: Option<&Pii<String>>,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let sealed = why.map(|w| self.sealer.seal(COLUMN, w.expose().as_bytes())).transpose()?;
        let mut tx = self.begin().await?;
        let found = turn(&mut tx).await?;
        let offered = found.and_then(|(_, to)| to);
        if found.map(|(number, _)| number) != open || (begun == Begun::Handover && offered != Some(account)) {
            return Ok(false);
        }
        if let Some(number) = open {
            tx.exec("UPDATE shift SET until_ms = $2 WHERE number = $1", args![number, now]).await?;
        }
        let newest = tx.rows("SELECT COALESCE(MAX(number), 0) FROM shift", vec![]).await?;
        let number = newest.first().map_or(Ok(0), |r| r.int(0))? + 1;
        tx.exec(
            "INSERT INTO shift (number, account, since_ms, until_ms, begun, offered_to, offered_ms, note_sealed, items, why_sealed) \
             VALUES ($1, $2, $3, NULL, $4, NULL, NULL, NULL, '[]', $5)",
            args![number, account, now, begun.code(), sealed],
        )
        .await?;
        let (kind, text) = match begun {
            Begun::Free => ("shift.begun", Text::new("开始值班。", "On duty.")),
            Begun::Handover => ("shift.accepted", Text::new("确认接班。", "Took the watch over.")),
            Begun::Alone => ("shift.taken", Text::new("未经交班接管值班。", "Took the watch without a handover.")),
        };
        let why = why.map(|w| digest(w.expose().as_bytes()));
        let body = serde_json::json!({ "shift": number, "account": account, "before": open, "reason_sha256": why });
        tx.log(entry(kind, now, account, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Offers the watch; false when things have moved on.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn offer_shift(
        &self,
        shift: &ShiftRow,
        to: AccountId,
        note: &Pii<String>,
        items: &[Text],
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let sealed = self.sealer.seal(COLUMN, note.expose().as_bytes())?;
        let list = serde_json::to_string(items).unwrap_or_else(|_| "[]".into());
        let mut tx = self.begin().await?;
        turn(&mut tx).await?;
        let sql = "UPDATE shift SET offered_to = $2, offered_ms = $3, note_sealed = $4, items = $5 \
                   WHERE number = $1 AND until_ms IS NULL AND offered_to IS NULL";
        if tx.exec(sql, args![shift.number, Some(to), now, sealed, list.clone()]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({
            "shift": shift.number, "account": shift.account, "to": to, "note_sha256": digest(note.expose().as_bytes()),
            "items": items.len(), "items_sha256": digest(list.as_bytes()),
        });
        let text = Text::of(
            format!("提出交班，未了事项 {} 项。", items.len()),
            format!("Offered the watch, {} {} open.", items.len(), base::plural(items.len(), "item", "items")),
        );
        tx.log(entry("shift.offered", now, shift.account, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends an offer that was not accepted: withdrawn by the holder, or declined. False when things have moved on.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn end_offer(&self, shift: &ShiftRow, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        turn(&mut tx).await?;
        let sql = "UPDATE shift SET offered_to = NULL, offered_ms = NULL, note_sealed = NULL, items = '[]' \
                   WHERE number = $1 AND until_ms IS NULL AND offered_ms = $2";
        if tx.exec(sql, args![shift.number, shift.offered]).await? == 0 {
            return Ok(false);
        }
        let (kind, text) = if by == shift.account {
            ("shift.withdrawn", Text::new("撤回交班。", "Withdrew the handover."))
        } else {
            ("shift.declined", Text::new("没有接班。", "Did not take the watch over."))
        };
        let body = serde_json::json!({ "shift": shift.number, "account": shift.account, "by": by });
        tx.log(entry(kind, now, by, body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Waits its turn; the open shift then, and to whom it is offered.
async fn turn(tx: &mut Tx) -> Result<Option<(i64, Option<AccountId>)>, DbError> {
    tx.lock().await?;
    let rows = tx.rows("SELECT number, offered_to FROM shift WHERE until_ms IS NULL", vec![]).await?;
    let Some(r) = rows.first() else { return Ok(None) };
    Ok(Some((r.int(0)?, r.text_opt(1)?.as_deref().and_then(AccountId::parse))))
}

fn entry(kind: &'static str, at: UtcMs, by: AccountId, body: serde_json::Value, text: Text) -> LogEntry {
    let act = ActLine::done(Some(by), text);
    LogEntry { kind, at, body, act: Some(act) }
}
