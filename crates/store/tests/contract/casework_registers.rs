//! Registers: every version of a row is kept, and a row is found by its number, its columns, its division and what made it.

use crate::casework::{PERSON, day, done, event, head, office, open, pii, register_change};
use crate::world::{T0, World, account, assert_clean};
use base::Sha256;
use domain::register_state::{Leaf, State, StateTree};
use std::collections::BTreeSet;
use store::casework::events::CaseChange;
use store::casework::registers::{RegisterChange, RowFilter, RowPut, RowVersion};
use store::casework::row_keys::KeyColumn;

pub async fn a_row_without_a_case_is_written_on_the_version_that_was_seen(world: &World) {
    let store = world.open().await;
    let by = account(&store, "me").await;
    let id = store.new_row_id(T0).unwrap();
    let row = |name: &str, until: Option<&str>| RegisterChange {
        register: "bodies".into(),
        until: until.map(day),
        ..register_change(&id, name)
    };
    let moved = |version| RowPut::MovedOn { version };
    assert_eq!(store.put_row(&row("某中心", None), 1, by, T0).await.unwrap(), moved(0), "there is none to change");
    let RowPut::Done(first) = store.put_row(&row("某中心", None), 0, by, T0).await.unwrap() else {
        panic!("written")
    };
    assert_eq!((first.register.as_str(), first.row.as_str(), first.version), ("bodies", id.as_str(), 1));
    assert_eq!(store.put_row(&row("别的", None), 0, by, T0).await.unwrap(), moved(1), "it is there");
    let second = store.put_row(&row("某检验中心", Some("2026-12-31")), 1, by, T0).await.unwrap();
    assert!(matches!(&second, RowPut::Done(w) if w.version == 2), "{second:?}");
    assert_eq!(store.put_row(&row("晚了", None), 1, by, T0).await.unwrap(), moved(2));
    let history = store.register_history("bodies", &id).await.unwrap();
    assert_eq!(history.iter().map(|v| (v.version, v.newest)).collect::<Vec<_>>(), [(2, true), (1, false)]);
    assert!(history.iter().all(|v| v.case.is_none()));
    assert_eq!(store.act(first.entry).await.unwrap().and_then(|a| a.account), Some(by), "the log says who");
    // What a list leaves closed is opened for whoever may read it.
    let all = RowFilter { register: "bodies".into(), ..RowFilter::default() };
    let listed = store.register_rows(&all, 9).await.unwrap();
    assert!(listed.iter().all(|r| r.personal.is_none()));
    let opened = store.rows_opened(listed).await.unwrap();
    assert!(opened[0].personal.as_ref().is_some_and(|p| p.expose().contains(PERSON)));
    // The last day itself is not over yet.
    for (before, want) in [("2026-12-31", 0), ("2027-01-01", 1)] {
        let f = RowFilter { ended_before: Some(day(before)), ..all.clone() };
        assert_eq!(store.register_rows(&f, 9).await.unwrap().len(), want, "{before}");
        assert_eq!(store.register_rows_count(&f).await.unwrap(), want as u64, "{before}");
    }
    let bad = RegisterChange { public: serde_json::Value::Null, ..row("x", None) };
    assert!(store.put_row(&bad, 2, by, T0).await.is_err(), "columns are an object");
    assert_eq!(store.register_history("bodies", &id).await.unwrap().len(), 2, "nothing was written");
}

