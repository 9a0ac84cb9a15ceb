//! Files open with `//!`, stay under 800 lines and hold functions under 70 lines; tests do not count.
//!
//! A function is measured from its `fn` line to its closing brace. Functions inside functions count
//! for both.

use super::Fault;
use super::lexer::{Source, closing, identifiers, line_at};

/// Lines a file may have without its tests.
const MAX_FILE_LINES: usize = 800;
/// Lines a function may have.
const MAX_FUNCTION_LINES: usize = 70;

/// Whether a path holds tests only: a `tests` folder, `tests.rs` or `*_tests.rs`.
pub fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| part == "tests") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// Faults of one file.
pub fn check(path: &str, source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !source.raw.starts_with("//! ") {
        faults.push(Fault::new(path, 1, "open the file with `//! ` and a sentence: what it is, what flows through"));
    }
    if is_test_file(path) {
        return faults;
    }
    let lines = source.code_lines().count();
    if lines > MAX_FILE_LINES {
        faults.push(Fault::new(
            path,
            0,
            format!("{lines} lines without tests, more than {MAX_FILE_LINES}: split it by noun"),
        ));
    }
    for (name, line, length) in functions(&source.code) {
        if length > MAX_FUNCTION_LINES && !source.is_test(line) {
            faults.push(Fault::new(
                path,
                line + 1,
                format!("`{name}` has {length} lines, more than {MAX_FUNCTION_LINES}"),
            ));
        }
    }
    faults
}

/// Name, first line (from 0) and length in lines of each function with a body.
fn functions(code: &str) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    let mut words = identifiers(code).peekable();
    while let Some((at, word)) = words.next() {
        let Some((name_at, name)) = words.peek().copied() else { break };
        // `fn(` is a pointer type: only white space may stand before a name.
        if word != "fn" || !code[at + 2..name_at].trim().is_empty() {
            continue;
        }
        if let Some(open) = body(code, name_at) {
            let first = line_at(code, at);
            found.push((name, first, line_at(code, closing(code, open) - 1) - first + 1));
        }
    }
    found
}

/// Position of the brace that opens the body; `None` for a declaration that ends in `;`.
fn body(code: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match code.as_bytes().get(at)? {
            b'{' => return Some(at),
            b';' => return None,
            b'(' | b'[' => at = closing(code, at),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        check(path, &Source::new(text)).into_iter().map(|fault| fault.message).collect()
    }

    fn function(lines: usize) -> String {
        format!("fn long(a: [u8; 3]) -> u8 {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn the_first_line_must_be_an_inner_comment() {
        assert_eq!(faults("a.rs", "fn f() {}\n").len(), 1);
        assert_eq!(faults("a.rs", "\n//! late\n").len(), 1);
        assert_eq!(faults("crates/a/tests/x.rs", "use x;\n").len(), 1);
        assert!(faults("a.rs", "//! What it is.\n").is_empty());
    }

    #[test]
    fn the_function_limit_is_exact() {
        assert!(faults("a.rs", &format!("//! x\n{}", function(70))).is_empty());
        assert_eq!(faults("a.rs", &format!("//! x\n{}", function(71))), ["`long` has 71 lines, more than 70"]);
    }

    #[test]
    fn braces_in_strings_and_pointer_types_do_not_count() {
        let text = format!(
            "//! x\ntype F = fn(u8) -> u8;\ntrait T {{ fn d(&self); }}\nfn s() {{ \"}}\"; '}}'; }}\n{}",
            function(71)
        );
        assert_eq!(faults("a.rs", &text).len(), 1);
        let names: Vec<&str> =
            functions("fn a() {} impl X { fn b<'a>(f: fn(u8)) where F: Fn() {} }").iter().map(|f| f.0).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn tests_may_be_long() {
        let inside = format!("//! x\n#[cfg(test)]\nmod tests {{\n{}}}\n", function(90));
        assert!(faults("a.rs", &inside).is_empty());
        assert!(faults("crates/a/src/frame_tests.rs", &format!("//! x\n{}", function(90))).is_empty());
    }

    #[test]
    fn the_file_limit_counts_without_tests() {
        let lines = |n: usize| format!("//! x\n{}", "const A: u8 = 1;\n".repeat(n - 1));
        assert!(faults("a.rs", &lines(800)).is_empty());
        assert_eq!(faults("a.rs", &lines(801)).len(), 1);
        let with_tests = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(700), "// t\n".repeat(300));
        assert!(faults("a.rs", &with_tests).is_empty());
        assert!(faults("crates/a/src/tests.rs", &lines(2000)).is_empty());
    }
}
