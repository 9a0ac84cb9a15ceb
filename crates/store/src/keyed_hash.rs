//! Digests under a key: equal values are found by their digest, and nobody without the key can try values one by one.
//!
//! A column of numbers of persons (eighteen digits, mostly a birthday) could be guessed from a plain digest; HMAC-SHA-256 (RFC 2104) with a
//! key that is not in the database cannot. The name of the column goes in first, so that equal values of two columns have nothing in common.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The digest of `bytes` for `label` under `key`.
pub(crate) fn keyed_hash(key: &[u8; 32], label: &str, bytes: &[u8]) -> [u8; 32] {
    // A key of any length is taken: this never fails.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    // The length before the label: no two pairs of label and bytes make the same input.
    mac.update(&(label.len() as u64).to_be_bytes());
    mac.update(label.as_bytes());
    mac.update(bytes);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hmac_sha_256_over_length_label_and_bytes() {
        // Computed with Python's hmac and hashlib.
        let hash = keyed_hash(&[7; 32], "a.b", "11010519491231002X".as_bytes());
        assert_eq!(base::hex(&hash), "d4b98d2dfcbebe1bc64ac0e6565c34448bfd7567d244ae31095411c7a034d53d");
    }

    #[test]
    fn key_label_and_bytes_all_count() {
        let of = |key: u8, label: &str, bytes: &[u8]| keyed_hash(&[key; 32], label, bytes);
        let all = [of(1, "a", b"bc"), of(2, "a", b"bc"), of(1, "ab", b"c"), of(1, "a", b"bd"), of(1, "", b"abc")];
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| other != one), "{i}");
        }
    }
}
