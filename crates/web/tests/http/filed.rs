//! Who is filed and who is only warned: every place that shows a row of the directory says which, so that nobody takes a warning for a filing.

use crate::harness::Server;
use base::{CivilDate, ClauseId, OfficeId, Sha256, Text, UtcMs};
use law::Jurisdiction;
use store::casework::cases::CaseHead;
use store::casework::events::{CaseChange, NewEvent, Saved};
use store::casework::numbers::{Numbering, Series};
use store::casework::offices::OfficeRow;
use store::casework::publications::{NewPublication, ShownRow};
use store::casework::registers::RegisterChange;

const LIST: &str = "/public/registers/providers";
const WARNED: &str = "警示（不表示已备案）";
const NO_FILING: &str = "本名录中没有该单位的备案记录。";
const SOUND: &str = "沈阳示例安防工程有限公司";
const BAD: &str = "沈阳示例智能科技有限公司";

/// Row, procedure, name and code: filed alone, warned alone, filed and warned under another name, warned without a code.
const ROWS: [(&str, &str, &str, &str); 5] = [
    ("filed-1", "provider_filing", SOUND, "91210102M000201X4A"),
    ("warned-2", "warning_notice", BAD, "91210102M000202X4T"),
    ("filed-3", "outside_provider_filing", "长春示例安防工程有限公司", "91220102M000201X8M"),
    ("warned-3", "warning_notice", "长春示例（沈阳）安防工程有限公司", "91220102M000201X8M"),
    ("warned-1", "warning_notice", SOUND, ""),
];

async fn office(server: &Server) -> OfficeId {
    let (store, now) = (server.site.store(), server.site.now().utc);
    let id = store.new_office_id(now).unwrap();
    let row = OfficeRow {
        id,
        name: "沈阳市公安局".into(),
        level: "city".into(),
        division: "210100".into(),
        unit_code: "210100000001".into(),
        parent: None,
        closed: None,
        name_en: String::new(),
    };
    store.put_office(&row, server.account("administrator").await, now).await.unwrap();
    id
}

fn row_of((row, procedure, name, code): (&str, &str, &str, &str)) -> RegisterChange {
    let (outcome, name_field) =
        if procedure == "warning_notice" { ("published", "provider_name") } else { ("filed", "unit_name") };
    let mut fields = serde_json::json!({ name_field: name });
    if !code.is_empty() {
        fields["credit_code"] = code.into();
    }
    RegisterChange {
        register: "providers".into(),
        row: row.into(),
        name: name.into(),
        office: None,
        party: None,
        public: serde_json::json!({
            "procedure": procedure, "number": format!("沈公技防〔2026〕{row}号"), "outcome": outcome,
            "decided_day": "2026-03-01", "office": "沈阳市公安局", "fields": fields,
        }),
        personal: None,
        from: CivilDate::parse("2020-01-01").unwrap(),
        until: None,
        clauses: vec![ClauseId::new("A-18")],
        text: Text::new("登记。", "Entered."),
    }
}

/// A server of the province that has this directory, with the rows of five cases, all made public.
async fn directory() -> Server {
    let server = Server::of_authority_in(Jurisdiction::Liaoning).await;
    let office = office(&server).await;
    let (store, now) = (server.site.store(), server.site.now().utc);
    for one in ROWS {
        let series = Series { office, series: "case".into(), year: 2026 };
        let numbering = Numbering { series, before: "沈公技防〔2026〕".into(), after: "号".into(), width: 0 };
        let text = Text::new("办理案件。", "Case handled.");
        let body = serde_json::json!({ "event": "noted" });
        let events = [NewEvent { kind: "case.opened", body, clauses: vec![ClauseId::new("A-18")], text }];
        let registers = [row_of(one)];
        let head = CaseHead {
            procedure: one.1.into(),
            pack: Sha256::of(b"packs"),
            office,
            party: None,
            title: one.2.into(),
            state: "closed".into(),
            outcome: Some("filed".into()),
            assigned: None,
            facts_on: CivilDate::parse("2026-03-01").unwrap(),
            closed: Some(UtcMs(1)),
            next: None,
        };
        let case = store.new_case_id(now).unwrap();
        let change = CaseChange {
            opening: Some(&numbering),
            registers: &registers,
            ..CaseChange::new(case, 0, None, &head, &events)
        };
        let Saved::Done(_) = store.add_events(&change, now).await.unwrap() else { panic!("not saved") };
    }
    let shown =
        |one: &(&str, &str, &str, &str)| ShownRow { register: "providers".into(), row: one.0.into(), version: 1 };
    let publication = NewPublication {
        kind: "provider_directory".into(),
        title: "名录".into(),
        body: "公布名录。".into(),
        rows: ROWS.iter().map(shown).collect(),
        until: None,
        clauses: vec![ClauseId::new("A-18")],
        text: Text::new("公布。", "Published."),
    };
    store.publish(&publication, server.account("publisher").await, now).await.unwrap();
    server
}

/// A path with its Chinese written as a browser sends it.
fn escaped(path: &str) -> String {
    let of = |b: u8| if b.is_ascii() { char::from(b).to_string() } else { format!("%{b:02X}") };
    path.bytes().map(of).collect()
}

