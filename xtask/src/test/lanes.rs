//! Runs the test binaries of the workspace, two side by side: many of them wait for cameras, pages and clocks more than they compute.
//!
//! ```text
//! cargo test --no-run (names what it built) -> queue: end-to-end files ... unit tests, what takes longest at its two ends
//!                                              first lane takes from the left, second from the right
//!                                              -> output of each binary whole, never mixed -> Summary
//! ```
//! The end-to-end tests are one program; each file of them ([`by_file`]) runs in a process of its own and counts as a binary here. A binary
//! runs in its crate's folder, as cargo would run it. One that takes longer than [`LIMIT`] is killed and counts as failed.
//! A test that failed is run once more, alone, when all others are through: a machine under load may be too slow for a browser. What
//! passes then is named as unsteady at the end of the run, because it is a defect of the test or of the product; at most
//! [`MOST_SECOND_RUNS`] are tried, so that a broken change cannot hide behind this.

use super::summary::Summary;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How many binaries run at the same time.
const LANES: usize = 2;
/// Longest time one binary may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);
/// These take longest: each is the first of its lane, so that no lane waits for one that began last.
const LONGEST: [&str; 3] = ["jifang-jifang/procedures", "jifang-store/contract", "jifang-paper/jifang_paper"];
/// More failing tests than this are believed at once.
pub const MOST_SECOND_RUNS: usize = 3;

/// A built test program, or some of its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// `crate/file`, e.g. `jifang-jifang/pages`; unit tests have the name of their crate twice.
    pub name: String,
    /// The crate's folder: where it runs.
    folder: PathBuf,
    program: PathBuf,
    /// The tests that are run, by their whole names; empty: all.
    tests: Vec<String>,
    /// From `tests/` of the package of the binary.
    pub end_to_end: bool,
}

/// Builds the tests and answers their programs; `None` after saying why when they do not build.
pub fn build(cargo: &mut Command, end_to_end_package: &str) -> Option<Vec<Binary>> {
    cargo.args(["test", "--workspace", "--no-run", "--message-format=json-render-diagnostics"]);
    let output = cargo.stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => {
            let lines = String::from_utf8_lossy(&output.stdout).into_owned();
            let built = lines.lines().filter_map(|line| binary(line, end_to_end_package));
            Some(built.flat_map(|one| if one.end_to_end { by_file(one) } else { vec![one] }).collect())
        }
        Ok(output) => {
            println!("the tests do not build: {}", output.status);
            None
        }
        Err(error) => {
            println!("cargo does not start: {error}");
            None
        }
    }
}

/// Reads one message of cargo; `None` for what is not a test program.
fn binary(message: &str, end_to_end_package: &str) -> Option<Binary> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    if message["profile"]["test"] != true {
        return None;
    }
    let program = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    let target = message["target"]["name"].as_str()?;
    // `path+file:///somewhere/crates/site#jifang-site@0.1.0`
    let id = message["package_id"].as_str()?;
    let package = id.rsplit(['#', '/']).next()?.split('@').next()?;
    let end_to_end = package == end_to_end_package && message["target"]["kind"][0] == "test";
    Some(Binary { name: format!("{package}/{target}"), folder, program, tests: Vec::new(), end_to_end })
}

/// The tests of a program file by file, which is the first part of a test's name; the program as it is when it does not name them.
fn by_file(whole: Binary) -> Vec<Binary> {
    let listed = Command::new(&whole.program).args(["--list", "--format", "terse"]).current_dir(&whole.folder).output();
    let listed = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for test in listed.lines().filter_map(|line| line.strip_suffix(": test")) {
        let file = test.split_once("::").map_or(test, |(file, _)| file);
        files.entry(file).or_default().push(test.to_owned());
    }
    let package = whole.name.split('/').next().unwrap_or_default();
    let one = |(file, tests): (&str, Vec<String>)| Binary { name: format!("{package}/{file}"), tests, ..whole.clone() };
    let parts: Vec<Binary> = files.into_iter().map(one).collect();
    if parts.is_empty() { vec![whole] } else { parts }
}

/// What the lanes left.
#[derive(Default)]
pub struct Outcome {
    /// Counts over all binaries.
    pub tests: Summary,
    /// Binaries that died or were killed without naming a failing test.
    pub broken: Vec<String>,
    /// Tests that failed beside others and passed alone.
    pub unsteady: Vec<String>,
    failing: Vec<(Binary, String)>,
}

