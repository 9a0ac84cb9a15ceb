//! What both ends of the way between servers keep: sites, reports, witnessed heads, numbers and receipts.

use crate::world::{T0, World};
use base::{Sha256, SiteId};
use std::sync::atomic::{AtomicU32, Ordering};
use store::inbox::{InboxPulse, Incoming, Step, Taken};
use store::link::Witnessed;
use store::peers::{ASKING, PeerState};
use store::witness::WitnessHead;

fn site(seed: u8) -> SiteId {
    SiteId::new(T0.0, [seed; 10])
}

fn incoming<'a>(id: &'a str, seq: u64, body: &'a [u8]) -> Incoming<'a> {
    Incoming { site: site(1), id, seq, kind: "alarm-report", made: T0, note: b"signed text", body }
}

pub async fn a_site_asks_once_and_a_person_decides(world: &World) {
    let store = world.open().await;
    assert!(store.peer_asks(site(1), "vkey1", "pin1", "甲", T0).await.unwrap());
    assert!(!store.peer_asks(site(1), "vkey2", "pin2", "乙", T0).await.unwrap(), "known");
    assert!(!store.peer_asks(site(2), "vkey2", "pin1", "乙", T0).await.unwrap(), "the key of another");
    let asked = store.peer_by_pin("pin1").await.unwrap().unwrap();
    assert_eq!((asked.name.as_str(), asked.state, asked.vkey.as_str()), ("甲", PeerState::Asked, "vkey1"));
    let by = crate::world::account(&store, "admin").await;
    let decided = store::peers::PeerSite { state: PeerState::Admitted, unit: "派出所".into(), ..asked };
    store.decide_peer(&decided, by, T0.plus_ms(5)).await.unwrap();
    let peer = store.peer(site(1)).await.unwrap().unwrap();
    assert_eq!((peer.state, peer.decided, peer.unit.as_str()), (PeerState::Admitted, Some(T0.plus_ms(5)), "派出所"));
    assert_eq!(peer.division, "", "only its province is known");
    assert!(store.place_peer(site(1), "210102", by, T0.plus_ms(6)).await.unwrap());
    assert!(!store.place_peer(site(7), "210102", by, T0.plus_ms(6)).await.unwrap(), "no such site");
    store.decide_peer(&peer, by, T0.plus_ms(6)).await.unwrap();
    assert_eq!(
        store.peer(site(1)).await.unwrap().unwrap().division,
        "210102",
        "it stays when the site is admitted anew"
    );
    let acts = store.acts(&Default::default(), 10).await.unwrap();
    assert!(acts.iter().any(|a| a.kind == "site.admitted"), "{acts:?}");
    for n in 0..ASKING {
        let n = u8::try_from(n + 10).unwrap();
        assert!(store.peer_asks(site(n), "v", &format!("p{n}"), "x", T0).await.unwrap(), "{n}");
    }
    assert!(!store.peer_asks(site(200), "v", "p200", "x", T0).await.unwrap(), "too many wait");
    assert_eq!(store.peers().await.unwrap()[0].state, PeerState::Asked, "who waits stands first");
    store.close().await;
}

pub async fn a_report_row_entry_and_receipt_are_one(world: &World) {
    let store = world.open().await;
    let made = AtomicU32::new(0);
    let receipt = |leaf: u64| {
        made.fetch_add(1, Ordering::Relaxed);
        Some(format!("receipt {leaf}").into_bytes())
    };
    let Taken::New(first) = store.receive(&incoming("a", 1, b"body"), T0, receipt).await.unwrap() else { panic!() };
    let again = store.receive(&incoming("a", 1, b"body"), T0.plus_ms(9), receipt).await.unwrap();
    assert_eq!(again, Taken::Again(first.clone()));
    assert_eq!(store.receive(&incoming("a", 1, b"other"), T0, receipt).await.unwrap(), Taken::OtherBody);
    assert_eq!(made.load(Ordering::Relaxed), 1, "one receipt was ever signed");
    let line = &store.inbox(true, 10).await.unwrap()[0];
    assert_eq!(first, format!("receipt {}", line.leaf).into_bytes());
    let (_, body) = store.report(line.leaf).await.unwrap().unwrap();
    assert_eq!(body, b"body");
    store.flush_ledger().await.unwrap();
    assert!(store.ledger().entry(line.leaf).is_ok(), "its entry is in the log");
    assert!(store.report(line.leaf + 1).await.unwrap().is_none());
    let next = Incoming { site: site(2), ..incoming("a", 7, b"x") };
    assert!(matches!(store.receive(&next, T0, |_| None).await.unwrap(), Taken::New(_)), "ids are a site's own");
    assert_eq!(store.message_numbers(site(2)).await.unwrap(), (7, 1));
    store.close().await;
}

