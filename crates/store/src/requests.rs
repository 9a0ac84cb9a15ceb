//! Official requests, holds, papers, exports and the register of information use.
//!
//! Each step is one transaction with its ledger entry; the entry holds digests of the application and the persons, the rows hold
//! the persons sealed. A hold is placed in the transaction that stores the request: from that moment nothing erases the footage.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, ExportId, HoldId, Pii, RequestId, Sha256, Text, UtcMs};
use domain::viewing::{Application, Session, State};

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

/// An export.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportRow {
    /// Its id.
    pub id: ExportId,
    /// Under which request.
    pub request: RequestId,
    /// File below the data folder.
    pub path: String,
    /// Bytes when done.
    pub bytes: u64,
    /// SHA-256 of the file when done.
    pub sha256: String,
    /// `making`, `done` or `failed`.
    pub state: String,
    /// Per mille done.
    pub done: u32,
    /// When it was begun.
    pub created: UtcMs,
}

/// One line of the register (信息使用登记): Order 799 art. 16, B-28-1-3.
#[derive(Clone, Debug)]
pub struct RegisterRow {
    /// Its place in the ledger.
    pub leaf: u64,
    /// When.
    pub at: UtcMs,
    /// Under which request.
    pub request: RequestId,
    /// `view`, `copy`, `session`, …
    pub what: String,
    /// Which camera.
    pub camera: Option<CameraId>,
    /// Footage from.
    pub from: Option<UtcMs>,
    /// Footage to.
    pub to: Option<UtcMs>,
    /// Unit.
    pub unit: String,
    /// Reason.
    pub reason: String,
    /// Names and badges, one a line.
    pub persons: Pii<String>,
}

/// A line for the register that is to be written.
#[derive(Clone, Debug)]
pub struct NewRegister {
    /// Under which request.
    pub request: RequestId,
    /// `view`, `copy`, `session`.
    pub what: &'static str,
    /// Which camera.
    pub camera: Option<CameraId>,
    /// Footage from.
    pub from: Option<UtcMs>,
    /// Footage to.
    pub to: Option<UtcMs>,
    /// Unit.
    pub unit: String,
    /// Reason.
    pub reason: String,
    /// Names and badges, one a line.
    pub persons: Pii<String>,
    /// The clauses that decide.
    pub clauses: Vec<ClauseId>,
    /// Who did it.
    pub by: AccountId,
    /// One sentence for the log.
    pub text: Text,
    /// What else the entry holds (digests, ids).
    pub body: serde_json::Value,
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
        let id = RequestId::new(now.0, crate::keys::random()?);
        let Some(&applicant) = app.officers.first() else {
            return Err(StoreError::Db(DbError(sqlx::Error::Protocol("request without an applicant".into()))));
        };
        let year = now.desk().chars().take(4).collect::<String>();
        let mut tx = self.begin().await?;
        let body = serde_json::json!({
            "request": id, "application_sha256": Sha256::of(json(app).as_bytes()), "letter_sha256": app.letter,
            "basis": app.basis, "wanted": app.wanted, "cameras": app.cameras, "from_utc_ms": app.from, "to_utc_ms": app.to,
            "officers": app.officers, "clauses": clauses,
        });
        let text = Text::of(
            format!("提交信息使用申请，{} 路摄像机，{} 至 {}。", app.cameras.len(), app.from.desk(), app.to.desk()),
            format!(
                "Request to use information: {} cameras, {} to {}.",
                app.cameras.len(),
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
        for camera in &app.cameras {
            let hold = HoldId::new(now.0, crate::keys::random()?);
            tx.exec(
                "INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
                args![hold, *camera, app.from, app.to, id, format!("request {number}"), now],
            )
            .await?;
        }
        tx.commit().await?;
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

    /// Changes a request's state if it still is what the caller decided on; false when somebody was first.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn decide_request(&self, id: RequestId, d: &Decided, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        let changed = tx
            .exec(
                "UPDATE request SET state = $3, reason = $4, decided_by = $5 WHERE id = $1 AND state = $2",
                args![id, json(&d.before), json(&d.after), d.reason.clone(), d.by],
            )
            .await?;
        if changed == 0 {
            return Ok(false);
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

    /// Stores the two-officer session of a request (or its end) together with its register line.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn set_request_session(
        &self,
        id: RequestId,
        session: Option<&Session>,
        line: NewRegister,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        tx.exec("UPDATE request SET session = $2 WHERE id = $1", args![id, session.map(json)]).await?;
        let kind = if session.is_some() { "session.opened" } else { "session.ended" };
        let leaf = self.register_in(&mut tx, kind, line, now).await?;
        tx.commit().await?;
        Ok(leaf)
    }

    /// Writes one line of the register with its ledger entry; durable before the first picture is shown.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn register(&self, kind: &'static str, line: NewRegister, now: UtcMs) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let leaf = self.register_in(&mut tx, kind, line, now).await?;
        tx.commit().await?;
        Ok(leaf)
    }

    pub(crate) async fn register_in(
        &self,
        tx: &mut crate::ledger_log::Tx,
        kind: &'static str,
        line: NewRegister,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        let salt: [u8; 32] = crate::keys::random()?;
        let persons = line.persons.expose();
        let mut map = match line.body {
            serde_json::Value::Object(map) => map,
            serde_json::Value::Null => serde_json::Map::new(),
            other => serde_json::Map::from_iter([("detail".to_owned(), other)]),
        };
        map.insert("request".into(), serde_json::json!(line.request));
        map.insert("camera".into(), serde_json::json!(line.camera));
        map.insert("from_utc_ms".into(), serde_json::json!(line.from));
        map.insert("to_utc_ms".into(), serde_json::json!(line.to));
        map.insert("persons_commitment".into(), serde_json::json!(ledger::commit(&salt, persons.as_bytes())));
        map.insert("clauses".into(), serde_json::json!(line.clauses));
        let body = serde_json::Value::Object(map);
        let mut sealed_plain = base::hex(&salt);
        sealed_plain.push('\n');
        sealed_plain.push_str(persons);
        let sealed = self.sealer.seal("register.persons", sealed_plain.as_bytes())?;
        let mut e = entry(kind, now, line.by, line.request, &line.clauses, body, line.text);
        if let Some(act) = &mut e.act {
            act.camera = line.camera;
        }
        let leaf = tx.log(e).await?;
        tx.exec(
            "INSERT INTO register (leaf, at_ms, request, what, camera, from_ms, to_ms, unit, reason, persons_sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![
                leaf,
                now,
                line.request,
                line.what,
                line.camera,
                line.from.map(|t| t.0),
                line.to.map(|t| t.0),
                line.unit,
                line.reason,
                sealed
            ],
        )
        .await?;
        Ok(leaf)
    }

