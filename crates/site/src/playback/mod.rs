//! Playback: a stretch of recorded footage becomes a film for whoever may see it.
//!
//! ```text
//! who asks ─▶ role ─▶ (staff: area) ─▶ law gate ─▶ (officers: grant, session, scope) ─▶ plan ─▶ entry in the log ─▶ bytes
//! ```
//!
//! Always true: nobody gets a byte of footage before the entry that says so is committed; officers are let in to no camera and
//! no millisecond that their request does not name; one viewing is one entry, not one a byte range.
//! Known: fragments are whole, so the bytes of a film may begin with the key picture before the range and end with the rest of
//! the last group of pictures, as an export does too; the player begins at `Film::begin_ms` and stops at `Film::until`.
//! A film holds fragments of one codec configuration; where that changes it ends and says where to go on (`Film::until`).

mod cache;
mod film;
mod given;
mod leave;
mod marks;
#[cfg(test)]
pub(crate) mod rig;
mod seen;
#[cfg(test)]
mod tests;

pub use cache::PlanCache;
pub(crate) use film::{Chunks, stream_of};
pub use film::{Film, FilmGap, FilmMap, FilmPiece};
pub(crate) use given::unreadable;
pub use leave::{Purpose, Viewer};
pub use marks::{Mark, MarkKind};

use crate::Site;
use crate::devices::add_new;
use base::{CameraId, ClauseId, ErrorKind, Refusal, Text, UtcMs, limits};
use bytes::Bytes;
use domain::access::Permission;
use film::FilmPlan;
use law::{Act, OwnUse, PlaceKind, Retention, SoundUse};
use leave::Leave;
use media::mp4::single_frame;
use std::sync::Arc;
use store::cameras::CameraRow;
use store::footage::read::{GapRow, HoldRow, Located};

/// Longest time range of one timeline, ms (31 days).
pub const TIMELINE_MS: i64 = 31 * base::time::DAY_MS;
/// How far before a range the key picture of its first group of pictures is looked for, ms.
const KEY_LOOK_BACK_MS: i64 = 300_000;
/// A film asked for with an end behind the newest picture ends there; a fragment that begins this close to the end is left
/// out, so that the same range gives the same bytes when recording has gone on, ms.
const EDGE_MS: i64 = domain::recording::SLEW_MS;

/// Keys of refused hearing, live and recorded, among the viewings that were entered; purposes of viewing are -1 to -4.
const HEARING: i64 = -100;
const HEARING_RECORDED: i64 = -101;

/// What the timeline of a camera shows.
#[derive(Clone, Debug)]
pub struct TimelineView {
    /// From, as asked (officers: cut to their grant).
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Stretches of footage.
    pub footage: Vec<(UtcMs, UtcMs)>,
    /// Gaps with causes.
    pub gaps: Vec<GapRow>,
    /// Holds in force.
    pub holds: Vec<HoldRow>,
    /// Bookmarks, and what was done with this footage.
    pub marks: Vec<Mark>,
    /// Footage on disks that are not there now: from, to, name of the disk.
    pub away: Vec<(UtcMs, UtcMs, String)>,
    /// Oldest footage of the camera.
    pub oldest: Option<UtcMs>,
    /// Newest footage of the camera.
    pub newest: Option<UtcMs>,
    /// Footage from here on has to be kept by law.
    pub keep_from: UtcMs,
    /// The terms behind it.
    pub retention: Retention,
}

fn no_footage() -> Refusal {
    Refusal::new(
        ErrorKind::NotFound,
        "no_footage",
        Text::new("该时段没有录像。", "There is no footage in this range."),
        Text::new("请在时间轴上选择有录像的时段。", "Choose a stretch with footage on the timeline."),
    )
}

/// Hearing what a camera captures, as an act of the law. The role is the unit's designation of the person; the purpose is that of the
/// pictures that the sound goes with, which are asked about beside it. A place that this program does not know may be one of privacy.
pub(crate) fn hearing(camera: &CameraRow) -> Act {
    let place = PlaceKind::parse(&camera.place_kind).unwrap_or(PlaceKind::OtherPrivate);
    Act::Listen(SoundUse { place, designated: true, security_purpose: true })
}

/// Others are to be covered: a picture alone is not given.
fn looked_at_first() -> Refusal {
    Refusal::new(
        ErrorKind::Forbidden,
        "others_not_covered",
        Text::new("这次查看须遮住他人，不提供单幅画面。", "Others are to be covered here: no single picture is given."),
        Text::new("请在播放页逐段检查后播放。", "Look at the footage on its page span by span, then show it there."),
    )
}

