//! Developer tasks, run as `cargo xtask test | tidy | bench | dist | fuzz`.
//!
//! Each task is one module. A task prints what it does and answers with an exit code:
//! 0 holds, 1 does not hold, 2 bad usage. Nothing here is part of the shipped program.

mod bench;
mod dist;
mod fuzz;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: cargo xtask <task>
  test [--skip-install] [--apart] [--only tidy|fmt|clippy|doc|unit|e2e]   every check that a change must pass
  tidy                                                          only the rules of the source tree
  fuzz [--minutes N] [--only NAME]                              runs the fuzz targets, 20 minutes each (nightly toolchain)
  bench [NAME...]                                               release build, `jifang bench`, its table
  dist [--try] [--binary FILE]                                  a Debian package; --try: install and run it on a clean Debian (root)";

fn main() -> ExitCode {
    if test::once::is_asked() {
        return test::once::compile(std::env::args_os().skip(1));
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let outcome = match args.split_first() {
        Some((&"test", rest)) => test::Options::parse(rest).map(|options| test::run(&root(), options)),
        Some((&"tidy", [])) => Ok(tidy::run(&root())),
        Some((&"dist", rest)) => dist::Options::parse(rest).map(|options| dist::run(&root(), &options)),
        Some((&"fuzz", rest)) => fuzz::Options::parse(rest).map(|options| fuzz::run(&root(), &options)),
        Some((&"bench", rest)) => Ok(bench::run(&root(), rest)),
        _ => Err("no such task".to_owned()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{why}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The workspace root: the folder above this package.
///
/// `cargo run` says where the package is now; what was true at build time is only the second choice, because
/// two checkouts with one build folder share this program.
fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package.parent().unwrap_or(&package).to_path_buf()
}

/// The cargo that runs us, with `root` as its working directory.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
