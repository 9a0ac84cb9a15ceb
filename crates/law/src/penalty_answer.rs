//! The answer to what a breach costs: what applies, gives way, ended or does not reach the party; the range, what bounds it, and the
//! check of an amount against it.
//!
//! Invariants: an amount outside the range, above a cap, without reasons or without the legal review that is asked is refused with the
//! clause; no amount is proposed.

use crate::pack::PenaltyLink;
use crate::sanction::{Band, Fined, MeasureKind, Order};
use base::{Citation, CivilDate, ErrorKind, Refusal, Text};
use serde::Serialize;

/// A higher instrument that lowers the upper end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BoundBy {
    /// Its penalty clause.
    pub citation: Citation,
    /// Its upper end, yuan.
    pub max_yuan: u64,
    /// Why it bounds.
    pub ground: Text,
}

/// A fine that may be imposed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fine {
    /// Lower end, yuan; none: the text sets none.
    pub min_yuan: Option<u64>,
    /// Upper end, yuan, itself included.
    pub max_yuan: u64,
    /// The sum that a multiple of the gains would be, where the clause names one and the gains are known, yuan. Never added here.
    pub gains_fine_yuan: Option<u64>,
    /// The multiple of the gains that the clause names.
    pub gains_multiple: Option<u32>,
    /// In place of detention.
    pub instead_of_detention: bool,
    /// May be added, need not.
    pub optional: bool,
    /// What lowered the upper end.
    pub bound: Option<BoundBy>,
}

impl Fine {
    pub(crate) fn of(band: &Band, gains_yuan: Option<u64>) -> Self {
        let times = |gains: u64| band.gains_multiple.map(|n| gains.saturating_mul(u64::from(n)));
        Self {
            min_yuan: band.min_yuan,
            max_yuan: band.max_yuan,
            gains_fine_yuan: gains_yuan.and_then(times),
            gains_multiple: band.gains_multiple,
            instead_of_detention: band.instead_of_detention,
            optional: band.optional,
            bound: None,
        }
    }

    /// Least amount, yuan: below one yuan there is no fine.
    #[must_use]
    pub fn least(&self) -> u64 {
        self.min_yuan.unwrap_or(1)
    }

    /// A fixed sum.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.min_yuan == Some(self.max_yuan)
    }

    /// Lighter than another: by its upper, then by its lower end.
    pub(crate) fn is_lighter_than(&self, other: &Self) -> bool {
        (self.max_yuan, self.least()) < (other.max_yuan, other.least())
    }

    /// The range in words.
    #[must_use]
    pub fn text(&self) -> Text {
        let max = self.max_yuan;
        match self.min_yuan {
            _ if self.is_fixed() => Text::of(format!("{max}元"), format!("{max} yuan")),
            Some(min) => Text::of(format!("{min}元以上{max}元以下"), format!("{min} to {max} yuan")),
            None => Text::of(format!("{max}元以下"), format!("up to {max} yuan")),
        }
    }
}

/// A further consequence that applies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AppliedMeasure {
    /// What.
    pub kind: MeasureKind,
    /// Least days or years.
    pub min: Option<u32>,
    /// Most days or years.
    pub max: Option<u32>,
    /// First day free again, where a ban counts from the day of decision.
    pub free_from: Option<CivilDate>,
    /// Clauses under which it is imposed.
    pub refers: Vec<Citation>,
}

/// Whether the party may ask for a hearing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Hearing {
    /// From which fine, yuan; none: not known.
    pub from_yuan: Option<u32>,
    /// Whatever the fine, because of what else is imposed.
    pub always: bool,
    /// The figure is set by the province and is not in the packs.
    pub local_figure_unknown: bool,
    /// The clause of the threshold.
    pub citation: Option<Citation>,
    /// Working days to ask for it after being told.
    pub request_working_days: Option<u32>,
}

impl Hearing {
    /// Whether an amount gives the right; `None` where the figure is unknown (tell the right then: it does no harm).
    #[must_use]
    pub fn right_at(&self, amount_yuan: u64) -> Option<bool> {
        if self.always { Some(true) } else { self.from_yuan.map(|from| amount_yuan >= u64::from(from)) }
    }
}

