//! After what was found: the order and more time for it, the second look, what is handed on at once or later, and how the case ends.

use super::*;
use base::Pii;

#[tokio::test]
async fn more_time_is_given_once_in_time_and_to_a_later_day() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    field.step(field.one, "order", &[("correct_days", "10")]).await.unwrap();
    assert_eq!(field.step(field.head, "extend_order", &[]).await.unwrap_err().code, "step_not_open");
    field.step(field.one, "ask_extension", &[]).await.unwrap();
    let days = |days: &'static str| [("correct_extended_days", days)];
    assert_eq!(field.step(field.one, "extend_order", &days("20")).await.unwrap_err().code, "not_your_step");
    assert_eq!(field.step(field.head, "extend_order", &days("9")).await.unwrap_err().code, "not_later");
    field.clock.fetch_add(11 * 24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(field.step(field.head, "extend_order", &days("20")).await.unwrap_err().code, "over");
    field.clock.fetch_add(-24 * HOUR_MS, Ordering::Relaxed);
    field.step(field.head, "extend_order", &days("20")).await.unwrap();
    // The old last day has gone by, the new one has not.
    field.clock.fetch_add(5 * 24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(field.again().await.unwrap_err().code, "too_early");
    field.clock.fetch_add(16 * 24 * HOUR_MS, Ordering::Relaxed);
    assert_eq!(field.again().await.unwrap(), 2);
}

#[tokio::test]
async fn an_order_that_is_served_anew_is_extended_once_more() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    let days = [("correct_extended_days", "20")];
    for round in ["", "urge_rules"] {
        if !round.is_empty() {
            field.step(field.one, round, &[]).await.unwrap();
        }
        field.step(field.one, "order", &[("correct_days", "10")]).await.unwrap();
        field.step(field.one, "ask_extension", &[]).await.unwrap();
        field.step(field.head, "extend_order", &days).await.unwrap();
        assert_eq!(field.step(field.head, "extend_order", &days).await.unwrap_err().code, "extended_before");
    }
}

#[tokio::test]
async fn more_time_is_given_on_a_day_after_what_was_done_of_the_order_and_not_to_come() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    field.step(field.one, "order", &[("correct_days", "10")]).await.unwrap();
    field.step(field.one, "ask_extension", &[]).await.unwrap();
    field.clock.fetch_add(4 * 24 * HOUR_MS, Ordering::Relaxed);
    let days = [("correct_extended_days", "20")];
    for (on, code) in [("2026-03-01", "day_too_early"), ("2026-03-07", "day_to_come")] {
        let refusal = field.step_on(field.head, "extend_order", &days, day(on)).await.unwrap_err();
        assert_eq!(refusal.code, code, "{on}");
    }
    field.clock.fetch_add(9 * 24 * HOUR_MS, Ordering::Relaxed);
    let late = field.step_on(field.head, "extend_order", &days, day("2026-03-13")).await.unwrap_err();
    assert_eq!(late.code, "over", "the time ended on 12 March");
    field.step_on(field.head, "extend_order", &days, day("2026-03-12")).await.unwrap();
}

#[tokio::test]
async fn a_unit_that_says_it_is_done_is_looked_at_early_and_the_first_visit_stays_readable() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    field.step(field.one, "order", &[("correct_days", "30")]).await.unwrap();
    assert_eq!(field.again().await.unwrap_err().code, "too_early");
    field.step(field.one, "reply", &[]).await.unwrap();
    assert_eq!(field.again().await.unwrap(), 2);
    let (a, case) = (&field.authority, field.case);
    assert_eq!(a.visit(field.one, case).await.unwrap().line.row.n, 2);
    let first = a.visit_at(field.head, case, Some(1)).await.unwrap();
    assert_eq!((first.line.row.n, first.photos.len(), first.ended.unwrap().breaches.len()), (1, 3, 1));
    let (photo, bytes) = a.visit_photo(field.head, case, (Some(1), 1)).await.unwrap();
    assert_eq!((photo.sha256, bytes.as_slice()), (Sha256::of(PNG), PNG));
    for n in [0, 3] {
        assert_eq!(a.visit_at(field.one, case, Some(n)).await.unwrap_err().code, "not_found");
    }
    // Found not corrected while the time runs on: no penalty yet, and the unit may say again that it is done.
    a.approve_visit(field.head, case).await.unwrap();
    a.begin_visit(field.one, case).await.unwrap();
    let ended = field.gone_through(&["responsible"]).await;
    assert!(!ended.transfer && !ended.order && ended.breaches.len() == 1);
    let view = a.case(field.one, case).await.unwrap();
    assert_eq!(view.case.values_of("inspect_again").unwrap().text("again_result"), Some("not_yet"));
    field.step(field.one, "reply", &[]).await.unwrap();
    assert_eq!(field.again().await.unwrap(), 3);
}

