//! Registers of the authority: rows with every version they ever had, each version proved by its entry in the log.
//!
//! ```text
//! RegisterChange ─▶ version = newest + 1 ─▶ entry `register.row` (digest of the public JSON, commitment of the sealed one) + row
//! publication ─▶ its rows are shown: the version that it names and later ones      withdrawal ─▶ no version of them is shown any more
//! ```
//! Always true: a version is never changed or removed; of each row one version is the newest; the public part has the name of the row and is
//! kept byte for byte as its digest in the entry was made of, so anyone who has the page and the proof can check it; personal columns are
//! sealed and in no list; the public sees a version only while a publication of it stands, or where whoever wrote it says that it is public.

use super::publications::ShownRow;
use super::row_keys::keyed;
use super::row_numbers::{keys, maker};
use super::{SealedWords, TOP, entry, misuse, number, place, read_opt, search};
use crate::db::{DbError, Row};
use crate::keys::{KeyFileError, Sealer, random};
use crate::ledger_log::{LogEntry, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CaseId, CivilDate, ClauseId, OfficeId, PartyId, Pii, Sha256, Text, UtcMs};

/// Most rows of one page.
pub const PAGE: u32 = 500;
/// Longest id of a row, bytes.
pub const ROW_ID_BYTES: usize = 100;
/// Key of the name in the public part.
pub const NAME_KEY: &str = "name";
/// Signs of one public column that are found.
const INDEXED_CHARS: usize = 100;
/// By which words and keys rows are found; raised when `found_by` or `row_numbers::keys` changes, and then every row is indexed anew (`index_rows`).
const WORDS: u32 = 3;

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

impl RegisterChange {
    /// The public part as it is kept and as its digest is made of: the columns, and the name that lists show.
    fn public_text(&self) -> String {
        let mut public = self.public.clone();
        if let Some(columns) = public.as_object_mut() {
            columns.insert(NAME_KEY.to_owned(), serde_json::Value::from(self.name.as_str()));
        }
        public.to_string()
    }
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
    /// Since when the public sees this version; `None`: it does not.
    pub shown: Option<UtcMs>,
    /// When it was written.
    pub at: UtcMs,
    /// Place of its entry, which proves it.
    pub entry: u64,
}

impl RowVersion {
    /// Whether the proof of this version covers its name: older versions have the name beside the public part, not in it.
    #[must_use]
    pub fn proves_name(&self) -> bool {
        let public = serde_json::from_str::<serde_json::Value>(&self.public).unwrap_or_default();
        public[NAME_KEY].as_str() == Some(self.name.as_str())
    }

    /// The words by which it is found.
    fn found_by(&self) -> String {
        let public = serde_json::from_str(&self.public).unwrap_or_default();
        found_by(&self.row, &self.name, &public)
    }
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
    /// Only rows whose last day is before this day.
    pub ended_before: Option<CivilDate>,
    /// Only rows that cases of these procedures wrote; empty: of all, and those that no case wrote.
    pub procedures: Vec<String>,
    /// Only rows that were made by one of these (`law::made_by`), and those of an older program that were not read again; empty: by any.
    pub made_by: Vec<String>,
    /// Only rows that name this division or one in it: its first two or four digits, or all six; empty: all. Of rows that are keyed (`is_keyed`).
    pub division: String,
    /// Only rows with this choice (its word) in this column (id of the field); both empty: all. Of rows that are keyed (`is_keyed`).
    pub kind: (String, String),
    /// Only rows whose newest version stands before this place in the log (paging, newest first).
    pub before: Option<u64>,
    /// Only rows that the public sees.
    pub shown: bool,
    /// The register as the public saw it just before this time: of each row the last version that was shown by then, and only what is
    /// still public. Party and `ended_before` are not asked then.
    pub stood: Option<UtcMs>,
}

/// What became of a row that was entered without a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowPut {
    /// Done.
    Done(WrittenRow),
    /// Not written: the row has another version now (0: there is none).
    MovedOn {
        /// Its newest version.
        version: u32,
    },
}

