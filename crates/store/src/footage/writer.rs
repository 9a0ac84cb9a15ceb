//! The writer: one thread a disk. Fragments come in, are hashed and written end to end into their containers.
//!
//! The only place that appends to containers. Jobs wait in a bounded queue (count and bytes); when it is full the recorder is
//! told at once and the loss gets its gap (`DiskSlow`): the queue never grows without bound and never blocks the network.
//! Gaps are measured here, from what was really written, not from what was meant to be.

use super::{ContainerHead, Frag, OpenFile, Pending, Tail, container_path, spans};
use crate::disks::Disks;
use base::{CameraId, ContainerId, Sha256, UtcMs};
use domain::recording::{Cut, GAP_MIN_MS, GapCause};
use media::fragment::{Builder, Stamp, init_segment};
use media::{AudioConfig, VideoConfig};
use std::collections::HashMap;
use std::fs::File;
use std::io::{IoSlice, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

/// Places in the queue that fragments never take: openings, seals and causes come through when the disk is slow,
/// so that no fragment is ever written into a container of another configuration.
const CONTROL_JOBS: usize = 4_096;

/// A fragment to be written.
#[derive(Debug)]
pub struct NewFragment {
    /// Its frames.
    pub frames: Builder,
    /// What the recorder decided about it.
    pub cut: Cut,
    /// Device clock minus server clock, ms.
    pub clock_error_ms: Option<i32>,
}

/// What the recorder asks, per camera in order.
#[derive(Debug)]
pub enum Job {
    /// Begin a container.
    Open {
        /// Whose.
        camera: CameraId,
        /// Its id.
        container: ContainerId,
        /// When its first fragment starts.
        start: UtcMs,
        /// Pictures.
        video: Box<VideoConfig>,
        /// Sound.
        audio: Option<Box<AudioConfig>>,
        /// How important it is, for the choice of a disk.
        priority: u8,
    },
    /// Write a fragment into the open container.
    Fragment(CameraId, Box<NewFragment>),
    /// The fragments since the last span are a span.
    Span(CameraId),
    /// No more fragments for the open container.
    Seal(CameraId, UtcMs),
    /// Footage stopped.
    GapOpen(CameraId, GapCause),
    /// What had stopped the footage ended at this instant; since then it is missing for another cause.
    GapSplit(CameraId, UtcMs, GapCause),
    /// Why the footage before the next fragment is missing, if it is.
    GapCause(CameraId, GapCause),
    /// The disk at this place is not there any more: what is open on it goes on elsewhere.
    LeaveDisk(usize),
    /// Answer when everything before this was written.
    Barrier(tokio::sync::oneshot::Sender<()>),
    /// The site stops: no job comes after this one.
    Finish,
}

/// What the recorder is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriterEvent {
    /// The disk is full: this camera's container was closed at its last whole fragment.
    DiskFull(CameraId),
    /// The disk reported an error, same consequence.
    DiskError(CameraId),
    /// The disk at this place refused footage, which went to another one: nothing was lost.
    DiskRefuses(usize),
}

/// Where a camera's footage stands when the writer starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Resume {
    /// Number for the next fragment.
    pub next_seq: u64,
    /// End of the newest fragment.
    pub end: Option<UtcMs>,
    /// Since when, and why, a gap is open in the rows.
    pub gap: Option<(UtcMs, GapCause)>,
}

/// What the thread is given.
pub(crate) struct WriterStart {
    pub disks: Disks,
    pub resume: HashMap<CameraId, Resume>,
    pub tail: Tail,
    pub pending: mpsc::Sender<Pending>,
    pub events: mpsc::UnboundedSender<WriterEvent>,
}

/// The recorder's end of the queue.
#[derive(Clone)]
pub struct FootageWriter {
    jobs: mpsc::Sender<Job>,
    queued_bytes: Arc<AtomicU64>,
    most_bytes: u64,
}

impl FootageWriter {
    /// Starts the thread.
    pub(crate) fn start(
        start: WriterStart,
        limits: &crate::Limits,
    ) -> std::io::Result<(Self, std::thread::JoinHandle<()>)> {
        let WriterStart { disks, resume, tail, pending, events } = start;
        let (jobs, inbox) = mpsc::channel(limits.queue_fragments + CONTROL_JOBS);
        let queued_bytes = Arc::new(AtomicU64::new(0));
        let cameras = resume.into_iter().map(|(id, r)| (id, Camera::new(r))).collect();
        let writer = Writer { disks, cameras, tail, pending, events, queued_bytes: queued_bytes.clone() };
        let thread = std::thread::Builder::new().name("footage-writer".into()).spawn(move || writer.run(inbox))?;
        Ok((Self { jobs, queued_bytes, most_bytes: limits.queue_bytes }, thread))
    }

