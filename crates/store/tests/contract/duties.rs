//! Duties: papers sealed and bounded, states that change with their entry, the unit's own periods.

use crate::world::{T0, World, account, random};
use base::{CivilDate, ClauseId, PaperId, Pii, Sha256, Text};
use domain::duty::{PAPERS, Paper, PaperKind};
use law::{Count, Counting, Deadline, Direction, Falls, Leg, Sense, TermUnit};
use store::Store;
use store::duties::DutyNow;
use store::logbook::ActFilter;

const TITLE: &str = "欧阳锋责任人任命书";
const NUMBER: &str = "沈公备2026第77号";

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn paper(by: base::AccountId, on: &str) -> Paper {
    Paper {
        id: PaperId::new(T0.0, random()),
        kind: PaperKind::Responsible,
        title: Pii::new(TITLE.into()),
        number: Pii::new(NUMBER.into()),
        day: day(on),
        until: Some(day("2027-01-01")),
        document: Some(Sha256::of(b"paper")),
        by,
        entered: T0,
    }
}

async fn logged(store: &Store) -> Vec<(String, serde_json::Value)> {
    store.flush_ledger().await.unwrap();
    let acts = store.acts(&ActFilter::default(), 99).await.unwrap();
    let acts = acts.iter().filter(|a| a.kind.starts_with("duty"));
    acts.map(|a| {
        let entry = store.ledger().entry(a.idx).unwrap().parse().unwrap();
        (format!("{} {} {}", a.kind, a.text.zh, a.text.en), serde_json::to_value(&entry.body).unwrap())
    })
    .collect()
}

pub async fn a_papers_text_is_sealed_and_goes_with_it(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let (one, two) = (paper(by, "2026-01-02"), paper(by, "2026-03-04"));
    let two = Paper { until: None, document: None, number: Pii::default(), ..two };
    for p in [&one, &two] {
        assert!(store.add_duty_paper(p).await.unwrap());
    }
    assert_eq!(store.duty_papers().await.unwrap(), [two.clone(), one.clone()], "every field comes back, newest first");
    assert!(store.withdraw_duty_paper(&one, by, T0).await.unwrap());
    assert!(!store.withdraw_duty_paper(&one, by, T0).await.unwrap(), "once");
    assert_eq!(store.duty_papers().await.unwrap(), [two]);
    let log = logged(&store).await;
    assert_eq!(log.len(), 3);
    for (words, body) in &log {
        let text = format!("{words}{body}");
        assert!(!text.contains(TITLE) && !text.contains(NUMBER), "{text}");
    }
    assert_eq!(log.iter().filter(|(_, b)| b["text_commitment"].is_string()).count(), 2);
    world.tamper("UPDATE duty_paper SET text_sealed = (SELECT name_sealed FROM account LIMIT 1)").await;
    assert!(store.duty_papers().await.is_err(), "a sealed value of another column is no paper");
}

pub async fn papers_have_a_limit(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    world
        .tamper(
            "INSERT INTO duty_paper (id, kind, day, until_day, document_sha256, text_sealed, entered_by, entered_ms) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1999) \
             SELECT 'x' || CAST(i AS TEXT), 'archive_kept', '2026-01-01', NULL, NULL, \
             (SELECT name_sealed FROM account LIMIT 1), (SELECT id FROM account LIMIT 1), 0 FROM n",
        )
        .await;
    assert_eq!(PAPERS, 2_000);
    let (last, more) = (paper(by, "2026-01-02"), paper(by, "2026-01-02"));
    assert!(store.add_duty_paper(&last).await.unwrap());
    assert!(!store.add_duty_paper(&more).await.unwrap(), "full");
    assert!(store.withdraw_duty_paper(&last, by, T0).await.unwrap());
    assert!(store.add_duty_paper(&more).await.unwrap());
}

fn now(code: &str, state: &'static str, on: Option<&str>) -> DutyNow {
    DutyNow {
        code: code.into(),
        title: Text::new("备案", "Filing"),
        state: (state, Text::new("状态", "state")),
        day: on.map(day),
        deadline: None,
        clauses: vec![ClauseId::new("799-14")],
    }
}

