//! Requests that the head of an office below keeps out of a case, which wait for this head.
//!
//! What flows through: lines of at most so many requests, each with its form. Invariants: nothing of the case is here but its number, procedure
//! and office; every form carries the number of events that the page had seen; persons are printed by no `Debug`.

use super::ask::Shown;
use super::{AppBar, FormErrors, Say};
use askama::Template;
use base::{Lang, Text};

/// A request that waits.
#[derive(Debug, Clone, Default)]
pub struct WaitingLine {
    /// Case id, in the address of the form.
    pub case: String,
    /// Number of the case.
    pub number: String,
    /// What it is about.
    pub procedure: Text,
    /// The office that handles it.
    pub office: String,
    /// Account, form value.
    pub account: String,
    /// Name.
    pub name: Shown,
    /// Why, the newest last.
    pub reasons: Vec<Shown>,
    /// Events of the case that the page has seen.
    pub seen: u32,
    /// Reasons as typed, after a refusal.
    pub typed: Shown,
}

impl WaitingLine {
    /// Id of its field for the reasons.
    #[must_use]
    pub fn field(&self) -> String {
        format!("why-{}-{}", self.case, self.account)
    }
}

/// `GET /recusals`, posted to `/recusals/{case}` (`account`, `reason`, `decision` = `granted` or `rejected`, `seen`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "recusals.html")]
pub struct RecusalsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Requests, the cases opened last first.
    pub waiting: Vec<WaitingLine>,
    /// Most that are shown.
    pub most: usize,
    /// What is wrong.
    pub errors: FormErrors,
}

impl RecusalsPage {
    /// There may be more than are shown.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.most > 0 && self.waiting.len() >= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_prints_no_names() {
        let line = WaitingLine { name: "李四".into(), reasons: vec!["王五".into()], ..WaitingLine::default() };
        let printed = format!("{line:?}");
        assert!(!printed.contains("李四") && !printed.contains("王五"), "{printed}");
    }

    #[test]
    fn two_requests_of_one_case_have_two_fields() {
        let line = |account: &str| WaitingLine { case: "c1".into(), account: account.into(), ..WaitingLine::default() };
        assert_ne!(line("a1").field(), line("a2").field());
    }
}
