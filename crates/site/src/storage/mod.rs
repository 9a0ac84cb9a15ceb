//! Storage: retention by itself, disk space, forecasts, warnings days ahead.
//!
//! Every ten seconds the free space is read; every ten minutes (and whenever space is short) footage whose term is over goes,
//! with its proof. When the reserve is reached and nothing may go, the camera with the lowest priority stops recording, with a
//! notice and a gap that says why; live viewing goes on; the next one stops when an equal part of the reserve is gone too. They
//! resume when there is room. Nothing inside its term or held is ever deleted. The loop is in `run`.

pub mod drain;
pub mod integrity;
mod places;
mod run;

pub(crate) use run::run;

use crate::Site;
use base::{CameraId, CivilDate, Text, UtcMs, time::DAY_MS};
use domain::recording::GapCause;
use domain::retention::{Capacity, Fate, Forecast, forecast};
use domain::storage::{DiskState, Plan, Share, bytes_per_day, plans, shares};
use law::{AfterTerm, Deletion, PlaceKind, Retention};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use store::StoreError;
use store::cameras::CameraRow;
use store::disks::DiskView;
use store::footage::delete::Term;
use store::footage::read::Stock;
use store::ledger_log::{ActLine, Outcome};

/// Seconds between two looks at the disk.
const LOOK_S: u64 = 10;
/// Looks between two rounds of deletion when space is not short.
const LOOKS_A_ROUND: u32 = 60;
/// Most containers deleted of one camera in one round.
const DELETE_BATCH: u32 = 200;
/// Room above the reserve at which a stopped camera resumes, bytes: half a minute of forty cameras, so that it does not flap.
const RESUME_BYTES: u64 = 256 * 1024 * 1024;

/// Space of the disk that holds the footage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disk {
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes that a program may still write.
    pub free_bytes: u64,
}

/// Reads the space of the disk that `path` lies on.
///
/// # Errors
/// The path is gone or the disk fails.
pub fn disk(path: &Path) -> std::io::Result<Disk> {
    let s = rustix::fs::statvfs(path)?;
    Ok(Disk { total_bytes: s.f_blocks.saturating_mul(s.f_frsize), free_bytes: s.f_bavail.saturating_mul(s.f_frsize) })
}

/// What the storage page shows of one camera.
#[derive(Clone, Debug)]
pub struct CameraStorage {
    /// The camera, removed or not.
    pub row: CameraRow,
    /// What is on the disk.
    pub stock: Stock,
    /// What the law asks, with clauses.
    pub retention: Retention,
    /// Days of footage on the disk now.
    pub kept_days: f64,
    /// Bytes a day: the larger of the last day and the last week while recording, before an hour of footage the live rate.
    pub bytes_per_day: u64,
    /// Recording is stopped because the disk is full.
    pub paused: Option<GapCause>,
    /// What its term takes, and how long its footage will really stay; `None` for one out of service.
    pub share: Option<Share>,
}

/// What the storage page shows.
#[derive(Clone, Debug)]
pub struct StorageReport {
    /// Disk of the data folder.
    pub disk: Disk,
    /// Disks of the footage, each with containers and bytes on it.
    pub disks: Vec<(DiskView, u64, u64)>,
    /// Bytes that the disks hold for footage: what is there and what is free above the reserves.
    pub capacity_bytes: u64,
    /// What the legal terms, and 30, 60 and 90 days, take and lack; empty until traffic was measured.
    pub plans: Vec<Plan>,
    /// Bytes kept free.
    pub reserve_bytes: u64,
    /// All cameras that have footage or run.
    pub cameras: Vec<CameraStorage>,
    /// Bytes of footage in all.
    pub used_bytes: u64,
    /// Bytes a day of all cameras.
    pub bytes_per_day: u64,
    /// Forecast against the longest term; `None` until traffic was measured.
    pub forecast: Option<Forecast>,
    /// The longest term of all cameras, days.
    pub longest_days: u32,
}

