//! Signing in, out and in between: lock-out, rates, fixation, expiry, two tabs, redirects, tokens of programs.

use crate::harness::{PASSWORD, Sent, Server};
use axum::http::Method;
use domain::access::Role;
use domain::account::session_limits;

#[tokio::test]
async fn first_run_makes_the_administrator_once() {
    let server = Server::empty().await;
    let code = server.setup_code().await;
    let mut browser = server.browser();
    let page = browser.get("/setup").await;
    assert!(
        page.status == 200 && page.text.contains("setup-code") && !page.text.contains(&code),
        "where it is, not what"
    );
    let good = [
        ("site_name", "示范酒店"),
        ("jurisdiction", "heilongjiang"),
        ("trait", "hotel"),
        ("name", "管理员"),
        ("login", "admin"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("code", &code),
    ];
    let mut other = good;
    other[6].1 = "something else";
    let got = browser.post("/setup", &other).await;
    assert_eq!(got.status, 400);
    assert!(got.text.contains("示范酒店") && !got.text.contains(PASSWORD), "what was typed is kept, but no password");
    let mut short = good;
    (short[5].1, short[6].1) = ("short", "short");
    assert_eq!(browser.post("/setup", &short).await.status, 400);
    let got = browser.post("/setup", &good).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/"));
    assert_eq!(browser.get("/accounts").await.status, 200);
    assert_eq!(server.site.profile().law.special_trade, Some(law::SpecialTrade::Hotel));
    assert_eq!(browser.post("/setup", &good).await.status, 403);
    assert_eq!(browser.get("/setup").await.place(), "/");
}

#[tokio::test]
async fn who_reaches_the_port_but_not_the_machine_cannot_set_up() {
    let server = Server::empty().await;
    let mut browser = server.browser();
    browser.get("/setup").await;
    let fields = |code: &'static str| {
        [
            ("site_name", "示范酒店"),
            ("jurisdiction", "heilongjiang"),
            ("name", "管理员"),
            ("login", "admin"),
            ("password", PASSWORD),
            ("password_again", PASSWORD),
            ("code", code),
        ]
    };
    let got = browser.post("/setup", &fields("")).await;
    assert_eq!(got.status, 400, "no code was made: nobody sets up from elsewhere");
    let code = server.setup_code().await;
    for _ in 1..10 {
        let got = browser.post("/setup", &fields("AAAA-BBBB-CCCC")).await;
        assert_eq!(got.status, 400);
        assert!(got.text.contains("设置码不对") && got.text.contains("示范酒店"), "what was typed is kept");
    }
    let mut right = fields("");
    right[6].1 = Box::leak(code.clone().into_boxed_str());
    let got = browser.post("/setup", &right).await;
    assert_eq!(got.status, 429, "ten tries are over, also for the right one");
    assert!(got.text.contains("一分钟后再试"));
    assert_eq!(server.site.store().account_count().await.unwrap(), 0);

    let other = server.send(Sent::get("/setup").from([192, 0, 2, 8])).await;
    let cookie = other.header("set-cookie").split(';').next().unwrap().to_owned();
    let csrf = other.csrf();
    let form: Vec<(&str, &str)> = right.into_iter().chain([("csrf", csrf.as_str())]).collect();
    let got = server.send(Sent::form("/setup", &form).with("cookie", cookie).from([192, 0, 2, 8])).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/"), "another address is not held up: {}", got.text);
    assert!(!server.site.setup_code_file().exists());
    assert_eq!(browser.post("/setup", &right).await.status, 403, "once");
}

#[tokio::test]
async fn a_page_without_session_leads_to_the_login_and_back() {
    let server = Server::with_people().await;
    let got = server.get("/devices?x=1&y=2", "").await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/login?next=%2Fdevices%3Fx%3D1%26y%3D2"));
    let mut browser = server.browser();
    browser.get("/login?next=%2Fdevices%3Fx%3D1%26y%3D2").await;
    let fields = [("login", "security_manager"), ("password", PASSWORD), ("next", "/devices?x=1&y=2")];
    assert_eq!(browser.post("/login", &fields).await.place(), "/devices?x=1&y=2");
    assert_eq!(browser.get("/devices").await.status, 200);
}

