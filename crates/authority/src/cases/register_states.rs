//! The state of each public register at the end of a day: taken when the day is over, entered where it changed.
//!
//! ```text
//! daily ─▶ each register that the packs make public ─▶ days that were not looked at ─▶ rows as the public saw them ─▶ root ─▶ changed? ─▶ entry
//! ```
//! Always true: a day is looked at when it is over, and once; a register that never had a public row has no state; what failed is looked at again.

use super::rows::is_public;
use crate::Authority;
use base::{CivilDate, Refusal, Sha256};
use domain::register_state::{Leaf, State, root, sort};
use std::collections::BTreeSet;
use store::casework::register_states::STOOD_PAGE;

/// How many days back the states of days are taken that were missed: our own choice.
const LOOK_BACK: i32 = 31;

impl Authority {
    /// The registers that have a public column in the packs, in any province: those of others have no rows here.
    fn public_registers(&self) -> BTreeSet<&str> {
        let packs = self.gate().packs();
        let of_cases = packs.procedures().iter().flat_map(|p| &p.fields);
        let by_hand = packs.register_forms().iter().flat_map(|form| &form.fields);
        let open = of_cases.chain(by_hand).filter(|field| is_public(field));
        open.flat_map(|field| &field.registers).map(String::as_str).collect()
    }

    /// Rows of a register as the public saw them at the end of a day, in the order of the tree.
    async fn leaves_of(&self, register: &str, day: CivilDate) -> Result<Vec<Leaf>, Refusal> {
        let stood = day.plus_days(1).start();
        let mut all: Vec<Leaf> = Vec::new();
        loop {
            let after = all.last().map(|leaf| leaf.row.clone());
            let page = self.store().register_stood(register, stood, after.as_deref()).await?;
            let full = u32::try_from(page.len()).unwrap_or(u32::MAX) >= STOOD_PAGE;
            all.extend(page);
            if !full {
                break;
            }
        }
        sort(&mut all);
        Ok(all)
    }

    /// Enters the state of a register at the end of a day, where it is another than before; whether it was.
    async fn put_state(&self, register: &str, day: CivilDate) -> Result<bool, Refusal> {
        let leaves = self.leaves_of(register, day).await?;
        let hashes: Vec<Sha256> = leaves.iter().map(Leaf::hash).collect();
        let (root, rows) = (root(&hashes), u64::try_from(leaves.len()).unwrap_or(u64::MAX));
        let last = self.store().register_state_on(register, day).await?;
        let is_same = match &last {
            Some((_, state)) => state.root == root && state.rows == rows,
            // Nothing was ever public there.
            None => leaves.is_empty(),
        };
        if is_same {
            return Ok(false);
        }
        let before = last.map(|(entry, _)| entry);
        let state = State { register: register.to_owned(), day, rows, root, before };
        Ok(self.store().put_register_state(&state, &leaves, self.now()).await?.is_some())
    }

    /// Takes the states of the days before `today` that were not looked at yet; how many changed.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn put_register_states(&self, today: CivilDate) -> Result<usize, Refusal> {
        let (yesterday, earliest) = (today.plus_days(-1), today.plus_days(-LOOK_BACK));
        let mut changed = 0;
        for register in self.public_registers() {
            let looked = self.store().register_looked_at(register).await?;
            let mut day = looked.map_or(yesterday, |day| day.plus_days(1).max(earliest));
            while day <= yesterday {
                changed += usize::from(self.put_state(register, day).await?);
                self.store().set_register_looked_at(register, day).await?;
                day = day.plus_days(1);
            }
        }
        Ok(changed)
    }
}
