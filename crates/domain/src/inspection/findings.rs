//! What an inspection found: answers against the items that were asked, and which order follows.
//!
//! Items and [`Answers`] -> [`judge`] -> [`Findings`], or every fault at once. [`prefill`] answers what the site's own signed report says.
//! Always true: nothing asked is left open; a met item has no defect and one that is not met names at least one; who answers otherwise
//! than the site's report says why; an order rests on a clause, all else is advice. A remark may name persons: it is stored sealed and
//! never printed by Debug.

use crate::duty::State;
use base::{Citation, Sha256, Text};
use law::{AnswerKind, AskedItem, Correction, Gravity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest remark, characters.
const REMARK_CHARS: usize = 500;
/// Fewest letters that explain another answer than the report's.
const REASON_LETTERS: usize = 4;

/// The answer to an item.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// Met.
    Yes,
    /// Not met.
    No,
    /// There is no such thing at this unit; the remark says so.
    NotHere,
    /// A number in the item's unit.
    Number(i64),
    /// Word of a choice.
    Choice(String),
}

/// Answer, defects and remark of an item.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer.
    pub answered: Answered,
    /// Words of the defects that are ticked.
    #[serde(default)]
    pub defects: Vec<String>,
    /// In the inspector's words; may name persons.
    #[serde(default)]
    pub remark: String,
    /// SHA-256 of the signed report it was taken from.
    #[serde(default)]
    pub report: Option<Sha256>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({:?}, {:?})", self.answered, self.defects)
    }
}

impl Answer {
    /// An answer without defects and remark.
    #[must_use]
    pub const fn plain(answered: Answered) -> Self {
        Self { answered, defects: Vec::new(), remark: String::new(), report: None }
    }
}

/// Answers by word of the item.
pub type Answers = BTreeMap<String, Answer>;

/// What a site's own signed report says, as its signature was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteReport {
    /// SHA-256 of the report.
    pub sha256: Sha256,
    /// Where duties stand, by code.
    pub duties: BTreeMap<String, State>,
    /// Numbers, by the words of [`law::MEASURES`].
    pub measures: BTreeMap<String, i64>,
}

/// Answers that the report gives; a duty that is due or unknown is left to the inspector, and a breach still wants its defect ticked.
#[must_use]
pub fn prefill(asked: &[AskedItem<'_>], report: &SiteReport) -> Answers {
    let answer = |a: &AskedItem<'_>| {
        let answered = of_report(a, report)?;
        Some((a.item.id.clone(), Answer { report: Some(report.sha256), ..Answer::plain(answered) }))
    };
    asked.iter().filter_map(answer).collect()
}

fn of_report(asked: &AskedItem<'_>, report: &SiteReport) -> Option<Answered> {
    let word = asked.item.auto.as_deref()?;
    if asked.item.answer == AnswerKind::Number {
        return report.measures.get(word).copied().map(Answered::Number);
    }
    match report.duties.get(word)? {
        State::Met => Some(Answered::Yes),
        State::Overdue { .. } => Some(Answered::No),
        State::Due { .. } | State::Unknown => None,
    }
}

/// What is wrong with an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerFault {
    /// The item.
    pub item: String,
    /// Stable word.
    pub code: &'static str,
    /// What, and what to do.
    pub what: Text,
}

/// A defect that breaks a clause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// The item.
    pub item: String,
    /// Words of the defects.
    pub defects: Vec<String>,
    /// In words.
    pub texts: Vec<Text>,
    /// How grave.
    pub gravity: Gravity,
    /// The order that follows.
    pub order: Correction,
    /// Suggested limit, days; practice.
    pub suggested_days: Option<u32>,
    /// The clauses; never empty.
    pub citations: Vec<Citation>,
    /// They are all lost text: a legal review comes before an order.
    pub gap: bool,
}

/// A defect that breaks no clause, or that no order follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advice {
    /// The item.
    pub item: String,
    /// In words.
    pub texts: Vec<Text>,
}

/// What follows from an inspection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Follows {
    /// Nothing: passed.
    Nothing,
    /// Advice only: passed.
    Advice,
    /// An order.
    Order {
        /// Something is to be corrected at once.
        at_once: bool,
        /// Something within a limit; the suggested days, the longest that any defect of the order needs. Practice.
        within_days: Option<u32>,
    },
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// Breaches, the gravest first.
    pub breaches: Vec<Breach>,
    /// Advice.
    pub advice: Vec<Advice>,
}

impl Findings {
    /// What follows.
    #[must_use]
    pub fn follows(&self) -> Follows {
        if self.breaches.is_empty() {
            return if self.advice.is_empty() { Follows::Nothing } else { Follows::Advice };
        }
        Follows::Order {
            at_once: self.breaches.iter().any(|b| b.order == Correction::AtOnce),
            within_days: self.breaches.iter().filter_map(|b| b.suggested_days).max(),
        }
    }

    /// An order on these breaches waits for a legal review: one rests on lost text alone.
    #[must_use]
    pub fn needs_review(&self) -> bool {
        self.breaches.iter().any(|b| b.gap)
    }
}

