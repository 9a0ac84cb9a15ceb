//! The published file of a draw, and its verification with nothing but the file: what is wrong is named exactly.
//!
//! What flows through: rules, pool, logged commitment, checkpoint ─▶ [`DrawRecord`] ─▶ JSON ─▶ [`verify`]. Always true: the order of the
//! JSON's fields is fixed; the bytes of the entry and the checkpoint are kept as they are in the log; a record that [`verify`] accepts can
//! have come about in one way only.

use super::choose::{DrawResult, Drawing, ReplaceReason, Substitution};
use super::pool::{Inspector, Pool};
use super::rules::{Commitment, DrawRules};
use super::seed::{Seed, SeedFault};
use super::{PlanFault, count};
use base::{ErrorKind, Refusal, Sha256, Text};
use ledger::{EntryBytes, LogVerifier, ProofError, Vkey, WitnessVkey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Kind of the entry whose body is [`Commitment`].
pub const POOL_KIND: &str = "draw.pool";
/// Kind of [`MadeBody`] entries.
pub const MADE_KIND: &str = "draw.made";
/// Kind of [`ReplacedBody`] entries.
pub const REPLACED_KIND: &str = "draw.replaced";
/// Largest file of a draw that is read, bytes: room for the largest pool, all of it drawn.
pub const RECORD_BYTES: usize = 96 * 1024 * 1024;
/// Version of the file.
const VERSION: u32 = 1;

/// The commitment as it stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logged {
    /// Bytes of the entry `draw.pool`.
    pub entry: String,
    /// Its index.
    pub index: u64,
    /// Inclusion proof of it under the checkpoint that gives the seed.
    pub proof: Vec<Sha256>,
}

/// All that is published of one draw.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawRecord {
    /// Version of this form; 1.
    pub v: u32,
    /// Lines of the rules.
    pub rules: Vec<String>,
    /// Lines of the pool.
    pub pool: Vec<String>,
    /// What was committed to.
    pub commitment: Commitment,
    /// Bytes of the entry `draw.pool`.
    pub entry: String,
    /// Its index in the log.
    pub entry_index: u64,
    /// Inclusion proof of it under `checkpoint`.
    pub proof: Vec<Sha256>,
    /// The signed head that gives the seed, as a signed note.
    pub checkpoint: String,
    /// Outcome of the public source, if the rules name one.
    pub public_value: Option<String>,
    /// The seed.
    pub seed: Sha256,
    /// What was drawn.
    pub result: DrawResult,
    /// Digest of the result's lines.
    pub result_sha256: Sha256,
    /// Units replaced since, in order.
    pub substitutions: Vec<Substitution>,
}

/// Body of `draw.made`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeBody {
    /// Id of the plan.
    pub plan: String,
    /// Which commitment it was drawn from.
    pub commitment: Sha256,
    /// The seed.
    pub seed: Sha256,
    /// Digest of the result's lines.
    pub result_sha256: Sha256,
    /// Units drawn.
    pub units: u32,
}

/// Body of `draw.replaced`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedBody {
    /// Id of the plan.
    pub plan: String,
    /// Which commitment it was drawn from.
    pub commitment: Sha256,
    /// Which replacement of the plan it is, from 1.
    pub number: u32,
    /// What was replaced.
    pub substitution: Substitution,
}

/// What a team may not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TeamFault {
    /// Not as many inspectors as the rules say, and no reason.
    Size,
    /// Somebody who is not in the pool.
    Unknown,
    /// A certificate that does not count on the day.
    Certificate,
    /// A declared conflict with this unit.
    Conflict,
    /// Somebody twice.
    Twice,
    /// Somebody with more units than the rules allow.
    Load,
}

