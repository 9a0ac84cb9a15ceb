//! What was signed stays as it is until its signatures are void; what a visit leaves on the papers of its case; and a visit that is not approved.

use super::*;
use crate::visits::VisitState;
use base::Lang;

/// Another drawn signature than [`PNG`].
const ANEW: &[u8] = b"\x89PNG\r\n\x1a\n drawn anew";

#[tokio::test]
async fn a_signed_record_is_changed_only_after_its_signatures_are_void() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    let version = field.version().await;
    let why = "漏记一处问题。";
    assert_eq!(a.void_signatures(field.one, case, why).await.unwrap_err().code, "nothing_signed");
    let mut all = field.names();
    all.extend(field.answered(&[]).await);
    let saved = field.save(field.one, version, &all).await.unwrap();
    assert!(!saved.sealed);
    field.sign(field.two, &field.two.account.to_string()).await;
    let change_one = [change("present_name", json!("孙七"))];
    for by in [field.one, field.two] {
        let refusal = field.save(by, saved.version, &change_one).await.err().unwrap();
        assert_eq!((refusal.kind, refusal.code.as_str()), (ErrorKind::Conflict, "signed"));
        assert!(refusal.next.zh.contains("作废签名") && refusal.next.zh.contains("补充"), "{refusal}");
    }
    let again = field.save(field.one, saved.version, &all).await.unwrap();
    assert!(again.sealed && again.version == saved.version, "what is there already is no change");
    let more = [change("supplement", json!("单位当场交来值班表。")), change("close/unit_name", json!("赵六"))];
    let saved = field.save(field.one, saved.version, &more).await.unwrap();
    field.signed().await;

    assert_eq!(a.void_signatures(field.one, case, "无").await.unwrap_err().code, "reason");
    assert_eq!(a.void_signatures(field.stranger, case, why).await.unwrap_err().code, "not_inspector");
    assert_eq!(a.void_signatures(field.head, case, why).await.unwrap_err().code, "no_permission");
    a.void_signatures(field.one, case, why).await.unwrap();
    let view = a.visit(field.one, case).await.unwrap();
    assert!(!view.sealed && view.signed.is_empty() && view.facts.voided.len() == 1);
    let saved = field.save(field.one, saved.version + 1, &change_one).await.unwrap();
    assert_eq!((saved.sealed, saved.voids, saved.record.text("present_name")), (false, 1, "孙七"));
    let unsigned = a.close_visit(field.one, case, &signed_by_unit(saved.version)).await.unwrap_err();
    assert_eq!(unsigned.code, "no_signature_picture", "those of before count no more");
    for (by, whose) in [
        (field.one, field.one.account.to_string()),
        (field.two, field.two.account.to_string()),
        (field.one, "unit".to_owned()),
    ] {
        a.add_photo(by, case, photo(ANEW, &format!("signature/{whose}"))).await.unwrap();
    }
    a.close_visit(field.one, case, &signed_by_unit(saved.version)).await.unwrap();
    let acts = field.store.acts(&Default::default(), 200).await.unwrap();
    assert_eq!(acts.iter().filter(|act| act.kind == "visit.signatures_void").count(), 1);
    assert!(acts.iter().all(|act| !act.text.zh.contains("漏记")), "why is in no line of the log");
}

#[tokio::test]
async fn signatures_are_made_void_so_many_times_and_no_more() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    for n in 0..=20_u8 {
        let drawn = [PNG, &[n]].concat();
        a.add_photo(field.one, case, photo(&drawn, "signature/unit")).await.unwrap();
        let done = a.void_signatures(field.one, case, "漏记一处问题。").await;
        assert_eq!(done.err().map(|refusal| refusal.code).unwrap_or_default(), if n < 20 { "" } else { "voids" });
    }
}

#[tokio::test]
async fn the_papers_of_a_visit_tell_items_photos_signatures_and_the_clauses_that_were_breached() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    assert!(a.inspected(case, Lang::Zh).await.unwrap().tables.is_empty(), "nothing is closed");
    let door = NewPhoto { place: "45.75000,126.65000 ±20 m".into(), ..photo(PNG, "door") };
    a.add_photo(field.one, case, door).await.unwrap();
    let version = field.version().await;
    let mut all = field.names();
    all.extend(field.answered(&["responsible"]).await);
    let saved = field.save(field.one, version, &all).await.unwrap();
    field.sign(field.one, &field.one.account.to_string()).await;
    field.sign(field.two, &field.two.account.to_string()).await;
    let unit = UnitSide::Refused { reason: "负责人不在".into(), witness: "孙七".into() };
    let ended = a.close_visit(field.one, case, &CloseForm { version: saved.version, unit }).await.unwrap();
    let said = a.inspected(case, Lang::Zh).await.unwrap();
    assert_eq!(said.breached, ended.breaches[0].clauses);
    let text = |n: usize| said.tables[n].rows.concat().join("\n");
    assert!(text(0).contains("是否确定了技防工作的责任人？") && text(0).contains("没有确定责任人（《"), "{}", text(0));
    assert!(text(0).contains("现场核对") && !text(0).contains("responsible"), "the remark, and no word of the list");
    let digest = Sha256::of(PNG).hex();
    assert!(text(1).contains("45.75000,126.65000 ±20 m") && text(1).contains(&digest), "{}", text(1));
    assert_eq!(said.tables[1].rows.len(), 1, "a signature is no photo");
    assert!(text(2).contains("负责人不在") && text(2).contains("孙七") && text(2).contains("one某"), "{}", text(2));
    let view = a.case(field.one, case).await.unwrap();
    let findings = view.case.values_of("inspect").unwrap().text("findings").unwrap().to_owned();
    let clause = ended.breaches[0].clauses[0].0.clone();
    assert!(findings.contains("《") && !findings.contains(&clause), "by its words and not by its id: {findings}");
}

#[tokio::test]
async fn a_head_who_does_not_approve_says_why_and_the_inspectors_read_it() {
    let field = Field::open().await;
    field.plan(1).await;
    let (a, case) = (&field.authority, field.case);
    let form = field.form(VisitKind::Special);
    let why = "依据不足，补充线索后再报。";
    a.ask_visit(field.one, case, &form).await.unwrap();
    assert_eq!(a.refuse_visit(field.one, case, why).await.unwrap_err().code, "no_permission");
    assert_eq!(a.refuse_visit(field.head, case, "不").await.unwrap_err().code, "reason");
    a.refuse_visit(field.head, case, why).await.unwrap();
    assert_eq!(a.refuse_visit(field.head, case, why).await.unwrap_err().code, "visit_state");
    for by in [field.one, field.two] {
        let mine = a.my_visits(by).await.unwrap();
        assert_eq!((mine.len(), mine[0].refused, mine[0].state), (1, true, VisitState::Dropped));
    }
    let view = a.visit(field.two, case).await.unwrap();
    assert_eq!(view.dropped.expose(), why);
    let acts = field.store.acts(&Default::default(), 200).await.unwrap();
    assert!(acts.iter().any(|act| act.kind == "visit.refused") && acts.iter().all(|act| !act.text.zh.contains("线索")));
    // Another is asked for, and what was not approved is history.
    a.ask_visit(field.one, case, &form).await.unwrap();
    assert!(a.my_visits(field.two).await.unwrap().iter().all(|line| !line.refused));
    a.approve_visit(field.head, case).await.unwrap();
    assert_eq!(a.refuse_visit(field.head, case, why).await.unwrap_err().code, "visit_state", "it is approved");
}
