//! Accounts: people and programs that sign in. Names and badge numbers are sealed; the log holds ids only.

use crate::db::{DbError, IDS, Row, ids_in};
use crate::ledger_log::{ActLine, LogEntry, LogError, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, Pii, Text, UtcMs};
use domain::access::Role;
use domain::account::Failures;
use std::collections::BTreeSet;

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What they type to sign in.
    pub login: String,
    /// What they may try.
    pub role: Role,
    /// Name of the person.
    pub name: Pii<String>,
    /// Badge number (警号); officers only.
    pub badge: Option<Pii<String>>,
    /// Unit (部门、单位).
    pub unit: String,
    /// PHC string (argon2id).
    pub password_hash: String,
    /// Wrong passwords.
    pub failures: Failures,
    /// When it was made.
    pub created: UtcMs,
    /// When it was locked for good.
    pub disabled: Option<UtcMs>,
    /// Since when signing in asks for a code of the phone; `None` = password only.
    pub two_step: Option<UtcMs>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What they type to sign in.
    pub login: String,
    /// What they may try.
    pub role: Role,
    /// Name of the person.
    pub name: Pii<String>,
    /// Badge number.
    pub badge: Option<Pii<String>>,
    /// Unit.
    pub unit: String,
    /// PHC string.
    pub password_hash: String,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, login, role, name_sealed, badge_sealed, unit, password_hash, failures, locked_until_ms, \
             created_ms, disabled_ms, (SELECT t.confirmed_ms FROM two_step t WHERE t.account = account.id) FROM account ",
            $rest
        )
    };
}

impl Store {
    fn account_of(&self, r: &Row) -> Result<Account, StoreError> {
        let badge = r.blob_opt(4)?.map(|b| self.sealer.open_text("account.badge", &b)).transpose()?;
        Ok(Account {
            id: r.read(0, AccountId::parse)?,
            login: r.text(1)?,
            role: r.read(2, Role::parse)?,
            name: self.sealer.open_text("account.name", &r.blob(3)?)?,
            badge,
            unit: r.text(5)?,
            password_hash: r.text(6)?,
            failures: Failures {
                count: u32::try_from(r.int(7)?).unwrap_or(u32::MAX),
                locked_until: r.int_opt(8)?.map(UtcMs),
            },
            created: UtcMs(r.int(9)?),
            disabled: r.int_opt(10)?.map(UtcMs),
            two_step: r.int_opt(11)?.map(UtcMs),
        })
    }