/// What does not fit in a published draw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DrawFault {
    /// Not the file of a draw, or too large.
    Unreadable,
    /// A version this program does not know.
    Version(u32),
    /// The rules cannot be read, or do not fit the pool.
    Rules(PlanFault),
    /// The pool cannot be read.
    Pool(PlanFault),
    /// The rules are not those whose digest was committed to.
    RulesChanged,
    /// The pool is not the one whose digest was committed to.
    PoolChanged,
    /// The commitment does not follow from rules and pool.
    CommitmentChanged,
    /// The entry is not the commitment's.
    Entry,
    /// The entry is not at this index of the log.
    NotLogged,
    /// The checkpoint gives no seed.
    Seed(SeedFault),
    /// The seed is not the one that the checkpoint gives.
    SeedChanged,
    /// The numbers of a stratum are not those of the draw.
    Stratum(String),
    /// The unit at this place, from 1, is not the one that was drawn there.
    Unit {
        /// Place.
        at: usize,
        /// What stands there; empty where one is missing.
        unit: String,
    },
    /// A team breaks a rule.
    Team {
        /// Of which unit.
        unit: String,
        /// Which rule.
        what: TeamFault,
    },
    /// The team of the unit at this place, from 1, is not the one that was dealt.
    Inspectors {
        /// Place.
        at: usize,
        /// Of which unit.
        unit: String,
    },
    /// The digest of the result is not that of the result.
    ResultDigest,
    /// This replacement, from 1, does not follow.
    Substitution(usize),
    /// Another log or witness than the trusted one.
    OtherKey,
}

impl DrawRecord {
    /// Draws, and makes the record of it.
    ///
    /// # Errors
    /// What does not fit: rules and pool, the entry and its proof, the checkpoint.
    pub fn make(
        rules: &DrawRules,
        pool: &Pool,
        logged: Logged,
        checkpoint: String,
        public_value: Option<String>,
    ) -> Result<Self, DrawFault> {
        let commitment = Commitment::new(rules, pool).map_err(DrawFault::Rules)?;
        check_logged(rules, &commitment, &logged.entry, logged.index, &logged.proof, &checkpoint)?;
        let seed =
            Seed::from_checkpoint(commitment.commitment, rules, logged.index, &checkpoint, public_value.as_deref())
                .map_err(DrawFault::Seed)?;
        let result = Drawing::run(rules, pool, &seed).result().clone();
        Ok(Self {
            v: VERSION,
            rules: rules.lines(),
            pool: pool.lines(),
            commitment,
            entry: logged.entry,
            entry_index: logged.index,
            proof: logged.proof,
            checkpoint,
            public_value,
            seed: seed.digest(),
            result_sha256: result.digest(),
            result,
            substitutions: Vec::new(),
        })
    }

    /// Replaces a unit of the plan and adds that to the record.
    ///
    /// # Errors
    /// `draw_unit_not_in_plan`, `draw_none_left`; the fault of the record where it does not hold.
    pub fn replace(
        &mut self,
        out: &str,
        reason: ReplaceReason,
        ground_sha256: Sha256,
    ) -> Result<Substitution, Refusal> {
        let (rules, pool, seed) = basis(self).map_err(|fault| fault.refusal())?;
        let mut drawing = Drawing::run(&rules, &pool, &seed);
        replay(&mut drawing, &self.substitutions).map_err(|fault| fault.refusal())?;
        let made = drawing.replace(out, reason, ground_sha256).map_err(super::ReplaceFault::refusal)?;
        self.substitutions.push(made.clone());
        Ok(made)
    }

    /// Body of the entry `draw.made`.
    #[must_use]
    pub fn made_body(&self) -> MadeBody {
        MadeBody {
            plan: self.commitment.plan.clone(),
            commitment: self.commitment.commitment,
            seed: self.seed,
            result_sha256: self.result_sha256,
            units: count(self.result.units.len()),
        }
    }

    /// Body of the entry `draw.replaced` for the last replacement; none before the first.
    #[must_use]
    pub fn replaced_body(&self) -> Option<ReplacedBody> {
        let substitution = self.substitutions.last()?.clone();
        let number = count(self.substitutions.len());
        let (plan, commitment) = (self.commitment.plan.clone(), self.commitment.commitment);
        Some(ReplacedBody { plan, commitment, number, substitution })
    }

