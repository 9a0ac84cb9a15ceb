//! The state of a register: its tree is that of the standard, and a file in which anything was changed does not hold.

use super::*;
use base::SiteId;
use ledger::{Checkpoint, Log, MemoryLog, SiteKey, Tree};
use proptest::prelude::*;

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

fn hashes(n: usize) -> Vec<Sha256> {
    (0..n).map(|n| leaf_hash(n.to_string().as_bytes())).collect()
}

proptest! {
    #[test]
    fn each_leaf_leads_to_the_root_from_its_own_place_alone(n in 1_usize..70, at in 0_usize..70, other in 0_usize..70) {
        let (all, at) = (hashes(n), at % n);
        let (size, top) = (u64::try_from(n).unwrap(), root(&all));
        let way = path(&all, at);
        let place = |n: usize| u64::try_from(n).unwrap();
        prop_assert!(verify_inclusion(all[at], place(at), size, top, &way).is_ok());
        let other = other % n;
        prop_assert_eq!(verify_inclusion(all[other], place(at), size, top, &way).is_ok(), other == at);
    }

    #[test]
    fn a_tree_that_is_kept_says_what_hashing_anew_says(n in 0_usize..140, at in 0_usize..140) {
        let leaf = |n: usize| Leaf { row: n.to_string(), version: 1, public_sha256: Sha256::of(b"x"), entry: 7 };
        let mut leaves: Vec<Leaf> = (0..n).map(leaf).collect();
        let tree = StateTree::new(leaves.clone());
        sort(&mut leaves);
        let all: Vec<Sha256> = leaves.iter().map(Leaf::hash).collect();
        prop_assert_eq!((tree.root(), tree.len(), tree.is_empty()), (root(&all), n, n == 0));
        prop_assert_eq!(tree.path(at), path(&all, at));
        let row = at.to_string();
        let found = tree.find(&row).map(|(leaf, place)| (leaf.row.clone(), place));
        let place = leaves.iter().position(|leaf| leaf.row == row);
        prop_assert_eq!(found, place.map(|place| (row, place)));
    }

    #[test]
    fn a_leaf_is_read_back_from_one_spelling(row in "\\PC{1,20}", version in 1_u32.., entry in 0_u64..1 << 48) {
        let leaf = Leaf { row, version, public_sha256: Sha256::of(b"x"), entry };
        let text = leaf.text();
        prop_assert_eq!(Leaf::parse(&text), Some(leaf));
        prop_assert_eq!(Leaf::parse(&format!("{text} ")), None);
    }
}

#[test]
fn nothing_is_a_tree_too_and_one_leaf_has_no_path() {
    assert_eq!(root(&[]), empty_root());
    assert!(path(&[], 0).is_empty() && path(&hashes(1), 0).is_empty() && path(&hashes(3), 3).is_empty());
}

#[test]
fn leaves_stand_by_the_bytes_of_their_ids() {
    let leaf = |row: &str| Leaf { row: row.into(), version: 1, public_sha256: Sha256::of(b"x"), entry: 1 };
    let mut all = ["乙", "b", "B", "a 1"].map(leaf).to_vec();
    sort(&mut all);
    assert_eq!(all.iter().map(|l| l.row.as_str()).collect::<Vec<_>>(), ["B", "a 1", "b", "乙"]);
}

const PUBLIC: &str = r#"{"name":"示例"}"#;

/// A log of two versions of a row, another row, a state of day 2 (with version 1), and the next of day 4 (with version 2).
struct Told {
    key: SiteKey,
    disk: MemoryLog,
    size: u64,
    note: Vec<u8>,
    leaves: Vec<Leaf>,
}

