//! The door of every request, in order: route, rate, first run, session, policy, body, form token, handler, headers.
//!
//! Deny by default: nothing reaches a handler that is not in the table, and nothing in the table is without a policy. A panic in a
//! handler is a 500 page and a counted error; it takes no other request with it. An act that has begun runs to its end, also when
//! the browser goes away in the middle: nobody leaves out the entry of what was done, or the count of a wrong password, that way.

use crate::answer::{self, Keep, Response, down, fault, no_page, refuse, see_other};
use crate::app::App;
use crate::call::{BEFORE, Call, Fields, SESSION, Upload, Who, cookie_of, not_signed_in};
use crate::kind::Kind;
use crate::limiter;
use crate::routes::{self, Found, Policy, Route, Verb};
use crate::tls::Origin;
use authority::By;
use axum::body::{Body, Bytes};
use axum::extract::FromRequest;
use axum::http::{HeaderMap, HeaderValue, Method, Request, header, request::Parts};
use base::{AccountId, CaseId, ErrorKind, Lang, Refusal, Sha256, Text, limits};
use futures_util::{FutureExt, StreamExt};
use site::Actor;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Code of a refusal of what is too large.
const TOO_LARGE: &str = "too_large";
/// Longest path with query, bytes.
const URI_BYTES: usize = 8 * 1024;
/// Bytes of a body for which its sender has a second more: a letter of ten megabytes over a slow line passes.
const BYTES_A_SECOND: usize = 64 * 1024;

/// What somebody with a one-time password may do before it is changed.
const FREE_BEFORE_CHANGE: [&str; 4] = ["/account", "/account/password", "/logout", "/login"];

/// What somebody whose role must have a second step may do before a phone is set up.
const FREE_BEFORE_PHONE: [&str; 6] = [
    "/account/two-step",
    "/account/two-step/begin",
    "/account/two-step/confirm",
    "/account/password",
    "/logout",
    "/login",
];

/// Has the signed-in person still the administrator's one-time password?
pub(crate) async fn must_change(call: &Call) -> Result<bool, Refusal> {
    let Some(who) = call.who.as_ref().filter(|w| w.session.is_some()) else { return Ok(false) };
    has_one_time_password(call, who.actor.id).await
}

/// Has an account still the administrator's one-time password, which another person knows?
pub(crate) async fn has_one_time_password(call: &Call, account: AccountId) -> Result<bool, Refusal> {
    let set = call.site().store().setting(&store::accounts::one_time_key(account)).await.map_err(down)?;
    Ok(set.as_deref() == Some("yes"))
}

/// Does the site's rule ask a second step of the signed-in person, who has none?
async fn must_set_up_phone(call: &Call) -> Result<bool, Refusal> {
    let who = call.who.as_ref().filter(|w| w.session.is_some() && !w.two_step);
    let Some(who) = who else { return Ok(false) };
    Ok(call.site().two_step_roles().await?.contains(&who.actor.role))
}

/// Both ends of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The other end.
    pub peer: SocketAddr,
    /// Ours.
    pub local: SocketAddr,
}

/// Answers one request.
pub async fn handle(app: Arc<App>, request: Request<Body>, ends: Ends) -> Response {
    let (parts, body) = request.into_parts();
    let trace = base::hex(&store::keys::random::<4>().unwrap_or_default());
    let call = new_call(app, parts, ends, trace);
    let shown_flash = call.cookie("flash").is_some() && call.method == Method::GET;
    let acts = call.method != Method::GET && call.method != Method::HEAD;
    let (lang, json, secure) = (call.lang, call.speaks_json(), call.app.options.secure_cookies());
    let trace = call.trace.clone();
    // Only where the certificate is one that people were given: with one made here a browser that keeps to TLS for a year would shut
    // people out at its renewal.
    let strict = call.app.options.tls.as_ref().is_some_and(|tls| tls.shown().origin == Origin::Given);
    let answering = caught(call, body);
    let answered = if acts { tokio::spawn(answering).await.ok().flatten() } else { answering.await };
    let mut answer = answered.unwrap_or_else(|| {
        tracing::error!(trace, "a handler panicked");
        metrics::counter!("jifang_http_panics_total").increment(1);
        panicked(lang, json, &trace)
    });
    let is_page = answer.headers().get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    if shown_flash && is_page {
        answer::cookie(&mut answer, secure, "flash", "", Keep::Delete);
    }
    answer::seal(answer.headers_mut());
    if strict {
        answer
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(answer::STRICT_TRANSPORT));
    }
    metrics::counter!("jifang_http_requests_total", "status" => answer.status().as_str().to_owned()).increment(1);
    answer
}

