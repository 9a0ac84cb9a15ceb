//! A person at a browser: go, see, click, type, wait. Fails with what the page showed.
//!
//! Everything that names an element takes a CSS selector and waits for it; a failure carries the address,
//! the visible text, the console, and a picture in `target/screenshots/TEST/`, a folder for each file of tests, as they run side by
//! side. The console is collected from start to end. A browser that is dropped by a failing test leaves its picture too.

use super::webdriver::{Driver, Failure};
use super::{PATIENCE, kept_folder, poll};
use base64::Engine;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The key under which W3C WebDriver hands out elements.
const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";
const SHOWN_TEXT_CHARS: usize = 2_000;

/// One console message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLine {
    /// `SEVERE` (errors, failed loads, CSP), `WARNING`, `INFO`, `DEBUG`.
    pub level: String,
    /// The message with its source.
    pub message: String,
}

/// One browser window with a fresh profile.
pub struct Browser {
    driver: Driver,
    console: RefCell<Vec<ConsoleLine>>,
}

impl Browser {
    /// A Chinese visitor at 1440 x 900.
    #[track_caller]
    pub fn start() -> Self {
        Self::start_in("zh-CN,zh")
    }

    /// A visitor with these languages, best first, at 1440 x 900.
    #[track_caller]
    pub fn start_in(languages: &str) -> Self {
        let browser = Self { driver: Driver::start(languages), console: RefCell::default() };
        browser.window_size(1440, 900);
        browser
    }

    // ---- where

    /// Goes to an address and waits for the page's load event.
    #[track_caller]
    pub fn go(&self, url: &str) {
        self.must("go", self.driver.call("POST", "/url", &json!({"url": url})));
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&self) {
        self.must("reload", self.driver.call("POST", "/refresh", &json!({})));
    }

    /// One step back in the history.
    #[track_caller]
    pub fn back(&self) {
        self.must("go back", self.driver.call("POST", "/back", &json!({})));
    }

    /// The address shown.
    #[track_caller]
    pub fn url(&self) -> String {
        string(self.must("read the address", self.driver.call("GET", "/url", &Value::Null)))
    }

    /// The document's title.
    #[track_caller]
    pub fn title(&self) -> String {
        string(self.must("read the title", self.driver.call("GET", "/title", &Value::Null)))
    }

    /// Waits until the address contains `part`.
    #[track_caller]
    pub fn wait_url(&self, part: &str) {
        self.wait_js(&format!("location.href.includes({})", json!(part)), PATIENCE);
    }

    /// Opens another tab and turns to it; answers the handle for [`Self::turn_to`].
    #[track_caller]
    pub fn open_tab(&self) -> String {
        let tab = self.must("open a tab", self.driver.call("POST", "/window/new", &json!({"type": "tab"})));
        let handle = string(tab["handle"].clone());
        self.turn_to(&handle);
        handle
    }

    /// The handle of the current tab.
    #[track_caller]
    pub fn tab(&self) -> String {
        string(self.must("name the tab", self.driver.call("GET", "/window", &Value::Null)))
    }

    /// Turns to another tab.
    #[track_caller]
    pub fn turn_to(&self, tab: &str) {
        self.must("turn to a tab", self.driver.call("POST", "/window", &json!({"handle": tab})));
    }

    // ---- see

    /// Whether something matches now.
    #[track_caller]
    pub fn has(&self, css: &str) -> bool {
        self.count(css) > 0
    }

    /// How many elements match now.
    #[track_caller]
    pub fn count(&self, css: &str) -> usize {
        let found = self.eval(&format!("document.querySelectorAll({}).length", json!(css)));
        found.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
    }

    /// Waits until `css` matches something visible.
    #[track_caller]
    pub fn wait_for(&self, css: &str) {
        let visible = format!("[...document.querySelectorAll({})].some(e => e.checkVisibility())", json!(css));
        if !self.becomes_true(&visible, PATIENCE) {
            self.fail(&format!("waited {PATIENCE:?} for `{css}` to be visible"));
        }
    }

