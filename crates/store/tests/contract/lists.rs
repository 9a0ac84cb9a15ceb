//! Lists of requests and of the register: filters, keyset paging, rows from before there were filters.

use crate::requests::{application, clauses, decided, line};
use crate::world::{T0, World, account, camera};
use base::{AccountId, CameraId, RequestId, UtcMs};
use domain::viewing::{Application, Session, State, Status};
use store::Store;
use store::register::RegisterFilter;
use store::requests::RequestFilter;

async fn ask(store: &Store, app: &Application, at: UtcMs) -> RequestId {
    store.add_request(app, State::Submitted { at }, &clauses(), at).await.unwrap().id
}

async fn ids(store: &Store, f: RequestFilter, now: UtcMs) -> Vec<RequestId> {
    store.requests(&f, 100, now).await.unwrap().into_iter().map(|r| r.id).collect()
}

pub async fn requests_are_found_by_each_of_their_facts(world: &World) {
    let store = world.open().await;
    let (door, hall) = (camera(&store).await, camera(&store).await);
    let (zhang, li) = (account(&store, "zhang").await, account(&store, "li").await);
    let app = |cam, officers: Vec<AccountId>, unit: &str, case: &str| Application {
        unit: unit.into(),
        case_number: case.into(),
        ..application(cam, officers)
    };
    let a = ask(&store, &app(door, vec![zhang, li], "第一派出所", "受案〔2026〕7号"), T0).await;
    let b = ask(&store, &app(hall, vec![li], "刑侦大队 ABC", "100%_x"), T0.plus_ms(10)).await;
    let f = RequestFilter::default;
    assert_eq!(ids(&store, f(), T0).await, [b, a]);
    assert_eq!(ids(&store, RequestFilter { of: Some(zhang), ..f() }, T0).await, [a]);
    assert_eq!(ids(&store, RequestFilter { officer: Some(li), ..f() }, T0).await, [b, a]);
    assert_eq!(ids(&store, RequestFilter { of: Some(li), officer: Some(zhang), ..f() }, T0).await, [a]);
    assert_eq!(ids(&store, RequestFilter { camera: Some(hall), ..f() }, T0).await, [b]);
    assert_eq!(ids(&store, RequestFilter { camera: Some(hall), of: Some(zhang), ..f() }, T0).await, []);
    for (unit, want) in [("派出所", vec![a]), (" abc ", vec![b]), ("ABC", vec![b]), ("%", vec![]), ("第_", vec![])]
    {
        assert_eq!(ids(&store, RequestFilter { unit: unit.into(), ..f() }, T0).await, want, "{unit}");
    }
    for (case, want) in [("7号", vec![a]), ("100%", vec![b]), ("%_X", vec![b]), ("1_0", vec![]), ("\\", vec![])] {
        assert_eq!(ids(&store, RequestFilter { case_number: case.into(), ..f() }, T0).await, want, "{case}");
    }
    let between = |from: i64, to: i64| RequestFilter { from: Some(T0.plus_ms(from)), to: Some(T0.plus_ms(to)), ..f() };
    assert_eq!(ids(&store, between(0, 10), T0).await, [a]);
    assert_eq!(ids(&store, between(1, 11), T0).await, [b]);
    assert_eq!(ids(&store, RequestFilter { of: Some(li), ..between(1, 11) }, T0).await, [b]);
}

pub async fn a_grant_is_listed_as_it_stands_now(world: &World) {
    let store = world.open().await;
    let (cam, officer) = (camera(&store).await, account(&store, "z").await);
    let app = application(cam, vec![officer]);
    let (a, b, c) = (ask(&store, &app, T0).await, ask(&store, &app, T0).await, ask(&store, &app, T0).await);
    let until = T0.plus_ms(1_000);
    let granted = State::Granted { at: T0, until };
    assert!(store.decide_request(a, &decided(officer, granted), T0).await.unwrap());
    assert!(store.decide_request(b, &decided(officer, State::Refused { at: T0 }), T0).await.unwrap());
    let at = async |status, now: i64| {
        ids(&store, RequestFilter { status: Some(status), ..RequestFilter::default() }, T0.plus_ms(now)).await
    };
    assert_eq!(at(Status::Waiting, 0).await, [c]);
    assert_eq!(at(Status::Refused, 0).await, [b]);
    assert_eq!((at(Status::Granted, 999).await, at(Status::Ended, 999).await), (vec![a], vec![]));
    assert_eq!((at(Status::Granted, 1_000).await, at(Status::Ended, 1_000).await), (vec![], vec![a]));
    assert_eq!(store.waiting_requests().await.unwrap(), 1);
}

