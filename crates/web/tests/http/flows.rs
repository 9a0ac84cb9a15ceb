//! A whole way of working through the pages: one officer refused, two granted, signed in, viewing, export; and the log with proof.

use crate::harness::{Browser, PASSWORD, Server};
use site::devices::CameraForm;

async fn with_camera() -> (Server, String) {
    let server = Server::with_people().await;
    let manager = server.actor("security_manager").await;
    let form = CameraForm {
        name: "大堂".into(),
        place: "一层".into(),
        place_kind: law::PlaceKind::parse("lobby").unwrap(),
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: Some(server.site.now().utc),
        priority: 5,
        source: store::cameras::Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
        secret: None,
    };
    let id = server.site.add_camera(&manager, form).await.unwrap().id().to_string();
    (server, id)
}

/// Fills the form up to its check; gives the draft's id.
async fn fill(server: &Server, browser: &mut Browser<'_>, camera: &str, second: &str, letter: bool) -> String {
    browser.get("/use/new").await;
    let basis = [
        ("draft", ""),
        ("step", "basis"),
        ("basis", "criminal_investigation"),
        ("case_number", "受案〔2026〕7号"),
        ("unit", "示范市公安局"),
        ("purpose", "查明一起扒窃案"),
    ];
    let mut missing = basis;
    missing[3].1 = "";
    let got = browser.upload("/use/new", &missing).await;
    assert_eq!(got.status, 400);
    assert!(got.text.contains("查明一起扒窃案"), "nothing typed is lost");
    let got = browser.upload("/use/new", &basis).await;
    assert_eq!(got.status, 303, "{:.800}", got.text);
    let draft = got.place().split("draft=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let now = server.site.now().utc;
    let typed = |ms: i64| now.plus_ms(ms).desk().replace(' ', "T");
    let (from, to) = (typed(-1_200_000), typed(-600_000));
    browser.get(got.place()).await;
    let scope = [
        ("draft", draft.as_str()),
        ("step", "scope"),
        ("camera", camera),
        ("from", &from),
        ("to", &to),
        ("want_copy", "1"),
    ];
    let mut backwards = scope;
    (backwards[3].1, backwards[4].1) = (&to, &from);
    assert_eq!(browser.upload("/use/new", &backwards).await.status, 400);
    let got = browser.upload("/use/new", &scope).await;
    assert_eq!(got.status, 303, "{:.800}", got.text);
    browser.get(got.place()).await;
    let mut papers = vec![
        ("draft", draft.as_str()),
        ("step", "papers"),
        ("badge", "010001"),
        ("second_officer", second),
        ("second_badge", ""),
        ("letter_number", "介字7号"),
    ];
    if letter {
        papers.push(("@letter", "%PDF-1.4 sample"));
    }
    let got = browser.upload("/use/new", &papers).await;
    assert_eq!(got.status, 303, "{:.800}", got.text);
    let page = browser.get(got.place()).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("大堂") && page.text.contains("受案〔2026〕7号"));
    draft
}

