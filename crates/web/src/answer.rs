//! What goes back: pages, JSON, redirects, cookies, security headers, and the one mapping from a refusal to a status.
//!
//! Invariants: every answer carries the security headers; an answer is `no-store` unless its handler says otherwise; a refusal
//! is told in the form the path speaks (page or JSON), in both languages where it is JSON.

use crate::call::Call;
use crate::pages::entry::ErrorPage;
use crate::pages::{FormErrors, Nav};
use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header};
use base::{ErrorKind, Refusal, Text};

/// An answer.
pub type Response = HttpResponse<Body>;
/// What a handler gives.
pub type Reply = Result<Response, Refusal>;

/// Nothing from elsewhere, nothing inline, no frame around us.
pub const CONTENT_POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// For a year this host is asked over TLS only (RFC 6797); other hosts of its domain are not ours to bind.
pub(crate) const STRICT_TRANSPORT: &str = "max-age=31536000";
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
/// The same for the one page that asks the phone where it is: a visit that is being written.
const PERMISSIONS_WITH_PLACE: &str = "camera=(), microphone=(), geolocation=(self), payment=(), usb=()";
const PERMISSIONS_POLICY: &str = "permissions-policy";

/// A refusal as what is wrong with a form that is shown again: the status, and its words at the field that its code names, if it is one of
/// `known`, else at `other`.
///
/// # Errors
/// The refusal itself, where the form is not the place for it: neither bad input nor a conflict.
pub(crate) fn in_form(refusal: Refusal, known: &[&str], other: &str) -> Result<(StatusCode, FormErrors), Refusal> {
    if !matches!(refusal.kind, ErrorKind::BadInput | ErrorKind::Conflict) {
        return Err(refusal);
    }
    let field = known.iter().find(|f| **f == refusal.code).copied().unwrap_or(other);
    let mut errors = FormErrors::default();
    errors.push(field, refusal.what.clone());
    Ok((status(&refusal), errors))
}

