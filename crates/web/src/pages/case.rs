//! One case at the authority: its page, and the pages on which a step is taken, more is asked for, an outcome is proposed, reviewed,
//! decided and made public.
//!
//! What flows through: everything is folded from the events of the case by a handler and arrives as lines of words, days and states.
//! Invariants: no line knows a procedure by name; clauses of a decision are ticked from a list and never typed; text about persons is
//! [`Shown`], masked before it comes here; what cannot be done now is listed with its reason.

use super::ask::{AskedField, Shown, wrong};
use super::{AppBar, Choice, FormErrors, Mark, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// How far a node of a case's life is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum NodeState {
    /// Not reached.
    #[default]
    Ahead,
    /// It can be taken now.
    Open,
    /// Done.
    Done,
    /// Not taken and no longer open.
    Closed,
}

impl NodeState {
    /// CSS class.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Open => "open",
            Self::Done => "done",
            Self::Closed => "closed",
        }
    }

    /// Icon of the shape.
    #[must_use]
    pub const fn icon(&self) -> &'static str {
        match self {
            Self::Ahead => "dot-off",
            Self::Open => "dot-busy",
            Self::Done => "dot-check",
            Self::Closed => "dot-cross",
        }
    }

    /// In a word: state is never colour alone.
    #[must_use]
    pub const fn word(&self) -> Text {
        match self {
            Self::Ahead => Text::new("尚未到", "not yet"),
            Self::Open => Text::new("进行中", "now"),
            Self::Done => Text::new("已完成", "done"),
            Self::Closed => Text::new("未经过", "not taken"),
        }
    }
}

/// One step or outcome of the life of a case.
#[derive(Debug, Clone, Default)]
pub struct LifeNode {
    /// What it is.
    pub title: Text,
    /// Who takes it: the party in words.
    pub party: Text,
    /// How far.
    pub state: NodeState,
    /// When it was taken.
    pub at: Option<UtcMs>,
    /// Who took it.
    pub by: Shown,
    /// The outcomes of which one is to be decided; empty for a step, and for what was decided.
    pub options: Vec<Text>,
}

/// What stopped a clock.
#[derive(Debug, Clone, Default)]
pub struct StopLine {
    /// Why.
    pub cause: Text,
    /// First day.
    pub from: String,
    /// Last day; empty: it still stands.
    pub to: String,
    /// The clause that lets it stop the clock.
    pub clause: Option<Citation>,
}

/// A time limit of the case.
#[derive(Debug, Clone, Default)]
pub struct DeadlineLine {
    /// What is due.
    pub name: Text,
    /// Its last day.
    pub day: String,
    /// What is left, or since when it is over, in words.
    pub left: Text,
    /// How near.
    pub state: State,
    /// Promised by the authority, shorter than the law; else the law's.
    pub promised: bool,
    /// The clause that sets it.
    pub clause: Option<Citation>,
    /// The year whose holidays could still move the day; empty where none.
    pub provisional: String,
    /// What stopped it.
    pub stops: Vec<StopLine>,
    /// What follows when it is over.
    pub over: Text,
}

/// A file of a paper.
#[derive(Debug, Clone, Default)]
pub struct FileLine {
    /// Id, form value.
    pub id: String,
    /// Its name as it came.
    pub name: Shown,
    /// Where to open it; empty where this reader may not.
    pub href: String,
    /// Size, bytes.
    pub size_bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// When it came.
    pub at: UtcMs,
}

/// A paper that the procedure asks for.
#[derive(Debug, Clone, Default)]
pub struct MaterialLine {
    /// Word of the procedure.
    pub id: String,
    /// What it is.
    pub name: Text,
    /// Without it the application is not complete.
    pub required: bool,
    /// With which others one is enough, in words; empty: none.
    pub one_of: Text,
    /// The clause that asks it.
    pub clause: Option<Citation>,
    /// The text that says what it must be is lost.
    pub gap: bool,
    /// Handed in, missing, to be replaced.
    pub state: State,
    /// What is wrong with what was handed in; empty: nothing.
    pub reason: Shown,
    /// Where the filled sample is; empty: none.
    pub sample: String,
    /// What was handed in, the newest first.
    pub files: Vec<FileLine>,
}

/// Something that whoever decides should know; it stops nothing.
#[derive(Debug, Clone, Default)]
pub struct WarningLine {
    /// What.
    pub text: Text,
    /// The clause.
    pub clause: Option<Citation>,
    /// Where it is done; empty: nothing is to be done, or not by this account.
    pub href: String,
}

