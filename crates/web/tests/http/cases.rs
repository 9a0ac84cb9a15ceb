//! Cases over HTTP, by the pages' own forms: a licence from the application to its delivery, a filing at the counter, and who gets nowhere.

mod documents;

use crate::harness::{Browser, Got, Server, form};
use authority::By;
use authority::cases::{Beginning, OfficeForm, OfficerForm, PartyForm};
use base::{CaseId, CivilDate, Pii};
use domain::access::Role;
use domain::casework::Channel;
use law::{Field, FieldKind};
use std::sync::LazyLock;
use store::logbook::ActFilter;

static GATE: LazyLock<law::Gate> = LazyLock::new(|| law::Gate::embedded().unwrap());

const PDF: &str = "%PDF-1.7 the application";

/// An authority's server with an office, people in every seat, and an applicant whose unit is known.
pub async fn hall() -> Server {
    let server = Server::of_authority().await;
    let authority = server.authority.clone().expect("an authority's server");
    server.site.add_account_locally(&form("stranger", Role::Applicant, "孙七", "3")).await.unwrap();
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
    for login in ["case_officer", "case_approver", "legal_reviewer", "publisher"] {
        let card = OfficerForm {
            certificate: Pii::new(format!("2301-{login}")),
            valid_until: Some(CivilDate::parse("2999-12-31").unwrap()),
        };
        authority.put_officer(admin, server.account(login).await, office, &card).await.unwrap();
    }
    let unit = [
        ("unit_name", "哈尔滨示例商业有限公司"),
        ("credit_code", "91350100M000100Y43"),
        ("unit_address", "哈尔滨市道里区示例路1号"),
        ("contact", "王五"),
        ("contact_phone", "0451-55550100"),
    ];
    let person = [("person_name", "孙七"), ("resident_id", "11010519491231002X"), ("contact_phone", "0451-55550101")];
    for (login, is_unit, pairs) in [("applicant", true, &unit[..]), ("stranger", false, &person[..])] {
        let typed = pairs.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
        let by = By { account: server.account(login).await, role: Role::Applicant };
        authority.register_party(by, &PartyForm { is_unit, typed }).await.unwrap();
    }
    server
}

pub async fn signed_in<'a>(server: &'a Server, login: &str) -> Browser<'a> {
    let mut browser = server.browser();
    browser.login(login).await;
    browser
}

fn fields_of(procedure: &str, step: &str) -> Vec<&'static Field> {
    GATE.packs().procedure(procedure).unwrap().fields_at(step).collect()
}

/// The samples of a form; days are today.
pub fn sample(server: &Server, procedure: &str, step: &str) -> Vec<(&'static str, String)> {
    let today = server.site.now().utc.shanghai_date().to_string();
    let text = |f: &Field| if f.kind == FieldKind::Day { today.clone() } else { f.sample.clone() };
    fields_of(procedure, step).into_iter().map(|f| (f.id.as_str(), text(f))).collect()
}

/// The number of events that the page has seen.
pub fn seen(page: &Got) -> String {
    let at = page.text.split("name=\"seen\" value=\"").nth(1);
    at.unwrap_or_else(|| panic!("a form of a case: {:.900}", page.text)).split('"').next().unwrap().to_owned()
}

/// Opens a page with a form and sends it with these fields.
pub async fn fill(browser: &mut Browser<'_>, page: &str, to: &str, fields: &[(&str, &str)]) -> Got {
    let opened = browser.get(page).await;
    assert_eq!(opened.status, 200, "{page}: {:.900}", opened.text);
    let seen = seen(&opened);
    let mut all = fields.to_vec();
    all.push(("seen", &seen));
    browser.post(to, &all).await
}

pub fn pairs<'a>(fields: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(id, text)| (*id, text.as_str())).chain(more.iter().copied()).collect()
}

/// A step of the organ with the samples of its form.
pub async fn take(server: &Server, browser: &mut Browser<'_>, case: &str, of: &str, step: &str) -> Got {
    let typed = sample(server, of, step);
    let page = format!("/cases/{case}/steps/{step}");
    fill(browser, &page, &page, &pairs(&typed, &[])).await
}