/// Runs `binaries` in two lanes, then what failed once more alone.
pub fn run(binaries: Vec<Binary>, environment: &[(&str, std::ffi::OsString)]) -> Outcome {
    // End-to-end files take longest: the first lane begins with them, the second comes to them last.
    let (mut queue, mut units): (Vec<_>, Vec<_>) = binaries.into_iter().partition(|binary| binary.end_to_end);
    let is_long = |binary: &Binary| LONGEST.contains(&binary.name.as_str());
    queue.sort_by_key(|binary| !is_long(binary));
    units.sort_by_key(is_long);
    queue.extend(units);
    let queue = Mutex::new(VecDeque::from(queue));
    let outcome = Mutex::new(Outcome::default());
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            let (queue, outcome) = (&queue, &outcome);
            scope.spawn(move || {
                while let Some(next) = take(queue, lane) {
                    println!("    running {}", next.name);
                    let ran = one(&next, &[], environment);
                    if let Ok(mut outcome) = outcome.lock() {
                        outcome.add(next, ran);
                    }
                }
            });
        }
    });
    let mut outcome = outcome.into_inner().unwrap_or_default();
    if outcome.broken.is_empty() && outcome.tests.failed <= MOST_SECOND_RUNS {
        outcome.second_runs(environment);
    }
    outcome
}

fn take(queue: &Mutex<VecDeque<Binary>>, lane: usize) -> Option<Binary> {
    let mut queue = queue.lock().ok()?;
    if lane == 0 { queue.pop_front() } else { queue.pop_back() }
}

impl Outcome {
    /// Whether nothing failed twice and nothing broke.
    pub fn holds(&self) -> bool {
        self.broken.is_empty() && self.tests.failed == 0
    }

    fn add(&mut self, binary: Binary, ran: Ran) {
        let Ran { seen, output, took, holds } = ran;
        let result = if holds { "ok" } else { "FAILED" };
        println!("{result:>11} {}: {} passed in {:.1} s", binary.name, seen.passed, took.as_secs_f64());
        if !holds {
            println!("{output}");
            if seen.failed == 0 {
                self.broken.push(binary.name.clone());
            }
        }
        self.failing.extend(seen.failing.iter().map(|test| (binary.clone(), test.clone())));
        self.tests.add(seen);
    }

    fn second_runs(&mut self, environment: &[(&str, std::ffi::OsString)]) {
        for (binary, test) in std::mem::take(&mut self.failing) {
            println!("    running {} {test} once more, alone", binary.name);
            let ran = one(&binary, &[&test, "--exact"], environment);
            if ran.holds && ran.seen.passed == 1 {
                self.tests.failed -= 1;
                self.tests.passed += 1;
                self.tests.failing.retain(|failing| *failing != test);
                self.unsteady.push(format!("{} {test}", binary.name));
            } else {
                println!("{}", ran.output);
            }
        }
    }
}

/// One run of one binary.
struct Ran {
    seen: Summary,
    output: String,
    took: Duration,
    holds: bool,
}

fn one(binary: &Binary, args: &[&str], environment: &[(&str, std::ffi::OsString)]) -> Ran {
    let start = Instant::now();
    let mut command = Command::new(&binary.program);
    match (args, binary.tests.as_slice()) {
        ([], [_, ..]) => command.arg("--exact").args(&binary.tests),
        _ => command.args(args),
    };
    command.current_dir(&binary.folder).env("CARGO_MANIFEST_DIR", &binary.folder);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let (mut output, status) = match captured(command) {
        Ok(done) => done,
        Err(error) => (format!("{} does not run: {error}", binary.program.display()), None),
    };
    let mut seen = Summary::default();
    output.lines().for_each(|line| seen.read_line(line));
    let holds = seen.failed == 0 && status.is_some_and(|status| status.success());
    if !holds && seen.failed == 0 {
        let end = status.map_or_else(|| format!("killed after {} s", LIMIT.as_secs()), |status| status.to_string());
        output.push_str(&format!("\n{} ended without naming a failed test: {end}\n", binary.name));
    }
    Ran { seen, output, took: start.elapsed(), holds }
}

