//! Accounts: one's own (password, sessions, appearance) and the administrator's list.

use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// One signed-in browser or program.
#[derive(Debug, Clone)]
pub struct SessionLine {
    /// Session id as shown in forms (not the secret).
    pub id: String,
    /// Browser or program in words.
    pub agent: String,
    /// Began in a browser that was new, and nobody has looked at it since.
    pub is_new: bool,
    /// Since.
    pub since: UtcMs,
    /// Last act.
    pub last: UtcMs,
    /// The one that looks at this page.
    pub this: bool,
}

/// `GET /account`: posts to `/account/password` (`old`, `new`, `new_again`), `/account/appearance` (`theme`, `large`),
/// `/account/sessions/end` (`session`, or `others`), `/account/sessions/known`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with the new password.
    pub errors: FormErrors,
    /// Login name.
    pub login: String,
    /// Unit and badge, where there is one.
    pub badge: String,
    /// The password must be changed now (first sign-in).
    pub must_change: bool,
    /// Shortest password, characters.
    pub password_chars_min: usize,
    /// Since when signing in asks for a code of the phone.
    pub two_step: Option<UtcMs>,
    /// A session of this role ends after so many hours without use.
    pub idle_hours: i64,
    /// And after so many whatever happens.
    pub max_hours: i64,
    /// Sessions.
    pub sessions: Vec<SessionLine>,
}

/// One account.
#[derive(Debug, Clone)]
pub struct AccountLine {
    /// Account id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Name and badge are shown whole, by an entry of the log.
    pub shown: bool,
    /// Login name.
    pub login: String,
    /// Role.
    pub role: Text,
    /// Unit and badge; empty = none.
    pub badge: String,
    /// State: in use, locked until, closed.
    pub state: State,
    /// Locked: can be opened.
    pub locked: bool,
    /// Closed: cannot sign in.
    pub closed: bool,
    /// Last sign-in.
    pub last: Option<UtcMs>,
    /// How many sessions are in force: all that an administrator sees of them.
    pub sessions: u32,
    /// Signs in with a second step.
    pub two_step: bool,
}

/// `GET /accounts`: list and form to add one. Posts to `/accounts` (`name`, `login`, `role`, `unit`, `badge`),
/// `/accounts/{id}/unlock`, `/accounts/{id}/reset`, `/accounts/{id}/close`, `/accounts/{id}/two-step-reset`, `/accounts/{id}/reveal` (`reason`); `/accounts/two-step` (`role`, many).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "accounts.html")]
pub struct AccountsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with the new account.
    pub errors: FormErrors,
    /// Accounts.
    pub accounts: Vec<AccountLine>,
    /// Roles to choose from, each with what it may do.
    pub roles: Vec<Choice>,
    /// Name as typed.
    pub name: String,
    /// Login name as typed.
    pub login: String,
    /// Unit as typed.
    pub unit: String,
    /// Badge as typed.
    pub badge: String,
    /// One-time password of the account just made or reset: login name and password, shown once.
    pub one_time: Option<(String, String)>,
    /// Why somebody looks at a person.
    pub reasons: Vec<Choice>,
    /// Accounts may be made, closed, given a one-time password.
    pub may_accounts: bool,
    /// Rights may be given: roles, areas, second step, unlocking.
    pub may_rights: bool,
    /// Which of the three administrators' seats nobody holds.
    pub missing: Vec<Text>,
    /// The rule of the second step leaves out an administrator.
    pub second_step_advised: bool,
    /// Roles; the chosen ones must have a second step.
    pub two_step_roles: Vec<Choice>,
}
