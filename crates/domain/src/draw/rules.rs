//! How it is drawn: the rules of one plan, in the open before the seed exists, as lines with one spelling and one digest.
//!
//! What flows through: [`DrawRules`] of the plan ─▶ lines ─▶ digest; with the pool's digest ─▶ [`Commitment`] ─▶ entry `draw.pool`.
//! Always true: every number here is data of the plan or of a law pack, none is written in the program; the keys that may sign the seed's
//! checkpoint, and what else the seed is made of, are settled before there is a seed; by the rules of the second edition one head counts and an
//! outcome has one spelling, so that nothing is left to choose afterwards.

use super::PlanFault;
use super::event::PublicDay;
use super::outcome::PublicForm;
use super::pool::{Pool, UNITS, Unit, digest, is_word};
use super::seed::VALUE_CHARS;
use base::{CivilDate, Sha256, Text};
use ledger::{Vkey, WitnessVkey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most strata of a plan.
pub const STRATA: usize = 200;
/// Most inspectors of one unit.
pub const MOST_SEATS: u32 = 10;
/// Most units of one inspector.
pub const MOST_LOAD: u32 = 1_000;
/// Longest time for which an inspected unit rests, in days.
pub const MOST_REST: u32 = 3_660;
/// Most entries between pool and seed.
pub const MOST_WAIT: u64 = 100_000;
/// Longest name of a public source, characters.
pub const SOURCE_CHARS: usize = 200;
/// Lines before those of the strata; `public_day` and `public_form` come behind them, where the plan names them.
const FIXED_LINES: usize = 12;
/// How the line of the public event's day begins.
const PUBLIC_DAY: &str = "public_day ";
/// How the line of the outcome's form begins.
const PUBLIC_FORM: &str = "public_form ";
/// A whole, in parts of a thousand.
const WHOLE: u32 = 1_000;

/// Which edition of the draw a plan is for: draws of an old one are verified by what was told when they were made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edition {
    /// With a witness any head from the least size on gives a seed, and an outcome is any plain line. No server makes such rules any more
    /// where there is a public source; see [`DrawRules::caution`].
    First,
    /// Exactly one head counts, with or without a witness, and an outcome is written in the form that the rules name.
    Second,
}

impl Edition {
    /// First line of the rules.
    #[must_use]
    pub const fn line(self) -> &'static str {
        match self {
            Self::First => "jifang draw v1",
            Self::Second => "jifang draw v2",
        }
    }

    fn parse(line: &str) -> Option<Self> {
        [Self::First, Self::Second].into_iter().find(|edition| edition.line() == line)
    }
}

/// How many of a stratum are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quota {
    /// So many.
    Count(u32),
    /// So many of a thousand units of the stratum, rounded up; those that rest are counted among the thousand.
    PerMille(u32),
}

/// The rules of one plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawRules {
    /// Edition of the draw.
    pub edition: Edition,
    /// Id of the plan.
    pub plan: String,
    /// The day for which certificates and rest are judged.
    pub day: CivilDate,
    /// Key of the log whose checkpoint gives the seed.
    pub log: Vkey,
    /// The witness whose cosignature is part of the seed.
    pub witness: Option<WitnessVkey>,
    /// Entries that stand between the pool's entry and the head that gives the seed.
    pub after_entries: u64,
    /// Last day of the draw; afterwards the plan may be committed anew, which everybody sees.
    pub until: CivilDate,
    /// An event outside whose outcome is part of the seed, named so that nobody can mistake it; it happens after the commitment.
    pub public_source: Option<String>,
    /// When that outcome comes out; rules of before this was asked name none.
    pub public_day: Option<PublicDay>,
    /// How that outcome is written; the second edition names it with every source, the first never.
    pub public_form: Option<PublicForm>,
    /// The commitment that lapsed and in whose place this one stands.
    pub again_of: Option<Sha256>,
    /// A unit inspected less than so many days before `day` is not drawn; 0: the last inspection does not count.
    pub rest_days: u32,
    /// Inspectors of each unit; the law sets the least (packs).
    pub inspectors_per_unit: u32,
    /// Most units of one inspector.
    pub max_per_inspector: u32,
    /// How many of each stratum.
    pub quotas: BTreeMap<String, Quota>,
}

