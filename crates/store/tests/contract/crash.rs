//! kill -9 at any moment: the test runs itself as another process, kills it, and looks at what it left.

use crate::casework::{event, head, open};
use crate::world::{Feed, PATIENCE, Recording, T0, World, assert_chain, assert_clean, camera, everything, random};
use base::{CameraId, CaseId, OfficeId, Text};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;
use store::casework::events::{CaseChange, Saved};
use store::ledger_log::{ActLine, LogEntry};
use store::{Store, StoreConfig};

/// Data folder of the process that is to be killed.
const FOLDER: &str = "JIFANG_TEST_CRASH_FOLDER";
const ROUNDS: usize = 20;
const CAMERAS: usize = 3;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the parent listens");
}

/// The process that is killed. It says what was acknowledged to it, and writes until it dies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let config = StoreConfig { data: folder.into(), ..StoreConfig::default() };
    let store = Store::open(&config, T0).await.expect("opens after every crash");
    say("# open");
    while store.cameras().await.unwrap().len() < CAMERAS {
        camera(&store).await;
    }
    let r = Recording::start(&store).await;
    for n in 0..4 {
        tokio::spawn(append(store.clone(), n));
    }
    tokio::spawn(cases(store.clone()));
    let mut feeds = Vec::new();
    for row in store.cameras().await.unwrap() {
        let end = store.footage_end(row.id).await.unwrap().unwrap_or(T0);
        let mut feed = Feed::new(row.id, end.plus_ms(3_000));
        feed.size = 300;
        feed.open(&r.writer);
        feeds.push(feed);
    }
    for n in 1_u64.. {
        for feed in &mut feeds {
            if n % 13 == 0 {
                feed.seal(&r.writer);
                feed.open(&r.writer);
            }
            if n % 17 == 0 {
                feed.silence(2_000);
            }
            let _ = feed.fragment(&r.writer);
            if n % 4 == 0 {
                feed.span(&r.writer);
            }
        }
        r.writer.barrier().await;
        for feed in &feeds {
            say(&format!("# footage {} {}", feed.camera, feed.at.0));
        }
        if n % 5 == 0 {
            store.flush_ledger().await.unwrap();
        }
    }
}

async fn append(store: Store, n: u32) {
    for i in 0_u64.. {
        let token = base::hex(&random::<8>());
        let text = Text::new("测试。", "Test.");
        let act = ActLine::done(None, text);
        let body = serde_json::json!({ "token": token, "n": n });
        // Both ways: alone in a transaction with its row, and together with others.
        let idx = if i % 3 == 0 {
            store.set_setting(&token, "v", None, T0).await.unwrap();
            say(&format!("# setting {token}"));
            continue;
        } else {
            store.append(LogEntry { kind: "test.line", at: T0, body, act: Some(act) }).await.unwrap()
        };
        say(&format!("# act {idx} {token}"));
    }
}

/// Cases of three events each.
async fn cases(store: Store) {
    let head = head(OfficeId::new(T0.0, random()), "楼");
    loop {
        let (case, _) = open(&store, &head).await;
        say(&format!("# case {case} 1"));
        for seen in 1..3 {
            let events = [event("case.noted")];
            let saved = store.add_events(&CaseChange::new(case, seen, None, &head, &events), T0).await.unwrap();
            assert!(matches!(saved, Saved::Done(_)), "{saved:?}");
            say(&format!("# case {case} {}", seen + 1));
        }
    }
}

#[derive(Default)]
struct Acknowledged {
    acts: BTreeMap<u64, String>,
    settings: Vec<String>,
    footage: BTreeMap<CameraId, i64>,
    cases: BTreeMap<CaseId, u32>,
}

impl Acknowledged {
    fn take(&mut self, line: &str) {
        // The harness writes its own words before the first line.
        let words: Vec<_> = line.rsplit("# ").next().unwrap_or("").split(' ').collect();
        match words[..] {
            ["act", idx, token] => {
                assert_eq!(self.acts.insert(idx.parse().unwrap(), token.to_owned()), None, "a place given twice");
            }
            ["case", case, events] => {
                self.cases.insert(CaseId::parse(case).unwrap(), events.parse().unwrap());
            }
            ["setting", token] => self.settings.push(token.to_owned()),
            ["footage", camera, at] => {
                self.footage.insert(CameraId::parse(camera).unwrap(), at.parse().unwrap());
            }
            _ => {}
        }
    }
}

/// The whole log.
fn entries(store: &Store) -> Vec<ledger::Entry> {
    let source = store::ledger_log::source(store.ledger().dir());
    let log = ledger::Log::new(&source, store.ledger().head().0.size);
    let mut out = Vec::new();
    while (out.len() as u64) < log.size() {
        let (_, bundle) = log.bundle_of(out.len() as u64).unwrap();
        out.extend(bundle.iter().map(|e| e.parse().unwrap()));
    }
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_by_kill_9() {
    let world = World::sqlite();
    let mut known = Acknowledged::default();
    let mut recovered = 0;
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::writes_until_it_is_killed", "--nocapture"])
            .env(FOLDER, &world.config.data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let (heard, spoke) = tokio::sync::oneshot::channel::<()>();
        let lines = std::thread::spawn(move || {
            let mut heard = Some(heard);
            // A line that the kill cut short was not said.
            let mut lines = Vec::new();
            let mut reader = BufReader::new(out);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
                if line.ends_with('\n') {
                    lines.push(line.trim_end().to_owned());
                    if let Some(heard) = heard.take_if(|_| line.contains("# act ")) {
                        let _ = heard.send(());
                    }
                }
                line.clear();
            }
            lines
        });
        // Some die before or while they open the store, most while they write, however long this machine takes to begin.
        if round % 4 != 0 {
            tokio::time::timeout(PATIENCE, spoke).await.expect("it begins").expect("it lives");
        }
        let [a, b] = random::<2>();
        tokio::time::sleep(Duration::from_millis(20 + u64::from(u16::from_be_bytes([a, b])) % 230)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        lines.join().unwrap().iter().for_each(|line| known.take(line));
        let store = world.open().await;
        recovered += store.recovered().fragments;
        assert!(store.recovered().damaged.is_empty(), "round {round}: {:?}", store.recovered());
        assert_clean(&store).await;
        let logged = entries(&store);
        for (idx, token) in &known.acts {
            assert_eq!(logged[*idx as usize].body["token"], **token, "round {round}");
        }
        for token in &known.settings {
            assert!(store.setting(token).await.unwrap().is_some(), "round {round}");
        }
        // Of a case there is what was acknowledged, and perhaps the event that was being added, whole.
        for (case, events) in &known.cases {
            let kept = store.case(*case).await.unwrap().expect("acknowledged").events;
            assert!(kept >= *events, "round {round}: {kept} of {events} events");
            assert_eq!(store.case_events(*case).await.unwrap().len() as u32, kept, "round {round}");
            assert!(store.check_case(*case).await.unwrap().is_empty(), "round {round}");
        }
        for (camera, at) in &known.footage {
            let all = everything(&store, *camera).await;
            assert_chain(&store, &all);
            assert!(all.last().unwrap().frag.end().0 >= *at, "round {round}: footage that was written is gone");
        }
        drop(store);
    }
    assert!(!known.cases.is_empty());
    assert!(known.acts.len() > ROUNDS && known.settings.len() > ROUNDS && !known.footage.is_empty() && recovered > 0);
}
