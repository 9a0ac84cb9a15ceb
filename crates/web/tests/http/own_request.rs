//! A person's own request over HTTP: entered by the custodian, decided by another one, papers for the applicant.

use crate::harness::{Browser, Sent, Server, form};
use axum::http::Method;
use base::{CameraId, Pii};
use domain::access::Role;
use law::PlaceKind;
use site::devices::CameraForm;
use store::cameras::Source;
use store::logbook::ActFilter;

const PAGE: &str = "/use/person";
const NAME: &str = "王五";
const HOUR_MS: i64 = 3_600_000;

pub(crate) async fn camera(server: &Server) -> CameraId {
    let camera = CameraForm {
        name: "正门1号".into(),
        place: "大堂".into(),
        place_kind: PlaceKind::Lobby,
        faces_homes: false,
        audio: false,
        installer: law::Installer::ManagingUnit,
        approval: String::new(),
        sign: Some(base::UtcMs(1_700_000_000_000)),
        priority: 5,
        // Nobody answers there.
        source: Source::Rtsp { url: "rtsp://127.0.0.1:1/x".into(), user: String::new(), udp: false },
        secret: Some(Pii::new("a camera's password".into())),
    };
    let manager = server.actor("security_manager").await;
    server.site.add_camera(&manager, camera).await.unwrap().id()
}

/// A server with a camera and two custodians; the first is signed in.
async fn desk() -> (Server, CameraId) {
    let server = Server::with_people().await;
    let second = form("custodian2", Role::InformationCustodian, "二号", "");
    server.site.add_account_locally(&second).await.unwrap();
    let camera = camera(&server).await;
    (server, camera)
}

fn fields(server: &Server, camera: CameraId) -> Vec<(&'static str, String)> {
    let now = server.site.now().utc;
    let typed = |ms: i64| now.plus_ms(ms).desk().replace(' ', "T");
    vec![
        ("relation", "guardian".into()),
        ("identity", "1".into()),
        ("proof", "1".into()),
        ("need", "1".into()),
        ("plain", "1".into()),
        ("visitor", NAME.into()),
        ("concerned", "王小五".into()),
        ("purpose", "孩子走失，查看离开的方向".into()),
        ("camera", camera.to_string()),
        ("from", typed(-2 * HOUR_MS)),
        ("to", typed(-HOUR_MS)),
    ]
}

async fn send(browser: &mut Browser<'_>, fields: &[(&'static str, String)]) -> crate::harness::Got {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post(PAGE, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_asks_and_gets_receipt_and_answer() {
    let (server, camera) = desk().await;
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    assert!(custodian.get("/use").await.text.contains("href=\"/use/person\""), "the list leads there");
    let page = custodian.get(PAGE).await;
    assert!(
        page.status == 200 && page.text.contains("正门1号") && page.text.contains("/law/799-21"),
        "{:.600}",
        page.text
    );
    let fields = fields(&server, camera);
    let without: Vec<_> = fields.iter().filter(|f| f.0 != "identity").cloned().collect();
    let refused = send(&mut custodian, &without).await;
    assert!(refused.status == 400 && refused.text.contains("请先核对身份证件"), "{:.600}", refused.text);
    assert!(refused.text.contains("孩子走失") && !refused.text.contains(NAME), "what was typed stays, names do not");
    let nobody: Vec<_> = fields.iter().filter(|f| f.0 != "relation").cloned().collect();
    let refused = send(&mut custodian, &nobody).await;
    assert!(refused.status == 400 && refused.text.contains("请选择申请人与当事人的关系"), "{:.600}", refused.text);

    let taken = send(&mut custodian, &fields).await;
    assert_eq!(taken.status, 303, "{:.600}", taken.text);
    let request = taken.place().to_owned();
    let now = server.site.now().utc;
    let held = server.site.store().holds_of(camera, now.plus_ms(-2 * HOUR_MS), now).await.unwrap();
    assert_eq!(held.len(), 1, "held from the first minute");
    let shown = custodian.get(&request).await;
    assert!(shown.text.contains("data-person") && !shown.text.contains("answer.pdf"), "{:.3000}", shown.text);
    assert!(!shown.text.contains(NAME), "the name is sealed");
    assert!(!shown.text.contains(&format!("action=\"{request}/decide\"")), "another one decides");
    assert_eq!(custodian.get(&format!("{request}/answer.pdf")).await.status, 409);

    let mut other = server.browser();
    other.login("custodian2").await;
    assert!(other.get(&request).await.text.contains(&format!("action=\"{request}/decide\"")));
    let granted = other.post(&format!("{request}/decide"), &[("decision", "approve"), ("end_hours", "2")]).await;
    assert_eq!(granted.status, 303, "{:.600}", granted.text);
    let show = format!("{request}/show");
    let papers = custodian.get(&show).await;
    assert!(papers.status == 200 && papers.text.contains("查阅申请回执"), "{:.600}", papers.text);
    let stranger = custodian.post(&show, &[("identity", "1"), ("paper", "1"), ("visitor", "赵六")]).await;
    assert!(stranger.status == 400 && stranger.text.contains("与申请时登记的姓名不一致"), "{:.600}", stranger.text);
    let begun = custodian.post(&show, &[("identity", "1"), ("paper", "1"), ("visitor", NAME)]).await;
    assert_eq!(begun.place(), format!("{request}/view"), "{:.600}", begun.text);
    assert!(custodian.get(&format!("{request}/view")).await.text.contains("data-citizen"));
    assert_eq!(custodian.post(&format!("{request}/end"), &[]).await.place(), request);
}

#[tokio::test(flavor = "multi_thread")]
async fn papers_of_a_request_are_entered_and_for_the_custodian_alone() {
    let (server, camera) = desk().await;
    let mut custodian = server.browser();
    custodian.login("information_custodian").await;
    custodian.get(PAGE).await;
    let request = send(&mut custodian, &fields(&server, camera)).await.place().to_owned();
    let receipt = format!("{request}/receipt.pdf");
    let made = || async {
        let filter = ActFilter { kind: Some("document.".into()), ..ActFilter::default() };
        server.site.store().acts(&filter, 10).await.unwrap().len()
    };
    for login in ["duty_officer", "security_manager", "police_officer", "auditor"] {
        let (cookie, _) = server.session(login).await;
        for path in [receipt.as_str(), PAGE] {
            assert_eq!(server.get(path, &cookie).await.status, 403, "{login} {path}");
        }
    }
    let (cookie, _) = server.session("information_custodian").await;
    let head = Sent { method: Method::HEAD, ..Sent::get(&receipt).with("cookie", cookie.clone()) };
    let head = server.send(head).await;
    assert!(head.status == 200 && head.text.is_empty() && made().await == 0, "nobody receives what HEAD would make");
    let got = server.get(&receipt, &cookie).await;
    assert!(got.status == 200 && got.text.starts_with("%PDF-"), "{:.600}", got.text);
    assert_eq!((got.header("content-type"), got.header("cache-control")), ("application/pdf", "no-store"));
    assert_eq!(made().await, 1);
    assert_eq!(server.get("/use/0190a1b2-0000-7000-8000-000000000000/receipt.pdf", &cookie).await.status, 404);
}
