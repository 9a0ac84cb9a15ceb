//! Registers of the authority: rows with every version they ever had, each version proved by its entry in the log.
//!
//! ```text
//! RegisterChange ─▶ version = newest + 1 ─▶ entry `register.row` (digest of the public JSON, commitment of the sealed one) + row
//! ```
//! Always true: a version is never changed or removed; of each row one version is the newest; the public part is kept byte for byte as its
//! digest in the entry was made of, so anyone who has the page and the proof can check it; personal columns are sealed and in no list.

use super::{SealedWords, TOP, entry, misuse, number, place, read_opt, search};
use crate::db::{DbError, Row};
use crate::keys::Sealer;
use crate::ledger_log::{LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, ClauseId, OfficeId, PartyId, Pii, Sha256, Text, UtcMs};

/// Most rows of one page.
pub const PAGE: u32 = 500;
/// Longest id of a row, bytes.
pub const ROW_ID_BYTES: usize = 100;

/// A new version of a row.
#[derive(Clone, Debug)]
pub struct RegisterChange {
    /// Word of the register, as in the packs.
    pub register: String,
    /// Id of the row in it: a new one begins a row.
    pub row: String,
    /// What the row is about, in a few words; never a natural person.
    pub name: String,
    /// Office in charge.
    pub office: Option<OfficeId>,
    /// Party it is about.
    pub party: Option<PartyId>,
    /// Public columns, an object.
    pub public: serde_json::Value,
    /// Columns that name persons or are not public, JSON.
    pub personal: Option<Pii<String>>,
    /// Holds from this day on.
    pub from: CivilDate,
    /// Last day on which it holds.
    pub until: Option<CivilDate>,
    /// The clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log.
    pub text: Text,
}

/// A version of a row that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenRow {
    /// Register.
    pub register: String,
    /// Row.
    pub row: String,
    /// Its new version.
    pub version: u32,
    /// Place of its entry.
    pub entry: u64,
}

/// A version of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowVersion {
    /// Register.
    pub register: String,
    /// Row.
    pub row: String,
    /// From 1.
    pub version: u32,
    /// What it is about.
    pub name: String,
    /// Office in charge.
    pub office: Option<OfficeId>,
    /// Party it is about.
    pub party: Option<PartyId>,
    /// Public columns: the JSON whose SHA-256 the entry has.
    pub public: String,
    /// Sealed columns, JSON; only where they were asked for.
    pub personal: Option<Pii<String>>,
    /// The case that wrote it, and how many events it had then.
    pub case: Option<(CaseId, u32)>,
    /// Holds from this day on.
    pub from: CivilDate,
    /// Last day on which it holds.
    pub until: Option<CivilDate>,
    /// No newer version is there.
    pub newest: bool,
    /// When it was written.
    pub at: UtcMs,
    /// Place of its entry, which proves it.
    pub entry: u64,
}

/// What a page of a register asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowFilter {
    /// Which register.
    pub register: String,
    /// Only rows that hold on this day.
    pub holds_on: Option<CivilDate>,
    /// Of this office.
    pub office: Option<OfficeId>,
    /// About this party.
    pub party: Option<PartyId>,
    /// Only rows whose newest version stands before this place in the log (paging, newest first).
    pub before: Option<u64>,
}

/// By what rows are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of {
    /// The case, and how many events it has then.
    pub case: Option<(CaseId, u32)>,
    /// When.
    pub now: UtcMs,
}

/// Name bound into the seal of a row's personal columns.
fn column(register: &str, row: &str) -> String {
    format!("register_row.personal:{register}:{row}")
}

/// The kind of search rows of a register are under.
fn kind(register: &str) -> String {
    format!("row.{register}")
}

/// The thing that is found: sorts by place in the log.
fn thing(entry: u64) -> String {
    format!("{entry:020}")
}

pub(crate) fn seal(sealer: &Sealer, all: &[RegisterChange]) -> Result<Vec<Option<SealedWords>>, StoreError> {
    let mut out = Vec::with_capacity(all.len());
    for c in all {
        if !c.public.is_object() || c.row.is_empty() || c.row.len() > ROW_ID_BYTES || c.register.is_empty() {
            return Err(misuse("a row of a register without its id or columns").into());
        }
        let sealed = c.personal.as_ref().map(|p| sealer.seal_words(&column(&c.register, &c.row), p)).transpose()?;
        out.push(sealed);
    }
    Ok(out)
}

