//! Accounts: the first one, their sealed names, lock-out, passwords, disabling.

use crate::world::{T0, World, account, new_account};
use base::AccountId;
use domain::access::Role;
use domain::account::Failures;
use std::collections::BTreeSet;
use store::StoreError;
use store::ledger_log::LogEntry;
use store::logbook::ActFilter;

pub async fn the_first_account_is_made_once(world: &World) {
    let store = world.open().await;
    let tries = (0..8).map(|i| {
        let store = store.clone();
        let new = new_account(&format!("admin{i}"), Role::Administrator);
        tokio::spawn(async move {
            let values = [("profile", format!("of admin{i}")), ("other", "x".into())];
            let entry =
                |by| LogEntry { kind: "settings.changed", at: T0, body: serde_json::json!({ "by": by }), act: None };
            store.add_first_account(&new, &values, entry, T0).await
        })
    });
    let mut made = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.expect("no panic") {
            Ok(_) => made += 1,
            Err(e) => assert!(matches!(e, StoreError::NotFirst), "{e}"),
        }
    }
    assert_eq!((made, store.account_count().await.unwrap()), (1, 1));
    let acts = store.acts(&ActFilter { kind: Some("account.".into()), ..Default::default() }, 10).await.unwrap();
    assert_eq!(acts.len(), 1, "a refused first run leaves no entry");
    // What else the form set is that of the account that was made, in the same transaction.
    let login = store.accounts().await.unwrap().remove(0).login;
    assert_eq!(store.setting("profile").await.unwrap(), Some(format!("of {login}")));
    assert_eq!(store.setting("other").await.unwrap().as_deref(), Some("x"));
    let late = store.add_account(&new_account("late", Role::Auditor), None, true, T0).await;
    assert!(matches!(late, Err(StoreError::NotFirst)));
}

pub async fn accounts_come_back_as_they_were_made(world: &World) {
    let store = world.open().await;
    let new = new_account("zhang", Role::PoliceOfficer);
    let id = store.add_account(&new, None, false, T0).await.unwrap();
    let mut plain = new_account("li", Role::Auditor);
    plain.badge = None;
    store.add_account(&plain, Some(id), false, T0.plus_ms(1)).await.unwrap();
    let a = store.account(id).await.unwrap().expect("there");
    assert_eq!((a.login.as_str(), a.role, a.unit.as_str()), ("zhang", Role::PoliceOfficer, "第一派出所"));
    assert_eq!((a.name.expose(), a.badge.unwrap().expose().clone()), (new.name.expose(), "0zhang".to_owned()));
    assert_eq!((a.created, a.disabled, a.failures), (T0, None, Failures::default()));
    let b = store.account_by_login("li").await.unwrap().expect("there");
    assert!(b.badge.is_none());
    let logins: Vec<_> = store.accounts().await.unwrap().into_iter().map(|a| a.login).collect();
    assert_eq!(logins, ["zhang", "li"]);
    assert!(store.account_by_login("Zhang").await.unwrap().is_none());
    let mut some = BTreeSet::from([id]);
    assert_eq!(store.accounts_of(&some).await.unwrap().iter().map(|a| a.login.as_str()).collect::<Vec<_>>(), ["zhang"]);
    // More than one question asks for, most of them nobody's.
    some.extend((2..120).map(|n| AccountId::new(n, [1; 10])));
    some.insert(b.id);
    let mut many: Vec<String> = store.accounts_of(&some).await.unwrap().into_iter().map(|a| a.login).collect();
    many.sort();
    assert_eq!(many, ["li", "zhang"]);
    assert!(store.accounts_of(&BTreeSet::new()).await.unwrap().is_empty());
    assert!(store.account(AccountId::new(1, [1; 10])).await.unwrap().is_none());
    store.close().await;
    if !world.is_postgres() {
        for file in ["jifang.db", "jifang.db-wal"] {
            let bytes = std::fs::read(world.config.data.join(file)).unwrap_or_default();
            let name = new.name.expose().as_bytes();
            assert!(!bytes.windows(name.len()).any(|w| w == name), "a name lies open in {file}");
        }
    }
}

