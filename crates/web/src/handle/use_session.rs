//! Information use, second half: two officers sign in side by side, view, take a copy along.

use super::media::ranged;
use super::use_request::{id_of, officers_of, scope_of};
use crate::answer::{Reply, attach, no_page, ok_json, page, page_with, see_other, status};
use crate::call::Call;
use crate::limiter::LOGIN_BY_NAME;
use crate::pages::use_request::Officer;
use crate::pages::use_session::{ExportState, UseExportPage, UseSigninPage, UseViewPage};
use crate::pages::{FormErrors, Nav};
use axum::http::StatusCode;
use base::{ClauseId, ErrorKind, ExportId, Refusal, RequestId, Text};
use domain::viewing::{Session, State, Use};
use site::use_of_information::{SecondOfficer, check_badge};
use store::requests::{ExportRow, RequestRow};

async fn request(call: &Call) -> Result<RequestRow, Refusal> {
    call.site().request(call.actor()?, id_of(call)?).await
}

fn browser(call: &Call) -> String {
    call.who.as_ref().and_then(|w| w.session.as_ref()).map(|s| s.token_sha256.clone()).unwrap_or_default()
}

/// The session runs in this browser: it was signed in before the two officers were. Whoever signs in alone afterwards, at
/// another place or after signing out here, does not carry their session on; nor does a program.
pub(crate) fn runs_here(call: &Call, session: &Session) -> bool {
    let browser = call.who.as_ref().and_then(|w| w.session.as_ref());
    browser.is_some_and(|b| session.first == b.account && b.created <= session.opened)
}

/// Refuses where the two-officer session of a request runs in another browser. That none runs at all is told by the corridor.
///
/// # Errors
/// `other_browser`, or as `Site::request`.
pub(crate) async fn in_this_browser(call: &Call, request: RequestId) -> Result<(), Refusal> {
    let by = call.actor()?;
    let session = call.site().session_of(by, request).await?;
    if session.is_none_or(|s| s.first != by.id || runs_here(call, &s)) {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorKind::Forbidden,
        "other_browser",
        Text::new("双人查看时段不在这个浏览器中进行。", "The two-officer session does not run in this browser."),
        Text::new("请两名民警在本机重新共同登录。", "Both officers sign in here together again."),
    ))
}

async fn signin_page(call: &Call, errors: FormErrors) -> Result<UseSigninPage, Refusal> {
    let row = request(call).await?;
    let by = call.actor()?;
    let State::Granted { until, .. } = row.state else {
        return Err(Refusal::new(
            ErrorKind::Conflict,
            "not_granted",
            Text::new("该申请没有有效的授权。", "This request has no grant in force."),
            Text::new("请联系信息管理员，或重新申请。", "Ask the custodian, or make a new request."),
        ));
    };
    let officers = officers_of(call, &row).await?;
    let me = row.application.officers.iter().position(|o| *o == by.id).unwrap_or(0);
    let mut first = officers.get(me).cloned().unwrap_or_default();
    let mut second: Officer =
        officers.iter().enumerate().find(|(i, _)| *i != me).map(|(_, o)| o.clone()).unwrap_or_default();
    let session = call.site().session_of(by, row.id).await?.filter(|s| runs_here(call, s));
    let waits = call.app.beside.has(&browser(call), row.id, call.site().now().mono);
    first.signed = session.map(|s| s.opened).or_else(|| waits.then(|| call.now()));
    second.signed = session.map(|s| s.opened);
    let app = &row.application;
    let packs = call.site().gate().packs();
    let jurisdiction = call.site().profile().law.jurisdiction;
    let clauses = ["B-28-1-1", "B-28-1-2", "A-24-2"].iter().map(|c| ClauseId::new(c));
    let clauses = clauses.filter(|c| packs.clause(c).is_some_and(|(p, _)| p.reaches(jurisdiction)));
    Ok(UseSigninPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        id: row.id.to_string(),
        number: row.number.clone(),
        errors,
        first,
        second,
        scope: Text::of(
            format!("{} 路摄像机，{} 至 {}。", app.cameras.len(), app.from.desk(), app.to.desk()),
            format!("{} cameras, {} to {}.", app.cameras.len(), app.from.desk(), app.to.desk()),
        ),
        grant_end: until,
        clauses: clauses.filter_map(|c| packs.cite(&c)).collect(),
    })
}

