//! No province stands in the program: what holds where is data of `law/`, so that both packs, and a third, run on the same code.
//!
//! The words are read from `law/jurisdictions.toml`, so this file does not name them either. Looked at is the whole text of a program file,
//! comments and strings too, but not its tests. Invariant: without the table, or with one that names no province, there is a fault.

use super::Fault;
use super::size::is_test_file;
use super::tree::File;

/// The table of jurisdictions.
const TABLE: &str = "law/jurisdictions.toml";

/// Keys whose texts name a province or a place in it.
const NAMES: [&str; 6] = ["word", "name_zh", "name_en", "ask_zh", "ask_en", "also"];

/// Faults of the tree.
pub fn check(files: &[File]) -> Vec<Fault> {
    let table = files.iter().find(|file| file.path == TABLE);
    let names = table.map(|file| names(&file.text)).unwrap_or_default();
    if names.is_empty() {
        return vec![Fault::new(TABLE, 0, "names no province: the rule about them has nothing to look for")];
    }
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| is_program(&file.path)) {
        let Some(source) = &file.rust else { continue };
        for (line, text) in source.raw.lines().enumerate().filter(|(line, _)| !source.is_test(*line)) {
            let text = text.to_lowercase();
            if let Some(name) = names.iter().find(|name| text.contains(name.as_str())) {
                let what = format!(
                    "names `{name}`: what holds in one province is data of law/; a comment names the pack or the clause"
                );
                faults.push(Fault::new(&file.path, line + 1, what));
            }
        }
    }
    faults
}

/// What is built into the program, or builds it.
fn is_program(path: &str) -> bool {
    let source = path.starts_with("crates/") && (path.contains("/src/") || path.ends_with("/build.rs"));
    (source || path.starts_with("xtask/src/")) && !is_test_file(path)
}

/// Names of the provinces of the table in small letters: of its rows that have a code. One key stands on one line.
fn names(table: &str) -> Vec<String> {
    let rows =
        table.split("[[jurisdiction]]").skip(1).filter(|row| row.lines().any(|line| key_of(line) == Some("code")));
    let lines = rows.flat_map(str::lines).filter(|line| key_of(line).is_some_and(|key| NAMES.contains(&key)));
    // The texts between quotes: none of them holds a quote.
    let mut names: Vec<String> =
        lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_lowercase).collect();
    names.sort();
    names.dedup();
    names
}

fn key_of(line: &str) -> Option<&str> {
    line.split_once('=').map(|(key, _)| key.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "# a table\n[[jurisdiction]]\nword = \"upland\"\ncode = \"91\"\nname_zh = \"高地省\"\nask_zh = \"高地\"\n\
                        also = [\"Hilltown\", \"山城\"]\n\n[[jurisdiction]]\nword = \"other\"\nname_zh = \"其他省份\"\n";

    fn faults(path: &str, text: &str) -> Vec<(usize, String)> {
        let files = [File::new(TABLE, ROWS), File::new(path, text)];
        check(&files).into_iter().map(|fault| (fault.line, fault.message)).collect()
    }

    #[test]
    fn names_are_those_of_the_rows_with_a_code() {
        assert_eq!(names(ROWS), ["hilltown", "upland", "山城", "高地", "高地省"]);
    }

    #[test]
    fn a_province_is_found_in_code_comments_and_texts_of_the_program() {
        for bad in [
            "match j { Jurisdiction::Upland => 1 }",
            "const A: &str = \"upland\";",
            "// In UPLAND it is so.",
            "/// 高地的规定.",
            "fn of_hilltown_2015() {}",
            "const B: &str = \"山城某路\";",
        ] {
            for path in ["crates/web/src/a.rs", "crates/law/build.rs", "xtask/src/tidy/a.rs"] {
                let found = faults(path, &format!("//! x\n{bad}\n"));
                assert!(
                    found.len() == 1 && found[0].0 == 2 && found[0].1.contains("names `"),
                    "{path} {bad}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn tests_examples_and_data_may_name_them() {
        let text = "//! x\nconst A: &str = \"upland\";\n";
        for path in [
            "crates/web/tests/http/a.rs",
            "crates/web/src/a_tests.rs",
            "crates/web/src/a/tests.rs",
            "crates/law/examples/gate/a.rs",
            "law/upland/pack.toml",
        ] {
            assert!(faults(path, text).is_empty(), "{path}");
        }
        for text in [
            "//! x\n#[cfg(test)]\nmod tests {\n    const A: &str = \"upland\";\n}\n",
            "//! x\nconst A: Jurisdiction = Jurisdiction::Other;\n",
        ] {
            assert!(faults("crates/a/src/a.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn without_names_the_rule_says_so() {
        assert_eq!(check(&[]).len(), 1);
        assert_eq!(check(&[File::new(TABLE, "")]).len(), 1);
        assert_eq!(check(&[File::new(TABLE, "[[jurisdiction]]\nword = \"other\"\n")]).len(), 1);
    }
}
