//! States of public registers by day: taken when the day is over, where something changed, and what was public then stays provable.

use super::*;
use domain::register_state::{Leaf, STATE_KIND, path, root, sort};

const REGISTER: &str = "units";

impl Hall {
    /// Entries of states so far.
    async fn states(&self) -> Vec<ActRow> {
        let filter = ActFilter { kind: Some(STATE_KIND.into()), ..ActFilter::default() };
        self.store.acts(&filter, 100).await.unwrap()
    }
}

#[tokio::test]
async fn a_state_is_entered_when_its_day_is_over_and_only_where_it_changed() {
    let hall = Hall::open().await;
    let first = hall.today();
    let (row, _) = hall.by_hand(REGISTER, None, &[]).await;
    assert_eq!(hall.authority.put_register_states(first).await.unwrap(), 0, "the day is not over");
    hall.pass_days(1);
    assert_eq!(hall.authority.put_register_states(hall.today()).await.unwrap(), 1);
    assert_eq!(hall.authority.put_register_states(hall.today()).await.unwrap(), 0, "once");
    hall.pass_days(1);
    assert_eq!(hall.authority.put_register_states(hall.today()).await.unwrap(), 0, "nothing changed");
    hall.by_hand(REGISTER, Some((row.as_str(), 1)), &[("unit_name", "另一个名称")]).await;
    let second = hall.today();
    hall.pass_days(3);
    assert_eq!(hall.authority.put_register_states(hall.today()).await.unwrap(), 1, "one of the days that were missed");
    assert_eq!(hall.states().await.len(), 2);

    let on = |day: CivilDate| hall.store.register_state_on(REGISTER, day);
    assert_eq!(on(first.plus_days(-1)).await.unwrap(), None);
    let (entry, state) = on(first).await.unwrap().expect("the first");
    assert_eq!((state.day, state.rows, state.before), (first, 1, None));
    assert_eq!(on(second.plus_days(-1)).await.unwrap(), Some((entry, state.clone())), "it holds until the next");
    let (later, next) = on(second).await.unwrap().expect("the second");
    assert_eq!((next.day, next.rows, next.before), (second, 1, Some(entry)));
    assert_eq!(hall.store.register_state_after(REGISTER, entry).await.unwrap(), Some((later, next.clone())));
    assert_eq!(hall.store.register_state_after(REGISTER, later).await.unwrap(), None);
    for (entry, state, version) in [(entry, &state, 1), (later, &next, 2)] {
        let mut leaves = hall.store.register_state_leaves(REGISTER, entry).await.unwrap();
        sort(&mut leaves);
        let hashes: Vec<Sha256> = leaves.iter().map(Leaf::hash).collect();
        assert_eq!((root(&hashes), leaves[0].version), (state.root, version));
        assert!(path(&hashes, 0).is_empty());
    }
    hall.store.flush_ledger().await.unwrap();
    let body = hall.store.ledger().entry(later).unwrap().parse().unwrap().body;
    assert_eq!(body, serde_json::json!(next));
}
