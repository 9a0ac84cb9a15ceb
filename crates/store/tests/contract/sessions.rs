//! Sessions and tokens at their boundaries.

use crate::world::{T0, World, account, new_account};
use base::AccountId;
use domain::access::Role;
use domain::account::{SESSION_IDLE_MS, SESSION_MAX_MS, session_limits};
use store::Store;
use store::sessions::NewSession;

/// The role whose sessions last longest.
async fn duty(store: &Store, login: &str) -> AccountId {
    store.add_account(&new_account(login, Role::DutyOfficer), None, false, T0).await.unwrap()
}

pub async fn a_session_ends_when_idle_or_old(world: &World) {
    let store = world.open().await;
    let id = duty(&store, "zhang").await;
    store.add_session("idle", id, "csrf", &"长".repeat(200), T0).await.unwrap();
    let s = store.session("idle", T0.plus_ms(SESSION_IDLE_MS)).await.unwrap().expect("in force at the last instant");
    assert_eq!((s.account, s.csrf.as_str(), s.agent.chars().count()), (id, "csrf", 120));
    // That use was remembered: idle time counts from it.
    let used = T0.plus_ms(SESSION_IDLE_MS);
    assert_eq!(store.sessions_of(id, used).await.unwrap()[0].seen, used);
    assert!(store.session("idle", used.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap().is_none());
    assert!(store.sessions_of(id, used).await.unwrap().is_empty(), "a session that is over is removed");
    store.add_session("old", id, "csrf", "a", T0).await.unwrap();
    let mut at = T0;
    while at.since(T0) + SESSION_IDLE_MS < SESSION_MAX_MS {
        at = at.plus_ms(SESSION_IDLE_MS);
        assert!(store.session("old", at).await.unwrap().is_some());
    }
    assert!(store.session("old", T0.plus_ms(SESSION_MAX_MS)).await.unwrap().is_some());
    assert!(store.session("old", T0.plus_ms(SESSION_MAX_MS + 1)).await.unwrap().is_none());
    assert!(store.session("never", T0).await.unwrap().is_none());
}

pub async fn tokens_end_at_their_instant(world: &World) {
    let store = world.open().await;
    let (id, other) = (account(&store, "zhang").await, account(&store, "li").await);
    store.add_token("t", id, "script", T0, T0.plus_ms(1_000)).await.unwrap();
    assert_eq!(store.token_account("t", T0.plus_ms(999)).await.unwrap(), Some(id));
    assert_eq!(store.token_account("t", T0.plus_ms(1_000)).await.unwrap(), None);
    let row = store.tokens_of(id).await.unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.created, row.expires), ("script", T0, T0.plus_ms(1_000)));
    store.end_token(other, &row.token_sha256).await.unwrap();
    assert_eq!(store.tokens_of(id).await.unwrap().len(), 1, "nobody ends another's token");
    store.end_token(id, &row.token_sha256).await.unwrap();
    assert!(store.tokens_of(id).await.unwrap().is_empty());
}

pub async fn sweeping_removes_only_what_is_over(world: &World) {
    let store = world.open().await;
    let id = duty(&store, "zhang").await;
    store.add_session("a", id, "csrf", "a", T0).await.unwrap();
    store.add_session("b", id, "csrf", "b", T0.plus_ms(1)).await.unwrap();
    store.add_token("x", id, "x", T0, T0.plus_ms(SESSION_IDLE_MS)).await.unwrap();
    store.add_token("y", id, "y", T0, T0.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap();
    store.sweep_sessions(T0.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap();
    let agents: Vec<_> =
        store.sessions_of(id, T0.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap().into_iter().map(|s| s.agent).collect();
    assert_eq!(agents, ["b"]);
    let names: Vec<_> = store.tokens_of(id).await.unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["y"]);
    store.end_session(&base::Sha256::of(b"b").hex()).await.unwrap();
    assert!(store.session("b", T0.plus_ms(2)).await.unwrap().is_none());
}

pub async fn each_role_has_its_own_limits(world: &World) {
    let store = world.open().await;
    for role in Role::ALL {
        let id = store.add_account(&new_account(role.code(), role), None, false, T0).await.unwrap();
        let limits = session_limits(role);
        store.add_session(role.code(), id, "csrf", "a", T0).await.unwrap();
        let (last, over) = (T0.plus_ms(limits.idle_ms), T0.plus_ms(limits.idle_ms + 1));
        assert_eq!(
            (store.sessions_of(id, last).await.unwrap().len(), store.sessions_of(id, over).await.unwrap().len()),
            (1, 0)
        );
        assert_eq!(store.session_counts(last).await.unwrap().get(&id), Some(&1), "{role:?}");
        assert_eq!(store.session_counts(over).await.unwrap().get(&id), None, "{role:?}");
        assert!(store.session(role.code(), over).await.unwrap().is_none(), "{role:?}");
    }
}

pub async fn a_new_browser_is_told_to_the_sessions_before_it(world: &World) {
    let store = world.open().await;
    let (id, other) = (duty(&store, "zhang").await, duty(&store, "li").await);
    let begin = |token: &'static str, account, browser: &'static str, at| {
        let store = store.clone();
        async move {
            let new = NewSession { token, account, csrf: "csrf", agent: "a", browser };
            store.begin_session(&new, T0.plus_ms(at)).await.unwrap()
        }
    };
    assert!(!begin("first", id, "desk", 0).await, "the first browser of an account is no news");
    assert!(!begin("again", id, "desk", 10).await, "the same browser");
    assert!(!begin("li", other, "phone", 15).await, "another account's first");
    assert!(begin("strange", id, "phone", 20).await, "known to another account only");
    let session = |token: &'static str| {
        let store = store.clone();
        async move { store.session(token, T0.plus_ms(30)).await.unwrap().unwrap() }
    };
    assert_eq!(session("first").await.stranger, Some(T0.plus_ms(20)));
    let strange = session("strange").await;
    assert!(strange.new_browser && strange.stranger.is_none(), "whoever signed in there is not told by it");
    assert_eq!(session("li").await.stranger, None);
    store.know_browsers(id).await.unwrap();
    assert_eq!((session("first").await.stranger, session("strange").await.new_browser), (None, false));
    assert!(!begin("back", id, "phone", 40).await, "known from now on");
    assert_eq!(store.end_other_sessions(id, &base::Sha256::of(b"first").hex()).await.unwrap(), 3);
    assert_eq!(store.sessions_of(id, T0.plus_ms(50)).await.unwrap().len(), 1);
    assert_eq!(store.sessions_of(other, T0.plus_ms(50)).await.unwrap().len(), 1, "others keep theirs");
    // Only so many browsers are remembered: the one longest unused is new again.
    for n in 0..20_u8 {
        let (token, browser) = (format!("t{n}"), format!("b{n}"));
        let new = NewSession { token: &token, account: id, csrf: "c", agent: "a", browser: &browser };
        assert!(store.begin_session(&new, T0.plus_ms(100 + i64::from(n))).await.unwrap());
    }
    assert!(begin("late", id, "desk", 200).await);
    assert!(!begin("late2", id, "b19", 201).await);
}
