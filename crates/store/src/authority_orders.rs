//! A site's end of orders: what its authority told it to do, kept before it is done, and the holds that follow.
//!
//! ```text
//! taken (row, entry order.taken) ─▶ holds placed (order_hold, one a camera) ─▶ ended (answer, entry order.done) ─▶ sent
//! ```
//! A person's own request that is handed on (kind `person`) is ended with its first answer; `ended` is the stage of the newest (`PersonStage`), and
//! each further answer is sent anew. Crash table. Asked, not taken: asked again. Taken, nothing done: done at the next look. Holds placed, not
//! ended: placed again finds them there, then it is ended with what is there. Ended, not sent: sent. Sent, not noted: sent again, the same receipt. A
//! hold of an order is ended by another order only.

use crate::casework::{place, read_opt};
use crate::db::{DbError, Row};
use crate::keys::Sealer;
use crate::ledger_log::{ActLine, LogEntry};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ClauseId, HoldId, OrderId, Sha256, Text, UtcMs};
use domain::order::{Coming, PERSON};

/// Column that bodies of orders are bound to.
const BODY: &str = "authority_order.body";
/// Column that answers are bound to.
const ANSWER: &str = "authority_order.answer";
/// What the reason of a hold of an order begins with; the number of the authority's case follows.
pub const ORDER_REASON: &str = "order ";

/// An order that came and was found to be of the authority.
#[derive(Clone, Copy, Debug)]
pub struct CameOrder<'a> {
    /// Its id.
    pub id: OrderId,
    /// Origin of the authority's log.
    pub authority: &'a str,
    /// Its number.
    pub seq: u64,
    /// Word of what is to be done.
    pub kind: &'a str,
    /// When the authority made it.
    pub at: UtcMs,
    /// The signed text.
    pub note: &'a [u8],
    /// The body.
    pub body: &'a [u8],
}

/// An order as kept.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorityOrder {
    /// Its id.
    pub id: OrderId,
    /// Its number.
    pub seq: u64,
    /// Word of what is to be done.
    pub kind: String,
    /// When the authority made it.
    pub at: UtcMs,
    /// When it was taken here.
    pub taken: UtcMs,
    /// The body.
    pub body: Vec<u8>,
    /// Word of how it ended, and when; `None` while it is to be done. Of a person's own request the stage that was told last.
    pub ended: Option<(String, UtcMs)>,
    /// What is answered.
    pub answer: Option<Vec<u8>>,
    /// When the authority had the answer.
    pub sent: Option<UtcMs>,
}

/// Without the body.
impl std::fmt::Debug for AuthorityOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthorityOrder({} {} {})", self.seq, self.kind, self.id)
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, seq, kind, at_ms, taken_ms, body_sealed, ended, ended_ms, answer_sealed, sent_ms FROM authority_order ",
            $rest
        )
    };
}

fn order_of(sealer: &Sealer, r: &Row) -> Result<AuthorityOrder, StoreError> {
    let answer = r.blob_opt(8)?;
    Ok(AuthorityOrder {
        id: r.read(0, OrderId::parse)?,
        seq: place(r, 1)?,
        kind: r.text(2)?,
        at: UtcMs(r.int(3)?),
        taken: UtcMs(r.int(4)?),
        body: sealer.open(BODY, &r.blob(5)?)?,
        ended: r.text_opt(6)?.zip(r.int_opt(7)?.map(UtcMs)),
        answer: answer.map(|sealed| sealer.open(ANSWER, &sealed)).transpose()?,
        sent: r.int_opt(9)?.map(UtcMs),
    })
}

fn act(camera: Option<CameraId>, clauses: &[ClauseId], text: Text) -> Option<ActLine> {
    Some(ActLine { camera, clauses: clauses.to_vec(), ..ActLine::done(None, text) })
}

