//! Heads of cases: what lists show of a case, made anew from its events with each change.
//!
//! Always true: a head has as many events as there are rows of them; its title names no natural person, for lists and search show it.

use super::{awaited, number, office_text, read_opt, search, under};
use crate::db::{DbError, IDS, Row, Value, ids_in};
use crate::ledger_log::Tx;
use crate::{Store, args};
use base::{AccountId, CaseId, CivilDate, OfficeId, PartyId, Sha256, UtcMs};
use domain::number::{TypedNumber, typed_number};
use std::collections::{BTreeMap, BTreeSet};

/// Stands for a day that is not there, so that such cases come last.
pub(crate) const NO_DAY: &str = "9999-12-31";

/// The nearest day that runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NextDue {
    /// Last day.
    pub day: CivilDate,
    /// Id of the clock in its procedure.
    pub clock: String,
    /// Word of the party that it binds.
    pub binds: String,
}

/// What lists show of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseHead {
    /// Id of its procedure.
    pub procedure: String,
    /// Digest of the packs that decide it.
    pub pack: Sha256,
    /// The office that has it.
    pub office: OfficeId,
    /// Who applies, or whom it is about.
    pub party: Option<PartyId>,
    /// The thing it is about: a unit, a product, a place. Never a natural person.
    pub title: String,
    /// The engine's word for where it stands.
    pub state: String,
    /// Id of its outcome.
    pub outcome: Option<String>,
    /// Who works on it.
    pub assigned: Option<AccountId>,
    /// The day whose law decides.
    pub facts_on: CivilDate,
    /// When it ended; open without.
    pub closed: Option<UtcMs>,
    /// The nearest day that runs.
    pub next: Option<NextDue>,
}

/// What of a case is asked of many at once and stands nowhere open else; nothing of a person.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CaseMarks {
    /// The title under which it was opened; kept from its first change that says it.
    pub begun_as: String,
    /// What a review or suit came to: a choice of its form; empty: nothing, or it is neither.
    pub result: String,
    /// It is entered in this case that its decision was changed or annulled.
    pub annulled: bool,
    /// Words of the lists in which its decision is still to come out, without a blank in them.
    pub unpublished: Vec<String>,
    /// Whose word it waits for while it is being decided: `decision`, `review` or `proposal`.
    pub awaits: String,
    /// Whose hand is in it, as it counts for that: `proposed`, `recused`, `not_decision`, `not_review`; no pair twice.
    pub hands: Vec<(AccountId, &'static str)>,
    /// Facts of its forms by which it is found beside number and title.
    pub facts: String,
}

/// A case as lists show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseRow {
    /// Its id.
    pub id: CaseId,
    /// Its number, as written.
    pub number: String,
    /// The rest.
    pub head: CaseHead,
    /// When it was opened.
    pub opened: UtcMs,
    /// How many events it has: what a change must have seen.
    pub events: u32,
    /// When the newest happened.
    pub last: UtcMs,
}

/// What the archive asks for; everything is optional.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CaseFilter {
    /// Of this office.
    pub office: Option<OfficeId>,
    /// Of this office or one under it.
    pub under: Option<OfficeId>,
    /// Of this procedure.
    pub procedure: String,
    /// Of this party.
    pub party: Option<PartyId>,
    /// In this state.
    pub state: String,
    /// With this outcome.
    pub outcome: String,
    /// Opened from this instant on.
    pub from: Option<UtcMs>,
    /// Opened before this instant.
    pub to: Option<UtcMs>,
    /// Only those that are over: closed or given up.
    pub ended: bool,
    /// Only those after this one in the list (paging): when it was opened, and its id.
    pub before: Option<(UtcMs, CaseId)>,
}

/// An open case with a request that somebody keep out which nobody has decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedRecusals {
    /// The case.
    pub row: CaseRow,
    /// Who was asked to keep out of it, each with the engine's word for what became of it; without an account what an older program entered: of
    /// that the events say more.
    pub people: Vec<(Option<AccountId>, String)>,
}

