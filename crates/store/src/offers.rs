//! Offers of benefits and demands to use a product: one row an offer, never changed or removed, each with its entry.
//!
//! Always true: row and entry are one transaction; who it was, on whose behalf and what happened are sealed, the log has only commitments;
//! the clauses are the gate's answer of that day; an account enters no more within a day than a person can meet with.

use crate::db::{DbError, Row};
use crate::ledger_log::{ActLine, LogEntry, Outcome};
use crate::{Store, StoreError, args};
use base::time::DAY_MS;
use base::{AccountId, CivilDate, ClauseId, Text, UtcMs};
use domain::offer::{Offer, OfferKind, OfferOutcome, PER_DAY};

/// Names bound into the seals.
const WHO: &str = "benefit_offer.who";
const BEHALF: &str = "benefit_offer.behalf";
const WORDS: &str = "benefit_offer.words";
/// Code of an answer that is no refusal: packs that forget to forbid do not keep an offer from being recorded.
pub const NOT_REFUSED: &str = "not_refused";
/// Offers that one question gives.
pub const LISTED: u32 = 100;

/// What the law answered to taking it up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfferAnswer {
    /// Code of the refusal; [`NOT_REFUSED`] where the gate did not refuse.
    pub code: String,
    /// Clauses that forbid it; none where no clause permits it.
    pub clauses: Vec<ClauseId>,
}

impl OfferAnswer {
    /// The law refused it: by a clause, or because none permits it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.code != NOT_REFUSED
    }
}

/// An offer or demand as it was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfferRow {
    /// Place of its entry in the log, which names it.
    pub entry: u64,
    /// What was entered.
    pub offer: Offer,
    /// What the law answered to taking it up.
    pub answer: OfferAnswer,
    /// Who recorded it.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT entry, kind, outcome, on_day, who_sealed, behalf_sealed, words_sealed, code, clauses, account, at_ms \
             FROM benefit_offer ",
            $rest
        )
    };
}

impl Store {
    fn offer_of(&self, r: &Row) -> Result<OfferRow, StoreError> {
        Ok(OfferRow {
            entry: u64::try_from(r.int(0)?).map_err(|_| DbError::unreadable(0))?,
            offer: Offer {
                kind: r.read(1, OfferKind::parse)?,
                outcome: r.read(2, OfferOutcome::parse)?,
                on: r.read(3, CivilDate::parse)?,
                who: self.sealer.open_words(WHO, &r.blob(4)?)?,
                behalf: self.sealer.open_words(BEHALF, &r.blob(5)?)?,
                words: self.sealer.open_words(WORDS, &r.blob(6)?)?,
            },
            answer: OfferAnswer { code: r.text(7)?, clauses: r.read(8, |t| serde_json::from_str(t).ok())? },
            by: r.read(9, AccountId::parse)?,
            at: UtcMs(r.int(10)?),
        })
    }

    /// Offers before the entry `before` (`None`: from the newest on), the newest first, at most [`LISTED`]; with `of` only those that
    /// this account recorded.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn offers(&self, of: Option<AccountId>, before: Option<u64>) -> Result<Vec<OfferRow>, StoreError> {
        let before = before.and_then(|n| i64::try_from(n).ok()).unwrap_or(i64::MAX);
        let rows = match of {
            Some(account) => {
                let sql = select!("WHERE account = $1 AND entry < $2 ORDER BY entry DESC LIMIT $3");
                self.db.rows(sql, args![account, before, LISTED]).await?
            }
            None => {
                self.db.rows(select!("WHERE entry < $1 ORDER BY entry DESC LIMIT $2"), args![before, LISTED]).await?
            }
        };
        rows.iter().map(|r| self.offer_of(r)).collect()
    }

    /// Records an offer with its entry; the place of the entry, or `None` where this account has entered as many within a day as may be.
    /// A crash before the commit leaves nothing of it.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is changed.
    pub async fn record_offer(
        &self,
        offer: &Offer,
        answer: &OfferAnswer,
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let (who, who_is) = self.sealer.seal_words(WHO, &offer.who)?;
        let (behalf, behalf_is) = self.sealer.seal_words(BEHALF, &offer.behalf)?;
        let (words, words_are) = self.sealer.seal_words(WORDS, &offer.words)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT COUNT(*) FROM benefit_offer WHERE account = $1 AND at_ms > $2";
        let rows = tx.rows(sql, args![by, now.plus_ms(-DAY_MS)]).await?;
        let kept = rows.first().map_or(Ok(0), |r| r.int(0))?;
        if kept >= i64::from(PER_DAY) {
            return Ok(None);
        }
        let body = serde_json::json!({
            "offer_kind": offer.kind.code(), "offer_outcome": offer.outcome.code(), "on_day": offer.on, "who_commitment": who_is,
            "behalf_commitment": behalf_is, "words_commitment": words_are, "code": answer.code, "clauses": answer.clauses, "by": by,
        });
        let act = ActLine {
            // What the law refused is the taking; the line says it with the clauses.
            outcome: if answer.is_refused() { Outcome::Refused } else { Outcome::Done },
            account: Some(by),
            camera: None,
            request: None,
            clauses: answer.clauses.clone(),
            text: said(offer, answer),
        };
        let entry = tx.log(LogEntry { kind: "offer.recorded", at: now, body, act: Some(act) }).await?;
        tx.exec(
            "INSERT INTO benefit_offer (entry, kind, outcome, on_day, who_sealed, behalf_sealed, words_sealed, code, clauses, \
             account, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            args![
                entry,
                offer.kind.code(),
                offer.outcome.code(),
                offer.on.to_string(),
                who,
                behalf,
                words,
                answer.code.clone(),
                serde_json::to_string(&answer.clauses).unwrap_or_default(),
                by,
                now
            ],
        )
        .await?;
        tx.commit().await?;
        Ok(Some(entry))
    }
}

/// The line of the log: what was recorded and what the law says to it; nobody is named.
fn said(offer: &Offer, answer: &OfferAnswer) -> Text {
    let (kind, outcome) = (offer.kind.name(), offer.outcome.name());
    let clauses = answer.clauses.iter().map(|c| c.0.as_str()).collect::<Vec<_>>();
    let law = if !answer.is_refused() {
        Text::default()
    } else if clauses.is_empty() {
        Text::new("没有条款允许接受或者照办。", "No clause permits taking it up.")
    } else {
        Text::of(
            format!("法律不允许接受或者照办：{}。", clauses.join("、")),
            format!("The law forbids taking it up: {}.", clauses.join(", ")),
        )
    };
    Text::of(
        format!("登记要约或者要求：{}，{}。{}", kind.zh, outcome.zh, law.zh),
        format!("Offer or demand recorded: {}, {}. {}", kind.en, outcome.en, law.en),
    )
}
