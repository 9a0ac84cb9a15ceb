//! From rows and states to the view types of pages: cameras, gaps, names, log lines. Reads only.

use crate::call::Call;
use crate::pages::log::LogLine;
use crate::pages::watch::{CameraTile, GapLine, HoldLine};
use crate::pages::{Choice, Mark, State};
use base::{AccountId, CameraId, Citation, ClauseId, Lang, Reading, Refusal, RequestId, Text, UtcMs};
use domain::access::Role;
use domain::casework::NOBODY;
use domain::recording::GapCause;
use law::PlaceKind;
use site::Camera;
use site::camera::{CameraState, Phase};
use site::playback::Mark as FootageMark;
use std::collections::{BTreeSet, HashMap};
use store::accounts::Account;
use store::authority_orders::ORDER_REASON;
use store::footage::read::{GapRow, HoldRow};
use store::logbook::ActRow;

/// A camera's state in shape, colour and word.
pub(crate) fn state_of(state: &CameraState) -> State {
    let (mark, word) = match (state.phase, state.paused) {
        (Phase::Offline, _) => (Mark::Critical, state.phase.text()),
        (Phase::Connecting | Phase::Waiting, _) if state.diagnosis.is_some() => {
            (Mark::Critical, Text::new("无图像", "No picture"))
        }
        (Phase::Connecting | Phase::Waiting, _) => (Mark::Busy, state.phase.text()),
        (Phase::Streaming, Some(_)) => (Mark::Warning, Text::new("停止录像", "Not recording")),
        (Phase::Streaming, None) if state.counts.recording => (Mark::Ok, state.phase.text()),
        (Phase::Streaming, None) => (Mark::Busy, Text::new("准备录像", "About to record")),
    };
    State { mark, word }
}

/// Why there is no picture; empty when there is one.
pub(crate) fn why_dark(state: &CameraState) -> Text {
    match (&state.diagnosis, state.phase) {
        (_, Phase::Streaming) => Text::default(),
        (Some(d), _) => d.what.clone(),
        (None, Phase::Offline) => {
            Text::new("设备离线，尚未收到任何数据", "The device is offline; nothing has come from it")
        }
        (None, _) => Text::new("正在等待画面", "Waiting for pictures"),
    }
}

/// The picture in words: `H.264 1920×1080 25/s`.
pub(crate) fn format_of(state: &CameraState) -> String {
    state.counts.video.as_ref().map_or_else(String::new, |v| {
        format!("{} {}×{} {:.0}/s", v.codec.name(), v.width_px, v.height_px, state.pictures_per_second)
    })
}

/// A camera for wall, tree and playback.
pub(crate) fn tile(camera: &Camera) -> CameraTile {
    let (row, state) = (camera.row(), camera.state());
    let live = camera.hub().codec().is_none_or(|c| c.name() != "H.265");
    let why = if live {
        why_dark(&state)
    } else {
        Text::new("H.265 画面，浏览器不能实时播放", "H.265: the browser cannot play it live")
    };
    CameraTile {
        id: row.id.to_string(),
        name: row.name,
        place: row.place,
        state: state_of(&state),
        why_dark: why,
        bit_rate_bps: state.bits_per_second,
        live,
        audio: row.audio,
        recording: state.is_recording(),
    }
}

/// Kinds of places for a select.
pub(crate) fn place_kinds(chosen: &str) -> Vec<Choice> {
    PlaceKind::ALL.iter().map(|p| Choice::new(p.key(), p.name(), p.key() == chosen)).collect()
}

/// A gap in words.
pub(crate) fn gap_line(gap: &GapRow) -> GapLine {
    GapLine { from: gap.from, to: gap.to, cause: gap.cause.text() }
}

/// A gap's cause as JSON.
pub(crate) fn gap_json(gap: &GapRow, until: UtcMs) -> serde_json::Value {
    let cause: Text = GapCause::text(gap.cause);
    serde_json::json!({
        "from": gap.from, "to": gap.to.unwrap_or(until), "open": gap.to.is_none(),
        "cause": gap.cause.code(), "zh": cause.zh, "en": cause.en,
    })
}

/// A mark as JSON; `at` is where its tick stands, `done` when the act was done.
pub(crate) fn mark_json(mark: &FootageMark) -> serde_json::Value {
    let text = mark.text.expose();
    serde_json::json!({
        "at": mark.from, "to": mark.to, "done": mark.at, "kind": mark.kind.code(), "zh": text.zh, "en": text.en,
        "id": mark.bookmark.map(|b| b.0), "log": mark.log_index,
    })
}

