//! Which act of the catalogue the running program asks the gate about, and where: `docs/ref/law-acts.txt`, printed from the sources.
//!
//! A new act that nobody asks about fails here until it has a caller or a reason; an act that loses its caller changes the text.
//! `UPDATE_DOCS=1 cargo test -p jifang-law --test act_callers` writes the file anew.

use jifang_law::{ActKind, Carrier, Packs};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Acts that nobody asks about, and why.
const NONE: &[(ActKind, &str)] = &[
    (ActKind::OfficialRetrieve, "no page: officers view and copy; originals stay where they are"),
    (
        ActKind::Tamper,
        "the program has no way to do it; what it finds of it is an entry (footage.lost, integrity.fault)",
    ),
    (ActKind::Talk, "no way to speak to a place is built"),
    (ActKind::Publish, "nothing is published by the program; copies go to the organ that asked (export)"),
    (
        ActKind::Silence,
        "no act of its own: the sound belongs to the page and ends when somebody takes the alarm, which stays open until it is verified",
    ),
    (ActKind::OpenDoor, "no door is connected"),
    (ActKind::StartUse, "for the procedures of the authority (acceptance, three_together)"),
    (ActKind::StartWorks, "for the procedures of the authority (plan_review, plan_examination)"),
    (ActKind::EngageProvider, "for the procedure of the authority (provider_filing)"),
];

/// Crates of the running program that may ask.
const CRATES: [&str; 5] = ["authority", "domain", "jifang", "site", "web"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Rust files below a folder that are no tests and no benchmark.
fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["tests", "bench"].contains(&name.as_str()) {
                sources(&path, out);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "rig.rs" {
            out.push(path);
        }
    }
}

/// What runs of a file: no comments, and nothing behind its tests.
fn program(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether the text names this act as a value, `Act::Arm` but not `Act::Armed`.
fn names(text: &str, act: &str) -> bool {
    let word = format!("Act::{act}");
    let ends = |at: usize| {
        let after = text[at + word.len()..].chars().next();
        let before = text[..at].chars().next_back();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(after) && !part(before)
    };
    text.match_indices(&word).any(|(at, _)| ends(at))
}

/// Files that ask about each act, by their path in the tree.
fn callers() -> BTreeMap<ActKind, Vec<String>> {
    let mut out: BTreeMap<ActKind, Vec<String>> = BTreeMap::new();
    let mut files = Vec::new();
    for name in CRATES {
        sources(&root().join("crates").join(name).join("src"), &mut files);
    }
    files.sort();
    for path in files {
        let text = program(&fs::read_to_string(&path).unwrap());
        for act in ActKind::ALL {
            if names(&text, &format!("{act:?}")) {
                let shown = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                out.entry(*act).or_default().push(shown);
            }
        }
    }
    out
}

fn printed() -> String {
    let mut out = String::from(
        "# Where the running program asks the gate about each act, printed from the sources and checked by a test.\n\
         # An act without a caller says why there is none.\n",
    );
    let callers = callers();
    for act in ActKind::ALL {
        let why = || NONE.iter().find(|(none, _)| none == act).map_or_else(String::new, |(_, why)| format!("- {why}"));
        let who = callers.get(act).map_or_else(why, |files| files.join(" "));
        writeln!(out, "{:<20} {who}", act.key()).unwrap();
    }
    out
}

#[test]
fn every_act_has_a_caller_or_the_reason_why_it_has_none() {
    let callers = callers();
    let reason = |act: &ActKind| NONE.iter().filter(|(none, _)| none == act).count();
    for act in ActKind::ALL {
        match (callers.get(act), reason(act)) {
            (Some(_), 0) | (None, 1) => {}
            (Some(files), _) => panic!("{} is asked in {files:?}: strike it from the list", act.key()),
            (None, n) => panic!("nobody asks about {}, and {n} reasons are given", act.key()),
        }
    }
}

#[test]
fn coverage_calls_an_act_built_when_it_has_a_caller() {
    let callers = callers();
    let mut seen = [0, 0];
    for state in Packs::embedded().unwrap().coverage().iter().flat_map(|c| &c.carriers) {
        if let Carrier::Gate(act) = &state.carrier {
            assert_eq!(state.built, callers.contains_key(act), "{}", act.key());
            seen[usize::from(state.built)] += 1;
        }
    }
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
}

#[test]
fn the_list_of_callers_is_the_committed_one() {
    let file = root().join("docs/ref/law-acts.txt");
    let now = printed();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &now).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(now == committed, "docs/ref/law-acts.txt differs: look at it, then UPDATE_DOCS=1. It would be:\n{now}");
}

#[test]
fn names_are_whole_words_and_comments_and_tests_do_not_count() {
    let text = program(
        "//! Act::Hold\nfn a() { ask(Act::Arm(x)); }\n    // Act::Talk\n#[cfg(test)]\nmod tests {\n Act::Mask }",
    );
    assert!(names(&text, "Arm"));
    for act in ["Ar", "Hold", "Talk", "Mask"] {
        assert!(!names(&text, act), "{act}");
    }
    assert!(!names("CodecAct::Arm(1)", "Arm") && !names("Act::Armed", "Arm"));
}
