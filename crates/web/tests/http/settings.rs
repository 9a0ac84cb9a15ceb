//! Settings of the site as the administrator meets them; and what pages say while a camera is added or checked.

use crate::harness::{Sent, Server};
use axum::http::Method;
use site::devices::CameraForm;

fn form<'a>(name: &'a str, address: &'a str, province: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("site_name", name), ("address", address), ("jurisdiction", province), ("special_trade", "")]
}

/// The value of a hidden field.
fn hidden(text: &str, name: &str) -> String {
    let at =
        text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name} in {text:.2000}"));
    at.split('"').next().unwrap().to_owned()
}

fn lobby(sign: bool) -> CameraForm {
    CameraForm {
        name: "大堂".into(),
        place: "一层".into(),
        place_kind: law::PlaceKind::Lobby,
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: sign.then_some(base::UtcMs(1_000)),
        priority: 5,
        source: store::cameras::Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
        secret: None,
    }
}

#[tokio::test]
async fn a_change_is_shown_confirmed_saved_and_logged() {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    server.site.add_camera(&manager, lobby(true)).await.unwrap();
    let mut admin = server.browser();
    admin.login("administrator").await;
    let page = admin.get("/settings").await;
    assert!(
        page.status == 200 && page.text.contains("示范酒店") && page.text.contains("录像保存 30 天"),
        "{:.3000}",
        page.text
    );
    let mut fields = form("示范大酒店", "哈尔滨市中央大街1号", "heilongjiang");
    fields.push(("trait", "counter_terror"));
    let check = admin.post("/settings/check", &fields).await;
    assert_eq!(check.status, 200, "{:.600}", check.text);
    assert!(
        check.text.contains("30 天") && check.text.contains("90 天") && check.text.contains("/law/CT-32"),
        "days and clause"
    );
    assert_eq!(server.site.profile().name, "示范酒店", "nothing is changed before the person confirms");
    let was = hidden(&check.text, "was");
    fields.push(("was", &was));
    let back = admin.post("/settings/edit", &fields).await;
    assert!(back.text.contains("value=\"示范大酒店\""), "what was typed is kept on the way back");
    let saved = admin.post("/settings/save", &fields).await;
    assert_eq!((saved.status.as_u16(), saved.place()), (303, "/settings"), "{:.600}", saved.text);
    let profile = server.site.profile();
    assert_eq!(profile.place(), "黑龙江省哈尔滨市中央大街1号");
    assert!(profile.law.counter_terror_key_target);
    assert!(server.get("/login", "").await.text.contains("黑龙江省哈尔滨市中央大街1号"), "pages carry the address");
    // The other administrator's confirmation is of settings that are gone.
    let stale = admin.post("/settings/save", &fields).await;
    assert!(stale.status == 409 && stale.text.contains("settings_moved_on"), "{}", stale.status);
    let (auditor, _) = server.session("auditor").await;
    let acts = server.site.store().acts(&Default::default(), 20).await.unwrap();
    let index = acts.iter().find(|a| a.kind == "settings.changed" && a.account.is_some()).unwrap().idx;
    let entry = server.get(&format!("/log/{index}"), &auditor).await;
    for words in ["原来 · 地址", "现在 · 反恐重点目标", "黑龙江省", "修改场所设置"] {
        assert!(entry.text.contains(words), "{words} in {:.4000}", entry.text);
    }
}

#[tokio::test]
async fn settings_that_cannot_be_are_told_in_the_form() {
    let server = Server::with_people().await;
    let mut admin = server.browser();
    admin.login("administrator").await;
    for path in ["/settings/check", "/settings/save"] {
        for (fields, words) in [
            (form("", "x", "heilongjiang"), "请填写场所名称"),
            (form("x", "y", "moon"), "请选择所在省份"),
            (form("x", &"路".repeat(201), "heilongjiang"), "地址不超过200字"),
        ] {
            let got = admin.post(path, &fields).await;
            assert!(got.status == 400 && got.text.contains(words), "{path} {} {words}", got.status);
        }
    }
    let same = server.site.profile();
    let got = admin.post("/settings/check", &form(&same.name, "", "heilongjiang")).await;
    assert!(got.text.contains("没有改动"), "{:.600}", got.text);
}

