//! Which law a program answers by: a digest of its packs that anybody can make again from the files.
//!
//! Files -> one line each, as `sha256sum` prints it (`<hex>  <path>`), by path -> SHA-256 of these lines, over all and over each part. A
//! part is a pack, or what packs share. Same files, same digest, whatever built or read them.

use base::Sha256;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The part of files that stand directly below `law/`.
const SHARED: &str = "shared";

/// Digest of a set of packs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LawDigest {
    /// Over all files.
    pub all: Sha256,
    /// Over the files of each pack (by its folder, e.g. `national/order-799`), of `workdays`, and of `shared`.
    pub parts: BTreeMap<String, Sha256>,
}

impl LawDigest {
    /// The digest of files: path below `law/` to text.
    #[must_use]
    pub fn of(files: &BTreeMap<String, String>) -> Self {
        let mut all = String::new();
        let mut parts: BTreeMap<String, String> = BTreeMap::new();
        for (path, text) in files {
            let line = format!("{}  {path}\n", Sha256::of(text.as_bytes()).hex());
            parts.entry(part_of(path).to_owned()).or_default().push_str(&line);
            all.push_str(&line);
        }
        let parts = parts.into_iter().map(|(part, lines)| (part, Sha256::of(lines.as_bytes()))).collect();
        Self { all: Sha256::of(all.as_bytes()), parts }
    }

    /// Parts that are not the same in `before`: changed, new or gone, by name.
    #[must_use]
    pub fn changed_from(&self, before: &Self) -> Vec<String> {
        let names = self.parts.keys().chain(before.parts.keys());
        let mut out: Vec<String> =
            names.filter(|name| self.parts.get(*name) != before.parts.get(*name)).cloned().collect();
        out.sort();
        out.dedup();
        out
    }
}

/// `national/order-799/clauses.toml` -> `national/order-799`; `workdays/2026.toml` -> `workdays`; `overlays.toml` -> `shared`.
fn part_of(path: &str) -> &str {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    match (slashes.next(), slashes.next()) {
        (_, Some(second)) => &path[..second],
        (Some(first), None) => &path[..first],
        (None, None) => SHARED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> BTreeMap<String, String> {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_digest_is_that_of_the_lines_of_sha256sum() {
        let one = LawDigest::of(&files(&[("overlays.toml", "x\n")]));
        let line = format!("{}  overlays.toml\n", Sha256::of(b"x\n").hex());
        assert_eq!(one.all, Sha256::of(line.as_bytes()));
        assert_eq!(one.parts, BTreeMap::from([("shared".to_owned(), one.all)]));
    }

    #[test]
    fn every_part_tells_its_own_change() {
        let before =
            [("a/b/clauses.toml", "1"), ("a/b/procedures/x.toml", "2"), ("workdays/2026.toml", "3"), ("x.toml", "4")];
        let whole = LawDigest::of(&files(&before));
        assert_eq!(whole.parts.keys().collect::<Vec<_>>(), ["a/b", "shared", "workdays"]);
        for (n, part) in ["a/b", "a/b", "workdays", "shared"].into_iter().enumerate() {
            let mut after = before;
            after[n].1 = "other";
            let after = LawDigest::of(&files(&after));
            assert_ne!(after.all, whole.all);
            assert_eq!(after.changed_from(&whole), [part]);
        }
        assert!(whole.changed_from(&whole).is_empty());
        let less = LawDigest::of(&files(&before[..2]));
        assert_eq!(less.changed_from(&whole), ["shared", "workdays"], "gone");
        assert_eq!(whole.changed_from(&less), ["shared", "workdays"], "new");
    }
}
