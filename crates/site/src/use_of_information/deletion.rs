//! Deleting by hand: the law answers for every container; inside its term or held it stays, and the refusal is logged.
//!
//! What is being recorded at this moment has no row yet, and is footage all the same: the law is asked about it too. The reason
//! that the person typed stands in the line of the log; the entry binds it by its digest.

use crate::{Actor, Site, storage};
use base::{CameraId, Refusal, Sha256, Text, UtcMs, limits};
use domain::access::Permission;
use domain::retention::Fate;
use law::{Act, Deletion, PlaceKind};
use store::StoreError;
use store::cameras::CameraRow;
use store::footage::delete::{Candidate, Term};
use store::ledger_log::{ActLine, Outcome};

/// Most containers of one act; a longer range is done in several.
const CONTAINERS: u32 = 500;

/// What became of a range that somebody wanted deleted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Deleted {
    /// Containers deleted, each with its proof in the log.
    pub containers: u32,
    /// Their bytes.
    pub bytes: u64,
    /// Containers kept.
    pub kept: u32,
    /// Why those were kept.
    pub refusal: Option<Refusal>,
}

/// What somebody wants deleted, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeletionForm {
    /// Whose footage.
    pub camera: CameraId,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Why, in their words.
    pub reason: String,
}

impl Site {
    /// Deletes what lies in [from, to) of a camera, container by container, where the law lets it go.
    ///
    /// # Errors
    /// No permission, `reason` (none, or too long), `not_found`; the law, when nothing of it may go (inside its term: B-25-1, A-23-2,
    /// Order 799 art. 17; held: B-29-1-2), with the clauses and logged once; or the store.
    pub async fn delete_by_hand(&self, by: &Actor, form: &DeletionForm) -> Result<Deleted, Refusal> {
        by.needs(Permission::DeleteFootage)?;
        self.in_area(by, form.camera).await?;
        check_reason(&form.reason)?;
        let (camera, from, to) = (form.camera, form.from, form.to);
        let row = self.store().camera(camera).await?.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        let place = PlaceKind::parse(&row.place_kind).unwrap_or(PlaceKind::ALL[0]);
        let retention = self.retention_of(&row);
        let term = Term { min_days: self.days_to_keep(&retention), clauses: storage::clauses_of(&retention) };
        let mut out = Deleted::default();
        let list = self.store().containers_between(camera, from, to, CONTAINERS).await?;
        let coming = self.still_coming(&row, from, to).await?;
        if list.is_empty() && coming.is_none() {
            return Err(Refusal::not_found("该时段的录像", "footage in this range"));
        }
        for container in list {
            if let Some(refusal) = self.refuses_deletion(place, &container).await? {
                out.kept += 1;
                out.refusal.get_or_insert(refusal);
                continue;
            }
            let now = self.now().utc;
            let until = self.earliest_deletion(&retention, container.to);
            let fate = self.store().delete_if_due(&container, until, &term, now).await.map_err(StoreError::from)?;
            if fate == Fate::Due {
                out.containers += 1;
                out.bytes += container.bytes;
            } else {
                out.kept += 1;
                let doubted = self.clock().sure() < now;
                out.refusal.get_or_insert_with(if doubted { clock_doubted } else { still_written });
            }
        }
        if let Some(last_frame) = coming {
            let deletion = Deletion { place, last_frame, on_hold: false, authorised: true };
            out.kept += 1;
            out.refusal.get_or_insert(self.ask_deletion(deletion).unwrap_or_else(still_written));
        }
        if let Some(refusal) = &out.refusal {
            self.log_refusal_because(by, (Some(camera), None), refusal, &form.reason).await?;
        }
        if out.containers > 0 {
            self.log_deletion(by, form, &out, &term).await?;
        }
        match out.refusal.take() {
            Some(refusal) if out.containers == 0 => Err(refusal),
            refusal => Ok(Deleted { refusal, ..out }),
        }
    }

    /// End of what is being recorded in [from, to) and has no row yet; `None` where there is no such footage.
    async fn still_coming(&self, row: &CameraRow, from: UtcMs, to: UtcMs) -> Result<Option<UtcMs>, Refusal> {
        let Some(state) = self.camera(row.id).map(|c| c.state()).filter(|s| s.counts.recording) else {
            return Ok(None);
        };
        let begin = self.store().rows_end(row.id).await?.max(state.since).unwrap_or(row.created);
        Ok(overlap_end((begin, self.now().utc), (from, to)))
    }

