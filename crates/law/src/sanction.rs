//! `sanctions.toml` of a pack and `sanction-overlays.toml`: what a penalty clause punishes, whom it reaches, what is ordered first,
//! the fines with their days, what else follows, and which penalty rules where several meet on one act.
//!
//! Invariants after [`check`]: every clause named exists; one fine at most for a party, a grade and a day; a fine that waits for a
//! correction has an order to correct; a link that is not literal has a reason why no fine may rest on it unreviewed.

use crate::error::line_of;
use crate::pack::{Level, Modality, Pack, Packs, PenaltyLink};
use crate::{Clause, PackError};
use base::{CivilDate, ClauseId, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where penalties of several instruments meet.
pub(crate) const OVERLAY_FILE: &str = "sanction-overlays.toml";

/// Whom a penalty reaches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fined {
    /// A unit (单位).
    Unit,
    /// An individual who breaks the rule himself (个人).
    Person,
    /// A person in charge or responsible in a unit that breaks it (主管人员和其他直接责任人员).
    Responsible,
    /// An official of a state organ.
    Official,
}

/// How far a breach has come.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Found; nothing aggravates it.
    Ordinary,
    /// The order to correct was refused or not followed in time.
    Overdue,
    /// It caused a loss.
    Loss,
    /// Grave, or with grave consequences.
    Serious,
}

/// What is ordered beside or before a fine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The clause names no order; AP-28 still asks for correction.
    #[default]
    None,
    /// Correct within a limit.
    Correct,
    /// Warning, and correct within a limit.
    WarningAndCorrect,
    /// Correct within a limit and delete what was captured.
    CorrectAndDelete,
    /// Delete what was captured.
    Delete,
    /// Stop.
    Stop,
    /// Dismantle.
    Dismantle,
}

/// What else follows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// Illegal gains are confiscated.
    ConfiscateGains,
    /// Devices are confiscated.
    ConfiscateDevices,
    /// Dismantled by force, by the enforcement law.
    ForcedDismantling,
    /// The registration or licence is revoked.
    Revoke,
    /// No new application for years.
    BanYears,
    /// Detention, days.
    DetentionDays,
    /// Disciplinary sanction by the competent organ.
    Disciplinary,
    /// A disciplinary sanction may be proposed.
    DisciplinaryProposed,
    /// The competent department is told, to act on business and licences.
    TellDepartment,
    /// Damages under civil law.
    Damages,
    /// Prosecuted if it is a crime.
    Crime,
    /// Punished under the clauses named.
    OtherLaw,
}

/// A clause that a sanction punishes.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreachRef {
    /// The breached clause.
    pub clause: String,
    /// How sure it is.
    pub link: PenaltyLink,
}

/// One fine.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// On whom.
    pub who: Vec<Fined>,
    /// In which grades.
    pub grades: Vec<Grade>,
    /// Lower end, yuan; none: the text sets none.
    #[serde(default)]
    pub min_yuan: Option<u64>,
    /// Upper end, yuan, itself included; equal to the lower end: a fixed sum.
    pub max_yuan: u64,
    /// Times the illegal gains, fined as well or instead: see the sanction's review.
    #[serde(default)]
    pub gains_multiple: Option<u32>,
    /// In place of detention, not beside it.
    #[serde(default)]
    pub instead_of_detention: bool,
    /// May be added, need not.
    #[serde(default)]
    pub optional: bool,
    /// First day.
    pub from: CivilDate,
    /// First day no longer.
    #[serde(default)]
    pub until: Option<CivilDate>,
}

/// One further consequence.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// What.
    pub kind: MeasureKind,
    /// On whom; empty: on every addressee.
    #[serde(default)]
    pub who: Vec<Fined>,
    /// In which grades; empty: in all.
    #[serde(default)]
    pub grades: Vec<Grade>,
    /// Least days or years.
    #[serde(default)]
    pub min: Option<u32>,
    /// Most days or years.
    #[serde(default)]
    pub max: Option<u32>,
    /// Clauses under which it is imposed.
    #[serde(default)]
    pub refers: Vec<String>,
    /// First day of its number.
    #[serde(default)]
    pub from: Option<CivilDate>,
    /// First day no longer.
    #[serde(default)]
    pub until: Option<CivilDate>,
}

