//! Trees of the states of public registers, kept so that a proof of one row does not read its whole register again.
//!
//! ```text
//! state (root) ─▶ kept? ─▶ the tree ─▶ leaf and path        not kept ─▶ leaves from the store, in pages ─▶ tree, compared with the root ─▶ kept
//! ```
//! Always true: what is kept is found by its root, which says every leaf of it, so it never goes stale; all trees together have at most [`LEAVES`]
//! leaves (about 200 bytes each), and those that were asked for longest ago make room; one tree is made at a time, however many ask.

use crate::answer::down;
use base::{Refusal, Sha256};
use domain::register_state::{State, StateTree};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;

/// Most leaves of all trees that are kept. Own limit; a larger register is read for each proof.
const LEAVES: usize = 200_000;
/// Most trees that are kept.
const TREES: usize = 64;

/// The trees that were asked for lately.
#[derive(Default)]
pub(crate) struct Trees {
    /// By root; the one asked for last is the last.
    kept: Mutex<Vec<(Sha256, Arc<StateTree>)>>,
    /// Whoever makes a tree holds it.
    making: tokio::sync::Mutex<()>,
}

impl Trees {
    fn get(&self, root: Sha256) -> Option<Arc<StateTree>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(of, _)| *of == root)?;
        let found = kept.remove(at);
        let tree = Arc::clone(&found.1);
        kept.push(found);
        Some(tree)
    }

    /// Keeps a tree; all of them together have at most so many leaves.
    fn put(&self, tree: &Arc<StateTree>, most: usize) {
        if tree.len() > most {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push((tree.root(), Arc::clone(tree)));
        let mut leaves: usize = kept.iter().map(|(_, tree)| tree.len()).sum();
        while leaves > most || kept.len() > TREES {
            let (_, oldest) = kept.remove(0);
            leaves = leaves.saturating_sub(oldest.len());
        }
    }

    /// The tree of a state, by the place of its entry.
    ///
    /// # Errors
    /// The store; or its leaves are not those of its root: rows were changed from outside.
    pub(super) async fn of(&self, store: &Store, (entry, state): (u64, &State)) -> Result<Arc<StateTree>, Refusal> {
        if let Some(tree) = self.get(state.root) {
            return Ok(tree);
        }
        let _making = self.making.lock().await;
        // Somebody else made it meanwhile.
        if let Some(tree) = self.get(state.root) {
            return Ok(tree);
        }
        let leaves = store.register_state_leaves(&state.register, entry).await?;
        // Every row of the register is hashed: not on the thread that serves pages.
        let tree = tokio::task::spawn_blocking(move || StateTree::new(leaves)).await.map_err(down)?;
        if tree.root() != state.root {
            return Err(down("the leaves of a state of a register are not those of its root"));
        }
        let tree = Arc::new(tree);
        self.put(&tree, LEAVES);
        Ok(tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::register_state::Leaf;

    fn tree(from: usize, leaves: usize) -> Arc<StateTree> {
        let leaf = |n: usize| Leaf { row: n.to_string(), version: 1, public_sha256: Sha256::of(b"x"), entry: 7 };
        Arc::new(StateTree::new((from..from + leaves).map(leaf).collect()))
    }

    #[test]
    fn what_was_asked_for_longest_ago_makes_room() {
        let trees = Trees::default();
        let all: Vec<_> = (0..=TREES).map(|n| tree(n, 2)).collect();
        for tree in &all[..TREES] {
            trees.put(tree, LEAVES);
        }
        assert!(trees.get(all[0].root()).is_some(), "asked for again");
        trees.put(&all[TREES], LEAVES);
        assert!(trees.get(all[0].root()).is_some() && trees.get(all[1].root()).is_none());
        assert_eq!(trees.kept.lock().unwrap().len(), TREES);
    }

    #[test]
    fn all_trees_together_have_so_many_leaves_and_a_larger_one_pushes_nothing_out() {
        let trees = Trees::default();
        let (small, large) = (tree(0, 2), tree(7, 9));
        trees.put(&small, 10);
        trees.put(&tree(9, 11), 10);
        assert!(trees.get(small.root()).is_some());
        trees.put(&large, 10);
        assert!(trees.get(small.root()).is_none() && trees.get(large.root()).is_some(), "together they are too many");
    }
}
