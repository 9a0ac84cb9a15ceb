//! The public site of an authority: every page for nobody, in both languages, with and without data; nothing personal; files and proofs that
//! hold without the server; look-ups that tell nothing to whoever guesses.

use crate::harness::{Got, PASSWORD, Sent, Server};
use authority::cases::complaint_fields;
use base::{CivilDate, ClauseId, OfficeId, Pii, Sha256, Text, UtcMs};
use ledger::LogVerifier;
use store::casework::cases::CaseHead;
use store::casework::documents::{DocumentNumber, NewDocument};
use store::casework::draws::{DrawBy, NewPool};
use store::casework::events::{CaseChange, NewEvent, Saved};
use store::casework::import::{Import, Imported};
use store::casework::numbers::{Numbering, Series};
use store::casework::offices::OfficeRow;
use store::casework::publications::{NewPublication, ShownRow};
use store::casework::registers::RegisterChange;

const PERSON: &str = "欧阳秘密";
const PHONE: &str = "13900001111";
const ID_NUMBER: &str = "11010519491231002X";
/// A register with public columns of a procedure that reaches the province of the server under test.
const REGISTER: &str = "public_areas";
const PDF: &[u8] = b"%PDF-1.7 the approval";
const DOCUMENT: &str = "哈公许〔2026〕1号";
/// Printed on it beside its QR code.
const CHECK_CODE: &str = "3fa2 91bc 0000 1111";
const PLAN: &str = "2026-04";

struct Seeded {
    office: OfficeId,
    rows: Vec<String>,
    notice: u64,
    row_entry: u64,
}