/// `GET /use/{id}/signin`.
pub(crate) async fn signin(call: Call) -> Reply {
    page(&signin_page(&call, FormErrors::default()).await?)
}

/// Checks what one of the two typed. Each password is asked for even of the officer whose browser this is: the other one may
/// be sitting at an unlocked desk.
async fn sign_slot(call: &Call, row: &RequestRow, first: bool) -> Result<(), Refusal> {
    let by = call.actor()?;
    let (login, password, badge) = (call.form.get("login"), call.form.secret("password"), call.form.get("badge"));
    let now = call.site().now().mono;
    if !call.app.limiter.allow("name", &login.to_lowercase(), LOGIN_BY_NAME, now) {
        return Err(Refusal::new(
            ErrorKind::TooMany,
            "too_many_logins",
            Text::new("登录尝试过多。", "Too many attempts to sign in."),
            Text::new("请一分钟后再试。", "Try again in a minute."),
        ));
    }
    if first {
        if login != by.login {
            return Err(Refusal::bad_input(
                "login",
                Text::new(
                    "第一名须是已在本机登录的民警本人。",
                    "The first officer is the one signed in at this browser.",
                ),
                Text::new("请填写自己的登录名。", "Type your own login name."),
            ));
        }
        let account = call.site().sign_in(login, &password, call.form.get("code")).await?;
        check_badge(&account, badge)?;
        call.app.beside.put(&browser(call), row.id, now);
        return Ok(());
    }
    if !call.app.beside.has(&browser(call), row.id, now) {
        return Err(Refusal::bad_input(
            "order",
            Text::new("请第一名民警先登录。", "The first officer signs in first."),
            Text::new("然后由第二名登录。", "Then the second."),
        ));
    }
    let officer = SecondOfficer {
        login: login.to_owned(),
        password,
        code: call.form.get("code").to_owned(),
        badge: Some(badge.to_owned()),
    };
    call.site().open_session(by, row.id, &officer).await.map(|_| ())
}

