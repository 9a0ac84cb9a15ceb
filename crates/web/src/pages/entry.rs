//! Ways in: first-run setup, sign-in, the walkthrough, and the error page. Light, one thing at a time.

use super::public::PublicNav;
use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::{Citation, Lang, Refusal, Text};

/// `GET /setup`, posted to `/setup`: makes the first administrator and says which law applies. Shown only while no account exists.
///
/// Fields: `code`, `site_name`, `address`, `jurisdiction`, `trait` (many), `special_trade`, `name`, `login`, `password`, `password_again`,
/// `two_step`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// Language.
    pub l: Lang,
    /// Bar (nobody signed in).
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Setup code as typed.
    pub code: String,
    /// Where the code lies on the server.
    pub code_file: String,
    /// Name of the site as typed.
    pub site_name: String,
    /// Address as typed.
    pub address: String,
    /// Jurisdictions: which ordinance applies.
    pub jurisdictions: Vec<Choice>,
    /// Site traits that change the answer of the law: key unit, counter-terrorism key target, and so on.
    pub traits: Vec<Choice>,
    /// Trades with a term of their own, and none.
    pub trades: Vec<Choice>,
    /// Name of the administrator as typed.
    pub name: String,
    /// Login name as typed.
    pub login: String,
    /// Shortest password, characters.
    pub password_chars_min: usize,
    /// Administrators, auditors, custodians and officers must have a second step.
    pub two_step: bool,
}

/// `GET /login`, posted to `/login`. Fields: `login`, `password`, `next`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// Language.
    pub l: Lang,
    /// Bar (nobody signed in).
    pub bar: AppBar,
    /// What is wrong: unknown pair, locked until when.
    pub errors: FormErrors,
    /// Login name as typed.
    pub login: String,
    /// Where to go afterwards, a path of this server; empty = the start page.
    pub next: String,
    /// Why the person is here (session ended, signed out), if there is a reason.
    pub notice: Option<Text>,
    /// This server has public pages: whoever has business of their own is led there.
    pub public: bool,
}

/// `GET /login` on the way to a page of the public site or of one's own cases: the same form in the public frame, with what somebody needs
/// who has no account yet or forgot the password.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "public_login.html")]
pub struct PublicLoginPage {
    /// Language.
    pub l: Lang,
    /// Bar (nobody signed in).
    pub bar: AppBar,
    /// Lit entry of the public navigation.
    pub at: PublicNav,
    /// What is wrong: unknown pair, locked until when.
    pub errors: FormErrors,
    /// Login name as typed.
    pub login: String,
    /// Where to go afterwards, a path of this server.
    pub next: String,
    /// Where the way back leads: the public page that the person came from, else the public home.
    pub back: String,
    /// Where the counter is, when it is open, its telephone, as far as it is known, in one line.
    pub counter: Text,
    /// Why the person is here, if there is a reason.
    pub notice: Option<Text>,
}

/// One step of the walkthrough.
#[derive(Debug, Clone)]
pub struct WelcomeStep {
    /// What to do, a short line.
    pub title: Text,
    /// What will be seen, one or two sentences.
    pub body: Text,
    /// Where to do it.
    pub href: String,
    /// Words of the link.
    pub action: Text,
    /// Which account does it, e.g. 民警甲 police1; empty = any.
    pub account: Text,
    /// Done on this server (found in the log, not remembered by the browser).
    pub done: bool,
    /// Entry of the log that shows it.
    pub log_index: Option<u64>,
    /// Buttons that make the simulated panel report (value = word of the alarm), in place of a link.
    pub alarms: Vec<Choice>,
}

/// A server of the demo's police, as the walkthrough leads to it.
#[derive(Debug, Clone)]
pub struct WelcomeAuthority {
    /// Whose it is.
    pub name: String,
    /// Its public site.
    pub public: String,
    /// Its cases.
    pub cases: String,
}

/// `GET /welcome`: the main jobs step by step.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "welcome.html")]
pub struct WelcomePage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// The steps in order.
    pub steps: Vec<WelcomeStep>,
    /// Command line that verifies the newest export, shown under its step.
    pub verify_command: String,
    /// The police of the demo, whose casework can be looked at; empty = there are none.
    pub authorities: Vec<WelcomeAuthority>,
}

impl WelcomePage {
    /// How many steps are done.
    #[must_use]
    pub fn done_count(&self) -> usize {
        self.steps.iter().filter(|s| s.done).count()
    }

    /// Index of the first step not done: the one to do next.
    #[must_use]
    pub fn next_index(&self) -> usize {
        self.steps.iter().position(|s| !s.done).unwrap_or(self.steps.len())
    }
}

/// Any refusal or error as a page: what, why with the clauses, what next. The plain frame without navigation, so it needs no rights and no data.
#[derive(Template, Debug, Clone)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Language.
    pub l: Lang,
    /// Bar: only site, language return and theme are used.
    pub bar: AppBar,
    /// HTTP status.
    pub status: u16,
    /// The refusal.
    pub refusal: Refusal,
    /// Where to go back to.
    pub back: String,
    /// Number to quote when asking for help (trace id); empty = none.
    pub trace: String,
    /// Entry of the log that recorded the refusal.
    pub log_index: Option<u64>,
}

impl ErrorPage {
    /// Headline by kind.
    #[must_use]
    pub const fn headline(&self) -> Text {
        use base::ErrorKind as K;
        match self.refusal.kind {
            K::BadInput => Text::new("填写有误", "Something in the input is wrong"),
            K::Unauthenticated => Text::new("请先登录", "Please sign in"),
            K::Forbidden => Text::new("此账号无权进行此操作", "This account has no right to do this"),
            K::Unlawful => Text::new("依法不予办理", "Refused under the law"),
            K::NotFound => Text::new("没有找到", "Not found"),
            K::Conflict => Text::new("情况已经变化", "Things have moved on"),
            K::TooMany => Text::new("请求过多", "Too many requests"),
            K::Unavailable => Text::new("暂时不可用", "Not available just now"),
            K::Internal => Text::new("程序出错", "A fault of the program"),
        }
    }

    /// Clauses that decide.
    #[must_use]
    pub fn clauses(&self) -> &[Citation] {
        &self.refusal.why
    }
}
