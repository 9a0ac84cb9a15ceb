//! Splits a Rust file into code and comments of the same shape, so that rules never trip over strings.
//!
//! Text in, three texts of equal line structure out: `code` (comments and the contents of strings and
//! character literals blanked), `comments` (everything else blanked), and the lines that are tests.
//! It is a lexer, not a parser: nested block comments, raw and byte strings, lifetimes beside character
//! literals are known; macros are just tokens. Invariant: each output has as many lines as the input.

use std::ops::Range;

/// One Rust file, split.
pub struct Source {
    /// The file as it stands.
    pub raw: String,
    /// Code only.
    pub code: String,
    /// Comments only, with their `//`.
    pub comments: String,
    /// Line ranges (from 0) of items under `#[cfg(test)]` or `#[test]`.
    pub tests: Vec<Range<usize>>,
}

impl Source {
    /// Splits `raw`.
    pub fn new(raw: &str) -> Self {
        let (code, comments) = split(raw);
        let tests = test_ranges(&code);
        Self { raw: raw.to_owned(), code, comments, tests }
    }

    /// Whether line `line` (from 0) is part of a test item.
    pub fn is_test(&self, line: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&line))
    }

    /// Code lines outside tests, with their number from 0.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().filter(|(line, _)| !self.is_test(*line))
    }
}

/// Line (from 0) of a byte position.
pub fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count()
}

/// The identifiers of a code text with their byte positions.
pub fn identifiers(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + code[rest..].find(|c: char| c.is_alphabetic() || c == '_')?;
        let end = code[start..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(code.len(), |n| start + n);
        rest = end;
        Some((start, &code[start..end]))
    })
}

/// Position just after the bracket that closes the one at `open`; the end of the text when none does.
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

fn split(raw: &str) -> (String, String) {
    let chars: Vec<char> = raw.chars().collect();
    let mut kinds = vec![Kind::Code; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let (end, kind) = token(&chars, at);
        // The quotes stay in the code, so that an empty and a full string look alike.
        let edge = usize::from(kind == Kind::Literal);
        for slot in kinds.iter_mut().take(end.saturating_sub(edge)).skip(at + edge) {
            *slot = kind;
        }
        at = end;
    }
    let only = |wanted: Kind| {
        chars.iter().zip(&kinds).map(|(c, kind)| if *c == '\n' || *kind == wanted { *c } else { ' ' }).collect()
    };
    (only(Kind::Code), only(Kind::Comment))
}

/// End and kind of the token at `at`. Identifiers are taken whole, so that the `r` of `for"` starts no raw string.
fn token(chars: &[char], at: usize) -> (usize, Kind) {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => (find(chars, at, |c| c == '\n'), Kind::Comment),
        '/' if next == Some('*') => (block_comment_end(chars, at), Kind::Comment),
        '"' => (string_end(chars, at + 1), Kind::Literal),
        '\'' => char_literal_end(chars, at).map_or((at + 1, Kind::Code), |end| (end, Kind::Literal)),
        c if c.is_alphabetic() || c == '_' => {
            let end = find(chars, at, |c| !c.is_alphanumeric() && c != '_');
            let word: String = chars[at..end].iter().collect();
            match (word.as_str(), raw_string_end(chars, end)) {
                ("r" | "br" | "cr", Some(end)) => (end, Kind::Literal),
                _ => (end, Kind::Code),
            }
        }
        _ => (at + 1, Kind::Code),
    }
}