/// Runs `command` to its end or to [`LIMIT`]; answers what it wrote, both streams in the order of writing. No status: it was killed.
fn captured(mut command: Command) -> std::io::Result<(String, Option<std::process::ExitStatus>)> {
    let (reader, writer) = std::io::pipe()?;
    let mut child = command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).spawn()?;
    // The command holds the writing ends: the reader sees the end only when they are closed.
    drop(command);
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut { reader }, &mut bytes).map(|_| bytes)
    });
    let until = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status),
            None if Instant::now() > until => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    // A grandchild that lives on may hold the pipe open: then what it wrote is not waited for.
    let patience = Instant::now() + Duration::from_secs(5);
    while !reading.is_finished() && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    let bytes = if reading.is_finished() { reading.join().ok().and_then(Result::ok) } else { None };
    let text = bytes.unwrap_or_else(|| b"a process started by the test still holds its output\n".to_vec());
    Ok((String::from_utf8_lossy(&text).into_owned(), status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(name: &str, text: &str) -> Binary {
        let folder = std::env::temp_dir();
        let program = folder.join(format!("jifang-lane-{name}-{}", std::process::id()));
        std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).expect("writes");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).expect("may run");
        Binary { name: format!("t/{name}"), folder, program, tests: Vec::new(), end_to_end: name.starts_with("e2e") }
    }

    fn runs(scripts: &[(&str, &str)]) -> Outcome {
        let binaries: Vec<Binary> = scripts.iter().map(|(name, text)| script(name, text)).collect();
        let programs: Vec<PathBuf> = binaries.iter().map(|binary| binary.program.clone()).collect();
        let outcome = run(binaries, &[]);
        programs.iter().for_each(|program| drop(std::fs::remove_file(program)));
        outcome
    }

    const ONE_OK: &str = "echo 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out'";
    const FAILS: &str = "echo 'test a::b ... FAILED'; \
        echo 'test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out'; exit 101";

    #[test]
    fn what_cargo_built_is_read() {
        let message = r#"{"reason":"compiler-artifact","package_id":"path+file:///x/crates/jifang#jifang-jifang@0.1.0",
            "manifest_path":"/x/crates/jifang/Cargo.toml","target":{"kind":["test"],"name":"pages"},
            "profile":{"test":true},"executable":"/x/target/debug/deps/pages-1"}"#;
        let read = binary(&message.replace('\n', ""), "jifang-jifang").expect("a test program");
        assert_eq!((read.name.as_str(), read.end_to_end), ("jifang-jifang/pages", true));
        assert_eq!(read.folder, Path::new("/x/crates/jifang"));
        let unit = message.replace("[\"test\"]", "[\"bin\"]");
        assert!(!binary(&unit, "jifang-jifang").expect("a test program").end_to_end);
        for other in [message.replace("\"test\":true", "\"test\":false"), "noise".to_owned(), String::new()] {
            assert_eq!(binary(&other, "jifang-jifang"), None);
        }
    }

    #[test]
    fn each_file_of_a_program_runs_for_itself() {
        let listed = "if [ \"$1\" = --list ]; then printf 'a::x: test\\nba::x: test\\na::b::y: test\\nalone: test\\n\\n4 tests\\n'; \
            else echo \"$@\" >&2; fi";
        let whole = script("e2e-files", listed);
        let parts = by_file(whole.clone());
        let told: Vec<(&str, String)> = parts.iter().map(|part| (part.name.as_str(), part.tests.join(" "))).collect();
        let wanted = [("t/a", "a::x a::b::y"), ("t/alone", "alone"), ("t/ba", "ba::x")];
        assert_eq!(told, wanted.map(|(name, tests)| (name, tests.to_owned())));
        assert_eq!(one(&parts[0], &[], &[]).output, "--exact a::x a::b::y\n", "and no other file whose name ends so");
        assert_eq!(one(&parts[0], &["a::x", "--exact"], &[]).output, "a::x --exact\n");
        std::fs::remove_file(&whole.program).expect("goes");
        assert_eq!(by_file(whole.clone()), [whole]);
    }

    #[test]
    fn each_binary_runs_once_and_a_death_without_words_is_a_failure() {
        let outcome = runs(&[("a", ONE_OK), ("e2e-b", ONE_OK), ("c", ONE_OK)]);
        assert!(outcome.holds());
        assert_eq!((outcome.tests.passed, outcome.unsteady.len()), (3, 0));
        let outcome = runs(&[("d", "exit 9"), ("e2e-e", ONE_OK)]);
        assert!(!outcome.holds());
        assert_eq!(outcome.broken, ["t/d"]);
    }

    #[test]
    fn a_failure_is_tried_once_more_and_named() {
        let always = runs(&[("f", FAILS)]);
        assert!(!always.holds() && always.unsteady.is_empty());
        assert_eq!(always.tests.failing, ["a::b"]);
        // Passes only when it is asked for alone.
        let once = runs(&[("g", &format!("if [ \"$1\" = a::b ]; then {ONE_OK}; else {FAILS}; fi"))]);
        assert!(once.holds());
        assert_eq!((once.tests.passed, once.unsteady), (1, vec!["t/g a::b".to_owned()]));
    }

    #[test]
    fn many_failures_are_believed_at_once() {
        let text = format!("if [ \"$1\" ]; then {ONE_OK}; else {FAILS}; fi");
        let names = ["h", "i", "j", "k"];
        assert_eq!(names.len(), MOST_SECOND_RUNS + 1);
        let outcome = runs(&names.map(|name| (name, text.as_str())));
        assert!(!outcome.holds());
        assert_eq!((outcome.tests.failed, outcome.unsteady.len()), (4, 0));
    }
}
