//! The second step of signing in: the phone's sealed secret, the newest step it was used for, recovery codes by their hash.
//!
//! Always true: a step is taken once (the row's own condition decides between two who type the same code at once); a recovery code
//! is taken once, together with its entry in the log; what makes or ends the second step is in the log.

use crate::db::DbError;
use crate::ledger_log::{ActLine, LogEntry, LogError};
use crate::{Store, StoreError, args};
use base::{AccountId, Pii, Text, UtcMs};

/// The phone of an account.
#[derive(Clone, Debug)]
pub struct TwoStep {
    /// The secret it shares with us.
    pub secret: Pii<Vec<u8>>,
    /// When setting up began.
    pub begun: UtcMs,
    /// Since when it counts; `None` while its first code is waited for.
    pub confirmed: Option<UtcMs>,
    /// The newest step whose code was taken.
    pub last_step: i64,
}

/// Name bound into the seal.
const COLUMN: &str = "two_step.secret";

impl Store {
    /// The phone of an account.
    ///
    /// # Errors
    /// The database, or a seal that does not open.
    pub async fn two_step(&self, account: AccountId) -> Result<Option<TwoStep>, StoreError> {
        let sql = "SELECT secret_sealed, begun_ms, confirmed_ms, last_step FROM two_step WHERE account = $1";
        let Some(r) = self.db.row(sql, args![account]).await? else { return Ok(None) };
        Ok(Some(TwoStep {
            secret: Pii::new(self.sealer.open(COLUMN, &r.blob(0)?)?),
            begun: UtcMs(r.int(1)?),
            confirmed: r.int_opt(2)?.map(UtcMs),
            last_step: r.int(3)?,
        }))
    }

    /// Keeps the secret of a phone that is being set up; false when one counts already.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_two_step(&self, account: AccountId, secret: &[u8], now: UtcMs) -> Result<bool, StoreError> {
        let sealed = self.sealer.seal(COLUMN, secret)?;
        let n = self
            .db
            .exec(
                "INSERT INTO two_step (account, secret_sealed, begun_ms, confirmed_ms, last_step) VALUES ($1, $2, $3, NULL, 0) \
                 ON CONFLICT (account) DO UPDATE SET secret_sealed = excluded.secret_sealed, begun_ms = excluded.begun_ms, \
                 last_step = 0 WHERE two_step.confirmed_ms IS NULL",
                args![account, sealed, now],
            )
            .await?;
        Ok(n > 0)
    }

    /// From now on signing in asks for a code; `step` is that of the first one. False when it counts already.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn confirm_two_step(
        &self,
        account: AccountId,
        step: i64,
        codes_sha256: &[String],
        now: UtcMs,
    ) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE two_step SET confirmed_ms = $2, last_step = $3 WHERE account = $1 AND confirmed_ms IS NULL";
        if tx.exec(sql, args![account, now, step]).await? == 0 {
            return Ok(false);
        }
        put_codes(&mut tx, account, codes_sha256).await?;
        let text = Text::new("启用二次验证。", "Second step of signing in switched on.");
        tx.log(entry("account.two_step.on", account, Some(account), text, now)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes the code of a step; false when that step, or one after it, was taken before.
    ///
    /// # Errors
    /// The database.
    pub async fn take_step(&self, account: AccountId, step: i64) -> Result<bool, DbError> {
        let sql =
            "UPDATE two_step SET last_step = $2 WHERE account = $1 AND confirmed_ms IS NOT NULL AND last_step < $2";
        Ok(self.db.exec(sql, args![account, step]).await? > 0)
    }

    /// Takes a recovery code; false when there is none of this hash that was not used.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn take_recovery_code(&self, account: AccountId, sha256: &str, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let sql = "UPDATE recovery_code SET used_ms = $3 WHERE account = $1 AND code_sha256 = $2 AND used_ms IS NULL";
        if tx.exec(sql, args![account, sha256, now]).await? == 0 {
            return Ok(false);
        }
        let text = Text::new("用恢复码登录。", "Signed in with a recovery code.");
        tx.log(entry("account.recovery_code.used", account, Some(account), text, now)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// New recovery codes; the old ones end.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn renew_recovery_codes(
        &self,
        account: AccountId,
        codes_sha256: &[String],
        now: UtcMs,
    ) -> Result<(), LogError> {
        let mut tx = self.begin().await?;
        put_codes(&mut tx, account, codes_sha256).await?;
        let text = Text::new("更换恢复码。", "Recovery codes renewed.");
        tx.log(entry("account.recovery_code.renewed", account, Some(account), text, now)).await?;
        Ok(tx.commit().await?)
    }

    /// How many recovery codes were not used yet.
    ///
    /// # Errors
    /// The database.
    pub async fn recovery_codes_left(&self, account: AccountId) -> Result<u64, DbError> {
        let sql = "SELECT COUNT(*) FROM recovery_code WHERE account = $1 AND used_ms IS NULL";
        let row = self.db.row(sql, args![account]).await?;
        Ok(u64::try_from(row.map_or(Ok(0), |r| r.int(0))?).unwrap_or(0))
    }

    /// Forgets the phone and its recovery codes. Where it is not the person's own act (a lost phone; `by` is an administrator, or
    /// nobody at the machine itself) the account's sessions and tokens end: whoever has the phone is out. False when there was none.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn end_two_step(&self, account: AccountId, by: Option<AccountId>, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        if !end_two_step_in(&mut tx, account, by, now).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}

pub(crate) async fn end_two_step_in(
    tx: &mut crate::ledger_log::Tx,
    account: AccountId,
    by: Option<AccountId>,
    now: UtcMs,
) -> Result<bool, LogError> {
    let had = tx.exec("DELETE FROM two_step WHERE account = $1", args![account]).await?;
    if had == 0 {
        return Ok(false);
    }
    tx.exec("DELETE FROM recovery_code WHERE account = $1", args![account]).await?;
    let (kind, text) = if by == Some(account) {
        ("account.two_step.off", Text::new("停用二次验证。", "Second step of signing in switched off."))
    } else {
        tx.exec("DELETE FROM session WHERE account = $1", args![account]).await?;
        tx.exec("DELETE FROM api_token WHERE account = $1", args![account]).await?;
        ("account.two_step.reset", Text::new("重置二次验证（手机遗失）。", "Second step reset (phone lost)."))
    };
    tx.log(entry(kind, account, by, text, now)).await?;
    Ok(true)
}

async fn put_codes(tx: &mut crate::ledger_log::Tx, account: AccountId, codes_sha256: &[String]) -> Result<(), DbError> {
    tx.exec("DELETE FROM recovery_code WHERE account = $1", args![account]).await?;
    for code in codes_sha256 {
        let sql = "INSERT INTO recovery_code (account, code_sha256, used_ms) VALUES ($1, $2, NULL)";
        tx.exec(sql, args![account, code.clone()]).await?;
    }
    Ok(())
}

fn entry(kind: &'static str, account: AccountId, by: Option<AccountId>, text: Text, at: UtcMs) -> LogEntry {
    let act = ActLine::done(by, text);
    LogEntry { kind, at, body: serde_json::json!({ "account": account, "by": by }), act: Some(act) }
}