fn find(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    chars.iter().skip(from).position(|c| stop(*c)).map_or(chars.len(), |n| from + n)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0usize;
    let mut i = at;
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => {
                (depth, i) = (depth - 1, i + 2);
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    chars.len()
}

fn string_end(chars: &[char], mut at: usize) -> usize {
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The end of a raw string whose hashes start at `at`; `None` when it is no raw string (`r#name`).
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let quote = find(chars, at, |c| c != '#');
    let hashes = quote - at;
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let mut i = quote + 1;
    while i < chars.len() {
        if chars[i] == '"' && chars.iter().skip(i + 1).take(hashes).filter(|c| **c == '#').count() == hashes {
            return Some(i + 1 + hashes);
        }
        i += 1;
    }
    Some(chars.len())
}

/// The end of a character literal at `at`; `None` for a lifetime.
fn char_literal_end(chars: &[char], at: usize) -> Option<usize> {
    match (chars.get(at + 1)?, chars.get(at + 2)) {
        ('\\', _) => Some(find(chars, at + 3, |c| c == '\'') + 1),
        (_, Some('\'')) => Some(at + 3),
        _ => None,
    }
}

/// Lines of items marked `#[cfg(test)]` (also inside `all`/`any`) or `#[test]`.
fn test_ranges(code: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find("#[").map(|n| from + n) {
        let end = closing(code, at + 1);
        let attribute: String = code[at..end].split_whitespace().collect();
        let conditional = attribute.starts_with("#[cfg(") && !attribute.contains("not(test");
        let names_test = identifiers(&attribute).any(|(_, word)| word == "test");
        if attribute == "#[test]" || (conditional && names_test) {
            let item_end = item_end(code, end);
            ranges.push(line_at(code, at)..line_at(code, item_end) + 1);
            from = item_end;
        } else {
            from = end;
        }
    }
    ranges
}

/// End of the item that starts at `from`: its closing brace, or its semicolon.
fn item_end(code: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = code.as_bytes().get(at) {
        match byte {
            b'{' => return closing(code, at),
            b'(' | b'[' => at = closing(code, at),
            b';' => return at + 1,
            _ => at += 1,
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_comments_and_code_are_told_apart() {
        let source =
            Source::new("let a = \"x // y\"; // say \"hi\"\nlet b = r#\"q\" // {\"#; /* a /* b */ c */ let c;\n");
        assert_eq!(source.code.lines().next(), Some("let a = \"      \";            "));
        assert!(source.code.contains("let c;") && !source.code.contains('{'));
        assert!(source.comments.contains("// say \"hi\"") && source.comments.contains("/* a /* b */ c */"));
        assert!(!source.comments.contains("// y"));
    }

    #[test]
    fn lifetimes_are_code_and_character_literals_are_not() {
        let source = Source::new("fn f<'a>(x: &'a str) { g('{', '\\'', '\\u{7d}', b'}', '\"'); }");
        assert_eq!(source.code.matches(['{', '}']).count(), 2, "{}", source.code);
        assert!(source.code.contains("<'a>") && source.code.contains("&'a str"));
    }

    #[test]
    fn unfinished_input_ends_at_the_end() {
        for text in ["\"abc", "r#\"abc", "/* abc", "'", "'\\", "r#", "\"\\", "#[cfg(test)] mod x {", "#["] {
            let source = Source::new(text);
            assert_eq!(source.code.lines().count(), text.lines().count(), "{text}");
        }
    }

    #[test]
    fn test_items_are_found_and_the_rest_is_not() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(not(test))]\nfn d() {}\n\
                    #[test]\nfn e() {\n}\n#[cfg(test)]\nmod other;\nfn f() {}\n#[cfg(feature = \"test\")]\nfn g() {}\n";
        let source = Source::new(text);
        let lines: Vec<usize> = source.code_lines().map(|(line, _)| line).collect();
        assert_eq!(lines, [0, 5, 6, 7, 13, 14, 15]);
    }

    #[test]
    fn multi_byte_text_keeps_lines_and_positions() {
        let code = Source::new("/// 录像\nlet 名 = \"录\"; fn x() {}\n").code;
        let names: Vec<&str> = identifiers(&code).map(|(_, name)| name).collect();
        assert_eq!(names, ["let", "名", "fn", "x"]);
        let at = code.find("fn").unwrap_or(0);
        assert_eq!(line_at(&code, at), 1);
    }
}
