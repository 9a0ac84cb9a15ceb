//! Containers against their rows: the file is there, as long as it should be, and every fragment is what its row says.

use super::timeline::Line;
use super::{CheckReport, Findings};
use crate::db::DbError;
use crate::footage::recover::{first_fragment, read_init, read_some};
use crate::footage::{ContainerHead, Frag, index, read::head_of};
use crate::{Store, StoreError, args};
use base::{CameraId, ContainerId, UtcMs};
use media::fragment::{Chain, Init, ScanError, parse_init, parse_next};
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

/// Containers of one question.
const PAGE: i64 = 256;
/// First and largest stretch of a file read at once, bytes.
const READ: (u64, u64) = (1024 * 1024, 32 * 1024 * 1024);
/// Time for a fragment that is being written to reach the rows or the tail before a file counts as unknown.
const SETTLE: Duration = Duration::from_millis(300);

/// A container as its rows tell it.
pub(crate) struct Rowed {
    pub(crate) head: ContainerHead,
    pub(crate) bytes: u64,
    pub(crate) sealed: bool,
    pub(crate) frags: Vec<Frag>,
    /// An index column that cannot be read.
    pub(crate) damaged: bool,
}

/// What the file showed.
struct Seen {
    faults: Vec<(&'static str, String, &'static str, &'static str)>,
    fragments: u64,
    bytes: u64,
}

impl Store {
    pub(super) async fn check_containers(
        &self,
        report: &mut CheckReport,
        found: &mut Findings,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), StoreError> {
        let sum = "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM container WHERE deleted_ms IS NULL";
        let total = self.db.row(sum, vec![]).await?.map_or(Ok(0), |r| r.int(0))?;
        let total = u64::try_from(total).unwrap_or(0);
        let mut done = 0;
        for camera in self.cameras_with_footage().await? {
            let newest = "SELECT last_seq FROM span WHERE camera = $1 ORDER BY first_seq DESC LIMIT 1";
            let Some(newest) = self.db.row(newest, args![camera]).await? else { continue };
            let mut line = Line::new(camera, u64::try_from(newest.int(0)?).unwrap_or(0));
            let mut after = (i64::MIN, String::new());
            loop {
                let page = self.container_page(camera, &after).await?;
                let Some((start, id, _)) = page.last() else { break };
                after = (*start, id.to_string());
                for (_, id, _) in page {
                    let Some(rowed) = self.rowed(id).await? else { continue };
                    done += rowed.bytes;
                    self.check_container(rowed, &mut line, report, found).await?;
                    progress(done.min(total), total);
                }
            }
            line.end(self, report, found).await?;
        }
        Ok(())
    }

    async fn cameras_with_footage(&self) -> Result<Vec<CameraId>, DbError> {
        let rows = self.db.rows("SELECT id FROM camera ORDER BY id", vec![]).await?;
        rows.iter().map(|r| r.read(0, CameraId::parse)).collect()
    }

    async fn container_page(
        &self,
        camera: CameraId,
        after: &(i64, String),
    ) -> Result<Vec<(i64, ContainerId, String)>, DbError> {
        let rows = self
            .db
            .rows(
                "SELECT start_ms, id, path FROM container WHERE camera = $1 AND deleted_ms IS NULL \
                 AND (start_ms > $2 OR (start_ms = $2 AND id > $3)) ORDER BY start_ms, id LIMIT $4",
                args![camera, after.0, after.1.clone(), PAGE],
            )
            .await?;
        rows.iter().map(|r| Ok((r.int(0)?, r.read(1, ContainerId::parse)?, r.text(2)?))).collect()
    }

    /// A container and its spans. The container first: when it says sealed, the spans are all there.
    pub(crate) async fn rowed(&self, id: ContainerId) -> Result<Option<Rowed>, DbError> {
        let sql = "SELECT id, camera, path, start_ms, codec, init, bytes, sealed_ms FROM container \
                   WHERE id = $1 AND deleted_ms IS NULL";
        let Some(row) = self.db.row(sql, args![id]).await? else { return Ok(None) };
        let mut rowed = Rowed {
            head: head_of(&row)?,
            bytes: u64::try_from(row.int(6)?).unwrap_or(0),
            sealed: row.int_opt(7)?.is_some(),
            frags: Vec::new(),
            damaged: false,
        };
        let sql =
            "SELECT frags, first_seq, last_seq, start_ms, end_ms FROM span WHERE container = $1 ORDER BY first_seq";
        for row in self.db.rows(sql, args![id]).await? {
            let frags = index::decode(&row.blob(0)?).unwrap_or_default();
            let ends = frags.first().zip(frags.last()).map(|(a, b)| (a.seq, b.seq, a.start, b.end()));
            let number = |i| Ok::<_, DbError>(u64::try_from(row.int(i)?).unwrap_or(0));
            let want = (number(1)?, number(2)?, UtcMs(row.int(3)?), UtcMs(row.int(4)?));
            rowed.damaged |= ends != Some(want);
            rowed.frags.extend(frags);
        }
        Ok(Some(rowed))
    }

