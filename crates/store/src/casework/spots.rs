//! Which system protects which place: rows of registers as they are compared, and the links between them.
//!
//! ```text
//! newest rows of places and of systems ─▶ Spot (owner, address, names: digests under the key) ─▶ row_spot
//!    a system names its place ─▶ link `named`      no link yet ─▶ one place of the same owner with its address, else its name ─▶ link `matched`
//! officer settles a doubt ─▶ entry `place.settled` + link `settled`, or: none of the systems known until then protects it
//! place ─▶ covered (a linked system stands) · doubtful (a loose system of the owner, the address or the name stands) · open
//! ```
//! Always true: what is compared lies as digests, so that nobody reads an address here; a system that is linked somewhere makes no other place
//! covered and no other place doubtful; an ambiguous match links nothing; what an officer settled is undone by an officer alone, and two officers
//! never give one system to two places; each question goes along an index, however many rows there are.
//! Crash table: before the commit of a page (`put_spots`) none of its rows is compared, and the day's work (`compare_places`) takes the same rows
//! again, for what is compared is told by the newest place in the log; before the commit of what was settled the place is as it was, and the officer
//! who saw no answer sends it again; after a commit links and entry are there together.

use super::registers::{RowVersion, row_of, select};
use super::{Territory, entry, number, place, within};
use crate::db::{DbError, Row};
use crate::ledger_log::Tx;
use crate::{Store, StoreError, args};
use base::{AccountId, CivilDate, ClauseId, OfficeId, Text, UtcMs};

/// Most rows that are compared in one transaction, and most places of one page.
pub const PAGE: u32 = 500;
/// Most systems that one place or doubt names.
pub const LINKED: u32 = 50;
/// Most systems that are matched anew because one place changed.
const ANEW: u32 = 200;

/// How a place stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A system that protects it stands.
    Covered,
    /// A system stands that may be the one of this place or of another; nobody said so.
    Doubtful,
    /// No system is known.
    Open,
}

impl Class {
    /// All, as they are counted.
    pub const ALL: [Self; 3] = [Self::Covered, Self::Doubtful, Self::Open];

    /// Its word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Doubtful => "doubtful",
            Self::Open => "open",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == word)
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Covered => Text::new("有系统", "has a system"),
            Self::Doubtful => Text::new("待核实", "to be settled"),
            Self::Open => Text::new("没有系统", "no system known"),
        }
    }
}

/// Why a system stands with a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// The form of the system names the place.
    Named,
    /// Same owner and same address or name.
    Matched,
    /// An officer said so.
    Settled,
    /// Another row about a system of the same name in the same division; told, and never kept as a link.
    Alike,
}

impl Link {
    /// All.
    pub const ALL: [Self; 4] = [Self::Named, Self::Matched, Self::Settled, Self::Alike];

    /// Its word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Matched => "matched",
            Self::Settled => "settled",
            Self::Alike => "alike",
        }
    }

    /// For people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Named => Text::new("申报时指明", "named by its form"),
            Self::Matched => Text::new("同一单位，地址或者名称相同", "same owner, same address or name"),
            Self::Settled => Text::new("民警核实", "settled by an officer"),
            Self::Alike => Text::new("同一行政区划内同名的系统", "a system of the same name in the same division"),
        }
    }
}

/// A row as it is compared. Owner, address and names are plain here and digests in the row; an empty one is equal to nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Spot {
    /// Register.
    pub register: String,
    /// Row.
    pub row: String,
    /// Place of its newest version in the log.
    pub entry: u64,
    /// A system; else a place that must have one.
    pub is_system: bool,
    /// Office in charge.
    pub office: Option<OfficeId>,
    /// Credit code, or the id of the party.
    pub owner: String,
    /// Division and address, normalized.
    pub address: String,
    /// Division and name, normalized: of the place or unit, and of the system.
    pub names: [String; 2],
    /// The place that a system names: register and row.
    pub named: Option<(String, String)>,
    /// A system that may be used, a place that must have one.
    pub counts: bool,
    /// Holds from this day on.
    pub from: CivilDate,
    /// Last day on which it holds.
    pub until: Option<CivilDate>,
}