impl Site {
    /// The law's term for a camera's footage today: of the law that applies, or of one before a change of settings that binds on,
    /// whichever is longer.
    #[must_use]
    pub fn retention_of(&self, row: &CameraRow) -> Retention {
        let place = PlaceKind::parse(&row.place_kind).unwrap_or(law::PlaceKind::ALL[0]);
        let today = self.now().utc.shanghai_date();
        let mut longest = self.gate().retention(&self.profile().law, place, today);
        for law in self.laws_before() {
            let other = self.gate().retention(&law, place, today);
            if self.days_to_keep(&other) > self.days_to_keep(&longest) {
                longest = other;
            }
        }
        longest
    }

    /// First instant at which a picture of `last` may go: the law's longest term, or the unit's own days where no clause sets
    /// one. Later by what the clock is ahead of the time that is sure.
    #[must_use]
    pub fn earliest_deletion(&self, retention: &Retention, last: UtcMs) -> UtcMs {
        let own = last.plus_ms(i64::from(self.config().own_days) * DAY_MS);
        let due = if retention.min_days == 0 { own } else { retention.earliest_deletion(last) };
        due.plus_ms(self.now().utc.since(self.clock().sure()))
    }

    /// Days footage has to be kept: the law's longest term, or the unit's own where no clause sets one.
    #[must_use]
    pub fn days_to_keep(&self, retention: &Retention) -> u32 {
        if retention.min_days == 0 { self.config().own_days } else { retention.min_days }
    }

    /// Measures storage against the law.
    ///
    /// # Errors
    /// The store or the disk.
    pub async fn storage(&self) -> Result<StorageReport, StoreError> {
        let io = |source| StoreError::Io { path: self.store().data().display().to_string(), source };
        let disk = disk(self.store().data()).map_err(io)?;
        let stock = self.store().stock().await?;
        let rates = self.rates().await?;
        let mut cameras = Vec::new();
        for row in self.store().cameras_ever().await? {
            let of = stock.get(&row.id).copied().unwrap_or_default();
            if row.removed.is_none() || of.containers > 0 {
                let rate = rates.get(&row.id).copied();
                cameras.push(self.camera_storage(row, of, rate));
            }
        }
        let used_bytes = cameras.iter().map(|c| c.stock.bytes).sum();
        let bytes_per_day = cameras.iter().filter(|c| c.row.removed.is_none()).map(|c| c.bytes_per_day).sum();
        let longest_days = cameras.iter().map(|c| self.days_to_keep(&c.retention)).max().unwrap_or(0);
        let reserve_bytes = self.config().reserve_bytes;
        let disks = self.disks_with_stock().await?;
        let takes = |v: &DiskView| v.state == DiskState::Active && v.standing.can_read();
        let free_bytes = disks
            .iter()
            .filter(|(v, ..)| takes(v))
            .map(|(v, ..)| v.free_bytes.saturating_sub(v.reserve_bytes))
            .fold(0, u64::saturating_add);
        let have_days = cameras.iter().map(|c| c.kept_days).fold(0.0, f64::max);
        let forecast = forecast(Capacity { free_bytes, used_bytes, bytes_per_day, have_days }, longest_days);
        let capacity_bytes = free_bytes.saturating_add(used_bytes);
        let running = cameras.iter().filter(|c| c.row.removed.is_none() && c.bytes_per_day > 0);
        let asked: Vec<_> = running.map(|c| (c.bytes_per_day, self.days_to_keep(&c.retention))).collect();
        // Beside the terms that bind here, those that other clauses set: what a changed profile would ask for.
        let terms = self.gate().terms(self.now().utc.shanghai_date());
        let plans = if asked.is_empty() { vec![] } else { plans(&asked, capacity_bytes, &terms) };
        self.put_shares(&mut cameras, capacity_bytes);
        Ok(StorageReport {
            disk,
            disks,
            capacity_bytes,
            plans,
            reserve_bytes,
            cameras,
            used_bytes,
            bytes_per_day,
            forecast,
            longest_days,
        })
    }

