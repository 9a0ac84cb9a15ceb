//! What the authority makes public: decisions, warnings, lists; each with its entry, which is its number, and withdrawn with reasons.
//!
//! Always true: what was published is kept byte for byte as its digest in the entry was made of; a withdrawal is an entry of its own, after
//! which the words are not handed out any more, only that it was there and why it went. The rows of registers that a publication shows are
//! public with it and go with it, in the same transaction, unless another publication of the case shows them too. Nothing here names a
//! natural person: the caller masks first.

use super::registers::{hide_in, show_in};
use super::{entry, misuse, place, read_opt};
use crate::db::{DbError, IDS, Row, ids_in};
use crate::ledger_log::{LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, ClauseId, Sha256, Text, UtcMs};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most publications of one page.
pub const PAGE: u32 = 200;

/// A row of a register that a publication shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShownRow {
    /// Register.
    pub register: String,
    /// Row.
    pub row: String,
    /// Version that was shown.
    pub version: u32,
}

/// What is to be made public.
#[derive(Clone, Debug)]
pub struct NewPublication {
    /// Word of its kind, as in the packs.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its words.
    pub body: String,
    /// Rows of registers that go with it.
    pub rows: Vec<ShownRow>,
    /// Last day on which it is shown.
    pub until: Option<CivilDate>,
    /// The clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log.
    pub text: Text,
}

/// What is to be withdrawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawal {
    /// Number of the publication.
    pub publication: u64,
    /// Why, for the public.
    pub reasons: String,
    /// The clauses that ask for it.
    pub clauses: Vec<ClauseId>,
}

/// That a publication was withdrawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Withdrawn {
    /// When.
    pub at: UtcMs,
    /// Place of its entry.
    pub entry: u64,
    /// Why, for the public.
    pub reasons: String,
}

/// A publication.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicationRow {
    /// Place of its entry: its number.
    pub entry: u64,
    /// Word of its kind.
    pub kind: String,
    /// Title; empty once it is withdrawn.
    pub title: String,
    /// Words; empty once it is withdrawn.
    pub body: String,
    /// Rows of registers that went with it.
    pub rows: Vec<ShownRow>,
    /// Of which case.
    pub case: Option<CaseId>,
    /// Digest that the entry has (`digest_of`).
    pub sha256: Sha256,
    /// Last day on which it is shown.
    pub until: Option<CivilDate>,
    /// Who made it public.
    pub by: Option<AccountId>,
    /// When.
    pub published: UtcMs,
    /// It was withdrawn.
    pub withdrawn: Option<Withdrawn>,
}

/// The digest of a publication: SHA-256 over the JSON list of title, words and rows.
#[must_use]
pub fn digest_of(title: &str, body: &str, rows: &[ShownRow]) -> Sha256 {
    Sha256::of(serde_json::json!([title, body, rows]).to_string().as_bytes())
}

