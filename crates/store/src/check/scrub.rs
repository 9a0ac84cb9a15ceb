//! The integrity scrub: every container is read again, over weeks and beside recording, and compared with rows and log.
//!
//! ```text
//! ask_round | begin_round ─▶ next_of_round ─▶ Reading: rows ─▶ entries of the log ─▶ fragments, a few MB a step ─▶ finish_reading
//!                                                                                     (the caller waits between two steps)
//! ```
//!
//! What is compared: each fragment's bytes with the SHA-256 of its row (the hash before it is inside those bytes, so the chain is
//! compared too), the row with its `footage.span` entry, the init segment and the length of the file with the container's row.
//!
//! Always true: how far a round is stands in the rows (`container.checked_ms` against the begin of the round), so a restart goes on
//! where it stopped; findings, counts and `checked_ms` of a container are one transaction; a fault is told once, and again only
//! after it was gone.

use super::containers::Rowed;
use crate::db::{DbError, Row};
use crate::footage::recover::read_some;
use crate::footage::{Frag, span_body};
use crate::ledger_log::{ActLine, LogEntry, LogError, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{AccountId, CameraId, ContainerId, Sha256, Text, UtcMs};
use domain::recording::entry::SpanBody;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// Kind of the entry of a fault that was found.
pub const FAULT_KIND: &str = "integrity.fault";
/// Kind of the entry of a fault that is not there any more.
pub const MENDED_KIND: &str = "integrity.mended";
/// Kind of the entry of a round that ended.
pub const CHECKED_KIND: &str = "integrity.checked";
/// Kind of the entry of a round that a person asked for.
pub const ASKED_KIND: &str = "integrity.asked";
/// Bytes read in one step at most, if a fragment is not longer.
const STEP_BYTES: u64 = 4 * 1024 * 1024;
/// Faults kept of one container; those beyond are counted to the last.
const FAULTS: usize = 64;
/// Containers of one question.
const PAGE: i64 = 64;
/// Rounds kept.
const ROUNDS: i64 = 200;
/// Rounds that persons asked for and that wait.
const ASKED: usize = 16;

macro_rules! sql_round {
    ($rest:literal) => {
        concat!(
            "SELECT number, scope, asked_by, began_ms, ended_ms, containers, fragments, bytes, faults, away FROM scrub_round ",
            $rest
        )
    };
}
macro_rules! sql_fault {
    ($rest:literal) => {
        concat!(
            "SELECT container, code, first_seq, last_seq, camera, path, from_ms, to_ms, found_ms, seen_ms, gone_ms, leaf \
             FROM scrub_fault ",
            $rest
        )
    };
}
macro_rules! sql_next {
    ($which:literal) => {
        concat!(
            "SELECT id, path FROM container WHERE deleted_ms IS NULL AND (checked_ms IS NULL OR checked_ms < $1) AND id > $2 AND ",
            $which,
            " ORDER BY id LIMIT $3"
        )
    };
}
/// What a round looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// All sealed containers.
    All,
    /// Those of a camera, also the one that is being written.
    Camera(CameraId),
    /// Those on a disk, also those that are being written.
    Disk(String),
}

impl Scope {
    /// As a row has it: empty, `camera:…`, `disk:…`.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Camera(id) => format!("camera:{id}"),
            Self::Disk(name) => format!("disk:{name}"),
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code.split_once(':') {
            None => code.is_empty().then_some(Self::All),
            Some(("camera", id)) => CameraId::parse(id).map(Self::Camera),
            Some(("disk", name)) => (!name.is_empty()).then(|| Self::Disk(name.to_owned())),
            Some(_) => None,
        }
    }
}

/// A round: running while it has no end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Round {
    /// Counts up.
    pub number: i64,
    /// What it looks at.
    pub scope: Scope,
    /// Who asked for it; none = by itself.
    pub by: Option<AccountId>,
    /// When it began.
    pub began: UtcMs,
    /// When it ended.
    pub ended: Option<UtcMs>,
    /// Containers read.
    pub containers: u64,
    /// Fragments that are as they were recorded.
    pub fragments: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Faults found that were not known.
    pub faults: u64,
    /// Containers on disks that were away at its end: not read.
    pub away: u64,
}

