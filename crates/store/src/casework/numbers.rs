//! Numbers of cases and documents: one row a series of an office in a year, no hole, no number twice.
//!
//! ```text
//! a case:      issue_number in the transaction that stores it
//! a document:  next_number ─▶ the PDF is made with it, outside any transaction ─▶ claim in the transaction that stores it
//!                                                                                  └─ taken meanwhile: made again with the next
//! ```
//! Always true: a number counts as used exactly when what bears it is committed; two who draw at once wait for each other at the row.

use crate::db::DbError;
use crate::ledger_log::Tx;
use crate::{Store, args};
use base::OfficeId;

/// Most digits that a number is filled up to.
const WIDTH: usize = 9;

/// A series of an office in a year.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Series {
    /// Whose numbers.
    pub office: OfficeId,
    /// Word of the series, e.g. `case` or the code of a document.
    pub series: String,
    /// Of which year.
    pub year: i16,
}

/// How a number that is drawn in the transaction is written, e.g. `沈公技防〔2026〕` `12` `号`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Numbering {
    /// Of which series it is.
    pub series: Series,
    /// What stands before it.
    pub before: String,
    /// What stands behind it.
    pub after: String,
    /// Zeros fill it up to so many digits; 0 for none.
    pub width: usize,
}

impl Numbering {
    /// The number as it is written.
    #[must_use]
    pub fn write(&self, number: u32) -> String {
        format!("{}{number:0width$}{}", self.before, self.after, width = self.width.min(WIDTH))
    }
}

/// Draws the next number of a series; it is used when, and only when, this transaction commits.
///
/// # Errors
/// The database.
pub async fn issue_number(tx: &mut Tx, s: &Series) -> Result<u32, DbError> {
    let sql = "INSERT INTO number_series (office, series, year, used) VALUES ($1, $2, $3, 1) \
               ON CONFLICT (office, series, year) DO UPDATE SET used = number_series.used + 1 RETURNING used";
    let rows = tx.rows(sql, args![s.office, s.series.as_str(), i32::from(s.year)]).await?;
    rows.first().map_or(Err(DbError::unreadable(0)), |r| super::number(r, 0))
}

/// Takes exactly this number if it is the next of its series; false when somebody was first, or it would leave a hole.
///
/// # Errors
/// The database.
pub async fn claim_number(tx: &mut Tx, s: &Series, number: u32) -> Result<bool, DbError> {
    let Some(before) = number.checked_sub(1) else { return Ok(false) };
    let key = args![s.office, s.series.as_str(), i32::from(s.year), number];
    let done = if before == 0 {
        let sql =
            "INSERT INTO number_series (office, series, year, used) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        tx.exec(sql, key).await?
    } else {
        let sql = "UPDATE number_series SET used = $4 WHERE office = $1 AND series = $2 AND year = $3 AND used = $5";
        tx.exec(sql, key.into_iter().chain(args![before]).collect()).await?
    };
    Ok(done == 1)
}

impl Store {
    /// The number that is next in a series, for a paper that is about to be made. It is nobody's until it is claimed.
    ///
    /// # Errors
    /// The database.
    pub async fn next_number(&self, s: &Series) -> Result<u32, DbError> {
        let sql = "SELECT used FROM number_series WHERE office = $1 AND series = $2 AND year = $3";
        let row = self.db.row(sql, args![s.office, s.series.as_str(), i32::from(s.year)]).await?;
        Ok(row.map_or(Ok(0), |r| super::number(&r, 0))?.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_between_its_words() {
        let series = Series { office: OfficeId::new(1, [1; 10]), series: "case".into(), year: 2026 };
        let of =
            |width| Numbering { series: series.clone(), before: "沈公〔2026〕".into(), after: "号".into(), width };
        assert_eq!(of(0).write(12), "沈公〔2026〕12号");
        assert_eq!(of(4).write(12), "沈公〔2026〕0012号");
        assert_eq!(of(4).write(123_456), "沈公〔2026〕123456号", "nothing is cut off");
        assert_eq!(of(usize::MAX).write(1), "沈公〔2026〕000000001号");
    }
}
