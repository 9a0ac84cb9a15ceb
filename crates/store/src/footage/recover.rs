//! After a stop of any kind: what the containers hold beyond their rows is read with the normal parser and committed by the
//! normal committer; torn tails are cut; containers that no row knows are adopted or, if they hold no fragment, removed.

use super::{Committer, ContainerHead, Frag, OpenFile, Pending, index, lost, safe, spans};
use crate::args;
use crate::db::{Db, DbError};
use crate::disks::Disks;
use crate::ledger_log::{Frozen, LogEntry, LogError};
use base::{CameraId, ContainerId, Sha256, UtcMs};
use domain::recording::entry::{SEAL_KIND, SealBody};
use domain::recording::{GAP_MIN_MS, GapCause};
use ledger::{EntryBytes, Log};
use media::fragment::{Chain, Init, Parsed, ScanError, parse_init, parse_next};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// Most bytes of one fragment that recovery reads at once; a longer one is torn by definition (`media::fragment` limits).
const MAX_READ: u64 = 32 * 1024 * 1024;
/// First read of a fragment, bytes.
const FIRST_READ: u64 = 2 * 1024 * 1024;

/// Entries of a container are not older than its begin, but for what a clock was put back, ms.
const LOG_MARGIN_MS: i64 = 3_600_000;

/// What recovery found, for the log and for `jifang check`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recovered {
    /// Containers that were not sealed.
    pub containers: u64,
    /// Fragments that had no row and have one now.
    pub fragments: u64,
    /// Bytes of torn tails cut off.
    pub torn_bytes: u64,
    /// Files without any whole fragment, removed.
    pub removed: u64,
    /// Files that cannot be read: each a finding for a person.
    pub damaged: Vec<String>,
    /// Footage that had rows and is not there any more: the rest of its container was sealed, this was declared lost.
    pub lost: Vec<Loss>,
}

/// Footage that a container should hold and does not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loss {
    /// Whose.
    pub camera: CameraId,
    /// File of the container.
    pub path: String,
    /// Start of what is lost.
    pub from: UtcMs,
    /// End of what is lost.
    pub to: UtcMs,
}

/// Recovers every container that is not sealed, then adopts files that no row knows. Containers on a disk that is away wait for
/// it; with `only`, the disk at that place came back and nothing else is looked at.
///
/// # Errors
/// The database; damaged files are findings, not errors.
pub async fn recover(
    db: &Db,
    committer: &Committer,
    disks: &Disks,
    only: Option<usize>,
    now: UtcMs,
) -> Result<Recovered, LogError> {
    let mut found = Recovered::default();
    let rows = db
        .rows(
            "SELECT id, camera, path, start_ms, bytes, codec, init FROM container \
             WHERE sealed_ms IS NULL AND deleted_ms IS NULL ORDER BY start_ms",
            vec![],
        )
        .await?;
    for row in rows {
        let init: Vec<u8> = row.blob(6)?;
        let head = ContainerHead {
            id: row.read(0, ContainerId::parse)?,
            camera: row.read(1, CameraId::parse)?,
            path: row.text(2)?,
            start: UtcMs(row.int(3)?),
            codec: row.text(5)?,
            init_sha256: Sha256::of(&init),
            init,
        };
        let disk = disks.index_of(Disks::name_of(&head.path));
        if !disks.is_here(&head.path) || only.is_some_and(|only| disk != Some(only)) {
            continue;
        }
        let committed = u64::try_from(row.int(4)?).unwrap_or(0);
        let prev = last_hash(db, &head).await?;
        finish((db, committer), disks, Arc::new(head), committed, prev, now, &mut found).await?;
    }
    adopt(db, committer, disks, only, now, &mut found).await?;
    Ok(found)
}

async fn last_hash(db: &Db, head: &ContainerHead) -> Result<Sha256, DbError> {
    let row =
        db.row("SELECT frags FROM span WHERE container = $1 ORDER BY last_seq DESC LIMIT 1", args![head.id]).await?;
    let Some(row) = row else { return Ok(head.init_sha256) };
    let frags = index::decode(&row.blob(0)?).unwrap_or_default();
    Ok(frags.last().map_or(head.init_sha256, |f| f.sha256))
}

