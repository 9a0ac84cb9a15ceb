//! Public registers: the same rows as page and file, only what is published, each version with its proof, a register as it stood on a day.

use crate::harness::{Got, Server};
use crate::public::{REGISTER, between, clauses, escaped, row_of, seed};
use base::{CivilDate, Sha256, Text};
use domain::register_state;
use ledger::LogVerifier;
use store::casework::import::{Import, Imported};
use store::casework::publications::{NewPublication, ShownRow};

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
    // At the search itself too, with what can be done instead: for whoever asks for installers, or finds no such firm.
    for asked in ["installer", "%E6%9F%90%E6%9F%90%E5%85%AC%E5%8F%B8"] {
        let found = server.get(&format!("/public/search?q={asked}"), "lang=zh").await.text;
        let told = found.split_once("data-absent").expect("what is not kept here").1;
        assert!(
            told.contains("报警运营服务单位") && told.contains("href=\"/public/complaint\""),
            "{asked}: {told:.3000}"
        );
    }
    let other = server.get("/public/search?q=%E7%9B%91%E6%8E%A7%E5%BD%95%E5%83%8F", "lang=zh").await.text;
    assert!(!other.contains("data-absent"), "{other:.5000}");
    let sellers = "/public/registers/makers_and_sellers";
    let none = server.get(&format!("{sellers}?q=%E6%9F%90%E6%9F%90%E5%85%AC%E5%8F%B8"), "lang=zh").await.text;
    assert!(none.contains("data-absent"), "{none:.5000}");
    assert!(!server.get(sellers, "lang=zh").await.text.contains("data-absent"), "nobody was looked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_row_stood_there_on_a_day_is_a_file_that_holds_by_itself() {
    let server = Server::of_authority().await;
    seed(&server).await;
    let (store, register) = (server.site.store(), "public_areas");
    let today = server.site.now().utc.shanghai_date();
    let yesterday = today.plus_days(-1);
    let mut leaves = store.register_stood(register, today.plus_days(1).start(), None).await.unwrap();
    register_state::sort(&mut leaves);
    let row = leaves[0].row.clone();
    let at = |on: CivilDate| format!("/public/registers/{register}/{row}/state?on={on}");
    assert_eq!(server.get(&at(today), "").await.status, 400, "the day is not over");
    assert_eq!(server.get(&at(yesterday), "").await.status, 404, "no state was taken");
    let page = format!("/public/registers/{register}/{row}");
    assert!(!server.get(&page, "").await.text.contains("data-stood"));
    let hashes: Vec<Sha256> = leaves.iter().map(register_state::Leaf::hash).collect();
    let state = register_state::State {
        register: register.into(),
        day: yesterday,
        rows: u64::try_from(leaves.len()).unwrap(),
        root: register_state::root(&hashes),
        before: None,
    };
    let entry = store.put_register_state(&state, &leaves, server.site.now().utc).await.unwrap().expect("the first");
    assert_eq!(server.get(&at(yesterday), "").await.status, 404, "an older state may hold no more: nobody looked yet");
    assert!(!server.get(&page, "").await.text.contains("data-stood"));
    store.set_register_looked_at(register, yesterday).await.unwrap();
    let got = server.get(&at(yesterday), "").await;
    assert_eq!(got.status, 200, "{:.900}", got.text);
    let file = register_state::StateProof::read(got.text.as_bytes()).unwrap();
    let stood = register_state::verify(&file, Some(store.ledger().key().vkey())).unwrap();
    assert_eq!((stood.row.as_str(), stood.entry, stood.is_closed), (row.as_str(), entry, false));
    assert!(server.get(&page, "").await.text.contains("data-stood"));
    assert_eq!(server.get(&format!("/public/entries/{entry}"), "").await.status, 200, "anybody reads the state itself");
    let other = server.get(&format!("/public/registers/{register}/no-such-row/state?on={yesterday}"), "").await;
    assert_eq!(other.status, 404, "{:.300}", other.text);
}