impl Quota {
    /// How many of a stratum with `units` units are asked for.
    #[must_use]
    pub fn of(self, units: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            // At most UNITS times WHOLE, which fits.
            Self::PerMille(share) => units.saturating_mul(share).div_ceil(WHOLE),
        }
    }
}

impl DrawRules {
    /// Checks every number and text.
    ///
    /// # Errors
    /// `Word`, `Number`, `TooMany`, `Source`, `SourceDay`, `SourceForm`, `SameKey`.
    pub fn check(&self) -> Result<(), PlanFault> {
        if let Some(word) = [&self.plan].into_iter().chain(self.quotas.keys()).find(|word| !is_word(word)) {
            return Err(PlanFault::Word(word.clone()));
        }
        if self.quotas.len() > STRATA {
            return Err(PlanFault::TooMany { what: "strata", most: STRATA });
        }
        let sound = |quota: &Quota| match *quota {
            Quota::Count(count) => usize::try_from(count).is_ok_and(|count| count <= UNITS),
            Quota::PerMille(share) => (1..=WHOLE).contains(&share),
        };
        for (what, holds) in [
            ("after_entries", self.after_entries <= MOST_WAIT),
            ("rest_days", self.rest_days <= MOST_REST),
            ("inspectors_per_unit", (1..=MOST_SEATS).contains(&self.inspectors_per_unit)),
            ("max_per_inspector", (1..=MOST_LOAD).contains(&self.max_per_inspector)),
            ("stratum", self.quotas.values().all(sound)),
            ("until", self.until >= self.day),
        ] {
            if !holds {
                return Err(PlanFault::Number(what));
            }
        }
        if self.public_source.as_deref().is_some_and(|text| !is_plain(text, SOURCE_CHARS)) {
            return Err(PlanFault::Source);
        }
        if self.public_day.is_some_and(|day| !self.may_name(day)) {
            return Err(PlanFault::SourceDay);
        }
        if self.public_form.is_some() != (self.edition == Edition::Second && self.public_source.is_some()) {
            return Err(PlanFault::SourceForm);
        }
        // Signature lines are told apart by the name before them.
        if self.witness.as_ref().is_some_and(|witness| witness.name() == self.log.name()) {
            return Err(PlanFault::SameKey);
        }
        Ok(())
    }

    /// The event is not before the day of the commitment, and out while it can still be drawn.
    fn may_name(&self, event: PublicDay) -> bool {
        let in_time = event.day >= self.day && event.out() < self.until.plus_days(1).start();
        self.public_source.is_some() && event.is_sound() && in_time
    }

    /// Checks that the pool can be drawn from by these rules.
    ///
    /// # Errors
    /// `Stratum`: units of a stratum for which there is no rule.
    pub fn fit(&self, pool: &Pool) -> Result<(), PlanFault> {
        match pool.units().iter().find(|unit| !self.quotas.contains_key(&unit.stratum)) {
            Some(unit) => Err(PlanFault::Stratum(unit.stratum.clone())),
            None => Ok(()),
        }
    }

    /// True for a unit that does not rest on the day of the draw.
    #[must_use]
    pub fn is_due(&self, unit: &Unit) -> bool {
        let rest = i32::try_from(self.rest_days).unwrap_or(i32::MAX);
        rest == 0 || unit.last.is_none_or(|last| last.plus_days(rest) <= self.day)
    }