/// An application for an area, begun and filled in; its id.
pub async fn filled_in(server: &Server, browser: &mut Browser<'_>) -> String {
    browser.get("/my/cases").await;
    let got = browser.post("/apply", &[("service", "area_approval")]).await;
    assert_eq!((got.status.as_u16(), got.place()), (303, "/apply/new?service=area_approval"), "{:.900}", got.text);
    let place = browser.get("/apply/new?service=area_approval").await.text;
    assert!(
        place.contains("name=\"place_at\"") && place.contains("<option value=\"230102\">道里区</option>"),
        "{place:.2000}"
    );
    let got = browser.post("/apply/new", &[("step", "area_approval"), ("place_at", "99")]).await;
    assert_eq!(got.status, 400, "{:.900}", got.text);
    let got = browser.post("/apply/new", &[("step", "area_approval"), ("place_at", "231102")]).await;
    assert!(got.status == 400 && got.text.contains("f-place_at"), "no office there: {} {:.900}", got.status, got.text);
    assert!(got.text.contains("本网站不办理") && got.text.contains("value=\"231102\""), "the choice is kept");
    let got = browser.post("/apply/new", &[("step", "area_approval"), ("place_at", "230102")]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let id = got.place().rsplit('/').next().unwrap().to_owned();
    let page = format!("/apply/{id}");
    let known = browser.get(&page).await.text;
    assert!(known.contains("value=\"230102\"") && known.contains("哈尔滨示例商业有限公司"), "{known:.2000}");
    let fixed =
        known.split("id=\"f-place_division\"").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap_or_default();
    assert!(
        fixed.contains("data-fixed") && fixed.contains("道里区") && !fixed.contains("<select"),
        "asked once: {fixed}"
    );
    let name = GATE.packs().procedure("area_approval").unwrap().name().zh;
    assert!(known.contains(&format!("<title>{name} · ")) && known.contains("在街道、广场等公共区域"), "{known:.1500}");
    let typed = sample(server, "area_approval", "apply");
    let lacking: Vec<(&str, String)> =
        typed.iter().map(|(id, text)| (*id, if *id == "need" { String::new() } else { text.clone() })).collect();
    let got = fill(browser, &page, &page, &pairs(&lacking, &[("step", "apply")])).await;
    assert!(got.status == 400 && got.text.contains("f-need-error"), "{} {:.900}", got.status, got.text);
    assert!(got.text.contains("道里区示例广场东入口"), "nothing typed is lost");
    let moved = |id: &str, text: &String| if id == "place_division" { "230103".to_owned() } else { text.clone() };
    let elsewhere: Vec<(&str, String)> = typed.iter().map(|(id, text)| (*id, moved(id, text))).collect();
    let got = fill(browser, &page, &page, &pairs(&elsewhere, &[("step", "apply")])).await;
    assert!(got.status == 400 && got.text.contains("f-place_division-error"), "the place decided the office");
    let got = fill(browser, &page, &page, &pairs(&typed, &[("step", "apply")])).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    id
}

/// A case that the officer opens at the counter for the applicant's unit, in the office's own territory.
pub async fn at_counter(server: &Server, of: &str, title: &str) -> CaseId {
    let by = By { account: server.account("case_officer").await, role: Role::CaseOfficer };
    let form = Beginning {
        procedure: of.into(),
        channel: Channel::Counter,
        party: server.site.store().party_of(server.account("applicant").await).await.unwrap(),
        place: String::new(),
        office: None,
        facts_on: None,
        title: title.into(),
        again: String::new(),
    };
    server.authority.clone().expect("an authority's server").begin(by, &form).await.unwrap().case
}

/// An application for an area, handed in with its paper and accepted; its id.
pub async fn accepted(server: &Server, party: &mut Browser<'_>, officer: &mut Browser<'_>) -> String {
    let id = filled_in(server, party).await;
    let page = format!("/apply/{id}/materials");
    let number = seen(&party.get(&page).await);
    let got = party.upload(&format!("{page}/application"), &[("@file", PDF), ("seen", &number)]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    assert_eq!(sent(party, &id, "apply").await.status, 303);
    assert_eq!(take(server, officer, &id, "area_approval", "accept").await.status, 303);
    id
}

/// Checked and sent, without papers that are missing where some are.
pub async fn sent(browser: &mut Browser<'_>, id: &str, step: &str) -> Got {
    let page = format!("/apply/{id}/check");
    fill(browser, &format!("{page}?step={step}"), &page, &[("step", step), ("incomplete", "yes")]).await
}

/// Every needed paper that is missing is named before and after; it is sent only with a word on it, and papers are added until it is decided.
#[tokio::test]
async fn an_application_without_its_papers_says_so_and_takes_them_later() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    let page = format!("/apply/{id}/check");
    let check = party.get(&page).await.text;
    let paper = format!("/apply/{id}/materials#m-application");
    assert!(check.contains("data-lacking") && check.contains(&paper), "{check:.3000}");
    let got = fill(&mut party, &page, &page, &[("step", "apply")]).await;
    assert!(got.status == 400 && got.text.contains("incomplete-error"), "{} {:.900}", got.status, got.text);
    assert!(got.text.contains("btn-main btn-big"), "it can still be sent from there");
    assert_eq!(sent(&mut party, &id, "apply").await.place(), format!("/my/cases/{id}/receipt"));
    let receipt = party.get(&format!("/my/cases/{id}/receipt")).await.text;
    assert!(receipt.contains("data-lacking") && receipt.contains(&paper), "{receipt:.3000}");
    let materials = format!("/apply/{id}/materials");
    assert!(party.get(&format!("/my/cases/{id}")).await.text.contains(&format!("href=\"{materials}\"")));
    let number = seen(&party.get(&materials).await);
    let got = party.upload(&format!("{materials}/application"), &[("@file", PDF), ("seen", &number)]).await;
    assert_eq!(got.place(), format!("{materials}#m-application"), "{:.900}", got.text);
    assert!(!party.get(&format!("/my/cases/{id}/receipt")).await.text.contains("data-lacking"));
}

#[tokio::test]
async fn a_licence_goes_its_whole_way_by_the_pages() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let mut officer = signed_in(&server, "case_officer").await;
    let mut head = signed_in(&server, "case_approver").await;
    let id = filled_in(&server, &mut party).await;
    let check = party.get(&format!("/apply/{id}/check")).await.text;
    assert!(check.contains("示例分局") && check.contains("王五"), "{check:.900}");
    let got = sent(&mut party, &id, "apply").await;
    assert_eq!(got.place(), format!("/my/cases/{id}/receipt"), "{:.900}", got.text);
    let receipt = party.get(got.place()).await.text;
    assert!(receipt.contains("示公技防〔") && receipt.contains("/law/AL-32"), "{receipt:.900}");

    let list = officer.get("/cases").await.text;
    assert!(list.contains(&format!("data-case=\"{id}\"")) && list.contains("一次告知补正内容"), "{list:.2000}");
    let page = officer.get(&format!("/cases/{id}")).await.text;
    assert!(page.contains(&format!("/cases/{id}/rest")) && page.contains("还缺1项材料"), "{page:.2000}");
    let rest = format!("/cases/{id}/rest");
    let got = fill(&mut officer, &rest, &rest, &[("ask", "application"), ("reason_application", " ")]).await;
    assert!(got.status == 400 && got.text.contains("reason-application-error"), "{:.900}", got.text);
    let got = fill(&mut officer, &rest, &rest, &[("reason_application", "没有提交申请书")]).await;
    assert!(got.status == 400 && got.text.contains("没有勾选"), "{:.900}", got.text);
    let past = [("ask", "application"), ("reason_application", "没有提交申请书"), ("until", "2020-01-01")];
    let got = fill(&mut officer, &rest, &rest, &past).await;
    assert!(got.status == 400 && got.text.contains("补正期限已经过去") && got.text.contains("2020-01-01"));
    let asked = [("ask", "application"), ("reason_application", "没有提交申请书"), ("until", "2999-01-01")];
    assert_eq!(fill(&mut officer, &rest, &rest, &asked).await.status, 303);
    assert!(officer.get(&format!("/cases/{id}")).await.text.contains("2999-01-01"), "the last day of the party");
    assert_eq!(officer.get(&rest).await.status, 403, "it is asked for once");

    assert!(party.get("/my/cases").await.text.contains("请补正材料"));
    let mine = party.get(&format!("/my/cases/{id}")).await.text;
    assert!(mine.contains("data-missing") && mine.contains("没有提交申请书"), "{mine:.2000}");
    papers(&mut party, &id).await;
    let got = sent(&mut party, &id, "complete").await;
    assert_eq!(got.place(), format!("/my/cases/{id}"), "{:.900}", got.text);

    for step in ["accept", "examine"] {
        let got = take(&server, &mut officer, &id, "area_approval", step).await;
        assert_eq!(got.status, 303, "{step}: {:.900}", got.text);
    }
    let propose = format!("/cases/{id}/propose");
    let got = fill(&mut officer, &propose, &propose, &[]).await;
    assert!(got.status == 400 && got.text.contains("请选择一种结果"), "{:.900}", got.text);
    let refused = sample(&server, "area_approval", "refused");
    let got = fill(&mut officer, &propose, &propose, &pairs(&refused, &[("outcome", "refused")])).await;
    assert!(got.status == 400, "{:.900}", got.text);
    for told in ["href=\"#reasons\"", "href=\"#clause\"", "至少10个字", "请勾选所依据的条款"] {
        assert!(got.text.contains(told), "all at once: {told} {:.2000}", got.text);
    }
    let typed = sample(&server, "area_approval", "approved");
    let more = [("outcome", "approved"), ("reasons", "确有需要，位置不涉及住宅。"), ("clause", "B-14-3")];
    let got = fill(&mut officer, &propose, &propose, &pairs(&typed, &more)).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);

    let decide = format!("/cases/{id}/decide");
    assert_eq!(officer.get(&decide).await.status, 403, "nobody decides what they proposed");
    let page = head.get(&decide).await.text;
    assert!(page.contains("data-proposal") && page.contains("确有需要，位置不涉及住宅。"), "{page:.2000}");
    let got = fill(&mut head, &decide, &decide, &[("decision", "take")]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let got = take(&server, &mut officer, &id, "area_approval", "deliver").await;
    assert!(got.status == 409 && got.text.contains("送达凭证"), "a click serves nothing: {:.900}", got.text);
    let number = seen(&officer.get(&format!("/cases/{id}/steps/deliver")).await);
    let scan = [("@file", PDF), ("material", "deliver"), ("seen", number.as_str())];
    assert_eq!(officer.upload(&format!("/cases/{id}/papers"), &scan).await.status, 303);
    assert_eq!(take(&server, &mut officer, &id, "area_approval", "deliver").await.status, 303);
    let page = officer.get(&format!("/cases/{id}")).await.text;
    assert!(page.contains("已办结") && page.contains("已登记"), "{page:.2000}");
    assert!(page.contains("待公布"), "that it is closed publishes nothing");

    let mut publisher = signed_in(&server, "publisher").await;
    let publish = format!("/cases/{id}/publish");
    let asked = format!("{publish}?entry=other_information");
    for list in ["/cases", "/cases?of=unpublished"] {
        let page = publisher.get(list).await.text;
        assert!(page.contains("等您公布") && page.contains(&asked), "{list} leads to it: {page:.3000}");
    }
    assert!(!officer.get("/cases?of=unpublished").await.text.contains("等您公布"), "others publish nothing");
    let shown = publisher.get(&asked).await.text;
    assert!(shown.contains("data-public") && !shown.contains("王五"), "{shown:.2000}");
    let got = fill(&mut publisher, &asked, &publish, &[("entry", "other_information"), ("act", "publish")]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    assert!(!officer.get(&format!("/cases/{id}")).await.text.contains("待公布"));
    assert!(!publisher.get("/cases?of=unpublished").await.text.contains(&asked), "it is done");
    let got = fill(&mut publisher, &asked, &publish, &[("entry", "other_information"), ("act", "withdraw")]).await;
    assert!(got.status == 400 && got.text.contains("请写明撤回的理由"), "{} {:.900}", got.status, got.text);
    party.get("/lang/en?back=/").await;
    let mine = party.get(&format!("/my/cases/{id}")).await.text;
    assert!(mine.contains("Approved.") && mine.contains("Where it stands"), "{mine:.2000}");
}

/// A disguised file, one that is too large, and the right one, twice.
pub async fn papers(party: &mut Browser<'_>, id: &str) {
    let page = format!("/apply/{id}/materials");
    let to = format!("{page}/application");
    let number = seen(&party.get(&page).await);
    let got = party.upload(&to, &[("@file", "MZ this is a program"), ("seen", &number)]).await;
    assert!(got.status == 400 && got.text.contains("类型不符"), "{} {:.900}", got.status, got.text);
    let got = party.upload(&to, &[("@file", ""), ("seen", &number)]).await;
    assert!(got.status == 400 && got.text.contains("没有选择文件"), "{} {:.900}", got.status, got.text);
    let large = format!("%PDF-1.7{}", "x".repeat(base::limits::UPLOAD_BYTES + 128 * 1024));
    assert_eq!(party.upload(&to, &[("@file", &large), ("seen", &number)]).await.status, 413);
    let got = party.upload(&to, &[("@file", PDF), ("seen", &number)]).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let number = seen(&party.get(&page).await);
    assert_eq!(party.upload(&to, &[("@file", PDF), ("seen", &number)]).await.status, 409, "it lies there already");
    let paper = party.get(&format!("/my/cases/{id}/papers/1")).await;
    assert_eq!((paper.status.as_u16(), paper.text.as_str()), (200, PDF));
    assert!(paper.header("content-disposition").starts_with("attachment"), "{:?}", paper.headers);
    assert_eq!(paper.header("x-content-type-options"), "nosniff");
    assert_eq!(party.get(&format!("/my/cases/{id}/papers/2")).await.status, 404);
}

#[tokio::test]
async fn a_paper_that_nobody_reads_for_its_size_leaves_the_attempt_of_its_sender() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    let page = format!("/apply/{id}/materials");
    let number = seen(&party.get(&page).await);
    let large = "x".repeat(base::limits::UPLOAD_BYTES + 128 * 1024);
    let sent = party.upload(&format!("{page}/application"), &[("@file", &large), ("seen", &number)]).await;
    assert_eq!(sent.status, 413, "{:.900}", sent.text);
    let words = "x".repeat(base::limits::HTTP_BODY_BYTES);
    assert_eq!(party.post(&format!("/apply/{id}/check"), &[("note", &words)]).await.status, 413, "no page for files");
    let store = server.site.store();
    store.flush_ledger().await.unwrap();
    let filter = ActFilter { kind: Some("act.tried".into()), ..ActFilter::default() };
    let tried = store.acts(&filter, 9).await.unwrap();
    assert_eq!((tried.len(), tried[0].account), (1, Some(server.account("applicant").await)));
    let body = store.ledger().entry(tried[0].idx).unwrap().parse().unwrap().body;
    assert_eq!((body["code"].as_str(), body["case"].as_str()), (Some("paper_size"), Some(id.as_str())));
}

