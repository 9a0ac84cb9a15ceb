//! Footage on its way out: timeline, films with byte ranges, posters, live offers, deletion. The corridors of `site` are asked
//! first and write the log first; what is here only puts their answer into HTTP.

use super::marks::{is_range, malformed};
use super::use_session::in_this_browser;
use super::view::{gap_json, mark_json};
use crate::answer::{Reply, Response, body, json, no_page, ok_json};
use crate::call::Call;
use crate::range::{Wanted, wanted};
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Method, StatusCode, header};
use base::{CameraId, ErrorKind, Refusal, RequestId, Text, UtcMs, limits};
use domain::account::session_limits;
use futures_util::Stream;
use serde::Deserialize;
use site::live::SessionToken;
use site::playback::{Film, Purpose, TIMELINE_MS, TimelineView, Viewer};
use site::use_of_information::DeletionForm;
use std::ops::Range;
use store::ledger_log::{ActLine, Outcome};

/// Most stretches of `TIMELINE_MS` in one answer: the widest view of the page and half as much on either side.
const STRETCHES: usize = 7;

/// A body of known length, whole or in the range asked for; `read` opens it.
pub(crate) fn ranged<S>(
    call: &Call,
    content_type: &'static str,
    total: u64,
    tag: &str,
    read: impl FnOnce(Range<u64>) -> S,
) -> Response
where
    S: Stream<Item = std::io::Result<Bytes>> + Send + 'static,
{
    let asked = wanted(call.header(header::RANGE), call.header(header::IF_RANGE), tag, total);
    let (status, range) = match asked {
        Wanted::Whole => (StatusCode::OK, 0..total),
        Wanted::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first..last + 1),
        Wanted::Beyond => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
    };
    let length = range.end - range.start;
    let content_range = match status {
        StatusCode::PARTIAL_CONTENT => Some(format!("bytes {}-{}/{total}", range.start, range.end - 1)),
        StatusCode::RANGE_NOT_SATISFIABLE => Some(format!("bytes */{total}")),
        _ => None,
    };
    let empty = call.method == Method::HEAD || length == 0;
    let mut answer = body(status, content_type, if empty { Body::empty() } else { Body::from_stream(read(range)) });
    let headers = answer.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let texts = [(header::ETAG, Some(tag.to_owned())), (header::CONTENT_RANGE, content_range)];
    for (name, text) in texts {
        if let Some(value) = text.and_then(|t| HeaderValue::from_str(&t).ok()) {
            headers.insert(name, value);
        }
    }
    answer
}

fn camera_of(call: &Call) -> Result<CameraId, Refusal> {
    CameraId::parse(call.param(0)).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))
}

/// Staff, or officers under the request that `use=` names.
async fn viewer(call: &Call) -> Result<Viewer<'_>, Refusal> {
    let actor = call.actor()?;
    if call.query.has("use") {
        let request = RequestId::parse(call.query.get("use")).ok_or_else(no_page)?;
        in_this_browser(call, request).await?;
        return Ok(Viewer::Officers(actor, request));
    }
    Ok(Viewer::Staff(actor, Purpose::parse(call.query.get("purpose")).unwrap_or_default()))
}

fn range_of(call: &Call) -> Result<(UtcMs, UtcMs), Refusal> {
    call.query.instant("from").zip(call.query.instant("to")).ok_or_else(|| {
        Refusal::bad_input(
            "range",
            Text::new("请给出 from 和 to（毫秒）。", "Give from and to in milliseconds."),
            Text::new("请从页面上的链接进入。", "Come through the links of the pages."),
        )
    })
}

