//! Promises that go by and cases that lie: who supervises, the numbers and who applied are told, and nothing of it is called late; over a real store.

use super::*;
use crate::cases::LYING;
use std::collections::BTreeMap;
use store::casework::waiting::WaitingCounts;

/// A filing of sales, for which no law sets a time, as it was handed in.
async fn handed_in(hall: &Hall) -> Begun {
    let form = Beginning {
        procedure: "sales_filing".into(),
        channel: Channel::Counter,
        party: Some(hall.party(hall.unit).await),
        place: String::new(),
        title: String::new(),
        ..area()
    };
    let begun = hall.begin(hall.officer, &form).await;
    let on = hall.today();
    let submit = hall.done_act(hall.officer, "submit", sample("sales_filing", "submit", on), on);
    let papers = ["licence", "products", "service", "quality", "certification"];
    let files = papers.iter().zip(1..).map(|(m, n)| pdf(m, n)).collect();
    hall.act_with(hall.officer, begun.case, submit, files).await.unwrap();
    begun
}

async fn promise(hall: &Hall, id: &str, text: &str) -> Result<(), Refusal> {
    let typed = BTreeMap::from([(id.to_owned(), text.to_owned())]);
    hall.authority.put_promises(hall.admin, hall.office, &typed).await
}

#[tokio::test]
async fn a_promise_is_kept_on_its_last_working_day_and_went_by_the_day_after() {
    let hall = Hall::open().await;
    let begun = handed_in(&hall).await;
    promise(&hall, "sales_filing", "3").await.unwrap();
    let calendar = hall.authority.gate().packs().calendar();
    let last = (0..3).fold(hall.today(), |day, _| calendar.working_from(day.plus_days(1)));
    assert_eq!(hall.authority.recount_waiting(hall.today()).await.unwrap(), 1);
    assert_eq!(hall.authority.recount_waiting(hall.today()).await.unwrap(), 0, "it is counted");
    let waits = hall.store.waiting(begun.case).await.unwrap().expect("counted");
    assert_eq!((waits.promised, waits.since), (Some(last), Some(hall.today())));
    while hall.today() < last {
        hall.pass_days(1);
    }
    hall.authority.recount_waiting(hall.today()).await.unwrap();
    let seen = hall.authority.supervision(hall.supervisor, 9).await.unwrap();
    assert!(seen.waiting.is_empty(), "on its last day a promise is kept");
    hall.pass_days(1);
    assert_eq!(hall.authority.recount_waiting(hall.today()).await.unwrap(), 1, "its day went by: counted once more");
    let seen = hall.authority.supervision(hall.supervisor, 9).await.unwrap();
    assert_eq!(seen.waiting.iter().map(|w| w.row.id).collect::<Vec<_>>(), [begun.case]);
    assert!(seen.waiting[0].waiting.is_past(hall.today()) && !seen.waiting[0].waiting.is_lying(hall.today()));
    assert!(seen.overdue.is_empty() && seen.load[0].overdue == 0, "no term of law is over");
    let numbers = hall.authority.count(hall.officer, None).await.unwrap();
    assert_eq!(numbers.beside, WaitingCounts { past: 1, lying: 0 });
    assert!(numbers.months.iter().all(|month| month.over == 0));
    let told = hall.authority.status(&begun.number, &begun.code).await.unwrap();
    assert_eq!((told.promised, told.today), (Some(last), last.plus_days(1)));
    let marked = hall.authority.waiting_in(hall.officer, &[begun.case]).await.unwrap();
    assert!(marked[&begun.case].is_past(hall.today()));
    // Another promise is counted anew; a case that somebody acted in, too.
    promise(&hall, "sales_filing", "300").await.unwrap();
    assert!(hall.authority.supervision(hall.supervisor, 9).await.unwrap().waiting.is_empty());
    assert_eq!(hall.authority.recount_waiting(hall.today()).await.unwrap(), 1);
    assert!(hall.authority.supervision(hall.supervisor, 9).await.unwrap().waiting.is_empty());
    hall.done(hall.officer, begun.case, "check").await.unwrap();
    assert_eq!(hall.authority.recount_waiting(hall.today()).await.unwrap(), 1);
}

#[tokio::test]
async fn a_case_without_a_clock_comes_up_after_the_days_of_the_packs_or_of_the_office() {
    let hall = Hall::open().await;
    let begun = handed_in(&hall).await;
    let rule = hall.authority.gate().packs().own_rule(LYING).expect("a rule").clone();
    let since = hall.today();
    let lying = async || {
        hall.authority.recount_waiting(hall.today()).await.unwrap();
        hall.authority.supervision(hall.supervisor, 9).await.unwrap().waiting.len()
    };
    hall.pass_days(rule.days.into());
    assert_eq!(lying().await, 0, "the last day counts to its end");
    hall.pass_days(1);
    assert_eq!(lying().await, 1);
    let waits = hall.store.waiting(begun.case).await.unwrap().expect("counted");
    assert_eq!((waits.promised, waits.since), (None, Some(since)));
    // A note is no progress; a step is.
    hall.act(hall.officer, begun.case, CaseAct::Note { words: "已电话联系。".into() }).await.unwrap();
    assert_eq!(lying().await, 1);
    hall.done(hall.officer, begun.case, "check").await.unwrap();
    assert_eq!(lying().await, 0);
    for wrong in ["0", "-1", "many", &(rule.most + 1).to_string()] {
        assert_eq!(promise(&hall, LYING, wrong).await.unwrap_err().code, "promise_lying_still", "{wrong}");
    }
    promise(&hall, LYING, "5").await.unwrap();
    hall.pass_days(5);
    assert_eq!(lying().await, 0);
    hall.pass_days(1);
    assert_eq!(lying().await, 1);
    promise(&hall, LYING, "").await.unwrap();
    assert_eq!(lying().await, 0, "taken back: the days of the packs hold");
    // A case in which a clock of law runs does not lie.
    let timed = hall.examined().await;
    hall.pass_days(10);
    lying().await;
    assert_eq!(hall.store.waiting(timed).await.unwrap().expect("counted").since, None);
}
