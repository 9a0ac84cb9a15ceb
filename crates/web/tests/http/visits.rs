//! Visits over HTTP: asked for, approved, begun, two phones that differ, photos, closed into the case; and who gets nowhere.

use crate::harness::{Browser, Got, Sent, Server, form};
use authority::By;
use authority::cases::plans::{PlanBody, PlanForm};
use authority::cases::{Beginning, OfficeForm, OfficerForm};
use axum::http::Method;
use base::{CaseId, CivilDate, Pii, Sha256};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed, fields_of};
use domain::draw::Quota;
use domain::inspection::PlanItem;
use law::FieldKind;
use serde_json::{Value, json};
use std::sync::LazyLock;

static GATE: LazyLock<law::Gate> = LazyLock::new(|| law::Gate::embedded().unwrap());

const CODE: &str = "91350100M000100Y43";

/// An authority's server with two officers, a head, the plan of the year, and an inspection whose notice was given.
async fn field() -> (Server, CaseId) {
    let server = Server::of_authority().await;
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form("second", Role::CaseOfficer, "钱承办", "3")).await.unwrap();
    server.site.add_account_locally(&form("third", Role::CaseOfficer, "孙承办", "4")).await.unwrap();
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let office = OfficeForm {
        name: "示例分局".into(),
        level: "county".into(),
        division: "230102".into(),
        unit_code: "230102000000".into(),
        ..OfficeForm::default()
    };
    let office = authority.put_office(admin, &office).await.unwrap();
    for login in ["case_officer", "second", "third", "case_approver"] {
        let until = Some(CivilDate::parse("2999-12-31").unwrap());
        let card = OfficerForm { certificate: Pii::new(format!("2301-{login}")), valid_until: until };
        authority.put_officer(admin, server.account(login).await, office, &card).await.unwrap();
    }
    let today = server.site.now().utc.shanghai_date();
    let head = By { account: server.account("case_approver").await, role: Role::CaseApprover };
    let officer = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let body = PlanBody {
        items: vec![PlanItem { id: "general".into(), checklist: "general".into() }],
        cap: 2,
        quotas: [("systems".to_owned(), Quota::Count(1))].into(),
        inspectors_per_unit: 2,
        max_per_inspector: 5,
        rest_days: 0,
        after_entries: 3,
        draw_within_days: 30,
        public_source: None,
        again_of: None,
    };
    let plan = PlanForm { word: "plan-1".into(), year: today.0.year(), title: "年度检查计划".into(), body };
    authority.put_plan(officer, &plan).await.unwrap();
    let read = server.site.store().inspection_plan("plan-1").await.unwrap().unwrap().changed;
    authority.publish_plan_as_seen(head, "plan-1", read).await.unwrap();
    let beginning = Beginning {
        procedure: "inspection_b".into(),
        channel: Channel::OwnMotion,
        party: None,
        place: String::new(),
        office: None,
        facts_on: None,
        title: "示例商业".into(),
        again: String::new(),
    };
    let case = authority.begin(officer, &beginning).await.unwrap().case;
    let procedure = GATE.packs().procedure("inspection_b").unwrap();
    let text = |f: &law::Field| if f.kind == FieldKind::Day { today.to_string() } else { f.sample.clone() };
    let typed: Typed = fields_of(procedure, "notice").into_iter().map(|f| (f.id.clone(), text(f))).collect();
    let act =
        CaseAct::Done { step: "notice".into(), typed, note: String::new(), officers: vec![officer.account], on: today };
    let seen = server.site.store().case(case).await.unwrap().unwrap().events;
    authority.act(officer, case, &Command { seen, act }, Vec::new()).await.unwrap();
    (server, case)
}

async fn signed_in<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = server.browser();
    browser.login(login).await;
    browser
}

/// A visit that has begun, by the pages' own forms.
async fn begun(server: &Server, case: CaseId) {
    let mut officer = signed_in(server, "case_officer").await;
    let page = format!("/visits/{case}");
    let list = officer.get(&format!("/visits?case={case}")).await;
    assert!(
        list.text.contains("id=\"ask\"") && list.text.contains("技防系统使用单位通用检查表"),
        "{:.2000}",
        list.text
    );
    let (second, today) =
        (server.account("second").await.to_string(), server.site.now().utc.shanghai_date().to_string());
    assert!(!list.text.contains("value=\"planned\""), "nothing was drawn here");
    let fields = [("kind", "special"), ("item", "general"), ("day", today.as_str()), ("with", second.as_str())];
    let got = officer.post(&format!("{page}/ask"), &fields).await;
    assert!(got.status == 400 && got.text.contains("href=\"#basis\""), "{} {:.900}", got.status, got.text);
    let whole = [&fields[..], &[("basis", "专项〔2026〕1号")][..]].concat();
    let got = officer.post(&format!("{page}/ask"), &whole).await;
    assert_eq!(got.place(), page, "{:.900}", got.text);
    assert_eq!(officer.post(&format!("{page}/approve"), &[]).await.status, 403);
    let mut head = signed_in(server, "case_approver").await;
    assert!(head.get("/visits").await.text.contains(&format!("data-visit-card=\"{case}\"")));
    assert!(head.get(&page).await.text.contains("/approve"));
    assert_eq!(head.post(&format!("{page}/approve"), &[]).await.status, 303);
    let year = today.get(..4).unwrap();
    let number = format!("示例分局检批字〔{year}〕1号");
    let opened = officer.get(&page).await;
    assert!(opened.text.contains("/begin") && opened.text.contains(&number), "{:.2000}", opened.text);
    let got = officer.post(&format!("{page}/begin"), &[]).await;
    assert_eq!(got.place(), page, "{:.900}", got.text);
    let opened = officer.get(&page).await.text;
    assert!(opened.contains("data-item=\"responsible\"") && opened.contains("js/visit.js"), "{opened:.2000}");
}