/// A fault as it stands in the rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaultRow {
    /// Which container.
    pub container: ContainerId,
    /// Stable word, as in `jifang check`.
    pub code: String,
    /// First and last fragment.
    pub seqs: (u64, u64),
    /// Whose.
    pub camera: CameraId,
    /// File.
    pub path: String,
    /// First instant concerned.
    pub from: UtcMs,
    /// Last instant concerned.
    pub to: UtcMs,
    /// When it was found.
    pub found: UtcMs,
    /// When it was seen last.
    pub seen: UtcMs,
    /// When it was found gone.
    pub gone: Option<UtcMs>,
    /// Its entry in the log.
    pub leaf: u64,
}

/// How far the checks are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Coverage {
    /// Sealed containers.
    pub containers: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of these, never checked.
    pub unchecked: u64,
    /// Their bytes.
    pub unchecked_bytes: u64,
    /// The oldest newest check of a container.
    pub oldest: Option<UtcMs>,
}

/// A fault as a reading found it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Found {
    code: &'static str,
    seqs: (u64, u64),
    time: (UtcMs, UtcMs),
}

/// What a reading of one container ended with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Examined {
    /// Faults that were not known.
    pub new: Vec<FaultRow>,
    /// Faults that are not there any more.
    pub mended: u64,
    /// It was deleted, moved or cut meanwhile: nothing was said of it.
    pub gone: bool,
}

/// A container that is being read.
pub struct Reading {
    rowed: Arc<Rowed>,
    file: Arc<File>,
    next: usize,
    found: Vec<Found>,
    fragments: u64,
    bytes: u64,
}

impl Reading {
    /// Reads a few MB more; the bytes read, or `None` when everything was. Blocks.
    #[must_use]
    pub fn step(mut self) -> (Self, Option<u64>) {
        let rowed = self.rowed.clone();
        let mut read = 0;
        while let Some(frag) = rowed.frags.get(self.next) {
            if read > 0 && read + frag.bytes > STEP_BYTES {
                return (self, Some(read));
            }
            match same(&self.file, frag) {
                Ok(true) => self.fragments += 1,
                Ok(false) => self.add("fragment_differs", frag),
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => self.add("container_short", frag),
                Err(_) => self.add("container_unreadable", frag),
            }
            read += frag.bytes;
            self.bytes += frag.bytes;
            self.next += 1;
        }
        (self, (read > 0).then_some(read))
    }

    /// A bad fragment; joined to the one before it when that is bad in the same way.
    fn add(&mut self, code: &'static str, frag: &Frag) {
        let full = self.found.len() >= FAULTS;
        match self.found.last_mut() {
            Some(last) if full || (last.code == code && last.seqs.1 + 1 == frag.seq) => {
                last.seqs.1 = frag.seq;
                last.time.1 = frag.end();
            }
            _ => self.found.push(Found { code, seqs: (frag.seq, frag.seq), time: (frag.start, frag.end()) }),
        }
    }
}

/// True when the file has the bytes that the row names.
fn same(file: &File, frag: &Frag) -> std::io::Result<bool> {
    let mut bytes = vec![0; usize::try_from(frag.bytes).map_err(std::io::Error::other)?];
    // What is compared must come from the disk, as far as the system lets us ask for that.
    let len = std::num::NonZeroU64::new(frag.bytes);
    let _ = rustix::fs::fadvise(file, frag.offset, len, rustix::fs::Advice::DontNeed);
    let n = read_some(file, frag.offset, &mut bytes)?;
    let _ = rustix::fs::fadvise(file, frag.offset, len, rustix::fs::Advice::DontNeed);
    if n < bytes.len() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Sha256::of(&bytes) == frag.sha256)
}

/// What can be begun with a container.
pub enum Begun {
    /// It can be read.
    Reading(Box<Reading>),
    /// It cannot, and that was stored.
    Stored(Examined),
    /// It is not there any more, or its disk is away.
    Left,
}

