//! From what is drawn: the units, the inspectors and their declared conflicts, as lines with one spelling and one digest.
//!
//! ```text
//! unit STRATUM ID LAST            LAST: day of the last inspection, or -
//! inspector COMMITMENT FROM UNTIL days on which the certificate counts
//! conflict INSPECTOR ID           INSPECTOR: the first twelve digits of the commitment
//! ```
//! Always true of a [`Pool`]: sorted, nothing twice, within the limits, every conflict names an inspector and a unit of the pool; the
//! lines of one pool are one text. An inspector stands in it as a salted commitment; no name, badge or reason of a conflict does.

use super::PlanFault;
use base::{CivilDate, Pii, Sha256, Sha256Stream};
use std::collections::BTreeSet;

/// Most units of a pool.
pub const UNITS: usize = 100_000;
/// Most inspectors of a pool.
pub const INSPECTORS: usize = 2_000;
/// Most declared conflicts of a pool.
pub const CONFLICTS: usize = 50_000;
/// Longest id of a plan, stratum or unit, bytes: room for a UUID and for a unified social credit code.
pub const WORD_BYTES: usize = 40;
/// Digits of an inspector's commitment that stand for the inspector.
const ID_DIGITS: usize = 12;

/// A unit that may be inspected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    /// Its id in the register: letters, digits, `.`, `_`, `-`.
    pub id: String,
    /// Group in which it is drawn: kind and risk.
    pub stratum: String,
    /// Day of its last inspection.
    pub last: Option<CivilDate>,
}

/// A person who may inspect, known by a commitment only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspector {
    /// `ledger::commit` over badge, newline and name, with a salt made for this plan alone.
    pub commitment: Sha256,
    /// First day on which the enforcement certificate counts.
    pub valid_from: CivilDate,
    /// Last day on which it counts.
    pub valid_until: CivilDate,
}

/// An inspector has declared that this unit is not for them to inspect. Why is nobody else's business.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Conflict {
    /// Whose: [`Inspector::id`].
    pub inspector: String,
    /// Which unit.
    pub unit: String,
}

/// All from which one plan draws.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pool {
    units: Vec<Unit>,
    inspectors: Vec<Inspector>,
    conflicts: Vec<Conflict>,
}

impl Inspector {
    /// Hides badge and name behind a salt: 32 random bytes for this inspector and this plan, kept beside the plan. With a salt of their own
    /// in every plan, nobody follows an inspector from plan to plan.
    #[must_use]
    pub fn new(
        salt: &[u8; 32],
        badge: &Pii<String>,
        name: &Pii<String>,
        valid_from: CivilDate,
        valid_until: CivilDate,
    ) -> Self {
        Self { commitment: committed(salt, badge, name), valid_from, valid_until }
    }

    /// What stands for the inspector in conflicts and results.
    #[must_use]
    pub fn id(&self) -> String {
        self.commitment.hex().chars().take(ID_DIGITS).collect()
    }

    /// True if badge and name are those behind the commitment: what a unit checks that was given the salt.
    #[must_use]
    pub fn is_of(&self, salt: &[u8; 32], badge: &Pii<String>, name: &Pii<String>) -> bool {
        self.commitment == committed(salt, badge, name)
    }

    /// True on a day on which the certificate counts.
    #[must_use]
    pub fn is_valid_on(&self, day: CivilDate) -> bool {
        self.valid_from <= day && day <= self.valid_until
    }
}

fn committed(salt: &[u8; 32], badge: &Pii<String>, name: &Pii<String>) -> Sha256 {
    ledger::commit(salt, format!("{}\n{}", badge.expose(), name.expose()).as_bytes())
}

impl Pool {
    /// Brings the pool into its one order and checks it.
    ///
    /// # Errors
    /// `TooMany`, `Word`, `Twice`, `UnknownUnit`, `UnknownInspector`; `Empty` without a unit.
    pub fn new(
        mut units: Vec<Unit>,
        mut inspectors: Vec<Inspector>,
        mut conflicts: Vec<Conflict>,
    ) -> Result<Self, PlanFault> {
        for (what, found, most) in [
            ("units", units.len(), UNITS),
            ("inspectors", inspectors.len(), INSPECTORS),
            ("conflicts", conflicts.len(), CONFLICTS),
        ] {
            if found > most {
                return Err(PlanFault::TooMany { what, most });
            }
        }
        if units.is_empty() {
            return Err(PlanFault::Empty);
        }
        units.sort_by(|a, b| (&a.stratum, &a.id).cmp(&(&b.stratum, &b.id)));
        inspectors.sort_by_key(|i| i.commitment);
        conflicts.sort();
        let mut unit_ids = BTreeSet::new();
        for unit in &units {
            if let Some(word) = [&unit.id, &unit.stratum].into_iter().find(|word| !is_word(word)) {
                return Err(PlanFault::Word(word.clone()));
            }
            if !unit_ids.insert(unit.id.as_str()) {
                return Err(PlanFault::Twice(unit.id.clone()));
            }
        }
        let mut inspector_ids = BTreeSet::new();
        for id in inspectors.iter().map(Inspector::id) {
            if inspector_ids.contains(&id) {
                return Err(PlanFault::Twice(id));
            }
            inspector_ids.insert(id);
        }
        if let Some(pair) = conflicts.windows(2).find(|pair| pair.first() == pair.last()) {
            return Err(PlanFault::Twice(pair.first().map(|c| c.unit.clone()).unwrap_or_default()));
        }
        for conflict in &conflicts {
            if !inspector_ids.contains(&conflict.inspector) {
                return Err(PlanFault::UnknownInspector(conflict.inspector.clone()));
            }
            if !unit_ids.contains(conflict.unit.as_str()) {
                return Err(PlanFault::UnknownUnit(conflict.unit.clone()));
            }
        }
        Ok(Self { units, inspectors, conflicts })
    }

