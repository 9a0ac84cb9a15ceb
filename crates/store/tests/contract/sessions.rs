//! Sessions and tokens at their boundaries.

use crate::world::{T0, World, account};
use domain::account::{SESSION_IDLE_MS, SESSION_MAX_MS};

pub async fn a_session_ends_when_idle_or_old(world: &World) {
    let store = world.open().await;
    let id = account(&store, "zhang").await;
    store.add_session("idle", id, "csrf", &"长".repeat(200), T0).await.unwrap();
    let s = store.session("idle", T0.plus_ms(SESSION_IDLE_MS)).await.unwrap().expect("in force at the last instant");
    assert_eq!((s.account, s.csrf.as_str(), s.agent.chars().count()), (id, "csrf", 120));
    // That use was remembered: idle time counts from it.
    let used = T0.plus_ms(SESSION_IDLE_MS);
    assert_eq!(store.sessions_of(id).await.unwrap()[0].seen, used);
    assert!(store.session("idle", used.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap().is_none());
    assert!(store.sessions_of(id).await.unwrap().is_empty(), "a session that is over is removed");
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
    let id = account(&store, "zhang").await;
    store.add_session("a", id, "csrf", "a", T0).await.unwrap();
    store.add_session("b", id, "csrf", "b", T0.plus_ms(1)).await.unwrap();
    store.add_token("x", id, "x", T0, T0.plus_ms(SESSION_IDLE_MS)).await.unwrap();
    store.add_token("y", id, "y", T0, T0.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap();
    store.sweep_sessions(T0.plus_ms(SESSION_IDLE_MS + 1)).await.unwrap();
    let agents: Vec<_> = store.sessions_of(id).await.unwrap().into_iter().map(|s| s.agent).collect();
    assert_eq!(agents, ["b"]);
    let names: Vec<_> = store.tokens_of(id).await.unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(names, ["y"]);
    store.end_session(&base::Sha256::of(b"b").hex()).await.unwrap();
    assert!(store.session("b", T0.plus_ms(2)).await.unwrap().is_none());
}