    /// Waits until nothing visible matches `css`.
    #[track_caller]
    pub fn wait_gone(&self, css: &str) {
        let gone = format!("![...document.querySelectorAll({})].some(e => e.checkVisibility())", json!(css));
        if !self.becomes_true(&gone, PATIENCE) {
            self.fail(&format!("waited {PATIENCE:?} for `{css}` to go"));
        }
    }

    /// Waits until the JavaScript expression is true.
    #[track_caller]
    pub fn wait_js(&self, condition: &str, limit: Duration) {
        if !self.becomes_true(condition, limit) {
            self.fail(&format!("waited {limit:?} for `{condition}`"));
        }
    }

    /// Waits until the visible text of `css` contains `text`.
    #[track_caller]
    pub fn wait_text(&self, css: &str, text: &str) {
        let has =
            format!("[...document.querySelectorAll({})].some(e => e.innerText.includes({}))", json!(css), json!(text));
        if !self.becomes_true(&has, PATIENCE) {
            self.fail(&format!("waited {PATIENCE:?} for `{text}` in `{css}`"));
        }
    }

    /// A page that is being replaced answers with an error: that is just not true yet.
    fn becomes_true(&self, condition: &str, limit: Duration) -> bool {
        let ask = || self.script("/execute/sync", &format!("return !!({condition});"), &[]);
        poll(limit, || ask().is_ok_and(|answer| answer == json!(true)).then_some(())).is_some()
    }