impl Store {
    /// Begins a round over everything; `None` while there is nothing to look at. A check of later than now, noted by a clock that was
    /// wrong, does not count: its container would not be read again until then.
    ///
    /// # Errors
    /// The database.
    pub async fn begin_round(&self, now: UtcMs) -> Result<Option<Round>, DbError> {
        let sql =
            "SELECT 1 FROM container WHERE deleted_ms IS NULL AND sealed_ms IS NOT NULL AND start_ms < $1 LIMIT 1";
        if self.db.row(sql, args![now]).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.db.begin().await?;
        let number = tx.rows("SELECT COALESCE(MAX(number), 0) + 1 FROM scrub_round", vec![]).await?;
        let number = number.first().map_or(Ok(1), |r| r.int(0))?;
        tx.exec(NEW_ROUND, args![number, "", None::<String>, now]).await?;
        tx.exec("DELETE FROM scrub_round WHERE number <= $1", args![number - ROUNDS]).await?;
        tx.exec("UPDATE container SET checked_ms = NULL WHERE checked_ms > $1", args![now]).await?;
        tx.commit().await?;
        self.round(number).await
    }

    /// A person asks for a round over a camera or a disk, with the entry `integrity.asked`; false when the same is waiting already or
    /// too many wait.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn ask_round(&self, scope: &Scope, by: AccountId, text: Text, now: UtcMs) -> Result<bool, LogError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let open = tx.rows("SELECT scope FROM scrub_round WHERE ended_ms IS NULL AND scope <> ''", vec![]).await?;
        let code = scope.code();
        for row in &open {
            if row.text(0)? == code {
                return Ok(false);
            }
        }
        if open.len() >= ASKED {
            return Ok(false);
        }
        let number = tx.rows("SELECT COALESCE(MAX(number), 0) + 1 FROM scrub_round", vec![]).await?;
        let number = number.first().map_or(Ok(1), |r| r.int(0))?;
        tx.exec(NEW_ROUND, args![number, code.clone(), Some(by), now]).await?;
        let camera = if let Scope::Camera(id) = scope { Some(*id) } else { None };
        let body = serde_json::json!({ "scope": code, "by": by });
        let act = ActLine { outcome: Outcome::Done, account: Some(by), camera, request: None, clauses: vec![], text };
        tx.log(LogEntry { kind: ASKED_KIND, at: now, body, act: Some(act) }).await?;
        Ok(tx.commit().await.map(|()| true)?)
    }

    async fn round(&self, number: i64) -> Result<Option<Round>, DbError> {
        self.db.row(sql_round!("WHERE number = $1"), args![number]).await?.map(|r| round_of(&r)).transpose()
    }

    /// Rounds that have not ended: those that persons asked for first, then the one over everything.
    ///
    /// # Errors
    /// The database.
    pub async fn open_rounds(&self) -> Result<Vec<Round>, DbError> {
        let sql =
            sql_round!("WHERE ended_ms IS NULL ORDER BY CASE WHEN scope = '' THEN 1 ELSE 0 END, number LIMIT 100");
        self.db.rows(sql, vec![]).await?.iter().map(round_of).collect()
    }

    /// The newest rounds first.
    ///
    /// # Errors
    /// The database.
    pub async fn rounds(&self, limit: u32) -> Result<Vec<Round>, DbError> {
        self.db.rows(sql_round!("ORDER BY number DESC LIMIT $1"), args![limit]).await?.iter().map(round_of).collect()
    }

    /// The newest round over everything.
    ///
    /// # Errors
    /// The database.
    pub async fn newest_round(&self) -> Result<Option<Round>, DbError> {
        let sql = sql_round!("WHERE scope = '' ORDER BY number DESC LIMIT 1");
        self.db.row(sql, vec![]).await?.map(|r| round_of(&r)).transpose()
    }

    /// The next container of a round behind `after` (an id, empty for the first), with how many on disks that are away were passed.
    ///
    /// # Errors
    /// The database.
    pub async fn next_of_round(&self, round: &Round, after: &str) -> Result<(Option<ContainerId>, u64), DbError> {
        let mut after = after.to_owned();
        let mut away = 0;
        loop {
            let rows = match &round.scope {
                Scope::All => {
                    let sql = sql_next!("sealed_ms IS NOT NULL AND start_ms < $1");
                    self.db.rows(sql, args![round.began, after.clone(), PAGE]).await?
                }
                Scope::Camera(camera) => {
                    self.db.rows(sql_next!("camera = $4"), args![round.began, after.clone(), PAGE, *camera]).await?
                }
                Scope::Disk(name) => {
                    let like = crate::footage::moves::pattern(name);
                    self.db.rows(sql_next!("path LIKE $4"), args![round.began, after.clone(), PAGE, like]).await?
                }
            };
            let Some(last) = rows.last() else { return Ok((None, away)) };
            after = last.text(0)?;
            for row in &rows {
                if self.disks.is_here(&row.text(1)?) {
                    return Ok((Some(row.read(0, ContainerId::parse)?), away));
                }
                away += 1;
            }
        }
    }

    /// Opens a container for reading: its rows against the log first.
    ///
    /// # Errors
    /// The database or the log.
    pub async fn begin_reading(&self, round: &Round, id: ContainerId, now: UtcMs) -> Result<Begun, StoreError> {
        let Some(rowed) = self.rowed(id).await? else { return Ok(Begun::Left) };
        let Some(path) = self.disks.own_file(&rowed.head.path) else { return Ok(Begun::Left) };
        let rowed = Arc::new(rowed);
        let mut found = self.against_log(&rowed).await?;
        let whole = whole(&rowed);
        if rowed.damaged {
            found.push(Found { code: "span_index", ..whole.clone() });
        }
        let looked = {
            let rowed = rowed.clone();
            tokio::task::spawn_blocking(move || open(&rowed, path)).await
        };
        let looked = looked.map_err(|e| io(&rowed, std::io::Error::other(e)))?;
        let (file, codes) = match looked {
            Ok(opened) => opened,
            Err(error) => {
                let gone = error.kind() == std::io::ErrorKind::NotFound;
                let code = if gone { "container_missing" } else { "container_unreadable" };
                found.push(Found { code, ..whole });
                return Ok(Begun::Stored(self.store_findings(round, &rowed, (found, 0, 0), now).await?));
            }
        };
        found.extend(codes.into_iter().map(|code| Found { code, ..whole.clone() }));
        Ok(Begun::Reading(Box::new(Reading { rowed, file: Arc::new(file), next: 0, found, fragments: 0, bytes: 0 })))
    }

    /// Stores what a reading found.
    ///
    /// # Errors
    /// The database or the log; then the container is read again.
    pub async fn finish_reading(&self, round: &Round, reading: Reading, now: UtcMs) -> Result<Examined, LogError> {
        let Reading { rowed, found, fragments, bytes, .. } = reading;
        self.store_findings(round, &rowed, (found, fragments, bytes), now).await
    }

    /// Rows of spans against their entries.
    async fn against_log(&self, rowed: &Rowed) -> Result<Vec<Found>, StoreError> {
        let sql = "SELECT leaf, first_seq, last_seq FROM span WHERE container = $1 ORDER BY first_seq";
        let size = self.log.head().0.size;
        let mut found = Vec::new();
        for row in self.db.rows(sql, args![rowed.head.id]).await? {
            let number = |i| Ok::<_, DbError>(u64::try_from(row.int(i)?).unwrap_or(0));
            let (leaf, first, last) = (number(0)?, number(1)?, number(2)?);
            let frags: Vec<_> = rowed.frags.iter().filter(|f| (first..=last).contains(&f.seq)).cloned().collect();
            // An entry that waits for its place in the files is of this minute; a later round sees it.
            if leaf >= size || frags.is_empty() {
                continue;
            }
            let log = self.log.clone();
            let entry = tokio::task::spawn_blocking(move || log.entry(leaf))
                .await
                .map_err(|e| io(rowed, std::io::Error::other(e)))?;
            let body = entry.ok().and_then(|bytes| bytes.parse().ok());
            let body = body.and_then(|entry| super::entries::body::<SpanBody>(&entry));
            let prev = frags.first().map(|f| f.prev).unwrap_or_default();
            let same = match &body {
                Some(body) => {
                    span_body(&rowed.head, prev, &frags) == *body || self.is_cut(&rowed.head, &frags, body).await?
                }
                None => false,
            };
            if !same {
                let time = frags.first().zip(frags.last()).map_or(whole(rowed).time, |(a, b)| (a.start, b.end()));
                found.push(Found { code: "span_differs", seqs: (first, last), time });
            }
        }
        found.truncate(FAULTS);
        Ok(found)
    }

    /// Findings, counts and the time of the check in one transaction.
    ///
    /// A crash before the commit leaves the container unchecked: it is read again.
    async fn store_findings(
        &self,
        round: &Round,
        rowed: &Rowed,
        (found, fragments, bytes): (Vec<Found>, u64, u64),
        now: UtcMs,
    ) -> Result<Examined, LogError> {
        let head = &rowed.head;
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = "SELECT path, bytes FROM container WHERE id = $1 AND deleted_ms IS NULL";
        let row = tx.rows(sql, args![head.id]).await?;
        let Some(row) = row.first() else { return Ok(Examined { gone: true, ..Examined::default() }) };
        let moved = row.text(0)? != head.path || u64::try_from(row.int(1)?).unwrap_or(0) < rowed.bytes;
        // Moved or cut while it was read, or its disk went: what looks wrong may not be.
        if !found.is_empty() && (moved || !self.disks.is_here(&head.path)) {
            return Ok(Examined { gone: true, ..Examined::default() });
        }
        let mut out = Examined::default();
        let known = tx.rows(sql_fault!("WHERE container = $1"), args![head.id]).await?;
        let known = known.iter().map(fault_of).collect::<Result<Vec<_>, _>>()?;
        for f in &found {
            let same = |k: &&FaultRow| k.code == f.code && k.seqs.0 == f.seqs.0;
            let open = known.iter().find(same).filter(|k| k.gone.is_none());
            let leaf = match open {
                Some(known) => known.leaf,
                None => tx.log(fault_entry(rowed, f, now)).await?,
            };
            let row = FaultRow {
                container: head.id,
                code: f.code.to_owned(),
                seqs: f.seqs,
                camera: head.camera,
                path: head.path.clone(),
                from: f.time.0,
                to: f.time.1,
                found: open.map_or(now, |k| k.found),
                seen: now,
                gone: None,
                leaf,
            };
            put_fault(&mut tx, &row).await?;
            if open.is_none() {
                out.new.push(row);
            }
        }
        for k in known.iter().filter(|k| k.gone.is_none()) {
            if !found.iter().any(|f| k.code == f.code && k.seqs.0 == f.seqs.0) {
                tx.log(mended_entry(k, now)).await?;
                let sql = "UPDATE scrub_fault SET gone_ms = $4 WHERE container = $1 AND code = $2 AND first_seq = $3";
                tx.exec(sql, args![k.container, k.code.clone(), k.seqs.0, now]).await?;
                out.mended += 1;
            }
        }
        tx.exec("UPDATE container SET checked_ms = $2 WHERE id = $1", args![head.id, now.max(round.began)]).await?;
        tx.exec(
            "UPDATE scrub_round SET containers = containers + 1, fragments = fragments + $2, bytes = bytes + $3, \
             faults = faults + $4 WHERE number = $1",
            args![round.number, fragments, bytes, u64::try_from(out.new.len()).unwrap_or(u64::MAX)],
        )
        .await?;
        tx.commit().await?;
        Ok(out)
    }

    /// Ends a round, with the entry `integrity.checked`.
    ///
    /// # Errors
    /// The database or the log; then it goes on.
    pub async fn end_round(&self, number: i64, away: u64, now: UtcMs) -> Result<Option<Round>, LogError> {
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let sql = sql_round!("WHERE number = $1 AND ended_ms IS NULL");
        let Some(row) = tx.rows(sql, args![number]).await?.first().map(round_of).transpose()? else { return Ok(None) };
        let round = Round { ended: Some(now), away, ..row };
        tx.exec("UPDATE scrub_round SET ended_ms = $2, away = $3 WHERE number = $1", args![number, now, away]).await?;
        let body = serde_json::json!({
            "round": number, "scope": round.scope.code(), "began_utc_ms": round.began, "containers": round.containers,
            "fragments": round.fragments, "bytes": round.bytes, "faults": round.faults, "away": away,
        });
        let (n, size, faults) = (round.containers, base::size(round.bytes), round.faults);
        let text = Text::of(
            format!("完整性检查结束：录像文件 {n} 个，{size}，新发现问题 {faults} 处。"),
            format!(
                "Integrity check ended: {n} {}, {size}, {faults} new {}.",
                base::plural(n, "container", "containers"),
                base::plural(faults, "fault", "faults")
            ),
        );
        let camera = if let Scope::Camera(id) = &round.scope { Some(*id) } else { None };
        let act = ActLine { outcome: Outcome::Done, account: None, camera, request: None, clauses: vec![], text };
        tx.log(LogEntry { kind: CHECKED_KIND, at: now, body, act: Some(act) }).await?;
        tx.commit().await?;
        Ok(Some(round))
    }

    /// Faults that are there, and those that went in the last rounds; the newest first.
    ///
    /// # Errors
    /// The database.
    pub async fn scrub_faults(&self, limit: u32) -> Result<Vec<FaultRow>, DbError> {
        let sql = sql_fault!(
            "ORDER BY CASE WHEN gone_ms IS NULL THEN 0 ELSE 1 END, found_ms DESC, container, first_seq LIMIT $1"
        );
        self.db.rows(sql, args![limit]).await?.iter().map(fault_of).collect()
    }

    /// How many faults are there, of a camera or of all.
    ///
    /// # Errors
    /// The database.
    pub async fn open_faults(&self, camera: Option<CameraId>) -> Result<u64, DbError> {
        let row = match camera {
            Some(id) => {
                let sql = "SELECT COUNT(*) FROM scrub_fault f JOIN container k ON k.id = f.container \
                           WHERE f.gone_ms IS NULL AND k.deleted_ms IS NULL AND f.camera = $1";
                self.db.row(sql, args![id]).await?
            }
            None => {
                let sql = "SELECT COUNT(*) FROM scrub_fault f JOIN container k ON k.id = f.container \
                           WHERE f.gone_ms IS NULL AND k.deleted_ms IS NULL";
                self.db.row(sql, vec![]).await?
            }
        };
        Ok(u64::try_from(row.map_or(Ok(0), |r| r.int(0))?).unwrap_or(0))
    }

    /// Faults of containers whose term ended since are over: the footage is not there any more. Returns the cameras concerned.
    ///
    /// # Errors
    /// The database.
    pub async fn close_faults_of_deleted(&self, now: UtcMs) -> Result<Vec<CameraId>, DbError> {
        let sql = "UPDATE scrub_fault SET gone_ms = $1 WHERE gone_ms IS NULL AND container IN \
                   (SELECT id FROM container WHERE deleted_ms IS NOT NULL) RETURNING camera";
        let mut tx = self.db.begin().await?;
        let rows = tx.rows(sql, args![now]).await?;
        tx.commit().await?;
        rows.iter().map(|r| r.read(0, CameraId::parse)).collect()
    }

    /// How much was checked, and when.
    ///
    /// # Errors
    /// The database.
    pub async fn coverage(&self) -> Result<Coverage, DbError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT), \
                   CAST(COALESCE(SUM(CASE WHEN checked_ms IS NULL THEN 1 ELSE 0 END), 0) AS BIGINT), \
                   CAST(COALESCE(SUM(CASE WHEN checked_ms IS NULL THEN bytes ELSE 0 END), 0) AS BIGINT), MIN(checked_ms) \
                   FROM container WHERE deleted_ms IS NULL AND sealed_ms IS NOT NULL";
        let Some(r) = self.db.row(sql, vec![]).await? else { return Ok(Coverage::default()) };
        let number = |i| Ok::<_, DbError>(u64::try_from(r.int(i)?).unwrap_or(0));
        Ok(Coverage {
            containers: number(0)?,
            bytes: number(1)?,
            unchecked: number(2)?,
            unchecked_bytes: number(3)?,
            oldest: r.int_opt(4)?.map(UtcMs),
        })
    }
}

