//! Sessions of browsers and tokens of programs. Only the SHA-256 of a token is stored: a stolen database opens no door.

use crate::db::DbError;
use crate::{Store, args};
use base::{AccountId, Sha256, UtcMs};
use domain::account::{SESSION_IDLE_MS, SESSION_MAX_MS};

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
    /// Begins a session.
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
        let agent: String = agent.chars().take(120).collect();
        self.db
            .exec(
                "INSERT INTO session (token_sha256, account, csrf, created_ms, seen_ms, agent) VALUES ($1, $2, $3, $4, $4, $5)",
                args![Sha256::of(token.as_bytes()).hex(), account, csrf, now, agent],
            )
            .await?;
        Ok(())
    }

    /// The session of a token, if it is in force; its use is remembered (at most once a minute, to spare the disk).
    ///
    /// # Errors
    /// The database.
    pub async fn session(&self, token: &str, now: UtcMs) -> Result<Option<SessionRow>, DbError> {
        let hash = Sha256::of(token.as_bytes()).hex();
        let sql = "SELECT token_sha256, account, csrf, created_ms, seen_ms, agent FROM session WHERE token_sha256 = $1";
        let Some(r) = self.db.row(sql, args![hash.clone()]).await? else { return Ok(None) };
        let session = session_of(&r)?;
        if now.since(session.seen) > SESSION_IDLE_MS || now.since(session.created) > SESSION_MAX_MS {
            self.end_session(&hash).await?;
            return Ok(None);
        }
        if now.since(session.seen) > 60_000 {
            self.db.exec("UPDATE session SET seen_ms = $2 WHERE token_sha256 = $1", args![hash, now]).await?;
        }
        Ok(Some(session))
    }

    /// Sessions of an account, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn sessions_of(&self, account: AccountId) -> Result<Vec<SessionRow>, DbError> {
        let sql = "SELECT token_sha256, account, csrf, created_ms, seen_ms, agent FROM session WHERE account = $1 \
                   ORDER BY seen_ms DESC LIMIT 100";
        self.db.rows(sql, args![account]).await?.iter().map(session_of).collect()
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
    })
}
