//! Collects what an export holds: fragments by container, and a reason for every second without them.

use super::{ExportError, Job};
use crate::Site;
use base::{CameraId, Text, UtcMs};
use domain::evidence::{AbsentBody, GapFacts, KIND_ABSENT, Range, Slice};
use domain::recording::GapCause;
use domain::recording::entry::FragmentBody;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::cameras::CameraRow;
use store::footage::ContainerHead;
use store::footage::read::{GapRow, Located};
use store::ledger_log::{ActLine, Outcome};

/// Footage is read from the rows in windows of this length, ms: frame tables of one window are in memory at once.
const WINDOW_MS: i64 = 30 * 60_000;
/// Longest wait for the last fragments to be written and committed, s.
const WAIT_S: u64 = 60;

/// Fragments of one container, and where they lie.
pub(super) struct Cut {
    pub(super) slice: Slice,
    pub(super) head: Arc<ContainerHead>,
    /// Offset and length in the container, joined where they touch.
    pub(super) places: Vec<(u64, u64)>,
    /// Pictures of each fragment, by its number.
    pub(super) pictures: HashMap<u64, u32>,
}

/// What one camera adds to an export.
pub(super) struct Collected {
    pub(super) camera: CameraRow,
    pub(super) cuts: Vec<Cut>,
    pub(super) gaps: Vec<GapFacts>,
    /// Newest measured clock error and when.
    pub(super) clock: Option<(i32, UtcMs)>,
}

impl Collected {
    pub(super) fn bytes(&self) -> u64 {
        self.cuts.iter().map(|c| c.head.init.len() as u64 + c.places.iter().map(|p| p.1).sum::<u64>()).sum()
    }
}

/// Collects one camera; waits for what is just being recorded.
pub(super) async fn collect(site: &Site, job: &Job, camera: CameraId) -> Result<Collected, ExportError> {
    let row = site.store().camera(camera).await?.ok_or(ExportError::Missing("camera"))?;
    let range = job.range;
    wait_recorded(site, camera, range.to_utc_ms).await?;
    let mut out = Collected { camera: row, cuts: Vec::new(), gaps: Vec::new(), clock: None };
    let (mut at, mut last_seq) = (range.from_utc_ms, None);
    while at < range.to_utc_ms {
        let end = at.plus_ms(WINDOW_MS).min(range.to_utc_ms);
        for located in committed(site, camera, at, end).await? {
            let touches = located.frag.end() > range.from_utc_ms && located.frag.start < range.to_utc_ms;
            if touches && last_seq.is_none_or(|seq| located.frag.seq > seq) {
                last_seq = Some(located.frag.seq);
                out.add(located)?;
            }
        }
        at = end;
    }
    out.gaps = gaps(site, &out, range).await?;
    Ok(out)
}

impl Collected {
    fn add(&mut self, located: Located) -> Result<(), ExportError> {
        let Located { head, frag, leaf } = located;
        let leaf = leaf.ok_or(ExportError::NotCommitted)?;
        if let Some(error) = frag.clock_error_ms {
            self.clock = Some((error, frag.start));
        }
        let body = FragmentBody {
            seq: frag.seq,
            start_utc_ms: frag.start,
            duration_90k: frag.duration_90k,
            bytes: frag.bytes,
            sha256: frag.sha256,
        };
        if self.cuts.last().is_none_or(|c| c.head.id != head.id) {
            let slice =
                Slice { camera: head.camera, container: head.id, init_sha256: head.init_sha256, fragments: Vec::new() };
            self.cuts.push(Cut { slice, head, places: Vec::new(), pictures: HashMap::new() });
        }
        let Some(cut) = self.cuts.last_mut() else { return Ok(()) };
        cut.pictures.insert(frag.seq, u32::try_from(frag.table.video.len()).unwrap_or(u32::MAX));
        cut.slice.fragments.push((leaf, body));
        match cut.places.last_mut() {
            Some((offset, len)) if *offset + *len == frag.offset => *len += frag.bytes,
            _ => cut.places.push((frag.offset, frag.bytes)),
        }
        Ok(())
    }
}

