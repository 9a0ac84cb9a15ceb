//! The order as it is drafted at the door: into the form of the case, chosen items, and a phone that comes late.

use super::*;

const WRITTEN: &str = "没有确定技防负责人。";

async fn form_of(field: &Field) -> Typed {
    super::super::order_form(&field.authority.case(field.one, field.case).await.unwrap())
}

#[tokio::test]
async fn what_was_drafted_is_the_form_of_the_order() {
    let field = Field::open().await;
    field.begun().await;
    let version = field.version().await;
    let draft = [
        change("order/order_defects", json!(WRITTEN)),
        change("order/correct_days", json!("30")),
        change("order/taker", json!("赵六")),
    ];
    field.save(field.one, version, &draft).await.unwrap();
    for wrong in [change("order/order_day", json!("2026-03-02")), change("order/correct_days", json!("soon"))] {
        assert_eq!(field.save(field.one, version + 1, &[wrong]).await.err().unwrap().code, "field");
    }
    field.sign(field.two, "order").await;
    let ended = field.gone_through(&["responsible"]).await;
    assert!(ended.order);
    let form = form_of(&field).await;
    assert_eq!((form["order_defects"].as_str(), form["correct_days"].as_str()), (WRITTEN, "30"));
    assert!(form.values().all(|text| !text.contains("赵六")), "who takes it is in no form of the case");
}

#[tokio::test]
async fn what_is_to_be_corrected_at_once_is_ordered_at_once() {
    let field = Field::open().await;
    field.begun().await;
    let ended = field.gone_through(&["private_places"]).await;
    assert_eq!((ended.order, ended.at_once, ended.within_days), (true, true, None));
    assert_eq!(form_of(&field).await["correct_days"], "0", "the checklist suggests no days");
}

#[tokio::test]
async fn at_once_is_chosen_on_the_phone_against_the_days_of_the_checklist() {
    let field = Field::open().await;
    field.begun().await;
    let version = field.version().await;
    field.save(field.one, version, &[change("order/correct_days", json!("0"))]).await.unwrap();
    let ended = field.gone_through(&["responsible"]).await;
    assert_eq!(ended.within_days, Some(10));
    assert_eq!(form_of(&field).await["correct_days"], "0");
}

#[tokio::test]
async fn the_items_that_were_chosen_are_what_the_order_is_about() {
    let field = Field::open().await;
    field.begun().await;
    let view = field.authority.visit(field.one, field.case).await.unwrap();
    let fails = |i: &&super::super::ItemView| {
        i.item.answer == law::AnswerKind::YesNo
            && i.item.order.is_some()
            && !i.item.defects.is_empty()
            && !i.citations.is_empty()
            && !i.gap
    };
    let failing: Vec<&super::super::ItemView> = view.items.iter().filter(fails).take(2).collect();
    let ids: Vec<&str> = failing.iter().map(|i| i.item.id.as_str()).collect();
    let version = field.version().await;
    field.save(field.two, version, &[change("order/items", json!(ids[1]))]).await.unwrap();
    field.gone_through(&ids).await;
    let text = form_of(&field).await["order_defects"].clone();
    let words = |n: usize| failing[n].item.defects[0].text().zh.trim_end_matches('。').to_owned();
    assert!(text.contains(&words(1)) && !text.contains(&words(0)), "{text}");
}

#[tokio::test]
async fn the_order_has_the_words_of_the_chosen_items_and_what_was_written() {
    let field = Field::open().await;
    field.begun().await;
    let version = field.version().await;
    let written = "另有一处后门没有上锁。";
    let draft = [change("order/items", json!("responsible")), change("order/order_defects", json!(written))];
    field.save(field.two, version, &draft).await.unwrap();
    let ended = field.gone_through(&["responsible"]).await;
    let text = form_of(&field).await["order_defects"].clone();
    let words = ended.breaches[0].texts[0].zh.trim_end_matches('。').to_owned();
    assert_eq!(text, format!("{words}。\n{written}"), "both, and neither in the place of the other");
}

#[tokio::test]
async fn a_phone_that_comes_late_overwrites_nothing() {
    let field = Field::open().await;
    field.begun().await;
    let (a, case) = (&field.authority, field.case);
    let late = [change("order/correct_days", json!("20")), change("order/interim", json!("派人值守。"))];
    let code = |kept: Result<super::super::DraftKept, base::Refusal>| kept.err().map(|refusal| refusal.code);
    assert_eq!(code(a.draft_order(field.one, case, &late).await).as_deref(), Some("visit_state"));
    field.gone_through(&["responsible"]).await;
    let kept = a.draft_order(field.two, case, &late).await.unwrap();
    assert_eq!(kept.conflicts.len(), 1);
    let conflict = &kept.conflicts[0];
    assert_eq!((conflict.mine.as_deref(), conflict.theirs.as_deref()), (Some("20"), Some("10")));
    let form = form_of(&field).await;
    assert_eq!((form["correct_days"].as_str(), form["interim"].as_str()), ("10", "派人值守。"), "both are kept");
    assert_eq!(form, kept.form);
    let seen = field.store.case(case).await.unwrap().unwrap().events;
    let again = a.draft_order(field.two, case, &late).await.unwrap();
    assert_eq!((again.conflicts.len(), again.form), (1, form), "sent twice it is the same");
    assert_eq!(field.store.case(case).await.unwrap().unwrap().events, seen, "and no event");
    let chosen = Change { field: "order/correct_days".into(), base: json!("10"), value: json!("20") };
    let kept = a.draft_order(field.two, case, std::slice::from_ref(&chosen)).await.unwrap();
    assert_eq!((kept.conflicts.len(), kept.form["correct_days"].as_str()), (0, "20"), "a person chose");
    for (by, changes, wanted) in [
        (field.stranger, vec![chosen.clone()], "not_inspector"),
        (field.head, vec![chosen.clone()], "no_permission"),
        (field.one, vec![chosen.clone(), chosen.clone()], "field"),
        (field.one, vec![change("order/taker", json!("赵六"))], "field"),
        (field.one, vec![change("note", json!("x"))], "field"),
    ] {
        assert_eq!(code(a.draft_order(by, case, &changes).await).as_deref(), Some(wanted));
    }
    field.step(field.one, "order", &[]).await.unwrap();
    assert_eq!(code(a.draft_order(field.one, case, &[chosen]).await).as_deref(), Some("no_order_open"));
}