    /// The file.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, numbers and lists: there is nothing that JSON could not say.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads the file; [`verify`] says whether it holds.
    ///
    /// # Errors
    /// `Unreadable`, `Version`.
    pub fn read(bytes: &[u8]) -> Result<Self, DrawFault> {
        if bytes.len() > RECORD_BYTES {
            return Err(DrawFault::Unreadable);
        }
        let record: Self = serde_json::from_slice(bytes).map_err(|_| DrawFault::Unreadable)?;
        if record.v == VERSION { Ok(record) } else { Err(DrawFault::Version(record.v)) }
    }
}

/// Does the published draw hold, by the keys that it names itself?
///
/// # Errors
/// The first thing that does not fit.
pub fn verify(record: &DrawRecord) -> Result<(), DrawFault> {
    let (rules, pool, seed) = basis(record)?;
    if record.seed != seed.digest() {
        return Err(DrawFault::SeedChanged);
    }
    check_teams(&rules, &pool, &record.result)?;
    let mut drawing = Drawing::run(&rules, &pool, &seed);
    compare(drawing.result(), &record.result)?;
    if record.result_sha256 != record.result.digest() {
        return Err(DrawFault::ResultDigest);
    }
    replay(&mut drawing, &record.substitutions)
}

/// The same, and that log and witness are those whose keys the reader has from elsewhere.
///
/// # Errors
/// `OtherKey`, and as [`verify`].
pub fn verify_by(record: &DrawRecord, log: &Vkey, witness: Option<&WitnessVkey>) -> Result<(), DrawFault> {
    verify(record)?;
    let rules = DrawRules::parse(&record.rules).map_err(DrawFault::Rules)?;
    let same = rules.log == *log && (witness.is_none() || rules.witness.as_ref() == witness);
    if same { Ok(()) } else { Err(DrawFault::OtherKey) }
}

/// Rules, pool and seed of a record, each checked against what was logged.
fn basis(record: &DrawRecord) -> Result<(DrawRules, Pool, Seed), DrawFault> {
    if record.v != VERSION {
        return Err(DrawFault::Version(record.v));
    }
    let rules = DrawRules::parse(&record.rules).map_err(DrawFault::Rules)?;
    let pool = Pool::parse(&record.pool).map_err(DrawFault::Pool)?;
    let own = Commitment::new(&rules, &pool).map_err(DrawFault::Rules)?;
    if record.commitment.rules_sha256 != own.rules_sha256 {
        return Err(DrawFault::RulesChanged);
    }
    if record.commitment.pool_sha256 != own.pool_sha256 {
        return Err(DrawFault::PoolChanged);
    }
    if record.commitment != own {
        return Err(DrawFault::CommitmentChanged);
    }
    check_logged(&rules, &own, &record.entry, record.entry_index, &record.proof, &record.checkpoint)?;
    let value = record.public_value.as_deref();
    let seed = Seed::from_checkpoint(own.commitment, &rules, record.entry_index, &record.checkpoint, value);
    Ok((rules, pool, seed.map_err(DrawFault::Seed)?))
}

/// The entry says this commitment, and stands at this index under the checkpoint of the announced log.
fn check_logged(
    rules: &DrawRules,
    commitment: &Commitment,
    entry: &str,
    index: u64,
    proof: &[Sha256],
    checkpoint: &str,
) -> Result<(), DrawFault> {
    let read = EntryBytes::new(entry.as_bytes().to_vec()).and_then(|bytes| bytes.parse());
    let read = read.map_err(|_| DrawFault::Entry)?;
    let said: Option<Commitment> = serde_json::from_value(read.body).ok();
    if read.kind != POOL_KIND || said.as_ref() != Some(commitment) {
        return Err(DrawFault::Entry);
    }
    // A pool that was logged when the outcome was out could have been chosen by it.
    if rules.public_day.is_some_and(|event| event.out() <= read.at_utc_ms) {
        return Err(DrawFault::Rules(PlanFault::SourceDay));
    }
    match LogVerifier::new(&rules.log).check(checkpoint.as_bytes(), entry.as_bytes(), index, proof) {
        Ok(_) => Ok(()),
        Err(ProofError::Checkpoint(_)) => Err(DrawFault::Seed(SeedFault::Checkpoint)),
        Err(_) => Err(DrawFault::NotLogged),
    }
}

