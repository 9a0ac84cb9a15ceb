//! Exports: states, one of each scope, removal, what a crash between row and file leaves.

use crate::requests::{application, clauses, decided, line};
use crate::world::{T0, World, account, camera};
use base::time::DAY_MS;
use base::{AccountId, CameraId, ExportId, RequestId, Text, UtcMs};
use domain::viewing::{HOUR_MS, Scope, State};
use store::Store;
use store::exports::{Begun, ExportRow, Removal};
use store::logbook::ActFilter;

struct Case {
    store: Store,
    camera: CameraId,
    officer: AccountId,
    request: RequestId,
}

async fn case(world: &World) -> Case {
    let store = world.open().await;
    let (camera, officer) = (camera(&store).await, account(&store, "z").await);
    let app = application(camera, vec![officer]);
    let request = store.add_request(&app, State::Submitted { at: T0 }, &clauses(), T0).await.unwrap().id;
    Case { store, camera, officer, request }
}

impl Case {
    fn scope(&self, minutes: i64) -> Scope {
        Scope::new(vec![self.camera], T0, T0.plus_ms(minutes * 60_000))
    }

    async fn begin(&self, n: u8, minutes: i64) -> Begun {
        let id = ExportId::new(T0.0, [n; 10]);
        let line = line(self.request, self.camera, self.officer);
        self.store.decide_export(id, &self.scope(minutes), line, T0.plus_ms(n.into())).await.unwrap()
    }

    async fn made(&self, n: u8, minutes: i64) -> ExportRow {
        let Begun::New(row, _) = self.begin(n, minutes).await else { panic!("it is new") };
        row
    }

    async fn done(&self, n: u8, minutes: i64) -> ExportRow {
        let row = ExportRow { state: "done".into(), bytes: 7, done: 1_000, ..self.made(n, minutes).await };
        self.store.set_export(&row).await.unwrap();
        std::fs::write(self.store.data().join(&row.path), b"1234567").unwrap();
        row
    }

    async fn acts(&self, kind: &str) -> usize {
        let filter = ActFilter { kind: Some(kind.into()), ..ActFilter::default() };
        self.store.acts(&filter, 100).await.unwrap().len()
    }

    async fn decide(&self, before: State, after: State) {
        let d = store::requests::Decided { before, ..decided(self.officer, after) };
        assert!(self.store.decide_request(self.request, &d, T0).await.unwrap());
    }
}

fn removal(by: Option<AccountId>) -> Removal {
    Removal { by, reason: "不再需要".into(), clauses: vec![], text: Text::new("清除。", "Removed.") }
}

pub async fn exports_go_through_their_states(world: &World) {
    let case = case(world).await;
    let store = &case.store;
    let (mut done, left) = (case.made(1, 10).await, case.made(2, 5).await);
    assert_eq!((done.state.as_str(), done.done, &done.scope), ("making", 0, &Some(case.scope(10))));
    done.state = "done".into();
    (done.bytes, done.sha256, done.sm3, done.done) = (7, "ab".into(), "cd".into(), 1_000);
    done.report = "{}".into();
    store.set_export(&done).await.unwrap();
    std::fs::write(store.data().join(&left.path), b"half").unwrap();
    assert_eq!(store.fail_unfinished_exports().await.unwrap(), 1);
    assert!(!store.data().join(&left.path).exists());
    let rows = store.exports_of(case.request).await.unwrap();
    assert_eq!(rows.iter().map(|e| e.state.as_str()).collect::<Vec<_>>(), ["failed", "done"]);
    assert_eq!(store.export(done.id).await.unwrap(), Some(done));
    assert_eq!(store.exports_stock().await.unwrap(), (1, 7));
    let proven = store.prove_all(vec![0, 2, 4], None).await.unwrap();
    let verifier = ledger::LogVerifier::new(store.ledger().key().vkey());
    for (entry, proof) in &proven.entries {
        assert_eq!(verifier.check_file(&proof.to_text(), entry.as_bytes()).unwrap(), proven.head);
    }
    crate::world::assert_clean(store).await;
}

pub async fn of_one_scope_there_is_one_export(world: &World) {
    let case = std::sync::Arc::new(case(world).await);
    let tabs: Vec<_> = (1..=8)
        .map(|n| {
            let case = case.clone();
            tokio::spawn(async move { case.begin(n, 10).await })
        })
        .collect();
    let (mut new, mut there) = (Vec::new(), Vec::new());
    for tab in tabs {
        match tab.await.expect("no panic") {
            Begun::New(row, _) => new.push(row.id),
            Begun::There(row) => there.push(row.id),
        }
    }
    assert_eq!((new.len(), there.len()), (1, 7));
    assert!(there.iter().all(|id| *id == new[0]), "every tab is shown the one that runs");
    assert_eq!((case.acts("export.decided").await, case.store.register_lines(None, 9).await.unwrap().len()), (1, 1));
    // The rule is the database's own: past this program it holds too.
    let again = format!(
        "INSERT INTO export (id, request, path, bytes, sha256, state, done, created_ms, scope_sha256) \
         VALUES ('x', '{}', 'p', 0, '', 'making', 0, 0, '{}')",
        case.request,
        case.scope(10).digest().hex()
    );
    assert!(matches!(world.try_tamper(&again).await, Err(sqlx::Error::Database(e)) if e.is_unique_violation()));
    // Another scope is another export; one that failed makes room for the next.
    case.made(20, 9).await;
    assert_eq!(case.store.fail_unfinished_exports().await.unwrap(), 2);
    let row = case.done(21, 10).await;
    assert!(matches!(case.begin(22, 10).await, Begun::There(r) if r.id == row.id), "one that is done counts too");
    assert!(case.store.remove_export(&row, &removal(None), T0).await.unwrap());
    case.made(23, 10).await;
}

