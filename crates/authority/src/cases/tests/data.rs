//! Search, numbers, exchange, imports and the bulletin over a real store.

use super::*;
use crate::cases::imports::{FAULTS, ImportPreview};
use crate::cases::{Every, Filled, HandedIn, Hit, RowForm, Supplied, reveal_reasons, row_typed};
use std::sync::atomic::AtomicUsize;
use store::casework::Territory;
use store::casework::cases::CaseFilter;
use store::casework::registers::RowVersion;
use store::casework::search::Thing;
use store::casework::spots::Class;
use store::casework::worklist::WorkFilter;

const CODE: &str = "91350100M000100Y43";

/// Another office with an officer.
async fn elsewhere(hall: &Hall) -> By {
    let form = OfficeForm {
        name: "邻区分局".into(),
        level: "county".into(),
        division: "230103".into(),
        unit_code: "230103000000".into(),
        ..OfficeForm::default()
    };
    let office = hall.authority.put_office(hall.admin, &form).await.unwrap();
    let by = account(&hall.store, "neighbour", Role::CaseOfficer).await;
    hall.authority.put_officer(hall.admin, by.account, office, &OfficerForm::default()).await.unwrap();
    by
}

async fn found(hall: &Hall, by: By, what: Thing, query: &str) -> usize {
    hall.authority.find(by, what, query, None).await.unwrap().hits.len()
}

#[tokio::test]
async fn nobody_finds_what_is_another_offices() {
    let hall = Hall::open().await;
    let neighbour = elsewhere(&hall).await;
    hall.begin(hall.unit, &area()).await;
    for (what, query) in
        [(Thing::Case, "东入口"), (Thing::Case, "示公技防"), (Thing::Party, "示例商业"), (Thing::Party, CODE)]
    {
        assert_eq!(found(&hall, hall.officer, what, query).await, 1, "{query}");
        assert_eq!(found(&hall, hall.supervisor, what, query).await, 1, "{query}");
        assert_eq!(found(&hall, neighbour, what, query).await, 0, "{query}");
    }
    assert_eq!(found(&hall, hall.officer, Thing::Party, "赵六").await, 0, "no person is in the index");
    let hits = hall.authority.find(hall.officer, Thing::Case, "东入口", None).await.unwrap().hits;
    assert!(matches!(&hits[0], Hit::Case(row) if row.head.title == "东入口"));
    let none = hall.authority.find(hall.officer, Thing::Case, "x", None).await.unwrap_err();
    assert_eq!(none.code, "q");
    assert_eq!(hall.authority.find(hall.unit, Thing::Case, "东入口", None).await.unwrap_err().code, "no_permission");
}

#[tokio::test]
async fn an_office_counts_its_own() {
    let hall = Hall::open().await;
    let neighbour = elsewhere(&hall).await;
    hall.begin(hall.unit, &area()).await;
    hall.pass_days(20);
    let own = hall.authority.count(hall.officer, None).await.unwrap();
    assert_eq!(own.territory, Territory::Office(hall.office));
    assert_eq!(own.waiting.len(), 1);
    assert_eq!((own.waiting[0].procedure.as_str(), own.waiting[0].ages), ("area_approval", [0, 1, 0, 0]));
    assert_eq!(own.months.len(), 12);
    let other = hall.authority.count(neighbour, Some(hall.office)).await.unwrap();
    assert!(
        other.waiting.is_empty() && other.territory != Territory::Office(hall.office),
        "an officer asks for no other office"
    );
    let all = hall.authority.count(hall.supervisor, None).await.unwrap();
    assert_eq!((all.waiting.len(), all.inspections.drawn), (1, 0));
    assert_eq!(hall.authority.count(hall.supervisor, other.territory.office()).await.unwrap().waiting.len(), 0);
    let places =
        async |register| hall.authority.places_of_class(hall.officer, (register, Class::Open), None, (None, 9)).await;
    assert!(places("rewards").await.is_err());
    assert!(places("units").await.unwrap().is_empty());
}

/// The office above that of the hall, and who works there in these roles.
async fn above(hall: &Hall, roles: &[Role]) -> (OfficeId, Vec<By>) {
    let form = |name: &str, level: &str, division: &str| OfficeForm {
        name: name.into(),
        level: level.into(),
        division: division.into(),
        unit_code: format!("{division}000000"),
        ..OfficeForm::default()
    };
    let city = hall.authority.put_office(hall.admin, &form("示例市局", "city", "230100")).await.unwrap();
    let county = OfficeForm {
        id: Some(hall.office),
        short: "示公技防".into(),
        parent: Some(city),
        ..form("示例分局", "county", "230102")
    };
    hall.authority.put_office(hall.admin, &county).await.unwrap();
    let mut people = Vec::new();
    for (n, role) in (0..).zip(roles) {
        let by = account(&hall.store, &format!("city-{n}"), *role).await;
        hall.authority.put_officer(hall.admin, by.account, city, &OfficerForm::default()).await.unwrap();
        people.push(by);
    }
    (city, people)
}

