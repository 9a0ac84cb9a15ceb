//! What an applicant sees: the application step by step, its papers, the check page, the receipt, my cases and one of them.
//!
//! What flows through: the fields of a procedure as [`AskedField`]s, a draft that is saved at every step. Invariants: nothing is asked
//! that the procedure does not name; all defects are shown at once; what the applicant can do now stands before what happened.

use super::ask::{AskedField, Shown, wrong};
use super::case::{ActLine, DocumentLine, EventLine, LifeNode, MaterialLine, NodeState, ValueGroup};
use super::payments::BillView;
use super::public::PublicNav;
use super::{AppBar, Choice, FormErrors, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One entry of the task list above the pages of an application.
#[derive(Debug, Clone, Default)]
pub struct ApplyTask {
    /// Address.
    pub href: String,
    /// Name.
    pub title: Text,
    /// Filled in.
    pub done: bool,
    /// This page.
    pub here: bool,
}

/// What stands above every page of an application.
#[derive(Debug, Clone, Default)]
pub struct ApplyHead {
    /// Draft id, as in `/apply/{draft}`.
    pub draft: String,
    /// Name of the service.
    pub service: Text,
    /// What it is in everyday words; empty: its name says it.
    pub plain: Text,
    /// Where the service is described.
    pub about: String,
    /// Tasks in their order.
    pub tasks: Vec<ApplyTask>,
    /// Until when the draft is kept, `YYYY-MM-DD`; empty: not saved yet, or kept without an end.
    pub kept_until: String,
    /// Events of the case when the page was made, hidden field `seen` of every form; 0 before there is a case.
    pub seen: u32,
}

/// `GET /apply/{draft}?step=`, posted to `/apply/{draft}` (`step`, the fields): one page of the form.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "apply_step.html")]
pub struct ApplyStepPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Head.
    pub head: ApplyHead,
    /// Word of this page, hidden field `step`.
    pub step: String,
    /// Heading: what is asked here.
    pub title: Text,
    /// Fields.
    pub fields: Vec<AskedField>,
    /// What the button does, where it is not to save and go on; then it cannot be undone. Empty: it saves.
    pub send: Text,
    /// Address of the page before; empty: none.
    pub back: String,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl ApplyStepPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}

/// `GET /apply/{draft}/materials`; files are posted to `/apply/{draft}/materials/{material}` (`file`), taken back at
/// `/apply/{draft}/materials/{material}/remove` (`file`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "apply_materials.html")]
pub struct MaterialsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Head.
    pub head: ApplyHead,
    /// Papers.
    pub materials: Vec<MaterialLine>,
    /// Largest file, MB.
    pub upload_mb_max: u32,
    /// Word of the step that they go with; empty: the application is sent already and papers are only added.
    pub step: String,
    /// Address of the page before.
    pub back: String,
    /// What is wrong.
    pub errors: FormErrors,
}

impl MaterialsPage {
    /// What is wrong with the file that was sent for this paper.
    #[must_use]
    pub fn wrong_of(&self, id: &str) -> Option<&Text> {
        self.errors.of(&format!("file-{id}"))
    }
}

/// Something that still stops the application, and where it is put right.
#[derive(Debug, Clone, Default)]
pub struct DefectLine {
    /// Where.
    pub href: String,
    /// What is wrong and how to put it right.
    pub text: Text,
}

