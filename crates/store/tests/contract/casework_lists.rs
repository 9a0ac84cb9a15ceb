//! Lists of casework: the worklist and its pages, search, parties, registers with their versions, imports.

use crate::casework::{PERSON, clauses, day, done, event, head, numbering, office, open, pii, register_change};
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CaseId, OfficeId, PartyId, Text, UtcMs};
use std::collections::BTreeSet;
use store::Store;
use store::casework::Territory;
use store::casework::cases::{CaseFilter, CaseHead, NextDue};
use store::casework::events::{CaseChange, ClockRow, Saved};
use store::casework::import::{IMPORTED, Import, Imported};
use store::casework::offices::{OfficePut, OfficeRow};
use store::casework::parties::{PartyData, PartyPut, Person, Unit};
use store::casework::publications::{NewPublication, ShownRow, Withdrawal};
use store::casework::registers::{RegisterChange, RowFilter, RowPut, RowVersion};
use store::casework::search::{QUERY_CHARS, QUERY_WORDS, Thing};
use store::casework::worklist::{Assigned, COUNTED, WorkFilter};

fn due(text: &str) -> Option<NextDue> {
    Some(NextDue { day: day(text), clock: "decide".into(), binds: "police_local".into() })
}

/// A case of an office with a last day.
async fn case_due(store: &Store, office: OfficeId, next: Option<NextDue>, assigned: Option<AccountId>) -> CaseId {
    open(store, &CaseHead { next, assigned, ..head(office, "楼") }).await.0
}

/// All pages of a filter, three cases a page.
async fn pages(store: &Store, f: &WorkFilter) -> Vec<CaseId> {
    let (mut f, mut out) = (f.clone(), Vec::new());
    loop {
        let page = store.worklist(&f, 3).await.unwrap();
        out.extend(page.iter().map(|row| row.id));
        match page.last() {
            Some(last) => f.after = Some(last.cursor()),
            None => return out,
        }
    }
}

pub async fn the_nearest_day_comes_first_and_pages_miss_nothing(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    let me = account(&store, "me").await;
    let mut all = Vec::new();
    // Eight cases with the same day, so that pages begin in the middle of it.
    for n in 0..8 {
        all.push((1, case_due(&store, a, due("2026-12-01"), (n % 2 == 0).then_some(me)).await));
    }
    all.push((0, case_due(&store, a, due("2026-11-02"), None).await));
    all.push((2, case_due(&store, b, due("2026-12-02"), Some(me)).await));
    all.push((3, case_due(&store, b, None, None).await));
    all.sort_unstable();
    let want: Vec<_> = all.iter().map(|(_, id)| *id).collect();
    let any = WorkFilter::default();
    assert_eq!(pages(&store, &any).await, want);
    let of = |office| WorkFilter { office: Some(office), ..WorkFilter::default() };
    assert_eq!(pages(&store, &of(a)).await, want[..9]);
    assert_eq!(pages(&store, &of(b)).await, want[9..]);
    let mine = WorkFilter { assigned: Assigned::To(me), ..WorkFilter::default() };
    assert_eq!(pages(&store, &mine).await.len(), 5);
    assert_eq!(pages(&store, &WorkFilter { office: Some(a), ..mine.clone() }).await.len(), 4);
    let nobodys = WorkFilter { assigned: Assigned::Nobody, ..of(a) };
    assert_eq!(pages(&store, &nobodys).await.len(), 5);
    let overdue = WorkFilter { before: Some(day("2026-11-21")), ..WorkFilter::default() };
    assert_eq!(pages(&store, &overdue).await, want[..1]);
    let window = WorkFilter { from: Some(day("2026-12-01")), before: Some(day("2026-12-02")), ..WorkFilter::default() };
    assert_eq!(pages(&store, &window).await, want[1..9]);
    for (procedure, state, count) in [
        ("area_approval", "opened", 11),
        ("area_approval", "", 11),
        ("", "opened", 11),
        ("permit", "", 0),
        ("", "x", 0),
    ] {
        let f = WorkFilter { procedure: procedure.into(), state: state.into(), ..WorkFilter::default() };
        assert_eq!(pages(&store, &f).await.len(), count, "{procedure} {state}");
        let f = WorkFilter { office: Some(a), ..f };
        assert_eq!(pages(&store, &f).await.len(), count.min(9), "{procedure} {state} of an office");
    }
    let counts = store.worklist_counts(&any, &[day("2026-11-21"), day("2026-12-02")]).await.unwrap();
    assert_eq!((&counts.counts[..], counts.no_day), (&[1, 8, 1][..], 1));
    let counts = store.worklist_counts(&mine, &[]).await.unwrap();
    assert_eq!((&counts.counts[..], counts.no_day), (&[5][..], 0));
    // What is closed is in no worklist, and in the archive all the same.
    let closed = CaseHead { closed: Some(T0), ..head(a, "楼") };
    let events = [event("case.decided")];
    done(store.add_events(&CaseChange::new(want[0], 1, None, &closed, &events), T0).await.unwrap());
    assert_eq!(pages(&store, &any).await, want[1..]);
    let archive = store.cases(&CaseFilter { office: Some(a), ..CaseFilter::default() }, 99).await.unwrap();
    assert_eq!(archive.len(), 9);
    let over = CaseFilter { office: Some(a), ended: true, ..CaseFilter::default() };
    let over = store.cases(&over, 99).await.unwrap();
    assert_eq!(over.iter().map(|row| row.id).collect::<Vec<_>>(), want[..1], "only what is over");
    assert_clean(&store).await;
}

