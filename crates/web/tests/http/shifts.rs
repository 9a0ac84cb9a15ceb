//! The watch over HTTP: begin, offer, accept, decline, withdraw, take alone; the bar; the month; refusals.

use crate::harness::{Browser, Server};
use domain::shift::NOTE_CHARS;

async fn two(server: &Server) -> (Browser<'_>, Browser<'_>) {
    let (mut duty, mut manager) = (server.browser(), server.browser());
    duty.login("duty_officer").await;
    manager.login("security_manager").await;
    (duty, manager)
}

#[tokio::test]
async fn the_watch_is_handed_over_with_both_confirming() {
    let server = Server::with_people().await;
    let (mut duty, mut manager) = two(&server).await;
    assert!(duty.get("/shift").await.text.contains("现在没有人在班"));
    let offer = [("to", "security_manager"), ("note", "东门道闸待修。")];
    assert_eq!(duty.post("/shift/offer", &offer).await.status, 409, "nobody is on duty");
    assert_eq!(duty.post("/shift/begin", &[]).await.status, 303);
    assert_eq!(manager.post("/shift/begin", &[]).await.status, 409, "somebody is");
    let bar = manager.get("/devices").await.text;
    assert!(bar.contains("data-on-duty") && bar.contains("<span class=\"w\">duty_officer</span>"), "the bar names who");
    assert_eq!(manager.post("/shift/accept", &[]).await.status, 409, "nothing was offered");
    for bad in [
        [("to", "auditor"), ("note", "无")],
        [("to", "duty_officer"), ("note", "无")],
        [("to", "security_manager"), ("note", " ")],
    ] {
        let got = duty.post("/shift/offer", &bad).await;
        assert!(got.status == 400 || got.status == 409, "{bad:?}: {}", got.status);
    }
    let long = "记".repeat(NOTE_CHARS + 1);
    let got = duty.post("/shift/offer", &[("to", "security_manager"), ("note", &long)]).await;
    assert!(got.status == 400 && got.text.contains("不超过2000字"));
    assert_eq!(duty.post("/shift/offer", &offer).await.status, 303);
    let page = manager.get("/shift").await.text;
    assert!(page.contains("东门道闸待修。") && page.contains("确认接班"));
    assert!(duty.get("/shift").await.text.contains("撤回"));
    assert_eq!(duty.post("/shift/accept", &[]).await.status, 409, "not by the one who goes");
    assert_eq!(manager.post("/shift/accept", &[]).await.status, 303);
    let page = manager.get("/shift").await.text;
    assert!(page.contains("上一班的交班记录") && page.contains("东门道闸待修。") && page.contains("提出交班"));
    assert_eq!(duty.post("/shift/offer", &offer).await.status, 409, "not on duty any more");
    let month = manager.get("/shift/roster").await.text;
    assert!(month.contains("接班") && month.contains("开始值班") && month.contains("在班"));
    assert!(manager.get("/shift/roster?month=2020-01").await.text.contains("还没有值班记录"));
    assert_eq!(manager.get("/shift/roster?month=nonsense").await.status, 200);
}

#[tokio::test]
async fn an_offer_may_come_to_nothing_and_a_watch_be_taken_alone() {
    let server = Server::with_people().await;
    let (mut duty, mut manager) = two(&server).await;
    let offer = [("to", "security_manager"), ("note", "无")];
    duty.post("/shift/begin", &[]).await;
    for decliner in [true, false] {
        assert_eq!(duty.post("/shift/offer", &offer).await.status, 303);
        let who = if decliner { &mut manager } else { &mut duty };
        assert_eq!(who.post("/shift/end-offer", &[]).await.status, 303);
        assert_eq!(manager.post("/shift/accept", &[]).await.status, 409);
    }
    assert_eq!(manager.post("/shift/take", &[("reason", "")]).await.status, 400);
    assert_eq!(duty.post("/shift/take", &[("reason", "x")]).await.status, 409, "already on duty");
    assert_eq!(manager.post("/shift/take", &[("reason", "值班员已离岗")]).await.status, 303);
    let page = manager.get("/shift").await.text;
    assert!(page.contains("未经交班接管") && page.contains("值班员已离岗"));
    let filter = store::logbook::ActFilter { kind: Some("shift.taken".into()), ..Default::default() };
    assert_eq!(server.site.store().acts(&filter, 5).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_those_who_stand_watch_have_the_pages() {
    let server = Server::with_people().await;
    for login in ["auditor", "police_officer", "administrator", "information_custodian"] {
        let mut other = server.browser();
        other.login(login).await;
        for path in ["/shift", "/shift/roster"] {
            assert_eq!(other.get(path).await.status, 403, "{login} {path}");
        }
        for path in ["/shift/begin", "/shift/offer", "/shift/accept", "/shift/end-offer", "/shift/take"] {
            assert_eq!(other.post(path, &[]).await.status, 403, "{login} {path}");
        }
        assert!(!other.get("/account").await.text.contains("data-on-duty"), "{login}");
    }
}
