//! Search, numbers, files of registers and the exchange with other systems, over HTTP.

use crate::harness::{Browser, Got, Sent, Server, form};
use authority::By;
use authority::cases::{OfficeForm, OfficerForm, RowForm};
use axum::http::Method;
use base::{CivilDate, Pii};
use domain::access::Role;
use std::time::Duration;
use store::casework::cases::CaseFilter;
use store::casework::import::{Import, Imported};
use store::casework::registers::RegisterChange;
use store::casework::spots::PAGE;

/// Two rows of an older register as a spreadsheet writes them, and the same with one number twice: written by Python's `zipfile`, packed; shared
/// texts, one day as a number and one as text.
const WORKBOOK: &[u8] = include_bytes!("old_register.xlsx");
const WRONG_WORKBOOK: &[u8] = include_bytes!("old_register_wrong.xlsx");

/// An authority's server with two offices and an officer in each; a head in the first.
pub async fn hall() -> Server {
    let server = Server::of_authority().await;
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form("neighbour", Role::CaseOfficer, "周邻", "4")).await.unwrap();
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let office = |name: &str, division: &str| OfficeForm {
        name: name.into(),
        short: "示公技防".into(),
        level: "county".into(),
        division: division.into(),
        unit_code: format!("{division}000000"),
        ..OfficeForm::default()
    };
    let own = authority.put_office(admin, &office("示例分局", "230102")).await.unwrap();
    let other = authority.put_office(admin, &office("邻区分局", "230103")).await.unwrap();
    for (login, office) in [("case_officer", own), ("case_approver", own), ("neighbour", other)] {
        let account = server.account(login).await;
        authority.put_officer(admin, account, office, &OfficerForm::default()).await.unwrap();
    }
    server
}

async fn signed_in<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = server.browser();
    browser.login(login).await;
    browser
}

/// A token of an account, as a program has it.
pub async fn token(server: &Server, login: &str) -> String {
    let (cookie, csrf) = server.session(login).await;
    let sent = Sent { method: Method::POST, body: r#"{"name":"x","days":1}"#.into(), ..Sent::get("/api/v1/tokens") };
    let got = server.send(sent.with("cookie", cookie).with("x-csrf", csrf)).await;
    assert_eq!(got.status, 201, "{}", got.text);
    got.json()["token"].as_str().unwrap().to_owned()
}

const APPLICATION: &str = r#"{"procedure":"area_approval","place":"230102","title":"西入口","party":{"kind":"unit","fields":{
    "unit_name":"哈尔滨示例商业有限公司","credit_code":"91350100M000100Y43","unit_address":"哈尔滨市道里区示例路1号",
    "contact":"王五","contact_phone":"0451-55550100"}}}"#;

async fn hand_in(server: &Server, token: &str, key: &str, body: &str) -> Got {
    let path = "/api/v1/exchange/applications";
    let sent = Sent { method: Method::POST, body: body.to_owned().into(), ..Sent::get(path) };
    server.send(sent.with("authorization", format!("Bearer {token}")).with("idempotency-key", key)).await
}

pub async fn ask(server: &Server, token: &str, path: &str) -> Got {
    server.send(Sent::get(path).with("authorization", format!("Bearer {token}"))).await
}

#[tokio::test]
async fn an_application_of_a_service_hall_begins_one_case() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    let first = hand_in(&server, &hall, "hall-2026-0001", APPLICATION).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = hand_in(&server, &hall, "hall-2026-0001", APPLICATION).await;
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!((&again.json()["case"], &again.json()["new"]), (&first.json()["case"], &serde_json::json!(false)));
    let other = APPLICATION.replace("西入口", "北入口");
    let got = hand_in(&server, &hall, "hall-2026-0001", &other).await;
    assert_eq!((got.status.as_u16(), got.json()["code"].as_str().unwrap()), (409, "key_used"));
    let number = first.json()["number"].as_str().unwrap().to_owned();
    let path: String = url::form_urlencoded::byte_serialize(number.as_bytes()).collect();
    let path = format!("/api/v1/exchange/cases/{path}");
    let status = ask(&server, &hall, &path).await;
    assert_eq!(status.status, 200, "{}", status.text);
    assert_eq!(status.json()["number"], number.as_str());
    assert!(!status.text.contains("王五"), "no person");
    let neighbour = token(&server, "neighbour").await;
    assert_eq!(ask(&server, &neighbour, &path).await.status, 404, "another office's case is not told of");
}