    /// Who asked for it; the proofs of the single containers are entries of their own.
    async fn log_deletion(&self, by: &Actor, form: &DeletionForm, out: &Deleted, term: &Term) -> Result<(), Refusal> {
        let (from, to) = (form.from, form.to);
        let text = Text::of(
            format!(
                "人工删除 {} 至 {} 内保存期满的录像 {} 段。理由：{}",
                from.desk(),
                to.desk(),
                out.containers,
                form.reason.trim()
            ),
            format!(
                "{} {} of footage past the term deleted by hand, {} to {}. Reason: {}",
                out.containers,
                base::plural(out.containers, "piece", "pieces"),
                from.desk(),
                to.desk(),
                form.reason.trim()
            ),
        );
        let body = serde_json::json!({
            "camera": form.camera, "from_utc_ms": from, "to_utc_ms": to, "by": by.id, "containers": out.containers,
            "bytes": out.bytes, "clauses": term.clauses, "reason_sha256": Sha256::of(form.reason.trim().as_bytes()),
        });
        let act = ActLine {
            outcome: Outcome::Done,
            account: Some(by.id),
            camera: Some(form.camera),
            request: None,
            clauses: term.clauses.clone(),
            text,
        };
        self.store().log("deletion.by_hand", self.now().utc, body, act).await.map_err(StoreError::from)?;
        Ok(())
    }

    async fn refuses_deletion(&self, place: PlaceKind, c: &Candidate) -> Result<Option<Refusal>, Refusal> {
        let on_hold = !self.store().holds_of(c.camera, c.from, c.to).await?.is_empty();
        // Authorised: the role has the power to decide it (`Permission::DeleteFootage`).
        Ok(self.ask_deletion(Deletion { place, last_frame: c.to, on_hold, authorised: true }))
    }

    /// The law's refusal of a deletion: of the law that applies, and for some days also of the law before a change of settings.
    pub(crate) fn ask_deletion(&self, deletion: Deletion) -> Option<Refusal> {
        let refused = |law| self.ask_as(law, Act::Delete(deletion)).into_result().err();
        refused(self.profile().law).or_else(|| self.laws_before().into_iter().find_map(refused))
    }
}

/// End of what two ranges [from, to) have in common; `None` if that is nothing.
fn overlap_end(one: (UtcMs, UtcMs), other: (UtcMs, UtcMs)) -> Option<UtcMs> {
    let (begin, end) = (one.0.max(other.0), one.1.min(other.1));
    Some(end).filter(|end| begin < *end)
}

fn check_reason(reason: &str) -> Result<(), Refusal> {
    let chars = reason.trim().chars().count();
    if (1..=limits::FREE_TEXT_CHARS).contains(&chars) {
        return Ok(());
    }
    Err(Refusal::bad_input(
        "reason",
        Text::new("请写明理由，不超过2000字。", "Give the reason, at most 2,000 characters."),
        Text::new("理由会写进日志。", "It goes into the log."),
    ))
}

fn clock_doubted() -> Refusal {
    Refusal::new(
        base::ErrorKind::Conflict,
        "clock_doubted",
        Text::new(
            "系统时钟刚刚向前跳变，暂不按新时间删除录像。",
            "The clock has just jumped forward; nothing is deleted by the new time yet.",
        ),
        Text::new(
            "请核对系统时间；时间正确的，三天后再试。",
            "Check the clock; if it is right, try again after three days.",
        ),
    )
}

