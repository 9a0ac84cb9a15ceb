//! Visits that are dropped or broken off, and cases that are given up: by whom, when, and what is left of them.

use super::*;
use crate::visits::VisitState;

#[tokio::test]
async fn a_case_is_not_given_up_while_its_inspectors_are_at_the_unit() {
    let field = Field::open().await;
    field.begun().await;
    let act = CaseAct::Abandon { reasons: "单位正在搬迁，以后再检查。".into() };
    let seen = field.store.case(field.case).await.unwrap().unwrap().events;
    let refusal =
        field.authority.act(field.one, field.case, &Command { seen, act }, Vec::new()).await.map(drop).unwrap_err();
    assert_eq!(refusal.code, "visit_begun");
    field.gone_through(&[]).await;
}

#[tokio::test]
async fn a_case_whose_closed_visit_found_breaches_is_given_up_by_a_head_only_and_with_reasons() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    let why = "单位已经注销，不再具备检查条件。";
    let refusal = field.given_up(field.one, why).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("head_gives_up", false));
    assert_eq!(field.given_up(field.two, why).await.unwrap_err().code, "head_gives_up");
    for none in ["", "  "] {
        assert_eq!(field.given_up(field.head, none).await.unwrap_err().code, "reasons");
    }
    field.given_up(field.head, why).await.unwrap();
    assert!(field.authority.case(field.one, field.case).await.unwrap().case.abandoned.is_some());
}

#[tokio::test]
async fn a_case_whose_closed_visit_found_nothing_is_given_up_by_its_officer() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&[]).await;
    field.given_up(field.one, "").await.unwrap();
}

#[tokio::test]
async fn a_visit_that_has_not_begun_is_dropped_with_its_reason_and_counts_no_more() {
    let field = Field::open().await;
    field.plan(1).await;
    let (a, case) = (&field.authority, field.case);
    let form = field.form(VisitKind::Special);
    let why = "王五当日停业，改期。";
    a.ask_visit(field.one, case, &form).await.unwrap();
    assert_eq!(a.drop_visit(field.stranger, case, why).await.unwrap_err().code, "not_your_visit");
    let filter = ActFilter { kind: Some("act.tried".into()), ..ActFilter::default() };
    let tried = field.store.acts(&filter, 9).await.unwrap();
    assert!(tried.len() == 1 && tried[0].account == Some(field.stranger.account), "it is entered: {tried:?}");
    assert_eq!(a.drop_visit(field.one, case, "无").await.unwrap_err().code, "reason");
    assert_eq!(a.drop_visit(field.one, case, &"长".repeat(501)).await.unwrap_err().code, "reason");
    // A head sends back what was asked for.
    assert!(a.visit(field.head, case).await.unwrap().may_drop);
    a.drop_visit(field.head, case, why).await.unwrap();
    let view = a.visit(field.one, case).await.unwrap();
    assert_eq!((view.line.state, view.dropped.expose().as_str(), view.may_drop), (VisitState::Dropped, why, false));
    assert_eq!(a.drop_visit(field.head, case, why).await.unwrap_err().code, "visit_state");
    assert_eq!(a.approve_visit(field.head, case).await.unwrap_err().code, "visit_state");
    assert!(a.my_visits(field.head).await.unwrap().is_empty() && a.my_visits(field.two).await.unwrap().is_empty());
    // One that was approved does not take place: its number is used, the cap has room again.
    a.ask_visit(field.one, case, &form).await.unwrap();
    let first = a.approve_visit(field.head, case).await.unwrap();
    a.drop_visit(field.two, case, why).await.unwrap();
    assert_eq!(a.leave_number(case).await.unwrap(), None);
    a.ask_visit(field.one, case, &form).await.unwrap();
    let second = a.approve_visit(field.head, case).await.unwrap();
    assert_ne!(first, second);
    assert_eq!(a.visits_of(field.one, case).await.unwrap().iter().map(|v| v.row.n).collect::<Vec<_>>(), [1, 2, 3]);
    a.begin_visit(field.one, case).await.unwrap();
    assert_eq!(a.drop_visit(field.one, case, why).await.unwrap_err().code, "visit_state", "it took place");
    let acts = field.store.acts(&Default::default(), 200).await.unwrap();
    assert_eq!(acts.iter().filter(|a| a.kind == "visit.dropped").count(), 2);
    assert!(acts.iter().all(|a| !a.text.zh.contains("王五")), "the reason is in no line of the log");
}

