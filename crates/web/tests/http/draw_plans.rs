//! Plans of inspections over HTTP, by the pages' own forms: from the draft to the published draw, and who gets nowhere.

use crate::cases::seen;
use crate::harness::{Browser, Server, form as harness_form};
use authority::By;
use authority::cases::{OfficeForm, OfficerForm};
use base::{CaseId, CivilDate, Pii, Text};
use domain::access::Role;
use domain::casework::{CaseAct, Command, Typed};
use domain::draw::{DrawRecord, verify};
use serde_json::json;
use store::casework::import::{Import, Imported};
use store::casework::registers::RegisterChange;
use store::ledger_log::ActLine;

const WORD: &str = "2026-1";

async fn hall() -> Server {
    let server = Server::of_authority().await;
    let authority = server.authority.clone().expect("an authority's server");
    let admin = By { account: server.account("administrator").await, role: Role::Administrator };
    let office = OfficeForm {
        name: "示例分局".into(),
        short: "示公技防".into(),
        level: "county".into(),
        division: "230102".into(),
        unit_code: "230102000000".into(),
        ..OfficeForm::default()
    };
    let office = authority.put_office(admin, &office).await.unwrap();
    server.site.add_account_locally(&harness_form("second", Role::CaseOfficer, "钱承办", "3")).await.unwrap();
    for login in ["case_officer", "second", "case_approver"] {
        let card = OfficerForm {
            certificate: Pii::new(format!("2301-{login}")),
            valid_until: Some(CivilDate::parse("2999-12-31").unwrap()),
        };
        authority.put_officer(admin, server.account(login).await, office, &card).await.unwrap();
    }
    let row = |n: u32| RegisterChange {
        register: "providers".into(),
        row: format!("P-{n}"),
        name: format!("示例安防{n}号"),
        office: Some(office),
        party: None,
        public: serde_json::json!({ "fields": {} }),
        personal: None,
        from: CivilDate::parse("2020-01-01").unwrap(),
        until: None,
        clauses: Vec::new(),
        text: Text::new("登记。", "Entered."),
    };
    let rows: Vec<_> = (1..=4).map(row).collect();
    let (store, now) = (server.site.store(), server.site.now().utc);
    let import = Import { registers: &rows, ..Import::default() };
    assert_eq!(store.import(&import, admin.account, now).await.unwrap(), Imported::Done);
    server
}

async fn signed_in<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = server.browser();
    browser.login(login).await;
    browser
}

/// The form of a plan of this year.
fn form(server: &Server) -> Vec<(&'static str, String)> {
    let today = server.authority_now().shanghai_date();
    // The visits are two days from now, which may be in the next year.
    let (event, year) = (today.plus_days(1).to_string(), today.plus_days(2).0.year().to_string());
    [
        ("word", WORD),
        ("title", "年度检查计划"),
        ("items", "general"),
        ("cap", "1"),
        ("count_providers", "2"),
        ("inspectors_per_unit", "2"),
        ("max_per_inspector", "5"),
        ("rest_days", "0"),
        ("after_entries", "3"),
        ("draw_within_days", "30"),
        ("public_source", "双色球第2026031期开奖号码"),
        ("public_form", "rising 6 01-33 rising 1 01-16"),
        ("public_source_url", "https://example.cn/ssq?term=2026031"),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.to_owned()))
    .chain([("year", year), ("public_day", event)])
    .collect()
}

