//! Views, homes and public areas on a plan over HTTP: the geometry speaks to the gate, refusals come with what meets what; and the list of
//! kinds of place.

use crate::harness::{Browser, Server};
use base::{CameraId, Pii};
use domain::access::Role;
use domain::area::AreaRight;
use domain::plan::{Picture, PictureKind};
use law::{Jurisdiction, PlaceKind};
use site::Profile;
use site::accounts::AccountForm;
use site::devices::CameraForm;
use store::cameras::Source;

async fn server_in(jurisdiction: Jurisdiction) -> Server {
    let server = Server::empty().await;
    let form = |login: &str, role| AccountForm {
        login: login.into(),
        name: Pii::new(login.into()),
        badge: (role == Role::PoliceOfficer).then(|| Pii::new("010001".into())),
        unit: "示范单位".into(),
        role,
        password: Pii::new("four unrelated words".into()),
    };
    let law = law::SiteProfile::new(jurisdiction);
    let profile = Profile { name: "示范酒店".into(), address: String::new(), law };
    server.site.set_up(&form("administrator", Role::Administrator), profile).await.unwrap();
    for role in [Role::SecurityManager, Role::DutyOfficer, Role::SecurityAdministrator, Role::PoliceOfficer] {
        server.site.add_account_locally(&form(role.code(), role)).await.unwrap();
    }
    server
}

async fn camera(server: &Server) -> CameraId {
    let form = CameraForm {
        name: "东门一号机".into(),
        place: "A座/一层/东门".into(),
        place_kind: PlaceKind::Entrance,
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: Some(base::UtcMs(1_700_000_000_000)),
        priority: 5,
        source: Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
        secret: None,
    };
    let manager = server.actor("security_manager").await;
    server.site.add_camera(&manager, form).await.unwrap().id()
}

/// A plan of 100 by 100 metres with its width said; answers its path.
async fn plan(server: &Server, manager: &mut Browser<'_>) -> String {
    let by = server.account("security_manager").await;
    let picture = Picture { kind: PictureKind::Png, width_px: 1_000, height_px: 1_000 };
    let id = server.site.store().put_plan("A座", picture, b"x", by, server.site.now().utc).await.unwrap().unwrap();
    let path = format!("/plans/{id}");
    for bad in ["", "0", "0.9", "5000.1", "x", "1.25"] {
        let got = manager.post(&format!("{path}/width"), &[("width", bad)]).await;
        assert_eq!(got.status, 400, "{bad}");
        assert!(got.text.contains("id=\"width-error\""), "{bad}");
    }
    assert_eq!(manager.post(&format!("{path}/width"), &[("width", "100")]).await.status, 303);
    path
}

fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(n, v)| if *n == name { (*n, value) } else { (*n, *v) }).collect()
}

/// A window 20 metres above the middle of the plan, two metres wide.
const WINDOW: [(&str, &str); 5] = [
    ("kind", "home_window"),
    ("shape_name", "三号楼东窗"),
    ("points", "490,300 510,300"),
    ("decision", ""),
    ("from", "2026-01-01"),
];
const SQUARE: [(&str, &str); 5] = [
    ("kind", "area:square"),
    ("shape_name", "站前广场"),
    ("points", "700,700 1000,700 1000,1000 700,1000"),
    ("decision", "市政府 2025-12-01 第7号"),
    ("from", "2026-01-01"),
];

