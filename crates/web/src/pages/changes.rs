//! Sensitive changes: those that wait for a second person, and what became of the last ones.

use super::{AppBar, FormErrors, Say, State};
use askama::Template;
use base::{Lang, Text, UtcMs};

/// One proposed change.
#[derive(Debug, Clone)]
pub struct ChangeLine {
    /// Its id.
    pub id: String,
    /// What kind of change.
    pub what: Text,
    /// Why one person is not enough.
    pub why: Text,
    /// To whom and to what.
    pub detail: Text,
    /// Login name of who proposed it.
    pub by: String,
    /// When.
    pub made: UtcMs,
    /// Not answered from then on.
    pub ends: UtcMs,
    /// State in words.
    pub state: State,
    /// Login name of who answered, and when; an empty name where nobody did.
    pub decided: Option<(String, UtcMs)>,
    /// The person who looks may confirm it.
    pub may_confirm: bool,
    /// They proposed it: they can take it back.
    pub own: bool,
    /// Why they may not confirm it.
    pub why_not: Option<Text>,
}

/// `GET /changes`. Posts to `/changes/{id}/confirm` and `/changes/{id}/decline`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "changes.html")]
pub struct ChangesPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What went wrong with an answer.
    pub errors: FormErrors,
    /// Those that wait, oldest first.
    pub open: Vec<ChangeLine>,
    /// The last that were answered.
    pub answered: Vec<ChangeLine>,
    /// One-time password that the confirmed change made: login name and password, shown once.
    pub one_time: Option<(String, String)>,
}
