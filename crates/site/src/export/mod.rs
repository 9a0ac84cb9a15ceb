//! Export: the copy that two officers take along, as one file that anybody can verify without this server.
//!
//! ```text
//! export_parts: what one file holds ─▶ parts, each with the export of it
//! begin_export: session ─▶ law gate ─▶ room on the disk ─▶ row, register line and `export.decided` in one transaction ─▶ queue
//! run (one at a time): wait for the newest fragments ─▶ collect ─▶ name every missing second ─▶ prove ─▶ write, fsync
//!                      ─▶ verify what was written ─▶ rename ─▶ done
//! open_export: session or custodian ─▶ register line ─▶ bytes
//! remove_export, run_removal: the file goes by hand, or days after its grant has ended
//! ```
//!
//! Always true: a file under its final name has passed `domain::evidence::verify`; footage is copied byte by byte and never
//! held whole in memory; an export that fails leaves no file, says `failed` and raises a notice; of one scope of a request one
//! export is being made or there, however many tabs ask for it.

mod bundle;
mod collect;
mod extract;
mod parts;
mod removal;
#[cfg(test)]
mod tests;

pub use bundle::MadeReport;
pub use parts::ExportPart;
pub(crate) use removal::run_removal;

use crate::playback::{Chunks, stream_of};
use crate::storage::disk;
use crate::use_of_information::{OpenSession, persons, wants_copy};
use crate::{Actor, Site};
use base::{CameraId, ClauseId, ErrorKind, ExportId, Refusal, RequestId, Sha256, Text, UtcMs};
use bytes::Bytes;
use domain::access::Permission;
use domain::evidence::{Officer, Range};
use domain::viewing::Scope;
use futures_util::Stream;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::StoreError;
use store::exports::{Begun, ExportRow};
use store::ledger_log::{ActLine, Outcome};
use store::requests::{NewRegister, RequestRow};
use tokio::sync::mpsc;

/// Most exports waiting; more are refused until one is done: the parts of one long request.
const QUEUE: usize = 32;
/// Most ledger entries of footage in one export: a quarter more than three days of one camera.
const MAX_SPANS: u64 = 28_000;
/// Room that must stay beside the export and the reserve, bytes.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;
/// Most bytes of one piece of a download.
const CHUNK_BYTES: u64 = 256 * 1024;
/// Pause before the end of an export is stored again while the database is away.
const SETTLE_WAIT: Duration = Duration::from_secs(2);

/// An export that was decided under a session; waits for its turn.
#[derive(Debug)]
pub(crate) struct Job {
    row: ExportRow,
    open: OpenSession,
    officers: Vec<Officer>,
    cameras: Vec<CameraId>,
    range: Range,
    /// Entry `export.decided`.
    decided: u64,
    _promise: Promise,
}

/// Exports that wait for their turn.
pub(crate) struct Queue {
    jobs: mpsc::Sender<Job>,
    inbox: Mutex<Option<mpsc::Receiver<Job>>>,
    promised_bytes: Arc<AtomicU64>,
}

impl Default for Queue {
    fn default() -> Self {
        let (jobs, inbox) = mpsc::channel(QUEUE);
        Self { jobs, inbox: Mutex::new(Some(inbox)), promised_bytes: Arc::default() }
    }
}

/// Room on the disk that an export was promised; given back when it has ended.
#[derive(Debug)]
struct Promise {
    bytes: u64,
    all: Arc<AtomicU64>,
}