const NEW_ROUND: &str = "INSERT INTO scrub_round (number, scope, asked_by, began_ms, ended_ms, containers, fragments, bytes, \
                         faults, away) VALUES ($1, $2, $3, $4, NULL, 0, 0, 0, 0, 0)";

fn round_of(r: &Row) -> Result<Round, DbError> {
    let number = |i| Ok::<_, DbError>(u64::try_from(r.int(i)?).unwrap_or(0));
    Ok(Round {
        number: r.int(0)?,
        scope: r.read(1, Scope::parse)?,
        by: r.text_opt(2)?.and_then(|id| AccountId::parse(&id)),
        began: UtcMs(r.int(3)?),
        ended: r.int_opt(4)?.map(UtcMs),
        containers: number(5)?,
        fragments: number(6)?,
        bytes: number(7)?,
        faults: number(8)?,
        away: number(9)?,
    })
}

fn fault_of(r: &Row) -> Result<FaultRow, DbError> {
    let number = |i| Ok::<_, DbError>(u64::try_from(r.int(i)?).unwrap_or(0));
    Ok(FaultRow {
        container: r.read(0, ContainerId::parse)?,
        code: r.text(1)?,
        seqs: (number(2)?, number(3)?),
        camera: r.read(4, CameraId::parse)?,
        path: r.text(5)?,
        from: UtcMs(r.int(6)?),
        to: UtcMs(r.int(7)?),
        found: UtcMs(r.int(8)?),
        seen: UtcMs(r.int(9)?),
        gone: r.int_opt(10)?.map(UtcMs),
        leaf: number(11)?,
    })
}

