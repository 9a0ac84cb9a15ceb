//! Persons' own requests to see footage (Order 799 art. 21) that the authority's server takes in and hands on to the unit that decides them.
//!
//! ```text
//! form ─▶ add_relay: limits of the account · number · row, entry relay.received · the order that hands it on: one transaction
//!   ─▶ the site's answers stand with the order (`site_orders`) ─▶ end_relay: the order that releases the footage, or nothing to release
//! its term is over ─▶ erase_relays: words of request, order and answers are gone, entry relay.erased; number, times and digests stay
//! ```
//! Always true: names, reasons and place are sealed; the same id is one request, however often it is sent; without a site there is no order, and
//! nothing is said to be held; what is erased has an empty body, and its order too. Crash table: before the commit there is no request, no number
//! and no order; after it all three. Ended twice: the second finds it ended. Before the commit of an erasing all words are there still, and the
//! next day's work erases them.

use crate::casework::{place, read_opt};
use crate::db::Row;
use crate::keys::Sealer;
use crate::ledger_log::{ActLine, LogEntry, Tx};
use crate::site_orders::{self, NewOrder};
use crate::{Store, StoreError, args};
use base::time::DAY_MS;
use base::{AccountId, ClauseId, OrderId, PartyId, Sha256, SiteId, Text, UtcMs};

/// Column that bodies are bound to.
const BODY: &str = "relay.body";
/// Requests of one account that are listed.
pub const RELAYS: u32 = 50;

/// A request to be taken in.
#[derive(Clone, Debug)]
pub struct NewRelay {
    /// Its id; the order that hands it on has the same.
    pub id: OrderId,
    /// Whose account.
    pub account: AccountId,
    /// For whom.
    pub party: PartyId,
    /// To which site; `None`: none is known, the person goes there with a letter.
    pub site: Option<SiteId>,
    /// On what ground.
    pub clauses: Vec<ClauseId>,
}

/// How many requests one account may have.
#[derive(Clone, Copy, Debug)]
pub struct RelayLimits {
    /// Handed on and not over.
    pub open: u32,
    /// Made within a day, handed on or not.
    pub a_day: u32,
}

/// A request as kept.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayRow {
    /// Its id.
    pub id: OrderId,
    /// Number of its receipt.
    pub number: String,
    /// Whose account.
    pub account: AccountId,
    /// When it was taken in.
    pub at: UtcMs,
    /// To which site it is handed on.
    pub site: Option<SiteId>,
    /// What was asked (`domain::order::PersonOrder`); empty: it was erased.
    pub body: Vec<u8>,
    /// When it was over.
    pub ended: Option<UtcMs>,
    /// Place of its entry.
    pub entry: u64,
}

impl RelayRow {
    /// Its words are gone: the term of deletion was over.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.body.is_empty()
    }
}

/// Without the body.
impl std::fmt::Debug for RelayRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RelayRow({} {})", self.number, self.id)
    }
}

/// What became of a request that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RelaySaved {
    /// It was taken in.
    Done(RelayRow),
    /// It was here already: the same receipt.
    Again(RelayRow),
    /// The id is somebody else's.
    Taken,
    /// The account has as many that are not over as it may.
    TooManyOpen,
    /// The account made as many within a day as it may.
    TooManyToday,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, number, account, at_ms, site, body_sealed, ended_ms, entry FROM relay ", $rest)
    };
}

fn relay_of(sealer: &Sealer, r: &Row) -> Result<RelayRow, StoreError> {
    Ok(RelayRow {
        id: r.read(0, OrderId::parse)?,
        number: r.text(1)?,
        account: r.read(2, AccountId::parse)?,
        at: UtcMs(r.int(3)?),
        site: read_opt(r, 4, SiteId::parse)?,
        body: sealer.open(BODY, &r.blob(5)?)?,
        ended: r.int_opt(6)?.map(UtcMs),
        entry: place(r, 7)?,
    })
}

/// Requests whose words go: over before $1; taken in before it where nobody has them, or where the site is connected no more. $2 the limit.
const DUE: &str = "SELECT id FROM relay WHERE erased_ms IS NULL AND at_ms < $1 AND COALESCE(ended_ms, at_ms) < $1 AND (ended_ms IS NOT NULL \
                   OR site IS NULL OR NOT EXISTS (SELECT 1 FROM peer_site p WHERE p.site = relay.site AND p.state = 'admitted')) \
                   ORDER BY at_ms, id LIMIT $2";