/// Why no fine may rest on an entry before a legal review.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewReason {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl ReviewReason {
    pub(crate) fn text(&self) -> Text {
        Text::of(self.zh.clone(), self.en.clone())
    }
}

/// What one penalty clause says.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sanction {
    /// The penalty clause.
    pub clause: String,
    /// What it punishes.
    pub breach: Vec<BreachRef>,
    /// Whom it reaches.
    pub addressees: Vec<Fined>,
    /// Whether the text names them; if not, the party bound by the breached clause is taken.
    #[serde(default = "yes")]
    pub named: bool,
    /// What is ordered.
    #[serde(default)]
    pub order: Order,
    /// A condition a person has to confirm.
    #[serde(default)]
    pub only_if_zh: String,
    /// The same in English.
    #[serde(default)]
    pub only_if_en: String,
    /// A slip in its references and how it is read.
    #[serde(default)]
    pub slip_zh: String,
    /// The same in English.
    #[serde(default)]
    pub slip_en: String,
    /// The clause of a later text that took its place.
    #[serde(default)]
    pub successor: Option<String>,
    /// First day on which its object is gone.
    #[serde(default)]
    pub until: Option<CivilDate>,
    /// What ended it.
    #[serde(default)]
    pub ended_by: Option<String>,
    /// Fines.
    #[serde(default, rename = "band")]
    pub bands: Vec<Band>,
    /// What else follows.
    #[serde(default, rename = "measure")]
    pub measures: Vec<Measure>,
    /// Why no fine may rest on it unreviewed.
    #[serde(default, rename = "review")]
    pub reviews: Vec<ReviewReason>,
}

const fn yes() -> bool {
    true
}

impl Sanction {
    /// The fine for a party in a grade on a day. A grade the clause does not name falls under its ordinary fine, if it has one.
    #[must_use]
    pub fn band(&self, who: Fined, grade: Grade, on: CivilDate) -> Option<&Band> {
        let holds = |grade: Grade| {
            let of = move |b: &&Band| b.who.contains(&who) && b.grades.contains(&grade) && spans(b.from, b.until, on);
            self.bands.iter().find(of)
        };
        holds(grade).or_else(|| holds(Grade::Ordinary))
    }

    /// The fine that follows when the order is not obeyed.
    #[must_use]
    pub fn later_band(&self, who: Fined, on: CivilDate) -> Option<&Band> {
        let of = |b: &&Band| b.who.contains(&who) && b.grades.contains(&Grade::Overdue) && spans(b.from, b.until, on);
        self.bands.iter().find(of)
    }

    /// How sure it is that this clause punishes that breach.
    #[must_use]
    pub fn link(&self, breach: &str) -> Option<PenaltyLink> {
        self.breach.iter().find(|b| b.clause == breach).map(|b| b.link)
    }
}

fn spans(from: CivilDate, until: Option<CivilDate>, on: CivilDate) -> bool {
    from <= on && until.is_none_or(|until| on < until)
}

impl Measure {
    pub(crate) fn holds(&self, who: Fined, grade: Grade, on: CivilDate) -> bool {
        (self.who.is_empty() || self.who.contains(&who))
            && (self.grades.is_empty() || self.grades.contains(&grade))
            && self.from.is_none_or(|from| from <= on)
            && self.until.is_none_or(|until| on < until)
    }
}

/// Which penalty rules where several meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SanctionRule {
    /// The first bounds the others.
    Cap,
    /// The first is applied, the others are not.
    Prevails,
    /// All, but one fine: the higher.
    OneFine,
    /// All.
    Beside,
    /// Undecided: no fine before a legal review.
    Review,
}

