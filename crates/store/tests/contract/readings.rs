//! Decisions on readings: written with their proposal's confirmation, sealed, in order, bounded.

use crate::world::{T0, World, account};
use base::{AccountId, CivilDate, ClauseId, Pii};
use domain::proposal::Change;
use domain::reading::DECISIONS;
use law::{Choice, ReadingDecision};
use store::Store;
use store::logbook::ActFilter;
use store::proposals::{Answered, Effect};
use store::readings::NewReading;

const REASON: &str = "欧阳处长签发的法制处第 3 号意见";

fn decision(choice: Choice) -> ReadingDecision {
    let from = CivilDate::parse("2026-03-02").unwrap();
    ReadingDecision { reading: "B-40-article".into(), choice, from }
}

async fn decide(store: &Store, choice: Choice, by: (AccountId, AccountId)) -> Answered {
    let ReadingDecision { reading, choice, from } = decision(choice);
    let change = Change::Reading { reading, choice, from, reason: REASON.into() };
    let id = store.propose(&change, by.0, T0).await.unwrap().expect("kept");
    let row = store.proposal(id).await.unwrap().expect("there");
    assert!(row.change == change, "it waits letter by letter");
    let new = NewReading {
        decision: decision(choice),
        reason: Pii::new(REASON.into()),
        clauses: vec![ClauseId::new("B-40-1")],
    };
    store.confirm(&row, &Effect::Reading(new), by.1, T0.plus_ms(5)).await.unwrap()
}

pub async fn a_decision_names_both_persons_and_its_reason_is_sealed(world: &World) {
    let store = world.open().await;
    let by = (account(&store, "police").await, account(&store, "admin").await);
    for choice in [Choice::Literal, Choice::Evident] {
        assert_eq!(decide(&store, choice, by).await, Answered::Done(None));
    }
    let rows = store.reading_decisions().await.unwrap();
    let of: Vec<_> = rows.iter().map(|r| (r.decision.clone(), r.proposed_by, r.confirmed_by, r.at)).collect();
    let want = |choice| (decision(choice), by.0, by.1, T0.plus_ms(5));
    assert_eq!(of, [want(Choice::Literal), want(Choice::Evident)], "in the order they were made");
    assert_eq!(rows[0].reason.expose(), REASON);
    store.flush_ledger().await.unwrap();
    let acts =
        store.acts(&ActFilter { kind: Some("reading.decided".into()), ..ActFilter::default() }, 9).await.unwrap();
    assert_eq!((acts.len(), acts[1].idx, &acts[1].clauses[..]), (2, rows[0].entry, &["B-40-1".to_owned()][..]));
    let body = store.ledger().entry(rows[0].entry).unwrap().parse().unwrap().body;
    assert_eq!((&body["proposed_by"], &body["by"]), (&serde_json::json!(by.0), &serde_json::json!(by.1)));
    assert!(body["reason_commitment"].is_string() && !body.to_string().contains("欧阳"), "{body}");
    world.tamper("UPDATE reading_decision SET reason_sealed = (SELECT name_sealed FROM account LIMIT 1)").await;
    assert!(store.reading_decisions().await.is_err(), "a sealed value of another column is no reason");
}

pub async fn decisions_have_a_limit(world: &World) {
    let store = world.open().await;
    let by = (account(&store, "police").await, account(&store, "admin").await);
    world
        .tamper(
            "INSERT INTO reading_decision (entry, reading, choice, from_day, reason_sealed, proposed_by, confirmed_by, at_ms) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) \
             SELECT 1000000 + i, 'B-40-article', 'literal', '2026-01-01', (SELECT name_sealed FROM account LIMIT 1), 'x', 'x', 0 FROM n",
        )
        .await;
    assert_eq!(DECISIONS, 1_000);
    assert_eq!(decide(&store, Choice::Literal, by).await, Answered::Done(None));
    assert_eq!(decide(&store, Choice::Evident, by).await, Answered::MovedOn, "full: nothing is written");
    let acts =
        store.acts(&ActFilter { kind: Some("reading.decided".into()), ..ActFilter::default() }, 9).await.unwrap();
    assert_eq!(acts.len(), 1);
}
