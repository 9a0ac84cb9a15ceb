//! One request as handlers see it: who, in which language, with which fields. Made by `gate`, never by a handler.
//!
//! Invariants: fields are bounded by the body limit and by `FIELDS`; `who` is only ever what the server found in its own tables;
//! nothing a client says about itself (address headers, roles) is taken over; only a listed proxy's word about the address is.

use crate::answer::{self, Keep, Reply, Response, down};
use crate::app::App;
use crate::done;
use crate::kind::Kind;
use crate::pages::{AppBar, Clock, Flash, Mark, Nav, Recording, Signed, Theme};
use crate::places::network_of;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use base::{ErrorKind, Lang, Pii, Refusal, Sha256, Text, UtcMs};
use domain::access::Permission;
use site::{Actor, Site};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use store::sessions::SessionRow;

/// Most fields of one form or query.
const FIELDS: usize = 500;
/// Session cookie.
pub const SESSION: &str = "jifang";
/// Cookie of a browser before it signs in: holds what its login form's token is made from.
pub const BEFORE: &str = "jifang_before";

/// Fields of a form or query, in order.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).take(FIELDS).map(|(k, v)| (k.into_owned(), v.into_owned())).collect())
    }

    /// Adds a field of a multipart form, within the limit.
    pub fn push(&mut self, name: String, value: String) {
        if self.0.len() < FIELDS {
            self.0.push((name, value));
        }
    }

    /// First value of a field, trimmed; empty where there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// First value as it came (passwords).
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v.as_str())
    }

    /// First value as a password.
    #[must_use]
    pub fn secret(&self, name: &str) -> Pii<String> {
        Pii::new(self.raw(name).to_owned())
    }

    /// All values of a field.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(k, _)| k == name).map(|(_, v)| v.clone()).collect()
    }

    /// The field is there with a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// Milliseconds UTC.
    #[must_use]
    pub fn instant(&self, name: &str) -> Option<UtcMs> {
        // Far enough for any camera, near enough that no sum overflows.
        self.get(name).parse().ok().filter(|ms| (0..=253_402_300_799_999).contains(ms)).map(UtcMs)
    }
}

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct Upload {
    /// File name as the browser said it; only ever shown.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Who is signed in, and by what.
#[derive(Clone, Debug)]
pub struct Who {
    /// The account.
    pub actor: Actor,
    /// The browser's session; `None` for a program with a token.
    pub session: Option<SessionRow>,
    /// The account signs in with a second step.
    pub two_step: bool,
}

/// A request.
pub struct Call {
    /// Shared state.
    pub app: Arc<App>,
    /// Method.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// Headers.
    pub headers: HeaderMap,
    /// Address of the other end of the connection.
    pub peer: SocketAddr,
    /// Address of who asks: the peer's, or what a trusted proxy says of the client (`proxy`).
    pub client: IpAddr,
    /// Our address the connection came to.
    pub local: SocketAddr,
    /// Parts of the path that the route left open, in order.
    pub params: Vec<String>,
    /// Fields of the query.
    pub query: Fields,
    /// Fields of the form.
    pub form: Fields,
    /// File of the form.
    pub upload: Option<Upload>,
    /// The body as it came.
    pub body: Bytes,
    /// Language.
    pub lang: Lang,
    /// Who.
    pub who: Option<Who>,
    /// Token of this browser's forms.
    pub csrf: String,
    /// Set when this browser had no cookie yet and a form is shown to it.
    pub before: Option<String>,
    /// Number to quote when asking for help.
    pub trace: String,
    /// What the authority that runs this server is called in English, on pages in English; `None`: it has no such name.
    pub english: Option<String>,
}

impl Call {
    /// The site.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.app.site
    }

    /// Wall time.
    #[must_use]
    pub fn now(&self) -> UtcMs {
        self.site().now().utc
    }

    /// Whom rates count: the client's address, or with IPv6 its /64.
    #[must_use]
    pub fn client_network(&self) -> String {
        network_of(self.client).to_string()
    }

    /// Path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Path and query, where the language switch comes back to. For a sent form the page it came from, as far as that is a page.
    #[must_use]
    pub fn here(&self) -> String {
        if self.method == Method::GET || self.method == Method::HEAD {
            self.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
        } else {
            self.back()
        }
    }

    /// The page this request came from, by `Referer`, if it is one of ours; else the start page.
    #[must_use]
    pub fn back(&self) -> String {
        let referer = self.header(header::REFERER).and_then(|r| url::Url::parse(r).ok());
        let host = self.header(header::HOST).unwrap_or_default();
        let ours = referer.filter(|r| {
            let authority = r.port().map_or_else(
                || r.host_str().unwrap_or_default().to_owned(),
                |p| format!("{}:{p}", r.host_str().unwrap_or_default()),
            );
            authority == host
        });
        let path = ours.map(|r| r.query().map_or_else(|| r.path().to_owned(), |q| format!("{}?{q}", r.path())));
        path.filter(|p| answer::local(p).is_some()).unwrap_or_else(|| "/".to_owned())
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The `n`th open part of the path.
    #[must_use]
    pub fn param(&self, n: usize) -> &str {
        self.params.get(n).map_or("", String::as_str)
    }

    /// This path answers programs, not people.
    #[must_use]
    pub fn speaks_json(&self) -> bool {
        let path = self.path();
        ["/api/", "/whep/", "/ledger/", "/healthz", "/metrics"].iter().any(|p| path.starts_with(p))
    }

    /// A cookie's value.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookie_of(&self.headers, name)
    }

    /// The token of a program.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let token = self.header(header::AUTHORIZATION)?.strip_prefix("Bearer ")?.trim();
        (20..=200).contains(&token.len()).then_some(token)
    }

    /// Names what lets this request in: the hash of its session's or its program's token. Empty for nobody.
    #[must_use]
    pub fn pass(&self) -> String {
        match self.who.as_ref().map(|w| &w.session) {
            Some(Some(session)) => session.token_sha256.clone(),
            Some(None) => self.bearer().map(|t| Sha256::of(t.as_bytes()).hex()).unwrap_or_default(),
            None => String::new(),
        }
    }

    /// The account. The gate has let only signed-in requests through to handlers that call this.
    ///
    /// # Errors
    /// Nobody is signed in.
    pub fn actor(&self) -> Result<&Actor, Refusal> {
        self.who.as_ref().map(|w| &w.actor).ok_or_else(not_signed_in)
    }

    /// May this account try `what`?
    #[must_use]
    pub fn may(&self, what: Permission) -> bool {
        self.who.as_ref().is_some_and(|w| w.actor.role.may(what))
    }

    /// Whose server this is.
    #[must_use]
    pub(crate) fn kind(&self) -> Kind {
        Kind::of(self.app.options.authority.is_some())
    }

    /// The bar without questions to the database.
    #[must_use]
    pub fn plain_bar(&self, active: Nav) -> AppBar {
        let signed =
            self.who.as_ref().map(|w| Signed { name: w.actor.name.expose().clone(), role: w.actor.role.name() });
        let theme = match self.cookie("theme") {
            Some("dark") => Theme::Dark,
            Some("light") => Theme::Light,
            _ => Theme::Auto,
        };
        let can = self.kind().can(self.who.as_ref().map(|w| w.actor.role));
        let recording = can.devices.then(|| {
            let cameras = self.site().cameras();
            let recording = cameras.iter().filter(|c| c.state().is_recording()).count();
            let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
            Recording { recording: number(recording), total: number(cameras.len()) }
        });
        let profile = self.site().profile();
        AppBar {
            place: profile.place(),
            site_zh: self.english.as_ref().map_or_else(String::new, |_| profile.name.clone()),
            site: self.english.clone().unwrap_or(profile.name),
            user: signed,
            login: self.who.as_ref().map_or_else(String::new, |w| w.actor.login.clone()),
            csrf: self.csrf.clone(),
            active,
            can,
            clock: Clock { now: self.now(), offset_ms: clock_offset_ms(self.site()) },
            recording,
            waiting: 0,
            changes: 0,
            demo: self.app.options.demo,
            theme,
            large: self.cookie("large") == Some("1"),
            here: self.here(),
            flash: self.cookie("flash").and_then(done::words).map(|text| Flash {
                mark: Mark::Info,
                text,
                clauses: vec![],
            }),
            on_duty: None,
            stranger: self.who.as_ref().and_then(|w| w.session.as_ref()).and_then(|s| s.stranger),
        }
    }

    /// Name of the office in which the person who is signed in works, on an authority's server: several share one.
    async fn own_office(&self) -> Result<Option<String>, Refusal> {
        let Some(who) = self.who.as_ref().filter(|_| self.kind() == Kind::Authority) else { return Ok(None) };
        let store = self.site().store();
        let Some(seat) = store.officer(who.actor.id).await? else { return Ok(None) };
        Ok(store.office(seat.office).await?.map(|office| office.called(self.lang).to_owned()))
    }

    /// The bar.
    ///
    /// # Errors
    /// The database.
    pub async fn bar(&self, active: Nav) -> Result<AppBar, Refusal> {
        let mut bar = self.plain_bar(active);
        if let Some(office) = self.own_office().await? {
            // The address is that of the office which runs the server.
            if office != bar.site {
                bar.place = String::new();
            }
            (bar.site, bar.site_zh) = (office, String::new());
        }
        if bar.can.decide {
            let waiting = self.site().store().waiting_requests().await.map_err(down)?;
            bar.waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        }
        if self.may(Permission::ConfirmChanges) {
            let role = self.actor()?.role;
            bar.can.changes = role != domain::access::Role::SecurityManager || self.site().small_site().await?;
            if bar.can.changes {
                bar.changes = self.site().store().open_proposal_count(self.now()).await.map_err(down)?;
            }
        }
        if bar.can.watch
            && let Some(shift) = self.site().shift_now().await?
        {
            let holder = self.site().store().account(shift.account).await?;
            bar.on_duty = holder.map(|a| a.name.into_inner());
        }
        Ok(bar)
    }

    /// Adds a cookie with the server's settings.
    pub fn set_cookie(&self, answer: &mut Response, name: &str, value: &str, keep: Keep) {
        answer::cookie(answer, self.app.options.secure_cookies(), name, value, keep);
    }

    /// 303 with a word about what was done, shown once.
    ///
    /// # Errors
    /// Never; handlers end with it.
    pub fn done(&self, path: &str, flash: &'static str) -> Reply {
        let mut answer = answer::see_other(path);
        self.set_cookie(&mut answer, "flash", flash, Keep::Seconds(30));
        Ok(answer)
    }

    /// Log entry of this account's newest refusal by law, if it is fresh: the error page links to it.
    pub async fn newest_refusal(&self) -> Option<u64> {
        let filter = store::logbook::ActFilter {
            refused: true,
            account: Some(self.who.as_ref()?.actor.id),
            from: Some(self.now().plus_ms(-10_000)),
            ..Default::default()
        };
        let acts = self.site().store().acts(&filter, 1).await.ok()?;
        acts.first().map(|a| a.idx).filter(|_| self.may(Permission::SeeLog))
    }
}

/// The value of a cookie.
#[must_use]
pub fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(k, _)| *k == name).map(|(_, v)| v).next()
}

/// Nobody is signed in.
#[must_use]
pub fn not_signed_in() -> Refusal {
    Refusal::new(
        ErrorKind::Unauthenticated,
        "not_signed_in",
        Text::new("尚未登录，或登录已结束。", "Nobody is signed in, or the session has ended."),
        Text::new("请登录后再试。", "Sign in and try again."),
    )
}

/// The error of the site's clock as last measured; `None` while nothing keeps or measures it.
fn clock_offset_ms(site: &Site) -> Option<i64> {
    site.own_clock().error_ms
}
