//! Emergency accesses and their explanations: one row an access, one row a step (explained, sent back, confirmed), each with its entry.
//!
//! Always true: an access, its emergency on the platform and what is owed afterwards are one transaction; words of people are sealed and
//! the log has only commitments to them; the day by which an explanation is due was set when the access was entered, so that no later
//! change of a rule moves it; of two who answer at once one is told that somebody was first.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Outcome, Tx};
use crate::uppers::{UpperRow, UpperView};
use crate::{Store, StoreError, args};
use base::{AccountId, CivilDate, ClauseId, Pii, Text, UpperId, UtcMs};
use domain::emergency::State;

/// Names bound into the seals.
const REASON: &str = "emergency.reason";
const STEP: &str = "emergency_step.text";
/// Setting of the unit's own time, days.
const DAYS: &str = "emergency_explain_days";
/// Accesses that one question gives: those that are not confirmed come first.
pub const LISTED: u32 = 200;
/// Steps that are kept of one access; beyond them an explanation is not sent back again.
pub const STEPS: usize = 100;
/// Views listed of one access.
const VIEWS: u32 = 500;

/// An emergency access.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmergencyRow {
    /// Place of its entry in the log, which names it.
    pub leaf: u64,
    /// The platform.
    pub upper: UpperId,
    /// Its name when the access was entered.
    pub platform: String,
    /// Which organ stated it, and why.
    pub reason: Pii<String>,
    /// From when.
    pub from: UtcMs,
    /// Until when; brought forward when it was ended before.
    pub until: UtcMs,
    /// Who entered it.
    pub by: AccountId,
    /// Clauses that allowed it.
    pub clauses: Vec<ClauseId>,
    /// Last day on which the explanation is in time.
    pub due: CivilDate,
    /// Days of the own rule that set it; `None`: a clause did.
    pub own_days: Option<u32>,
    /// How far it is.
    pub state: State,
    /// When it was entered as overdue.
    pub overdue: Option<UtcMs>,
}

/// What is owed for an access that is entered now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owed {
    /// Clauses that allow the access.
    pub clauses: Vec<ClauseId>,
    /// Last day on which its explanation is in time.
    pub due: CivilDate,
    /// Days of the own rule; `None`: `term` sets the day.
    pub own_days: Option<u32>,
    /// Clauses that set the day.
    pub term: Vec<ClauseId>,
}

/// A step of an access.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmergencyStep {
    /// Place of its entry in the log, which names it.
    pub entry: u64,
    /// What it was: `Explained`, `Returned` or `Confirmed`.
    pub what: State,
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
    /// The explanation, or why it went back; empty when it was confirmed.
    pub text: Pii<String>,
}

/// What the second person says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Review {
    /// It holds.
    Confirm,
    /// It goes back: why, and the new last day with the days of the own rule that set it.
    Return(Pii<String>, CivilDate, Option<u32>),
}

fn day(r: &Row, i: usize) -> Result<CivilDate, DbError> {
    r.read(i, CivilDate::parse)
}

fn number(r: &Row, i: usize) -> Result<u64, DbError> {
    u64::try_from(r.int(i)?).map_err(|_| DbError::unreadable(i))
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT leaf, upper, platform, reason_sealed, from_ms, until_ms, account, clauses, due_day, own_days, state, overdue_ms \
             FROM emergency ",
            $rest
        )
    };
}

impl Store {
    fn emergency_of(&self, r: &Row) -> Result<EmergencyRow, StoreError> {
        let own_days = r.int_opt(9)?.map(|n| u32::try_from(n).map_err(|_| DbError::unreadable(9))).transpose()?;
        Ok(EmergencyRow {
            leaf: number(r, 0)?,
            upper: r.read(1, UpperId::parse)?,
            platform: r.text(2)?,
            reason: self.sealer.open_words(REASON, &r.blob(3)?)?,
            from: UtcMs(r.int(4)?),
            until: UtcMs(r.int(5)?),
            by: r.read(6, AccountId::parse)?,
            clauses: r.read(7, |t| serde_json::from_str(t).ok())?,
            due: day(r, 8)?,
            own_days,
            state: r.read(10, State::parse)?,
            overdue: r.int_opt(11)?.map(UtcMs),
        })
    }