pub(crate) fn entries(
    all: &[NewPublication],
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Vec<LogEntry> {
    let of = |p: &NewPublication| {
        let body = serde_json::json!({
            "publication_kind": p.kind, "sha256": digest_of(&p.title, &p.body, &p.rows), "case": case, "until_day": p.until,
            "clauses": p.clauses, "by": by,
        });
        entry("publication.made", now, by, &p.clauses, body, p.text.clone())
    };
    all.iter().map(of).collect()
}

pub(crate) async fn put_in(
    tx: &mut Tx,
    all: &[NewPublication],
    first: u64,
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Result<Vec<u64>, DbError> {
    let mut out = Vec::with_capacity(all.len());
    for (entry, p) in (first..).zip(all) {
        tx.exec(
            "INSERT INTO publication (entry, kind, title, body, row_list, case_id, sha256, until_day, account, published_ms, reasons) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '')",
            args![
                entry,
                p.kind.as_str(),
                p.title.as_str(),
                p.body.as_str(),
                serde_json::to_string(&p.rows).unwrap_or_default(),
                case,
                digest_of(&p.title, &p.body, &p.rows).hex(),
                p.until,
                by,
                now,
            ],
        )
        .await?;
        show_in(tx, &p.rows, now).await?;
        out.push(entry);
    }
    Ok(out)
}

/// What a standing publication shows, and of which case it is; `None`: there is none, or it was withdrawn.
async fn standing(tx: &mut Tx, number: u64) -> Result<Option<(Vec<ShownRow>, Option<CaseId>)>, DbError> {
    let sql = "SELECT row_list, case_id FROM publication WHERE entry = $1 AND withdrawn_ms IS NULL";
    let rows = tx.rows(sql, args![number]).await?;
    let Some(r) = rows.first() else { return Ok(None) };
    let shown: Vec<ShownRow> = r.read(0, |t| serde_json::from_str(t).ok())?;
    Ok(Some((shown, read_opt(r, 1, CaseId::parse)?)))
}

/// Rows that the other standing publications of the same case, or of none, show.
async fn shown_beside(tx: &mut Tx, number: u64, case: Option<CaseId>) -> Result<Vec<ShownRow>, DbError> {
    let rows = match case {
        Some(case) => {
            let sql = "SELECT row_list FROM publication WHERE case_id = $1 AND withdrawn_ms IS NULL AND entry <> $2";
            tx.rows(sql, args![case, number]).await?
        }
        None => {
            let sql = "SELECT row_list FROM publication WHERE case_id IS NULL AND withdrawn_ms IS NULL AND entry <> $1 \
                       AND row_list <> '[]'";
            tx.rows(sql, args![number]).await?
        }
    };
    let mut out: Vec<ShownRow> = Vec::new();
    for r in &rows {
        out.extend(r.read(0, |t| serde_json::from_str::<Vec<ShownRow>>(t).ok())?);
    }
    Ok(out)
}

/// Entries of what a change withdraws; each publication must be of the case and stand.
pub(crate) async fn withdrawal_entries(
    tx: &mut Tx,
    all: &[Withdrawal],
    (case, by): (CaseId, Option<AccountId>),
    now: UtcMs,
) -> Result<Vec<LogEntry>, DbError> {
    let mut out = Vec::with_capacity(all.len());
    for w in all {
        if standing(tx, w.publication).await?.and_then(|(_, of)| of) != Some(case) {
            return Err(misuse("a withdrawal of what this case does not publish"));
        }
        out.push(withdrawal_entry(w, (Some(case), by), now));
    }
    Ok(out)
}

fn withdrawal_entry(w: &Withdrawal, (case, by): (Option<CaseId>, Option<AccountId>), now: UtcMs) -> LogEntry {
    let number = w.publication;
    let body = serde_json::json!({
        "publication": number, "case": case, "reasons_sha256": Sha256::of(w.reasons.as_bytes()), "clauses": w.clauses, "by": by,
    });
    let text = Text::of(format!("撤回第 {number} 号公开信息。"), format!("Publication {number} withdrawn."));
    entry("publication.withdrawn", now, by, &w.clauses, body, text)
}

/// Takes publications and their rows from the public; `first` is the place of the first entry.
pub(crate) async fn withdraw_in(tx: &mut Tx, all: &[Withdrawal], first: u64, now: UtcMs) -> Result<(), DbError> {
    for (place, w) in (first..).zip(all) {
        let Some((mut rows, case)) = standing(tx, w.publication).await? else {
            return Err(misuse("a publication withdrawn twice"));
        };
        let beside = shown_beside(tx, w.publication, case).await?;
        rows.retain(|row| !beside.iter().any(|b| b.register == row.register && b.row == row.row));
        hide_in(tx, &rows).await?;
        let sql = "UPDATE publication SET withdrawn_ms = $2, withdrawn_entry = $3, reasons = $4 WHERE entry = $1";
        tx.exec(sql, args![w.publication, now, place, w.reasons.as_str()]).await?;
    }
    Ok(())
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT entry, kind, title, body, row_list, case_id, sha256, until_day, account, published_ms, withdrawn_ms, \
             withdrawn_entry, reasons FROM publication ",
            $rest
        )
    };
}