/// One value of the form, for reading.
#[derive(Debug, Clone, Default)]
pub struct ValueLine {
    /// Label.
    pub label: Text,
    /// Value as this reader may see it.
    pub value: Shown,
    /// Part of it is hidden from this reader.
    pub masked: bool,
    /// What it was before; empty: unchanged.
    pub before: Shown,
}

/// Values that were filled in together.
#[derive(Debug, Clone, Default)]
pub struct ValueGroup {
    /// Step or outcome at which they were filled in.
    pub title: Text,
    /// Where to change them; empty: not here.
    pub change: String,
    /// The values.
    pub values: Vec<ValueLine>,
}

/// Something that happened, in words.
#[derive(Debug, Clone, Default)]
pub struct EventLine {
    /// When.
    pub at: UtcMs,
    /// Who.
    pub who: Shown,
    /// What.
    pub what: Text,
    /// Reasons and remarks, a paragraph each.
    pub words: Vec<Shown>,
    /// Clauses that were named.
    pub clauses: Vec<Citation>,
    /// Entry of the log.
    pub log: Option<u64>,
    /// Where the document or paper that it is about is opened; empty: it is about none, or this reader may not.
    pub href: String,
}

/// An official document of the case.
#[derive(Debug, Clone, Default)]
pub struct DocumentLine {
    /// What it is.
    pub kind: Text,
    /// Its number.
    pub number: String,
    /// The language that it is written in.
    pub language: Text,
    /// Where to download it; empty where this reader may not.
    pub href: String,
    /// Size, bytes.
    pub size_bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// When it was made.
    pub at: UtcMs,
    /// How and when it was delivered, in words; empty: not yet.
    pub delivered: Text,
    /// Entry of the log.
    pub log: Option<u64>,
}

/// Something that can be done now.
#[derive(Debug, Clone, Default)]
pub struct ActLine {
    /// Where.
    pub href: String,
    /// Verb and object, as the button says it.
    pub verb: Text,
    /// What it is for, one sentence; empty: the verb says it.
    pub hint: Text,
}

/// Something that cannot be done now, and why.
#[derive(Debug, Clone, Default)]
pub struct BarredLine {
    /// What.
    pub what: Text,
    /// Why not, one sentence.
    pub why: Text,
    /// Clauses that decide.
    pub clauses: Vec<Citation>,
}

/// A row that the case made in a register, or something that it made public.
#[derive(Debug, Clone, Default)]
pub struct EntryLine {
    /// Register or publication.
    pub name: Text,
    /// Its number there.
    pub number: String,
    /// Where; empty where none.
    pub href: String,
    /// Whether it stands.
    pub state: State,
    /// Entry of the log.
    pub log: Option<u64>,
}

/// What stands above every page of a case.
#[derive(Debug, Clone, Default)]
pub struct CaseHead {
    /// Case id, as in `/cases/{id}`.
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
    /// Who handles it.
    pub officer: Shown,
    /// Office.
    pub office: String,
    /// Time limits that run, the nearest first.
    pub deadlines: Vec<DeadlineLine>,
    /// Events of the case when the page was made, hidden field `seen` of every form: what came in between is not overlooked.
    pub seen: u32,
}

/// `GET /cases/{id}`: everything about a case on one page.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_page.html")]
pub struct CasePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// How it came in, in words: online, at the counter, of own motion.
    pub channel: Text,
    /// When it was opened.
    pub opened: UtcMs,
    /// Life of the case, in the order of the procedure.
    pub life: Vec<LifeNode>,
    /// What can be done now, the main act first.
    pub acts: Vec<ActLine>,
    /// What cannot, and why.
    pub barred: Vec<BarredLine>,
    /// What else can be done beside the steps: clocks, notes, recusal, corrections.
    pub more: Vec<ActLine>,
    /// Reasons for which persons can be shown whole; empty where this account may not.
    pub reveals: Vec<Choice>,
    /// Papers.
    pub materials: Vec<MaterialLine>,
    /// Values of the forms.
    pub groups: Vec<ValueGroup>,
    /// History, the oldest first.
    pub history: Vec<EventLine>,
    /// Documents, the newest first.
    pub documents: Vec<DocumentLine>,
    /// Rows of registers and publications.
    pub entries: Vec<EntryLine>,
    /// The day whose law decides.
    pub law_day: String,
    /// Digest of the packs it was opened under, hexadecimal.
    pub law_digest: String,
    /// Which packs were amended since it was opened, and what that means, one sentence each.
    pub law_changes: Vec<Text>,
    /// What should have come before the decision and was not found, with its clause.
    pub warnings: Vec<WarningLine>,
    /// The proposal that waits for its review or decision.
    pub proposal: Option<Proposal>,
    /// Why the last proposal was sent back, a paragraph each; empty where none was, or a newer one stands.
    pub sent_back: Vec<Shown>,
    /// Name of the decision's document that is still to be made; empty: none.
    pub to_make: Text,
    /// Clauses of the procedure.
    pub clauses: Vec<Citation>,
    /// Officers it can be given to; empty where this account may not.
    pub assignable: Vec<Choice>,
    /// Papers that can be uploaded to `/cases/{id}/papers` (`material`, `file`); empty where this account may not.
    pub uploads: Vec<Choice>,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
}

