//! Visits over HTTP: asked for, approved, begun, two phones that differ, photos, closed into the case; and who gets nowhere.

use crate::harness::{Browser, Got, PASSWORD, Sent, Server, form};
use authority::By;
use authority::cases::plans::{PlanBody, PlanForm};
use authority::cases::{Beginning, OfficeForm, OfficerForm};
use axum::http::Method;
use base::{CaseId, CivilDate, Pii, Sha256};
use domain::access::Role;
use domain::casework::{CaseAct, Channel, Command, Typed, fields_of};
use domain::draw::{PublicDay, PublicForm, Quota};
use domain::inspection::PlanItem;
use law::FieldKind;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use store::logbook::ActFilter;

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
        public_source: Some("双色球第2026031期开奖号码".into()),
        public_day: Some(PublicDay { day: today.plus_days(1), hour: None }),
        public_form: PublicForm::parse("rising 6 01-33 rising 1 01-16"),
        public_source_url: None,
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
    picture_to(server, login, &format!("/api/v1/visits/{case}/photos"), (bytes, sha256, belongs), &[]).await
}

async fn picture_to(
    server: &Server,
    login: &str,
    path: &str,
    (bytes, sha256, belongs): (&[u8], &str, &str),
    more: &[(&str, &str)],
) -> Got {
    let (cookie, csrf) = server.session(login).await;
    let mut body = Vec::new();
    let fields = [("sha256", sha256), ("belongs", belongs), ("taken", "1"), ("csrf", csrf.as_str())];
    for (name, value) in fields.iter().chain(more) {
        body.extend(format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    body.extend(b"--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"p.png\"\r\n\r\n");
    body.extend(bytes);
    body.extend(b"\r\n--XX--\r\n");
    let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get(path) };
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
    let path = format!("/api/v1/visits/{case}/photos");
    let item = (bytes.as_slice(), digest.as_str(), "item/responsible");
    for wrong in ["9".repeat(41), "a\u{7}b".to_owned()] {
        let got = picture_to(&server, "second", &path, item, &[("place", wrong.as_str())]).await;
        assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (400, Some("photo")), "{wrong:?}");
    }
    let got = picture_to(&server, "second", &path, item, &[("place", "45.75001,126.65002 ±12 m")]).await;
    assert_eq!((got.status.as_u16(), got.json()["photo"].as_u64()), (200, Some(2)), "{}", got.text);
    let large = [bytes.clone(), vec![0; base::limits::UPLOAD_BYTES + 128 * 1024]].concat();
    assert_eq!(photo(&server, "second", case, (&large, &digest, "door")).await.status, 413);
    assert_eq!(photo(&server, "third", case, (&bytes, &digest, "door")).await.status, 403, "no inspector");
    let mut officer = signed_in(&server, "case_officer").await;
    let got = officer.get(&format!("/visits/{case}/photos/1")).await;
    assert!(got.header("content-disposition").starts_with("attachment"), "{:?}", got.headers);
    assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "application/octet-stream"));
    assert_eq!(officer.get(&format!("/visits/{case}/photos/3")).await.status, 404);
    // Where each was taken, as the phone said, also where it said nothing; only the page that is written may ask the phone.
    let written = officer.get(&format!("/visits/{case}")).await;
    assert!(written.header("permissions-policy").contains("geolocation=(self)"), "{:?}", written.headers);
    let read = officer.get(&format!("/visits/{case}/parts/1")).await;
    assert!(read.header("permissions-policy").contains("geolocation=()"), "{:?}", read.headers);
    for page in [written.text, read.text] {
        assert!(page.contains("地点（手机提供）：45.75001,126.65002 ±12 m"), "{page:.9000}");
        assert_eq!(page.matches("地点：手机没有提供").count(), 1);
    }
    let mut third = signed_in(&server, "third").await;
    let looks_on = third.get(&format!("/visits/{case}")).await;
    assert!(looks_on.header("permissions-policy").contains("geolocation=()"), "{:?}", looks_on.headers);
}

