//! What a decision opens: an order to show in the same transaction, and the step that the site's answer completes, once.

use super::footage_tests::{Hall, answer_to};
use crate::cases::FootageForm;
use base::{CaseId, ClauseId, OrderId, Pii, Sha256, UtcMs};
use domain::casework::CaseAct;
use domain::order::{Answer, Ended, Kept, Order, Shown, ViewOrder};

const CITIZEN: &str = "citizen_viewing";
const PARTY: &str = "evidence_retrieval";
const UNIT: &str = "示范酒店";
const HOUR_MS: i64 = 3_600_000;

/// A case up to its decision in favour, with these words about what may be seen.
async fn decided(hall: &Hall, unit: &str, touched: &str, scope: &str) -> CaseId {
    let case = hall.applied(unit).await;
    let (step, field) = if hall.of == CITIZEN { ("examine", "allowed_scope") } else { ("file", "scope") };
    let mut typed = hall.sample(step);
    if hall.of == CITIZEN {
        typed.insert("others_privacy".into(), touched.into());
    }
    let on = hall.today();
    let done = CaseAct::Done { step: step.into(), typed, note: String::new(), officers: vec![], on };
    hall.act(hall.officer, case, done).await;
    let mut typed = hall.sample("issued");
    typed.insert(field.into(), scope.into());
    let clauses = vec![ClauseId::new("A-25-1")];
    let reasons = "权益属实，不属于除外情形。".to_owned();
    hall.act(hall.officer, case, CaseAct::Propose { outcome: "issued".into(), typed, reasons, clauses }).await;
    hall.decide(case, "issued").await;
    case
}

/// The orders to show that the site was given.
async fn views(hall: &Hall) -> Vec<(OrderId, ViewOrder)> {
    let told = hall.told(0).await.into_iter();
    let view = |(signed, order): (bus::Order, Order)| match order {
        Order::View(view) => Some((OrderId::parse(&signed.id)?, view)),
        _ => None,
    };
    told.filter_map(view).collect()
}

fn shown(hall: &Hall, (from, to): (UtcMs, UtcMs)) -> Shown {
    Shown {
        begin: hall.now().plus_ms(-HOUR_MS),
        end: hall.now().plus_ms(-60_000),
        from,
        to,
        cameras: vec!["东入口1号".into()],
        by: Pii::new("钱七".into()),
        copies: vec![],
    }
}

fn done(order: OrderId, shown: Shown) -> Answer {
    Answer { shown: Some(shown), ..Answer::plain(order, Ended::Done, vec![], vec![]) }
}

#[tokio::test]
async fn a_decision_in_favour_tells_the_site_what_may_be_shown_and_until_when() {
    let hall = Hall::open_for(CITIZEN).await;
    let case = decided(&hall, UNIT, "yes", "东入口1号，20:00至20:10。").await;
    let told = hall.told(0).await;
    let [(first, Order::Hold(hold)), (_, Order::View(view))] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(view.hold, OrderId::parse(&first.id).unwrap());
    let at = |minute: i64| hall.today().start().plus_ms(minute * 60_000);
    assert_eq!((view.from, view.to), (at(20 * 60), at(20 * 60 + 10)), "the decision's own times");
    assert!(hold.from <= view.from && view.to <= hold.to);
    let row = hall.store.case(case).await.unwrap().unwrap();
    assert_eq!((view.case.as_str(), view.paper.as_str(), view.copy), (row.number.as_str(), row.number.as_str(), false));
    assert_eq!((view.covered.as_ref(), view.clauses[0].0.as_str()), (Some(&ClauseId::new("A-25-1")), "A-25-1-f2"));
    assert_eq!(view.until, hall.today().plus_days(31).start(), "thirty days after this one");
    assert!(!format!("{view:?}").contains("赵六"), "no person goes to the site");
}

#[tokio::test]
async fn evidence_is_handed_out_as_a_copy_and_a_refusal_opens_nothing() {
    let hall = Hall::open_for(PARTY).await;
    decided(&hall, UNIT, "", "停车场3号").await;
    let (_, view) = views(&hall).await.remove(0);
    assert!(view.copy && view.covered.is_none());
    let other = Hall::open_for(PARTY).await;
    let case = other.applied(UNIT).await;
    let typed = other.sample("refused");
    let (reasons, clauses) = ("申请人不是负有举证责任的一方。".to_owned(), vec![ClauseId::new("A-25-2")]);
    other.act(other.officer, case, CaseAct::Propose { outcome: "refused".into(), typed, reasons, clauses }).await;
    assert!(views(&other).await.is_empty(), "a proposal opens nothing either");
}