fn check_range(from: UtcMs, to: UtcMs, most_ms: i64) -> Result<(), Refusal> {
    let length_ms = to.since(from);
    if length_ms > 0 && length_ms <= most_ms && from.0 >= 0 {
        return Ok(());
    }
    let hours = most_ms / 3_600_000;
    Err(Refusal::bad_input(
        "range",
        Text::of(
            format!("结束时间须晚于开始时间，且不超过{hours}小时。"),
            format!("The end must be after the begin, at most {hours} hours."),
        ),
        Text::new("请缩短时间段后重试。", "Choose a shorter range and try again."),
    ))
}

impl Site {
    /// A film of `camera` from `from` to `to` (at most four hours). A range that reaches into now ends with the newest picture. Staff
    /// need leave to hear, too, where sound was recorded with it.
    ///
    /// # Errors
    /// The range, the viewer's right, law or grant, `no_footage`, or the store.
    pub async fn play(&self, who: Viewer<'_>, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Film, Refusal> {
        check_range(from, to, limits::PLAYBACK_RANGE_MS)?;
        let mut leave = self.leave_to_see(who, camera, from, to).await?;
        let plan = self.film_plan(camera, from, to).await?;
        // What is on the disk counts, not whether the camera captures sound today. Pictures without sound are not heard.
        if plan.has_sound()
            && let (Viewer::Staff(actor, _), Leave::Staff { clauses, .. }) = (who, &mut leave)
        {
            let row = self.store().camera(camera).await?.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
            add_new(clauses, self.may_hear(actor, &row, HEARING_RECORDED).await?);
        }
        self.enter_viewing(&leave, camera, from, to).await?;
        Ok(Film::new(plan, self.store().clone()))
    }

    /// A single picture of the recording at `at` as an MP4 that browsers show: the newest key picture not after it. None where others are to be
    /// covered: over it no box would lie.
    ///
    /// # Errors
    /// As `play`; `others_not_covered`.
    pub async fn poster(&self, who: Viewer<'_>, camera: CameraId, at: UtcMs) -> Result<Bytes, Refusal> {
        let leave = self.leave_to_see(who, camera, at, at.plus_ms(1)).await?;
        if leave.is_covered() {
            return Err(looked_at_first());
        }
        let fragment = self.key_fragment(camera, at).await?;
        let (from, to) = leave.stretch_around(at);
        self.enter_viewing(&leave, camera, from, to).await?;
        self.picture_in(fragment).await
    }

    /// A single picture of this moment, from the stream that is coming in.
    ///
    /// # Errors
    /// The viewer's right or law, or `no_footage` while no picture comes.
    pub async fn poster_now(&self, by: &crate::Actor, camera: CameraId) -> Result<Bytes, Refusal> {
        self.may_view_live(by, camera).await?;
        let running = self.camera(camera).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        let (video, frame) = running.hub().newest_key().ok_or_else(no_footage)?;
        single_frame(&video, &frame.data).map(Bytes::from).map_err(|_| no_footage())
    }

    /// May this person watch this camera live? Asked before a live session is opened.
    ///
    /// # Errors
    /// No permission, `outside_area`, or the law (B-22-1-2, B-29-1-1, Order 799 art. 16); the refusal is logged.
    pub async fn may_view_live(&self, by: &crate::Actor, camera: CameraId) -> Result<(), Refusal> {
        by.needs(Permission::ViewLive)?;
        self.in_area(by, camera).await?;
        // The role is the unit's designation of the person; live viewing needs no entry in the register. Those who hold it watch because
        // it is their duty to watch over the place, so the purpose is that of their post and nobody on duty is asked for one; who looks
        // back at what was recorded says why (`Purpose`).
        let using = OwnUse { designated: true, security_purpose: true, registered: false };
        self.lawful(by, Some(camera), Act::ViewLive(using)).await.map(|_| ())
    }

    /// May this person hear this camera live? Asked beside `may_view_live` for a camera that captures sound; who may not hear may still
    /// see. A refusal is logged once for a while, not with each connection anew.
    ///
    /// # Errors
    /// The law (A-14, B-15, B-22-1-2, Order 799 art. 8), or the log.
    pub async fn may_listen(&self, by: &crate::Actor, camera: &crate::Camera) -> Result<(), Refusal> {
        self.may_hear(by, &camera.row(), HEARING).await.map(|_| ())
    }

