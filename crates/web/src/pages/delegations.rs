//! Delegations of the heads of an office: those that hold, are to come and are over, and the form by which a head gives one.
//!
//! What flows through: lines with a limit, choices of people and procedures. Invariants: names of officers are [`Shown`]; the form is there for a
//! head of the office alone; what is withdrawn stays in the list.

use super::ask::Shown;
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Lang, Text};

/// A delegation.
#[derive(Debug, Clone, Default)]
pub struct DelegationLine {
    /// Place of its entry, form value.
    pub entry: u64,
    /// Number of the paper.
    pub number: String,
    /// The office whose decisions they are.
    pub office: String,
    /// Who gave it.
    pub giver: Shown,
    /// Who decides.
    pub deputy: Shown,
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// The procedures, in words.
    pub what: Text,
    /// It holds, is to come, is over or was withdrawn.
    pub state: State,
    /// This account may withdraw it.
    pub may_end: bool,
}

/// `GET /offices/{id}/delegations`; posted there (`deputy`, `procedure` several, `from`, `until`) and to `…/end` (`entry`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "delegations.html")]
pub struct DelegationsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Id of the office.
    pub id: String,
    /// Its name.
    pub office: String,
    /// Delegations, the newest first.
    pub lines: Vec<DelegationLine>,
    /// Who can be given the power; empty where this account gives none.
    pub deputies: Vec<Choice>,
    /// What can be delegated.
    pub procedures: Vec<Choice>,
    /// First day as typed.
    pub from: String,
    /// Last day as typed.
    pub until: String,
    /// What is wrong.
    pub errors: FormErrors,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_an_officer_is_printed() {
        let line = DelegationLine { giver: "张三".into(), deputy: "李四".into(), ..DelegationLine::default() };
        let printed = format!("{:?}", DelegationsPage { lines: vec![line], ..DelegationsPage::default() });
        assert!(!printed.contains("张三") && !printed.contains("李四"), "{printed}");
    }
}
