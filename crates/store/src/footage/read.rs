//! Reading footage: which fragments cover a range, what the timeline shows, how many days each camera has.
//!
//! Rows and the uncommitted tail are read as one; the caller never knows which is which.

use super::{ContainerHead, Frag, index};
use crate::db::{DbError, Row};
use crate::{Store, args};
use base::{CameraId, ContainerId, HoldId, RequestId, Sha256, UtcMs};
use domain::recording::GapCause;
use std::collections::HashMap;
use std::sync::Arc;

/// Most spans one question may touch: a week of one camera.
const MAX_SPANS: i64 = 70_000;

/// Most fragments or spans gone back for a key picture: minutes of one group of pictures.
const MAX_BACK: usize = 64;

/// A fragment, where it lies, and its place in the ledger.
#[derive(Clone, Debug)]
pub struct Located {
    /// Its container.
    pub head: Arc<ContainerHead>,
    /// The fragment.
    pub frag: Frag,
    /// Index of the ledger entry that commits it; `None` until then (about ten seconds).
    pub leaf: Option<u64>,
}

/// Time without footage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GapRow {
    /// From.
    pub from: UtcMs,
    /// To; `None` while it lasts.
    pub to: Option<UtcMs>,
    /// Why.
    pub cause: GapCause,
    /// Index of its ledger entry, once closed.
    pub leaf: Option<u64>,
}

/// A hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoldRow {
    /// Its id.
    pub id: HoldId,
    /// Whose footage.
    pub camera: CameraId,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Why.
    pub reason: String,
    /// The request behind it; `None` for one that was placed by hand.
    pub request: Option<RequestId>,
}

/// What the timeline draws.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    /// Stretches of footage, merged, without the gaps.
    pub footage: Vec<(UtcMs, UtcMs)>,
    /// Gaps.
    pub gaps: Vec<GapRow>,
    /// Holds.
    pub holds: Vec<HoldRow>,
    /// Footage on disks that are away: neither a gap nor deleted. From, to, name of the disk.
    pub away: Vec<(UtcMs, UtcMs, String)>,
}

/// What one camera has on the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stock {
    /// Oldest footage.
    pub oldest: Option<UtcMs>,
    /// Newest footage.
    pub newest: Option<UtcMs>,
    /// Bytes.
    pub bytes: u64,
    /// Containers.
    pub containers: u64,
}

/// Columns of the spans of camera $1 that touch [$2, $3). Spans follow each other in time as in number, so the index on their
/// ends finds the first and the last number; everything between is read by primary key. Asking `end_ms > $2 AND start_ms < $3`
/// alone would walk over all newer footage of the camera.
macro_rules! spans_between {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM span WHERE camera = $1 AND start_ms < $3 \
             AND first_seq >= (SELECT first_seq FROM span WHERE camera = $1 AND end_ms > $2 ORDER BY end_ms LIMIT 1) \
             AND first_seq <= COALESCE((SELECT first_seq FROM span WHERE camera = $1 AND end_ms >= $3 ORDER BY end_ms LIMIT 1), \
             9223372036854775807) ",
            $rest
        )
    };
}
pub(crate) use spans_between;

