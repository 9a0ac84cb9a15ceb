//! Settings of the site: the form with what each choice means in law, and the page that shows what a change does before it is saved.

use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Refusal, Text, UtcMs};

/// `GET /settings`, posted to `/settings/check` (shows what would change). Fields: `site_name`, `address`, `jurisdiction`, `trait` (many),
/// `special_trade`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Name as typed.
    pub site_name: String,
    /// Address as typed.
    pub address: String,
    /// Provinces; the hint says how long footage is kept there.
    pub jurisdictions: Vec<Choice>,
    /// Qualities of the unit; the hint says what each changes.
    pub traits: Vec<Choice>,
    /// Trades with a term of their own, and none.
    pub trades: Vec<Choice>,
    /// Days footage is kept now: shortest and longest of the cameras; `None` without cameras.
    pub days: Option<(u32, u32)>,
    /// Cameras in service.
    pub cameras: usize,
    /// Newest change: when and its entry.
    pub changed: Option<(UtcMs, u64)>,
    /// One person may hold system and security administration.
    pub small_site: bool,
    /// How pages come to the browser.
    pub connection: Connection,
}

/// How pages come to the browser: encrypted, with which certificate and until when.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// In one word.
    pub state: State,
    /// What is wrong, and what to do about it; empty = nothing.
    pub advice: Text,
    /// SHA-256 of the certificate, `AB:CD:…`, to be compared with what the browser shows; empty without TLS.
    pub fingerprint: String,
    /// Whose certificate it is.
    pub origin: Text,
    /// Until when it is good, and whole days until then.
    pub until: Option<(UtcMs, i64)>,
}

/// One setting that changes.
#[derive(Debug, Clone)]
pub struct ChangedLine {
    /// Which.
    pub what: Text,
    /// As it is.
    pub old: Text,
    /// As it will be.
    pub new: Text,
}

/// What a change means for one camera.
#[derive(Debug, Clone)]
pub struct EffectLine {
    /// Camera id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its place and kind of place.
    pub place: Text,
    /// Days now and then.
    pub days: (u32, u32),
    /// Clauses that set the new term.
    pub clauses: Vec<Citation>,
    /// Why the law would not have it there.
    pub refused: Option<Refusal>,
    /// Duties that come with it.
    pub duties: Vec<(Text, Citation)>,
}

impl EffectLine {
    /// Kept shorter than now.
    #[must_use]
    pub const fn is_shorter(&self) -> bool {
        self.days.1 < self.days.0
    }

    /// Kept longer than now.
    #[must_use]
    pub const fn is_longer(&self) -> bool {
        self.days.1 > self.days.0
    }
}

/// The answer to `POST /settings/check`: what would change. Posted on to `/settings/save` with the same fields and `was`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "settings_check.html")]
pub struct SettingsCheckPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Fields to be sent again, in order.
    pub fields: Vec<(String, String)>,
    /// Names the settings that this was reckoned from.
    pub was: String,
    /// What changes.
    pub changes: Vec<ChangedLine>,
    /// Camera by camera.
    pub effects: Vec<EffectLine>,
    /// Until when the law of before binds on; `None` where the law stays.
    pub binds_until: Option<UtcMs>,
}

impl SettingsCheckPage {
    /// Cameras whose footage is kept shorter.
    #[must_use]
    pub fn shorter(&self) -> usize {
        self.effects.iter().filter(|e| e.is_shorter()).count()
    }

    /// Cameras that may not be where they are.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.effects.iter().filter(|e| e.refused.is_some()).count()
    }
}
