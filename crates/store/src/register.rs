//! The register of information use (信息使用登记, Order 799 art. 16, B-28-1-3): one line an access, each with its ledger entry.
//!
//! ```text
//! act ─▶ register_in: entry (commitment to the persons) + line (persons sealed, accounts open) ─▶ commit ─▶ the picture is shown
//! ```
//!
//! Always true: a line and its entry exist together; the names are sealed, so lists filter by account; a line about a two-officer
//! session says when that session ends, and says so earlier when it is ended before its time.

use crate::db::{DbError, Row, Value};
use crate::ledger_log::Tx;
use crate::requests::{contains, entry};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, Pii, RequestId, Sha256, Text, UtcMs};
use domain::viewing::Session;

/// One line of the register.
#[derive(Clone, Debug)]
pub struct RegisterRow {
    /// Its place in the ledger.
    pub leaf: u64,
    /// When.
    pub at: UtcMs,
    /// Under which request; `None` where the police watched over the network, for which none is needed.
    pub request: Option<RequestId>,
    /// Its number; empty if there is no such request.
    pub number: String,
    /// `view`, `copy`, `session`, `network`, …
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
    /// Who decided the request.
    pub handler: Option<AccountId>,
    /// The unit letter: digest and file name.
    pub letter: Option<(Sha256, String)>,
    /// When the two-officer session of this line ends or ended.
    pub ends: Option<UtcMs>,
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

/// What a list of lines asks for; everything is optional.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RegisterFilter {
    /// Of one request.
    pub request: Option<RequestId>,
    /// Only of requests that name this account: all that an officer may know of.
    pub of: Option<AccountId>,
    /// Only lines about this person.
    pub person: Option<AccountId>,
    /// Part of the unit's name.
    pub unit: String,
    /// Part of the case number.
    pub case_number: String,
    /// Only lines about this camera.
    pub camera: Option<CameraId>,
    /// `view`, `copy`, …
    pub what: Option<String>,
    /// From this instant on.
    pub from: Option<UtcMs>,
    /// Before this instant.
    pub to: Option<UtcMs>,
    /// Only lines after this one in the list (paging): its time and place in the ledger.
    pub before: Option<(UtcMs, u64)>,
}

/// $1 to $10 as `Store::register_list` binds them.
macro_rules! lines_from {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT g.leaf, g.at_ms, g.request, g.what, g.camera, g.from_ms, g.to_ms, g.unit, g.reason, g.persons_sealed, \
             g.ended_ms, r.number, r.decided_by, r.letter, p.name FROM ",
            $from,
            " LEFT JOIN request r ON r.id = g.request LEFT JOIN paper p ON p.sha256 = r.letter \
             WHERE g.at_ms >= $1 AND g.at_ms < $2 AND (g.at_ms < $3 OR (g.at_ms = $3 AND g.leaf < $4)) \
             AND ($5 = '' OR COALESCE(g.unit_key, g.unit) LIKE $5 ESCAPE '\\') \
             AND ($6 = '' OR r.case_key LIKE $6 ESCAPE '\\') AND ($7 = '' OR g.what = $7) \
             AND (CAST($8 AS TEXT) IS NULL OR g.camera = $8) AND (CAST($9 AS TEXT) IS NULL OR g.request = $9) \
             AND (CAST($10 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM request_officer o \
             WHERE o.account = $10 AND o.created_ms = r.created_ms AND o.request = r.id)) ",
            $rest
        )
    };
}

const OF_ALL: &str = lines_from!("register g", "ORDER BY g.at_ms DESC, g.leaf DESC LIMIT $11");
const OF_PERSON: &str = lines_from!(
    "register_person d JOIN register g ON g.leaf = d.leaf",
    "AND d.account = $11 ORDER BY d.at_ms DESC, d.leaf DESC LIMIT $12"
);
const OF_CAMERA: &str =
    lines_from!("register g", "AND g.camera = $11 ORDER BY g.camera DESC, g.at_ms DESC, g.leaf DESC LIMIT $12");
const OF_REQUEST: &str =
    lines_from!("register g", "AND g.request = $11 ORDER BY g.request DESC, g.at_ms DESC, g.leaf DESC LIMIT $12");

