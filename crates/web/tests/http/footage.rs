//! Citizens and footage over HTTP: what anybody reads before asking, and who may look at what is held.

use crate::harness::{Browser, Sent, Server};
use axum::http::Method;
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
    assert!(guide.contains("窗口不受理") && guide.contains("当面提出不要账号"), "{guide:.5000}");
    assert!(!guide.contains("从受理的那一刻起封存") && !guide.contains("看办事指南"), "{guide:.5000}");
    for part in ["data-first", "data-letter", "不用注册账号", "href=\"/public/complaint\""] {
        assert!(guide.contains(part), "{part}: {guide:.5000}");
    }
    assert!(!guide.contains("打下面的电话") && !guide.contains("要作证据的，向公安机关提出"), "{guide:.5000}");
    assert!(
        guide.contains("href=\"/apply/footage\"") && guide.contains("由该单位决定"),
        "and through this site: {guide:.5000}"
    );
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
    let id = store.add_request(&app, State::Granted { at: now, until }, &[], now).await.unwrap().id;
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
    let session =
        Session { first: by, second: by, opened: now, until: now.plus_ms(HOUR_MS), seen: None, browser: None };
    assert!(store.open_request_session(id, (None, &session), (None, line.clone()), now).await.unwrap());
    let played = NewRegister { what: "view", camera: Some(camera), from: Some(from), to: Some(to), ..line };
    store.register("footage.viewed.official", played, now).await.unwrap();
    id
}