impl Store {
    /// Fragments of `camera` that touch [from, to), oldest first, together with the key picture before `from` that they need.
    ///
    /// # Errors
    /// The database, or an index column that cannot be read.
    pub async fn fragments(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Vec<Located>, DbError> {
        // The tail first: what is committed between the two questions is then seen twice, not missed.
        let tail = self.tail.overlapping(camera, from, to);
        let rows = self
            .db
            .rows(
                spans_between!("container, leaf, frags", "ORDER BY first_seq LIMIT $4"),
                args![camera, from, to, MAX_SPANS],
            )
            .await?;
        let mut heads: HashMap<ContainerId, Arc<ContainerHead>> = HashMap::new();
        let mut out = Vec::new();
        for row in rows {
            let id = row.read(0, ContainerId::parse)?;
            let head = match heads.get(&id) {
                Some(head) => head.clone(),
                None => {
                    let Some(head) = self.container_head(id).await? else { continue };
                    heads.entry(id).or_insert(Arc::new(head)).clone()
                }
            };
            // Footage on a disk that is away cannot be shown now; `footage_away` tells of it.
            if !self.disks.is_here(&head.path) {
                continue;
            }
            let leaf = u64::try_from(row.int(1)?).ok();
            let frags = index::decode(&row.blob(2)?).unwrap_or_default();
            let first = first_needed(&frags, from);
            out.extend(frags.into_iter().skip(first).filter(|f| f.start < to).map(|frag| Located {
                head: head.clone(),
                frag,
                leaf,
            }));
        }
        let last = out.last().map(|l: &Located| l.frag.seq);
        let fresh = tail.into_iter().filter(|(_, f)| last.is_none_or(|seq| f.seq > seq));
        out.extend(fresh.map(|(head, frag)| Located { head, frag, leaf: None }));
        self.back_to_key(camera, &mut out).await?;
        Ok(out)
    }

    /// Puts what the first picture needs before it: a group of pictures too long for one fragment may begin spans earlier.
    async fn back_to_key(&self, camera: CameraId, out: &mut Vec<Located>) -> Result<(), DbError> {
        for _ in 0..MAX_BACK {
            let Some(first) = out.first().filter(|l| !l.frag.key && l.frag.continues) else { break };
            let (container, seq) = (first.head.id, first.frag.seq);
            let before = match self.tail.before(camera, seq) {
                Some((head, frag)) => vec![Located { head, frag, leaf: None }],
                None => self.span_before(camera, seq, &first.head).await?,
            };
            // Only the unbroken run of the same container helps a decoder.
            let joins = before.last().is_some_and(|l| l.head.id == container && l.frag.seq + 1 == seq);
            if !joins {
                break;
            }
            let key = before.iter().rposition(|l| l.frag.key).unwrap_or(0);
            out.splice(0..0, before.into_iter().skip(key));
        }
        Ok(())
    }

    /// The span that ends before fragment `seq`, if it lies in the same container.
    async fn span_before(
        &self,
        camera: CameraId,
        seq: u64,
        head: &Arc<ContainerHead>,
    ) -> Result<Vec<Located>, DbError> {
        let sql = "SELECT container, leaf, frags FROM span WHERE camera = $1 AND first_seq < $2 \
                   ORDER BY first_seq DESC LIMIT 1";
        let Some(row) = self.db.row(sql, args![camera, seq]).await? else { return Ok(Vec::new()) };
        if row.read(0, ContainerId::parse)? != head.id {
            return Ok(Vec::new());
        }
        let leaf = u64::try_from(row.int(1)?).ok();
        let frags = index::decode(&row.blob(2)?).unwrap_or_default();
        let earlier = frags.into_iter().filter(|f| f.seq < seq);
        Ok(earlier.map(|frag| Located { head: head.clone(), frag, leaf }).collect())
    }

    /// A container that still exists.
    ///
    /// # Errors
    /// The database.
    pub async fn container_head(&self, id: ContainerId) -> Result<Option<ContainerHead>, DbError> {
        let sql = "SELECT id, camera, path, start_ms, codec, init FROM container WHERE id = $1 AND deleted_ms IS NULL";
        self.db.row(sql, args![id]).await?.map(|r| head_of(&r)).transpose()
    }

    /// What the timeline of a camera draws between two instants.
    ///
    /// # Errors
    /// The database.
    pub async fn timeline(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Timeline, DbError> {
        let tail_end = self.tail.end(camera);
        let rows = self
            .db
            .rows(
                "SELECT start_ms, end_ms, sealed_ms, path FROM container WHERE camera = $1 AND deleted_ms IS NULL \
                 AND (end_ms > $2 OR sealed_ms IS NULL) AND start_ms < $3 ORDER BY start_ms",
                args![camera, from, to],
            )
            .await?;
        let mut spans = Vec::new();
        for row in rows {
            let (start, mut end) = (UtcMs(row.int(0)?), UtcMs(row.int(1)?));
            if !self.disks.is_here(&row.text(3)?) {
                continue;
            }
            if row.int_opt(2)?.is_none() {
                end = end.max(tail_end.unwrap_or(end));
            }
            spans.push((start, end));
        }
        for (_, frag) in self.tail.overlapping(camera, from, to) {
            spans.push((frag.start, frag.end()));
        }
        let gaps = self.gaps(camera, from, to).await?;
        let holds = self.holds_of(camera, from, to).await?;
        let away = self.footage_away(camera, from, to).await?;
        Ok(Timeline { footage: without_gaps(merge(spans), &gaps, from, to), gaps, holds, away })
    }

    /// Gaps of a camera that touch [from, to).
    ///
    /// # Errors
    /// The database.
    pub async fn gaps(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Vec<GapRow>, DbError> {
        let rows = self
            .db
            .rows(
                "SELECT from_ms, to_ms, cause, leaf FROM gap WHERE camera = $1 AND from_ms < $3 \
                 AND (to_ms IS NULL OR to_ms > $2) ORDER BY from_ms LIMIT 20000",
                args![camera, from, to],
            )
            .await?;
        rows.iter()
            .map(|r| {
                Ok(GapRow {
                    from: UtcMs(r.int(0)?),
                    to: r.int_opt(1)?.map(UtcMs),
                    cause: r.read(2, GapCause::parse)?,
                    leaf: r.int_opt(3)?.and_then(|n| u64::try_from(n).ok()),
                })
            })
            .collect()
    }

    /// Since when a camera's newest gap lasts, if it does.
    ///
    /// # Errors
    /// The database.
    pub async fn open_gap(&self, camera: CameraId) -> Result<Option<UtcMs>, DbError> {
        let sql = "SELECT MAX(from_ms) FROM gap WHERE camera = $1 AND to_ms IS NULL";
        let row = self.db.row(sql, args![camera]).await?;
        Ok(row.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs))
    }

    /// Holds in force on a camera that touch [from, to).
    ///
    /// # Errors
    /// The database.
    pub async fn holds_of(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Vec<HoldRow>, DbError> {
        let rows = self
            .db
            .rows(
                "SELECT id, camera, from_ms, to_ms, reason, request FROM hold WHERE camera = $1 AND from_ms < $3 AND to_ms > $2 \
                 AND released_ms IS NULL ORDER BY from_ms",
                args![camera, from, to],
            )
            .await?;
        rows.iter().map(hold_of).collect()
    }

    /// What each camera has on the disk.
    ///
    /// # Errors
    /// The database.
    pub async fn stock(&self) -> Result<HashMap<CameraId, Stock>, DbError> {
        let sql = "SELECT camera, MIN(start_ms), MAX(end_ms), CAST(SUM(bytes) AS BIGINT), COUNT(*) FROM container \
                   WHERE deleted_ms IS NULL GROUP BY camera";
        let mut out = HashMap::new();
        for r in self.db.rows(sql, vec![]).await? {
            let stock = Stock {
                oldest: r.int_opt(1)?.map(UtcMs),
                newest: r.int_opt(2)?.map(UtcMs),
                bytes: u64::try_from(r.int(3)?).unwrap_or(0),
                containers: u64::try_from(r.int(4)?).unwrap_or(0),
            };
            out.insert(r.read(0, CameraId::parse)?, stock);
        }
        Ok(out)
    }

    /// Bytes written and milliseconds recorded of each camera in containers that end after `since`.
    ///
    /// # Errors
    /// The database.
    pub async fn measured(&self, since: UtcMs) -> Result<HashMap<CameraId, (u64, i64)>, DbError> {
        let sql = "SELECT camera, CAST(SUM(bytes) AS BIGINT), CAST(SUM(end_ms - start_ms) AS BIGINT) FROM container \
                   WHERE end_ms > $1 GROUP BY camera";
        let rows = self.db.rows(sql, args![since]).await?;
        rows.iter()
            .map(|r| Ok((r.read(0, CameraId::parse)?, (u64::try_from(r.int(1)?).unwrap_or(0), r.int(2)?))))
            .collect()
    }

    /// Start of the oldest footage of a camera that is still on the disk.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_start(&self, camera: CameraId) -> Result<Option<UtcMs>, DbError> {
        let sql = "SELECT MIN(start_ms) FROM container WHERE camera = $1 AND deleted_ms IS NULL";
        let row = self.db.row(sql, args![camera]).await?;
        Ok(row.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs))
    }

    /// End of the newest container of a camera as its row says it, deleted or not: what comes after has no row yet.
    ///
    /// # Errors
    /// The database.
    pub async fn rows_end(&self, camera: CameraId) -> Result<Option<UtcMs>, DbError> {
        let row = self.db.row("SELECT MAX(end_ms) FROM container WHERE camera = $1", args![camera]).await?;
        Ok(row.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs))
    }

