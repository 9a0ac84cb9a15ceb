//! Events of cases, and the one transaction that adds them.
//!
//! ```text
//! add_events: seal ─▶ lock the log ─▶ has the case `seen` events? ─▶ numbers ─▶ entries ─▶ rows ─▶ commit
//!                                       └─ no: MovedOn, nothing done
//! ```
//! One entry an event: `case`, `n`, commitment of the body, clauses; the body itself is sealed for its case and place, so that none can be
//! passed off as another. Rows of registers, documents and publications have entries of their own with public digests, in the same transaction.
//!
//! A crash before the commit leaves nothing, no number and no entry; after it, everything.

use super::awaited;
use super::cases::{self, CaseHead, CaseMarks, NO_DAY, NextDue};
use super::documents::{self, NewDocument, NewVoid};
use super::exchange::{self, Kept};
use super::numbers::{Numbering, claim_number, issue_number};
use super::papers::{self, NewPaper};
use super::payments;
use super::publications::{self, NewPublication, Withdrawal};
use super::registers::{self, RegisterChange, WrittenRow};
use super::{SealedWords, entry, misuse, number, place};
use crate::db::{Bulk, DbError, IDS, ids_in};
use crate::keys::Sealer;
use crate::ledger_log::{LogEntry, Tx};
use crate::site_orders::{self, NewOrder};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, ClauseId, PartyId, Pii, Sha256, Text, UtcMs};
use std::collections::BTreeMap;

/// The last decision of cases that are named.
const LAST_DECISIONS: &str = "SELECT e.case_id, e.n, e.at_ms, e.account, e.kind, e.body_sealed, e.entry FROM case_event e \
     WHERE e.kind = 'case.decided' AND e.n = (SELECT MAX(d.n) FROM case_event d WHERE d.case_id = e.case_id AND d.kind = 'case.decided') \
     AND e.case_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
     $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
     $45, $46, $47, $48, $49, $50)";

/// Most events of one case.
pub const EVENTS: u32 = 10_000;
/// Most events of one change.
pub const EVENTS_AT_ONCE: usize = 100;

/// Something that happened in a case.
#[derive(Clone)]
pub struct NewEvent {
    /// Kind of its entry, e.g. `case.opened`.
    pub kind: &'static str,
    /// All of it, as the engine reads it again; may name persons.
    pub body: serde_json::Value,
    /// The clauses that decide.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log, without persons.
    pub text: Text,
}

impl std::fmt::Debug for NewEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewEvent").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// An event as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRow {
    /// Its place in the case, from 1.
    pub n: u32,
    /// When.
    pub at: UtcMs,
    /// Who; nobody where the program itself noticed it.
    pub by: Option<AccountId>,
    /// Kind of its entry.
    pub kind: String,
    /// JSON, as it was handed in.
    pub body: Pii<String>,
    /// Place of its entry in the log.
    pub entry: u64,
}

/// A clock as it was last counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockRow {
    /// Id in its procedure.
    pub clock: String,
    /// Word of the party that it binds.
    pub binds: String,
    /// `running`, `suspended`, `met`, `late`, `missed`, `passed`, `not_counted`.
    pub state: String,
    /// Last day.
    pub due: Option<CivilDate>,
    /// A holiday notice that could move it is still to come.
    pub provisional: bool,
}

/// What was looked at before a case is opened: those of its party and procedure, of which none is the same matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beside<'a> {
    /// The party.
    pub party: PartyId,
    /// The procedure.
    pub procedure: &'a str,
    /// How many there were.
    pub seen: u32,
}

