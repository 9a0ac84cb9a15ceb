//! Panels, zones, cursors; and the signal journal beside a database that is away.

use crate::world::{T0, World, account, camera_row};
use base::Pii;
use domain::alarm::{Event, Protocol, Signal, SourceName};
use store::alarm_sources::{AlarmSource, Zone};
use store::journal::Position;
use store::logbook::ActFilter;

fn panel(account: &str) -> AlarmSource {
    AlarmSource {
        source: SourceName::dc09(account),
        name: "门厅主机".into(),
        place: "一层".into(),
        key: Some(Pii::new("00112233445566778899AABBCCDDEEFF".into())),
        supervision_s: Some(180),
        quirks: "{}".into(),
        lost: None,
        created: T0,
        removed: None,
    }
}

fn signal(n: u8) -> Signal {
    Signal {
        received: T0,
        said: None,
        source: SourceName::dc09("1234"),
        protocol: Protocol::Dc09Cid,
        code: "1130".into(),
        event: Event::Unknown,
        area: 1,
        zone: 2,
        text: String::new(),
        repeat_key: [n; 16],
    }
}

pub async fn panels_are_added_changed_and_removed(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let mut row = panel("12ab");
    store.put_alarm_source(&row, by, T0).await.unwrap();
    assert_eq!(store.alarm_sources().await.unwrap(), [row.clone()]);
    assert_eq!(store.alarm_source(&SourceName::dc09("12AB")).await.unwrap().as_ref(), Some(&row));
    row.key = None;
    row.supervision_s = None;
    row.name = "后门主机".into();
    store.put_alarm_source(&row, by, T0).await.unwrap();
    store.set_alarm_source_lost(&row.source, Some(T0.plus_ms(5))).await.unwrap();
    let got = store.alarm_source(&row.source).await.unwrap().unwrap();
    assert_eq!((got.lost, got.key.is_none(), got.name.as_str()), (Some(T0.plus_ms(5)), true, "后门主机"));
    row.removed = Some(T0.plus_ms(9));
    store.put_alarm_source(&row, by, T0).await.unwrap();
    assert!(store.alarm_sources().await.unwrap().is_empty());
    row.removed = None;
    store.put_alarm_source(&row, by, T0).await.unwrap();
    let acts = store.acts(&ActFilter::default(), 9).await.unwrap();
    let kinds: Vec<_> = acts.iter().map(|a| a.kind.as_str()).filter(|k| k.starts_with("alarm_source")).collect();
    assert_eq!(kinds, ["alarm_source.added", "alarm_source.removed", "alarm_source.changed", "alarm_source.added"]);
    store.flush_ledger().await.unwrap();
    for act in &acts {
        let entry = store.ledger().entry(act.idx).unwrap().parse().unwrap();
        assert!(!entry.body.to_string().contains("00112233"), "no key in the log");
    }
}

pub async fn zones_belong_to_their_panel(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let row = panel("1234");
    store.put_alarm_source(&row, by, T0).await.unwrap();
    let zone = |number| Zone {
        source: row.source.clone(),
        number,
        name: format!("防区{number}"),
        place: "东门".into(),
        cameras: vec![camera_row(1).id, camera_row(2).id],
    };
    for number in [7, 2] {
        store.put_zone(&zone(number), by, T0).await.unwrap();
    }
    let changed = Zone { name: "玻璃破碎".into(), cameras: vec![], ..zone(7) };
    store.put_zone(&changed, by, T0).await.unwrap();
    let got = store.zones(&row.source).await.unwrap();
    assert_eq!((got[0].number, got[0].cameras.len(), &got[1]), (2, 2, &changed));
    assert_eq!(store.zone(&row.source, 7).await.unwrap(), Some(changed));
    assert_eq!(store.zone(&SourceName::dc09("9999"), 7).await.unwrap(), None);
    assert!(store.remove_zone(&row.source, 7, by, T0).await.unwrap());
    assert!(!store.remove_zone(&row.source, 7, by, T0).await.unwrap());
    let stray = Zone { source: SourceName::dc09("9999"), ..zone(1) };
    assert!(store.put_zone(&stray, by, T0).await.is_err(), "no zone without its panel");
}

pub async fn the_cursor_moves_with_what_was_made_of_the_signals(world: &World) {
    let store = world.open().await;
    assert_eq!(store.journal_cursor("incident").await.unwrap(), Position(0));
    assert_eq!(store.least_journal_cursor().await.unwrap(), Position(0));
    let mut tx = store.begin().await.unwrap();
    tx.move_journal_cursor("incident", Position(7)).await.unwrap();
    drop(tx);
    assert_eq!(store.journal_cursor("incident").await.unwrap(), Position(0), "not committed, not moved");
    for (consumer, at) in [("incident", 7), ("incident", 9), ("upper", 8)] {
        let mut tx = store.begin().await.unwrap();
        tx.move_journal_cursor(consumer, Position(at)).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(store.journal_cursor("incident").await.unwrap(), Position(9));
    assert_eq!(store.least_journal_cursor().await.unwrap(), Position(8));
}

pub async fn the_journal_works_while_the_database_is_away(world: &World) {
    let store = world.open().await;
    store.journal().append(vec![signal(1)]).await.unwrap();
    let journal = store.journal().clone();
    // A table of a name that the store needs is gone: every question fails, as if the database were.
    world.tamper("ALTER TABLE ledger_head RENAME TO ledger_head_away").await;
    assert!(!store.is_alive().await);
    assert_eq!(journal.append(vec![signal(2), signal(1)]).await.unwrap().iter().filter(|k| k.repeated).count(), 1);
    assert_eq!(journal.read_from(Position(0), 9).await.unwrap().entries.len(), 2);
    world.tamper("ALTER TABLE ledger_head_away RENAME TO ledger_head").await;
    store.close().await;
    assert_eq!(world.open().await.journal().end(), Position(2));
}