/// A count of the first row.
async fn count(tx: &mut Tx, sql: &'static str, account: AccountId, since: UtcMs) -> Result<u64, StoreError> {
    let rows = tx.rows(sql, args![account, since]).await?;
    Ok(rows.first().map_or(Ok(0), |r| place(r, 0))?)
}

impl Store {
    /// Takes a request in, with its number, and the order that hands it on where there is a site. `build` makes its body from the number, and from
    /// the body the order.
    ///
    /// # Errors
    /// The database or the log; then there is neither request nor order.
    pub async fn add_relay(
        &self,
        new: &NewRelay,
        limits: RelayLimits,
        build: impl FnOnce(&str) -> (Vec<u8>, Option<NewOrder>) + Send,
        now: UtcMs,
    ) -> Result<RelaySaved, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        if let Some(stands) = self.stands_in_the_way(&mut tx, new, limits, now).await? {
            return Ok(stands);
        }
        let year: String = now.desk().chars().take(4).collect();
        let last = "SELECT COALESCE(MAX(serial), 0) FROM relay WHERE year = $1";
        let rows = tx.rows(last, args![year.clone()]).await?;
        let serial = rows.first().map_or(Ok(0), |r| place(r, 0))? + 1;
        let number = format!("查阅〔{year}〕{serial}号");
        let (body, order) = build(&number);
        let sealed = self.sealer.seal(BODY, &body)?;
        let entry = received(new, &number, &body, now);
        let entry = tx.log(entry).await?;
        tx.exec(
            "INSERT INTO relay (id, number, year, serial, account, party, at_ms, site, body_sealed, ended_ms, entry) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10)",
            args![
                new.id,
                number.clone(),
                year,
                serial,
                new.account,
                new.party,
                now,
                new.site.map(|site| site.to_string()),
                sealed,
                entry
            ],
        )
        .await?;
        if let Some(order) = &order {
            let sealed = site_orders::seal(&self.sealer, std::slice::from_ref(order))?;
            for sealed in sealed {
                site_orders::put_in(&mut tx, order, sealed, (None, Some(new.account)), now).await?;
            }
        }
        tx.commit().await?;
        let row =
            RelayRow { id: new.id, number, account: new.account, at: now, site: new.site, body, ended: None, entry };
        Ok(RelaySaved::Done(row))
    }

    /// Why a request is not taken in, or that it is here already; asked under the lock of the log, so that two tabs take turns.
    async fn stands_in_the_way(
        &self,
        tx: &mut Tx,
        new: &NewRelay,
        limits: RelayLimits,
        now: UtcMs,
    ) -> Result<Option<RelaySaved>, StoreError> {
        if let Some(known) = tx.rows(select!("WHERE id = $1"), args![new.id]).await?.first() {
            let row = relay_of(&self.sealer, known)?;
            let same = row.account == new.account;
            return Ok(Some(if same { RelaySaved::Again(row) } else { RelaySaved::Taken }));
        }
        if !tx.rows("SELECT 1 FROM site_order WHERE id = $1", args![new.id]).await?.is_empty() {
            return Ok(Some(RelaySaved::Taken));
        }
        let open =
            "SELECT COUNT(*) FROM relay WHERE account = $1 AND site IS NOT NULL AND ended_ms IS NULL AND at_ms <= $2";
        if count(tx, open, new.account, now).await? >= u64::from(limits.open) {
            return Ok(Some(RelaySaved::TooManyOpen));
        }
        let lately = "SELECT COUNT(*) FROM relay WHERE account = $1 AND at_ms > $2";
        if count(tx, lately, new.account, now.plus_ms(-DAY_MS)).await? >= u64::from(limits.a_day) {
            return Ok(Some(RelaySaved::TooManyToday));
        }
        Ok(None)
    }

    /// A request of an account; `None` where it has none of this id.
    ///
    /// # Errors
    /// The database, or a body that does not open.
    pub async fn relay(&self, id: OrderId, account: AccountId) -> Result<Option<RelayRow>, StoreError> {
        let sql = select!("WHERE id = $1 AND account = $2");
        self.db.row(sql, args![id, account]).await?.map(|r| relay_of(&self.sealer, &r)).transpose()
    }

    /// Requests of an account, the newest first, at most [`RELAYS`].
    ///
    /// # Errors
    /// As `relay`.
    pub async fn relays_of(&self, account: AccountId) -> Result<Vec<RelayRow>, StoreError> {
        let sql = select!("WHERE account = $1 ORDER BY at_ms DESC, id DESC LIMIT $2");
        let rows = self.db.rows(sql, args![account, RELAYS]).await?;
        rows.iter().map(|r| relay_of(&self.sealer, r)).collect()
    }

    /// It is over: the footage is released by this order, made in the same transaction, with the entry `relay.ended`. False when it was over before,
    /// or is no request.
    ///
    /// # Errors
    /// The database or the log; then it is as it was.
    pub async fn end_relay(
        &self,
        id: OrderId,
        release: Option<&NewOrder>,
        (stage, by): (&str, Option<AccountId>),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let ended = "UPDATE relay SET ended_ms = $2 WHERE id = $1 AND ended_ms IS NULL";
        if tx.exec(ended, args![id, now]).await? == 0 {
            return Ok(false);
        }
        if let Some(order) = release {
            let sql = "UPDATE site_order SET ended_by = $2 WHERE id = $1 AND ended_by IS NULL";
            tx.exec(sql, args![id, order.id]).await?;
            for sealed in site_orders::seal(&self.sealer, std::slice::from_ref(order))? {
                site_orders::put_in(&mut tx, order, sealed, (None, by), now).await?;
            }
        }
        let body = serde_json::json!({ "relay": id, "stage": stage, "by": by });
        let text = Text::new("一件转交单位的查阅申请办结。", "A request that was handed on to a unit is over.");
        tx.log(LogEntry { kind: "relay.ended", at: now, body, act: Some(ActLine::done(by, text)) }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Erases the words of requests that were over before a time, the oldest first, at most `limit`, each with the entry `relay.erased`: names,
    /// telephone, reason and place of the request, of the order that handed it on, and what the site answered. One that no site has, or whose site
    /// is connected no more, counts from when it was taken in. How many there were; the caller asks until there is none. SQLite overwrites their
    /// room at once; a backup of before has them still, sealed, and so has the room of a PostgreSQL server until it is used again.
    ///
    /// # Errors
    /// The database, the key or the log; then all of them stay as they are.
    pub async fn erase_relays(&self, before: UtcMs, limit: u32, now: UtcMs) -> Result<usize, StoreError> {
        if self.db.rows(DUE, args![before, 1_i64]).await?.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        tx.lock().await?;
        tx.overwrite_what_goes(true).await?;
        let due = tx.rows(DUE, args![before, limit]).await?;
        for r in &due {
            let id = r.read(0, OrderId::parse)?;
            let nothing = self.sealer.seal(BODY, &[])?;
            tx.exec("UPDATE relay SET body_sealed = $2, erased_ms = $3 WHERE id = $1", args![id, nothing, now]).await?;
            site_orders::erase_in(&mut tx, &self.sealer, id).await?;
            let body = serde_json::json!({ "relay": id });
            let text = Text::new(
                "一件转交单位的查阅申请保存期满，个人信息已删除。",
                "The term of a request that was handed on to a unit is over: what it said of persons was erased.",
            );
            tx.log(LogEntry { kind: "relay.erased", at: now, body, act: Some(ActLine::done(None, text)) }).await?;
        }
        tx.overwrite_what_goes(false).await?;
        tx.commit().await?;
        Ok(due.len())
    }
}

/// The entry of a request that was taken in: of the person only the account, of the words only a digest that is salted.
fn received(new: &NewRelay, number: &str, body: &[u8], now: UtcMs) -> LogEntry {
    let said = serde_json::json!({
        "relay": new.id, "number": number, "site": new.site, "body_sha256": Sha256::of(body), "clauses": new.clauses,
        "by": new.account,
    });
    let text = match new.site {
        Some(_) => Text::of(
            format!("收到查阅申请 {number}，转交管理录像的单位，由该单位决定。"),
            format!("Request {number} to see footage taken in and handed on to the unit, which decides it."),
        ),
        None => Text::of(
            format!("收到查阅申请 {number}，没有相符的接入单位，给申请人申请书。"),
            format!("Request {number} to see footage taken in; no connected unit fits, the person gets a letter."),
        ),
    };
    let act = ActLine { clauses: new.clauses.clone(), ..ActLine::done(Some(new.account), text) };
    LogEntry { kind: "relay.received", at: now, body: said, act: Some(act) }
}