/// The version that each change writes. The log is locked, so nobody writes another meanwhile.
pub(crate) async fn versions_in(tx: &mut Tx, all: &[RegisterChange]) -> Result<Vec<u32>, DbError> {
    let mut out: Vec<u32> = Vec::with_capacity(all.len());
    for c in all {
        let sql = "SELECT COALESCE(MAX(version), 0) FROM register_row WHERE register = $1 AND row_id = $2";
        let rows = tx.rows(sql, args![c.register.as_str(), c.row.as_str()]).await?;
        let stored = rows.first().map_or(Ok(0), |r| number(r, 0))?;
        // The same row twice in one change: the second follows the first.
        let here = all.iter().zip(&out).rev().find(|(e, _)| e.register == c.register && e.row == c.row);
        let version = here.map_or(stored, |(_, version)| *version) + 1;
        out.push(version);
    }
    Ok(out)
}

pub(crate) fn entries(
    all: &[RegisterChange],
    versions: &[u32],
    sealed: &[Option<SealedWords>],
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Vec<LogEntry> {
    let mut out = Vec::with_capacity(all.len());
    for ((c, version), sealed) in all.iter().zip(versions).zip(sealed) {
        let body = serde_json::json!({
            "register": c.register, "row": c.row, "version": version, "case": case, "party": c.party,
            "public_sha256": Sha256::of(c.public.to_string().as_bytes()),
            "personal_commitment": sealed.as_ref().map(|(_, commitment)| commitment),
            "from_day": c.from, "until_day": c.until, "clauses": c.clauses, "by": by,
        });
        out.push(entry("register.row", now, by, &c.clauses, body, c.text.clone()));
    }
    out
}

pub(crate) async fn put_in(
    tx: &mut Tx,
    (all, versions): (&[RegisterChange], Vec<u32>),
    sealed: Vec<Option<SealedWords>>,
    first: u64,
    of: Of,
) -> Result<Vec<WrittenRow>, DbError> {
    let mut out = Vec::with_capacity(all.len());
    for (entry, ((c, version), sealed)) in (first..).zip(all.iter().zip(versions).zip(sealed)) {
        let key = args![c.register.as_str(), c.row.as_str()];
        let sql =
            "UPDATE register_row SET newest = 0 WHERE register = $1 AND row_id = $2 AND newest = 1 RETURNING entry";
        let before = tx.rows(sql, key).await?;
        for old in &before {
            search::index_in(tx, &kind(&c.register), &thing(place(old, 0)?), "").await?;
        }
        tx.exec(
            "INSERT INTO register_row (register, row_id, version, name, office, party, public, personal_sealed, case_id, event, from_day, \
             until_day, newest, at_ms, entry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14)",
            args![
                c.register.as_str(),
                c.row.as_str(),
                version,
                c.name.as_str(),
                c.office,
                c.party,
                c.public.to_string(),
                sealed.map(|(bytes, _)| bytes),
                of.case.map(|(case, _)| case),
                of.case.map(|(_, event)| i64::from(event)),
                c.from,
                c.until,
                of.now,
                entry,
            ],
        )
        .await?;
        search::index_in(tx, &kind(&c.register), &thing(entry), &format!("{} {}", c.row, c.name)).await?;
        out.push(WrittenRow { register: c.register.clone(), row: c.row.clone(), version, entry });
    }
    Ok(out)
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT register, row_id, version, name, office, party, public, case_id, event, from_day, until_day, newest, at_ms, entry, \
             personal_sealed FROM register_row ",
            $rest
        )
    };
}

/// A version without its sealed columns.
fn row_of(r: &Row) -> Result<RowVersion, DbError> {
    let event = r.int_opt(8)?.map(|n| u32::try_from(n).map_err(|_| DbError::unreadable(8))).transpose()?;
    Ok(RowVersion {
        register: r.text(0)?,
        row: r.text(1)?,
        version: number(r, 2)?,
        name: r.text(3)?,
        office: read_opt(r, 4, OfficeId::parse)?,
        party: read_opt(r, 5, PartyId::parse)?,
        public: r.text(6)?,
        personal: None,
        case: read_opt(r, 7, CaseId::parse)?.zip(event),
        from: r.read(9, CivilDate::parse)?,
        until: super::day_opt(r, 10)?,
        newest: r.int(11)? != 0,
        at: UtcMs(r.int(12)?),
        entry: place(r, 13)?,
    })
}