/// Commits the fragments of one container beyond `committed`, cuts its torn tail, seals it.
async fn finish(
    (db, committer): (&Db, &Committer),
    disks: &Disks,
    head: Arc<ContainerHead>,
    committed: u64,
    prev: Sha256,
    now: UtcMs,
    found: &mut Recovered,
) -> Result<(), LogError> {
    found.containers += 1;
    let opened = disks
        .file(&head.path)
        .and_then(|path| File::options().read(true).write(true).open(path))
        .and_then(|f| Ok((f.metadata()?.len(), f)));
    let (len, file) = match opened {
        Ok((len, file)) if len >= committed => (len, file),
        Ok(_) | Err(_) if !disks.is_own(&head.path) => {
            found.damaged.push(format!("{}: not on this disk, which is not the one on record", head.path));
            return Ok(());
        }
        Ok((_, file)) => return cut_short(committer, &head, Some(&file), now, found).await,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return cut_short(committer, &head, None, now, found).await;
        }
        Err(e) => {
            found.damaged.push(format!("{}: {e}", head.path));
            return Ok(());
        }
    };
    let Ok(init) = parse_init(&head.init) else {
        found.damaged.push(format!("{}: its init segment cannot be read", head.path));
        return Ok(());
    };
    let (frags, end) = scan(&file, &init, committed, prev, &head);
    if end < len {
        found.torn_bytes += len - end;
        let _ = file.set_len(end);
    }
    // A server that ended after a failed fdatasync leaves pages that read well and never reach the disk: written again, they do.
    let from = if committed <= head.init.len() as u64 { 0 } else { committed };
    if let Err(e) = safe::write_all_again(&file, from, end) {
        found.damaged.push(format!("{}: {e}", head.path));
        return Ok(());
    }
    let file = Arc::new(OpenFile::new(file));
    let recovered = frags.len() as u64;
    let last = frags.last().map_or(prev, |f| f.sha256);
    let at = frags.last().map_or(now, Frag::end);
    let mut batch = gaps_between(db, head.camera, &frags).await?;
    batch.extend(spans(&head, &file, prev, frags));
    let path = head.path.clone();
    batch.push(Pending::Seal { head, bytes: end, last, at });
    match committer.commit(&batch, now).await {
        // Numbers that are taken: the file is a copy, or older than the rows. The rest of the footage must not wait for it.
        Err(e) if e.is_final() => found.damaged.push(format!("{path}: {e}")),
        done => {
            done?;
            found.fragments += recovered;
        }
    }
    Ok(())
}

/// The file of a container that was being written is gone, or ends before its rows do: what can still be proved is sealed, the
/// rest is declared lost, in one transaction.
///
/// A crash before the commit leaves the same short file: the next start comes here again. After it the container is sealed.
async fn cut_short(
    committer: &Committer,
    head: &ContainerHead,
    file: Option<&File>,
    now: UtcMs,
    found: &mut Recovered,
) -> Result<(), LogError> {
    let keep = file.map_or(0, |file| provable(file, head));
    let mut tx = committer.begin().await?;
    let sql = "SELECT end_ms FROM span WHERE container = $1 ORDER BY last_seq DESC LIMIT 1";
    let to = tx.rows(sql, args![head.id]).await?.first().map_or(Ok(head.start.0), |r| r.int(0))?;
    let kept = lost::declare(&mut tx, head, keep, GapCause::FootageLost, now).await?;
    let (end, bytes) = kept.as_ref().map_or((head.start, 0), |f| (f.end(), f.offset + f.bytes));
    if let Some(last) = &kept {
        let body = SealBody { camera: head.camera, container: head.id, bytes, last_sha256: last.sha256 };
        let body = serde_json::to_value(body).unwrap_or_default();
        tx.log(LogEntry { kind: SEAL_KIND, at: now, body, act: None }).await?;
        let sql = "UPDATE container SET end_ms = $2, bytes = $3, sealed_ms = $2 WHERE id = $1";
        tx.exec(sql, args![head.id, end, bytes]).await?;
    } else {
        let sql = "UPDATE container SET deleted_ms = $2, sealed_ms = COALESCE(sealed_ms, $2) WHERE id = $1";
        tx.exec(sql, args![head.id, now]).await?;
    }
    if let Some(file) = file {
        let _ = file.set_len(bytes).and_then(|()| file.sync_all());
    }
    tx.commit().await?;
    tracing::error!(path = %head.path, "footage is missing from a file that was being written; it was declared lost");
    found.lost.push(Loss { camera: head.camera, path: head.path.clone(), from: end, to: UtcMs(to).max(end) });
    Ok(())
}

/// Where the last fragment ends that can still be proved from the begin of the file on.
fn provable(file: &File, head: &ContainerHead) -> u64 {
    let mut front = vec![0; head.init.len()];
    let whole = read_some(file, 0, &mut front).is_ok_and(|n| n == front.len()) && front == head.init;
    match parse_init(&head.init) {
        Ok(init) if whole => scan(file, &init, head.init.len() as u64, head.init_sha256, head).1,
        _ => 0,
    }
}

