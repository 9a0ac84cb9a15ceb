//! A site and its authority over real sockets, each with its own store: admission, reports, witnessing, and what hostile or unlucky
//! sites do.

pub(crate) mod hall;

use crate::{Admission, Authority, By, SiteView};
use base::{ErrorKind, Pii, Sha256, UtcMs};
use bus::{Answer, Hello, Identity, Kind, Link, Message, Question, Receipt, enrolment_code, join_message};
use domain::access::Role;
use ledger::{AddCheckpoint, EntryBytes, Log, MemoryLog, SiteKey, Tree};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::casework::registers::RowFilter;
use store::inbox::Step;
use store::{Store, StoreConfig};
use tokio::net::TcpListener;

const T0: i64 = 1_795_255_200_000;

/// The packs of the program.
fn gate() -> Arc<law::Gate> {
    Arc::new(law::Gate::embedded().unwrap())
}

struct Police {
    _dir: Option<tempfile::TempDir>,
    data: PathBuf,
    authority: Authority,
    store: Store,
    clock: Arc<AtomicI64>,
    admin: By,
    duty: By,
}

async fn account(store: &Store, login: &str, role: Role) -> By {
    let known = store.account_by_login(login).await.unwrap();
    let account = match known {
        Some(account) => account.id,
        None => {
            let new = store::accounts::NewAccount {
                login: login.into(),
                role,
                name: Pii::new(login.into()),
                badge: None,
                unit: "市公安局".into(),
                password_hash: "x".into(),
            };
            store.add_account(&new, None, false, UtcMs(T0)).await.unwrap()
        }
    };
    By { account, role }
}

impl Police {
    async fn open(dir: Option<tempfile::TempDir>, data: PathBuf) -> Self {
        let clock = Arc::new(AtomicI64::new(T0));
        let config = StoreConfig { data: data.clone(), ..StoreConfig::default() };
        let store = Store::open(&config, UtcMs(T0)).await.unwrap();
        let times = clock.clone();
        let now = move || UtcMs(times.load(Ordering::Relaxed));
        let authority = Authority::open(store.clone(), "127.0.0.1:1".into(), gate(), now).await.unwrap();
        let admin = account(&store, "admin", Role::Administrator).await;
        let duty = account(&store, "duty", Role::PoliceDuty).await;
        Self { _dir: dir, data, authority, store, clock, admin, duty }
    }

    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        Self::open(Some(dir), data).await
    }

    /// The same server again, as after a crash or a restart.
    async fn again(mut self) -> Self {
        let (dir, data) = (self._dir.take(), self.data.clone());
        self.authority.stop().await;
        drop(self.authority);
        self.store.close().await;
        // Connections that were cut give the folder free a moment later.
        let config = StoreConfig { data: data.clone(), ..StoreConfig::default() };
        for _ in 0..200 {
            match Store::open(&config, UtcMs(T0)).await {
                Ok(store) => {
                    store.close().await;
                    break;
                }
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(25)).await,
            }
        }
        Self::open(dir, data).await
    }

    async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        self.authority.listen(listener);
        address
    }

    async fn admit(&self, site: &Place) {
        let form = Admission {
            name: "示范酒店".into(),
            unit: "示范派出所".into(),
            jurisdiction: "heilongjiang".into(),
            code: String::new(),
        };
        let keys = (site.key.vkey().to_string(), site.identity.pin().to_string());
        self.authority.enter(&keys.0, &keys.1, &form, self.admin).await.unwrap();
    }
}

/// A site: keys and a log in memory.
struct Place {
    id: base::SiteId,
    key: SiteKey,
    identity: Identity,
    tree: Tree,
    disk: MemoryLog,
}

impl Place {
    fn new(seed: u8) -> Self {
        let id = base::SiteId::new(T0, [seed; 10]);
        let key = SiteKey::from_seed(&format!("jifang/{id}"), [seed; 32]).unwrap();
        let identity = Identity::from_seed(&[seed ^ 0x55; 32]).unwrap();
        Self { id, key, identity, tree: Tree::new(), disk: MemoryLog::default() }
    }

    fn link(&self, address: &str, police: &Police) -> Link {
        Link::new(address, &self.identity, police.authority.pin()).unwrap()
    }

    fn grow(&mut self, entries: impl IntoIterator<Item = String>) {
        let list: Vec<_> = entries.into_iter().map(|e| EntryBytes::new(e.into_bytes()).unwrap()).collect();
        self.disk.write(self.tree.append(&list).unwrap().files);
    }

    fn head(&self, old_size: u64) -> Vec<u8> {
        let size = self.tree.size();
        let head = ledger::Checkpoint { origin: self.key.vkey().name().into(), size, root: self.tree.root() };
        let proof = Log::new(&self.disk, size).consistency(old_size, size).unwrap_or_default();
        AddCheckpoint { old_size, proof, note: head.sign(&self.key).unwrap() }.to_bytes()
    }

    fn message(&self, id: &str, seq: u64, body: &[u8]) -> (Message, Vec<u8>) {
        let message = Message {
            id: id.into(),
            site: self.key.vkey().name().into(),
            seq,
            kind: Kind::AlarmReport,
            at: UtcMs(T0),
            sha256: Sha256::of(body),
        };
        let question = join_message(&message.sign(&self.key).unwrap(), body).unwrap();
        (message, question)
    }
}

