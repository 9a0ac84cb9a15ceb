//! The storage loop: looks every ten seconds, deletes what is due, stops and resumes cameras, keeps incidents of the disk.
//!
//! A full disk stops cameras one after the other and resumes them when there is room. A disk that refuses although it has room is
//! an incident (`domain::storage::Incident`): one notice, one entry, tries that become rarer; it ends when the disk has taken
//! footage for a minute.

use super::{LOOK_S, LOOKS_A_ROUND, RESUME_BYTES, terabytes};
use crate::{Camera, Site};
use base::{CameraId, Text, UtcMs};
use domain::recording::GapCause;
use domain::retention::{first_to_stop, stops_below, warns};
use domain::storage::{DiskState, Incident};
use std::collections::HashMap;
use std::time::Duration;
use store::StoreError;
use store::disks::DiskView;
use store::footage::WriterEvent;
use tokio::sync::mpsc;

/// Longest wait for a disk that is tried.
const TRY_LIMIT: Duration = Duration::from_secs(20);

/// What the loop remembers between two looks.
#[derive(Default)]
struct Watch {
    looks: u32,
    /// Disks that refuse footage, by their place.
    troubles: HashMap<usize, Trouble>,
}

/// A disk that refuses footage.
struct Trouble {
    incident: Incident,
    /// The notice is stored: a database on the same disk may refuse it for a while.
    told: bool,
}

/// The loop; also hears what the writer reports.
pub(crate) async fn run(site: Site, mut events: mpsc::UnboundedReceiver<WriterEvent>) {
    let mut every = tokio::time::interval(Duration::from_secs(LOOK_S));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut watch = Watch::default();
    if let Err(error) = forget_stops(&site).await {
        tracing::error!(%error, "notices of the run before could not be cleared");
    }
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => on_writer_event(&site, &mut watch, event).await,
                None => return,
            },
            _ = every.tick() => {
                let due = watch.looks.is_multiple_of(LOOKS_A_ROUND);
                watch.looks = watch.looks.wrapping_add(1);
                super::places::look(&site).await;
                after_refusals(&site, &mut watch).await;
                if let Err(error) = look(&site, due).await {
                    tracing::error!(%error, "storage could not be looked after; trying again");
                }
            }
        }
    }
}

/// Notices of a run before: this run tries every camera and disk anew, and tells what it finds itself.
async fn forget_stops(site: &Site) -> Result<(), StoreError> {
    let now = site.now().utc;
    for disk in 0..site.store().disks().count() {
        site.store().clear(&code_of(site, disk), None, now).await?;
    }
    super::places::tell_all(site).await;
    for camera in site.cameras() {
        site.store().clear("recording_stopped", Some(camera.id()), now).await?;
    }
    Ok(())
}

async fn on_writer_event(site: &Site, watch: &mut Watch, event: WriterEvent) {
    let now = site.now();
    match event {
        WriterEvent::DiskFull(id) => {
            if let Some(camera) = site.camera(id) {
                camera.disk_fault(GapCause::DiskFull, now);
                notify_stopped(site, id).await;
            }
        }
        WriterEvent::DiskError(id) => {
            let Some(camera) = site.camera(id) else { return };
            camera.disk_fault(GapCause::DiskError, now);
            // No disk took it: each that should have is in trouble; one that is away has a notice of its own.
            for disk in site.store().disks().order(id, camera.row().priority) {
                refused(site, watch, disk).await;
            }
        }
        WriterEvent::DiskRefuses(disk) => refused(site, watch, disk).await,
    }
}

async fn refused(site: &Site, watch: &mut Watch, disk: usize) {
    let now = site.now();
    match watch.troubles.get_mut(&disk) {
        Some(trouble) => trouble.incident.failed(now),
        None => {
            watch.troubles.insert(disk, Trouble { incident: Incident::begin(now), told: false });
        }
    }
    tell_trouble(site, watch, disk).await;
}

/// The notice's word for a disk.
fn code_of(site: &Site, disk: usize) -> String {
    super::places::code(site, "disk_refuses", disk)
}

