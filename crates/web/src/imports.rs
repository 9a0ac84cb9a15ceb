//! Files of accounts between upload and confirmation. In memory only, and of its uploader only: it holds names.
//!
//! Invariants: one file an account, at most `FILES`; a file older than `FILE_MS` is gone; the oldest makes room.

use axum::body::Bytes;
use base::{AccountId, MonoMs};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Most files kept, of at most `domain::account::import::BYTES` each.
const FILES: usize = 16;
/// A file is forgotten after this long, ms.
const FILE_MS: u64 = 15 * 60_000;

/// All files.
#[derive(Default)]
pub(crate) struct Imports(Mutex<HashMap<AccountId, (MonoMs, Bytes)>>);

impl Imports {
    /// Keeps the file of an account in place of the one before.
    pub(crate) fn put(&self, owner: AccountId, file: Bytes, now: MonoMs) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, _)| now.0.saturating_sub(at.0) < FILE_MS);
        all.remove(&owner);
        if all.len() >= FILES
            && let Some(oldest) = all.iter().min_by_key(|(_, (at, _))| at.0).map(|(id, _)| *id)
        {
            all.remove(&oldest);
        }
        all.insert(owner, (now, file));
    }

    /// The file of an account; it stays.
    pub(crate) fn get(&self, owner: AccountId, now: MonoMs) -> Option<Bytes> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&owner).filter(|(at, _)| now.0.saturating_sub(at.0) < FILE_MS).map(|(_, file)| file.clone())
    }

    /// Forgets the file of an account.
    pub(crate) fn forget(&self, owner: AccountId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(n: u8) -> AccountId {
        AccountId::new(1, [n; 10])
    }

    #[test]
    fn a_file_is_found_by_its_uploader_in_time_and_the_oldest_makes_room() {
        let imports = Imports::default();
        for n in 0..=u8::try_from(FILES).unwrap() {
            imports.put(account(n), Bytes::from(vec![n]), MonoMs(u64::from(n)));
        }
        assert!(imports.get(account(0), MonoMs(20)).is_none(), "the oldest made room");
        assert_eq!(imports.get(account(1), MonoMs(20)).unwrap(), vec![1]);
        assert_eq!(imports.get(account(1), MonoMs(FILE_MS)).unwrap(), vec![1]);
        assert!(imports.get(account(1), MonoMs(FILE_MS + 1)).is_none());
        imports.forget(account(2));
        assert!(imports.get(account(2), MonoMs(20)).is_none() && imports.get(account(99), MonoMs(20)).is_none());
    }
}