/// A hold in words. One that an alarm placed ends with its incident, and until then it is offered to nobody (`alarm_open`); afterwards the
/// custodian ends it as one placed by hand. One of an order of the authority is never offered: the authority ends it.
pub(crate) fn hold_line(hold: &HoldRow, alarm_open: bool) -> HoldLine {
    let of = |kind: &str| hold.reason.strip_prefix(kind);
    let ordered = of(ORDER_REASON).filter(|_| hold.request.is_none());
    let reason = match (of("request "), of("alarm "), ordered) {
        (Some(number), _, _) => Text::of(format!("申请 {number}"), format!("request {number}")),
        (_, Some(number), _) => Text::of(format!("报警 {number}"), format!("alarm {number}")),
        (_, _, Some(case)) => {
            Text::of(format!("为公安机关案件 {case} 封存"), format!("held for the authority's case {case}"))
        }
        _ => Text::of(hold.reason.clone(), hold.reason.clone()),
    };
    let releasable = hold.request.is_none() && !alarm_open && ordered.is_none();
    HoldLine { id: hold.id.to_string(), from: hold.from, to: hold.to, reason, releasable }
}

/// The short citation of a clause; its id where no pack of today has it.
fn short_citation(call: &Call, clause: &str) -> Citation {
    let id = ClauseId::new(clause);
    let known = call.site().gate().packs().cite(&id);
    known.unwrap_or_else(|| Citation {
        clause: id,
        instrument: Text::default(),
        article: Text::of(clause.to_owned(), clause.to_owned()),
        gist: Text::default(),
        text_sha256: String::new(),
        reading: Reading::Literal,
    })
}

/// A name and what tells it from others of that name (a person's login name, where it belongs), in the brackets of the language.
pub(super) fn bracketed(l: Lang, name: &str, within: &str) -> String {
    format!("{name}{}{within}{}", l.t("（", " ("), l.t("）", ")"))
}

/// Names by id, for lists: read once a page.
pub(crate) struct Names {
    accounts: HashMap<AccountId, String>,
    cameras: HashMap<CameraId, String>,
    requests: HashMap<RequestId, String>,
}

impl Names {
    /// Reads all names as lists show them: persons masked beside their login name, but for the auditor, who must say who did what.
    pub(crate) async fn read(call: &Call) -> Result<Self, Refusal> {
        let audits = call.who.as_ref().is_some_and(|w| w.actor.role == Role::Auditor);
        Self::read_as(call, audits).await
    }

    /// Reads all names, persons whole: for pages whose people work with each other, and where the law has persons named.
    pub(crate) async fn read_whole(call: &Call) -> Result<Self, Refusal> {
        Self::read_as(call, true).await
    }

    /// Names of these accounts alone, persons whole: for pages of cases, whose people work with each other. One question for all of them.
    pub(crate) async fn of(call: &Call, accounts: BTreeSet<AccountId>) -> Result<Self, Refusal> {
        let found = call.site().store().accounts_of(&accounts).await?.into_iter();
        let name = |a: Account| (a.id, bracketed(call.lang, a.name.expose(), &a.login));
        Ok(Self { accounts: found.map(name).collect(), cameras: HashMap::new(), requests: HashMap::new() })
    }

    async fn read_as(call: &Call, whole: bool) -> Result<Self, Refusal> {
        let store = call.site().store();
        let accounts = store.accounts().await?.into_iter();
        let name = |a: &Account| if whole { a.name.expose().clone() } else { a.name.masked() };
        Ok(Self {
            accounts: accounts.map(|a| (a.id, bracketed(call.lang, &name(&a), &a.login))).collect(),
            cameras: store.camera_names().await?,
            requests: store.request_numbers(2_000).await?.into_iter().collect(),
        })
    }

    /// Who did something.
    pub(crate) fn who(&self, call: &Call, id: Option<AccountId>) -> String {
        let system = || call.lang.t("系统", "system").to_owned();
        // Both what the public sends in and what the program does in a case is of nobody's account.
        if id == Some(NOBODY) {
            return call.lang.t("公众或者程序（没有账号）", "public or program, no account").to_owned();
        }
        id.map_or_else(system, |id| self.accounts.get(&id).cloned().unwrap_or_else(|| id.to_string()))
    }

    /// What it was done on.
    pub(crate) fn object(&self, camera: Option<CameraId>, request: Option<RequestId>) -> String {
        let camera = camera.map(|id| self.cameras.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        let request = request.map(|id| self.requests.get(&id).cloned().unwrap_or_else(|| id.to_string()));
        [camera, request].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    /// Name of a camera.
    pub(crate) fn camera(&self, id: CameraId) -> String {
        self.cameras.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// A line of the log.
    pub(crate) fn line(&self, call: &Call, act: ActRow) -> LogLine {
        LogLine {
            index: act.idx,
            at: act.at,
            who: self.who(call, act.account),
            act: act.text,
            object: self.object(act.camera, act.request),
            allowed: !act.refused,
            clauses: act.clauses.iter().map(|c| short_citation(call, c)).collect(),
        }
    }
}
