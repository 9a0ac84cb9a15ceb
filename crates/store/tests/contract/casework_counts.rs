//! What those who work here count, what other systems ask, files that are imported once.

use crate::casework::{day, done, event, head, numbering, office, open, pii, register_change};
use crate::world::{T0, World, account, assert_clean};
use base::time::DAY_MS;
use base::{Sha256, UtcMs};
use std::sync::atomic::{AtomicUsize, Ordering};
use store::casework::Territory;
use store::casework::cases::{CaseFilter, CaseHead};
use store::casework::events::{CaseChange, ClockRow};
use store::casework::exchange::Kept;
use store::casework::import::{Import, Imported, ImportedFile};
use store::casework::parties::{PartyData, Unit};
use store::casework::registers::RegisterChange;
use store::casework::staff_counts::{ADVERSE, GapFilter};
use store::casework::worklist::WorkFilter;

fn unit(name: &str, code: &str) -> PartyData {
    PartyData::Unit(Unit { name: name.into(), credit_code: Some(code.into()), contact: pii("某"), ..Unit::default() })
}

pub async fn what_waits_and_what_comes_is_counted_by_office(world: &World) {
    let store = world.open().await;
    let (one, other) = (office(&store, "210100000031").await, office(&store, "210100000032").await);
    let of = |office, closed| CaseHead { procedure: "waits".into(), closed, ..head(office, "甲楼") };
    let (case, _) = open(&store, &of(one, None)).await;
    open(&store, &of(one, Some(T0))).await;
    open(&store, &of(other, None)).await;
    // The case is as old as the border: it belongs to the newer side.
    let borders = [T0.plus_ms(1), T0, T0.plus_ms(-1)];
    let waits = async |office| {
        let all = store
            .backlog(Territory::from(office), borders)
            .await
            .unwrap()
            .into_iter()
            .filter(|b| b.procedure == "waits");
        all.map(|b| (b.age, b.count)).collect::<Vec<_>>()
    };
    assert_eq!(waits(None).await, [(1, 2)], "what ended waits no more");
    assert_eq!(waits(Some(one)).await, [(1, 1)]);
    let oldest = store.backlog(Territory::Office(one), [T0.plus_ms(3), T0.plus_ms(2), T0.plus_ms(1)]).await.unwrap();
    assert_eq!(oldest[0].age, 3);
    let clock = |id: &str, state: &str, due: &str| ClockRow {
        clock: id.into(),
        binds: "waits_party".into(),
        state: state.into(),
        due: Some(day(due)),
        provisional: false,
    };
    let clocks = [
        clock("a", "met", "2026-11-30"),
        clock("b", "running", "2026-12-01"),
        clock("c", "running", "2026-12-09"),
        clock("d", "late", "2026-12-31"),
        clock("e", "late", "2027-01-01"),
        clock("f", "running", "2026-11-09"),
    ];
    let (after, events) = (of(one, None), [event("case.noted")]);
    done(
        store
            .add_events(&CaseChange { clocks: &clocks, ..CaseChange::new(case, 1, None, &after, &events) }, T0)
            .await
            .unwrap(),
    );
    let span = (day("2026-11-01"), day("2027-01-01"));
    let months = async |office| {
        let all =
            store.month_counts(Territory::from(office), span, (day("2026-11-23"), day("2026-12-09"))).await.unwrap();
        let all = all.into_iter();
        all.filter(|c| c.binds == "waits_party").map(|c| (c.month, c.state, c.count)).collect::<Vec<_>>()
    };
    let line = |month: &str, state: &str| (month.to_owned(), state.to_owned(), 1);
    let want = [
        line("2026-11", "met"),
        line("2026-11", "over"),
        line("2026-12", "late"),
        line("2026-12", "near"),
        line("2026-12", "running"),
    ];
    assert_eq!(months(None).await, want);
    assert_eq!(months(Some(one)).await, want);
    assert!(months(Some(other)).await.is_empty());
    let ends = async |office, to| {
        let all = store
            .outcome_counts(Territory::from(office), (T0, to))
            .await
            .unwrap()
            .into_iter()
            .filter(|c| c.procedure == "waits");
        all.map(|c| (c.closed, c.count)).collect::<Vec<_>>()
    };
    assert_eq!(ends(None, T0.plus_ms(1)).await, [(false, 2), (true, 1)]);
    assert_eq!(ends(Some(one), T0.plus_ms(1)).await, [(false, 1), (true, 1)]);
    assert!(ends(None, T0).await.is_empty());
}