/// The police, a site that was admitted, and its way there.
async fn admitted() -> (Police, Place, Link) {
    let police = Police::new().await;
    let address = police.listen().await;
    let site = Place::new(1);
    police.admit(&site).await;
    let link = site.link(&address, &police);
    (police, site, link)
}

/// The sites as the page shows them.
async fn shown_sites(police: &Police) -> Vec<SiteView> {
    let rows = police.authority.site_rows().await.unwrap();
    police.authority.site_views(rows).await.unwrap()
}

async fn ask(link: &mut Link, what: Question, body: &[u8]) -> Answer {
    link.ask(what, body).await.unwrap()
}

fn said(answer: &Answer) -> (u16, &str) {
    (answer.status, std::str::from_utf8(&answer.body).unwrap().trim())
}

#[tokio::test]
async fn nobody_is_believed_before_a_person_has_compared_the_code() {
    let police = Police::new().await;
    let address = police.listen().await;
    let mut site = Place::new(1);
    site.grow(["x".to_owned()]);
    let mut link = site.link(&address, &police);
    assert_eq!(ask(&mut link, Question::Message, &site.message("a", 1, b"{}").1).await.status, 403);
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &site.head(0)).await.status, 403);
    let hello = Hello::sign("示范酒店", site.identity.pin(), &site.key).unwrap();
    assert_eq!(said(&ask(&mut link, Question::Hello, &hello).await), (403, "asked"));
    // Asking does not open the door.
    assert_eq!(ask(&mut link, Question::Message, &site.message("a", 1, b"{}").1).await.status, 403);
    let code = enrolment_code(site.key.vkey(), site.identity.pin(), police.authority.vkey(), police.authority.pin());
    let shown = shown_sites(&police).await;
    assert_eq!((shown.len(), shown[0].code.as_str(), shown[0].peer.name.as_str()), (1, code.as_str(), "示范酒店"));
    let mut form = Admission {
        name: "示范酒店".into(),
        unit: "示范派出所".into(),
        jurisdiction: "liaoning".into(),
        code: "0000".into(),
    };
    let wrong = police.authority.admit(site.id, &form, police.admin).await.unwrap_err();
    assert_eq!(wrong.code, "other_code");
    form.code = code;
    let no_right = police.authority.admit(site.id, &form, police.duty).await.unwrap_err();
    assert_eq!(no_right.kind, ErrorKind::Forbidden);
    police.authority.admit(site.id, &form, police.admin).await.unwrap();
    assert_eq!(said(&ask(&mut link, Question::Hello, &hello).await), (200, "admitted"));
    assert_eq!(ask(&mut link, Question::Message, &site.message("a", 1, b"{}").1).await.status, 200);
    // Ended by a person: closed at once, and a hello does not bring it back.
    police.authority.close(site.id, police.admin).await.unwrap();
    assert_eq!(ask(&mut link, Question::Message, &site.message("b", 2, b"{}").1).await.status, 403);
    assert_eq!(said(&ask(&mut link, Question::Hello, &hello).await), (403, "closed"));
    police.authority.stop().await;
}

#[tokio::test]
async fn a_site_that_is_known_cannot_be_taken_over_by_another_key() {
    let police = Police::new().await;
    let address = police.listen().await;
    let site = Place::new(1);
    police.admit(&site).await;
    // A thief has the site's log key but not its key on the bus; another has a key of his own under the same name.
    let thief = Place { identity: Identity::from_seed(&[99; 32]).unwrap(), ..Place::new(1) };
    let mut link = thief.link(&address, &police);
    let hello = Hello::sign("示范酒店", thief.identity.pin(), &thief.key).unwrap();
    assert_eq!(ask(&mut link, Question::Hello, &hello).await.status, 409);
    assert_eq!(ask(&mut link, Question::Message, &thief.message("a", 1, b"{}").1).await.status, 403);
    let renamed = SiteKey::from_seed(site.key.vkey().name(), [77; 32]).unwrap();
    let hello = Hello::sign("示范酒店", thief.identity.pin(), &renamed).unwrap();
    assert_eq!(ask(&mut link, Question::Hello, &hello).await.status, 409);
    // The site's own connection does not carry messages of another key.
    let mut own = site.link(&address, &police);
    let foreign = Place::new(2);
    assert_eq!(ask(&mut own, Question::Message, &foreign.message("a", 1, b"{}").1).await.status, 400);
    assert!(police.authority.queue(true, police.duty).await.unwrap().is_empty());
}

#[tokio::test]
async fn too_many_who_ask_are_turned_away() {
    let police = Police::new().await;
    let address = police.listen().await;
    for n in 0..=store::peers::ASKING {
        let seed = u8::try_from(n + 1).unwrap();
        let site = Place::new(seed);
        let mut link = site.link(&address, &police);
        let hello = Hello::sign("x", site.identity.pin(), &site.key).unwrap();
        let want = if n < store::peers::ASKING { 403 } else { 429 };
        assert_eq!(ask(&mut link, Question::Hello, &hello).await.status, want, "{n}");
    }
}