/// Open cases of an office ($1) and those under it with a request that waits, the newest first, at most $2.
macro_rules! with_recusals {
    () => {
        concat!(
            " FROM case_file WHERE closed_ms IS NULL AND id IN (SELECT case_id FROM case_recusal WHERE state = 'asked') AND ",
            under!("office", "$1"),
            " ORDER BY opened_ms DESC, id DESC LIMIT $2"
        )
    };
}

/// The columns of `case_of`.
macro_rules! columns {
    () => {
        "id, number, procedure, pack_digest, office, party, title, state, outcome, assigned, opened_ms, facts_on, \
         closed_ms, events, next_due, next_clock, next_binds, last_ms"
    };
}
pub(crate) use columns;

/// The columns of `case_of`, and what follows.
macro_rules! select {
    ($($rest:tt)+) => {
        concat!("SELECT ", $crate::casework::cases::columns!(), " FROM case_file ", $($rest)+)
    };
}
pub(crate) use select;

/// Cases of a page, by what leads to them; $1 to $12 as `Store::cases` binds them.
macro_rules! cases_of {
    ($lead:literal) => {
        select!(
            "WHERE ",
            $lead,
            " opened_ms >= $1 AND opened_ms < $2 AND (opened_ms, id) < ($3, $4) \
             AND ($5 = '' OR office = $5) AND ($6 = '' OR procedure = $6) AND ($7 = '' OR party = $7) \
             AND ($8 = '' OR state = $8) AND ($9 = '' OR outcome = $9) \
             AND ($11 = '' OR closed_ms IS NOT NULL) AND ($12 = '' OR ",
            under!("office", "$12"),
            ") ORDER BY opened_ms DESC, id DESC LIMIT $10"
        )
    };
}

/// Cases of a number in its year ($1), of a year ($2, 0 any) and with what stands before it ($3, '' anything); $4 is the limit.
pub(crate) const NUMBERED: &str = select!(
    "WHERE serial = $1 AND ($2 = 0 OR number_year = $2) AND ($3 = '' OR number_before = $3) \
     ORDER BY opened_ms DESC, id DESC LIMIT $4"
);

pub(crate) fn case_of(r: &Row) -> Result<CaseRow, DbError> {
    let next = match (r.text_opt(15)?, r.text_opt(16)?) {
        (Some(clock), Some(binds)) => Some(NextDue { day: r.read(14, CivilDate::parse)?, clock, binds }),
        _ => None,
    };
    let assigned = r.text(9)?;
    let head = CaseHead {
        procedure: r.text(2)?,
        pack: r.read(3, Sha256::from_hex)?,
        office: r.read(4, OfficeId::parse)?,
        party: read_opt(r, 5, PartyId::parse)?,
        title: r.text(6)?,
        state: r.text(7)?,
        outcome: r.text_opt(8)?,
        assigned: if assigned.is_empty() { None } else { Some(r.read(9, AccountId::parse)?) },
        facts_on: r.read(11, CivilDate::parse)?,
        closed: r.int_opt(12)?.map(UtcMs),
        next,
    };
    Ok(CaseRow {
        id: r.read(0, CaseId::parse)?,
        number: r.text(1)?,
        head,
        opened: UtcMs(r.int(10)?),
        events: number(r, 13)?,
        last: UtcMs(r.int(17)?),
    })
}

/// The values of a head, in the order of `put_in`.
fn values(id: CaseId, number: &str, h: &CaseHead, events: u32, now: UtcMs) -> Vec<Value> {
    let due = h.next.as_ref().map_or_else(|| NO_DAY.to_owned(), |n| n.day.to_string());
    args![
        id,
        number,
        h.procedure.as_str(),
        h.pack.hex(),
        h.office,
        h.party,
        h.title.as_str(),
        h.state.as_str(),
        h.outcome.clone(),
        h.assigned.map_or_else(String::new, |a| a.to_string()),
        h.facts_on,
        h.closed,
        events,
        due,
        h.next.as_ref().map(|n| n.clock.clone()),
        h.next.as_ref().map(|n| n.binds.clone()),
        now,
    ]
}

