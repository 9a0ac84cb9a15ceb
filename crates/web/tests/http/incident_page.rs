//! The page of an incident: whom to call, whole only for the watch and only while it is open; the plan of its area and who may see it.

use crate::harness::{Got, Sent, Server};
use axum::body::Body;
use axum::http::Method;
use base::IncidentId;
use domain::alarm::{Class, Command, Event, IntakeRules, Protocol, Signal, SourceName, Verdict};
use domain::area::AreaRight;
use domain::plan::PICTURE_BYTES;
use store::alarm_sources::{AlarmSource, Zone};
use store::incidents::{Intake, POLICE};
use store::journal::Position;

/// A panel with the zone 3 at its back door.
async fn panel(server: &Server) -> SourceName {
    let source = SourceName::dc09("1234");
    let (by, now) = (server.account("security_manager").await, server.site.now().utc);
    let row = AlarmSource {
        source: source.clone(),
        name: "门厅主机".into(),
        place: "A座/一层".into(),
        key: None,
        supervision_s: None,
        quirks: "{}".into(),
        lost: None,
        created: now,
        removed: None,
    };
    server.site.store().put_alarm_source(&row, by, now).await.unwrap();
    let (name, place) = ("后门红外".into(), "A座/一层/后门".into());
    let zone = Zone { source: source.clone(), number: 3, name, place, cameras: vec![] };
    server.site.store().put_zone(&zone, by, now).await.unwrap();
    source
}

async fn burglary(server: &Server, source: &SourceName) -> IncidentId {
    let now = server.site.now().utc;
    let signal = Signal {
        received: now,
        said: None,
        source: source.clone(),
        protocol: Protocol::Dc09Cid,
        code: "1130".into(),
        event: Event::Alarm(Class::Burglary),
        area: 1,
        zone: 3,
        text: String::new(),
        repeat_key: [1; 16],
    };
    let store = server.site.store();
    store.journal().append(vec![signal]).await.unwrap();
    let read = store.journal().read_from(Position(0), 9).await.unwrap();
    let by_hand = Ok(vec![]);
    let intake = Intake {
        rules: IntakeRules::default(),
        by_hand: &by_hand,
        hold: &by_hand,
        site_name: "示范酒店",
        targets: &[POLICE],
        now,
    };
    store.take_in(&read.entries, read.next, &intake).await.unwrap().opened[0]
}

