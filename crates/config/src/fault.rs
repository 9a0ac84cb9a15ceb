//! What is wrong with a configuration, and where: line and column, and the key, found in the tree by the place the reader stopped at.

use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

/// Deepest place that is looked for; what a configuration may say ends at three.
const DEEP: usize = 16;
/// Tables in braces, and dots between parts of keys (and in numbers), of which a text may exceed one.
const TABLES: usize = 8;
const DOTS: usize = 500;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Key with the tables it is in, e.g. `http.tls.names`; `None` where the text is no TOML.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    path: Vec<Part>,
}

/// A step from the root of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// Into a table.
    Key(String),
    /// Into a list.
    Item(usize),
}

impl Fault {
    /// Something else than TOML, where the parser found it.
    pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> Self {
        let (line, column) = place(text, error);
        Self { line, column, key: None, message: error.message().to_owned(), path: Vec::new() }
    }

    /// A value that cannot be, at `path`.
    pub(crate) fn value(text: &str, error: &toml::de::Error, mut path: Vec<Part>) -> Self {
        let (line, column) = place(text, error);
        path.extend(missing(error).map(|field| Part::Key(field.to_owned())));
        let keys = path.iter().filter_map(|part| match part {
            Part::Key(key) => Some(key.as_str()),
            Part::Item(_) => None,
        });
        let key = Some(keys.collect::<Vec<_>>().join("."));
        Self { line, column, key, message: error.message().to_owned(), path }
    }

    /// A text nobody wrote by hand.
    pub(crate) fn whole(message: String) -> Self {
        Self { line: 1, column: 1, key: None, message, path: Vec::new() }
    }

    /// The fault explains `error` at `path`: what is missing there, or cannot be, is what was taken out for this fault.
    pub(crate) fn explains(&self, error: &toml::de::Error, path: &[Part]) -> bool {
        self.path.starts_with(path)
            && missing(error).is_none_or(|field| self.path.get(path.len()) == Some(&Part::Key(field.to_owned())))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, message, .. } = self;
        let key = self.key.as_ref().map(|key| format!(" `{key}`")).unwrap_or_default();
        write!(f, "第 {line} 行第 {column} 列{key} / line {line}, column {column}{key}: {message}")
    }
}

/// The text nests deeper than can be taken apart on a small stack. The parser allows eighty tables in tables, each with a key of eighty
/// parts; what is within both bounds here is at most a thousand deep. Neither comes near what a configuration says.
pub(crate) fn nests(text: &str) -> bool {
    let (mut tables, mut dots) = (0_usize, 0_usize);
    for token in toml_parser::Source::new(text).lex() {
        match token.kind() {
            TokenKind::LeftCurlyBracket => tables += 1,
            TokenKind::Dot => dots += 1,
            _ => {}
        }
    }
    tables > TABLES && dots > DOTS
}

/// The field that is not there, if that is what the error says.
fn missing(error: &toml::de::Error) -> Option<&str> {
    error.message().strip_prefix("missing field `")?.split('`').next()
}

/// Line and column of an error, from 1.
fn place(text: &str, error: &toml::de::Error) -> (usize, usize) {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = &text.as_bytes()[..at];
    let mut lines = before.split(|byte| *byte == b'\n');
    let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    (lines.clone().count(), lines.next_back().map_or(0, characters) + 1)
}

/// The way to the node an error speaks of: the one with its very place, or the smallest one around it; of what is missing, the table
/// it is missing in. Empty: the whole.
pub(crate) fn find(tree: &DeTable<'_>, error: &toml::de::Error) -> Vec<Part> {
    let Some(at) = error.span() else { return Vec::new() };
    let mut search = Search { at, tables: missing(error).is_some(), path: Vec::new(), best: None };
    search.table(tree);
    search.best.map(|(_, path)| path).unwrap_or_default()
}

struct Search {
    at: Range<usize>,
    /// Only tables, and only at the very place.
    tables: bool,
    path: Vec<Part>,
    best: Option<(usize, Vec<Part>)>,
}

impl Search {
    fn table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            self.path.push(Part::Key(key.get_ref().to_string()));
            if !self.tables {
                self.weigh(&key.span());
            }
            self.value(value);
            self.path.pop();
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        if !self.tables || matches!(value.get_ref(), DeValue::Table(_)) {
            self.weigh(&value.span());
        }
        match value.get_ref() {
            _ if self.path.len() >= DEEP => {}
            DeValue::Table(table) => self.table(table),
            DeValue::Array(list) => {
                for (n, item) in list.iter().enumerate() {
                    self.path.push(Part::Item(n));
                    self.value(item);
                    self.path.pop();
                }
            }
            _ => {}
        }
    }

    /// Keeps the node if it fits better than the best so far; of equals the outer one stays.
    fn weigh(&mut self, span: &Range<usize>) {
        let weight = if *span == self.at {
            0
        } else if !self.tables && span.contains(&self.at.start) {
            span.len()
        } else {
            return;
        };
        if self.best.as_ref().is_none_or(|(known, _)| weight < *known) {
            self.best = Some((weight, self.path.clone()));
        }
    }
}

/// Takes the node at the end of the way out, or the list it is an item of; false when there is none.
pub(crate) fn remove(tree: &mut DeTable<'_>, path: &[Part]) -> bool {
    let Some((Part::Key(key), rest)) = path.split_first() else { return false };
    if rest.iter().all(|part| matches!(part, Part::Item(_))) {
        return tree.remove(key.as_str()).is_some();
    }
    tree.get_mut(key.as_str()).is_some_and(|value| remove_in(value.get_mut(), rest))
}

fn remove_in(value: &mut DeValue<'_>, path: &[Part]) -> bool {
    match (value, path) {
        (DeValue::Table(table), path) => remove(table, path),
        (DeValue::Array(list), [Part::Item(n), rest @ ..]) => {
            list.get_mut(*n).is_some_and(|item| remove_in(item.get_mut(), rest))
        }
        _ => false,
    }
}