fn publication_of(r: &Row) -> Result<PublicationRow, DbError> {
    let withdrawn = match r.int_opt(10)? {
        Some(at) => Some(Withdrawn { at: UtcMs(at), entry: place(r, 11)?, reasons: r.text(12)? }),
        None => None,
    };
    let shown = |text: String| if withdrawn.is_some() { String::new() } else { text };
    Ok(PublicationRow {
        entry: place(r, 0)?,
        kind: r.text(1)?,
        title: shown(r.text(2)?),
        body: shown(r.text(3)?),
        rows: r.read(4, |t| serde_json::from_str(t).ok())?,
        case: read_opt(r, 5, CaseId::parse)?,
        sha256: r.read(6, Sha256::from_hex)?,
        until: super::day_opt(r, 7)?,
        by: read_opt(r, 8, AccountId::parse)?,
        published: UtcMs(r.int(9)?),
        withdrawn,
    })
}

impl Store {
    /// Makes something public that belongs to no case; the place of its entry.
    ///
    /// # Errors
    /// The database or the log; then nothing is public.
    pub async fn publish(&self, p: &NewPublication, by: AccountId, now: UtcMs) -> Result<u64, StoreError> {
        let all = std::slice::from_ref(p);
        let mut tx = self.begin().await?;
        let first = tx.log_all(entries(all, (None, Some(by)), now)).await?.start;
        put_in(&mut tx, all, first, (None, Some(by)), now).await?;
        tx.commit().await?;
        Ok(first)
    }

    /// Withdraws a publication and the rows that it shows; the place of the entry, or `None` where there is none or it is withdrawn already.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn withdraw_publication(
        &self,
        number: u64,
        reasons: &str,
        clauses: &[ClauseId],
        by: AccountId,
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let Some((_, case)) = standing(&mut tx, number).await? else { return Ok(None) };
        let all = [Withdrawal { publication: number, reasons: reasons.to_owned(), clauses: clauses.to_vec() }];
        let [one] = &all;
        let place = tx.log(withdrawal_entry(one, (case, Some(by)), now)).await?;
        withdraw_in(&mut tx, &all, place, now).await?;
        tx.commit().await?;
        Ok(Some(place))
    }

    /// One publication by its number.
    ///
    /// # Errors
    /// The database.
    pub async fn publication(&self, number: u64) -> Result<Option<PublicationRow>, DbError> {
        self.db.row(select!("WHERE entry = $1"), args![number]).await?.map(|r| publication_of(&r)).transpose()
    }

    /// Publications of a kind (of all without one) before a number (`None`: from the newest on), the newest first, at most `limit` and
    /// never more than [`PAGE`]. Withdrawn ones are among them, without their words.
    ///
    /// # Errors
    /// The database.
    pub async fn publications(
        &self,
        kind: Option<&str>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<PublicationRow>, DbError> {
        let (before, limit) = (before.unwrap_or(u64::MAX), limit.min(PAGE));
        let rows = match kind {
            Some(kind) => {
                let sql = select!("WHERE kind = $1 AND entry < $2 ORDER BY entry DESC LIMIT $3");
                self.db.rows(sql, args![kind, before, limit]).await?
            }
            None => {
                self.db.rows(select!("WHERE entry < $1 ORDER BY entry DESC LIMIT $2"), args![before, limit]).await?
            }
        };
        rows.iter().map(publication_of).collect()
    }

    /// Publications of a case, in their order.
    ///
    /// # Errors
    /// The database.
    pub async fn publications_of_case(&self, case: CaseId) -> Result<Vec<PublicationRow>, DbError> {
        let sql = select!("WHERE case_id = $1 ORDER BY entry LIMIT $2");
        self.db.rows(sql, args![case, PAGE]).await?.iter().map(publication_of).collect()
    }

    /// What was published of these cases and withdrawn, in no order.
    ///
    /// # Errors
    /// The database.
    pub async fn withdrawn_of_cases(&self, cases: &BTreeSet<CaseId>) -> Result<Vec<PublicationRow>, DbError> {
        const SQL: &str = select!(
            "WHERE withdrawn_ms IS NOT NULL AND case_id IN \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
             $45, $46, $47, $48, $49, $50)"
        );
        let cases: Vec<CaseId> = cases.iter().copied().collect();
        let mut found = Vec::new();
        for some in cases.chunks(IDS) {
            for row in self.db.rows(SQL, ids_in(some)).await? {
                found.push(publication_of(&row)?);
            }
        }
        Ok(found)
    }
}
