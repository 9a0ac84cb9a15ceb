//! A site without cameras or loops on a temporary store, accounts of every role, and a browser small enough to read.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base::{AccountId, Pii, UtcMs};
use domain::access::Role;
use jifang_web::gate::{Ends, handle};
use jifang_web::{App, Options};
use site::accounts::AccountForm;
use site::{Actor, Profile, Site, SiteClock, SiteConfig};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use store::{Store, StoreConfig};
use tokio::sync::watch;

/// Password of every account here.
pub const PASSWORD: &str = "four unrelated words";

/// A server under test.
pub struct Server {
    pub app: Arc<App>,
    pub site: Site,
    /// The authority's half, on an authority's server.
    pub authority: Option<authority::Authority>,
    /// How far the authority's clock is before the site's, ms; moved by tests that wait for a day.
    later_ms: Arc<AtomicI64>,
    _data: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Got {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Got {
    pub fn place(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().unwrap())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// The token of the page's forms.
    pub fn csrf(&self) -> String {
        let at = self.text.split("name=\"csrf\" content=\"").nth(1).expect("page with a token");
        at.split('"').next().unwrap().to_owned()
    }
}

/// What is sent.
pub struct Sent<'a> {
    pub method: Method,
    pub path: &'a str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Body,
    pub from: [u8; 4],
}

impl<'a> Sent<'a> {
    pub fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, headers: vec![], body: Body::empty(), from: [192, 0, 2, 7] }
    }

    pub fn form(path: &'a str, fields: &[(&str, &str)]) -> Self {
        let text: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self {
            method: Method::POST,
            body: text.into(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".into())],
            ..Self::get(path)
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn from(mut self, address: [u8; 4]) -> Self {
        self.from = address;
        self
    }
}

impl Server {
    /// Without any account.
    pub async fn empty() -> Self {
        Self::start(Options::default()).await
    }

    /// What the authority's clock says.
    pub fn authority_now(&self) -> UtcMs {
        self.site.now().utc.plus_ms(self.later_ms.load(Ordering::Relaxed))
    }

    /// The authority's clock goes on by so many days; the sessions' does not.
    pub fn pass_days(&self, days: i64) {
        self.later_ms.fetch_add(days * 86_400_000, Ordering::Relaxed);
    }

    /// The code that a fresh server asks for.
    pub async fn setup_code(&self) -> String {
        self.site.open_first_run().await.unwrap().expect("no account yet")
    }

    pub async fn start(options: Options) -> Self {
        Self::start_with(options, false).await
    }

    /// An authority's server, with people.
    pub async fn of_authority() -> Self {
        Self::of_authority_in(law::Jurisdiction::Heilongjiang).await
    }

    /// The same in another province.
    pub async fn of_authority_in(place: law::Jurisdiction) -> Self {
        let server = Self::start_with(Options::default(), true).await;
        server.people_in(place).await;
        server
    }

    async fn start_with(mut options: Options, is_authority: bool) -> Self {
        let data = tempfile::tempdir().unwrap();
        let clock = SiteClock::start();
        let config = StoreConfig { data: data.path().to_path_buf(), ..StoreConfig::default() };
        let store = Store::open(&config, clock.now().utc).await.unwrap();
        let site = Site::offline(store, SiteConfig::default(), clock.clone()).await.unwrap();
        let later_ms = Arc::new(AtomicI64::new(0));
        if is_authority {
            let later = Arc::clone(&later_ms);
            let now = move || clock.now().utc.plus_ms(later.load(Ordering::Relaxed));
            let (store, address) = (site.store().clone(), "police.example:8444".to_owned());
            let opened = authority::Authority::open(store, address, site.law(), now).await;
            options.authority = Some(opened.unwrap());
        }
        let (stop, stopped) = watch::channel(false);
        let authority = options.authority.clone();
        Self { app: App::new(site.clone(), options, stopped), site, authority, later_ms, _data: data, _stop: stop }
    }

    /// With one account of each role (login = code of the role) and a second officer.
    pub async fn with_people() -> Self {
        let server = Self::empty().await;
        server.people().await;
        server
    }

    pub async fn people(&self) {
        self.people_in(law::Jurisdiction::Heilongjiang).await;
    }

    async fn people_in(&self, place: law::Jurisdiction) {
        let law = law::SiteProfile::new(place);
        let profile = Profile { name: "示范酒店".into(), address: String::new(), law };
        self.site.set_up(&form("administrator", Role::Administrator, "管理员", "1"), profile).await.unwrap();
        for role in Role::ALL.into_iter().filter(|r| *r != Role::Administrator) {
            self.site.add_account_locally(&form(role.code(), role, role.code(), "010001")).await.unwrap();
        }
        self.site.add_account_locally(&form("officer2", Role::PoliceOfficer, "李警官", "010002")).await.unwrap();
    }

    pub async fn account(&self, login: &str) -> AccountId {
        self.site.store().account_by_login(login).await.unwrap().unwrap().id
    }

    pub async fn actor(&self, login: &str) -> Actor {
        self.site.store().account_by_login(login).await.unwrap().unwrap().into()
    }

    /// A session of an account begun at `at`, as a cookie, and its token of forms.
    pub async fn session_at(&self, login: &str, at: UtcMs) -> (String, String) {
        let token = base::hex(&store::keys::random::<32>().unwrap());
        let csrf = base::hex(&store::keys::random::<32>().unwrap());
        self.site.store().add_session(&token, self.account(login).await, &csrf, "test", at).await.unwrap();
        (format!("jifang={token}"), csrf)
    }

    pub async fn session(&self, login: &str) -> (String, String) {
        self.session_at(login, self.site.now().utc).await
    }

    pub async fn raw(&self, sent: Sent<'_>) -> axum::http::Response<Body> {
        let mut request = Request::builder().method(sent.method).uri(sent.path).header("host", "site.example");
        for (name, value) in &sent.headers {
            request = request.header(*name, value);
        }
        let ends = Ends { peer: (sent.from, 50_000).into(), local: ([192, 0, 2, 1], 8080).into() };
        handle(self.app.clone(), request.body(sent.body).unwrap(), ends).await
    }

    pub async fn send(&self, sent: Sent<'_>) -> Got {
        let (parts, body) = self.raw(sent).await.into_parts();
        let bytes = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        Got { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Got {
        self.send(Sent::get(path).with("cookie", cookie)).await
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser { server: self, cookies: BTreeMap::new(), csrf: String::new() }
    }
}

pub fn form(login: &str, role: Role, name: &str, badge: &str) -> AccountForm {
    AccountForm {
        login: login.into(),
        name: Pii::new(name.into()),
        badge: (role == Role::PoliceOfficer).then(|| Pii::new(badge.into())),
        unit: "示范单位".into(),
        role,
        password: Pii::new(PASSWORD.into()),
    }
}

/// Keeps cookies, and the form token of the page it saw last.
pub struct Browser<'a> {
    server: &'a Server,
    pub cookies: BTreeMap<String, String>,
    pub csrf: String,
}

impl Browser<'_> {
    fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, got: &Got) {
        for line in got.headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        if got.text.contains("name=\"csrf\" content=\"") {
            self.csrf = got.csrf();
        }
    }

    pub async fn get(&mut self, path: &str) -> Got {
        let got = self.server.send(Sent::get(path).with("cookie", self.cookie_line())).await;
        self.keep(&got);
        got
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let mut fields = fields.to_vec();
        let csrf = self.csrf.clone();
        fields.push(("csrf", &csrf));
        let got = self.server.send(Sent::form(path, &fields).with("cookie", self.cookie_line())).await;
        self.keep(&got);
        got
    }

    /// A multipart form; a field whose name begins with `@` is a file.
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let mut body = String::new();
        for (name, value) in fields.iter().chain([&("csrf", self.csrf.as_str())]) {
            let (name, file) = name.strip_prefix('@').map_or((*name, ""), |n| (n, "; filename=\"letter.pdf\""));
            body.push_str(&format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"));
        }
        body.push_str("--XX--\r\n");
        let sent = Sent { method: Method::POST, body: body.into(), ..Sent::get(path) };
        let sent = sent.with("content-type", "multipart/form-data; boundary=XX").with("cookie", self.cookie_line());
        let got = self.server.send(sent).await;
        self.keep(&got);
        got
    }

    pub async fn login(&mut self, login: &str) {
        self.get("/login").await;
        let got = self.post("/login", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(got.status, 303, "{}", got.text);
        self.get("/account").await;
    }
}