/// By what rows are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of {
    /// The case, and how many events it has then.
    pub case: Option<(CaseId, u32)>,
    /// When.
    pub now: UtcMs,
    /// They are public without a publication. A row that is shown stays so in its next version.
    pub shown: bool,
}

/// Name bound into the seal of a row's personal columns.
fn column(register: &str, row: &str) -> String {
    format!("register_row.personal:{register}:{row}")
}

/// The kind of search rows of a register are under.
fn kind(register: &str) -> String {
    format!("row.{register}")
}

/// The kind under which what the public sees of a register is.
fn shown_kind(register: &str) -> String {
    format!("shown.{register}")
}

/// The thing that is found: sorts by place in the log.
fn thing(entry: u64) -> String {
    format!("{entry:020}")
}

/// The words by which a row is found: its id, name and number, then its public columns, the short ones first.
fn found_by(row: &str, name: &str, public: &serde_json::Value) -> String {
    let column = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.chars().take(INDEXED_CHARS).collect::<String>()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let fields = public["fields"].as_object();
    let mut columns: Vec<String> = fields.into_iter().flat_map(|map| map.values()).filter_map(column).collect();
    columns.sort_by_key(|text| text.chars().count());
    let mut words = vec![row.to_owned(), name.to_owned(), public["number"].as_str().unwrap_or_default().to_owned()];
    words.append(&mut columns);
    words.join(" ")
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
            "public_sha256": Sha256::of(c.public_text().as_bytes()),
            "personal_commitment": sealed.as_ref().map(|(_, commitment)| commitment),
            "from_day": c.from, "until_day": c.until, "clauses": c.clauses, "by": by,
        });
        out.push(entry("register.row", now, by, &c.clauses, body, c.text.clone()));
    }
    out
}

/// Makes a version be found by these words, also by the public where it sees it; without words it is not found any more.
async fn index_in(tx: &mut Tx, (register, entry): (&str, u64), words: &str, shown: bool) -> Result<(), DbError> {
    search::index_in(tx, &kind(register), &thing(entry), words).await?;
    search::index_in(tx, &shown_kind(register), &thing(entry), if shown { words } else { "" }).await
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
        let sql = "UPDATE register_row SET newest = 0 WHERE register = $1 AND row_id = $2 AND newest = 1 RETURNING entry, shown_ms";
        let before = tx.rows(sql, key).await?;
        let mut shown = of.shown;
        for old in &before {
            index_in(tx, (c.register.as_str(), place(old, 0)?), "", false).await?;
            shown |= old.int_opt(1)?.is_some();
        }
        let (number_key, row_key) = keys(&c.row, &c.public);
        tx.exec(
            "INSERT INTO register_row (register, row_id, version, name, office, party, public, personal_sealed, case_id, event, from_day, \
             until_day, newest, at_ms, entry, shown_ms, words, number_key, row_key, made_by) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16, $17, $18, $19)",
            args![
                c.register.as_str(),
                c.row.as_str(),
                version,
                c.name.as_str(),
                c.office,
                c.party,
                c.public_text(),
                sealed.map(|(bytes, _)| bytes),
                of.case.map(|(case, _)| case),
                of.case.map(|(_, event)| i64::from(event)),
                c.from,
                c.until,
                of.now,
                entry,
                shown.then_some(of.now.0),
                WORDS,
                number_key,
                row_key,
                maker(&c.public),
            ],
        )
        .await?;
        index_in(tx, (c.register.as_str(), entry), &found_by(&c.row, &c.name, &c.public), shown).await?;
        out.push(WrittenRow { register: c.register.clone(), row: c.row.clone(), version, entry });
    }
    Ok(out)
}

