//! The API beside footage: events, cameras, placement answers, log entries, notices, storage, tokens.

use super::openapi;
use super::view::{format_of, state_of, tile};
use crate::answer::{Reply, body, down, json, no_page, ok_json};
use crate::call::{Call, SESSION};
use crate::places::{Full, Place};
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use base::{AccountId, ErrorKind, Refusal, Sha256, Text, time::DAY_MS};
use domain::access::Permission;
use futures_util::stream;
use law::{Act, PlaceKind, Placement};
use serde::Deserialize;
use serde_json::{Value, json as value};
use site::Camera;
use site::areas::Sight;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;
use store::ledger_log::Outcome;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

/// Seconds between two clock events; pages take 40 s of silence for a lost connection.
const CLOCK_S: u64 = 5;
/// Seconds between two looks at the notices: who watches from above is shown within this time.
const NOTICE_S: u64 = 3;
/// Seconds between two looks whether the session still holds.
const SESSION_S: u64 = 15;
/// Longest life of a token, days.
const TOKEN_DAYS: i64 = 366;
/// Most tokens of one account.
const TOKENS: usize = 20;

/// `GET /api/openapi.json`.
pub(crate) async fn openapi(_: Call) -> Reply {
    ok_json(&openapi::document())
}

/// `GET /api/v1/session`: who is signed in, and the token of this browser's forms: a page that was open over a new sign-in in another
/// tab mends its forms by it.
pub(crate) async fn session(call: Call) -> Reply {
    let actor = call.actor()?;
    ok_json(&value!({ "account": actor.id, "login": actor.login, "role": actor.role.code(), "csrf": call.csrf }))
}

fn camera_json(camera: &Camera) -> Value {
    let (row, state) = (camera.row(), camera.state());
    let shown = state_of(&state);
    let tile = tile(camera);
    value!({
        "id": row.id, "name": row.name, "place": row.place, "place_kind": row.place_kind, "protocol": row.source.name(),
        "mark": shown.mark.name(), "zh": shown.word.zh, "en": shown.word.en, "phase": state.phase.code(),
        "recording": state.is_recording(), "bps": state.bits_per_second, "format": format_of(&state), "live": tile.live,
        "audio": row.audio, "sign_recorded": row.sign.is_some(), "clock_error_ms": state.clock_error_ms,
        "diagnosis": state.diagnosis.as_ref().map(|d| value!({ "code": d.code, "what": d.what, "next": d.next })),
    })
}

/// `GET /api/v1/cameras`.
pub(crate) async fn cameras(call: Call) -> Reply {
    let sight = call.site().sight_of(call.actor()?.id).await?;
    let cameras: Vec<_> =
        call.site().cameras().iter().filter(|c| sight.reaches(&c.row().place)).map(camera_json).collect();
    ok_json(&value!({ "cameras": cameras }))
}

// -- events -----------------------------------------------------------------------------------------------------------------

struct Events {
    call: Call,
    every: Interval,
    second: u64,
    /// What was last sent of each camera, and of the rest by name.
    sent: HashMap<String, String>,
    ended: bool,
    /// Moves when the queue of alarms changed.
    alarms: watch::Receiver<u64>,
    _place: Place<AccountId>,
}

/// `GET /api/v1/events`: server-sent events `clock`, `health`, `camera`, `notice`, each change within a second; `alarms` at
/// once when the queue changed.
pub(crate) async fn events(call: Call) -> Reply {
    let place = call.app.streams.take(Some(call.actor()?.id)).map_err(|full| match full {
        Full::All => Refusal::new(
            ErrorKind::Unavailable,
            "too_many_streams",
            Text::new("服务器同时打开的页面已满。", "Too many pages of this server are open at once."),
            Text::new("请关闭不用的页面。", "Close pages that are not needed."),
        ),
        Full::One => Refusal::new(
            ErrorKind::TooMany,
            "too_many_streams",
            Text::new("这个账号同时打开的页面过多。", "This account has too many pages open at once."),
            Text::new("请关闭不用的页面。", "Close pages that are not needed."),
        ),
    })?;
    let mut every = tokio::time::interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let alarms = call.site().alarms().watch();
    let state = Events { call, every, second: 0, sent: HashMap::new(), ended: false, alarms, _place: place };
    let stream = stream::unfold(state, |mut state| async move {
        let text = state.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(text)), state))
    });
    Ok(body(StatusCode::OK, "text/event-stream; charset=utf-8", Body::from_stream(stream)))
}

