//! Page structs: one per page, plain view data in, HTML out (askama templates in `templates/`).
//!
//! What flows through: a handler fills a struct, `render()` gives the page. Invariants: only `base` types and the view types
//! here (no rows, no law engine); texts that depend on the moment arrive as [`base::Text`], fixed sentences are written in the
//! template as `l.t("中文", "English")`, so a page cannot exist in one language only; what a person may not do is absent from
//! the page ([`Can`]), but the server decides again.

pub mod accounts;
pub mod alarms;
pub mod apply;
pub mod areas;
pub mod ask;
pub mod case;
pub mod case_desk;
pub mod case_documents;
pub mod case_panel;
pub mod cases;
pub mod changes;
pub mod clocks;
pub mod contacts;
pub mod delegations;
pub mod devices;
pub mod draw_plans;
pub mod duties;
pub mod emergencies;
pub mod entry;
pub mod footage;
pub mod import;
pub mod inbox;
pub mod integrity;
pub mod joining;
pub mod law;
pub mod log;
pub mod offers;
pub mod offices;
pub mod own_request;
pub mod panels;
pub mod payments;
pub mod person_orders;
pub mod plan_views;
pub mod plans;
pub mod platforms;
pub mod public;
pub mod public_law;
pub mod recusals;
pub mod register;
pub mod registers;
pub mod relays;
pub mod row_files;
pub mod second_step;
pub mod settings;
pub mod shifts;
pub mod showing;
pub mod staff;
pub mod staff_registers;
pub mod storage;
pub mod supervision;
pub mod use_export;
pub mod use_request;
pub mod use_session;
pub mod visits;
pub mod watch;
pub mod words;

use askama::Template;
use base::{Citation, Lang, Text, UtcMs};

/// Reads a [`Text`] in a language by reference: templates pass arguments by reference.
pub trait Say {
    /// The text in `l`.
    fn say(&self, l: &Lang) -> &str;
}

impl Say for Text {
    fn say(&self, l: &Lang) -> &str {
        self.get(*l)
    }
}

/// Which entry of the bar is lit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Nav {
    /// No entry (error page, account page).
    #[default]
    None,
    /// 导览, the walkthrough.
    Welcome,
    /// 值班台.
    Desk,
    /// 报警.
    Alarms,
    /// 回放.
    Playback,
    /// 值班.
    Shift,
    /// 信息使用.
    Use,
    /// 登记簿.
    Register,
    /// 设备.
    Devices,
    /// 平面图.
    Plans,
    /// 联系人.
    Contacts,
    /// 存储.
    Storage,
    /// 日志.
    Log,
    /// 账号.
    Accounts,
    /// 设置.
    Settings,
    /// 变更审批.
    Changes,
    /// 接警台, on an authority's server.
    Inbox,
    /// 接入单位, on an authority's server.
    Sites,
    /// 公安连接, a site's way to its authority.
    Link,
    /// 义务, what the unit owes.
    Duties,
    /// 办件, the worklist of an authority.
    Cases,
    /// 机构, the offices of an authority and who works there.
    Offices,
    /// 执法监督, what is late and how it goes.
    Supervision,
    /// 检查, visits of inspections.
    Visits,
}

impl Nav {
    /// It stands in the menu 管理 rather than in the bar: what is set up and looked after, not what a watch needs at a glance.
    #[must_use]
    pub const fn is_managed(self) -> bool {
        matches!(
            self,
            Self::Devices
                | Self::Plans
                | Self::Contacts
                | Self::Storage
                | Self::Accounts
                | Self::Settings
                | Self::Sites
                | Self::Link
                | Self::Duties
                | Self::Offices
        )
    }
}

/// Colours a person chose. `Auto` is dark at the desk and light on forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// Each page its own.
    #[default]
    Auto,
    /// Dark everywhere.
    Dark,
    /// Light everywhere.
    Light,
}

impl Theme {
    /// The theme if one was chosen; `None` leaves it to the page.
    #[must_use]
    pub const fn forced(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Dark => Some("dark"),
            Self::Light => Some("light"),
        }
    }

    /// Form value: `auto`, `dark` or `light`.
    #[must_use]
    pub fn value(self) -> &'static str {
        self.forced().unwrap_or("auto")
    }
}