/// A count of thirty days from `start`, as a calendar of `edition` gave it.
fn counted(start: &str, last: &str, edition: &str) -> Deadline {
    let counting = Counting {
        id: "ordinance".into(),
        clauses: vec![ClauseId::new("PP-35")],
        working: vec![],
        working_up_to: 0,
        all_working: false,
        last_day_moves: true,
        default: true,
        text_zh: "顺延".into(),
        text_en: "moves".into(),
    };
    let leg = Leg { amount: 30, unit: TermUnit::Days, clause: ClauseId::new("799-14") };
    let count = Count {
        start: day(start),
        legs: vec![leg],
        counting,
        sense: Sense::Within,
        direction: Direction::After,
        stops: vec![],
    };
    Deadline {
        falls: Falls::On(day(last)),
        length: vec![ClauseId::new("799-14")],
        counted_by: vec![ClauseId::new("PP-35")],
        counting_default: true,
        steps: vec![],
        provisional: None,
        edition: edition.into(),
        earlier: vec![],
        count,
    }
}

pub async fn a_last_day_that_a_notice_moves_is_an_entry_with_both_days(world: &World) {
    let store = world.open().await;
    let put = |start: &'static str, last: &'static str, edition: &'static str| {
        let store = &store;
        async move {
            let deadline = Some(counted(start, last, edition));
            let duty = DutyNow { deadline, ..now("file_system", "due", Some(last)) };
            store.put_duty_states(&[duty], T0).await.unwrap()
        }
    };
    assert_eq!(put("2026-12-02", "2027-01-01", "2026").await, 1, "its first state");
    assert_eq!(put("2026-12-02", "2027-01-01", "2027").await, 0, "another notice, the same day");
    assert_eq!(put("2026-12-02", "2027-01-04", "2027-b").await, 1, "moved");
    assert_eq!(put("2026-12-02", "2027-01-04", "2027-b").await, 0, "told once");
    assert_eq!(put("2026-12-09", "2027-01-08", "2027-c").await, 0, "another first day is another term");
    let kept = store.duty_states().await.unwrap().remove(0);
    assert_eq!(kept.deadline, Some(counted("2026-12-09", "2027-01-08", "2027-c")));
    let log = logged(&store).await;
    let (words, body) = log.iter().find(|(w, _)| w.starts_with("duty.recomputed")).unwrap();
    assert!(words.contains("2027-01-01") && words.contains("2027-01-04"), "{words}");
    let found =
        ["was_day", "was_edition", "day", "edition"].map(|key| body[key].as_str().unwrap_or_default().to_owned());
    assert_eq!(found, ["2027-01-01", "2027", "2027-01-04", "2027-b"]);
}

pub async fn only_a_change_of_state_is_an_entry(world: &World) {
    let store = world.open().await;
    let first = [now("file_system", "due", Some("2026-12-01")), now("keep_archive", "unknown", None)];
    assert_eq!(store.put_duty_states(&first, T0).await.unwrap(), 2);
    let later = T0.plus_ms(1_000);
    let moved = [now("file_system", "due", Some("2026-12-02")), now("keep_archive", "unknown", None)];
    assert_eq!(store.put_duty_states(&moved, later).await.unwrap(), 0, "the same states");
    let rows = store.duty_states().await.unwrap();
    assert_eq!((rows[0].since, rows[0].day), (T0, Some(day("2026-12-02"))), "the day is kept current");
    let last = [now("file_system", "overdue", Some("2026-12-02"))];
    assert_eq!(store.put_duty_states(&last, later).await.unwrap(), 2, "one is overdue, one owed no more");
    let rows = store.duty_states().await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].state.as_str(), rows[0].since), ("overdue", later));
    let log = logged(&store).await;
    assert_eq!(log.len(), 4);
    let body = |kind: &str| log.iter().find(|(w, _)| w.starts_with(kind)).map(|(_, b)| b.clone()).unwrap();
    assert_eq!(body("duty.ended")["was"], "unknown");
    let changed = log.iter().find(|(_, b)| b["state"] == "overdue").map(|(_, b)| b.clone()).unwrap();
    assert_eq!((changed["was"].as_str(), changed["clauses"][0].as_str()), (Some("due"), Some("799-14")));
}

pub async fn own_periods_are_kept_and_logged(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    assert!(store.duty_periods().await.unwrap().is_empty());
    store.set_duty_period("keep_running", Some(90), by, T0).await.unwrap();
    store.set_duty_period("check_private_places", Some(1), by, T0).await.unwrap();
    store.set_duty_period("keep_running", None, by, T0).await.unwrap();
    let all = store.duty_periods().await.unwrap();
    assert_eq!(all.into_iter().collect::<Vec<_>>(), [("check_private_places".to_owned(), 1)]);
    assert_eq!(logged(&store).await.len(), 3);
}
