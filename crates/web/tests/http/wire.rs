//! What goes over the wire: headers, bodies too large, odd paths, escaping, caching, events, sockets.

use crate::harness::{Sent, Server};
use axum::body::{Body, Bytes};
use axum::http::Method;
use futures_util::StreamExt;
use jifang_web::{CONTENT_POLICY, Options};
use site::devices::CameraForm;
use std::convert::Infallible;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let server = Server::with_people().await;
    let (cookie, _) = server.session("auditor").await;
    let kinds =
        ["/log", "/login", "/nope", "/api/v1/nope", "/assets/app.css", "/healthz", "/", "/desk", "/log/checkpoint"];
    for path in kinds {
        let got = server.get(path, &cookie).await;
        assert_eq!(got.header("content-security-policy"), CONTENT_POLICY, "{path}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(got.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(got.header("x-frame-options"), "DENY", "{path}");
        assert!(got.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(got.header("access-control-allow-origin").is_empty(), "{path}");
        let cache = if path.starts_with("/assets") { "no-cache" } else { "no-store" };
        assert_eq!(got.header("cache-control"), cache, "{path}");
    }
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_sites() {
    for https in [false, true] {
        let server = Server::start(Options { https_cookies: https, ..Options::default() }).await;
        server.people().await;
        let mut browser = server.browser();
        let page = browser.get("/login").await;
        let got = browser.post("/login", &[("login", "auditor"), ("password", crate::harness::PASSWORD)]).await;
        for line in page.headers.get_all("set-cookie").iter().chain(got.headers.get_all("set-cookie")) {
            let line = line.to_str().unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict") && line.contains("Path=/"), "{line}");
            assert_eq!(line.contains("Secure"), https, "{line}");
        }
        assert_eq!(browser.cookies["jifang"].len(), 64);
    }
}

#[tokio::test]
async fn assets_are_tagged_and_kept() {
    let server = Server::empty().await;
    let got = server.get("/assets/app.css", "").await;
    let tag = got.header("etag").to_owned();
    assert!(got.status == 200 && got.header("content-type").starts_with("text/css") && tag.len() == 34);
    let again = server.send(Sent::get("/assets/app.css").with("if-none-match", tag.clone())).await;
    assert_eq!((again.status.as_u16(), again.text.len()), (304, 0));
    let named = server.get(&format!("/assets/app.css?v={}", tag.trim_matches('"')), "").await;
    assert!(named.header("cache-control").contains("immutable"));
    assert!(!server.get("/assets/app.css?v=other", "").await.header("cache-control").contains("immutable"));
    assert_eq!(server.get("/favicon.ico", "").await.header("content-type"), "image/svg+xml");
}

#[tokio::test]
async fn bodies_have_limits() {
    let server = Server::with_people().await;
    let (cookie, csrf) = server.session("police_officer").await;
    let sent = |path: &'static str, body: Body| {
        let sent = Sent { method: Method::POST, body, ..Sent::get(path) };
        server.send(sent.with("cookie", cookie.clone()).with("x-csrf", csrf.clone()))
    };
    let big = vec![b'a'; base::limits::HTTP_BODY_BYTES + 1];
    assert_eq!(sent("/account/appearance", big.clone().into()).await.status, 413);
    // Without a length, so that only counting can tell.
    let chunks = |n: usize| {
        Body::from_stream(futures_util::stream::iter((0..n).map(|_| Ok::<_, Infallible>(Bytes::from(vec![0; 65_536])))))
    };
    assert_eq!(sent("/account/appearance", chunks(5)).await.status, 413);
    assert_eq!(sent("/account/appearance", chunks(4)).await.status, 303);
    assert_ne!(sent("/use/new", big.into()).await.status, 413, "letters may be larger");
    assert_eq!(sent("/use/new", chunks(162)).await.status, 413);
    let lie = Sent { method: Method::POST, ..Sent::get("/account/appearance") };
    let lie =
        lie.with("cookie", cookie.clone()).with("x-csrf", csrf.clone()).with("content-length", "99999999999999999999");
    assert_ne!(server.send(lie).await.status, 500);
    let long = format!("/log?who={}", "a".repeat(9_000));
    assert_eq!(server.get(&long, &cookie).await.status, 413);
}

#[tokio::test]
async fn broken_forms_are_told_and_nothing_else_happens() {
    let server = Server::with_people().await;
    let (cookie, csrf) = server.session("police_officer").await;
    for (kind, body) in [
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=", "x"),
        ("multipart/form-data; boundary=XX", "--XX\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\nnever ends"),
    ] {
        let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get("/use/new") };
        let got = server
            .send(sent.with("cookie", cookie.clone()).with("x-csrf", csrf.clone()).with("content-type", kind))
            .await;
        assert_eq!(got.status, 400, "{kind}");
    }
}

