//! The draw itself: units from each stratum, then inspectors for each unit, then replacements, each a function of rules, pool and seed.
//!
//! ```text
//! stratum, in order ─▶ units that do not rest ─▶ shuffle ─▶ the first so many are drawn, the others wait in this order
//! drawn unit, in order ─▶ team dealt from a deck of all inspectors whose certificate counts; a new deck when the old one is not enough
//! replaced unit ─▶ the next that waits in its stratum; the team stays but for those with a conflict
//! ```
//! Always true: who has a conflict with a unit is not in its team; nobody is twice in a team or has more than the rules allow; a team is
//! whole or empty, and empty with the reason; a stratum that gave fewer than asked says so.

use super::pool::{Inspector, Pool, Unit, digest};
use super::rules::DrawRules;
use super::seed::Seed;
use super::stream::Stream;
use base::{ErrorKind, Refusal, Sha256, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Why a drawn unit has no team.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Fewer inspectors hold a certificate that counts than one unit needs.
    Qualified,
    /// Too many of them declared a conflict with this unit.
    Conflicts,
    /// The others have as many units as the rules allow.
    Load,
}

impl Lack {
    /// Stable word, as in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Qualified => "qualified",
            Self::Conflicts => "conflicts",
            Self::Load => "load",
        }
    }

    /// The sentence for a person.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Qualified => Text::new(
                "当日执法证有效的检查人员不足一组。",
                "Fewer inspectors hold a valid certificate on that day than one unit needs.",
            ),
            Self::Conflicts => Text::new(
                "申报回避的检查人员过多，余下的不足一组。",
                "Too many inspectors declared a conflict with this unit; the others are not enough.",
            ),
            Self::Load => Text::new(
                "其余检查人员承担的检查已达规则上限。",
                "The other inspectors have as many units as the rules allow.",
            ),
        }
    }
}

/// What became of one stratum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StratumResult {
    /// Which.
    pub stratum: String,
    /// Units in the pool.
    pub units: u32,
    /// Of these, inspected too short ago to be drawn.
    pub rested: u32,
    /// How many the rules ask for.
    pub asked: u32,
    /// How many were drawn; fewer than asked where there were no more.
    pub drawn: u32,
}

/// A drawn unit and its team.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawnUnit {
    /// Which unit.
    pub unit: String,
    /// Of which stratum.
    pub stratum: String,
    /// Its inspectors, as [`Inspector::id`], in the order dealt; none with `lack`.
    pub inspectors: Vec<String>,
    /// Why there are none.
    pub lack: Option<Lack>,
}

/// The whole result, in the order drawn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawResult {
    /// Each stratum of the rules.
    pub strata: Vec<StratumResult>,
    /// Each drawn unit.
    pub units: Vec<DrawnUnit>,
}

impl DrawResult {
    /// Digest of the result as lines, for the entry `draw.made`.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        let strata = self
            .strata
            .iter()
            .map(|s| format!("stratum {} {} {} {} {}", s.stratum, s.units, s.rested, s.asked, s.drawn));
        let units = self.units.iter().map(|u| format!("unit {} {} {}", u.stratum, u.unit, team(&u.inspectors, u.lack)));
        digest(&strata.chain(units).collect::<Vec<_>>())
    }
}

fn team(inspectors: &[String], lack: Option<Lack>) -> String {
    lack.map_or_else(|| inspectors.join(","), |lack| format!("lack:{}", lack.code()))
}

/// Why a drawn unit is replaced.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceReason {
    /// It has closed or been deregistered.
    Closed,
    /// It has moved out of the territory.
    Moved,
    /// It is now part of another unit.
    Merged,
    /// It is not, or no longer, of the kind that the plan inspects.
    OutOfScope,
}

impl ReplaceReason {
    /// All, in the order shown.
    pub const ALL: [Self; 4] = [Self::Closed, Self::Moved, Self::Merged, Self::OutOfScope];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Closed => Text::new("已歇业或注销", "closed or deregistered"),
            Self::Moved => Text::new("已迁出辖区", "moved out of the territory"),
            Self::Merged => Text::new("已并入其他单位", "merged into another unit"),
            Self::OutOfScope => Text::new("不属于本计划检查的对象", "not of the kind that the plan inspects"),
        }
    }
}