/// A change of a case: what happened, and everything that follows from it.
#[derive(Clone, Debug)]
pub struct CaseChange<'a> {
    /// Which case.
    pub case: CaseId,
    /// How many events it had when the change was decided; 0 for a new one.
    pub seen: u32,
    /// Who.
    pub by: Option<AccountId>,
    /// How the number of a new case is drawn; not asked for later.
    pub opening: Option<&'a Numbering>,
    /// What happened, at least one.
    pub events: &'a [NewEvent],
    /// The case after it.
    pub head: &'a CaseHead,
    /// What many are asked for at once. None: as it was, of a new case not known.
    pub marks: Option<&'a CaseMarks>,
    /// All its clocks after it.
    pub clocks: &'a [ClockRow],
    /// New versions of rows of registers.
    pub registers: &'a [RegisterChange],
    /// Papers that came with it.
    pub papers: &'a [NewPaper],
    /// Documents that were made.
    pub documents: &'a [NewDocument],
    /// What is made public by it.
    pub publications: &'a [NewPublication],
    /// What is taken from the public by it.
    pub withdrawals: &'a [Withdrawal],
    /// What sites are told to do because of it.
    pub orders: &'a [NewOrder],
    /// Documents that count no more.
    pub voids: &'a [NewVoid],
    /// Of a new case: the one that it came from.
    pub from: Option<CaseId>,
    /// Of what another system handed in: the key of its request, which is that of `by`, and its digest.
    pub handed: Option<(&'a str, Sha256)>,
    /// Of a new case: the others of its party that were looked at, asked by `add_events`. None: nothing of them matters.
    pub beside: Option<Beside<'a>>,
    /// Who was asked to keep out of it, each with the engine's word for what became of it, as it is after the change. None: as it was.
    pub recusals: Option<&'a [(AccountId, &'static str)]>,
    /// How many rows of money the case had when `registers` were made: they say what was paid. None: they say nothing of it.
    pub money: Option<u32>,
}

impl<'a> CaseChange<'a> {
    /// A change with events alone.
    #[must_use]
    pub const fn new(
        case: CaseId,
        seen: u32,
        by: Option<AccountId>,
        head: &'a CaseHead,
        events: &'a [NewEvent],
    ) -> Self {
        Self {
            case,
            seen,
            by,
            opening: None,
            events,
            head,
            marks: None,
            clocks: &[],
            registers: &[],
            papers: &[],
            documents: &[],
            publications: &[],
            withdrawals: &[],
            orders: &[],
            voids: &[],
            from: None,
            handed: None,
            beside: None,
            recusals: None,
            money: None,
        }
    }
}

/// What a change left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Number of the case.
    pub number: String,
    /// Events it has now.
    pub events: u32,
    /// Places of the entries of the events.
    pub entries: std::ops::Range<u64>,
    /// Rows of registers, in the order of the change.
    pub rows: Vec<WrittenRow>,
    /// Places of the entries of the documents.
    pub documents: Vec<u64>,
    /// Places of the entries of the publications, which are their numbers.
    pub publications: Vec<u64>,
}

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Saved {
    /// Done.
    Done(Changed),
    /// The case has another number of events or rows of money, or a new one is not beside as many as were seen: it is looked at again before
    /// anything is done.
    MovedOn {
        /// How many it has; a new one none.
        events: u32,
    },
    /// There is no such case.
    Unknown,
    /// The number of a document was taken meanwhile: it is made again with the next.
    NumberTaken,
    /// The case has as many events or papers as are kept, or a paper is too large.
    Full,
}

/// What is sealed before the transaction begins: nobody waits for it.
pub(crate) struct Sealed {
    events: Vec<SealedWords>,
    papers: Vec<papers::SealedPaper>,
    rows: Vec<Option<SealedWords>>,
    documents: Vec<Vec<u8>>,
    orders: Vec<Vec<u8>>,
    voids: Vec<SealedWords>,
}

/// Name bound into the seal of an event's body.
fn column(case: CaseId, n: u32) -> String {
    format!("case_event.body:{case}:{n}")
}

const BESIDE: &str = "SELECT COUNT(*) FROM case_file WHERE party = $1 AND procedure = $2";

