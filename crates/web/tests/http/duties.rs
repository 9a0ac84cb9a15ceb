//! Duties over HTTP: the page, papers and periods with what is wrong with them, the same as JSON and PDF, and who may do what.

use crate::harness::{Sent, Server};
use axum::http::Method;
use base::Sha256;
use serde_json::Value;
use store::logbook::ActFilter;

const PAGES: [&str; 3] = ["/duties", "/duties/report", "/api/v1/duties"];

#[tokio::test]
async fn papers_count_from_the_page_and_go_again() {
    let server = Server::with_people().await;
    let mut manager = server.browser();
    manager.login("security_manager").await;
    for path in PAGES {
        assert_eq!(manager.get(path).await.status, 200, "{path}");
    }
    let today = server.site.now().utc.shanghai_date().to_string();
    let good = [
        ("paper_kind", "filed_with_police"),
        ("title", "备案回执<b>"),
        ("number", "哈公备1号"),
        ("day", today.as_str()),
    ];
    let with = |name: &'static str, value: &'static str| {
        let mut fields: Vec<_> = good.into_iter().filter(|(n, _)| *n != name).collect();
        fields.push((name, value));
        fields
    };
    for (fields, says) in [
        (with("paper_kind", "decree"), "请选择种类"),
        (with("title", " "), "请填写名称"),
        (with("number", ""), "请填写备案编号"),
        (with("day", "2999-01-01"), "不能晚于今天"),
        (with("day", "tomorrow"), "请填写日期"),
        (with("until", "2001-01-01"), "晚于登记日期"),
        (with("until", "soon"), "或者留空"),
        (with("document", "abc"), "64位十六进制"),
    ] {
        let got = manager.post("/duties/papers", &fields).await;
        assert!(got.status == 400 && got.text.contains(says), "{fields:?}: {} {:.400}", got.status, got.text);
        assert!(!got.text.contains("备案回执<b>"), "what was typed is shown as text");
    }
    assert_eq!(manager.post("/duties/papers", &good).await.status, 303);
    let json: Value = serde_json::from_str(&manager.get("/api/v1/duties").await.text).unwrap();
    assert_eq!(json["papers"].as_array().unwrap().len(), 1);
    assert_eq!(json["papers"][0]["number"], "哈公备1号");
    let id = json["papers"][0]["id"].as_str().unwrap().to_owned();
    let page = manager.get("/duties").await.text;
    assert!(page.contains(&id) && page.contains("备案回执&#60;b&#62;") || page.contains("备案回执&lt;b&gt;"));
    assert_eq!(manager.post(&format!("/duties/papers/{id}/withdraw"), &[]).await.status, 303);
    assert_eq!(manager.post(&format!("/duties/papers/{id}/withdraw"), &[]).await.status, 404);
    assert_eq!(manager.post("/duties/papers/x/withdraw", &[]).await.status, 404);
    for (fields, says) in
        [([("duty", "fly"), ("days", "3")], "不设间隔"), ([("duty", "keep_running"), ("days", "many")], "1至3660天")]
    {
        let got = manager.post("/duties/period", &fields).await;
        assert!(got.status == 400 && got.text.contains(says), "{fields:?} {}", got.status);
    }
    assert_eq!(manager.post("/duties/check", &[]).await.status, 303);
}

#[tokio::test]
async fn who_sees_and_who_changes() {
    let server = Server::with_people().await;
    let acts = [
        "/duties/check",
        "/duties/papers",
        "/duties/papers/0190a1b2-0000-7000-8000-000000000000/withdraw",
        "/duties/period",
    ];
    for login in ["duty_officer", "information_custodian", "police_officer", "administrator", "security_administrator"]
    {
        let mut other = server.browser();
        other.login(login).await;
        for path in PAGES {
            assert_eq!(other.get(path).await.status, 403, "{login} {path}");
        }
        for path in acts {
            assert_eq!(other.post(path, &[]).await.status, 403, "{login} {path}");
        }
    }
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    for path in PAGES {
        let got = auditor.get(path).await;
        assert_eq!(got.status, 200, "{path}");
        assert!(!got.text.contains("action=\"/duties"), "an auditor changes nothing: {path}");
    }
    for path in acts {
        assert_eq!(auditor.post(path, &[]).await.status, 403, "{path}");
    }
}

const PDF: &str = "/duties/report.pdf";

#[tokio::test]
async fn the_report_is_a_document_that_the_log_knows() {
    let server = Server::with_people().await;
    let made = || async {
        let filter = ActFilter { kind: Some("document.".into()), ..ActFilter::default() };
        server.site.store().acts(&filter, 10).await.unwrap()
    };
    for login in ["duty_officer", "information_custodian", "police_officer", "administrator", "security_administrator"]
    {
        let (cookie, _) = server.session(login).await;
        assert_eq!(server.get(PDF, &cookie).await.status, 403, "{login}");
    }
    let stranger = server.get(PDF, "").await;
    assert!(stranger.status == 303 && stranger.place().starts_with("/login"), "{stranger:?}");
    assert!(made().await.is_empty(), "who is refused leaves no document");
    let (cookie, _) = server.session("auditor").await;
    let head = Sent { method: Method::HEAD, ..Sent::get(PDF).with("cookie", cookie) };
    let head = server.send(head).await;
    assert!(head.status == 200 && head.header("content-type") == "application/pdf", "{head:?}");
    assert!(head.text.is_empty() && made().await.is_empty(), "nobody receives what HEAD would make");

    let (cookie, _) = server.session("security_manager").await;
    for path in ["/duties", "/duties/report"] {
        assert!(server.get(path, &cookie).await.text.contains("href=\"/duties/report.pdf\""), "{path}");
    }
    let answer = server.raw(Sent::get(PDF).with("cookie", cookie.clone())).await;
    let (parts, body) = answer.into_parts();
    let bytes = axum::body::to_bytes(body, 4 * 1024 * 1024).await.unwrap();
    assert_eq!(parts.status, 200, "{}", String::from_utf8_lossy(&bytes));
    assert_eq!(parts.headers["content-type"], "application/pdf");
    assert_eq!(
        (&parts.headers["cache-control"], &parts.headers["x-content-type-options"]),
        (&"no-store".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    let place = parts.headers["content-disposition"].to_str().unwrap();
    assert!(place.starts_with("attachment; filename=\"duty-report-2") && place.ends_with(".pdf\""), "{place}");
    assert!(bytes.starts_with(b"%PDF-1.7"));
    let digest = Sha256::of(&bytes).hex();
    let [entry] = &made().await[..] else { panic!("one entry") };
    assert!(entry.text.zh.contains(&digest) && entry.text.en.contains(&digest), "{entry:?}");

    let (cookie, _) = server.session("auditor").await;
    let found = server.get(&format!("/log?act=document.&who={digest}"), &cookie).await;
    assert!(found.status == 200 && found.text.contains(&digest), "found by its digest");
    let shown = server.get(&format!("/log/{}", entry.idx), &cookie).await.text;
    for part in ["制作文书", "自查报告", "NotoSerifCJKsc-Regular", digest.as_str()] {
        assert!(shown.contains(part), "{part}");
    }
    assert!(server.get(PDF, &cookie).await.text.starts_with("%PDF"), "an auditor has it too");
    assert_eq!(made().await.len(), 2, "each is a document of its own");
}
