//! One word for one thing: GLOSSARY.md names what the code really has, and no identifier is pinyin.
//!
//! The glossary is a table `| term | 中文 | clause or standard | Rust name | meaning |`. In the fourth
//! column each name in backticks must be an identifier of the code; `—` says that there is none yet.

use super::Fault;
use super::lexer::{Source, identifiers, line_at};
use super::tree::File;
use std::collections::{BTreeMap, BTreeSet};

const GLOSSARY: &str = "GLOSSARY.md";
const HEAD: [&str; 5] = ["term", "中文", "clause or standard", "Rust name", "meaning"];

/// Pinyin of words of this field, as one would be tempted to write them. The project's own name is allowed.
const PINYIN: [&str; 28] = [
    "anfang",
    "anjian",
    "anquan",
    "baocun",
    "baojing",
    "beian",
    "bumen",
    "chakan",
    "chufa",
    "danwei",
    "gongan",
    "jiancha",
    "jiankong",
    "jingcha",
    "jingqing",
    "kaohe",
    "luxiang",
    "menjin",
    "pingtai",
    "quzheng",
    "renyuan",
    "shebei",
    "shenpi",
    "shipin",
    "shouquan",
    "xukezheng",
    "yanshou",
    "zhuangtai",
];

/// Faults of the identifiers of one file, tests included.
pub fn pinyin(path: &str, source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, name) in identifiers(&source.code) {
        if let Some(part) = parts(name).into_iter().find(|part| PINYIN.contains(&part.as_str())) {
            let line = line_at(&source.code, at) + 1;
            faults.push(Fault::new(
                path,
                line,
                format!("`{name}`: `{part}` is pinyin, take the English word from {GLOSSARY}"),
            ));
        }
    }
    faults
}

/// The lower-case words of a snake or camel case name.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && after_lower) {
            parts.push(String::new());
        }
        after_lower = c.is_lowercase() || c.is_numeric();
        if c != '_'
            && let Some(part) = parts.last_mut()
        {
            part.extend(c.to_lowercase());
        }
    }
    parts
}

/// Faults of the glossary: its form, terms twice, names that the code does not have.
pub fn glossary(files: &[File]) -> Vec<Fault> {
    let Some(file) = files.iter().find(|file| file.path == GLOSSARY) else {
        return vec![Fault::new(GLOSSARY, 0, "missing")];
    };
    let known: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.path.starts_with("crates/"))
        .filter_map(|file| file.rust.as_ref())
        .flat_map(|source| identifiers(&source.code).map(|(_, name)| name))
        .collect();
    let mut faults = Vec::new();
    let mut terms: BTreeMap<&str, usize> = BTreeMap::new();
    for (line, text) in file.text.lines().enumerate().filter(|(_, text)| text.starts_with('|')) {
        let mut fault = |message: String| faults.push(Fault::new(GLOSSARY, line + 1, message));
        let cells: Vec<&str> = text.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [term, chinese, _, rust_name, meaning] = cells.as_slice() else {
            fault(format!("{} cells, the table has {}", cells.len(), HEAD.len()));
            continue;
        };
        if cells == HEAD || term.starts_with("--") {
            continue;
        }
        if let Some(first) = terms.insert(term, line + 1) {
            fault(format!("`{term}` stands in line {first} already"));
        }
        if !chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) && *chinese != "—" {
            fault(format!("`{term}` has no Chinese original; `—` says that there is none"));
        }
        if meaning.is_empty() {
            fault(format!("`{term}` has no meaning"));
        }
        for name in code_names(rust_name) {
            if let Some(missing) = name.split("::").find(|part| !known.contains(part)) {
                fault(format!("`{name}`: the code has no `{missing}`"));
            }
        }
    }
    faults
}

/// The names in backticks.
fn code_names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2).map(|name| name.trim_end_matches("()"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(glossary_rows: &str) -> Vec<String> {
        let table = format!("# Glossary\n\n| {} |\n|---|---|---|---|---|\n{glossary_rows}", HEAD.join(" | "));
        let code = "//! x\npub mod recording {\n pub struct Gap;\n // Ghost\n const S: &str = \"Ghost\"; }";
        let files = [
            File::new(GLOSSARY, &table),
            File::new("crates/domain/src/lib.rs", code),
            File::new("xtask/src/a.rs", "struct Other;"),
        ];
        glossary(&files).into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn names_must_exist_in_code_not_only_in_words() {
        assert_eq!(messages("| gap | 缺口 | A-23 | `recording::Gap` | a missing span |\n"), Vec::<String>::new());
        for name in ["Ghost", "recording::Ghost", "Other"] {
            assert_eq!(messages(&format!("| gap | 缺口 | A-23 | `Gap`, `{name}` | m |\n")).len(), 1, "{name}");
        }
    }

    #[test]
    fn the_form_of_the_table_is_held() {
        assert_eq!(messages("| gap | 缺口 | `Gap` | m |\n").len(), 1);
        assert_eq!(messages("| gap | gap | A-23 | `Gap` | m |\n").len(), 1);
        assert_eq!(messages("| gap | 缺口 | A-23 | `Gap` |  |\n").len(), 1);
        assert_eq!(
            messages("| gap | 缺口 | A | `Gap` | m |\n| gap | 空 | A | — | n |\n"),
            ["`gap` stands in line 5 already"]
        );
        assert!(messages("| leaf | — | C2SP | — | an entry |\n").is_empty());
        assert_eq!(glossary(&[]).len(), 1);
    }

    #[test]
    fn pinyin_is_found_in_any_case_and_english_is_left_alone() {
        for bad in ["fn baojing() {}", "struct ShipinFrame;", "let max_luxiang_ms = 1;", "const JIANKONG: u8 = 1;"] {
            assert_eq!(pinyin("a.rs", &Source::new(bad)).len(), 1, "{bad}");
        }
        for good in ["mod jifang;", "let ship_in = 1;", "// baojing 报警", "let s = \"shipin\";", "fn HTTPServer2() {}"]
        {
            assert!(pinyin("a.rs", &Source::new(good)).is_empty(), "{good}");
        }
    }
}
