//! Rows made again from what cannot be forged: the containers themselves, and the log. For lost rows, a disk that was moved to another
//! machine, a database older than its footage.
//!
//! ```text
//! files without whole rows ─▶ the log, once, from its begin: what it says of them ─▶ plan (dry run ends here)
//!                                                                         ─▶ one transaction a container: rows + footage.rebuilt
//! ```
//!
//! Always true: the log decides. Fragments that it knows get their rows only when the file still has exactly those bytes, and their
//! rows name the old entries; what it knows as deleted or lost does not come back (a row that says otherwise is put right); what it
//! does not know is entered now, as a start after a crash does. A container is rebuilt as a whole or not at all, so a second run
//! finds nothing to do and one after a crash does the rest.

use super::recover::{container_files_of, read_init, scan_file};
use super::{ContainerHead, Frag, SPAN_FRAGS, container_path, index, lost, span_body};
use crate::db::DbError;
use crate::ledger_log::{ActLine, Frozen, LogEntry, LogError, Outcome, Tx};
use crate::{Store, StoreError, args};
use base::{CameraId, ContainerId, Sha256, Text, UtcMs};
use domain::recording::GapCause;
use domain::recording::entry::{
    DELETED_KIND, DeletedBody, GAP_KIND, GapBody, LOST_KIND, LostBody, SEAL_KIND, SPAN_KIND, SealBody, SpanBody,
};
use ledger::{Entry, Log};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// Kind of the entry of a container whose rows were made again.
pub const REBUILT_KIND: &str = "footage.rebuilt";
/// Containers listed that stay as they are; all are counted.
pub const LEFT: usize = 1_000;

/// Why a container without whole rows stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The log says that it was deleted after its term.
    Deleted,
    /// The log says that it was lost, and this loss is final.
    Lost,
    /// Its bytes are not what the log says.
    Differs,
    /// Its numbers belong to other footage in the log.
    Taken,
    /// No camera of this id is known.
    NoCamera,
    /// It holds no whole fragment, or of another camera or container.
    Unreadable,
}

impl Why {
    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Lost => "lost",
            Self::Differs => "differs",
            Self::Taken => "taken",
            Self::NoCamera => "no_camera",
            Self::Unreadable => "unreadable",
        }
    }

    /// In words.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Deleted => Text::new(
                "日志记录它已依法删除，不恢复；下次启动清除文件",
                "the log says that it was deleted lawfully: it does not come back, and the next start removes the file",
            ),
            Self::Lost => Text::new("日志已登记丢失，不恢复", "the log has declared it lost: it does not come back"),
            Self::Differs => {
                Text::new("内容与日志不符，不重建", "its bytes are not what the log says: it is not rebuilt")
            }
            Self::Taken => Text::new("片段编号在日志中属于别的录像", "its numbers belong to other footage in the log"),
            Self::NoCamera => Text::new(
                "数据库中没有这台摄像机；请恢复认识它的数据库",
                "the database knows no such camera: restore one that does",
            ),
            Self::Unreadable => Text::new("没有完整的录像片段", "it holds no whole fragment"),
        }
    }
}

/// What of one camera is or would be made again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OfCamera {
    /// Containers.
    pub containers: u64,
    /// Fragments whose entries are in the log.
    pub logged: u64,
    /// Fragments that the log did not know.
    pub new: u64,
    /// First instant.
    pub from: Option<UtcMs>,
    /// Last instant.
    pub to: Option<UtcMs>,
}

/// What a rebuilding did, or would do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rebuilt {
    /// By camera.
    pub cameras: BTreeMap<CameraId, OfCamera>,
    /// Rows of gaps made again from their entries.
    pub gaps: u64,
    /// Rows of losses made again from their entries.
    pub losses: u64,
    /// Rows put right that did not know of a deletion in the log.
    pub deletions: u64,
    /// Containers that stay as they are, at most `LEFT`: path, why.
    pub left: Vec<(String, Why)>,
    /// How many they are.
    pub left_count: u64,
}

impl Rebuilt {
    /// True when there was nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.cameras.is_empty() && self.gaps + self.losses + self.deletions == 0
    }

    fn leave(&mut self, path: &str, why: Why) {
        self.left_count += 1;
        if self.left.len() < LEFT {
            self.left.push((path.to_owned(), why));
        }
    }
}

/// A file without whole rows.
struct Candidate {
    id: ContainerId,
    camera: CameraId,
    file: PathBuf,
    path: String,
}

/// What the log says of a candidate.
#[derive(Default)]
struct Known {
    spans: Vec<u64>,
    sealed: bool,
    deleted: bool,
    lost: Vec<LostBody>,
}

