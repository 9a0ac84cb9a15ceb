//! Areas over HTTP: every route that names a camera, asked by accounts of another area; lists; hours; a change acts at once.

use crate::harness::{Sent, Server};
use axum::body::Body;
use axum::http::Method;
use base::{CameraId, Pii};
use domain::access::{Permission, Role};
use domain::area::{AreaRight, Hours};
use jifang_web::routes::{ROUTES, Verb};
use law::PlaceKind;
use site::devices::{CameraForm, WhyForm};
use store::cameras::Source;

fn form(name: &str, place: &str) -> CameraForm {
    CameraForm {
        name: name.into(),
        place: place.into(),
        place_kind: PlaceKind::Lobby,
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: Some(base::UtcMs(1_700_000_000_000)),
        priority: 5,
        // Nobody answers there.
        source: Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
        secret: Some(Pii::new("a camera's password".into())),
    }
}

async fn camera(server: &Server, name: &str, place: &str) -> CameraId {
    let manager = server.actor("security_manager").await;
    server.site.add_camera(&manager, form(name, place)).await.unwrap().id()
}

fn right(area: &str) -> AreaRight {
    AreaRight { area: area.into(), ..AreaRight::whole_site() }
}

async fn give(server: &Server, login: &str, rights: Vec<AreaRight>) {
    let admin = server.actor("security_administrator").await;
    let asked = server.site.set_area_rights(&admin, server.account(login).await, rights).await.unwrap();
    // Those of administrators and auditors need a second person.
    if let site::proposals::Asked::Waits(id) = asked {
        let second = server.actor("administrator").await;
        server.site.confirm_proposal(&second, id, &base::Pii::new(String::new())).await.unwrap();
    }
}

/// Routes whose path names a camera, and a body that would do something there.
fn camera_routes(id: CameraId) -> Vec<(Verb, String, String)> {
    let now = 1_700_000_000_000_i64;
    let query = format!("?from={now}&to={}&at={now}", now + 60_000);
    let mut out = Vec::new();
    for route in ROUTES {
        let named =
            ["/api/v1/cameras/{id}", "/devices/{id}", "/whep/{camera}"].iter().any(|p| route.path.starts_with(p));
        // Ending a live session needs its token, which says the camera.
        if !named || route.verb == Verb::Delete {
            continue;
        }
        let path = route.path.replace("{id}", &id.to_string()).replace("{camera}", &id.to_string());
        let body = if route.path.starts_with("/whep") {
            "v=0\r\n".to_owned()
        } else {
            "name=x&place=B/1&place_kind=lobby&reason=x&sign_date=2026-01-01".to_owned()
        };
        out.push((route.verb, format!("{path}{query}"), body));
    }
    let body = format!(r#"{{"camera":"{id}","from":{now},"to":{}}}"#, now + 60_000);
    out.push((Verb::Post, "/api/v1/deletions".into(), body));
    out
}

#[tokio::test]
async fn no_route_shows_or_commands_a_camera_of_another_area() {
    let server = Server::with_people().await;
    let id = camera(&server, "大堂", "A/1/lobby").await;
    let routes = camera_routes(id);
    assert!(routes.len() >= 12, "{} routes: is the walk broken?", routes.len());
    let staff =
        [Role::DutyOfficer, Role::SecurityManager, Role::InformationCustodian, Role::Administrator, Role::Auditor];
    for role in staff {
        give(&server, role.code(), vec![right("B"), right("A/1/lobby/deep"), right("A/10")]).await;
    }
    let mut asked = 0;
    for (verb, path, body) in &routes {
        let route = path.split('?').next().unwrap();
        for role in staff {
            let (cookie, csrf) = server.session(role.code()).await;
            let method = Method::from_bytes(verb.text().as_bytes()).unwrap();
            let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
            let sent = Sent { method, body: Body::from(body.clone()), ..Sent::get(path) };
            let got = server.send(sent.with("cookie", cookie).with("x-csrf", csrf).with("content-type", kind)).await;
            assert_eq!(got.status, 403, "{route} as {role:?}: {:.300}", got.text);
            let outside = got.text.contains("outside_area") || got.text.contains("不在你负责的区域");
            let by_role = got.text.contains("no_permission") || got.text.contains("无权进行此操作");
            assert!(outside || by_role, "{route} as {role:?}: {:.600}", got.text);
            asked += usize::from(outside);
        }
    }
    assert!(asked >= 16, "only {asked} were refused for the area");
    let row = server.site.store().camera(id).await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.removed), ("大堂", None), "nothing was changed");
}