#[tokio::test]
async fn nobody_is_sent_to_another_host() {
    let server = Server::with_people().await;
    for evil in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
    ] {
        let back: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
        let mut browser = server.browser();
        let got = browser.get(&format!("/login?next={back}")).await;
        assert!(got.text.contains("name=\"next\" value=\"\""), "{evil}");
        let got = browser.post("/login", &[("login", "auditor"), ("password", PASSWORD), ("next", evil)]).await;
        assert_eq!((got.status.as_u16(), got.place()), (303, "/"), "{evil}");
        assert_eq!(server.get(&format!("/lang/en?back={back}"), "").await.place(), "/");
    }
}

#[tokio::test]
async fn wrong_passwords_lock_the_account_and_tell_only_those_who_may_know() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.get("/login").await;
    for _ in 0..5 {
        let got = browser.post("/login", &[("login", "auditor"), ("password", "wrong password")]).await;
        assert_eq!(got.status, 401);
        assert!(got.text.contains("value=\"auditor\"") && !got.text.contains("wrong password"));
    }
    let got = browser.post("/login", &[("login", "auditor"), ("password", PASSWORD)]).await;
    assert_eq!(got.status, 401, "the right password does not open a locked account");
    let mut admin = server.browser();
    admin.login("security_administrator").await;
    assert!(admin.get("/accounts").await.text.contains("已锁定"), "the administrator sees it");
    let acts = server.site.store().acts(&Default::default(), 50).await.unwrap();
    assert!(acts.iter().any(|a| a.kind == "session.refused" && a.text.en.contains("locked until")), "the log says it");
    // Who is signed in as that account elsewhere is told the truth.
    let (cookie, csrf) = server.session("auditor").await;
    let fields = [("old", PASSWORD), ("new", "another good one"), ("new_again", "another good one"), ("csrf", &csrf)];
    let own = server.send(Sent::form("/account/password", &fields).with("cookie", cookie)).await;
    assert!(own.status == 429 && own.text.contains("锁定"), "{} {:.300}", own.status, own.text);
    let id = server.account("auditor").await;
    assert_eq!(admin.post(&format!("/accounts/{id}/unlock"), &[]).await.status, 303);
    assert_eq!(browser.post("/login", &[("login", "auditor"), ("password", PASSWORD)]).await.status, 303);
    let kinds: Vec<_> =
        server.site.store().acts(&Default::default(), 50).await.unwrap().into_iter().map(|a| a.kind).collect();
    for kind in ["session.refused", "account.unlocked", "session.began"] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} is not in the log");
    }
}

/// Nobody learns from the sign-in page whether a name exists, or whether its account is locked: one answer, and never sooner.
#[tokio::test]
async fn the_sign_in_page_does_not_tell_which_names_exist() {
    let server = Server::with_people().await;
    let mut locker = server.browser();
    locker.get("/login").await;
    for _ in 0..5 {
        locker.post("/login", &[("login", "auditor"), ("password", "wrong password")]).await;
    }
    let mut answers = Vec::new();
    for (login, password) in [
        ("nobody.here", PASSWORD),
        ("duty_officer", "wrong password"),
        ("auditor", "wrong again"),
        ("auditor", PASSWORD),
    ] {
        let mut browser = server.browser();
        browser.cookies.insert("jifang_before".into(), "ab".repeat(32));
        browser.get("/login").await;
        let began = std::time::Instant::now();
        let got = browser.post("/login", &[("login", login), ("password", password)]).await;
        assert!(began.elapsed().as_millis() >= 250, "{login} was answered after {:?}", began.elapsed());
        let clock = |text: &str| text.split("data-clock=\"").nth(1).map(|t| t.split('"').next().unwrap().to_owned());
        let text = got.text.replace(login, "NAME");
        answers.push((got.status, clock(&text).map_or(text.clone(), |at| text.replace(&at, "T")), got.headers.len()));
    }
    for other in &answers[1..] {
        assert_eq!(answers[0], *other);
    }
}

#[tokio::test]
async fn a_flood_of_logins_is_held_back() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.get("/login").await;
    let fields = [("login", "nobody-of-this-name"), ("password", "x"), ("csrf", browser.csrf.as_str())];
    let cookie = format!("jifang_before={}", browser.cookies["jifang_before"]);
    // All at once: a password takes so long to check on a busy machine that one after the other is no flood.
    let tries = (0..40).map(|_| server.send(Sent::form("/login", &fields).with("cookie", cookie.clone())));
    let answers = futures_util::future::join_all(tries).await;
    let held_back = answers.iter().filter(|got| got.status == 429).count();
    assert!((1..40).contains(&held_back), "{held_back} of 40");
}

