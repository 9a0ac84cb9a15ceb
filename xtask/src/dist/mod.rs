//! `cargo xtask dist`: a Debian package of the release build, and a trial of it on a clean Debian root.
//!
//! What flows through: release binary + `packaging/` + guides -> a tree in `target/dist/` -> `jifang_VERSION_ARCH.deb`.
//! Invariants: two runs on one commit and one binary give the same bytes (times are the commit's, owners are root); a
//! library that the binary needs and this list does not know stops the packing; nothing outside `target/` is written.

mod control;
mod trial;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The command line of this task.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Install the package on a clean Debian root and run it there.
    trial: bool,
    /// Pack this binary instead of building one.
    binary: Option<PathBuf>,
}

impl Options {
    /// Reads `--try` and `--binary FILE`; the error says what was not understood.
    pub fn parse(args: &[&str]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--try" => options.trial = true,
                "--binary" => options.binary = Some(args.next().ok_or("--binary wants a file")?.into()),
                other => return Err(format!("`{other}` is not understood")),
            }
        }
        Ok(options)
    }
}

/// Builds, packs, and tries if asked; true when all of it holds.
pub fn run(root: &Path, options: &Options) -> bool {
    match packed(root, options) {
        Ok(package) => {
            println!("package: {}", package.display());
            !options.trial || trial::run(root, &package)
        }
        Err(why) => {
            eprintln!("dist: {why}");
            false
        }
    }
}

fn packed(root: &Path, options: &Options) -> Result<PathBuf, String> {
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => build(root)?,
    };
    let version = control::version(&read(&root.join("Cargo.toml"))?)?;
    let arch = said("dpkg", &["--print-architecture"])?;
    let stage = root.join("target/dist/tree");
    let _ = fs::remove_dir_all(&stage);
    lay_out(root, &binary, &stage)?;
    let needs =
        control::depends(&said("objdump", &["-p", text(&binary)?])?, &said("objdump", &["-T", text(&binary)?])?)?;
    let control = control::file(&version, &arch, &needs, size_kib(&stage)?);
    put(&stage.join("DEBIAN/control"), control.as_bytes(), 0o644)?;
    let package = root.join(format!("target/dist/jifang_{version}_{arch}.deb"));
    let epoch = said("git", &["-C", text(root)?, "log", "-1", "--format=%ct"]).unwrap_or_else(|_| "0".into());
    let made = Command::new("dpkg-deb")
        .args(["--build", "--root-owner-group", "-Zxz"])
        .args([&stage, &package])
        .env("SOURCE_DATE_EPOCH", epoch)
        .status();
    match made {
        Ok(status) if status.success() => Ok(package),
        Ok(status) => Err(format!("dpkg-deb ended with {status}")),
        Err(error) => Err(format!("dpkg-deb does not start (it comes with Debian): {error}")),
    }
}

