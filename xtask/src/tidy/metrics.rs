//! What the program measures is what the documents say: every metric in the code has its line in `docs/ref/api.md`, every line
//! there has its metric, and the dashboard `docs/ref/grafana-dashboard.json` asks for documented metrics only.
//!
//! A metric is a text of the code that begins with `jifang_` and is a name as a whole; tests are not asked, and what else is called so
//! stands in `OTHERS`.

use super::Fault;
use super::tree::File;
use std::collections::BTreeMap;

const DOCUMENT: &str = "docs/ref/api.md";
const DASHBOARD: &str = "docs/ref/grafana-dashboard.json";
const PREFIX: &str = "jifang_";
/// Names with the prefix that are no metrics: folder of a database drill, cookies, the dashboard's own id.
const OTHERS: [&str; 4] = ["jifang_before", "jifang_browser", "jifang_site", "jifang_step"];

/// Faults between code, document and dashboard.
pub fn check(files: &[File]) -> Vec<Fault> {
    let text_of = |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    let Some(document) = text_of(DOCUMENT) else {
        return vec![Fault::new(DOCUMENT, 0, "is missing: metrics are documented there")];
    };
    let documented = names(document, |before, _| before.ends_with('`'));
    let mut measured: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    for file in
        files.iter().filter(|file| file.path.starts_with("crates/") && file.rust.is_some() && !is_test(&file.path))
    {
        let given = names(&file.text, |before, after| before.ends_with('"') && after.starts_with('"'));
        measured.extend(given.into_iter().map(|(name, line)| (name, (file.path.as_str(), line))));
    }
    let mut faults = Vec::new();
    for (name, (path, line)) in &measured {
        if !documented.contains_key(name) {
            faults.push(Fault::new(path, *line, format!("metric `{name}` is not in {DOCUMENT}")));
        }
    }
    for (name, line) in &documented {
        if !measured.contains_key(name) {
            faults.push(Fault::new(DOCUMENT, *line, format!("metric `{name}` does not exist in the code")));
        }
    }
    for (name, line) in names(text_of(DASHBOARD).unwrap_or_default(), |_, _| true) {
        if !documented.contains_key(&name) {
            faults.push(Fault::new(DASHBOARD, line, format!("asks for `{name}`, which is not in {DOCUMENT}")));
        }
    }
    faults
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs")
}

/// Every `jifang_…` of a text that `fits` by what stands before and after it, with its first line.
fn names(text: &str, fits: impl Fn(&str, &str) -> bool) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (at, _) in text.match_indices(PREFIX) {
        let (before, rest) = text.split_at(at);
        let end =
            rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if fits(before, after) && !OTHERS.contains(&name) {
            found.entry(name.to_owned()).or_insert_with(|| before.matches('\n').count() + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(code: &str, document: &str, dashboard: &str) -> Vec<Fault> {
        check(&[File::new("crates/a/src/a.rs", code), File::new(DOCUMENT, document), File::new(DASHBOARD, dashboard)])
    }

    #[test]
    fn three_that_agree_have_no_fault() {
        let code = "fn f() { metrics::counter!(\"jifang_x_total\").increment(1); gauge!(\n    \"jifang_y\", 1) }";
        assert!(tree(code, "| `jifang_x_total`, `jifang_y{a}` |", "rate(jifang_x_total{i}[5m])").is_empty());
    }

    #[test]
    fn each_side_that_is_alone_is_named() {
        let alone = |code, document, dashboard| tree(code, document, dashboard).first().map(|fault| fault.path.clone());
        assert_eq!(alone("fn f() { counter!(\"jifang_x\") }", "", "").as_deref(), Some("crates/a/src/a.rs"));
        assert_eq!(alone("", "`jifang_x`", "").as_deref(), Some(DOCUMENT));
        assert_eq!(alone("", "", "jifang_x").as_deref(), Some(DASHBOARD));
    }

    #[test]
    fn other_texts_with_the_prefix_are_not_metrics() {
        assert!(tree("const SITE: &str = \"jifang_site\"; // jifang_z", "", "jifang_site").is_empty());
        let test = File::new("crates/a/tests/x.rs", "fn f() { let x = \"jifang_z\"; }");
        assert!(check(&[test, File::new(DOCUMENT, "")]).is_empty());
    }
}
