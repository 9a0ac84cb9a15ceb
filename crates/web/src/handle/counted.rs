//! Numbers for the public that cost the database a whole count, kept for a while: nobody makes it count by asking often.
//!
//! ```text
//! handler ─▶ get (still fresh?) ─▶ the same numbers · else the database ─▶ put
//! ```
//! Always true: what is kept goes by time and by nothing else, so that a reader sees a number at most so late and no write has to know of it;
//! at most so many numbers are kept, and the oldest make room; nothing kept here depends on who asks.

use base::MonoMs;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// What was counted lately, by what was counted.
pub(crate) struct Counted<K, V> {
    for_ms: u64,
    most: usize,
    kept: Mutex<HashMap<K, (MonoMs, Arc<V>)>>,
}

impl<K: Clone + Eq + Hash, V> Counted<K, V> {
    /// Keeps at most `most` numbers, each for `for_ms` milliseconds.
    pub(crate) fn new(for_ms: u64, most: usize) -> Self {
        Self { for_ms, most, kept: Mutex::default() }
    }

    /// What was counted of `of`, unless that is too long ago.
    pub(super) fn get(&self, of: &K, now: MonoMs) -> Option<Arc<V>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(of).filter(|(at, _)| now.since(*at) < self.for_ms).map(|(_, counted)| Arc::clone(counted))
    }

    /// Keeps what was counted of `of` just now.
    pub(super) fn put(&self, of: K, now: MonoMs, counted: Arc<V>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (at, _)| now.since(*at) < self.for_ms);
        if kept.len() >= self.most
            && let Some(oldest) = kept.iter().min_by_key(|(_, (at, _))| at.0).map(|(of, _)| of.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(of, (now, counted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOR_MS: u64 = 60_000;

    #[test]
    fn what_was_counted_is_counted_anew_after_a_while() {
        let kept = Counted::new(FOR_MS, 5);
        kept.put(2026, MonoMs(1_000), Arc::new("seven"));
        assert_eq!(kept.get(&2026, MonoMs(1_000 + FOR_MS - 1)).as_deref(), Some(&"seven"));
        assert!(kept.get(&2025, MonoMs(1_000)).is_none());
        assert!(kept.get(&2026, MonoMs(1_000 + FOR_MS)).is_none());
        for round in 1_u64..100 {
            kept.put(round, MonoMs(round * FOR_MS), Arc::new("more"));
        }
        assert_eq!(kept.kept.lock().unwrap().len(), 1, "old ones go");
    }

    #[test]
    fn the_oldest_makes_room() {
        let kept = Counted::new(FOR_MS, 3);
        for n in 0_u64..10 {
            kept.put(n, MonoMs(n), Arc::new(n));
        }
        assert_eq!(kept.kept.lock().unwrap().len(), 3);
        assert!(kept.get(&6, MonoMs(10)).is_none() && kept.get(&7, MonoMs(10)).is_some());
    }
}