/// Officers of an act: two boxes, each with an account of its own.
#[derive(Debug, Clone, Default)]
pub struct OfficerChoice {
    /// Accounts to choose the first from.
    pub first: Vec<Choice>,
    /// Accounts to choose the second from.
    pub second: Vec<Choice>,
    /// The clause that asks for two.
    pub clause: Option<Citation>,
}

/// `GET /cases/{id}/steps/{step}`, posted there (the fields, `officer`, `second_officer`, `note`, `done_on`): takes a step.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_step.html")]
pub struct StepPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Word of the step.
    pub step: String,
    /// What is done, one sentence.
    pub title: Text,
    /// The clause of the step.
    pub clause: Option<Citation>,
    /// Of a step of the head: what it answers.
    pub before: Vec<ValueGroup>,
    /// Its form.
    pub fields: Vec<AskedField>,
    /// Papers of this step.
    pub materials: Vec<MaterialLine>,
    /// The paper of this step can be uploaded to `/cases/{id}/papers` (`material`, `file`).
    pub takes_paper: bool,
    /// Two officers are asked for.
    pub officers: Option<OfficerChoice>,
    /// Remark as typed.
    pub note: String,
    /// Of the head's approval of an opening, which may be refused there: the reasons as typed.
    pub refusing: Option<String>,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl StepPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}

/// A paper or field that may be asked for.
#[derive(Debug, Clone, Default)]
pub struct RestLine {
    /// Word of it; fields of the form: `ask` (ticked) and `reason_` with this word.
    pub id: String,
    /// What it is.
    pub name: Text,
    /// A paper; else a field of the form.
    pub paper: bool,
    /// What is there now.
    pub state: State,
    /// The clause that asks it.
    pub clause: Option<Citation>,
    /// Ticked.
    pub asked: bool,
    /// Why, as typed.
    pub reason: String,
    /// What is wrong with this line.
    pub error: Option<Text>,
}

/// `GET /cases/{id}/rest`, posted there: names everything that is missing, once.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_rest.html")]
pub struct RestPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// The clause that says: once, and everything.
    pub clause: Option<Citation>,
    /// Papers and fields.
    pub lines: Vec<RestLine>,
    /// Until when the party has time, `YYYY-MM-DD`.
    pub until: String,
    /// The day on which it was done, where the case is entered by the law of then; else empty.
    pub day: Vec<AskedField>,
    /// What is wrong besides the lines.
    pub errors: FormErrors,
}

impl RestPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        !self.errors.is_empty() || self.lines.iter().any(|line| line.error.is_some())
    }
}

/// A clause that a decision may name.
#[derive(Debug, Clone)]
pub struct ClauseChoice {
    /// The clause.
    pub clause: Citation,
    /// Ticked.
    pub chosen: bool,
}

/// A clause that was breached, and what that costs.
#[derive(Debug, Clone)]
pub struct BreachLine {
    /// The clause.
    pub choice: ClauseChoice,
    /// The range, each grade that differs.
    pub says: Vec<Text>,
}

/// What is asked for one outcome.
#[derive(Debug, Clone, Default)]
pub struct OutcomePart {
    /// Word of the outcome; the part's id is `of-` and this word.
    pub outcome: String,
    /// The outcome.
    pub title: Text,
    /// Its fields.
    pub fields: Vec<AskedField>,
    /// Clauses whose breach it punishes; empty where it punishes nothing.
    pub breaches: Vec<BreachLine>,
}