impl std::fmt::Debug for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Spot({} {} at {})", self.register, self.row, self.entry)
    }
}

/// Which places are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlaceFilter {
    /// Word of their register.
    pub register: String,
    /// Of these offices.
    pub territory: Territory,
    /// Only rows that stand before this place in the log (paging, newest first).
    pub before: Option<u64>,
}

/// What an officer settles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settling {
    /// The place: register and row.
    pub place: (String, String),
    /// The systems that protect it, register and row of each; empty: none of those known until now does.
    pub systems: Vec<(String, String)>,
    /// On what it rests, a word.
    pub ground: String,
    /// The clauses that ask for a system there.
    pub clauses: Vec<ClauseId>,
    /// One sentence for the log.
    pub text: Text,
}

/// What became of what an officer settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlaceSettled {
    /// Kept; the place of its entry.
    Done(u64),
    /// One of the systems belongs to another place meanwhile: nothing was kept.
    MovedOn,
}

/// A system stands on the day $3.
macro_rules! stands {
    () => {
        " AND s.counts = 1 AND s.from_day <= $3 AND (s.until_day IS NULL OR s.until_day >= $3)"
    };
}

/// A system that is linked nowhere stands, and has this in common with the place `u`.
macro_rules! loose {
    ($of:literal, $in:literal) => {
        concat!(
            "(u.",
            $of,
            " <> '' AND EXISTS (SELECT 1 FROM row_spot s WHERE s.role = 'system' AND s.",
            $in,
            " = u.",
            $of,
            " AND s.entry > u.none_entry",
            stands!(),
            " AND NOT EXISTS (SELECT 1 FROM spot_link l WHERE l.system_register = s.register AND l.system_row = s.row_id)))"
        )
    };
}

/// The class of the place `u` on the day $3.
macro_rules! class {
    () => {
        concat!(
            "CASE WHEN EXISTS (SELECT 1 FROM spot_link l JOIN row_spot s ON s.register = l.system_register AND s.row_id = l.system_row \
             WHERE l.place_register = u.register AND l.place_row = u.row_id",
            stands!(),
            ") THEN 'covered' WHEN ",
            loose!("owner", "owner"),
            " OR ",
            loose!("address", "address"),
            " OR ",
            loose!("name", "name"),
            " OR ",
            loose!("name", "label"),
            " THEN 'doubtful' ELSE 'open' END"
        )
    };
}

/// Places that hold; $1 their register, $2 the place in the log, $3 the day, $4 and $5 the offices.
macro_rules! holding {
    () => {
        concat!(
            "u.role = 'place' AND u.register = $1 AND u.entry < $2 AND u.counts = 1 AND u.from_day <= $3 \
             AND (u.until_day IS NULL OR u.until_day >= $3) AND ",
            within!("u.office", "$4", "$5")
        )
    };
}

const COUNTS: &str = concat!(
    "SELECT x.class, COUNT(*) FROM (SELECT ",
    class!(),
    " AS class FROM row_spot u WHERE ",
    holding!(),
    ") x GROUP BY x.class"
);
/// By office, for who compares offices; $6 the limit.
const COUNTS_BY_OFFICE: &str = concat!(
    "SELECT x.office, x.class, COUNT(*) FROM (SELECT COALESCE(u.office, '') AS office, ",
    class!(),
    " AS class FROM row_spot u WHERE ",
    holding!(),
    ") x GROUP BY x.office, x.class ORDER BY x.office LIMIT $6"
);
const PLACES: &str = concat!(
    "SELECT r.register, r.row_id, r.version, r.name, r.office, r.party, r.public, r.case_id, r.event, r.from_day, r.until_day, r.newest, \
     r.at_ms, r.entry, r.personal_sealed, r.shown_ms FROM row_spot u \
     JOIN register_row r ON r.register = u.register AND r.row_id = u.row_id AND r.newest = 1 WHERE ",
    holding!(),
    " AND ",
    class!(),
    " = $6 ORDER BY u.entry DESC LIMIT $7"
);
const CLASS_OF: &str = concat!("SELECT ", class!(), " FROM row_spot u WHERE u.register = $1 AND u.row_id = $2");

