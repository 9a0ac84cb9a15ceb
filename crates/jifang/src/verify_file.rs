//! What the commands share that check a file of somebody else without a server: `evidence`, `draw` and `register verify`.
//!
//! What flows through: a key as typed or in a file -> the key; the file -> its bytes within a limit; words of the file -> what a terminal may be
//! sent. Always true: no word of a file that is being checked moves the cursor, hides or turns around what stands beside it, and none begins a
//! line of its own; in JSON the same signs are escaped, so a program reads what the file says.

use anyhow::Context;
use ledger::{Vkey, WitnessVkey};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// A terminal acts on it, or nobody sees it: control characters, marks that turn the direction of writing, separators of lines, signs of no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Words of a file that nobody has checked yet, for a terminal: what is hidden becomes U+FFFD.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A result as JSON; what is hidden in its texts is escaped.
///
/// # Errors
/// None that these values can have.
pub fn json(value: &serde_json::Value) -> anyhow::Result<String> {
    let text = serde_json::to_string_pretty(value)?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Breaks of lines are of the form; those of the texts are escaped already.
        if c == '\n' || !is_hidden(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
    }
    Ok(out)
}

/// A key as it was typed, or the first thing in the file of that name.
fn key_text(text: &str) -> anyhow::Result<String> {
    let text = if Path::new(text).is_file() { std::fs::read_to_string(text)? } else { text.to_owned() };
    Ok(text.trim().to_owned())
}

/// The public key of a log or a site, where one was given; `what` names it in an error.
///
/// # Errors
/// The file of the key cannot be read, or it is no key.
pub fn log_key(given: Option<&str>, what: &'static str) -> anyhow::Result<Option<Vkey>> {
    given.map(|text| Vkey::parse(&key_text(text)?).context(what)).transpose()
}

/// The public key of a witness, where one was given.
///
/// # Errors
/// As `log_key`.
pub fn witness_key(given: Option<&str>) -> anyhow::Result<Option<WitnessVkey>> {
    given.map(|text| WitnessVkey::parse(&key_text(text)?).context("public key of the witness")).transpose()
}

/// At most one byte more than `most`, so that a larger file is told from one that ends there.
///
/// # Errors
/// The file cannot be opened or read.
pub fn read(file: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let open = File::open(file).with_context(|| format!("cannot open `{}`", file.display()))?;
    let mut bytes = Vec::new();
    let most = u64::try_from(most)?.saturating_add(1);
    open.take(most).read_to_end(&mut bytes).with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[2K\rb\u{8}c\u{9b}1A\u{202e}d\u{2066}e\u{200b}f\u{e0041}g\nh\u{7f}";

    #[test]
    fn no_word_of_a_file_moves_a_cursor_or_turns_a_line_around() {
        let shown = plain(HOSTILE);
        assert!(!shown.chars().any(is_hidden), "{shown:?}");
        assert_eq!(
            shown,
            "a\u{fffd}[2K\u{fffd}b\u{fffd}c\u{fffd}1A\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h\u{fffd}"
        );
        let usual = "示范银行（沈阳）：大门1号 · A–B é ⟨1⟩";
        assert_eq!(plain(usual), usual);
    }

    #[test]
    fn json_is_read_back_as_it_was_and_shows_nothing_hidden() {
        let value = serde_json::json!({ "row": HOSTILE, "n": 1 });
        let text = json(&value).unwrap();
        assert!(!text.chars().any(|c| c != '\n' && is_hidden(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_key_is_none_a_text_or_an_error_that_says_whose() {
        assert!(log_key(None, "public key").unwrap().is_none() && witness_key(None).unwrap().is_none());
        let fault = log_key(Some("no key"), "public key of the log").unwrap_err();
        assert!(fault.to_string().contains("public key of the log"), "{fault}");
        assert!(witness_key(Some("no key")).is_err());
    }

    #[test]
    fn one_byte_beyond_the_limit_is_read_and_no_more() {
        let folder = std::env::temp_dir().join(format!("jifang-verify-{}", std::process::id()));
        std::fs::write(&folder, b"12345").unwrap();
        assert_eq!(read(&folder, 3).unwrap(), b"1234");
        assert_eq!(read(&folder, 5).unwrap(), b"12345");
        std::fs::remove_file(&folder).unwrap();
        assert!(read(&folder, 5).is_err());
    }
}