/// A number taken apart, as the columns have it: what stands before the year, the year, and the number in it; of what is no such number nothing.
pub(crate) fn number_parts(number: &str) -> Vec<Value> {
    let parts = typed_number(number);
    let (before, year) = parts.as_ref().map_or(("", 0), |p| (p.before.as_str(), p.year.unwrap_or(0)));
    args![before, i64::from(year), parts.as_ref().map(|p| i64::from(p.serial))]
}

/// Stores a head, new or in place of the one before, and what it is found by. The number of a case never changes.
pub(crate) async fn put_in(
    tx: &mut Tx,
    (id, number): (CaseId, &str),
    (h, marks): (&CaseHead, Option<&CaseMarks>),
    events: u32,
    now: UtcMs,
) -> Result<(), DbError> {
    let mut all = values(id, number, h, events, now);
    all.extend(args![
        marks.map(|m| m.begun_as.clone()),
        marks.map(|m| m.result.clone()),
        marks.map(|m| i64::from(m.annulled)),
    ]);
    all.extend(number_parts(number));
    tx.exec(
        "INSERT INTO case_file (id, number, procedure, pack_digest, office, party, title, state, outcome, assigned, facts_on, closed_ms, \
         events, next_due, next_clock, next_binds, last_ms, opened_ms, begun_as, result, annulled, \
         number_before, number_year, serial) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18, $19, $20, $21, $22, $23) \
         ON CONFLICT (id) DO UPDATE SET procedure = excluded.procedure, pack_digest = excluded.pack_digest, office = excluded.office, \
         party = excluded.party, title = excluded.title, state = excluded.state, outcome = excluded.outcome, \
         assigned = excluded.assigned, facts_on = excluded.facts_on, closed_ms = excluded.closed_ms, events = excluded.events, \
         next_due = excluded.next_due, next_clock = excluded.next_clock, next_binds = excluded.next_binds, last_ms = excluded.last_ms, \
         begun_as = COALESCE(case_file.begun_as, excluded.begun_as), result = COALESCE(excluded.result, case_file.result), \
         annulled = COALESCE(excluded.annulled, case_file.annulled), \
         number_before = excluded.number_before, number_year = excluded.number_year, serial = excluded.serial",
        all,
    )
    .await?;
    let words = awaited::found_by(number, &h.title, marks);
    search::index_in(tx, search::Thing::Case.code(), &id.to_string(), &words).await
}

