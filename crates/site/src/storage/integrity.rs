//! The integrity scrub's loop: which round, how fast, who is told. What is compared is in `store::check::scrub`.
//!
//! A round over all footage begins `scrub_every_days` after the one before began, and reads within `scrub_hours` only. Recording has
//! the disks first: after each step the loop waits as long as the rate (`scrub_mb_s`) asks, and never less than four times as long as
//! the disk took, so that a busy disk is asked more rarely. A round that a person asked for does not wait for the hours.

use crate::{Actor, Site};
use base::{CameraId, ErrorKind, Refusal, Text, UtcMs, time::DAY_MS};
use domain::access::Permission;
use std::time::{Duration, Instant};
use store::StoreError;
use store::check::scrub::{Begun, Coverage, Examined, FaultRow, Reading, Round, Scope, meaning};

/// Pause when there is nothing to do; a round that was asked for begins at once.
const REST: Duration = Duration::from_secs(20);
/// Share of the time that the disk may work for the scrub: one part of this many and one.
const YIELD: u32 = 4;
/// Longest wait for one step; a disk that hangs is told by the writer, its containers come again in a later round.
const STEP_LIMIT: Duration = Duration::from_secs(120);
/// Faults and rounds that the report shows.
pub const SHOWN: u32 = 200;

/// What the integrity report says.
#[derive(Clone, Debug)]
pub struct IntegrityReport {
    /// Rounds that run or wait.
    pub open: Vec<Round>,
    /// Rounds, the newest first.
    pub rounds: Vec<Round>,
    /// Faults, those that are there first.
    pub faults: Vec<FaultRow>,
    /// How many are there.
    pub open_faults: u64,
    /// How much was checked, and when.
    pub coverage: Coverage,
    /// Bytes a second at most.
    pub rate_bytes_s: u64,
    /// From which hour to which.
    pub hours: [u8; 2],
    /// Days between the begins of two rounds, at least.
    pub every_days: u32,
    /// How long a round over everything takes at this rate within these hours, ms; `None` while it is off.
    pub pass_ms: Option<i64>,
}

impl Site {
    /// The integrity report.
    ///
    /// # Errors
    /// The store.
    pub async fn integrity(&self) -> Result<IntegrityReport, StoreError> {
        let (store, config) = (self.store(), self.config());
        let coverage = store.coverage().await?;
        let rate_bytes_s = u64::from(config.scrub_mb_s) * 1_000_000;
        Ok(IntegrityReport {
            open: store.open_rounds().await?,
            rounds: store.rounds(20).await?,
            faults: store.scrub_faults(SHOWN).await?,
            open_faults: store.open_faults(None).await?,
            coverage,
            rate_bytes_s,
            hours: config.scrub_hours,
            every_days: config.scrub_every_days,
            pass_ms: pass_ms(coverage.bytes, rate_bytes_s, config.scrub_hours),
        })
    }

    /// A person asks for a camera or a disk to be checked now.
    ///
    /// # Errors
    /// No permission, `not_found`, `check_waiting` (the same is asked for already, or too many are), or the store.
    pub async fn check_now(&self, by: &Actor, scope: &Scope) -> Result<(), Refusal> {
        by.needs(Permission::ManageDevices)?;
        let what = match scope {
            Scope::Camera(id) => {
                let row = self.store().cameras_ever().await?.into_iter().find(|c| c.id == *id);
                let name = row.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?.name;
                Text::of(format!("摄像机 {name}"), format!("camera {name}"))
            }
            Scope::Disk(name) => {
                let known = self.store().disks().index_of(name);
                known.ok_or_else(|| Refusal::not_found("该磁盘", "disk"))?;
                Text::of(format!("磁盘 {name}"), format!("disk {name}"))
            }
            Scope::All => Text::new("全部录像", "all footage"),
        };
        let text = Text::of(format!("要求立即检查：{}。", what.zh), format!("Integrity check asked for: {}.", what.en));
        let asked = match scope {
            Scope::All => false,
            _ => self.store().ask_round(scope, by.id, text, self.now().utc).await.map_err(StoreError::from)?,
        };
        if !asked {
            return Err(Refusal::new(
                ErrorKind::Conflict,
                "check_waiting",
                Text::new("同样的检查已在进行，或等待的检查过多。", "The same check runs already, or too many wait."),
                Text::new("请等它结束后再试。", "Wait for it to end, then ask again."),
            ));
        }
        self.0.scrub.notify_one();
        Ok(())
    }
}

