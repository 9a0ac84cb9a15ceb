//! The public site of an authority, for whoever comes and is not signed in: home, services, notices, statistics, draws, and the forms
//! with which anybody looks up a case, checks a document, complains or makes an account.
//!
//! What flows through: what the packs say of a procedure, and what was published. Invariants: nothing here needs an account; no row or
//! number names a natural person; each answer of a look-up is the same shape whether there is a case or not, so it tells nothing more.

use super::ask::{AskedField, Shown, wrong};
use super::case::{LifeNode, NodeState};
use super::registers::ProofBox;
use super::{AppBar, Choice, FormErrors, Mark, Pager, Say, State, words};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// Which entry of the public navigation is lit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PublicNav {
    /// None.
    #[default]
    None,
    /// 服务事项.
    Services,
    /// 公开登记.
    Registers,
    /// 公告.
    Notices,
    /// 查询进度.
    Status,
    /// 核验文书.
    Verify,
    /// 我的办件, for those who are signed in.
    Mine,
}

/// A published notice in a list.
#[derive(Debug, Clone, Default)]
pub struct NoticeLine {
    /// Id, as in `/public/notices/{id}`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Kind, e.g. 处罚决定、预警.
    pub kind: Text,
    /// Day, `YYYY-MM-DD`.
    pub day: String,
    /// It was withdrawn: the list says so and keeps it.
    pub withdrawn: bool,
    /// Address, where it is another page than a notice's; empty: `/public/notices/{id}`.
    pub href: String,
}

/// One of the plain tasks of the home page.
#[derive(Debug, Clone, Default)]
pub struct TaskCard {
    /// Address.
    pub href: String,
    /// Icon.
    pub icon: String,
    /// What a person comes to do, in plain words.
    pub title: Text,
    /// One sentence.
    pub hint: Text,
}

/// `GET /public`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_home.html")]
pub struct PublicHomePage {
    /// Language.
    pub l: Lang,
    /// Bar: `site` is the name of the authority.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Tasks.
    pub tasks: Vec<TaskCard>,
    /// Latest notices.
    pub notices: Vec<NoticeLine>,
    /// Where the counter is.
    pub place: String,
    /// When it is open.
    pub hours: Text,
    /// Telephone.
    pub phone: String,
}

/// A hit of the search box.
#[derive(Debug, Clone, Default)]
pub struct HitLine {
    /// Address.
    pub href: String,
    /// What kind of thing it is.
    pub kind: Text,
    /// Name.
    pub title: Text,
}

/// `GET /public/search?q=`: services, rows of registers, notices.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_search.html")]
pub struct PublicSearchPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Words to find.
    pub query: String,
    /// Hits.
    pub hits: Vec<HitLine>,
    /// There are more than are shown.
    pub more: bool,
    /// Place, hours and telephone of the counter, for whoever found nothing; empty: not known.
    pub counter: Text,
    /// Names of the registers that this province has not, where the words may look for one of them; empty: they do not.
    pub absent: Vec<Text>,
}

/// A service in the list.
#[derive(Debug, Clone, Default)]
pub struct ServiceLine {
    /// Word of the procedure, as in `/public/services/{id}`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What people call it, one line; empty: nothing else than its name.
    pub about: Text,
    /// Who may apply.
    pub who: Text,
    /// How long it takes, in words; empty: the law sets no time.
    pub limit: Text,
    /// It can be applied for online now.
    pub online: bool,
}

/// Services of one kind.
#[derive(Debug, Clone, Default)]
pub struct ServiceGroup {
    /// Kind, e.g. 备案、许可.
    pub name: Text,
    /// Services.
    pub services: Vec<ServiceLine>,
}

/// `GET /public/services`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_services.html")]
pub struct ServicesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Services by kind.
    pub groups: Vec<ServiceGroup>,
    /// What people ask for and the law grants nobody, with its clause.
    pub refused: Vec<ServiceItem>,
}

/// A condition, a step or an outcome of a service, with its clause.
#[derive(Debug, Clone, Default)]
pub struct ServiceItem {
    /// In words.
    pub text: Text,
    /// Who does it, or which document it makes; empty: none.
    pub detail: Text,
    /// The clause.
    pub clause: Option<Citation>,
    /// The text that says more is lost.
    pub gap: bool,
}

/// A paper of a service.
#[derive(Debug, Clone, Default)]
pub struct ServicePaper {
    /// What it is.
    pub name: Text,
    /// Without it the application is not complete.
    pub required: bool,
    /// With which others one is enough; empty: none.
    pub one_of: Text,
    /// Where the filled sample is; empty: none.
    pub sample: String,
    /// The clause.
    pub clause: Option<Citation>,
}

