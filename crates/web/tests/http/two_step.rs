//! The second step over HTTP: set up a phone, sign in with it, recovery codes, replay, drift, lock-out, the site's rule, two officers.

use crate::harness::{Browser, PASSWORD, Server};
use base::UtcMs;
use domain::totp;
use store::logbook::ActFilter;

/// The secret that the page shows, as bytes.
fn secret_of(page: &str) -> Vec<u8> {
    let text = page.split("data-secret>").nth(1).expect("a secret").split('<').next().unwrap();
    let bits: Vec<u8> = text
        .bytes()
        .filter(|b| *b != b' ')
        .flat_map(|b| {
            let value = if b.is_ascii_uppercase() { b - b'A' } else { b - b'2' + 26 };
            (0..5).rev().map(move |i| value >> i & 1)
        })
        .collect();
    bits.chunks_exact(8).map(|c| c.iter().fold(0, |n, b| n << 1 | b)).collect()
}

fn code_at(secret: &[u8], at: UtcMs) -> String {
    totp::code(secret, totp::step_of(at))
}

/// Sets up a phone; the secret and the recovery codes. The code of the step before is used up, so that the present one is free.
async fn set_up(server: &Server, browser: &mut Browser<'_>) -> (Vec<u8>, Vec<String>) {
    let got = browser.post("/account/two-step/begin", &[("password", PASSWORD)]).await;
    assert_eq!(got.status, 200, "{}", got.text);
    assert!(got.text.contains("<svg class=\"qr\""));
    let secret = secret_of(&got.text);
    assert_eq!(secret.len(), totp::SECRET_BYTES);
    let again = browser.get("/account/two-step").await;
    assert_eq!(secret_of(&again.text), secret, "a reload shows the same code");
    // Its step must not end between here and the server.
    while server.site.now().utc.0.rem_euclid(totp::STEP_MS) > totp::STEP_MS - 10_000 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let code = code_at(&secret, server.site.now().utc.plus_ms(-totp::STEP_MS));
    let got = browser.post("/account/two-step/confirm", &[("code", &code)]).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let codes: Vec<_> = got.text.split("<li><code>").skip(1).map(|t| t.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), totp::RECOVERY_CODES);
    assert!(!browser.get("/account/two-step").await.text.contains(&codes[0]), "shown once");
    (secret, codes)
}

async fn first_page(browser: &mut Browser<'_>, login: &str) {
    browser.get("/login").await;
    let got = browser.post("/login", &[("login", login), ("password", PASSWORD), ("next", "/log")]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/login/code?next=%2Flog"));
    assert!(!browser.cookies.contains_key("jifang"), "no session before the code");
    assert_eq!(browser.get("/login/code?next=%2Flog").await.status, 200);
}

#[tokio::test]
async fn a_phone_is_set_up_and_asked_for() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.login("auditor").await;
    assert_eq!(browser.post("/account/two-step/begin", &[("password", "wrong password")]).await.status, 400);
    assert_eq!(browser.post("/account/two-step/confirm", &[("code", "123456")]).await.status, 409, "nothing begun");
    let (secret, _) = set_up(&server, &mut browser).await;
    assert!(browser.get("/account").await.text.contains("已启用"));
    assert_eq!(browser.post("/account/two-step/begin", &[("password", PASSWORD)]).await.status, 409, "on already");
    let mut other = server.browser();
    first_page(&mut other, "auditor").await;
    let got = other.post("/login/code", &[("code", ""), ("next", "/log")]).await;
    assert_eq!(got.status, 400);
    let got = other.post("/login/code", &[("code", "000000"), ("next", "/log")]).await;
    assert!(got.status == 400 && got.text.contains("验证码不正确"));
    let code = code_at(&secret, server.site.now().utc);
    let got = other.post("/login/code", &[("code", &code), ("next", "/log")]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/log"));
    assert_eq!(other.get("/log").await.status, 200);
    // The same code again, in another browser.
    let mut thief = server.browser();
    first_page(&mut thief, "auditor").await;
    let got = thief.post("/login/code", &[("code", &code)]).await;
    assert!(got.status == 400 && got.text.contains("已经用过"), "{}", got.text);
    assert!(!thief.cookies.contains_key("jifang"));
    // A phone half a minute ahead is taken.
    let ahead = code_at(&secret, server.site.now().utc.plus_ms(totp::STEP_MS));
    assert_eq!(thief.post("/login/code", &[("code", &ahead)]).await.status, 303);
}

#[tokio::test]
async fn the_second_page_needs_the_first() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    assert_eq!(browser.get("/login/code").await.status, 409);
    browser.get("/login").await;
    assert_eq!(browser.post("/login/code", &[("code", "123456")]).await.status, 409);
    browser.cookies.insert("jifang_step".into(), "ab".repeat(32));
    assert_eq!(browser.post("/login/code", &[("code", "123456")]).await.status, 409, "a made-up ticket");
    let mut own = server.browser();
    own.login("auditor").await;
    let (secret, _) = set_up(&server, &mut own).await;
    let mut waiting = server.browser();
    first_page(&mut waiting, "auditor").await;
    // The password is changed meanwhile: the ticket is worth nothing.
    let id = server.account("auditor").await;
    server.site.reset_password_locally(id, &base::Pii::new("another good sentence".into())).await.unwrap();
    let code = code_at(&secret, server.site.now().utc);
    assert_eq!(waiting.post("/login/code", &[("code", &code)]).await.status, 400);
    assert!(!waiting.cookies.contains_key("jifang"));
}

