//! Contacts of alarms: sealed, committed to, bounded, gone when removed.

use crate::world::{T0, World, account, random};
use base::{ContactId, Pii};
use domain::alarm::SourceName;
use domain::contact::{CONTACTS, CONTACTS_OF_ONE, Contact, Duty, Reach};
use store::Store;
use store::contacts::Kept;
use store::logbook::ActFilter;

const PERSON: &str = "欧阳钥匙";
const PHONE: &str = "139 3600 4471";
const NOTE: &str = "夜里先打家里";

fn contact(reach: Reach) -> Contact {
    Contact {
        id: ContactId::new(T0.0, random()),
        reach,
        duty: Duty::Keyholder,
        order: 1,
        person: Pii::new(PERSON.into()),
        phone: Pii::new(PHONE.into()),
        note: Pii::new(NOTE.into()),
    }
}

/// Everything the log says of contacts, as text.
async fn logged(store: &Store) -> Vec<(String, serde_json::Value)> {
    store.flush_ledger().await.unwrap();
    let acts = store.acts(&ActFilter::default(), 99).await.unwrap();
    let acts = acts.iter().filter(|a| a.kind.starts_with("contact."));
    acts.map(|a| {
        let entry = store.ledger().entry(a.idx).unwrap().parse().unwrap();
        (format!("{} {} {}", a.kind, a.text.zh, a.text.en), serde_json::to_value(&entry.body).unwrap())
    })
    .collect()
}

/// Bytes of everything under a folder: the database of SQLite with its log, and the ledger.
fn bytes_under(folder: &std::path::Path, out: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            bytes_under(&entry.path(), out);
        } else {
            out.extend(std::fs::read(entry.path()).unwrap());
        }
    }
}

pub async fn a_person_is_sealed_and_the_log_has_a_commitment(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let source = SourceName::dc09("1234");
    let all = [
        contact(Reach::Area(String::new())),
        contact(Reach::Area("A座/一层".into())),
        contact(Reach::Source(source.clone())),
        contact(Reach::Zone(source, 3)),
    ];
    for c in &all {
        assert_eq!(store.add_contact(c, by, T0).await.unwrap(), Kept::Yes);
    }
    let mut got = store.contacts().await.unwrap();
    got.sort_by_key(|c| all.iter().position(|a| a.id == c.id));
    assert_eq!(got, all, "every field comes back");

    let changed = Contact { duty: Duty::Repair, order: 9, note: Pii::default(), ..all[3].clone() };
    assert_eq!(store.change_contact(&changed, by, T0).await.unwrap(), Kept::Yes);
    assert_eq!(store.contact(changed.id).await.unwrap(), Some(changed.clone()));
    assert!(store.remove_contact(&changed, by, T0).await.unwrap());
    assert!(!store.remove_contact(&changed, by, T0).await.unwrap(), "once");
    assert_eq!(store.change_contact(&changed, by, T0).await.unwrap(), Kept::Gone);
    assert_eq!(store.contact(changed.id).await.unwrap(), None);

    let log = logged(&store).await;
    assert_eq!(log.len(), 6);
    let commitments: Vec<_> = log.iter().filter_map(|(_, b)| b["persons_commitment"].as_str()).collect();
    assert_eq!(commitments.len(), 5, "the removal says nothing of the person");
    for (n, one) in commitments.iter().enumerate() {
        assert_eq!(one.len(), 64);
        assert!(!commitments[n + 1..].contains(one), "the same person has another commitment each time: salted");
    }
    for (words, body) in &log {
        let text = format!("{words}{body}");
        assert!(![PERSON, PHONE, NOTE, "4471"].iter().any(|p| text.contains(p)), "{text}");
    }
    let mut bytes = Vec::new();
    bytes_under(&world.config.data, &mut bytes);
    for plain in [PERSON, PHONE, NOTE] {
        let found = bytes.windows(plain.len()).any(|w| w == plain.as_bytes());
        assert!(!found, "{plain} lies in the data folder");
    }
    // A sealed value of another column does not pass for a person.
    world.tamper("UPDATE contact SET person_sealed = (SELECT name_sealed FROM account LIMIT 1)").await;
    assert!(store.contacts().await.is_err());
}

pub async fn what_is_full_takes_no_more(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let place = |n: usize| Reach::Area(format!("区{n}"));
    let full = CONTACTS / CONTACTS_OF_ONE;
    for n in 0..full {
        for _ in 0..CONTACTS_OF_ONE {
            assert_eq!(store.add_contact(&contact(place(n)), by, T0).await.unwrap(), Kept::Yes);
        }
        if n == 0 {
            assert_eq!(store.add_contact(&contact(place(0)), by, T0).await.unwrap(), Kept::NoRoom, "of one place");
            // The panel and its zone of the same name are other places.
            let other = contact(Reach::Source(SourceName::stored("区0")));
            assert_eq!(store.add_contact(&other, by, T0).await.unwrap(), Kept::Yes);
            let moved = Contact { reach: place(0), ..other.clone() };
            assert_eq!(store.change_contact(&moved, by, T0).await.unwrap(), Kept::NoRoom, "nor by moving there");
            assert_eq!(store.contact(other.id).await.unwrap(), Some(other.clone()), "it stayed where it was");
            assert!(store.remove_contact(&other, by, T0).await.unwrap());
        }
    }
    let left = CONTACTS - full * CONTACTS_OF_ONE;
    for _ in 0..left {
        assert_eq!(store.add_contact(&contact(place(full)), by, T0).await.unwrap(), Kept::Yes);
    }
    assert_eq!(store.add_contact(&contact(place(full)), by, T0).await.unwrap(), Kept::NoRoom, "of the site");
    assert_eq!(store.contacts().await.unwrap().len(), CONTACTS);
    let one = store.contacts().await.unwrap().swap_remove(0);
    let same = Contact { order: 7, ..one };
    assert_eq!(store.change_contact(&same, by, T0).await.unwrap(), Kept::Yes, "a full place can be corrected");
}

pub async fn of_many_at_once_none_is_over_the_limit(world: &World) {
    let store = world.open().await;
    let by = account(&store, "boss").await;
    let tries = (0..CONTACTS_OF_ONE + 6).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.add_contact(&contact(Reach::Area("A座".into())), by, T0).await.unwrap() })
    });
    let mut kept = 0;
    for one in tries.collect::<Vec<_>>() {
        kept += usize::from(one.await.unwrap() == Kept::Yes);
    }
    assert_eq!((kept, store.contacts().await.unwrap().len()), (CONTACTS_OF_ONE, CONTACTS_OF_ONE));
}