    /// Lines of the register, newest first.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn register_lines(&self, request: Option<RequestId>, limit: u32) -> Result<Vec<RegisterRow>, StoreError> {
        let sql = "SELECT leaf, at_ms, request, what, camera, from_ms, to_ms, unit, reason, persons_sealed FROM register \
                   WHERE (CAST($1 AS TEXT) IS NULL OR request = $1) ORDER BY leaf DESC LIMIT $2";
        let rows = self.db.rows(sql, args![request, limit]).await?;
        rows.iter()
            .map(|r| {
                let persons = self.sealer.open_text("register.persons", &r.blob(9)?)?.into_inner();
                let names = persons.split_once('\n').map_or("", |(_, names)| names).to_owned();
                Ok(RegisterRow {
                    leaf: u64::try_from(r.int(0)?).unwrap_or(0),
                    at: UtcMs(r.int(1)?),
                    request: r.read(2, RequestId::parse)?,
                    what: r.text(3)?,
                    camera: r.text_opt(4)?.and_then(|c| CameraId::parse(&c)),
                    from: r.int_opt(5)?.map(UtcMs),
                    to: r.int_opt(6)?.map(UtcMs),
                    unit: r.text(7)?,
                    reason: r.text(8)?,
                    persons: Pii::new(names),
                })
            })
            .collect()
    }

    /// One request.
    ///
    /// # Errors
    /// The database.
    pub async fn request(&self, id: RequestId) -> Result<Option<RequestRow>, DbError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| request_of(&r)).transpose()
    }

    /// Requests, newest first; of one applicant or officer where given.
    ///
    /// # Errors
    /// The database.
    pub async fn requests(&self, of: Option<AccountId>, limit: u32) -> Result<Vec<RequestRow>, DbError> {
        let rows = self.db.rows(select!("ORDER BY created_ms DESC LIMIT 2000"), vec![]).await?;
        let mut out = Vec::new();
        for r in &rows {
            let row = request_of(r)?;
            if of.is_none_or(|id| row.application.officers.contains(&id)) && out.len() < limit as usize {
                out.push(row);
            }
        }
        Ok(out)
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

    /// Says how far an export is, or how it ended.
    ///
    /// # Errors
    /// The database.
    pub async fn set_export(&self, e: &ExportRow) -> Result<(), DbError> {
        self.db
            .exec(
                "UPDATE export SET bytes = $2, sha256 = $3, state = $4, done = $5 WHERE id = $1",
                args![e.id, e.bytes, e.sha256.clone(), e.state.clone(), e.done],
            )
            .await?;
        Ok(())
    }

    /// Exports of a request, newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn exports_of(&self, request: RequestId) -> Result<Vec<ExportRow>, DbError> {
        let sql = "SELECT id, request, path, bytes, sha256, state, done, created_ms FROM export WHERE request = $1 \
                   ORDER BY created_ms DESC";
        self.db.rows(sql, args![request]).await?.iter().map(export_of).collect()
    }

    /// Exports left unfinished by a stop are marked failed at the start; their half files go.
    ///
    /// # Errors
    /// The database.
    pub async fn fail_unfinished_exports(&self) -> Result<u64, DbError> {
        let rows = self.db.rows("SELECT path FROM export WHERE state = 'making'", vec![]).await?;
        for r in &rows {
            let path = r.text(0)?;
            for path in [format!("{path}.part"), path] {
                let _ = std::fs::remove_file(self.data.join(path));
            }
        }
        self.db.exec("UPDATE export SET state = 'failed' WHERE state = 'making'", vec![]).await
    }
}

fn entry(
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

pub(crate) fn export_of(r: &Row) -> Result<ExportRow, DbError> {
    Ok(ExportRow {
        id: r.read(0, ExportId::parse)?,
        request: r.read(1, RequestId::parse)?,
        path: r.text(2)?,
        bytes: u64::try_from(r.int(3)?).unwrap_or(0),
        sha256: r.text(4)?,
        state: r.text(5)?,
        done: u32::try_from(r.int(6)?).unwrap_or(0),
        created: UtcMs(r.int(7)?),
    })
}