    /// Visible text of the first match, waited for.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.wait_for(css);
        string(self.eval(&format!("document.querySelector({}).innerText", json!(css))))
    }

    /// Attribute of the first match, if it has it.
    #[track_caller]
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let value =
            self.eval(&format!("document.querySelector({})?.getAttribute({}) ?? null", json!(css), json!(name)));
        value.as_str().map(str::to_owned)
    }

    /// Value of a field.
    #[track_caller]
    pub fn value(&self, css: &str) -> String {
        self.wait_for(css);
        string(self.eval(&format!("document.querySelector({}).value", json!(css))))
    }

    // ---- do

    /// Clicks what leads to another document, and waits until that is there: for where the new page is told from the old one by
    /// nothing else, as when a form is answered by itself.
    #[track_caller]
    pub fn click_away(&self, css: &str) {
        let here = format!(
            "[...document.querySelectorAll({})].some(e => e.checkVisibility()) && (window.left = true)",
            json!(css)
        );
        if !self.becomes_true(&here, PATIENCE) {
            self.fail(&format!("waited {PATIENCE:?} for `{css}` to be visible"));
        }
        self.click(css);
        self.wait_js("!window.left && document.readyState === 'complete'", PATIENCE);
    }

    /// Clicks the first match, waited for; tries again while something lies over it or the page moves.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.on_element(css, "click", |id| self.driver.call("POST", &format!("/element/{id}/click"), &json!({})));
    }

    /// Empties a field and types into it.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        self.on_element(css, "clear", |id| self.driver.call("POST", &format!("/element/{id}/clear"), &json!({})));
        self.type_text(css, text);
    }

    /// Types at the end of a field.
    #[track_caller]
    pub fn type_text(&self, css: &str, text: &str) {
        let body = json!({"text": text});
        self.on_element(css, "type into", |id| self.driver.call("POST", &format!("/element/{id}/value"), &body));
    }

    /// Chooses the option with this value, as a person would (events included).
    #[track_caller]
    pub fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value={}]", json!(value)));
    }

    /// Gives a file to a file field (also one that a label hides).
    #[track_caller]
    pub fn attach(&self, css: &str, file: &Path) {
        let body = json!({"text": file});
        let id = poll(PATIENCE, || self.find(css).ok());
        let id = id.unwrap_or_else(|| self.fail(&format!("no `{css}` to attach a file to")));
        self.must("attach a file", self.driver.call("POST", &format!("/element/{id}/value"), &body));
    }

    /// Presses one key where the focus is: a character, or `Enter`, `Escape`, `Tab`, `Space`, `Backspace`, `ArrowLeft` and so on.
    #[track_caller]
    pub fn press(&self, key: &str) {
        let key = key_code(key);
        let keys = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": keys}]});
        self.must("press a key", self.driver.call("POST", "/actions", &body));
    }

    /// Drags over the first match, from and to in parts of its width and height (0 left or top, 1 right or bottom).
    #[track_caller]
    pub fn drag(&self, css: &str, from: (f64, f64), to: (f64, f64)) {
        self.wait_for(css);
        let corner = "const r = document.querySelector(arguments[0]).getBoundingClientRect();";
        let script = format!("{corner} return [r.left, r.top, r.width, r.height];");
        let bounds = self.must("measure", self.script("/execute/sync", &script, &[json!(css)]));
        let number = |at: usize| bounds[at].as_f64().unwrap_or(0.0);
        let to_point = |(x, y): (f64, f64), ms: u64| {
            let (x, y) = ((number(0) + x * number(2)).round(), (number(1) + y * number(3)).round());
            json!({"type": "pointerMove", "duration": ms, "origin": "viewport", "x": x, "y": y})
        };
        let steps = json!([
            to_point(from, 0),
            {"type": "pointerDown", "button": 0},
            to_point(to, 200),
            {"type": "pointerUp", "button": 0},
        ]);
        let pointer =
            json!({"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": steps});
        self.must("drag", self.driver.call("POST", "/actions", &json!({"actions": [pointer]})));
    }

    /// Waits for a download whose name ends in `ending` to be complete. The browser takes the name with an empty file first and moves what
    /// it has loaded there in the end, so an empty file is not one yet.
    #[track_caller]
    pub fn wait_download(&self, ending: &str) -> PathBuf {
        let is_whole = |path: &PathBuf| path.metadata().is_ok_and(|file| file.len() > 0);
        let found = poll(PATIENCE, || {
            let files = std::fs::read_dir(self.driver.downloads()).ok()?;
            let mut paths = files.flatten().map(|file| file.path());
            paths.find(|path| path.to_string_lossy().ends_with(ending) && is_whole(path))
        });
        found.unwrap_or_else(|| self.fail(&format!("waited {PATIENCE:?} for a download `*{ending}`")))
    }

    // ---- scripts

    /// Value of a JavaScript expression.
    #[track_caller]
    pub fn eval(&self, expression: &str) -> Value {
        self.must(expression, self.script("/execute/sync", &format!("return ({expression});"), &[]))
    }

    /// What an async function body returns, e.g. `const r = await fetch('/x'); return r.status`.
    #[track_caller]
    pub fn eval_async(&self, body: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})()\
             .then(value => done([value ?? null]), error => done(String(error)));"
        );
        let answer = self.must(body, self.script("/execute/async", &script, &[]));
        match answer {
            Value::Array(mut value) => value.pop().unwrap_or_default(),
            error => self.fail(&format!("the script throws {error}: {body}")),
        }
    }

    fn script(&self, path: &str, script: &str, arguments: &[Value]) -> Result<Value, Failure> {
        self.driver.call("POST", path, &json!({"script": script, "args": arguments}))
    }

    // ---- surroundings

    /// Size of the page area, CSS pixels.
    #[track_caller]
    pub fn window_size(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.must("size the window", self.driver.devtools("Emulation.setDeviceMetricsOverride", &size));
        self.wait_js(&format!("innerWidth === {width} && innerHeight === {height}"), PATIENCE);
    }

    /// Dark or light, as the visitor's system would say.
    #[track_caller]
    pub fn prefer_dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.must("choose a theme", self.driver.devtools("Emulation.setEmulatedMedia", &features));
        self.wait_js(&format!("matchMedia('(prefers-color-scheme: {value})').matches"), PATIENCE);
    }

    /// The languages of the visitor from now on, best first, e.g. `en-GB,en`; header and script alike.
    #[track_caller]
    pub fn set_languages(&self, languages: &str) {
        let agent = self.eval("navigator.userAgent");
        let identity = json!({"userAgent": agent, "acceptLanguage": languages});
        self.must("set the language", self.driver.devtools("Emulation.setUserAgentOverride", &identity));
    }

    /// The visitor's first language.
    #[track_caller]
    pub fn language(&self) -> String {
        string(self.eval("navigator.language"))
    }

    /// The language the page says it is in.
    #[track_caller]
    pub fn page_language(&self) -> String {
        string(self.eval("document.documentElement.lang"))
    }

    /// Cuts or restores the network of the page.
    #[track_caller]
    pub fn set_offline(&self, offline: bool) {
        let network = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.must("reach the network", self.driver.devtools("Network.enable", &json!({})));
        self.must("set the network", self.driver.devtools("Network.emulateNetworkConditions", &network));
    }

    /// The phone may say where it is, and is here, to so many metres.
    #[track_caller]
    pub fn stand_at(&self, latitude: f64, longitude: f64, accuracy_m: u32) {
        let allowed = json!({"permissions": ["geolocation"]});
        self.must("allow the place", self.driver.devtools("Browser.grantPermissions", &allowed));
        let place = json!({"latitude": latitude, "longitude": longitude, "accuracy": accuracy_m});
        self.must("set the place", self.driver.devtools("Emulation.setGeolocationOverride", &place));
    }

    /// Forgets all cookies, as a new visitor.
    #[track_caller]
    pub fn forget_cookies(&self) {
        self.must("forget cookies", self.driver.call("DELETE", "/cookie", &Value::Null));
    }

    /// Takes over the cookies of somebody who signed in elsewhere; a page of that server must be open. It is left for one without
    /// scripts first: what an open page asks for between two persons would be refused, and the console would say so.
    #[track_caller]
    pub fn take_cookies(&self, cookies: &std::collections::BTreeMap<String, String>) {
        let origin = self.eval("location.origin");
        self.go(&format!("{}/assets/app.css", origin.as_str().unwrap_or_default()));
        self.forget_cookies();
        for (name, value) in cookies {
            self.put_cookie(name, value);
        }
    }

    /// Sets a cookie of the host whose page is open, beside those that it has.
    #[track_caller]
    pub fn put_cookie(&self, name: &str, value: &str) {
        let cookie = json!({"cookie": {"name": name, "value": value, "path": "/", "httpOnly": true}});
        self.must("set a cookie", self.driver.call("POST", "/cookie", &cookie));
    }

    // ---- evidence

    /// Every console message since the start.
    pub fn console(&self) -> Vec<ConsoleLine> {
        let news = self.driver.call("POST", "/se/log", &json!({"type": "browser"})).unwrap_or_default();
        let mut console = self.console.borrow_mut();
        for line in news.as_array().into_iter().flatten() {
            console
                .push(ConsoleLine { level: string(line["level"].clone()), message: string(line["message"].clone()) });
        }
        console.clone()
    }

    /// Fails when the console has an error that contains none of `expected`.
    #[track_caller]
    pub fn assert_quiet_console(&self, expected: &[&str]) {
        let foreign = |line: &ConsoleLine| !expected.iter().any(|part| line.message.contains(part));
        if self.console().iter().any(|line| line.level == "SEVERE" && foreign(line)) {
            self.fail("the console has errors");
        }
    }

    /// Saves a picture of the page area to `target/screenshots/TEST/NAME.png`.
    #[track_caller]
    pub fn screenshot(&self, name: &str) -> PathBuf {
        match self.try_screenshot(name) {
            Some(file) => file,
            None => self.fail("no picture of the page"),
        }
    }

    fn try_screenshot(&self, name: &str) -> Option<PathBuf> {
        let picture = self.driver.call("GET", "/screenshot", &Value::Null).ok()?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture.as_str()?).ok()?;
        let file = kept_folder(&format!("screenshots/{}", test_file())).join(format!("{name}.png"));
        std::fs::write(&file, bytes).ok()?;
        Some(file)
    }

    /// Fails the test with all that helps to see why.
    #[track_caller]
    pub fn fail(&self, what: &str) -> ! {
        let ask = |expression: &str| {
            self.script("/execute/sync", &format!("return ({expression});"), &[]).unwrap_or_default()
        };
        let text: String = string(ask("document.body?.innerText")).chars().take(SHOWN_TEXT_CHARS).collect();
        let console: Vec<String> = self.console().iter().map(|l| format!("  {} {}", l.level, l.message)).collect();
        let picture =
            self.try_screenshot(&failure_name()).map_or_else(|| "none".to_owned(), |file| file.display().to_string());
        panic!(
            "{what}\naddress: {}\ntitle: {}\npicture: {picture}\nconsole:\n{}\ntext:\n{text}",
            string(ask("location.href")),
            string(ask("document.title")),
            console.join("\n")
        );
    }

    #[track_caller]
    fn must(&self, what: &str, answer: Result<Value, Failure>) -> Value {
        match answer {
            Ok(value) => value,
            Err(failure) => self.fail(&format!("cannot {what}: {}: {}", failure.error, failure.message)),
        }
    }

    fn find(&self, css: &str) -> Result<String, Failure> {
        let found = self.driver.call("POST", "/element", &json!({"using": "css selector", "value": css}))?;
        Ok(string(found[ELEMENT_KEY].clone()))
    }

    /// Does something to the first match; errors that pass by themselves (not there yet, covered, replaced) are tried again.
    #[track_caller]
    fn on_element(&self, css: &str, what: &str, act: impl Fn(&str) -> Result<Value, Failure>) {
        let mut last = None;
        let done = poll(PATIENCE, || match self.find(css).and_then(|id| act(&id)) {
            Ok(_) => Some(()),
            Err(failure) => {
                last = Some(failure);
                None
            }
        });
        if let (None, Some(failure)) = (done, last) {
            self.fail(&format!("cannot {what} `{css}`: {}: {}", failure.error, failure.message));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(file) = self.try_screenshot(&format!("{}-end", failure_name()))
        {
            eprintln!("picture of the page when the test failed: {}", file.display());
        }
    }
}

