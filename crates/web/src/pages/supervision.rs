//! What who supervises looks at: cases that are late or nearly, repeated visits, draws, refusals by law, the load of officers.
//!
//! What flows through: lists with a limit, each with its file. Invariants: persons are masked before they come here; nothing is changed from
//! this page.

use super::ask::Shown;
use super::cases::CaseLine;
use super::{AppBar, Nav, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

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

/// What an officer has open.
#[derive(Debug, Clone, Default)]
pub struct LoadLine {
    /// Office.
    pub office: String,
    /// Who; empty: nobody has them yet.
    pub officer: Shown,
    /// Open cases.
    pub open: u32,
    /// Of them overdue.
    pub overdue: u32,
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
    /// Repeated visits.
    pub visits: Vec<VisitLine>,
    /// Draws.
    pub draws: Vec<DrawLine>,
    /// Refusals by law.
    pub refusals: Vec<RefusalLine>,
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
