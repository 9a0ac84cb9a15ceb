//! The second step of signing in: the page that asks for the code, and setting up one's phone.

use super::{AppBar, FormErrors, Say};
use askama::Template;
use base::{Lang, UtcMs};

/// `GET /login/code`, posted to `/login/code`. Fields: `code`, `next`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "login_code.html")]
pub struct LoginCodePage {
    /// Language.
    pub l: Lang,
    /// Bar (nobody signed in).
    pub bar: AppBar,
    /// What is wrong with the code.
    pub errors: FormErrors,
    /// Where to go afterwards, a path of this server; empty = the start page.
    pub next: String,
}

/// A picture code.
#[derive(Debug, Clone, Default)]
pub struct QrCode {
    /// Side with its white border, modules.
    pub size: i32,
    /// SVG path of the black modules.
    pub path: String,
}

/// `GET /account/two-step`. Posts to `/account/two-step/begin` (`password`), `/confirm` (`code`), `/codes` (`password`), `/off`
/// (`password`).
#[derive(Template, Debug, Clone, Default)]
#[template(path = "two_step.html")]
pub struct TwoStepPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Since when it counts.
    pub on: Option<UtcMs>,
    /// The site's rule asks it of this role.
    pub required: bool,
    /// Picture of the phone that is being set up.
    pub picture: Option<QrCode>,
    /// Its secret, to be typed by hand.
    pub secret: String,
    /// Recovery codes just made, shown once.
    pub codes: Vec<String>,
    /// Recovery codes that were not used yet.
    pub codes_left: u64,
}

impl TwoStepPage {
    /// It must be set up before anything else.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        self.required && self.on.is_none()
    }
}