/// Penalties that meet on one act.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanctionOverlay {
    /// The matter.
    pub id: String,
    /// Which rules.
    pub rule: SanctionRule,
    /// The same act, as each instrument forbids it.
    pub breaches: Vec<String>,
    /// The penalty clauses, in order.
    pub sanctions: Vec<String>,
    /// Clauses that are the ground.
    pub clauses: Vec<String>,
    /// Ground in words.
    pub ground_zh: String,
    /// Ground in words, English.
    pub ground_en: String,
}

impl SanctionOverlay {
    pub(crate) fn ground(&self) -> Text {
        Text::of(self.ground_zh.clone(), self.ground_en.clone())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SanctionFile {
    #[serde(default, rename = "sanction")]
    sanctions: Vec<Sanction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverlayFile {
    #[serde(default, rename = "overlay")]
    overlays: Vec<SanctionOverlay>,
}

/// The sanctions of one pack; a missing file holds none.
pub(crate) fn read(files: &BTreeMap<String, String>, folder: &str) -> Result<Vec<Sanction>, PackError> {
    let path = file_of(folder);
    let Some(text) = files.get(&path) else { return Ok(Vec::new()) };
    let file: SanctionFile = toml::from_str(text).map_err(|e| {
        let error = PackError::toml(&path, text, &e);
        let clause = error.clause.clone().or_else(|| entry_above(text, error.line?));
        PackError { clause, ..error }
    })?;
    Ok(file.sanctions)
}

/// Where penalties meet; a missing file holds nothing.
pub(crate) fn read_overlays(files: &BTreeMap<String, String>) -> Result<Vec<SanctionOverlay>, PackError> {
    let Some(text) = files.get(OVERLAY_FILE) else { return Ok(Vec::new()) };
    let file: OverlayFile = toml::from_str(text).map_err(|e| PackError::toml(OVERLAY_FILE, text, &e))?;
    Ok(file.overlays)
}

fn file_of(folder: &str) -> String {
    format!("{folder}/sanctions.toml")
}

/// The clause of the entry that a line stands in.
fn entry_above(text: &str, line: usize) -> Option<String> {
    let clauses = text.lines().take(line).filter_map(|l| l.strip_prefix("clause = \""));
    Some(clauses.last()?.trim_end_matches('"').to_owned())
}

/// Every sanction and overlay of the packs.
pub(crate) fn check(packs: &Packs, files: &BTreeMap<String, String>) -> Result<(), PackError> {
    for pack in packs.all() {
        let file = file_of(&pack.folder);
        let text = files.get(&file).map_or("", String::as_str);
        for (n, sanction) in pack.sanctions.iter().enumerate() {
            let twice = pack.sanctions.iter().take(n).any(|other| other.clause == sanction.clause);
            let held = if twice {
                Err("the clause has two entries".to_owned())
            } else {
                check_sanction(packs, pack, sanction)
            };
            held.map_err(|what| {
                let entry = format!("\nclause = \"{}\"", sanction.clause);
                let at = if twice { text.rfind(&entry) } else { text.find(&entry) };
                let line = at.map(|at| line_of(text, at + 1));
                PackError { file: file.clone(), line, clause: Some(sanction.clause.clone()), what }
            })?;
        }
    }
    let text = files.get(OVERLAY_FILE).map_or("", String::as_str);
    for (n, overlay) in packs.sanction_overlays.iter().enumerate() {
        if packs.sanction_overlays.iter().take(n).any(|other| other.id == overlay.id) {
            return Err(PackError::again(OVERLAY_FILE, text, &overlay.id, "stands twice"));
        }
        check_overlay(packs, overlay).map_err(|what| PackError::clause(OVERLAY_FILE, text, &overlay.id, what))?;
    }
    Ok(())
}

fn clause<'a>(packs: &'a Packs, id: &str) -> Result<&'a Clause, String> {
    packs.clause(&ClauseId::new(id)).map(|(_, c)| c).ok_or_else(|| format!("clause `{id}` does not exist"))
}

fn check_sanction(packs: &Packs, pack: &Pack, sanction: &Sanction) -> Result<(), String> {
    let own = clause(packs, &sanction.clause)?;
    if !own.id.starts_with(&format!("{}-", pack.head.id)) {
        return Err("a pack's sanctions are about its own clauses".to_owned());
    }
    let penal = own.modality == Modality::Penalty;
    let consequences = sanction.bands.len() + sanction.measures.len();
    if !penal && consequences > 0 {
        return Err("only a penalty clause fines; this clause may order correction at most".to_owned());
    }
    for breach in &sanction.breach {
        clause(packs, &breach.clause).map_err(|what| format!("breach: {what}"))?;
        if breach.link != PenaltyLink::Literal && sanction.reviews.is_empty() && sanction.slip_en.is_empty() {
            let what = "a link that is not literal needs a [[sanction.review]] or a slip, in both languages";
            return Err(format!("breach `{}`: {what}", breach.clause));
        }
    }
    if sanction.addressees.is_empty() {
        return Err("`addressees` is empty: unit, person, responsible, official".to_owned());
    }
    let pairs = [(&sanction.only_if_zh, &sanction.only_if_en), (&sanction.slip_zh, &sanction.slip_en)];
    let reviews = sanction.reviews.iter().map(|r| (&r.zh, &r.en));
    if pairs.into_iter().any(|(zh, en)| zh.is_empty() != en.is_empty())
        || reviews.into_iter().any(|(zh, en)| zh.is_empty() || en.is_empty())
    {
        return Err("a sentence stands in both languages".to_owned());
    }
    if sanction.until.is_some() != sanction.ended_by.is_some() {
        return Err("`until` and `ended_by` (what ended it) go together".to_owned());
    }
    let refers = sanction.measures.iter().flat_map(|m| &m.refers);
    for id in sanction.ended_by.iter().chain(&sanction.successor).chain(refers) {
        clause(packs, id)?;
    }
    if let Some(next) = sanction.successor.as_deref().filter(|id| packs.sanction(id).is_none()) {
        return Err(format!("successor `{next}` has no entry"));
    }
    check_bands(pack, own, sanction)?;
    sanction.measures.iter().try_for_each(|m| check_measure(sanction, m))
}

fn check_bands(pack: &Pack, own: &Clause, sanction: &Sanction) -> Result<(), String> {
    let first_day = own.from.unwrap_or(pack.head.from).max(pack.head.from);
    let detains = sanction.measures.iter().any(|m| m.kind == MeasureKind::DetentionDays);
    for (n, band) in sanction.bands.iter().enumerate() {
        let name = format!("fine number {}", n + 1);
        if band.who.is_empty() || band.grades.is_empty() {
            return Err(format!("{name}: `who` and `grades` may not be empty"));
        }
        if let Some(who) = band.who.iter().find(|who| !sanction.addressees.contains(who)) {
            return Err(format!("{name}: {who:?} is not among the addressees"));
        }
        if band.max_yuan == 0 || band.min_yuan == Some(0) {
            return Err(format!(
                "{name}: no end of a fine is 0; leave out `min_yuan` where the text sets no lower end"
            ));
        }
        if band.min_yuan.is_some_and(|min| min > band.max_yuan) {
            return Err(format!("{name}: min_yuan is above max_yuan"));
        }
        if band.from < first_day {
            return Err(format!("{name}: begins on {} before its clause is in force ({first_day})", band.from));
        }
        if band.until.is_some_and(|until| until <= band.from) {
            return Err(format!("{name}: ends before it begins"));
        }
        if band.grades.contains(&Grade::Overdue) && sanction.order == Order::None {
            return Err(format!("{name}: waits for a correction, so the sanction needs an `order`"));
        }
        for (m, other) in sanction.bands.iter().enumerate().skip(n + 1) {
            let days =
                band.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| band.from < until);
            if !days || !band.who.iter().any(|who| other.who.contains(who)) {
                continue;
            }
            let other_name = format!("fine number {}", m + 1);
            if band.grades.iter().any(|g| other.grades.contains(g)) {
                return Err(format!("{name} and {other_name} hold for one party, grade and day"));
            }
            if !detains && overlap(band, other) {
                return Err(format!("{name} and {other_name}: the ranges of the graver and the lighter grade overlap"));
            }
        }
    }
    Ok(())
}

