//! Requests, holds, the register, papers, exports.

use crate::world::{T0, World, account, camera};
use base::{AccountId, CameraId, ClauseId, Pii, RequestId, Sha256, Text};
use domain::viewing::{Application, Basis, Session, State, Use};
use std::collections::BTreeSet;
use store::requests::{Decided, NewRegister, RequestFilter};

pub fn application(camera: CameraId, officers: Vec<AccountId>) -> Application {
    Application {
        basis: Basis::CriminalInvestigation,
        wanted: Use::Copy,
        case_number: "A2026-1".into(),
        unit: "第一派出所".into(),
        purpose: "盗窃案".into(),
        cameras: vec![camera],
        from: T0,
        to: T0.plus_ms(600_000),
        letter: None,
        officers,
        under: None,
        own: None,
    }
}

pub fn clauses() -> Vec<ClauseId> {
    vec![ClauseId::new("B-28-1-1")]
}

pub fn decided(by: AccountId, after: State) -> Decided {
    Decided {
        kind: "grant.made",
        before: State::Submitted { at: T0 },
        after,
        reason: "事由".into(),
        by,
        clauses: clauses(),
        text: Text::new("决定。", "Decided."),
    }
}

pub fn line(request: RequestId, camera: CameraId, by: AccountId) -> NewRegister {
    NewRegister {
        request,
        what: "view",
        camera: Some(camera),
        from: Some(T0),
        to: Some(T0.plus_ms(1_000)),
        unit: "第一派出所".into(),
        reason: "盗窃案".into(),
        persons: Pii::new("张三 0123\n李四 0456".into()),
        clauses: clauses(),
        by,
        text: Text::new("查看录像。", "Footage viewed."),
        body: serde_json::json!({ "extra": 1 }),
    }
}

