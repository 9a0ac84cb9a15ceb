//! The log as people read it: filtered lines, each leading to its entry and proof.

use crate::db::{DbError, Row, Value};
use crate::ledger_log::{ActLine, LogEntry, LogError};
use crate::{Store, args};
use base::{AccountId, CameraId, RequestId, Text, UtcMs};

/// One line of the log page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActRow {
    /// Place in the ledger.
    pub idx: u64,
    /// When.
    pub at: UtcMs,
    /// What happened, dotted word.
    pub kind: String,
    /// True when it was refused.
    pub refused: bool,
    /// Who.
    pub account: Option<AccountId>,
    /// Which camera.
    pub camera: Option<CameraId>,
    /// Under which request.
    pub request: Option<RequestId>,
    /// The clauses that decided.
    pub clauses: Vec<String>,
    /// One sentence.
    pub text: Text,
}

/// What the log page asks for; everything is optional.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ActFilter {
    /// Begin of the kind, e.g. `request.`; `%` and `_` stand for themselves.
    pub kind: Option<String>,
    /// Only refused acts.
    pub refused: bool,
    /// Who.
    pub account: Option<AccountId>,
    /// Which camera.
    pub camera: Option<CameraId>,
    /// From.
    pub from: Option<UtcMs>,
    /// To.
    pub to: Option<UtcMs>,
    /// Only entries before this place (paging, newest first).
    pub before: Option<u64>,
}

impl Store {
    /// Appends one entry that belongs to no other change; durable when this returns its place. Many callers share a transaction.
    /// A caller that is cancelled may find its entry logged all the same.
    ///
    /// # Errors
    /// The database or the log; `Busy` when too many wait.
    pub async fn append(&self, entry: LogEntry) -> Result<u64, LogError> {
        self.appender.append(entry).await
    }

    /// Logs one entry of its own.
    ///
    /// # Errors
    /// As `append`.
    pub async fn log(
        &self,
        kind: &'static str,
        at: UtcMs,
        body: serde_json::Value,
        act: ActLine,
    ) -> Result<u64, LogError> {
        self.append(LogEntry { kind, at, body, act: Some(act) }).await
    }

    /// Lines of the log, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn acts(&self, f: &ActFilter, limit: u32) -> Result<Vec<ActRow>, DbError> {
        let rows = self
            .db
            .rows(
                "SELECT idx, at_ms, kind, outcome, account, camera, request, clauses, zh, en FROM act \
                 WHERE (CAST($1 AS TEXT) IS NULL OR SUBSTR(kind, 1, LENGTH($1)) = $1) AND ($2 = 0 OR outcome = 'refused') \
                 AND (CAST($3 AS TEXT) IS NULL OR account = $3) AND (CAST($4 AS TEXT) IS NULL OR camera = $4) \
                 AND at_ms >= $5 AND at_ms < $6 AND idx < $7 ORDER BY idx DESC LIMIT $8",
                vec![
                    Value::Text(f.kind.clone()),
                    Value::from(f.refused),
                    Value::from(f.account),
                    Value::from(f.camera),
                    Value::from(f.from.unwrap_or(UtcMs(i64::MIN))),
                    Value::from(f.to.unwrap_or(UtcMs(i64::MAX))),
                    Value::from(f.before.unwrap_or(u64::MAX)),
                    Value::from(limit),
                ],
            )
            .await?;
        rows.iter().map(act_of).collect()
    }

    /// The line of one entry, if it has one.
    ///
    /// # Errors
    /// The database.
    pub async fn act(&self, idx: u64) -> Result<Option<ActRow>, DbError> {
        let sql = "SELECT idx, at_ms, kind, outcome, account, camera, request, clauses, zh, en FROM act WHERE idx = $1";
        self.db.row(sql, args![idx]).await?.map(|r| act_of(&r)).transpose()
    }

    /// Lines of one request, oldest first.
    ///
    /// # Errors
    /// The database.
    pub async fn acts_of_request(&self, request: RequestId) -> Result<Vec<ActRow>, DbError> {
        let sql = "SELECT idx, at_ms, kind, outcome, account, camera, request, clauses, zh, en FROM act \
                   WHERE request = $1 ORDER BY idx LIMIT 1000";
        self.db.rows(sql, args![request]).await?.iter().map(act_of).collect()
    }
}

pub(crate) fn act_of(r: &Row) -> Result<ActRow, DbError> {
    Ok(ActRow {
        idx: u64::try_from(r.int(0)?).unwrap_or(0),
        at: UtcMs(r.int(1)?),
        kind: r.text(2)?,
        refused: r.text(3)? == "refused",
        account: r.text_opt(4)?.and_then(|t| AccountId::parse(&t)),
        camera: r.text_opt(5)?.and_then(|t| CameraId::parse(&t)),
        request: r.text_opt(6)?.and_then(|t| RequestId::parse(&t)),
        clauses: r.text(7)?.split_whitespace().map(str::to_owned).collect(),
        text: Text::of(r.text(8)?, r.text(9)?),
    })
}
