//! Lists of casework: the worklist and its pages, cases as they come, what was decided late, clocks, search.

use crate::casework::{day, done, event, head, numbering, office, open};
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CaseId, OfficeId, UtcMs};
use std::collections::BTreeSet;
use store::Store;
use store::casework::Territory;
use store::casework::awaited::Giver;
use store::casework::cases::{CaseFilter, CaseHead, NextDue};
use store::casework::events::{CaseChange, ClockRow};
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
    let me = account(&store, "me").await;
    let giver = Giver { account: me, decides: true, reviews: false, proposes: false, given: Vec::new() };
    let found = async |f: &WorkFilter, limit: u32| -> Vec<CaseId> {
        store.deliberated(f, &giver, limit).await.unwrap().iter().map(|(row, _)| row.id).collect()
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

pub async fn a_question_looks_at_so_many_things_and_says_where_to_go_on(world: &World) {
    let store = world.open().await;
    // The pairs of the query are in all of them; the words in the oldest alone. 5,000 are looked at.
    let all = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5050)";
    for (into, values) in [
        (
            "search_text (kind, thing, text)",
            "'party', CAST(100000 + i AS TEXT), CASE WHEN i = 1 THEN '甲乙丙' ELSE '甲乙 乙丙' END",
        ),
        ("gram (gram, kind, thing)", "'甲乙', 'party', CAST(100000 + i AS TEXT)"),
        ("gram (gram, kind, thing)", "'乙丙', 'party', CAST(100000 + i AS TEXT)"),
    ] {
        world.tamper(&format!("INSERT INTO {into} {all} SELECT {values} FROM n")).await;
    }
    let first = store.search(Thing::Party, "甲乙丙", None, 9).await.unwrap().expect("searched");
    assert!(first.things.is_empty() && first.next.is_some(), "{first:?}");
    let rest = store.search(Thing::Party, "甲乙丙", first.next.as_deref(), 9).await.unwrap().expect("searched");
    assert_eq!((rest.things, rest.next), (vec!["100001".to_owned()], None));
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