pub async fn numbers_differ_under_concurrency(world: &World) {
    let store = world.open().await;
    let (cam, officer) = (camera(&store).await, account(&store, "zhang").await);
    let made: Vec<_> = (0..24)
        .map(|_| {
            let (store, app) = (store.clone(), application(cam, vec![officer]));
            tokio::spawn(async move { store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for one in made {
        numbers.insert(one.await.expect("no panic").expect("made").number);
    }
    let want: BTreeSet<_> = (1..=24).map(|n| format!("2026-{n:06}")).collect();
    assert_eq!(numbers, want);
    let nobody = application(cam, vec![]);
    assert!(store.add_request(&nobody, State::Submitted { at: T0 }, &clauses(), T0).await.is_err());
    let of = |of| RequestFilter { of, ..RequestFilter::default() };
    assert_eq!(store.requests(&of(None), 100, T0).await.unwrap().len(), 24);
    assert_eq!(store.requests(&of(Some(officer)), 10, T0).await.unwrap().len(), 10);
    assert!(store.requests(&of(Some(AccountId::new(1, [9; 10]))), 10, T0).await.unwrap().is_empty());
    assert_eq!((store.waiting_requests().await.unwrap(), store.request_numbers(9).await.unwrap().len()), (24, 9));
}

pub async fn two_tabs_do_not_both_decide(world: &World) {
    let store = world.open().await;
    let (cam, officer, custodian) = (camera(&store).await, account(&store, "z").await, account(&store, "c").await);
    let app = application(cam, vec![officer]);
    let request = store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap();
    let tabs: Vec<_> = (0..6)
        .map(|i| {
            let (store, id) = (store.clone(), request.id);
            let after = if i % 2 == 0 {
                State::Granted { at: T0, until: T0.plus_ms(i) }
            } else {
                State::Refused { at: T0.plus_ms(i) }
            };
            tokio::spawn(
                async move { (after, store.decide_request(id, &decided(custodian, after), T0).await.unwrap()) },
            )
        })
        .collect();
    let mut winners = Vec::new();
    for tab in tabs {
        let (after, won) = tab.await.expect("no panic");
        winners.extend(won.then_some(after));
    }
    assert_eq!(winners.len(), 1);
    let got = store.request(request.id).await.unwrap().unwrap();
    assert_eq!((got.state, got.decided_by, got.reason.as_str()), (winners[0], Some(custodian), "事由"));
    let kinds: Vec<_> = store.acts_of_request(request.id).await.unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, ["request.made", "grant.made"]);
}

pub async fn a_hold_lives_with_its_request(world: &World) {
    let store = world.open().await;
    let (cam, officer) = (camera(&store).await, account(&store, "z").await);
    let app = application(cam, vec![officer]);
    let holds = async || store.holds_of(cam, T0, T0.plus_ms(1)).await.unwrap().len();
    let a = store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap();
    let b = store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap();
    assert_eq!(holds().await, 2, "held from the first minute");
    assert!(store.holds_of(cam, T0.plus_ms(600_000), T0.plus_ms(600_001)).await.unwrap().is_empty());
    assert!(store.decide_request(a.id, &decided(officer, State::Refused { at: T0 }), T0).await.unwrap());
    assert_eq!(holds().await, 1, "a refusal releases its hold");
    let granted = State::Granted { at: T0, until: T0.plus_ms(1) };
    assert!(store.decide_request(b.id, &decided(officer, granted), T0).await.unwrap());
    assert_eq!(holds().await, 1);
    assert_eq!(store.release_holds(b.id, "结案", officer, &clauses(), T0).await.unwrap(), 1);
    assert_eq!(store.release_holds(b.id, "结案", officer, &clauses(), T0).await.unwrap(), 0);
    assert_eq!(holds().await, 0);
    crate::world::assert_clean(&store).await;
}

pub async fn the_register_keeps_persons_sealed(world: &World) {
    let store = world.open().await;
    let (cam, officer) = (camera(&store).await, account(&store, "z").await);
    let app = application(cam, vec![officer]);
    let r = store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap();
    let leaf = store.register("footage.viewed", line(r.id, cam, officer), T0).await.unwrap();
    let mut bare = line(r.id, cam, officer);
    bare.body = serde_json::Value::Null;
    let second = store.register("footage.viewed", bare, T0.plus_ms(1)).await.unwrap();
    let lines = store.register_lines(Some(r.id), 10).await.unwrap();
    assert_eq!(lines.iter().map(|l| l.leaf).collect::<Vec<_>>(), [second, leaf]);
    assert_eq!(lines[0].persons.expose(), "张三 0123\n李四 0456");
    assert_eq!((lines[1].what.as_str(), lines[1].camera, lines[1].from), ("view", Some(cam), Some(T0)));
    assert_eq!(store.register_lines(None, 1).await.unwrap().len(), 1);
    assert!(store.register_lines(Some(RequestId::new(1, [1; 10])), 9).await.unwrap().is_empty());
    store.flush_ledger().await.unwrap();
    for (place, extra) in [(leaf, serde_json::json!(1)), (second, serde_json::Value::Null)] {
        let entry = store.ledger().entry(place).unwrap().parse().unwrap();
        assert_eq!((&entry.body["extra"], &entry.body["request"]), (&extra, &serde_json::json!(r.id)));
        assert!(entry.body["persons_commitment"].is_string(), "an entry without a body of its own holds the rest");
        assert!(!entry.body.to_string().contains("张三"));
    }
    let second = account(&store, "l").await;
    let until = T0.plus_ms(9);
    let session = Session { first: officer, second, opened: T0, until, seen: None, browser: Some(Sha256::of(b"pass")) };
    let about = || line(r.id, cam, officer);
    let open = |before: Option<Session>, session: Session, ended: Option<NewRegister>| {
        let (store, opened) = (&store, about());
        async move { store.open_request_session(r.id, (before.as_ref(), &session), (ended, opened), T0).await.unwrap() }
    };
    let of_request = async || store.request(r.id).await.unwrap().unwrap().session;
    // Two tabs at once: one session.
    let (one, two) = tokio::join!(open(None, session, None), open(None, session, None));
    assert!(one != two, "{one} {two}");
    assert_eq!(of_request().await, Some(session));
    // Another one takes its place with both lines, and what was meant for the first is not done to it.
    let next = Session { opened: T0.plus_ms(1), ..session };
    assert!(open(Some(session), next, Some(about())).await);
    assert!(!store.end_request_session(r.id, &session, about(), T0).await.unwrap());
    assert_eq!(of_request().await, Some(next));
    assert!(store.end_request_session(r.id, &next, about(), T0).await.unwrap());
    assert!(!store.end_request_session(r.id, &next, about(), T0).await.unwrap(), "once");
    assert_eq!(of_request().await, None);
    let kinds: Vec<_> = store.acts_of_request(r.id).await.unwrap().into_iter().map(|a| a.kind).collect();
    assert_eq!(&kinds[3..], ["session.opened", "session.ended", "session.opened", "session.ended"]);
}

pub async fn papers_are_stored_once(world: &World) {
    let store = world.open().await;
    let bytes = "介绍信".repeat(10_000).into_bytes();
    let sha = store.add_paper("a.pdf", "application/pdf", &bytes, T0).await.unwrap();
    assert_eq!(store.add_paper("b.pdf", "application/pdf", &bytes, T0).await.unwrap(), sha);
    assert_eq!(store.paper(sha).await.unwrap(), Some(("a.pdf".into(), "application/pdf".into(), bytes)));
    assert_eq!(store.paper(base::Sha256::of(b"other")).await.unwrap(), None);
}