/// The answer; `None` after a panic.
async fn caught(mut call: Call, body: Body) -> Option<Response> {
    AssertUnwindSafe(answer_call(&mut call, body)).catch_unwind().await.ok()
}

fn new_call(app: Arc<App>, parts: Parts, ends: Ends, trace: String) -> Call {
    let lang = language(&parts.headers);
    let query = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let client = app.options.proxies.client(ends.peer.ip(), &parts.headers);
    Call {
        app,
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        peer: ends.peer,
        client,
        local: ends.local,
        params: vec![],
        query,
        form: Fields::default(),
        upload: None,
        body: Bytes::new(),
        lang,
        who: None,
        csrf: String::new(),
        before: None,
        trace,
        english: None,
    }
}

/// The chosen language, else the browser's, else Chinese.
fn language(headers: &HeaderMap) -> Lang {
    let chosen = cookie_of(headers, "lang").and_then(Lang::parse);
    let wished = || {
        let list = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        list.split(',').find_map(|tag| Lang::parse(&tag.trim().to_lowercase()))
    };
    chosen.or_else(wished).unwrap_or_default()
}

fn panicked(lang: Lang, json: bool, trace: &str) -> Response {
    let refusal = fault("panic");
    let status = answer::status(&refusal);
    if json {
        return answer::json(
            status,
            &serde_json::json!({ "code": refusal.code, "what": refusal.what, "why": [], "next": refusal.next, "trace": trace }),
        );
    }
    let page = crate::pages::entry::ErrorPage {
        l: lang,
        bar: crate::pages::AppBar { here: "/".into(), ..Default::default() },
        status: status.as_u16(),
        refusal,
        back: "/".into(),
        trace: trace.to_owned(),
        log_index: None,
    };
    answer::page_with(status, &page).unwrap_or_else(|_| answer::body(status, "text/plain; charset=utf-8", "500"))
}

/// Everything but panics and headers. Takes the call apart only at the end, so that a refusal can be told in its form.
async fn answer_call(call: &mut Call, body: Body) -> Response {
    match doors(call, body).await {
        Ok(Pass::Go(route)) => run(call, route).await,
        Ok(Pass::Answer(answer)) => *answer,
        Err(refusal) => refuse(call, refusal).await,
    }
}

async fn run(call: &mut Call, route: &'static Route) -> Response {
    // What a refusal needs of the call after the handler has taken it.
    let shadow = Call {
        app: call.app.clone(),
        method: call.method.clone(),
        uri: call.uri.clone(),
        headers: call.headers.clone(),
        params: vec![],
        query: Fields::default(),
        form: Fields::default(),
        upload: None,
        body: Bytes::new(),
        who: call.who.clone(),
        csrf: call.csrf.clone(),
        before: call.before.clone(),
        trace: call.trace.clone(),
        english: call.english.clone(),
        ..*call
    };
    let taken = std::mem::replace(call, shadow);
    let mut answer = match (route.handler)(taken).await {
        Ok(answer) => answer,
        Err(refusal) => refuse(call, refusal).await,
    };
    if let Some(before) = &call.before {
        call.set_cookie(&mut answer, BEFORE, before, Keep::Session);
    }
    answer
}