#[tokio::test]
async fn lists_show_only_what_is_in_the_area() {
    let server = Server::with_people().await;
    let near = camera(&server, "近处大堂", "A/1").await.to_string();
    let far = camera(&server, "远处大堂", "B/1").await.to_string();
    let cookie = server.session("duty_officer").await.0;
    for (rights, sees_near, sees_far) in
        [(vec![AreaRight::whole_site()], true, true), (vec![right("A")], true, false), (vec![], false, false)]
    {
        give(&server, "duty_officer", rights).await;
        for path in ["/desk", "/playback", "/devices", "/api/v1/cameras"] {
            let got = server.get(path, &cookie).await;
            assert_eq!(got.status, 200, "{path}");
            assert_eq!((got.text.contains(&near), got.text.contains(&far)), (sees_near, sees_far), "{path}");
        }
    }
}

#[tokio::test]
async fn a_manager_moves_no_camera_out_of_or_into_the_area() {
    let server = Server::with_people().await;
    let id = camera(&server, "大堂", "A/1").await;
    let manager = server.actor("security_manager").await;
    give(&server, "security_manager", vec![right("A")]).await;
    let why = WhyForm { reason: "装修移位".into(), ..WhyForm::default() };
    let moved = server.site.change_camera(&manager, id, form("大堂", "B/1"), &why).await;
    assert_eq!(moved.err().unwrap().code, "outside_area");
    assert_eq!(server.site.add_camera(&manager, form("门", "B/2")).await.err().unwrap().code, "outside_area");
    assert!(server.site.change_camera(&manager, id, form("大堂", " A / 2 "), &why).await.is_ok());
    assert_eq!(server.site.store().camera(id).await.unwrap().unwrap().place, "A/2");
}

#[tokio::test]
async fn a_right_ends_by_its_clock() {
    let server = Server::with_people().await;
    let id = camera(&server, "大堂", "A/1").await;
    let duty = server.actor("duty_officer").await;
    assert!(duty.role.may(Permission::ViewLive));
    let now = server.site.now().utc;
    give(&server, "duty_officer", vec![AreaRight { until: Some(now.plus_ms(3_600_000)), ..right("A") }]).await;
    assert!(server.site.in_area(&duty, id).await.is_ok());
    give(&server, "duty_officer", vec![AreaRight { until: Some(now), ..right("A") }]).await;
    assert_eq!(server.site.in_area(&duty, id).await.unwrap_err().code, "outside_hours");
    // Never: a right on no hour of today or yesterday.
    let today = (server.site.now().utc.0 + 8 * 3_600_000).div_euclid(86_400_000) + 3;
    let other_day = 1 << (today + 3).rem_euclid(7);
    let hours = Hours::new(other_day, 8 * 60, 9 * 60).unwrap();
    give(&server, "duty_officer", vec![AreaRight { hours, ..right("A") }]).await;
    assert_eq!(server.site.may_view_live(&duty, id).await.unwrap_err().code, "outside_hours");
}

#[tokio::test]
async fn the_page_gives_and_takes_rights() {
    let server = Server::with_people().await;
    camera(&server, "大堂", "A/1").await;
    let id = server.account("duty_officer").await;
    let path = format!("/accounts/{id}/areas");
    let mut admin = server.browser();
    admin.login("security_administrator").await;
    let page = admin.get(&path).await;
    assert!(page.text.contains("value=\"A/1\"") && page.text.contains("value=\"/\" selected"), "{}", page.text);
    let row = [
        ("area0", "A"),
        ("from0", "2026-01-01"),
        ("until0", "2026-01-31"),
        ("day0", "0"),
        ("day0", "6"),
        ("begin0", "20:00"),
        ("end0", "08:00"),
    ];
    assert_eq!(admin.post(&path, &row).await.status, 303);
    let rights = server.site.store().area_rights(id).await.unwrap();
    assert_eq!(rights.len(), 1);
    assert_eq!((rights[0].area.as_str(), rights[0].hours), ("A", Hours::new(0b100_0001, 1_200, 480).unwrap()));
    assert_eq!(rights[0].until.unwrap().desk(), "2026-02-01 00:00:00", "to the end of the last day");
    let page = admin.get(&path).await;
    assert!(page.text.contains("value=\"2026-01-31\"") && page.text.contains("value=\"20:00\""));
    for (n, bad) in [(1, "2026-13-01"), (2, "2025-01-01")] {
        let mut wrong = row;
        wrong[n].1 = bad;
        assert_eq!(admin.post(&path, &wrong).await.status, 400, "{bad}");
    }
    let mut wrong = row;
    wrong[5].1 = "25:00";
    assert_eq!(admin.post(&path, &wrong).await.status, 400);
    assert_eq!(server.site.store().area_rights(id).await.unwrap(), rights, "a refused form changes nothing");
    assert_eq!(admin.post(&path, &[("area0", "")]).await.status, 303);
    assert!(server.site.store().area_rights(id).await.unwrap().is_empty());
    assert!(admin.get(&path).await.text.contains("看不到任何摄像机"));
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get(&path).await.status, 403);
    let acts = server
        .site
        .store()
        .acts(&store::logbook::ActFilter { kind: Some("account.areas".into()), ..Default::default() }, 9)
        .await;
    assert_eq!(acts.unwrap().len(), 2);
}