#[tokio::test]
async fn a_filing_at_the_counter_ends_with_whoever_checks_it() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let offered = officer.get("/cases/new").await.text;
    assert!(offered.contains("/cases/new?procedure=sales_filing"));
    let (asked, own) = offered.split_once("data-own-motion").expect("two groups");
    assert!(asked.contains("data-asked") && asked.contains("procedure=sales_filing"), "{asked:.3000}");
    assert!(own.contains("procedure=penalty_case") && !own.contains("procedure=sales_filing"), "{own:.3000}");
    let page = officer.get("/cases/new?procedure=sales_filing").await.text;
    assert!(page.contains("name=\"party_is\"") && page.contains("value=\"certification\""), "{page:.2000}");
    let typed = sample(&server, "sales_filing", "submit");
    let papers = ["licence", "products", "service", "quality", "certification"].map(|id| ("materials", id));
    let begun = [("procedure", "sales_filing"), ("party_is", "unit")];
    let lacking = pairs(&typed, &[&begun[..], &papers[..]].concat());
    let got = officer.post("/cases/new", &lacking).await;
    assert!(got.status == 400 && got.text.contains("f-unit_address-error"), "{} {:.900}", got.status, got.text);
    let nobody: Vec<(&str, &str)> = lacking.iter().filter(|f| f.0 != "party_is").copied().collect();
    assert_eq!(officer.post("/cases/new", &nobody).await.status, 400);
    let none = [("procedure", "sales_filing"), ("party_is", "none")];
    let got = officer.post("/cases/new", &none).await;
    assert!(got.status == 400 && got.text.contains("f-party_is-error"), "of whom it is is told with the rest");
    let mut whole = lacking.clone();
    whole.push(("unit_address", "哈尔滨市道里区示例街3号"));
    // The code of the sample is on record as another unit's.
    whole.push(("other_name", "yes"));
    assert!(
        page.contains("name=\"take\"") && !page.contains("name=\"take\" value=\"1\" checked"),
        "it is theirs to say"
    );
    whole.push(("take", "1"));
    let got = officer.post("/cases/new", &whole).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let id = got.place().rsplit('/').next().unwrap().to_owned();
    assert_eq!(got.place(), format!("/cases/{id}"), "the first step is done with it");
    let opened = server.site.store().case(CaseId::parse(&id).unwrap()).await.unwrap().unwrap();
    assert_eq!(opened.head.assigned, Some(server.account("case_officer").await), "who opened it handles it");
    let again = officer.post("/cases/new", &whole).await;
    assert!(again.status == 409 && again.text.contains("已有案件在办"), "{} {:.900}", again.status, again.text);
    assert_eq!(take(&server, &mut officer, &id, "sales_filing", "check").await.status, 303);
    let propose = format!("/cases/{id}/propose");
    let form = officer.get(&propose).await.text;
    assert!(form.contains("data-confirm") && form.contains("由承办人直接决定"), "{form:.2000}");
    let typed = sample(&server, "sales_filing", "filed");
    let got = fill(&mut officer, &propose, &propose, &pairs(&typed, &[("outcome", "filed")])).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let page = officer.get(&format!("/cases/{id}")).await.text;
    assert!(page.contains("作出决定") && page.contains("已办结"), "{page:.2000}");
    assert!(officer.get("/cases").await.text.contains("没有待办"), "a closed case waits for nobody");
    assert_eq!(officer.post("/cases/new", &whole).await.status, 303, "the one before is over");
    let why = [&whole[..], &[("again", "另一处门店，需要分别备案。")]].concat();
    assert_eq!(officer.post("/cases/new", &why).await.status, 303, "beside one under way, with the reason");
}

