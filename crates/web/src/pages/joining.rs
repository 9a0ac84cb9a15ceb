//! The counter joins an applicant's account to a unit or person that is known already.
//!
//! What flows through: login name and number are asked first; then whose account and which party it is, masked, with the papers to compare.
//! Invariants: nothing is joined by the first form; the page never shows a number.

use super::ask::Shown;
use super::{AppBar, Choice, FormErrors, Say};
use askama::Template;
use base::Lang;

/// The account and the party that were found.
#[derive(Debug, Clone, Default)]
pub struct JoinFound {
    /// Name of the account's person or unit, masked.
    pub holder: Shown,
    /// Name of the party: of a person masked.
    pub party: Shown,
    /// Papers to compare, ticked as they were sent.
    pub papers: Vec<Choice>,
}

/// `GET /applicants`, posted there (`act` = `look` or `join`, `login`, `is` = `unit` or `person`, `number`, `seen` many).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "applicants.html")]
pub struct JoinPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Unit or person.
    pub kinds: Vec<Choice>,
    /// Word of the chosen one.
    pub kind: String,
    /// Login name as typed.
    pub login: String,
    /// Code or number as typed: goes back in the form, and nowhere else.
    pub number: Shown,
    /// What was found; none before it was looked for.
    pub found: Option<JoinFound>,
    /// What is wrong.
    pub errors: FormErrors,
}