#[tokio::test]
async fn who_stands_in_for_a_head_finds_what_the_head_finds_while_the_power_holds() {
    let hall = Hall::open().await;
    let (_, people) = above(&hall, &[Role::CaseApprover, Role::CaseOfficer]).await;
    let (head, deputy) = (people[0], people[1]);
    let case = hall.examined().await;
    let sees = async || {
        let listed = hall.authority.worklist(deputy, &WorkFilter::default(), 9).await.unwrap().rows.len();
        (listed, found(&hall, deputy, Thing::Case, "东入口").await)
    };
    assert_eq!(sees().await, (0, 0), "the own office alone");
    let on = hall.today();
    let given = crate::cases::DelegationForm {
        deputy: deputy.account,
        procedures: vec!["area_approval".to_owned()],
        from: on,
        until: on.plus_days(3),
    };
    hall.authority.put_delegation(head, &given).await.unwrap();
    assert_eq!(sees().await, (1, 1));
    assert!(!hall.view(deputy, case).await.acts_here, "they look on, as the head does");
    let reason = reveal_reasons()[0].0;
    assert_eq!(hall.authority.reveal(deputy, case, reason).await.unwrap_err().code, "other_office");
    assert_eq!(hall.authority.carried(deputy, case, "penalty_case").await.unwrap_err().code, "other_office");
    assert_eq!(hall.authority.begin_from(deputy, &area(), Some(case)).await.unwrap_err().code, "other_office");
    hall.pass_days(4);
    assert_eq!(sees().await, (0, 0), "it is over");
    assert_eq!(hall.authority.case(deputy, case).await.unwrap_err().code, "not_found");
}

#[tokio::test]
async fn who_heads_or_supervises_sees_the_offices_below_and_does_nothing_in_their_place() {
    let hall = Hall::open().await;
    let neighbour = elsewhere(&hall).await;
    let (city, people) =
        above(&hall, &[Role::CaseApprover, Role::Supervisor, Role::Auditor, Role::CaseOfficer, Role::LegalReviewer])
            .await;
    let case = hall.examined().await;
    let beyond = hall.store.officer(neighbour.account).await.unwrap().expect("an office").office;
    let every = WorkFilter::default();
    for by in &people[..3] {
        let page = hall.authority.worklist(*by, &every, 9).await.unwrap();
        assert_eq!((page.rows.len(), page.counts.counts.iter().sum::<u32>() + page.counts.no_day), (1, 1), "{by:?}");
        assert_eq!(hall.authority.cases(*by, &CaseFilter::default(), 9).await.unwrap().len(), 1, "{by:?}");
        assert_eq!(found(&hall, *by, Thing::Case, "东入口").await, 1, "{by:?}");
        assert_eq!(found(&hall, *by, Thing::Party, CODE).await, 1, "{by:?}");
        let all = hall.authority.count(*by, None).await.unwrap();
        assert_eq!((all.territory, all.waiting.len()), (Territory::Under(city), 1), "{by:?}");
        let one = hall.authority.count(*by, Some(hall.office)).await.unwrap().territory;
        assert_eq!(one, Territory::Office(hall.office), "one of them");
        let none = hall.authority.count(*by, Some(beyond)).await.unwrap().territory;
        assert_eq!(none, Territory::Under(city), "an office elsewhere is not theirs to ask");
        assert_eq!(hall.authority.offices_to_choose(*by).await.unwrap().len(), 2);
        assert!(!hall.view(*by, case).await.acts_here, "they look on");
    }
    // Whoever handles or reviews there sees the own office alone.
    for by in [people[3], people[4], neighbour] {
        assert_eq!(hall.authority.case(by, case).await.unwrap_err().code, "not_found");
        assert!(hall.authority.worklist(by, &every, 9).await.unwrap().rows.is_empty());
        assert_eq!(found(&hall, by, Thing::Case, "东入口").await, 0);
    }
    let head = people[0];
    let note = CaseAct::Note { words: "请按期办结这一件。".into() };
    let refused = hall.act(head, case, note).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_str()), (ErrorKind::Forbidden, "other_office"));
    let reason = reveal_reasons()[0].0;
    assert_eq!(hall.authority.reveal(head, case, reason).await.unwrap_err().code, "other_office");
    assert_eq!(hall.authority.case_paper(head, case, 1).await.unwrap_err().code, "other_office");
    assert!(hall.view(hall.head, case).await.acts_here, "the head of the office decides");
}

