//! Every committed input of every target, again, as an ordinary test; and that the committed seeds are what our writers make today.
//!
//! The corpus is `fuzz/corpus/<target>/`: seeds, inputs that once showed a fault (`fault-...`), and a few that reach far. A fault found
//! by a fuzzer is committed there with its repair. `UPDATE_CORPUS=1` writes the seeds anew.

use jifang_hostile::{TARGETS, Target};
use std::path::{Path, PathBuf};

/// Largest corpus altogether, bytes.
const CORPUS_BYTES: u64 = 1_000_000;

fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target.name)
}

fn inputs(target: &Target) -> Vec<PathBuf> {
    let folder = folder(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let files = inputs(target);
    assert!(!files.is_empty(), "no corpus of {name}");
    for file in files {
        let bytes = std::fs::read(&file).expect("readable");
        // Shown only if the check fails.
        println!("{}", file.display());
        (target.check)(&bytes);
    }
    (target.check)(&[]);
}

macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })*

        #[test]
        fn every_target_is_replayed() {
            let names = [$(stringify!($name)),*];
            assert!(TARGETS.iter().map(|target| target.name).eq(names));
        }
    };
}

replayed!(sip manscdp sdp rtp ps dc09 ledger_proofs evidence configuration orders tables draws);

/// A number that looks random, the same in every run.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or(0)
}

/// Without coverage a poor fuzzer, but one that every run of the tests has. `JIFANG_SPOIL` asks for more rounds, and for other ones.
#[test]
fn every_input_may_be_spoiled_at_random() {
    let rounds: u64 = std::env::var("JIFANG_SPOIL").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    let only = std::env::var("JIFANG_SPOIL_ONLY").ok();
    for target in TARGETS.iter().filter(|target| only.as_ref().is_none_or(|only| only == target.name)) {
        let all: Vec<_> = inputs(target).iter().map(|file| std::fs::read(file).expect("readable")).collect();
        for round in 0..rounds {
            for (n, input) in all.iter().enumerate() {
                let mut state = rounds << 40 | round << 8 | n as u64;
                let mut bytes = input.clone();
                for _ in 0..=next(&mut state) % 4 {
                    let at = next(&mut state) % bytes.len().max(1);
                    let other = &all[next(&mut state) % all.len()];
                    let from = next(&mut state) % other.len().max(1);
                    let piece = &other[from.min(other.len())..(from + next(&mut state) % 40).min(other.len())];
                    match next(&mut state) % 5 {
                        0 => bytes.truncate(at),
                        1 => drop(bytes.splice(at..at, piece.iter().copied())),
                        2 => drop(bytes.drain(at..(at + next(&mut state) % 20).min(bytes.len()))),
                        3 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (next(&mut state) % 8)),
                        _ => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = next(&mut state) as u8),
                    }
                }
                if std::panic::catch_unwind(|| (target.check)(&bytes)).is_err() {
                    let file = std::env::temp_dir().join(format!("jifang-fault-{}-{round}-{n}", target.name));
                    std::fs::write(&file, &bytes).expect("written");
                    panic!("{}: a property does not hold of {}", target.name, file.display());
                }
            }
        }
    }
}

#[test]
fn the_committed_seeds_are_what_our_writers_make() {
    for target in TARGETS {
        for (n, seed) in (target.seeds)().iter().enumerate() {
            let file = folder(target).join(format!("seed-{n:02}"));
            if std::env::var_os("UPDATE_CORPUS").is_some() {
                std::fs::create_dir_all(folder(target)).expect("a folder");
                std::fs::write(&file, seed).expect("written");
            }
            let found = std::fs::read(&file).unwrap_or_default();
            assert!(found == *seed, "{} is not what is written today; run with UPDATE_CORPUS=1", file.display());
        }
    }
}

#[test]
fn the_corpus_stays_small() {
    let files = TARGETS.iter().flat_map(inputs);
    let bytes: u64 = files.map(|file| file.metadata().map_or(0, |m| m.len())).sum();
    assert!(bytes <= CORPUS_BYTES, "{bytes} bytes");
}

#[test]
fn each_target_has_its_fuzz_target_and_dictionary() {
    let fuzz = folder(&TARGETS[0]).join("../..");
    for target in TARGETS {
        for file in [format!("fuzz_targets/{}.rs", target.name), format!("dictionaries/{}.txt", target.name)] {
            assert!(fuzz.join(&file).is_file(), "{file}");
        }
    }
}