#[tokio::test]
async fn an_inspector_signs_on_the_phone_of_another_with_the_own_account() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let (store, bytes, second) = (server.site.store(), picture(), server.account("second").await);
    let (digest, whose) = (Sha256::of(&bytes).hex(), format!("signature/{second}"));
    let forged = photo(&server, "case_officer", case, (&bytes, &digest, &whose)).await;
    assert_eq!((forged.status.as_u16(), forged.json()["code"].as_str()), (403, Some("own_signature")));
    let path = format!("/api/v1/visits/{case}/sign");
    let sign = async |phone: &str, login: &str, password: &str| {
        let more = [("login", login), ("password", password)];
        picture_to(&server, phone, &path, (&bytes, &digest, &whose), &more).await
    };
    let one_time = store::accounts::one_time_key(second);
    store.set_setting(&one_time, "yes", None, server.site.now().utc).await.unwrap();
    for (phone, login, password, status, code) in [
        ("case_officer", "second", "not the password", 400, "wrong_login"),
        ("case_officer", "case_officer", PASSWORD, 403, "own_signature"),
        ("case_officer", "third", PASSWORD, 403, "own_signature"),
        ("third", "second", PASSWORD, 403, "not_inspector"),
        ("case_officer", "second", PASSWORD, 403, "change_password_first"),
    ] {
        let got = sign(phone, login, password).await;
        assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (status, Some(code)), "{phone} {login}");
    }
    let refused = ActFilter { kind: Some("session.refused".into()), account: Some(second), ..ActFilter::default() };
    assert_eq!(store.acts(&refused, 10).await.unwrap().len(), 1, "a wrong password is in the log");
    store.set_setting(&one_time, "no", None, server.site.now().utc).await.unwrap();
    let mut officer = signed_in(&server, "case_officer").await;
    let api = format!("/api/v1/visits/{case}");
    assert_eq!(officer.get(&api).await.json()["signed"], json!([]));
    let page = officer.get(&format!("/visits/{case}")).await.text;
    assert_eq!(page.matches("data-sign-confirm").count(), 1, "the own signature and the unit's need no account");
    assert_eq!(
        page.matches("data-sign-draw").count(),
        1,
        "without a network the other one draws on the provisional paper"
    );
    assert!(page.contains("data-offline-make") && page.contains(&format!("data-which=\"{case}/1\"")));
    let got = sign("case_officer", "second", PASSWORD).await;
    assert_eq!(got.status, 200, "{}", got.text);
    assert_eq!(officer.get(&api).await.json()["signed"], json!([whose]));
    let got = officer.get(&format!("/visits/{case}")).await;
    assert_eq!(got.status, 200, "who signed beside it took nobody's session over");
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
    let told = got.text.split("检查人员没有全部签名，还缺：").nth(1).and_then(|rest| rest.split('。').next());
    let missing: BTreeSet<&str> = told.unwrap_or_default().split('、').collect();
    assert_eq!((got.status.as_u16(), missing), (409, BTreeSet::from(["case_officer", "second"])), "{:.900}", got.text);
    for typed in ["value=\"负责人不在场\"", "value=\"孙七\""] {
        assert!(got.text.contains(typed), "what was typed stands: {typed}");
    }
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
    // The record is made and handed over without leaving the page.
    assert!(page.contains("data-make=\"inspection_record\""), "{page:.3000}");
    let seen = server.site.store().case(case).await.unwrap().unwrap().events.to_string();
    let make = [("kind", "inspection_record"), ("seen", seen.as_str())];
    let got = officer.post(&format!("/visits/{case}/papers"), &make).await;
    assert_eq!(got.place(), format!("/visits/{case}"), "{:.2000}", got.text);
    let page = officer.get(got.place()).await.text;
    let document = page.split("name=\"document\" value=\"").nth(1).and_then(|rest| rest.get(..64)).unwrap_or_default();
    assert!(!page.contains("data-make=\"inspection_record\"") && !document.is_empty(), "{page:.3000}");
    let seen = server.site.store().case(case).await.unwrap().unwrap().events.to_string();
    let served = [("document", document), ("seen", seen.as_str())];
    let got = officer.post(&format!("/visits/{case}/served"), &served).await;
    assert_eq!(got.place(), format!("/visits/{case}"), "{:.2000}", got.text);
    assert!(officer.get(got.place()).await.text.contains("已送达"));
    let mut third = signed_in(&server, "third").await;
    assert!(!third.get(&format!("/visits/{case}")).await.text.contains("data-after"), "who only looks on has no form");
    let part = format!("/visits/{case}/parts/1");
    assert!(officer.get(&format!("/cases/{case}")).await.text.contains(&format!("href=\"{part}\"")), "it can be found");
    let page = officer.get(&part).await.text;
    assert!(page.contains("检查合格") && page.contains(&format!("{part}/photos/1")), "{page:.2000}");
    assert_eq!(officer.get(&format!("{part}/photos/1")).await.status, 200);
    for gone in ["parts/2", "parts/0", "parts/x", "parts/1/photos/9", "parts/2/photos/1"] {
        assert_eq!(officer.get(&format!("/visits/{case}/{gone}")).await.status, 404, "{gone}");
    }
    let late = save(&server, "case_officer", case, &changes(2, &[("note", json!("x"))])).await;
    assert_eq!((late.status.as_u16(), late.json()["code"].as_str()), (409, Some("visit_state")));
}