/// `GET /api/v1/cameras/{id}/timeline?from&to[&use]`.
pub(crate) async fn timeline(call: Call) -> Reply {
    let id = camera_of(&call)?;
    let (from, to) = range_of(&call)?;
    let who = viewer(&call).await?;
    let now = call.now();
    // Nothing lies behind now; a view that reaches there is cut, so that it costs nothing.
    let end = to.min(now.plus_ms(60_000)).max(from.plus_ms(1));
    let mut spans: Vec<(UtcMs, UtcMs)> = Vec::new();
    let (mut gaps, mut holds, mut away) = (Vec::new(), Vec::new(), Vec::new());
    let mut events: Vec<serde_json::Value> = Vec::new();
    let mut last: Option<TimelineView> = None;
    let mut stop = end;
    for _ in 0..STRETCHES {
        let start = from.max(stop.plus_ms(-TIMELINE_MS));
        let part = call.site().timeline(who, id, start, stop).await?;
        spans.splice(..0, part.footage.iter().copied());
        gaps.splice(..0, part.gaps.iter().map(|g| gap_json(g, now)));
        holds.splice(
            ..0,
            part.holds.iter().map(|h| serde_json::json!({ "from": h.from, "to": h.to, "reason": h.reason })),
        );
        for event in part.marks.iter().map(mark_json) {
            // A mark that reaches over the edge of two stretches is in both.
            if !events.contains(&event) {
                events.push(event);
            }
        }
        let lies = |(from, to, disk): &(UtcMs, UtcMs, String)| {
            let (zh, en) = (
                format!("录像在未连接的磁盘 {disk} 上"),
                format!("the footage lies on disk {disk}, which is not there now"),
            );
            serde_json::json!({ "from": from, "to": to, "disk": disk, "zh": zh, "en": en })
        };
        away.splice(..0, part.away.iter().map(lies));
        let oldest = part.oldest;
        last = Some(part);
        stop = start;
        if start <= from || oldest.is_some_and(|o| start <= o) {
            break;
        }
    }
    let keep = last.map(|l| (l.keep_from, l.oldest, l.newest));
    ok_json(&serde_json::json!({
        "from": from, "to": to, "spans": spans, "gaps": gaps, "away": away, "holds": holds, "events": events,
        "retention_end": keep.map(|k| k.0), "oldest": keep.and_then(|k| k.1), "newest": keep.and_then(|k| k.2),
    }))
}

async fn film(call: &Call) -> Result<Film, Refusal> {
    let id = camera_of(call)?;
    let (from, to) = range_of(call)?;
    call.site().play(viewer(call).await?, id, from, to).await
}

/// `GET /api/v1/cameras/{id}/play.json?from&to[&use]`: the film's pieces on the wall clock. A range without footage is empty, not
/// an error: the player goes on to the next stretch.
pub(crate) async fn play_json(call: Call) -> Reply {
    let (from, to) = range_of(&call)?;
    let film = match film(&call).await {
        Ok(film) => film,
        Err(refusal) if refusal.code == "no_footage" => {
            return ok_json(
                &serde_json::json!({ "from": from, "to": to, "until": to, "pieces": [], "gaps": [], "bytes": 0 }),
            );
        }
        Err(refusal) => return Err(refusal),
    };
    let now = call.now();
    let gaps: Vec<_> = film.gaps().iter().map(|g| gap_json(g, now)).collect();
    ok_json(&serde_json::json!({
        "from": from, "to": to, "until": film.until(), "start": film.start_utc_ms(), "begin_ms": film.begin_ms(),
        "duration_ms": film.duration_ms(), "bytes": film.total_bytes(), "pieces": film.pieces(), "gaps": gaps,
    }))
}

/// Whether a film is fetched by the player on the page of this viewing. A browser says so itself (`Sec-Fetch-Dest`, which no page can
/// set); where it says nothing, over plain HTTP, the page that asks has to be that one.
fn is_of_page(dest: Option<&str>, referer: Option<&str>, id: RequestId) -> bool {
    if let Some(dest) = dest {
        return dest == "video";
    }
    let page = referer.and_then(|r| r.split_once("://")).and_then(|(_, rest)| rest.split_once('/'));
    page.is_some_and(|(_, path)| path.split(['?', '#']).next() == Some(format!("use/{id}/view").as_str()))
}