/// A time limit of a service.
#[derive(Debug, Clone, Default)]
pub struct ServiceLimit {
    /// What is done in it.
    pub name: Text,
    /// What the law sets, in words.
    pub legal: Text,
    /// What the authority promises, in words; empty: the same.
    pub promised: Text,
    /// When it does not run.
    pub stops: Vec<Text>,
    /// The clause.
    pub clause: Option<Citation>,
}

/// `GET /public/services/{id}`; the start button posts to `/apply` (`service`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_service.html")]
pub struct ServicePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Word of the procedure.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Who may apply.
    pub who: Text,
    /// What is decided, in a sentence; may be empty.
    pub note: Text,
    /// Conditions.
    pub conditions: Vec<ServiceItem>,
    /// Papers.
    pub papers: Vec<ServicePaper>,
    /// Time limits.
    pub limits: Vec<ServiceLimit>,
    /// Steps.
    pub steps: Vec<ServiceItem>,
    /// Outcomes and the document that each makes.
    pub outcomes: Vec<ServiceItem>,
    /// Which office.
    pub office: Text,
    /// Where.
    pub place: String,
    /// When it is open.
    pub hours: Text,
    /// Telephone.
    pub phone: String,
    /// Clauses on review and suit.
    pub remedies: Vec<Citation>,
    /// Where to complain.
    pub complain: String,
    /// The filled sample of the form; empty: none.
    pub sample: String,
    /// It can be begun online; else why not.
    pub online: bool,
    /// Why it cannot be begun online, and what to do instead.
    pub why_not: Text,
    /// What people call it, one line; empty: nothing else than its name.
    pub about: Text,
    /// Address of its form that needs no account; empty: there is none.
    pub tell: String,
}

/// A field of a filled sample.
#[derive(Debug, Clone, Default)]
pub struct SampleLine {
    /// Label.
    pub label: Text,
    /// As it is filled in on the sample.
    pub value: String,
    /// What to mind; empty: nothing.
    pub hint: Text,
}

/// A paper of a service as it could look, in words.
#[derive(Debug, Clone, Default)]
pub struct SamplePaper {
    /// Word of the procedure; the section's id is `m-` and this word.
    pub id: String,
    /// What it is.
    pub name: Text,
    /// What stands in it.
    pub words: Text,
}

/// `GET /public/services/{id}/sample`: the form filled in with made-up data.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_sample.html")]
pub struct SamplePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Word of the procedure.
    pub id: String,
    /// Name of the service.
    pub name: Text,
    /// Fields as filled in.
    pub lines: Vec<SampleLine>,
    /// Papers as they could look.
    pub papers: Vec<SamplePaper>,
}

/// `GET /public/notices?kind=&before=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_notices.html")]
pub struct NoticesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Kinds to narrow by; the value is the address.
    pub kinds: Vec<Choice>,
    /// Notices, the newest first.
    pub notices: Vec<NoticeLine>,
    /// Neighbours.
    pub pager: Pager,
}

/// `GET /public/notices/{id}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_notice.html")]
pub struct NoticePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// The notice.
    pub notice: NoticeLine,
    /// Paragraphs; one sentence in place of them when it was withdrawn.
    pub paragraphs: Vec<String>,
    /// Why it was withdrawn; empty: it stands.
    pub withdrawn_why: String,
    /// Facts: name and value.
    pub facts: Vec<(Text, String)>,
    /// Digest of title, words and rows, hexadecimal.
    pub digest: String,
    /// Clauses.
    pub clauses: Vec<Citation>,
    /// Where the document can be downloaded; empty: none.
    pub document: String,
    /// What the log proves.
    pub proof: Option<ProofBox>,
}

/// A bar of a chart.
#[derive(Debug, Clone, Default)]
pub struct BarLine {
    /// Label.
    pub label: Text,
    /// How many.
    pub value: u64,
}

/// A chart: bars on one scale, each with its label and number.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// What is counted.
    pub title: Text,
    /// What one is.
    pub unit: Text,
    /// How it is counted, one sentence; may be empty.
    pub note: Text,
    /// Bars.
    pub bars: Vec<BarLine>,
}

/// Length of the longest bar in the units of the drawing.
const FULL: u64 = 1_000;

impl Chart {
    /// Length of a bar of `value`, of a thousand for the longest. Anything above nothing is at least one.
    #[must_use]
    pub fn length(&self, value: &u64) -> u64 {
        let most = self.bars.iter().map(|b| b.value).max().unwrap_or(0);
        if most == 0 || *value == 0 {
            return 0;
        }
        let scaled = u128::from(*value) * u128::from(FULL) / u128::from(most);
        u64::try_from(scaled).unwrap_or(FULL).clamp(1, FULL)
    }

    /// All bars together.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.bars.iter().fold(0, |sum, b| sum.saturating_add(b.value))
    }
}

/// A number that stands alone.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    /// What it is.
    pub label: Text,
    /// How many.
    pub value: u64,
}