/// Rows `r` of registers beside what is compared; their columns are those of `row_of`.
macro_rules! systems {
    ($from:literal) => {
        concat!(
            "SELECT r.register, r.row_id, r.version, r.name, r.office, r.party, r.public, r.case_id, r.event, r.from_day, r.until_day, \
             r.newest, r.at_ms, r.entry, r.personal_sealed, r.shown_ms",
            $from
        )
    };
}

/// Loose systems that stand on the day $2 and have $1 in this column; $3 the limit.
macro_rules! in_doubt {
    ($column:literal) => {
        concat!(
            systems!(" FROM row_spot s JOIN register_row r ON r.register = s.register AND r.row_id = s.row_id AND r.newest = 1 WHERE "),
            "s.role = 'system' AND s.",
            $column,
            " = $1 AND s.counts = 1 AND s.from_day <= $2 AND (s.until_day IS NULL OR s.until_day >= $2) \
             AND NOT EXISTS (SELECT 1 FROM spot_link l WHERE l.system_register = s.register AND l.system_row = s.row_id) \
             ORDER BY s.entry DESC LIMIT $3"
        )
    };
}

const IN_DOUBT: [&str; 4] = [in_doubt!("owner"), in_doubt!("address"), in_doubt!("name"), in_doubt!("label")];
// Not a plain comparison of the register: SQLite would go along all its rows instead of those of the owner.
const OF_OWNER: &str = systems!(
    " FROM row_spot u JOIN register_row r ON r.register = u.register AND r.row_id = u.row_id AND r.newest = 1 \
     WHERE u.owner = $1 AND u.role = 'place' AND u.register || '' = $2 AND u.counts = 1 AND u.from_day <= $3 \
     AND (u.until_day IS NULL OR u.until_day >= $3) ORDER BY u.entry DESC LIMIT $4"
);
/// Rows about a system that are none themselves (a relocation, a connection), by the name of the system $1, $2.
const ABOUT: &str = systems!(
    " FROM row_spot a JOIN row_spot s ON s.label = a.label AND s.role = 'system' AND s.counts = 0 \
     JOIN register_row r ON r.register = s.register AND r.row_id = s.row_id AND r.newest = 1 \
     WHERE a.register = $1 AND a.row_id = $2 AND a.label <> '' AND (s.register <> a.register OR s.row_id <> a.row_id) \
     ORDER BY r.entry DESC LIMIT $3"
);
const OF_PLACE: &str = systems!(
    ", l.how FROM spot_link l JOIN register_row r ON r.register = l.system_register AND r.row_id = l.system_row AND r.newest = 1 \
     WHERE l.place_register = $1 AND l.place_row = $2 ORDER BY r.entry DESC LIMIT $3"
);
const OF_SYSTEM: &str = systems!(
    ", l.how FROM spot_link l JOIN register_row r ON r.register = l.place_register AND r.row_id = l.place_row AND r.newest = 1 \
     WHERE l.system_register = $1 AND l.system_row = $2 ORDER BY r.entry DESC LIMIT $3"
);

const LINK: &str = "INSERT INTO spot_link (system_register, system_row, place_register, place_row, how, entry) VALUES ($1, $2, $3, $4, $5, $6) \
     ON CONFLICT (system_register, system_row, place_register, place_row) DO UPDATE SET how = excluded.how, entry = excluded.entry";

/// A place as a match sees it: its register, row and last day.
type Seen = (String, String, Option<String>);

/// The one of each register, where there is one: of several only one that does not end.
fn only_ones(all: Vec<Seen>) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for (register, row, _) in &all {
        let here: Vec<&Seen> = all.iter().filter(|other| other.0 == *register).collect();
        let lasting: Vec<&str> = here.iter().filter(|other| other.2.is_none()).map(|other| other.1.as_str()).collect();
        if here.len() == 1 || lasting == [row.as_str()] {
            out.push((register.clone(), row.clone()));
        }
    }
    out
}