    /// Nobody but the owner of the log has a part in the seed.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.witness.is_none() && self.public_source.is_none()
    }

    /// A head of more entries than the least gives a seed too: with a witness by the first edition, never by the second.
    #[must_use]
    pub fn takes_later_heads(&self) -> bool {
        self.edition == Edition::First && self.witness.is_some()
    }

    /// The outcome is written as the rules say.
    #[must_use]
    pub(super) fn takes_outcome(&self, value: &str) -> bool {
        is_plain(value, VALUE_CHARS) && self.public_form.as_ref().is_none_or(|form| form.is_of(value))
    }

    /// What has to stand beside the result where the owner of the log could have had a choice of seeds: they alone have a part in it, or the
    /// rules are of the first edition and leave open how the outcome is spelled or which head is taken.
    #[must_use]
    pub fn caution(&self) -> Option<Text> {
        if self.edition == Edition::First && !self.is_alone() {
            return Some(Text::new(
                "规则是第1版：没有限定公开来源结果的写法，有见证方时也没有限定取哪一个检查点。可以核对事后没有改动，不能排除在几种写法、几个检查点中挑选过。",
                "These are rules of the first edition: they leave open how the outcome of the public source is spelled, and with a witness which head is \
                 taken. It is shown that nothing was changed afterwards, not that nobody chose between spellings or heads.",
            ));
        }
        self.is_alone().then_some(Text::new(
            "种子只来自抽查单位自己的日志，没有见证方，也没有公开来源：可以核对事后没有改动，不能排除事先试算。",
            "The seed comes from the inspecting body's own log alone, without a witness or a public source: it is shown that nothing was changed \
             afterwards, not that nothing was tried out before.",
        ))
    }

    /// What an outside part in the seed rests on, where the log has no witness: the public source alone.
    #[must_use]
    pub fn resting_on(&self) -> Option<Text> {
        let source = self.public_source.as_ref().filter(|_| self.witness.is_none())?;
        Some(Text::of(
            format!(
                "抽查单位的日志没有见证方，因此种子必须取公开来源的结果：{source}。请从该来源核对，并确认它在封存名单之后才有结果。"
            ),
            format!(
                "The inspecting body's log has no witness, so a public source is required for the seed: {source}. Compare its outcome there, and that \
                 it came after the pool was committed."
            ),
        ))
    }

    /// The lines as they are published.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let mut lines = vec![
            self.edition.line().to_owned(),
            format!("plan {}", self.plan),
            format!("day {}", self.day),
            format!("log {}", self.log),
            format!("witness {}", or_none(self.witness.as_ref().map(ToString::to_string))),
            format!("after_entries {}", self.after_entries),
            format!("until {}", self.until),
            format!("public_source {}", or_none(self.public_source.clone())),
            format!("again_of {}", or_none(self.again_of.map(|digest| digest.hex()))),
            format!("rest_days {}", self.rest_days),
            format!("inspectors_per_unit {}", self.inspectors_per_unit),
            format!("max_per_inspector {}", self.max_per_inspector),
        ];
        lines.extend(self.public_day.map(|day| format!("{PUBLIC_DAY}{day}")));
        lines.extend(self.public_form.as_ref().map(|form| format!("{PUBLIC_FORM}{form}")));
        lines.extend(self.quotas.iter().map(|(stratum, quota)| match quota {
            Quota::Count(count) => format!("stratum {stratum} count {count}"),
            Quota::PerMille(share) => format!("stratum {stratum} per_mille {share}"),
        }));
        lines
    }

    /// Reads published lines; they have one spelling and one order.
    ///
    /// # Errors
    /// `RulesLine` with the first line that is not as it has to be, and as [`DrawRules::check`].
    pub fn parse(lines: &[String]) -> Result<Self, PlanFault> {
        let event = lines.get(FIXED_LINES).and_then(|line| line.strip_prefix(PUBLIC_DAY));
        let form_at = FIXED_LINES + usize::from(event.is_some());
        let form = lines.get(form_at).and_then(|line| line.strip_prefix(PUBLIC_FORM));
        let fixed = form_at + usize::from(form.is_some());
        if lines.len() > fixed + STRATA {
            return Err(PlanFault::TooMany { what: "strata", most: STRATA });
        }
        let value = |at: usize, name: &str| {
            let line = lines.get(at).and_then(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.ok_or(PlanFault::RulesLine(at + 1))
        };
        let mut quotas = BTreeMap::new();
        for (at, line) in lines.iter().enumerate().skip(fixed) {
            let (stratum, quota) = read_quota(line).ok_or(PlanFault::RulesLine(at + 1))?;
            quotas.insert(stratum, quota);
        }
        let rules = Self {
            edition: lines.first().and_then(|line| Edition::parse(line)).ok_or(PlanFault::RulesLine(1))?,
            plan: value(1, "plan")?.to_owned(),
            day: read(2, value(2, "day")?, CivilDate::parse)?,
            log: read(3, value(3, "log")?, |text| Vkey::parse(text).ok())?,
            witness: read_or_none(4, value(4, "witness")?, |text| WitnessVkey::parse(text).ok())?,
            after_entries: read(5, value(5, "after_entries")?, |text| text.parse().ok())?,
            until: read(6, value(6, "until")?, CivilDate::parse)?,
            public_source: read_or_none(7, value(7, "public_source")?, |text| Some(text.to_owned()))?,
            public_day: event.map(|text| read(FIXED_LINES, text, PublicDay::parse)).transpose()?,
            public_form: form.map(|text| read(form_at, text, PublicForm::parse)).transpose()?,
            again_of: read_or_none(8, value(8, "again_of")?, Sha256::from_hex)?,
            rest_days: read(9, value(9, "rest_days")?, |text| text.parse().ok())?,
            inspectors_per_unit: read(10, value(10, "inspectors_per_unit")?, |text| text.parse().ok())?,
            max_per_inspector: read(11, value(11, "max_per_inspector")?, |text| text.parse().ok())?,
            quotas,
        };
        rules.check()?;
        match super::first_difference(lines, &rules.lines()) {
            Some(line) => Err(PlanFault::RulesLine(line)),
            None => Ok(rules),
        }
    }
}

