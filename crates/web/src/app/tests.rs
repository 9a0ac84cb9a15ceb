//! Tests of what all requests share: memories with their limits, and live viewing that ends with the right to watch.

use super::*;
use base::{Pii, Sha256};
use domain::access::Role;
use domain::account::SESSION_IDLE_MS;
use site::accounts::AccountForm;
use site::{SiteClock, SiteConfig};
use store::{Store, StoreConfig};

fn account(n: u64) -> AccountId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    AccountId::from_bytes(bytes)
}

#[test]
fn a_live_viewing_is_entered_again_after_its_time_and_memory_is_bounded() {
    let (entries, camera, t) = (LiveEntries::default(), CameraId::from_bytes([7; 16]), MonoMs(5_000));
    assert!(!entries.has(account(0), camera, t), "what was not written is not known as written");
    entries.put(account(0), camera, t);
    assert!(entries.has(account(0), camera, t.plus_ms(LIVE_ENTRY_MS - 1)));
    assert!(!entries.has(account(0), camera, t.plus_ms(LIVE_ENTRY_MS)));
    assert!(!entries.has(account(1), camera, t) && !entries.has(account(0), CameraId::from_bytes([8; 16]), t));
    (1..=LIVE_ENTRIES as u64).for_each(|n| entries.put(account(n), camera, t.plus_ms(n)));
    assert_eq!(entries.0.lock().unwrap().len(), LIVE_ENTRIES);
    assert!(!entries.has(account(0), camera, t.plus_ms(1)), "the oldest is entered a second time");
    assert!(entries.has(account(1), camera, t.plus_ms(1)));
}

async fn app(data: &std::path::Path) -> (Arc<App>, AccountId) {
    let clock = SiteClock::start();
    let config = StoreConfig { data: data.to_path_buf(), ..StoreConfig::default() };
    let store = Store::open(&config, clock.now().utc).await.unwrap();
    let site = Site::offline(store, SiteConfig::default(), clock).await.unwrap();
    let form = AccountForm {
        login: "duty".into(),
        name: Pii::new("值班".into()),
        badge: None,
        unit: String::new(),
        role: Role::DutyOfficer,
        password: Pii::new("four unrelated words".into()),
    };
    let duty = site.add_account_locally(&form).await.unwrap();
    (App::new(site, Options::default(), watch::channel(false).1), duty)
}

#[tokio::test]
async fn live_viewing_ends_when_the_pass_ends_in_any_way() {
    let data = tempfile::tempdir().unwrap();
    let (app, duty) = app(data.path()).await;
    let (store, now) = (app.site.store().clone(), app.site.now().utc);
    let pass = |token: &str| Sha256::of(token.as_bytes()).hex();
    store.add_session("fresh", duty, "csrf", "test", now).await.unwrap();
    store.add_session("idle", duty, "csrf", "test", now.plus_ms(-SESSION_IDLE_MS - 1)).await.unwrap();
    store.add_token("program", duty, "wall", now, now.plus_ms(60_000)).await.unwrap();
    // It does not run, so its place is the root of the site.
    let camera = CameraId::new(1, [1; 10]);
    for (n, name) in (0_u8..).zip(["fresh", "idle", "program", "gone"]) {
        app.watching.put(SessionToken::parse(&base::hex(&[n; 16])).unwrap(), duty, pass(name), camera);
    }
    let left = |names: &[&str]| names.iter().map(|n| (duty, pass(n))).collect::<HashSet<_>>();
    app.end_live_of_the_gone().await;
    assert_eq!(app.watching.passes(), left(&["fresh", "program"]));
    store.end_token(duty, &pass("program")).await.unwrap();
    app.end_live_of_the_gone().await;
    assert_eq!(app.watching.passes(), left(&["fresh"]));
    store.set_disabled(duty, true, duty, now).await.unwrap();
    app.end_live_of_the_gone().await;
    assert_eq!(app.watching.passes(), left(&[]));
}

#[tokio::test]
async fn live_viewing_ends_with_the_right_to_the_area() {
    let data = tempfile::tempdir().unwrap();
    let (app, duty) = app(data.path()).await;
    let now = app.site.now().utc;
    app.site.store().add_session("fresh", duty, "csrf", "test", now).await.unwrap();
    let camera = CameraId::new(1, [1; 10]);
    app.watching.put(SessionToken::parse(&base::hex(&[7; 16])).unwrap(), duty, Sha256::of(b"fresh").hex(), camera);
    app.end_live_of_the_gone().await;
    assert_eq!(app.watching.watched().len(), 1);
    let form = AccountForm {
        login: "admin".into(),
        name: Pii::new("管理员".into()),
        badge: None,
        unit: String::new(),
        role: Role::SecurityAdministrator,
        password: Pii::new("four unrelated words".into()),
    };
    let admin = app.site.add_account_locally(&form).await.unwrap();
    let admin = app.site.store().account(admin).await.unwrap().unwrap().into();
    app.site.set_area_rights(&admin, duty, vec![]).await.unwrap();
    app.end_live_of_the_gone().await;
    assert!(app.watching.watched().is_empty());
}
