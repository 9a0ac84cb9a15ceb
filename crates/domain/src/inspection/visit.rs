//! The yearly plan and the leave to visit a unit: published items, cap, approval, notice.
//!
//! Plan, the unit's visits of the year and what is asked -> [`Leave`] (which visit of the year it would be, of how many), or a refusal
//! that says the count and the cap. Always true: planned and special visits count towards the cap and are bound by it; a complaint and the
//! second look at an order are neither, but are shown; every kind needs an approval by another person and a notice; of several plans of a year
//! the strictest cap binds, and an item counts from the day on which its plan was published.

use base::{AccountId, Citation, CivilDate, ErrorKind, Refusal, Text, plural};
use serde::{Deserialize, Serialize};

/// Why a unit is visited.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// By the plan, drawn.
    Planned,
    /// On a complaint, report or lead: directed.
    Complaint,
    /// Second look at an order to correct.
    Again,
    /// A special campaign that was decided and published.
    Special,
}

impl VisitKind {
    /// Every one, in the order shown.
    pub const ALL: [Self; 4] = [Self::Planned, Self::Complaint, Self::Again, Self::Special];

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Planned => Text::new("计划内检查（随机抽取）", "planned, drawn"),
            Self::Complaint => Text::new("投诉举报检查", "on a complaint"),
            Self::Again => Text::new("整改复查", "second look at an order"),
            Self::Special => Text::new("专项检查", "special campaign"),
        }
    }

    /// It counts towards the cap of the year and is bound by it.
    #[must_use]
    pub const fn is_capped(self) -> bool {
        matches!(self, Self::Planned | Self::Special)
    }

    /// What its basis is called.
    const fn basis(self) -> Text {
        match self {
            Self::Planned => Text::new("随机抽取的编号", "the number of the draw"),
            Self::Complaint => Text::new("投诉、举报或者线索的编号", "the number of the complaint, report or lead"),
            Self::Again => Text::new("责令改正文书的文号", "the number of the order"),
            Self::Special => Text::new("专项检查方案的文号", "the number of the campaign's decision"),
        }
    }
}

/// An item of the plan that was published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PlanItem {
    /// Word.
    pub id: String,
    /// The checklist by which it is done.
    pub checklist: String,
}

/// The plan of a year.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Its year.
    pub year: i16,
    /// Day on which it was published; none: not yet.
    pub published_on: Option<CivilDate>,
    /// Items that may be inspected.
    pub items: Vec<PlanItem>,
    /// Most capped visits of one unit in the year.
    pub cap: u32,
}

impl Plan {
    /// What the plans of a year say together of a visit on a day: the items of those that were published by then, each once, and their
    /// strictest cap; `None` where none was published by then.
    #[must_use]
    pub fn joined(year: i16, day: CivilDate, plans: &[Self]) -> Option<Self> {
        let mut out: Option<Self> = None;
        for plan in plans.iter().filter(|p| p.year == year && p.published_on.is_some_and(|on| on <= day)) {
            if let Some(joined) = out.as_mut() {
                joined.cap = joined.cap.min(plan.cap);
                joined.published_on = joined.published_on.min(plan.published_on);
                let is_new = |item: &&PlanItem| !joined.items.iter().any(|there| there.id == item.id);
                let new: Vec<PlanItem> = plan.items.iter().filter(is_new).cloned().collect();
                joined.items.extend(new);
            } else {
                out = Some(plan.clone());
            }
        }
        out
    }
}

/// A visit that took place, or was approved and not cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Visit {
    /// Day.
    pub day: CivilDate,
    /// Why.
    pub kind: VisitKind,
}

/// The approval of a visit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approval {
    /// Who approved it.
    pub by: AccountId,
    /// Day.
    pub on: CivilDate,
}

/// The notice of a visit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Day on which it was given; a visit on a complaint may bring it along.
    pub given_on: CivilDate,
}

/// The visit that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Why.
    pub kind: VisitKind,
    /// Day.
    pub day: CivilDate,
    /// Items, by word.
    pub items: &'a [String],
    /// Number of the draw, complaint, order or campaign.
    pub basis: &'a str,
    /// Who asks.
    pub by: AccountId,
    /// Approval.
    pub approval: Option<&'a Approval>,
    /// Notice.
    pub notice: Option<&'a Notice>,
    /// The clauses by which units are inspected: what plan or cap refuses cites them.
    pub why: &'a [Citation],
}

/// Leave to visit, as the page and the unit see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leave {
    /// Visits of the unit in the year before this one, of every kind.
    pub before: u32,
    /// Those of them that count.
    pub counted: u32,
    /// The cap.
    pub cap: u32,
}

impl Leave {
    /// In one sentence.
    #[must_use]
    pub fn text(&self) -> Text {
        let (before, counted, cap) = (self.before, self.counted, self.cap);
        let visits = plural(before, "visit", "visits");
        Text::of(
            format!("本年度此前检查{before}次，其中计入频次{counted}次，上限{cap}次。"),
            format!("{before} {visits} of this unit so far this year, {counted} counted towards the cap of {cap}."),
        )
    }
}

