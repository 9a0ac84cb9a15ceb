//! What who supervises looks at: cases that are late or nearly, repeated visits, draws, refusals by law, the load of officers.
//!
//! What flows through: lists with a limit, most with a file. Invariants: persons are masked before they come here; nothing is changed from
//! this page.

use super::ask::Shown;
use super::cases::CaseLine;
use super::delegations::DelegationLine;
use super::{AppBar, Say, State};
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

/// A unit that was visited more than once.
#[derive(Debug, Clone, Default)]
pub struct VisitLine {
    /// Its name.
    pub name: Shown,
    /// Its unified social credit code.
    pub unit: String,
    /// Where its cases are found.
    pub href: String,
    /// How often, second looks at an order left out.
    pub count: u32,
    /// Second looks at an order.
    pub again: u32,
    /// The day of the last, `YYYY-MM-DD`.
    pub last: String,
    /// The visits, the newest first.
    pub visits: Vec<VisitLink>,
}

/// One of the visits of a unit.
#[derive(Debug, Clone, Default)]
pub struct VisitLink {
    /// Where it is read.
    pub href: String,
    /// Its day, `YYYY-MM-DD`.
    pub day: String,
    /// Why it was.
    pub kind: Text,
}

/// A visit at whose door the unit's code was typed far from every photo.
#[derive(Debug, Clone, Default)]
pub struct FarLine {
    /// Name of the unit.
    pub name: Shown,
    /// Where the visit is read.
    pub href: String,
    /// Its day, `YYYY-MM-DD`.
    pub day: String,
    /// How the code came in.
    pub door: Text,
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

/// How often applications were refused on one ground.
#[derive(Debug, Clone, Default)]
pub struct GroundLine {
    /// Procedure.
    pub procedure: Text,
    /// What was decided.
    pub outcome: Text,
    /// The ground that was chosen; empty: none is asked.
    pub ground: Text,
    /// The clause, where the packs hold it.
    pub clauses: Vec<Citation>,
    /// How often.
    pub count: u32,
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
    /// Cases whose promise went by, and cases in which nothing is done, the longest first.
    pub waiting: Vec<CaseLine>,
    /// Cases that were decided late, the newest first.
    pub decided_late: Vec<LateLine>,
    /// How many days back these are listed.
    pub late_back_days: u32,
    /// Repeated visits.
    pub visits: Vec<VisitLine>,
    /// Codes that were typed far from every photo.
    pub far: Vec<FarLine>,
    /// So many of the newest visits were looked at for these.
    pub looked_at: u32,
    /// Draws.
    pub draws: Vec<DrawLine>,
    /// Refusals by law.
    pub refusals: Vec<RefusalLine>,
    /// Why applications were refused, the most first.
    pub grounds: Vec<GroundLine>,
    /// Of how many of the newest refused cases these are counted.
    pub grounds_looked_at: u32,
    /// What was refused in cases, the newest first.
    pub tried: Vec<DeedLine>,
    /// Names and numbers that were shown whole, the newest first.
    pub reveals: Vec<DeedLine>,
    /// Load.
    pub load: Vec<LoadLine>,
    /// Powers to decide that heads gave to others, the newest first.
    pub delegations: Vec<DelegationLine>,
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
