//! Emergency accesses: access and debt together, words sealed, steps that take turns, a missed day entered once.

use crate::uppers::platform;
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CivilDate, ClauseId, Pii, Text};
use domain::emergency::State;
use store::Store;
use store::emergencies::{EmergencyRow, Owed, Review, STEPS};
use store::logbook::ActFilter;
use store::uppers::{Emergency, UpperRow};

const REASON: &str = "指挥中心欧阳来电：有人持刀";
const WORDS: &str = "欧阳警官来电要求查看大厅画面。\n十分钟后警情解除。";

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn owed() -> Owed {
    Owed { clauses: vec![ClauseId::new("A-24-3")], due: day("2026-03-05"), own_days: Some(3), term: vec![] }
}

fn in_emergency(n: u8) -> UpperRow {
    let mut row = platform(n);
    row.config.emergency = Some(Emergency { reason: REASON.into(), from: T0, until: T0.plus_ms(3_600_000) });
    row
}

async fn enter(store: &Store, row: &UpperRow, by: AccountId) -> EmergencyRow {
    let text = Text::new("试验。", "Test.");
    let leaf = store.open_emergency(row, &owed(), text, by, T0).await.unwrap().expect("stored");
    store.emergency(leaf).await.unwrap().expect("there")
}

async fn kinds(store: &Store) -> Vec<String> {
    let filter = ActFilter { kind: Some("emergency.".into()), ..ActFilter::default() };
    store.acts(&filter, 200).await.unwrap().into_iter().map(|a| a.kind).rev().collect()
}

async fn bodies(store: &Store) -> String {
    store.flush_ledger().await.unwrap();
    let acts = store.acts(&ActFilter::default(), 200).await.unwrap();
    let body = |idx| serde_json::to_string(&store.ledger().entry(idx).unwrap().parse().unwrap().body).unwrap();
    acts.iter().map(|a| format!("{} {} {}", body(a.idx), a.text.zh, a.text.en)).collect()
}

fn pii(text: &str) -> Pii<String> {
    Pii::new(text.into())
}

pub async fn an_access_and_what_is_owed_for_it_are_one(world: &World) {
    let store = world.open().await;
    let by = account(&store, "custodian").await;
    let upper = in_emergency(1);
    let row = enter(&store, &upper, by).await;
    let want = EmergencyRow {
        leaf: row.leaf,
        upper: upper.id,
        platform: upper.config.name.clone(),
        reason: pii(REASON),
        from: T0,
        until: T0.plus_ms(3_600_000),
        by,
        clauses: owed().clauses,
        due: owed().due,
        own_days: Some(3),
        state: State::Owed,
        overdue: None,
    };
    assert_eq!(row, want, "every field comes back");
    assert_eq!(store.upper(upper.id).await.unwrap().unwrap().config.emergency, upper.config.emergency);
    assert_eq!(kinds(&store).await, ["emergency.owed"]);
    // Another one takes its place; ending and removing end what is in force.
    let later = T0.plus_ms(1_000);
    let text = || Text::new("试验。", "Test.");
    let second = store.open_emergency(&upper, &owed(), text(), by, later).await.unwrap().expect("stored");
    assert_eq!(store.emergency(row.leaf).await.unwrap().unwrap().until, later);
    store.put_upper(&upper, "upper.emergency_over", text(), by, later.plus_ms(5)).await.unwrap().expect("stored");
    assert_eq!(store.emergency(second).await.unwrap().unwrap().until, later.plus_ms(5));
    let list: Vec<_> = store.emergencies().await.unwrap().iter().map(|r| r.leaf).collect();
    assert_eq!((list, store.open_emergency_count().await.unwrap()), (vec![second, row.leaf], 2));
    // Without an emergency there is nothing to enter; too many channels undo the access too.
    assert_eq!(store.open_emergency(&platform(2), &owed(), text(), by, T0).await.unwrap(), None);
    let mut broad = in_emergency(3);
    let code =
        |n: usize| store::uppers::UpperChannel { camera: base::CameraId::new(1, [0; 10]), code: format!("{n:020}") };
    broad.config.channels = (0..=store::uppers::MAX_CHANNELS).map(code).collect();
    assert_eq!(store.open_emergency(&broad, &owed(), text(), by, T0).await.unwrap(), None);
    assert_eq!(store.open_emergency_count().await.unwrap(), 2);
    assert_clean(&store).await;
}

pub async fn words_about_an_access_are_sealed(world: &World) {
    let store = world.open().await;
    let (by, other) = (account(&store, "custodian").await, account(&store, "manager").await);
    let mut upper = in_emergency(1);
    let row = enter(&store, &upper, by).await;
    assert!(store.explain_emergency(&row, &pii(WORDS), by, T0).await.unwrap());
    let seen = store.emergency_steps(row.leaf).await.unwrap()[0].entry;
    let back = Review::Return(pii("欧阳是谁没有写明"), day("2026-03-09"), Some(4));
    assert!(store.review_emergency(&row, seen, &back, other, T0).await.unwrap());
    let steps = store.emergency_steps(row.leaf).await.unwrap();
    let words: Vec<_> = steps.iter().map(|s| (s.what, s.by, s.text.expose().as_str())).collect();
    assert_eq!(words, [(State::Explained, by, WORDS), (State::Returned, other, "欧阳是谁没有写明")]);
    let row = store.emergency(row.leaf).await.unwrap().unwrap();
    assert_eq!((row.state, row.due, row.own_days), (State::Returned, day("2026-03-09"), Some(4)));
    let log = bodies(&store).await;
    assert!(!log.contains("欧阳") && log.contains("text_commitment") && log.contains("reason_commitment"), "{log}");
    // What the platform's row holds of the reason goes with the emergency; the access keeps it sealed.
    upper.config.emergency = None;
    store.put_upper(&upper, "upper.changed", Text::new("试验。", "Test."), by, T0).await.unwrap().expect("stored");
    assert_eq!(store.emergency(row.leaf).await.unwrap().unwrap().reason.expose(), REASON);
    world.tamper("UPDATE emergency_step SET text_sealed = (SELECT name_sealed FROM account LIMIT 1)").await;
    assert!(store.emergency_steps(row.leaf).await.is_err(), "a sealed value of another column is no explanation");
}