pub async fn a_territory_is_an_office_and_all_under_it(world: &World) {
    let store = world.open().await;
    let (top, middle, low) = (
        office(&store, "210000000041").await,
        office(&store, "210100000042").await,
        office(&store, "210102000043").await,
    );
    let other = office(&store, "220100000044").await;
    for (below, above) in [(middle, top), (low, middle)] {
        world.tamper(&format!("UPDATE office SET parent = '{above}' WHERE id = '{below}'")).await;
    }
    let party = store.new_party_id(T0).unwrap();
    for (at, party) in [(top, None), (middle, None), (low, Some(party)), (other, None)] {
        open(&store, &CaseHead { procedure: "reached".into(), party, ..head(at, "甲楼") }).await;
    }
    for (of, count) in [
        (Territory::All, 4),
        (Territory::Under(top), 3),
        (Territory::Office(top), 1),
        (Territory::Under(middle), 2),
        (Territory::Under(low), 1),
        (Territory::Under(other), 1),
    ] {
        let under = if matches!(of, Territory::Under(_)) { of.office() } else { None };
        let exact = if under.is_none() { of.office() } else { None };
        let work = WorkFilter { office: exact, under, procedure: "reached".into(), ..WorkFilter::default() };
        assert_eq!(store.worklist(&work, 9).await.unwrap().len(), count, "{of:?}");
        let counted = store.worklist_counts(&work, &[day("2026-11-21")]).await.unwrap();
        assert_eq!(counted.counts.iter().map(|n| *n as usize).sum::<usize>(), count, "{of:?}");
        let cases = CaseFilter { office: exact, under, procedure: "reached".into(), ..CaseFilter::default() };
        assert_eq!(store.cases(&cases, 9).await.unwrap().len(), count, "{of:?}");
        let waits = store.backlog(of, [T0, T0, T0]).await.unwrap().into_iter().filter(|b| b.procedure == "reached");
        assert_eq!(waits.map(|b| b.count).sum::<u64>(), count as u64, "{of:?}");
        let ends = store.outcome_counts(of, (T0, T0.plus_ms(1))).await.unwrap().into_iter();
        let ends: u64 = ends.filter(|c| c.procedure == "reached").map(|c| c.count).sum();
        assert_eq!(ends, count as u64, "{of:?}");
        let load = store.load_counts(of, day("2026-11-21"), &[], 9).await.unwrap();
        let mine = load.iter().filter(|l| [top, middle, low, other].contains(&l.office)).map(|l| l.open as usize);
        assert_eq!(mine.sum::<usize>(), count, "{of:?}");
    }
    let within = WorkFilter { office: Some(low), under: Some(top), ..WorkFilter::default() };
    assert_eq!(store.worklist(&within, 9).await.unwrap().len(), 1, "one office of the territory");
    let beyond = WorkFilter { office: Some(other), under: Some(top), ..WorkFilter::default() };
    assert!(store.worklist(&beyond, 9).await.unwrap().is_empty(), "an office elsewhere shows nothing");
    let knows = async |of| store.has_case_of(of, party).await.unwrap();
    assert!(knows(Territory::Under(top)).await && knows(Territory::Office(low)).await && knows(Territory::All).await);
    assert!(!knows(Territory::Office(top)).await && !knows(Territory::Under(other)).await);
    assert!(store.is_under(top, low).await.unwrap() && store.is_under(low, low).await.unwrap());
    assert!(!store.is_under(low, top).await.unwrap() && !store.is_under(top, other).await.unwrap());
    let under: Vec<_> = store.offices_under(middle).await.unwrap().into_iter().map(|o| o.id).collect();
    assert!(under.len() == 2 && under.contains(&middle) && under.contains(&low), "{under:?}");
    // Two that name each other, as no check lets them: the question ends all the same.
    world.tamper(&format!("UPDATE office SET parent = '{low}' WHERE id = '{top}'")).await;
    assert_eq!(store.offices_under(low).await.unwrap().len(), 3);
}