    /// Queues a job. False when the queue is full: the job is dropped and the caller names the gap. Only fragments are refused
    /// in practice: the other jobs have places of their own.
    #[must_use]
    pub fn send(&self, job: Job) -> bool {
        self.try_send(job).is_ok()
    }

    /// Queues a job, or gives it back when the queue is full.
    ///
    /// # Errors
    /// The job.
    pub fn try_send(&self, job: Job) -> Result<(), Job> {
        let bytes = if let Job::Fragment(_, f) = &job { f.frames.payload_bytes() } else { 0 };
        let full = self.jobs.capacity() <= CONTROL_JOBS
            || self.queued_bytes.load(Ordering::Relaxed).saturating_add(bytes) > self.most_bytes;
        if full && matches!(job, Job::Fragment(..)) {
            return Err(job);
        }
        self.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.jobs.try_send(job).map_err(|e| {
            self.queued_bytes.fetch_sub(bytes, Ordering::Relaxed);
            e.into_inner()
        })
    }

    /// Waits until everything queued before was written (not yet committed).
    pub async fn barrier(&self) {
        let (tx, rx) = tokio::sync::oneshot::channel();
        if self.jobs.send(Job::Barrier(tx)).await.is_ok() {
            let _ = rx.await;
        }
    }

    /// Ends the writer after what is queued, whoever else still holds a handle.
    pub async fn finish(&self) {
        let _ = self.jobs.send(Job::Finish).await;
    }

    /// Coded bytes waiting for the disk.
    #[must_use]
    pub fn queued_bytes(&self) -> u64 {
        self.queued_bytes.load(Ordering::Relaxed)
    }
}

struct Open {
    /// Place of its disk.
    disk: usize,
    head: Arc<ContainerHead>,
    file: Arc<OpenFile>,
    offset: u64,
    prev: Sha256,
    /// Hash before the first fragment of the span being gathered.
    span_prev: Sha256,
    origin_90k: Option<i64>,
    span: Vec<Frag>,
}

struct Camera {
    next_seq: u64,
    end: Option<UtcMs>,
    gap_from: Option<UtcMs>,
    cause: Option<GapCause>,
    priority: u8,
    open: Option<Open>,
}

impl Camera {
    fn new(r: Resume) -> Self {
        // Whatever is missing since the newest footage is missing because nothing ran, unless its cause was known before.
        let cause = r.gap.map(|(_, cause)| cause).or(r.end.map(|_| GapCause::ServerDown));
        Self { next_seq: r.next_seq, end: r.end, gap_from: r.gap.map(|(from, _)| from), cause, priority: 0, open: None }
    }

    /// The newest cause counts, except that a stop of the server does not replace what had stopped the footage before it.
    fn set_cause(&mut self, cause: GapCause) {
        if cause != GapCause::ServerDown || self.gap_from.is_none() {
            self.cause = Some(cause);
        } else {
            self.cause.get_or_insert(cause);
        }
    }
}