async fn put_fault(tx: &mut Tx, f: &FaultRow) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO scrub_fault (container, code, first_seq, last_seq, camera, path, from_ms, to_ms, found_ms, seen_ms, gone_ms, \
         leaf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, $11) \
         ON CONFLICT (container, code, first_seq) DO UPDATE SET last_seq = excluded.last_seq, path = excluded.path, \
         to_ms = excluded.to_ms, found_ms = excluded.found_ms, seen_ms = excluded.seen_ms, gone_ms = NULL, leaf = excluded.leaf",
        args![
            f.container,
            f.code.clone(),
            f.seqs.0,
            f.seqs.1,
            f.camera,
            f.path.clone(),
            f.from,
            f.to,
            f.found,
            f.seen,
            f.leaf
        ],
    )
    .await
    .map(|_| ())
}

fn io(rowed: &Rowed, source: std::io::Error) -> StoreError {
    StoreError::Io { path: rowed.head.path.clone(), source }
}

/// A fault of the whole container.
fn whole(rowed: &Rowed) -> Found {
    let (first, last) = (rowed.frags.first(), rowed.frags.last());
    let seqs = (first.map_or(0, |f| f.seq), last.map_or(0, |f| f.seq));
    let time = (rowed.head.start, last.map_or(rowed.head.start, Frag::end));
    Found { code: "container_missing", seqs, time }
}

