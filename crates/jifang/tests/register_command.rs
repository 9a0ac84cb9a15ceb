//! `jifang register verify` on the real binary: a proof that holds, one thing changed at a time, keys of others, files that are none.

use crate::support;

use base::{CivilDate, Sha256, SiteId};
use domain::register_state::{Leaf, Logged, ROW_KIND, STATE_KIND, State, StateProof, path, root};
use ledger::{Checkpoint, Entry, Log, MemoryLog, SiteKey, Tree};
use std::fs;
use std::path::Path;
use support::server::jifang;

const PUBLIC: &str = r#"{"name":"示例"}"#;

struct Said {
    code: Option<i32>,
    out: String,
}

fn verify(file: &Path, arguments: &[&str]) -> Said {
    let mut all = vec!["register", "verify", file.to_str().unwrap(), "--lang", "en"];
    all.extend(arguments);
    let output = jifang(&all);
    Said { code: output.status.code(), out: String::from_utf8_lossy(&output.stdout).into_owned() }
}

/// A log with a version of one row and the state of its register, and the file about it.
fn proof() -> (SiteKey, StateProof) {
    let key = SiteKey::from_seed("police/demo", [7; 32]).unwrap();
    let day = CivilDate::parse("2026-03-02").unwrap();
    let public_sha256 = Sha256::of(PUBLIC.as_bytes());
    let leaf = Leaf { row: "r-1".into(), version: 3, public_sha256, entry: 0 };
    let hashes = [leaf.hash()];
    let written = serde_json::json!({
        "register": "providers", "row": leaf.row, "version": leaf.version, "public_sha256": public_sha256,
    });
    let state = State { register: "providers".into(), day, rows: 1, root: root(&hashes), before: None };
    let (site, over) = (SiteId::new(1, [1; 10]), day.plus_days(1).start());
    let entries = [(ROW_KIND, day.start(), written), (STATE_KIND, over, serde_json::json!(state))]
        .map(|(kind, at, body)| Entry::new(kind, at, site, body).encode().unwrap());
    let (mut tree, mut disk) = (Tree::new(), MemoryLog::default());
    disk.write(tree.append(&entries).unwrap().files);
    let head = Checkpoint { origin: key.vkey().name().to_owned(), size: tree.size(), root: tree.root() };
    let note = head.sign(&key).unwrap();
    let logged = |index: u64| {
        let log = Log::new(&disk, tree.size());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let proof = text(log.prove(index, &note).unwrap().to_text());
        Logged { entry: text(log.entry(index).unwrap().as_bytes().to_vec()), proof }
    };
    let file = StateProof {
        v: StateProof::version(),
        log: key.vkey().to_string(),
        register: "providers".into(),
        day: day.plus_days(4),
        public: PUBLIC.into(),
        leaf: leaf.text(),
        index: 0,
        path: path(&hashes, 0),
        row: logged(0),
        state: logged(1),
        next: None,
    };
    (key, file)
}

#[test]
fn a_row_that_stood_there_is_told_with_its_version_and_what_is_changed_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let (key, proof) = proof();
    let keep = |proof: &StateProof| fs::write(&file, serde_json::to_vec_pretty(proof).unwrap()).unwrap();
    keep(&proof);
    let own = verify(&file, &[]);
    assert_eq!(own.code, Some(0), "{}", own.out);
    for told in [
        "Version: 3",
        "compare it with the published one",
        "No later state is in the file",
        "Day: 2026-03-06",
        "State of: 2026-03-02",
        "at the end of 2026-03-02; that nothing changed until 2026-03-06 the file does not prove",
    ] {
        assert!(own.out.contains(told), "{told}: {}", own.out);
    }
    let vkey = key.vkey().to_string();
    let trusted = verify(&file, &["--vkey", &vkey, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&trusted.out).unwrap();
    assert_eq!((json["holds"].as_bool(), json["log_key_compared"].as_bool()), (Some(true), Some(true)), "{json}");
    assert_eq!((json["day"].as_str(), json["state_day"].as_str()), (Some("2026-03-06"), Some("2026-03-02")), "{json}");
    // Asked about the day of the state itself, the file proves just that day.
    keep(&StateProof { day: proof.day.plus_days(-4), ..proof.clone() });
    let own_day = verify(&file, &[]);
    assert!(own_day.out.contains("in this version at the end of 2026-03-02."), "{}", own_day.out);
    keep(&proof);
    let other = SiteKey::from_seed("police/other", [9; 32]).unwrap().vkey().to_string();
    let told = verify(&file, &["--vkey", &other]);
    assert!(told.code == Some(1) && told.out.contains("[state_other_key]"), "{}", told.out);
    for (changed, code) in [
        (StateProof { public: "{}".into(), ..proof.clone() }, "[state_public_changed]"),
        (StateProof { leaf: proof.leaf.replace(",3,", ",4,"), ..proof.clone() }, "[state_row_not_there]"),
        (StateProof { day: proof.day.plus_days(-5), ..proof.clone() }, "[state_of_another_day]"),
        (StateProof { v: 2, ..proof.clone() }, "[state_unreadable]"),
    ] {
        keep(&changed);
        let told = verify(&file, &[]);
        assert!(told.code == Some(1) && told.out.contains(code), "{code}: {}", told.out);
    }
    assert_eq!(verify(&folder.path().join("none.json"), &[]).code, Some(2));
}
