//! Installs what the tests need beside the Rust toolchain: a browser, media tools, a database, fonts.
//!
//! On Debian and its kin, as root or with a `sudo` that asks nothing, missing packages are installed with apt;
//! elsewhere the list is printed. Nothing that is present is touched, and each package is named before.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian packages, with what needs them.
const PACKAGES: [(&str, &str); 22] = [
    ("chromium", "browser tests"),
    ("chromium-driver", "browser tests"),
    ("fonts-noto-cjk", "Chinese text in browser tests and on paper"),
    ("fonts-dejavu-core", "a font without Chinese on paper"),
    ("poppler-utils", "text and pictures of PDF papers as another program reads them"),
    ("ffmpeg", "media sources and ffprobe as a second opinion"),
    ("gstreamer1.0-tools", "media sources"),
    ("gstreamer1.0-rtsp", "RTSP source"),
    ("gstreamer1.0-plugins-base", "media sources"),
    ("gstreamer1.0-plugins-good", "media sources"),
    ("gstreamer1.0-plugins-bad", "media sources"),
    ("gstreamer1.0-plugins-ugly", "media sources"),
    ("gstreamer1.0-libav", "media sources"),
    ("libgstrtspserver-1.0-0", "RTSP source"),
    ("gir1.2-gst-rtsp-server-1.0", "RTSP source"),
    ("python3-gi", "RTSP source"),
    ("postgresql", "store contract on PostgreSQL"),
    ("sip-tester", "SIP peer"),
    ("faketime", "a system clock that steps while the server runs"),
    ("python3-venv", "alarm receiver of another maker"),
    ("g++", "native libraries"),
    ("ca-certificates", "fetching crates"),
];

/// Programs that show, without dpkg, whether the packages are there.
const PROGRAMS: [&str; 7] = ["chromium", "chromedriver", "pdftotext", "ffprobe", "gst-launch-1.0", "sipp", "g++"];

/// The alarm receiver of another maker, from the Python package index; its version is fixed, so that a test means the same tomorrow.
const ALARM_RECEIVER: &str = "pysiaalarm==3.2.2";

/// Puts the other maker's alarm receiver into a Python environment of the tests' own, once. What fails is said; its test is then not run.
pub fn alarm_receiver(root: &Path) {
    if alarm_python(root).is_some() {
        return println!("{ALARM_RECEIVER} is there");
    }
    let folder = alarm_folder(root);
    let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).status().is_ok_and(|s| s.success());
    let pip = folder.join("bin/pip");
    let installed = made
        && Command::new(pip).args(["install", "--quiet", ALARM_RECEIVER]).status().is_ok_and(|status| status.success());
    if !installed {
        let _ = std::fs::remove_dir_all(&folder);
        println!("{ALARM_RECEIVER} could not be installed; the test against it will say that it did not run");
    }
}

/// The Python that has it.
pub fn alarm_python(root: &Path) -> Option<PathBuf> {
    let python = alarm_folder(root).join("bin/python");
    python.is_file().then_some(python)
}

fn alarm_folder(root: &Path) -> PathBuf {
    root.join("target/alarm-receiver")
}

/// Installs what is missing; false when something is still missing, after saying what.
pub fn run() -> bool {
    if !starts("dpkg-query", &["--version"]) || !starts("apt-get", &["--version"]) {
        return advise_elsewhere();
    }
    let missing = missing();
    if missing.is_empty() {
        println!("nothing to install");
        return true;
    }
    for name in &missing {
        let why = PACKAGES.iter().find(|(package, _)| package == name).map_or("", |(_, why)| why);
        println!("missing: {name} ({why})");
    }
    let Some(apt) = apt_prefix() else {
        println!("not root, and sudo would ask: run `sudo apt-get install {}`", missing.join(" "));
        return false;
    };
    println!("installing with apt-get: {}", missing.join(" "));
    let installed = apt_get(&apt, &["update", "-q"])
        && apt_get(&apt, &[&["install", "-q", "-y", "--no-install-recommends"][..], &missing[..]].concat());
    let still = self::missing();
    if !still.is_empty() {
        println!("still missing: {}", still.join(" "));
    }
    installed && still.is_empty()
}

fn missing() -> Vec<&'static str> {
    let installed = |package: &str| {
        let output = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]).output();
        output.is_ok_and(|output| output.stdout == b"installed")
    };
    PACKAGES.iter().map(|(package, _)| *package).filter(|package| !installed(package)).collect()
}

fn advise_elsewhere() -> bool {
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|name| !on_path(name)).collect();
    if missing.is_empty() {
        println!("no apt here; the programs the tests need are present");
        return true;
    }
    println!("no apt here, and these programs are missing: {}", missing.join(" "));
    println!("install what Debian calls: {}", PACKAGES.map(|(package, _)| package).join(" "));
    false
}

/// The command that runs apt-get with the needed rights; `None` when there is none.
fn apt_prefix() -> Option<Vec<&'static str>> {
    if is_root() {
        return Some(vec!["apt-get"]);
    }
    starts("sudo", &["-n", "true"]).then(|| vec!["sudo", "-n", "apt-get"])
}

fn apt_get(prefix: &[&str], args: &[&str]) -> bool {
    // `env` and not `Command::env`, because sudo drops the environment.
    let words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    let command: Vec<&str> = prefix.iter().copied().filter(|word| *word != "apt-get").chain(words).collect();
    Command::new(command[0]).args(&command[1..]).args(args).stdin(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Whether this process is root.
pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether a program of this name is on the path.
pub fn on_path(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn starts(program: &str, args: &[&str]) -> bool {
    let quiet =
        Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path_only() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program-here"));
    }

    #[test]
    fn each_package_is_named_once_with_its_reason() {
        for (at, (name, why)) in PACKAGES.iter().enumerate() {
            assert!(!why.is_empty() && PACKAGES.iter().skip(at + 1).all(|(other, _)| other != name), "{name}");
        }
    }
}