pub async fn a_removed_export_keeps_its_row_and_loses_its_file(world: &World) {
    let case = case(world).await;
    let store = &case.store;
    let (done, making) = (case.done(1, 10).await, case.made(2, 5).await);
    assert!(!store.remove_export(&making, &removal(None), T0).await.unwrap(), "what is being made stays");
    let path = store.data().join(&done.path);
    assert!(path.exists());
    let (by_hand, by_itself) = (removal(Some(case.officer)), removal(None));
    let (a, b) = tokio::join!(
        store.remove_export(&done, &by_hand, T0.plus_ms(5)),
        store.remove_export(&done, &by_itself, T0.plus_ms(6))
    );
    assert_eq!(u8::from(a.unwrap()) + u8::from(b.unwrap()), 1, "two tabs remove it once");
    assert!(!path.exists());
    assert_eq!(case.acts("export.removed").await, 1);
    let row = store.export(done.id).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.removed_why.as_str(), row.bytes), ("removed", "不再需要", 7));
    assert!(row.removed.is_some());
    assert_eq!(store.exports_stock().await.unwrap(), (0, 0));
    crate::world::assert_clean(store).await;
}

pub async fn a_file_that_outlived_its_row_is_swept(world: &World) {
    let case = case(world).await;
    let (done, kept) = (case.done(1, 10).await, case.done(2, 5).await);
    assert!(case.store.remove_export(&done, &removal(None), T0).await.unwrap());
    // As after a crash between the commit and the removal of the file.
    let (path, other) = (case.store.data().join(&done.path), case.store.data().join(&kept.path));
    std::fs::write(&path, b"1234567").unwrap();
    assert_eq!(case.store.sweep_exports().await.unwrap(), 1);
    assert!(!path.exists() && other.exists());
    std::fs::write(&path, b"1234567").unwrap();
    let Case { store, .. } = case;
    store.close().await;
    let store = world.open().await;
    assert!(!path.exists() && other.exists(), "the start sweeps too");
    store.close().await;
}

pub async fn exports_are_due_when_their_grant_has_ended(world: &World) {
    let case = case(world).await;
    let store = &case.store;
    case.done(1, 10).await;
    case.made(2, 5).await;
    let until = T0.plus_ms(DAY_MS);
    let ended = async |at: UtcMs| store.exports_ended(at, 9).await.unwrap().len();
    assert_eq!(ended(UtcMs(i64::MAX)).await, 0, "a request that waits has no grant that ended");
    let granted = State::Granted { at: T0, until };
    case.decide(State::Submitted { at: T0 }, granted).await;
    assert_eq!((ended(until.plus_ms(-1)).await, ended(until).await), (0, 1));
    let over = State::Ended { at: T0.plus_ms(9) };
    case.decide(granted, over).await;
    assert_eq!((ended(T0.plus_ms(8)).await, ended(T0.plus_ms(9)).await), (0, 1));
    let (row, state) = store.exports_ended(until, 9).await.unwrap().remove(0);
    assert_eq!((state, row.state.as_str()), (over, "done"));
}

pub async fn hours_are_weighed_by_their_entries(world: &World) {
    let store = world.open().await;
    let cam = camera(&store).await;
    let hours = store.footage_hours(cam, T0, T0.plus_ms(2 * HOUR_MS + 1)).await.unwrap();
    assert_eq!((hours.hours.len(), hours.hours.iter().map(|h| h.entries).sum::<u64>()), (3, 0));
    // A span belongs to the hour of its last millisecond.
    for (n, end) in [0, 1, 5_000, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS, 2 * HOUR_MS + 1].iter().enumerate() {
        let end = T0.0 + end;
        let row = "INSERT INTO span (camera, start_ms, end_ms, container, first_seq, last_seq, leaf, frags) VALUES";
        let blob = if world.is_postgres() { "''::bytea" } else { "x''" };
        world.tamper(&format!("{row} ('{cam}', {}, {end}, 'c', {n}, {n}, {n}, {blob})", end - 10)).await;
    }
    let hours = store.footage_hours(cam, T0, T0.plus_ms(2 * HOUR_MS)).await.unwrap();
    assert_eq!(hours.hours.iter().map(|h| h.entries).collect::<Vec<_>>(), [4, 2]);
    assert!(store.footage_hours(cam, T0, T0).await.unwrap().hours.is_empty());
}