fn build(root: &Path) -> Result<PathBuf, String> {
    let status =
        crate::cargo(root).args(["build", "--release", "--package", "jifang-jifang", "--bin", "jifang"]).status();
    if !status.map_err(|error| format!("cargo does not start: {error}"))?.success() {
        return Err("the release build failed".into());
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release/jifang"))
}

/// The tree of the package.
fn lay_out(root: &Path, binary: &Path, stage: &Path) -> Result<(), String> {
    let bytes = fs::read(binary).map_err(|error| format!("cannot read {}: {error}", binary.display()))?;
    put(&stage.join("usr/bin/jifang"), &bytes, 0o755)?;
    let config = said(text(binary)?, &["config", "default"])?;
    put(&stage.join("etc/jifang/jifang.toml"), format!("{config}\n").as_bytes(), 0o644)?;
    put(&stage.join("DEBIAN/conffiles"), b"/etc/jifang/jifang.toml\n", 0o644)?;
    for script in ["postinst", "prerm", "postrm"] {
        copy(&root.join("packaging/deb").join(script), &stage.join("DEBIAN").join(script), 0o755)?;
    }
    copy(&root.join("packaging/jifang.service"), &stage.join("lib/systemd/system/jifang.service"), 0o644)?;
    for (from, name) in [
        ("packaging/deb/copyright", "copyright"),
        ("README.md", "README.md"),
        ("README.zh-CN.md", "README.zh-CN.md"),
        ("CHANGELOG.md", "CHANGELOG.md"),
        ("docs/guide/operator.md", "operator.md"),
        ("docs/guide/authority.md", "authority.md"),
        ("docs/guide/officer.md", "officer.md"),
        ("docs/guide/inspector.md", "inspector.md"),
        ("docs/guide/citizen.md", "citizen.md"),
        ("docs/guide/troubleshooting.md", "troubleshooting.md"),
        ("docs/ref/configuration.md", "configuration.md"),
        ("docs/ref/grafana-dashboard.json", "grafana-dashboard.json"),
    ] {
        copy(&root.join(from), &stage.join("usr/share/doc/jifang").join(name), 0o644)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), String> {
    let bytes = fs::read(from).map_err(|error| format!("cannot read {}: {error}", from.display()))?;
    put(to, &bytes, mode)
}

/// Writes a file with its mode, and the folders above it as 0755 whatever the umask says.
fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("cannot write {}: {error}", path.display());
    let folder = path.parent().ok_or("no folder")?;
    fs::create_dir_all(folder).map_err(fault)?;
    for above in folder.ancestors().take_while(|above| !above.ends_with("dist")) {
        fs::set_permissions(above, fs::Permissions::from_mode(0o755)).map_err(fault)?;
    }
    fs::write(path, bytes).map_err(fault)?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(fault)
}

/// Size of everything below `folder`, KiB rounded up a file, as Debian's `Installed-Size` counts.
fn size_kib(folder: &Path) -> Result<u64, String> {
    let fault = |error: std::io::Error| format!("cannot list {}: {error}", folder.display());
    let mut sum = 0;
    for entry in fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let kind = entry.file_type().map_err(fault)?;
        sum += if kind.is_dir() {
            size_kib(&entry.path())?
        } else {
            entry.metadata().map_err(fault)?.len().div_ceil(1024)
        };
    }
    Ok(sum)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is not text", path.display()))
}

/// What a program says, without the last line end.
fn said(program: &str, args: &[&str]) -> Result<String, String> {
    let output =
        Command::new(program).args(args).output().map_err(|error| format!("{program} does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "{program} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_nonsense_is_named() {
        assert_eq!(Options::parse(&["--try"]).map(|o| o.trial), Ok(true));
        assert_eq!(Options::parse(&["--binary", "x"]).map(|o| o.binary), Ok(Some("x".into())));
        assert!(Options::parse(&["--binary"]).is_err());
        assert!(Options::parse(&["--tyr"]).is_err_and(|why| why.contains("--tyr")));
    }

    /// A line that is dropped from the unit opens the machine again, silently.
    #[test]
    fn the_unit_stays_closed() {
        let unit = read(&crate::root().join("packaging/jifang.service")).expect("the unit is there");
        for line in [
            "User=jifang",
            "NoNewPrivileges=yes",
            "CapabilityBoundingSet=",
            "ProtectSystem=strict",
            "PrivateDevices=yes",
            "MemoryDenyWriteExecute=yes",
            "SystemCallFilter=@system-service",
            "RestrictNamespaces=yes",
            "StateDirectoryMode=0700",
            "UMask=0077",
        ] {
            assert!(unit.lines().any(|have| have == line), "the unit has lost `{line}`");
        }
    }

    #[test]
    fn the_scripts_are_shell_and_keep_recordings() {
        let folder = crate::root().join("packaging/deb");
        for script in ["postinst", "prerm", "postrm"] {
            let path = folder.join(script);
            let read_by_shell = Command::new("sh").arg("-n").arg(&path).status().expect("sh starts");
            assert!(read_by_shell.success(), "{script}");
            let body = read(&path).expect("the script is there");
            let removes = body.lines().filter(|line| line.trim_start().starts_with("rm "));
            assert!(removes.clone().all(|line| !line.contains("/var/lib")), "{script} would remove recordings");
        }
    }
}