impl Store {
    /// A version with its sealed columns.
    fn whole_row_of(&self, r: &Row) -> Result<RowVersion, StoreError> {
        let row = row_of(r)?;
        let column = column(&row.register, &row.row);
        let personal = r.blob_opt(14)?.map(|sealed| self.sealer.open_words(&column, &sealed)).transpose()?;
        Ok(RowVersion { personal, ..row })
    }

    /// Rows of a register in their newest version, the newest first, at most `limit` and never more than [`PAGE`]; without sealed columns.
    ///
    /// # Errors
    /// The database.
    pub async fn register_rows(&self, f: &RowFilter, limit: u32) -> Result<Vec<RowVersion>, DbError> {
        let values = args![
            f.register.as_str(),
            f.before.unwrap_or(u64::MAX),
            f.holds_on.map_or_else(String::new, |d| d.to_string()),
            f.office.map_or_else(String::new, |id| id.to_string()),
            f.party.map_or_else(String::new, |id| id.to_string()),
            limit.min(PAGE),
        ];
        let sql = if f.party.is_some() {
            select!(
                "WHERE newest = 1 AND party = $5 AND register = $1 AND entry < $2 \
                 AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
                 ORDER BY entry DESC LIMIT $6"
            )
        } else {
            select!(
                "WHERE newest = 1 AND register = $1 AND entry < $2 \
                 AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
                 AND ($5 = '' OR party = $5) ORDER BY entry DESC LIMIT $6"
            )
        };
        self.db.rows(sql, values).await?.iter().map(row_of).collect()
    }

    /// Rows of a register by their id, after the one given, for a whole copy: the caller asks until nothing comes.
    ///
    /// # Errors
    /// The database.
    pub async fn register_copy(
        &self,
        register: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        let sql = select!("WHERE newest = 1 AND register = $1 AND row_id > $2 ORDER BY row_id LIMIT $3");
        let values = args![register, after.unwrap_or_default(), limit.min(PAGE)];
        self.db.rows(sql, values).await?.iter().map(row_of).collect()
    }

    /// Every version of a row, the newest first, with sealed columns.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn register_history(&self, register: &str, row: &str) -> Result<Vec<RowVersion>, StoreError> {
        let sql = select!("WHERE register = $1 AND row_id = $2 ORDER BY version DESC LIMIT $3");
        let rows = self.db.rows(sql, args![register, row, PAGE]).await?;
        rows.iter().map(|r| self.whole_row_of(r)).collect()
    }

    /// Versions that a case wrote, in their order, with sealed columns.
    ///
    /// # Errors
    /// As `register_history`.
    pub async fn rows_of_case(&self, case: CaseId) -> Result<Vec<RowVersion>, StoreError> {
        let sql = select!("WHERE case_id = $1 ORDER BY entry LIMIT $2");
        let rows = self.db.rows(sql, args![case, PAGE]).await?;
        rows.iter().map(|r| self.whole_row_of(r)).collect()
    }

    /// Rows whose id or name holds every word of the query, the newest first; with the place to go on from. `None` where nothing can be
    /// searched (`search`).
    ///
    /// # Errors
    /// The database.
    pub async fn search_rows(
        &self,
        register: &str,
        query: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Option<(Vec<RowVersion>, Option<u64>)>, DbError> {
        let before = before.map_or_else(|| TOP.to_owned(), thing);
        let Some(found) = self.search_in(&kind(register), query, Some(&before), limit).await? else {
            return Ok(None);
        };
        let mut rows = Vec::with_capacity(found.things.len());
        for thing in &found.things {
            let entry: u64 = thing.parse().map_err(|_| DbError::unreadable(0))?;
            let row = self.db.row(select!("WHERE entry = $1"), args![entry]).await?;
            rows.extend(row.map(|r| row_of(&r)).transpose()?);
        }
        Ok(Some((rows, found.next.and_then(|thing| thing.parse().ok()))))
    }

    /// When a register was last written to; `None` while it is empty.
    ///
    /// # Errors
    /// The database.
    pub async fn register_changed(&self, register: &str) -> Result<Option<UtcMs>, DbError> {
        let sql = "SELECT at_ms FROM register_row WHERE newest = 1 AND register = $1 ORDER BY entry DESC LIMIT 1";
        self.db.row(sql, args![register]).await?.map(|r| Ok(UtcMs(r.int(0)?))).transpose()
    }
}
