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
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    assert_eq!(auditor.get(&letter).await.status, 403);
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
    let got = alone.get(&play(from, to, id)).await;
    assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (403, Some("other_browser")));
    assert_eq!(alone.get(&format!("{request}/view")).await.place(), format!("{request}/signin"));
    assert_eq!(alone.post(&format!("{request}/start"), &[]).await.place(), format!("{request}/signin"));
    assert_eq!(alone.post(&format!("{request}/export"), &[]).await.status, 403);

    let got = officer.post(&format!("{request}/export"), &[]).await;
    assert!(got.status == 303 || got.status.is_client_error() || got.status == 503, "{}", got.status);
    assert_eq!(officer.get(&format!("{request}/export")).await.status, 200);
    assert_eq!(officer.post(&format!("{request}/end"), &[]).await.status, 303);
    assert_eq!(officer.get(&format!("{request}/view")).await.place(), format!("{request}/signin"));
    assert_ne!(officer.get(&play(from, to, id)).await.status, 200);

    let register = auditor.get("/register").await;
    assert!(register.text.contains("010001") && register.text.contains("双人登录"));
    assert!(custodian.get(&request).await.text.contains("/close\""));
    assert_eq!(custodian.post(&format!("{request}/close"), &[]).await.status, 303);
    assert!(custodian.get(&request).await.text.contains("/release\""));
    assert_eq!(custodian.post(&format!("{request}/release"), &[("reason", "案件已结")]).await.status, 303);
    assert!(!custodian.get(&request).await.text.contains("/release\""));
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
            ] {
                let got = browser.get(path).await;
                assert!(got.status == 200 || got.status == 403, "{login} {path}: {} {:.400}", got.status, got.text);
            }
        }
        let home = browser.get("/").await;
        assert_eq!(browser.get(home.place()).await.status, 200, "{login} starts at {}", home.place());
    }
}