impl Events {
    /// What is new, waiting for it; `None` at the end of the server or the session.
    async fn next(&mut self) -> Option<String> {
        loop {
            if self.ended {
                return None;
            }
            let mut stop = self.call.app.stop.clone();
            tokio::select! {
                _ = self.every.tick() => {}
                Ok(()) = self.alarms.changed() => {
                    let mut out = String::new();
                    self.alarms(&mut out);
                    if out.is_empty() {
                        continue;
                    }
                    return Some(out);
                }
                _ = stop.wait_for(|stop| *stop) => return None,
            }
            if self.second > 0 && self.second.is_multiple_of(SESSION_S) && !self.still_signed_in().await {
                self.ended = true;
                self.end_live();
                return Some("event: end\ndata: {}\n\n".to_owned());
            }
            let out = self.collect().await;
            self.second += 1;
            if !out.is_empty() {
                return Some(out);
            }
        }
    }

    async fn still_signed_in(&self) -> bool {
        let store = self.call.site().store();
        let Some(who) = &self.call.who else { return false };
        let now = self.call.now();
        let account = match (&who.session, self.call.cookie(SESSION)) {
            (Some(_), Some(token)) => store.session(token, now).await.map(|s| s.map(|s| s.account)),
            _ => store.token_account(self.call.bearer().unwrap_or_default(), now).await,
        };
        // A database that is away for a minute does not sign anybody out.
        account.map_or(true, |id| id == Some(who.actor.id))
    }

    fn end_live(&self) {
        self.call.app.end_live_of_pass(&self.call.pass());
    }

    /// That the queue changed; the page asks for it. Versions say that it did, never what is in it.
    fn alarms(&mut self, out: &mut String) {
        if self.call.may(Permission::SeeAlarms) {
            let version = *self.alarms.borrow_and_update();
            let data = value!({ "version": version, "count": self.call.site().alarms().count() });
            self.changed(out, "alarms", "alarms", &data);
        }
    }

    async fn collect(&mut self) -> String {
        let mut out = String::new();
        self.alarms(&mut out);
        let bar = self.call.plain_bar(crate::pages::Nav::None);
        if self.second.is_multiple_of(CLOCK_S) {
            event(&mut out, "clock", &value!({ "utc_ms": bar.clock.now, "offset_ms": bar.clock.offset_ms }));
        }
        let sees = self.call.may(Permission::SeeDevices) || self.call.may(Permission::ViewLive);
        if !sees {
            return out;
        }
        if let Some(r) = bar.recording {
            self.changed(&mut out, "health", "health", &value!({ "recording": r.recording, "total": r.total }));
        }
        let own = self.call.who.as_ref().map(|w| w.actor.id);
        let sight = match own {
            Some(id) => self.call.site().sight_of(id).await.ok(),
            None => None,
        };
        for camera in self.call.site().cameras() {
            if !sight.as_ref().is_some_and(|s| s.reaches(&camera.row().place)) {
                continue;
            }
            let tile = tile(&camera);
            // In steps, so that a bit rate that flutters is not an event a second.
            let bps = tile.bit_rate_bps / 100_000 * 100_000;
            let why = if tile.why_dark.zh.is_empty() { &tile.state.word } else { &tile.why_dark };
            let said = value!({
                "id": tile.id, "mark": tile.state.mark.name(), "zh": why.zh, "en": why.en, "bps": bps, "recording": tile.recording,
            });
            self.changed(&mut out, "camera", &tile.id, &said);
        }
        if self.second.is_multiple_of(NOTICE_S)
            && let Ok(list) = notices_for(&self.call, sight.as_ref()).await
        {
            self.changed(&mut out, "notice", "notices", &notices_json(&list));
        }
        out
    }

    fn changed(&mut self, out: &mut String, name: &str, key: &str, data: &Value) {
        let text = data.to_string();
        if self.sent.get(key) != Some(&text) {
            event(out, name, data);
            self.sent.insert(key.to_owned(), text);
        }
    }
}

fn event(out: &mut String, name: &str, data: &Value) {
    // JSON on one line: no line of it can be taken for a field of the stream.
    out.push_str(&format!("event: {name}\ndata: {data}\n\n"));
}

