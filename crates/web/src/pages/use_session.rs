//! Information use, second half: two officers sign in, view, and take a copy along.

use super::use_request::{Officer, ScopeCamera};
use super::{AppBar, FormErrors, Nav, Say, words};
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
}

impl UseViewPage {
    /// Is this the camera that is shown? By reference, for the template.
    #[must_use]
    pub fn is_shown(&self, id: &str) -> bool {
        self.camera == id
    }
}

/// How far an export is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ExportState {
    /// Nothing made yet: the form offers it.
    #[default]
    None,
    /// Being made; per cent done.
    Running(u8),
    /// Ready.
    Ready,
    /// It failed, with what and next.
    Failed(Text),
}

/// `GET /use/{id}/export`: make the bundle, download it, verify it. Posted to `/use/{id}/export`; progress at
/// `/api/v1/exports/{export}` as `{state, percent}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "use_export.html")]
pub struct UseExportPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Request id.
    pub id: String,
    /// Number people quote.
    pub number: String,
    /// Export id; empty before it is made.
    pub export: String,
    /// How far.
    pub state: ExportState,
    /// File name.
    pub file: String,
    /// Size, bytes.
    pub size_bytes: u64,
    /// SHA-256 of the whole file, hexadecimal.
    pub sha256: String,
    /// SM3 of the whole file, hexadecimal.
    pub sm3: String,
    /// Where to download.
    pub href: String,
    /// Cameras in it.
    pub cameras: Vec<ScopeCamera>,
    /// From.
    pub from: UtcMs,
    /// To.
    pub to: UtcMs,
    /// Public key of the site's log, as people compare it.
    pub log_key: String,
    /// Entry of the log.
    pub log_index: Option<u64>,
}
