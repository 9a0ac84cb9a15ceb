//! Decisions of this server on how slips of the law texts are read: one row a decision, never changed or removed, each with its entry.
//!
//! Always true: a decision has two persons, who proposed and who confirmed it; its reason is sealed and the log has a commitment; rows come
//! back in the order they were made, because of two decisions with one first day the later holds.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CivilDate, ClauseId, Pii, Text, UtcMs};
use domain::reading::DECISIONS;
use law::{Choice, ReadingDecision};

/// Name bound into the seal.
const COLUMN: &str = "reading_decision.reason";

/// A decision that is to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewReading {
    /// Which slip, how, from when.
    pub decision: ReadingDecision,
    /// Why.
    pub reason: Pii<String>,
    /// Clauses whose reading it is.
    pub clauses: Vec<ClauseId>,
}

/// A decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadingRow {
    /// Place of its entry in the log.
    pub entry: u64,
    /// Which slip, how, from when.
    pub decision: ReadingDecision,
    /// Why.
    pub reason: Pii<String>,
    /// Who proposed it.
    pub proposed_by: AccountId,
    /// Who confirmed it.
    pub confirmed_by: AccountId,
    /// When it was confirmed.
    pub at: UtcMs,
}

impl Store {
    /// Every decision, in the order they were made.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn reading_decisions(&self) -> Result<Vec<ReadingRow>, StoreError> {
        let sql = "SELECT entry, reading, choice, from_day, reason_sealed, proposed_by, confirmed_by, at_ms FROM reading_decision \
                   ORDER BY entry LIMIT $1";
        let rows = self.db.rows(sql, args![u32::try_from(DECISIONS).unwrap_or(u32::MAX)]).await?;
        rows.iter().map(|r| self.reading_of(r)).collect()
    }

    fn reading_of(&self, r: &Row) -> Result<ReadingRow, StoreError> {
        Ok(ReadingRow {
            entry: u64::try_from(r.int(0)?).map_err(|_| DbError::unreadable(0))?,
            decision: ReadingDecision {
                reading: r.text(1)?,
                choice: r.read(2, Choice::parse)?,
                from: r.read(3, CivilDate::parse)?,
            },
            reason: self.sealer.open_words(COLUMN, &r.blob(4)?)?,
            proposed_by: r.read(5, AccountId::parse)?,
            confirmed_by: r.read(6, AccountId::parse)?,
            at: UtcMs(r.int(7)?),
        })
    }

    /// Writes a decision in the transaction that confirms it; false where as many are kept as may be.
    pub(crate) async fn reading_in(
        &self,
        tx: &mut Tx,
        new: &NewReading,
        (proposed_by, confirmed_by): (AccountId, AccountId),
        now: UtcMs,
    ) -> Result<bool, StoreError> {
        let rows = tx.rows("SELECT COUNT(*) FROM reading_decision", vec![]).await?;
        let kept = rows.first().map_or(Ok(0), |r| r.int(0))?;
        if usize::try_from(kept).unwrap_or(usize::MAX) >= DECISIONS {
            return Ok(false);
        }
        let (sealed, commitment) = self.sealer.seal_words(COLUMN, &new.reason)?;
        let ReadingDecision { reading, choice, from } = &new.decision;
        let body = serde_json::json!({
            "reading": reading, "choice": choice.key(), "from_day": from, "reason_commitment": commitment, "clauses": new.clauses,
            "proposed_by": proposed_by, "by": confirmed_by,
        });
        let name = choice.name();
        let text = Text::of(
            format!("决定读法：{reading} 自{from}起{}。", name.zh),
            format!("Reading decided: {reading} from {from} {}.", name.en),
        );
        let act = ActLine {
            outcome: Outcome::Done,
            account: Some(confirmed_by),
            camera: None,
            request: None,
            clauses: new.clauses.clone(),
            text,
        };
        let entry = tx.log(LogEntry { kind: "reading.decided", at: now, body, act: Some(act) }).await?;
        tx.exec(
            "INSERT INTO reading_decision (entry, reading, choice, from_day, reason_sealed, proposed_by, confirmed_by, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            args![entry, reading.clone(), choice.key(), from.to_string(), sealed, proposed_by, confirmed_by, now],
        )
        .await?;
        Ok(true)
    }
}
