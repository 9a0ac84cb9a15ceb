//! Plans of inspections: draft to drawn and never back, one pool and one draw, salts sealed, one case of a drawn unit, counts of an office.

use crate::casework::{PERSON, clauses, day, head, office, open, pii};
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CaseId, OfficeId};
use serde_json::json;
use store::Store;
use store::casework::Territory;
use store::casework::cases::CaseHead;
use store::casework::draws::{
    DrawBy, DrawKept, NewDraw, NewPool, NewReplacement, PLAN_BYTES, PoolPerson, PoolUnit, SUBSTITUTIONS, Teamed,
};
use store::casework::plans::{BODY_BYTES, CONFLICTS, DrawnVisit, NewPlan, PLANS, PlanPut, PlanStage};
use store::visits::{VisitEntry, VisitRow};

const SALT: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

fn plan(word: &str, office: OfficeId) -> NewPlan {
    NewPlan { word: word.into(), year: 2026, office, title: "年度检查".into(), body: "{}".into() }
}

fn units() -> Vec<PoolUnit> {
    let unit = |id: &str| PoolUnit {
        unit: id.into(),
        register: "systems".into(),
        row: id.into(),
        name: format!("{id}号楼"),
        party: None,
    };
    ["S-1", "S-2", "S-3"].into_iter().map(unit).collect()
}

fn teamed(unit: &str) -> Teamed {
    Teamed { unit: unit.into(), team: vec!["aaaaaaaaaaaa".into(), "bbbbbbbbbbbb".into()], lack: String::new() }
}

fn pool<'a>(plan: &'a str, people: &'a [PoolPerson], units: &'a [PoolUnit]) -> NewPool<'a> {
    NewPool { plan, text: "unit systems S-1 -\n", body: json!({ "plan": plan }), people, units, conflicts: 0 }
}

/// A plan of this word that is drawn: S-1 and S-2, S-3 waits.
async fn drawn(store: &Store, word: &str) -> (OfficeId, AccountId) {
    let (office, who) = (office(store, "210100000001").await, account(store, "clerk").await);
    let by = DrawBy { by: Some(who), clauses: &[], now: T0 };
    assert_eq!(store.put_inspection_plan(&plan(word, office), who, T0).await.unwrap(), PlanPut::Done);
    assert!(store.publish_inspection_plan(word, T0, &clauses(), who, T0).await.unwrap());
    let units = units();
    assert!(matches!(store.commit_pool(&pool(word, &[], &units), by).await.unwrap(), DrawKept::Done(_)));
    let drawn = [teamed("S-2"), Teamed { team: vec![], lack: "load".into(), ..teamed("S-1") }];
    let new = NewDraw { plan: word, record: "{}", body: json!({ "plan": word }), drawn: &drawn };
    assert!(matches!(store.keep_draw(&new, by).await.unwrap(), DrawKept::Done(_)));
    (office, who)
}