    /// Accesses: those that are not confirmed first, of each the newest first; at most [`LISTED`].
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn emergencies(&self) -> Result<Vec<EmergencyRow>, StoreError> {
        let sql = select!("ORDER BY CASE WHEN state = 'confirmed' THEN 1 ELSE 0 END, leaf DESC LIMIT $1");
        self.db.rows(sql, args![LISTED]).await?.iter().map(|r| self.emergency_of(r)).collect()
    }

    /// Accesses that are not confirmed, the oldest first; at most [`LISTED`].
    ///
    /// # Errors
    /// As `emergencies`.
    pub async fn open_emergencies(&self) -> Result<Vec<EmergencyRow>, StoreError> {
        let sql = select!("WHERE state <> 'confirmed' ORDER BY leaf LIMIT $1");
        self.db.rows(sql, args![LISTED]).await?.iter().map(|r| self.emergency_of(r)).collect()
    }

    /// One access.
    ///
    /// # Errors
    /// As `emergencies`.
    pub async fn emergency(&self, leaf: u64) -> Result<Option<EmergencyRow>, StoreError> {
        let row = self.db.row(select!("WHERE leaf = $1"), args![leaf]).await?;
        row.map(|r| self.emergency_of(&r)).transpose()
    }

    /// How many accesses are not confirmed. Opens none of them.
    ///
    /// # Errors
    /// The database.
    pub async fn open_emergency_count(&self) -> Result<u32, DbError> {
        let row = self.db.row("SELECT COUNT(*) FROM emergency WHERE state <> 'confirmed'", vec![]).await?;
        Ok(u32::try_from(row.map_or(Ok(0), |r| r.int(0))?).unwrap_or(u32::MAX))
    }

    /// What was done about an access, the oldest first.
    ///
    /// # Errors
    /// As `emergencies`.
    pub async fn emergency_steps(&self, leaf: u64) -> Result<Vec<EmergencyStep>, StoreError> {
        let sql = "SELECT entry, what, account, at_ms, text_sealed FROM emergency_step WHERE emergency = $1 \
                   ORDER BY entry LIMIT $2";
        let limit = u32::try_from(STEPS).unwrap_or(u32::MAX);
        let rows = self.db.rows(sql, args![leaf, limit]).await?;
        let step = |r: &Row| {
            let text = r.blob_opt(4)?.map(|b| self.sealer.open_words(STEP, &b)).transpose()?;
            Ok(EmergencyStep {
                entry: number(r, 0)?,
                what: r.read(1, State::parse)?,
                by: r.read(2, AccountId::parse)?,
                at: UtcMs(r.int(3)?),
                text: text.unwrap_or_default(),
            })
        };
        rows.iter().map(step).collect()
    }

    /// What the platform watched live during an access, the oldest first; at most 500.
    ///
    /// # Errors
    /// The database.
    pub async fn emergency_views(&self, row: &EmergencyRow) -> Result<Vec<UpperView>, StoreError> {
        let sql = "SELECT leaf, upper, camera, began_ms, ended_ms FROM upper_view \
                   WHERE upper = $1 AND began_ms >= $2 AND began_ms <= $3 ORDER BY leaf LIMIT $4";
        let rows = self.db.rows(sql, args![row.upper, row.from, row.until, VIEWS]).await?;
        rows.iter().map(crate::uppers::view_of).collect()
    }