/// What the log says of a hold: a person's own request is no order of the authority, which hands it on.
fn placed(kind: &str, case: &str, (from, to): (UtcMs, UtcMs)) -> Text {
    let (from, to) = (from.desk(), to.desk());
    if kind == PERSON {
        return Text::of(
            format!("按网上转来的查阅申请（{case}）封存录像 {from} 至 {to}。"),
            format!("Footage {from} to {to} held for a person's request that was handed on ({case})."),
        );
    }
    Text::of(
        format!("按公安机关指令（{case}）封存录像 {from} 至 {to}。"),
        format!("Footage {from} to {to} held by order of the authority ({case})."),
    )
}

/// The same of holds that are let go.
fn released(kind: &str, n: u64) -> Text {
    if kind == PERSON {
        return Text::of(
            format!("网上转来的查阅申请办结或者撤回，解除{n}项封存。"),
            format!("{n} holds released: a person's request that was handed on is over, or was taken back."),
        );
    }
    Text::of(format!("按公安机关指令解除{n}项封存。"), format!("{n} holds released by order of the authority."))
}

/// Longest time between a picture and its row, ms, with a minute to spare.
const ROWS_FOLLOW_MS: i64 = 60_000;

impl Store {
    /// The highest number of orders of an authority that are here; 0: none is.
    ///
    /// # Errors
    /// The database.
    pub async fn last_order(&self, authority: &str) -> Result<u64, DbError> {
        let sql = "SELECT COALESCE(MAX(seq), 0) FROM authority_order WHERE authority = $1";
        self.db.row(sql, args![authority]).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// Keeps an order that came, with the entry `order.taken`. False when it is here already.
    ///
    /// # Errors
    /// The database, the log, or a body that cannot be sealed; then it is asked for again.
    pub async fn take_order(&self, new: &CameOrder<'_>, now: UtcMs) -> Result<bool, StoreError> {
        let sealed = self.sealer.seal(BODY, new.body)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if !tx.rows("SELECT 1 FROM authority_order WHERE id = $1", args![new.id]).await?.is_empty() {
            return Ok(false);
        }
        tx.exec(
            "INSERT INTO authority_order (id, authority, seq, kind, at_ms, taken_ms, note, body_sealed, ended, ended_ms, answer_sealed, \
             sent_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL, NULL, NULL)",
            args![new.id, new.authority, new.seq, new.kind, new.at, now, new.note.to_vec(), sealed],
        )
        .await?;
        let body = serde_json::json!({
            "order": new.id, "seq": new.seq, "what": new.kind, "body_sha256": Sha256::of(new.body),
            "note_sha256": Sha256::of(new.note),
        });
        let text = Text::of(
            format!("收到公安机关第 {} 号指令。", new.seq),
            format!("Order number {} of the authority received.", new.seq),
        );
        tx.log(LogEntry { kind: "order.taken", at: now, body, act: act(None, &[], text) }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Orders that are still to be done, in their order; without those to show footage, which persons carry out.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn orders_to_do(&self, limit: u32) -> Result<Vec<AuthorityOrder>, StoreError> {
        let sql = select!("WHERE ended IS NULL AND kind <> 'view' ORDER BY seq LIMIT $1");
        self.db.rows(sql, args![limit]).await?.iter().map(|r| order_of(&self.sealer, r)).collect()
    }

    /// Orders to show footage that are open, after a number, in their order.
    ///
    /// # Errors
    /// As `orders_to_do`.
    pub async fn orders_to_show(&self, after: u64, limit: u32) -> Result<Vec<AuthorityOrder>, StoreError> {
        let sql = select!("WHERE ended IS NULL AND kind = 'view' AND seq > $1 ORDER BY seq LIMIT $2");
        self.db.rows(sql, args![after, limit]).await?.iter().map(|r| order_of(&self.sealer, r)).collect()
    }

    /// One order; `None` where none has this id.
    ///
    /// # Errors
    /// As `orders_to_do`.
    pub async fn authority_order(&self, id: OrderId) -> Result<Option<AuthorityOrder>, StoreError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| order_of(&self.sealer, &r)).transpose()
    }

    /// Orders that ended and whose answer the authority does not have.
    ///
    /// # Errors
    /// As `orders_to_do`.
    pub async fn orders_unanswered(&self, limit: u32) -> Result<Vec<AuthorityOrder>, StoreError> {
        let sql = select!("WHERE ended IS NOT NULL AND sent_ms IS NULL ORDER BY seq LIMIT $1");
        self.db.rows(sql, args![limit]).await?.iter().map(|r| order_of(&self.sealer, r)).collect()
    }

    /// Orders, the newest first.
    ///
    /// # Errors
    /// As `orders_to_do`.
    pub async fn authority_orders(&self, limit: u32) -> Result<Vec<AuthorityOrder>, StoreError> {
        let sql = select!("ORDER BY taken_ms DESC, seq DESC LIMIT $1");
        self.db.rows(sql, args![limit]).await?.iter().map(|r| order_of(&self.sealer, r)).collect()
    }

    /// Footage that orders hold now, ms of one camera each, without that of `but`; where `but` is no person's own request, also without that of such
    /// requests: what persons ask for takes no room of what the authority orders.
    ///
    /// # Errors
    /// The database.
    pub async fn held_by_orders_ms(&self, but: OrderId) -> Result<i64, DbError> {
        let sql = "SELECT CAST(COALESCE(SUM(h.to_ms - h.from_ms), 0) AS BIGINT) FROM hold h JOIN order_hold o ON o.hold = h.id \
                   JOIN authority_order a ON a.id = o.order_id WHERE h.released_ms IS NULL AND o.order_id <> $1 AND (a.kind <> 'person' \
                   OR EXISTS (SELECT 1 FROM authority_order own WHERE own.id = $1 AND own.kind = 'person'))";
        self.db.row(sql, args![but]).await?.map_or(Ok(0), |r| r.int(0))
    }

    /// Holds footage of cameras for an order, each once, with an entry `hold.placed` for each that is new; which cameras are held then. One
    /// without footage at that time is not. Nothing is done for an order that ended.
    ///
    /// # Errors
    /// The database or the log; then nothing new is held.
    pub async fn hold_for_order(
        &self,
        (order, case): (OrderId, &str),
        cameras: &[CameraId],
        (from, to): (UtcMs, UtcMs),
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<Vec<CameraId>, StoreError> {
        let mut tx = self.begin().await?;
        // A deletion of this moment is either over, and seen here, or comes after and sees the hold.
        tx.lock().await?;
        let open = "SELECT kind FROM authority_order WHERE id = $1 AND ended IS NULL";
        let kind = tx.rows(open, args![order]).await?.first().map(|r| r.text(0)).transpose()?;
        let Some(kind) = kind else { return Ok(Vec::new()) };
        let there = "SELECT 1 FROM container WHERE camera = $1 AND deleted_ms IS NULL AND start_ms < $3 \
                     AND (end_ms > $2 OR sealed_ms IS NULL) LIMIT 1";
        let live = "SELECT 1 FROM camera WHERE id = $1 AND removed_ms IS NULL";
        let known = "SELECT 1 FROM order_hold WHERE order_id = $1 AND camera = $2";
        let mut held = Vec::new();
        for camera in cameras {
            if !tx.rows(known, args![order, *camera]).await?.is_empty() {
                held.push(*camera);
                continue;
            }
            // What is being recorded has no row yet: a time that reaches to now is held all the same.
            let is_live = to.0 > now.0 - ROWS_FOLLOW_MS && !tx.rows(live, args![*camera]).await?.is_empty();
            if !is_live && tx.rows(there, args![*camera, from, to]).await?.is_empty() {
                continue;
            }
            let id = HoldId::new(now.0, crate::keys::random()?);
            let reason = format!("{ORDER_REASON}{case}");
            let body = serde_json::json!({
                "hold": id, "camera": camera, "from_utc_ms": from, "to_utc_ms": to, "order": order,
                "reason_sha256": Sha256::of(reason.as_bytes()), "clauses": clauses,
            });
            let text = placed(&kind, case, (from, to));
            tx.log(LogEntry { kind: "hold.placed", at: now, body, act: act(Some(*camera), clauses, text) }).await?;
            tx.exec(
                "INSERT INTO hold (id, camera, from_ms, to_ms, request, reason, placed_ms, released_ms) \
                 VALUES ($1, $2, $3, $4, NULL, $5, $6, NULL)",
                args![id, *camera, from, to, reason, now],
            )
            .await?;
            let row = "INSERT INTO order_hold (order_id, camera, hold) VALUES ($1, $2, $3)";
            tx.exec(row, args![order, *camera, id]).await?;
            held.push(*camera);
        }
        tx.commit().await?;
        Ok(held)
    }

    /// Releases what an order holds; how many cameras, `None` where no such order is known here. Released ones stay released.
    ///
    /// # Errors
    /// The database or the log; then all of it is still held.
    pub async fn release_for_order(
        &self,
        (order, by_order): (OrderId, OrderId),
        clauses: &[ClauseId],
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let known = "SELECT kind FROM authority_order WHERE id = $1 AND kind IN ('hold', 'person')";
        let kind = tx.rows(known, args![order]).await?.first().map(|r| r.text(0)).transpose()?;
        let Some(kind) = kind else { return Ok(None) };
        let sql = "UPDATE hold SET released_ms = $2, reason = reason || $3 WHERE released_ms IS NULL \
                   AND id IN (SELECT hold FROM order_hold WHERE order_id = $1)";
        let n = tx.exec(sql, args![order, now, "; released by order"]).await?;
        if n > 0 {
            let body = serde_json::json!({ "order": order, "holds": n, "released_by": by_order, "clauses": clauses });
            let text = released(&kind, n);
            tx.log(LogEntry { kind: "hold.released", at: now, body, act: act(None, clauses, text) }).await?;
        }
        tx.commit().await?;
        Ok(Some(n))
    }

    /// Ends an order with its answer and the entry `order.done`. False when it ended already.
    ///
    /// # Errors
    /// The database, the log, or an answer that cannot be sealed; then it is done again.
    pub async fn end_order(
        &self,
        order: &AuthorityOrder,
        (ended, answer, clauses): (&str, &[u8], &[ClauseId]),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let sealed = self.sealer.seal(ANSWER, answer)?;
        let mut tx = self.begin().await?;
        let sql =
            "UPDATE authority_order SET ended = $2, ended_ms = $3, answer_sealed = $4 WHERE id = $1 AND ended IS NULL";
        if tx.exec(sql, args![order.id, ended, now, sealed]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({
            "order": order.id, "seq": order.seq, "outcome": ended, "body_sha256": Sha256::of(answer), "clauses": clauses,
        });
        let text = Text::of(
            format!("公安机关第 {} 号指令办理完毕。", order.seq),
            format!("Order number {} of the authority was dealt with.", order.seq),
        );
        tx.log(LogEntry { kind: "order.done", at: now, body, act: act(None, clauses, text) }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Persons' own requests whose next answer may differ from the last, after a number, in their order.
    ///
    /// # Errors
    /// As `orders_to_do`.
    pub async fn persons_open(&self, after: u64, limit: u32) -> Result<Vec<AuthorityOrder>, StoreError> {
        let sql = select!(
            "WHERE kind = 'person' AND ended IN ('held', 'entered', 'agreed') AND seq > $1 ORDER BY seq LIMIT $2"
        );
        self.db.rows(sql, args![after, limit]).await?.iter().map(|r| order_of(&self.sealer, r)).collect()
    }

    /// How many persons' own requests are held and not entered.
    ///
    /// # Errors
    /// The database.
    pub async fn persons_held(&self) -> Result<u64, DbError> {
        let sql = "SELECT COUNT(*) FROM authority_order WHERE kind = 'person' AND ended = 'held'";
        self.db.row(sql, args![]).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// How many of these came before an instant.
    ///
    /// # Errors
    /// The database.
    pub async fn persons_held_before(&self, before: UtcMs) -> Result<u64, DbError> {
        let sql = "SELECT COUNT(*) FROM authority_order WHERE kind = 'person' AND ended = 'held' AND taken_ms < $1";
        self.db.row(sql, args![before]).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// Puts the next answer to a person's own request in the place of the last, to be sent anew, with the entry `order.told`. False when the last
    /// is no longer the one that `order` has.
    ///
    /// # Errors
    /// The database, the log, or an answer that cannot be sealed; then it is looked at again.
    pub async fn answer_again(
        &self,
        order: &AuthorityOrder,
        (stage, answer, clauses): (&str, &[u8], &[ClauseId]),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let Some((before, at)) = &order.ended else { return Ok(false) };
        let sealed = self.sealer.seal(ANSWER, answer)?;
        let mut tx = self.begin().await?;
        let sql = "UPDATE authority_order SET ended = $2, ended_ms = $3, answer_sealed = $4, sent_ms = NULL \
                   WHERE id = $1 AND ended = $5 AND ended_ms = $6";
        if tx.exec(sql, args![order.id, stage, now, sealed, before.as_str(), *at]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({
            "order": order.id, "seq": order.seq, "stage": stage, "body_sha256": Sha256::of(answer), "clauses": clauses,
        });
        let text = Text::of(
            format!("向申请人答复第 {} 号转来的查阅申请。", order.seq),
            format!("The person of request number {} that was handed on is told how it stands.", order.seq),
        );
        tx.log(LogEntry { kind: "order.told", at: now, body, act: act(None, clauses, text) }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says when and where the person of a request is to come, in the place of what was said before, with the entry `order.coming`.
    ///
    /// # Errors
    /// The database or the log; then what was said before stands.
    pub async fn set_coming(
        &self,
        order: OrderId,
        coming: &Coming,
        by: AccountId,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.exec("DELETE FROM order_coming WHERE order_id = $1", args![order]).await?;
        let sql = "INSERT INTO order_coming (order_id, from_ms, to_ms, place, account, at_ms) VALUES ($1, $2, $3, $4, $5, $6)";
        tx.exec(sql, args![order, coming.from, coming.to, coming.place.as_str(), by, now]).await?;
        let body = serde_json::json!({ "order": order, "from_utc_ms": coming.from, "to_utc_ms": coming.to, "by": by });
        let text = Text::of(
            format!("通知申请人 {} 至 {} 到场查阅。", coming.from.desk(), coming.to.desk()),
            format!("The person is told to come between {} and {}.", coming.from.desk(), coming.to.desk()),
        );
        tx.log(LogEntry { kind: "order.coming", at: now, body, act: Some(ActLine::done(Some(by), text)) }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// When and where the person of a request is to come; `None`: nobody said.
    ///
    /// # Errors
    /// The database.
    pub async fn coming(&self, order: OrderId) -> Result<Option<Coming>, DbError> {
        let sql = "SELECT from_ms, to_ms, place FROM order_coming WHERE order_id = $1";
        let Some(r) = self.db.row(sql, args![order]).await? else { return Ok(None) };
        Ok(Some(Coming { from: UtcMs(r.int(0)?), to: UtcMs(r.int(1)?), place: r.text(2)? }))
    }

    /// The authority has the answer.
    ///
    /// # Errors
    /// The database; then it is sent again.
    pub async fn order_answered(&self, order: OrderId, now: UtcMs) -> Result<(), DbError> {
        let sql = "UPDATE authority_order SET sent_ms = $2 WHERE id = $1 AND sent_ms IS NULL";
        self.db.exec(sql, args![order, now]).await.map(|_| ())
    }

    /// The order that placed a hold; `None` for any other hold.
    ///
    /// # Errors
    /// The database.
    pub async fn order_of_hold(&self, hold: HoldId) -> Result<Option<OrderId>, DbError> {
        let row = self.db.row("SELECT order_id FROM order_hold WHERE hold = $1", args![hold]).await?;
        row.map_or(Ok(None), |r| read_opt(&r, 0, OrderId::parse))
    }
}