pub async fn a_place_without_a_system_is_a_gap(world: &World) {
    let store = world.open().await;
    let (own, by) = (office(&store, "210100000033").await, account(&store, "clerk").await);
    let party = store.new_party_id(T0).unwrap();
    let place = |row: &str, name: &str| RegisterChange {
        register: "gap_places".into(),
        office: Some(own),
        ..register_change(row, name)
    };
    let system = |row: &str, name: &str, outcome: &str| RegisterChange {
        register: "gap_systems".into(),
        public: serde_json::json!({ "outcome": outcome, "fields": { "note": "\"outcome\":\"failed\"" } }),
        ..register_change(row, name)
    };
    let rows = [
        place("P-1", "同案"),
        RegisterChange { party: Some(party), ..place("P-2", "同人") },
        place("P-3", "同名"),
        place("P-4", "未合格"),
        place("P-5", "没有"),
        RegisterChange { until: Some(day("2026-11-22")), ..place("P-6", "已失效") },
        system("P-1", "x", "filed"),
        RegisterChange { party: Some(party), ..system("S-2", "y", "filed") },
        system("S-3", "同名", "filed"),
        system("S-4", "未合格", "failed"),
    ];
    let parties = [(party, unit("同人", "GAPCODE"))];
    let all = Import { parties: &parties, registers: &rows, ..Import::default() };
    assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    let filter = GapFilter {
        places: "gap_places".into(),
        systems: "gap_systems".into(),
        adverse: vec!["failed".into()],
        ..GapFilter::default()
    };
    let on = day("2026-11-23");
    let names = async |f: &GapFilter, limit| {
        let rows = store.places_without_system(f, on, limit).await.unwrap();
        rows.into_iter().map(|r| r.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&filter, 9).await, ["没有", "未合格"], "the newest first");
    assert_eq!(store.gaps_count(&filter, on).await.unwrap(), 2);
    assert_eq!(store.places_count(&filter, on).await.unwrap(), 5);
    let lenient = GapFilter { adverse: vec![], ..filter.clone() };
    assert_eq!(names(&lenient, 9).await, ["没有"]);
    // More than are looked at: the last one is as if it were not named.
    let mut many = vec!["x".to_owned(); ADVERSE];
    many.push("failed".into());
    assert_eq!(names(&GapFilter { adverse: many, ..filter.clone() }, 9).await, ["没有"]);
    let first = store.places_without_system(&filter, on, 1).await.unwrap().remove(0);
    assert_eq!(names(&GapFilter { before: Some(first.entry), ..filter.clone() }, 9).await, ["未合格"]);
    let elsewhere = office(&store, "210100000034").await;
    assert_eq!(
        store.gaps_count(&GapFilter { territory: Territory::Office(elsewhere), ..filter.clone() }, on).await.unwrap(),
        0
    );
    assert_eq!(store.gaps_count(&filter, day("2026-11-21")).await.unwrap(), 3, "what ended later still held");
    assert_eq!(store.rows_written("gap_places", (T0, T0.plus_ms(1))).await.unwrap(), (6, 6));
    assert_eq!(store.rows_written("gap_places", (T0.plus_ms(1), T0.plus_ms(9))).await.unwrap(), (0, 0));
}

