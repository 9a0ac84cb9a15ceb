//! Lints, documents and builds the workspace in one go: what the linter, the documentation and the tests have in common is compiled once.
//!
//! ```text
//! cargo test --no-run ─▶ for each crate of the workspace: this program ([`compile`]) in place of the compiler
//!                                                          ├▶ clippy-driver, which is the compiler and lints what it builds
//!                                                          └▶ rustdoc with what the compiler was told, for libraries and programs
//! ```
//! Apart, `cargo clippy` and `cargo doc` first read every dependency in their own way, and then each crate of ours twice again; that is what
//! a clean checkout waits for. Invariants: a warning of any of the three fails the build of its crate, so it is built, and looked at, again by
//! the next run; who calls this and hears that it failed runs the three apart, which tells all that is wrong.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Set where this program is called in place of the compiler: the driver of the linter.
const DRIVER: &str = "JIFANG_XTASK_DRIVER";
/// By which the driver is told its options, each with [`END`] behind it.
const OPTIONS: &str = "CLIPPY_ARGS";
const END: &str = "__CLIPPY_HACKERY__";
/// The name of a build script: it has no documentation.
const BUILD_SCRIPT: &str = "build_script_build";

/// Has `cargo` call this program for the crates of the workspace; the error says what stands in the way.
pub fn prepare(cargo: &mut Command) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|e| format!("this program does not know where it is: {e}"))?;
    // A copy: the build replaces the program itself.
    let copy = own.with_file_name("xtask-compiler");
    let _ = std::fs::remove_file(&copy);
    std::fs::copy(&own, &copy).map_err(|e| format!("cannot write `{}`: {e}", copy.display()))?;
    let beside = PathBuf::from(cargo.get_program()).with_file_name("clippy-driver");
    let driver = if beside.is_file() { beside } else { PathBuf::from("clippy-driver") };
    let options: String = ["-D", "warnings"].iter().map(|option| format!("{option}{END}")).collect();
    cargo.env("RUSTC_WORKSPACE_WRAPPER", copy).env(DRIVER, driver).env(OPTIONS, options);
    Ok(())
}

/// Whether this process was called in place of the compiler.
pub fn is_asked() -> bool {
    std::env::var_os(DRIVER).is_some()
}

/// Takes the place of the compiler: `args` are its path and its arguments.
pub fn compile(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    let (Some(driver), Some((compiler, rest))) = (std::env::var_os(DRIVER), args.split_first()) else {
        eprintln!("called in place of the compiler, without one");
        return ExitCode::from(2);
    };
    let built = ran(Command::new(driver).args(&args));
    if built != 0 {
        return ExitCode::from(built);
    }
    let documents = documenting(rest).map(|options| {
        let mut rustdoc = Command::new(Path::new(compiler).with_file_name("rustdoc"));
        // These are options of the linter.
        rustdoc.args(options).env_remove(OPTIONS);
        ran(&mut rustdoc)
    });
    ExitCode::from(documents.unwrap_or(0))
}

/// Runs a command to its end; answers how it ended.
fn ran(command: &mut Command) -> u8 {
    match command.status() {
        Ok(status) if status.success() => 0,
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0).unwrap_or(101),
        Err(error) => {
            eprintln!("{} does not start: {error}", command.get_program().display());
            2
        }
    }
}

/// The options for rustdoc of what the compiler was told; `None` for what has no documentation: tests, examples, build scripts, questions.
fn documenting(args: &[OsString]) -> Option<Vec<OsString>> {
    let folder = Path::new(value_of(args, "--out-dir")?);
    let is_crate = value_of(args, "--crate-name").is_some_and(|name| name != BUILD_SCRIPT);
    let is_program_or_library = folder.file_name().is_some_and(|name| name == "deps");
    if !is_crate || !is_program_or_library || args.iter().any(|arg| arg == "--test") {
        return None;
    }
    let out = folder.parent()?.parent()?.join("doc");
    let mut options = Vec::new();
    let mut left = args.iter();
    while let Some(arg) = left.next() {
        match &*arg.to_string_lossy() {
            // Of the code that is made, or of where it goes.
            "-C" | "-Z" | "-l" | "--out-dir" | "--emit" | "--codegen" | "--error-format" | "--json" => {
                left.next();
            }
            text if is_for_the_compiler(text) => {}
            _ => options.push(arg.clone()),
        }
    }
    let ours = ["--document-private-items", "-D", "warnings", "--out-dir"];
    options.extend(ours.map(OsString::from));
    options.push(out.into_os_string());
    Some(options)
}

/// An option with its value in one word that rustdoc does not take or shall not: of the code, of the form of messages, of the linter.
fn is_for_the_compiler(arg: &str) -> bool {
    let beginnings =
        ["-C", "-Z", "--emit=", "--codegen=", "--error-format=", "--json=", "--out-dir=", "--diagnostic-width="];
    beginnings.iter().any(|beginning| arg.starts_with(beginning)) || arg.contains("clippy::")
}

/// The value of an option that stands in the word behind it.
fn value_of<'a>(args: &'a [OsString], option: &str) -> Option<&'a OsStr> {
    let at = args.iter().position(|arg| arg == option)?;
    args.get(at + 1).map(OsString::as_os_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split_whitespace().map(OsString::from).collect()
    }

    const LIBRARY: &str = "--crate-name a_b --edition=2024 crates/b/src/lib.rs --error-format=json \
        --json=diagnostic-rendered-ansi,artifacts --crate-type lib --emit=dep-info,metadata,link -C embed-bitcode=no \
        -C debuginfo=line-tables-only --warn=missing_docs --warn=clippy::all --deny=unsafe_code --check-cfg cfg(docsrs,test) \
        -C metadata=1 -C extra-filename=-1 --out-dir /x/target/debug/deps -L dependency=/x/target/debug/deps \
        --extern c=/x/target/debug/deps/libc-2.rmeta -l static=z -Cstrip=none";

    #[test]
    fn a_library_is_documented_with_what_it_was_built_with() {
        let options = documenting(&words(LIBRARY)).expect("a library");
        let wanted = "--crate-name a_b --edition=2024 crates/b/src/lib.rs --crate-type lib --warn=missing_docs --deny=unsafe_code \
            --check-cfg cfg(docsrs,test) -L dependency=/x/target/debug/deps --extern c=/x/target/debug/deps/libc-2.rmeta \
            --document-private-items -D warnings --out-dir /x/target/doc";
        assert_eq!(options, words(wanted));
    }

    #[test]
    fn what_has_no_documentation_is_only_built() {
        for other in [
            LIBRARY.replace("--crate-type lib", "--test"),
            LIBRARY.replace("debug/deps -L", "debug/examples -L"),
            LIBRARY.replace("a_b", BUILD_SCRIPT),
            "-vV".to_owned(),
            "- --crate-name ___ --print=file-names --crate-type bin".to_owned(),
            String::new(),
        ] {
            assert_eq!(documenting(&words(&other)), None, "{other}");
        }
    }

    #[test]
    fn how_it_ended_is_passed_on() {
        let shell = |text: &str| ran(Command::new("sh").args(["-c", text]));
        assert_eq!((shell("exit 0"), shell("exit 3"), shell("kill -9 $$")), (0, 3, 101));
        assert_eq!(ran(&mut Command::new("/no/such/program")), 2);
    }
}