fn notices_json(list: &[store::notices::Notice]) -> Value {
    let one = |n: &store::notices::Notice| value!({ "id": n.id, "at": n.at, "severity": n.severity, "code": n.code, "camera": n.camera, "zh": n.text.zh, "en": n.text.en });
    value!({ "notices": list.iter().map(one).collect::<Vec<_>>() })
}

/// Open notices, without those of cameras that this account may not see.
async fn notices_for(call: &Call, sight: Option<&Sight>) -> Result<Vec<store::notices::Notice>, Refusal> {
    let mut list = call.site().store().notices().await?;
    list.retain(|n| {
        let camera = n.camera.and_then(|id| call.site().camera(id));
        camera.is_none_or(|c| sight.is_some_and(|s| s.reaches(&c.row().place)))
    });
    Ok(list)
}

/// `GET /api/v1/notices`.
pub(crate) async fn notices(call: Call) -> Reply {
    let sight = call.site().sight_of(call.actor()?.id).await?;
    ok_json(&notices_json(&notices_for(&call, Some(&sight)).await?))
}

// -- law, log, storage ------------------------------------------------------------------------------------------------------

/// `GET /api/v1/placement?place_kind&faces_homes&audio&sign&installer&approval`: what the law says to a camera there, before it is added.
pub(crate) async fn placement(call: Call) -> Reply {
    let q = &call.query;
    let place = PlaceKind::parse(q.get("place_kind")).ok_or_else(|| {
        Refusal::bad_input(
            "place_kind",
            Text::new("请选择场所种类。", "Choose the kind of place."),
            Text::new("然后再看法律的答复。", "Then see what the law says."),
        )
    })?;
    let yes = |name: &str| matches!(q.get(name), "1" | "yes" | "true" | "on");
    let placement = Placement {
        place,
        faces_homes: yes("faces_homes"),
        has_audio: yes("audio"),
        sign_recorded: yes("sign"),
        installer: super::devices::installer_of(&call, q.get("installer")),
        public_area_approved: yes("approval"),
    };
    let days = call.site().days_if(&call.site().profile().law, place);
    let answer = call.site().ask(Act::AddCamera(placement));
    let duties: Vec<_> =
        answer.duties.iter().map(|d| value!({ "what": d.text, "due": d.due, "why": d.citation })).collect();
    if answer.allow {
        return ok_json(&value!({ "allow": true, "why": answer.deciding, "duties": duties, "keep_days": days }));
    }
    let refusal = answer.into_refusal();
    ok_json(&value!({ "allow": false, "what": refusal.what, "why": refusal.why, "next": refusal.next, "duties": [] }))
}

/// `GET /api/v1/log/{index}`: an entry with its proof.
pub(crate) async fn log_entry(call: Call) -> Reply {
    let (index, found) = super::log::entry(&call).await?;
    let entry: Value = serde_json::from_slice(&found.bytes).unwrap_or(Value::Null);
    let proof = found.proof.map(|p| {
        value!({
            "hashes": p.hashes, "checkpoint": String::from_utf8_lossy(&p.checkpoint), "tlog_proof": String::from_utf8_lossy(&p.to_text()),
        })
    });
    ok_json(&value!({
        "index": index, "entry": entry, "bytes_hex": base::hex(&found.bytes), "leaf": ledger::leaf_hash(&found.bytes), "proof": proof,
    }))
}

