//! `jifang draw verify` on the real binary: a draw that holds, one thing changed at a time, keys of others, files that are none.

use crate::support;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::server::jifang;

const EXAMPLE: &str = include_str!("../../domain/src/draw/example.json");
/// One of the second edition.
const EXAMPLE_2: &str = include_str!("../../domain/src/draw/example_2.json");

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn verify(file: &Path, arguments: &[&str]) -> Said {
    let mut all = vec!["draw", "verify", file.to_str().unwrap(), "--lang", "en"];
    all.extend(arguments);
    let output = jifang(&all);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

fn example() -> Value {
    serde_json::from_str(EXAMPLE).unwrap()
}

/// A key of the rules: `log` or `witness`.
fn key(name: &str) -> String {
    let record = example();
    let mut lines = record["rules"].as_array().unwrap().iter().filter_map(Value::as_str);
    lines.find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap().to_owned()
}

#[test]
fn a_published_draw_holds_by_the_keys_of_its_publisher_and_by_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("draw.json");
    fs::write(&file, EXAMPLE).unwrap();
    let own = verify(&file, &[]);
    assert_eq!(own.code, Some(0), "{}{}", own.out, own.err);
    assert!(
        own.out.contains("The draw holds.") && own.out.contains("compare it with the published one"),
        "{}",
        own.out
    );
    assert_eq!(own.out.lines().filter(|line| line.starts_with('✓')).count(), 7, "{}", own.out);
    let (log, witness) = (key("log"), key("witness"));
    let trusted = verify(&file, &["--vkey", &log, "--witness", &witness]);
    assert_eq!(trusted.code, Some(0), "{}", trusted.out);
    assert!(!trusted.out.contains("compare it"), "{}", trusted.out);
    let in_file = folder.path().join("key.pub");
    fs::write(&in_file, format!("{log}\n")).unwrap();
    assert_eq!(verify(&file, &["--vkey", in_file.to_str().unwrap()]).code, Some(0));
    let other = ledger::SiteKey::from_seed("jifang/other", [9; 32]).unwrap().vkey().to_string();
    let told = verify(&file, &["--vkey", &other]);
    assert_eq!(told.code, Some(1));
    assert!(told.out.contains("[draw_other_key]"), "{}", told.out);
    let other = ledger::WitnessKey::from_seed("jifang-witness/other", [9; 32]).unwrap().vkey().to_string();
    for trusted in [vec!["--witness", other.as_str()], vec!["--vkey", log.as_str(), "--witness", other.as_str()]] {
        let told = verify(&file, &trusted);
        assert_eq!(told.code, Some(1));
        assert!(told.out.contains("[draw_other_key]"), "{}", told.out);
    }
}

#[test]
fn a_draw_of_the_first_edition_holds_and_is_told_to_leave_something_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("draw.json");
    for (example, is_first) in [(EXAMPLE, true), (EXAMPLE_2, false)] {
        fs::write(&file, example).unwrap();
        let told = verify(&file, &[]);
        assert_eq!(told.code, Some(0), "{}{}", told.out, told.err);
        assert_eq!(told.out.contains("rules of the first edition"), is_first, "{}", told.out);
    }
    // Another spelling of the same outcome is refused as a seed, before anything is drawn by it.
    fs::write(&file, EXAMPLE_2.replace("03 08 14 21 26 30 11", "3 8 14 21 26 30 11")).unwrap();
    let told = verify(&file, &[]);
    assert!(told.code == Some(1) && told.out.contains("[seed_public_form]"), "{}", told.out);
}

#[test]
fn what_was_changed_is_named_with_its_step() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("draw.json");
    let zeros = "0".repeat(64);
    let changed: [(&str, Value, &str, usize); 7] = [
        ("/v", json!(2), "draw_version", 1),
        ("/commitment/rules_sha256", json!(zeros), "draw_rules_changed", 2),
        ("/commitment/pool_sha256", json!(zeros), "draw_pool_changed", 2),
        ("/entry_index", json!(0), "draw_not_logged", 3),
        ("/seed", json!(zeros), "draw_seed_changed", 4),
        ("/result_sha256", json!(zeros), "draw_result_digest", 6),
        ("/substitutions/0/ground_sha256", json!("x"), "draw_unreadable", 1),
    ];
    for (place, value, code, step) in changed {
        let mut record = example();
        *record.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
        fs::write(&file, record.to_string()).unwrap();
        let told = verify(&file, &[]);
        assert_eq!(told.code, Some(1), "{place}: {}", told.out);
        assert!(told.out.contains(&format!("[{code}]")), "{place}: {}", told.out);
        assert!(told.out.contains(&format!("✗ {step} ")), "{place}: {}", told.out);
        assert!(!told.out.contains("The draw holds."), "{place}");
        let said: Value = serde_json::from_str(&verify(&file, &["--json"]).out).unwrap();
        assert_eq!((&said["holds"], &said["fault"]["code"]), (&json!(false), &json!(code)), "{place}");
    }
    let mut record = example();
    // Another unit than the next in the order.
    record["substitutions"][0]["into"] = record["substitutions"][2]["into"].clone();
    fs::write(&file, record.to_string()).unwrap();
    let told = verify(&file, &[]);
    assert!(told.out.contains("[draw_substitution]") && told.out.contains("✗ 7 "), "{}", told.out);
}

#[test]
fn what_is_no_draw_is_told_and_a_missing_file_is_bad_usage() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("draw.json");
    let missing = verify(&file, &[]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("cannot open"), "{}", missing.err);
    fs::write(&file, "{}").unwrap();
    let told = verify(&file, &[]);
    assert_eq!(told.code, Some(1));
    assert!(told.out.contains("[draw_unreadable]"), "{}", told.out);
    assert_eq!(verify(&file, &["--vkey", "no key"]).code, Some(2));
}