#[tokio::test]
async fn who_supervises_with_an_office_sees_its_territory_and_without_one_all() {
    let hall = Hall::open().await;
    let neighbour = elsewhere(&hall).await;
    let beyond = hall.store.officer(neighbour.account).await.unwrap().expect("an office").office;
    let (_, people) = above(&hall, &[Role::Supervisor]).await;
    let outside = account(&hall.store, "outside", Role::Supervisor).await;
    hall.authority.put_officer(hall.admin, outside.account, beyond, &OfficerForm::default()).await.unwrap();
    hall.examined().await;
    hall.pass_days(60);
    for (by, count) in [(hall.supervisor, 1), (people[0], 1), (outside, 0)] {
        let seen = hall.authority.supervision(by, 9).await.unwrap();
        assert_eq!((seen.overdue.len(), seen.load.len().min(1)), (count, count), "{by:?}");
        assert_eq!(hall.authority.supervised(by, true, None).await.unwrap().0.len(), count, "{by:?}");
    }
}

fn handed_in(key: &str) -> HandedIn {
    HandedIn {
        key: key.into(),
        request: Sha256::of(key.as_bytes()),
        procedure: "area_approval".into(),
        place: "230102".into(),
        facts_on: None,
        title: "西入口".into(),
        party: unit_form(),
        filled: Filled::default(),
    }
}

/// The form and the paper of an area approval, whole.
fn whole(on: CivilDate) -> Filled {
    Filled {
        typed: sample("area_approval", "apply", on),
        papers: vec![pdf("application", 1)],
        complete: true,
        ..Filled::default()
    }
}

fn supplied(key: &str, number: &str, filled: Filled) -> Supplied {
    Supplied { key: key.into(), request: Sha256::of(key.as_bytes()), number: number.into(), filled }
}

