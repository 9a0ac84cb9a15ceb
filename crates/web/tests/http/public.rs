//! The public site of an authority: every page for nobody, in both languages, with and without data; nothing personal; the law and the services
//! as the public reads them. Registers, proofs, complaints and accounts of the public stand beside, on the same three cases.

use crate::harness::{Sent, Server};
use base::{CivilDate, ClauseId, OfficeId, Pii, Sha256, Text, UtcMs};
use store::casework::cases::CaseHead;
use store::casework::documents::{DocumentNumber, NewDocument};
use store::casework::draws::{DrawBy, NewPool};
use store::casework::events::{CaseChange, NewEvent, Saved};
use store::casework::numbers::{Numbering, Series};
use store::casework::offices::OfficeRow;
use store::casework::publications::{NewPublication, ShownRow};
use store::casework::registers::RegisterChange;

pub(crate) const PERSON: &str = "欧阳秘密";
pub(crate) const PHONE: &str = "13900001111";
pub(crate) const ID_NUMBER: &str = "11010519491231002X";
/// A register with public columns of a procedure that reaches the province of the server under test.
pub(crate) const REGISTER: &str = "public_areas";
pub(crate) const PDF: &[u8] = b"%PDF-1.7 the approval";
pub(crate) const DOCUMENT: &str = "哈公许〔2026〕1号";
/// Printed on it beside its QR code.
pub(crate) const CHECK_CODE: &str = "3fa2 91bc 0000 1111";
const PLAN: &str = "2026-04";

pub(crate) struct Seeded {
    pub(crate) office: OfficeId,
    pub(crate) rows: Vec<String>,
    pub(crate) notice: u64,
    pub(crate) row_entry: u64,
}

pub(crate) async fn office(server: &Server) -> OfficeId {
    let (store, now) = (server.site.store(), server.site.now().utc);
    let id = store.new_office_id(now).unwrap();
    let row = OfficeRow {
        id,
        name: "哈尔滨市公安局道里分局".into(),
        level: "county".into(),
        division: "230102".into(),
        unit_code: "230102000001".into(),
        parent: None,
        closed: None,
        name_en: String::new(),
    };
    store.put_office(&row, server.account("administrator").await, now).await.unwrap();
    id
}

pub(crate) fn clauses() -> Vec<ClauseId> {
    vec![ClauseId::new("B-14-3")]
}

pub(crate) fn row_of(case: &str, place: &str, until: Option<&str>) -> RegisterChange {
    RegisterChange {
        register: REGISTER.into(),
        row: case.into(),
        name: place.into(),
        office: None,
        party: None,
        public: serde_json::json!({
            "procedure": "area_approval", "number": format!("道里〔2026〕{case}号"), "outcome": "approved",
            "decided_day": "2026-11-20", "office": "哈尔滨市公安局道里分局", "fields": { "place": place, "place_division": "230102" },
        }),
        personal: Some(Pii::new(format!("{{\"applicant_name\":\"{PERSON}\",\"contact_phone\":\"{PHONE}\"}}"))),
        from: CivilDate::parse("2020-01-01").unwrap(),
        until: until.and_then(CivilDate::parse),
        clauses: clauses(),
        text: Text::new("登记。", "Entered."),
    }
}

pub(crate) fn head(office: OfficeId, title: &str) -> CaseHead {
    CaseHead {
        procedure: "area_approval".into(),
        pack: Sha256::of(b"packs"),
        office,
        party: None,
        title: title.into(),
        state: "closed".into(),
        outcome: Some("approved".into()),
        assigned: None,
        facts_on: CivilDate::parse("2026-11-20").unwrap(),
        closed: Some(UtcMs(1)),
        next: None,
    }
}