/// What this account may do; decides what pages show. The gate decides again when the act is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one flag a right; a set type would only hide the names from the templates"
)]
pub struct Can {
    /// See the desk and live pictures.
    pub desk: bool,
    /// Play recordings.
    pub playback: bool,
    /// Set a bookmark.
    pub bookmark: bool,
    /// Place a hold on footage (封存).
    pub hold: bool,
    /// Make an official request (police officer).
    pub request: bool,
    /// Decide requests (information custodian).
    pub decide: bool,
    /// Delete footage (always through the law gate).
    pub delete: bool,
    /// See information use: requests and the register.
    pub use_list: bool,
    /// See devices.
    pub devices: bool,
    /// Add and change devices.
    pub devices_manage: bool,
    /// See storage.
    pub storage: bool,
    /// Read the log.
    pub log: bool,
    /// Manage accounts.
    pub accounts: bool,
    /// See alarms.
    pub alarms: bool,
    /// Handle alarms.
    pub alarms_handle: bool,
    /// Change settings of the site.
    pub settings: bool,
    /// Read the police inbox (an authority's server).
    pub inbox: bool,
    /// See the sites (an authority's server).
    pub sites: bool,
    /// See the way to the authority (a site's server).
    pub link: bool,
    /// Stand watch.
    pub watch: bool,
    /// Answer sensitive changes that another proposed.
    pub changes: bool,
    /// See what the unit owes.
    pub duties: bool,
    /// Work on cases (an authority's server).
    pub cases: bool,
    /// See the offices (an authority's server).
    pub offices: bool,
    /// Supervise all offices (an authority's server).
    pub supervise: bool,
}

impl Can {
    /// Something of the menu 管理 is theirs to see.
    #[must_use]
    pub const fn manages(&self) -> bool {
        self.devices
            || self.alarms
            || self.storage
            || self.accounts
            || self.settings
            || self.sites
            || self.link
            || self.duties
            || self.offices
    }
}

/// The server's clock and how well it keeps time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    /// Server time when the page was made.
    pub now: UtcMs,
    /// Measured error against the time source, ms; `None` = not measured.
    pub offset_ms: Option<i64>,
}

impl Clock {
    /// In step: measured, and off by at most one second (`facts`: clock error limit of the promises).
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.offset_ms.is_some_and(|ms| ms.unsigned_abs() <= 1_000)
    }
}

/// How many cameras record, of how many that should.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Recording {
    /// Recording now.
    pub recording: u32,
    /// Should record.
    pub total: u32,
}

impl Recording {
    /// All that should record do.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.recording >= self.total
    }
}

/// Who is signed in, as the bar shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Display name.
    pub name: String,
    /// Role in words, e.g. 信息保管员.
    pub role: Text,
}

/// What every page knows: site, person, rights, clock, health.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AppBar {
    /// Name of the site; empty before the first-run setup.
    pub site: String,
    /// Its Chinese name where `site` is the English one, for who has to show it to somebody; empty: it is not.
    pub site_zh: String,
    /// Its province and address in one line, as papers carry it.
    pub place: String,
    /// Who is signed in; `None` on login and setup.
    pub user: Option<Signed>,
    /// Their login name: a script sees by it when another person has signed in.
    pub login: String,
    /// CSRF token of the session: hidden field `csrf` of every form and header `x-csrf` of every fetch.
    pub csrf: String,
    /// Lit entry.
    pub active: Nav,
    /// Rights.
    pub can: Can,
    /// Clock.
    pub clock: Clock,
    /// Recording health; `None` where the account may not know.
    pub recording: Option<Recording>,
    /// Requests that wait for this account (custodian), 0 = none shown.
    pub waiting: u32,
    /// Sensitive changes that wait for anybody's answer, for those who may give it.
    pub changes: u32,
    /// Demo server: the bar says so and links to the walkthrough.
    pub demo: bool,
    /// Chosen colours.
    pub theme: Theme,
    /// Large-text mode.
    pub large: bool,
    /// Path and query of this page, where the language switch comes back to.
    pub here: String,
    /// Outcome of the act before, shown once.
    pub flash: Option<Flash>,
    /// Who is on duty, for those who stand watch; `None` = nobody is.
    pub on_duty: Option<String>,
    /// When this account signed in with a browser it had not used, while this session ran; shown until the person has seen to it.
    pub stranger: Option<UtcMs>,
}