pub async fn pages_of_requests_miss_and_repeat_nothing(world: &World) {
    let store = world.open().await;
    let (cam, officer, other) = (camera(&store).await, account(&store, "z").await, account(&store, "y").await);
    for n in 0..23 {
        // Several of one millisecond; every third names the other officer too.
        let officers = if n % 3 == 0 { vec![officer, other] } else { vec![officer] };
        ask(&store, &application(cam, officers), T0.plus_ms(n / 4)).await;
    }
    for (of, want) in [(None, 23), (Some(officer), 23), (Some(other), 8)] {
        let whole = ids(&store, RequestFilter { of, ..RequestFilter::default() }, T0).await;
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let f = RequestFilter { of, before, ..RequestFilter::default() };
            let page = store.requests(&f, 5, T0).await.unwrap();
            before = page.last().map(|r| (r.created, r.id));
            paged.extend(page.iter().map(|r| r.id));
            if page.len() < 5 {
                break;
            }
        }
        assert_eq!((paged.len(), paged == whole), (want, true), "{of:?}");
    }
}

pub async fn requests_from_before_are_filled_in_at_the_start(world: &World) {
    let store = world.open().await;
    let (cam, officer) = (camera(&store).await, account(&store, "z").await);
    let id = ask(&store, &application(cam, vec![officer]), T0).await;
    store.close().await;
    world
        .tamper("UPDATE request SET status = NULL, ends_ms = NULL, case_key = NULL, unit_key = NULL, letter = NULL")
        .await;
    world.tamper("DELETE FROM request_officer").await;
    world.tamper("DELETE FROM request_camera").await;
    let store = world.open().await;
    let f = RequestFilter {
        of: Some(officer),
        status: Some(Status::Waiting),
        camera: Some(cam),
        unit: "派出所".into(),
        case_number: "a2026".into(),
        ..RequestFilter::default()
    };
    assert_eq!(ids(&store, f, T0).await, [id]);
    store.close().await;
}

struct Lines {
    store: Store,
    door: CameraId,
    hall: CameraId,
    zhang: AccountId,
    li: AccountId,
    wang: AccountId,
    request: RequestId,
    other: RequestId,
}

/// A session of zhang and li with three viewings of the door, and one line about the hall under another request by wang.
async fn lines(world: &World) -> Lines {
    let store = world.open().await;
    let (door, hall) = (camera(&store).await, camera(&store).await);
    let [zhang, li, wang] =
        [account(&store, "zhang").await, account(&store, "li").await, account(&store, "wang").await];
    let letter = store.add_paper("介字7号 letter.pdf", "application/pdf", b"%PDF-1", T0).await.unwrap();
    let app = Application { letter: Some(letter), ..application(door, vec![zhang, li]) };
    let request = ask(&store, &app, T0).await;
    let app = Application { case_number: "B-9".into(), ..application(hall, vec![wang]) };
    let other = ask(&store, &app, T0).await;
    assert!(
        store
            .decide_request(request, &decided(wang, State::Granted { at: T0, until: T0.plus_ms(99) }), T0)
            .await
            .unwrap()
    );
    let session = Session { first: zhang, second: li, opened: T0, until: T0.plus_ms(50), seen: None, browser: None };
    let mut opened = line(request, door, zhang);
    opened.what = "session";
    assert!(store.open_request_session(request, (None, &session), (None, opened), T0.plus_ms(1)).await.unwrap());
    for n in 2..5 {
        store.register("footage.viewed", line(request, door, zhang), T0.plus_ms(n)).await.unwrap();
    }
    let mut bare = line(other, hall, wang);
    bare.unit = "刑侦大队".into();
    store.register("footage.viewed", bare, T0.plus_ms(4)).await.unwrap();
    Lines { store, door, hall, zhang, li, wang, request, other }
}

