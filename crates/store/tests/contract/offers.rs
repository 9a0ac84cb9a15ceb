//! Offers of benefits: written with their entry, sealed, the newest first, bounded for each account.

use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CivilDate, ClauseId, Pii};
use domain::offer::{Offer, OfferKind, OfferOutcome, PER_DAY};
use store::Store;
use store::logbook::ActFilter;
use store::offers::{LISTED, NOT_REFUSED, OfferAnswer};

fn pii(text: &str) -> Pii<String> {
    Pii::new(text.into())
}

fn offer() -> Offer {
    Offer {
        kind: OfferKind::Benefit,
        who: pii("欧阳经理"),
        behalf: pii("欧阳安防公司"),
        on: CivilDate::parse("2026-11-20").unwrap(),
        outcome: OfferOutcome::HandedIn,
        words: pii("欧阳送来购物卡，\n已交纪检部门。"),
    }
}

fn refused() -> OfferAnswer {
    OfferAnswer { code: "benefit_forbidden".into(), clauses: vec![ClauseId::new("B-33-2")] }
}

async fn add(store: &Store, by: AccountId) -> Option<u64> {
    store.record_offer(&offer(), &refused(), by, T0).await.unwrap()
}

pub async fn who_and_what_are_sealed_and_the_answer_of_the_law_is_kept(world: &World) {
    let store = world.open().await;
    let (one, other) = (account(&store, "one").await, account(&store, "other").await);
    let first = add(&store, one).await.expect("kept");
    let plain = OfferAnswer { code: NOT_REFUSED.into(), clauses: vec![] };
    let bare = Offer { behalf: pii(""), kind: OfferKind::Demand, ..offer() };
    let second = store.record_offer(&bare, &plain, other, T0.plus_ms(5)).await.unwrap().expect("kept");
    let rows = store.offers(None, None).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.entry).collect::<Vec<_>>(), [second, first], "the newest first");
    assert_eq!((&rows[1].offer, &rows[1].answer, rows[1].by, rows[1].at), (&offer(), &refused(), one, T0));
    assert_eq!((&rows[0].offer, &rows[0].answer), (&bare, &plain));
    let of = |rows: Vec<store::offers::OfferRow>| rows.into_iter().map(|r| r.entry).collect::<Vec<_>>();
    assert_eq!(of(store.offers(Some(one), None).await.unwrap()), [first], "one's own");
    assert_eq!(of(store.offers(None, Some(second)).await.unwrap()), [first], "what stands before");
    assert!(store.offers(Some(other), Some(second)).await.unwrap().is_empty());

    store.flush_ledger().await.unwrap();
    let filter = || ActFilter { kind: Some("offer.recorded".into()), ..ActFilter::default() };
    let acts = store.acts(&filter(), 9).await.unwrap();
    assert_eq!(acts.iter().map(|a| (a.idx, a.refused)).collect::<Vec<_>>(), [(second, false), (first, true)]);
    assert_eq!(acts[1].clauses, ["B-33-2"]);
    for act in &acts {
        let body = store.ledger().entry(act.idx).unwrap().parse().unwrap().body;
        let said = format!("{body} {} {}", act.text.zh, act.text.en);
        assert!(!said.contains("欧阳"), "{said}");
        for commitment in ["who_commitment", "behalf_commitment", "words_commitment"] {
            assert!(body[commitment].is_string(), "{commitment}");
        }
    }
    assert_eq!(world.finds("欧阳").await, None, "nothing stands open in the database");
    assert_clean(&store).await;
    world.tamper("UPDATE benefit_offer SET who_sealed = words_sealed").await;
    assert!(store.offers(None, None).await.is_err(), "a sealed value of another column is no name");
}

pub async fn an_account_enters_so_many_within_a_day(world: &World) {
    let store = world.open().await;
    let (one, other) = (account(&store, "one").await, account(&store, "other").await);
    for n in 0..PER_DAY {
        assert!(add(&store, one).await.is_some(), "{n}");
    }
    assert_eq!(add(&store, one).await, None, "full: nothing is written");
    assert!(add(&store, other).await.is_some(), "another account is not meant");
    let next_day = T0.plus_ms(base::time::DAY_MS);
    assert!(store.record_offer(&offer(), &refused(), one, next_day).await.unwrap().is_some());
    // Two accounts fill more than one page of the list.
    for _ in 1..PER_DAY {
        assert!(add(&store, other).await.is_some());
    }
    let most = LISTED as usize;
    let rows = store.offers(None, None).await.unwrap();
    assert_eq!(rows.len(), most);
    let rest = store.offers(None, rows.last().map(|r| r.entry)).await.unwrap();
    assert_eq!(rest.len(), 2 * PER_DAY as usize + 1 - most);
}
