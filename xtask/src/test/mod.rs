//! `cargo xtask test`: every check that a change must pass, in one run.
//!
//! Steps run in the order of [`Step::ALL`], cheap ones first; a failing step does not stop the next, so that
//! one run shows everything. Everything is built in one target folder with one profile (dev). A whole run lints, documents and builds in
//! one go ([`once`]), and apart where that fails or `--apart` asks for it; test binaries run two side by side ([`lanes`]). The last line
//! is `N passed, N failed` (and `, N skipped`), alone: tests are counted one by one, each other failing step
//! counts as one failure, and only a run with no failure exits with 0.

mod install;
mod lanes;
pub mod once;
mod postgres;
mod summary;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use summary::Summary;

/// Environment variable by which tests find the private PostgreSQL.
const PG_URL: &str = "JIFANG_TEST_PG_URL";
/// Where the test against another maker's alarm receiver finds it.
const ALARM_PYTHON: &str = "JIFANG_TEST_ALARM_PYTHON";
/// The package of the binary; its `tests/` are the end-to-end tests.
const BINARY_PACKAGE: &str = "jifang-jifang";

/// What can be asked for with `--only`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Fmt,
    Tidy,
    Clippy,
    Doc,
    Unit,
    EndToEnd,
}

impl Step {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Fmt, "fmt"),
        (Self::Tidy, "tidy"),
        (Self::Clippy, "clippy"),
        (Self::Doc, "doc"),
        (Self::Unit, "unit"),
        (Self::EndToEnd, "e2e"),
    ];
}

/// The command line of this task.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    skip_install: bool,
    apart: bool,
    only: Option<Step>,
}

impl Options {
    /// Reads `--skip-install`, `--apart` and `--only STEP`; the error says what was not understood.
    pub fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--skip-install" => options.skip_install = true,
                "--apart" => options.apart = true,
                "--only" => {
                    let name = args.next().ok_or("--only wants the name of a step")?;
                    let step = Step::ALL.iter().find(|(_, known)| known == name);
                    options.only = Some(step.ok_or_else(|| format!("no step `{name}`"))?.0);
                }
                other => return Err(format!("`{other}` is not understood")),
            }
        }
        Ok(options)
    }

    fn wants(&self, step: Step) -> bool {
        self.only.is_none_or(|only| only == step)
    }

    fn wants_tests(&self) -> bool {
        self.wants(Step::Unit) || self.wants(Step::EndToEnd)
    }

    /// The whole run, in which clippy, doc and the tests are built in one go.
    fn builds_once(&self) -> bool {
        self.only.is_none() && !self.apart
    }
}

/// What a step left: its name, how long it took, whether it holds.
struct Done {
    name: &'static str,
    took: Duration,
    holds: bool,
}

/// The test programs of the workspace.
type Built = Vec<lanes::Binary>;
/// Which of them are run.
type Wanted = fn(&lanes::Binary) -> bool;

/// The run so far.
#[derive(Default)]
struct Run {
    done: Vec<Done>,
    tests: Summary,
    unsteady: Vec<String>,
    failures: usize,
}

impl Run {
    /// Runs one step that holds or does not, and counts a failure as one.
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> bool) {
        self.timed(name, |_| work());
        self.failures += self.done.last().map_or(0, |done| usize::from(!done.holds));
    }

    fn timed(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> bool) {
        println!("\n=== {name}");
        let start = Instant::now();
        let holds = work(self);
        let took = start.elapsed();
        println!("=== {name}: {} in {:.1} s", if holds { "ok" } else { "FAILED" }, took.as_secs_f64());
        self.done.push(Done { name, took, holds });
    }

    /// Builds the tests, where that is not done, and runs those that `wanted` picks. Tests that do not build and binaries that die count as
    /// one failure each.
    fn tests(&mut self, root: &Path, name: &'static str, wanted: Wanted, built: Option<Built>, pg_url: Option<&str>) {
        let mut built = built;
        if built.is_none() {
            self.step("build tests", || {
                built = lanes::build(&mut crate::cargo(root), BINARY_PACKAGE);
                built.is_some()
            });
        }
        let Some(mut binaries) = built else { return };
        binaries.retain(wanted);
        let mut environment: Vec<(&str, OsString)> = pg_url.map(|url| (PG_URL, url.into())).into_iter().collect();
        environment.extend(install::alarm_python(root).map(|python| (ALARM_PYTHON, python.into())));
        self.timed(name, |run| {
            let ran = lanes::run(binaries, &environment);
            let holds = ran.holds();
            run.failures += ran.broken.len();
            run.tests.add(ran.tests);
            run.unsteady.extend(ran.unsteady);
            holds
        });
    }

    /// Prints failing tests, the table of times and the last line; answers whether all holds.
    fn report(&self) -> bool {
        if !self.tests.failing.is_empty() {
            println!("\nfailing tests:");
            self.tests.failing.iter().for_each(|name| println!("  {name}"));
        }
        if !self.unsteady.is_empty() {
            println!("\nUNSTEADY, to be repaired: these failed beside others and passed alone:");
            self.unsteady.iter().for_each(|name| println!("  {name}"));
        }
        println!("\n{:<12} {:>8}  result", "step", "seconds");
        for done in &self.done {
            println!(
                "{:<12} {:>8.1}  {}",
                done.name,
                done.took.as_secs_f64(),
                if done.holds { "ok" } else { "FAILED" }
            );
        }
        let total: Duration = self.done.iter().map(|done| done.took).sum();
        println!("{:<12} {:>8.1}\n", "all", total.as_secs_f64());
        let failed = self.tests.failed + self.failures;
        println!("{}", summary::last_line(self.tests.passed, failed, self.tests.ignored));
        failed == 0
    }
}