/// One drawn unit replaced by the next of its stratum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Substitution {
    /// The unit that leaves the plan.
    pub out: String,
    /// The unit that comes in.
    pub into: String,
    /// Why.
    pub reason: ReplaceReason,
    /// Digest of the paper that shows why.
    pub ground_sha256: Sha256,
    /// The team of the new unit.
    pub inspectors: Vec<String>,
    /// Why it has none.
    pub lack: Option<Lack>,
}

/// Why a unit was not replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReplaceFault {
    /// The unit is not in the plan, or no longer.
    NotInPlan,
    /// Nobody waits in its stratum.
    NoneLeft,
}

impl ReplaceFault {
    /// The refusal for a person.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::NotInPlan => Refusal::new(
                ErrorKind::NotFound,
                "draw_unit_not_in_plan",
                Text::new(
                    "该单位不在本次抽查名单中，或者已经被替换。",
                    "This unit is not in the plan, or was replaced already.",
                ),
                Text::new("请刷新名单后重新选择。", "Reload the list and choose again."),
            ),
            Self::NoneLeft => Refusal::new(
                ErrorKind::Conflict,
                "draw_none_left",
                Text::new("该类别没有可替换的候补单位。", "No unit of this stratum waits to take its place."),
                Text::new(
                    "请记录该单位无法检查的原因，名单不再补足。",
                    "Record why the unit cannot be inspected; the plan stays one short.",
                ),
            ),
        }
    }
}

/// A draw that was run, with all that its replacements follow from.
pub struct Drawing<'a> {
    result: DrawResult,
    deck: Deck<'a>,
    waiting: BTreeMap<&'a str, VecDeque<&'a Unit>>,
    planned: BTreeMap<&'a str, (&'a str, Vec<usize>)>,
}

impl<'a> Drawing<'a> {
    /// Draws. The caller has checked that the rules fit the pool ([`DrawRules::fit`]); units of a stratum without a rule are not drawn.
    #[must_use]
    pub fn run(rules: &'a DrawRules, pool: &'a Pool, seed: &Seed) -> Self {
        let (mut strata, mut drawn) = (Vec::new(), Vec::new());
        let mut waiting = BTreeMap::new();
        for (stratum, quota) in &rules.quotas {
            let all = pool.units_of(stratum);
            let mut order: Vec<&Unit> = all.iter().filter(|unit| rules.is_due(unit)).collect();
            Stream::new(seed, &format!("units {stratum}")).shuffle(&mut order);
            let units = super::count(all.len());
            let due = super::count(order.len());
            let asked = quota.of(units);
            let taken = asked.min(due);
            let rest = order.split_off(usize::try_from(taken).unwrap_or(usize::MAX).min(order.len()));
            let stratum_result =
                StratumResult { stratum: stratum.clone(), units, rested: units - due, asked, drawn: taken };
            strata.push(stratum_result);
            drawn.extend(order);
            waiting.insert(stratum.as_str(), VecDeque::from(rest));
        }
        let mut deck = Deck::new(rules, pool, seed);
        let mut planned = BTreeMap::new();
        let mut units = Vec::with_capacity(drawn.len());
        for unit in drawn {
            let dealt = deck.deal(&unit.id, Vec::new());
            let (inspectors, lack) = deck.named(&dealt);
            units.push(DrawnUnit { unit: unit.id.clone(), stratum: unit.stratum.clone(), inspectors, lack });
            planned.insert(unit.id.as_str(), (unit.stratum.as_str(), dealt.unwrap_or_default()));
        }
        Self { result: DrawResult { strata, units }, deck, waiting, planned }
    }

    /// The result.
    #[must_use]
    pub const fn result(&self) -> &DrawResult {
        &self.result
    }

