//! A change of a filing that is refused: the row stays as it was filed, and the filing may be changed again or given up.

use super::*;

const REGISTER: &str = "systems";
/// A column of the register that is filled in with the filing.
const DAYS: &str = "storage_days";

/// Files the system of a case with this number of days; the papers come with the first.
async fn file(hall: &Hall, case: CaseId, days: &str) {
    let on = hall.today();
    let mut typed = sample("system_filing", "file", on);
    typed.insert(DAYS.into(), days.into());
    let first = hall.view(hall.unit, case).await.case.done("file").is_none();
    let papers = ["unit", "location", "devices", "storage"].iter().zip(1..).filter(|_| first);
    let papers = papers.map(|(m, n)| pdf(m, n)).collect();
    hall.act_with(hall.unit, case, hall.done_act(hall.unit, "file", typed, on), papers).await.unwrap();
}

async fn enter(hall: &Hall, case: CaseId) {
    let filed = CaseAct::Decide {
        outcome: "filed".into(),
        typed: sample("system_filing", "filed", hall.today()),
        reasons: REASONS.into(),
        clauses: vec![],
        officers: vec![],
        on: hall.today(),
    };
    hall.act(hall.officer, case, filed).await.unwrap();
}

/// The versions of the row of a case, the newest first, as text.
async fn rows(hall: &Hall, case: CaseId) -> Vec<String> {
    let rows = hall.store.register_history(REGISTER, &case.to_string()).await.unwrap();
    let text = |row: &store::casework::registers::RowVersion| {
        let sealed = row.personal.as_ref().map_or("", |p| p.expose().as_str());
        format!("{} {} {sealed}", row.name, row.public)
    };
    rows.iter().map(text).collect()
}

fn has(row: &str, days: u32) -> bool {
    row.contains(&format!("\"{DAYS}\":{days}"))
}

#[tokio::test]
async fn a_change_that_is_refused_is_in_no_row_and_the_filing_goes_on() {
    let hall = Hall::open().await;
    let form = Beginning { procedure: "system_filing".into(), title: String::new(), ..area() };
    let case = hall.begin(hall.unit, &form).await.case;
    hall.done(hall.unit, case, "use").await.unwrap();
    file(&hall, case, "91").await;
    enter(&hall, case).await;
    let filed = rows(&hall, case).await;
    assert!(filed.len() == 1 && has(&filed[0], 91), "{filed:?}");

    hall.done(hall.unit, case, "change").await.unwrap();
    file(&hall, case, "92").await;
    assert_eq!(rows(&hall, case).await, filed, "what is asked for is not entered");
    hall.propose(case, "not_filed").await.unwrap();
    hall.decide(hall.head, case, "not_filed").await.unwrap();
    assert_eq!(rows(&hall, case).await, filed, "it stays as it was filed");
    let head = hall.store.case(case).await.unwrap().expect("a case").head;
    assert_eq!((head.state.as_str(), head.outcome.as_deref()), (Stage::Closed.code(), Some("not_filed")));
    let open = |view: &CaseView| view.open_steps().iter().map(|s| s.id.to_owned()).collect::<Vec<_>>();
    assert_eq!(open(&hall.view(hall.officer, case).await), ["change", "cancel"]);

    hall.done(hall.unit, case, "change").await.unwrap();
    file(&hall, case, "93").await;
    enter(&hall, case).await;
    let changed = rows(&hall, case).await;
    assert!(changed.len() == 2 && has(&changed[0], 93), "{changed:?}");
    assert_eq!(changed[1], filed[0]);
}

#[tokio::test]
async fn a_first_filing_that_is_refused_leaves_nothing_to_change() {
    let hall = Hall::open().await;
    let form = Beginning { procedure: "system_filing".into(), title: String::new(), ..area() };
    let case = hall.begin(hall.unit, &form).await.case;
    hall.done(hall.unit, case, "use").await.unwrap();
    file(&hall, case, "91").await;
    hall.propose(case, "not_filed").await.unwrap();
    hall.decide(hall.head, case, "not_filed").await.unwrap();
    for step in ["change", "cancel"] {
        assert_eq!(hall.done(hall.unit, case, step).await.unwrap_err().code, "step_not_open", "{step}");
    }
    assert!(rows(&hall, case).await.is_empty());
}