pub async fn a_plan_goes_from_draft_to_drawn_and_never_back(world: &World) {
    let store = world.open().await;
    let (a, b) = (office(&store, "210100000001").await, office(&store, "210200000001").await);
    let (one, two) = (account(&store, "one").await, account(&store, "two").await);
    let long = NewPlan { body: "x".repeat(BODY_BYTES + 1), ..plan("2026-1", a) };
    assert_eq!(store.put_inspection_plan(&long, one, T0).await.unwrap(), PlanPut::Full);
    assert_eq!(store.put_inspection_plan(&plan("2026-1", a), one, T0).await.unwrap(), PlanPut::Done);
    let later = T0.plus_ms(1);
    let other = NewPlan { title: "改名".into(), ..plan("2026-1", a) };
    assert_eq!(store.put_inspection_plan(&other, two, later).await.unwrap(), PlanPut::Done);
    assert_eq!(store.put_inspection_plan(&plan("2026-1", b), two, later).await.unwrap(), PlanPut::Taken);
    let row = store.inspection_plan("2026-1").await.unwrap().expect("there");
    assert_eq!((row.plan.title.as_str(), row.stage, row.by, row.published), ("改名", PlanStage::Draft, two, None));
    assert!(store.public_plans(None, 9).await.unwrap().is_empty(), "a draft is nobody's business");
    assert!(!store.publish_inspection_plan("2026-1", T0, &[], one, later).await.unwrap(), "it was changed since");
    assert!(store.publish_inspection_plan("2026-1", later, &clauses(), one, later).await.unwrap());
    assert!(!store.publish_inspection_plan("2026-1", later, &[], one, later).await.unwrap(), "once");
    assert_eq!(store.put_inspection_plan(&other, two, later).await.unwrap(), PlanPut::NotDraft);
    assert!(store.declare_conflict("2026-1", "S-1", two, later).await.unwrap());
    assert!(!store.declare_conflict("2026-1", "S-1", two, later).await.unwrap(), "declared already");
    assert_eq!(store.plan_conflicts("2026-1").await.unwrap(), [(two, "S-1".to_owned())]);
    let by = DrawBy { by: Some(one), clauses: &[], now: later };
    let units = units();
    let blind = pool("2026-1", &[], &units);
    assert_eq!(store.commit_pool(&blind, by).await.unwrap(), DrawKept::MovedOn, "somebody keeps out since it was made");
    assert_eq!(store.draw_pool("2026-1").await.unwrap(), None, "nothing was kept");
    let seen = NewPool { conflicts: 1, ..blind };
    assert!(matches!(store.commit_pool(&seen, by).await.unwrap(), DrawKept::Done(_)));
    assert!(!store.declare_conflict("2026-1", "S-2", two, later).await.unwrap(), "the pool is fixed");
    let row = store.inspection_plan("2026-1").await.unwrap().expect("there");
    assert_eq!(
        (row.stage, row.published_by, row.published),
        (PlanStage::Committed, Some(one), Some(T0.shanghai_date()))
    );
    assert_eq!(store.put_inspection_plan(&plan("2026-2", b), two, later).await.unwrap(), PlanPut::Done);
    let words = async |office, before| {
        let rows = store.inspection_plans(Territory::from(office), before, 9).await.unwrap();
        rows.into_iter().map(|row| row.plan.word).collect::<Vec<_>>()
    };
    assert_eq!(words(None, None).await, ["2026-2", "2026-1"], "the newest first");
    assert_eq!(words(Some(a), None).await, ["2026-1"]);
    let newest = store.inspection_plans(Territory::All, None, 1).await.unwrap()[0].entered;
    assert_eq!(words(None, Some(newest)).await, ["2026-1"]);
    assert_eq!(store.public_plans(None, 9).await.unwrap().len(), 1);
    assert_clean(&store).await;
    world
        .tamper(&format!(
            "INSERT INTO plan_conflict (plan, account, unit, at_ms) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {CONFLICTS}) \
             SELECT '2026-2', '{two}', 'x' || CAST(n.i AS TEXT), 0 FROM n"
        ))
        .await;
    assert!(!store.declare_conflict("2026-2", "S-1", one, later).await.unwrap(), "as many as are kept");
    world
        .tamper(&format!(
            "INSERT INTO inspection_plan (word, year, office, title, body, state, published_day, account, published_by, changed_ms, \
             entered) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PLANS}) \
             SELECT 'x' || CAST(n.i AS TEXT), year, office, title, body, state, NULL, account, NULL, changed_ms, 1000000 + n.i \
             FROM n CROSS JOIN inspection_plan WHERE word = '2026-2'"
        ))
        .await;
    assert_eq!(store.put_inspection_plan(&plan("2026-3", b), two, later).await.unwrap(), PlanPut::Full);
}

