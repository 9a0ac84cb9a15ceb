//! The random draw of inspections (双随机抽查): which units, and who inspects them, so that anybody can do it again from what is published
//! and nobody could choose how it came out.
//!
//! ```text
//! rules + pool ─▶ Commitment ─▶ entry draw.pool ─┐  (before there is a seed)
//! later signed head, witness's line, outcome of a public source ─▶ Seed ─▶ Drawing ─▶ DrawResult ─▶ entry draw.made
//! unit that is gone ─▶ next of the same order ─▶ Substitution ─▶ entry draw.replaced
//! all of it ─▶ DrawRecord (published) ─▶ verify: that it holds, or what does not
//! ```
//! Always true: a plan is drawn once, and no step takes a draw back; the result is a function of rules, pool and seed; what the rules ask
//! and the pool cannot give stands in the result with its reason. Every step is in `docs/design/draw.md`, and once more in Python in
//! `docs/design/draw_rerun.py`.

mod choose;
mod event;
mod outcome;
mod paper;
mod pool;
mod record;
mod rules;
mod seed;
mod stream;
#[cfg(test)]
mod tests;

pub use choose::{DrawResult, Drawing, DrawnUnit, Lack, ReplaceFault, ReplaceReason, StratumResult, Substitution};
pub use event::PublicDay;
pub use outcome::{GROUPS, HIGHEST, NUMBERS, PublicForm, PublicGroup, PublicOrder};
pub use paper::{ResultFacts, result_paper};
pub use pool::{CONFLICTS, Conflict, INSPECTORS, Inspector, Pool, UNITS, Unit, WORD_BYTES};
pub use record::{
    DrawFault, DrawRecord, Logged, MADE_KIND, MadeBody, POOL_KIND, RECORD_BYTES, REPLACED_KIND, ReplacedBody,
    TeamFault, verify, verify_by,
};
pub use rules::{
    Commitment, DrawRules, Edition, MOST_LOAD, MOST_REST, MOST_SEATS, MOST_WAIT, Quota, SOURCE_CHARS, STRATA,
};
pub use seed::{Seed, SeedFault, VALUE_CHARS, first_size};

use base::{CivilDate, ErrorKind, Refusal, Text};

/// Why rules or a pool are not accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlanFault {
    /// This line of the pool, from 1, is not as it has to be, or not in its place.
    PoolLine(usize),
    /// The same of the rules.
    RulesLine(usize),
    /// More than the limit.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// No unit to draw from.
    Empty,
    /// Not a word: letters, digits, `.`, `_`, `-`, at most [`WORD_BYTES`].
    Word(String),
    /// There twice.
    Twice(String),
    /// A conflict of an inspector who is not in the pool.
    UnknownInspector(String),
    /// A conflict with a unit that is not in the pool.
    UnknownUnit(String),
    /// Units of a stratum for which there is no rule.
    Stratum(String),
    /// This number or day is out of its limits.
    Number(&'static str),
    /// The public source is not named in one plain line.
    Source,
    /// The day of the public event is before the commitment or after the last day of the draw, or no source is named.
    SourceDay,
    /// The form of the outcome is missing or cannot be read; or it is there without a public source, or in rules of the first edition.
    SourceForm,
    /// Witness and log bear one name.
    SameKey,
}

impl PlanFault {
    /// Stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PoolLine(_) => "pool_line",
            Self::RulesLine(_) => "rules_line",
            Self::TooMany { .. } => "too_many",
            Self::Empty => "pool_empty",
            Self::Word(_) => "not_a_word",
            Self::Twice(_) => "twice",
            Self::UnknownInspector(_) => "unknown_inspector",
            Self::UnknownUnit(_) => "unknown_unit",
            Self::Stratum(_) => "stratum_without_rule",
            Self::Number(_) => "number",
            Self::Source => "public_source",
            Self::SourceDay => "public_day",
            Self::SourceForm => "public_form",
            Self::SameKey => "same_key",
        }
    }

    /// The sentence for a person.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::PoolLine(n) => Text::of(
                format!("名单第{n}行写法或次序不对。"),
                format!("Line {n} of the pool is not as it has to be."),
            ),
            Self::RulesLine(n) => Text::of(
                format!("规则第{n}行写法或次序不对。"),
                format!("Line {n} of the rules is not as it has to be."),
            ),
            Self::TooMany { what, most } => {
                Text::of(format!("{what}的数量超过上限{most}。"), format!("More than {most} {what}."))
            }
            Self::Empty => Text::new("名单中没有单位。", "There is no unit in the pool."),
            Self::Word(word) => Text::of(
                format!("编号“{word}”只能用字母、数字和 . _ -，至多{WORD_BYTES}个。"),
                format!("\"{word}\" is no id: letters, digits and . _ - only, at most {WORD_BYTES}."),
            ),
            Self::Twice(what) => Text::of(format!("{what}重复出现。"), format!("{what} is there twice.")),
            Self::UnknownInspector(id) => Text::of(
                format!("回避申报中的检查人员{id}不在名单中。"),
                format!("A conflict names inspector {id}, who is not in the pool."),
            ),
            Self::UnknownUnit(id) => Text::of(
                format!("回避申报中的单位{id}不在名单中。"),
                format!("A conflict names unit {id}, which is not in the pool."),
            ),
            Self::Stratum(stratum) => Text::of(
                format!("规则没有规定类别{stratum}抽取多少。"),
                format!("The rules do not say how many of stratum {stratum} are drawn."),
            ),
            Self::Number(what) => {
                Text::of(format!("规则中的{what}超出范围。"), format!("{what} is out of its limits."))
            }
            Self::Source => Text::of(
                format!("公开来源应当用一行文字写明，至多{SOURCE_CHARS}字。"),
                format!("Name the public source in one plain line of at most {SOURCE_CHARS} characters."),
            ),
            Self::SourceDay => Text::new(
                "公开事件的结果应当在封存名单以后、抽取期限届满以前公布。",
                "The outcome of the public event comes after the commitment, and before the last day of the draw is over.",
            ),
            Self::SourceForm => Text::new(
                "公开来源的结果怎样写，应当在规则中写明：几个数、什么范围、什么次序。",
                "The rules say how the outcome of the public source is written: how many numbers, of which range, in which order.",
            ),
            Self::SameKey => Text::new(
                "见证方与日志的名称相同，无法区分签名。",
                "Witness and log bear one name; their lines cannot be told apart.",
            ),
        }
    }

    /// The refusal for the person who made the plan.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let next = Text::new("请更正抽查计划后重新提交。", "Correct the plan and submit it again.");
        Refusal::bad_input(&format!("draw_{}", self.code()), self.text(), next)
    }
}

