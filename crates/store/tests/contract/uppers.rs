//! Upper platforms: settings, sealed passwords, bounds, and what is left of every view from above.

use crate::world::{T0, World, account, assert_clean, camera, random};
use base::{AccountId, CameraId, ClauseId, Pii, Text, UpperId};
use law::OrganKind;
use store::Store;
use store::logbook::ActFilter;
use store::register::RegisterFilter;
use store::uppers::{Emergency, MAX_CHANNELS, MAX_UPPERS, UpperChannel, UpperCharset, UpperConfig, UpperRow};

const SECRET: &str = "geheim-上级-word";

pub fn platform(n: u8) -> UpperRow {
    let config = UpperConfig {
        name: format!("市公安局 {n}"),
        organ: OrganKind::Police,
        need: "第 12 号联网通知".into(),
        address: "192.0.2.9:5060".into(),
        platform: format!("230100000020000000{n:02}"),
        own: "23010000002000000099".into(),
        username: "23010000002000000099".into(),
        tcp: true,
        charset: UpperCharset::Gb2312,
        expires_s: 3_600,
        keepalive_s: 60,
        retry_s: 60,
        channels: vec![],
        emergency: None,
        enabled: true,
    };
    let secret = Some(Pii::new(SECRET.into()));
    UpperRow { id: UpperId::new(T0.0, random()), config, secret, created: T0.plus_ms(i64::from(n)), removed: None }
}

async fn put(store: &Store, row: &UpperRow, kind: &'static str, by: AccountId) -> Option<u64> {
    store.put_upper(row, kind, Text::new("试验。", "Test."), by, T0).await.expect("answers")
}

async fn kinds(store: &Store) -> Vec<String> {
    let filter = ActFilter { kind: Some("upper.".into()), ..ActFilter::default() };
    store.acts(&filter, 100).await.unwrap().into_iter().map(|a| a.kind).rev().collect()
}

fn same(a: &UpperRow, b: &UpperRow) -> bool {
    let secret = |row: &UpperRow| row.secret.as_ref().map(|s| s.expose().clone());
    (a.id, &a.config, secret(a), a.created, a.removed) == (b.id, &b.config, secret(b), b.created, b.removed)
}

pub async fn a_platform_is_added_changed_and_removed(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let (mut row, other) = (platform(1), platform(2));
    for row in [&other, &row] {
        assert!(put(&store, row, "upper.added", by).await.is_some());
    }
    let all = store.uppers().await.unwrap();
    assert!(all.len() == 2 && same(&all[0], &row) && same(&all[1], &other), "the oldest first: {all:?}");
    row.config.channels = vec![UpperChannel { camera: camera(&store).await, code: "23010000001320000001".into() }];
    row.config.emergency = Some(Emergency { reason: "人质事件".into(), from: T0, until: T0.plus_ms(3_600_000) });
    row.secret = None;
    let leaf = put(&store, &row, "upper.changed", by).await.expect("stored");
    assert!(same(&store.upper(row.id).await.unwrap().unwrap(), &row));
    row.removed = Some(T0.plus_ms(9));
    put(&store, &row, "upper.removed", by).await.expect("stored");
    assert_eq!(store.uppers().await.unwrap().len(), 1);
    let kept = store.upper(row.id).await.unwrap().expect("a removed one is still found, for its views");
    assert_eq!(kept.removed, row.removed);
    assert!(store.upper(UpperId::new(1, [1; 10])).await.unwrap().is_none());
    assert_eq!(kinds(&store).await, ["upper.added", "upper.added", "upper.changed", "upper.removed"]);
    // The entry says who, whom and which cameras; reasons are there as digests only.
    store.flush_ledger().await.unwrap();
    let body = store.ledger().entry(leaf).unwrap().parse().unwrap().body;
    assert_eq!((&body["by"], &body["upper"]), (&serde_json::json!(by), &serde_json::json!(row.id)));
    assert_eq!(body["cameras"], serde_json::json!([row.config.channels[0].camera]));
    assert_eq!(body["emergency_reason_sha256"], serde_json::json!(base::Sha256::of("人质事件".as_bytes())));
    let text = body.to_string();
    assert!(!text.contains("人质") && !text.contains("联网通知"), "{text}");
    store.close().await;
    let store = world.open().await;
    assert!(same(&store.uppers().await.unwrap()[0], &other), "the password opens after a restart");
    assert_clean(&store).await;
}

pub async fn a_platforms_password_is_sealed_at_rest(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let row = platform(1);
    put(&store, &row, "upper.added", by).await.expect("stored");
    store.flush_ledger().await.unwrap();
    let acts = store.acts(&ActFilter::default(), 20).await.unwrap();
    for act in &acts {
        let entry = store.ledger().entry(act.idx).unwrap().parse().unwrap();
        assert!(!entry.body.to_string().contains(SECRET) && !act.text.en.contains(SECRET), "no password in the log");
    }
    assert!(!format!("{row:?}").contains(SECRET), "nor where a row is printed");
    if world.is_postgres() {
        let found = format!(
            "SELECT COUNT(*) FROM upper_platform WHERE config LIKE '%{SECRET}%' \
             OR position(convert_to('{SECRET}', 'UTF8') IN secret_sealed) > 0 OR secret_sealed IS NULL"
        );
        world.tamper(&format!("DO $$ BEGIN ASSERT ({found}) = 0; END $$")).await;
    } else {
        for file in ["jifang.db", "jifang.db-wal"] {
            let bytes = std::fs::read(world.config.data.join(file)).unwrap_or_default();
            assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()), "in clear in {file}");
        }
    }
    // What somebody wrote there past the store is an error, not a password.
    let forged = if world.is_postgres() { r"'\x0011223344'" } else { "x'0011223344'" };
    world.tamper(&format!("UPDATE upper_platform SET secret_sealed = {forged}")).await;
    assert!(store.uppers().await.is_err() && store.upper(row.id).await.is_err());
}