/// Until when a breach had to be discovered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TimeBar {
    /// Last day.
    pub last_day: CivilDate,
    /// Discovered too late.
    pub barred: bool,
    /// The clause.
    pub citation: Citation,
}

/// A penalty that applies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Applied {
    /// The penalty clause.
    pub citation: Citation,
    /// How sure it is that it punishes this breach.
    pub link: PenaltyLink,
    /// The text names the party; if not, the party bound by the breached clause is taken.
    pub named: bool,
    /// The day whose text is applied: of the act, or of decision where the later law is gentler (AP-37).
    pub law_of: CivilDate,
    /// What is ordered.
    pub order: Order,
    /// The fine in this grade.
    pub fine: Option<Fine>,
    /// The fine that follows if the order is not obeyed, where there is none yet.
    pub later: Option<Fine>,
    /// What else follows.
    pub measures: Vec<AppliedMeasure>,
    /// A condition that a person has to confirm.
    pub only_if: Option<Text>,
    /// A slip in its references and how it is read.
    pub slip: Option<Text>,
    /// Why no fine may rest on it before a legal review.
    pub review: Vec<Text>,
    /// The right to a hearing.
    pub hearing: Hearing,
    /// Fines that may be imposed on the spot, up to this many yuan.
    pub on_the_spot_yuan: Option<u32>,
    /// The time bar; none where the packs have no rule for that day.
    pub time_bar: Option<TimeBar>,
}

impl Applied {
    /// Correction comes first: no fine in this grade, but one if the order is not obeyed.
    #[must_use]
    pub const fn correct_first(&self) -> bool {
        self.fine.is_none() && self.later.is_some()
    }

    fn barred(&self) -> bool {
        self.time_bar.as_ref().is_some_and(|bar| bar.barred)
    }
}

/// A penalty that gives way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Displaced {
    /// The penalty clause.
    pub citation: Citation,
    /// What is applied instead.
    pub by: Citation,
    /// Why.
    pub ground: Text,
}

/// A penalty in force at the act and gone at the decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ended {
    /// The penalty clause.
    pub citation: Citation,
    /// What ended it, where the packs say so.
    pub by: Option<Citation>,
}

/// A penalty of this breach that does not reach this party.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Unaddressed {
    /// The penalty clause.
    pub citation: Citation,
    /// Whom it reaches.
    pub addressees: Vec<Fined>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Penalty {
    /// What applies, provincial before national.
    pub applied: Vec<Applied>,
    /// What gives way.
    pub displaced: Vec<Displaced>,
    /// What is punished no more.
    pub ended: Vec<Ended>,
    /// What does not reach this party.
    pub unaddressed: Vec<Unaddressed>,
    /// One act, one fine: set where more than one penalty could fine it.
    pub one_fine: Option<Citation>,
    /// That correction is ordered in any case.
    pub correction: Option<Citation>,
    /// Why no fine at all may be imposed before a legal review, whichever clause it rests on.
    pub review: Vec<Text>,
}

/// What stands behind an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AmountGrounds<'a> {
    /// Why this amount (circumstances, harm, discretion standard).
    pub reasons: &'a str,
    /// The legal review that allowed it: its document; needed where the answer asks for one.
    pub legal_review: Option<&'a str>,
    /// The penalty clause that the review chose, where it is another than [`Penalty::fining`] names; asks for a review by itself.
    pub clause: Option<&'a str>,
}

impl Penalty {
    /// The penalty a fine would rest on now: the surest, and among equals the one with the higher fine (AP-29).
    #[must_use]
    pub fn fining(&self) -> Option<(&Applied, &Fine)> {
        let sure = |a: &Applied| (a.link == PenaltyLink::Literal, a.review.is_empty(), !a.barred());
        let key = |(a, f): &(&Applied, &Fine)| (sure(a), f.max_yuan, f.least());
        self.applied.iter().filter_map(|a| Some((a, a.fine.as_ref()?))).max_by_key(key)
    }

    /// Why a fine must wait for a legal review; empty: it need not.
    #[must_use]
    pub fn reviews(&self) -> Vec<&Text> {
        self.reviews_of(self.fining().map(|(a, _)| a))
    }

