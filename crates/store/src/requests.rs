//! Official requests with their holds and papers.
//!
//! Each step is one transaction with its ledger entry; the entry holds digests of the application and the persons, the rows hold
//! the persons sealed. A hold is placed in the transaction that stores the request: from that moment nothing erases the footage.

use crate::db::{Db, Value};
use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome, Tx};
use crate::register::{end_viewings, session_of};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, HoldId, RequestId, Sha256, Text, UtcMs};
use domain::viewing::{Application, Session, State, Status};

pub use crate::exports::ExportRow;
pub use crate::register::{NewRegister, RegisterRow};

/// A request.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestId,
    /// Number people use, e.g. `2026-000012`.
    pub number: String,
    /// Who applied.
    pub applicant: AccountId,
    /// What was asked.
    pub application: Application,
    /// Where it stands.
    pub state: State,
    /// Reason of a refusal.
    pub reason: String,
    /// Who decided.
    pub decided_by: Option<AccountId>,
    /// The two-officer session, if one was opened.
    pub session: Option<Session>,
    /// When it was made.
    pub created: UtcMs,
}

/// A change of a request's state.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Entry kind, e.g. `grant.made`.
    pub kind: &'static str,
    /// State before, so that two tabs cannot both decide.
    pub before: State,
    /// State after.
    pub after: State,
    /// Reason, for a refusal.
    pub reason: String,
    /// Who.
    pub by: AccountId,
    /// The clauses that decided.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log.
    pub text: Text,
}

/// What a list of requests asks for; everything is optional.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RequestFilter {
    /// Only those that name this account: all that an officer may know of.
    pub of: Option<AccountId>,
    /// Only those that name this officer.
    pub officer: Option<AccountId>,
    /// Where they stand now.
    pub status: Option<Status>,
    /// Part of the unit's name.
    pub unit: String,
    /// Part of the case number.
    pub case_number: String,
    /// Only those that name this camera.
    pub camera: Option<CameraId>,
    /// Made from this instant on.
    pub from: Option<UtcMs>,
    /// Made before this instant.
    pub to: Option<UtcMs>,
    /// Only those after this one in the list (paging): when it was made, and its id.
    pub before: Option<(UtcMs, RequestId)>,
}

/// A `LIKE` pattern for a part of a text in lower case; empty for no filter. The signs of patterns stand for themselves.
pub(crate) fn contains(part: &str) -> String {
    let part = part.trim().to_lowercase();
    if part.is_empty() {
        return part;
    }
    let plain = part.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{plain}%")
}

/// $1 to $9 as `Store::requests` binds them; $10 is a second officer.
macro_rules! requests_from {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT r.id, r.number, r.applicant, r.application, r.state, r.reason, r.decided_by, r.session, r.created_ms FROM ",
            $from,
            " r.created_ms >= $1 AND r.created_ms < $2 \
             AND (r.created_ms < $3 OR (r.created_ms = $3 AND r.id < $4)) \
             AND ($5 = '' OR r.unit_key LIKE $5 ESCAPE '\\') AND ($6 = '' OR r.case_key LIKE $6 ESCAPE '\\') \
             AND ($7 = '' OR (r.status = $7 AND (r.status <> 'granted' OR r.ends_ms > $8)) \
             OR ($7 = 'ended' AND r.status = 'granted' AND r.ends_ms <= $8)) \
             AND (CAST($9 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM request_camera c \
             WHERE c.camera = $9 AND c.created_ms = r.created_ms AND c.request = r.id)) \
             AND (CAST($10 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM request_officer o \
             WHERE o.account = $10 AND o.created_ms = r.created_ms AND o.request = r.id)) ",
            $rest
        )
    };
}

const OF_ALL: &str = requests_from!("request r WHERE", "ORDER BY r.created_ms DESC, r.id DESC LIMIT $11");
const OF_OFFICER: &str = requests_from!(
    "request_officer d JOIN request r ON r.id = d.request WHERE d.account = $11 AND d.created_ms >= $1 AND d.created_ms < $2 AND",
    "ORDER BY d.created_ms DESC, d.request DESC LIMIT $12"
);

