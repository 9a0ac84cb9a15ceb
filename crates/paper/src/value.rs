//! Values as a template gets them: JSON to Typst values, one to one; strings stay strings, so nothing in them is ever markup.
//!
//! Two things are done to a string, and only these. Characters that print nothing but change what is read (controls, zero-width and
//! bidirectional marks, tags) are left out: on paper nobody could see them, and a copy of the text would carry them on. Long runs
//! without a place to break get such places, so that they stay on the page.

use crate::PaperError;
use std::collections::BTreeMap;
use typst::foundations::{Array, Dict, Str, Value};

/// Most bytes of all strings and names of a document's values.
pub const DATA_BYTES: usize = 512 * 1024;
/// Most values of one document, lists and objects counted too.
pub const DATA_VALUES: usize = 50_000;
/// Deepest nesting of lists and objects.
pub const DATA_DEPTH: usize = 12;
/// Longest run without a place to break that is left as it is, characters.
const RUN: usize = 24;
/// Place to break that prints nothing.
const BREAK: char = '\u{200b}';
/// Characters of the text that is told around a character.
const NEAR: usize = 12;

/// Values, and every character that they will print with some text around its first place.
pub(crate) struct Set {
    pub(crate) value: Value,
    pub(crate) text: BTreeMap<char, String>,
}

/// Converts within the limits.
pub(crate) fn set(json: &serde_json::Value) -> Result<Set, PaperError> {
    let mut room = Room { bytes: DATA_BYTES, values: DATA_VALUES, text: BTreeMap::new() };
    let value = room.convert(json, 0)?;
    Ok(Set { value, text: room.text })
}

struct Room {
    bytes: usize,
    values: usize,
    text: BTreeMap<char, String>,
}

impl Room {
    fn convert(&mut self, json: &serde_json::Value, depth: usize) -> Result<Value, PaperError> {
        self.values = self.values.checked_sub(1).ok_or(PaperError::TooMuch)?;
        if depth > DATA_DEPTH {
            return Err(PaperError::TooMuch);
        }
        Ok(match json {
            serde_json::Value::Null => Value::None,
            serde_json::Value::Bool(is) => Value::Bool(*is),
            serde_json::Value::Number(n) => match n.as_i64() {
                Some(n) => Value::Int(n),
                None => Value::Float(n.as_f64().ok_or(PaperError::TooMuch)?),
            },
            serde_json::Value::String(text) => Value::Str(Str::from(self.string(text)?)),
            serde_json::Value::Array(items) => {
                Value::Array(items.iter().map(|v| self.convert(v, depth + 1)).collect::<Result<Array, _>>()?)
            }
            serde_json::Value::Object(fields) => {
                let mut dict = Dict::new();
                for (name, value) in fields {
                    self.take(name.len())?;
                    dict.insert(Str::from(name.as_str()), self.convert(value, depth + 1)?);
                }
                Value::Dict(dict)
            }
        })
    }

    fn take(&mut self, bytes: usize) -> Result<(), PaperError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or(PaperError::TooMuch)?;
        Ok(())
    }

    fn string(&mut self, text: &str) -> Result<String, PaperError> {
        self.take(text.len())?;
        let text = visible(text);
        for (at, c) in text.char_indices() {
            self.text.entry(c).or_insert_with(|| near(&text, at));
        }
        Ok(breakable(&text))
    }
}

/// Some text around the character at byte `at`.
pub(crate) fn near(text: &str, at: usize) -> String {
    let before: Vec<char> = text[..at].chars().rev().take(NEAR / 2).collect();
    before.into_iter().rev().chain(text[at..].chars().take(NEAR / 2 + 1)).collect()
}

/// Without what prints nothing.
fn visible(text: &str) -> String {
    let kept = text.chars().filter_map(|c| match c {
        '\n' => Some('\n'),
        '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        c if c.is_control() || is_hidden(c) => None,
        c => Some(c),
    });
    kept.collect()
}

/// Unicode's default ignorables and interlinear marks; variation selectors stay, for they choose the form of a Chinese character.
pub(crate) const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}'
        | '\u{e01f0}'..='\u{e0fff}')
}