/// What the log says of everything that a row may be missing of.
#[derive(Default)]
struct Survey {
    candidates: HashMap<ContainerId, Known>,
    /// Highest number in the log, by camera.
    highest: HashMap<CameraId, u64>,
    /// Deletions whose rows say otherwise, with their time.
    deletions: Vec<(DeletedBody, UtcMs)>,
    /// Entries of gaps and losses without a row, in order.
    gaps: Vec<(u64, GapBody)>,
    losses: Vec<(u64, LostBody)>,
}

/// A container that can be rebuilt.
struct Plan {
    head: ContainerHead,
    /// Whole spans that the log knows, with the places of their entries.
    logged: Vec<(u64, Vec<Frag>)>,
    /// Fragments behind them.
    new: Vec<Frag>,
    sealed: bool,
}

impl Plan {
    fn frags(&self) -> impl DoubleEndedIterator<Item = &Frag> {
        self.logged.iter().flat_map(|(_, frags)| frags).chain(&self.new)
    }
}

impl Store {
    /// Makes rows again; with `write` false only says what it would do. `progress` is told containers done and in all. The server
    /// must not be running: nothing may be recorded meanwhile.
    ///
    /// # Errors
    /// The database, the log or a disk. What was done until then stays, and the next run does the rest.
    pub async fn rebuild(
        &self,
        write: bool,
        now: UtcMs,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Rebuilt, StoreError> {
        self.flush_ledger().await?;
        let candidates = self.candidates().await?;
        let frozen = Arc::new(self.log.frozen().await?);
        let mut survey = self.survey(&frozen, &candidates).await?;
        let mut out = Rebuilt::default();
        let total = candidates.len() as u64;
        for (n, candidate) in candidates.into_iter().enumerate() {
            progress(n as u64, total);
            let known = survey.candidates.remove(&candidate.id).unwrap_or_default();
            let path = candidate.path.clone();
            match self.plan(&frozen, candidate, known, &mut survey.highest).await? {
                Err(why) => out.leave(&path, why),
                Ok(plan) => {
                    out.add(&plan);
                    if write {
                        self.write_plan(plan, now).await?;
                    }
                }
            }
        }
        self.rest(survey, write, &mut out).await?;
        progress(total, total);
        Ok(out)
    }

    /// Containers on the disks that are there, whose rows are missing or not whole.
    async fn candidates(&self) -> Result<Vec<Candidate>, StoreError> {
        let disks = self.disks.clone();
        let files = tokio::task::spawn_blocking(move || container_files_of(&disks)).await.map_err(join)?;
        let mut out = Vec::new();
        for (camera, file, path) in files {
            let Some(id) = file.file_stem().and_then(|s| s.to_str()).and_then(ContainerId::parse) else { continue };
            let deleted = "SELECT 1 FROM container WHERE id = $1 AND deleted_ms IS NOT NULL";
            if self.db.row(deleted, args![id]).await?.is_some() {
                continue;
            }
            let whole = self.rowed(id).await?.is_some_and(|rowed| {
                let end = rowed.frags.last().map_or(0, |f| f.offset + f.bytes);
                // Another file of the same container is a copy that a move left; the start removes it.
                rowed.head.path != path || (!rowed.damaged && end == rowed.bytes && is_run(&rowed.frags, &rowed.head))
            });
            if !whole {
                out.push(Candidate { id, camera, file, path });
            }
        }
        Ok(out)
    }

    async fn survey(&self, frozen: &Arc<Frozen>, candidates: &[Candidate]) -> Result<Survey, StoreError> {
        let mut survey =
            Survey { candidates: candidates.iter().map(|c| (c.id, Known::default())).collect(), ..Survey::default() };
        let mut at = 0;
        while at < frozen.size() {
            let files = frozen.clone();
            let bundle = tokio::task::spawn_blocking(move || Log::new(&*files, files.size()).bundle_of(at));
            // A bundle that cannot be read is for `jifang check` to name; nothing is made from half a log.
            let (_, entries) = bundle.await.map_err(join)?.map_err(LogError::from)?;
            let next = at + (entries.len() as u64).max(1);
            for (idx, bytes) in (at..).zip(entries) {
                let Ok(entry) = bytes.parse() else { continue };
                self.survey_entry(idx, &entry, &mut survey).await?;
            }
            at = next;
        }
        Ok(survey)
    }

    async fn survey_entry(&self, idx: u64, entry: &Entry, survey: &mut Survey) -> Result<(), DbError> {
        match entry.kind.as_str() {
            SPAN_KIND => {
                let Some(body) = body::<SpanBody>(entry) else { return Ok(()) };
                if let Some(last) = body.fragments.last() {
                    let highest = survey.highest.entry(body.camera).or_default();
                    *highest = last.seq.max(*highest);
                }
                if let Some(known) = survey.candidates.get_mut(&body.container) {
                    known.spans.push(idx);
                }
            }
            SEAL_KIND => {
                let Some(body) = body::<SealBody>(entry) else { return Ok(()) };
                if let Some(known) = survey.candidates.get_mut(&body.container) {
                    known.sealed = true;
                }
            }
            DELETED_KIND => {
                let Some(body) = body::<DeletedBody>(entry) else { return Ok(()) };
                if let Some(known) = survey.candidates.get_mut(&body.container) {
                    known.deleted = true;
                }
                let sql = "SELECT 1 FROM container WHERE id = $1 AND deleted_ms IS NOT NULL";
                if self.db.row(sql, args![body.container]).await?.is_none() {
                    survey.deletions.push((body, entry.at_utc_ms));
                }
            }
            LOST_KIND => {
                let Some(body) = body::<LostBody>(entry) else { return Ok(()) };
                if let Some(known) = survey.candidates.get_mut(&body.container) {
                    known.lost.push(body.clone());
                }
                if self.db.row("SELECT 1 FROM loss WHERE leaf = $1", args![idx]).await?.is_none() {
                    survey.losses.push((idx, body));
                }
            }
            GAP_KIND => {
                let Some(body) = body::<GapBody>(entry) else { return Ok(()) };
                let sql = "SELECT 1 FROM gap WHERE camera = $1 AND from_ms = $2 AND leaf >= $3";
                if self.db.row(sql, args![body.camera, body.from_utc_ms, idx]).await?.is_none() {
                    survey.gaps.push((idx, body));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What can be made of one container, by the log's leave.
    async fn plan(
        &self,
        frozen: &Arc<Frozen>,
        c: Candidate,
        known: Known,
        highest: &mut HashMap<CameraId, u64>,
    ) -> Result<Result<Plan, Why>, StoreError> {
        if known.deleted {
            return Ok(Err(Why::Deleted));
        }
        if known.lost.iter().any(|l| l.bytes_left == 0) {
            return Ok(Err(Why::Lost));
        }
        if self.db.row("SELECT 1 FROM camera WHERE id = $1", args![c.camera]).await?.is_none() {
            return Ok(Err(Why::NoCamera));
        }
        let (files, lost) = (frozen.clone(), known.lost.iter().map(|l| l.first_seq).min());
        let read = tokio::task::spawn_blocking(move || read_plan(&files, c, &known, lost)).await.map_err(join)?;
        let plan = match read {
            Ok(plan) => plan,
            Err(why) => return Ok(Err(why)),
        };
        let Some(last) = plan.frags().next_back() else { return Ok(Err(Why::Unreadable)) };
        let camera = plan.head.camera;
        if let Some(first) = plan.new.first() {
            if highest.get(&camera).is_some_and(|h| first.seq <= *h) {
                return Ok(Err(Why::Taken));
            }
            highest.insert(camera, last.seq);
        }
        Ok(Ok(plan))
    }

    /// Rows and the entry `footage.rebuilt`, in one transaction.
    ///
    /// A crash before the commit leaves the container without its rows: the next run comes here again. After it, it is done.
    async fn write_plan(&self, plan: Plan, now: UtcMs) -> Result<(), StoreError> {
        let head = &plan.head;
        let (Some(first), Some(last)) = (plan.frags().next(), plan.frags().next_back()) else { return Ok(()) };
        let mut tx = self.begin().await?;
        tx.lock().await?;
        let end = last.offset + last.bytes;
        tx.exec(
            "INSERT INTO container (id, camera, path, start_ms, end_ms, bytes, codec, init, sealed_ms, deleted_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $5, NULL) \
             ON CONFLICT (id) DO UPDATE SET path = excluded.path, start_ms = excluded.start_ms, end_ms = excluded.end_ms, \
             bytes = excluded.bytes, init = excluded.init, sealed_ms = excluded.sealed_ms, checked_ms = NULL",
            args![
                head.id,
                head.camera,
                head.path.clone(),
                first.start,
                last.end(),
                end,
                head.codec.clone(),
                head.init.clone()
            ],
        )
        .await?;
        tx.exec("DELETE FROM span WHERE container = $1", args![head.id]).await?;
        for (leaf, frags) in &plan.logged {
            put_span(&mut tx, head, *leaf, frags).await?;
        }
        for frags in plan.new.chunks(SPAN_FRAGS) {
            let prev = frags.first().map(|f| f.prev).unwrap_or_default();
            let body = serde_json::to_value(span_body(head, prev, frags)).unwrap_or_default();
            let leaf = tx.log(LogEntry { kind: SPAN_KIND, at: now, body, act: None }).await?;
            put_span(&mut tx, head, leaf, frags).await?;
        }
        if !plan.sealed {
            let body = SealBody { camera: head.camera, container: head.id, bytes: end, last_sha256: last.sha256 };
            let body = serde_json::to_value(body).unwrap_or_default();
            tx.log(LogEntry { kind: SEAL_KIND, at: now, body, act: None }).await?;
        }
        lost::keep_numbers(&mut tx, head.camera, last.seq).await?;
        tx.log(rebuilt_entry(&plan, first, last, now)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Rows of gaps, losses and deletions, made again from their entries alone.
    async fn rest(&self, survey: Survey, write: bool, out: &mut Rebuilt) -> Result<(), StoreError> {
        // Of several entries about one gap the newest tells it as it is.
        let mut gaps: HashMap<(CameraId, UtcMs), (u64, GapBody)> = HashMap::new();
        for (idx, gap) in survey.gaps {
            gaps.insert((gap.camera, gap.from_utc_ms), (idx, gap));
        }
        let mut tx = self.begin().await?;
        for (idx, gap) in gaps.into_values() {
            out.gaps += 1;
            put_gap(&mut tx, idx, &gap).await?;
        }
        for (idx, loss) in survey.losses {
            out.losses += 1;
            lost::row(&mut tx, &loss, idx).await?;
            lost::keep_numbers(&mut tx, loss.camera, loss.last_seq).await?;
        }
        for (body, at) in survey.deletions {
            if tx.rows("SELECT 1 FROM camera WHERE id = $1", args![body.camera]).await?.is_empty() {
                continue;
            }
            out.deletions += 1;
            put_deletion(&mut tx, &body, at).await?;
        }
        // Dropped without a commit nothing of it happened: that is the dry run.
        if write {
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Rebuilt {
    fn add(&mut self, plan: &Plan) {
        let of = self.cameras.entry(plan.head.camera).or_default();
        of.containers += 1;
        of.logged += plan.logged.iter().map(|(_, frags)| frags.len() as u64).sum::<u64>();
        of.new += plan.new.len() as u64;
        let (from, to) = (plan.frags().next().map(|f| f.start), plan.frags().next_back().map(Frag::end));
        of.from = of.from.into_iter().chain(from).min();
        of.to = of.to.max(to);
    }
}

fn join(e: tokio::task::JoinError) -> StoreError {
    StoreError::Io { path: "footage".into(), source: std::io::Error::other(e) }
}

fn body<T: DeserializeOwned>(entry: &Entry) -> Option<T> {
    serde::Deserialize::deserialize(&entry.body).ok().map(|body: T| body)
}

/// True when fragments follow each other from the begin of the file on.
fn is_run(frags: &[Frag], head: &ContainerHead) -> bool {
    let mut at = head.init.len() as u64;
    let mut prev = head.init_sha256;
    frags.iter().all(|f| {
        let follows = f.offset == at && f.prev == prev;
        at = f.offset + f.bytes;
        prev = f.sha256;
        follows
    })
}

/// Reads the file along its chain and lays the log's spans over it. Blocks.
fn read_plan(frozen: &Frozen, c: Candidate, known: &Known, lost: Option<u64>) -> Result<Plan, Why> {
    let (init, bytes) = read_init(&c.file).ok_or(Why::Unreadable)?;
    let sound = init.audio.as_ref().map(|a| format!(" + {}", a.codec.name())).unwrap_or_default();
    let mut head = ContainerHead {
        id: c.id,
        camera: c.camera,
        path: c.path,
        start: UtcMs(0),
        codec: format!("{}{sound}", init.video.codec.name()),
        init_sha256: init.hash,
        init: bytes,
    };
    let mut frags = scan_file(&c.file, &init, &head).ok_or(Why::Unreadable)?;
    frags.retain(|f| lost.is_none_or(|first| f.seq < first));
    head.start = frags.first().ok_or(Why::Unreadable)?.start;
    let log = Log::new(frozen, frozen.size());
    let mut logged = Vec::new();
    let mut rest = frags;
    for idx in &known.spans {
        let entry = log.entry(*idx).ok().and_then(|bytes| bytes.parse().ok());
        let said: SpanBody = entry.and_then(|entry| body(&entry)).ok_or(Why::Differs)?;
        let of_loss = lost.is_some_and(|first| said.fragments.last().is_some_and(|f| f.seq >= first));
        let here = rest.len().min(said.fragments.len());
        let after = rest.split_off(here);
        let prev = rest.first().map(|f| f.prev).unwrap_or_default();
        let mut own = span_body(&head, prev, &rest);
        let mut said_here = SpanBody { fragments: said.fragments[..here].to_vec(), ..said.clone() };
        if of_loss {
            // What a loss cut off is not there; the entry's clock error is that of its last fragment.
            own.clock_error_ms = None;
            said_here.clock_error_ms = None;
        }
        if own != said_here || (here < said.fragments.len() && !of_loss) {
            return Err(Why::Differs);
        }
        if !rest.is_empty() {
            logged.push((*idx, rest));
        }
        rest = after;
    }
    Ok(Plan { head, logged, new: rest, sealed: known.sealed })
}

async fn put_span(tx: &mut Tx, head: &ContainerHead, leaf: u64, frags: &[Frag]) -> Result<(), DbError> {
    let (Some(first), Some(last)) = (frags.first(), frags.last()) else { return Ok(()) };
    tx.exec(
        "INSERT INTO span (camera, start_ms, end_ms, container, first_seq, last_seq, leaf, frags) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![head.camera, first.start, last.end(), head.id, first.seq, last.seq, leaf, index::encode(frags)],
    )
    .await
    .map(|_| ())
}

async fn put_gap(tx: &mut Tx, idx: u64, gap: &GapBody) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO gap (camera, from_ms, to_ms, cause, leaf) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (camera, from_ms) DO UPDATE SET to_ms = excluded.to_ms, cause = excluded.cause, leaf = excluded.leaf",
        args![gap.camera, gap.from_utc_ms, gap.to_utc_ms, GapCause::code(gap.cause), idx],
    )
    .await
    .map(|_| ())
}

/// A container that the log knows as deleted: its row says so too, and the next start removes a file that is still there.
async fn put_deletion(tx: &mut Tx, body: &DeletedBody, at: UtcMs) -> Result<(), DbError> {
    let path = container_path(body.camera, body.container, body.from_utc_ms);
    tx.exec(
        "INSERT INTO container (id, camera, path, start_ms, end_ms, bytes, codec, init, sealed_ms, deleted_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, '', $7, $5, $8) \
         ON CONFLICT (id) DO UPDATE SET deleted_ms = excluded.deleted_ms, sealed_ms = COALESCE(container.sealed_ms, excluded.sealed_ms)",
        args![body.container, body.camera, path, body.from_utc_ms, body.to_utc_ms, body.bytes, Vec::<u8>::new(), at],
    )
    .await?;
    tx.exec(
        "INSERT INTO camera_seq (camera, next_seq) SELECT camera, MAX(last_seq) + 1 FROM span WHERE container = $1 \
         GROUP BY camera ON CONFLICT (camera) DO UPDATE SET next_seq = \
         CASE WHEN excluded.next_seq > camera_seq.next_seq THEN excluded.next_seq ELSE camera_seq.next_seq END",
        args![body.container],
    )
    .await?;
    tx.exec("DELETE FROM span WHERE container = $1", args![body.container]).await.map(|_| ())
}

fn rebuilt_entry(plan: &Plan, first: &Frag, last: &Frag, now: UtcMs) -> LogEntry {
    let head = &plan.head;
    let (fragments, new) = (plan.frags().count(), plan.new.len());
    let last_sha256: Sha256 = last.sha256;
    let body = serde_json::json!({
        "camera": head.camera, "container": head.id, "first_seq": first.seq, "last_seq": last.seq,
        "from_utc_ms": first.start, "to_utc_ms": last.end(), "fragment_count": fragments, "unlogged": new,
        "last_sha256": last_sha256,
    });
    let (from, to) = (first.start.desk(), last.end().desk());
    let text = Text::of(
        format!("录像 {from} 至 {to} 的记录由录像文件和日志重建，{fragments} 段，其中 {new} 段日志原先没有。"),
        format!(
            "Rows of footage {from} to {to} made again from container and log: {fragments} {}, {new} unknown to the log before.",
            base::plural(fragments, "fragment", "fragments")
        ),
    );
    let act = ActLine {
        outcome: Outcome::Done,
        account: None,
        camera: Some(head.camera),
        request: None,
        clauses: vec![],
        text,
    };
    LogEntry { kind: REBUILT_KIND, at: now, body, act: Some(act) }
}