/// `GET /public/statistics?year=`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_statistics.html")]
pub struct StatisticsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// From the first day to the last, in words.
    pub period: Text,
    /// Years; the value is the address.
    pub years: Vec<Choice>,
    /// Numbers on top.
    pub figures: Vec<Figure>,
    /// Charts.
    pub charts: Vec<Chart>,
    /// When it was counted.
    pub counted: UtcMs,
    /// Address of the numbers as CSV.
    pub csv: String,
}

/// Something that was drawn.
#[derive(Debug, Clone, Default)]
pub struct DrawnLine {
    /// Place in the draw.
    pub place: u32,
    /// Name or masked name.
    pub name: Shown,
    /// Number in the pool.
    pub number: u32,
}

/// One thing that a plan inspects.
#[derive(Debug, Clone, Default)]
pub struct InspectedLine {
    /// Name of the checklist.
    pub name: Text,
    /// Its first questions.
    pub questions: Vec<Text>,
    /// How many it has.
    pub asked: u32,
}

/// `GET /public/draws/{id}`: a random draw that anybody can run again.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_draw.html")]
pub struct DrawPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Title.
    pub title: Text,
    /// The plan it belongs to, in words.
    pub plan: Text,
    /// What is inspected; empty: no plan is kept for this draw.
    pub inspected: Vec<InspectedLine>,
    /// How often a unit is inspected at most, in words.
    pub often: Text,
    /// Where the plan is as a file; empty: nowhere.
    pub plan_file: String,
    /// Rules, one sentence each; empty: they are not fixed yet.
    pub rules: Vec<Text>,
    /// The same as they stand in the file, line by line, for experts.
    pub rules_text: Vec<String>,
    /// The list is sealed, so that its length is known.
    pub sealed: bool,
    /// How far it is.
    pub state: State,
    /// In the pool.
    pub pool: u32,
    /// Digest of the pool and the rules, fixed before the draw, hexadecimal.
    pub commitment: String,
    /// When it was fixed.
    pub committed: Option<UtcMs>,
    /// Entry of the log that fixed it.
    pub committed_log: Option<u64>,
    /// Where the randomness comes from, in words.
    pub source: Text,
    /// The public source that the rules name; empty: none.
    pub public_source: String,
    /// Where its outcome is published, an `https` address to be followed by whoever compares; empty: the plan names none.
    pub public_source_url: String,
    /// What the office typed as its outcome; empty: not drawn yet, or no source.
    pub public_value: String,
    /// The randomness, hexadecimal; empty: not there yet.
    pub seed: String,
    /// What was drawn.
    pub drawn: Vec<DrawnLine>,
    /// The checkpoint that covers it.
    pub proof: Option<ProofBox>,
    /// Where everything for running it again can be downloaded; empty: not drawn yet.
    pub download: String,
    /// The command that runs it again.
    pub command: String,
}

/// What a look-up found.
#[derive(Debug, Clone, Default)]
pub struct StatusAnswer {
    /// Receipt number.
    pub receipt: String,
    /// Name of the service.
    pub service: Text,
    /// Where it stands.
    pub state: State,
    /// Day by which the next step is due; empty: none.
    pub promised: String,
    /// What is due by that day.
    pub due_of: Text,
    /// The day by which the office promised to decide; empty: it promised none, or the decision is told.
    pub pledged: String,
    /// That the day went by that the office promised, and that one may complain; empty: it did not, or nothing was promised.
    pub past: Text,
    /// Line of steps.
    pub life: Vec<LifeNode>,
    /// What the applicant has to do; empty: nothing.
    pub todo: Text,
    /// Telephone of the office.
    pub phone: String,
}

/// `GET /public/status`, posted there (`receipt`, `code`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_status.html")]
pub struct StatusPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Receipt number as typed.
    pub receipt: String,
    /// Code as typed, where something was wrong.
    pub code: Shown,
    /// What was found.
    pub answer: Option<StatusAnswer>,
    /// What is wrong; also that nothing fits both.
    pub errors: FormErrors,
}

/// What the log says of a document.
#[derive(Debug, Clone, Default)]
pub struct VerifyAnswer {
    /// It is this authority's, unchanged, or not.
    pub state: State,
    /// What was found, one sentence.
    pub what: Text,
    /// Facts: name and value; empty when nothing was found.
    pub facts: Vec<(Text, String)>,
    /// Public rows and notices of this number: address and what it is.
    pub links: Vec<(String, Text)>,
    /// What the log proves.
    pub proof: Option<ProofBox>,
}

impl VerifyAnswer {
    /// Class of the notice: grey stands for everything in order.
    #[must_use]
    pub const fn notice(&self) -> &'static str {
        match self.state.mark {
            Mark::Ok => "info",
            other => other.name(),
        }
    }
}