pub async fn what_is_being_decided_is_found_by_office_and_from_above(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    let running = |office, next| CaseHead { next, state: "running".into(), ..head(office, "楼") };
    let own = running(a, due("2026-12-01"));
    let sooner = running(a, due("2026-11-24"));
    let others = running(b, None);
    let (first, second, third) =
        (open(&store, &own).await.0, open(&store, &sooner).await.0, open(&store, &others).await.0);
    let of = |office| WorkFilter { office, ..WorkFilter::default() };
    let under = WorkFilter { under: Some(a), ..WorkFilter::default() };
    let found = async |f: &WorkFilter, limit: u32| -> Vec<CaseId> {
        store.deliberated(f, limit).await.unwrap().iter().map(|row| row.id).collect()
    };
    let happens = async |case: CaseId, seen: u32, head: &CaseHead, kinds: &[&'static str]| {
        let events: Vec<_> = kinds.iter().copied().map(event).collect();
        done(store.add_events(&CaseChange::new(case, seen, None, head, &events), T0).await.unwrap());
    };
    assert!(found(&of(None), 9).await.is_empty(), "nobody proposed anything");
    happens(first, 1, &own, &["case.proposed"]).await;
    happens(second, 1, &sooner, &["case.proposed", "case.sent_back"]).await;
    happens(third, 1, &others, &["case.proposed", "case.noted"]).await;
    assert_eq!(found(&of(None), 9).await, [second, first, third], "the nearest last day first, none at the end");
    assert_eq!(found(&of(None), 1).await, [second]);
    assert_eq!((found(&of(Some(a)), 9).await, found(&of(Some(b)), 9).await), (vec![second, first], vec![third]));
    assert_eq!(found(&under, 9).await, [second, first]);
    happens(first, 2, &own, &["case.noted"]).await;
    assert_eq!(found(&under, 9).await, [second, first], "what says nothing of it changes nothing");
    happens(first, 3, &own, &["case.reviewed", "case.decided"]).await;
    assert_eq!(found(&of(Some(a)), 9).await, [second], "it is decided");
    happens(first, 5, &own, &["case.proposed"]).await;
    assert_eq!(found(&of(Some(a)), 9).await, [second, first], "a second decision is being prepared");
    let over = CaseHead { closed: Some(T0), ..sooner.clone() };
    happens(second, 3, &over, &["case.noted"]).await;
    assert_eq!(found(&of(Some(a)), 9).await, [first], "one that is over waits for nobody");
    assert_clean(&store).await;
}

