//! Orders of an authority, at both ends: numbers without holes, kept once, done once, and footage that nothing deletes while one stands.

use crate::requests::{application, decided, line};
use crate::world::{Feed, Recording, T0, World, account, assert_clean, camera, committed, everything};
use base::{CameraId, ClauseId, OrderId, PartyId, SiteId, UtcMs};
use domain::retention::Fate;
use domain::viewing::{Application, Covering, Session, State, Under, Use};
use store::Store;
use store::authority_orders::CameOrder;
use store::footage::delete::{Candidate, Term};
use store::inbox::{Incoming, Taken};
use store::logbook::ActFilter;
use store::peers::{PeerSite, PeerState};
use store::relays::{NewRelay, RelayLimits, RelaySaved};
use store::requests::NewRegister;
use store::site_orders::{NewOrder, RESULTS_OF_ORDER};

const WORDS: &str = "赵六的手机掉在东门";
const AUTHORITY: &str = "jifang/authority";

fn order(n: u8) -> OrderId {
    OrderId::from_bytes([n; 16])
}

fn site(n: u8) -> SiteId {
    SiteId::from_bytes([n; 16])
}

fn new(n: u8, to: u8, kind: &'static str) -> NewOrder {
    NewOrder {
        id: order(n),
        site: site(to),
        kind,
        body: format!("{{\"words\":\"{WORDS}\",\"n\":{n}}}").into_bytes(),
        clauses: vec![ClauseId::new("A-25-1")],
        text: base::Text::new("通知使用单位。", "A site is told."),
    }
}

fn came(n: u8, seq: u64) -> CameOrder<'static> {
    CameOrder { id: order(n), authority: AUTHORITY, seq, kind: "hold", at: T0, note: b"signed", body: WORDS.as_bytes() }
}

pub async fn orders_to_a_site_have_numbers_without_holes(world: &World) {
    let store = world.open().await;
    let by = account(&store, "officer").await;
    for (n, to) in [(1, 1), (2, 2), (3, 1), (4, 1)] {
        assert!(store.add_order(&new(n, to, "hold"), None, (None, Some(by)), T0).await.unwrap());
    }
    assert!(store.add_order(&new(4, 1, "hold"), None, (None, Some(by)), T0).await.is_err(), "an id is used once");
    let all = store.orders_after(site(1), 0, 10).await.unwrap();
    let told: Vec<_> = all.iter().map(|o| (o.seq, o.id)).collect();
    assert_eq!(told, [(1, order(1)), (2, order(3)), (3, order(4))]);
    assert_eq!(all[1].body, new(3, 1, "hold").body);
    assert_eq!(store.orders_after(site(1), 2, 10).await.unwrap().len(), 1);
    assert_eq!(store.orders_after(site(1), 0, 2).await.unwrap().len(), 2);
    // A hold is ended once; the one that comes second makes no order.
    assert!(store.add_order(&new(5, 1, "release"), Some(order(1)), (None, None), T0).await.unwrap());
    assert!(!store.add_order(&new(6, 1, "release"), Some(order(1)), (None, None), T0).await.unwrap());
    let all = store.orders_after(site(1), 0, 10).await.unwrap();
    assert_eq!((all.len(), all[0].ended_by, all[3].seq), (4, Some(order(5)), 4));
    assert_eq!(world.finds(WORDS).await, None, "words of an order lie sealed");
    assert_clean(&store).await;
}

pub async fn an_answer_is_taken_once_and_from_its_site_only(world: &World) {
    let store = world.open().await;
    store.add_order(&new(1, 1, "hold"), None, (None, None), T0).await.unwrap();
    let receipt = |leaf: u64| Some(format!("receipt {leaf}").into_bytes());
    let answer = |to: u8, id: &'static str, body: &'static [u8]| Incoming {
        site: site(to),
        id,
        seq: 7,
        kind: "order-result",
        made: T0,
        note: b"signed",
        body,
    };
    let of = (order(1), "done");
    let first = store.take_order_result(&answer(1, "a", b"yes"), of, T0, receipt).await.unwrap();
    let Some(Taken::New(first)) = first else { panic!("{first:?}") };
    let again = store.take_order_result(&answer(1, "a", b"yes"), of, T0, receipt).await.unwrap();
    assert_eq!(again, Some(Taken::Again(first)));
    let other = store.take_order_result(&answer(1, "a", b"no"), of, T0, receipt).await.unwrap();
    assert_eq!(other, Some(Taken::OtherBody));
    assert_eq!(store.take_order_result(&answer(2, "a", b"yes"), of, T0, receipt).await.unwrap(), None, "another site");
    let never = (order(9), "done");
    assert_eq!(store.take_order_result(&answer(1, "b", b"yes"), never, T0, receipt).await.unwrap(), None);
    assert_eq!(store.message_numbers(site(1)).await.unwrap(), (7, 1));
    // A site that goes on answering fills neither rows nor log; the same answer still has its receipt.
    let mut taken = 1;
    for n in 0..RESULTS_OF_ORDER + 5 {
        let id = format!("more-{n}");
        let more = Incoming { id: &id, ..answer(1, "a", b"yes") };
        taken += i64::from(store.take_order_result(&more, of, T0, receipt).await.unwrap().is_some());
    }
    assert_eq!(taken, RESULTS_OF_ORDER);
    let again = store.take_order_result(&answer(1, "a", b"yes"), of, T0, receipt).await.unwrap();
    assert!(matches!(again, Some(Taken::Again(_))), "{again:?}");
}