#[tokio::test]
async fn what_is_not_right_begins_no_case() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    for (key, body, status, code) in [
        ("hall-0001", "{}", 400, "body"),
        ("hall-0001", "not json", 400, "body"),
        ("short", APPLICATION, 400, "idempotency_key"),
        ("hall-0002", APPLICATION.replace("\"unit\"", "\"ship\"").as_str(), 400, "body"),
        ("hall-0003", APPLICATION.replace("M000100Y43", "M000100Y44").as_str(), 400, "credit_code"),
        ("hall-0004", APPLICATION.replace("area_approval", "review").as_str(), 404, "not_offered"),
        ("hall-0005", APPLICATION.replace("230102", "230103").as_str(), 403, "other_office"),
    ] {
        let got = hand_in(&server, &hall, key, body).await;
        assert_eq!(
            (got.status.as_u16(), got.json()["code"].as_str().unwrap_or_default()),
            (status, code),
            "{}",
            got.text
        );
    }
    let mut officer = signed_in(&server, "case_officer").await;
    assert!(!officer.get("/cases").await.text.contains("西入口"));
    let head = token(&server, "case_approver").await;
    assert_eq!(hand_in(&server, &head, "hall-0006", APPLICATION).await.status, 403);
}

#[tokio::test]
async fn filings_are_asked_for_from_a_cursor_and_their_fields_are_told() {
    let server = hall().await;
    let officer = token(&server, "case_officer").await;
    let got = ask(&server, &officer, "/api/v1/exchange/system-filings").await;
    assert_eq!(got.status, 200, "{}", got.text);
    let answer = got.json();
    assert_eq!((&answer["filings"], &answer["next"]), (&serde_json::json!([]), &serde_json::Value::Null));
    let fields: Vec<&str> = answer["fields"].as_array().unwrap().iter().filter_map(|f| f["id"].as_str()).collect();
    assert!(fields.contains(&"credit_code") && fields.contains(&"devices_total"), "{fields:?}");
    assert!(!fields.contains(&"contact_phone") && !fields.contains(&"representative"), "{fields:?}");
    assert_eq!(answer["system"], "national_filing", "the first of the packs, where none is named");
    assert!(answer["fields"].as_array().unwrap().iter().all(|f| f["name"] == f["id"]), "their names are not published");
    let named = ask(&server, &officer, "/api/v1/exchange/system-filings?system=national_filing").await.json();
    assert_eq!(named["system"], answer["system"]);
    assert_eq!(ask(&server, &officer, "/api/v1/exchange/system-filings?system=x").await.status, 400);
    assert_eq!(ask(&server, &officer, "/api/v1/exchange/system-filings?after=x").await.status, 400);
    let duty = token(&server, "police_duty").await;
    assert_eq!(ask(&server, &duty, "/api/v1/exchange/system-filings").await.status, 403);
    assert_eq!(server.get("/api/v1/exchange/system-filings", "").await.status, 401);
}

#[tokio::test]
async fn staff_find_their_own_offices_cases_and_no_others() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    assert_eq!(hand_in(&server, &hall, "hall-2026-0001", APPLICATION).await.status, 201);
    let query = |word: &str, of: &str| {
        let word: String = url::form_urlencoded::byte_serialize(word.as_bytes()).collect();
        format!("/cases/search?q={word}&of={of}")
    };
    let mut officer = signed_in(&server, "case_officer").await;
    assert!(officer.get(&query("西入口", "case")).await.text.contains("示公技防〔"));
    assert!(officer.get(&query("示例商业", "unit")).await.text.contains("91350100M000100Y43"));
    assert_eq!(officer.get(&query("西", "case")).await.status, 400);
    let mut neighbour = signed_in(&server, "neighbour").await;
    for of in ["case", "unit", "document"] {
        let got = neighbour.get(&query("示例商业", of)).await;
        assert!(got.status == 200 && !got.text.contains("91350100M000100Y43"), "{of}");
        assert!(!neighbour.get(&query("西入口", of)).await.text.contains("示公技防〔"), "{of}");
    }
}