#[tokio::test]
async fn recovery_codes_open_once_each() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.login("auditor").await;
    let (_, codes) = set_up(&server, &mut browser).await;
    for want in [303, 400] {
        let mut other = server.browser();
        first_page(&mut other, "auditor").await;
        assert_eq!(other.post("/login/code", &[("code", &codes[3].to_uppercase())]).await.status, want);
    }
    assert!(browser.get("/account/two-step").await.text.contains("<b data-codes-left>9</b>"));
    let got = browser.post("/account/two-step/codes", &[("password", PASSWORD)]).await;
    assert!(got.status == 200 && !got.text.contains(&codes[4]));
    let mut other = server.browser();
    first_page(&mut other, "auditor").await;
    assert_eq!(other.post("/login/code", &[("code", &codes[4])]).await.status, 400, "the old ones have ended");
}

#[tokio::test]
async fn wrong_codes_lock_the_account_and_a_known_password_does_not_wipe_the_count() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.login("auditor").await;
    let (secret, _) = set_up(&server, &mut browser).await;
    for _ in 0..5 {
        let mut thief = server.browser();
        first_page(&mut thief, "auditor").await;
        assert_eq!(thief.post("/login/code", &[("code", "000000")]).await.status, 400);
    }
    let mut own = server.browser();
    own.get("/login").await;
    let got = own.post("/login", &[("login", "auditor"), ("password", PASSWORD)]).await;
    own.get("/login").await;
    let unknown = own.post("/login", &[("login", "nobody"), ("password", PASSWORD)]).await;
    assert_eq!(got.status, unknown.status, "a lock is not told to who is not signed in: {}", got.text);
    let account = server.site.store().account_by_login("auditor").await.unwrap().unwrap();
    assert_eq!(account.failures.count, 5);
    let code = code_at(&secret, server.site.now().utc);
    let tried = server.site.sign_in("auditor", &base::Pii::new(PASSWORD.into()), &code).await;
    assert_eq!(tried.unwrap_err().code, "wrong_login", "the right password and code open nothing while it is locked");
}

#[tokio::test]
async fn a_role_that_must_have_it_sets_it_up_before_anything_else() {
    let server = Server::with_people().await;
    let (before, csrf) = server.session("auditor").await;
    let mut admin = server.browser();
    admin.login("security_administrator").await;
    assert_eq!(admin.post("/accounts/two-step", &[("role", "auditor"), ("role", "emperor")]).await.status, 303);
    assert!(admin.get("/accounts").await.text.contains("value=\"auditor\" checked"));
    // At once, also for a session that runs.
    assert_eq!(server.get("/log", &before).await.place(), "/account/two-step");
    assert_eq!(server.get("/api/v1/log/0", &before).await.json()["code"], "two_step_first");
    assert_eq!(server.get("/account/two-step", &before).await.status, 200);
    drop(csrf);
    let mut browser = server.browser();
    browser.login("auditor").await;
    assert_eq!(browser.get("/log").await.place(), "/account/two-step");
    set_up(&server, &mut browser).await;
    assert_eq!(browser.get("/log").await.status, 200);
    let got = browser.post("/account/two-step/off", &[("password", PASSWORD)]).await;
    assert!(got.status == 409 && got.text.contains("必须使用二次验证"), "{}", got.text);
    assert_eq!(server.get("/desk", &server.session("duty_officer").await.0).await.status, 200, "others are not asked");
}