async fn save(server: &Server, login: &str, case: CaseId, body: &Value) -> Got {
    let (cookie, csrf) = server.session(login).await;
    let path = format!("/api/v1/visits/{case}/save");
    let sent = Sent { method: Method::POST, body: body.to_string().into(), ..Sent::get(&path) };
    let sent = sent.with("content-type", "application/json").with("cookie", cookie).with("x-csrf", csrf);
    server.send(sent).await
}

fn changes(version: u32, list: &[(&str, Value)]) -> Value {
    let changes: Vec<Value> =
        list.iter().map(|(field, value)| json!({ "field": field, "base": null, "value": value })).collect();
    json!({ "base_version": version, "changes": changes })
}

async fn photo(server: &Server, login: &str, case: CaseId, (bytes, sha256, belongs): (&[u8], &str, &str)) -> Got {
    let (cookie, csrf) = server.session(login).await;
    let mut body = Vec::new();
    for (name, value) in [("sha256", sha256), ("belongs", belongs), ("taken", "1"), ("csrf", csrf.as_str())] {
        body.extend(format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    body.extend(b"--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"p.png\"\r\n\r\n");
    body.extend(bytes);
    body.extend(b"\r\n--XX--\r\n");
    let path = format!("/api/v1/visits/{case}/photos");
    let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get(&path) };
    let sent =
        sent.with("content-type", "multipart/form-data; boundary=XX").with("cookie", cookie).with("x-csrf", csrf);
    server.send(sent).await
}

fn picture() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n a picture".to_vec()
}

#[tokio::test]
async fn two_phones_sync_and_differ() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let first = save(&server, "case_officer", case, &changes(1, &[("note", json!("门口"))])).await;
    assert_eq!((first.status.as_u16(), first.json()["version"].as_u64()), (200, Some(2)), "{}", first.text);
    let stale =
        save(&server, "second", case, &changes(1, &[("note", json!("后门")), ("present_name", json!("赵六"))])).await;
    let got = stale.json();
    assert_eq!((got["version"].as_u64(), got["conflicts"][0]["theirs"].as_str()), (Some(3), Some("门口")), "{got}");
    assert_eq!(got["fields"]["present_name"]["value"].as_str(), Some("赵六"));
    let chosen = json!({ "base_version": 3, "changes": [{ "field": "note", "base": "门口", "value": "后门" }] });
    let got = save(&server, "second", case, &chosen).await.json();
    assert_eq!(
        (got["fields"]["note"]["value"].as_str(), got["conflicts"].as_array().map(Vec::len)),
        (Some("后门"), Some(0))
    );
    let (cookie, _) = server.session("case_officer").await;
    let now = server.get(&format!("/api/v1/visits/{case}"), &cookie).await.json();
    assert_eq!((now["version"].as_u64(), now["state"].as_str()), (Some(4), Some("open")));
    for login in ["third", "supervisor"] {
        let (cookie, _) = server.session(login).await;
        let got = server.get(&format!("/api/v1/visits/{case}"), &cookie).await;
        assert_eq!(got.status, 403, "{login}");
        assert!(!got.text.contains("赵六"), "who was there is told to its inspectors only");
    }
    let future = save(&server, "second", case, &changes(9, &[])).await;
    assert_eq!((future.status.as_u16(), future.json()["code"].as_str()), (400, Some("base_version")));
    for body in [json!({}), json!([]), json!({ "base_version": 4, "changes": [], "more": 1 })] {
        assert_eq!(save(&server, "second", case, &body).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn photos_come_whole_or_not_at_all() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let bytes = picture();
    let digest = Sha256::of(&bytes).hex();
    let got = photo(&server, "second", case, (&bytes, &digest, "door")).await;
    assert_eq!((got.status.as_u16(), got.json()["photo"].as_u64()), (200, Some(1)), "{}", got.text);
    let wrong = Sha256::of(b"other").hex();
    let got = photo(&server, "second", case, (&bytes, &wrong, "door")).await;
    assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (400, Some("photo_digest")));
    let large = [bytes.clone(), vec![0; base::limits::UPLOAD_BYTES + 128 * 1024]].concat();
    assert_eq!(photo(&server, "second", case, (&large, &digest, "door")).await.status, 413);
    assert_eq!(photo(&server, "third", case, (&bytes, &digest, "door")).await.status, 403, "no inspector");
    let mut officer = signed_in(&server, "case_officer").await;
    let got = officer.get(&format!("/visits/{case}/photos/1")).await;
    assert!(got.header("content-disposition").starts_with("attachment"), "{:?}", got.headers);
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(officer.get(&format!("/visits/{case}/photos/2")).await.status, 404);
}

