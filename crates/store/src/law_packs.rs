//! Which law this server answers by: the digest of its packs since a moment, and the packs of a folder themselves.
//!
//! Always true: the record and its entry are one transaction, so the log tells by which packs every later entry was decided. Packs that
//! came from a folder are kept here as they were when they were taken, so that what the folder becomes later takes nothing away.

use crate::db::DbError;
use crate::ledger_log::{ActLine, LogEntry, LogError};
use crate::{Store, args};
use base::{Sha256, Text, UtcMs};
use law::LawDigest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Setting that holds the record.
const IN_USE: &str = "law_in_use";
/// Parts that the line of the log names.
const NAMED: usize = 5;
/// Parts that the entry names; its size has a limit, and a folder may have hundreds. The digest over all is always whole.
const PARTS: usize = 40;

/// Which law is in use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LawInUse {
    /// Its digest.
    pub digest: LawDigest,
    /// It came from the folder of the configuration; else it is that of the program.
    pub from_folder: bool,
    /// Since when it is used.
    pub since: UtcMs,
    /// Place of the entry that says so.
    pub leaf: u64,
}

impl Store {
    /// Which law is in use; none before the first start.
    ///
    /// # Errors
    /// The database, or a record that is none.
    pub async fn law_in_use(&self) -> Result<Option<LawInUse>, DbError> {
        let Some(text) = self.setting(IN_USE).await? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|_| DbError::unreadable(0))
    }

    /// From now on the law of `digest` is in use. `files`: the packs, kept when they are not those of the program.
    ///
    /// A crash before the commit leaves the record of before, and the next start does this again; after it, record, entry and packs.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn use_law(
        &self,
        digest: &LawDigest,
        files: Option<&BTreeMap<String, String>>,
        now: UtcMs,
    ) -> Result<LawInUse, LogError> {
        let before = self.law_in_use().await?;
        let mut tx = self.begin().await?;
        let changed = before.as_ref().map(|b| digest.changed_from(&b.digest)).unwrap_or_default();
        let body = serde_json::json!({
            "law_sha256": digest.all, "from_folder": files.is_some(), "before_sha256": before.map(|b| b.digest.all),
            "changed": changed.iter().take(PARTS).collect::<Vec<_>>(),
            "parts": digest.parts.iter().take(PARTS).collect::<BTreeMap<_, _>>(),
        });
        let act = ActLine::done(None, words(digest, &changed));
        let leaf = tx.log(LogEntry { kind: "law.in_use", at: now, body, act: Some(act) }).await?;
        let record = LawInUse { digest: digest.clone(), from_folder: files.is_some(), since: now, leaf };
        // Text of our own types: it is always JSON.
        let text = serde_json::to_string(&record).unwrap_or_default();
        crate::settings::put_in(&mut tx, &[(IN_USE, text)]).await?;
        if let Some(files) = files {
            let bytes = serde_json::to_vec(files).unwrap_or_default();
            tx.exec(
                "INSERT INTO law_packs (sha256, at_ms, files) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO NOTHING",
                args![digest.all.hex(), now, bytes],
            )
            .await?;
        }
        tx.commit().await?;
        Ok(record)
    }

    /// The packs of a folder that were in use under this digest: path to text.
    ///
    /// # Errors
    /// The database, or packs that are no longer what they were.
    pub async fn kept_law(&self, sha256: &Sha256) -> Result<Option<BTreeMap<String, String>>, DbError> {
        let row = self.db.row("SELECT files FROM law_packs WHERE sha256 = $1", args![sha256.hex()]).await?;
        let Some(row) = row else { return Ok(None) };
        let files = serde_json::from_slice(&row.blob(0)?).map_err(|_| DbError::unreadable(0))?;
        if LawDigest::of(&files).all != *sha256 {
            return Err(DbError::unreadable(0));
        }
        Ok(Some(files))
    }
}

fn words(digest: &LawDigest, changed: &[String]) -> Text {
    let short = digest.all.hex().chars().take(12).collect::<String>();
    if changed.is_empty() {
        return Text::of(format!("使用规则包，摘要 {short}。"), format!("Law packs in use, digest {short}."));
    }
    let mut named = changed.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = changed.len().saturating_sub(NAMED);
    if more > 0 {
        named.push_str(&format!(" +{more}"));
    }
    Text::of(format!("规则包变更：{named}；摘要 {short}。"), format!("Law packs changed: {named}; digest {short}."))
}
