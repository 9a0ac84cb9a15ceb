//! Decisions on readings over HTTP, on a site's server and on an authority's: proposed, confirmed by another, shown; and who may do what.

use crate::harness::{Browser, Server};

const REASON: &str = "法制处 2026 年第 3 号意见<b>";

fn form<'a>(reading: &'a str, choice: &'a str, from: &'a str, reason: &'a str) -> [(&'a str, &'a str); 4] {
    [("reading", reading), ("choice", choice), ("from", from), ("reason", reason)]
}

/// The one open proposal is confirmed by the administrator.
async fn confirm(server: &Server, admin: &mut Browser<'_>) {
    let open = server.site.store().open_proposals(server.site.now().utc).await.unwrap();
    assert_eq!(open.len(), 1);
    let page = admin.get("/changes").await.text;
    assert!(page.contains("决定法规笔误的读法") && page.contains("B-40-article"), "{page:.600}");
    assert_eq!(admin.post(&format!("/changes/{}/confirm", open[0].id), &[]).await.status, 303);
}

#[tokio::test]
async fn a_site_and_an_authority_each_decide_for_themselves() {
    let (site, police) = (Server::with_people().await, Server::of_authority().await);
    for (server, login) in [(&site, "security_manager"), (&police, "police_duty")] {
        let today = server.site.now().utc.shanghai_date().to_string();
        let mut one = server.browser();
        one.login(login).await;
        let page = one.get("/law/readings").await.text;
        assert!(page.contains("action=\"/law/readings\"") && page.contains("没有决定"));
        let before = one.get("/law/B-40-1").await.text;
        assert!(before.contains("有笔误，按明显文意"), "the default");
        assert!(before.contains("data-reading=\"B-40-article\"") && before.contains("没有决定"));
        let cost = one.get("/law/B-22-1-1").await.text;
        assert!(cost.contains("data-costs") && cost.contains("1000元以上3000元以下"), "{cost:.900}");
        assert!(cost.contains("data-correct-first") && cost.contains("data-review") && cost.contains("（默认）"));
        assert!(cost.contains("B-40-1的笔误按明显文意理解"), "why it waits by default");
        for (fields, says) in [
            (form("A-24-lost", "literal", &today, REASON), "缺文没有别的读法"),
            (form("nonsense", "literal", &today, REASON), "缺文没有别的读法"),
            (form("B-40-article", "best", &today, REASON), "请选择读法"),
            (form("B-40-article", "literal", "2020-01-01", REASON), "不早于今天"),
            (form("B-40-article", "literal", "soon", REASON), "请填写起始日"),
            (form("B-40-article", "literal", &today, "为"), "请写明理由"),
        ] {
            let got = one.post("/law/readings", &fields).await;
            assert!(got.status == 400 && got.text.contains(says), "{fields:?}: {}", got.status);
            assert!(!got.text.contains("意见<b>"), "what was typed is shown as text");
        }
        let good = form("B-40-article", "literal", &today, REASON);
        assert_eq!(one.post("/law/readings", &good).await.status, 303);
        assert_eq!(one.post("/law/readings", &good).await.status, 409, "the same waits");
        assert!(one.get("/law/readings").await.text.contains("data-waiting"));
        let mut admin = server.browser();
        admin.login("administrator").await;
        confirm(server, &mut admin).await;
        for path in ["/law/readings", "/law/B-40-1"] {
            let page = one.get(path).await.text;
            assert!(page.contains("第 3 号意见") && page.contains("administrator") && page.contains(login), "{path}");
            assert!(!page.contains("data-waiting"), "{path}");
            assert!(!page.contains("有笔误，按明显文意"), "{path}: what was decided is what it says at the top");
        }
        // What a breach costs is answered by the decision, and waits for the review all the same.
        let cost = one.get("/law/B-22-1-1").await.text;
        let (_, rests_on) = cost.split_once("data-cost-readings").expect("what the answer rests on");
        let rests_on = rests_on.split("</p>").next().unwrap_or_default();
        assert!(rests_on.contains("B-40-article") && rests_on.contains("按字面"), "{rests_on}");
        assert!(rests_on.contains("本服务器的决定") && rests_on.contains(&today) && !rests_on.contains("（默认）"));
        assert!(!cost.contains("B-40-1的笔误按明显文意理解"), "the reason that was the default's is gone");
        assert!(cost.contains("data-review"), "no decision takes a review away");
    }
}

#[tokio::test]
async fn a_fine_waits_for_review_wherever_the_meaning_is_read() {
    let server = Server::with_people().await;
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    // B-22-1-1 is punished by B-40-1, whose slip is read by its evident meaning unless somebody decides otherwise.
    let page = auditor.get("/law/B-22-1-1").await.text;
    assert!(page.contains("data-waits"), "{page:.800}");
    assert!(!auditor.get("/law/B-28-1-1").await.text.contains("data-waits"), "B-41 is read as printed");
}

#[tokio::test]
async fn what_a_breach_costs_is_told_with_who_pays_and_what_comes_first() {
    let server = Server::with_people().await;
    let mut auditor = server.browser();
    auditor.login("auditor").await;
    // B-15 is punished as printed: a sum for the unit and the person, nothing to be read.
    let page = auditor.get("/law/B-15?on=2026-03-02").await.text;
    assert!(page.contains("data-costs") && page.contains("B-38："), "{page:.900}");
    assert!(!auditor.get("/law/B-15?on=2012-10-31").await.text.contains("data-costs"), "before it was in force");
    // What no clause punishes has no price, and none is invented.
    let purpose = auditor.get("/law/B-1").await;
    assert!(purpose.status == 200 && !purpose.text.contains("data-costs"));
    // A text of the other province is answered as that province would.
    assert!(auditor.get("/law/A-14?on=2026-03-02").await.text.contains("data-costs"));
    auditor.get("/lang/en?back=/").await;
    let page = auditor.get("/law/B-22-1-1").await.text;
    assert!(page.contains("correction comes first") && page.contains("1000 to 3000 yuan"), "{page:.900}");
}

#[tokio::test]
async fn only_those_who_may_propose() {
    let server = Server::with_people().await;
    let today = server.site.now().utc.shanghai_date().to_string();
    for login in [
        "duty_officer",
        "information_custodian",
        "police_officer",
        "administrator",
        "security_administrator",
        "auditor",
    ] {
        let mut other = server.browser();
        other.login(login).await;
        let page = other.get("/law/readings").await;
        assert!(page.status == 200 && !page.text.contains("action=\"/law/readings\""), "{login} looks");
        let got = other.post("/law/readings", &form("B-40-article", "literal", &today, REASON)).await;
        assert_eq!(got.status, 403, "{login}");
    }
    assert!(server.site.store().open_proposals(server.site.now().utc).await.unwrap().is_empty());
}