fn view(camera: &str) -> [(&'static str, &str); 8] {
    [
        ("camera", camera),
        ("x", "500"),
        ("y", "500"),
        ("direction", "0"),
        ("angle", "60"),
        ("reach", "30"),
        ("masks", ""),
        ("approval", ""),
    ]
}

async fn refusals(server: &Server) -> usize {
    let filter = store::logbook::ActFilter::default();
    let acts = server.site.store().acts(&filter, 500).await.unwrap();
    acts.iter().filter(|a| a.kind == "act.refused" && a.clauses.iter().any(|c| c == "A-14")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_liaoning_a_drawn_view_of_a_home_is_refused_until_masked() {
    let server = server_in(Jurisdiction::Liaoning).await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    let id = camera(&server).await.to_string();
    let path = plan(&server, &mut manager).await;
    let (views, shapes) = (format!("{path}/views"), format!("{path}/shapes"));
    assert_eq!(manager.post(&shapes, &WINDOW).await.status, 303);
    for (name, value) in [
        ("camera", "x"),
        ("x", "1001"),
        ("y", ""),
        ("direction", "360"),
        ("direction", "-1"),
        ("angle", "0"),
        ("angle", "361"),
        ("reach", "0.4"),
        ("reach", "2001"),
        ("masks", "9"),
        ("masks", "9..3"),
    ] {
        let got = manager.post(&views, &with(&view(&id), name, value)).await;
        assert_eq!(got.status, 400, "{name}={value}: {}", got.text);
        assert!(got.text.contains(&format!("id=\"{name}-error\"")), "{name}={value}");
    }
    assert_eq!(refusals(&server).await, 0);

    // It looks at the window: refused with the clause, the picture and what would hide it; nothing is stored, the refusal is in the log.
    let got = manager.post(&views, &view(&id)).await;
    assert_eq!(got.status, 403, "{}", got.text);
    for part in ["data-refused", "href=\"/law/A-14\"", "view-refused", "shape-met", "view-met", "三号楼东窗", "-3..3"]
    {
        assert!(got.text.contains(part), "{part}: {}", got.text);
    }
    assert_eq!(refusals(&server).await, 1);
    assert!(server.site.store().view_of_camera(CameraId::parse(&id).unwrap()).await.unwrap().is_none());
    let masks = got.text.split("data-masks>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(masks, "-3..3");

    // Turned away, or masked, it may hang there.
    assert_eq!(manager.post(&views, &with(&view(&id), "direction", "180")).await.status, 303);
    assert_eq!(manager.post(&views, &view(&id)).await.status, 403);
    // One home is no ground for a mask beside it.
    let beside = format!("{masks} 10..20");
    let got = manager.post(&views, &with(&view(&id), "masks", &beside)).await;
    assert!(got.status == 403 && got.text.contains("href=\"/law/799-23\""), "{}", got.text);
    assert_eq!(manager.post(&views, &with(&view(&id), "masks", &masks)).await.status, 303);
    let page = manager.get(&views).await.text;
    assert!(page.contains(&format!("data-look=\"{id}\"")) && page.contains("view-piece"), "{page}");
    assert!(!page.contains("shape-met") && !page.contains("view-met"));
    assert!(manager.get(&path).await.text.contains("view-piece"), "on the plan too");

    // Moved by its mark alone, the view moves too: nearer, the mask is too narrow.
    let mark = [("what", format!("camera:{id}")), ("x", "500".into()), ("y", "350".into())];
    let mark: Vec<(&str, &str)> = mark.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let got = manager.post(&format!("{path}/marks"), &mark).await;
    assert!(got.status == 403 && got.text.contains("A-14"), "{}", got.text);
    assert_eq!(refusals(&server).await, 3);

    // A door drawn later into the view is shown, and the camera's data are no longer changed without a mask.
    let door = with(&with(&WINDOW, "kind", "home_door"), "points", "400,300 420,300");
    assert_eq!(manager.post(&shapes, &door).await.status, 303);
    assert!(manager.get(&views).await.text.contains("shape-met"));
    let change =
        [("name", "东门一号机"), ("place", "A座/一层/东门"), ("place_kind", "lobby"), ("sign_date", "2025-01-01")];
    let got = manager.post(&format!("/devices/{id}"), &change).await;
    assert!(got.status == 403 && got.text.contains("A-14"), "{}", got.text);
    // Taken off by a version with a reason, it is met no more.
    let mut off = with(&door, "decision", "已拆除");
    off.extend([("number", "2"), ("end", "1")]);
    assert_eq!(manager.post(&shapes, &with(&off, "decision", "")).await.status, 400, "not without a reason");
    assert_eq!(manager.post(&shapes, &off).await.status, 303);
    assert!(!manager.get(&views).await.text.contains("shape-met"));
    // Another kind of place is another purpose: not without a reason.
    let got = manager.post(&format!("/devices/{id}"), &change).await;
    assert!(got.status == 403 && got.text.contains("799-23"), "{}", got.text);
    let mut said = change.to_vec();
    said.push(("why", "东门改作门厅"));
    assert_eq!(manager.post(&format!("/devices/{id}"), &said).await.status, 303);

    // What was typed stays in a form that is sent back.
    let long = "长".repeat(base::limits::NAME_CHARS + 1);
    let mut wrong = with(&change, "place", &long);
    wrong.extend([("why", "搬到门厅"), ("agreement", "公安函〔2026〕9号")]);
    let got = manager.post(&format!("/devices/{id}"), &wrong).await;
    assert_eq!(got.status, 400, "{}", got.text);
    assert!(
        got.text.contains("value=\"搬到门厅\"") && got.text.contains("value=\"公安函〔2026〕9号\""),
        "{}",
        got.text
    );

    // A mask over what nobody drew hinders the system for no reason.
    let idle = with(&with(&view(&id), "direction", "180"), "masks", "1..2");
    let got = manager.post(&views, &idle).await;
    assert!(got.status == 403 && got.text.contains("href=\"/law/799-23\""), "{}", got.text);

    // A plan with something on it stays.
    let got = manager.post(&format!("{path}/remove"), &[]).await;
    assert!(got.status == 409 && got.text.contains("视野"), "{}", got.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_in_a_drawn_public_area_is_asked_about_as_one_of_that_area() {
    for (jurisdiction, clause) in [(Jurisdiction::Liaoning, "A-9-1-1"), (Jurisdiction::Heilongjiang, "B-14-3")] {
        let server = server_in(jurisdiction).await;
        let mut manager = server.browser();
        manager.login("security_manager").await;
        let id = camera(&server).await.to_string();
        let path = plan(&server, &mut manager).await;
        let (views, shapes) = (format!("{path}/views"), format!("{path}/shapes"));
        for (name, value) in [
            ("kind", "area:lobby"),
            ("shape_name", ""),
            ("decision", ""),
            ("from", "x"),
            ("points", "1,1 2,2"),
            ("points", "1,1 9,9 9,1 1,9"),
            ("points", "1,1 9,9 1001,1"),
        ] {
            let got = manager.post(&shapes, &with(&SQUARE, name, value)).await;
            assert_eq!(got.status, 400, "{name}={value}");
            assert!(got.text.contains(&format!("id=\"{name}-error\"")), "{name}={value}");
        }
        let crossed = manager.post(&shapes, &with(&SQUARE, "points", "1,1 9,9 9,1 1,9")).await;
        assert!(crossed.text.contains("第 1 条边与第 3 条边相交"), "{}", crossed.text);
        assert_eq!(manager.post(&shapes, &SQUARE).await.status, 303);
        assert_eq!(manager.post(&shapes, &WINDOW).await.status, 303);
        let mut inside = with(&with(&view(&id), "x", "800"), "y", "900");
        let got = manager.post(&views, &inside).await;
        assert_eq!(got.status, 403, "{}", got.text);
        assert!(got.text.contains(&format!("href=\"/law/{clause}\"")) && got.text.contains("装在其中"), "{}", got.text);
        inside = with(&inside, "approval", "公批〔2026〕3号");
        let approved = manager.post(&views, &inside).await.status;
        assert_eq!(approved, if jurisdiction == Jurisdiction::Heilongjiang { 303 } else { 403 }, "B knows an approval");
        // Looking at the square from outside is no installation in it.
        let mut outside = with(&with(&view(&id), "y", "600"), "direction", "120");
        if jurisdiction == Jurisdiction::Heilongjiang {
            // It stood in the square: it leaves it for a reason, which the page then asks for.
            let got = manager.post(&views, &outside).await;
            assert!(got.status == 403 && got.text.contains("href=\"/law/B-24-1-1\""), "{}", got.text);
            assert!(got.text.contains("name=\"why\""), "{}", got.text);
            outside.extend([("why", "迁出广场"), ("agreement", "公安函〔2026〕3号")]);
        }
        assert_eq!(manager.post(&views, &outside).await.status, 303);
        assert!(manager.get(&views).await.text.contains("站前广场"));
        // What a home is, B does not say: it is shown all the same.
        let got = manager.post(&views, &view(&id)).await;
        assert_eq!(got.status, if jurisdiction == Jurisdiction::Heilongjiang { 303 } else { 403 });
        // A later version of the square holds from its day.
        let mut later = with(&with(&SQUARE, "points", "0,0 9,0 9,9"), "from", "2099-01-01");
        later.push(("number", "1"));
        assert_eq!(manager.post(&shapes, &later).await.status, 303);
        let page = manager.get(&views).await.text;
        assert!(page.contains("尚未开始") && page.contains("M700 700L1000 700"), "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_manages_devices_of_the_area_draws() {
    let server = server_in(Jurisdiction::Liaoning).await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    let id = camera(&server).await.to_string();
    let path = plan(&server, &mut manager).await;
    let mut watch = server.browser();
    watch.login("duty_officer").await;
    let page = watch.get(&format!("{path}/views")).await;
    assert!(page.status == 200 && !page.text.contains("view-form") && !page.text.contains("plan-views.js"));
    let mut police = server.browser();
    police.login("police_officer").await;
    assert_eq!(police.get(&format!("{path}/views")).await.status, 403);
    for who in [&mut watch, &mut police] {
        assert_eq!(who.post(&format!("{path}/views"), &view(&id)).await.status, 403);
        assert_eq!(who.post(&format!("{path}/width"), &[("width", "100")]).await.status, 403);
        assert_eq!(who.post(&format!("{path}/shapes"), &WINDOW).await.status, 403);
    }
    let admin = server.actor("security_administrator").await;
    let elsewhere = vec![AreaRight { area: "B座".into(), ..AreaRight::whole_site() }];
    server.site.set_area_rights(&admin, server.account("security_manager").await, elsewhere).await.unwrap();
    assert_eq!(manager.get(&format!("{path}/views")).await.status, 403);
    assert_eq!(manager.post(&format!("{path}/views"), &view(&id)).await.status, 403);
    assert_eq!(manager.post(&format!("{path}/shapes"), &WINDOW).await.status, 403);
    assert_eq!(manager.post(&format!("{path}/width"), &[("width", "100")]).await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kinds_of_place_are_listed_with_what_each_pack_says() {
    let server = server_in(Jurisdiction::Liaoning).await;
    let mut anyone = server.browser();
    anyone.login("duty_officer").await;
    let row = |text: &str, what: &str| {
        let (_, rest) = text.split_once(what).unwrap_or_else(|| panic!("no {what}"));
        rest.split("</tr>").next().unwrap_or_default().to_owned()
    };
    let page = anyone.get("/places").await.text;
    let guest = row(&page, "data-place=\"guest_room\"");
    assert!(guest.contains("/law/A-14") && guest.contains("/law/799-8") && guest.contains("禁止"), "{guest}");
    assert_eq!(page.matches("data-place=").count(), PlaceKind::ALL.len());
    assert_eq!(page.matches("data-category=\"a10_").count(), 10);
    assert!(row(&page, "data-category=\"a10_unknown_area\"").contains("所指不明"));
    assert!(row(&page, "data-category=\"a10_crowded_places\"").contains("data-fragment"));
    let before = anyone.get("/places?province=liaoning&on=2025-03-31").await.text;
    let guest = row(&before, "data-place=\"guest_room\"");
    assert!(guest.contains("/law/A-14") && !guest.contains("799-8"), "{guest}");
    let other = anyone.get("/places?province=heilongjiang").await.text;
    assert!(row(&other, "data-place=\"guest_room\"").contains("/law/B-15"));
    assert!(!other.contains("data-fragment"));
    let bad = anyone.get("/places?on=tomorrow").await;
    assert!(bad.status == 400 && bad.text.contains("error-summary"));
}