pub async fn steps_of_two_officers_take_turns(world: &World) {
    let store = world.open().await;
    let by = crate::world::account(&store, "duty").await;
    store.receive(&incoming("a", 1, b"body"), T0, |_| None).await.unwrap();
    let line = store.inbox(true, 10).await.unwrap().remove(0);
    let (one, two) = tokio::join!(
        store.step_report(&line, Step::Taken, "", by, T0),
        store.step_report(&line, Step::Dispatched, "", by, T0)
    );
    assert!(one.unwrap() != two.unwrap(), "one of two who saw the same state");
    let line = store.inbox(true, 10).await.unwrap().remove(0);
    assert!(store.step_report(&line, Step::Closed, "处置完毕", by, T0).await.unwrap());
    assert!(store.inbox(true, 10).await.unwrap().is_empty() && store.inbox(false, 10).await.unwrap().len() == 1);
    let steps = store.report_steps(&line).await.unwrap();
    assert_eq!((steps.len(), steps[1].remark.as_str()), (2, "处置完毕"));
    store.close().await;
}

pub async fn an_untaken_report_is_never_behind_newer_ones(world: &World) {
    let store = world.open().await;
    let by = crate::world::account(&store, "duty").await;
    assert_eq!(store.inbox_pulse().await.unwrap(), InboxPulse::default());
    for n in 1..=5 {
        store.receive(&incoming(&format!("r{n}"), n, b"body"), T0, |_| None).await.unwrap();
    }
    let lines = store.inbox(true, 10).await.unwrap();
    // Newest first: r5 … r1. Only r1 and r2 stay untaken; r5 is closed.
    for line in &lines[..3] {
        assert!(store.step_report(line, Step::Taken, "", by, T0).await.unwrap());
    }
    let before = store.inbox_pulse().await.unwrap();
    let newest = store.inbox(true, 10).await.unwrap().into_iter().find(|l| l.id == "r5").unwrap();
    assert!(store.step_report(&newest, Step::Closed, "处置完毕", by, T0).await.unwrap());
    let pulse = store.inbox_pulse().await.unwrap();
    assert_eq!((pulse.waiting, pulse.open), (2, 4));
    assert!(pulse.last > before.last, "a step is seen");
    let ids = async |open, limit| {
        let lines = store.inbox(open, limit).await.unwrap();
        lines.into_iter().map(|l| l.id).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids(true, 10).await, "r2 r1 r4 r3");
    assert_eq!(ids(true, 3).await, "r2 r1 r4");
    assert_eq!(ids(true, 1).await, "r2");
    assert_eq!(ids(false, 10).await, "r2 r1 r5 r4 r3");
    store.close().await;
}

fn head(size: u64, root: u8) -> WitnessHead {
    WitnessHead { site: site(1), size, root: Sha256([root; 32]), note: vec![root], at: T0 }
}

pub async fn a_head_moves_only_from_where_it_was(world: &World) {
    let store = world.open().await;
    assert!(!store.advance_witness(5, &head(9, 1)).await.unwrap(), "nothing was signed yet");
    assert!(store.advance_witness(0, &head(9, 1)).await.unwrap());
    assert!(!store.advance_witness(0, &head(10, 2)).await.unwrap(), "not from the beginning again");
    let (twelve, thirteen) = (head(12, 3), head(13, 4));
    let (one, two) = tokio::join!(store.advance_witness(9, &twelve), store.advance_witness(9, &thirteen));
    assert!(one.unwrap() != two.unwrap(), "one of two who race");
    let held = store.witness_head(site(1)).await.unwrap().unwrap();
    assert!(held.size == 12 || held.size == 13);
    assert_eq!(store.witness_heads().await.unwrap(), [held]);
    store.close().await;
}

pub async fn contradicting_heads_are_kept_once_and_bounded(world: &World) {
    let store = world.open().await;
    assert!(store.add_conflict(site(1), "split_view", b"held", b"offered", T0).await.unwrap());
    assert!(!store.add_conflict(site(1), "split_view", b"held", b"offered", T0).await.unwrap());
    for n in 1..120_u32 {
        let kept = store.add_conflict(site(1), "split_view", b"held", &n.to_be_bytes(), T0).await.unwrap();
        assert_eq!(kept, n < 100, "{n}");
    }
    assert_eq!(store.conflicts(site(1)).await.unwrap().len(), 100);
    assert_eq!(store.contradicting_sites().await.unwrap(), [site(1)]);
    store.close().await;
}

