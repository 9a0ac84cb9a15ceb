//! How far a stream has come: written by the receivers, read by signalling, which decides what that means.
//!
//! Invariants: times only grow; 0 means "not yet"; nothing here waits.

use base::MonoMs;
use std::sync::atomic::{AtomicU64, Ordering};

/// Times and counts of one stream. Times are process time, ms, plus one, so that 0 is "not yet".
#[derive(Debug, Default)]
pub(super) struct Progress {
    first_packet: AtomicU64,
    last_packet: AtomicU64,
    last_picture: AtomicU64,
    first_picture: AtomicU64,
}

impl Progress {
    /// A packet came.
    pub(super) fn packet(&self, now: MonoMs) {
        if self.last_packet.swap(now.0 + 1, Ordering::Relaxed) == 0 {
            self.first_packet.store(now.0 + 1, Ordering::Relaxed);
        }
    }

    /// A whole picture came.
    pub(super) fn picture(&self, now: MonoMs) {
        if self.last_picture.swap(now.0 + 1, Ordering::Relaxed) == 0 {
            self.first_picture.store(now.0 + 1, Ordering::Relaxed);
        }
    }

    /// When the first packet came.
    pub(super) fn first_packet(&self) -> Option<MonoMs> {
        read(&self.first_packet)
    }

    /// When the last packet came.
    pub(super) fn last_packet(&self) -> Option<MonoMs> {
        read(&self.last_packet)
    }

    /// When the first picture came.
    pub(super) fn first_picture(&self) -> Option<MonoMs> {
        read(&self.first_picture)
    }

    /// When the last picture came.
    pub(super) fn last_picture(&self) -> Option<MonoMs> {
        read(&self.last_picture)
    }

    /// Time since the last packet, ms; the longest possible before the first.
    pub(super) fn silent_ms(&self, now: MonoMs) -> u64 {
        self.last_packet().map_or(u64::MAX, |at| now.since(at))
    }
}

fn read(at: &AtomicU64) -> Option<MonoMs> {
    at.load(Ordering::Relaxed).checked_sub(1).map(MonoMs)
}
