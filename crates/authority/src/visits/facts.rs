//! What was planned and approved of a visit, and what is asked there: kept as JSON beside the row, without personal data.
//!
//! Case and plan ─▶ [`Facts`] ─▶ items that the packs ask of this unit on the day. Always true: the checklist is the version of the day on
//! which the visit was asked for; a unit of which nothing is known is asked what every unit is, and what a site says of itself is known only once an
//! officer has taken it over in what a head approves.

use super::act::SIGNATURE;
use base::{AccountId, CivilDate, Refusal, Sha256, SiteId, Text, UtcMs};
use domain::inspection::{Approval, VisitKind};
use law::{AskedItem, Packs, PlaceKind, SiteProfile, UnitFacts};
use serde::{Deserialize, Serialize};
use store::visits::PhotoRow;

/// Where a visit stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum VisitState {
    /// Asked for.
    #[default]
    Asked,
    /// Approved by a head.
    Approved,
    /// Begun: the record is written.
    Open,
    /// Over.
    Closed,
    /// It does not take place.
    Dropped,
}

impl VisitState {
    /// Every one, in order.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Approved, Self::Open, Self::Closed, Self::Dropped];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => store::visits::ASKED,
            Self::Approved => "approved",
            Self::Open => "open",
            Self::Closed => store::visits::CLOSED,
            Self::Dropped => store::visits::DROPPED,
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Asked => Text::new("待批准", "waits for approval"),
            Self::Approved => Text::new("已批准", "approved"),
            Self::Open => Text::new("检查中", "under way"),
            Self::Closed => Text::new("已结束", "closed"),
            Self::Dropped => Text::new("已取消", "dropped"),
        }
    }
}

/// The stable word of a kind.
pub(crate) fn word(kind: VisitKind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Reads it.
pub(crate) fn kind_of(word: &str) -> Option<VisitKind> {
    serde_json::from_value(serde_json::json!(word)).ok()
}

/// A visit as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VisitForm {
    /// Why.
    pub kind: VisitKind,
    /// The item of the plan; it names the checklist. Not asked of a second look, which is at what was found.
    pub item: String,
    /// Number of the complaint, order or campaign; not asked of a planned visit, which rests on its draw.
    pub basis: String,
    /// The day on which it is to take place.
    pub day: CivilDate,
    /// Who inspects beside the account that asks; of a planned visit whoever stands in for somebody who was drawn and cannot inspect.
    pub with: Vec<AccountId>,
    /// Digest of the site's own report whose word on what kind of unit it is the officer has read and takes over; none: it is asked what every
    /// unit is.
    pub accepts: Option<Sha256>,
}

/// The draw that a visit comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DrawnFrom {
    /// Word of the plan.
    pub plan: String,
    /// What the plan is called.
    pub title: String,
    /// Id of the unit in the pool.
    pub unit: String,
    /// Its place in the draw.
    pub place: u32,
}

/// The approval as kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approved {
    /// Who approved, and when.
    #[serde(flatten)]
    pub approval: Approval,
    /// Number of the approval.
    pub number: String,
}

/// Who dropped a visit; why stands in the sealed record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dropped {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
    /// A head did not approve it.
    #[serde(default)]
    pub refused: bool,
}

/// Signatures that were made void so that the record could be changed; why stands in the sealed record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Voided {
    /// Who.
    pub by: AccountId,
    /// When.
    pub at: UtcMs,
    /// Number of the last picture that was there: what came before it signs no more.
    pub photos: u32,
}

/// What the law needs to know of the unit beside its profile.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct UnitKept {
    /// First day of use.
    pub first_use: Option<CivilDate>,
    /// Places that its cameras cover.
    pub places: Vec<PlaceKind>,
    /// Alarm panels report to it.
    pub receives_alarms: bool,
}

impl UnitKept {
    /// As the packs ask for it.
    #[must_use]
    pub fn facts(&self) -> UnitFacts {
        UnitFacts { first_use: self.first_use, places: self.places.clone(), receives_alarms: self.receives_alarms }
    }
}

impl From<UnitFacts> for UnitKept {
    fn from(facts: UnitFacts) -> Self {
        Self { first_use: facts.first_use, places: facts.places, receives_alarms: facts.receives_alarms }
    }
}

/// What is kept of a visit beside its record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// Item of the plan.
    pub item: String,
    /// Word of the checklist.
    pub checklist: String,
    /// First day of the version that is used.
    pub version: CivilDate,
    /// The draw that the case was opened for; a second look has it too.
    #[serde(default)]
    pub drawn: Option<DrawnFrom>,
    /// Word of the plan that was drawn, or number of the complaint, order or campaign.
    pub basis: String,
    /// Who asked for it.
    pub asked_by: AccountId,
    /// The approval.
    pub approved: Option<Approved>,
    /// When it was begun.
    pub begun: Option<UtcMs>,
    /// Who dropped it before that.
    #[serde(default)]
    pub dropped: Option<Dropped>,
    /// When signatures were made void, the oldest first.
    #[serde(default)]
    pub voided: Vec<Voided>,
    /// What the law needs to know of the unit, as an officer took it over.
    pub profile: SiteProfile,
    /// And this.
    pub unit: UnitKept,
    /// Items that are looked at again; empty: all that the checklist asks.
    pub again: Vec<String>,
    /// The admitted site that is this unit.
    pub site: Option<SiteId>,
    /// Digest of its report that was used.
    pub report: Option<Sha256>,
}

impl Facts {
    /// The picture is a signature that was made void.
    #[must_use]
    pub fn is_void(&self, photo: &PhotoRow) -> bool {
        photo.belongs.starts_with(SIGNATURE) && self.voided.last().is_some_and(|void| photo.photo <= void.photos)
    }

    /// Reads what is kept.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        serde_json::from_str(text).map_err(|_| super::unreadable("facts"))
    }

    /// As it is kept.
    pub(crate) fn write(&self) -> Result<String, Refusal> {
        serde_json::to_string(self).map_err(|_| super::unreadable("facts"))
    }

    /// What is asked of the unit on a day, in the order of the list; nothing where the packs have the list no more.
    pub(crate) fn asked<'a>(&self, packs: &'a Packs, on: CivilDate) -> Vec<AskedItem<'a>> {
        let Some(list) = packs.checklists().iter().find(|l| l.id == self.checklist && l.from == self.version) else {
            return Vec::new();
        };
        let mut asked = packs.asked(list, &self.profile, &self.unit.facts(), on);
        asked.retain(|a| self.again.is_empty() || self.again.contains(&a.item.id));
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for kind in VisitKind::ALL {
            assert_eq!(kind_of(&word(kind)), Some(kind));
        }
        for state in VisitState::ALL {
            assert_eq!(VisitState::parse(state.code()), Some(state));
        }
        assert_eq!((kind_of("else"), VisitState::parse("else")), (None, None));
    }
}