    /// End of the newest footage of a camera, committed or not, and of what was lost of it.
    ///
    /// # Errors
    /// The database.
    pub async fn footage_end(&self, camera: CameraId) -> Result<Option<UtcMs>, DbError> {
        let row = self.db.row("SELECT MAX(end_ms) FROM span WHERE camera = $1", args![camera]).await?;
        let rows = row.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs);
        let lost = self.db.row("SELECT MAX(to_ms) FROM loss WHERE camera = $1", args![camera]).await?;
        let lost = lost.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs);
        Ok(self.tail.end(camera).max(rows).max(lost))
    }

    /// Bytes of a file of footage, `len` from `offset` on.
    ///
    /// # Errors
    /// The file is gone, shorter, or the disk fails.
    pub fn read_container(&self, path: &str, offset: u64, len: u64) -> std::io::Result<Vec<u8>> {
        let file = std::fs::File::open(self.disks.file(path)?)?;
        let mut buffer = vec![0; usize::try_from(len).map_err(std::io::Error::other)?];
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut buffer, offset)?;
        Ok(buffer)
    }

    /// Opens a container for reading.
    ///
    /// # Errors
    /// The file is gone or the disk fails.
    pub fn open_container(&self, path: &str) -> std::io::Result<std::fs::File> {
        std::fs::File::open(self.disks.file(path)?)
    }
}