pub async fn a_state_of_thousands_of_rows_is_kept_by_what_changed(world: &World) {
    let store = world.open().await;
    let leaf = |n: u32, version: u32| {
        let public_sha256 = Sha256::of(format!("{n} {version}").as_bytes());
        Leaf { row: format!("R-{n}"), version, public_sha256, entry: u64::from(n) }
    };
    let first: Vec<Leaf> = (0..3_001).map(|n| leaf(n, 1)).collect();
    // One row has another version, one is gone, one is new.
    let mut second: Vec<Leaf> = first.iter().filter(|l| !["R-7", "R-8"].contains(&l.row.as_str())).cloned().collect();
    second.extend([leaf(7, 2), leaf(4_000, 1)]);
    let state = |leaves: &[Leaf], on: &str, before: Option<u64>| {
        let (rows, root) = (u64::try_from(leaves.len()).unwrap(), StateTree::new(leaves.to_vec()).root());
        State { register: "many".into(), day: day(on), rows, root, before }
    };
    let one = state(&first, "2026-11-21", None);
    let entry = store.put_register_state(&one, &first, T0).await.unwrap().expect("the first");
    let two = state(&second, "2026-11-22", Some(entry));
    let later = store.put_register_state(&two, &second, T0).await.unwrap().expect("the next");
    let stale = state(&first, "2026-11-23", Some(entry));
    assert_eq!(store.put_register_state(&stale, &first, T0).await.unwrap(), None, "made on an older state");
    // Every leaf of each is read back, whatever order of letters the database has: an older proof holds as it did.
    for (entry, state, row, version) in [(entry, &one, "R-8", 1), (later, &two, "R-7", 2)] {
        let tree = StateTree::new(store.register_state_leaves("many", entry).await.unwrap());
        assert_eq!((tree.root(), tree.len()), (state.root, usize::try_from(state.rows).unwrap()));
        let (found, at) = tree.find(row).expect("there");
        assert_eq!(found.version, version);
        let size = u64::try_from(tree.len()).unwrap();
        let at_place = u64::try_from(at).unwrap();
        ledger::verify_inclusion(found.hash(), at_place, size, state.root, &tree.path(at)).unwrap();
    }
    assert_clean(&store).await;
}

pub async fn a_list_of_many_rows_is_opened_and_found_whole_and_in_its_order(world: &World) {
    let store = world.open().await;
    let by = account(&store, "me").await;
    // More than one question asks for at once.
    let row = |n: usize| RegisterChange {
        register: "long".into(),
        personal: Some(pii(&format!("{{\"seat\":\"{n}\"}}"))),
        ..register_change(&format!("L-{n:03}"), "长名册单位")
    };
    for n in 0..103 {
        store.put_row(&row(n), 0, by, T0).await.unwrap();
    }
    let all = RowFilter { register: "long".into(), ..RowFilter::default() };
    let listed = store.register_rows(&all, 500).await.unwrap();
    let ids = |rows: &[RowVersion]| rows.iter().map(|r| r.row.clone()).collect::<Vec<_>>();
    let newest_first: Vec<String> = (0..103).rev().map(|n| format!("L-{n:03}")).collect();
    assert_eq!(ids(&listed), newest_first);
    let opened = store.rows_opened(listed).await.unwrap();
    assert_eq!(ids(&opened), newest_first);
    assert!(opened.iter().all(|r| r.personal.as_ref().is_some_and(|p| p.expose().contains("seat"))));
    let (found, next) = store.search_rows("long", "长名册", None, 60).await.unwrap().expect("searched");
    assert_eq!(ids(&found), newest_first[..60]);
    let (rest, _) = store.search_rows("long", "长名册", next, 60).await.unwrap().expect("searched");
    assert_eq!(ids(&rest), newest_first[60..]);
    assert!(store.rows_opened(Vec::new()).await.unwrap().is_empty());
}