/// Opens the file and compares what is not a fragment: length and init segment.
fn open(rowed: &Rowed, path: PathBuf) -> std::io::Result<(File, Vec<&'static str>)> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut codes = Vec::new();
    let end = rowed.frags.last().map_or(rowed.head.init.len() as u64, |f| f.offset + f.bytes);
    if rowed.sealed && !rowed.damaged && end != rowed.bytes {
        codes.push("span_rows");
    }
    if rowed.sealed && len > end.max(rowed.bytes) {
        codes.push("container_long");
    }
    let mut init = vec![0; rowed.head.init.len()];
    if read_some(&file, 0, &mut init)? < init.len() || init != rowed.head.init {
        codes.push("init_changed");
    }
    Ok((file, codes))
}

fn fault_entry(rowed: &Rowed, f: &Found, now: UtcMs) -> LogEntry {
    let head = &rowed.head;
    let body = serde_json::json!({
        "camera": head.camera, "container": head.id, "fault": f.code, "first_seq": f.seqs.0, "last_seq": f.seqs.1,
        "from_utc_ms": f.time.0, "to_utc_ms": f.time.1,
    });
    let (what, from, to) = (meaning(f.code), f.time.0.desk(), f.time.1.desk());
    let text = Text::of(
        format!("完整性检查：录像 {from} 至 {to}，{}。", what.zh),
        format!("Integrity check: footage {from} to {to}: {}.", what.en),
    );
    LogEntry { kind: FAULT_KIND, at: now, body, act: Some(line(head.camera, text)) }
}

