//! The sample tables of one track while a playback file is planned: durations and offsets in runs, sizes and key pictures listed.
//!
//! Flow: `begin_chunk`, then `push` each of its samples; `boxes` writes `stts ctts stss stsc stsz stco|co64`.
//! Invariants: `duration` is always the sum of the sample durations; a duration never leaves 32 bits, and what does not fit is
//! reported by `duration` not growing.

use crate::boxes::BoxWriter;

/// Most samples of one chunk that callers may begin.
pub const CHUNK_SAMPLES: usize = 1 << 20;

/// Most samples made shorter at a time: some four seconds of sound.
const SHORTENED: usize = 32;

/// Tables of one track.
#[derive(Default, Debug)]
pub struct TrackTable {
    /// `(count, duration)`.
    durations: Vec<(u32, u32)>,
    /// `(count, composition offset)`.
    offsets: Vec<(u32, i32)>,
    sizes: Vec<u32>,
    /// Numbers of the key samples, from 1.
    keys: Vec<u32>,
    /// Offset from the first byte inside `mdat`.
    chunks: Vec<u64>,
    /// `(first chunk, samples of each from there)`.
    chunk_runs: Vec<(u32, u32)>,
    /// Sum of the durations, track ticks.
    pub duration: u64,
}

impl TrackTable {
    /// Samples so far.
    pub const fn len(&self) -> usize {
        self.sizes.len()
    }

    /// The next `samples` samples lie end to end from `offset` on.
    pub fn begin_chunk(&mut self, offset: u64, samples: usize) {
        self.chunks.push(offset);
        let samples = samples.min(CHUNK_SAMPLES) as u32;
        if self.chunk_runs.last().is_none_or(|(_, same)| *same != samples) {
            self.chunk_runs.push((self.chunks.len() as u32, samples));
        }
    }

    /// One sample.
    pub fn push(&mut self, size_bytes: u32, duration: u32, offset: i32, key: bool) {
        self.sizes.push(size_bytes);
        self.push_duration(duration);
        extend_run(&mut self.offsets, offset);
        if key {
            self.keys.push(self.sizes.len() as u32);
        }
    }

    /// Makes the last sample last `more` ticks longer, as far as 32 bits go. Without a sample nothing happens.
    pub fn lengthen_last(&mut self, more: u64) {
        let Some(now) = self.pop_duration() else { return };
        self.push_duration(u32::try_from(u64::from(now).saturating_add(more)).unwrap_or(u32::MAX));
    }

    /// Makes the last samples last `less` ticks shorter together, but each at least one tick and no more than `SHORTENED` of them.
    pub fn shorten_last(&mut self, less: u64) {
        let mut left = less;
        let mut shortened = Vec::new();
        while left > 0 && shortened.len() < SHORTENED {
            let Some(now) = self.pop_duration() else { break };
            let cut = left.min(u64::from(now.saturating_sub(1)));
            left -= cut;
            shortened.push(now - cut as u32);
        }
        shortened.into_iter().rev().for_each(|duration| self.push_duration(duration));
    }

    fn pop_duration(&mut self) -> Option<u32> {
        let (count, now) = self.durations.pop()?;
        if count > 1 {
            self.durations.push((count - 1, now));
        }
        self.duration -= u64::from(now);
        Some(now)
    }

    fn push_duration(&mut self, duration: u32) {
        self.duration += u64::from(duration);
        extend_run(&mut self.durations, duration);
    }

    /// Writes the tables after `stsd`. Chunk offsets are relative; gives where they begin in the writer's bytes.
    pub fn boxes(&self, w: &mut BoxWriter, wide: bool) -> usize {
        w.full(b"stts", 0, 0, |w| {
            w.u32(self.durations.len() as u32);
            self.durations.iter().for_each(|(count, duration)| {
                w.u32(*count);
                w.u32(*duration);
            });
        });
        if self.offsets.iter().any(|(_, offset)| *offset != 0) {
            w.full(b"ctts", 1, 0, |w| {
                w.u32(self.offsets.len() as u32);
                self.offsets.iter().for_each(|(count, offset)| {
                    w.u32(*count);
                    w.u32(offset.cast_unsigned());
                });
            });
        }
        if self.keys.len() != self.sizes.len() {
            w.full(b"stss", 0, 0, |w| list(w, &self.keys));
        }
        w.full(b"stsc", 0, 0, |w| {
            w.u32(self.chunk_runs.len() as u32);
            self.chunk_runs.iter().for_each(|(first, samples)| {
                w.u32(*first);
                w.u32(*samples);
                w.u32(1);
            });
        });
        w.full(b"stsz", 0, 0, |w| {
            w.u32(0);
            list(w, &self.sizes);
        });
        let mut at = 0;
        w.full(if wide { b"co64" } else { b"stco" }, 0, 0, |w| {
            w.u32(self.chunks.len() as u32);
            at = w.out.len();
            w.zeros(self.chunks.len() * if wide { 8 } else { 4 });
        });
        at
    }

    /// Fills in the chunk offsets at `at` once it is known where the inside of `mdat` begins.
    pub fn fill_chunks(&self, out: &mut [u8], at: usize, wide: bool, base: u64) {
        let width = if wide { 8 } else { 4 };
        let places = out[at..].chunks_exact_mut(width);
        for (place, offset) in places.zip(&self.chunks) {
            place.copy_from_slice(&(offset + base).to_be_bytes()[8 - width..]);
        }
    }
}

fn extend_run<T: PartialEq>(runs: &mut Vec<(u32, T)>, value: T) {
    match runs.last_mut() {
        Some((count, same)) if *same == value => *count += 1,
        _ => runs.push((1, value)),
    }
}

fn list(w: &mut BoxWriter, values: &[u32]) {
    w.u32(values.len() as u32);
    w.out.reserve(values.len() * 4);
    values.iter().for_each(|v| w.u32(*v));
}