/// The address of a page with these words of its query; an empty one is left out.
pub(crate) fn address<'a>(path: &str, words: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, word) in words {
        if !word.is_empty() {
            query.append_pair(name, word);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Status of a refusal: the only place where kinds become numbers.
#[must_use]
pub fn status(refusal: &Refusal) -> StatusCode {
    match (refusal.kind, refusal.code.as_str()) {
        (_, "too_large") => StatusCode::PAYLOAD_TOO_LARGE,
        (_, "method_not_allowed") => StatusCode::METHOD_NOT_ALLOWED,
        (_, "too_slow") => StatusCode::REQUEST_TIMEOUT,
        (ErrorKind::BadInput, _) => StatusCode::BAD_REQUEST,
        (ErrorKind::Unauthenticated, _) => StatusCode::UNAUTHORIZED,
        (ErrorKind::Forbidden | ErrorKind::Unlawful, _) => StatusCode::FORBIDDEN,
        (ErrorKind::NotFound, _) => StatusCode::NOT_FOUND,
        (ErrorKind::Conflict, _) => StatusCode::CONFLICT,
        (ErrorKind::TooMany, _) => StatusCode::TOO_MANY_REQUESTS,
        (ErrorKind::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (ErrorKind::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A part that is down: told to people without its details, which go to the log.
pub fn down(error: impl std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a request met a part that is down");
    metrics::counter!("jifang_http_unavailable_total").increment(1);
    Refusal::new(
        ErrorKind::Unavailable,
        "unavailable",
        Text::new(
            "数据库或磁盘暂时没有应答，录像不受影响。",
            "Database or disk does not answer just now; recording goes on.",
        ),
        Text::new(
            "请一分钟后再试；若仍不行，请联系系统管理员。",
            "Try again in a minute; if it stays so, tell the administrator.",
        ),
    )
}

/// A fault of the program.
#[must_use]
pub fn fault(code: &str) -> Refusal {
    Refusal::new(
        ErrorKind::Internal,
        code,
        Text::new("程序出错，此次操作没有完成。", "A fault of the program; this was not done."),
        Text::new(
            "请重试；若仍出现，请把编号告诉系统管理员。",
            "Try again; if it happens again, give the number to the administrator.",
        ),
    )
}

/// There is no such page.
#[must_use]
pub fn no_page() -> Refusal {
    Refusal::not_found("这个页面", "page")
}

/// An answer with a body.
#[must_use]
pub fn body(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// A page.
///
/// # Errors
/// The template cannot be rendered: a fault of the program.
pub fn page(template: &impl Template) -> Reply {
    page_with(StatusCode::OK, template)
}

/// A page with another status (a form sent back with its errors).
///
/// # Errors
/// As `page`.
pub fn page_with(status: StatusCode, template: &impl Template) -> Reply {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "template");
        fault("template")
    })?;
    Ok(body(status, "text/html; charset=utf-8", html))
}

/// JSON.
#[must_use]
pub fn json(status: StatusCode, value: &impl serde::Serialize) -> Response {
    let bytes = serde_json::to_vec(value).unwrap_or_else(|_| b"null".to_vec());
    body(status, "application/json", bytes)
}

/// JSON, 200.
///
/// # Errors
/// Never; so that handlers end with it.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub fn ok_json(value: &impl serde::Serialize) -> Reply {
    Ok(json(StatusCode::OK, value))
}

/// 303 to a path of this server.
#[must_use]
pub fn see_other(path: &str) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let place = HeaderValue::from_str(local(path).unwrap_or("/")).unwrap_or(HeaderValue::from_static("/"));
    answer.headers_mut().insert(header::LOCATION, place);
    answer
}

/// `path` if it is a path of this server and nothing else: begins with one slash, no backslash, no control characters,
/// nothing that a browser could read as another host.
#[must_use]
pub fn local(path: &str) -> Option<&str> {
    let plain = path.len() <= 2_000 && path.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    (plain && path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

/// A download under a file name.
pub fn attach(answer: &mut Response, file: &str) {
    let plain: String =
        file.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"")) {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
}

/// How a cookie is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Until the browser closes.
    Session,
    /// For so many seconds.
    Seconds(u32),
    /// Away with it.
    Delete,
}

/// Adds a cookie: `HttpOnly`, `SameSite=Strict`, whole site, `Secure` where the server is told that it stands behind HTTPS.
pub fn cookie(answer: &mut Response, secure: bool, name: &str, value: &str, keep: Keep) {
    let mut text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict");
    match keep {
        Keep::Session => {}
        Keep::Seconds(s) => text.push_str(&format!("; Max-Age={s}")),
        Keep::Delete => text.push_str("; Max-Age=0"),
    }
    if secure {
        text.push_str("; Secure");
    }
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Lets the page of this answer ask the phone where it is; the person at the phone still has to allow it.
pub(crate) fn with_place(answer: &mut Response) {
    answer.headers_mut().insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS_WITH_PLACE));
}