/// Raises the notice of an incident once.
async fn tell_trouble(site: &Site, watch: &mut Watch, disk: usize) {
    let Some(trouble) = watch.troubles.get_mut(&disk).filter(|t| !t.told) else { return };
    let name = super::places::name(site, disk);
    let text = Text::of(
        format!(
            "磁盘 {name} 有剩余空间却拒绝写入：录像转到其他磁盘，没有其他磁盘时停止，并自动重试。请检查磁盘、连接线和只读挂载。"
        ),
        format!(
            "Disk {name} refuses to be written although it has room: recording goes to the other disks, or stops where there is none, \
             and the disk is tried again by itself. Check it, its cable, and whether it is mounted read-only."
        ),
    );
    match site.store().raise(1, &code_of(site, disk), None, &text, site.now().utc).await {
        Ok(new) => {
            trouble.told = true;
            if new {
                site.log_system("disk.refuses", text).await;
            }
        }
        Err(error) => tracing::error!(%error, "notice of the disk not stored; trying again"),
    }
}

/// Tries disks that refused when it is time, lets cameras record again, ends an incident after a quiet while.
async fn after_refusals(site: &Site, watch: &mut Watch) {
    let mut disks: Vec<_> = watch.troubles.keys().copied().collect();
    disks.sort_unstable();
    for disk in disks {
        tell_trouble(site, watch, disk).await;
        let Some(trouble) = watch.troubles.get_mut(&disk) else { continue };
        let now = site.now();
        if trouble.incident.may_try(now)
            && let Some(root) = site.store().disks().root(disk)
        {
            if tries_well(root.join("footage")).await {
                trouble.incident.works(site.now());
                site.store().disks().set_refuses(disk, false);
            } else {
                trouble.incident.failed(site.now());
            }
        }
        if trouble.incident.is_over(now) {
            end_trouble(site, watch, disk).await;
        }
    }
    // A disk in the list of a camera that is not in trouble, or not any more: it may record.
    let may = |camera: &Camera| {
        let order = site.store().disks().order(camera.id(), camera.row().priority);
        order.iter().any(|disk| watch.troubles.get(disk).is_none_or(|t| !t.incident.is_closed()))
    };
    paused(site, GapCause::DiskError).filter(may).for_each(|camera| camera.pause(None, site.now()));
}

async fn end_trouble(site: &Site, watch: &mut Watch, disk: usize) {
    match site.store().clear(&code_of(site, disk), None, site.now().utc).await {
        Ok(_) => {
            watch.troubles.remove(&disk);
            let name = super::places::name(site, disk);
            let text = Text::of(format!("磁盘 {name} 恢复写入。"), format!("Disk {name} can be written again."));
            site.log_system("disk.writes", text).await;
        }
        Err(error) => tracing::error!(%error, "notice of the disk not cleared; trying again"),
    }
}

/// Writes a file, makes it safe, reads it back. A disk that hangs counts as one that refuses.
async fn tries_well(folder: std::path::PathBuf) -> bool {
    let work = tokio::task::spawn_blocking(move || store::footage::try_folder(&folder));
    match tokio::time::timeout(TRY_LIMIT, work).await {
        Ok(Ok(Ok(()))) => true,
        Ok(Ok(Err(error))) => {
            tracing::warn!(%error, "the disk still refuses");
            false
        }
        _ => false,
    }
}

/// Running cameras that do not record for this cause.
fn paused(site: &Site, cause: GapCause) -> impl Iterator<Item = Camera> {
    site.cameras().into_iter().filter(move |c| c.state().paused == Some(cause))
}