pub async fn lines_are_found_by_each_of_their_facts(world: &World) {
    let l = lines(world).await;
    let f = RegisterFilter::default;
    let count = async |f: RegisterFilter| l.store.register_list(&f, 100).await.unwrap().len();
    assert_eq!(count(f()).await, 5);
    for (person, want) in [(l.zhang, 4), (l.li, 4), (l.wang, 1)] {
        assert_eq!(count(RegisterFilter { person: Some(person), ..f() }).await, want);
        assert_eq!(count(RegisterFilter { of: Some(person), ..f() }).await, want);
    }
    assert_eq!(count(RegisterFilter { person: Some(l.zhang), of: Some(l.wang), ..f() }).await, 0);
    for (camera, want) in [(l.door, 4), (l.hall, 1)] {
        assert_eq!(count(RegisterFilter { camera: Some(camera), ..f() }).await, want);
        let theirs = if camera == l.door { want } else { 0 };
        assert_eq!(count(RegisterFilter { camera: Some(camera), person: Some(l.li), ..f() }).await, theirs);
    }
    for (request, want) in [(l.request, 4), (l.other, 1)] {
        assert_eq!(count(RegisterFilter { request: Some(request), ..f() }).await, want);
        let theirs = if request == l.other { want } else { 0 };
        assert_eq!(count(RegisterFilter { request: Some(request), person: Some(l.wang), ..f() }).await, theirs);
    }
    assert_eq!(count(RegisterFilter { what: Some("session".into()), ..f() }).await, 1);
    assert_eq!(count(RegisterFilter { unit: "刑侦".into(), ..f() }).await, 1);
    assert_eq!(count(RegisterFilter { unit: "_".into(), ..f() }).await, 0);
    assert_eq!(count(RegisterFilter { case_number: "b-9".into(), ..f() }).await, 1);
    let between = |a: i64, b: i64| RegisterFilter { from: Some(T0.plus_ms(a)), to: Some(T0.plus_ms(b)), ..f() };
    assert_eq!((count(between(2, 4)).await, count(between(4, 5)).await, count(between(5, 9)).await), (2, 2, 0));
    let (mut paged, mut before) = (Vec::new(), None);
    loop {
        let page = l.store.register_list(&RegisterFilter { before, ..f() }, 2).await.unwrap();
        before = page.last().map(|r| (r.at, r.leaf));
        paged.extend(page.iter().map(|r| r.leaf));
        if page.len() < 2 {
            break;
        }
    }
    let whole: Vec<_> = l.store.register_list(&f(), 100).await.unwrap().iter().map(|r| r.leaf).collect();
    assert_eq!(paged, whole);
}

pub async fn a_line_says_number_letter_handler_and_end(world: &World) {
    let l = lines(world).await;
    let of = async |id| l.store.register_lines(Some(id), 9).await.unwrap();
    let view = of(l.request).await.remove(0);
    assert_eq!((view.number.as_str(), view.handler), ("2026-000001", Some(l.wang)));
    let (sha, name) = view.letter.clone().unwrap();
    assert_eq!((sha, name.as_str()), (base::Sha256::of(b"%PDF-1"), "介字7号 letter.pdf"));
    let other = of(l.other).await.remove(0);
    assert_eq!((other.letter, other.handler, other.ends), (None, None, None), "no letter, no decision, no session");
    assert!(of(l.request).await.iter().all(|r| r.ends == Some(T0.plus_ms(50))), "they end with their session");
    // Ended before its time: every line of the session says so, and the line of the end is about the same two.
    let mut end = line(l.request, l.door, l.li);
    end.what = "session";
    let session = l.store.request(l.request).await.unwrap().unwrap().session.unwrap();
    assert!(l.store.end_request_session(l.request, &session, end, T0.plus_ms(20)).await.unwrap());
    let rows = of(l.request).await;
    assert_eq!(
        rows.iter().map(|r| r.ends).collect::<Vec<_>>(),
        [None, Some(T0.plus_ms(20)), Some(T0.plus_ms(20)), Some(T0.plus_ms(20)), Some(T0.plus_ms(20))]
    );
    let zhang = RegisterFilter { person: Some(l.zhang), ..RegisterFilter::default() };
    assert_eq!(l.store.register_list(&zhang, 9).await.unwrap().len(), 5);
    // What has ended stays as it is when the grant ends later.
    let before = State::Granted { at: T0, until: T0.plus_ms(99) };
    let d = store::requests::Decided { before, ..decided(l.wang, State::Ended { at: T0.plus_ms(30) }) };
    assert!(l.store.decide_request(l.request, &d, T0.plus_ms(30)).await.unwrap());
    assert_eq!(of(l.request).await[1].ends, Some(T0.plus_ms(20)));
    crate::world::assert_clean(&l.store).await;
}