struct Writer {
    disks: Disks,
    cameras: HashMap<CameraId, Camera>,
    tail: Tail,
    pending: mpsc::Sender<Pending>,
    events: mpsc::UnboundedSender<WriterEvent>,
    queued_bytes: Arc<AtomicU64>,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Job>) {
        while let Some(job) = inbox.blocking_recv() {
            match job {
                Job::Open { camera, container, start, video, audio, priority } => {
                    self.close(camera, start);
                    self.camera(camera).priority = priority;
                    match self.open(camera, container, start, &video, audio.as_deref()) {
                        Ok(open) => self.camera(camera).open = Some(open),
                        Err(e) => self.fault(camera, &e),
                    }
                }
                Job::Fragment(camera, fragment) => {
                    self.queued_bytes.fetch_sub(fragment.frames.payload_bytes(), Ordering::Relaxed);
                    self.fragment(camera, *fragment);
                }
                Job::Span(camera) => self.span(camera),
                Job::Seal(camera, at) => self.close(camera, at),
                Job::GapOpen(camera, cause) => {
                    self.close(camera, UtcMs(0));
                    let cam = self.camera(camera);
                    cam.set_cause(cause);
                    if let (Some(from), None) = (cam.end, cam.gap_from) {
                        cam.gap_from = Some(from);
                        self.put(Pending::GapOpen { camera, from, cause });
                    }
                }
                Job::GapSplit(camera, at, cause) => self.split_gap(camera, at, cause),
                Job::GapCause(camera, cause) => self.camera(camera).set_cause(cause),
                Job::LeaveDisk(disk) => self.leave(disk),
                Job::Finish => break,
                Job::Barrier(done) => {
                    let _ = done.send(());
                }
            }
        }
        // The recorder is gone: whatever is open becomes a span, so that a graceful stop loses nothing.
        let ids: Vec<_> = self.cameras.keys().copied().collect();
        for camera in ids {
            self.close(camera, UtcMs(0));
        }
    }

    fn camera(&mut self, id: CameraId) -> &mut Camera {
        self.cameras.entry(id).or_insert_with(|| Camera::new(Resume::default()))
    }

    /// Hands to the committer; waits when it is behind (then the job queue fills and the recorder hears of it).
    fn put(&self, pending: Pending) {
        let _ = self.pending.blocking_send(pending);
    }

    fn open(
        &self,
        camera: CameraId,
        container: ContainerId,
        start: UtcMs,
        video: &VideoConfig,
        audio: Option<&AudioConfig>,
    ) -> std::io::Result<Open> {
        let init = init_segment(video, audio).map_err(std::io::Error::other)?;
        let codec = audio
            .map_or_else(|| video.codec.name().to_owned(), |a| format!("{} + {}", video.codec.name(), a.codec.name()));
        let init_sha256 = Sha256::of(&init);
        let path = container_path(camera, container, start);
        self.create(ContainerHead { id: container, camera, path, start, codec, init, init_sha256 }, None)
    }

    /// Makes the file of a container on the best disk that takes it; `not` is a disk that just refused.
    fn create(&self, head: ContainerHead, not: Option<usize>) -> std::io::Result<Open> {
        let priority = self.cameras.get(&head.camera).map_or(0, |c| c.priority);
        let mut refused = None;
        for disk in self.disks.order(head.camera, priority).into_iter().filter(|d| Some(*d) != not) {
            match self.create_on(disk, &head) {
                Ok(open) => {
                    // Told only when another disk could take it: a disk that is alone is told by the camera that stops.
                    if let Some(refuses) = refused {
                        self.refuse(refuses);
                    }
                    return Ok(open);
                }
                Err(error) => {
                    tracing::error!(camera = %head.camera, disk, %error, "a container could not be made on this disk");
                    refused.get_or_insert(disk);
                    if self.disks.count() == 1 {
                        return Err(error);
                    }
                }
            }
        }
        Err(std::io::Error::other("no disk takes footage"))
    }

    fn create_on(&self, disk: usize, head: &ContainerHead) -> std::io::Result<Open> {
        let gone = || std::io::Error::from(std::io::ErrorKind::NotFound);
        let root = self.disks.root(disk).ok_or_else(gone)?;
        let file_path = root.join(&head.path);
        let folder = file_path.parent().unwrap_or(root);
        make_folders(root, folder)?;
        let mut file = File::options().write(true).read(true).create_new(true).open(&file_path)?;
        // A crash after this leaves a file without a row: `recover` deletes it if it holds no fragment, adopts it otherwise.
        if let Err(e) = file.write_all(&head.init).and_then(|()| sync_folder(folder)) {
            let _ = std::fs::remove_file(&file_path);
            return Err(e);
        }
        let path = self.disks.path_on(disk, &head.path).ok_or_else(gone)?;
        let head = Arc::new(ContainerHead { path, ..head.clone() });
        let (offset, init_sha256) = (head.init.len() as u64, head.init_sha256);
        let file = Arc::new(OpenFile::new(file));
        let (prev, span_prev) = (init_sha256, init_sha256);
        Ok(Open { disk, head, file, offset, prev, span_prev, origin_90k: None, span: Vec::new() })
    }

    /// A disk refused: new footage goes elsewhere, and the site hears of it.
    fn refuse(&self, disk: usize) {
        self.disks.set_refuses(disk, true);
        let _ = self.events.send(WriterEvent::DiskRefuses(disk));
    }

    /// Closes what is open for a camera and goes on in a new container on another disk, if there is one. True when it does.
    fn go_elsewhere(&mut self, camera: CameraId, start: UtcMs) -> bool {
        if self.disks.count() < 2 {
            return false;
        }
        let Some((disk, old)) = self.camera(camera).open.as_ref().map(|o| (o.disk, o.head.clone())) else {
            return false;
        };
        let Ok(random) = crate::keys::random() else { return false };
        let id = ContainerId::new(start.0, random);
        let head = ContainerHead { id, start, path: container_path(camera, id, start), ..(*old).clone() };
        let Ok(open) = self.create(head, Some(disk)) else { return false };
        tracing::warn!(%camera, from = disk, to = open.disk, "recording goes on on another disk");
        metrics::counter!("jifang_footage_failovers_total").increment(1);
        self.close(camera, UtcMs(0));
        self.camera(camera).open = Some(open);
        true
    }

    /// A disk is not there any more: every camera that records on it goes on elsewhere, or stops with its gap.
    fn leave(&mut self, disk: usize) {
        let there: Vec<_> = self
            .cameras
            .iter()
            .filter(|(_, c)| c.open.as_ref().is_some_and(|o| o.disk == disk))
            .map(|(id, _)| *id)
            .collect();
        for camera in there {
            let start = self.camera(camera).end.unwrap_or_default();
            if !self.go_elsewhere(camera, start) {
                self.fault(camera, &std::io::Error::other("its disk is not there any more"));
            }
        }
    }

    fn fragment(&mut self, camera: CameraId, new: NewFragment) {
        let lost = self.camera(camera).open.as_ref().is_some_and(|o| o.file.is_lost());
        if lost && !self.go_elsewhere(camera, new.cut.start) {
            // What lies before could not be made safe: a fragment that chains to it would prove nothing.
            self.fault(camera, &std::io::Error::other("the disk did not make the fragments before safe"));
            return;
        }
        // Frames are shared by reference: a second disk costs a list a fragment, one disk costs nothing.
        let again = (self.disks.count() > 1).then(|| new.frames.clone());
        let (cut, clock_error_ms) = (new.cut, new.clock_error_ms);
        let Err(error) = self.append_fragment(camera, new) else { return };
        let disk = self.camera(camera).open.as_ref().map_or(0, |o| o.disk);
        if let Some(frames) = again
            && self.go_elsewhere(camera, cut.start)
        {
            if !is_full(&error) {
                self.refuse(disk);
            }
            let Err(error) = self.append_fragment(camera, NewFragment { frames, cut, clock_error_ms }) else { return };
            self.fault(camera, &error);
        } else {
            self.fault(camera, &error);
        }
    }

    /// Writes a fragment behind the last one of its container.
    fn append_fragment(&mut self, camera: CameraId, new: NewFragment) -> std::io::Result<()> {
        let NewFragment { mut frames, cut, clock_error_ms } = new;
        let cam = self.camera(camera);
        let Some(open) = &mut cam.open else { return Ok(()) };
        let Some(first) = frames.first_picture_90k() else { return Ok(()) };
        let stamp = Stamp {
            camera,
            container: open.head.id,
            seq: cam.next_seq,
            start_utc_ms: cut.start,
            clock_error_ms,
            continues_gop: !cut.starts_with_key,
            origin_90k: open.origin_90k.unwrap_or(first),
            next_pts_90k: Some(cut.end_pts_90k),
            prev_hash: open.prev,
        };
        let Some(built) = frames.finish(&stamp) else { return Ok(()) };
        if let Err(e) = append(open.file.get(), open.offset, &built.head, &built.parts) {
            // What was half written is cut off again, so that the file ends with a whole fragment.
            let _ = open.file.get().set_len(open.offset);
            return Err(e);
        }
        let (disk, built_bytes) = (open.disk, built.len_bytes);
        open.origin_90k = Some(stamp.origin_90k);
        let frag = Frag {
            seq: cam.next_seq,
            offset: open.offset,
            bytes: built.len_bytes,
            start: cut.start,
            duration_90k: built.header.duration_90k,
            clock_error_ms,
            key: built.header.starts_with_key,
            continues: built.header.continues_gop,
            prev: open.prev,
            sha256: built.hash,
            table: built.table,
        };
        cam.next_seq += 1;
        open.offset += built.len_bytes;
        open.prev = built.hash;
        open.span.push(frag.clone());
        let head = open.head.clone();
        let gap = cam.gap_before(frag.start);
        cam.end = Some(frag.end());
        self.tail.push(&head, frag);
        if let Some((from, to, cause)) = gap {
            self.put(Pending::Gap { camera, from, to, cause });
        }
        self.disks.wrote(disk, built_bytes);
        Ok(())
    }

    /// Closes the gap of what had stopped the footage at `at` and opens one with the cause of what is missing since.
    fn split_gap(&mut self, camera: CameraId, at: UtcMs, cause: GapCause) {
        let cam = self.camera(camera);
        let Some(from) = cam.gap_from.max(cam.end) else { return };
        let before = cam.cause.unwrap_or(GapCause::ServerDown);
        if before == cause && cam.gap_from.is_some() {
            // The same thing goes on.
            return;
        }
        let at = at.max(from);
        cam.gap_from = Some(at);
        cam.cause = Some(cause);
        if at > from {
            self.put(Pending::Gap { camera, from, to: at, cause: before });
        }
        self.put(Pending::GapOpen { camera, from: at, cause });
    }

    fn span(&mut self, camera: CameraId) {
        let Some(open) = &mut self.camera(camera).open else { return };
        if open.span.is_empty() {
            return;
        }
        let frags = std::mem::take(&mut open.span);
        let prev = std::mem::replace(&mut open.span_prev, open.prev);
        let pending = spans(&open.head, &open.file, prev, frags);
        pending.into_iter().for_each(|p| self.put(p));
    }

    fn close(&mut self, camera: CameraId, at: UtcMs) {
        self.span(camera);
        let Some(open) = self.camera(camera).open.take() else { return };
        if open.origin_90k.is_none() {
            // Nothing was ever written into it.
            let _ = self.disks.file(&open.head.path).and_then(std::fs::remove_file);
            return;
        }
        let at = if at.0 == 0 { self.camera(camera).end.unwrap_or(open.head.start) } else { at };
        self.put(Pending::Seal { head: open.head, bytes: open.offset, last: open.prev, at });
    }

    fn fault(&mut self, camera: CameraId, error: &std::io::Error) {
        let (cause, event) = if is_full(error) {
            (GapCause::DiskFull, WriterEvent::DiskFull(camera))
        } else {
            (GapCause::DiskError, WriterEvent::DiskError(camera))
        };
        tracing::error!(%camera, %error, cause = cause.code(), "footage could not be written; its container is closed");
        metrics::counter!("jifang_footage_write_errors_total").increment(1);
        self.close(camera, UtcMs(0));
        let cam = self.camera(camera);
        cam.cause = Some(cause);
        let opened = match (cam.end, cam.gap_from) {
            (Some(from), None) => {
                cam.gap_from = Some(from);
                Some(from)
            }
            _ => None,
        };
        if let Some(from) = opened {
            self.put(Pending::GapOpen { camera, from, cause });
        }
        let _ = self.events.send(event);
    }
}