/// Whether a serious fine begins below the end of the lighter one.
fn overlap(one: &Band, other: &Band) -> bool {
    let (serious, light) = match (one.grades.contains(&Grade::Serious), other.grades.contains(&Grade::Serious)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return false,
    };
    serious.min_yuan.is_some_and(|min| min < light.max_yuan) || serious.max_yuan < light.max_yuan
}

fn check_measure(sanction: &Sanction, measure: &Measure) -> Result<(), String> {
    let kind = measure.kind;
    let numbered = matches!(kind, MeasureKind::BanYears | MeasureKind::DetentionDays);
    if numbered != measure.max.is_some() || (measure.min.is_some() && !numbered) {
        return Err(format!(
            "{kind:?}: years and days (`max`) belong to ban_years and detention_days, and only to them"
        ));
    }
    if numbered && measure.from.is_none() {
        return Err(format!("{kind:?}: a number needs its first day (`from`)"));
    }
    if measure.max == Some(0) || measure.min.zip(measure.max).is_some_and(|(min, max)| min > max) {
        return Err(format!("{kind:?}: min is above max, or max is 0"));
    }
    if let Some((from, until)) = measure.from.zip(measure.until).filter(|(from, until)| until <= from) {
        return Err(format!("{kind:?}: ends on {until}, before it begins on {from}"));
    }
    if (kind == MeasureKind::OtherLaw) == measure.refers.is_empty() {
        return Err(format!("{kind:?}: other_law names its clauses in `refers`, and nothing else does"));
    }
    match measure.who.iter().find(|who| !sanction.addressees.contains(who)) {
        Some(who) => Err(format!("{kind:?}: {who:?} is not among the addressees")),
        None => Ok(()),
    }
}