    /// Enters an emergency access: the platform's row with its emergency, what is owed afterwards, and their entries together. `None`,
    /// and nothing changed: as [`Store::put_upper`]. A crash before the commit leaves neither the access nor the debt.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn open_emergency(
        &self,
        row: &UpperRow,
        owed: &Owed,
        text: Text,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let Some(emergency) = &row.config.emergency else { return Ok(None) };
        let (reason, _) = self.sealer.seal_words(REASON, &Pii::new(emergency.reason.clone()))?;
        let mut tx = self.begin().await?;
        let Some(leaf) = self.upper_in(&mut tx, row, ("upper.emergency", &owed.clauses), text, by, now).await? else {
            return Ok(None);
        };
        tx.exec(
            "INSERT INTO emergency (leaf, upper, platform, reason_sealed, from_ms, until_ms, account, clauses, due_day, own_days, \
             state, overdue_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'owed', NULL)",
            args![
                leaf,
                row.id,
                row.config.name.clone(),
                reason,
                emergency.from,
                emergency.until,
                by,
                serde_json::to_string(&owed.clauses).unwrap_or_default(),
                owed.due.to_string(),
                owed.own_days.map(i64::from)
            ],
        )
        .await?;
        let body = serde_json::json!({
            "access": leaf, "upper": row.id, "explain_by": owed.due, "own_days": owed.own_days, "clauses": owed.term, "by": by,
        });
        let name = &row.config.name;
        let text = Text::of(
            format!("上级平台「{name}」的紧急直接使用，登记人应在{}前（含当日）书面说明。", owed.due),
            format!("The emergency direct use by \"{name}\" is to be explained in writing by {}.", owed.due),
        );
        tx.log(entry("emergency.owed", now, Some(by), owed.term.clone(), body, text)).await?;
        tx.commit().await?;
        Ok(Some(leaf))
    }

    /// Keeps an explanation with its entry; false where none is owed (any more). A crash before the commit leaves nothing of it.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn explain_emergency(
        &self,
        row: &EmergencyRow,
        text: &Pii<String>,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let (sealed, commitment) = self.sealer.seal_words(STEP, text)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE emergency SET state = 'explained' WHERE leaf = $1 AND state IN ('owed', 'returned')";
        if tx.exec(sql, args![row.leaf]).await? == 0 {
            return Ok(false);
        }
        let body =
            serde_json::json!({ "access": row.leaf, "upper": row.upper, "text_commitment": commitment, "by": by });
        let words = Text::of(
            format!("说明紧急直接使用（日志 {}）。", row.leaf),
            format!("Emergency access explained (entry {}).", row.leaf),
        );
        let entry = tx.log(entry("emergency.explained", now, Some(by), row.clauses.clone(), body, words)).await?;
        step_in(&mut tx, (entry, row.leaf), State::Explained, (by, now), Some(sealed)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Confirms the explanation `seen` or sends it back, with the entry; false where another one stands there now, or somebody was first,
    /// or it went back as often as is kept.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn review_emergency(
        &self,
        row: &EmergencyRow,
        seen: u64,
        review: &Review,
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let state = if matches!(review, Review::Confirm) { State::Confirmed } else { State::Returned };
        let words = match review {
            Review::Confirm => None,
            Review::Return(reason, ..) => Some(self.sealer.seal_words(STEP, reason)?),
        };
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT COUNT(*), MAX(entry) FROM emergency_step WHERE emergency = $1";
        let rows = tx.rows(sql, args![row.leaf]).await?;
        let (kept, last) = rows.first().map_or(Ok((0, None)), |r| Ok::<_, DbError>((r.int(0)?, r.int_opt(1)?)))?;
        // Room for this step, one more explanation and its confirmation.
        let full = state == State::Returned && usize::try_from(kept).unwrap_or(usize::MAX) + 3 > STEPS;
        if last.and_then(|n| u64::try_from(n).ok()) != Some(seen) || full {
            return Ok(false);
        }
        let (due, own_days) = match review {
            Review::Confirm => (row.due, row.own_days),
            Review::Return(_, due, own_days) => (*due, *own_days),
        };
        let sql = "UPDATE emergency SET state = $2, due_day = $3, own_days = $4, overdue_ms = NULL \
                   WHERE leaf = $1 AND state = 'explained'";
        if tx.exec(sql, args![row.leaf, state.code(), due.to_string(), own_days.map(i64::from)]).await? == 0 {
            return Ok(false);
        }
        let mut body = serde_json::json!({ "access": row.leaf, "upper": row.upper, "explained": seen, "by": by });
        let (kind, zh, en) = match &words {
            None => ("emergency.confirmed", "确认紧急使用的说明".to_owned(), "Explanation confirmed".to_owned()),
            Some((_, commitment)) => {
                body["reason_commitment"] = serde_json::json!(commitment);
                body["explain_by"] = serde_json::json!(due);
                (
                    "emergency.returned",
                    format!("退回说明，应在{due}前重新说明"),
                    format!("Sent back, due again by {due}"),
                )
            }
        };
        let text = Text::of(format!("{zh}（日志 {}）。", row.leaf), format!("{en} (entry {}).", row.leaf));
        let entry = tx.log(entry(kind, now, Some(by), row.clauses.clone(), body, text)).await?;
        step_in(&mut tx, (entry, row.leaf), state, (by, now), words.map(|w| w.0)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Enters that an explanation is overdue, once for each day that was set; false where that is done or it is owed no more.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed, and the next look finds the same.
    pub async fn emergency_is_overdue(&self, row: &EmergencyRow, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // Whoever changes an access takes the log's turn first, so that no two wait for each other.
        tx.lock().await?;
        let sql = "UPDATE emergency SET overdue_ms = $2 \
                   WHERE leaf = $1 AND due_day = $3 AND overdue_ms IS NULL AND state IN ('owed', 'returned')";
        if tx.exec(sql, args![row.leaf, now, row.due.to_string()]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({
            "access": row.leaf, "upper": row.upper, "explain_by": row.due, "account": row.by,
        });
        let text = Text::of(
            format!("紧急直接使用（日志 {}）到{}没有说明。", row.leaf, row.due),
            format!("Emergency access (entry {}) was not explained by {}.", row.leaf, row.due),
        );
        tx.log(entry("emergency.overdue", now, None, row.clauses.clone(), body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The unit's own time to explain, days; `None`: it set none.
    ///
    /// # Errors
    /// The database.
    pub async fn emergency_days(&self) -> Result<Option<u32>, DbError> {
        Ok(self.setting(DAYS).await?.and_then(|t| t.parse().ok()))
    }

    /// Sets the unit's own time to explain, or (`None`) goes back to the default. What is owed already keeps its day.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn set_emergency_days(&self, days: Option<u32>, by: AccountId, now: UtcMs) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let value = days.map(|n| n.to_string()).unwrap_or_default();
        crate::settings::put_in(&mut tx, &[(DAYS, value)]).await?;
        let text = days.map_or_else(
            || Text::new("取消自定的紧急使用说明期限。", "Own time to explain emergencies ended."),
            |n| {
                let word = base::text::plural(n, "day", "days");
                Text::of(
                    format!("紧急使用说明期限定为{n}天。"),
                    format!("Time to explain emergencies set: {n} {word}."),
                )
            },
        );
        let body = serde_json::json!({ "days": days, "by": by });
        tx.log(entry("emergency.rule", now, Some(by), vec![], body, text)).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Accesses of a platform that are in force end now: another takes their place, they are ended, or the platform goes.
pub(crate) async fn end_in(tx: &mut Tx, upper: UpperId, now: UtcMs) -> Result<(), DbError> {
    tx.exec("UPDATE emergency SET until_ms = $2 WHERE upper = $1 AND until_ms > $2", args![upper, now]).await?;
    Ok(())
}

async fn step_in(
    tx: &mut Tx,
    (entry, leaf): (u64, u64),
    what: State,
    (by, now): (AccountId, UtcMs),
    sealed: Option<Vec<u8>>,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO emergency_step (entry, emergency, what, account, at_ms, text_sealed) VALUES ($1, $2, $3, $4, $5, $6)",
        args![entry, leaf, what.code(), by, now, sealed],
    )
    .await?;
    Ok(())
}

fn entry(
    kind: &'static str,
    at: UtcMs,
    by: Option<AccountId>,
    clauses: Vec<ClauseId>,
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let act = ActLine { outcome: Outcome::Done, account: by, camera: None, request: None, clauses, text };
    LogEntry { kind, at, body, act: Some(act) }
}
