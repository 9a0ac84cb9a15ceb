//! States of public registers by day: what each was at the end of a day on which it changed, and the rows of it, kept by what changed.
//!
//! ```text
//! register_stood: rows as the public saw them just before a time ─▶ (domain::register_state) ─▶ put_register_state: entry `register.state`, its row,
//!   leaves that came, leaves that went ─▶ register_state_on a day · its leaves · the state after it
//! ```
//! Always true: of a register there is one state a day, each names the one before; a leaf that is in a state stays in it, also when its row is
//! withdrawn later (it has ids and a digest of what was public); a day that was looked at is not looked at again.
//! Cost: every public row of every public register is read once a day, in pages, outside the lock, about 0.5 KB a row; what is compared lies in memory
//! then, about 200 bytes a row. Under the lock only the state and the leaves that came or went are written, 64 new ones a statement.
//! Crash table: before the commit of a state there is neither entry nor leaf of it; between that and the note that the day was looked at the day is
//! looked at again and found unchanged. Who repairs it: the next run of the daily work (`authority`, `put_register_states`), a minute later or at
//! the start.

use super::{day_opt, entry, place};
use crate::db::{Bulk, DbError, Row};
use crate::{Store, StoreError, args};
use base::{CivilDate, Sha256, Text, UtcMs};
use domain::register_state::{Leaf, STATE_KIND, State};
use std::collections::BTreeMap;

/// Rows of one page of [`Store::register_stood`], and of the leaves of a state.
pub const STOOD_PAGE: u32 = 500;

static LEAVES: Bulk = Bulk::new(
    "INSERT INTO register_state_row (register, row_id, version, public_sha256, row_entry, from_state) VALUES",
    6,
);

macro_rules! select_state {
    ($rest:literal) => {
        concat!("SELECT entry, register, day, row_count, root, previous FROM register_state ", $rest)
    };
}

fn digest(r: &Row, i: usize) -> Result<Sha256, DbError> {
    r.read(i, Sha256::from_hex)
}

/// A state with the place of its entry.
fn state_of(r: &Row) -> Result<(u64, State), DbError> {
    let before = r.int_opt(5)?.map(|n| u64::try_from(n).map_err(|_| DbError::unreadable(5))).transpose()?;
    let (register, day) = (r.text(1)?, r.read(2, CivilDate::parse)?);
    Ok((place(r, 0)?, State { register, day, rows: place(r, 3)?, root: digest(r, 4)?, before }))
}

/// A leaf: id of the row, version, digest, entry.
fn leaf_of(r: &Row) -> Result<Leaf, DbError> {
    let version = u32::try_from(r.int(1)?).map_err(|_| DbError::unreadable(1))?;
    Ok(Leaf { row: r.text(0)?, version, public_sha256: digest(r, 2)?, entry: place(r, 3)? })
}

/// The leaves that went and those that came between two states.
fn changes<'a>(was: &'a [Leaf], is: &'a [Leaf]) -> (Vec<&'a Leaf>, Vec<&'a Leaf>) {
    let there = |leaves: &'a [Leaf]| leaves.iter().map(|leaf| (leaf.row.as_str(), leaf)).collect::<BTreeMap<_, _>>();
    let (before, after) = (there(was), there(is));
    let gone = was.iter().filter(|leaf| after.get(leaf.row.as_str()) != Some(leaf)).collect();
    let come = is.iter().filter(|leaf| before.get(leaf.row.as_str()) != Some(leaf)).collect();
    (gone, come)
}

impl Store {
    /// Rows of a register as the public saw them just before a time, by their ids after the one given, at most [`STOOD_PAGE`]; the caller asks until
    /// nothing comes. What was withdrawn since is not among them.
    ///
    /// # Errors
    /// The database.
    pub async fn register_stood(
        &self,
        register: &str,
        stood: UtcMs,
        after: Option<&str>,
    ) -> Result<Vec<Leaf>, DbError> {
        let sql = "SELECT row_id, version, public, entry FROM register_row r WHERE register = $1 AND shown_ms IS NOT NULL \
                   AND shown_ms < $2 AND row_id > $3 AND NOT EXISTS (SELECT 1 FROM register_row n WHERE n.register = r.register \
                   AND n.row_id = r.row_id AND n.version > r.version AND n.shown_ms IS NOT NULL AND n.shown_ms < $2) \
                   ORDER BY row_id LIMIT $4";
        let rows = self.db.rows(sql, args![register, stood, after.unwrap_or_default(), STOOD_PAGE]).await?;
        let leaf = |r: &Row| -> Result<Leaf, DbError> {
            let version = u32::try_from(r.int(1)?).map_err(|_| DbError::unreadable(1))?;
            let public_sha256 = Sha256::of(r.text(2)?.as_bytes());
            Ok(Leaf { row: r.text(0)?, version, public_sha256, entry: place(r, 3)? })
        };
        rows.iter().map(leaf).collect()
    }

