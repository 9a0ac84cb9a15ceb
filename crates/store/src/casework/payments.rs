//! What was paid of a fine, and what moves the days by which it is due: leave to pay later, days on which the surcharge stands still.
//!
//! ```text
//! NewPayment (seen so many rows) ─▶ add_payment: one transaction ─▶ row (words sealed) + entry `payment.…` [+ the change of the case that it ends]
//!                                                                    [+ versions of rows of registers]
//! ```
//! Always true: rows are never changed, only followed by newer ones; of two who enter something at once the second is told that the first was
//! there; a receipt is entered once on a server, and again
//! only after its row was reversed; sums are whole fen; what somebody said of a party's need is sealed, the log has a commitment.
//!
//! A crash before the commit leaves nothing, neither the payment nor the step that it ends; after it, both.

use super::events::{CaseChange, Saved, change_in, seal};
use super::registers::{self, RegisterChange};
use super::{entry, number, place};
use crate::db::DbError;
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, ClauseId, Pii, Text, UtcMs};

/// Most rows of one case.
pub const PAYMENTS: u32 = 600;
/// Longest number of a receipt, bytes.
pub const RECEIPT_BYTES: usize = 200;
/// Most cases that are listed as having come from one.
pub const FOLLOWING: u32 = 50;
/// Most fen of one row: far above any fine.
pub const MOST_FEN: u64 = 1_000_000_000_000;

/// What a row says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentKind {
    /// Money came in.
    Received,
    /// Leave to pay later or in parts.
    Deferred,
    /// The surcharge stands still from a day.
    Stopped,
    /// It goes on after a day.
    Resumed,
    /// Another row was entered wrongly and counts no more.
    Reversed,
}

impl PaymentKind {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Received, Self::Deferred, Self::Stopped, Self::Resumed, Self::Reversed];

    /// Stable word of the row.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Deferred => "deferred",
            Self::Stopped => "stopped",
            Self::Resumed => "resumed",
            Self::Reversed => "reversed",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Kind of its entry.
    const fn entry(self) -> &'static str {
        match self {
            Self::Received => "payment.received",
            Self::Deferred => "payment.deferred",
            Self::Stopped => "payment.stopped",
            Self::Resumed => "payment.resumed",
            Self::Reversed => "payment.reversed",
        }
    }
}

/// A row to be added.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// The case of the fine.
    pub case: CaseId,
    /// How many rows it had when this was decided.
    pub seen: u32,
    /// What it is.
    pub kind: PaymentKind,
    /// Its day: of the money, of the leave, the first or last day of standing still.
    pub day: CivilDate,
    /// Sum, fen; 0 where it is no money.
    pub fen: u64,
    /// Number of the receipt; empty where it is no money.
    pub receipt: String,
    /// The row of the case that counts no more by this one.
    pub of: Option<u32>,
    /// JSON, as the caller reads it again; may name persons.
    pub body: Pii<String>,
    /// The clauses that decide.
    pub clauses: Vec<ClauseId>,
    /// Who.
    pub by: AccountId,
    /// One sentence for the log, without persons.
    pub text: Text,
}

/// A row as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentRow {
    /// Its place, from 1.
    pub n: u32,
    /// What it is.
    pub kind: PaymentKind,
    /// Its day.
    pub day: CivilDate,
    /// Sum, fen.
    pub fen: u64,
    /// Number of the receipt.
    pub receipt: String,
    /// The row of the case that counts no more by this one.
    pub of: Option<u32>,
    /// JSON, as it was handed in.
    pub body: Pii<String>,
    /// Who.
    pub by: Option<AccountId>,
    /// When.
    pub at: UtcMs,
    /// Place of its entry.
    pub entry: u64,
}

/// What became of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PaymentSaved {
    /// Done.
    Done {
        /// Place of its entry.
        entry: u64,
        /// What became of the change of the case.
        case: Option<Saved>,
    },
    /// The case, or its list of payments, has moved on: it is looked at again before anything is done.
    MovedOn,
    /// There is no such case.
    Unknown,
    /// The receipt is entered already.
    ReceiptTaken,
    /// There are as many rows as are kept, or a value is too large.
    Full,
}

/// Name bound into the seal of a row's words.
fn column(case: CaseId, n: u32) -> String {
    format!("payment.body:{case}:{n}")
}

/// How many rows of money a case has.
pub(super) async fn count_in(tx: &mut Tx, case: CaseId) -> Result<u32, DbError> {
    let rows = tx.rows("SELECT COUNT(*) FROM payment WHERE case_id = $1", args![case]).await?;
    rows.first().map_or(Ok(0), |r| number(r, 0))
}

impl Store {
    /// Adds a row, and with it the change of the case that it ends, in one transaction.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is kept.
    pub async fn add_payment(
        &self,
        p: &NewPayment,
        change: Option<&CaseChange<'_>>,
        now: UtcMs,
    ) -> Result<PaymentSaved, StoreError> {
        self.add_payment_entered(p, change, (&[], 0), now).await
    }

