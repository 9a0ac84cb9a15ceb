//! Sessions of browsers and tokens of programs. Only the SHA-256 of a token is stored: a stolen database opens no door.

use crate::db::DbError;
use crate::{Store, args};
use base::{AccountId, Sha256, UtcMs};
use domain::access::Role;
use domain::account::{SESSION_IDLE_MS, SESSION_MAX_MS, session_limits};
use std::collections::HashMap;

/// A session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// SHA-256 (hex) of its token: its name on pages.
    pub token_sha256: String,
    /// Whose.
    pub account: AccountId,
    /// Secret of its forms.
    pub csrf: String,
    /// When it began.
    pub created: UtcMs,
    /// When it was last used.
    pub seen: UtcMs,
    /// Browser, shortened.
    pub agent: String,
    /// It began in a browser this account had not used, and nobody has looked at it since.
    pub new_browser: bool,
    /// When the newest session began that `new_browser` marks, of those that began after this one: what its person should hear of.
    pub stranger: Option<UtcMs>,
}

/// A session about to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// Its secret token.
    pub token: &'a str,
    /// Whose.
    pub account: AccountId,
    /// Secret of its forms.
    pub csrf: &'a str,
    /// Browser as it calls itself.
    pub agent: &'a str,
    /// Token of the cookie that stays in the browser over sign-outs; empty = the browser keeps none.
    pub browser: &'a str,
}

/// Browsers remembered of one account; the longest unused is forgotten first.
const BROWSERS: u32 = 20;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT s.token_sha256, s.account, s.csrf, s.created_ms, s.seen_ms, s.agent, s.new_browser, \
             (SELECT MAX(o.created_ms) FROM session o WHERE o.account = s.account AND o.new_browser = 1 \
             AND o.created_ms > s.created_ms), a.role FROM session s JOIN account a ON a.id = s.account ",
            $rest
        )
    };
}

/// A program's token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRow {
    /// SHA-256 (hex) of the token.
    pub token_sha256: String,
    /// Name its owner gave it.
    pub name: String,
    /// When it was made.
    pub created: UtcMs,
    /// When it ends.
    pub expires: UtcMs,
}

impl Store {
    /// Begins a session in a browser that is taken for known. As `begin_session` for whom browsers do not matter.
    ///
    /// # Errors
    /// The database.
    pub async fn add_session(
        &self,
        token: &str,
        account: AccountId,
        csrf: &str,
        agent: &str,
        now: UtcMs,
    ) -> Result<(), DbError> {
        self.begin_session(&NewSession { token, account, csrf, agent, browser: "" }, now).await.map(|_| ())
    }