pub async fn a_register_keeps_every_version_of_a_row(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let head = head(office, "楼");
    let (case, _) = open(&store, &head).await;
    let events = [event("case.registered")];
    let ended = RegisterChange {
        until: Some(day("2026-12-31")),
        from: day("2026-12-01"),
        personal: None,
        ..register_change("S-1", "新名字")
    };
    // The same row twice in one change: two versions.
    let rows = [register_change("S-1", "旧名字"), register_change("S-2", "二号系统"), ended.clone()];
    let change = CaseChange { registers: &rows, ..CaseChange::new(case, 1, None, &head, &events) };
    let written = done(store.add_events(&change, T0).await.unwrap()).rows;
    assert_eq!(written.iter().map(|w| w.version).collect::<Vec<_>>(), [1, 1, 2]);
    let history = store.register_history("systems", "S-1").await.unwrap();
    assert_eq!(history.iter().map(|v| (v.version, v.newest)).collect::<Vec<_>>(), [(2, true), (1, false)]);
    assert_eq!((history[0].name.as_str(), &history[0].personal, history[0].until), ("新名字", &None, ended.until));
    assert!(history[1].personal.as_ref().is_some_and(|p| p.expose().contains(PERSON)));
    let all = RowFilter { register: "systems".into(), ..RowFilter::default() };
    let ids = |rows: Vec<store::casework::registers::RowVersion>| rows.into_iter().map(|r| r.row).collect::<Vec<_>>();
    let listed = store.register_rows(&all, 9).await.unwrap();
    assert!(listed.iter().all(|r| r.personal.is_none()), "a list opens nothing");
    let newest = listed[0].entry;
    assert_eq!(ids(listed), ["S-1", "S-2"], "the newest first, one line a row");
    assert_eq!(ids(store.register_rows(&RowFilter { before: Some(newest), ..all.clone() }, 9).await.unwrap()), ["S-2"]);
    let asked: [(&str, &[&str]); 3] =
        [("2026-11-30", &["S-2"]), ("2026-12-31", &["S-1", "S-2"]), ("2027-01-01", &["S-2"])];
    for (on, want) in asked {
        let f = RowFilter { holds_on: Some(day(on)), ..all.clone() };
        assert_eq!(ids(store.register_rows(&f, 9).await.unwrap()), want, "{on}");
    }
    let of_office = RowFilter { office: Some(office), ..all.clone() };
    assert!(store.register_rows(&of_office, 9).await.unwrap().is_empty());
    // By the procedure of the case that wrote it, whole words only.
    let asked: [(&[&str], usize); 4] =
        [(&["area_approval"], 2), (&["filing", "area_approval"], 2), (&["area"], 0), (&["areaXapproval"], 0)];
    for (procedures, want) in asked {
        let procedures = procedures.iter().map(|id| (*id).to_owned()).collect();
        let f = RowFilter { procedures, ..all.clone() };
        assert_eq!(store.register_rows(&f, 9).await.unwrap().len(), want, "{f:?}");
        assert_eq!(store.register_rows_count(&f).await.unwrap(), want as u64, "{f:?}");
        assert_eq!(store.register_copy_opened(&f, None, 9).await.unwrap().len(), want, "{f:?}");
    }
    assert_eq!(ids(store.register_copy("systems", None, 1).await.unwrap()), ["S-1"]);
    assert_eq!(ids(store.register_copy("systems", Some("S-1"), 9).await.unwrap()), ["S-2"]);
    let (found, next) = store.search_rows("systems", "名字", None, 9).await.unwrap().expect("searched");
    assert_eq!((ids(found), next), (vec!["S-1".to_owned()], None));
    let (old, _) = store.search_rows("systems", "旧名字", None, 9).await.unwrap().expect("searched");
    assert!(old.is_empty(), "an old name leads nowhere");
    assert_eq!(store.register_changed("systems").await.unwrap(), Some(T0));
    assert_eq!(store.register_changed("products").await.unwrap(), None);
    store.flush_ledger().await.unwrap();
    let (bytes, _) = store.ledger().prove(written[2].entry).expect("proved");
    let body = bytes.parse().unwrap().body;
    assert_eq!(body["public_sha256"], base::Sha256::of(history[0].public.as_bytes()).hex());
    assert_eq!((&body["version"], &body["until_day"]), (&serde_json::json!(2), &serde_json::json!("2026-12-31")));
    let bad = [RegisterChange { row: String::new(), ..register_change("x", "x") }];
    let change = CaseChange { registers: &bad, ..CaseChange::new(case, 2, None, &head, &events) };
    assert!(store.add_events(&change, T0).await.is_err(), "a row without an id");
    world.tamper("UPDATE register_row SET newest = 0").await;
    assert!(!store.check(&|_, _| {}).await.unwrap().holds(), "a row without a newest version");
}

