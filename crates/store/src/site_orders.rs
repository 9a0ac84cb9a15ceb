//! The authority's end of orders: what it tells its sites to do, and what they answered.
//!
//! An order has its number among those of its site and its entry `order.made` in one transaction, with the event of the case that asks for it.
//! What is signed is made from the row when the site asks, the same bytes each time until the words of a person's request are erased (`relays`);
//! a site that asks for such an order once more is given an empty body, and says that it cannot do it; of what it answers then only the digest is
//! kept. Crash table: before the commit there is no order and no number; after it the order is there until the site asks. An answer that comes again
//! gets the receipt of then.

use crate::casework::cases::{self, CaseRow};
use crate::casework::registers::{self, RegisterChange};
use crate::casework::{number, place, read_opt};
use crate::db::{DbError, Row};
use crate::inbox::{Incoming, Taken};
use crate::keys::Sealer;
use crate::ledger_log::{ActLine, LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, ClauseId, OfficeId, OrderId, PartyId, Sha256, SiteId, Text, UtcMs};

/// Column that bodies of orders are bound to.
const BODY: &str = "site_order.body";
/// Column that bodies of answers are bound to.
const ANSWER: &str = "site_order_result.body";
/// Most answers that are taken to one order: a restored site answers again, and a person's own request goes on in stages; more fill rows and log.
pub const RESULTS_OF_ORDER: i64 = 200;
/// Most orders of one case that are read.
pub const ORDERS_OF_CASE: u32 = 50;

/// An order to be made.
#[derive(Clone)]
pub struct NewOrder {
    /// Its id.
    pub id: OrderId,
    /// To whom.
    pub site: SiteId,
    /// Word of what is to be done (`domain::order`).
    pub kind: &'static str,
    /// Its body, as it will be signed.
    pub body: Vec<u8>,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log, without persons.
    pub text: Text,
}

/// Without the body.
impl std::fmt::Debug for NewOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewOrder({} {})", self.kind, self.id)
    }
}

/// An order as kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SiteOrder {
    /// Its id.
    pub id: OrderId,
    /// To whom.
    pub site: SiteId,
    /// Its number among those to this site.
    pub seq: u64,
    /// Word of what is to be done.
    pub kind: String,
    /// For which case.
    pub case: Option<CaseId>,
    /// When it was made.
    pub at: UtcMs,
    /// Its body.
    pub body: Vec<u8>,
    /// The order that ends it.
    pub ended_by: Option<OrderId>,
    /// Place of its entry.
    pub entry: u64,
}

/// Without the body.
impl std::fmt::Debug for SiteOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SiteOrder({} {} {})", self.seq, self.kind, self.id)
    }
}

/// What a site answered to an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderResult {
    /// Word of how it ended.
    pub ended: String,
    /// The answer as it came.
    pub body: Vec<u8>,
    /// When it came.
    pub at: UtcMs,
    /// Place of its entry.
    pub entry: u64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, site, seq, kind, case_id, at_ms, body_sealed, ended_by, entry FROM site_order ", $rest)
    };
}

fn order_of(sealer: &Sealer, r: &Row) -> Result<SiteOrder, StoreError> {
    Ok(SiteOrder {
        id: r.read(0, OrderId::parse)?,
        site: r.read(1, SiteId::parse)?,
        seq: place(r, 2)?,
        kind: r.text(3)?,
        case: read_opt(r, 4, CaseId::parse)?,
        at: UtcMs(r.int(5)?),
        body: sealer.open(BODY, &r.blob(6)?)?,
        ended_by: read_opt(r, 7, OrderId::parse)?,
        entry: place(r, 8)?,
    })
}

/// Seals the bodies before a transaction begins.
pub(crate) fn seal(sealer: &Sealer, orders: &[NewOrder]) -> Result<Vec<Vec<u8>>, StoreError> {
    orders.iter().map(|o| Ok(sealer.seal(BODY, &o.body)?)).collect()
}