impl Promise {
    /// Promises `bytes`; the second value is what is promised in all.
    fn new(bytes: u64, all: &Arc<AtomicU64>) -> (Self, u64) {
        let before = all.fetch_add(bytes, Ordering::Relaxed);
        (Self { bytes, all: all.clone() }, before.saturating_add(bytes))
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A finished export that somebody may download.
#[derive(Debug)]
pub struct ExportFile {
    /// Its row: size, digest.
    pub row: ExportRow,
    /// Name for the browser's download.
    pub name: String,
    file: File,
}

impl ExportFile {
    /// Length, bytes.
    #[must_use]
    pub const fn total_bytes(&self) -> u64 {
        self.row.bytes
    }

    /// Names the bytes (quotes are the caller's).
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.row.sha256
    }

    /// The bytes `range`, in pieces of at most 256 KiB; beyond the end there is nothing.
    pub fn read(self, range: std::ops::Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream_of(FileRest { file: self.file, at: range.start, end: range.end.min(self.row.bytes) })
    }
}

struct FileRest {
    file: File,
    at: u64,
    end: u64,
}

impl Chunks for FileRest {
    fn next_chunk(&mut self) -> io::Result<Option<Bytes>> {
        let len = self.end.saturating_sub(self.at).min(CHUNK_BYTES);
        if len == 0 {
            return Ok(None);
        }
        let mut buffer = vec![0; usize::try_from(len).unwrap_or(0)];
        self.file.read_exact_at(&mut buffer, self.at)?;
        self.at += len;
        Ok(Some(buffer.into()))
    }
}

fn refuse(kind: ErrorKind, code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(kind, code, what, next)
}

impl Site {
    /// Begins an export of everything that the request names. Progress is in the row (`Site::export`). Where one of this scope is
    /// being made or there, that one is the answer, and nothing else happens.
    ///
    /// # Errors
    /// No permission, no open session, `copy_not_granted`, the law (B-28-1), `export_busy`, `export_too_large`, `disk_short`, or
    /// the store.
    pub async fn begin_export(&self, by: &Actor, id: RequestId) -> Result<ExportRow, Refusal> {
        let app = self.open_session_of(by, id).await?.row.application;
        self.begin_export_of(by, id, app.cameras, app.from, app.to).await
    }

