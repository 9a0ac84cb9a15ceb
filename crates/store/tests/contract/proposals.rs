//! Sensitive changes: answered once, done whole or not at all, sealed, bounded; accounts of a file all or none.

use crate::world::{T0, World, new_account};
use base::AccountId;
use domain::access::Role;
use domain::proposal::{Change, EXPIRES_MS, OPEN_MOST, State};
use store::logbook::ActFilter;
use store::proposals::{Answered, Effect};
use store::{Store, StoreError};

async fn two(store: &Store) -> (AccountId, AccountId) {
    let one = store.add_account(&new_account("system", Role::Administrator), None, false, T0).await.unwrap();
    let other =
        store.add_account(&new_account("security", Role::SecurityAdministrator), None, false, T0).await.unwrap();
    (one, other)
}

fn make(login: &str) -> Change {
    Change::MakeAdministrator {
        login: login.into(),
        role: Role::Auditor,
        name: format!("姓名{login}"),
        badge: None,
        unit: String::new(),
    }
}

async fn entries(store: &Store, kind: &str) -> usize {
    store.acts(&ActFilter { kind: Some(kind.into()), ..Default::default() }, 200).await.unwrap().len()
}

pub async fn a_proposal_is_answered_once(world: &World) {
    let store = world.open().await;
    let (by, other) = two(&store).await;
    let id = store.propose(&make("qian"), by, T0).await.unwrap().expect("kept");
    assert!(store.propose(&make("qian"), by, T0).await.unwrap().is_none(), "the same waits");
    let waiting = [T0, T0.plus_ms(EXPIRES_MS)].map(|at| store.open_proposal_count(at));
    assert_eq!(futures_util::future::try_join_all(waiting).await.unwrap(), [1, 0]);
    let row = store.proposal(id).await.unwrap().expect("there");
    assert!(row.change == make("qian") && row.state == State::Open && row.ends == T0.plus_ms(EXPIRES_MS));
    let tries = (0..6).map(|_| {
        let (store, row) = (store.clone(), row.clone());
        tokio::spawn(
            async move { store.confirm(&row, &Effect::Make(new_account("qian", Role::Auditor)), other, T0).await },
        )
    });
    let mut done = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.expect("no panic").unwrap() {
            Answered::Done(Some(_)) => done += 1,
            answer => assert_eq!(answer, Answered::Late),
        }
    }
    assert_eq!((done, entries(&store, "change.confirmed").await), (1, 1));
    assert!(!store.decline(&row, other, T0).await.unwrap());
    let kept = store.proposal(id).await.unwrap().expect("there");
    assert_eq!((kept.state, kept.decided), (State::Confirmed, Some((Some(other), T0))));
    store.close().await;
    if !world.is_postgres() {
        for file in ["jifang.db", "jifang.db-wal"] {
            let bytes = std::fs::read(world.config.data.join(file)).unwrap_or_default();
            let name = "姓名qian".as_bytes();
            assert!(!bytes.windows(name.len()).any(|w| w == name), "a name lies open in {file}");
        }
    }
}

pub async fn a_change_that_cannot_be_leaves_its_proposal_open(world: &World) {
    let store = world.open().await;
    let (by, other) = two(&store).await;
    let id = store.propose(&make("security"), by, T0).await.unwrap().expect("kept");
    let row = store.proposal(id).await.unwrap().expect("there");
    match store.confirm(&row, &Effect::Make(new_account("security", Role::Auditor)), other, T0).await {
        Err(StoreError::Db(e)) => assert!(e.is_duplicate()),
        answer => panic!("{answer:?}"),
    }
    assert_eq!(store.confirm(&row, &Effect::Phone(by), other, T0).await.unwrap(), Answered::MovedOn, "there is none");
    // The account has another role than the one this was proposed of.
    let role = Effect::Role(other, (Role::DutyOfficer, Role::Auditor));
    assert_eq!(store.confirm(&row, &role, other, T0).await.unwrap(), Answered::MovedOn);
    assert!(!store.set_role(other, (Role::DutyOfficer, Role::Auditor), by, T0).await.unwrap());
    let kept = store.account(other).await.unwrap().expect("there");
    assert_eq!((kept.role, entries(&store, "account.role").await), (Role::SecurityAdministrator, 0));
    assert_eq!((entries(&store, "change.confirmed").await, store.open_proposals(T0).await.unwrap().len()), (0, 1));
    let end = row.ends;
    assert_eq!(store.confirm(&row, &Effect::Disabled(other, true), by, end).await.unwrap(), Answered::Late);
    assert_eq!((store.expire_proposals(end).await.unwrap(), entries(&store, "change.expired").await), (1, 1));
    assert_eq!(store.answered_proposals().await.unwrap()[0].state, State::Expired);
}

pub async fn proposals_that_wait_are_bounded(world: &World) {
    let store = world.open().await;
    let (by, _) = two(&store).await;
    for n in 0..OPEN_MOST {
        assert!(store.propose(&make(&format!("user{n}")), by, T0).await.unwrap().is_some(), "{n}");
    }
    assert!(store.propose(&make("one-more"), by, T0).await.unwrap().is_none());
    let later = T0.plus_ms(EXPIRES_MS);
    assert!(store.propose(&make("one-more"), by, later).await.unwrap().is_some(), "those are over");
    assert_eq!(store.expire_proposals(later).await.unwrap(), OPEN_MOST);
    assert_eq!(store.open_proposals(later).await.unwrap().len(), 1);
}

pub async fn accounts_of_a_file_are_made_all_or_none(world: &World) {
    let store = world.open().await;
    let (by, _) = two(&store).await;
    let new = |logins: &[&str]| logins.iter().map(|l| new_account(l, Role::DutyOfficer)).collect::<Vec<_>>();
    match store.add_accounts(&new(&["a1", "a2", "security"]), "00", Some(by), T0).await {
        Err(StoreError::Db(e)) => assert!(e.is_duplicate()),
        answer => panic!("{answer:?}"),
    }
    assert_eq!((store.account_count().await.unwrap(), entries(&store, "accounts.imported").await), (2, 0));
    let made = store.add_accounts(&new(&["a1", "a2"]), "00", Some(by), T0).await.unwrap();
    assert_eq!(
        (made.len(), entries(&store, "account.made").await, entries(&store, "accounts.imported").await),
        (2, 4, 1)
    );
    for id in made {
        let key = store::accounts::one_time_key(id);
        assert_eq!(store.setting(&key).await.unwrap().as_deref(), Some("yes"), "it must be changed first");
    }
}