    /// All accounts, oldest first.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.db.rows(select!("ORDER BY created_ms, login"), vec![]).await?.iter().map(|r| self.account_of(r)).collect()
    }

    /// One account.
    ///
    /// # Errors
    /// As `accounts`.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| self.account_of(&r)).transpose()
    }

    /// The accounts of these ids, in no order; an id that is nobody's is left out.
    ///
    /// # Errors
    /// As `accounts`.
    pub async fn accounts_of(&self, ids: &BTreeSet<AccountId>) -> Result<Vec<Account>, StoreError> {
        const SQL: &str = select!(
            "WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
             $45, $46, $47, $48, $49, $50)"
        );
        let ids: Vec<AccountId> = ids.iter().copied().collect();
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(IDS) {
            for row in self.db.rows(SQL, ids_in(some)).await? {
                found.push(self.account_of(&row)?);
            }
        }
        Ok(found)
    }

    /// The account of a login name.
    ///
    /// # Errors
    /// As `accounts`.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        self.db.row(select!("WHERE login = $1"), args![login]).await?.map(|r| self.account_of(&r)).transpose()
    }

    /// How many accounts there are: none means that the first-run page is open.
    ///
    /// # Errors
    /// The database.
    pub async fn account_count(&self) -> Result<u64, DbError> {
        let row = self.db.row("SELECT COUNT(*) FROM account", vec![]).await?;
        Ok(u64::try_from(row.map_or(Ok(0), |r| r.int(0))?).unwrap_or(0))
    }

    /// Makes an account. `only_first` makes it only when there is none at all (first run): two browsers cannot both win.
    ///
    /// # Errors
    /// `Db` with `is_duplicate` when the login is taken; `NotFirst` with `only_first` when there is an account already.
    pub async fn add_account(
        &self,
        new: &NewAccount,
        by: Option<AccountId>,
        only_first: bool,
        now: UtcMs,
    ) -> Result<AccountId, StoreError> {
        let mut tx = self.begin().await?;
        if only_first {
            nobody_yet(&mut tx).await?;
        }
        let id = self.insert_account(&mut tx, new, false, by, now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The first run: the first account and the settings beside it, each with its entry, together or not at all; only while there is no
    /// account. `entry` is that of the settings, made with the id of the account.
    ///
    /// A crash before the commit leaves a server that still waits for its first run; after it, one that is set up.
    ///
    /// # Errors
    /// `NotFirst`; the database, the key or the log.
    pub async fn add_first_account(
        &self,
        new: &NewAccount,
        values: &[(&'static str, String)],
        entry: impl FnOnce(AccountId) -> LogEntry + Send,
        now: UtcMs,
    ) -> Result<AccountId, StoreError> {
        let mut tx = self.begin().await?;
        nobody_yet(&mut tx).await?;
        let id = self.insert_account(&mut tx, new, false, None, now).await?;
        crate::settings::put_in(&mut tx, values).await?;
        tx.log(entry(id)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes an account whose password must be changed before anything else: both in one transaction.
    ///
    /// # Errors
    /// `Db` with `is_duplicate` when the login is taken; the database or the log.
    pub async fn add_account_once(&self, new: &NewAccount, by: AccountId, now: UtcMs) -> Result<AccountId, StoreError> {
        let mut tx = self.begin().await?;
        let id = self.insert_account(&mut tx, new, true, Some(by), now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Makes all of these accounts, each with a one-time password and its own entry, and one entry about the file, or none of them.
    ///
    /// A crash before the commit leaves no account of the file; after it, all of them. Who lost the answer imports again: the accounts
    /// are there, and get one-time passwords by a reset.
    ///
    /// # Errors
    /// `Db` with `is_duplicate` when a login is taken; the database or the log.
    pub async fn add_accounts(
        &self,
        new: &[NewAccount],
        file_sha256: &str,
        by: Option<AccountId>,
        now: UtcMs,
    ) -> Result<Vec<AccountId>, StoreError> {
        let mut tx = self.begin().await?;
        let mut made = Vec::with_capacity(new.len());
        for account in new {
            made.push(self.insert_account(&mut tx, account, true, by, now).await?);
        }
        let body = serde_json::json!({ "sha256": file_sha256, "accounts": made, "by": by });
        let text = Text::of(
            format!("批量导入账号 {} 个。", made.len()),
            format!("{} {} imported from a file.", made.len(), base::plural(made.len(), "account", "accounts")),
        );
        tx.log(entry("accounts.imported", now, by, body, text)).await?;
        tx.commit().await?;
        Ok(made)
    }

    pub(crate) async fn insert_account(
        &self,
        tx: &mut Tx,
        new: &NewAccount,
        one_time: bool,
        by: Option<AccountId>,
        now: UtcMs,
    ) -> Result<AccountId, StoreError> {
        let id = AccountId::new(now.0, crate::keys::random()?);
        let name = self.sealer.seal("account.name", new.name.expose().as_bytes())?;
        let badge = new.badge.as_ref().map(|b| self.sealer.seal("account.badge", b.expose().as_bytes())).transpose()?;
        tx.exec(
            "INSERT INTO account (id, login, role, name_sealed, badge_sealed, unit, password_hash, failures, locked_until_ms, \
             created_ms, disabled_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, NULL, $8, NULL)",
            args![id, new.login.clone(), new.role.code(), name, badge, new.unit.clone(), new.password_hash.clone(), now],
        )
        .await?;
        crate::areas::begin_with_whole_site(tx, id).await?;
        if one_time {
            tx.exec(MARK_ONE_TIME, args![one_time_key(id)]).await?;
        }
        let body = serde_json::json!({ "account": id, "role": new.role, "by": by });
        let role = new.role.name();
        let text = Text::of(format!("新建账号（{}）。", role.zh), format!("Account made ({}).", role.en));
        tx.log(entry("account.made", now, by, body, text)).await?;
        Ok(id)
    }

    /// Gives an account another role; its sessions and tokens end, because they were those of the role before. False, and nothing
    /// changed, when its role is not `was` any more.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_role(
        &self,
        id: AccountId,
        (was, role): (Role, Role),
        by: AccountId,
        now: UtcMs,
    ) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        if !role_in(&mut tx, id, (was, role), by, now).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Remembers wrong passwords (or forgets them after a right one).
    ///
    /// # Errors
    /// The database.
    pub async fn set_failures(&self, id: AccountId, failures: Failures) -> Result<(), DbError> {
        self.db
            .exec(
                "UPDATE account SET failures = $2, locked_until_ms = $3 WHERE id = $1",
                args![id, failures.count, failures.locked_until],
            )
            .await?;
        Ok(())
    }

    /// Sets a new password, ends the account's sessions (but `keep_session`), its programs' tokens and its lock: whoever got in with
    /// the old password, or made themselves a token meanwhile, is out. `one_time` says in the same transaction that it must be
    /// changed before anything else; a password of one's own takes that back.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_password(
        &self,
        id: AccountId,
        hash: &str,
        keep_session: Option<&str>,
        one_time: bool,
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), LogError> {
        let mut tx = self.begin().await?;
        password_in(&mut tx, id, hash, keep_session, one_time, by, now).await?;
        Ok(tx.commit().await?)
    }

    /// Disables (or enables) an account and ends its sessions: a change of right acts at once.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_disabled(&self, id: AccountId, disabled: bool, by: AccountId, now: UtcMs) -> Result<(), LogError> {
        let mut tx = self.begin().await?;
        disabled_in(&mut tx, id, disabled, by, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Refuses when there is an account; what is read stays true to the commit.
async fn nobody_yet(tx: &mut Tx) -> Result<(), StoreError> {
    tx.lock().await?;
    if tx.rows("SELECT 1 FROM account LIMIT 1", vec![]).await?.is_empty() { Ok(()) } else { Err(StoreError::NotFirst) }
}

const MARK_ONE_TIME: &str =
    "INSERT INTO setting (key, value) VALUES ($1, 'yes') ON CONFLICT (key) DO UPDATE SET value = 'yes'";

pub(crate) async fn role_in(
    tx: &mut Tx,
    id: AccountId,
    (was, role): (Role, Role),
    by: AccountId,
    now: UtcMs,
) -> Result<bool, LogError> {
    let sql = "UPDATE account SET role = $2 WHERE id = $1 AND role = $3";
    if tx.exec(sql, args![id, role.code(), was.code()]).await? == 0 {
        return Ok(false);
    }
    tx.exec("DELETE FROM session WHERE account = $1", args![id]).await?;
    tx.exec("DELETE FROM api_token WHERE account = $1", args![id]).await?;
    let (a, b) = (was.name(), role.name());
    let text = Text::of(
        format!("账号角色由{}改为{}。", a.zh, b.zh),
        format!("Role of the account changed from {} to {}.", a.en, b.en),
    );
    let body = serde_json::json!({ "account": id, "role_before": was, "role": role, "by": by });
    tx.log(entry("account.role", now, Some(by), body, text)).await?;
    Ok(true)
}

pub(crate) async fn password_in(
    tx: &mut Tx,
    id: AccountId,
    hash: &str,
    keep_session: Option<&str>,
    one_time: bool,
    by: AccountId,
    now: UtcMs,
) -> Result<(), LogError> {
    tx.exec(
        "UPDATE account SET password_hash = $2, failures = 0, locked_until_ms = NULL WHERE id = $1",
        args![id, hash],
    )
    .await?;
    tx.exec(
        "DELETE FROM session WHERE account = $1 AND token_sha256 <> $2",
        args![id, keep_session.unwrap_or_default()],
    )
    .await?;
    tx.exec("DELETE FROM api_token WHERE account = $1", args![id]).await?;
    let mark = if one_time { MARK_ONE_TIME } else { "DELETE FROM setting WHERE key = $1" };
    tx.exec(mark, args![one_time_key(id)]).await?;
    let text = Text::new("修改密码。", "Password changed.");
    let body = serde_json::json!({ "account": id, "by": by, "one_time": one_time });
    tx.log(entry("account.password", now, Some(by), body, text)).await?;
    Ok(())
}

pub(crate) async fn disabled_in(
    tx: &mut Tx,
    id: AccountId,
    disabled: bool,
    by: AccountId,
    now: UtcMs,
) -> Result<(), LogError> {
    let at = disabled.then_some(now);
    tx.exec("UPDATE account SET disabled_ms = $2 WHERE id = $1", args![id, at]).await?;
    tx.exec("DELETE FROM session WHERE account = $1", args![id]).await?;
    tx.exec("DELETE FROM api_token WHERE account = $1", args![id]).await?;
    let (kind, text) = if disabled {
        ("account.disabled", Text::new("停用账号。", "Account disabled."))
    } else {
        ("account.enabled", Text::new("启用账号。", "Account enabled."))
    };
    tx.log(entry(kind, now, Some(by), serde_json::json!({ "account": id, "by": by }), text)).await?;
    Ok(())
}

/// Key of the setting that says that an account has a one-time password.
#[must_use]
pub fn one_time_key(account: AccountId) -> String {
    format!("one_time_password.{account}")
}

fn entry(kind: &'static str, at: UtcMs, by: Option<AccountId>, body: serde_json::Value, text: Text) -> LogEntry {
    let act = ActLine::done(by, text);
    LogEntry { kind, at, body, act: Some(act) }
}
