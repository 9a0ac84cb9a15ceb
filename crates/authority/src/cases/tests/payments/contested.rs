//! A decision that is contested, enforced or annulled: what stands still, what follows, and what asks for its step.

use super::*;
use crate::cases::{Resuming, StillCause, Stopping};
use store::casework::Territory;

#[tokio::test]
async fn what_is_contested_stands_still_and_what_is_overdue_may_be_enforced() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    let due = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill").due;
    let next = async || {
        let next = hall.authority.next_cases(hall.officer, case).await.unwrap();
        next.iter().map(|p| p.id.clone()).collect::<Vec<_>>()
    };
    assert!(next().await.is_empty(), "the term is not over");
    while hall.today() <= due.plus_days(4) {
        hall.pass_days(1);
    }
    assert_eq!(next().await, ["enforcement"]);
    let stop =
        Stopping {
            seen: 0, cause: StillCause::Review, from: due.plus_days(3), paper: "示例复〔2026〕1号".into()
        };
    let bill = hall.authority.stand_still(hall.officer, case, &stop).await.unwrap();
    assert_eq!((bill.still_since, bill.owed.surcharge_fen), (Some(due.plus_days(3)), fine * 100 * 6 / 100));
    assert!(next().await.is_empty(), "nobody enforces what is contested");
    let twice = Stopping { seen: 1, ..stop };
    assert_eq!(hall.authority.stand_still(hall.officer, case, &twice).await.unwrap_err().code, "stands_still");
    let go_on = |seen, days| Resuming { seen, to: due.plus_days(days), paper: "示例复决〔2026〕1号".into() };
    assert_eq!(hall.authority.go_on(hall.officer, case, &go_on(1, 2)).await.unwrap_err().code, "payment_day");
    let bill = hall.authority.go_on(hall.officer, case, &go_on(1, 4)).await.unwrap();
    assert_eq!((bill.still_since, bill.seen), (None, 2));
    assert_eq!(hall.authority.go_on(hall.officer, case, &go_on(2, 4)).await.unwrap_err().code, "runs");
    assert_eq!(next().await, ["enforcement"]);

    let known = hall.authority.carried(hall.officer, case, "enforcement").await.unwrap();
    let total = bill.owed.total_fen / 100;
    assert_eq!(known.typed.get("owed_yuan"), Some(&total.to_string()));
    assert_eq!(known.typed.get("decision_number"), Some(&known.number));
    assert_eq!(known.typed.get("unpaid_day"), Some(&due.to_string()));
    assert!(!format!("{known:?}").contains("元"));
    let form = Beginning {
        procedure: "enforcement".into(),
        channel: Channel::OwnMotion,
        party: known.party,
        place: String::new(),
        title: String::new(),
        ..area()
    };
    let enforced = hall.authority.begin_from(hall.officer, &form, Some(case)).await.unwrap().case;
    let to = hall.authority.linked(hall.officer, case).await.unwrap().to;
    assert_eq!(to.iter().map(|row| row.id).collect::<Vec<_>>(), [enforced]);
    let from = hall.authority.linked(hall.officer, enforced).await.unwrap().from;
    assert_eq!(from.map(|row| row.id), Some(case));
    let strange = hall.authority.begin_from(hall.person, &area(), Some(case)).await.unwrap_err();
    assert_eq!(strange.code, "not_found", "nobody begins from a case that is not theirs");
}

#[tokio::test]
async fn what_was_annulled_is_withdrawn_in_time_and_takes_no_money() {
    let hall = Hall::open().await;
    let (case, fine) = served(&hall).await;
    for step in ["publish", "annul"] {
        hall.done(hall.officer, case, step).await.unwrap();
    }
    let clock = async || {
        let view = hall.view(hall.officer, case).await;
        view.clocks().into_iter().find(|c| c.id == "withdraw").expect("the clock of the withdrawal")
    };
    let running = clock().await;
    assert_eq!((running.state, running.binds), (ClockState::Running, law::Party::Organ));
    let taken = hall.authority.receive(hall.officer, case, &receipt(&hall, 0, fine * 100, "票1")).await.unwrap_err();
    assert_eq!(taken.code, "decision_annulled");
    let bill = hall.authority.owed(hall.officer, case, hall.today()).await.unwrap().expect("a bill");
    assert!(bill.annulled && !bill.is_overdue());
    hall.done(hall.officer, case, "withdraw").await.unwrap();
    assert_eq!(clock().await.state, ClockState::Met { on: hall.today() });
}