pub async fn counts_stop_where_nobody_counts_any_more(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (case, _) = open(&store, &head(office, "楼")).await;
    world
        .tamper(&format!(
            "INSERT INTO case_file (id, number, procedure, pack_digest, office, party, title, state, outcome, assigned, opened_ms, \
             facts_on, closed_ms, events, next_due, next_clock, next_binds, last_ms) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNTED}) \
             SELECT 'x' || CAST(n.i AS TEXT), 'x' || CAST(n.i AS TEXT), procedure, pack_digest, office, party, title, state, outcome, \
             assigned, opened_ms, facts_on, closed_ms, events, next_due, next_clock, next_binds, last_ms \
             FROM n CROSS JOIN case_file WHERE id = '{case}'"
        ))
        .await;
    let counts = store.worklist_counts(&WorkFilter::default(), &[day("2026-11-21")]).await.unwrap();
    assert_eq!((&counts.counts[..], counts.no_day), (&[0, COUNTED][..], 0), "one more than is counted");
}

pub async fn cases_are_listed_newest_first_in_pages(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let mut want = Vec::new();
    for n in 0..7 {
        let (id, events) = (store.new_case_id(T0).unwrap(), [event("case.opened")]);
        let (head, numbering) = (head(office, "楼"), numbering(office));
        let change = CaseChange { opening: Some(&numbering), ..CaseChange::new(id, 0, None, &head, &events) };
        // Three of the same instant.
        let at = T0.plus_ms(if n < 3 { 0 } else { n });
        done(store.add_events(&change, at).await.unwrap());
        want.push((at, id));
    }
    want.sort_unstable();
    want.reverse();
    let (mut f, mut got) = (CaseFilter { procedure: "area_approval".into(), ..CaseFilter::default() }, Vec::new());
    loop {
        let page = store.cases(&f, 2).await.unwrap();
        got.extend(page.iter().map(|row| (row.opened, row.id)));
        let Some(last) = got.last().filter(|_| !page.is_empty()) else { break };
        f.before = Some(*last);
    }
    assert_eq!(got, want);
    let none = CaseFilter { outcome: "approved".into(), ..CaseFilter::default() };
    assert!(store.cases(&none, 9).await.unwrap().is_empty());
    let span = CaseFilter { from: Some(T0.plus_ms(1)), to: Some(T0.plus_ms(5)), ..CaseFilter::default() };
    assert_eq!(store.cases(&span, 9).await.unwrap().len(), 2);
}

pub async fn what_was_decided_late_is_found_by_its_clock_its_time_and_its_office(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    // A case of an office in which this happened, with a clock of this name in this state.
    let made = async |office: OfficeId, kind: &'static str, clock: &str, state: &str| -> CaseId {
        let (own, events) = (head(office, "楼"), [event(kind)]);
        let case = open(&store, &own).await.0;
        let clocks = [ClockRow {
            clock: clock.into(),
            binds: "police_local".into(),
            state: state.into(),
            due: Some(day("2026-11-20")),
            provisional: false,
        }];
        done(store.add_events(&CaseChange::new(case, 1, None, &own, &events), T0).await.unwrap());
        assert!(store.put_clocks(case, 2, &clocks, None).await.unwrap());
        case
    };
    let late = made(a, "case.decided", "decide", "met_late").await;
    let lapsed = made(b, "case.decided", "decide", "lapsed").await;
    for (kind, clock, state) in [
        ("case.decided", "decide", "met"),
        ("case.decided", "issue", "met_late"),
        ("case.proposed", "decide", "met_late"),
    ] {
        made(a, kind, clock, state).await;
    }
    let clocks = [("area_approval".to_owned(), "decide".to_owned()), ("permit".to_owned(), "issue".to_owned())];
    let found = async |of: Territory, span: (UtcMs, UtcMs), limit: u32| -> BTreeSet<CaseId> {
        store.decided_late(of, span, &clocks, limit).await.unwrap().iter().map(|row| row.id).collect()
    };
    let now = (T0, T0.plus_ms(1));
    assert_eq!(found(Territory::All, now, 9).await, BTreeSet::from([late, lapsed]));
    assert_eq!(found(Territory::All, now, 1).await.len(), 1);
    assert_eq!(found(Territory::Office(a), now, 9).await, BTreeSet::from([late]));
    assert_eq!(found(Territory::Under(b), now, 9).await, BTreeSet::from([lapsed]));
    assert!(found(Territory::All, (T0.plus_ms(-9), T0), 9).await.is_empty(), "not in that time");
    assert!(store.decided_late(Territory::All, now, &[], 9).await.unwrap().is_empty(), "by no clock");
    assert_clean(&store).await;
}

