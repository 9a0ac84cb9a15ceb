//! Refusals by law of what a platform asks for: each is logged, a platform that asks in a loop once a minute a channel.

use base::MonoMs;
use std::collections::HashMap;

/// The same refusal is logged at most this often, ms.
const EVERY_MS: u64 = 60_000;
/// Most channels remembered; beyond, the memory is emptied (entries may repeat).
const MOST: usize = 1_024;

/// See the file's head.
#[derive(Debug, Default)]
pub(super) struct Refusals(HashMap<String, MonoMs>);

impl Refusals {
    /// True when a refusal about `channel` is to be logged now.
    pub(super) fn due(&mut self, channel: &str, now: MonoMs) -> bool {
        if self.0.get(channel).is_some_and(|at| now.since(*at) < EVERY_MS) {
            return false;
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.insert(channel.to_owned(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_of_requests_is_logged_once_a_minute_and_the_memory_is_bounded() {
        let mut refusals = Refusals::default();
        assert!(refusals.due("1", MonoMs(5)));
        assert!(!refusals.due("1", MonoMs(5 + EVERY_MS - 1)));
        assert!(refusals.due("2", MonoMs(6)));
        assert!(refusals.due("1", MonoMs(5 + EVERY_MS)));
        for n in 0..5_000 {
            refusals.due(&n.to_string(), MonoMs(100_000));
        }
        assert!(refusals.0.len() <= MOST);
    }
}
