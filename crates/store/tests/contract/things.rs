//! Cameras, settings, notices and the log page.

use crate::world::{T0, World, account, camera_row};
use base::{ClauseId, Text, UtcMs};
use store::ledger_log::{ActLine, Outcome};
use store::logbook::ActFilter;

pub async fn cameras_are_added_changed_and_removed(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let clauses = [ClauseId::new("B-15-1"), ClauseId::new("B-16-1")];
    let mut row = camera_row(3);
    store.put_camera(&row, &clauses, by, T0).await.unwrap();
    let got = store.camera(row.id).await.unwrap().expect("there");
    assert_eq!((got.name.as_str(), got.priority, got.source.clone()), (row.name.as_str(), 3, row.source.clone()));
    assert_eq!(got.secret.unwrap().expose(), row.secret.as_ref().unwrap().expose());
    row.name = "后门".into();
    row.secret = None;
    store.put_camera(&row, &[], by, T0).await.unwrap();
    let got = store.cameras().await.unwrap().remove(0);
    assert!(got.name == "后门" && got.secret.is_none());
    row.removed = Some(T0.plus_ms(9));
    store.put_camera(&row, &[], by, T0).await.unwrap();
    assert!(store.cameras().await.unwrap().is_empty());
    assert_eq!(store.cameras_ever().await.unwrap().len(), 1);
    assert_eq!(store.camera_names().await.unwrap()[&row.id], "后门");
    let acts = store.acts(&ActFilter { camera: Some(row.id), ..Default::default() }, 9).await.unwrap();
    let kinds: Vec<_> = acts.iter().map(|a| a.kind.as_str()).collect();
    assert_eq!(kinds, ["camera.removed", "camera.changed", "camera.added"]);
    assert_eq!(acts[2].clauses, ["B-15-1", "B-16-1"]);
}

pub async fn settings_are_logged_without_their_value(world: &World) {
    let store = world.open().await;
    assert_eq!(store.setting("site_name").await.unwrap(), None);
    for value in ["某商场", "某商场二期"] {
        store.set_setting("site_name", value, None, T0).await.unwrap();
        assert_eq!(store.setting("site_name").await.unwrap().as_deref(), Some(value));
    }
    let acts = store.acts(&ActFilter::default(), 9).await.unwrap();
    assert_eq!(acts.len(), 2);
    store.flush_ledger().await.unwrap();
    let entry = store.ledger().entry(acts[0].idx).unwrap().parse().unwrap();
    assert_eq!(entry.body["value_sha256"], base::Sha256::of("某商场二期".as_bytes()).hex());
    assert!(!entry.body.to_string().contains("商场"));
    let site = store.site();
    store.close().await;
    assert_eq!(world.open().await.site(), site);
}

pub async fn a_notice_is_open_once(world: &World) {
    let store = world.open().await;
    let cam = camera_row(1).id;
    let text = Text::new("磁盘将满。", "The disk is nearly full.");
    let raised = (0..12).map(|i| {
        let (store, text) = (store.clone(), text.clone());
        let camera = (i % 3 == 0).then_some(cam);
        let code = if i % 2 == 0 { "disk_low" } else { "clock_step" };
        tokio::spawn(async move { store.raise(2, code, camera, &text, T0).await })
    });
    let mut new = 0;
    for one in raised.collect::<Vec<_>>() {
        new += u32::from(one.await.expect("no panic").expect("raised or known"));
    }
    assert_eq!(new, 4, "each code and camera once");
    assert_eq!(store.notices().await.unwrap().len(), 4);
    assert!(store.clear("disk_low", None, T0).await.unwrap());
    assert!(!store.clear("disk_low", None, T0).await.unwrap());
    assert_eq!(store.notices().await.unwrap().len(), 3);
    assert!(store.raise(1, "disk_low", None, &text, T0.plus_ms(1)).await.unwrap());
    let first = store.notices().await.unwrap().remove(0);
    assert_eq!((first.severity, first.code.as_str(), first.camera, first.text), (1, "disk_low", None, text));
}