/// Makes an order in a transaction that has locked the log.
pub(crate) async fn put_in(
    tx: &mut Tx,
    order: &NewOrder,
    sealed: Vec<u8>,
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Result<(), StoreError> {
    let rows = tx.rows("SELECT COALESCE(MAX(seq), 0) FROM site_order WHERE site = $1", args![order.site]).await?;
    let seq = rows.first().map_or(Ok(0), |r| place(r, 0))? + 1;
    let sha256 = Sha256::of(&order.body).hex();
    let body = serde_json::json!({
        "order": order.id, "site": order.site, "seq": seq, "what": order.kind, "case": case, "body_sha256": sha256,
        "clauses": order.clauses, "by": by,
    });
    let act = ActLine { clauses: order.clauses.clone(), ..ActLine::done(by, order.text.clone()) };
    let entry = tx.log(LogEntry { kind: "order.made", at: now, body, act: Some(act) }).await?;
    tx.exec(
        "INSERT INTO site_order (id, site, seq, kind, case_id, at_ms, account, body_sealed, sha256, ended_by, entry) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10)",
        args![order.id, order.site, seq, order.kind, case, now, by, sealed, sha256, entry],
    )
    .await?;
    Ok(())
}

/// Takes the words of an order and of its answers, in a transaction that has locked the log: bodies are empty from then on, digests stay.
pub(crate) async fn erase_in(tx: &mut Tx, sealer: &Sealer, order: OrderId) -> Result<(), StoreError> {
    let nothing = sealer.seal(BODY, &[])?;
    tx.exec("UPDATE site_order SET body_sealed = $2 WHERE id = $1", args![order, nothing]).await?;
    let nothing = sealer.seal(ANSWER, &[])?;
    tx.exec("UPDATE site_order_result SET body_sealed = $2 WHERE order_id = $1", args![order, nothing]).await?;
    Ok(())
}

impl Store {
    /// A new id of an order.
    ///
    /// # Errors
    /// The random numbers of the system.
    pub fn new_order_id(&self, now: UtcMs) -> Result<OrderId, StoreError> {
        Ok(OrderId::new(now.0, crate::keys::random()?))
    }

    /// Makes an order by itself. With `ends` it is the one that ends that hold: false, and nothing is made, where it was ended already.
    ///
    /// # Errors
    /// The database or the log; then there is no order.
    pub async fn add_order(
        &self,
        order: &NewOrder,
        ends: Option<OrderId>,
        of: (Option<CaseId>, Option<AccountId>),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        self.add_order_entered(order, ends, of, &[], now).await
    }

    /// As `add_order`; the versions of rows of registers that follow from it are in the same transaction.
    ///
    /// # Errors
    /// As `add_order`.
    pub async fn add_order_entered(
        &self,
        order: &NewOrder,
        ends: Option<OrderId>,
        (case, by): (Option<CaseId>, Option<AccountId>),
        rows: &[RegisterChange],
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let sealed = self.sealer.seal(BODY, &order.body)?;
        let personal = registers::seal(&self.sealer, rows)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if let Some(ended) = ends {
            let sql = "UPDATE site_order SET ended_by = $2 WHERE id = $1 AND ended_by IS NULL";
            if tx.exec(sql, args![ended, order.id]).await? == 0 {
                return Ok(false);
            }
        }
        put_in(&mut tx, order, sealed, (case, by), now).await?;
        registers::write_in(&mut tx, (rows, personal), (case, by), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Orders to a site after a number, in their order; at most `limit`.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn orders_after(&self, site: SiteId, after: u64, limit: u32) -> Result<Vec<SiteOrder>, StoreError> {
        let sql = select!("WHERE site = $1 AND seq > $2 ORDER BY seq LIMIT $3");
        let rows = self.db.rows(sql, args![site, after, limit]).await?;
        rows.iter().map(|r| order_of(&self.sealer, r)).collect()
    }

    /// Orders of a case, the oldest first, each with the newest answer; at most [`ORDERS_OF_CASE`].
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn orders_of_case(&self, case: CaseId) -> Result<Vec<(SiteOrder, Option<OrderResult>)>, StoreError> {
        let sql = select!("WHERE case_id = $1 ORDER BY at_ms, id LIMIT $2");
        let mut out = Vec::new();
        for row in self.db.rows(sql, args![case, ORDERS_OF_CASE]).await? {
            let order = order_of(&self.sealer, &row)?;
            let answer = self.newest_result(order.id).await?;
            out.push((order, answer));
        }
        Ok(out)
    }

    /// The newest answer to an order; `None`: there is none yet.
    ///
    /// # Errors
    /// As `orders_of_case`.
    pub async fn newest_result(&self, order: OrderId) -> Result<Option<OrderResult>, StoreError> {
        let sql = "SELECT ended, body_sealed, at_ms, entry FROM site_order_result WHERE order_id = $1 ORDER BY entry DESC LIMIT 1";
        let Some(r) = self.db.row(sql, args![order]).await? else { return Ok(None) };
        Ok(Some(OrderResult {
            ended: r.text(0)?,
            body: self.sealer.open(ANSWER, &r.blob(1)?)?,
            at: UtcMs(r.int(2)?),
            entry: place(&r, 3)?,
        }))
    }

    /// One order; `None` where none has this id.
    ///
    /// # Errors
    /// As `orders_of_case`.
    pub async fn site_order(&self, id: OrderId) -> Result<Option<SiteOrder>, StoreError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| order_of(&self.sealer, &r)).transpose()
    }

    /// Cases with a hold that stands, after a case; at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn cases_with_holds(&self, after: Option<CaseId>, limit: u32) -> Result<Vec<CaseId>, DbError> {
        let sql = "SELECT DISTINCT case_id FROM site_order WHERE kind = 'hold' AND ended_by IS NULL AND case_id > $1 \
                   ORDER BY case_id LIMIT $2";
        let after = after.map_or_else(String::new, |id| id.to_string());
        let rows = self.db.rows(sql, args![after, limit]).await?;
        rows.iter().map(|r| r.read(0, CaseId::parse)).collect()
    }

    /// Open cases of an office and procedure in this state for which no site was ever told to hold footage, those of nobody and of this account,
    /// the nearest last day first: what others handle takes no place in the limit.
    ///
    /// # Errors
    /// The database.
    pub async fn unheld_cases(
        &self,
        (office, account): (OfficeId, AccountId),
        procedure: &str,
        state: &str,
        limit: u32,
    ) -> Result<Vec<CaseRow>, DbError> {
        let sql = cases::select!(
            "WHERE closed_ms IS NULL AND office = $1 AND procedure = $2 AND state = $3 AND (assigned = '' OR assigned = $5) AND NOT EXISTS \
             (SELECT 1 FROM site_order o WHERE o.case_id = case_file.id AND o.kind = 'hold') ORDER BY next_due, id LIMIT $4"
        );
        let rows = self.db.rows(sql, args![office, procedure, state, limit, account]).await?;
        rows.iter().map(cases::case_of).collect()
    }

    /// How many holds stand in the cases of a party.
    ///
    /// # Errors
    /// The database.
    pub async fn standing_holds_of(&self, party: PartyId) -> Result<u32, DbError> {
        let sql = "SELECT COUNT(*) FROM site_order o JOIN case_file c ON c.id = o.case_id \
                   WHERE o.kind = 'hold' AND o.ended_by IS NULL AND c.party = $1";
        let rows = self.db.rows(sql, args![party]).await?;
        rows.first().map_or(Ok(0), |r| number(r, 0))
    }

    /// Takes what a site answered to an order of its own; `None` where there is no such order to this site, or none that takes another answer
    /// ([`RESULTS_OF_ORDER`]). `receipt` makes the signed receipt from the place of the entry.
    ///
    /// # Errors
    /// The database, the log, or a body that cannot be sealed; then nothing was taken.
    pub async fn take_order_result(
        &self,
        new: &Incoming<'_>,
        (order, ended): (OrderId, &str),
        now: UtcMs,
        receipt: impl FnOnce(u64) -> Option<Vec<u8>> + Send,
    ) -> Result<Option<Taken>, StoreError> {
        let sha256 = Sha256::of(new.body).hex();
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT sha256, receipt FROM site_order_result WHERE site = $1 AND message = $2";
        if let Some(known) = tx.rows(sql, args![new.site, new.id]).await?.first() {
            let same = known.text(0)? == sha256;
            return Ok(Some(if same { Taken::Again(known.blob(1)?) } else { Taken::OtherBody }));
        }
        let sql = "SELECT seq FROM site_order WHERE id = $1 AND site = $2";
        let rows = tx.rows(sql, args![order, new.site]).await?;
        let Some(seq) = rows.first().map(|r| place(r, 0)).transpose()? else { return Ok(None) };
        let many = tx.rows("SELECT COUNT(*) FROM site_order_result WHERE order_id = $1", args![order]).await?;
        if many.first().map_or(Ok(0), |r| r.int(0))? >= RESULTS_OF_ORDER {
            return Ok(None);
        }
        // Of a request whose words were erased no word comes back: its answers keep their digest only.
        let erased = "SELECT 1 FROM relay WHERE id = $1 AND erased_ms IS NOT NULL";
        let words: &[u8] = if tx.rows(erased, args![order]).await?.is_empty() { new.body } else { &[] };
        let sealed = self.sealer.seal(ANSWER, words)?;
        let entry = serde_json::json!({
            "order": order, "site": new.site, "message": new.id, "seq": new.seq, "outcome": ended, "body_sha256": sha256,
            "note_sha256": Sha256::of(new.note),
        });
        let text =
            Text::of(format!("使用单位对第 {seq} 号指令的答复。"), format!("A site's answer to order number {seq}."));
        let act = Some(ActLine::done(None, text));
        let entry = tx.log(LogEntry { kind: "order.answered", at: now, body: entry, act }).await?;
        let receipt = receipt(entry).unwrap_or_default();
        tx.exec(
            "INSERT INTO site_order_result (site, message, seq, order_id, ended, note, body_sealed, sha256, receipt, at_ms, entry) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            args![
                new.site,
                new.id,
                new.seq,
                order,
                ended,
                new.note.to_vec(),
                sealed,
                sha256,
                receipt.clone(),
                now,
                entry
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(Taken::New(receipt)))
    }
}
