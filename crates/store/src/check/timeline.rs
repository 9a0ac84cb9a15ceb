//! The footage of one camera in order: numbers without a hole, and no silence that no gap tells of.

use super::{CheckReport, Findings};
use crate::footage::Frag;
use crate::{Store, StoreError};
use base::{CameraId, UtcMs};
use domain::recording::GAP_MIN_MS;

/// Silences of one question to the gap rows.
const PAGE: usize = 256;

/// What was seen of a camera so far.
pub(super) struct Line {
    camera: CameraId,
    /// Newest number when the look began: what is recorded meanwhile may be seen in part only.
    newest: u64,
    next_seq: u64,
    end: Option<UtcMs>,
    /// Numbers that no container holds.
    jumps: Vec<(u64, u64)>,
    /// Numbers that come again or go back.
    backwards: Vec<u64>,
    /// Times between two fragments of consecutive numbers.
    silences: Vec<(UtcMs, UtcMs)>,
}

impl Line {
    pub(super) const fn new(camera: CameraId, newest: u64) -> Self {
        Self { camera, newest, next_seq: 0, end: None, jumps: Vec::new(), backwards: Vec::new(), silences: Vec::new() }
    }

    pub(super) fn take(&mut self, frag: &Frag) {
        if frag.seq > self.newest {
            return;
        }
        if frag.seq < self.next_seq {
            self.backwards.push(frag.seq);
        } else if frag.seq > self.next_seq {
            self.jumps.push((self.next_seq, frag.seq - 1));
        } else if let Some(end) = self.end
            && frag.start.since(end) > GAP_MIN_MS
        {
            self.silences.push((end, frag.start));
        }
        self.next_seq = self.next_seq.max(frag.seq.saturating_add(1));
        self.end = Some(frag.end());
    }

    /// Asks for the gaps; jumps wait for what the ledger knows of deletions.
    pub(super) async fn end(
        self,
        store: &Store,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        let camera = self.camera;
        found.missing_numbers.extend(self.jumps.into_iter().map(|jump| (camera, jump)));
        for seq in self.backwards {
            report.fault(
                "fragments_order",
                format!("camera {camera}, fragment {seq}"),
                "片段编号重复或倒退。",
                "The number of this fragment comes twice or goes back.",
            );
        }
        for page in self.silences.chunks(PAGE) {
            let (Some(first), Some(last)) = (page.first(), page.last()) else { continue };
            let gaps = store.gaps(camera, first.0, last.1.plus_ms(1)).await?;
            let gaps: Vec<_> = gaps.iter().map(|g| (g.from, g.to.unwrap_or(UtcMs(i64::MAX)))).collect();
            for (from, to) in page.iter().filter(|(from, to)| !told(&gaps, *from, *to)) {
                report.fault(
                    "undisclosed_gap",
                    format!("camera {camera}, {} to {}", from.rfc3339(), to.rfc3339()),
                    "录像有一段缺失，但没有登记缺口。",
                    "Footage is missing here and no gap says so.",
                );
            }
        }
        Ok(())
    }
}

/// True when the gaps (in order of their begin) leave nothing longer than `GAP_MIN_MS` of the silence untold.
fn told(gaps: &[(UtcMs, UtcMs)], from: UtcMs, to: UtcMs) -> bool {
    let mut at = from;
    for (gap_from, gap_to) in gaps {
        if gap_from.since(at) > GAP_MIN_MS {
            break;
        }
        at = at.max(*gap_to);
    }
    to.since(at) <= GAP_MIN_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_by_one_gap_or_by_several() {
        let t = |from, to| (UtcMs(from), UtcMs(to));
        let silence = t(1_000, 9_000);
        let cases: [(&[(UtcMs, UtcMs)], bool); 6] = [
            (&[t(1_000, 9_000)], true),
            (&[t(1_400, 8_600)], true),
            (&[t(1_401, 9_000)], false),
            (&[t(1_000, 8_599)], false),
            (&[t(0, 5_000), t(5_000, 9_000)], true),
            (&[], false),
        ];
        for (gaps, want) in cases {
            assert_eq!(told(gaps, silence.0, silence.1), want, "{gaps:?}");
        }
    }
}