    /// Enters the state of a register at the end of a day, and what of it changed; the place of its entry. `None`: another state was entered
    /// meanwhile, and nothing is done.
    ///
    /// # Errors
    /// The database or the log; then nothing is changed.
    pub async fn put_register_state(
        &self,
        state: &State,
        leaves: &[Leaf],
        now: UtcMs,
    ) -> Result<Option<u64>, StoreError> {
        let register = state.register.as_str();
        // Compared before the lock: the leaves of a state that was entered never change, and under the lock it is asked whether it is the newest.
        let open = match state.before {
            Some(before) => self.register_state_leaves(register, before).await?,
            None => Vec::new(),
        };
        let (gone, come) = changes(&open, leaves);
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let newest = tx.rows(select_state!("WHERE register = $1 ORDER BY entry DESC LIMIT 1"), args![register]).await?;
        let newest = newest.first().map(state_of).transpose()?;
        let is_next = newest.as_ref().is_none_or(|(_, last)| last.day < state.day);
        if newest.as_ref().map(|(entry, _)| *entry) != state.before || !is_next {
            return Ok(None);
        }
        let text = Text::of(
            format!("登记簿 {} 终了时的状态，{} 条。", state.day, state.rows),
            format!(
                "State of a register at the end of {}, {} {}.",
                state.day,
                state.rows,
                base::text::plural(state.rows, "row", "rows")
            ),
        );
        let at = tx.log(entry(STATE_KIND, now, None, &[], serde_json::json!(state), text)).await?;
        let before = state.before.and_then(|n| i64::try_from(n).ok());
        tx.exec(
            "INSERT INTO register_state (entry, register, day, row_count, root, previous) VALUES ($1, $2, $3, $4, $5, $6)",
            args![at, register, state.day, state.rows, state.root.hex(), before],
        )
        .await?;
        for leaf in gone {
            let sql = "UPDATE register_state_row SET until_state = $3 WHERE register = $1 AND row_id = $2 AND until_state IS NULL";
            tx.exec(sql, args![register, leaf.row.as_str(), at]).await?;
        }
        let row =
            |leaf: &&Leaf| args![register, leaf.row.as_str(), leaf.version, leaf.public_sha256.hex(), leaf.entry, at];
        tx.insert_all(&LEAVES, come.iter().map(row).collect()).await?;
        tx.commit().await?;
        Ok(Some(at))
    }

    /// The state that held on a day, with the place of its entry; `None`: none was taken by then.
    ///
    /// # Errors
    /// The database.
    pub async fn register_state_on(&self, register: &str, day: CivilDate) -> Result<Option<(u64, State)>, DbError> {
        let sql = select_state!("WHERE register = $1 AND day <= $2 ORDER BY day DESC LIMIT 1");
        self.db.row(sql, args![register, day]).await?.map(|r| state_of(&r)).transpose()
    }

    /// The state of the same register after the one of this entry.
    ///
    /// # Errors
    /// The database.
    pub async fn register_state_after(&self, register: &str, entry: u64) -> Result<Option<(u64, State)>, DbError> {
        let sql = select_state!("WHERE register = $1 AND previous = $2");
        self.db.row(sql, args![register, entry]).await?.map(|r| state_of(&r)).transpose()
    }

    /// The leaves of a state, in no order; read in pages of [`STOOD_PAGE`].
    ///
    /// # Errors
    /// The database.
    pub async fn register_state_leaves(&self, register: &str, entry: u64) -> Result<Vec<Leaf>, DbError> {
        let sql = "SELECT row_id, version, public_sha256, row_entry FROM register_state_row \
                   WHERE register = $1 AND row_id > $3 AND from_state <= $2 AND (until_state IS NULL OR until_state > $2) \
                   ORDER BY row_id LIMIT $4";
        let mut all: Vec<Leaf> = Vec::new();
        loop {
            // What a state has never changes, so the pages fit together whatever is entered between them.
            let after = all.last().map_or_else(String::new, |leaf| leaf.row.clone());
            let rows = self.db.rows(sql, args![register, entry, after, STOOD_PAGE]).await?;
            for r in &rows {
                all.push(leaf_of(r)?);
            }
            if u32::try_from(rows.len()).unwrap_or(u32::MAX) < STOOD_PAGE {
                return Ok(all);
            }
        }
    }

    /// The last day at whose end a register was looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn register_looked_at(&self, register: &str) -> Result<Option<CivilDate>, DbError> {
        let row = self.db.row("SELECT day FROM register_looked WHERE register = $1", args![register]).await?;
        row.map_or(Ok(None), |r| day_opt(&r, 0))
    }

    /// Keeps that a register was looked at.
    ///
    /// # Errors
    /// The database.
    pub async fn set_register_looked_at(&self, register: &str, day: CivilDate) -> Result<(), DbError> {
        let sql =
            "INSERT INTO register_looked (register, day) VALUES ($1, $2) ON CONFLICT (register) DO UPDATE SET day = $2";
        self.db.exec(sql, args![register, day]).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_two_states_only_what_differs_goes_and_comes() {
        let leaf = |row: &str, version| Leaf { row: row.into(), version, public_sha256: Sha256::of(b"x"), entry: 7 };
        let (was, is) = ([leaf("a", 1), leaf("b", 1), leaf("c", 1)], [leaf("c", 2), leaf("d", 1), leaf("a", 1)]);
        let rows = |all: Vec<&Leaf>| all.iter().map(|l| format!("{}{}", l.row, l.version)).collect::<Vec<_>>();
        let (gone, come) = changes(&was, &is);
        assert_eq!((rows(gone), rows(come)), (vec!["b1".to_owned(), "c1".into()], vec!["c2".to_owned(), "d1".into()]));
        let (gone, come) = changes(&is, &is);
        assert!(gone.is_empty() && come.is_empty());
    }
}
