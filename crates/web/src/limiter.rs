//! Rates: token buckets by name in one bounded map. A flood from one address waits; it does not push the others out.
//!
//! Invariants: at most `BUCKETS` names are remembered; when the map is full, buckets that have filled up again go first, and if
//! none has, a new name shares one common bucket, so that a flood of names is limited as one.

use base::MonoMs;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most names remembered.
const BUCKETS: usize = 10_000;

/// A rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Most at once.
    pub burst: u32,
    /// Then one every so many milliseconds.
    pub every_ms: u64,
}

/// Log-ins from one address: a shift change behind one proxy passes, guessing does not.
pub const LOGIN_BY_ADDRESS: Rate = Rate { burst: 60, every_ms: 1_000 };
/// Log-ins to one name. The account's own lock comes first at five wrong passwords.
pub const LOGIN_BY_NAME: Rate = Rate { burst: 20, every_ms: 3_000 };
/// Setup codes typed at one address, and in all: nobody guesses one of 59 bits at this rate.
pub const SETUP_CODE: Rate = Rate { burst: 10, every_ms: 20_000 };
/// Setup codes typed in all.
pub const SETUP_CODES: Rate = Rate { burst: 60, every_ms: 1_000 };
/// Support files made, in all: a person who helps asks for one or two.
pub const SUPPORT: Rate = Rate { burst: 3, every_ms: 600_000 };
/// All requests of one address: a wall of 16 cells with thumbnails stays far below.
pub const REQUESTS: Rate = Rate { burst: 3_000, every_ms: 3 };

/// All requests of one account, however many addresses it comes from. A wall of sixteen with its events takes ten a second.
pub const REQUESTS_OF_ACCOUNT: Rate = Rate { burst: 600, every_ms: 5 };

/// Look-ups of a case by one address: whoever reads a code from paper tries two or three times.
pub const STATUS_BY_ADDRESS: Rate = Rate { burst: 15, every_ms: 20_000 };
/// Look-ups of one number, from wherever: 32 bits of a code are not guessed at this rate.
pub const STATUS_BY_NUMBER: Rate = Rate { burst: 10, every_ms: 60_000 };
/// Accounts made from one address: a hall of applicants passes, a machine does not.
pub const NEW_ACCOUNTS_BY_ADDRESS: Rate = Rate { burst: 10, every_ms: 300_000 };
/// Accounts made in all: each costs a slow hash.
pub const NEW_ACCOUNTS: Rate = Rate { burst: 200, every_ms: 5_000 };
/// Complaints from one address.
pub const COMPLAINTS_BY_ADDRESS: Rate = Rate { burst: 10, every_ms: 300_000 };
/// Complaints in all: each is a case that a person reads.
pub const COMPLAINTS: Rate = Rate { burst: 200, every_ms: 10_000 };
/// Questions of the public site that search or prove something, from one address.
pub const PUBLIC_SEARCH: Rate = Rate { burst: 120, every_ms: 500 };
/// Looks for a connected site by its name, for one account: who mistypes a name tries a few times; nobody asks out the list at this rate.
pub const SITES_ASKED: Rate = Rate { burst: 20, every_ms: 120_000 };
/// The same from one address, however many accounts are made there: a hall of applicants passes.
pub const SITES_ASKED_BY_ADDRESS: Rate = Rate { burst: 60, every_ms: 60_000 };
/// Persons of cases shown whole to one account: a day of work stays below, reading out a whole office does not.
pub const REVEALS: Rate = Rate { burst: 30, every_ms: 60_000 };
/// Documents of cases that one account's program fetches: what a hall delivers in a day stays below, reading out a whole office does not.
pub const DOCUMENTS_HANDED: Rate = Rate { burst: 120, every_ms: 15_000 };
/// Whole registers taken from one address.
pub const PUBLIC_COPIES: Rate = Rate { burst: 20, every_ms: 10_000 };

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Tokens, thousandths.
    milli: u64,
    at: MonoMs,
}

/// The buckets.
#[derive(Default, Debug)]
pub struct Limiter(Mutex<HashMap<String, Bucket>>);

fn filled(bucket: Bucket, rate: Rate, now: MonoMs) -> u64 {
    let gained = now.since(bucket.at).saturating_mul(1_000) / rate.every_ms.max(1);
    bucket.milli.saturating_add(gained).min(u64::from(rate.burst) * 1_000)
}

impl Limiter {
    /// Takes one token of `name`; false when there is none. `kind` keeps names of different rates apart.
    pub fn allow(&self, kind: &str, name: &str, rate: Rate, now: MonoMs) -> bool {
        let mut key = format!("{kind}:{}", name.chars().take(80).collect::<String>());
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS && !buckets.contains_key(&key) {
            // An hour fills any bucket of the rates above.
            buckets.retain(|_, b| now.since(b.at) < 3_600_000);
            if buckets.len() >= BUCKETS {
                key = format!("{kind}:*");
            }
        }
        let full = Bucket { milli: u64::from(rate.burst) * 1_000, at: now };
        let bucket = buckets.entry(key).or_insert(full);
        let milli = filled(*bucket, rate, now);
        let allowed = milli >= 1_000;
        *bucket = Bucket { milli: if allowed { milli - 1_000 } else { milli }, at: now };
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Rate = Rate { burst: 3, every_ms: 1_000 };

    #[test]
    fn a_burst_passes_then_one_a_step() {
        let limiter = Limiter::default();
        let t = MonoMs(5_000);
        for _ in 0..3 {
            assert!(limiter.allow("x", "a", SLOW, t));
        }
        assert!(!limiter.allow("x", "a", SLOW, t));
        assert!(limiter.allow("x", "b", SLOW, t), "another name has its own");
        assert!(limiter.allow("y", "a", SLOW, t), "another kind has its own");
        assert!(!limiter.allow("x", "a", SLOW, t.plus_ms(999)));
        assert!(limiter.allow("x", "a", SLOW, t.plus_ms(1_000)));
        assert!(!limiter.allow("x", "a", SLOW, t.plus_ms(1_001)));
    }

    #[test]
    fn the_map_is_bounded_and_a_flood_of_names_is_limited_as_one() {
        let limiter = Limiter::default();
        let t = MonoMs(5_000);
        let passed = (0..BUCKETS + 500).filter(|n| limiter.allow("x", &n.to_string(), SLOW, t)).count();
        assert_eq!(passed, BUCKETS + 3);
        assert!(limiter.0.lock().unwrap().len() <= BUCKETS + 1);
        assert!(limiter.allow("x", "new", SLOW, t.plus_ms(3_600_000)), "old names go");
        assert!(limiter.0.lock().unwrap().len() < 10);
    }
}