impl Told {
    fn new() -> Self {
        let key = SiteKey::from_seed("police/demo", [7; 32]).unwrap();
        let digest = Sha256::of(PUBLIC.as_bytes());
        let row = |row: &str, version: u32| serde_json::json!({ "register": "providers", "row": row, "version": version, "public_sha256": digest });
        let leaf = |row: &str, version, entry| Leaf { row: row.into(), version, public_sha256: digest, entry };
        let mut leaves = vec![leaf("r-1", 1, 0), leaf("r-2", 1, 1), leaf("r-3", 1, 2)];
        sort(&mut leaves);
        let state = |leaves: &[Leaf], on: &str, before: Option<u64>| {
            let hashes: Vec<Sha256> = leaves.iter().map(Leaf::hash).collect();
            let rows = u64::try_from(leaves.len()).unwrap();
            serde_json::json!(State { register: "providers".into(), day: day(on), rows, root: root(&hashes), before })
        };
        let first = state(&leaves, "2026-03-02", None);
        let later = [leaf("r-1", 2, 4), leaf("r-2", 1, 1), leaf("r-3", 1, 2)];
        let next = state(&later, "2026-03-04", Some(3));
        let at = |text: &str| day(text).plus_days(1).start().plus_ms(1);
        let site = SiteId::new(1, [1; 10]);
        let mut entries = Vec::new();
        for (kind, at, body) in [
            (ROW_KIND, at("2026-03-01"), row("r-1", 1)),
            (ROW_KIND, at("2026-03-01"), row("r-2", 1)),
            (ROW_KIND, at("2026-03-01"), row("r-3", 1)),
            (STATE_KIND, at("2026-03-02"), first),
            (ROW_KIND, at("2026-03-03"), row("r-1", 2)),
            (STATE_KIND, at("2026-03-04"), next),
            // Taken while its day was not over.
            (STATE_KIND, day("2026-03-09").start(), state(&later, "2026-03-09", Some(5))),
        ] {
            entries.push(Entry::new(kind, at, site, body).encode().unwrap());
        }
        let (mut tree, mut disk) = (Tree::new(), MemoryLog::default());
        disk.write(tree.append(&entries).unwrap().files);
        let head = Checkpoint { origin: key.vkey().name().to_owned(), size: tree.size(), root: tree.root() };
        let note = head.sign(&key).unwrap();
        Self { key, disk, size: tree.size(), note, leaves }
    }

    fn logged(&self, index: u64) -> Logged {
        let log = Log::new(&self.disk, self.size);
        let entry = String::from_utf8(log.entry(index).unwrap().as_bytes().to_vec()).unwrap();
        let proof = String::from_utf8(log.prove(index, &self.note).unwrap().to_text()).unwrap();
        Logged { entry, proof }
    }

    /// The proof that `r-1` stood there in version 1 on the third.
    fn file(&self) -> StateProof {
        let hashes: Vec<Sha256> = self.leaves.iter().map(Leaf::hash).collect();
        StateProof {
            v: StateProof::version(),
            log: self.key.vkey().to_string(),
            register: "providers".into(),
            day: day("2026-03-03"),
            public: PUBLIC.into(),
            leaf: self.leaves[0].text(),
            index: 0,
            path: path(&hashes, 0),
            row: self.logged(0),
            state: self.logged(3),
            next: Some(self.logged(5)),
        }
    }
}

#[test]
fn a_row_stood_there_in_this_version_until_the_next_state() {
    let told = Told::new();
    let file = told.file();
    let stood = verify(&file, Some(told.key.vkey())).unwrap();
    assert_eq!((stood.row.as_str(), stood.version, stood.state_day), ("r-1", 1, day("2026-03-02")));
    assert_eq!((stood.rows, stood.entry, stood.is_closed), (3, 3, true));
    let open = StateProof { next: None, ..file.clone() };
    assert!(!verify(&open, None).unwrap().is_closed, "that nothing came later is then only said");
    let bytes = serde_json::to_vec(&file).unwrap();
    assert_eq!(StateProof::read(&bytes), Ok(file));
}

