//! Facts about a site that decide which clauses reach it. Set once by the site's manager, shown on every answer.

use crate::Installer;
use base::Text;
use serde::{Deserialize, Serialize};

/// Where a site lies: decides the provincial pack. National packs reach every jurisdiction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Jurisdiction {
    /// 辽宁省: pack A.
    Liaoning,
    /// 黑龙江省: pack B.
    Heilongjiang,
    /// Another province: national packs only, until a pack is added.
    Other,
}

impl Jurisdiction {
    /// All jurisdictions, in the order shown.
    pub const ALL: [Self; 3] = [Self::Liaoning, Self::Heilongjiang, Self::Other];

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Liaoning => Text::new("辽宁省", "Liaoning"),
            Self::Heilongjiang => Text::new("黑龙江省", "Heilongjiang"),
            Self::Other => Text::new("其他省份", "another province"),
        }
    }

    /// Word in packs, policies and settings.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Liaoning => "liaoning",
            Self::Heilongjiang => "heilongjiang",
            Self::Other => "other",
        }
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
