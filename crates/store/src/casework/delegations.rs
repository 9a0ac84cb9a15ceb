//! Delegations: a head gives somebody the power to decide named procedures, in writing, for a stated time.
//!
//! ```text
//! NewDelegation ─▶ number of the series + entry `delegation.given` + row, one transaction ─▶ (withdrawn) entry `delegation.ended` + the same row
//! ```
//! Always true: the number is drawn with the row, so a series has no hole; nobody gives a power to themselves; a row is never removed, it ends; a
//! row by itself decides nothing: the corridor asks each time who gave it and who acts.
//! Crash table: before the commit there is neither row, entry nor number (the number is drawn in the same transaction and is drawn again by the next);
//! after it all three. Withdrawn: before the commit it runs on, and whoever saw no answer withdraws it again; the second withdrawal finds it ended.
//! Nothing is left to repair.

use super::numbers::{Numbering, issue_number};
use super::{Territory, entry, misuse, number, place, read_opt, within};
use crate::db::{DbError, Row};
use crate::{Store, StoreError, args};
use base::{AccountId, CivilDate, ClauseId, OfficeId, Text, UtcMs};

/// Most delegations of one giver that are still to come or running.
pub const OF_GIVER: u32 = 20;
/// Most delegations that a list has, and that one account decides by.
pub const LISTED: u32 = 200;
/// Between the words of the procedures in a row.
const BETWEEN: char = ',';

/// A delegation to be entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelegation {
    /// The head who gives the power.
    pub giver: AccountId,
    /// Who decides in their place.
    pub deputy: AccountId,
    /// The office whose decisions they are.
    pub office: OfficeId,
    /// Words of the procedures; not empty, without a comma.
    pub procedures: Vec<String>,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
}

/// A delegation as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DelegationRow {
    /// Place of its entry.
    pub entry: u64,
    /// Number of the paper.
    pub number: String,
    /// What was given.
    pub given: NewDelegation,
    /// When.
    pub at: UtcMs,
    /// When it was withdrawn before its last day, and by whom.
    pub ended: Option<(UtcMs, AccountId)>,
}

impl DelegationRow {
    /// It holds on this day.
    #[must_use]
    pub fn holds(&self, day: CivilDate) -> bool {
        self.ended.is_none() && self.given.from <= day && day <= self.given.until
    }

    /// It is of this office and procedure.
    #[must_use]
    pub fn covers(&self, office: OfficeId, procedure: &str) -> bool {
        self.given.office == office && self.given.procedures.iter().any(|p| p == procedure)
    }
}

/// What became of a delegation that was to be entered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DelegationPut {
    /// Kept: the place of its entry, and the number of its paper.
    Done(u64, String),
    /// The giver has as many as are kept.
    Full,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT entry, number, giver, deputy, office, procedures, from_day, until_day, at_ms, ended_ms, ended_by FROM delegation ",
            $rest
        )
    };
}

fn row_of(r: &Row) -> Result<DelegationRow, DbError> {
    let given = NewDelegation {
        giver: r.read(2, AccountId::parse)?,
        deputy: r.read(3, AccountId::parse)?,
        office: r.read(4, OfficeId::parse)?,
        procedures: r.text(5)?.split(BETWEEN).map(str::to_owned).collect(),
        from: r.read(6, CivilDate::parse)?,
        until: r.read(7, CivilDate::parse)?,
    };
    let ended = r.int_opt(9)?.map(UtcMs).zip(read_opt(r, 10, AccountId::parse)?);
    Ok(DelegationRow { entry: place(r, 0)?, number: r.text(1)?, given, at: UtcMs(r.int(8)?), ended })
}

