//! An order to correct: its defects, its last day, one extension, the second look and how it ends.
//!
//! Findings and a day -> [`Order`] -> extension (once, before it ends) -> [`Order::may_look_again`] -> [`Order::outcome`]. The last day comes
//! from the clock of the procedure, counted by `law`; here no day is added. Always true: the second look comes after the last day, or when
//! the unit says it is done; what is not corrected goes to a penalty case only when the time is over.

use super::findings::Findings;
use crate::own_words::own_words;
use base::{Citation, CivilDate, ClauseId, ErrorKind, Pii, Refusal, Text};
use law::Correction;
use std::collections::BTreeSet;

/// Fewest letters of the reasons for more time, and most characters.
const REASON_CHARS: (usize, usize) = (5, 500);

/// Until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// On the spot.
    AtOnce,
    /// At the latest on this day.
    By(CivilDate),
}

/// A defect that is to be corrected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderedDefect {
    /// Item of the checklist.
    pub item: String,
    /// Words of its defects.
    pub defects: Vec<String>,
    /// The clauses, by which a penalty would be asked later.
    pub clauses: Vec<ClauseId>,
}

/// More time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    /// Day on which leave was given.
    pub on: CivilDate,
    /// The new last day.
    pub until: CivilDate,
    /// Why; may name persons.
    pub reasons: Pii<String>,
}

/// An order to correct.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Day on which it was served.
    pub served_on: CivilDate,
    /// Until when.
    pub limit: Limit,
    /// What; never empty.
    pub defects: Vec<OrderedDefect>,
    /// More time.
    pub extension: Option<Extension>,
}

/// How an inspection ends; the words are those of the procedures' outcomes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Nothing to correct.
    Passed,
    /// All corrected.
    Corrected,
    /// Not corrected, the time is over: a penalty case about these defects.
    ToPenalty(Vec<OrderedDefect>),
    /// Not all corrected, and the time runs on.
    Open(Vec<OrderedDefect>),
}

impl Outcome {
    /// Word of the outcome in the procedures; none while it is open.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Passed => Some("passed"),
            Self::Corrected => Some("corrected"),
            Self::ToPenalty(_) => Some("to_penalty"),
            Self::Open(_) => None,
        }
    }
}