#[tokio::test]
async fn a_proposal_of_a_fine_offers_the_clauses_that_can_be_breached_with_their_range() {
    let server = hall().await;
    let mut officer = signed_in(&server, "case_officer").await;
    let list = officer.get("/cases/new").await.text;
    assert!(!list.contains("procedure=provider_filing"), "no procedure of another province");
    let asked = officer.get("/cases/new?procedure=penalty_case").await.text;
    assert!(asked.contains("当事人是单位的必填") && asked.contains("当事人是个人的必填"), "{asked:.4000}");
    let typed = sample(&server, "penalty_case", "open");
    let party = [
        ("procedure", "penalty_case"),
        ("party_is", "unit"),
        ("unit_name", "示例仓储有限公司"),
        ("credit_code", "91350100M000100Y43"),
        ("unit_address", "哈尔滨市道里区示例路1号"),
        ("contact", "王五"),
        ("contact_phone", "0451-55550100"),
    ];
    let got = officer.post("/cases/new", &[("procedure", "penalty_case"), ("party_is", "unit")]).await;
    assert!(got.status == 400 && got.text.contains("f-matter-error"), "{} {:.900}", got.status, got.text);
    assert!(got.text.contains("f-unit_name-error") && got.text.contains("f-contact-error"), "all of it at once");
    let mut late = typed.clone();
    late.retain(|(id, _)| *id != "act_day");
    late.push(("act_day", "2099-01-01".to_owned()));
    let got = officer.post("/cases/new", &pairs(&late, &party)).await;
    assert!(got.status == 400 && got.text.contains("f-act_day-error"), "{} {:.900}", got.status, got.text);
    let got = officer.post("/cases/new", &pairs(&typed, &party)).await;
    assert!(got.status == 400 && got.text.contains("f-other_name-error"), "{} {:.900}", got.status, got.text);
    for told in ["沈阳示例商业有限公司", "哈尔滨示例商业有限公司"] {
        assert!(got.text.contains(told), "both names are told: {told} {:.3000}", got.text);
    }
    let denied = officer.post("/cases/new", &pairs(&typed, &[&party[..], &[("other_name", "no")]].concat())).await;
    assert!(
        denied.status == 400 && denied.text.contains("f-other_name-error"),
        "{} {:.900}",
        denied.status,
        denied.text
    );
    let got = officer.post("/cases/new", &pairs(&typed, &[&party[..], &[("other_name", "yes")]].concat())).await;
    assert_eq!(got.status, 303, "{:.900}", got.text);
    let case = got.place().split('/').nth(2).unwrap().to_owned();
    let page = officer.get(&format!("/cases/{case}/propose")).await.text;
    let fined = page.split("id=\"of-fined\"").nth(1).unwrap_or_else(|| panic!("{page:.2000}"));
    let fined = fined.split("id=\"of-not_fined\"").next().unwrap();
    assert!(fined.contains("data-breaches") && fined.contains("value=\"B-14-1-2\""), "{fined:.2000}");
    assert!(fined.contains("罚款") && !fined.contains("value=\"A-"), "no clause of another province");
    let not_fined = page.split("id=\"of-not_fined\"").nth(1).unwrap();
    assert!(!not_fined.contains("data-breaches"), "nothing is breached where nothing is fined");

    let value = format!("/cases/{case}/value");
    assert!(officer.get(&format!("/cases/{case}")).await.text.contains(&value), "it is offered beside the steps");
    let wrong = |day: &'static str| [("field", "act_day"), ("value", day), ("reasons", "录入时看错。")];
    let got = fill(&mut officer, &value, &value, &wrong("2099-01-01")).await;
    assert!(got.status == 400 && got.text.contains("f-value-error"), "{} {:.900}", got.status, got.text);
    assert_eq!(fill(&mut officer, &value, &value, &wrong("2025-12-01")).await.status, 303);
    let page = officer.get(&value).await.text;
    assert!(page.contains("现在：2025-12-01"), "it counts from now on: {page:.3000}");
}