/// What lists filter by, as statements beside the row of the request itself.
fn list_rows(id: RequestId, app: &Application, state: State, created: UtcMs) -> Vec<(&'static str, Vec<Value>)> {
    let letter = app.letter.map(|l| l.hex());
    let keys =
        args![id, state.status().code(), state.ends(), app.case_number.to_lowercase(), app.unit.to_lowercase(), letter];
    let mut out: Vec<(&'static str, Vec<Value>)> = vec![(
        "UPDATE request SET status = $2, ends_ms = $3, case_key = $4, unit_key = $5, letter = $6 WHERE id = $1",
        keys,
    )];
    let officer =
        "INSERT INTO request_officer (account, created_ms, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    out.extend(app.officers.iter().map(|o| (officer, args![*o, created, id])));
    let camera = "INSERT INTO request_camera (camera, created_ms, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    out.extend(app.cameras.iter().map(|c| (camera, args![*c, created, id])));
    out
}

/// Fills what lists filter by for requests from before there was such a thing. A crash in between leaves some for the next start.
pub(crate) async fn fill_lists(db: &Db) -> Result<u64, DbError> {
    let mut filled = 0;
    loop {
        let sql = "SELECT id, application, state, created_ms FROM request WHERE status IS NULL LIMIT 500";
        let rows = db.rows(sql, vec![]).await?;
        if rows.is_empty() {
            return Ok(filled);
        }
        let mut tx = db.begin().await?;
        for r in &rows {
            let app: Application = r.read(1, |t| serde_json::from_str(t).ok())?;
            let state: State = r.read(2, |t| serde_json::from_str(t).ok())?;
            for (sql, values) in list_rows(r.read(0, RequestId::parse)?, &app, state, UtcMs(r.int(3)?)) {
                tx.exec(sql, values).await?;
            }
            filled += 1;
        }
        tx.commit().await?;
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, number, applicant, application, state, reason, decided_by, session, created_ms FROM request ",
            $rest
        )
    };
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Stores a request with its holds and its entry in a transaction that commits it.
pub(crate) async fn request_in(
    tx: &mut Tx,
    app: &Application,
    state: State,
    clauses: &[ClauseId],
    now: UtcMs,
) -> Result<RequestRow, StoreError> {
    let id = RequestId::new(now.0, crate::keys::random()?);
    let Some(&applicant) = app.officers.first() else {
        return Err(StoreError::Db(DbError(sqlx::Error::Protocol("request without an applicant".into()))));
    };
    let year = now.desk().chars().take(4).collect::<String>();
    let body = serde_json::json!({
        "request": id, "application_sha256": Sha256::of(json(app).as_bytes()), "letter_sha256": app.letter,
        "basis": app.basis, "wanted": app.wanted, "cameras": app.cameras, "from_utc_ms": app.from, "to_utc_ms": app.to,
        "officers": app.officers, "clauses": clauses,
    });
    let text = Text::of(
        format!("提交信息使用申请，{} 路摄像机，{} 至 {}。", app.cameras.len(), app.from.desk(), app.to.desk()),
        format!(
            "Request to use information: {} {}, {} to {}.",
            app.cameras.len(),
            base::plural(app.cameras.len(), "camera", "cameras"),
            app.from.desk(),
            app.to.desk()
        ),
    );
    // The log first: its row lock makes the numbers of two simultaneous requests differ.
    tx.log(entry("request.made", now, applicant, id, clauses, body, text)).await?;
    let rows = tx.rows("SELECT MAX(number) FROM request WHERE number LIKE $1", args![format!("{year}-%")]).await?;
    let newest = rows.first().map_or(Ok(None), |r| r.text_opt(0))?;
    let newest = newest.and_then(|n| n.rsplit_once('-').and_then(|(_, n)| n.parse::<u64>().ok())).unwrap_or(0);
    let number = format!("{year}-{:06}", newest + 1);
    tx.exec(
        "INSERT INTO request (id, number, applicant, application, state, reason, decided_by, session, created_ms) \
         VALUES ($1, $2, $3, $4, $5, '', NULL, NULL, $6)",
        args![id, number.clone(), applicant, json(app), json(&state), now],
    )
    .await?;
    for (sql, values) in list_rows(id, app, state, now) {
        tx.exec(sql, values).await?;
    }
    for camera in &app.cameras {
        let hold = HoldId::new(now.0, crate::keys::random()?);
        tx.exec(
            "INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
            args![hold, *camera, app.from, app.to, id, format!("request {number}"), now],
        )
        .await?;
    }
    Ok(RequestRow {
        id,
        number,
        applicant,
        application: app.clone(),
        state,
        reason: String::new(),
        decided_by: None,
        session: None,
        created: now,
    })
}

