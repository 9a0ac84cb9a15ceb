//! Shares for those who supervise: which orders to correct were kept, and which registered places were inspected this year.
//!
//! ```text
//! clocks of orders to correct, the last of each case, by the day on which they ran out ─▶ office × procedure × outcome × state
//! rows of a register of places that hold ─▶ office × kind × inspected or not
//! ```
//! Always true: of a case with a longer time only the longer one counts; a place counts as inspected by the case that was drawn for its row, or,
//! where it is the only row of its party in the register, by an inspection of that party.

use super::{Territory, number, place, within};
use crate::db::{DbError, Row, Value};
use crate::{Store, args};
use base::{CivilDate, OfficeId};

/// Most lines of one count.
pub const LINES: u32 = 20_000;
/// Most kinds of places that are told apart.
pub const KINDS: usize = 8;

/// Orders to correct of one office, procedure, outcome and state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderCount {
    /// The office.
    pub office: Option<OfficeId>,
    /// Id of the procedure.
    pub procedure: String,
    /// Id of the outcome; empty: none yet.
    pub outcome: String,
    /// Word of the state of its clock; `over`: it runs, and its day went by.
    pub state: String,
    /// How many.
    pub count: u64,
}

/// Places of one office and kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceCount {
    /// The office; none: rows of no office.
    pub office: Option<OfficeId>,
    /// Place of the kind among those that were asked for; [`KINDS`] or more: another one.
    pub kind: usize,
    /// They were inspected.
    pub inspected: bool,
    /// How many.
    pub count: u64,
}

/// Which places are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlacesAsked {
    /// Word of their register.
    pub register: String,
    /// Word of the register of inspections.
    pub inspections: String,
    /// The public column that says the kind, and its words; beyond [`KINDS`] they are not told apart.
    pub kinds: (String, Vec<String>),
    /// Of these offices.
    pub territory: Territory,
}

const ORDERS: &str = concat!(
    "SELECT COALESCE(f.office, ''), f.procedure, COALESCE(f.outcome, ''), \
     CASE WHEN c.state = 'running' AND c.due < $3 THEN 'over' ELSE c.state END, COUNT(*) \
     FROM case_clock c JOIN case_file f ON f.id = c.case_id WHERE c.due >= $1 AND c.due < $2 \
     AND REPLACE($4, ',' || c.clock || ',', '') <> $4 \
     AND NOT EXISTS (SELECT 1 FROM case_clock l WHERE l.case_id = c.case_id AND l.n > c.n AND l.due IS NOT NULL \
     AND REPLACE($4, ',' || l.clock || ',', '') <> $4) AND ",
    within!("f.office", "$5", "$6"),
    " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT $7"
);

const PLACES: &str = concat!(
    "SELECT x.office, x.kind, x.seen, COUNT(*) FROM (SELECT COALESCE(r.office, '') AS office, \
     CAST(CASE WHEN $7 <> '' AND r.public LIKE $7 THEN 0 WHEN $8 <> '' AND r.public LIKE $8 THEN 1 \
     WHEN $9 <> '' AND r.public LIKE $9 THEN 2 WHEN $10 <> '' AND r.public LIKE $10 THEN 3 WHEN $11 <> '' AND r.public LIKE $11 THEN 4 \
     WHEN $12 <> '' AND r.public LIKE $12 THEN 5 WHEN $13 <> '' AND r.public LIKE $13 THEN 6 WHEN $14 <> '' AND r.public LIKE $14 THEN 7 \
     ELSE 8 END AS BIGINT) AS kind, \
     CAST(CASE WHEN EXISTS (SELECT 1 FROM plan_unit u JOIN register_row i ON i.case_id = u.case_id AND i.register || '' = $6 AND i.newest = 1 \
     WHERE u.register = r.register AND u.row_id = r.row_id AND i.from_day >= $2) THEN 1 \
     WHEN r.party IS NOT NULL AND EXISTS (SELECT 1 FROM register_row i WHERE i.newest = 1 AND i.party = r.party AND i.register || '' = $6 \
     AND i.from_day >= $2) AND NOT EXISTS (SELECT 1 FROM register_row o WHERE o.newest = 1 AND o.party = r.party \
     AND o.register || '' = r.register AND o.row_id <> r.row_id) THEN 1 ELSE 0 END AS BIGINT) AS seen \
     FROM register_row r WHERE r.newest = 1 AND r.register = $1 AND r.from_day <= $3 AND (r.until_day IS NULL OR r.until_day >= $3) AND ",
    within!("r.office", "$4", "$5"),
    ") x GROUP BY x.office, x.kind, x.seen ORDER BY x.office, x.kind, x.seen LIMIT $15"
);

fn order_of(r: &Row) -> Result<OrderCount, DbError> {
    Ok(OrderCount {
        office: OfficeId::parse(&r.text(0)?),
        procedure: r.text(1)?,
        outcome: r.text(2)?,
        state: r.text(3)?,
        count: place(r, 4)?,
    })
}

fn place_of(r: &Row) -> Result<PlaceCount, DbError> {
    Ok(PlaceCount {
        office: OfficeId::parse(&r.text(0)?),
        kind: usize::try_from(number(r, 1)?).unwrap_or(KINDS),
        inspected: r.int(2)? != 0,
        count: place(r, 3)?,
    })
}

impl Store {
    /// Orders to correct by these clocks whose last day is from `from` on and before `to`.
    ///
    /// # Errors
    /// The database.
    pub async fn order_counts(
        &self,
        of: Territory,
        clocks: &[String],
        (from, to, today): (CivilDate, CivilDate, CivilDate),
    ) -> Result<Vec<OrderCount>, DbError> {
        if clocks.is_empty() {
            return Ok(Vec::new());
        }
        let ((office, top), clocks) = (of.texts(), format!(",{},", clocks.join(",")));
        let rows = self.db.rows(ORDERS, args![from, to, today, clocks, office, top, LINES]).await?;
        rows.iter().map(order_of).collect()
    }

    /// Places of a register that hold on a day, and whether they were inspected since `since`.
    ///
    /// # Errors
    /// The database.
    pub async fn inspected_counts(
        &self,
        asked: &PlacesAsked,
        (since, on): (CivilDate, CivilDate),
    ) -> Result<Vec<PlaceCount>, DbError> {
        let (office, top) = asked.territory.texts();
        let mut values = args![asked.register.as_str(), since, on, office, top, asked.inspections.as_str()];
        let (column, kinds) = &asked.kinds;
        for n in 0..KINDS {
            // As `serde_json` writes it; inside a text the quotation marks would be escaped.
            let pattern = kinds.get(n).map(|kind| format!("%\"{column}\":\"{kind}\"%"));
            values.push(Value::from(pattern.unwrap_or_default()));
        }
        values.push(Value::from(LINES));
        self.db.rows(PLACES, values).await?.iter().map(place_of).collect()
    }
}