/// The end of the viewing is refused with these words.
async fn not_ended(custodian: &mut Browser<'_>, end: &str, covers: &str, says: &str) {
    let got = custodian.post(end, &[("covers", covers)]).await;
    assert!(got.status == 400 && got.text.contains(says), "{covers}: {} {:.2000}", got.status, got.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_showing_ends_only_when_what_was_shown_was_looked_at() {
    let server = Server::with_people().await;
    let order = order_came(&server).await;
    let camera = crate::own_request::camera(&server).await;
    // The session runs in a browser that was signed in before it.
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    let id = shown(&server, order, camera).await;
    let end = format!("/use/{id}/end");
    not_ended(&mut custodian, &end, "", "正门1号没有检查过").await;
    not_ended(&mut custodian, &end, "3", "格式不对").await;
    let span = server.site.cover_span_ms();
    let covering = |looked: &str, shown: &str| {
        format!("{{\"span_ms\":{span},\"boxes\":[],\"looked\":[{looked}],\"shown\":[{shown}]}}")
    };
    let said = |camera: &str, covering: &str| format!("{{\"camera\":\"{camera}\",\"covering\":{covering}}}");
    let nobody = "{\"from\":0,\"to\":2,\"nobody\":true}";
    let boxless = "{\"from\":0,\"to\":2,\"nobody\":false}";
    let mine = camera.to_string();
    not_ended(&mut custodian, &end, &said(&mine, &covering(boxless, "")), "既没有黑框").await;
    // Shown, and two spans of it not looked at: it is kept and stands against the end, also where the page says no more of it.
    not_ended(&mut custodian, &end, &said(&mine, &covering(nobody, "[1,4]")), "有 2 段播放过而没有检查").await;
    not_ended(&mut custodian, &end, &said(&mine, &covering(nobody, "")), "有 2 段播放过而没有检查").await;
    let other = "0190a1b2-0000-7000-8000-000000000000";
    let elsewhere = custodian.post(&end, &[("covers", said(other, &covering(nobody, "")).as_str())]).await;
    assert_eq!(elsewhere.status, 403, "{:.600}", elsewhere.text);
    let kept = custodian.get(&format!("/api/v1/use/{id}/covers/{camera}")).await;
    assert_eq!((kept.status.as_u16(), kept.json()["shown"][0][1].as_u64()), (200, Some(4)), "{}", kept.text);
    for path in [format!("/api/v1/use/{id}/covers/x"), format!("/api/v1/use/x/covers/{camera}")] {
        assert_eq!(custodian.get(&path).await.status, 404, "{path}");
    }
    let mut manager = server.browser();
    manager.login("security_manager").await;
    assert_eq!(manager.get(&format!("/api/v1/use/{id}/covers/{camera}")).await.status, 403);
    let all = "{\"from\":0,\"to\":4,\"nobody\":true}";
    let done = custodian.post(&end, &[("covers", said(&mine, &covering(all, "")).as_str())]).await;
    assert_eq!(done.place(), format!("/use/orders/{order}"), "{:.2000}", done.text);
    let filter = ActFilter { kind: Some("session.ended".into()), ..ActFilter::default() };
    let acts = server.site.store().acts(&filter, 5).await.unwrap();
    let said = "正门1号检查 4 段，其中确认认不出他人 4 段，画黑框 0 个，播放 3 段";
    assert!(acts.iter().any(|act| act.text.zh.contains(said)), "{acts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn footage_with_others_in_it_plays_on_the_page_of_its_viewing_only() {
    let server = Server::with_people().await;
    let order = order_came(&server).await;
    let camera = crate::own_request::camera(&server).await;
    let (cookie, _) = server.session("information_custodian").await;
    let id = shown(&server, order, camera).await;
    let from = server.site.store().request(id).await.unwrap().unwrap().application.from.0;
    let film = format!("/api/v1/cameras/{camera}/play.mp4?from={from}&to={}&use={id}", from + 10_000);
    let page = format!("http://localhost/use/{id}/view?camera={camera}");
    let code = async |headers: &[(&'static str, &str)]| {
        let sent =
            headers.iter().fold(Sent::get(&film).with("cookie", cookie.clone()), |s, (name, v)| s.with(name, *v));
        let got = server.send(sent).await;
        (got.status.as_u16(), got.json()["code"].as_str().unwrap_or_default().to_owned())
    };
    let closed = (403, "covered_page_only".to_owned());
    for asked in [
        &[][..],
        &[("sec-fetch-dest", "document"), ("referer", page.as_str())],
        &[("sec-fetch-dest", "empty")],
        &[("referer", "http://localhost/use")],
    ] {
        assert_eq!(code(asked).await, closed, "{asked:?}");
    }
    for asked in [&[("sec-fetch-dest", "video")][..], &[("referer", page.as_str())]] {
        assert_ne!(code(asked).await.1, closed.1, "what stands in the way then is another thing: {asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boxes_are_kept_in_the_browser_of_the_session_and_only_whole() {
    let server = Server::with_people().await;
    let order = order_came(&server).await;
    let camera = crate::own_request::camera(&server).await;
    let mine = server.session("information_custodian").await;
    let id = shown(&server, order, camera).await;
    let later = server.site.now().utc.plus_ms(60_000);
    let elsewhere = server.session_at("information_custodian", later).await;
    let path = format!("/api/v1/use/{id}/covers/{camera}");
    let send = async |(cookie, csrf): &(String, String), body: String| {
        let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get(&path) };
        let got = server.send(sent.with("cookie", cookie.clone()).with("x-csrf", csrf.clone())).await;
        (got.status.as_u16(), got.json())
    };
    let kept = server.get(&path, &mine.0).await.json();
    let span = u64::from(server.site.cover_span_ms());
    assert_eq!((kept["span_ms"].as_u64(), kept["looked"].as_array().map(Vec::len)), (Some(span), Some(0)), "{kept}");
    let from = server.site.store().request(id).await.unwrap().unwrap().application.from.0;
    let key = |t: i64, x: u16| serde_json::json!({ "t": t, "x": x, "y": 100, "w": 200, "h": 300 });
    let body = |keys: Vec<serde_json::Value>, end: i64| {
        let boxes = serde_json::json!([{ "keys": keys, "end": end }]);
        let looked = serde_json::json!([{ "from": 0, "to": 1, "nobody": false }]);
        serde_json::json!({ "span_ms": span, "boxes": boxes, "looked": looked, "shown": [[0, 1]] }).to_string()
    };
    let good = body(vec![key(from, 0), key(from + 2_000, 800)], from + 5_000);
    let (status, said) = send(&mine, good.clone()).await;
    assert_eq!((status, said["boxes"][0]["keys"][1]["x"].as_u64()), (200, Some(800)), "{said}");
    let (status, said) = send(&elsewhere, good.clone()).await;
    assert_eq!((status, said["code"].as_str()), (403, Some("other_browser")), "{said}");
    for (bad, code) in [
        (String::new(), "malformed"),
        (good.replace("\"nobody\":false", "\"nobody\":false,\"x\":1"), "malformed"),
        (body(vec![key(from, 801)], from + 5_000), "cover_box"),
        (body(vec![key(from - 1, 0)], from + 5_000), "cover_box"),
        (body(vec![key(from + 1, 0), key(from, 0)], from + 5_000), "cover_box"),
        (body(vec![key(from + 20_000_000, 0)], from + 20_000_001), "cover_box"),
        (good.replace("[[0,1]]", "[[1,1]]"), "cover_runs"),
        (good.replace(&format!("\"span_ms\":{span}"), "\"span_ms\":1"), "cover_span"),
    ] {
        let (status, said) = send(&mine, bad).await;
        assert_eq!((status, said["code"].as_str()), (400, Some(code)), "{said}");
    }
    let kept = server.get(&path, &mine.0).await.json();
    assert_eq!(kept["boxes"][0]["end"].as_i64(), Some(from + 5_000), "what was refused changed nothing: {kept}");
}
