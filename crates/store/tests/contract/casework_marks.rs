//! What of cases is asked of many at once: the title under which one was opened, what a review came to and whether that is entered, whose word
//! one waits for, and what of one is still to be made public.

use crate::casework::{done, event, head, numbering, office};
use crate::world::{T0, World, account, assert_clean, random};
use base::{AccountId, CaseId, OfficeId, PartyId};
use domain::number::typed_number;
use std::collections::{BTreeMap, BTreeSet};
use store::Store;
use store::casework::Territory;
use store::casework::awaited::{Giver, UnpublishedFilter};
use store::casework::cases::{CaseHead, CaseMarks};
use store::casework::events::{CaseChange, ClockRow};
use store::casework::search::Thing;
use store::casework::worklist::WorkFilter;

fn begun_as(title: &str) -> CaseMarks {
    CaseMarks { begun_as: title.into(), ..CaseMarks::default() }
}

/// A new case of this head, with these marks or, as older programs opened it, without.
async fn begun(store: &Store, head: &CaseHead, marks: Option<&CaseMarks>) -> CaseId {
    let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(head.office), [event("case.opened")]);
    let change = CaseChange { opening: Some(&numbering), marks, ..CaseChange::new(id, 0, None, head, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    id
}

pub async fn a_case_is_found_by_the_title_it_was_opened_under(world: &World) {
    let store = world.open().await;
    let (office, party) = (office(&store, "210100000001").await, PartyId::new(T0.0, random()));
    let of = |title: &str| CaseHead { party: Some(party), ..head(office, title) };
    let procedure = of("").procedure;
    let same = async |title: &str| store.same_case(party, &procedure, title).await.unwrap().map(|row| row.id);
    let unknown = async |limit: u32| {
        let rows = store.cases_of_unknown_title(party, &procedure, limit).await.unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let new = begun(&store, &of("中山广场"), Some(&begun_as("中山广场"))).await;
    let old = begun(&store, &of("劳动公园"), None).await;
    assert_eq!((same("中山广场").await, same("劳动公园").await, same("南湖").await), (Some(new), Some(old), None));
    assert_eq!((unknown(9).await, unknown(0).await), (vec![old], vec![]));
    let events = [event("case.filled")];
    let change = async |id: CaseId, seen: u32, head: &CaseHead, marks: Option<&CaseMarks>| {
        let change = CaseChange { marks, ..CaseChange::new(id, seen, None, head, &events) };
        done(store.add_events(&change, T0).await.unwrap());
    };
    change(new, 1, &of("广场北侧"), None).await;
    assert_eq!((same("中山广场").await, same("广场北侧").await), (Some(new), Some(new)), "by both");
    change(new, 2, &of("广场北侧"), Some(&begun_as("南湖"))).await;
    assert_eq!((same("中山广场").await, same("南湖").await), (Some(new), None), "it was opened under one title");
    change(old, 1, &of("公园东门"), Some(&begun_as("劳动公园"))).await;
    assert_eq!((same("劳动公园").await, unknown(9).await), (Some(old), vec![]), "a change says what was not known");
    let over = CaseHead { closed: Some(T0), ..of("公园东门") };
    change(old, 2, &over, None).await;
    assert_eq!((same("劳动公园").await, same("公园东门").await), (None, None), "what is over stands in nobody's way");
    let other = PartyId::new(T0.0, random());
    assert_eq!(store.same_case(other, &procedure, "中山广场").await.unwrap(), None);
    assert_eq!(store.same_case(party, "another_procedure", "中山广场").await.unwrap(), None);
    assert_clean(&store).await;
}

/// A decided case that came from another one and ended so; `None`: as older programs kept it.
async fn reviewed(store: &Store, head: &CaseHead, from: CaseId, result: Option<&str>) -> CaseId {
    let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(head.office), [event("case.opened")]);
    let decided = CaseHead { procedure: "review".into(), outcome: Some("decided".into()), ..head.clone() };
    let marks = result.map(|result| CaseMarks { result: result.into(), ..CaseMarks::default() });
    let new = CaseChange::new(id, 0, None, &decided, &events);
    let change = CaseChange { opening: Some(&numbering), from: Some(from), marks: marks.as_ref(), ..new };
    done(store.add_events(&change, T0).await.unwrap());
    id
}

pub async fn what_annuls_is_found_behind_what_does_not(world: &World) {
    let store = world.open().await;
    let head = head(office(&store, "210100000001").await, "中山广场");
    let fine = begun(&store, &head, Some(&begun_as("中山广场"))).await;
    let old = begun(&store, &head, None).await;
    let annulled = reviewed(&store, &head, fine, Some("annulled")).await;
    for result in ["upheld", "", "annul", "changed|annulled"] {
        reviewed(&store, &head, fine, Some(result)).await;
    }
    let results = ["annulled".to_owned(), "changed".to_owned()];
    let found = async |limit: u32| {
        let rows = store.decided_from(Territory::All, ("review", &results), T0, limit).await.unwrap();
        rows.into_iter().map(|f| (f.from, f.case, f.result_known, f.entered_known)).collect::<Vec<_>>()
    };
    assert_eq!(found(1).await, [(fine, annulled, true, true)], "however many stand before it");
    assert_eq!(found(9).await.len(), 1);
    let unknown = reviewed(&store, &head, old, None).await;
    let mut both = found(9).await;
    both.sort_by_key(|(from, ..)| *from != fine);
    assert_eq!(both, [(fine, annulled, true, true), (old, unknown, false, false)]);
    let events = [event("case.step_done")];
    let entered = CaseMarks { annulled: true, ..begun_as("中山广场") };
    for case in [fine, old] {
        let change = CaseChange { marks: Some(&entered), ..CaseChange::new(case, 1, None, &head, &events) };
        done(store.add_events(&change, T0).await.unwrap());
    }
    assert!(found(9).await.is_empty(), "it is entered in both");
    assert_clean(&store).await;
}

pub async fn what_waits_is_shown_to_whose_turn_it_is(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (me, other) = (account(&store, "me").await, account(&store, "other").await);
    let running = CaseHead { state: "running".into(), ..head(office, "中山广场") };
    let proposed = async |awaits: &str, assigned: Option<AccountId>, hands: &[(AccountId, &'static str)]| {
        let head = CaseHead { assigned, ..running.clone() };
        let marks = CaseMarks { awaits: awaits.into(), hands: hands.to_vec(), ..begun_as("中山广场") };
        let id = begun(&store, &head, Some(&begun_as("中山广场"))).await;
        let events = [event("case.proposed")];
        let change = CaseChange { marks: Some(&marks), ..CaseChange::new(id, 1, None, &head, &events) };
        done(store.add_events(&change, T0).await.unwrap());
        id
    };
    let decision = proposed("decision", None, &[(other, "proposed")]).await;
    proposed("decision", None, &[(me, "not_decision"), (me, "not_review")]).await;
    let handled = proposed("decision", Some(me), &[]).await;
    let leave = proposed("leave", Some(other), &[(other, "not_decision")]).await;
    proposed("leave", Some(me), &[(me, "not_decision")]).await;
    proposed("nobody", Some(me), &[]).await;
    let review = proposed("review", None, &[(me, "not_decision")]).await;
    proposed("review", None, &[(me, "not_review")]).await;
    let assigned = proposed("proposal", Some(me), &[]).await;
    let mine = proposed("proposal", Some(other), &[(me, "proposed")]).await;
    proposed("proposal", Some(me), &[(me, "proposed"), (me, "recused")]).await;
    proposed("proposal", Some(other), &[(other, "proposed")]).await;
    for filter in [
        WorkFilter { office: Some(office), ..WorkFilter::default() },
        WorkFilter { under: Some(office), ..WorkFilter::default() },
        WorkFilter::default(),
    ] {
        let found = async |decides: bool, reviews: bool, proposes: bool| {
            let giver = Giver { account: me, decides, reviews, proposes, given: Vec::new() };
            let rows = store.deliberated(&filter, &giver, 9).await.unwrap();
            let mut found: Vec<_> = rows.into_iter().map(|(row, what)| (row.id, what)).collect();
            found.sort_unstable();
            found
        };
        let mut given =
            [(decision, "decision".to_owned()), (handled, "decision".to_owned()), (leave, "leave".to_owned())];
        given.sort_unstable();
        assert_eq!(found(true, false, false).await, given);
        assert_eq!(found(false, true, false).await, [(review, "review".to_owned())]);
        let mut own = [(assigned, "proposal".to_owned()), (mine, "proposal".to_owned())];
        own.sort_unstable();
        assert_eq!(found(false, false, true).await, own);
        assert!(found(false, false, false).await.is_empty());
        let by_paper = async |office: OfficeId, procedure: &str| {
            let given = vec![(office, procedure.to_owned())];
            let giver = Giver { account: me, decides: false, reviews: false, proposes: false, given };
            let rows = store.deliberated(&filter, &giver, 9).await.unwrap();
            rows.into_iter().map(|(row, _)| row.id).collect::<Vec<_>>()
        };
        assert_eq!(by_paper(office, &running.procedure).await, [decision], "no leave, and none of one's own");
        assert!(by_paper(office, "another").await.is_empty());
        assert!(by_paper(OfficeId::new(1, [9; 10]), &running.procedure).await.is_empty());
    }
    assert_clean(&store).await;
}

pub async fn what_is_to_be_published_comes_in_pages_until_it_came_out(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let (me, other) = (account(&store, "me").await, account(&store, "other").await);
    let closed = CaseHead { outcome: Some("approved".into()), closed: Some(T0), ..head(office, "中山广场") };
    let lists = |all: &[&str]| all.iter().map(|list| (*list).to_owned()).collect::<Vec<_>>();
    let marks = |all: &[&str]| CaseMarks { unpublished: lists(all), ..begun_as("中山广场") };
    let mut want = Vec::new();
    for n in 0..5 {
        let all: &[&str] = if n == 2 { &[] } else { &["one", "two"] };
        let id = begun(&store, &closed, Some(&marks(all))).await;
        if n != 2 {
            want.push(id);
        }
    }
    want.sort_unstable();
    let pages = async |account: AccountId| {
        let (mut filter, mut all) = (UnpublishedFilter::default(), Vec::new());
        loop {
            let page = store.unpublished(office, account, &filter, 2).await.unwrap();
            let Some(last) = page.last() else { return all };
            filter.after = Some((last.row.opened, last.row.id));
            all.extend(page.into_iter().map(|one| (one.row.id, one.lists)));
        }
    };
    let whole = |ids: &[CaseId]| ids.iter().map(|id| (*id, Some(lists(&["one", "two"])))).collect::<Vec<_>>();
    assert_eq!(pages(me).await, whole(&want));
    let other_procedure = UnpublishedFilter { procedure: "another_procedure".into(), after: None };
    assert!(store.unpublished(office, me, &other_procedure, 9).await.unwrap().is_empty());
    // One came out in both; in another one of the two keeps out.
    let events = [event("case.published")];
    let none = marks(&[]);
    let change = CaseChange { marks: Some(&none), ..CaseChange::new(want[0], 1, None, &closed, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    let recusals = [(me, "granted"), (other, "asked")];
    let change = CaseChange { recusals: Some(&recusals), ..CaseChange::new(want[1], 1, None, &closed, &events) };
    done(store.add_events(&change, T0).await.unwrap());
    assert_eq!((pages(me).await, pages(other).await), (whole(&want[2..]), whole(&want[1..])));
    assert_clean(&store).await;
}

pub async fn a_case_without_marks_is_marked_once_and_found_by_its_facts(world: &World) {
    let store = world.open().await;
    let head = head(office(&store, "210100000001").await, "中山广场");
    let old = begun(&store, &head, None).await;
    let new = begun(&store, &head, Some(&begun_as("中山广场"))).await;
    let unmarked = async |after: Option<CaseId>| {
        let rows = store.cases_to_mark(after, 9).await.unwrap();
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!((unmarked(None).await, unmarked(Some(old)).await), (vec![old], vec![]));
    let row = store.case(old).await.unwrap().unwrap();
    let marks = CaseMarks { facts: "南湖公园有限公司".into(), ..begun_as("中山广场") };
    let moved_on = store::casework::cases::CaseRow { events: 2, ..row.clone() };
    assert!(!store.mark_case(&moved_on, &marks).await.unwrap(), "somebody acted meanwhile");
    let found = async |query: &str| {
        let mut things = store.search(Thing::Case, query, None, 9).await.unwrap().expect("searched").things;
        things.sort_unstable();
        things
    };
    assert!(found("南湖公园").await.is_empty());
    assert!(store.mark_case(&row, &marks).await.unwrap());
    assert_eq!((unmarked(None).await, found("南湖公园").await), (vec![], vec![old.to_string()]));
    let mut both = [old.to_string(), new.to_string()];
    both.sort_unstable();
    assert_eq!(found("中山广场").await, both, "and by its title as before");
    // Leave that was asked for before marks were written waits for the head from now on.
    let head = CaseHead { state: "running".into(), ..head };
    let asked = begun(&store, &head, None).await;
    let giver = Giver {
        account: account(&store, "me").await,
        decides: true,
        reviews: false,
        proposes: false,
        given: Vec::new(),
    };
    let waits = async || {
        let rows = store.deliberated(&WorkFilter::default(), &giver, 9).await.unwrap();
        rows.into_iter().map(|(row, what)| (row.id, what)).collect::<Vec<_>>()
    };
    assert!(waits().await.is_empty());
    let row = store.case(asked).await.unwrap().unwrap();
    let marks = CaseMarks { awaits: "leave".into(), ..begun_as("中山广场") };
    assert!(store.mark_case(&row, &marks).await.unwrap());
    assert_eq!(waits().await, [(asked, "leave".to_owned())]);
    assert_clean(&store).await;
}

pub async fn a_number_without_its_year_or_office_is_one_question(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    let mut ids = Vec::new();
    for n in 0..24 {
        ids.push(begun(&store, &head(if n % 2 == 0 { a } else { b }, "中山广场"), Some(&begun_as("中山广场"))).await);
    }
    let number = store.case(ids[2]).await.unwrap().unwrap().number;
    let asked = async |typed: &str, limit: u32| {
        let rows = store.cases_numbered(&typed_number(typed).expect("a number"), limit).await.unwrap();
        let mut found: Vec<CaseId> = rows.into_iter().map(|row| row.id).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(asked(&number, 9).await, [ids[2]], "a whole number means one");
    assert_eq!(asked(&number.replace(['〔', '〕'], " "), 9).await, [ids[2]], "however it is written");
    let mut both = [ids[2], ids[3]];
    both.sort_unstable();
    for typed in ["2", "2号", "2026-2", "〔2026〕2号"] {
        assert_eq!(asked(typed, 9).await, both, "{typed}");
    }
    assert_eq!((asked("2", 1).await.len(), asked("2025-2", 9).await.len(), asked("99", 9).await.len()), (1, 0, 0));
    assert_clean(&store).await;
}

pub async fn numbers_and_what_was_late_are_asked_of_a_whole_list(world: &World) {
    let store = world.open().await;
    let head = head(office(&store, "210100000001").await, "中山广场");
    let mut ids = Vec::new();
    // More than one question asks for.
    for _ in 0..52 {
        ids.push(begun(&store, &head, Some(&begun_as("中山广场"))).await);
    }
    let clock = |binds: &str, state: &str| ClockRow {
        clock: "decide".into(),
        binds: binds.into(),
        state: state.into(),
        due: None,
        provisional: false,
    };
    let events = [event("case.step_done")];
    let (first, last) = (ids[0], ids[51]);
    for (id, clocks) in [
        (first, vec![clock("police_local", "met_late"), clock("applicant", "missed"), clock("applicant", "lapsed")]),
        (last, vec![clock("police_local", "lapsed")]),
        (ids[1], vec![clock("police_local", "met"), clock("police_local", "running")]),
    ] {
        let change = CaseChange { clocks: &clocks, ..CaseChange::new(id, 1, None, &head, &events) };
        done(store.add_events(&change, T0).await.unwrap());
    }
    let mut late = store.late_parties(&ids).await.unwrap();
    late.values_mut().for_each(|words| words.sort_unstable());
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let want = BTreeMap::from([(first, words(&["applicant", "police_local"])), (last, words(&["police_local"]))]);
    assert_eq!(late, want);
    assert!(store.late_parties(&[]).await.unwrap().is_empty());
    let mut asked: BTreeSet<CaseId> = ids.iter().copied().collect();
    asked.insert(store.new_case_id(T0).unwrap());
    let numbers = store.case_numbers(&asked).await.unwrap();
    assert_eq!(numbers.len(), 52);
    assert_eq!(numbers.get(&last), store.case(last).await.unwrap().map(|row| row.number).as_ref());
    assert_clean(&store).await;
}