/// Chooses the form of the character before it, and prints nothing itself.
pub(crate) const fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// With places to break in long runs of what lines are otherwise not broken in: anything before the Chinese blocks but spaces.
fn breakable(text: &str) -> String {
    let solid = |c: char| !c.is_whitespace() && c < '\u{2e80}';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let run = rest.find(|d| solid(d) != solid(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(run);
        if solid(c) && part.chars().count() > RUN {
            for (n, c) in part.chars().enumerate() {
                if n > 0 && n % (RUN / 4) == 0 {
                    out.push(BREAK);
                }
                out.push(c);
            }
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(json: &serde_json::Value) -> String {
        match set(json).unwrap().value {
            Value::Str(s) => s.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_looks_like_markup_stays_a_string() {
        for hostile in ["#panic()", "$x$", "@ref", "\\u{41}", "*b* _i_ `c` [x] <l> // y /* z", "= h", "\"]#(1+1)[\""] {
            assert_eq!(text(&json!(hostile)), hostile);
        }
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        assert_eq!(text(&json!("正\u{202e}反\u{200b}\u{feff}字\u{0}\u{7}\r\n二\t行\u{2028}三")), "正反字\n二 行\n三");
        assert_eq!(text(&json!("葛\u{e0100}城")), "葛\u{e0100}城", "a form of a character is kept");
    }

    #[test]
    fn long_runs_can_be_broken_and_short_ones_are_left() {
        assert_eq!(text(&json!("a".repeat(RUN))), "a".repeat(RUN));
        let long = text(&json!(format!("备案 {} 号", "f".repeat(64))));
        assert_eq!(long.replace(BREAK, ""), format!("备案 {} 号", "f".repeat(64)));
        assert!(long.split(BREAK).all(|part| part.chars().count() <= RUN / 4 + 3), "{long}");
    }

    #[test]
    fn numbers_lists_and_nothing_keep_their_kind() {
        let Value::Dict(dict) = set(&json!({ "n": 3, "f": 1.5, "no": null, "is": true, "l": [1] })).unwrap().value
        else {
            panic!("no dict");
        };
        assert!(matches!(dict.get("n"), Ok(Value::Int(3))) && matches!(dict.get("f"), Ok(Value::Float(_))));
        assert!(matches!(dict.get("no"), Ok(Value::None)) && matches!(dict.get("is"), Ok(Value::Bool(true))));
        assert!(matches!(dict.get("l"), Ok(Value::Array(a)) if a.len() == 1));
    }

    #[test]
    fn the_limits_hold_at_their_edges() {
        let bytes = |n: usize| set(&json!("好".repeat(n / 3) + &"a".repeat(n % 3))).map(|_| ());
        assert_eq!((bytes(DATA_BYTES), bytes(DATA_BYTES + 1)), (Ok(()), Err(PaperError::TooMuch)));
        let many = |n: usize| set(&json!(vec![0; n - 1])).map(|_| ());
        assert_eq!((many(DATA_VALUES), many(DATA_VALUES + 1)), (Ok(()), Err(PaperError::TooMuch)));
        let deep = |n: usize| set(&(0..n).fold(json!(1), |v, _| json!([v]))).map(|_| ());
        assert_eq!((deep(DATA_DEPTH), deep(DATA_DEPTH + 1)), (Ok(()), Err(PaperError::TooMuch)));
        let names = json!({ "a".repeat(DATA_BYTES): "bc" });
        assert_eq!(set(&names).map(|_| ()), Err(PaperError::TooMuch));
    }

    proptest! {
        #[test]
        fn nothing_visible_is_lost(text in "\\PC{0,200}") {
            let out = breakable(&visible(&text));
            let want: String = text.chars().filter(|c| !is_hidden(*c) && !matches!(c, '\u{2028}' | '\u{2029}')).collect();
            let got: String = out.chars().filter(|c| *c != BREAK && *c != '\n').collect();
            prop_assert_eq!(got, want);
        }
    }
}