fn seen_of(rows: &[Row]) -> Result<Vec<Seen>, DbError> {
    rows.iter().map(|r| Ok((r.text(0)?, r.text(1)?, r.text_opt(2)?))).collect()
}

/// Whether a system is free for this place: it is linked nowhere, or an officer tied it to this place before.
async fn is_free_in(tx: &mut Tx, system: &(String, String), place: (&str, &str)) -> Result<bool, DbError> {
    let links =
        "SELECT place_register, place_row, how FROM spot_link WHERE system_register = $1 AND system_row = $2 LIMIT $3";
    let links = tx.rows(links, args![system.0.as_str(), system.1.as_str(), LINKED]).await?;
    for r in &links {
        if r.text(0)? == place.0 && r.text(1)? == place.1 && r.text(2)? == Link::Settled.code() {
            return Ok(true);
        }
    }
    Ok(links.is_empty())
}

/// Links a system to the place of its owner that has its address, else its name, as its row says now. What is named or settled stays alone.
async fn match_in(tx: &mut Tx, register: &str, row: &str) -> Result<(), DbError> {
    let gone = "DELETE FROM spot_link WHERE system_register = $1 AND system_row = $2 AND how = 'matched'";
    tx.exec(gone, args![register, row]).await?;
    let linked = "SELECT how FROM spot_link WHERE system_register = $1 AND system_row = $2 LIMIT 1";
    if !tx.rows(linked, args![register, row]).await?.is_empty() {
        return Ok(());
    }
    let own = "SELECT owner, address, name, label, entry FROM row_spot WHERE register = $1 AND row_id = $2 AND role = 'system'";
    let own = tx.rows(own, args![register, row]).await?;
    let Some(own) = own.first() else { return Ok(()) };
    let (owner, address, name, label) = (own.text(0)?, own.text(1)?, own.text(2)?, own.text(3)?);
    if owner.is_empty() {
        return Ok(());
    }
    let by_address = "SELECT register, row_id, until_day FROM row_spot WHERE owner = $1 AND role = 'place' AND counts = 1 AND address <> '' \
                      AND address = $2 ORDER BY register, row_id LIMIT $3";
    let mut found = seen_of(&tx.rows(by_address, args![owner.as_str(), address, LINKED]).await?)?;
    if found.is_empty() {
        let by_name = "SELECT register, row_id, until_day FROM row_spot WHERE owner = $1 AND role = 'place' AND counts = 1 AND name <> '' \
                       AND (name = $2 OR name = $3) ORDER BY register, row_id LIMIT $4";
        found = seen_of(&tx.rows(by_name, args![owner, name, label, LINKED]).await?)?;
    }
    let entry = place(own, 4)?;
    for (place_register, place_row) in only_ones(found) {
        tx.exec(LINK, args![register, row, place_register, place_row, Link::Matched.code(), entry]).await?;
    }
    Ok(())
}

/// The place that a system names, where it is one of its owner.
async fn name_in(tx: &mut Tx, spot: &Spot, owner: &str) -> Result<(), DbError> {
    let gone = "DELETE FROM spot_link WHERE system_register = $1 AND system_row = $2 AND how = 'named'";
    tx.exec(gone, args![spot.register.as_str(), spot.row.as_str()]).await?;
    let Some((register, row)) = spot.named.as_ref().filter(|_| !owner.is_empty()) else { return Ok(()) };
    let there = "SELECT entry FROM row_spot WHERE register = $1 AND row_id = $2 AND role = 'place' AND owner = $3";
    if tx.rows(there, args![register.as_str(), row.as_str(), owner]).await?.is_empty() {
        return Ok(());
    }
    let values = args![
        spot.register.as_str(),
        spot.row.as_str(),
        register.as_str(),
        row.as_str(),
        Link::Named.code(),
        spot.entry
    ];
    tx.exec(LINK, values).await?;
    Ok(())
}