fn no(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

/// An order waits for a legal review where a breach rests on lost text alone: `lost` says so, `why` are its clauses, `reviewed` is the document
/// of the review.
///
/// # Errors
/// `legal_review_required`.
pub fn may_order(lost: bool, reviewed: Option<&str>, why: Vec<Citation>) -> Result<(), Refusal> {
    if !lost || reviewed.is_some_and(|document| !document.trim().is_empty()) {
        return Ok(());
    }
    let what = Text::new(
        "所依据的条文缺失，责令改正须先经法制审核。",
        "The text it rests on is lost: a legal review comes before the order.",
    );
    let next = Text::new("请送法制审核，并填写审核文书。", "Send it to legal review and enter its document.");
    Err(Refusal::new(ErrorKind::Unlawful, "legal_review_required", what, next).citing(why))
}

impl Order {
    /// The orders that findings lead to, served on a day: what is to be corrected at once, and what by the last day `by`. `reviewed` is the
    /// document of a legal review, asked where lost text alone carries a breach.
    ///
    /// # Errors
    /// `legal_review_required`; `no_last_day` (something has a limit and none was given); `last_day_before_service`.
    pub fn of(
        findings: &Findings,
        served_on: CivilDate,
        by: Option<CivilDate>,
        reviewed: Option<&str>,
    ) -> Result<Vec<Self>, Refusal> {
        let on_lost_text = findings.breaches.iter().filter(|b| b.gap).flat_map(|b| b.citations.clone()).collect();
        may_order(findings.needs_review(), reviewed, on_lost_text)?;
        let of = |kind: Correction| -> Vec<OrderedDefect> {
            let breaches = findings.breaches.iter().filter(|b| b.order == kind);
            let defect = |b: &super::findings::Breach| OrderedDefect {
                item: b.item.clone(),
                defects: b.defects.clone(),
                clauses: b.citations.iter().map(|c| c.clause.clone()).collect(),
            };
            breaches.map(defect).collect()
        };
        let (at_once, within) = (of(Correction::AtOnce), of(Correction::Within));
        let mut orders = Vec::new();
        if !at_once.is_empty() {
            orders.push(Self { served_on, limit: Limit::AtOnce, defects: at_once, extension: None });
        }
        if !within.is_empty() {
            let Some(by) = by else {
                return Err(no(
                    "no_last_day",
                    Text::new("限期改正没有写明期限。", "The order names no last day."),
                    Text::new("请写明改正期限。", "Name the time to correct."),
                ));
            };
            if by <= served_on {
                return Err(no(
                    "last_day_before_service",
                    Text::new("改正期限不晚于送达之日。", "The last day is not after the day of service."),
                    Text::new("请改为更晚的日期，或者责令当场改正。", "Name a later day, or order correction at once."),
                ));
            }
            orders.push(Self { served_on, limit: Limit::By(by), defects: within, extension: None });
        }
        Ok(orders)
    }

    /// The last day in time.
    #[must_use]
    pub fn last_day(&self) -> CivilDate {
        match (&self.extension, self.limit) {
            (Some(extension), _) => extension.until,
            (None, Limit::By(day)) => day,
            (None, Limit::AtOnce) => self.served_on,
        }
    }

    /// Gives more time: once, before the time ends, to a later day, with reasons. Leave is a person's; here it is only checked.
    ///
    /// # Errors
    /// `at_once`, `extended_before`, `over`, `not_later`, `reasons`.
    pub fn extend(&self, on: CivilDate, until: CivilDate, reasons: &str) -> Result<Self, Refusal> {
        let stop = |code: &str, what: Text| {
            let next = Text::new("请按原期限复查。", "Look again when the time of the order is over.");
            Err(no(code, what, next))
        };
        let last = self.last_day();
        if self.limit == Limit::AtOnce {
            return stop("at_once", Text::new("当场改正的不能延期。", "What is corrected at once has no more time."));
        }
        if self.extension.is_some() {
            return stop("extended_before", Text::new("已经延期一次。", "It was extended once already."));
        }
        if on > last {
            return stop("over", Text::of(format!("期限已于{last}届满。"), format!("The time was over on {last}.")));
        }
        if until <= last {
            return stop(
                "not_later",
                Text::of(format!("延期后的日期不晚于{last}。"), format!("The new day is not after {last}.")),
            );
        }
        let (least, most) = REASON_CHARS;
        let reasons = own_words(reasons, REASON_CHARS).ok_or_else(|| {
            Refusal::bad_input(
                "reasons",
                Text::of(
                    format!("请写明延期理由：至少{least}个字，至多{most}个字符。"),
                    format!("Give the reasons: at least {least} letters, at most {most} characters."),
                ),
                Text::new("请更正后重新提交。", "Correct it and submit again."),
            )
        })?;
        Ok(Self { extension: Some(Extension { on, until, reasons }), ..self.clone() })
    }

    /// May it be looked at again on a day? After the last day, or from the day on which the unit said it is done; what was ordered at once,
    /// from the day of service.
    ///
    /// # Errors
    /// `too_early`.
    pub fn may_look_again(&self, on: CivilDate, done_said_on: Option<CivilDate>) -> Result<(), Refusal> {
        let last = self.last_day();
        let at_once = self.limit == Limit::AtOnce && on >= self.served_on;
        let said = done_said_on.is_some_and(|said| said >= self.served_on && on >= said);
        if at_once || said || on > last {
            return Ok(());
        }
        Err(no(
            "too_early",
            Text::of(
                format!("改正期限到{last}，单位没有报告改正完成。"),
                format!("The time to correct lasts until {last}, and the unit has not said it is done."),
            ),
            Text::new(
                "请在期满之后，或者单位报告完成之后复查。",
                "Look again after that day, or when the unit says it is done.",
            ),
        ))
    }

    /// How it ends when it is looked at on a day; `corrected` are the items found in order.
    #[must_use]
    pub fn outcome(&self, on: CivilDate, corrected: &BTreeSet<String>) -> Outcome {
        let left: Vec<OrderedDefect> = self.defects.iter().filter(|d| !corrected.contains(&d.item)).cloned().collect();
        let over = on > self.last_day() || self.limit == Limit::AtOnce;
        match (left.is_empty(), over) {
            (true, _) => Outcome::Corrected,
            (false, true) => Outcome::ToPenalty(left),
            (false, false) => Outcome::Open(left),
        }
    }
}

impl Findings {
    /// How the inspection ends without an order; `None` where one follows.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.breaches.is_empty().then_some(Outcome::Passed)
    }
}