pub async fn a_plan_is_drawn_once(world: &World) {
    let store = world.open().await;
    let clauses = clauses();
    let by = DrawBy { by: None, clauses: &clauses, now: T0 };
    let units = units();
    let no_body = json!({ "plan": "2026" });
    let draw = |record| NewDraw { plan: "2026", record, body: json!({ "plan": "2026" }), drawn: &[] };
    assert_eq!(store.keep_draw(&draw("{}"), by).await.unwrap(), DrawKept::TooEarly, "no pool");
    let DrawKept::Done(place) = store.commit_pool(&pool("2026", &[], &units), by).await.unwrap() else {
        panic!("kept")
    };
    assert_eq!(store.commit_pool(&pool("2026", &[], &units), by).await.unwrap(), DrawKept::There);
    let into = teamed("S-3");
    let replace =
        |seen| NewReplacement { plan: "2026", seen, kept: "{}", body: no_body.clone(), out: "S-1", into: &into };
    assert_eq!(store.replace_drawn(&replace(0), by).await.unwrap(), DrawKept::TooEarly, "nothing was drawn");
    let draws: Vec<_> = (0..4)
        .map(|n| {
            let (store, clauses) = (store.clone(), clauses.clone());
            tokio::spawn(async move {
                let by = DrawBy { by: None, clauses: &clauses, now: T0 };
                let (record, drawn) = (format!("{{\"n\":{n}}}"), [teamed("S-1")]);
                let new = NewDraw { plan: "2026", record: &record, body: json!({ "plan": "2026" }), drawn: &drawn };
                store.keep_draw(&new, by).await.unwrap()
            })
        })
        .collect();
    let mut kept = Vec::new();
    for one in draws {
        match one.await.expect("no panic") {
            DrawKept::Done(entry) => kept.push(entry),
            other => assert_eq!(other, DrawKept::There),
        }
    }
    assert_eq!(kept.len(), 1, "of many at once one is the draw");
    let row = store.draw("2026").await.unwrap().expect("there");
    assert_eq!((row.entry, row.sha256), (kept[0], base::Sha256::of(row.text.as_bytes())));
    let fixed = store.draw_pool("2026").await.unwrap().expect("there");
    assert_eq!((fixed.text.as_str(), fixed.entry), ("unit systems S-1 -\n", place));
    assert!(matches!(store.replace_drawn(&replace(0), by).await.unwrap(), DrawKept::Done(_)));
    assert_eq!(store.replace_drawn(&replace(0), by).await.unwrap(), DrawKept::There, "somebody was first");
    assert_eq!(store.substitutions("2026").await.unwrap()[0].body, "{}");
    let places = store.drawn_units("2026", 0, 9).await.unwrap();
    let places: Vec<_> = places.iter().map(|u| (u.unit.as_str(), u.place, u.gone)).collect();
    assert_eq!(places, [("S-1", 1, true), ("S-3", 2, false)]);
    store.flush_ledger().await.unwrap();
    let kinds = [place, kept[0], row.entry + 1].map(|at| store.ledger().entry(at).unwrap().parse().unwrap().kind);
    assert_eq!(kinds, ["draw.pool", "draw.made", "draw.replaced"], "the words of the design");
    let long = "p".repeat(PLAN_BYTES + 1);
    assert_eq!(store.commit_pool(&pool(&long, &[], &[]), by).await.unwrap(), DrawKept::Full);
    world
        .tamper(&format!(
            "INSERT INTO draw_substitution (plan, n, body, account, at_ms, entry) \
             WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {SUBSTITUTIONS}) \
             SELECT '2026', i, '', NULL, 0, 0 FROM n"
        ))
        .await;
    assert_eq!(store.replace_drawn(&replace(SUBSTITUTIONS), by).await.unwrap(), DrawKept::Full);
    assert!(
        world.try_tamper("INSERT INTO draw SELECT * FROM draw").await.is_err(),
        "the key of the database refuses too"
    );
}

pub async fn who_stands_behind_a_pool_lies_sealed(world: &World) {
    let store = world.open().await;
    let (office, who) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    assert_eq!(store.put_inspection_plan(&plan("2026", office), who, T0).await.unwrap(), PlanPut::Done);
    let words = pii(&format!("{SALT}\n2301-0001\n{PERSON}"));
    let people = [PoolPerson { inspector: "aaaaaaaaaaaa".into(), account: who, words: words.clone() }];
    let by = DrawBy { by: Some(who), clauses: &[], now: T0 };
    assert!(matches!(store.commit_pool(&pool("2026", &people, &[]), by).await.unwrap(), DrawKept::Done(_)));
    let kept = store.plan_people("2026").await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].inspector.as_str(), kept[0].account, &kept[0].words), ("aaaaaaaaaaaa", who, &words));
    store.flush_ledger().await.unwrap();
    for word in [SALT, "2301-0001", PERSON] {
        assert_eq!(world.finds(word).await, None, "`{word}` stands open");
    }
    assert!(store.plan_people("2025").await.unwrap().is_empty());
}

/// A visit of a case on a day, asked for.
async fn asked_visit(store: &Store, case: CaseId, who: AccountId) -> VisitRow {
    let row = VisitRow {
        case,
        n: 0,
        state: "asked".into(),
        kind: "planned".into(),
        day: day("2026-12-01"),
        unit: "91350100M000100Y43".into(),
        inspectors: vec![who],
        facts: "{}".into(),
        version: 0,
        record: pii("{}"),
        ended: None,
        report: None,
    };
    let text = base::Text::new("检查。", "A visit.");
    let made = VisitEntry { kind: "visit.asked", body: json!({}), text, by: who, now: T0 };
    assert_eq!(store.new_visit(&row, &made).await.unwrap(), Some(1));
    VisitRow { n: 1, ..row }
}