#[tokio::test]
async fn a_session_planted_before_the_login_is_worth_nothing_after() {
    let server = Server::with_people().await;
    let planted = "cd".repeat(32);
    let mut browser = server.browser();
    browser.cookies.insert("jifang".into(), planted.clone());
    browser.login("auditor").await;
    let first = browser.cookies["jifang"].clone();
    assert_ne!(first, planted);
    assert_eq!(server.get("/account", &format!("jifang={planted}")).await.status, 303);
    // Signing in again ends the session before.
    browser.get("/login?switch=1").await;
    let got = browser.post("/login", &[("login", "duty_officer"), ("password", PASSWORD)]).await;
    assert_eq!(got.status, 303);
    assert_ne!(browser.cookies["jifang"], first);
    assert_eq!(server.get("/account", &format!("jifang={first}")).await.status, 303);
}

#[tokio::test]
async fn sessions_end_by_time_logout_and_closing_of_the_account() {
    let server = Server::with_people().await;
    let now = server.site.now().utc;
    let l = session_limits(Role::Auditor);
    for (age_ms, status) in [(l.idle_ms - 60_000, 200), (l.idle_ms + 1, 303), (l.max_ms + 1, 303)] {
        let (cookie, _) = server.session_at("auditor", now.plus_ms(-age_ms)).await;
        assert_eq!(server.get("/account", &cookie).await.status, status, "{age_ms}");
    }
    let mut browser = server.browser();
    browser.login("auditor").await;
    let cookie = format!("jifang={}", browser.cookies["jifang"]);
    assert_eq!(server.get("/log", &cookie).await.status, 200);
    assert_eq!(browser.post("/logout", &[]).await.place(), "/login");
    assert!(!browser.cookies.contains_key("jifang"));
    assert_eq!(server.get("/log", &cookie).await.status, 303);
    let (cookie, _) = server.session("information_custodian").await;
    let mut admin = server.browser();
    admin.login("administrator").await;
    let id = server.account("information_custodian").await;
    assert_eq!(admin.post(&format!("/accounts/{id}/close"), &[]).await.status, 303);
    assert_eq!(server.get("/log", &cookie).await.status, 303);
    let mut again = server.browser();
    again.get("/login").await;
    let got = again.post("/login", &[("login", "information_custodian"), ("password", PASSWORD)]).await;
    assert_eq!(got.status, 403);
}