/// Each team by itself against the rules: says which rule a changed team breaks.
fn check_teams(rules: &DrawRules, pool: &Pool, result: &DrawResult) -> Result<(), DrawFault> {
    let inspectors: BTreeMap<String, &Inspector> = pool.inspectors().iter().map(|i| (i.id(), i)).collect();
    let conflicts: BTreeSet<(&str, &str)> =
        pool.conflicts().iter().map(|c| (c.inspector.as_str(), c.unit.as_str())).collect();
    let mut load: BTreeMap<&str, u32> = BTreeMap::new();
    for drawn in &result.units {
        let broken = |what| DrawFault::Team { unit: drawn.unit.clone(), what };
        let seats = if drawn.lack.is_some() { 0 } else { rules.inspectors_per_unit };
        if count(drawn.inspectors.len()) != seats {
            return Err(broken(TeamFault::Size));
        }
        let mut team = BTreeSet::new();
        for id in &drawn.inspectors {
            let inspector = inspectors.get(id).ok_or_else(|| broken(TeamFault::Unknown))?;
            let units = load.entry(id.as_str()).or_default();
            *units += 1;
            let fault = if !inspector.is_valid_on(rules.day) {
                TeamFault::Certificate
            } else if conflicts.contains(&(id.as_str(), drawn.unit.as_str())) {
                TeamFault::Conflict
            } else if !team.insert(id.as_str()) {
                TeamFault::Twice
            } else if *units > rules.max_per_inspector {
                TeamFault::Load
            } else {
                continue;
            };
            return Err(broken(fault));
        }
    }
    Ok(())
}

/// The result that was drawn against the one that is published, place by place.
fn compare(drawn: &DrawResult, published: &DrawResult) -> Result<(), DrawFault> {
    let places = drawn.strata.len().max(published.strata.len());
    for at in 0..places {
        let (own, other) = (drawn.strata.get(at), published.strata.get(at));
        if own != other {
            let named = other.or(own).map(|s| s.stratum.clone());
            return Err(DrawFault::Stratum(named.unwrap_or_default()));
        }
    }
    let places = drawn.units.len().max(published.units.len());
    for at in 0..places {
        let (own, other) = (drawn.units.get(at), published.units.get(at));
        if own == other {
            continue;
        }
        let unit = other.map(|u| u.unit.clone()).unwrap_or_default();
        let same_unit = own.zip(other).is_some_and(|(a, b)| a.unit == b.unit && a.stratum == b.stratum);
        let at = at + 1;
        return Err(if same_unit { DrawFault::Inspectors { at, unit } } else { DrawFault::Unit { at, unit } });
    }
    Ok(())
}

/// Makes the published replacements again.
fn replay(drawing: &mut Drawing<'_>, published: &[Substitution]) -> Result<(), DrawFault> {
    for (at, theirs) in published.iter().enumerate() {
        let own = drawing.replace(&theirs.out, theirs.reason, theirs.ground_sha256);
        if own.as_ref() != Ok(theirs) {
            return Err(DrawFault::Substitution(at + 1));
        }
    }
    Ok(())
}

impl TeamFault {
    /// The sentence for a person.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::Size => Text::new("人数与规则不符", "it is not as many inspectors as the rules say"),
            Self::Unknown => Text::new("有人不在名单中", "somebody is not in the pool"),
            Self::Certificate => Text::new("有人当日执法证无效", "a certificate does not count on that day"),
            Self::Conflict => Text::new("有人已申报回避", "somebody declared a conflict with this unit"),
            Self::Twice => Text::new("同一人出现两次", "somebody is in it twice"),
            Self::Load => Text::new("有人超过规则的上限", "somebody has more units than the rules allow"),
        }
    }
}