impl AppBar {
    /// The bar above a page, as HTML.
    #[must_use]
    pub const fn header(&self, l: &Lang) -> AppHeader<'_> {
        AppHeader { l: *l, bar: self }
    }
}

/// The bar above a page, with what is said when the connection is lost. A template of its own: as a part of each page it would be compiled
/// a hundred times, and was the most of what the compiler had to do.
#[derive(Template, Clone, Copy, Debug)]
#[template(path = "bar.html")]
pub struct AppHeader<'a> {
    /// Language.
    l: Lang,
    /// What the page knows.
    bar: &'a AppBar,
}

/// It is markup already: its template escapes every value.
impl askama::filters::HtmlSafe for AppHeader<'_> {}

/// Shape and colour of a state. Normal is grey: colour is for what needs a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mark {
    /// As it should be.
    #[default]
    Ok,
    /// Something is under way.
    Busy,
    /// Good to know.
    Info,
    /// Look at it this shift (P3, diamond).
    Attention,
    /// Look at it now (P2, triangle).
    Warning,
    /// Footage or safety is being lost (P1, octagon).
    Critical,
    /// Switched off on purpose.
    Off,
}

impl Mark {
    /// Icon of the shape in `icons.svg`.
    #[must_use]
    pub const fn icon(&self) -> &'static str {
        match self {
            Self::Ok => "dot-check",
            Self::Busy => "dot-busy",
            Self::Info => "p-info",
            Self::Attention => "p3",
            Self::Warning => "p2",
            Self::Critical => "p1",
            Self::Off => "dot-off",
        }
    }

    /// CSS class and stable word for scripts.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Busy => "busy",
            Self::Info => "info",
            Self::Attention => "attention",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Off => "off",
        }
    }
}

/// A state in shape, colour and word.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct State {
    /// Shape and colour.
    pub mark: Mark,
    /// Word, e.g. 在线 / online.
    pub word: Text,
}

impl State {
    /// A state with a fixed word.
    #[must_use]
    pub const fn new(mark: Mark, zh: &'static str, en: &'static str) -> Self {
        Self { mark, word: Text::new(zh, en) }
    }
}

/// Outcome of the act before, shown once at the top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Flash {
    /// Shape and colour.
    pub mark: Mark,
    /// One sentence.
    pub text: Text,
    /// Clauses, where law decided.
    pub clauses: Vec<Citation>,
}

/// What is wrong with one field of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// Id and name of the input.
    pub field: String,
    /// What is wrong and how to put it right, one sentence.
    pub text: Text,
}

/// What is wrong with a form: shown as a summary on top with links, and at each field.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FormErrors(pub Vec<FieldError>);

impl FormErrors {
    /// The form is fine.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first error of `field`.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&Text> {
        self.0.iter().find(|e| e.field == field).map(|e| &e.text)
    }

    /// Adds an error of `field`.
    pub fn push(&mut self, field: &str, text: Text) {
        self.0.push(FieldError { field: field.to_owned(), text });
    }
}

/// One choice of a select, radio or check-box group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// Form value.
    pub value: String,
    /// Label.
    pub label: Text,
    /// Second line under the label; empty = none.
    pub hint: Text,
    /// Chosen.
    pub chosen: bool,
}

impl Choice {
    /// A choice without hint.
    #[must_use]
    pub fn new(value: &str, label: Text, chosen: bool) -> Self {
        Self { value: value.to_owned(), label, hint: Text::default(), chosen }
    }

    /// The label as an option stands alone: with a capital letter where the language has them.
    #[must_use]
    pub fn shown(&self, l: &Lang) -> String {
        words::headed(self.label.get(*l))
    }

    /// The second line, as it stands alone.
    #[must_use]
    pub fn shown_hint(&self, l: &Lang) -> String {
        words::headed(self.hint.get(*l))
    }

    /// There is a second line.
    #[must_use]
    pub fn has_hint(&self) -> bool {
        !self.hint.zh.is_empty()
    }
}

/// Links to the neighbours of a long list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pager {
    /// Address of the newer or earlier page.
    pub previous: Option<String>,
    /// Address of the next page.
    pub next: Option<String>,
    /// What is shown, e.g. 第 1–100 条，共 1000 条.
    pub shown: Text,
}
