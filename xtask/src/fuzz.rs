//! `cargo xtask fuzz [--minutes N] [--only NAME]`: runs the fuzz targets of `fuzz/` one after the other.
//!
//! Needs the nightly toolchain; installs cargo-fuzz if it is missing, and says so. What a target finds on the way stays in
//! `target/fuzz/corpus/`, a fault in `target/fuzz/artifacts/`; the committed corpus is read, never written. A target that finds a fault
//! does not stop the next ones.

use std::path::Path;
use std::process::Command;

/// The targets, each with the cargo feature it needs.
const TARGETS: [(&str, Option<&str>); 12] = [
    ("sip", None),
    ("manscdp", None),
    ("sdp", None),
    ("rtp", None),
    ("ps", None),
    ("dc09", None),
    ("ledger_proofs", None),
    ("evidence", Some("evidence")),
    ("configuration", Some("configuration")),
    ("orders", Some("orders")),
    ("tables", Some("tables")),
    ("draws", Some("draws")),
];
/// Longest input, bytes: enough for every limit that can be reached in a second.
const MAX_BYTES: u32 = 65_536;
/// One input may take this long and that much memory before it counts as a fault.
const TIMEOUT_S: u32 = 10;
const MEMORY_MB: u32 = 2_048;

/// The command line of this task.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    minutes: u32,
    only: Option<&'static str>,
}

impl Options {
    /// Reads `--minutes N` and `--only NAME`; the error says what was not understood.
    pub fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self { minutes: 20, only: None };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--minutes" => {
                    let minutes = args.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                    options.minutes = minutes.ok_or("--minutes wants a number above 0")?;
                }
                "--only" => {
                    let name = args.next().ok_or("--only wants the name of a target")?;
                    let known = TARGETS.iter().map(|(known, _)| *known).find(|known| known == name);
                    options.only = Some(known.ok_or_else(|| format!("no target `{name}`"))?);
                }
                other => return Err(format!("`{other}` is not understood")),
            }
        }
        Ok(options)
    }
}

/// Runs the targets; true when none found a fault.
pub fn run(root: &Path, options: &Options) -> bool {
    if !is_ready() {
        return false;
    }
    // The targets are built with the versions the product is built with.
    if let Err(error) = std::fs::copy(root.join("Cargo.lock"), root.join("fuzz/Cargo.lock")) {
        eprintln!("fuzz: Cargo.lock was not copied: {error}");
        return false;
    }
    let wanted = TARGETS.iter().filter(|(name, _)| options.only.is_none_or(|only| only == *name));
    let mut faulty = Vec::new();
    for (name, feature) in wanted {
        println!("\n=== fuzz {name}, {} min", options.minutes);
        if !one(root, name, *feature, options.minutes) {
            faulty.push(*name);
        }
    }
    if !faulty.is_empty() {
        println!("\nfuzz: faults in {}; inputs are in target/fuzz/artifacts/", faulty.join(", "));
        println!(
            "repair, then commit the input as fuzz/corpus/NAME/fault-WORDS: `cargo test -p jifang-hostile` replays it"
        );
    }
    faulty.is_empty()
}

fn one(root: &Path, name: &str, feature: Option<&str>, minutes: u32) -> bool {
    let folder = root.join("target/fuzz");
    let (corpus, artifacts) = (folder.join("corpus").join(name), folder.join("artifacts").join(name));
    if let Err(error) = std::fs::create_dir_all(&corpus).and_then(|()| std::fs::create_dir_all(&artifacts)) {
        eprintln!("fuzz: {error}");
        return false;
    }
    let mut command = nightly(&["fuzz", "run", "--fuzz-dir", "fuzz"]);
    command.current_dir(root);
    command.args(feature.into_iter().flat_map(|feature| ["--features", feature]));
    // What is found goes to the first folder; the committed corpus is the second.
    command.arg(name).arg(&corpus).arg(root.join("fuzz/corpus").join(name)).arg("--");
    command.arg(format!("-dict=fuzz/dictionaries/{name}.txt"));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args([format!("-max_total_time={}", minutes * 60), format!("-max_len={MAX_BYTES}")]);
    command.args([format!("-timeout={TIMEOUT_S}"), format!("-rss_limit_mb={MEMORY_MB}")]);
    command.args(["-use_value_profile=1", "-print_final_stats=1"]);
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("fuzz: cargo does not start: {error}");
            false
        }
    }
}

/// The cargo of the nightly toolchain, whichever runs us.
fn nightly(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly").args(args).env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    command
}

fn is_ready() -> bool {
    let answers = |args: &[&str]| nightly(args).output().is_ok_and(|out| out.status.success());
    if !answers(&["--version"]) {
        eprintln!("fuzz: the nightly toolchain is missing: rustup toolchain install nightly");
        return false;
    }
    if answers(&["fuzz", "--version"]) {
        return true;
    }
    println!("fuzz: cargo-fuzz is missing and is installed now: cargo install cargo-fuzz --locked");
    nightly(&["install", "cargo-fuzz", "--locked"]).status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_read_and_nonsense_is_named() {
        assert_eq!(Options::parse(&[]), Ok(Options { minutes: 20, only: None }));
        assert_eq!(
            Options::parse(&["--only", "dc09", "--minutes", "1"]),
            Ok(Options { minutes: 1, only: Some("dc09") })
        );
        for bad in [&["--minutes"][..], &["--minutes", "0"], &["--only", "x"], &["--only"], &["x"]] {
            assert!(Options::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_target_has_its_file_and_dictionary() {
        let fuzz = crate::root().join("fuzz");
        for (name, _) in TARGETS {
            for file in
                [format!("fuzz_targets/{name}.rs"), format!("dictionaries/{name}.txt"), format!("corpus/{name}")]
            {
                assert!(fuzz.join(&file).exists(), "{file}");
            }
        }
        let files = std::fs::read_dir(fuzz.join("fuzz_targets")).expect("a folder").count();
        assert_eq!(files, TARGETS.len());
    }
}