/// The gaps before and between recovered fragments. Their rows were lost with the stop; the cause is kept where it is known.
async fn gaps_between(db: &Db, camera: CameraId, frags: &[Frag]) -> Result<Vec<Pending>, DbError> {
    let newest = "SELECT end_ms FROM span WHERE camera = $1 ORDER BY first_seq DESC LIMIT 1";
    let mut end = db.row(newest, args![camera]).await?.map_or(Ok(None), |r| r.int_opt(0))?.map(UtcMs);
    let open = "SELECT from_ms, cause FROM gap WHERE camera = $1 AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1";
    let mut open = match db.row(open, args![camera]).await? {
        Some(r) => Some((UtcMs(r.int(0)?), r.read(1, GapCause::parse)?)),
        None => None,
    };
    let known = "SELECT 1 FROM gap WHERE camera = $1 AND from_ms <= $2 AND to_ms >= $3 LIMIT 1";
    let mut gaps = Vec::new();
    for frag in frags {
        let from = open.map(|(from, _)| from).max(end);
        if let Some(from) = from
            && (open.is_some() || frag.start.since(from) > GAP_MIN_MS)
            && db.row(known, args![camera, from, frag.start]).await?.is_none()
        {
            let cause = open.map_or(GapCause::NoPackets, |(_, cause)| cause);
            gaps.push(Pending::Gap { camera, from, to: frag.start.max(from), cause });
        }
        open = None;
        end = Some(frag.end());
    }
    Ok(gaps)
}

/// Whole fragments of this container from `from` on that continue the chain; returns them and where the last one ends.
fn scan(file: &File, init: &Init, from: u64, prev: Sha256, head: &ContainerHead) -> (Vec<Frag>, u64) {
    let mut frags = Vec::new();
    let mut at = from;
    let mut chain = Chain::after_init(prev);
    let mut want = FIRST_READ;
    loop {
        let mut buffer = vec![0; usize::try_from(want).unwrap_or(0)];
        let Ok(n) = read_some(file, at, &mut buffer) else { break };
        match parse_next(&buffer[..n], &init.tracks) {
            Ok(parsed) => {
                let own = (parsed.header.camera, parsed.header.container) == (head.camera, head.id);
                if !own || chain.follow(&parsed).is_err() {
                    break;
                }
                want = FIRST_READ;
                let len = parsed.len_bytes;
                frags.push(Frag::of(parsed, at));
                at += len;
            }
            Err(ScanError::NeedMore { bytes }) if bytes > n as u64 && n as u64 == want && bytes <= MAX_READ => {
                want = bytes.max(want * 2).min(MAX_READ);
            }
            Err(_) => break,
        }
    }
    (frags, at)
}

/// All whole fragments of a container from its begin on; `None` when the file cannot be opened.
pub(super) fn scan_file(path: &Path, init: &Init, head: &ContainerHead) -> Option<Vec<Frag>> {
    let file = File::open(path).ok()?;
    Some(scan(&file, init, init.len_bytes as u64, init.hash, head).0)
}

/// Files of containers on the disks that are there, by camera and age: ids go up with time.
pub(super) fn container_files_of(disks: &Disks) -> Vec<(CameraId, std::path::PathBuf, String)> {
    let mut files = disks.container_files(None);
    files.sort_by_key(|(camera, file, _)| (*camera, file.file_stem().map(std::ffi::OsStr::to_owned)));
    files
}

/// The first fragment of a container, if there is a whole one.
pub(crate) fn first_fragment(file: &File, init: &Init) -> Option<Parsed> {
    let mut buffer = vec![0; usize::try_from(FIRST_READ).unwrap_or(0)];
    let at = init.len_bytes as u64;
    let mut n = read_some(file, at, &mut buffer).ok()?;
    if let Err(ScanError::NeedMore { bytes }) = parse_next(&buffer[..n], &init.tracks)
        && bytes <= MAX_READ
    {
        buffer.resize(usize::try_from(MAX_READ).unwrap_or(0), 0);
        n = read_some(file, at, &mut buffer).ok()?;
    }
    parse_next(&buffer[..n], &init.tracks).ok()
}