pub async fn a_row_is_found_by_number_and_columns_also_when_it_is_old(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let public = serde_json::json!({
        "number": "沈公技防〔2026〕77号", "fields": { "credit_code": "91210100MA0XYZQ17W", "cameras": 4_711, "ok": true },
    });
    let row = RegisterChange { register: "found".into(), public, ..register_change("F-1", "某工程公司") };
    store.put_row_of(&row, (0, true), by, T0).await.unwrap();
    let queries = ["91210100ma0xyzq17w", "〔2026〕77号", "4711", "工程公司"];
    let found = async |query: &str| {
        let staff = store.search_rows("found", query, None, 9).await.unwrap().expect("searched").0.len();
        let public = store.search_shown_rows("found", query, None, 9).await.unwrap().expect("searched").0.len();
        (staff, public)
    };
    for query in queries {
        assert_eq!(found(query).await, (1, 1), "{query}");
    }
    assert_eq!(found(PERSON).await, (0, 0), "never by what is sealed");
    let kept = store.register_history("found", "F-1").await.unwrap().remove(0);
    assert!(kept.proves_name() && kept.public.contains("某工程公司"), "the name is under the digest");
    // A row of an older program: not in the index of the public, its name beside the public part.
    world.tamper("DELETE FROM gram WHERE kind IN ('row.found', 'shown.found')").await;
    world.tamper("DELETE FROM search_text WHERE kind IN ('row.found', 'shown.found')").await;
    world.tamper("UPDATE register_row SET words = 0, name = '某旧公司' WHERE register = 'found'").await;
    assert_eq!(found("4711").await, (0, 0));
    assert_eq!(store.index_rows(9).await.unwrap(), 1);
    assert_eq!(store.index_rows(9).await.unwrap(), 0, "once");
    for query in ["91210100ma0xyzq17w", "某旧公司"] {
        assert_eq!(found(query).await, (1, 1), "{query}");
    }
    assert!(!store.register_history("found", "F-1").await.unwrap()[0].proves_name());
}

pub async fn a_register_is_narrowed_by_what_made_its_rows(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let made = |row: &str, procedure: &str, outcome: &str| RegisterChange {
        register: "made".into(),
        public: serde_json::json!({ "procedure": procedure, "outcome": outcome }),
        ..register_change(row, "某广场")
    };
    for row in [made("A", "area", "approved"), made("B", "area", "refused"), made("C", "", "")] {
        store.put_row_of(&row, (0, true), by, T0).await.unwrap();
    }
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let all = RowFilter { register: "made".into(), ..RowFilter::default() };
    for (made_by, want) in [
        (words(&[]), vec!["C", "B", "A"]),
        (words(&["area:approved"]), vec!["A"]),
        (words(&["area:approved", ":"]), vec!["C", "A"]),
        (words(&["area:refused", "area:approved"]), vec!["B", "A"]),
        (words(&["area"]), vec![]),
    ] {
        let plain = RowFilter { made_by: made_by.clone(), ..all.clone() };
        let stood = RowFilter { stood: Some(T0.plus_ms(1)), ..plain.clone() };
        for f in [plain.clone(), RowFilter { shown: true, ..plain.clone() }, stood] {
            let rows: Vec<String> = store.register_rows(&f, 9).await.unwrap().into_iter().map(|r| r.row).collect();
            assert_eq!(rows, want, "{f:?}");
            assert_eq!(store.register_rows_count(&f).await.unwrap(), want.len() as u64, "{f:?}");
        }
        let copied = store.register_copy_opened(&plain, None, 9).await.unwrap();
        let copied: Vec<String> = copied.into_iter().rev().map(|r| r.row).collect();
        assert_eq!(copied, want, "a copy has what the list has");
    }
    // What made a row of an older program is known when it is read again; until then it is left out of nothing.
    world.tamper("UPDATE register_row SET words = 1, made_by = '' WHERE register = 'made' AND row_id = 'A'").await;
    let f = RowFilter { made_by: words(&["area:refused"]), ..all };
    assert_eq!(store.register_rows_count(&f).await.unwrap(), 2);
    assert_eq!(store.index_rows(9).await.unwrap(), 1);
    assert_eq!(store.register_rows_count(&f).await.unwrap(), 1);
}