/// A penalty is proposed on what was found.
async fn handed_on(field: &Field) -> Result<(), base::Refusal> {
    proposed(field, "to_penalty", "B-34").await
}

/// An end of the case is proposed.
async fn proposed(field: &Field, outcome: &str, clause: &str) -> Result<(), base::Refusal> {
    let on = UtcMs(field.clock.load(Ordering::Relaxed)).shanghai_date();
    let act = CaseAct::Propose {
        outcome: outcome.into(),
        typed: sample(outcome, on),
        reasons: "检查记录和照片证明上述事实。".into(),
        clauses: vec![base::ClauseId::new(clause)],
    };
    let seen = field.store.case(field.case).await.unwrap().unwrap().events;
    field.authority.act(field.one, field.case, &Command { seen, act }, Vec::new()).await.map(|_| ())
}

#[tokio::test]
async fn what_is_to_be_corrected_first_is_handed_on_only_when_the_time_was_over() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    let refusal = handed_on(&field).await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("correction_first", false));
    let acts = field.store.acts(&Default::default(), 200).await.unwrap();
    assert!(acts.iter().any(|a| a.kind == "act.refused"), "a refusal by law is an entry");
    field.step(field.one, "order", &[("correct_days", "30")]).await.unwrap();
    assert_eq!(handed_on(&field).await.unwrap_err().code, "correction_first", "the order is no leave");
    field.step(field.one, "reply", &[]).await.unwrap();
    field.again().await.unwrap();
    field.authority.approve_visit(field.head, field.case).await.unwrap();
    field.authority.begin_visit(field.one, field.case).await.unwrap();
    field.gone_through(&["responsible"]).await;
    assert_eq!(handed_on(&field).await.unwrap_err().code, "too_early");
    field.clock.fetch_add(40 * 24 * HOUR_MS, Ordering::Relaxed);
    handed_on(&field).await.unwrap();
}

#[tokio::test]
async fn an_inspection_ends_well_only_where_its_last_visit_found_nothing() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    let refusal = proposed(&field, "passed", "B-31-3").await.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.why.is_empty()), ("not_as_found", false));
    field.step(field.one, "order", &[("correct_days", "30")]).await.unwrap();
    for (failing, code) in [(&["responsible"][..], "not_as_found"), (&[][..], "")] {
        field.step(field.one, "reply", &[]).await.unwrap();
        field.again().await.unwrap();
        field.authority.approve_visit(field.head, field.case).await.unwrap();
        field.authority.begin_visit(field.one, field.case).await.unwrap();
        field.gone_through(failing).await;
        let done = proposed(&field, "corrected", "B-31-3").await;
        assert_eq!(done.err().map(|refusal| refusal.code).unwrap_or_default(), code, "{failing:?}");
    }
}

#[tokio::test]
async fn what_was_ordered_and_corrected_stands_in_the_register_of_corrections() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    field.step(field.one, "order", &[("correct_days", "30")]).await.unwrap();
    assert!(field.store.rows_of_case(field.case).await.unwrap().is_empty(), "an order alone is no row");
    field.step(field.one, "reply", &[]).await.unwrap();
    field.again().await.unwrap();
    field.authority.approve_visit(field.head, field.case).await.unwrap();
    field.authority.begin_visit(field.one, field.case).await.unwrap();
    field.gone_through(&[]).await;
    proposed(&field, "corrected", "B-31-3").await.unwrap();
    let on = UtcMs(field.clock.load(Ordering::Relaxed)).shanghai_date();
    let act = CaseAct::Decide {
        outcome: "corrected".into(),
        typed: Typed::new(),
        reasons: String::new(),
        clauses: vec![],
        officers: vec![],
        on,
    };
    let seen = field.store.case(field.case).await.unwrap().unwrap().events;
    field.authority.act(field.one, field.case, &Command { seen, act }, Vec::new()).await.unwrap();
    let rows = field.store.rows_of_case(field.case).await.unwrap();
    let written: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.register.as_str()).collect();
    assert_eq!(written, std::collections::BTreeSet::from(["corrections", "inspections"]));
    let row = rows.iter().find(|row| row.register == "corrections").unwrap();
    assert!(row.shown.is_none(), "nothing of it is public by itself");
    let public: Value = serde_json::from_str(&row.public).unwrap();
    assert_eq!(public["fields"], json!({}));
    let sealed: Value = serde_json::from_str(row.personal.as_ref().expect("sealed").expose()).unwrap();
    assert!(sealed["order_defects"].is_string() && sealed["correct_days"] == 30, "{sealed}");
    // Staff finds it by the place of the unit.
    let place = sealed["unit_division"].as_str().expect("the place of the unit");
    field.authority.key_rows("corrections").await.unwrap();
    for (division, found) in [(&place[..4], 1), ("11", 0)] {
        let filter = store::casework::registers::RowFilter {
            register: "corrections".into(),
            division: division.into(),
            ..Default::default()
        };
        assert_eq!(field.store.register_rows(&filter, 9).await.unwrap().len(), found, "{division}");
    }
}