/// Fills as much of `buffer` as the file has from `at` on.
pub(crate) fn read_some(file: &File, at: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read_at(&mut buffer[n..], at + n as u64) {
            Ok(0) => break,
            Ok(k) => n += k,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

/// True when the log has fragments of this container. It is read from its end back to when the container began: short for a file that
/// was opened just before a stop.
fn log_knows(log: &Frozen, id: ContainerId, began: UtcMs) -> Result<bool, LogError> {
    let id = id.to_string();
    let names = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| text.contains(&id));
    let mut end = log.size();
    while end > 0 {
        let first = (end - 1) / ledger::TILE_WIDTH * ledger::TILE_WIDTH;
        let (_, entries) = Log::new(log, log.size()).bundle_of(first)?;
        if entries.iter().any(|e| names(e.as_bytes())) {
            return Ok(true);
        }
        let before = |e: &EntryBytes| e.parse().is_ok_and(|e| e.at_utc_ms < began.plus_ms(-LOG_MARGIN_MS));
        if entries.iter().all(before) {
            return Ok(false);
        }
        end = first;
    }
    Ok(false)
}

/// Files below `footage/` that no row knows: opened just before a stop, before their first span was committed.
/// Copies that a move left behind are removed: the row names the other one, and that is there.
async fn adopt(
    db: &Db,
    committer: &Committer,
    disks: &Disks,
    only: Option<usize>,
    now: UtcMs,
    found: &mut Recovered,
) -> Result<(), LogError> {
    for (camera, path, relative) in disks.container_files(only) {
        let Some(id) = path.file_stem().and_then(|s| s.to_str()).and_then(ContainerId::parse) else { continue };
        let sql = "SELECT path FROM container WHERE id = $1 AND deleted_ms IS NULL";
        if let Some(row) = db.row(sql, args![id]).await? {
            let own = row.text(0)?;
            if own != relative && disks.own_file(&own).is_some_and(|file| file.exists()) {
                let _ = std::fs::remove_file(&path);
            }
            continue;
        }
        if db.row("SELECT 1 FROM container WHERE id = $1", args![id]).await?.is_some() {
            continue;
        }
        if db.row("SELECT 1 FROM camera WHERE id = $1", args![camera]).await?.is_none() {
            found.damaged.push(format!("{relative}: belongs to a camera that is not known"));
            continue;
        }
        let Some((init, bytes)) = read_init(&path) else {
            found.removed += 1;
            let _ = std::fs::remove_file(&path);
            continue;
        };
        let Ok(file) = File::open(&path) else { continue };
        let sound = init.audio.as_ref().map(|a| format!(" + {}", a.codec.name())).unwrap_or_default();
        let mut head = ContainerHead {
            id,
            camera,
            path: relative,
            start: now,
            codec: format!("{}{sound}", init.video.codec.name()),
            init_sha256: init.hash,
            init: bytes.clone(),
        };
        match first_fragment(&file, &init) {
            Some(first) if (first.header.camera, first.header.container) == (camera, id) => {
                // Its rows were lost: entering it again would tell the same footage twice.
                let log = committer.log().frozen().await?;
                if log_knows(&log, id, first.header.start_utc_ms)? {
                    found.damaged.push(format!("{}: its rows are missing; see `jifang check --rebuild`", head.path));
                    continue;
                }
                head.start = first.header.start_utc_ms;
            }
            Some(_) => {
                found.damaged.push(format!("{}: holds footage of another camera or container", head.path));
                continue;
            }
            None => {
                found.removed += 1;
                let _ = std::fs::remove_file(&path);
                continue;
            }
        }
        finish((db, committer), disks, Arc::new(head), bytes.len() as u64, init.hash, now, found).await?;
    }
    Ok(())
}

pub(crate) fn read_init(path: &Path) -> Option<(Init, Vec<u8>)> {
    let file = File::open(path).ok()?;
    let mut front = vec![0; 64 * 1024];
    let n = read_some(&file, 0, &mut front).ok()?;
    front.truncate(n);
    let init = parse_init(&front).ok()?;
    front.truncate(init.len_bytes);
    Some((init, front))
}

/// Every `footage/<camera>/<day>/<container>.mp4` below a folder: camera, absolute path, path below it.
pub(crate) fn container_files(root: &Path) -> Vec<(CameraId, std::path::PathBuf, String)> {
    let list = |dir: &Path| -> Vec<std::fs::DirEntry> {
        std::fs::read_dir(dir).map(|d| d.filter_map(Result::ok).collect()).unwrap_or_default()
    };
    let mut out = Vec::new();
    for camera_dir in list(&root.join("footage")) {
        let Some(camera) = camera_dir.file_name().to_str().and_then(CameraId::parse) else { continue };
        for day in list(&camera_dir.path()) {
            for file in list(&day.path()) {
                let path = file.path();
                if path.extension().is_some_and(|e| e == "mp4")
                    && let Ok(relative) = path.strip_prefix(root)
                {
                    let relative = relative.display().to_string();
                    out.push((camera, path, relative));
                }
            }
        }
    }
    out.sort_by(|a, b| a.1.cmp(&b.1));
    out
}