#[tokio::test]
async fn a_report_is_taken_once_and_its_receipt_stays_the_same() {
    let police = Police::new().await;
    let address = police.listen().await;
    let site = Place::new(1);
    police.admit(&site).await;
    let mut link = site.link(&address, &police);
    let body = br#"{"number":"20261121-0001","what":{"alarm":"burglary"},"priority":"p2"}"#;
    let (message, question) = site.message("r-1", 1, body);
    let first = ask(&mut link, Question::Message, &question).await;
    assert_eq!(first.status, 200);
    let receipt = Receipt::open(&first.body, police.authority.vkey()).unwrap();
    assert!(receipt.is_for(&message));
    police.clock.fetch_add(60_000, Ordering::Relaxed);
    assert_eq!(ask(&mut link, Question::Message, &question).await, first, "the same receipt, to the byte");
    assert_eq!(ask(&mut link, Question::Message, &site.message("r-1", 1, b"{}").1).await.status, 409, "another body");
    // The receipt's entry is in the log and says the same.
    police.store.flush_ledger().await.unwrap();
    let entry = police.store.ledger().entry(receipt.entry).unwrap();
    let text = String::from_utf8(entry.as_bytes().to_vec()).unwrap();
    assert!(text.contains("report.received") && text.contains(&message.sha256.hex()), "{text}");
    // After a restart it is still the same.
    let police = police.again().await;
    let address = police.listen().await;
    let mut link = site.link(&address, &police);
    assert_eq!(ask(&mut link, Question::Message, &question).await, first);
    let queue = police.authority.queue(false, police.duty).await.unwrap();
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0].body["number"], "20261121-0001");
    // The row holds no readable body.
    let raw = std::fs::read(police.data.join("jifang.db")).unwrap();
    let wal = std::fs::read(police.data.join("jifang.db-wal")).unwrap_or_default();
    assert!(![raw, wal].concat().windows(13).any(|w| w == b"20261121-0001"), "the body is sealed");
}