async fn office(server: &Server) -> OfficeId {
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

fn clauses() -> Vec<ClauseId> {
    vec![ClauseId::new("B-14-3")]
}

fn row_of(case: &str, place: &str, until: Option<&str>) -> RegisterChange {
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

fn head(office: OfficeId, title: &str) -> CaseHead {
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
async fn seed(server: &Server) -> Seeded {
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
fn escaped(path: &str) -> String {
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

fn csv_rows(got: &Got) -> Vec<String> {
    let text = got.text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    text.split("\r\n").skip(1).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_has_the_same_rows_as_page_csv_and_json() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    // An entry is shown once a checkpoint covers it.
    server.site.store().flush_ledger().await.unwrap();
    let csv = server.get("/public/registers/public_areas/all.csv", "").await;
    let json = server.get("/public/registers/public_areas/all.json", "").await.json();
    let (lines, rows) = (csv_rows(&csv), json["rows"].as_array().unwrap().clone());
    assert_eq!((lines.len(), rows.len()), (3, 3));
    for (line, row) in lines.iter().zip(&rows) {
        let public: serde_json::Value = serde_json::from_str(row["public"].as_str().unwrap()).unwrap();
        let number = public["number"].as_str().unwrap();
        assert!(line.starts_with(&format!("\"{}\",\"{number}\",", row["row"].as_str().unwrap())), "{line}");
        assert!(line.contains("\"'=道里区") && !line.contains("\"=道里区"), "no formula: {line}");
        let digest = Sha256::of(row["public"].as_str().unwrap().as_bytes()).hex();
        assert_eq!(row["public_sha256"].as_str(), Some(digest.as_str()));
        // The log has the same digest.
        let entry = server.get(&format!("/public/entries/{}", row["entry"]), "").await.json();
        assert_eq!(entry["body"]["public_sha256"].as_str(), Some(digest.as_str()));
    }
    let page = server.get("/public/registers/public_areas", "").await;
    for row in &seeded.rows {
        assert!(page.text.contains(&format!("/public/registers/public_areas/{row}\"")), "{row}");
    }
    // Narrowed to what holds, to words, to an office that has none.
    let holds = server.get("/public/registers/public_areas?holds=now", "").await;
    assert!(
        holds.text.contains("public_areas/1\"") && !holds.text.contains("public_areas/3\""),
        "{:.2000}",
        holds.text
    );
    let none = server.get(&format!("/public/registers/public_areas?office={}", seeded.office), "").await;
    assert!(!none.text.contains("public_areas/1\""));
    let found = server.get(&escaped("/public/registers/public_areas?q=示例广场"), "").await;
    assert!(found.text.contains("public_areas/2\""), "{:.2000}", found.text);
    let nothing = server.get(&escaped("/public/registers/public_areas?q=没有这样的"), "").await;
    assert_eq!((nothing.status.as_u16(), nothing.text.contains("没有找到")), (200, true));
    assert_eq!(server.get("/public/registers/public_areas/nothing", "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_of_a_row_holds_without_the_server() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    let row = server.get("/public/registers/public_areas/3", "").await;
    assert!(row.text.contains(&format!("data-proof=\"{}\"", seeded.row_entry)), "{:.3000}", row.text);
    let entry = server.get(&format!("/public/entries/{}", seeded.row_entry), "").await;
    let proof = server.get(&format!("/public/entries/{}/proof", seeded.row_entry), "").await;
    let verifier = LogVerifier::new(server.site.store().ledger().key().vkey());
    let checked = verifier.check_file(proof.text.as_bytes(), entry.text.as_bytes()).unwrap();
    assert!(checked.size > seeded.row_entry);
    let other = entry.text.replace("public_areas", "private_area");
    assert!(verifier.check_file(proof.text.as_bytes(), other.as_bytes()).is_err(), "a changed entry has no proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloaded_proof_is_checked_for_whoever_has_no_program() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    server.site.store().flush_ledger().await.unwrap();
    let index = seeded.row_entry;
    let entry = server.get(&format!("/public/entries/{index}"), "").await.text;
    let proof = server.get(&format!("/public/entries/{index}/proof"), "").await.text;
    let mut nobody = server.browser();
    let page = nobody.get("/public/verify/proof").await;
    let key = server.site.store().ledger().key().vkey().to_string();
    assert!(page.text.contains("data-log-key") && page.text.contains(&key), "{:.4000}", page.text);
    let holds =
        |got: &Got| got.status == 200 && got.text.contains("证明成立") && got.text.contains(&format!(">{index}<"));
    // Both files in either order, the proof alone, and both pasted, as a form sends lines.
    let both = nobody.upload("/public/verify/proof", &[("@files", &entry), ("@files", &proof)]).await;
    assert!(holds(&both), "{:.4000}", both.text);
    let alone = nobody.upload("/public/verify/proof", &[("@files", &proof)]).await;
    assert!(holds(&alone), "{:.4000}", alone.text);
    let crlf = proof.replace('\n', "\r\n");
    let pasted = nobody.upload("/public/verify/proof", &[("proof", crlf.trim()), ("entry", &entry)]).await;
    assert!(holds(&pasted), "{:.4000}", pasted.text);
    let changed = entry.replace("public_areas", "private_area");
    let got = nobody.upload("/public/verify/proof", &[("@files", &proof), ("@files", &changed)]).await;
    assert!(got.status == 200 && got.text.contains("证明不成立"), "{:.4000}", got.text);
    let other = Server::of_authority().await;
    let mut there = other.browser();
    there.get("/public/verify/proof").await;
    let got = there.upload("/public/verify/proof", &[("@files", &proof), ("@files", &entry)]).await;
    assert!(got.status == 200 && got.text.contains("不是本机关的日志"), "{:.4000}", got.text);
    for wrong in ["", "%PDF-1.7", "c2sp.org/tlog-proof@v1\nindex 0\n"] {
        let got = nobody.upload("/public/verify/proof", &[("@files", wrong)]).await;
        assert!(got.status == 400 && got.text.contains("field-error"), "{wrong}: {:.4000}", got.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_notice_stays_with_its_reason_and_without_its_words() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    let path = format!("/public/notices/{}", seeded.notice);
    let page = server.get(&path, "").await;
    assert!(page.text.contains("第一段。") && page.text.contains("&#60;b&#62;第二段"), "{:.3000}", page.text);
    assert!(server.get("/public", "").await.text.contains("关于示例广场的公告"));
    let (store, now, by) = (server.site.store(), server.site.now().utc, server.account("publisher").await);
    store.withdraw_publication(seeded.notice, "内容有误", &[], by, now).await.unwrap();
    let page = server.get(&path, "").await;
    assert!(page.text.contains("内容有误") && !page.text.contains("第一段。"), "{:.3000}", page.text);
    let list = server.get("/public/notices", "").await;
    assert!(list.text.contains("已撤回") && !list.text.contains("关于示例广场的公告"), "{:.3000}", list.text);
    // The rows that it showed went with it, and so did the proofs of their entries.
    is_nowhere(&server, "示例广场", 0).await;
    assert_eq!(server.get(&format!("/public/entries/{}", seeded.row_entry), "").await.status, 404);
}

/// No page or file of the register has these words, and it has so many rows.
async fn is_nowhere(server: &Server, words: &str, rows: usize) {
    server.site.store().flush_ledger().await.unwrap();
    for path in [
        format!("/public/registers/{REGISTER}"),
        format!("/public/registers/{REGISTER}?q={words}"),
        format!("/public/registers/{REGISTER}?on=2100-01-01"),
        format!("/public/registers/{REGISTER}?q={words}&on=2100-01-01"),
        format!("/public/registers/{REGISTER}/all.csv"),
        format!("/public/registers/{REGISTER}/all.json"),
        format!("/public/search?q={words}"),
    ] {
        let got = server.get(&escaped(&path), "").await;
        assert_eq!(got.status, 200, "{path}: {:.900}", got.text);
        // What was asked for stands in the field of the search; a row has its name in a cell or behind a link.
        let shown = got.text.replace(&format!("value=\"{words}\""), "");
        assert!(!shown.contains(words), "{path}: {shown:.3000}");
    }
    let csv = server.get(&format!("/public/registers/{REGISTER}/all.csv"), "").await;
    assert_eq!(csv_rows(&csv).len(), rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_published_is_nowhere() {
    let server = Server::of_authority().await;
    seed(&server).await;
    let (store, now, by) = (server.site.store(), server.site.now().utc, server.account("case_officer").await);
    // Decided, and not published: a refused place, or one whose publication is still to come.
    let rows = [row_of("secret-1", "未公布的大厦", None)];
    let import = Import { registers: &rows, ..Import::default() };
    assert_eq!(store.import(&import, by, now).await.unwrap(), Imported::Done);
    is_nowhere(&server, "未公布的大厦", 3).await;
    assert_eq!(server.get("/public/registers/public_areas/secret-1", "").await.status, 404);
    assert_eq!(server.get("/public/registers/public_areas/secret-1?version=1", "").await.status, 404);
    let entry = store.register_history(REGISTER, "secret-1").await.unwrap()[0].entry;
    for path in [format!("/public/entries/{entry}"), format!("/public/entries/{entry}/proof")] {
        assert_eq!(server.get(&path, "").await.status, 404, "{path}");
    }
    let list = server.get("/public/registers", "").await.text;
    assert!(between(&list, "/public/registers/public_areas\"", "</li>").contains("3 条"), "{list:.3000}");
    // Published, it is everywhere.
    let publication = NewPublication {
        kind: "other_information".into(),
        title: "公告".into(),
        body: "公布一处。".into(),
        rows: vec![ShownRow { register: REGISTER.into(), row: "secret-1".into(), version: 1 }],
        until: None,
        clauses: clauses(),
        text: Text::new("公布。", "Published."),
    };
    store.publish(&publication, by, now).await.unwrap();
    for path in ["/public/registers/public_areas?q=未公布的大厦", "/public/search?q=未公布的大厦"] {
        let got = server.get(&escaped(path), "").await.text;
        assert!(got.contains("/public/registers/public_areas/secret-1\""), "{path}: {got:.3000}");
    }
    assert_eq!(server.get(&format!("/public/entries/{entry}"), "").await.status, 200);
}

/// A register of a million rows is not counted for whoever asks: once a minute for all, and what fits a filter never.
#[tokio::test(flavor = "multi_thread")]
async fn a_register_is_counted_once_a_minute_and_a_filtered_list_never() {
    let server = Server::of_authority().await;
    let (store, now, by) = (server.site.store(), server.site.now().utc, server.account("case_officer").await);
    for n in 1..=51 {
        store.put_row_of(&row_of(&n.to_string(), "示例广场", None), (0, true), by, now).await.unwrap();
    }
    let size = async || {
        let list = server.get("/public/registers", "lang=zh").await.text;
        between(&list, "/public/registers/public_areas\"", "</li>").to_owned()
    };
    assert!(size().await.contains("51 条"));
    store.put_row_of(&row_of("late", "新来的广场", None), (0, true), by, now).await.unwrap();
    assert!(size().await.contains("51 条"), "counted within the last minute");
    let whole = server.get("/public/registers/public_areas", "lang=zh").await.text;
    assert!(
        whole.contains("public_areas/late\"") && whole.contains("51 条"),
        "the row is there at once: {whole:.3000}"
    );
    let narrowed = server.get("/public/registers/public_areas?holds=now", "lang=zh").await.text;
    assert!(narrowed.contains("多于 50 条"), "{narrowed:.3000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_the_public_registers_again_and_again_waits() {
    let server = Server::of_authority().await;
    for path in ["/public/registers?n=", "/public/registers/public_areas?before="] {
        let mut last = 0;
        for n in 0..1_000 {
            last = server.get(&format!("{path}{n}"), "").await.status.as_u16();
            if last == 429 {
                break;
            }
        }
        assert_eq!(last, 429, "{path}");
    }
    assert_eq!(server.get("/public/services", "").await.status, 200, "what costs nothing is still read");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_has_its_proof_and_the_register_is_read_as_it_stood() {
    let server = Server::of_authority().await;
    let (store, now, by) = (server.site.store(), server.site.now().utc, server.account("case_officer").await);
    let ago = |days: i64| now.plus_ms(-days * base::time::DAY_MS);
    let day = |days: i64| ago(days).shanghai_date();
    store.put_row_of(&row_of("9", "旧名商场", None), (0, true), by, ago(10)).await.unwrap();
    store.put_row_of(&row_of("9", "新名商场", None), (1, true), by, ago(4)).await.unwrap();
    store.flush_ledger().await.unwrap();
    let list =
        async |query: String| server.get(&escaped(&format!("/public/registers/{REGISTER}?{query}")), "").await.text;
    let then = list(format!("on={}", day(7))).await;
    assert!(then.contains("旧名商场") && then.contains("public_areas/9?version=1\"") && !then.contains("新名商场"));
    assert!(list(format!("on={}", day(10))).await.contains("旧名商场"), "the day itself");
    assert!(!list(format!("on={}", day(11))).await.contains("旧名商场"), "the day before");
    let now_on = list(format!("on={}", day(0))).await;
    assert!(now_on.contains("新名商场") && now_on.contains("public_areas/9\"") && !now_on.contains("旧名商场"));
    let found = list(format!("q=新名商场&on={}", day(7))).await;
    assert!(found.contains("旧名商场"), "found by its name of today: {found:.3000}");
    // By the number of its case, too.
    assert!(list("q=〔2026〕9号".into()).await.contains("public_areas/9\""));

    let page = server.get(&format!("/public/registers/{REGISTER}/9"), "").await.text;
    let verifier = LogVerifier::new(store.ledger().key().vkey());
    for version in store.register_history(REGISTER, "9").await.unwrap() {
        let (n, entry) = (version.version, version.entry);
        for link in [
            format!("/public/entries/{entry}\""),
            format!("/public/entries/{entry}/proof\""),
            format!("?version={n}\""),
        ] {
            assert!(page.contains(&link), "{link}: {page:.5000}");
        }
        let bytes = server.get(&format!("/public/entries/{entry}"), "").await;
        let proof = server.get(&format!("/public/entries/{entry}/proof"), "").await;
        verifier.check_file(proof.text.as_bytes(), bytes.text.as_bytes()).unwrap();
        let shown = server.get(&format!("/public/registers/{REGISTER}/9?version={n}"), "").await.text;
        let digest = Sha256::of(version.public.as_bytes()).hex();
        assert!(shown.contains(&version.name) && shown.contains(&digest), "{shown:.5000}");
        assert_eq!(bytes.json()["body"]["public_sha256"].as_str(), Some(digest.as_str()));
        assert!(!shown.contains("data-name-outside"), "the name is under the digest");
        assert_eq!(shown.contains("不是最新的一版"), n == 1);
    }
    assert_eq!(server.get(&format!("/public/registers/{REGISTER}/9?version=3"), "").await.status, 404);
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
async fn a_document_is_known_by_number_or_digest() {
    let server = Server::of_authority().await;
    seed(&server).await;
    let digest = Sha256::of(PDF).hex();
    let ask = |query: String| {
        let server = &server;
        async move { server.get(&escaped(&format!("/public/verify?{query}")), "").await.text }
    };
    assert!(ask(format!("digest={digest}")).await.contains("真实，没有改动"));
    assert!(ask(format!("number={DOCUMENT}&digest={digest}")).await.contains("真实，没有改动"));
    let page = ask(format!("number={DOCUMENT}")).await;
    assert!(page.contains("有这份文书"));
    assert!(
        page.contains("二维码旁的短码") && page.contains(CHECK_CODE),
        "what is printed beside its code: {page:.4000}"
    );
    let without = ask("number=哈公许〔2026〕2号".into()).await;
    assert!(without.contains("有这份文书") && !without.contains("二维码旁的短码"), "{without:.4000}");
    let other = Sha256::of(b"other").hex();
    assert!(ask(format!("number={DOCUMENT}&digest={other}")).await.contains("与原件不同"));
    assert!(ask(format!("digest={other}")).await.contains("没有查到"));
    assert!(ask("number=哈公许〔2026〕99号".into()).await.contains("没有查到"));
    assert!(ask("digest=xyz".into()).await.contains("64 位十六进制"));
}

/// Approvals, reports and covers: an inspection that was approved is not told to whoever tries numbers, or places of the log.
#[tokio::test(flavor = "multi_thread")]
async fn what_stays_in_the_file_is_told_to_its_holder_alone() {
    let server = Server::of_authority().await;
    let office = office(&server).await;
    let (store, now) = (server.site.store(), server.site.now().utc);
    let paper = |kind: &str, number: &str, pdf: &[u8]| NewDocument {
        id: store.new_document_id(now).unwrap(),
        kind: kind.into(),
        office,
        number: Some(DocumentNumber {
            series: Series { office, series: kind.into(), year: 2026 },
            number: 1,
            text: number.into(),
        }),
        pdf: pdf.to_vec(),
        words: String::new(),
        lang: base::Lang::Zh,
        check_code: String::new(),
        clauses: clauses(),
        text: Text::new("制作文书。", "Document made."),
    };
    let inner = paper("inspection_approval", "哈公检批〔2026〕1号", b"%PDF-1.7 inner");
    let documents = [inner.clone(), paper("filing_receipt", DOCUMENT, PDF)];
    let series = Series { office, series: "case".into(), year: 2026 };
    let numbering = Numbering { series, before: "道里〔2026〕".into(), after: "号".into(), width: 0 };
    let body = serde_json::json!({ "event": "noted", "words": "" });
    let events =
        [NewEvent {
            kind: "case.opened", body, clauses: clauses(), text: Text::new("办理案件。", "Case handled.")
        }];
    let head = head(office, "示例广场");
    let change = CaseChange {
        opening: Some(&numbering),
        documents: &documents,
        ..CaseChange::new(store.new_case_id(now).unwrap(), 0, None, &head, &events)
    };
    let Saved::Done(_) = store.add_events(&change, now).await.unwrap() else { panic!("not saved") };
    let ask = async |query: &str| server.get(&escaped(&format!("/public/verify?{query}")), "lang=zh").await.text;
    let digest = Sha256::of(b"%PDF-1.7 inner").hex();
    for guessed in ["哈公检批〔2026〕1号", "哈公检批[2026]1号"] {
        let page = ask(&format!("number={guessed}")).await;
        assert!(page.contains("没有查到") && !page.contains("检查审批表"), "{guessed}: {page:.4000}");
    }
    for held in [format!("document={}", inner.id), format!("digest={digest}")] {
        let page = ask(&held).await;
        assert!(page.contains("检查审批表") && !page.contains("data-proof"), "{held}: {page:.4000}");
    }
    assert!(ask(&format!("number={DOCUMENT}")).await.contains("有这份文书"));
    store.flush_ledger().await.unwrap();
    let of_inner = store.document(inner.id).await.unwrap().unwrap().entry;
    let of_other = store.document(documents[1].id).await.unwrap().unwrap().entry;
    for path in ["", "/proof"] {
        assert_eq!(server.get(&format!("/public/entries/{of_inner}{path}"), "").await.status, 404, "{path}");
        assert_eq!(server.get(&format!("/public/entries/{of_other}{path}"), "").await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_row_or_notice_is_never_called_false() {
    let server = Server::of_authority().await;
    let seeded = seed(&server).await;
    let ask = async |query: String| server.get(&escaped(&format!("/public/verify?{query}")), "lang=zh").await.text;
    for typed in ["道里〔2026〕1号", "道里[2026]1号", "道里（2026）１号"] {
        let page = ask(format!("number={typed}")).await;
        assert!(page.contains("data-known") && page.contains("/public/registers/public_areas/1\""), "{page:.4000}");
        assert!(!page.contains("没有查到"), "{typed}");
    }
    let public = server.site.store().register_history(REGISTER, "1").await.unwrap()[0].public.clone();
    let digest = Sha256::of(public.as_bytes()).hex();
    assert!(ask(format!("number=道里〔2026〕1号&digest={digest}")).await.contains("真实，没有改动"));
    let page = ask(format!("number={}", seeded.notice)).await;
    assert!(page.contains(&format!("/public/notices/{}\"", seeded.notice)), "{page:.4000}");
    let unknown = ask("number=道里〔2026〕77号".into()).await;
    assert!(unknown.contains("没有查到") && unknown.contains("不能说明它是真的还是假的"), "{unknown:.4000}");
    assert!(ask("asked=1&number=&digest=".into()).await.contains("请填编号"));
    let document = ask("number=哈公许[2026]1号".into()).await;
    assert!(document.contains("有这份文书") && !document.contains("现在有效"), "{document:.4000}");
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

/// The filled sample of the complaint's form, for a place of the office.
fn complaint(procedure: &str) -> Vec<(String, String)> {
    let packs = law::Packs::embedded().unwrap();
    let procedure = packs.procedure(procedure).unwrap();
    let value = |f: &law::Field| match f.kind {
        law::FieldKind::Division => "230102".to_owned(),
        law::FieldKind::Name => PERSON.to_owned(),
        _ => f.sample.clone(),
    };
    let mut out = vec![("about".to_owned(), procedure.id.clone())];
    out.extend(complaint_fields(procedure).iter().map(|f| (f.id.clone(), value(f))));
    out
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text:.3000}")).1;
    rest.split_once(after).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_gives_a_receipt_by_which_alone_its_case_is_found() {
    let server = Server::of_authority().await;
    office(&server).await;
    let mut nobody = server.browser();
    nobody.get("/public/complaint").await;
    let fields = complaint("report_handling");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let mut wrong = fields.clone();
    wrong.retain(|(name, _)| *name != "reported");
    let got = nobody.post("/public/complaint", &wrong).await;
    assert!(got.status == 400 && got.text.contains("field-error"), "{:.3000}", got.text);
    let got = nobody.post("/public/complaint", &fields).await;
    assert_eq!(got.status, 200, "{:.3000}", got.text);
    let receipt = between(&got.text, "data-receipt=\"", "\"").to_owned();
    let codes: Vec<&str> = got.text.split("<dd class=\"code mono\">").skip(1).collect();
    let code = codes[1].split_once('<').unwrap().0.to_owned();
    assert!(!got.text.contains(PERSON), "the receipt names nobody");
    assert!(got.text.contains("href=\"/public/status?receipt=%"), "the number goes along: {:.3000}", got.text);
    nobody.get("/public/status").await;
    let found = nobody.post("/public/status", &[("receipt", &receipt), ("code", &code)]).await;
    assert_eq!((found.status.as_u16(), found.place()), (303, "/public/status?found=1"), "{:.3000}", found.text);
    let found = nobody.get("/public/status?found=1").await;
    assert!(found.status == 200 && found.text.contains("data-answer"), "{:.3000}", found.text);
    assert!(!found.text.contains(&code), "nothing keeps the code");
    // Large text and the other language come back to the same address, and the answer is still there.
    assert!(found.text.contains("back=%2Fpublic%2Fstatus%3Ffound%3D1"), "{:.3000}", found.text);
    nobody.get("/lang/en?back=%2Fpublic%2Fstatus%3Ffound%3D1").await;
    let english = nobody.get("/public/status?found=1").await;
    assert!(english.text.contains("data-answer") && english.text.contains(&receipt), "{:.3000}", english.text);
    nobody.get("/lang/zh?back=%2Fpublic").await;
    assert!(!nobody.get("/public/status").await.text.contains("data-answer"), "the form itself is empty");
    let mut other = server.browser();
    let got = other.get("/public/status?found=1").await;
    assert!(got.status == 200 && !got.text.contains(&receipt), "another browser sees nothing: {:.3000}", got.text);
    assert!(!found.text.contains(PERSON));
    assert!(
        found.text.contains("已收到，等待办理机关登记"),
        "what was sent is not told to be unsent: {:.3000}",
        found.text
    );
    let serial = receipt.split_once('〕').unwrap().1.trim_end_matches('号');
    let round = receipt.replace('〔', "(").replace('〕', ") ");
    for typed in [round.as_str(), serial] {
        let found = nobody.post("/public/status", &[("receipt", typed), ("code", &code.to_uppercase())]).await;
        assert_eq!(found.status, 303, "{typed}: {:.3000}", found.text);
        let found = nobody.get(found.place()).await;
        assert!(found.text.contains("data-answer"), "{typed}: {:.3000}", found.text);
    }
    let last = if code.ends_with('0') { "1" } else { "0" };
    let near = format!("{}{last}", &code[..code.len() - 1]);
    let wrong_code = nobody.post("/public/status", &[("receipt", &receipt), ("code", &near)]).await;
    let wrong_number = nobody.post("/public/status", &[("receipt", "道里〔2026〕999号"), ("code", &code)]).await;
    for wrong in [&wrong_code, &wrong_number] {
        assert_eq!(wrong.status, 404);
        assert!(!wrong.text.contains("data-answer"));
        assert!(wrong.text.contains("name=\"code\" value=\"") && !wrong.text.contains("name=\"code\" value=\"\""));
    }
    let said = |got: &Got| between(&got.text, "field-error", "</span></span>").to_owned();
    assert_eq!(said(&wrong_code), said(&wrong_number), "both are told alike");
    let mut last = found;
    for _ in 0..40 {
        last = nobody.post("/public/status", &[("receipt", &receipt), ("code", &near)]).await;
    }
    assert_eq!(last.status, 429, "whoever guesses waits");
    let right = nobody.post("/public/status", &[("receipt", &receipt), ("code", &code)]).await;
    assert_eq!(right.status, 429, "also with the right code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_chosen_by_its_name_among_those_that_an_office_has() {
    let server = Server::of_authority().await;
    office(&server).await;
    let page = server.get("/public/complaint?about=report_handling", "").await.text;
    assert!(page.contains("<optgroup label=\"哈尔滨市\">"), "{page:.4000}");
    assert!(page.contains("<option value=\"230102\">道里区</option>"), "{page:.4000}");
    assert!(!page.contains("230103") && !page.contains("210102"), "no place that no office has, and no sample of one");
    let mut nobody = server.browser();
    nobody.get("/public/complaint").await;
    let mut fields = complaint("report_handling");
    fields.retain(|(name, _)| name != "reported");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let got = nobody.post("/public/complaint", &fields).await;
    assert!(
        got.text.contains("<option value=\"230102\" selected>道里区</option>"),
        "what was chosen stays: {:.4000}",
        got.text
    );
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

fn newcomer<'a>(word: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("kind", "person"),
        ("login_word", word),
        ("person_name", name),
        ("resident_id", ID_NUMBER),
        ("contact_phone", PHONE),
        ("party_address", ""),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
        ("next", "/public/services/area_approval"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_may_take_one_word_and_neither_learns_of_the_other() {
    let server = Server::of_authority().await;
    let mut names = Vec::new();
    for _ in 0..2 {
        let mut browser = server.browser();
        browser.get("/public/account?kind=person").await;
        let got = browser.post("/public/account", &newcomer("zhang", PERSON)).await;
        assert_eq!(got.status, 303, "{:.3000}", got.text);
        let page = browser.get(got.place()).await;
        let name = between(&page.text, "data-account=\"", "\"").to_owned();
        assert!(name.starts_with("zhang-") && name.len() == "zhang-12345".len(), "{name}");
        assert!(page.text.contains("href=\"/public/services/area_approval\""), "{:.3000}", page.text);
        // The same person is known already the second time: only the account that was made is told to come to the counter.
        assert_eq!(page.text.contains("还没有和您的单位或者本人关联"), !names.is_empty());
        names.push(name);
    }
    assert_ne!(names[0], names[1]);
    let mut again = server.browser();
    again.login(&names[0]).await;
    // A staff member's name is no word that anybody could ask about: it gets its own digits too.
    let mut other = server.browser();
    other.get("/public/account?kind=person").await;
    let mut fields = newcomer("administrator", "李四");
    fields[3].1 = "110105194912310038";
    let got = other.post("/public/account", &fields).await;
    assert!(got.status == 303 || got.status == 400, "{}", got.status);
    assert!(!got.text.contains("已被使用"));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_new_account_are_told_at_once_and_many_tries_wait() {
    let server = Server::of_authority().await;
    let mut browser = server.browser();
    browser.get("/public/account").await;
    let got =
        browser.post("/public/account", &[("kind", "unit"), ("login_word", "张"), ("password", "sh0rt-pw")]).await;
    assert_eq!(got.status, 400);
    for part in ["单位名称", "统一社会信用代码", "登录名的词", "两次输入的密码不同", "密码少于"]
    {
        assert!(got.text.contains(part), "{part}: {:.4000}", got.text);
    }
    assert!(!got.text.contains("sh0rt-pw"), "a password is never sent back");
    let mut last = 0;
    for _ in 0..30 {
        let mut fresh = server.browser();
        fresh.get("/public/account?kind=person").await;
        last = fresh.post("/public/account", &newcomer("li", PERSON)).await.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
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

#[tokio::test]
async fn whoever_looks_for_a_register_of_another_province_is_told_so() {
    let server = Server::of_authority().await;
    let home = server.get("/public", "lang=zh").await.text;
    let card = home.split_once("href=\"/public/registers\"><svg").expect("a card with an icon").1;
    let card = card.split("</a>").next().unwrap_or_default();
    assert!(card.contains("有没有备案") && !card.contains("安装"), "installers have no register here: {card:.900}");
    assert!(!home.contains("服务不好"), "nor is bad service taken in: {home:.6000}");
    let found = server.get("/public/search?q=%E7%9B%91%E6%8E%A7%E5%BD%95%E5%83%8F", "lang=zh").await.text;
    assert!(found.contains("href=\"/public/footage\""), "an everyday word finds the guide: {found:.5000}");
    let page = server.get("/public/registers", "lang=zh").await.text;
    let (here, elsewhere) = page.split_once("data-elsewhere").expect("what is not here");
    assert!(
        elsewhere.contains("设计、安装、维护、报警运营服务单位") && !here.contains("报警运营服务单位"),
        "{page:.5000}"
    );
    assert!(here.contains("生产企业和销售单位") && !elsewhere.contains("生产企业和销售单位"), "{page:.5000}");
    assert_eq!(server.get("/public/registers/providers", "").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_from_the_public_site_signs_in_there_and_leaves_there() {
    let server = Server::of_authority().await;
    let page = server.get("/login?next=/public/services/area_approval", "lang=zh").await.text;
    for part in [
        "data-people",
        "class=\"public-nav\"",
        "href=\"/public/account?next=%2Fpublic%2Fservices%2Farea_approval\"",
        "href=\"/public/services/area_approval\"",
        "一次性密码",
    ] {
        assert!(page.contains(part), "{part}: {page:.4000}");
    }
    assert!(!page.contains("本单位的管理员") && !page.contains("href=\"/login?next=%2Flogin"), "{page:.4000}");
    for staff in ["/login", "/login?next=/desk", "/login?next=/publicity", "/login?next=//evil"] {
        let page = server.get(staff, "lang=zh").await.text;
        assert!(!page.contains("data-people") && page.contains("href=\"/public\""), "{staff}: {page:.3000}");
    }
    let site = Server::with_people().await;
    let page = site.get("/login?next=/public/services", "lang=zh").await.text;
    assert!(!page.contains("data-people") && !page.contains("href=\"/public\""), "a site has no public pages");
    let mut browser = server.browser();
    browser.get("/public/account?kind=person").await;
    assert_eq!(browser.post("/public/account", &newcomer("wang", PERSON)).await.status, 303);
    assert_eq!(browser.get("/login?next=/public/services").await.place(), "/public/services");
    assert_eq!(browser.get("/login?next=/login").await.place(), "/");
    browser.get("/public/services").await;
    assert_eq!(browser.post("/logout", &[]).await.place(), "/public");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_choice_leads_to_its_own_form_and_no_fault_is_told_of_fields_nobody_saw() {
    let server = Server::of_authority().await;
    office(&server).await;
    let person = server.get("/public/account", "lang=zh").await.text;
    assert!(person.contains("id=\"f-resident_id\"") && person.contains("name=\"kind\" value=\"person\""));
    let unit = server.get("/public/account?next=/public/services/system_filing", "lang=zh").await.text;
    assert!(unit.contains("id=\"f-credit_code\"") && unit.contains("name=\"kind\" value=\"unit\""));
    assert!(
        unit.contains("href=\"/public/account?kind=person&amp;next=") && !unit.contains("type=\"radio\" name=\"kind\"")
    );
    let page = server.get("/public/complaint", "lang=zh").await.text;
    assert!(page.contains("举报违法安装的摄像机") && page.contains("反映民警"), "{page:.4000}");
    assert!(page.contains("12315"), "bad service has no form in this province: {page:.4000}");
    assert!(!page.contains("违法安装举报的处理") && !page.contains("问题的移送"), "names of the office: {page:.4000}");
    let mut nobody = server.browser();
    nobody.get("/public/complaint").await;
    let other = nobody.post("/public/complaint", &[("about", "conduct_referral_b")]).await;
    assert!(other.status == 200 && !other.text.contains("field-error"), "{:.4000}", other.text);
    let fields = complaint("report_handling");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let got = nobody.post("/public/complaint", &fields).await.text;
    for part in ["由谁办理", "收到日期", "下一步", "举报违法安装的摄像机"] {
        assert!(got.contains(part), "{part}: {got:.4000}");
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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_resident_card_makes_an_account_with_a_passport() {
    let server = Server::of_authority().await;
    let mut browser = server.browser();
    browser.get("/public/account?kind=person").await;
    let mut fields = newcomer("smith", "SMITH JOHN");
    fields[3].1 = "110105194912310021";
    let wrong = browser.post("/public/account", &fields).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("校验不符") && !wrong.text.contains("校验码应为"), "{:.4000}", wrong.text);
    // What is said to be a resident's number is no passport's, however short it is.
    fields[3].1 = "1101051949";
    fields.push(("resident_id_kind", "resident"));
    let short = browser.post("/public/account", &fields).await;
    assert!(short.status == 400 && short.text.contains("现为10位"), "{:.4000}", short.text);
    assert!(short.text.contains("name=\"resident_id_kind\"") && short.text.contains("value=\"1101051949\""));
    fields.pop();
    fields.push(("resident_id_kind", "passport"));
    fields[3].1 = "E 12345678";
    let got = browser.post("/public/account", &fields).await;
    assert_eq!(got.status, 303, "{:.4000}", got.text);
    let page = browser.get(got.place()).await.text;
    assert!(!page.contains("还没有和您的单位或者本人关联"), "{page:.4000}");
}
