//! Orders to show footage and the requests for use that carry them out.
//!
//! What flows through: an order, the request that a custodian makes of it, the lines of the register that say when something was shown or
//! handed out. Always true: of one order one request waits or is granted at a time, and none is made once the order has ended; the request,
//! its holds and the tie to the order are one transaction; of boxes over others the newest stand, and what was shown is never forgotten. Crash
//! table: before the commit there is no request, after it there is one.

use crate::db::{DbError, Value};
use crate::register::session_of;
use crate::requests::{RequestRow, request_in};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, OrderId, RequestId, UtcMs};
use domain::viewing::{Application, Covering, State};

/// What was done over others on one camera in a session.
const COVERING: &str = "SELECT body FROM showing_cover WHERE request = $1 AND opened_ms = $2 AND camera = $3";

/// An order to show footage that is open.
const OPEN_TO_SHOW: &str = "SELECT 1 FROM authority_order WHERE id = $1 AND kind = 'view' AND ended IS NULL";
/// A request of an order that waits or is in force.
const RUNNING: &str = "SELECT 1 FROM order_request o JOIN request r ON r.id = o.request WHERE o.order_id = $1 \
                       AND (r.status = 'waiting' OR (r.status = 'granted' AND r.ends_ms > $2))";
/// A person's own request that is held and not entered.
const OPEN_OF_PERSON: &str = "SELECT 1 FROM authority_order WHERE id = $1 AND kind = 'person' AND ended = 'held'";
/// A request that was made of an order.
const ENTERED: &str = "SELECT 1 FROM order_request WHERE order_id = $1";

/// Most requests of one order that are read.
const REQUESTS: u32 = 100;

impl Store {
    /// As `add_request`, for an order to show footage; `None` where that has ended, or where a request of it waits or is in force.
    ///
    /// # Errors
    /// The database or the log: then there is neither request nor hold.
    pub async fn add_request_of_order(
        &self,
        order: OrderId,
        app: &Application,
        state: State,
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<Option<RequestRow>, StoreError> {
        let running = (RUNNING, args![order, now]);
        self.add_request_in_turn((order, OPEN_TO_SHOW, running), (app, state, clauses), now).await
    }

    /// As `add_request`, for a person's own request that was handed on; `None` where it was entered already, or where nothing is to be done on it
    /// any more.
    ///
    /// # Errors
    /// The database or the log: then there is neither request nor hold.
    pub async fn add_request_of_person(
        &self,
        order: OrderId,
        app: &Application,
        state: State,
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<Option<RequestRow>, StoreError> {
        let entered = (ENTERED, args![order]);
        self.add_request_in_turn((order, OPEN_OF_PERSON, entered), (app, state, clauses), now).await
    }

    /// A request with its tie to an order, in one transaction: only where `open` finds the order, and its second question nothing that was made of
    /// it before.
    async fn add_request_in_turn(
        &self,
        (order, open, (before, values)): (OrderId, &'static str, (&'static str, Vec<Value>)),
        (app, state, clauses): (&Application, State, &[ClauseId]),
        now: UtcMs,
    ) -> Result<Option<RequestRow>, StoreError> {
        let mut tx = self.begin().await?;
        // Two custodians take turns: the second sees the request of the first.
        tx.lock().await?;
        if tx.rows(open, args![order]).await?.is_empty() || !tx.rows(before, values).await?.is_empty() {
            return Ok(None);
        }
        let row = request_in(&mut tx, app, state, clauses, now).await?;
        tx.exec("INSERT INTO order_request (order_id, request) VALUES ($1, $2)", args![order, row.id]).await?;
        tx.commit().await?;
        Ok(Some(row))
    }

    /// The person's own request, handed on by the authority, that a request was made of; `None` for any other.
    ///
    /// # Errors
    /// The database.
    pub async fn order_of_request(&self, request: RequestId) -> Result<Option<OrderId>, DbError> {
        let sql = "SELECT o.order_id FROM order_request o JOIN authority_order a ON a.id = o.order_id \
                   WHERE o.request = $1 AND a.kind = 'person'";
        let row = self.db.row(sql, args![request]).await?;
        row.map(|r| r.read(0, OrderId::parse)).transpose()
    }

    /// Requests that were made of an order, the newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn requests_of_order(&self, order: OrderId) -> Result<Vec<RequestId>, DbError> {
        let sql = "SELECT r.id FROM order_request o JOIN request r ON r.id = o.request WHERE o.order_id = $1 \
                   ORDER BY r.created_ms DESC, r.id DESC LIMIT $2";
        self.db.rows(sql, args![order, REQUESTS]).await?.iter().map(|r| r.read(0, RequestId::parse)).collect()
    }