pub async fn a_request_that_was_handed_on_is_erased_when_its_term_is_over(world: &World) {
    let store = world.open().await;
    let by = account(&store, "person").await;
    assert!(store.peer_asks(site(1), "vkey1", "pin1", "甲", T0).await.unwrap());
    let peer = store.peer(site(1)).await.unwrap().unwrap();
    store.decide_peer(&PeerSite { state: PeerState::Admitted, ..peer }, by, T0).await.unwrap();
    let limits = RelayLimits { open: 9, a_day: 9 };
    for (n, to) in [(1, Some(1)), (2, Some(1)), (3, None)] {
        let relay = NewRelay {
            id: order(n),
            account: by,
            party: PartyId::from_bytes([1; 16]),
            site: to.map(site),
            clauses: vec![ClauseId::new("799-21")],
        };
        let build = |_: &str| (WORDS.as_bytes().to_vec(), to.map(|to| new(n, to, "person")));
        let saved = store.add_relay(&relay, limits, build, T0.plus_ms(i64::from(n))).await.unwrap();
        assert!(matches!(saved, RelaySaved::Done(_)), "{saved:?}");
    }
    let receipt = |leaf: u64| Some(format!("receipt {leaf}").into_bytes());
    let said = Incoming {
        site: site(1),
        id: "a",
        seq: 1,
        kind: "order-result",
        made: T0,
        note: b"signed",
        body: WORDS.as_bytes(),
    };
    store.take_order_result(&said, (order(1), "done"), T0.plus_ms(10), receipt).await.unwrap();
    assert!(store.end_relay(order(1), None, ("refused", None), T0.plus_ms(20)).await.unwrap());
    let erase = async |before: i64| store.erase_relays(T0.plus_ms(before), 1, T0.plus_ms(99)).await.unwrap();
    assert_eq!(erase(3).await, 0, "the one that no unit has was taken in later, and no other one is over");
    assert_eq!((erase(4).await, erase(4).await), (1, 0), "it counts from when it was taken in");
    assert_eq!((erase(20).await, erase(21).await, erase(21).await), (0, 1, 0), "and the other from when it was over");
    let words = async |n: u8| store.relay(order(n), by).await.unwrap().unwrap().is_erased();
    assert_eq!((words(1).await, words(2).await, words(3).await), (true, false, true), "one is with a unit still");
    assert!(store.site_order(order(1)).await.unwrap().unwrap().body.is_empty());
    assert!(store.newest_result(order(1)).await.unwrap().unwrap().body.is_empty());
    assert_eq!(store.site_order(order(2)).await.unwrap().unwrap().body, new(2, 1, "person").body);
    let peer = store.peer(site(1)).await.unwrap().unwrap();
    store.decide_peer(&PeerSite { state: PeerState::Closed, ..peer }, by, T0).await.unwrap();
    assert_eq!(erase(21).await, 1, "of a unit that is connected no more nothing more comes");
    // A site that was restored, or is connected again, answers what is erased: no word of it comes back.
    let late = Incoming { id: "b", seq: 2, ..said };
    let taken = store.take_order_result(&late, (order(1), "refused"), T0.plus_ms(98), receipt).await.unwrap();
    assert!(matches!(taken, Some(Taken::New(_))), "{taken:?}");
    let newest = store.newest_result(order(1)).await.unwrap().unwrap();
    assert_eq!((newest.ended.as_str(), newest.body.len()), ("refused", 0));
    let filter = ActFilter { kind: Some("relay.erased".into()), ..ActFilter::default() };
    assert_eq!(store.acts(&filter, 9).await.unwrap().len(), 3);
    assert_clean(&store).await;
}

