//! What suffices to call an alarm real (复核), and what a rule sees by itself.
//!
//! The grounds are those of the Shanghai notice on area alarm services (2010): any one of them, and the police are told at once.
//! Evidence against never cancels a ground; a person weighs it and says why.

use super::{EvidenceKind, Incident, Verdict};
use base::{CameraId, Text};
use serde::{Deserialize, Serialize};

/// How a detector senses. Two that sense differently are seldom wrong together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Principle {
    /// Door or window contact.
    Contact,
    /// Passive infrared.
    Infrared,
    /// Microwave.
    Microwave,
    /// Active beam.
    Beam,
    /// Vibration.
    Vibration,
    /// Breaking glass.
    Glass,
    /// Analysis of the picture.
    Picture,
    /// A person's hand: button, pedal.
    Hand,
}

impl Principle {
    /// All, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::Contact,
        Self::Infrared,
        Self::Microwave,
        Self::Beam,
        Self::Vibration,
        Self::Glass,
        Self::Picture,
        Self::Hand,
    ];

    /// Stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Infrared => "infrared",
            Self::Microwave => "microwave",
            Self::Beam => "beam",
            Self::Vibration => "vibration",
            Self::Glass => "glass",
            Self::Picture => "picture",
            Self::Hand => "hand",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }

    /// What pages call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Contact => Text::new("门磁窗磁", "contact"),
            Self::Infrared => Text::new("被动红外", "passive infrared"),
            Self::Microwave => Text::new("微波", "microwave"),
            Self::Beam => Text::new("主动红外对射", "active beam"),
            Self::Vibration => Text::new("振动", "vibration"),
            Self::Glass => Text::new("玻璃破碎", "glass break"),
            Self::Picture => Text::new("画面分析", "picture analysis"),
            Self::Hand => Text::new("手动按钮", "button"),
        }
    }
}

/// What is known of a zone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ZoneFacts {
    /// Number at its source.
    pub zone: u32,
    /// Name; empty = unknown.
    pub name: String,
    /// Place; empty = unknown.
    pub place: String,
    /// How its detector senses; `None` = unknown.
    pub principle: Option<Principle>,
    /// Adjacent zones.
    pub neighbours: Vec<u32>,
    /// Cameras that see it.
    pub cameras: Vec<CameraId>,
}

/// On what ground an alarm is called real.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ground {
    /// Raised by hand.
    ByHand,
    /// This evidence.
    Evidence(EvidenceKind),
}

/// The first ground there is for calling the incident real; `None` = none yet.
#[must_use]
pub fn ground(incident: &Incident) -> Option<Ground> {
    use EvidenceKind as K;
    if incident.what.raised_by_hand() {
        return Some(Ground::ByHand);
    }
    let suffices =
        |kind: K| matches!(kind, K::TwoZones | K::TwoPrinciples | K::SeenInVideo | K::GuardConfirms | K::UserConfirms);
    incident.evidence.iter().map(|e| e.kind).find(|k| suffices(*k)).map(Ground::Evidence)
}

/// What the zones that spoke show by themselves and the incident does not hold yet.
#[must_use]
pub fn seen_by_rule(incident: &Incident, zones: &[ZoneFacts]) -> Vec<EvidenceKind> {
    let facts = |zone: u32| zones.iter().find(|z| z.zone == zone);
    let spoke: Vec<_> = incident.zones.iter().filter(|z| z.zone != 0).filter_map(|z| facts(z.zone)).collect();
    let pairs = || spoke.iter().enumerate().flat_map(|(i, a)| spoke.iter().skip(i + 1).map(move |b| (*a, *b)));
    let adjacent = pairs().any(|(a, b)| a.neighbours.contains(&b.zone) || b.neighbours.contains(&a.zone));
    let unlike = pairs().any(|(a, b)| matches!((a.principle, b.principle), (Some(p), Some(q)) if p != q));
    let mut out = Vec::new();
    for (there, kind) in [(adjacent, EvidenceKind::TwoZones), (unlike, EvidenceKind::TwoPrinciples)] {
        if there && !incident.evidence.iter().any(|e| e.kind == kind) {
            out.push(kind);
        }
    }
    // A source of troubles is no burglar, whatever zones it names.
    if incident.what.concerns_police() && incident.verdict() != Some(Verdict::Real) { out } else { Vec::new() }
}
