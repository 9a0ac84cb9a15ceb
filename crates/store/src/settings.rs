//! Settings of the site, one row a key, each change logged.

use crate::db::{Db, DbError};
use crate::ledger_log::{ActLine, LogEntry, LogError, Tx};
use crate::{Store, args};
use base::{AccountId, SiteId, Text, UtcMs};

/// Key under which the site's id is kept; never changed.
const SITE_KEY: &str = "site_id";

pub(crate) async fn site_id(db: &Db) -> Result<Option<SiteId>, DbError> {
    let row = db.row("SELECT value FROM setting WHERE key = $1", args![SITE_KEY]).await?;
    row.map(|r| r.read(0, SiteId::parse)).transpose()
}

pub(crate) async fn make_site_id(db: &Db, id: SiteId) -> Result<SiteId, DbError> {
    db.exec("INSERT INTO setting (key, value) VALUES ($1, $2)", args![SITE_KEY, id]).await?;
    Ok(id)
}

impl Store {
    /// The value of a setting.
    ///
    /// # Errors
    /// The database.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, DbError> {
        let row = self.db.row("SELECT value FROM setting WHERE key = $1", args![key]).await?;
        row.map(|r| r.text(0)).transpose()
    }

    /// Settings whose key begins so, by key; at most `most`.
    ///
    /// # Errors
    /// The database.
    pub async fn settings_under(&self, begin: &str, most: u32) -> Result<Vec<(String, String)>, DbError> {
        let like = format!("{begin}%");
        let sql = "SELECT key, value FROM setting WHERE key LIKE $1 ORDER BY key LIMIT $2";
        let rows = self.db.rows(sql, args![like.as_str(), most]).await?;
        let pairs =
            rows.iter().map(|r| Ok((r.text(0)?, r.text(1)?))).collect::<Result<Vec<(String, String)>, DbError>>()?;
        // `_` of a key stands for any letter in LIKE, and one of the databases does not tell small from large.
        Ok(pairs.into_iter().filter(|(key, _)| key.starts_with(begin)).collect())
    }

    /// Sets a value and logs that it was changed, by whom, and the digest of the new value.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_setting(&self, key: &str, value: &str, by: Option<AccountId>, now: UtcMs) -> Result<(), LogError> {
        let mut tx = self.begin().await?;
        setting_in(&mut tx, key, value, by, now).await?;
        Ok(tx.commit().await?)
    }

    /// Sets several values and logs one entry about them, together or not at all; only while the first key still has the value
    /// `was` (`None`: no value yet). False, and nothing changed, when somebody was first.
    ///
    /// A crash before the commit leaves the old values and no entry; after it, all of them.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_settings(
        &self,
        values: &[(&'static str, String)],
        was: Option<&str>,
        entry: LogEntry,
    ) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        if !settings_in(&mut tx, values, was, entry).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}

pub(crate) const PUT: &str =
    "INSERT INTO setting (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

pub(crate) async fn setting_in(
    tx: &mut Tx,
    key: &str,
    value: &str,
    by: Option<AccountId>,
    now: UtcMs,
) -> Result<(), LogError> {
    tx.exec(PUT, args![key, value]).await?;
    let body = serde_json::json!({ "key": key, "value_sha256": crate::ledger_log::digest(value.as_bytes()), "by": by });
    let text = Text::of(format!("修改设置 {key}。"), format!("Setting {key} changed."));
    let act = ActLine::done(by, text);
    tx.log(LogEntry { kind: "setting.changed", at: now, body, act: Some(act) }).await?;
    Ok(())
}

pub(crate) async fn settings_in(
    tx: &mut Tx,
    values: &[(&'static str, String)],
    was: Option<&str>,
    entry: LogEntry,
) -> Result<bool, LogError> {
    let Some((first, _)) = values.first() else { return Ok(true) };
    // Two administrators take turns here: what is read now stays true to the commit.
    tx.lock().await?;
    let rows = tx.rows("SELECT value FROM setting WHERE key = $1", args![*first]).await?;
    let now = rows.first().map(|r| r.text(0)).transpose()?;
    if now.as_deref() != was {
        return Ok(false);
    }
    put_in(tx, values).await?;
    tx.log(entry).await?;
    Ok(true)
}

pub(crate) async fn put_in(tx: &mut Tx, values: &[(&'static str, String)]) -> Result<(), DbError> {
    for (key, value) in values {
        tx.exec(PUT, args![*key, value.clone()]).await?;
    }
    Ok(())
}