#[tokio::test]
async fn two_officers_obtain_what_one_cannot() {
    let (server, camera) = with_camera().await;
    let mut officer = server.browser();
    officer.login("police_officer").await;

    let draft = fill(&server, &mut officer, &camera, "", true).await;
    let got = officer.post("/use/new/check", &[("draft", &draft)]).await;
    assert_eq!(got.status, 403);
    assert!(got.text.contains("/law/B-28-1-1"), "the clause is linked");
    let got = officer.get("/use").await;
    assert!(!got.text.contains("受案〔2026〕7号"), "what the law refuses is not stored");

    let draft = fill(&server, &mut officer, &camera, "officer2", true).await;
    let got = officer.post("/use/new/check", &[("draft", &draft)]).await;
    assert_eq!(got.status, 303, "{:.1200}", got.text);
    let request = got.place().to_owned();
    let page = officer.get(&request).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("介字7号 letter.pdf"));
    assert_eq!(officer.post("/use/new/check", &[("draft", &draft)]).await.status, 404, "sent once");

    // The officer cannot decide; another officer who is not named cannot see; the custodian decides.
    assert_eq!(
        officer.post(&format!("{request}/decide"), &[("decision", "approve"), ("end_hours", "24")]).await.status,
        403
    );
    assert_eq!(officer.get(&format!("{request}/signin")).await.status, 409, "not granted yet");
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    assert!(custodian.get("/use").await.text.contains("受案〔2026〕7号"));
    let page = custodian.get(&request).await;
    let letter =
        page.text.split("href=\"").find(|t| t.contains("/papers/")).unwrap().split('"').next().unwrap().to_owned();
    let paper = custodian.get(&letter).await;
    assert_eq!(
        (paper.status.as_u16(), paper.header("content-type"), paper.text.as_str()),
        (200, "application/pdf", "%PDF-1.4 sample")
    );
    let place = paper.header("content-disposition");
    assert!(place.starts_with("attachment; filename=\"letter-") && place.ends_with(".pdf\""), "{place}");
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    assert_eq!(auditor.get(&letter).await.text, "%PDF-1.4 sample", "the auditor opens it too");
    assert_eq!(auditor.get(&letter.replace("/papers/", "/papers/0")).await.status, 404);
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get(&letter).await.status, 403);
    assert!(!manager.get(&request).await.text.contains("/papers/"), "and is shown no link");
    let opened = store::logbook::ActFilter { kind: Some("paper.opened".into()), ..Default::default() };
    assert_eq!(server.site.store().acts(&opened, 9).await.unwrap().len(), 2, "each opening is an entry");
    assert_eq!(
        custodian.post(&format!("{request}/decide"), &[("decision", "refuse"), ("reason", "")]).await.status,
        400
    );
    assert_eq!(
        custodian.post(&format!("{request}/decide"), &[("decision", "approve"), ("end_hours", "0")]).await.status,
        400
    );
    assert_eq!(
        custodian.post(&format!("{request}/decide"), &[("decision", "approve"), ("end_hours", "24")]).await.status,
        303
    );
    let again = custodian.post(&format!("{request}/decide"), &[("decision", "refuse"), ("reason", "x")]).await;
    assert_eq!(again.status, 409, "the second tab is told that it is decided");

    let mut before = server.browser();
    before.login("police_officer").await;
    sign_in_both(&mut officer, &request).await;
    let view = officer.get(&format!("{request}/view")).await;
    assert_eq!(view.status, 200, "{:.800}", view.text);
    assert!(view.text.contains("data-watermark=\"") && view.text.contains("010002"));
    let id = request.strip_prefix("/use/").unwrap();
    let (from, to) = range_of(&view.text);
    let play =
        |from: i64, to: i64, id: &str| format!("/api/v1/cameras/{camera}/play.json?from={from}&to={to}&use={id}");
    assert_eq!(officer.get(&play(from, to, id)).await.status, 200);
    let outside = officer.get(&play(from - 1, to, id)).await;
    assert_eq!((outside.status.as_u16(), outside.json()["code"].as_str()), (403, Some("outside_scope")));
    let staff = custodian.get(&play(from, to, id)).await;
    assert_eq!(staff.status, 403, "a custodian is no officer");
    let mut second = server.browser();
    second.login("officer2").await;
    assert_ne!(
        second.get(&play(from, to, id)).await.status,
        200,
        "the session runs in the first officer's browser only"
    );

    let mut alone = server.browser();
    alone.login("police_officer").await;
    // Signed in alone at another place, after the two or before them.
    for elsewhere in [&mut alone, &mut before] {
        let got = elsewhere.get(&play(from, to, id)).await;
        assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (403, Some("other_browser")));
    }
    assert_eq!(alone.get(&format!("{request}/view")).await.place(), format!("{request}/signin"));
    assert_eq!(alone.post(&format!("{request}/start"), &[]).await.place(), format!("{request}/signin"));
    assert_eq!(alone.post(&format!("{request}/export"), &[]).await.status, 403);

    exports(&server, &mut officer, &mut custodian, &request, &camera).await;
    assert_eq!(officer.post(&format!("{request}/end"), &[]).await.status, 303);
    assert_eq!(officer.get(&format!("{request}/view")).await.place(), format!("{request}/signin"));
    assert_ne!(officer.get(&play(from, to, id)).await.status, 200);

    let register = auditor.get("/register").await;
    assert!(register.text.contains("010001") && register.text.contains("双人登录"));
    assert!(register.text.contains("介字7号 letter.pdf") && register.text.contains("/papers/"), "the letter is linked");
    assert!(!manager.get("/register").await.text.contains("/papers/"));
    lists(&server, &mut auditor, &camera).await;
    assert!(custodian.get(&request).await.text.contains("/close\""));
    assert_eq!(custodian.post(&format!("{request}/close"), &[]).await.status, 303);
    assert!(custodian.get(&request).await.text.contains("/release\""));
    assert_eq!(custodian.post(&format!("{request}/release"), &[("reason", "案件已结")]).await.status, 303);
    assert!(!custodian.get(&request).await.text.contains("/release\""));
}