    async fn check_container(
        &self,
        rowed: Rowed,
        line: &mut Line,
        report: &mut CheckReport,
        found: &mut Findings,
    ) -> Result<(), StoreError> {
        let (id, path) = (rowed.head.id, rowed.head.path.clone());
        for frag in &rowed.frags {
            line.take(frag);
        }
        if rowed.sealed
            && let Some(last) = rowed.frags.last()
        {
            found.unproven_seals.insert(id, (rowed.bytes, last.sha256));
        }
        let Some(file) = self.disks.own_file(&path) else {
            report.away += 1;
            return Ok(());
        };
        let seen = tokio::task::spawn_blocking(move || look(&rowed, &file))
            .await
            .map_err(|e| StoreError::Io { path: path.clone(), source: std::io::Error::other(e) })?;
        // Deleted after its term while it was looked at.
        if !seen.faults.is_empty() && self.container_head(id).await?.is_none() {
            found.unproven_seals.remove(&id);
            return Ok(());
        }
        report.containers += 1;
        report.fragments += seen.fragments;
        report.bytes += seen.bytes;
        for (code, at, zh, en) in seen.faults {
            report.fault(code, at, zh, en);
        }
        Ok(())
    }

    /// Remembers the containers that rows call deleted; their entries are looked for in the ledger.
    pub(super) async fn check_deleted_rows(&self, found: &mut Findings) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let sql = "SELECT id FROM container WHERE deleted_ms IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
            let rows = self.db.rows(sql, args![after.clone(), PAGE]).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.text(0)?;
            for row in &rows {
                found.unproven_deletions.insert(row.read(0, ContainerId::parse)?);
            }
        }
    }

    /// Files that no row in force speaks of; asked for again at the end.
    pub(super) async fn files_without_rows(&self) -> Result<Vec<(PathBuf, String)>, StoreError> {
        let disks = self.disks.clone();
        let files = tokio::task::spawn_blocking(move || disks.container_files(None))
            .await
            .map_err(|e| StoreError::Io { path: "footage".into(), source: std::io::Error::other(e) })?;
        let mut out = Vec::new();
        for (_, file, path) in files {
            if !self.knows(&file).await? {
                out.push((file, path));
            }
        }
        Ok(out)
    }

    async fn knows(&self, file: &std::path::Path) -> Result<bool, DbError> {
        let id = file.file_stem().and_then(|s| s.to_str()).and_then(ContainerId::parse);
        let Some(id) = id else { return Ok(false) };
        Ok(self.tail.holds(id) || self.container_head(id).await?.is_some())
    }

    /// Files still without a row after everything else was looked at.
    pub(super) async fn check_leftovers(
        &self,
        suspects: Vec<(PathBuf, String)>,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        if !suspects.is_empty() {
            tokio::time::sleep(SETTLE).await;
        }
        for (file, path) in suspects {
            if self.knows(&file).await? || !file.exists() {
                continue;
            }
            let id = file.file_stem().and_then(|s| s.to_str()).and_then(ContainerId::parse);
            let sql = "SELECT 1 FROM container WHERE id = $1";
            let deleted = match id {
                Some(id) => self.db.row(sql, args![id]).await?.is_some(),
                None => false,
            };
            if deleted {
                report.fault(
                    "deleted_file_present",
                    path,
                    "记录显示录像已依法删除，但文件还在。",
                    "The rows say that this footage was deleted, but the file is there.",
                );
            } else if has_footage(&file) {
                report.fault(
                    "file_without_row",
                    path,
                    "录像文件没有对应的记录。",
                    "No row speaks of this footage file.",
                );
            }
        }
        Ok(())
    }
}