/// Three cases with rows that a publication shows, a document, and the pool of a draw; all with sealed words about a person.
pub(crate) async fn seed(server: &Server) -> Seeded {
    let office = office(server).await;
    let (store, now) = (server.site.store(), server.site.now().utc);
    let mut row_entry = 0;
    let rows: Vec<String> = ["1", "2", "3"].map(str::to_owned).to_vec();
    for (n, row) in rows.iter().enumerate() {
        let place = format!("=道里区示例广场\"{row}\"");
        let series = Series { office, series: "case".into(), year: 2026 };
        let numbering = Numbering { series, before: "道里〔2026〕".into(), after: "号".into(), width: 0 };
        let body = serde_json::json!({ "event": "noted", "words": format!("{PERSON} {PHONE} {ID_NUMBER}") });
        let text = Text::new("办理案件。", "Case handled.");
        let events = [NewEvent { kind: "case.opened", body, clauses: clauses(), text }];
        let registers = [row_of(row, &place, (n == 2).then_some("2020-12-31"))];
        let number = u32::try_from(n + 1).unwrap();
        let documents = [NewDocument {
            id: store.new_document_id(now).unwrap(),
            kind: "filing_receipt".into(),
            office,
            number: Some(DocumentNumber {
                series: Series { office, series: "decision".into(), year: 2026 },
                number,
                text: format!("哈公许〔2026〕{number}号"),
            }),
            pdf: if n == 0 { PDF.to_vec() } else { format!("%PDF-1.7 {row} {PERSON}").into_bytes() },
            words: String::new(),
            lang: base::Lang::Zh,
            check_code: if n == 0 { CHECK_CODE.to_owned() } else { String::new() },
            clauses: clauses(),
            text: Text::new("制作文书。", "Document made."),
        }];
        let head = head(office, &place);
        let change = CaseChange {
            opening: Some(&numbering),
            registers: &registers,
            documents: &documents,
            ..CaseChange::new(store.new_case_id(now).unwrap(), 0, None, &head, &events)
        };
        let Saved::Done(_) = store.add_events(&change, now).await.unwrap() else { panic!("not saved") };
        row_entry = store.register_history(REGISTER, row).await.unwrap()[0].entry;
    }
    let publication = NewPublication {
        kind: "other_information".into(),
        title: "关于示例广场的公告".into(),
        body: "第一段。\n\n<b>第二段。</b>".into(),
        rows: rows.iter().map(|row| ShownRow { register: REGISTER.into(), row: row.clone(), version: 1 }).collect(),
        until: None,
        clauses: clauses(),
        text: Text::new("公布。", "Published."),
    };
    let by = server.account("publisher").await;
    let notice = store.publish(&publication, by, now).await.unwrap();
    let pool = "unit bank.high B01 -\nunit bank.high B02 -\n";
    let by = DrawBy { by: Some(by), clauses: &[], now };
    let body = serde_json::json!({ "plan": PLAN });
    store
        .commit_pool(&NewPool { plan: PLAN, text: pool, body, people: &[], units: &[], conflicts: 0 }, by)
        .await
        .unwrap();
    Seeded { office, rows, notice, row_entry }
}