pub async fn clocks_come_by_their_day_and_are_counted_anew(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let clock = |due: &str, state: &str| ClockRow {
        clock: "decide".into(),
        binds: "police_local".into(),
        state: state.into(),
        due: Some(day(due)),
        provisional: false,
    };
    let (one, _) = open(&store, &head(office, "一")).await;
    let (two, _) = open(&store, &head(office, "二")).await;
    let first = [clock("2026-12-03", "running"), clock("2026-12-01", "running"), clock("2026-11-01", "suspended")];
    assert!(store.put_clocks(one, 1, &first, due("2026-12-01").as_ref()).await.unwrap());
    assert!(store.put_clocks(two, 1, &[clock("2026-12-01", "running")], None).await.unwrap());
    assert!(!store.put_clocks(two, 2, &first, None).await.unwrap(), "the case has another number of events");
    assert_eq!(store.case(two).await.unwrap().expect("there").head.next, None);
    let mut got = Vec::new();
    let mut after = None;
    loop {
        let page = store.due_clocks(day("2026-12-04"), after.as_ref(), 1).await.unwrap();
        let Some(clock) = page.into_iter().next() else { break };
        got.push((clock.due, clock.case, clock.n));
        after = Some(clock);
    }
    let mut want = vec![(day("2026-12-01"), one, 2), (day("2026-12-01"), two, 1), (day("2026-12-03"), one, 1)];
    want.sort_unstable();
    assert_eq!(got, want);
    assert_eq!(store.due_clocks(day("2026-12-03"), None, 9).await.unwrap().len(), 2);
    assert!(store.cases_to_count_anew(None, 9).await.unwrap().is_empty());
}

fn unit(name: &str, code: &str) -> PartyData {
    PartyData::Unit(Unit {
        name: name.into(),
        credit_code: Some(code.into()),
        address: "沈阳市".into(),
        representative: pii(PERSON),
        contact: pii(PERSON),
        phone: pii("13900000001"),
    })
}

fn person(id_number: &str) -> PartyData {
    PartyData::Person(Person {
        name: pii(PERSON),
        id_number: pii(id_number),
        phone: pii("139 0000 0001"),
        address: pii("沈阳市"),
    })
}