#[tokio::test]
async fn what_was_shown_completes_the_step_once_by_the_sites_own_answer() {
    let hall = Hall::open_for(CITIZEN).await;
    let case = decided(&hall, UNIT, "no", "东入口1号").await;
    let (order, view) = views(&hall).await.remove(0);
    assert!(view.covered.is_none());
    let seen = || shown(&hall, (view.from, view.to));
    // What is no answer to this order does no step: a package nobody was to have, a moment more, or that it was not possible.
    let wider = Shown { to: view.to.plus_ms(1), ..seen() };
    let packed = Shown { copies: vec![Sha256::of(b"package")], ..seen() };
    let none = Answer { ended: Ended::NotPossible, ..done(order, seen()) };
    for (n, wrong) in (11..).zip([done(order, wider), done(order, packed), none]) {
        assert_eq!(answer_to(&hall, &format!("w-{n}"), n, &wrong).await.status, 200);
        let view = hall.authority.case(hall.officer, case).await.unwrap();
        assert!(view.case.done("show").is_none(), "{wrong:?}");
    }
    let said = done(order, seen());
    let first = answer_to(&hall, "m-1", 1, &said).await;
    assert_eq!(first.status, 200);
    let after = hall.store.case(case).await.unwrap().unwrap().events;
    assert_eq!(answer_to(&hall, "m-1", 1, &said).await, first, "the same receipt");
    // A restored site says it again under another id.
    assert_eq!(answer_to(&hall, "m-2", 2, &said).await.status, 200);
    assert_eq!(hall.store.case(case).await.unwrap().unwrap().events, after, "done once");
    let view = hall.authority.case(hall.officer, case).await.unwrap();
    let values = view.case.values_of("show").unwrap();
    assert_eq!((values.text("shown_by"), values.day("show_day")), (Some("钱七"), Some(hall.today())));
    assert!(values.text("shown_what").unwrap().contains("东入口1号"));
    assert!(!format!("{said:?}").contains("钱七"));
}

#[tokio::test]
async fn a_copy_that_was_handed_out_is_entered_with_its_digest() {
    let hall = Hall::open_for(PARTY).await;
    let case = decided(&hall, UNIT, "", "停车场3号").await;
    let (order, view) = views(&hall).await.remove(0);
    let sha256 = Sha256::of(b"package");
    let seen = shown(&hall, (view.from, view.to));
    assert_eq!(answer_to(&hall, "m-0", 9, &done(order, seen.clone())).await.status, 200);
    let before = hall.authority.case(hall.officer, case).await.unwrap();
    assert!(before.case.done("retrieve").is_none(), "no package, no copy handed out");
    let said = done(order, Shown { copies: vec![sha256], ..seen });
    assert_eq!(answer_to(&hall, "m-1", 1, &said).await.status, 200);
    let view = hall.authority.case(hall.officer, case).await.unwrap();
    let values = view.case.values_of("retrieve").unwrap();
    assert_eq!((values.text("copy_digest"), values.number("copies")), (Some(sha256.hex().as_str()), Some(1)));
}

#[tokio::test]
async fn an_answer_that_nothing_was_shown_does_no_step_and_the_officer_may_order_it_again() {
    let hall = Hall::open_for(CITIZEN).await;
    let case = decided(&hall, UNIT, "no", "东入口1号").await;
    let (order, view) = views(&hall).await.remove(0);
    let (officer, hold) = (hall.officer, view.hold);
    let again = || hall.authority.show_footage(officer, case, hold);
    assert_eq!(again().await.unwrap_err().code, "shown_already", "it waits for the site");
    let nobody = Answer::plain(order, Ended::NotPossible, vec![base::Text::new("没有来。", "Nobody came.")], vec![]);
    assert_eq!(answer_to(&hall, "m-1", 1, &nobody).await.status, 200);
    let view = hall.authority.case(hall.officer, case).await.unwrap();
    assert!(view.case.done("show").is_none());
    assert!(hall.authority.show_footage(hall.person, case, hold).await.is_err(), "not the applicant");
    again().await.unwrap();
    assert_eq!(views(&hall).await.len(), 2);
    assert_eq!(again().await.unwrap_err().code, "shown_already");
}

#[tokio::test]
async fn footage_that_is_held_after_the_decision_is_shown_too_and_what_is_not_there_is_not() {
    let hall = Hall::open_for(CITIZEN).await;
    let case = decided(&hall, "无人知道的单位", "no", "东入口1号").await;
    assert!(hall.told(0).await.is_empty(), "nobody is told where nobody is meant");
    let form =
        FootageForm { site: Some(hall.site), day: Some(hall.today()), time: "20:00".into(), place: "停车场".into() };
    hall.authority.hold_footage(hall.officer, case, &form).await.unwrap();
    let told = hall.told(0).await;
    let [(hold, Order::Hold(_)), (_, Order::View(_))] = told.as_slice() else { panic!("{told:?}") };
    // The site says that it has nothing: nothing is ordered to be shown of it again.
    let hold = OrderId::parse(&hold.id).unwrap();
    let nothing = Answer::plain(hold, Ended::NotPossible, vec![], vec![]);
    assert_eq!(answer_to(&hall, "m-1", 1, &nothing).await.status, 200);
    assert_eq!(hall.authority.show_footage(hall.officer, case, hold).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn a_hold_has_one_order_to_show_however_the_answer_to_it_reads() {
    let hall = Hall::open_for(CITIZEN).await;
    let case = hall.applied(UNIT).await;
    let told = hall.told(0).await;
    let hold = OrderId::parse(&told[0].0.id).unwrap();
    assert_eq!(hall.authority.show_footage(hall.officer, case, hold).await.unwrap_err().code, "not_decided");
    let kept = Kept { camera: "东入口1号".into(), footage_ms: 5, gaps: vec![], oldest: None };
    let said = Answer { cameras: vec![kept], ..Answer::plain(hold, Ended::Partly, vec![], vec![]) };
    assert_eq!(answer_to(&hall, "m-1", 1, &said).await.status, 200);
    // What is said to be shown of an order to hold completes nothing.
    let wrong = done(hold, shown(&hall, (UtcMs(1_000), UtcMs(2_000))));
    assert_eq!(answer_to(&hall, "m-2", 2, &wrong).await.status, 200);
    assert!(hall.authority.case(hall.officer, case).await.unwrap().case.done("show").is_none());
}