fn pages(seeded: Option<&Seeded>) -> Vec<String> {
    let mut out: Vec<String> = [
        "/public",
        "/public/search?q=示例",
        "/public/search",
        "/public/statistics",
        "/public/statistics.csv",
        "/public/services",
        "/public/services/area_approval",
        "/public/services/area_approval/sample",
        "/public/registers",
        "/public/registers/public_areas",
        "/public/registers/public_areas?q=示例&holds=now",
        "/public/registers/public_areas/all.csv",
        "/public/registers/public_areas/all.json",
        "/public/notices",
        "/public/notices?kind=draws",
        "/public/draws",
        "/public/verify",
        "/public/verify/proof",
        "/public/status",
        "/public/footage",
        "/public/complaint",
        "/public/account",
        "/public/account?kind=person",
        "/law",
        "/law/B-14-3",
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(seeded) = seeded {
        out.extend(seeded.rows.iter().map(|row| format!("/public/registers/{REGISTER}/{row}")));
        out.push(format!("/public/notices/{}", seeded.notice));
        out.push(format!("/public/draws/{PLAN}"));
        out.push(format!("/public/verify?number={DOCUMENT}"));
        out.push(format!("/public/verify?digest={}", Sha256::of(PDF).hex()));
        out.push(format!("/public/entries/{}", seeded.row_entry));
        out.push(format!("/public/entries/{}/proof", seeded.row_entry));
    }
    out.iter().map(|path| escaped(path)).collect()
}

/// A path with its Chinese written as a browser sends it.
pub(crate) fn escaped(path: &str) -> String {
    let of = |b: u8| if b.is_ascii() { char::from(b).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_public_page_is_there_in_both_languages_with_and_without_data() {
    for with_data in [false, true] {
        let server = Server::of_authority().await;
        let seeded = if with_data { Some(seed(&server).await) } else { None };
        for path in pages(seeded.as_ref()) {
            for (cookie, tag) in [("lang=zh", "lang=\"zh-CN\""), ("lang=en", "lang=\"en\"")] {
                let got = server.get(&path, cookie).await;
                assert_eq!(got.status, 200, "{path} {cookie}: {:.600}", got.text);
                assert!(!got.header("content-security-policy").is_empty(), "{path}");
                if got.header("content-type").starts_with("text/html") {
                    assert!(got.text.contains(tag), "{path} {cookie}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_public_page_names_a_natural_person() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    for path in pages(Some(&seeded)) {
        let got = server.get(&path, "").await;
        for personal in [PERSON, PHONE, ID_NUMBER, "李警官"] {
            assert!(!got.text.contains(personal), "{path} shows {personal}");
        }
    }
    assert!(server.get("/public/registers/public_areas", "").await.text.contains("示例广场"), "and yet rows are there");
    // A register without public columns is none of the public's, nor is an entry that is not about something public.
    assert_eq!(server.get("/public/registers/archive", "").await.status, 404);
    let mut refused = 0;
    for index in 0..seeded.notice {
        let got = server.get(&format!("/public/entries/{index}"), "").await;
        assert!(got.status == 200 || got.status == 404, "{index}: {}", got.status);
        if got.status == 200 {
            let kind = got.json()["kind"].as_str().unwrap_or_default().to_owned();
            assert!(["register.row", "document.made"].contains(&kind.as_str()), "{kind}");
        } else {
            refused += 1;
        }
    }
    assert!(refused > 10, "accounts, cases and settings stay inside: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_same_for_all_may_be_kept_and_nothing_else() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    for path in
        ["/public", "/public/services/area_approval", "/public/registers/public_areas/all.csv", "/public/notices"]
    {
        let got = server.get(path, "").await;
        assert!(got.header("cache-control").starts_with("public, max-age="), "{path}: {}", got.header("cache-control"));
        assert!(got.header("vary").contains("cookie") && got.header("vary").contains("accept-language"), "{path}");
        assert!(got.headers.get("set-cookie").is_none(), "{path} sets a cookie");
        let (cookie, _) = server.session("case_officer").await;
        let own = server.get(path, &cookie).await;
        assert!(own.header("cache-control").contains("no-store"), "{path}: {}", own.header("cache-control"));
    }
    for path in ["/public/status", "/public/verify", "/public/complaint", "/public/account", "/law"] {
        assert_eq!(server.get(path, "").await.header("cache-control"), "no-store", "{path}");
    }
    let missing = server.get(&format!("/public/notices/{}", seeded.notice + 1), "").await;
    assert_eq!((missing.status.as_u16(), missing.header("cache-control")), (404, "no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_of_inspections_are_one_step_from_every_public_page() {
    let server = Server::of_authority().await;
    for path in ["/public", "/public/notices", "/public/registers"] {
        let got = server.get(path, "").await.text;
        assert!(got.contains("href=\"/public/draws\""), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_knows_the_words_of_citizens() {
    let server = Server::of_authority().await;
    let ask = async |typed: &str| server.get(&escaped(&format!("/public/search?q={typed}")), "lang=zh").await.text;
    for (typed, href) in
        [("自行车被偷", "/public/footage"), ("投诉民警", "/public/complaint"), ("处罚", "/public/notices")]
    {
        let page = ask(typed).await;
        assert!(page.contains(&format!("<a class=\"strong\" href=\"{href}\"")), "{typed}: {page:.4000}");
        assert!(page.contains(&format!("value=\"{typed}\"")), "the word stays in the box");
    }
    let empty = ask("").await;
    assert!(empty.contains("请先输入一个词") && !empty.contains("没有找到"), "{empty:.4000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_law_is_read_on_the_public_site_without_its_inside() {
    let server = Server::of_authority().await;
    for path in ["/law", "/law/packs/B", "/law/B-14-3"] {
        let page = server.get(path, "lang=zh").await.text;
        assert!(
            page.contains("class=\"public-foot\"") && page.contains("href=\"/public/services\""),
            "{path}: {page:.3000}"
        );
        for inside in
            ["/law/coverage", "/law/findings", "误差尚未测得", "data-held", "href=\"/inbox\"", "href=\"/sites\""]
        {
            assert!(!page.contains(inside), "{path} shows {inside}");
        }
    }
    let list = server.get("/law", "lang=zh").await.text;
    let (here, rest) = list.split_once("data-national").expect("the law of the country");
    let (national, elsewhere) = rest.split_once("data-not-here").expect("the law of other provinces");
    assert!(here.contains("/law/packs/B?") && !here.contains("/law/packs/A?"), "{here:.4000}");
    assert!(national.contains("现在的条文自 2026-01-01 起施行"), "{national:.6000}");
    assert!(elsewhere.contains("/law/packs/A?") && !elsewhere.contains("有效"), "{elsewhere:.3000}");
    assert!(server.get("/law/packs/A", "lang=zh").await.text.contains("data-not-here"));
    let clause = server.get("/law/B-14-3", "lang=zh").await.text;
    assert!(
        clause.contains("data-beside-part") && clause.contains("/public/services/area_approval\""),
        "{clause:.5000}"
    );
    let (staff, _) = server.session("case_officer").await;
    assert!(server.get("/law", &staff).await.text.contains("/law/coverage"), "staff see what becomes of every clause");
}

pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text:.3000}")).1;
    rest.split_once(after).unwrap().0
}

#[tokio::test]
async fn the_head_of_an_english_page_has_the_english_name_and_its_foot_also_the_one_on_the_seal() {
    let server = Server::of_authority().await;
    let (store, name) = (server.site.store(), server.site.profile().name);
    let row = store.office(office(&server).await).await.unwrap().unwrap();
    let named = OfficeRow { name: name.clone(), name_en: "Model Bureau".into(), ..row };
    store.put_office(&named, server.account("administrator").await, server.site.now().utc).await.unwrap();
    let page = server.get("/public", "lang=en").await.text;
    let head = page.split_once("</header>").expect("a head").0;
    assert!(head.contains("Model Bureau") && !head.contains(&name), "{head:.3000}");
    assert_eq!(between(&page, "data-site-zh>", "</span>"), name);
    assert!(!server.get("/public", "lang=zh").await.text.contains("Model Bureau"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_says_what_its_office_promises_and_how_its_papers_look() {
    let server = Server::of_authority().await;
    let office = office(&server).await;
    let path = "/public/services/area_approval";
    assert!(!server.get(path, "").await.text.contains("承诺期限"), "nobody promised anything");
    let (key, now) = (format!("office_promises:{office}"), server.site.now().utc);
    server.site.store().set_setting(&key, "{\"area_approval\":5}", None, now).await.unwrap();
    let page = server.get(path, "").await.text;
    assert!(page.contains("承诺期限") && page.contains("<b>5个工作日</b>"), "{page:.6000}");
    assert!(page.contains("href=\"/public/services/area_approval/sample#m-application\""), "{page:.6000}");
    let sample = server.get("/public/services/area_approval/sample", "").await.text;
    assert!(sample.contains("id=\"m-application\"") && sample.contains("示例广场东入口安装摄像机"), "{sample:.4000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_office_speaks_for_the_whole_site_and_the_key_of_the_log_is_told() {
    let server = Server::of_authority().await;
    let office = office(&server).await;
    assert!(!server.get("/public", "").await.text.contains("0451-55550123"));
    for (key, text) in [("office_phone", "0451-55550123"), ("office_hours_zh", "周一至周五 9:00至17:00")] {
        let (key, now) = (format!("{key}:{office}"), server.site.now().utc);
        server.site.store().set_setting(&key, text, None, now).await.unwrap();
    }
    let home = server.get("/public", "").await.text;
    assert!(home.contains("0451-55550123") && home.contains("9:00至17:00"), "{home:.4000}");
    // Whoever found nothing, in the search or in a register, reads where to ask.
    for path in ["/public/search?q=zzqx", "/public/registers/public_areas?q=zzqx"] {
        let page = server.get(&escaped(path), "lang=zh").await.text;
        let told = between(&page, "data-counter", "</p>");
        assert!(told.contains("0451-55550123") && told.contains("9:00至17:00"), "{path}: {told}");
    }
    let key = server.site.store().ledger().key().vkey().to_string();
    let page = server.get("/public/verify/proof", "").await.text;
    assert!(page.contains("data-log-key") && page.contains(&key), "{page:.4000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_begins_at_its_public_home_and_a_site_has_none() {
    let server = Server::of_authority().await;
    let root = server.get("/", "").await;
    assert_eq!((root.status.as_u16(), root.place()), (303, "/public"));
    assert_eq!(server.get("/desk", "").await.place(), "/login?next=%2Fdesk");
    assert_eq!(server.get("/law/coverage", "").await.place(), "/login?next=%2Flaw%2Fcoverage");
    let large = server.get("/text-size/large?back=/public/services", "").await;
    assert_eq!((large.status.as_u16(), large.place()), (303, "/public/services"));
    assert!(large.header("set-cookie").starts_with("large=1"));
    assert_eq!(server.get("/text-size/huge", "").await.status, 404);
    assert_eq!(server.get("/text-size/normal?back=//evil.example", "").await.place(), "/public");
    let site = Server::with_people().await;
    assert_eq!(site.get("/", "").await.place(), "/login");
    assert!(site.get("/law", "").await.place().starts_with("/login"));
    for path in pages(None).iter().filter(|p| p.starts_with("/public")).map(String::as_str).chain(["/text-size/large"])
    {
        assert_eq!(site.get(path, "").await.status, 404, "{path}");
    }
    let before = "ab".repeat(32);
    let token = Sha256::of(format!("form of {before}").as_bytes()).hex();
    for path in ["/public/status", "/public/complaint", "/public/account"] {
        let sent = Sent::form(path, &[("csrf", &token)]).with("cookie", format!("jifang_before={before}"));
        assert_eq!(site.send(sent).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_found_by_everyday_words_and_says_what_needs_no_account() {
    let server = Server::of_authority().await;
    let list = server.get("/public/services", "lang=zh").await.text;
    assert!(list.contains("公共场所装了监控") && list.contains("各步骤分别有期限"), "{list:.6000}");
    let page = server.get("/public/services/report_handling", "lang=zh").await.text;
    assert!(page.contains("href=\"/public/complaint?about=report_handling\""), "{page:.6000}");
    assert!(!server.get("/public/services/area_approval", "").await.text.contains("data-tell"));
}