/// `GET /api/v1/storage`.
pub(crate) async fn storage(call: Call) -> Reply {
    let report = call.site().storage().await?;
    let one = |c: &site::storage::CameraStorage| {
        value!({
            "id": c.row.id, "name": c.row.name, "oldest": c.stock.oldest, "newest": c.stock.newest, "bytes": c.stock.bytes,
            "kept_days": c.kept_days, "law_days": c.retention.min_days, "bytes_per_day": c.bytes_per_day,
            "priority": c.row.priority, "needed_bytes": c.share.map(|s| s.needed_bytes), "will_hold_days": c.share.and_then(|s| s.days),
        })
    };
    let disk = |(v, containers, bytes): &(store::disks::DiskView, u64, u64)| {
        value!({
            "name": v.name, "path": v.root, "state": v.state.code(), "standing": v.standing.code(), "total_bytes": v.total_bytes,
            "free_bytes": v.free_bytes, "reserve_bytes": v.reserve_bytes, "write_bytes_s": v.write_bytes_s, "containers": containers,
            "footage_bytes": bytes,
        })
    };
    let plan = |p: &domain::storage::Plan| value!({ "days": p.days, "needed_bytes": p.needed_bytes, "missing_bytes": p.missing_bytes });
    ok_json(&value!({
        "disks": report.disks.iter().map(disk).collect::<Vec<_>>(), "capacity_bytes": report.capacity_bytes,
        "plans": report.plans.iter().map(plan).collect::<Vec<_>>(), "disk_bytes": report.disk.total_bytes, "free_bytes": report.disk.free_bytes, "reserve_bytes": report.reserve_bytes,
        "used_bytes": report.used_bytes, "bytes_per_day": report.bytes_per_day, "longest_days": report.longest_days,
        "forecast_days": report.forecast.as_ref().map(|f| f.days), "full_in_days": report.forecast.as_ref().and_then(|f| f.full_in_days),
        "cameras": report.cameras.iter().map(one).collect::<Vec<_>>(),
    }))
}

// -- tokens -----------------------------------------------------------------------------------------------------------------

/// `GET /api/v1/tokens`: one's own.
pub(crate) async fn tokens(call: Call) -> Reply {
    let list = call.site().store().tokens_of(call.actor()?.id).await?;
    let one = |t: &store::sessions::TokenRow| value!({ "id": t.token_sha256, "name": t.name, "created": t.created, "expires": t.expires });
    ok_json(&value!({ "tokens": list.iter().map(one).collect::<Vec<_>>() }))
}

/// Body of `POST /api/v1/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    name: String,
    days: i64,
}

fn bad_token() -> Refusal {
    Refusal::bad_input(
        "token",
        Text::new("请给出名称（1至60字）和天数（1至366）。", "Give a name of 1 to 60 characters and 1 to 366 days."),
        Text::new("请更正后重试。", "Correct it and try again."),
    )
}

/// `POST /api/v1/tokens`: a token for programs, shown once. It may what its account may, except make another token: its end
/// would be none.
pub(crate) async fn make_token(call: Call) -> Reply {
    if call.who.as_ref().is_none_or(|w| w.session.is_none()) {
        return Err(Refusal::new(
            ErrorKind::Forbidden,
            "needs_browser",
            Text::new("令牌不能再建立令牌。", "A token makes no further tokens."),
            Text::new("请在浏览器中登录后建立。", "Sign in with a browser and make it there."),
        ));
    }
    let form: TokenForm = serde_json::from_slice(&call.body).map_err(|_| bad_token())?;
    let name = form.name.trim();
    let chars = name.chars().count();
    let own = call.actor()?.id;
    let store = call.site().store();
    if !(1..=60).contains(&chars)
        || !(1..=TOKEN_DAYS).contains(&form.days)
        || store.tokens_of(own).await?.len() >= TOKENS
    {
        return Err(bad_token());
    }
    let token = format!("jf_{}", base::hex(&store::keys::random::<32>().map_err(down)?));
    let now = call.now();
    let expires = now.plus_ms(form.days * DAY_MS);
    // The entry first: a token that cannot be logged is not made.
    let text = Text::of(
        format!("建立程序令牌，{} 天有效。", form.days),
        format!("Token for programs made, for {} {}.", form.days, base::plural(form.days, "day", "days")),
    );
    call.site().log_sign_in(own, "token.made", Outcome::Done, text).await?;
    store.add_token(&token, own, name, now, expires).await?;
    Ok(json(
        StatusCode::CREATED,
        &value!({ "token": token, "id": Sha256::of(token.as_bytes()), "name": name, "expires": expires }),
    ))
}

/// `DELETE /api/v1/tokens/{token}`: by its id.
pub(crate) async fn end_token(call: Call) -> Reply {
    let own = call.actor()?.id;
    let store = call.site().store();
    let found =
        store.tokens_of(own).await?.into_iter().find(|t| t.token_sha256 == call.param(0)).ok_or_else(no_page)?;
    store.end_token(own, &found.token_sha256).await?;
    call.app.end_live_of_pass(&found.token_sha256);
    call.site()
        .log_sign_in(own, "token.ended", Outcome::Done, Text::new("结束程序令牌。", "Token for programs ended."))
        .await?;
    ok_json(&value!({ "ended": true }))
}