#[tokio::test]
async fn a_visit_is_closed_into_its_case() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let authority = server.authority.clone().unwrap();
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let view = authority.visit(by, case).await.unwrap();
    let mut list = vec![
        ("scan".to_owned(), json!({ "code": CODE, "at": 1 })),
        ("present_name".to_owned(), json!("赵六")),
        ("present_post".to_owned(), json!("保卫部主任")),
    ];
    for item in view.items.iter().map(|i| &i.item) {
        let answered = match item.answer {
            law::AnswerKind::YesNo => json!("yes"),
            law::AnswerKind::Number => json!({ "number": item.least.or(item.most) }),
            law::AnswerKind::Choice => json!({ "choice": item.choices.iter().find(|c| c.passes).unwrap().id }),
        };
        list.push((format!("item/{}", item.id), json!({ "answered": answered })));
    }
    let list: Vec<(&str, Value)> = list.iter().map(|(field, value)| (field.as_str(), value.clone())).collect();
    let got = save(&server, "case_officer", case, &changes(1, &list)).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let mut officer = signed_in(&server, "case_officer").await;
    let close = format!("/visits/{case}/close");
    officer.get(&format!("/visits/{case}")).await;
    let refusal = [("version", "2"), ("reason", "负责人不在场"), ("witness", "孙七")];
    let got = officer.post(&close, &refusal).await;
    assert!(got.status == 409 && got.text.contains("检查人员没有全部签名"), "{} {:.900}", got.status, got.text);
    let bytes = picture();
    let digest = Sha256::of(&bytes).hex();
    for login in ["case_officer", "second"] {
        let belongs = format!("signature/{}", server.account(login).await);
        assert_eq!(photo(&server, login, case, (&bytes, &digest, &belongs)).await.status, 200);
    }
    let got = officer.post(&close, &refusal).await;
    assert_eq!(got.place(), format!("/visits/{case}"), "{:.2000}", got.text);
    let page = officer.get(got.place()).await.text;
    assert!(
        page.contains("检查合格") && page.contains("单位拒绝签名") && !page.contains("js/visit.js"),
        "{page:.2000}"
    );
    let done = authority.case(by, case).await.unwrap().case.done("inspect").map(|d| d.officers.len());
    assert_eq!(done, Some(2), "the step is in the case");
    let late = save(&server, "case_officer", case, &changes(2, &[("note", json!("x"))])).await;
    assert_eq!((late.status.as_u16(), late.json()["code"].as_str()), (409, Some("visit_state")));
}

#[tokio::test]
async fn everybody_else_gets_nowhere() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let page = format!("/visits/{case}");
    for (login, path, status) in [
        ("third", page.as_str(), 200),
        ("supervisor", page.as_str(), 200),
        ("applicant", page.as_str(), 403),
        ("police_duty", page.as_str(), 403),
        ("applicant", "/visits", 403),
        ("case_officer", "/visits/0190a1b2-0000-7000-8000-000000000000", 404),
        ("case_officer", "/visits/nothing", 404),
        ("administrator", "/sites/0190a1b2-0000-7000-8000-000000000000", 404),
    ] {
        let mut browser = signed_in(&server, login).await;
        let got = browser.get(path).await;
        assert_eq!(got.status, status, "{login} {path}");
        assert!(!got.text.contains("data-visit=\""), "{login} writes nothing");
    }
    let one = changes(1, &[("note", json!("x"))]);
    for (login, status) in [("third", 403), ("supervisor", 403), ("case_approver", 403), ("applicant", 403)] {
        assert_eq!(save(&server, login, case, &one).await.status, status, "{login}");
    }
    for (login, status) in [("second", 200), ("third", 403), ("case_approver", 403), ("supervisor", 403)] {
        let (cookie, _) = server.session(login).await;
        let got = server.get(&format!("/api/v1/visits/{case}"), &cookie).await;
        assert_eq!(got.status, status, "{login}: the record names whom the inspectors met");
    }
    let worker = server.get("/visits/sw.js", "").await;
    assert_eq!((worker.status.as_u16(), worker.header("content-type")), (200, "text/javascript; charset=utf-8"));
    assert_eq!(worker.header("cache-control"), "no-cache");
    let site = Server::with_people().await;
    let mut officer = signed_in(&site, "case_officer").await;
    assert_eq!(officer.get("/visits").await.status, 404, "a site's server has no visits");
}