impl Store {
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
        tx: &mut Tx,
        kind: &'static str,
        line: NewRegister,
        now: UtcMs,
    ) -> Result<u64, StoreError> {
        let session = session_of(tx, line.request).await?.filter(|s| s.first == line.by || s.second == line.by);
        let ends = session.filter(|_| line.what == "view" || kind == "session.opened").map(|s| s.until);
        let mut people = session.map_or(vec![line.by], |s| vec![s.first, s.second]);
        people.dedup();
        let salt: [u8; 32] = crate::keys::random()?;
        let body = body_of(&line, &salt, ends);
        let persons = line.persons.expose();
        let mut sealed_plain = base::hex(&salt);
        sealed_plain.push('\n');
        sealed_plain.push_str(persons);
        let sealed = self.sealer.seal("register.persons", sealed_plain.as_bytes())?;
        let mut e = entry(kind, now, line.by, line.request, &line.clauses, body, line.text);
        if let Some(act) = &mut e.act {
            act.camera = line.camera;
        }
        let leaf = tx.log(e).await?;
        let unit_key = line.unit.to_lowercase();
        tx.exec(
            "INSERT INTO register (leaf, at_ms, request, what, camera, from_ms, to_ms, unit, reason, persons_sealed, \
             ended_ms, unit_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
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
                sealed,
                ends,
                unit_key
            ],
        )
        .await?;
        for person in people {
            let sql = "INSERT INTO register_person (account, at_ms, leaf) VALUES ($1, $2, $3)";
            tx.exec(sql, args![person, now, leaf]).await?;
        }
        Ok(leaf)
    }

    /// Lines of the register, newest first, at most `limit`.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn register_list(&self, f: &RegisterFilter, limit: u32) -> Result<Vec<RegisterRow>, StoreError> {
        let (before_ms, before_leaf) = f.before.map_or((i64::MAX, u64::MAX), |(at, leaf)| (at.0, leaf));
        let mut values = args![
            f.from.unwrap_or(UtcMs(i64::MIN)),
            f.to.unwrap_or(UtcMs(i64::MAX)),
            before_ms,
            before_leaf,
            contains(&f.unit),
            contains(&f.case_number),
            f.what.clone().unwrap_or_default(),
            f.camera,
            f.request,
            f.of,
        ];
        // Whatever narrows most leads by its index; the rest is asked of each line.
        let (sql, lead) = match (f.request, f.person, f.camera) {
            (Some(request), None, _) => (OF_REQUEST, Some(Value::from(request))),
            (_, Some(person), _) => (OF_PERSON, Some(Value::from(person))),
            (None, None, Some(camera)) => (OF_CAMERA, Some(Value::from(camera))),
            (None, None, None) => (OF_ALL, None),
        };
        values.extend(lead);
        values.push(Value::from(limit));
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(|r| self.register_row(r)).collect()
    }

    /// Lines of one request (of all without one), newest first.
    ///
    /// # Errors
    /// As `register_list`.
    pub async fn register_lines(&self, request: Option<RequestId>, limit: u32) -> Result<Vec<RegisterRow>, StoreError> {
        self.register_list(&RegisterFilter { request, ..RegisterFilter::default() }, limit).await
    }

    fn register_row(&self, r: &Row) -> Result<RegisterRow, StoreError> {
        let persons = self.sealer.open_text("register.persons", &r.blob(9)?)?.into_inner();
        let names = persons.split_once('\n').map_or("", |(_, names)| names).to_owned();
        let letter = r.text_opt(13)?.and_then(|sha| Sha256::from_hex(&sha));
        let letter = letter.zip(r.text_opt(14)?);
        Ok(RegisterRow {
            leaf: u64::try_from(r.int(0)?).unwrap_or(0),
            at: UtcMs(r.int(1)?),
            request: Some(r.text(2)?).filter(|t| !t.is_empty()).map(|_| r.read(2, RequestId::parse)).transpose()?,
            number: r.text_opt(11)?.unwrap_or_default(),
            what: r.text(3)?,
            camera: r.text_opt(4)?.and_then(|c| CameraId::parse(&c)),
            from: r.int_opt(5)?.map(UtcMs),
            to: r.int_opt(6)?.map(UtcMs),
            unit: r.text(7)?,
            reason: r.text(8)?,
            persons: Pii::new(names),
            handler: r.text_opt(12)?.and_then(|t| AccountId::parse(&t)),
            letter,
            ends: r.int_opt(10)?.map(UtcMs),
        })
    }
}

/// The two-officer session of a request, as the transaction sees it.
pub(crate) async fn session_of(tx: &mut Tx, request: RequestId) -> Result<Option<Session>, DbError> {
    let rows = tx.rows("SELECT session FROM request WHERE id = $1", args![request]).await?;
    let text = rows.first().map_or(Ok(None), |r| r.text_opt(0))?;
    Ok(text.and_then(|t| serde_json::from_str(&t).ok()))
}

/// Whatever viewing of a request would still go on has ended now.
pub(crate) async fn end_viewings(tx: &mut Tx, request: RequestId, now: UtcMs) -> Result<(), DbError> {
    tx.exec("UPDATE register SET ended_ms = $2 WHERE request = $1 AND ended_ms > $2", args![request, now]).await?;
    Ok(())
}

fn body_of(line: &NewRegister, salt: &[u8; 32], ends: Option<UtcMs>) -> serde_json::Value {
    let mut map = match line.body.clone() {
        serde_json::Value::Object(map) => map,
        serde_json::Value::Null => serde_json::Map::new(),
        other => serde_json::Map::from_iter([("detail".to_owned(), other)]),
    };
    let persons = line.persons.expose().as_bytes();
    map.insert("request".into(), serde_json::json!(line.request));
    map.insert("camera".into(), serde_json::json!(line.camera));
    map.insert("from_utc_ms".into(), serde_json::json!(line.from));
    map.insert("to_utc_ms".into(), serde_json::json!(line.to));
    map.insert("persons_commitment".into(), serde_json::json!(ledger::commit(salt, persons)));
    map.insert("clauses".into(), serde_json::json!(line.clauses));
    if let Some(ends) = ends {
        map.insert("session_ends_utc_ms".into(), serde_json::json!(ends));
    }
    serde_json::Value::Object(map)
}
