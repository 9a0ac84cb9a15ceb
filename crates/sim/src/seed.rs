//! Repeatable random numbers: what a simulated device does at random follows from its seed.
//!
//! Not for secrets. Nonces of the RTSP server come from the operating system instead.

/// A SplitMix64 generator.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// Numbers for one purpose of one seed: different purposes of a seed are independent.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a over the purpose.
        let mixed =
            purpose.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(seed ^ mixed)
    }

    /// 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    /// True in `percent` of 100 calls.
    pub fn percent(&mut self, percent: f64) -> bool {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * 100.0 < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_by_seed_and_purpose_and_keeps_its_odds() {
        let first = |seed, purpose| Seeded::new(seed, purpose).next_u64();
        assert_eq!(first(1, "a"), first(1, "a"));
        assert!(first(1, "a") != first(2, "a") && first(1, "a") != first(1, "b"));
        let mut seeded = Seeded::new(5, "odds");
        let hits = (0..10_000).filter(|_| seeded.percent(12.0)).count();
        assert!((1_000..1_400).contains(&hits), "{hits}");
        assert!((0..1_000).all(|_| !seeded.percent(0.0)) && (0..1_000).all(|_| seeded.percent(100.0)));
    }
}