fn pairs<'a>(fields: &'a [(&'static str, String)], but: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let changed = |name: &str| but.iter().find(|b| b.0 == name).map(|b| b.1);
    fields.iter().map(|(name, text)| (*name, changed(name).unwrap_or(text))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_goes_its_whole_way_by_the_pages() {
    let server = hall().await;
    let (mut officer, mut head) = (signed_in(&server, "case_officer").await, signed_in(&server, "case_approver").await);
    let fields = form(&server);
    officer.get("/draws").await;
    let wrong = officer.post("/draws/new", &pairs(&fields, &[("cap", "many"), ("count_providers", "x")])).await;
    assert_eq!(wrong.status, 400, "{:.900}", wrong.text);
    assert!(wrong.text.contains("年度检查计划") && wrong.text.contains("value=\"many\""), "nothing typed is lost");
    let one = officer.post("/draws/new", &pairs(&fields, &[("inspectors_per_unit", "1")])).await;
    assert_eq!(one.status, 400, "{:.900}", one.text);
    let alone = officer.post("/draws/new", &pairs(&fields, &[("public_source", "")])).await;
    assert!(alone.status == 400 && alone.text.contains("href=\"#public_source\""), "{:.900}", alone.text);
    for day in ["", "2026-01-05", "tomorrow"] {
        let over = officer.post("/draws/new", &pairs(&fields, &[("public_day", day)])).await;
        assert!(over.status == 400 && over.text.contains("href=\"#public_day\""), "{day}: {:.900}", over.text);
    }
    for form in ["", "six numbers", "rising 6 1-33"] {
        let vague = officer.post("/draws/new", &pairs(&fields, &[("public_form", form)])).await;
        assert!(vague.status == 400 && vague.text.contains("href=\"#public_form\""), "{form}: {:.900}", vague.text);
    }
    let clear = officer.post("/draws/new", &pairs(&fields, &[("public_source_url", "http://example.cn/")])).await;
    assert!(clear.status == 400 && clear.text.contains("href=\"#public_source_url\""), "{:.900}", clear.text);
    let saved = officer.post("/draws/new", &pairs(&fields, &[])).await;
    assert_eq!((saved.status.as_u16(), saved.place()), (303, "/draws/2026-1"), "{:.900}", saved.text);
    let draft = officer.get("/draws/2026-1").await.text;
    assert!(draft.contains("/draws/new?plan=2026-1") && !draft.contains("/draws/2026-1/publish"), "{draft:.2000}");
    let again = officer.get("/draws/new?plan=2026-1").await;
    assert!(again.status == 200 && again.text.contains("年度检查计划"), "{:.900}", again.text);
    assert_eq!(server.get("/public/draws/2026-1", "").await.status, 404, "a draft is nobody's business");
    assert_eq!(server.get("/public/draws/2026-1/plan", "").await.status, 404, "nor is what it will promise");

    assert!(head.get("/draws/2026-1").await.text.contains("/draws/2026-1/publish"));
    assert_eq!(officer.post("/draws/2026-1/publish", &[]).await.status, 403);
    assert_eq!(head.post("/draws/2026-1/publish", &[("seen", "1")]).await.status, 409, "it was changed since then");
    let read = head.get("/draws/2026-1").await;
    assert_eq!(head.post("/draws/2026-1/publish", &[("seen", &seen(&read))]).await.status, 303);
    let listed = server.get("/public/draws", "").await.text;
    assert!(listed.contains("年度检查计划") && listed.contains("/public/draws/2026-1"), "{listed:.2000}");
    what_is_promised(&server, &listed).await;
    officer.get("/draws/2026-1").await;
    assert_eq!(officer.post("/draws/2026-1/keep-out", &[("unit", "P-9")]).await.status, 400);
    head.get("/draws/2026-1").await;
    assert_eq!(head.post("/draws/2026-1/pool", &[]).await.status, 303);
    let early = head.post("/draws/2026-1/draw", &[]).await;
    assert_eq!(early.status, 409, "{:.900}", early.text);

    let store = server.site.store();
    for n in 0..4 {
        let act = ActLine::done(None, Text::new("其他工作。", "Other work."));
        store.log("setting.changed", server.site.now().utc, serde_json::json!({ "n": n }), act).await.unwrap();
    }
    store.flush_ledger().await.unwrap();
    let value = [("value", "02 06 10 18 23 31 13")];
    let early = head.post("/draws/2026-1/draw", &value).await;
    assert!(early.status == 409 && early.text.contains("还没有结果"), "before the event: {:.900}", early.text);
    assert!(!head.get("/draws/2026-1").await.text.contains("/draws/2026-1/draw\""), "nor is it offered");
    let before = commitment(&server.get("/public/draws/2026-1", "").await.text);
    server.pass_days(2);
    let ready = head.get("/draws/2026-1").await.text;
    assert!(ready.contains("/draws/2026-1/draw\"") && ready.contains("data-confirm-of=\"value\""), "it can be drawn");
    let without = head.post("/draws/2026-1/draw", &[]).await;
    assert!(without.status.is_client_error(), "the outcome of the public source is missing: {:.900}", without.text);
    head.get("/draws/2026-1").await;
    assert_eq!(head.post("/draws/2026-1/draw", &value).await.status, 303);
    assert_eq!(head.post("/draws/2026-1/draw", &value).await.status, 409, "once");
    let published = server.get("/public/draws/2026-1/record", "").await;
    assert_eq!(published.status, 200);
    let record = DrawRecord::read(published.text.as_bytes()).unwrap();
    assert_eq!((verify(&record), record.result.units.len()), (Ok(()), 2));
    let public = server.get("/public/draws/2026-1", "").await.text;
    assert_eq!(commitment(&public), before, "one commitment, before and after");
    assert_eq!(before, record.commitment.commitment.hex(), "the one of the log and the file");
    let rules =
        public.split_once("<ul class=\"asks\">").and_then(|(_, rest)| rest.split_once("</ul>")).expect("rules").0;
    assert!(!rules.contains("stratum") && rules.contains("抽取2户"), "rules in words: {rules:.3000}");
    assert!(public.contains("示例安防") && public.contains("jifang draw verify"), "{public:.3000}");
    let key = server.site.store().ledger().key().vkey().name().to_owned();
    let command =
        public.split_once("jifang draw verify draw-2026-1.json --vkey ").expect("the command names the key").1;
    assert!(command.contains(&key) && command.contains("--lang zh"), "{command:.400}");
    assert!(public.contains("href=\"/public/verify/proof\""), "where an outsider finds that key");
    assert!(public.contains("日志没有见证方") && public.contains("双色球第2026031期"), "{public:.3000}");
    let typed = public.split_once("data-public-value").expect("what the office typed stands beside its source").1;
    assert!(typed.contains("02 06 10 18 23 31") && typed.contains("请自己到该来源公布的地方核对"), "{typed:.900}");
    let link = "<a href=\"https://example.cn/ssq?term=2026031\" rel=\"noopener noreferrer\">";
    assert!(typed.contains(link), "where it is compared: {typed:.900}");
    for login in ["case_officer", "case_approver"] {
        let account = store.account(server.account(login).await).await.unwrap().unwrap();
        assert!(!public.contains(account.name.expose()) && !published.text.contains(account.name.expose()));
    }

    let ready = officer.get("/draws/2026-1").await.text;
    assert!(ready.contains("/draws/2026-1/paper"), "{ready:.3000}");
    let paper = officer.post("/draws/2026-1/paper", &[]).await;
    assert_eq!((paper.status.as_u16(), paper.text.starts_with("%PDF")), (200, true));
    let shown = officer.get("/draws/2026-1").await.text;
    assert!(shown.contains("data-drawn") && shown.contains("/draws/2026-1/visits"), "{shown:.3000}");
    assert_eq!(officer.post("/draws/2026-1/visits", &[]).await.status, 303);
    let opened = officer.get("/draws/2026-1").await.text;
    assert!(opened.contains("href=\"/cases/"), "{opened:.3000}");

    // On to the visit of a drawn unit: asked for from the plan's page, approved and carried out on its own.
    let unit = store.drawn_units(WORD, 0, 1).await.unwrap().remove(0);
    let case = unit.case.expect("its case is opened");
    assert!(opened.contains(&format!("href=\"/visits?case={case}\"")), "{opened:.3000}");
    fill_code(&server, case).await;
    let form = officer.get(&format!("/visits?case={case}")).await.text;
    assert!(form.contains("data-draw=\"2026-1\"") && form.contains("data-team"), "{form:.3000}");
    assert!(form.contains("value=\"planned\"") && !form.contains("name=\"basis\""), "{form:.3000}");
    let today = server.authority_now().shanghai_date().to_string();
    let fields = [("kind", "planned"), ("item", "general"), ("day", today.as_str())];
    let asked = officer.post(&format!("/visits/{case}/ask"), &fields).await;
    assert_eq!(asked.place(), format!("/visits/{case}"), "{:.900}", asked.text);
    let listed = head.get("/draws/2026-1").await.text;
    assert!(listed.contains(&format!("href=\"/visits/{case}\"")) && listed.contains("批准检查"), "{listed:.3000}");
    head.get(&format!("/visits/{case}")).await;
    assert_eq!(head.post(&format!("/visits/{case}/approve"), &[]).await.status, 303);
    let page = officer.get(&format!("/visits/{case}")).await.text;
    assert!(page.contains("data-draw=\"2026-1\"") && page.contains("示公技防检批字〔"), "{page:.3000}");
    assert!(page.contains("本年度此前检查0次，其中计入频次0次，上限1次。"), "{page:.3000}");
    let inspects = store.visits_of_case(case).await.unwrap().remove(0).inspectors;
    assert_eq!(inspects.len(), 2, "who was drawn inspects");
}

/// From its publication on everybody reads what a plan inspects and how often: in the list, on its page and in its file.
async fn what_is_promised(server: &Server, listed: &str) {
    let list = server.site.gate().packs().checklists().iter().rfind(|l| l.id == "general").expect("the packs have it");
    let often = "同一单位一年内，计划检查和专项检查合计至多1次";
    assert!(listed.contains(&list.name_zh) && listed.contains(often), "{listed:.3000}");
    let shown = server.get("/public/draws/2026-1", "").await;
    assert_eq!(shown.status, 200);
    let said = shown.text.split_once("data-promised").expect("what the plan promises").1;
    assert!(said.contains(&list.name_zh) && said.contains(often), "{said:.3000}");
    assert!(said.contains(&list.items[0].zh), "and what is asked: {said:.3000}");
    let file = server.get("/public/draws/2026-1/plan", "").await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/json"));
    let plan = file.json();
    assert_eq!((&plan["plan"], &plan["most_visits_of_one_unit_in_the_year"]), (&json!(WORD), &json!(1)));
    assert_eq!(plan["inspected"][0]["name"]["zh"], json!(list.name_zh));
    assert_eq!(plan["inspected"][0]["questions"].as_array().map(Vec::len), Some(list.items.len()), "all of them");
}

/// The first digest of a page: the commitment.
fn commitment(page: &str) -> String {
    let digest = page.split_once("<span class=\"hash\">").expect("a digest").1;
    digest.split('<').next().unwrap_or_default().to_owned()
}

/// The credit code of the unit, which the register of the test does not have, in the form of the notice.
async fn fill_code(server: &Server, case: CaseId) {
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let typed: Typed = [("credit_code".to_owned(), "91350100M000100Y43".to_owned())].into_iter().collect();
    let act = CaseAct::Fill { step: "notice".into(), typed };
    let seen = server.site.store().case(case).await.unwrap().unwrap().events;
    let authority = server.authority.as_ref().expect("an authority's server");
    authority.act(by, case, &Command { seen, act }, Vec::new()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_part_in_a_plan_gets_nowhere() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    officer.get("/draws").await;
    let fields = form(&server);
    assert_eq!(officer.post("/draws/new", &pairs(&fields, &[])).await.status, 303);
    let mut supervisor = signed_in(&server, "supervisor").await;
    let seen = supervisor.get("/draws/2026-1").await;
    assert_eq!(seen.status, 200, "{:.900}", seen.text);
    assert!(!seen.text.contains("action=\"/draws/2026-1/"), "who supervises only looks");
    assert_eq!(supervisor.post("/draws/2026-1/publish", &[]).await.status, 403);
    let mut applicant = signed_in(&server, "applicant").await;
    assert_eq!(applicant.get("/draws/2026-1").await.status, 403);
    assert_eq!(server.get("/draws", "").await.status, 303, "to the login");
    assert_eq!(officer.get("/draws/none").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_the_public_plans_again_and_again_waits() {
    let server = hall().await;
    let mut last = server.get("/public/draws", "").await;
    assert_eq!(last.status, 200);
    for n in 0..1_000 {
        last = server.get(&format!("/public/draws?before={n}"), "").await;
        if last.status == 429 {
            break;
        }
    }
    assert_eq!(last.status, 429, "each page counts its plans");
    assert_eq!(server.get("/public/services", "").await.status, 200, "what costs nothing is still read");
}