/// The loop.
pub(crate) async fn run(site: Site) {
    loop {
        let done = match step(&site).await {
            Ok(done) => done,
            Err(error) => {
                tracing::error!(%error, "the integrity check could not go on; trying again");
                false
            }
        };
        if !done {
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = site.0.scrub.notified() => {}
            }
        }
    }
}

/// Works on a round; false when there is none, or when it must wait.
async fn step(site: &Site) -> Result<bool, StoreError> {
    let now = site.now().utc;
    for camera in site.store().close_faults_of_deleted(now).await? {
        clear_if_whole(site, camera).await?;
    }
    let Some(round) = next_round(site, now).await? else { return Ok(false) };
    let mut after = String::new();
    let mut away = 0;
    loop {
        if round.scope == Scope::All {
            let asked = site.store().open_rounds().await?.iter().any(|r| r.scope != Scope::All);
            // What a person asked for goes first; this round goes on afterwards, where its rows say.
            if asked || !in_hours(site.now().utc, site.config().scrub_hours) {
                return Ok(asked);
            }
        }
        let (next, passed) = site.store().next_of_round(&round, &after).await?;
        away += passed;
        let Some(id) = next else { break };
        after = id.to_string();
        let examined = examine(site, &round, id).await?;
        tell(site, &examined).await?;
    }
    site.store().end_round(round.number, away, site.now().utc).await?;
    Ok(true)
}

/// The round that runs, or a new one when it is time; none outside the hours or while it is off.
async fn next_round(site: &Site, now: UtcMs) -> Result<Option<Round>, StoreError> {
    let config = site.config();
    let open = site.store().open_rounds().await?;
    if let Some(asked) = open.iter().find(|r| r.scope != Scope::All) {
        return Ok(Some(asked.clone()));
    }
    if config.scrub_mb_s == 0 || !in_hours(now, config.scrub_hours) {
        return Ok(None);
    }
    if let Some(running) = open.into_iter().next() {
        return Ok(Some(running));
    }
    let newest = site.store().newest_round().await?;
    let due = newest.is_none_or(|r| now.since(r.began) >= i64::from(config.scrub_every_days) * DAY_MS);
    if due { Ok(site.store().begin_round(now).await?) } else { Ok(None) }
}

/// Reads one container at the rate, and stores what was found.
async fn examine(site: &Site, round: &Round, id: base::ContainerId) -> Result<Examined, StoreError> {
    let mut reading = match site.store().begin_reading(round, id, site.now().utc).await? {
        Begun::Reading(reading) => *reading,
        Begun::Stored(examined) => return Ok(examined),
        Begun::Left => return Ok(Examined::default()),
    };
    loop {
        let begun = Instant::now();
        let work = tokio::task::spawn_blocking(move || reading.step());
        let Ok(Ok((next, read))) = tokio::time::timeout(STEP_LIMIT, work).await else {
            tracing::warn!(container = %id, "a disk did not answer in time; its footage is checked in a later round");
            return Ok(Examined::default());
        };
        reading = next;
        let Some(bytes) = read else { break };
        metrics::counter!("jifang_scrub_bytes_total").increment(bytes);
        tokio::time::sleep(pause(bytes, begun.elapsed(), site.config().scrub_mb_s)).await;
    }
    metrics::counter!("jifang_scrub_containers_total").increment(1);
    finish(site, round, reading).await
}

async fn finish(site: &Site, round: &Round, reading: Reading) -> Result<Examined, StoreError> {
    Ok(site.store().finish_reading(round, reading, site.now().utc).await?)
}

/// How long to leave the disk alone after a step.
fn pause(bytes: u64, took: Duration, mb_s: u32) -> Duration {
    // A round that was asked for runs also while the scrub is off, at a modest rate.
    let rate = u64::from(if mb_s == 0 { 5 } else { mb_s }) * 1_000;
    let share = Duration::from_millis(bytes / rate.max(1));
    share.saturating_sub(took).max(took.saturating_mul(YIELD))
}