/// An opened container without a whole fragment is not footage yet.
fn has_footage(path: &std::path::Path) -> bool {
    let Some((init, _)) = read_init(path) else { return true };
    File::open(path).is_ok_and(|file| first_fragment(&file, &init).is_some())
}

/// What a file is not that its rows say; codes of faults.
pub(crate) fn container_faults(rowed: &Rowed, path: &std::path::Path) -> Vec<&'static str> {
    look(rowed, path).faults.into_iter().map(|(code, ..)| code).collect()
}

/// Reads the file as far as its rows reach and compares.
fn look(rowed: &Rowed, path: &std::path::Path) -> Seen {
    let mut seen = Seen { faults: Vec::new(), fragments: 0, bytes: 0 };
    let name = rowed.head.path.clone();
    if rowed.damaged {
        seen.faults.push(("span_index", name.clone(), "片段索引损坏。", "The index of its fragments cannot be read."));
        return seen;
    }
    let end = rowed.frags.last().map_or(rowed.head.init.len() as u64, |f| f.offset + f.bytes);
    if rowed.sealed && end != rowed.bytes {
        seen.faults.push(("span_rows", name.clone(), "片段记录不完整。", "Rows of some of its fragments are missing."));
    }
    let opened = File::open(path).and_then(|f| Ok((f.metadata()?.len(), f)));
    let (len, file) = match opened {
        Ok(opened) => opened,
        Err(_) => {
            seen.faults.push((
                "container_missing",
                name,
                "录像文件不存在或无法打开。",
                "The file is missing or cannot be opened.",
            ));
            return seen;
        }
    };
    if len < end {
        seen.faults.push((
            "container_short",
            name.clone(),
            "录像文件比记录短。",
            "The file is shorter than its rows say.",
        ));
    } else if rowed.sealed && len != end {
        seen.faults.push((
            "container_long",
            name.clone(),
            "录像文件末尾有多余内容。",
            "The file goes on behind its last fragment.",
        ));
    }
    let mut init = vec![0; rowed.head.init.len()];
    let whole = read_some(&file, 0, &mut init).is_ok_and(|n| n == init.len()) && init == rowed.head.init;
    match parse_init(&rowed.head.init) {
        Ok(parsed) if whole && parsed.len_bytes == init.len() => follow(rowed, &file, &parsed, &mut seen),
        _ => {
            seen.faults.push(("init_changed", name, "文件头与记录不符。", "The init segment is not the one recorded."))
        }
    }
    seen
}

/// Fragment by fragment along the hash chain.
fn follow(rowed: &Rowed, file: &File, init: &Init, seen: &mut Seen) {
    let mut chain = Chain::after_init(init.hash);
    let mut at = init.len_bytes as u64;
    let mut want = READ.0;
    let mut buffer = Vec::new();
    let mut rows = rowed.frags.iter();
    let mut row = rows.next();
    while let Some(frag) = row {
        buffer.resize(usize::try_from(want).unwrap_or(0), 0);
        let place = format!("{}, fragment {}", rowed.head.path, frag.seq);
        let Ok(n) = read_some(file, at, &mut buffer) else {
            seen.faults.push(("container_unreadable", place, "录像文件无法读取。", "The file cannot be read."));
            return;
        };
        match parse_next(&buffer[..n], &init.tracks) {
            Ok(parsed) => {
                let own = (parsed.header.camera, parsed.header.container) == (rowed.head.camera, rowed.head.id);
                let follows = own && chain.follow(&parsed).is_ok();
                let len = parsed.len_bytes;
                if !follows {
                    seen.faults.push(("chain_broken", place, "哈希链断裂。", "The hash chain breaks here."));
                    return;
                }
                if Frag::of(parsed, at) != *frag {
                    seen.faults.push((
                        "fragment_differs",
                        place,
                        "片段与记录不符。",
                        "The fragment is not the one recorded.",
                    ));
                    return;
                }
                seen.fragments += 1;
                seen.bytes += len;
                at += len;
                want = READ.0.max(len.next_power_of_two()).min(READ.1);
                row = rows.next();
            }
            Err(ScanError::NeedMore { bytes }) if n as u64 == want && bytes > want && want < READ.1 => {
                want = bytes.max(want * 2).min(READ.1);
            }
            Err(_) => {
                seen.faults.push(("fragment_damaged", place, "片段损坏。", "The fragment is damaged."));
                return;
            }
        }
    }
}
