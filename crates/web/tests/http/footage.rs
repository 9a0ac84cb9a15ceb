//! Citizens and footage over HTTP: what anybody reads before asking, and who may look at what is held.

use crate::harness::Server;
use base::{CameraId, ClauseId, OrderId, Pii, RequestId, Text, UtcMs};
use domain::order::{Order, ViewOrder};
use domain::viewing::{Application, Basis, Session, State, Under, Use};
use store::authority_orders::CameOrder;
use store::logbook::ActFilter;
use store::requests::NewRegister;

const HOUR_MS: i64 = 3_600_000;
const PAPER: &str = "沈公查看〔2026〕3号";

#[tokio::test]
async fn anybody_reads_which_ways_there_are_without_an_account_or_a_cookie() {
    let server = Server::of_authority().await;
    for (cookie, question, way) in
        [("lang=zh", "录像保存多久", "本人、近亲属等查阅"), ("lang=en", "How long is it kept", "Viewing by the person")]
    {
        let got = server.get("/public/footage", cookie).await;
        assert_eq!(got.status, 200, "{:.600}", got.text);
        assert!(got.text.contains(question) && got.text.contains(way), "{:.2000}", got.text);
        assert!(got.text.contains("/law/799-21") && got.text.contains("/law/799-17"), "the clauses stand beside");
        assert!(got.headers.get("set-cookie").is_none() && got.header("cache-control").starts_with("public"));
    }
    // In this province only the unit is asked: where, with what, and what it gives.
    for (cookie, words) in [
        ("lang=zh", ["data-steps", "信息管理员", "居民身份证", "查阅申请回执", "窗口不受理"]),
        ("lang=en", ["data-steps", "information custodian", "identity card", "receipt", "takes no application"]),
    ] {
        let got = server.get("/public/footage", cookie).await;
        for part in words {
            assert!(got.text.contains(part), "{part}: {:.4000}", got.text);
        }
    }
    // In this province nobody asks the police: the page does not say that they take anything in.
    let guide = server.get("/public/footage", "lang=zh").await.text;
    assert!(guide.contains("窗口不受理") && guide.contains("不收费，也不要账号"), "{guide:.5000}");
    assert!(!guide.contains("从受理的那一刻起封存") && !guide.contains("看办事指南"), "{guide:.5000}");
    for part in ["data-first", "data-letter", "不用注册账号", "href=\"/public/complaint\""] {
        assert!(guide.contains(part), "{part}: {guide:.5000}");
    }
    assert!(!guide.contains("打下面的电话") && !guide.contains("要作证据的，向公安机关提出"), "{guide:.5000}");
    assert!(!guide.contains("/public/account"), "no account is needed for that");
    let home = server.get("/public", "lang=zh").await;
    assert!(home.text.contains("href=\"/public/footage\""), "the home page leads there");
}

#[tokio::test]
async fn footage_of_a_case_that_is_not_there_is_told_to_nobody() {
    let server = Server::of_authority().await;
    let path = "/cases/0195b9c0-0000-7000-8000-000000000000/footage";
    let (cookie, _) = server.session("case_officer").await;
    assert!([403, 404].contains(&server.get(path, &cookie).await.status.as_u16()));
    assert!(server.get(path, "").await.place().starts_with("/login"));
}

