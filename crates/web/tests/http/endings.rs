//! Acts whose browser goes away, tries that come side by side, and what ends with a password.

use crate::harness::{PASSWORD, Sent, Server};
use axum::http::Method;
use std::time::Duration;

/// A try to sign in as the auditor, of a browser that has seen the form.
async fn wrong_try(server: &Server) -> Sent<'static> {
    let mut browser = server.browser();
    browser.get("/login").await;
    let fields = [("login", "auditor"), ("password", "wrong password"), ("csrf", browser.csrf.as_str())];
    Sent::form("/login", &fields).with("cookie", format!("jifang_before={}", browser.cookies["jifang_before"]))
}

async fn failures(server: &Server) -> u32 {
    server.site.store().account_by_login("auditor").await.unwrap().unwrap().failures.count
}

#[tokio::test]
async fn an_act_runs_to_its_end_when_the_browser_goes_away() {
    let server = Server::with_people().await;
    let sent = wrong_try(&server).await;
    let cut = tokio::time::timeout(Duration::from_millis(1), server.raw(sent)).await;
    assert!(cut.is_err(), "a password takes longer than this to check");
    for _ in 0..1_200 {
        if failures(&server).await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the wrong password was not counted");
}

#[tokio::test]
async fn wrong_passwords_that_come_side_by_side_are_counted_one_by_one() {
    let server = Server::with_people().await;
    let mut tries = Vec::new();
    for _ in 0..12 {
        tries.push(wrong_try(&server).await);
    }
    let statuses: Vec<_> = futures_util::future::join_all(tries.into_iter().map(|t| server.send(t)))
        .await
        .into_iter()
        .map(|got| got.status.as_u16())
        .collect();
    assert_eq!(statuses, [401; 12], "nobody is told that the lock has closed");
    assert_eq!(failures(&server).await, 5, "it has, after the fifth: the others were not even tried");
}

#[tokio::test]
async fn tokens_end_with_the_password() {
    let server = Server::with_people().await;
    let (cookie, csrf) = server.session("auditor").await;
    let body = r#"{"name":"backup","days":30}"#;
    let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get("/api/v1/tokens") };
    let made = server.send(sent.with("cookie", cookie.clone()).with("x-csrf", csrf.clone())).await.json();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let with_token = || server.send(Sent::get("/api/v1/log/0").with("authorization", bearer.clone()));
    assert_eq!(with_token().await.status, 200);
    let new = "another good sentence";
    let fields = [("old", PASSWORD), ("new", new), ("new_again", new), ("csrf", csrf.as_str())];
    let got = server.send(Sent::form("/account/password", &fields).with("cookie", cookie.clone())).await;
    assert_eq!(got.status, 303, "{:.400}", got.text);
    assert_eq!(with_token().await.status, 401);
    assert_eq!(server.get("/account", &cookie).await.status, 200, "the browser that changed it stays signed in");
}

#[tokio::test]
async fn what_a_proxy_hands_on_does_not_count_as_this_machine() {
    let server = Server::with_people().await;
    let metrics = || Sent::get("/metrics").from([127, 0, 0, 1]);
    assert_ne!(server.send(metrics()).await.status, 401);
    for name in ["forwarded", "x-forwarded-for", "x-real-ip", "via"] {
        assert_eq!(server.send(metrics().with(name, "192.0.2.9")).await.status, 401, "{name}");
    }
}