#[tokio::test]
async fn who_keeps_out_of_a_case_drops_no_visit_of_it() {
    let field = Field::open().await;
    field.plan(1).await;
    let (a, case, one) = (&field.authority, field.case, field.one.account);
    a.ask_visit(field.one, case, &field.form(VisitKind::Special)).await.unwrap();
    field.kept_out(one).await;
    let why = "单位当日停业，改期。";
    assert!(!a.visit(field.one, case).await.unwrap().may_drop);
    assert_eq!(a.drop_visit(field.one, case, why).await.unwrap_err().code, "recused");
    a.drop_visit(field.head, case, why).await.unwrap();
}

#[tokio::test]
async fn a_visit_whose_inspector_keeps_out_since_is_broken_off_by_a_head_and_made_anew() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    field.save(field.two, 1, &field.names()).await.unwrap();
    assert!(!a.visit(field.head, case).await.unwrap().may_drop, "it can be closed");
    field.kept_out(field.two.account).await;
    let note = [change("note", json!("后门"))];
    assert_eq!(field.save(field.two, 2, &note).await.err().unwrap().code, "recused");
    assert_eq!(a.add_photo(field.two, case, photo(PNG, "door")).await.unwrap_err().code, "recused");
    assert_eq!(a.close_visit(field.two, case, &signed_by_unit(2)).await.unwrap_err().code, "recused");
    assert_eq!(a.visit_of_inspector(field.two, case).await.unwrap_err().code, "recused");
    field.save(field.one, 2, &note).await.unwrap();
    let why = "一名检查人员回避，重新检查。";
    let refusal = a.drop_visit(field.one, case, why).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.next.zh.contains("负责人中止")), ("not_your_visit", true));
    assert!(a.visit(field.head, case).await.unwrap().may_drop);
    a.drop_visit(field.head, case, why).await.unwrap();
    let form = VisitForm { with: vec![field.stranger.account], ..field.form(VisitKind::Special) };
    a.ask_visit(field.one, case, &form).await.unwrap();
    a.approve_visit(field.head, case).await.unwrap();
    a.begin_visit(field.stranger, case).await.unwrap();
}

#[tokio::test]
async fn no_visit_begins_in_a_case_that_was_given_up() {
    let field = Field::open().await;
    field.plan(1).await;
    let (a, case) = (&field.authority, field.case);
    a.ask_visit(field.one, case, &field.form(VisitKind::Special)).await.unwrap();
    a.approve_visit(field.head, case).await.unwrap();
    let act = CaseAct::Abandon { reasons: "单位已经搬出本辖区，不再检查。".into() };
    let seen = field.store.case(case).await.unwrap().unwrap().events;
    a.act(field.one, case, &Command { seen, act }, Vec::new()).await.unwrap();
    assert_eq!(a.begin_visit(field.one, case).await.unwrap_err().code, "step_not_open");
    a.drop_visit(field.one, case, "案件已经撤销，不再检查。").await.unwrap();
}

#[tokio::test]
async fn a_visit_whose_day_went_by_is_dropped_and_asked_for_anew() {
    let field = Field::open().await;
    field.plan(1).await;
    let (a, case) = (&field.authority, field.case);
    a.ask_visit(field.one, case, &field.form(VisitKind::Special)).await.unwrap();
    a.approve_visit(field.head, case).await.unwrap();
    field.clock.fetch_add(24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(a.begin_visit(field.one, case).await.unwrap_err().code, "other_day");
    let form = VisitForm { day: day("2026-03-03"), ..field.form(VisitKind::Special) };
    assert_eq!(a.ask_visit(field.one, case, &form).await.unwrap_err().code, "cap_reached");
    a.drop_visit(field.one, case, "当日有警情，没有成行。").await.unwrap();
    assert_eq!(a.ask_visit(field.one, case, &form).await.unwrap(), 2);
    a.approve_visit(field.head, case).await.unwrap();
}