    /// Asks whether this person may hear a camera; gives the clauses. A refusal is logged once for a while under `how`.
    async fn may_hear(&self, by: &crate::Actor, camera: &CameraRow, how: i64) -> Result<Vec<ClauseId>, Refusal> {
        let refusal = match self.ask(hearing(camera)).into_result() {
            Ok(answer) => return Ok(answer.deciding.into_iter().map(|c| c.clause).collect()),
            Err(refusal) => refusal,
        };
        let write = async {
            self.log_refusal(by, Some(camera.id), None, &refusal).await?;
            Ok(())
        };
        let whole = (UtcMs(0), UtcMs(1));
        self.plans().seen().once((by.id, how, camera.id.bytes()), whole, self.now().mono, write).await?;
        Err(refusal)
    }

    /// What the timeline of a camera shows between two instants; shows no picture and so leaves no entry.
    ///
    /// # Errors
    /// The range, the viewer's right or grant, or the store.
    pub async fn timeline(
        &self,
        who: Viewer<'_>,
        camera: CameraId,
        from: UtcMs,
        to: UtcMs,
    ) -> Result<TimelineView, Refusal> {
        check_range(from, to, TIMELINE_MS)?;
        let (from, to) = match who {
            Viewer::Staff(actor, _) => {
                actor.needs(Permission::PlayBack)?;
                self.in_area(actor, camera).await?;
                (from, to)
            }
            Viewer::Officers(actor, request) => {
                let app = self.open_session_of(actor, request).await?.row.application;
                // Cut to the grant; what does not touch it is refused as it was asked.
                let (cut_from, cut_to) = (from.max(app.from), to.min(app.to));
                let (from, to) = if cut_from < cut_to { (cut_from, cut_to) } else { (from, to) };
                self.leave_to_see(who, camera, from, to).await?;
                (from, to)
            }
        };
        let row = self.store().camera(camera).await?.ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
        let retention = self.retention_of(&row);
        let (oldest, newest) = (self.store().footage_start(camera).await?, self.store().footage_end(camera).await?);
        let mut drawn = self.store().timeline(camera, from, to).await?;
        if matches!(who, Viewer::Officers(..)) {
            // That there is another request is not theirs to know.
            drawn.holds.iter_mut().for_each(|h| h.reason.clear());
        }
        let marks = match who {
            Viewer::Staff(actor, _) => self.marks(actor, camera, from, to).await?,
            Viewer::Officers(..) => Vec::new(),
        };
        Ok(TimelineView {
            from,
            to,
            footage: drawn.footage,
            gaps: drawn.gaps,
            holds: drawn.holds,
            marks,
            away: drawn.away,
            oldest,
            newest,
            keep_from: self.now().utc.plus_ms(-i64::from(self.days_to_keep(&retention)) * base::time::DAY_MS),
            retention,
        })
    }

    /// Fragments that touch the range, from the key picture on that the first of them needs.
    async fn fragments_from_key(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Vec<Located>, Refusal> {
        let mut list = self.store().fragments(camera, from, to).await?;
        let first = list.first().map(|l| (l.frag.key, l.frag.seq));
        if let Some((false, seq)) = first {
            // A group of pictures longer than a fragment: its key picture lies in an earlier span.
            let mut before = self.store().fragments(camera, from.plus_ms(-KEY_LOOK_BACK_MS), from).await?;
            before.retain(|l| l.frag.seq < seq);
            let key = before.iter().rposition(|l| l.frag.key).unwrap_or(before.len());
            let unbroken = before.get(key).is_some_and(|l| seq - l.frag.seq == (before.len() - key) as u64);
            if unbroken {
                list.splice(..0, before.drain(key..));
            }
        }
        Ok(list)
    }

    async fn film_plan(&self, camera: CameraId, from: UtcMs, to: UtcMs) -> Result<Arc<FilmPlan>, Refusal> {
        let newest = self.store().footage_end(camera).await?.ok_or_else(no_footage)?;
        let until = to.min(newest);
        if until <= from {
            return Err(no_footage());
        }
        let key = (camera, from, until);
        if let Some(plan) = self.plans().get(&key) {
            return Ok(plan);
        }
        let _turn = self.plans().turn().await;
        if let Some(plan) = self.plans().get(&key) {
            return Ok(plan);
        }
        let mut fragments = self.fragments_from_key(camera, from, until).await?;
        let late = |l: &Located| l.frag.start.plus_ms(EDGE_MS) >= until && l.frag.start > from;
        fragments.truncate(fragments.len() - fragments.iter().rev().take_while(|l| late(l)).count());
        let gaps = self.store().gaps(camera, from, until).await?;
        let plan = tokio::task::spawn_blocking(move || FilmPlan::of(fragments, from, until, gaps)).await;
        let plan = Arc::new(plan.map_err(|_| no_footage())??);
        self.plans().put(key, plan.clone());
        Ok(plan)
    }
}