/// Where others are to be covered the boxes lie on the page of the viewing: in a window of its own the film would play without them.
async fn only_on_its_page(call: &Call) -> Result<(), Refusal> {
    let Some(id) = RequestId::parse(call.query.get("use")) else { return Ok(()) };
    // Who may not know of the request is told as if there were none.
    let hidden = |refusal: Refusal| if refusal.code == "no_permission" { no_page() } else { refusal };
    let covered = call.site().request(call.actor()?, id).await.map_err(hidden)?.application.covered().cloned();
    let Some(clause) = covered.filter(|_| {
        let dest = call.headers.get("sec-fetch-dest").and_then(|v| v.to_str().ok());
        !is_of_page(dest, call.header(header::REFERER), id)
    }) else {
        return Ok(());
    };
    let refused = Refusal::new(
        ErrorKind::Forbidden,
        "covered_page_only",
        Text::new(
            "这次查看须遮住他人，录像只能在查看页面上播放。",
            "Others are to be covered in this viewing: the footage plays on its page only.",
        ),
        Text::new("请回到查看页面，逐段检查后播放。", "Go back to the page of the viewing and show it there."),
    );
    Err(refused.citing(call.site().gate().packs().cite(&clause).into_iter().collect()))
}

/// `GET /api/v1/cameras/{id}/play.mp4?from&to[&use]`: the film, with ranges.
pub(crate) async fn play_mp4(call: Call) -> Reply {
    only_on_its_page(&call).await?;
    let film = film(&call).await?;
    let tag = format!("\"{}\"", film.etag());
    Ok(ranged(&call, "video/mp4", film.total_bytes(), &tag, |range| film.read(range)))
}

/// `GET /api/v1/cameras/{id}/poster?at[&use]`: one picture of the recording as an MP4 of one frame.
pub(crate) async fn poster(call: Call) -> Reply {
    let id = camera_of(&call)?;
    let at = call.query.instant("at").ok_or_else(malformed)?;
    let bytes = call.site().poster(viewer(&call).await?, id, at).await?;
    Ok(picture(&call, &bytes))
}

/// `GET /api/v1/cameras/{id}/snapshot`: the newest picture of the stream that is coming in.
pub(crate) async fn snapshot(call: Call) -> Reply {
    let id = camera_of(&call)?;
    let bytes = call.site().poster_now(call.actor()?, id).await?;
    enter_live(&call, id).await?;
    Ok(picture(&call, &bytes))
}

fn picture(call: &Call, bytes: &Bytes) -> Response {
    let tag = format!("\"{}\"", base::Sha256::of(bytes).hex().get(..32).unwrap_or_default());
    ranged(call, "video/mp4", bytes.len() as u64, &tag, |range| {
        let edge = |n: u64| usize::try_from(n).unwrap_or(bytes.len()).min(bytes.len());
        let part = bytes.slice(edge(range.start)..edge(range.end));
        futures_util::stream::iter([Ok(part)])
    })
}

/// Body of `POST /api/v1/deletions`.
#[derive(Deserialize)]
struct DeletionBody {
    camera: CameraId,
    from: i64,
    to: i64,
    #[serde(default)]
    reason: String,
}

/// `POST /api/v1/deletions`: tries to delete a range; the law answers.
pub(crate) async fn delete(call: Call) -> Reply {
    let form: DeletionBody = serde_json::from_slice(&call.body).map_err(|_| malformed())?;
    if !is_range(form.from, form.to) {
        return Err(malformed());
    }
    let wish = DeletionForm { camera: form.camera, from: UtcMs(form.from), to: UtcMs(form.to), reason: form.reason };
    let done = call.site().delete_by_hand(call.actor()?, &wish).await?;
    ok_json(&serde_json::json!({
        "containers": done.containers, "bytes": done.bytes, "kept": done.kept, "refusal": done.refusal,
    }))
}

/// Enters live viewing in the log, before the first picture: what cannot be logged is not shown.
async fn enter_live(call: &Call, id: CameraId) -> Result<(), Refusal> {
    let (by, site, now) = (call.actor()?, call.site(), call.site().now());
    if call.app.live_entries.has(by.id, id, now.mono) {
        return Ok(());
    }
    let name = site.camera(id).map(|c| c.row().name).unwrap_or_default();
    let act = ActLine {
        outcome: Outcome::Done,
        account: Some(by.id),
        camera: Some(id),
        request: None,
        clauses: vec![],
        text: Text::of(format!("查看实时画面：{name}。"), format!("Watched live: {name}.")),
    };
    site.store().log("live.viewed", now.utc, serde_json::json!({ "camera": id, "by": by.id }), act).await?;
    call.app.live_entries.put(by.id, id, now.mono);
    Ok(())
}

