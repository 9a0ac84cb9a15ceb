//! kill -9 in a burst of alarm events, again and again: every acknowledged event is in the journal after the restart, exactly once.
//!
//! Rounds: `JIFANG_CRASH_ROUNDS` (a few by default, fifty before a release). The panels go on over the restart, as true ones do: what was
//! not acknowledged is sent again with the same number, and joined where it had been kept.

use crate::support;

use base::{Pii, UtcMs};
use domain::alarm::SourceName;
use sim::panel::{Link, Outcome, PanelOptions};
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::alarm_sources::AlarmSource;
use store::journal::Position;
use support::rig::{Rig, block_on, now};
use support::{PATIENCE, wait_until};

const PANELS: u16 = 8;
const KEY: &str = "00112233445566778899AABBCCDDEEFF";

fn rounds() -> u32 {
    std::env::var("JIFANG_CRASH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

fn key(n: u16) -> Option<&'static str> {
    n.is_multiple_of(2).then_some(KEY)
}

async fn take_in(rig: &Rig) {
    let store = rig.open().await;
    for n in 0..PANELS {
        let row = AlarmSource {
            source: SourceName::dc09(&format!("A{n:03}")),
            name: format!("主机{n}"),
            place: "一层".into(),
            key: key(n).map(|k| Pii::new(k.to_owned())),
            supervision_s: Some(600),
            quirks: "{}".into(),
            lost: None,
            created: UtcMs(0),
            removed: None,
        };
        store.put_alarm_source(&row, rig.manager, now()).await.expect("stored");
    }
    store.close().await;
}

/// Events of a panel, one after the other, until `stop`; those that were acknowledged go to `told`.
async fn panel(n: u16, port: u16, stop: &AtomicBool, told: &Mutex<Vec<(u16, String)>>) {
    let to = ([127, 0, 0, 1], port).into();
    let mut options = PanelOptions::new(to, &format!("A{n:03}"));
    options.key = key(n).map(str::to_owned);
    // A third of the panels connects anew for each event.
    options.reconnect = n % 3 == 2;
    options.retry_ms = 500;
    options.tries = 1;
    let mut machine = options.panel().expect("a panel");
    let mut link = Link::new(options);
    let mut event = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        event += 1;
        let text = format!("1130 {:02} {:03}", event / 1_000 % 100, event % 1_000);
        let transmission = machine.contact_id(&text);
        while link.send(&mut machine, &transmission).await.outcome != Outcome::Acknowledged {
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
        told.lock().expect("told").push((n, text));
    }
}

#[test]
fn every_acknowledged_event_is_kept_once_over_kills_in_a_burst() {
    let mut rig = Rig::new(&[]);
    block_on(take_in(&rig));
    rig.server.start_again();
    let port = rig.server.ports.dc09;
    let (stop, told) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let (stop, told) = (&stop, &told);
        scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut panels = Vec::new();
                for n in 0..PANELS {
                    panels.push(panel(n, port, stop, told));
                }
                futures_util::future::join_all(panels).await;
            });
        });
        for round in 0..rounds() {
            let before = told.lock().expect("told").len();
            wait_until("events to be acknowledged", PATIENCE * 3, || {
                (told.lock().expect("told").len() > before + 200).then_some(())
            });
            // A different moment of the burst in each round.
            std::thread::sleep(Duration::from_millis(u64::from(round * 137 % 400)));
            rig.server.kill();
            rig.server.start_again();
        }
        stop.store(true, Ordering::Relaxed);
    });
    rig.server.kill();
    block_on(examine(&rig, &told.into_inner().expect("told")));
}

async fn examine(rig: &Rig, told: &[(u16, String)]) {
    let store = rig.open().await;
    let mut kept: HashMap<(String, String), u32> = HashMap::new();
    let mut from = Position(0);
    loop {
        let read = store.journal().read_from(from, 10_000).await.expect("the journal is read");
        if read.next == from {
            break;
        }
        for (position, signal) in &read.entries {
            assert!(*position >= from, "in order");
            if signal.code == "1130" {
                let event = format!("{} {:02} {:03}", signal.code, signal.area, signal.zone);
                *kept.entry((signal.source.as_str().to_owned(), event)).or_default() += 1;
            }
        }
        from = read.next;
    }
    assert!(told.len() > 500, "the burst was one: {}", told.len());
    for (n, event) in told {
        let count = kept.get(&(format!("dc09:A{n:03}"), event.clone())).copied().unwrap_or(0);
        assert_eq!(count, 1, "panel {n}, event {event}: acknowledged, and {count} times in the journal");
    }
    assert!(kept.values().all(|n| *n == 1), "nothing is there twice");
    assert!(kept.len() <= told.len() + usize::from(PANELS), "and nothing that was not sent");
    store.close().await;
}
