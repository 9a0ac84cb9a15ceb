//! `jifang check`: rows, containers and ledger against each other, while recording goes on and without any other server.
//!
//! ```text
//! containers   every file, fragment by fragment with the normal parser, against its rows      (containers)
//! footage      numbers and times of each camera: nothing missing that no gap or deletion tells (timeline)
//! ledger       its own audit, then every entry against the row it speaks of, and back         (entries)
//! rows         references between rows                                                        (references)
//! scrub        the same comparison, container by container, beside recording and for ever      (scrub)
//! ```
//!
//! What is being written now is not a fault: rows are read first, files only as far as those rows reach, and what looks missing
//! is asked for once more at the end. Nothing is changed. Memory holds one container and some bytes a container, not the log.

mod containers;
mod entries;
mod references;
pub mod scrub;
mod timeline;

pub(crate) use containers::container_faults;

use crate::{Store, StoreError};
use base::{CameraId, ContainerId, Sha256, Text};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most faults listed; the count goes on.
pub const CHECK_FAULTS: usize = 1_000;

/// One thing that does not fit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CheckFault {
    /// Stable word, e.g. `container_missing`.
    pub code: &'static str,
    /// What is wrong, one sentence.
    pub what: Text,
    /// File, row or entry.
    pub place: String,
}

/// What a check found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct CheckReport {
    /// Containers read.
    pub containers: u64,
    /// Containers on disks that are away: not read, and no fault.
    pub away: u64,
    /// Fragments compared with their rows.
    pub fragments: u64,
    /// Bytes of footage read.
    pub bytes: u64,
    /// Spans compared with their entries.
    pub spans: u64,
    /// Closed gaps compared with their entries.
    pub gaps: u64,
    /// Ledger entries read.
    pub entries: u64,
    /// Lines of the log compared with their entries.
    pub acts: u64,
    /// Containers deleted after their term, with their proof.
    pub deleted: u64,
    /// Declared losses of footage, with their entries.
    pub lost: u64,
    /// What is wrong, at most `CHECK_FAULTS`.
    pub faults: Vec<CheckFault>,
    /// How many faults there are, also those not listed.
    pub fault_count: u64,
}

impl CheckReport {
    /// True when nothing is wrong.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.fault_count == 0
    }

    fn fault(&mut self, code: &'static str, place: impl Into<String>, zh: &str, en: &str) {
        self.fault_count += 1;
        if self.faults.len() < CHECK_FAULTS {
            self.faults.push(CheckFault { code, what: Text::of(zh, en), place: place.into() });
        }
    }
}

/// For a terminal: what was looked at, then each fault in both languages.
impl std::fmt::Display for CheckReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} containers · {} fragments · {} bytes · {} spans · {} gaps · {} entries · {} acts · {} deleted · {} lost · {} away",
            self.containers,
            self.fragments,
            self.bytes,
            self.spans,
            self.gaps,
            self.entries,
            self.acts,
            self.deleted,
            self.lost,
            self.away
        )?;
        for fault in &self.faults {
            writeln!(f, "{} [{}] {} / {}", fault.code, fault.place, fault.what.zh, fault.what.en)?;
        }
        match self.fault_count {
            0 => write!(f, "记录、录像文件与日志一致。 / Rows, containers and ledger agree."),
            n => write!(f, "发现 {n} 处不一致。 / {n} {} found.", base::plural(n, "fault", "faults")),
        }
    }
}

/// Numbers of fragments, from the first to the last.
type Numbers = (u64, u64);

/// What the parts of a check tell each other.
#[derive(Default)]
struct Findings {
    /// Sealed containers and what their seal must say; taken out when the entry is found.
    unproven_seals: HashMap<ContainerId, (u64, Sha256)>,
    /// Containers whose rows say deleted; taken out when the entry is found.
    unproven_deletions: HashSet<ContainerId>,
    /// Fragment numbers of each camera that no container holds: from, to, inclusive.
    missing_numbers: Vec<(CameraId, Numbers)>,
    /// Fragment numbers that the ledger knows of containers deleted since.
    deleted_numbers: BTreeMap<CameraId, Vec<Numbers>>,
}

impl Store {
    /// Checks everything; `progress` is told bytes done and bytes in all, footage and then the ledger's part being short.
    ///
    /// # Errors
    /// The database or the disk fails; what does not fit is in the report.
    pub async fn check(&self, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        let mut found = Findings::default();
        let suspects = self.files_without_rows().await?;
        self.check_containers(&mut report, &mut found, progress).await?;
        self.check_deleted_rows(&mut found).await?;
        self.flush_ledger().await?;
        self.check_entries(&mut report, &mut found).await?;
        self.check_losses(&mut report).await?;
        found.tell(&mut report);
        self.check_references(&mut report).await?;
        self.check_pending(&mut report).await?;
        self.check_leftovers(suspects, &mut report).await?;
        Ok(report)
    }
}

impl Findings {
    /// What is still unexplained after the last part.
    fn tell(&self, report: &mut CheckReport) {
        for id in self.unproven_seals.keys() {
            report.fault(
                "seal_missing",
                id.to_string(),
                "录像文件已封口，但日志中没有封口记录。",
                "The container is sealed, but the log has no entry of it.",
            );
        }
        for id in &self.unproven_deletions {
            report.fault(
                "deletion_without_entry",
                id.to_string(),
                "录像已标记为删除，但日志中没有删除记录。",
                "The footage is marked as deleted, but the log has no entry of the deletion.",
            );
        }
        for (camera, (from, to)) in &self.missing_numbers {
            let ranges = self.deleted_numbers.get(camera).map_or(&[][..], Vec::as_slice);
            if !covered(ranges, (*from, *to)) {
                report.fault(
                    "fragments_missing",
                    format!("camera {camera}, fragments {from} to {to}"),
                    "录像片段缺失，且没有依法删除的记录。",
                    "Fragments are missing, and no lawful deletion explains it.",
                );
            }
        }
    }
}

/// True when the ranges together hold every number of `want`.
fn covered(ranges: &[Numbers], want: Numbers) -> bool {
    let mut ranges = ranges.to_vec();
    ranges.sort_unstable();
    let mut next = want.0;
    for (from, to) in ranges {
        if from > next {
            break;
        }
        next = next.max(to.saturating_add(1));
    }
    next > want.1
}

/// Adds a range, joined to the last one where it follows it.
fn add_range(ranges: &mut Vec<Numbers>, (from, to): Numbers) {
    match ranges.last_mut() {
        Some(last) if from >= last.0 && from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
        _ => ranges.push((from, to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_join_and_cover() {
        let mut ranges = Vec::new();
        for range in [(0, 4), (5, 9), (20, 29), (25, 30)] {
            add_range(&mut ranges, range);
        }
        assert_eq!(ranges, vec![(0, 9), (20, 30)]);
        assert!(covered(&ranges, (0, 9)) && covered(&ranges, (3, 3)) && covered(&ranges, (20, 30)));
        assert!(!covered(&ranges, (0, 10)) && !covered(&ranges, (10, 19)) && !covered(&ranges, (19, 20)));
        assert!(covered(&[(5, 9), (0, 4)], (0, 9)) && !covered(&[], (0, 0)));
    }

    #[test]
    fn the_list_is_bounded_and_the_count_is_not() {
        let mut report = CheckReport::default();
        for i in 0..CHECK_FAULTS + 5 {
            report.fault("x", i.to_string(), "错", "wrong");
        }
        assert_eq!((report.faults.len(), report.fault_count), (CHECK_FAULTS, CHECK_FAULTS as u64 + 5));
        assert!(!report.holds());
    }
}