/// Security headers on every answer; `no-store` where nothing else was said, and no permissions but those of [`with_place`].
pub fn seal(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(PERMISSIONS_POLICY).or_insert(HeaderValue::from_static(PERMISSIONS));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Tells a refusal in the form the request speaks.
pub async fn refuse(call: &Call, refusal: Refusal) -> Response {
    let status = status(&refusal);
    metrics::counter!("jifang_http_refusals_total", "status" => status.as_str().to_owned()).increment(1);
    if call.speaks_json() {
        return refusal_json(status, &refusal);
    }
    let log_index = if refusal.kind == ErrorKind::Unlawful { call.newest_refusal().await } else { None };
    let trace = if refusal.kind == ErrorKind::Internal { call.trace.clone() } else { String::new() };
    let page = ErrorPage {
        l: call.lang,
        bar: call.plain_bar(Nav::None),
        status: status.as_u16(),
        back: call.back(),
        refusal: refusal.clone(),
        trace,
        log_index,
    };
    match page.render() {
        Ok(html) => body(status, "text/html; charset=utf-8", html),
        Err(_) => refusal_json(status, &refusal),
    }
}

fn refusal_json(status: StatusCode, refusal: &Refusal) -> Response {
    json(
        status,
        &serde_json::json!({ "code": refusal.code, "what": refusal.what, "why": refusal.why, "next": refusal.next }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_local() {
        for good in ["/", "/desk", "/use/new?draft=1&step=scope", "/log?from=2026-01-01"] {
            assert_eq!(local(good), Some(good));
        }
        for bad in [
            "",
            "desk",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/a b",
            "\\\\x",
            "/\t/x",
            "javascript:1",
        ] {
            assert_eq!(local(bad), None, "{bad:?}");
        }
        assert!(local(&format!("/{}", "a".repeat(3_000))).is_none());
        assert_eq!(see_other("https://evil.example").headers()[header::LOCATION], "/");
    }

    #[test]
    fn an_address_has_only_words_that_say_something() {
        assert_eq!(address("/log", [("who", ""), ("before", "")]), "/log");
        assert_eq!(address("/log", [("who", "a&b"), ("act", ""), ("before", "7")]), "/log?who=a%26b&before=7");
    }

    #[test]
    fn only_bad_input_and_conflicts_are_told_in_the_form() {
        let of = |kind, code: &str| {
            let refusal = Refusal::new(kind, code, Text::new("不对。", "Wrong."), Text::default());
            in_form(refusal, &["day", "note"], "main")
                .map(|(status, errors)| (status.as_u16(), errors.0[0].field.clone()))
        };
        assert_eq!(of(ErrorKind::BadInput, "note").unwrap(), (400, "note".to_owned()));
        assert_eq!(of(ErrorKind::Conflict, "moved_on").unwrap(), (409, "main".to_owned()));
        for kind in [ErrorKind::Forbidden, ErrorKind::Unlawful, ErrorKind::NotFound, ErrorKind::TooMany] {
            assert_eq!(of(kind, "note").unwrap_err().kind, kind);
        }
    }

    #[test]
    fn every_kind_has_its_status() {
        use ErrorKind as K;
        let of = |kind, code: &str| status(&Refusal::new(kind, code, Text::default(), Text::default())).as_u16();
        let want = [
            (K::BadInput, 400),
            (K::Unauthenticated, 401),
            (K::Forbidden, 403),
            (K::Unlawful, 403),
            (K::NotFound, 404),
            (K::Conflict, 409),
            (K::TooMany, 429),
            (K::Unavailable, 503),
            (K::Internal, 500),
        ];
        for (kind, number) in want {
            assert_eq!(of(kind, "x"), number);
        }
        assert_eq!(of(K::TooMany, "too_large"), 413);
        assert_eq!(of(K::BadInput, "method_not_allowed"), 405);
    }

    #[test]
    fn only_an_answer_that_says_so_may_ask_where_the_phone_is() {
        let mut plain = see_other("/");
        seal(plain.headers_mut());
        assert_eq!(plain.headers()[PERMISSIONS_POLICY], PERMISSIONS);
        let mut visit = see_other("/");
        with_place(&mut visit);
        seal(visit.headers_mut());
        assert_eq!(visit.headers()[PERMISSIONS_POLICY], PERMISSIONS_WITH_PLACE);
        assert_eq!(PERMISSIONS_WITH_PLACE.replace("(self)", "()"), PERMISSIONS, "and nothing else more");
        assert_eq!(visit.headers()[header::X_FRAME_OPTIONS], "DENY");
    }

    #[test]
    fn a_file_name_cannot_leave_its_quotes() {
        let mut answer = see_other("/");
        attach(&mut answer, "a\"; b=\r\n2026-1.zip");
        assert_eq!(answer.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"a___b___2026-1.zip\"");
    }
}