fn no(code: &str, what: Text, next: Text) -> Refusal {
    Refusal::new(ErrorKind::Conflict, code, what, next)
}

/// May this unit be visited so? `visits` are the unit's, of any year.
///
/// # Errors
/// Those of `within_plan`; `no_approval`, `own_approval`, `approved_late`, `no_notice`.
pub fn may_visit(plan: &Plan, visits: &[Visit], asked: &Asked<'_>) -> Result<Leave, Refusal> {
    let leave = within_plan(plan, visits, asked)?;
    papers(asked)?;
    Ok(leave)
}

/// Have plan and cap room for it? Approval and notice are not looked at yet. `visits` are the unit's, of any year.
///
/// # Errors
/// `other_year`, `plan_not_published`, `no_items`, `item_not_published`, `no_basis`, `cap_reached`.
pub fn within_plan(plan: &Plan, visits: &[Visit], asked: &Asked<'_>) -> Result<Leave, Refusal> {
    in_plan(plan, asked)?;
    let of_year = || visits.iter().filter(|v| v.day.0.year() == plan.year);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let leave = Leave {
        before: number(of_year().count()),
        counted: number(of_year().filter(|v| v.kind.is_capped()).count()),
        cap: plan.cap,
    };
    if asked.kind.is_capped() && leave.counted >= leave.cap {
        return Err(no(
            "cap_reached",
            leave.text(),
            Text::new(
                "今年不得再作计划内检查和专项检查；有投诉举报或者整改复查的，按该类办理。",
                "No planned or special visit this year any more; a complaint or the second look at an order goes its own way.",
            ),
        )
        .citing(asked.why.to_vec()));
    }
    Ok(leave)
}

/// Year, publication, items, basis.
fn in_plan(plan: &Plan, asked: &Asked<'_>) -> Result<(), Refusal> {
    let year = plan.year;
    if asked.day.0.year() != year {
        return Err(no(
            "other_year",
            Text::of(format!("这是{year}年的计划。"), format!("This is the plan of {year}.")),
            Text::new("请选择检查当年的计划。", "Choose the plan of the year of the visit."),
        ));
    }
    if asked.kind.is_capped() && plan.published_on.is_none_or(|on| on > asked.day) {
        return Err(no(
            "plan_not_published",
            Text::new("检查计划和事项没有在检查之前公布。", "Plan and items were not published before the visit."),
            Text::new("请先公布计划，再安排检查。", "Publish the plan first."),
        )
        .citing(asked.why.to_vec()));
    }
    if asked.items.is_empty() {
        return Err(no(
            "no_items",
            Text::new("没有写明检查事项。", "No item is named."),
            Text::new("请从公布的事项中选择。", "Choose from the published items."),
        ));
    }
    if let Some(item) = asked.items.iter().find(|id| !plan.items.iter().any(|i| i.id == **id)) {
        return Err(no(
            "item_not_published",
            Text::of(format!("事项「{item}」没有公布。"), format!("The item `{item}` is not published.")),
            Text::new("只检查公布的事项。", "Only published items are inspected."),
        ));
    }
    if asked.basis.trim().is_empty() {
        let basis = asked.kind.basis();
        return Err(no(
            "no_basis",
            Text::of(format!("没有写明{}。", basis.zh), format!("{} is missing.", capital(&basis.en))),
            Text::new("请填写后重新提交。", "Fill it in and submit again."),
        ));
    }
    Ok(())
}

/// Approval and notice.
fn papers(asked: &Asked<'_>) -> Result<(), Refusal> {
    let Some(approval) = asked.approval else {
        return Err(no(
            "no_approval",
            Text::new("这次检查没有经过批准。", "This visit is not approved."),
            Text::new("请报负责人批准后再检查。", "Have it approved first."),
        ));
    };
    if approval.by == asked.by {
        return Err(no(
            "own_approval",
            Text::new("不能批准自己提出的检查。", "Nobody approves a visit they asked for."),
            Text::new("请由另一名负责人批准。", "Another person in charge approves it."),
        ));
    }
    if approval.on > asked.day {
        return Err(no(
            "approved_late",
            Text::new("批准的日期晚于检查的日期。", "It was approved after the day of the visit."),
            Text::new("请在批准之后安排检查。", "Visit after the approval."),
        ));
    }
    if asked.notice.is_none_or(|notice| notice.given_on > asked.day) {
        return Err(no(
            "no_notice",
            Text::new("没有检查通知，或者通知晚于检查。", "There is no notice, or it came after the visit."),
            Text::new(
                "请先送达检查通知；投诉举报检查可以当场出示。",
                "Serve the notice first; on a complaint it may be shown on the spot.",
            ),
        ));
    }
    Ok(())
}

/// With a capital letter at the beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