#[tokio::test]
async fn why_a_visit_is_dropped_and_how_it_ends_are_not_typed_twice() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let kept = [
        ("close/unit_name", json!("赵六")),
        ("close/reason", json!("不认可检查结果")),
        ("close/witness", json!("孙七")),
    ];
    assert_eq!(save(&server, "second", case, &changes(1, &kept)).await.status, 200);
    let other = changes(2, &[("close/other", json!("x"))]);
    assert_eq!(save(&server, "second", case, &other).await.json()["code"], "field");
    let mut officer = signed_in(&server, "case_officer").await;
    let page = officer.get(&format!("/visits/{case}")).await.text;
    for typed in ["value=\"赵六\"", "value=\"不认可检查结果\"", "value=\"孙七\""] {
        assert!(page.contains(typed), "another phone wrote it: {typed}");
    }
    let got = officer.post(&format!("/visits/{case}/drop"), &[("drop-reason", "单位停业")]).await;
    assert_eq!(got.status, 409, "it has begun");

    // Nothing that was typed is lost where the reason is too short.
    let (server, case) = field().await;
    let mut officer = signed_in(&server, "case_officer").await;
    officer.get(&format!("/visits?case={case}")).await;
    let (second, today) =
        (server.account("second").await.to_string(), server.site.now().utc.shanghai_date().to_string());
    let fields = [
        ("kind", "special"),
        ("item", "general"),
        ("day", today.as_str()),
        ("with", second.as_str()),
        ("basis", "专项〔2026〕1号"),
    ];
    assert_eq!(officer.post(&format!("/visits/{case}/ask"), &fields).await.status, 303);
    officer.get(&format!("/visits/{case}")).await;
    let got = officer.post(&format!("/visits/{case}/drop"), &[("drop-reason", "停业")]).await;
    assert_eq!(got.status, 400, "{:.900}", got.text);
    assert!(got.text.contains("value=\"停业\"") && got.text.contains("data-drop open"), "it stands in its field");
}

async fn late_draft(server: &Server, login: &str, case: CaseId, body: &Value) -> Got {
    let (cookie, csrf) = server.session(login).await;
    let path = format!("/api/v1/visits/{case}/order");
    let sent = Sent { method: Method::POST, body: body.to_string().into(), ..Sent::get(&path) };
    server.send(sent.with("content-type", "application/json").with("cookie", cookie).with("x-csrf", csrf)).await
}