pub async fn a_party_has_versions_and_a_person_lies_sealed(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let (unit_id, person_id) = (store.new_party_id(T0).unwrap(), store.new_party_id(T0).unwrap());
    let put = async |id, seen, data: &PartyData| store.put_party(id, seen, data, Some(by), T0).await.unwrap();
    let code = "91350100M000100Y43";
    assert_eq!(put(unit_id, 0, &unit("示范银行", code)).await, PartyPut::Done(unit_id));
    assert_eq!(put(person_id, 0, &person("11010519491231002X")).await, PartyPut::Done(person_id));
    assert_eq!(put(unit_id, 0, &unit("别的", code)).await, PartyPut::MovedOn, "it was looked at before it was there");
    assert_eq!(put(unit_id, 1, &person("1")).await, PartyPut::MovedOn, "a unit does not become a person");
    let other = store.new_party_id(T0).unwrap();
    assert_eq!(put(other, 0, &unit("同码", code)).await, PartyPut::There(unit_id));
    assert_eq!(put(other, 0, &person("11010519491231002x")).await, PartyPut::There(person_id));
    assert_eq!(put(unit_id, 1, &unit("示范银行沈阳分行", code)).await, PartyPut::Done(unit_id));
    let history = store.party_history(unit_id).await.unwrap();
    assert_eq!(history.iter().map(|v| v.version).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(history[1].data, unit("示范银行", code), "what was known stays");
    assert_eq!(store.party_version(unit_id, 1).await.unwrap(), Some(history[1].clone()));
    assert_eq!(store.party(unit_id).await.unwrap(), Some(history[0].clone()));
    let mut some: BTreeSet<PartyId> = (0..60).map(|n| PartyId::new(n, [9; 10])).collect();
    some.extend([unit_id, person_id]);
    let found = store.parties_of(&some).await.unwrap();
    assert_eq!(found.iter().map(|row| row.id).collect::<BTreeSet<_>>(), BTreeSet::from([unit_id, person_id]));
    assert!(found.contains(&history[0]), "each as it is known now");
    assert_eq!(store.unit_by_code(" 91350100m000100y43").await.unwrap(), Some(history[0].clone()));
    let found = store.person_by_id(&pii("11010519491231002x")).await.unwrap().expect("found");
    assert_eq!((found.id, found.data), (person_id, person("11010519491231002X")));
    assert_eq!(store.person_by_id(&pii("110105194912310")).await.unwrap(), None, "a part leads nowhere");
    assert_eq!(store.person_by_id(&pii("")).await.unwrap(), None);
    assert_eq!(store.parties_by_phone(&pii("13900000001")).await.unwrap().len(), 2);
    assert!(store.parties_by_phone(&pii("")).await.unwrap().is_empty());
    let names = store.search(Thing::Party, "沈阳分行", None, 9).await.unwrap().expect("searched");
    assert_eq!(names.things, [unit_id.to_string()]);
    let nobody = store.search(Thing::Party, PERSON, None, 9).await.unwrap().expect("searched");
    assert!(nobody.things.is_empty(), "persons are not in the index");
    for word in [PERSON, "11010519491231002X", "13900000001"] {
        assert_eq!(world.finds(word).await, None, "`{word}` stands open");
    }
    assert_clean(&store).await;
}

pub async fn search_finds_pairs_of_signs_and_mixed_text(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let mut ids = Vec::new();
    for title in ["大连银行Ａ座", "大连 A7 仓库", "沈阳银行大厦", "行银连大"] {
        ids.push(open(&store, &head(office, title)).await.0.to_string());
    }
    let find = async |query: &str| {
        let found = store.search(Thing::Case, query, None, 9).await.unwrap().expect("searched");
        found.things.into_iter().collect::<BTreeSet<_>>()
    };
    let these = |places: &[usize]| places.iter().map(|i| ids[*i].clone()).collect::<BTreeSet<_>>();
    let asked: [(&str, &[usize]); 10] = [
        ("大连", &[0, 1]),
        ("银行", &[0, 2]),
        ("大连 银行", &[0]),
        ("大连银行", &[0]),
        ("a座", &[0]),
        ("Ａ７", &[1]),
        ("仓库，大连！", &[1]),
        ("2026", &[0, 1, 2, 3]),
        ("2026 3号", &[2]),
        ("抚顺", &[]),
    ];
    for (query, places) in asked {
        assert_eq!(find(query).await, these(places), "{query}");
    }
    // Pages, the newest first.
    let first = store.search(Thing::Case, "沈公技防", None, 3).await.unwrap().expect("searched");
    assert_eq!(first.things.len(), 3);
    let rest = store.search(Thing::Case, "沈公技防", first.next.as_deref(), 3).await.unwrap().expect("searched");
    assert_eq!((rest.things.len(), rest.next), (1, None));
    assert!(first.things[2] > rest.things[0] && first.things[0] > first.things[1]);
    for bad in ["", "连", "大 连", "，。"] {
        assert_eq!(store.search(Thing::Case, bad, None, 9).await.unwrap(), None, "{bad}");
    }
    let long = "大连".repeat(QUERY_CHARS / 2);
    assert!(store.search(Thing::Case, &long, None, 9).await.unwrap().is_some());
    assert_eq!(store.search(Thing::Case, &format!("{long}大"), None, 9).await.unwrap(), None);
    let words = |n: usize| vec!["大连"; n].join(" ");
    assert!(store.search(Thing::Case, &words(QUERY_WORDS), None, 9).await.unwrap().is_some());
    assert_eq!(store.search(Thing::Case, &words(QUERY_WORDS + 1), None, 9).await.unwrap(), None);
    // A title that changes is found by the new one alone.
    let (case, events) = (CaseId::parse(&ids[0]).unwrap(), [event("case.corrected")]);
    let changed = head(office, "抚顺银行");
    done(store.add_events(&CaseChange::new(case, 1, None, &changed, &events), T0).await.unwrap());
    assert_eq!(find("抚顺").await, these(&[0]));
    assert_eq!(find("大连").await, these(&[1]));
}

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

pub async fn an_import_is_all_or_nothing(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let parties: Vec<_> =
        (0..5).map(|n| (store.new_party_id(T0).unwrap(), unit(&format!("单位{n}"), &format!("CODE{n}")))).collect();
    let (numbering, events) = (numbering(office), [event("case.imported")]);
    let heads: Vec<_> =
        parties.iter().map(|(id, _)| CaseHead { party: Some(*id), ..head(office, "旧系统案件") }).collect();
    let cases: Vec<_> = heads
        .iter()
        .map(|head| {
            let id = store.new_case_id(T0).unwrap();
            CaseChange { opening: Some(&numbering), ..CaseChange::new(id, 0, Some(by), head, &events) }
        })
        .collect();
    let registers = [register_change("S-1", "旧系统"), register_change("S-2", "旧系统")];
    let all = Import { parties: &parties, cases: &cases, registers: &registers, shown: false };
    let twice = [parties[0].clone(), (store.new_party_id(T0).unwrap(), unit("同码", "CODE0"))];
    let bad = Import { parties: &twice, ..all.clone() };
    let refused = store.import(&bad, by, T0).await.unwrap();
    assert_eq!(refused, Imported::Party(1, PartyPut::There(parties[0].0)));
    assert_eq!(store.party(parties[0].0).await.unwrap(), None, "nothing of it is there");
    let same = [cases[0].clone(), cases[0].clone()];
    let bad = Import { cases: &same, ..all.clone() };
    assert_eq!(store.import(&bad, by, T0).await.unwrap(), Imported::Case(1, Saved::MovedOn { events: 1 }));
    assert_eq!(store.import(&all, by, T0).await.unwrap(), Imported::Done);
    let of = CaseFilter { party: Some(parties[3].0), ..CaseFilter::default() };
    assert_eq!(store.cases(&of, 9).await.unwrap().len(), 1);
    assert_eq!(store.next_number(&numbering.series).await.unwrap(), 6, "numbers of refused imports are free");
    assert_eq!(store.register_history("systems", "S-2").await.unwrap()[0].case, None);
    let many: Vec<_> = (0..=IMPORTED).map(|n| register_change(&n.to_string(), "x")).collect();
    let bad = Import { registers: &many, ..Import::default() };
    assert_eq!(store.import(&bad, by, T0).await.unwrap(), Imported::TooMany);
    assert_clean(&store).await;
}

pub async fn offices_have_codes_of_their_own(world: &World) {
    let store = world.open().await;
    let by = account(&store, "clerk").await;
    let one = office(&store, "210100000001").await;
    let kept = store.office(one).await.unwrap().expect("there");
    assert_eq!(kept.called(base::Lang::En), "Office 210100000001");
    assert_eq!((&*kept.names().zh, kept.called(base::Lang::Zh)), (kept.name.as_str(), kept.name.as_str()));
    let other = OfficeRow { id: store.new_office_id(T0).unwrap(), parent: Some(one), ..kept.clone() };
    assert_eq!(store.put_office(&other, by, T0).await.unwrap(), OfficePut::CodeTaken);
    let other = OfficeRow { unit_code: "210102000001".into(), ..other };
    assert_eq!(store.put_office(&other, by, T0).await.unwrap(), OfficePut::Done);
    let closed = OfficeRow { closed: Some(T0), name: "已撤销".into(), name_en: String::new(), ..kept };
    assert_eq!(closed.called(base::Lang::En), "已撤销", "without an English name it is called as in Chinese");
    assert_eq!(store.put_office(&closed, by, T0).await.unwrap(), OfficePut::Done);
    let all = store.offices().await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.contains(&closed) && all.contains(&other));
    let text = Text::new("登记机构：已撤销。", "Office entered: 已撤销.");
    let acts = store.acts(&store::logbook::ActFilter::default(), 9).await.unwrap();
    assert!(acts.iter().any(|a| a.text == text), "{acts:?}");
}