#[tokio::test]
async fn the_law_answers_before_a_camera_is_added_also_without_scripts() {
    let server = Server::with_people().await;
    let (cookie, csrf) = server.session("security_manager").await;
    let ask = |kind: &'static str, more: &'static [(&'static str, &'static str)]| {
        let mut fields = vec![("csrf", csrf.as_str()), ("ask", "1"), ("place_kind", kind), ("name", "甲")];
        fields.extend_from_slice(more);
        server.send(Sent::form("/devices/new", &fields).with("cookie", cookie.clone()))
    };
    let room = ask("changing_room", &[]).await;
    assert!(
        room.status == 200 && room.text.contains("法律不允许装在这里") && room.text.contains("/law/B-15"),
        "{}",
        room.status
    );
    assert!(room.text.contains("value=\"甲\""), "what was typed is kept");
    let lobby = ask("lobby", &[]).await;
    assert!(lobby.text.contains("法律允许，要求如下") && lobby.text.contains("录像保存 30 天"), "{:.200}", lobby.text);
    assert!(lobby.text.contains("标识"), "the sign that is due");
    assert_eq!(ask("", &[]).await.status, 200);
    assert!(server.site.cameras().is_empty(), "nothing was added");
    let said = server.get("/api/v1/placement?place_kind=lobby", &cookie).await.json();
    assert_eq!((said["keep_days"].as_u64(), said["allow"].as_bool()), (Some(30), Some(true)));
    assert!(said["duties"].as_array().is_some_and(|d| !d.is_empty()));
}

#[tokio::test]
async fn a_check_runs_and_ends_in_words() {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    let id = server.site.add_camera(&manager, lobby(true)).await.unwrap().id();
    let (cookie, csrf) = server.session("security_manager").await;
    let (duty, duty_csrf) = server.session("duty_officer").await;
    let path = format!("/devices/{id}/diagnose");
    let press =
        |cookie: String, csrf: String| server.send(Sent::form(&path, &[]).with("cookie", cookie).with("x-csrf", csrf));
    assert_eq!(press(duty.clone(), duty_csrf).await.status, 403);
    let got = press(cookie.clone(), csrf.clone()).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, format!("/devices/{id}#check").as_str()));
    let api = format!("/api/v1/cameras/{id}/diagnosis");
    for _ in 0..1_200 {
        let said = server.get(&api, &duty).await.json();
        assert_eq!(said["steps"].as_array().map(Vec::len), Some(4));
        if said["probe"]["running"] == false {
            // Port 1 of this machine refuses: a result at once, in words.
            assert!(said["probe"]["what"]["zh"].as_str().unwrap().contains("检查完成，仍无图像"), "{said}");
            assert!(!said["probe"]["next"]["en"].as_str().unwrap().is_empty());
            let page = server.get(&format!("/devices/{id}"), &cookie).await;
            assert!(page.text.contains("检查完成，仍无图像"));
            // A second one a moment later is not begun: cameras lock out who knocks often.
            assert_eq!(press(cookie, csrf).await.status, 303);
            assert_eq!(server.get(&api, &duty).await.json()["probe"]["running"], false);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the check never ended");
}

#[tokio::test]
async fn a_deletion_needs_a_reason() {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    let id = server.site.add_camera(&manager, lobby(true)).await.unwrap().id();
    let (cookie, csrf) = server.session("security_manager").await;
    let body = format!(r#"{{"camera":"{id}","from":1000,"to":2000}}"#);
    let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get("/api/v1/deletions") };
    let got = server.send(sent.with("cookie", cookie).with("x-csrf", csrf)).await;
    assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (400, Some("reason")));
}