#[tokio::test]
async fn a_draft_of_the_order_goes_into_the_case_and_never_over_the_desk() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let authority = server.authority.clone().unwrap();
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let mut officer = signed_in(&server, "case_officer").await;
    let page = format!("/visits/{case}");
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("data-order") && shown.contains("<option value=\"30\">"), "{shown:.3000}");
    assert!(shown.contains("<option value=\"0\">当场改正</option>") && shown.contains("data-within=\"0\""));
    let view = authority.visit(by, case).await.unwrap();
    let mut list = vec![
        ("scan".to_owned(), json!({ "code": CODE, "at": 1 })),
        ("present_name".to_owned(), json!("赵六")),
        ("present_post".to_owned(), json!("保卫部主任")),
        ("order/order_defects".to_owned(), json!("手机写的：没有负责人。")),
        ("order/correct_days".to_owned(), json!("30")),
        ("order/taker".to_owned(), json!("赵六")),
    ];
    for item in view.items.iter().map(|i| &i.item) {
        let fails = item.id == "responsible";
        let answered = match item.answer {
            law::AnswerKind::YesNo => json!(if fails { "no" } else { "yes" }),
            law::AnswerKind::Number => json!({ "number": item.least.or(item.most) }),
            law::AnswerKind::Choice => json!({ "choice": item.choices.iter().find(|c| c.passes).unwrap().id }),
        };
        let defects: Vec<&str> = item.defects.iter().take(usize::from(fails)).map(|d| d.id.as_str()).collect();
        list.push((format!("item/{}", item.id), json!({ "answered": answered, "defects": defects })));
    }
    let list: Vec<(&str, Value)> = list.iter().map(|(field, value)| (field.as_str(), value.clone())).collect();
    let got = save(&server, "case_officer", case, &changes(1, &list)).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let wrong = changes(2, &[("order/correct_days", json!("soon"))]);
    let got = save(&server, "case_officer", case, &wrong).await;
    assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (400, Some("field")));
    let bytes = picture();
    let digest = Sha256::of(&bytes).hex();
    for login in ["case_officer", "second"] {
        let belongs = format!("signature/{}", server.account(login).await);
        assert_eq!(photo(&server, login, case, (&bytes, &digest, &belongs)).await.status, 200);
    }
    assert_eq!(photo(&server, "second", case, (&bytes, &digest, "signature/order")).await.status, 200);
    let days = json!({ "changes": [{ "field": "order/correct_days", "base": null, "value": "60" }] });
    assert_eq!(late_draft(&server, "second", case, &days).await.status, 409, "the visit is not closed");
    let refusal = [("version", "2"), ("reason", "负责人不在场"), ("witness", "孙七")];
    let got = officer.post(&format!("{page}/close"), &refusal).await;
    let said =
        got.text.split("error-summary").nth(1).or_else(|| got.text.split("class=\"flash").nth(1)).unwrap_or_default();
    assert_eq!(got.place(), page, "{said:.900}");
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("data-taker") && !shown.contains("data-draft="), "{shown:.3000}");
    let view = authority.case(by, case).await.unwrap();
    let order = view.case.values_of("order").expect("the form of the order is begun");
    assert_eq!((order.text("order_defects"), order.number("correct_days")), (Some("手机写的：没有负责人。"), Some(30)));
    let desk = officer.get(&format!("/cases/{case}/steps/order")).await.text;
    let choice = desk.split_once("data-zero=\"correct_days\"").expect("at once is a choice of its own").1;
    assert!(choice.contains("当场改正，不设期限") && choice.contains("value=\"30\""), "{choice:.900}");

    // A phone that was away the whole time, and a desk that has gone on.
    let typed = Typed::from([
        ("order_defects".to_owned(), "案卷写的：\n没有制度。".to_owned()),
        ("correct_days".to_owned(), "30".to_owned()),
    ]);
    let act = CaseAct::Fill { step: "order".into(), typed };
    authority.act(by, case, &Command { seen: view.row.events, act }, Vec::new()).await.unwrap();
    let got = late_draft(&server, "second", case, &days).await;
    assert_eq!(got.status, 200, "{}", got.text);
    let answer = got.json();
    let conflict = &answer["conflicts"][0];
    assert_eq!((conflict["mine"].as_str(), conflict["theirs"].as_str()), (Some("60"), Some("30")), "{answer}");
    assert_eq!(answer["form"]["order/correct_days"], "30", "the desk's stands");
    let shown = officer.get(&page).await.text;
    assert!(shown.contains("data-draft=\"order_defects\""), "{shown:.3000}");
    assert!(shown.contains("手机写的：没有负责人。") && shown.contains("案卷写的："), "both are shown: {shown:.3000}");
    let choose = format!("{page}/order");
    let stale = [("field", "order_defects"), ("case", "别的")];
    assert_eq!(officer.post(&choose, &stale).await.place(), page);
    assert!(officer.get(&page).await.text.contains("data-draft="), "chosen over something else it is shown anew");
    let chosen = [("field", "order_defects"), ("case", "案卷写的：\r\n没有制度。")];
    assert_eq!(officer.post(&choose, &chosen).await.place(), page);
    assert!(!officer.get(&page).await.text.contains("data-draft="), "chosen");
    assert_eq!(late_draft(&server, "third", case, &days).await.status, 403, "no inspector");
    for body in [json!({}), json!([]), json!({ "changes": [], "more": 1 })] {
        assert_eq!(late_draft(&server, "second", case, &body).await.status, 400, "{body}");
    }
    let nothing = [("field", "interim"), ("case", "")];
    assert_eq!(officer.post(&choose, &nothing).await.status, 404, "what was not drafted takes the place of nothing");
    let mut third = signed_in(&server, "third").await;
    third.get(&page).await;
    assert_eq!(third.post(&choose, &chosen).await.status, 403);
}