#[tokio::test]
async fn many_at_once_bring_the_same_messages_and_each_is_there_once() {
    let police = Police::new().await;
    let address = police.listen().await;
    let site = Arc::new(Place::new(1));
    police.admit(&site).await;
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let (site, mut link) = (site.clone(), site.link(&address, &police));
        tasks.push(tokio::spawn(async move {
            let mut receipts = Vec::new();
            for n in 1..=20_u64 {
                let body = format!("{{\"n\":{n}}}");
                let answer =
                    ask(&mut link, Question::Message, &site.message(&format!("m-{n}"), n, body.as_bytes()).1).await;
                assert_eq!(answer.status, 200, "{answer:?}");
                receipts.push(answer.body);
            }
            receipts
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    assert!(all.windows(2).all(|w| w[0] == w[1]), "everybody got the same receipts");
    assert_eq!(police.authority.queue(true, police.duty).await.unwrap().len(), 20);
    assert_eq!(police.store.message_numbers(site.id).await.unwrap(), (20, 20));
    // A number that never came is seen.
    let mut link = site.link(&address, &police);
    ask(&mut link, Question::Message, &site.message("m-22", 22, b"{}").1).await;
    assert_eq!(shown_sites(&police).await[0].messages, (22, 21));
}

#[tokio::test]
async fn the_police_go_forward_only_and_say_how_it_ended() {
    let (police, site, mut link) = admitted().await;
    ask(&mut link, Question::Message, &site.message("r-1", 1, b"{\"what\":\"unknown\"}").1).await;
    let leaf = police.authority.queue(false, police.duty).await.unwrap()[0].line.leaf;
    let auditor = By { role: Role::Auditor, ..police.duty };
    assert!(police.authority.report(leaf, auditor).await.is_ok(), "an auditor reads");
    let refused = police.authority.step(leaf, Step::Taken, "", auditor).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    for role in [Role::Administrator, Role::PoliceOfficer, Role::DutyOfficer] {
        let by = By { role, ..police.duty };
        assert!(police.authority.queue(true, by).await.is_err() && police.authority.report(leaf, by).await.is_err());
        assert!(police.authority.papers(leaf, by).await.is_err());
    }
    police.authority.step(leaf, Step::Taken, "", police.duty).await.unwrap();
    let again = police.authority.step(leaf, Step::Taken, "", police.duty).await.unwrap_err();
    assert_eq!(again.code, "report_moved_on");
    police.authority.step(leaf, Step::Arrived, "两人到场", police.duty).await.unwrap();
    assert!(police.authority.step(leaf, Step::Dispatched, "", police.duty).await.is_err(), "not back");
    let no_result = police.authority.step(leaf, Step::Closed, "  ", police.duty).await.unwrap_err();
    assert_eq!(no_result.code, "remark");
    let long = "字".repeat(base::limits::FREE_TEXT_CHARS + 1);
    assert_eq!(police.authority.step(leaf, Step::Closed, &long, police.duty).await.unwrap_err().code, "remark");
    police.authority.step(leaf, Step::Closed, "误入，已离开", police.duty).await.unwrap();
    assert!(police.authority.queue(false, police.duty).await.unwrap().is_empty());
    let report = police.authority.report(leaf, police.duty).await.unwrap();
    let steps: Vec<_> = report.steps.iter().map(|s| (s.step, s.remark.as_str())).collect();
    assert_eq!(steps, [(Step::Taken, ""), (Step::Arrived, "两人到场"), (Step::Closed, "误入，已离开")]);
}

#[tokio::test]
async fn an_alarm_and_each_step_of_the_police_stand_in_the_register() {
    let (police, site, mut link) = admitted().await;
    let question = site.message("r-1", 1, b"{\"what\":{\"alarm\":\"burglary\"},\"number\":\"7\"}").1;
    for _ in 0..2 {
        assert_eq!(ask(&mut link, Question::Message, &question).await.status, 200);
    }
    // What cannot be read is an alarm all the same.
    assert_eq!(ask(&mut link, Question::Message, &site.message("r-2", 2, b"\xff").1).await.status, 200);
    let filter = RowFilter { register: "alarms".into(), ..RowFilter::default() };
    let rows = police.store.register_rows(&filter, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.version).collect::<Vec<_>>(), [1, 1], "a report that comes again is one row");
    assert!(rows.iter().all(|row| row.case.is_none() && row.until.is_none() && row.shown.is_none()));
    let queue = police.authority.queue(false, police.duty).await.unwrap();
    let leaf = queue.iter().find(|todo| todo.line.id == "r-1").expect("it waits").line.leaf;
    for (step, remark) in [(Step::Taken, ""), (Step::Closed, "误入，已离开")] {
        police.authority.step(leaf, step, remark, police.duty).await.unwrap();
    }
    let history = police.store.register_history("alarms", &rows[1].row).await.unwrap();
    let columns: Vec<serde_json::Value> = history
        .iter()
        .map(|row| serde_json::from_str(row.personal.as_ref().expect("columns").expose()).unwrap())
        .collect();
    let steps: Vec<_> = columns.iter().map(|c| c["alarm_step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["closed", "taken", "received"], "every version stays");
    assert!(columns.iter().all(|c| c["alarm_what"] == "burglary" && !c.to_string().contains("误入")));
    assert!(history[0].until.is_some() && history[1].until.is_none(), "it ends when it is closed");
}

#[tokio::test]
async fn a_head_is_cosigned_only_if_it_continues_the_one_before() {
    let police = Police::new().await;
    let address = police.listen().await;
    let mut site = Place::new(1);
    police.admit(&site).await;
    let mut link = site.link(&address, &police);
    site.grow((0..300).map(|n| n.to_string()));
    let answer = ask(&mut link, Question::AddCheckpoint, &site.head(0)).await;
    assert_eq!(answer.status, 200);
    let note = AddCheckpoint::parse(&site.head(0)).unwrap().note;
    let both = ledger::with_cosignature(&note, &answer.body).unwrap();
    assert_eq!(police.authority.witness_vkey().cosigned_at(&both), Ok(UtcMs(T0)));
    // A site that forgot where the witness stands is told, and proves from there.
    site.grow(["301".to_owned()]);
    assert_eq!(said(&ask(&mut link, Question::AddCheckpoint, &site.head(0)).await), (409, "300"));
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &site.head(300)).await.status, 200);
    assert!(shown_sites(&police).await[0].conflicts.is_empty());
    // The head survives a restart of the witness, and an unproved one is not signed after it either.
    let police = police.again().await;
    let address = police.listen().await;
    let mut link = site.link(&address, &police);
    site.grow(["302".to_owned()]);
    assert_eq!(said(&ask(&mut link, Question::AddCheckpoint, &site.head(0)).await), (409, "301"));
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &site.head(301)).await.status, 200);
    assert_eq!(ask(&mut link, Question::AddCheckpoint, b"nonsense").await.status, 400);
}

#[tokio::test]
async fn a_rewritten_or_shortened_log_is_refused_and_both_heads_are_kept() {
    let (police, mut honest, mut link) = admitted().await;
    honest.grow((0..50).map(|n| n.to_string()));
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &honest.head(0)).await.status, 200);
    // The same keys, another history: restored to 20 entries, then grown past 50.
    let mut other = Place::new(1);
    other.grow((0..20).map(|n| n.to_string()));
    assert_eq!(said(&ask(&mut link, Question::AddCheckpoint, &other.head(20)).await), (409, "50"));
    other.grow((0..30).map(|n| format!("other {n}")));
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &other.head(50)).await.status, 409);
    other.grow((0..30).map(|n| format!("more {n}")));
    for _ in 0..3 {
        assert_eq!(ask(&mut link, Question::AddCheckpoint, &other.head(50)).await.status, 422);
    }
    assert!(police.authority.site_rows().await.unwrap()[0].contradicts);
    let sites = shown_sites(&police).await;
    let what: Vec<_> = sites[0].conflicts.iter().rev().map(|c| c.what.as_str()).collect();
    assert_eq!(what, ["rolled_back", "split_view", "not_consistent"], "each once, however often it is shown");
    for conflict in &sites[0].conflicts {
        let (held, offered) = (
            ledger::Checkpoint::open(&conflict.held, honest.key.vkey()).unwrap(),
            ledger::Checkpoint::open(&conflict.offered, honest.key.vkey()).unwrap(),
        );
        assert_eq!(held.size, 50);
        assert!(police.authority.witness_vkey().cosigned_at(&conflict.held).is_ok(), "what was signed before");
        // Anybody who has the site's files can show which of the two they are not.
        let seen = ledger::compare_views(&held, &offered, &other.disk);
        assert!(seen.is_err(), "{} entries", offered.size);
        assert!(police.authority.conflict(honest.id, conflict.leaf, police.admin).await.is_ok());
        assert!(
            police
                .authority
                .conflict(honest.id, conflict.leaf, By { role: Role::PoliceOfficer, ..police.duty })
                .await
                .is_err()
        );
    }
    let notices = police.store.notices().await.unwrap();
    assert!(notices.iter().any(|n| n.severity == 1 && n.code.starts_with("witness_conflict.")), "{notices:?}");
    // The honest log is still signed.
    honest.grow(["51".to_owned()]);
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &honest.head(50)).await.status, 200);
}