static EVENT_ROWS: Bulk =
    Bulk::new("INSERT INTO case_event (case_id, n, at_ms, account, kind, body_sealed, entry) VALUES", 7);
static CLOCK_ROWS: Bulk =
    Bulk::new("INSERT INTO case_clock (case_id, n, clock, binds, state, due, provisional) VALUES", 7);

/// Seals what a change brings.
pub(crate) fn seal(sealer: &Sealer, c: &CaseChange<'_>) -> Result<Sealed, StoreError> {
    let mut events = Vec::with_capacity(c.events.len());
    for (n, event) in (c.seen.saturating_add(1)..).zip(c.events) {
        events.push(sealer.seal_words(&column(c.case, n), &Pii::new(event.body.to_string()))?);
    }
    Ok(Sealed {
        events,
        papers: papers::seal(sealer, c.papers)?,
        rows: registers::seal(sealer, c.registers)?,
        documents: documents::seal(sealer, c.documents)?,
        orders: site_orders::seal(sealer, c.orders)?,
        voids: documents::seal_voids(sealer, c.voids)?,
    })
}

/// Events and number of a case, as the transaction sees it.
async fn standing(tx: &mut Tx, case: CaseId) -> Result<Option<(u32, String)>, DbError> {
    let rows = tx.rows("SELECT events, number FROM case_file WHERE id = $1", args![case]).await?;
    rows.first().map(|r| Ok((number(r, 0)?, r.text(1)?))).transpose()
}

/// Whether nothing was opened beside a new case since it was looked.
async fn is_as_seen(tx: &mut Tx, beside: Option<Beside<'_>>) -> Result<bool, DbError> {
    let Some(Beside { party, procedure, seen }) = beside else { return Ok(true) };
    let rows = tx.rows(BESIDE, args![party, procedure]).await?;
    Ok(rows.first().map_or(Ok(0), |r| number(r, 0))? == seen)
}

/// Whether no money came in since its rows were made.
async fn is_money_as_seen(tx: &mut Tx, c: &CaseChange<'_>) -> Result<bool, DbError> {
    match c.money {
        Some(seen) => Ok(payments::count_in(tx, c.case).await? == seen),
        None => Ok(true),
    }
}

fn event_entries(c: &CaseChange<'_>, sealed: &Sealed, now: UtcMs) -> Vec<LogEntry> {
    let of = |(n, (event, (_, commitment))): (u32, (&NewEvent, &SealedWords))| {
        let body = serde_json::json!({
            "case": c.case, "n": n, "body_commitment": commitment, "clauses": event.clauses, "by": c.by,
        });
        entry(event.kind, now, c.by, &event.clauses, body, event.text.clone())
    };
    (c.seen + 1..).zip(c.events.iter().zip(&sealed.events)).map(of).collect()
}

/// Clocks of a case, all anew.
async fn clocks_in(tx: &mut Tx, case: CaseId, clocks: &[ClockRow]) -> Result<(), DbError> {
    tx.exec("DELETE FROM case_clock WHERE case_id = $1", args![case]).await?;
    let row = |(n, k): (u32, &ClockRow)| {
        args![case, n, k.clock.as_str(), k.binds.as_str(), k.state.as_str(), k.due, k.provisional]
    };
    tx.insert_all(&CLOCK_ROWS, (1..).zip(clocks).map(row).collect()).await
}

