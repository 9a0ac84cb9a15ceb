//! Which viewings were entered in the log already, so that one viewing is one entry. Forgetting costs a second entry, never a
//! missing one: this lives in memory only.

use base::{AccountId, MonoMs, Refusal, UtcMs};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A viewing is over when nothing of it was asked for this long, ms.
const REST_MS: u64 = 600_000;
/// Most viewings remembered.
const VIEWINGS: usize = 4_096;
/// Most separate ranges of one viewing; beyond, the oldest is forgotten.
const RANGES: usize = 64;

/// Who (and since when their session runs) sees what: an id of a camera or an export.
pub(crate) type SeenKey = (AccountId, i64, [u8; 16]);

#[derive(Default)]
struct Viewing {
    ranges: Vec<(UtcMs, UtcMs)>,
    last: MonoMs,
}

impl Viewing {
    fn covers(&self, from: UtcMs, to: UtcMs) -> bool {
        self.ranges.iter().any(|r| r.0 <= from && to <= r.1)
    }

    fn add(&mut self, mut from: UtcMs, mut to: UtcMs) {
        self.ranges.retain(|r| {
            let apart = r.1 < from || to < r.0;
            if !apart {
                from = from.min(r.0);
                to = to.max(r.1);
            }
            apart
        });
        self.ranges.push((from, to));
        if self.ranges.len() > RANGES {
            self.ranges.remove(0);
        }
    }
}

/// What was entered.
#[derive(Default)]
pub(crate) struct Seen {
    viewings: Mutex<HashMap<SeenKey, Viewing>>,
    /// Held while an entry is written: two byte ranges that come together make one entry.
    writing: tokio::sync::Mutex<()>,
}

impl Seen {
    /// True when [from, to) is already entered and the viewing goes on.
    fn known(&self, key: SeenKey, from: UtcMs, to: UtcMs, now: MonoMs) -> bool {
        let mut map = self.viewings.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(viewing) = map.get_mut(&key) else { return false };
        if now.since(viewing.last) > REST_MS {
            map.remove(&key);
            return false;
        }
        let known = viewing.covers(from, to);
        if known {
            viewing.last = now;
        }
        known
    }

    fn remember(&self, key: SeenKey, from: UtcMs, to: UtcMs, now: MonoMs) {
        let mut map = self.viewings.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= VIEWINGS && !map.contains_key(&key) {
            map.retain(|_, v| now.since(v.last) <= REST_MS);
            let oldest = map.iter().min_by_key(|(_, v)| v.last).map(|(k, _)| *k);
            if let Some(oldest) = oldest.filter(|_| map.len() >= VIEWINGS) {
                map.remove(&oldest);
            }
        }
        let viewing = map.entry(key).or_default();
        viewing.add(from, to);
        viewing.last = now;
    }

    /// Runs `write` unless [from, to) is entered already.
    pub(crate) async fn once(
        &self,
        key: SeenKey,
        (from, to): (UtcMs, UtcMs),
        now: MonoMs,
        write: impl Future<Output = Result<(), Refusal>>,
    ) -> Result<(), Refusal> {
        if self.known(key, from, to, now) {
            return Ok(());
        }
        let _writing = self.writing.lock().await;
        if self.known(key, from, to, now) {
            return Ok(());
        }
        write.await?;
        self.remember(key, from, to, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(ms: i64) -> UtcMs {
        UtcMs(ms)
    }

    #[test]
    fn ranges_join_and_a_rest_ends_a_viewing() {
        let seen = Seen::default();
        let key = (AccountId::from_bytes([1; 16]), 0, [2; 16]);
        let at = MonoMs(5);
        assert!(!seen.known(key, t(0), t(10), at));
        seen.remember(key, t(0), t(10), at);
        seen.remember(key, t(10), t(20), at);
        assert!(seen.known(key, t(5), t(15), at) && !seen.known(key, t(5), t(21), at));
        let later = at.plus_ms(REST_MS);
        assert!(seen.known(key, t(0), t(20), later));
        assert!(!seen.known(key, t(0), t(20), later.plus_ms(REST_MS + 1)));
    }

    #[test]
    fn memory_is_bounded() {
        let seen = Seen::default();
        for n in 0..(VIEWINGS as u64 + 10) {
            let mut what = [0; 16];
            what[..8].copy_from_slice(&n.to_be_bytes());
            seen.remember((AccountId::from_bytes([1; 16]), 0, what), t(0), t(1), MonoMs(n));
        }
        assert_eq!(seen.viewings.lock().unwrap().len(), VIEWINGS);
        let mut viewing = Viewing::default();
        (0..200).for_each(|n| viewing.add(t(n * 10), t(n * 10 + 1)));
        assert_eq!(viewing.ranges.len(), RANGES);
    }
}