/// Reads a row of `id, camera, from_ms, to_ms, reason, request`.
pub(crate) fn hold_of(r: &Row) -> Result<HoldRow, DbError> {
    Ok(HoldRow {
        id: r.read(0, HoldId::parse)?,
        camera: r.read(1, CameraId::parse)?,
        from: UtcMs(r.int(2)?),
        to: UtcMs(r.int(3)?),
        reason: r.text(4)?,
        request: r.text_opt(5)?.and_then(|t| RequestId::parse(&t)),
    })
}

pub(crate) fn head_of(r: &Row) -> Result<ContainerHead, DbError> {
    let init = r.blob(5)?;
    Ok(ContainerHead {
        id: r.read(0, ContainerId::parse)?,
        camera: r.read(1, CameraId::parse)?,
        path: r.text(2)?,
        start: UtcMs(r.int(3)?),
        codec: r.text(4)?,
        init_sha256: Sha256::of(&init),
        init,
    })
}

/// Index of the first fragment needed to show `from`: the one it lies in, or the key picture before that.
fn first_needed(frags: &[Frag], from: UtcMs) -> usize {
    let touching = frags.iter().position(|f| f.end() > from).unwrap_or(frags.len());
    frags.get(..=touching).map_or(touching, |upto| upto.iter().rposition(|f| f.key).unwrap_or(touching))
}

/// Joins stretches that touch or overlap (within the distance below which nothing counts as a gap).
fn merge(mut spans: Vec<(UtcMs, UtcMs)>) -> Vec<(UtcMs, UtcMs)> {
    spans.sort_unstable();
    let mut out: Vec<(UtcMs, UtcMs)> = Vec::new();
    for (start, end) in spans {
        match out.last_mut() {
            Some(last) if start.since(last.1) <= domain::recording::GAP_MIN_MS => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// Takes the gaps out of the stretches and cuts them to [from, to).
fn without_gaps(spans: Vec<(UtcMs, UtcMs)>, gaps: &[GapRow], from: UtcMs, to: UtcMs) -> Vec<(UtcMs, UtcMs)> {
    let mut out = Vec::new();
    for (start, end) in spans {
        let (mut at, end) = (start.max(from), end.min(to));
        for gap in gaps {
            let gap_to = gap.to.unwrap_or(UtcMs(i64::MAX));
            if gap_to <= at || gap.from >= end {
                continue;
            }
            if gap.from > at {
                out.push((at, gap.from));
            }
            at = at.max(gap_to);
        }
        if at < end {
            out.push((at, end));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(ms: i64) -> UtcMs {
        UtcMs(ms)
    }

    #[test]
    fn stretches_join_and_gaps_are_cut_out() {
        let spans = merge(vec![(t(0), t(1_000)), (t(1_300), t(5_000)), (t(9_000), t(12_000))]);
        assert_eq!(spans, vec![(t(0), t(5_000)), (t(9_000), t(12_000))]);
        let gap =
            |from, to: Option<i64>| GapRow { from: t(from), to: to.map(t), cause: GapCause::PacketLoss, leaf: None };
        let gaps = [gap(2_000, Some(3_000)), gap(11_000, None)];
        assert_eq!(
            without_gaps(spans, &gaps, t(500), t(20_000)),
            vec![(t(500), t(2_000)), (t(3_000), t(5_000)), (t(9_000), t(11_000))]
        );
    }
}
