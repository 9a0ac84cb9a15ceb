//! Provisional papers: what is drawn on them signs for nobody, and the record says whether they are still the same.

use super::*;

/// The field of a paper whose digest is not of this record.
fn paper(at: i64, signatures: &Value) -> Change {
    let paper = json!({ "sha256": Sha256::of(b"another record").hex(), "at": at, "signatures": signatures });
    change("offline/one", json!([paper]))
}

#[tokio::test]
async fn what_is_drawn_on_a_provisional_paper_signs_for_nobody() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    let version = field.version().await;
    let changes = [field.names(), field.answered(&[]).await].concat();
    field.save(field.one, version, &changes).await.unwrap();
    let two = field.two.account.to_string();
    let drawn = format!("drawn/{two}");
    a.add_photo(field.one, case, photo(PNG, &drawn)).await.unwrap();
    for nobody in ["drawn/", "drawn/unit", &format!("drawn/{}", field.stranger.account)] {
        assert_eq!(a.add_photo(field.one, case, photo(PNG, nobody)).await.unwrap_err().code, "photo", "{nobody}");
    }
    field.sign(field.one, &field.one.account.to_string()).await;
    field.sign(field.one, "unit").await;
    let signatures = json!({ drawn.as_str(): Sha256::of(PNG).hex() });
    field.save(field.one, version + 1, &[paper(5, &signatures)]).await.unwrap();
    let wrong = change("offline/one", json!([{ "sha256": "x", "at": 1, "signatures": {} }]));
    assert_eq!(field.save(field.one, version + 2, &[wrong]).await.err().unwrap().code, "field");
    let open = a.close_visit(field.one, case, &signed_by_unit(version + 2)).await.unwrap_err();
    assert_eq!(open.code, "inspector_signature", "the own account is missing");
    field.sign(field.two, &two).await;
    let ended = a.close_visit(field.one, case, &signed_by_unit(version + 2)).await.unwrap();
    let told: Vec<_> = ended.offline.iter().map(|p| (p.at, p.same, p.missing, p.drawn)).collect();
    assert_eq!(told, [(UtcMs(5), false, 0, 1)]);
    let view = a.case(field.one, case).await.unwrap();
    let findings = view.case.values_of("inspect").unwrap().text("findings").unwrap().to_owned();
    let digest = Sha256::of(b"another record").hex();
    assert!(findings.contains(&digest) && findings.contains("以本记录为准"), "{findings}");
    assert!(findings.contains("1名检查人员"), "{findings}");
    let acts = field.store.acts(&ActFilter { kind: Some("visit.closed".into()), ..ActFilter::default() }, 1).await;
    field.store.flush_ledger().await.unwrap();
    let entry = field.store.ledger().entry(acts.unwrap()[0].idx).unwrap().parse().unwrap();
    assert_eq!(entry.body["provisional_sha256"], json!(digest));
}

#[tokio::test]
async fn a_visit_without_a_provisional_paper_says_nothing_of_one() {
    let field = Field::open().await;
    field.begun().await;
    let ended = field.gone_through(&[]).await;
    assert!(ended.offline.is_empty());
    let view = field.authority.case(field.one, field.case).await.unwrap();
    let findings = view.case.values_of("inspect").unwrap().text("findings").unwrap().to_owned();
    assert!(!findings.contains("离线稿"), "{findings}");
}
