//! What else is done in a case beside its steps: clocks, notes, recusal, corrections, the day whose law decides, and persons shown whole.
//!
//! What flows through: clocks and forms arrive as lines and [`AskedField`]s. Invariants: what this account may not do has no form; every form
//! carries the number of events that its page had seen; personal data is on no page here but [`RevealPage`], which no browser keeps.

use super::ask::{AskedField, Shown, wrong};
use super::case::{CaseHead, StopLine};
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text};

/// A clock with how it was counted and what may be done to it.
#[derive(Debug, Clone, Default)]
pub struct ClockLine {
    /// Word of the procedure.
    pub id: String,
    /// What is due.
    pub name: Text,
    /// Whom it binds.
    pub binds: Text,
    /// Its last day; empty where none can be given.
    pub day: String,
    /// What is left, or why there is no day.
    pub left: Text,
    /// Where it stands.
    pub state: State,
    /// The clause that sets it.
    pub clause: Option<Citation>,
    /// How its day was counted, one sentence each.
    pub steps: Vec<Text>,
    /// The year whose holidays could still move the day; empty where none.
    pub provisional: String,
    /// On what ground the national rule is applied; empty: the ordinance sets it.
    pub default: Text,
    /// What stopped it.
    pub stops: Vec<StopLine>,
    /// What follows when it is over.
    pub over: Text,
    /// What may stop it, each with its clause in the hint; empty: this account may not stop it now.
    pub causes: Vec<Choice>,
    /// It stands still and this account may let it go on.
    pub may_resume: bool,
    /// What the packs say of extending it; empty: it cannot be extended.
    pub extension: Text,
    /// The clause of the extension.
    pub extension_clause: Option<Citation>,
    /// This account may give or enter leave to extend it.
    pub may_extend: bool,
}

/// `GET /cases/{id}/clocks`, posted there (`clock`, `act` = `stop`, `resume` or `extend`, `cause`, `day`, `reason`, `seen`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_clocks.html")]
pub struct ClocksPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Clocks that have started, in the order of the procedure.
    pub clocks: Vec<ClockLine>,
    /// Today, `YYYY-MM-DD`: the day that forms begin with.
    pub today: String,
    /// What is wrong.
    pub errors: FormErrors,
}

/// `GET /cases/{id}/note`, `correct`, `facts-day`, `law` and `abandon`, posted there (the fields, `seen`): one act with a short form.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_act.html")]
pub struct ActPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Last part of the address.
    pub path: String,
    /// What is done.
    pub title: Text,
    /// What it means, one sentence.
    pub lede: Text,
    /// Its form.
    pub fields: Vec<AskedField>,
    /// What the button says.
    pub verb: Text,
    /// What is asked before it is done; empty: nothing.
    pub confirm: Text,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl ActPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}

/// A request that somebody keep out of the case.
#[derive(Debug, Clone, Default)]
pub struct RecusalLine {
    /// Account, form value.
    pub account: String,
    /// Name.
    pub name: Shown,
    /// What was said, the newest last.
    pub reasons: Vec<Shown>,
    /// What became of it.
    pub state: State,
    /// This account may decide it.
    pub may_settle: bool,
    /// Who decides, where no head of the office does; empty: one of its heads.
    pub way: Text,
    /// This account may enter the written decision of the organ above.
    pub may_enter: bool,
    /// What was typed about it.
    pub typed: RecusalTyped,
}

/// A decision about a recusal as it was typed, after a refusal.
#[derive(Debug, Clone, Default)]
pub struct RecusalTyped {
    /// Why, or what the written decision says.
    pub reason: Shown,
    /// Organ that decided.
    pub organ: String,
    /// Number of its decision.
    pub number: String,
    /// Day of its decision.
    pub day: String,
}

/// `GET /cases/{id}/recuse`, posted there (`act` = `ask`, `settle` or `enter`; `account`, `reason`, `decision` = `granted` or `rejected`, `seen`;
/// to enter a written decision also `organ`, `number`, `day`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_recuse.html")]
pub struct RecusePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Requests so far.
    pub asked: Vec<RecusalLine>,
    /// Who can be asked to keep out.
    pub persons: Vec<Choice>,
    /// Reason as typed.
    pub reason: String,
    /// What is wrong.
    pub errors: FormErrors,
}

/// Something about a person, whole.
#[derive(Debug, Clone, Default)]
pub struct WholeLine {
    /// What it is.
    pub label: Text,
    /// The words.
    pub value: Shown,
}

/// Answer to `POST /cases/{id}/reveal`: what is known of persons in the case, once, never kept.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_reveal.html")]
pub struct RevealPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// For what it was asked.
    pub reason: Text,
    /// The lines.
    pub lines: Vec<WholeLine>,
    /// Place of the entry.
    pub entry: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_a_person_is_printed() {
        let line = WholeLine { label: Text::new("姓名", "name"), value: "张三".into() };
        let page = RevealPage { lines: vec![line], ..RevealPage::default() };
        let recusal = RecusalLine { name: "李四".into(), reasons: vec!["王五".into()], ..RecusalLine::default() };
        let printed = format!("{page:?} {recusal:?}");
        assert!(!["张三", "李四", "王五"].iter().any(|name| printed.contains(name)), "{printed}");
    }

    #[test]
    fn a_fault_of_a_field_is_a_fault_of_the_page() {
        let bad = AskedField { error: Some(Text::new("请填写。", "Fill it in.")), ..AskedField::default() };
        assert!(!ActPage::default().has_faults());
        assert!(ActPage { fields: vec![bad], ..ActPage::default() }.has_faults());
    }
}