    /// Shares of the cameras in service; footage of those out of service stays its term and leaves as much less room.
    fn put_shares(&self, cameras: &mut [CameraStorage], capacity_bytes: u64) {
        let (running, old): (Vec<_>, Vec<_>) = cameras.iter_mut().partition(|c| c.row.removed.is_none());
        let old_bytes: u64 = old.iter().map(|c| c.stock.bytes).sum();
        let asked: Vec<_> =
            running.iter().map(|c| (c.bytes_per_day, self.days_to_keep(&c.retention), c.row.priority)).collect();
        for (camera, share) in running.into_iter().zip(shares(&asked, capacity_bytes.saturating_sub(old_bytes))) {
            camera.share = Some(share);
        }
    }

    async fn disks_with_stock(&self) -> Result<Vec<(DiskView, u64, u64)>, StoreError> {
        let mut out = Vec::new();
        for view in self.store().disks().views() {
            let (containers, bytes) = self.store().stock_on(&view.name).await?;
            out.push((view, containers, bytes));
        }
        Ok(out)
    }

    /// Bytes a day of each camera while it records: the larger of the last day and the last week.
    async fn rates(&self) -> Result<HashMap<CameraId, u64>, StoreError> {
        let now = self.now().utc;
        let mut out: HashMap<CameraId, u64> = HashMap::new();
        for days in [1, 7] {
            for (camera, (bytes, ms)) in self.store().measured(now.plus_ms(-days * DAY_MS)).await? {
                if let Some(rate) = bytes_per_day(bytes, ms) {
                    let known = out.entry(camera).or_default();
                    *known = rate.max(*known);
                }
            }
        }
        Ok(out)
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "days and bytes a day, shown rounded"
    )]
    fn camera_storage(&self, row: CameraRow, stock: Stock, rate: Option<u64>) -> CameraStorage {
        let retention = self.retention_of(&row);
        let days = |ms: i64| ms as f64 / DAY_MS as f64;
        let kept_days = match (stock.oldest, stock.newest) {
            (Some(oldest), Some(newest)) => days(newest.since(oldest)),
            _ => 0.0,
        };
        let state = self.camera(row.id).map(|c| c.state());
        let live = state.as_ref().map_or(0, |s| s.bits_per_second / 8 * 86_400);
        let stored = if kept_days > 0.01 { (stock.bytes as f64 / kept_days) as u64 } else { 0 };
        let bytes_per_day = rate.unwrap_or(if live > 0 { live } else { stored });
        CameraStorage {
            row,
            stock,
            retention,
            kept_days,
            bytes_per_day,
            paused: state.and_then(|s| s.paused),
            share: None,
        }
    }
}

/// Deletes, of every camera, the containers whose term is over.
pub(crate) async fn delete_due(site: &Site) -> Result<u64, StoreError> {
    let now = site.now().utc;
    let mut deleted = 0;
    for row in site.store().cameras_ever().await? {
        let retention = site.retention_of(&row);
        let place = PlaceKind::parse(&row.place_kind).unwrap_or(PlaceKind::ALL[0]);
        // Asked for with a day to spare, decided exactly: `delete_if_due` has the last word on each container.
        let days = site.days_to_keep(&retention);
        let before = now.plus_ms(-(i64::from(days) - 1).max(0) * DAY_MS);
        let term = Term { min_days: days, clauses: clauses_of(&retention) };
        for candidate in site.store().deletion_candidates(row.id, before, DELETE_BATCH).await? {
            let until = site.earliest_deletion(&retention, candidate.to);
            if until <= now && !lawful(site, row.id, place, candidate.to).await? {
                continue;
            }
            let fate = site.store().delete_if_due(&candidate, until, &term, now).await?;
            deleted += u64::from(fate == Fate::Due);
        }
    }
    if deleted > 0 {
        tracing::info!(deleted, "containers deleted after their term");
    }
    Ok(deleted)
}

/// Causes for which the gate refused a deletion by the clock, each with the day of its newest entry. In memory: a start of the program
/// costs an entry more, never one less.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<String, CivilDate>>);

