//! Search, numbers, exchange, imports and the bulletin over a real store.

use super::*;
use crate::cases::imports::{FAULTS, ImportPreview};
use crate::cases::{Every, HandedIn, Hit};
use std::sync::atomic::AtomicUsize;
use store::casework::search::Thing;

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
    assert_eq!(own.office, Some(hall.office));
    assert_eq!(own.waiting.len(), 1);
    assert_eq!((own.waiting[0].procedure.as_str(), own.waiting[0].ages), ("area_approval", [0, 1, 0, 0]));
    assert_eq!(own.months.len(), 12);
    let other = hall.authority.count(neighbour, Some(hall.office)).await.unwrap();
    assert!(other.waiting.is_empty() && other.office != Some(hall.office), "an officer asks for no other office");
    let all = hall.authority.count(hall.supervisor, None).await.unwrap();
    assert_eq!((all.waiting.len(), all.inspections.drawn), (1, 0));
    assert_eq!(hall.authority.count(hall.supervisor, other.office).await.unwrap().waiting.len(), 0);
    assert!(hall.authority.gaps(hall.officer, "rewards", None, (None, 9)).await.is_err());
    assert!(hall.authority.gaps(hall.officer, "units", None, (None, 9)).await.unwrap().is_empty());
}

fn handed_in(key: &str) -> HandedIn {
    HandedIn {
        key: key.into(),
        request: Sha256::of(key.as_bytes()),
        procedure: "area_approval".into(),
        place: "230102".into(),
        title: "西入口".into(),
        party: unit_form(),
    }
}

#[tokio::test]
async fn a_key_begins_one_case() {
    let hall = Hall::open().await;
    let (begun, new) = hall.authority.take_in(hall.officer, &handed_in("key-0001")).await.unwrap();
    assert!(new);
    let (again, new) = hall.authority.take_in(hall.officer, &handed_in("key-0001")).await.unwrap();
    assert!(!new && again == begun, "the same answer");
    let other = HandedIn { request: Sha256::of(b"other"), ..handed_in("key-0001") };
    assert_eq!(hall.authority.take_in(hall.officer, &other).await.unwrap_err()[0].code, "key_used");
    let same = hall.authority.take_in(hall.officer, &handed_in("key-0002")).await.unwrap_err();
    assert_eq!(same[0].code, "same_case", "what a crash left is not begun twice");
    assert_eq!(hall.authority.take_in(hall.officer, &handed_in("k")).await.unwrap_err()[0].code, "idempotency_key");
    assert_eq!(hall.authority.take_in(hall.unit, &handed_in("key-0003")).await.unwrap_err()[0].code, "no_permission");
    let status = hall.authority.exchange_status(hall.officer, &begun.number).await.unwrap();
    assert_eq!(status.number, begun.number);
    let neighbour = elsewhere(&hall).await;
    assert_eq!(hall.authority.exchange_status(neighbour, &begun.number).await.unwrap_err().kind, ErrorKind::NotFound);
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
    assert_eq!(hall.authority.set_bulletin_every(hall.head, Every::Month).await.unwrap_err().code, "not_province");
    hall.clock.store(day("2027-01-01").start().0, Ordering::Relaxed);
    assert_eq!(restarted.begin_bulletins(hall.today()).await.unwrap(), 1, "the next period");
}