    fn reviews_of<'a>(&'a self, applied: Option<&'a Applied>) -> Vec<&'a Text> {
        self.review.iter().chain(applied.into_iter().flat_map(|a| &a.review)).collect()
    }

    /// The penalty an amount is to rest on: the one named, or the one the fine would rest on.
    fn chosen(&self, clause: Option<&str>) -> Option<(&Applied, &Fine)> {
        let Some(id) = clause else { return self.fining() };
        let applied = self.applied.iter().find(|a| a.citation.clause.0 == id)?;
        Some((applied, applied.fine.as_ref()?))
    }

    /// Whether an amount may be imposed. The amount itself is a person's decision; here it is only refused.
    ///
    /// # Errors
    /// Correction comes first, or no clause fines this; the breach was discovered too late; the amount is outside the range or above
    /// the cap of a higher instrument; reasons are missing; a legal review is missing.
    pub fn check_amount(&self, amount_yuan: u64, grounds: AmountGrounds<'_>) -> Result<u64, Refusal> {
        let Some((applied, fine)) = self.chosen(grounds.clause) else { return Err(self.no_fine()) };
        let cite = vec![applied.citation.clone()];
        if let Some(bar) = applied.time_bar.as_ref().filter(|bar| bar.barred) {
            let last = bar.last_day;
            let what = Text::of(
                format!("最迟应当在{last}发现，已过追究时效。"),
                format!("It had to be discovered by {last}: time-barred."),
            );
            return Err(refused("time_barred", what, NO_PENALTY).citing(vec![bar.citation.clone()]));
        }
        if let Some(bound) = fine.bound.as_ref().filter(|bound| amount_yuan > bound.max_yuan) {
            let max = bound.max_yuan;
            let what = Text::of(
                format!("高于上位规定的上限{max}元。"),
                format!("Above the cap of {max} yuan of the higher rule."),
            );
            return Err(
                refused("amount_above_cap", what, IN_RANGE).citing([cite, vec![bound.citation.clone()]].concat())
            );
        }
        if amount_yuan < fine.least() || amount_yuan > fine.max_yuan {
            let range = fine.text();
            let what = Text::of(
                format!("{amount_yuan}元不在法定幅度（{}）之内。", range.zh),
                format!("{amount_yuan} yuan is outside the range ({}).", range.en),
            );
            return Err(refused("amount_outside_range", what, IN_RANGE).citing(cite));
        }
        if grounds.reasons.trim().is_empty() {
            return Err(refused("amount_without_reasons", NO_REASONS, GIVE_REASONS).citing(cite));
        }
        let mut reviews = self.reviews_of(Some(applied));
        if self.fining().is_some_and(|(first, _)| first.citation.clause != applied.citation.clause) {
            reviews.push(&OTHER_CLAUSE);
        }
        if !reviews.is_empty() && grounds.legal_review.is_none_or(|document| document.trim().is_empty()) {
            let zh: String = reviews.iter().map(|t| t.zh.as_ref()).collect();
            let en: Vec<&str> = reviews.iter().map(|t| t.en.as_ref()).collect();
            return Err(refused("legal_review_required", Text::of(zh, en.join(" ")), TO_REVIEW).citing(cite));
        }
        Ok(amount_yuan)
    }

    fn no_fine(&self) -> Refusal {
        let cite =
            |of: &dyn Fn(&&Applied) -> bool| self.applied.iter().filter(of).map(|a| a.citation.clone()).collect();
        if self.applied.iter().any(Applied::correct_first) {
            let clauses: Vec<Citation> = cite(&|a| a.correct_first());
            return refused("correction_first", CORRECTION_FIRST, ORDER_FIRST).citing(clauses);
        }
        let mut clauses: Vec<Citation> = cite(&|_| true);
        clauses.extend(self.ended.iter().map(|e| e.citation.clone()));
        refused("no_clause_fines", NO_CLAUSE_FINES, NO_PENALTY).citing(clauses)
    }