impl Store {
    /// Stores a request, places a hold on the footage it names and logs both; returns it with its number.
    ///
    /// # Errors
    /// The database or the log: then there is neither request nor hold.
    pub async fn add_request(
        &self,
        app: &Application,
        state: State,
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<RequestRow, StoreError> {
        let mut tx = self.begin().await?;
        let row = request_in(&mut tx, app, state, clauses, now).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Changes a request's state if it still is what the caller decided on; false when somebody was first.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn decide_request(&self, id: RequestId, d: &Decided, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let changed = tx
            .exec(
                "UPDATE request SET state = $3, reason = $4, decided_by = $5, status = $6, ends_ms = $7 \
                 WHERE id = $1 AND state = $2",
                args![
                    id,
                    json(&d.before),
                    json(&d.after),
                    d.reason.clone(),
                    d.by,
                    d.after.status().code(),
                    d.after.ends()
                ],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
        }
        if matches!(d.after, State::Ended { .. }) {
            end_viewings(&mut tx, id, now).await?;
        }
        let body = serde_json::json!({
            "request": id, "after": d.after, "reason_sha256": Sha256::of(d.reason.as_bytes()), "by": d.by, "clauses": d.clauses,
        });
        tx.log(entry(d.kind, now, d.by, id, &d.clauses, body, d.text.clone())).await?;
        if matches!(d.after, State::Refused { .. }) {
            tx.exec("UPDATE hold SET released_ms = $2 WHERE request = $1 AND released_ms IS NULL", args![id, now])
                .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Opens a session of a request with its line of the register, in the place of `before`; `ended` is the line of that one, where it gets one now.
    /// False where another session stands there meanwhile: then nothing is written.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn open_request_session(
        &self,
        id: RequestId,
        (before, session): (Option<&Session>, &Session),
        (ended, opened): (Option<NewRegister>, NewRegister),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // Two tabs take turns: the second sees the session of the first.
        tx.lock().await?;
        if session_of(&mut tx, id).await?.as_ref() != before {
            return Ok(false);
        }
        // One session at a time: whatever ran has ended now.
        end_viewings(&mut tx, id, now).await?;
        if let Some(line) = ended {
            // The line first: it names the officers of the session that ends.
            self.register_in(&mut tx, "session.ended", line, now).await?;
        }
        tx.exec("UPDATE request SET session = $2 WHERE id = $1", args![id, json(session)]).await?;
        self.register_in(&mut tx, "session.opened", opened, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Ends this session of a request with its line of the register. False where it is not the one that stands there: then nothing is written.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn end_request_session(
        &self,
        id: RequestId,
        session: &Session,
        line: NewRegister,
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if session_of(&mut tx, id).await?.as_ref() != Some(session) {
            return Ok(false);
        }
        end_viewings(&mut tx, id, now).await?;
        // The line first: it names the officers of the session that ends.
        self.register_in(&mut tx, "session.ended", line, now).await?;
        tx.exec("UPDATE request SET session = NULL WHERE id = $1", args![id]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// One request.
    ///
    /// # Errors
    /// The database.
    pub async fn request(&self, id: RequestId) -> Result<Option<RequestRow>, DbError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| request_of(&r)).transpose()
    }

    /// Requests, newest first, at most `limit`. `now` tells grants whose time ran out from those in force.
    ///
    /// # Errors
    /// The database.
    pub async fn requests(&self, f: &RequestFilter, limit: u32, now: UtcMs) -> Result<Vec<RequestRow>, DbError> {
        let (before_ms, before_id) = f.before.map_or((i64::MAX, "~".to_owned()), |(at, id)| (at.0, id.to_string()));
        let mut values = args![
            f.from.unwrap_or(UtcMs(i64::MIN)),
            f.to.unwrap_or(UtcMs(i64::MAX)),
            before_ms,
            before_id,
            contains(&f.unit),
            contains(&f.case_number),
            f.status.map_or("", Status::code),
            now,
            f.camera,
        ];
        // An account leads to its requests by an index; a second one is asked of each of them.
        let (lead, also) = if f.of.is_some() { (f.of, f.officer) } else { (f.officer, None) };
        let rows = match lead {
            Some(account) => {
                values.extend(args![also, account, limit]);
                self.db.rows(OF_OFFICER, values).await?
            }
            None => {
                values.extend(args![also, limit]);
                self.db.rows(OF_ALL, values).await?
            }
        };
        rows.iter().map(request_of).collect()
    }

    /// How many requests wait for the custodian.
    ///
    /// # Errors
    /// The database.
    pub async fn waiting_requests(&self) -> Result<u64, DbError> {
        let row = self.db.row("SELECT COUNT(*) FROM request WHERE status = 'waiting'", vec![]).await?;
        Ok(u64::try_from(row.map_or(Ok(0), |r| r.int(0))?).unwrap_or(0))
    }

    /// Ids and numbers of the newest requests, for lists that name them.
    ///
    /// # Errors
    /// The database.
    pub async fn request_numbers(&self, limit: u32) -> Result<Vec<(RequestId, String)>, DbError> {
        let sql = "SELECT id, number FROM request ORDER BY created_ms DESC, id DESC LIMIT $1";
        let rows = self.db.rows(sql, args![limit]).await?;
        rows.iter().map(|r| Ok((r.read(0, RequestId::parse)?, r.text(1)?))).collect()
    }

    /// Releases the holds of a request; the reason stays in their rows.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn release_holds(
        &self,
        id: RequestId,
        reason: &str,
        by: AccountId,
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<u64, LogError> {
        let mut tx = self.begin().await?;
        let n = tx
            .exec(
                "UPDATE hold SET released_ms = $2, reason = reason || $3 WHERE request = $1 AND released_ms IS NULL",
                args![id, now, format!("; released: {reason}")],
            )
            .await?;
        if n > 0 {
            let text = Text::new("解除录像封存。", "Hold on footage released.");
            let body = serde_json::json!({
                "request": id, "holds": n, "by": by, "reason_sha256": Sha256::of(reason.as_bytes()), "clauses": clauses,
            });
            tx.log(entry("hold.released", now, by, id, clauses, body, text)).await?;
            tx.commit().await?;
        }
        Ok(n)
    }

    /// Stores an uploaded paper, sealed; returns its SHA-256. The same paper twice is stored once.
    ///
    /// # Errors
    /// The database or the key.
    pub async fn add_paper(
        &self,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        now: UtcMs,
    ) -> Result<Sha256, StoreError> {
        let sha = Sha256::of(bytes);
        let sealed = self.sealer.seal("paper", bytes)?;
        self.db
            .exec(
                "INSERT INTO paper (sha256, name, media_type, bytes, sealed, created_ms) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (sha256) DO NOTHING",
                args![sha.hex(), name, media_type, bytes.len() as u64, sealed, now],
            )
            .await?;
        Ok(sha)
    }

    /// A paper: name, media type, content.
    ///
    /// # Errors
    /// The database or the key.
    pub async fn paper(&self, sha: Sha256) -> Result<Option<(String, String, Vec<u8>)>, StoreError> {
        let row = self.db.row("SELECT name, media_type, sealed FROM paper WHERE sha256 = $1", args![sha.hex()]).await?;
        let Some(r) = row else { return Ok(None) };
        Ok(Some((r.text(0)?, r.text(1)?, self.sealer.open("paper", &r.blob(2)?)?)))
    }
}

pub(crate) fn entry(
    kind: &'static str,
    at: UtcMs,
    by: AccountId,
    request: RequestId,
    clauses: &[ClauseId],
    body: serde_json::Value,
    text: Text,
) -> LogEntry {
    let act = ActLine {
        outcome: Outcome::Done,
        account: Some(by),
        camera: None,
        request: Some(request),
        clauses: clauses.to_vec(),
        text,
    };
    LogEntry { kind, at, body, act: Some(act) }
}

fn request_of(r: &Row) -> Result<RequestRow, DbError> {
    let session = r.text_opt(7)?.map(|t| serde_json::from_str(&t)).transpose();
    Ok(RequestRow {
        id: r.read(0, RequestId::parse)?,
        number: r.text(1)?,
        applicant: r.read(2, AccountId::parse)?,
        application: r.read(3, |t| serde_json::from_str(t).ok())?,
        state: r.read(4, |t| serde_json::from_str(t).ok())?,
        reason: r.text(5)?,
        decided_by: r.text_opt(6)?.and_then(|t| AccountId::parse(&t)),
        session: session.unwrap_or(None),
        created: UtcMs(r.int(8)?),
    })
}