/// Claims the numbers of documents; `false`: one of them was taken meanwhile.
async fn claimed(tx: &mut Tx, documents: &[NewDocument]) -> Result<bool, StoreError> {
    for document in documents {
        let Some(numbered) = &document.number else { continue };
        if !claim_number(tx, &numbered.series, numbered.number).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A step was done by which the head is asked for leave: that a case was opened, an act of the inquiry, payment later.
fn asks_leave(body: &serde_json::Value) -> bool {
    const STEPS: [&str; 3] = ["open", "ask_approval", "ask_deferral"];
    body.get("step").and_then(serde_json::Value::as_str).is_some_and(|step| STEPS.contains(&step))
}

/// Whether a decision is being prepared, or leave waits for the head, after these events; `None`: they say nothing of it.
fn is_deliberated(events: &[NewEvent]) -> Option<bool> {
    events.iter().rev().find_map(|event| match event.kind {
        "case.proposed" | "case.reviewed" | "case.sent_back" => Some(true),
        "case.step_done" if asks_leave(&event.body) => Some(true),
        "case.decided" => Some(false),
        _ => None,
    })
}

/// Where it comes from: a new case from another one; the request of another system, whose key counts from now on; who keeps out of it, all
/// anew; whether a decision is being prepared, and what waits for whom.
async fn began_in(tx: &mut Tx, c: &CaseChange<'_>, now: UtcMs) -> Result<(), DbError> {
    if let Some(from) = c.from {
        tx.exec("INSERT INTO case_link (case_id, from_case) VALUES ($1, $2)", args![c.case, from]).await?;
    }
    if let Some(is_deliberated) = is_deliberated(c.events) {
        tx.exec("UPDATE case_file SET deliberated = $2 WHERE id = $1", args![c.case, is_deliberated]).await?;
    }
    if let Some(marks) = c.marks {
        awaited::put_in(tx, c.case, marks).await?;
    }
    if let Some(recusals) = c.recusals {
        tx.exec("DELETE FROM case_recusal WHERE case_id = $1", args![c.case]).await?;
        for (account, state) in recusals {
            let sql = "INSERT INTO case_recusal (case_id, account, state) VALUES ($1, $2, $3)";
            tx.exec(sql, args![c.case, *account, *state]).await?;
        }
    }
    if let (Some(by), Some((key, request))) = (c.by, c.handed) {
        exchange::keep_in(tx, (by, key), &Kept { request, case: c.case }, now).await?;
    }
    Ok(())
}

/// Carries a change out. The caller has locked the log, and commits only what is `Done`.
pub(crate) async fn change_in(
    tx: &mut Tx,
    c: &CaseChange<'_>,
    sealed: Sealed,
    now: UtcMs,
) -> Result<Saved, StoreError> {
    if c.events.is_empty() || c.events.len() > EVENTS_AT_ONCE {
        return Err(misuse("a change of a case without events, or with too many").into());
    }
    let known = standing(tx, c.case).await?;
    let was = known.as_ref().map_or(0, |(events, _)| *events);
    if was != c.seen || !is_money_as_seen(tx, c).await? {
        return Ok(if known.is_none() { Saved::Unknown } else { Saved::MovedOn { events: was } });
    }
    let events = c.seen + u32::try_from(c.events.len()).unwrap_or(u32::MAX);
    if events > EVENTS || !papers::fits(tx, c.case, c.papers).await? {
        return Ok(Saved::Full);
    }
    let case_number = match (known, c.opening) {
        (Some((_, number)), _) => number,
        (None, Some(opening)) => opening.write(issue_number(tx, &opening.series).await?),
        (None, None) => return Ok(Saved::Unknown),
    };
    if !claimed(tx, c.documents).await? {
        return Ok(Saved::NumberTaken);
    }
    let versions = registers::versions_in(tx, c.registers).await?;
    let mut entries = event_entries(c, &sealed, now);
    entries.extend(registers::entries(c.registers, &versions, &sealed.rows, (Some(c.case), c.by), now));
    entries.extend(documents::entries(c.documents, (Some(c.case), c.by), now));
    entries.extend(publications::entries(c.publications, (Some(c.case), c.by), now));
    entries.extend(publications::withdrawal_entries(tx, c.withdrawals, (c.case, c.by), now).await?);
    let first = tx.log_all(entries).await?.start;
    let of_rows = first + c.events.len() as u64;
    let of_documents = of_rows + c.registers.len() as u64;
    let of_publications = of_documents + c.documents.len() as u64;
    let of_withdrawals = of_publications + c.publications.len() as u64;

    cases::put_in(tx, (c.case, &case_number), (c.head, c.marks), events, now).await?;
    began_in(tx, c, now).await?;
    let row = |((n, idx), (event, (body, _))): ((u32, u64), (&NewEvent, SealedWords))| {
        args![c.case, n, now, c.by, event.kind, body, idx]
    };
    let places = (c.seen + 1..).zip(first..);
    tx.insert_all(&EVENT_ROWS, places.zip(c.events.iter().zip(sealed.events)).map(row).collect()).await?;
    clocks_in(tx, c.case, c.clocks).await?;
    papers::put_in(tx, c.case, (sealed.papers, c.papers), (events, c.by), now).await?;
    let of = registers::Of { case: Some((c.case, events)), now, shown: false };
    let rows = registers::put_in(tx, (c.registers, versions), sealed.rows, of_rows, of).await?;
    let documents =
        documents::put_in(tx, (c.documents, sealed.documents), of_documents, (Some(c.case), c.by), now).await?;
    let publications = publications::put_in(tx, c.publications, of_publications, (Some(c.case), c.by), now).await?;
    publications::withdraw_in(tx, c.withdrawals, of_withdrawals, now).await?;
    for (order, body) in c.orders.iter().zip(sealed.orders) {
        site_orders::put_in(tx, order, body, (Some(c.case), c.by), now).await?;
    }
    for (void, words) in c.voids.iter().zip(sealed.voids) {
        // Somebody was quicker, without an event: the case is looked at again.
        if documents::void_in(tx, (void.document, &void.clauses), words, c.by, now).await?.is_none() {
            return Ok(Saved::MovedOn { events: was });
        }
    }
    let entries = first..of_rows;
    Ok(Saved::Done(Changed { number: case_number, events, entries, rows, documents, publications }))
}

impl Store {
    /// Adds what happened to a case, with all that follows from it, in one transaction; only while the case has as many events as the
    /// change has seen. A case is opened by a change that has seen none.
    ///
    /// # Errors
    /// The database, the key or the log, or a thing that is there already (id of a document); then nothing is changed.
    pub async fn add_events(&self, c: &CaseChange<'_>, now: UtcMs) -> Result<Saved, StoreError> {
        let sealed = seal(&self.sealer, c)?;
        let mut tx = self.begin().await?;
        // Two clerks take turns: the second sees what the first has done.
        tx.lock().await?;
        if !is_as_seen(&mut tx, c.beside).await? {
            return Ok(Saved::MovedOn { events: c.seen });
        }
        let saved = change_in(&mut tx, c, sealed, now).await?;
        if matches!(saved, Saved::Done(_)) {
            tx.commit().await?;
        }
        Ok(saved)
    }

    /// How many cases of this party and procedure there are, open or not: what [`Beside`] has seen.
    ///
    /// # Errors
    /// The database.
    pub async fn cases_beside(&self, party: PartyId, procedure: &str) -> Result<u32, DbError> {
        self.db.row(BESIDE, args![party, procedure]).await?.map_or(Ok(0), |r| number(&r, 0))
    }

    /// Events of a case, the oldest first.
    ///
    /// # Errors
    /// The database, or a body that does not open: it is that of another case or place, or was changed.
    pub async fn case_events(&self, case: CaseId) -> Result<Vec<EventRow>, StoreError> {
        let sql = "SELECT n, at_ms, account, kind, body_sealed, entry FROM case_event WHERE case_id = $1 ORDER BY n";
        let mut out = Vec::new();
        for r in self.db.rows(sql, args![case]).await? {
            let n = number(&r, 0)?;
            out.push(EventRow {
                n,
                at: UtcMs(r.int(1)?),
                by: super::read_opt(&r, 2, AccountId::parse)?,
                kind: r.text(3)?,
                body: self.sealer.open_words(&column(case, n), &r.blob(4)?)?,
                entry: place(&r, 5)?,
            });
        }
        Ok(out)
    }

    /// The last decision of each of these cases, as it was handed in, one statement for each fifty of them; a case without one is not there.
    ///
    /// # Errors
    /// As `case_events`.
    pub async fn last_decisions(&self, cases: &[CaseId]) -> Result<BTreeMap<CaseId, EventRow>, StoreError> {
        let mut found = BTreeMap::new();
        for some in cases.chunks(IDS) {
            for r in self.db.rows(LAST_DECISIONS, ids_in(some)).await? {
                let case = r.read(0, CaseId::parse)?;
                let n = number(&r, 1)?;
                let row = EventRow {
                    n,
                    at: UtcMs(r.int(2)?),
                    by: super::read_opt(&r, 3, AccountId::parse)?,
                    kind: r.text(4)?,
                    body: self.sealer.open_words(&column(case, n), &r.blob(5)?)?,
                    entry: place(&r, 6)?,
                };
                found.insert(case, row);
            }
        }
        Ok(found)
    }

    /// Compares each event of a case with its entry: places of the case that are not what the log says. Entries must be in the files
    /// (`flush_ledger`).
    ///
    /// # Errors
    /// The database, or the log does not have an entry.
    pub async fn check_case(&self, case: CaseId) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT n, kind, body_sealed, entry FROM case_event WHERE case_id = $1 ORDER BY n";
        let mut wrong = Vec::new();
        for r in self.db.rows(sql, args![case]).await? {
            let n = number(&r, 0)?;
            let logged = self.log.entry(place(&r, 3)?)?.parse().map_err(crate::ledger_log::LogError::from)?;
            let commitment = self.sealer.commitment(&column(case, n), &r.blob(2)?).ok();
            let said = serde_json::json!({ "case": case, "n": n, "body_commitment": commitment });
            let same = ["case", "n", "body_commitment"].iter().all(|key| logged.body[key] == said[key]);
            if commitment.is_none() || !same || logged.kind != r.text(1)? {
                wrong.push(n);
            }
        }
        Ok(wrong)
    }

    /// Clocks of a case as they were last counted, in the engine's order.
    ///
    /// # Errors
    /// The database.
    pub async fn case_clocks(&self, case: CaseId) -> Result<Vec<ClockRow>, DbError> {
        let sql = "SELECT clock, binds, state, due, provisional FROM case_clock WHERE case_id = $1 ORDER BY n";
        let rows = self.db.rows(sql, args![case]).await?;
        rows.iter()
            .map(|r| {
                Ok(ClockRow {
                    clock: r.text(0)?,
                    binds: r.text(1)?,
                    state: r.text(2)?,
                    due: super::day_opt(r, 3)?,
                    provisional: r.int(4)? != 0,
                })
            })
            .collect()
    }

    /// Puts clocks that were counted anew without an event: a day went by, a holiday notice came. They follow from the events and the law,
    /// so the log has nothing of it. False when the case has another number of events.
    ///
    /// # Errors
    /// The database.
    pub async fn put_clocks(
        &self,
        case: CaseId,
        seen: u32,
        clocks: &[ClockRow],
        next: Option<&NextDue>,
    ) -> Result<bool, DbError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE case_file SET next_due = $3, next_clock = $4, next_binds = $5 WHERE id = $1 AND events = $2";
        let day = next.map_or_else(|| NO_DAY.to_owned(), |n| n.day.to_string());
        let (clock, binds) = next.map(|n| (n.clock.clone(), n.binds.clone())).unzip();
        if tx.exec(sql, args![case, seen, day, clock, binds]).await? == 0 {
            return Ok(false);
        }
        clocks_in(&mut tx, case, clocks).await?;
        tx.commit().await?;
        Ok(true)
    }
}
