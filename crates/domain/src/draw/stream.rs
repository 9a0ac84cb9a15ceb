//! Numbers that follow from a seed and a label: HMAC-SHA-256 in counter mode, without modulo bias, and the shuffle made of them.
//!
//! What flows through: [`Seed`] and a label ─▶ 32-byte blocks ─▶ numbers below a bound ─▶ Fisher-Yates. Always true: one seed and one
//! label give one sequence for ever; streams of different labels say nothing of each other; each number below the bound is as likely
//! as any other.

use super::seed::Seed;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Numbers of one label.
pub(super) struct Stream {
    key: [u8; 32],
    label: String,
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Stream {
    /// The stream of this seed and label, at its beginning.
    pub(super) fn new(seed: &Seed, label: &str) -> Self {
        Self { key: seed.0.0, label: label.to_owned(), counter: 0, block: [0; 32], used: 32 }
    }

    /// The next eight bytes, big-endian. Block `n` is HMAC-SHA-256 with the seed as key over label, a zero byte and `n` as eight bytes.
    fn number(&mut self) -> u64 {
        if self.used == self.block.len() {
            // A key of any length is accepted; were it not, the stream would be zeros, which every test vector would show.
            self.block = Hmac::<Sha256>::new_from_slice(&self.key).map_or([0; 32], |mut mac| {
                mac.update(self.label.as_bytes());
                mac.update(&[0]);
                mac.update(&self.counter.to_be_bytes());
                mac.finalize().into_bytes().into()
            });
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        let taken = self.block.iter().skip(self.used).take(8);
        self.used += 8;
        taken.fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// A number below `bound`, each as likely; 0 for a bound of 0 or 1, which takes nothing from the stream.
    ///
    /// Values in the last, incomplete run of `bound` numbers below 2^64 are thrown away: taking them modulo `bound` would favour the
    /// small ones. With the bounds here that happens less often than once in 2^46 numbers.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        if bound < 2 {
            return 0;
        }
        // 2^64 modulo bound, without a number of 65 bits.
        let over = (u64::MAX % bound + 1) % bound;
        let last = u64::MAX - over;
        loop {
            let number = self.number();
            if number <= last {
                return number % bound;
            }
        }
    }

    /// Fisher-Yates from the end: place `i` is exchanged with one of the places `0..=i`.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let other = self.below(at as u64 + 1);
            // Below the length of a list, so it fits.
            items.swap(at, usize::try_from(other).unwrap_or(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NUMBERS: [u64; 5] = [
        17_220_322_915_403_418_386,
        11_583_134_496_887_914_725,
        12_690_591_139_435_853_833,
        9_416_744_012_552_921_047,
        9_016_242_754_575_545_648,
    ];
    const BELOW_TEN: [u64; 8] = [6, 5, 3, 7, 8, 0, 9, 7];
    const SHUFFLED: [u32; 10] = [3, 8, 4, 1, 7, 2, 5, 0, 6, 9];

    fn seed() -> Seed {
        Seed(base::Sha256::of(b"a seed for tests"))
    }

    #[test]
    fn the_numbers_are_those_of_another_implementation() {
        // Made with Python's hmac and hashlib.
        let mut stream = Stream::new(&seed(), "units bank");
        assert_eq!([(); 5].map(|()| stream.number()), NUMBERS);
        let mut stream = Stream::new(&seed(), "units bank");
        assert_eq!([(); 8].map(|()| stream.below(10)), BELOW_TEN);
        let mut items: Vec<u32> = (0..10).collect();
        Stream::new(&seed(), "inspectors").shuffle(&mut items);
        assert_eq!(items, SHUFFLED);
    }

    #[test]
    fn what_would_favour_small_numbers_is_thrown_away() {
        // Above half of 2^64 every other number goes; nothing that is given out reaches the bound.
        let bound = (1 << 63) + 1;
        let mut whole = Stream::new(&seed(), "x");
        let mut cut = Stream::new(&seed(), "x");
        let kept: Vec<u64> = (0..200).map(|_| whole.number()).filter(|n| *n < bound).collect();
        assert!((60..140).contains(&kept.len()), "{}", kept.len());
        for number in kept {
            assert_eq!(cut.below(bound), number);
        }
        // A bound that divides 2^64 throws nothing away.
        let (mut whole, mut cut) = (Stream::new(&seed(), "y"), Stream::new(&seed(), "y"));
        for _ in 0..50 {
            assert_eq!(cut.below(256), whole.number() % 256);
        }
        let mut still = Stream::new(&seed(), "z");
        assert_eq!((still.below(0), still.below(1)), (0, 0));
        assert_eq!(still.number(), Stream::new(&seed(), "z").number(), "no choice takes nothing from the stream");
    }

    #[test]
    fn every_order_of_three_comes_about_equally_often() {
        let mut seen = std::collections::BTreeMap::new();
        for n in 0..6_000 {
            let mut items = [0, 1, 2];
            Stream::new(&seed(), &n.to_string()).shuffle(&mut items);
            *seen.entry(items).or_insert(0) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|n| (850..1_150).contains(n)), "{seen:?}");
    }

    proptest! {
        #[test]
        fn a_shuffle_loses_and_invents_nothing(n in 0_usize..300, label in "[a-z]{1,8}") {
            let mut items: Vec<usize> = (0..n).collect();
            Stream::new(&seed(), &label).shuffle(&mut items);
            items.sort_unstable();
            prop_assert_eq!(items, (0..n).collect::<Vec<_>>());
        }
    }
}
