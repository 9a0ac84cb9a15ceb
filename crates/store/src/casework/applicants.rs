//! Accounts of applicants: for which party each stands, and the code by which whoever holds a receipt asks how a case stands.
//!
//! ```text
//! account ─▶ applicant ─▶ party          case ─▶ digest under the server's key ─▶ first characters on the receipt
//! ```
//! Always true: an account stands for one party; that it does so is an entry; the code of a case cannot be made without the key.

use super::{entry, read_opt};
use crate::db::DbError;
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, PartyId, Text, UtcMs};

/// Characters of the code of a case: as many as somebody types from paper; whoever guesses is slowed down at the door.
pub const CODE_CHARS: usize = 8;
/// Most accounts of one party that are read.
pub const ACCOUNTS: u32 = 100;

/// Label of the digest.
const CODE: &str = "case.code";

/// Row and entry. The caller has locked the log.
async fn put_in(
    tx: &mut Tx,
    (account, party): (AccountId, PartyId),
    by: AccountId,
    body: serde_json::Value,
    now: UtcMs,
) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO applicant (account, party, at_ms) VALUES ($1, $2, $3) \
         ON CONFLICT (account) DO UPDATE SET party = excluded.party, at_ms = excluded.at_ms",
        args![account, party, now],
    )
    .await?;
    let text = Text::new("登记申请人账号代表的当事人。", "The party that an applicant's account stands for entered.");
    tx.log(entry("applicant.put", now, Some(by), &[], body, text)).await?;
    Ok(())
}

impl Store {
    /// Says for which party an account stands, or for which other one from now on. Account and party are there.
    ///
    /// # Errors
    /// The database (no such account or party) or the log; then nothing is changed.
    pub async fn put_applicant(
        &self,
        account: AccountId,
        party: PartyId,
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let body = serde_json::json!({ "account": account, "party": party, "by": by });
        put_in(&mut tx, (account, party), by, body, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Joins an account to a party after the counter has seen these papers; false where it stands for a party already.
    ///
    /// # Errors
    /// As `put_applicant`.
    pub async fn join_applicant(
        &self,
        (account, party): (AccountId, PartyId),
        by: AccountId,
        papers: &[&str],
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if !tx.rows("SELECT party FROM applicant WHERE account = $1", args![account]).await?.is_empty() {
            return Ok(false);
        }
        let body = serde_json::json!({ "account": account, "party": party, "papers_seen": papers, "by": by });
        put_in(&mut tx, (account, party), by, body, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The party that an account stands for.
    ///
    /// # Errors
    /// The database.
    pub async fn party_of(&self, account: AccountId) -> Result<Option<PartyId>, DbError> {
        let row = self.db.row("SELECT party FROM applicant WHERE account = $1", args![account]).await?;
        row.map_or(Ok(None), |r| read_opt(&r, 0, PartyId::parse))
    }

    /// Accounts that stand for a party, at most [`ACCOUNTS`].
    ///
    /// # Errors
    /// The database.
    pub async fn accounts_of_party(&self, party: PartyId) -> Result<Vec<AccountId>, DbError> {
        let sql = "SELECT account FROM applicant WHERE party = $1 ORDER BY account LIMIT $2";
        let rows = self.db.rows(sql, args![party, ACCOUNTS]).await?;
        rows.iter().map(|r| r.read(0, AccountId::parse)).collect()
    }

    /// The code of a case, as its receipt has it: [`CODE_CHARS`] lower-case hexadecimal characters.
    #[must_use]
    pub fn case_code(&self, case: CaseId) -> String {
        let mut code = self.sealer.index(CODE, case.to_string().as_bytes());
        code.truncate(CODE_CHARS);
        code
    }
}