    /// As `add_payment`; the versions of rows of registers that follow from it alone are in the same transaction. They were made from the case when it
    /// had so many `events`: with another number nothing is kept, for its rows may have been written since.
    ///
    /// # Errors
    /// As `add_payment`.
    pub async fn add_payment_entered(
        &self,
        p: &NewPayment,
        change: Option<&CaseChange<'_>>,
        (entered, events): (&[RegisterChange], u32),
        now: UtcMs,
    ) -> Result<PaymentSaved, StoreError> {
        if p.seen >= PAYMENTS || p.fen > MOST_FEN || p.receipt.len() > RECEIPT_BYTES {
            return Ok(PaymentSaved::Full);
        }
        let n = p.seen + 1;
        let (body, commitment) = self.sealer.seal_words(&column(p.case, n), &p.body)?;
        let sealed = change.map(|c| seal(&self.sealer, c)).transpose()?;
        let personal = registers::seal(&self.sealer, entered)?;
        let mut tx = self.begin().await?;
        // Two clerks take turns: the second sees what the first has entered.
        tx.lock().await?;
        let rows = tx.rows("SELECT events FROM case_file WHERE id = $1", args![p.case]).await?;
        let Some(case) = rows.first() else { return Ok(PaymentSaved::Unknown) };
        let is_as_read = entered.is_empty() || number(case, 0)? == events;
        if !is_as_read || count_in(&mut tx, p.case).await? != p.seen {
            return Ok(PaymentSaved::MovedOn);
        }
        let same = "SELECT p.n FROM payment p WHERE p.receipt = $1 AND p.receipt <> '' AND NOT EXISTS \
                    (SELECT 1 FROM payment r WHERE r.case_id = p.case_id AND r.of_n = p.n) LIMIT 1";
        if !tx.rows(same, args![p.receipt.as_str()]).await?.is_empty() {
            return Ok(PaymentSaved::ReceiptTaken);
        }
        let said = serde_json::json!({
            "case": p.case, "n": n, "day": p.day, "fen": p.fen, "receipt": p.receipt, "of": p.of,
            "body_commitment": commitment, "clauses": p.clauses, "by": p.by,
        });
        let logged = entry(p.kind.entry(), now, Some(p.by), &p.clauses, said, p.text.clone());
        let at = tx.log(logged).await?;
        let sql = "INSERT INTO payment (case_id, n, kind, day, fen, receipt, of_n, body_sealed, account, at_ms, entry) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let (day, receipt) = (p.day.to_string(), p.receipt.as_str());
        let row = args![p.case, n, p.kind.code(), day, p.fen, receipt, p.of.map(i64::from), body, p.by, now, at];
        tx.exec(sql, row).await?;
        let case = match (change, sealed) {
            (Some(change), Some(sealed)) => Some(change_in(&mut tx, change, sealed, now).await?),
            _ => None,
        };
        match case {
            Some(Saved::Done(_)) | None => {}
            Some(Saved::Full) => return Ok(PaymentSaved::Full),
            Some(_) => return Ok(PaymentSaved::MovedOn),
        }
        registers::write_in(&mut tx, (entered, personal), (Some(p.case), Some(p.by)), now).await?;
        tx.commit().await?;
        Ok(PaymentSaved::Done { entry: at, case })
    }

    /// What was entered about the payment of a case's fine, in its order.
    ///
    /// # Errors
    /// The database, or words that do not open: they are those of another case or place, or were changed.
    pub async fn payments(&self, case: CaseId) -> Result<Vec<PaymentRow>, StoreError> {
        let sql = "SELECT n, kind, day, fen, receipt, body_sealed, account, at_ms, entry, of_n FROM payment \
                   WHERE case_id = $1 ORDER BY n LIMIT $2";
        let mut out = Vec::new();
        for r in self.db.rows(sql, args![case, PAYMENTS]).await? {
            let n = number(&r, 0)?;
            out.push(PaymentRow {
                n,
                kind: r.read(1, PaymentKind::parse)?,
                day: r.read(2, CivilDate::parse)?,
                fen: place(&r, 3)?,
                receipt: r.text(4)?,
                of: r.int_opt(9)?.and_then(|n| u32::try_from(n).ok()),
                body: self.sealer.open_words(&column(case, n), &r.blob(5)?)?,
                by: super::read_opt(&r, 6, AccountId::parse)?,
                at: UtcMs(r.int(7)?),
                entry: place(&r, 8)?,
            });
        }
        Ok(out)
    }

    /// The cases that came from a case, the oldest first; at most [`FOLLOWING`].
    ///
    /// # Errors
    /// The database.
    pub async fn cases_from(&self, case: CaseId) -> Result<Vec<CaseId>, DbError> {
        let sql = "SELECT case_id FROM case_link WHERE from_case = $1 ORDER BY case_id LIMIT $2";
        let rows = self.db.rows(sql, args![case, FOLLOWING]).await?;
        rows.iter().map(|r| r.read(0, CaseId::parse)).collect()
    }
}
