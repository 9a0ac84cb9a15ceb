//! Rights of accounts to areas: rows, their change as one logged act.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Tx};
use crate::{Store, args};
use base::{AccountId, Text, UtcMs};
use domain::area::{AreaRight, Hours};

const INSERT: &str = "INSERT INTO account_area (account, pos, area, from_ms, until_ms, days, from_min, to_min) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

fn right_of(r: &Row) -> Result<AreaRight, DbError> {
    let number = |i| r.int(i).map(|n| u16::try_from(n).unwrap_or(u16::MAX));
    // Hours that are none would mean "always" in no reading: such a row gives no right.
    let hours = Hours::new(u8::try_from(number(3)?).unwrap_or(0), number(4)?, number(5)?);
    Ok(AreaRight {
        area: r.text(0)?,
        from: r.int_opt(1)?.map(UtcMs),
        until: if hours.is_some() { r.int_opt(2)?.map(UtcMs) } else { Some(UtcMs(i64::MIN)) },
        hours: hours.unwrap_or(Hours::ALWAYS),
    })
}

async fn insert(tx: &mut Tx, account: AccountId, rights: &[AreaRight]) -> Result<(), DbError> {
    for (pos, r) in (0_u32..).zip(rights) {
        let hours = (r.hours.days, u32::from(r.hours.from_min), u32::from(r.hours.to_min));
        tx.exec(INSERT, args![account, pos, r.area.clone(), r.from, r.until, hours.0, hours.1, hours.2]).await?;
    }
    Ok(())
}

impl Store {
    /// Rights of an account, as they were filled in.
    ///
    /// # Errors
    /// The database.
    pub async fn area_rights(&self, account: AccountId) -> Result<Vec<AreaRight>, DbError> {
        let sql =
            "SELECT area, from_ms, until_ms, days, from_min, to_min FROM account_area WHERE account = $1 ORDER BY pos";
        self.db.rows(sql, args![account]).await?.iter().map(right_of).collect()
    }

    /// Replaces the rights of an account.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_area_rights(
        &self,
        account: AccountId,
        rights: &[AreaRight],
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), LogError> {
        let mut tx = self.begin().await?;
        areas_in(&mut tx, account, rights, by, now).await?;
        Ok(tx.commit().await?)
    }
}

pub(crate) async fn areas_in(
    tx: &mut Tx,
    account: AccountId,
    rights: &[AreaRight],
    by: AccountId,
    now: UtcMs,
) -> Result<(), LogError> {
    tx.lock().await?;
    tx.exec("DELETE FROM account_area WHERE account = $1", args![account]).await?;
    insert(tx, account, rights).await?;
    let body = serde_json::json!({ "account": account, "rights": rights, "by": by });
    let text = Text::of(
        format!("修改区域授权，共 {} 条。", rights.len()),
        format!("Rights to areas changed, {} now.", rights.len()),
    );
    let act = ActLine::done(Some(by), text);
    tx.log(LogEntry { kind: "account.areas", at: now, body, act: Some(act) }).await?;
    Ok(())
}

/// The right that a new account begins with: the whole site, in the transaction that makes the account.
pub(crate) async fn begin_with_whole_site(tx: &mut Tx, account: AccountId) -> Result<(), DbError> {
    insert(tx, account, &[AreaRight::whole_site()]).await
}
