//! The package on a clean machine: a fresh Debian root (debootstrap), the package installed by dpkg, the machine booted in a
//! container, the service under its unit's restrictions: first run with the code of the journal, pages over TLS, a simulated camera
//! recorded, stop, check, start again, backup, loss and restore, removal that keeps recordings.
//!
//! What happens inside the container is `packaging/deb/trial.sh`; it writes one line a step, `ok …` or `FAULT …`, and switches the
//! container off. Wants root, `debootstrap` and `systemd-nspawn` (package `systemd-container`). Everything lies in `target/dist/`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Debian release of the clean root.
const SUITE: &str = "bookworm";
/// What the root has beside the essential packages: an init and a web client.
const WITH: &str = "systemd,systemd-sysv,curl,jq";
/// Longest trial, from boot to power off.
const LIMIT: Duration = Duration::from_secs(600);

/// Tries `package`; true when every step holds.
pub fn run(root: &Path, package: &Path) -> bool {
    match tried(root, package) {
        Ok(report) => {
            print!("{report}");
            let holds = report.lines().last() == Some("end") && !report.lines().any(|line| line.starts_with("FAULT"));
            println!("dist: the package {} on a clean Debian {SUITE}", if holds { "holds" } else { "does NOT hold" });
            holds
        }
        Err(why) => {
            eprintln!("dist: {why}");
            false
        }
    }
}

fn tried(root: &Path, package: &Path) -> Result<String, String> {
    let dist = root.join("target/dist");
    let base = dist.join(SUITE);
    if !base.join("ready").exists() {
        println!("dist: making a clean Debian {SUITE} (some minutes, once)");
        let _ = fs::remove_dir_all(&base);
        let mut make = Command::new("debootstrap");
        make.args(["--variant=minbase", &format!("--include={WITH}"), SUITE]).arg(&base);
        if let Some(mirror) = mirror() {
            make.arg(mirror);
        }
        quiet(make, "debootstrap")?;
        fs::write(base.join("ready"), "").map_err(|error| error.to_string())?;
    }
    let machine = dist.join("machine");
    let _ = fs::remove_dir_all(&machine);
    let mut copy = Command::new("cp");
    copy.arg("-a").arg(&base).arg(&machine);
    quiet(copy, "cp")?;
    for (from, to) in [
        (package.to_path_buf(), "root/jifang.deb"),
        (root.join("packaging/deb/trial.sh"), "root/trial.sh"),
        (root.join("packaging/deb/trial.service"), "etc/systemd/system/trial.service"),
    ] {
        fs::copy(&from, machine.join(to)).map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
    }
    let mut install = Command::new("chroot");
    install.arg(&machine).args(["dpkg", "-i", "/root/jifang.deb"]);
    quiet(install, "dpkg -i on the clean root")?;
    let mut enable = Command::new("chroot");
    enable.arg(&machine).args(["systemctl", "enable", "trial.service"]);
    quiet(enable, "systemctl enable")?;
    boot(&machine)?;
    fs::read_to_string(machine.join("root/report")).map_err(|error| format!("the trial left no report: {error}"))
}

/// Boots the root with a network of its own (loopback only) and waits until it switches itself off.
fn boot(machine: &Path) -> Result<(), String> {
    let mut child = Command::new("systemd-nspawn")
        .args(["--quiet", "--boot", "--private-network", "--register=no", "--keep-unit", "-D"])
        .arg(machine)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("systemd-nspawn does not start (package systemd-container): {error}"))?;
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        match child.try_wait() {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => std::thread::sleep(Duration::from_millis(500)),
            Err(error) => return Err(format!("waiting for the container: {error}")),
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(format!("the container was not done after {} s", LIMIT.as_secs()))
}

/// Where this machine gets its packages, so that the clean root comes from the same place.
fn mirror() -> Option<String> {
    let policy = Command::new("apt-cache").arg("policy").output().ok()?;
    let text = String::from_utf8_lossy(&policy.stdout).into_owned();
    let line = text.lines().find(|line| line.contains("http") && line.contains(&format!("{SUITE}/main")))?;
    line.split_whitespace().find(|word| word.starts_with("http")).map(str::to_owned)
}

/// Runs a command; its output is shown only when it fails.
fn quiet(mut command: Command, name: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{name} does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let tail: Vec<&str> = said.lines().rev().take(15).collect();
    Err(format!("{name} ended with {}:\n{}", output.status, tail.into_iter().rev().collect::<Vec<_>>().join("\n")))
}
