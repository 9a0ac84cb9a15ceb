//! Information use, second half: two officers sign in side by side and view. The copy they take along: `use_export`.

use super::entry::too_often;
use super::use_cover;
use super::use_request::{id_of, officers_of, scope_of};
use crate::answer::{Reply, page, page_with, see_other, status};
use crate::call::Call;
use crate::limiter::LOGIN_BY_NAME;
use crate::pages::use_request::Officer;
use crate::pages::use_session::{UseSigninPage, UseViewPage};
use crate::pages::{FormErrors, Nav};
use axum::http::StatusCode;
use base::{ClauseId, ErrorKind, Refusal, RequestId, Sha256, Text};
use domain::viewing::{Application, Session, State, Use};
use site::use_of_information::{SecondOfficer, check_badge};
use store::requests::RequestRow;

async fn request(call: &Call) -> Result<RequestRow, Refusal> {
    call.site().request(call.actor()?, id_of(call)?).await
}

fn browser(call: &Call) -> String {
    call.who.as_ref().and_then(|w| w.session.as_ref()).map(|s| s.token_sha256.clone()).unwrap_or_default()
}

/// Digest of the pass of this browser, to which a session is bound; `None` for a program.
pub(super) fn this_browser(call: &Call) -> Option<Sha256> {
    Sha256::from_hex(&browser(call))
}

/// The session runs in this browser: the one before which the two officers signed in. Whoever is signed in alone at another place, before or
/// afterwards, or signs out here, does not carry their session on; nor does a program. Of a session without its browser the one that was signed in
/// before counts.
pub(crate) fn runs_here(call: &Call, session: &Session) -> bool {
    let Some(signed_in) = call.who.as_ref().and_then(|w| w.session.as_ref()) else { return false };
    let is_here = match session.browser {
        Some(pass) => this_browser(call) == Some(pass),
        None => signed_in.created <= session.opened,
    };
    is_here && session.first == signed_in.account
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

/// How many cameras a request is about, and from when until when.
pub(super) fn scope_words(app: &Application) -> Text {
    let (cameras, from, to) = (app.cameras.len(), app.from.desk(), app.to.desk());
    Text::of(
        format!("{cameras} 路摄像机，{from} 至 {to}。"),
        format!("{cameras} {}, {from} to {to}.", base::plural(cameras, "camera", "cameras")),
    )
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
        scope: scope_words(&row.application),
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
        return Err(too_often());
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
        browser: this_browser(call),
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
        let to = if row.application.is_for_citizen() { "show" } else { "signin" };
        return Ok(see_other(&format!("/use/{}/{to}", row.id)));
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
        watermark: match &app.under {
            Some(under) => format!("{people} · {} · {}", row.number, under.paper),
            None => format!("{people} · {}", row.number),
        },
        citizen: app.is_for_citizen(),
        covered: app.under.as_ref().is_some_and(|u| u.covered.is_some()),
        span_ms: call.site().cover_span_ms(),
    })
}

/// `POST /use/{id}/end`: where others were to be covered, `covers` is the last state of the camera that is shown (`use_cover`); while something
/// was shown that nobody looked at, the end is refused.
pub(crate) async fn end(call: Call) -> Reply {
    let id = id_of(&call)?;
    use_cover::keep_last(&call, id).await?;
    call.site().end_session(call.actor()?, id).await?;
    // What follows a showing is the answer to the authority.
    let under = request(&call).await?.application.under;
    let to = under.map_or_else(|| format!("/use/{id}"), |u| format!("/use/orders/{}", u.order));
    call.done(&to, "viewing_ended")
}
