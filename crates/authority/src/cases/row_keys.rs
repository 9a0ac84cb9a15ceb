//! By what rows of registers are narrowed: the columns that the packs mark, kept as keys by the store.
//!
//! ```text
//! law::row_filters ─▶ KeyColumn, and a number of which columns they are ─▶ each day: keys of other columns forgotten, every version keyed
//! each minute ─▶ versions written since are keyed        somebody narrows ─▶ is_keyed? ─▶ list, count, copy, or that it is not whole yet
//! another system asks for a division ─▶ versions written since are keyed first ─▶ exchange, which goes on after its last row and must miss none
//! ```
//! Always true: nobody who reads a page has anything written; whoever narrows gets every row that fits, or is told that some may be missing; packs that
//! mark other columns have all rows keyed anew.

use crate::Authority;
use base::{Refusal, Sha256};
use law::FieldKind;
use store::casework::row_keys::KeyColumn;

/// Versions that are keyed in one transaction.
const AT_ONCE: u32 = 200;

impl Authority {
    /// The marked columns of a register, each once.
    fn key_columns(&self, register: &str) -> Vec<KeyColumn> {
        let mut out: Vec<KeyColumn> = Vec::new();
        for field in self.gate().packs().row_filters(register) {
            let column = KeyColumn { field: field.id.clone(), is_division: field.kind == FieldKind::Division };
            if !out.contains(&column) {
                out.push(column);
            }
        }
        out
    }

    /// Whether every row of a register has the keys by which it is narrowed; else what is narrowed may lack rows, for a minute or so.
    ///
    /// # Errors
    /// The store.
    pub async fn is_keyed(&self, register: &str) -> Result<bool, Refusal> {
        Ok(self.key_columns(register).is_empty() || self.store().is_keyed(register).await?)
    }

    /// Gives the rows of a register that were written since the last time the keys by which they are found.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn key_rows(&self, register: &str) -> Result<(), Refusal> {
        let columns = self.key_columns(register);
        if columns.is_empty() {
            return Ok(());
        }
        let mark = mark_of(&columns);
        while self.store().key_rows(register, (&columns, mark), AT_ONCE).await? > 0 {}
        Ok(())
    }

    /// Every register: rows that were written since the last time have keys.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub async fn key_new_rows(&self) -> Result<(), Refusal> {
        for register in self.all_registers() {
            self.key_rows(&register).await?;
        }
        Ok(())
    }

    fn all_registers(&self) -> Vec<String> {
        self.gate().packs().carriers().registers().iter().map(|register| register.id.clone()).collect()
    }

    /// Every register: keys that other packs made are forgotten, and all rows have those of now.
    ///
    /// # Errors
    /// The store; what is done stays done.
    pub(super) async fn key_all_rows(&self) -> Result<(), Refusal> {
        for register in self.all_registers() {
            let columns = self.key_columns(&register);
            if columns.is_empty() {
                continue;
            }
            self.store().forget_keys(&register, mark_of(&columns)).await?;
            self.key_rows(&register).await?;
        }
        Ok(())
    }
}

/// A number of which columns these are; never 0.
fn mark_of(columns: &[KeyColumn]) -> u32 {
    let words: Vec<String> = columns.iter().map(|c| format!("{} {}", c.field, c.is_division)).collect();
    let digest = Sha256::of(words.join(",").as_bytes()).hex();
    digest.get(..8).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_columns_are_another_number() {
        let column = |field: &str, is_division| KeyColumn { field: field.into(), is_division };
        let marks: std::collections::BTreeSet<u32> = [
            vec![],
            vec![column("a", true)],
            vec![column("a", false)],
            vec![column("a", true), column("b", false)],
            vec![column("b", false), column("a", true)],
        ]
        .iter()
        .map(|columns| mark_of(columns))
        .collect();
        assert!(marks.len() == 5 && !marks.contains(&0));
    }
}
