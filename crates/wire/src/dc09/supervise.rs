//! Who has been silent for too long. Ten thousand accounts cost one table and one heap: a frame only moves its account's deadline,
//! and the heap is touched when an old deadline comes up.

use base::MonoMs;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

#[derive(Debug)]
struct Watched {
    limit_ms: u64,
    due: MonoMs,
    /// Time of its one entry in the heap that counts; none while it is lost.
    queued: Option<MonoMs>,
    lost: bool,
}

/// Deadlines of accounts.
#[derive(Debug, Default)]
pub struct Supervision {
    accounts: HashMap<Arc<str>, Watched>,
    heap: BinaryHeap<Reverse<(MonoMs, Arc<str>)>>,
}

impl Supervision {
    /// Watches an account from now on, with a new limit; `None` ends it. `lost` says that it was found silent before.
    pub fn set(&mut self, account: &str, limit_ms: Option<u64>, lost: bool, now: MonoMs) {
        let Some(limit_ms) = limit_ms else {
            self.accounts.remove(account);
            return;
        };
        let account: Arc<str> = account.into();
        let due = now.plus_ms(limit_ms);
        let queued = (!lost).then_some(due);
        self.accounts.insert(account.clone(), Watched { limit_ms, due, queued, lost });
        if !lost {
            self.push(due, account);
        }
    }

    /// A frame of the account came. True when it was lost until now.
    pub fn heard(&mut self, account: &str, now: MonoMs) -> bool {
        let Some((name, watched)) =
            self.accounts.get_key_value(account).map(|(name, _)| name.clone()).and_then(|name| {
                let watched = self.accounts.get_mut(&name)?;
                Some((name, watched))
            })
        else {
            return false;
        };
        watched.due = now.plus_ms(watched.limit_ms);
        if !std::mem::take(&mut watched.lost) {
            return false;
        }
        let due = watched.due;
        watched.queued = Some(due);
        self.push(due, name);
        true
    }

    /// Accounts whose time is over, each told once until it is heard again; at most `most` of them, the others with the next call.
    pub fn overdue(&mut self, now: MonoMs, most: usize) -> Vec<Arc<str>> {
        let mut out = Vec::new();
        while out.len() < most {
            let Some(Reverse((at, _))) = self.heap.peek() else { break };
            if *at > now {
                break;
            }
            let Some(Reverse((at, account))) = self.heap.pop() else { break };
            let Some(watched) = self.accounts.get_mut(&account).filter(|w| w.queued == Some(at)) else { continue };
            if watched.due > now {
                // It was heard meanwhile.
                let due = watched.due;
                watched.queued = Some(due);
                self.heap.push(Reverse((due, account)));
            } else {
                watched.queued = None;
                watched.lost = true;
                out.push(account);
            }
        }
        out
    }

    /// When to call `overdue` next; it may find nothing then.
    #[must_use]
    pub fn next(&self) -> Option<MonoMs> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// Is it silent for too long?
    #[must_use]
    pub fn is_lost(&self, account: &str) -> bool {
        self.accounts.get(account).is_some_and(|w| w.lost)
    }

    /// How many accounts are watched, and how many are lost.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.accounts.len(), self.accounts.values().filter(|w| w.lost).count())
    }

    fn push(&mut self, at: MonoMs, account: Arc<str>) {
        self.heap.push(Reverse((at, account)));
        // Entries of changed and removed accounts are dropped before they are the greater part.
        if self.heap.len() > 2 * self.accounts.len() + 64 {
            let accounts = &self.accounts;
            self.heap.retain(|Reverse((at, account))| accounts.get(account).is_some_and(|w| w.queued == Some(*at)));
        }
    }
}