    /// Begins a session; true when its browser is new to an account that has used others. A person's first browser is no news.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_session(&self, new: &NewSession<'_>, now: UtcMs) -> Result<bool, DbError> {
        let agent: String = new.agent.chars().take(120).collect();
        let mut tx = self.db.begin().await?;
        let mut stranger = false;
        if !new.browser.is_empty() {
            let browser = Sha256::of(new.browser.as_bytes()).hex();
            let known = "UPDATE browser SET seen_ms = $3 WHERE account = $1 AND token_sha256 = $2";
            if tx.exec(known, args![new.account, browser.clone(), now]).await? == 0 {
                let others = tx.rows("SELECT 1 FROM browser WHERE account = $1 LIMIT 1", args![new.account]).await?;
                stranger = !others.is_empty();
                tx.exec(
                    "INSERT INTO browser (account, token_sha256, first_ms, seen_ms) VALUES ($1, $2, $3, $3) \
                     ON CONFLICT (account, token_sha256) DO NOTHING",
                    args![new.account, browser, now],
                )
                .await?;
                tx.exec(
                    "DELETE FROM browser WHERE account = $1 AND token_sha256 NOT IN \
                     (SELECT token_sha256 FROM browser WHERE account = $1 ORDER BY seen_ms DESC, token_sha256 LIMIT $2)",
                    args![new.account, BROWSERS],
                )
                .await?;
            }
        }
        tx.exec(
            "INSERT INTO session (token_sha256, account, csrf, created_ms, seen_ms, agent, new_browser) \
             VALUES ($1, $2, $3, $4, $4, $5, $6)",
            args![Sha256::of(new.token.as_bytes()).hex(), new.account, new.csrf, now, agent, stranger],
        )
        .await?;
        tx.commit().await?;
        Ok(stranger)
    }

    /// The session of a token, if it is in force for its account's role; its use is remembered (at most once a minute, to spare
    /// the disk).
    ///
    /// # Errors
    /// The database.
    pub async fn session(&self, token: &str, now: UtcMs) -> Result<Option<SessionRow>, DbError> {
        let hash = Sha256::of(token.as_bytes()).hex();
        let Some(r) = self.db.row(select!("WHERE s.token_sha256 = $1"), args![hash.clone()]).await? else {
            return Ok(None);
        };
        let session = session_of(&r)?;
        if !session_limits(r.read(8, Role::parse)?).hold(session.created, session.seen, now) {
            self.end_session(&hash).await?;
            return Ok(None);
        }
        if now.since(session.seen) > 60_000 {
            self.db.exec("UPDATE session SET seen_ms = $2 WHERE token_sha256 = $1", args![hash, now]).await?;
        }
        Ok(Some(session))
    }

    /// Sessions of an account that are in force, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn sessions_of(&self, account: AccountId, now: UtcMs) -> Result<Vec<SessionRow>, DbError> {
        let rows =
            self.db.rows(select!("WHERE s.account = $1 ORDER BY s.seen_ms DESC LIMIT 100"), args![account]).await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in &rows {
            let session = session_of(r)?;
            if session_limits(r.read(8, Role::parse)?).hold(session.created, session.seen, now) {
                out.push(session);
            }
        }
        Ok(out)
    }

    /// How many sessions in force each account has: all that an administrator sees of them.
    ///
    /// # Errors
    /// The database.
    pub async fn session_counts(&self, now: UtcMs) -> Result<HashMap<AccountId, u32>, DbError> {
        let sql = "SELECT s.account, a.role, s.created_ms, s.seen_ms FROM session s JOIN account a ON a.id = s.account";
        let mut out = HashMap::new();
        for r in self.db.rows(sql, vec![]).await? {
            if session_limits(r.read(1, Role::parse)?).hold(UtcMs(r.int(2)?), UtcMs(r.int(3)?), now) {
                *out.entry(r.read(0, AccountId::parse)?).or_insert(0) += 1;
            }
        }
        Ok(out)
    }

    /// The person has looked at the sessions of new browsers.
    ///
    /// # Errors
    /// The database.
    pub async fn know_browsers(&self, account: AccountId) -> Result<(), DbError> {
        self.db.exec("UPDATE session SET new_browser = 0 WHERE account = $1", args![account]).await?;
        Ok(())
    }

    /// Ends all sessions of an account but one.
    ///
    /// # Errors
    /// The database.
    pub async fn end_other_sessions(&self, account: AccountId, keep_sha256: &str) -> Result<u64, DbError> {
        let sql = "DELETE FROM session WHERE account = $1 AND token_sha256 <> $2";
        self.db.exec(sql, args![account, keep_sha256]).await
    }

    /// Ends a session by the hash of its token.
    ///
    /// # Errors
    /// The database.
    pub async fn end_session(&self, token_sha256: &str) -> Result<(), DbError> {
        self.db.exec("DELETE FROM session WHERE token_sha256 = $1", args![token_sha256]).await?;
        Ok(())
    }

    /// Removes sessions and tokens whose time is over.
    ///
    /// # Errors
    /// The database.
    pub async fn sweep_sessions(&self, now: UtcMs) -> Result<(), DbError> {
        let (idle, begun) = (now.plus_ms(-SESSION_IDLE_MS), now.plus_ms(-SESSION_MAX_MS));
        self.db.exec("DELETE FROM session WHERE seen_ms < $1 OR created_ms < $2", args![idle, begun]).await?;
        self.db.exec("DELETE FROM api_token WHERE expires_ms < $1", args![now]).await?;
        Ok(())
    }

    /// Makes a token for programs.
    ///
    /// # Errors
    /// The database.
    pub async fn add_token(
        &self,
        token: &str,
        account: AccountId,
        name: &str,
        now: UtcMs,
        expires: UtcMs,
    ) -> Result<(), DbError> {
        self.db
            .exec(
                "INSERT INTO api_token (token_sha256, account, name, created_ms, expires_ms) VALUES ($1, $2, $3, $4, $5)",
                args![Sha256::of(token.as_bytes()).hex(), account, name, now, expires],
            )
            .await?;
        Ok(())
    }

    /// The account of a token in force.
    ///
    /// # Errors
    /// The database.
    pub async fn token_account(&self, token: &str, now: UtcMs) -> Result<Option<AccountId>, DbError> {
        let sql = "SELECT account FROM api_token WHERE token_sha256 = $1 AND expires_ms > $2";
        let row = self.db.row(sql, args![Sha256::of(token.as_bytes()).hex(), now]).await?;
        row.map(|r| r.read(0, AccountId::parse)).transpose()
    }

    /// Tokens of an account.
    ///
    /// # Errors
    /// The database.
    pub async fn tokens_of(&self, account: AccountId) -> Result<Vec<TokenRow>, DbError> {
        let sql =
            "SELECT token_sha256, name, created_ms, expires_ms FROM api_token WHERE account = $1 ORDER BY created_ms";
        let rows = self.db.rows(sql, args![account]).await?;
        rows.iter()
            .map(|r| {
                Ok(TokenRow {
                    token_sha256: r.text(0)?,
                    name: r.text(1)?,
                    created: UtcMs(r.int(2)?),
                    expires: UtcMs(r.int(3)?),
                })
            })
            .collect()
    }

    /// Ends a token of an account.
    ///
    /// # Errors
    /// The database.
    pub async fn end_token(&self, account: AccountId, token_sha256: &str) -> Result<(), DbError> {
        self.db
            .exec("DELETE FROM api_token WHERE account = $1 AND token_sha256 = $2", args![account, token_sha256])
            .await?;
        Ok(())
    }
}

fn session_of(r: &crate::db::Row) -> Result<SessionRow, DbError> {
    Ok(SessionRow {
        token_sha256: r.text(0)?,
        account: r.read(1, AccountId::parse)?,
        csrf: r.text(2)?,
        created: UtcMs(r.int(3)?),
        seen: UtcMs(r.int(4)?),
        agent: r.text(5)?,
        new_browser: r.int(6)? != 0,
        stranger: r.int_opt(7)?.map(UtcMs),
    })
}
