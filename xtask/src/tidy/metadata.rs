//! The packages of the build, as `cargo metadata` names them.
//!
//! Only what builds on this machine is asked for, so that no foreign-platform package must be fetched;
//! `Cargo.lock` (which names every platform) is checked beside it in [`super::dependencies`].

use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// One package of the build.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// Name in its manifest, e.g. `jifang-base`.
    pub name: String,
    /// Version.
    pub version: String,
    /// True for the crates of this workspace.
    pub own: bool,
    /// SPDX expression, when the manifest states one.
    pub licence: Option<String>,
    /// Direct dependencies: package name and whether it is for tests only.
    pub dependencies: Vec<(String, Use)>,
    /// Features that are on in this build.
    pub features: Vec<String>,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// In the built program (or its build script).
    Program,
    /// Only in tests.
    Tests,
}

/// Asks cargo for the packages of the workspace under `root`.
pub fn read(root: &Path) -> Result<Vec<Package>, String> {
    let mut command = crate::cargo(root);
    command.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host()?]);
    let output = command.output().map_err(|e| format!("cargo metadata does not start: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata fails: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    let value: Value = serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    parse(&value).ok_or_else(|| "cargo metadata has another form than expected".to_owned())
}

fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|e| format!("rustc does not start: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

fn parse(value: &Value) -> Option<Vec<Package>> {
    let members: Vec<&str> = value["workspace_members"].as_array()?.iter().filter_map(Value::as_str).collect();
    let nodes = value["resolve"]["nodes"].as_array().map_or(&[][..], Vec::as_slice);
    let features_of = |id: &Value| {
        let node = nodes.iter().find(|n| n["id"] == *id).map(|n| &n["features"]);
        let list = node.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let packages = value["packages"].as_array()?.iter();
    packages.map(|p| Some(Package { features: features_of(&p["id"]), ..package(p, &members)? })).collect()
}

fn package(value: &Value, members: &[&str]) -> Option<Package> {
    let dependency = |d: &Value| {
        let purpose = if d["kind"].as_str() == Some("dev") { Use::Tests } else { Use::Program };
        Some((d["name"].as_str()?.to_owned(), purpose))
    };
    Some(Package {
        name: value["name"].as_str()?.to_owned(),
        version: value["version"].as_str()?.to_owned(),
        own: members.contains(&value["id"].as_str()?),
        licence: value["license"].as_str().map(str::to_owned),
        dependencies: value["dependencies"].as_array()?.iter().map(dependency).collect::<Option<_>>()?,
        features: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_dependencies_and_kinds_are_read() {
        let value = serde_json::json!({
            "workspace_members": ["path+a"],
            "packages": [
                {"id": "path+a", "name": "a", "version": "1.0.0", "license": null, "dependencies": [
                    {"name": "b", "kind": null}, {"name": "c", "kind": "dev"}, {"name": "d", "kind": "build"}]},
                {"id": "reg+b", "name": "b", "version": "2.0.0", "license": "MIT", "dependencies": []},
            ],
            "resolve": { "nodes": [{ "id": "reg+b", "features": ["std"] }] },
        });
        let packages = parse(&value).expect("the form of cargo metadata");
        assert!(packages[0].own && !packages[1].own);
        assert!(packages[0].features.is_empty() && packages[1].features == ["std"]);
        let uses: Vec<Use> = packages[0].dependencies.iter().map(|d| d.1).collect();
        assert_eq!(uses, [Use::Program, Use::Tests, Use::Program]);
        assert_eq!(packages[1].licence.as_deref(), Some("MIT"));
        assert!(parse(&serde_json::json!({"packages": []})).is_none());
    }
}
