//! What the party of a case is called on pages of staff: a unit whole, a person as the reader may see it.
//!
//! What flows through: ids of parties ─▶ their rows, read in one question ─▶ names. Always true: a person is masked for whoever may not see them
//! whole.

use super::ask;
use crate::call::Call;
use crate::pages::ask::Shown;
use base::{PartyId, Refusal};
use std::collections::{BTreeSet, HashMap};
use store::casework::cases::CaseRow;
use store::casework::parties::PartyData;

/// What a party is called: a unit whole, a person as the reader may see it.
pub(crate) async fn party_name(call: &Call, party: Option<PartyId>) -> Result<Shown, Refusal> {
    let Some(id) = party else { return Ok(Shown::default()) };
    let row = call.site().store().party(id).await?;
    Ok(Shown(row.map(|r| name_of(r.data, ask::sees_whole(call))).unwrap_or_default()))
}

fn name_of(data: PartyData, whole: bool) -> String {
    match data {
        PartyData::Unit(unit) => unit.name,
        PartyData::Person(person) if whole => person.name.into_inner(),
        PartyData::Person(person) => person.name.masked(),
    }
}

/// What the parties of a list are called, by their ids; read in one question.
pub(crate) struct PartyNames(HashMap<PartyId, String>);

impl PartyNames {
    /// Names of the parties of these cases.
    pub(crate) async fn of<'a>(call: &Call, rows: impl Iterator<Item = &'a CaseRow>) -> Result<Self, Refusal> {
        let ids: BTreeSet<PartyId> = rows.filter_map(|row| row.head.party).collect();
        let found = call.site().store().parties_of(&ids).await?.into_iter();
        let whole = ask::sees_whole(call);
        Ok(Self(found.map(|row| (row.id, name_of(row.data, whole))).collect()))
    }

    /// Of a case without a party: nothing.
    pub(crate) fn name(&self, party: Option<PartyId>) -> Shown {
        Shown(party.and_then(|id| self.0.get(&id)).cloned().unwrap_or_default())
    }
}
