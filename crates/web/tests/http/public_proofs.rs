//! What is checked by anybody: proofs that hold without the server, documents by number or digest, and what is told to its holder alone.

use crate::harness::{Got, Server};
use crate::public::{CHECK_CODE, DOCUMENT, PDF, REGISTER, clauses, escaped, head, office, seed};
use base::{Sha256, Text};
use ledger::LogVerifier;
use store::casework::documents::{DocumentNumber, NewDocument};
use store::casework::events::{CaseChange, NewEvent, Saved};
use store::casework::numbers::{Numbering, Series};

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
