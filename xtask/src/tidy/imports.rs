//! Who may import whom. [`MAY_IMPORT`] is the one place where the directions are written down.
//!
//! Also here: which outside crates only one of ours may know ([`ONLY_IN`]), because what they stand for
//! (SQL, HTTP, policies) has one home.

use super::Fault;
use super::metadata::{Package, Use};

/// Package prefix of the project's own crates.
const PREFIX: &str = "jifang-";

/// Each crate and the crates of the project that it may import, lowest first.
const MAY_IMPORT: [(&str, &[&str]); 16] = [
    ("base", &[]),
    ("law", &["base"]),
    ("ledger", &["base"]),
    ("wire", &["base"]),
    ("media", &["base"]),
    ("paper", &["base"]),
    ("domain", &["base", "law", "ledger"]),
    ("config", &["base", "domain"]),
    ("store", &["base", "law", "ledger", "domain", "config", "media"]),
    ("bus", &["base", "ledger"]),
    ("hostile", &["base", "ledger", "wire", "media", "domain", "config", "bus"]),
    ("sim", &["base", "wire", "media"]),
    ("site", &["base", "law", "ledger", "wire", "media", "paper", "domain", "config", "store", "bus"]),
    ("authority", &["base", "law", "ledger", "paper", "domain", "store", "bus"]),
    ("web", &["base", "law", "ledger", "wire", "media", "domain", "config", "store", "site", "authority"]),
    (
        "jifang",
        &[
            "base",
            "law",
            "ledger",
            "wire",
            "media",
            "domain",
            "config",
            "store",
            "bus",
            "sim",
            "site",
            "authority",
            "web",
            "paper",
        ],
    ),
];

/// What tests alone may import besides: simulated devices, to drive real sockets.
const TESTS_MAY_IMPORT: [(&str, &str); 2] = [("site", "sim"), ("web", "sim")];

/// Outside crates with one home.
const ONLY_IN: [(&str, &str); 7] = [
    ("sqlx", "store"),
    ("axum", "web"),
    ("hyper", "web"),
    ("askama", "web"),
    ("rust-embed", "web"),
    ("cedar-policy", "law"),
    ("typst", "paper"),
];

/// Faults in the import directions of the workspace's own packages.
pub fn check(packages: &[Package]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in packages.iter().filter(|p| p.own) {
        let manifest = format!("{} Cargo.toml", package.name);
        let Some(name) = package.name.strip_prefix(PREFIX) else { continue };
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(crate_name, _)| *crate_name == name) else {
            faults.push(Fault::new(
                &manifest,
                0,
                "no import directions: add the crate to `MAY_IMPORT` in tidy/imports.rs",
            ));
            continue;
        };
        for (dependency, purpose) in &package.dependencies {
            if let Some(target) = dependency.strip_prefix(PREFIX) {
                let in_tests = *purpose == Use::Tests && TESTS_MAY_IMPORT.contains(&(name, target));
                if !allowed.contains(&target) && !in_tests {
                    faults.push(Fault::new(&manifest, 0, format!("`{name}` must not import `{target}`")));
                }
            } else if let Some((_, home)) =
                ONLY_IN.iter().find(|(outside, home)| outside == dependency && *home != name)
            {
                faults.push(Fault::new(
                    &manifest,
                    0,
                    format!("`{dependency}` has its home in `{home}`, not in `{name}`"),
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Use)]) -> Package {
        let dependencies = dependencies.iter().map(|(name, purpose)| ((*name).to_owned(), *purpose)).collect();
        Package { name: name.to_owned(), own: true, dependencies, ..Package::default() }
    }

    fn messages(package: Package) -> Vec<String> {
        check(&[package]).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn the_table_only_points_down() {
        for (at, (name, allowed)) in MAY_IMPORT.iter().enumerate() {
            for target in *allowed {
                let below = MAY_IMPORT.iter().position(|(other, _)| other == target);
                assert!(below.is_some_and(|below| below < at), "{name} -> {target}");
            }
        }
    }

    #[test]
    fn downward_imports_pass() {
        let good = package("jifang-site", &[("jifang-store", Use::Program), ("tokio", Use::Program)]);
        assert_eq!(messages(good), Vec::<String>::new());
    }

    #[test]
    fn upward_and_sideways_imports_are_faults() {
        for (name, target) in
            [("base", "law"), ("wire", "media"), ("store", "wire"), ("sim", "site"), ("domain", "store")]
        {
            let bad = package(&format!("jifang-{name}"), &[(&format!("jifang-{target}"), Use::Program)]);
            assert_eq!(messages(bad), [format!("`{name}` must not import `{target}`")]);
        }
    }

    #[test]
    fn tests_may_drive_simulators_and_nothing_else_upward() {
        assert!(messages(package("jifang-site", &[("jifang-sim", Use::Tests)])).is_empty());
        assert_eq!(messages(package("jifang-site", &[("jifang-sim", Use::Program)])).len(), 1);
        assert_eq!(messages(package("jifang-base", &[("jifang-law", Use::Tests)])).len(), 1);
    }

    #[test]
    fn sql_http_and_policies_have_one_home() {
        assert_eq!(messages(package("jifang-site", &[("sqlx", Use::Program)])).len(), 1);
        assert_eq!(messages(package("jifang-domain", &[("axum", Use::Tests)])).len(), 1);
        assert_eq!(messages(package("jifang-site", &[("typst", Use::Program)])).len(), 1);
        assert!(messages(package("jifang-store", &[("sqlx", Use::Program)])).is_empty());
    }

    #[test]
    fn a_crate_without_directions_is_a_fault() {
        assert_eq!(messages(package("jifang-new", &[])).len(), 1);
        assert!(messages(package("xtask", &[])).is_empty());
    }
}