#[tokio::test]
async fn a_key_begins_one_case() {
    let hall = Hall::open().await;
    let taken = hall.authority.take_in(hall.officer, handed_in("key-0001")).await.unwrap();
    assert!(taken.new && !taken.handed_in && taken.refused.is_none(), "{taken:?}");
    let begun = taken.begun;
    let again = hall.authority.take_in(hall.officer, handed_in("key-0001")).await.unwrap();
    assert!(!again.new && again.begun == begun, "the same answer");
    let refused = async |by, handed| hall.authority.take_in(by, handed).await.unwrap_err()[0].refusal.code.clone();
    let other = HandedIn { request: Sha256::of(b"other"), ..handed_in("key-0001") };
    assert_eq!(refused(hall.officer, other).await, "key_used");
    let same = refused(hall.officer, handed_in("key-0002")).await;
    assert_eq!(same, "same_case", "what a crash left is not begun twice");
    assert_eq!(refused(hall.officer, handed_in("k")).await, "idempotency_key");
    assert_eq!(refused(hall.unit, handed_in("key-0003")).await, "no_permission");
    let status = hall.authority.exchange_status(hall.officer, &begun.number).await.unwrap();
    assert_eq!(status.number, begun.number);
    let neighbour = elsewhere(&hall).await;
    assert_eq!(hall.authority.exchange_status(neighbour, &begun.number).await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_application_is_handed_in_whole_and_once() {
    let hall = Hall::open().await;
    let handed = HandedIn { filled: whole(hall.today()), ..handed_in("key-0001") };
    let taken = hall.authority.take_in(hall.officer, handed.clone()).await.unwrap();
    assert!(taken.new && taken.handed_in && taken.refused.is_none(), "{taken:?}");
    let view = hall.view(hall.officer, taken.begun.case).await;
    assert!(view.case.done("apply").is_some() && view.missing().is_empty() && view.papers.len() == 1);
    let kept = hall.store.case_paper_bytes(view.row.id, view.papers[0].n).await.unwrap();
    assert_eq!(kept.as_deref(), Some(&b"%PDF-1.7 1"[..]), "stored as it was given");
    let again = hall.authority.take_in(hall.officer, handed).await.unwrap();
    assert!(!again.new && again.handed_in && again.begun == taken.begun);
    assert_eq!(hall.view(hall.officer, view.row.id).await.row.events, view.row.events, "nothing is done twice");
    hall.done(hall.officer, view.row.id, "accept").await.unwrap();
}

#[tokio::test]
async fn a_wrong_application_begins_nothing_and_every_defect_is_told() {
    let hall = Hall::open().await;
    let mut handed = HandedIn { filled: whole(hall.today()), ..handed_in("key-0001") };
    handed.party.typed.insert("credit_code".into(), "91350100M000100Y44".into());
    handed.filled.typed.remove("need");
    handed.filled.papers = vec![file("application", "a.png", b"%PDF-1.7")];
    let defects = hall.authority.take_in(hall.officer, handed).await.unwrap_err();
    let told: Vec<(&str, &str)> = defects.iter().map(|d| (d.field.as_str(), d.refusal.code.as_str())).collect();
    assert_eq!(told, [("party.credit_code", "credit_code"), ("fields.need", "need"), ("papers[0]", "paper_disguised")]);
    let filter = store::casework::cases::CaseFilter { office: Some(hall.office), ..Default::default() };
    assert!(hall.store.cases(&filter, 9).await.unwrap().is_empty());
    assert!(hall.store.exchanged(hall.officer.account, "key-0001").await.unwrap().is_none(), "the key is free");
}

#[tokio::test]
async fn what_broke_off_after_the_beginning_is_gone_on_with() {
    let hall = Hall::open().await;
    // The same digest with nothing in it: what is there when the server went down between the two transactions.
    let handed = HandedIn { filled: whole(hall.today()), ..handed_in("key-0001") };
    let begun = hall.authority.take_in(hall.officer, handed_in("key-0001")).await.unwrap().begun;
    let taken = hall.authority.take_in(hall.officer, handed.clone()).await.unwrap();
    assert!(!taken.new && taken.handed_in && taken.begun == begun, "{taken:?}");
    // A case that somebody else has gone on with is left as it is.
    let other = HandedIn { title: "北入口".into(), ..handed_in("key-0002") };
    let begun = hall.authority.take_in(hall.officer, other.clone()).await.unwrap().begun;
    let fill = CaseAct::Fill { step: "apply".into(), typed: typed(&[("need", "夜间失窃多发。")]) };
    hall.act(hall.second, begun.case, fill).await.unwrap();
    let later = HandedIn { filled: whole(hall.today()), ..other };
    let taken = hall.authority.take_in(hall.officer, later).await.unwrap();
    assert!(!taken.handed_in && taken.refused.is_none(), "{taken:?}");
    assert!(hall.view(hall.officer, begun.case).await.case.done("apply").is_none());
}

#[tokio::test]
async fn a_filing_goes_through_all_its_own_steps() {
    let hall = Hall::open().await;
    let on = hall.today();
    let typed =
        ["use", "in_use_before", "file"].into_iter().flat_map(|step| sample("system_filing", step, on)).collect();
    let filled = Filled {
        typed,
        papers: ["unit", "location", "devices", "storage"].iter().zip(1..).map(|(m, n)| pdf(m, n)).collect(),
        complete: true,
        ..Filled::default()
    };
    let handed = HandedIn { procedure: "system_filing".into(), title: String::new(), filled, ..handed_in("key-0001") };
    let taken = hall.authority.take_in(hall.officer, handed).await.unwrap();
    assert!(taken.handed_in && taken.refused.is_none(), "{taken:?}");
    let view = hall.view(hall.officer, taken.begun.case).await;
    for step in ["use", "in_use_before", "file"] {
        assert!(view.case.done(step).is_some(), "{step}");
    }
    assert!(view.missing().is_empty());
}

#[tokio::test]
async fn what_broke_off_between_two_steps_is_sent_again_as_it_was() {
    let hall = Hall::open().await;
    let on = hall.today();
    let handed = HandedIn { procedure: "system_filing".into(), title: String::new(), ..handed_in("key-0001") };
    let begun = hall.authority.take_in(hall.officer, handed).await.unwrap().begun;
    // The server went down after the first of two steps.
    hall.done(hall.officer, begun.case, "use").await.unwrap();
    let filled = Filled {
        typed: ["use", "file"].into_iter().flat_map(|step| sample("system_filing", step, on)).collect(),
        papers: ["unit", "location", "devices", "storage"].iter().zip(1..).map(|(m, n)| pdf(m, n)).collect(),
        complete: true,
        ..Filled::default()
    };
    let mut other = filled.clone();
    other.typed.insert("unit_address".into(), "哈尔滨市另一路2号".into());
    let defects = hall.authority.supply(hall.officer, supplied("rest-0001", &begun.number, other)).await.unwrap_err();
    let told: Vec<(&str, &str)> = defects.iter().map(|d| (d.field.as_str(), d.refusal.code.as_str())).collect();
    assert_eq!(told, [("fields.unit_address", "unknown")], "what stands in the case is not changed by it");
    hall.authority.supply(hall.officer, supplied("rest-0001", &begun.number, filled)).await.unwrap();
    assert!(hall.view(hall.officer, begun.case).await.case.done("file").is_some());
}

#[tokio::test]
async fn what_was_asked_for_is_answered_once() {
    let hall = Hall::open().await;
    let unfinished = Filled { papers: vec![], ..whole(hall.today()) };
    let handed = HandedIn { filled: unfinished, ..handed_in("key-0001") };
    let begun = hall.authority.take_in(hall.officer, handed).await.unwrap().begun;
    let number = begun.number.as_str();
    let refused =
        async |supplied| hall.authority.supply(hall.officer, supplied).await.unwrap_err()[0].refusal.code.clone();
    let rest = Filled { papers: vec![pdf("application", 7)], complete: true, ..Filled::default() };
    assert_eq!(refused(supplied("rest-0001", number, rest.clone())).await, "nothing_open", "nothing was asked for");
    assert_eq!(refused(supplied("rest-0001", number, Filled::default())).await, "nothing");
    assert_eq!(refused(supplied("rest-0001", "示公技防〔2026〕9号", rest.clone())).await, "not_found");
    let missing = vec![Missing { id: "application".into(), reason: "没有提交".into() }];
    let ask = CaseAct::AskForRest { materials: missing, fields: vec![], on: hall.today(), until: None };
    hall.act(hall.officer, begun.case, ask).await.unwrap();
    let done = hall.authority.supply(hall.officer, supplied("rest-0001", number, rest.clone())).await.unwrap();
    assert!(done.new);
    let again = hall.authority.supply(hall.officer, supplied("rest-0001", number, rest.clone())).await.unwrap();
    assert!(!again.new && again.events == done.events, "one key, one act");
    let other = Supplied { request: Sha256::of(b"other"), ..supplied("rest-0001", number, rest.clone()) };
    assert_eq!(refused(other).await, "key_used");
    let taken = Supplied { request: Sha256::of(b"rest"), ..supplied("key-0001", number, rest) };
    assert_eq!(refused(taken).await, "key_used", "the key of the application");
    let view = hall.view(hall.officer, begun.case).await;
    assert!(view.case.done("complete").is_some() && view.missing().is_empty());
    let paper = Filled { papers: vec![pdf("application", 8)], ..Filled::default() };
    assert!(
        hall.authority.supply(hall.officer, supplied("rest-0002", number, paper)).await.unwrap().new,
        "a paper alone"
    );
    let neighbour = elsewhere(&hall).await;
    let paper = Filled { papers: vec![pdf("application", 9)], ..Filled::default() };
    let refused = hall.authority.supply(neighbour, supplied("rest-0003", number, paper)).await.unwrap_err();
    assert_eq!(refused[0].refusal.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn a_draft_is_kept_and_handed_in_later() {
    let hall = Hall::open().await;
    let on = hall.today();
    let draft = Filled { typed: typed(&[("need", "夜间失窃多发。")]), ..Filled::default() };
    let handed = HandedIn { filled: draft, ..handed_in("key-0001") };
    let taken = hall.authority.take_in(hall.officer, handed.clone()).await.unwrap();
    assert!(!taken.handed_in && taken.refused.is_none());
    let again = hall.authority.take_in(hall.officer, handed).await.unwrap();
    assert!(!again.new && !again.handed_in);
    let number = taken.begun.number.as_str();
    let few = Filled { typed: typed(&[("place", "东入口")]), complete: true, ..Filled::default() };
    let defects = hall.authority.supply(hall.officer, supplied("rest-0001", number, few)).await.unwrap_err();
    assert!(defects.len() > 3 && defects.iter().all(|d| d.field.starts_with("fields.")), "{defects:?}");
    let mut rest = whole(on);
    rest.typed.remove("need");
    hall.authority.supply(hall.officer, supplied("rest-0001", number, rest)).await.unwrap();
    let view = hall.view(hall.officer, taken.begun.case).await;
    let done = view.case.values_of("apply").expect("the form");
    assert_eq!(done.text("need"), Some("夜间失窃多发。"), "what was kept is part of it");
    assert!(view.case.done("apply").is_some());
}

#[tokio::test]
async fn filings_go_out_without_persons_and_leave_an_entry() {
    let hall = Hall::open().await;
    assert_eq!(hall.authority.filings(hall.supervisor, None).await.unwrap(), (vec![], None));
    let form = Beginning { procedure: "system_filing".into(), title: "示例系统".into(), ..area() };
    let case = hall.begin(hall.unit, &form).await.case;
    hall.done(hall.unit, case, "use").await.unwrap();
    let all: Vec<Upload> = ["unit", "location", "devices", "storage"].iter().zip(1..).map(|(m, n)| pdf(m, n)).collect();
    let on = hall.today();
    let file = hall.done_act(hall.unit, "file", sample("system_filing", "file", on), on);
    hall.act_with(hall.unit, case, file, all).await.unwrap();
    assert!(hall.authority.filings(hall.supervisor, None).await.unwrap().0.is_empty(), "only what is filed");
    let view = hall.authority.case(hall.officer, case).await.unwrap();
    let unmet = hall.authority.unmet(&view).await.unwrap();
    assert_eq!(unmet.iter().map(|e| e.clause.0.as_str()).collect::<Vec<_>>(), ["B-19-2-3"], "no acceptance is found");
    let decided = CaseAct::Decide {
        outcome: "filed".into(),
        typed: sample("system_filing", "filed", on),
        reasons: REASONS.into(),
        clauses: vec![],
        officers: vec![],
        on,
    };
    hall.act(hall.officer, case, decided).await.expect("a warning stops nothing");
    let rows = hall.store.rows_of_case(case).await.unwrap();
    let written: Vec<&str> = rows.iter().map(|row| row.register.as_str()).collect();
    assert_eq!(written, ["systems", "projects", "devices"], "a filing is part of its project too");
    let view = hall.authority.case(hall.officer, case).await.unwrap();
    assert!(hall.authority.unmet(&view).await.unwrap().is_empty(), "it is decided");
    let (filings, next) = hall.authority.filings(hall.supervisor, None).await.unwrap();
    assert_eq!((filings.len(), next), (1, None));
    assert_eq!(filings[0].fields["credit_code"], CODE);
    assert!(filings[0].fields.contains_key("devices_total"));
    assert!(!filings[0].fields.contains_key("contact_phone"));
    assert!(hall.authority.filings(hall.supervisor, Some(filings[0].entry)).await.unwrap().0.is_empty());
    let neighbour = elsewhere(&hall).await;
    assert!(hall.authority.filings(neighbour, None).await.unwrap().0.is_empty());
    let filter = ActFilter { kind: Some("exchange.read".into()), ..ActFilter::default() };
    assert_eq!(
        hall.store.acts(&filter, 9).await.unwrap().len(),
        1,
        "an answer with rows is entered, an empty one is not"
    );
    let place = filings[0].fields["place_division"].as_str().expect("a place").to_owned();
    let in_division =
        async |digits: &str| hall.authority.filings_in(hall.supervisor, None, digits).await.unwrap().0.len();
    for digits in ["", &place[..2], &place[..4], place.as_str()] {
        assert_eq!(in_division(digits).await, 1, "{digits}");
    }
    assert_eq!(in_division("11").await, 0, "another province");
}

async fn preview(hall: &Hall, target: &str, csv: &str) -> ImportPreview {
    hall.authority.preview_import(hall.officer, target, ("a.csv", csv.as_bytes())).await.unwrap()
}

#[tokio::test]
async fn a_file_is_imported_once_and_whole() {
    let hall = Hall::open().await;
    let csv =
        format!("登记编号,登记名称,有效期自,credit_code\n旧-1,示例楼,2019-01-02,{CODE}\n旧-2,另一楼,2019-01-03,\n");
    let shown = preview(&hall, "systems", &csv).await;
    assert_eq!((shown.rows, shown.fault_count, shown.first.len()), (2, 0, 2), "{:?}", shown.faults);
    let done = AtomicUsize::new(0);
    let moved = hall.authority.import_file(hall.officer, "systems", ("a.csv", csv.as_bytes()), ("0", &done)).await;
    assert_eq!(moved.unwrap_err().code, "import_moved_on");
    let confirmed = (shown.sha256.as_str(), &done);
    let count =
        hall.authority.import_file(hall.officer, "systems", ("a.csv", csv.as_bytes()), confirmed).await.unwrap();
    assert_eq!((count, done.load(Ordering::Relaxed)), (2, 2));
    let row = hall.store.register_history("systems", "旧-1").await.unwrap().remove(0);
    assert_eq!(
        (row.office, row.party),
        (Some(hall.office), Some(hall.party(hall.unit).await)),
        "a row of a known unit is its"
    );
    let twice = preview(&hall, "systems", &csv).await;
    assert_eq!(twice.fault_count, 3, "the file, and both rows: {:?}", twice.faults);
    let again = hall.authority.import_file(hall.officer, "systems", ("a.csv", csv.as_bytes()), confirmed).await;
    assert_eq!(again.unwrap_err().code, "import_faults");
    let entry = ActFilter { kind: Some("file.imported".into()), ..ActFilter::default() };
    assert_eq!(hall.store.acts(&entry, 9).await.unwrap().len(), 1);
    for by in [hall.head, hall.unit, hall.supervisor] {
        assert_eq!(hall.authority.import_targets(by).await.unwrap_err().code, "no_permission");
    }
}

#[tokio::test]
async fn a_register_by_hand_is_imported_with_the_columns_of_its_form() {
    let hall = Hall::open().await;
    let targets = hall.authority.import_targets(hall.officer).await.unwrap();
    let forms = hall.authority.row_forms().await.unwrap();
    assert!(forms.len() > 9, "experts, bodies, training and the others");
    for form in forms {
        let target = targets.iter().find(|t| t.id == form.id).unwrap_or_else(|| panic!("{} has no target", form.id));
        for field in &form.fields {
            let column = target.columns.iter().find(|c| c.id == field.id).expect("its column");
            assert_eq!(column, field, "{} {}", form.id, field.id);
        }
    }
    let head = "登记编号,单位或者场所名称,统一社会信用代码,地址,所在行政区划,应当安装的依据,依据的说明,联系人\n";
    let row = |n: u32, code: &str| {
        format!("旧点-{n},示例加油站{n},{code},示例街{n}号,230102,治安保卫重点单位,列为重点单位。,李四\n")
    };
    let wrong = format!("{head}{}{}", row(1, CODE), row(2, "91350100M000100Y44"));
    let shown = preview(&hall, "units", &wrong).await;
    assert_eq!((shown.rows, shown.fault_count, shown.faults[0].line), (1, 1, 3), "{:?}", shown.faults);
    let done = AtomicUsize::new(0);
    let sent = ("a.csv", wrong.as_bytes());
    let refused = hall.authority.import_file(hall.officer, "units", sent, (shown.sha256.as_str(), &done)).await;
    assert_eq!(refused.unwrap_err().code, "import_faults");
    assert_eq!(hall.store.register_changed("units").await.unwrap(), None, "nothing is half imported");
    let right = format!("{head}{}{}", row(1, CODE), row(2, ""));
    let shown = preview(&hall, "units", &right).await;
    assert!(shown.first.iter().flat_map(|r| &r.cells).all(|c| !c.zh.contains("李四")), "a person is masked");
    let sent = ("a.csv", right.as_bytes());
    let count = hall.authority.import_file(hall.officer, "units", sent, (shown.sha256.as_str(), &done)).await.unwrap();
    assert_eq!((count, done.load(Ordering::Relaxed)), (2, 2));
    let row = hall.store.register_history("units", "旧点-1").await.unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.from, row.office), ("示例加油站1", hall.today(), Some(hall.office)));
    assert!(row.public.contains("key_unit") && row.public.contains("230102") && !row.public.contains("李四"));
    assert!(row.shown.is_some(), "as public as a row that is entered by hand");
    assert!(row.personal.expect("sealed").expose().contains("李四"));
    let form = GATE.packs().register_form("units").unwrap();
    let again =
        RowForm { typed: row_typed(form, &newest(&hall, "旧点-1").await), reason: "核对后更正".into(), seen: 1 };
    assert_eq!(hall.authority.put_row(hall.officer, "units", Some("旧点-1"), &again).await.unwrap().version, 2);
}

async fn newest(hall: &Hall, row: &str) -> RowVersion {
    hall.store.register_history("units", row).await.unwrap().remove(0)
}

#[tokio::test]
async fn parties_are_imported_masked_and_none_twice() {
    let hall = Hall::open().await;
    let csv =
        "姓名,公民身份号码,联系电话\n赵六,11010519491231002X,0451-55550101\n钱七,11010519491231002X,0451-55550102\n";
    let shown = preview(&hall, "person", csv).await;
    assert!(shown.fault_count >= 2, "the number is of a party, and stands twice: {:?}", shown.faults);
    assert!(shown.first.iter().flat_map(|r| &r.cells).all(|c| !c.zh.contains("11010519491231002X")));
    assert!(shown.faults.len() <= FAULTS);
    let bad = preview(
        &hall,
        "unit",
        "单位名称,统一社会信用代码,单位地址,联系人,联系电话\n甲,91350100M000100Y44,乙,丙,0451-55550103\n",
    )
    .await;
    assert_eq!((bad.rows, bad.fault_count), (0, 1));
}

#[tokio::test]
async fn a_bulletin_begins_once_when_its_period_is_over() {
    let hall = Hall::open().await;
    let province = OfficeForm {
        name: "示例省公安厅".into(),
        level: "province".into(),
        division: "230000".into(),
        unit_code: "230000000000".into(),
        ..OfficeForm::default()
    };
    assert_eq!(hall.authority.begin_bulletins(hall.today()).await.unwrap(), 0, "nobody publishes without an office");
    let office = hall.authority.put_office(hall.admin, &province).await.unwrap();
    assert_eq!(
        hall.authority.begin_bulletins(hall.today()).await.unwrap(),
        0,
        "what was before this server is not made up for"
    );
    assert_eq!(hall.authority.begin_bulletins(day("2026-06-30")).await.unwrap(), 0);
    let start = UtcMs(day("2026-07-01").start().0 + HOUR_MS);
    hall.clock.store(start.0, Ordering::Relaxed);
    assert_eq!(hall.authority.begin_bulletins(hall.today()).await.unwrap(), 1);
    assert_eq!(hall.authority.begin_bulletins(hall.today()).await.unwrap(), 0, "one case a period");
    let times = Arc::clone(&hall.clock);
    let now = move || UtcMs(times.load(Ordering::Relaxed));
    let restarted = Authority::open(hall.store.clone(), "x".into(), Arc::clone(&GATE), now).await.unwrap();
    hall.pass_days(40);
    assert_eq!(restarted.begin_bulletins(hall.today()).await.unwrap(), 0, "a restart begins no second one");
    let filter = store::casework::cases::CaseFilter { office: Some(office), ..Default::default() };
    let rows = hall.store.cases(&filter, 9).await.unwrap();
    assert_eq!((rows.len(), rows[0].head.title.as_str()), (1, "2026年上半年"));
    let view = hall.authority.case(hall.supervisor, rows[0].id).await.unwrap();
    let draft = view.case.values_of("compile").expect("a draft");
    assert!(draft.text("makers_sellers").is_some_and(|t| t.contains("期末有效0件")));
    assert!(draft.text("bodies").is_some_and(|t| t.contains("【待填】")), "no body is registered");
    let clerk = account(&hall.store, "province", Role::CaseOfficer).await;
    hall.authority.put_officer(hall.admin, clerk.account, office, &OfficerForm::default()).await.unwrap();
    let proposal = CaseAct::Propose {
        outcome: "published".into(),
        typed: domain::casework::Typed::new(),
        reasons: String::new(),
        clauses: vec![],
    };
    let command = Command { seen: view.case.events, act: proposal };
    let refused = hall.authority.act(clerk, rows[0].id, &command, vec![]).await.unwrap_err();
    assert_eq!(refused.code, "to_fill_in");
    assert!(refused.what.zh.contains("检测、评估等中介机构和行业协会"), "{}", refused.what.zh);
    let form = GATE.packs().register_form("bodies").unwrap();
    let body = RowForm {
        typed: form.fields.iter().map(|f| (f.id.clone(), f.sample.clone())).collect(),
        reason: "来文登记".into(),
        seen: 0,
    };
    hall.authority.put_row(clerk, "bodies", None, &body).await.unwrap();
    assert_eq!(hall.authority.set_bulletin_every(hall.head, Every::Month).await.unwrap_err().code, "not_province");
    hall.clock.store(day("2027-01-01").start().0, Ordering::Relaxed);
    assert_eq!(restarted.begin_bulletins(hall.today()).await.unwrap(), 1, "the next period");
    let rows = hall.store.cases(&filter, 9).await.unwrap();
    let next = rows.iter().find(|row| row.head.title == "2026年下半年").expect("begun");
    let view = hall.authority.case(hall.supervisor, next.id).await.unwrap();
    let bodies = view.case.values_of("compile").and_then(|draft| draft.text("bodies")).expect("a draft");
    assert!(bodies.contains("期末登记1家") && !bodies.contains("【待填】"), "{bodies}");
    let cells: Vec<_> = bodies.lines().filter_map(domain::casework::annex_cells).collect();
    assert_eq!((cells.len(), cells[0][1].as_str()), (1, "示例安全防范报警系统产品质量检验中心"));
}