/// `POST /use/{id}/signin`: `slot`, `login`, `password`, `badge`, and `code` where the account has a second step.
pub(crate) async fn sign(call: Call) -> Reply {
    let row = request(&call).await?;
    let first = call.form.get("slot") != "2";
    match sign_slot(&call, &row, first).await {
        Ok(()) => Ok(see_other(&format!("/use/{}/signin", row.id))),
        Err(refusal)
            if matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Unauthenticated | ErrorKind::TooMany) =>
        {
            let mut errors = FormErrors::default();
            let slot = if first { "1" } else { "2" };
            let field = match refusal.code.as_str() {
                "badge" => "badge",
                "wrong_login" => "password",
                "code_needed" | "wrong_code" | "used_code" => "code",
                _ => "login",
            };
            errors.push(&format!("{field}{slot}"), refusal.what.clone());
            let code =
                if refusal.kind == ErrorKind::Unauthenticated { StatusCode::BAD_REQUEST } else { status(&refusal) };
            page_with(code, &signin_page(&call, errors).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /use/{id}/start`: to the footage, once both are signed in.
pub(crate) async fn start(call: Call) -> Reply {
    let id = id_of(&call)?;
    let session = call.site().session_of(call.actor()?, id).await?.filter(|s| runs_here(&call, s));
    Ok(see_other(&if session.is_some() { format!("/use/{id}/view") } else { format!("/use/{id}/signin") }))
}

/// `GET /use/{id}/view?camera=`.
pub(crate) async fn view(call: Call) -> Reply {
    let row = request(&call).await?;
    let by = call.actor()?;
    let Some(session) = call.site().session_of(by, row.id).await?.filter(|s| runs_here(&call, s)) else {
        return Ok(see_other(&format!("/use/{}/signin", row.id)));
    };
    let app = &row.application;
    let cameras = scope_of(&call, app).await?;
    let wanted = call.query.get("camera");
    let camera = cameras.iter().find(|c| c.id == wanted).or(cameras.first()).map(|c| c.id.clone()).unwrap_or_default();
    let officers: Vec<_> = officers_of(&call, &row).await?.into_iter().filter(|o| o.signed.is_some()).collect();
    let people = officers.iter().map(|o| format!("{} {}", o.name, o.badge)).collect::<Vec<_>>().join(" · ");
    page(&UseViewPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        id: row.id.to_string(),
        number: row.number.clone(),
        case_number: app.case_number.clone(),
        officers,
        cameras,
        camera,
        from: app.from,
        to: app.to,
        session_end: session.until,
        may_copy: app.wanted == Use::Copy,
        watermark: format!("{people} · {}", row.number),
    })
}

/// `POST /use/{id}/end`.
pub(crate) async fn end(call: Call) -> Reply {
    let id = id_of(&call)?;
    call.site().end_session(call.actor()?, id).await?;
    call.done(&format!("/use/{id}"), "viewing_ended")
}

fn percent(row: &ExportRow) -> u8 {
    u8::try_from((row.done / 10).min(100)).unwrap_or(100)
}

/// `GET /use/{id}/export?export=`.
pub(crate) async fn export(call: Call) -> Reply {
    let row = request(&call).await?;
    let exports = call.site().exports(call.actor()?, row.id).await?;
    let wanted = ExportId::parse(call.query.get("export"));
    let chosen = exports.iter().find(|e| Some(e.id) == wanted).or(exports.first());
    let state = match chosen {
        None => ExportState::None,
        Some(e) if e.state == "done" => ExportState::Ready,
        Some(e) if e.state == "making" => ExportState::Running(percent(e)),
        Some(_) => ExportState::Failed(Text::new(
            "证据包没有做成，没有留下文件。请再试一次；若仍不行，请告诉安全管理负责人。",
            "The export failed and left no file. Try again; if it fails again, tell the security manager.",
        )),
    };
    let made = call.site().store().acts_of_request(row.id).await?.into_iter().rev().find(|a| a.kind == "export.made");
    let app = &row.application;
    let short = |e: &ExportRow| format!("evidence-{}-{}.zip", row.number, e.sha256.get(..8).unwrap_or(&e.sha256));
    page(&UseExportPage {
        l: call.lang,
        bar: call.bar(Nav::Use).await?,
        id: row.id.to_string(),
        number: row.number.clone(),
        export: chosen.map(|e| e.id.to_string()).unwrap_or_default(),
        file: chosen.filter(|_| state == ExportState::Ready).map(short).unwrap_or_default(),
        state,
        size_bytes: chosen.map_or(0, |e| e.bytes),
        sha256: chosen.map(|e| e.sha256.clone()).unwrap_or_default(),
        sm3: String::new(),
        href: chosen.map(|e| format!("/use/{}/exports/{}", row.id, e.id)).unwrap_or_default(),
        cameras: scope_of(&call, app).await?,
        from: app.from,
        to: app.to,
        log_key: call.site().store().ledger().key().vkey().to_string(),
        log_index: made.map(|a| a.idx),
    })
}

/// `POST /use/{id}/export`.
pub(crate) async fn make_export(call: Call) -> Reply {
    let id = id_of(&call)?;
    in_this_browser(&call, id).await?;
    let row = call.site().begin_export(call.actor()?, id).await?;
    Ok(see_other(&format!("/use/{id}/export?export={}", row.id)))
}

/// `GET /use/{id}/exports/{export}`: the file, with ranges.
pub(crate) async fn download(call: Call) -> Reply {
    let id = id_of(&call)?;
    let export = ExportId::parse(call.param(1)).ok_or_else(no_page)?;
    let row = call.site().export(call.actor()?, export).await?;
    if row.request != id {
        return Err(no_page());
    }
    in_this_browser(&call, id).await?;
    let file = call.site().open_export(call.actor()?, export).await?;
    let (name, total, tag) = (file.name.clone(), file.total_bytes(), format!("\"{}\"", file.etag()));
    let mut answer = ranged(&call, "application/zip", total, &tag, |range| file.read(range));
    attach(&mut answer, &name);
    Ok(answer)
}

/// `GET /api/v1/exports/{export}`.
pub(crate) async fn progress(call: Call) -> Reply {
    let export = ExportId::parse(call.param(0)).ok_or_else(no_page)?;
    let row = call.site().export(call.actor()?, export).await?;
    let state = match row.state.as_str() {
        "done" => "ready",
        "making" => "running",
        _ => "failed",
    };
    ok_json(&serde_json::json!({ "state": state, "percent": percent(&row), "bytes": row.bytes, "sha256": row.sha256 }))
}
