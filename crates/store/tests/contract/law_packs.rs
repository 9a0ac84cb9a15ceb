//! Which law is in use: record, entry and packs together.

use crate::world::{T0, World};
use law::LawDigest;
use std::collections::BTreeMap;

fn files(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("a/b/clauses.toml".to_owned(), text.to_owned()), ("overlays.toml".to_owned(), String::new())])
}

pub async fn the_law_in_use_is_recorded_with_its_entry(world: &World) {
    let store = world.open().await;
    assert_eq!(store.law_in_use().await.unwrap(), None);
    let (own, folder) = (files("own"), files("folder"));
    let first = store.use_law(&LawDigest::of(&own), None, T0).await.unwrap();
    let second = store.use_law(&LawDigest::of(&folder), Some(&folder), T0.plus_ms(5)).await.unwrap();
    assert_eq!(store.law_in_use().await.unwrap(), Some(second.clone()));
    assert_eq!((second.from_folder, second.since, second.leaf > first.leaf), (true, T0.plus_ms(5), true));
    assert_eq!(store.kept_law(&second.digest.all).await.unwrap(), Some(folder.clone()));
    assert_eq!(store.kept_law(&first.digest.all).await.unwrap(), None, "the program's own are in the program");
    store.flush_ledger().await.unwrap();
    let entry = store.ledger().entry(second.leaf).unwrap();
    let entry = String::from_utf8_lossy(entry.as_bytes());
    assert!(entry.contains(&second.digest.all.hex()) && entry.contains(r#""changed":["a/b"]"#), "{entry}");
    // The same packs again, as after a change and back: kept once.
    store.use_law(&LawDigest::of(&folder), Some(&folder), T0.plus_ms(9)).await.unwrap();
    store.close().await;
    let store = world.open().await;
    assert_eq!(store.law_in_use().await.unwrap().unwrap().since, T0.plus_ms(9), "after a restart too");
    store.close().await;
}
