//! Drafts of requests to use information, between two steps of the form. In memory only: nothing is asked for until it is sent.
//!
//! Invariants: a draft is found only by the account that made it; at most `DRAFTS` with `LETTER_BYTES` of letters are kept, the
//! oldest goes first; a draft older than `DRAFT_MS` is gone.

use axum::body::Bytes;
use base::{AccountId, MonoMs};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most drafts kept.
const DRAFTS: usize = 512;
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

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let drafts = Drafts::default();
        let me = AccountId::from_bytes([1; 16]);
        for n in 0..=DRAFTS as u64 {
            drafts.put(&n.to_string(), me, Draft::default(), MonoMs(n));
        }
        assert!(drafts.get("0", me, MonoMs(600)).is_none());
        assert!(drafts.get("1", me, MonoMs(600)).is_some());
        assert_eq!(drafts.0.lock().unwrap().len(), DRAFTS);
    }

    #[test]
    fn letters_have_a_limit_in_all() {
        let drafts = Drafts::default();
        let me = AccountId::from_bytes([1; 16]);
        let letter = Bytes::from(vec![0; LETTER_BYTES / 4]);
        for n in 0..5_u64 {
            drafts.put(&n.to_string(), me, Draft { letter: letter.clone(), ..Draft::default() }, MonoMs(n));
        }
        assert!(drafts.get("0", me, MonoMs(9)).is_none());
        assert!(drafts.get("1", me, MonoMs(9)).is_some());
    }
}
