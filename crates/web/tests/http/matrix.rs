//! Every route with nobody and with every role, with the right and a wrong form token: exactly the allowed ones get through.

use crate::harness::{Got, Sent, Server};
use axum::body::Body;
use axum::http::Method;
use domain::access::Role;
use jifang_web::routes::{Policy, ROUTES, Route, Verb};

fn path_of(route: &Route) -> String {
    let id = "0190a1b2-0000-7000-8000-000000000000";
    let mut path = String::new();
    for part in route.path.split('/').skip(1) {
        path.push('/');
        path.push_str(match part {
            "{id}" | "{camera}" | "{export}" => id,
            "{index}" | "{leaf}" => "0",
            "{account}" => "1234",
            "{clause}" => "B-28-1-1",
            "{lang}" => "zh",
            "{size}" => "large",
            "{register}" => "providers",
            "{number}" => id,
            "{step}" => "examine",
            "{material}" => "application",
            "{session}" => "00000000000000000000000000000000",
            "{sha256}" | "{token}" => "00",
            "{*path}" => "app.css",
            fixed => fixed,
        });
    }
    path
}

fn method(route: &Route) -> Method {
    Method::from_bytes(route.verb.text().as_bytes()).unwrap()
}

/// The policy turned it away.
fn refused(route: &Route, got: &Got) -> bool {
    // Signing out leads there too, but takes the cookie away.
    let signed_out = got.headers.get_all("set-cookie").iter().any(|c| c.to_str().unwrap().starts_with("jifang=;"));
    let to_login = got.status == 303 && got.place().starts_with("/login") && !signed_out;
    let to_start = route.policy == Policy::FirstRunOnly && got.status == 303 && got.place() == "/";
    // The log-in form answers 401 to a wrong password: that is the handler speaking.
    let handler = route.path == "/login" && got.text.contains("name=\"password\"");
    (got.status == 401 || got.status == 403 || to_login || to_start) && !handler
}

async fn tried(
    server: &Server,
    route: &Route,
    role: Option<Role>,
    query: &str,
    csrf_right: bool,
    from: [u8; 4],
) -> Got {
    // A session of its own for each try: some routes end it.
    let (cookie, csrf) = match role {
        Some(role) => server.session(role.code()).await,
        None => {
            let before = "ab".repeat(32);
            (format!("jifang_before={before}"), base::Sha256::of(format!("form of {before}").as_bytes()).hex())
        }
    };
    let path = format!("{}{query}", path_of(route));
    let csrf = if csrf_right { csrf } else { "0".repeat(64) };
    let sent = Sent { method: method(route), body: Body::empty(), ..Sent::get(&path) };
    let sent = sent.with("cookie", cookie).with("x-csrf", csrf).from(from);
    if route.path == "/api/v1/events" {
        // It never ends by itself.
        let answer = server.raw(sent).await;
        return Got { status: answer.status(), headers: answer.headers().clone(), text: String::new() };
    }
    server.send(sent).await
}

const FAR: [u8; 4] = [192, 0, 2, 7];

#[tokio::test]
async fn exactly_the_allowed_get_through() {
    let server = Server::with_people().await;
    let roles: Vec<_> = std::iter::once(None).chain(Role::ALL.map(Some)).collect();
    let mut through = 0;
    for route in ROUTES {
        for role in &roles {
            for query in ["", "?use=0190a1b2-0000-7000-8000-000000000000"] {
                if !query.is_empty() && route.policy != Policy::GrantSession {
                    continue;
                }
                let allowed = route.policy.admits(*role, !query.is_empty(), false);
                let got = tried(&server, route, *role, query, true, FAR).await;
                let name =
                    format!("{} {}{query} as {role:?}: {} {}", route.verb.text(), route.path, got.status, got.place());
                assert_eq!(refused(route, &got), !allowed, "{name}\n{:.600}", got.text);
                assert!(got.status.as_u16() != 500, "{name}\n{:.600}", got.text);
                assert!(!allowed || !got.text.contains("stale_form"), "{name}");
                through += usize::from(allowed);
            }
        }
    }
    assert!(through > 200, "only {through} tries were allowed: is the walk broken?");
}

#[tokio::test]
async fn no_act_without_the_token_of_the_form() {
    let server = Server::with_people().await;
    for route in ROUTES.iter().filter(|r| r.verb != Verb::Get && r.policy != Policy::FirstRunOnly) {
        for role in std::iter::once(None).chain(Role::ALL.map(Some)) {
            if route.path == "/login" && role.is_some() {
                continue;
            }
            if !route.policy.admits(role, false, false) {
                continue;
            }
            let got = tried(&server, route, role, "", false, FAR).await;
            assert_eq!(got.status, 403, "{} {} as {role:?}", route.verb.text(), route.path);
            assert!(got.text.contains("stale_form"), "{} {}", route.verb.text(), route.path);
        }
    }
}

#[tokio::test]
async fn metrics_need_no_login_from_this_machine_only() {
    let server = Server::with_people().await;
    let route = ROUTES.iter().find(|r| r.path == "/metrics").unwrap();
    assert_eq!(
        tried(&server, route, None, "", true, [127, 0, 0, 1]).await.status,
        404,
        "let in; this server has no counters"
    );
    assert_eq!(tried(&server, route, None, "", true, FAR).await.status, 401);
    assert_eq!(tried(&server, route, Some(Role::PoliceOfficer), "", true, FAR).await.status, 403);
}

#[tokio::test]
async fn without_accounts_everything_leads_to_the_first_run() {
    let server = Server::empty().await;
    for route in ROUTES.iter().filter(|r| !r.bare && r.policy != Policy::Machine) {
        let path = path_of(route);
        let got = server.send(Sent { method: method(route), ..Sent::get(&path) }).await;
        match route.policy {
            Policy::FirstRunOnly if route.verb == Verb::Get => assert_eq!(got.status, 200),
            Policy::FirstRunOnly => assert_eq!(got.status, 403, "no token"),
            _ if path.starts_with("/api/") || path.starts_with("/whep/") || path.starts_with("/ledger/") => {
                assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (503, Some("not_set_up")), "{path}");
            }
            _ => assert_eq!((got.status.as_u16(), got.place()), (303, "/setup"), "{path}"),
        }
    }
    assert_eq!(server.get("/healthz", "").await.status, 200);
}

fn compare(file: &str, made: &str) {
    let path = format!("{}/../../docs/ref/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        kept, made,
        "docs/ref/{file} is out of date: UPDATE_DOCS=1 cargo test -p jifang-web --test http writes it anew; read the change"
    );
}

#[test]
fn the_committed_table_of_routes_is_true() {
    compare("routes.txt", &jifang_web::routes::table());
}

#[test]
fn what_the_law_calls_built_has_its_page() {
    let packs = law::Packs::embedded().unwrap();
    let carriers = packs.carriers();
    let listed = [carriers.registers(), carriers.publications(), carriers.procedures()].concat();
    let routes = listed.iter().filter(|e| e.built).filter_map(|e| e.route.as_deref());
    let pages = carriers.pages().iter().filter(|e| e.built).map(|e| e.id.as_str());
    let built: Vec<&str> = routes.chain(pages).collect();
    assert!(built.len() >= 10, "{built:?}");
    for path in built {
        assert!(ROUTES.iter().any(|r| r.verb == Verb::Get && r.path == path), "law/carriers.toml: {path} is no page");
    }
}

#[test]
fn the_committed_matrix_of_permissions_is_true() {
    compare("permissions.txt", &domain::access::matrix());
}