/// Writes versions that come with something else than an event of a case, in a transaction that has locked the log; `case` is the one that they
/// are of. Sealed by [`seal`].
pub(crate) async fn write_in(
    tx: &mut Tx,
    (all, sealed): (&[RegisterChange], Vec<Option<SealedWords>>),
    (case, by): (Option<CaseId>, Option<AccountId>),
    now: UtcMs,
) -> Result<(), StoreError> {
    if all.is_empty() {
        return Ok(());
    }
    let of_case = match case {
        Some(id) => {
            let rows = tx.rows("SELECT events FROM case_file WHERE id = $1", args![id]).await?;
            rows.first().map(|r| Ok::<_, DbError>((id, number(r, 0)?))).transpose()?
        }
        None => None,
    };
    let versions = versions_in(tx, all).await?;
    let first = tx.log_all(entries(all, &versions, &sealed, (case, by), now)).await?.start;
    put_in(tx, (all, versions), sealed, first, Of { case: of_case, now, shown: false }).await?;
    Ok(())
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT register, row_id, version, name, office, party, public, case_id, event, from_day, until_day, newest, at_ms, entry, \
             personal_sealed, shown_ms FROM register_row ",
            $rest
        )
    };
}
pub(super) use select;

/// A version without its sealed columns.
pub(super) fn row_of(r: &Row) -> Result<RowVersion, DbError> {
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
        shown: r.int_opt(15)?.map(UtcMs),
        at: UtcMs(r.int(12)?),
        entry: place(r, 13)?,
    })
}

/// Makes the newest version of a row be found as it stands now.
async fn index_newest(tx: &mut Tx, register: &str, row: &str) -> Result<(), DbError> {
    let sql = select!("WHERE register = $1 AND row_id = $2 AND newest = 1");
    let rows = tx.rows(sql, args![register, row]).await?;
    for r in &rows {
        let row = row_of(r)?;
        index_in(tx, (register, row.entry), &row.found_by(), row.shown.is_some()).await?;
    }
    Ok(())
}

/// Shows the rows of a publication: the version that it names and those written since.
pub(crate) async fn show_in(tx: &mut Tx, rows: &[ShownRow], now: UtcMs) -> Result<(), DbError> {
    for row in rows {
        let sql = "UPDATE register_row SET shown_ms = $4 WHERE register = $1 AND row_id = $2 AND version >= $3 AND shown_ms IS NULL";
        tx.exec(sql, args![row.register.as_str(), row.row.as_str(), row.version, now]).await?;
        index_newest(tx, &row.register, &row.row).await?;
    }
    Ok(())
}

/// Takes every version of these rows from the public.
pub(crate) async fn hide_in(tx: &mut Tx, rows: &[ShownRow]) -> Result<(), DbError> {
    for row in rows {
        let sql =
            "UPDATE register_row SET shown_ms = NULL WHERE register = $1 AND row_id = $2 AND shown_ms IS NOT NULL";
        tx.exec(sql, args![row.register.as_str(), row.row.as_str()]).await?;
        index_newest(tx, &row.register, &row.row).await?;
    }
    Ok(())
}

