//! Standing duties of a unit: what it owes on a day, by which clauses, by when, and what evidence decides.
//!
//! What flows through: `obligations.toml` of the packs -> [`ObligationRule`]s, checked -> with the site's qualities, its unit's facts and a
//! day -> [`Owed`], one a code, with a [`Ground`] for each rule that asks it. Whether it is met is not known here: `domain::duty`.
//!
//! Always true: a duty is owed only by clauses in force that day; one code has one title and one kind of evidence over all packs; a
//! number of days is a dated value of a clause named by the rule, so a change of law changes one place; its last day is counted as
//! every time limit is ([`crate::count`]): working days by the calendar, a last day on a day off moves. A pack without the file asks
//! nothing. The file holds its own cases: unit, day, and what this pack then asks.

use crate::deadline::{Count, Deadline, Direction, Leg, Sense, TermUnit, count};
use crate::pack::{Actor, Pack, Packs};
use crate::{CaseFailure, Gate, PackError, PlaceKind, SiteProfile};
use base::{Citation, CivilDate, ClauseId, Text};
use serde::{Deserialize, Serialize};

/// Name of the file in a pack's folder.
const FILE: &str = "obligations.toml";
/// Most obligations of one pack.
const MOST: usize = 200;

/// What decides whether a duty is met: found by the program, or a record that a person enters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// Cameras or alarm panels are in service.
    Installed,
    /// Who is responsible, on record.
    Responsible,
    /// Training of those who work with the system, on record.
    Training,
    /// Training in confidentiality, on record.
    ConfidentialityTraining,
    /// Faults that are open: cameras, disks, panels.
    Running,
    /// Rules for query, retrieval, registration and confidentiality, on record; the register in use.
    InformationRules,
    /// Rules for use, upkeep and renewal, on record.
    OperatingRules,
    /// Accounts of persons who are to use the system.
    Operators,
    /// Rules of the watch and plan for emergencies, on record; the watch as it was kept.
    DutyAndPlan,
    /// Archive of drawings and papers, on record.
    Archive,
    /// Footage of each camera against its term.
    Retention,
    /// Footage whose term is over and that is still there.
    Deletion,
    /// Signs of each camera.
    Signs,
    /// Filing with the police, on record.
    Filing,
    /// Acceptance passed, on record.
    Acceptance,
    /// How alarms were verified and reported.
    AlarmReports,
    /// The connection with the police.
    Network,
    /// Whether what is stored is what was recorded.
    Security,
    /// Papers of the products in use, on record.
    ProductPapers,
    /// Filing of the firms that designed, installed or maintain, on record.
    ProviderFiling,
    /// Inspection of places of privacy, on record.
    PrivatePlaces,
}

/// Which cameras a duty is measured on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameraReach {
    /// Those that cover a place the public enters.
    PublicPlace,
    /// All of them.
    #[default]
    Every,
}

/// When a rule reaches a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UnitCondition {
    /// Key unit of the ordinance.
    KeyUnit,
    /// Key target of counter-terrorism.
    CounterTerrorKeyTarget,
    /// A trade under public-order supervision.
    SpecialTrade,
    /// Falls under Order 799 art. 7, not art. 9.
    ListedSite,
    /// No secret-related unit.
    NotSecretRelated,
    /// Offers alarm operation as a service.
    AlarmOperator,
    /// Alarm panels report to it.
    ReceivesAlarms,
    /// Has cameras.
    HasVideo,
    /// A camera covers a place the public enters.
    PublicPlace,
    /// A camera covers a social public area.
    SocialPublicArea,
    /// It runs premises, not only open areas.
    Premises,
    /// An enterprise or institution: no government body.
    NotGovernmentBody,
}

/// One entry of `obligations.toml`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObligationRule {
    /// Stable word; the same in every pack that asks the same.
    pub code: String,
    /// Clauses of this pack that ask it.
    pub clauses: Vec<String>,
    /// Whom they address; each is an actor of one of the clauses.
    pub who: Vec<Actor>,
    /// All of these hold.
    #[serde(default)]
    pub(crate) only: Vec<UnitCondition>,
    /// One of these holds; empty: always.
    #[serde(default)]
    pub(crate) any: Vec<UnitCondition>,
    /// What decides whether it is met.
    pub probe: Probe,
    /// Which cameras it is measured on.
    #[serde(default)]
    pub cameras: CameraReach,
    /// `at_once`, `before_use`, `own_period` (regular, and the law names no days), or a dated value of one of the clauses: days after
    /// first use.
    pub due: String,
    /// The dated value for systems that were in use before the clause was in force: days after its first day.
    #[serde(default)]
    pub due_running: Option<String>,
    /// How these days are counted: an entry of `workdays/counting.toml`. Stands where `due` is a dated value, and only there.
    #[serde(default)]
    pub counting: Option<String>,
    /// To be done anew, promptly, when the system changes.
    #[serde(default)]
    pub again_on_change: bool,
    /// Name of the duty.
    pub title_zh: String,
    /// Name of the duty, English.
    pub title_en: String,
    /// What is to be done.
    pub text_zh: String,
    /// What is to be done, English.
    pub text_en: String,
    /// What to do while it is not met.
    pub next_zh: String,
    /// What to do while it is not met, English.
    pub next_en: String,
}