pub async fn a_login_name_is_taken_once(world: &World) {
    let store = world.open().await;
    account(&store, "zhang").await;
    match store.add_account(&new_account("zhang", Role::Auditor), None, false, T0).await {
        Err(StoreError::Db(e)) => assert!(e.is_duplicate() && e.is_final() && !e.is_away()),
        other => panic!("{other:?}"),
    }
    assert_eq!(store.account_count().await.unwrap(), 1);
}

pub async fn wrong_passwords_are_remembered(world: &World) {
    let store = world.open().await;
    let id = account(&store, "zhang").await;
    let failures = (0..5).fold(Failures::default(), |f, _| f.wrong(T0));
    store.set_failures(id, failures).await.unwrap();
    let got = store.account(id).await.unwrap().unwrap().failures;
    assert_eq!(got, failures);
    assert!(got.may_try(T0).is_err());
    store.set_failures(id, Failures::default()).await.unwrap();
    assert_eq!(store.account(id).await.unwrap().unwrap().failures, Failures::default());
}

pub async fn a_new_password_ends_the_other_sessions(world: &World) {
    let store = world.open().await;
    let (id, other) = (account(&store, "zhang").await, account(&store, "li").await);
    for (token, of) in [("keep", id), ("end", id), ("theirs", other)] {
        store.add_session(token, of, "csrf", "agent", T0).await.unwrap();
    }
    store.set_failures(id, Failures::default().wrong(T0)).await.unwrap();
    let keep = base::Sha256::of(b"keep").hex();
    store.set_password(id, "$new", Some(&keep), false, id, T0).await.unwrap();
    let a = store.account(id).await.unwrap().unwrap();
    assert_eq!((a.password_hash.as_str(), a.failures), ("$new", Failures::default()));
    for (token, want) in [("keep", true), ("end", false), ("theirs", true)] {
        assert_eq!(store.session(token, T0).await.unwrap().is_some(), want, "{token}");
    }
    store.set_password(id, "$newer", None, false, other, T0).await.unwrap();
    assert!(store.session("keep", T0).await.unwrap().is_none());
}

pub async fn a_one_time_password_is_marked_with_it(world: &World) {
    let store = world.open().await;
    let (id, admin) = (account(&store, "zhang").await, account(&store, "admin").await);
    let key = store::accounts::one_time_key(id);
    let entries =
        async || store.acts(&ActFilter { account: Some(admin), ..Default::default() }, 9).await.unwrap().len();
    store.set_password(id, "$once", None, true, admin, T0).await.unwrap();
    assert_eq!(store.setting(&key).await.unwrap().as_deref(), Some("yes"));
    assert_eq!(entries().await, 1, "one change, one entry");
    store.set_password(id, "$twice", None, true, admin, T0).await.unwrap();
    assert_eq!(store.setting(&key).await.unwrap().as_deref(), Some("yes"));
    store.set_password(id, "$own", None, false, id, T0).await.unwrap();
    assert_eq!(store.setting(&key).await.unwrap(), None);
}

pub async fn disabling_ends_sessions_and_tokens(world: &World) {
    let store = world.open().await;
    let (id, admin) = (account(&store, "zhang").await, account(&store, "admin").await);
    store.add_session("s", id, "csrf", "agent", T0).await.unwrap();
    store.add_token("t", id, "script", T0, T0.plus_ms(1_000)).await.unwrap();
    store.set_disabled(id, true, admin, T0.plus_ms(5)).await.unwrap();
    assert_eq!(store.account(id).await.unwrap().unwrap().disabled, Some(T0.plus_ms(5)));
    assert!(store.session("s", T0).await.unwrap().is_none());
    assert!(store.token_account("t", T0).await.unwrap().is_none());
    store.set_disabled(id, false, admin, T0).await.unwrap();
    assert_eq!(store.account(id).await.unwrap().unwrap().disabled, None);
    let kinds: Vec<_> = store
        .acts(&ActFilter { account: Some(admin), ..Default::default() }, 9)
        .await
        .unwrap()
        .into_iter()
        .map(|a| a.kind)
        .collect();
    assert_eq!(kinds, ["account.enabled", "account.disabled"]);
}