#[tokio::test]
async fn a_lost_phone_is_reset_by_another_with_an_entry() {
    let server = Server::with_people().await;
    let mut browser = server.browser();
    browser.login("information_custodian").await;
    set_up(&server, &mut browser).await;
    let mut admin = server.browser();
    admin.login("security_administrator").await;
    set_up(&server, &mut admin).await;
    let own = server.account("security_administrator").await;
    assert_eq!(admin.post(&format!("/accounts/{own}/two-step-reset"), &[]).await.status, 409, "not one's own");
    let id = server.account("information_custodian").await;
    assert_eq!(admin.post(&format!("/accounts/{id}/two-step-reset"), &[]).await.status, 303);
    assert_eq!(browser.get("/log").await.status, 303, "its sessions end");
    assert_eq!(admin.post(&format!("/accounts/{id}/two-step-reset"), &[]).await.status, 409, "there is none any more");
    let mut again = server.browser();
    again.login("information_custodian").await;
    let filter = ActFilter { kind: Some("account.two_step.reset".into()), ..Default::default() };
    let acts = server.site.store().acts(&filter, 10).await.unwrap();
    assert_eq!((acts.len(), acts[0].account), (1, Some(own)));
}

#[tokio::test]
async fn the_sessions_page_names_ends_and_warns() {
    let server = Server::with_people().await;
    let mut desk = server.browser();
    desk.login("auditor").await;
    assert!(!desk.get("/log").await.text.contains("data-stranger"));
    let mut phone = server.browser();
    phone.login("auditor").await;
    assert!(desk.get("/log").await.text.contains("data-stranger"), "the session before is told");
    assert!(!phone.get("/log").await.text.contains("data-stranger"));
    let page = desk.get("/account").await;
    assert!(page.text.contains("新的浏览器") && page.text.contains("结束其他全部"));
    let mut admin = server.browser();
    admin.login("administrator").await;
    let page = admin.get("/accounts").await;
    assert!(page.text.contains("2 处登录中"), "an administrator sees how many");
    assert_eq!(desk.post("/account/sessions/known", &[]).await.status, 303);
    assert!(!desk.get("/log").await.text.contains("data-stranger"));
    let third = server.session("auditor").await.0;
    assert_eq!(desk.post("/account/sessions/end", &[("others", "1")]).await.status, 303);
    assert_eq!((phone.get("/log").await.status.as_u16(), server.get("/log", &third).await.status.as_u16()), (303, 303));
    assert_eq!(desk.get("/log").await.status, 200);
    // Signing out and in again in the same browser is no news.
    desk.post("/logout", &[]).await;
    desk.login("auditor").await;
    let kinds = ActFilter { kind: Some("session.began".into()), ..Default::default() };
    let acts = server.site.store().acts(&kinds, 1).await.unwrap();
    assert_eq!(acts[0].text.en, "Signed in.");
}

#[tokio::test]
async fn persons_are_masked_until_somebody_gives_a_reason() {
    let server = Server::with_people().await;
    let mut admin = server.browser();
    admin.login("administrator").await;
    let page = admin.get("/accounts").await.text;
    assert!(page.contains("李**") && page.contains("****02"));
    assert!(!page.contains("李警官") && !page.contains("010002"));
    let path = format!("/accounts/{}/reveal", server.account("officer2").await);
    assert_eq!(admin.post(&path, &[("reason", "curiosity")]).await.status, 400);
    let filter = || ActFilter { kind: Some("person.revealed".into()), ..Default::default() };
    assert!(server.site.store().acts(&filter(), 5).await.unwrap().is_empty());
    let page = admin.post(&path, &[("reason", "identity")]).await.text;
    assert!(page.contains("李警官") && page.contains("010002"));
    assert!(!page.contains("010001"), "nobody else is shown");
    let acts = server.site.store().acts(&filter(), 5).await.unwrap();
    assert_eq!((acts.len(), acts[0].account), (1, Some(server.account("administrator").await)));
    assert!(acts[0].text.zh.contains("officer2") && !acts[0].text.zh.contains("李警官"));
    assert!(!admin.get("/accounts").await.text.contains("李警官"), "masked again");
}