    /// Reads published lines; they have one spelling and one order.
    ///
    /// # Errors
    /// `PoolLine` with the first line that is not as it has to be, and as [`Pool::new`].
    pub fn parse(lines: &[String]) -> Result<Self, PlanFault> {
        if lines.len() > UNITS + INSPECTORS + CONFLICTS {
            return Err(PlanFault::TooMany { what: "lines", most: UNITS + INSPECTORS + CONFLICTS });
        }
        let (mut units, mut inspectors, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
        for (at, line) in lines.iter().enumerate() {
            let read = match line.split_once(' ') {
                Some(("unit", rest)) => read_unit(rest).map(|u| units.push(u)),
                Some(("inspector", rest)) => read_inspector(rest).map(|i| inspectors.push(i)),
                Some(("conflict", rest)) => read_conflict(rest).map(|c| conflicts.push(c)),
                _ => None,
            };
            read.ok_or(PlanFault::PoolLine(at + 1))?;
        }
        let pool = Self::new(units, inspectors, conflicts)?;
        match super::first_difference(lines, &pool.lines()) {
            Some(line) => Err(PlanFault::PoolLine(line)),
            None => Ok(pool),
        }
    }

    /// The lines as they are published: units by stratum and id, inspectors by commitment, conflicts by inspector and unit.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let units = self.units.iter().map(|u| {
            let last = u.last.map_or_else(|| "-".to_owned(), |day| day.to_string());
            format!("unit {} {} {last}", u.stratum, u.id)
        });
        let inspectors =
            self.inspectors.iter().map(|i| format!("inspector {} {} {}", i.commitment, i.valid_from, i.valid_until));
        let conflicts = self.conflicts.iter().map(|c| format!("conflict {} {}", c.inspector, c.unit));
        units.chain(inspectors).chain(conflicts).collect()
    }

    /// The units, by stratum and id.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The units of one stratum, by id.
    #[must_use]
    pub fn units_of(&self, stratum: &str) -> &[Unit] {
        let from = self.units.partition_point(|u| u.stratum.as_str() < stratum);
        let rest = self.units.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|u| u.stratum == stratum)).unwrap_or_default()
    }

    /// The inspectors, by commitment, which is also by id.
    #[must_use]
    pub fn inspectors(&self) -> &[Inspector] {
        &self.inspectors
    }

    /// The declared conflicts, by inspector and unit.
    #[must_use]
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }
}

fn read_unit(rest: &str) -> Option<Unit> {
    let [stratum, id, last] = words(rest)?;
    let last = if last == "-" { None } else { Some(CivilDate::parse(last)?) };
    Some(Unit { id: id.to_owned(), stratum: stratum.to_owned(), last })
}

fn read_inspector(rest: &str) -> Option<Inspector> {
    let [commitment, from, until] = words(rest)?;
    Some(Inspector {
        commitment: Sha256::from_hex(commitment)?,
        valid_from: CivilDate::parse(from)?,
        valid_until: CivilDate::parse(until)?,
    })
}

fn read_conflict(rest: &str) -> Option<Conflict> {
    let [inspector, unit] = words(rest)?;
    Some(Conflict { inspector: inspector.to_owned(), unit: unit.to_owned() })
}

/// Exactly `N` words with one space between.
fn words<const N: usize>(text: &str) -> Option<[&str; N]> {
    // One more than asked is enough to see that there are too many.
    let words: Vec<&str> = text.splitn(N + 1, ' ').collect();
    words.try_into().ok()
}

/// Letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
pub(super) fn is_word(text: &str) -> bool {
    text.len() <= WORD_BYTES
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// SHA-256 over the lines, each with a newline behind it.
pub(super) fn digest(lines: &[String]) -> Sha256 {
    let mut all = Sha256Stream::default();
    for line in lines {
        all.update(line.as_bytes());
        all.update(b"\n");
    }
    all.finish()
}