/// `GET /apply/{draft}/check`, posted there (`step`, `note`, `incomplete`): everything once more, all defects at once.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "apply_check.html")]
pub struct ApplyCheckPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Head.
    pub head: ApplyHead,
    /// What still stops it.
    pub defects: Vec<DefectLine>,
    /// Answers.
    pub groups: Vec<ValueGroup>,
    /// Papers.
    pub materials: Vec<MaterialLine>,
    /// The office that will handle it.
    pub office: String,
    /// By when it is decided, in words; empty: the law sets no time.
    pub promise: Text,
    /// What the office promises beside it, in words; empty: nothing.
    pub promised: Text,
    /// The clause of that time.
    pub clause: Option<Citation>,
    /// Word of the step that is done by sending, hidden field `step`.
    pub step: String,
    /// Needed papers that it would be sent without; sending then asks for the box `incomplete`.
    pub lacking: Vec<DefectLine>,
    /// The clause by which the office then asks for all of them at once.
    pub rest_clause: Option<Citation>,
    /// The box was ticked.
    pub incomplete: bool,
    /// It was sent with the box left open.
    pub unsaid: bool,
    /// Remark as typed, field `note`.
    pub note: String,
    /// Which site is told to hold footage when it is sent; `None`: it is about none, or that was settled before.
    pub held: Option<HeldUnit>,
}

/// Whose cameras an application about footage means, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct HeldUnit {
    /// The site that is told when it is sent; empty: none is meant.
    pub one: String,
    /// Sites that are like what was typed, posted as `site`; empty: none is, or it is known.
    pub near: Vec<Choice>,
    /// The last day until which the law has the footage kept; empty: no day was typed.
    pub kept_until: String,
}

/// `GET /my/cases/{id}/receipt`: sent.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "apply_done.html")]
pub struct ApplyDonePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Name of the service.
    pub service: Text,
    /// Case id.
    pub id: String,
    /// Receipt number.
    pub receipt: String,
    /// When it was sent; `None`: not yet.
    pub sent: Option<UtcMs>,
    /// The office that handles it.
    pub office: String,
    /// Its address.
    pub place: String,
    /// Code for looking the state up without an account; shown to its applicant only.
    pub code: Shown,
    /// Promised day, `YYYY-MM-DD`; empty: none.
    pub promised: String,
    /// The next day that the law sets, `YYYY-MM-DD`; empty: none.
    pub legal: String,
    /// What is due by then.
    pub legal_what: Text,
    /// By when it is decided, in words, where that is a later day; empty: no time is set, or it is the day above.
    pub decision: Text,
    /// The clause of it.
    pub clause: Option<Citation>,
    /// Needed papers that it was sent without, and where each is handed in.
    pub lacking: Vec<DefectLine>,
    /// What happens next, in order.
    pub next: Vec<Text>,
    /// Where the receipt can be downloaded; empty: it is still being made.
    pub document: String,
    /// Telephone of the office.
    pub phone: String,
}

/// A case of an applicant.
#[derive(Debug, Clone, Default)]
pub struct MyCaseLine {
    /// Address: the case, or the draft to go on with.
    pub href: String,
    /// Receipt number; empty for a draft.
    pub receipt: String,
    /// Name of the service.
    pub service: Text,
    /// The thing of the case.
    pub subject: Shown,
    /// Where it stands.
    pub state: State,
    /// Promised day; empty: none.
    pub promised: String,
    /// What the applicant has to do; empty: nothing.
    pub todo: Text,
    /// When it was sent, or saved.
    pub at: UtcMs,
}

/// `GET /my/cases`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "apply_mine.html")]
pub struct MyCasesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// The account stands for nobody yet: its own page says how it is joined.
    pub unjoined: bool,
    /// Drafts.
    pub drafts: Vec<MyCaseLine>,
    /// Cases, those that wait for the applicant first.
    pub lines: Vec<MyCaseLine>,
    /// Neighbours.
    pub pager: Pager,
}

/// Who decided what.
#[derive(Debug, Clone, Default)]
pub struct DecisionLine {
    /// What was decided.
    pub what: Text,
    /// By whom: office and function.
    pub by: String,
    /// When.
    pub at: UtcMs,
    /// Reasons, a paragraph each.
    pub reasons: Vec<Shown>,
    /// Clauses.
    pub clauses: Vec<Citation>,
}

