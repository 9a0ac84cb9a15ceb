//! Facts about a site that decide which clauses reach it. Set once by the site's manager, shown on every answer.

use crate::Installer;
use base::Text;
use serde::{Deserialize, Serialize};

/// One row of `law/jurisdictions.toml`.
struct Row {
    word: &'static str,
    code: Option<&'static str>,
    name: (&'static str, &'static str),
    ask: (&'static str, &'static str),
    also: &'static [&'static str],
}

// `Jurisdiction` with `ALL` and `row`: the build script makes it of the table, so that no province stands in the program.
include!(concat!(env!("OUT_DIR"), "/jurisdictions.rs"));

impl Jurisdiction {
    /// Name for people.
    #[must_use]
    pub const fn name(self) -> Text {
        let row = self.row();
        Text::new(row.name.0, row.name.1)
    }

    /// Word in packs, policies and settings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.row().word
    }

    /// The one with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|j| j.key() == word)
    }

    /// First two digits of its divisions (GB/T 2260); none for provinces without a row of their own.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        self.row().code
    }

    /// Where a division lies, by the first two of its six digits (GB/T 2260).
    #[must_use]
    pub fn of_division(division: &str) -> Self {
        Self::provinces().find(|j| j.code().is_some_and(|code| division.starts_with(code))).unwrap_or(Self::Other)
    }

    /// The provinces with a row of their own, in the order shown.
    pub fn provinces() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|j| j.code().is_some())
    }

    /// How questions and people call it: the usual word in Chinese, in English, then whatever else, its cities among them. Small letters.
    pub fn asked_as(self) -> impl Iterator<Item = &'static str> {
        let row = self.row();
        [row.ask.0, row.ask.1].into_iter().chain(row.also.iter().copied())
    }

    /// The usual word of questions.
    #[must_use]
    pub const fn ask_word(self) -> Text {
        let row = self.row();
        Text::new(row.ask.0, row.ask.1)
    }
}

/// Trades under public-order supervision whose video is kept longer (`LT-17`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpecialTrade {
    /// 旅馆业.
    Hotel,
    /// 典当业.
    Pawnshop,
    /// 按摩服务业.
    Massage,
}

impl SpecialTrade {
    /// All trades, in the order shown.
    pub const ALL: [Self; 3] = [Self::Hotel, Self::Pawnshop, Self::Massage];

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Hotel => Text::new("旅馆业", "hotel"),
            Self::Pawnshop => Text::new("典当业", "pawnshop"),
            Self::Massage => Text::new("按摩服务业", "massage parlour"),
        }
    }
}

/// What the law needs to know about a site. `SiteProfile::new` is a plain unit; the rest is set where it holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteProfile {
    /// Province whose pack applies.
    pub jurisdiction: Jurisdiction,
    /// 技术防范重点单位 (A-10-2-1) or 治安保卫重点单位 (B-13-1).
    #[serde(default)]
    pub key_unit: bool,
    /// 防范恐怖袭击的重点目标 (`CT-32`).
    #[serde(default)]
    pub counter_terror_key_target: bool,
    /// Trade with its own retention term, if any.
    #[serde(default)]
    pub special_trade: Option<SpecialTrade>,
    /// 涉密单位: need not be linked with the police (B-23-2), and engages only providers that meet the rules of the State (A-19, B-43).
    #[serde(default)]
    pub secret_related: bool,
    /// The site is a public place outside the list of Order 799 art. 7 (its art. 9): arts. 11, 14, 15, 16 para. 2 and 17 of the
    /// Order do not bind it. Off unless the manager says so, because off is the stricter answer.
    #[serde(default)]
    pub security_duty_place: bool,
    /// 报警运营服务单位 (B-21-1): offers alarm operation as a service.
    #[serde(default)]
    pub alarm_operator: bool,
    /// A government department, or the body that a government named to build and run the systems of public areas (A-8-1, B-14-1-1,
    /// Order 799 art. 7). Off unless the manager says so, because off is the stricter answer (A-9-1-1, B-14-3).
    #[serde(default)]
    pub government_body: bool,
}

impl SiteProfile {
    /// A unit in `jurisdiction` without any special quality.
    #[must_use]
    pub const fn new(jurisdiction: Jurisdiction) -> Self {
        Self {
            jurisdiction,
            key_unit: false,
            counter_terror_key_target: false,
            special_trade: None,
            secret_related: false,
            security_duty_place: false,
            alarm_operator: false,
            government_body: false,
        }
    }

    /// Who installs when the unit itself does.
    #[must_use]
    pub const fn installer(&self) -> Installer {
        if self.government_body { Installer::Government } else { Installer::ManagingUnit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_and_code_leads_back_to_its_row() {
        for j in Jurisdiction::ALL {
            assert_eq!(Jurisdiction::parse(j.key()), Some(j));
            assert_eq!(serde_word(j), j.key());
            assert!(!j.name().zh.is_ascii() && j.name().en.is_ascii(), "{j:?}");
            assert_eq!(j.asked_as().take(2).collect::<Vec<_>>(), [j.ask_word().zh.as_ref(), j.ask_word().en.as_ref()]);
            assert!(j.asked_as().all(|word| word.to_lowercase() == word && !word.contains(' ')), "{j:?}");
            assert_eq!(j.code().is_none(), j == Jurisdiction::Other);
            if let Some(code) = j.code() {
                assert_eq!(Jurisdiction::of_division(&format!("{code}0102")), j);
            }
        }
        for elsewhere in ["110101", "2", "", "x21000", "3"] {
            assert_eq!(Jurisdiction::of_division(elsewhere), Jurisdiction::Other, "{elsewhere}");
        }
        assert_eq!(Jurisdiction::parse(""), None);
        assert_eq!(Jurisdiction::parse("Other"), None);
    }

    #[test]
    fn the_two_ordinances_are_where_their_divisions_say() {
        let of = |division: &str| Jurisdiction::of_division(division);
        assert_eq!((of("210102"), of("230102")), (Jurisdiction::Liaoning, Jurisdiction::Heilongjiang));
        assert_eq!(Jurisdiction::provinces().collect::<Vec<_>>(), [Jurisdiction::Liaoning, Jurisdiction::Heilongjiang]);
        assert_eq!(Jurisdiction::ALL.last(), Some(&Jurisdiction::Other));
    }

    fn serde_word(j: Jurisdiction) -> String {
        toml::Value::try_from(j).unwrap().as_str().unwrap().to_owned()
    }
}