#[tokio::test]
async fn what_came_in_between_is_shown_and_nothing_typed_is_lost() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    let page = format!("/apply/{id}/materials");
    let number = seen(&party.get(&page).await);
    let to = format!("{page}/application");
    assert_eq!(party.upload(&to, &[("@file", PDF), ("seen", &number)]).await.status, 303);
    assert_eq!(sent(&mut party, &id, "apply").await.status, 303);
    let mut one = signed_in(&server, "case_officer").await;
    let mut other = signed_in(&server, "case_officer").await;
    let accept = format!("/cases/{id}/steps/accept");
    let before = seen(&one.get(&accept).await);
    other.get(&accept).await;
    assert_eq!(one.post(&accept, &[("seen", &before), ("note", "先办的")]).await.status, 303);
    let got = other.post(&accept, &[("seen", &before), ("note", "后办的<b>")]).await;
    assert_eq!(got.status, 409);
    assert!(got.text.contains("又有了新的记录") && got.text.contains("后办的&#60;b&#62;"), "{:.2000}", got.text);
    assert_ne!(seen(&got), before, "the page that is shown anew has seen what is new");
    let number = seen(&got);
    let got = other.post(&accept, &[("seen", &number), ("note", "后办的")]).await;
    assert_eq!(got.status, 409, "it was done by the other");
    let examine = format!("/cases/{id}/steps/examine");
    let got = fill(&mut one, &examine, &examine, &[("findings", "只写了这一栏")]).await;
    assert!(got.status == 400 && got.text.contains("只写了这一栏"), "{} {:.900}", got.status, got.text);
    assert!(got.text.contains("f-listed_place-error") && got.text.contains("f-site_checked-error"), "all at once");
}