#[tokio::test]
async fn of_two_histories_that_race_one_is_signed() {
    let police = Police::new().await;
    let address = police.listen().await;
    let base = Place::new(1);
    police.admit(&base).await;
    let mut tasks = Vec::new();
    for n in 0..8 {
        let mut site = Place::new(1);
        site.grow((0..=n).map(|i| format!("history {n} {i}")));
        let mut link = site.link(&address, &police);
        tasks.push(tokio::spawn(async move { ask(&mut link, Question::AddCheckpoint, &site.head(0)).await.status }));
    }
    let mut signed = 0;
    for task in tasks {
        signed += u32::from(task.await.unwrap() == 200);
    }
    assert_eq!(signed, 1, "the old size is compared where the head is stored");
}

#[tokio::test]
async fn a_witness_that_lost_its_database_does_not_go_on_with_its_key() {
    let police = Police::new().await;
    let Police { _dir: dir, data, authority, store, .. } = police;
    drop(authority);
    store.close().await;
    for file in ["jifang.db", "jifang.db-wal", "jifang.db-shm"] {
        let _ = std::fs::remove_file(data.join(file));
    }
    let lost = Store::open(&StoreConfig { data: data.clone(), ..StoreConfig::default() }, UtcMs(T0)).await;
    assert!(matches!(lost, Err(store::StoreError::LostDatabase(_))), "it would sign a second history of every site");
    drop(dir);
    // And a lost key is not made again under the same name.
    let police = Police::new().await;
    let seed = police.data.join("keys/witness.seed");
    std::fs::remove_file(&seed).unwrap();
    let again = Authority::open(police.store.clone(), "x".into(), gate(), || UtcMs(T0)).await;
    assert!(again.is_err() && !seed.exists());
}

#[tokio::test]
async fn a_restored_site_goes_on_when_a_person_accepts_its_new_line() {
    let (police, mut before, mut link) = admitted().await;
    before.grow((0..50).map(|n| n.to_string()));
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &before.head(0)).await.status, 200);
    // The disaster: a backup of 20 entries, and other things happen.
    let mut site = Place::new(1);
    site.grow((0..20).map(|n| n.to_string()).chain(["restored".to_owned()]));
    assert_eq!(said(&ask(&mut link, Question::AddCheckpoint, &site.head(20)).await), (409, "50"));
    let conflict = shown_sites(&police).await[0].conflicts[0].leaf;
    for role in [Role::Auditor, Role::PoliceDuty, Role::PoliceOfficer] {
        let refused =
            police.authority.accept_line(site.id, conflict, "x", By { role, ..police.admin }).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Forbidden, "{role:?}");
    }
    let long = "字".repeat(base::limits::FREE_TEXT_CHARS + 1);
    for why in ["", "  ", &long] {
        assert_eq!(police.authority.accept_line(site.id, conflict, why, police.admin).await.unwrap_err().code, "why");
    }
    let none = police.authority.accept_line(site.id, conflict + 1, "电话核实", police.admin).await.unwrap_err();
    assert_eq!(none.kind, ErrorKind::NotFound);
    assert_eq!(said(&ask(&mut link, Question::AddCheckpoint, &site.head(20)).await), (409, "50"), "nothing yet");
    police.authority.accept_line(site.id, conflict, "电话核实，磁盘损坏，恢复昨日备份", police.admin).await.unwrap();
    let twice = police.authority.accept_line(site.id, conflict, "电话核实", police.admin).await.unwrap_err();
    assert_eq!(twice.code, "line_settled");
    let notices = police.store.notices().await.unwrap();
    assert!(!notices.iter().any(|n| n.code.starts_with("witness_conflict.")), "{notices:?}");
    // The site grew meanwhile, believes in an older head, is told where the witness stands, and proves from there.
    site.grow(["more".to_owned(), "and more".to_owned()]);
    assert_eq!(said(&ask(&mut link, Question::AddCheckpoint, &site.head(20)).await), (409, "21"));
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &site.head(21)).await.status, 200);
    let view = &shown_sites(&police).await[0];
    assert_eq!(view.witnessed.map(|w| w.0), Some(23));
    assert!(view.conflicts.iter().all(|c| c.settled.is_some()));
    assert!(!police.authority.site_rows().await.unwrap()[0].contradicts, "a settled one waits for nobody");
    // The line of before is now the one that contradicts.
    before.grow(["51".to_owned()]);
    assert_eq!(ask(&mut link, Question::AddCheckpoint, &before.head(23)).await.status, 422);
}