/// Waits while a running camera has not yet written what was asked for: a fragment is up to ten seconds long.
async fn wait_recorded(site: &Site, camera: CameraId, to: UtcMs) -> Result<(), ExportError> {
    for _ in 0..WAIT_S * 2 {
        let recording = site.camera(camera).is_some_and(|c| c.state().is_recording());
        if !recording || site.store().footage_end(camera).await?.is_some_and(|end| end >= to) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

/// Fragments of a window, all with their place in the log.
async fn committed(site: &Site, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Vec<Located>, ExportError> {
    for _ in 0..WAIT_S * 2 {
        let list = site.store().fragments(camera, from, to).await?;
        if list.iter().all(|l| l.leaf.is_some()) {
            return Ok(list);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err(ExportError::NotCommitted)
}

/// Gaps of the log, and for what they leave open an entry `footage.absent` made now.
async fn gaps(site: &Site, found: &Collected, range: Range) -> Result<Vec<GapFacts>, ExportError> {
    let camera = found.camera.id;
    let rows = site.store().gaps(camera, range.from_utc_ms, range.to_utc_ms).await?;
    let mut out = Vec::new();
    for gap in &rows {
        if let (Some(to), Some(entry)) = (gap.to, gap.leaf) {
            let (from, to) = (gap.from.max(range.from_utc_ms), to.min(range.to_utc_ms));
            if from < to {
                let cause = gap.cause.code().to_owned();
                out.push(GapFacts { camera, from_utc_ms: from, to_utc_ms: to, cause, text: gap.cause.text(), entry });
            }
        }
    }
    let deleted = site.store().deleted_between(camera, range.from_utc_ms, range.to_utc_ms).await?;
    let away = site.store().footage_away(camera, range.from_utc_ms, range.to_utc_ms).await?;
    let fragments = found.cuts.iter().flat_map(|c| &c.slice.fragments);
    let footage = fragments.map(|(_, f)| Range {
        from_utc_ms: f.start_utc_ms,
        to_utc_ms: f.start_utc_ms.plus_ms(i64::from(f.duration_90k) / 90),
    });
    let declared = out.iter().map(|g| Range { from_utc_ms: g.from_utc_ms, to_utc_ms: g.to_utc_ms });
    for hole in range.uncovered(footage.chain(declared).collect()) {
        for (part, cause, text) in explain(hole, &found.camera, &rows, &deleted, &away) {
            let entry = log_absent(site, camera, part, &cause, &text).await?;
            out.push(GapFacts { camera, from_utc_ms: part.from_utc_ms, to_utc_ms: part.to_utc_ms, cause, text, entry });
        }
    }
    out.sort_by_key(|g| g.from_utc_ms);
    Ok(out)
}

/// Why nothing is there: before the camera, a gap that lasts, deleted after its term, or simply not recorded.
fn explain(
    hole: Range,
    camera: &CameraRow,
    gaps: &[GapRow],
    deleted: &[(UtcMs, UtcMs)],
    away: &[(UtcMs, UtcMs, String)],
) -> Vec<(Range, String, Text)> {
    let cut = camera.created.clamp(hole.from_utc_ms, hole.to_utc_ms);
    let before = Range { from_utc_ms: hole.from_utc_ms, to_utc_ms: cut };
    let after = Range { from_utc_ms: cut, to_utc_ms: hole.to_utc_ms };
    let touches = |from: UtcMs, to: UtcMs| from < after.to_utc_ms && to > after.from_utc_ms;
    let lasting = gaps.iter().find(|g| touches(g.from, g.to.unwrap_or(UtcMs(i64::MAX))));
    let (cause, text) = if away.iter().any(|a| touches(a.0, a.1)) {
        ("disk_away", Text::new("录像在一块未连接的磁盘上", "The footage lies on a disk that is not there now"))
    } else if let Some(gap) = lasting {
        (gap.cause.code(), gap.cause.text())
    } else if deleted.iter().any(|d| touches(d.0, d.1)) {
        ("deleted", Text::new("保存期满，已依法删除", "Deleted by law after its term"))
    } else if camera.removed.is_some_and(|at| at <= after.from_utc_ms) {
        (GapCause::Stopped.code(), GapCause::Stopped.text())
    } else {
        ("not_recorded", Text::new("没有录像，原因未记录", "Nothing was recorded and no cause is on record"))
    };
    let not_installed = ("not_installed", Text::new("摄像机尚未启用", "The camera was not yet in service"));
    [(before, not_installed.0, not_installed.1), (after, cause, text)]
        .into_iter()
        .filter(|(part, _, _)| part.from_utc_ms < part.to_utc_ms)
        .map(|(part, cause, text)| (part, cause.to_owned(), text))
        .collect()
}

async fn log_absent(site: &Site, camera: CameraId, part: Range, cause: &str, why: &Text) -> Result<u64, ExportError> {
    let (from_utc_ms, to_utc_ms) = (part.from_utc_ms, part.to_utc_ms);
    let body = AbsentBody { camera, from_utc_ms, to_utc_ms, cause: cause.to_owned() };
    let text = Text::of(
        format!("导出时确认 {} 至 {} 没有录像：{}。", from_utc_ms.desk(), to_utc_ms.desk(), why.zh),
        format!("For an export: no footage {} to {}: {}.", from_utc_ms.desk(), to_utc_ms.desk(), why.en),
    );
    let act =
        ActLine { outcome: Outcome::Done, account: None, camera: Some(camera), request: None, clauses: vec![], text };
    let body = serde_json::to_value(body).unwrap_or_default();
    Ok(site.store().log(KIND_ABSENT, site.now().utc, body, act).await?)
}