/// The line of a list that leads to a row; empty where there is none.
fn line<'a>(page: &'a str, row: &str) -> &'a str {
    let rest = page.split_once(&format!("/registers/providers/{row}\"")).map_or("", |found| found.1);
    rest.split_once("</tr>").map_or("", |found| found.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_says_of_every_row_whether_it_is_a_filing_or_a_warning() {
    let server = directory().await;
    let page = server.get(LIST, "lang=zh").await.text;
    for (row, procedure, name, _) in ROWS {
        let line = line(&page, row);
        let (says, not) = if procedure == "warning_notice" { (WARNED, ">已备案<") } else { ("已备案", "警示") };
        assert!(line.contains(name) && line.contains(says) && !line.contains(not), "{row}: {line}");
        assert!(!line.contains("有效"), "{row}: {line}");
    }
    let reading = page.split_once("data-reading").expect("how it is read").1;
    let reading = reading.split("</p>").next().unwrap_or_default();
    for word in ["“已备案”", WARNED, "已失效", "查不到"] {
        assert!(reading.contains(word), "{word}: {reading}");
    }
    let english = server.get(LIST, "lang=en").await.text;
    assert!(line(&english, "warned-2").contains("warned (not a filing)"), "{}", line(&english, "warned-2"));
    assert!(line(&english, "filed-1").contains(">filed<"), "{}", line(&english, "filed-1"));
    // The columns that tell rows apart, and not all ten.
    let head = page.split_once("<thead>").unwrap().1.split("</thead>").next().unwrap_or_default();
    assert_eq!(head.matches("<th>").count(), 6, "{head}");
    assert!(head.contains("统一社会信用代码") && !head.contains("从事设计"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_to_what_is_filed_or_warned() {
    let server = directory().await;
    for (query, filed, warned) in [
        ("says=filed", true, false),
        ("says=warned", false, true),
        ("says=nothing", true, true),
        ("says=filed&holds=now&on=2199-01-01", true, false),
        ("says=warned&on=2199-01-01", false, true),
        ("says=warned&q=沈阳示例", false, true),
        ("says=filed&q=沈阳示例", true, false),
    ] {
        let page = server.get(&escaped(&format!("{LIST}?{query}")), "lang=zh").await.text;
        assert_eq!(
            (!line(&page, "filed-1").is_empty(), !line(&page, "warned-2").is_empty()),
            (filed, warned),
            "{query}"
        );
    }
    let page = server.get(&format!("{LIST}?says=filed"), "lang=zh").await.text;
    assert!(page.contains("2 条") && page.contains("value=\"filed\" selected"), "{page:.4000}");
    // Where rows say nothing of their own there is no such filter.
    let other = server.get("/public/registers/penalties", "lang=zh").await;
    assert!(other.status == 200 && !other.text.contains("by-says") && !other.text.contains("data-reading"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_row_tells_what_else_the_directory_has_of_its_unit() {
    let server = directory().await;
    let page = async |row: &str| server.get(&format!("{LIST}/{row}"), "lang=zh").await.text;
    let warned = page("warned-2").await;
    assert!(warned.contains(WARNED) && warned.contains(NO_FILING), "{warned:.6000}");
    // One unit under two names, known by its code; and one without a code, known by its name.
    for (row, other) in
        [("warned-3", "filed-3"), ("filed-3", "warned-3"), ("warned-1", "filed-1"), ("filed-1", "warned-1")]
    {
        let page = page(row).await;
        let others =
            page.split_once("data-others").expect("other rows").1.split("</section>").next().unwrap_or_default();
        assert!(others.contains(&format!("{LIST}/{other}\"")) && !page.contains(NO_FILING), "{row}: {others}");
        let says = if other.starts_with("filed") { "已备案" } else { WARNED };
        assert!(others.contains(says), "{row}: {others}");
        assert_eq!(others.matches("<li>").count(), 1, "no other unit: {others}");
    }
    let english = server.get(&format!("{LIST}/warned-2"), "lang=en").await.text;
    assert!(english.contains("This directory has no filing of this unit."), "{english:.6000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_the_search_and_the_desk_say_it_too() {
    let server = directory().await;
    let csv = server.get(&format!("{LIST}/all.csv"), "lang=zh").await.text;
    let of = |row: &str| csv.lines().find(|line| line.contains(&format!("\"{row}\""))).unwrap_or_default();
    assert!(of("warned-2").contains(WARNED) && of("filed-1").contains("\"已备案\""), "{csv}");
    let json = server.get(&format!("{LIST}/all.json"), "").await.json();
    for row in json["rows"].as_array().unwrap() {
        let is_filed = row["row"].as_str().unwrap().starts_with("filed");
        let (zh, en) = if is_filed { ("已备案", "filed") } else { (WARNED, "warned (not a filing)") };
        assert_eq!((row["state"]["zh"].as_str(), row["state"]["en"].as_str()), (Some(zh), Some(en)), "{row}");
    }
    let search = server.get(&escaped(&format!("/public/search?q={BAD}")), "lang=zh").await.text;
    assert!(search.contains(&format!("{LIST}/warned-2")) && search.contains(WARNED), "{search:.4000}");
    let (cookie, _) = server.session("case_officer").await;
    let desk = server.get("/registers/providers", &cookie).await.text;
    assert!(line(&desk, "warned-2").contains(WARNED) && line(&desk, "filed-1").contains("已备案"), "{desk:.6000}");
    let desk = server.get("/registers/providers?says=warned", &cookie).await.text;
    assert!(line(&desk, "filed-1").is_empty() && !line(&desk, "warned-2").is_empty(), "{desk:.6000}");
    let row = server.get("/registers/providers/warned-2", &cookie).await.text;
    assert!(row.contains(WARNED), "{row:.6000}");
    let copy = server.get("/registers/providers/all.csv?says=filed", &cookie).await.text;
    assert!(copy.contains(SOUND) && !copy.contains(BAD), "{copy}");
}