pub async fn rows_are_narrowed_by_division_and_kind(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let row = |id: &str, place: &str, kind: &str, seat: &str| RegisterChange {
        register: "narrowed".into(),
        public: serde_json::json!({ "number": id, "fields": { "place": place, "kind": kind } }),
        personal: Some(pii(&serde_json::json!({ "seat": seat, "contact": PERSON }).to_string())),
        ..register_change(id, "某单位")
    };
    for (id, place, kind, seat) in [
        ("N-1", "210102", "key_unit", "230102"),
        ("N-2", "210103", "listed", "210102"),
        ("N-3", "210202", "key_unit", "no code"),
    ] {
        store.put_row_of(&row(id, place, kind, seat), (0, true), by, T0).await.unwrap();
    }
    let column = |field: &str, is_division| KeyColumn { field: field.into(), is_division };
    let columns = [column("place", true), column("kind", false), column("seat", true)];
    let found = async |division: &str, (field, word): (&str, &str), shown: bool| {
        let kind = (field.to_owned(), word.to_owned());
        let filter =
            RowFilter { register: "narrowed".into(), division: division.into(), kind, shown, ..RowFilter::default() };
        let rows = store.register_rows(&filter, 9).await.unwrap();
        assert_eq!(store.register_rows_count(&filter).await.unwrap(), u64::try_from(rows.len()).unwrap());
        let copied = if shown {
            store.register_copy_shown(&filter, None, 9).await.unwrap()
        } else {
            store.register_copy_opened(&filter, None, 9).await.unwrap()
        };
        let ids = |rows: &[RowVersion]| rows.iter().map(|r| r.row.clone()).collect::<BTreeSet<String>>();
        assert_eq!(ids(&copied), ids(&rows), "a copy has what the list has");
        ids(&rows).into_iter().collect::<Vec<String>>().join(" ")
    };
    let any = ("", "");
    assert_eq!(found("2101", any, true).await, "", "not keyed yet");
    assert!(!store.is_keyed("narrowed").await.unwrap(), "and it says so");
    for done in [2, 1, 0] {
        assert_eq!(store.key_rows("narrowed", (&columns, 7), 2).await.unwrap(), done);
    }
    assert!(store.is_keyed("narrowed").await.unwrap() && store.is_keyed("no_such").await.unwrap());
    assert_eq!(found("21", any, true).await, "N-1 N-2 N-3");
    assert_eq!(found("2101", any, true).await, "N-1 N-2");
    assert_eq!(found("210102", any, true).await, "N-1", "what is sealed is no key for the public");
    assert_eq!(found("210102", any, false).await, "N-1 N-2");
    assert_eq!((found("2301", any, true).await, found("2301", any, false).await), (String::new(), "N-1".into()));
    assert_eq!(found("", ("kind", "key_unit"), true).await, "N-1 N-3");
    assert_eq!(found("2101", ("kind", "key_unit"), true).await, "N-1");
    assert_eq!(found("", ("place", "key_unit"), true).await, "", "the word of another column");
    assert_eq!(found("", ("seat", "no code"), false).await, "", "what is no code of a division is no key");
    // The next version moves: it is found where it is now, and where it was as the register stood.
    let later = T0.plus_ms(1_000);
    store.put_row_of(&row("N-1", "210202", "listed", ""), (1, true), by, later).await.unwrap();
    assert_eq!(store.key_rows("narrowed", (&columns, 7), 9).await.unwrap(), 1);
    assert_eq!(found("2101", any, true).await, "N-2");
    assert_eq!(found("2102", any, true).await, "N-1 N-3");
    let stood =
        RowFilter { register: "narrowed".into(), division: "2101".into(), stood: Some(later), ..RowFilter::default() };
    let then = (store.register_rows(&stood, 9).await.unwrap().len(), store.register_rows_count(&stood).await.unwrap());
    assert_eq!(then, (2, 2));
    // Other columns are marked: every version is looked at anew.
    store.forget_keys("narrowed", 7).await.unwrap();
    assert_eq!(store.key_rows("narrowed", (&columns, 7), 9).await.unwrap(), 0, "the same columns");
    store.forget_keys("narrowed", 8).await.unwrap();
    assert_eq!(store.key_rows("narrowed", (&columns[1..2], 8), 9).await.unwrap(), 4);
    assert_eq!(found("2101", any, true).await, "");
    assert_eq!(found("", ("kind", "listed"), true).await, "N-1 N-2");
    assert_clean(&store).await;
}