/// Judges answers. `report` is the site's own, where there is one.
///
/// # Errors
/// Every fault, in the order of the list: `unanswered`, `not_asked`, `wrong_kind`, `no_such_choice`, `no_such_defect`, `defect_without_no`,
/// `no_without_defect`, `no_remark`, `remark`, `other_than_report`.
pub fn judge(
    asked: &[AskedItem<'_>],
    answers: &Answers,
    report: Option<&SiteReport>,
) -> Result<Findings, Vec<AnswerFault>> {
    let mut faults: Vec<AnswerFault> = Vec::new();
    let mut findings = Findings::default();
    for a in asked {
        match answers.get(&a.item.id) {
            None => faults.push(fault(&a.item.id, "unanswered")),
            Some(answer) => match wrong(a, answer, report) {
                Some(code) => faults.push(fault(&a.item.id, code)),
                None => find(a, answer, &mut findings),
            },
        }
    }
    let unknown = answers.keys().filter(|id| !asked.iter().any(|a| a.item.id == **id));
    faults.extend(unknown.map(|id| fault(id, "not_asked")));
    if !faults.is_empty() {
        return Err(faults);
    }
    findings.breaches.sort_by_key(|b| std::cmp::Reverse(b.gravity));
    Ok(findings)
}

/// Whether an answer passes; `None` where it does not fit the item.
fn passes(asked: &AskedItem<'_>, answered: &Answered) -> Option<bool> {
    let item = asked.item;
    match (item.answer, answered) {
        (_, Answered::NotHere) | (AnswerKind::YesNo, Answered::Yes) => Some(true),
        (AnswerKind::YesNo, Answered::No) => Some(false),
        (AnswerKind::Number, Answered::Number(n)) => {
            Some(item.least.is_none_or(|least| *n >= least) && item.most.is_none_or(|most| *n <= most))
        }
        (AnswerKind::Choice, Answered::Choice(id)) => item.choices.iter().find(|c| c.id == *id).map(|c| c.passes),
        _ => None,
    }
}

/// The fault of an answer.
fn wrong(asked: &AskedItem<'_>, answer: &Answer, report: Option<&SiteReport>) -> Option<&'static str> {
    let remark = answer.remark.trim();
    let letters = remark.chars().filter(|c| c.is_alphanumeric()).count();
    let Some(passes) = passes(asked, &answer.answered) else {
        let choice = asked.item.answer == AnswerKind::Choice && matches!(answer.answered, Answered::Choice(_));
        return Some(if choice { "no_such_choice" } else { "wrong_kind" });
    };
    if remark.chars().count() > REMARK_CHARS || remark.chars().any(|c| c.is_control() && c != '\n') {
        return Some("remark");
    }
    let known = |id: &&String| asked.item.defects.iter().any(|d| d.id == **id);
    let ticked = answer.defects.iter().filter(known).count();
    if ticked != answer.defects.len() {
        return Some("no_such_defect");
    }
    match (passes, ticked) {
        (true, 1..) => return Some("defect_without_no"),
        (false, 0) => return Some("no_without_defect"),
        _ => {}
    }
    if answer.answered == Answered::NotHere && letters < REASON_LETTERS {
        return Some("no_remark");
    }
    let said = report.and_then(|report| of_report(asked, report));
    (said.is_some_and(|said| said != answer.answered) && letters < REASON_LETTERS).then_some("other_than_report")
}

/// Enters what an answer shows.
fn find(asked: &AskedItem<'_>, answer: &Answer, findings: &mut Findings) {
    if answer.defects.is_empty() {
        return;
    }
    let item = asked.item;
    let ticked = item.defects.iter().filter(|d| answer.defects.contains(&d.id));
    let (words, texts): (Vec<String>, Vec<Text>) = ticked.map(|d| (d.id.clone(), d.text())).unzip();
    match asked.order() {
        Some(order) => findings.breaches.push(Breach {
            item: item.id.clone(),
            defects: words,
            texts,
            gravity: item.gravity,
            order,
            suggested_days: item.within_days,
            citations: asked.citations.clone(),
            gap: asked.gap,
        }),
        None => findings.advice.push(Advice { item: item.id.clone(), texts }),
    }
}

fn fault(item: &str, code: &'static str) -> AnswerFault {
    let what = match code {
        "unanswered" => Text::new("没有回答。请回答。", "Not answered: answer it."),
        "not_asked" => Text::new("检查表没有问这一项。请删除。", "The list does not ask this: take it out."),
        "no_such_choice" | "no_such_defect" => {
            Text::new("所选不在检查表中。请重新选择。", "What was chosen is not in the list: choose again.")
        }
        "defect_without_no" => {
            Text::new("回答合格却勾选了缺陷。请核对。", "It passes, and a defect is ticked: check which is so.")
        }
        "no_without_defect" => Text::new("不合格，须勾选至少一处缺陷。", "Not met: tick at least one defect."),
        "no_remark" => Text::new("不适用的，须在备注中说明理由。", "Not here: say why in the remark."),
        "remark" => Text::of(
            format!("备注至多{REMARK_CHARS}个字符，不含控制字符。"),
            format!("A remark has at most {REMARK_CHARS} characters and no control characters."),
        ),
        "other_than_report" => Text::new(
            "与单位签名报告所示不同的，须在备注中说明现场所见。",
            "It differs from the unit's signed report: say in the remark what was seen.",
        ),
        _ => Text::new("回答的方式不对。请按检查表回答。", "Not an answer to this item: answer as the list asks."),
    };
    AnswerFault { item: item.to_owned(), code, what }
}