#[test]
fn a_row_left_out_another_version_another_day_or_another_log_does_not_hold() {
    let told = Told::new();
    let file = told.file();
    let says = |changed: StateProof| verify(&changed, None).unwrap_err();
    let leaf = |leaf: Leaf| StateProof { leaf: leaf.text(), ..file.clone() };
    let own = &told.leaves[0];
    assert_eq!(says(leaf(Leaf { row: "r-9".into(), ..own.clone() })), StateFault::NotThere, "left out");
    assert_eq!(says(leaf(Leaf { version: 2, entry: 4, ..own.clone() })), StateFault::NotThere, "another version");
    assert_eq!(says(StateProof { index: 1, ..file.clone() }), StateFault::NotThere, "another place");
    assert_eq!(says(StateProof { path: Vec::new(), ..file.clone() }), StateFault::NotThere);
    assert_eq!(says(StateProof { row: told.logged(1), ..file.clone() }), StateFault::Row, "of another row");
    assert_eq!(says(StateProof { row: told.logged(4), ..file.clone() }), StateFault::Row, "a later version");
    assert_eq!(says(StateProof { public: "{}".into(), ..file.clone() }), StateFault::Public);
    assert_eq!(says(StateProof { day: day("2026-03-01"), ..file.clone() }), StateFault::State, "a day before");
    assert_eq!(says(StateProof { day: day("2026-03-04"), ..file.clone() }), StateFault::Next, "a later state is there");
    assert_eq!(says(StateProof { next: Some(told.logged(3)), ..file.clone() }), StateFault::Next, "not the next");
    assert_eq!(says(StateProof { next: Some(told.logged(6)), ..file.clone() }), StateFault::Next, "taken too early");
    assert_eq!(says(StateProof { state: told.logged(5), ..file.clone() }), StateFault::State, "a later state");
    assert_eq!(says(StateProof { register: "units".into(), ..file.clone() }), StateFault::State);
    let mut forged = told.logged(3);
    forged.entry = forged.entry.replacen("\"rows\":3", "\"rows\":4", 1);
    assert_eq!(says(StateProof { state: forged, ..file.clone() }), StateFault::NotLogged);
    let other = SiteKey::from_seed("police/other", [8; 32]).unwrap();
    assert_eq!(verify(&file, Some(other.vkey())), Err(StateFault::OtherKey));
    assert_eq!(says(StateProof { log: other.vkey().to_string(), ..file.clone() }), StateFault::NotLogged);
    assert_eq!(StateProof::read(b"{}"), Err(StateFault::Unreadable));
    assert_eq!(StateProof::read(&vec![b' '; FILE_BYTES + 1]), Err(StateFault::Unreadable));
    let newer = serde_json::to_vec(&StateProof { v: 2, ..file.clone() }).unwrap();
    assert_eq!(StateProof::read(&newer), Err(StateFault::Unreadable));
}

#[test]
fn a_fault_has_a_word_and_a_sentence() {
    use StateFault::{Next, NotLogged, NotThere, OtherKey, Public, Row, State, Unreadable};
    let all = [Unreadable, OtherKey, NotLogged, State, Next, NotThere, Row, Public];
    let words: std::collections::BTreeSet<&str> = all.iter().map(|fault| fault.code()).collect();
    assert_eq!(words.len(), all.len());
    assert!(all.iter().all(|fault| !fault.text().zh.is_empty() && fault.text().en.is_ascii()));
}

#[test]
fn written_once_more_in_another_language_it_says_the_same() {
    let told = Told::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/design/register_state_check.py");
    let run = |file: &StateProof, name: &str| {
        let at = std::env::temp_dir().join(format!("jifang-state-{}-{name}.json", std::process::id()));
        std::fs::write(&at, serde_json::to_vec(file).unwrap()).unwrap();
        let done = std::process::Command::new("python3").arg(script).arg(&at).output().expect("python3");
        std::fs::remove_file(&at).unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let file = told.file();
    let (holds, said) = run(&file, "whole");
    assert!(holds && said.contains("r-1"), "{said}");
    for (name, changed) in [
        ("public", StateProof { public: "{}".into(), ..file.clone() }),
        ("version", StateProof { row: told.logged(4), ..file.clone() }),
        ("day", StateProof { day: day("2026-03-04"), ..file.clone() }),
        ("early", StateProof { day: day("2026-03-01"), ..file.clone() }),
        ("place", StateProof { index: 1, ..file.clone() }),
        ("open", StateProof { next: Some(told.logged(6)), ..file.clone() }),
    ] {
        let (holds, said) = run(&changed, name);
        assert!(!holds, "{name}: {said}");
    }
}