enum Pass {
    Go(&'static Route),
    Answer(Box<Response>),
}

fn go_to(path: &str) -> Result<Pass, Refusal> {
    Ok(Pass::Answer(Box::new(see_other(path))))
}

async fn doors(call: &mut Call, body: Body) -> Result<Pass, Refusal> {
    let verb = match call.method.as_str() {
        "GET" | "HEAD" => Some(Verb::Get),
        "POST" => Some(Verb::Post),
        "DELETE" => Some(Verb::Delete),
        _ => None,
    };
    if call.uri.path_and_query().map_or(0, |p| p.as_str().len()) > URI_BYTES {
        return Err(too_large());
    }
    let route = match routes::find(verb, call.uri.path()) {
        Found::Route(route, params) => {
            call.params = params;
            route
        }
        Found::OtherMethod => return Err(wrong_method()),
        Found::Nothing => return Err(no_page()),
    };
    let now = call.site().now().mono;
    if !call.app.limiter.allow("any", &call.client_network(), limiter::REQUESTS, now) {
        return Err(too_many());
    }
    if route.bare {
        return Ok(Pass::Go(route));
    }
    let loopback = call.peer.ip().to_canonical().is_loopback() && !is_forwarded(&call.headers);
    if route.policy == Policy::Machine && loopback {
        return Ok(Pass::Go(route));
    }
    let set_up = call.app.is_set_up().await?;
    if !set_up && route.policy != Policy::FirstRunOnly {
        return if call.speaks_json() { Err(not_set_up()) } else { go_to("/setup") };
    }
    if set_up {
        call.who = who(call).await?;
        call.english = english(call).await?;
        if let Some(who) = &call.who
            && !call.app.limiter.allow("account", &who.actor.id.to_string(), limiter::REQUESTS_OF_ACCOUNT, now)
        {
            return Err(too_many_of_account());
        }
        if let Some(answer) = policy(call, route, loopback)? {
            return Ok(answer);
        }
        if !call.kind().has(route.path) {
            return Err(no_page());
        }
        if !FREE_BEFORE_CHANGE.contains(&route.path) && must_change(call).await? {
            return if call.speaks_json() { Err(change_first()) } else { go_to("/account") };
        }
        let free = FREE_BEFORE_PHONE.contains(&route.path) || FREE_BEFORE_CHANGE.contains(&route.path);
        if !free && must_set_up_phone(call).await? {
            return if call.speaks_json() { Err(phone_first()) } else { go_to("/account/two-step") };
        }
    }
    tokens(call, route)?;
    if verb != Some(Verb::Get) {
        if let Err(refusal) = read_body(call, body, route.body_bytes).await {
            tried_size(call, route, &refusal).await?;
            return Err(refusal);
        }
        if !token_is_right(call) {
            // A second tab that still shows the form of a log-in already done.
            return if route.path == "/login" && call.who.is_some() { go_to("/") } else { Err(stale_form()) };
        }
    }
    Ok(Pass::Go(route))
}

/// What the authority that runs this server is called in English, where a page in English is asked for: as its office of this name is.
async fn english(call: &Call) -> Result<Option<String>, Refusal> {
    if call.lang != Lang::En || call.kind() != Kind::Authority || call.speaks_json() {
        return Ok(None);
    }
    call.site().store().english_of(&call.site().profile().name).await.map_err(down)
}

/// Who sends this: a program by its token, or a browser by its session.
async fn who(call: &Call) -> Result<Option<Who>, Refusal> {
    let store = call.site().store();
    let now = call.now();
    if let Some(bearer) = call.bearer() {
        let Some(id) = store.token_account(bearer, now).await.map_err(down)? else { return Ok(None) };
        let account = store.account(id).await.map_err(down)?.filter(|a| a.disabled.is_none());
        return Ok(account.map(|a| Who { two_step: a.two_step.is_some(), actor: Actor::from(a), session: None }));
    }
    let Some(token) = call.cookie(SESSION).filter(|t| t.len() == 64) else { return Ok(None) };
    let Some(session) = store.session(token, now).await.map_err(down)? else { return Ok(None) };
    let account = store.account(session.account).await.map_err(down)?.filter(|a| a.disabled.is_none());
    Ok(account.map(|a| Who { two_step: a.two_step.is_some(), actor: Actor::from(a), session: Some(session) }))
}

/// A proxy on this machine hands on a request of somebody else. Only ever used to trust less.
fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name))
}

