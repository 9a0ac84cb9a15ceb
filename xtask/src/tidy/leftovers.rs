//! What must not stay behind in committed code: unfinished marks, debug output, tests that cannot fail.

use super::Fault;
use super::lexer::{Source, identifiers, line_at};

/// Macros that stand for unfinished or forgotten code.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Marks in comments. Written in halves, so that this file does not carry them.
const MARKS: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Faults of one file, tests included.
pub fn check(path: &str, source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, word) in identifiers(&source.code) {
        let after: String = source.code[at + word.len()..].chars().filter(|c| !c.is_whitespace()).take(8).collect();
        let before = source.code[..at].trim_end();
        let fault = if MACROS.contains(&word) && after.starts_with('!') {
            format!("`{word}!` is unfinished or forgotten code")
        } else if word == "ignore" && before.ends_with("#[") {
            "an ignored test proves nothing: mend it or remove it".to_owned()
        } else if (word == "assert" || word == "debug_assert") && after.starts_with("!(true)") {
            "a check of `true` cannot fail".to_owned()
        } else {
            continue;
        };
        faults.push(Fault::new(path, line_at(&source.code, at) + 1, fault));
    }
    for (line, comment) in source.comments.lines().enumerate() {
        if let Some((_, mark)) = identifiers(comment).find(|(_, word)| MARKS.contains(word)) {
            faults.push(Fault::new(path, line + 1, format!("`{mark}`: do it now or say plainly what is not done")));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check("a.rs", &Source::new(text)).len()
    }

    #[test]
    fn left_overs_are_found() {
        for name in MACROS {
            assert_eq!(count(&format!("fn f() {{ {name}!() }}")), 1, "{name}");
        }
        for mark in MARKS {
            assert_eq!(count(&format!("// {mark}: later")), 1, "{mark}");
            assert_eq!(count(&format!("/* {mark} */ fn f() {{}}")), 1, "{mark}");
        }
        assert_eq!(count(&format!("#[{}]\nfn f() {{}}", "ignore")), 1);
        assert_eq!(count(&format!("#[{} = \"slow\"]\nfn f() {{}}", "ignore")), 1);
        assert_eq!(count("fn f() { assert!(true); debug_assert!( true ) }"), 2);
    }

    #[test]
    fn ordinary_code_passes() {
        let text =
            "let todo = 1; // ignore the rest; todos\nassert!(truly); let s = \"FIX\"; #[cfg(ignore_x)] fn dbg() {}";
        assert_eq!(count(text), 0);
    }
}