/// A review of a case, decided so; `None`: it is still heard.
async fn reviewed(hall: &Hall, case: CaseId, result: Option<&str>) -> CaseId {
    let on = hall.today();
    let known = hall.authority.carried(hall.officer, case, "review").await.unwrap();
    let form = Beginning {
        procedure: "review".into(),
        channel: Channel::Counter,
        party: known.party,
        place: String::new(),
        title: known.number,
        ..area()
    };
    let review = hall.authority.begin_from(hall.officer, &form, Some(case)).await.unwrap().case;
    for (n, step) in (1..).zip(["know", "apply", "examine", "accept", "try"]) {
        let act = hall.done_act(hall.officer, step, sample("review", step, on), on);
        // What the organ of review does is entered with its paper.
        let files = if n > 2 { vec![pdf(step, n)] } else { Vec::new() };
        hall.act_with(hall.officer, review, act, files).await.unwrap();
    }
    if let Some(result) = result {
        let mut typed = sample("review", "decided", on);
        typed.insert("result".into(), result.into());
        let decide = CaseAct::Decide {
            outcome: "decided".into(),
            typed,
            reasons: String::new(),
            clauses: Vec::new(),
            officers: Vec::new(),
            on,
        };
        hall.act_with(hall.officer, review, decide, vec![pdf("decided", 9)]).await.unwrap();
    }
    review
}

#[tokio::test]
async fn a_decision_that_a_review_annulled_asks_for_its_step_until_that_is_done() {
    let hall = Hall::open().await;
    let (case, _) = fined(&hall).await;
    let offered = async || {
        let offered = hall.authority.remedies_of(hall.officer, case).await.unwrap();
        offered.iter().map(|p| p.id.clone()).collect::<Vec<_>>()
    };
    assert!(offered().await.is_empty(), "it is not served yet");
    hall.done(hall.officer, case, "deliver").await.unwrap();
    hall.done(hall.officer, case, "publish").await.unwrap();
    let both = offered().await;
    assert!(both.len() == 2 && both.contains(&"review".into()) && both.contains(&"lawsuit".into()), "{both:?}");
    let (known, today) =
        (hall.authority.carried(hall.officer, case, "review").await.unwrap(), hall.today().to_string());
    assert_eq!(known.typed.get("act_number"), Some(&known.number));
    assert_eq!(known.typed.get("know_day"), Some(&today), "the day of service");
    assert_eq!(known.typed.get("applicant_kind").map(String::as_str), Some("unit"));
    let suit = hall.authority.carried(hall.officer, case, "lawsuit").await.unwrap();
    assert_eq!(suit.typed.get("act_day"), Some(&today), "the day of the decision");

    let told = async || hall.authority.annulments(hall.officer, case).await.unwrap();
    reviewed(&hall, case, None).await;
    assert!(told().await.is_empty(), "nothing is decided there");
    let (other, _) = served(&hall).await;
    reviewed(&hall, other, Some("upheld")).await;
    assert!(hall.authority.annulments(hall.officer, other).await.unwrap().is_empty(), "it stands");
    let (third, _) = served(&hall).await;
    reviewed(&hall, third, Some("annulled")).await;
    let found = hall.authority.annulments(hall.officer, third).await.unwrap();
    let [annulment] = found.as_slice() else { panic!("one: {found:?}") };
    assert_eq!((annulment.day, annulment.clause.0.as_str()), (Some(hall.today()), "AP-48"));
    let filled = |id: &str| annulment.typed.get(id).cloned().unwrap_or_default();
    assert_eq!((filled("annul_kind"), filled("annul_day")), ("annulled".to_owned(), today));
    assert_eq!(filled("annul_number"), annulment.number);
    assert!(!annulment.number.is_empty() && annulment.text().zh.contains(&annulment.number));
    assert_eq!(hall.authority.annulments(hall.person, third).await.unwrap_err().code, "not_found");
    let waits = hall.authority.not_annulled(Territory::All, hall.today(), 9).await.unwrap();
    assert_eq!(waits.iter().map(|row| row.id).collect::<Vec<_>>(), [third]);
    let office = hall.store.case(third).await.unwrap().expect("a case").head.office;
    assert_eq!(hall.authority.not_annulled(Territory::Under(office), hall.today(), 9).await.unwrap().len(), 1);
    assert!(hall.authority.not_annulled(Territory::All, hall.today(), 0).await.unwrap().is_empty());

    hall.done(hall.officer, third, "annul").await.unwrap();
    assert!(hall.authority.annulments(hall.officer, third).await.unwrap().is_empty(), "it is entered");
    assert!(hall.authority.not_annulled(Territory::All, hall.today(), 9).await.unwrap().is_empty());
    assert!(hall.authority.remedies_of(hall.officer, third).await.unwrap().is_empty());
}