/// Systems whose match may be another one now that this place is as it is: those that it was matched with, and those that look like it.
async fn match_place_in(tx: &mut Tx, spot: &Spot, (owner, address, name): (&str, &str, &str)) -> Result<(), DbError> {
    let was = "SELECT system_register, system_row FROM spot_link WHERE place_register = $1 AND place_row = $2 AND how = 'matched' LIMIT $3";
    let mut rows = tx.rows(was, args![spot.register.as_str(), spot.row.as_str(), ANEW]).await?;
    if !owner.is_empty() {
        let like = "SELECT register, row_id FROM row_spot WHERE owner = $1 AND role = 'system' AND ((address <> '' AND address = $2) \
                    OR (name <> '' AND name = $3) OR (label <> '' AND label = $3)) ORDER BY register, row_id LIMIT $4";
        rows.extend(tx.rows(like, args![owner, address, name, ANEW]).await?);
    }
    for r in &rows {
        match_in(tx, &r.text(0)?, &r.text(1)?).await?;
    }
    Ok(())
}

fn class_at(r: &Row, i: usize) -> Result<Class, DbError> {
    r.read(i, Class::parse)
}

fn link_at(r: &Row) -> Result<(RowVersion, Link), DbError> {
    let how = r.read(16, |word| Link::ALL.into_iter().find(|how| how.code() == word))?;
    Ok((row_of(r)?, how))
}

/// Counts by class: covered, doubtful, open.
fn add(counts: &mut [u64; 3], class: Class, n: u64) {
    if let Some(count) = Class::ALL.iter().position(|c| *c == class).and_then(|i| counts.get_mut(i)) {
        *count = count.saturating_add(n);
    }
}

impl Store {
    /// Newest rows of a register that are not compared yet, the oldest first, with their sealed columns; at most `limit` and never more than
    /// [`PAGE`].
    ///
    /// # Errors
    /// The database, or a sealed value that does not open.
    pub async fn rows_to_compare(&self, register: &str, limit: u32) -> Result<Vec<RowVersion>, StoreError> {
        let sql = select!(
            "WHERE newest = 1 AND register = $1 AND entry > (SELECT COALESCE(MAX(p.entry), -1) FROM row_spot p WHERE p.register = $1) \
             ORDER BY entry LIMIT $2"
        );
        let rows = self.db.rows(sql, args![register, limit.min(PAGE)]).await?;
        rows.iter().map(|r| self.whole_row_of(r)).collect()
    }

    /// How many rows of a register are not compared yet.
    ///
    /// # Errors
    /// The database.
    pub async fn count_to_compare(&self, register: &str) -> Result<u64, DbError> {
        let sql = "SELECT COUNT(*) FROM register_row WHERE newest = 1 AND register = $1 \
                   AND entry > (SELECT COALESCE(MAX(p.entry), -1) FROM row_spot p WHERE p.register = $1)";
        self.db.row(sql, args![register]).await?.map_or(Ok(0), |r| place(&r, 0))
    }