#[tokio::test]
async fn odd_paths_find_nothing() {
    let server = Server::with_people().await;
    let (cookie, _) = server.session("auditor").await;
    for path in [
        "/nope",
        "/desk/",
        "/log/-1",
        "/log/18446744073709551616",
        "/log/999999999",
        "/law/%2e%2e%2fkeys",
        "/law/X-1",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/js/..%2f..%2fCargo.toml",
        "/ledger/../keys/ledger.seed",
        "/ledger/keys/ledger.seed",
        "/ledger/tile/0/../../../keys/secret.key",
        "/ledger//etc/passwd",
        "/use/not-an-id",
        "/devices/0190a1b2-0000-7000-8000-000000000000",
    ] {
        let got = server.get(path, &cookie).await;
        assert_eq!(got.status, 404, "{path}");
        assert!(got.text.contains("not_found"), "{path}");
    }
    for method in [Method::PUT, Method::PATCH, Method::OPTIONS, Method::TRACE] {
        let got =
            server.send(Sent { method: method.clone(), ..Sent::get("/log") }.with("cookie", cookie.clone())).await;
        assert_eq!(got.status, 405, "{method}");
    }
    assert_eq!(server.get("/ledger/checkpoint", &cookie).await.status, 200);
    assert!(server.get("/ledger/key.pub", &cookie).await.text.starts_with("jifang/"));
}

#[tokio::test]
async fn refusals_speak_the_language_of_the_path() {
    let server = Server::with_people().await;
    let (cookie, _) = server.session("police_officer").await;
    let api = server.get("/api/v1/cameras", &cookie).await;
    assert_eq!((api.status.as_u16(), api.header("content-type")), (403, "application/json"));
    let said = api.json();
    assert_eq!(said["code"], "no_permission");
    for field in ["what", "next"] {
        assert!(said[field]["zh"].as_str().is_some_and(|t| !t.is_empty()) && said[field]["en"].is_string());
    }
    let page = server.get("/desk", &cookie).await;
    assert_eq!(page.status, 403);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains("no_permission"));
    assert_eq!(server.get("/api/v1/cameras", "").await.json()["code"], "not_signed_in");
}

fn camera(name: &str) -> CameraForm {
    CameraForm {
        name: name.into(),
        place: "一层".into(),
        place_kind: law::PlaceKind::parse("lobby").unwrap(),
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: None,
        priority: 5,
        source: store::cameras::Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
        secret: None,
    }
}

#[tokio::test]
async fn names_cannot_become_markup() {
    let server = Server::with_people().await;
    let evil = "<script>alert(1)</script>\"'&";
    let manager = server.actor("security_manager").await;
    let added = server.site.add_camera(&manager, camera(evil)).await.unwrap();
    let (cookie, _) = server.session("security_manager").await;
    let device = format!("/devices/{}", added.id());
    for path in ["/desk", "/devices", &device, "/playback", "/storage", "/log"] {
        let got = server.get(path, &cookie).await;
        assert_eq!(got.status, 200, "{path}\n{:.400}", got.text);
        assert!(got.text.contains("alert(1)"), "{path} shows the name");
        assert!(!got.text.contains("<script>alert") && !got.text.contains("\"'&"), "{path}");
    }
    let mut browser = server.browser();
    let got = browser.get(&format!("/login?next=/%22%3E{}", "%3Cscript%3E")).await;
    assert!(!got.text.contains("\"><script>"));
    let got = browser.post("/login", &[("login", evil), ("password", "x")]).await;
    assert!(!got.text.contains("<script>alert"));
    let got = server.get("/log?who=%22%3E%3Cscript%3Ealert(1)", &cookie).await;
    assert!(!got.text.contains("\"><script>"));
}

#[tokio::test]
async fn placement_is_answered_before_the_camera_is_added() {
    let server = Server::with_people().await;
    let (cookie, csrf) = server.session("security_manager").await;
    let said = server.get("/api/v1/placement?place_kind=changing_room", &cookie).await.json();
    assert_eq!(said["allow"], false);
    assert!(said["why"].as_array().is_some_and(|w| !w.is_empty()));
    assert_eq!(server.get("/api/v1/placement?place_kind=lobby", &cookie).await.json()["allow"], true);
    assert_eq!(server.get("/api/v1/placement?place_kind=moon", &cookie).await.status, 400);
    let form = [
        ("csrf", csrf.as_str()),
        ("name", "x"),
        ("place", "y"),
        ("place_kind", "changing_room"),
        ("faces_homes", "no"),
        ("protocol", "rtsp"),
        ("url", "rtsp://127.0.0.1:1/x"),
    ];
    let got = server.send(Sent::form("/devices/new", &form).with("cookie", cookie.clone())).await;
    assert_eq!(got.status, 403);
    assert!(got.text.contains("/law/B-15"), "the clause is linked");
    assert!(server.site.cameras().is_empty());
    let mut good = form;
    good[3].1 = "lobby";
    let got = server.send(Sent::form("/devices/new", &good).with("cookie", cookie.clone())).await;
    assert_eq!(got.status, 303, "{:.500}", got.text);
    assert_eq!(server.get(got.place(), &cookie).await.status, 200);
    good[6].1 = "rtsp://user:pw@127.0.0.1/x";
    let got = server.send(Sent::form("/devices/new", &good).with("cookie", cookie.clone())).await;
    assert_eq!(got.status, 400);
}