    /// Replaces a unit of the plan by the next that waits in its stratum. Replacements follow from those before them: a drawing has to have
    /// seen these, in their order.
    ///
    /// # Errors
    /// `NotInPlan`, `NoneLeft`; then nothing has changed.
    pub fn replace(
        &mut self,
        out: &str,
        reason: ReplaceReason,
        ground_sha256: Sha256,
    ) -> Result<Substitution, ReplaceFault> {
        let (stratum, _) = self.planned.get(out).ok_or(ReplaceFault::NotInPlan)?;
        let into = self.waiting.get_mut(stratum).and_then(VecDeque::pop_front).ok_or(ReplaceFault::NoneLeft)?;
        let (_, team) = self.planned.remove(out).unwrap_or_default();
        let dealt = self.deck.deal(&into.id, team);
        let (inspectors, lack) = self.deck.named(&dealt);
        self.planned.insert(into.id.as_str(), (into.stratum.as_str(), dealt.unwrap_or_default()));
        Ok(Substitution { out: out.to_owned(), into: into.id.clone(), reason, ground_sha256, inspectors, lack })
    }
}

/// Inspectors in the order in which they are dealt. A round puts every inspector into the deck once; it is begun when a team cannot be made
/// of those that are left, so nobody gets more units than there were rounds.
struct Deck<'a> {
    stream: Stream,
    /// Inspectors whose certificate counts, by id.
    inspectors: Vec<String>,
    /// By unit, the places in `inspectors` of those with a conflict.
    barred: BTreeMap<&'a str, BTreeSet<usize>>,
    queue: VecDeque<usize>,
    rounds_left: u32,
    seats: usize,
}

impl<'a> Deck<'a> {
    fn new(rules: &DrawRules, pool: &'a Pool, seed: &Seed) -> Self {
        let valid = pool.inspectors().iter().filter(|inspector| inspector.is_valid_on(rules.day));
        let inspectors: Vec<String> = valid.map(Inspector::id).collect();
        let mut barred: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for conflict in pool.conflicts() {
            // Sorted by commitment is sorted by id.
            if let Ok(at) = inspectors.binary_search(&conflict.inspector) {
                barred.entry(conflict.unit.as_str()).or_default().insert(at);
            }
        }
        Self {
            stream: Stream::new(seed, "inspectors"),
            inspectors,
            barred,
            queue: VecDeque::new(),
            rounds_left: rules.max_per_inspector,
            seats: usize::try_from(rules.inspectors_per_unit).unwrap_or(usize::MAX),
        }
    }

    /// A whole team for the unit, beginning with those of `team` who may stay. Where there is none the deck keeps all it had.
    ///
    /// The way through the deck passes only those with a conflict and those who are in the team already, so all teams together cost no more
    /// than seats and conflicts.
    fn deal(&mut self, unit: &str, mut team: Vec<usize>) -> Result<Vec<usize>, Lack> {
        let Self { stream, inspectors, barred, queue, rounds_left, seats } = self;
        let none = BTreeSet::new();
        let barred = barred.get(unit).unwrap_or(&none);
        if inspectors.len() < *seats {
            return Err(Lack::Qualified);
        }
        if inspectors.len() - barred.len() < *seats {
            return Err(Lack::Conflicts);
        }
        team.retain(|who| !barred.contains(who));
        let mut places = Vec::new();
        let mut at = 0;
        while team.len() < *seats {
            match queue.get(at) {
                Some(who) => {
                    if !barred.contains(who) && !team.contains(who) {
                        team.push(*who);
                        places.push(at);
                    }
                    at += 1;
                }
                // A new round holds everybody, so one is always enough for a team.
                None if *rounds_left > 0 => {
                    *rounds_left -= 1;
                    let mut round: Vec<usize> = (0..inspectors.len()).collect();
                    stream.shuffle(&mut round);
                    queue.extend(round);
                }
                None => return Err(Lack::Load),
            }
        }
        for place in places.into_iter().rev() {
            queue.remove(place);
        }
        Ok(team)
    }

    fn named(&self, dealt: &Result<Vec<usize>, Lack>) -> (Vec<String>, Option<Lack>) {
        match dealt {
            Ok(team) => (team.iter().filter_map(|who| self.inspectors.get(*who).cloned()).collect(), None),
            Err(lack) => (Vec::new(), Some(*lack)),
        }
    }
}