fn read<T>(at: usize, text: &str, how: impl Fn(&str) -> Option<T>) -> Result<T, PlanFault> {
    how(text).ok_or(PlanFault::RulesLine(at + 1))
}

fn read_or_none<T>(at: usize, text: &str, how: impl Fn(&str) -> Option<T>) -> Result<Option<T>, PlanFault> {
    if text == "-" { Ok(None) } else { read(at, text, how).map(Some) }
}

fn read_quota(line: &str) -> Option<(String, Quota)> {
    let (stratum, rest) = line.strip_prefix("stratum ")?.split_once(' ')?;
    let quota = match rest.split_once(' ')? {
        ("count", count) => Quota::Count(count.parse().ok()?),
        ("per_mille", share) => Quota::PerMille(share.parse().ok()?),
        _ => return None,
    };
    Some((stratum.to_owned(), quota))
}

/// One line that is not a lone dash, without control characters and without space around it.
pub(super) fn is_plain(text: &str, most: usize) -> bool {
    let plain = !text.is_empty() && text != "-" && text.trim() == text && !text.chars().any(char::is_control);
    plain && text.chars().count() <= most
}

/// What the entry `draw.pool` says: rules and pool are settled, before there is a seed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Id of the plan.
    pub plan: String,
    /// Digest of the rules' lines.
    pub rules_sha256: Sha256,
    /// Digest of the pool's lines.
    pub pool_sha256: Sha256,
    /// Digest over both: what the seed is bound to.
    pub commitment: Sha256,
    /// How many units.
    pub units: u32,
    /// How many inspectors.
    pub inspectors: u32,
}

impl Commitment {
    /// The commitment of rules and pool as they are kept together: the lines of the rules, then those of the pool.
    ///
    /// # Errors
    /// As [`DrawRules::parse`], [`Pool::parse`] and [`Self::new`].
    pub fn of_text(text: &str) -> Result<Self, PlanFault> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = lines.iter().position(|line| line.starts_with("unit ")).unwrap_or(lines.len());
        let (rules, pool) = lines.split_at(at);
        Self::new(&DrawRules::parse(rules)?, &Pool::parse(pool)?)
    }

    /// The commitment of these rules and this pool.
    ///
    /// # Errors
    /// As [`DrawRules::check`] and [`DrawRules::fit`].
    pub fn new(rules: &DrawRules, pool: &Pool) -> Result<Self, PlanFault> {
        rules.check()?;
        rules.fit(pool)?;
        let (rules_sha256, pool_sha256) = (digest(&rules.lines()), digest(&pool.lines()));
        let text = format!("jifang draw commitment v1\n{rules_sha256}\n{pool_sha256}\n");
        Ok(Self {
            plan: rules.plan.clone(),
            rules_sha256,
            pool_sha256,
            commitment: Sha256::of(text.as_bytes()),
            units: super::count(pool.units().len()),
            inspectors: super::count(pool.inspectors().len()),
        })
    }
}
