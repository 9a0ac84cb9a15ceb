//! Absences of those who handle cases, and who stands in.
//!
//! ```text
//! NewAbsence ─▶ do days meet those of another? ─▶ entry `absence.entered` + row ─▶ (sooner back) entry `absence.ended` + the same row
//! ```
//! Always true: on one day an account has at most one who stands in for it, and whoever stands in is not absent that day; a row is never removed,
//! it ends; that somebody stands in gives no right of its own: who acts is whoever signed in.

use super::{entry, number, place};
use crate::db::{DbError, Row};
use crate::{Store, StoreError, args};
use base::{AccountId, CivilDate, OfficeId, Text, UtcMs};

/// Most absences of one account that are still to come or running.
pub const OF_ACCOUNT: u32 = 20;
/// Most absences of one office that a page lists, and most persons that one stands in for.
pub const LISTED: u32 = 200;

/// An absence to be entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewAbsence {
    /// Who is absent.
    pub account: AccountId,
    /// Who stands in.
    pub stand_in: AccountId,
    /// Where both work.
    pub office: OfficeId,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
}

/// An absence as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AbsenceRow {
    /// Place of its entry, which is its number.
    pub entry: u64,
    /// What was entered.
    pub absence: NewAbsence,
    /// Who entered it.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
    /// When it was ended before its last day.
    pub ended: Option<UtcMs>,
}

/// What became of an absence that was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AbsencePut {
    /// Kept; the place of its entry.
    Done(u64),
    /// The account has another absence on one of the days.
    Overlaps,
    /// Who stands in is absent on one of the days, or the account stands in for somebody then.
    Chain,
    /// The account has as many as are kept.
    Full,
}

fn absence_of(r: &Row) -> Result<AbsenceRow, DbError> {
    Ok(AbsenceRow {
        entry: place(r, 0)?,
        absence: NewAbsence {
            account: r.read(1, AccountId::parse)?,
            stand_in: r.read(2, AccountId::parse)?,
            office: r.read(3, OfficeId::parse)?,
            from: r.read(4, CivilDate::parse)?,
            until: r.read(5, CivilDate::parse)?,
        },
        by: r.read(6, AccountId::parse)?,
        at: UtcMs(r.int(7)?),
        ended: r.int_opt(8)?.map(UtcMs),
    })
}

impl Store {
    /// Enters an absence. Accounts and office are there.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn add_absence(&self, a: &NewAbsence, by: AccountId, now: UtcMs) -> Result<AbsencePut, StoreError> {
        let mut tx = self.begin().await?;
        // Two who enter one at once take turns.
        tx.lock().await?;
        let sql = "SELECT account FROM absence WHERE account = $1 AND ended_ms IS NULL AND from_day <= $2 AND until_day >= $3 LIMIT 1";
        if !tx.rows(sql, args![a.account, a.until, a.from]).await?.is_empty() {
            return Ok(AbsencePut::Overlaps);
        }
        let sql = "SELECT account FROM absence WHERE (account = $1 OR stand_in = $2) AND ended_ms IS NULL \
                   AND from_day <= $3 AND until_day >= $4 LIMIT 1";
        if !tx.rows(sql, args![a.stand_in, a.account, a.until, a.from]).await?.is_empty() {
            return Ok(AbsencePut::Chain);
        }
        let sql = "SELECT COUNT(*) FROM absence WHERE account = $1 AND ended_ms IS NULL AND until_day >= $2";
        let rows = tx.rows(sql, args![a.account, now.shanghai_date()]).await?;
        if rows.first().map_or(Ok(0), |r| number(r, 0))? >= OF_ACCOUNT {
            return Ok(AbsencePut::Full);
        }
        let body = serde_json::json!({
            "account": a.account, "stand_in": a.stand_in, "office": a.office, "from_day": a.from, "until_day": a.until, "by": by,
        });
        let text = Text::of(
            format!("登记离岗：{} 至 {}，由他人代为办理。", a.from, a.until),
            format!("Absence entered: {} to {}, somebody stands in.", a.from, a.until),
        );
        let place = tx.log(entry("absence.entered", now, Some(by), &[], body, text)).await?;
        tx.exec(
            "INSERT INTO absence (entry, account, stand_in, office, from_day, until_day, by_account, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![place, a.account, a.stand_in, a.office, a.from, a.until, by, now],
        )
        .await?;
        tx.commit().await?;
        Ok(AbsencePut::Done(place))
    }

    /// Ends an absence before its last day; false when there is none that runs or is to come.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn end_absence(&self, absence: u64, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE absence SET ended_ms = $1 WHERE entry = $2 AND ended_ms IS NULL AND until_day >= $3";
        if tx.exec(sql, args![now, absence, now.shanghai_date()]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "absence": absence, "by": by });
        let text = Text::new("离岗提前结束。", "An absence ended before its last day.");
        tx.log(entry("absence.ended", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// One absence.
    ///
    /// # Errors
    /// The database.
    pub async fn absence(&self, absence: u64) -> Result<Option<AbsenceRow>, DbError> {
        let sql = "SELECT entry, account, stand_in, office, from_day, until_day, by_account, at_ms, ended_ms FROM absence WHERE entry = $1";
        self.db.row(sql, args![absence]).await?.map(|r| absence_of(&r)).transpose()
    }

    /// Absences of an office that run on a day or come after it, the nearest first, at most [`LISTED`].
    ///
    /// # Errors
    /// The database.
    pub async fn absences_of(&self, office: OfficeId, on: CivilDate) -> Result<Vec<AbsenceRow>, DbError> {
        let sql = "SELECT entry, account, stand_in, office, from_day, until_day, by_account, at_ms, ended_ms FROM absence \
                   WHERE office = $1 AND ended_ms IS NULL AND until_day >= $2 ORDER BY from_day, entry LIMIT $3";
        self.db.rows(sql, args![office, on, LISTED]).await?.iter().map(absence_of).collect()
    }

    /// For whom an account stands in on a day, at most [`LISTED`].
    ///
    /// # Errors
    /// The database.
    pub async fn stands_for(&self, stand_in: AccountId, on: CivilDate) -> Result<Vec<AccountId>, DbError> {
        let sql = "SELECT account FROM absence WHERE stand_in = $1 AND ended_ms IS NULL AND from_day <= $2 AND until_day >= $2 \
                   ORDER BY account LIMIT $3";
        let rows = self.db.rows(sql, args![stand_in, on, LISTED]).await?;
        rows.iter().map(|r| r.read(0, AccountId::parse)).collect()
    }
}