pub async fn messages_keep_their_number_and_first_receipt(world: &World) {
    let store = world.open().await;
    assert_eq!(store.message_number("a").await.unwrap(), 1);
    assert_eq!(store.message_number("b").await.unwrap(), 2);
    assert_eq!(store.message_receipt("a").await.unwrap(), None);
    store.set_message_receipt("a", b"one").await.unwrap();
    store.set_message_receipt("a", b"two").await.unwrap();
    store.set_witnessed(&Witnessed { size: 3, note: vec![1], at: T0 }).await.unwrap();
    store.set_witnessed(&Witnessed { size: 4, note: vec![2], at: T0 }).await.unwrap();
    store.close().await;
    let store = world.open().await;
    assert_eq!((store.message_number("a").await.unwrap(), store.message_number("c").await.unwrap()), (1, 3));
    assert_eq!(store.message_receipt("a").await.unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(store.witnessed().await.unwrap().map(|w| w.size), Some(4));
    store.forget_witnessed().await.unwrap();
    assert_eq!(store.witnessed().await.unwrap(), None);
    store.close().await;
}

pub async fn a_key_that_was_told_is_not_made_again(world: &World) {
    let store = world.open().await;
    let seed = store.named_seed("bus", T0).await.unwrap();
    assert_eq!(store.named_seed("bus", T0).await.unwrap(), seed);
    assert_ne!(store.named_seed("witness", T0).await.unwrap(), seed);
    std::fs::remove_file(store.data().join("keys/bus.seed")).unwrap();
    assert!(store.named_seed("bus", T0).await.is_err());
    store.close().await;
}

pub async fn a_new_line_is_accepted_by_a_person_once(world: &World) {
    use store::witness::NewLine;
    let store = world.open().await;
    let by = crate::world::account(&store, "admin").await;
    let head = |size: u64, note: &[u8]| WitnessHead {
        site: site(1),
        size,
        root: Sha256::of(note),
        note: note.to_vec(),
        at: T0,
    };
    let held = head(50, b"held");
    assert!(store.advance_witness(0, &held).await.unwrap());
    for offered in [&b"one"[..], b"two"] {
        assert!(store.add_conflict(site(1), "rolled_back", b"held", offered, T0).await.unwrap());
    }
    let newest = store.conflicts(site(1)).await.unwrap()[0].leaf;
    let line = NewLine { conflict: newest, head: head(20, b"two"), by, why: "电话核实：王五说硬盘坏了" };
    let other = head(51, b"moved");
    assert!(!store.accept_line(&other, &line, T0.plus_ms(5)).await.unwrap(), "the head moved in the meantime");
    assert!(!store.accept_line(&held, &NewLine { conflict: 9_999, ..line.clone() }, T0).await.unwrap(), "no such one");
    assert_eq!(store.witness_head(site(1)).await.unwrap().unwrap(), held, "nothing half done");
    assert!(store.accept_line(&held, &line, T0.plus_ms(5)).await.unwrap());
    assert!(!store.accept_line(&held, &line, T0.plus_ms(6)).await.unwrap(), "once");
    assert_eq!(store.witness_head(site(1)).await.unwrap().unwrap().size, 20);
    let conflicts = store.conflicts(site(1)).await.unwrap();
    assert!(conflicts.iter().all(|c| c.settled.is_some_and(|(at, _)| at == T0.plus_ms(5))), "{conflicts:?}");
    assert_eq!(store.accepted_why(site(1), newest).await.unwrap().as_deref(), Some("电话核实：王五说硬盘坏了"));
    let (_, leaf) = conflicts[0].settled.unwrap();
    store.flush_ledger().await.unwrap();
    let text = String::from_utf8(store.ledger().entry(leaf).unwrap().as_bytes().to_vec()).unwrap();
    assert!(text.contains("witness.line_accepted") && !text.contains("王五"), "{text}");
    // The next contradiction is a new one, also when the same head is shown.
    assert!(store.add_conflict(site(1), "rolled_back", b"held", b"two", T0).await.unwrap());
    assert!(!store.add_conflict(site(1), "rolled_back", b"held", b"two", T0).await.unwrap(), "kept already");
    assert!(store.add_conflict(site(1), "rolled_back", b"held", b"three", T0).await.unwrap());
    assert!(store.conflicts(site(1)).await.unwrap()[0].settled.is_none());
    let report = store.check(&|_, _| {}).await.unwrap();
    assert!(report.holds(), "{report}");
    store.close().await;
}
