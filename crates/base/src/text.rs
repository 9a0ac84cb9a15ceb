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