/// What the law needs to know about a unit beside its [`SiteProfile`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnitFacts {
    /// First day the system was in use; none: not in use yet, or not known.
    pub first_use: Option<CivilDate>,
    /// Places that cameras in service cover.
    pub places: Vec<PlaceKind>,
    /// Alarm panels report to it.
    pub receives_alarms: bool,
}

/// By when a standing duty is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObligationDue {
    /// As long as the clause holds; no days are named.
    AtOnce,
    /// Before the system is used.
    BeforeUse,
    /// Within days that the law names.
    Within {
        /// Days named.
        days: u32,
        /// They are working days.
        working: bool,
        /// Last day; none while the system is not in use.
        by: Option<CivilDate>,
        /// The year whose holidays are not published yet and could move that day.
        provisional: Option<i16>,
    },
    /// Regularly; the law names no days, the unit's own rule does.
    OwnPeriod,
}

/// One rule that asks a duty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ground {
    /// Pack.
    pub pack: String,
    /// The clauses in force.
    pub citations: Vec<Citation>,
    /// What is to be done.
    pub text: Text,
    /// What to do while it is not met.
    pub next: Text,
    /// By when.
    pub due: ObligationDue,
    /// To be done anew when the system changes.
    pub again_on_change: bool,
    /// The text of a clause is lost or broken.
    pub gap: bool,
    /// How the last day was counted, and what was said of it before; none while nothing is counted.
    #[serde(skip)]
    pub counted: Option<Deadline>,
}

/// A duty that a unit has on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Owed {
    /// Stable word.
    pub code: String,
    /// Name of the duty.
    pub title: Text,
    /// What decides whether it is met.
    pub probe: Probe,
    /// Which cameras it is measured on: the widest of its grounds.
    pub cameras: CameraReach,
    /// Who asks it, provincial before national; never empty.
    pub grounds: Vec<Ground>,
}

impl Owed {
    /// Every clause that asks it, each once.
    #[must_use]
    pub fn clauses(&self) -> Vec<ClauseId> {
        let mut out: Vec<ClauseId> = Vec::new();
        for citation in self.grounds.iter().flat_map(|g| &g.citations) {
            if !out.contains(&citation.clause) {
                out.push(citation.clause.clone());
            }
        }
        out
    }

    /// The last day that the law names, the earliest of its grounds.
    #[must_use]
    pub fn deadline(&self) -> Option<CivilDate> {
        let by = |g: &Ground| match g.due {
            ObligationDue::Within { by, .. } => by,
            _ => None,
        };
        self.grounds.iter().filter_map(by).min()
    }

    /// How [`Self::deadline`] was counted.
    #[must_use]
    pub fn counted(&self) -> Option<&Deadline> {
        let day = self.deadline()?;
        self.grounds.iter().filter_map(|g| g.counted.as_ref()).find(|d| d.day() == Some(day))
    }

    /// The year whose holidays are not published yet and could move [`Self::deadline`].
    #[must_use]
    pub fn provisional(&self) -> Option<i16> {
        let deadline = self.deadline()?;
        self.grounds.iter().find_map(|g| match g.due {
            ObligationDue::Within { by, provisional, .. } if by == Some(deadline) => provisional,
            _ => None,
        })
    }

    /// A ground has this kind of due date.
    #[must_use]
    pub fn is_due(&self, due: ObligationDue) -> bool {
        self.grounds.iter().any(|g| g.due == due)
    }

    /// It has to be done within days that the law names.
    #[must_use]
    pub fn has_days(&self) -> bool {
        self.grounds.iter().any(|g| matches!(g.due, ObligationDue::Within { .. }))
    }

    /// To be done anew when the system changes.
    #[must_use]
    pub fn again_on_change(&self) -> bool {
        self.grounds.iter().any(|g| g.again_on_change)
    }
}