impl Store {
    /// A new id for a case.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_case_id(&self, now: UtcMs) -> Result<CaseId, crate::keys::KeyFileError> {
        Ok(CaseId::new(now.0, crate::keys::random()?))
    }

    /// One case.
    ///
    /// # Errors
    /// The database.
    pub async fn case(&self, id: CaseId) -> Result<Option<CaseRow>, DbError> {
        self.db.row(select!("WHERE id = $1"), args![id]).await?.map(|r| case_of(&r)).transpose()
    }

    /// Numbers of cases, as written, by their ids; an id that is no case's is left out.
    ///
    /// # Errors
    /// The database.
    pub async fn case_numbers(&self, ids: &BTreeSet<CaseId>) -> Result<BTreeMap<CaseId, String>, DbError> {
        const SQL: &str = "SELECT id, number FROM case_file WHERE id IN \
             ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, \
             $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, \
             $45, $46, $47, $48, $49, $50)";
        let ids: Vec<CaseId> = ids.iter().copied().collect();
        let mut found = BTreeMap::new();
        for some in ids.chunks(IDS) {
            for r in self.db.rows(SQL, ids_in(some)).await? {
                found.insert(r.read(0, CaseId::parse)?, r.text(1)?);
            }
        }
        Ok(found)
    }

    /// The case of a number, as written.
    ///
    /// # Errors
    /// The database.
    pub async fn case_by_number(&self, number: &str) -> Result<Option<CaseRow>, DbError> {
        self.db.row(select!("WHERE number = $1"), args![number]).await?.map(|r| case_of(&r)).transpose()
    }

    /// Cases that a number can mean of which the year, or what stands before it, may have been left out: one question, the newest first, at most
    /// `limit`. A case of an older program is among them once it is marked.
    ///
    /// # Errors
    /// The database.
    pub async fn cases_numbered(&self, typed: &TypedNumber, limit: u32) -> Result<Vec<CaseRow>, DbError> {
        let year = i64::from(typed.year.unwrap_or(0));
        let values = args![i64::from(typed.serial), year, typed.before.as_str(), limit];
        self.db.rows(NUMBERED, values).await?.iter().map(case_of).collect()
    }

    /// An open case of this party and procedure that is called so, or was opened under this title: the newest.
    ///
    /// # Errors
    /// The database.
    pub async fn same_case(&self, party: PartyId, procedure: &str, title: &str) -> Result<Option<CaseRow>, DbError> {
        let sql = select!(
            "WHERE party = $1 AND procedure = $2 AND closed_ms IS NULL AND (title = $3 OR begun_as = $3) \
             ORDER BY opened_ms DESC, id DESC LIMIT 1"
        );
        self.db.row(sql, args![party, procedure, title]).await?.map(|r| case_of(&r)).transpose()
    }

    /// Open cases of this party and procedure of which only their events say under which title they were opened, the newest first, at most
    /// `limit`: an older program opened them, and none of them was changed since.
    ///
    /// # Errors
    /// The database.
    pub async fn cases_of_unknown_title(
        &self,
        party: PartyId,
        procedure: &str,
        limit: u32,
    ) -> Result<Vec<CaseRow>, DbError> {
        let sql = select!(
            "WHERE party = $1 AND procedure = $2 AND closed_ms IS NULL AND begun_as IS NULL \
             ORDER BY opened_ms DESC, id DESC LIMIT $3"
        );
        self.db.rows(sql, args![party, procedure, limit]).await?.iter().map(case_of).collect()
    }

    /// Open cases of an office and those under it in which a request that somebody keep out waits, the newest first, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn asked_recusals(&self, top: OfficeId, limit: u32) -> Result<Vec<AskedRecusals>, DbError> {
        let sql = concat!("SELECT ", columns!(), with_recusals!());
        let rows: Vec<CaseRow> =
            self.db.rows(sql, args![top, limit]).await?.iter().map(case_of).collect::<Result<_, _>>()?;
        let sql = concat!(
            "SELECT case_id, account, state FROM case_recusal WHERE case_id IN (",
            "SELECT id",
            with_recusals!(),
            ") ORDER BY case_id, account"
        );
        let mut people: BTreeMap<CaseId, Vec<(Option<AccountId>, String)>> = BTreeMap::new();
        for r in self.db.rows(sql, args![top, limit]).await? {
            let account = r.text(1)?;
            let account = if account.is_empty() { None } else { Some(r.read(1, AccountId::parse)?) };
            people.entry(r.read(0, CaseId::parse)?).or_default().push((account, r.text(2)?));
        }
        let of = |row: CaseRow| AskedRecusals { people: people.remove(&row.id).unwrap_or_default(), row };
        Ok(rows.into_iter().map(of).collect())
    }

    /// Cases, open or not, the newest first, at most `limit`.
    ///
    /// # Errors
    /// The database.
    pub async fn cases(&self, f: &CaseFilter, limit: u32) -> Result<Vec<CaseRow>, DbError> {
        let (before_ms, before_id) =
            f.before.map_or_else(|| (i64::MAX, super::TOP.to_owned()), |(at, id)| (at.0, id.to_string()));
        let values = args![
            f.from.unwrap_or(UtcMs(i64::MIN)),
            f.to.map_or(i64::MAX, |to| to.0).min(before_ms.saturating_add(1)),
            before_ms,
            before_id,
            office_text(f.office),
            f.procedure.as_str(),
            f.party.map_or_else(String::new, |id| id.to_string()),
            f.state.as_str(),
            f.outcome.as_str(),
            limit,
            if f.ended { "ended" } else { "" },
            office_text(f.under),
        ];
        // Whatever narrows most leads by its index; the rest is asked of each row.
        let sql = match (f.party, f.office, f.procedure.is_empty()) {
            (Some(_), _, _) => cases_of!("party = $7 AND"),
            (None, Some(_), _) => cases_of!("office = $5 AND"),
            (None, None, false) => cases_of!("procedure = $6 AND"),
            (None, None, true) => cases_of!(""),
        };
        self.db.rows(sql, values).await?.iter().map(case_of).collect()
    }
}
