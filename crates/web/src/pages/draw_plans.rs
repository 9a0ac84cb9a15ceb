//! Plans of inspections and their draws: the list, the form of a plan, one plan in three steps, and the plans that everybody may read.
//!
//! What flows through: a plan with what became of it; drawn units with their teams. Invariants: names of inspectors stand on staff's pages only
//! and print as `***`; a button is there only for who may press it and when it can be pressed.

use super::ask::Shown;
use super::public::PublicNav;
use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// A plan of a list.
#[derive(Debug, Clone, Default)]
pub struct PlanLine {
    /// Its word.
    pub word: String,
    /// What it is called.
    pub title: String,
    /// Its year.
    pub year: i16,
    /// How far it is.
    pub state: State,
    /// Day on which it was published; empty: not yet.
    pub published: String,
    /// Units in the plan.
    pub drawn: u64,
    /// Of them with a case.
    pub opened: u64,
    /// Of these ended.
    pub visited: u64,
    /// What is inspected; empty in the list of the staff.
    pub inspected: Text,
    /// How often a unit is inspected at most, in words; empty in the list of the staff.
    pub often: Text,
}

/// `GET /draws?before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "draw_plans.html")]
pub struct DrawPlansPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Plans, the newest first.
    pub lines: Vec<PlanLine>,
    /// Neighbours.
    pub pager: Pager,
    /// This account may write a plan.
    pub may_write: bool,
}

/// How many are drawn of a register.
#[derive(Debug, Clone, Default)]
pub struct QuotaField {
    /// Word of the register.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// So many, as typed.
    pub count: String,
    /// So many of a thousand, as typed.
    pub share: String,
}

/// The form of a plan as typed.
#[derive(Debug, Clone, Default)]
pub struct DrawPlanFields {
    /// Word.
    pub word: String,
    /// Year.
    pub year: String,
    /// What it is called.
    pub title: String,
    /// Checklists to inspect by.
    pub items: Vec<Choice>,
    /// Most visits of a unit in the year.
    pub cap: String,
    /// How many are drawn.
    pub quotas: Vec<QuotaField>,
    /// Inspectors of a unit.
    pub inspectors_per_unit: String,
    /// Most units of an inspector.
    pub max_per_inspector: String,
    /// Days for which an inspected unit rests.
    pub rest_days: String,
    /// Entries between pool and seed.
    pub after_entries: String,
    /// Days until which the draw is made.
    pub draw_within_days: String,
    /// Public source.
    pub public_source: String,
    /// Day on which its outcome comes out.
    pub public_day: String,
    /// Hour of that day, where it is known.
    pub public_hour: String,
    /// How its outcome is written, as the rules spell it.
    pub public_form: String,
    /// Where its outcome is published.
    pub public_source_url: String,
    /// Plan that lapsed.
    pub again_of: String,
}

/// `GET /draws/new?plan=`, posted there (the names of the fields; `items` many; `count_REGISTER`, `share_REGISTER`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "draw_plan_new.html")]
pub struct DrawPlanFormPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The form.
    pub f: DrawPlanFields,
    /// What is wrong with it.
    pub errors: FormErrors,
}

/// One of the three steps.
#[derive(Debug, Clone, Default)]
pub struct BigStep {
    /// From 1.
    pub n: u32,
    /// What it is.
    pub title: Text,
    /// It is done.
    pub done: bool,
    /// It is the next.
    pub now: bool,
}

/// A drawn unit for staff.
#[derive(Debug, Clone, Default)]
pub struct DrawnUnitLine {
    /// Its id in the pool.
    pub unit: String,
    /// Place.
    pub place: u32,
    /// What it is called.
    pub name: String,
    /// Register.
    pub register: Text,
    /// Its inspectors: what stands for them, and who they are.
    pub team: Vec<(String, Shown)>,
    /// Why it has none.
    pub lack: Text,
    /// It was replaced.
    pub gone: bool,
    /// Its case; empty: none yet.
    pub case: String,
    /// Number of that case.
    pub number: String,
    /// How far its visit is.
    pub state: State,
    /// Its case has a visit, which has a page.
    pub has_visit: bool,
    /// This reader may ask for its visit.
    pub may_ask: bool,
    /// The visit waits for this reader's approval.
    pub may_approve: bool,
    /// It can be replaced.
    pub may_replace: bool,
}

/// What this account may do with a plan now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanCan {
    /// Change the draft.
    pub change: bool,
    /// Publish it.
    pub publish: bool,
    /// Say that one keeps out of a unit.
    pub keep_out: bool,
    /// Commit to the pool.
    pub commit: bool,
    /// Draw.
    pub draw: bool,
    /// Open the visits.
    pub open: bool,
    /// Make the paper of the result.
    pub paper: bool,
}

/// `GET /draws/{id}?after=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "draw_plan.html")]
pub struct DrawPlanPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The plan.
    pub plan: PlanLine,
    /// Its three steps.
    pub steps: Vec<BigStep>,
    /// What is to be done now, in words.
    pub now: Text,
    /// What may be done.
    pub can: PlanCan,
    /// When the plan was changed last, ms UTC: what is published is what was read.
    pub changed_ms: i64,
    /// What the plan says.
    pub facts: Vec<(Text, Text)>,
    /// The public source whose outcome is asked for; empty: none is named.
    pub source: String,
    /// How its outcome is written; empty: the plan does not say.
    pub source_form: Text,
    /// What has to stand beside the result; empty: nothing.
    pub caution: Text,
    /// Place of the entry of the pool.
    pub pool_log: Option<u64>,
    /// When it was committed to.
    pub committed: Option<UtcMs>,
    /// The commitment, hexadecimal.
    pub commitment: String,
    /// The seed, hexadecimal; empty: not drawn.
    pub seed: String,
    /// Drawn units of this page.
    pub units: Vec<DrawnUnitLine>,
    /// Why a unit may be replaced.
    pub reasons: Vec<Choice>,
    /// Neighbours.
    pub pager: Pager,
}

/// `GET /public/draws?before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_draws.html")]
pub struct PublicDrawsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Plans that are published, the newest first.
    pub lines: Vec<PlanLine>,
    /// Neighbours.
    pub pager: Pager,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_prints_no_inspector() {
        let line = DrawnUnitLine { team: vec![("b7d8".into(), "张三".into())], ..DrawnUnitLine::default() };
        let printed = format!("{line:?}");
        assert!(!printed.contains("张三") && printed.contains("b7d8"), "{printed}");
    }
}