/// The copy: a second click is the first one, a part of its own, the custodian's removal.
async fn exports(server: &Server, officer: &mut Browser<'_>, custodian: &mut Browser<'_>, request: &str, camera: &str) {
    let path = format!("{request}/export");
    let page = officer.get(&path).await;
    assert!(page.text.contains("sha256sum FILE") && page.text.contains("openssl dgst -sm3 FILE"));
    let first = officer.post(&path, &[]).await;
    assert_eq!(first.status, 303, "{:.600}", first.text);
    assert_eq!(officer.post(&path, &[]).await.place(), first.place(), "a second click leads to the first");
    // The part as its form sends it is the same scope.
    let (from, to) = range_of(&officer.get(&format!("{request}/view")).await.text);
    let (from, to) = (from.to_string(), to.to_string());
    let part = [("camera", camera), ("from", from.as_str()), ("to", to.as_str())];
    assert_eq!(officer.post(&path, &part).await.place(), first.place());
    let own = (from.parse::<i64>().unwrap() + 1_000).to_string();
    let got = officer.post(&path, &[("camera", camera), ("from", own.as_str()), ("to", &to)]).await;
    assert!(got.status == 303 && got.place() != first.place());
    let before = (from.parse::<i64>().unwrap() - 1).to_string();
    for (case, bad, status) in [
        ("before the grant", [("camera", camera), ("from", before.as_str()), ("to", to.as_str())], 403),
        ("backwards", [("camera", camera), ("from", to.as_str()), ("to", from.as_str())], 400),
        ("no camera of ours", [("camera", "x"), ("from", from.as_str()), ("to", to.as_str())], 400),
        ("another camera", [("camera", "0190a1b2-0000-7000-8000-000000000000"), ("from", &from), ("to", &to)], 403),
        ("no time", [("camera", camera), ("from", ""), ("to", "1")], 400),
    ] {
        assert_eq!(officer.post(&path, &bad).await.status, status, "{case}");
    }
    // A range chosen on the timeline is there to be clicked; one beyond the grant is cut to it.
    let page = officer.get(&format!("{path}?camera={camera}&from={before}&to={to}")).await;
    assert!(page.text.contains("id=\"own\"") && page.text.contains(&format!("name=\"from\" value=\"{from}\"")));
    assert_eq!(custodian.get(&path).await.status, 200, "the custodian sees the parts");
    assert_eq!(custodian.post(&path, &[]).await.status, 403, "and makes none");
    let id = first.place().split("export=").nth(1).unwrap().to_owned();
    let store = server.site.store();
    let row = store.export(base::ExportId::parse(&id).unwrap()).await.unwrap().unwrap();
    // No loop runs in this server: the row is put to done by hand, as the loop would.
    store
        .set_export(&store::exports::ExportRow {
            state: "done".into(),
            bytes: 3,
            sha256: "ab".repeat(32),
            sm3: "cd".repeat(32),
            ..row.clone()
        })
        .await
        .unwrap();
    std::fs::write(store.data().join(&row.path), b"zip").unwrap();
    let shown = custodian.get(first.place()).await;
    assert!(shown.text.contains(&"ab".repeat(32)) && shown.text.contains(&"cd".repeat(32)));
    assert!(shown.text.contains("/remove\""));
    assert!(!officer.get(first.place()).await.text.contains("/remove\""));
    let remove = format!("{request}/exports/{id}/remove");
    assert_eq!(officer.post(&remove, &[("reason", "x")]).await.status, 403);
    assert_eq!(
        custodian.post(&remove.replace(&id, "0190a1b2-0000-7000-8000-000000000000"), &[("reason", "x")]).await.status,
        404
    );
    let got = custodian.post(&remove, &[("reason", " ")]).await;
    assert!(got.status == 400 && got.text.contains("清除证据包须写明理由"), "{:.300}", got.text);
    assert_eq!(custodian.get(&format!("{request}/exports/{id}")).await.text, "zip");
    assert_eq!(custodian.post(&remove, &[("reason", "范围有误")]).await.status, 303);
    assert_eq!(custodian.post(&remove, &[("reason", "再来")]).await.status, 409);
    let shown = officer.get(first.place()).await;
    assert!(shown.text.contains("范围有误") && shown.text.contains("重新制作"), "{:.300}", shown.text);
    assert_eq!(officer.get(&format!("{request}/exports/{id}")).await.status, 404);
    assert_eq!(officer.get(&format!("/api/v1/exports/{id}")).await.json()["state"], "removed");
    assert_ne!(officer.post(&path, &[]).await.place(), first.place(), "it can be made again");
}