#[tokio::test]
async fn everybody_else_gets_nowhere() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    let mut stranger = signed_in(&server, "stranger").await;
    for path in [format!("/my/cases/{id}"), format!("/apply/{id}"), format!("/my/cases/{id}/receipt")] {
        let got = stranger.get(&path).await;
        assert_eq!(got.status, 404, "{path}");
        assert!(!got.text.contains("哈尔滨示例"), "{path}");
    }
    stranger.get("/my/cases").await;
    let got = stranger.post(&format!("/apply/{id}"), &[("step", "apply"), ("seen", "2"), ("need", "x")]).await;
    assert_eq!(got.status, 404);
    for (login, path, status) in [
        ("applicant", "/cases", 403),
        ("case_officer", "/my/cases", 403),
        ("supervisor", "/cases", 200),
        ("supervisor", "/cases/new", 403),
        ("police_duty", "/cases", 403),
        ("legal_reviewer", "/cases/new", 403),
        ("case_officer", "/cases/0190a1b2-0000-7000-8000-000000000000", 404),
        ("case_officer", "/cases/nothing", 404),
        ("applicant", "/apply/new?service=penalty_case", 404),
        ("applicant", "/apply/new?service=lost", 404),
    ] {
        let mut browser = signed_in(&server, login).await;
        assert_eq!(browser.get(path).await.status, status, "{login} {path}");
    }
    let mut supervisor = signed_in(&server, "supervisor").await;
    supervisor.get(&format!("/cases/{id}")).await;
    for act in ["assign", "rest", "propose", "decide", "review", "publish", "steps/accept"] {
        assert_eq!(supervisor.post(&format!("/cases/{id}/{act}"), &[]).await.status, 403, "{act}");
    }
    let page = supervisor.get(&format!("/cases/{id}")).await.text;
    assert!(!page.contains("王五") && page.contains("王*"), "who supervises sees persons masked");
    let site = Server::with_people().await;
    for (login, path) in [("case_officer", "/cases"), ("applicant", "/my/cases"), ("applicant", "/apply/new")] {
        let mut browser = signed_in(&site, login).await;
        assert_eq!(browser.get(path).await.status, 404, "a site's server has no cases: {path}");
    }
}