impl Store {
    /// Enters a delegation under the next number of its series. Accounts and office are there.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed and no number is used.
    pub async fn add_delegation(
        &self,
        new: &NewDelegation,
        (numbering, clauses): (&Numbering, &[ClauseId]),
        now: UtcMs,
    ) -> Result<DelegationPut, StoreError> {
        if new.giver == new.deputy || new.procedures.is_empty() || new.procedures.iter().any(|p| p.contains(BETWEEN)) {
            return Err(misuse("a delegation to oneself, or of nothing").into());
        }
        let mut tx = self.begin().await?;
        // Two that are given at once take turns.
        tx.lock().await?;
        let sql = "SELECT COUNT(*) FROM delegation WHERE giver = $1 AND ended_ms IS NULL AND until_day >= $2";
        let rows = tx.rows(sql, args![new.giver, now.shanghai_date()]).await?;
        if rows.first().map_or(Ok(0), |r| number(r, 0))? >= OF_GIVER {
            return Ok(DelegationPut::Full);
        }
        let paper = numbering.write(issue_number(&mut tx, &numbering.series).await?);
        let body = serde_json::json!({
            "number": paper, "giver": new.giver, "deputy": new.deputy, "office": new.office, "procedures": new.procedures,
            "from_day": new.from, "until_day": new.until, "clauses": clauses, "by": new.giver,
        });
        let text = Text::of(
            format!("负责人书面委托他人决定：{paper}。"),
            format!("A head gave somebody the power to decide, in writing: {paper}."),
        );
        let place = tx.log(entry("delegation.given", now, Some(new.giver), clauses, body, text)).await?;
        let procedures = new.procedures.join(",");
        tx.exec(
            "INSERT INTO delegation (entry, number, giver, deputy, office, procedures, from_day, until_day, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            args![place, paper.as_str(), new.giver, new.deputy, new.office, procedures, new.from, new.until, now],
        )
        .await?;
        tx.commit().await?;
        Ok(DelegationPut::Done(place, paper))
    }

    /// Withdraws a delegation before its last day; false when there is none that runs or is to come.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn end_delegation(&self, delegation: u64, by: AccountId, now: UtcMs) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "UPDATE delegation SET ended_ms = $1, ended_by = $2 WHERE entry = $3 AND ended_ms IS NULL AND until_day >= $4";
        if tx.exec(sql, args![now, by, delegation, now.shanghai_date()]).await? == 0 {
            return Ok(false);
        }
        let body = serde_json::json!({ "delegation": delegation, "by": by });
        let text = Text::new("委托提前收回。", "A delegation was withdrawn before its last day.");
        tx.log(entry("delegation.ended", now, Some(by), &[], body, text)).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// One delegation, by the place of its entry.
    ///
    /// # Errors
    /// The database.
    pub async fn delegation(&self, delegation: u64) -> Result<Option<DelegationRow>, DbError> {
        let found = self.db.row(select!("WHERE entry = $1"), args![delegation]).await?;
        found.map(|r| row_of(&r)).transpose()
    }

    /// Delegations by which an account decides on a day, the newest first, at most [`LISTED`].
    ///
    /// # Errors
    /// The database.
    pub async fn delegations_to(&self, deputy: AccountId, on: CivilDate) -> Result<Vec<DelegationRow>, DbError> {
        let sql = select!(
            "WHERE deputy = $1 AND ended_ms IS NULL AND from_day <= $2 AND until_day >= $2 ORDER BY entry DESC LIMIT $3"
        );
        self.db.rows(sql, args![deputy, on, LISTED]).await?.iter().map(row_of).collect()
    }

    /// Delegations of the offices of a territory, those that are over too, the newest first, at most `limit` and never more than [`LISTED`].
    ///
    /// # Errors
    /// The database.
    pub async fn delegations_of(&self, of: Territory, limit: u32) -> Result<Vec<DelegationRow>, DbError> {
        let (office, top) = of.texts();
        let sql = concat!(
            "SELECT entry, number, giver, deputy, office, procedures, from_day, until_day, at_ms, ended_ms, ended_by FROM delegation WHERE ",
            within!("office", "$1", "$2"),
            " ORDER BY entry DESC LIMIT $3"
        );
        self.db.rows(sql, args![office, top, limit.min(LISTED)]).await?.iter().map(row_of).collect()
    }
}