/// Lists narrowed by each of their filters, and only to what fits.
async fn lists(server: &Server, auditor: &mut Browser<'_>, camera: &str) {
    let (one, other) = (server.account("police_officer").await, server.account("administrator").await);
    let today = server.site.now().utc.shanghai_date();
    let tomorrow = today.plus_days(1);
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let fits = [
        format!("officer={one}"),
        format!("unit={}", escaped("示范")),
        format!("case={}", escaped("7号")),
        format!("camera={camera}"),
        format!("from={today}&to={today}"),
    ];
    let misses = [
        format!("officer={other}"),
        "unit=ABC".to_owned(),
        "case=8".to_owned(),
        "camera=0190a1b2-0000-7000-8000-000000000000".to_owned(),
        format!("from={tomorrow}"),
    ];
    for (path, mark) in [("/use?state=granted&", "受案〔2026〕7号"), ("/register?", "介字7号")] {
        for filter in &fits {
            // Viewings name their camera; sessions do not.
            let page = auditor.get(&format!("{path}{filter}")).await;
            let empty_is_right = path.starts_with("/register") && filter.starts_with("camera");
            assert!(page.text.contains(mark) || empty_is_right, "{path}{filter}");
        }
        for filter in &misses {
            let page = auditor.get(&format!("{path}{filter}")).await;
            assert!(page.status == 200 && !page.text.contains(mark), "{path}{filter}");
        }
    }
    assert!(!auditor.get("/use?state=refused").await.text.contains("受案〔2026〕7号"));
    for broken in
        ["/use?before=x", "/use?before=1_x", "/register?before=-1_0", "/use?from=2026-99-99&camera=x&officer=y"]
    {
        assert_eq!(auditor.get(broken).await.status, 200, "{broken}");
    }
}

fn range_of(page: &str) -> (i64, i64) {
    let of = |name: &str| page.split(name).nth(1).unwrap().split('"').nth(1).unwrap().parse().unwrap();
    (of("data-from="), of("data-to="))
}

async fn sign_in_both(officer: &mut Browser<'_>, request: &str) {
    let path = format!("{request}/signin");
    let sign = |slot: &'static str, login: &'static str, password: &'static str, badge: &'static str| {
        [("slot", slot), ("login", login), ("password", password), ("badge", badge)]
    };
    officer.get(&path).await;
    let early = officer.post(&path, &sign("2", "officer2", PASSWORD, "010002")).await;
    assert_eq!(early.status, 400, "the first officer first");
    for (case, bad) in [
        ("not the one signed in", sign("1", "officer2", PASSWORD, "010002")),
        ("wrong password", sign("1", "police_officer", "wrong", "010001")),
        ("wrong badge", sign("1", "police_officer", PASSWORD, "999999")),
    ] {
        assert_eq!(officer.post(&path, &bad).await.status, 400, "{case}");
    }
    assert_eq!(officer.post(&path, &sign("1", "police_officer", PASSWORD, "010001")).await.status, 303);
    assert_eq!(officer.get(&format!("{request}/view")).await.place(), path, "one officer sees nothing");
    let twice = officer.post(&path, &sign("2", "police_officer", PASSWORD, "010001")).await;
    assert_eq!(twice.status, 403, "the same officer twice is one officer");
    assert_eq!(officer.post(&path, &sign("2", "officer2", PASSWORD, "010001")).await.status, 400, "another's badge");
    assert_eq!(officer.post(&path, &sign("2", "officer2", PASSWORD, "010002")).await.status, 303);
    assert!(officer.get(&path).await.text.contains("李警官"));
    assert_eq!(officer.post(&format!("{request}/start"), &[]).await.place(), format!("{request}/view"));
}