pub async fn what_persons_ask_for_takes_no_room_of_orders(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let recorded = record(&store, cam).await;
    let (range, clauses) = ((recorded.from, recorded.to), [ClauseId::new("799-21")]);
    let asked = |n: u8, seq: u64| CameOrder { kind: "person", ..came(n, seq) };
    for order in [asked(1, 1), came(2, 2), asked(3, 3)] {
        assert!(store.take_order(&order, T0).await.unwrap());
    }
    let hold = async |n: u8| store.hold_for_order((order(n), "1号"), &[cam], range, &clauses, T0).await.unwrap();
    assert_eq!(hold(1).await, [cam]);
    assert_eq!(store.held_by_orders_ms(order(2)).await.unwrap(), 0, "evidence of a case is held all the same");
    assert_eq!(hold(2).await, [cam]);
    let both = 2 * range.1.since(range.0);
    assert_eq!(store.held_by_orders_ms(order(3)).await.unwrap(), both, "a person finds what all of them took");
    for (n, word) in [(1, "查阅申请"), (2, "公安机关指令")] {
        assert_eq!(store.release_for_order((order(n), order(9)), &clauses, T0).await.unwrap(), Some(1));
        let filter = ActFilter { kind: Some("hold.released".into()), ..ActFilter::default() };
        let text = store.acts(&filter, 1).await.unwrap().remove(0).text;
        assert!(text.zh.contains(word), "whose it was: {}", text.zh);
    }
    assert_clean(&store).await;
}

async fn record(store: &Store, cam: CameraId) -> Candidate {
    let before = everything(store, cam).await.len();
    let r = Recording::start(store).await;
    let mut feed = Feed::new(cam, T0);
    feed.container(&r.writer, 3);
    committed(store, cam, before + 3).await;
    r.stop().await;
    store.deletion_candidates(cam, UtcMs(i64::MAX), 10).await.unwrap().remove(0)
}

pub async fn what_an_order_holds_is_not_deleted_and_is_held_once(world: &World) {
    let store = world.open().await;
    let (cam, empty) = (camera(&store).await, CameraId::from_bytes([9; 16]));
    let recorded = record(&store, cam).await;
    assert_eq!(store.last_order(AUTHORITY).await.unwrap(), 0);
    assert!(store.take_order(&came(1, 1), T0).await.unwrap() && !store.take_order(&came(1, 1), T0).await.unwrap());
    assert_eq!((store.last_order(AUTHORITY).await.unwrap(), store.last_order("jifang/x").await.unwrap()), (1, 0));
    let clauses = [ClauseId::new("799-17")];
    let (range, cameras) = ((recorded.from, recorded.to), [cam, empty]);
    let held = store.hold_for_order((order(1), "沈公1号"), &cameras, range, &clauses, T0).await.unwrap();
    assert_eq!(held, [cam], "a camera without footage is not held");
    // A crash here: at the next start it is still to be done, and what is held is found.
    store.close().await;
    let store = world.open().await;
    let open = store.orders_to_do(10).await.unwrap();
    assert_eq!((open.len(), open[0].body.as_slice()), (1, WORDS.as_bytes()));
    let held = store.hold_for_order((order(1), "沈公1号"), &cameras, range, &clauses, T0).await.unwrap();
    assert_eq!(held, [cam]);
    let holds = store.holds_of(cam, range.0, range.1).await.unwrap();
    assert_eq!((holds.len(), holds[0].reason.as_str()), (1, "order 沈公1号"));
    assert_eq!(store.order_of_hold(holds[0].id).await.unwrap(), Some(order(1)));
    assert_eq!(store.held_by_orders_ms(order(2)).await.unwrap(), range.1.since(range.0));
    assert_eq!(store.held_by_orders_ms(order(1)).await.unwrap(), 0, "its own does not count");
    assert!(store.end_order(&open[0], ("done", b"answer", &clauses), T0).await.unwrap());
    assert!(!store.end_order(&open[0], ("refused", b"other", &clauses), T0).await.unwrap(), "once");
    assert!(store.orders_to_do(10).await.unwrap().is_empty());
    let late = store.hold_for_order((order(1), "沈公1号"), &cameras, range, &clauses, T0).await.unwrap();
    assert!(late.is_empty(), "an order that ended does nothing more");
    let waiting = store.orders_unanswered(10).await.unwrap();
    assert_eq!(waiting[0].answer.as_deref(), Some(&b"answer"[..]));
    store.order_answered(order(1), T0).await.unwrap();
    assert!(store.orders_unanswered(10).await.unwrap().is_empty());
    let due = T0.plus_ms(40 * base::time::DAY_MS);
    let term = Term { min_days: 30, clauses: vec![ClauseId::new("B-25-1")] };
    assert_eq!(store.delete_if_due(&recorded, due, &term, due).await.unwrap(), Fate::Held);
    assert_eq!(store.release_for_order((order(8), order(2)), &clauses, T0).await.unwrap(), None, "no such order");
    assert_eq!(store.release_for_order((order(1), order(2)), &clauses, T0).await.unwrap(), Some(1));
    assert_eq!(store.release_for_order((order(1), order(2)), &clauses, T0).await.unwrap(), Some(0), "once");
    assert_eq!(store.delete_if_due(&recorded, due, &term, due).await.unwrap(), Fate::Due);
    assert_clean(&store).await;
}