#[tokio::test]
async fn what_a_clause_fines_without_an_order_is_handed_on_at_once() {
    let field = Field::open().await;
    field.begun().await;
    let ended = field.gone_through(&["access_register"]).await;
    let clauses: Vec<&str> = ended.breaches.iter().flat_map(|b| &b.clauses).map(|c| c.0.as_str()).collect();
    assert!(clauses.contains(&"B-28-1-3"), "{clauses:?}");
    handed_on(&field).await.unwrap();
}

#[tokio::test]
async fn an_order_on_lost_text_alone_names_its_legal_review() {
    let field = Field::open().await;
    field.begun().await;
    let ended = field.gone_through(&["responsible"]).await;
    // What is found by a clause that is there needs none.
    assert!(ended.breaches.iter().all(|b| !b.gap));
    let row = field.store.visits_of_case(field.case).await.unwrap().remove(0);
    let mut lost = ended.clone();
    for breach in &mut lost.breaches {
        breach.gap = true;
        breach.clauses = vec![base::ClauseId::new("A-10-1")];
    }
    let changed = store::visits::VisitRow {
        ended: Some(Pii::new(serde_json::to_string(&lost).unwrap())),
        version: row.version + 1,
        ..row.clone()
    };
    let entry = store::visits::VisitEntry {
        kind: "visit.closed",
        body: json!({}),
        text: base::Text::new("检查。", "A visit."),
        by: field.one.account,
        now: UtcMs(field.clock.load(Ordering::Relaxed)),
    };
    assert!(field.store.put_visit(&changed, (row.state.as_str(), row.version), &entry).await.unwrap());
    for none in ["", "  "] {
        let refusal = field.step(field.one, "order", &[("order_review", none)]).await.unwrap_err();
        assert_eq!((refusal.code.as_str(), refusal.why.len()), ("legal_review_required", 1));
    }
    assert!(field.authority.case(field.one, field.case).await.unwrap().case.done("order").is_none());
    field.step(field.one, "order", &[("order_review", "示例公法审〔2026〕1号")]).await.unwrap();
}

#[tokio::test]
async fn a_second_look_is_no_repetition_and_a_second_visit_is_one() {
    let field = Field::open().await;
    field.begun().await;
    field.gone_through(&["responsible"]).await;
    field.step(field.one, "order", &[("correct_days", "30")]).await.unwrap();
    field.step(field.one, "reply", &[]).await.unwrap();
    assert_eq!(field.again().await.unwrap(), 2);
    let (a, case) = (&field.authority, field.case);
    a.approve_visit(field.head, case).await.unwrap();
    a.begin_visit(field.one, case).await.unwrap();
    field.gone_through(&[]).await;
    let watch = account(&field.store, "watch", Role::Supervisor).await;
    assert!(a.supervision(watch, 9).await.unwrap().visits.is_empty(), "one visit and the look at its correction");
    let first = a.visit_at(field.head, case, Some(1)).await.unwrap().line.row;
    let row = store::visits::VisitRow { kind: "complaint".into(), ..first };
    let made = store::visits::VisitEntry {
        kind: "visit.asked",
        body: json!({}),
        text: base::Text::new("检查。", "A visit."),
        by: field.one.account,
        now: UtcMs(field.clock.load(Ordering::Relaxed)),
    };
    assert_eq!(field.store.new_visit(&row, &made).await.unwrap(), Some(3));
    let found = a.supervision(watch, 9).await.unwrap().visits;
    let told: Vec<_> = found.iter().map(|v| (v.unit.as_str(), v.name.as_str(), v.count, v.again)).collect();
    assert_eq!(told, [(CODE, UNIT, 2, 1)], "a unit that is no party here is named by its case");
    let visits: Vec<u32> = found[0].visits.iter().map(|v| v.n).collect();
    assert_eq!((visits, found[0].visits[0].case), (vec![3, 2, 1], case), "each of its visits, the newest first");
}
