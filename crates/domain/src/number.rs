//! Numbers of cases and documents as people type them: what is meant by brackets, blanks and width that are not as written.
//!
//! ```text
//! "哈里公技防 (2026) 13" ─▶ TypedNumber { before: "哈里公技防", year: 2026, serial: 13 } ─▶ 哈里公技防〔2026〕13号
//! ```
//! Always true: a text of any length and kind is read or not, nothing is guessed: what stands before the year is compared, never made up.

/// Most characters of a number that is looked at.
pub const NUMBER_CHARS: usize = 120;
/// Digits of a year.
const YEAR_DIGITS: usize = 4;
/// Most digits of the number in its year.
const SERIAL_DIGITS: usize = 9;

/// A number as it was typed, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedNumber {
    /// What stands before the year, folded; empty where it was left out.
    pub before: String,
    /// The year; none where it was left out.
    pub year: Option<u16>,
    /// The number in its year.
    pub serial: u32,
}

impl TypedNumber {
    /// The number that was typed can mean this one: what was typed is the same, what was left out is any.
    #[must_use]
    pub fn fits(&self, whole: &Self) -> bool {
        self.serial == whole.serial
            && (self.year.is_none() || self.year == whole.year)
            && (self.before.is_empty() || self.before == whole.before)
    }
}

/// One sign in one width: full width becomes half width, every bracket a round one.
fn one_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => one_width(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)),
        '〔' | '〖' | '【' | '〘' | '〚' | '[' | '{' | '<' | '〈' | '《' => '(',
        '〕' | '〗' | '】' | '〙' | '〛' | ']' | '}' | '>' | '〉' | '》' => ')',
        '—' | '–' | '−' => '-',
        '號' => '号',
        c => c,
    }
}

/// A text without blanks and signs that are not seen, in one width and small letters, so that two ways to write it are the same.
#[must_use]
pub fn folded(text: &str) -> String {
    text.chars().take(NUMBER_CHARS).filter(|c| is_seen(*c)).map(one_width).flat_map(char::to_lowercase).collect()
}

/// A sign that is seen.
fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// The signs that are seen, and the same in one width, sign by sign; a blank between two digits parts them: `2026 13` is no number of six digits.
fn aligned(text: &str) -> (Vec<char>, String) {
    let (mut own, mut plain) = (Vec::new(), String::new());
    let mut is_after_blank = false;
    for c in text.chars().take(NUMBER_CHARS) {
        if !is_seen(c) {
            is_after_blank = true;
            continue;
        }
        let one = one_width(c);
        if is_after_blank && one.is_ascii_digit() && plain.ends_with(|last: char| last.is_ascii_digit()) {
            own.push('-');
            plain.push('-');
        }
        is_after_blank = false;
        own.push(c);
        plain.push(one);
    }
    (own, plain)
}

/// The digits at the end of a text, and what stands before them.
fn digits_at_end(text: &str) -> (&str, &str) {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    text.split_at(before.len())
}

/// What stands before the year, the year, the digits behind it.
struct Parts<'a> {
    before: &'a str,
    year: Option<&'a str>,
    digits: &'a str,
}

fn parts(plain: &str) -> Option<Parts<'_>> {
    let (rest, digits) = digits_at_end(plain.strip_suffix('号').unwrap_or(plain));
    if digits.is_empty() || digits.len() > SERIAL_DIGITS {
        return None;
    }
    let rest = rest.strip_suffix('第').unwrap_or(rest);
    if rest.is_empty() {
        return Some(Parts { before: rest, year: None, digits });
    }
    let (before, year) = digits_at_end(rest.strip_suffix([')', '-', '/', '年'])?);
    if year.len() != YEAR_DIGITS {
        return None;
    }
    let before = if rest.ends_with(')') { before.strip_suffix('(')? } else { before };
    Some(Parts { before, year: Some(year), digits })
}

/// Takes a number apart; `None` for a text that ends with no number, or has something between year and number.
#[must_use]
pub fn typed_number(text: &str) -> Option<TypedNumber> {
    let (_, plain) = aligned(text);
    let found = parts(&plain)?;
    let year = match found.year {
        Some(year) => Some(year.parse().ok()?),
        None => None,
    };
    Some(TypedNumber { before: folded(found.before), year, serial: found.digits.parse().ok()? })
}

/// A number as numbers are written here, `…〔2026〕13号`, whatever brackets, blanks and width it was typed with; what is no number of this
/// form, or longer than [`NUMBER_CHARS`] when it is written so, comes back without its outer blanks. What stands before the year keeps its own
/// brackets, and the digits their zeros.
#[must_use]
pub fn tidy_number(text: &str) -> String {
    let (own, plain) = aligned(text);
    let written = match parts(&plain) {
        Some(Parts { before, year: Some(year), digits }) => {
            let before: String = own.iter().take(before.chars().count()).collect();
            Some(format!("{before}〔{year}〕{digits}号"))
        }
        _ => None,
    };
    // One that grew beyond what is looked at would be read as another one.
    let whole = written.filter(|written| written.chars().count() <= NUMBER_CHARS);
    whole.unwrap_or_else(|| text.chars().take(NUMBER_CHARS).collect::<String>().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = "哈里公技防〔2026〕13号";

    #[test]
    fn one_number_is_read_however_it_is_written() {
        for typed in [
            WHOLE,
            "哈里公技防(2026)13号",
            "哈里公技防（2026）13号",
            "哈里公技防[2026]13号",
            "哈里公技防【２０２６】１３号",
            " 哈里公技防 〔2026〕 13 号 ",
            "哈里公技防〔2026〕13",
            "哈里公技防〔2026〕第13號",
            "哈里公技防2026-13",
        ] {
            assert_eq!(tidy_number(typed), WHOLE, "{typed}");
            assert_eq!(typed_number(typed), typed_number(WHOLE), "{typed}");
        }
    }

    #[test]
    fn what_was_left_out_is_any_and_what_was_typed_is_the_same() {
        let whole = typed_number(WHOLE).unwrap();
        for typed in ["13", "13号", "2026-13", "(2026)13", "2026 13", "2026年13号", "哈里公技防〔2026〕13号"]
        {
            assert!(typed_number(typed).unwrap().fits(&whole), "{typed}");
        }
        for typed in ["3", "113", "2025-13", "哈公技防〔2026〕13号", "202613"] {
            assert!(!typed_number(typed).unwrap().fits(&whole), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for typed in ["", "号", "哈里公技防", "哈里公技防13", "哈〔26〕13号", "1234567890", "哈〔2026〕年13号"]
        {
            assert_eq!(typed_number(typed), None, "{typed}");
            assert_eq!(tidy_number(typed), typed);
        }
        assert_eq!(
            tidy_number("哈公（南岗）受字(2026)007"),
            "哈公（南岗）受字〔2026〕007号",
            "brackets of a name stay"
        );
        assert_eq!(folded(" ＡＢ c－1\u{200b} "), "abc-1");
        for chars in [113, 111, 110] {
            let long = format!("{}2026-13", "哈".repeat(chars));
            let tidy = tidy_number(&long);
            assert_eq!((tidy.ends_with('号'), tidy_number(&tidy)), (chars < 112, tidy.clone()), "{chars}");
        }
    }

    proptest! {
        #[test]
        fn no_text_stops_it_and_what_is_tidy_stays(text in ".{0,200}") {
            let tidy = tidy_number(&text);
            prop_assert_eq!(tidy_number(&tidy), tidy);
        }
    }
}
