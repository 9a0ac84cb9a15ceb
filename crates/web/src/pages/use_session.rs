//! Information use, second half: two officers sign in and view.

use super::use_request::{Officer, ScopeCamera};
use super::{AppBar, FormErrors, Say};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// `GET /use/{id}/signin`: both officers side by side, each with login, password and badge; posted to `/use/{id}/signin` with `slot` 1 or 2.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_signin.html")]
pub struct UseSigninPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Request id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// What is wrong; fields `login1`, `password1`, `badge1`, `login2`, …
    pub errors: FormErrors,
    /// First officer; signed in where `signed` is set.
    pub first: Officer,
    /// Second officer.
    pub second: Officer,
    /// Scope in one sentence.
    pub scope: Text,
    /// Until when the grant runs.
    pub grant_end: UtcMs,
    /// Clauses that ask for two officers.
    pub clauses: Vec<Citation>,
}

impl UseSigninPage {
    /// Both are signed in.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.first.signed.is_some() && self.second.signed.is_some()
    }
}

/// `GET /use/{id}/view?camera=`: the granted footage under a watermark.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_view.html")]
pub struct UseViewPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Request id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// Case number.
    pub case_number: String,
    /// Officers of this session.
    pub officers: Vec<Officer>,
    /// Cameras granted.
    pub cameras: Vec<ScopeCamera>,
    /// The one shown.
    pub camera: String,
    /// Grant from.
    pub from: UtcMs,
    /// Grant to.
    pub to: UtcMs,
    /// The session ends.
    pub session_end: UtcMs,
    /// The grant covers a copy.
    pub may_copy: bool,
    /// Text that runs over the picture.
    pub watermark: String,
    /// It is shown to a citizen, under an order or on the citizen's own request; otherwise two officers view.
    pub citizen: bool,
    /// Others are to be covered: whoever shows it looks at it span by span, and nothing plays before.
    pub covered: bool,
    /// Length of a span, ms.
    pub span_ms: u32,
}

impl UseViewPage {
    /// Is this the camera that is shown? By reference, for the template.
    #[must_use]
    pub fn is_shown(&self, id: &str) -> bool {
        self.camera == id
    }
}