/// A case: unit and day, and what this pack then asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObligationCase {
    name: String,
    on: CivilDate,
    site: SiteProfile,
    #[serde(default)]
    unit: UnitFacts,
    /// Codes in the order of the file: `put_up_signs before_use`, `file_system by 2025-05-01`, `keep_retention`.
    owes: Vec<String>,
}

/// `obligations.toml` of one pack.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Obligations {
    #[serde(default, rename = "obligation")]
    rules: Vec<ObligationRule>,
    #[serde(default, rename = "case")]
    cases: Vec<ObligationCase>,
}

impl Obligations {
    /// Reads the file of a pack; a pack without it asks nothing.
    pub(crate) fn read(folder: &str, text: Option<&String>) -> Result<Self, PackError> {
        let Some(text) = text else { return Ok(Self::default()) };
        let path = format!("{folder}/{FILE}");
        let file: Self = toml::from_str(text).map_err(|e| PackError::toml(&path, text, &e))?;
        if file.rules.len() > MOST {
            return Err(PackError::file(&path, format!("more than {MOST} obligations")));
        }
        for (n, case) in file.cases.iter().enumerate() {
            if file.cases.iter().take(n).any(|c| c.name == case.name) {
                return Err(PackError::clause(&path, text, &case.name, "two cases have this name"));
            }
        }
        Ok(file)
    }

    pub(crate) const fn case_count(&self) -> usize {
        self.cases.len()
    }

    /// Names of the cases in which a clause asks something.
    pub(crate) fn holding(&self, clause: &str) -> Vec<String> {
        let asks = |r: &&ObligationRule| r.clauses.iter().any(|id| id == clause);
        let codes: Vec<&str> = self.rules.iter().filter(asks).map(|r| r.code.as_str()).collect();
        let owes = |word: &String| word.split(' ').next().is_some_and(|code| codes.contains(&code));
        self.cases.iter().filter(|c| c.owes.iter().any(owes)).map(|c| c.name.clone()).collect()
    }
}

impl Pack {
    /// What this pack asks of units, standing.
    #[must_use]
    pub fn obligations(&self) -> &[ObligationRule] {
        &self.obligations.rules
    }
}

impl Packs {
    /// Checks the obligations of every pack.
    pub(crate) fn check_obligations(
        &self,
        files: &std::collections::BTreeMap<String, String>,
    ) -> Result<(), PackError> {
        let none = String::new();
        let mut known: Vec<(&ObligationRule, &Pack)> = Vec::new();
        for pack in &self.packs {
            let path = format!("{}/{FILE}", pack.folder);
            let text = files.get(&path).unwrap_or(&none);
            for rule in pack.obligations() {
                let fail = |what: String| PackError::clause(&path, text, &rule.code, what);
                self.check_obligation(pack, rule).map_err(fail)?;
                agrees(rule, pack, &known).map_err(fail)?;
                known.push((rule, pack));
            }
        }
        Ok(())
    }