/// The policy's word: go on, go elsewhere, or a refusal.
fn policy(call: &Call, route: &Route, loopback: bool) -> Result<Option<Pass>, Refusal> {
    let role = call.who.as_ref().map(|w| w.actor.role);
    let there = call.kind() == Kind::Authority;
    let open = there && matches!(route.policy, Policy::OpenThere(_));
    if open || route.policy.admits(role, call.query.has("use"), loopback) {
        return Ok(None);
    }
    if route.policy == Policy::FirstRunOnly {
        return if route.verb == Verb::Get { go_to("/").map(Some) } else { Err(already_set_up()) };
    }
    let Some(who) = &call.who else {
        if call.speaks_json() {
            return Err(not_signed_in());
        }
        if there && route.path == "/" {
            return go_to("/public").map(Some);
        }
        let next = if route.verb == Verb::Get { call.here() } else { call.back() };
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        return go_to(&if next == "%2F" { "/login".to_owned() } else { format!("/login?next={next}") }).map(Some);
    };
    match route.policy {
        Policy::Needs(what) | Policy::Either(what, _) | Policy::OpenThere(what) => who.actor.needs(what)?,
        Policy::Machine => who.actor.needs(domain::access::Permission::SeeStorage)?,
        _ => who.actor.needs(domain::access::Permission::PlayBack)?,
    }
    Err(fault("policy"))
}

/// The token that forms of this browser carry; makes the cookie it comes from where there is none.
fn tokens(call: &mut Call, route: &Route) -> Result<(), Refusal> {
    if let Some(who) = &call.who {
        call.csrf = who.session.as_ref().map(|s| s.csrf.clone()).unwrap_or_default();
        return Ok(());
    }
    // A page without a form needs no token, and without a cookie of its own anybody may keep it.
    if route.plain {
        return Ok(());
    }
    let before = match call.cookie(BEFORE).filter(|t| t.len() == 64) {
        Some(token) => token.to_owned(),
        None if route.verb == Verb::Get => {
            let token = base::hex(&store::keys::random::<32>().map_err(down)?);
            call.before = Some(token.clone());
            token
        }
        None => return Ok(()),
    };
    call.csrf = Sha256::of(format!("form of {before}").as_bytes()).hex();
    Ok(())
}

/// Every act carries the token of its browser; a program's token needs none, since no browser sends it by itself.
fn token_is_right(call: &Call) -> bool {
    if call.who.as_ref().is_some_and(|w| w.session.is_none()) {
        return true;
    }
    let sent = call.headers.get("x-csrf").and_then(|v| v.to_str().ok()).unwrap_or_else(|| call.form.get("csrf"));
    !call.csrf.is_empty() && bool::from(sent.as_bytes().ct_eq(call.csrf.as_bytes()))
}

/// A file that is larger than its page takes is refused before anybody judges it: on an authority's server that leaves the entry of the attempt
/// all the same, where somebody signed in sent it to a page for files.
async fn tried_size(call: &Call, route: &Route, refusal: &Refusal) -> Result<(), Refusal> {
    let of_file = refusal.code == TOO_LARGE && route.body_bytes > limits::HTTP_BODY_BYTES;
    let Some(authority) = call.app.options.authority.as_ref().filter(|_| of_file) else { return Ok(()) };
    let Some(who) = &call.who else { return Ok(()) };
    let by = By { account: who.actor.id, role: who.actor.role };
    authority.tried_size(by, CaseId::parse(call.param(0))).await
}

async fn read_body(call: &mut Call, body: Body, limit: usize) -> Result<(), Refusal> {
    let said = call.header(header::CONTENT_LENGTH).and_then(|l| l.parse::<usize>().ok());
    if said.is_some_and(|n| n > limit) {
        return Err(too_large());
    }
    let reading = gather(body, limit);
    let more_ms = (limit / BYTES_A_SECOND) as u64 * 1_000;
    let most = Duration::from_millis(call.app.options.limits.body_ms + more_ms);
    call.body = tokio::time::timeout(most, reading).await.map_err(|_| too_slow())??;
    let kind = call.header(header::CONTENT_TYPE).unwrap_or_default().to_lowercase();
    if kind.starts_with("application/x-www-form-urlencoded") {
        call.form = Fields::parse(&call.body);
    } else if kind.starts_with("multipart/form-data") {
        read_parts(call).await?;
    }
    Ok(())
}

async fn gather(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut out = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| broken_body())?;
        if out.len() + chunk.len() > limit {
            return Err(too_large());
        }
        out.extend_from_slice(&chunk);
    }
    Ok(out.into())
}