#[tokio::test]
async fn the_support_file_is_the_administrators_logged_first_and_names_nobody() {
    let options = jifang_web::Options {
        configuration:
            "data = \"/srv/zhang-san\"\ndatabase_url = \"postgres://jifang:geheim@db.example/x\"\nlog = \"info\"\n"
                .into(),
        ..jifang_web::Options::default()
    };
    let server = Server::start(options).await;
    server.people().await;
    for login in ["security_manager", "security_administrator", "auditor", "police_duty"] {
        let mut who = server.browser();
        who.login(login).await;
        assert_eq!(who.post("/settings/support", &[]).await.status, 403, "{login}");
    }
    assert_eq!(server.send(Sent::form("/settings/support", &[])).await.status, 303, "nobody is sent to sign in");
    let taken =
        |acts: Vec<store::logbook::ActRow>| acts.into_iter().filter(|a| a.kind == "support.taken").collect::<Vec<_>>();
    assert!(taken(server.site.store().acts(&Default::default(), 100).await.unwrap()).is_empty());
    let mut admin = server.browser();
    admin.login("administrator").await;
    for lang in ["zh", "en"] {
        admin.cookies.insert("lang".into(), lang.into());
        let page = admin.get("/settings").await;
        assert!(
            page.text.contains("action=\"/settings/support\"")
                && page.text.contains(if lang == "zh" { "支持文件" } else { "Support file" })
        );
    }
    server.site.store().flush_ledger().await.unwrap();
    let got = admin.post("/settings/support", &[]).await;
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "text/plain; charset=utf-8"), "{}", got.text);
    let name = got.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"jifang-support-2") && name.ends_with(".txt\""), "{name}");
    // One of each role, and a second officer.
    let accounts = format!("account {}", domain::access::Role::ALL.len() + 1);
    for part in
        ["== program ==\njifang ", "== health ==\nHTTP/1.1 200", "log = \"info\"", &accounts, "== ledger ==\nentries "]
    {
        assert!(got.text.contains(part), "{part} in {}", got.text);
    }
    for secret in [
        "zhang",
        "geheim",
        "db.example",
        "police_officer",
        "officer2",
        "李警官",
        "管理员",
        "010002",
        "argon2id",
        crate::harness::PASSWORD,
    ] {
        assert!(!got.text.contains(secret), "`{secret}` is in the file");
    }
    server.site.store().flush_ledger().await.unwrap();
    let acts = taken(server.site.store().acts(&Default::default(), 100).await.unwrap());
    let entry = server.site.store().ledger().entry(acts[0].idx).unwrap().parse().unwrap();
    let digest = base::Sha256::of(got.text.as_bytes());
    assert_eq!((acts.len(), &entry.body["sha256"]), (1, &serde_json::json!(digest)), "which file left is on record");
    assert_eq!(acts[0].account, Some(server.account("administrator").await));
    // A few in a row, then no more for a while; what is refused is not entered.
    for _ in 0..2 {
        assert_eq!(admin.post("/settings/support", &[]).await.status, 200);
    }
    let refused = admin.post("/settings/support", &[]).await;
    assert!(refused.status == 429 && refused.text.contains("Try again in ten minutes"), "{}", refused.status);
    assert_eq!(taken(server.site.store().acts(&Default::default(), 100).await.unwrap()).len(), 3);
}

#[tokio::test]
async fn a_platforms_form_keeps_what_was_typed_and_says_what_is_wrong() {
    let server = Server::with_people().await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    let mut fields = vec![
        ("name", "市局<b>专网"),
        ("organ", "police"),
        ("need", "第12号"),
        ("platform", "23010000002000000009"),
        ("address", "10.1.2.3"),
        ("own", "23010000002000000001"),
        ("username", ""),
        ("password", "geheim-word"),
        ("transport", "tcp"),
        ("charset", "gb2312"),
        ("expires_s", "3600"),
        ("keepalive_s", "often"),
        ("enabled", "1"),
    ];
    for (lang, address, keepalive) in [
        ("zh", "地址须形如 10.1.2.3:5060", "心跳周期须为10至600秒"),
        ("en", "The address looks like 10.1.2.3:5060", "The keepalive interval is 10 to 600 s"),
    ] {
        manager.cookies.insert("lang".into(), lang.into());
        manager.get("/platforms/new").await;
        fields[4].1 = "10.1.2.3";
        let got = manager.post("/platforms/new", &fields).await;
        assert!(got.status == 400 && got.text.contains(address), "{lang}: {}", got.text);
        for kept in [
            "value=\"市局&#60;b&#62;专网\"",
            "value=\"10.1.2.3\"",
            "value=\"3600\"",
            "value=\"often\"",
            "value=\"第12号\"",
        ] {
            assert!(got.text.contains(kept), "{lang}: {kept} is not kept");
        }
        assert!(!got.text.contains("geheim-word"), "a password is never sent back");
        fields[4].1 = "10.1.2.3:5060";
        let got = manager.post("/platforms/new", &fields).await;
        assert!(got.status == 400 && got.text.contains(keepalive) && got.text.contains("value=\"often\""), "{lang}");
    }
    assert!(server.site.store().uppers().await.unwrap().is_empty(), "nothing was stored");
    let mut duty = server.browser();
    duty.login("duty_officer").await;
    assert_eq!(duty.get("/platforms/new").await.status, 403);
    assert_eq!(duty.post("/platforms/new", &fields).await.status, 403);
}