/// Runs the wanted steps; true when every one holds.
pub fn run(root: &Path, options: Options) -> bool {
    let mut run = Run::default();
    if !options.skip_install && options.wants_tests() {
        // What cannot be installed is said; the tests that need it then fail and say so again.
        run.timed("install", |_| {
            let whole = install::run();
            install::alarm_receiver(root);
            whole
        });
    }
    if options.wants(Step::Fmt) {
        run.step("fmt", || succeeds(crate::cargo(root).args(["fmt", "--all", "--check"])));
    }
    if options.wants(Step::Tidy) {
        run.step("tidy", || crate::tidy::run(root));
    }
    let built = if options.builds_once() { build_once(root, &mut run) } else { None };
    // What the one build leaves out are the developer tasks themselves: nothing of the workspace needs their program.
    let packages: &[&str] = if built.is_some() { &["--package", "xtask"] } else { &["--workspace"] };
    if options.wants(Step::Clippy) {
        run.step("clippy", || {
            let mut command = crate::cargo(root);
            command.arg("clippy").args(packages).args(["--all-targets", "--", "-D", "warnings"]);
            succeeds(&mut command)
        });
    }
    if options.wants(Step::Doc) {
        run.step("doc", || {
            let mut command = crate::cargo(root);
            command.arg("doc").args(packages).args(["--no-deps", "--document-private-items"]);
            succeeds(command.env("RUSTDOCFLAGS", "-D warnings"))
        });
    }
    if options.wants_tests() {
        run_tests(root, &options, built, &mut run);
    }
    run.report()
}

/// Lints, documents and builds all in one go; `None` when something of it fails, which counts only when it fails apart, too.
fn build_once(root: &Path, run: &mut Run) -> Option<Built> {
    let mut built = None;
    run.timed("one build", |_| {
        let mut command = crate::cargo(root);
        match once::prepare(&mut command) {
            Ok(()) => built = lanes::build(&mut command, BINARY_PACKAGE),
            Err(why) => println!("{why}"),
        }
        if built.is_none() {
            println!("lints, documents and tests did not come of one build; they are made apart");
        }
        built.is_some()
    });
    built
}

/// The tests, beside a PostgreSQL of their own that stops with this function.
fn run_tests(root: &Path, options: &Options, built: Option<Built>, run: &mut Run) {
    let mut cluster = None;
    run.step("postgres", || match postgres::Cluster::start() {
        Ok(started) => {
            println!("{PG_URL}={}", started.url());
            cluster = Some(started);
            true
        }
        Err(why) => {
            println!("{why}");
            false
        }
    });
    let url = cluster.as_ref().map(postgres::Cluster::url);
    let url = url.as_deref();
    match options.only {
        Some(Step::Unit) => run.tests(root, "unit", |binary| !binary.end_to_end, built, url),
        Some(Step::EndToEnd) => run.tests(root, "e2e", |binary| binary.end_to_end, built, url),
        _ => run.tests(root, "test", |_| true, built, url),
    }
}

fn succeeds(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            println!("{} does not start: {error}", command.get_program().display());
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_nonsense_is_refused() {
        assert_eq!(Options::parse(&[]), Ok(Options::default()));
        let options = Options::parse(&["--only", "e2e", "--skip-install"]).expect("known flags");
        assert!(options.skip_install && options.wants_tests() && options.wants(Step::EndToEnd));
        assert!(!options.wants(Step::Fmt) && !options.wants(Step::Unit) && !options.builds_once());
        assert!(Options::default().builds_once());
        assert!(Options::parse(&["--apart"]).is_ok_and(|options| options.wants(Step::Doc) && !options.builds_once()));
        for bad in [&["--only"][..], &["--only", "all"], &["fast"], &["--skip"]] {
            assert!(Options::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_failing_step_and_a_test_run_that_does_not_build_count_as_failures() {
        let mut run = Run::default();
        run.step("good", || true);
        assert!(run.report());
        run.step("bad", || false);
        assert_eq!(run.failures, 1);
        run.tests(Path::new("/"), "no workspace", |_| true, None, None);
        assert_eq!(run.failures, 2);
        assert!(!run.report());
    }
}