async fn read_parts(call: &mut Call) -> Result<(), Refusal> {
    let mut request = Request::new(Body::from(call.body.clone()));
    if let Some(kind) = call.headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    // The limit was held while the body was read; the extractor's own, lower one must not apply.
    axum::extract::DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = axum::extract::Multipart::from_request(request, &()).await.map_err(|_| broken_body())?;
    while let Some(part) = parts.next_field().await.map_err(|_| broken_body())? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(|n| n.chars().filter(|c| !c.is_control()).take(120).collect::<String>());
        let bytes = part.bytes().await.map_err(|_| broken_body())?;
        match file {
            Some(file) if !bytes.is_empty() && call.upload.is_none() => {
                call.upload = Some(Upload { name: file, bytes })
            }
            // One file comes as such; a second one only where it is short and can be read as a text of the form.
            Some(_) if !bytes.is_empty() && bytes.len() <= limits::HTTP_BODY_BYTES => {
                call.form.push(name, String::from_utf8_lossy(&bytes).into_owned());
            }
            Some(_) => {}
            None => call.form.push(name, String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
    Ok(())
}

fn said(
    kind: ErrorKind,
    code: &str,
    what: (&'static str, &'static str),
    next: (&'static str, &'static str),
) -> Refusal {
    Refusal::new(kind, code, Text::new(what.0, what.1), Text::new(next.0, next.1))
}

fn wrong_method() -> Refusal {
    let what = ("这个地址不接受这种请求。", "This address does not take that kind of request.");
    said(
        ErrorKind::BadInput,
        "method_not_allowed",
        what,
        ("请从页面上的链接进入。", "Come through the links of the pages."),
    )
}

fn too_large() -> Refusal {
    let what = ("发送的内容太大。", "What was sent is too large.");
    said(ErrorKind::TooMany, TOO_LARGE, what, ("请缩小文件或分开提交。", "Make the file smaller or send it in parts."))
}

fn too_slow() -> Refusal {
    let what = ("发送的内容没有按时到达。", "What was sent did not arrive in time.");
    said(ErrorKind::BadInput, "too_slow", what, ("请检查网络后重试。", "Check the network and try again."))
}

fn too_many() -> Refusal {
    let what = ("来自这个地址的请求过多。", "Too many requests from this address.");
    said(ErrorKind::TooMany, "too_many_requests", what, ("请稍候再试。", "Wait a moment and try again."))
}

fn too_many_of_account() -> Refusal {
    let what = ("这个账号的请求过多。", "Too many requests of this account.");
    said(ErrorKind::TooMany, "too_many_requests", what, ("请稍候再试。", "Wait a moment and try again."))
}

fn broken_body() -> Refusal {
    let what = ("发送的内容不完整或格式不对。", "What was sent is incomplete or malformed.");
    said(ErrorKind::BadInput, "malformed", what, ("请重新提交。", "Send it again."))
}

fn stale_form() -> Refusal {
    let what = ("这个页面已经过期，没有执行操作。", "This page is out of date; nothing was done.");
    said(
        ErrorKind::Forbidden,
        "stale_form",
        what,
        ("请返回并刷新页面后再提交。", "Go back, reload the page and send it again."),
    )
}

pub(crate) fn change_first() -> Refusal {
    let what = ("一次性密码尚未修改。", "The one-time password has not been changed.");
    said(
        ErrorKind::Forbidden,
        "change_password_first",
        what,
        ("请先在“我的账号”里修改密码。", "Change it on the page of your account first."),
    )
}

fn phone_first() -> Refusal {
    let what = ("这个角色必须先启用二次验证。", "This role must set up the second step first.");
    said(
        ErrorKind::Forbidden,
        "two_step_first",
        what,
        ("请在浏览器中打开 /account/two-step。", "Open /account/two-step in a browser."),
    )
}

fn not_set_up() -> Refusal {
    let what = ("系统还没有完成首次设置。", "The first-run setup has not been done.");
    said(ErrorKind::Unavailable, "not_set_up", what, ("请在浏览器中打开 /setup。", "Open /setup in a browser."))
}

fn already_set_up() -> Refusal {
    let what = ("首次设置已经完成。", "The first-run setup has been done.");
    said(ErrorKind::Forbidden, "already_set_up", what, ("请用已有账号登录。", "Sign in with an account."))
}