fn mended_entry(f: &FaultRow, now: UtcMs) -> LogEntry {
    let body = serde_json::json!({
        "camera": f.camera, "container": f.container, "fault": f.code, "first_seq": f.seqs.0, "last_seq": f.seqs.1,
        "from_utc_ms": f.from, "to_utc_ms": f.to,
    });
    let (what, from, to) = (meaning(&f.code), f.from.desk(), f.to.desk());
    let text = Text::of(
        format!("完整性检查：录像 {from} 至 {to} 已恢复相符（此前：{}）。", what.zh),
        format!("Integrity check: footage {from} to {to} is as recorded again (before: {}).", what.en),
    );
    LogEntry { kind: MENDED_KIND, at: now, body, act: Some(line(f.camera, text)) }
}

const fn line(camera: CameraId, text: Text) -> ActLine {
    ActLine { outcome: Outcome::Done, account: None, camera: Some(camera), request: None, clauses: vec![], text }
}

/// What a code means, as part of a sentence.
#[must_use]
pub fn meaning(code: &str) -> Text {
    match code {
        "container_missing" => Text::new("录像文件不存在", "the file is missing"),
        "container_unreadable" => Text::new("录像文件无法读取", "the file cannot be read"),
        "container_short" => Text::new("录像文件比记录短", "the file is shorter than recorded"),
        "container_long" => Text::new("录像文件末尾有多余内容", "the file goes on behind its last fragment"),
        "init_changed" => Text::new("文件头被改动", "the head of the file was changed"),
        "fragment_differs" => Text::new("录像内容与记录时不同", "the footage is not what was recorded"),
        "span_index" => Text::new("片段索引损坏", "the index of its fragments is damaged"),
        "span_rows" => Text::new("片段记录不完整", "rows of some of its fragments are missing"),
        "span_differs" => Text::new("片段记录与日志不符", "its rows are not what the log says"),
        _ => Text::new("与记录不符", "it is not what was recorded"),
    }
}