#[tokio::test]
async fn the_numbers_of_an_office_are_a_page_and_a_file() {
    let server = hall().await;
    let hall = token(&server, "case_officer").await;
    assert_eq!(hand_in(&server, &hall, "hall-2026-0001", APPLICATION).await.status, 201);
    let mut officer = signed_in(&server, "case_officer").await;
    let shown = officer.get("/statistics").await;
    assert!(shown.status == 200 && shown.text.contains("示例分局"), "{:.900}", shown.text);
    assert!(shown.text.contains("/cases?procedure=area_approval"), "{:.900}", shown.text);
    let (_, months) = shown.text.split_once("month-key").expect("a legend above the months");
    let (key, names) = months.split_once("month-names").expect("names below the months");
    assert!(["逾期", "未到期", "将到期", "按期"].iter().all(|word| key.contains(word)), "{key:.900}");
    assert!(names.contains("<span>1月<b>"), "January has its year: {names:.900}");
    assert_eq!(names.split_once("</div>").unwrap().0.matches("<span>").count(), 12);
    let rates = shown.text.matches("data-rate").count();
    assert!(rates == 3 && shown.text.contains("按期改正率") && shown.text.contains("—"), "of nothing there is no rate");
    let registers = officer.get("/registers").await.text;
    assert!(registers.contains("全部机构共") && registers.contains("公众可查"), "what is counted is said");
    let file = officer.get("/statistics/all.csv").await;
    assert!(file.status == 200 && file.text.starts_with('\u{feff}') && file.text.contains("\"1\""), "{}", file.text);
    let gaps = officer.get("/statistics/gaps?register=units").await;
    assert_eq!(gaps.status, 200, "{:.900}", gaps.text);
    assert_eq!(officer.get("/statistics/gaps.csv").await.status, 200);
    let mut neighbour = signed_in(&server, "neighbour").await;
    assert!(!neighbour.get("/statistics").await.text.contains("/cases?procedure=area_approval"));
    let mut head = signed_in(&server, "case_approver").await;
    head.get("/statistics").await;
    let got = head.post("/statistics/bulletin", &[("every", "month")]).await;
    assert_eq!(got.status, 403, "only the province sets it: {:.900}", got.text);
    assert_eq!(head.post("/statistics/bulletin", &[("every", "never")]).await.status, 400);
}

#[tokio::test]
async fn the_file_of_places_without_a_system_has_all_of_them_however_many_pages_they_are() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let store = server.site.store();
    let offices = store.offices().await.unwrap();
    let office = offices.iter().find(|o| o.name == "示例分局").expect("the office of the officer").id;
    let row = |n: u32| RegisterChange {
        register: "units".into(),
        row: format!("旧点-{n}"),
        name: format!("示例加油站{n}"),
        office: Some(office),
        party: None,
        public: serde_json::json!({ "number": n.to_string(), "fields": {} }),
        personal: None,
        from: base::CivilDate::ymd(2019, 3, 1).unwrap(),
        until: None,
        clauses: Vec::new(),
        text: base::Text::new("导入一行。", "A row."),
    };
    let places = PAGE + 1;
    let rows: Vec<RegisterChange> = (0..places).map(row).collect();
    let all = Import { registers: &rows, ..Import::default() };
    let by = server.account("case_officer").await;
    assert_eq!(store.import(&all, by, server.site.now().utc).await.unwrap(), Imported::Done);
    let file = officer.get("/statistics/gaps.csv?register=units").await;
    assert_eq!(file.status, 200);
    let lines = file.text.lines().filter(|line| line.contains("旧点-")).count();
    assert_eq!(lines, usize::try_from(places).unwrap(), "the last page too");
    assert_eq!(file.text.matches('\u{feff}').count(), 1, "one head");
    let filter = store::logbook::ActFilter { kind: Some("register.exported".into()), ..Default::default() };
    assert_eq!(store.acts(&filter, 9).await.unwrap().len(), 1, "a copy of a register has its entry");
}