    fn check_obligation(&self, pack: &Pack, rule: &ObligationRule) -> Result<(), String> {
        if rule.code.is_empty() || !rule.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return Err("a code is made of small letters and _".to_owned());
        }
        let texts = [&rule.title_zh, &rule.title_en, &rule.text_zh, &rule.text_en, &rule.next_zh, &rule.next_en];
        if texts.iter().any(|t| t.trim().is_empty()) {
            return Err("title, text and next stand in both languages".to_owned());
        }
        if rule.clauses.is_empty() || rule.who.is_empty() {
            return Err("an obligation names its clauses and whom they address".to_owned());
        }
        let mut clauses = Vec::new();
        for id in &rule.clauses {
            match self.clause(&ClauseId::new(id)) {
                None => return Err(format!("clause `{id}` does not exist")),
                Some((of, _)) if of.head.id != pack.head.id => {
                    return Err(format!("clause `{id}` is of another pack: it stands in that pack's file"));
                }
                Some((_, clause)) => clauses.push(clause),
            }
        }
        if let Some(actor) = rule.who.iter().find(|a| !clauses.iter().any(|c| c.actor.contains(a))) {
            return Err(format!("{actor:?} is addressed by none of its clauses"));
        }
        let dated = |name: &str| clauses.iter().any(|c| c.values.iter().any(|v| v.name == name));
        let words = ["at_once", "before_use", "own_period"];
        if !words.contains(&rule.due.as_str()) && !dated(&rule.due) {
            return Err(format!("due `{}` is no dated value of its clauses", rule.due));
        }
        match &rule.due_running {
            Some(_) if words.contains(&rule.due.as_str()) => {
                return Err("`due_running` needs a dated value in `due`".to_owned());
            }
            Some(name) if !dated(name) => return Err(format!("due_running `{name}` is no dated value of its clauses")),
            _ => {}
        }
        match (&rule.counting, words.contains(&rule.due.as_str())) {
            (None, false) => {
                Err(format!("due `{}` needs `counting`: how its days are counted (workdays/counting.toml)", rule.due))
            }
            (Some(_), true) => Err("`counting` needs a dated value in `due`".to_owned()),
            // Packs without any rules of time are whole; they name days and no last day.
            (Some(id), false) if !self.time.counting.is_empty() && self.counting(id).is_none() => {
                Err(format!("no way of counting `{id}` in workdays/counting.toml"))
            }
            _ => Ok(()),
        }
    }

    /// What a unit owes on a day (Shanghai), in the order of the packs; one entry a code.
    #[must_use]
    pub fn obligations(&self, site: &SiteProfile, unit: &UnitFacts, on: CivilDate) -> Vec<Owed> {
        let mut owed: Vec<Owed> = Vec::new();
        for pack in self.packs.iter().filter(|p| p.reaches(site.jurisdiction)) {
            for rule in pack.obligations() {
                let Some(ground) = self.ground(pack, rule, site, unit, on) else { continue };
                if let Some(known) = owed.iter_mut().find(|o| o.code == rule.code) {
                    known.cameras = known.cameras.max(rule.cameras);
                    known.grounds.push(ground);
                } else {
                    owed.push(Owed {
                        code: rule.code.clone(),
                        title: Text::of(rule.title_zh.clone(), rule.title_en.clone()),
                        probe: rule.probe,
                        cameras: rule.cameras,
                        grounds: vec![ground],
                    });
                }
            }
        }
        owed
    }

    /// The rule as it asks this unit on this day; none when it does not.
    fn ground(
        &self,
        pack: &Pack,
        rule: &ObligationRule,
        site: &SiteProfile,
        unit: &UnitFacts,
        on: CivilDate,
    ) -> Option<Ground> {
        let holds = |c: &UnitCondition| holds(*c, site, unit);
        if !rule.only.iter().all(holds) || !(rule.any.is_empty() || rule.any.iter().any(holds)) {
            return None;
        }
        let clauses = || rule.clauses.iter().filter_map(|id| self.clause(&ClauseId::new(id)).map(|(_, c)| c));
        let in_force: Vec<_> = clauses().filter(|c| pack.in_force(c, on)).collect();
        let first = in_force.first()?;
        let since = first.from.unwrap_or(pack.head.from).max(pack.head.from);
        let value = |name: &str| in_force.iter().find_map(|c| Some((c.value(name, on)?, c.id.as_str())));
        let mut counted = None;
        let due = match rule.due.as_str() {
            "before_use" => ObligationDue::BeforeUse,
            "own_period" => ObligationDue::OwnPeriod,
            name => value(name).map_or(ObligationDue::AtOnce, |found| {
                let running = rule.due_running.as_deref().and_then(|name| Some((name, value(name)?)));
                let (start, name, (days, clause)) = match (unit.first_use, running) {
                    (Some(used), Some((name, found))) if used < since => (Some(since), name, found),
                    (used, _) => (used.map(|used| used.max(since)), name, found),
                };
                let working = is_working(name);
                counted = start.and_then(|start| self.last_day(rule, start, (days, working), clause, on));
                let by = counted.as_ref().and_then(Deadline::day);
                let provisional = counted.as_ref().and_then(|d| d.provisional);
                ObligationDue::Within { days, working, by, provisional }
            }),
        };
        Some(Ground {
            pack: pack.head.id.clone(),
            citations: in_force.iter().map(|c| pack.cite(c, c.reading)).collect(),
            text: Text::of(rule.text_zh.clone(), rule.text_en.clone()),
            next: Text::of(rule.next_zh.clone(), rule.next_en.clone()),
            due,
            again_on_change: rule.again_on_change,
            gap: in_force.iter().any(|c| c.gap),
            counted,
        })
    }

    /// Takes over what an earlier count of the same term said: same start, same days, a calendar that knew other notices. What was said
    /// before then stands beside the new last day. A term that is another one by now is left alone.
    pub fn recall(&self, owed: &mut Owed, kept: &Deadline, on: CivilDate) {
        for ground in &mut owed.grounds {
            let same = ground.counted.as_ref().is_some_and(|now| now.count == kept.count);
            if let (true, Ok(again)) = (same, kept.recompute(&self.calendar_on(on))) {
                ground.counted = Some(again);
            }
        }
    }

    /// The last of so many days after the first, which is not counted, and how it was found. The one place where deadlines of
    /// standing duties are counted; `on` is the day of asking: only holidays published by then are known.
    fn last_day(
        &self,
        rule: &ObligationRule,
        start: CivilDate,
        (days, working): (u32, bool),
        clause: &str,
        on: CivilDate,
    ) -> Option<Deadline> {
        let unit = if working { TermUnit::WorkingDays } else { TermUnit::Days };
        let what = Count {
            start,
            legs: vec![Leg { amount: days, unit, clause: ClauseId::new(clause) }],
            counting: self.counting(rule.counting.as_deref()?)?.clone(),
            sense: Sense::Within,
            direction: Direction::After,
            stops: Vec::new(),
        };
        count(&self.calendar_on(on), &what).ok()
    }

    /// Runs the cases that stand beside the obligations.
    pub(crate) fn run_obligation_cases(&self) -> Vec<CaseFailure> {
        let mut failures = Vec::new();
        for pack in &self.packs {
            for case in &pack.obligations.cases {
                let found: Vec<String> = self
                    .obligations(&case.site, &case.unit, case.on)
                    .iter()
                    .flat_map(|o| o.grounds.iter().filter(|g| g.pack == pack.head.id).map(|g| word(&o.code, g.due)))
                    .collect();
                if found != case.owes {
                    let what = format!("owes: expected {:?}, found {found:?}", case.owes);
                    let file = format!("{}/{FILE}", pack.folder);
                    failures.push(CaseFailure { file, case: case.name.clone(), what });
                }
            }
        }
        failures
    }
}