impl DrawFault {
    /// Stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "draw_unreadable",
            Self::Version(_) => "draw_version",
            Self::Rules(_) => "draw_rules",
            Self::Pool(_) => "draw_pool",
            Self::RulesChanged => "draw_rules_changed",
            Self::PoolChanged => "draw_pool_changed",
            Self::CommitmentChanged => "draw_commitment_changed",
            Self::Entry => "draw_entry",
            Self::NotLogged => "draw_not_logged",
            Self::Seed(fault) => fault.code(),
            Self::SeedChanged => "draw_seed_changed",
            Self::Stratum(_) => "draw_stratum",
            Self::Unit { .. } => "draw_unit",
            Self::Team { .. } => "draw_team",
            Self::Inspectors { .. } => "draw_inspectors",
            Self::ResultDigest => "draw_result_digest",
            Self::Substitution(_) => "draw_substitution",
            Self::OtherKey => "draw_other_key",
        }
    }

    /// The sentence for a person.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Unreadable => Text::new("这不是抽查记录文件。", "This is not the file of a draw."),
            Self::Version(v) => {
                Text::of(format!("抽查记录的版本{v}无法识别。"), format!("Version {v} of the file is not known."))
            }
            Self::Rules(fault) | Self::Pool(fault) => fault.text(),
            Self::RulesChanged => {
                Text::new("规则不是事先登记的规则。", "The rules are not those that were committed to.")
            }
            Self::PoolChanged => {
                Text::new("名单不是事先登记的名单。", "The pool is not the one that was committed to.")
            }
            Self::CommitmentChanged => {
                Text::new("登记摘要与规则、名单不符。", "The commitment does not follow from rules and pool.")
            }
            Self::Entry => {
                Text::new("日志条目登记的不是这次抽查。", "The entry of the log does not say this commitment.")
            }
            Self::NotLogged => Text::new(
                "不能证明登记条目在日志的该位置。",
                "It is not shown that the commitment stands at this place of the log.",
            ),
            Self::Seed(fault) => fault.text(),
            Self::SeedChanged => {
                Text::new("种子不是由该检查点产生的。", "The seed is not the one that this checkpoint gives.")
            }
            Self::Stratum(stratum) => Text::of(
                format!("类别{stratum}的数目与重新抽取的结果不符。"),
                format!("The numbers of stratum {stratum} are not those of the draw made again."),
            ),
            Self::Unit { at, unit } => Text::of(
                format!("第{at}位“{unit}”与重新抽取的结果不符。"),
                format!("Place {at}, \"{unit}\", is not what the draw made again gives."),
            ),
            Self::Team { unit, what } => {
                let what = what.text();
                Text::of(format!("单位{unit}的检查组违反规则：{}。", what.zh), format!("Team of {unit}: {}.", what.en))
            }
            Self::Inspectors { at, unit } => Text::of(
                format!("第{at}位{unit}的检查组与重新抽取的结果不符。"),
                format!("The team of place {at}, {unit}, is not what the draw made again gives."),
            ),
            Self::ResultDigest => {
                Text::new("结果摘要与结果不符。", "The digest of the result is not that of the result.")
            }
            Self::Substitution(n) => Text::of(
                format!("第{n}次替换与重新抽取的次序不符。"),
                format!("Replacement {n} does not follow from the draw made again."),
            ),
            Self::OtherKey => Text::new(
                "日志或见证方的密钥不是所信任的密钥。",
                "The key of the log or of the witness is not the trusted one.",
            ),
        }
    }

    /// The refusal for a person at work with the draw.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let next = Text::new(
            "请取得原始抽查记录，并向日志的见证方核对。",
            "Obtain the original file of the draw and compare it with the witness of the log.",
        );
        Refusal::new(ErrorKind::Conflict, self.code(), self.text(), next)
    }
}