pub async fn a_notice_is_told_anew_when_its_words_change(world: &World) {
    let store = world.open().await;
    let text = |n: u32| Text::of(format!("还有{n}日。"), format!("{n} days are left."));
    let open =
        || async { store.notices().await.unwrap().into_iter().map(|n| (n.severity, n.text)).collect::<Vec<_>>() };
    assert!(store.retell(3, "duty_x", &text(5), T0).await.unwrap());
    assert!(!store.retell(3, "duty_x", &text(5), T0.plus_ms(1)).await.unwrap(), "the same words");
    assert!(store.retell(3, "duty_x", &text(2), T0.plus_ms(2)).await.unwrap());
    assert_eq!(open().await, [(3, text(2))], "one stands, the newer");
    assert!(store.retell(2, "duty_x", &text(2), T0.plus_ms(3)).await.unwrap(), "the same words, graver");
    assert!(store.retell(2, "duty_y", &text(2), T0.plus_ms(3)).await.unwrap());
    assert_eq!(open().await, [(2, text(2)), (2, text(2))], "another code is left alone");
    let again = store.clone();
    let told = (0..6).map(|_| {
        let (store, text) = (again.clone(), text(1));
        tokio::spawn(async move { store.retell(2, "duty_x", &text, T0.plus_ms(4)).await })
    });
    let mut new = 0;
    for one in told.collect::<Vec<_>>() {
        new += u32::from(one.await.expect("no panic").expect("told"));
    }
    assert_eq!(new, 1, "of those who tell the same at once, one opens it");
}

pub async fn the_log_page_filters_and_pages(world: &World) {
    let store = world.open().await;
    let (a, b) = (account(&store, "a").await, account(&store, "b").await);
    let cam = camera_row(1).id;
    let kinds = ["footage.viewed", "footage_x.viewed", "footage", "act.refused"];
    for i in 0..20_usize {
        let refused = i % 4 == 3;
        let act = ActLine {
            outcome: if refused { Outcome::Refused } else { Outcome::Done },
            account: Some(if i % 2 == 0 { a } else { b }),
            camera: (i % 5 == 0).then_some(cam),
            request: None,
            clauses: vec![ClauseId::new("B-28-1-1")],
            text: Text::of(format!("第 {i} 条。"), format!("Line {i}.")),
        };
        let at = T0.plus_ms(i as i64 * 10);
        store.log(kinds[i % 4], at, serde_json::json!({ "i": i }), act).await.unwrap();
    }
    let count = async |f: ActFilter| store.acts(&f, 100).await.unwrap().len();
    let kind = |k: &str| ActFilter { kind: Some(k.into()), ..Default::default() };
    assert_eq!(count(kind("footage.")).await, 5);
    assert_eq!(count(kind("footage_")).await, 5, "an underscore stands for itself");
    assert_eq!(count(kind("footage")).await, 15);
    assert_eq!(count(kind("%")).await, 0);
    assert_eq!(count(ActFilter { refused: true, ..Default::default() }).await, 5);
    assert_eq!(count(ActFilter { account: Some(b), ..Default::default() }).await, 10);
    assert_eq!(count(ActFilter { camera: Some(cam), ..Default::default() }).await, 4);
    let (from, to) = (Some(T0.plus_ms(50)), Some(T0.plus_ms(70)));
    assert_eq!(count(ActFilter { from, to, kind: Some("f".into()), ..Default::default() }).await, 2);
    assert_eq!(count(ActFilter { to: Some(UtcMs(T0.0 - 1)), ..Default::default() }).await, 0);
    // Paging, newest first, shows every line once.
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page = store.acts(&ActFilter { before, ..Default::default() }, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.idx);
        seen.extend(page.iter().map(|l| l.idx));
    }
    assert_eq!(seen, (0..22).rev().collect::<Vec<_>>());
    let line = store.act(21).await.unwrap().expect("there");
    assert!(line.refused && line.text.zh == "第 19 条。" && line.at == T0.plus_ms(190));
    assert!(store.act(22).await.unwrap().is_none());
}
