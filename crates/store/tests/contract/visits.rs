//! Visits and what sites report of themselves: one change wins, words are sealed, photos are kept once, receipts stay.

use crate::casework::{clauses, day, head, office, pii};
use crate::world::{T0, World, account, random};
use base::{CaseId, Sha256, SiteId, Text};
use store::Store;
use store::casework::events::{CaseChange, NewEvent, Saved};
use store::casework::numbers::{Numbering, Series};
use store::inbox::{Incoming, Taken};
use store::self_reports::OwnReport;
use store::visits::{ApprovalKept, Approving, NewPhoto, PHOTO_BYTES, PhotoKept, VisitEntry, VisitRow};

const PERSON: &str = "欧阳秋水";

/// A case without words.
async fn case(store: &Store) -> CaseId {
    let office = office(store, "230102000000").await;
    let id = store.new_case_id(T0).unwrap();
    let numbering = Numbering {
        series: Series { office, series: "case".into(), year: 2026 },
        before: "示〔2026〕".into(),
        after: "号".into(),
        width: 0,
    };
    let head = head(office, "示例商业");
    let body = serde_json::json!({ "opened": {} });
    let events = [NewEvent { kind: "case.opened", body, clauses: clauses(), text: Text::new("立案。", "Opened.") }];
    let change = CaseChange { opening: Some(&numbering), ..CaseChange::new(id, 0, None, &head, &events) };
    assert!(matches!(store.add_events(&change, T0).await.unwrap(), Saved::Done(_)));
    id
}

fn entry(kind: &'static str, by: base::AccountId) -> VisitEntry {
    VisitEntry { kind, body: serde_json::json!({}), text: Text::new("检查。", "A visit."), by, now: T0 }
}

async fn visit(store: &Store) -> VisitRow {
    let (case, by) = (case(store).await, account(store, "one").await);
    let row = VisitRow {
        case,
        n: 0,
        state: "asked".into(),
        kind: "planned".into(),
        day: day("2026-11-20"),
        unit: "91350100M000100Y43".into(),
        inspectors: vec![by],
        facts: "{}".into(),
        version: 0,
        record: pii(&format!("{{\"note\":\"{PERSON}\"}}")),
        ended: None,
        report: None,
    };
    assert_eq!(store.new_visit(&row, &entry("visit.asked", by)).await.unwrap(), Some(1));
    VisitRow { n: 1, ..row }
}

pub async fn one_change_of_a_visit_wins_and_a_second_visit_waits(world: &World) {
    let store = world.open().await;
    let row = visit(&store).await;
    let by = row.inspectors[0];
    assert_eq!(store.new_visit(&row, &entry("visit.asked", by)).await.unwrap(), None, "one is not closed");
    let open = VisitRow { state: "open".into(), version: 1, ..row.clone() };
    assert!(store.put_visit(&open, ("asked", 0), &entry("visit.begun", by)).await.unwrap());
    assert!(!store.put_visit(&open, ("asked", 0), &entry("visit.begun", by)).await.unwrap(), "it has moved on");
    let closed = VisitRow { state: "closed".into(), ended: Some(pii(PERSON)), ..open.clone() };
    assert!(store.put_visit(&closed, ("open", 1), &entry("visit.closed", by)).await.unwrap());
    assert_eq!(store.visit(row.case, 1).await.unwrap().as_ref(), Some(&closed));
    assert_eq!(store.new_visit(&row, &entry("visit.asked", by)).await.unwrap(), Some(2));
    let listed = store.visits_of_inspector(by, day("2026-11-21")).await.unwrap();
    assert_eq!(listed.iter().map(|v| v.n).collect::<Vec<_>>(), [2], "of another day only what is not closed");
    assert_eq!(store.visits_of_inspector(by, row.day).await.unwrap().len(), 2);
    assert_eq!(store.visits_of_unit(&row.unit, day("2026-01-01"), day("2026-12-31")).await.unwrap().len(), 2);
    let second = store.visit(row.case, 2).await.unwrap().unwrap();
    let dropped = VisitRow { state: "dropped".into(), version: 1, ..second };
    assert!(store.put_visit(&dropped, ("asked", 0), &entry("visit.dropped", by)).await.unwrap());
    assert!(store.visits_of_inspector(by, day("2026-11-21")).await.unwrap().is_empty(), "nobody goes there");
    let left = store.dropped_of_inspector(by, row.day).await.unwrap();
    assert_eq!(left.iter().map(|v| v.n).collect::<Vec<_>>(), [2], "the newest of its case");
    assert!(store.dropped_of_inspector(by, row.day.plus_days(1)).await.unwrap().is_empty(), "it is long past");
    assert_eq!(store.new_visit(&row, &entry("visit.asked", by)).await.unwrap(), Some(3), "another may be asked for");
    assert!(store.dropped_of_inspector(by, row.day).await.unwrap().is_empty(), "another was asked for");
    let acts = store.acts(&Default::default(), 100).await.unwrap();
    assert!(acts.iter().all(|a| !a.text.zh.contains(PERSON)), "no name is in the log");
    store.close().await;
}

