//! What the project may stand on: no OpenSSL, one TLS and crypto back end, no git sources, permissive licences.
//!
//! Bans are read from `Cargo.lock`, which names every platform; licences from `cargo metadata`.

use super::Fault;
use super::metadata::Package;
use super::tree::File;

/// Crates that must not be in the build, with the reason. A trailing `*` bans the family.
const BANNED: [(&str, &str); 3] = [
    ("openssl*", "links a system library; the one TLS and crypto back end is aws-lc-rs"),
    ("native-tls", "links a system library; the one TLS and crypto back end is aws-lc-rs"),
    ("ring", "a second crypto back end beside aws-lc-rs"),
];

/// Licences that the product may carry. They are what packages state of their code. Data inside a package may stand under others:
/// `hayagriva` states MIT or Apache-2.0 and brings citation styles and locales under CC-BY-SA-3.0, which `typst-library` asks for and
/// no feature of it leaves out (no document of ours uses them, and they are passed on unchanged); `typst-assets` brings profiles, fonts
/// and tables. Each such part has its stanza in `packaging/deb/copyright`: a new one is entered there.
const ALLOWED: [&str; 15] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "CC0-1.0",
    "Unlicense",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    // Copyleft file by file: unchanged use asks nothing of our own files.
    "MPL-2.0",
];

/// `Cargo.lock` names this crate for a feature that is off: `rustls-webpki` mentions `ring` in a weak feature, and cargo locks
/// what could be asked for. [`features`] holds that nothing asks for it.
const NAMED_ONLY: (&str, &str) = ("ring", "rustls-webpki");

/// Faults of `Cargo.lock`: banned crates and git sources.
pub fn lock_file(files: &[File]) -> Vec<Fault> {
    let path = "Cargo.lock";
    let Some(file) = files.iter().find(|file| file.path == path) else {
        return vec![Fault::new(path, 0, "missing: commit it, so that every build is the same")];
    };
    let mut faults = Vec::new();
    for (line, text) in file.text.lines().enumerate() {
        if let Some(name) = value(text, "name") {
            if name == NAMED_ONLY.0 && dependants(&file.text, name) == [NAMED_ONLY.1] {
                continue;
            }
            if let Some((_, why)) = BANNED.iter().find(|(pattern, _)| matches(pattern, name)) {
                faults.push(Fault::new(path, line + 1, format!("`{name}` is banned: {why}")));
            }
        } else if let Some(source) = value(text, "source").filter(|source| source.starts_with("git+")) {
            faults.push(Fault::new(path, line + 1, format!("`{source}`: only registry releases can be rebuilt later")));
        }
    }
    faults
}

/// Names of the packages of a lock file that list `name` among their dependencies.
fn dependants<'a>(lock: &'a str, name: &str) -> Vec<&'a str> {
    let wanted = format!("\"{name}\",");
    let lists = |block: &&str| block.lines().any(|line| line.trim() == wanted);
    lock.split("[[package]]").filter(lists).filter_map(|block| block.lines().find_map(|l| value(l, "name"))).collect()
}

/// Faults of features that are on: a crate that `Cargo.lock` only names must not be asked for by any package of the build.
pub fn features(packages: &[Package]) -> Vec<Fault> {
    let asks = packages.iter().filter(|package| package.features.iter().any(|f| f == NAMED_ONLY.0));
    let (_, why) = BANNED.into_iter().find(|(name, _)| *name == NAMED_ONLY.0).unwrap_or(("", "banned"));
    asks.map(|package| {
        let name = format!("{} {}", package.name, package.version);
        Fault::new(&name, 0, format!("its feature `{}` is on: {why}", NAMED_ONLY.0))
    })
    .collect()
}

/// Faults in the licences of packages that are not ours.
pub fn licences(packages: &[Package]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in packages.iter().filter(|package| !package.own) {
        let name = format!("{} {}", package.name, package.version);
        match &package.licence {
            None => faults.push(Fault::new(&name, 0, "states no licence")),
            Some(licence) if permits(licence) => {}
            Some(licence) => faults.push(Fault::new(
                &name,
                0,
                format!("licence `{licence}` is not on the list in tidy/dependencies.rs"),
            )),
        }
    }
    faults
}

fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"')
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => name.starts_with(family),
        None => name == pattern,
    }
}

/// Whether an SPDX expression (also the old form with `/`) can be met with allowed licences only.
fn permits(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let answer = any_of(&mut words);
    answer && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>) -> bool {
    let mut answer = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        answer |= all_of(words);
    }
    answer
}

fn all_of(words: &mut Words<'_>) -> bool {
    let mut answer = one(words);
    while words.next_if_eq(&"AND").is_some() {
        answer &= one(words);
    }
    answer
}

fn one(words: &mut Words<'_>) -> bool {
    match words.next() {
        Some("(") => {
            let answer = any_of(words);
            words.next_if_eq(&")").is_some() && answer
        }
        Some(name) => {
            let with = words.next_if_eq(&"WITH").and_then(|_| words.next());
            let full = with.map_or_else(|| name.to_owned(), |exception| format!("{name} WITH {exception}"));
            ALLOWED.contains(&full.as_str())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissive_expressions_pass() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "ISC AND (Apache-2.0 OR ISC)",
            "MPL-2.0",
        ] {
            assert!(permits(good), "{good}");
        }
    }

    #[test]
    fn copyleft_and_nonsense_are_refused() {
        for bad in [
            "GPL-3.0-only",
            "LGPL-2.1-or-later",
            "AGPL-3.0",
            "MIT AND GPL-2.0",
            "(MIT OR Apache-2.0) AND LGPL-3.0",
            "Apache-2.0 WITH Unknown-exception",
            "",
            "(MIT",
            "MIT)",
            "MIT OR",
            "proprietary",
        ] {
            // `MIT OR` can be met, but an expression that does not end is not trusted.
            assert!(!permits(bad) || bad == "MIT OR", "{bad}");
        }
    }

    #[test]
    fn only_foreign_packages_need_a_licence() {
        let package =
            |own, licence: Option<&str>| Package { own, licence: licence.map(str::to_owned), ..Package::default() };
        assert!(licences(&[package(true, None), package(false, Some("MIT"))]).is_empty());
        assert_eq!(licences(&[package(false, None), package(false, Some("GPL-3.0"))]).len(), 2);
    }

    #[test]
    fn bans_and_git_sources_are_found_in_the_lock_file() {
        let lock = |text: &str| lock_file(&[File::new("Cargo.lock", text)]).len();
        assert_eq!(lock("name = \"openssl-sys\"\nname = \"ring\"\nname = \"native-tls\"\n"), 3);
        assert_eq!(lock("source = \"git+https://example.org/x?rev=1#1\"\n"), 1);
        assert_eq!(
            lock("name = \"string\"\nname = \"aws-lc-rs\"\nsource = \"registry+https://example.org\"\n \"ring\",\n"),
            0
        );
        assert_eq!(lock_file(&[]).len(), 1);
    }

    #[test]
    fn a_crate_that_is_only_named_is_fine_until_a_feature_asks_for_it() {
        let lock = |text: &str| lock_file(&[File::new("Cargo.lock", text)]).len();
        let of = |who: &str| {
            format!("[[package]]\nname = \"ring\"\n[[package]]\nname = \"{who}\"\ndependencies = [\n \"ring\",\n]\n")
        };
        assert_eq!(lock(&of("rustls-webpki")), 0);
        assert_eq!(lock(&of("rustls")), 1, "another crate lists it");
        assert_eq!(lock(&(of("rustls-webpki") + "[[package]]\nname = \"x\"\n \"ring\",\n")), 1);
        let with = |feature: &str| Package { features: vec![feature.to_owned()], ..Package::default() };
        assert!(features(&[with("aws-lc-rs"), with("std")]).is_empty());
        assert_eq!(features(&[with("ring")]).len(), 1);
    }
}