pub async fn a_drawn_unit_has_one_case_with_its_visit(world: &World) {
    let store = world.open().await;
    let (office, who) = drawn(&store, "2026").await;
    let first = store.drawn_unit("2026", "S-2").await.unwrap().expect("drawn");
    assert_eq!((first.place, first.team.len(), first.name.as_str(), first.case), (1, 2, "S-2号楼", None));
    let second = store.drawn_unit("2026", "S-1").await.unwrap().expect("drawn");
    assert_eq!((second.lack.as_str(), second.team.is_empty()), ("load", true));
    assert_eq!(store.drawn_unit("2026", "S-3").await.unwrap(), None, "it waits");
    let (case, _) = open(&store, &head(office, "楼")).await;
    assert_eq!(store.drawn_unit_of_case(case).await.unwrap(), None, "no unit's case yet");
    assert!(store.link_visit(("2026", "S-2"), case, who, T0).await.unwrap());
    assert!(!store.link_visit(("2026", "S-2"), case, who, T0).await.unwrap(), "it has one");
    assert!(!store.link_visit(("2026", "S-3"), case, who, T0).await.unwrap(), "not drawn");
    let of_case = store.drawn_unit_of_case(case).await.unwrap().expect("the case of a drawn unit");
    assert_eq!((of_case.plan.as_str(), of_case.unit.as_str(), of_case.visit), ("2026", "S-2", None));
    let visit = asked_visit(&store, case, who).await;
    let shown = store.drawn_units("2026", 0, 9).await.unwrap().remove(0).visit;
    assert_eq!(shown, Some(DrawnVisit { state: "asked".into(), day: visit.day }));
    let into = teamed("S-3");
    let new = NewReplacement { plan: "2026", seen: 0, kept: "{}", body: json!({}), out: "S-2", into: &into };
    let by = DrawBy { by: Some(who), clauses: &[], now: T0 };
    for state in ["open", "closed"] {
        world.tamper(&format!("UPDATE visit SET state = '{state}' WHERE case_id = '{case}'")).await;
        assert_eq!(store.replace_drawn(&new, by).await.unwrap(), DrawKept::Begun, "{state}");
    }
    assert!(store.substitutions("2026").await.unwrap().is_empty(), "nothing was replaced");
    world.tamper(&format!("UPDATE visit SET state = 'asked' WHERE case_id = '{case}'")).await;
    let open_yet: Vec<_> = store.units_to_open("2026", 9).await.unwrap().into_iter().map(|u| u.unit).collect();
    assert_eq!(open_yet, ["S-1"]);
    let counts = store.plan_counts("2026").await.unwrap();
    assert_eq!((counts.drawn, counts.opened, counts.visited), (2, 1, 0));
    let ended = CaseHead { closed: Some(T0), ..head(office, "楼") };
    let events = [crate::casework::event("case.decided")];
    let rows = [store::casework::registers::RegisterChange {
        register: "inspections".into(),
        ..crate::casework::register_change(&case.to_string(), "楼")
    }];
    let change = store::casework::events::CaseChange {
        registers: &rows,
        ..store::casework::events::CaseChange::new(case, 1, None, &ended, &events)
    };
    crate::casework::done(store.add_events(&change, T0).await.unwrap());
    assert_eq!(store.plan_counts("2026").await.unwrap().visited, 1);
    let last = store.last_visits("inspections", office).await.unwrap();
    assert_eq!(last.iter().map(|(unit, _)| unit.as_str()).collect::<Vec<_>>(), ["S-2"]);
    assert!(store.last_visits("systems", office).await.unwrap().is_empty());
    assert!(store.last_by_party("inspections", office).await.unwrap().is_empty(), "the row names no party");
    assert_clean(&store).await;
}