    /// As `begin_export`, of a part of what the request names: the way for requests too long for one file.
    ///
    /// # Errors
    /// As `begin_export`, and `outside_scope`.
    pub async fn begin_export_of(
        &self,
        by: &Actor,
        id: RequestId,
        cameras: Vec<CameraId>,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<ExportRow, Refusal> {
        let scope = Scope::new(cameras, from, to);
        let open = self.open_session_of(by, id).await?;
        wants_copy(&open.row)?;
        let now = self.now().utc;
        for camera in &scope.cameras {
            domain::viewing::in_scope(&open.row.application, &open.session, *camera, from, to, now)?;
        }
        if scope.cameras.is_empty() || from >= to {
            let what = Text::new("没有选择摄像机或时间段。", "No camera or no time is chosen.");
            return Err(Refusal::bad_input("range", what, Text::new("请更正后重试。", "Correct it and try again.")));
        }
        let clauses = self.lawful_uses(by, None, Some(id), &open.facts.to_copy()).await?;
        // Asked here too, so that a second click is not told that the disk is short of room for what is there already.
        if let Some(row) = self.store().exports_of(id).await?.into_iter().find(|e| is_of(e, &scope)) {
            return Ok(row);
        }
        let promise = self.has_room(&scope).await?;
        let Ok(place) = self.exports_queue().jobs.try_reserve() else {
            let what = Text::new("等待制作的证据包过多。", "Too many exports are waiting.");
            return Err(refuse(
                ErrorKind::TooMany,
                "export_busy",
                what,
                Text::new("请几分钟后再试。", "Try again in a few minutes."),
            ));
        };
        let officers = officers_of(&open)?;
        let export = ExportId::new(now.0, store::keys::random().map_err(StoreError::from)?);
        let (zh, en) = match open.row.application.under {
            None => ("两名民警复制录像", "Two officers take a copy of"),
            Some(_) => ("凭公安机关手续制作副本", "A copy is made on papers of the police, of"),
        };
        let text = Text::of(
            format!("{zh} {} 至 {}，{} 路。", from.desk(), to.desk(), scope.cameras.len()),
            format!(
                "{en} {} {}, {} to {}.",
                scope.cameras.len(),
                base::plural(scope.cameras.len(), "camera", "cameras"),
                from.desk(),
                to.desk()
            ),
        );
        let commitments: Vec<_> = officers.iter().map(Officer::commitment).collect();
        let line = NewRegister {
            from: Some(from),
            to: Some(to),
            body: serde_json::json!({ "export": export, "officers": commitments, "cameras": scope.cameras }),
            ..open.register_line("copy", text, clauses)
        };
        let (row, decided) = match self.store().decide_export(export, &scope, line, now).await? {
            Begun::New(row, decided) => (row, decided),
            // Another tab was first.
            Begun::There(row) => return Ok(row),
        };
        let range = Range { from_utc_ms: from, to_utc_ms: to };
        let cameras = scope.cameras;
        place.send(Job { row: row.clone(), open, officers, cameras, range, decided, _promise: promise });
        Ok(row)
    }

    /// Refuses what no file or no disk holds; promises the room that it takes.
    async fn has_room(&self, scope: &Scope) -> Result<Promise, Refusal> {
        let (mut spans, mut bytes) = (0, 0);
        for camera in &scope.cameras {
            let volume = self.store().footage_volume(*camera, scope.from, scope.to).await?;
            spans += volume.spans;
            bytes += volume.bytes;
        }
        if spans > MAX_SPANS {
            let what = Text::new("所选范围过大，一个证据包放不下。", "The range is too large for one export.");
            let next = Text::new(
                "请按导出页上列出的分卷逐个制作。",
                "Make the parts that the export page proposes, one by one.",
            );
            return Err(refuse(ErrorKind::TooMany, "export_too_large", what, next));
        }
        let io = |source| StoreError::Io { path: self.store().data().display().to_string(), source };
        let free = disk(self.store().data()).map_err(io)?.free_bytes;
        let (promise, promised) = Promise::new(bytes + bytes / 10, &self.exports_queue().promised_bytes);
        let needed = promised + SPARE_BYTES + self.config().reserve_bytes;
        if free < needed {
            let megabytes = (needed - free) / 1_000_000 + 1;
            let what = Text::of(
                format!("磁盘空间不足，还差约 {megabytes} MB。"),
                format!("The disk is short of about {megabytes} MB."),
            );
            let next = Text::new(
                "请安全管理负责人扩容磁盘后再试。",
                "Ask the security manager for disk space, then try again.",
            );
            return Err(refuse(ErrorKind::Unavailable, "disk_short", what, next));
        }
        Ok(promise)
    }

    /// Exports of a request, newest first, for whoever may know of the request.
    ///
    /// # Errors
    /// As `Site::request`.
    pub async fn exports(&self, by: &Actor, request: RequestId) -> Result<Vec<ExportRow>, Refusal> {
        self.request(by, request).await?;
        Ok(self.store().exports_of(request).await?)
    }

    /// One export and how far it is, for whoever may know of its request.
    ///
    /// # Errors
    /// As `Site::request`; `not_found`.
    pub async fn export(&self, by: &Actor, id: ExportId) -> Result<ExportRow, Refusal> {
        let row = self.store().export(id).await?.ok_or_else(|| Refusal::not_found("该证据包", "export"))?;
        self.request(by, row.request).await?;
        Ok(row)
    }

    /// Opens a finished export for download: the two officers in their session, or the custodian. Entered in the register once a
    /// download, not once a byte range.
    ///
    /// # Errors
    /// No permission, no open session, `not_found`, `export_not_ready`, the law, or the store.
    pub async fn open_export(&self, by: &Actor, id: ExportId) -> Result<ExportFile, Refusal> {
        let row = self.export(by, id).await?;
        let request = self.request(by, row.request).await?;
        // To a citizen nothing is handed out but to somebody whose papers were just seen.
        let open = if by.role.may(Permission::DecideUse) && !request.application.is_for_citizen() {
            None
        } else {
            let open = self.open_session_of(by, row.request).await?;
            wants_copy(&open.row)?;
            Some(open)
        };
        if row.state == "removed" {
            let what = Text::new("证据包的文件已经清除。", "The file of this export has been removed.");
            let next = Text::new(
                "授权有效的，可以重新制作；否则请重新申请。",
                "Make it again under a grant in force, or make a new request.",
            );
            return Err(refuse(ErrorKind::NotFound, "export_removed", what, next));
        }
        if row.state != "done" {
            let what = Text::new("证据包尚未制作完成。", "The export is not ready.");
            let next = Text::new("请等待完成，失败的请重新制作。", "Wait for it; make it again if it failed.");
            return Err(refuse(ErrorKind::Conflict, "export_not_ready", what, next));
        }
        // Sealed: the file that was made, verified and hashed is the one that is handed out.
        let sealed = !row.sha256.is_empty();
        let (line, opened) = match open {
            None => {
                // Who keeps the copies takes one along for the organ that asked: the request's facts, as accounts and rows say now.
                let facts = self.facts_of_request(&request.application, None).await?;
                let clauses = self.lawful_uses(by, None, Some(row.request), &facts.to_hand_out(sealed)).await?;
                (self.custodian_line(by, &request, clauses).await?, 0)
            }
            Some(open) => {
                let acts = open.facts.to_hand_out(sealed);
                let clauses = self.lawful_uses(by, None, Some(row.request), &acts).await?;
                (open.register_line("download", downloaded(), clauses), open.session.opened.0)
            }
        };
        let gone = |_| Refusal::not_found("证据包文件", "export file");
        let file = File::open(self.store().data().join(&row.path)).map_err(gone)?;
        let line = NewRegister { body: serde_json::json!({ "export": id, "file_sha256": row.sha256 }), ..line };
        let now = self.now();
        let whole = (UtcMs(0), UtcMs(1));
        let write = async {
            self.store().register("export.taken", line, now.utc).await?;
            Ok(())
        };
        self.plans().seen().once((by.id, opened, id.bytes()), whole, now.mono, write).await?;
        let name = format!(
            "evidence-{}-{}.zip",
            self.request(by, row.request).await?.number,
            &row.sha256[..8.min(row.sha256.len())]
        );
        Ok(ExportFile { row, name, file })
    }

    async fn custodian_line(
        &self,
        by: &Actor,
        request: &RequestRow,
        clauses: Vec<ClauseId>,
    ) -> Result<NewRegister, Refusal> {
        let account = self.store().account(by.id).await?;
        Ok(NewRegister {
            request: request.id,
            what: "download",
            camera: None,
            from: None,
            to: None,
            unit: by.unit.clone(),
            reason: format!("{} {}", request.application.basis.name().zh, request.application.case_number),
            persons: persons(account.as_slice()),
            clauses,
            by: by.id,
            text: downloaded(),
            body: serde_json::Value::Null,
        })
    }
}

/// Is this an export of `scope` that is being made or there?
fn is_of(row: &ExportRow, scope: &Scope) -> bool {
    matches!(row.state.as_str(), "making" | "done") && row.scope.as_ref() == Some(scope)
}

const fn downloaded() -> Text {
    Text::new("下载证据包。", "Export downloaded.")
}

/// The officers as the manifest names them, each with a salt of its own.
fn officers_of(open: &OpenSession) -> Result<Vec<Officer>, Refusal> {
    let mut out = Vec::new();
    for account in &open.officers {
        let salt = Sha256(store::keys::random().map_err(StoreError::from)?);
        let badge = match &account.badge {
            Some(badge) => badge.expose().clone(),
            // People of the unit have no badge; their login tells them apart.
            None if open.row.application.is_for_citizen() => account.login.clone(),
            None => String::new(),
        };
        out.push(Officer { name: account.name.expose().clone(), badge, salt });
    }
    Ok(out)
}

/// Why an export failed; for the notice and the log of the program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file.
    #[error("file: {0}")]
    Io(#[from] io::Error),
    /// No package could be planned.
    #[error(transparent)]
    Plan(#[from] domain::evidence::PlanError),
    /// Footage that is still not committed.
    #[error("footage is not committed; the database may be away")]
    NotCommitted,
    /// What was written does not verify.
    #[error("the written file does not hold: {}", .0.en)]
    DoesNotHold(Text),
    /// Something the database no longer has.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The site stops.
    #[error("the site stops")]
    Stopped,
}

impl From<store::db::DbError> for ExportError {
    fn from(e: store::db::DbError) -> Self {
        Self::Store(e.into())
    }
}

impl From<store::ledger_log::LogError> for ExportError {
    fn from(e: store::ledger_log::LogError) -> Self {
        Self::Store(e.into())
    }
}

/// Makes exports one after the other until the site stops.
pub(crate) async fn run(site: Site) {
    let inbox = site.exports_queue().inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut inbox) = inbox else { return };
    while let Some(job) = inbox.recv().await {
        let row = job.row.clone();
        match bundle::make(&site, job).await {
            Ok(done) => made(&site, done).await,
            Err(error) => failed(&site, row, &error).await,
        }
    }
}

/// Stores how an export ended. While the database is away it is tried again: a row left `making` would refuse every further export
/// of its request until the next start.
async fn settle(site: &Site, row: &ExportRow) -> Result<(), store::db::DbError> {
    loop {
        match site.store().set_export(row).await {
            Err(error) if error.is_away() => {
                tracing::warn!(%error, export = %row.id, "end of an export not stored; trying again");
                tokio::time::sleep(SETTLE_WAIT).await;
            }
            done => return done,
        }
    }
}

async fn made(site: &Site, done: bundle::Made) {
    let (row, now) = (done.row, site.now().utc);
    if let Err(error) = settle(site, &row).await {
        tracing::error!(%error, export = %row.id, "finished export not stored");
        return;
    }
    let text = Text::of(
        format!("证据包制作完成并通过校验，{}。", base::size(row.bytes)),
        format!("Export made and verified, {}.", base::size(row.bytes)),
    );
    let body = serde_json::json!({
        "export": row.id, "request": row.request, "bytes": row.bytes, "file_sha256": row.sha256, "file_sm3": row.sm3,
        "manifest_sha256": done.manifest_sha256,
    });
    log_export(site, "export.made", Outcome::Done, row.request, body, text, now).await;
    let _ = site.store().clear("export_failed", None, now).await;
}

async fn failed(site: &Site, row: ExportRow, error: &ExportError) {
    tracing::error!(%error, export = %row.id, "export failed");
    let now = site.now().utc;
    let _ = std::fs::remove_file(site.store().data().join(format!("{}.part", row.path)));
    let row = ExportRow { state: "failed".into(), ..row };
    let text = match error {
        // Making it again would end the same way.
        ExportError::DoesNotHold(why) => Text::of(
            format!("证据包制作失败：{}。请打开“存储 › 完整性报告”，检查这台摄像机。", why.zh),
            format!("An export failed: {}. Open Storage › Integrity report and have this camera checked.", why.en),
        ),
        _ => Text::of(
            format!("证据包制作失败（{error}）。请检查磁盘和数据库后重新制作。"),
            format!("An export failed ({error}). Check disk and database, then make it again."),
        ),
    };
    // Whoever sees that it failed finds notice and entry.
    while let Err(error) = site.store().raise(2, "export_failed", None, &text, now).await
        && error.is_away()
    {
        tokio::time::sleep(SETTLE_WAIT).await;
    }
    let body = serde_json::json!({ "export": row.id, "request": row.request });
    log_export(site, "export.failed", Outcome::Done, row.request, body, text, now).await;
    if let Err(error) = settle(site, &row).await {
        tracing::error!(%error, export = %row.id, "failed export not stored");
    }
}

async fn log_export(
    site: &Site,
    kind: &'static str,
    outcome: Outcome,
    request: RequestId,
    body: serde_json::Value,
    text: Text,
    now: UtcMs,
) {
    let clauses: Vec<ClauseId> = Vec::new();
    let act = ActLine { outcome, account: None, camera: None, request: Some(request), clauses, text };
    if let Err(error) = site.store().log(kind, now, body, act).await {
        tracing::error!(%error, kind, "export not logged");
    }
}
