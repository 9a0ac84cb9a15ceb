//! What the public sees of casework: rows while a publication of them stands, the register as it stood, a row by its number, numbers that add up.

use crate::casework::{clauses, day, done, event, head, office, open, register_change};
use crate::world::{T0, World, account, assert_clean};
use base::{Text, UtcMs};
use std::collections::BTreeSet;
use store::Store;
use store::casework::cases::CaseHead;
use store::casework::events::{CaseChange, ClockRow, Saved};
use store::casework::import::{Import, Imported};
use store::casework::publications::{NewPublication, ShownRow, Withdrawal};
use store::casework::registers::{RegisterChange, RowFilter, RowPut, RowVersion};

pub async fn what_is_counted_for_the_public_adds_up(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000077").await;
    let under_way = CaseHead { procedure: "counted".into(), ..head(office, "甲楼") };
    let ended = CaseHead { outcome: Some("approved".into()), closed: Some(T0), ..under_way.clone() };
    let (case, _) = open(&store, &under_way).await;
    for _ in 0..2 {
        open(&store, &ended).await;
    }
    let counts = async |from: UtcMs, to: UtcMs| {
        let all = store.case_counts(from, to).await.unwrap().into_iter().filter(|c| c.procedure == "counted");
        all.map(|c| (c.outcome.unwrap_or_default(), c.closed, c.count)).collect::<Vec<_>>()
    };
    assert_eq!(counts(T0, T0.plus_ms(1)).await, [(String::new(), false, 1), ("approved".to_owned(), true, 2)]);
    assert!(counts(T0.plus_ms(1), T0.plus_ms(9)).await.is_empty(), "a case is counted once, where it was opened");
    let clock = |id: &str, state: &str| ClockRow {
        clock: id.into(),
        binds: "counted_party".into(),
        state: state.into(),
        due: None,
        provisional: false,
    };
    let clocks = [clock("a", "met"), clock("b", "met"), clock("c", "late")];
    let registers = [RegisterChange { register: "counted".into(), ..register_change("C-1", "甲") }];
    let again = [RegisterChange { register: "counted".into(), ..register_change("C-1", "乙") }];
    let events = [event("case.registered")];
    let change =
        CaseChange { clocks: &clocks, registers: &registers, ..CaseChange::new(case, 1, None, &under_way, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    let change =
        CaseChange { clocks: &clocks, registers: &again, ..CaseChange::new(case, 2, None, &under_way, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    let counted = store.clock_counts(T0, T0.plus_ms(1)).await.unwrap();
    let ours = counted.iter().filter(|c| c.binds == "counted_party").map(|c| (c.state.as_str(), c.count));
    assert_eq!(ours.collect::<Vec<_>>(), [("late", 1), ("met", 2)]);
    let filter = RowFilter { register: "counted".into(), ..RowFilter::default() };
    assert_eq!(store.register_rows_count(&filter).await.unwrap(), 1, "versions of one row count once");
    let before = RowFilter { holds_on: Some(day("2020-01-01")), ..filter.clone() };
    assert_eq!(store.register_rows_count(&before).await.unwrap(), 0);
    let elsewhere = RowFilter { office: Some(office), ..filter };
    assert_eq!(store.register_rows_count(&elsewhere).await.unwrap(), 0, "the row has no office");
}

/// A publication that shows a row of a register from its first version on.
fn publication_of(register: &str, row: &str) -> NewPublication {
    NewPublication {
        kind: "directory".into(),
        title: "名录".into(),
        body: "列入名录。".into(),
        rows: vec![ShownRow { register: register.into(), row: row.into(), version: 1 }],
        until: None,
        clauses: clauses(),
        text: Text::new("公布。", "Published."),
    }
}

/// What the public sees of a register: by list, count, copy and search.
async fn public_rows(store: &Store, register: &str, query: &str) -> Vec<String> {
    let filter = RowFilter { register: register.into(), shown: true, ..RowFilter::default() };
    let ids = |rows: Vec<RowVersion>| rows.into_iter().map(|r| r.row).collect::<BTreeSet<_>>();
    let listed = ids(store.register_rows(&filter, 9).await.unwrap());
    assert_eq!(store.register_rows_count(&filter).await.unwrap(), listed.len() as u64);
    assert_eq!(ids(store.register_copy_of((register, true), None, 9).await.unwrap()), listed);
    assert_eq!(store.register_shown_since(register).await.unwrap().is_some(), !listed.is_empty());
    let (found, _) = store.search_shown_rows(register, query, None, 9).await.unwrap().expect("searched");
    assert_eq!(ids(found), listed, "what is found is what is listed");
    listed.into_iter().collect()
}

pub async fn a_row_is_public_only_while_a_publication_of_it_stands(world: &World) {
    let store = world.open().await;
    let by = account(&store, "publisher").await;
    let head = head(office(&store, "210100000088").await, "楼");
    let (case, _) = open(&store, &head).await;
    let events = [event("case.registered")];
    let row = |id: &str, name: &str| RegisterChange { register: "told".into(), ..register_change(id, name) };
    let rows = [row("T-1", "某单位甲"), row("T-2", "某单位乙")];
    let change = CaseChange { registers: &rows, ..CaseChange::new(case, 1, None, &head, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    assert!(public_rows(&store, "told", "某单位").await.is_empty(), "decided is not yet published");
    let shown = |rows: Vec<RowVersion>| rows.iter().map(|r| (r.version, r.shown)).collect::<Vec<_>>();
    assert_eq!(shown(store.register_history("told", "T-1").await.unwrap()), [(1, None)]);
    // Two publications of one row.
    let one = [publication_of("told", "T-1"), publication_of("told", "T-1")];
    let change = CaseChange { publications: &one, ..CaseChange::new(case, 2, Some(by), &head, &events) };
    let numbers = done(store.add_events(&change, T0.plus_ms(5)).await.unwrap()).publications;
    assert_eq!(public_rows(&store, "told", "某单位").await, ["T-1"]);
    // A later version of a public row is public.
    let rows = [row("T-1", "某单位甲更名"), row("T-2", "某单位乙更名")];
    let change = CaseChange { registers: &rows, ..CaseChange::new(case, 3, None, &head, &events) };
    done(store.add_events(&change, T0.plus_ms(9)).await.unwrap());
    assert_eq!(public_rows(&store, "told", "某单位").await, ["T-1"]);
    let told = [(2, Some(T0.plus_ms(9))), (1, Some(T0.plus_ms(5)))];
    assert_eq!(shown(store.register_history("told", "T-1").await.unwrap()), told);
    // The other publication still shows it; after both are gone no version does, nor does the next one.
    store.withdraw_publication(numbers[0], "一处撤回。", &clauses(), by, T0).await.unwrap().expect("withdrawn");
    assert_eq!(public_rows(&store, "told", "某单位").await, ["T-1"]);
    store.withdraw_publication(numbers[1], "全部撤回。", &clauses(), by, T0).await.unwrap().expect("withdrawn");
    assert!(public_rows(&store, "told", "某单位").await.is_empty());
    let rows = [row("T-1", "某单位甲再更名")];
    let change = CaseChange { registers: &rows, ..CaseChange::new(case, 4, None, &head, &events) };
    done(store.add_events(&change, T0.plus_ms(12)).await.unwrap());
    assert!(store.register_history("told", "T-1").await.unwrap().iter().all(|r| r.shown.is_none()));
    let newest = store.register_history("told", "T-1").await.unwrap().remove(0);
    assert_eq!(store.row_of_entry(newest.entry).await.unwrap().map(|r| (r.row, r.shown)), Some(("T-1".into(), None)));
    assert_eq!(store.search_rows("told", "某单位", None, 9).await.unwrap().expect("searched").0.len(), 2, "staff do");
    // A row that is kept openly is public as it is entered, and so is its end.
    let own = RegisterChange { register: "kept".into(), ..register_change("K-1", "某机构") };
    store.put_row_of(&own, (0, true), by, T0).await.unwrap();
    store.put_row(&own, 1, by, T0).await.unwrap();
    assert_eq!(public_rows(&store, "kept", "某机构").await, ["K-1"]);
    let imported = [RegisterChange { register: "old".into(), ..register_change("I-1", "某旧行") }];
    let import = Import { registers: &imported, ..Import::default() };
    assert_eq!(store.import(&import, by, T0).await.unwrap(), Imported::Done);
    assert!(public_rows(&store, "old", "某旧行").await.is_empty());
    assert_clean(&store).await;
}

pub async fn a_withdrawal_is_one_with_its_event(world: &World) {
    let store = world.open().await;
    let by = account(&store, "publisher").await;
    let head = head(office(&store, "210100000089").await, "楼");
    let (case, _) = open(&store, &head).await;
    let events = [event("case.withdrawn")];
    let rows = [RegisterChange { register: "tied".into(), ..register_change("W-1", "某单位") }];
    let one = [publication_of("tied", "W-1")];
    let change =
        CaseChange { registers: &rows, publications: &one, ..CaseChange::new(case, 1, Some(by), &head, &events) };
    let changed = done(store.add_events(&change, T0).await.unwrap());
    let number = changed.publications[0];
    assert_eq!(public_rows(&store, "tied", "某单位").await, ["W-1"], "row and publication in one change");
    let gone = [Withdrawal { publication: number, reasons: "决定被撤销。".into(), clauses: clauses() }];
    let withdraw = |seen| CaseChange { withdrawals: &gone, ..CaseChange::new(case, seen, Some(by), &head, &events) };
    // Somebody was first: what the act would have withdrawn stands.
    let moved = store.add_events(&withdraw(1), T0).await.unwrap();
    assert_eq!(moved, Saved::MovedOn { events: 2 });
    assert_eq!(store.publication(number).await.unwrap().and_then(|p| p.withdrawn), None);
    assert_eq!(public_rows(&store, "tied", "某单位").await, ["W-1"]);
    let entries = done(store.add_events(&withdraw(2), T0).await.unwrap()).entries;
    let why = store.publication(number).await.unwrap().and_then(|p| p.withdrawn).expect("withdrawn");
    assert_eq!((why.entry, why.reasons.as_str()), (entries.end, "决定被撤销。"), "its entry follows that of the event");
    assert!(public_rows(&store, "tied", "某单位").await.is_empty());
    assert!(store.add_events(&withdraw(3), T0).await.is_err(), "what does not stand is not withdrawn");
    let (other, _) = open(&store, &head).await;
    let strange = CaseChange { withdrawals: &gone, ..CaseChange::new(other, 1, Some(by), &head, &events) };
    assert!(store.add_events(&strange, T0).await.is_err(), "nor by another case");
    assert_clean(&store).await;
}

pub async fn a_public_register_is_read_as_it_stood(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |id: &str, name: &str| RegisterChange { register: "stood".into(), ..register_change(id, name) };
    for (change, seen, at) in
        [(row("A", "甲旧名"), 0, 10), (row("B", "乙"), 0, 20), (row("A", "甲新名"), 1, 30), (row("C", "丙"), 0, 40)]
    {
        let put = store.put_row_of(&change, (seen, true), by, T0.plus_ms(at)).await.unwrap();
        assert!(matches!(put, RowPut::Done(_)), "{put:?}");
    }
    let hidden = row("D", "丁");
    store.put_row(&hidden, 0, by, T0.plus_ms(5)).await.unwrap();
    let wanted: [(i64, &[&str]); 5] =
        [(10, &[]), (11, &["甲旧名"]), (30, &["甲旧名", "乙"]), (31, &["甲新名", "乙"]), (41, &["甲新名", "乙", "丙"])];
    for (before, want) in wanted {
        let stood = Some(T0.plus_ms(before));
        let f = RowFilter { register: "stood".into(), shown: true, stood, ..RowFilter::default() };
        let rows = store.register_rows(&f, 9).await.unwrap();
        let names: BTreeSet<&str> = rows.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, want.iter().copied().collect::<BTreeSet<_>>(), "{before}");
        assert_eq!(store.register_rows_count(&f).await.unwrap(), want.len() as u64, "{before}");
        let one = store.row_as_it_stood("stood", "A", T0.plus_ms(before)).await.unwrap().map(|r| r.name);
        assert_eq!(one.as_deref(), want.first().copied(), "{before}");
    }
    let all = RowFilter { register: "stood".into(), stood: Some(T0.plus_ms(99)), ..RowFilter::default() };
    let first = store.register_rows(&all, 2).await.unwrap();
    let rest = RowFilter { before: first.last().map(|r| r.entry), ..all.clone() };
    assert_eq!(first.len() + store.register_rows(&rest, 9).await.unwrap().len(), 3, "pages miss nothing");
    let of_cases = RowFilter { procedures: vec!["area_approval".into()], ..all.clone() };
    assert!(store.register_rows(&of_cases, 9).await.unwrap().is_empty(), "no case wrote them");
    assert_eq!(store.register_rows_count(&of_cases).await.unwrap(), 0);
    let never = RowFilter { holds_on: Some(day("2026-11-20")), ..all };
    assert!(store.register_rows(&never, 9).await.unwrap().is_empty(), "not yet in force");
}

pub async fn a_public_row_is_known_by_its_number_in_one_question(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |register: &str, row: &str, number: &str| {
        let public = serde_json::json!({ "number": number });
        RegisterChange { register: register.into(), public, ..register_change(row, "某工程公司") }
    };
    let one = row("one", "N-1", "哈公技防〔2026〕1号");
    let rows = [
        (one.clone(), true),
        (row("two", "N-2", "哈公技防[2026]1号"), true),
        (row("one", "N-3", "哈公技防〔2026〕1号"), false),
        (row("one", "N-4", "哈公技防〔2026〕11号"), true),
        (row("two", "R-1a", ""), true),
    ];
    for (row, shown) in &rows {
        store.put_row_of(row, (0, *shown), by, T0).await.unwrap();
    }
    let known = async |number: &str, limit: u32| {
        let found = store.shown_rows_numbered(number, limit).await.unwrap();
        found.into_iter().map(|r| r.row).collect::<Vec<_>>()
    };
    for typed in ["哈公技防〔2026〕1号", "哈公技防(2026)1号", " 哈公技防［２０２６］ 1 号 "] {
        assert_eq!(known(typed, 9).await, ["N-2", "N-1"], "{typed}");
    }
    assert_eq!(known("哈公技防〔2026〕1号", 1).await, ["N-2"], "no more than asked for");
    assert_eq!(known("r-1A", 9).await, ["R-1a"], "a row without a number has its word");
    assert_eq!(known("n-1", 9).await, ["N-1"], "and one with a number has both");
    for none in ["n-3", "公技防〔2026〕1号", "哈公技防〔2026〕", "", " "] {
        assert!(known(none, 9).await.is_empty(), "{none}");
    }
    // A row of an older program has no keys until it is read again.
    world.tamper("UPDATE register_row SET words = 1, number_key = '', row_key = '' WHERE row_id = 'N-4'").await;
    assert!(known("哈公技防〔2026〕11号", 9).await.is_empty());
    assert_eq!(store.index_rows(9).await.unwrap(), 1);
    assert_eq!(known("哈公技防〔2026〕11号", 9).await, ["N-4"]);
    // The newest version alone counts.
    let moved = RegisterChange { public: serde_json::json!({ "number": "哈公技防〔2026〕8号" }), ..one };
    store.put_row(&moved, 1, by, T0.plus_ms(1)).await.unwrap();
    assert_eq!(known("哈公技防〔2026〕1号", 9).await, ["N-2"]);
    assert_eq!(known("哈公技防〔2026〕8号", 9).await, ["N-1"]);
}
