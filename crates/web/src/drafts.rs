//! Drafts of requests to use information, between two steps of the form. In memory only: nothing is asked for until it is sent.
//!
//! Invariants: a draft is found only by the account that made it; at most `DRAFTS` with `LETTER_BYTES` of letters are kept, and
//! `OWN_DRAFTS` of one account, so that nobody pushes out those of others; the oldest goes first; a draft older than `DRAFT_MS`
//! is gone.

use axum::body::Bytes;
use base::{AccountId, MonoMs};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most drafts kept.
const DRAFTS: usize = 512;
/// Most drafts of one account.
const OWN_DRAFTS: usize = 4;
/// Most bytes of letters kept.
const LETTER_BYTES: usize = 128 * 1024 * 1024;
/// A draft is forgotten after this long, ms.
const DRAFT_MS: u64 = 4 * 3_600_000;

/// Answers as typed, step by step.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Basis, code.
    pub basis: String,
    /// Case number.
    pub case_number: String,
    /// Unit.
    pub unit: String,
    /// Purpose.
    pub purpose: String,
    /// Camera ids.
    pub cameras: Vec<String>,
    /// From, as typed.
    pub from: String,
    /// To, as typed.
    pub to: String,
    /// Copy wanted.
    pub want_copy: bool,
    /// Badge of the first officer as typed.
    pub badge: String,
    /// Login name of the second.
    pub second_officer: String,
    /// Badge of the second.
    pub second_badge: String,
    /// Number of the unit letter.
    pub letter_number: String,
    /// Its file name.
    pub letter_file: String,
    /// The letter.
    pub letter: Bytes,
}

struct Kept {
    owner: AccountId,
    at: MonoMs,
    draft: Draft,
}

/// All drafts.
#[derive(Default)]
pub struct Drafts(Mutex<HashMap<String, Kept>>);

impl Drafts {
    /// The draft `id` of `owner`.
    pub fn get(&self, id: &str, owner: AccountId, now: MonoMs) -> Option<Draft> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = drafts.get(id).filter(|k| k.owner == owner && now.since(k.at) < DRAFT_MS)?;
        Some(kept.draft.clone())
    }

    /// Keeps a draft.
    pub fn put(&self, id: &str, owner: AccountId, draft: Draft, now: MonoMs) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|_, k| now.since(k.at) < DRAFT_MS);
        drafts.remove(id);
        while drafts.values().filter(|k| k.owner == owner).count() >= OWN_DRAFTS {
            let own = drafts.iter().filter(|(_, k)| k.owner == owner);
            let oldest = own.min_by_key(|(_, k)| k.at).map(|(id, _)| id.clone());
            drafts.remove(&oldest.unwrap_or_default());
        }
        let letters = |all: &HashMap<String, Kept>| all.values().map(|k| k.draft.letter.len()).sum::<usize>();
        while drafts.len() >= DRAFTS || (!drafts.is_empty() && letters(&drafts) + draft.letter.len() > LETTER_BYTES) {
            let oldest = drafts.iter().min_by_key(|(_, k)| k.at).map(|(id, _)| id.clone());
            drafts.remove(&oldest.unwrap_or_default());
        }
        drafts.insert(id.to_owned(), Kept { owner, at: now, draft });
    }

    /// Forgets a draft that was sent.
    pub fn remove(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_its_owners_and_ends() {
        let drafts = Drafts::default();
        let (me, other) = (AccountId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
        drafts.put("d", me, Draft { purpose: "p".into(), ..Draft::default() }, MonoMs(0));
        assert_eq!(drafts.get("d", me, MonoMs(1)).map(|d| d.purpose), Some("p".into()));
        assert!(drafts.get("d", other, MonoMs(1)).is_none());
        assert!(drafts.get("d", me, MonoMs(DRAFT_MS)).is_none());
        drafts.remove("d");
        assert!(drafts.get("d", me, MonoMs(1)).is_none());
    }

    fn account(n: u64) -> AccountId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        AccountId::from_bytes(bytes)
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let drafts = Drafts::default();
        for n in 0..=DRAFTS as u64 {
            drafts.put(&n.to_string(), account(n), Draft::default(), MonoMs(n));
        }
        assert!(drafts.get("0", account(0), MonoMs(600)).is_none());
        assert!(drafts.get("1", account(1), MonoMs(600)).is_some());
        assert_eq!(drafts.0.lock().unwrap().len(), DRAFTS);
    }

    #[test]
    fn nobody_pushes_out_the_drafts_of_others() {
        let drafts = Drafts::default();
        drafts.put("other", account(1), Draft::default(), MonoMs(0));
        for n in 0..2 * DRAFTS as u64 {
            drafts.put(&n.to_string(), account(2), Draft::default(), MonoMs(1 + n));
        }
        assert!(drafts.get("other", account(1), MonoMs(2_000)).is_some());
        assert_eq!(drafts.0.lock().unwrap().len(), 1 + OWN_DRAFTS);
    }

    #[test]
    fn letters_have_a_limit_in_all() {
        let drafts = Drafts::default();
        let letter = Bytes::from(vec![0; LETTER_BYTES / 4]);
        for n in 0..5_u64 {
            drafts.put(&n.to_string(), account(n), Draft { letter: letter.clone(), ..Draft::default() }, MonoMs(n));
        }
        assert!(drafts.get("0", account(0), MonoMs(9)).is_none());
        assert!(drafts.get("1", account(1), MonoMs(9)).is_some());
    }
}