pub async fn of_two_who_answer_one_is_first(world: &World) {
    let store = world.open().await;
    let (by, other) = (account(&store, "custodian").await, account(&store, "manager").await);
    let row = enter(&store, &in_emergency(1), by).await;
    let tries = (0..6).map(|_| {
        let (store, row) = (store.clone(), row.clone());
        tokio::spawn(async move { store.explain_emergency(&row, &pii(WORDS), by, T0).await.unwrap() })
    });
    let mut done = 0;
    for one in tries.collect::<Vec<_>>() {
        done += usize::from(one.await.expect("no panic"));
    }
    assert_eq!((done, store.emergency_steps(row.leaf).await.unwrap().len()), (1, 1));
    let seen = store.emergency_steps(row.leaf).await.unwrap()[0].entry;
    assert!(!store.review_emergency(&row, seen + 1, &Review::Confirm, other, T0).await.unwrap(), "not what was seen");
    let tries = (0..6).map(|n| {
        let (store, row) = (store.clone(), row.clone());
        let review = match n % 2 {
            0 => Review::Confirm,
            _ => Review::Return(pii("没有写明是谁来电"), day("2026-03-09"), None),
        };
        tokio::spawn(async move { store.review_emergency(&row, seen, &review, other, T0).await.unwrap() })
    });
    let mut done = 0;
    for one in tries.collect::<Vec<_>>() {
        done += usize::from(one.await.expect("no panic"));
    }
    assert_eq!((done, store.emergency_steps(row.leaf).await.unwrap().len()), (1, 2));
    assert_eq!(kinds(&store).await.len(), 3);
    assert_clean(&store).await;
}

pub async fn a_missed_day_is_entered_once(world: &World) {
    let store = world.open().await;
    let (by, other) = (account(&store, "custodian").await, account(&store, "manager").await);
    let row = enter(&store, &in_emergency(1), by).await;
    assert!(store.emergency_is_overdue(&row, T0).await.unwrap());
    assert!(!store.emergency_is_overdue(&row, T0).await.unwrap(), "once");
    assert!(store.explain_emergency(&row, &pii(WORDS), by, T0).await.unwrap(), "late, and taken");
    assert!(!store.emergency_is_overdue(&row, T0).await.unwrap(), "it is explained");
    let seen = store.emergency_steps(row.leaf).await.unwrap()[0].entry;
    let back = Review::Return(pii("没有写明是谁来电"), day("2026-03-09"), Some(3));
    assert!(store.review_emergency(&row, seen, &back, other, T0).await.unwrap());
    assert!(!store.emergency_is_overdue(&row, T0).await.unwrap(), "another day was set since");
    let again = store.emergency(row.leaf).await.unwrap().unwrap();
    assert_eq!(again.overdue, None);
    assert!(store.emergency_is_overdue(&again, T0).await.unwrap(), "once for each day");
    assert_eq!(kinds(&store).await.iter().filter(|k| *k == "emergency.overdue").count(), 2);
    store.set_emergency_days(Some(9), by, T0).await.unwrap();
    assert_eq!(store.emergency_days().await.unwrap(), Some(9));
    store.set_emergency_days(None, by, T0).await.unwrap();
    assert_eq!(store.emergency_days().await.unwrap(), None);
}

pub async fn an_explanation_goes_back_and_forth_no_more_than_is_kept(world: &World) {
    let store = world.open().await;
    let (by, other) = (account(&store, "custodian").await, account(&store, "manager").await);
    let row = enter(&store, &in_emergency(1), by).await;
    let mut returned = 0;
    loop {
        assert!(store.explain_emergency(&row, &pii(WORDS), by, T0).await.unwrap());
        let seen = store.emergency_steps(row.leaf).await.unwrap().last().expect("a step").entry;
        let back = Review::Return(pii("没有写明是谁来电"), day("2026-03-09"), None);
        if !store.review_emergency(&row, seen, &back, other, T0).await.unwrap() {
            assert!(store.review_emergency(&row, seen, &Review::Confirm, other, T0).await.unwrap(), "never stuck");
            break;
        }
        returned += 1;
        assert!(returned < STEPS, "it has an end");
    }
    let steps = store.emergency_steps(row.leaf).await.unwrap();
    assert!(steps.len() <= STEPS && steps.last().is_some_and(|s| s.what == State::Confirmed), "{}", steps.len());
    assert_eq!(store.open_emergency_count().await.unwrap(), 0);
}