/// No room, as against a disk that fails.
fn is_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

impl Camera {
    /// The gap that the fragment starting at `start` closes, if any.
    fn gap_before(&mut self, start: UtcMs) -> Option<(UtcMs, UtcMs, GapCause)> {
        let cause = self.cause.take();
        let open = self.gap_from.take();
        // Footage that recovery found behind the begin of an open gap is there: only what follows it is missing.
        let from = open.max(self.end)?;
        let missing = open.is_some() || start.since(from) > GAP_MIN_MS;
        missing.then(|| (from, start.max(from), cause.unwrap_or(GapCause::NoPackets)))
    }
}

/// Writes head and parts at `offset` in as few calls as the system allows.
fn append(file: &File, offset: u64, head: &[u8], parts: &[bytes::Bytes]) -> std::io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = Vec::with_capacity(parts.len() + 1);
    slices.push(IoSlice::new(head));
    slices.extend(parts.iter().map(|p| IoSlice::new(p)));
    let mut rest = slices.as_mut_slice();
    let mut at = offset;
    while !rest.is_empty() {
        let n = rustix::io::pwritev(file, &rest[..rest.len().min(1_024)], at)?;
        if n == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        at += n as u64;
        IoSlice::advance_slices(&mut rest, n);
    }
    Ok(())
}

/// Makes `folder` below `data`, each new name safe in the folder above it.
fn make_folders(data: &Path, folder: &Path) -> std::io::Result<()> {
    let missing: Vec<_> = folder.ancestors().take_while(|f| *f != data && !f.exists()).collect();
    for f in missing.into_iter().rev() {
        match std::fs::create_dir(f) {
            Ok(()) => f.parent().map_or(Ok(()), sync_folder)?,
            // The deletion of an old container may remove the empty folder of a day at the same time.
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Makes the names in a folder safe.
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}