#[tokio::test]
async fn the_log_proves_its_entries() {
    let (server, _) = with_camera().await;
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    let list = auditor.get("/log").await;
    assert!(list.text.contains("大堂"));
    assert!(auditor.get("/log?act=camera.&outcome=allowed&who=大堂").await.text.contains("/log/"));
    let newest = server.site.store().acts(&Default::default(), 1).await.unwrap()[0].idx;
    let page = auditor.get(&format!("/log/{newest}")).await;
    assert_eq!(page.status, 200, "{:.600}", page.text);
    assert!(page.text.contains("已复算，成立"));
    let proof = auditor.get(&format!("/log/{newest}/proof")).await.text;
    let entry = auditor.get(&format!("/log/{newest}/entry")).await.text;
    let key = auditor.get("/ledger/key.pub").await.text;
    let verifier = ledger::LogVerifier::new(&ledger::Vkey::parse(key.trim()).unwrap());
    assert!(verifier.check_file(proof.as_bytes(), entry.as_bytes()).is_ok());
    assert!(verifier.check_file(proof.as_bytes(), entry.replace("account", "accoumt").as_bytes()).is_err());
    let api = auditor.get(&format!("/api/v1/log/{newest}")).await.json();
    assert_eq!(api["proof"]["tlog_proof"], proof);
    assert!(auditor.get("/log/checkpoint").await.text.starts_with("jifang/"));
    let clause = auditor.get("/law/B-28-1-1").await;
    assert_eq!(clause.status, 200);
    assert!(clause.text.contains("B-28-1-1"));
    for part in ["B-28-1", "B-28"] {
        let article = auditor.get(&format!("/law/{part}?on=2026-03-02")).await;
        assert_eq!((article.status.as_u16(), article.place()), (303, "/law/packs/B?on=2026-03-02#art-28"), "{part}");
    }
    assert!(auditor.get("/law/packs/B?on=2026-03-02").await.text.contains("id=\"art-28\""));
    let none = auditor.get("/law/B-280").await;
    assert!(none.status == 404 && none.text.contains("B-28-1-1"), "{:.600}", none.text);
}

#[tokio::test]
async fn every_page_answers_for_whoever_may_see_it() {
    let (server, camera) = with_camera().await;
    for login in
        ["duty_officer", "security_manager", "information_custodian", "police_officer", "administrator", "auditor"]
    {
        let mut browser = server.browser();
        browser.login(login).await;
        let device = format!("/devices/{camera}");
        for lang in ["zh", "en"] {
            browser.get(&format!("/lang/{lang}?back=/")).await;
            for path in [
                "/welcome",
                "/desk",
                "/playback",
                "/use",
                "/register",
                "/devices",
                "/devices/new",
                "/panels",
                "/panels/new",
                &device,
                "/storage",
                "/log",
                "/account",
                "/accounts",
                "/law/B-25-1",
                "/law",
                "/law?q=%E7%95%99%E5%AD%98&on=2013-05-01",
                "/law/packs/A",
                "/law/coverage?status=gap",
                "/law/findings",
                "/law/readings",
                "/offers",
            ] {
                let got = browser.get(path).await;
                assert!(got.status == 200 || got.status == 403, "{login} {path}: {} {:.400}", got.status, got.text);
            }
        }
        let home = browser.get("/").await;
        assert_eq!(browser.get(home.place()).await.status, 200, "{login} starts at {}", home.place());
    }
}