pub async fn of_one_order_to_show_one_request_runs_at_a_time(world: &World) {
    let store = world.open().await;
    let (cam, by) = (camera(&store).await, account(&store, "custodian").await);
    let show = CameOrder { kind: "view", ..came(1, 1) };
    assert!(store.take_order(&show, T0).await.unwrap() && store.take_order(&came(2, 2), T0).await.unwrap());
    // The loop leaves it to persons, and is not kept from what comes after it.
    let to_do: Vec<_> = store.orders_to_do(1).await.unwrap().into_iter().map(|o| o.seq).collect();
    assert_eq!(to_do, [2]);
    let open = store.orders_to_show(0, 10).await.unwrap();
    assert_eq!((open.len(), open[0].seq, open[0].body.as_slice()), (1, 1, WORDS.as_bytes()));
    assert!(store.orders_to_show(1, 10).await.unwrap().is_empty(), "after its number");
    assert_eq!(store.authority_order(order(1)).await.unwrap().as_ref(), open.first());
    assert_eq!(store.authority_order(order(9)).await.unwrap(), None);
    let until = T0.plus_ms(9_000);
    let under = Under { order: order(1), paper: "1号".into(), covered: None, until };
    let app = Application { wanted: Use::View, under: Some(under), ..application(cam, vec![by]) };
    let ask = |of: u8, at| store.add_request_of_order(order(of), &app, State::Submitted { at: T0 }, &[], at);
    assert!(ask(2, T0).await.unwrap().is_none(), "an order to hold shows nothing");
    assert!(ask(9, T0).await.unwrap().is_none(), "no such order");
    // Two custodians at once: one request.
    let (a, b) = tokio::join!(ask(1, T0), ask(1, T0));
    let made: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    let first = made[0].id;
    assert_eq!(store.request(first).await.unwrap().unwrap().application, app);
    assert_eq!(store.holds_of(cam, app.from, app.to).await.unwrap().len(), 1, "held with the request");
    let granted = State::Granted { at: T0, until };
    assert!(store.decide_request(first, &decided(by, granted), T0).await.unwrap());
    assert!(ask(1, until.plus_ms(-1)).await.unwrap().is_none(), "in force");
    assert_eq!(store.registered_span(first, "view").await.unwrap(), None);
    let session = Session { first: by, second: by, opened: T0, until: T0.plus_ms(500), seen: None, browser: None };
    let about_session = || NewRegister { what: "session", ..line(first, cam, by) };
    assert!(store.open_request_session(first, (None, &session), (None, about_session()), T0).await.unwrap());
    store.register("footage.viewed.official", line(first, cam, by), T0.plus_ms(100)).await.unwrap();
    assert_eq!(store.registered_span(first, "view").await.unwrap(), Some((T0.plus_ms(100), T0.plus_ms(500))));
    // Boxes over others: the newest stand, what was shown stays shown, and each session and camera has its own.
    let one = Covering { shown: vec![(0, 2)], ..Covering::new(10_000) };
    let two = Covering { shown: vec![(4, 5)], ..Covering::new(10_000) };
    let keep = |covering: Covering| {
        let store = &store;
        async move { store.keep_covering((first, T0), cam, &covering, by, T0).await.unwrap() }
    };
    assert_eq!(keep(one.clone()).await, Some(one.clone()));
    assert_eq!(keep(two).await.unwrap().shown, [(0, 2), (4, 5)]);
    assert_eq!(store.covering(first, T0, cam).await.unwrap().unwrap().shown, [(0, 2), (4, 5)]);
    assert_eq!(store.covering(first, T0.plus_ms(1), cam).await.unwrap(), None, "of another session");
    assert!(store.end_request_session(first, &session, about_session(), T0.plus_ms(200)).await.unwrap());
    assert_eq!(keep(one).await, None, "what its line says is not changed after it");
    assert_eq!(store.registered_span(first, "view").await.unwrap(), Some((T0.plus_ms(100), T0.plus_ms(200))));
    // A grant whose time ran out lets another request be made.
    let second = ask(1, until).await.unwrap().unwrap().id;
    assert_eq!(store.requests_of_order(order(1)).await.unwrap().len(), 2);
    assert!(store.end_order(&open[0], ("done", b"answer", &[]), T0).await.unwrap());
    assert!(store.orders_to_show(0, 10).await.unwrap().is_empty());
    assert!(store.decide_request(second, &decided(by, State::Refused { at: T0 }), T0).await.unwrap());
    assert!(ask(1, until).await.unwrap().is_none(), "an order that ended is shown no more");
    assert!(store.held_by_order(order(1)).await.unwrap().is_empty(), "an order to show holds nothing itself");
    assert_clean(&store).await;
}