fn still_written() -> Refusal {
    Refusal::new(
        base::ErrorKind::Conflict,
        "in_use",
        Text::new(
            "部分录像刚被封存或仍在写入，未删除。",
            "Some footage was just held or is still being written; it was kept.",
        ),
        Text::new("请稍后查看封存情况后再试。", "Look at the holds and try again later."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Camera;
    use crate::camera::Phase;
    use crate::playback::rig::{Rig, h264};
    use base::Now;
    use domain::recording::GapCause;
    use media::{Codec, Frame, MediaEvent};
    use store::cameras::{GbTransport, Source};

    #[test]
    fn what_is_still_coming_ends_with_the_range_or_now() {
        let range = |from, to| (UtcMs(from), UtcMs(to));
        // Recording since 100, now is 200.
        let coming = |from, to| overlap_end(range(100, 200), range(from, to)).map(|end| end.0);
        assert_eq!(coming(0, 150), Some(150), "to the end of the range");
        assert_eq!(coming(150, 900), Some(200), "to now");
        assert_eq!((coming(0, 101), coming(199, 300)), (Some(101), Some(200)), "one millisecond is footage");
        assert_eq!((coming(0, 100), coming(200, 300)), (None, None), "none before it and none to come");
        assert_eq!((coming(150, 150), coming(180, 120)), (None, None), "an empty or turned range has none");
        assert_eq!(overlap_end(range(200, 200), range(0, 900)), None, "everything has its row");
        assert_eq!(overlap_end(range(300, 200), range(0, 900)), None, "rows that reach beyond now");
    }

    /// A camera that is run, and fed by hand.
    async fn running(rig: &Rig, created: UtcMs) -> (Camera, CameraRow) {
        let id = rig.camera("正门", created).await;
        let row = rig.site.store().camera(id).await.unwrap().unwrap();
        let (device, channel) = ("23010000001320000001".to_owned(), "23010000001320000001".to_owned());
        let source = Source::Gb28181 { device, channel, transport: GbTransport::Udp };
        let row = CameraRow { source, ..row };
        (rig.site.put_camera(row.clone()).await.unwrap(), row)
    }

    /// Pictures of less than one group, from `at` on, so that a fragment is being gathered and none is written.
    fn feed(camera: &Camera, at: Now) {
        camera.media([MediaEvent::Video(h264(false))], at);
        let mut now = at;
        for n in 0..40 {
            let frame = Frame { codec: Codec::H264, pts_90k: now.utc.0 * 90, key: n == 0, data: vec![7; 90].into() };
            camera.media([MediaEvent::Frame(frame)], now);
            now = Now { utc: now.utc.plus_ms(40), mono: now.mono.plus_ms(40) };
        }
        camera.tick(now);
        assert!(camera.state().counts.recording);
    }

    const FAR: UtcMs = UtcMs(i64::MAX);

    #[tokio::test]
    async fn what_streams_is_coming_since_it_streams_and_until_now() {
        let rig = Rig::start(law::Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let now = site.now();
        let since = now.utc.plus_ms(-8_000);
        let (camera, row) = running(&rig, since.plus_ms(-60_000)).await;
        let at = Now { utc: since, mono: now.mono };
        camera.set_phase(Phase::Streaming, at);
        let coming = |from, to| site.still_coming(&row, from, to);
        assert_eq!(coming(UtcMs(0), FAR).await.unwrap(), None, "connected, but nothing is recorded yet");
        feed(&camera, at);
        let one = since.plus_ms(1);
        assert_eq!(coming(UtcMs(0), one).await.unwrap(), Some(one), "one millisecond is footage");
        assert_eq!(coming(UtcMs(0), since).await.unwrap(), None, "up to its beginning there is none");
        assert_eq!(coming(one, one).await.unwrap(), None, "an empty range has none");
        let before = site.now().utc;
        let end = coming(since, FAR).await.unwrap().unwrap();
        assert!(before <= end && end <= site.now().utc, "to now: {before:?} {end:?}");
        assert_eq!(coming(site.now().utc.plus_ms(60_000), FAR).await.unwrap(), None, "nothing comes from the future");
        let stranger = CameraRow { id: CameraId::from_bytes([9; 16]), ..row.clone() };
        assert_eq!(site.still_coming(&stranger, UtcMs(0), FAR).await.unwrap(), None, "a camera that is not run");
        camera.stop(GapCause::NoPackets, site.now());
        camera.tick(site.now());
        assert_eq!(coming(since, FAR).await.unwrap(), None, "it records no more");
    }

    #[tokio::test]
    async fn what_has_its_row_is_not_coming_any_more() {
        let rig = Rig::start(law::Jurisdiction::Heilongjiang).await;
        let site = &rig.site;
        let now = site.now();
        let since = now.utc.plus_ms(-8_000);
        let (camera, row) = running(&rig, since.plus_ms(-60_000)).await;
        camera.set_phase(Phase::Streaming, Now { utc: since, mono: now.mono });
        // Rows that reach two seconds beyond the moment since which it streams.
        let rows = rig.record(row.id, since.plus_ms(-30_000), 16).await;
        assert_eq!(rows, since.plus_ms(2_000));
        feed(&camera, Now { utc: rows, mono: site.now().mono });
        let coming = |from, to| site.still_coming(&row, from, to);
        assert_eq!(coming(UtcMs(0), rows).await.unwrap(), None, "up to its rows");
        assert_eq!(coming(UtcMs(0), rows.plus_ms(1)).await.unwrap(), Some(rows.plus_ms(1)), "and on from there");
    }

    #[tokio::test]
    async fn without_rows_and_without_a_beginning_it_counts_from_its_making() {
        let rig = Rig::start(law::Jurisdiction::Heilongjiang).await;
        let created = rig.site.now().utc.plus_ms(-60_000);
        let (camera, row) = running(&rig, created).await;
        feed(&camera, rig.site.now());
        assert_eq!(camera.state().since, None, "no phase was ever entered");
        let coming = |to| rig.site.still_coming(&row, UtcMs(0), to);
        assert_eq!(coming(created).await.unwrap(), None);
        assert_eq!(coming(created.plus_ms(1)).await.unwrap(), Some(created.plus_ms(1)));
    }
}