impl Store {
    /// A version with its sealed columns.
    pub(super) fn whole_row_of(&self, r: &Row) -> Result<RowVersion, StoreError> {
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
        if let Some(stood) = f.stood {
            return self.register_as_it_stood(f, stood, limit).await;
        }
        let values = args![
            f.register.as_str(),
            f.before.unwrap_or(u64::MAX),
            f.holds_on.map_or_else(String::new, |d| d.to_string()),
            f.office.map_or_else(String::new, |id| id.to_string()),
            f.party.map_or_else(String::new, |id| id.to_string()),
            limit.min(PAGE),
            f.ended_before.map_or_else(String::new, |d| d.to_string()),
            f.procedures_text(),
            f.made_by_text(),
            f.division.as_str(),
            f.kind.0.as_str(),
            f.kind.1.as_str(),
            f.least_open(),
        ];
        let sql = if f.shown {
            concat!(
                select!(
                    "WHERE newest = 1 AND shown_ms IS NOT NULL AND register = $1 AND entry < $2 \
                 AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
                 AND ($5 = '' OR party = $5) AND ($7 = '' OR until_day < $7) \
                 AND ($8 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($8, ',' || c.procedure || ',', '') <> $8)) \
                 AND ($9 = '' OR made_by = '' OR REPLACE($9, ',' || made_by || ',', '') <> $9)"
                ),
                keyed!("$1", "$10", "$11", "$12", "$13"),
                " ORDER BY entry DESC LIMIT $6"
            )
        } else if f.party.is_some() {
            concat!(
                select!(
                    "WHERE newest = 1 AND party = $5 AND register = $1 AND entry < $2 \
                 AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
                 AND ($7 = '' OR until_day < $7) \
                 AND ($8 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($8, ',' || c.procedure || ',', '') <> $8)) \
                 AND ($9 = '' OR made_by = '' OR REPLACE($9, ',' || made_by || ',', '') <> $9)"
                ),
                keyed!("$1", "$10", "$11", "$12", "$13"),
                " ORDER BY entry DESC LIMIT $6"
            )
        } else {
            concat!(
                select!(
                    "WHERE newest = 1 AND register = $1 AND entry < $2 \
                 AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
                 AND ($5 = '' OR party = $5) AND ($7 = '' OR until_day < $7) \
                 AND ($8 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($8, ',' || c.procedure || ',', '') <> $8)) \
                 AND ($9 = '' OR made_by = '' OR REPLACE($9, ',' || made_by || ',', '') <> $9)"
                ),
                keyed!("$1", "$10", "$11", "$12", "$13"),
                " ORDER BY entry DESC LIMIT $6"
            )
        };
        self.db.rows(sql, values).await?.iter().map(row_of).collect()
    }

    /// The public register as it stood just before a time.
    async fn register_as_it_stood(&self, f: &RowFilter, stood: UtcMs, limit: u32) -> Result<Vec<RowVersion>, DbError> {
        let sql = concat!(
            select!(
                "r WHERE shown_ms IS NOT NULL AND shown_ms < $2 AND register = $1 AND entry < $3 \
             AND NOT EXISTS (SELECT 1 FROM register_row n WHERE n.register = r.register AND n.row_id = r.row_id \
             AND n.version > r.version AND n.shown_ms IS NOT NULL AND n.shown_ms < $2) \
             AND ($4 = '' OR (from_day <= $4 AND (until_day IS NULL OR until_day >= $4))) AND ($5 = '' OR office = $5) \
             AND ($7 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($7, ',' || c.procedure || ',', '') <> $7)) \
             AND ($8 = '' OR made_by = '' OR REPLACE($8, ',' || made_by || ',', '') <> $8)"
            ),
            keyed!("$1", "$9", "$10", "$11", "$12"),
            " ORDER BY entry DESC LIMIT $6"
        );
        let values = args![
            f.register.as_str(),
            stood,
            f.before.unwrap_or(u64::MAX),
            f.holds_on.map_or_else(String::new, |d| d.to_string()),
            f.office.map_or_else(String::new, |id| id.to_string()),
            limit.min(PAGE),
            f.procedures_text(),
            f.made_by_text(),
            f.division.as_str(),
            f.kind.0.as_str(),
            f.kind.1.as_str(),
            f.least_open(),
        ];
        self.db.rows(sql, values).await?.iter().map(row_of).collect()
    }

    /// A row as the public saw it just before a time; `None`: it did not, or may not see it any more.
    ///
    /// # Errors
    /// The database.
    pub async fn row_as_it_stood(
        &self,
        register: &str,
        row: &str,
        stood: UtcMs,
    ) -> Result<Option<RowVersion>, DbError> {
        let sql = select!(
            "WHERE register = $1 AND row_id = $2 AND shown_ms IS NOT NULL AND shown_ms < $3 ORDER BY version DESC LIMIT 1"
        );
        self.db.row(sql, args![register, row, stood]).await?.map(|r| row_of(&r)).transpose()
    }

    /// Rows of a register by their id, after the one given, for a whole copy: the caller asks until nothing comes. `shown`: only rows that
    /// the public sees.
    ///
    /// # Errors
    /// The database.
    pub async fn register_copy_of(
        &self,
        (register, shown): (&str, bool),
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        let sql = if shown {
            select!(
                "WHERE newest = 1 AND shown_ms IS NOT NULL AND register = $1 AND row_id > $2 ORDER BY row_id LIMIT $3"
            )
        } else {
            select!("WHERE newest = 1 AND register = $1 AND row_id > $2 ORDER BY row_id LIMIT $3")
        };
        let values = args![register, after.unwrap_or_default(), limit.min(PAGE)];
        self.db.rows(sql, values).await?.iter().map(row_of).collect()
    }

    /// Rows that fit register, day, office, procedures, keys and end of a filter, with their sealed columns, by their id after the one given, for
    /// a whole copy: the caller asks until nothing comes. A row that is changed meanwhile comes once.
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn register_copy_opened(
        &self,
        f: &RowFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RowVersion>, StoreError> {
        let sql = concat!(
            select!(
                "WHERE newest = 1 AND register = $1 AND row_id > $2 \
             AND ($3 = '' OR (from_day <= $3 AND (until_day IS NULL OR until_day >= $3))) AND ($4 = '' OR office = $4) \
             AND ($5 = '' OR until_day < $5) \
             AND ($7 = '' OR EXISTS (SELECT 1 FROM case_file c WHERE c.id = case_id AND REPLACE($7, ',' || c.procedure || ',', '') <> $7)) \
             AND ($8 = '' OR made_by = '' OR REPLACE($8, ',' || made_by || ',', '') <> $8)"
            ),
            keyed!("$1", "$9", "$10", "$11", "$12"),
            " ORDER BY row_id LIMIT $6"
        );
        let values = args![
            f.register.as_str(),
            after.unwrap_or_default(),
            f.holds_on.map_or_else(String::new, |d| d.to_string()),
            f.office.map_or_else(String::new, |id| id.to_string()),
            f.ended_before.map_or_else(String::new, |d| d.to_string()),
            limit.min(PAGE),
            f.procedures_text(),
            f.made_by_text(),
            f.division.as_str(),
            f.kind.0.as_str(),
            f.kind.1.as_str(),
            f.least_open(),
        ];
        let rows = self.db.rows(sql, values).await?;
        rows.iter().map(|r| self.whole_row_of(r)).collect()
    }

    /// As `register_copy_of`, of all rows.
    ///
    /// # Errors
    /// The database.
    pub async fn register_copy(
        &self,
        register: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        self.register_copy_of((register, false), after, limit).await
    }

    /// The version that an entry of the log is of, without sealed columns.
    ///
    /// # Errors
    /// The database.
    pub async fn row_of_entry(&self, entry: u64) -> Result<Option<RowVersion>, DbError> {
        self.db.row(select!("WHERE entry = $1"), args![entry]).await?.map(|r| row_of(&r)).transpose()
    }

    /// A new id for a row that no case makes.
    ///
    /// # Errors
    /// No random bytes.
    pub fn new_row_id(&self, now: UtcMs) -> Result<String, KeyFileError> {
        Ok(CaseId::new(now.0, random()?).to_string())
    }

    /// Writes a version of a row without a case, and its entry; `seen` is the version that the change was made on, 0 for a new row. The
    /// public sees it where it saw the version before.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is written.
    pub async fn put_row(
        &self,
        change: &RegisterChange,
        seen: u32,
        by: AccountId,
        now: UtcMs,
    ) -> Result<RowPut, StoreError> {
        self.put_row_of(change, (seen, false), by, now).await
    }

    /// The same; `shown`: the row is public without a publication.
    ///
    /// # Errors
    /// As `put_row`.
    pub async fn put_row_of(
        &self,
        change: &RegisterChange,
        (seen, shown): (u32, bool),
        by: AccountId,
        now: UtcMs,
    ) -> Result<RowPut, StoreError> {
        let all = std::slice::from_ref(change);
        let sealed = seal(&self.sealer, all)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let versions = versions_in(&mut tx, all).await?;
        let version = versions.first().map_or(0, |next| next.saturating_sub(1));
        if version != seen {
            return Ok(RowPut::MovedOn { version });
        }
        let entries = entries(all, &versions, &sealed, (None, Some(by)), now);
        let first = tx.log_all(entries).await?.start;
        let written = put_in(&mut tx, (all, versions), sealed, first, Of { case: None, now, shown }).await?;
        // A crash before this leaves nothing of the row.
        tx.commit().await?;
        let row = written.into_iter().next().ok_or_else(|| misuse("a row that was not written"))?;
        Ok(RowPut::Done(row))
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

    /// Makes rows that an older program wrote be found by what rows are found by now, at most `limit` of them; how many there were. The
    /// caller asks until there is none.
    ///
    /// # Errors
    /// The database; a page is indexed whole or not at all.
    pub async fn index_rows(&self, limit: u32) -> Result<usize, StoreError> {
        let mut tx = self.begin().await?;
        // Nobody writes a newer version of a row meanwhile.
        tx.lock().await?;
        let rows = tx.rows(select!("WHERE newest = 1 AND words < $1 LIMIT $2"), args![WORDS, limit.min(PAGE)]).await?;
        for r in &rows {
            let row = row_of(r)?;
            index_in(&mut tx, (row.register.as_str(), row.entry), &row.found_by(), row.shown.is_some()).await?;
            let public: serde_json::Value = serde_json::from_str(&row.public).unwrap_or_default();
            let (number_key, row_key) = keys(&row.row, &public);
            let sql =
                "UPDATE register_row SET words = $2, number_key = $3, row_key = $4, made_by = $5 WHERE entry = $1";
            tx.exec(sql, args![row.entry, WORDS, number_key, row_key, maker(&public)]).await?;
        }
        tx.commit().await?;
        Ok(rows.len())
    }

    /// Rows whose id, name, number or public columns hold every word of the query, the newest first; with the place to go on from. `None`
    /// where nothing can be searched (`search`).
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
        self.rows_found(&kind(register), query, before, limit).await
    }

    /// The same of what the public sees.
    ///
    /// # Errors
    /// The database.
    pub async fn search_shown_rows(
        &self,
        register: &str,
        query: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Option<(Vec<RowVersion>, Option<u64>)>, DbError> {
        self.rows_found(&shown_kind(register), query, before, limit).await
    }

    async fn rows_found(
        &self,
        kind: &str,
        query: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Option<(Vec<RowVersion>, Option<u64>)>, DbError> {
        let before = before.map_or_else(|| TOP.to_owned(), thing);
        let Some(found) = self.search_in(kind, query, Some(&before), limit).await? else {
            return Ok(None);
        };
        let entry = |thing: &String| thing.parse::<u64>().map_err(|_| DbError::unreadable(0));
        let entries = found.things.iter().map(entry).collect::<Result<Vec<u64>, DbError>>()?;
        let versions = self.rows_at(&entries).await?;
        let rows = entries.iter().filter_map(|entry| versions.get(entry)).map(row_of).collect::<Result<_, _>>()?;
        Ok(Some((rows, found.next.and_then(|thing| thing.parse().ok()))))
    }

    /// When the public last got something new in a register; `None` while it sees nothing there.
    ///
    /// # Errors
    /// The database.
    pub async fn register_shown_since(&self, register: &str) -> Result<Option<UtcMs>, DbError> {
        let sql = "SELECT MAX(shown_ms) FROM register_row WHERE newest = 1 AND shown_ms IS NOT NULL AND register = $1";
        let row = self.db.row(sql, args![register]).await?;
        Ok(row.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs))
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
