//! Citizens and footage: what anybody reads before asking for it, what is held for a case, for the officer and for the applicant, and what the
//! site's custodian sees of the authority's orders.
//!
//! What flows through: ways and clauses of the packs; orders of a case and what the sites answered. Invariants: no page says that there is
//! footage before the site has said so; no name of a person stands here; the officer's forms post to the case, the other pages post nothing.

use super::ask::Shown;
use super::case::CaseHead;
use super::public::PublicNav;
use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// A question that people ask, and its answer.
#[derive(Debug, Clone, Default)]
pub struct GuideLine {
    /// In their words.
    pub question: Text,
    /// Paragraphs.
    pub answer: Vec<Text>,
    /// On what ground.
    pub clauses: Vec<Citation>,
}

/// A way to see footage here.
#[derive(Debug, Clone, Default)]
pub struct GuideWay {
    /// What it is called.
    pub name: Text,
    /// When it is the right one.
    pub when: Text,
    /// What to bring.
    pub bring: Vec<Text>,
    /// Whom to ask.
    pub whom: Text,
    /// Where to go and how it goes, where the unit itself is asked.
    pub steps: Vec<Text>,
    /// The service, where it can be begun here, or the form by which the unit is asked; empty: it is asked for there.
    pub href: String,
    /// The clause.
    pub clause: Option<Citation>,
}

/// `GET /public/footage`: may I see it, what to bring, where, how long it is kept, what happens then.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_footage.html")]
pub struct FootageGuidePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// The ways that there are in this province.
    pub ways: Vec<GuideWay>,
    /// Questions.
    pub lines: Vec<GuideLine>,
    /// The counter takes such applications; otherwise it says whom to ask.
    pub counter: bool,
    /// Where the counter is.
    pub place: String,
    /// When it is open.
    pub hours: Text,
    /// Telephone.
    pub phone: String,
}

/// What a site has of one camera.
#[derive(Debug, Clone, Default)]
pub struct KeptLine {
    /// Its name at the site.
    pub camera: String,
    /// How much is kept, in words.
    pub footage: Text,
    /// Stretches without footage, in words.
    pub gaps: Vec<String>,
    /// The oldest that it has; empty: none.
    pub oldest: String,
}

/// What a site was told for a case.
#[derive(Debug, Clone, Default)]
pub struct FootageLine {
    /// Id of the order; empty where this reader may not end it.
    pub id: String,
    /// Name of the site.
    pub site: String,
    /// What it was told.
    pub what: Text,
    /// Which time, in words.
    pub span: String,
    /// Which place, in words; empty: none was given.
    pub place: String,
    /// Until when it is held, in words; empty: it is no hold, or it was let go.
    pub until: Text,
    /// When it was told.
    pub at: UtcMs,
    /// How it stands.
    pub state: State,
    /// When the site answered; `None`: not yet.
    pub answered: Option<UtcMs>,
    /// What it said beside.
    pub said: Vec<Text>,
    /// What it has.
    pub cameras: Vec<KeptLine>,
    /// Place of the entry in the log, for who may see the log.
    pub log: Option<u64>,
    /// It tells a site to show footage or to hand out a copy.
    pub is_show: bool,
    /// Id of the hold whose footage the reader may have shown; empty: not now.
    pub show_again: String,
}

/// What an officer typed.
#[derive(Debug, Clone, Default)]
pub struct FootageTyped {
    /// Day of the footage.
    pub day: String,
    /// Time, in words.
    pub time: String,
    /// Place, in words.
    pub place: String,
    /// Appointment: from.
    pub from: String,
    /// Until.
    pub to: String,
    /// Where at the site.
    pub room: String,
    /// What may be seen.
    pub scope: String,
    /// Number of the paper that is shown.
    pub code: String,
}

/// What the application says of the footage, in the words of its party.
#[derive(Debug, Clone, Default)]
pub struct FootageAsked {
    /// The unit that was named; empty: none was.
    pub unit: Shown,
    /// The place.
    pub place: Shown,
    /// Day and about what time.
    pub when: Shown,
    /// Last day until which the law has it kept, `YYYY-MM-DD`; empty: no day or no number.
    pub kept_until: String,
    /// The clause of that.
    pub clause: Option<Citation>,
}

/// `GET /cases/{id}/footage`; `hold`, `release` and `appoint` below it are posted.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "case_footage.html")]
pub struct CaseFootagePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Head.
    pub head: CaseHead,
    /// Orders, the oldest first.
    pub lines: Vec<FootageLine>,
    /// Nobody was told to hold anything yet, and it is the reader who tells.
    pub unheld: bool,
    /// What was applied for; `None`: the procedure asks no such thing.
    pub asked: Option<FootageAsked>,
    /// Admitted sites, those that fit the words sought; empty: this reader gives no orders, or none fits.
    pub sites: Vec<Choice>,
    /// There are so many that they are sought by words.
    pub seeks: bool,
    /// Words that were sought in their names; empty: none.
    pub sought: String,
    /// Why there is no form to tell a site, and what to do; empty: there is one.
    pub no_form: Text,
    /// It is decided that footage may be seen.
    pub may_appoint: bool,
    /// What was typed.
    pub typed: FootageTyped,
    /// What is wrong.
    pub errors: FormErrors,
}

/// `GET /my/cases/{id}/footage`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "my_footage.html")]
pub struct MyFootagePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Lit entry.
    pub at: PublicNav,
    /// Id of the case.
    pub id: String,
    /// Its number.
    pub receipt: String,
    /// What was applied for; `None`: the procedure asks no such thing.
    pub asked: Option<FootageAsked>,
    /// Orders, the oldest first.
    pub lines: Vec<FootageLine>,
    /// Telephone.
    pub phone: String,
}

/// An order of the authority, as the site's custodian sees it.
#[derive(Debug, Clone, Default)]
pub struct OrderLine {
    /// Its number.
    pub number: u64,
    /// What is to be done.
    pub what: Text,
    /// Number of the authority's case; empty: it cannot be read.
    pub case: String,
    /// Which time, in words; empty: none.
    pub span: String,
    /// Which place, and what may be seen.
    pub words: Vec<String>,
    /// Until when it is held, in words; empty: it is no hold.
    pub until: Text,
    /// When it came.
    pub at: UtcMs,
    /// How it stands.
    pub state: State,
    /// What was answered.
    pub said: Vec<Text>,
    /// What there is.
    pub cameras: Vec<KeptLine>,
    /// Where it is carried out; empty: the server does it by itself.
    pub href: String,
}

/// `GET /use/orders`: what the authority told this site to hold, to let go and to show.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_orders.html")]
pub struct OrdersPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Orders, the newest first.
    pub lines: Vec<OrderLine>,
}
