//! Money of a fine: rows come back as they were entered, words about a party's need are sealed, and of two clerks the second is told.

use crate::casework::{PERSON, clauses, day, done, event, head, numbering, office, open};
use crate::world::{T0, World, account, assert_clean};
use base::{AccountId, CaseId, Pii, Text, UtcMs};
use store::casework::Territory;
use store::casework::cases::CaseHead;
use store::casework::events::{CaseChange, Saved};
use store::casework::payments::{MOST_FEN, NewPayment, PAYMENTS, PaymentKind, PaymentSaved};
use store::logbook::ActFilter;

fn money(case: CaseId, seen: u32, by: AccountId, receipt: &str) -> NewPayment {
    NewPayment {
        case,
        seen,
        kind: PaymentKind::Received,
        day: day("2026-12-01"),
        fen: 123_405,
        receipt: receipt.into(),
        of: None,
        body: Pii::new(format!("{{\"why\":\"{PERSON}\"}}")),
        clauses: clauses(),
        by,
        text: Text::new("收到缴款。", "Paid."),
    }
}

pub async fn money_comes_back_and_what_is_said_of_it_is_sealed(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let (case, _) = open(&store, &head(office, "一号楼")).await;
    assert!(store.payments(case).await.unwrap().is_empty());
    let mut places = Vec::new();
    for (seen, kind) in (0..).zip(PaymentKind::ALL) {
        let receipt = if kind == PaymentKind::Received { "票1" } else { "" };
        let row = NewPayment { kind, ..money(case, seen, by, receipt) };
        let PaymentSaved::Done { entry, case: None } = store.add_payment(&row, None, T0).await.unwrap() else {
            panic!("{kind:?} was not kept")
        };
        places.push(entry);
    }
    let rows = store.payments(case).await.unwrap();
    assert_eq!(rows.iter().map(|r| r.n).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(rows.iter().map(|r| r.kind).collect::<Vec<_>>(), PaymentKind::ALL);
    assert_eq!(rows.iter().map(|r| r.entry).collect::<Vec<_>>(), places);
    let first = &rows[0];
    assert_eq!((first.fen, first.receipt.as_str(), first.day), (123_405, "票1", day("2026-12-01")));
    assert_eq!((first.by, first.at), (Some(by), T0));
    assert!(first.body.expose().contains(PERSON));
    store.flush_ledger().await.unwrap();
    assert_eq!(world.finds(PERSON).await, None, "neither a file nor a table has the words open");
    let logged = store.ledger().entry(places[0]).unwrap().parse().unwrap();
    assert_eq!((logged.kind.as_str(), &logged.body["fen"]), ("payment.received", &serde_json::json!(123_405)));
    let told = ActFilter { kind: Some("payment.deferred".into()), ..ActFilter::default() };
    assert_eq!(store.acts(&told, 9).await.unwrap().len(), 1);
    assert_clean(&store).await;
    world.tamper("UPDATE payment SET kind = 'deferred' WHERE n = 1").await;
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.to_string().contains("payment_without_entry"), "the entry is of another kind: {report}");
}

pub async fn a_payment_and_the_change_that_it_ends_are_one(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let head = head(office, "一号楼");
    let (case, _) = open(&store, &head).await;
    let events = [event("case.step_done")];
    let stale = CaseChange::new(case, 7, Some(by), &head, &events);
    let refused = store.add_payment(&money(case, 0, by, "票1"), Some(&stale), T0).await.unwrap();
    assert_eq!(refused, PaymentSaved::MovedOn);
    assert!(store.payments(case).await.unwrap().is_empty(), "no money without the step that it ends");
    let change = CaseChange::new(case, 1, Some(by), &head, &events);
    let saved = store.add_payment(&money(case, 0, by, "票1"), Some(&change), T0).await.unwrap();
    assert!(matches!(saved, PaymentSaved::Done { case: Some(Saved::Done(_)), .. }), "{saved:?}");
    let of_money = |money| CaseChange { money, ..CaseChange::new(case, 2, Some(by), &head, &events) };
    let stale = store.add_events(&of_money(Some(0)), T0).await.unwrap();
    assert_eq!(stale, Saved::MovedOn { events: 2 }, "what it says of the money is of before");
    assert_eq!(store.case_events(case).await.unwrap().len(), 2);
    assert_eq!(store.payments(case).await.unwrap().len(), 1);
    store.flush_ledger().await.unwrap();
    assert!(store.check_case(case).await.unwrap().is_empty());
}