#[tokio::test]
async fn what_has_not_begun_is_dropped_on_its_page() {
    let (server, case) = field().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let page = format!("/visits/{case}");
    let (second, today) =
        (server.account("second").await.to_string(), server.site.now().utc.shanghai_date().to_string());
    let fields = [
        ("kind", "special"),
        ("item", "general"),
        ("day", today.as_str()),
        ("with", second.as_str()),
        ("basis", "专项〔2026〕1号"),
    ];
    officer.get(&format!("/visits?case={case}")).await;
    assert_eq!(officer.post(&format!("{page}/ask"), &fields).await.place(), page);
    assert!(officer.get(&page).await.text.contains("data-drop"));
    let got = officer.post(&format!("{page}/drop"), &[("drop-reason", "")]).await;
    assert!(got.status == 400 && got.text.contains("href=\"#drop-reason\""), "{} {:.900}", got.status, got.text);
    let mut third = signed_in(&server, "third").await;
    assert!(!third.get(&page).await.text.contains("data-drop"), "it is not theirs");
    assert_eq!(third.post(&format!("{page}/drop"), &[("drop-reason", "不去检查了")]).await.status, 403);
    let mut head = signed_in(&server, "case_approver").await;
    head.get(&page).await;
    assert_eq!(head.post(&format!("{page}/drop"), &[("drop-reason", "依据不足，退回。")]).await.place(), page);
    let text = officer.get(&page).await.text;
    assert!(text.contains("依据不足，退回。") && text.contains("已取消") && !text.contains("/approve"), "{text:.2000}");
    assert_eq!(officer.post(&format!("{page}/ask"), &fields).await.place(), page, "another may be asked for");
}

