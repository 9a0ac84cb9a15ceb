//! Which transmissions were kept lately, so that a repeat is joined with the first. Bounded in time and number.

use std::collections::{HashMap, VecDeque};

type Key = [u8; 16];

/// A key of zeros says that its maker knows no repeats.
const NONE: Key = [0; 16];

/// Transmissions of the last while.
#[derive(Debug)]
pub(super) struct Recent {
    window_ms: i64,
    most: usize,
    /// When each was last heard, oldest first; a repeat stands here again.
    order: VecDeque<(Key, i64)>,
    known: HashMap<Key, (u64, i64)>,
}

impl Recent {
    pub(super) fn new(window_ms: i64, most: usize) -> Self {
        Self { window_ms, most, order: VecDeque::new(), known: HashMap::new() }
    }

    /// Position of the first, when this one is a repeat. The window begins anew with each repeat: a source that goes on repeating
    /// the same transmission never gets a second signal out of it.
    pub(super) fn repeat_of(&mut self, key: Key, at_ms: i64) -> Option<u64> {
        let (position, last) = *self.known.get(&key)?;
        if at_ms.saturating_sub(last) > self.window_ms {
            return None;
        }
        self.note(key, at_ms.max(last), position);
        Some(position)
    }

    /// Remembers one.
    pub(super) fn note(&mut self, key: Key, at_ms: i64, position: u64) {
        if key == NONE {
            return;
        }
        self.known.insert(key, (position, at_ms));
        self.order.push_back((key, at_ms));
        while let Some(&(oldest, heard)) = self.order.front() {
            if self.order.len() <= self.most && at_ms.saturating_sub(heard) <= self.window_ms {
                break;
            }
            self.order.pop_front();
            if self.known.get(&oldest).is_some_and(|(_, last)| *last == heard) {
                self.known.remove(&oldest);
            }
        }
    }

    /// Forgets what was not kept after all: positions from `from` on.
    pub(super) fn forget_from(&mut self, from: u64) {
        self.known.retain(|_, (position, _)| *position < from);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize) {
        (self.order.len(), self.known.len())
    }
}
