//! Talks W3C WebDriver to a chromedriver of its own: one process, one session, one headless Chromium.
//!
//! JSON over HTTP on loopback. The driver chooses its own port and says it; profile, downloads and the
//! driver's log live in a temporary folder; dropping ends the whole process group. What a page means is
//! none of this file's business: see [`super::browser`].

use super::http::Client;
use super::server::end_group;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Longer than the page-load and script limits set in the session, so that the driver's own error comes first.
const ANSWER_LIMIT: Duration = Duration::from_secs(150);
const PAGE_LIMIT_MS: u64 = 60_000;

/// No first-run pages, no network of its own, sound and video may start unasked.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
];

/// An error answer of the driver.
#[derive(Debug)]
pub struct Failure {
    /// The W3C error word, e.g. `no such element`.
    pub error: String,
    /// The driver's sentence.
    pub message: String,
}

/// A session with a browser of its own.
pub struct Driver {
    child: Child,
    folder: TempDir,
    port: u16,
    session: String,
}

impl Driver {
    /// Starts chromedriver and Chromium with this list of languages, e.g. `zh-CN,zh`.
    #[track_caller]
    pub fn start(languages: &str) -> Self {
        let driver = program(&["chromedriver"]);
        let browser = program(&["chromium", "chromium-browser", "google-chrome"]);
        let folder = tempfile::Builder::new().prefix("jifang-browser-").tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("downloads")).expect("a temporary folder can be written");
        let log = format!("--log-path={}", folder.path().join("driver.log").display());
        let mut command = Command::new(driver);
        // Chromium keeps a few things outside its profile: give it a home that goes away.
        command.args(["--port=0", &log]).env("HOME", folder.path()).current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().expect("chromedriver starts");
        let stdout = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        let port = stdout.lines().map_while(Result::ok).find_map(|line| port_in(&line));
        let mut driver = Self { child, folder, port: port.unwrap_or(0), session: String::new() };
        assert!(port.is_some(), "chromedriver names no port:\n{}", driver.log());
        driver.open_session(&browser, languages);
        driver
    }

    #[track_caller]
    fn open_session(&mut self, browser: &Path, languages: &str) {
        let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!("--user-data-dir={}", self.folder.path().join("profile").display()));
        flags.push(format!("--accept-lang={languages}"));
        let options = json!({
            "binary": browser,
            "args": flags,
            "prefs": {
                "intl.accept_languages": languages,
                "download.default_directory": self.downloads(),
                "download.prompt_for_download": false,
                "credentials_enable_service": false,
            },
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {
            // Servers under test make their own certificates.
            "acceptInsecureCerts": true,
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"pageLoad": PAGE_LIMIT_MS, "script": PAGE_LIMIT_MS, "implicit": 0},
        }}});
        let session = match self.send("POST", "/session", &wanted) {
            Ok(session) => session,
            Err(failure) => panic!("no browser session: {}\n{}", failure.message, self.log()),
        };
        self.session = session["sessionId"].as_str().expect("a session has an id").to_owned();
    }

    /// A command of the session; `path` is what follows the session's id.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(method, &format!("/session/{}{path}", self.session), body)
    }

    /// A command of the Chrome DevTools protocol.
    pub fn devtools(&self, name: &str, parameters: &Value) -> Result<Value, Failure> {
        self.call("POST", "/goog/cdp/execute", &json!({"cmd": name, "params": parameters}))
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let mut client = Client::new((Ipv4Addr::LOCALHOST, self.port).into());
        client.timeout = ANSWER_LIMIT;
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let failure = |error: &str, message: String| Failure { error: error.to_owned(), message };
        let answer = client.try_request(method, path, &[("Content-Type", "application/json")], body.as_bytes());
        let answer = answer.map_err(|e| failure("no answer", format!("chromedriver does not answer {path}: {e}")))?;
        let mut value: Value = serde_json::from_slice(&answer.body).map_err(|e| failure("no answer", e.to_string()))?;
        let value = value["value"].take();
        match value["error"].as_str() {
            Some(error) if answer.status >= 400 => {
                Err(failure(error, value["message"].as_str().unwrap_or_default().to_owned()))
            }
            _ => Ok(value),
        }
    }

    /// Where downloads arrive.
    pub fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("driver.log")).unwrap_or_default()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.call("DELETE", "", &Value::Null);
        }
        end_group(&self.child);
        let _ = self.child.wait();
    }
}

/// The port in `ChromeDriver was started successfully on port 40123.`
fn port_in(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}

/// A program on the path; a machine without it fails the test and is told what to do.
#[track_caller]
fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates =
        std::env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    match candidates.find(|file| file.is_file()) {
        Some(file) => file,
        None => panic!("`{}` is not installed; `cargo xtask test` installs what the browser tests need", names[0]),
    }
}
