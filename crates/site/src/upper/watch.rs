//! A platform's wish to watch a camera, judged: chosen for it, lawful today, in the log and the register. And the end of a view.
//!
//! The corridor: channel of the row -> running camera -> law gate (`Act::NetworkView`) -> `Store::begin_upper_view` (row, entry,
//! register in one transaction) -> notice on the desk. Invariants: `begin` gives leave only after all of that; a refusal by law is
//! an entry, at most once a minute for a channel; the notice of a camera stays while anybody watches it from above.

use super::refusals::Refusals;
use super::status::{Board, Viewer};
use crate::{Camera, Site};
use base::{CameraId, MonoMs, Text, UtcMs};
use law::{Act, Answer, Networking};
use store::StoreError;
use store::ledger_log::{ActLine, Outcome};
use store::uppers::UpperRow;

/// Code of the notice.
pub(super) const NOTICE: &str = "upper_view";

/// Why a request is refused, as SIP code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum No {
    /// Not a channel of this platform.
    Unknown,
    /// Not lawful.
    Unlawful,
    /// The camera has no picture now.
    Dark,
    /// It could not be logged.
    Unlogged,
}

impl No {
    pub(super) const fn code(self) -> u16 {
        match self {
            Self::Unknown => 404,
            Self::Unlawful => 403,
            Self::Dark => 480,
            Self::Unlogged => 500,
        }
    }
}

/// The facts of a platform's watching, as they stand now.
pub(super) fn facts(row: &UpperRow, now: UtcMs) -> Networking {
    let c = &row.config;
    Networking {
        organ: c.organ,
        need_stated: !c.need.trim().is_empty(),
        emergency_stated: c
            .emergency
            .as_ref()
            .is_some_and(|e| (e.from..e.until).contains(&now) && !e.reason.trim().is_empty()),
    }
}

/// What the law says to it now.
pub(super) fn lawful(site: &Site, row: &UpperRow) -> Answer {
    site.ask(Act::NetworkView(facts(row, site.now().utc)))
}

/// The camera behind a channel code.
pub(super) fn camera_of(site: &Site, row: &UpperRow, code: &str) -> Option<Camera> {
    let channel = row.config.channels.iter().find(|c| c.code == code)?;
    site.camera(channel.camera)
}

/// What the law says to the link now.
pub(super) fn connection(site: &Site, row: &UpperRow) -> Answer {
    site.ask(Act::ConnectPlatform(facts(row, site.now().utc)))
}

/// Whether the law allows the link now.
pub(super) fn may_connect(site: &Site, row: &UpperRow) -> bool {
    connection(site, row).allow
}

/// Leave to watch a camera.
pub(super) struct Leave {
    /// It.
    pub(super) camera: Camera,
    /// The entry of the view, which names it.
    pub(super) leaf: u64,
    /// It may be heard, too. Where not (a place of privacy) the pictures go without sound, and nothing was attempted that were a refusal.
    pub(super) sound: bool,
}

/// Gives leave to watch: when this returns `Ok`, the view is in the log, in the register and on the desk.
pub(super) async fn begin(
    site: &Site,
    row: &UpperRow,
    code: &str,
    refusals: &mut Refusals,
    mono: MonoMs,
) -> Result<Leave, No> {
    let camera = camera_of(site, row, code).ok_or(No::Unknown)?;
    let answer = lawful(site, row);
    if !answer.allow {
        if refusals.due(code, mono)
            && let Err(error) = log_refusal(site, row, Some(camera.id()), answer).await
        {
            tracing::error!(%error, "a refusal to an upper platform could not be logged");
        }
        return Err(No::Unlawful);
    }
    if camera.hub().codec().is_none() {
        return Err(No::Dark);
    }
    let clauses: Vec<_> = answer.deciding.into_iter().map(|c| c.clause).collect();
    let (name, who, now) = (camera.row().name, &row.config.name, site.now().utc);
    let text = Text::of(
        format!("上级平台「{who}」开始实时查看「{name}」。"),
        format!("Upper platform \"{who}\" began to watch \"{name}\" live."),
    );
    match site.store().begin_upper_view(row, camera.id(), &clauses, text, now).await {
        Ok(leaf) => {
            tell(site, row, &camera, now).await;
            let sound = site.ask(crate::playback::hearing(&camera.row())).allow;
            Ok(Leave { camera, leaf, sound })
        }
        Err(error) => {
            tracing::error!(%error, "a view from above could not be logged, so it was refused");
            Err(No::Unlogged)
        }
    }
}

/// The notice on the desk. The view is logged already: a notice that cannot be stored costs the banner, not the record.
async fn tell(site: &Site, row: &UpperRow, camera: &Camera, now: UtcMs) {
    let (who, name) = (&row.config.name, camera.row().name);
    let text = Text::of(
        format!("上级平台「{who}」正在实时查看「{name}」，自 {} 起。", now.desk()),
        format!("Upper platform \"{who}\" is watching \"{name}\" live since {}.", now.desk()),
    );
    if let Err(error) = site.store().raise(1, NOTICE, Some(camera.id()), &text, now).await {
        tracing::error!(%error, "the notice of a view from above could not be stored");
    }
}

/// Enters a refusal: of watching `camera`, or without one of the link itself.
pub(super) async fn log_refusal(
    site: &Site,
    row: &UpperRow,
    camera: Option<CameraId>,
    answer: Answer,
) -> Result<(), StoreError> {
    let refusal = answer.into_refusal();
    let clauses: Vec<_> = refusal.why.iter().map(|c| c.clause.clone()).collect();
    let body = serde_json::json!({
        "code": refusal.code, "by": null, "camera": camera, "request": null, "upper": row.id, "clauses": clauses,
    });
    let who = &row.config.name;
    let (zh, en) = match camera {
        Some(_) => (format!("上级平台「{who}」的实时查看"), format!("Live viewing by upper platform \"{who}\"")),
        None => (format!("与上级平台「{who}」联网"), format!("The link with upper platform \"{who}\"")),
    };
    let text =
        Text::of(format!("依法拒绝{zh}：{}", refusal.what.zh), format!("{en} refused by law: {}", refusal.what.en));
    let act = ActLine { outcome: Outcome::Refused, account: None, camera, request: None, clauses, text };
    site.store().log("act.refused", site.now().utc, body, act).await?;
    Ok(())
}

/// A view is over: entry, register, and the notice goes with the camera's last viewer. `board` no longer lists it.
pub(super) async fn end(site: &Site, row: &UpperRow, viewer: &Viewer, board: &Board) {
    let now = site.now().utc;
    let name = site.camera(viewer.camera).map_or_else(String::new, |c| c.row().name);
    let who = &row.config.name;
    let text = Text::of(
        format!("上级平台「{who}」结束查看「{name}」。"),
        format!("Upper platform \"{who}\" stopped watching \"{name}\"."),
    );
    // Not stored now: the row stays open and is closed at the next start.
    if let Err(error) = site.store().end_upper_view(viewer.leaf, text, now).await {
        tracing::error!(%error, "the end of a view from above could not be logged");
    }
    if !board.viewers().iter().any(|(_, v)| v.camera == viewer.camera)
        && let Err(error) = site.store().clear(NOTICE, Some(viewer.camera), now).await
    {
        tracing::error!(%error, "the notice of a view from above could not be cleared");
    }
}