/// A clip of three parts, the last one short, that goes with report `r`.
fn clip(report: base::ReportId) -> (domain::alarm::Exhibit, Vec<u8>) {
    let bytes: Vec<u8> = (0..bus::PART_BYTES * 2 + 77).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let exhibit = domain::alarm::Exhibit {
        version: domain::alarm::EXHIBIT_VERSION,
        report,
        incident: base::IncidentId::new(T0, [3; 10]),
        number: "2026-0000001".into(),
        camera: base::CameraId::new(T0, [4; 10]),
        camera_name: "大堂".into(),
        kind: domain::alarm::ExhibitKind::Clip,
        from: UtcMs(T0),
        to: UtcMs(T0 + 40_000),
        bytes: bytes.len() as u64,
        sha256: Some(Sha256::of(&bytes)),
        absent: None,
        clauses: vec![base::ClauseId::new("B-21-2")],
    };
    (exhibit, bytes)
}

impl Place {
    fn exhibit(&self, id: &str, seq: u64, exhibit: &domain::alarm::Exhibit) -> (Message, Vec<u8>) {
        let body = serde_json::to_vec(exhibit).unwrap();
        let (message, _) = self.message(id, seq, &body);
        let message = Message { kind: Kind::AlarmExhibit, ..message };
        let question = join_message(&message.sign(&self.key).unwrap(), &body).unwrap();
        (message, question)
    }
}

async fn part(link: &mut Link, of: &domain::alarm::Exhibit, at: u64, bytes: &[u8]) -> (u16, String) {
    let part = bus::Part { report: of.report.to_string(), sha256: of.sha256.unwrap(), size: of.bytes, at };
    let answer = ask(link, Question::Part, &part.join(bytes).unwrap()).await;
    (answer.status, String::from_utf8(answer.body).unwrap().trim().to_owned())
}

/// Sends a report, and gives the clip that goes with it.
async fn reported(site: &Place, link: &mut Link) -> (domain::alarm::Exhibit, Vec<u8>) {
    let report = base::ReportId::new(T0, [9; 10]);
    ask(link, Question::Message, &site.message(&report.to_string(), 1, b"{}").1).await;
    clip(report)
}

