//! Errors of clocks over time: the site's own and the devices', bounded in days.
//!
//! Always true: nothing older than `KEEP_MS` stays; a measurement is a fact about a clock and changes no footage.

use crate::db::{Bulk, DbError};
use crate::{Store, args};
use base::{UtcMs, time::DAY_MS};

/// How long measurements are kept, ms.
pub const KEEP_MS: i64 = 7 * DAY_MS;
/// Measurements of one answer.
const MOST: u32 = 2_000;

/// Subject of the site's own clock.
pub const OWN: &str = "";

/// A measurement: whose clock (`OWN`, `device:CODE`, `camera:ID`), when, its error in ms.
pub type Sample = (String, UtcMs, i64);

static SAMPLES: Bulk = Bulk::new("INSERT INTO clock_sample (subject, at_ms, error_ms) VALUES", 3);

impl Store {
    /// Adds measurements of one moment and forgets those that are too old.
    ///
    /// # Errors
    /// The database.
    pub async fn add_clock_samples(&self, samples: Vec<Sample>, now: UtcMs) -> Result<(), DbError> {
        let mut tx = self.db.begin().await?;
        tx.exec("DELETE FROM clock_sample WHERE at_ms < $1", args![now.plus_ms(-KEEP_MS)]).await?;
        let rows = samples.into_iter().map(|(subject, at, error)| args![subject, at, error]).collect();
        tx.insert_all(&SAMPLES, rows).await?;
        tx.commit().await
    }

    /// Measurements of one clock since an instant, the oldest first; the newest when there are very many.
    ///
    /// # Errors
    /// The database.
    pub async fn clock_samples(&self, subject: &str, since: UtcMs) -> Result<Vec<(UtcMs, i64)>, DbError> {
        let sql =
            "SELECT at_ms, error_ms FROM clock_sample WHERE subject = $1 AND at_ms >= $2 ORDER BY at_ms DESC LIMIT $3";
        let rows = self.db.rows(sql, args![subject, since, MOST]).await?;
        let mut out = rows.iter().map(|r| Ok((UtcMs(r.int(0)?), r.int(1)?))).collect::<Result<Vec<_>, DbError>>()?;
        out.reverse();
        Ok(out)
    }
}