/// `GET /public/verify?number=&digest=`; a file is digested by the person's own computer, never sent.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_verify.html")]
pub struct VerifyPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Number as typed.
    pub number: String,
    /// Digest as typed.
    pub digest: String,
    /// What was found.
    pub answer: Option<VerifyAnswer>,
    /// What is wrong.
    pub errors: FormErrors,
}

/// `GET /public/verify/proof`, posted there (`files`, `proof`, `entry`): a proof file that was downloaded from a public page.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_verify_proof.html")]
pub struct VerifyProofPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// The proof as it was pasted.
    pub proof: String,
    /// The entry as it was pasted.
    pub entry: String,
    /// What came out.
    pub answer: Option<VerifyAnswer>,
    /// Public key of this authority's log, as a proof file is checked with; empty: not told.
    pub log_key: String,
    /// What is wrong.
    pub errors: FormErrors,
}

/// `GET /public/complaint`, posted there (the fields): complaint or report.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_complaint.html")]
pub struct ComplaintPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// What can be said here: each leads to its own form.
    pub ways: Vec<Choice>,
    /// Which of them this form is for, hidden field `about`.
    pub about: String,
    /// The same in words.
    pub what: Text,
    /// Where else to go with what fits no field of this form; empty: nothing is known.
    pub beside: Text,
    /// Fields.
    pub fields: Vec<AskedField>,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
    /// By when it is answered, in words; empty: no time is set.
    pub promise: Text,
    /// Telephone for what is urgent.
    pub phone: String,
    /// Receipt number, once it was sent; empty: the form.
    pub receipt: String,
    /// Code for looking it up; shown this once.
    pub code: Shown,
    /// The office that has it now, once it was sent.
    pub to: String,
    /// The day on which it was sent, `YYYY-MM-DD`.
    pub day: String,
}

impl ComplaintPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}

/// `GET /public/account?kind=`, posted there (`kind`, the fields, `password`, `password_again`): makes an applicant's account. For whoever
/// is signed in it says by which login name.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_account.html")]
pub struct NewAccountPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// For a unit or for oneself: each leads to its own form.
    pub kinds: Vec<Choice>,
    /// Which of them this form is for, hidden field `kind`: `unit`, `person`.
    pub kind: String,
    /// Fields.
    pub fields: Vec<AskedField>,
    /// Shortest password, characters.
    pub password_chars_min: usize,
    /// Where to go on afterwards, hidden field `next`.
    pub next: String,
    /// Login name of the account that was made; empty: the form.
    pub login: String,
    /// The account stands for its unit or person.
    pub joined: bool,
    /// What is brought to the counter to have it joined; empty: it is joined, or the form.
    pub bring: Vec<Text>,
    /// Where the counter is; empty: not said.
    pub place: String,
    /// When it is open; empty: not said.
    pub hours: Text,
    /// Its telephone; empty: not said.
    pub phone: String,
    /// What is wrong besides the fields.
    pub errors: FormErrors,
}

impl NewAccountPage {
    /// Something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        wrong(&self.fields) > 0 || !self.errors.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[u64]) -> Chart {
        let bars = values.iter().map(|value| BarLine { value: *value, ..BarLine::default() }).collect();
        Chart { bars, ..Chart::default() }
    }

    #[test]
    fn bars_stand_on_one_scale_and_what_is_there_is_seen() {
        let some = chart(&[0, 1, 5_000, 10_000]);
        assert_eq!([0, 1, 5_000, 10_000].map(|v| some.length(&v)), [0, 1, 500, 1_000]);
        assert_eq!(some.sum(), 15_001);
        let huge = chart(&[u64::MAX, u64::MAX]);
        assert_eq!((huge.length(&u64::MAX), huge.sum()), (1_000, u64::MAX));
    }

    #[test]
    fn a_chart_of_nothing_has_no_bars() {
        assert_eq!((chart(&[]).length(&3), chart(&[0]).length(&0), chart(&[]).sum()), (0, 0, 0));
    }

    #[test]
    fn a_document_in_order_is_told_calmly_and_another_is_not() {
        let told = |mark| VerifyAnswer { state: State { mark, ..State::default() }, ..VerifyAnswer::default() };
        assert_eq!((told(Mark::Ok).notice(), told(Mark::Critical).notice()), ("info", "critical"));
    }

    #[test]
    fn forms_know_their_faults() {
        let bad = AskedField { error: Some(Text::new("请填写。", "Fill it in.")), ..AskedField::default() };
        assert!(!ComplaintPage::default().has_faults() && !NewAccountPage::default().has_faults());
        assert!(ComplaintPage { fields: vec![bad.clone()], ..ComplaintPage::default() }.has_faults());
        assert!(NewAccountPage { fields: vec![bad], ..NewAccountPage::default() }.has_faults());
    }
}
