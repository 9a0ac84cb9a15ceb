//! Plans of films, kept so that the byte ranges of one film need one planning. Bounded by number and by memory.

use super::film::FilmPlan;
use super::seen::Seen;
use base::{CameraId, UtcMs};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Most plans kept.
const PLANS: usize = 64;
/// Most bytes of plans kept; the newest one stays even when it alone is larger.
const PLAN_BYTES: usize = 128 * 1024 * 1024;
/// Plannings at once: each decodes up to four hours of frame tables.
const TURNS: usize = 2;

/// Camera, from, and the end: the one asked for, or of the newest fragment where the range reaches into now. What lies before
/// the newest fragment never changes, so the key names the content.
type Key = (CameraId, UtcMs, UtcMs);

/// Plans, the least recently used go first; also what was entered in the log as seen.
pub struct PlanCache {
    kept: Mutex<Kept>,
    turns: Semaphore,
    seen: Seen,
}

#[derive(Default)]
struct Kept {
    plans: HashMap<Key, (u64, Arc<FilmPlan>)>,
    bytes: usize,
    clock: u64,
}

impl Default for PlanCache {
    fn default() -> Self {
        Self { kept: Mutex::default(), turns: Semaphore::new(TURNS), seen: Seen::default() }
    }
}

impl PlanCache {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<FilmPlan>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        let (used, plan) = kept.plans.get_mut(key)?;
        *used = clock;
        Some(plan.clone())
    }

    pub(super) fn put(&self, key: Key, plan: Arc<FilmPlan>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        kept.bytes += plan.weight_bytes;
        if let Some((_, old)) = kept.plans.insert(key, (clock, plan)) {
            kept.bytes = kept.bytes.saturating_sub(old.weight_bytes);
        }
        while kept.plans.len() > 1 && (kept.plans.len() > PLANS || kept.bytes > PLAN_BYTES) {
            let Some(oldest) = kept.plans.iter().min_by_key(|(_, (used, _))| *used).map(|(k, _)| *k) else { return };
            if let Some((_, old)) = kept.plans.remove(&oldest) {
                kept.bytes = kept.bytes.saturating_sub(old.weight_bytes);
            }
        }
    }

    /// What was entered in the log as seen.
    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Waits until planning may begin.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).plans.len()
    }
}
