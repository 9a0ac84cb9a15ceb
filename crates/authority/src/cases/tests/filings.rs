//! A filing is changed and given up by who filed it: its row tells the change, then its last day; the case is open only meanwhile.

use super::*;

const REGISTER: &str = "makers_and_sellers";

/// A filing of sales that was entered.
async fn filed(hall: &Hall) -> CaseId {
    let form = Beginning {
        procedure: "sales_filing".into(),
        channel: Channel::Counter,
        party: Some(hall.party(hall.unit).await),
        place: String::new(),
        title: String::new(),
        ..area()
    };
    let case = hall.begin(hall.officer, &form).await.case;
    let on = hall.today();
    let submit = hall.done_act(hall.officer, "submit", sample("sales_filing", "submit", on), on);
    let papers = ["licence", "products", "service", "quality", "certification"];
    let files = papers.iter().zip(1..).map(|(m, n)| pdf(m, n)).collect();
    hall.act_with(hall.officer, case, submit, files).await.unwrap();
    hall.done(hall.officer, case, "check").await.unwrap();
    decide(hall, case, "filed").await.unwrap();
    case
}

async fn decide(hall: &Hall, case: CaseId, outcome: &str) -> Result<Acted, Refusal> {
    let typed = sample("sales_filing", outcome, hall.today());
    let act = CaseAct::Decide {
        outcome: outcome.into(),
        typed,
        reasons: String::new(),
        clauses: vec![],
        officers: vec![],
        on: hall.today(),
    };
    hall.act(hall.officer, case, act).await
}

async fn state(hall: &Hall, case: CaseId) -> String {
    hall.store.case(case).await.unwrap().expect("a case").head.state
}

#[tokio::test]
async fn a_change_is_in_the_row_when_it_is_entered_and_what_is_given_up_has_its_last_day() {
    let hall = Hall::open().await;
    let case = filed(&hall).await;
    let row = case.to_string();
    assert_eq!(state(&hall, case).await, Stage::Closed.code(), "nobody waits for a change");
    assert_eq!(decide(&hall, case, "changed").await.unwrap_err().code, "step_not_open", "nobody said anything");
    hall.done(hall.officer, case, "change").await.unwrap();
    assert_eq!(state(&hall, case).await, Stage::Decided.code(), "the change is to be entered");
    assert_eq!(hall.store.register_history(REGISTER, &row).await.unwrap().len(), 1, "said is not entered");
    decide(&hall, case, "changed").await.unwrap();
    let history = hall.store.register_history(REGISTER, &row).await.unwrap();
    let words = &procedure("sales_filing").field("changed_words").unwrap().sample;
    let newest = history.first().unwrap();
    assert_eq!((history.len(), newest.until), (2, None));
    assert!(newest.public.contains(words.as_str()) && newest.public.contains("changed_words"), "{}", newest.public);
    hall.done(hall.officer, case, "cancel").await.unwrap();
    decide(&hall, case, "cancelled").await.unwrap();
    let history = hall.store.register_history(REGISTER, &row).await.unwrap();
    let newest = history.first().unwrap();
    assert_eq!((history.len(), newest.until), (3, Some(hall.today())));
    assert!(newest.public.contains(words.as_str()) && newest.public.contains("ended_by"), "it keeps what it said");
    assert_eq!(state(&hall, case).await, Stage::Closed.code());
    let again = hall.done(hall.officer, case, "change").await.unwrap_err();
    assert_eq!(again.code, "step_not_open", "what was given up is filed anew");
}