pub async fn an_approval_claims_its_number_on_what_was_counted(world: &World) {
    let store = world.open().await;
    let first = visit(&store).await;
    let by = first.inspectors[0];
    let office = store.case(first.case).await.unwrap().unwrap().head.office;
    let (other, _) = crate::casework::open(&store, &head(office, "另一商业")).await;
    let second = VisitRow { case: other, n: 0, ..first.clone() };
    assert_eq!(store.new_visit(&second, &entry("visit.asked", by)).await.unwrap(), Some(1));
    let second = VisitRow { n: 1, ..second };

    let series = Series { office, series: "approval".into(), year: 2026 };
    let year = (day("2026-01-01"), day("2026-12-31"));
    let of = |number: u32, counted: u64| Approving { number: Some((&series, number)), year, counted };
    let approved = |row: &VisitRow| VisitRow { state: "approved".into(), ..row.clone() };
    let done = entry("visit.approved", by);
    let keep = async |row: &VisitRow, of: Approving<'_>| {
        store.approve_visit(&approved(row), ("asked", 0), of, &done).await.unwrap()
    };
    assert_eq!(keep(&first, of(2, 0)).await, ApprovalKept::NumberTaken, "it would leave a hole");
    assert_eq!(keep(&first, of(1, 0)).await, ApprovalKept::Done, "a visit that was only asked for is not counted");
    assert_eq!(keep(&first, of(2, 0)).await, ApprovalKept::MovedOn, "it is approved");
    assert_eq!(store.next_number(&series).await.unwrap(), 2, "what was not kept used no number");
    assert_eq!(
        keep(&second, of(2, 0)).await,
        ApprovalKept::MovedOn,
        "another visit of the unit was approved meanwhile"
    );
    assert_eq!(keep(&second, of(1, 1)).await, ApprovalKept::NumberTaken);
    let given = Approving { number: None, year, counted: 1 };
    assert_eq!(keep(&second, given).await, ApprovalKept::Done, "with a number that was given before");
    assert_eq!(store.next_number(&series).await.unwrap(), 2);
    let dropped = VisitRow { state: "dropped".into(), ..approved(&second) };
    assert!(store.put_visit(&dropped, ("approved", 0), &entry("visit.dropped", by)).await.unwrap());
    assert_eq!(store.new_visit(&second, &entry("visit.asked", by)).await.unwrap(), Some(2));
    let third = VisitRow { n: 2, ..second.clone() };
    let given = Approving { number: None, year, counted: 1 };
    assert_eq!(keep(&third, given).await, ApprovalKept::Done, "what was dropped is not counted");
    let closed = VisitRow { state: "closed".into(), ended: Some(pii("{}")), ..approved(&first) };
    assert!(store.put_visit(&closed, ("approved", 0), &entry("visit.closed", by)).await.unwrap());
    let over = store.ended_visits_of_unit(&first.unit, 9).await.unwrap();
    assert_eq!(over.iter().map(|v| v.case).collect::<Vec<_>>(), [first.case]);
    assert!(store.ended_visits_of_unit("another", 9).await.unwrap().is_empty());
    store.close().await;
}

