//! The panel of experts of a case: who is on it, what each declared and said, and the forms to enter that.
//!
//! What flows through: members as lines, experts of the register as choices. Invariants: experts are masked before they come here; what this
//! account may not do has no form; every form carries the number of events that its page had seen.

use super::ask::Shown;
use super::case::CaseHead;
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text};

/// A member.
#[derive(Debug, Clone, Default)]
pub struct MemberLine {
    /// Number on the list.
    pub number: String,
    /// Name, masked.
    pub name: Shown,
    /// How they came on it: by hand or drawn, and when.
    pub how: Text,
    /// What was declared.
    pub declared: State,
    /// Opinion, absence, or that nothing is there yet.
    pub said: State,
    /// In words, what was declared and said.
    pub words: Vec<Shown>,
}

/// What was typed, after a refusal.
#[derive(Debug, Clone, Default)]
pub struct PanelTyped {
    /// Words of an opinion.
    pub opinion: Shown,
    /// Why it is another opinion than before.
    pub changed: Shown,
    /// Words of a declaration.
    pub declaration: Shown,
    /// Why somebody was absent or is taken off.
    pub why: Shown,
    /// How many are drawn.
    pub count: String,
    /// Grounds of a draw.
    pub draw_grounds: Shown,
    /// Grounds of a choice.
    pub grounds: Shown,
}

/// `GET /cases/{id}/panel`, posted there (`act` = `choose` with `expert` many and `grounds`; `draw` with `count` and `grounds`; `declare` with
/// `expert`, `interest`, `words`; `opine` with `expert`, `verdict`, `words`, `why`, `day`; `absent` or `remove` with `expert`, `why`; always `seen`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_panel.html")]
pub struct PanelPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// How many opinions there are to be, and why.
    pub rule: Text,
    /// The clause that the panel rests on.
    pub clause: Option<Citation>,
    /// What the panel says so far; its word is empty while nobody gave an opinion.
    pub says: State,
    /// On the panel.
    pub members: Vec<MemberLine>,
    /// Taken off, with the reason.
    pub off: Vec<MemberLine>,
    /// This account may change it now.
    pub may_change: bool,
    /// Members to choose one from.
    pub of_panel: Vec<Choice>,
    /// Experts of the register who are free.
    pub free: Vec<Choice>,
    /// How many are free in all.
    pub free_count: usize,
    /// Those who belong to a party of the matter, each with which.
    pub tied: Vec<Text>,
    /// Interests to declare.
    pub interests: Vec<Choice>,
    /// Opinions.
    pub verdicts: Vec<Choice>,
    /// The day that the form of an opinion begins with.
    pub today: String,
    /// What was typed.
    pub typed: PanelTyped,
    /// What is wrong.
    pub errors: FormErrors,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_prints_neither_name_nor_words() {
        let line = MemberLine { name: "王某".into(), words: vec!["存储不足".into()], ..MemberLine::default() };
        let printed = format!("{line:?}");
        assert!(!printed.contains("王某") && !printed.contains("存储不足"), "{printed}");
    }
}
