//! What who supervises looks at: cases that are late or nearly, repeated visits, draws, refusals by law, the load of officers.
//!
//! What flows through: lists with a limit, most with a file. Invariants: persons are masked before they come here; nothing is changed from
//! this page.

use super::ask::Shown;
use super::cases::CaseLine;
use super::{AppBar, Nav, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// A case that was decided late.
#[derive(Debug, Clone, Default)]
pub struct LateLine {
    /// The case; what was due and its last day are those of the decision.
    pub case: CaseLine,
    /// The day of the decision, `YYYY-MM-DD`.
    pub decided: String,
    /// How many days late, of the calendar.
    pub days: u32,
}

/// A party that was visited more than once.
#[derive(Debug, Clone, Default)]
pub struct VisitLine {
    /// Name of a unit, masked name of a person.
    pub name: Shown,
    /// How often.
    pub count: u32,
    /// The day of the last, `YYYY-MM-DD`.
    pub last: String,
}

/// A draw.
#[derive(Debug, Clone, Default)]
pub struct DrawLine {
    /// Word of the plan.
    pub plan: String,
    /// Where it can be drawn again.
    pub href: String,
    /// When its pool was committed.
    pub committed: UtcMs,
    /// When it was drawn; `None`: not yet.
    pub drawn: Option<UtcMs>,
}

/// A reason for which the law refused acts.
#[derive(Debug, Clone, Default)]
pub struct RefusalLine {
    /// The sentence.
    pub text: Text,
    /// The clauses.
    pub clauses: Vec<Citation>,
    /// How often.
    pub count: u32,
    /// Newest entry of the log, for who may read it.
    pub log: Option<u64>,
}

/// Something refused in a case, or names that were shown.
#[derive(Debug, Clone, Default)]
pub struct DeedLine {
    /// When.
    pub at: UtcMs,
    /// Who.
    pub who: Shown,
    /// Address of the case.
    pub href: String,
    /// Number of the case.
    pub number: String,
    /// What.
    pub text: Text,
    /// The clauses that decided.
    pub clauses: Vec<Citation>,
    /// Its entry of the log, for who may read it.
    pub log: Option<u64>,
}

/// What an officer has open.
#[derive(Debug, Clone, Default)]
pub struct LoadLine {
    /// Office.
    pub office: String,
    /// Who; empty: nobody has them yet.
    pub officer: Shown,
    /// Open cases.
    pub open: u32,
    /// Of them overdue by this office.
    pub overdue: u32,
    /// Of them overdue where others owe what is due.
    pub owed: u32,
    /// Whether something is late.
    pub state: State,
}

/// `GET /supervision`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "supervision.html")]
pub struct SupervisionPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// First day from which visits and refusals are counted.
    pub since: String,
    /// Cases whose decision was changed or annulled, and where that is not entered.
    pub annulled: Vec<CaseLine>,
    /// Cases whose nearest day is over.
    pub overdue: Vec<CaseLine>,
    /// Cases whose nearest day comes soon.
    pub near: Vec<CaseLine>,
    /// Cases that were decided late, the newest first.
    pub decided_late: Vec<LateLine>,
    /// How many days back these are listed.
    pub late_back_days: u32,
    /// Repeated visits.
    pub visits: Vec<VisitLine>,
    /// Draws.
    pub draws: Vec<DrawLine>,
    /// Refusals by law.
    pub refusals: Vec<RefusalLine>,
    /// What was refused in cases, the newest first.
    pub tried: Vec<DeedLine>,
    /// Names and numbers that were shown whole, the newest first.
    pub reveals: Vec<DeedLine>,
    /// Load.
    pub load: Vec<LoadLine>,
    /// Most lines of each list.
    pub most: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_printed() {
        let page = SupervisionPage {
            visits: vec![VisitLine { name: "张三".into(), ..VisitLine::default() }],
            load: vec![LoadLine { officer: "李四".into(), ..LoadLine::default() }],
            ..SupervisionPage::default()
        };
        let printed = format!("{page:?}");
        assert!(!printed.contains("张三") && !printed.contains("李四"), "{printed}");
    }
}
