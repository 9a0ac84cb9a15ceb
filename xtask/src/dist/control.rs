//! The control file of the Debian package: what it says, and the libraries it depends on, read from the binary itself.
//!
//! Invariant: an unknown library is an error, never a package that does not start on the customer's machine.

use std::collections::BTreeSet;

/// Shared objects the binary may need, and Debian's package of each; `None` where libc6 brings it.
const LIBRARIES: [(&str, Option<&str>); 7] = [
    ("libc.so.6", None),
    ("libm.so.6", None),
    ("libdl.so.2", None),
    ("libpthread.so.0", None),
    ("ld-linux-x86-64.so.2", None),
    ("libgcc_s.so.1", Some("libgcc-s1")),
    ("libstdc++.so.6", Some("libstdc++6")),
];

/// The workspace's version from its manifest.
pub fn version(manifest: &str) -> Result<String, String> {
    let package = manifest.split("[workspace.package]").nth(1).ok_or("Cargo.toml has no [workspace.package]")?;
    let line =
        package.lines().find_map(|line| line.strip_prefix("version = ")).ok_or("[workspace.package] has no version")?;
    Ok(line.trim().trim_matches('"').to_owned())
}

/// `Depends:` from `objdump -p` (needed libraries) and `objdump -T` (symbol versions).
pub fn depends(headers: &str, symbols: &str) -> Result<String, String> {
    let mut needs = BTreeSet::from([format!("libc6 (>= {})", newest_glibc(symbols)?), "passwd".to_owned()]);
    for name in headers.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(str::trim) {
        match LIBRARIES.iter().find(|(known, _)| *known == name) {
            Some((_, Some(package))) => needs.insert((*package).to_owned()),
            Some((_, None)) => true,
            None => {
                return Err(format!("the binary needs {name}, and which package brings it is not known (control.rs)"));
            }
        };
    }
    Ok(needs.into_iter().collect::<Vec<_>>().join(", "))
}

/// The newest glibc version any symbol asks for, e.g. `2.34`.
fn newest_glibc(symbols: &str) -> Result<String, String> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let text: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let (major, minor) = text.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.split('.').next()?.parse::<u32>().ok()?))
    });
    let (major, minor) = versions.max().ok_or("no glibc version in the symbols of the binary")?;
    Ok(format!("{major}.{minor}"))
}

/// The control file. `installed_kib` is the size once unpacked, KiB.
pub fn file(version: &str, arch: &str, depends: &str, installed_kib: u64) -> String {
    format!(
        "Package: jifang\nVersion: {version}\nArchitecture: {arch}\nMaintainer: jifang <jifang@localhost>\n\
         Installed-Size: {installed_kib}\nDepends: {depends}\nRecommends: chrony | systemd-timesyncd | ntpsec, fonts-noto-cjk\n\
         Section: video\nPriority: optional\nDescription: lawful, verifiable recording of a protected site\n \
         Records cameras (GB/T 28181, RTSP), keeps footage as long as the law asks, lets officers view and copy it only\n \
         as the law allows, and writes every such act into a log that a stranger can verify.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYMBOLS: &str =
        "0 DF *UND* 0 (GLIBC_2.2.5) write\n0 DF *UND* 0 (GLIBC_2.34) pthread_create\n0 (GLIBC_2.9) pipe2";

    #[test]
    fn dependencies_come_from_the_binary() {
        let headers = "  NEEDED               libgcc_s.so.1\n  NEEDED   libm.so.6\n  NEEDED  libc.so.6\n";
        assert_eq!(depends(headers, SYMBOLS).as_deref(), Ok("libc6 (>= 2.34), libgcc-s1, passwd"));
    }

    #[test]
    fn an_unknown_library_stops_the_packing() {
        assert!(depends("  NEEDED  libssl.so.3", SYMBOLS).is_err_and(|why| why.contains("libssl.so.3")));
        assert!(depends("", "").is_err());
    }

    #[test]
    fn the_version_is_the_workspaces() {
        assert_eq!(version("[a]\nversion = \"9\"\n[workspace.package]\nversion = \"0.1.0\"\n").as_deref(), Ok("0.1.0"));
        assert!(version("[package]\nversion = \"1\"").is_err());
    }

    #[test]
    fn the_control_file_ends_as_dpkg_wants() {
        let text = file("0.1.0", "amd64", "libc6 (>= 2.34)", 12);
        assert!(text.ends_with('\n') && !text.contains("\n\n"));
        assert!(text.contains("\nRecommends: ") && text.contains("fonts-noto-cjk"), "papers need a Chinese font");
        assert!(text.lines().all(|line| line.starts_with(' ') || line.contains(": ")));
    }
}