/// One look: delete what is due, stop or resume cameras by space, warn ahead.
async fn look(site: &Site, round: bool) -> Result<(), StoreError> {
    // The disk with the most room above its reserve counts: while one has room, nobody stops.
    let best = |site: &Site| {
        let takes = |v: &DiskView| v.standing.can_read() && v.state == DiskState::Active;
        let disks = site.store().disks().views().into_iter().filter(takes);
        let most = disks.max_by_key(|v| i128::from(v.free_bytes) - i128::from(v.reserve_bytes));
        most.map_or((u64::MAX, 0), |v| (v.free_bytes, v.reserve_bytes))
    };
    let (free, reserve) = best(site);
    if round || free < reserve.saturating_add(RESUME_BYTES) {
        super::delete_due(site).await?;
    }
    let (free, reserve) = best(site);
    let cameras = site.cameras();
    let stopped = paused(site, GapCause::DiskFull).count();
    if free < stops_below(reserve, cameras.len() - stopped, stopped) {
        stop_one(site).await;
    } else if free >= reserve.saturating_add(RESUME_BYTES) {
        resume_one(site).await?;
    }
    if round {
        site.store().sweep_deleted().await?;
        site.store().sweep_sessions(site.now().utc).await?;
        warn_ahead(site).await?;
    }
    Ok(())
}

async fn stop_one(site: &Site) {
    let running: Vec<(u8, CameraId)> = site
        .cameras()
        .into_iter()
        .filter(|c| c.state().paused.is_none() && c.state().counts.recording)
        .map(|c| (c.row().priority, c.id()))
        .collect();
    if let Some(camera) = first_to_stop(&running).and_then(|id| site.camera(id)) {
        camera.pause(Some(GapCause::DiskFull), site.now());
        notify_stopped(site, camera.id()).await;
    }
}

async fn notify_stopped(site: &Site, id: CameraId) {
    let cause = GapCause::DiskFull;
    let name = site.camera(id).map(|c| c.row().name).unwrap_or_default();
    let why = cause.text();
    let text = Text::of(
        format!("{name} 停止录像：{}。请扩容磁盘；保存期内和封存的录像不会被删除。", why.zh),
        format!(
            "{name} stopped recording: {}. Add disk space; footage inside its term or held is never deleted.",
            why.en
        ),
    );
    tracing::error!(camera = %id, cause = cause.code(), "camera stopped recording for lack of disk");
    let now = site.now().utc;
    match site.store().raise(1, "recording_stopped", Some(id), &text, now).await {
        Ok(true) => site.log_system("recording.stopped", text).await,
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "notice not stored"),
    }
}

/// Resumes the most important paused camera.
async fn resume_one(site: &Site) -> Result<(), StoreError> {
    if let Some(camera) = paused(site, GapCause::DiskFull).max_by_key(|c| (c.row().priority, std::cmp::Reverse(c.id())))
    {
        camera.pause(None, site.now());
        if site.store().clear("recording_stopped", Some(camera.id()), site.now().utc).await? {
            let name = camera.row().name;
            site.log_system(
                "recording.resumed",
                Text::of(format!("{name} 恢复录像。"), format!("{name} records again.")),
            )
            .await;
        }
    }
    Ok(())
}

/// Warns days before the disk is full when it cannot hold the term.
async fn warn_ahead(site: &Site) -> Result<(), StoreError> {
    let report = site.storage().await?;
    let now: UtcMs = site.now().utc;
    let have_days = report.cameras.iter().map(|c| c.kept_days).fold(0.0, f64::max);
    let short = report.forecast.filter(|f| warns(f, have_days, site.config().warn_days));
    match short {
        Some(f) => {
            let text = Text::of(
                format!(
                    "磁盘预计 {:.1} 天后写满，只能保存 {:.1} 天，法定 {} 天。请增加约 {:.1} TB。",
                    f.full_in_days.unwrap_or(0.0),
                    f.days,
                    report.longest_days,
                    terabytes(f.missing_bytes)
                ),
                format!(
                    "The disk is full in {:.1} days and holds {:.1} days; the law asks {}. Add about {:.1} TB.",
                    f.full_in_days.unwrap_or(0.0),
                    f.days,
                    report.longest_days,
                    terabytes(f.missing_bytes)
                ),
            );
            if site.store().raise(2, "disk_short", None, &text, now).await? {
                site.log_system("storage.warning", text).await;
            }
        }
        None => {
            site.store().clear("disk_short", None, now).await?;
        }
    }
    Ok(())
}