/// How far a plan is, as folded from its entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlanState {
    /// Nothing is committed yet.
    Open,
    /// Rules and pool are in the log.
    Committed {
        /// Index of the entry `draw.pool`.
        entry_index: u64,
        /// [`DrawRules::after_entries`].
        after_entries: u64,
        /// [`DrawRules::takes_later_heads`].
        takes_later_heads: bool,
        /// [`DrawRules::until`].
        until: CivilDate,
    },
    /// The draw is made.
    Drawn,
}

/// What somebody wants to do with a plan. There is no step that clears or repeats a draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DrawStep {
    /// Log rules and pool.
    Commit,
    /// Log them anew after the last day passed without a draw; the new rules name the old commitment (`again_of`).
    CommitAgain,
    /// Draw by the seed of a head of this size.
    Draw {
        /// Entries of the head.
        head_size: u64,
    },
    /// Replace a drawn unit.
    Replace,
}

fn conflict(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

/// May the plan take this step on `today` (Shanghai)?
///
/// # Errors
/// `draw_committed`, `draw_made`, `draw_not_committed`, `draw_not_made`, `draw_not_lapsed`, `draw_lapsed`; `seed_too_early` and
/// `seed_other_size` for a head that does not count.
pub fn may_draw(state: &PlanState, step: DrawStep, today: CivilDate) -> Result<(), Refusal> {
    match (*state, step) {
        (PlanState::Open, DrawStep::Commit) | (PlanState::Drawn, DrawStep::Replace) => Ok(()),
        (PlanState::Open, _) => Err(conflict(
            "draw_not_committed",
            Text::new("抽查规则和名单还没有登记公布。", "Rules and pool are not in the log yet."),
            Text::new("请先登记规则和名单。", "Log the rules and the pool first."),
        )),
        (PlanState::Drawn, _) => Err(conflict(
            "draw_made",
            Text::new("本计划已经抽取，不得再抽。", "This plan is drawn already and is not drawn twice."),
            Text::new(
                "个别单位无法检查的，可以逐个替换并写明理由。",
                "A unit that cannot be inspected can be replaced, one at a time and with the reason.",
            ),
        )),
        (PlanState::Committed { .. }, DrawStep::Commit) => Err(conflict(
            "draw_committed",
            Text::new("规则和名单已经登记，不能更改。", "Rules and pool are in the log and cannot be changed."),
            Text::new("请按已登记的规则抽取。", "Draw by the rules that are in the log."),
        )),
        (PlanState::Committed { .. }, DrawStep::Replace) => Err(conflict(
            "draw_not_made",
            Text::new("还没有抽取，没有可替换的单位。", "Nothing is drawn yet, so nothing can be replaced."),
            Text::new("请先抽取。", "Draw first."),
        )),
        (PlanState::Committed { until, .. }, DrawStep::CommitAgain) if today <= until => Err(conflict(
            "draw_not_lapsed",
            Text::of(
                format!("抽取期限到{until}为止，尚未届满。"),
                format!("The draw can still be made, until {until}."),
            ),
            Text::new("请按已登记的规则抽取。", "Draw by the rules that are in the log."),
        )),
        (PlanState::Committed { .. }, DrawStep::CommitAgain) => Ok(()),
        (PlanState::Committed { until, .. }, DrawStep::Draw { .. }) if today > until => Err(conflict(
            "draw_lapsed",
            Text::of(format!("抽取期限已于{until}届满。"), format!("The last day of the draw was {until}.")),
            Text::new(
                "请重新登记规则和名单，并注明所替代的一次。",
                "Log rules and pool anew, naming the commitment that lapsed.",
            ),
        )),
        (PlanState::Committed { entry_index, after_entries, takes_later_heads, .. }, DrawStep::Draw { head_size }) => {
            let least = first_size(entry_index, after_entries);
            let fault = if head_size < least {
                SeedFault::TooEarly { least, size: head_size }
            } else if head_size > least && !takes_later_heads {
                SeedFault::OtherSize { wanted: least, size: head_size }
            } else {
                return Ok(());
            };
            let next =
                Text::of(format!("请使用{least}条记录的检查点。"), format!("Use the checkpoint of {least} entries."));
            Err(conflict(fault.code(), fault.text(), next))
        }
    }
}

/// A number of things of a pool, which fits: the limits are far below.
fn count(things: usize) -> u32 {
    u32::try_from(things).unwrap_or(u32::MAX)
}

/// The first line, from 1, in which two lists of lines differ.
fn first_difference(one: &[String], other: &[String]) -> Option<usize> {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (same < one.len().max(other.len())).then_some(same + 1)
}