/// Tells of new faults: one notice a camera, which names the first; all of them are in the report.
async fn tell(site: &Site, examined: &Examined) -> Result<(), StoreError> {
    let cameras: std::collections::BTreeSet<CameraId> = examined.new.iter().map(|f| f.camera).collect();
    for f in &examined.new {
        metrics::counter!("jifang_scrub_faults_total").increment(1);
        tracing::error!(camera = %f.camera, path = %f.path, code = f.code, from = %f.from.rfc3339(), "footage is not what was recorded");
    }
    for camera in cameras {
        let Some(f) = examined.new.iter().find(|f| f.camera == camera) else { continue };
        let name = site.store().camera_names().await?.remove(&camera).unwrap_or_default();
        let what = meaning(&f.code);
        let text = Text::of(
            format!(
                "{name} 在 {} 至 {} 的录像与记录不符：{}。请打开“存储 › 完整性报告”。",
                f.from.desk(),
                f.to.desk(),
                what.zh
            ),
            format!(
                "Footage of {name} from {} to {} is not what was recorded: {}. Open Storage › Integrity report.",
                f.from.desk(),
                f.to.desk(),
                what.en
            ),
        );
        site.store().raise(1, "footage_damaged", Some(camera), &text, site.now().utc).await?;
    }
    if examined.mended > 0 {
        for camera in site.store().cameras_ever().await? {
            clear_if_whole(site, camera.id).await?;
        }
    }
    Ok(())
}

/// The notice of a camera goes when none of its faults is there any more.
async fn clear_if_whole(site: &Site, camera: CameraId) -> Result<(), StoreError> {
    if site.store().open_faults(Some(camera)).await? == 0 {
        site.store().clear("footage_damaged", Some(camera), site.now().utc).await?;
    }
    Ok(())
}

/// True within the hours of the day (Asia/Shanghai); from and to alike are the whole day, and a from behind its to runs over midnight.
fn in_hours(now: UtcMs, [from, to]: [u8; 2]) -> bool {
    let hour = now.since(now.shanghai_date().start()) / 3_600_000;
    let (from, to) = (i64::from(from.min(24)), i64::from(to.min(24)));
    match from < to {
        true => (from..to).contains(&hour),
        false => from == to || hour >= from || hour < to,
    }
}

/// Hours a day.
const fn hours_a_day([from, to]: [u8; 2]) -> u64 {
    let (from, to) = (from as u64, to as u64);
    if from < to { to - from } else { 24 - (from - to) }
}

fn pass_ms(bytes: u64, rate_bytes_s: u64, hours: [u8; 2]) -> Option<i64> {
    let reading = u128::from(bytes) * 1_000 / u128::from((rate_bytes_s > 0).then_some(rate_bytes_s)?);
    i64::try_from(reading * 24 / u128::from(hours_a_day(hours).clamp(1, 24))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_run_over_midnight_and_equal_ones_are_the_day() {
        let at = |hour: i64| base::CivilDate::start(UtcMs(1_795_255_200_000).shanghai_date()).plus_ms(hour * 3_600_000);
        let hours = |span| (0..24).filter(|h| in_hours(at(*h), span)).collect::<Vec<_>>();
        assert_eq!(hours([1, 5]), [1, 2, 3, 4]);
        assert_eq!(hours([22, 2]), [0, 1, 22, 23]);
        assert_eq!((hours([0, 24]).len(), hours([7, 7]).len(), hours([24, 1])), (24, 24, vec![0]));
        for (span, n) in [([1, 5], 4), ([22, 2], 4), ([0, 24], 24), ([7, 7], 24)] {
            assert_eq!((hours_a_day(span), hours(span).len()), (n, usize::try_from(n).unwrap()), "{span:?}");
        }
    }

    #[test]
    fn a_pass_is_told_and_a_slow_disk_is_left_alone() {
        // 52 TB at 20 MB/s: thirty days, and twice that within twelve hours a day.
        assert_eq!(pass_ms(52_000_000_000_000, 20_000_000, [0, 24]).map(|ms| ms / DAY_MS), Some(30));
        assert_eq!(pass_ms(52_000_000_000_000, 20_000_000, [20, 8]).map(|ms| ms / DAY_MS), Some(60));
        assert_eq!((pass_ms(1, 0, [0, 24]), pass_ms(0, 1, [0, 24])), (None, Some(0)));
        let ms = Duration::from_millis;
        assert_eq!(pause(4_000_000, ms(10), 20), ms(190));
        assert_eq!(pause(4_000_000, ms(500), 20), ms(2_000), "the disk is busy with recording");
        assert_eq!(pause(4_000_000, ms(0), 0), ms(800));
    }
}
