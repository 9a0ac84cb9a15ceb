//! Two languages, always together: a message that exists in one only cannot be written.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Language of a page or message. zh-CN is the first language of the product.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Lang {
    /// 简体中文 (zh-CN).
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Lang {
    /// BCP 47 tag, as in `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Reads `zh…` or `en…`; `None` for anything else.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        match tag.get(..2)? {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub const fn t<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A number that a sentence speaks of.
pub trait Count {
    /// It is one: English takes the singular.
    fn is_one(&self) -> bool;
}

macro_rules! counts {
    ($($number:ty),+) => {$(
        impl Count for $number {
            fn is_one(&self) -> bool {
                *self == 1
            }
        }
    )+};
}

counts!(u8, u32, u64, usize, i32, i64);

impl<T: Count + ?Sized> Count for &T {
    fn is_one(&self) -> bool {
        (**self).is_one()
    }
}

/// The word that follows a number in English: `1 fault`, `0 faults`, `12 faults`. Chinese has one form.
#[must_use]
pub fn plural<'a>(n: impl Count, one: &'a str, many: &'a str) -> &'a str {
    if n.is_one() { one } else { many }
}

impl Lang {
    /// The word that follows the number `n` in this language.
    #[must_use]
    pub fn n<'a>(self, n: impl Count, zh: &'a str, one: &'a str, many: &'a str) -> &'a str {
        self.t(zh, plural(n, one, many))
    }
}

/// A message to a person, in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Text {
    /// 中文.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A fixed message.
    #[must_use]
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
    }

    /// A message made at run time.
    #[must_use]
    pub fn of(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: Cow::Owned(zh.into()), en: Cow::Owned(en.into()) }
    }

    /// The text in `lang`.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        lang.t(&self.zh, &self.en)
    }
}

/// Size in decimal units as disk makers print them: `1.8 TB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    scaled(bytes, &["B", "kB", "MB", "GB", "TB", "PB"])
}

/// Bit rate: `4.1 Mbit/s`.
#[must_use]
pub fn bit_rate(bps: u64) -> String {
    scaled(bps, &["bit/s", "kbit/s", "Mbit/s", "Gbit/s"])
}

fn scaled(n: u64, units: &[&str]) -> String {
    let mut unit = 0;
    let mut rest = n;
    let mut tenths = 0;
    while rest >= 1_000 && unit + 1 < units.len() {
        tenths = rest % 1_000 / 100;
        rest /= 1_000;
        unit += 1;
    }
    let name = units.get(unit).copied().unwrap_or_default();
    if unit == 0 || rest >= 100 { format!("{rest} {name}") } else { format!("{rest}.{tenths} {name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_has_one_form_for_one_and_another_for_all_else() {
        let said = |n: u64| format!("{n} {}", plural(n, "fault", "faults"));
        assert_eq!(
            [0, 1, 2, 11, 21, 101].map(said),
            ["0 faults", "1 fault", "2 faults", "11 faults", "21 faults", "101 faults"]
        );
        assert_eq!((plural(-1_i64, "day", "days"), plural(1_usize, "day", "days")), ("days", "day"));
        assert_eq!((Lang::Zh.n(1_u32, "天", "day", "days"), Lang::En.n(1_u32, "天", "day", "days")), ("天", "day"));
    }
}