/// `GET /cases/{id}/propose`, posted there (`outcome`, the fields, `reasons`, `clause` many, officers).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_propose.html")]
pub struct ProposePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Outcomes that can be reached now; the hint says which document each makes.
    pub outcomes: Vec<Choice>,
    /// Outcomes that may still come and cannot be taken now, each with the reason.
    pub barred: Vec<BarredLine>,
    /// What the button does.
    pub button: Text,
    /// What is asked before the officer decides; empty: a head decides.
    pub confirm: Text,
    /// What each outcome asks; shown for the one that is chosen.
    pub parts: Vec<OutcomePart>,
    /// Reasons as typed.
    pub reasons: String,
    /// Clauses to pick from.
    pub clauses: Vec<ClauseChoice>,
    /// Two officers are asked for.
    pub officers: Option<OfficerChoice>,
    /// Why the proposal before was sent back; empty: it was not.
    pub sent_back: Shown,
    /// Packs of the case that were amended since it was opened.
    pub law_changes: Vec<Text>,
    /// The day on which it was done, where the case is entered by the law of then; else empty.
    pub day: Vec<AskedField>,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl ProposePage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        self.asked().iter().any(|f| f.error.is_some()) || !self.errors.is_empty()
    }

    /// The clauses by their law: its name, and those of it that stand together in the list.
    #[must_use]
    pub fn laws(&self) -> Vec<(&Text, Vec<&ClauseChoice>)> {
        let mut laws: Vec<(&Text, Vec<&ClauseChoice>)> = Vec::new();
        for one in &self.clauses {
            match laws.last_mut().filter(|(name, _)| **name == one.clause.instrument) {
                Some((_, of_it)) => of_it.push(one),
                None => laws.push((&one.clause.instrument, vec![one])),
            }
        }
        laws
    }

    /// The fields of every outcome, and the day.
    #[must_use]
    pub fn asked(&self) -> Vec<&AskedField> {
        self.parts.iter().flat_map(|part| &part.fields).chain(&self.day).collect()
    }
}

/// What was proposed.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// Outcome.
    pub outcome: Text,
    /// Who proposed it.
    pub by: Shown,
    /// When.
    pub at: UtcMs,
    /// Reasons, a paragraph each.
    pub reasons: Vec<Shown>,
    /// Clauses.
    pub clauses: Vec<Citation>,
    /// Of a penalty: the breaches it names, each with the range of the fine.
    pub ranges: Vec<BreachLine>,
    /// Values of the outcome.
    pub values: Vec<ValueLine>,
    /// Where the document can be read before it is decided; empty: it makes none.
    pub preview: String,
}

/// Whether something that must be there is there.
#[derive(Debug, Clone, Default)]
pub struct GuardLine {
    /// It is.
    pub met: bool,
    /// What must be there.
    pub what: Text,
    /// What was found.
    pub found: Text,
    /// The clause that asks it.
    pub clause: Option<Citation>,
}

/// `GET /cases/{id}/decide`, posted there (`decision` = `take` or `send_back`, `reasons`): the head decides.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_decide.html")]
pub struct DecidePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// The proposal.
    pub proposal: Proposal,
    /// What changed since the proposal before; empty: it is the first, or nothing did.
    pub changes: Vec<Text>,
    /// What must be there.
    pub guards: Vec<GuardLine>,
    /// Papers.
    pub materials: Vec<MaterialLine>,
    /// Values of the forms.
    pub groups: Vec<ValueGroup>,
    /// Documents that were made.
    pub documents: Vec<DocumentLine>,
    /// Visits with their photos, and the cases that belong to it.
    pub linked: Vec<EntryLine>,
    /// Packs of the case that were amended since it was opened.
    pub law_changes: Vec<Text>,
    /// History, the oldest first.
    pub history: Vec<EventLine>,
    /// The day on which it was done, where the case is entered by the law of then; else empty.
    pub day: Vec<AskedField>,
    /// Reasons as typed.
    pub reasons: String,
    /// What is wrong.
    pub errors: FormErrors,
}

impl DecidePage {
    /// All that must be there is there.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.guards.iter().all(|g| g.met)
    }
}

/// `GET /cases/{id}/review`, posted there (`verdict` = `passed` or `failed`, `opinion`): legal review.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_review.html")]
pub struct ReviewPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// The proposal.
    pub proposal: Proposal,
    /// What was entered since this account last did something in the case; empty: nothing, or it never did.
    pub changes: Vec<Text>,
    /// The clause that asks for the review.
    pub clause: Option<Citation>,
    /// What the reviewer looks at, one question each.
    pub questions: Vec<Text>,
    /// Papers.
    pub materials: Vec<MaterialLine>,
    /// Values of the forms.
    pub groups: Vec<ValueGroup>,
    /// Documents that were made.
    pub documents: Vec<DocumentLine>,
    /// Visits with their photos, and the cases that belong to it.
    pub linked: Vec<EntryLine>,
    /// Packs of the case that were amended since it was opened.
    pub law_changes: Vec<Text>,
    /// History, the oldest first.
    pub history: Vec<EventLine>,
    /// Verdicts.
    pub verdicts: Vec<Choice>,
    /// Opinion as typed.
    pub opinion: String,
    /// The form of the review, where the procedure has one.
    pub fields: Vec<AskedField>,
    /// What is wrong.
    pub errors: FormErrors,
}