#[tokio::test]
async fn a_clip_cut_off_anywhere_goes_on_and_is_received_only_whole() {
    let police = Police::new().await;
    let address = police.listen().await;
    let site = Place::new(1);
    police.admit(&site).await;
    let mut link = site.link(&address, &police);
    let report = base::ReportId::new(T0, [9; 10]);
    let (exhibit, bytes) = clip(report);
    let size = bus::PART_BYTES;
    assert_eq!(part(&mut link, &exhibit, 0, &bytes[..size]).await.0, 409, "no clip without its report");
    ask(&mut link, Question::Message, &site.message(&report.to_string(), 1, br#"{"cameras":["a"]}"#).1).await;
    let (message, question) = site.exhibit("e-1", 2, &exhibit);
    assert_eq!(ask(&mut link, Question::Message, &question).await.status, 409, "no receipt for what is not here");
    assert_eq!(part(&mut link, &exhibit, 0, &[]).await, (200, "0".into()));
    assert_eq!(part(&mut link, &exhibit, 0, &bytes[..size]).await, (200, size.to_string()));
    // The same part again and one from further on change nothing; the line breaks and the server starts again.
    assert_eq!(part(&mut link, &exhibit, 0, &bytes[..size]).await, (200, size.to_string()));
    assert_eq!(part(&mut link, &exhibit, (size * 2) as u64, &bytes[size * 2..]).await, (200, size.to_string()));
    let police = police.again().await;
    let address = police.listen().await;
    let mut link = site.link(&address, &police);
    assert_eq!(part(&mut link, &exhibit, 0, &[]).await, (200, size.to_string()), "what was kept is kept");
    part(&mut link, &exhibit, size as u64, &bytes[size..size * 2]).await;
    assert_eq!(ask(&mut link, Question::Message, &question).await.status, 409, "a part is missing");
    assert_eq!(part(&mut link, &exhibit, (size * 2) as u64, &bytes[size * 2..]).await, (200, bytes.len().to_string()));
    let answer = ask(&mut link, Question::Message, &question).await;
    assert_eq!(answer.status, 200);
    assert!(Receipt::open(&answer.body, police.authority.vkey()).unwrap().is_for(&message));
    assert_eq!(ask(&mut link, Question::Message, &question).await, answer, "again: the same receipt");
    assert_eq!(police.store.message_numbers(site.id).await.unwrap(), (2, 2));
    // Shown to who may, from any byte on, and in the log first; to nobody else, and not under another report.
    let leaf = police.authority.queue(false, police.duty).await.unwrap()[0].line.leaf;
    let shown = police.authority.report(leaf, police.duty).await.unwrap().exhibits.remove(0);
    assert_eq!(shown.exhibit, exhibit);
    let film = police.authority.show_exhibit(leaf, shown.leaf, police.duty).await.unwrap();
    let mut read = Vec::new();
    while let Some(piece) = film.read(read.len() as u64).await.unwrap() {
        read.extend_from_slice(&piece);
    }
    assert_eq!(read, bytes);
    assert_eq!(film.read(7).await.unwrap().unwrap(), &bytes[7..size]);
    assert_eq!(
        police.authority.show_exhibit(leaf, shown.leaf, police.admin).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    assert_eq!(
        police.authority.show_exhibit(leaf + 1, shown.leaf, police.duty).await.unwrap_err().kind,
        ErrorKind::NotFound
    );
    police.authority.show_exhibit(leaf, shown.leaf, police.duty).await.unwrap();
    let acts = police.store.acts(&Default::default(), 50).await.unwrap();
    assert_eq!(acts.iter().filter(|a| a.kind == "report.exhibit_viewed").count(), 1, "one look, one entry");
    // Its time ends: of an open report after a year, of a closed one after ninety days; what was signed stays.
    let day = base::time::DAY_MS;
    let sweep = async |days: i64| {
        let ago = |d: i64| UtcMs(T0 + (days - d) * day);
        let (closed, open, unfinished) = (ago(crate::EXHIBIT_DAYS), ago(crate::EXHIBIT_DAYS_OPEN), ago(7));
        police.store.sweep_inbox_exhibits(closed, open, unfinished, UtcMs(T0 + days * day)).await.unwrap().exhibits
    };
    assert_eq!(sweep(200).await, 0, "the report is open");
    police.authority.step(leaf, Step::Closed, "已处置", police.duty).await.unwrap();
    assert_eq!(sweep(89).await, 0);
    assert_eq!(sweep(91).await, 1);
    assert_eq!(sweep(92).await, 0);
    let gone = police.authority.show_exhibit(leaf, shown.leaf, police.duty).await.unwrap_err();
    assert_eq!(gone.code, "exhibit_deleted");
    assert_eq!(police.authority.report(leaf, police.duty).await.unwrap().exhibits[0].exhibit, exhibit);
}

#[tokio::test]
async fn what_is_not_what_its_digest_says_is_thrown_away_and_what_is_too_much_refused() {
    let (police, site, mut link) = admitted().await;
    let (mut exhibit, bytes) = reported(&site, &mut link).await;
    exhibit.bytes = 5;
    let (_, question) = site.exhibit("e-1", 2, &exhibit);
    assert_eq!(part(&mut link, &exhibit, 0, &bytes[..5]).await, (200, "5".into()));
    assert_eq!(ask(&mut link, Question::Message, &question).await.status, 409, "another digest");
    assert_eq!(part(&mut link, &exhibit, 0, &[]).await, (200, "0".into()), "and it is gone, so that it can come right");
    exhibit.sha256 = Some(Sha256::of(&bytes[..5]));
    part(&mut link, &exhibit, 0, &bytes[..5]).await;
    assert_eq!(ask(&mut link, Question::Message, &site.exhibit("e-1", 2, &exhibit).1).await.status, 200);
    // One that says why there is none needs no parts.
    let none = domain::alarm::Exhibit { bytes: 0, sha256: None, absent: Some("no_footage".into()), ..exhibit.clone() };
    assert_eq!(ask(&mut link, Question::Message, &site.exhibit("e-2", 3, &none).1).await.status, 200);
    let (leaf, exhibits) = {
        let leaf = police.authority.queue(false, police.duty).await.unwrap()[0].line.leaf;
        (leaf, police.authority.report(leaf, police.duty).await.unwrap().exhibits)
    };
    let absent = exhibits.iter().find(|e| e.exhibit.absent.is_some()).unwrap();
    assert!(police.authority.show_exhibit(leaf, absent.leaf, police.duty).await.is_err());
    // Nonsense and too much.
    assert_eq!(ask(&mut link, Question::Part, b"nonsense").await.status, 400);
    let mut large = exhibit.clone();
    large.bytes = domain::alarm::CLIP_BYTES + 1;
    assert_eq!(part(&mut link, &large, 0, &bytes[..bus::PART_BYTES]).await.0, 413);
    assert_eq!(ask(&mut link, Question::Message, &site.exhibit("e-3", 4, &large).1).await.status, 400);
    let mut refused = 0;
    for n in 0..40_u8 {
        let mut other = exhibit.clone();
        other.sha256 = Some(Sha256::of(&[n]));
        other.bytes = 1;
        refused += u32::from(part(&mut link, &other, 0, &[n]).await.0 == 413);
    }
    assert_eq!(refused, 40 - 31, "a report brings so many and no more");
}

#[tokio::test]
async fn nothing_a_site_sends_later_takes_away_what_was_received() {
    let (police, site, mut link) = admitted().await;
    let (exhibit, bytes) = reported(&site, &mut link).await;
    // Exactly full parts: one more could begin behind them.
    let bytes = &bytes[..bus::PART_BYTES];
    let exhibit = domain::alarm::Exhibit { bytes: bytes.len() as u64, sha256: Some(Sha256::of(bytes)), ..exhibit };
    part(&mut link, &exhibit, 0, bytes).await;
    let (_, question) = site.exhibit("e-1", 2, &exhibit);
    let first = ask(&mut link, Question::Message, &question).await;
    assert_eq!(first.status, 200);
    let whole = async || {
        let leaf = police.authority.queue(false, police.duty).await.unwrap()[0].line.leaf;
        let row = police.authority.report(leaf, police.duty).await.unwrap().exhibits.remove(0);
        let film = police.authority.show_exhibit(leaf, row.leaf, police.duty).await.unwrap();
        let all = film.read(0).await.unwrap().unwrap_or_default();
        assert!(all == bytes, "{} bytes are left", all.len());
    };
    whole().await;
    // A second message names the same bytes with another length; then bytes are put behind the end and named.
    let shorter = domain::alarm::Exhibit { bytes: exhibit.bytes - 1, ..exhibit.clone() };
    assert_eq!(ask(&mut link, Question::Message, &site.exhibit("e-2", 3, &shorter).1).await.status, 409);
    whole().await;
    let longer = domain::alarm::Exhibit { bytes: exhibit.bytes + 5, ..exhibit.clone() };
    let end = bytes.len() as u64;
    assert_eq!(part(&mut link, &longer, end, b"later").await, (200, end.to_string()), "passed over");
    assert_eq!(ask(&mut link, Question::Message, &site.exhibit("e-3", 4, &longer).1).await.status, 409);
    whole().await;
    assert_eq!(ask(&mut link, Question::Message, &question).await, first, "and the receipt is the same");
}

#[tokio::test]
async fn parts_that_wait_go_together_and_none_stays_for_ever() {
    let (police, site, mut link) = admitted().await;
    let (exhibit, bytes) = reported(&site, &mut link).await;
    let (size, day) = (bus::PART_BYTES, base::time::DAY_MS);
    let sweep = async |days: i64| {
        let ago = |d: i64| UtcMs(T0 + (days - d) * day);
        police.store.sweep_inbox_exhibits(ago(90), ago(365), ago(7), ago(0)).await.unwrap();
    };
    // The line is down for six days in the middle of a clip.
    part(&mut link, &exhibit, 0, &bytes[..size]).await;
    police.clock.fetch_add(6 * day, Ordering::Relaxed);
    part(&mut link, &exhibit, size as u64, &bytes[size..size * 2]).await;
    sweep(8).await;
    assert_eq!(part(&mut link, &exhibit, 0, &[]).await, (200, (size * 2).to_string()), "no hole at its beginning");
    sweep(14).await;
    assert_eq!(part(&mut link, &exhibit, 0, &[]).await, (200, "0".into()), "a week after the newest part");
    // An exhibit whose time is over is brought once more: its bytes wait a week and no longer.
    for at in [0, size, size * 2] {
        part(&mut link, &exhibit, at as u64, &bytes[at..(at + size).min(bytes.len())]).await;
    }
    let (_, question) = site.exhibit("e-1", 2, &exhibit);
    let receipt = ask(&mut link, Question::Message, &question).await;
    assert_eq!(receipt.status, 200);
    sweep(400).await;
    assert_eq!(part(&mut link, &exhibit, 0, &bytes[..size]).await, (200, size.to_string()));
    sweep(401).await;
    assert_eq!(part(&mut link, &exhibit, 0, &[]).await, (200, "0".into()));
}

#[tokio::test]
async fn a_site_reports_of_itself_and_only_a_report_is_taken_as_one() {
    let police = Police::new().await;
    let address = police.listen().await;
    let site = Place::new(1);
    police.admit(&site).await;
    let mut link = site.link(&address, &police);
    let message = |id: &str, seq: u64, body: &[u8]| {
        let (message, _) = site.message(id, seq, body);
        let message = Message { kind: Kind::SelfReport, ..message };
        join_message(&message.sign(&site.key).unwrap(), body).unwrap()
    };
    let told = domain::inspection::SelfReport {
        version: domain::inspection::SELF_REPORT_VERSION,
        made: UtcMs(T0),
        profile: law::SiteProfile::new(law::Jurisdiction::Heilongjiang),
        first_use: None,
        receives_alarms: true,
        cameras_in_service: 0,
        cameras: Vec::new(),
        clock_error_ms: Some(-3),
        duties: std::collections::BTreeMap::new(),
    };
    let body = serde_json::to_vec(&told).unwrap();
    for bad in [&b"{}"[..], b"not json", b""] {
        assert_eq!(ask(&mut link, Question::Message, &message("s-0", 1, bad)).await.status, 400);
    }
    let first = ask(&mut link, Question::Message, &message("s-1", 1, &body)).await;
    assert_eq!(first.status, 200);
    let again = ask(&mut link, Question::Message, &message("s-1", 1, &body)).await;
    assert_eq!((again.status, &again.body), (200, &first.body), "the receipt of then");
    let (view, shown) = police.authority.newest_report_of(police.admin, site.id).await.unwrap().expect("one");
    assert_eq!((view.sha256, shown), (Sha256::of(&body), told));
    assert!(police.authority.queue(true, police.duty).await.unwrap().is_empty(), "no report of an alarm");
}