    /// Keeps rows as they are compared, in the place of what was kept of them, and links what belongs together. A row that was never handed in
    /// is in no count. All or nothing.
    ///
    /// # Errors
    /// The database.
    pub async fn put_spots(&self, spots: &[Spot]) -> Result<(), StoreError> {
        let digest = |column: &str, plain: &str| {
            if plain.is_empty() { String::new() } else { self.sealer.index(column, plain.as_bytes()) }
        };
        let mut tx = self.begin().await?;
        // Nobody settles meanwhile what is being matched.
        tx.lock().await?;
        for spot in spots {
            let owner = digest("row_spot.owner", &spot.owner);
            let address = digest("row_spot.address", &spot.address);
            let [name, label] = &spot.names;
            let (name, label) = (digest("row_spot.name", name), digest("row_spot.name", label));
            let values = args![
                spot.register.as_str(),
                spot.row.as_str(),
                if spot.is_system { "system" } else { "place" },
                spot.entry,
                spot.office,
                owner.as_str(),
                address.as_str(),
                name.as_str(),
                label,
                spot.counts,
                spot.from,
                spot.until,
            ];
            tx.exec(
                "INSERT INTO row_spot (register, row_id, role, entry, office, owner, address, name, label, counts, from_day, until_day, \
                 none_entry) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0) ON CONFLICT (register, row_id) DO UPDATE SET \
                 role = excluded.role, entry = excluded.entry, office = excluded.office, owner = excluded.owner, \
                 address = excluded.address, name = excluded.name, label = excluded.label, counts = excluded.counts, \
                 from_day = excluded.from_day, until_day = excluded.until_day",
                values,
            )
            .await?;
            if spot.is_system {
                name_in(&mut tx, spot, &owner).await?;
                match_in(&mut tx, &spot.register, &spot.row).await?;
            } else {
                match_place_in(&mut tx, spot, (owner.as_str(), address.as_str(), name.as_str())).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// How many places of a register hold on a day: covered, doubtful, open; where a list goes on from is not looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn place_counts(&self, f: &PlaceFilter, on: CivilDate) -> Result<[u64; 3], DbError> {
        let (office, top) = f.territory.texts();
        let rows = self.db.rows(COUNTS, args![f.register.as_str(), u64::MAX, on, office, top]).await?;
        let mut out = [0; 3];
        for r in &rows {
            add(&mut out, class_at(r, 0)?, place(r, 1)?);
        }
        Ok(out)
    }

    /// The same by office; none: rows of no office. At most `limit` lines are read.
    ///
    /// # Errors
    /// The database.
    pub async fn place_counts_by_office(
        &self,
        f: &PlaceFilter,
        on: CivilDate,
        limit: u32,
    ) -> Result<Vec<(Option<OfficeId>, [u64; 3])>, DbError> {
        let (office, top) = f.territory.texts();
        let rows = self.db.rows(COUNTS_BY_OFFICE, args![f.register.as_str(), u64::MAX, on, office, top, limit]).await?;
        let mut out: Vec<(Option<OfficeId>, [u64; 3])> = Vec::new();
        for r in &rows {
            let (office, class, n) = (OfficeId::parse(&r.text(0)?), class_at(r, 1)?, place(r, 2)?);
            match out.iter_mut().find(|(of, _)| *of == office) {
                Some((_, counts)) => add(counts, class, n),
                None => {
                    let mut counts = [0; 3];
                    add(&mut counts, class, n);
                    out.push((office, counts));
                }
            }
        }
        Ok(out)
    }

    /// Places of a class that hold on a day, the newest first, at most `limit` and never more than [`PAGE`]; without sealed columns.
    ///
    /// # Errors
    /// The database.
    pub async fn places_of(
        &self,
        f: &PlaceFilter,
        class: Class,
        on: CivilDate,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        let (office, top) = f.territory.texts();
        let before = f.before.unwrap_or(u64::MAX);
        let values = args![f.register.as_str(), before, on, office, top, class.code(), limit.min(PAGE)];
        self.db.rows(PLACES, values).await?.iter().map(row_of).collect()
    }

    /// The class of one place on a day, and whether an officer settled something about it; `None`: it is not compared, or no place.
    ///
    /// # Errors
    /// The database.
    pub async fn class_of_place(
        &self,
        (register, row): (&str, &str),
        on: CivilDate,
    ) -> Result<Option<(Class, bool)>, DbError> {
        let settled = "SELECT none_entry, (SELECT COUNT(*) FROM spot_link l WHERE l.place_register = $1 AND l.place_row = $2 \
                       AND l.how = 'settled') FROM row_spot WHERE register = $1 AND row_id = $2 AND role = 'place'";
        let Some(r) = self.db.row(settled, args![register, row]).await? else { return Ok(None) };
        let is_settled = place(&r, 0)? > 0 || number(&r, 1)? > 0;
        let class = self.db.row(CLASS_OF, args![register, row, on]).await?;
        class.map(|r| Ok((class_at(&r, 0)?, is_settled))).transpose()
    }

    /// Systems that stand on a day, are linked nowhere and may protect this place, the newest first, at most [`LINKED`].
    ///
    /// # Errors
    /// The database.
    pub async fn systems_in_doubt(
        &self,
        (register, row): (&str, &str),
        on: CivilDate,
    ) -> Result<Vec<RowVersion>, DbError> {
        let own = "SELECT owner, address, name FROM row_spot WHERE register = $1 AND row_id = $2 AND role = 'place'";
        let Some(own) = self.db.row(own, args![register, row]).await? else { return Ok(Vec::new()) };
        let values = [own.text(0)?, own.text(1)?, own.text(2)?, own.text(2)?];
        let mut out: Vec<RowVersion> = Vec::new();
        for (sql, value) in IN_DOUBT.into_iter().zip(values) {
            if value.is_empty() {
                continue;
            }
            for r in &self.db.rows(sql, args![value, on, LINKED]).await? {
                let found = row_of(r)?;
                if !out.iter().any(|row| row.entry == found.entry) {
                    out.push(found);
                }
            }
        }
        out.sort_by_key(|row| std::cmp::Reverse(row.entry));
        out.truncate(LINKED as usize);
        Ok(out)
    }

    /// Systems that are linked to a place, and why, the newest first, at most [`LINKED`]; also those that stand no more.
    ///
    /// # Errors
    /// The database.
    pub async fn systems_of_place(&self, register: &str, row: &str) -> Result<Vec<(RowVersion, Link)>, DbError> {
        self.db.rows(OF_PLACE, args![register, row, LINKED]).await?.iter().map(link_at).collect()
    }

    /// Rows about a system of this name in this division that are no system that may be used, the newest first, at most [`LINKED`].
    ///
    /// # Errors
    /// The database.
    pub async fn rows_about_system(&self, register: &str, row: &str) -> Result<Vec<RowVersion>, DbError> {
        self.db.rows(ABOUT, args![register, row, LINKED]).await?.iter().map(row_of).collect()
    }

    /// Places that a system is linked to, and why, at most [`LINKED`].
    ///
    /// # Errors
    /// The database.
    pub async fn places_of_system(&self, register: &str, row: &str) -> Result<Vec<(RowVersion, Link)>, DbError> {
        self.db.rows(OF_SYSTEM, args![register, row, LINKED]).await?.iter().map(link_at).collect()
    }

    /// Places of a register and owner (as in [`Spot`]) that hold on a day, the newest first, at most `limit` and never more than [`PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn places_of_owner(
        &self,
        register: &str,
        owner: &str,
        on: CivilDate,
        limit: u32,
    ) -> Result<Vec<RowVersion>, DbError> {
        if owner.is_empty() {
            return Ok(Vec::new());
        }
        let owner = self.sealer.index("row_spot.owner", owner.as_bytes());
        self.db.rows(OF_OWNER, args![owner, register, on, limit.min(PAGE)]).await?.iter().map(row_of).collect()
    }

    /// Keeps what an officer settled of a place, in the place of what was settled of it before, with its entry; only while each of the systems is
    /// linked nowhere, or was settled to be of this place before.
    ///
    /// # Errors
    /// The database or the log; then nothing is kept.
    pub async fn settle_place(&self, new: &Settling, by: AccountId, now: UtcMs) -> Result<PlaceSettled, StoreError> {
        let (register, row) = (new.place.0.as_str(), new.place.1.as_str());
        let systems: Vec<_> = new.systems.iter().take(LINKED as usize).collect();
        let told: Vec<_> = systems.iter().map(|(r, id)| serde_json::json!({ "register": r, "row": id })).collect();
        let body = serde_json::json!({
            "register": register, "row": row, "systems": told, "ground": new.ground, "clauses": new.clauses, "by": by,
        });
        let mut tx = self.begin().await?;
        tx.lock().await?;
        // Two who give one system to two places take turns: the second finds it taken.
        for system in &systems {
            if !is_free_in(&mut tx, system, (register, row)).await? {
                return Ok(PlaceSettled::MovedOn);
            }
        }
        let entry = tx.log(entry("place.settled", now, Some(by), &new.clauses, body, new.text.clone())).await?;
        let before = "SELECT system_register, system_row FROM spot_link WHERE place_register = $1 AND place_row = $2 AND how = 'settled'";
        let before = tx.rows(before, args![register, row]).await?;
        let gone = "DELETE FROM spot_link WHERE place_register = $1 AND place_row = $2 AND how = 'settled'";
        tx.exec(gone, args![register, row]).await?;
        for (system_register, system) in &systems {
            let values = args![system_register.as_str(), system.as_str(), register, row, Link::Settled.code(), entry];
            tx.exec(LINK, values).await?;
        }
        let none = "UPDATE row_spot SET none_entry = $3 WHERE register = $1 AND row_id = $2";
        tx.exec(none, args![register, row, if systems.is_empty() { entry } else { 0 }]).await?;
        // What is settled now is matched with nothing else; what was settled before may be matched again.
        for (system_register, system) in &systems {
            match_in(&mut tx, system_register, system).await?;
        }
        for r in &before {
            match_in(&mut tx, &r.text(0)?, &r.text(1)?).await?;
        }
        // A crash before this leaves the place as it was, and no entry.
        tx.commit().await?;
        Ok(PlaceSettled::Done(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;
    use sqlx::Row as _;

    #[test]
    fn one_place_of_a_register_is_meant_and_of_several_only_one_that_lasts() {
        let one = |register: &str, row: &str, until: Option<&str>| {
            (register.to_owned(), row.to_owned(), until.map(str::to_owned))
        };
        let rows = |all: Vec<Seen>| only_ones(all).into_iter().map(|(_, row)| row).collect::<Vec<_>>();
        assert_eq!(rows(vec![one("units", "a", None), one("areas", "b", None)]), ["a", "b"]);
        assert!(rows(vec![one("units", "a", None), one("units", "b", None)]).is_empty(), "two: nobody knows which");
        assert_eq!(rows(vec![one("units", "a", Some("2026-01-01")), one("units", "b", None)]), ["b"]);
        assert_eq!(rows(vec![one("units", "a", Some("2026-01-01"))]), ["a"]);
        assert!(rows(vec![]).is_empty());
    }

    #[test]
    fn words_are_read_back() {
        for class in Class::ALL {
            assert_eq!(Class::parse(class.code()), Some(class));
        }
        assert_eq!(Class::parse("all"), None);
        let mut counts = [0; 3];
        add(&mut counts, Class::Open, 2);
        add(&mut counts, Class::Covered, u64::MAX);
        add(&mut counts, Class::Covered, 1);
        assert_eq!(counts, [u64::MAX, 0, 2]);
    }

    /// How SQLite would answer, a line each.
    async fn plan(db: &Db, sql: &str) -> String {
        let Db::Sqlite { read, .. } = db else { panic!("SQLite") };
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = sqlx::query(sql).fetch_all(read).await.expect("a plan");
        rows.iter().map(|r| r.get::<String, _>(3)).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn no_question_reads_all_systems_for_one_place() {
        let dir = tempfile::tempdir().expect("a folder");
        let url = crate::db::sqlite_url(&dir.path().join("s.db"));
        let db = Db::open(&url, std::time::Duration::from_secs(5)).await.expect("opens");
        crate::schema::migrate(&db).await.expect("migrates");
        for sql in [COUNTS, COUNTS_BY_OFFICE, PLACES, CLASS_OF, ABOUT, OF_OWNER, OF_PLACE, OF_SYSTEM]
            .into_iter()
            .chain(IN_DOUBT)
        {
            let plan = plan(&db, sql).await;
            let scans = plan.lines().filter(|line| line.contains("SCAN "));
            let scans: Vec<&str> = scans.filter(|line| !line.contains("SCAN b") && !line.contains("SCAN x")).collect();
            assert!(scans.is_empty(), "{scans:?} in\n{plan}\nof\n{sql}");
        }
        for sql in [COUNTS, PLACES, CLASS_OF] {
            let plan = plan(&db, sql).await;
            for index in ["row_spot_owner (", "row_spot_address (", "row_spot_name (", "row_spot_label ("] {
                assert!(plan.contains(index), "{index}: {plan}");
            }
        }
        let plan = plan(&db, OF_OWNER).await;
        assert!(plan.contains("row_spot_owner ("), "{plan}");
        db.close().await;
    }
}