#[tokio::test]
async fn acts_on_a_range_are_refused_where_they_should_be() {
    use crate::harness::Sent;
    use axum::http::Method;
    let (server, camera) = with_camera().await;
    let now = server.site.now().utc.0;
    let body = |from: i64, to: i64, reason: &str| {
        serde_json::json!({ "camera": camera, "from": from, "to": to, "reason": reason }).to_string()
    };
    let send = async |login: &str, method: Method, path: &str, body: String| {
        let (cookie, csrf) = server.session(login).await;
        let sent = Sent { method, body: body.into(), ..Sent::get(path) };
        let got = server.send(sent.with("cookie", cookie).with("x-csrf", csrf)).await;
        (got.status.as_u16(), got.json())
    };
    let bookmarks = "/api/v1/bookmarks";
    let good = body(now - 60_000, now - 50_000, "红衣男子");
    for login in ["police_officer", "administrator", "auditor"] {
        assert_eq!(send(login, Method::POST, bookmarks, good.clone()).await.0, 403, "{login}");
    }
    let (status, made) = send("duty_officer", Method::POST, bookmarks, good.clone()).await;
    assert_eq!(status, 201, "{made}");
    for (case, bad, code) in [
        ("nothing", String::new(), "malformed"),
        ("no JSON", "x".into(), "malformed"),
        ("another field", good.replace('}', ",\"x\":1}"), "malformed"),
        ("backwards", body(9, 8, "x"), "malformed"),
        ("negative", body(-1, 8, "x"), "malformed"),
        ("far away", body(1, i64::MAX, "x"), "malformed"),
        ("too long", body(now - 90_000_000, now - 1_000, "x"), "range"),
        ("no note", body(now - 60_000, now - 50_000, " "), "note"),
    ] {
        let (status, said) = send("duty_officer", Method::POST, bookmarks, bad).await;
        assert_eq!((status, said["code"].as_str()), (400, Some(code)), "{case}");
    }
    let mark = format!("{bookmarks}/{}", made["id"].as_str().unwrap());
    let line = format!("/api/v1/cameras/{camera}/timeline?from={}&to={now}", now - 3_600_000);
    let (_, seen) = send("duty_officer", Method::GET, &line, String::new()).await;
    let event = &seen["events"][0];
    assert_eq!(
        (event["kind"].as_str(), event["zh"].as_str(), event["at"].as_i64()),
        (Some("bookmark"), Some("红衣男子"), Some(now - 60_000))
    );
    assert_eq!(event["id"], made["id"]);
    for (login, want) in
        [("police_officer", 403), ("auditor", 403), ("information_custodian", 200), ("duty_officer", 404)]
    {
        assert_eq!(send(login, Method::DELETE, &mark, String::new()).await.0, want, "{login}");
    }
    assert_eq!(send("duty_officer", Method::DELETE, &format!("{bookmarks}/x"), String::new()).await.0, 404);
    let (_, seen) = send("duty_officer", Method::GET, &line, String::new()).await;
    assert_eq!(seen["events"], serde_json::json!([]));

    let holds = "/api/v1/holds";
    for login in ["duty_officer", "security_manager", "police_officer", "administrator", "auditor"] {
        assert_eq!(send(login, Method::POST, holds, good.clone()).await.0, 403, "{login}");
    }
    let (status, said) = send("information_custodian", Method::POST, holds, good.clone()).await;
    assert_eq!((status, said["code"].as_str()), (404, Some("no_footage")), "this camera recorded nothing");
    let (status, said) =
        send("information_custodian", Method::POST, holds, body(now - 60_000, now + 60_000, "x")).await;
    assert_eq!((status, said["code"].as_str()), (400, Some("range")));
    let release = format!("{holds}/0190a1b2-0000-7000-8000-000000000000/release");
    let why = serde_json::json!({ "reason": "了结" }).to_string();
    for (login, want) in [("duty_officer", 403), ("security_manager", 403), ("information_custodian", 404)] {
        assert_eq!(send(login, Method::POST, &release, why.clone()).await.0, want, "{login}");
    }
    assert_eq!(send("information_custodian", Method::POST, &release, "{}".into()).await.0, 400);
}