#[tokio::test]
async fn footage_questions_without_footage_are_answered() {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    let id = server.site.add_camera(&manager, camera("x")).await.unwrap().id();
    let (cookie, csrf) = server.session("security_manager").await;
    let now = server.site.now().utc.0;
    let at = |kind: &str, from: i64, to: i64| format!("/api/v1/cameras/{id}/{kind}?from={from}&to={to}");
    let empty = server.get(&at("play.json", now - 60_000, now), &cookie).await;
    assert_eq!((empty.status.as_u16(), empty.json()["pieces"].as_array().map(Vec::len)), (200, Some(0)));
    assert_eq!(server.get(&at("play.mp4", now - 60_000, now), &cookie).await.status, 404);
    assert_eq!(server.get(&format!("/api/v1/cameras/{id}/poster?at={now}"), &cookie).await.status, 404);
    let line = server.get(&at("timeline", now - 180 * 86_400_000, now + 86_400_000), &cookie).await;
    assert_eq!(line.status, 200, "{}", line.text);
    for field in ["spans", "gaps", "holds", "events"] {
        assert!(line.json()[field].is_array(), "{field}");
    }
    for bad in ["from=5", "from=9&to=3", "from=-5&to=3", "from=x&to=y", "from=1&to=99999999999999999999"] {
        let got = server.get(&format!("/api/v1/cameras/{id}/play.json?{bad}"), &cookie).await;
        assert_eq!(got.status, 400, "{bad}");
    }
    let delete = Sent { method: Method::POST, ..Sent::get("/api/v1/deletions") };
    let delete = Sent {
        body: format!(r#"{{"camera":"{id}","from":{},"to":{now},"reason":"x"}}"#, now - 1_000).into(),
        ..delete
    };
    assert_eq!(server.send(delete.with("cookie", cookie.clone()).with("x-csrf", csrf)).await.status, 404);
}

#[tokio::test]
async fn live_offers_pass_the_gate_and_leave_an_entry() {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    let id = server.site.add_camera(&manager, camera("x")).await.unwrap().id();
    let (cookie, csrf) = server.session("duty_officer").await;
    let path = format!("/whep/{id}");
    let offer = |body: &'static str| {
        let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get(&path) };
        server.send(
            sent.with("cookie", cookie.clone()).with("x-csrf", csrf.clone()).with("content-type", "application/sdp"),
        )
    };
    assert_eq!(offer("").await.status, 400);
    let got = offer("v=0\r\n").await;
    assert!(got.status.is_client_error() || got.status == 503, "{} {}", got.status, got.text);
    assert!(got.json()["code"].is_string());
    let acts = server.site.store().acts(&Default::default(), 20).await.unwrap();
    assert_eq!(
        acts.iter().filter(|a| a.kind == "live.viewed").count(),
        1,
        "one entry, however often the page reconnects"
    );
}

#[tokio::test]
async fn events_begin_at_once() {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    assert!(server.site.add_camera(&manager, camera("<b>\n")).await.is_err());
    server.site.add_camera(&manager, camera("东门")).await.unwrap();
    let (cookie, _) = server.session("duty_officer").await;
    let answer = server.raw(Sent::get("/api/v1/events").with("cookie", cookie)).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
    let mut stream = answer.into_body().into_data_stream();
    let first = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
    for name in
        ["event: clock\ndata: {", "event: health\ndata: {\"recording\":0,\"total\":1}", "event: camera\ndata: {"]
    {
        assert!(first.contains(name), "{name} in {first}");
    }
    let (cookie, _) = server.session("police_officer").await;
    let answer = server.raw(Sent::get("/api/v1/events").with("cookie", cookie)).await;
    let mut stream = answer.into_body().into_data_stream();
    let first = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("event: clock") && !first.contains("event: camera"), "officers see no cameras: {first}");
}

#[tokio::test]
async fn serves_on_a_socket_and_stops() {
    let server = Server::with_people().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(jifang_web::serve(server.site.clone(), listener, Options::default(), async {
        let _ = stopped.await;
    }));
    let ask = |text: &'static str| async move {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let got = ask("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(got.starts_with("HTTP/1.1 200") && got.contains("\"ok\":true"), "{got}");
    let head = ask("HEAD /login HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("<html"), "{head}");
    assert!(ask("nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    assert!(
        ask("GET /x HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked, x\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 400")
    );
    let after = ask("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(after.starts_with("HTTP/1.1 200"), "others go on");
    stop.send(()).unwrap();
    task.await.unwrap().unwrap();
}