const GOOD: [(&str, &str); 6] = [
    ("at", "source:dc09:1234"),
    ("order", "1"),
    ("duty", "keyholder"),
    ("person", "欧阳钥匙"),
    ("phone", "139 3600 4471"),
    ("note", "夜里先打家里"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut out: Vec<_> = fields.iter().filter(|f| f.0 != name).copied().collect();
    out.push((name, value));
    out
}

#[tokio::test]
async fn contacts_are_masked_but_for_the_watch_on_an_open_alarm() {
    let server = Server::with_people().await;
    let source = panel(&server).await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert!(manager.get("/contacts").await.text.contains("还没有联系人"));
    for (name, value) in [
        ("at", ""),
        ("at", "source:dc09:9999"),
        ("at", "nowhere"),
        ("zone", "x"),
        ("zone", "0"),
        ("order", "0"),
        ("order", "soon"),
        ("duty", "king"),
        ("person", " "),
        ("phone", "12"),
        ("phone", "call me"),
    ] {
        let got = manager.post("/contacts", &with(&GOOD, name, value)).await;
        assert_eq!(got.status, 400, "{name}={value}");
        assert!(got.text.contains("error-summary"), "{name}={value}");
    }
    let zone_of_area = with(&with(&GOOD, "at", "area:A座"), "zone", "3");
    assert_eq!(manager.post("/contacts", &zone_of_area).await.status, 400);
    assert!(server.site.store().contacts().await.unwrap().is_empty(), "a refused form changes nothing");
    assert_eq!(manager.post("/contacts", &GOOD).await.place(), "/contacts");
    let whole_site = with(&with(&GOOD, "at", "area:"), "person", "赵经理");
    assert_eq!(manager.post("/contacts", &whole_site).await.status, 303);
    let elsewhere = with(&with(&GOOD, "at", "area:B座"), "person", "钱别处");
    assert_eq!(manager.post("/contacts", &elsewhere).await.status, 303);

    let plain = |got: &Got| ["欧阳钥匙", "3600", "夜里先打家里"].map(|p| got.text.contains(p));
    for login in ["security_manager", "duty_officer", "auditor"] {
        let cookie = server.session(login).await.0;
        let list = server.get("/contacts", &cookie).await;
        assert!(list.text.contains("欧***") && list.text.contains("****4471"), "{login}");
        assert_eq!(plain(&list), [false; 3], "{login}");
        assert_eq!(list.text.contains("name=\"person\""), login == "security_manager");
    }
    // Changed with empty fields: name and number stay; the note goes when told.
    let id = server.site.store().contacts().await.unwrap().iter().find(|c| c.person.expose() == "欧阳钥匙").unwrap().id;
    let form = manager.get(&format!("/contacts?edit={id}")).await;
    assert!(form.text.contains("欧***") && plain(&form) == [false; 3], "nor does the form tell them");
    let kept = [("at", "source:dc09:1234"), ("zone", "3"), ("order", "2"), ("duty", "repair_firm"), ("no_note", "1")];
    assert_eq!(manager.post(&format!("/contacts/{id}"), &kept).await.status, 303);
    let row = server.site.store().contact(id).await.unwrap().unwrap();
    assert_eq!(
        (row.person.expose().as_str(), row.phone.expose().as_str(), row.order),
        ("欧阳钥匙", "139 3600 4471", 2)
    );
    assert_eq!(row.note.expose(), "");
    assert_eq!(manager.post(&format!("/contacts/{id}"), &with(&kept, "note", "按门铃")).await.status, 303);
    assert_eq!(server.site.store().contact(id).await.unwrap().unwrap().note.expose(), "", "told to go, it goes");
    assert_eq!(manager.post(&format!("/contacts/{id}"), &with(&kept[..4], "note", "按门铃")).await.status, 303);

    let alarm = burglary(&server, &source).await;
    let path = format!("/alarms/{alarm}");
    let duty = server.session("duty_officer").await.0;
    let page = server.get(&path, &duty).await;
    assert!(page.text.contains("欧阳钥匙") && page.text.contains("href=\"tel:13936004471\""), "{}", page.text);
    assert!(page.text.contains("按门铃") && page.text.contains("赵经理") && !page.text.contains("钱别处"));
    let at = |name: &str| page.text.find(name).unwrap();
    assert!(at("欧阳钥匙") < at("赵经理"), "the zone's before the whole site's");
    let auditor = server.session("auditor").await.0;
    let page = server.get(&path, &auditor).await;
    assert!(page.text.contains("欧***") && !page.text.contains("tel:") && plain(&page) == [false; 3]);
    // Once it is closed nobody is to be called any more.
    let actor = server.actor("duty_officer").await;
    for command in [
        Command::Take { reason: String::new() },
        Command::Verify { verdict: Verdict::False, reason: "院内有猫经过".into() },
        Command::Close,
    ] {
        server.site.handle_alarm(&actor, alarm, &command).await.unwrap();
    }
    let page = server.get(&path, &duty).await;
    assert!(page.text.contains("欧***") && !page.text.contains("tel:") && plain(&page) == [false; 3]);
    // Who may not see alarms sees no list; who watches changes none.
    let officer = server.session("police_officer").await.0;
    assert_eq!(server.get("/contacts", &officer).await.status, 403);
    let mut watch = server.browser();
    watch.login("duty_officer").await;
    assert_eq!(watch.post("/contacts", &GOOD).await.status, 403);
    assert_eq!(watch.post(&format!("/contacts/{id}/remove"), &[]).await.status, 403);
    assert_eq!(manager.post(&format!("/contacts/{id}/remove"), &[]).await.status, 303);
    assert_eq!(manager.post(&format!("/contacts/{id}/remove"), &[]).await.status, 404);
}

/// A PNG of one colour by its head; what follows is not looked at here.
fn png(width: u32, height: u32, bytes: usize) -> Vec<u8> {
    let end = b"\0\0\0\0IEND\xae\x42\x60\x82";
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    out.extend(width.to_be_bytes());
    out.extend(height.to_be_bytes());
    out.resize(bytes.max(out.len() + end.len()) - end.len(), 0);
    out.extend(end);
    out
}

async fn upload(server: &Server, login: &str, area: &str, picture: &[u8]) -> Got {
    let (cookie, csrf) = server.session(login).await;
    let head = format!(
        "--XX\r\ncontent-disposition: form-data; name=\"area\"\r\n\r\n{area}\r\n--XX\r\n\
         content-disposition: form-data; name=\"picture\"; filename=\"plan.html\"\r\ncontent-type: text/html\r\n\r\n"
    );
    let body = [head.as_bytes(), picture, b"\r\n--XX--\r\n"].concat();
    let sent = Sent { method: Method::POST, body: Body::from(body), ..Sent::get("/plans") };
    let sent = sent.with("cookie", cookie).with("x-csrf", csrf);
    server.send(sent.with("content-type", "multipart/form-data; boundary=XX")).await
}

async fn give(server: &Server, login: &str, area: &str) {
    let by = server.actor("security_administrator").await;
    let rights = vec![AreaRight { area: area.into(), ..AreaRight::whole_site() }];
    server.site.set_area_rights(&by, server.account(login).await, rights).await.unwrap();
}

#[tokio::test]
async fn a_plan_is_taken_in_marked_and_shown_with_the_alarm() {
    let server = Server::with_people().await;
    let source = panel(&server).await;
    let alarm = format!("/alarms/{}", burglary(&server, &source).await);
    let duty = server.session("duty_officer").await.0;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert!(manager.get(&alarm).await.text.contains("href=\"/plans\">上传平面图"));
    let page = server.get(&alarm, &duty).await.text;
    assert!(
        page.contains("这个区域还没有平面图") && !page.contains("上传平面图"),
        "only who may add one is told where"
    );

    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for bad in [&b""[..], svg, &png(10, 600, 0), &png(600, 60_000, 0), &png(800, 600, PICTURE_BYTES + 1)] {
        let got = upload(&server, "security_manager", "A座/一层", bad).await;
        assert_eq!(got.status, 400);
        assert!(got.text.contains("error-summary"));
    }
    assert_eq!(upload(&server, "security_manager", "", &png(800, 600, 0)).await.status, 400, "no area");
    assert_eq!(upload(&server, "duty_officer", "A座/一层", &png(800, 600, 0)).await.status, 403);
    let largest = png(800, 600, PICTURE_BYTES);
    let path = upload(&server, "security_manager", "A座/一层", &largest).await.place().to_owned();
    assert!(path.starts_with("/plans/"), "{path}");

    // The type is ours, whatever the upload said of itself.
    let raw = server.raw(Sent::get(&format!("{path}/picture")).with("cookie", duty.clone())).await;
    assert_eq!(raw.headers()["content-type"], "image/png");
    assert_eq!(raw.headers()["x-content-type-options"], "nosniff");
    assert!(raw.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
    let bytes = axum::body::to_bytes(raw.into_body(), 4 * 1024 * 1024).await.unwrap();
    assert!(bytes == largest, "byte for byte");

    let marks = format!("{path}/marks");
    let zone = [("what", "zone:3:dc09:1234"), ("x", "250"), ("y", "1000")];
    for (name, value) in [
        ("x", "1001"),
        ("y", "-1"),
        ("x", ""),
        ("what", "zone:4:dc09:1234"),
        ("what", "camera:0190a1b2-0000-7000-8000-000000000000"),
        ("what", "<b>"),
    ] {
        let got = manager.post(&marks, &with(&zone, name, value)).await;
        assert_eq!(got.status, 400, "{name}={value}");
    }
    let page = server.get(&alarm, &duty).await.text;
    assert!(page.contains("data-plan=") && page.contains("报警防区还没有标在这张图上"), "{page}");
    assert_eq!(manager.post(&marks, &zone).await.status, 303);
    let page = server.get(&alarm, &duty).await.text;
    let mark = "class=\"plan-mark plan-zone plan-on\" data-mark=\"zone:3:dc09:1234\" transform=\"translate(200 600)";
    assert!(page.contains(mark), "{page}");

    // Another area's watch sees neither the plan nor its picture, nor the manager of another area changes it.
    give(&server, "duty_officer", "B座").await;
    for asked in [path.clone(), format!("{path}/picture")] {
        let got = server.get(&asked, &duty).await;
        assert_eq!(got.status, 403, "{asked}");
        assert!(got.text.contains("不在你负责的区域"), "{asked}");
    }
    assert!(!server.get("/plans", &duty).await.text.contains("data-plan-row"));
    assert!(server.get(&alarm, &duty).await.text.contains("这个区域还没有平面图"));
    give(&server, "security_manager", "B座").await;
    assert_eq!(manager.post(&marks, &zone).await.status, 403);
    assert_eq!(manager.post(&format!("{path}/remove"), &[]).await.status, 403);
    assert_eq!(upload(&server, "security_manager", "A座/一层", &png(800, 600, 0)).await.status, 403);
    give(&server, "security_manager", "A座").await;
    assert_eq!(manager.post(&format!("{marks}/remove"), &zone[..1]).await.status, 303);
    assert_eq!(manager.post(&format!("{marks}/remove"), &zone[..1]).await.status, 404);
    assert_eq!(manager.post(&format!("{path}/remove"), &[]).await.status, 303);
    assert_eq!(manager.get(&path).await.status, 404);
}