    /// Cameras whose footage an order still holds.
    ///
    /// # Errors
    /// The database.
    pub async fn held_by_order(&self, order: OrderId) -> Result<Vec<CameraId>, DbError> {
        let sql = "SELECT o.camera FROM order_hold o JOIN hold h ON h.id = o.hold WHERE o.order_id = $1 AND h.released_ms IS NULL \
                   ORDER BY o.camera";
        self.db.rows(sql, args![order]).await?.iter().map(|r| r.read(0, CameraId::parse)).collect()
    }

    /// When the first line of this word was written in the register of a request, and when the last one ended; `None` without such a line.
    ///
    /// # Errors
    /// The database.
    pub async fn registered_span(&self, request: RequestId, what: &str) -> Result<Option<(UtcMs, UtcMs)>, DbError> {
        let sql = "SELECT MIN(at_ms), MAX(COALESCE(ended_ms, at_ms)) FROM register WHERE request = $1 AND what = $2";
        let Some(row) = self.db.row(sql, args![request, what]).await? else { return Ok(None) };
        Ok(row.int_opt(0)?.zip(row.int_opt(1)?).map(|(begin, end)| (UtcMs(begin), UtcMs(end))))
    }

    /// Cameras of which the register of a request has a line of this word since a time, each once.
    ///
    /// # Errors
    /// The database.
    pub async fn registered_cameras(
        &self,
        request: RequestId,
        what: &str,
        since: UtcMs,
    ) -> Result<Vec<CameraId>, DbError> {
        let sql = "SELECT DISTINCT camera FROM register WHERE request = $1 AND what = $2 AND at_ms >= $3 AND camera IS NOT NULL \
                   ORDER BY camera";
        self.db.rows(sql, args![request, what, since]).await?.iter().map(|r| r.read(0, CameraId::parse)).collect()
    }

    /// Keeps what was done over others on one camera in the session that was opened then; what was shown before stays shown. Returns it as kept;
    /// `None` where that session stands there no more: its line is written, and nothing is added to what it says.
    ///
    /// # Errors
    /// The database: then it stands as before.
    pub async fn keep_covering(
        &self,
        (request, opened): (RequestId, UtcMs),
        camera: CameraId,
        covering: &Covering,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<Covering>, StoreError> {
        let mut tx = self.begin().await?;
        // Two pages of one session take turns: neither forgets what the other showed.
        tx.lock().await?;
        if session_of(&mut tx, request).await?.is_none_or(|session| session.opened != opened) {
            return Ok(None);
        }
        let mut kept = covering.clone();
        for row in &tx.rows(COVERING, args![request, opened, camera]).await? {
            kept.keep_shown(&row.read(0, |t| serde_json::from_str::<Covering>(t).ok())?);
        }
        let body = serde_json::to_string(&kept).unwrap_or_default();
        tx.exec(
            "INSERT INTO showing_cover (request, opened_ms, camera, body, account, at_ms) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (request, opened_ms, camera) DO UPDATE SET body = excluded.body, account = excluded.account, at_ms = excluded.at_ms",
            args![request, opened, camera, body, by, now],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(kept))
    }

    /// What was done over others on one camera in the session that was opened then; `None`: nothing.
    ///
    /// # Errors
    /// The database.
    pub async fn covering(
        &self,
        request: RequestId,
        opened: UtcMs,
        camera: CameraId,
    ) -> Result<Option<Covering>, DbError> {
        let row = self.db.row(COVERING, args![request, opened, camera]).await?;
        row.map(|r| r.read(0, |t| serde_json::from_str(t).ok())).transpose()
    }
}