    /// The answer in sentences, each with its clause.
    #[must_use]
    pub fn sentences(&self) -> Vec<Text> {
        let mut out: Vec<Text> = self.applied.iter().flat_map(sentences_of).collect();
        for d in &self.displaced {
            let (lost, by) = (&d.citation.clause.0, &d.by.clause.0);
            out.push(Text::of(
                format!("{lost}不适用，适用{by}：{}", d.ground.zh),
                format!("{lost} gives way to {by}: {}", d.ground.en),
            ));
        }
        for e in &self.ended {
            let (clause, by) = (&e.citation.clause.0, e.by.as_ref().map_or("", |c| c.clause.0.as_str()));
            out.push(Text::of(
                format!("{clause}已不再适用（{by}），新规定不认为违法的适用新规定。"),
                format!("{clause} no longer holds ({by}); where the new law sees no breach it is applied."),
            ));
        }
        for u in &self.unaddressed {
            let zh: Vec<_> = u.addressees.iter().map(|a| a.name().zh).collect();
            let en: Vec<_> = u.addressees.iter().map(|a| a.name().en).collect();
            out.push(Text::of(
                format!("{}只及于：{}。", u.citation.clause.0, zh.join("、")),
                format!("{} reaches only: {}.", u.citation.clause.0, en.join(", ")),
            ));
        }
        out.extend(self.review.iter().cloned());
        out
    }
}

fn sentences_of(applied: &Applied) -> Vec<Text> {
    let clause = &applied.citation.clause.0;
    let mut out = Vec::new();
    let mut say = |zh: String, en: String| out.push(Text::of(format!("{clause}：{zh}"), format!("{clause}: {en}")));
    if applied.order != Order::None {
        let order = applied.order.name();
        say(format!("{}。", order.zh), format!("{}.", order.en));
    }
    match (&applied.fine, &applied.later) {
        (Some(fine), _) => {
            let range = fine.text();
            say(format!("罚款{}。", range.zh), format!("fine of {}.", range.en));
        }
        (None, Some(later)) => {
            let range = later.text();
            say(
                format!("逾期不改正的，罚款{}；现在不罚。", range.zh),
                format!("if not corrected in time, fine of {}; none now.", range.en),
            );
        }
        (None, None) => say("没有罚款。".to_owned(), "no fine.".to_owned()),
    }
    for measure in &applied.measures {
        let name = measure.kind.name();
        let number = match (measure.min, measure.max) {
            (Some(min), Some(max)) => format!(" {min}-{max}"),
            (None, Some(max)) => format!(" ≤{max}"),
            _ => String::new(),
        };
        say(format!("{}{number}。", name.zh), format!("{}{number}.", name.en));
    }
    for text in applied.only_if.iter().chain(&applied.slip).chain(&applied.review) {
        say(format!("{}。", text.zh.trim_end_matches('。')), text.en.clone().into_owned());
    }
    out
}

const NO_PENALTY: Text = Text::new("不予罚款；仍可责令改正。", "Impose no fine; correction may still be ordered.");
const IN_RANGE: Text = Text::new("在法定幅度之内确定数额。", "Choose an amount within the range.");
const NO_REASONS: Text = Text::new("没有写明数额的理由。", "No reasons were given for the amount.");
const GIVE_REASONS: Text =
    Text::new("写明情节、危害和裁量依据。", "Give the circumstances, the harm and the standard of discretion.");
static OTHER_CLAUSE: Text = Text::new(
    "没有适用数额高的规定（AP-29），须由法制部门确定。",
    "It does not rest on the rule with the higher fine (AP-29): the legal office decides that.",
);
const TO_REVIEW: Text = Text::new(
    "送法制审核，通过后写明审核文书再决定。",
    "Send it to legal review, and decide with its document once it passed.",
);
const CORRECTION_FIRST: Text = Text::new(
    "应当先责令改正，逾期不改正的方可罚款。",
    "Correction is ordered first; a fine only if it is not done in time.",
);
const ORDER_FIRST: Text =
    Text::new("发出责令改正通知书，期满复查。", "Issue the order to correct and look again when its time is over.");
const NO_CLAUSE_FINES: Text =
    Text::new("没有条款对该违法行为规定罚款。", "No clause fines this breach, party and grade on these days.");

fn refused(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Unlawful, code, what, next)
}