pub async fn a_photo_is_kept_once_and_only_while_the_visit_is_open(world: &World) {
    let store = world.open().await;
    let row = visit(&store).await;
    let (by, place) = (row.inspectors[0], (row.case, row.n, "asked"));
    let photo = |bytes: &[u8]| NewPhoto {
        bytes: bytes.to_vec(),
        media_type: "image/png",
        belongs: "door".into(),
        taken: T0,
        place: String::new(),
        beside: None,
    };
    assert_eq!(store.add_photo(place, &photo(b"a"), (by, T0)).await.unwrap(), PhotoKept::Done(1));
    assert_eq!(store.add_photo(place, &photo(b"a"), (by, T0)).await.unwrap(), PhotoKept::There(1));
    assert_eq!(store.add_photo(place, &photo(b"b"), (by, T0)).await.unwrap(), PhotoKept::Done(2));
    let large = photo(&vec![0; PHOTO_BYTES + 1]);
    assert_eq!(store.add_photo(place, &large, (by, T0)).await.unwrap(), PhotoKept::Full);
    let other = (row.case, row.n, "open");
    assert_eq!(store.add_photo(other, &photo(b"c"), (by, T0)).await.unwrap(), PhotoKept::Closed);
    let kept = store.visit_photos(row.case, row.n).await.unwrap();
    assert_eq!(kept.iter().map(|p| p.sha256).collect::<Vec<_>>(), [Sha256::of(b"a"), Sha256::of(b"b")]);
    assert_eq!(store.visit_photo_bytes(row.case, row.n, 2).await.unwrap(), Some(b"b".to_vec()));
    assert_eq!(store.visit_photo_bytes(row.case, row.n, 3).await.unwrap(), None);
    // A change of the record rests on the signatures that its maker saw.
    let (saved, made) = (VisitRow { version: 1, ..row.clone() }, entry("visit.saved", by));
    let signed = NewPhoto { belongs: "signature/unit".into(), ..photo(b"s") };
    assert_eq!(store.add_photo(place, &signed, (by, T0)).await.unwrap(), PhotoKept::Done(3));
    assert!(!store.save_record(&saved, ("asked", 0), 0, &made).await.unwrap(), "one came since");
    assert!(store.save_record(&saved, ("asked", 0), 1, &made).await.unwrap(), "a photo is no signature");
    assert!(!store.save_record(&saved, ("asked", 0), 1, &made).await.unwrap(), "it has moved on");
    assert_eq!(store.visit(row.case, row.n).await.unwrap().map(|v| v.version), Some(1));
    store.close().await;
}

pub async fn a_self_report_is_received_once_and_the_newest_body_stays(world: &World) {
    let store = world.open().await;
    let site = SiteId::new(T0.0, random());
    let incoming = |id: &'static str, seq: u64, body: &'static [u8], ms: i64| Incoming {
        site,
        id,
        seq,
        kind: "self-report",
        made: T0.plus_ms(ms),
        note: b"signed",
        body,
    };
    let receipt = |leaf: u64| Some(leaf.to_string().into_bytes());
    let first = store.receive_self_report(&incoming("a", 1, b"one", 0), T0, receipt).await.unwrap();
    let Taken::New(given) = first else { panic!("{first:?}") };
    let again = store.receive_self_report(&incoming("a", 1, b"one", 0), T0, receipt).await.unwrap();
    assert_eq!(again, Taken::Again(given));
    let other = store.receive_self_report(&incoming("a", 1, b"two", 0), T0, receipt).await.unwrap();
    assert_eq!(other, Taken::OtherBody);
    let newest = store.newest_self_report(site).await.unwrap().unwrap();
    assert_eq!((newest.body.as_deref(), newest.sha256), (Some("one"), Sha256::of(b"one")));
    assert!(matches!(
        store.receive_self_report(&incoming("b", 2, b"two", 9), T0, receipt).await.unwrap(),
        Taken::New(_)
    ));
    assert_eq!(store.self_report(newest.leaf).await.unwrap().unwrap().body, None, "a newer one came");
    assert_eq!(store.newest_self_report(site).await.unwrap().unwrap().body.as_deref(), Some("two"));
    assert_eq!(store.message_numbers(site).await.unwrap(), (2, 2), "no hole in the numbers");
    store.close().await;
}

pub async fn a_report_of_the_site_waits_for_its_receipt(world: &World) {
    let store = world.open().await;
    let own = |id: &str, ms: i64| OwnReport {
        id: id.into(),
        day: day("2026-11-20"),
        made: T0.plus_ms(ms),
        body: format!("{{\"of\":\"{id}\"}}"),
    };
    assert_eq!(store.due_self_report().await.unwrap(), None);
    store.keep_self_report(&own("b", 2)).await.unwrap();
    store.keep_self_report(&own("a", 1)).await.unwrap();
    assert_eq!(store.due_self_report().await.unwrap(), Some(own("a", 1)), "the oldest first");
    store.self_report_received("a", T0).await.unwrap();
    assert_eq!(store.due_self_report().await.unwrap(), Some(own("b", 2)));
    assert_eq!(store.newest_own_report().await.unwrap(), Some((day("2026-11-20"), T0.plus_ms(2), None)));
    store.close().await;
}