#[tokio::test]
async fn two_tabs_work_side_by_side() {
    let server = Server::with_people().await;
    let mut tabs = server.browser();
    tabs.get("/login").await;
    let stale = tabs.csrf.clone();
    tabs.login("auditor").await;
    let first = tabs.csrf.clone();
    tabs.get("/log").await;
    assert_eq!(tabs.csrf, first, "one token a session: the form of the other tab still works");
    // The other tab still shows the log-in form of before: it comes out signed in, not with an error.
    tabs.csrf = stale;
    let got = tabs.post("/login", &[("login", "auditor"), ("password", PASSWORD)]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/"));
}

#[tokio::test]
async fn a_password_change_ends_the_other_sessions() {
    let server = Server::with_people().await;
    let (other, _) = server.session("auditor").await;
    let mut browser = server.browser();
    browser.login("auditor").await;
    let new = "another good sentence";
    let wrong = [("old", "not the password"), ("new", new), ("new_again", new)];
    assert_eq!(browser.post("/account/password", &wrong).await.status, 400);
    let uneven = [("old", PASSWORD), ("new", new), ("new_again", "something else")];
    assert_eq!(browser.post("/account/password", &uneven).await.status, 400);
    assert_eq!(server.get("/account", &other).await.status, 200);
    let got = browser.post("/account/password", &[("old", PASSWORD), ("new", new), ("new_again", new)]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/account"));
    let page = browser.get("/account").await;
    assert!(page.text.contains("密码已修改"), "the outcome is shown");
    assert!(!browser.get("/account").await.text.contains("密码已修改"), "once");
    assert_eq!(server.get("/account", &other).await.status, 303);
}

#[tokio::test]
async fn tokens_of_programs_need_no_form_token_and_end() {
    let server = Server::with_people().await;
    let (cookie, csrf) = server.session("auditor").await;
    let make = |body: &'static str| {
        let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get("/api/v1/tokens") };
        server.send(sent.with("cookie", cookie.clone()).with("x-csrf", csrf.clone()))
    };
    for bad in ["", "{}", r#"{"name":"x","days":0}"#, r#"{"name":"x","days":367}"#, r#"{"name":"","days":1}"#] {
        assert_eq!(make(bad).await.status, 400, "{bad}");
    }
    let made = make(r#"{"name":"backup","days":30}"#).await;
    assert_eq!(made.status, 201);
    let bearer = format!("Bearer {}", made.json()["token"].as_str().unwrap());
    let with = |path: &'static str, method: Method| {
        server.send(Sent { method, ..Sent::get(path) }.with("authorization", bearer.clone()))
    };
    assert_eq!(with("/api/v1/log/0", Method::GET).await.status, 200);
    let again = with("/api/v1/tokens", Method::POST).await;
    assert_eq!(again.json()["code"], "needs_browser", "past the gate without x-csrf, but it makes no further token");
    assert_eq!(with("/desk", Method::GET).await.status, 403);
    let wrong = server.send(Sent::get("/api/v1/log/0").with("authorization", "Bearer jf_0000000000000000000000")).await;
    assert_eq!(wrong.status, 401);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/tokens/{id}");
    let end = Sent { method: Method::DELETE, ..Sent::get(&path) };
    assert_eq!(server.send(end.with("cookie", cookie.clone()).with("x-csrf", csrf.clone())).await.status, 200);
    assert_eq!(with("/api/v1/log/0", Method::GET).await.status, 401);
}

#[tokio::test]
async fn language_and_appearance_are_kept_and_come_back() {
    let server = Server::with_people().await;
    assert!(server.get("/login", "").await.text.contains("<html lang=\"zh-CN\""));
    let english = server.send(Sent::get("/login").with("accept-language", "fr, en-GB;q=0.8, zh;q=0.1")).await;
    assert!(english.text.contains("<html lang=\"en\""));
    let mut browser = server.browser();
    let got = browser.get("/lang/en?back=%2Flogin%3Fnext%3D%2Flog").await;
    assert_eq!(got.place(), "/login?next=/log");
    assert!(browser.get("/login").await.text.contains("<html lang=\"en\""));
    assert_eq!(browser.get("/lang/fr").await.status, 404);
    browser.login("auditor").await;
    browser.post("/account/appearance", &[("theme", "dark"), ("large", "1")]).await;
    let page = browser.get("/log").await;
    assert!(page.text.contains("data-theme=\"dark\"") && page.text.contains("class=\"large\""));
}

#[tokio::test]
async fn a_one_time_password_is_changed_before_anything_else() {
    let server = Server::with_people().await;
    let mut admin = server.browser();
    admin.login("administrator").await;
    let form =
        [("name", "新人"), ("login", "newcomer"), ("role", "information_custodian"), ("unit", ""), ("badge", "")];
    let page = admin.post("/accounts", &form).await;
    assert_eq!(page.status, 200);
    let password = page.text.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(admin.post("/accounts", &form).await.status, 409, "the login is taken");
    let mut browser = server.browser();
    browser.get("/login").await;
    assert_eq!(browser.post("/login", &[("login", "newcomer"), ("password", &password)]).await.status, 303);
    assert_eq!(browser.get("/log").await.place(), "/account");
    assert_eq!(browser.get("/api/v1/log/0").await.json()["code"], "change_password_first");
    assert!(browser.get("/account").await.text.contains("一次性密码"));
    let new = [("old", password.as_str()), ("new", PASSWORD), ("new_again", PASSWORD)];
    assert_eq!(browser.post("/account/password", &new).await.status, 303);
    assert_eq!(browser.get("/log").await.status, 200);
    let id = server.account("newcomer").await;
    let page = admin.post(&format!("/accounts/{id}/reset"), &[]).await;
    assert!(page.status == 200 && page.text.contains("newcomer"));
    assert_eq!(browser.get("/log").await.status, 303, "a reset ends the sessions");
}