/// Something that the party of a penalty may do now.
#[derive(Debug, Clone, Default)]
pub struct RightLine {
    /// What.
    pub name: Text,
    /// Where it is done here; empty: before another organ.
    pub href: String,
    /// The last day, `YYYY-MM-DD`; empty: the law sets none.
    pub last: String,
    /// How and where.
    pub how: Text,
    /// The clause that gives it.
    pub clause: Option<Citation>,
}

/// `GET /my/cases/{id}`. Acts are links to the pages where something is completed, withdrawn or asked.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "apply_case.html")]
pub struct MyCasePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// What is wrong with what was sent from this page.
    pub errors: FormErrors,
    /// Why somebody is to keep out, as typed.
    pub reason: Shown,
    /// Where the party asks that whoever handles the case keep out of it; empty: nobody handles it, or it is over.
    pub recuse: String,
    /// Events of the case when the page was made, hidden field `seen`.
    pub seen: u32,
    /// Receipt number.
    pub receipt: String,
    /// Name of the service.
    pub service: Text,
    /// The thing of the case.
    pub subject: Shown,
    /// Where it stands.
    pub state: State,
    /// Where it stands as a line of steps.
    pub life: Vec<LifeNode>,
    /// Promised day, `YYYY-MM-DD`; empty: none.
    pub promised: String,
    /// That it went by, and that one may complain; empty: it did not.
    pub past: Text,
    /// The day that the law sets; empty: none.
    pub legal: String,
    /// The clause of it.
    pub clause: Option<Citation>,
    /// Why the clock stands still; empty: it runs.
    pub stopped: Text,
    /// What is missing, all of it.
    pub missing: Vec<MaterialLine>,
    /// Until when it can be completed; empty: nothing is missing.
    pub complete_until: String,
    /// That the law was amended since the case was opened, and by which law it is decided; empty: it was not.
    pub law_changes: Vec<Text>,
    /// What can be done now, the main act first.
    pub acts: Vec<ActLine>,
    /// Of a penalty: what the party may do now, by when and how.
    pub rights: Vec<RightLine>,
    /// Decisions.
    pub decisions: Vec<DecisionLine>,
    /// What to do against a decision, one sentence each with its clause.
    pub remedies: Vec<Citation>,
    /// What is owed of a fine; none where no fine was served.
    pub bill: Option<BillView>,
    /// Documents.
    pub documents: Vec<DocumentLine>,
    /// What was sent.
    pub groups: Vec<ValueGroup>,
    /// Papers that were sent.
    pub materials: Vec<MaterialLine>,
    /// What happened, the newest first.
    pub history: Vec<EventLine>,
    /// Office.
    pub office: String,
    /// Its telephone.
    pub phone: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_receipt_is_not_printed() {
        let page = ApplyDonePage { code: "48213907".into(), ..ApplyDonePage::default() };
        assert!(!format!("{page:?}").contains("48213907"));
    }

    #[test]
    fn a_page_of_the_form_knows_its_faults() {
        let bad = AskedField { error: Some(Text::new("请填写。", "Fill it in.")), ..AskedField::default() };
        assert!(!ApplyStepPage { fields: vec![AskedField::default()], ..ApplyStepPage::default() }.has_faults());
        assert!(ApplyStepPage { fields: vec![bad], ..ApplyStepPage::default() }.has_faults());
    }

    #[test]
    fn what_is_wrong_with_no_field_leads_to_the_form() {
        let mut errors = FormErrors::default();
        errors.push("form", base::Text::new("案卷已经变动。", "The case moved on."));
        let step = ApplyStepPage { errors, ..ApplyStepPage::default() }.render().unwrap();
        let line =
            DefectLine { href: "#form".into(), text: base::Text::new("案卷已经变动。", "The case moved on.") };
        let check = ApplyCheckPage { defects: vec![line], ..ApplyCheckPage::default() }.render().unwrap();
        for html in [step, check] {
            assert!(html.contains("href=\"#form\"") && html.contains(" id=\"form\""), "{html}");
        }
    }
}
