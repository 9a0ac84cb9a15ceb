//! Footage that was recorded and is gone: declared once, with an entry that explains its numbers and gaps that tell its time.
//!
//! Always true: a loss never changes what the log said before. The entries of the lost fragments stay; `footage.lost` says that
//! they are gone, since when it is known and why; each stretch they covered gets a gap with its own entry. Nothing is declared
//! lost because a disk is away: that is for a person (`jifang disk replace`) or for a file that its own present disk misses.

use super::{ContainerHead, Frag, index};
use crate::args;
use crate::db::DbError;
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome, Tx};
use base::{CameraId, Text, UtcMs};
use domain::recording::entry::{GAP_KIND, GapBody, LOST_KIND, LostBody};
use domain::recording::{GAP_MIN_MS, GapCause};

/// The entry of a loss, as the log page shows it.
pub(crate) fn entry(body: &LostBody, now: UtcMs) -> LogEntry {
    let (from, to, why) = (body.from_utc_ms.desk(), body.to_utc_ms.desk(), body.cause.text());
    let text = Text::of(
        format!("录像 {from} 至 {to} 已丢失：{}。", why.zh),
        format!("Footage {from} to {to} is lost: {}.", why.en),
    );
    let act = ActLine {
        outcome: Outcome::Done,
        account: None,
        camera: Some(body.camera),
        request: None,
        clauses: vec![],
        text,
    };
    LogEntry { kind: LOST_KIND, at: now, body: serde_json::to_value(body).unwrap_or_default(), act: Some(act) }
}

/// The row that explains missing numbers to `check`.
pub(crate) async fn row(tx: &mut Tx, body: &LostBody, leaf: u64) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO loss (camera, container, first_seq, last_seq, from_ms, to_ms, cause, leaf) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            body.camera,
            body.container,
            body.first_seq,
            body.last_seq,
            body.from_utc_ms,
            body.to_utc_ms,
            body.cause.code(),
            leaf
        ],
    )
    .await?;
    Ok(())
}

/// Numbers go on after `last`, whatever is lost: two fragments never bear one.
pub(crate) async fn keep_numbers(tx: &mut Tx, camera: CameraId, last: u64) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO camera_seq (camera, next_seq) VALUES ($1, $2) ON CONFLICT (camera) DO UPDATE SET next_seq = \
         CASE WHEN excluded.next_seq > camera_seq.next_seq THEN excluded.next_seq ELSE camera_seq.next_seq END",
        args![camera, last.saturating_add(1)],
    )
    .await?;
    Ok(())
}

/// Declares the committed fragments of a container from byte `keep` on as lost, inside the caller's transaction: entry, gaps,
/// spans cut or removed. Returns what is left: bytes, and the last fragment that stays.
///
/// # Errors
/// The database or the log; then the transaction must be dropped.
pub(crate) async fn declare(
    tx: &mut Tx,
    head: &ContainerHead,
    keep: u64,
    cause: GapCause,
    now: UtcMs,
) -> Result<Option<Frag>, LogError> {
    let sql = "SELECT first_seq, frags FROM span WHERE container = $1 ORDER BY first_seq";
    let (mut kept, mut lost) = (None, Vec::new());
    for r in tx.rows(sql, args![head.id]).await? {
        let first_seq = r.int(0)?;
        let frags = index::decode(&r.blob(1)?).unwrap_or_default();
        let (stay, gone): (Vec<_>, Vec<_>) =
            frags.into_iter().partition(|f| lost.is_empty() && f.offset + f.bytes <= keep);
        if gone.is_empty() && !stay.is_empty() {
            kept = stay.into_iter().last();
            continue;
        }
        if let Some(last) = stay.last() {
            tx.exec(
                "UPDATE span SET end_ms = $3, last_seq = $4, frags = $5 WHERE camera = $1 AND first_seq = $2",
                args![head.camera, first_seq, last.end(), last.seq, index::encode(&stay)],
            )
            .await?;
            kept = stay.into_iter().last();
        } else {
            tx.exec("DELETE FROM span WHERE camera = $1 AND first_seq = $2", args![head.camera, first_seq]).await?;
        }
        lost.extend(gone);
    }
    let (Some(first), Some(last)) = (lost.first(), lost.last()) else { return Ok(kept) };
    let body = LostBody {
        camera: head.camera,
        container: head.id,
        first_seq: first.seq,
        last_seq: last.seq,
        from_utc_ms: first.start,
        to_utc_ms: last.end(),
        bytes_left: kept.as_ref().map_or(0, |f: &Frag| f.offset + f.bytes),
        cause,
    };
    keep_numbers(tx, head.camera, last.seq).await?;
    let leaf = tx.log(entry(&body, now)).await?;
    row(tx, &body, leaf).await?;
    for (from, to) in stretches(&lost) {
        gap(tx, head, from, to, cause, now).await?;
    }
    Ok(kept)
}

/// Stretches that fragments cover without a pause.
fn stretches(frags: &[Frag]) -> Vec<(UtcMs, UtcMs)> {
    let mut out: Vec<(UtcMs, UtcMs)> = Vec::new();
    for f in frags {
        match out.last_mut() {
            Some((_, to)) if f.start.since(*to) <= GAP_MIN_MS => *to = f.end().max(*to),
            _ => out.push((f.start, f.end())),
        }
    }
    out
}

async fn gap(
    tx: &mut Tx,
    head: &ContainerHead,
    from: UtcMs,
    to: UtcMs,
    cause: GapCause,
    now: UtcMs,
) -> Result<(), LogError> {
    let body = GapBody { camera: head.camera, from_utc_ms: from, to_utc_ms: to, cause };
    let body = serde_json::to_value(body).unwrap_or_default();
    let leaf = tx.log(LogEntry { kind: GAP_KIND, at: now, body, act: None }).await?;
    tx.exec(
        "INSERT INTO gap (camera, from_ms, to_ms, cause, leaf) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (camera, from_ms) DO UPDATE SET to_ms = excluded.to_ms, cause = excluded.cause, leaf = excluded.leaf",
        args![head.camera, from, to, cause.code(), leaf],
    )
    .await?;
    Ok(())
}