fn check_overlay(packs: &Packs, overlay: &SanctionOverlay) -> Result<(), String> {
    for id in overlay.breaches.iter().chain(&overlay.clauses) {
        clause(packs, id)?;
    }
    if let Some(id) = overlay.sanctions.iter().find(|id| packs.sanction(id).is_none()) {
        return Err(format!("sanction `{id}` has no entry in a sanctions.toml"));
    }
    if overlay.ground_zh.is_empty() || overlay.ground_en.is_empty() || overlay.clauses.is_empty() {
        return Err("an overlay says its ground in both languages and names its clauses".to_owned());
    }
    let least = if overlay.rule == SanctionRule::Beside { 1 } else { 2 };
    if overlay.sanctions.len() < least || overlay.breaches.len() < 2 {
        return Err(
            "penalties meet where at least two of them punish one act, forbidden by at least two clauses".to_owned()
        );
    }
    if !matches!(overlay.rule, SanctionRule::Cap | SanctionRule::Prevails) {
        return Ok(());
    }
    let rank = |id: &String| packs.sanction(id).map(|(pack, _)| pack.head.level.rank());
    let first = overlay.sanctions.first().and_then(rank);
    match overlay.sanctions.iter().skip(1).find(|id| rank(id) >= first) {
        Some(id) => Err(format!("the first bounds or displaces `{id}` but does not rank above it")),
        None => Ok(()),
    }
}

impl Level {
    /// Rank for conflicts (Legislation Law): a greater number prevails. An ordinance and a department rule have no fixed order.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::ProvincialRule => 1,
            Self::DepartmentRule | Self::ProvincialOrdinance | Self::StateCouncilDocument => 2,
            Self::AdministrativeRegulation => 3,
            Self::Law => 4,
        }
    }
}

impl Packs {
    /// The sanction of a penalty clause, with its pack.
    #[must_use]
    pub fn sanction(&self, clause: &str) -> Option<(&Pack, &Sanction)> {
        self.packs.iter().find_map(|p| Some((p, p.sanctions.iter().find(|s| s.clause == clause)?)))
    }

    /// Where penalties of several instruments meet.
    #[must_use]
    pub fn sanction_overlays(&self) -> &[SanctionOverlay] {
        &self.sanction_overlays
    }
}