/// One account's walls leave room for those of others.
fn has_room_to_watch(call: &Call) -> Result<(), Refusal> {
    let most = call.app.options.limits.live_of_one;
    if call.app.watching.running_of(call.actor()?.id, |token| call.site().live().is_open(token)) < most {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::TooMany,
        "live_of_account",
        Text::of(
            format!("这个账号同时观看的实时画面已有 {most} 路。"),
            format!("This account watches {most} live pictures already."),
        ),
        Text::new("请先关闭其他页面上的画面。", "Close the pictures of other pages first."),
    ))
}

/// Ids of the clauses of a refusal, parted by spaces.
fn clause_list(refusal: &Refusal) -> String {
    refusal.why.iter().map(|c| c.clause.0.as_str()).collect::<Vec<_>>().join(" ")
}

/// `POST /whep/{camera}`: a browser's offer; 201 with the answer and where to end it.
pub(crate) async fn whep_offer(call: Call) -> Reply {
    let id = camera_of(&call)?;
    let by = call.actor()?;
    let site = call.site();
    let camera = site.camera(id).ok_or_else(|| Refusal::not_found("该摄像机", "camera"))?;
    let offer = std::str::from_utf8(&call.body).map_err(|_| malformed())?;
    if offer.is_empty() || offer.len() > limits::HTTP_BODY_BYTES {
        return Err(malformed());
    }
    site.may_view_live(by, id).await?;
    has_room_to_watch(&call)?;
    enter_live(&call, id).await?;
    let now = site.now();
    let created = call.who.as_ref().and_then(|w| w.session.as_ref()).map_or(now.utc, |s| s.created);
    let left_ms = u64::try_from(session_limits(by.role).max_ms - now.utc.since(created)).unwrap_or(0);
    let local = Some(call.local.ip().to_canonical());
    // Who may not hear may still see: the clauses go with the answer, and no sound does.
    let no_sound = if camera.row().audio { site.may_listen(by, &camera).await.err() } else { None };
    if let Some(refusal) = no_sound.as_ref().filter(|r| r.kind != ErrorKind::Unlawful) {
        return Err(refusal.clone());
    }
    let audio = camera.row().audio && no_sound.is_none();
    let answer = site.live().offer(camera.hub(), audio, offer, local, Some(now.mono.plus_ms(left_ms)))?;
    call.app.watching.put(answer.id, by.id, call.pass(), id);
    let mut reply = body(StatusCode::CREATED, "application/sdp", answer.sdp);
    if let Ok(place) = HeaderValue::from_str(&format!("/whep/{id}/{}", answer.id)) {
        reply.headers_mut().insert(header::LOCATION, place);
    }
    if let Some(clauses) = no_sound.and_then(|r| HeaderValue::from_str(&clause_list(&r)).ok()) {
        reply.headers_mut().insert("x-jifang-no-sound", clauses);
    }
    Ok(reply)
}

/// `DELETE /whep/{camera}/{session}`.
pub(crate) async fn whep_end(call: Call) -> Reply {
    let token = SessionToken::parse(call.param(1)).ok_or_else(no_page)?;
    call.app.watching.forget(token);
    let ended = call.site().live().close(token);
    Ok(json(if ended { StatusCode::OK } else { StatusCode::NOT_FOUND }, &serde_json::json!({ "ended": ended })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_with_boxes_is_fetched_by_the_player_of_its_page() {
        let id = RequestId::new(1, [1; 10]);
        let page = format!("http://192.0.2.1:8080/use/{id}/view");
        assert!(is_of_page(Some("video"), None, id));
        for dest in ["document", "empty", "iframe", ""] {
            assert!(!is_of_page(Some(dest), Some(&page), id), "{dest}");
        }
        for good in [page.clone(), format!("{page}?camera=1"), format!("{page}#a")] {
            assert!(is_of_page(None, Some(&good), id), "{good}");
        }
        let other = page.replace(&id.to_string(), &RequestId::new(1, [2; 10]).to_string());
        for bad in
            [other, format!("{page}s"), "http://192.0.2.1/".into(), format!("http://x/?use/{id}/view"), String::new()]
        {
            assert!(!is_of_page(None, Some(&bad), id), "{bad}");
        }
        assert!(!is_of_page(None, None, id), "an address that was typed");
    }
}
