//! Input that makes no sense: every piece counted, told in one log line now and then with the sender's address.
//!
//! Invariant: whatever is sent, the log gets at most one line of a kind in `EVERY_MS`.

use base::MonoMs;
use std::net::SocketAddr;

/// Shortest time between two log lines of a kind, ms.
const EVERY_MS: u64 = 10_000;

/// One kind of noise.
#[derive(Debug)]
pub(crate) struct Noise {
    what: &'static str,
    told: Option<MonoMs>,
    /// Since the last line.
    untold: u64,
}

impl Noise {
    /// `what` is the label of the metric `jifang_gb_malformed_total`.
    pub(crate) const fn new(what: &'static str) -> Self {
        Self { what, told: None, untold: 0 }
    }

    /// Counts one; true when it was also logged.
    pub(crate) fn heard(&mut self, from: Option<SocketAddr>, why: &str, now: MonoMs) -> bool {
        metrics::counter!("jifang_gb_malformed_total", "what" => self.what).increment(1);
        self.untold += 1;
        if self.told.is_some_and(|at| now.since(at) < EVERY_MS) {
            return false;
        }
        let count = std::mem::take(&mut self.untold);
        self.told = Some(now);
        tracing::warn!(what = self.what, from = ?from, why, count, "malformed input dropped");
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_told_once_in_ten_seconds() {
        let mut noise = Noise::new("sip");
        let told: Vec<u64> = (0..25_000).step_by(10).filter(|ms| noise.heard(None, "junk", MonoMs(*ms))).collect();
        assert_eq!(told, [0, 10_000, 20_000]);
    }
}