impl Kept {
    /// True when a refusal for `cause` is to be entered on this day.
    fn due(&self, cause: &str, today: CivilDate) -> bool {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Only today's count: there are no more of them than refusals in the law's packs.
        days.retain(|_, day| *day == today);
        days.insert(cause.to_owned(), today).is_none()
    }

    fn forget(&self, cause: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(cause);
    }
}

/// The gate's word on a deletion by the clock, beside the terms it was reckoned from: what it refuses is kept, entered once a day for each
/// cause, and asked about again at the next look. Whether a hold covers it is decided in the transaction that deletes
/// (`Store::delete_if_due`).
async fn lawful(site: &Site, camera: CameraId, place: PlaceKind, last_frame: UtcMs) -> Result<bool, StoreError> {
    let facts = Deletion { place, last_frame, on_hold: false, authorised: true };
    let Some(refusal) = site.ask_deletion(facts) else { return Ok(true) };
    let now = site.now().utc;
    let clauses: Vec<_> = refusal.why.iter().map(|c| c.clause.clone()).collect();
    let cause = format!("{} {clauses:?}", refusal.code);
    if !site.0.kept.due(&cause, now.shanghai_date()) {
        return Ok(false);
    }
    tracing::error!(code = refusal.code, "the gate refuses a deletion that its term allows; the footage is kept");
    let body = serde_json::json!({
        "code": refusal.code, "by": null, "camera": camera, "request": null, "clauses": clauses,
    });
    let text = Text::of(
        format!("依法拒绝期满删除，录像继续保存：{}", refusal.what.zh),
        format!("Deletion after the term refused by law, the footage is kept: {}", refusal.what.en),
    );
    let act = ActLine { outcome: Outcome::Refused, account: None, camera: Some(camera), request: None, clauses, text };
    if let Err(error) = site.store().log("act.refused", now, body, act).await {
        site.0.kept.forget(&cause);
        return Err(error.into());
    }
    Ok(false)
}

/// The clauses that set the term and what follows it.
pub(crate) fn clauses_of(retention: &Retention) -> Vec<base::ClauseId> {
    let mut out: Vec<_> = retention.terms.iter().map(|t| t.citation.clause.clone()).collect();
    if let AfterTerm::MustDelete(citation) = &retention.then {
        out.push(citation.clause.clone());
    }
    out.dedup();
    out
}

#[expect(clippy::cast_precision_loss, reason = "terabytes for people")]
fn terabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e12
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playback::rig::Rig;
    use law::Jurisdiction;

    #[tokio::test]
    async fn a_deletion_by_the_clock_that_the_law_refuses_is_entered_once_a_day() {
        let rig = Rig::start(Jurisdiction::Heilongjiang).await;
        let now = rig.site.now().utc;
        let camera = rig.camera("一号机", now).await;
        let asked = async |last| lawful(&rig.site, camera, PlaceKind::Lobby, last).await.unwrap();
        // Whatever term was reckoned: a picture of now is inside the law's own.
        for _ in 0..3 {
            assert!(!asked(now).await);
        }
        let refused = rig.acts("act.refused").await;
        assert_eq!(refused.len(), 1);
        assert!(refused[0].clauses.contains(&"B-25-1".to_owned()), "{:?}", refused[0].clauses);
        assert!(asked(now.plus_ms(-400 * DAY_MS)).await);
        assert_eq!(rig.acts("act.refused").await.len(), 1);
    }

    #[test]
    fn a_cause_is_due_once_a_day() {
        let kept = Kept::default();
        let day = |d| CivilDate::ymd(2026, 3, d).unwrap();
        assert!(kept.due("a", day(1)) && !kept.due("a", day(1)) && kept.due("b", day(1)));
        assert!(kept.due("a", day(2)) && kept.0.lock().unwrap().len() == 1, "yesterday's are forgotten");
        kept.forget("a");
        assert!(kept.due("a", day(2)), "what could not be entered is due again");
    }
}