/// A column of what is to be made public.
#[derive(Debug, Clone, Default)]
pub struct PublicColumn {
    /// Name.
    pub label: Text,
    /// Value as the public will see it.
    pub value: Shown,
    /// Left out: about a person, or no public column of the register.
    pub left_out: bool,
    /// It is about a person.
    pub personal: bool,
}

/// `GET /cases/{id}/publish?entry=`, posted there (`entry`, `act` = `publish` or `withdraw`, `reasons`): a register row or publication.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_publish.html")]
pub struct PublishPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Word of the register or publication.
    pub entry: String,
    /// Its name.
    pub name: Text,
    /// The clause that asks for it.
    pub clause: Option<Citation>,
    /// Last day for it, in words; empty: none is set.
    pub due: Text,
    /// The row as the public will see it.
    pub columns: Vec<PublicColumn>,
    /// It is public now: the page withdraws it.
    pub stands: bool,
    /// Reasons as typed.
    pub reasons: String,
    /// What is wrong.
    pub errors: FormErrors,
}

/// Shape of a time limit by the whole days that are left: over, on its last days, further off.
#[must_use]
pub const fn mark_of_left(left: i64, near: i64) -> Mark {
    if left < 0 {
        Mark::Critical
    } else if left <= near {
        Mark::Warning
    } else {
        Mark::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_loud_only_when_it_is_near_or_over() {
        assert_eq!(
            [-1, 0, 2, 3].map(|left| mark_of_left(left, 2)),
            [Mark::Critical, Mark::Warning, Mark::Warning, Mark::Ok]
        );
    }

    #[test]
    fn nothing_about_a_person_is_printed() {
        let head = CaseHead { party: "张三".into(), subject: "李四".into(), ..CaseHead::default() };
        let file = FileLine { name: "王五身份证.pdf".into(), ..FileLine::default() };
        let page = CasePage {
            head,
            materials: vec![MaterialLine { files: vec![file], ..MaterialLine::default() }],
            ..CasePage::default()
        };
        let printed = format!("{page:?}");
        assert!(!["张三", "李四", "王五"].iter().any(|name| printed.contains(name)), "{printed}");
    }

    #[test]
    fn a_decision_waits_for_everything() {
        let guard = |met| GuardLine { met, ..GuardLine::default() };
        assert!(DecidePage::default().is_ready());
        assert!(DecidePage { guards: vec![guard(true)], ..DecidePage::default() }.is_ready());
        assert!(!DecidePage { guards: vec![guard(true), guard(false)], ..DecidePage::default() }.is_ready());
    }

    #[test]
    fn clauses_stand_under_their_law_each_once() {
        let packs = law::Packs::embedded().unwrap();
        let choice = |id: &str| {
            let clause = packs.cite(&base::ClauseId::new(id)).unwrap();
            ClauseChoice { clause, chosen: false }
        };
        let clauses: Vec<ClauseChoice> = ["AP-57", "AP-58", "AR-20"].into_iter().map(choice).collect();
        let page = ProposePage { clauses, ..ProposePage::default() };
        let counts: Vec<usize> = page.laws().iter().map(|(_, list)| list.len()).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn a_fault_of_a_field_is_a_fault_of_the_page() {
        let bad = AskedField { error: Some(Text::new("请填写。", "Fill it in.")), ..AskedField::default() };
        assert!(!StepPage::default().has_faults() && !ProposePage::default().has_faults());
        assert!(StepPage { fields: vec![bad.clone()], ..StepPage::default() }.has_faults());
        let part = OutcomePart { fields: vec![bad], ..OutcomePart::default() };
        assert!(ProposePage { parts: vec![part], ..ProposePage::default() }.has_faults());
        let line = RestLine { error: Some(Text::new("请写明原因。", "Say why.")), ..RestLine::default() };
        assert!(!RestPage::default().has_faults());
        assert!(RestPage { lines: vec![line], ..RestPage::default() }.has_faults());
    }
}