/// The file of the test, the first part of its name, which is its thread's name.
fn test_file() -> String {
    let thread = std::thread::current();
    let file = thread.name().and_then(|name| name.split_once("::")).map(|(file, _)| file);
    file.unwrap_or(env!("CARGO_CRATE_NAME")).to_owned()
}

/// A file name from the test's name, which is the last part of its thread's name: the folder is the one of its file.
fn failure_name() -> String {
    let thread = std::thread::current();
    let name = thread.name().and_then(|name| name.rsplit("::").next()).unwrap_or("test");
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!("failed-{name}")
}

fn string(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The code points W3C WebDriver gives to keys without a character.
fn key_code(name: &str) -> &str {
    match name {
        "Backspace" => "\u{e003}",
        "Tab" => "\u{e004}",
        "Enter" => "\u{e007}",
        "Shift" => "\u{e008}",
        "Escape" => "\u{e00c}",
        "Space" => " ",
        "PageUp" => "\u{e00e}",
        "PageDown" => "\u{e00f}",
        "End" => "\u{e010}",
        "Home" => "\u{e011}",
        "ArrowLeft" => "\u{e012}",
        "ArrowUp" => "\u{e013}",
        "ArrowRight" => "\u{e014}",
        "ArrowDown" => "\u{e015}",
        "Delete" => "\u{e017}",
        character => character,
    }
}