#[tokio::test]
async fn a_draft_is_kept_and_an_application_given_up() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    let list = party.get("/my/cases").await.text;
    assert!(list.contains(&format!("href=\"/apply/{id}\"")) && list.contains("填写中"), "{list:.2000}");
    let mut later = signed_in(&server, "applicant").await;
    assert!(later.get(&format!("/apply/{id}")).await.text.contains("道里区示例广场东入口"), "kept for another day");
    let got = party.post("/apply/new", &[("step", "area_approval"), ("place_at", "230102")]).await;
    assert!(got.status == 409 && got.text.contains("name=\"again\""), "{} {:.900}", got.status, got.text);
    let fields = [("step", "area_approval"), ("place_at", "230102"), ("again", "另一处入口，需要分别批准。")];
    assert_eq!(party.post("/apply/new", &fields).await.status, 303);
    party.get("/lang/en?back=/").await;
    let page = format!("/apply/{id}/withdraw");
    let opened = party.get(&page).await.text;
    assert!(opened.contains("Withdraw the application") && opened.contains("name=\"reasons\""), "{opened:.900}");
    let to = format!("/apply/{id}");
    let got = fill(&mut party, &page, &to, &[("step", "-withdraw"), ("reasons", "")]).await;
    assert_eq!(got.place(), format!("/my/cases/{id}"), "{:.900}", got.text);
    let gone = party.get(&format!("/my/cases/{id}")).await.text;
    assert!(gone.contains("withdrawn"), "{gone:.900}");
    assert_eq!(party.get(&to).await.status, 409, "nothing is open any more");
}

#[tokio::test]
async fn the_log_is_searched_by_the_number_of_a_case() {
    let server = hall().await;
    let mut party = signed_in(&server, "applicant").await;
    let id = filled_in(&server, &mut party).await;
    let case = server.site.store().case(CaseId::parse(&id).unwrap()).await.unwrap().unwrap();
    assert!(!case.number.is_empty());
    let mut auditor = signed_in(&server, "auditor").await;
    // The field of the filter says once what was looked for; every other place is a line.
    let mut lines = async |who: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("who", who).finish();
        let got = auditor.get(&format!("/log?{query}")).await;
        assert_eq!(got.status, 200, "{:.900}", got.text);
        got.text.matches(&case.number).count()
    };
    assert!(lines(&case.number).await > 1, "its entries are found");
    assert_eq!(lines(&format!("{}9", case.number)).await, 1, "no entry is of that one");
}