pub async fn of_two_payments_on_one_page_the_second_is_told(world: &World) {
    let store = world.open().await;
    let (office, by) = (office(&store, "210100000001").await, account(&store, "clerk").await);
    let (case, _) = open(&store, &head(office, "一号楼")).await;
    let add = |row: NewPayment| {
        let store = store.clone();
        async move { store.add_payment(&row, None, T0).await.unwrap() }
    };
    assert!(matches!(add(money(case, 0, by, "票1")).await, PaymentSaved::Done { .. }));
    assert_eq!(add(money(case, 0, by, "票2")).await, PaymentSaved::MovedOn);
    assert_eq!(add(money(case, 1, by, "票1")).await, PaymentSaved::ReceiptTaken);
    let (other, _) = open(&store, &head(office, "二号楼")).await;
    assert_eq!(add(money(other, 0, by, "票1")).await, PaymentSaved::ReceiptTaken, "nor in another case");
    let back = NewPayment { kind: PaymentKind::Reversed, of: Some(1), ..money(case, 1, by, "") };
    assert!(matches!(add(back).await, PaymentSaved::Done { .. }));
    assert!(matches!(add(money(other, 0, by, "票1")).await, PaymentSaved::Done { .. }), "after it was reversed");
    assert_eq!(store.payments(case).await.unwrap()[1].of, Some(1));
    let nobodys = store.new_case_id(T0).unwrap();
    assert_eq!(add(money(nobodys, 0, by, "票3")).await, PaymentSaved::Unknown);
    assert_eq!(add(NewPayment { fen: MOST_FEN + 1, ..money(case, 2, by, "票4") }).await, PaymentSaved::Full);
    assert_eq!(add(money(case, PAYMENTS, by, "票5")).await, PaymentSaved::Full);
    assert_eq!(store.payments(case).await.unwrap().len(), 2);
}

pub async fn cases_know_from_which_they_came(world: &World) {
    let store = world.open().await;
    let office = office(&store, "210100000001").await;
    let head: CaseHead = head(office, "一号楼");
    let (first, _) = open(&store, &head).await;
    let mut next = Vec::new();
    for _ in 0..2 {
        let (id, numbering, events) = (store.new_case_id(T0).unwrap(), numbering(office), [event("case.opened")]);
        let new = CaseChange::new(id, 0, None, &head, &events);
        let change = CaseChange { opening: Some(&numbering), from: Some(first), ..new };
        done(store.add_events(&change, T0).await.unwrap());
        next.push(id);
    }
    next.sort_unstable_by_key(ToString::to_string);
    assert_eq!(store.cases_from(first).await.unwrap(), next);
    assert!(store.cases_from(next[0]).await.unwrap().is_empty());
    let none: &[String] = &[];
    let (all, of, since) = (Territory::All, (head.procedure.as_str(), none), UtcMs(T0.0 - 1));
    assert!(store.decided_from(all, of, since, 9).await.unwrap().is_empty(), "nothing is decided");
    let ended = CaseHead { outcome: Some("decided".into()), ..head.clone() };
    let events = [event("case.decided")];
    done(store.add_events(&CaseChange::new(next[1], 1, None, &ended, &events), T0).await.unwrap());
    for territory in [all, Territory::Office(office), Territory::Under(office)] {
        let found = store.decided_from(territory, of, since, 9).await.unwrap();
        let pairs: Vec<_> = found.iter().map(|f| (f.from, f.case)).collect();
        assert_eq!(pairs, [(first, next[1])], "{territory:?}");
    }
    assert!(store.decided_from(all, ("another", none), since, 9).await.unwrap().is_empty());
    assert!(store.decided_from(all, of, T0.plus_ms(1), 9).await.unwrap().is_empty(), "opened before");
    assert!(store.decided_from(all, of, since, 0).await.unwrap().is_empty());
    assert_clean(&store).await;
}