#[tokio::test]
async fn a_visit_that_is_not_approved_is_told_to_its_inspectors() {
    let (server, case) = field().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let page = format!("/visits/{case}");
    let (second, today) =
        (server.account("second").await.to_string(), server.site.now().utc.shanghai_date().to_string());
    let fields = [
        ("kind", "special"),
        ("item", "general"),
        ("day", today.as_str()),
        ("with", second.as_str()),
        ("basis", "专项〔2026〕1号"),
    ];
    officer.get(&format!("/visits?case={case}")).await;
    assert_eq!(officer.post(&format!("{page}/ask"), &fields).await.place(), page);
    let refuse = format!("{page}/refuse");
    let why = [("refuse-reason", "依据不足，退回。")];
    assert!(!officer.get(&page).await.text.contains("data-refuse"), "nobody refuses the own visit");
    assert_eq!(officer.post(&refuse, &why).await.status, 403);
    let mut head = signed_in(&server, "case_approver").await;
    let shown = head.get(&page).await.text;
    assert!(shown.contains("data-refuse") && !shown.contains("data-drop"), "one way to say no: {shown:.2000}");
    let got = head.post(&refuse, &[("refuse-reason", "不")]).await;
    assert!(got.status == 400 && got.text.contains("href=\"#refuse-reason\""), "{} {:.900}", got.status, got.text);
    assert_eq!(head.post(&refuse, &why).await.place(), page);
    let mut second = signed_in(&server, "second").await;
    assert!(second.get("/visits").await.text.contains("没有批准"));
    let text = second.get(&page).await.text;
    assert!(text.contains("这次检查没有批准：依据不足，退回。"), "{text:.3000}");
}

#[tokio::test]
async fn signatures_are_made_void_with_the_reason_on_the_page() {
    let (server, case) = field().await;
    begun(&server, case).await;
    let page = format!("/visits/{case}");
    let unsign = format!("{page}/unsign");
    let (bytes, why) = (picture(), [("unsign-reason", "漏记一处问题。")]);
    let digest = Sha256::of(&bytes).hex();
    let mut officer = signed_in(&server, "case_officer").await;
    officer.get(&page).await;
    assert_eq!(officer.post(&unsign, &why).await.status, 409, "nobody has signed");
    assert_eq!(photo(&server, "second", case, (&bytes, &digest, "signature/unit")).await.status, 200);
    let got = save(&server, "second", case, &changes(1, &[("note", json!("x"))])).await;
    assert_eq!((got.status.as_u16(), got.json()["code"].as_str()), (409, Some("signed")));
    let got = officer.post(&unsign, &[("unsign-reason", "")]).await;
    assert!(got.status == 400 && got.text.contains("href=\"#unsign-reason\""), "{} {:.900}", got.status, got.text);
    for login in ["third", "case_approver"] {
        let mut other = signed_in(&server, login).await;
        other.get(&page).await;
        assert_eq!(other.post(&unsign, &why).await.status, 403, "{login}");
    }
    assert_eq!(officer.post(&unsign, &why).await.place(), page);
    assert!(officer.get(&page).await.text.contains("已作废"));
    let got = save(&server, "second", case, &changes(2, &[("note", json!("x"))])).await;
    assert_eq!((got.status.as_u16(), got.json()["voids"].as_u64()), (200, Some(1)));
}

#[tokio::test]
async fn the_case_offers_the_visit_and_no_form_in_its_place() {
    let (server, case) = field().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let page = officer.get(&format!("/cases/{case}")).await.text;
    assert!(page.contains(&format!("/visits?case={case}")) && !page.contains("/steps/inspect"), "{page:.3000}");
    let got = officer.get(&format!("/cases/{case}/steps/inspect")).await;
    assert!(got.status == 409 && got.text.contains("不在案卷中直接登记"), "{} {:.900}", got.status, got.text);
    let got = officer.post(&format!("/cases/{case}/steps/inspect"), &[("result", "passed")]).await;
    assert!(got.status.is_client_error(), "{}", got.status);
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let view = server.authority.clone().unwrap().case(by, case).await.unwrap();
    assert!(view.case.done("inspect").is_none());
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
