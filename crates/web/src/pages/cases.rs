//! The worklist of an office, and a new case at the counter.
//!
//! What flows through: lines of open cases, sorted by their nearest legal deadline before they come here. Invariants: chips and tabs
//! are links that keep the rest of the filter; a suspended clock is shown as suspended and never as late.

use super::ask::{AskedField, Shown, wrong};
use super::{AppBar, Choice, FormErrors, Mark, Pager, Say, State, words};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// One case of the worklist.
#[derive(Debug, Clone, Default)]
pub struct CaseLine {
    /// Case id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// Name of the procedure.
    pub procedure: Text,
    /// The thing of the case.
    pub subject: Shown,
    /// Party.
    pub party: Shown,
    /// Where it stands.
    pub state: State,
    /// What is due next.
    pub due: Text,
    /// Its last day, `YYYY-MM-DD`; empty where no clock runs.
    pub day: String,
    /// What is left in words, or that the clock stands still and why.
    pub left: State,
    /// What waits beside the terms of law: a promise that went by, or how long nothing was done; without a word: nothing.
    pub waits: State,
    /// Who handles it; empty: nobody.
    pub officer: Shown,
    /// When it came in.
    pub opened: UtcMs,
    /// What the reader is to do there at once, with its address.
    pub entries: Vec<(String, Text)>,
}

impl CaseLine {
    /// Its last day is over, and nobody handles it.
    #[must_use]
    pub fn is_left_alone(&self) -> bool {
        self.officer.is_empty() && self.left.mark == Mark::Critical
    }
}

/// A chip or tab: how many there are behind it.
#[derive(Debug, Clone, Default)]
pub struct Chip {
    /// Address.
    pub href: String,
    /// Label.
    pub label: Text,
    /// How many.
    pub count: u64,
    /// Nobody counts them: there may be any number.
    pub uncounted: bool,
    /// Chosen.
    pub chosen: bool,
    /// Something behind it needs a person now.
    pub loud: bool,
}

/// `GET /cases?of=mine|office|all|closed&chip=&procedure=&state=&after=`; `q=` leads to the search.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "cases.html")]
pub struct WorklistPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Office whose list it is.
    pub office: String,
    /// Mine, my office's, all, and what is over.
    pub tabs: Vec<Chip>,
    /// Overdue, due tomorrow, this week, suspended.
    pub chips: Vec<Chip>,
    /// Word of the tab, kept by the filter form.
    pub of: String,
    /// Word of the chip, kept by the filter form.
    pub chip: String,
    /// Procedures to narrow by.
    pub procedures: Vec<Choice>,
    /// States to narrow by.
    pub states: Vec<Choice>,
    /// Something is narrowed.
    pub narrowed: bool,
    /// The list is of cases that are over, the newest first, without chips and counts.
    pub ended: bool,
    /// What waits for this account itself, above the list: where each stands says for what.
    pub waiting: Vec<CaseLine>,
    /// More waits than is shown above the list.
    pub waiting_more: bool,
    /// Address of the list that has all of it; empty: there is none.
    pub waiting_all: String,
    /// Cases, the nearest deadline first.
    pub lines: Vec<CaseLine>,
    /// How many there are in all behind this filter.
    pub total: u64,
    /// Neighbours.
    pub pager: Pager,
    /// This account may open a case at the counter.
    pub may_open: bool,
}

/// A procedure to open a case of.
#[derive(Debug, Clone, Default)]
pub struct ProcedureChoice {
    /// Address of its counter form.
    pub href: String,
    /// Name.
    pub name: Text,
    /// What it is, or for whom.
    pub hint: Text,
}

/// `GET /cases/new?procedure=`, posted there (`procedure`, `facts_on`, the fields, `materials` many, `own_motion`): a case at the counter.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "cases_new.html")]
pub struct CounterPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Procedures that people apply for, while none is chosen.
    pub procedures: Vec<ProcedureChoice>,
    /// Procedures that the office begins of its own motion.
    pub own: Vec<ProcedureChoice>,
    /// Procedures that have ended, to enter by the law of their time.
    pub old: Vec<ProcedureChoice>,
    /// Word of the chosen one; empty while none is.
    pub procedure: String,
    /// Its name.
    pub name: Text,
    /// The form of the first step, and what is asked of the party.
    pub fields: Vec<AskedField>,
    /// Ids of those that are asked only of another person than the party says.
    pub behind: Vec<String>,
    /// It was said that it is another person.
    pub another: bool,
    /// Papers that were brought, to tick; the hint says required or one of.
    pub papers: Vec<Choice>,
    /// It can be opened of own motion, without an applicant.
    pub own_motion: bool,
    /// The organ begins it itself: nobody hands anything in, and there is no receipt.
    pub begun_by_us: bool,
    /// It was said that who opens it handles it.
    pub take: bool,
    /// Id of the case it comes from, hidden field `from`; empty: none.
    pub from: String,
    /// Number of that case.
    pub from_number: String,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl CounterPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }

    /// The field is asked only of another person.
    #[must_use]
    pub fn is_behind(&self, id: &str) -> bool {
        self.behind.iter().any(|behind| behind == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_prints_no_names() {
        let line = CaseLine { party: "张三".into(), officer: "李四".into(), ..CaseLine::default() };
        let printed = format!("{line:?}");
        assert!(!printed.contains("张三") && !printed.contains("李四"), "{printed}");
    }

    #[test]
    fn the_counter_counts_faults_of_fields_and_of_the_form() {
        let mut page = CounterPage::default();
        assert!(!page.has_faults());
        page.errors.push("procedure", Text::new("请选择事项。", "Choose a procedure."));
        assert!(page.has_faults());
        let bad = AskedField { error: Some(Text::new("请填写。", "Fill it in.")), ..AskedField::default() };
        assert!(CounterPage { fields: vec![bad], ..CounterPage::default() }.has_faults());
    }
}
