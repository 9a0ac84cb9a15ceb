//! Bulk import: parties, cases and rows of registers of an older system, in one transaction, all or none.
//!
//! What can be refused is found before anything is written for good: the first thing that does not go in is named by its place in the list,
//! and the transaction ends without a trace. The preview, and whatever words mean, is the caller's.

use super::events::{self, CaseChange, Saved};
use super::misuse;
use super::parties::{self, PartyData, PartyPut};
use super::registers::{self, Of, RegisterChange};
use crate::{Store, StoreError};
use base::{AccountId, PartyId, UtcMs};

/// Most things of one import.
pub const IMPORTED: usize = 5_000;

/// What is imported.
#[derive(Clone, Debug, Default)]
pub struct Import<'a> {
    /// New parties with their ids.
    pub parties: &'a [(PartyId, PartyData)],
    /// New cases.
    pub cases: &'a [CaseChange<'a>],
    /// Rows of registers that no case of this server wrote.
    pub registers: &'a [RegisterChange],
}

/// What became of an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Imported {
    /// Everything is there.
    Done,
    /// Nothing was imported: this party cannot be, by its place in the list from 0.
    Party(usize, PartyPut),
    /// Nothing was imported: this case cannot be.
    Case(usize, Saved),
    /// Nothing was imported: more than [`IMPORTED`].
    TooMany,
}

impl Store {
    /// Imports everything or nothing.
    ///
    /// # Errors
    /// The database, the key or the log; then nothing is imported.
    pub async fn import(&self, all: &Import<'_>, by: AccountId, now: UtcMs) -> Result<Imported, StoreError> {
        if all.parties.len() + all.cases.len() + all.registers.len() > IMPORTED {
            return Ok(Imported::TooMany);
        }
        if all.cases.iter().any(|c| c.seen != 0) {
            return Err(misuse("an import of events of a case that is there").into());
        }
        let mut cases = Vec::with_capacity(all.cases.len());
        for case in all.cases {
            cases.push(events::seal(&self.sealer, case)?);
        }
        let rows = registers::seal(&self.sealer, all.registers)?;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        for (i, (id, data)) in all.parties.iter().enumerate() {
            match parties::put_in(&mut tx, &self.sealer, (*id, 0), data, (Some(by), now)).await? {
                PartyPut::Done(_) => {}
                other => return Ok(Imported::Party(i, other)),
            }
        }
        for (i, (case, sealed)) in all.cases.iter().zip(cases).enumerate() {
            match events::change_in(&mut tx, case, sealed, now).await? {
                Saved::Done(_) => {}
                other => return Ok(Imported::Case(i, other)),
            }
        }
        let versions = registers::versions_in(&mut tx, all.registers).await?;
        let entries = registers::entries(all.registers, &versions, &rows, (None, Some(by)), now);
        let first = tx.log_all(entries).await?.start;
        registers::put_in(&mut tx, (all.registers, versions), rows, first, Of { case: None, now }).await?;
        // A crash before this leaves nothing of the import.
        tx.commit().await?;
        Ok(Imported::Done)
    }
}