/// An order to show footage that came to the site, whose hold holds nothing here.
async fn order_came(server: &Server) -> OrderId {
    let now = server.site.now().utc;
    let what = Order::View(ViewOrder {
        case: "沈公〔2026〕12号".into(),
        hold: OrderId::from_bytes([8; 16]),
        from: now.plus_ms(-2 * HOUR_MS),
        to: now.plus_ms(-HOUR_MS),
        scope: "东入口<b>1号".into(),
        copy: false,
        covered: Some(ClauseId::new("A-25-1")),
        paper: PAPER.into(),
        until: now.plus_ms(24 * HOUR_MS),
        reason: "citizen_viewing".into(),
        clauses: vec![ClauseId::new("A-25-1-f2")],
    });
    let (id, body) = (OrderId::from_bytes([7; 16]), what.body());
    let came = CameOrder {
        id,
        authority: "jifang/authority",
        seq: 1,
        kind: what.kind(),
        at: now,
        note: b"signed",
        body: &body,
    };
    assert!(server.site.store().take_order(&came, UtcMs(now.0)).await.unwrap());
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_show_is_a_thing_to_do_for_the_custodian() {
    let server = Server::with_people().await;
    let path = format!("/use/orders/{}", order_came(&server).await);
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    let list = custodian.get("/use/orders").await;
    assert!(list.text.contains(&format!("href=\"{path}\"")) && list.text.contains("待办理"), "{:.3000}", list.text);
    let shown = custodian.get(&path).await;
    assert_eq!(shown.status, 200, "{:.600}", shown.text);
    assert!(shown.text.contains(PAPER) && shown.text.contains("东入口&#60;b&#62;1号"), "{:.3000}", shown.text);
    assert!(shown.text.contains("data-covered") && shown.text.contains("/law/A-25-1"), "who is to be covered is said");
    assert!(!shown.text.contains("name=\"camera\"") && shown.text.contains("没有为该案封存的录像"), "nothing is held");
    // What the page did not offer is refused by the corridor.
    let camera = "0190a1b2-0000-7000-8000-000000000000";
    let fields = [("camera", camera), ("from", "2026-11-21T20:00:00"), ("to", "2026-11-21T20:10:00")];
    let wide = custodian.post(&format!("{path}/request"), &fields).await;
    assert!(wide.status == 400 && wide.text.contains("超出公安机关准予"), "{} {:.3000}", wide.status, wide.text);
    let untimed = custodian.post(&format!("{path}/request"), &[("camera", camera)]).await;
    assert!(untimed.status == 400 && untimed.text.contains("请填写起止时间"), "{}", untimed.status);
    let finish = format!("{path}/finish");
    assert_eq!(custodian.post(&finish, &[("how", "shown")]).await.status, 409, "nothing was shown");
    let short = custodian.post(&finish, &[("how", "not_possible"), ("reason", "没来")]).await;
    assert!(short.status == 400 && short.text.contains("没来"), "what was typed stays");
    let told = [("how", "not_possible"), ("reason", "没有为该案封存的录像")];
    assert_eq!(custodian.post(&finish, &told).await.place(), path);
    let over = custodian.get(&path).await;
    assert!(over.text.contains("无法办理") && !over.text.contains(&finish), "{:.3000}", over.text);
    assert_eq!(custodian.get("/use/orders/x").await.status, 404);
    assert_eq!(custodian.get(&format!("/use/{camera}/show")).await.status, 404);
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get(&path).await.status, 403);
}

/// A session of the custodian under this order, in which footage of a camera was played.
async fn shown(server: &Server, order: OrderId, camera: CameraId) -> RequestId {
    let (store, now, by) = (server.site.store(), server.site.now().utc, server.account("information_custodian").await);
    let (from, to) = (now.plus_ms(-2 * HOUR_MS), now.plus_ms(-HOUR_MS));
    let until = now.plus_ms(24 * HOUR_MS);
    let app = Application {
        basis: Basis::OwnRight,
        wanted: Use::View,
        case_number: "沈公〔2026〕12号".into(),
        unit: "公安机关".into(),
        purpose: "向申请人提供查看".into(),
        cameras: vec![camera],
        from,
        to,
        letter: None,
        officers: vec![by],
        under: Some(Under { order, paper: PAPER.into(), covered: Some(ClauseId::new("A-25-1")), until }),
        own: None,
    };
    let id = store.add_request(&app, State::Submitted { at: now }, &[], now).await.unwrap().id;
    let line = NewRegister {
        request: id,
        what: "session",
        camera: None,
        from: None,
        to: None,
        unit: "公安机关".into(),
        reason: "查看".into(),
        persons: Pii::new("王五".into()),
        clauses: vec![],
        by,
        text: Text::new("开始。", "Opened."),
        body: serde_json::json!({}),
    };
    let session = Session { first: by, second: by, opened: now, until: now.plus_ms(HOUR_MS), seen: None };
    store.set_request_session(id, Some(&session), line.clone(), now).await.unwrap();
    let played = NewRegister { what: "view", camera: Some(camera), from: Some(from), to: Some(to), ..line };
    store.register("footage.viewed.official", played, now).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_showing_ends_only_when_every_camera_that_was_played_is_answered_for() {
    let server = Server::with_people().await;
    let order = order_came(&server).await;
    let camera = crate::own_request::camera(&server).await;
    let end = format!("/use/{}/end", shown(&server, order, camera).await);
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    let other = "0190a1b2-0000-7000-8000-000000000000";
    for told in [String::new(), format!("{camera}:0:0"), format!("{other}:3:1"), "3".into(), format!("{camera}:-1:0")] {
        let got = custodian.post(&end, &[("covers", told.as_str())]).await;
        assert!(got.status == 400 && got.text.contains("正门1号"), "{told}: {} {:.2000}", got.status, got.text);
    }
    let told = format!("{other}:9:0,{camera}:2:0");
    let done = custodian.post(&end, &[("covers", told.as_str())]).await;
    assert_eq!(done.place(), format!("/use/orders/{order}"), "{:.2000}", done.text);
    let filter = ActFilter { kind: Some("session.ended".into()), ..ActFilter::default() };
    let acts = server.site.store().acts(&filter, 5).await.unwrap();
    assert!(acts.iter().any(|act| act.text.zh.contains("正门1号画黑框 2 个。")), "{acts:?}");
}