pub async fn a_unit_that_was_replaced_meanwhile_is_not_visited(world: &World) {
    let store = world.open().await;
    let (office, who) = drawn(&store, "2026").await;
    let (case, _) = open(&store, &head(office, "楼")).await;
    assert!(store.link_visit(("2026", "S-2"), case, who, T0).await.unwrap());
    let asked = asked_visit(&store, case, who).await;
    let entry =
        |kind| VisitEntry { kind, body: json!({}), text: base::Text::new("检查。", "A visit."), by: who, now: T0 };
    let approved = VisitRow { state: "approved".into(), ..asked };
    assert!(store.put_visit(&approved, ("asked", 0), &entry("visit.approved")).await.unwrap());
    let into = teamed("S-3");
    let new = NewReplacement { plan: "2026", seen: 0, kept: "{}", body: json!({}), out: "S-2", into: &into };
    let by = DrawBy { by: Some(who), clauses: &[], now: T0 };
    assert!(matches!(store.replace_drawn(&new, by).await.unwrap(), DrawKept::Done(_)), "it has not begun");
    let begun = VisitRow { state: "open".into(), version: 1, ..approved.clone() };
    assert!(!store.put_visit(&begun, ("approved", 0), &entry("visit.begun")).await.unwrap());
    let dropped = VisitRow { state: "dropped".into(), version: 1, ..approved };
    assert!(store.put_visit(&dropped, ("approved", 0), &entry("visit.dropped")).await.unwrap(), "but called off");
    assert_clean(&store).await;
}

pub async fn what_was_drawn_is_counted_within_the_territory(world: &World) {
    let store = world.open().await;
    let (own, who) = drawn(&store, "2026").await;
    let other = office(&store, "210200000001").await;
    let year = (T0.plus_ms(-1), T0.plus_ms(1));
    assert_eq!(store.drawn_count(Territory::All, year).await.unwrap(), 2);
    assert_eq!(store.drawn_count(Territory::Office(own), year).await.unwrap(), 2);
    assert_eq!(store.drawn_count(Territory::Office(other), year).await.unwrap(), 0, "another office drew nothing");
    assert_eq!(store.drawn_count(Territory::All, (T0.plus_ms(1), T0.plus_ms(2))).await.unwrap(), 0, "another time");
    let into = teamed("S-3");
    let new = NewReplacement { plan: "2026", seen: 0, kept: "{}", body: json!({}), out: "S-1", into: &into };
    let by = DrawBy { by: Some(who), clauses: &[], now: T0 };
    assert!(matches!(store.replace_drawn(&new, by).await.unwrap(), DrawKept::Done(_)));
    assert_eq!(store.drawn_count(Territory::Office(own), year).await.unwrap(), 2, "one leaves, one comes in");
    let (case, _) = open(&store, &head(own, "楼")).await;
    assert!(store.link_visit(("2026", "S-2"), case, who, T0).await.unwrap());
    let rows = [store::casework::registers::RegisterChange {
        register: "inspections".into(),
        ..crate::casework::register_change(&case.to_string(), "楼")
    }];
    let (head, events) = (head(own, "楼"), [crate::casework::event("case.decided")]);
    let change = store::casework::events::CaseChange {
        registers: &rows,
        ..store::casework::events::CaseChange::new(case, 1, None, &head, &events)
    };
    crate::casework::done(store.add_events(&change, T0).await.unwrap());
    let last = async |of| store.last_visits("inspections", of).await.unwrap().len();
    assert_eq!((last(own).await, last(other).await), (1, 0));
    let words = async |of| {
        let rows = store.plans_of_year(of, 2026).await.unwrap();
        rows.into_iter().map(|row| row.plan.word).collect::<Vec<_>>()
    };
    assert_eq!((words(own).await, words(other).await), (vec!["2026".to_owned()], Vec::new()));
    // An office below the one that planned: its units are in the territory, and the plan is its plan too.
    world.tamper(&format!("UPDATE office SET parent = '{own}' WHERE id = '{other}'")).await;
    assert_eq!((words(other).await.len(), last(other).await, last(own).await), (1, 1, 1));
    let of = [Territory::Under(own), Territory::Under(other), Territory::Office(other)];
    for (of, drawn) in of.into_iter().zip([2, 0, 0]) {
        assert_eq!(store.drawn_count(of, year).await.unwrap(), drawn, "{of:?}");
    }
    assert_eq!(store.put_inspection_plan(&plan("2026-3", other), who, T0).await.unwrap(), PlanPut::Done);
    let mut under = store.inspection_plans(Territory::Under(own), None, 9).await.unwrap().into_iter();
    assert_eq!(under.next().map(|row| row.plan.word).as_deref(), Some("2026-3"), "a plan of the office below");
    assert_eq!(under.len(), 1);
    assert!(store.plans_of_year(own, 2025).await.unwrap().is_empty());
    assert_eq!(store.put_inspection_plan(&plan("2026-2", own), who, T0).await.unwrap(), PlanPut::Done);
    assert_eq!(words(own).await.len(), 1, "a draft is no plan yet");
}