/// What a person does about it.
#[must_use]
pub fn remedy(code: &str) -> Text {
    match code {
        "container_missing" => Text::new(
            "查明文件去向；有备份或旧盘的，停止服务后把原文件放回原处。",
            "Find out where the file went; with a copy of it, stop the service and put the file back in its place.",
        ),
        "container_unreadable" => Text::new(
            "磁盘可能正在损坏：检查磁盘 SMART，尽快把该盘设为清空（drain）。",
            "The disk may be failing: look at its SMART values and set it to `drain` soon.",
        ),
        "span_index" | "span_rows" | "span_differs" => Text::new(
            "停止服务，运行 jifang check --rebuild 查看能否由录像文件和日志重建。",
            "Stop the service and run `jifang check --rebuild`: rows are made again from containers and log.",
        ),
        _ => Text::new(
            "不要删除。检查磁盘和谁能接触它；有备份的，停止服务后放回原文件。这一段的复制件不会通过校验。",
            "Do not delete it. Examine the disk and who had access; with a backup, stop the service and put the file back. A copy of this \
             stretch will not verify.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_come_back_as_written() {
        let camera = CameraId::new(1, [1; 10]);
        for scope in [Scope::All, Scope::Camera(camera), Scope::Disk("b-2".into())] {
            assert_eq!(Scope::parse(&scope.code()), Some(scope));
        }
        for bad in ["camera:", "camera:x", "disk:", "x:y", "camera"] {
            assert_eq!(Scope::parse(bad), None, "{bad}");
        }
    }
}