impl Gate {
    /// What a unit owes on a day (Shanghai).
    #[must_use]
    pub fn obligations(&self, site: &SiteProfile, unit: &UnitFacts, on: CivilDate) -> Vec<Owed> {
        self.packs().obligations(site, unit, on)
    }
}

/// Whether a dated value is of working days: its name says so.
fn is_working(name: &str) -> bool {
    name.ends_with("workdays") || name.ends_with("working_days")
}

fn word(code: &str, due: ObligationDue) -> String {
    match due {
        ObligationDue::AtOnce => code.to_owned(),
        ObligationDue::BeforeUse => format!("{code} before_use"),
        ObligationDue::OwnPeriod => format!("{code} own_period"),
        ObligationDue::Within { by: Some(by), .. } => format!("{code} by {by}"),
        ObligationDue::Within { days, working: false, .. } => format!("{code} within {days} days"),
        ObligationDue::Within { days, .. } => format!("{code} within {days} working days"),
    }
}

/// One code means one thing in every pack, and one clause asks it once.
fn agrees(rule: &ObligationRule, pack: &Pack, known: &[(&ObligationRule, &Pack)]) -> Result<(), String> {
    for (other, of) in known.iter().filter(|(o, _)| o.code == rule.code) {
        let name = |r: &ObligationRule| (r.title_zh.clone(), r.title_en.clone());
        if other.probe != rule.probe || name(other) != name(rule) {
            return Err(format!("pack {} has this code with another title or probe", of.head.id));
        }
        if of.head.id == pack.head.id
            && let Some(twice) = rule.clauses.iter().find(|id| other.clauses.contains(id))
        {
            return Err(format!("clause `{twice}` asks this twice"));
        }
    }
    Ok(())
}

/// Whether a unit is so.
pub(crate) fn holds(condition: UnitCondition, site: &SiteProfile, unit: &UnitFacts) -> bool {
    match condition {
        UnitCondition::KeyUnit => site.key_unit,
        UnitCondition::CounterTerrorKeyTarget => site.counter_terror_key_target,
        UnitCondition::SpecialTrade => site.special_trade.is_some(),
        UnitCondition::ListedSite => !site.security_duty_place,
        UnitCondition::NotSecretRelated => !site.secret_related,
        UnitCondition::AlarmOperator => site.alarm_operator,
        UnitCondition::ReceivesAlarms => unit.receives_alarms,
        UnitCondition::HasVideo => !unit.places.is_empty(),
        UnitCondition::PublicPlace => unit.places.iter().any(|p| p.covers_public_place()),
        UnitCondition::SocialPublicArea => unit.places.iter().any(|p| p.is_social_public_area()),
        UnitCondition::NotGovernmentBody => !site.government_body,
        UnitCondition::Premises => {
            site.special_trade.is_some() || unit.places.iter().any(|p| !p.is_social_public_area())
        }
    }
}

#[cfg(test)]
mod tests;