pub async fn platforms_and_their_channels_are_bounded(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let mut rows: Vec<_> = (0..MAX_UPPERS).map(|n| platform(u8::try_from(n).unwrap())).collect();
    for row in &rows[1..] {
        put(&store, row, "upper.added", by).await.expect("stored");
    }
    // Of two at once for the last place one gets it.
    let late = platform(90);
    let both = tokio::join!(put(&store, &rows[0], "upper.added", by), put(&store, &late, "upper.added", by));
    assert_eq!(both.0.is_some(), both.1.is_none(), "{both:?}");
    assert_eq!(store.uppers().await.unwrap().len(), MAX_UPPERS);
    assert_eq!(kinds(&store).await.len(), MAX_UPPERS, "what was not stored is not told");
    // A full list can still be changed, and has room again when one goes.
    let row = &mut rows[1];
    row.config.enabled = false;
    put(&store, row, "upper.changed", by).await.expect("stored");
    row.removed = Some(T0);
    put(&store, row, "upper.removed", by).await.expect("stored");
    let channel = |n: usize| UpperChannel {
        camera: CameraId::new(i64::try_from(n).unwrap(), [0; 10]),
        code: format!("2301000000132{n:07}"),
    };
    let mut full = platform(91);
    full.config.channels = (0..=MAX_CHANNELS).map(channel).collect();
    assert_eq!(put(&store, &full, "upper.added", by).await, None);
    full.config.channels.pop();
    put(&store, &full, "upper.added", by).await.expect("as many as may be");
    assert_eq!(store.upper(full.id).await.unwrap().unwrap().config.channels.len(), MAX_CHANNELS);
}

pub async fn a_view_from_above_is_row_entry_and_register_at_once(world: &World) {
    let store = world.open().await;
    let (by, cam) = (account(&store, "boss").await, camera(&store).await);
    let mut row = platform(1);
    put(&store, &row, "upper.added", by).await.expect("stored");
    let clauses = [ClauseId::new("B-23-2-2")];
    let text = || Text::new("开始。", "Began.");
    let network = RegisterFilter { what: Some("network".into()), ..RegisterFilter::default() };
    let first = store.begin_upper_view(&row, cam, &clauses, text(), T0).await.unwrap();
    row.config.emergency = Some(Emergency { reason: "人质事件".into(), from: T0, until: T0.plus_ms(60_000) });
    let second = store.begin_upper_view(&row, cam, &clauses, text(), T0.plus_ms(5)).await.unwrap();
    let views = store.upper_views(row.id, 10).await.unwrap();
    assert_eq!(views.iter().map(|v| (v.leaf, v.ended)).collect::<Vec<_>>(), [(second, None), (first, None)]);
    assert_eq!(store.upper_views(row.id, 1).await.unwrap()[0].leaf, second, "the newest of so many");
    let lines = store.register_list(&network, 10).await.unwrap();
    let said: Vec<_> = lines.iter().map(|l| (l.leaf, l.reason.as_str(), l.camera, l.request)).collect();
    assert_eq!(said, [(second, "人质事件", Some(cam), None), (first, "第 12 号联网通知", Some(cam), None)]);
    assert_eq!(lines[1].persons.expose(), "市公安局 1 23010000002000000001");
    // It ends once; the line of the register gets its end with it.
    store.end_upper_view(first, Text::new("结束。", "Ended."), T0.plus_ms(700)).await.unwrap();
    store.end_upper_view(first, Text::new("结束。", "Ended."), T0.plus_ms(900)).await.unwrap();
    store.end_upper_view(99_999, Text::new("结束。", "Ended."), T0).await.unwrap();
    assert_eq!(store.upper_views(row.id, 10).await.unwrap()[1].ended, Some(T0.plus_ms(700)));
    assert_eq!(store.register_list(&network, 10).await.unwrap()[1].to, Some(T0.plus_ms(700)));
    // A platform that nobody stored watches nothing: no row, no entry, no line.
    assert!(store.begin_upper_view(&platform(7), cam, &clauses, text(), T0).await.is_err());
    assert_eq!(store.register_list(&network, 10).await.unwrap().len(), 2);
    assert_eq!(kinds(&store).await, ["upper.added", "upper.view", "upper.view", "upper.view_ended"]);
    store.close().await;
    // A stop cut the other one: the next start ends it, once.
    let store = world.open().await;
    assert_eq!(store.end_lost_upper_views(T0.plus_ms(2_000)).await.unwrap(), 1);
    assert_eq!(store.end_lost_upper_views(T0.plus_ms(3_000)).await.unwrap(), 0);
    assert_eq!(store.upper_views(row.id, 10).await.unwrap()[0].ended, Some(T0.plus_ms(2_000)));
    assert_eq!(kinds(&store).await.len(), 5);
    assert_clean(&store).await;
}