pub async fn rows_come_in_the_order_of_writing_and_again_when_they_change(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |id: &str, name: &str| RegisterChange { register: "sent".into(), ..register_change(id, name) };
    let put = async |rows: &[RegisterChange]| {
        let all = Import { registers: rows, ..Import::default() };
        assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    };
    put(&[row("A", "甲"), row("B", "乙"), row("C", "丙")]).await;
    let first = store.rows_after("sent", None, Territory::All, 2).await.unwrap();
    assert_eq!(first.iter().map(|r| r.row.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert!(first[0].personal.as_ref().is_some_and(|p| p.expose().contains("contact")), "with what is not public");
    put(&[row("A", "甲二")]).await;
    let rest = store.rows_after("sent", Some(first[1].entry), Territory::All, 9).await.unwrap();
    assert_eq!(rest.iter().map(|r| (r.row.as_str(), r.version)).collect::<Vec<_>>(), [("C", 1), ("A", 2)]);
    assert!(store.rows_after("sent", Some(rest[1].entry), Territory::All, 9).await.unwrap().is_empty());
    let own = office(&store, "210100000035").await;
    assert!(
        store.rows_after("sent", None, Territory::Office(own), 9).await.unwrap().is_empty(),
        "rows without an office are nobody's"
    );
    let (numbering, events) = (numbering(own), [event("case.opened")]);
    let (head, request) = (head(own, "丁"), Sha256::of(b"1"));
    let begin = async |request| {
        let case = store.new_case_id(T0).unwrap();
        let new = CaseChange::new(case, 0, Some(by), &head, &events);
        let change = CaseChange { opening: Some(&numbering), handed: Some(("k", request)), ..new };
        (case, store.add_events(&change, T0).await)
    };
    assert_eq!(store.exchanged(by, "k").await.unwrap(), None);
    let (case, saved) = begin(request).await;
    done(saved.unwrap());
    let kept = Kept { request, case };
    assert_eq!(store.exchanged(by, "k").await.unwrap(), Some(kept.clone()), "case and key are there together");
    let (second, saved) = begin(Sha256::of(b"2")).await;
    assert!(saved.is_err(), "a key counts once");
    assert!(store.case(second).await.unwrap().is_none(), "without its key there is no case");
    assert_eq!(store.exchanged(by, "k").await.unwrap(), Some(kept));
    let other = account(&store, "other").await;
    assert_eq!(store.exchanged(other, "k").await.unwrap(), None, "a key is its account's");
    let party = store.new_party_id(T0).unwrap();
    assert!(!store.has_case_of(Territory::Office(own), party).await.unwrap());
}

pub async fn a_file_is_imported_once(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000036").await, account(&store, "clerk").await);
    let row = |n: usize| RegisterChange { register: "filed".into(), ..register_change(&format!("F-{n}"), "某楼") };
    let rows: Vec<_> = (0..120).map(row).collect();
    let all = Import { registers: &rows, ..Import::default() };
    let file = ImportedFile { sha256: Sha256::of(b"file"), target: "filed".into(), rows: 120, office };
    let written = AtomicUsize::new(0);
    let by = (by, T0);
    assert_eq!(store.imported_file(file.sha256).await.unwrap(), None);
    assert_eq!(store.import_file(&all, &file, by, &written).await.unwrap(), Some(Imported::Done));
    assert_eq!(written.load(Ordering::Relaxed), 120);
    assert_eq!(store.imported_file(file.sha256).await.unwrap(), Some(T0));
    assert_eq!(store.import_file(&all, &file, by, &written).await.unwrap(), None, "not twice");
    let history = store.register_history("filed", "F-119").await.unwrap();
    assert_eq!(history.len(), 1);
    store.flush_ledger().await.unwrap();
    let body = store.ledger().entry(history[0].entry).unwrap().parse().unwrap().body;
    assert_eq!(body["row"], "F-119", "each row has its own entry");
    let later = UtcMs(T0.0 + DAY_MS);
    let other = ImportedFile { sha256: Sha256::of(b"other"), ..file };
    let new = RegisterChange { row: "F-200".into(), ..row(0) };
    let some = [new, row(7)];
    let all = Import { registers: &some, ..Import::default() };
    let again = store.import_file(&all, &other, (by.0, later), &written).await.unwrap();
    assert_eq!(again, Some(Imported::Row(1)), "no row that is there is written over");
    assert_eq!(store.register_history("filed", "F-7").await.unwrap().len(), 1);
    assert!(!store.has_row("filed", "F-200").await.unwrap(), "nothing of the file is there");
    assert_eq!(store.imported_file(other.sha256).await.unwrap(), None);
    assert_clean(&store).await;
}
