//! Upper platforms: list, one platform with its state and law, and the form for adding and changing.

use super::{AppBar, Choice, FormErrors, Say, State};
use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// One platform of the list.
#[derive(Debug, Clone, Default)]
pub struct PlatformLine {
    /// Id, as in `/platforms/{id}`.
    pub id: String,
    /// Name.
    pub name: String,
    /// 20-digit code.
    pub code: String,
    /// Address.
    pub address: String,
    /// State of the link.
    pub state: State,
    /// Registered since.
    pub since: Option<UtcMs>,
    /// Last answered keepalive.
    pub keepalive: Option<UtcMs>,
    /// What is wrong, empty when nothing is.
    pub fault: Text,
    /// Channels it may know.
    pub channels: usize,
    /// Who watches now.
    pub watching: usize,
}

/// `GET /platforms`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "platforms.html")]
pub struct PlatformsPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// Platforms.
    pub platforms: Vec<PlatformLine>,
    /// Emergency accesses that are not confirmed; `None` for whom they are no matter.
    pub emergencies: Option<u32>,
}

/// One view from above.
#[derive(Debug, Clone, Default)]
pub struct ViewLine {
    /// Camera's name.
    pub camera: String,
    /// From when.
    pub began: UtcMs,
    /// Until when; `None` while it runs.
    pub ended: Option<UtcMs>,
    /// Entry of the log.
    pub log_index: u64,
}

/// The fields of the form, as typed or stored.
#[derive(Debug, Clone, Default)]
pub struct PlatformFields {
    /// Name.
    pub name: String,
    /// Organs to choose from.
    pub organs: Vec<Choice>,
    /// The demand for networking.
    pub need: String,
    /// Address.
    pub address: String,
    /// Its code.
    pub platform: String,
    /// Our code towards it.
    pub own: String,
    /// Digest user.
    pub username: String,
    /// Transports to choose from.
    pub transports: Vec<Choice>,
    /// Charsets to choose from.
    pub charsets: Vec<Choice>,
    /// Registration time, s.
    pub expires_s: String,
    /// Keepalive interval, s.
    pub keepalive_s: String,
    /// Cameras to choose from; the hint is the code it has for this platform.
    pub cameras: Vec<Choice>,
    /// Switched on.
    pub enabled: bool,
}

/// `GET /platforms/new`, posted there; and the same form of `GET /platforms/{id}/edit`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "platform_form.html")]
pub struct PlatformFormPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent.
    pub errors: FormErrors,
    /// Where the form is posted.
    pub action: String,
    /// Name of the platform that is changed; empty for a new one.
    pub title: String,
    /// Fields.
    pub f: PlatformFields,
}

/// `GET /platforms/{id}`.
#[derive(Template, Debug, Clone, Default)]
#[template(path = "platform.html")]
pub struct PlatformPage {
    /// Language.
    pub l: Lang,
    /// Bar.
    pub bar: AppBar,
    /// What is wrong with what was sent (emergency).
    pub errors: FormErrors,
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// State of the link.
    pub state: State,
    /// What is wrong and what to do; `None` when nothing is.
    pub fault: Option<(Text, Text)>,
    /// Facts in order.
    pub facts: Vec<(Text, String)>,
    /// It may watch today, as the law stands.
    pub lawful: bool,
    /// What stands in the way, and what to do; empty when nothing does.
    pub hindrance: (Text, Text),
    /// The clauses that decide.
    pub clauses: Vec<Citation>,
    /// Chosen cameras with their codes.
    pub channels: Vec<(String, String)>,
    /// Views, newest first.
    pub views: Vec<ViewLine>,
    /// An emergency in force: its reason and end.
    pub emergency: Option<(String, UtcMs)>,
    /// This account may open and close emergencies.
    pub can_emergency: bool,
    /// Emergency accesses that are not confirmed, of all platforms; `None` for whom they are no matter.
    pub emergencies: Option<u32>,
    /// Reason as typed.
    pub reason: String,
}
