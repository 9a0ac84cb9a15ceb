//! The second step of signing in: set up, taken once, recovery codes, lost phone; the secret stays sealed.

use crate::world::{T0, World, account};
use base::AccountId;
use store::Store;
use store::logbook::ActFilter;

const SECRET: &[u8; 20] = b"a-secret-of-20-bytes";

async fn on(store: &Store, id: AccountId, codes: &[String]) {
    assert!(store.begin_two_step(id, SECRET, T0).await.unwrap());
    assert!(store.confirm_two_step(id, 100, codes, T0.plus_ms(1)).await.unwrap());
}

async fn kinds(store: &Store) -> Vec<String> {
    let filter = ActFilter { kind: Some("account.".into()), ..Default::default() };
    store.acts(&filter, 100).await.unwrap().into_iter().map(|a| a.kind).collect()
}

pub async fn a_phone_counts_after_its_first_code(world: &World) {
    let store = world.open().await;
    let id = account(&store, "zhang").await;
    assert!(store.two_step(id).await.unwrap().is_none());
    assert!(store.begin_two_step(id, b"an-earlier-20-bytes!", T0).await.unwrap());
    assert!(store.begin_two_step(id, SECRET, T0).await.unwrap(), "begun again before it counts");
    let phone = store.two_step(id).await.unwrap().unwrap();
    assert_eq!((phone.secret.expose().as_slice(), phone.confirmed, phone.last_step), (SECRET.as_slice(), None, 0));
    assert!(store.account(id).await.unwrap().unwrap().two_step.is_none());
    assert!(!store.take_step(id, 99).await.unwrap(), "nothing is taken before it counts");
    assert!(store.confirm_two_step(id, 100, &[], T0.plus_ms(5)).await.unwrap());
    assert!(!store.confirm_two_step(id, 101, &[], T0.plus_ms(6)).await.unwrap(), "once");
    assert!(!store.begin_two_step(id, b"another-of-20-bytes!", T0).await.unwrap(), "nobody swaps a phone that counts");
    assert_eq!(store.account(id).await.unwrap().unwrap().two_step, Some(T0.plus_ms(5)));
    assert_eq!(store.two_step(id).await.unwrap().unwrap().secret.expose().as_slice(), SECRET);
    assert_eq!(kinds(&store).await.iter().filter(|k| *k == "account.two_step.on").count(), 1);
    store.close().await;
    if !world.is_postgres() {
        for file in ["jifang.db", "jifang.db-wal"] {
            let bytes = std::fs::read(world.config.data.join(file)).unwrap_or_default();
            assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET), "the secret lies open in {file}");
        }
    }
}

pub async fn a_step_is_taken_once_by_many_at_once(world: &World) {
    let store = world.open().await;
    let id = account(&store, "zhang").await;
    on(&store, id, &[]).await;
    assert!(!store.take_step(id, 100).await.unwrap(), "the first code was used to switch it on");
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_step(id, 101).await.unwrap() })
        })
        .collect();
    let mut taken = 0;
    for one in tries {
        taken += usize::from(one.await.unwrap());
    }
    assert_eq!(taken, 1);
    assert!(!store.take_step(id, 99).await.unwrap() && store.take_step(id, 102).await.unwrap());
}

pub async fn a_recovery_code_is_taken_once_and_logged(world: &World) {
    let store = world.open().await;
    let (id, other) = (account(&store, "zhang").await, account(&store, "li").await);
    on(&store, id, &["aa".into(), "bb".into()]).await;
    assert_eq!(store.recovery_codes_left(id).await.unwrap(), 2);
    assert!(!store.take_recovery_code(other, "aa", T0).await.unwrap(), "not another's");
    assert!(store.take_recovery_code(id, "aa", T0).await.unwrap());
    assert!(!store.take_recovery_code(id, "aa", T0).await.unwrap());
    assert_eq!(store.recovery_codes_left(id).await.unwrap(), 1);
    assert_eq!(kinds(&store).await.iter().filter(|k| *k == "account.recovery_code.used").count(), 1);
    store.renew_recovery_codes(id, &["cc".into()], T0).await.unwrap();
    assert!(
        !store.take_recovery_code(id, "bb", T0).await.unwrap() && store.take_recovery_code(id, "cc", T0).await.unwrap()
    );
}

pub async fn a_lost_phone_ends_sessions(world: &World) {
    let store = world.open().await;
    let (id, admin) = (account(&store, "zhang").await, account(&store, "admin").await);
    assert!(!store.end_two_step(id, Some(admin), T0).await.unwrap(), "there is none");
    on(&store, id, &["aa".into()]).await;
    store.add_session("own", id, "csrf", "a", T0).await.unwrap();
    assert!(store.end_two_step(id, Some(id), T0).await.unwrap());
    assert!(store.session("own", T0).await.unwrap().is_some(), "switching one's own off ends nothing");
    on(&store, id, &["aa".into()]).await;
    assert!(store.end_two_step(id, Some(admin), T0).await.unwrap());
    assert!(store.session("own", T0).await.unwrap().is_none());
    assert!(!store.take_recovery_code(id, "aa", T0).await.unwrap());
    on(&store, id, &[]).await;
    assert!(store.end_two_step(id, None, T0).await.unwrap());
    let kinds = kinds(&store).await;
    let count = |kind: &str| kinds.iter().filter(|k| *k == kind).count();
    assert_eq!((count("account.two_step.off"), count("account.two_step.reset")), (1, 2));
}