#[tokio::test]
async fn a_file_is_shown_confirmed_and_imported() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let page = officer.get("/imports?into=systems").await;
    assert!(page.status == 200 && page.text.contains("/imports/template?into=systems"), "{:.900}", page.text);
    let template = officer.get("/imports/template?into=systems").await;
    assert!(template.text.starts_with('\u{feff}') && template.text.contains("登记编号"), "{}", template.text);
    // The harness calls every file `letter.pdf`: what it is, its bytes say.
    let wrong = officer.upload("/imports", &[("into", "systems"), ("@file", "登记编号,登记名称\n1,示例楼\n")]).await;
    assert!(wrong.status == 400 && wrong.text.contains("有效期自"), "{:.900}", wrong.text);
    assert_eq!(officer.upload("/imports", &[("into", "nothing"), ("@file", "a")]).await.status, 400);
    assert_eq!(officer.upload("/imports", &[("into", "systems"), ("@file", "%PDF-1.7")]).await.status, 400);
    officer.get("/imports").await;
    assert_eq!(officer.post("/imports/confirm", &[("sha256", "0")]).await.status, 409, "nothing was checked");
    let csv = "登记编号,登记名称,有效期自\n旧-1,示例楼,2019-03-01\n";
    let shown = officer.upload("/imports", &[("into", "systems"), ("@file", csv)]).await;
    assert!(shown.status == 200 && shown.text.contains("示例楼"), "{:.900}", shown.text);
    let store = server.site.store();
    assert!(store.register_history("systems", "旧-1").await.unwrap().is_empty(), "nothing is stored before");
    let sha256 = base::Sha256::of(csv.as_bytes()).hex();
    assert_eq!(officer.post("/imports/confirm", &[("sha256", &sha256)]).await.place(), "/imports");
    let ended = async {
        while !officer.get("/imports").await.text.contains("已导入 1 行") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the import ends");
    assert_eq!(store.register_history("systems", "旧-1").await.unwrap().len(), 1);
    let twice = officer.upload("/imports", &[("into", "systems"), ("@file", csv)]).await;
    assert!(twice.status == 400 && twice.text.contains("已经导入过"), "{:.900}", twice.text);
}

/// Sends a workbook to the page of imports, as a browser does.
async fn workbook(server: &Server, browser: &Browser<'_>, bytes: &[u8]) -> Got {
    let head = |name: &str| format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"");
    let mut body = String::new();
    for (name, value) in [("into", "systems"), ("csrf", browser.csrf.as_str())] {
        body.push_str(&format!("{}\r\n\r\n{value}\r\n", head(name)));
    }
    body.push_str(&format!("{}; filename=\"register.xlsx\"\r\n\r\n", head("file")));
    let body = [body.as_bytes(), bytes, b"\r\n--XX--\r\n"].concat();
    let cookies: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get("/imports") };
    let sent = sent.with("content-type", "multipart/form-data; boundary=XX").with("cookie", cookies.join("; "));
    server.send(sent).await
}

#[tokio::test]
async fn a_workbook_is_shown_with_its_faults_and_imported_once_it_has_none() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    officer.get("/imports?into=systems").await;
    let store = server.site.store();
    let wrong = workbook(&server, &officer, WRONG_WORKBOOK).await;
    assert!(wrong.status == 400 && wrong.text.contains("与第 2 行相同"), "{} {:.3000}", wrong.status, wrong.text);
    assert!(wrong.text.contains("示例剧院") && !wrong.text.contains("/imports/confirm"), "{:.3000}", wrong.text);
    let sha256 = base::Sha256::of(WRONG_WORKBOOK).hex();
    assert_eq!(officer.post("/imports/confirm", &[("sha256", &sha256)]).await.status, 409, "it cannot be confirmed");
    assert!(store.register_history("systems", "旧-7").await.unwrap().is_empty(), "nothing is stored");
    officer.get("/imports?into=systems").await;
    let shown = workbook(&server, &officer, WORKBOOK).await;
    assert!(shown.status == 200 && shown.text.contains("/imports/confirm"), "{} {:.3000}", shown.status, shown.text);
    for cell in ["示例剧院", "2019-03-01", "示例书城", "2019-03-04"] {
        assert!(shown.text.contains(cell), "{cell}: {:.3000}", shown.text);
    }
    assert!(store.register_history("systems", "旧-8").await.unwrap().is_empty(), "nothing is stored before");
    let sha256 = base::Sha256::of(WORKBOOK).hex();
    assert_eq!(officer.post("/imports/confirm", &[("sha256", &sha256)]).await.place(), "/imports");
    let ended = async {
        while !officer.get("/imports").await.text.contains("已导入 2 行") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), ended).await.expect("the import ends");
    let row = store.register_history("systems", "旧-7").await.unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.from.to_string().as_str()), ("示例剧院", "2019-03-01"));
}

#[tokio::test]
async fn the_draft_of_a_bulletin_lists_what_is_public_and_is_not_published_half_done() {
    let server = hall().await;
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form("province", Role::CaseOfficer, "周九", "9")).await.unwrap();
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let office = OfficeForm {
        name: "示例省公安厅".into(),
        short: "省公技防".into(),
        level: "province".into(),
        division: "230000".into(),
        unit_code: "230000000000".into(),
        ..OfficeForm::default()
    };
    let office = authority.put_office(admin, &office).await.unwrap();
    let card =
        OfficerForm { certificate: Pii::new("2300-province".into()), valid_until: CivilDate::parse("2999-12-31") };
    let clerk = By { account: server.account("province").await, role: Role::CaseOfficer };
    authority.put_officer(admin, clerk.account, office, &card).await.unwrap();
    let begun = async |today: &str| {
        let begun = authority.begin_bulletins(CivilDate::parse(today).unwrap()).await.unwrap();
        let filter = CaseFilter { office: Some(office), ..CaseFilter::default() };
        (begun, server.site.store().cases(&filter, 9).await.unwrap())
    };
    assert_eq!(begun("2199-01-10").await.0, 0, "from now on");
    let (first, cases) = begun("2199-07-01").await;
    assert_eq!((first, cases.len()), (1, 1));
    let mut browser = signed_in(&server, "province").await;
    let page = format!("/cases/{}", cases[0].id);
    let draft = browser.get(&format!("{page}/steps/compile")).await;
    assert!(draft.status == 200 && draft.text.contains("【待填】"), "{:.1500}", draft.text);
    let seen = cases[0].events.to_string();
    let sent =
        [("outcome", "published"), ("where_published", "省公安机关网站"), ("reasons", ""), ("seen", seen.as_str())];
    let refused = browser.post(&format!("{page}/propose"), &sent).await;
    assert!(
        refused.status == 409 && refused.text.contains("还有没有填完的内容"),
        "{}: {:.1500}",
        refused.status,
        refused.text
    );
    let form = law::Gate::embedded().unwrap();
    let form = form.packs().register_form("bodies").unwrap();
    let mut typed: domain::casework::Typed = form.fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect();
    typed.insert("valid_until".into(), "2199-12-31".into());
    let row = RowForm { typed, reason: "来文登记".into(), seen: 0 };
    authority.put_row(clerk, "bodies", None, &row).await.unwrap();
    let (second, cases) = begun("2200-01-01").await;
    assert_eq!((second, cases.len()), (1, 2));
    let next = cases.iter().find(|case| case.head.title == "2199年下半年").expect("the next period");
    let draft = browser.get(&format!("/cases/{}/steps/compile", next.id)).await;
    assert!(draft.text.contains("期末登记1家") && !draft.text.contains("【待填】"), "{:.1500}", draft.text);
    assert!(draft.text.contains("1｜示例安全防范报警系统产品质量检验中心｜"), "{:.1500}", draft.text);
}
